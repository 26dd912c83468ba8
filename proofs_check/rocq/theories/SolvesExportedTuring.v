(** The exported weights that simulate a Turing machine are those of the functions, so they simulate it. *)
From Coq Require Import ZArith List Lia.
From RetrievalGap Require Import Model StatementsMachines StatementsSearches StatementsRegisters SolvesTransformerTuring SolvesHybridTuring SolvesRnnTuring SolvesRetrievalTuring.
From RetrievalGap.Generated Require Gen_Turing Gen_HybridTuring Gen_RnnTuring Gen_RetrievalTuring.
Import ListNotations.

Lemma busy_beaver_4_well_formed : well_formed busy_beaver_4.
Proof.
  split; [cbn; lia|]. split; [cbn; lia|]. split; [reflexivity|]. intros q a b mv q' E.
  destruct q as [|[|[|[|q]]]], a as [|[|a]]; cbn in E; try discriminate; injection E as <- <- <-; cbn; lia.
Qed.
Theorem exported_turing : statement_exported_turing.
Proof.
  assert (Gen_Turing.blueprint = transformer_turing busy_beaver_4) as E by (vm_compute; reflexivity).
  split; [exact E|]. rewrite E. exact (transformer_turing_simulates _ busy_beaver_4_well_formed).
Qed.
Theorem exported_hybrid_turing : statement_exported_hybrid_turing.
Proof.
  assert (Gen_HybridTuring.blueprint = hybrid_turing busy_beaver_4) as E by (vm_compute; reflexivity).
  split; [exact E|]. rewrite E. exact (hybrid_turing_simulates _ busy_beaver_4_well_formed).
Qed.
Theorem exported_rnn_turing : statement_exported_rnn_turing.
Proof.
  assert (Gen_RnnTuring.blueprint = rnn_turing busy_beaver_4 12%nat) as E by (vm_compute; reflexivity).
  split; [exact E|]. rewrite E. refine (rnn_turing_simulates _ 12%nat busy_beaver_4_well_formed _). lia.
Qed.
Theorem exported_retrieval_turing : statement_exported_retrieval_turing.
Proof.
  assert (Gen_RetrievalTuring.blueprint = retrieval_turing busy_beaver_4) as E by (vm_compute; reflexivity).
  assert (Gen_RetrievalTuring.searches = machine_language busy_beaver_4) as F by (vm_compute; reflexivity).
  split; [exact E|]. split; [exact F|]. unfold statement_retrieval_turing. rewrite E, F. exact (retrieval_turing_simulates _ busy_beaver_4_well_formed).
Qed.
