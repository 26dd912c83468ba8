(** The transcript token by token: what is written next, from what is written so far and the records of the prompt. *)
From Coq Require Import ZArith List Lia Arith Bool Permutation.
From RetrievalGap Require Import StatementsMachines Graphs EulerTour.
Import ListNotations.
Local Open Scope nat_scope.

(** What is written after the nodes w. *)
Definition follow (es : list edge) (w : list nat) (u x : nat) : out :=
  if walked (pairs w) u x then Answer (length w =? 2 * length es + 1)
  else if seen w x && negb (walked (pairs w) x u) then Answer false
  else Node x.
Definition write (es : list edge) (w : list nat) : out :=
  match rev w with
  | [] => Node (snd (last es (0, 0)))
  | [u] => follow es w u (last (neighbours es u) 0)
  | u :: v :: _ => follow es w u (next es u v)
  end.

Lemma pairs_snoc l a b : pairs (l ++ [a; b]) = pairs (l ++ [a]) ++ [(a, b)].
Proof. induction l as [|c [|d l] IH]; auto. simpl in *. rewrite IH. auto. Qed.

Lemma in_pairs l a b : In (a, b) (pairs l) <-> exists i, nth_error l i = Some a /\ nth_error l (S i) = Some b.
Proof.
  induction l as [|c l IH]; [simpl; split; [tauto|intros ([|i] & H & _); discriminate]|].
  destruct l as [|d l].
  - simpl. split; [tauto|]. intros ([|[|i]] & _ & H); discriminate.
  - change (pairs (c :: d :: l)) with ((c, d) :: pairs (d :: l)). simpl In. rewrite IH. split.
    + intros [E|(i & H)]; [injection E as -> ->; exists 0; auto|exists (S i); auto].
    + intros ([|i] & H1 & H2); [left; simpl in *; congruence|right; eauto].
Qed.

Section Steps.
  Variable es : list edge.
  Hypothesis is_simple : simple es.
  Hypothesis some : es <> [].
  Let r := snd (last es (0, 0)).

  Lemma reach_shape W T u x : reach es r W T u x ->
    (T = [r] /\ u = r /\ x = last (neighbours es r) 0) \/ exists v T', T = u :: v :: T' /\ x = next es u v.
  Proof.
    destruct 1 as [|W T u x R]; [left; auto|]. right. exists u, (tl T). split; auto.
    destruct R; auto.
  Qed.

  Lemma reach_pairs W T u x : reach es r W T u x -> pairs (rev T) = rev W.
  Proof.
    induction 1 as [|W T u x R IH]; auto. destruct R as [|W T v u R]; auto.
    simpl rev in *. rewrite <- IH, <- app_assoc. apply pairs_snoc.
  Qed.

  Lemma walked_rev W a b : walked (rev W) a b = walked W a b.
  Proof. apply eq_true_iff_eq. rewrite !walked_true. symmetry. apply in_rev. Qed.
  Lemma seen_rev T a : seen (rev T) a = seen T a.
  Proof. apply eq_true_iff_eq. rewrite !seen_true. symmetry. apply in_rev. Qed.

  Lemma reach_write W T u x : reach es r W T u x -> write es (rev T) = follow es (rev T) u x.
  Proof.
    intros R. unfold write. rewrite rev_involutive.
    destruct (reach_shape _ _ _ _ R) as [(-> & -> & ->)|(v & T' & -> & ->)]; auto.
  Qed.

  Lemma go_steps : forall fuel W T u x, reach es r W T u x -> 2 * length (nodes es) <= fuel + length W + 1 ->
    exists w b, go es fuel W T u x = map Node w ++ [Answer b] /\
      (forall k, k <= length w -> write es (rev T ++ firstn k w) = nth k (go es fuel W T u x) (Node 0)).
  Proof.
    induction fuel as [|fuel IH]; intros W T u x R F.
    - exfalso. pose proof (reach_bound es is_simple r (root_node es some) _ _ _ _ R). lia.
    - pose proof (reach_write _ _ _ _ R) as Wr. unfold follow in Wr.
      rewrite (reach_pairs _ _ _ _ R), !walked_rev, seen_rev, rev_length in Wr. cbn [go].
      destruct (walked W u x) eqn:E1; [|destruct (seen T x && negb (walked W x u)) eqn:E2].
      + exists [], (length T =? 2 * length es + 1). split; [reflexivity|]. intros k K. simpl in K.
        replace k with 0 by lia. simpl firstn. rewrite app_nil_r. exact Wr.
      + exists [], false. split; [reflexivity|]. intros k K. simpl in K.
        replace k with 0 by lia. simpl firstn. rewrite app_nil_r. exact Wr.
      + destruct (IH ((u, x) :: W) (x :: T) x (next es x u)) as (w & b & G & H).
        * constructor; auto; [rewrite <- walked_true; congruence|].
          intros X. apply seen_true in X. rewrite X in E2. simpl in E2.
          apply negb_false_iff, walked_true in E2. auto.
        * simpl. lia.
        * exists (x :: w), b. rewrite G. split; auto. intros [|k] K.
          -- simpl firstn. rewrite app_nil_r. exact Wr.
          -- simpl in K. cbn [firstn nth]. rewrite <- G, <- H by lia. simpl rev. rewrite <- app_assoc. auto.
  Qed.

  (** Every token of the tour is what is written after those before it. *)
  Theorem tour_written : exists w b, tour es = map Node w ++ [Answer b] /\
    forall k, k <= length w -> write es (firstn k w) = nth k (tour es) (Node 0).
  Proof.
    assert (tour es = Node r :: go es (2 * length (nodes es) - 1) [] [r] r (last (neighbours es r) 0)) as E.
    { unfold tour, r. destruct es; [congruence|reflexivity]. }
    destruct (go_steps (2 * length (nodes es) - 1) [] [r] r (last (neighbours es r) 0)) as (w & b & G & H);
      [constructor|simpl; lia|].
    exists (r :: w), b. rewrite E. split; [rewrite G; auto|]. intros [|k] K; [reflexivity|].
    simpl in K. cbn [firstn nth]. rewrite <- H by lia. auto.
  Qed.

  (** A walk that is closed and complete takes each edge once in each direction. *)
  Lemma closed_is_euler w W u x : reach es r W (rev w) u x -> In (u, x) W -> length w = 2 * length es + 1 -> Permutation (pairs w) (steps es) /\ last w 0 = hd 0 w.
  Proof.
    intros R I L. pose proof (root_node es some) as N. pose proof (reach_pairs _ _ _ _ R) as P. rewrite rev_involutive in P. split.
    - rewrite P. apply Permutation_trans with W; [apply Permutation_sym, Permutation_rev|].
      apply NoDup_Permutation_bis; [eapply reach_distinct; eauto| |eapply closed_steps; eauto].
      rewrite steps_length. pose proof (reach_length _ _ _ _ _ _ R) as Q. rewrite rev_length in Q. lia.
    - destruct (repeated_is_first es is_simple _ N _ _ _ _ R I) as (U & _). assert (exists t, rev w = u :: t) as (t & F) by (destruct R; eauto).
      assert (exists t', rev w = t' ++ [r]) as (t' & F').
      { clear - R. induction R as [|W T u x R (t' & E) _ _]; [exists []; reflexivity|exists (x :: t'); rewrite E; reflexivity]. }
      rewrite <- (rev_involutive w). rewrite F' at 2. rewrite F, rev_app_distr. cbn [rev app hd]. rewrite last_last. exact U.
  Qed.
  (** The transcript of a tree is an Euler tour: a closed walk with each edge once in each direction. *)
  Theorem tour_is_euler : tree es -> exists w, tour es = map Node w ++ [Answer true] /\
    Permutation (pairs w) (steps es) /\ last w 0 = hd 0 w.
  Proof.
    intros T. destruct (tour_ends es is_simple some) as (w & b & W & u & x & E & R & K).
    destruct (ending_right _ _ _ _ _ _ _ is_simple (root_node es some) R K) as (_ & Z). specialize (Z T). subst b. exists w. split; auto.
    destruct K as [(I & L)|(_ & _ & _ & L)]; [|discriminate]. symmetry in L. apply Nat.eqb_eq in L. rewrite rev_length in L. apply (closed_is_euler w W u x); auto.
  Qed.
End Steps.

Lemma out_inj : forall w w' b b', map Node w ++ [Answer b] = map Node w' ++ [Answer b'] -> w = w' /\ b = b'.
Proof.
  induction w as [|a w IH]; intros [|a' w'] b b' H; simpl in H; try discriminate.
  - injection H as ->. auto.
  - injection H as -> H. apply IH in H. destruct H as (-> & ->). auto.
Qed.

(** How many edges and nodes there are. *)
Lemma edges_bound es : simple es -> (2 * length es <= length (nodes es) * length (nodes es))%nat.
Proof.
  intros S. rewrite <- steps_length, <- prod_length. apply NoDup_incl_length; [apply steps_distinct; auto|].
  intros (a, b) H. apply in_steps, adj_nodes in H. apply in_prod; tauto.
Qed.
(** Nodes 1 .. n: at least the two of an edge, and at most n. *)
Lemma nodes_few n es : simple es -> es <> [] -> (forall v, In v (nodes es) -> 1 <= Z.of_nat v <= n)%Z -> (2 <= Z.of_nat (length (nodes es)) <= n)%Z.
Proof.
  intros Si So Range. pose proof (root_node es So) as Root.
  split.
  - pose proof Root as Root'. apply in_nodes in Root'. destruct Root' as (u & A). pose proof (adj_nodes _ _ _ A) as (N1 & N2).
    set (r := snd (last es (0, 0)%nat)) in *. assert (incl [r; u] (nodes es)) as I by (intros v [<-|[<-|[]]]; auto).
    apply NoDup_incl_length in I; [simpl in I; lia|]. constructor; [|repeat constructor; auto].
    intros [U|[]]. rewrite U in A. apply (simple_loop es r Si A).
  - assert (incl (nodes es) (seq 1 (Z.to_nat n))) as I by (intros v V; apply Range in V; apply in_seq; lia).
    apply NoDup_incl_length in I; [|apply nodes_distinct]. rewrite seq_length in I. apply Range in Root. lia.
Qed.
