(** hybrid/index solves Index. *)
From Coq Require Import ZArith List Lia.
From RetrievalGap Require Import Tactics Network NetCheck NetModel NetTop Prompts Lookups StatementsRetrieval Grams Positions.
From RetrievalGap.Generated Require Gen_HybridIndex Wire_HybridIndex.
Import ListNotations.
Open Scope Z_scope.

Theorem hybrid_index_solved : statement_hybrid_index.
Proof.
  apply (solves_by _ _ _ _ _ Wire_HybridIndex.is_good Wire_HybridIndex.checked (fun _ => eq_refl) _ 2 2); [repeat split|lia|].
  intros n xs query F L. destruct (index_asked n xs query F L) as (i & -> & B & Hn & A). repeat (split; auto).
  pose (x := stage_sem (Gen_HybridIndex.at_size n) (nth 0 (stages Wire_HybridIndex.wiring) (Gates [])) (embedding (Gen_HybridIndex.at_size n) (features Wire_HybridIndex.wiring) (prompt xs [i]))).
  apply (writes_position _ _ xs i x [(0%nat, const (-1)); (2%nat, const 1)] 1 4); auto.
  - exact (lin_coord _ _ _).
  - intros j. exact (feature_token _ _ _).
Qed.
