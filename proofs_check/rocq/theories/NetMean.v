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
Definition tied rho (l : list (row * row)) (e : row) (x : nat -> nat -> Z) (i : nat) : list nat :=
  filter (fun j => Nat.eqb j 0 || ((if list_eq_dec Z.eq_dec (keys rho l x j) (queries rho l x i) then true else false) && (lin rho e (x j) =? 0))) (seq 0 (S i)).
Definition fraction_sem rho (x : nat -> nat -> Z) (m : nat -> nat -> Qc) (i : nat) (g : fraction) : Qc :=
  match g with
  | Mean l e _ r => @mean QcN (map (fun j => linq rho r (m j)) (tied rho l e x i))
  | Times f a => (inj (Z.max (lin rho f (x i)) 0) * linq rho a (m i))%Qc
  end.
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
    | Recurrence _ _ _ _ | Selective _ _ _ _ _ _ _ => L
    end.
  Definition integers_apart (L : layer) : bool :=
    match L with
    | Attention hs => forallb (fun h => negb (kept h) || forallb avoids (query h) && forallb avoids (key h) &&
        forallb (fun o => forallb (fun r => avoids (nth r (value h) [])) (columns o)) (blank (Model.output h))) hs
    | FeedForward g v o => forallb (fun r => forallb (fun u => avoids (nth u g []) && avoids (nth u v [])) (columns r)) (blank o)
    | Recurrence a b o d => forallb avoids b && forallb nothing d && forallb (fun c => nothing (nth c o [])) R
    | Selective a b o d g h m => forallb avoids b && forallb nothing d && forallb (fun c => nothing (nth c o [])) R && forallb avoids g
    end.
  Definition untouched (L : layer) (c : nat) : bool :=
    match L with
    | Attention hs => forallb (fun h => nothing (nth c (Model.output h) [])) hs
    | FeedForward g v o => nothing (nth c o [])
    | Recurrence a b o d | Selective a b o d _ _ _ => nothing (nth c o []) && nothing (nth c d [])
    end.
  Definition mean_target l e b : P :=
    pmul [(2, [])] (total_of (fun kq => pmul (of_row X (snd kq)) (of_row Y (fst kq))) l)
    ++ neg (total_of (fun kq => pmul (of_row Y (fst kq)) (of_row Y (fst kq))) l) ++ neg (of_row Y e)
    ++ pmul (total_of (fun kq => pmul (of_row X (snd kq)) (of_row X (snd kq))) l) (of_row Y (coord b)).
  Definition check_fraction F (L : layer) (c : nat) (g : fraction) : bool :=
    match L, g with
    | Attention hs, Mean l e b r =>
      match filter (fun h => negb (nothing (nth c (Model.output h) []))) hs with
      | [h] => forallb avoids (query h) && forallb avoids (key h) && has_first F b && never_negative F e && zero_at_start F e && forallb (fun kq => zero_at_start F (fst kq)) l &&
               equal_polys F (of_score h) (mean_target l e b) && same_row (compose (nth c (Model.output h) []) (value h)) r
      | _ => false end
    | FeedForward gm vm o, Times f a =>
      match nth c o [] with
      | [(u, p)] => same_entry p (const 1) && avoids (nth u gm []) && same_row (nth u gm []) f && same_row (nth u vm []) a
      | _ => false end
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

    Lemma one_writes hs h Y i c : filter (fun h => negb (nothing (nth c (Model.output h) []))) hs = [h] ->
      total QcN (map (fun h0 => read_head QcN rho h0 Y i c) hs) = read_head QcN rho h Y i c.
    Proof.
      assert (forall k ks, total QcN (map (fun h0 => read_head QcN rho h0 Y i c) (k :: ks)) = (read_head QcN rho k Y i c + total QcN (map (fun h0 => read_head QcN rho h0 Y i c) ks))%Qc) as St by reflexivity.
      induction hs as [|k hs IH]; [discriminate|]. cbn [filter]. rewrite St. destruct (nothing (nth c (Model.output k) [])) eqn:Nk; cbn [negb]; intros Fl.
      - rewrite (IH Fl), (read_nothing QcN k Y i c) by (apply nothing_is; exact Nk). apply Qcplus_0_l.
      - injection Fl as -> Fl. assert (total QcN (map (fun h0 => read_head QcN rho h0 Y i c) hs) = 0%Qc) as ->; [|apply Qcplus_0_r].
        clear IH. induction hs as [|k hs IH]; [reflexivity|]. cbn [filter] in Fl. destruct (nothing (nth c (Model.output k) [])) eqn:Nk'; cbn [negb] in Fl; [|discriminate].
        rewrite St, (IH Fl), (read_nothing QcN k Y i c) by (apply nothing_is; exact Nk'). apply Qcplus_0_l.
    Qed.

    (** Coordinates of integers. *)
    Lemma layer_integers L i c : integers_apart R L = true -> single_in rho (mask R L) x len -> (i < len)%nat -> mem c R = false ->
      apply QcN rho L X i c = inj (apply ZN rho (mask R L) x i c).
    Proof.
      intros A S Hi Hc. destruct L as [hs|g v o|a b o d|a b o d g h m]; cbn [mask apply integers_apart] in *; cbn [add QcN ZN]; rewrite inj_add, (ints i c Hi Hc); f_equal.
      - induction hs as [|h hs IH]; [reflexivity|]. cbn [forallb] in A. apply andb_prop in A. destruct A as (A & A').
        cbn [filter] in *. change (total QcN (map (fun h0 => read_head QcN rho h0 X i c) (h :: hs))) with
          (read_head QcN rho h X i c + total QcN (map (fun h0 => read_head QcN rho h0 X i c) hs))%Qc.
        destruct (kept R h) eqn:Kp.
        + cbn [negb orb] in A. rewrite !andb_true_iff in A. destruct A as ((Q & K) & V).
          change (map (blank_head R) (h :: filter (kept R) hs)) with (blank_head R h :: map (blank_head R) (filter (kept R) hs)) in *. change (total ZN (map (fun h0 => read_head ZN rho h0 x i c) (blank_head R h :: map (blank_head R) (filter (kept R) hs)))) with
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
      - rewrite !andb_true_iff in A. destruct A as (((B & D) & _) & Ag). rewrite inj_add. f_equal.
        + unfold at_row. apply times_inj. intros k. revert i Hi k. assert (forall i, (i < len)%nat -> forall k, selected_state QcN rho a b g h m X i k = inj (selected_state ZN rho a b g h m x i k)) as G; [|intros; apply G; auto].
          induction i as [|i IH]; intros Hi k; cbn [selected_state].
          * apply row_inj; auto. apply nth_avoids. exact B.
          * cbn [add QcN ZN]. rewrite !inj_add. unfold at_row. f_equal; [f_equal|]; [apply times_inj; intros; apply IH; lia|apply times_inj; intros u|apply row_inj; auto; apply nth_avoids; exact B].
            cbn [mul QcN ZN]. rewrite inj_mul, <- relu_inj. f_equal; [f_equal; apply row_inj; auto; apply nth_avoids; exact Ag|apply times_inj; intros; apply IH; lia].
        + unfold at_row. rewrite (nth_nothing d c D). reflexivity.
    Qed.
    Lemma layer_untouched L i c : untouched L c = true -> apply QcN rho L X i c = X i c.
    Proof.
      intros U. destruct L as [hs|g v o|a b o d|a b o d g h m]; cbn [untouched apply] in *; cbn [add QcN].
      - assert (total QcN (map (fun h => read_head QcN rho h X i c) hs) = 0%Qc) as ->; [|apply Qcplus_0_r].
        induction hs as [|h hs IH]; [reflexivity|]. cbn [forallb] in U. apply andb_prop in U. destruct U as (U & U').
        change (total QcN (map (fun h0 => read_head QcN rho h0 X i c) (h :: hs))) with (read_head QcN rho h X i c + total QcN (map (fun h0 => read_head QcN rho h0 X i c) hs))%Qc.
        rewrite (IH U'), (read_nothing QcN h X i c) by (apply nothing_is; exact U). apply Qcplus_0_l.
      - unfold at_row. rewrite (nothing_is _ U). apply Qcplus_0_r.
      - apply andb_prop in U. destruct U as (U & V). unfold at_row. rewrite (nothing_is _ U), (nothing_is _ V). change (X i c + 0 = X i c)%Qc. apply Qcplus_0_r.
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
    Lemma layer_fraction F L i c g : holds rho len F x -> (i < len)%nat -> X i c = 0%Qc -> check_fraction R F L c g = true ->
      apply QcN rho L X i c = fraction_sem rho x m i g.
    Proof.
      intros H Hi Z0 C. destruct L as [hs|gm vm o|a b o d|a b o d sel h m'], g as [l e b' r|f a']; cbn [check_fraction] in C; try discriminate; cbn [apply add QcN]; rewrite Z0.
      - destruct (filter _ hs) as [|h [|]] eqn:Fl; try discriminate. rewrite !andb_true_iff in C. destruct C as (((((((Q & K) & C1) & C2) & C3) & C4) & C5) & C6).
        rewrite (one_writes hs h X i c Fl).
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

(** ** Order of fractions *)
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
