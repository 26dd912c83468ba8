(** Theorem 5.4, the next token: what a recurrent network that searches writes after any transcript, for every machine. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Network NetCheck NetModel NetTop Decode Equations StatementsMachines Transcripts Decisions LastPosition.
From RetrievalGap Require Import StatementsSearches StatementsRegisters Registers.
Import ListNotations.
Open Scope Z_scope.

(** * Words and their tokens *)
Definition word_eq_dec : forall a b : word, {a = b} + {a <> b}.
Proof. decide equality. apply sign_eq_dec. Defined.
Definition ends_and_prompt : list sign := [Begin; Ask; Halted; Missing; Outside].
Definition word_tok (m : machine) (t : word) : tok := Special (index word_eq_dec t (machine_words m)).
Definition proper_word (m : machine) (t : word) : Prop := match t with Sign x => proper m x | _ => True end.
Lemma in_words m t : In t (machine_words m) <-> proper_word m t.
Proof.
  assert (forall x, In (Sign x) (machine_words m) <-> In x (signs m)) as S.
  { intros x. unfold machine_words, signs. rewrite !in_app_iff, map_app, in_app_iff. split.
    - intros [I|[I|[I|I]]]; [left|exfalso; cbn [In] in I; intuition discriminate|right; left|right; right];
        apply in_map_iff in I; destruct I as (y & E & I); injection E as <-; exact I.
    - intros [I|[I|I]]; [left|right; right; left|right; right; right]; apply in_map; exact I. }
  destruct t as [x| | | | |]; cbn [proper_word]; [rewrite S; symmetry; apply proper_signs|..]; (split; [intros _; exact I|intros _]); unfold machine_words; rewrite !in_app_iff; right; left; cbn [In]; tauto.
Qed.
Lemma words_distinct m : NoDup (machine_words m).
Proof.
  pose proof (signs_distinct m) as D. unfold signs in D. unfold machine_words.
  assert (forall A (l l' : list A), NoDup (l ++ l') -> NoDup l' /\ (forall x, In x l -> In x l' -> False)) as Parts.
  { intros A l l'. induction l as [|x l IH]; intros N; [split; [exact N|intros x []]|]. inversion N as [|y l0 Ni Nl]; subst. destruct (IH Nl) as (A1 & A2). split; [exact A1|].
    intros y [->|I] J; [apply Ni, in_or_app; auto|apply (A2 y); auto]. }
  destruct (Parts _ _ _ D) as (D' & X). apply NoDup_join; [|apply NoDup_join|].
  - cbn [map]. repeat (constructor; [cbn [In]; intuition discriminate|]). constructor.
  - repeat (constructor; [cbn [In]; intuition discriminate|]). constructor.
  - apply NoDup_image; [congruence|exact D'].
  - intros t I J. apply in_map_iff in J. destruct J as (x & <- & _). cbn [In] in I. intuition discriminate.
  - intros t I J. apply in_map_iff in I. destruct I as (x & <- & I). apply in_app_or in J. destruct J as [J|J]; [cbn [In] in J; intuition discriminate|].
    apply in_map_iff in J. destruct J as (y & E & J). injection E as ->. apply (X x); assumption.
Qed.
Lemma word_place m t : proper_word m t -> (index word_eq_dec t (machine_words m) < length (machine_words m))%nat /\ nth (index word_eq_dec t (machine_words m)) (machine_words m) (Sign Begin) = t.
Proof. intros P. apply in_words in P. split; [apply index_less, P|]. apply nth_error_nth, index_nth, P. Qed.
Lemma word_unique m k t : (k < length (machine_words m))%nat -> nth k (machine_words m) (Sign Begin) = t -> word_tok m t = Special k.
Proof.
  intros K E. unfold word_tok. f_equal. assert (proper_word m t) as P by (apply in_words; rewrite <- E; apply nth_In; exact K). destruct (word_place m t P) as (L & Q).
  apply (proj1 (NoDup_nth (machine_words m) (Sign Begin)) (words_distinct m)); auto. congruence.
Qed.
Lemma words_length m : length (machine_words m) = (length (signs m) + 5)%nat.
Proof. unfold machine_words, signs. rewrite !app_length, !map_length, !app_length, map_length. cbn [length]. lia. Qed.
Lemma sign_word m x : proper m x -> searching_token m x = word_tok m (Sign x).
Proof.
  intros P. destruct (sign_of_token m x P) as (L & E). unfold searching_token, sign_at in *. symmetry.
  set (k := place x (signs m)) in *. clearbody k. destruct (Nat.ltb_spec k 5) as [K|K]; apply word_unique; try (rewrite words_length; lia).
  - unfold machine_words. rewrite app_nth1 by exact K. rewrite (map_nth Sign). f_equal. rewrite <- E. unfold signs. symmetry. apply app_nth1. exact K.
  - unfold machine_words. rewrite !app_nth2 by (cbn [length map]; lia). cbn [length map]. replace (k + 5 - 5 - 5)%nat with (k - 5)%nat by lia. rewrite (map_nth Sign). f_equal.
    rewrite <- E. unfold signs. symmetry. rewrite app_nth2 by (cbn [length]; lia). reflexivity.
Qed.

(** * Transcripts, last token first *)
Inductive mark := W (t : word) | N (k : Z).
Definition mark_tok (m : machine) (a : mark) : tok := match a with W t => word_tok m t | N k => Number k end.
Definition of_mark (f : word -> Z) (a : mark) : Z := match a with W t => f t | N _ => 0 end.
Definition mark_number (a : mark) : Z := match a with W _ => 0 | N k => k end.
Definition is_number (a : mark) : Z := match a with W _ => 0 | N _ => 1 end.
Definition signs_only (f : sign -> Z) (t : word) : Z := match t with Sign x => f x | _ => 0 end.
Definition proper_mark (m : machine) (s : Z) (a : mark) : Prop := match a with W t => proper_word m t | N k => - s <= k <= s end.
Definition ago_mark (d : nat) (l : list mark) : mark := nth d l (W (Sign Begin)).
Definition searching_rule (m : machine) (s : Z) (l : list mark) : mark :=
  let now := ago_mark 0 l in let back := ago_mark 1 l in
  let found := of_mark is_closing back in
  if (is_number now =? 1) && (of_mark is_everything back =? 1) then W Record_
  else if is_number now =? 1 then W (Sign (Step (Z.to_nat (of_mark (signs_only (leads_to m)) (ago_mark 7 l))) (Z.to_nat (of_mark (signs_only (leaves m)) back))))
  else if of_mark is_record_ now =? 1 then W Closing
  else if of_mark is_opening now =? 1 then W Everything
  else if (of_mark (signs_only (fun x => truth (enters_halt m x))) now =? 1) && (found =? 0) then W (Sign Halted)
  else if (of_mark (signs_only (fun x => truth (lacks_entry m x))) now =? 1) && (found =? 0) then W (Sign Missing)
  else if (excess s (of_mark (signs_only (moves m)) now + mark_number back) =? 1) && (found =? 0) then W (Sign Outside)
  else if (of_mark (signs_only starts) now =? 1) && (found =? 0) then W Opening
  else N (position_of s (mark_number (ago_mark 3 l) + of_mark (signs_only (moves m)) (ago_mark 2 l))).

(** * Which of the alternatives wins *)
Definition bit (z : Z) : Prop := z = 0 \/ z = 1.
Section Wins.
  Variables (big e s : Z) (halt_weighs : bool) (miss_weighs : bool).
  Variables (number every record open_ halts missing outside starts found leads leaf position : Z).
  Hypothesis bits : bit number /\ bit every /\ bit record /\ bit open_ /\ bit halts /\ bit missing /\ bit outside /\ bit starts /\ bit found.
  Hypothesis enough : position * position + leads * leads + leaf * leaf + 1 <= big.
  Hypothesis nonneg : 0 <= leads /\ 0 <= leaf.
  Hypothesis ends_weigh : e = (if halt_weighs then 1 else 0) + (if miss_weighs then 1 else 0).
  Hypothesis no_halt : halt_weighs = false -> halts = 0.
  Hypothesis no_miss : miss_weighs = false -> missing = 0.
  Definition weight (t : mark) : Z := match t with
    | W Record_ => (7 + e) * big * (number + every - 1)
    | W (Sign (Step q a)) => (6 + e) * big * number - (Z.of_nat q * Z.of_nat q + Z.of_nat a * Z.of_nat a) + 2 * Z.of_nat q * leads + 2 * Z.of_nat a * leaf
    | W Closing => (5 + e) * big * record
    | W Everything => (4 + e) * big * open_
    | W (Sign Halted) => if halt_weighs then (3 + e) * big * (halts - found) else 0
    | W (Sign Missing) => if miss_weighs then 4 * big * (missing - found) else 0
    | W (Sign Outside) => 3 * big * (outside - found)
    | W Opening => 2 * big * (starts - found)
    | W _ => 0
    | N k => big + 2 * k * position - k * k end.
  Definition chosen : mark :=
    if (number =? 1) && (every =? 1) then W Record_ else if number =? 1 then W (Sign (Step (Z.to_nat leads) (Z.to_nat leaf)))
    else if record =? 1 then W Closing else if open_ =? 1 then W Everything
    else if (halts =? 1) && (found =? 0) then W (Sign Halted) else if (missing =? 1) && (found =? 0) then W (Sign Missing)
    else if (outside =? 1) && (found =? 0) then W (Sign Outside) else if (starts =? 1) && (found =? 0) then W Opening else N position.
  Ltac weigh := cbn [weight]; repeat match goal with E : forall k x : Z, (k + e) * big * x = _ |- _ => rewrite ?E end;
    repeat match goal with V : ?b = true |- context [if ?b then _ else _] => rewrite V end;
    repeat match goal with V : ?x = 0 |- context [?x] => is_var x; rewrite V | V : ?x = 1 |- context [?x] => is_var x; rewrite V end.
  Ltac settled E3 Nums := weigh; try match goal with |- context [if ?b then _ else _] => destruct b; try specialize (E3 eq_refl) end;
    repeat match goal with B : bit ?x |- context [?x] => is_var x; let V := fresh in destruct B as [V|V]; rewrite V end;
    try match goal with |- context [2 * ?k * position] => specialize (Nums k) end; lia.
  Ltac settle u E3 Steps Nums := destruct u as [[[| | | | |a|q a]| | | | |]|k]; try congruence; try (specialize (Steps q a)); try (specialize (Nums k)); try lia; settled E3 Nums.
  Theorem chosen_wins u : u <> chosen -> weight u < weight chosen.
  Proof.
    destruct nonneg as (Nl & Nf).
    pose proof (Z.square_nonneg leads) as Sl. pose proof (Z.square_nonneg leaf) as Sf. pose proof (Z.square_nonneg position) as Sp.
    assert (0 < big) as Big by lia. set (eb := e * big) in *.
    assert (0 <= eb /\ (halt_weighs = true -> big <= eb) /\ (halt_weighs = true -> miss_weighs = true -> 2 * big <= eb) /\ (miss_weighs = true -> big <= eb)) as (E0 & E1 & E2 & E3).
    { unfold eb. rewrite ends_weigh. destruct halt_weighs, miss_weighs; repeat split; intros; try discriminate; lia. }
    assert (forall k x, (k + e) * big * x = (k * big + eb) * x) as Ex by (intros; unfold eb; ring).
    assert (forall q a, - (Z.of_nat q * Z.of_nat q + Z.of_nat a * Z.of_nat a) + 2 * Z.of_nat q * leads + 2 * Z.of_nat a * leaf < big) as Steps.
    { intros q a. pose proof (Z.square_nonneg (Z.of_nat q - leads)). pose proof (Z.square_nonneg (Z.of_nat a - leaf)). lia. }
    assert (forall k, 2 * k * position - k * k < big) as Nums by (intros k; pose proof (Z.square_nonneg (k - position)); lia).
    destruct bits as (Bn & Be & Br & Bo & Bh & Bm & Bx & Bs & Bf). clearbody eb. clear ends_weigh enough bits.
    intros D. unfold chosen in *.
    destruct (Z.eqb_spec number 1) as [En|En]; cbn [andb] in *; [|assert (number = 0) as Zn by (destruct Bn; congruence); clear En].
    { destruct (Z.eqb_spec every 1) as [Ee|Ee]; [|assert (every = 0) as Ze by (destruct Be; congruence); clear Ee].
      - assert (weight (W Record_) = 7 * big + eb) as -> by (weigh; ring). settle u E3 Steps Nums.
      - assert (weight (W (Sign (Step (Z.to_nat leads) (Z.to_nat leaf)))) = 6 * big + eb + leads * leads + leaf * leaf) as -> by (weigh; rewrite !Z2Nat.id by assumption; ring).
        destruct u as [[[| | | | |a|q a]| | | | |]|k]; try congruence; try (settled E3 Nums).
        assert (Z.of_nat q <> leads \/ Z.of_nat a <> leaf) as Ne.
        { destruct (Z.eq_dec (Z.of_nat q) leads) as [Q|]; auto. destruct (Z.eq_dec (Z.of_nat a) leaf) as [A|]; auto. exfalso. apply D. rewrite <- Q, <- A, !Nat2Z.id. reflexivity. }
        weigh. pose proof (Z.square_nonneg (Z.of_nat q - leads)) as S1. pose proof (Z.square_nonneg (Z.of_nat a - leaf)) as S2.
        assert (0 < (Z.of_nat q - leads) * (Z.of_nat q - leads) + (Z.of_nat a - leaf) * (Z.of_nat a - leaf)) by (clear - Ne S1 S2; destruct Ne; nia). lia. }
    destruct (Z.eqb_spec record 1) as [Er|Er]; [|assert (record = 0) as Zr by (destruct Br; congruence); clear Er].
    { assert (weight (W Closing) = 5 * big + eb) as -> by (weigh; ring). settle u E3 Steps Nums. }
    destruct (Z.eqb_spec open_ 1) as [Eo|Eo]; [|assert (open_ = 0) as Zo by (destruct Bo; congruence); clear Eo].
    { assert (weight (W Everything) = 4 * big + eb) as -> by (weigh; ring). settle u E3 Steps Nums. }
    destruct ((halts =? 1) && (found =? 0)) eqn:Eh.
    { apply andb_prop in Eh. destruct Eh as (Eh & Ef). apply Z.eqb_eq in Eh, Ef. destruct halt_weighs eqn:Hw; [|specialize (no_halt eq_refl); lia]. specialize (E1 eq_refl).
      assert (weight (W (Sign Halted)) = 3 * big + eb) as -> by (weigh; ring). destruct miss_weighs eqn:Mw; [specialize (E2 eq_refl eq_refl)|]; settle u E3 Steps Nums. }
    assert (halts - found <= 0) as Lh by (destruct Bh as [V|V], Bf as [V'|V']; rewrite V, V' in *; try lia; discriminate).
    assert (weight (W (Sign Halted)) <= 0) as Wh by (cbn [weight]; destruct halt_weighs; [rewrite Ex; clear - Lh E0 Big; nia|lia]).
    destruct ((missing =? 1) && (found =? 0)) eqn:Em.
    { apply andb_prop in Em. destruct Em as (Em & Ef). apply Z.eqb_eq in Em, Ef. destruct miss_weighs eqn:Mw; [|specialize (no_miss eq_refl); lia].
      assert (weight (W (Sign Missing)) = 4 * big) as -> by (weigh; ring). settle u E3 Steps Nums. }
    assert (missing - found <= 0) as Lm by (destruct Bm as [V|V], Bf as [V'|V']; rewrite V, V' in *; try lia; discriminate).
    assert (weight (W (Sign Missing)) <= 0) as Wm by (cbn [weight]; destruct miss_weighs; [clear - Lm Big; nia|lia]).
    destruct ((outside =? 1) && (found =? 0)) eqn:Ex'.
    { apply andb_prop in Ex'. destruct Ex' as (Eo & Ef). apply Z.eqb_eq in Eo, Ef. assert (weight (W (Sign Outside)) = 3 * big) as -> by (weigh; ring). settle u E3 Steps Nums. }
    assert (outside - found <= 0) as Lo by (destruct Bx as [V|V], Bf as [V'|V']; rewrite V, V' in *; try lia; discriminate).
    assert (weight (W (Sign Outside)) <= 0) as Wo by (cbn [weight]; clear - Lo Big; nia).
    destruct ((starts =? 1) && (found =? 0)) eqn:Es.
    { apply andb_prop in Es. destruct Es as (Es & Ef). apply Z.eqb_eq in Es, Ef. assert (weight (W Opening) = 2 * big) as -> by (weigh; ring). settle u E3 Steps Nums. }
    assert (starts - found <= 0) as Ls by (destruct Bs as [V|V], Bf as [V'|V']; rewrite V, V' in *; try lia; discriminate).
    assert (weight (W Opening) <= 0) as Ws by (cbn [weight]; clear - Ls Big; nia).
    assert (weight (N position) = big + position * position) as -> by (weigh; ring).
    destruct u as [[[| | | | |a|q a]| | | | |]|k]; try lia; try (specialize (Steps q a)); try (settled E3 Nums).
    assert (k <> position) as Nk by congruence. assert (0 < (k - position) * (k - position)) by (clear - Nk; nia). weigh. lia.
  Qed.
End Wins.

(** * The logits *)
Section Logits.
  Variables (m : machine) (rho : env) (x : nat -> Z) (val : nat -> reading -> Z) (outside position : Z).
  Let looks := search_looks m.
  Hypothesis one_is : x 0%nat = 1.
  Hypothesis look_is : forall d r, In (d, r) looks -> x (at_ looks d r) = val d r.
  Hypothesis outside_is : x (first_gate looks) = outside.
  Hypothesis position_is : x (first_gate looks + 1)%nat = position.
  Definition always : list look :=
    [(0%nat, of_signs m (leaves m)); (0%nat, of_signs m (leads_to m)); (0%nat, of_signs m (moves m)); (1%nat, of_words m is_closing); (1%nat, TheNumber); (0%nat, of_signs m starts);
     (0%nat, IsNumber); (1%nat, of_words m is_everything); (7%nat, of_signs m (leads_to m)); (1%nat, of_signs m (leaves m)); (0%nat, of_words m is_record_); (0%nat, of_words m is_opening);
     (3%nat, TheNumber); (2%nat, of_signs m (moves m))].
  Lemma asked c : In c always -> In c looks.
  Proof. intros I. unfold looks, search_looks. unfold always in I. rewrite !in_app_iff. cbn [In] in *. tauto. Qed.
  Definition halt_reading : reading := of_signs m (fun x => truth (enters_halt m x)).
  Definition miss_reading : reading := of_signs m (fun x => truth (lacks_entry m x)).
  Lemma asked_halt : some_halt m = true -> In (0%nat, halt_reading) looks.
  Proof. intros E. unfold looks, search_looks. rewrite E, !in_app_iff. right. left. left. reflexivity. Qed.
  Lemma asked_miss : some_missing m = true -> In (0%nat, miss_reading) looks.
  Proof. intros E. unfold looks, search_looks. rewrite E, !in_app_iff. right. right. left. left. reflexivity. Qed.
  Notation weigh_ := (weight (rho 3%nat) (Z.of_nat (ends_count m)) (some_halt m) (some_missing m) (val 0 IsNumber) (val 1 (of_words m is_everything)) (val 0 (of_words m is_record_))
    (val 0 (of_words m is_opening)) (val 0 halt_reading) (val 0 miss_reading) outside (val 0 (of_signs m starts)) (val 1 (of_words m is_closing))
    (val 7 (of_signs m (leads_to m))) (val 1 (of_signs m (leaves m))) position).
  Lemma word_logit t : proper_word m t -> logit ZN rho (retrieval_turing m) x (word_tok m t) = weigh_ (W t).
  Proof.
    intros P. unfold word_tok. integers. rewrite logit_Z. destruct (word_place m t P) as (L & Q). cbn [special_logits retrieval_turing]. unfold search_logits.
    match goal with |- context [map ?f _] => set (g := f) end.
    rewrite (nth_indep _ [] (g (Sign Begin))) by (rewrite map_length; exact L). rewrite map_nth, Q. unfold g. fold looks. clear g L Q P.
    destruct t as [[| | | | |a|q a]| | | | |]; try reflexivity; cbn [weight].
    - destruct (some_halt m) eqn:E; [|reflexivity]. forms. fold halt_reading. rewrite (look_is _ _ (asked_halt E)), look_is by (apply asked; cbn [In always]; tauto). ring.
    - destruct (some_missing m) eqn:E; [|reflexivity]. forms. fold miss_reading. rewrite (look_is _ _ (asked_miss E)), look_is by (apply asked; cbn [In always]; tauto). ring.
    - forms. rewrite outside_is, look_is by (apply asked; cbn [In always]; tauto). ring.
    - forms. rewrite one_is, !look_is by (apply asked; cbn [In always]; tauto). ring.
    - forms. rewrite !look_is by (apply asked; cbn [In always]; tauto). ring.
    - forms. rewrite !look_is by (apply asked; cbn [In always]; tauto). ring.
    - forms. rewrite !look_is by (apply asked; cbn [In always]; tauto). ring.
    - forms. rewrite one_is, !look_is by (apply asked; cbn [In always]; tauto). ring.
  Qed.
  Lemma number_weight k : logit ZN rho (retrieval_turing m) x (Number k) = weigh_ (N k).
  Proof.
    integers. rewrite logit_Z. cbn [polynomial_logits retrieval_turing nth weight]. fold looks. unfold scaled. linear. rewrite one_is, position_is. ring.
  Qed.
End Logits.
Lemma over_value rho (x : nat -> Z) k sg a b : x 0%nat = 1 -> lin rho (row_of 1 ((0%nat, (k, 0)) :: times_ sg [a; b])) x = k * rho 1%nat + sg * (x a + x b).
Proof. intros One. forms. rewrite One. ring. Qed.
Lemma gate_rows g (r r' : row) c : nth c (rows (g + 2) [(g, r); ((g + 1)%nat, r')]) [] = if Nat.eqb c g then r else if Nat.eqb c (g + 1) then r' else [].
Proof. rewrite nth_rows. cbn [row_at]. destruct (Nat.ltb_spec c (g + 2)), (Nat.eqb_spec c g), (Nat.eqb_spec c (g + 1)); try lia; reflexivity. Qed.

(** * The next token *)
Section Next.
  Variables (m : machine) (n s : Z).
  Hypothesis wf : well_formed m.
  Hypothesis some_space : 1 <= s.
  Variable l : list mark.
  Hypothesis good : forall a, In a l -> proper_mark m s a.
  Hypothesis some : l <> [].
  Lemma good_ago d : proper_mark m s (ago_mark d l).
  Proof. unfold ago_mark. destruct (nth_in_or_default d l (W (Sign Begin))) as [I| ->]; [apply good, I|exact I]. Qed.
  Let w := map (mark_tok m) (rev l).
  Let i := (length w - 1)%nat.
  Lemma w_length : length w = length l. Proof. unfold w. rewrite map_length, rev_length. reflexivity. Qed.
  Lemma w_nth d : (d <= i)%nat -> nth (i - d) w (Special 0) = mark_tok m (ago_mark d l).
  Proof.
    intros D. unfold w. change (Special 0) with (mark_tok m (W (Sign Begin))). rewrite map_nth. f_equal. unfold ago_mark.
    assert (0 < length l)%nat by (destruct l; [congruence|cbn [length]; lia]). unfold i in *. rewrite w_length in *. rewrite rev_nth by lia. f_equal. lia.
  Qed.
  Lemma beyond d : (i < d)%nat -> ago_mark d l = W (Sign Begin).
  Proof. unfold i. rewrite w_length. intros D. apply nth_overflow. destruct l; [congruence|cbn [length] in *; lia]. Qed.
  Lemma proper_tokens j : match nth j w (Special 0) with Special k => (k < length (machine_words m))%nat | Number _ => True end.
  Proof.
    unfold w. change (Special 0) with (mark_tok m (W (Sign Begin))). rewrite map_nth. destruct (nth_in_or_default j (rev l) (W (Sign Begin))) as [I| ->].
    - apply in_rev in I. apply good in I. destruct (nth j (rev l) (W (Sign Begin))) as [t|k]; [apply word_place, I|exact Logic.I].
    - apply (word_place m (Sign Begin)). exact I.
  Qed.
  Lemma word_reading f t : proper_word m t -> reading_sem (of_words m f) (word_tok m t) = f t.
  Proof.
    intros P. destruct (word_place m t P) as (L & Q). unfold of_words, word_tok. cbn [reading_sem]. rewrite (nth_indep _ 0 (f (Sign Begin))) by (rewrite map_length; exact L).
    rewrite map_nth, Q. reflexivity.
  Qed.
  Lemma past_words f d : f (Sign Begin) = 0 -> past w i d (of_words m f) = of_mark f (ago_mark d l).
  Proof.
    intros Z0. unfold past. destruct (Nat.leb_spec d i) as [D|D]; [|rewrite beyond by exact D; symmetry; exact Z0]. rewrite w_nth by exact D. pose proof (good_ago d) as P.
    destruct (ago_mark d l); [apply word_reading, P|reflexivity].
  Qed.
  Lemma past_number d : past w i d TheNumber = mark_number (ago_mark d l).
  Proof. unfold past. destruct (Nat.leb_spec d i) as [D|D]; [|rewrite beyond by exact D; reflexivity]. rewrite w_nth by exact D. destruct (ago_mark d l); reflexivity. Qed.
  Lemma past_is d : past w i d IsNumber = is_number (ago_mark d l).
  Proof. unfold past. destruct (Nat.leb_spec d i) as [D|D]; [|rewrite beyond by exact D; reflexivity]. rewrite w_nth by exact D. destruct (ago_mark d l); reflexivity. Qed.

  Let rho := retrieval_at_size m n s.
  Let M := retrieval_turing m.
  Let looks := search_looks m.
  Let gate := first_gate looks.
  Let X := stream ZN rho M w i.
  Let x1 := shows looks 2 (length (machine_words m)) rho w i.
  Let target := past w i 0 (of_signs m (moves m)) + past w i 1 TheNumber.
  Let place_ := past w i 3 TheNumber + past w i 2 (of_signs m (moves m)).
  Lemma X_is c : X c = x1 c + if Nat.eqb c gate then excess s target else if Nat.eqb c (gate + 1) then position_of s place_ else 0.
  Proof.
    unfold X. rewrite (stream_from rho M w (embedded looks 2 (length (machine_words m)) rho w) i).
    3: { unfold i. rewrite w_length. destruct l; [congruence|cbn [length]; lia]. }
    2: { intros j d. apply embed_is; reflexivity. }
    change (apply ZN rho (FeedForward [row_of 1 ((0%nat, (-1, 0)) :: times_ 1 [at_ looks 0 (of_signs m (moves m)); at_ looks 1 TheNumber]);
        row_of 1 ((0%nat, (-1, 0)) :: times_ (-1) [at_ looks 0 (of_signs m (moves m)); at_ looks 1 TheNumber]);
        row_of 1 ((0%nat, (1, 0)) :: times_ 1 [at_ looks 3 TheNumber; at_ looks 2 (of_signs m (moves m))]); coordinate 0;
        row_of 1 ((0%nat, (-1, 0)) :: times_ 1 [at_ looks 3 TheNumber; at_ looks 2 (of_signs m (moves m))])] target_values
        (rows (gate + 2) [(gate, summed 0); ((gate + 1)%nat, clamped 2)])) (shows looks 2 (length (machine_words m)) rho w) i c =
      x1 c + if Nat.eqb c gate then excess s target else if Nat.eqb c (gate + 1) then position_of s place_ else 0).
    rewrite units_are. fold x1. f_equal. rewrite gate_rows.
    assert (x1 0%nat = 1) as One by apply (shows_one looks 2 _ rho w proper_tokens i).
    assert (x1 (at_ looks 0 (of_signs m (moves m))) + x1 (at_ looks 1 TheNumber) = target) as Et by (unfold x1, target; rewrite !shows_look by (apply asked; cbn [In always]; tauto); reflexivity).
    assert (x1 (at_ looks 3 TheNumber) + x1 (at_ looks 2 (of_signs m (moves m))) = place_) as Ep by (unfold x1, place_; rewrite !shows_look by (apply asked; cbn [In always]; tauto); reflexivity).
    assert (rho 1%nat = s) as Es by reflexivity. clearbody x1 target place_ rho.
    destruct (Nat.eqb c gate); [|destruct (Nat.eqb c (gate + 1)); [|apply lin_nothing]]; unfold summed, clamped, target_values; linear; cbn [nth]; unfold coordinate; linear;
      rewrite !over_value, ?Et, ?Ep, One, ?Es by exact One; unfold excess, position_of; lia.
  Qed.
  Lemma X_look d r : In (d, r) looks -> X (at_ looks d r) = past w i d r.
  Proof.
    intros I. rewrite X_is. pose proof (look_small looks d r I) as L. fold gate in L. destruct (Nat.eqb_spec (at_ looks d r) gate), (Nat.eqb_spec (at_ looks d r) (gate + 1)); try lia.
    rewrite Z.add_0_r. apply shows_look, I.
  Qed.
  Lemma X_one : X 0%nat = 1.
  Proof.
    rewrite X_is. destruct (Nat.eqb_spec 0 gate) as [E|_]; [unfold gate, first_gate in E; lia|]. destruct (Nat.eqb_spec 0 (gate + 1)); [lia|].
    rewrite Z.add_0_r. apply (shows_one looks 2 _ rho w proper_tokens i).
  Qed.
  Lemma X_outside : X gate = excess s target. Proof. rewrite X_is, Nat.eqb_refl. unfold x1. rewrite shows_gate by (unfold gate; lia). reflexivity. Qed.
  Lemma X_position : X (gate + 1)%nat = position_of s place_.
  Proof. rewrite X_is, Nat.eqb_refl. destruct (Nat.eqb_spec (gate + 1) gate); [lia|]. unfold x1. rewrite shows_gate by (unfold gate; lia). reflexivity. Qed.

  Lemma room_for_squares : forall a b, 0 <= a <= greatest m (leads_to m) -> 0 <= b <= greatest m (leaves m) -> forall c, - s <= c <= s -> c * c + a * a + b * b + 1 <= rho 3%nat.
  Proof.
    intros a b A B c C. unfold rho, retrieval_at_size. match goal with |- context [scale ?p] => pose proof (proj1 (scale_spec p)) as Sc end.
    unfold machine_lower_M at 1 in Sc. rewrite !peval_cons in Sc. unfold peval_mono in Sc. cbn [fold_right peval power fst snd] in Sc.
    set (ga := greatest m (leads_to m)) in *. set (gb := greatest m (leaves m)) in *. clearbody ga gb.
    assert (a * a <= ga * ga) by (clear - A; nia). assert (b * b <= gb * gb) by (clear - B; nia). assert (c * c <= s * s) by (clear - C; nia). lia.
  Qed.
  Lemma value_between (f : sign -> Z) a : proper_mark m s a -> (forall x, 0 <= f x) -> 0 <= of_mark (signs_only f) a <= greatest m f.
  Proof.
    intros P F. pose proof (greatest_nonneg m f) as G. destruct a as [[x| | | | |]|k]; cbn [of_mark signs_only]; try lia. split; [apply F|]. apply greatest_is, proper_signs, P.
  Qed.
  Lemma mark_bit (f : word -> Z) a : (forall t, bit (f t)) -> bit (of_mark f a).
  Proof. intros F. destruct a; [apply F|left; reflexivity]. Qed.
  Hypothesis step_proper : is_number (ago_mark 0 l) = 1 -> of_mark is_everything (ago_mark 1 l) <> 1 ->
    proper m (Step (Z.to_nat (of_mark (signs_only (leads_to m)) (ago_mark 7 l))) (Z.to_nat (of_mark (signs_only (leaves m)) (ago_mark 1 l)))).
  Theorem searching_next : next QcN rho M w = mark_tok m (searching_rule m s l).
  Proof.
    destruct wf as (Sy & _ & _ & Wt).
    pose proof (good_ago 1) as G1. pose proof (good_ago 7) as G7. pose proof (good_ago 3) as G3.
    assert (forall a, - 1 <= of_mark (signs_only (moves m)) a <= 1) as Mv.
    { intros [[[| | | | |b|q b]| | | | |]|k]; cbn [of_mark signs_only moves]; try lia. destruct (table m q b) as [((b', mv), q')|] eqn:T; [apply Wt in T; lia|lia]. }
    assert (forall a, proper_mark m s a -> - s <= mark_number a <= s) as Nm by (intros [t|k] P; cbn [mark_number]; [lia|exact P]).
    set (number := is_number (ago_mark 0 l)) in *. set (every := of_mark is_everything (ago_mark 1 l)) in *.
    set (leads := of_mark (signs_only (leads_to m)) (ago_mark 7 l)) in *. set (leaf := of_mark (signs_only (leaves m)) (ago_mark 1 l)) in *.
    assert (0 <= leads <= greatest m (leads_to m)) as Bl.
    { apply value_between; [exact G7|]. intros x. unfold leads_to. destruct x; try lia. destruct (table m q a) as [((b, mv), q')|]; lia. }
    assert (0 <= leaf <= greatest m (leaves m)) as Bf.
    { apply value_between; [exact G1|]. intros x. unfold leaves. destruct x; try lia. destruct (table m q a) as [((b, mv), q')|]; lia. }
    set (outside := excess s (of_mark (signs_only (moves m)) (ago_mark 0 l) + mark_number (ago_mark 1 l))).
    set (position := position_of s (mark_number (ago_mark 3 l) + of_mark (signs_only (moves m)) (ago_mark 2 l))).
    assert (- s <= position <= s) as Bp by (unfold position, position_of; lia).
    assert (bit outside) as Bo by (pose proof (Mv (ago_mark 0 l)); pose proof (Nm _ G1); unfold outside, excess, bit; lia).
    set (halts := of_mark (signs_only (fun x => truth (enters_halt m x))) (ago_mark 0 l)). set (missing := of_mark (signs_only (fun x => truth (lacks_entry m x))) (ago_mark 0 l)).
    assert (forall f : word -> Z, (forall t, f t = 0 \/ f t = 1) -> forall d, bit (of_mark f (ago_mark d l))) as Bits by (intros f F d; apply mark_bit, F).
    assert (forall f : machine -> sign -> bool, (forall y, f m y = true -> exists q a, y = Step q a) -> existsb (f m) (signs m) = false ->
      of_mark (signs_only (fun x => truth (f m x))) (ago_mark 0 l) = 0) as NoEnd.
    { intros f St E. pose proof (good_ago 0) as P. destruct (ago_mark 0 l) as [[x| | | | |]|k]; try reflexivity. cbn [of_mark signs_only]. destruct (f m x) eqn:Fx; [|reflexivity].
      exfalso. assert (existsb (f m) (signs m) = true) as T by (apply existsb_exists; exists x; split; [apply proper_signs, P|exact Fx]). congruence. }
    pose (record := of_mark is_record_ (ago_mark 0 l)). pose (open_ := of_mark is_opening (ago_mark 0 l)). pose (begins := of_mark (signs_only starts) (ago_mark 0 l)). pose (found := of_mark is_closing (ago_mark 1 l)).
    assert (bit number /\ bit every /\ bit record /\ bit open_ /\ bit halts /\ bit missing /\ bit outside /\ bit begins /\ bit found) as All_.
    { assert (forall f : sign -> bool, bit (of_mark (signs_only (fun x => truth (f x))) (ago_mark 0 l))) as Ends.
      { intros f. apply (Bits (signs_only (fun x => truth (f x)))). intros [x| | | | |]; cbn [signs_only]; [destruct (f x)|..]; cbn [truth]; auto. }
      assert (bit number) as B0 by (unfold number; destruct (ago_mark 0 l); [left|right]; reflexivity).
      assert (bit begins) as B1 by (apply (Bits (signs_only starts)); intros [[]| | | | |]; cbn [signs_only starts]; auto).
      repeat (split; [first [exact B0|exact B1|exact Bo|apply (Ends (enters_halt m))|apply (Ends (lacks_entry m))|apply Bits; intros []; cbn; auto]|]). apply Bits. intros []; cbn; auto. }
    assert (searching_rule m s l = chosen number every record open_ halts missing outside begins found leads leaf position) as Rule by reflexivity.
    pose proof (room_for_squares leads leaf Bl Bf position Bp) as Room.
    pose proof (chosen_wins (rho 3%nat) (Z.of_nat (ends_count m)) (some_halt m) (some_missing m) number every record open_ halts missing outside begins found leads leaf position All_ Room
      ltac:(lia) ltac:(unfold ends_count; destruct (some_halt m), (some_missing m); reflexivity)
      ltac:(intros E; apply (NoEnd enters_halt); [intros y Y; destruct y; try discriminate; eauto|exact E])
      ltac:(intros E; apply (NoEnd lacks_entry); [intros y Y; destruct y; try discriminate; eauto|exact E])) as Wins.
    set (c := chosen number every record open_ halts missing outside begins found leads leaf position) in *.
    assert (proper_mark m s c) as Pc.
    { unfold c, chosen. destruct (Z.eqb_spec number 1) as [En|En]; cbn [andb]; [destruct (Z.eqb_spec every 1) as [Ee|Ee]; [exact I|exact (step_proper En Ee)]|].
      repeat match goal with |- context [if ?b then _ else _] => destruct b end; try exact I. exact Bp. }
    assert (forall a, proper_mark m s a -> logit ZN rho M X (mark_tok m a) = weight (rho 3%nat) (Z.of_nat (ends_count m)) (some_halt m) (some_missing m) number every record open_ halts missing outside begins found leads leaf position a) as Logits_.
    { assert (target = of_mark (signs_only (moves m)) (ago_mark 0 l) + mark_number (ago_mark 1 l)) as Et by (unfold target; rewrite past_number; f_equal; apply past_words; reflexivity).
      assert (place_ = mark_number (ago_mark 3 l) + of_mark (signs_only (moves m)) (ago_mark 2 l)) as Ep by (unfold place_; rewrite past_number; f_equal; apply past_words; reflexivity).
      pose proof X_outside as Xo. pose proof X_position as Xp. rewrite Et in Xo. rewrite Ep in Xp. fold outside in Xo. fold position in Xp.
      intros a P. replace number with (past w i 0 IsNumber) by apply past_is. replace every with (past w i 1 (of_words m is_everything)) by (apply past_words; reflexivity).
      replace record with (past w i 0 (of_words m is_record_)) by (apply past_words; reflexivity). replace open_ with (past w i 0 (of_words m is_opening)) by (apply past_words; reflexivity).
      replace halts with (past w i 0 (halt_reading m)) by (apply past_words; reflexivity). replace missing with (past w i 0 (miss_reading m)) by (apply past_words; reflexivity).
      replace begins with (past w i 0 (of_signs m starts)) by (apply past_words; reflexivity). replace found with (past w i 1 (of_words m is_closing)) by (apply past_words; reflexivity).
      replace leads with (past w i 7 (of_signs m (leads_to m))) by (apply past_words; reflexivity). replace leaf with (past w i 1 (of_signs m (leaves m))) by (apply past_words; reflexivity).
      destruct a as [t|k]; [exact (word_logit m rho X (past w i) outside position X_one X_look Xo t P)|exact (number_weight m rho X (past w i) outside position X_one Xp k)]. }
    rewrite Rule. fold c. assert (forall a, proper_mark m s a -> In (mark_tok m a) (vocabulary rho M)) as Voc.
    { intros a P. apply in_vocabulary. destruct a as [t|k]; [apply (word_place m t P)|]. cbn [mark_tok].
      assert (peval rho (low M) = - s /\ peval rho (high M) = s) as (-> & ->); [|exact P].
      split; [change (-1 * (rho 1%nat * 1 * 1) + 0 = - s)|change (1 * (rho 1%nat * 1 * 1) + 0 = s)]; change (rho 1%nat) with s; ring. }
    apply plain_next.
    - unfold w. intros E. apply (f_equal (@length tok)) in E. rewrite map_length, rev_length in E. destruct l; [congruence|discriminate].
    - intros L [<-|[<-|[]]]; exact I.
    - apply Voc, Pc.
    - intros u U D. fold i X. assert (exists a, proper_mark m s a /\ u = mark_tok m a) as (a & Pa & ->).
      { apply in_vocabulary in U. destruct u as [k|k].
        - change (specials M) with (length (machine_words m)) in U. exists (W (nth k (machine_words m) (Sign Begin))). split; [apply in_words, nth_In, U|]. symmetry. apply word_unique; auto.
        - exists (N k). split; [|reflexivity]. assert (peval rho (low M) = - s /\ peval rho (high M) = s) as (El & Eh); [|rewrite El, Eh in U; exact U].
          split; [change (-1 * (rho 1%nat * 1 * 1) + 0 = - s)|change (1 * (rho 1%nat * 1 * 1) + 0 = s)]; change (rho 1%nat) with s; ring. }
      rewrite (Logits_ a Pa), (Logits_ c Pc). apply Wins. congruence.
  Qed.
End Next.
