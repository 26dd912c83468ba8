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

(** Add node n as a block of its own: then it is the star of before. *)
Definition picks (f : list nat) (v x : nat) : list nat :=
  map (fun r => if r =? leader f v then v else if r =? leader f x then x else r) (roots f).
Definition rays (n : nat) (l : list nat) : list edge := map (pair n) l.
