(** transformer/index solves Index. *)
From Coq Require Import ZArith List Lia.
From RetrievalGap Require Import Tactics Network NetModel NetTop Prompts Lookups StatementsRetrieval Grams Positions.
From RetrievalGap.Generated Require Gen_Index Wire_Index.
Import ListNotations.
Open Scope Z_scope.

Theorem index_solved : statement_index.
Proof.
  apply (solves_by _ _ _ _ _ Wire_Index.is_good Wire_Index.checked (fun _ => eq_refl) _ 2 2); [repeat split|lia|].
  intros n xs query F L. destruct (index_asked n xs query F L) as (i & -> & B & Hn & A). repeat (split; auto).
  apply (writes_position _ _ xs i (embedding (Gen_Index.at_size n) (features Wire_Index.wiring) (prompt xs [i])) [(2%nat, const 1)] 1 4); auto.
  - exact (lin_coord _ _ _).
  - intros j. exact (feature_token _ _ _).
Qed.
