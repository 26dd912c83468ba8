(** M. Averages: some coordinates hold fractions. What heads look for and what opens gates are integers as before. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound NetModel NetTop NetRange NetFull.
Import ListNotations.
Open Scope Z_scope.

(** ** Linear forms of fractions *)
Definition linq rho (r : row) (X : nat -> Qc) : Qc := times QcN rho r X.
Lemma linq_cons rho c p r X : linq rho ((c, p) :: r) X = (inj (peval rho p) * X c + linq rho r X)%Qc. Proof. reflexivity. Qed.
Lemma linq_app rho r s X : linq rho (r ++ s) X = (linq rho r X + linq rho s X)%Qc.
Proof. induction r as [|(c, p) r IH]; [cbn [app]; change (linq rho [] X) with 0%Qc; ring|]. cbn [app]. rewrite !linq_cons, IH. ring. Qed.
Lemma linq_row_mul rho p r X : linq rho (row_mul p r) X = (inj (peval rho p) * linq rho r X)%Qc.
Proof.
  induction r as [|(c, q) r IH]; [change (0 = inj (peval rho p) * 0)%Qc; ring|].
  change (row_mul p ((c, q) :: r)) with ((c, poly_mul p q) :: row_mul p r). rewrite !linq_cons, IH, peval_mul, inj_mul. ring.
Qed.
Lemma linq_compose rho o m X : linq rho (compose o m) X = linq rho o (fun r => linq rho (nth r m []) X).
Proof.
  induction o as [|(r, p) o IH]; [reflexivity|]. change (compose ((r, p) :: o) m) with (row_mul p (nth r m []) ++ compose o m).
  rewrite linq_app, linq_row_mul, IH, linq_cons. reflexivity.
Qed.
Lemma linq_ext rho r X Y : (forall c, In c (columns r) -> X c = Y c) -> linq rho r X = linq rho r Y.
Proof.
  induction r as [|(c, p) r IH]; intros H; [reflexivity|]. rewrite !linq_cons, IH, (H c); auto; [left; reflexivity|].
  intros d D. apply H. right. exact D.
Qed.
Lemma linq_inj rho r X x : (forall c, In c (columns r) -> X c = inj (x c)) -> linq rho r X = inj (lin rho r x).
Proof.
  induction r as [|(c, p) r IH]; intros H; [reflexivity|]. rewrite linq_cons, lin_cons, inj_add, inj_mul, IH, (H c); auto; [left; reflexivity|].
  intros d D. apply H. right. exact D.
Qed.
Definition qsum (l : list Qc) : Qc := fold_right Qcplus 0%Qc l.
Lemma qsum_add {A} (f g : A -> Qc) l : qsum (map (fun a => (f a + g a)%Qc) l) = (qsum (map f l) + qsum (map g l))%Qc.
Proof. induction l as [|a l IH]; [cbn; ring|]. unfold qsum in *. cbn [map fold_right]. rewrite IH. ring. Qed.
Lemma qsum_scale {A} k (f : A -> Qc) l : qsum (map (fun a => (k * f a)%Qc) l) = (k * qsum (map f l))%Qc.
Proof. induction l as [|a l IH]; [cbn; ring|]. unfold qsum in *. cbn [map fold_right]. rewrite IH. ring. Qed.
Lemma qsum_at (X : nat -> Qc) k c n s : qsum (map (fun d => (inj (k * (if Nat.eqb c d then 1 else 0)) * X d)%Qc) (seq s n)) =
  if (Nat.leb s c && Nat.ltb c (s + n))%bool then (inj k * X c)%Qc else 0%Qc.
Proof.
  revert s. induction n as [|n IH]; intros s.
  - cbn [seq map qsum fold_right]. destruct (Nat.leb_spec s c), (Nat.ltb_spec c (s + 0)); try reflexivity; lia.
  - cbn [seq map]. unfold qsum in *. cbn [fold_right]. rewrite IH. destruct (Nat.eqb_spec c s) as [->|N].
    + rewrite Z.mul_1_r. destruct (Nat.leb_spec (S s) s), (Nat.leb_spec s s), (Nat.ltb_spec s (s + S n)); try lia. cbn [andb]. ring.
    + rewrite Z.mul_0_r. change (inj 0) with 0%Qc.
      destruct (Nat.leb_spec (S s) c), (Nat.leb_spec s c), (Nat.ltb_spec c (S s + n)), (Nat.ltb_spec c (s + S n)); try lia; cbn [andb]; ring.
Qed.
Definition coef rho (r : row) (c : nat) : Z := lin rho r (fun d => if Nat.eqb d c then 1 else 0).
Lemma linq_coef rho r X n : (forall c, In c (columns r) -> (c < n)%nat) -> linq rho r X = qsum (map (fun c => (inj (coef rho r c) * X c)%Qc) (seq 0 n)).
Proof.
  induction r as [|(c, p) r IH]; intros H.
  - change (linq rho [] X) with 0%Qc. clear H. induction (seq 0 n) as [|a l IHl]; [reflexivity|]. unfold qsum in *. cbn [map fold_right]. rewrite <- IHl.
    change (inj (coef rho [] a)) with 0%Qc. ring.
  - rewrite linq_cons, IH by (intros d D; apply H; right; exact D). pose proof (qsum_at X (peval rho p) c n 0) as At.
    assert ((c < n)%nat) as Cn by (apply H; left; reflexivity). destruct (Nat.leb_spec 0 c), (Nat.ltb_spec c (0 + n)); try lia. cbn [andb] in At. rewrite <- At, <- qsum_add.
    f_equal. apply map_ext. intros d. unfold coef at 2. rewrite lin_cons, inj_add. fold (coef rho r d). ring.
Qed.
Lemma same_row_q rho r s X : same_row r s = true -> linq rho r X = linq rho s X.
Proof.
  intros H. set (n := S (list_max (columns r ++ columns s))).
  assert (forall c, In c (columns r ++ columns s) -> (c < n)%nat) as B.
  { intros c I. pose proof (proj1 (list_max_le (columns r ++ columns s) _) (Nat.le_refl _)) as F. rewrite Forall_forall in F. specialize (F c I). unfold n. lia. }
  rewrite (linq_coef rho r X n) by (intros c I; apply B, in_or_app; auto). rewrite (linq_coef rho s X n) by (intros c I; apply B, in_or_app; auto).
  f_equal. apply map_ext. intros c. unfold coef. rewrite (same_row_sound rho r s _ H). reflexivity.
Qed.
Lemma mean_is (l : list Qc) : @mean QcN l = (qsum l / inj (Z.of_nat (length l)))%Qc. Proof. reflexivity. Qed.
(** An average of linear forms is the linear form of the averages. *)
Lemma linq_mean {A} rho o (f : nat -> A -> Qc) (js : list A) :
  linq rho o (fun r => @mean QcN (map (f r) js)) = @mean QcN (map (fun j => linq rho o (fun r => f r j)) js).
Proof.
  set (k := inj (Z.of_nat (length js))). induction o as [|(c, p) o IH].
  - assert (qsum (map (fun j : A => linq rho [] (fun r => f r j)) js) = 0%Qc) as E.
    { clear k. induction js as [|j js IHj]; [reflexivity|]. cbn [map]. unfold qsum in *. cbn [fold_right]. rewrite IHj. change (linq rho [] (fun r => f r j)) with 0%Qc. ring. }
    rewrite mean_is, map_length, E. fold k. change (linq rho [] (fun r => @mean QcN (map (f r) js))) with 0%Qc. unfold Qcdiv. ring.
  - rewrite linq_cons, IH. rewrite (map_ext (fun j => linq rho ((c, p) :: o) (fun r => f r j)) (fun j => (inj (peval rho p) * f c j + linq rho o (fun r => f r j))%Qc)) by (intros; apply linq_cons).
    rewrite !mean_is, !map_length, qsum_add, qsum_scale. fold k. unfold Qcdiv. ring.
Qed.

(** ** Gadgets that write fractions *)
Inductive fraction :=
| Mean (pairs : list (row * row)) (excluded : row) (begin : nat) (read : row)      (* over the first position and all matches *)
| Times (factor value : row).                                                     (* max(factor, 0) * value *)
Record mean_network := MeanNetwork {
  base : network;                                   (* everything that holds integers *)
  fractions : list (list (nat * fraction));         (* stage by stage *)
  sign : row }.                                     (* 1 is written if it is positive, else 0 *)
Definition tied rho (l : list (row * row)) (e : row) (x : nat -> nat -> Z) (i : nat) : list nat :=
  filter (fun j => Nat.eqb j 0 || ((if list_eq_dec Z.eq_dec (keys rho l x j) (queries rho l x i) then true else false) && (lin rho e (x j) =? 0))) (seq 0 (S i)).
Definition fraction_sem rho (x : nat -> nat -> Z) (m : nat -> nat -> Qc) (i : nat) (g : fraction) : Qc :=
  match g with
  | Mean l e _ r => @mean QcN (map (fun j => linq rho r (m j)) (tied rho l e x i))
  | Times f a => (inj (Z.max (lin rho f (x i)) 0) * linq rho a (m i))%Qc
  end.
(** A stage computes integers, and fractions beside them. *)
Definition mixed_sem rho (R : list nat) (s : stage) (fs : list (nat * fraction)) (x : nat -> nat -> Z) (m : nat -> nat -> Qc) : nat -> nat -> Qc :=
  fun i c => match assoc c fs with Some g => fraction_sem rho x m i g | None => if mem c R then m i c else inj (stage_sem rho s x i c) end.
Fixpoint run_mixed rho R (ss : list stage) (fss : list (list (nat * fraction))) (x : nat -> nat -> Z) (m : nat -> nat -> Qc) : nat -> nat -> Qc :=
  match ss with
  | [] => m
  | s :: ss' => run_mixed rho R ss' (tl fss) (stage_sem rho s x) (mixed_sem rho R s (hd [] fss) x m)
  end.
Definition places_of (fss : list (list (nat * fraction))) : list nat := flat_map (map fst) fss.
Definition mean_stream rho (N : mean_network) (w : list tok) : nat -> nat -> Qc :=
  let x := embedding rho (features (base N)) w in
  run_mixed rho (places_of (fractions N)) (stages (base N)) (fractions N) x (fun i c => inj (x i c)).

(** ** The check: the layers without the rows that write fractions are those of a network of integers. *)
Section Check.
  Variable R : list nat.
  Definition avoids (r : row) : bool := forallb (fun c => negb (mem c R)) (columns r).
  Fixpoint blank_from (k : nat) (m : matrix) : matrix :=
    match m with [] => [] | r :: m' => (if mem k R then [] else r) :: blank_from (S k) m' end.
  Definition blank := blank_from 0.
  Lemma blank_is m c : nth c (blank m) [] = if mem c R then [] else nth c m [].
  Proof.
    unfold blank. assert (forall k, nth c (blank_from k m) [] = if mem (k + c) R then [] else nth c m []) as G; [|apply (G 0%nat)].
    revert c. induction m as [|r m IH]; intros c k; cbn [blank_from]; [destruct c; destruct (mem _ R); reflexivity|].
    destruct c as [|c]; cbn [nth]; [rewrite Nat.add_0_r; reflexivity|]. rewrite IH. rewrite Nat.add_succ_r. reflexivity.
  Qed.
  Definition blank_head (h : head) : head := Head (query h) (key h) (value h) (blank (Model.output h)) (slope h).
  (** A head that writes fractions alone is none of the network's. *)
  Definition kept (h : head) : bool := negb (forallb nothing (blank (Model.output h))) || forallb nothing (Model.output h).
  Definition mask (L : layer) : layer :=
    match L with
    | Attention hs => Attention (map blank_head (filter kept hs))
    | FeedForward g v o => FeedForward g v (blank o)
    | Recurrence _ _ _ _ => L
    end.
  Definition integers_apart (L : layer) : bool :=
    match L with
    | Attention hs => forallb (fun h => forallb avoids (query h) && forallb avoids (key h) &&
        forallb (fun o => forallb (fun r => avoids (nth r (value h) [])) (columns o)) (blank (Model.output h))) hs
    | FeedForward g v o => forallb (fun r => forallb (fun u => avoids (nth u g []) && avoids (nth u v [])) (columns r)) (blank o)
    | Recurrence a b o d => forallb avoids b && forallb nothing d && forallb (fun c => nothing (nth c o [])) R
    end.
  Definition untouched (L : layer) (c : nat) : bool :=
    match L with
    | Attention hs => forallb (fun h => nothing (nth c (Model.output h) [])) hs
    | FeedForward g v o => nothing (nth c o [])
    | Recurrence a b o d => nothing (nth c o []) && nothing (nth c d [])
    end.
  Definition mean_target l e b : P :=
    pmul [(2, [])] (total_of (fun kq => pmul (of_row X (snd kq)) (of_row Y (fst kq))) l)
    ++ neg (total_of (fun kq => pmul (of_row Y (fst kq)) (of_row Y (fst kq))) l) ++ neg (of_row Y e)
    ++ pmul (total_of (fun kq => pmul (of_row X (snd kq)) (of_row X (snd kq))) l) (of_row Y (coord b)).
  Definition check_fraction F (L : layer) (c : nat) (g : fraction) : bool :=
    match L, g with
    | Attention hs, Mean l e b r =>
      match filter (fun h => negb (nothing (nth c (Model.output h) []))) hs with
      | [h] => has_first F b && never_negative F e && zero_at_start F e && forallb (fun kq => zero_at_start F (fst kq)) l &&
               equal_polys F (of_score h) (mean_target l e b) && same_row (compose (nth c (Model.output h) []) (value h)) r
      | _ => false end
    | FeedForward gm vm o, Times f a =>
      match nth c o [] with
      | [(u, p)] => same_entry p (const 1) && avoids (nth u gm []) && same_row (nth u gm []) f && same_row (nth u vm []) a
      | _ => false end
    | _, _ => false
    end.
  Definition check_mixed F (old : list nat) (L : layer) (s : stage) (fs : list (nat * fraction)) : bool :=
    check_stage F (mask L) s && integers_apart L &&
    forallb (fun c => mem c R && negb (mem c old)) (map fst fs) &&
    forallb (fun c => match assoc c fs with Some g => check_fraction F L c g | None => untouched L c end) R.
  Fixpoint check_mixeds F claims old (Ls : list layer) (ss : list stage) (fss : list (list (nat * fraction))) : bool :=
    match Ls, ss with
    | [], [] => true
    | L :: Ls', s :: ss' => check_mixed F old L s (hd [] fss) && check_mixeds (next_facts F claims s) claims (map fst (hd [] fss) ++ old) Ls' ss' (tl fss)
    | _, _ => false
    end.
End Check.

(** ** Soundness *)
Section Sound.
  Variables (rho : env) (len : nat) (R : list nat).
  Lemma avoids_In r c : avoids R r = true -> In c (columns r) -> mem c R = false.
  Proof. intros A I. pose proof (forallb_In _ _ c A I) as E. cbv beta in E. rewrite negb_true_iff in E. exact E. Qed.
  Lemma avoids_inj r X (x : nat -> Z) : avoids R r = true -> (forall c, mem c R = false -> X c = inj (x c)) -> linq rho r X = inj (lin rho r x).
  Proof. intros A H. apply linq_inj. intros c I. apply H. apply (avoids_In r); auto. Qed.
  Lemma nth_avoids m k : forallb (avoids R) m = true -> avoids R (nth k m []) = true.
  Proof. intros A. destruct (nth_in_or_default k m []) as [I| ->]; [apply (forallb_In _ _ _ A I)|reflexivity]. Qed.

  Section Layer.
    Variables (X : nat -> vec QcN) (x : nat -> nat -> Z).
    Hypothesis ints : forall i c, (i < len)%nat -> mem c R = false -> X i c = inj (x i c).
    Lemma row_inj r i : avoids R r = true -> (i < len)%nat -> times QcN rho r (X i) = inj (lin rho r (x i)).
    Proof. intros A Hi. apply (avoids_inj r (X i) (x i) A). intros c Hc. apply ints; auto. Qed.
    Lemma score_mixed h i j : forallb (avoids R) (query h) = true -> forallb (avoids R) (key h) = true -> (i < len)%nat -> (j < len)%nat ->
      score QcN rho h X i j = inj (score ZN rho h x i j).
    Proof.
      intros Q K Hi Hj. unfold score. cbn [add QcN ZN]. rewrite inj_add. f_equal. apply total_inj. intros (q, k) I. cbn [fst snd mul QcN ZN]. rewrite inj_mul.
      f_equal; apply row_inj; auto.
      - apply (forallb_In _ _ _ Q). apply (in_combine_l _ _ _ _ I).
      - apply (forallb_In _ _ _ K). apply (in_combine_r _ _ _ _ I).
    Qed.
    Lemma picks_mixed h i : forallb (avoids R) (query h) = true -> forallb (avoids R) (key h) = true -> (i < len)%nat ->
      picks QcN rho h X i = picks ZN rho h x i.
    Proof.
      intros Q K Hi. unfold picks. apply filter_ext_in'. intros j Hj. apply in_seq in Hj. apply forallb_ext. intros j' Hj'. apply in_seq in Hj'.
      cbn [leb QcN ZN]. rewrite !score_mixed by (auto; lia). apply inj_leb.
    Qed.
    Lemma nothing_is r : nothing r = true -> r = []. Proof. destruct r; [reflexivity|discriminate]. Qed.
    Lemma nth_nothing m c : forallb nothing m = true -> nth c m ([] : row) = [].
    Proof. intros A. destruct (nth_in_or_default c m ([] : row)) as [I|E]; [|exact E]. apply nothing_is. apply (forallb_In _ _ _ A I). Qed.
    Lemma read_nothing (N : numbers) h (xs : nat -> vec N) i c : nth c (Model.output h) [] = [] -> read_head N rho h xs i c = zero.
    Proof. intros E. unfold read_head, at_row. rewrite E. reflexivity. Qed.

    (** Coordinates of integers. *)
    Lemma layer_integers L i c : integers_apart R L = true -> single_in rho (mask R L) x len -> (i < len)%nat -> mem c R = false ->
      apply QcN rho L X i c = inj (apply ZN rho (mask R L) x i c).
    Proof.
      intros A S Hi Hc. destruct L as [hs|g v o|a b o d]; cbn [mask apply integers_apart] in *; cbn [add QcN ZN]; rewrite inj_add, (ints i c Hi Hc); f_equal.
      - induction hs as [|h hs IH]; [reflexivity|]. cbn [forallb] in A. apply andb_prop in A. destruct A as (A & A'). rewrite !andb_true_iff in A. destruct A as ((Q & K) & V).
        cbn [filter] in *. change (total QcN (map (fun h0 => read_head QcN rho h0 X i c) (h :: hs))) with
          (read_head QcN rho h X i c + total QcN (map (fun h0 => read_head QcN rho h0 X i c) hs))%Qc.
        destruct (kept R h) eqn:Kp.
        + change (map (blank_head R) (h :: filter (kept R) hs)) with (blank_head R h :: map (blank_head R) (filter (kept R) hs)) in *. change (total ZN (map (fun h0 => read_head ZN rho h0 x i c) (blank_head R h :: map (blank_head R) (filter (kept R) hs)))) with
            (read_head ZN rho (blank_head R h) x i c + total ZN (map (fun h0 => read_head ZN rho h0 x i c) (map (blank_head R) (filter (kept R) hs)))).
          rewrite inj_add. f_equal; [|apply IH; auto; intros k Hk; apply S; right; exact Hk].
          unfold read_head, at_row. cbn [Model.output blank_head]. rewrite blank_is, Hc. unfold found.
          destruct (S (blank_head R h) (or_introl eq_refl) i Hi) as (p & Hp & Lp). rewrite Hp. change (picks ZN rho (blank_head R h) x i) with (picks ZN rho h x i) in Hp.
          rewrite (picks_mixed h i Q K Hi), Hp. cbn [map]. apply (linq_inj rho). intros r Ir. cbv beta. rewrite mean_one. cbn [mean ZN hd]. unfold at_row. apply row_inj; [|lia].
          destruct (nth_in_or_default c (blank R (Model.output h)) []) as [I|E]; rewrite blank_is, Hc in *.
          * apply (forallb_In _ _ r (forallb_In _ _ _ V I)). exact Ir.
          * rewrite E in Ir. destruct Ir.
        + unfold kept in Kp. rewrite orb_false_iff, negb_false_iff in Kp. destruct Kp as (Kp & _). pose proof (nth_nothing _ c Kp) as E. rewrite blank_is, Hc in E.
          rewrite (read_nothing QcN h X i c E). cbn [zero QcN]. rewrite IH by auto. apply Qcplus_0_l.
      - unfold at_row. rewrite blank_is, Hc. apply (linq_inj rho). intros u Iu. unfold unit_, at_row. cbn [mul QcN ZN].
        assert (avoids R (nth u g []) = true /\ avoids R (nth u v []) = true) as (Ag & Av).
        { destruct (nth_in_or_default c (blank R o) []) as [I|E]; rewrite blank_is, Hc in *.
          - pose proof (forallb_In _ _ u (forallb_In _ _ _ A I) Iu) as B. apply andb_prop in B. exact B.
          - rewrite E in Iu. destruct Iu. }
        rewrite inj_mul, <- relu_inj. f_equal; [f_equal|]; apply row_inj; auto.
      - rewrite !andb_true_iff in A. destruct A as ((B & D) & _). rewrite inj_add. f_equal.
        + unfold at_row. apply times_inj. intros k. revert i Hi k. assert (forall i, (i < len)%nat -> forall k, state QcN rho a b X i k = inj (state ZN rho a b x i k)) as G; [|intros; apply G; auto].
          induction i as [|i IH]; intros Hi k; cbn [state].
          * apply row_inj; auto. apply nth_avoids. exact B.
          * cbn [add QcN ZN]. rewrite inj_add. unfold at_row. f_equal; [apply times_inj; intros; apply IH; lia|apply row_inj; auto; apply nth_avoids; exact B].
        + unfold at_row. rewrite (nth_nothing d c D). reflexivity.
    Qed.
    Lemma layer_untouched L i c : untouched L c = true -> apply QcN rho L X i c = X i c.
    Proof.
      intros U. destruct L as [hs|g v o|a b o d]; cbn [untouched apply] in *; cbn [add QcN].
      - assert (total QcN (map (fun h => read_head QcN rho h X i c) hs) = 0%Qc) as ->; [|apply Qcplus_0_r].
        induction hs as [|h hs IH]; [reflexivity|]. cbn [forallb] in U. apply andb_prop in U. destruct U as (U & U').
        change (total QcN (map (fun h0 => read_head QcN rho h0 X i c) (h :: hs))) with (read_head QcN rho h X i c + total QcN (map (fun h0 => read_head QcN rho h0 X i c) hs))%Qc.
        rewrite (IH U'), (read_nothing QcN h X i c) by (apply nothing_is; exact U). apply Qcplus_0_l.
      - unfold at_row. rewrite (nothing_is _ U). apply Qcplus_0_r.
      - apply andb_prop in U. destruct U as (U & V). unfold at_row. rewrite (nothing_is _ U), (nothing_is _ V). change (X i c + 0 = X i c)%Qc. apply Qcplus_0_r.
    Qed.

    (** Positions that tie. *)
    Lemma mean_picks F h l e b i : holds rho len F x -> (i < len)%nat ->
      has_first F b = true -> never_negative F e = true -> zero_at_start F e = true -> forallb (fun kq => zero_at_start F (fst kq)) l = true ->
      equal_polys F (of_score h) (mean_target l e b) = true -> picks ZN rho h x i = tied rho l e x i.
    Proof.
      intros H Hi Fb Ne Ze Zk C.
      set (q := queries rho l x i). set (k := keys rho l x). set (E := fun j => lin rho e (x j)).
      assert (forall j, (j <= i)%nat -> score ZN rho h x i j = average_score q k E j) as Sc.
      { intros j Hj. rewrite <- ev_of_score. rewrite (equal_polys_is rho len F x H _ _ i j C) by lia. unfold mean_target.
        rewrite !ev_app, !ev_pmul, !ev_neg, !(sums rho x). rewrite !(ev_of_row rho x i j Y j) by reflexivity.
        change (ev (val rho x i j) [(2, [])]) with 2.
        assert (sum (map (fun kq => ev (val rho x i j) (pmul (of_row Reflect.X (snd kq)) (of_row Y (fst kq)))) l) = dot q (k j)) as ->.
        { unfold q, k, queries, keys, sum. clear C Zk. induction l as [|a l0 IH]; [reflexivity|]. cbn [map fold_right dot]. rewrite IH, ev_pmul.
          rewrite (ev_of_row rho x i j Reflect.X i), (ev_of_row rho x i j Y j) by reflexivity. reflexivity. }
        assert (sum (map (fun kq => ev (val rho x i j) (pmul (of_row Y (fst kq)) (of_row Y (fst kq)))) l) = norm2 (k j)) as ->.
        { unfold k, keys, norm2, sum. clear C Zk. induction l as [|a l0 IH]; [reflexivity|]. cbn [map fold_right dot]. rewrite IH, ev_pmul.
          rewrite !(ev_of_row rho x i j Y j) by reflexivity. reflexivity. }
        assert (sum (map (fun kq => ev (val rho x i j) (pmul (of_row Reflect.X (snd kq)) (of_row Reflect.X (snd kq)))) l) = norm2 q) as ->.
        { unfold q, queries, norm2, sum. clear C Zk. induction l as [|a l0 IH]; [reflexivity|]. cbn [map fold_right dot]. rewrite IH, ev_pmul.
          rewrite !(ev_of_row rho x i j Reflect.X i) by reflexivity. reflexivity. }
        change (times ZN rho e (x j)) with (E j). change (times ZN rho (coord b) (x j)) with (lin rho (coord b) (x j)).
        rewrite lin_coord, (h_first rho len F x H b j Fb) by lia. unfold average_score. match goal with |- @eq _ ?a ?b => change (@eq Z a b) end. ring. }
      assert (forall j, (j <= i)%nat -> (j = 0%nat \/ matches q k E j -> average_score q k E j = norm2 q) /\ (j <> 0%nat -> ~ matches q k E j -> average_score q k E j < norm2 q)) as T.
      { intros j Hj. apply (average_ties i); auto.
        - intros j' _. unfold q, k, queries, keys. rewrite !map_length. reflexivity.
        - intros j' Hj'. apply (never_negative_is rho len F x H); auto. lia.
        - unfold k, keys. rewrite Forall_map, Forall_forall. intros kq I. rewrite forallb_forall in Zk. apply (zero_at_start_is rho len F x H); auto. lia.
        - apply (zero_at_start_is rho len F x H); auto. lia. }
      unfold picks, tied. apply filter_ext_in'. intros j Hj. apply in_seq in Hj.
      assert (forall j', (j' <= i)%nat -> average_score q k E j' <= norm2 q) as Top.
      { intros j' Hj'. destruct (T j' Hj') as (T1 & T2). destruct (Nat.eq_dec j' 0); [rewrite T1 by auto; lia|]. destruct (matches_dec q k E j'); [rewrite T1 by auto; lia|]. specialize (T2 n n0). lia. }
      destruct (T j ltac:(lia)) as (T1 & T2). apply eq_true_iff_eq. rewrite forallb_forall, orb_true_iff, andb_true_iff, Nat.eqb_eq, Z.eqb_eq. cbn [leb ZN]. split.
      - intros A. specialize (A 0%nat ltac:(apply in_seq; lia)). rewrite !Sc in A by lia. apply Z.leb_le in A.
        destruct (T 0%nat ltac:(lia)) as (T0 & _). rewrite T0 in A by auto. destruct (Nat.eq_dec j 0); [left; auto|right].
        destruct (matches_dec q k E j) as [(Mk & Me)|Nm]; [|specialize (T2 n Nm); lia]. fold k q. destruct (list_eq_dec Z.eq_dec (k j) q); [split; [reflexivity|exact Me]|contradiction].
      - intros A. assert (j = 0%nat \/ matches q k E j) as A'.
        { destruct A as [->|(A & B)]; [left; reflexivity|right]. split; [|exact B]. fold k q in A. destruct (list_eq_dec Z.eq_dec (k j) q); [assumption|discriminate]. }
        intros j' Hj'. apply in_seq in Hj'. rewrite !Sc by lia. apply Z.leb_le. rewrite (T1 A'). apply Top. lia.
    Qed.

    Variable m : nat -> nat -> Qc.
    Hypothesis mixed : forall i c, (i < len)%nat -> X i c = m i c.
    Lemma row_mixed r i : (i < len)%nat -> linq rho r (X i) = linq rho r (m i).
    Proof. intros Hi. apply linq_ext. intros c _. apply mixed. exact Hi. Qed.
    Lemma layer_fraction F L i c g : holds rho len F x -> integers_apart R L = true -> (i < len)%nat -> X i c = 0%Qc -> check_fraction R F L c g = true ->
      apply QcN rho L X i c = fraction_sem rho x m i g.
    Proof.
      intros H A Hi Z0 C. destruct L as [hs|gm vm o|a b o d], g as [l e b' r|f a']; cbn [check_fraction] in C; try discriminate; cbn [apply add QcN]; rewrite Z0.
      - destruct (filter _ hs) as [|h [|]] eqn:Fl; try discriminate. rewrite !andb_true_iff in C. destruct C as (((((C1 & C2) & C3) & C4) & C5) & C6).
        assert (total QcN (map (fun h0 => read_head QcN rho h0 X i c) hs) = read_head QcN rho h X i c) as ->.
        { clear A. revert Fl. induction hs as [|k hs IH]; [discriminate|]. cbn [filter].
          change (total QcN (map (fun h0 => read_head QcN rho h0 X i c) (k :: hs))) with (read_head QcN rho k X i c + total QcN (map (fun h0 => read_head QcN rho h0 X i c) hs))%Qc.
          destruct (nothing (nth c (Model.output k) [])) eqn:Nk; cbn [negb]; intros Fl.
          - rewrite (IH Fl), (read_nothing QcN k X i c) by (apply nothing_is; exact Nk). apply Qcplus_0_l.
          - injection Fl as -> Fl. assert (total QcN (map (fun h0 => read_head QcN rho h0 X i c) hs) = 0%Qc) as ->; [|apply Qcplus_0_r].
            clear IH. induction hs as [|k hs IH]; [reflexivity|]. cbn [filter] in Fl. destruct (nothing (nth c (Model.output k) [])) eqn:Nk'; cbn [negb] in Fl; [|discriminate].
            change (total QcN (map (fun h0 => read_head QcN rho h0 X i c) (k :: hs))) with (read_head QcN rho k X i c + total QcN (map (fun h0 => read_head QcN rho h0 X i c) hs))%Qc.
            rewrite (IH Fl), (read_nothing QcN k X i c) by (apply nothing_is; exact Nk'). apply Qcplus_0_l. }
        assert (In h hs) as Ih. { assert (In h (filter (fun h => negb (nothing (nth c (Model.output h) []))) hs)) as I by (rewrite Fl; left; reflexivity). apply filter_In in I. apply I. }
        cbn [integers_apart] in A. pose proof (forallb_In _ _ h A Ih) as Ah. cbv beta in Ah. rewrite !andb_true_iff in Ah. destruct Ah as ((Q & K) & _).
        unfold read_head, at_row, found. rewrite (picks_mixed h i Q K Hi), (mean_picks F h l e b' i H Hi C1 C2 C3 C4 C5). cbn [fraction_sem].
        change (0 + linq rho (nth c (Model.output h) []) (fun r0 => @mean QcN (map (fun j => times QcN rho (nth r0 (value h) []) (X j)) (tied rho l e x i))) = @mean QcN (map (fun j => linq rho r (m j)) (tied rho l e x i)))%Qc.
        rewrite Qcplus_0_l, (linq_mean rho (nth c (Model.output h) []) (fun r0 j => times QcN rho (nth r0 (value h) []) (X j))). f_equal. apply map_ext_in. intros j Hj.
        assert ((j <= i)%nat) as Lj by (unfold tied in Hj; apply filter_In in Hj; destruct Hj as (Hj & _); apply in_seq in Hj; lia).
        rewrite <- (row_mixed r j) by lia. rewrite <- (same_row_q rho _ r (X j) C6). symmetry. apply linq_compose.
      - destruct (nth c o []) as [|(u, p) [|]] eqn:Eo; try discriminate. rewrite !andb_true_iff in C. destruct C as (((C1 & C2) & C3) & C4).
        unfold at_row. rewrite Eo. cbn [fraction_sem]. change (0 + linq rho [(u, p)] (unit_ QcN rho gm vm (X i)) = inj (Z.max (lin rho f (x i)) 0) * linq rho a' (m i))%Qc.
        rewrite linq_cons, (same_entry_sound rho _ _ C1), peval_const. change (linq rho [] _) with 0%Qc. unfold unit_, at_row. cbn [mul QcN].
        rewrite (row_inj _ i C2 Hi), relu_inj, relu_spec, (same_row_sound rho _ _ (x i) C3). change (times QcN rho (nth u vm []) (X i)) with (linq rho (nth u vm []) (X i)).
        rewrite (same_row_q rho _ _ (X i) C4), (row_mixed a' i Hi). change (inj 1) with 1%Qc. ring.
    Qed.
  End Layer.
End Sound.

(** ** Whole networks *)
Section Run.
  Variables (rho : env) (len : nat) (R : list nat).
  Lemma mixed_step F old L s fs (X : nat -> vec QcN) x (m : nat -> nat -> Qc) :
    holds rho len F x -> check_mixed R F old L s fs = true -> (forall k, In k (stage_scales s) -> Z.of_nat len <= rho k) ->
    (forall i c, (i < len)%nat -> X i c = m i c) -> (forall i c, (i < len)%nat -> mem c R = false -> m i c = inj (x i c)) ->
    (forall i c, (i < len)%nat -> mem c R = true -> ~ In c old -> m i c = 0%Qc) ->
    let m' := mixed_sem rho R s fs x m in
    (forall i c, (i < len)%nat -> apply QcN rho L X i c = m' i c) /\ (forall i c, (i < len)%nat -> mem c R = false -> m' i c = inj (stage_sem rho s x i c)) /\
    (forall i c, (i < len)%nat -> mem c R = true -> ~ In c (map fst fs ++ old) -> m' i c = 0%Qc).
  Proof.
    intros H C Sc A I Z0 m'. unfold check_mixed in C. rewrite !andb_true_iff in C. destruct C as (((C & Ap) & Ks) & Fr).
    destruct (stage_step rho len F (mask R L) s x H C Sc) as (Si & Sa).
    assert (forall i c, (i < len)%nat -> mem c R = false -> X i c = inj (x i c)) as Ints by (intros i c Hi Hc; rewrite A by auto; auto).
    assert (forall c, mem c R = false -> assoc c fs = None) as No.
    { intros c Hc. apply assoc_None. intros K. pose proof (forallb_In _ _ c Ks K) as E. cbv beta in E. rewrite Hc in E. discriminate. }
    split; [|split].
    - intros i c Hi. unfold m', mixed_sem. destruct (mem c R) eqn:Hc.
      + pose proof (forallb_In _ _ c Fr (proj1 (mem_In c R) Hc)) as E. cbv beta in E. destruct (assoc c fs) as [g|] eqn:As.
        * apply (layer_fraction rho len R X x Ints m A F L i c g); auto. rewrite A by auto. apply Z0; auto. intros O.
          apply assoc_In in As. pose proof (forallb_In _ _ c Ks ltac:(apply in_map_iff; exists (c, g); auto)) as K. cbv beta in K.
          rewrite andb_true_iff, negb_true_iff, mem_not in K. apply K. exact O.
        * rewrite (layer_untouched rho X L i c E). apply A. exact Hi.
      + rewrite (No c Hc), (layer_integers rho len R X x Ints L i c Ap Si Hi Hc), (Sa i c Hi). reflexivity.
    - intros i c Hi Hc. unfold m', mixed_sem. rewrite (No c Hc), Hc. reflexivity.
    - intros i c Hi Hc N. unfold m', mixed_sem. destruct (assoc c fs) as [g|] eqn:As.
      + exfalso. apply N, in_or_app. left. apply assoc_In in As. apply in_map_iff. exists (c, g). auto.
      + rewrite Hc. apply Z0; auto. intros O. apply N, in_or_app. auto.
  Qed.

  (** *** Ranges of fractions *)
  Lemma inj_le a b : a <= b <-> (inj a <= inj b)%Qc.
  Proof. unfold Qcle. rewrite <- Qle_bool_iff, inj_leb, Z.leb_le. reflexivity. Qed.
  Lemma inj_lt a b : a < b <-> (inj a < inj b)%Qc.
  Proof.
    split; intros H; [apply Qcnot_le_lt|apply Z.nle_gt]; intros L; [apply inj_le in L; lia|]. apply inj_le in L. apply (Qcle_not_lt _ _ L H).
  Qed.
  Lemma scaled_le k x y : 0 <= k -> (x <= y)%Qc -> (inj k * x <= inj k * y)%Qc.
  Proof. intros K L. rewrite !(Qcmult_comm (inj k)). apply Qcmult_le_compat_r; auto. exact (proj1 (inj_le 0 k) K). Qed.
  Lemma scaled_ge k x y : k <= 0 -> (x <= y)%Qc -> (inj k * y <= inj k * x)%Qc.
  Proof.
    intros K L. assert (inj k = - inj (- k))%Qc as ->.
    { assert (inj (- k) = inj (-1) * inj k)%Qc as -> by (rewrite <- inj_mul; f_equal; ring). change (inj (-1)) with (- (1))%Qc. ring. }
    pose proof (scaled_le (- k) x y ltac:(lia) L) as S. apply Qcopp_le_compat in S.
    replace (- inj (- k) * y)%Qc with (- (inj (- k) * y))%Qc by ring. replace (- inj (- k) * x)%Qc with (- (inj (- k) * x))%Qc by ring. exact S.
  Qed.
  Lemma mean_between (l : list Qc) a b : l <> [] -> (forall v, In v l -> (a <= v /\ v <= b)%Qc) -> (a <= @mean QcN l /\ @mean QcN l <= b)%Qc.
  Proof.
    intros Ne B. rewrite mean_is. set (n := Z.of_nat (length l)). assert (0 < n) as Pn by (unfold n; destruct l; [congruence|cbn [length]; lia]).
    assert (inj n <> 0%Qc) as Nz by (intros E; pose proof (proj1 (inj_lt 0 n) Pn) as L; rewrite E in L; apply (Qclt_not_le _ _ L); apply Qcle_refl).
    assert ((0 <= / inj n)%Qc) as Pi.
    { unfold Qcle. change (this 0%Qc) with 0%Q. change (this (/ inj n)%Qc) with (Qred (/ this (inj n))). rewrite (Qred_correct (/ this (inj n))). apply Qinv_le_0_compat. exact (proj1 (inj_le 0 n) ltac:(lia)). }
    assert ((inj n * a <= qsum l)%Qc /\ (qsum l <= inj n * b)%Qc) as (Lo & Hi).
    { unfold n. clear Ne Pn Nz Pi n. induction l as [|v l IH]; [change (inj (Z.of_nat (length []))) with 0%Qc; unfold qsum; cbn [fold_right]; rewrite !Qcmult_0_l; split; apply Qcle_refl|].
      destruct IH as (L & H); [intros; apply B; right; auto|]. destruct (B v ltac:(left; auto)) as (Bl & Bh).
      cbn [length]. rewrite Nat2Z.inj_succ, <- Z.add_1_l, inj_add. change (inj 1) with 1%Qc. unfold qsum in *. cbn [fold_right].
      split; [replace ((1 + inj (Z.of_nat (length l))) * a)%Qc with (a + inj (Z.of_nat (length l)) * a)%Qc by ring
             |replace ((1 + inj (Z.of_nat (length l))) * b)%Qc with (b + inj (Z.of_nat (length l)) * b)%Qc by ring]; apply Qcplus_le_compat; auto. }
    split.
    - replace a with ((inj n * a) / inj n)%Qc by (field; exact Nz). apply Qcmult_le_compat_r; auto.
    - replace b with ((inj n * b) / inj n)%Qc by (field; exact Nz). apply Qcmult_le_compat_r; auto.
  Qed.

  Variables (D : domain) (T : poly).
  Hypothesis G : good D rho.
  Hypothesis fits : Z.of_nat len <= peval rho T.
  Definition between (x : Qc) (lo hi : poly) : Prop := (inj (peval rho lo) <= x /\ x <= inj (peval rho hi))%Qc.
  Definition bounded (B : ranges) (m : nat -> nat -> Qc) : Prop :=
    forall c lo hi, In (c, (lo, hi)) B -> forall i, (i < len)%nat -> between (m i c) lo hi.
  Lemma row_between B m i : bounded B m -> (i < len)%nat -> m i 0%nat = 1%Qc -> forall r l h, row_range D B r = Some (l, h) -> between (linq rho r (m i)) l h.
  Proof.
    intros Bd Hi One. unfold between. induction r as [|(c, p) r IH]; cbn [row_range]; intros l h E; [injection E as <- <-; split; apply Qcle_refl|].
    destruct (row_range D B r) as [(l', h')|]; [|discriminate]. specialize (IH l' h' eq_refl). destruct IH as (L & H). rewrite linq_cons.
    destruct (Nat.eqb_spec c 0) as [->|].
    - injection E as <- <-. rewrite !peval_app, !inj_add, One, Qcmult_1_r. split; apply Qcplus_le_compat; auto using Qcle_refl.
    - destruct (assoc c B) as [(a, b)|] eqn:As; [|discriminate]. apply assoc_In in As. destruct (Bd c a b As i Hi) as (Ba & Bb).
      destruct (proves D p) eqn:Pp.
      + injection E as <- <-. apply (proves_sound D rho _ G) in Pp. rewrite !peval_app, !inj_add, !peval_mul, !inj_mul. split; apply Qcplus_le_compat; auto using scaled_le.
      + destruct (proves D (psub [] p)) eqn:Pn; [|discriminate]. injection E as <- <-. apply (proves_sound D rho _ G) in Pn. rewrite peval_sub in Pn. change (peval rho []) with 0 in Pn.
        rewrite !peval_app, !inj_add, !peval_mul, !inj_mul. split; apply Qcplus_le_compat; auto; apply scaled_ge; auto; lia.
  Qed.
  Definition all_ranges (I B : ranges) : ranges := B ++ filter (fun cr => negb (mem (fst cr) R)) I.
  Definition fraction_range (I B : ranges) (g : fraction) (lo hi : poly) : bool :=
    match g with
    | Mean _ _ _ r => inside D (all_ranges I B) r lo hi
    | Times f a =>
      match row_range D I f, row_range D (all_ranges I B) a with
      | Some (_, fh), Some (al, ah) => le D lo [] && le D [] hi && le D [] fh && le D lo (poly_mul fh al) && le D (poly_mul fh ah) hi
      | _, _ => false end
    end.
  Definition next_fractions (I B claims : ranges) (fs : list (nat * fraction)) : ranges :=
    filter (fun cr => match assoc (fst cr) fs with Some g => fraction_range I B g (fst (snd cr)) (snd (snd cr)) | None => false end) claims ++ B.
  Lemma all_bounded F I B x m : ranged rho len I F x -> bounded B m -> (forall i c, (i < len)%nat -> mem c R = false -> m i c = inj (x i c)) -> bounded (all_ranges I B) m.
  Proof.
    intros Rg Bd A c lo hi K i Hi. apply in_app_or in K. destruct K as [K|K]; [apply (Bd c lo hi K i Hi)|].
    apply filter_In in K. destruct K as (K & N). cbn [fst] in N. rewrite negb_true_iff in N. destruct (Rg c lo hi K) as (_ & V). specialize (V i Hi).
    unfold between. rewrite A by auto. rewrite <- !inj_le. exact V.
  Qed.
  Lemma fraction_between F I B x m g lo hi i : holds rho len F x -> ranged rho len I F x -> bounded (all_ranges I B) m -> m i 0%nat = 1%Qc -> (forall j, (j <= i)%nat -> m j 0%nat = 1%Qc) -> (i < len)%nat ->
    fraction_range I B g lo hi = true -> between (fraction_sem rho x m i g) lo hi.
  Proof.
    intros H Rg Bd One Ones Hi C. destruct g as [l e b r|f a]; cbn [fraction_range fraction_sem] in *; unfold between.
    - unfold inside in C. destruct (row_range D (all_ranges I B) r) as [(al, ah)|] eqn:Er; [|discriminate]. apply andb_prop in C. destruct C as (C1 & C2).
      apply (le_sound D rho _ _ G) in C1, C2. apply mean_between.
      + unfold tied. cbn [seq filter Nat.eqb orb map]. discriminate.
      + intros v Iv. apply in_map_iff in Iv. destruct Iv as (j & <- & Ij). unfold tied in Ij. apply filter_In in Ij. destruct Ij as (Ij & _). apply in_seq in Ij.
        destruct (row_between (all_ranges I B) m j Bd ltac:(lia) ltac:(apply Ones; lia) r al ah Er) as (L & U). apply inj_le in C1, C2.
        split; [apply (Qcle_trans _ _ _ C1 L)|apply (Qcle_trans _ _ _ U C2)].
    - destruct (row_range D I f) as [(fl, fh)|] eqn:Ef; [|discriminate]. destruct (row_range D (all_ranges I B) a) as [(al, ah)|] eqn:Ea; [|discriminate].
      rewrite !andb_true_iff in C. destruct C as ((((C1 & C2) & C3) & C4) & C5). apply (le_sound D rho _ _ G) in C1, C2, C3, C4, C5. rewrite peval_mul in C4, C5. change (peval rho []) with 0 in *.
      pose proof (row_range_is D rho len G I F x Rg H i Hi f fl fh Ef) as Bf. destruct (row_between _ m i Bd Hi One a al ah Ea) as (L & U).
      set (k := Z.max (lin rho f (x i)) 0). assert (0 <= k <= peval rho fh) as Bk by (unfold k; lia). clearbody k.
      split.
      + apply Qcle_trans with (inj k * inj (peval rho al))%Qc; [|apply scaled_le; [lia|exact L]]. rewrite <- inj_mul. apply (proj1 (inj_le _ _)).
        destruct (Z_le_gt_dec 0 (peval rho al)); [assert (0 <= k * peval rho al) by (apply Z.mul_nonneg_nonneg; lia); lia|assert (peval rho fh * peval rho al <= k * peval rho al) by (apply Z.mul_le_mono_nonpos_r; lia); lia].
      + apply Qcle_trans with (inj k * inj (peval rho ah))%Qc; [apply scaled_le; [lia|exact U]|]. rewrite <- inj_mul. apply (proj1 (inj_le _ _)).
        destruct (Z_le_gt_dec 0 (peval rho ah)); [assert (k * peval rho ah <= peval rho fh * peval rho ah) by (apply Z.mul_le_mono_nonneg_r; lia); lia|assert (k * peval rho ah <= 0) by (apply Z.mul_nonneg_nonpos; lia); lia].
  Qed.

  Fixpoint run_fractions F sq (I B claims : ranges) (ss : list stage) (fss : list (list (nat * fraction))) : ranges :=
    match ss with
    | [] => all_ranges I B
    | s :: ss' => run_fractions (next_facts F sq s) sq (next_ranges D F I T claims s) (next_fractions I B claims (hd [] fss)) claims ss' (tl fss)
    end.
  Theorem mixed_runs sq claims : forall ss Ls fss F old I B (X : nat -> vec QcN) x m,
    holds rho len F x -> check_mixeds R F sq old Ls ss fss = true -> (forall k, In k (flat_map stage_scales ss) -> Z.of_nat len <= rho k) ->
    (forall i c, (i < len)%nat -> X i c = m i c) -> (forall i c, (i < len)%nat -> mem c R = false -> m i c = inj (x i c)) ->
    (forall i c, (i < len)%nat -> mem c R = true -> ~ In c old -> m i c = 0%Qc) -> mem 0 R = false ->
    ranged rho len I F x -> bounded B m -> (forall c lo hi, In (c, (lo, hi)) B -> In c old) -> (forall c, In c old -> mem c R = true) ->
    (forall i c, (i < len)%nat -> fold_left (fun xs L => apply QcN rho L xs) Ls X i c = run_mixed rho R ss fss x m i c) /\
    (forall i, (i < len)%nat -> run_mixed rho R ss fss x m i 0%nat = 1%Qc) /\
    bounded (run_fractions F sq I B claims ss fss) (run_mixed rho R ss fss x m).
  Proof.
    induction ss as [|s ss IH]; intros [|L Ls] fss F old I B X x m H C Sc A Iv Z0 R0 Rg Bd Old OldR; cbn [check_mixeds] in C; try discriminate.
    - cbn [fold_left run_mixed run_fractions]. split; [exact A|]. split; [|apply (all_bounded F I B x m Rg Bd Iv)]. intros i Hi. rewrite (Iv i 0%nat Hi R0).
      rewrite (proj1 H i Hi). reflexivity.
    - apply andb_prop in C. destruct C as (C & Cs). cbn [flat_map] in Sc. cbn [fold_left run_mixed run_fractions].
      destruct (mixed_step F old L s (hd [] fss) X x m H C ltac:(intros k K; apply Sc, in_or_app; auto) A Iv Z0) as (S1 & S2 & S3). pose proof C as C0.
      unfold check_mixed in C0. rewrite !andb_true_iff in C0. destruct C0 as (((Ck & _) & Ks) & _).
      apply (IH Ls (tl fss) (next_facts F sq s) (map fst (hd [] fss) ++ old)); auto.
      + apply (next_holds rho len F sq (mask R L) s x H Ck).
      + intros k K. apply Sc, in_or_app. auto.
      + apply (next_ranged D rho len T G fits F sq claims (mask R L) s I x); auto.
      + intros c lo hi K i Hi. assert (forall j, (j < len)%nat -> m j 0%nat = 1%Qc) as One by (intros j Hj; rewrite (Iv j 0%nat Hj R0), (proj1 H j Hj); reflexivity).
        unfold next_fractions in K. apply in_app_or in K. destruct K as [K|K].
        * apply filter_In in K. destruct K as (_ & K). cbn [fst snd] in K. unfold mixed_sem. destruct (assoc c (hd [] fss)) as [g|]; [|discriminate].
          apply (fraction_between F I B x m g lo hi i H Rg (all_bounded F I B x m Rg Bd Iv) (One i Hi)); auto. intros j Hj. apply One. lia.
        * unfold mixed_sem. pose proof (Old c lo hi K) as O. destruct (assoc c (hd [] fss)) as [g|] eqn:As.
          { exfalso. apply assoc_In in As. pose proof (forallb_In _ _ c Ks ltac:(apply in_map_iff; exists (c, g); auto)) as K'. cbv beta in K'.
            rewrite andb_true_iff, negb_true_iff, mem_not in K'. apply K'. exact O. }
          destruct (mem c R) eqn:Hc; [apply (Bd c lo hi K i Hi)|]. exfalso. clear IH. revert Hc. apply eq_true_false_abs. apply (OldR c O).
      + intros c lo hi K. unfold next_fractions in K. apply in_app_or in K. destruct K as [K|K]; apply in_or_app; [left|right; apply (Old c lo hi K)].
        apply filter_In in K. destruct K as (_ & K). cbn [fst] in K. destruct (assoc c (hd [] fss)) as [g|] eqn:As; [|discriminate]. apply assoc_In in As. apply in_map_iff. exists (c, g). auto.
      + intros c K. apply in_app_or in K. destruct K as [K|K]; [|apply OldR; exact K]. pose proof (forallb_In _ _ c Ks K) as E. cbv beta in E. apply andb_prop in E. apply E.
  Qed.
End Run.

(** ** What is written: 1 if a fraction is positive, else 0. *)
Definition sign_rows (M : model) (r : row) : bool :=
  forallb (fun t => same_row (nth t (special_logits M) []) (number (-1))) (seq 0 (specials M)) &&
  same_row (nth 0 (polynomial_logits M) []) [] && same_row (nth 1 (polynomial_logits M) []) (plus r 3) && same_row (nth 2 (polynomial_logits M) []) (number (-3)).
Definition check_mean (D : domain) (M : model) (N : mean_network) (claims : ranges) : bool :=
  let B := base N in let R := places_of (fractions N) in
  let F0 := first_facts (once B) (specials M) (squares B) (features B) in
  check_embedding M (features B) && is_one (specials M) (nth 0 (features B) no_feature) && Nat.ltb 0 (length (features B)) &&
  forallb (fun c => Nat.leb (length (features B)) c) R && check_mixeds R F0 (squares B) [] (layers M) (stages B) (fractions N) &&
  forallb (fun s => le D (top M) (var_ s)) (scales B) && sign_rows M (sign N) &&
  le D (low M) [] && le D [] (low M) && le D (const 1) (high M) &&
  match row_range D (run_fractions R D (top M) F0 (squares B) (first_ranges D M (features B) claims) [] claims (stages B) (fractions N)) (sign N) with
  | Some (_, h) => le D h (const 2) | None => false end.
Definition positive (v : Qc) : bool := negb (Qle_bool v 0).
Definition sign_token rho (N : mean_network) (w : list tok) : tok :=
  if positive (linq rho (sign N) (mean_stream rho N w (length w - 1)%nat)) then Number 1 else Number 0.

Section ArgMax.
  Variable f : tok -> Qc.
  Lemma arg_max_app l1 l2 : forall b, arg_max QcN f b (l1 ++ l2) = arg_max QcN f (arg_max QcN f b l1) l2.
  Proof. induction l1 as [|t l1 IH]; intros b; [reflexivity|]. cbn [app arg_max]. apply IH. Qed.
  Lemma arg_max_In l : forall b, In (arg_max QcN f b l) (b :: l).
  Proof.
    induction l as [|t l IH]; intros b; [left; reflexivity|]. cbn [arg_max]. destruct (IH (if @leb QcN (f t) (f b) then b else t)) as [E|I].
    - rewrite <- E. destruct (leb _ _); [left|right; left]; reflexivity.
    - right. right. exact I.
  Qed.
  Lemma arg_max_stays l : forall b, (forall u, In u l -> (f u <= f b)%Qc) -> arg_max QcN f b l = b.
  Proof.
    induction l as [|t l IH]; intros b B; [reflexivity|]. cbn [arg_max]. assert (@leb QcN (f t) (f b) = true) as ->.
    { cbn [leb QcN]. apply Qle_bool_iff. apply (B t). left. reflexivity. }
    apply IH. intros u U. apply B. right. exact U.
  Qed.
  Lemma arg_max_first pre t post : (forall u, In u pre -> (f u < f t)%Qc) -> (forall u, In u post -> (f u <= f t)%Qc) ->
    match pre ++ t :: post with [] => Special 0 | b :: l => arg_max QcN f b l end = t.
  Proof.
    intros A B. destruct pre as [|b pre]; cbn [app]; [apply arg_max_stays; exact B|]. rewrite arg_max_app. cbn [arg_max].
    pose proof (arg_max_In pre b) as I. set (u := arg_max QcN f b pre) in *. specialize (A u I). assert (@leb QcN (f t) (f u) = false) as ->.
    { apply not_true_is_false. cbn [leb QcN]. rewrite Qle_bool_iff. intros L. apply (Qclt_not_le _ _ A). exact L. }
    apply arg_max_stays. exact B.
  Qed.
End ArgMax.

Section Means.
  Variables (D : domain) (rho : env) (M : model) (N : mean_network) (claims : ranges) (w : list tok).
  Hypothesis G : good D rho.
  Hypothesis checked : check_mean D M N claims = true.
  Hypothesis ok : input_ok rho M (base N) w.
  Let v := linq rho (sign N) (mean_stream rho N w (length w - 1)%nat).

  Lemma means : (forall i c, (i < length w)%nat -> stream QcN rho M w i c = mean_stream rho N w i c) /\
    (w <> [] -> mean_stream rho N w (length w - 1)%nat 0%nat = 1%Qc /\ (v <= inj 2)%Qc).
  Proof.
    pose proof checked as C. unfold check_mean in C. cbv zeta in C. set (R := places_of (fractions N)) in *. set (B := base N) in *.
    set (F0 := first_facts (once B) (specials M) (squares B) (features B)) in *.
    rewrite !andb_true_iff in C. destruct C as ((((((((((Em & On) & Lf) & Fs) & Cm) & Sc) & Sg) & L0) & L0') & H1) & Rg). apply Nat.ltb_lt in Lf.
    pose proof (first_holds (once B) rho M (features B) w (proj1 ok) (squares B) On Lf) as H. fold F0 in H.
    set (x := embedding rho (features B) w) in *.
    assert (forall c, mem c R = true -> (length (features B) <= c)%nat) as Out.
    { intros c Hc. apply mem_In in Hc. pose proof (forallb_In _ _ c Fs Hc) as E. apply Nat.leb_le in E. exact E. }
    assert (ranged rho (length w) (first_ranges D M (features B) claims) F0 x) as Rx.
    { intros c lo hi I. apply filter_In in I. destruct I as (_ & I). cbn [fst snd] in I. apply andb_prop in I. destruct I as (Lc & I). apply Nat.ltb_lt in Lc.
      split; [apply in_seq; lia|]. intros i Hi. apply (feature_range_is D rho M B G w ok); auto. }
    assert (Z.of_nat (length w) <= peval rho (top M)) as Fit by (rewrite top_is; apply ok).
    destruct (mixed_runs rho (length w) R D (top M) G Fit (squares B) claims (stages B) (layers M) (fractions N) F0 []
      (first_ranges D M (features B) claims) [] (fun i => embed QcN rho M (nth i w (Special 0)) i) x (fun i c => inj (x i c))) as (A & One & Bd); auto.
    - intros s Hs. pose proof (fits_scale D rho M B G Sc s Hs) as K. rewrite top_is in Fit. lia.
    - intros i c Hi. rewrite embed_inj. f_equal. apply embedding_is. exact Em.
    - intros i c Hi Hc _. specialize (Out c Hc). unfold x, embedding. rewrite nth_overflow by exact Out. unfold feature_sem. cbn [no_feature f_number f_position fst snd].
      destruct (nth i w (Special 0)); reflexivity.
    - destruct (mem 0 R) eqn:E; [|reflexivity]. specialize (Out 0%nat E). lia.
    - intros c lo hi [].
    - split; [exact A|]. intros Ne. assert (length w - 1 < length w)%nat as Hl by (destruct w; [congruence|cbn; lia]). split; [apply One; exact Hl|].
      destruct (row_range D _ (sign N)) as [(l, h)|] eqn:E; [|discriminate]. apply (le_sound D rho _ _ G) in Rg. rewrite peval_const in Rg.
      destruct (row_between rho (length w) D G _ _ _ Bd Hl (One _ Hl) (sign N) l h E) as (_ & U). apply (Qcle_trans _ _ _ U). exact (proj1 (inj_le _ _) Rg).
  Qed.

  (** The weights compute the network of gadgets. *)
  Theorem means_compute i c : (i < length w)%nat -> stream QcN rho M w i c = mean_stream rho N w i c.
  Proof. apply means. Qed.

  Hypothesis nonempty : w <> [].
  Lemma sign_logit t : In t (vocabulary rho M) -> logit QcN rho M (stream QcN rho M w (length w - 1)) t =
    match t with Special _ => inj (-1) | Number k => (v * inj k + inj (3 * k - 3 * (k * k)))%Qc end.
  Proof.
    intros I. assert (length w - 1 < length w)%nat as Hl by (destruct w; [congruence|cbn; lia]).
    destruct (proj2 means nonempty) as (One & _). set (m := mean_stream rho N w (length w - 1)%nat) in *.
    assert (forall r, times QcN rho r (stream QcN rho M w (length w - 1)) = linq rho r m) as Tm by (intros r; apply linq_ext; intros c _; apply means_compute; exact Hl).
    pose proof checked as C. unfold check_mean in C. cbv zeta in C. rewrite !andb_true_iff in C. destruct C as ((((((((((Em & On) & Lf) & Fs) & Cm) & Sc) & Sg) & L0) & L0') & H1) & Rg).
    unfold sign_rows in Sg. rewrite !andb_true_iff in Sg. destruct Sg as (((S1 & S2) & S3) & S4).
    assert (forall k, linq rho (number k) m = inj k) as Num.
    { intros k. unfold number. rewrite linq_cons, peval_const, One. change (linq rho [] m) with 0%Qc. ring. }
    destruct t as [s|k]; unfold logit, at_row.
    - apply in_vocabulary in I. rewrite Tm, (same_row_q rho _ _ m (forallb_In _ _ s S1 ltac:(apply in_seq; lia))). apply Num.
    - unfold total. cbn [seq map fold_right add mul zero of_Z QcN]. rewrite !Tm, (same_row_q rho _ _ m S2), (same_row_q rho _ _ m S3), (same_row_q rho _ _ m S4).
      rewrite Num. unfold plus. rewrite linq_app. fold (number 3). rewrite Num. fold v. change (linq rho [] m) with 0%Qc.
      change (Q2Qc (inject_Z (power k 0))) with (inj 1). change (Q2Qc (inject_Z (power k 1))) with (inj (k * 1)). change (Q2Qc (inject_Z (power k 2))) with (inj (k * (k * 1))).
      replace (3 * k - 3 * (k * k)) with (3 * k + (-3) * (k * k)) by ring. rewrite !inj_add, !inj_mul. change (inj 1) with 1%Qc. fold m v.
      change (0 * 1 + ((v + inj 3) * (inj k * 1) + (inj (-3) * (inj k * (inj k * 1)) + 0)) = v * inj k + (inj 3 * inj k + inj (-3) * (inj k * inj k)))%Qc. ring.
  Qed.
  Theorem writes_sign : next QcN rho M w = sign_token rho N w.
  Proof.
    destruct (proj2 means nonempty) as (_ & Top). pose proof checked as C. unfold check_mean in C. cbv zeta in C. rewrite !andb_true_iff in C.
    destruct C as ((((((((((Em & On) & Lf) & Fs) & Cm) & Sc) & Sg) & L0) & L0') & H1) & Rg). apply (le_sound D rho _ _ G) in L0, L0', H1. rewrite peval_const in H1. change (peval rho []) with 0 in *.
    set (x := stream QcN rho M w (length w - 1)).
    set (n := Z.to_nat (peval rho (high M))).
    assert (exists post, vocabulary rho M = map Special (seq 0 (specials M)) ++ Number 0 :: Number 1 :: post /\ forall u, In u post -> exists k, u = Number k /\ 2 <= k) as (post & V & Post).
    { exists (map (fun k => Number (Z.of_nat k)) (seq 2 (n - 1))). split.
      - unfold vocabulary. f_equal. replace (peval rho (low M)) with 0 by lia. replace (Z.to_nat (peval rho (high M) - 0 + 1)) with (S (S (n - 1))) by (unfold n; lia).
        cbn [seq map]. f_equal. 
      - intros u U. apply in_map_iff in U. destruct U as (k & <- & U). apply in_seq in U. exists (Z.of_nat k). split; [reflexivity|lia]. }
    assert (forall t, In t (vocabulary rho M) -> logit QcN rho M x t = match t with Special _ => inj (-1) | Number k => (v * inj k + inj (3 * k - 3 * (k * k)))%Qc end) as Lg by (intros; apply sign_logit; assumption).
    assert (logit QcN rho M x (Number 0) = 0%Qc) as Zero.
    { rewrite Lg by (rewrite V; apply in_or_app; right; left; reflexivity). change (inj (3 * 0 - 3 * (0 * 0))) with 0%Qc. change (inj 0) with 0%Qc. match goal with |- @eq _ ?a ?b => change (@eq Qc a b) end. ring. }
    assert (logit QcN rho M x (Number 1) = v) as Unit.
    { rewrite Lg by (rewrite V; apply in_or_app; right; right; left; reflexivity). change (inj (3 * 1 - 3 * (1 * 1))) with 0%Qc. change (inj 1) with 1%Qc. match goal with |- @eq _ ?a ?b => change (@eq Qc a b) end. ring. }
    assert (forall u, In u (map Special (seq 0 (specials M))) -> logit QcN rho M x u = inj (-1)) as Sp.
    { intros u U. rewrite Lg by (rewrite V; apply in_or_app; left; exact U). apply in_map_iff in U. destruct U as (s & <- & _). reflexivity. }
    assert (forall u, In u post -> (logit QcN rho M x u <= inj (-1))%Qc) as Far.
    { intros u U. destruct (Post u U) as (k & -> & K). rewrite Lg by (rewrite V; apply in_or_app; right; right; right; exact U).
      apply Qcle_trans with (inj (2 * k) + inj (3 * k - 3 * (k * k)))%Qc.
      - apply Qcplus_le_compat; [|apply Qcle_refl]. rewrite inj_mul, (Qcmult_comm v), (Qcmult_comm (inj 2)). apply scaled_le; [lia|exact Top].
      - rewrite <- inj_add. apply (proj1 (inj_le _ _)). nia. }
    assert (inj (-1) < 0)%Qc as Neg by exact (proj1 (inj_lt (-1) 0) ltac:(lia)).
    unfold next. fold x. rewrite V. unfold sign_token. fold v. unfold positive. destruct (Qle_bool v 0) eqn:E; cbn [negb].
    - assert (v <= 0)%Qc as Le by (apply Qle_bool_iff in E; exact E). apply (arg_max_first (logit QcN rho M x)).
      + intros u U. rewrite (Sp u U), Zero. exact Neg.
      + intros u [<-|U]; [rewrite Zero, Unit; exact Le|]. rewrite Zero. apply (Qcle_trans _ _ _ (Far u U)). apply Qclt_le_weak. exact Neg.
    - assert (0 < v)%Qc as Lt by (apply Qcnot_le_lt; intros L; assert (Qle_bool v 0 = true) as L' by (apply Qle_bool_iff; exact L); rewrite L' in E; discriminate).
      assert (forall a b : list tok, a ++ Number 0 :: Number 1 :: b = (a ++ [Number 0]) ++ Number 1 :: b) as -> by (intros a b; rewrite <- app_assoc; reflexivity).
      apply (arg_max_first (logit QcN rho M x)).
      + intros u U. apply in_app_or in U. rewrite Unit. destruct U as [U|[<-|[]]]; [|rewrite Zero; exact Lt]. rewrite (Sp u U). apply (Qclt_trans _ _ _ Neg Lt).
      + intros u U. rewrite Unit. apply (Qcle_trans _ _ _ (Far u U)). apply Qclt_le_weak. apply (Qclt_trans _ _ _ Neg Lt).
  Qed.
  Theorem decodes_sign : answers M = None -> decode QcN rho M w = ([sign_token rho N w], true).
  Proof. intros A. unfold decode. cbn [decode_from]. rewrite writes_sign. unfold is_answer. rewrite A. reflexivity. Qed.
End Means.
