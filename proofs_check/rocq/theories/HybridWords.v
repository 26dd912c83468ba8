(** hybrid/istree: for every graph, what the network looks up in its transcript is what the tour needs. *)
From Coq Require Import ZArith List Lia Arith Bool.
From RetrievalGap Require Import Model Network NetCheck NetModel NetTop NetFull Equations StatementsMachines Graphs EulerTour EulerSteps HybridTour.
From RetrievalGap Require EulerPositions.
From RetrievalGap.Generated Require Import Gen_HybridIsTree Wire_HybridIsTree.
Import ListNotations.
Open Scope nat_scope.
Module P := EulerPositions.

(** Parts of equal length. *)
Lemma chunks_length {A B} (f : A -> list B) k l : (forall x, length (f x) = k) -> length (flat_map f l) = k * length l.
Proof. intros F. induction l as [|x l IH]; cbn [flat_map length]; [lia|]. rewrite app_length, F, IH. lia. Qed.
Lemma chunks_nth {A B} (f : A -> list B) k d d' l : (forall x, length (f x) = k) ->
  forall i r, i < length l -> r < k -> nth (k * i + r) (flat_map f l) d = nth r (f (nth i l d')) d.
Proof.
  intros F. induction l as [|x l IH]; intros i r I R; cbn [length] in I; [lia|]. cbn [flat_map]. destruct i as [|i].
  - rewrite Nat.mul_0_r. apply app_nth1. rewrite F. exact R.
  - rewrite app_nth2 by (rewrite F; nia). rewrite F. replace (k * S i + r - k) with (k * i + r) by nia. apply IH; lia.
Qed.

(** The latest match. *)
Lemma latest_is (Q : nat -> Prop) i p q : latest_where Q i p -> 0 < q <= i -> Q q -> (forall j, q < j <= i -> ~ Q j) -> p = q.
Proof.
  intros [(P & M & L)|(-> & N)] I Y No; [|exfalso; apply (N q I Y)].
  destruct (lt_eq_lt_dec p q) as [[H|H]|H]; auto; exfalso; [apply (L q ltac:(lia) Y)|apply (No p ltac:(lia) M)].
Qed.
Lemma latest_before (Q : nat -> Prop) i i' p : latest_where Q i p -> i' <= i -> (forall j, i' < j <= i -> ~ Q j) -> latest_where Q i' p.
Proof.
  intros [(P & M & L)|(-> & N)] I No; [left|right; split; auto; intros j J; apply N; lia].
  destruct (le_lt_dec p i') as [H|H]; [|exfalso; apply (No p ltac:(lia) M)]. split; [lia|]. split; auto. intros j J. apply L. lia.
Qed.
Lemma latest_more (Q R : nat -> Prop) i p : latest_where Q i p -> (forall j, 0 < j <= i -> Q j <-> R j) -> latest_where R i p.
Proof.
  intros [(P & M & L)|(-> & N)] E; [left|right].
  - split; [exact P|]. split; [apply E; auto|]. intros j J. rewrite <- E by lia. apply L. lia.
  - split; auto. intros j J. rewrite <- E by lia. apply N. lia.
Qed.
Lemma latest_bit (Q : nat -> Prop) i p : latest_where Q i p -> ((p =? 0) = false <-> exists j, 0 < j <= i /\ Q j).
Proof.
  intros [(P & M & _)|(-> & N)].
  - split; [eauto|intros _; apply Nat.eqb_neq; lia].
  - split; [discriminate|]. intros (j & J & Y). exfalso. apply (N j J Y).
Qed.

(** Every state of the walk is come to from one that the walk could leave. *)
Lemma reach_at es r W T u x : reach es r W T u x -> forall k, 1 <= k <= length T ->
  exists W' u' x', reach es r W' (rev (firstn k (rev T))) u' x' /\ x' = nth k (rev T ++ [x]) 0 /\
    (k < length T -> ~ In (u', x') W' /\ (In x' (rev (firstn k (rev T))) -> In (x', u') W')).
Proof.
  induction 1 as [|W T u x R IH N B]; intros k K.
  - cbn [length] in K. assert (k = 1) as -> by lia. exists [], r, (last (neighbours es r) 0). cbn. split; [constructor|]. split; [reflexivity|lia].
  - cbn [length] in K. cbn [rev]. assert (length (rev T) = length T) as Lr by apply rev_length. destruct (le_lt_dec k (length T)) as [H|H].
    + rewrite firstn_app. replace (k - length (rev T)) with 0 by lia. cbn [firstn]. rewrite app_nil_r.
      rewrite (app_nth1 (rev T ++ [x])) by (rewrite app_length; cbn [length]; lia). destruct (Nat.eq_dec k (length T)) as [->|D].
      * exists W, u, x. assert (firstn (length T) (rev T) = rev T) as -> by (rewrite <- Lr; apply firstn_all). rewrite rev_involutive.
        split; [exact R|]. split; [|auto]. rewrite app_nth2 by lia. rewrite Lr, Nat.sub_diag. reflexivity.
      * destruct (IH k ltac:(lia)) as (W' & u' & x' & R' & X' & C). exists W', u', x'. split; [exact R'|]. split; [exact X'|]. intros _. apply C. lia.
    + assert (k = S (length T)) as -> by lia. exists ((u, x) :: W), x, (next es x u).
      rewrite firstn_all2 by (rewrite app_length; cbn [length]; lia). rewrite rev_app_distr, rev_involutive. cbn [rev app].
      split; [constructor; auto|]. split; [|cbn [length]; lia].
      rewrite app_nth2 by (rewrite app_length; cbn [length]; lia). rewrite app_length, Lr. cbn [length]. rewrite Nat.add_1_r, Nat.sub_diag. reflexivity.
Qed.

(** * The word: prompt and transcript *)
Definition latest_neighbour (l : list edge) (v : nat) : sign := match neighbours l v with [] => Nothing | _ => Name (last (neighbours l v) 0) end.
Definition edge_signs (e : edge) : list sign := [Name (fst e); Join; Name (snd e)].
Definition group (es : list edge) (k : nat) : list sign :=
  let e := nth k es (0, 0) in [Bar; Name (fst e); Name (snd e); latest_neighbour (firstn k es) (fst e); latest_neighbour (firstn k es) (snd e)].
Definition step_signs (v : nat) : list sign := [Name v; Ok].
Definition groups (es : list edge) := flat_map (group es) (seq 0 (length es)).
Definition word (es : list edge) (w : list nat) (x : nat) : list sign :=
  Start :: flat_map edge_signs es ++ Ask :: groups es ++ Tee :: flat_map step_signs w ++ [Name x].

Section Words.
  Variables (es : list edge) (w : list nat) (x : nat).
  Let m := length es.
  Let sg := fun i => nth i (word es w x) Start.
  Definition from_ (e : nat) : nat := fst (nth e es (0, 0)).
  Definition to_ (e : nat) : nat := snd (nth e es (0, 0)).
  Definition bar_at (e : nat) : nat := 3 * m + 2 + 5 * e.
  Definition node_at (k : nat) : nat := 8 * m + 3 + 2 * k.

  Lemma body_length : length (flat_map edge_signs es) = 3 * m. Proof. apply chunks_length. reflexivity. Qed.
  Lemma groups_length : length (groups es) = 5 * m. Proof. unfold groups. rewrite (chunks_length _ 5), seq_length by reflexivity. reflexivity. Qed.
  Lemma steps_length : length (flat_map step_signs w) = 2 * length w. Proof. apply chunks_length. reflexivity. Qed.
  Lemma word_length : length (word es w x) = node_at (length w) + 1.
  Proof. unfold word, node_at. cbn [length]. rewrite !app_length. cbn [length]. rewrite !app_length. cbn [length]. rewrite app_length, body_length, groups_length, steps_length. cbn [length]. lia. Qed.

  Lemma at_body e r : e < m -> r < 3 -> sg (1 + (3 * e + r)) = nth r (edge_signs (nth e es (0, 0))) Start.
  Proof. intros E R. unfold sg, word. cbn [nth Nat.add]. rewrite app_nth1 by (rewrite body_length; lia). apply chunks_nth; auto. Qed.
  Lemma after_body i : sg (3 * m + 1 + i) = nth i (Ask :: groups es ++ Tee :: flat_map step_signs w ++ [Name x]) Start.
  Proof.
    unfold sg, word. replace (3 * m + 1 + i) with (S (3 * m + i)) by lia. cbn [nth]. rewrite app_nth2 by (rewrite body_length; lia).
    rewrite body_length. replace (3 * m + i - 3 * m) with i by lia. reflexivity.
  Qed.
  Lemma at_ask_ : sg (3 * m + 1) = Ask. Proof. rewrite <- (Nat.add_0_r (3 * m + 1)), after_body. reflexivity. Qed.
  Lemma at_group e r : e < m -> r < 5 -> sg (bar_at e + r) = nth r (group es e) Start.
  Proof.
    intros E R. unfold bar_at. replace (3 * m + 2 + 5 * e + r) with (3 * m + 1 + S (5 * e + r)) by lia. rewrite after_body. cbn [nth].
    rewrite app_nth1 by (rewrite groups_length; lia). unfold groups. rewrite (chunks_nth _ 5 Start 0) by (rewrite ?seq_length; auto). rewrite seq_nth by exact E. reflexivity.
  Qed.
  Lemma after_groups i : sg (8 * m + 2 + i) = nth i (Tee :: flat_map step_signs w ++ [Name x]) Start.
  Proof.
    replace (8 * m + 2 + i) with (3 * m + 1 + S (5 * m + i)) by lia. rewrite after_body. cbn [nth]. rewrite app_nth2 by (rewrite groups_length; lia).
    rewrite groups_length. replace (5 * m + i - 5 * m) with i by lia. reflexivity.
  Qed.
  Lemma at_tee_ : sg (8 * m + 2) = Tee. Proof. rewrite <- (Nat.add_0_r (8 * m + 2)), after_groups. reflexivity. Qed.
  Lemma at_tour k r : k < length w -> r < 2 -> sg (node_at k + r) = nth r (step_signs (nth k w 0)) Start.
  Proof.
    intros K R. unfold node_at. replace (8 * m + 3 + 2 * k + r) with (8 * m + 2 + S (2 * k + r)) by lia. rewrite after_groups. cbn [nth].
    rewrite app_nth1 by (rewrite steps_length; lia). apply chunks_nth; auto.
  Qed.
  Lemma at_last : sg (node_at (length w)) = Name x.
  Proof.
    unfold node_at. replace (8 * m + 3 + 2 * length w) with (8 * m + 2 + S (2 * length w)) by lia. rewrite after_groups. cbn [nth].
    rewrite app_nth2 by (rewrite steps_length; lia). rewrite steps_length, Nat.sub_diag. reflexivity.
  Qed.
  (** By place. *)
  Lemma sg_0 : sg 0 = Start. Proof. reflexivity. Qed.
  Lemma sg_from e : e < m -> sg (3 * e + 1) = Name (from_ e). Proof. intros E. replace (3 * e + 1) with (1 + (3 * e + 0)) by lia. apply (at_body e 0); auto; lia. Qed.
  Lemma sg_join e : e < m -> sg (3 * e + 2) = Join. Proof. intros E. replace (3 * e + 2) with (1 + (3 * e + 1)) by lia. apply (at_body e 1); auto; lia. Qed.
  Lemma sg_to e : e < m -> sg (3 * e + 3) = Name (to_ e). Proof. intros E. replace (3 * e + 3) with (1 + (3 * e + 2)) by lia. apply (at_body e 2); auto; lia. Qed.
  Lemma sg_bar e : e < m -> sg (bar_at e) = Bar. Proof. intros E. rewrite <- (Nat.add_0_r (bar_at e)). apply (at_group e 0); auto; lia. Qed.
  Lemma sg_u e : e < m -> sg (bar_at e + 1) = Name (from_ e). Proof. intros E. apply (at_group e 1); auto; lia. Qed.
  Lemma sg_v e : e < m -> sg (bar_at e + 2) = Name (to_ e). Proof. intros E. apply (at_group e 2); auto; lia. Qed.
  Lemma sg_p e : e < m -> sg (bar_at e + 3) = latest_neighbour (firstn e es) (from_ e). Proof. intros E. apply (at_group e 3); auto; lia. Qed.
  Lemma sg_q e : e < m -> sg (bar_at e + 4) = latest_neighbour (firstn e es) (to_ e). Proof. intros E. apply (at_group e 4); auto; lia. Qed.
  Lemma sg_node k : k <= length w -> sg (node_at k) = Name (nth k (w ++ [x]) 0).
  Proof.
    intros K. destruct (Nat.eq_dec k (length w)) as [->|N].
    - rewrite at_last, app_nth2, Nat.sub_diag by lia. reflexivity.
    - rewrite app_nth1 by lia. rewrite <- (Nat.add_0_r (node_at k)). apply (at_tour k 0); lia.
  Qed.
  Lemma sg_ok k : k < length w -> sg (node_at k + 1) = Ok. Proof. intros K. apply (at_tour k 1); auto; lia. Qed.

  Lemma places i : i <= node_at (length w) ->
    i = 0 \/ (exists e, e < m /\ (i = 3 * e + 1 \/ i = 3 * e + 2 \/ i = 3 * e + 3)) \/ i = 3 * m + 1 \/
    (exists e, e < m /\ (i = bar_at e \/ i = bar_at e + 1 \/ i = bar_at e + 2 \/ i = bar_at e + 3 \/ i = bar_at e + 4)) \/ i = 8 * m + 2 \/
    (exists k, k <= length w /\ i = node_at k) \/ (exists k, k < length w /\ i = node_at k + 1).
  Proof.
    unfold bar_at, node_at. intros I. destruct (Nat.eq_dec i 0); [auto|right]. destruct (le_lt_dec i (3 * m)).
    { left. exists ((i - 1) / 3). pose proof (Nat.div_mod (i - 1) 3 ltac:(lia)). pose proof (Nat.mod_upper_bound (i - 1) 3 ltac:(lia)). lia. }
    right. destruct (Nat.eq_dec i (3 * m + 1)); [auto|right]. destruct (le_lt_dec i (8 * m + 1)).
    { left. exists ((i - (3 * m + 2)) / 5). pose proof (Nat.div_mod (i - (3 * m + 2)) 5 ltac:(lia)). pose proof (Nat.mod_upper_bound (i - (3 * m + 2)) 5 ltac:(lia)). lia. }
    right. destruct (Nat.eq_dec i (8 * m + 2)); [auto|right].
    pose proof (Nat.div_mod (i - (8 * m + 3)) 2 ltac:(lia)). pose proof (Nat.mod_upper_bound (i - (8 * m + 3)) 2 ltac:(lia)).
    destruct (Nat.eq_dec ((i - (8 * m + 3)) mod 2) 0); [left|right]; exists ((i - (8 * m + 3)) / 2); lia.
  Qed.
  Definition named (b : sign) : Prop := b = Nothing \/ exists v, b = Name v.
  Lemma latest_named l v : named (latest_neighbour l v). Proof. unfold latest_neighbour, named. destruct (neighbours l v); eauto. Qed.
  Lemma special_at b i : i <= node_at (length w) -> same (sg i) b = true ->
    match b with
    | Start => i = 0 | Join => exists e, e < m /\ i = 3 * e + 2 | Ask => i = 3 * m + 1 | Bar => exists e, e < m /\ i = bar_at e
    | Tee => i = 8 * m + 2 | Ok => exists k, k < length w /\ i = node_at k + 1 | _ => True
    end.
  Proof.
    intros I S. assert (forall l v, same (latest_neighbour l v) b = true -> b = Nothing) as K.
    { intros l v. destruct (latest_named l v) as [->|(y & ->)]; destruct b; auto; discriminate. }
    destruct (places i I) as [->|[(e & E & [->|[->| ->]])|[->|[(e & E & [->|[->|[->|[->| ->]]]])|[->|[(k & H & ->)|(k & H & ->)]]]]]]; revert S;
      rewrite ?sg_0, ?sg_from, ?sg_join, ?sg_to, ?at_ask_, ?sg_bar, ?sg_u, ?sg_v, ?sg_p, ?sg_q, ?at_tee_, ?sg_node, ?sg_ok by assumption;
      intros S; try (apply K in S; subst b; exact Logic.I); destruct b; try discriminate; eauto.
  Qed.

  Notation last_place := (node_at (length w)).
  Ltac elsewhere := apply not_true_is_false; let S := fresh in intros S; apply special_at in S; [|unfold bar_at, node_at in *; lia];
    repeat match type of S with ex _ => let e := fresh in destruct S as (e & S) | _ /\ _ => let T := fresh in destruct S as (T & S) end; unfold bar_at, node_at in *; lia.

  (** Counts. *)
  Lemma upto_same b i j : i <= j -> (forall k, i < k <= j -> same (sg k) b = false) -> upto sg b j = upto sg b i.
  Proof.
    intros L N. induction L as [|j L IH]; [reflexivity|]. cbn [upto]. rewrite IH by (intros; apply N; lia). rewrite N by lia. cbn [flag]. lia.
  Qed.
  Lemma edges_at e : e <= m -> upto sg Join (3 * e) = Z.of_nat e.
  Proof.
    induction e as [|e IH]; intros E; [reflexivity|]. replace (3 * S e) with (S (S (S (3 * e)))) by lia. cbn [upto]. rewrite IH by lia.
    replace (S (3 * e)) with (3 * e + 1) by lia. replace (S (3 * e + 1)) with (3 * e + 2) by lia. replace (S (3 * e + 2)) with (3 * e + 3) by lia.
    rewrite sg_from, sg_join, sg_to by lia. cbn [same flag]. lia.
  Qed.
  Lemma edges_all i : 3 * m <= i <= last_place -> edges sg i = Z.of_nat m.
  Proof. intros I. unfold edges. rewrite (upto_same Join (3 * m) i) by (try lia; intros; elsewhere). apply edges_at. lia. Qed.
  Lemma bars_at e : e <= m -> upto sg Bar (3 * m + 1 + 5 * e) = Z.of_nat e.
  Proof.
    induction e as [|e IH]; intros E.
    - rewrite (upto_same Bar 0) by (try lia; intros; elsewhere). reflexivity.
    - rewrite (upto_same Bar (S (3 * m + 1 + 5 * e))) by (try lia; intros; elsewhere). cbn [upto]. rewrite IH by lia.
      replace (S (3 * m + 1 + 5 * e)) with (bar_at e) by (unfold bar_at; lia). rewrite sg_bar by lia. cbn [same flag]. lia.
  Qed.
  Lemma bars_in e r : e < m -> r < 5 -> bars sg (bar_at e + r) = Z.of_nat (S e).
  Proof. intros E R. unfold bars. rewrite <- (bars_at (S e)) by lia. symmetry. apply upto_same; [unfold bar_at; lia|]. intros. elsewhere. Qed.
  Lemma confirmed_at k : k <= length w -> upto sg Ok (8 * m + 2 + 2 * k) = Z.of_nat k.
  Proof.
    induction k as [|k IH]; intros K.
    - rewrite (upto_same Ok 0) by (try lia; intros; elsewhere). reflexivity.
    - replace (8 * m + 2 + 2 * S k) with (S (S (8 * m + 2 + 2 * k))) by lia. cbn [upto]. rewrite IH by lia.
      replace (S (S (8 * m + 2 + 2 * k))) with (node_at k + 1) by (unfold node_at; lia). replace (S (8 * m + 2 + 2 * k)) with (node_at k) by (unfold node_at; lia).
      rewrite sg_node, sg_ok by lia. cbn [same flag]. lia.
  Qed.
  Lemma confirmed_in k : k <= length w -> confirmed sg (node_at k) = Z.of_nat k.
  Proof. intros K. unfold confirmed. rewrite <- (confirmed_at k) by lia. apply upto_same; [unfold node_at; lia|]. intros. elsewhere. Qed.

  (** Records. *)
  Lemma ends_edge_at j : 0 < j <= last_place -> ends_edge sg j = true <-> exists e, e < m /\ j = 3 * e + 3.
  Proof.
    intros J. unfold ends_edge, a. rewrite andb_true_iff. split.
    - intros (_ & S). apply special_at in S; [|lia]. destruct S as (e & E & S). exists e. lia.
    - intros (e & E & ->). replace (3 * e + 3 - 1) with (3 * e + 2) by lia. rewrite Nat.sub_0_r, sg_to, sg_join by exact E. auto.
  Qed.
  Lemma first_at j : j <= last_place -> first sg j = true <-> exists e, e < m /\ j = bar_at e + 3.
  Proof.
    intros J. unfold first, a. split.
    - intros S. apply special_at in S; [|lia]. destruct S as (e & E & S). exists e. unfold bar_at in *. lia.
    - intros (e & E & ->). replace (bar_at e + 3 - 3) with (bar_at e) by lia. rewrite sg_bar by exact E. reflexivity.
  Qed.
  Lemma second_at j : j <= last_place -> second sg j = true <-> exists e, e < m /\ j = bar_at e + 4.
  Proof.
    intros J. unfold second, a. split.
    - intros S. apply special_at in S; [|lia]. destruct S as (e & E & S). exists e. unfold bar_at in *. lia.
    - intros (e & E & ->). replace (bar_at e + 4 - 4) with (bar_at e) by lia. rewrite sg_bar by exact E. reflexivity.
  Qed.
  Lemma ok_at j : j <= last_place -> same (a sg 0 j) Ok = true <-> exists k, k < length w /\ j = node_at k + 1.
  Proof.
    intros J. unfold a. rewrite Nat.sub_0_r. split; [intros S; apply (special_at Ok) in S; auto|].
    intros (k & K & ->). rewrite sg_ok by exact K. reflexivity.
  Qed.
  Ltac no_record L := apply not_true_is_false; let S := fresh in intros S; apply L in S; [|unfold bar_at, node_at in *; lia];
    let e := fresh in destruct S as (e & S); unfold bar_at, node_at in *; lia.
  (** The node before that of number k in the tour; 0 before the first. *)
  Definition come_from (k : nat) : nat := match k with O => 0 | S k' => nth k' w 0 end.
  Definition edge_record e j := j = 3 * e + 3 /\ kind sg j = 1%Z /\ node_of sg j = Z.of_nat (S e) /\ pair_kind sg j = 0%Z /\
    other_of sg j = Z.of_nat (from_ e) /\ other_end_of sg j = Z.of_nat (to_ e).
  Definition group_record j place u v := j = place /\ kind sg j = 2%Z /\ pair_kind sg j = 2%Z /\ node_of sg j = Z.of_nat u /\ other_of sg j = Z.of_nat v /\
    from_of sg j = Z.of_nat u /\ to_of sg j = Z.of_nat v.
  Definition step_record k j := j = node_at k + 1 /\ kind sg j = 3%Z /\ pair_kind sg j = 3%Z /\ node_of sg j = Z.of_nat (nth k w 0) /\
    from_of sg j = Z.of_nat (come_from k) /\ to_of sg j = Z.of_nat (nth k w 0).
  Ltac sign_at d t := match goal with |- context [a sg d ?j] => assert (a sg d j = t) as -> end.
  Ltac placed k := unfold a; match goal with |- sg ?i = _ => replace i with k by (unfold bar_at, node_at; lia) end.
  Lemma edge_recorded e : e < m -> edge_record e (3 * e + 3).
  Proof.
    intros E. unfold edge_record, kind, pair_kind, node_of, other_of, other_end_of. set (j := 3 * e + 3).
    assert (ends_edge sg j = true) as -> by (apply ends_edge_at; [unfold j, node_at; lia|eauto]).
    assert (first sg j = false) as -> by (unfold j; no_record first_at). assert (second sg j = false) as -> by (unfold j; no_record second_at).
    assert (same (a sg 0 j) Ok = false) as -> by (unfold j; no_record ok_at).
    assert (a sg 2 j = Name (from_ e)) as -> by (unfold j; placed (3 * e + 1); apply sg_from; exact E).
    assert (a sg 0 j = Name (to_ e)) as -> by (unfold j; placed (3 * e + 3); apply sg_to; exact E).
    repeat split. unfold edges, j. replace (3 * e + 3) with (3 * S e) by lia. apply edges_at. lia.
  Qed.
  Lemma first_recorded e : e < m -> group_record (bar_at e + 3) (bar_at e + 3) (from_ e) (to_ e).
  Proof.
    intros E. unfold group_record, kind, pair_kind, node_of, other_of, from_of, to_of. set (j := bar_at e + 3).
    assert (ends_edge sg j = false) as -> by (unfold j; no_record ends_edge_at). assert (first sg j = true) as -> by (apply first_at; [unfold j, bar_at, node_at; lia|eauto]).
    assert (second sg j = false) as -> by (unfold j; no_record second_at). assert (same (a sg 0 j) Ok = false) as -> by (unfold j; no_record ok_at).
    assert (a sg 2 j = Name (from_ e)) as -> by (unfold j; placed (bar_at e + 1); apply sg_u; exact E).
    assert (a sg 1 j = Name (to_ e)) as -> by (unfold j; placed (bar_at e + 2); apply sg_v; exact E).
    repeat split.
  Qed.
  Lemma second_recorded e : e < m -> group_record (bar_at e + 4) (bar_at e + 4) (to_ e) (from_ e).
  Proof.
    intros E. unfold group_record, kind, pair_kind, node_of, other_of, from_of, to_of. set (j := bar_at e + 4).
    assert (ends_edge sg j = false) as -> by (unfold j; no_record ends_edge_at). assert (first sg j = false) as -> by (unfold j; no_record first_at).
    assert (second sg j = true) as -> by (apply second_at; [unfold j, bar_at, node_at; lia|eauto]). assert (same (a sg 0 j) Ok = false) as -> by (unfold j; no_record ok_at).
    assert (a sg 2 j = Name (to_ e)) as -> by (unfold j; placed (bar_at e + 2); apply sg_v; exact E).
    assert (a sg 3 j = Name (from_ e)) as -> by (unfold j; placed (bar_at e + 1); apply sg_u; exact E).
    repeat split.
  Qed.
  Lemma came_from_at k : k < length w -> came_from sg (node_at k + 1) = Z.of_nat (come_from k).
  Proof.
    intros K. unfold came_from, come_from. destruct k as [|k].
    - assert (a sg 2 (node_at 0 + 1) = Tee) as -> by (placed (8 * m + 2); apply at_tee_). reflexivity.
    - assert (a sg 2 (node_at (S k) + 1) = Ok) as -> by (placed (node_at k + 1); apply sg_ok; lia).
      assert (a sg 3 (node_at (S k) + 1) = Name (nth k w 0)) as -> by (placed (node_at k); rewrite sg_node, app_nth1 by lia; reflexivity). reflexivity.
  Qed.
  Lemma step_recorded k : k < length w -> step_record k (node_at k + 1).
  Proof.
    intros K. unfold step_record, kind, pair_kind, node_of, from_of, to_of. rewrite came_from_at by exact K. set (j := node_at k + 1).
    assert (ends_edge sg j = false) as -> by (unfold j; no_record ends_edge_at). assert (first sg j = false) as -> by (unfold j; no_record first_at).
    assert (second sg j = false) as -> by (unfold j; no_record second_at). assert (same (a sg 0 j) Ok = true) as -> by (apply ok_at; [unfold j, node_at; lia|eauto]).
    assert (a sg 1 j = Name (nth k w 0)) as -> by (unfold j; placed (node_at k); rewrite sg_node, app_nth1 by lia; reflexivity).
    repeat split.
  Qed.
  Lemma records j : 0 < j <= last_place ->
    (exists e, e < m /\ edge_record e j) \/ (exists e, e < m /\ group_record j (bar_at e + 3) (from_ e) (to_ e)) \/
    (exists e, e < m /\ group_record j (bar_at e + 4) (to_ e) (from_ e)) \/ (exists k, k < length w /\ step_record k j) \/ kind sg j = 0%Z /\ pair_kind sg j = 0%Z.
  Proof.
    intros J. destruct (ends_edge sg j) eqn:A; [left|right].
    { apply ends_edge_at in A; [|exact J]. destruct A as (e & E & ->). eauto using edge_recorded. }
    destruct (first sg j) eqn:B; [left|right].
    { apply first_at in B; [|lia]. destruct B as (e & E & ->). eauto using first_recorded. }
    destruct (second sg j) eqn:C; [left|right].
    { apply second_at in C; [|lia]. destruct C as (e & E & ->). eauto using second_recorded. }
    destruct (same (a sg 0 j) Ok) eqn:D; [left|right].
    { apply ok_at in D; [|lia]. destruct D as (k & K & ->). eauto using step_recorded. }
    unfold kind, pair_kind. rewrite A, B, C, D. auto.
  Qed.

  Hypothesis is_simple : simple es.
  Hypothesis positive : forall v, In v (nodes es) -> 0 < v.
  Lemma ends_adj e : e < m -> adj es (from_ e) (to_ e). Proof. exact (P.edge_adj es e). Qed.
  Lemma ends_apart e : e < m -> from_ e <> to_ e. Proof. intros E F. pose proof (ends_adj e E) as A. rewrite F in A. apply (simple_loop _ _ is_simple A). Qed.
  Lemma ends_positive e : e < m -> 0 < from_ e /\ 0 < to_ e. Proof. intros E. apply (P.positive_adj es positive), ends_adj, E. Qed.
  Lemma neighbours_more e u : e < m ->
    neighbours (firstn (S e) es) u = neighbours (firstn e es) u ++ (if from_ e =? u then [to_ e] else if to_ e =? u then [from_ e] else []).
  Proof.
    intros E. rewrite (P.firstn_more es e E), P.neighbours_app. f_equal. unfold neighbours. cbn [flat_map]. rewrite app_nil_r. unfold from_, to_. destruct (nth e es (0, 0)). reflexivity.
  Qed.

  (** The neighbour of u that was named last, in the first e groups. *)
  Definition names_last (p : nat) (l : list nat) : Prop := other_of sg p = Z.of_nat (last l 0) /\ (p =? 0) = match l with [] => true | _ => false end.
  Lemma names_one p l v : 0 < p -> other_of sg p = Z.of_nat v -> names_last p (l ++ [v]).
  Proof. intros P O. split; [rewrite last_last; exact O|]. destruct (Nat.eqb_spec p 0); [lia|]. destruct l; reflexivity. Qed.
  Definition a_neighbour (u j : nat) : Prop := kind sg j = 2%Z /\ node_of sg j = Z.of_nat u.
  Lemma node_before u : 0 < u -> forall e p i, e <= m -> 3 * m + 1 + 5 * e <= i <= last_place -> (e < m -> i < bar_at e + 3) ->
    latest_where (a_neighbour u) i p -> names_last p (neighbours (firstn e es) u).
  Proof.
    intros U. induction e as [|e IH]; intros p i E I B F.
    - destruct F as [(P & (K & _) & _)|(-> & _)]; [exfalso|split; reflexivity].
      destruct (records p ltac:(lia)) as [(e & H & R)|[(e & H & R)|[(e & H & R)|[(k & H & R)|R]]]]; unfold edge_record, group_record, step_record, bar_at in *; lia.
    - rewrite neighbours_more by lia. pose proof (ends_apart e ltac:(lia)) as Ap. destruct (Nat.eqb_spec (from_ e) u) as [Fu|Fu]; [|destruct (Nat.eqb_spec (to_ e) u) as [Tu|Tu]].
      + pose proof (first_recorded e ltac:(lia)) as R. assert (p = bar_at e + 3) as ->; [|apply names_one; [lia|apply R]].
        apply (latest_is _ _ _ _ F); [unfold bar_at; lia|split; [apply R|rewrite <- Fu; apply R]|]. intros j J (K & Nj).
        destruct (records j ltac:(lia)) as [(e' & H & R')|[(e' & H & R')|[(e' & H & R')|[(k & H & R')|R']]]]; unfold edge_record, group_record, step_record, bar_at in *; try lia.
        assert (e' = e) as -> by lia. lia.
      + pose proof (second_recorded e ltac:(lia)) as R. assert (p = bar_at e + 4) as ->; [|apply names_one; [lia|apply R]].
        apply (latest_is _ _ _ _ F); [unfold bar_at; lia|split; [apply R|rewrite <- Tu; apply R]|]. intros j J (K & Nj).
        destruct (records j ltac:(lia)) as [(e' & H & R')|[(e' & H & R')|[(e' & H & R')|[(k & H & R')|R']]]]; unfold edge_record, group_record, step_record, bar_at in *; lia.
      + rewrite app_nil_r. apply (IH p (3 * m + 1 + 5 * e)); [lia|lia|unfold bar_at; lia|]. apply (latest_before _ _ _ _ F); [lia|]. intros j J (K & Nj).
        destruct (records j ltac:(lia)) as [(e' & H & R')|[(e' & H & R')|[(e' & H & R')|[(k & H & R')|R']]]]; unfold edge_record, group_record, step_record, bar_at in *; try lia;
          assert (e' = e) as -> by lia; lia.
  Qed.

  (** What is asked, and found, in a group. *)
  Ltac blank d b := match goal with |- context [same (a sg d ?j) b] => assert (same (a sg d j) b = false) as -> by (unfold a; elsewhere) end.
  Ltac blank_first := match goal with |- context [first sg ?j] => assert (first sg j = false) as -> by no_record first_at end.
  Lemma sign_0 j : a sg 0 j = sg j. Proof. unfold a. rewrite Nat.sub_0_r. reflexivity. Qed.
  Lemma finds_edge e r p : e < m -> r < 2 -> finds_node sg (bar_at e + r) p -> p = 3 * e + 3.
  Proof.
    intros E R F. assert (asked_kind sg (bar_at e + r) = 1%Z /\ asked_node sg (bar_at e + r) = Z.of_nat (S e)) as (K & A).
    { unfold asked_kind, asked_node. rewrite bars_in by lia. destruct r as [|[|r]]; [| |lia].
      - assert (a sg 0 (bar_at e + 0) = Bar) as -> by (placed (bar_at e); apply sg_bar; exact E). blank 1 Bar. blank 2 Bar. blank_first. blank 1 Ok. split; reflexivity.
      - assert (a sg 1 (bar_at e + 1) = Bar) as -> by (placed (bar_at e); apply sg_bar; exact E). blank 0 Bar. blank 2 Bar. blank_first. blank 0 Ok. split; reflexivity. }
    unfold finds_node in F. rewrite K, A in F. pose proof (edge_recorded e E) as Q. apply (latest_is _ _ _ _ F).
    - unfold bar_at. lia.
    - split; apply Q.
    - intros j J (Kj & Nj). destruct (records j) as [(e' & H & R')|[(e' & H & R')|[(e' & H & R')|[(k & H & R')|R']]]];
        unfold edge_record, group_record, step_record, bar_at, node_at in *; lia.
  Qed.
  Lemma finds_from e p : e < m -> finds_node sg (bar_at e + 2) p -> names_last p (neighbours (firstn e es) (from_ e)).
  Proof.
    intros E F. apply (node_before _ (proj1 (ends_positive e E)) e p (bar_at e + 2)); [lia|unfold bar_at, node_at; lia|lia|]. unfold finds_node in F.
    assert (asked_kind sg (bar_at e + 2) = 2%Z /\ asked_node sg (bar_at e + 2) = Z.of_nat (from_ e)) as (K & A).
    { unfold asked_kind, asked_node. assert (a sg 2 (bar_at e + 2) = Bar) as -> by (placed (bar_at e); apply sg_bar; exact E).
      assert (a sg 1 (bar_at e + 2) = Name (from_ e)) as -> by (placed (bar_at e + 1); apply sg_u; exact E). blank 0 Bar. blank_first. blank 0 Ok. split; reflexivity. }
    rewrite K, A in F. exact F.
  Qed.
  Lemma finds_to e p : e < m -> finds_node sg (bar_at e + 3) p -> names_last p (neighbours (firstn e es) (to_ e)).
  Proof.
    intros E F. apply (node_before _ (proj2 (ends_positive e E)) e p (bar_at e + 2)); [lia|unfold bar_at, node_at; lia|lia|]. unfold finds_node in F.
    assert (asked_kind sg (bar_at e + 3) = 2%Z /\ asked_node sg (bar_at e + 3) = Z.of_nat (to_ e)) as (K & A).
    { unfold asked_kind, asked_node. assert (first sg (bar_at e + 3) = true) as -> by (apply first_at; [unfold bar_at, node_at; lia|eauto]).
      assert (a sg 1 (bar_at e + 3) = Name (to_ e)) as -> by (placed (bar_at e + 2); apply sg_v; exact E). blank 0 Bar. blank 2 Bar. blank 0 Ok. split; reflexivity. }
    rewrite K, A in F. apply (latest_before _ _ _ _ F); [lia|]. intros j J (_ & Nj). assert (j = bar_at e + 3) as -> by lia.
    pose proof (first_recorded e E) as R. pose proof (ends_apart e E). unfold group_record in R. lia.
  Qed.

  (** In the tour. *)
  Lemma finds_last k p : k < length w -> 0 < nth k w 0 -> finds_node sg (node_at k + 1) p -> names_last p (neighbours es (nth k w 0)).
  Proof.
    intros K U F. rewrite <- (firstn_all es) at 1. fold m. apply (node_before _ U m p (node_at k + 1)); [lia|unfold node_at; lia|lia|]. unfold finds_node in F.
    assert (asked_kind sg (node_at k + 1) = 2%Z /\ asked_node sg (node_at k + 1) = Z.of_nat (nth k w 0)) as (Q & A).
    { unfold asked_kind, asked_node. rewrite sign_0, sg_ok by exact K.
      assert (a sg 1 (node_at k + 1) = Name (nth k w 0)) as -> by (placed (node_at k); rewrite sg_node, app_nth1 by lia; reflexivity). blank 2 Bar. blank_first. split; reflexivity. }
    rewrite Q, A in F. exact F.
  Qed.
  Lemma finds_pointer k p : k < length w -> finds_pair sg (node_at k + 1) p ->
    latest_where (fun j => pair_kind sg j = 2%Z /\ from_of sg j = Z.of_nat (nth k w 0) /\ to_of sg j = Z.of_nat (come_from k)) (node_at k + 1) p.
  Proof.
    intros K F. unfold finds_pair in F.
    assert (asked_pair_kind sg (node_at k + 1) = 2%Z /\ asked_from sg (node_at k + 1) = Z.of_nat (nth k w 0) /\ asked_to sg (node_at k + 1) = Z.of_nat (come_from k)) as (Q & A & B).
    { unfold asked_pair_kind, asked_from, asked_to. rewrite came_from_at, sign_0, sg_ok by exact K.
      assert (a sg 1 (node_at k + 1) = Name (nth k w 0)) as -> by (placed (node_at k); rewrite sg_node, app_nth1 by lia; reflexivity). repeat split. }
    rewrite Q, A, B in F. exact F.
  Qed.
  Lemma no_pointer p : 0 < length w -> finds_pair sg (node_at 0 + 1) p -> p = 0.
  Proof.
    intros K F. apply finds_pointer in F; [|exact K]. destruct F as [(P & (Q & A & B) & _)|(-> & _)]; [exfalso|reflexivity]. cbn [come_from] in B.
    destruct (records p) as [(e & H & R)|[(e & H & R)|[(e & H & R)|[(k & H & R)|R]]]];
      unfold edge_record, group_record, step_record, bar_at, node_at in *; try lia; pose proof (ends_positive e H); lia.
  Qed.
  Lemma a_pointer k p : 0 < k < length w -> adj es (nth k w 0) (nth (k - 1) w 0) -> finds_pair sg (node_at k + 1) p ->
    0 < p /\ exists before after, sg p = latest_neighbour before (nth k w 0) /\
      neighbours es (nth k w 0) = neighbours before (nth k w 0) ++ nth (k - 1) w 0 :: after.
  Proof.
    intros K A F. apply finds_pointer in F; [|lia]. set (u := nth k w 0) in *. assert (come_from k = nth (k - 1) w 0) as Ck by (destruct k; [lia|cbn; rewrite Nat.sub_0_r; reflexivity]).
    rewrite Ck in F. set (v := nth (k - 1) w 0) in *.
    assert (forall e after, e < m -> neighbours (firstn (S e) es) u = neighbours (firstn e es) u ++ [v] ->
      after = neighbours (skipn (S e) es) u -> neighbours es u = neighbours (firstn e es) u ++ v :: after) as Split.
    { intros e after E N ->. rewrite <- (firstn_skipn (S e) es) at 1. rewrite P.neighbours_app, N, <- app_assoc. reflexivity. }
    assert (forall e, e < m -> from_ e = u -> to_ e = v -> neighbours (firstn (S e) es) u = neighbours (firstn e es) u ++ [v]) as One.
    { intros e E Fu Tv. rewrite neighbours_more by exact E. rewrite Fu, Nat.eqb_refl, Tv. reflexivity. }
    assert (forall e, e < m -> to_ e = u -> from_ e = v -> neighbours (firstn (S e) es) u = neighbours (firstn e es) u ++ [v]) as Two.
    { intros e E Tu Fv. rewrite neighbours_more by exact E. pose proof (ends_apart e E). destruct (Nat.eqb_spec (from_ e) u); [congruence|]. rewrite Tu, Nat.eqb_refl, Fv. reflexivity. }
    destruct F as [(P & (Q & Fu & Tv) & _)|(_ & None)].
    - split; [lia|]. destruct (records p) as [(e & H & R)|[(e & H & R)|[(e & H & R)|[(k' & H & R)|R]]]];
        unfold edge_record, group_record, step_record, bar_at, node_at in *; try lia.
      + assert (p = bar_at e + 3) as -> by (unfold bar_at; lia). exists (firstn e es), (neighbours (skipn (S e) es) u). assert (from_ e = u) as Eu by lia. assert (to_ e = v) as Ev by lia.
        rewrite sg_p, Eu by exact H. split; [reflexivity|]. apply (Split e); auto.
      + assert (p = bar_at e + 4) as -> by (unfold bar_at; lia). exists (firstn e es), (neighbours (skipn (S e) es) u). assert (to_ e = u) as Eu by lia. assert (from_ e = v) as Ev by lia.
        rewrite sg_q, Eu by exact H. split; [reflexivity|]. apply (Split e); auto.
    - exfalso. assert (exists e, e < m /\ (from_ e = u /\ to_ e = v \/ to_ e = u /\ from_ e = v)) as (e & E & C).
      { destruct A as [A|A]; apply (In_nth _ _ (0, 0)) in A; destruct A as (e & E & A); exists e;
          pose proof (f_equal fst A) as A1; pose proof (f_equal snd A) as A2; cbn [fst snd] in A1, A2; (split; [exact E|]); [left|right]; auto. }
      destruct C as [(Eu & Ev)|(Eu & Ev)].
      + apply (None (bar_at e + 3)); [unfold bar_at, node_at; lia|]. pose proof (first_recorded e E) as R. unfold group_record in R. rewrite <- Eu, <- Ev. tauto.
      + apply (None (bar_at e + 4)); [unfold bar_at, node_at; lia|]. pose proof (second_recorded e E) as R. unfold group_record in R. rewrite <- Eu, <- Ev. tauto.
  Qed.

  (** The three questions before a step. *)
  Lemma firstn_place k j : k <= length w -> j < k -> nth j (firstn k w) 0 = nth j w 0.
  Proof. intros K J. rewrite <- (firstn_skipn k w) at 2. rewrite app_nth1; [reflexivity|]. rewrite firstn_length_le; auto. Qed.
  Lemma finds_seen k p : 0 < k <= length w -> finds_node sg (node_at k) p -> (p =? 0) = false <-> In (nth k (w ++ [x]) 0) (firstn k w).
  Proof.
    intros K F. unfold finds_node in F. set (y := nth k (w ++ [x]) 0).
    assert (asked_kind sg (node_at k) = 3%Z /\ asked_node sg (node_at k) = Z.of_nat y) as (Q & A).
    { unfold asked_kind, asked_node. assert (a sg 1 (node_at k) = Ok) as -> by (placed (node_at (k - 1) + 1); apply sg_ok; lia).
      rewrite sign_0, sg_node by lia. blank 2 Bar. blank_first. split; reflexivity. }
    rewrite Q, A in F. rewrite (latest_bit _ _ _ F). split.
    - intros (j & J & Kj & Nj). destruct (records j) as [(e & H & R)|[(e & H & R)|[(e & H & R)|[(k' & H & R)|R]]]];
        unfold edge_record, group_record, step_record, bar_at, node_at in *; try lia.
      assert (y = nth k' w 0) as -> by lia. rewrite <- (firstn_place k k') by lia. apply nth_In. rewrite firstn_length_le; lia.
    - intros I. apply (In_nth _ _ 0) in I. destruct I as (k' & H & E). rewrite firstn_length_le in H by lia. rewrite firstn_place in E by lia.
      exists (node_at k' + 1). split; [unfold node_at; lia|]. pose proof (step_recorded k' ltac:(lia)) as R. unfold step_record in R. rewrite E in R. tauto.
  Qed.
  Lemma finds_step (from to : nat) k p : 0 < k <= length w -> 0 < from ->
    latest_where (fun j => pair_kind sg j = 3%Z /\ from_of sg j = Z.of_nat from /\ to_of sg j = Z.of_nat to) (node_at k) p ->
    (p =? 0) = false <-> In (from, to) (pairs (firstn k w)).
  Proof.
    intros K U F. rewrite (latest_bit _ _ _ F), in_pairs. split.
    - intros (j & J & Q & Fj & Tj). destruct (records j) as [(e & H & R)|[(e & H & R)|[(e & H & R)|[(k' & H & R)|R]]]];
        unfold edge_record, group_record, step_record, bar_at, node_at in *; try lia.
      destruct k' as [|k']; [cbn [come_from] in R; lia|]. cbn [come_from] in R. assert (from = nth k' w 0) as -> by lia. assert (to = nth (S k') w 0) as -> by lia.
      exists k'. rewrite <- (firstn_place k k'), <- (firstn_place k (S k')) by lia. split; apply nth_error_nth'; rewrite firstn_length_le; lia.
    - intros (k' & E & E'). assert (S k' < length (firstn k w)) as H by (apply nth_error_Some; congruence). rewrite firstn_length_le in H by lia.
      apply (nth_error_nth _ _ 0) in E, E'. rewrite firstn_place in E, E' by lia.
      exists (node_at (S k') + 1). split; [unfold node_at; lia|]. pose proof (step_recorded (S k') ltac:(lia)) as R. unfold step_record in R. cbn [come_from] in R. rewrite E, E' in R. tauto.
  Qed.
  Lemma asked_at k : 0 < k <= length w -> a sg 0 (node_at k) = Name (nth k (w ++ [x]) 0) /\ a sg 1 (node_at k) = Ok /\ a sg 2 (node_at k) = Name (nth (k - 1) w 0).
  Proof.
    intros K. rewrite sign_0. split; [apply sg_node; lia|]. split; [placed (node_at (k - 1) + 1); apply sg_ok; lia|]. placed (node_at (k - 1)). rewrite sg_node, app_nth1 by lia. reflexivity.
  Qed.
  Lemma finds_walked k p : 0 < k <= length w -> 0 < nth (k - 1) w 0 -> finds_pair sg (node_at k) p ->
    (p =? 0) = false <-> In (nth (k - 1) w 0, nth k (w ++ [x]) 0) (pairs (firstn k w)).
  Proof.
    intros K U F. apply (finds_step _ _ k p K U). unfold finds_pair, asked_pair_kind, asked_from, asked_to in F.
    destruct (asked_at k K) as (A0 & A1 & A2). rewrite A0, A1, A2 in F. exact F.
  Qed.
  Lemma finds_way_back k p : 0 < k <= length w -> 0 < nth k (w ++ [x]) 0 -> finds_back sg (node_at k) p ->
    (p =? 0) = false <-> In (nth k (w ++ [x]) 0, nth (k - 1) w 0) (pairs (firstn k w)).
  Proof.
    intros K U F. apply (finds_step _ _ k p K U). unfold finds_back, back_from, back_to in F.
    destruct (asked_at k K) as (A0 & A1 & A2). rewrite A0, A1, A2 in F. exact F.
  Qed.
End Words.
