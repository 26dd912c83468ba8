(** What the simulations of Turing machines write, as a rule on transcripts; the rule writes the steps of the machine. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Network NetModel Decode Equations StatementsMachines.
Import ListNotations.
Open Scope Z_scope.

(** * Signs and their places *)
Lemma place_nth x l d : In x l -> (place x l < length l)%nat /\ nth (place x l) l d = x.
Proof.
  induction l as [|y l IH]; [intros []|]. cbn [place length]. destruct (sign_eq_dec x y) as [->|N]; [intros _; split; [lia|reflexivity]|].
  intros [E|I]; [congruence|]. cbn [nth]. destruct (IH I). split; [lia|auto].
Qed.
Lemma in_steps m q a : In (Step q a) (step_signs m) <-> (q < states m)%nat /\ halting m q = false /\ (a < symbols m)%nat.
Proof.
  unfold step_signs. rewrite in_flat_map. split.
  - intros (q' & Q & I). apply in_seq in Q. destruct (halting m q') eqn:H; [destruct I|]. apply in_map_iff in I. destruct I as (a' & E & A).
    injection E as -> ->. apply in_seq in A. repeat split; auto; lia.
  - intros (Q & H & A). exists q. rewrite H. split; [apply in_seq; lia|]. apply in_map, in_seq. lia.
Qed.
(** Signs that the machine has. *)
Definition proper (m : machine) (x : sign) : Prop :=
  match x with Cell a => (a < symbols m)%nat | Step q a => (q < states m)%nat /\ halting m q = false /\ (a < symbols m)%nat | _ => True end.
Lemma proper_signs m x : proper m x <-> In x (signs m).
Proof.
  unfold signs. rewrite !in_app_iff, in_map_iff. destruct x as [| | | | |a|q a]; cbn [proper]; try (split; [intros _; left; cbn [In]; tauto|auto]; fail).
  - split; [intros A; right; left; exists a; split; [reflexivity|apply in_seq; lia]|].
    intros [H|[(b & E & I)|I]]; [cbn [In] in H; intuition discriminate|injection E as ->; apply in_seq in I; lia|].
    unfold step_signs in I. apply in_flat_map in I. destruct I as (q & _ & I). destruct (halting m q); [destruct I|]. apply in_map_iff in I.
    destruct I as (b & E & _). discriminate.
  - rewrite <- in_steps. split; [auto|]. intros [H|[(b & E & I)|I]]; [cbn [In] in H; intuition discriminate|discriminate|exact I].
Qed.
Definition sign_at (m : machine) (k : nat) : sign := nth k (signs m) Begin.
Lemma sign_of_token m x : proper m x -> (place x (signs m) < length (signs m))%nat /\ sign_at m (place x (signs m)) = x.
Proof. intros H. apply place_nth, proper_signs, H. Qed.
Lemma step_place m q a : proper m (Step q a) -> (4 < place (Step q a) (signs m))%nat.
Proof.
  intros H. apply sign_of_token in H. destruct H as (_ & H). unfold sign_at, signs in H.
  destruct (place (Step q a) ([Begin; Ask; Halted; Missing; Outside] ++ map Cell (seq 0 (symbols m)) ++ step_signs m)) as [|[|[|[|[|k]]]]] eqn:E;
    cbn [app nth] in H; try discriminate H. unfold signs. rewrite E. lia.
Qed.

(** Listed values. *)
Lemma lin_coefficients rho l x : lin rho (coefficients l) x = sum (map (fun ck => snd ck * x (fst ck)) l).
Proof.
  induction l as [|(c, k) l IH]; [reflexivity|]. unfold coefficients in *. cbn [flat_map fst snd map sum fold_right] in *.
  rewrite lin_app, IH. unfold sum. destruct (Z.eqb_spec k 0) as [->|N]; linear; lia.
Qed.
Lemma listing_is m f rho k : (k < length (signs m))%nat -> listed rho (listing m f) k = f (sign_at m k).
Proof.
  unfold listed, listing, sign_at. rewrite lin_coefficients. generalize (signs m). intros l.
  assert (forall a, sum (map (fun ck => snd ck * (if Nat.eqb (fst ck) k then 1 else 0)) (combine (seq a (length l)) (map f l))) =
    if (a <=? k)%nat && (k <? a + length l)%nat then f (nth (k - a) l Begin) else 0) as G.
  { induction l as [|x l IH]; intros a; cbn [length seq combine map sum fold_right fst snd].
    - replace (a + 0)%nat with a by lia. destruct (Nat.leb_spec a k), (Nat.ltb_spec k a); cbn [andb]; auto; lia.
    - unfold sum in IH. rewrite (IH (S a)).
      destruct (Nat.eqb_spec a k), (Nat.leb_spec (S a) k), (Nat.ltb_spec k (S a + length l)), (Nat.leb_spec a k), (Nat.ltb_spec k (a + S (length l)));
        cbn [andb]; try lia.
      + replace (k - a)%nat with 0%nat by lia. cbn [nth]. lia.
      + replace (k - a)%nat with (S (k - S a)) by lia. cbn [nth]. lia. }
  intros H. rewrite G. replace (k - 0)%nat with k by lia. destruct (Nat.leb_spec 0 k), (Nat.ltb_spec k (0 + length l)); cbn [andb]; auto; lia.
Qed.

(** * The rule *)
Inductive item := Pos (p : Z) | Sgn (x : sign).
Definition number (t : item) : Z := match t with Pos p => p | Sgn _ => 0 end.
Definition of_sign (f : sign -> Z) (t : item) : Z := match t with Pos _ => 0 | Sgn x => f x end.
Definition records (t : item) : bool := match t with Sgn x => is_record x | Pos _ => false end.

Section Rule.
  Variables (m : machine) (s : Z).
  Definition tok_of (t : item) : tok := match t with Pos p => Number p | Sgn x => token m x end.

  (** Transcripts, the newest token first. A record is a cell or a step after its position. *)
  Fixpoint latest (l : list item) (p : Z) : Z :=
    match l with
    | [] => 0
    | t :: r => match t, r with
                | Sgn x, Pos p' :: _ => if is_record x && (p' =? p) then leaves m x else latest r p
                | _, _ => latest r p
                end
    end.
  Definition rule (l : list item) : item :=
    match l with
    | Pos p :: Sgn x :: _ => Sgn (Step (Z.to_nat (leads_to m x)) (Z.to_nat (latest l p)))
    | Sgn (Step q a) :: Pos p :: _ => match table m q a with
        | None => Sgn Missing
        | Some (_, move, q') => if halting m q' then Sgn Halted else if s <? Z.abs (p + move) then Sgn Outside else Pos (p + move)
        end
    | _ => Pos 0
    end.

  (** Transcripts as they are written. *)
  Inductive good : list item -> Prop :=
  | good_begin : good [Sgn Begin]
  | good_position l p : good l -> - s <= p <= s -> good (Pos p :: l)
  | good_record l p x : good (Pos p :: l) -> proper m x -> is_record x = true -> good (Sgn x :: Pos p :: l)
  | good_ask x l : good (Sgn x :: l) -> good (Sgn Ask :: Sgn x :: l).
  (** And where the rule says what is written. *)
  Definition active (l : list item) : Prop :=
    match l with
    | Pos p :: Sgn x :: _ => proper m (Step (Z.to_nat (leads_to m x)) (Z.to_nat (latest l p)))
    | Sgn (Step q a) :: Pos p :: _ => True
    | Sgn Ask :: Sgn _ :: _ => True
    | _ => False
    end.

  Definition item_at (l : list item) (j : nat) : item := nth j (rev l) (Sgn Begin).
  Lemma item_old t l j : (j < length l)%nat -> item_at (t :: l) j = item_at l j.
  Proof. intros H. unfold item_at. cbn [rev]. apply app_nth1. rewrite rev_length. exact H. Qed.
  Lemma item_new t l : item_at (t :: l) (length l) = t.
  Proof. unfold item_at. cbn [rev]. rewrite app_nth2, rev_length, Nat.sub_diag by (rewrite rev_length; lia). reflexivity. Qed.
  Lemma good_first l : good l -> item_at l 0 = Sgn Begin /\ (0 < length l)%nat.
  Proof.
    induction 1 as [|l p G (I & L)|l p x G (I & L)|x l G (I & L)]; [split; [reflexivity|cbn; lia]| | |];
      (split; [rewrite item_old by exact L; exact I|cbn [length] in *; lia]).
  Qed.
  Lemma good_items l : good l -> forall j, (j < length l)%nat -> match item_at l j with
    | Pos p => - s <= p <= s /\ j <> 0%nat | Sgn x => proper m x /\ (x = Begin <-> j = 0%nat) end.
  Proof.
    induction 1 as [|l p G IH|l p x G IH P R|x l G IH]; intros j J; cbn [length] in J.
    - replace j with 0%nat by lia. cbn. tauto.
    - destruct (Nat.eq_dec j (length l)) as [->|N]; [rewrite item_new; split; auto; apply good_first in G; lia|]. rewrite item_old by lia. apply IH. lia.
    - destruct (Nat.eq_dec j (length (Pos p :: l))) as [->|N]; [|rewrite item_old by (cbn [length] in *; lia); apply IH; cbn [length] in *; lia].
      rewrite item_new. split; auto. cbn [length]. split; [intros ->; discriminate|discriminate].
    - destruct (Nat.eq_dec j (length (Sgn x :: l))) as [->|N]; [|rewrite item_old by (cbn [length] in *; lia); apply IH; cbn [length] in *; lia].
      rewrite item_new. split; [exact I|]. cbn [length]. split; discriminate.
  Qed.

  (** The latest record of a cell, by position. *)
  Definition is_record_of (l : list item) (p : Z) (j : nat) : Prop := records (item_at l j) = true /\ number (item_at l (j - 1)) = p.
  Lemma latest_found l : good l -> forall p j, latest_where (is_record_of l p) (length l - 1) j -> of_sign (leaves m) (item_at l j) = latest l p.
  Proof.
    assert (forall t r, good r -> (forall p j, latest_where (is_record_of r p) (length r - 1) j -> of_sign (leaves m) (item_at r j) = latest r p) ->
      forall p j, ~ is_record_of (t :: r) p (length r) -> latest_where (is_record_of (t :: r) p) (length (t :: r) - 1) j ->
      of_sign (leaves m) (item_at (t :: r) j) = latest r p) as Old.
    { intros t r G IH p j N L. pose proof (good_first r G) as (_ & Ln). cbn [length] in L. replace (S (length r) - 1)%nat with (length r) in L by lia.
      assert (forall k, (k < length r)%nat -> is_record_of (t :: r) p k <-> is_record_of r p k) as S.
      { intros k K. unfold is_record_of. rewrite !item_old by lia. reflexivity. }
      assert (j < length r)%nat as Hj.
      { destruct L as [(B & Q & _)|(-> & _)]; [|lia]. destruct (Nat.eq_dec j (length r)) as [->|]; [tauto|lia]. }
      rewrite item_old by exact Hj. apply IH. destruct L as [(B & Q & M)|(-> & M)].
      - left. split; [lia|]. split; [apply S; auto|]. intros k K Qk. apply (M k); [lia|]. apply S; [lia|exact Qk].
      - right. split; auto. intros k K Qk. apply (M k); [lia|]. apply S; [lia|exact Qk]. }
    induction 1 as [|l p G IH|l p x G IH P R|x l G IH]; intros y j L.
    - destruct L as [(B & _)|(-> & _)]; [cbn in B; lia|reflexivity].
    - change (latest (Pos p :: l) y) with (latest l y). apply Old; auto. unfold is_record_of. rewrite item_new. intros (F & _). discriminate.
    - set (r := Pos p :: l) in *. assert (number (item_at (Sgn x :: r) (length r - 1)) = p) as Np.
      { unfold r. rewrite item_old by (cbn [length]; lia). cbn [length]. replace (S (length l) - 1)%nat with (length l) by lia. rewrite item_new. reflexivity. }
      change (latest (Sgn x :: r) y) with (if is_record x && (p =? y) then leaves m x else latest r y). rewrite R. cbn [andb].
      destruct (Z.eqb_spec p y) as [<-|N].
      + assert (is_record_of (Sgn x :: r) p (length r)) as Q by (split; [rewrite item_new; exact R|exact Np]).
        assert (j = length r) as ->; [|rewrite item_new; reflexivity]. cbn [length] in L. replace (S (length r) - 1)%nat with (length r) in L by lia.
        destruct L as [(B & _ & M)|(-> & M)].
        * destruct (Nat.eq_dec j (length r)); auto. exfalso. apply (M (length r)); auto. lia.
        * exfalso. apply (M (length r)); auto. unfold r. cbn [length]. lia.
      + apply Old; auto. intros (_ & Q). congruence.
    - change (latest (Sgn Ask :: Sgn x :: l) y) with (latest (Sgn x :: l) y). apply Old; auto. unfold is_record_of. rewrite item_new. intros (F & _). discriminate.
  Qed.

  (** * The rule writes the steps *)
  Hypothesis wf : well_formed m.
  Hypothesis some_space : 1 <= s.
  Definition legal (c : config) : Prop :=
    (in_state c < states m)%nat /\ halting m (in_state c) = false /\ (forall x, (tape c x < symbols m)%nat) /\ - s <= head_at c <= s.
  (** The transcript says what the configuration is. *)
  Definition shows (l : list item) (c : config) : Prop :=
    good l /\ active l /\ (forall x, latest l x = Z.of_nat (tape c x)) /\
    exists x r, l = Sgn x :: r /\ leads_to m x = Z.of_nat (in_state c) /\ rule l = Pos (head_at c).

  Lemma one_step l c : legal c -> shows l c -> let q := in_state c in let a := tape c (head_at c) in let p := head_at c in
    rule l = Pos p /\ good (Pos p :: l) /\ active (Pos p :: l) /\ rule (Pos p :: l) = Sgn (Step q a) /\
    let l' := Sgn (Step q a) :: Pos p :: l in proper m (Step q a) /\ good l' /\ active l' /\
    match step m s c with Ends x => rule l' = Sgn x /\ (x = Halted \/ x = Missing \/ x = Outside) | Goes c' => legal c' /\ shows l' c' end.
  Proof.
    intros (Q & H & A & P) (G & Ac & T & x & r & -> & L & R). cbn zeta.
    set (q := in_state c) in *. set (p := head_at c) in *. set (a := tape c p) in *.
    assert (forall y, latest (Pos p :: Sgn x :: r) y = Z.of_nat (tape c y)) as T' by (intros y; rewrite <- T; reflexivity).
    assert (proper m (Step q a)) as Pr by (repeat split; auto; apply A).
    assert (good (Pos p :: Sgn x :: r)) as G' by (apply good_position; auto).
    assert (rule (Pos p :: Sgn x :: r) = Sgn (Step q a)) as R' by (cbn [rule]; rewrite T', L, !Nat2Z.id; reflexivity).
    assert (active (Pos p :: Sgn x :: r)) as Ac' by (cbn [active]; rewrite T', L, !Nat2Z.id; exact Pr).
    assert (good (Sgn (Step q a) :: Pos p :: Sgn x :: r)) as G'' by (apply good_record; auto).
    split; [exact R|]. split; [exact G'|]. split; [exact Ac'|]. split; [exact R'|]. split; [exact Pr|]. split; [exact G''|]. split; [exact I|].
    unfold step. fold q p a. cbn [rule]. destruct (table m q a) as [((b, mv), q')|] eqn:E; [|auto].
    destruct wf as (_ & _ & _ & W). destruct (W q a b mv q' E) as (Wb & Wm & Wq).
    destruct (halting m q') eqn:Hq; [auto|]. destruct (Z.ltb_spec s (Z.abs (p + mv))) as [O|O]; [auto|]. split.
    - repeat split; cbn [in_state head_at tape]; auto; try lia. intros y. destruct (y =? p); auto.
    - split; [exact G''|]. split; [exact I|]. split.
      + intros y. cbn [tape]. change (latest (Sgn (Step q a) :: Pos p :: Sgn x :: r) y) with
          (if true && (p =? y) then leaves m (Step q a) else latest (Pos p :: Sgn x :: r) y).
        cbn [andb leaves]. rewrite E, T', (Z.eqb_sym y p). destruct (p =? y); reflexivity.
      + eexists _, _. split; [reflexivity|]. cbn [leads_to in_state rule head_at]. rewrite E, Hq. split; [reflexivity|].
        destruct (Z.ltb_spec s (Z.abs (p + mv))); [lia|reflexivity].
  Qed.

  (** The prompt. *)
  Fixpoint cells (p : Z) (word : list nat) (l : list item) : list item :=
    match word with [] => l | a :: word' => cells (p + 1) word' (Sgn (Cell a) :: Pos p :: l) end.
  Definition prompt_items (word : list nat) : list item := Sgn Ask :: cells 0 word [Sgn Begin].
  Lemma cells_tokens word : forall p l, map tok_of (rev (cells p word l)) = map tok_of (rev l) ++ input_cells m p word.
  Proof.
    induction word as [|a word IH]; intros p l; cbn [cells input_cells]; [symmetry; apply app_nil_r|].
    rewrite IH. cbn [rev]. rewrite !map_app, <- !app_assoc. reflexivity.
  Qed.
  Lemma prompt_tokens word : map tok_of (rev (prompt_items word)) = machine_prompt m word.
  Proof. unfold prompt_items, machine_prompt. cbn [rev]. rewrite map_app, cells_tokens. reflexivity. Qed.
  Lemma cells_length word : forall p l, length (cells p word l) = (2 * length word + length l)%nat.
  Proof. induction word as [|a word IH]; intros p l; cbn [cells length]; [lia|]. rewrite IH. cbn [length]. lia. Qed.
  Lemma latest_cells : forall word p l y, latest (cells p word l) y =
    if (p <=? y) && (y <? p + Z.of_nat (length word)) then Z.of_nat (nth (Z.to_nat (y - p)) word 0%nat) else latest l y.
  Proof.
    induction word as [|a word IH]; intros p l y; cbn [cells].
    - cbn [length]. destruct (Z.leb_spec p y), (Z.ltb_spec y (p + Z.of_nat 0)); cbn [andb]; auto; lia.
    - rewrite IH. change (latest (Sgn (Cell a) :: Pos p :: l) y) with (if true && (p =? y) then Z.of_nat a else latest l y). cbn [length andb].
      destruct (Z.leb_spec (p + 1) y), (Z.ltb_spec y (p + 1 + Z.of_nat (length word))), (Z.leb_spec p y),
        (Z.ltb_spec y (p + Z.of_nat (S (length word)))), (Z.eqb_spec p y); cbn [andb]; try lia; auto.
      + replace (Z.to_nat (y - p)) with (S (Z.to_nat (y - (p + 1)))) by lia. reflexivity.
      + subst. rewrite Z.sub_diag. reflexivity.
  Qed.
  Lemma cells_good word : (forall a, In a word -> (a < symbols m)%nat) -> forall p l, good l -> (exists x r, l = Sgn x :: r) ->
    - s <= p -> p + Z.of_nat (length word) <= s + 1 -> good (cells p word l) /\ exists x r, cells p word l = Sgn x :: r.
  Proof.
    induction word as [|a word IH]; intros A p l G E B C; cbn [cells length] in *; [auto|]. apply IH.
    - intros b Ib. apply A. right. exact Ib.
    - apply good_record; [apply good_position; auto; lia|cbn [proper]; apply A; left; reflexivity|reflexivity].
    - eauto.
    - lia.
    - lia.
  Qed.
  Lemma initial_shows word : (forall a, In a word -> (a < symbols m)%nat) -> Z.of_nat (length word) <= s + 1 ->
    legal (initial m word) /\ shows (prompt_items word) (initial m word).
  Proof.
    intros A B. destruct wf as (Sy & In_ & Ha & _). split.
    - split; [exact In_|]. split; [exact Ha|]. split; [|cbn [initial head_at]; lia]. intros y. cbn [initial tape]. destruct (y <? 0); [exact Sy|].
      destruct (nth_in_or_default (Z.to_nat y) word 0%nat) as [I|D]; [apply A; exact I|rewrite D; exact Sy].
    - destruct (cells_good word A 0 [Sgn Begin] good_begin ltac:(eauto) ltac:(lia) ltac:(lia)) as (G & x & r & E).
      unfold prompt_items. split; [rewrite E in *; apply good_ask; exact G|]. split; [rewrite E; exact I|]. split.
      + intros y. assert (latest (Sgn Ask :: cells 0 word [Sgn Begin]) y = latest (cells 0 word [Sgn Begin]) y) as ->.
        { rewrite E. reflexivity. }
        rewrite latest_cells, Z.sub_0_r. cbn [initial tape]. change (latest [Sgn Begin] y) with 0.
        destruct (Z.leb_spec 0 y), (Z.ltb_spec y (0 + Z.of_nat (length word))), (Z.ltb_spec y 0); cbn [andb]; try lia.
        rewrite nth_overflow by lia. reflexivity.
      + eexists _, _. split; [reflexivity|]. split; [reflexivity|]. rewrite E. reflexivity.
  Qed.

  (** * Whole decodings *)
  Variables (M : model) (rho : env) (bound : nat).
  Hypothesis ends : answers M = Some [2; 3; 4]%nat.
  Hypothesis writes : forall l, good l -> active l -> (length l <= bound)%nat -> next QcN rho M (map tok_of (rev l)) = tok_of (rule l).
  Lemma not_answer t : (match t with Pos _ => True | Sgn x => exists q a, x = Step q a /\ proper m x end) -> is_answer M (tok_of t) = false.
  Proof.
    unfold is_answer. rewrite ends. destruct t as [p|x]; [reflexivity|]. intros (q & a & -> & P). apply step_place in P. cbn [tok_of token existsb].
    destruct (place (Step q a) (signs m)) as [|[|[|[|[|k]]]]]; try lia. reflexivity.
  Qed.
  Lemma simulation_written : forall T fuel l c, legal c -> shows l c -> (2 * T + 1 <= fuel)%nat -> (length l + 2 * T <= bound)%nat ->
    let (out, ended) := simulation m s (token m) T c in
    (length out <= 2 * T + 1)%nat /\
    if ended then decode_from QcN rho fuel M (map tok_of (rev l)) = (out, true)
    else exists rest e, decode_from QcN rho fuel M (map tok_of (rev l)) = (out ++ rest, e).
  Proof.
    induction T as [|T IH]; intros fuel l c Lc Sh F B; cbn [simulation].
    - split; [cbn; lia|]. destruct (decode_from _ _ _ _ _) as (rest, e). exists rest, e. reflexivity.
    - destruct (one_step l c Lc Sh) as (R1 & G1 & A1 & R2 & Pr & G2 & A2 & St). pose proof Sh as (G0 & A0 & _).
      set (q := in_state c) in *. set (p := head_at c) in *. set (a := tape c p) in *.
      destruct fuel as [|[|[|fuel]]]; try lia.
      assert (forall k t r, (length r < bound)%nat -> good r -> active r -> rule r = t -> decode_from QcN rho (S k) M (map tok_of (rev r)) =
        if is_answer M (tok_of t) then ([tok_of t], true) else let (rest, e) := decode_from QcN rho k M (map tok_of (rev (t :: r))) in (tok_of t :: rest, e)) as D.
      { intros k t r Br Gr Ar Rr. cbn [decode_from]. rewrite (writes r Gr Ar), Rr by lia. cbn [rev]. rewrite map_app. reflexivity. }
      assert (forall k t r, (length r <= bound)%nat -> good r -> active r -> rule r = t -> is_answer M (tok_of t) = true ->
        decode_from QcN rho (S k) M (map tok_of (rev r)) = ([tok_of t], true)) as De.
      { intros k t r Br Gr Ar Rr An. cbn [decode_from]. rewrite (writes r Gr Ar), Rr by lia. rewrite An. reflexivity. }
      rewrite (D _ _ l ltac:(lia) G0 A0 R1), not_answer by exact I.
      rewrite (D _ _ (Pos p :: l) ltac:(cbn [length]; lia) G1 A1 R2), not_answer by eauto.
      destruct (step m s c) as [c'|x] eqn:E.
      + destruct St as (Lc' & Sh'). specialize (IH (S fuel) (Sgn (Step q a) :: Pos p :: l) c' Lc' Sh' ltac:(lia) ltac:(cbn [length]; lia)).
        destruct (simulation m s (token m) T c') as (out, ended). cbn [app length]. destruct IH as (L & IH). split; [lia|].
        destruct ended; [rewrite IH; reflexivity|]. destruct IH as (rest & e & ->). exists rest, e. reflexivity.
      + destruct St as (Rx & Hx). split; [cbn; lia|]. rewrite (De _ (Sgn x)); auto.
        * cbn [length]. lia.
        * unfold is_answer. rewrite ends. destruct Hx as [->|[->| ->]]; reflexivity.
  Qed.
End Rule.
