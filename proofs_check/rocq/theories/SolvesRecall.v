(** transformer/associative-recall solves associative recall. *)
From Coq Require Import ZArith List Lia.
From RetrievalGap Require Import NetTop StatementsRetrieval Grams.
From RetrievalGap.Generated Require Wire_Recall.

Theorem associative_recall_solved : statement_associative_recall.
Proof. by_gram_network Wire_Recall.is_good Wire_Recall.checked Wire_Recall.wiring 3%nat 1%nat 4%nat 5%nat 6%nat 2%nat 1%nat. Qed.
