(** Counting on n tokens of k letters takes exactly as many states as there are multisets: C(n+k-1, k-1). *)
From Coq Require Import List Lia Arith.
From RetrievalGap Require Import StatementsLower Machines.
Import ListNotations.

(** ** Pascal's triangle *)

Lemma binomial_0 n : binomial n 0 = 1.
Proof. destruct n; auto. Qed.
Lemma binomial_more : forall n k, n < k -> binomial n k = 0.
Proof. induction n; destruct k; simpl; intros; auto; try lia. rewrite !IHn by lia. auto. Qed.
Lemma binomial_all n : binomial n n = 1.
Proof. induction n; simpl; auto. rewrite IHn, binomial_more by lia. auto. Qed.
Lemma binomial_symmetric : forall a b, binomial (a + b) a = binomial (a + b) b.
Proof.
  induction a; intros b; [simpl; rewrite binomial_0, binomial_all; auto|].
  induction b; [rewrite Nat.add_0_r, binomial_0, binomial_all; auto|].
  replace (S a + S b) with (S (S a + b)) by lia. cbn [binomial].
  pose proof (IHa (S b)) as E. replace (a + S b) with (S a + b) in E by lia. lia.
Qed.

(** [multisets j n] is C(n+j-1, j-1). *)
Fixpoint multisets (j : nat) : nat -> nat :=
  match j with
  | O => fun n => match n with O => 1 | S _ => 0 end
  | S j' => fix go n := match n with O => 1 | S n' => go n' + multisets j' n end
  end.
Lemma multisets_binomial : forall j n, multisets (S j) n = binomial (n + j) j.
Proof.
  induction j; intros n.
  - rewrite binomial_0. induction n; auto. change (multisets 1 (S n)) with (multisets 1 n + 0). lia.
  - induction n; [symmetry; apply binomial_all|].
    change (multisets (S (S j)) (S n)) with (multisets (S (S j)) n + multisets (S j) (S n)).
    rewrite IHn, IHj. replace (S n + S j) with (S (S n + j)) by lia. cbn [binomial].
    replace (n + S j) with (S n + j) by lia. lia.
Qed.

Lemma multisets_pos j n : 1 <= multisets (S j) n.
Proof. induction n; simpl in *; lia. Qed.
Lemma multisets_more j n : multisets j n <= multisets (S j) n.
Proof. destruct n; simpl; [destruct j; auto|lia]. Qed.
Lemma multisets_big : forall n, 2 ^ n <= multisets (S n) n.
Proof.
  induction n; auto. change (multisets (S (S n)) (S n)) with (multisets (S (S n)) n + multisets (S n) (S n)).
  pose proof (multisets_more (S n) n). assert (multisets (S n) n <= multisets (S n) (S n)) by (simpl; lia).
  rewrite Nat.pow_succ_r'. lia.
Qed.

(** ** Sorted words: n tokens of the j letters from a on *)

Fixpoint sorted (j a : nat) {struct j} : nat -> list (list token) :=
  fix go (n : nat) : list (list token) :=
    match n with
    | O => [[]]
    | S n' => match j with O => [] | S j' => map (cons (Num a)) (go n') ++ sorted j' (S a) n end
    end.

Lemma sorted_0 j a : sorted j a 0 = [[]].
Proof. destruct j; auto. Qed.
Lemma sorted_S j a n : sorted (S j) a (S n) = map (cons (Num a)) (sorted (S j) a n) ++ sorted j (S a) (S n).
Proof. auto. Qed.

Lemma length_sorted : forall j a n, length (sorted j a n) = multisets j n.
Proof.
  induction j; intros a n; [destruct n; auto|]. induction n; auto.
  rewrite sorted_S, app_length, map_length, IHn, IHj. auto.
Qed.

Lemma in_sorted : forall j a n w, In w (sorted j a n) ->
  length w = n /\ forall t, In t w -> exists i, a <= i < a + j /\ t = Num i.
Proof.
  induction j; intros a n; induction n; intros w H.
  - destruct H as [<-|[]]. simpl. tauto.
  - destruct H.
  - destruct H as [<-|[]]. simpl. tauto.
  - rewrite sorted_S in H. apply in_app_iff in H. destruct H as [H|H].
    + apply in_map_iff in H. destruct H as (v & <- & H). apply IHn in H. destruct H as (L & I). simpl. split; [lia|].
      intros t [<-|T]; auto. exists a. split; auto. lia.
    + apply IHj in H. destruct H as (L & I). split; auto. intros t T. destruct (I t T) as (i & Hi & ->). exists i. split; auto. lia.
Qed.

Notation count := (count_occ token_eq_dec).

Lemma count_absent w a j b : (forall t, In t w -> exists i, b <= i < b + j /\ t = Num i) -> a < b -> count w (Num a) = 0.
Proof. intros H L. apply count_occ_not_In. intros I. destruct (H _ I) as (i & Hi & E). injection E as ->. lia. Qed.

(** Two sorted words differ in the number of some letter. *)
Lemma counts_differ : forall j a n w w', In w (sorted j a n) -> In w' (sorted j a n) ->
  (forall i, a <= i < a + j -> count w (Num i) = count w' (Num i)) -> w = w'.
Proof.
  induction j; intros a n; induction n; intros w w' H H' C.
  1, 3: rewrite sorted_0 in *; simpl in *; intuition congruence.
  - destruct H.
  - rewrite sorted_S in H, H'. apply in_app_iff in H, H'. pose proof (C a ltac:(lia)) as Ca.
    destruct H as [H|H], H' as [H'|H'].
    + apply in_map_iff in H, H'. destruct H as (v & <- & H), H' as (v' & <- & H'). f_equal. apply IHn; auto.
      intros i Hi. specialize (C i Hi). cbn [count_occ] in C. destruct (token_eq_dec (Num a) (Num i)); lia.
    + apply in_map_iff in H. destruct H as (v & <- & H). apply in_sorted in H'. destruct H' as (_ & I).
      rewrite (count_absent w' a j (S a)) in Ca by auto. rewrite count_occ_cons_eq in Ca by auto. lia.
    + apply in_map_iff in H'. destruct H' as (v & <- & H'). apply in_sorted in H. destruct H as (_ & I).
      rewrite (count_absent w a j (S a)) in Ca by auto. rewrite count_occ_cons_eq in Ca by auto. lia.
    + apply (IHj (S a) (S n)); auto. intros i Hi. apply C. lia.
Qed.

Lemma NoDup_sorted : forall j a n, NoDup (sorted j a n).
Proof.
  induction j; intros a n; [destruct n; simpl; repeat constructor; auto|].
  induction n; [simpl; repeat constructor; auto|]. rewrite sorted_S. apply NoDup_app_disjoint; auto.
  - apply NoDup_map_on; auto. congruence.
  - intros w H H'. apply in_map_iff in H. destruct H as (v & <- & _). apply in_sorted in H'. destruct H' as (_ & I).
    destruct (I (Num a)) as (i & Hi & E); [simpl; auto|]. injection E as ->. lia.
Qed.

(** ** At least *)

Lemma sorted_over k n w : In w (sorted k 1 n) -> length w = n /\ over k w.
Proof.
  intros H. apply in_sorted in H. destruct H as (L & I). split; auto. intros t T. apply in_letters.
  destruct (I t T) as (i & Hi & ->). exists i. split; auto. lia.
Qed.

Lemma some_count_differs w w' : forall k a, (forall i, a <= i < a + k -> count w (Num i) = count w' (Num i)) \/
  exists i, a <= i < a + k /\ count w (Num i) <> count w' (Num i).
Proof.
  induction k; intros a; [left; intros; lia|]. destruct (IHk a) as [H|(i & Hi & D)]; [|right; exists i; split; auto; lia].
  destruct (Nat.eq_dec (count w (Num (a + k))) (count w' (Num (a + k)))) as [E|D].
  - left. intros i Hi. destruct (Nat.eq_dec i (a + k)) as [->|]; auto. apply H. lia.
  - right. exists (a + k). split; auto. lia.
Qed.

Lemma count_length w t : count w t <= length w.
Proof. induction w; simpl; auto. destruct (token_eq_dec a t); lia. Qed.

Lemma counting_fooling k n : fooling (counting k n) (sorted k 1 n).
Proof.
  split; [apply NoDup_sorted|]. split; [intros w H; apply sorted_over; auto|].
  intros w w' H H' D. destruct (some_count_differs w w' k 1) as [E|(i & Hi & E)].
  { exfalso. apply D. apply (counts_differ k 1 n); auto. }
  apply sorted_over in H, H'. destruct H as (L & _), H' as (L' & _).
  set (t := Nat.min (count w (Num i)) (count w' (Num i))).
  assert (t <= n) by (pose proof (count_length w (Num i)); unfold t; lia).
  exists [Ask; Num i; Num t]. split; [exists i, t; repeat split; auto; lia|]. split; [exists i, t; repeat split; auto; lia|].
  simpl. destruct (Nat.ltb_spec t (count w (Num i))), (Nat.ltb_spec t (count w' (Num i))); try congruence; unfold t in *; lia.
Qed.

(** ** Enough: the machine keeps the sorted word *)

Fixpoint sort (j a : nat) (w : list token) : list token :=
  match j with O => [] | S j' => repeat (Num a) (count w (Num a)) ++ sort j' (S a) w end.

Lemma in_sort : forall j a w, In (sort j a w) (sorted j a (length (sort j a w))).
Proof.
  induction j; intros a w; [simpl; auto|]. simpl sort. generalize (count w (Num a)) as c. induction c.
  - simpl app. destruct (length (sort j (S a) w)) eqn:E; [rewrite sorted_0; specialize (IHj (S a) w); rewrite E, sorted_0 in IHj; auto|].
    rewrite sorted_S. apply in_app_iff. right. rewrite <- E. auto.
  - simpl. apply in_app_iff. left. apply in_map. auto.
Qed.

Lemma count_repeat x c t : count (repeat x c) t = if token_eq_dec x t then c else 0.
Proof.
  induction c; simpl; [destruct (token_eq_dec x t); auto|]. destruct (token_eq_dec x t); auto.
Qed.

Lemma count_sort : forall j a w i, count (sort j a w) (Num i) = if ((a <=? i) && (i <? a + j))%bool then count w (Num i) else 0.
Proof.
  induction j; intros a w i; simpl sort.
  - destruct (Nat.leb_spec a i), (Nat.ltb_spec i (a + 0)); simpl; auto. lia.
  - rewrite count_occ_app, count_repeat, IHj. destruct (token_eq_dec (Num a) (Num i)) as [E|D].
    + injection E as ->. destruct (Nat.leb_spec (S i) i); [lia|]. destruct (Nat.leb_spec i i); [|lia].
      destruct (Nat.ltb_spec i (i + S j)); [|lia]. simpl. lia.
    + assert (a <> i) by congruence. destruct (Nat.leb_spec (S a) i), (Nat.leb_spec a i); try lia; cbn [andb]; auto.
      destruct (Nat.ltb_spec i (S a + j)), (Nat.ltb_spec i (a + S j)); try lia.
Qed.

Lemma count_and_rest a : forall w, count w (Num a) + length (remove token_eq_dec (Num a) w) = length w.
Proof.
  induction w as [|x w IH]; auto. cbn [count_occ remove length].
  destruct (token_eq_dec x (Num a)), (token_eq_dec (Num a) x); try congruence; cbn [length]; lia.
Qed.

Lemma sort_rest a w : forall j b, a < b -> sort j b (remove token_eq_dec (Num a) w) = sort j b w.
Proof.
  induction j; intros b L; simpl; auto. rewrite (IHj (S b)) by lia. do 2 f_equal.
  clear IHj. induction w as [|x w IH]; auto. cbn [count_occ remove]. destruct (token_eq_dec (Num a) x) as [<-|D].
  - destruct (token_eq_dec (Num a) (Num b)) as [E|]; [injection E; lia|auto].
  - cbn [count_occ]. destruct (token_eq_dec x (Num b)); auto.
Qed.

Lemma length_sort : forall j a w, (forall t, In t w -> exists i, a <= i < a + j /\ t = Num i) -> length (sort j a w) = length w.
Proof.
  induction j; intros a w H; cbn [sort].
  - destruct w as [|t w]; auto. destruct (H t) as (i & Hi & _); [left; auto|lia].
  - rewrite app_length, repeat_length, <- (count_and_rest a w), <- (sort_rest a w j (S a)) by auto. rewrite IHj; auto.
    intros t T. apply in_remove in T. destruct T as (T & D). destruct (H t T) as (i & Hi & ->). exists i.
    split; auto. assert (i <> a) by congruence. lia.
Qed.

Definition counting_machine (k n : nat) : machine := keeper n (sort k 1) (right (counting k n)).

Lemma counting_machine_works k n :
  solves (counting_machine k n) (counting k n) /\ states_at_most (counting_machine k n) (counting k n) (multisets k n).
Proof.
  assert (forall w, prefix (counting k n) w -> length w = n /\ length (sort k 1 w) = n /\ In (sort k 1 w) (sorted k 1 n)) as K.
  { intros w (L & O). assert (length (sort k 1 w) = length w) as E.
    { apply length_sort. intros t T. apply O, in_letters in T. destruct T as (i & Hi & ->). exists i. split; auto. lia. }
    repeat split; auto; [congruence|]. rewrite <- L, <- E. apply in_sort. }
  split; [apply (keeper_solves _ n (sort k 1) _ (sorted k 1 n)); auto|].
  - intros w q _ (i & t & Hi & _ & ->). cbn [right counting]. rewrite count_sort.
    destruct (Nat.leb_spec 1 i), (Nat.ltb_spec i (1 + k)); try lia. auto.
  - apply (keeper_states _ n (sort k 1) _ (sorted k 1 n)); auto. rewrite length_sorted. auto.
Qed.

Lemma counting_least k n : least (counting k n) (multisets k n).
Proof.
  split; [|exists (counting_machine k n); apply counting_machine_works]. rewrite <- (length_sorted k 1).
  apply (fooling_needs _ _ n); [apply counting_fooling|]. intros w H. apply sorted_over in H. tauto.
Qed.

Theorem counting_states : statement_counting_states.
Proof.
  intros k n K. destruct k as [|k]; [lia|]. replace (n + S k - 1) with (n + k) by lia. simpl Nat.sub. rewrite Nat.sub_0_r.
  rewrite <- multisets_binomial. apply counting_least.
Qed.

Theorem counting_own_states : statement_counting_own_states.
Proof.
  intros n N. replace (binomial (2 * n - 1) n) with (binomial (n + n - 1) (n - 1)); [apply counting_states; auto|].
  replace (2 * n - 1) with ((n - 1) + n) by lia. replace (n + n - 1) with ((n - 1) + n) by lia. apply binomial_symmetric.
Qed.

Theorem counting_fails : statement_counting_fails.
Proof.
  apply (too_few linear _ (fun n => multisets n n) 2). exists 2. intros n Hn. split; [apply counting_least|].
  destruct n as [|n]; [lia|]. pose proof (multisets_big n). change (multisets (S n) (S n)) with (multisets (S n) n + multisets n (S n)).
  assert (2 ^ S n <= (2 ^ n) ^ 2); [rewrite <- Nat.pow_mul_r; apply Nat.pow_le_mono_r; lia|].
  transitivity ((2 ^ n) ^ 2); auto. apply Nat.pow_le_mono_l. lia.
Qed.
