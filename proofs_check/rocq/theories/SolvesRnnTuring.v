(** Theorem 4.1, what can be run of it: for every machine and number of cells, the weights of a recurrent network that are a
    function of both write the configurations. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Network NetCheck NetModel NetTop Decode Equations StatementsMachines Transcripts Decisions LastPosition StatementsRegisters Registers Rows RowDecoding.
Import ListNotations.
Open Scope Z_scope.

Lemma alphabet_distinct m : NoDup (row_alphabet m).
Proof.
  assert (forall A (l l' : list A), NoDup (l ++ l') -> NoDup l') as Later by (induction l as [|x l IH]; intros l' D; [exact D|]; inversion D; auto).
  pose proof (signs_distinct m) as D. unfold signs in D. apply Later in D. unfold row_alphabet. apply NoDup_join; [|exact D|].
  - repeat (constructor; [cbn [In]; intuition discriminate|]). constructor.
  - intros x I J. apply in_app_or in J. destruct J as [J|J].
    + apply in_map_iff in J. destruct J as (a & <- & _). cbn [In] in I. intuition discriminate.
    + unfold step_signs in J. apply in_flat_map in J. destruct J as (q & _ & J). destruct (halting m q); [destruct J|].
      apply in_map_iff in J. destruct J as (b & <- & _). cbn [In] in I. intuition discriminate.
Qed.
Lemma alphabet_place m k x : (k < length (row_alphabet m))%nat -> nth k (row_alphabet m) Begin = x -> k = place x (row_alphabet m).
Proof.
  intros K E. assert (In x (row_alphabet m)) as I by (rewrite <- E; apply nth_In; exact K). destruct (place_nth x (row_alphabet m) Begin I) as (L & P).
  apply (proj1 (NoDup_nth (row_alphabet m) Begin) (alphabet_distinct m)); auto. congruence.
Qed.
Lemma some_end (f : machine -> sign -> bool) m x : (forall x, f m x = true -> exists q a, x = Step q a) -> existsb (f m) (signs m) = false ->
  In x (row_alphabet m) -> f m x = false.
Proof.
  intros St E I. destruct (f m x) eqn:Fx; [|reflexivity]. exfalso. destruct (St x Fx) as (q & a & ->).
  assert (existsb (f m) (signs m) = true) as T by (apply existsb_exists; exists (Step q a); split; [apply proper_signs, in_alphabet, I|exact Fx]). congruence.
Qed.

Lemma both_value rho (x : nat -> Z) a b : x 0%nat = 1 -> lin rho (both_of a b) x = x a + x b - 1.
Proof. intros One. unfold both_of. forms. rewrite One. ring. Qed.
Lemma neither_value rho (x : nat -> Z) a b : x 0%nat = 1 -> lin rho (row_of 2 ((0%nat, (0, 1)) :: times_ (-1) [a; b])) x = 1 - x a - x b.
Proof. intros One. forms. rewrite One. ring. Qed.
Lemma row_two g (r r' : row) c : nth c (rows (g + 3) [(g, r); ((g + 1)%nat, r')]) [] = if Nat.eqb c g then r else if Nat.eqb c (g + 1) then r' else [].
Proof. rewrite nth_rows. cbn [row_at]. destruct (Nat.ltb_spec c (g + 3)), (Nat.eqb_spec c g), (Nat.eqb_spec c (g + 1)); try lia; reflexivity. Qed.
Lemma row_one g (r : row) c : nth c (rows (g + 3) [((g + 2)%nat, r)]) [] = if Nat.eqb c (g + 2) then r else [].
Proof. rewrite nth_rows. cbn [row_at]. destruct (Nat.ltb_spec c (g + 3)), (Nat.eqb_spec c (g + 2)); try lia; reflexivity. Qed.

(** * Which of the alternatives wins *)
Definition bit (z : Z) : Prop := z = 0 \/ z = 1.
Section Wins.
  Variables (big : Z) (miss_weighs : bool) (wall : Z) (over : bool) (halts missing head state symbol : Z).
  Definition row_weight (x : sign) : Z := match x with
    | Begin => 2 * big * wall | Outside => 3 * big * truth over
    | Missing => 4 * big * missing | Halted => (if miss_weighs then 5 else 4) * big * halts
    | Cell a => big - Z.of_nat a * Z.of_nat a + 2 * Z.of_nat a * symbol
    | Step q a => big - (1 + Z.of_nat q * Z.of_nat q + Z.of_nat a * Z.of_nat a) + 2 * head + 2 * Z.of_nat q * state + 2 * Z.of_nat a * symbol
    | Ask => 0 end.
  Definition row_chosen : sign := if halts =? 1 then Halted else if missing =? 1 then Missing else if over then Outside else if wall =? 1 then Begin
    else if head =? 1 then Step (Z.to_nat state) (Z.to_nat symbol) else if (head =? 0) && (state =? 0) then Cell (Z.to_nat symbol) else Ask.
  Theorem row_wins x : bit halts -> bit missing -> bit wall -> 0 <= state -> 0 <= symbol -> head * head + state * state + symbol * symbol + 1 <= big ->
    (miss_weighs = false -> missing = 0) -> x <> Ask -> row_chosen <> Ask -> x <> row_chosen -> row_weight x < row_weight row_chosen.
  Proof.
    intros Bh Bm Bw Nt Ny En Mz Nx0 Nd Nx.
    assert (0 < big) as Big by (pose proof (Z.square_nonneg head); pose proof (Z.square_nonneg state); pose proof (Z.square_nonneg symbol); lia).
    assert (forall q a, big - (1 + Z.of_nat q * Z.of_nat q + Z.of_nat a * Z.of_nat a) + 2 * head + 2 * Z.of_nat q * state + 2 * Z.of_nat a * symbol < 2 * big) as Steps.
    { intros q a. pose proof (Z.square_nonneg (Z.of_nat q - state)). pose proof (Z.square_nonneg (Z.of_nat a - symbol)). pose proof (Z.square_nonneg (head - 1)). lia. }
    assert (forall a, big - Z.of_nat a * Z.of_nat a + 2 * Z.of_nat a * symbol < 2 * big) as Cells_.
    { intros a. pose proof (Z.square_nonneg (Z.of_nat a - symbol)). pose proof (Z.square_nonneg head). pose proof (Z.square_nonneg state). lia. }
    unfold row_chosen, row_weight, bit in *.
    destruct (Z.eqb_spec halts 1) as [Eh|Eh]; [rewrite Eh|assert (halts = 0) as Zh by (destruct Bh; lia); rewrite Zh].
    { destruct x as [| | | | |a|q a]; try congruence; try (destruct miss_weighs; try specialize (Mz eq_refl)); try specialize (Steps q a); try specialize (Cells_ a);
        try (destruct Bw as [->| ->]; lia); try (destruct Bm as [->| ->]; lia); destruct over; cbn [truth]; lia. }
    destruct (Z.eqb_spec missing 1) as [Em|Em]; [rewrite Em|assert (missing = 0) as Zm by (destruct Bm; lia); rewrite Zm].
    { destruct x as [| | | | |a|q a]; try congruence; try specialize (Steps q a); try specialize (Cells_ a); try (destruct Bw as [->| ->]; lia); try (destruct over; cbn [truth]; lia); lia. }
    destruct over; cbn [truth].
    { destruct x as [| | | | |a|q a]; try congruence; try specialize (Steps q a); try specialize (Cells_ a); try (destruct Bw as [->| ->]; lia); lia. }
    destruct (Z.eqb_spec wall 1) as [Ew|Ew]; [rewrite Ew|assert (wall = 0) as Zw by (destruct Bw; lia); rewrite Zw].
    { destruct x as [| | | | |a|q a]; try congruence; try specialize (Steps q a); try specialize (Cells_ a); lia. }
    destruct (Z.eqb_spec head 1) as [Hd|Hd].
    + rewrite !Z2Nat.id, Hd by assumption. replace (big - (1 + state * state + symbol * symbol) + 2 * 1 + 2 * state * state + 2 * symbol * symbol) with (big + 1 + state * state + symbol * symbol) by ring.
      pose proof (Z.square_nonneg state). pose proof (Z.square_nonneg symbol).
      destruct x as [| | | | |a|q a]; rewrite ?Z.mul_0_r; try lia.
      * pose proof (Z.square_nonneg (Z.of_nat a - symbol)). lia.
      * assert (Z.of_nat q <> state \/ Z.of_nat a <> symbol) as Ne.
        { destruct (Z.eq_dec (Z.of_nat q) state) as [Q|]; auto. destruct (Z.eq_dec (Z.of_nat a) symbol) as [A|]; auto. exfalso. apply Nx. rewrite <- Q, <- A, !Nat2Z.id. reflexivity. }
        pose proof (Z.square_nonneg (Z.of_nat q - state)). pose proof (Z.square_nonneg (Z.of_nat a - symbol)).
        assert (0 < (Z.of_nat q - state) * (Z.of_nat q - state) + (Z.of_nat a - symbol) * (Z.of_nat a - symbol)) by (destruct Ne; nia). lia.
    + destruct (Z.eqb_spec head 0) as [H0|H0], (Z.eqb_spec state 0) as [T0|T0]; cbn [andb] in *; try (exfalso; apply Nd; reflexivity).
      rewrite !Z2Nat.id, H0, T0 by assumption. replace (big - symbol * symbol + 2 * symbol * symbol) with (big + symbol * symbol) by ring. pose proof (Z.square_nonneg symbol).
      destruct x as [| | | | |a|q a]; rewrite ?Z.mul_0_r; try lia.
      * assert (Z.of_nat a <> symbol) as Ne by (intros A; apply Nx; rewrite <- A, Nat2Z.id; reflexivity).
        assert (0 < (Z.of_nat a - symbol) * (Z.of_nat a - symbol)) by nia. lia.
      * pose proof (Z.square_nonneg (Z.of_nat a - symbol)). pose proof (Z.square_nonneg (Z.of_nat q)). lia.
  Qed.
End Wins.

Section Values.
  Variable m : machine.
  Lemma below f x : In x (row_alphabet m) -> f x <= row_greatest m f.
  Proof.
    unfold row_greatest. induction (row_alphabet m) as [|y l IH]; [intros []|]. cbn [map fold_right]. intros [->|J]; [lia|]. specialize (IH J). lia.
  Qed.
  Lemma greatest_least f : 0 <= row_greatest m f.
  Proof. unfold row_greatest. induction (map f _) as [|y l IH]; cbn [fold_right]; lia. Qed.
  Lemma goes_least mv x : 0 <= goes m mv x.
  Proof. unfold goes. destruct x; try lia. destruct (table m q a) as [((b, mv'), q')|]; [destruct (_ && _); cbn [truth]; lia|lia]. Qed.
  Lemma enters_least mv x : 0 <= enters m mv x.
  Proof. unfold enters. destruct x; try lia. destruct (table m q a) as [((b, mv'), q')|]; [destruct (_ && _); lia|lia]. Qed.
  Lemma leaves_least x : 0 <= leaves m x.
  Proof. unfold leaves. destruct x; try lia. destruct (table m q a) as [((b, mv'), q')|]; lia. Qed.
End Values.
Section Logits.
  Variables (m : machine) (cells : nat) (rho : env) (x : nat -> Z) (s : list sign).
  Hypothesis proper_signs_ : forall y, In y s -> In y (row_alphabet m).
  Let looks := row_looks m cells.
  Lemma asked d f : In (d, f) [(cells, is_wall); ((cells + 1)%nat, goes m 1); ((cells + 1)%nat, is_wall); (cells, goes m (-1)); (cells, goes m 0); ((cells - 1)%nat, goes m (-1));
      ((cells + 1)%nat, enters m 1); (cells, enters m 0); ((cells - 1)%nat, enters m (-1)); (cells, leaves m)] -> In (d, row_reading m f) looks.
  Proof.
    intros I. unfold looks, row_looks. apply (in_map (fun df => (fst df, row_reading m (snd df))) _ (d, f)). rewrite !in_app_iff.
    change (In (d, f) ([(cells, is_wall); ((cells + 1)%nat, goes m 1); ((cells + 1)%nat, is_wall); (cells, goes m (-1)); (cells, goes m 0); ((cells - 1)%nat, goes m (-1));
      ((cells + 1)%nat, enters m 1); (cells, enters m 0); ((cells - 1)%nat, enters m (-1))] ++ [(cells, leaves m)])) in I.
    apply in_app_or in I. tauto.
  Qed.
  Let halt_ := fun x => truth (enters_halt m x).
  Let miss_ := fun x => truth (lacks_entry m x).
  Lemma asked_halt : some_halt m = true -> In (cells, row_reading m halt_) looks.
  Proof.
    intros E. unfold looks, row_looks. rewrite E. apply (in_map (fun df => (fst df, row_reading m (snd df))) _ (cells, halt_)). rewrite !in_app_iff. right. left. left. reflexivity.
  Qed.
  Lemma asked_miss : some_missing m = true -> In (cells, row_reading m miss_) looks.
  Proof.
    intros E. unfold looks, row_looks. rewrite E. apply (in_map (fun df => (fst df, row_reading m (snd df))) _ (cells, miss_)). rewrite !in_app_iff. right. right. left. left. reflexivity.
  Qed.
  Lemma no_end (f : machine -> sign -> bool) d : (forall y, f m y = true -> exists q a, y = Step q a) -> existsb (f m) (signs m) = false ->
    ago (fun y => truth (f m y)) s d = 0.
  Proof.
    intros St E. unfold ago. destruct (_ <=? _)%nat; [|reflexivity]. rewrite (some_end f m); [reflexivity|exact St|exact E|].
    destruct (nth_in_or_default (length s - 1 - d) s Begin) as [I| ->]; [auto|left; reflexivity].
  Qed.
  Hypothesis one_is : x 0%nat = 1.
  Hypothesis look_is : forall d f, In (d, row_reading m f) looks -> x (row_at_ m cells d f) = ago f s d.
  Variable over : bool.
  Hypothesis over_is : x (first_gate looks + 2)%nat = 1 - truth over.
  Lemma logits_from y : In y (row_alphabet m) -> logit ZN rho (rnn_turing m cells) x (row_token m y) =
    row_weight (rho 2%nat) (some_missing m) (ago is_wall s cells) over (ago halt_ s cells) (ago miss_ s cells) (ago (goes m 1) s (cells + 1) + ago (goes m 0) s cells + ago (goes m (-1)) s (cells - 1))
      (ago (enters m 1) s (cells + 1) + ago (enters m 0) s cells + ago (enters m (-1)) s (cells - 1)) (ago (leaves m) s cells) y.
  Proof.
    intros I. unfold row_token. fold (row_alphabet m). integers. rewrite logit_Z. destruct (place_nth y (row_alphabet m) Begin I) as (L & P).
    cbn [special_logits rnn_turing]. unfold row_logits.
    match goal with |- context [map ?f _] => set (g := f) end.
    rewrite (nth_indep _ [] (g Begin)) by (rewrite map_length; exact L). rewrite map_nth, P. unfold g. fold looks. clear g L P.
    destruct y as [| | | | |a|q a]; try reflexivity; cbn [row_weight].
    - forms. rewrite look_is by (apply asked; cbn [In]; tauto). ring.
    - destruct (some_halt m) eqn:E.
      + forms. pose proof (look_is cells halt_ (asked_halt E)) as Xh. unfold halt_ in *. rewrite Xh. destruct (some_missing m); ring.
      + unfold halt_. rewrite (no_end enters_halt), lin_nothing; [destruct (some_missing m); ring| |exact E]. intros y Y. destruct y; try discriminate. eauto.
    - destruct (some_missing m) eqn:E.
      + forms. pose proof (look_is cells miss_ (asked_miss E)) as Xh. unfold miss_ in *. rewrite Xh. ring.
      + unfold miss_. rewrite (no_end lacks_entry), lin_nothing; [ring| |exact E]. intros y Y. destruct y; try discriminate. eauto.
    - forms. rewrite one_is, over_is. ring.
    - forms. rewrite one_is, look_is by (apply asked; cbn [In]; tauto). ring.
    - unfold row_head, row_state. forms. rewrite one_is, !look_is by (apply asked; cbn [In]; tauto). ring.
  Qed.
End Logits.

Section Row.
  Variables (m : machine) (cells : nat) (n : Z).
  Hypothesis some_cells : (0 < cells)%nat.
  Hypothesis wf : well_formed m.
  Let rho := rnn_at_size m cells n.
  Let M := rnn_turing m cells.
  Let looks := row_looks m cells.
  Variable s : list sign.
  Hypothesis proper_signs_ : forall x, In x s -> In x (row_alphabet m).
  Hypothesis some : s <> [].
  Let w := map (row_token m) s.
  Let i := (length s - 1)%nat.
  Let X := stream ZN rho M w i.
  Let gate := first_gate looks.
  Lemma sign_token j : nth j w (Special 0) = row_token m (nth j s Begin).
  Proof. unfold w. change (Special 0) with (row_token m Begin). apply map_nth. Qed.
  Lemma sign_proper j : In (nth j s Begin) (row_alphabet m).
  Proof. destruct (nth_in_or_default j s Begin) as [I|E]; [auto|rewrite E; left; reflexivity]. Qed.
  Lemma proper_tokens j : match nth j w (Special 0) with Special k => (k < length (row_alphabet m))%nat | Number _ => True end.
  Proof. rewrite sign_token. exact (proj1 (place_nth _ (row_alphabet m) Begin (sign_proper j))). Qed.
  Lemma past_is f d : past w i d (row_reading m f) = ago f s d.
  Proof.
    unfold past, ago. fold i. destruct (d <=? i)%nat; [|reflexivity]. rewrite sign_token. unfold row_token, row_reading. cbn [reading_sem].
    destruct (place_nth _ (row_alphabet m) Begin (sign_proper (i - d))) as (K & E). fold (row_alphabet m).
    rewrite (nth_indep _ 0 (f Begin)) by (rewrite map_length; exact K). rewrite map_nth, E. reflexivity.
  Qed.

  (** The stream after the recurrence, and after the two layers of gates. *)
  Let x1 := shows looks 3 (length (row_alphabet m)) rho w i.
  Lemma x1_look d f : In (d, row_reading m f) looks -> x1 (row_at_ m cells d f) = ago f s d.
  Proof. intros I. unfold x1, row_at_. rewrite (shows_look looks 3 _ rho w i d _ I). apply past_is. Qed.
  Lemma x1_one : x1 0%nat = 1. Proof. apply shows_one, proper_tokens. Qed.
  Lemma x1_gate c : (gate <= c)%nat -> x1 c = 0. Proof. apply shows_gate. Qed.
  Let halt_ := fun x => truth (enters_halt m x).
  Let miss_ := fun x => truth (lacks_entry m x).
  Lemma ago_between f d g : (forall x, In x (row_alphabet m) -> 0 <= f x <= g) -> 0 <= g -> 0 <= ago f s d <= g.
  Proof. intros F G. unfold ago. destruct (_ <=? _)%nat; [apply F, sign_proper|lia]. Qed.
  Lemma flag_bit (f : sign -> bool) d : bit (ago (fun x => truth (f x)) s d).
  Proof. unfold ago, bit. destruct (_ <=? _)%nat; [destruct (f _); auto|auto]. Qed.
  Lemma goes_bit mv d : bit (ago (goes m mv) s d).
  Proof.
    unfold ago, bit. destruct (_ <=? _)%nat; [|auto]. unfold goes. destruct (nth _ _ _); auto. destruct (table m q a) as [((b, mv'), q')|]; auto. destruct (_ && _); auto.
  Qed.
  Lemma wall_bit d : bit (ago is_wall s d). Proof. apply (flag_bit is_begin). Qed.

  Let wall := ago is_wall s cells.
  Let right_ := truth ((wall =? 1) && (ago (goes m 1) s (cells + 1) =? 1)).
  Let left_ := truth ((ago is_wall s (cells + 1) =? 1) && (ago (goes m (-1)) s cells =? 1)).
  Let over := (wall =? 1) && (ago (goes m 1) s (cells + 1) =? 1) || (ago is_wall s (cells + 1) =? 1) && (ago (goes m (-1)) s cells =? 1).
  Let halts := ago halt_ s cells.
  Let missing := ago miss_ s cells.
  Let head := ago (goes m 1) s (cells + 1) + ago (goes m 0) s cells + ago (goes m (-1)) s (cells - 1).
  Let state := ago (enters m 1) s (cells + 1) + ago (enters m 0) s cells + ago (enters m (-1)) s (cells - 1).
  Let symbol := ago (leaves m) s cells.

  Lemma small d f : In (d, row_reading m f) looks -> (row_at_ m cells d f < gate)%nat.
  Proof. apply look_small. Qed.
  Let x2 := apply ZN rho (nth 1 (layers M) (FeedForward [] [] [])) (shows looks 3 (length (row_alphabet m)) rho w).
  Lemma x2_is c : x2 i c = x1 c + if Nat.eqb c gate then right_ else if Nat.eqb c (gate + 1) then left_ else 0.
  Proof.
    unfold x2. change (nth 1 (layers M) (FeedForward [] [] [])) with (FeedForward [both_of (row_at_ m cells cells is_wall) (row_at_ m cells (cells + 1) (goes m 1)); both_of (row_at_ m cells (cells + 1) is_wall) (row_at_ m cells cells (goes m (-1)))]
           [coordinate 0; coordinate 0] (rows (gate + 3) [(gate, coordinate 0); ((gate + 1)%nat, coordinate 1)])). rewrite units_are. fold x1. f_equal.
    assert (x1 (row_at_ m cells cells is_wall) = wall) as W by (apply x1_look; apply asked; cbn [In]; tauto).
    assert (x1 (row_at_ m cells (cells + 1) is_wall) = ago is_wall s (cells + 1)) as W' by (apply x1_look; apply asked; cbn [In]; tauto).
    assert (x1 (row_at_ m cells (cells + 1) (goes m 1)) = ago (goes m 1) s (cells + 1)) as G by (apply x1_look; apply asked; cbn [In]; tauto).
    assert (x1 (row_at_ m cells cells (goes m (-1))) = ago (goes m (-1)) s cells) as G' by (apply x1_look; apply asked; cbn [In]; tauto).
    pose proof x1_one as One. clearbody x1. rewrite row_two. unfold right_, left_, wall in *. clear x2. clearbody rho M.
    destruct (Nat.eqb c gate); [|destruct (Nat.eqb c (gate + 1)); [|apply lin_nothing]]; unfold coordinate; linear; cbn [nth]; unfold coordinate; linear;
      rewrite both_value, One, ?W, ?W', ?G, ?G' by exact One.
    - destruct (wall_bit cells) as [->| ->], (goes_bit 1 (cells + 1)) as [->| ->]; reflexivity.
    - destruct (wall_bit (cells + 1)) as [->| ->], (goes_bit (-1) cells) as [->| ->]; reflexivity.
  Qed.
  Let x3 := apply ZN rho (nth 2 (layers M) (FeedForward [] [] [])) x2 i.
  Lemma x3_is c : x3 c = x2 i c + if Nat.eqb c (gate + 2) then 1 - truth over else 0.
  Proof.
    unfold x3. change (nth 2 (layers M) (FeedForward [] [] [])) with (FeedForward [row_of 2 ((0%nat, (0, 1)) :: times_ (-1) [gate; (gate + 1)%nat])] [coordinate 0] (rows (gate + 3) [((gate + 2)%nat, coordinate 0)])).
    rewrite units_are. f_equal. rewrite row_one. destruct (Nat.eqb c (gate + 2)); [|apply lin_nothing].
    assert (x2 i 0%nat = 1) as One.
    { rewrite x2_is, x1_one. destruct (Nat.eqb_spec 0 gate) as [E|_]; [unfold gate, first_gate in E; lia|]. destruct (Nat.eqb_spec 0 (gate + 1)); [lia|]. reflexivity. }
    assert (x2 i gate = right_) as R by (rewrite x2_is, x1_gate, Nat.eqb_refl by lia; reflexivity).
    assert (x2 i (gate + 1)%nat = left_) as L by (rewrite x2_is, x1_gate, Nat.eqb_refl by lia; destruct (Nat.eqb_spec (gate + 1) gate); [lia|reflexivity]).
    clearbody x2. unfold coordinate. linear. cbn [nth]. unfold coordinate. linear. rewrite neither_value, One, R, L by exact One.
    unfold over, right_, left_. destruct (_ && _), (_ && _); reflexivity.
  Qed.
  Lemma X_is c : X c = x3 c.
  Proof.
    unfold X. rewrite (stream_from rho M w (embedded looks 3 (length (row_alphabet m)) rho w) i).
    - reflexivity.
    - intros j d. apply embed_is; reflexivity.
    - unfold w, i. rewrite map_length. destruct s; [congruence|cbn [length]; lia].
  Qed.
  Lemma X_old c : (c < gate)%nat -> X c = x1 c.
  Proof. intros L. rewrite X_is, x3_is, x2_is. destruct (Nat.eqb_spec c gate), (Nat.eqb_spec c (gate + 1)), (Nat.eqb_spec c (gate + 2)); lia. Qed.
  Lemma X_look d f : In (d, row_reading m f) looks -> X (row_at_ m cells d f) = ago f s d.
  Proof. intros I. rewrite X_old by (apply small, I). apply x1_look, I. Qed.
  Lemma X_one : X 0%nat = 1. Proof. rewrite X_old by (unfold gate, first_gate; lia). apply x1_one. Qed.
  Lemma X_over : X (gate + 2)%nat = 1 - truth over.
  Proof. rewrite X_is, x3_is, x2_is, x1_gate by lia. rewrite Nat.eqb_refl. destruct (Nat.eqb_spec (gate + 2) gate), (Nat.eqb_spec (gate + 2) (gate + 1)); lia. Qed.

  (** Logits. *)
  Let big := rho 2%nat.
  Lemma logits x : In x (row_alphabet m) -> logit ZN rho M X (row_token m x) = row_weight big (some_missing m) wall over halts missing head state symbol x.
  Proof. exact (logits_from m cells rho X s proper_signs_ X_one X_look over X_over x). Qed.
  Lemma ago_greatest f d : (forall x, 0 <= f x) -> 0 <= ago f s d <= row_greatest m f.
  Proof. intros F. apply ago_between; [|apply (greatest_least m)]. intros x I. split; [apply F|apply (below m), I]. Qed.
  Lemma enough : 0 <= head /\ 0 <= state /\ 0 <= symbol /\ head * head + state * state + symbol * symbol + 1 <= big.
  Proof.
    pose proof (fun mv d => ago_greatest (goes m mv) d (goes_least m mv)) as G. pose proof (fun mv d => ago_greatest (enters m mv) d (enters_least m mv)) as En.
    pose proof (ago_greatest (leaves m) cells (leaves_least m)) as Sy. fold symbol in Sy.
    pose proof (G 1 (cells + 1)%nat) as G1. pose proof (G 0 cells) as G0. pose proof (G (-1) (cells - 1)%nat) as G2.
    pose proof (En 1 (cells + 1)%nat) as E1. pose proof (En 0 cells) as E0. pose proof (En (-1) (cells - 1)%nat) as E2.
    unfold big, rho, rnn_at_size. match goal with |- context [scale ?p] => pose proof (proj1 (scale_spec p)) as Sc end.
    unfold rnn_lower_M at 1 in Sc. rewrite peval_cons in Sc. unfold peval_mono in Sc. cbn [fold_right peval] in Sc.
    set (hd := row_greatest m (goes m 1) + row_greatest m (goes m 0) + row_greatest m (goes m (-1))) in Sc.
    set (st := row_greatest m (enters m 1) + row_greatest m (enters m 0) + row_greatest m (enters m (-1))) in Sc.
    assert (0 <= head <= hd) by (unfold head, hd; lia). assert (0 <= state <= st) by (unfold state, st; lia).
    assert (forall a b, 0 <= a <= b -> a * a <= b * b) as Sq by (intros; nia).
    pose proof (Sq head hd ltac:(assumption)). pose proof (Sq state st ltac:(assumption)). pose proof (Sq symbol _ Sy). repeat split; lia.
  Qed.

  Let decided := row_chosen wall over halts missing head state symbol.
  Lemma window_is : window m cells s = decided. Proof. reflexivity. Qed.
  Theorem rnn_next : In (window m cells s) (row_alphabet m) -> next QcN rho M w = row_token m (window m cells s).
  Proof.
    rewrite window_is. intros Iw. destruct enough as (Nh & Nt & Ny & En).
    assert (0 < big) as Big by (pose proof (Z.square_nonneg head); pose proof (Z.square_nonneg state); pose proof (Z.square_nonneg symbol); lia).
    assert (forall u, In u (vocabulary rho M) -> exists x, In x (row_alphabet m) /\ u = row_token m x) as Kinds.
    { intros u U. apply in_vocabulary in U. destruct u as [k|k].
      - change (specials M) with (length (row_alphabet m)) in U. exists (nth k (row_alphabet m) Begin). split; [apply nth_In, U|].
        unfold row_token. f_equal. apply alphabet_place; auto.
      - exfalso. change (peval rho (low M)) with 0 in U. change (peval rho (high M)) with (-1) in U. lia. }
    apply plain_next.
    - unfold w. destruct s; [congruence|discriminate].
    - intros L [<-|[<-|[<-|[]]]]; exact I.
    - apply in_vocabulary. exact (proj1 (place_nth _ (row_alphabet m) Begin Iw)).
    - intros u U Dx. replace (length w - 1)%nat with i by (unfold w, i; rewrite map_length; reflexivity). fold X. destruct (Kinds u U) as (x & Ix & ->).
      rewrite (logits x Ix), (logits _ Iw). apply row_wins; auto.
      + exact (flag_bit (enters_halt m) cells).
      + exact (flag_bit (lacks_entry m) cells).
      + exact (wall_bit cells).
      + intros E. apply (no_end m s proper_signs_ lacks_entry cells); [intros y Y; destruct y; try discriminate; eauto|exact E].
      + intros E. apply in_alphabet in Ix. destruct Ix as (_ & Ix). congruence.
      + intros E. apply in_alphabet in Iw. destruct Iw as (_ & Iw). exact (Iw E).
      + intros E. apply Dx. rewrite E. reflexivity.
  Qed.
End Row.

Theorem rnn_turing_simulates : statement_rnn_turing_simulates.
Proof.
  intros m cells wf Cells n word T Hn Letters Word Steps. cbv zeta. set (cf := row_initial m cells word). set (M := rnn_turing m cells). set (rho := rnn_at_size m cells n).
  pose proof wf as (Sy & Q & H & _).
  assert (allowed m cells cf) as Al.
  { split; [exact Q|]. split; [exact H|]. split.
    - intros x. unfold cf, row_initial. cbn [tape]. destruct (x <? _); [exact Sy|].
      destruct (nth_in_or_default (Z.to_nat (x - Z.of_nat (Nat.div2 (cells - length word)))) word 0%nat) as [I|E]; [auto|rewrite E; exact Sy].
    - unfold cf, row_initial. cbn [head_at]. lia. }
  assert (peval rho (context M) = (Z.of_nat cells + 1) * (n + 2)) as Context.
  { change (context M) with [(Z.of_nat cells + 1, [(0, 1)%nat]); (2 * (Z.of_nat cells + 1), [])]. rewrite !peval_cons. unfold peval_mono. cbn [fold_right fst snd power peval].
    change (rho 0%nat) with n. ring. }
  assert (Z.of_nat ((cells + 1) * T) <= (Z.of_nat cells + 1) * (n + 1)) as Wide by nia.
  pose proof (configurations_written m cells M rho (cells + 2 + (cells + 1) * T) Cells wf eq_refl) as W.
  specialize (W ltac:(intros s P (b & B) L I; apply rnn_next; auto; rewrite B; discriminate) T
    (Datatypes.S (Z.to_nat (peval rho (context M) + 1) - (cells + 2))) [] cf Al ltac:(intros x []) ltac:(left; reflexivity)).
  rewrite Context in W. specialize (W ltac:(lia) ltac:(cbn [length]; lia)).
  unfold decode. replace (length (row_prompt m cells word)) with (cells + 2)%nat by (unfold row_prompt; rewrite map_length; cbn [length]; rewrite app_length, row_length; cbn [length]; lia).
  rewrite Context. exact W.
Qed.
