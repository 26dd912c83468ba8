(** Partitions of the nodes 1 .. n: each node names the leader of its block, the block's least node. *)
From Coq Require Import List Lia Arith.
From RetrievalGap Require Import StatementsLower Machines.
Import ListNotations.

(** The list begins with the leader of the last node, and ends with that of node 1. *)
Fixpoint leader (f : list nat) (v : nat) : nat :=
  match f with [] => 0 | r :: g => if v =? S (length g) then r else leader g v end.
Fixpoint roots (f : list nat) : list nat :=
  match f with [] => [] | r :: g => if r =? S (length g) then r :: roots g else roots g end.
Fixpoint good (f : list nat) : Prop :=
  match f with [] => True | r :: g => good g /\ (r = S (length g) \/ In r (roots g)) end.

Lemma roots_bounds : forall f r, good f -> In r (roots f) -> node (length f) r.
Proof.
  unfold node. induction f as [|x f IH]; simpl; intros r G H; [tauto|]. destruct G as (G & _).
  destruct (Nat.eqb_spec x (S (length f))) as [->|]; [destruct H as [<-|H]; [lia|]|]; apply IH in H; auto; lia.
Qed.

Lemma NoDup_roots : forall f, good f -> NoDup (roots f).
Proof.
  induction f as [|x f IH]; simpl; intros G; [constructor|]. destruct G as (G & _).
  destruct (Nat.eqb_spec x (S (length f))) as [->|]; auto. constructor; auto.
  intros H. apply roots_bounds in H; auto. unfold node in H. lia.
Qed.

Lemma in_roots : forall f r, good f -> In r (roots f) <-> node (length f) r /\ leader f r = r.
Proof.
  unfold node. induction f as [|x f IH]; simpl; intros r G; [lia|]. destruct G as (G & X).
  pose proof (roots_bounds f r G) as B. unfold node in B. specialize (IH r G).
  destruct (Nat.eqb_spec x (S (length f))) as [->|D], (Nat.eqb_spec r (S (length f))) as [->|D']; simpl.
  - split; auto. lia.
  - rewrite IH. split; [intros [|]; [congruence|split; [lia|tauto]]|intros (? & ?); right; split; [lia|auto]].
  - split; [intros H; apply B in H; lia|intros (_ & E); congruence].
  - rewrite IH. split; intros (? & ?); split; auto; lia.
Qed.

Lemma leader_root : forall f v, good f -> node (length f) v -> In (leader f v) (roots f) /\ leader f v <= v.
Proof.
  unfold node. induction f as [|x f IH]; simpl; intros v G V; [lia|]. destruct G as (G & X).
  destruct (Nat.eqb_spec v (S (length f))) as [->|D].
  - destruct (Nat.eqb_spec x (S (length f))) as [->|D]; [simpl; auto|]. destruct X as [|X]; [contradiction|].
    split; auto. apply roots_bounds in X; auto. unfold node in X. lia.
  - destruct (IH v G) as (I & L); [lia|]. split; auto. destruct (x =? S (length f)); simpl; auto.
Qed.

Lemma leader_leader f v : good f -> node (length f) v -> leader f (leader f v) = leader f v.
Proof. intros G V. destruct (leader_root f v G V) as (I & _). apply in_roots in I; tauto. Qed.
Lemma leader_node f v : good f -> node (length f) v -> node (length f) (leader f v).
Proof. intros G V. destruct (leader_root f v G V) as (I & _). apply roots_bounds; auto. Qed.

(** Lists that differ name different leaders somewhere. *)
Lemma leaders_differ : forall f g, length f = length g -> f <> g -> exists v, node (length f) v /\ leader f v <> leader g v.
Proof.
  unfold node. induction f as [|x f IH]; destruct g as [|y g]; simpl; intros L D; try discriminate; [congruence|].
  injection L as L. destruct (Nat.eq_dec x y) as [->|E].
  - destruct (IH g L) as (v & V & N); [congruence|]. exists v. split; [lia|]. rewrite L.
    destruct (Nat.eqb_spec v (S (length g))); auto. lia.
  - exists (S (length f)). split; [lia|]. rewrite L, Nat.eqb_refl. auto.
Qed.

(** Two partitions that differ: some nodes are together in one of them and not in the other. *)
Lemma together_apart f g : good f -> good g -> length f = length g -> f <> g ->
  exists v x, node (length f) v /\ node (length f) x /\
    ((leader f v = leader f x /\ leader g v <> leader g x) \/ (leader g v = leader g x /\ leader f v <> leader f x)).
Proof.
  intros F G L D. destruct (leaders_differ f g L D) as (v & V & N). assert (node (length g) v) as V' by congruence.
  destruct (Nat.eq_dec (leader g v) (leader g (leader f v))) as [E|E].
  - exists v, (leader g v). split; auto. split; [rewrite L; apply leader_node; auto|]. right. rewrite leader_leader; auto.
    split; auto. intros E'. apply N. destruct (leader_root g (leader f v)) as (_ & A); auto; [rewrite <- L; apply leader_node; auto|].
    destruct (leader_root f (leader g v)) as (_ & B); auto; [rewrite L; apply leader_node; auto|]. lia.
  - exists v, (leader f v). split; auto. split; [apply leader_node; auto|]. left. rewrite leader_leader; auto.
Qed.

(** ** All partitions into q blocks, as many as Stirling's numbers say *)

Fixpoint parts (n q : nat) : list (list nat) :=
  match n, q with
  | O, O => [[]]
  | S n', S q' => map (cons n) (parts n' q') ++ flat_map (fun g => map (fun r => r :: g) (roots g)) (parts n' q)
  | _, _ => []
  end.

Lemma in_parts : forall n q f, In f (parts n q) <-> length f = n /\ good f /\ length (roots f) = q.
Proof.
  induction n; intros q f.
  - destruct q; simpl; split; try tauto.
    + intros [<-|[]]. simpl. auto.
    + intros (L & _). destruct f; [auto|discriminate].
    + intros (L & _ & R). destruct f; discriminate.
  - split.
    + destruct q as [|q]; [intros []|]. intros H. simpl in H. apply in_app_iff in H. destruct H as [H|H].
      * apply in_map_iff in H. destruct H as (g & <- & H). apply IHn in H. destruct H as (L & G & R).
        simpl. rewrite L, Nat.eqb_refl. simpl. auto.
      * apply in_flat_map in H. destruct H as (g & H & I). apply in_map_iff in I. destruct I as (r & <- & I).
        apply IHn in H. destruct H as (L & G & R). simpl. pose proof (roots_bounds g r G I) as B. unfold node in B.
        destruct (Nat.eqb_spec r (S (length g))); [lia|]. auto.
    + intros (L & G & R). destruct f as [|r g]; [discriminate|]. simpl in *. injection L as L. destruct G as (G & X).
      rewrite L in *. destruct (Nat.eqb_spec r (S n)) as [->|D].
      * destruct q as [|q]; [discriminate|]. injection R as R. apply in_app_iff. left. apply in_map, IHn. auto.
      * destruct X as [|X]; [contradiction|]. destruct q as [|q]; [destruct (roots g); [destruct X|discriminate]|].
        apply in_app_iff. right. apply in_flat_map. exists g. split; [apply IHn; auto|].
        apply in_map_iff. exists r. auto.
Qed.

Lemma length_flat_map {A B} (f : A -> list B) c : forall l, (forall x, In x l -> length (f x) = c) ->
  length (flat_map f l) = c * length l.
Proof.
  induction l as [|a l IH]; simpl; intros H; [lia|]. rewrite app_length, H, IH by auto. lia.
Qed.

Lemma length_parts : forall n q, length (parts n q) = stirling n q.
Proof.
  induction n; intros [|q]; auto. simpl. rewrite app_length, map_length, IHn.
  rewrite (length_flat_map _ (S q)), IHn; auto.
  intros g H. apply in_parts in H. rewrite map_length. tauto.
Qed.

Lemma NoDup_flat_map {A B} (f : A -> list B) : forall l, NoDup l -> (forall x, In x l -> NoDup (f x)) ->
  (forall x y z, In x l -> In y l -> In z (f x) -> In z (f y) -> x = y) -> NoDup (flat_map f l).
Proof.
  induction l as [|a l IH]; simpl; intros N D I; [constructor|]. inversion N; subst. apply NoDup_app_disjoint; auto.
  - apply IH; auto. intros x y z X Y. apply I; auto.
  - intros z Z H. apply in_flat_map in H. destruct H as (y & Y & H).
    assert (a = y) as -> by (apply (I a y z); auto). contradiction.
Qed.

Lemma NoDup_parts : forall n q, NoDup (parts n q).
Proof.
  induction n; intros [|q]; simpl; try constructor; auto; [constructor|]. apply NoDup_app_disjoint.
  - apply NoDup_map_on; auto. congruence.
  - apply NoDup_flat_map; auto.
    + intros g H. apply in_parts in H. apply NoDup_map_on; [apply NoDup_roots; tauto|congruence].
    + intros g g' f _ _ H H'. apply in_map_iff in H, H'. destruct H as (r & <- & _), H' as (r' & E & _). congruence.
  - intros f H H'. apply in_map_iff in H. destruct H as (g & <- & _). apply in_flat_map in H'. destruct H' as (g' & P & H').
    apply in_map_iff in H'. destruct H' as (r & E & R). injection E as -> ->.
    apply in_parts in P. destruct P as (L & G & _). apply roots_bounds in R; auto. unfold node in R. lia.
Qed.

Definition partitions (n : nat) : list (list nat) := flat_map (parts n) (seq 0 (S n)).

Lemma length_roots f : length (roots f) <= length f.
Proof. induction f as [|r f IH]; auto. simpl. destruct (r =? S (length f)); simpl; lia. Qed.

Lemma in_partitions n f : In f (partitions n) <-> length f = n /\ good f.
Proof.
  unfold partitions. rewrite in_flat_map. split.
  - intros (q & _ & H). apply in_parts in H. tauto.
  - intros (L & G). exists (length (roots f)). split; [|apply in_parts; auto].
    apply in_seq. pose proof (length_roots f). lia.
Qed.

Lemma length_partitions n : length (partitions n) = bell n.
Proof.
  unfold partitions, bell. induction (seq 0 (S n)) as [|q l IH]; auto. simpl. rewrite app_length, length_parts, IH. auto.
Qed.

Lemma NoDup_partitions n : NoDup (partitions n).
Proof.
  apply NoDup_flat_map; [apply seq_NoDup|intros; apply NoDup_parts|].
  intros x y f _ _ H H'. apply in_parts in H, H'. destruct H as (_ & _ & <-), H' as (_ & _ & <-). auto.
Qed.

(** q nodes with blocks of their own, and each other node in one of these. *)
Lemma power_stirling q : forall d, q ^ d <= stirling (q + d) q.
Proof.
  assert (forall q, 1 <= stirling q q) as One by (induction q0; simpl; lia).
  induction d.
  - rewrite Nat.add_0_r. apply One.
  - rewrite Nat.add_succ_r. destruct q as [|q]; [simpl; auto; lia|].
    change (stirling (S (S q + d)) (S q)) with (stirling (S q + d) q + S q * stirling (S q + d) (S q)).
    rewrite Nat.pow_succ_r'. nia.
Qed.
