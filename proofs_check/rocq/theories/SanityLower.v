(** That the statements of StatementsLower.v say something: beside each an instance that is computed, and a variant with one
    thing changed that is refuted. *)
From Coq Require Import List Lia Arith Factorial.
From RetrievalGap Require Import StatementsLower Machines LowerIndex LowerRecall LowerCounting Exact Trees Partitions.
From RetrievalGap Require Import LowerIsTree ExactIsTree PromiseIsTree FixedAlphabet.
Import ListNotations.

(** ** Machines run, and their number of states can be too small *)

(** What a machine says within so many tokens of thought. *)
Definition says (m : machine) (fuel : nat) (w q : list token) : option token :=
  think m fuel (length w + length q) (read m (length w) (after m w) q) (last q Ask).

(** Counts down aloud before it answers: its chain of thought is read back. *)
Definition thinker : machine := {|
  state := nat; first := 0;
  step _ s t := match t with Num k => k | _ => s end;
  write _ s _ := match s with O => YES | S s' => Num s' end;
  ends t := match t with YES => true | _ => false end
|}.
Example it_thinks : says thinker 5 [Num 1; Num 4] [Ask] = Some YES. Proof. vm_compute. reflexivity. Qed.
Example it_needs_time : says thinker 4 [Num 1; Num 4] [Ask] = None. Proof. vm_compute. reflexivity. Qed.

Lemma not_more T b : least T b -> ~ needs T (S b).
Proof. intros (_ & m & S_ & St) N. specialize (N m b S_ St). lia. Qed.
Lemma not_less T b : least T (S b) -> ~ enough T b.
Proof. intros (N & _) (m & S_ & St). specialize (N m b S_ St). lia. Qed.

Definition square (n : nat) : nat := n * n.
Definition cube (n : nat) : nat := n * n * n.
Example a_constant_is_o_of_n : little_o linear (fun _ => 7).
Proof. intros c. exists (S (c * 7)). unfold linear. lia. Qed.
Example n_is_not_o_of_n : ~ little_o linear linear.
Proof. intros H. destruct (H 1) as (N & F). specialize (F N (le_n N)). unfold linear in F. lia. Qed.
Lemma n_is_o_of_n_log_n : little_o n_log_n linear.
Proof.
  intros c. exists (2 ^ S c). intros n H. unfold n_log_n, linear. pose proof (Nat.pow_nonzero 2 (S c)).
  assert (1 <= n) by lia. apply Nat.log2_le_mono in H. rewrite Nat.log2_pow2 in H by lia. nia.
Qed.
Lemma n_is_o_of_square : little_o square linear.
Proof. intros c. exists (S c). intros n H. unfold square, linear. nia. Qed.
Lemma square_is_o_of_cube : little_o cube square.
Proof. intros c. exists (S c). intros n H. unfold square, cube. assert (1 <= n * n) by nia. nia. Qed.

(** ** Index *)

Definition index_machine (n : nat) : machine := keeper n (fun w => w) (right (index 2 n)).
Example index_runs : says (index_machine 3) 1 [Num 1; Num 2; Num 1] [Ask; Num 2] = Some (Num 2).
Proof. vm_compute. reflexivity. Qed.
Example index_rows : length (rows (index 2 3) (words 2 3) [[Ask; Num 1]; [Ask; Num 2]; [Ask; Num 3]]) = 2 ^ 3.
Proof. vm_compute. reflexivity. Qed.

Example index_not_more : ~ forall k n, least (index k n) (k ^ n + 1).
Proof. intros H. destruct (H 2 3) as (N & _). revert N. apply not_more, index_states. Qed.
Lemma index_machine_works n : solves (index_machine n) (index 2 n) /\ states_at_most (index_machine n) (index 2 n) (2 ^ n).
Proof.
  assert (forall w, prefix (index 2 n) w -> length w = n /\ length w = n /\ In w (words 2 n)) as K.
  { intros w (L & O). repeat split; auto. apply in_words. auto. }
  split; [apply (keeper_solves _ n (fun w => w) _ (words 2 n)); auto|].
  apply (keeper_states _ n (fun w => w) _ (words 2 n)); auto. rewrite length_words. auto.
Qed.
(** n bits are enough, and are o(n log n): only o(n) bits fail. *)
Example index_not_below_n_log_n : ~ forall k, 2 <= k -> fail_below n_log_n (index k).
Proof.
  intros H. refine (does_not_fail _ _ index_machine linear n_is_o_of_n_log_n _ _ (H 2 (le_n 2))); intros; apply index_machine_works.
Qed.
(** One letter is known beforehand. *)
Example index_not_of_one_letter : ~ forall k, 1 <= k -> fail_below linear (index k).
Proof.
  intros H. refine (does_not_fail linear (index 1) (fun n => keeper n (fun w => w) (right (index 1 n))) (fun _ => 0) _ _ _ (H 1 (le_n 1))).
  - intros c. exists 1. unfold linear. lia.
  - intros n. apply (keeper_states _ n (fun w => w) _ (words 1 n)); [|rewrite length_words, Nat.pow_1_l; auto].
    intros w (L & O). repeat split; auto. apply in_words. auto.
  - intros n _. apply (keeper_solves _ n (fun w => w) _ (words 1 n)); auto.
    intros w (L & O). repeat split; auto. apply in_words. auto.
Qed.

(** What fails with o(n) bits need not fail with o(n log n). *)
Example not_the_converse : ~ forall T, fail_below linear T -> fail_below n_log_n T.
Proof. intros H. apply index_not_below_n_log_n. intros k K. apply H, index_fails, K. Qed.

(** ** Associative recall and c-gram retrieval *)

Definition recall_machine (k n : nat) : machine := keeper n (fun w => w) what_follows.
Example recall_runs : map (fun i => says (recall_machine 3 3) 1 [Num 3; Num 1; Num 2] [Ask; Num i]) [1; 2; 3] =
  [Some (Num 2); Some NONE; Some (Num 1)].
Proof. vm_compute. reflexivity. Qed.
Example the_latest_occurrence : follows [Num 1; Num 2] [Num 1; Num 2; Num 3; Num 1; Num 2; Num 4; Num 1; Num 2] = Some (Num 4).
Proof. vm_compute. reflexivity. Qed.
Example recall_rows : length (rows (recall 4 4) (orders 4 (letters 4)) (queries 4 1)) = fact 4.
Proof. vm_compute. reflexivity. Qed.
Example c_gram_rows : length (rows (c_gram 3 4 3) (orders 3 (letters 4)) (queries 4 2)) = falling 4 3.
Proof. vm_compute. reflexivity. Qed.
Example c_gram_own_rows : length (rows (c_gram 4 4 4) (orders 4 (letters 4)) (queries 4 3)) = fact 4.
Proof. vm_compute. reflexivity. Qed.

Example recall_not_more : ~ forall n, least (recall n n) (fact n + 1).
Proof. intros H. destruct (H 3) as (N & _). revert N. apply not_more, (recall_states 3). Qed.
Example recall_not_less : ~ forall n, least (recall n n) (fact (n - 1)).
Proof. intros H. destruct (H 3) as (_ & E). revert E. intros (m & S_ & St). pose proof (proj1 (recall_states 3) m _ S_ St) as L. simpl in L. lia. Qed.
(** A gram of c - 1 tokens must leave room for what follows. *)
Example c_gram_not_short : ~ forall c n, 2 <= c -> least (c_gram c n n) (fact n).
Proof.
  intros H. destruct (H 3 2) as (N & _); [lia|]. assert (enough (c_gram 3 2 2) 1) as (m & S_ & St).
  { apply (enough_to_keep _ 2 (fun _ => [Num 1; Num 2]) what_follows [[Num 1; Num 2]]); auto.
    - intros w (L & _). simpl. auto.
    - intros w q (L & O & _) (g & G & _ & ->). destruct w as [|a [|b [|]]]; try discriminate.
      destruct g as [|x [|y [|]]]; try discriminate.
      assert (forall a b, what_follows [a; b] [Ask; x; y] = NONE) as E.
      { intros a' b'. unfold what_follows. simpl. destruct (token_eq_dec b' x), (token_eq_dec a' x); auto;
          destruct (token_eq_dec b' y); auto. }
      change (what_follows [Num 1; Num 2] [Ask; x; y] = what_follows [a; b] [Ask; x; y]). rewrite !E. auto. }
  specialize (N m 1 S_ St). simpl in N. lia.
Qed.

Lemma power_square n : n ^ n <= 2 ^ square n.
Proof.
  unfold square. rewrite Nat.pow_mul_r. apply Nat.pow_le_mono_l. apply Nat.lt_le_incl, Nat.pow_gt_lin_r. lia.
Qed.
Lemma fact_power n : fact n <= n ^ n.
Proof.
  rewrite <- falling_fact. assert (forall j k, falling k j <= k ^ j) as F; [|apply F]. induction j; intros k; simpl; auto.
  apply Nat.mul_le_mono_l. transitivity ((k - 1) ^ j); auto. apply Nat.pow_le_mono_l. lia.
Qed.
Lemma recall_machine_works c n :
  solves (recall_machine n n) (c_gram c n n) /\ states_at_most (recall_machine n n) (c_gram c n n) (fact n).
Proof.
  assert (forall w, prefix (c_gram c n n) w -> length w = n /\ length w = n /\ In w (orders n (letters n))) as K.
  { intros w (L & O & N). repeat split; auto. apply in_orders. auto. }
  split; [apply (keeper_solves _ n (fun w => w) _ (orders n (letters n))); auto|].
  apply (keeper_states _ n (fun w => w) _ (orders n (letters n))); auto.
  rewrite length_orders, length_letters, falling_fact by apply NoDup_letters. auto.
Qed.
Example c_gram_not_below_cube : ~ forall c, 2 <= c -> fail_below cube (fun n => c_gram c n n).
Proof.
  intros H. refine (does_not_fail _ _ (fun n => recall_machine n n) square square_is_o_of_cube _ _ (H 2 (le_n 2))).
  - intros n. apply states_more with (fact n); [apply recall_machine_works|].
    transitivity (n ^ n); [apply fact_power|apply power_square].
  - intros n _. apply recall_machine_works.
Qed.
Example recall_not_below_cube : ~ fail_below cube (fun n => recall n n).
Proof.
  refine (does_not_fail _ _ (fun n => recall_machine n n) square square_is_o_of_cube _ _).
  - intros n. apply states_more with (fact n); [apply recall_machine_works|].
    transitivity (n ^ n); [apply fact_power|apply power_square].
  - intros n _. apply recall_machine_works.
Qed.

(** Promise: there are legal queries; rotations need not be told apart. *)
Example promise_is_kept : legal (recall_promise 3 3) [Num 3; Num 1; Num 2] [Ask; Num 1] /\
  ~ legal (recall_promise 3 3) [Num 3; Num 1; Num 2] [Ask; Num 2].
Proof.
  split.
  - exists [Num 1]. repeat split; [intros t [<-|[]]; simpl; auto|discriminate].
  - intros (g & _ & _ & E & N). injection E as <-. apply N. vm_compute. reflexivity.
Qed.
Example round_answers : map (fun w => says (keeper 3 (turn []) round) 1 w [Ask; Num 3]) [[Num 3; Num 1; Num 2]; [Num 2; Num 3; Num 1]] =
  [Some (Num 1); Some (Num 1)].
Proof. vm_compute. reflexivity. Qed.
Example promise_needs_fewer : ~ forall n, 1 <= n -> least (recall_promise n n) (fact n).
Proof.
  intros H. destruct (H 3) as (N & _); [lia|]. destruct (recall_promise_states 3) as (_ & m & S_ & St); [lia|].
  specialize (N m _ S_ St). simpl in N. lia.
Qed.
Example c_gram_promise_needs_fewer : ~ forall c k n, 2 <= c <= n -> needs (c_gram_promise c k n) (falling k n).
Proof.
  intros H. specialize (H 2 3 3 ltac:(lia)). destruct (recall_promise_states 3) as (_ & m & S_ & St); [lia|].
  specialize (H m _ S_ St). simpl in H. lia.
Qed.
Lemma promised_machine_works c n : solves (recall_machine n n) (c_gram_promise c n n).
Proof.
  intros w q P (g & G & O & E & _). apply (proj1 (recall_machine_works c n) w q); auto. exists g. auto.
Qed.
Example c_gram_promise_not_below_cube : ~ forall c, 2 <= c -> fail_below cube (fun n => c_gram_promise c n n).
Proof.
  intros H. refine (does_not_fail _ _ (fun n => recall_machine n n) square square_is_o_of_cube _ _ (H 2 (le_n 2))).
  - intros n. destruct (recall_machine_works 2 n) as (_ & St). apply states_more with (fact n); [exact St|].
    transitivity (n ^ n); [apply fact_power|apply power_square].
  - intros n _. apply promised_machine_works.
Qed.
Example recall_promise_not_below_cube : ~ fail_below cube (fun n => recall_promise n n).
Proof.
  refine (does_not_fail _ _ (fun n => recall_machine n n) square square_is_o_of_cube _ _).
  - intros n. destruct (recall_machine_works 2 n) as (_ & St). apply states_more with (fact n); [exact St|].
    transitivity (n ^ n); [apply fact_power|apply power_square].
  - intros n _. apply promised_machine_works.
Qed.

(** In general the rows count states only where the same queries are legal after all prefixes. *)
Example rows_not_under_promise : ~ forall T P Q n,
  (forall w, prefix T w <-> In w P) -> (forall w, In w P -> length w = n) -> least T (length (rows T P Q)).
Proof.
  intros H. destruct (H (recall_promise 3 3) (orders 3 (letters 3)) (queries 3 1) 3) as (N & _).
  - intros w. rewrite in_orders. simpl. unfold different, over. tauto.
  - intros w I. apply in_orders in I. tauto.
  - destruct (recall_promise_states 3) as (_ & m & S_ & St); [lia|]. specialize (N m _ S_ St). vm_compute in N. lia.
Qed.

(** Over a fixed alphabet: 7 rows for two letters, whatever n is; and that is not enough for one more letter. *)
Example constant_rows : map (fun n => length (rows (c_gram_of_words 2 2 n) (words 2 n) (queries 2 1))) [3; 4; 5; 6] =
  [7; 7; 7; 7].
Proof. vm_compute. reflexivity. Qed.
Example constant_not_less : ~ forall c k n, enough (c_gram_of_words c k n) (k ^ (k ^ (c - 1))).
Proof.
  intros H. destruct (H 2 2 3) as (m & S_ & St).
  destruct (least_is_rows (c_gram_of_words 2 2 3) (words 2 3) (queries 2 1) 3) as (N & _).
  - intros w. symmetry. apply in_words.
  - intros w I. apply in_words in I. tauto.
  - intros w q _. unfold queries. rewrite in_map_iff. simpl. split.
    + intros (g & L & O & ->). exists g. split; auto. apply (in_words 2 1). auto.
    + intros (g & <- & I). apply (in_words 2 1) in I. exists g. tauto.
  - specialize (N m _ S_ St). vm_compute in N. lia.
Qed.
Example growing_alphabets_fail : ~ forall c, ~ fail_below linear (fun n => c_gram c n n).
Proof. intros H. apply (H 2). apply fail_below_linear, c_gram_fails. auto. Qed.

(** ** Counting *)

Example counting_runs : map (fun t => says (counting_machine 3 4) 1 [Num 2; Num 1; Num 2; Num 3] [Ask; Num 2; Num t]) [0; 1; 2; 3; 4] =
  [Some (Num 1); Some (Num 1); Some (Num 0); Some (Num 0); Some (Num 0)].
Proof. vm_compute. reflexivity. Qed.
Definition counting_queries (k n : nat) : list (list token) :=
  flat_map (fun i => map (fun t => [Ask; Num i; Num t]) (seq 0 (S n))) (seq 1 k).
Example counting_rows : length (rows (counting 3 3) (words 3 3) (counting_queries 3 3)) = binomial (2 * 3 - 1) 3.
Proof. vm_compute. reflexivity. Qed.
Example counting_rows_two : length (rows (counting 2 4) (words 2 4) (counting_queries 2 4)) = binomial (4 + 2 - 1) (2 - 1).
Proof. vm_compute. reflexivity. Qed.
Example pascal : map (binomial 5) (seq 0 7) = [1; 5; 10; 10; 5; 1; 0]. Proof. vm_compute. reflexivity. Qed.

(** Without letters there are no words, and no states. *)
Example counting_needs_a_letter : ~ forall k n, least (counting k n) (binomial (n + k - 1) (k - 1)).
Proof.
  intros H. destruct (H 0 2) as (N & _). destruct (counting_least 0 2) as (_ & m & S_ & St).
  specialize (N m _ S_ St). simpl in N. lia.
Qed.
Example counting_not_more : ~ forall n, 1 <= n -> least (counting n n) (binomial (2 * n) n).
Proof.
  intros H. destruct (H 2) as (N & _); [lia|]. destruct (counting_own_states 2) as (_ & m & S_ & St); [lia|].
  specialize (N m _ S_ St). simpl in N. lia.
Qed.
Lemma multisets_small : forall j n, multisets j n <= 2 ^ (j + n).
Proof.
  induction j; intros n; [destruct n; simpl; lia|]. induction n; [simpl; pose proof (Nat.pow_nonzero 2 (j + 0)); lia|].
  change (multisets (S j) (S n)) with (multisets (S j) n + multisets j (S n)). specialize (IHj (S n)).
  replace (S j + S n) with (S (j + S n)) by lia. rewrite Nat.pow_succ_r'. replace (S j + n) with (j + S n) in IHn by lia. lia.
Qed.
Example counting_not_below_square : ~ fail_below square (fun n => counting n n).
Proof.
  refine (does_not_fail _ _ (fun n => counting_machine n n) (fun n => n + n) _ _ _).
  - intros c. exists (S (2 * c)). intros n H. unfold square. nia.
  - intros n. apply states_more with (multisets n n); [|apply multisets_small]. apply counting_machine_works.
  - intros n _. apply counting_machine_works.
Qed.

(** ** IsTree *)

Example a_path : tree 3 [(1, 2); (3, 2)] = true. Proof. vm_compute. reflexivity. Qed.
Example a_triangle : tree 3 [(1, 2); (2, 3); (1, 3)] = false. Proof. vm_compute. reflexivity. Qed.
Example a_repeated_edge : tree 3 [(1, 2); (2, 1)] = false. Proof. vm_compute. reflexivity. Qed.
Example two_parts : tree 4 [(1, 2); (3, 4)] = false. Proof. vm_compute. reflexivity. Qed.
(** From the definition, without the computation. *)
Example one_edge_is_a_tree : is_tree 2 [(1, 2)].
Proof.
  split.
  - assert (joined [(1, 2)] 1 2) as J by (apply joined_edge; left; auto). intros u v U V. unfold node in *.
    assert (u = 1 \/ u = 2) as [->| ->] by lia; assert (v = 1 \/ v = 2) as [->| ->] by lia; try constructor; auto.
    apply joined_sym. auto.
  - intros b u v a E J. destruct b as [|e b]; [|destruct b; discriminate]. injection E as <- <- <-.
    apply (joined_constant (fun x => x)) in J; [discriminate|intros x y []].
Qed.
Example twice_is_a_cycle : ~ is_tree 2 [(1, 2); (2, 1)].
Proof. intros (_ & A). apply (A [] 1 2 [(2, 1)]); auto. apply joined_sym, joined_edge. left. auto. Qed.
(** Edges beyond the nodes, and no nodes at all. *)
Example tree_not_anywhere : ~ forall n es, 1 <= n -> (tree n es = true <-> is_tree n es).
Proof.
  intros H. destruct (H 1 [(5, 6)] (le_n 1)) as (_ & B). discriminate B. split.
  - intros u v U V. unfold node in *. assert (u = 1) as -> by lia. assert (v = 1) as -> by lia. constructor.
  - intros b u v a E J. destruct b as [|e b]; [|destruct b; discriminate]. injection E as <- <- <-.
    apply (joined_constant (fun x => x)) in J; [discriminate|intros x y []].
Qed.

(** All lists of at most three edges on three nodes, and what follows: 6 rows, Bell(3) + 1. *)
Fixpoint lists (es : list edge) (m : nat) : list (list edge) :=
  match m with O => [[]] | S m' => [] :: flat_map (fun e => map (cons e) (lists es m')) es end.
Definition three : list edge := [(1, 2); (2, 3); (1, 3)].
Example istree_rows : length (rows (istree 3) (map text (lists three 3))
  (map (fun es => Ask :: text es) (lists three 2))) = bell 3 + 1.
Proof. vm_compute. reflexivity. Qed.
Example istree_at_rows : map (fun m => length (rows (istree_at 3 m)
    (map text (filter (fun es => length es =? m) (lists three m))) (map (fun es => Ask :: text es) (lists three 2))))
  [0; 1; 2; 3] = [1; 3; 2; 1].
Proof. vm_compute. reflexivity. Qed.
Example istree_at_numbers : map (fun m => stirling 3 (3 - m) + if 2 <=? m then 1 else 0) [0; 1; 2; 3] = [1; 3; 2; 1].
Proof. vm_compute. reflexivity. Qed.
Example bells : map bell (seq 0 8) = [1; 1; 2; 5; 15; 52; 203; 877]. Proof. vm_compute. reflexivity. Qed.
Example graph_machine_runs : map (fun es => says (graph_machine 4) 1 (text [(1, 2); (3, 4)]) (Ask :: text es)) [[(2, 3)]; [(2, 1)]; []] =
  [Some YES; Some NO; Some NO].
Proof. vm_compute. reflexivity. Qed.

Example istree_not_more : ~ forall n, 2 <= n -> least_uniform (istree n) (bell n + 2).
Proof.
  intros H. destruct (H 2) as (N & _); [lia|]. destruct (istree_states 2) as (_ & m & U & S_ & St); [lia|].
  specialize (N m _ U S_ St). simpl in N. lia.
Qed.
(** A single node has no edges. *)
Definition yes : machine := {| state := unit; first := tt; step _ _ _ := tt; write _ _ _ := YES; ends _ := true |}.
Example istree_not_of_one_node : ~ forall n, 1 <= n -> least_uniform (istree n) (bell n + 1).
Proof.
  intros H. destruct (H 1) as (N & _); [lia|]. assert (forall es, edges 1 es -> es = []) as Nil.
  { intros [|(u, v) es] E; auto. destruct (E u v) as (U & V & D); [left; auto|]. unfold node in *. lia. }
  assert (2 <= 1); [|lia]. apply (N yes 1).
  - split; auto.
  - intros w q (es & E & _ & ->) (es' & E' & ->). rewrite (Nil es), (Nil es') by auto. exists 1. reflexivity.
  - exists [tt]. split; auto. intros w _. destruct (after yes w). left. auto.
Qed.

(** Machines that see the position can do with fewer than Bell(n) + 1: on two nodes the number of tokens says it all. *)
Definition counter : machine :=
  {| state := unit; first := tt; step _ _ _ := tt; write i _ _ := if i =? 4 then YES else NO; ends _ := true |}.
Lemma counter_right es q : edges 2 es -> edges 2 q ->
  answers counter (text es) (Ask :: text q) (if tree 2 (edges_of (text es ++ Ask :: text q)) then YES else NO).
Proof.
  intros E Q. exists 1. rewrite edges_of_both. assert (edges 2 (es ++ q)) as EQ by (apply edges_app; auto).
  cbn [think counter write ends]. rewrite length_text. cbn [length]. rewrite length_text.
  replace (3 * length es + S (3 * length q)) with (1 + 3 * length (es ++ q)) by (rewrite app_length; lia).
  destruct (es ++ q) as [|(u, v) [|e r]]; auto.
  - destruct (EQ u v) as (U & V & D); [left; auto|]. unfold node in *. assert (u = 1 \/ u = 2) as [->| ->] by lia;
      assert (v = 1 \/ v = 2) as [->| ->] by lia; try lia; reflexivity.
  - assert (tree 2 ((u, v) :: e :: r) = false) as -> by reflexivity. destruct (Nat.eqb_spec (1 + 3 * length ((u, v) :: e :: r)) 4); auto.
    cbn [length] in *. lia.
Qed.
Example istree_not_with_positions : ~ forall n, 2 <= n -> needs (istree n) (bell n + 1).
Proof.
  intros H. assert (3 <= 1); [|lia]. apply (H 2 (le_n 2) counter 1).
  - intros w q (es & E & _ & ->) (es' & E' & ->). apply counter_right; auto.
  - exists [tt]. split; auto. intros w _. destruct (after counter w). left. auto.
Qed.
Example istree_at_not_more : ~ forall n m, 2 <= n -> least (istree_at n m) (stirling n (n - m) + 1).
Proof.
  intros H. destruct (H 2 1 (le_n 2)) as (N & _). assert (2 <= 1); [|lia]. apply (N counter 1).
  - intros w q (es & E & _ & ->) (es' & E' & ->). apply counter_right; auto.
  - exists [tt]. split; auto. intros w _. destruct (after counter w). left. auto.
Qed.
Example istree_power_not_more : ~ forall n q, q <= n -> needs (istree_at n (n - q)) (q ^ (n - q) + 1).
Proof.
  intros H. assert (2 <= 1); [|lia]. apply (H 2 2 (le_n 2) counter 1).
  - intros w q (es & E & _ & ->) (es' & E' & ->). apply counter_right; auto.
  - exists [tt]. split; auto. intros w _. destruct (after counter w). left. auto.
Qed.

(** The promise: legal queries exist, with either answer; a repeated edge is not one. *)
Example promise_has_trees : legal (istree_promise 3) (text [(1, 2)]) (Ask :: text [(3, 2)]) /\
  right (istree_promise 3) (text [(1, 2)]) (Ask :: text [(3, 2)]) = YES.
Proof.
  split; [|reflexivity]. exists [(3, 2)]. split; auto. split; [split|].
  - intros u v [E|[E|[]]]; injection E as <- <-; unfold node; lia.
  - repeat constructor; simpl; intuition discriminate.
  - intros v V. unfold node in V. assert (v = 1 \/ v = 2 \/ v = 3) as [->|[->| ->]] by lia; simpl; [exists 2|exists 1|exists 2]; auto.
Qed.
Example promise_has_others : legal (istree_promise 3) (text [(1, 2)]) (Ask :: text [(3, 2); (1, 3)]) /\
  right (istree_promise 3) (text [(1, 2)]) (Ask :: text [(3, 2); (1, 3)]) = NO.
Proof.
  split; [|reflexivity]. exists [(3, 2); (1, 3)]. split; auto. split; [split|].
  - intros u v [E|[E|[E|[]]]]; injection E as <- <-; unfold node; lia.
  - repeat constructor; simpl; intuition discriminate.
  - intros v V. unfold node in V. assert (v = 1 \/ v = 2 \/ v = 3) as [->|[->| ->]] by lia; simpl; [exists 2|exists 1|exists 2]; auto.
Qed.
Example promise_forbids_repeats : ~ legal (istree_promise 2) (text [(1, 2)]) (Ask :: text [(2, 1)]).
Proof.
  intros (es & E & (_ & N) & _). assert (es = [(2, 1)]) as -> by (apply text_injective; congruence).
  vm_compute in N. inversion N as [|? ? X]. apply X. left. auto.
Qed.
Example istree_promise_not_bell : ~ forall n, 2 <= n -> needs (istree_promise n) (bell n + 1).
Proof.
  intros H. assert (3 <= 1); [|lia]. apply (H 2 (le_n 2) counter 1).
  - intros w q (es & (E & _) & ->) (es' & -> & (E' & _) & _). rewrite edges_of_text in E'. apply counter_right; auto.
    apply edges_app in E'. tauto.
  - exists [tt]. split; auto. intros w _. destruct (after counter w). left. auto.
Qed.

(** Enough bits do not fail. *)
Lemma bell_small n : 2 <= n -> bell n + 1 <= 2 ^ square n.
Proof.
  intros N. assert (bell n <= n ^ n) as B.
  { rewrite <- length_partitions, <- (map_length (map Num)), <- (length_words n n). apply NoDup_incl_length.
    - apply NoDup_map_on; [apply NoDup_partitions|]. intros f g _ _ E. revert g E.
      induction f as [|r f IH]; destruct g as [|s g]; intros E; try discriminate; auto. injection E as -> E. f_equal. auto.
    - intros w W. apply in_map_iff in W. destruct W as (f & <- & F). apply in_partitions in F. destruct F as (L & G).
      apply in_words. split; [rewrite map_length; auto|]. rewrite <- L. clear L N. intros t T. apply in_map_iff in T.
      destruct T as (r & <- & R). apply in_letters. exists r. split; auto.
      induction f as [|s f IH]; [destruct R|]. destruct G as (G & S_). simpl. destruct R as [->|R].
      + destruct S_ as [->|S_]; [lia|]. apply roots_bounds in S_; auto. unfold node in S_. lia.
      + specialize (IH G R). lia. }
  unfold square. rewrite Nat.pow_mul_r. assert (n < 2 ^ n) by (apply Nat.pow_gt_lin_r; lia).
  assert (n ^ n < (2 ^ n) ^ n) by (apply Nat.pow_lt_mono_l; lia). lia.
Qed.
Definition tree_machine (n : nat) : machine := if n <? 2 then yes else graph_machine n.
Lemma tree_machine_states n : states_at_most (tree_machine n) (istree n) (2 ^ square n).
Proof.
  unfold tree_machine. destruct (Nat.ltb_spec n 2).
  - exists [tt]. split; [simpl; pose proof (Nat.pow_nonzero 2 (square n)); lia|]. intros w _. destruct (after yes w). left. auto.
  - apply states_more with (bell n + 1); [apply graph_machine_states; auto|apply bell_small; auto].
Qed.
Lemma tree_machine_solves n : 2 <= n -> solves (tree_machine n) (istree n).
Proof. intros N. unfold tree_machine. destruct (Nat.ltb_spec n 2); [lia|]. apply graph_machine_solves. auto. Qed.
Example istree_not_below_cube : ~ fail_below cube istree.
Proof.
  refine (does_not_fail _ _ tree_machine square square_is_o_of_cube tree_machine_states tree_machine_solves).
Qed.
Example istree_promise_not_below_cube : ~ fail_below cube istree_promise.
Proof.
  refine (does_not_fail _ _ tree_machine square square_is_o_of_cube _ _).
  - intros n. destruct (tree_machine_states n) as (l & L & I). exists l. split; auto.
    intros w (es & (E & _) & ->). apply I. exists es. auto.
  - intros n N w q (es & (E & _) & ->) (es' & -> & (E' & _) & _). rewrite edges_of_text in E'. apply edges_app in E'.
    apply (tree_machine_solves n N (text es) (Ask :: text es')); [exists es; auto|exists es'; tauto].
Qed.
