(** Over a fixed alphabet c-gram retrieval and associative recall take a number of states that does not depend on n. *)
From Coq Require Import List Lia Arith.
From RetrievalGap Require Import StatementsLower Machines LowerIndex LowerRecall Exact.
Import ListNotations.

Definition queries (k m : nat) : list (list token) := map (cons Ask) (words k m).

(** An answer is one of k tokens, or NONE. *)
Definition code (k : nat) (t : token) : token := match t with NONE => Num (k + 1) | _ => t end.

Lemma answer_over k w q : over k w -> what_follows w q = NONE \/ In (what_follows w q) (letters k).
Proof.
  intros O. unfold what_follows. destruct q as [|t g]; auto. destruct (follows g w) as [a|] eqn:F; auto. right.
  apply follows_occurs in F. destruct F as (u & r & ->). apply O. rewrite !in_app_iff. simpl. auto.
Qed.

Lemma code_over k t : t = NONE \/ In t (letters k) -> In (code k t) (letters (k + 1)).
Proof.
  intros [->|I]; [|apply in_letters in I; destruct I as (i & Hi & ->)]; apply in_letters; simpl; eexists; split; eauto; lia.
Qed.

Lemma code_injective k t t' : t = NONE \/ In t (letters k) -> t' = NONE \/ In t' (letters k) -> code k t = code k t' -> t = t'.
Proof.
  intros [->|I] [->|I'] E; auto; try apply in_letters in I; try apply in_letters in I';
    repeat match goal with H : exists i, _ |- _ => destruct H as (? & ? & ->) end; simpl in E; auto; injection E; lia.
Qed.

Lemma codes_injective k : forall r r', (forall t, In t r -> t = NONE \/ In t (letters k)) ->
  (forall t, In t r' -> t = NONE \/ In t (letters k)) -> map (code k) r = map (code k) r' -> r = r'.
Proof.
  induction r as [|t r IH]; destruct r' as [|t' r']; simpl; intros R R' E; try discriminate; auto. injection E as E1 E2.
  f_equal; [apply (code_injective k); auto|apply IH; auto].
Qed.

Section Bound.
  Variables c k n : nat.
  Let T := c_gram_of_words c k n.
  Let P := words k n.
  Let Q := queries k (c - 1).

  Definition word_machine : machine := row_machine T P Q n.

  Lemma row_over w : In w P -> forall t, In t (row T Q w) -> t = NONE \/ In t (letters k).
  Proof.
    intros W t I. apply in_map_iff in I. destruct I as (q & <- & _). apply in_words in W. apply (answer_over k w q). tauto.
  Qed.

  Lemma few_rows : length (rows T P Q) <= (k + 1) ^ (k ^ (c - 1)).
  Proof.
    assert (forall r, In r (rows T P Q) -> length r = length Q /\ forall t, In t r -> t = NONE \/ In t (letters k)) as R.
    { intros r I. apply nodup_In, in_map_iff in I. destruct I as (w & <- & W). split; [apply map_length|apply row_over; auto]. }
    assert (length Q = k ^ (c - 1)) as LQ by (unfold Q, queries; rewrite map_length; apply length_words).
    rewrite <- LQ, <- length_words, <- (map_length (map (code k)) (rows T P Q)). apply NoDup_incl_length.
    - apply NoDup_map_on; [apply NoDup_nodup|]. intros r r' I I'. apply R in I, I'. apply codes_injective; tauto.
    - intros x X. apply in_map_iff in X. destruct X as (r & <- & I). apply R in I. destruct I as (L & O). apply in_words.
      rewrite map_length. split; auto. intros t I. apply in_map_iff in I. destruct I as (a & <- & I). apply code_over. auto.
  Qed.

  Lemma word_machine_works : solves word_machine T /\ states_at_most word_machine T ((k + 1) ^ (k ^ (c - 1))).
  Proof.
    destruct (row_machine_works T P Q n) as (S_ & St).
    - intros w. symmetry. apply in_words.
    - intros w I. apply in_words in I. tauto.
    - intros w q _. unfold Q, queries. rewrite in_map_iff. simpl. split.
      + intros (g & L & O & ->). exists g. split; auto. apply in_words. auto.
      + intros (g & <- & I). apply in_words in I. exists g. tauto.
    - split; auto. apply states_more with (length (rows T P Q)); auto. apply few_rows.
  Qed.
End Bound.

Theorem c_gram_constant : statement_c_gram_constant.
Proof. intros c k n. exists (word_machine c k n). apply word_machine_works. Qed.

Theorem c_gram_does_not_fail : statement_c_gram_does_not_fail.
Proof.
  intros c k. set (b := (k + 1) ^ (k ^ (c - 1))).
  apply (does_not_fail linear (c_gram_of_words c k) (word_machine c k) (fun _ => b)).
  - intros d. exists (S (d * b)). unfold linear. lia.
  - intros n. apply states_more with b; [apply word_machine_works|]. apply Nat.lt_le_incl, Nat.pow_gt_lin_r. lia.
  - intros n _. apply word_machine_works.
Qed.
