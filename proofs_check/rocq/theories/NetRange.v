(** K. Ranges: polynomials in the sizes bound every coordinate. They discharge the side conditions of network_decides. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound NetModel NetTop.
Import ListNotations.
Open Scope Z_scope.

(** ** p >= 0 for all sizes: variables are shifted to start at 0, then no coefficient is negative. *)
Definition domain := list (nat * poly).        (* variable = this, in shifted variables, + a shifted variable >= 0 *)
Definition shift (D : domain) (v : nat) : poly := match assoc v D with Some q => q | None => [] end.
Definition good (D : domain) (rho : env) : Prop :=
  exists rho', (forall v, 0 <= rho' v) /\ forall v, rho v = peval rho' (shift D v) + rho' v.
Fixpoint shifted_power (D : domain) (v e : nat) : P :=
  match e with O => [(1, [])] | S e' => pmul (of_poly (shift D v) ++ [(1, [E v])]) (shifted_power D v e') end.
Fixpoint shifted_mono (D : domain) (m : list (nat * nat)) : P :=
  match m with [] => [(1, [])] | (v, e) :: m' => pmul (shifted_power D v e) (shifted_mono D m') end.
Definition shifted (D : domain) (p : poly) : P := flat_map (fun cm => pmul [(fst cm, [])] (shifted_mono D (snd cm))) p.
Definition proves (D : domain) (p : poly) : bool := forallb (fun cm => 0 <=? fst cm) (collect none no (shifted D p)).
Definition psub (p q : poly) : poly := p ++ map (fun cm => (- fst cm, snd cm)) q.
Definition le (D : domain) (p q : poly) : bool := proves D (psub q p).
Lemma peval_sub rho p q : peval rho (psub p q) = peval rho p - peval rho q.
Proof.
  unfold psub. rewrite peval_app. assert (peval rho (map (fun cm => (- fst cm, snd cm)) q) = - peval rho q) as ->; [|ring].
  induction q as [|(c, m) q IH]; [reflexivity|]. cbn [map fst snd]. rewrite !peval_cons, IH. ring.
Qed.
Lemma proves_sound D rho p : good D rho -> proves D p = true -> 0 <= peval rho p.
Proof.
  intros (rho' & Pos & Eq) H. pose (xs := fun (_ _ : nat) => 1 : Z).
  assert (forall q, ev (val rho' xs 0 0) (of_poly q) = peval rho' q) as Ep by (intros; apply ev_of_poly).
  assert (ev (val rho' xs 0 0) (shifted D p) = peval rho p) as <-.
  { clear H. induction p as [|(c, m) p IH]; [reflexivity|]. unfold shifted. cbn [flat_map fst snd]. fold (shifted D p).
    rewrite ev_app, IH, ev_pmul, peval_cons. replace (ev (val rho' xs 0 0) [(c, [])]) with c by (change (c = c * 1 + 0); ring). f_equal. f_equal.
    assert (forall v e, ev (val rho' xs 0 0) (shifted_power D v e) = power (rho v) e) as Pw.
    { intros v. induction e as [|e IHe]; [reflexivity|]. cbn [shifted_power power]. rewrite ev_pmul, ev_app, IHe, Ep, Eq. f_equal. f_equal.
      unfold ev, ev_m. cbn [fold_right fst snd val]. ring. }
    induction m as [|(v, e) m IHm]; [reflexivity|]. cbn [shifted_mono]. rewrite ev_pmul, Pw, IHm. reflexivity. }
  rewrite <- (ev_collect (val rho' xs 0 0) none no) by (try discriminate; split; reflexivity).
  unfold proves in H. rewrite forallb_forall in H. unfold ev. induction (collect none no (shifted D p)) as [|(c, m) l IH]; [apply Z.le_refl|].
  cbn [fold_right fst snd]. pose proof (H (c, m) (or_introl eq_refl)) as C. apply Z.leb_le in C. cbn [fst] in C.
  assert (0 <= ev_m (val rho' xs 0 0) m) as Em.
  { clear - Pos. unfold ev_m. induction m as [|v m IH]; [cbn; lia|]. cbn [fold_right]. apply Z.mul_nonneg_nonneg; [|exact IH]. destruct v; cbn [val]; [apply Pos|unfold xs; lia|unfold xs; lia|cbn; lia]. }
  assert (0 <= fold_right (fun cm acc => fst cm * ev_m (val rho' xs 0 0) (snd cm) + acc) 0 l) by (apply IH; intros y Hy; apply H; right; exact Hy).
  nia.
Qed.
Lemma le_sound D rho p q : good D rho -> le D p q = true -> peval rho p <= peval rho q.
Proof. intros G H. apply (proves_sound D rho _ G) in H. rewrite peval_sub in H. lia. Qed.

(** ** Ranges of linear forms *)
Definition ranges := list (nat * (poly * poly)).
Fixpoint row_range (D : domain) (R : ranges) (r : row) : option (poly * poly) :=
  match r with
  | [] => Some ([], [])
  | (c, p) :: r' =>
    match row_range D R r' with
    | None => None
    | Some (l, h) =>
      if Nat.eqb c 0 then Some (p ++ l, p ++ h) else
      match assoc c R with
      | None => None
      | Some (a, b) => if proves D p then Some (poly_mul p a ++ l, poly_mul p b ++ h)
                       else if proves D (psub [] p) then Some (poly_mul p b ++ l, poly_mul p a ++ h) else None
      end
    end
  end.
Definition inside D R r (lo hi : poly) : bool := match row_range D R r with Some (l, h) => le D lo l && le D h hi | None => false end.
Definition gate_range D F R (g : gate) (lo hi : poly) : bool :=
  match g with
  | Equal _ | AtLeast _ | All _ => le D lo [] && le D (const 1) hi
  | Cases l o => inside D R o lo hi && forallb (fun fa => inside D R (snd fa) lo hi) l
  | Product f a =>
    match row_range D R f, row_range D R a with
    | Some (_, fh), Some (al, ah) => le D lo [] && le D [] hi && le D [] fh && le D lo (poly_mul fh al) && le D (poly_mul fh ah) hi
    | _, _ => false end
  | Square a => match row_range D R a with Some (al, ah) => le D lo [] && le D (poly_mul al al) hi && le D (poly_mul ah ah) hi | None => false end
  | Clamp a l h =>
    match row_range D R a, row_range D R l with
    | Some (_, ah), Some (ll, lh) => le D lo ll &&
      match h with
      | None => le D lh hi && le D ah hi
      | Some h' => match row_range D R h' with Some (hl, hh) => le D lh hl && le D hh hi | None => false end
      end
    | _, _ => false end
  | Beyond a l h =>
    match row_range D R a, row_range D R l, row_range D R h with
    | Some (al, ah), Some (ll, lh), Some (hl, hh) => le D lo [] && le D [] hi && le D lh hl && le D (psub ah hl) hi && le D (psub lh al) hi
    | _, _, _ => false end
  | OneOf l => exclusive F l && le D lo [] && le D [] hi && forallb (fun ga => inside D R (snd ga) lo hi) l
  end.
Fixpoint find_read (l : list (pick * list (nat * row))) (c : nat) : option row :=
  match l with [] => None | (_, reads) :: l' => match assoc c reads with Some r => Some r | None => find_read l' c end end.
Fixpoint cell_range D R T (l : list cell) (fuel k : nat) (lo hi : poly) : bool :=
  match fuel with
  | O => false
  | S fuel' =>
    match before (nth k l no_cell) with
    | [] => inside D R (reads_ (nth k l no_cell)) lo hi
    | [(j, 1)] =>
      if Nat.eqb j k then
        match row_range D R (reads_ (nth k l no_cell)) with Some (rl, rh) => le D [] rl && le D lo [] && le D (poly_mul rh T) hi | None => false end
      else match reads_ (nth k l no_cell) with [] => le D lo [] && le D [] hi && cell_range D R T l fuel' j lo hi | _ => false end
    | _ => false
    end
  end.
(** Cells of a group whose norm does not grow: the magnitudes of what is read add up. *)
Definition magnitude D (l h : poly) : option poly :=
  if le D (psub [] l) h then Some h else if le D h (psub [] l) then Some (psub [] l) else None.
Fixpoint total_read D F R (rs : list row) : option (poly * poly) :=       (* at first; at later positions *)
  match rs with
  | [] => Some ([], [])
  | r :: rs' =>
    match start_row F r, row_range D R (later F r), total_read D F R rs' with
    | Some a, Some (l, h), Some (b, t) => match magnitude D l h with Some m => Some (const (Z.abs a) ++ b, m ++ t) | None => None end
    | _, _, _ => None end
  end.
Definition norm_range D F R T (reads : list row) (ms : list move) (k : nat) (lo hi : poly) : bool :=
  let G := group (length reads) (length reads) ms [k] in let ms' := relevant G ms in let rs := map (fun k => nth k reads []) G in
  mem k G && distinct G && forallb (reads_inside G) ms' &&
  match total_read D F R rs, kinds F ms' [] with
  | Some (first, each), Some ks =>
    let gates := map fst ks in let most := first ++ poly_mul each (psub T (const 1)) in
    (forallb (fun g => rows_shrink g ms' G) gates || forallb (fun g => columns_shrink g ms' G) gates) && le D most hi &&
    (le D lo (psub [] most) ||
     le D lo [] && forallb (fun g => never_below g ms' G) gates && forallb (fun r => match start_row F r with Some a => 0 <=? a | None => false end) rs &&
     forallb (fun r => match row_range D R (later F r) with Some (l, _) => le D [] l | None => false end) rs)
  | _, _ => false end.
Definition stage_values F (s : stage) : list (nat * list Z) := match s with States _ reads ms => values_of F reads ms | _ => [] end.
Definition stage_range D F R T (vs : list (nat * list Z)) (s : stage) (c : nat) (lo hi : poly) : bool :=
  match s with
  | Heads l => match find_read l c with Some r => inside D R r lo hi | None => false end
  | Gates l => match assoc c l with Some g => gate_range D F R g lo hi | None => false end
  | Cells l => match shown_at l 0 c with Some k => cell_range D R T l (S (length l)) k lo hi | None => false end
  | States places reads ms =>
    match cell_at places c with
    | Some k => match assoc k vs with
      | Some l => forallb (fun v => le D lo (const v) && le D (const v) hi) l
      | None => norm_range D F R T reads ms k lo hi end
    | None => false end
  end.
Definition next_ranges D F R T claims (s : stage) : ranges :=
  let vs := stage_values F s in filter (fun cr => mem (fst cr) (stage_keys s) && stage_range D F R T vs s (fst cr) (fst (snd cr)) (snd (snd cr))) claims ++ R.

Section Sound.
  Variables (D : domain) (rho : env) (len : nat) (T : poly).
  Hypothesis G : good D rho.
  Hypothesis fits : Z.of_nat len <= peval rho T.
  Definition ranged (R : ranges) (F : facts) (x : nat -> nat -> Z) : Prop :=
    forall c lo hi, In (c, (lo, hi)) R -> In c (written F) /\ forall i, (i < len)%nat -> peval rho lo <= x i c <= peval rho hi.
  Section Row.
    Variables (R : ranges) (F : facts) (x : nat -> nat -> Z).
    Hypothesis H : ranged R F x.
    Hypothesis known_ : holds rho len F x.
    Lemma one_at i : (i < len)%nat -> x i 0%nat = 1. Proof. apply (proj1 known_). Qed.
    Lemma row_range_is i : (i < len)%nat -> forall r l h, row_range D R r = Some (l, h) -> peval rho l <= lin rho r (x i) <= peval rho h.
    Proof.
      intros Hi. induction r as [|(c, p) r IH]; cbn [row_range]; intros l h E; [injection E as <- <-; cbn; lia|].
      destruct (row_range D R r) as [(l', h')|]; [|discriminate]. specialize (IH l' h' eq_refl). rewrite lin_cons.
      destruct (Nat.eqb_spec c 0) as [->|]; [injection E as <- <-; rewrite !peval_app, one_at by auto; lia|].
      destruct (assoc c R) as [(a, b)|] eqn:As; [|discriminate]. apply assoc_In in As. destruct (H c a b As) as (_ & B). specialize (B i Hi).
      destruct (proves D p) eqn:Pp.
      - injection E as <- <-. rewrite !peval_app, !peval_mul. apply (proves_sound D rho _ G) in Pp. nia.
      - destruct (proves D (psub [] p)) eqn:Pn; [|discriminate]. injection E as <- <-. rewrite !peval_app, !peval_mul. apply (proves_sound D rho _ G) in Pn.
        rewrite peval_sub in Pn. change (peval rho []) with 0 in Pn. nia.
    Qed.
    Lemma inside_is i r lo hi : (i < len)%nat -> inside D R r lo hi = true -> peval rho lo <= lin rho r (x i) <= peval rho hi.
    Proof.
      intros Hi. unfold inside. destruct (row_range D R r) as [(l, h)|] eqn:E; [|discriminate]. rewrite andb_true_iff. intros (A & B).
      apply (le_sound D rho _ _ G) in A, B. pose proof (row_range_is i Hi r l h E). lia.
    Qed.
    Lemma gate_range_is i g lo hi : (i < len)%nat -> gate_range D F R g lo hi = true ->
      peval rho lo <= gate_sem (fun r => lin rho r (x i)) g <= peval rho hi.
    Proof.
      intros Hi. assert (peval rho [] = 0) as N by reflexivity. pose proof (peval_const rho 1) as One.
      destruct g as [d|d|fs|l o|f a|a|a lw h|a lw h|l]; cbn [gate_range gate_sem]; intros C; try discriminate.
      - rewrite andb_true_iff in C. destruct C as (A & B). apply (le_sound D rho _ _ G) in A, B. destruct (_ =? _); lia.
      - rewrite andb_true_iff in C. destruct C as (A & B). apply (le_sound D rho _ _ G) in A, B. destruct (_ <=? _); lia.
      - rewrite andb_true_iff in C. destruct C as (A & B). apply (le_sound D rho _ _ G) in A, B. destruct (forallb _ _); lia.
      - apply andb_prop in C. destruct C as (O & C). induction l as [|(f, a) l IH]; cbn [first_of]; [apply inside_is; auto|].
        cbn [forallb snd] in C. apply andb_prop in C. destruct C as (A & C). destruct (_ =? 1); [apply inside_is; auto|auto].
      - destruct (row_range D R f) as [(fl, fh)|] eqn:Ef; [|discriminate]. destruct (row_range D R a) as [(al, ah)|] eqn:Ea; [|discriminate].
        pose proof (row_range_is i Hi _ _ _ Ef) as Bf. pose proof (row_range_is i Hi _ _ _ Ea) as Ba. rewrite !andb_true_iff in C. destruct C as ((((C1 & C2) & C3) & C4) & C5).
        apply (le_sound D rho _ _ G) in C1, C2, C3, C4, C5. rewrite peval_mul in C4, C5. rewrite N in *.
        set (F0 := Z.max (lin rho f (x i)) 0). assert (0 <= F0 <= peval rho fh) as BF by (unfold F0; lia). clearbody F0.
        generalize dependent (lin rho a (x i)). intros v Bv. destruct (Z_le_gt_dec 0 (peval rho al)), (Z_le_gt_dec (peval rho ah) 0); nia.
      - destruct (row_range D R a) as [(al, ah)|] eqn:Ea; [|discriminate]. pose proof (row_range_is i Hi _ _ _ Ea) as Ba. rewrite !andb_true_iff in C. destruct C as ((C1 & C2) & C3).
        apply (le_sound D rho _ _ G) in C1, C2, C3. rewrite peval_mul in C2, C3. rewrite N in *. generalize dependent (lin rho a (x i)). intros v Bv.
        pose proof (Z.square_nonneg v). destruct (Z_le_gt_dec 0 v); nia.
      - destruct (row_range D R a) as [(al, ah)|] eqn:Ea; [|discriminate]. destruct (row_range D R lw) as [(ll, lh)|] eqn:El; [|discriminate].
        pose proof (row_range_is i Hi _ _ _ Ea) as Ba. pose proof (row_range_is i Hi _ _ _ El) as Bl. apply andb_prop in C. destruct C as (C1 & C2).
        apply (le_sound D rho _ _ G) in C1. destruct h as [h'|].
        + destruct (row_range D R h') as [(hl, hh)|] eqn:Eh; [|discriminate]. pose proof (row_range_is i Hi _ _ _ Eh) as Bh. apply andb_prop in C2. destruct C2 as (C2 & C3).
          apply (le_sound D rho _ _ G) in C2, C3. lia.
        + apply andb_prop in C2. destruct C2 as (C2 & C3). apply (le_sound D rho _ _ G) in C2, C3. lia.
      - destruct (row_range D R a) as [(al, ah)|] eqn:Ea; [|discriminate]. destruct (row_range D R lw) as [(ll, lh)|] eqn:El; [|discriminate].
        destruct (row_range D R h) as [(hl, hh)|] eqn:Eh; [|discriminate].
        pose proof (row_range_is i Hi _ _ _ Ea) as Ba. pose proof (row_range_is i Hi _ _ _ El) as Bl. pose proof (row_range_is i Hi _ _ _ Eh) as Bh.
        rewrite !andb_true_iff in C. destruct C as ((((C1 & C2) & C3) & C4) & C5). apply (le_sound D rho _ _ G) in C1, C2, C3, C4, C5. rewrite !peval_sub in *. rewrite N in *. lia.
      - rewrite !andb_true_iff in C. destruct C as (((E & C1) & C2) & K). apply (le_sound D rho _ _ G) in C1, C2. rewrite N in *.
        destruct (exclusive_is rho len F x known_ l i E Hi) as [(_ & V)|(ga & I & _ & V)]; cbn [gate_sem] in V; rewrite V; [lia|].
        apply inside_is; auto. rewrite forallb_forall in K. apply (K ga I).
    Qed.
    Lemma cell_range_is l lo hi : forall fuel k i, (i < len)%nat -> cell_range D R T l fuel k lo hi = true -> peval rho lo <= cell_sem rho l x i k <= peval rho hi.
    Proof.
      induction fuel as [|fuel IH]; intros k i Hi C; cbn [cell_range] in C; [discriminate|].
      destruct (nth k l no_cell) as [sh be re] eqn:Ek. cbn [before reads_] in C. destruct be as [|(j, f) be].
      - destruct i as [|i]; cbn [cell_sem]; rewrite Ek; cbn [before reads_ map sum fold_right]; [|rewrite Z.add_0_l]; apply inside_is; auto.
      - destruct f as [|[q|q|]|q]; try discriminate. destruct be; [|discriminate]. destruct (Nat.eqb_spec j k) as [->|Nk].
        + destruct (row_range D R re) as [(rl, rh)|] eqn:Er; [|discriminate]. rewrite !andb_true_iff in C. destruct C as ((C1 & C2) & C3).
          apply (le_sound D rho _ _ G) in C1, C2, C3. rewrite peval_mul in C3. change (peval rho []) with 0 in *.
          assert (0 <= cell_sem rho l x i k <= peval rho rh * (Z.of_nat i + 1)) as B.
          { clear - Hi Er C1 Ek H known_ G. induction i as [|i IHi]; cbn [cell_sem]; rewrite Ek; cbn [before reads_ map sum fold_right fst snd].
            - pose proof (row_range_is 0 Hi _ _ _ Er). lia.
            - pose proof (row_range_is (S i) Hi _ _ _ Er). specialize (IHi ltac:(lia)). nia. }
          assert (0 <= peval rho rh) by (pose proof (row_range_is i Hi _ _ _ Er); lia). nia.
        + destruct re; [|discriminate]. rewrite !andb_true_iff in C. destruct C as ((C1 & C2) & C3). apply (le_sound D rho _ _ G) in C1, C2. change (peval rho []) with 0 in *.
          destruct i as [|i]; cbn [cell_sem]; rewrite Ek; cbn [before reads_ map sum fold_right fst snd]; [change (lin rho [] (x 0%nat)) with 0; lia|].
          change (lin rho [] (x (S i))) with 0. pose proof (IH j i ltac:(lia) C3). lia.
    Qed.
    Lemma total_read_is reads : forall cells first each, total_read D F R (map (fun k => nth k reads []) cells) = Some (first, each) -> (0 < len)%nat ->
      sum (map (fun k => Z.abs (lin rho (nth k reads []) (x 0%nat))) cells) <= peval rho first /\ 0 <= peval rho each /\
      forall t, (0 < t)%nat -> (t < len)%nat -> sum (map (fun k => Z.abs (lin rho (nth k reads []) (x t))) cells) <= peval rho each.
    Proof.
      induction cells as [|k cells IH]; cbn [map total_read]; intros first each E L; [injection E as <- <-; split; [|split]; intros; apply Z.le_refl|].
      destruct (start_row F (nth k reads [])) as [a|] eqn:Ea; [|discriminate]. destruct (row_range D R (later F (nth k reads []))) as [(l, h)|] eqn:Er; [|discriminate].
      destruct (total_read D F R (map (fun k => nth k reads []) cells)) as [(b, t')|]; [|discriminate]. destruct (magnitude D l h) as [m|] eqn:Em; [|discriminate].
      assert (const (Z.abs a) ++ b = first /\ m ++ t' = each) as (<- & <-) by (split; congruence). clear E. destruct (IH b t' eq_refl L) as (I0 & I1 & I2).
      assert (forall v, peval rho l <= v <= peval rho h -> Z.abs v <= peval rho m) as Mg.
      { intros v Bv. unfold magnitude in Em. destruct (le D (psub [] l) h) eqn:A1.
        - injection Em as <-. apply (le_sound D rho _ _ G) in A1. rewrite peval_sub in A1. change (peval rho []) with 0 in A1. lia.
        - destruct (le D h (psub [] l)) eqn:A2; [|discriminate]. injection Em as <-. apply (le_sound D rho _ _ G) in A2. rewrite peval_sub in *. change (peval rho []) with 0 in *. lia. }
      rewrite !sum_cons, !peval_app. split; [|split].
      - rewrite peval_const, (start_row_is rho len F x known_ _ a Ea L). lia.
      - pose proof (Mg _ (row_range_is 0 L _ _ _ Er)). lia.
      - intros t T' Ht. specialize (I2 t T' Ht). rewrite sum_cons. pose proof (row_range_is t Ht _ _ _ Er) as B. rewrite (later_is rho len F x known_ _ t T' Ht) in B. specialize (Mg _ B). lia.
    Qed.
    Lemma norm_range_is reads ms k lo hi i : (i < len)%nat -> norm_range D F R T reads ms k lo hi = true -> peval rho lo <= held rho reads ms x i k <= peval rho hi.
    Proof.
      intros Hi C. unfold norm_range in C. cbv zeta in C. set (cells := group (length reads) (length reads) ms [k]) in *. rewrite !andb_true_iff in C. destruct C as (((Kg & Dg) & Ig) & C). apply mem_In in Kg. apply distinct_NoDup in Dg.
      destruct (total_read D F R (map (fun k => nth k reads []) cells)) as [(first, each)|] eqn:Et; [|discriminate]. destruct (kinds F (relevant cells ms) []) as [ks|] eqn:Ek; [|discriminate].
      apply andb_prop in C. destruct C as (C & Lo). apply andb_prop in C. destruct C as (Nm & Top). apply orb_prop in Nm, Lo. destruct (total_read_is reads cells first each Et ltac:(lia)) as (T0 & Te & T1).
      assert (forall t, (0 < t)%nat -> (t < len)%nat -> In (gates_at rho (relevant cells ms) (x t)) (map fst ks)) as Cases.
      { intros t P Ht. apply in_map_iff. eexists. split; [|apply (kinds_are rho len F x known_ _ [] ks t Ek P Ht)]. reflexivity. }
      pose proof (norm_bound rho len reads ms cells x (map fst ks) (peval rho first) (peval rho each) Dg Ig Cases T0 T1 Nm i k Hi Kg) as B.
      assert (Z.of_nat i * peval rho each <= peval rho each * (peval rho T - 1)) as Grow by nia.
      apply (le_sound D rho _ _ G) in Top. rewrite peval_app, peval_mul, peval_sub, peval_const in Top. split; [|lia]. destruct Lo as [Lo|Lo].
      - apply (le_sound D rho _ _ G) in Lo. rewrite peval_sub, peval_app, peval_mul, peval_sub, peval_const in Lo. change (peval rho []) with 0 in Lo. lia.
      - rewrite !andb_true_iff in Lo. destruct Lo as (((Lo & Nb) & S0) & S1). apply (le_sound D rho _ _ G) in Lo. change (peval rho []) with 0 in Lo. rewrite forallb_forall in S0, S1.
        assert (0 <= held rho reads ms x i k); [|lia]. apply (never_negative_state rho len reads ms cells x (map fst ks) Dg Ig Cases); auto.
        + intros j J. specialize (S0 (nth j reads []) ltac:(apply in_map_iff; exists j; auto)). destruct (start_row F (nth j reads [])) as [a|] eqn:Ea; [|discriminate]. apply Z.leb_le in S0. rewrite (start_row_is rho len F x known_ _ a Ea) by lia. exact S0.
        + intros t j P Ht J. specialize (S1 (nth j reads []) ltac:(apply in_map_iff; exists j; auto)). destruct (row_range D R (later F (nth j reads []))) as [(l, h)|] eqn:Er; [|discriminate].
          apply (le_sound D rho _ _ G) in S1. change (peval rho []) with 0 in S1. pose proof (row_range_is t Ht _ _ _ Er) as Bt. rewrite (later_is rho len F x known_ _ t P Ht) in Bt. lia.
    Qed.
    Lemma stage_range_is s c lo hi i : (i < len)%nat -> stage_range D F R T (stage_values F s) s c lo hi = true -> peval rho lo <= stage_sem rho s x i c <= peval rho hi.
    Proof.
      intros Hi. destruct s as [l|l|l|places reads ms]; cbn [stage_range stage_sem stage_values].
      - induction l as [|(p, reads) l IH]; cbn [find_read heads_sem]; [discriminate|]. destruct (assoc c reads) as [r|]; [|exact IH].
        intros C. apply inside_is; auto. pose proof (picked_le rho x i p). lia.
      - destruct (assoc c l) as [g|]; [|discriminate]. apply gate_range_is. exact Hi.
      - destruct (shown_at l 0 c) as [k|]; [|discriminate]. apply cell_range_is. exact Hi.
      - destruct (cell_at places c) as [k|]; [|discriminate]. destruct (assoc k (values_of F reads ms)) as [l|] eqn:E.
        + intros C. pose proof (values_are rho len F x known_ reads ms k l i (assoc_In _ _ _ E) Hi) as V. pose proof (forallb_In _ _ _ C V) as Q. cbv beta in Q. apply andb_prop in Q. destruct Q as (A & B).
          apply (le_sound D rho _ _ G) in A, B. rewrite peval_const in A, B. lia.
        + apply norm_range_is. exact Hi.
    Qed.
  End Row.
  Lemma next_ranged F claims rclaims L s R x : holds rho len F x -> check_stage F L s = true -> ranged R F x ->
    ranged (next_ranges D F R T rclaims s) (next_facts F claims s) (stage_sem rho s x).
  Proof.
    intros H C Rg c lo hi I. assert (forall c, In c (stage_keys s ++ written F) -> In c (written (next_facts F claims s))) as W by (intros d Hd; destruct s; exact Hd).
    unfold next_ranges in I. apply in_app_or in I. destruct I as [I|I].
    - apply filter_In in I. destruct I as (_ & I). cbn [fst snd] in I. apply andb_prop in I. destruct I as (K & I). apply mem_In in K.
      split; [apply W, in_or_app; auto|]. intros i Hi. apply (stage_range_is R F x Rg); auto.
    - destruct (Rg c lo hi I) as (Wc & B). split; [apply W, in_or_app; auto|]. intros i Hi. rewrite stage_sem_outside; auto.
      intros K. unfold check_stage in C. rewrite !andb_true_iff in C. destruct C as ((_ & Fr) & _). pose proof (forallb_In _ _ c Fr K) as N. cbv beta in N.
      rewrite negb_true_iff, mem_not in N. auto.
  Qed.
End Sound.
