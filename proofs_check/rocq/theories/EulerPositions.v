(** What the wiring of transformer/istree looks up, position by position, is what the protocol writes.
    The definitions follow constructions/theorems/_theorem_4_7.py; a look-up is any pick that is the latest match. *)
From Coq Require Import List Lia Arith Bool.
From RetrievalGap Require Import StatementsMachines Graphs EulerTour EulerSteps.
Import ListNotations.

Inductive sign := Start | Join | End | Name (v : nat).
Fixpoint body (es : list edge) : list sign :=
  match es with [] => [] | (u, v) :: es' => Name u :: Join :: Name v :: body es' end.
Definition word (es : list edge) (w : list nat) : list sign := Start :: body es ++ End :: map Name w.

(** p is the latest position up to i, but not 0, where P holds; 0 if there is none. *)
Definition latest (P : nat -> Prop) (i p : nat) : Prop :=
  (0 < p <= i /\ P p /\ forall j, p < j <= i -> ~ P j) \/ (p = 0 /\ forall j, 0 < j <= i -> ~ P j).
Definition bit (p : nat) : nat := if p =? 0 then 0 else 1.

Section Wiring.
  Variable s : list sign.
  Definition num (i : nat) : nat := match nth i s Start with Name v => v | _ => 0 end.
  Definition joins (i : nat) : bool := match nth i s Start with Join => true | _ => false end.
  Definition ends (i : nat) : bool := match nth i s Start with End => true | _ => false end.
  (** Block 1. *)
  Definition head (i : nat) : nat := if joins (i - 1) then num i else if joins (i - 2) then num (i - 3) else 0.
  Definition tail (i : nat) : nat := if joins (i - 1) then num (i - 2) else if joins (i - 2) then num (i - 1) else 0.
  Definition late_head (i : nat) : nat := if joins (i - 2) then num (i - 1) else if joins (i - 3) then num (i - 4) else 0.
  Definition late_tail (i : nat) : nat := if joins (i - 2) then num (i - 3) else if joins (i - 3) then num (i - 2) else 0.
  (** Block 2. *)
  Definition is_pointer (i p : nat) : Prop := latest (fun j => late_head j = head i) i p.
  Definition is_wrap (i p : nat) : Prop := latest (fun j => head j = num i) i p.
  Definition is_end (i p : nat) : Prop := latest (fun j => ends j = true) i p.
  (** Block 3. *)
  Definition is_record (i p : nat) : Prop := latest (fun j => head j = num i /\ tail j = num (i - 1)) i p.
  Definition following (pointer : nat -> nat) (wrap record i : nat) : nat :=
    if negb (record =? 0) && negb (pointer record =? 0) then late_tail (pointer record)
    else if ends i then num (i - 1) else tail wrap.
  (** Block 4. *)
  Definition in_tour (j : nat) : Prop := ends j = false /\ exists e, e <= j /\ ends e = true.
  Definition is_seen_edge (x i p : nat) : Prop := latest (fun j => in_tour j /\ num (j - 1) = num i /\ num j = x) i p.
  Definition is_way_back (x i p : nat) : Prop := latest (fun j => in_tour j /\ num (j - 1) = x /\ num j = num i) i p.
  Definition is_seen_node (x i p : nat) : Prop := latest (fun j => in_tour j /\ num j = x) i p.
  Definition writes (x i end_ seen_edge way_back seen_node : nat) : out :=
    if (bit seen_edge =? 1) && (3 * i =? 5 * end_ + 1) then Answer true
    else if bit way_back + 1 <=? 2 * bit seen_edge + bit seen_node then Answer false
    else Node x.

  Lemma late_head_is i : late_head i = head (i - 1).
  Proof.
    unfold late_head, head. replace (i - 1 - 1) with (i - 2) by lia. replace (i - 1 - 2) with (i - 3) by lia.
    replace (i - 1 - 3) with (i - 4) by lia. auto.
  Qed.
  Lemma late_tail_is i : late_tail i = tail (i - 1).
  Proof.
    unfold late_tail, tail. replace (i - 1 - 1) with (i - 2) by lia. replace (i - 1 - 2) with (i - 3) by lia. auto.
  Qed.
End Wiring.

Lemma latest_bit P i p : latest P i p -> bit p = 1 /\ (exists j, 0 < j <= i /\ P j) \/ bit p = 0 /\ ~ exists j, 0 < j <= i /\ P j.
Proof.
  unfold bit. intros [(H & Q & _)|(-> & N)].
  - left. destruct (Nat.eqb_spec p 0); [lia|]. eauto.
  - right. split; auto. intros (j & J & Q). apply (N j J Q).
Qed.

Lemma reach_two es r W T u v x : simple es -> In r (nodes es) -> reach es r W (u :: v :: T) u x -> adj es v u.
Proof.
  intros Si Ro R. inversion R as [|W0 T0 u0 x0 R0]. subst.
  assert (u0 = v) as <- by (inversion R0; auto).
  eapply reach_next_adj; eauto.
Qed.

Lemma body_length l : length (body l) = 3 * length l.
Proof. induction l as [|(u, v) l IH]; simpl in *; lia. Qed.

Lemma body_nth l : forall i, i < length l ->
  nth (3 * i) (body l) Start = Name (fst (nth i l (0, 0))) /\ nth (3 * i + 1) (body l) Start = Join /\
  nth (3 * i + 2) (body l) Start = Name (snd (nth i l (0, 0))).
Proof.
  induction l as [|(u, v) l IH]; intros i Hi; [simpl in Hi; lia|]. destruct i as [|i]; [simpl; auto|].
  simpl in Hi. replace (3 * S i) with (S (S (S (3 * i)))) by lia. cbn [Nat.add]. cbn [body nth]. apply IH. lia.
Qed.

Section Words.
  Variables (es : list edge) (w : list nat).
  Hypothesis is_simple : simple es.
  Hypothesis positive : forall v, In v (nodes es) -> 0 < v.
  Let m := length es.
  Let s := word es w.

  Lemma word_nth i : i < m -> nth (3 * i + 1) s Start = Name (fst (nth i es (0, 0))) /\ nth (3 * i + 2) s Start = Join /\
    nth (3 * i + 3) s Start = Name (snd (nth i es (0, 0))).
  Proof.
    intros Hi. destruct (body_nth es i Hi) as (A & B & C). unfold s, word.
    replace (3 * i + 1) with (S (3 * i)) by lia. replace (3 * i + 2) with (S (3 * i + 1)) by lia.
    replace (3 * i + 3) with (S (3 * i + 2)) by lia. cbn [nth].
    rewrite !app_nth1 by (rewrite body_length; unfold m in Hi; lia). auto.
  Qed.
  Lemma word_end : nth (3 * m + 1) s Start = End.
  Proof.
    unfold s, word. replace (3 * m + 1) with (S (3 * m)) by lia. cbn [nth]. rewrite app_nth2 by (rewrite body_length; unfold m; lia).
    rewrite body_length. replace (3 * m - 3 * length es) with 0 by (unfold m; lia). auto.
  Qed.
  Lemma word_tour k : nth (3 * m + 2 + k) s Start = nth k (map Name w) Start.
  Proof.
    unfold s, word. replace (3 * m + 2 + k) with (S (3 * m + S k)) by lia. cbn [nth].
    rewrite app_nth2 by (rewrite body_length; unfold m; lia).
    rewrite body_length. replace (3 * m + S k - 3 * length es) with (S k) by (unfold m; lia). auto.
  Qed.

  Lemma places p : p = 0 \/ (exists i, i < m /\ (p = 3 * i + 1 \/ p = 3 * i + 2 \/ p = 3 * i + 3)) \/ p = 3 * m + 1 \/
    exists k, p = 3 * m + 2 + k.
  Proof.
    destruct (Nat.eq_dec p 0); auto. destruct (le_lt_dec p (3 * m)).
    - right. left. exists ((p - 1) / 3). pose proof (Nat.div_mod (p - 1) 3 ltac:(lia)).
      pose proof (Nat.mod_upper_bound (p - 1) 3 ltac:(lia)). lia.
    - right. right. destruct (Nat.eq_dec p (3 * m + 1)); auto. right. exists (p - (3 * m + 2)). lia.
  Qed.

  Lemma tour_sign k : nth k (map Name w) Start = Start \/ exists v, nth k (map Name w) Start = Name v.
  Proof.
    destruct (le_lt_dec (length w) k); [left; apply nth_overflow; rewrite map_length; auto|right].
    exists (nth k w 0). rewrite nth_indep with (d' := Name 0) by (rewrite map_length; auto). apply map_nth.
  Qed.

  Lemma joins_true i : i < m -> joins s (3 * i + 2) = true.
  Proof. intros H. unfold joins. destruct (word_nth i H) as (_ & -> & _). auto. Qed.
  Lemma joins_false p : (forall i, i < m -> p <> 3 * i + 2) -> joins s p = false.
  Proof.
    intros H. unfold joins. destruct (places p) as [->|[(i & I & [->|[->| ->]])|[->|(k & ->)]]].
    - auto.
    - destruct (word_nth i I) as (-> & _ & _). auto.
    - exfalso. apply (H i I). auto.
    - destruct (word_nth i I) as (_ & _ & ->). auto.
    - rewrite word_end. auto.
    - rewrite word_tour. destruct (tour_sign k) as [->|(v & ->)]; auto.
  Qed.

  Lemma ends_is p : ends s p = (p =? 3 * m + 1).
  Proof.
    unfold ends. destruct (places p) as [->|[(i & I & [->|[->| ->]])|[->|(k & ->)]]].
    - destruct (Nat.eqb_spec 0 (3 * m + 1)); auto. lia.
    - destruct (word_nth i I) as (-> & _ & _). destruct (Nat.eqb_spec (3 * i + 1) (3 * m + 1)); auto. lia.
    - destruct (word_nth i I) as (_ & -> & _). destruct (Nat.eqb_spec (3 * i + 2) (3 * m + 1)); auto. lia.
    - destruct (word_nth i I) as (_ & _ & ->). destruct (Nat.eqb_spec (3 * i + 3) (3 * m + 1)); auto. lia.
    - rewrite word_end, Nat.eqb_refl. auto.
    - rewrite word_tour. destruct (Nat.eqb_spec (3 * m + 2 + k) (3 * m + 1)); [lia|].
      destruct (tour_sign k) as [->|(v & ->)]; auto.
  Qed.

  Lemma in_tour_is p : in_tour s p <-> 3 * m + 1 < p.
  Proof.
    unfold in_tour. rewrite ends_is. split.
    - intros (H & e & E & F). rewrite ends_is in F. apply Nat.eqb_eq in F. apply Nat.eqb_neq in H. lia.
    - intros H. split; [apply Nat.eqb_neq; lia|]. exists (3 * m + 1). rewrite ends_is, Nat.eqb_refl. split; [lia|auto].
  Qed.

  (** The records. *)
  Lemma record_2 i : i < m -> head s (3 * i + 3) = snd (nth i es (0, 0)) /\ tail s (3 * i + 3) = fst (nth i es (0, 0)).
  Proof.
    intros H. unfold head, tail. replace (3 * i + 3 - 1) with (3 * i + 2) by lia. rewrite joins_true by auto.
    replace (3 * i + 3 - 2) with (3 * i + 1) by lia. unfold num. destruct (word_nth i H) as (-> & _ & ->). auto.
  Qed.
  Lemma record_3 i : i < m -> head s (3 * i + 4) = fst (nth i es (0, 0)) /\ tail s (3 * i + 4) = snd (nth i es (0, 0)).
  Proof.
    intros H. unfold head, tail. replace (3 * i + 4 - 1) with (3 * i + 3) by lia. rewrite joins_false by (intros; lia).
    replace (3 * i + 4 - 2) with (3 * i + 2) by lia. rewrite joins_true by auto.
    replace (3 * i + 4 - 3) with (3 * i + 1) by lia. unfold num. destruct (word_nth i H) as (-> & _ & ->). auto.
  Qed.
  Lemma no_record p : (forall i, i < m -> p <> 3 * i + 3 /\ p <> 3 * i + 4) -> head s p = 0 /\ tail s p = 0.
  Proof.
    intros H. unfold head, tail.
    rewrite !joins_false; auto; intros i I E; specialize (H i I); lia.
  Qed.
  Lemma record_places p : (exists i, i < m /\ (p = 3 * i + 3 \/ p = 3 * i + 4)) \/ (head s p = 0 /\ tail s p = 0).
  Proof.
    destruct (places p) as [->|[(i & I & [->|[->| ->]])|[->|(k & ->)]]].
    - right. apply no_record. lia.
    - destruct i as [|i]; [right; apply no_record; lia|]. left. exists i. lia.
    - right. apply no_record. lia.
    - left. exists i. auto.
    - destruct (Nat.eq_dec m 0) as [Z|Z]; [right; apply no_record; lia|]. left. exists (m - 1). lia.
    - right. apply no_record. lia.
  Qed.
  Lemma edge_adj i : i < m -> adj es (fst (nth i es (0, 0))) (snd (nth i es (0, 0))).
  Proof. intros H. left. rewrite <- surjective_pairing. apply nth_In. auto. Qed.
  Lemma record_adj p : adj es (head s p) (tail s p) \/ (head s p = 0 /\ tail s p = 0).
  Proof.
    destruct (record_places p) as [(i & I & [->| ->])|]; auto; left.
    - destruct (record_2 i I) as (-> & ->). apply adj_sym, edge_adj. auto.
    - destruct (record_3 i I) as (-> & ->). apply edge_adj. auto.
  Qed.
  Lemma positive_adj a b : adj es a b -> 0 < a /\ 0 < b.
  Proof. intros H. apply adj_nodes in H. split; apply positive; tauto. Qed.

  (** The neighbours of u are the tails of the records with head u, in the order of the positions. *)
  Definition tails (u from n : nat) : list nat := map (tail s) (filter (fun p => head s p =? u) (seq from n)).

  Lemma tails_app u from n n' : tails u from (n + n') = tails u from n ++ tails u (from + n) n'.
  Proof. unfold tails. rewrite seq_app, filter_app, map_app. auto. Qed.

  Lemma neighbours_app es1 es2 u : neighbours (es1 ++ es2) u = neighbours es1 u ++ neighbours es2 u.
  Proof. unfold neighbours. apply flat_map_app. Qed.

  Lemma firstn_more k : k < m -> firstn (S k) es = firstn k es ++ [nth k es (0, 0)].
  Proof.
    unfold m. generalize es. clear. induction k as [|k IH]; intros [|e l]; simpl; try lia; auto.
    intros H. f_equal. apply IH. lia.
  Qed.

  Lemma neighbours_first u k : 0 < u -> k <= m -> neighbours (firstn k es) u = tails u 0 (3 * k + 2).
  Proof.
    intros U. induction k as [|k IH]; intros K.
    - simpl firstn. unfold tails. cbn [Nat.mul Nat.add seq filter].
      destruct (no_record 0) as (-> & _); [lia|]. destruct (no_record 1) as (-> & _); [lia|].
      destruct (Nat.eqb_spec 0 u); [lia|]. auto.
    - rewrite firstn_more by lia. rewrite neighbours_app, IH by lia.
      replace (3 * S k + 2) with (3 * k + 2 + 3) by lia. rewrite (tails_app u 0 (3 * k + 2) 3). f_equal.
      unfold tails. cbn [seq filter]. replace (0 + (3 * k + 2)) with (3 * k + 2) by lia.
      replace (S (3 * k + 2)) with (3 * k + 3) by lia. replace (S (3 * k + 3)) with (3 * k + 4) by lia.
      destruct (no_record (3 * k + 2)) as (-> & _); [lia|].
      destruct (record_2 k K) as (A2 & B2), (record_3 k K) as (A3 & B3). rewrite A2, A3.
      pose proof (edge_adj k K) as E. destruct (nth k es (0, 0)) as (a, b). simpl fst in *. simpl snd in *.
      assert (a <> b) by (intros ->; apply (simple_loop _ _ is_simple E)).
      unfold neighbours. cbn [flat_map app].
      destruct (Nat.eqb_spec 0 u); [lia|].
      destruct (Nat.eqb_spec a u), (Nat.eqb_spec b u); cbn [map app]; try congruence; rewrite ?B2, ?B3; auto.
  Qed.

  Lemma neighbours_tails u n : 0 < u -> neighbours es u = tails u 0 (3 * m + 2 + n).
  Proof.
    intros U. rewrite tails_app, <- neighbours_first by auto. unfold m at 1. rewrite firstn_all.
    assert (tails u (0 + (3 * m + 2)) n = []) as ->; [|rewrite app_nil_r; auto].
    unfold tails. assert (filter (fun p => head s p =? u) (seq (0 + (3 * m + 2)) n) = []) as ->; auto.
    assert (forall p, In p (seq (0 + (3 * m + 2)) n) -> (head s p =? u) = false) as K.
    { intros p P. apply in_seq in P. destruct (no_record p) as (-> & _); [lia|]. apply Nat.eqb_neq. lia. }
    revert K. generalize (seq (0 + (3 * m + 2)) n). clear. induction l; simpl; auto. intros H. rewrite H by auto. auto.
  Qed.

  Lemma tails_none u i : (forall j, 0 < j < i -> head s j <> u) -> 0 < u -> tails u 0 i = [].
  Proof.
    intros H U. unfold tails. assert (filter (fun p => head s p =? u) (seq 0 i) = []) as ->; auto.
    assert (forall p, In p (seq 0 i) -> (head s p =? u) = false) as K.
    { intros p P. apply in_seq in P. apply Nat.eqb_neq. destruct p; [|apply H; lia].
      destruct (no_record 0) as (-> & _); lia. }
    revert K. generalize (seq 0 i). clear. induction l; simpl; auto. intros H. rewrite H by auto. auto.
  Qed.
  Lemma tails_last u p n d : head s p = u -> (forall j, p < j < p + S n -> head s j <> u) -> last (tails u 0 (p + S n)) d = tail s p.
  Proof.
    intros P H. rewrite tails_app. simpl (0 + p).
    assert (tails u p (S n) = [tail s p]) as ->; [|apply last_last].
    unfold tails. cbn [seq filter]. rewrite P, Nat.eqb_refl. simpl. f_equal.
    assert (filter (fun p => head s p =? u) (seq (S p) n) = []) as ->; auto.
    assert (forall j, In j (seq (S p) n) -> (head s j =? u) = false) as K.
    { intros j J. apply in_seq in J. apply Nat.eqb_neq, H. lia. }
    revert K. generalize (seq (S p) n). clear. induction l; simpl; auto. intros H. rewrite H by auto. auto.
  Qed.

  (** The last neighbour. *)
  Lemma wrap_is i p : is_wrap s i p -> 3 * m + 1 <= i -> In (num s i) (nodes es) -> tail s p = last (neighbours es (num s i)) 0.
  Proof.
    intros H I N. pose proof (positive _ N) as U. rewrite (neighbours_tails _ (i - (3 * m + 1)) U).
    replace (3 * m + 2 + (i - (3 * m + 1))) with (S i) by lia. symmetry.
    destruct H as [(P & E & L)|(-> & L)].
    - replace (S i) with (p + S (i - p)) by lia. apply tails_last; auto. intros j J. apply L. lia.
    - exfalso. apply in_nodes in N. destruct N as (y & Y). apply in_neighbours in Y.
      rewrite (neighbours_tails _ (i - (3 * m + 1)) U), tails_none in Y; auto. intros j J. apply L. lia.
  Qed.

  (** The next neighbour. *)
  Lemma next_is q p wp : 0 < head s q -> is_pointer s q p -> tail s wp = last (neighbours es (head s q)) 0 ->
    (if negb (p =? 0) then late_tail s p else tail s wp) = next es (head s q) (tail s q).
  Proof.
    intros U H E. unfold next. set (u := head s q) in *.
    assert (neighbours es u = tails u 0 q ++ tail s q :: tails u (q + 1) (3 * m + 2)) as F.
    { rewrite (neighbours_tails u (q + 1) U). replace (3 * m + 2 + (q + 1)) with (q + (1 + (3 * m + 2))) by lia.
      rewrite !tails_app. f_equal. simpl (0 + q). unfold tails at 1. cbn [seq filter]. fold u. rewrite Nat.eqb_refl. auto. }
    pose proof (neighbours_distinct es u is_simple) as D.
    change (before (last (neighbours es u) 0) (neighbours es u) (tail s q)) with
      (before (last (neighbours es u) 0) (neighbours es u) (tail s q)).
    rewrite (turn_at _ D _ _ _ F), <- E. destruct H as [(P & M & L)|(-> & L)].
    - destruct (Nat.eqb_spec p 0); [lia|]. cbn [negb]. rewrite late_tail_is. rewrite late_head_is in M. symmetry.
      replace q with (p - 1 + S (q - p)) at 1 by lia. apply tails_last; auto.
      intros j J. pose proof (L (S j) ltac:(lia)) as X. rewrite late_head_is in X. simpl in X. rewrite Nat.sub_0_r in X. auto.
    - cbn [Nat.eqb negb]. rewrite tails_none; auto.
      intros j J. pose proof (L (S j) ltac:(lia)) as X. rewrite late_head_is in X. simpl in X. rewrite Nat.sub_0_r in X. auto.
  Qed.

  (** The tour. *)
  Lemma num_tour k : num s (3 * m + 2 + k) = nth k w 0.
  Proof.
    unfold num. rewrite word_tour. destruct (le_lt_dec (length w) k) as [H|H].
    - rewrite !nth_overflow by (rewrite ?map_length; auto). auto.
    - rewrite nth_indep with (d' := Name 0) by (rewrite map_length; auto). rewrite map_nth. auto.
  Qed.
  Lemma num_end : num s (3 * m + 1) = 0.
  Proof. unfold num. rewrite word_end. auto. Qed.

  Lemma end_is i p : 3 * m + 1 <= i -> is_end s i p -> p = 3 * m + 1.
  Proof.
    intros I [(P & E & _)|(_ & N)].
    - rewrite ends_is in E. apply Nat.eqb_eq in E. auto.
    - exfalso. apply (N (3 * m + 1)); [lia|]. rewrite ends_is, Nat.eqb_refl. auto.
  Qed.

  Let i := 3 * m + 1 + length w.

  Lemma seen_node_iff x : (exists j, 0 < j <= i /\ in_tour s j /\ num s j = x) <-> In x w.
  Proof.
    split.
    - intros (j & J & H & <-). rewrite in_tour_is in H. replace j with (3 * m + 2 + (j - (3 * m + 2))) by lia.
      rewrite num_tour. apply nth_In. unfold i in J. lia.
    - intros H. destruct (In_nth _ _ 0 H) as (k & K & <-). exists (3 * m + 2 + k). rewrite in_tour_is, num_tour. unfold i. lia.
  Qed.

  Lemma seen_pair_iff a b : 0 < a ->
    (exists j, 0 < j <= i /\ in_tour s j /\ num s (j - 1) = a /\ num s j = b) <-> In (a, b) (pairs w).
  Proof.
    intros A. rewrite in_pairs. split.
    - intros (j & J & H & E & F). rewrite in_tour_is in H. destruct (Nat.eq_dec j (3 * m + 2)) as [->|N].
      + replace (3 * m + 2 - 1) with (3 * m + 1) in E by lia. rewrite num_end in E. lia.
      + exists (j - (3 * m + 3)). replace (j - 1) with (3 * m + 2 + (j - (3 * m + 3))) in E by lia.
        replace j with (3 * m + 2 + S (j - (3 * m + 3))) in F by lia. rewrite num_tour in E, F. unfold i in J.
        rewrite <- E, <- F. split; apply nth_error_nth'; lia.
    - intros (k & E & F). exists (3 * m + 2 + S k).
      assert (S k < length w) by (apply nth_error_Some; congruence).
      rewrite in_tour_is, num_tour. replace (3 * m + 2 + S k - 1) with (3 * m + 2 + k) by lia. rewrite num_tour.
      rewrite (nth_error_nth _ _ 0 E), (nth_error_nth _ _ 0 F). unfold i. repeat split; auto; lia.
  Qed.

  Lemma writes_follow x u end_ se wb sn : num s i = u -> 0 < u -> 0 < x -> is_end s i end_ ->
    is_seen_edge s x i se -> is_way_back s x i wb -> is_seen_node s x i sn ->
    writes x i end_ se wb sn = follow es w u x.
  Proof.
    intros U U0 X0 E SE WB SN. apply end_is in E; [|unfold i; lia]. subst end_.
    unfold is_seen_edge, is_way_back in SE, WB. rewrite U in SE, WB.
    apply latest_bit in SE. apply latest_bit in WB. apply latest_bit in SN.
    rewrite seen_pair_iff in SE by auto. rewrite seen_pair_iff in WB by auto. rewrite seen_node_iff in SN.
    unfold writes, follow. fold m.
    assert ((3 * i =? 5 * (3 * m + 1) + 1) = (length w =? 2 * m + 1)) as ->.
    { unfold i. destruct (Nat.eqb_spec (length w) (2 * m + 1)); [apply Nat.eqb_eq|apply Nat.eqb_neq]; lia. }
    assert (walked (pairs w) u x = (bit se =? 1)) as ->.
    { apply eq_true_iff_eq. rewrite walked_true, Nat.eqb_eq. destruct SE as [(-> & H)|(-> & H)]; intuition discriminate. }
    assert (walked (pairs w) x u = (bit wb =? 1)) as ->.
    { apply eq_true_iff_eq. rewrite walked_true, Nat.eqb_eq. destruct WB as [(-> & H)|(-> & H)]; intuition discriminate. }
    assert (seen w x = (bit sn =? 1)) as ->.
    { apply eq_true_iff_eq. rewrite seen_true, Nat.eqb_eq. destruct SN as [(-> & H)|(-> & H)]; intuition discriminate. }
    destruct SE as [(-> & _)|(-> & _)], WB as [(-> & _)|(-> & _)], SN as [(-> & _)|(-> & _)];
      destruct (length w =? 2 * m + 1); reflexivity.
  Qed.

  Lemma last_nth (l : list edge) d : last l d = nth (length l - 1) l d.
  Proof.
    induction l as [|a l IH]; auto. destruct l as [|b l]; auto.
    change (last (a :: b :: l) d) with (last (b :: l) d). rewrite IH. simpl. rewrite Nat.sub_0_r. auto.
  Qed.

  Hypothesis some : es <> [].
  Let r := snd (last es (0, 0)).

  (** What is written at the end of the prompt. *)
  Lemma first_written pointer wrap record end_ x se wb sn : w = [] ->
    is_record s i record -> is_end s i end_ -> x = following s pointer wrap record i ->
    is_seen_edge s x i se -> is_way_back s x i wb -> is_seen_node s x i sn ->
    writes x i end_ se wb sn = write es w.
  Proof.
    intros W R E X SE WB SN.
    assert (i = 3 * m + 1) as I by (unfold i; rewrite W; simpl; lia).
    assert (0 < m) as M by (unfold m; destruct es; [congruence|simpl; lia]).
    assert (num s (i - 1) = r) as Nr.
    { rewrite I. replace (3 * m + 1 - 1) with (3 * (m - 1) + 3) by lia. unfold num.
      destruct (word_nth (m - 1) ltac:(lia)) as (_ & _ & ->). unfold r. rewrite last_nth. auto. }
    assert (0 < r) as R0 by (apply positive, root_node; auto).
    assert (record = 0) as ->.
    { destruct R as [(_ & (H & T) & _)|(-> & _)]; auto. exfalso. rewrite Nr in T. rewrite I, num_end in H.
      destruct (record_adj record) as [A|(_ & A)]; [apply positive_adj in A|]; lia. }
    unfold following in X. cbn [Nat.eqb negb andb] in X. rewrite ends_is, <- I, Nat.eqb_refl, Nr in X. subst x.
    assert (forall j, 0 < j <= i -> ~ in_tour s j) as None by (intros j J; rewrite in_tour_is; lia).
    assert (forall P p, latest (fun j => in_tour s j /\ P j) i p -> p = 0) as Z.
    { intros P p [(J & (H & _) & _)|(-> & _)]; auto. exfalso. apply (None p J H). }
    apply Z in SE, WB, SN. rewrite SE, WB, SN, W. reflexivity.
  Qed.

  (** And what after a state of the walk. *)
  Lemma later_written W u y pointer wrap record end_ x se wb sn : reach es r W (rev w) u y ->
    (forall j, j <= i -> is_pointer s j (pointer j)) -> is_wrap s i wrap ->
    is_record s i record -> is_end s i end_ -> x = following s pointer wrap record i ->
    is_seen_edge s x i se -> is_way_back s x i wb -> is_seen_node s x i sn ->
    writes x i end_ se wb sn = write es w.
  Proof.
    intros Re P Wr R E X SE WB SN.
    pose proof (root_node es some) as Root.
    pose proof (reach_next_adj es is_simple r Root _ _ _ _ Re) as A.
    pose proof (positive_adj _ _ A) as (U0 & Y0).
    assert (In u (nodes es)) as Un by (apply adj_nodes in A; tauto).
    rewrite <- (rev_involutive w), (reach_write es _ _ _ _ Re), rev_involutive.
    assert (num s i = u) as U.
    { destruct (reach_shape es _ _ _ _ Re) as [(F & -> & _)|(v & T' & F & _)]; apply (f_equal (@rev nat)) in F;
        rewrite rev_involutive in F; simpl in F; unfold i; rewrite F, ?app_length.
      - simpl length. replace (3 * m + 1 + 1) with (3 * m + 2 + 0) by lia. rewrite num_tour, F. auto.
      - simpl length.
        replace (3 * m + 1 + (length (rev T') + 1 + 1)) with (3 * m + 2 + length (rev T' ++ [v])) by (rewrite app_length; simpl; lia).
        rewrite num_tour, F, app_nth2 by lia. rewrite Nat.sub_diag. auto. }
    assert (x = y) as ->; [|apply writes_follow; auto].
    rewrite X. clear X SE WB SN. unfold following.
    assert (0 < length w) as L0.
    { apply reach_length in Re. rewrite rev_length in Re. lia. }
    assert (ends s i = false) as -> by (rewrite ends_is; apply Nat.eqb_neq; unfold i; lia).
    assert (tail s wrap = last (neighbours es u) 0) as Wt.
    { rewrite <- U at 1. rewrite <- U in Un. apply wrap_is; auto. unfold i. lia. }
    destruct (reach_shape es _ _ _ _ Re) as [(F & Ur & Y)|(v & T' & F & Y)].
    - assert (record = 0) as ->.
      { destruct R as [(_ & (H & T) & _)|(-> & _)]; auto. exfalso.
        apply (f_equal (@length nat)) in F. rewrite rev_length in F. simpl in F.
        replace (i - 1) with (3 * m + 1) in T by (unfold i; lia). rewrite num_end in T.
        destruct (record_adj record) as [B|(B & _)]; [apply positive_adj in B|]; lia. }
      cbn [Nat.eqb negb andb]. rewrite Wt, Y, Ur. auto.
    - assert (adj es u v) as V.
      { apply adj_sym. rewrite F in Re. exact (reach_two es r _ _ _ _ _ is_simple Root Re). }
      assert (num s (i - 1) = v) as Nv.
      { apply (f_equal (@rev nat)) in F. rewrite rev_involutive in F. simpl in F. rewrite <- app_assoc in F. simpl in F.
        unfold i. rewrite F, app_length. simpl length.
        replace (3 * m + 1 + (length (rev T') + 2) - 1) with (3 * m + 2 + length (rev T')) by lia.
        rewrite num_tour, F, app_nth2 by lia. rewrite Nat.sub_diag. auto. }
      assert (exists p, 0 < p <= i /\ head s p = u /\ tail s p = v) as (p & Pp & Hp & Tp).
      { apply in_neighbours in V. rewrite (neighbours_tails u (length w) U0) in V. unfold tails in V.
        apply in_map_iff in V. destruct V as (p & Tp & V). apply filter_In in V. destruct V as (Q & Hp).
        apply Nat.eqb_eq in Hp. apply in_seq in Q. exists p. repeat split; auto; [|unfold i; lia].
        destruct p; [|lia]. exfalso. destruct (no_record 0) as (Z & _); [lia|]. lia. }
      rewrite <- U in Hp. rewrite <- Nv in Tp.
      destruct R as [(J & (H & T) & _)|(_ & None)]; [|exfalso; apply (None p Pp); auto].
      destruct (Nat.eqb_spec record 0) as [|_]; [lia|]. cbn [negb andb].
      rewrite U in H. rewrite Nv in T.
      pose proof (next_is record (pointer record) wrap) as Nx. rewrite H, T in Nx. rewrite Y. apply Nx; auto. apply P. lia.
  Qed.
End Words.

(** Every state of the walk was come to through states. *)
Lemma reach_prefix es r W T u x : reach es r W T u x -> forall t1 t2, T = t1 ++ t2 -> t2 <> [] ->
  exists W' u' x', reach es r W' t2 u' x'.
Proof.
  induction 1 as [|W T u x R IH N B]; intros t1 t2 E Ne.
  - destruct t1 as [|a t1]; simpl in E; [subst t2; do 3 eexists; constructor|].
    injection E as _ E. destruct t1; [simpl in E; congruence|discriminate].
  - destruct t1 as [|a t1]; simpl in E; [subst t2; do 3 eexists; constructor; eauto|].
    injection E as _ E. eauto.
Qed.

(** For every graph and at every token, whatever the heads pick, if each picks the latest match: the token written is
    the next one of the tour. *)
Theorem wiring_writes_tour es : simple es -> es <> [] -> (forall v, In v (nodes es) -> 0 < v) ->
  exists w b, tour es = map Node w ++ [Answer b] /\ (b = true <-> tree es) /\
    S (length w) <= 2 * length (nodes es) /\
    forall k, k <= length w ->
    let s := word es (firstn k w) in let i := 3 * length es + 1 + k in
    forall pointer wrap record end_ seen_edge way_back seen_node,
      (forall j, j <= i -> is_pointer s j (pointer j)) -> is_wrap s i wrap -> is_end s i end_ -> is_record s i record ->
      let x := following s pointer wrap record i in
      is_seen_edge s x i seen_edge -> is_way_back s x i way_back -> is_seen_node s x i seen_node ->
      writes x i end_ seen_edge way_back seen_node = nth k (tour es) (Node 0).
Proof.
  intros Si So Po.
  destruct (tour_ends es Si So) as (w & b & W & u & y & E & R & K).
  destruct (tour_correct es Si So) as (w0 & b0 & E0 & L0 & T0).
  destruct (tour_written es Si So) as (w1 & b1 & E1 & N1).
  assert (forall w' b', map Node w ++ [Answer b] = map Node w' ++ [Answer b'] -> w = w' /\ b = b') as Inj.
  { clear. induction w as [|a w IH]; intros [|a' w'] b' H; simpl in H.
    - injection H as ->. auto.
    - discriminate.
    - discriminate.
    - injection H as -> H. apply IH in H. destruct H as (-> & ->). auto. }
  destruct (Inj w0 b0) as (<- & <-); [congruence|]. destruct (Inj w1 b1) as (<- & <-); [congruence|].
  exists w, b. split; [exact E|]. split; [exact T0|]. split.
  { rewrite E, app_length, map_length in L0. simpl in L0. lia. }
  intros k Hk. cbv zeta. rewrite <- (N1 k Hk). clear N1.
  intros pointer wrap record end_ se wb sn P Wr En Re SE WB SN.
  assert (length (firstn k w) = k) as Lk by (apply firstn_length_le; auto).
  destruct k as [|k].
  - eapply (first_written es (firstn 0 w)); eauto.
  - destruct (reach_prefix es _ _ _ _ _ R (rev (skipn (S k) w)) (rev (firstn (S k) w))) as (W' & u' & x' & R').
    + rewrite <- rev_app_distr, firstn_skipn. auto.
    + destruct w; [simpl in Hk; lia|]. simpl. intros Z. apply app_eq_nil in Z. destruct Z. discriminate.
    + pose proof (later_written es (firstn (S k) w) Si Po So W' u' x') as Z. cbv zeta in Z. rewrite Lk in Z.
      eapply Z; eauto.
Qed.
