(** The statements that tasks are the same do not hold vacuously: an instance that is computed, and false variants. *)
From Coq Require Import ZArith List Lia.
From RetrievalGap Require Import Model StatementsTasks SameTasks.
From RetrievalGap Require StatementsMachines.
Import ListNotations.
Local Open Scope nat_scope.

Ltac small := repeat constructor; cbn; auto; try lia.
Lemma in_letters k xs : Forall (fun x => 1 <= x <= k) xs -> Lower.over k (word xs). Proof. apply word_over. Qed.
(** After 3 1 3 the token at place 2 is asked for; 3 occurs more than once; what follows 3 is 1. *)
Example index_asked : exists xs ys, word [3; 1; 3] = word xs /\ query [2] = query ys /\ Upper.answer Upper.index (numbers xs) (numbers ys) (Number 1).
Proof.
  destruct (proj1 index_tasks 3 3 3 (word [3; 1; 3]) (query [2])) as (xs & ys & E & F & _ & _ & t & S & A); [lia|lia|split; [reflexivity|apply in_letters; small]|exists 2; split; [lia|reflexivity]|].
  exists xs, ys. split; [exact E|]. split; [exact F|]. change (t = Number 1) in S. rewrite <- S. exact A.
Qed.
Example counting_asked : exists xs ys, word [3; 1; 3] = word xs /\ Upper.answer Upper.counting (numbers xs) (numbers ys) (Number 1).
Proof.
  destruct (proj1 counting_tasks 3 3 3 (word [3; 1; 3]) (query [3; 1])) as (xs & ys & E & _ & _ & _ & t & S & A);
    [lia|lia|split; [reflexivity|apply in_letters; small]|exists 3, 1; split; [lia|split; [lia|reflexivity]]|].
  exists xs, ys. split; [exact E|]. change (t = Number 1) in S. rewrite <- S. exact A.
Qed.
Example c_gram_asked : exists xs ys, word [3; 1; 3] = word xs /\ Upper.answer (Upper.c_gram 2) (numbers xs) (numbers ys) (Number 1).
Proof.
  destruct (proj1 (proj1 (c_gram_tasks 2 ltac:(lia))) 3 3 3 (word [3; 1; 3]) (query [3])) as (xs & ys & E & _ & _ & _ & t & S & A);
    [lia|lia|split; [reflexivity|apply in_letters; small]|exists (word [3]); split; [reflexivity|split; [apply in_letters; small|reflexivity]]|].
  exists xs, ys. split; [exact E|]. change (t = Number 1) in S. rewrite <- S. exact A.
Qed.
Example path_is_a_tree_of_both : Lower.tree 3 [(1, 2); (3, 2)] = true /\ StatementsMachines.tree [(1, 2); (3, 2)].
Proof.
  split; [reflexivity|].
  assert (Lower.edges 3 [(1, 2); (3, 2)]) as E by (intros u v [H|[H|[]]]; injection H as <- <-; unfold Lower.node; lia).
  destruct (istree_tasks 3 [(1, 2); (3, 2)] ltac:(lia) E) as (_ & _ & T).
  - intros v V. unfold Lower.node in V. destruct v as [|[|[|[|v]]]]; try lia; [exists 2|exists 1|exists 2]; cbn; auto.
  - apply T; [|reflexivity]. split; [exact E|]. vm_compute. repeat constructor; cbn; intuition discriminate.
Qed.
(** Index is not Counting: there are questions of one that are none of the other. *)
Example other_task_refuted : ~ same_task Lower.index Upper.counting.
Proof.
  intros (P & _). destruct (P 1 1 1 (word [1]) (query [1])) as (xs & ys & _ & Q & _ & (a & t & E & _) & _);
    [lia|lia|split; [reflexivity|apply in_letters; small]|exists 1; split; [lia|reflexivity]|].
  apply (f_equal (@length _)) in Q, E. unfold query, word, numbers in Q, E. cbn [length] in Q, E. rewrite !map_length in Q. rewrite map_length in E. cbn [length] in Q, E. lia.
Qed.
(** Nor is the task of different words all of c-gram: at size 2 the word 1 1 is one of the upper task alone. *)
Example different_words_refuted : ~ same_task (Lower.c_gram 2) (Upper.c_gram 2).
Proof.
  intros (_ & W). destruct (W 2 [1; 1]%Z [1]%Z) as (xs & ys & E & _ & (_ & _ & D) & _); [reflexivity|split; [cbn [length]; lia|small]|split; [reflexivity|split; [discriminate|small]]|].
  destruct xs as [|x [|y [|z xs]]]; try discriminate E. unfold numbers in E. cbn [map] in E. injection E as E1 E2. assert (x = 1) as -> by lia. assert (y = 1) as -> by lia. inversion D as [|? ? N _]. apply N. left. reflexivity.
Qed.
(** Without "no isolated node" the two speak of different graphs: the empty one on one node is a tree of the lower half. *)
Example isolated_refuted : ~ (forall n es, 1 <= n -> Lower.edges n es -> forall v, In v (StatementsMachines.nodes es) <-> Lower.node n v).
Proof. intros F. destruct (F 1 [] ltac:(lia) ltac:(intros u v []) 1) as (_ & B). apply B. unfold Lower.node. lia. Qed.
