(** Networks that compare two words, letter by letter: behind the mark each letter is compared with that at the same place
    of the first word, and one head looks for a place that fails. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound NetModel NetTop NetRange NetFull.
From RetrievalGap Require Import StatementsNearby Lookups Grams Copying.
Import ListNotations.
Open Scope Z_scope.

(** ** The prompt *)
Section Prompt.
  Variables (u v : list bool).
  Notation w := (two_words u v).
  Notation L := (length u).
  Hypothesis same_length : length v = L.
  Definition token i := nth i w (Special 0).
  Lemma length_two_words : length w = (2 * L + 2)%nat.
  Proof. unfold two_words. cbn [length]. rewrite app_length. cbn [length]. rewrite !map_length. lia. Qed.
  Lemma token_first i : (i < L)%nat -> token (S i) = letter (nth i u false).
  Proof.
    intros H. unfold token, two_words. cbn [nth]. rewrite app_nth1 by (rewrite map_length; auto).
    rewrite (nth_indep _ _ (letter false)) by (rewrite map_length; auto). apply map_nth.
  Qed.
  Lemma token_mark : token (L + 1) = Special 3.
  Proof. unfold token, two_words. rewrite Nat.add_1_r. cbn [nth]. rewrite app_nth2, map_length, Nat.sub_diag by (rewrite map_length; auto). reflexivity. Qed.
  Lemma token_second i : (i < L)%nat -> token (L + 2 + i) = letter (nth i v false).
  Proof.
    intros H. unfold token, two_words. replace (L + 2 + i)%nat with (S (L + S i)) by lia. cbn [nth].
    rewrite <- (map_length letter u), app_nth2_plus. cbn [nth]. rewrite (nth_indep _ _ (letter false)) by (rewrite map_length; lia). apply map_nth.
  Qed.
  Inductive kind (i : nat) : Prop :=
  | AtStart : i = 0%nat -> kind i
  | InFirst j : i = S j -> (j < L)%nat -> kind i
  | AtMark : i = (L + 1)%nat -> kind i
  | InSecond j : i = (L + 2 + j)%nat -> (j < L)%nat -> kind i.
  Lemma kind_of i : (i < length w)%nat -> kind i.
  Proof.
    rewrite length_two_words. intros H. destruct i as [|j]; [apply AtStart; reflexivity|].
    destruct (le_lt_dec L j); [|apply (InFirst _ j); auto].
    destruct (Nat.eq_dec j L) as [->|D]; [apply AtMark; lia|]. apply (InSecond _ (j - L - 1)%nat); lia.
  Qed.
  Lemma token_special i : exists s, token i = Special s /\ (s < 4)%nat.
  Proof.
    destruct (lt_dec i (length w)) as [H|H].
    - destruct (kind_of i H) as [->|j -> Hj| ->|j -> Hj]; rewrite ?token_mark, ?token_first, ?token_second by auto;
        unfold letter; try (destruct (nth j _ false)); eexists; split; try reflexivity; lia.
    - exists 0%nat. split; [apply nth_overflow; lia|lia].
  Qed.
  Lemma mark_flag i : is 3 (token i) = if Nat.eqb i (L + 1) then 1 else 0.
  Proof.
    destruct (Nat.eqb_spec i (L + 1)) as [->|D]; [rewrite token_mark; reflexivity|].
    destruct (lt_dec i (length w)) as [H|H]; [|unfold token; rewrite nth_overflow by lia; reflexivity].
    destruct (kind_of i H) as [->|j -> Hj|E|j -> Hj]; [reflexivity| |congruence|]; rewrite ?token_first, ?token_second by auto; destruct (nth j _ false); reflexivity.
  Qed.
  Lemma start_flag i : (i < length w)%nat -> is 0 (token i) = if Nat.eqb i 0 then 1 else 0.
  Proof.
    intros H. destruct (kind_of i H) as [->|j -> Hj| ->|j -> Hj]; [reflexivity| | |];
      rewrite ?token_mark, ?token_first, ?token_second by auto; try (destruct (nth j _ false)).
    all: match goal with |- _ = if Nat.eqb ?a 0 then _ else _ => destruct (Nat.eqb_spec a 0); [lia|reflexivity] end.
  Qed.
  Lemma b_first i : (i < L)%nat -> is 2 (token (S i)) = if nth i u false then 1 else 0.
  Proof. intros H. rewrite token_first by auto. destruct (nth i u false); reflexivity. Qed.
  Lemma b_second i : (i < L)%nat -> is 2 (token (L + 2 + i)) = if nth i v false then 1 else 0.
  Proof. intros H. rewrite token_second by auto. destruct (nth i v false); reflexivity. Qed.
End Prompt.

(** A head that looks for the latest position with a flag. *)
Lemma flagged rho x i s f b : x i 0%nat = 1 ->
  let p := picked rho x i (Latest s [(coord f, coord 0)] [] b) in
  ((0 < p <= i)%nat /\ x p f = 1 /\ forall j, (p < j <= i)%nat -> x j f <> 1) \/ (p = 0%nat /\ forall j, (0 < j <= i)%nat -> x j f <> 1).
Proof.
  intros One p. assert (forall j, matches (queries rho [(coord f, coord 0)] x i) (keys rho [(coord f, coord 0)] x) (fun j => lin rho [] (x j)) j <-> x j f = 1) as M.
  { intros j. unfold matches, queries, keys. cbn [map fst snd]. rewrite !lin_coord, One. split; [intros (E & _); congruence|intros ->; split; reflexivity]. }
  destruct (latest_pick_spec (queries rho [(coord f, coord 0)] x i) (keys rho [(coord f, coord 0)] x) (fun j => lin rho [] (x j)) i) as [(B & Mp & Later)|(E & No)]; [left|right].
  - split; [exact B|]. split; [apply M; exact Mp|]. intros j Hj E. apply (Later j Hj), M. exact E.
  - split; [exact E|]. intros j Hj E'. apply (No j Hj), M. exact E'.
Qed.

(** ** The network *)
Definition word_features : list feature := [
  Feature (1, 0, 0) [(0%nat, const 1); (1%nat, const 1); (2%nat, const 1); (3%nat, const 1); (4%nat, const 1); (5%nat, const 1)] (0, 0);
  flag_feature 3; flag_feature 0; position_feature; position_square; flag_feature 2].
Definition word_stages (compare : gate) (bad : row) : list stage := [
  Heads [(Latest 1 [(coord 1, coord 0)] [] 2, [(6%nat, coord 3); (7%nat, coord 2)])];
  Heads [(At (coord 3) [(3%nat, const 1); (6%nat, const (-1))], [(8%nat, coord 5)])];
  Gates [(9%nat, compare)];
  Gates [(10%nat, All [not_ 7; not_ 1; bad])];
  Heads [(Latest 1 [(coord 10, coord 0)] [] 2, [(11%nat, coord 2)])]].
Definition flag (b : bool) : Z := if b then 1 else 0.

Section Network.
  Variables (rho : env) (N : network) (u v : list bool) (compare : gate) (bad : row) (fails : bool -> bool -> bool).
  Notation w := (two_words u v).
  Notation L := (length u).
  Notation T := (token u v).
  Hypothesis same_length : length v = L.
  Hypothesis features_are : features N = word_features.
  Hypothesis stages_are : stages N = word_stages compare bad.
  Hypothesis outputs_are : outputs N = [Output (Token 4) [coord 11]; Output (Token 5) []].
  Hypothesis bad_is : forall y y' a b, y 0%nat = 1 -> y 5%nat = flag a -> y 8%nat = flag b ->
    y' 0%nat = 1 -> y' 9%nat = gate_sem (fun r => lin rho r y) compare -> lin rho bad y' = flag (fails b a).

  Notation x0 := (embedding rho word_features w).
  Let x1 := stage_sem rho (nth 0 (word_stages compare bad) (Gates [])) x0.
  Let x2 := stage_sem rho (nth 1 (word_stages compare bad) (Gates [])) x1.
  Let x3 := stage_sem rho (nth 2 (word_stages compare bad) (Gates [])) x2.
  Let x4 := stage_sem rho (nth 3 (word_stages compare bad) (Gates [])) x3.
  Let x5 := stage_sem rho (nth 4 (word_stages compare bad) (Gates [])) x4.

  Lemma w0_one i : x0 i 0%nat = 1.
  Proof.
    apply feature_one. intros s E. destruct (token_special u v same_length i) as (s' & E' & H). unfold token in E'. rewrite E in E'. injection E' as ->.
    do 4 (destruct s' as [|s']; [reflexivity|]). lia.
  Qed.
  Lemma w0_mark i : x0 i 1%nat = if Nat.eqb i (L + 1) then 1 else 0. Proof. rewrite <- (mark_flag u v same_length). apply feature_flag. Qed.
  Lemma w0_start i : x0 i 2%nat = is 0 (T i). Proof. apply feature_flag. Qed.
  Lemma w0_position i : x0 i 3%nat = Z.of_nat i. Proof. apply feature_position. Qed.
  Lemma w0_b i : x0 i 5%nat = is 2 (T i). Proof. apply feature_flag. Qed.

  Notation p0 i := (picked rho x0 i (Latest 1 [(coord 1, coord 0)] [] 2)).
  Lemma before_mark i : (i <= L)%nat -> p0 i = 0%nat.
  Proof.
    intros H. destruct (flagged rho x0 i 1 1 2 (w0_one i)) as [(B & E & _)|(E & _)]; [|exact E].
    rewrite w0_mark in E. destruct (Nat.eqb_spec (p0 i) (L + 1)); [lia|discriminate].
  Qed.
  Lemma behind_mark i : (L < i)%nat -> p0 i = (L + 1)%nat.
  Proof.
    intros H. destruct (flagged rho x0 i 1 1 2 (w0_one i)) as [(B & E & _)|(_ & No)].
    - rewrite w0_mark in E. destruct (Nat.eqb_spec (p0 i) (L + 1)); [assumption|discriminate].
    - destruct (No (L + 1)%nat ltac:(lia)). rewrite w0_mark, Nat.eqb_refl. reflexivity.
  Qed.
  Lemma w1_mark_place i : x1 i 6%nat = Z.of_nat (p0 i).
  Proof. transitivity (lin rho (coord 3) (x0 (p0 i))); [reflexivity|]. rewrite lin_coord. apply w0_position. Qed.
  Lemma w1_no_mark i : x1 i 7%nat = is 0 (T (p0 i)).
  Proof. transitivity (lin rho (coord 2) (x0 (p0 i))); [reflexivity|]. rewrite lin_coord. apply w0_start. Qed.
  Lemma w2_there j : (j < L)%nat -> x2 (L + 2 + j)%nat 8%nat = flag (nth j u false).
  Proof.
    intros H. transitivity (lin rho (coord 5) (x1 (picked rho x1 (L + 2 + j) (At (coord 3) [(3%nat, const 1); (6%nat, const (-1))])))); [reflexivity|].
    rewrite lin_coord. unfold picked. rewrite !lin_cons, !peval_const, w1_mark_place, behind_mark by lia.
    change (x1 (L + 2 + j)%nat 3%nat) with (x0 (L + 2 + j)%nat 3%nat). rewrite w0_position. change (lin rho [] _) with 0.
    match goal with |- x1 (nearest ?e ?i) _ = _ => assert (nearest e i = S j) as -> by (unfold nearest; lia) end.
    change (x1 (S j) 5%nat) with (x0 (S j) 5%nat). rewrite w0_b. apply b_first. exact H.
  Qed.
  Lemma all_three (y : nat -> Z) : y 0%nat = 1 -> gate_sem (fun r => lin rho r y) (All [not_ 7; not_ 1; bad]) =
    if (1 - y 7%nat =? 1) && ((1 - y 1%nat =? 1) && ((lin rho bad y =? 1) && true)) then 1 else 0.
  Proof. intros One. cbn [gate_sem forallb]. rewrite !not_is by exact One. reflexivity. Qed.
  Lemma w4_fails i : (i < length w)%nat ->
    x4 i 10%nat = if Nat.leb (L + 2) i then flag (fails (nth (i - L - 2) u false) (nth (i - L - 2) v false)) else 0.
  Proof.
    intros Hi. transitivity (gate_sem (fun r => lin rho r (x3 i)) (All [not_ 7; not_ 1; bad])); [reflexivity|].
    rewrite all_three by apply w0_one. change (x3 i 7%nat) with (x1 i 7%nat). change (x3 i 1%nat) with (x0 i 1%nat). rewrite w1_no_mark, w0_mark.
    destruct (Nat.leb_spec (L + 2) i) as [H|H].
    - rewrite behind_mark, token_mark by lia. destruct (Nat.eqb_spec i (L + 1)); [lia|]. cbn [is Nat.eqb].
      assert (exists j, i = (L + 2 + j)%nat /\ (j < L)%nat) as (j & -> & Hj).
      { exists (i - L - 2)%nat. rewrite (length_two_words u v same_length) in Hi. lia. }
      replace (L + 2 + j - L - 2)%nat with j by lia.
      rewrite (bad_is (x2 (L + 2 + j)%nat) (x3 (L + 2 + j)%nat) (nth j v false) (nth j u false)); [destruct (fails _ _); reflexivity|apply w0_one| |apply w2_there; exact Hj|apply w0_one|reflexivity].
      change (x2 (L + 2 + j)%nat 5%nat) with (x0 (L + 2 + j)%nat 5%nat). rewrite w0_b. apply b_second; auto.
    - destruct (Nat.eqb_spec i (L + 1)) as [->|D].
      + rewrite behind_mark, token_mark by lia. reflexivity.
      + rewrite before_mark by lia. reflexivity.
  Qed.
  Definition some_fails : bool := existsb (fun j => fails (nth j u false) (nth j v false)) (List.seq 0 L).
  Lemma last_two_words : (length w - 1)%nat = (2 * L + 1)%nat. Proof. rewrite (length_two_words u v same_length). lia. Qed.
  Theorem two_words_next : net_next rho N w = Some (Special (if some_fails then 5 else 4)).
  Proof.
    unfold net_next, net_stream. rewrite outputs_are, stages_are, features_are. change (run_stages rho (word_stages compare bad) x0) with x5.
    cbn [decide]. unfold applies, names. cbn [o_when o_what forallb]. rewrite lin_coord, last_two_words. set (last := (2 * L + 1)%nat).
    set (p := picked rho x4 last (Latest 1 [(coord 10, coord 0)] [] 2)).
    assert (x5 last 11%nat = is 0 (T p)) as ->.
    { transitivity (lin rho (coord 2) (x4 p)); [reflexivity|]. rewrite lin_coord. change (x4 p 2%nat) with (x0 p 2%nat). apply w0_start. }
    assert (forall j, (j <= last)%nat -> x4 j 10%nat = 1 <-> (L + 2 <= j)%nat /\ fails (nth (j - L - 2) u false) (nth (j - L - 2) v false) = true) as F.
    { intros j Hj. rewrite w4_fails by (rewrite (length_two_words u v same_length); unfold last in Hj; lia).
      destruct (Nat.leb_spec (L + 2) j); [|split; [discriminate|lia]]. destruct (fails _ _); cbn [flag]; split; auto; [discriminate|intros (_ & E); discriminate]. }
    destruct (flagged rho x4 last 1 10 2 (w0_one last)) as [(B & E & _)|(E & No)]; fold p in B, E || fold p in E.
    - apply F in E; [|lia]. destruct E as (H & E). rewrite (start_flag u v same_length) by (rewrite (length_two_words u v same_length); unfold last in B; lia).
      destruct (Nat.eqb_spec p 0); [lia|]. cbn [Z.eqb andb].
      assert (some_fails = true) as ->; [|reflexivity]. apply existsb_exists. exists (p - L - 2)%nat. split; [apply in_seq; unfold last in B; lia|exact E].
    - rewrite E. change (is 0 (T 0)) with 1. cbn [Z.eqb Pos.eqb andb]. assert (some_fails = false) as ->; [|reflexivity].
      apply not_true_is_false. intros S_. apply existsb_exists in S_. destruct S_ as (j & I & Fj). apply in_seq in I.
      apply (No (L + 2 + j)%nat); [unfold last; lia|]. apply F; [unfold last; lia|]. replace (L + 2 + j - L - 2)%nat with j by lia. split; [lia|exact Fj].
  Qed.
End Network.

Lemma some_fails_is fails : forall u v, length v = length u -> some_fails u v fails = existsb (fun xy => fails (fst xy) (snd xy)) (combine u v).
Proof.
  unfold some_fails. induction u as [|a u IH]; intros [|b v] H; try discriminate; [reflexivity|]. cbn [length List.seq existsb combine nth fst snd].
  rewrite <- IH by (injection H as H; exact H). rewrite <- seq_shift.
  assert (forall l, existsb (fun j => fails (nth j (a :: u) false) (nth j (b :: v) false)) (map S l) = existsb (fun j => fails (nth j u false) (nth j v false)) l) as ->; [|reflexivity].
  induction l as [|j l IHl]; [reflexivity|]. cbn [map existsb nth]. rewrite <- IHl. reflexivity.
Qed.

(** ** What is left to compute of an exported model *)
Section Exported.
  Variables (D : domain) (M : model) (at_size : Z -> env) (N : network) (claims : ranges) (f : list bool -> list bool -> bool).
  Hypothesis good_ : forall n, 1 <= n -> good D (at_size n).
  Hypothesis checked : check_all D M N claims = true.
  Hypothesis size_is : forall n, at_size n 0%nat = n.
  Hypothesis exported : specials M = 6%nat /\ answers M = None /\ context M = size_poly.
  Hypothesis says_next : forall rho u v, length v = length u -> net_next rho N (two_words u v) = Some (Special (if f u v then 4 else 5)).
  Theorem compares_by : compares M at_size f.
  Proof.
    intros n u v Len Size. destruct exported as (Sp & An & Co). assert (1 <= n) as Hn by lia.
    assert (peval (at_size n) (context M) = n) as Context.
    { rewrite Co. unfold size_poly. rewrite peval_cons. unfold peval_mono. cbn [fold_right fst snd power]. change (peval _ []) with 0. rewrite size_is. ring. }
    apply (decodes D (at_size n) M N claims (good_ n Hn) checked); [split; [|split]|discriminate|].
    - intros i Hi. change (nth i (two_words u v) (Special 0)) with (token u v i). destruct (token_special u v Len i) as (s & E & Hs). rewrite E, Sp.
      pose proof (start_flag u v Len i Hi) as St. rewrite E in St. cbn [is] in St. split; [lia|].
      destruct (Nat.eqb_spec i 0), s; cbn [Nat.eqb] in St; split; intros; try congruence; try discriminate St; auto.
    - intros i k Hi E. change (token u v i = Number k) in E. destruct (token_special u v Len i) as (s & E' & _). congruence.
    - rewrite Context, (length_two_words u v Len). lia.
    - cbn [net_decode]. rewrite (says_next _ u v Len). unfold is_answer. rewrite An. reflexivity.
  Qed.
End Exported.
