(** Theorem 4.1: from the next token to whole decodings, for every machine and every S. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Model Decode StatementsMachines Transcripts StatementsRegisters Rows.
Import ListNotations.
Open Scope Z_scope.

(** The signs that configurations are written in. *)
Lemma in_alphabet m x : In x (row_alphabet m) <-> proper m x /\ x <> Ask.
Proof.
  unfold row_alphabet. rewrite !in_app_iff, in_map_iff. destruct x as [| | | | |a|q a]; cbn [proper]; split; try (intros _; split; [exact I|discriminate]); try (intros _; left; cbn [In]; tauto).
  - intros [H|[(b & E & _)|J]]; [cbn [In] in H; intuition discriminate|discriminate|].
    unfold step_signs in J. apply in_flat_map in J. destruct J as (q & _ & J). destruct (halting m q); [destruct J|]. apply in_map_iff in J. destruct J as (b & E & _). discriminate.
  - intros (_ & H). congruence.
  - intros [H|[(b & E & J)|J]]; [cbn [In] in H; intuition discriminate|injection E as ->; apply in_seq in J; split; [lia|discriminate]|].
    unfold step_signs in J. apply in_flat_map in J. destruct J as (q & _ & J). destruct (halting m q); [destruct J|]. apply in_map_iff in J. destruct J as (b & E & _). discriminate.
  - intros (A & _). right. left. exists a. split; [reflexivity|apply in_seq; lia].
  - intros [H|[(b & E & J)|J]]; [cbn [In] in H; intuition discriminate|discriminate|]. apply in_steps in J. split; [exact J|discriminate].
  - intros (A & _). right. right. apply in_steps. exact A.
Qed.
Definition ending (x : sign) : Prop := x = Halted \/ x = Missing \/ x = Outside.
Definition ordinary (m : machine) (x : sign) : Prop := In x (row_alphabet m) /\ ~ ending x.

Section Decoding.
  Variables (m : machine) (S : nat) (M : model) (rho : env) (bound : nat).
  Hypothesis some_cells : (0 < S)%nat.
  Hypothesis wf : well_formed m.
  Hypothesis ends : answers M = Some [1; 2; 3]%nat.
  Notation tokens := (map (row_token m)).
  Hypothesis writes : forall s, (forall x, In x s -> In x (row_alphabet m)) -> (exists r, s = Begin :: r) -> (length s <= bound)%nat -> In (window m S s) (row_alphabet m) ->
    next QcN rho M (tokens s) = row_token m (window m S s).

  Lemma ending_answers x : ending x -> is_answer M (row_token m x) = true.
  Proof. unfold is_answer. rewrite ends. intros [->|[->| ->]]; reflexivity. Qed.
  Lemma ordinary_goes_on x : ordinary m x -> is_answer M (row_token m x) = false.
  Proof.
    intros (I & N). unfold is_answer, row_token. rewrite ends. destruct (place_nth x (row_alphabet m) Begin I) as (_ & P). unfold row_alphabet in P.
    destruct (place x ([Begin; Halted; Missing; Outside] ++ map Cell (seq 0 (symbols m)) ++ step_signs m)) as [|[|[|[|k]]]]; cbn [app nth] in P; try reflexivity;
      exfalso; apply N; unfold ending; rewrite <- P; auto.
  Qed.

  (** Signs one by one. *)
  Lemma emitted (pre out : list sign) fuel : (forall j, (j < length out)%nat -> next QcN rho M (tokens (pre ++ firstn j out)) = row_token m (nth j out Begin)) ->
    forall todo done more, out = done ++ todo ++ more -> (forall x, In x todo -> ordinary m x) ->
    decode_from QcN rho (length todo + fuel) M (tokens (pre ++ done)) =
      let (rest, e) := decode_from QcN rho fuel M (tokens (pre ++ done ++ todo)) in (tokens todo ++ rest, e).
  Proof.
    intros Nx. induction todo as [|x todo IH]; intros done more E O; cbn [length Nat.add].
    - rewrite app_nil_r. destruct (decode_from QcN rho fuel M (tokens (pre ++ done))); reflexivity.
    - cbn [decode_from]. specialize (Nx (length done)). rewrite E in Nx.
      replace (firstn (length done) (done ++ (x :: todo) ++ more)) with done in Nx by (rewrite firstn_app, Nat.sub_diag, firstn_all; cbn [firstn]; rewrite app_nil_r; reflexivity).
      rewrite Nx by (rewrite !app_length; cbn [length]; lia). replace (nth (length done) (done ++ (x :: todo) ++ more) Begin) with x by (rewrite app_nth2, Nat.sub_diag by lia; reflexivity).
      rewrite ordinary_goes_on by (apply O; left; reflexivity).
      replace (tokens (pre ++ done) ++ [row_token m x]) with (tokens (pre ++ (done ++ [x]))) by (rewrite !map_app, <- app_assoc; reflexivity).
      rewrite (IH (done ++ [x]) more); [|rewrite E, <- app_assoc; reflexivity|intros y Y; apply O; right; exact Y].
      rewrite <- app_assoc. cbn [app]. destruct (decode_from QcN rho fuel M (tokens (pre ++ done ++ x :: todo))). reflexivity.
  Qed.

  (** What comes after a configuration. *)
  Lemma cell_ordinary c k : allowed m S c -> (k < S)%nat -> ordinary m (cell_sign c k).
  Proof.
    intros (Q & H & A & P) K. split; [|unfold cell_sign; destruct (_ =? _); intros [E|[E|E]]; discriminate].
    apply in_alphabet. split; [|unfold cell_sign; destruct (_ =? _); discriminate]. unfold cell_sign. destruct (_ =? _); cbn [proper]; auto.
  Qed.
  Lemma begin_ordinary : ordinary m Begin.
  Proof. split; [apply in_alphabet; split; [exact I|discriminate]|]. intros [E|[E|E]]; discriminate. Qed.
  Lemma after_is c : allowed m S c -> exists body x, fst (after_row m S c) = body ++ [x] /\ (forall y, In y body -> ordinary m y) /\ (length body <= S)%nat /\
    match snd (after_row m S c) with None => ending x | Some c' => x = Begin /\ body = row_signs S c' /\ allowed m S c' end.
  Proof.
    intros Al. pose proof Al as (Q & H & A & P). destruct wf as (Sy & _ & _ & W). unfold after_row.
    set (q := in_state c) in *. set (h := head_at c) in *. set (a := tape c h) in *.
    assert (forall y, In y (map (cell_sign c) (seq 0 (Z.to_nat h))) -> ordinary m y) as Old.
    { intros y Y. apply in_map_iff in Y. destruct Y as (k & <- & K). apply in_seq in K. apply cell_ordinary; auto. lia. }
    destruct (table m q a) as [((b, mv), q')|] eqn:T; [destruct (W q a b mv q' T) as (Wb & Wm & Wq); destruct (halting m q') eqn:Hq|].
    - exists (map (cell_sign c) (seq 0 (Z.to_nat h))), Halted. cbn [fst snd]. rewrite map_length, seq_length. split; [reflexivity|]. split; [exact Old|]. split; [lia|left; reflexivity].
    - cbn [head_at]. set (c' := {| in_state := q'; head_at := h + mv; tape := fun x => if x =? h then b else tape c x |}).
      assert (forall x, (tape c' x < symbols m)%nat) as Tp by (intros x; cbn [c' tape]; destruct (x =? h); auto).
      destruct (Z.ltb_spec (h + mv) 0) as [Lo|Lo].
      { exists [], Outside. cbn [fst snd length]. split; [reflexivity|]. split; [intros y []|]. split; [lia|right; right; reflexivity]. }
      destruct (Z.leb_spec (Z.of_nat S) (h + mv)) as [Hi|Hi]; cbn [fst snd].
      + exists (row_signs S c'), Outside. rewrite row_length. split; [reflexivity|]. split; [|split; [lia|right; right; reflexivity]].
        intros y Y. unfold row_signs in Y. apply in_map_iff in Y. destruct Y as (k & <- & K). apply in_seq in K.
        unfold cell_sign. cbn [c' head_at]. destruct (Z.eqb_spec (Z.of_nat k) (h + mv)); [lia|]. split; [|intros [E|[E|E]]; discriminate].
        apply in_alphabet. split; [apply Tp|discriminate].
      + assert (allowed m S c') as Al' by (split; [exact Wq|split; [exact Hq|split; [exact Tp|cbn [c' head_at]; lia]]]).
        exists (row_signs S c'), Begin. rewrite row_length. split; [reflexivity|]. split; [|split; [lia|auto]].
        intros y Y. unfold row_signs in Y. apply in_map_iff in Y. destruct Y as (k & <- & K). apply in_seq in K. apply cell_ordinary; auto. lia.
    - exists (map (cell_sign c) (seq 0 (Z.to_nat h))), Missing. cbn [fst snd]. rewrite map_length, seq_length. split; [reflexivity|]. split; [exact Old|]. split; [lia|right; left; reflexivity].
  Qed.

  Lemma configurations_written : forall T fuel before c, allowed m S c -> (forall x, In x before -> In x (row_alphabet m)) -> (before = [] \/ exists r, before = Begin :: r) ->
    ((S + 1) * T <= fuel)%nat -> (length before + S + 1 + (S + 1) * T <= bound)%nat ->
    let (out, ended) := configurations m S T c in
    let written := decode_from QcN rho fuel M (tokens (before ++ Begin :: row_signs S c ++ [Begin])) in
    (length out <= (S + 1) * T)%nat /\ if ended then written = (tokens out, true) else exists rest e, written = (tokens out ++ rest, e).
  Proof.
    induction T as [|T IH]; intros fuel before c Al Pr Fi F B; cbn [configurations].
    - split; [cbn; lia|]. destruct (decode_from _ _ _ _ _) as (rest, e). exists rest, e. reflexivity.
    - destruct (after_is c Al) as (body & x & Eo & Ob & Lb & K). destruct (after_row m S c) as (out, next_c) eqn:Ea. cbn [fst snd] in Eo, K.
      set (pre := before ++ Begin :: row_signs S c ++ [Begin]).
      assert (forall k, (k < S)%nat -> ordinary m (cell_sign c k)) as Oc by (intros; apply cell_ordinary; auto).
      assert (In x (row_alphabet m)) as Ix.
      { destruct next_c; [destruct K as (-> & _); apply begin_ordinary|]. destruct K as [->|[->| ->]]; apply in_alphabet; (split; [exact I|discriminate]). }
      assert (forall j, (j < length out)%nat -> next QcN rho M (tokens (pre ++ firstn j out)) = row_token m (nth j out Begin)) as Nx.
      { intros j J. assert (window m S (pre ++ firstn j out) = nth j out Begin) as Wj.
        { unfold pre. rewrite <- app_assoc. apply window_writes; auto; [rewrite Eo, app_length; cbn [length]; lia|rewrite Ea; reflexivity]. }
        rewrite <- Wj. apply writes.
        - intros y Y. unfold pre in Y. rewrite !in_app_iff in Y. destruct Y as [[Y|[<-|Y]]|Y]; auto; [apply begin_ordinary| |].
          + apply in_app_or in Y. destruct Y as [Y|[<-|[]]]; [|apply begin_ordinary]. unfold row_signs in Y. apply in_map_iff in Y. destruct Y as (k & <- & Kk). apply in_seq in Kk. apply Oc. lia.
          + rewrite <- (firstn_skipn j out) in Eo. assert (In y out) as Yo by (rewrite <- (firstn_skipn j out); apply in_or_app; auto).
            rewrite firstn_skipn in Eo. rewrite Eo in Yo. apply in_app_or in Yo. destruct Yo as [Yo|[<-|[]]]; [apply Ob; exact Yo|exact Ix].
        - unfold pre. destruct Fi as [->|(r & ->)]; cbn [app]; eauto.
        - unfold pre. rewrite !app_length. cbn [length]. rewrite app_length, row_length. cbn [length]. rewrite firstn_length_le by lia. rewrite Eo, app_length in J. cbn [length] in J. lia.
        - rewrite Wj. destruct (nth_in_or_default j out Begin) as [Y|Y]; [|rewrite Y; apply begin_ordinary].
          rewrite Eo in Y at 2. apply in_app_or in Y. destruct Y as [Y|[Y|[]]]; [apply Ob; exact Y|rewrite <- Y; exact Ix]. }
      assert (length out = length body + 1)%nat as Lo by (rewrite Eo, app_length; reflexivity).
      destruct next_c as [c'|].
      + destruct K as (-> & -> & Al'). rewrite row_length in Lo.
        specialize (IH (fuel - (S + 1))%nat (before ++ Begin :: row_signs S c) c' Al').
        destruct (configurations m S T c') as (rest, ended). rewrite app_length.
        assert (forall y, In y (before ++ Begin :: row_signs S c) -> In y (row_alphabet m)) as Pr'.
        { intros y Y. apply in_app_or in Y. destruct Y as [Y|[<-|Y]]; [apply Pr; exact Y|apply begin_ordinary|]. unfold row_signs in Y. apply in_map_iff in Y. destruct Y as (k & <- & Kk). apply in_seq in Kk. apply Oc. lia. }
        specialize (IH Pr' ltac:(right; destruct Fi as [->|(r & ->)]; cbn [app]; eauto) ltac:(lia) ltac:(rewrite app_length; cbn [length]; rewrite row_length; lia)).
        cbv zeta in *. destruct IH as (L & IH). split; [lia|].
        pose proof (emitted pre out (fuel - (S + 1)) Nx out [] []) as Em. rewrite !app_nil_r in Em. cbn [app] in Em.
        specialize (Em eq_refl ltac:(rewrite Eo; intros y Y; apply in_app_or in Y; destruct Y as [Y|[<-|[]]]; [apply Ob; exact Y|apply begin_ordinary])).
        replace (length out + (fuel - (S + 1)))%nat with fuel in Em by lia. rewrite Em.
        assert (pre ++ out = (before ++ Begin :: row_signs S c) ++ Begin :: row_signs S c' ++ [Begin]) as ->.
        { unfold pre. rewrite Eo, <- !app_assoc. cbn [app]. rewrite <- !app_assoc. reflexivity. }
        rewrite (map_app (row_token m) out rest). destruct ended; [rewrite IH; reflexivity|]. destruct IH as (r' & e & ->). exists r', e. rewrite app_assoc. reflexivity.
      + split; [lia|]. destruct fuel as [|fuel]; [lia|].
        pose proof (emitted pre out (Datatypes.S fuel - length body) Nx body [] [x]) as Em. rewrite !app_nil_r in Em. cbn [app] in Em. specialize (Em Eo Ob).
        replace (length body + (Datatypes.S fuel - length body))%nat with (Datatypes.S fuel) in Em by lia. rewrite Em.
        replace (Datatypes.S fuel - length body)%nat with (Datatypes.S (fuel - length body)) by lia. cbn [decode_from].
        specialize (Nx (length body) ltac:(lia)). rewrite Eo in Nx at 1. rewrite firstn_app, Nat.sub_diag, firstn_all in Nx. cbn [firstn] in Nx. rewrite app_nil_r in Nx.
        rewrite Nx, Eo, app_nth2, Nat.sub_diag by lia. cbn [nth]. rewrite (ending_answers x K), map_app. reflexivity.
  Qed.
End Decoding.
