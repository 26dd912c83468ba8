(** Theorem 4.1, what can be run of it: the exported weights of rnn/turing write the configurations of its machine. *)
From Coq Require Import ZArith List Lia.
From RetrievalGap Require Import Model NetTop StatementsMachines WindowNetworks SolvesExportedTuring.
From RetrievalGap.Generated Require Import Gen_RnnTuring Wire_RnnTuring.

Theorem exported_rnn_turing : statement_exported_rnn_turing.
Proof.
  eapply (window_simulates busy_beaver_4 12 blueprint wiring at_size);
    [lia|exact busy_beaver_4_well_formed|vm_compute; reflexivity|exact next_as|reflexivity|reflexivity|reflexivity| |reflexivity|reflexivity|vm_compute; reflexivity].
  intros n. unfold blueprint. cbn [context]. unfold peval, peval_mono, at_size. cbn [fold_right fst snd power]. ring.
Qed.
Print Assumptions exported_rnn_turing.
