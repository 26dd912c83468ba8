(** retrieval/associative-recall solves associative recall with one search. *)
From Coq Require Import ZArith List Lia Arith Bool.
From RetrievalGap Require Import Model Tactics Network NetCheck NetModel NetTop NetFull Symbols Searching.
From RetrievalGap Require Import StatementsRetrieval Prompts Lookups Grams Searches.
From RetrievalGap.Generated Require Gen_RetrievalRecall Wire_RetrievalRecall.
Import ListNotations.
Open Scope Z_scope.

Theorem retrieval_associative_recall_solved : statement_retrieval_associative_recall.
Proof.
  by_gram Wire_RetrievalRecall.wiring Wire_RetrievalRecall.next_as Gen_RetrievalRecall.at_size 13.
  - destruct query as [|q [|]]; try discriminate Len. reflexivity.
  - destruct query as [|q [|]]; try discriminate Len. by_numbers [q] b [Nu [0; 1]] [0; 0; 1].
Qed.
