(** F. What is known of coordinates: facts, and what linear forms are because of them. *)
From Coq Require Import ZArith List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network.
Import ListNotations.
Open Scope Z_scope.

Inductive fact :=
| Flag (c : nat)                  (* 0 or 1 *)
| Sq (c b : nat)                  (* c is the square of b *)
| Start (c : nat) (k : Z)         (* k at the first position *)
| First (c : nat)                 (* 1 at the first position, else 0 *)
| Pos (c : nat) (k : Z)           (* the position plus k *)
| Apart (c d : nat)               (* at most one of them is 1, the other 0 then; of flags *)
| Joint (cs : list nat) (vs : list (list Z))   (* the coordinates together are one of these vectors *)
| Def (c : nat) (g : gate).       (* what a gate says of the coordinates as they are *)
Definition columns (r : row) : list nat := map fst r.
Definition coords (f : fact) : list nat :=
  match f with Flag c | Start c _ | First c | Pos c _ => [c] | Sq c b | Apart c b => [c; b] | Joint cs _ => cs | Def c g => c :: flat_map columns (rows_of g) end.
Record facts := Facts { written : list nat; known : list fact }.

Definition has_flag (F : facts) c := existsb (fun f => match f with Flag d => Nat.eqb c d | _ => false end) (known F).
Definition has_first (F : facts) c := existsb (fun f => match f with First d => Nat.eqb c d | _ => false end) (known F).
Fixpoint find_sq l c := match l with [] => None | Sq d b :: l' => if Nat.eqb c d then Some b else find_sq l' c | _ :: l' => find_sq l' c end.
Fixpoint find_start l c := match l with [] => None | Start d k :: l' => if Nat.eqb c d then Some k else find_start l' c | _ :: l' => find_start l' c end.
Fixpoint find_def l c := match l with [] => None | Def d g :: l' => if Nat.eqb c d then Some g else find_def l' c | _ :: l' => find_def l' c end.
Definition has_apart (F : facts) c d := existsb (fun f => match f with Apart a b => Nat.eqb c a && Nat.eqb d b | _ => false end) (known F).
Lemma has_apart_In F c d : has_apart F c d = true -> In (Apart c d) (known F).
Proof. unfold has_apart. rewrite existsb_exists. intros ([| | | | |a b| |] & H & E); try discriminate. apply andb_prop in E. destruct E as (A & B). apply Nat.eqb_eq in A, B. subst. exact H. Qed.
Lemma has_flag_In F c : has_flag F c = true -> In (Flag c) (known F).
Proof. unfold has_flag. rewrite existsb_exists. intros ([d| | | | | | |] & H & E); try discriminate. apply Nat.eqb_eq in E. subst. exact H. Qed.
Lemma has_first_In F c : has_first F c = true -> In (First c) (known F).
Proof. unfold has_first. rewrite existsb_exists. intros ([| | |d| | | |] & H & E); try discriminate. apply Nat.eqb_eq in E. subst. exact H. Qed.
Lemma find_sq_In l c b : find_sq l c = Some b -> In (Sq c b) l.
Proof.
  induction l as [|[d|d e|d k|d|d k|d e|cs vs|d g] l IH]; cbn [find_sq]; intros H; try discriminate; try (right; auto; fail).
  destruct (Nat.eqb_spec c d); [|right; auto]. subst. injection H as ->. left. reflexivity.
Qed.
Lemma find_start_In l c k : find_start l c = Some k -> In (Start c k) l.
Proof.
  induction l as [|[d|d e|d k'|d|d k'|d e|cs vs|d g] l IH]; cbn [find_start]; intros H; try discriminate; try (right; auto; fail).
  destruct (Nat.eqb_spec c d); [|right; auto]. subst. injection H as ->. left. reflexivity.
Qed.
Lemma find_def_In l c g : find_def l c = Some g -> In (Def c g) l.
Proof.
  induction l as [|[d|d e|d k'|d|d k'|d e|cs vs|d g'] l IH]; cbn [find_def]; intros H; try discriminate; try (right; auto; fail).
  destruct (Nat.eqb_spec c d); [|right; auto]. subst. injection H as ->. left. reflexivity.
Qed.

Fixpoint const_of (p : poly) : option Z :=
  match p with [] => Some 0 | (c, m) :: p' => match m, const_of p' with [], Some k => Some (c + k) | _, _ => None end end.
Lemma const_of_is rho p : forall k, const_of p = Some k -> peval rho p = k.
Proof.
  induction p as [|(c, m) p IH]; cbn [const_of]; intros k H; [injection H as <-; reflexivity|].
  destruct m; [|discriminate]. destruct (const_of p); [|discriminate]. injection H as <-. rewrite peval_cons, (IH z) by auto.
  change (peval_mono rho []) with 1. ring.
Qed.
Fixpoint start_row (F : facts) (r : row) : option Z :=
  match r with
  | [] => Some 0
  | (c, p) :: r' =>
    match (if Nat.eqb c 0 then Some 1 else find_start (known F) c), start_row F r' with
    | Some s, Some t => if s =? 0 then Some t else match const_of p with Some k => Some (k * s + t) | None => None end
    | _, _ => None
    end
  end.
(** Bounds from flags; [later]: not at the first position. *)
Fixpoint bounds (F : facts) (later : bool) (r : row) : option (Z * Z) :=
  match r with
  | [] => Some (0, 0)
  | (c, p) :: r' =>
    match bounds F later r' with
    | None => None
    | Some (lo, hi) =>
      if later && has_first F c then Some (lo, hi) else
      match const_of p with
      | None => None
      | Some k => if Nat.eqb c 0 then Some (lo + k, hi + k)
                  else if has_flag F c then Some (lo + Z.min k 0, hi + Z.max k 0) else None
      end
    end
  end.
Definition row_is_flag F r : bool := match bounds F false r with Some (lo, hi) => (0 <=? lo) && (hi <=? 1) | None => false end.
(** Gates of which at most one is positive: each is an integer up to 1, and any two sum to at most 1. For a sum of two, either
    the bounds say so once equal terms are joined (a flag and its opposite), or two flags in it exclude each other. *)
Fixpoint add_entry (c : nat) (p : poly) (r : row) : row :=
  match r with [] => [(c, p)] | (d, q) :: r' => if Nat.eqb c d then (d, p ++ q) :: r' else (d, q) :: add_entry c p r' end.
Definition tidy (r : row) : row := fold_right (fun e acc => add_entry (fst e) (snd e) acc) [] r.
Lemma lin_tidy rho r x : lin rho (tidy r) x = lin rho r x.
Proof.
  assert (forall c p s, lin rho (add_entry c p s) x = peval rho p * x c + lin rho s x) as A.
  { intros c p. induction s as [|(d, q) s IH]; [reflexivity|]. cbn [add_entry]. destruct (Nat.eqb_spec c d) as [->|].
    - rewrite !lin_cons, peval_app. ring.
    - rewrite !lin_cons, IH. ring. }
  induction r as [|(c, p) r IH]; [reflexivity|]. unfold tidy. cbn [fold_right fst snd]. fold (tidy r). rewrite A, IH. reflexivity.
Qed.
Fixpoint constant_row (r : row) : option Z :=
  match r with
  | [] => Some 0
  | (c, p) :: r' => match const_of p, constant_row r' with
    | Some k, Some t => if Nat.eqb c 0 then Some (k + t) else if k =? 0 then Some t else None
    | _, _ => None end
  end.
Lemma constant_row_is rho r x : x 0%nat = 1 -> forall k, constant_row r = Some k -> lin rho r x = k.
Proof.
  intros One. induction r as [|(c, p) r IH]; cbn [constant_row]; intros k E; [injection E as <-; reflexivity|].
  destruct (const_of p) as [a|] eqn:Ep; [|discriminate]. destruct (constant_row r) as [t|]; [|discriminate].
  rewrite lin_cons, (const_of_is rho p a Ep), (IH t eq_refl). destruct (Nat.eqb_spec c 0) as [->|]; [injection E as <-; rewrite One; ring|].
  destruct (Z.eqb_spec a 0) as [->|]; [injection E as <-; ring|discriminate].
Qed.
(** The constant that two linear forms differ by, if they do. *)
Definition difference (r s : row) : option Z := constant_row (tidy (r ++ opposite s)).
Lemma difference_is rho r s x k : x 0%nat = 1 -> difference r s = Some k -> lin rho r x = lin rho s x + k.
Proof. intros One E. apply (constant_row_is rho _ x One) in E. rewrite lin_tidy, lin_app, lin_opposite in E. lia. Qed.
Definition apart F (c d : nat) : bool :=
  has_apart F c d || has_apart F d c ||
  match find_def (known F) c, find_def (known F) d with
  | Some (Equal a), Some (Equal b) => match difference a b with Some k => negb (k =? 0) | None => false end
  | Some (Equal a), Some (AtLeast b) => match difference b a with Some k => k <? 0 | None => false end
  | Some (AtLeast a), Some (Equal b) => match difference a b with Some k => k <? 0 | None => false end
  | Some (AtLeast a), Some (AtLeast b) => match difference a (opposite b) with Some k => k <? 0 | None => false end
  | _, _ => false
  end.
Definition upper F (r : row) (k : Z) : bool := match bounds F false (tidy r) with Some (_, hi) => hi <=? k | None => false end.
Definition at_most_one F (g h : row) : bool :=
  if upper F (g ++ h) 1 then true else
  existsb (fun c => existsb (fun d => if apart F c d then upper F (g ++ h ++ opposite (coord c) ++ opposite (coord d)) 0 else false) (columns h)) (columns g).
Fixpoint exclusive F (l : list (row * row)) : bool :=
  match l with [] => true | (g, _) :: l' => upper F g 1 && forallb (fun h => at_most_one F g (fst h)) l' && exclusive F l' end.
Definition never_negative F r : bool := match bounds F true r with Some (lo, _) => 0 <=? lo | None => false end.
Definition zero_at_start F r : bool := match start_row F r with Some k => k =? 0 | None => false end.
Definition is_place F r : bool :=
  existsb (fun f => match f with Pos c k => same_row r (plus (coord c) (- k)) | _ => false end) (known F).
(** Coordinates that gates square are replaced by what is squared. *)
Definition subst_v F (v : var) : P :=
  match v with
  | X c => match find_def (known F) c with Some (Square a) => pmul (of_row X a) (of_row X a) | _ => [(1, [v])] end
  | Y c => match find_def (known F) c with Some (Square a) => pmul (of_row Y a) (of_row Y a) | _ => [(1, [v])] end
  | _ => [(1, [v])]
  end.
Definition subst_m F (m : mono) : P := fold_right (fun v p => pmul (subst_v F v) p) [(1, [])] m.
Definition subst F (p : P) : P := flat_map (fun cm => pmul [(fst cm, [])] (subst_m F (snd cm))) p.
Definition equal_polys F p q := same_poly (find_sq (known F)) (has_flag F) (subst F p) (subst F q).
Definition is_square F (r2 r1 : row) : bool := equal_polys F (of_row X r2) (pmul (of_row X r1) (of_row X r1)).
Definition within F (r : row) : bool := forallb (fun c => mem c (written F)) (columns r).
Definition extend F (ks : list nat) (new : list fact) : facts :=
  {| written := ks ++ written F;
     known := filter (fun f => forallb (fun c => mem c (ks ++ written F)) (coords f)) new ++ known F |}.

(** ** Soundness *)
Section Sound.
  Variables (rho : env) (len : nat).
  Notation stream_ := (nat -> nat -> Z).
  Definition fact_holds (x : stream_) (f : fact) : Prop :=
    match f with
    | Flag c => forall i, (i < len)%nat -> x i c = 0 \/ x i c = 1
    | Sq c b => forall i, (i < len)%nat -> x i c = x i b * x i b
    | Start c k => (0 < len)%nat -> x 0%nat c = k
    | First c => forall i, (i < len)%nat -> x i c = start i
    | Pos c k => forall i, (i < len)%nat -> x i c = Z.of_nat i + k
    | Apart c d => forall i, (i < len)%nat -> x i c + x i d <= 1
    | Joint cs vs => forall i, (i < len)%nat -> In (map (x i) cs) vs
    | Def c g => forall i, (i < len)%nat -> x i c = gate_sem (fun r => lin rho r (x i)) g
    end.
  Definition holds (F : facts) (x : stream_) : Prop :=
    (forall i, (i < len)%nat -> x i 0%nat = 1) /\ In 0%nat (written F) /\
    (forall i c, (i < len)%nat -> ~ In c (written F) -> x i c = 0) /\
    (forall f, In f (known F) -> incl (coords f) (written F) /\ fact_holds x f).

  Lemma fact_stable x y f : (forall i c, (i < len)%nat -> In c (coords f) -> y i c = x i c) -> fact_holds x f -> fact_holds y f.
  Proof.
    destruct f as [c|c b|c k|c|c k|c b|cs vs|c g]; cbn [fact_holds coords]; intros A H.
    - intros i Hi. rewrite A by (cbn; auto). auto.
    - intros i Hi. rewrite !A by (cbn; auto). auto.
    - intros Hl. rewrite A by (cbn; auto). auto.
    - intros i Hi. rewrite A by (cbn; auto). auto.
    - intros i Hi. rewrite A by (cbn; auto). auto.
    - intros i Hi. rewrite !A by (cbn; auto). auto.
    - intros i Hi. rewrite (map_ext_in _ (x i)) by (intros; apply A; auto). auto.
    - intros i Hi. rewrite A by (cbn; auto). rewrite H by auto. apply gate_sem_ext. intros r R. apply lin_ext. intros d D.
      symmetry. apply A; auto. right. apply in_flat_map. exists r. auto.
  Qed.
  Lemma holds_extend F x y ks new : holds F x ->
    (forall i c, (i < len)%nat -> In c (written F) -> y i c = x i c) ->
    (forall i c, (i < len)%nat -> ~ In c (ks ++ written F) -> y i c = 0) ->
    (forall f, In f new -> fact_holds y f) -> holds (extend F ks new) y.
  Proof.
    intros (One & W0 & Zero & K) A B N. unfold extend, holds. cbn [written known]. repeat split.
    - intros i Hi. rewrite A by auto. auto.
    - apply in_or_app. auto.
    - exact B.
    - apply in_app_or in H. destruct H as [H|H].
      + apply filter_In in H. destruct H as (_ & H). rewrite forallb_forall in H. intros c C. apply mem_In. auto.
      + intros c C. apply in_or_app. right. apply (K f H). exact C.
    - apply in_app_or in H. destruct H as [H|H].
      + apply filter_In in H. apply N. apply H.
      + destruct (K f H) as (I & G). apply (fact_stable x); auto.
  Qed.

  Section Facts.
    Variables (F : facts) (x : stream_).
    Hypothesis H : holds F x.
    Lemma h_one i : (i < len)%nat -> x i 0%nat = 1. Proof. apply H. Qed.
    Lemma h_flag c i : has_flag F c = true -> (i < len)%nat -> x i c = 0 \/ x i c = 1.
    Proof. intros K Hi. apply has_flag_In in K. apply H in K. apply K. exact Hi. Qed.
    Lemma h_first c i : has_first F c = true -> (i < len)%nat -> x i c = start i.
    Proof. intros K Hi. apply has_first_In in K. apply H in K. apply K. exact Hi. Qed.
    Lemma h_sq c b i : find_sq (known F) c = Some b -> (i < len)%nat -> x i c = x i b * x i b.
    Proof. intros K Hi. apply find_sq_In in K. apply H in K. apply K. exact Hi. Qed.
    Lemma h_start c k : find_start (known F) c = Some k -> (0 < len)%nat -> x 0%nat c = k.
    Proof. intros K Hi. apply find_start_In in K. apply H in K. apply K. exact Hi. Qed.
    Lemma h_def c g i : find_def (known F) c = Some g -> (i < len)%nat -> x i c = gate_sem (fun r => lin rho r (x i)) g.
    Proof. intros K Hi. apply find_def_In in K. apply H in K. apply K. exact Hi. Qed.

    Lemma start_row_is r : forall k, start_row F r = Some k -> (0 < len)%nat -> lin rho r (x 0%nat) = k.
    Proof.
      induction r as [|(c, p) r IH]; cbn [start_row]; intros k E Hl; [injection E as <-; reflexivity|].
      rewrite lin_cons. destruct (if Nat.eqb c 0 then Some 1 else find_start (known F) c) as [s|] eqn:Es; [|discriminate].
      assert (x 0%nat c = s) as ->.
      { destruct (Nat.eqb_spec c 0); [injection Es as <-; subst; apply h_one; auto|apply h_start; auto]. }
      destruct (start_row F r) as [t|]; [|discriminate]. rewrite (IH t) by auto. destruct (Z.eqb_spec s 0) as [->|].
      - injection E as <-. ring.
      - destruct (const_of p) as [k'|] eqn:Ek; [|discriminate]. injection E as <-. rewrite (const_of_is rho p k') by auto. ring.
    Qed.
    Lemma bounds_are later i : (i < len)%nat -> (later = true -> i <> 0%nat) -> forall r lo hi, bounds F later r = Some (lo, hi) ->
      lo <= lin rho r (x i) <= hi.
    Proof.
      intros Hi L. induction r as [|(c, p) r IH]; cbn [bounds]; intros lo hi E; [injection E as <- <-; cbn; lia|].
      destruct (bounds F later r) as [(lo', hi')|]; [|discriminate]. specialize (IH lo' hi' eq_refl). rewrite lin_cons.
      destruct (later && has_first F c) eqn:B.
      - apply andb_prop in B. destruct B as (B & B'). injection E as <- <-. rewrite (h_first c i) by auto.
        specialize (L B). unfold start. destruct i; [congruence|]. lia.
      - destruct (const_of p) as [k|] eqn:Ek; [|discriminate]. rewrite (const_of_is rho p k) by auto.
        destruct (Nat.eqb_spec c 0) as [->|].
        + injection E as <- <-. rewrite h_one by auto. lia.
        + destruct (has_flag F c) eqn:Fl; [|discriminate]. injection E as <- <-. destruct (h_flag c i Fl Hi) as [-> | ->]; lia.
    Qed.
    Lemma row_is_flag_is r i : row_is_flag F r = true -> (i < len)%nat -> lin rho r (x i) = 0 \/ lin rho r (x i) = 1.
    Proof.
      unfold row_is_flag. destruct (bounds F false r) as [(lo, hi)|] eqn:B; [|discriminate]. rewrite andb_true_iff, !Z.leb_le.
      intros (A & C) Hi. pose proof (bounds_are false i Hi ltac:(discriminate) _ _ _ B). lia.
    Qed.
    Lemma upper_is r k i : upper F r k = true -> (i < len)%nat -> lin rho r (x i) <= k.
    Proof.
      unfold upper. destruct (bounds F false (tidy r)) as [(lo, hi)|] eqn:B; [|discriminate]. rewrite Z.leb_le. intros C Hi.
      pose proof (bounds_are false i Hi ltac:(discriminate) _ _ _ B) as D. rewrite lin_tidy in D. lia.
    Qed.
    Lemma apart_is c d i : apart F c d = true -> (i < len)%nat -> x i c + x i d <= 1.
    Proof.
      intros A Hi. assert (x i 0%nat = 1) as One by (apply h_one; auto). unfold apart in A. rewrite !orb_true_iff in A. destruct A as [[A|A]|A].
      - apply has_apart_In in A. apply H in A. apply A. exact Hi.
      - apply has_apart_In in A. apply H in A. destruct A as (_ & A). rewrite Z.add_comm. apply A. exact Hi.
      - destruct (find_def (known F) c) as [g|] eqn:Dc; [|discriminate]. destruct (find_def (known F) d) as [h|] eqn:Dd; [|destruct g; discriminate].
        rewrite (h_def c g i Dc Hi), (h_def d h i Dd Hi).
        destruct g as [a|a| | | | | | |]; try discriminate; destruct h as [b|b| | | | | | |]; try discriminate; cbn [gate_sem];
          match type of A with match ?o with _ => _ end = true => destruct o as [k|] eqn:E; [|discriminate] end;
          apply (difference_is rho _ _ (x i) k One) in E; rewrite ?lin_opposite in E; rewrite ?negb_true_iff, ?Z.eqb_neq, ?Z.ltb_lt in A.
        + destruct (Z.eqb_spec (lin rho a (x i)) 0), (Z.eqb_spec (lin rho b (x i)) 0); lia.
        + destruct (Z.eqb_spec (lin rho a (x i)) 0), (Z.leb_spec 0 (lin rho b (x i))); lia.
        + destruct (Z.leb_spec 0 (lin rho a (x i))), (Z.eqb_spec (lin rho b (x i)) 0); lia.
        + destruct (Z.leb_spec 0 (lin rho a (x i))), (Z.leb_spec 0 (lin rho b (x i))); lia.
    Qed.
    Lemma at_most_one_is g h i : at_most_one F g h = true -> (i < len)%nat -> lin rho g (x i) + lin rho h (x i) <= 1.
    Proof.
      intros A Hi. unfold at_most_one in A. destruct (upper F (g ++ h) 1) eqn:U.
      - apply (upper_is _ _ i) in U; auto. rewrite lin_app in U. lia.
      - apply existsb_exists in A. destruct A as (c & _ & A). apply existsb_exists in A. destruct A as (d & _ & A).
        destruct (apart F c d) eqn:Ap; [|discriminate]. pose proof (apart_is c d i Ap Hi). apply (upper_is _ _ i) in A; auto.
        rewrite !lin_app, !lin_opposite, !lin_coord in A. lia.
    Qed.
    (** The value of a gate of which at most one alternative is open: 0, or that alternative's. *)
    Lemma exclusive_is l i : exclusive F l = true -> (i < len)%nat ->
      let v r := lin rho r (x i) in
      (forall ga, In ga l -> v (fst ga) <= 0) /\ gate_sem v (OneOf l) = 0 \/ exists ga, In ga l /\ v (fst ga) = 1 /\ gate_sem v (OneOf l) = v (snd ga).
    Proof.
      intros A Hi v. cbn [gate_sem]. induction l as [|(g, a) l IH]; [left; split; [intros ? []|reflexivity]|].
      cbn [exclusive] in A. rewrite !andb_true_iff in A. destruct A as ((U & P) & A). apply (upper_is _ _ i) in U; auto. fold (v g) in U.
      assert (forall l', (forall ga, In ga l' -> v (fst ga) <= 0) -> sum (map (fun ga => Z.max (v (fst ga)) 0 * v (snd ga)) l') = 0) as Closed.
      { induction l' as [|(h, b) l' IHl]; intros C; [reflexivity|]. cbn [map sum fold_right fst snd]. unfold sum in IHl.
        rewrite IHl by (intros; apply C; right; auto). pose proof (C (h, b) (or_introl eq_refl)) as Ch. cbn [fst] in Ch. rewrite Z.max_r by lia. ring. }
      cbn [map sum fold_right fst snd]. fold (sum (map (fun ga => Z.max (v (fst ga)) 0 * v (snd ga)) l)).
      destruct (Z_le_gt_dec (v g) 0) as [N|Q].
      - rewrite Z.max_r by lia. destruct (IH A) as [(C & E)|(ga & I & O & E)]; rewrite E.
        + left. split; [|ring]. intros ga [<-|I]; [exact N|auto].
        + right. exists ga. split; [right; exact I|]. split; [exact O|ring].
      - right. exists (g, a). cbn [fst snd]. split; [left; reflexivity|]. split; [lia|]. rewrite Closed.
        + rewrite Z.max_l by lia. replace (v g) with 1 by lia. ring.
        + intros ga I. pose proof (at_most_one_is g (fst ga) i ltac:(rewrite forallb_forall in P; apply (P ga I)) Hi) as S. fold (v g) in S. fold (v (fst ga)) in S. lia.
    Qed.
    Lemma zero_at_start_is r : zero_at_start F r = true -> (0 < len)%nat -> lin rho r (x 0%nat) = 0.
    Proof.
      unfold zero_at_start. destruct (start_row F r) as [k|] eqn:E; [|discriminate]. rewrite Z.eqb_eq. intros -> Hl. apply start_row_is; auto.
    Qed.
    Lemma never_negative_is r j : never_negative F r = true -> zero_at_start F r = true -> (j < len)%nat -> 0 <= lin rho r (x j).
    Proof.
      unfold never_negative. destruct (bounds F true r) as [(lo, hi)|] eqn:B; [|discriminate]. rewrite Z.leb_le. intros A Z0 Hj.
      destruct j as [|j]; [rewrite zero_at_start_is by (auto; lia); lia|].
      pose proof (bounds_are true (S j) Hj ltac:(discriminate) _ _ _ B). lia.
    Qed.
    Lemma ev_subst p i j : (i < len)%nat -> (j < len)%nat -> ev (val rho x i j) (subst F p) = ev (val rho x i j) p.
    Proof.
      intros Hi Hj. assert (forall v, ev (val rho x i j) [(1, [v])] = val rho x i j v) as One by (intros v; unfold ev, ev_m; cbn [fold_right fst snd]; ring).
      assert (forall v, ev (val rho x i j) (subst_v F v) = val rho x i j v) as Ev.
      { intros [u|c|c|]; cbn [subst_v]; try apply One; destruct (find_def (known F) c) as [[| | | | |a| | |]|] eqn:D; try apply One; cbn [val].
        - rewrite (h_def c _ i D Hi), ev_pmul, !(ev_of_row rho x i j X i) by reflexivity. reflexivity.
        - rewrite (h_def c _ j D Hj), ev_pmul, !(ev_of_row rho x i j Y j) by reflexivity. reflexivity. }
      assert (forall m, ev (val rho x i j) (subst_m F m) = ev_m (val rho x i j) m) as Em.
      { induction m as [|v m IH]; [reflexivity|]. unfold subst_m. cbn [fold_right]. fold (subst_m F m). rewrite ev_pmul, Ev, IH. reflexivity. }
      induction p as [|(c, m) p IH]; [reflexivity|]. unfold subst. cbn [flat_map fst snd]. fold (subst F p). rewrite ev_app, ev_pmul, Em, IH, (ev_cons _ c m p).
      assert (ev (val rho x i j) [(c, [])] = c) as -> by (change (c * 1 + 0 = c); ring). reflexivity.
    Qed.
    Lemma equal_polys_is p q i j : equal_polys F p q = true -> (i < len)%nat -> (j < len)%nat -> ev (val rho x i j) p = ev (val rho x i j) q.
    Proof.
      intros E Hi Hj. rewrite <- (ev_subst p i j Hi Hj), <- (ev_subst q i j Hi Hj). apply same_poly_sound with (square := find_sq (known F)) (flag := has_flag F); auto.
      - intros c b S. split; apply h_sq; auto.
      - split; apply h_one; auto.
      - intros c Fl. cbn [val]. destruct (h_flag c i Fl Hi) as [-> | ->], (h_flag c j Fl Hj) as [-> | ->]; split; reflexivity.
    Qed.
    Lemma is_square_is r2 r1 i : is_square F r2 r1 = true -> (i < len)%nat -> lin rho r2 (x i) = lin rho r1 (x i) * lin rho r1 (x i).
    Proof.
      intros E Hi. apply (equal_polys_is _ _ i i) in E; auto. rewrite ev_pmul, !(ev_of_row rho x i i X i) in E by reflexivity. exact E.
    Qed.
    Lemma is_place_is r i : is_place F r = true -> (i < len)%nat -> lin rho r (x i) = Z.of_nat i.
    Proof.
      unfold is_place. rewrite existsb_exists. intros (f & K & E) Hi. destruct f as [| | | |c k| | |]; try discriminate.
      apply H in K. destruct K as (_ & K). cbn [fact_holds] in K. rewrite (same_row_sound rho _ _ (x i) E). unfold plus.
      rewrite lin_app, lin_coord, lin_number, K by (auto using h_one). ring.
    Qed.
  End Facts.
End Sound.
