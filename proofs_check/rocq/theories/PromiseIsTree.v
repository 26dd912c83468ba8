(** IsTree on simple graphs without isolated nodes: q^(n-1-2q) states at least, still about n log n bits. *)
From Coq Require Import List Lia Arith.
From RetrievalGap Require Import StatementsLower Machines Trees Partitions LowerIsTree.
Import ListNotations.

(** ** Partitions of the nodes 1 .. n-1 into q blocks, each of two nodes at least *)

(** Nodes 1 .. q lead, q + i is led by i, and every other node by any of 1 .. q. *)
Fixpoint fixed (q i : nat) : list nat := match i with O => rev (seq 1 q) | S j => S j :: fixed q j end.
Fixpoint free (q d : nat) : list (list nat) :=
  match d with O => [fixed q q] | S d' => flat_map (fun f => map (fun r => r :: f) (seq 1 q)) (free q d') end.

Lemma leaders_alone : forall q, length (rev (seq 1 q)) = q /\ good (rev (seq 1 q)) /\ roots (rev (seq 1 q)) = rev (seq 1 q) /\
  forall v, node q v -> leader (rev (seq 1 q)) v = v.
Proof.
  unfold node. induction q as [|q (L & G & R & V)]; [simpl; repeat split; auto; lia|].
  rewrite seq_S, rev_app_distr. change (rev [1 + q] ++ rev (seq 1 q)) with (S q :: rev (seq 1 q)).
  cbn [length good roots leader]. rewrite L, Nat.eqb_refl, R. repeat split; auto. intros v Hv.
  destruct (Nat.eqb_spec v (S q)); auto. apply V. lia.
Qed.

(** What all of them have in common. *)
Definition fits (q : nat) (f : list nat) : Prop :=
  good f /\ (forall r, node q r -> In r (roots f)) /\ (forall r, In r (roots f) -> node q r).

Lemma fits_more q f r : node q r -> fits q f -> fits q (r :: f) /\ roots (r :: f) = roots f.
Proof.
  intros N (G & A & B). pose proof (roots_bounds f r G (A r N)) as L. unfold node in L.
  assert (roots (r :: f) = roots f) as E by (simpl; destruct (Nat.eqb_spec r (S (length f))); [lia|auto]).
  unfold fits. rewrite E. repeat split; auto; simpl; auto; apply B; auto.
Qed.

Lemma leader_tail r f v : v <= length f -> leader (r :: f) v = leader f v.
Proof. intros H. simpl. destruct (Nat.eqb_spec v (S (length f))); [lia|auto]. Qed.

Lemma fixed_spec q : forall i, i <= q -> length (fixed q i) = q + i /\ fits q (fixed q i) /\
  forall r, 1 <= r <= i -> leader (fixed q i) (q + r) = r.
Proof.
  induction i; intros I.
  - destruct (leaders_alone q) as (L & G & R & _). simpl. rewrite L. repeat split; auto; try lia; rewrite R in *.
    + intros r N. apply -> in_rev. apply in_seq. unfold node in N. lia.
    + apply in_rev, in_seq in H. lia.
    + apply in_rev, in_seq in H. lia.
  - destruct IHi as (L & F & V); [lia|]. cbn [fixed]. split; [simpl; lia|]. split.
    + apply fits_more; auto. unfold node. lia.
    + intros r R. destruct (Nat.eq_dec r (S i)) as [->|D].
      * simpl. rewrite L, <- plus_n_Sm, Nat.eqb_refl. auto.
      * rewrite leader_tail by lia. apply V. lia.
Qed.

Lemma free_spec q : forall d f, In f (free q d) -> length f = q + q + d /\ fits q f /\
  forall r, node q r -> leader f (q + r) = r.
Proof.
  induction d; intros f H; simpl in H.
  - destruct H as [<-|[]]. destruct (fixed_spec q q (le_n q)) as (L & F & V). rewrite Nat.add_0_r. auto.
  - apply in_flat_map in H. destruct H as (g & H & I). apply in_map_iff in I. destruct I as (r & <- & R). apply in_seq in R.
    apply IHd in H. destruct H as (L & F & V). split; [simpl; lia|]. split; [apply fits_more; auto; unfold node; lia|].
    intros x X. rewrite leader_tail by (unfold node in X; lia). auto.
Qed.

Lemma length_free q d : length (free q d) = q ^ d.
Proof.
  induction d; auto. simpl. rewrite (length_flat_map _ q), IHd; auto. intros f _. rewrite map_length, seq_length. auto.
Qed.
Lemma NoDup_free q : forall d, NoDup (free q d).
Proof.
  induction d; simpl; [repeat constructor; auto|]. apply NoDup_flat_map; auto.
  - intros f _. apply NoDup_map_on; [apply seq_NoDup|congruence].
  - intros f g h _ _ H H'. apply in_map_iff in H, H'. destruct H as (r & <- & _), H' as (r' & E & _). congruence.
Qed.

(** ** The query: from node n, which is alone, to each block of f, to v and to x in theirs *)

Definition pick (f : list nat) (v x r : nat) : nat :=
  if r =? leader f v then v else if r =? leader f x then x else r.
Definition rays (f : list nat) (v x : nat) : list edge := map (fun r => (S (length f), pick f v x r)) (roots f).

Lemma forest_has : forall f u, good f -> node (length f) u -> leader f u <> u -> In (u, leader f u) (forest f).
Proof.
  unfold node. induction f as [|r f IH]; simpl; intros u G U D; [lia|]. destruct G as (G & X).
  destruct (Nat.eqb_spec u (S (length f))) as [->|N].
  - destruct (Nat.eqb_spec r (S (length f))); [congruence|left; auto].
  - assert (In (u, leader f u) (forest f)) by (apply IH; auto; lia). destruct (r =? S (length f)); simpl; auto.
Qed.

Lemma normal_forest : forall f, good f -> NoDup (map normal (forest f)).
Proof.
  induction f as [|r f IH]; simpl; intros G; [constructor|]. destruct G as (G & X).
  destruct (r =? S (length f)); auto. cbn [map]. constructor; auto. rewrite in_map_iff. intros ((u, v) & E & I).
  apply in_forest in I; auto. destruct I as (U & -> & _). destruct (leader_root f u G U) as (_ & L).
  unfold node in U. unfold normal in E. cbn [fst snd] in E. apply pair_equal_spec in E. destruct E as (E1 & E2). lia.
Qed.

Section Rays.
  Variables (f : list nat) (v x : nat).
  Hypotheses (G : good f) (V : node (length f) v) (X : node (length f) x) (D : leader f v <> leader f x).
  Let n := S (length f).

  Lemma pick_spec r : In r (roots f) -> node (length f) (pick f v x r) /\ leader f (pick f v x r) = r.
  Proof.
    intros R. apply in_roots in R; auto. unfold pick.
    destruct (Nat.eqb_spec r (leader f v)); auto. destruct (Nat.eqb_spec r (leader f x)); auto.
  Qed.

  Lemma has_v : In (n, v) (rays f v x).
  Proof.
    apply in_map_iff. exists (leader f v). split; [|apply leader_root; auto]. unfold pick. rewrite Nat.eqb_refl. auto.
  Qed.
  Lemma has_x : In (n, x) (rays f v x).
  Proof.
    apply in_map_iff. exists (leader f x). split; [|apply leader_root; auto]. unfold pick. rewrite Nat.eqb_refl.
    destruct (Nat.eqb_spec (leader f x) (leader f v)); [congruence|auto].
  Qed.

  Lemma in_rays a b : In (a, b) (rays f v x) -> a = n /\ node (length f) b.
  Proof.
    intros I. apply in_map_iff in I. destruct I as (r & E & R). injection E as <- <-. split; auto. apply pick_spec; auto.
  Qed.

  Lemma edges_rays : edges n (rays f v x).
  Proof. intros a b I. apply in_rays in I. unfold node, n in *. lia. Qed.

  Lemma normal_rays : NoDup (map normal (rays f v x)).
  Proof.
    unfold rays. rewrite map_map. apply NoDup_map_on; [apply NoDup_roots; auto|]. intros r r' R R' E.
    destruct (pick_spec r R) as (N & L), (pick_spec r' R') as (N' & L').
    unfold normal, node in *. cbn [fst snd] in E. apply pair_equal_spec in E. destruct E as (E1 & E2).
    assert (pick f v x r = pick f v x r') as P by lia. congruence.
  Qed.

  Lemma rays_complete : is_tree n (forest f ++ rays f v x).
  Proof.
    assert (edges n (forest f)) as EF by (intros a b I; apply edges_forest in I; auto; unfold node, n in *; lia).
    apply is_tree_count; [unfold n; lia|apply edges_app; split; auto using edges_rays|]. split.
    - assert (forall u, node n u -> joined (forest f ++ rays f v x) n u) as All.
      { intros u U. destruct (Nat.eq_dec u n) as [->|N]; [constructor|].
        assert (node (length f) u) as U' by (unfold node, n in *; lia). destruct (leader_root f u G U') as (R & _).
        destruct (pick_spec _ R) as (P & L). apply joined_trans with (pick f v x (leader f u)).
        - apply joined_edge, in_app_iff. right. apply in_map_iff. eauto.
        - apply joined_incl with (forest f); [apply incl_appl, incl_refl|]. apply tied_together; auto. }
      intros a b A B. apply joined_trans with n; auto. apply joined_sym. auto.
    - rewrite app_length. unfold rays. rewrite map_length. pose proof (length_forest f). unfold n. lia.
  Qed.
End Rays.

Lemma rays_break f g v x : good f -> good g -> length g = length f -> node (length f) v -> node (length f) x ->
  leader f v <> leader f x -> leader g v = leader g x -> ~ is_tree (S (length f)) (forest g ++ rays f v x).
Proof.
  intros F G L V X D E (_ & A). destruct (in_split _ _ (has_x f v x F X D)) as (l & r & S_).
  apply (A (forest g ++ l) (S (length f)) x r); [rewrite S_, <- app_assoc; auto|].
  apply joined_trans with v.
  - apply joined_edge. rewrite !in_app_iff. pose proof (has_v f v x F V) as H. rewrite S_ in H. apply in_app_iff in H.
    destruct H as [H|[H|H]]; auto. injection H as ->. congruence.
  - apply joined_incl with (forest g); [rewrite <- app_assoc; apply incl_appl, incl_refl|]. apply tied_together; congruence.
Qed.

(** The query is legal after every prefix of the family. *)
Lemma rays_legal q f g v x : fits q f -> fits q g -> length g = length f -> 2 * q <= length f ->
  (forall r, node q r -> leader g (q + r) = r) -> node (length f) v -> node (length f) x ->
  leader f v <> leader f x -> legal (istree_promise (S (length f))) (text (forest g)) (Ask :: text (rays f v x)).
Proof.
  intros (F & _) (G & _ & B) L Q P V X D. exists (rays f v x). split; auto. rewrite edges_of_text. split; [split|].
  - apply edges_app. split; [|apply edges_rays; auto]. intros a b I. apply edges_forest in I; auto. unfold node in *. lia.
  - rewrite map_app. apply NoDup_app_disjoint; [apply normal_forest; auto|apply normal_rays; auto|].
    intros e I J. apply in_map_iff in I, J. destruct I as ((a, b) & <- & I), J as ((c, d) & E & J).
    apply edges_forest in I; auto. apply in_rays in J; auto. unfold node in *. destruct J as (-> & J).
    unfold normal in E. cbn [fst snd] in E. apply pair_equal_spec in E. destruct E as (E1 & E2). lia.
  - intros u U. destruct (Nat.eq_dec u (S (length f))) as [->|N].
    { exists v. right. apply in_app_iff. right. apply has_v; auto. }
    assert (node (length g) u) as U' by (unfold node in *; lia).
    destruct (Nat.eq_dec (leader g u) u) as [R|R].
    + assert (node q u) as K by (apply B, in_roots; auto). exists (q + u). left. apply in_app_iff. left.
      rewrite <- (P u K) at 2. apply forest_has; auto; [|rewrite (P u K)]; unfold node in *; lia.
    + exists (leader g u). right. apply in_app_iff. left. apply forest_has; auto.
Qed.

Definition promised (q d : nat) : list (list token) := map (fun f => text (forest f)) (free q d).

Lemma promise_fooling q d : fooling (istree_promise (S (q + q + d))) (promised q d).
Proof.
  split; [|split].
  - apply NoDup_map_on; [apply NoDup_free|]. intros f g F G. apply free_spec in F, G.
    destruct F as (L & (F & _) & _), G as (L' & (G & _) & _). apply text_of_forest_injective; congruence.
  - intros w W. apply in_map_iff in W. destruct W as (f & <- & F). apply free_spec in F. destruct F as (L & (G & _) & _).
    exists (forest f). split; auto. split; [|apply normal_forest; auto].
    intros a b I. apply edges_forest in I; auto. unfold node in *. lia.
  - assert (forall f g v x, In f (free q d) -> In g (free q d) -> node (length f) v -> node (length f) x ->
      leader f v <> leader f x -> leader g v = leader g x ->
      apart (istree_promise (S (q + q + d))) (text (forest f)) (text (forest g))) as One.
    { intros f g v x If Ig V X D E. apply free_spec in If, Ig. destruct If as (L & F & P), Ig as (L' & G & P').
      assert (length g = length f) as LL by congruence. rewrite <- L. exists (Ask :: text (rays f v x)).
      split; [apply rays_legal with q; auto; lia|]. split; [apply rays_legal with q; auto; lia|].
      cbn [right istree_promise]. rewrite !edges_of_both. destruct F as (F & _), G as (G & _).
      assert (forall h, good h -> length h = length f -> edges (S (length f)) (forest h ++ rays f v x)) as Ed.
      { intros h H Lh. apply edges_app. split; [|apply edges_rays; auto]. intros a b I.
        apply edges_forest in I; auto. unfold node in *. lia. }
      assert (tree (S (length f)) (forest f ++ rays f v x) = true) as ->.
      { apply tree_decides; [lia|auto|apply rays_complete; auto]. }
      destruct (tree (S (length f)) (forest g ++ rays f v x)) eqn:T; [|discriminate].
      apply tree_decides in T; [|lia|auto]. exfalso. revert T. apply rays_break; auto. }
    intros w w' W W' N. apply in_map_iff in W, W'. destruct W as (f & <- & If), W' as (g & <- & Ig).
    destruct (free_spec _ _ _ If) as (L & (F & _) & _), (free_spec _ _ _ Ig) as (L' & (G & _) & _).
    destruct (together_apart f g) as (v & x & V & X & [(E & D)|(E & D)]); auto; try congruence.
    + apply apart_sym. apply One with v x; auto; congruence.
    + apply One with v x; auto.
Qed.

Theorem istree_promise_states : statement_istree_promise_states.
Proof.
  intros n q Q. rewrite <- length_free, <- (map_length (fun f => text (forest f))).
  apply (fooling_needs _ _ (3 * (n - 1 - q))).
  - replace n with (S (q + q + (n - 1 - 2 * q))) at 1 by lia. apply promise_fooling.
  - intros w W. apply in_map_iff in W. destruct W as (f & <- & F). apply free_spec in F. destruct F as (L & (G & A & B) & _).
    rewrite length_text. pose proof (length_forest f).
    assert (length (roots f) = q); [|lia]. apply Nat.le_antisymm.
    + rewrite <- (seq_length q 1). apply NoDup_incl_length; [apply NoDup_roots; auto|]. intros r R. apply in_seq.
      apply B in R. unfold node in R. lia.
    + rewrite <- (seq_length q 1) at 1. apply NoDup_incl_length; [apply seq_NoDup|]. intros r R. apply A.
      apply in_seq in R. unfold node. lia.
Qed.

Theorem istree_promise_fails : statement_istree_promise_fails.
Proof.
  apply (too_few n_log_n _ (fun n => (n / 4) ^ (n - 1 - 2 * (n / 4))) 8). exists 24. intros n Hn.
  pose proof (Nat.div_mod n 4 ltac:(lia)). pose proof (Nat.mod_upper_bound n 4 ltac:(lia)). set (q := n / 4) in *. split.
  - apply istree_promise_states. lia.
  - apply large_power; [lia| |lia]. assert (6 <= q) by lia. nia.
Qed.
