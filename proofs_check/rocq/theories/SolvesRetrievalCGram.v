(** retrieval/c-gram solves c-gram retrieval with one search, for each c that the task offers. *)
From Coq Require Import ZArith List Lia Arith Bool.
From RetrievalGap Require Import Model Tactics Network NetCheck NetModel NetTop NetFull Symbols Searching.
From RetrievalGap Require Import StatementsRetrieval Prompts Lookups Grams Searches.
From RetrievalGap.Generated Require Gen_RetrievalCGram2 Wire_RetrievalCGram2 Gen_RetrievalCGram Wire_RetrievalCGram.
From RetrievalGap.Generated Require Gen_RetrievalCGram4 Wire_RetrievalCGram4 Gen_RetrievalCGram5 Wire_RetrievalCGram5.
Import ListNotations.
Open Scope Z_scope.

Lemma solved_2 : solves_by_searching Gen_RetrievalCGram2.blueprint Gen_RetrievalCGram2.at_size Gen_RetrievalCGram2.searches (c_gram 2) 7.
Proof.
  by_gram Wire_RetrievalCGram2.wiring Wire_RetrievalCGram2.next_as Gen_RetrievalCGram2.at_size 13.
  - destruct query as [|q [|]]; try discriminate Len. reflexivity.
  - destruct query as [|q [|]]; try discriminate Len. by_numbers [q] b [Nu [0; 1]] [0; 0; 1].
Qed.

Lemma solved_3 : solves_by_searching Gen_RetrievalCGram.blueprint Gen_RetrievalCGram.at_size Gen_RetrievalCGram.searches (c_gram 3) 8.
Proof.
  by_gram Wire_RetrievalCGram.wiring Wire_RetrievalCGram.next_as Gen_RetrievalCGram.at_size 14.
  - destruct query as [|q [|r [|]]]; try discriminate Len. reflexivity.
  - destruct query as [|q [|r [|]]]; try discriminate Len. by_numbers [q; r] b [Nu [0; 1]; Nu [0; 0; 1]] [0; 0; 0; 1].
Qed.

Lemma solved_4 : solves_by_searching Gen_RetrievalCGram4.blueprint Gen_RetrievalCGram4.at_size Gen_RetrievalCGram4.searches (c_gram 4) 9.
Proof.
  by_gram Wire_RetrievalCGram4.wiring Wire_RetrievalCGram4.next_as Gen_RetrievalCGram4.at_size 15.
  - destruct query as [|q [|r [|s [|]]]]; try discriminate Len. reflexivity.
  - destruct query as [|q [|r [|s [|]]]]; try discriminate Len. by_numbers [q; r; s] b [Nu [0; 1]; Nu [0; 0; 1]; Nu [0; 0; 0; 1]] [0; 0; 0; 0; 1].
Qed.

Lemma solved_5 : solves_by_searching Gen_RetrievalCGram5.blueprint Gen_RetrievalCGram5.at_size Gen_RetrievalCGram5.searches (c_gram 5) 10.
Proof.
  by_gram Wire_RetrievalCGram5.wiring Wire_RetrievalCGram5.next_as Gen_RetrievalCGram5.at_size 16.
  - destruct query as [|q [|r [|s [|u [|]]]]]; try discriminate Len. reflexivity.
  - destruct query as [|q [|r [|s [|u [|]]]]]; try discriminate Len. by_numbers [q; r; s; u] b [Nu [0; 1]; Nu [0; 0; 1]; Nu [0; 0; 0; 1]; Nu [0; 0; 0; 0; 1]] [0; 0; 0; 0; 0; 1].
Qed.

Theorem retrieval_c_gram_solved : statement_retrieval_c_gram.
Proof. repeat split; [exact solved_2|exact solved_3|exact solved_4|exact solved_5]. Qed.
