(** Theorem 5.6, IsTree. Wire_HybridIsTree.v says that the weights compute the network, HybridTour.v what the network looks up
    and writes, HybridWords.v what that is in the transcript of a graph, EulerTour.v that the tour decides trees. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool Permutation.
From RetrievalGap Require Import StatementsMachines Graphs EulerTour EulerSteps Model Network NetCheck NetModel NetTop NetFull Decode Equations HybridTour HybridWords.
From RetrievalGap Require EulerPositions.
From RetrievalGap.Generated Require Import Gen_HybridIsTree Wire_HybridIsTree.
Import ListNotations.
Open Scope Z_scope.

Definition answer (b : bool) : tok := Special (if b then 7 else 8).

Section Writes.
  Variables (n : Z) (es : list edge) (w : list nat) (x : nat).
  Hypothesis is_simple : simple es.
  Hypothesis some : es <> [].
  Hypothesis positive : forall v, In v (nodes es) -> (0 < v)%nat.
  Variables (W : list edge) (u : nat) (b : bool).
  Let r := snd (last es (0, 0)%nat).
  Hypothesis walk : reach es r W (rev w) u x.
  Hypothesis ends : ending es W (rev w) u x b.
  Notation m := (length es).
  Notation s := (word es w x).
  Notation sg := (fun i : nat => nth i s Start).

  Lemma some_edge : (0 < m)%nat. Proof. destruct es; [congruence|cbn; lia]. Qed.
  Lemma some_node : (0 < length w)%nat. Proof. pose proof (reach_length _ _ _ _ _ _ walk) as L. rewrite rev_length in L. lia. Qed.
  Lemma root_positive : (0 < r)%nat. Proof. apply positive, root_node, some. Qed.

  (** The state of the walk after k nodes. *)
  Lemma state k : (1 <= k <= length w)%nat -> let u := nth (k - 1) w 0%nat in let y := nth k (w ++ [x]) 0%nat in
    adj es u y /\ (k = 1%nat -> u = r /\ y = last (neighbours es r) 0%nat) /\
    ((1 < k)%nat -> adj es u (nth (k - 2) w 0%nat) /\ y = EulerTour.next es u (nth (k - 2) w 0%nat)) /\
    ((k < length w)%nat -> ~ In (u, y) (pairs (firstn k w)) /\ (In y (firstn k w) -> In (y, u) (pairs (firstn k w)))).
  Proof.
    intros K. cbv zeta. pose proof (root_node es some) as Root. fold r in Root.
    destruct (reach_at _ _ _ _ _ _ walk k ltac:(rewrite rev_length; exact K)) as (W' & u' & x' & R & X & C). rewrite rev_involutive in R, X, C. rewrite rev_length in C.
    pose proof (reach_pairs es _ _ _ _ R) as Pw. rewrite rev_involutive in Pw. rewrite <- X.
    assert (length (firstn k w) = k) as Lk by (apply firstn_length_le; lia).
    assert (forall T v, rev (firstn k w) = v :: T -> nth (k - 1) w 0%nat = v) as Top.
    { intros T v F. apply (f_equal (@rev nat)) in F. rewrite rev_involutive in F. cbn [rev] in F. rewrite <- (firstn_place w k (k - 1)) by lia. rewrite F.
      assert (length (rev T) = (k - 1)%nat) as <- by (rewrite F, app_length in Lk; cbn [length] in Lk; lia). rewrite app_nth2, Nat.sub_diag by lia. reflexivity. }
    assert (nth (k - 1) w 0%nat = u') as U by (destruct (reach_shape es _ _ _ _ R) as [(F & -> & _)|(v & T & F & _)]; exact (Top _ _ F)).
    rewrite U. split; [apply (reach_next_adj es is_simple r Root _ _ _ _ R)|]. split; [|split].
    - intros ->. destruct (reach_shape es _ _ _ _ R) as [(F & -> & ->)|(v & T & F & _)]; [auto|].
      apply (f_equal (@length nat)) in F. rewrite rev_length, Lk in F. discriminate.
    - intros K1. destruct (reach_shape es _ _ _ _ R) as [(F & _)|(v & T & F & ->)].
      + apply (f_equal (@length nat)) in F. rewrite rev_length, Lk in F. cbn in F. lia.
      + assert (nth (k - 2) w 0%nat = v) as ->.
        { apply (f_equal (@rev nat)) in F. rewrite rev_involutive in F. cbn [rev] in F. rewrite <- app_assoc in F. cbn [app] in F.
          rewrite <- (firstn_place w k (k - 2)) by lia. rewrite F.
          assert (length (rev T) = (k - 2)%nat) as <- by (rewrite F, app_length in Lk; cbn [length] in Lk; lia). rewrite app_nth2, Nat.sub_diag by lia. reflexivity. }
        split; [|reflexivity]. rewrite F in R. apply adj_sym, (EulerPositions.reach_two es r _ _ _ _ _ is_simple Root R).
    - intros K1. rewrite Pw, <- !in_rev. apply C in K1. destruct K1 as (A & B). split; [exact A|]. intros I. apply B. rewrite <- in_rev. exact I.
  Qed.
  Lemma node_positive k : (k <= length w)%nat -> (0 < nth k (w ++ [x]) 0%nat)%nat.
  Proof.
    intros K. destruct k as [|k].
    - pose proof some_node. rewrite app_nth1 by lia. destruct (state 1 ltac:(lia)) as (A & _). apply (EulerPositions.positive_adj es positive) in A. apply A.
    - destruct (state (S k) ltac:(lia)) as (A & _). apply (EulerPositions.positive_adj es positive) in A. apply A.
  Qed.
  Lemma first_node : nth 0 w 0%nat = r. Proof. pose proof some_node. destruct (state 1 ltac:(lia)) as (_ & A & _). apply A. reflexivity. Qed.

  (** What is written after each token. *)
  Let rho := at_size n.
  Variable L : nat.
  Hypothesis read : (3 * m + 2 <= L <= length s)%nat.
  Let input := map tok_of (firstn L s).
  Lemma input_length : length input = L. Proof. unfold input. rewrite map_length, firstn_length_le by lia. reflexivity. Qed.
  Lemma tokens i : (i < length input)%nat -> nth i input (Special 0) = tok_of (sg i).
  Proof.
    rewrite input_length. intros I. unfold input. change (Special 0) with (tok_of Start). rewrite map_nth. f_equal.
    rewrite <- (firstn_skipn L s) at 2. rewrite app_nth1 by (rewrite firstn_length_le; lia). reflexivity.
  Qed.
  Lemma in_word i : (i < length s)%nat -> (i <= node_at es (length w))%nat. Proof. rewrite word_length. lia. Qed.
  Lemma only_start i : (0 < i < length input)%nat -> sg i <> Start.
  Proof.
    rewrite input_length. intros I F. assert (same (sg i) Start = true) as Q by (rewrite F; reflexivity). apply special_at in Q; [lia|]. apply in_word. lia.
  Qed.
  Notation after := (net_next rho wiring input).
  Lemma after_is i : L = S i -> after = decide rho (net_stream rho wiring input i) (outputs wiring).
  Proof. intros E. unfold net_next. rewrite input_length. do 3 f_equal. lia. Qed.
  Notation lemma_ f := (f rho input sg tokens (sg_0 es w x) only_start).
  Lemma named_token p l v : names_last es w x p (neighbours l v) ->
    (if (p =? 0)%nat then Special 6 else Number (other_of sg p)) = tok_of (latest_neighbour l v).
  Proof. unfold names_last, latest_neighbour. intros (O & ->). rewrite O. destruct (neighbours l v); reflexivity. Qed.

  Let i := (L - 1)%nat.
  Ltac sign A d p := pose proof p as A; cbv beta zeta in A; match type of A with nth ?k _ _ = ?v =>
    replace k with (i - d)%nat in A by (unfold bar_at, node_at in *; lia); change (a sg d i = v) in A end.
  Ltac inside := match goal with |- context [(?a <? ?b)%nat] =>
    let H := fresh in assert ((a <? b)%nat = true) as H by (apply Nat.ltb_lt; unfold bar_at, node_at in *; lia); rewrite H; clear H end; cbn iota.
  Ltac follows j := match goal with |- context [tok_of (nth ?l s Start)] => replace l with j by (unfold bar_at, node_at in *; lia) end.
  Theorem refused : n <=? Z.of_nat m = true -> L = (3 * m + 2)%nat -> after = Some (answer false).
  Proof.
    intros Many E. pose proof some_edge as M. assert (L = S i) as Li by (unfold i; lia). rewrite (after_is i Li).
    assert (i < length input)%nat as Hi by (rewrite input_length; lia). sign A0 0%nat (at_ask_ es w x).
    rewrite (lemma_ at_ask i ltac:(lia) Hi A0), edges_all by (unfold node_at; lia). change (rho 0%nat) with n. rewrite Many. reflexivity.
  Qed.

  Hypothesis few : n <=? Z.of_nat m = false.
  Theorem written : after = Some (if (L <? length s)%nat then tok_of (sg L) else answer b).
  Proof.
    assert (L = S i) as Li by (unfold i; lia). rewrite (after_is i Li). pose proof some_edge as M. pose proof some_node as Sw.
    assert (i < length input)%nat as Hi by (rewrite input_length; lia). assert (4 <= i)%nat as Far by lia.
    assert (i <= node_at es (length w))%nat as In_ by (apply in_word; lia). pose proof (word_length es w x) as Ls. 
    assert (forall d, a sg d i = sg (i - d)%nat) as A by reflexivity.
    pose proof (lemma_ node_found i Hi) as Nf. pose proof (lemma_ pair_found i Hi) as Pf. pose proof (lemma_ back_found i Hi) as Bf.
    set (nr := where_ rho input 41 i) in *. set (pr := where_ rho input 58 i) in *. set (br := where_ rho input 66 i) in *.
    destruct (places es w i In_) as [H|[(e & E & H)|[H|[(e & E & [H|[H|[H|[H|H]]]])|[H|[(k & K & H)|(k & K & H)]]]]]]; try lia.
    - rewrite (lemma_ at_ask i Far Hi) by (sign A0 0%nat (at_ask_ es w x); exact A0). rewrite edges_all by lia. change (rho 0%nat) with n. rewrite few.
      inside. follows (bar_at es 0). rewrite (sg_bar es w x 0) by exact M. reflexivity.
    - sign A0 0%nat (sg_bar es w x e E). rewrite (lemma_ at_bar i Far Hi A0). fold nr. rewrite (finds_edge es w x e 0 nr E ltac:(lia)) by (unfold bar_at in *; rewrite <- ?plus_n_O, <- H; exact Nf).
      inside. follows (bar_at es e + 1)%nat. rewrite sg_u by exact E. cbn [tok_of]. unfold node. do 2 f_equal. apply edge_recorded. exact E.
    - sign A0 0%nat (sg_u es w x e E). sign A1 1%nat (sg_bar es w x e E). rewrite (lemma_ at_u i Far Hi _ A0 A1). fold nr. rewrite (finds_edge es w x e 1 nr E ltac:(lia)) by (rewrite <- H; exact Nf).
      inside. follows (bar_at es e + 2)%nat. rewrite sg_v by exact E. cbn [tok_of]. unfold node. do 2 f_equal. apply edge_recorded. exact E.
    - sign A0 0%nat (sg_v es w x e E). sign A1 1%nat (sg_u es w x e E). sign A2 2%nat (sg_bar es w x e E). rewrite (lemma_ at_v i Far Hi _ _ A0 A1 A2). unfold neighbour. fold nr.
      rewrite (named_token nr (firstn e es) (from_ es e)) by (apply finds_from; auto; rewrite <- H; exact Nf).
      inside. follows (bar_at es e + 3)%nat. rewrite sg_p by exact E. reflexivity.
    - sign A1 1%nat (sg_v es w x e E). sign A2 2%nat (sg_u es w x e E). sign A3 3%nat (sg_bar es w x e E).
      rewrite (lemma_ at_p i Far Hi (from_ es e) (to_ es e)); auto; [|sign A0 0%nat (sg_p es w x e E); rewrite A0; apply latest_named]. unfold neighbour. fold nr.
      rewrite (named_token nr (firstn e es) (to_ es e)) by (apply finds_to; auto; rewrite <- H; exact Nf).
      inside. follows (bar_at es e + 4)%nat. rewrite sg_q by exact E. reflexivity.
    - sign A2 2%nat (sg_v es w x e E). sign A3 3%nat (sg_u es w x e E). sign A4 4%nat (sg_bar es w x e E).
      rewrite (lemma_ at_q i Far Hi (from_ es e) (to_ es e)); auto; [|sign A0 0%nat (sg_q es w x e E); rewrite A0; apply latest_named|sign A1 1%nat (sg_p es w x e E); rewrite A1; apply latest_named].
      rewrite H, bars_in, edges_all by (auto; unfold bar_at, node_at in *; lia). inside. f_equal. destruct (Z.ltb_spec (Z.of_nat (S e)) (Z.of_nat m)).
      + follows (bar_at es (S e)). rewrite sg_bar by lia. reflexivity.
      + follows (8 * m + 2)%nat. rewrite at_tee_. reflexivity.
    - sign A0 0%nat (at_tee_ es w x). sign A3 3%nat (sg_v es w x (m - 1) ltac:(lia)). rewrite (lemma_ at_tee i Far Hi A0), A3.
      inside. follows (node_at es 0). rewrite sg_node, app_nth1, first_node by lia. unfold to_. rewrite <- (EulerPositions.last_nth es (0, 0)%nat). reflexivity.
    - destruct k as [|k].
      + sign A0 0%nat (sg_node es w x 0 ltac:(lia)). sign A1 1%nat (at_tee_ es w x). rewrite (lemma_ at_root i Far Hi _ A0 A1).
        inside. follows (node_at es 0 + 1)%nat. rewrite sg_ok by lia. reflexivity.
      + destruct (asked_at es w x (S k) ltac:(lia)) as (A0 & A1 & _). rewrite <- H in A0, A1. rewrite (lemma_ at_next i Far Hi _ A0 A1).
        pose proof (state (S k) ltac:(lia)) as (_ & _ & _ & Going). cbv zeta in Going. set (u' := nth (S k - 1) w 0%nat) in *. set (y := nth (S k) (w ++ [x]) 0%nat) in *.
        assert (0 < u')%nat as U0 by (unfold u'; rewrite <- (app_nth1 w [x]) by lia; apply node_positive; lia).
        rewrite H in Nf, Pf, Bf. pose proof (finds_seen es w x (S k) nr ltac:(lia) Nf) as Seen. pose proof (finds_walked es w x (S k) pr ltac:(lia) U0 Pf) as Walked.
        pose proof (finds_way_back es w x (S k) br ltac:(lia) (node_positive (S k) K) Bf) as Back. fold u' y in Seen, Walked, Back.
        unfold goes_on, whole. fold nr pr br. destruct (Nat.eq_dec (S k) (length w)) as [Kw|Kw].
        * assert ((L <? length s)%nat = false) as -> by (apply Nat.ltb_ge; rewrite Ls, Li, H, Kw; unfold node_at; lia).
          assert (firstn (S k) w = w) as Fw by (rewrite Kw; apply firstn_all). rewrite Fw in *.
          pose proof (reach_pairs es _ _ _ _ walk) as Pw. rewrite rev_involutive in Pw. rewrite Pw, <- in_rev in Walked, Back.
          assert (y = x) as Yx by (unfold y; rewrite Kw, app_nth2, Nat.sub_diag by lia; reflexivity). rewrite Yx in *.
          assert (u' = u) as Uu.
          { unfold u'. rewrite Kw. destruct (reach_shape es _ _ _ _ walk) as [(F & -> & _)|(v & T & F & _)];
              apply (f_equal (@rev nat)) in F; rewrite rev_involutive in F; cbn [rev app] in F; rewrite F; [reflexivity|].
            rewrite app_length. cbn [length]. rewrite app_nth2 by lia. f_equal. replace (length (rev T ++ [v]) + 1 - 1 - length (rev T ++ [v]))%nat with 0%nat by lia. reflexivity. }
          rewrite Uu in *. rewrite H, confirmed_in, edges_all by (unfold node_at; lia).  f_equal.
          destruct ends as [(I & ->)|(I & NI & NB & ->)].
          -- apply Walked in I. rewrite I, rev_length. cbn [negb andb]. unfold answer.
             assert ((Z.of_nat (S k) =? 2 * Z.of_nat m + 1) = (length w =? 2 * m + 1)%nat) as ->; [|destruct (length w =? 2 * m + 1)%nat; reflexivity].
             apply eq_true_iff_eq. rewrite Z.eqb_eq, Nat.eqb_eq. lia.
          -- rewrite <- in_rev in I. apply Seen in I. rewrite I. destruct (pr =? 0)%nat; [|exfalso; apply NI, Walked; reflexivity].
             destruct (br =? 0)%nat; [reflexivity|exfalso; apply NB, Back; reflexivity].
        * destruct Going as (NI & B); [lia|]. inside. follows (node_at es (S k) + 1)%nat. rewrite sg_ok by lia.
          destruct (pr =? 0)%nat; [|exfalso; apply NI, Walked; reflexivity]. destruct (nr =? 0)%nat; [reflexivity|].
          assert ((br =? 0)%nat = false) as -> by (apply Back, B, Seen; reflexivity). reflexivity.
    - sign A0 0%nat (sg_ok es w x k K). rewrite (lemma_ at_ok i Far Hi A0). inside. follows (node_at es (S k)). rewrite sg_node by lia. fold nr.
      pose proof (state (S k) ltac:(lia)) as (Adj & First & Later & _). replace (S k - 1)%nat with k in * by lia. rewrite H in Nf, Pf.
      assert (0 < nth k w 0)%nat as U0 by (rewrite <- (app_nth1 w [x]) by lia; apply node_positive; lia).
      destruct (finds_last es w x is_simple k nr K U0 Nf) as (Last & _). cbn [tok_of]. unfold node, pointed. fold pr. do 2 f_equal. destruct k as [|k].
      + apply (no_pointer es w x positive pr K) in Pf. rewrite Pf. cbn [Nat.eqb negb andb]. rewrite Last. f_equal.
        destruct First as (F & ->); [reflexivity|]. rewrite F. reflexivity.
      + destruct Later as (Back & ->); [lia|]. replace (S (S k) - 2)%nat with (S k - 1)%nat in * by lia.
        destruct (a_pointer es w x is_simple (S k) pr ltac:(lia) Back Pf) as (P0 & before_ & after_ & Sp & Split).
        unfold EulerTour.next. set (v := nth (S k - 1) w 0%nat) in *. set (u' := nth (S k) w 0%nat) in *.
        rewrite (turn_at _ (neighbours_distinct es u' is_simple) _ _ _ Split). destruct (Nat.eqb_spec pr 0) as [Z0|_]; [lia|]. rewrite Sp. unfold latest_neighbour.
        destruct (neighbours before_ u') as [|y l] eqn:Nb; cbn [same negb andb]; [exact Last|]. cbn [num]. f_equal. apply last_default. discriminate.
  Qed.
End Writes.

(** * The whole transcript *)
Definition front (es : list edge) : list sign := Start :: flat_map edge_signs es ++ [Ask].
Definition rest (es : list edge) (w : list nat) (x : nat) : list sign := groups es ++ Tee :: flat_map step_signs w ++ [Name x].
Lemma word_is es w x : word es w x = front es ++ rest es w x.
Proof. unfold word, front, rest. cbn [app]. rewrite <- app_assoc. reflexivity. Qed.
Lemma front_length es : length (front es) = (3 * length es + 2)%nat.
Proof. unfold front. cbn [length]. rewrite app_length, body_length. cbn [length]. lia. Qed.
Lemma map_chunks {A B C} (f : A -> list B) (g : B -> C) l : map g (flat_map f l) = flat_map (fun y => map g (f y)) l.
Proof. induction l as [|y l IH]; [reflexivity|]. cbn [flat_map]. rewrite map_app, IH. reflexivity. Qed.
Lemma prompt_is es : map tok_of (front es) = edges_prompt es.
Proof.
  unfold front, edges_prompt. cbn [map]. rewrite map_app, map_chunks. cbn [map tok_of]. do 2 f_equal. apply flat_map_ext. intros (u, v). reflexivity.
Qed.
Lemma rest_is es w x : map tok_of (rest es w x) = pointers es ++ Special 4 :: flat_map (fun v => [node v; Special 5]) w ++ [node x].
Proof.
  unfold rest, groups, pointers. rewrite map_app. cbn [map tok_of]. rewrite map_app, !map_chunks. cbn [map tok_of]. f_equal. apply flat_map_ext. intros k.
  assert (forall l v, tok_of (latest_neighbour l v) = named_before l v) as N by (intros l v; unfold latest_neighbour, named_before; destruct (neighbours l v); reflexivity).
  unfold group. cbv zeta. cbn [map]. rewrite !N. reflexivity.
Qed.
Lemma context_is n : peval (at_size n) (context blueprint) = 2 * n * n + 10 * n.
Proof. unfold blueprint. cbn [context]. unfold peval, peval_mono, at_size. cbn [fold_right fst snd power]. ring. Qed.
Lemma rest_length es w x : length (rest es w x) = (5 * length es + 2 + 2 * length w)%nat.
Proof. unfold rest. rewrite app_length, groups_length. cbn [length]. rewrite app_length, steps_length. cbn [length]. lia. Qed.

(** All names in it are nodes. *)
Lemma word_names es w x : incl (w ++ [x]) (nodes es) -> forall i v, (i < length (word es w x))%nat -> nth i (word es w x) Start = Name v -> In v (nodes es).
Proof.
  intros Wn i v I. rewrite word_length in I.
  assert (forall e, (e < length es)%nat -> In (from_ es e) (nodes es) /\ In (to_ es e) (nodes es)) as Ends by (intros e E; apply adj_nodes, ends_adj, E).
  assert (forall e y, latest_neighbour (firstn e es) y = Name v -> In v (nodes es)) as Latest.
  { intros e y. unfold latest_neighbour. destruct (neighbours (firstn e es) y) as [|z l] eqn:N; [discriminate|]. intros F. injection F as <-.
    change (In (last (z :: l) 0%nat) (nodes es)). rewrite <- N. assert (In (last (neighbours (firstn e es) y) 0%nat) (neighbours (firstn e es) y)) as L by (apply EulerTour.last_in; rewrite N; discriminate).
    apply in_neighbours in L. apply in_nodes. exists y. apply adj_sym.
    pose proof (proj2 (adj_app (firstn e es) (skipn e es) _ _) (or_introl L)) as A. rewrite firstn_skipn in A. exact A. }
  destruct (places es w i ltac:(lia)) as [->|[(e & E & [->|[->| ->]])|[->|[(e & E & [->|[->|[->|[->| ->]]]])|[->|[(k & K & ->)|(k & K & ->)]]]]]];
    rewrite ?sg_0, ?sg_from, ?sg_join, ?sg_to, ?at_ask_, ?sg_bar, ?sg_u, ?sg_v, ?sg_p, ?sg_q, ?at_tee_, ?sg_node, ?sg_ok by assumption; intros F; try discriminate F;
    try (injection F as <-; apply Ends; exact E); try exact (Latest _ _ F).
  injection F as <-. apply Wn, nth_In. rewrite app_length. cbn [length]. lia.
Qed.

Section Fits.
  Variables (n : Z) (es : list edge) (w : list nat) (x L : nat).
  Hypothesis range : forall v, In v (nodes es) -> 1 <= Z.of_nat v <= n.
  Hypothesis names : incl (w ++ [x]) (nodes es).
  Hypothesis read : (L <= length (word es w x))%nat.
  Hypothesis room : Z.of_nat L <= 2 * n * n + 10 * n + 1.
  Lemma fits : input_ok (at_size n) blueprint wiring (map tok_of (firstn L (word es w x))).
  Proof.
    assert (length (map tok_of (firstn L (word es w x))) = L) as Ll by (rewrite map_length, firstn_length_le; auto).
    assert (forall i, (i < L)%nat -> nth i (map tok_of (firstn L (word es w x))) (Special 0) = tok_of (nth i (word es w x) Start)) as T.
    { intros i I. change (Special 0) with (tok_of Start). rewrite map_nth. f_equal. rewrite <- (firstn_skipn L (word es w x)) at 2. rewrite app_nth1 by (rewrite firstn_length_le; auto). reflexivity. }
    split; [|split].
    - intros i Hi. rewrite Ll in Hi. rewrite T by exact Hi. destruct i as [|i]; [change (nth 0 (word es w x) Start) with Start; cbn; repeat split; intros; lia|].
      destruct (nth (Datatypes.S i) (word es w x) Start) eqn:S; cbn [tok_of node]; unfold blueprint; cbn [specials]; repeat split; intros; try lia.
      assert (same (nth (Datatypes.S i) (word es w x) Start) Start = true) as Q by (rewrite S; reflexivity). apply special_at in Q; [lia|]. rewrite word_length in read. lia.
    - intros i k Hi E. rewrite Ll in Hi. rewrite T in E by exact Hi. destruct (nth i (word es w x) Start) as [| | | | | | |v] eqn:S; try discriminate.
      injection E as <-. apply word_names in S; auto; [|lia]. apply range in S. unfold blueprint, at_size. cbn [low high]. unfold peval, peval_mono. cbn [fold_right fst snd power]. lia.
    - rewrite Ll, context_is. exact room.
  Qed.
End Fits.

Theorem hybrid_istree : statement_hybrid_istree.
Proof.
  intros n es Si So Range.
  assert (forall v, In v (nodes es) -> (0 < v)%nat) as Po by (intros v V; apply Range in V; lia).
  pose proof (root_node es So) as Root. pose proof (nodes_few n es Si So Range) as Nn. pose proof (edges_bound es Si) as Me.
  destruct (tour_ends es Si So) as (w & b & W & u & x & Et & R & En).
  destruct (tour_correct es Si So) as (w' & b' & Et' & Len & Tr). rewrite Et in Et'. apply out_inj in Et'. destruct Et' as (<- & <-).
  rewrite Et, app_length, map_length in Len. cbn [length] in Len.
  assert (incl (w ++ [x]) (nodes es)) as Names.
  { intros v V. apply in_app_or in V. destruct V as [V|[<-|[]]].
    - apply (reach_nodes es Si _ Root _ _ _ _ R). rewrite <- in_rev. exact V.
    - apply (reach_next_adj es Si _ Root), adj_nodes in R. tauto. }
  assert (0 < length es)%nat as M by (destruct es; [congruence|cbn; lia]).
  assert (2 * Z.of_nat (length es) <= n * n) as Me' by nia.
  assert (forall k, (k <= length (rest es w x))%nat -> Z.of_nat (3 * length es + 2 + k) <= 2 * n * n + 10 * n + 1 ->
    forall t, net_next (at_size n) wiring (map tok_of (firstn (3 * length es + 2 + k) (word es w x))) = Some t ->
    next QcN (at_size n) blueprint (edges_prompt es ++ map tok_of (firstn k (rest es w x))) = t) as Next.
  { intros k K Room t T. assert (edges_prompt es ++ map tok_of (firstn k (rest es w x)) = map tok_of (firstn (3 * length es + 2 + k) (word es w x))) as ->.
    { rewrite <- prompt_is, <- map_app, word_is, <- (front_length es), firstn_app_2. reflexivity. }
    apply next_as; [lia| | |exact T].
    - apply fits; auto. rewrite word_is, app_length, front_length. lia.
    - rewrite word_is, <- (front_length es), firstn_app_2. discriminate. }
  destruct (n <=? Z.of_nat (length es)) eqn:Many.
  - exists [], false. split; [|split; [cbn [length]; lia|split; [|reflexivity]]].
    + cbn [app]. unfold decode. apply decode_from_is; try discriminate.
      * rewrite <- prompt_is, map_length, front_length, context_is. cbn [length]. apply Z.leb_le in Many. nia.
      * intros [|k] K; [|cbn in K; lia]. cbn [firstn nth]. change (@nil tok) with (map tok_of (firstn 0 (rest es w x))). apply Next; [lia|nia|].
        apply (refused n es w x Si So Po W u b R); auto; rewrite ?word_length; unfold node_at; lia.
      * intros [|k] K; cbn in K; lia.
      * reflexivity.
    + split; [discriminate|]. intros T. apply (tree_count es Si So) in T. apply Z.leb_le in Many. lia.
  - pose proof Many as Few. apply Z.leb_gt in Few. set (tr := map tok_of (rest es w x)).
    assert (length tr = (5 * length es + 2 + 2 * length w)%nat) as Ltr by (unfold tr; rewrite map_length; apply rest_length).
    exists tr, b. split; [|split; [rewrite Ltr; lia|split; [exact Tr|]]].
    + unfold decode. apply decode_from_is.
      * destruct tr; discriminate.
      * rewrite app_length, Ltr, <- prompt_is, map_length, front_length, context_is. cbn [length]. nia.
      * intros k K. rewrite app_length in K. cbn [length] in K.
        assert (firstn k (tr ++ [Special (if b then 7 else 8)]) = map tok_of (firstn k (rest es w x))) as ->.
        { rewrite firstn_app. replace (k - length tr)%nat with 0%nat by lia. cbn [firstn]. rewrite app_nil_r. unfold tr. apply firstn_map. }
        apply Next; [rewrite rest_length; lia|nia|]. pose proof (word_length es w x) as Lw. unfold node_at in Lw.
        rewrite (written n es w x Si So Po W u b R En) by (auto; lia). f_equal.
        destruct (Nat.ltb_spec (3 * length es + 2 + k) (length (word es w x))) as [H|H].
        -- rewrite app_nth1 by lia. unfold tr. change (Special 0) with (tok_of Start). rewrite map_nth. f_equal.
           rewrite word_is, app_nth2 by (rewrite front_length; lia). f_equal. rewrite front_length. lia.
        -- rewrite app_nth2 by lia. replace (k - length tr)%nat with 0%nat by lia. reflexivity.
      * intros k K. rewrite app_length in K. cbn [length] in K. rewrite app_nth1 by lia. unfold tr. change (Special 0) with (tok_of Start). rewrite map_nth.
        destruct (nth k (rest es w x) Start); reflexivity.
      * rewrite last_last. destruct b; reflexivity.
    + exists w, x. split; [apply rest_is|]. split; [lia|]. intros B. apply Tr in B. destruct (EulerSteps.tour_is_euler es Si So B) as (w' & Et' & Pm & La).
      rewrite Et in Et'. apply out_inj in Et'. destruct Et' as (<- & _). auto.
Qed.
