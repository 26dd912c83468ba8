(** hybrid/associative-recall solves associative recall. *)
From Coq Require Import ZArith List Lia.
From RetrievalGap Require Import NetTop StatementsRetrieval Grams.
From RetrievalGap.Generated Require Wire_HybridRecall.

Theorem hybrid_associative_recall_solved : statement_hybrid_associative_recall.
Proof. by_hybrid_network Wire_HybridRecall.is_good Wire_HybridRecall.checked Wire_HybridRecall.wiring 1%nat. Qed.
