(** The weights of docs/examples/begins_with.py solve the task: for every n, sequence and query. *)
From Coq Require Import ZArith List Lia.
From RetrievalGap Require Import Tactics Network NetCheck NetTop NetFull Equations Prompts Lookups StatementsRetrieval Model.
From RetrievalGap.Generated Require Import Gen_MineBeginsWith Wire_MineBeginsWith.
Import ListNotations.
Open Scope Z_scope.

(** What is to be proved. *)
Definition begins_with : task := {|
  legal n xs query := xs <> [] /\ exists q, query = [q] /\ 1 <= q <= n;
  answer xs query t := exists x rest q, xs = x :: rest /\ query = [q] /\ t = Number (if x =? q then 1 else 0) |}.
Definition statement_begins_with : Prop := solves blueprint at_size begins_with.

(** What the network writes at the end of the prompt. Coordinates: 0 is one, 3 the token, 4 what the head reads, 5 the gate. *)
Lemma ready : settled (seq 0 (length (features wiring))) (stages wiring) = true. Proof. vm_compute. reflexivity. Qed.
Section Network.
  Variables (rho : env) (x q : Z) (rest : list Z).
  Let input := prompt (x :: rest) [q].
  Let X := net_stream rho wiring input.
  Let last := (length input - 1)%nat.
  Lemma token_is i : X i 3%nat = number_of (nth i input (Special 0)).
  Proof. unfold X. rewrite (from_feature rho wiring ready) by (cbn; lia). apply feature_token. Qed.
  Lemma last_token : nth last input (Special 0) = Number q.
  Proof.
    change (nth last input (Special 0)) with (at_ (x :: rest) [q] last). unfold last, input. rewrite last_is. unfold last_.
    replace (length (x :: rest) + 1 + length [q])%nat with (length (x :: rest) + 2 + 0)%nat by (cbn [length]; lia). rewrite at_query by (cbn; lia). reflexivity.
  Qed.
  Lemma one : X last 0%nat = 1.
  Proof.
    unfold X. rewrite (from_feature rho wiring ready) by (cbn; lia). apply feature_one. intros s E. rewrite last_token in E. discriminate.
  Qed.
  (** The head looks at position 1, where the first token stands; *)
  Lemma first_is : X last 4%nat = x.
  Proof.
    unfold X. rewrite (equation rho wiring ready input _ 4%nat _ eq_refl). fold X. cbn [says picked]. linear. rewrite one. unfold nearest.
    replace (Z.to_nat _) with 1%nat by (unfold last, input; rewrite last_is; unfold last_; cbn [length]; lia). apply token_is.
  Qed.
  (** the gate compares it with the query; that is what is written. *)
  Lemma writes : net_next rho wiring input = Some (Number (if x =? q then 1 else 0)).
  Proof.
    unfold net_next. fold X. fold last. cbn [outputs wiring decide]. unfold applies, names. cbn [o_what o_when forallb]. linear.
    do 2 f_equal. unfold X. rewrite (equation rho wiring ready input _ 5%nat _ eq_refl). fold X. cbn [says gate_sem]. linear.
    rewrite token_is, last_token, first_is. cbn [number_of]. destruct (Z.eqb_spec x q), (Z.eqb_spec (-1 * q + x) 0); lia.
  Qed.
End Network.

(** The task: by [decodes_as], which was printed for these weights. *)
Theorem begins_with_solved : statement_begins_with.
Proof.
  intros n xs query F (Ne & q & -> & Q). destruct xs as [|x rest]; [congruence|]. exists (Number (if x =? q then 1 else 0)).
  split; [exists x, rest, q; auto|]. apply decodes_as; [lia| |discriminate|].
  - apply (input_is_ok (at_size n) blueprint wiring n (x :: rest) [q]); [cbn; lia|reflexivity| |exact F|constructor; [lia|constructor]|];
      unfold blueprint; cbn [high context length]; unfold peval, peval_mono, at_size; cbn [fold_right fst snd power]; lia.
  - cbn [net_decode]. rewrite writes. reflexivity.
Qed.

(** An instance that is computed, and a false variant that is refuted. *)
Example it_begins_with_3 : exists t, answer begins_with [3; 1; 4] [3] t /\ t = Number 1.
Proof. eexists. split; [exists 3, [1; 4], 3; auto|reflexivity]. Qed.
Example last_token_refuted : ~ solves blueprint at_size {|
  legal := legal begins_with; answer xs query t := exists q, query = [q] /\ t = Number (if last xs 0 =? q then 1 else 0) |}.
Proof.
  intros S. destruct (S 3 [3; 1] [1]) as (t & (q & E & ->) & D); [split; [cbn [length]; lia|repeat constructor; lia]|split; [discriminate|exists 1; auto with zarith]|].
  injection E as <-. destruct (begins_with_solved 3 [3; 1] [1]) as (t & (x & rest & q & E & E' & ->) & D');
    [split; [cbn [length]; lia|repeat constructor; lia]|split; [discriminate|exists 1; auto with zarith]|].
  injection E as <- <-. injection E' as <-. rewrite D in D'. discriminate D'.
Qed.
Print Assumptions begins_with_solved.
