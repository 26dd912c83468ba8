(** Networks that count: the average of the flag of the first token, over it and all matches, is 1 / (count + 1). *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound NetModel NetTop NetRange NetFull NetMean NetMixed.
From RetrievalGap Require Import StatementsRetrieval Prompts Lookups Grams.
Import ListNotations.
Open Scope Z_scope.

Lemma filter_nothing {A} (P : A -> bool) l : (forall a, In a l -> P a = false) -> filter P l = [].
Proof. induction l as [|a l IH]; intros H; [reflexivity|]. cbn [filter]. rewrite (H a) by (left; auto). apply IH. intros b I. apply H. right. exact I. Qed.
Lemma count_filter q : forall xs s, length (filter (fun j => nth (j - s) xs 0 =? q) (List.seq s (length xs))) = count_occ Z.eq_dec xs q.
Proof.
  induction xs as [|x xs IH]; intros s; [reflexivity|].
  assert (filter (fun j => nth (j - s) (x :: xs) 0 =? q) (List.seq (S s) (length xs)) = filter (fun j => nth (j - S s) xs 0 =? q) (List.seq (S s) (length xs))) as E.
  { apply filter_ext_in. intros j Hj. apply in_seq in Hj. replace (j - s)%nat with (S (j - S s)) by lia. reflexivity. }
  cbn [length List.seq filter count_occ]. rewrite E, Nat.sub_diag. change (nth 0 (x :: xs) 0) with x.
  destruct (Z.eq_dec x q) as [->|D]; [rewrite Z.eqb_refl; cbn [length]; rewrite IH; reflexivity|].
  destruct (Z.eqb_spec x q); [contradiction|]. apply IH.
Qed.

(** A fraction is positive exactly if its numerator is. *)
Lemma positive_over v a b : 0 < b -> (v * inj b = inj a)%Qc -> positive v = (0 <? a).
Proof.
  intros Hb E. unfold positive. assert (0 < inj b)%Qc as Pb.
  { apply Qcnot_le_lt. intros L. assert (Qle_bool (inj b) (inj 0) = true) as Q by (apply Qle_bool_iff; exact L). rewrite inj_leb in Q. apply Z.leb_le in Q. lia. }
  assert (Qle_bool v 0 = (a <=? 0)) as ->; [|rewrite Z.ltb_antisym; reflexivity].
  apply eq_true_iff_eq. rewrite <- inj_leb, <- E, !Qle_bool_iff. change ((v <= 0)%Qc <-> (v * inj b <= inj 0)%Qc). change (inj 0) with 0%Qc. split; intros L.
  - replace 0%Qc with (0 * inj b)%Qc by ring. apply Qcmult_le_compat_r; auto. apply Qclt_le_weak. exact Pb.
  - apply Qcnot_lt_le. intros P. assert (0 * inj b < v * inj b)%Qc as P' by (apply Qcmult_lt_compat_r; auto).
    replace (0 * inj b)%Qc with 0%Qc in P' by ring. apply (Qclt_not_le _ _ P' L).
Qed.

Lemma linq_coord rho c X : linq rho (coord c) X = X c.
Proof. unfold coord. rewrite linq_cons, peval_const. change (inj 1) with 1%Qc. change (linq rho [] X) with 0%Qc. ring. Qed.
Lemma last_digit xs q t : digit xs [q; t] (last_ xs [q; t]) = t.
Proof.
  unfold digit, last_. cbn [length]. replace (length xs + 1 + 2)%nat with (length xs + 2 + 1)%nat by lia. rewrite at_query by (cbn; lia). reflexivity.
Qed.

Section Count.
  Variables (rho : env) (xs : list Z) (q t : Z).
  Notation query := [q; t].
  Notation w := (prompt xs query).
  Notation last := (last_ xs query).
  Notation T := (at_ xs query).
  Hypothesis q_positive : 1 <= q.
  Notation count := (count_occ Z.eq_dec xs q).

  Section Ties.
    Variables (x : nat -> nat -> Z) (token before : nat) (e : row).
    Hypothesis token_is : forall j, x j token = digit xs query j.
    Hypothesis before_is : forall j, x j before = digit xs query (j - 1).
    Hypothesis excluded_is : forall j, lin rho e (x j) = is 1 (T (j - 1)) + is 1 (T (j - 2)).
    Notation ties := (tied rho [(coord token, coord before)] e x last).
    Lemma asked_is : digit xs query (last - 1) = q.
    Proof.
      unfold digit, last_. cbn [length]. replace (length xs + 1 + 2 - 1)%nat with (length xs + 2 + 0)%nat by lia.
      rewrite at_query by (cbn [length]; lia). reflexivity.
    Qed.
    Definition tie (j : nat) : bool := Nat.eqb j 0 || ((digit xs query j =? q) && (is 1 (T (j - 1)) + is 1 (T (j - 2)) =? 0)).
    Lemma ties_are : ties = filter tie (List.seq 0 (S last)).
    Proof.
      unfold tied. apply filter_ext_in. intros j Hj. unfold tie. f_equal. rewrite excluded_is. f_equal.
      unfold keys, queries. cbn [map fst snd]. rewrite !lin_coord, token_is, before_is, asked_is.
      destruct (list_eq_dec Z.eq_dec [digit xs query j] [q]) as [E|E], (Z.eqb_spec (digit xs query j) q); congruence.
    Qed.
    Lemma tie_letter j : (1 <= j <= length xs)%nat -> tie j = (nth (j - 1) xs 0 =? q).
    Proof.
      intros H. unfold tie. destruct (Nat.eqb_spec j 0); [lia|]. cbn [orb].
      assert (forall d, (d <= length xs)%nat -> is 1 (T d) = 0) as L by (intros [|d] Hd; [reflexivity|rewrite at_letter by lia; reflexivity]).
      rewrite !L by lia. change (0 + 0 =? 0) with true. rewrite andb_true_r. unfold digit. replace j with (S (j - 1)) at 1 by lia.
      rewrite at_letter by lia. reflexivity.
    Qed.
    Lemma tie_query j : (length xs < j <= last)%nat -> tie j = false.
    Proof.
      intros H. unfold last_ in H. cbn [length] in H. unfold tie. destruct (Nat.eqb_spec j 0); [lia|]. cbn [orb].
      destruct (Nat.eq_dec j (length xs + 1)) as [->|D1].
      { unfold digit. rewrite at_separator. cbn [number_of separator]. destruct (Z.eqb_spec 0 q); [lia|reflexivity]. }
      assert (forall d, 0 <= is 1 (T d)) as Pos by (intros d; unfold is; destruct (T d) as [s|]; [destruct (Nat.eqb 1 s)|]; lia).
      assert (is 1 (T (j - 1)) + is 1 (T (j - 2)) <> 0) as NZ.
      { destruct (Nat.eq_dec j (length xs + 2)) as [->|D2].
        - replace (length xs + 2 - 1)%nat with (length xs + 1)%nat by lia. rewrite at_separator. cbn [is separator Nat.eqb]. specialize (Pos (length xs + 2 - 2)%nat). lia.
        - replace (j - 2)%nat with (length xs + 1)%nat by lia. rewrite at_separator. cbn [is separator Nat.eqb]. specialize (Pos (j - 1)%nat). lia. }
      apply Z.eqb_neq in NZ. rewrite NZ. apply andb_false_r.
    Qed.
    Lemma ties_split : ties = 0%nat :: filter (fun j => nth (j - 1) xs 0 =? q) (List.seq 1 (length xs)).
    Proof.
      rewrite ties_are. replace (S last) with (S (length xs) + 3)%nat by (unfold last_; cbn [length]; lia).
      rewrite seq_app, filter_app. rewrite (filter_nothing tie (List.seq (0 + S (length xs)) 3)).
      - rewrite app_nil_r. cbn [List.seq filter]. change (tie 0) with true. cbn iota. f_equal. apply filter_ext_in.
        intros j Hj. apply in_seq in Hj. apply tie_letter. lia.
      - intros j Hj. apply in_seq in Hj. apply tie_query. unfold last_. cbn [length]. lia.
    Qed.
    (** The average of the flag of the first position. *)
    Lemma average_is (f : nat -> Qc) : (forall j, f j = inj (is 0 (T j))) ->
      (@mean QcN (map f ties) * inj (Z.of_nat count + 1))%Qc = 1%Qc.
    Proof.
      intros F. rewrite ties_split. set (l := filter _ _). assert (length l = count) as Ll by apply count_filter.
      assert (forall j, In j l -> f j = 0%Qc) as Z0.
      { intros j I. apply filter_In in I. destruct I as (I & _). apply in_seq in I. rewrite F. destruct j as [|j]; [lia|]. rewrite at_letter by lia. reflexivity. }
      cbn [map]. rewrite mean_is. cbn [length]. rewrite map_length, Ll, F. change (inj (is 0 (T 0))) with 1%Qc.
      assert (qsum (map f l) = 0%Qc) as E.
      { clear Ll. induction l as [|j l IH]; [reflexivity|]. cbn [map]. unfold qsum in *. cbn [fold_right]. rewrite IH by (intros; apply Z0; right; auto).
        rewrite Z0 by (left; auto). ring. }
      change (qsum (1%Qc :: map f l)) with (1 + qsum (map f l))%Qc. rewrite E.
      replace (Z.of_nat (S count)) with (Z.of_nat count + 1) by lia. field.
      intros H. assert (Qle_bool (inj (Z.of_nat count + 1)) (inj 0) = true) as Q by (rewrite H; reflexivity). rewrite inj_leb in Q. apply Z.leb_le in Q. lia.
    Qed.
  End Ties.

  (** What is written, from the value whose sign decides. *)
  Theorem writes_count (N : mean_network) (v average : Qc) :
    (average * inj (Z.of_nat count + 1) = 1)%Qc -> linq rho (sign N) (mean_stream rho N w last) = v ->
    (v = inj 2 + inj (-1) * (inj (2 * t + 3) * average))%Qc ->
    exists a, answer counting xs query a /\ sign_token rho N w = a.
  Proof.
    intros A V E. exists (Number (if t <? Z.of_nat count then 1 else 0)). split; [exists q, t; auto|].
    unfold sign_token. rewrite last_is, V. set (c := Z.of_nat count) in *. assert (0 <= c) by (unfold c; lia).
    rewrite (positive_over v (2 * (c + 1) + -1 * (2 * t + 3)) (c + 1)); [|lia|].
    - destruct (Z.ltb_spec t c), (Z.ltb_spec 0 (2 * (c + 1) + -1 * (2 * t + 3))); try reflexivity; lia.
    - rewrite (inj_add (2 * (c + 1))), (inj_mul 2), (inj_mul (-1)), E.
      transitivity (inj 2 * inj (c + 1) + inj (-1) * inj (2 * t + 3) * (average * inj (c + 1)))%Qc; [ring|]. rewrite A. ring.
  Qed.
End Count.
