(** Networks whose register is a window of tokens: a boolean, computed from a network, that says that it follows the rule
    of Rows.v, for a machine and a number of cells. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound NetModel NetTop NetFull Decode Equations StatementsMachines Transcripts Rows RowDecoding.
Import ListNotations.
Open Scope Z_scope.

(** A shift register: how far back it shows which coordinate. *)
Fixpoint source (fuel : nat) (l : list NetCheck.cell) (k : nat) : option (nat * nat) :=
  match fuel, nth k l no_cell with
  | S _, NetCheck.Cell _ [] [(c, [(1, [])])] => Some (0%nat, c)
  | S fuel', NetCheck.Cell _ [(j, 1)] [] => match source fuel' l j with Some (d, c) => Some (S d, c) | None => None end
  | _, _ => None
  end.
Lemma source_is rho x l fuel : forall k d c, source fuel l k = Some (d, c) -> forall t, cell_sem rho l x t k = if (d <=? t)%nat then x (t - d)%nat c else 0.
Proof.
  induction fuel as [|fuel IH]; intros k d c E t; cbn [source] in E; [discriminate|].
  destruct (nth k l no_cell) as [sh bf rd] eqn:N. destruct bf as [|(j, z) [|? ?]].
  - destruct rd as [|(c', [|([|[| |]|], [|? ?]) [|? ?]]) [|? ?]]; try discriminate. injection E as <- <-.
    destruct t; cbn [cell_sem]; rewrite N; cbn [NetCheck.before reads_ map sum fold_right]; linear; rewrite ?Nat.sub_0_r; reflexivity.
  - destruct z as [|[| |]|]; try discriminate. destruct rd; try discriminate. destruct (source fuel l j) as [(d', c')|] eqn:So; [|discriminate].
    injection E as <- <-. destruct t as [|t]; cbn [cell_sem]; rewrite N; cbn [NetCheck.before reads_ map sum fold_right fst snd]; linear; [reflexivity|].
    rewrite (IH j d' c' So t). cbn [Nat.leb Nat.sub]. destruct (d' <=? t)%nat; ring.
  - destruct z as [|[| |]|]; try discriminate; destruct rd; discriminate.
Qed.

(** Sums, by one of the numbers that the summands have. *)
Lemma sum_add {A} (f g : A -> Z) l : sum (map (fun a => f a + g a) l) = sum (map f l) + sum (map g l).
Proof. unfold sum. induction l as [|a l IH]; [reflexivity|]. cbn [map fold_right]. rewrite IH. ring. Qed.
Lemma sum_one d h n : (d < n)%nat -> sum (map (fun e => if Nat.eqb e d then h else 0) (seq 0 n)) = h.
Proof.
  intros H. replace n with (d + (1 + (n - S d)))%nat by lia. rewrite seq_app, map_app. unfold sum. rewrite fold_right_app.
  cbn [Nat.add seq map fold_right]. rewrite Nat.eqb_refl.
  assert (forall a k, (forall e, In e (seq a k) -> e <> d) -> forall z, fold_right Z.add z (map (fun e => if Nat.eqb e d then h else 0) (seq a k)) = z) as O.
  { intros a k. revert a. induction k as [|k IH]; intros a N z; [reflexivity|]. cbn [seq map fold_right].
    destruct (Nat.eqb_spec a d) as [E|_]; [exfalso; apply (N a); [left; reflexivity|exact E]|]. rewrite IH; [reflexivity|]. intros e E. apply N. right. exact E. }
  rewrite !O; [ring| |]; intros e E; apply in_seq in E; lia.
Qed.
Lemma sum_parts {A} (dist : A -> nat) (h : A -> Z) n l : (forall a, In a l -> (dist a < n)%nat) ->
  sum (map h l) = sum (map (fun d => sum (map (fun a => if Nat.eqb d (dist a) then h a else 0) l)) (seq 0 n)).
Proof.
  induction l as [|a l IH]; intros B.
  - cbn [map]. unfold sum at 1. cbn [fold_right]. generalize (seq 0 n). intros k. unfold sum. induction k as [|e k IHk]; [reflexivity|]. cbn [map fold_right] in *. lia.
  - change (sum (map h (a :: l))) with (h a + sum (map h l)). rewrite IH by (intros b Hb; apply B; right; exact Hb).
    rewrite <- (sum_one (dist a) (h a) n) at 1 by (apply B; left; reflexivity). rewrite <- sum_add. f_equal.
Qed.

Section Window.
  Variables (m : machine) (S : nat) (N : network).
  (** What coordinate c of the embedding says of a sign. *)
  Definition listed_at (c : nat) (y : sign) : Z :=
    match listed_const (f_special (nth c (features N) no_feature)) (place y (row_alphabet m)) with Some v => v | None => 0 end.
  Definition listed_well (c : nat) : bool :=
    let g := nth c (features N) no_feature in
    (fst (f_position g) =? 0) && (snd (f_position g) =? 0) && Nat.ltb c (length (features N)) &&
    forallb (fun y => match listed_const (f_special g) (place y (row_alphabet m)) with Some _ => true | None => false end) (row_alphabet m).
  (** A linear form over registers: coefficient, how far back, which coordinate of the embedding. *)
  Definition term_of (e : nat * poly) : option (Z * nat * nat) :=
    match snd e, defined (stages N) (fst e) with
    | [(k, [])], Some (ByCell l j) =>
      match source (S + 3) l j with Some (d, c) => if listed_well c && Nat.ltb d (S + 2) then Some (k, d, c) else None | None => None end
    | [(k, [])], None => if listed_well (fst e) then Some (k, 0%nat, fst e) else None
    | _, _ => None
    end.
  Fixpoint terms (r : row) : option (list (Z * nat * nat)) :=
    match r with [] => Some [] | e :: r' => match term_of e, terms r' with Some t, Some l => Some (t :: l) | _, _ => None end end.
  Definition sums (r : row) (targets : list (nat * (sign -> Z))) : bool :=
    match terms r with
    | None => false
    | Some ts => forallb (fun dt => Nat.ltb (fst dt) (S + 2)) targets &&
      forallb (fun d => forallb (fun y =>
        sum (map (fun t => if Nat.eqb d (snd (fst t)) then fst (fst t) * listed_at (snd t) y else 0) ts) =?
        sum (map (fun dt => if Nat.eqb d (fst dt) then snd dt y else 0) targets)) (row_alphabet m)) (seq 0 (S + 2))
    end.

  Hypothesis ready : settled (seq 0 (length (features N))) (stages N) = true.
  Variables (rho : env) (s : list sign).
  Hypothesis proper_signs_ : forall x, In x s -> In x (row_alphabet m).
  Let w := map (row_token m) s.
  Let X := net_stream rho N w.
  Let i := (length s - 1)%nat.
  Lemma sign_token j : nth j w (Special 0) = row_token m (nth j s Begin).
  Proof. unfold w. change (Special 0) with (row_token m Begin). apply map_nth. Qed.
  Lemma sign_proper j : In (nth j s Begin) (row_alphabet m).
  Proof. destruct (nth_in_or_default j s Begin) as [I|E]; [auto|rewrite E; left; reflexivity]. Qed.
  Lemma listed_value c j : listed_well c = true -> X j c = listed_at c (nth j s Begin).
  Proof.
    unfold listed_well, listed_at. rewrite !andb_true_iff, !Z.eqb_eq, Nat.ltb_lt. intros (((P1 & P2) & Lc) & L).
    unfold X. rewrite (from_feature rho N ready) by exact Lc. rewrite sign_token. unfold feature_sem, row_token. rewrite P1, P2.
    change ([Begin; Halted; Missing; Outside] ++ map Cell (seq 0 (symbols m)) ++ step_signs m) with (row_alphabet m).
    pose proof (forallb_In _ _ _ L (sign_proper j)) as Q. cbv beta in Q.
    destruct (listed_const _ _) as [v|] eqn:V; [|discriminate]. rewrite (listed_const_is rho _ _ _ V). ring.
  Qed.
  Lemma terms_are r : forall ts, terms r = Some ts ->
    lin rho r (X i) = sum (map (fun t => fst (fst t) * ago (listed_at (snd t)) s (snd (fst t))) ts) /\ forall t, In t ts -> (snd (fst t) < S + 2)%nat.
  Proof.
    induction r as [|(c, p) r IH]; intros ts E; cbn [terms] in E; [injection E as <-; split; [reflexivity|intros t []]|].
    destruct (term_of (c, p)) as [t|] eqn:T; [|discriminate]. destruct (terms r) as [l|]; [|discriminate]. injection E as <-.
    destruct (IH l eq_refl) as (L & B). unfold term_of in T. cbn [fst snd] in T.
    destruct p as [|(k, [|? ?]) [|? ?]]; try discriminate. destruct (defined (stages N) c) as [[g|pk rw|cl j]|] eqn:D; try discriminate.
    2: { destruct (listed_well c) eqn:Lw; [|discriminate]. injection T as <-. split; [|intros t [<-|I]; [cbn [fst snd]; lia|apply B; exact I]].
         rewrite lin_term, L. unfold sum. cbn [map fold_right fst snd]. f_equal. f_equal. unfold ago. fold i. cbn [Nat.leb]. rewrite Nat.sub_0_r. apply listed_value. exact Lw. }
    destruct (source (S + 3) cl j) as [(d, c0)|] eqn:So; [|discriminate]. destruct (listed_well c0) eqn:Lw; [|discriminate]. cbn [andb] in T.
    destruct (Nat.ltb_spec d (S + 2)) as [Ld|]; [|discriminate]. injection T as <-. split.
    - rewrite lin_term, L. unfold sum. cbn [map fold_right fst snd]. f_equal. f_equal. unfold X. rewrite (equation rho N ready w i c _ D). fold X. cbn [says].
      rewrite (source_is rho X cl _ j d c0 So). unfold ago. fold i. destruct (d <=? i)%nat; [apply listed_value; exact Lw|reflexivity].
    - intros t [<-|I]; [exact Ld|apply B; exact I].
  Qed.
  Theorem sums_are r targets : sums r targets = true -> lin rho r (X i) = sum (map (fun dt => ago (snd dt) s (fst dt)) targets).
  Proof.
    unfold sums. destruct (terms r) as [ts|] eqn:E; [|discriminate]. rewrite andb_true_iff. intros (B & C). destruct (terms_are r ts E) as (-> & Bt).
    rewrite (sum_parts (fun t => snd (fst t)) _ (S + 2) ts) by exact Bt.
    rewrite (sum_parts fst (fun dt => ago (snd dt) s (fst dt)) (S + 2) targets) by (intros a I; pose proof (forallb_In _ _ _ B I) as Q; apply Nat.ltb_lt in Q; exact Q).
    f_equal. apply map_ext_in. intros d D. pose proof (forallb_In _ _ _ C D) as Cd. cbv beta in Cd.
    unfold ago. pose proof (forallb_In _ _ _ Cd (sign_proper (length s - 1 - d))) as Q. cbv beta in Q. apply Z.eqb_eq in Q.
    assert (forall {A} (dist : A -> nat) (h : A -> sign -> Z) (l : list A),
      sum (map (fun a => if Nat.eqb d (dist a) then (if (dist a <=? length s - 1)%nat then h a (nth (length s - 1 - dist a) s Begin) else 0) else 0) l) =
      if (d <=? length s - 1)%nat then sum (map (fun a => if Nat.eqb d (dist a) then h a (nth (length s - 1 - d) s Begin) else 0) l) else 0) as G.
    { intros A dist h l. unfold sum. induction l as [|a l IH]; cbn [map fold_right]; [destruct (_ <=? _)%nat; reflexivity|]. rewrite IH.
      destruct (Nat.eqb_spec d (dist a)) as [<-|_]; destruct (d <=? length s - 1)%nat; ring. }
    rewrite (G _ fst (fun dt => snd dt)).
    rewrite (map_ext _ (fun a : Z * nat * nat => if Nat.eqb d (snd (fst a)) then (if (snd (fst a) <=? length s - 1)%nat then fst (fst a) * listed_at (snd a) (nth (length s - 1 - snd (fst a)) s Begin) else 0) else 0)).
    - rewrite (G _ (fun t => snd (fst t)) (fun t y => fst (fst t) * listed_at (snd t) y)). rewrite Q. reflexivity.
    - intros ((k, d'), c). cbn [fst snd]. destruct (Nat.eqb d d'); [|reflexivity]. destruct (d' <=? length s - 1)%nat; ring.
  Qed.

  (** ** What is written *)
  Let halts (y : sign) : Z := truth (enters_halt m y).
  Let missing (y : sign) : Z := truth (lacks_entry m y).
  Definition place3 (x : sign) : list Z := match x with Step q a => [1; Z.of_nat q; Z.of_nat a] | Cell a => [0; 0; Z.of_nat a] | _ => [] end.
  Definition ends_by (x : nat) (f : sign -> Z) (l : list output) : option (list output) :=
    match l with Output (Token t) [r] :: l' => if Nat.eqb t x && sums r [(S, f)] then Some l' else None | _ => None end.
  Definition skip (some : bool) (x : nat) (f : sign -> Z) (l : list output) : option (list output) := if some then ends_by x f l else Some l.
  Definition both (c : nat) (d1 : nat) (f1 : sign -> Z) (d2 : nat) (f2 : sign -> Z) : bool :=
    match defined (stages N) c with Some (ByGate (All [r1; r2])) => sums r1 [(d1, f1)] && sums r2 [(d2, f2)] | _ => false end.
  Lemma sums_one r d f : sums r [(d, f)] = true -> lin rho r (X i) = ago f s d.
  Proof. intros H. rewrite (sums_are r _ H). unfold sum. cbn [map fold_right fst snd]. ring. Qed.
  Lemma both_is c d1 f1 d2 f2 : both c d1 f1 d2 f2 = true -> X i c = truth ((ago f1 s d1 =? 1) && (ago f2 s d2 =? 1)).
  Proof.
    unfold both. destruct (defined (stages N) c) as [[g|pk rw|cl j]|] eqn:D; try discriminate. destruct g as [d|d|fs|l o|f a|a|a lo hi|a lo hi|l]; try discriminate.
    destruct fs as [|r1 [|r2 [|? ?]]]; try discriminate. rewrite andb_true_iff. intros (A & B).
    unfold X. rewrite (equation rho N ready w i c _ D). fold X. cbn [says gate_sem forallb]. rewrite (sums_one _ _ _ A), (sums_one _ _ _ B), andb_true_r. reflexivity.
  Qed.
  Lemma ago_flag (f : sign -> bool) d : ago (fun y => truth (f y)) s d = 0 \/ ago (fun y => truth (f y)) s d = 1.
  Proof. unfold ago. destruct (_ <=? _)%nat; [|auto]. destruct (f _); cbn [truth]; auto. Qed.
  Lemma skip_is (f : sign -> bool) x y l l' : skip (existsb f (row_alphabet m)) x (fun z => truth (f z)) l = Some l' -> row_token m y = Special x ->
    decide rho (X i) l = if ago (fun z => truth (f z)) s S =? 1 then Some (row_token m y) else decide rho (X i) l'.
  Proof.
    unfold skip. destruct (existsb f (row_alphabet m)) eqn:E.
    - unfold ends_by. destruct l as [|[wt [|r [|? ?]]] l0]; try discriminate; destruct wt as [t| |]; try discriminate.
      destruct (Nat.eqb_spec t x) as [->|]; [|discriminate]. cbn [andb]. destruct (sums r _) eqn:Sr; [|discriminate]. intros Q T. injection Q as ->.
      cbn [decide]. unfold applies, names. cbn [o_when o_what forallb]. rewrite (sums_one _ _ _ Sr), andb_true_r, T. reflexivity.
    - intros Q _. injection Q as ->. assert (ago (fun z => truth (f z)) s S = 0) as ->; [|reflexivity]. unfold ago. destruct (_ <=? _)%nat; [|reflexivity].
      destruct (f (nth (length s - 1 - S) s Begin)) eqn:F; [|reflexivity]. exfalso.
      assert (existsb f (row_alphabet m) = true) as T by (apply existsb_exists; exists (nth (length s - 1 - S) s Begin); split; [apply sign_proper|exact F]). congruence.
  Qed.
  Lemma ago_nonneg f d : (forall x, 0 <= f x) -> 0 <= ago f s d. Proof. intros F. unfold ago. destruct (_ <=? _)%nat; [apply F|lia]. Qed.
  Lemma enters_nonneg mv x : 0 <= enters m mv x.
  Proof. unfold enters. destruct x; try lia. destruct (table m q a) as [((b, mv'), q')|]; [destruct (_ && _)|]; lia. Qed.
  Lemma leaves_nonneg x : 0 <= leaves m x.
  Proof. unfold leaves. destruct x; try lia. destruct (table m q a) as [((b, mv'), q')|]; lia. Qed.

  (** The alternatives after HALT and UNDEFINED: OVER, #, and the choice of a cell or step by its place. *)
  Definition after_ends : option (list output) :=
    match skip (existsb (enters_halt m) (row_alphabet m)) 1 halts (outputs N) with
    | Some l => skip (existsb (lacks_entry m) (row_alphabet m)) 2 missing l
    | None => None end.
  Definition without (c : nat) : row := [(0%nat, [(1, [])]); (c, [(-1, [])])].
  Variables (c cr cl : nat) (r r1 r2 r3 : row) (places : list (nat * list Z)).
  Definition rule_holds : bool :=
    listed_well 0 && forallb (fun y => listed_at 0 y =? 1) (row_alphabet m) &&
    both cr S is_wall (S + 1) (goes m 1) && both cl (S + 1) is_wall S (goes m (-1)) &&
    sums r [(S, is_wall)] && sums r1 [((S + 1)%nat, goes m 1); (S, goes m 0); ((S - 1)%nat, goes m (-1))] &&
    sums r2 [((S + 1)%nat, enters m 1); (S, enters m 0); ((S - 1)%nat, enters m (-1))] && sums r3 [(S, leaves m)] &&
    forallb (fun y => if is_record y then match place_of places (place3 y) with Some k => Nat.eqb k (place y (row_alphabet m)) | None => false end else true) (row_alphabet m).
  Hypothesis rest : after_ends = Some [Output (Token 3) [without c]; Output (Token 0) [r]; Output (Choice places [r1; r2; r3]) []].
  Hypothesis over : defined (stages N) c = Some (ByGate (All [without cr; without cl])).
  Hypothesis holds_ : rule_holds = true.
  Theorem rule_written : In (window m S s) (row_alphabet m) -> net_next rho N w = Some (row_token m (window m S s)).
  Proof.
    pose proof holds_ as F. unfold rule_holds in F. rewrite !andb_true_iff in F. destruct F as ((((((((O1 & O2) & Br) & Bl) & Sr) & S1) & S2) & S3) & Pl).
    assert (X i 0%nat = 1) as One.
    { rewrite (listed_value 0 i O1). pose proof (forallb_In _ _ _ O2 (sign_proper i)) as Q. apply Z.eqb_eq in Q. exact Q. }
    assert (forall y, In y (row_alphabet m) -> is_record y = true -> place_of places (place3 y) = Some (place y (row_alphabet m))) as Places.
    { intros y Iy Ry. pose proof (forallb_In _ _ _ Pl Iy) as Q. cbv beta in Q. rewrite Ry in Q. destruct (place_of _ _); [|discriminate]. apply Nat.eqb_eq in Q. congruence. }
    unfold net_next. unfold w at 2. rewrite map_length. fold i. fold w. fold X.
    unfold after_ends in rest. destruct (skip (existsb (enters_halt m) (row_alphabet m)) 1 halts (outputs N)) as [l|] eqn:E1; [|discriminate].
    rewrite (skip_is (enters_halt m) 1 Halted _ _ E1 eq_refl), (skip_is (lacks_entry m) 2 Missing _ _ rest eq_refl).
    unfold window. destruct (ago (fun x => truth (enters_halt m x)) s S =? 1); [reflexivity|].
    destruct (ago (fun x => truth (lacks_entry m x)) s S =? 1); [reflexivity|].
    cbn [decide]. unfold applies, names. cbn [o_what o_when forallb map]. unfold without at 1. linear. rewrite One, (sums_one _ _ _ Sr).
    assert (X i c = 1 - truth ((ago is_wall s S =? 1) && (ago (goes m 1) s (S + 1) =? 1) || (ago is_wall s (S + 1) =? 1) && (ago (goes m (-1)) s S =? 1))) as ->.
    { unfold X. rewrite (equation rho N ready w i c _ over). fold X. cbn [says gate_sem forallb]. unfold without. linear.
      rewrite One, (both_is _ _ _ _ _ Br), (both_is _ _ _ _ _ Bl), andb_true_r. set (a := (ago is_wall s S =? 1) && _). set (b := (ago is_wall s (S + 1) =? 1) && _).
      destruct a, b; reflexivity. }
    set (over_ := (ago is_wall s S =? 1) && _ || _). replace (1 * 1 + (-1 * (1 - truth over_) + 0) =? 1) with over_ by (destruct over_; reflexivity).
    rewrite !andb_true_r. destruct over_; [reflexivity|]. destruct (ago is_wall s S =? 1); [reflexivity|].
    rewrite (sums_are r1 _ S1), (sums_are r2 _ S2), (sums_are r3 _ S3). unfold sum. cbn [map fold_right fst snd].
    set (symbol := ago (leaves m) s S). set (head := ago (goes m 1) s (S + 1) + ago (goes m 0) s S + ago (goes m (-1)) s (S - 1)).
    set (st := ago (enters m 1) s (S + 1) + ago (enters m 0) s S + ago (enters m (-1)) s (S - 1)).
    replace (ago (goes m 1) s (S + 1) + (ago (goes m 0) s S + (ago (goes m (-1)) s (S - 1) + 0))) with head by (unfold head; ring).
    replace (ago (enters m 1) s (S + 1) + (ago (enters m 0) s S + (ago (enters m (-1)) s (S - 1) + 0))) with st by (unfold st; ring).
    replace (symbol + 0) with symbol by ring.
    assert (0 <= symbol) as Ns by (apply ago_nonneg, leaves_nonneg).
    assert (0 <= st) as Nt by (unfold st; pose proof (ago_nonneg _ (S + 1) (enters_nonneg 1)); pose proof (ago_nonneg _ S (enters_nonneg 0)); pose proof (ago_nonneg _ (S - 1) (enters_nonneg (-1))); lia).
    destruct (Z.eqb_spec head 1) as [->|N1].
    - intros I. pose proof (Places _ I eq_refl) as P. cbn [place3] in P. rewrite !Z2Nat.id in P by assumption. rewrite P. reflexivity.
    - destruct (Z.eqb_spec head 0) as [->|N0], (Z.eqb_spec st 0) as [->|M0]; cbn [andb]; intros I;
        try (exfalso; apply in_alphabet in I; destruct I as (_ & I); congruence).
      pose proof (Places _ I eq_refl) as P. cbn [place3] in P. rewrite Z2Nat.id in P by assumption. rewrite P. reflexivity.
  Qed.
End Window.

(** From the next token to whole decodings. *)
Theorem window_simulates m S M N (at_size : Z -> env) c cr cl r r1 r2 r3 places :
  (0 < S)%nat -> well_formed m -> settled (seq 0 (length (features N))) (stages N) = true ->
  (forall n input t, 1 <= n -> input_ok (at_size n) M N input -> input <> [] -> net_next (at_size n) N input = Some t -> next QcN (at_size n) M input = t) ->
  answers M = Some [1; 2; 3]%nat -> specials M = length (row_alphabet m) -> once N = false ->
  (forall n, peval (at_size n) (context M) = (Z.of_nat S + 1) * (n + 2)) ->
  after_ends m S N = Some [Output (Token 3) [without c]; Output (Token 0) [r]; Output (Choice places [r1; r2; r3]) []] ->
  defined (stages N) c = Some (ByGate (All [without cr; without cl])) -> rule_holds m S N cr cl r r1 r2 r3 places = true ->
  writes_configurations m S M at_size.
Proof.
  intros Cells wf Ready Next Ends Specials Once Context Rest Over Rule n word T Hn Letters Word Steps. cbv zeta. set (cf := row_initial m S word).
  pose proof wf as (Sy & Q & H & _).
  assert (allowed m S cf) as Al.
  { split; [exact Q|]. split; [exact H|]. split.
    - intros x. unfold cf, row_initial. cbn [tape]. destruct (x <? _); [exact Sy|].
      destruct (nth_in_or_default (Z.to_nat (x - Z.of_nat (Nat.div2 (S - length word)))) word 0%nat) as [I|E]; [auto|rewrite E; exact Sy].
    - unfold cf, row_initial. cbn [head_at]. lia. }
  set (bound := Z.to_nat ((Z.of_nat S + 1) * (n + 2) + 1)).
  pose proof (configurations_written m S M (at_size n) bound Cells wf Ends) as W.
  assert (Z.of_nat ((S + 1) * T) <= (Z.of_nat S + 1) * (n + 1)) as Wide by nia.
  specialize (W ltac:(intros s P (b & B) L I; apply Next; [exact Hn| |rewrite B; discriminate|apply (rule_written m S N Ready (at_size n) s P c cr cl r r1 r2 r3 places Rest Over Rule I)];
    split; [intros j J; rewrite (sign_token m s j); unfold row_token; destruct (place_nth _ _ Begin (sign_proper m s P j)) as (K & _); split; [rewrite Specials; exact K|split; [intros ->; rewrite B; reflexivity|rewrite Once; discriminate]]
           |split; [intros j k _ E; rewrite (sign_token m s j) in E; discriminate|rewrite map_length, Context; unfold bound in L; lia]]) T
    (Datatypes.S (Z.to_nat (peval (at_size n) (context M) + 1) - (S + 2))) [] cf Al ltac:(intros x []) ltac:(left; reflexivity)).
  rewrite Context in W. specialize (W ltac:(lia) ltac:(cbn [length]; unfold bound; lia)).
  unfold decode. replace (length (row_prompt m S word)) with (S + 2)%nat by (unfold row_prompt; rewrite map_length; cbn [length]; rewrite app_length, row_length; cbn [length]; lia).
  rewrite Context. exact W.
Qed.
