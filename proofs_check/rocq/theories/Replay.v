(** One run checks a transcript: integers stay integers where nothing is averaged. Equal to Model.v's decoding for all models. *)
From Coq Require Import ZArith QArith Qcanon List Bool Lia Arith.
From RetrievalGap Require Import Searching Model Fast.
Import ListNotations.
Open Scope Z_scope.

(** A map between number systems that keeps all that models compute with keeps what they write. *)
Section Keeps.
  Variables (A B : numbers) (f : A -> B) (rho : env).
  Record keeps : Prop := {
    keeps_zero : f zero = zero; keeps_one : f one = one; keeps_of_Z : forall z, f (of_Z z) = of_Z z;
    keeps_add : forall a b, f (add a b) = add (f a) (f b); keeps_mul : forall a b, f (mul a b) = mul (f a) (f b);
    keeps_leb : forall a b, leb (f a) (f b) = leb a b; keeps_mean : forall l, f (mean l) = mean (map f l) }.
  Hypothesis K : keeps.

  Lemma times_kept r (x : vec A) (y : vec B) : (forall c, f (x c) = y c) -> f (times A rho r x) = times B rho r y.
  Proof.
    intros E. unfold times. induction r as [|e r IH]; [apply K|]. cbn [fold_right].
    rewrite (keeps_add K), (keeps_mul K), (keeps_of_Z K), E, IH. reflexivity.
  Qed.
  Lemma total_kept {X} (g : X -> A) (h : X -> B) l : (forall a, In a l -> f (g a) = h a) -> f (total A (map g l)) = total B (map h l).
  Proof.
    induction l as [|a l IH]; intros E; [apply K|]. unfold total in *. cbn [map fold_right].
    rewrite (keeps_add K), E by (left; reflexivity). rewrite IH by (intros; apply E; right; assumption). reflexivity.
  Qed.
  Lemma apply_kept L (xs : nat -> vec A) (ys : nat -> vec B) : (forall i c, f (xs i c) = ys i c) ->
    forall i c, f (apply A rho L xs i c) = apply B rho L ys i c.
  Proof.
    intros E i c.
    assert (forall h i j, f (score A rho h xs i j) = score B rho h ys i j) as Sc.
    { intros h a b. unfold score. rewrite (keeps_add K), (keeps_of_Z K). f_equal. apply total_kept. intros qk _.
      rewrite (keeps_mul K). f_equal; apply times_kept; intros; apply E. }
    assert (forall a b t k, f (state A rho a b xs t k) = state B rho a b ys t k) as St.
    { intros a b. induction t as [|t IH]; intros k; cbn [state]; unfold at_row; [|rewrite (keeps_add K); f_equal]; apply times_kept; intros; [apply E|apply IH|apply E]. }
    assert (forall p, f (relu A p) = relu B (f p)) as Re by (intros p; unfold relu; rewrite <- (keeps_zero K), (keeps_leb K); destruct (leb _ _); reflexivity).
    assert (forall a b g h m t k, f (selected_state A rho a b g h m xs t k) = selected_state B rho a b g h m ys t k) as Se.
    { intros a b g h m. induction t as [|t IH]; intros k; cbn [selected_state]; unfold at_row; [apply times_kept; intros; apply E|].
      rewrite !(keeps_add K). f_equal; [f_equal|]; apply times_kept; intros; [apply IH| |apply E]. rewrite (keeps_mul K), Re. f_equal; [f_equal|]; apply times_kept; intros; [apply E|apply IH]. }
    destruct L as [hs|g v o|a b o d|a b o d g h m]; cbn [apply]; rewrite (keeps_add K), E; f_equal.
    - apply total_kept. intros h _. unfold read_head, at_row. apply times_kept. intros r. unfold found.
      assert (picks A rho h xs i = picks B rho h ys i) as ->.
      { unfold picks. apply filter_same. intros j _. apply forallb_same. intros j' _. rewrite <- !Sc. symmetry. apply K. }
      rewrite (keeps_mean K), map_map. f_equal. apply map_ext. intros j. unfold at_row. apply times_kept. intros. apply E.
    - unfold at_row. apply times_kept. intros u. unfold unit_, at_row. rewrite (keeps_mul K), Re. f_equal; [f_equal|]; apply times_kept; intros; apply E.
    - rewrite (keeps_add K). f_equal; unfold at_row; apply times_kept; intros; [apply St|apply E].
    - rewrite (keeps_add K). f_equal; unfold at_row; apply times_kept; intros; [apply Se|apply E].
  Qed.
  Lemma stream_kept M w i c : f (stream A rho M w i c) = stream B rho M w i c.
  Proof.
    unfold stream.
    assert (forall Ls (xs : nat -> vec A) (ys : nat -> vec B), (forall i c, f (xs i c) = ys i c) ->
      f (fold_left (fun xs L => apply A rho L xs) Ls xs i c) = fold_left (fun xs L => apply B rho L xs) Ls ys i c) as G.
    { induction Ls as [|L Ls IH]; intros xs ys E; [apply E|]. cbn [fold_left]. apply IH. apply apply_kept. exact E. }
    apply G. intros j d. unfold embed. rewrite (keeps_add K). f_equal; [destruct (nth j w (Special 0)) as [s|k]|]; unfold at_row; apply times_kept; intros e.
    - unfold one_hot. destruct (Nat.eqb e s); apply K.
    - apply K.
    - apply K.
  Qed.
  Lemma arg_max_kept (g : tok -> A) (h : tok -> B) l : (forall t, f (g t) = h t) -> forall b, arg_max A g b l = arg_max B h b l.
  Proof. intros E. induction l as [|t l IH]; intros b; [reflexivity|]. cbn [arg_max]. rewrite <- !E, (keeps_leb K). apply IH. Qed.
  Theorem next_kept M w : next A rho M w = next B rho M w.
  Proof.
    unfold next. destruct (vocabulary rho M) as [|t l]; [reflexivity|]. apply arg_max_kept. intros [s|k]; unfold logit, at_row.
    - apply times_kept. intros. apply stream_kept.
    - apply total_kept. intros j _. rewrite (keeps_mul K), (keeps_of_Z K). f_equal. apply times_kept. intros. apply stream_kept.
  Qed.
End Keeps.

(** Integers as such, other fractions in lowest terms: nothing is reduced where nothing is averaged. *)
Inductive fraction := Whole (z : Z) | Part (q : Q).
Definition as_Q (a : fraction) : Q := match a with Whole z => inject_Z z | Part q => q end.
Definition reduced (q : Q) : fraction := let r := Qred q in match Qden r with xH => Whole (Qnum r) | _ => Part r end.
Definition fraction_mean (l : list fraction) (sum : fraction) : fraction :=
  match l with [] => Whole 0 | [a] => a | _ => reduced (as_Q sum * (1 # Pos.of_nat (length l))) end.
Definition fraction_add (a b : fraction) : fraction :=
  match a, b with Whole x, Whole y => Whole (x + y) | _, _ => reduced (as_Q a + as_Q b) end.
Definition FN : numbers := {|
  num := fraction; zero := Whole 0; one := Whole 1; of_Z := Whole; add := fraction_add;
  mul a b := match a, b with Whole x, Whole y => Whole (x * y) | _, _ => reduced (as_Q a * as_Q b) end;
  leb a b := match a, b with Whole x, Whole y => Z.leb x y | _, _ => Qle_bool (as_Q a) (as_Q b) end;
  mean l := fraction_mean l (fold_right fraction_add (Whole 0) l) |}.

Definition as_Qc (a : fraction) : Qc := Q2Qc (as_Q a).
Lemma as_Q_reduced q : as_Q (reduced q) == q.
Proof.
  unfold reduced. pose proof (Qred_correct q) as E. destruct (Qred q) as (n, d). cbn [Qden Qnum] in *. destruct d; exact E.
Qed.
Lemma Q2Qc_eq q r : q == r -> Q2Qc q = Q2Qc r.
Proof. intros E. apply Qc_is_canon. cbn. rewrite !Qred_correct. exact E. Qed.
Lemma as_Qc_add a b : as_Qc (fraction_add a b) = (as_Qc a + as_Qc b)%Qc.
Proof.
  unfold as_Qc, Qcplus. apply Q2Qc_eq. cbn. rewrite !Qred_correct. destruct a as [x|p], b as [y|q]; cbn [fraction_add]; rewrite ?as_Q_reduced; try reflexivity.
  cbn [as_Q]. rewrite inject_Z_plus. reflexivity.
Qed.
Lemma one_of (q : Q) n : n <> 0%nat -> q * (1 # Pos.of_nat n) == q * / inject_Z (Z.of_nat n).
Proof.
  intros Nz. assert (Z.of_nat n = Zpos (Pos.of_nat n)) as -> by (rewrite <- (positive_nat_Z (Pos.of_nat n)), Nat2Pos.id by exact Nz; reflexivity). reflexivity.
Qed.
Lemma fraction_kept : keeps FN QcN as_Qc.
Proof.
  split; try reflexivity.
  - intros a b. apply as_Qc_add.
  - intros a b. unfold as_Qc. cbn [mul FN QcN]. unfold Qcmult. apply Q2Qc_eq. cbn. rewrite !Qred_correct. destruct a as [x|p], b as [y|q]; rewrite ?as_Q_reduced; reflexivity.
  - intros a b. cbn [leb FN QcN]. unfold as_Qc. cbn [this Q2Qc].
    rewrite (Qleb_comp _ _ (Qred_correct (as_Q a)) _ _ (Qred_correct (as_Q b))). destruct a as [x|p], b as [y|q]; try reflexivity.
    cbn [as_Q]. unfold Qle_bool, inject_Z. cbn [Qnum Qden]. rewrite !Z.mul_1_r. reflexivity.
  - intros l. cbn [mean FN QcN].
    assert (as_Qc (fold_right fraction_add (Whole 0) l) = fold_right Qcplus 0%Qc (map as_Qc l)) as S.
    { induction l as [|a l IH]; [reflexivity|]. cbn [fold_right map]. rewrite as_Qc_add. f_equal. exact IH. }
    change (as_Qc (fraction_mean l (fold_right fraction_add (Whole 0) l)) = (fold_right Qcplus 0%Qc (map as_Qc l) / Q2Qc (inject_Z (Z.of_nat (length (map as_Qc l)))))%Qc).
    rewrite map_length, <- S. destruct l as [|a [|b l]].
    + reflexivity.
    + cbn [fraction_mean map length fold_right] in *. rewrite S. change (Q2Qc (inject_Z (Z.of_nat 1))) with 1%Qc. cbn [map fold_right]. field. discriminate.
    + remember (a :: b :: l) as m eqn:Em. generalize (fold_right fraction_add (Whole 0) m) as s. intros s.
      assert (fraction_mean m s = reduced (as_Q s * (1 # Pos.of_nat (length m)))) as -> by (subst m; reflexivity).
      unfold Qcdiv, as_Qc, Qcmult, Qcinv. apply Q2Qc_eq. cbn [this Q2Qc]. rewrite as_Q_reduced, !Qred_correct. apply one_of. subst m. discriminate.
Qed.
Lemma lawful_F : lawful FN.
Proof.
  split; [reflexivity|reflexivity| |].
  - intros [x|q]; [change (Whole (x * 0) = Whole 0); rewrite Z.mul_0_r; reflexivity|]. change (reduced (q * inject_Z 0) = Whole 0). unfold reduced. rewrite (Qred_complete (q * inject_Z 0) 0); [reflexivity|]. apply Qmult_0_r.
  - intros l. change (@mean FN) with (fun l => fraction_mean l (fold_right fraction_add (Whole 0) l)). cbv beta.
    assert (fold_right fraction_add (Whole 0) (map (fun _ : nat => Whole 0) l) = Whole 0) as E by (induction l as [|a l IH]; [reflexivity|]; cbn [map fold_right]; rewrite IH; reflexivity).
    change (fraction_mean (map (fun _ : nat => Whole 0) l) (fold_right fraction_add (Whole 0) (map (fun _ : nat => Whole 0) l)) = Whole 0).
    rewrite E. destruct l as [|a [|b l]]; reflexivity.
Qed.

(** Transcripts: one run says what comes next after every prefix, and so whether decoding writes them, [yields] included. *)
Section Replay.
  Variables (rho : env) (M : model).
  Definition said (w t : list tok) : list tok := fsaid FN rho M w t.
  Definition nexts (w t : list tok) : list tok := map (fun k => next QcN rho M (w ++ firstn k t)) (seq 0 (S (length t))).
  Theorem said_is w t : w <> [] -> said w t = nexts w t.
  Proof.
    intros Ne. unfold said. rewrite (fsaid_is FN rho lawful_F M w t Ne). apply map_ext. intros k. apply (next_kept FN QcN as_Qc rho fraction_kept).
  Qed.
  Lemma nexts_cons w x t : nexts w (x :: t) = next QcN rho M w :: nexts (w ++ [x]) t.
  Proof.
    unfold nexts. cbn [length]. rewrite <- cons_seq, <- (seq_shift (S (length t))). cbn [map]. rewrite map_map. cbn [firstn]. rewrite app_nil_r. f_equal.
    apply map_ext. intros k. rewrite <- app_assoc. reflexivity.
  Qed.
  Lemma nexts_app a : forall w b, skipn (length a) (nexts w (a ++ b)) = nexts (w ++ a) b.
  Proof.
    induction a as [|x a IH]; intros w b; [rewrite app_nil_r; reflexivity|]. cbn [app length]. rewrite nexts_cons. cbn [skipn]. rewrite IH, <- app_assoc. reflexivity.
  Qed.

  Fixpoint replay_from (fuel : nat) (own t : list tok) (ended : bool) : bool :=
    match fuel, own, t with
    | O, _, [] => negb ended
    | S fuel', o :: own', x :: t' =>
      if tok_eq_dec o x then if is_answer M x then match t' with [] => ended | _ => false end else replay_from fuel' own' t' ended else false
    | _, _, _ => false
    end.
  Definition replays (w t : list tok) (ended : bool) : bool :=
    replay_from (S (Z.to_nat (peval rho (context M) + 1) - length w)) (said w t) t ended.
  Lemma replay_is : forall t fuel w ended, replay_from fuel (nexts w t) t ended = true -> decode_from QcN rho fuel M w = (t, ended).
  Proof.
    induction t as [|x t IH]; intros [|fuel] w ended F; try discriminate; [destruct ended; [discriminate|reflexivity]|].
    rewrite nexts_cons in F. cbn [replay_from decode_from] in *. destruct (tok_eq_dec (next QcN rho M w) x) as [->|]; [|discriminate].
    destruct (is_answer M x); [destruct t; [destruct ended; [reflexivity|]|]; discriminate|]. rewrite (IH fuel (w ++ [x]) ended F). reflexivity.
  Qed.
  Theorem replays_is w t ended : w <> [] -> replays w t ended = true -> decode QcN rho M w = (t, ended).
  Proof. unfold replays, decode. intros Ne. rewrite said_is by exact Ne. apply replay_is. Qed.

  (** The same where the runtime answers searches. *)
  Variable L : language.
  Fixpoint after (found t : list tok) : option (list tok) :=
    match found, t with [], _ => Some t | f :: found', x :: t' => if tok_eq_dec f x then after found' t' else None | _, [] => None end.
  Fixpoint search_replay_from (most : nat) (w own t : list tok) (inside ended : bool) : bool :=
    match most with
    | O => match t with [] => negb ended | _ => false end
    | S most' =>
      if peval rho (context M) + 1 <? Z.of_nat (length w) then match t with [] => negb ended | _ => false end else
      match own, t with
      | o :: own', x :: t' =>
        if tok_eq_dec o x then
          if tok_eq_dec x (Special (closing L)) then
            let found := yields L w in
            match after found t' with Some t'' => search_replay_from most' (w ++ x :: found) (skipn (length found) own') t'' false ended | None => false end
          else
            let inside' := (inside || if tok_eq_dec x (Special (opening L)) then true else false)%bool in
            if (negb inside' && is_answer M x)%bool then match t' with [] => ended | _ => false end
            else search_replay_from most' (w ++ [x]) own' t' inside' ended
        else false
      | _, _ => false
      end
    end.
  Definition search_replays (w t : list tok) (ended : bool) : bool :=
    search_replay_from (S (Z.to_nat (peval rho (context M) + 1) - length w)) w (said w t) t false ended.
  Lemma after_is found : forall t t', after found t = Some t' -> t = found ++ t'.
  Proof.
    induction found as [|f found IH]; intros t t' E; [injection E as ->; reflexivity|]. destruct t as [|x t]; [discriminate|]. cbn [after] in E.
    destruct (tok_eq_dec f x) as [->|]; [|discriminate]. cbn [app]. f_equal. apply IH. exact E.
  Qed.
  Lemma search_replay_is : forall most w t inside ended, search_replay_from most w (nexts w t) t inside ended = true ->
    search_from rho M L most w inside = (t, ended).
  Proof.
    assert (forall t ended, match t with [] => negb ended | _ => false end = true -> (@nil tok, false) = (t, ended)) as E by (intros [|x t] [|]; [discriminate|reflexivity|discriminate|discriminate]).
    induction most as [|most IH]; intros w t inside ended F; cbn [search_replay_from search_from] in *; [apply E; exact F|].
    destruct (_ <? _); [apply E; exact F|]. destruct t as [|x t]; [discriminate|]. rewrite nexts_cons in F.
    destruct (tok_eq_dec (next QcN rho M w) x) as [->|]; [|discriminate]. destruct (tok_eq_dec x (Special (closing L))) as [->|].
    - cbv zeta in *. destruct (after (yields L w) t) as [t'|] eqn:A; [|discriminate]. apply after_is in A. subst t. rewrite nexts_app, <- app_assoc in F. cbn [app] in F.
      rewrite (IH _ _ _ _ F). reflexivity.
    - cbv zeta in *. destruct (_ && _)%bool; [destruct t; [destruct ended; [reflexivity|]|]; discriminate|]. rewrite (IH _ _ _ _ F). reflexivity.
  Qed.
  Theorem search_replays_is w t ended : w <> [] -> search_replays w t ended = true -> decode_searching rho M L w = (t, ended).
  Proof. unfold search_replays, decode_searching. intros Ne. rewrite said_is by exact Ne. apply search_replay_is. Qed.
End Replay.
