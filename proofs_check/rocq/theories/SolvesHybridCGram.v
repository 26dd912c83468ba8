(** hybrid/c-gram solves c-gram retrieval, for each c that the task offers. *)
From Coq Require Import ZArith List Lia.
From RetrievalGap Require Import NetTop StatementsRetrieval Grams.
From RetrievalGap.Generated Require Wire_HybridCGram2 Wire_HybridCGram Wire_HybridCGram4 Wire_HybridCGram5.

Theorem hybrid_c_gram_solved : statement_hybrid_c_gram.
Proof.
  repeat split.
  - by_hybrid_network Wire_HybridCGram2.is_good Wire_HybridCGram2.checked Wire_HybridCGram2.wiring 1%nat.
  - by_hybrid_network Wire_HybridCGram.is_good Wire_HybridCGram.checked Wire_HybridCGram.wiring 2%nat.
  - by_hybrid_network Wire_HybridCGram4.is_good Wire_HybridCGram4.checked Wire_HybridCGram4.wiring 3%nat.
  - by_hybrid_network Wire_HybridCGram5.is_good Wire_HybridCGram5.checked Wire_HybridCGram5.wiring 4%nat.
Qed.
