(** transformer/counting solves Counting. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith.
From RetrievalGap Require Import Model Shadow Tactics Network NetCheck NetModel NetTop NetFull NetMean NetMixed.
From RetrievalGap Require Import StatementsRetrieval Prompts Lookups Grams Counts.
From RetrievalGap.Generated Require Gen_Counting Wire_Counting.
Import ListNotations.
Open Scope Z_scope.

Section Stream.
  Variables (rho : env) (xs query : list Z).
  Notation T := (at_ xs query).
  (** The stream of integers after each stage. *)
  Definition x0 := embedding rho (features Wire_Counting.wiring) (prompt xs query).
  Definition x1 := stage_sem rho (nth 0 (stages Wire_Counting.wiring) (Gates [])) x0.
  Lemma x0_one i : x0 i 0%nat = 1.
  Proof. apply feature_one. intros s E. destruct (special_at xs query i s E) as [->| ->]; reflexivity. Qed.
  Lemma x0_position i : x0 i 1%nat = Z.of_nat i. Proof. exact (feature_position _ _ _). Qed.
  Lemma x0_token i : x0 i 3%nat = digit xs query i. Proof. exact (feature_token _ _ _). Qed.
  Lemma x0_separator i : x0 i 4%nat = is 1 (T i). Proof. exact (feature_flag _ _ _ _). Qed.
  Lemma x0_start i : x0 i 5%nat = is 0 (T i). Proof. exact (feature_flag _ _ _ _). Qed.
  Lemma read_back i d c k : 0 <= d -> x1 i c = lin rho (coord k) (x0 (picked rho x0 i (At (coord 1) [(0%nat, const (- d)); (1%nat, const 1)]))) ->
    x1 i c = x0 (i - Z.to_nat d)%nat k.
  Proof. intros Hd ->. rewrite lin_coord, picked_back by (auto using x0_one, x0_position). reflexivity. Qed.
  Lemma x1_before i : x1 i 7%nat = digit xs query (i - 1).
  Proof. rewrite <- x0_token. apply (read_back i 1 7 3); [lia|reflexivity]. Qed.
  Lemma x1_mark i : x1 i 8%nat = is 1 (T (i - 1)).
  Proof. rewrite <- x0_separator. apply (read_back i 1 8 4); [lia|reflexivity]. Qed.
  Lemma x1_mark_2 i : x1 i 10%nat = is 1 (T (i - 2)).
  Proof. rewrite <- x0_separator. apply (read_back i 2 10 4); [lia|reflexivity]. Qed.
End Stream.

Theorem counting_solved : statement_counting.
Proof.
  intros n xs query F (q & t & -> & Hq & Ht). set (rho := Gen_Counting.at_size n). set (last := last_ xs [q; t]).
  set (x := x1 rho xs [q; t]).
  assert (lin rho [(0%nat, const 3); (3%nat, const 2)] (x last) = 2 * t + 3) as Threshold.
  { rewrite !lin_cons, !peval_const. change (x last 0%nat) with (x0 rho xs [q; t] last 0%nat). change (x last 3%nat) with (x0 rho xs [q; t] last 3%nat).
    rewrite x0_one, x0_token. change (lin rho [] _) with 0. unfold last. rewrite last_digit. ring. }
  pose (flag := fun j => linq rho (coord 5) (fun c => inj (x j c))).
  pose (average := @mean QcN (map flag (tied rho [(coord 3, coord 7)] [(8%nat, const 1); (10%nat, const 1)] x last))).
  destruct (writes_count rho xs q t Wire_Counting.means (inj 2 + inj (-1) * (inj (2 * t + 3) * average))%Qc average) as (a & A & S).
  - apply (average_is rho xs q t (proj1 Hq) x 3 7).
    + intros j. apply x0_token.
    + intros j. apply x1_before.
    + intros j. rewrite !lin_cons, !peval_const. change (lin rho [] _) with 0. unfold x. rewrite x1_mark, x1_mark_2. ring.
    + intros j. unfold flag. rewrite linq_coord. f_equal. apply x0_start.
  - transitivity (inj 2 * inj (x last 0%nat) + (inj (-1) * (inj (Z.max (lin rho [(0%nat, const 3); (3%nat, const 2)] (x last)) 0) * linq rho (coord 11) (fun c => if Nat.eqb c 11 then average else inj (x last c))) + 0))%Qc; [reflexivity|].
    rewrite Threshold, linq_coord, Z.max_l by lia. change (x last 0%nat) with (x0 rho xs [q; t] last 0%nat). rewrite x0_one. cbn [Nat.eqb]. change (inj 1) with 1%Qc. ring.
  - reflexivity.
  - exists a. split; [exact A|]. rewrite <- S. apply Wire_Counting.decodes_as; [lia| |apply nonempty].
    apply (input_is_ok _ _ _ n); [cbn; lia|reflexivity|apply (peval_size Gen_Counting.at_size); reflexivity|exact F|repeat constructor; lia|].
    change (n + 2 + 1 <= peval (Gen_Counting.at_size n) (size_poly ++ const 3)). rewrite peval_app, peval_size, peval_const by reflexivity. lia.
Qed.
