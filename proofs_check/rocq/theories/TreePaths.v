(** A third definition of a tree: between any two nodes is exactly one path without repetition. *)
From Coq Require Import List Lia Arith Bool.
From RetrievalGap Require Import StatementsMachines Graphs EulerTour.
Import ListNotations.

Lemma path_step es u x l v : path es u (x :: l) v -> adj es u x /\ path es x l v /\ ~ In u (x :: l).
Proof.
  intros (D & (A & L) & E). inversion D. repeat split; auto. rewrite <- E.
  change (last (x :: l) x = last (x :: l) u). apply last_default. congruence.
Qed.

Lemma path_end es u l v : path es u l v -> In v (u :: l).
Proof. intros (_ & _ & <-). apply last_in. congruence. Qed.

Lemma path_loop es u l : path es u l u -> l = [].
Proof.
  destruct l as [|x l]; auto. intros P. exfalso. apply path_step in P. destruct P as (_ & P & N).
  apply path_end in P. auto.
Qed.

(** A path that does not come to u does without the edges at u. *)
Lemma path_apart es es' u x l v : (forall a b, a <> u -> b <> u -> adj es a b -> adj es' a b) ->
  ~ In u (x :: l) -> path es x l v -> joined es' x v.
Proof.
  intros H N (_ & L & <-). apply linked_joined. eapply linked_weaken; [|exact L].
  intros a b A B. apply H; intros ->; auto.
Qed.

Lemma paths_meet es v : simple es -> (forall c, ~ cycle es c) ->
  forall l l' u, path es u l v -> path es u l' v -> l = l'.
Proof.
  intros S H. induction l as [|x l IH]; intros l' u P Q.
  - assert (u = v) as -> by apply P. apply path_loop in Q. auto.
  - destruct l' as [|y l'].
    + assert (u = v) as -> by apply Q. apply path_loop in P. auto.
    + apply path_step in P. apply path_step in Q. destruct P as (A & P & NP), Q as (B & Q & NQ).
      destruct (Nat.eq_dec x y) as [<-|N]; [f_equal; eapply IH; eauto|]. exfalso.
      destruct (edge_split _ _ _ A) as (l1 & p & q & l2 & -> & PQ).
      assert (forall a b, adj (l1 ++ (p, q) :: l2) a b -> ~ (a = u /\ b = x) -> ~ (a = x /\ b = u) -> adj (l1 ++ l2) a b) as K.
      { intros a b X H1 H2. eapply adj_drop; eauto; intros (-> & ->); destruct PQ as [(-> & ->)|(-> & ->)]; tauto. }
      assert (forall a b, a <> u -> b <> u -> adj (l1 ++ (p, q) :: l2) a b -> adj (l1 ++ l2) a b) as K'.
      { intros a b H1 H2 X. apply K; tauto. }
      assert (joined (l1 ++ l2) u x) as J.
      { apply joined_trans with v; [|apply joined_sym; eapply path_apart; eauto].
        eapply across; [apply K; [exact B| |]|eapply path_apart; eauto]; intros (H1 & H2).
        - congruence.
        - apply NP. left. auto. }
      destruct (cycle_of l1 p q l2 S) as (c & C); [|apply (H c C)].
      destruct PQ as [(-> & ->)|(-> & ->)]; auto. apply joined_sym. auto.
Qed.

Theorem tree_paths es : simple es ->
  (tree es <-> forall u v, In u (nodes es) -> In v (nodes es) -> exists! l, path es u l v).
Proof.
  intros S. split.
  - intros (C & H) u v U V. destruct (joined_path _ _ _ (C u v U V)) as (l & P). exists l. split; [exact P|].
    intros l' Q. eapply paths_meet; eauto.
  - intros H. split.
    + intros u v U V. destruct (H u v U V) as (l & (_ & L & <-) & _). apply linked_joined. auto.
    + intros c (D & N & L & A). destruct c as [|a [|b [|d c]]]; simpl in N; try lia. clear N.
      set (z := last (a :: b :: d :: c) 0) in *. simpl hd in A.
      destruct (H a z) as (l & _ & U); [apply adj_nodes in A; tauto|apply adj_nodes in A; tauto|].
      assert (l = b :: d :: c) as E1.
      { apply U. repeat split; auto; try apply L. unfold z. apply last_default. congruence. }
      assert (l = [z]) as E2.
      { apply U. repeat split; [|apply adj_sym; auto]. constructor; [|constructor; [simpl; tauto|constructor]].
        intros [E|[]]. inversion D as [|? ? X _]. apply X. rewrite <- E. unfold z.
        change (In (last (b :: d :: c) 0) (b :: d :: c)). apply last_in. congruence. }
      congruence.
Qed.

Theorem tree_definitions : statement_tree_definitions.
Proof. intros es S H. split; [apply tree_count; auto|]. split; [apply tree_bridges; auto|apply tree_paths; auto]. Qed.
Print Assumptions tree_definitions.
