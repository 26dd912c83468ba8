(** I. The theorems: what a boolean, computed from weights and a network of gadgets, means. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound NetModel.
Import ListNotations.
Open Scope Z_scope.

(** ** What is written: the first alternative of which all conditions are 1. *)
Inductive what :=
| Token (s : nat)
| Value (v : row)
| Choice (places : list (nat * list Z)) (values : list row).       (* the special token whose place the values are *)
Record output := Output { o_what : what; o_when : list row }.
Record network := Network {
  features : list feature; stages : list stage; squares : list (nat * nat);   (* hints: coordinate, of which it is the square *)
  outputs : list output; logit_scale : option nat;
  once : bool }.                                                              (* the first special token stands at position 0 only *)

Definition net_stream rho (N : network) (w : list tok) : nat -> nat -> Z := run_stages rho (stages N) (embedding rho (features N) w).
Definition check_layers (M : model) (N : network) : bool :=
  check_embedding M (features N) && is_one (specials M) (nth 0 (features N) no_feature) && Nat.ltb 0 (length (features N)) &&
  check_stages (first_facts (once N) (specials M) (squares N) (features N)) (squares N) (layers M) (stages N).
Definition scales (N : network) : list nat := flat_map stage_scales (stages N).

Section Layers.
  Variables (rho : env) (M : model) (N : network) (w : list tok).
  Hypothesis checked : check_layers M N = true.
  Hypothesis ok : prompt_ok (once N) M w.
  Hypothesis fits : forall s, In s (scales N) -> Z.of_nat (length w) <= rho s.

  Lemma layers_described : described rho (length w) (layers M) (embedding rho (features N) w) (net_stream rho N w).
  Proof.
    unfold check_layers in checked. rewrite !andb_true_iff in checked. destruct checked as (((E & O) & L) & C). apply Nat.ltb_lt in L.
    apply (stages_described rho (length w) (squares N) _ _ _ _ (first_holds (once N) rho M _ w ok (squares N) O L) C). exact fits.
  Qed.
  (** The weights compute the network: over the rationals, and over the integers. *)
  Theorem weights_compute_network : agree (length w) (stream QcN rho M w) (net_stream rho N w).
  Proof.
    apply (described_runs rho (length w) _ _ _ layers_described). intros i c Hi. rewrite embed_inj. f_equal. apply embedding_is.
    unfold check_layers in checked. rewrite !andb_true_iff in checked. tauto.
  Qed.
  Lemma described_runs_Z len Ls x z : described rho len Ls x z -> forall y, same len y x ->
    same len (fold_left (fun xs L => apply ZN rho L xs) Ls y) z.
  Proof.
    induction 1 as [|L Ls x u z S E D IH]; intros y A; [exact A|]. cbn [fold_left]. apply IH.
    intros i c Hi. rewrite (apply_same rho len y x L A i c Hi). apply E. exact Hi.
  Qed.
  Theorem weights_compute_network_Z : same (length w) (stream ZN rho M w) (net_stream rho N w).
  Proof.
    apply (described_runs_Z (length w) _ _ _ layers_described). intros i c Hi. apply embedding_is.
    unfold check_layers in checked. rewrite !andb_true_iff in checked. tauto.
  Qed.
End Layers.

(** ** Logits *)
Definition mentions (o : output) (t : tok) : bool :=
  match o_what o, t with
  | Token s, Special s' => Nat.eqb s s'
  | Value _, Number _ => true
  | Choice l _, Special s => match assoc s l with Some _ => true | None => false end
  | _, _ => false
  end.
Definition when_row (l : list row) : row := concat l ++ number (1 - Z.of_nat (length l)).
Definition near (values : list row) (place : list Z) : row :=
  concat (map (fun vc => row_mul (const (2 * snd vc)) (fst vc)) (combine values place)) ++ number (- norm2 place).
Fixpoint special_row (m : nat) (l : list output) (s : nat) : row :=
  match l with
  | [] => []
  | o :: l' => if mentions o (Special s)
    then row_mul [(Z.of_nat (length l), [(m, 1%nat)])] (when_row (o_when o)) ++
         match o_what o with Choice places values => match assoc s places with Some p => near values p | None => [] end | _ => [] end
    else special_row m l' s
  end.
Fixpoint number_rows (m : nat) (l : list output) : row * row * row :=
  match l with
  | [] => ([], [], [])
  | o :: l' => match o_what o with
    | Value v => (row_mul [(Z.of_nat (length l), [(m, 1%nat)])] (when_row (o_when o)), row_mul (const 2) v, number (-1))
    | _ => number_rows m l'
    end
  end.
Fixpoint mentioned (l : list output) (t : tok) : nat :=
  match l with [] => 0 | o :: l' => (if mentions o t then 1 else 0) + mentioned l' t end.
Fixpoint places_differ (l : list (nat * list Z)) : bool :=
  match l with [] => true | (s, p) :: l' => forallb (fun tq => negb (if list_eq_dec Z.eq_dec p (snd tq) then true else false)) l' && places_differ l' end.
Definition choice_ok (o : output) : bool :=
  match o_what o with
  | Choice l values => places_differ l && distinct (map fst l) && forallb (fun sp => Nat.eqb (length (snd sp)) (length values)) l
  | _ => true end.
Definition check_logits (M : model) (N : network) : bool :=
  match logit_scale N with
  | Some m =>
    let '(r0, r1, r2) := number_rows m (outputs N) in
    forallb (fun s => same_row (nth s (special_logits M) []) (special_row m (outputs N) s)) (seq 0 (specials M)) &&
    same_row (nth 0 (polynomial_logits M) []) r0 && same_row (nth 1 (polynomial_logits M) []) r1 && same_row (nth 2 (polynomial_logits M) []) r2 &&
    forallb (fun s => Nat.leb (mentioned (outputs N) (Special s)) 1) (seq 0 (specials M)) && Nat.leb (mentioned (outputs N) (Number 0)) 1 &&
    forallb choice_ok (outputs N)
  | None =>
    match outputs N with
    | [o] => match o_what o, o_when o with
      | Value v, [] => forallb (fun s => same_row (nth s (special_logits M) []) (number (-1))) (seq 0 (specials M)) &&
        same_row (nth 0 (polynomial_logits M) []) [] && same_row (nth 1 (polynomial_logits M) []) (row_mul (const 2) v) &&
        same_row (nth 2 (polynomial_logits M) []) (number (-1))
      | _, _ => false end
    | _ => false end
  end.
Definition check (M : model) (N : network) : bool := check_layers M N && check_logits M N.

Lemma check_is_layers M N : check M N = true -> check_layers M N = true.
Proof. unfold check. rewrite andb_true_iff. tauto. Qed.

Section Decide.
  Variables (rho : env) (x : nat -> Z).
  Let v r := lin rho r x.
  Definition applies (o : output) : bool := forallb (fun f => v f =? 1) (o_when o).
  Fixpoint place_of (l : list (nat * list Z)) (p : list Z) : option nat :=
    match l with [] => None | (s, q) :: l' => if list_eq_dec Z.eq_dec q p then Some s else place_of l' p end.
  Definition names (o : output) : option tok :=
    match o_what o with
    | Token s => Some (Special s)
    | Value r => Some (Number (v r))
    | Choice l values => match place_of l (map v values) with Some s => Some (Special s) | None => None end
    end.
  Fixpoint decide (l : list output) : option tok :=
    match l with [] => None | o :: l' => if applies o then names o else decide l' end.
  (** Conditions are flags; the logit scale is above what numbers and choices add. *)
  Definition bonus_bound (o : output) : Z := match o_what o with Token _ => 0 | Value r => v r * v r | Choice _ l => norm2 (map v l) end.
  Definition tame (m : Z) (l : list output) : Prop :=
    forall o, In o l -> (forall f, In f (o_when o) -> v f = 0 \/ v f = 1) /\ bonus_bound o < m.

  Hypothesis one : x 0%nat = 1.
  Variable m : Z.
  Hypothesis pos : 0 < m.
  Definition bonus (o : output) (t : tok) : Z :=
    match o_what o, t with
    | Value r, Number k => 2 * v r * k - k * k
    | Choice l values, Special s => match assoc s l with Some p => 2 * dot (map v values) p - norm2 p | None => 0 end
    | _, _ => 0
    end.
  Fixpoint spec_logit (l : list output) (t : tok) : Z :=
    match l with
    | [] => 0
    | o :: l' => if mentions o t then Z.of_nat (length l) * m * v (when_row (o_when o)) + bonus o t else spec_logit l' t
    end.
  Lemma when_is o : (forall f, In f (o_when o) -> v f = 0 \/ v f = 1) -> if applies o then v (when_row (o_when o)) = 1 else v (when_row (o_when o)) <= 0.
  Proof.
    intros F. destruct (all_is rho x (o_when o) F) as (A & B). unfold applies, when_row, v in *. rewrite lin_app, lin_number by auto.
    destruct (forallb _ _); [destruct B as (_ & B); specialize (B eq_refl); lia|].
    assert (lin rho (concat (o_when o)) x <> Z.of_nat (length (o_when o))) by (intros E; apply B in E; discriminate). lia.
  Qed.
  Lemma place_of_In l p s : place_of l p = Some s -> In (s, p) l.
  Proof.
    induction l as [|(t, q) l IH]; [discriminate|]. cbn [place_of]. destruct (list_eq_dec Z.eq_dec q p) as [->|]; intros H; [|right; auto].
    injection H as ->. left. reflexivity.
  Qed.
  Lemma places_differ_is l s t p : places_differ l = true -> In (s, p) l -> In (t, p) l -> s = t.
  Proof.
    induction l as [|(u, q) l IH]; intros D Hs Ht; [destruct Hs|]. cbn [places_differ] in D. apply andb_prop in D. destruct D as (D & D').
    assert (forall s', In (s', q) l -> False) as No.
    { intros s' I. pose proof (forallb_In _ _ _ D I) as E. cbn [snd] in E. destruct (list_eq_dec Z.eq_dec q q); [discriminate|congruence]. }
    destruct Hs as [Hs|Hs], Ht as [Ht|Ht]; auto.
    - congruence.
    - injection Hs as -> ->. destruct (No _ Ht).
    - injection Ht as -> ->. destruct (No _ Hs).
  Qed.
  Lemma bonus_le o t : choice_ok o = true -> bonus o t <= bonus_bound o.
  Proof.
    unfold choice_ok, bonus, bonus_bound. destruct (o_what o) as [s|r|l values], t as [s'|k]; intros C.
    - apply Z.le_refl.
    - apply Z.le_refl.
    - apply Z.square_nonneg.
    - generalize (v r). intros y. pose proof (Z.square_nonneg (y - k)). nia.
    - rewrite !andb_true_iff in C. destruct C as (_ & C). destruct (assoc s' l) as [p|] eqn:As; [|apply norm2_nonneg].
      pose proof (forallb_In _ _ _ C (assoc_In _ _ _ As)) as E. apply Nat.eqb_eq in E. cbn [snd] in E.
      rewrite complete_square by (rewrite map_length; auto). pose proof (dist2_nonneg (map v values) p). lia.
    - apply norm2_nonneg.
  Qed.
  Lemma bonus_names o t : choice_ok o = true -> names o = Some t -> mentions o t = true /\ bonus o t = bonus_bound o /\
    forall u, mentions o u = true -> u <> t -> bonus o u < bonus o t.
  Proof.
    unfold choice_ok, names, mentions, bonus, bonus_bound. destruct (o_what o) as [s|r|l values]; intros C E.
    - injection E as <-. rewrite Nat.eqb_refl. split; auto. split; auto. intros [s'|k] Me D; [|discriminate]. apply Nat.eqb_eq in Me. congruence.
    - injection E as <-. split; auto. split; [ring|]. intros [s'|k] Me D; [discriminate|]. assert (k <> v r) as Nk by congruence. revert Nk. generalize (v r). intros y Nk. nia.
    - destruct (place_of l (map v values)) as [s|] eqn:Pl; [|discriminate]. injection E as <-. rewrite !andb_true_iff in C. destruct C as ((Df & Ds) & C).
      apply place_of_In in Pl. apply distinct_NoDup in Ds. rewrite (assoc_NoDup _ _ _ Ds Pl). split; auto.
      assert (2 * dot (map v values) (map v values) - norm2 (map v values) = norm2 (map v values)) as Self by (unfold norm2; ring).
      split; auto. intros [s'|k] Me D; [|discriminate]. destruct (assoc s' l) as [p|] eqn:As; [|discriminate]. apply assoc_In in As.
      pose proof (forallb_In _ _ _ C As) as E. apply Nat.eqb_eq in E. cbn [snd] in E. rewrite Self, complete_square by (rewrite map_length; auto).
      pose proof (dist2_nonneg (map v values) p). assert (dist2 (map v values) p <> 0); [|lia]. intros Z0.
      apply dist2_zero in Z0; [|rewrite map_length; auto]. subst p. apply D. f_equal. apply (places_differ_is l s' s (map v values)); auto.
  Qed.
  Lemma spec_upper l t : tame m l -> forallb choice_ok l = true -> spec_logit l t < m * (Z.of_nat (length l) + 1).
  Proof.
    induction l as [|o l IH]; intros T C; [cbn; lia|]. cbn [spec_logit forallb] in *. apply andb_prop in C. destruct C as (C & C').
    destruct (T o ltac:(left; auto)) as (F & B). destruct (mentions o t).
    - pose proof (when_is o F) as W. pose proof (bonus_le o t C).
      set (n := Z.of_nat (length (o :: l))) in *. assert (0 <= n) by lia. clearbody n. destruct (applies o); [rewrite W; nia|]. assert (n * m * v (when_row (o_when o)) <= 0) by (apply Z.mul_nonneg_nonpos; [nia|auto]).
      assert (0 <= m * n) by nia. lia.
    - assert (spec_logit l t < m * (Z.of_nat (length l) + 1)) by (apply IH; auto; intros o' I; apply T; right; auto).
      cbn [length]. rewrite Nat2Z.inj_succ. lia.
  Qed.
  Lemma bound_nonneg o : 0 <= bonus_bound o.
  Proof. unfold bonus_bound. destruct (o_what o); [lia|apply Z.square_nonneg|apply norm2_nonneg]. Qed.
  Lemma unmentioned l t : decide l = Some t -> forallb choice_ok l = true -> mentioned l t <> 0%nat.
  Proof.
    induction l as [|o l IH]; [discriminate|]. cbn [decide mentioned forallb]. intros D C. apply andb_prop in C. destruct C as (C & C').
    destruct (applies o); [|specialize (IH D C'); lia]. destruct (bonus_names o t C D) as (-> & _). lia.
  Qed.
  Lemma spec_lower l t : tame m l -> forallb choice_ok l = true -> (mentioned l t <= 1)%nat -> decide l = Some t -> m <= spec_logit l t.
  Proof.
    induction l as [|o l IH]; [discriminate|]. cbn [decide mentioned forallb spec_logit]. intros T C Me D. apply andb_prop in C. destruct C as (C & C').
    destruct (T o ltac:(left; auto)) as (F & B). pose proof (when_is o F) as W. destruct (applies o) eqn:A.
    - destruct (bonus_names o t C D) as (-> & -> & _). rewrite W. pose proof (bound_nonneg o). cbn [length]. rewrite Nat2Z.inj_succ. nia.
    - pose proof (unmentioned l t D C'). destruct (mentions o t); [lia|]. apply IH; auto. intros o' I. apply T. right. auto.
  Qed.
  Theorem spec_wins l t u : tame m l -> forallb choice_ok l = true -> (mentioned l t <= 1)%nat -> decide l = Some t -> u <> t ->
    spec_logit l u < spec_logit l t.
  Proof.
    induction l as [|o l IH]; [discriminate|]. cbn [decide mentioned forallb]. intros T C Me D Ne. pose proof C as C0. apply andb_prop in C0. destruct C0 as (Co & C').
    assert (tame m l) as T' by (intros o' I; apply T; right; auto).
    destruct (T o ltac:(left; auto)) as (F & B). pose proof (when_is o F) as W. cbn [spec_logit]. destruct (applies o) eqn:A.
    - destruct (bonus_names o t Co D) as (-> & Bt & Lt). rewrite W. destruct (mentions o u) eqn:Mu; [specialize (Lt u Mu Ne); lia|].
      pose proof (spec_upper l u T' C'). pose proof (bound_nonneg o). cbn [length]. rewrite Nat2Z.inj_succ. lia.
    - pose proof (unmentioned l t D C'). destruct (mentions o t); [lia|]. destruct (mentions o u) eqn:Mu.
      + pose proof (spec_lower l t T' C' Me D). pose proof (bonus_le o u Co).
        set (n := Z.of_nat (length (o :: l))) in *. assert (0 <= n) by lia. clearbody n. assert (n * m * v (when_row (o_when o)) <= 0) by (apply Z.mul_nonneg_nonpos; [nia|auto]). lia.
      + apply IH; auto.
  Qed.

  (** Rows of logits. *)
  Lemma v_near values p : length p = length values -> v (near values p) = 2 * dot (map v values) p - norm2 p.
  Proof.
    intros L. unfold near, v. rewrite lin_app, lin_number by auto.
    assert (lin rho (concat (map (fun vc => row_mul (const (2 * snd vc)) (fst vc)) (combine values p))) x = 2 * dot (map (fun r => lin rho r x) values) p) as ->; [|ring].
    clear L. revert p. induction values as [|r values IH]; intros [|c p]; try reflexivity. cbn [combine map concat fst snd dot].
    rewrite lin_app, lin_row_mul, peval_const, IH. ring.
  Qed.
  Lemma v_scaled k mv r : rho mv = m -> v (row_mul [(k, [(mv, 1%nat)])] r) = k * m * v r.
  Proof. intros E. unfold v. rewrite lin_row_mul, peval_cons. unfold peval_mono. cbn [fold_right fst snd power]. rewrite E. change (peval rho []) with 0. ring. Qed.
  Lemma special_row_is mv l s : rho mv = m -> forallb choice_ok l = true -> v (special_row mv l s) = spec_logit l (Special s).
  Proof.
    intros E. induction l as [|o l IH]; intros C; [reflexivity|]. cbn [special_row spec_logit forallb] in *. apply andb_prop in C. destruct C as (C & C').
    destruct (mentions o (Special s)) eqn:Me; [|auto]. unfold v at 1. rewrite lin_app. fold (v (row_mul [(Z.of_nat (length (o :: l)), [(mv, 1%nat)])] (when_row (o_when o)))).
    rewrite v_scaled by auto. f_equal. unfold bonus, choice_ok, mentions in *. destruct (o_what o) as [s'|r|places values]; try reflexivity.
    destruct (assoc s places) as [p|] eqn:As; [|reflexivity]. apply v_near. rewrite !andb_true_iff in C. destruct C as (_ & C).
    pose proof (forallb_In _ _ _ C (assoc_In _ _ _ As)) as L. apply Nat.eqb_eq in L. exact L.
  Qed.
  Lemma number_rows_are mv l k : rho mv = m -> let '(r0, r1, r2) := number_rows mv l in v r0 + v r1 * k + v r2 * (k * k) = spec_logit l (Number k).
  Proof.
    intros E. induction l as [|o l IH]; [reflexivity|]. cbn [number_rows spec_logit]. destruct (number_rows mv l) as ((r0, r1), r2).
    unfold mentions, bonus in *. destruct (o_what o) as [s|r|places values]; auto.
    rewrite v_scaled by auto. unfold v. rewrite lin_row_mul, peval_const, lin_number by auto. ring.
  Qed.
End Decide.

(** ** What is written next *)
Lemma logit_Z rho M (x : nat -> Z) t : logit ZN rho M x t =
  match t with Special s => lin rho (nth s (special_logits M) []) x
             | Number k => lin rho (nth 0 (polynomial_logits M) []) x + lin rho (nth 1 (polynomial_logits M) []) x * k + lin rho (nth 2 (polynomial_logits M) []) x * (k * k) end.
Proof.
  destruct t as [s|k]; [reflexivity|].
  refine (@eq_trans Z _ (lin rho (nth 0 (polynomial_logits M) []) x * 1 + (lin rho (nth 1 (polynomial_logits M) []) x * (k * 1)
                + (lin rho (nth 2 (polynomial_logits M) []) x * (k * (k * 1)) + 0))) _ eq_refl _). ring.
Qed.
Lemma logits_next rho M w (x : nat -> Z) t : (forall u, logit QcN rho M (stream QcN rho M w (length w - 1)) u = inj (logit ZN rho M x u)) ->
  In t (vocabulary rho M) -> (forall u, In u (vocabulary rho M) -> u <> t -> logit ZN rho M x u < logit ZN rho M x t) -> next QcN rho M w = t.
Proof.
  intros A I B. unfold next. destruct (vocabulary rho M) as [|b l]; [contradiction|]. apply (arg_max_is _ (logit ZN rho M x)); auto.
Qed.
Lemma agree_next rho M w (z : nat -> nat -> Z) t : w <> [] -> agree (length w) (stream QcN rho M w) z -> In t (vocabulary rho M) ->
  (forall u, In u (vocabulary rho M) -> u <> t -> logit ZN rho M (z (length w - 1)%nat) u < logit ZN rho M (z (length w - 1)%nat) t) ->
  next QcN rho M w = t.
Proof.
  intros Hw A I B. apply (logits_next rho M w (z (length w - 1)%nat)); auto. intros u. apply logit_inj. intros c. apply A. destruct w; [congruence|simpl; lia].
Qed.

(** If the logits are those of integers, the network decides. *)
Theorem logits_decide rho M N w (x : nat -> Z) t : check_logits M N = true -> x 0%nat = 1 ->
  (forall u, logit QcN rho M (stream QcN rho M w (length w - 1)) u = inj (logit ZN rho M x u)) ->
  decide rho x (outputs N) = Some t -> In t (vocabulary rho M) ->
  match logit_scale N with Some m => 0 < rho m /\ tame rho x (rho m) (outputs N) | None => True end ->
  next QcN rho M w = t.
Proof.
  intros L One A D V T. apply (logits_next rho M w x t A V).
  intros u U Nu. unfold check_logits in L. destruct (logit_scale N) as [m|].
  - destruct T as (Pm & T). pose proof (number_rows_are rho x One (rho m)) as Nr. specialize (fun k => Nr m (outputs N) k eq_refl).
    destruct (number_rows m (outputs N)) as ((r0, r1), r2). rewrite !andb_true_iff in L. destruct L as ((((((Ls & L0) & L1) & L2) & Ms) & Mn) & Ch).
    assert (forall a, In a (vocabulary rho M) -> logit ZN rho M x a = spec_logit rho x (rho m) (outputs N) a) as E.
    { intros a Ia. rewrite logit_Z. apply in_vocabulary in Ia. destruct a as [s|k].
      - rewrite <- (special_row_is rho x One (rho m) m) by auto. apply same_row_sound. apply (forallb_In _ _ s Ls). apply in_seq. lia.
      - rewrite <- Nr. rewrite (same_row_sound rho _ _ x L0), (same_row_sound rho _ _ x L1), (same_row_sound rho _ _ x L2). reflexivity. }
    rewrite !E by auto. apply (spec_wins rho x One (rho m) Pm); auto. apply in_vocabulary in V. destruct t as [s|k].
    + pose proof (forallb_In _ _ s Ms ltac:(apply in_seq; lia)) as Q. apply Nat.leb_le in Q. exact Q.
    + apply Nat.leb_le in Mn. clear - Mn. assert (mentioned (outputs N) (Number k) = mentioned (outputs N) (Number 0)) as ->; auto.
      induction (outputs N) as [|o l IH]; [reflexivity|]. cbn [mentioned]. rewrite <- IH; [reflexivity|]. cbn [mentioned] in Mn. destruct (mentions o (Number 0)); lia.
  - destruct (outputs N) as [|o [|]]; try discriminate. cbn [decide] in D. unfold applies, names in D. destruct (o_what o) as [|r|]; try discriminate.
    destruct (o_when o); [|discriminate]. cbn [forallb] in D. injection D as <-. rewrite !andb_true_iff in L. destruct L as (((Ls & L0) & L1) & L2).
    rewrite !logit_Z. rewrite (same_row_sound rho _ _ x L0), (same_row_sound rho _ _ x L1), (same_row_sound rho _ _ x L2), lin_row_mul, peval_const, lin_number by auto.
    change (lin rho [] x) with 0. apply in_vocabulary in U. destruct u as [s|k].
    + rewrite (same_row_sound rho _ (number (-1)) x) by (apply (forallb_In _ _ s Ls); apply in_seq; lia). rewrite lin_number by auto. nia.
    + assert (k <> lin rho r x) by congruence. nia.
Qed.

Theorem network_decides rho M N w t :
  check M N = true -> prompt_ok (once N) M w -> w <> [] ->
  (forall s, In s (scales N) -> Z.of_nat (length w) <= rho s) ->
  let x := net_stream rho N w (length w - 1)%nat in
  decide rho x (outputs N) = Some t -> In t (vocabulary rho M) ->
  match logit_scale N with Some m => 0 < rho m /\ tame rho x (rho m) (outputs N) | None => True end ->
  next QcN rho M w = t.
Proof.
  intros C Ok Ne Sc x D V T. unfold check in C. apply andb_prop in C. destruct C as (C & L).
  pose proof (weights_compute_network rho M N w C Ok Sc) as A. assert (length w - 1 < length w)%nat as Hl by (destruct w; [congruence|simpl; lia]).
  apply (logits_decide rho M N w x t L); auto; [|intros u; apply logit_inj; intros c; apply A; exact Hl]. unfold x. clear x D V T L A Ne Sc. revert Hl. generalize (length w - 1)%nat. intros i Hi.
  unfold check_layers in C. rewrite !andb_true_iff in C. destruct C as (((_ & O) & Lf) & Cs). apply Nat.ltb_lt in Lf.
  pose proof (first_holds (once N) rho M (features N) w Ok (squares N) O Lf) as H. unfold net_stream. revert Cs H. generalize (embedding rho (features N) w).
  generalize (first_facts (once N) (specials M) (squares N) (features N)). generalize (layers M). induction (stages N) as [|s ss IH]; intros [|Ly Ls] F y Cs H; try discriminate; [apply H; auto|].
  cbn [check_stages] in Cs. apply andb_prop in Cs. destruct Cs as (C1 & C2). cbn [run_stages fold_left]. apply (IH Ls (next_facts F (squares N) s)); auto. apply (next_holds rho (length w) F (squares N) Ly s y); auto.
Qed.
