(** That the statements of StatementsNearbyLower.v say something: beside each an instance that is computed, and a variant
    with one thing changed that is refuted. *)
From Coq Require Import List Lia Arith.
From RetrievalGap Require Import StatementsLower StatementsNearbyLower Machines LowerIndex LowerNearby SanityLower.
Import ListNotations.

Lemma writing_not_more W b : writing_least W b -> ~ writing_needs W (S b).
Proof. intros (_ & m & S_ & St) N. specialize (N m b S_ St). lia. Qed.
Lemma writing_does_not_fail g W (m : nat -> machine) b : little_o g b ->
  (forall n, writing_states_at_most (m n) (W n) (2 ^ b n)) -> (forall n, writing_solves (m n) (W n)) -> ~ writing_fails_below g W.
Proof. intros L St S_ F. destruct (F m b L St) as (N & H). apply (H N (le_n N)). apply S_. Qed.

(** What a machine writes within so many tokens. *)
Definition wrote (m : machine) (fuel : nat) (w q : list token) : option (list token) :=
  transcript m fuel (length w + length q) (read m (length w) (after m w) q) (last q Ask).

(** ** Copying *)

Definition copier (n : nat) : machine := author n 1 (fun w => w) (fun w _ => w).
Example copying_runs : wrote (copier 3) 4 [Num 1; Num 2; Num 1] [Ask] = Some [Num 1; Num 2; Num 1; YES].
Proof. vm_compute. reflexivity. Qed.
Example copying_takes_time : wrote (copier 3) 3 [Num 1; Num 2; Num 1] [Ask] = None.
Proof. vm_compute. reflexivity. Qed.
(** Thought before the copy counts for nothing: this machine counts down aloud from 3. *)
Definition slow_copier : machine := {|
  state := nat; first := 0;
  step i s _ := if i <? 2 then 3 else s - 1;
  write _ s _ := match s with 3 => Num 9 | 2 => Num 8 | 1 => Num 2 | _ => YES end;
  ends t := match t with YES => true | _ => false end
|}.
Example copying_after_thought : copies slow_copier [Num 2].
Proof. exists 4, [Num 9; Num 8], YES. vm_compute. reflexivity. Qed.

Lemma copier_works k n : writing_solves (copier n) (copying k n) /\ writing_states_at_most (copier n) (copying k n) (k ^ n).
Proof.
  assert (forall w, given (copying k n) w -> length w = n /\ length w = n /\ In w (words k n)) as K.
  { intros w (L & O). repeat split; auto. apply in_words. split; auto. }
  split; [apply (author_solves _ n 1 _ _ (words k n)); auto|].
  - intros w q (L & O) ->. repeat split. apply (no_yes k). exact O.
  - apply (author_states _ n 1 _ _ (words k n)); auto. rewrite length_words. auto.
Qed.
Example copying_not_more : ~ forall k n, writing_least (copying k n) (k ^ n + 1).
Proof. intros H. destruct (H 2 3) as (N & _). revert N. apply writing_not_more, copying_states. Qed.
Example copying_not_below_n_log_n : ~ forall k, 2 <= k -> writing_fails_below n_log_n (copying k).
Proof.
  intros H. refine (writing_does_not_fail _ _ copier linear n_is_o_of_n_log_n _ _ (H 2 (le_n 2))); intros; apply copier_works.
Qed.

(** A machine with one state copies one word, the same after all. *)
Definition parrot : machine := author 2 1 (fun _ => [Num 1; Num 2]) (fun w _ => w).
Example one_of_four : map (fun w => wrote parrot 3 w [Ask]) (words 2 2) = repeat (Some [Num 1; Num 2; YES]) 4.
Proof. vm_compute. reflexivity. Qed.
Lemma parrot_copies : copies parrot [Num 1; Num 2].
Proof. exists 3, [], YES. vm_compute. reflexivity. Qed.
Lemma parrot_states : writing_states_at_most parrot (copying 2 2) 1.
Proof. apply (author_states _ 2 1 _ _ [[Num 1; Num 2]]); auto. intros w (L & _). cbn. auto. Qed.
(** A word that is listed twice is one word. *)
Example share_of_different_words : ~ forall k n m S copied, writing_states_at_most m (copying k n) S ->
  (forall w, In w copied -> is_word k n w /\ copies m w) -> length copied <= S.
Proof.
  intros H. specialize (H 2 2 parrot 1 [[Num 1; Num 2]; [Num 1; Num 2]] parrot_states). cbn [length] in H.
  assert (2 <= 1); [|lia]. apply H. intros w [<-|[<-|[]]]; (split; [|apply parrot_copies]); split; try reflexivity; intros t [<-|[<-|[]]]; cbn; auto.
Qed.
(** There are no more words than there are. *)
Example share_not_beyond_all : ~ forall k n S, 1 <= S -> exists m copied, writing_states_at_most m (copying k n) S /\
  NoDup copied /\ (forall w, In w copied -> is_word k n w /\ copies m w) /\ length copied = S.
Proof.
  intros H. destruct (H 2 2 5 ltac:(lia)) as (m & copied & _ & N & C & L).
  assert (length copied <= length (words 2 2)) as B.
  { apply NoDup_incl_length; auto. intros w I. apply in_words. apply C in I. exact (proj1 I). }
  rewrite L in B. vm_compute in B. lia.
Qed.

(** ** Two words *)

Definition all_second (k n : nat) : list (list token) := map (cons Ask) (words k n).
Example equality_rows : length (rows (equality 3 2) (words 3 2) (all_second 3 2)) = 3 ^ 2.
Proof. vm_compute. reflexivity. Qed.
Definition equality_machine (n : nat) : machine := keeper n (fun w => w) (right (equality 2 n)).
Example equality_runs : map (says (equality_machine 2) 1 [Num 1; Num 2]) (all_second 2 2) = [Some NO; Some YES; Some NO; Some NO].
Proof. vm_compute. reflexivity. Qed.
Lemma keeps_words T k n : (forall w, prefix T w -> is_word k n w) ->
  solves (keeper n (fun w => w) (right T)) T /\ states_at_most (keeper n (fun w => w) (right T)) T (k ^ n).
Proof.
  intros P. assert (forall w, prefix T w -> length w = n /\ length w = n /\ In w (words k n)) as K.
  { intros w H. apply P in H. destruct H as (L & O). repeat split; auto. apply in_words. split; auto. }
  split; [apply (keeper_solves _ n (fun w => w) _ (words k n)); auto|].
  apply (keeper_states _ n (fun w => w) _ (words k n)); auto. rewrite length_words. auto.
Qed.
Example equality_not_more : ~ forall k n, least (equality k n) (k ^ n + 1).
Proof. intros H. destruct (H 2 3) as (N & _). revert N. apply not_more, equality_states. Qed.
Example equality_not_below_n_log_n : ~ forall k, 2 <= k -> fail_below n_log_n (equality k).
Proof.
  intros H. refine (does_not_fail _ _ equality_machine linear n_is_o_of_n_log_n _ _ (H 2 (le_n 2))).
  - intros n. apply (keeps_words (equality 2 n) 2 n). auto.
  - intros n _. apply (keeps_words (equality 2 n) 2 n). auto.
Qed.

Example disjointness_rows : length (rows (disjointness 3) (words 2 3) (all_second 2 3)) = 2 ^ 3.
Proof. vm_compute. reflexivity. Qed.
Example disjointness_runs : map (right (disjointness 2) [Num 2; Num 1]) (all_second 2 2) = [YES; YES; NO; NO].
Proof. vm_compute. reflexivity. Qed.
Example disjointness_not_more : ~ forall n, least (disjointness n) (2 ^ n + 1).
Proof. intros H. destruct (H 3) as (N & _). revert N. apply not_more, disjointness_states. Qed.
Example disjointness_not_below_n_log_n : ~ fail_below n_log_n disjointness.
Proof.
  refine (does_not_fail _ _ (fun n => keeper n (fun w => w) (right (disjointness n))) linear n_is_o_of_n_log_n _ _).
  - intros n. apply (keeps_words (disjointness n) 2 n). auto.
  - intros n _. apply (keeps_words (disjointness n) 2 n). auto.
Qed.

(** ** Nearest neighbour *)

Example nearest_rows : length (rows (nearest_in_row 3) (row_words 3) [[Ask; Num 1; Num 1]; [Ask; Num 2; Num 1]; [Ask; Num 3; Num 1]]) = 2 ^ 3.
Proof. vm_compute. reflexivity. Qed.
(** Of two points at the same distance the last counts. *)
Example nearest_runs : map (right (nearest 4) (points_text [(1, 1, YES); (4, 2, NO); (3, 4, YES); (1, 3, NO)]))
  [[Ask; Num 3; Num 2]; [Ask; Num 2; Num 3]; [Ask; Num 1; Num 2]; [Ask; Num 4; Num 4]] = [NO; NO; NO; YES].
Proof. vm_compute. reflexivity. Qed.
Example nearest_not_more : ~ forall n, least (nearest_in_row n) (2 ^ n + 1).
Proof. intros H. destruct (H 3) as (N & _). revert N. apply not_more, nearest_in_row_states. Qed.
(** Without points one state is enough. *)
Example nearest_not_always_more : ~ forall n, needs (nearest n) (2 ^ n + 1).
Proof.
  intros H. assert (2 <= 1); [|lia]. apply (H 0 yes 1).
  - intros w q _ (x & y & X & _). lia.
  - exists [tt]. split; auto. intros w _. destruct (after yes w). left. auto.
Qed.
Definition points (n : nat) : list point := list_prod (list_prod (seq 1 n) (seq 1 n)) [YES; NO].
Definition grid_words (n : nat) : list (list token) := map points_text (sequences (points n) n).
Lemma length_grid_words n : length (grid_words n) <= 2 ^ (3 * square n).
Proof.
  unfold grid_words, points, square. rewrite map_length, length_sequences, !prod_length, seq_length. cbn [length].
  replace (3 * (n * n)) with (n + (n + n) + (n + (n + n)) * (n - 1)) by (destruct n; cbn; nia).
  destruct n as [|n]; [cbn; lia|]. rewrite Nat.pow_add_r, Nat.pow_mul_r, <- Nat.pow_succ_r'. replace (S (S n - 1)) with (S n) by lia.
  apply Nat.pow_le_mono_l. rewrite !Nat.pow_add_r. set (m := S n). assert (m < 2 ^ m) by (apply Nat.pow_gt_lin_r; lia). assert (2 <= 2 ^ m).
  { change 2 with (2 ^ 1) at 1. apply Nat.pow_le_mono_r; unfold m; lia. } nia.
Qed.
Lemma grid_kept n w : prefix (nearest n) w -> length w = 3 * n /\ length w = 3 * n /\ In w (grid_words n).
Proof.
  intros (ps & (L & F) & ->). rewrite length_points_text, L. repeat split. apply in_map, in_sequences. split; auto.
  eapply Forall_impl; [|exact F]. intros ((x, y), l) (A & B & C). cbn [fst snd] in *. unfold points. apply in_prod; [apply in_prod; apply in_seq; lia|].
  destruct C as [->| ->]; cbn; auto.
Qed.
Example nearest_not_below_cube : ~ fail_below cube nearest.
Proof.
  refine (does_not_fail _ _ (fun n => keeper (3 * n) (fun w => w) (right (nearest n))) (fun n => 3 * square n) _ _ _).
  - intros c. exists (S (3 * c)). intros n H. unfold square, cube. assert (1 <= n * n) by nia. nia.
  - intros n. apply (keeper_states _ (3 * n) (fun w => w) _ (grid_words n)); [apply grid_kept|apply length_grid_words].
  - intros n _. apply (keeper_solves _ (3 * n) (fun w => w) _ (grid_words n)); [apply grid_kept|auto].
Qed.

(** ** Several look-ups *)

Definition mqar_machine (r n : nat) : machine := author (2 * n) (S r) (fun w => w) (wanted (mqar r n)).
Example mqar_runs : wrote (mqar_machine 3 3) 4 (pairs 1 [5; 4; 5]) [Ask; Num 2; Num 3; Num 2] = Some [Num 4; Num 5; Num 4; YES].
Proof. vm_compute. reflexivity. Qed.
Example the_text_of_pairs : pairs 1 [5; 4; 5] = [Num 1; Num 5; Num 2; Num 4; Num 3; Num 5].
Proof. reflexivity. Qed.
(** The last number has no successor; a value has the next key. *)
Example mqar_of_values : wanted (mqar 2 2) (pairs 1 [3; 4]) [Ask; Num 4; Num 3] = [NONE; Num 2].
Proof. vm_compute. reflexivity. Qed.
Lemma mqar_machine_works r n :
  writing_solves (mqar_machine r n) (mqar r n) /\ writing_states_at_most (mqar_machine r n) (mqar r n) (2 ^ n).
Proof.
  split; [apply (author_solves _ (2 * n) (S r) _ _ (pair_words n)); [apply mqar_kept|apply mqar_said]|].
  apply (author_states _ (2 * n) (S r) _ _ (pair_words n)); [apply mqar_kept|]. rewrite length_pair_words. auto.
Qed.
Example mqar_not_more : ~ forall r n, 1 <= r -> writing_least (mqar r n) (2 ^ n + 1).
Proof. intros H. destruct (H 3 3 ltac:(lia)) as (N & _). revert N. apply writing_not_more, mqar_states. lia. Qed.
(** Who asks nothing learns nothing. *)
Example mqar_needs_a_query : ~ forall r n, writing_least (mqar r n) (2 ^ n).
Proof.
  intros H. destruct (H 0 1) as (N & _). assert (writing_enough (mqar 0 1) 1) as (m & S_ & St).
  { apply (author_enough _ 2 1 (fun _ => [Num 1; Num 2]) (fun _ _ => []) [[Num 1; Num 2]]); auto.
    - intros w G. apply pair_length in G. cbn. auto.
    - intros w q _ (ks & L & _ & ->). destruct ks; [|discriminate]. cbn. auto. }
  specialize (N m 1 S_ St). simpl in N. lia.
Qed.
Example mqar_not_below_n_log_n : ~ forall r, 1 <= r -> writing_fails_below n_log_n (mqar r).
Proof.
  intros H. refine (writing_does_not_fail _ _ (mqar_machine 1) linear n_is_o_of_n_log_n _ _ (H 1 (le_n 1))); intros; apply mqar_machine_works.
Qed.
