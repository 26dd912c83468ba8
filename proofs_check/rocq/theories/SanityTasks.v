(** The statements that tasks are the same do not hold vacuously: an instance that is computed, and false variants. *)
From Coq Require Import ZArith List Lia.
From RetrievalGap Require Import Model StatementsTasks SameTasks.
From RetrievalGap Require StatementsMachines LowerNearby.
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

(** The neighbours. A word of three letters is to be copied; b a is b a; they share b; keys 1 and 2 have 4 and 3. *)
Example copying_asked : exists xs, word [2; 1; 2] = word xs /\ all_said (word [2; 1; 2]) (map Number (numbers xs)).
Proof.
  destruct (proj1 copying_tasks 2 3 3 (word [2; 1; 2]) [Lower.Ask]) as (xs & E & _ & _ & S); [lia|lia|split; [reflexivity|apply in_letters; small]|reflexivity|].
  exists xs. split; [exact E|exact S].
Qed.
Example equality_asked : Lower.right (NearLower.equality 2 2) (word [2; 1]) (query [2; 1]) = Lower.YES /\
  Lower.right (NearLower.equality 2 2) (word [2; 1]) (query [1; 1]) = Lower.NO.
Proof. split; [exact (proj2 (equality_tasks 2) [true; false] [true; false] eq_refl eq_refl)|exact (proj2 (equality_tasks 2) [true; false] [false; false] eq_refl eq_refl)]. Qed.
Example disjointness_asked : Lower.right (NearLower.disjointness 2) (word [2; 1]) (query [2; 1]) = Lower.NO /\
  Lower.right (NearLower.disjointness 2) (word [2; 1]) (query [1; 2]) = Lower.YES.
Proof. split; [exact (proj2 (disjointness_tasks 2) [true; false] [true; false] eq_refl eq_refl)|exact (proj2 (disjointness_tasks 2) [true; false] [false; true] eq_refl eq_refl)]. Qed.
Example mqar_asked : exists xs a b c, word [1; 4; 2; 3] = word xs /\ query [2; 1; 3] = query [a; b; c] /\
  Upper.answer Upper.associative_recall (numbers xs) (numbers [a]) (Number 3) /\
  Upper.answer Upper.associative_recall (numbers xs) (numbers [b]) (Number 4) /\
  Upper.answer Upper.associative_recall (numbers xs) (numbers [c]) Upper.none.
Proof.
  destruct (mqar_tasks 2 4 (word [1; 4; 2; 3]) (query [2; 1; 3])) as (xs & a & b & c & E & Q & _ & _ & t1 & t2 & t3 & S & A1 & A2 & A3); [lia|lia| | |].
  - exists [4; 3]. split; [reflexivity|]. split; [|reflexivity]. constructor; [right; reflexivity|]. constructor; [left; reflexivity|constructor].
  - exists (word [2; 1; 3]). split; [reflexivity|]. split; [apply word_over; small|reflexivity].
  - exists xs, a, b, c. cbn in S. inversion S as [|? ? ? ? S1 S']; subst. inversion S' as [|? ? ? ? S2 S'']; subst. inversion S'' as [|? ? ? ? S3 _]; subst.
    cbn in S1, S2, S3. subst t1 t2 t3. auto.
Qed.
(** From (2, 1) the points (1, 1), labelled a, and (3, 1), labelled b, are equally far: the last one counts. *)
Definition two_points : list NearLower.point := [(1, 1, Lower.YES); (3, 1, Lower.NO); (3, 3, Lower.YES)].
Lemma two_points_asked : Lower.prefix (NearLower.nearest 3) (NearLower.points_text two_points) /\
  Lower.legal (NearLower.nearest 3) (NearLower.points_text two_points) [Lower.Ask; Lower.Num 2; Lower.Num 1].
Proof.
  split; [exists two_points; split; [split; [reflexivity|]|reflexivity]|exists 2, 1; repeat split; lia].
  apply Forall_forall. intros p [<-|[<-|[<-|[]]]]; cbn [fst snd]; unfold NearLower.is_label; repeat split; auto; lia.
Qed.
Example nearest_asked : Lower.right (NearLower.nearest 3) (NearLower.points_text two_points) [Lower.Ask; Lower.Num 2; Lower.Num 1] = Lower.NO.
Proof.
  destruct two_points_asked as (P & L). destruct (proj1 (nearest_tasks 3) _ _ P L) as (ps & x & y & E & Q & _ & R).
  apply (f_equal NearLower.points_of) in E. rewrite !LowerNearby.points_of_text in E. subst ps. injection Q as <- <-.
  apply (R (3, 1, false)%Z). exists [(1, 1, true)]%Z, [(3, 3, true)]%Z. split; [reflexivity|]. split; repeat constructor; cbn; lia.
Qed.
(** Words that are too long do not fit. *)
Example any_size_refuted : ~ (forall k m n w q, k <= n -> NearLower.given (NearLower.copying k m) w -> NearLower.asked (NearLower.copying k m) w q ->
  exists xs, w = word xs /\ Upper.fits (Z.of_nat n) (numbers xs)).
Proof.
  intros F. destruct (F 1 2 1 (word [1; 1]) [Lower.Ask]) as (xs & E & L & _); [lia|split; [reflexivity|apply in_letters; small]|reflexivity|].
  apply (f_equal (@length _)) in E. unfold numbers in L. rewrite map_length in L. rewrite !word_length in E. cbn [length] in E. lia.
Qed.
(** Equality is not disjointness. *)
Example other_decision_refuted : ~ same_decision (NearLower.equality 2) NearUpper.disjoint.
Proof. intros F. pose proof (proj2 (F 1) [true] [true] eq_refl eq_refl) as E. vm_compute in E. discriminate E. Qed.
(** At size 2 n alone the values n + 1 and n + 2 need not fit. *)
Example values_refuted : ~ (forall n size w, 2 * n <= size -> NearLower.given (NearLower.mqar 3 n) w -> exists xs, w = word xs /\ Upper.fits (Z.of_nat size) (numbers xs)).
Proof.
  intros F. destruct (F 1 2 (word [1; 3])) as (xs & E & _ & B); [lia|exists [3]; split; [reflexivity|split; [constructor; [right; reflexivity|constructor]|reflexivity]]|].
  destruct xs as [|x [|y [|z xs]]]; try discriminate E. injection E as <- <-. inversion B as [|? ? _ B']; subst. inversion B' as [|? ? C _]; subst. lia.
Qed.
(** The answer is not the label of any nearest point. *)
Example any_nearest_refuted : ~ (forall n ps x y p, Lower.prefix (NearLower.nearest n) (NearLower.points_text ps) -> In p (map located ps) ->
  Forall (fun p' => NearUpper.distance (Z.of_nat x) (Z.of_nat y) p <= NearUpper.distance (Z.of_nat x) (Z.of_nat y) p')%Z (map located ps) ->
  Lower.right (NearLower.nearest n) (NearLower.points_text ps) [Lower.Ask; Lower.Num x; Lower.Num y] = if snd p then Lower.YES else Lower.NO).
Proof.
  intros F. specialize (F 3 two_points 2 1 (1, 1, true)%Z (proj1 two_points_asked) (or_introl eq_refl)). rewrite nearest_asked in F. discriminate F.
  repeat constructor; cbn; lia.
Qed.
