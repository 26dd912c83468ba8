(** The logits of the simulations of Turing machines: which sign or position is written, from the values at the last position. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Network NetCheck NetModel NetTop Decode Equations StatementsMachines Transcripts.
Import ListNotations.
Open Scope Z_scope.

Lemma NoDup_join {A} (l l' : list A) : NoDup l -> NoDup l' -> (forall x, In x l -> In x l' -> False) -> NoDup (l ++ l').
Proof.
  induction 1 as [|x l N _ IH]; intros D X; [exact D|]. cbn [app]. constructor.
  - rewrite in_app_iff. intros [I|I]; [auto|]. apply (X x); [left; auto|exact I].
  - apply IH; auto. intros y Y Y'. apply (X y); [right; auto|auto].
Qed.
Lemma NoDup_image {A B} (f : A -> B) l : (forall x y, f x = f y -> x = y) -> NoDup l -> NoDup (map f l).
Proof. intros F. induction 1 as [|x l N _ IH]; cbn [map]; constructor; auto. rewrite in_map_iff. intros (y & E & I). apply F in E. congruence. Qed.
Lemma signs_distinct m : NoDup (signs m).
Proof.
  unfold signs. apply NoDup_join; [|apply NoDup_join|].
  - repeat (constructor; [cbn [In]; intuition discriminate|]). constructor.
  - apply NoDup_image; [congruence|apply seq_NoDup].
  - unfold step_signs. generalize (seq_NoDup (states m) 0). generalize (seq 0 (states m)). intros l. induction 1 as [|q l N _ IH]; [constructor|].
    cbn [flat_map]. apply NoDup_join; auto.
    + destruct (halting m q); [constructor|]. apply NoDup_image; [congruence|apply seq_NoDup].
    + intros x I J. destruct (halting m q); [destruct I|]. apply in_map_iff in I. destruct I as (a & <- & _). apply in_flat_map in J.
      destruct J as (q' & Q & J). destruct (halting m q'); [destruct J|]. apply in_map_iff in J. destruct J as (b & E & _). congruence.
  - intros x I J. apply in_map_iff in I. destruct I as (a & <- & _). unfold step_signs in J. apply in_flat_map in J. destruct J as (q & _ & J).
    destruct (halting m q); [destruct J|]. apply in_map_iff in J. destruct J as (b & E & _). discriminate.
  - intros x I J. apply in_app_or in J. destruct J as [J|J].
    + apply in_map_iff in J. destruct J as (a & <- & _). cbn [In] in I. intuition discriminate.
    + unfold step_signs in J. apply in_flat_map in J. destruct J as (q & _ & J). destruct (halting m q); [destruct J|].
      apply in_map_iff in J. destruct J as (b & <- & _). cbn [In] in I. intuition discriminate.
Qed.
Lemma place_unique m k x : (k < length (signs m))%nat -> sign_at m k = x -> k = place x (signs m).
Proof.
  intros K E. assert (In x (signs m)) as I by (rewrite <- E; apply nth_In; exact K). destruct (place_nth x (signs m) Begin I) as (L & P).
  apply (proj1 (NoDup_nth (signs m) Begin) (signs_distinct m)); auto. unfold sign_at in E. congruence.
Qed.
Lemma greatest_is m f x : In x (signs m) -> f x <= greatest m f.
Proof.
  unfold greatest. induction (signs m) as [|y l IH]; [intros []|]. cbn [map fold_right]. intros [->|I]; [lia|]. specialize (IH I). lia.
Qed.
Lemma greatest_nonneg m f : 0 <= greatest m f.
Proof. unfold greatest. induction (map f (signs m)) as [|y l IH]; cbn [fold_right]; lia. Qed.

(** Equations between numbers of ZN, as equations between integers. *)
Ltac integers := match goal with |- @eq _ ?a ?b => change (@eq Z a b) | |- _ => idtac end.

Section Decide.
  Variables (m : machine) (M : model) (rho : env) (first : nat) (x : nat -> Z) (s : Z).
  Hypothesis wf : well_formed m.
  Hypothesis sign_rows : special_logits M = sign_logits m first.
  Hypothesis number_rows : polynomial_logits M = number_logits m first.
  Hypothesis all_signs : specials M = length (signs m).
  Hypothesis lowest : peval rho (low M) = - s.
  Hypothesis highest : peval rho (high M) = s.
  Variables (halts missing outside number_ lead cell next_ : Z).
  Let number := (first + ends_count m)%nat.
  Hypothesis one_is : x 0%nat = 1.
  Hypothesis halts_is : if some_halt m then x first = halts else halts = 0.
  Hypothesis missing_is : if some_missing m then x (first + if some_halt m then 1 else 0)%nat = missing else missing = 0.
  Hypothesis number_is : x number = number_.
  Hypothesis lead_is : x (number + 1)%nat = lead.
  Hypothesis cell_is : x (number + 4)%nat = cell.
  Hypothesis outside_is : x (number + 5)%nat = outside.
  Hypothesis next_is_ : x (number + 6)%nat = next_.
  Let big := rho 3%nat.
  Hypothesis enough : s * s + (lead * lead + cell * cell) + 1 <= big.
  Let bit (z : Z) := z = 0 \/ z = 1.
  Hypothesis bits : bit halts /\ bit missing /\ bit outside /\ bit number_.
  Hypothesis inside : - s <= next_ <= s.

  Lemma sign_logit k : (k < length (signs m))%nat -> logit ZN rho M x (Special k) = match sign_at m k with
    | Halted => (if some_missing m then 5 else 4) * big * halts | Missing => 4 * big * missing | Outside => 3 * big * outside
    | Step q a => - (Z.of_nat q * Z.of_nat q + Z.of_nat a * Z.of_nat a) + 2 * big * number_ + 2 * Z.of_nat q * lead + 2 * Z.of_nat a * cell
    | _ => 0 end.
  Proof.
    intros K. integers. rewrite logit_Z, sign_rows. unfold sign_logits, sign_at.
    match goal with |- context [map ?f _] => set (g := f) end.
    rewrite (nth_indep _ [] (g Begin)) by (rewrite map_length; exact K). rewrite map_nth. unfold g. fold number.
    destruct (nth k (signs m) Begin) as [| | | | |a|q a]; unfold scaled; try reflexivity.
    - revert halts_is. unfold big. destruct (some_halt m); intros E; linear; rewrite E; destruct (some_missing m); ring.
    - revert missing_is. unfold big. destruct (some_missing m); intros E; linear; rewrite E; ring.
    - linear. rewrite outside_is. unfold big. ring.
    - rewrite !lin_app, !lin_coefficients. cbn [map sum fold_right fst snd]. linear. rewrite one_is, number_is, lead_is, cell_is. unfold big. ring.
  Qed.
  Lemma number_logit k : logit ZN rho M x (Number k) = big + 2 * k * next_ - k * k.
  Proof.
    integers. rewrite logit_Z, number_rows. unfold number_logits. cbn [nth]. unfold scaled. linear. rewrite one_is. fold number. rewrite next_is_. unfold big. ring.
  Qed.

  (** What is written: how it ends if it does, else the step or the position. *)
  Definition decided : item :=
    if halts =? 1 then Sgn Halted else if missing =? 1 then Sgn Missing else if outside =? 1 then Sgn Outside
    else if number_ =? 1 then Sgn (Step (Z.to_nat lead) (Z.to_nat cell)) else Pos next_.
  Hypothesis lead_nonneg : 0 <= lead.
  Hypothesis cell_nonneg : 0 <= cell.
  Hypothesis step_proper : number_ = 1 -> proper m (Step (Z.to_nat lead) (Z.to_nat cell)).
  Theorem wins : In (tok_of m decided) (vocabulary rho M) /\
    forall u, In u (vocabulary rho M) -> u <> tok_of m decided -> logit ZN rho M x u < logit ZN rho M x (tok_of m decided).
  Proof.
    assert (0 < big) as Big by (pose proof (Z.square_nonneg s); pose proof (Z.square_nonneg lead); pose proof (Z.square_nonneg cell); lia).
    assert (forall y, proper m y -> In (token m y) (vocabulary rho M)) as Voc.
    { intros y P. apply sign_of_token in P. apply in_vocabulary. rewrite all_signs. apply P. }
    assert (forall y, proper m y -> logit ZN rho M x (token m y) = match y with
      | Halted => (if some_missing m then 5 else 4) * big * halts | Missing => 4 * big * missing | Outside => 3 * big * outside
      | Step q a => - (Z.of_nat q * Z.of_nat q + Z.of_nat a * Z.of_nat a) + 2 * big * number_ + 2 * Z.of_nat q * lead + 2 * Z.of_nat a * cell
      | _ => 0 end) as Log.
    { intros y P. apply sign_of_token in P. destruct P as (L & P). unfold token. rewrite sign_logit by exact L. rewrite P. reflexivity. }
    assert (forall u, In u (vocabulary rho M) -> (exists y, u = token m y /\ proper m y) \/ exists k, u = Number k /\ - s <= k <= s) as Kinds.
    { intros u U. apply in_vocabulary in U. destruct u as [k|k].
      - left. rewrite all_signs in U. exists (sign_at m k). split.
        + unfold token. f_equal. apply place_unique; auto.
        + apply proper_signs. unfold sign_at. apply nth_In. exact U.
      - right. exists k. split; auto. rewrite lowest, highest in U. exact U. }
    assert (forall k, - s <= k <= s -> big + 2 * k * next_ - k * k < 2 * big) as Nums.
    { intros k K. pose proof (Z.square_nonneg (k - next_)). assert (next_ * next_ <= s * s) by nia.
      pose proof (Z.square_nonneg lead). pose proof (Z.square_nonneg cell). lia. }
    assert (forall q a, - (Z.of_nat q * Z.of_nat q + Z.of_nat a * Z.of_nat a) + 2 * big * number_ + 2 * Z.of_nat q * lead + 2 * Z.of_nat a * cell <
       big + 2 * big * number_) as Steps.
    { intros q a. pose proof (Z.square_nonneg s). pose proof (Z.square_nonneg (Z.of_nat q - lead)). pose proof (Z.square_nonneg (Z.of_nat a - cell)). lia. }
    destruct bits as (Bh & Bm & Bo & Bn). unfold decided.
    destruct (Z.eqb_spec halts 1) as [Eh|Eh]; [|assert (halts = 0) as Zh by (destruct Bh; lia); destruct (Z.eqb_spec missing 1) as [Em|Em];
      [|assert (missing = 0) as Zm by (destruct Bm; lia); destruct (Z.eqb_spec outside 1) as [Eo|Eo];
        [|assert (outside = 0) as Zo by (destruct Bo; lia); destruct (Z.eqb_spec number_ 1) as [En|En]; [|assert (number_ = 0) as Zn by (destruct Bn; lia)]]]];
      cbn [tok_of].
    - split; [apply Voc; exact I|]. intros u U D. rewrite (Log Halted I). rewrite Eh.
      destruct (Kinds u U) as [(y & -> & P)|(k & -> & K)].
      + rewrite (Log y P). destruct y as [| | | | |a|q a]; try congruence; try (destruct (some_missing m); lia).
        * revert missing_is. destruct (some_missing m); intros Ms; destruct Bm as [Q|Q]; rewrite Q in *; lia.
        * destruct (some_missing m); destruct Bo as [Q|Q]; rewrite Q; lia.
        * specialize (Steps q a). destruct (some_missing m); destruct Bn as [Q|Q]; rewrite Q in *; lia.
      + rewrite number_logit. specialize (Nums k K). destruct (some_missing m); lia.
    - split; [apply Voc; exact I|]. intros u U D. rewrite (Log Missing I). rewrite Em.
      destruct (Kinds u U) as [(y & -> & P)|(k & -> & K)].
      + rewrite (Log y P). destruct y as [| | | | |a|q a]; try congruence; rewrite ?Zh; try lia.
        * destruct Bo as [Q|Q]; rewrite Q; lia.
        * specialize (Steps q a). destruct Bn as [Q|Q]; rewrite Q in *; lia.
      + rewrite number_logit. specialize (Nums k K). lia.
    - split; [apply Voc; exact I|]. intros u U D. rewrite (Log Outside I). rewrite Eo.
      destruct (Kinds u U) as [(y & -> & P)|(k & -> & K)].
      + rewrite (Log y P). destruct y as [| | | | |a|q a]; try congruence; rewrite ?Zh, ?Zm; try lia.
        specialize (Steps q a). destruct Bn as [Q|Q]; rewrite Q in *; lia.
      + rewrite number_logit. specialize (Nums k K). lia.
    - specialize (step_proper En). split; [apply Voc; exact step_proper|]. intros u U D. rewrite (Log _ step_proper), En, !Z2Nat.id by lia.
      assert (- (lead * lead + cell * cell) + 2 * big * 1 + 2 * lead * lead + 2 * cell * cell = 2 * big + lead * lead + cell * cell) as -> by ring.
      pose proof (Z.square_nonneg lead). pose proof (Z.square_nonneg cell).
      destruct (Kinds u U) as [(y & -> & P)|(k & -> & K)].
      + rewrite (Log y P). destruct y as [| | | | |a|q a]; rewrite ?Zh, ?Zm, ?Zo; try lia. rewrite En.
        assert (Z.of_nat q <> lead \/ Z.of_nat a <> cell) as Ne.
        { destruct (Z.eq_dec (Z.of_nat q) lead) as [Q|]; auto. destruct (Z.eq_dec (Z.of_nat a) cell) as [A|]; auto. exfalso. apply D.
          rewrite <- Q, <- A, !Nat2Z.id. reflexivity. }
        assert (0 < (Z.of_nat q - lead) * (Z.of_nat q - lead) + (Z.of_nat a - cell) * (Z.of_nat a - cell)); [|lia].
        pose proof (Z.square_nonneg (Z.of_nat q - lead)). pose proof (Z.square_nonneg (Z.of_nat a - cell)). destruct Ne; nia.
      + rewrite number_logit. specialize (Nums k K). lia.
    - split; [apply in_vocabulary; rewrite lowest, highest; exact inside|]. intros u U D. rewrite number_logit.
      assert (0 <= next_ * next_) by apply Z.square_nonneg.
      destruct (Kinds u U) as [(y & -> & P)|(k & -> & K)].
      + rewrite (Log y P). destruct y as [| | | | |a|q a]; rewrite ?Zh, ?Zm, ?Zo; try lia.
        specialize (Steps q a). rewrite Zn in *. lia.
      + rewrite number_logit. assert (k <> next_) by congruence. nia.
  Qed.
End Decide.

(** Models whose layers compute a stream write what the last position says. *)
Lemma written_by rho M N F sq w t : w <> [] -> holds rho (length w) F (embedding rho (features N) w) ->
  check_stages F sq (layers M) (stages N) = true -> (forall k, In k (scales N) -> Z.of_nat (length w) <= rho k) ->
  (forall i c, (i < length w)%nat -> embed ZN rho M (nth i w (Special 0)) i c = embedding rho (features N) w i c) ->
  In t (vocabulary rho M) ->
  (forall u, In u (vocabulary rho M) -> u <> t ->
    logit ZN rho M (net_stream rho N w (length w - 1)%nat) u < logit ZN rho M (net_stream rho N w (length w - 1)%nat) t) ->
  next QcN rho M w = t.
Proof.
  intros Ne H C Sc E V L. apply (agree_next rho M w (net_stream rho N w) t Ne); auto.
  pose proof (NetSound.stages_described rho (length w) sq (layers M) (stages N) F _ H C Sc) as D.
  apply (described_runs rho (length w) _ _ _ D). intros i c Hi. rewrite embed_inj. f_equal. apply E. exact Hi.
Qed.
