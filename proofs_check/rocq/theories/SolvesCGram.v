(** transformer/c-gram solves c-gram retrieval, for each c that the task offers. *)
From Coq Require Import ZArith List Lia.
From RetrievalGap Require Import NetTop StatementsRetrieval Grams.
From RetrievalGap.Generated Require Wire_CGram2 Wire_CGram Wire_CGram4 Wire_CGram5.

Theorem c_gram_solved : statement_c_gram.
Proof.
  repeat split.
  - by_gram_network Wire_CGram2.is_good Wire_CGram2.checked Wire_CGram2.wiring 1%nat 2%nat 4%nat 5%nat 6%nat 2%nat 1%nat.
  - by_gram_network Wire_CGram.is_good Wire_CGram.checked Wire_CGram.wiring 1%nat 2%nat 4%nat 5%nat 6%nat 2%nat 2%nat.
  - by_gram_network Wire_CGram4.is_good Wire_CGram4.checked Wire_CGram4.wiring 1%nat 2%nat 4%nat 5%nat 6%nat 2%nat 3%nat.
  - by_gram_network Wire_CGram5.is_good Wire_CGram5.checked Wire_CGram5.wiring 1%nat 2%nat 4%nat 5%nat 6%nat 2%nat 4%nat.
Qed.
