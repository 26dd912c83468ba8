(** Where every head picks one position, the exact model computes integers: its run over Q is the image of its run
    over Z. So proofs need look at integers only. *)
From Coq Require Import ZArith QArith Qcanon List Bool Lia Arith.
From RetrievalGap Require Import Attend Model.
Import ListNotations.
Open Scope Z_scope.

Definition inj (z : Z) : Qc := Q2Qc (inject_Z z).

Lemma inj_add a b : inj (a + b) = (inj a + inj b)%Qc.
Proof. unfold inj, Qcplus. apply Q2Qc_eq_iff. unfold Q2Qc. cbn [this]. rewrite !Qred_correct. rewrite inject_Z_plus. reflexivity. Qed.
Lemma inj_mul a b : inj (a * b) = (inj a * inj b)%Qc.
Proof. unfold inj, Qcmult. apply Q2Qc_eq_iff. unfold Q2Qc. cbn [this]. rewrite !Qred_correct. rewrite inject_Z_mult. reflexivity. Qed.
Lemma inj_leb a b : Qle_bool (inj a) (inj b) = (a <=? b).
Proof.
  apply eq_true_iff_eq. rewrite Qle_bool_iff, Z.leb_le. unfold inj, Q2Qc. cbn [this]. rewrite !Qred_correct.
  rewrite Zle_Qle. reflexivity.
Qed.
Lemma inj_zero : inj 0 = 0%Qc. Proof. reflexivity. Qed.
Lemma inj_one : inj 1 = 1%Qc. Proof. reflexivity. Qed.
Lemma mean_one (x : Qc) : @mean QcN [x] = x.
Proof. simpl. change (Q2Qc (inject_Z 1)) with 1%Qc. unfold Qcdiv. change (/ 1)%Qc with 1%Qc. ring. Qed.

Section Shadow.
  Variable rho : env.

  Definition agree (len : nat) (X : nat -> vec QcN) (x : nat -> vec ZN) : Prop :=
    forall i c, (i < len)%nat -> X i c = inj (x i c).

  Lemma times_inj r (X : vec QcN) (x : vec ZN) : (forall c, X c = inj (x c)) -> times QcN rho r X = inj (times ZN rho r x).
  Proof.
    intros H. unfold times. induction r as [|(c, p) r IH]; [reflexivity|]. cbn [fold_right]. rewrite IH, H.
    cbn. rewrite inj_add, inj_mul. reflexivity.
  Qed.

  Lemma total_inj {A} (F : A -> QcN) (f : A -> ZN) l : (forall a, In a l -> F a = inj (f a)) ->
    total QcN (map F l) = inj (total ZN (map f l)).
  Proof.
    induction l as [|a l IH]; intros H; [reflexivity|]. unfold total in *. cbn [map fold_right].
    rewrite IH by (intros; apply H; right; auto). rewrite H by (left; auto). cbn. rewrite inj_add. reflexivity.
  Qed.

  Lemma score_inj len X x h i j : agree len X x -> (i < len)%nat -> (j < len)%nat ->
    score QcN rho h X i j = inj (score ZN rho h x i j).
  Proof.
    intros A Hi Hj. unfold score. cbn [add QcN ZN]. rewrite inj_add. f_equal.
    apply total_inj. intros (q, k) _. cbn [fst snd mul QcN ZN]. rewrite inj_mul. f_equal; apply times_inj; intros; apply A; auto.
  Qed.

  Lemma forallb_ext {A} (f g : A -> bool) l : (forall a, In a l -> f a = g a) -> forallb f l = forallb g l.
  Proof. induction l; simpl; intros H; auto. rewrite H, IHl; auto. Qed.
  Lemma filter_ext_in' {A} (f g : A -> bool) l : (forall a, In a l -> f a = g a) -> filter f l = filter g l.
  Proof. induction l; simpl; intros H; auto. rewrite H, IHl; auto. Qed.

  Lemma picks_inj len X x h i : agree len X x -> (i < len)%nat -> picks QcN rho h X i = picks ZN rho h x i.
  Proof.
    intros A Hi. unfold picks. apply filter_ext_in'. intros j Hj. apply in_seq in Hj.
    apply forallb_ext. intros j' Hj'. apply in_seq in Hj'. cbn [leb QcN ZN].
    rewrite !(score_inj len X x) by (auto; lia). apply inj_leb.
  Qed.

  (** Every head of the layers picks one position, at every position below len. *)
  Definition single_in (L : layer) (x : nat -> vec ZN) (len : nat) : Prop :=
    match L with
    | Attention hs => forall h, In h hs -> forall i, (i < len)%nat -> exists p, picks ZN rho h x i = [p] /\ (p <= i)%nat
    | _ => True
    end.

  Lemma relu_inj a : relu QcN (inj a) = inj (relu ZN a).
  Proof. unfold relu. cbn [leb zero QcN ZN]. rewrite <- inj_zero, inj_leb. destruct (a <=? 0); reflexivity. Qed.

  Lemma state_inj len X x a b t k : agree len X x -> (t < len)%nat -> state QcN rho a b X t k = inj (state ZN rho a b x t k).
  Proof.
    intros A. revert k. induction t as [|t IH]; intros k Ht; cbn [state].
    - unfold at_row. apply times_inj. intros. apply A. auto.
    - cbn [add QcN ZN]. rewrite inj_add. unfold at_row. f_equal; apply times_inj; intros; [apply IH; lia|apply A; auto].
  Qed.

  Lemma selected_inj len X x a b g h m t k : agree len X x -> (t < len)%nat -> selected_state QcN rho a b g h m X t k = inj (selected_state ZN rho a b g h m x t k).
  Proof.
    intros A. revert k. induction t as [|t IH]; intros k Ht; cbn [selected_state].
    - unfold at_row. apply times_inj. intros. apply A. auto.
    - cbn [add QcN ZN]. rewrite !inj_add. unfold at_row. f_equal; [f_equal|]; apply times_inj; intros; [apply IH; lia| |apply A; auto].
      cbn [mul QcN ZN]. rewrite inj_mul, <- relu_inj. f_equal; [f_equal|]; apply times_inj; intros; [apply A; auto|apply IH; lia].
  Qed.

  Lemma apply_inj len X x L : agree len X x -> single_in L x len -> agree len (apply QcN rho L X) (apply ZN rho L x).
  Proof.
    intros A S i c Hi. destruct L as [hs|g v o|a b o d|a b o d g h m]; cbn [apply add QcN ZN]; rewrite ?inj_add, (A i c Hi); f_equal.
    - apply total_inj. intros h Hh. unfold read_head, at_row. apply times_inj. intros r. unfold found.
      rewrite (picks_inj len X x) by auto. destruct (S h Hh i Hi) as (p & -> & Hp). cbn [map].
      rewrite mean_one. cbn [mean ZN hd]. unfold at_row. apply times_inj. intros. apply A. lia.
    - unfold at_row. apply times_inj. intros u. unfold unit_, at_row. cbn [mul QcN ZN]. rewrite inj_mul, <- relu_inj.
      f_equal; [f_equal|]; apply times_inj; intros; apply A; auto.
    - f_equal; unfold at_row; apply times_inj; intros; [apply state_inj with len|apply A]; auto.
    - f_equal; unfold at_row; apply times_inj; intros; [apply selected_inj with len|apply A]; auto.
  Qed.

  (** Equal streams of integers up to a position give equal layers. *)
  Definition same (len : nat) (x y : nat -> vec ZN) : Prop := forall i c, (i < len)%nat -> x i c = y i c.

  Lemma times_same r (x y : vec ZN) : (forall c, x c = y c) -> times ZN rho r x = times ZN rho r y.
  Proof. intros H. unfold times. induction r as [|e r IH]; [reflexivity|]. cbn [fold_right]. rewrite IH, H. reflexivity. Qed.
  Lemma score_same len x y h i j : same len x y -> (i < len)%nat -> (j < len)%nat -> score ZN rho h x i j = score ZN rho h y i j.
  Proof.
    intros A Hi Hj. unfold score. f_equal. f_equal. apply map_ext. intros (q, k). cbn [fst snd].
    f_equal; apply times_same; intros; apply A; auto.
  Qed.
  Lemma picks_same len x y h i : same len x y -> (i < len)%nat -> picks ZN rho h x i = picks ZN rho h y i.
  Proof.
    intros A Hi. unfold picks. apply filter_ext_in'. intros j Hj. apply in_seq in Hj.
    apply forallb_ext. intros j' Hj'. apply in_seq in Hj'. rewrite !(score_same len x y) by (auto; lia). reflexivity.
  Qed.
  Lemma single_same len x y L : same len x y -> single_in L y len -> single_in L x len.
  Proof.
    intros A. destruct L; simpl; auto. intros H h Hh i Hi. rewrite (picks_same len x y) by auto. auto.
  Qed.
  Lemma state_same len x y a b t k : same len x y -> (t < len)%nat -> state ZN rho a b x t k = state ZN rho a b y t k.
  Proof.
    intros A. revert k. induction t as [|t IH]; intros k Ht; cbn [state].
    - unfold at_row. apply times_same. intros. apply A. auto.
    - unfold at_row. f_equal; apply times_same; intros; [apply IH; lia|apply A; auto].
  Qed.
  Lemma selected_same len x y a b g h m t k : same len x y -> (t < len)%nat -> selected_state ZN rho a b g h m x t k = selected_state ZN rho a b g h m y t k.
  Proof.
    intros A. revert k. induction t as [|t IH]; intros k Ht; cbn [selected_state].
    - unfold at_row. apply times_same. intros. apply A. auto.
    - unfold at_row. f_equal; [f_equal|]; apply times_same; intros; [apply IH; lia| |apply A; auto]. f_equal; [f_equal|]; apply times_same; intros; [apply A; auto|apply IH; lia].
  Qed.
  Lemma picks_in N h (xs : nat -> vec N) i p : In p (picks N rho h xs i) -> (p <= i)%nat.
  Proof. unfold picks. rewrite filter_In, in_seq. lia. Qed.
  Lemma apply_same len x y L : same len x y -> same len (apply ZN rho L x) (apply ZN rho L y).
  Proof.
    intros A i c Hi. destruct L as [hs|g v o|a b o d|a b o d g h m]; cbn [apply]; rewrite (A i c Hi); f_equal.
    - f_equal. apply map_ext. intros h. unfold read_head, at_row. apply times_same. intros r. unfold found.
      rewrite (picks_same len x y) by auto. f_equal. apply map_ext_in. intros j Hj. apply picks_in in Hj.
      unfold at_row. apply times_same. intros. apply A. lia.
    - unfold at_row. apply times_same. intros u. unfold unit_, at_row.
      f_equal; [f_equal|]; apply times_same; intros; apply A; auto.
    - f_equal; unfold at_row; apply times_same; intros; [apply state_same with len|apply A]; auto.
    - f_equal; unfold at_row; apply times_same; intros; [apply selected_same with len|apply A]; auto.
  Qed.

  (** A chain of descriptions: what each layer turns the stream into. *)
  Inductive described (len : nat) : list layer -> (nat -> vec ZN) -> (nat -> vec ZN) -> Prop :=
  | done x : described len [] x x
  | layer_is L Ls x y z : single_in L x len -> same len (apply ZN rho L x) y -> described len Ls y z ->
      described len (L :: Ls) x z.

  Lemma described_runs len Ls x z : described len Ls x z -> forall X, agree len X x ->
    agree len (fold_left (fun xs L => apply QcN rho L xs) Ls X) z.
  Proof.
    induction 1 as [|L Ls x y z S E D IH]; intros X A; [exact A|]. cbn [fold_left]. apply IH.
    intros i c Hi. rewrite (apply_inj len X x) by auto. f_equal. auto.
  Qed.

  Lemma embed_inj M t i c : embed QcN rho M t i c = inj (embed ZN rho M t i c).
  Proof.
    unfold embed. cbn [add QcN ZN]. rewrite inj_add. unfold at_row. f_equal; [destruct t|]; apply times_inj; intros j;
      unfold one_hot, powers, places; auto. destruct (Nat.eqb j s); reflexivity.
  Qed.

  Theorem stream_is M w z : described (length w) (layers M) (fun i => embed ZN rho M (nth i w (Special 0)) i) z ->
    agree (length w) (stream QcN rho M w) z.
  Proof. intros D. apply (described_runs _ _ _ _ D). intros i c Hi. apply embed_inj. Qed.

  Lemma logit_inj M (X : vec QcN) (x : vec ZN) t : (forall c, X c = inj (x c)) -> logit QcN rho M X t = inj (logit ZN rho M x t).
  Proof.
    intros H. destruct t; unfold logit, at_row; [apply times_inj; auto|]. apply total_inj. intros l _.
    cbn [mul QcN ZN]. rewrite inj_mul. f_equal. apply times_inj; auto.
  Qed.
End Shadow.

(** A strict maximum is the only pick. *)
Lemma filter_single (P : nat -> bool) i p : (p <= i)%nat -> P p = true -> (forall j, (j <= i)%nat -> j <> p -> P j = false) ->
  filter P (seq 0 (S i)) = [p].
Proof.
  intros Hp Pp H. assert (forall n s, (s <= p < s + n)%nat -> (s + n <= S i)%nat -> filter P (seq s n) = [p]) as G.
  { induction n as [|n IH]; intros s Hs Hn; [lia|]. simpl. destruct (Nat.eq_dec s p) as [->|D].
    - rewrite Pp. f_equal. assert (forall m s', (p < s')%nat -> (s' + m <= S i)%nat -> filter P (seq s' m) = []) as E.
      { induction m as [|m IHm]; intros s' H1 H2; auto. simpl. rewrite H by lia. apply IHm; lia. }
      apply E; lia.
    - rewrite H by lia. apply IH; lia. }
  apply G; lia.
Qed.

Lemma picks_best rho h (xs : nat -> vec ZN) i p : best i (score ZN rho h xs i) p -> picks ZN rho h xs i = [p].
Proof.
  intros (Hp & B). unfold picks. apply filter_single; auto.
  - apply forallb_forall. intros j Hj. apply in_seq in Hj. apply Z.leb_le.
    destruct (Nat.eq_dec j p) as [->|D]; [apply Z.le_refl|]. specialize (B j ltac:(lia) D). apply Z.lt_le_incl. exact B.
  - intros j Hj D. apply Bool.not_true_iff_false. intros F. rewrite forallb_forall in F.
    specialize (F p ltac:(apply in_seq; lia)). specialize (B j Hj D). apply Z.leb_le in F. cbn in *. lia.
Qed.

Lemma best_ext i f g p : (forall j, (j <= i)%nat -> f j = g j) -> best i g p -> best i f p.
Proof. intros E (Hp & B). split; auto. intros j Hj D. rewrite !E by auto. auto. Qed.

(** The largest logit. *)
Lemma arg_max_is (f : tok -> Qc) (g : tok -> Z) t : (forall u, f u = inj (g u)) ->
  forall l b, In t (b :: l) -> (forall u, In u (b :: l) -> u <> t -> g u < g t) -> arg_max QcN f b l = t.
Proof.
  intros E. induction l as [|u l IH]; intros b I B.
  - simpl in *. destruct I as [|[]]; auto.
  - cbn [arg_max leb QcN]. rewrite !E, inj_leb. apply IH.
    + destruct I as [->|[->|I]]; [|left|right; auto].
      * left. destruct (Z.leb_spec (g u) (g t)); auto. destruct (tok_eq_dec u t); auto.
        specialize (B u ltac:(simpl; auto) n). lia.
      * destruct (Z.leb_spec (g t) (g b)); auto. destruct (tok_eq_dec b t); auto.
        specialize (B b ltac:(simpl; auto) n). lia.
    + intros v Hv D. apply B; auto. destruct Hv as [<-|Hv]; [|right; right; auto].
      destruct (g u <=? g b); [left|right; left]; auto.
Qed.

Lemma in_vocabulary rho M t : In t (vocabulary rho M) <->
  match t with Special s => (s < specials M)%nat | Number k => peval rho (low M) <= k <= peval rho (high M) end.
Proof.
  unfold vocabulary. rewrite in_app_iff, !in_map_iff. destruct t as [s|k]; split.
  - intros [(x & E & H)|(x & E & H)]; [|discriminate]. apply in_seq in H. injection E as ->. lia.
  - intros H. left. exists s. split; auto. apply in_seq. lia.
  - intros [(x & E & H)|(x & E & H)]; [discriminate|]. apply in_seq in H. injection E as <-. lia.
  - intros H. right. exists (Z.to_nat (k - peval rho (low M))). split; [f_equal; lia|]. apply in_seq. lia.
Qed.

Theorem next_is rho M w z t : w <> [] ->
  described rho (length w) (layers M) (fun i => embed ZN rho M (nth i w (Special 0)) i) z ->
  In t (vocabulary rho M) ->
  (forall u, In u (vocabulary rho M) -> u <> t ->
    logit ZN rho M (z (length w - 1)%nat) u < logit ZN rho M (z (length w - 1)%nat) t) ->
  next QcN rho M w = t.
Proof.
  intros Hw D I B. unfold next. destruct (vocabulary rho M) as [|b l]; [contradiction|].
  apply (arg_max_is _ (logit ZN rho M (z (length w - 1)%nat))); auto.
  intros u. apply logit_inj. intros c. apply stream_is with (z := z); auto. destruct w; [congruence|simpl; lia].
Qed.

Lemma scale_spec p : p <= scale p /\ 0 < scale p.
Proof.
  unfold scale. pose proof (Z.log2_up_nonneg p). split; [|apply Z.pow_pos_nonneg; lia].
  destruct (Z_le_gt_dec p 1); [|apply Z.log2_up_spec; lia].
  assert (0 < 2 ^ Z.log2_up p) by (apply Z.pow_pos_nonneg; lia). lia.
Qed.
