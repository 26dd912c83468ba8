(** Walks in graphs, and components by labels. *)
From Coq Require Import List Lia Arith Bool.
From RetrievalGap Require Import StatementsMachines.
Import ListNotations.

Lemma joined_trans es u v w : joined es u v -> joined es v w -> joined es u w.
Proof. induction 1; intros; auto. eapply across; eauto. Qed.
Lemma joined_edge es u v : In (u, v) es -> joined es u v.
Proof. intros. eapply across; [left; eauto|constructor]. Qed.
Lemma joined_sym es u v : joined es u v -> joined es v u.
Proof.
  induction 1; [constructor|]. eapply joined_trans; eauto. eapply across; [|constructor]. unfold adj in *. tauto.
Qed.
Lemma joined_invariant es (P : nat -> Prop) : (forall u v, In (u, v) es -> (P u <-> P v)) ->
  forall u v, joined es u v -> P u -> P v.
Proof. intros H u v J. induction J; auto. intros Pu. apply IHJ. destruct H0 as [E|E]; apply H in E; tauto. Qed.

Fixpoint label (es : list edge) (x : nat) : nat :=
  match es with
  | [] => x
  | (u, v) :: es' => if label es' x =? label es' v then label es' u else label es' x
  end.

Lemma joined_more e es u v : joined es u v -> joined (e :: es) u v.
Proof. induction 1; [constructor|]. eapply across; eauto. unfold adj in *. simpl. tauto. Qed.

Lemma label_sound : forall es x y, label es x = label es y -> joined es x y.
Proof.
  induction es as [|(u, v) es IH]; simpl; intros x y H; [subst; constructor|].
  assert (joined ((u, v) :: es) u v) as E by (apply joined_edge; left; auto).
  destruct (Nat.eqb_spec (label es x) (label es v)) as [X|X], (Nat.eqb_spec (label es y) (label es v)) as [Y|Y].
  - apply joined_more, IH. congruence.
  - apply joined_trans with v; [apply joined_more, IH; auto|]. apply joined_trans with u; [apply joined_sym; auto|].
    apply joined_more, IH. auto.
  - apply joined_trans with u; [apply joined_more, IH; auto|]. apply joined_trans with v; auto.
    apply joined_more, joined_sym, IH. auto.
  - apply joined_more, IH. auto.
Qed.

Lemma label_edge : forall es u v, In (u, v) es -> label es u = label es v.
Proof.
  induction es as [|(a, b) es IH]; simpl; intros u v H; [tauto|]. destruct H as [E|H].
  - injection E as -> ->. rewrite Nat.eqb_refl. destruct (label es u =? label es v); auto.
  - rewrite (IH u v H). auto.
Qed.

Lemma label_complete es x y : joined es x y -> label es x = label es y.
Proof. induction 1 as [|u v w [E|E] _ IH]; auto; apply label_edge in E; congruence. Qed.
