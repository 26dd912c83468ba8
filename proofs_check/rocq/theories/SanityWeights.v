(** The statements about weights say something: each has an instance that is computed, and a false variant that is refuted. *)
From Coq Require Import ZArith QArith Qcanon List Lia Bool.
From RetrievalGap Require Import Model Shadow Tactics NetTop NetRange NetFull NetMean NetMixed Fast Mutants Statements Weights.
From RetrievalGap.Generated Require Gen_Recall Wire_Recall Gen_Counting Wire_Counting.
Import ListNotations.
Open Scope Z_scope.

(** Associative recall, n = 4: after 3 1 3 2 ? 3 comes 2. *)
Definition rho := Gen_Recall.at_size 4.
Definition prompt := [Special 0; Number 3; Number 1; Number 3; Number 2; Special 1; Number 3].
Lemma prompt_fits : input_ok rho Gen_Recall.blueprint Wire_Recall.wiring prompt.
Proof.
  repeat split.
  - intros i Hi. do 7 (destruct i as [|i]; [cbn; repeat split; try lia; discriminate|]). cbn in Hi. lia.
  - intros. do 7 (destruct i as [|i]; [cbn in H0; try discriminate; injection H0 as <-; vm_compute; discriminate|]). cbn in H. lia.
  - intros. do 7 (destruct i as [|i]; [cbn in H0; try discriminate; injection H0 as <-; vm_compute; discriminate|]). cbn in H. lia.
  - vm_compute. discriminate.
Qed.
Lemma sizes_good : good Wire_Recall.domain_ rho. Proof. apply Wire_Recall.is_good. lia. Qed.
Lemma answer : decode QcN rho Gen_Recall.blueprint prompt = ([Number 2], true).
Proof. rewrite <- evaluator by discriminate. vm_compute. reflexivity. Qed.
(** The network of gadgets says so too, by its own definition; so the theorem's hypothesis is met. *)
Lemma network_answer : net_next rho Wire_Recall.wiring prompt = Some (Number 2).
Proof.
  destruct (net_next rho Wire_Recall.wiring prompt) as [t|] eqn:E.
  - pose proof (writes_next _ _ _ _ _ _ _ sizes_good Wire_Recall.checked prompt_fits ltac:(discriminate) E) as N.
    rewrite <- (fnext_is QcN rho lawful_Q Gen_Recall.blueprint prompt ltac:(discriminate)) in N. vm_compute in N. rewrite N. reflexivity.
  - exfalso. revert E. unfold net_next, decide. cbn [outputs Wire_Recall.wiring]. destruct (applies _ _ _); discriminate.
Qed.
(** False variants. *)
Lemma not_another_answer : decode QcN rho Gen_Recall.blueprint prompt <> ([Number 1], true).
Proof. rewrite answer. discriminate. Qed.
Lemma not_any_weights : forallb (fun M => negb (check_all Wire_Recall.domain_ M Wire_Recall.wiring Wire_Recall.ranges_)) (mutants plus_one Gen_Recall.blueprint) = true.
Proof. vm_compute. reflexivity. Qed.
(** Networks with averages of which none is used are networks too. *)
Definition no_averages := MeanNetwork Wire_Recall.wiring [] [] [].
Lemma counts_checked_too : check_counts Wire_Recall.domain_ Gen_Recall.blueprint no_averages Wire_Recall.ranges_ = true.
Proof. vm_compute. reflexivity. Qed.
Lemma counts_not_any_weights : forallb (fun M => negb (check_counts Wire_Recall.domain_ M no_averages Wire_Recall.ranges_)) (mutants plus_one Gen_Recall.blueprint) = true.
Proof. vm_compute. reflexivity. Qed.
(** A prompt that does not begin with the first special token is none. *)
Lemma not_any_prompt : ~ input_ok rho Gen_Recall.blueprint Wire_Recall.wiring [Number 3].
Proof. intros (P & _). specialize (P 0%nat ltac:(cbn; lia)). cbn in P. congruence. Qed.

(** Counting, n = 4: 2 occurs more than once in 2 1 2, not more than twice. *)
Lemma counted : decode QcN (Gen_Counting.at_size 4) Gen_Counting.blueprint [Special 0; Number 2; Number 1; Number 2; Special 1; Number 2; Number 1] = ([Number 1], true).
Proof. rewrite <- evaluator by discriminate. vm_compute. reflexivity. Qed.
Lemma counted_not : decode QcN (Gen_Counting.at_size 4) Gen_Counting.blueprint [Special 0; Number 2; Number 1; Number 2; Special 1; Number 2; Number 2] = ([Number 0], true).
Proof. rewrite <- evaluator by discriminate. vm_compute. reflexivity. Qed.
