(** No theorem of StatementsRetrieval.v holds for want of inputs or for any answer: beside each an instance that is
    computed from the exported matrices, and a variant of the task that the same matrices do not solve. *)
From Coq Require Import ZArith QArith Qcanon List Lia.
From RetrievalGap Require Import Model Fast StatementsRetrieval.
From RetrievalGap.Generated Require Gen_Index Gen_Recall Gen_CGram Gen_Counting Gen_HybridIndex Gen_HybridRecall Gen_HybridCGram Gen_HybridCounting.
Import ListNotations.
Open Scope Z_scope.

Ltac computed := rewrite <- fast_decode by discriminate; vm_compute; reflexivity.

(** ** Instances: a legal input, its answer, and what the matrices write *)
Definition instance (M : model) (at_size : Z -> env) (T : task) n xs query t : Prop :=
  fits n xs /\ legal T n xs query /\ answer T xs query t /\ decode QcN (at_size n) M (prompt xs query) = ([t], true).
Ltac small := repeat constructor; cbn; lia.

Lemma index_legal : fits 3 [2; 3; 1] /\ legal index 3 [2; 3; 1] [2] /\ answer index [2; 3; 1] [2] (Number 3).
Proof. split; [split; small|]. split; [exists 2; split; [reflexivity|cbn; lia]|]. exists [2], 3, [1]. auto. Qed.
(** 2 3 2 1 ? 2: its latest occurrence counts. *)
Lemma recall_legal : fits 4 [2; 3; 2; 1] /\ legal associative_recall 4 [2; 3; 2; 1] [2] /\ answer associative_recall [2; 3; 2; 1] [2] (Number 1).
Proof.
  split; [split; small|]. split; [repeat split; [discriminate|small]|]. left. exists 2%nat, 1. split; [exists [2; 3], []; auto|]. split; auto.
  intros later b' (u & v & E & <-). apply (f_equal (@length Z)) in E. cbn [app length] in E. rewrite app_length in E. cbn [app length] in E. lia.
Qed.
(** 2 1 ? 1: no successor, so NONE. *)
Lemma recall_none : fits 2 [2; 1] /\ legal associative_recall 2 [2; 1] [1] /\ answer associative_recall [2; 1] [1] none.
Proof.
  split; [split; small|]. split; [repeat split; [discriminate|small]|]. right. split; auto.
  intros place b (u & v & E & _). destruct u as [|a [|a' u]]; cbn in E; try discriminate. apply (f_equal (@length Z)) in E. cbn [app length] in E. rewrite !app_length in E. cbn [app length] in E. lia.
Qed.
Lemma c_gram_legal : fits 5 [2; 3; 1; 2; 3] /\ legal (c_gram 3) 5 [2; 3; 1; 2; 3] [2; 3] /\ answer (c_gram 3) [2; 3; 1; 2; 3] [2; 3] (Number 1).
Proof.
  split; [split; small|]. split; [repeat split; [discriminate|small]|]. left. exists 0%nat, 1. split; [exists [], [2; 3]; auto|]. split; auto.
  intros later b' (u & v & E & <-). destruct u as [|a [|a' [|a'' u]]]; cbn in E |- *; try discriminate; try lia.
  apply (f_equal (@length Z)) in E. cbn [app length] in E. rewrite !app_length in E. cbn [app length] in E. lia.
Qed.

(** 2 occurs twice, which is more than once and not more than twice. *)
Lemma counting_legal t : 0 <= t <= 4 -> fits 4 [2; 3; 2; 1] /\ legal counting 4 [2; 3; 2; 1] [2; t] /\
  answer counting [2; 3; 2; 1] [2; t] (Number (if t <? 2 then 1 else 0)).
Proof. intros H. split; [split; small|]. split; [exists 2, t; split; [reflexivity|lia]|exists 2, t; split; reflexivity]. Qed.

Ltac instance_of known := destruct known as (F & L & A); split; [exact F|split; [exact L|split; [exact A|computed]]].
Example index_instance : instance Gen_Index.blueprint Gen_Index.at_size index 3 [2; 3; 1] [2] (Number 3).
Proof. instance_of index_legal. Qed.
Example hybrid_index_instance : instance Gen_HybridIndex.blueprint Gen_HybridIndex.at_size index 3 [2; 3; 1] [2] (Number 3).
Proof. instance_of index_legal. Qed.
Example associative_recall_instance : instance Gen_Recall.blueprint Gen_Recall.at_size associative_recall 4 [2; 3; 2; 1] [2] (Number 1).
Proof. instance_of recall_legal. Qed.
Example hybrid_associative_recall_instance : instance Gen_HybridRecall.blueprint Gen_HybridRecall.at_size associative_recall 4 [2; 3; 2; 1] [2] (Number 1).
Proof. instance_of recall_legal. Qed.
Example associative_recall_undefined : instance Gen_Recall.blueprint Gen_Recall.at_size associative_recall 2 [2; 1] [1] none.
Proof. instance_of recall_none. Qed.
Example hybrid_associative_recall_undefined : instance Gen_HybridRecall.blueprint Gen_HybridRecall.at_size associative_recall 2 [2; 1] [1] none.
Proof. instance_of recall_none. Qed.
Example c_gram_instance : instance Gen_CGram.blueprint Gen_CGram.at_size (c_gram 3) 5 [2; 3; 1; 2; 3] [2; 3] (Number 1).
Proof. instance_of c_gram_legal. Qed.
Example hybrid_c_gram_instance : instance Gen_HybridCGram.blueprint Gen_HybridCGram.at_size (c_gram 3) 5 [2; 3; 1; 2; 3] [2; 3] (Number 1).
Proof. instance_of c_gram_legal. Qed.
Example counting_yes : instance Gen_Counting.blueprint Gen_Counting.at_size counting 4 [2; 3; 2; 1] [2; 1] (Number 1).
Proof. instance_of (counting_legal 1 ltac:(lia)). Qed.
Example counting_no : instance Gen_Counting.blueprint Gen_Counting.at_size counting 4 [2; 3; 2; 1] [2; 2] (Number 0).
Proof. instance_of (counting_legal 2 ltac:(lia)). Qed.
Example hybrid_counting_yes : instance Gen_HybridCounting.blueprint Gen_HybridCounting.at_size counting 4 [2; 3; 2; 1] [2; 1] (Number 1).
Proof. instance_of (counting_legal 1 ltac:(lia)). Qed.
Example hybrid_counting_no : instance Gen_HybridCounting.blueprint Gen_HybridCounting.at_size counting 4 [2; 3; 2; 1] [2; 2] (Number 0).
Proof. instance_of (counting_legal 2 ltac:(lia)). Qed.

(** ** Variants that are false *)

(** Index with positions that count from 0. *)
Definition index_from_0 : task := {|
  legal := legal index;
  answer xs query t := exists before a after, xs = before ++ a :: after /\ query = [Z.of_nat (length before)] /\ t = Number a |}.
(** Grams of which the earliest occurrence counts. *)
Definition earliest (c : nat) : task := {|
  legal := legal (c_gram c);
  answer xs query t :=
    (exists place b, follows xs query place b /\ t = Number b /\ forall other b', follows xs query other b' -> (place <= other)%nat)
    \/ (forall place b, ~ follows xs query place b) /\ t = none |}.
(** Counting with "at least" for "more than". *)
Definition at_least : task := {|
  legal := legal counting;
  answer xs query t := exists q threshold, query = [q; threshold] /\
    t = Number (if threshold <=? Z.of_nat (count_occ Z.eq_dec xs q) then 1 else 0) |}.
(** The matrices write u, which is not the answer. *)
Lemma not_solved M at_size T n xs query u : fits n xs -> legal T n xs query -> ~ answer T xs query u ->
  decode QcN (at_size n) M (prompt xs query) = ([u], true) -> ~ solves M at_size T.
Proof. intros F L A D S. destruct (S n xs query F L) as (t & At & Dt). rewrite D in Dt. injection Dt as <-. auto. Qed.

Lemma index_from_0_wrong : ~ answer index_from_0 [2; 3; 1] [2] (Number 3).
Proof.
  intros (u & a & v & E & Q & A). injection Q as Q. injection A as <-. destruct u as [|a [|b [|c u]]]; cbn in *; try lia; congruence.
Qed.
Lemma earliest_wrong : ~ answer (earliest 2) [2; 3; 2; 1] [2] (Number 1).
Proof.
  intros [(p & b & (u & v & E & Hp) & B & H)|(_ & B)]; [|discriminate]. injection B as <-.
  assert (follows [2; 3; 2; 1] [2] 0 3) as F by (exists [], [2; 1]; auto). specialize (H _ _ F). assert (p = 0%nat) by lia. subst p.
  destruct u; [|cbn in *; lia]. cbn in E. congruence.
Qed.
Lemma earliest_wrong_3 : ~ answer (earliest 3) [1; 2; 3; 1; 2; 1] [1; 2] (Number 1).
Proof.
  intros [(p & b & (u & v & E & Hp) & B & H)|(_ & B)]; [|discriminate]. injection B as <-.
  assert (follows [1; 2; 3; 1; 2; 1] [1; 2] 0 3) as F by (exists [], [1; 2; 1]; auto). specialize (H _ _ F). assert (p = 0%nat) by lia. subst p.
  destruct u; [|cbn in *; lia]. cbn in E. congruence.
Qed.
Lemma at_least_wrong : ~ answer at_least [2; 3; 2; 1] [2; 2] (Number 0).
Proof. intros (q & t & Q & A). injection Q as <- <-. discriminate A. Qed.

Ltac refute n xs query u wrong := apply (not_solved _ _ _ n xs query u); [split; small| |exact wrong|computed].
Example index_variant : ~ solves Gen_Index.blueprint Gen_Index.at_size index_from_0.
Proof. refute 3 [2; 3; 1] [2] (Number 3) index_from_0_wrong. apply index_legal. Qed.
Example hybrid_index_variant : ~ solves Gen_HybridIndex.blueprint Gen_HybridIndex.at_size index_from_0.
Proof. refute 3 [2; 3; 1] [2] (Number 3) index_from_0_wrong. apply index_legal. Qed.
Example associative_recall_variant : ~ solves Gen_Recall.blueprint Gen_Recall.at_size (earliest 2).
Proof. refute 4 [2; 3; 2; 1] [2] (Number 1) earliest_wrong. apply recall_legal. Qed.
Example hybrid_associative_recall_variant : ~ solves Gen_HybridRecall.blueprint Gen_HybridRecall.at_size (earliest 2).
Proof. refute 4 [2; 3; 2; 1] [2] (Number 1) earliest_wrong. apply recall_legal. Qed.
Example c_gram_variant : ~ solves Gen_CGram.blueprint Gen_CGram.at_size (earliest 3).
Proof. refute 6 [1; 2; 3; 1; 2; 1] [1; 2] (Number 1) earliest_wrong_3. repeat split; [discriminate|small]. Qed.
Example hybrid_c_gram_variant : ~ solves Gen_HybridCGram.blueprint Gen_HybridCGram.at_size (earliest 3).
Proof. refute 6 [1; 2; 3; 1; 2; 1] [1; 2] (Number 1) earliest_wrong_3. repeat split; [discriminate|small]. Qed.
Example counting_variant : ~ solves Gen_Counting.blueprint Gen_Counting.at_size at_least.
Proof. refute 4 [2; 3; 2; 1] [2; 2] (Number 0) at_least_wrong. apply (counting_legal 2). lia. Qed.
Example hybrid_counting_variant : ~ solves Gen_HybridCounting.blueprint Gen_HybridCounting.at_size at_least.
Proof. refute 4 [2; 3; 2; 1] [2; 2] (Number 0) at_least_wrong. apply (counting_legal 2). lia. Qed.
