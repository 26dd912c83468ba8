(** No theorem of StatementsNearby.v holds for want of inputs or for any answer: beside each an instance that is computed
    from the exported matrices, and a variant that the same matrices do not satisfy. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith.
From RetrievalGap Require Import Model Fast StatementsRetrieval StatementsNearby.
From RetrievalGap.Generated Require Gen_Copying1 Gen_Copying2 Gen_Copying Gen_Equality Gen_Disjointness Gen_HybridMqar Gen_NearestNeighbour.
Import ListNotations.
Open Scope Z_scope.

Ltac computed := rewrite <- fast_decode by discriminate; vm_compute; reflexivity.
Ltac small := repeat constructor; cbn; lia.

(** ** Copying *)

(** Pairs of places of a short word, one by one. *)
Ltac each_pair := intros i j Hi Hj; cbn [length] in Hi, Hj; do 5 (destruct i as [|i]; [do 5 (destruct j as [|j]; [first [lia|cbn; intros E; congruence]|]); lia|]); lia.
(** 3 1 2 1 repeats a letter, but no pair of letters: it is a word for c = 2 and 3, and none for c = 1. *)
Lemma apart_by_two : told_apart 2 [3; 1; 2; 1]. Proof. each_pair. Qed.
Lemma apart_by_three : told_apart 3 [3; 1; 2; 1]. Proof. each_pair. Qed.
Example not_apart_by_one : ~ told_apart 1 [3; 1; 2; 1].
Proof. intros A. specialize (A 2%nat 4%nat). cbn in A. specialize (A ltac:(lia) ltac:(lia) eq_refl). discriminate. Qed.
Definition copied (M : model) (at_size : Z -> env) (c : nat) n xs : Prop :=
  fits n xs /\ told_apart c xs /\ decode QcN (at_size n) M (prompt xs []) = (map Number xs ++ [stop], true).
Example copying_three : copied Gen_Copying.blueprint Gen_Copying.at_size 3 4 [3; 1; 2; 1].
Proof. split; [split; small|]. split; [exact apart_by_three|computed]. Qed.
Example copying_two : copied Gen_Copying2.blueprint Gen_Copying2.at_size 2 4 [3; 1; 2; 1].
Proof. split; [split; small|]. split; [exact apart_by_two|computed]. Qed.
Example copying_one : copied Gen_Copying1.blueprint Gen_Copying1.at_size 1 3 [3; 1; 2].
Proof. split; [split; small|]. split; [each_pair|computed]. Qed.
(** Words with equal grams are copied wrong. *)
Definition copies_all (M : model) (at_size : Z -> env) : Prop :=
  forall n xs, 1 <= n -> fits n xs -> decode QcN (at_size n) M (prompt xs []) = (map Number xs ++ [stop], true).
Ltac other n xs := let H := fresh in intros H; specialize (H n xs ltac:(lia) ltac:(split; small)); rewrite <- fast_decode in H by discriminate; vm_compute in H; discriminate H.
Example copying_one_variant : ~ copies_all Gen_Copying1.blueprint Gen_Copying1.at_size. Proof. other 3 [1; 1]. Qed.
Example copying_two_variant : ~ copies_all Gen_Copying2.blueprint Gen_Copying2.at_size. Proof. other 3 [1; 1; 1]. Qed.
Example copying_three_variant : ~ copies_all Gen_Copying.blueprint Gen_Copying.at_size. Proof. other 4 [1; 1; 1; 1]. Qed.

(** ** Two words *)

Definition says (M : model) (at_size : Z -> env) n u v : list tok * bool := decode QcN (at_size n) M (two_words u v).
Example equality_yes : says Gen_Equality.blueprint Gen_Equality.at_size 5 [false; true] [false; true] = ([Special 4], true). Proof. unfold says. computed. Qed.
Example equality_no : says Gen_Equality.blueprint Gen_Equality.at_size 7 [false; true; true] [false; true; false] = ([Special 5], true). Proof. unfold says. computed. Qed.
Example equality_of_nothing : says Gen_Equality.blueprint Gen_Equality.at_size 1 [] [] = ([Special 4], true). Proof. unfold says. computed. Qed.
Example disjointness_yes : says Gen_Disjointness.blueprint Gen_Disjointness.at_size 5 [false; true] [true; false] = ([Special 4], true). Proof. unfold says. computed. Qed.
Example disjointness_no : says Gen_Disjointness.blueprint Gen_Disjointness.at_size 7 [false; true; true] [true; false; true] = ([Special 5], true). Proof. unfold says. computed. Qed.
(** One does not solve the other's task. *)
Ltac another n u v := let H := fresh in intros H; specialize (H n u v eq_refl ltac:(cbn; lia)); rewrite <- fast_decode in H by discriminate; vm_compute in H; discriminate H.
Example equality_variant : ~ compares Gen_Equality.blueprint Gen_Equality.at_size disjoint. Proof. another 3 [true] [true]. Qed.
Example disjointness_variant : ~ compares Gen_Disjointness.blueprint Gen_Disjointness.at_size same. Proof. another 3 [false] [true]. Qed.

(** ** Several look-ups *)

(** 3 1 4 1 5 ? 4 1 2: what follows 4, the latest 1, and 2, which does not occur. *)
Notation looked_up := (decode QcN (Gen_HybridMqar.at_size 5) Gen_HybridMqar.blueprint (prompt [3; 1; 4; 1; 5] [4; 1; 2])).
Example mqar_instance : looked_up = ([Number 1; Number 5; none; Special 3], true). Proof. computed. Qed.
(** The answers in reverse order. *)
Example mqar_variant : ~ (forall n xs q1 q2 q3, fits n xs -> Forall (fun q => 1 <= q <= n) [q1; q2; q3] ->
  exists t1 t2 t3, answer associative_recall xs [q3] t1 /\ answer associative_recall xs [q2] t2 /\ answer associative_recall xs [q1] t3 /\
    decode QcN (Gen_HybridMqar.at_size n) Gen_HybridMqar.blueprint (prompt xs [q1; q2; q3]) = ([t1; t2; t3; Special 3], true)).
Proof.
  intros H. destruct (H 5 [3; 1; 4; 1; 5] 4 1 2) as (t1 & t2 & t3 & A & _ & _ & E); [split; small|small|].
  rewrite mqar_instance in E. injection E as <- _ _.
  destruct A as [(p & b & (u & v & E & _) & _)|(_ & E)]; [|discriminate].
  assert (In 2 [3; 1; 4; 1; 5]) as I by (rewrite E; apply in_or_app; right; left; reflexivity). cbn in I. lia.
Qed.

(** ** Nearest neighbour *)

Definition grid_points : list point := [(1, 1, true); (4, 2, false); (3, 4, true); (2, 2, false)].
(** (3, 2) is as far from (4, 2) as from (2, 2), which is the last. *)
Example nearest_instance : decode QcN (Gen_NearestNeighbour.at_size 4) Gen_NearestNeighbour.blueprint (nearest_prompt grid_points 3 2) = ([Special 2], true).
Proof. computed. Qed.
Example nearest_corner : decode QcN (Gen_NearestNeighbour.at_size 4) Gen_NearestNeighbour.blueprint (nearest_prompt grid_points 1 1) = ([Special 1], true).
Proof. computed. Qed.
(** Of several nearest points it is not the first that counts. *)
Example nearest_variant : ~ (forall n ps x y, ps <> [] -> Z.of_nat (length ps) <= n -> Forall (fun p => in_grid n (fst (fst p)) (snd (fst p))) ps -> in_grid n x y ->
  exists before p after, ps = before ++ p :: after /\
    Forall (fun p' => distance x y p < distance x y p') before /\ Forall (fun p' => distance x y p <= distance x y p') after /\
    decode QcN (Gen_NearestNeighbour.at_size n) Gen_NearestNeighbour.blueprint (nearest_prompt ps x y) = ([Special (if snd p then 1 else 2)], true)).
Proof.
  intros H. destruct (H 2 [(1, 1, true); (1, 1, false)] 1 1) as (before & p & after & E & B & _ & D); [discriminate|cbn; lia|repeat (constructor; [unfold in_grid; cbn; lia|]); constructor|unfold in_grid; lia|].
  rewrite <- fast_decode in D by discriminate. vm_compute in D. destruct before as [|p' [|p'' before]].
  - injection E as <- _. discriminate D.
  - injection E as <- <- _. inversion B as [|? ? C _]. cbv in C. discriminate C.
  - apply (f_equal (@length _)) in E. cbn [length app] in E. rewrite app_length in E. cbn [length] in E. lia.
Qed.
