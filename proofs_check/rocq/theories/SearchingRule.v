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
