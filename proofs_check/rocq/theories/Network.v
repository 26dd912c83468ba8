(** E. Networks of gadgets as data: what they compute, and a checker that compares exported weights with them. *)
From Coq Require Import ZArith List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect.
Import ListNotations.
Open Scope Z_scope.

Definition mem (c : nat) (l : list nat) : bool := existsb (Nat.eqb c) l.
Lemma mem_In c l : mem c l = true <-> In c l.
Proof.
  unfold mem. rewrite existsb_exists. split; [intros (x & H & E)|intros H; exists c; rewrite Nat.eqb_refl; auto].
  apply Nat.eqb_eq in E. subst. exact H.
Qed.
Lemma mem_not c l : mem c l = false <-> ~ In c l.
Proof. rewrite <- mem_In. destruct (mem c l); split; congruence. Qed.
Fixpoint assoc {A} (c : nat) (l : list (nat * A)) : option A :=
  match l with [] => None | (d, a) :: l' => if Nat.eqb c d then Some a else assoc c l' end.
Lemma assoc_In {A} c (l : list (nat * A)) a : assoc c l = Some a -> In (c, a) l.
Proof.
  induction l as [|(d, b) l IH]; [discriminate|]. cbn [assoc]. destruct (Nat.eqb_spec c d); [|right; auto].
  subst. intros H. injection H as ->. left. reflexivity.
Qed.
Lemma assoc_None {A} c (l : list (nat * A)) : assoc c l = None <-> ~ In c (map fst l).
Proof.
  induction l as [|(d, b) l IH]; cbn [assoc map fst In]; [tauto|]. destruct (Nat.eqb_spec c d); subst; [|rewrite IH; intuition congruence].
  split; [discriminate|intros H; exfalso; auto].
Qed.

(** Linear forms. *)
Definition lin (rho : env) (r : row) (x : nat -> Z) : Z := fold_right (fun e acc => peval rho (snd e) * x (fst e) + acc) 0 r.
Lemma times_lin rho r (x : vec ZN) : times ZN rho r x = lin rho r x. Proof. reflexivity. Qed.
Lemma lin_cons rho c p r x : lin rho ((c, p) :: r) x = peval rho p * x c + lin rho r x. Proof. reflexivity. Qed.
Lemma lin_app rho r s x : lin rho (r ++ s) x = lin rho r x + lin rho s x.
Proof. induction r as [|(c, p) r IH]; [reflexivity|]. cbn [app]. rewrite !lin_cons, IH. ring. Qed.
Lemma lin_ext rho r x y : (forall c, In c (map fst r) -> x c = y c) -> lin rho r x = lin rho r y.
Proof.
  induction r as [|(c, p) r IH]; intros H; [reflexivity|]. rewrite !lin_cons, IH, (H c); auto.
  - left. reflexivity.
  - intros d D. apply H. right. exact D.
Qed.
Lemma peval_cons rho c m p : peval rho ((c, m) :: p) = c * peval_mono rho m + peval rho p. Proof. reflexivity. Qed.
Lemma peval_app rho p q : peval rho (p ++ q) = peval rho p + peval rho q.
Proof. induction p as [|(c, m) p IH]; [reflexivity|]. cbn [app]. rewrite !peval_cons, IH. ring. Qed.
Definition const (k : Z) : poly := [(k, [])].
Lemma peval_const rho k : peval rho (const k) = k.
Proof. unfold const. rewrite peval_cons. change (peval_mono rho []) with 1. change (peval rho []) with 0. ring. Qed.
Definition coord (c : nat) : row := [(c, const 1)].
Definition number (k : Z) : row := [(0%nat, const k)].
Lemma lin_coord rho c x : lin rho (coord c) x = x c.
Proof. unfold coord. rewrite lin_cons, peval_const. change (lin rho [] x) with 0. ring. Qed.
Lemma lin_number rho k x : x 0%nat = 1 -> lin rho (number k) x = k.
Proof. intros H. unfold number. rewrite lin_cons, peval_const, H. change (lin rho [] x) with 0. ring. Qed.

Lemma peval_mono_app rho m m' : peval_mono rho (m ++ m') = peval_mono rho m * peval_mono rho m'.
Proof.
  unfold peval_mono. induction m as [|(v, e) m IH]; [cbn [app]; change (fold_right _ _ []) with 1; ring|].
  cbn [app fold_right fst snd]. rewrite IH. ring.
Qed.
Definition poly_mul (p q : poly) : poly := flat_map (fun cm => map (fun dm => (fst cm * fst dm, snd cm ++ snd dm)) q) p.
Lemma peval_mul rho p q : peval rho (poly_mul p q) = peval rho p * peval rho q.
Proof.
  induction p as [|(c, m) p IH]; [reflexivity|].
  change (poly_mul ((c, m) :: p) q) with (map (fun dm => (c * fst dm, m ++ snd dm)) q ++ poly_mul p q).
  rewrite peval_app, IH, peval_cons.
  assert (peval rho (map (fun dm => (c * fst dm, m ++ snd dm)) q) = c * peval_mono rho m * peval rho q) as ->; [|ring].
  clear IH. induction q as [|(d, m') q IHq]; [change (0 = c * peval_mono rho m * 0); ring|].
  cbn [map fst snd]. rewrite !peval_cons, IHq, peval_mono_app. ring.
Qed.
Definition row_mul (p : poly) (r : row) : row := map (fun e => (fst e, poly_mul p (snd e))) r.
Lemma lin_row_mul rho p r x : lin rho (row_mul p r) x = peval rho p * lin rho r x.
Proof.
  induction r as [|(c, q) r IH]; [change (0 = peval rho p * 0); ring|].
  change (row_mul p ((c, q) :: r)) with ((c, poly_mul p q) :: row_mul p r). rewrite !lin_cons, IH, peval_mul. ring.
Qed.
Definition opposite (r : row) : row := row_mul (const (-1)) r.
Lemma lin_opposite rho r x : lin rho (opposite r) x = - lin rho r x.
Proof. unfold opposite. rewrite lin_row_mul, peval_const. ring. Qed.
Definition compose (o : row) (m : matrix) : row := flat_map (fun e => row_mul (snd e) (nth (fst e) m [])) o.
Lemma lin_compose rho o m x : lin rho (compose o m) x = lin rho o (fun r => lin rho (nth r m []) x).
Proof.
  induction o as [|(r, p) o IH]; [reflexivity|]. change (compose ((r, p) :: o) m) with (row_mul p (nth r m []) ++ compose o m).
  rewrite lin_app, lin_row_mul, IH, lin_cons. reflexivity.
Qed.

(** Equal linear forms, coefficient by coefficient: coordinates are shifted by one, since variable 0 is the constant 1. *)
Definition none (c : nat) : option nat := None.
Definition no (c : nat) : bool := false.
Definition same_row (r s : row) : bool := same_poly none no (of_row (fun c => X (S c)) r) (of_row (fun c => X (S c)) s).
Lemma same_row_sound rho r s x : same_row r s = true -> lin rho r x = lin rho s x.
Proof.
  intros H. pose (xs := fun k : nat => match k with O => fun c => match c with O => 1 | S c' => x c' end | _ => x end : nat -> Z).
  pose proof (same_poly_sound (val rho xs 0 0) none no) as G.
  specialize (G ltac:(discriminate) ltac:(split; reflexivity) ltac:(discriminate) _ _ H).
  rewrite !(ev_of_row rho xs 0 0 (fun c => X (S c)) 1) in G by reflexivity. exact G.
Qed.
Definition same_entry (p q : poly) : bool := same_row [(0%nat, p)] [(0%nat, q)].
Lemma same_entry_sound rho p q : same_entry p q = true -> peval rho p = peval rho q.
Proof. intros H. apply (same_row_sound rho _ _ (fun _ => 1)) in H. rewrite !lin_cons in H. change (lin rho [] (fun _ => 1)) with 0 in H. lia. Qed.

(** ** Gates *)
Inductive gate :=
| Equal (d : row)                                   (* 1 if d = 0, else 0 *)
| AtLeast (d : row)                                 (* 1 if d >= 0, else 0 *)
| All (flags : list row)                            (* 1 if all flags are 1, else 0 *)
| Cases (alternatives : list (row * row)) (otherwise : row)  (* the value of the first flag that is 1 *)
| Product (factor value : row)                      (* max(factor, 0) * value *)
| Square (v : row)
| Clamp (v low : row) (high : option row)           (* low + max(v - low, 0) - max(v - high, 0) *)
| Beyond (v low high : row)                         (* max(v - high, 0) + max(low - v, 0) *)
| OneOf (alternatives : list (row * row)).          (* the sum of max(gate, 0) * value *)

Definition sum (l : list Z) : Z := fold_right Z.add 0 l.
Section GateSem.
  Variable v : row -> Z.
  Fixpoint first_of (l : list (row * row)) (otherwise : row) : Z :=
    match l with [] => v otherwise | (f, a) :: l' => if v f =? 1 then v a else first_of l' otherwise end.
  Definition gate_sem (g : gate) : Z :=
    match g with
    | Equal d => if v d =? 0 then 1 else 0
    | AtLeast d => if 0 <=? v d then 1 else 0
    | All fs => if forallb (fun f => v f =? 1) fs then 1 else 0
    | Cases l o => first_of l o
    | Product f a => Z.max (v f) 0 * v a
    | Square a => v a * v a
    | Clamp a lo hi => v lo + Z.max (v a - v lo) 0 - match hi with Some h => Z.max (v a - v h) 0 | None => 0 end
    | Beyond a lo hi => Z.max (v a - v hi) 0 + Z.max (v lo - v a) 0
    | OneOf l => sum (map (fun ga => Z.max (v (fst ga)) 0 * v (snd ga)) l)
    end.
End GateSem.
Definition pair_rows (l : list (row * row)) : list row := flat_map (fun ga => [fst ga; snd ga]) l.
Definition rows_of (g : gate) : list row :=
  match g with
  | Equal d | AtLeast d => [d] | All fs => fs | Cases l o => o :: pair_rows l | Product f a => [f; a] | Square a => [a]
  | Clamp a lo hi => a :: lo :: match hi with Some h => [h] | None => [] end | Beyond a lo hi => [a; lo; hi] | OneOf l => pair_rows l
  end.
Lemma first_of_ext u v l o : (forall r, In r (o :: pair_rows l) -> u r = v r) -> first_of u l o = first_of v l o.
Proof.
  induction l as [|(f, a) l IH]; intros H; [apply H; left; reflexivity|]. cbn [first_of].
  rewrite (H f), (H a) by (cbn; auto). rewrite IH; auto. intros r [R|R]; apply H; [left; auto|right; right; right; auto].
Qed.
Lemma gate_sem_ext u v g : (forall r, In r (rows_of g) -> u r = v r) -> gate_sem u g = gate_sem v g.
Proof.
  destruct g as [d|d|fs|l o|f a|a|a lo hi|a lo hi|l]; cbn [gate_sem rows_of]; intros H.
  - rewrite (H d) by (left; auto). reflexivity.
  - rewrite (H d) by (left; auto). reflexivity.
  - rewrite (forallb_ext _ (fun f => v f =? 1)); [reflexivity|]. intros f F. rewrite H by auto. reflexivity.
  - apply first_of_ext. exact H.
  - rewrite (H f), (H a) by (cbn; auto). reflexivity.
  - rewrite (H a) by (cbn; auto). reflexivity.
  - destruct hi as [h|]; rewrite (H a), (H lo), ?(H h) by (cbn; auto); reflexivity.
  - rewrite (H a), (H lo), (H hi) by (cbn; auto). reflexivity.
  - f_equal. apply map_ext_in. intros (g, a) I. cbn [fst snd].
    assert (forall r, In r [g; a] -> u r = v r) as G by (intros r R; apply H; unfold pair_rows; apply in_flat_map; exists (g, a); auto).
    rewrite (G g), (G a) by (cbn; auto). reflexivity.
Qed.

(** The units of a gate: gate, value, factor. *)
Definition units := list (row * row * Z).
Definition plus (r : row) (k : Z) : row := r ++ number k.
Fixpoint case_units (l : list (row * row)) (before : row) (otherwise : row) : units :=
  match l with
  | [] => match otherwise with [] => [] | _ => [(number 1 ++ opposite before, otherwise, 1)] end
  | (f, a) :: l' => (f ++ opposite before, a, 1) :: case_units l' (before ++ f) otherwise
  end.
Definition units_of (g : gate) : units :=
  let one := number 1 in
  match g with
  | Equal d => [(plus d 1, one, 1); (d, one, -2); (plus d (-1), one, 1)]
  | AtLeast d => [(plus d 1, one, 1); (d, one, -1)]
  | All fs => [(plus (concat fs) (1 - Z.of_nat (length fs)), one, 1)]
  | Cases l o => case_units l [] o
  | Product f a => [(f, a, 1)]
  | Square a => [(a, a, 1); (opposite a, opposite a, 1)]
  | Clamp a lo hi => (a ++ opposite lo, one, 1) :: match lo with [] => [] | _ => [(one, lo, 1)] end
                     ++ match hi with Some h => [(a ++ opposite h, one, -1)] | None => [] end
  | Beyond a lo hi => [(a ++ opposite hi, one, 1); (lo ++ opposite a, one, 1)]
  | OneOf l => map (fun ga => (fst ga, snd ga, 1)) l
  end.
Definition units_sum (v : row -> Z) (us : units) : Z :=
  sum (map (fun u => snd u * (Z.max (v (fst (fst u))) 0 * v (snd (fst u)))) us).
Definition flagged (v : row -> Z) (g : gate) : Prop :=
  match g with
  | All fs => forall f, In f fs -> v f = 0 \/ v f = 1
  | Cases l _ => forall f, In f (map fst l) -> v f = 0 \/ v f = 1
  | _ => True
  end.
Section Units.
  Variables (rho : env) (x : nat -> Z).
  Hypothesis one : x 0%nat = 1.
  Let v r := lin rho r x.
  Lemma units_app us us' : units_sum v (us ++ us') = units_sum v us + units_sum v us'.
  Proof. unfold units_sum. rewrite map_app. induction us as [|u us IH]; [reflexivity|]. cbn [map app sum fold_right]. unfold sum in *. rewrite IH. ring. Qed.
  Lemma v_plus r k : v (plus r k) = v r + k.
  Proof. unfold v, plus. rewrite lin_app, lin_number by auto. reflexivity. Qed.
  Lemma v_one : v (number 1) = 1. Proof. apply lin_number. auto. Qed.
  Lemma v_minus r s : v (r ++ opposite s) = v r - v s.
  Proof. unfold v. rewrite lin_app, lin_opposite. ring. Qed.
  Lemma case_units_closed l o : forall before, 1 <= v before -> (forall f, In f (map fst l) -> v f = 0 \/ v f = 1) ->
    units_sum v (case_units l before o) = 0.
  Proof.
    induction l as [|(f, a) l IH]; intros before B F; cbn [case_units].
    - destruct o as [|e o]; [reflexivity|]. unfold units_sum. cbn [map sum fold_right fst snd].
      rewrite v_minus, v_one, Z.max_r by lia. ring.
    - change (units_sum v (?u :: ?us)) with (units_sum v ([u] ++ us)). rewrite units_app, IH.
      + unfold units_sum. cbn [map sum fold_right fst snd]. rewrite v_minus.
        assert (v f = 0 \/ v f = 1) as H by (apply F; left; reflexivity). rewrite Z.max_r by lia. ring.
      + unfold v in *. rewrite lin_app. assert (lin rho f x = 0 \/ lin rho f x = 1) as H by (apply F; left; reflexivity). lia.
      + intros g G. apply F. right. exact G.
  Qed.
  Lemma case_units_are l o : forall before, v before = 0 -> (forall f, In f (map fst l) -> v f = 0 \/ v f = 1) ->
    units_sum v (case_units l before o) = first_of v l o.
  Proof.
    induction l as [|(f, a) l IH]; intros before B F; cbn [case_units first_of].
    - destruct o as [|e o]; [reflexivity|]. unfold units_sum. cbn [map sum fold_right fst snd].
      rewrite v_minus, v_one, B, Z.max_l by lia. ring.
    - change (units_sum v (?u :: ?us)) with (units_sum v ([u] ++ us)). rewrite units_app.
      assert (units_sum v [(f ++ opposite before, a, 1)] = Z.max (v f) 0 * v a) as ->.
      { unfold units_sum. cbn [map sum fold_right fst snd]. rewrite v_minus, B, Z.sub_0_r. ring. }
      assert (v (before ++ f) = v f) as Bf by (unfold v in *; rewrite lin_app; lia).
      assert (forall g, In g (map fst l) -> v g = 0 \/ v g = 1) as G by (intros g G; apply F; right; exact G).
      destruct (F f ltac:(left; reflexivity)) as [E|E]; rewrite E.
      + rewrite IH by (auto; lia). change (0 =? 1) with false. cbn iota. change (Z.max 0 0) with 0. ring.
      + rewrite case_units_closed by (auto; lia). change (1 =? 1) with true. cbn iota. change (Z.max 1 0) with 1. ring.
  Qed.
  Lemma all_is fs : (forall f, In f fs -> v f = 0 \/ v f = 1) ->
    v (concat fs) <= Z.of_nat (length fs) /\ (v (concat fs) = Z.of_nat (length fs) <-> forallb (fun f => v f =? 1) fs = true).
  Proof.
    induction fs as [|f fs IH]; intros F; [split; [apply Z.le_refl|split; reflexivity]|].
    cbn [concat length forallb]. rewrite Nat2Z.inj_succ. unfold v in *. rewrite lin_app.
    destruct IH as (A & B); [intros; apply F; right; auto|]. rewrite andb_true_iff, <- B, Z.eqb_eq.
    assert (lin rho f x = 0 \/ lin rho f x = 1) as H by (apply F; left; auto). lia.
  Qed.
  Lemma units_are g : flagged v g -> units_sum v (units_of g) = gate_sem v g.
  Proof.
    destruct g as [d|d|fs|l o|f a|a|a lo hi|a lo hi|l]; cbn [units_of gate_sem flagged]; intros F.
    - unfold units_sum. cbn [map sum fold_right fst snd]. rewrite !v_plus, v_one. destruct (Z.eqb_spec (v d) 0); lia.
    - unfold units_sum. cbn [map sum fold_right fst snd]. rewrite !v_plus, v_one. destruct (Z.leb_spec 0 (v d)); lia.
    - unfold units_sum. cbn [map sum fold_right fst snd]. rewrite !v_plus, v_one. destruct (all_is fs F) as (A & B).
      destruct (forallb _ fs); [|assert (v (concat fs) <> Z.of_nat (length fs)) by (intros E; apply B in E; discriminate)]; lia.
    - apply case_units_are; auto.
    - unfold units_sum. cbn [map sum fold_right fst snd]. ring.
    - unfold units_sum. cbn [map sum fold_right fst snd]. unfold v. rewrite lin_opposite. destruct (Z.max_spec (lin rho a x) 0) as [(? & ->)|(? & ->)], (Z.max_spec (- lin rho a x) 0) as [(? & ->)|(? & ->)]; try ring; nia.
    - assert (v [] = 0) as N by reflexivity. destruct lo as [|e lo], hi as [h|]; cbn [app]; unfold units_sum; cbn [map sum fold_right fst snd];
        rewrite ?v_minus, ?v_one, ?N; change (Z.max 1 0) with 1; ring.
    - unfold units_sum. cbn [map sum fold_right fst snd]. rewrite !v_minus, v_one. ring.
    - unfold units_sum. rewrite map_map. f_equal. apply map_ext. intros (g, a). cbn [fst snd]. ring.
  Qed.
End Units.
