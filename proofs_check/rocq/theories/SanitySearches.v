(** The theorems about searches are not empty: what searches find is computed, and a wrong bound is refuted. *)
From Coq Require Import ZArith List Lia.
From RetrievalGap Require Import Model Searching StatementsRetrieval SanityRetrieval SolvesRetrievalRecall SolvesRetrievalCGram.
Import ListNotations.
Open Scope Z_scope.

Example latest_is_found : found (prompt [2; 3; 2; 1] [2]) gram_language [Special 6; Number 2; Special 7] = [Number 1].
Proof. vm_compute. reflexivity. Qed.
Example nothing_is_found : found (prompt [2; 1] [1]) gram_language [Special 6; Number 1; Special 7] = [Special 5].
Proof. vm_compute. reflexivity. Qed.
Example gram_is_found : found (prompt [2; 3; 1; 2; 3] [2; 3]) gram_language [Special 6; Number 2; Number 3; Special 7] = [Number 1].
Proof. vm_compute. reflexivity. Qed.
Example malformed : found (prompt [2; 1] [1]) gram_language [Special 7; Special 7; Number 1; Special 3] = [Special 5].
Proof. vm_compute. reflexivity. Qed.

Lemma no_other_length M at_size L T a b n xs query : fits n xs -> legal T n xs query -> a <> b ->
  solves_by_searching M at_size L T a -> ~ solves_by_searching M at_size L T b.
Proof.
  intros F Q D A B. destruct (A n xs query F Q) as (t & c & _ & La & Ea), (B n xs query F Q) as (t' & c' & _ & Lb & Eb).
  rewrite Ea in Eb. injection Eb as Eb. rewrite Eb in La. congruence.
Qed.
Example associative_recall_variant : ~ solves_by_searching Gen_RetrievalRecall.blueprint Gen_RetrievalRecall.at_size gram_language associative_recall 6.
Proof.
  destruct recall_legal as (F & Q & _).
  apply (no_other_length _ _ _ _ 7 6 _ _ _ F Q); [discriminate|exact retrieval_associative_recall_solved].
Qed.
Example c_gram_variant : ~ solves_by_searching Gen_RetrievalCGram.blueprint Gen_RetrievalCGram.at_size gram_language (c_gram 3) 7.
Proof.
  destruct c_gram_legal as (F & Q & _).
  apply (no_other_length _ _ _ _ 8 7 _ _ _ F Q); [discriminate|exact retrieval_c_gram_solved].
Qed.
