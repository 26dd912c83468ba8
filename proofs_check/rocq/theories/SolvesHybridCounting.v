(** hybrid/counting solves Counting. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith.
From RetrievalGap Require Import Model Shadow Tactics Network NetCheck NetModel NetTop NetFull NetMean NetMixed.
From RetrievalGap Require Import StatementsRetrieval Prompts Lookups Grams Counts.
From RetrievalGap.Generated Require Gen_HybridCounting Wire_HybridCounting.
Import ListNotations.
Open Scope Z_scope.

Section Stream.
  Variables (rho : env) (xs query : list Z).
  Notation T := (at_ xs query).
  (** The stream of integers after the embedding, the recurrence, and the gated units. *)
  Definition x0 := embedding rho (features Wire_HybridCounting.wiring) (prompt xs query).
  Definition x1 := stage_sem rho (nth 0 (stages Wire_HybridCounting.wiring) (Gates [])) x0.
  Definition x2 := stage_sem rho (nth 1 (stages Wire_HybridCounting.wiring) (Gates [])) x1.
  Lemma x0_one i : x0 i 0%nat = 1.
  Proof. apply feature_one. intros s E. destruct (special_at xs query i s E) as [->| ->]; reflexivity. Qed.
  Lemma x0_token i : x0 i 1%nat = digit xs query i. Proof. exact (feature_token _ _ _). Qed.
  Lemma x0_separator i : x0 i 2%nat = is 1 (T i). Proof. exact (feature_flag _ _ _ _). Qed.
  Lemma x0_start i : x0 i 3%nat = is 0 (T i). Proof. exact (feature_flag _ _ _ _). Qed.
  Ltac cells := unfold x2, x1; cbn [Wire_HybridCounting.wiring stages nth stage_sem assoc shown_at shown Nat.eqb cell_sem before reads_ map fst snd sum fold_right plus].
  Lemma lin_one c x : lin rho [(c, [(1, [])])] x = x c. Proof. apply lin_coord. Qed.
  Lemma x2_before i : x2 i 5%nat = digit xs query (i - 1).
  Proof.
    destruct i as [|i]; cells; [reflexivity|]. replace (S i - 1)%nat with i by lia. rewrite <- x0_token.
    destruct i; cells; rewrite lin_one; change (lin rho [] _) with 0; ring.
  Qed.
  Lemma x2_mark i : x2 i 6%nat = is 1 (T (i - 1)).
  Proof.
    destruct i as [|i]; cells; [reflexivity|]. replace (S i - 1)%nat with i by lia. rewrite <- x0_separator.
    destruct i; cells; rewrite lin_one; change (lin rho [] _) with 0; ring.
  Qed.
  Lemma x2_mark_2 i : x2 i 7%nat = is 1 (T (i - 2)).
  Proof.
    destruct i as [|[|i]]; cells; try reflexivity. replace (S (S i) - 2)%nat with i by lia. rewrite <- x0_separator.
    destruct i; cells; rewrite lin_one; change (lin rho [] _) with 0; ring.
  Qed.
End Stream.

Theorem hybrid_counting_solved : statement_hybrid_counting.
Proof.
  intros n xs query F (q & t & -> & Hq & Ht). set (rho := Gen_HybridCounting.at_size n). set (last := last_ xs [q; t]).
  set (x := x2 rho xs [q; t]).
  assert (forall c, (c < 5)%nat -> forall j, x j c = x0 rho xs [q; t] j c) as First by (intros c Hc j; do 5 (destruct c as [|c]; [reflexivity|]); lia).
  assert (lin rho [(0%nat, const 3); (1%nat, const 2)] (x last) = 2 * t + 3) as Threshold.
  { rewrite !lin_cons, !peval_const, !First by lia. rewrite x0_one, x0_token. change (lin rho [] _) with 0. unfold last. rewrite last_digit. ring. }
  pose (flag := fun j => linq rho (coord 3) (fun c => inj (x j c))).
  pose (average := @mean QcN (map flag (tied rho [(coord 1, coord 5)] [(6%nat, const 1); (7%nat, const 1)] x last))).
  destruct (writes_count rho xs q t Wire_HybridCounting.means (inj 2 + inj (-1) * (inj (2 * t + 3) * average))%Qc average) as (a & A & S).
  - apply (average_is rho xs q t (proj1 Hq) x 1 5).
    + intros j. rewrite First by lia. apply x0_token.
    + intros j. apply x2_before.
    + intros j. rewrite !lin_cons, !peval_const. change (lin rho [] _) with 0. unfold x. rewrite x2_mark, x2_mark_2. ring.
    + intros j. unfold flag. rewrite linq_coord, First by lia. f_equal. apply x0_start.
  - transitivity (inj 2 * inj (x last 0%nat) + (inj (-1) * (inj (Z.max (lin rho [(0%nat, const 3); (1%nat, const 2)] (x last)) 0) * linq rho (coord 9) (fun c => if Nat.eqb c 9 then average else inj (x last c))) + 0))%Qc; [reflexivity|].
    rewrite Threshold, linq_coord, Z.max_l, First by lia. rewrite x0_one. cbn [Nat.eqb]. change (inj 1) with 1%Qc. ring.
  - reflexivity.
  - exists a. split; [exact A|]. rewrite <- S. apply Wire_HybridCounting.decodes_as; [lia| |apply nonempty].
    apply (input_is_ok _ _ _ n); [cbn; lia|reflexivity|apply (peval_size Gen_HybridCounting.at_size); reflexivity|exact F|repeat constructor; lia|].
    change (n + 2 + 1 <= peval (Gen_HybridCounting.at_size n) (size_poly ++ const 3)). rewrite peval_app, peval_size, peval_const by reflexivity. lia.
Qed.
