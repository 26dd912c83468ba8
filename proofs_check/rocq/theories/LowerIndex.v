(** Index on n tokens of k letters takes exactly k^n states. *)
From Coq Require Import List Lia Arith.
From RetrievalGap Require Import StatementsLower Machines.
Import ListNotations.

Fixpoint words (k n : nat) : list (list token) :=
  match n with O => [[]] | S n' => extend (letters k) (fun _ => words k n') end.

Lemma length_words k n : length (words k n) = k ^ n.
Proof. induction n; simpl; auto. rewrite (length_extend _ _ (k ^ n)); auto. rewrite length_letters; auto. Qed.
Lemma NoDup_words k n : NoDup (words k n).
Proof. induction n; simpl; [repeat constructor; auto|]. apply NoDup_extend; auto. apply NoDup_letters. Qed.
Lemma in_words k : forall n w, In w (words k n) <-> length w = n /\ over k w.
Proof.
  unfold over, incl. induction n; simpl; intros w.
  - split; [intros [<-|[]]; simpl; tauto|]. intros (L & _). destruct w; [auto|discriminate].
  - rewrite in_extend. split.
    + intros (x & w' & -> & Hx & Hw'). apply IHn in Hw'. destruct Hw' as (L & I). simpl. split; [lia|].
      intros t [<-|]; auto.
    + intros (L & I). destruct w as [|x w']; [discriminate|]. exists x, w'. repeat split; [apply I; left; auto|].
      apply IHn. split; [simpl in L; lia|]. intros; apply I; right; auto.
Qed.

Lemma differ : forall (w w' : list token) d, length w = length w' -> w <> w' ->
  exists i, i < length w /\ nth i w d <> nth i w' d.
Proof.
  induction w as [|a w IH]; destruct w' as [|b w']; simpl; intros d L D; try discriminate; [congruence|].
  destruct (token_eq_dec a b) as [->|].
  - destruct (IH w' d) as (i & Hi & N); [lia|congruence|]. exists (S i). split; auto. lia.
  - exists 0. split; auto. lia.
Qed.

Lemma index_fooling k n : fooling (index k n) (words k n).
Proof.
  split; [apply NoDup_words|]. split.
  - intros w H. apply in_words in H. auto.
  - intros w w' H H' D. apply in_words in H, H'.
    destruct (differ w w' NONE) as (i & Hi & N); [intuition congruence|auto|].
    exists [Ask; Num (S i)]. simpl. rewrite Nat.sub_0_r.
    repeat split; auto; exists (S i); split; auto; lia.
Qed.

Theorem index_states : statement_index_states.
Proof.
  intros k n. split.
  - rewrite <- length_words. apply (fooling_needs _ _ n); [apply index_fooling|]. intros w H. apply in_words in H. tauto.
  - apply (enough_to_keep _ n (fun w => w) (right (index k n)) (words k n)); auto.
    + intros w (L & O). repeat split; auto. apply in_words. auto.
    + rewrite length_words. auto.
Qed.

Theorem index_fails : statement_index_fails.
Proof.
  intros k Hk. apply (too_few linear _ (fun n => k ^ n) 1). exists 0. intros n _. split; [apply index_states|].
  rewrite Nat.pow_1_r. apply Nat.pow_le_mono_l. auto.
Qed.
