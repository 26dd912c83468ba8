(** Trees: connected without a cycle, or connected with n - 1 edges; decided by relabelling. *)
From Coq Require Import List Lia Arith Bool.
From RetrievalGap Require Import StatementsLower Machines.
Import ListNotations.

(** ** What is joined *)

Lemma joined_trans es u v w : joined es u v -> joined es v w -> joined es u w.
Proof. induction 1; intros; auto. eapply across; eauto. Qed.
Lemma joined_edge es u v : In (u, v) es -> joined es u v.
Proof. intros. eapply across; [left; eauto|constructor]. Qed.
Lemma joined_sym es u v : joined es u v -> joined es v u.
Proof. induction 1; [constructor|]. eapply joined_trans; eauto. eapply across; [|constructor]. tauto. Qed.

(** More edges, or edges between nodes that are joined already. *)
Lemma joined_through es es' u v : (forall x y, In (x, y) es -> joined es' x y) -> joined es u v -> joined es' u v.
Proof.
  intros H. induction 1 as [|u v w [E|E] _ IH]; [constructor| |]; apply H in E.
  - eapply joined_trans; eauto.
  - eapply joined_trans; [apply joined_sym; eauto|auto].
Qed.
Lemma joined_incl es es' u v : incl es es' -> joined es u v -> joined es' u v.
Proof. intros I. apply joined_through. intros. apply joined_edge. auto. Qed.
Lemma joined_app es es' q u v : (forall x y, In (x, y) es -> joined es' x y) -> joined (es ++ q) u v -> joined (es' ++ q) u v.
Proof.
  intros H. apply joined_through. intros x y I. apply in_app_iff in I. destruct I as [I|I].
  - apply joined_incl with es'; [apply incl_appl, incl_refl|auto].
  - apply joined_edge, in_app_iff. auto.
Qed.

Lemma joined_constant {A} (f : nat -> A) es u v : (forall x y, In (x, y) es -> f x = f y) -> joined es u v -> f u = f v.
Proof. intros H. induction 1 as [|u v w [E|E] _ IH]; auto; apply H in E; congruence. Qed.

(** ** Labels *)

Lemma label_sound : forall es x y, label es x = label es y -> joined es x y.
Proof.
  induction es as [|(u, v) es IH]; simpl; intros x y H; [subst; constructor|].
  assert (joined ((u, v) :: es) u v) as E by (apply joined_edge; left; auto).
  assert (forall x y, label es x = label es y -> joined ((u, v) :: es) x y) as M.
  { intros. apply joined_incl with es; auto. apply incl_tl, incl_refl. }
  destruct (Nat.eqb_spec (label es x) (label es v)) as [X|X], (Nat.eqb_spec (label es y) (label es v)) as [Y|Y].
  - apply M. congruence.
  - apply joined_trans with v; auto. apply joined_trans with u; [apply joined_sym|]; auto.
  - apply joined_trans with u; auto. apply joined_trans with v; auto.
  - auto.
Qed.

Lemma label_edge : forall es u v, In (u, v) es -> label es u = label es v.
Proof.
  induction es as [|(a, b) es IH]; simpl; intros u v H; [tauto|]. destruct H as [E|H].
  - injection E as -> ->. rewrite Nat.eqb_refl. destruct (label es u =? label es v); auto.
  - rewrite (IH u v H). auto.
Qed.

Lemma label_complete es x y : joined es x y -> label es x = label es y.
Proof. apply joined_constant. apply label_edge. Qed.

Lemma label_joined : forall es x, joined es x (label es x).
Proof.
  induction es as [|(u, v) es IH]; intros x; simpl; [constructor|].
  assert (forall x y, joined es x y -> joined ((u, v) :: es) x y) as M.
  { intros. apply joined_incl with es; auto. apply incl_tl, incl_refl. }
  destruct (Nat.eqb_spec (label es x) (label es v)) as [E|_]; auto.
  apply joined_trans with v; [apply M, label_sound; auto|]. apply joined_trans with u; auto.
  apply joined_sym, joined_edge. left. auto.
Qed.

Lemma edges_tl n e es : edges n (e :: es) -> edges n es.
Proof. intros H u v I. apply H. right. auto. Qed.
Lemma edges_app n es es' : edges n (es ++ es') <-> edges n es /\ edges n es'.
Proof.
  unfold edges. split; [intros H; split; intros; apply H, in_app_iff; auto|].
  intros (H & H') u v I. apply in_app_iff in I. destruct I; auto.
Qed.

Lemma label_node n : forall es x, edges n es -> node n x -> node n (label es x).
Proof.
  induction es as [|(u, v) es IH]; simpl; intros x E N; auto. pose proof (edges_tl _ _ _ E).
  destruct (label es x =? label es v); auto. apply IH; auto. apply (E u v). left. auto.
Qed.

(** ** Counting the classes *)

Definition image (n : nat) (es : list edge) : list nat := nodup Nat.eq_dec (map (label es) (seq 1 n)).
Definition classes (n : nat) (es : list edge) : nat := length (image n es).

Lemma in_image n es z : In z (image n es) <-> exists x, node n x /\ label es x = z.
Proof.
  unfold image, node. rewrite nodup_In, in_map_iff. split; intros (x & H & H').
  - exists x. apply in_seq in H'. split; auto. lia.
  - exists x. split; auto. apply in_seq. lia.
Qed.

Lemma classes_nil n : classes n [] = n.
Proof.
  unfold classes, image. simpl. rewrite map_id, nodup_fixed_point by apply seq_NoDup. apply seq_length.
Qed.

Lemma classes_ge n e es : classes n es <= S (classes n (e :: es)).
Proof.
  destruct e as (u, v). change (S (classes n ((u, v) :: es))) with (length (label es v :: image n ((u, v) :: es))).
  apply NoDup_incl_length; [apply NoDup_nodup|]. intros z Z. apply in_image in Z. destruct Z as (x & N & <-).
  destruct (Nat.eq_dec (label es v) (label es x)) as [E|D]; [left; auto|]. right. apply in_image. exists x. split; auto.
  simpl. destruct (Nat.eqb_spec (label es x) (label es v)); congruence.
Qed.

Lemma classes_le n u v es : node n u -> node n v -> ~ joined es u v -> S (classes n ((u, v) :: es)) <= classes n es.
Proof.
  intros U V J. assert (label es u <> label es v) as D by (intros E; apply J, label_sound, E).
  change (S (classes n ((u, v) :: es))) with (length (label es v :: image n ((u, v) :: es))).
  apply NoDup_incl_length.
  - constructor; [|apply NoDup_nodup]. intros Z. apply in_image in Z. destruct Z as (x & _ & Z). simpl in Z.
    destruct (Nat.eqb_spec (label es x) (label es v)); congruence.
  - intros z [<-|Z]; apply in_image; [exists v; auto|]. apply in_image in Z. destruct Z as (x & N & <-). simpl.
    destruct (label es x =? label es v); [exists u|exists x]; auto.
Qed.

Lemma classes_all n es : n <= length es + classes n es.
Proof. induction es as [|e es IH]; [rewrite classes_nil; simpl; lia|]. pose proof (classes_ge n e es). simpl. lia. Qed.

(** Where more is joined there are fewer classes. *)
Lemma classes_joined n es es' : edges n es' -> (forall x y, joined es x y -> joined es' x y) -> classes n es' <= classes n es.
Proof.
  intros E H. unfold classes. rewrite <- (map_length (label es) (image n es')). apply NoDup_incl_length.
  - apply NoDup_map_on; [apply NoDup_nodup|]. intros x y X Y L. apply in_image in X, Y.
    destruct X as (a & _ & <-), Y as (b & _ & <-). apply label_sound, H, label_complete in L.
    rewrite <- !(label_complete _ _ _ (label_joined es' _)) in L. auto.
  - intros z Z. apply in_map_iff in Z. destruct Z as (x & <- & X). apply in_image in X. destruct X as (a & A & <-).
    apply in_image. exists (label es' a). split; auto. apply label_node; auto.
Qed.

(** ** Cycles *)

Lemma acyclic_tl e es : acyclic (e :: es) -> acyclic es.
Proof.
  intros A b u v a E J. apply (A (e :: b) u v a); [rewrite E; auto|]. apply joined_incl with (b ++ a); auto.
  apply incl_tl, incl_refl.
Qed.
Lemma acyclic_app_l : forall es q, acyclic (es ++ q) -> acyclic es.
Proof.
  intros es q A b u v a E J. apply (A b u v (a ++ q)); [rewrite E, <- app_assoc; auto|].
  apply joined_incl with (b ++ a); auto. rewrite app_assoc. apply incl_appl, incl_refl.
Qed.

Lemma acyclic_count n es : edges n es -> acyclic es <-> length es + classes n es = n.
Proof.
  intros E. split.
  - revert E. induction es as [|(u, v) es IH]; intros E A; [rewrite classes_nil; auto|].
    pose proof (classes_all n ((u, v) :: es)). cbn [length] in *. specialize (IH (edges_tl _ _ _ E) (acyclic_tl _ _ A)).
    assert (S (classes n ((u, v) :: es)) <= classes n es); [|lia].
    destruct (E u v) as (U & V & _); [left; auto|]. apply classes_le; auto. apply (A [] u v es). auto.
  - intros C b u v a -> J. rewrite app_length in C. simpl in C. pose proof (classes_all n (b ++ a)) as B.
    rewrite app_length in B. assert (classes n (b ++ a) <= classes n (b ++ (u, v) :: a)); [|lia].
    apply edges_app in E. destruct E as (E & E').
    apply classes_joined; [apply edges_app; split; auto; eapply edges_tl; eauto|].
    intros x y. apply joined_through. intros s t I. apply in_app_iff in I. destruct I as [I|[I|I]].
    + apply joined_edge, in_app_iff. auto.
    + injection I as <- <-. auto.
    + apply joined_edge, in_app_iff. auto.
Qed.

Lemma connected_one n es : 1 <= n -> connected n es -> classes n es = 1.
Proof.
  intros N C. apply Nat.le_antisymm.
  - change 1 with (length [label es 1]). apply NoDup_incl_length; [apply NoDup_nodup|].
    intros z Z. apply in_image in Z. destruct Z as (x & X & <-). left. apply label_complete, C; auto. split; lia.
  - change 1 with (length [label es 1]). apply NoDup_incl_length; [repeat constructor; auto|].
    intros z [<-|[]]. apply in_image. exists 1. split; auto. split; lia.
Qed.

Lemma is_tree_count n es : 1 <= n -> edges n es -> is_tree n es <-> connected n es /\ S (length es) = n.
Proof.
  intros N E. unfold is_tree. split; intros (C & H); split; auto; pose proof (connected_one n es N C).
  - apply (acyclic_count n) in H; auto. lia.
  - apply (acyclic_count n); auto. lia.
Qed.

Theorem tree_decides : statement_tree_decides.
Proof.
  intros n es N E. rewrite is_tree_count by auto. unfold tree. rewrite andb_true_iff, Nat.eqb_eq, forallb_forall.
  split; intros (L & H); split; auto.
  - assert (forall x, node n x -> label es x = label es 1) as A by (intros x X; apply Nat.eqb_eq, H, in_seq; unfold node in X; lia).
    intros u v U V. apply label_sound. rewrite (A u), (A v); auto.
  - intros x X. apply in_seq in X. apply Nat.eqb_eq, label_complete, L; unfold node; lia.
Qed.
