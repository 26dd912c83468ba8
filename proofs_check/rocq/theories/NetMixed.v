(** O. Networks with fractions: integers, fractions beside them, and integers that are made of these. What is written is
    decided by the sign of a fraction, or by integers. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound NetModel NetTop NetRange NetFull NetMean NetCount.
Import ListNotations.
Open Scope Z_scope.

Record mean_network := MeanNetwork {
  base : network;                                   (* what is made of integers alone *)
  fractions : list (list (nat * fraction));         (* stage by stage *)
  counts : list (list (nat * counted));             (* stage by stage *)
  sign : row }.                                     (* 1 is written if it is positive, else 0; if the base has no outputs *)

(** A stage computes integers, and fractions beside them. *)
Definition mixed_sem rho (R : list nat) (s : stage) (fs : list (nat * fraction)) (ns : list (nat * counted)) (x : nat -> nat -> Z) (m : nat -> nat -> Qc) : nat -> nat -> Qc :=
  fun i c => match assoc c fs with Some g => fraction_sem rho x m i g | None => if mem c R then m i c else inj (counted_stage rho s ns x i c) end.
Fixpoint run_mixed rho R (ss : list stage) (fss : list (list (nat * fraction))) (nss : list (list (nat * counted))) (x : nat -> nat -> Z) (m : nat -> nat -> Qc) : nat -> nat -> Qc :=
  match ss with
  | [] => m
  | s :: ss' => run_mixed rho R ss' (tl fss) (tl nss) (counted_stage rho s (hd [] nss) x) (mixed_sem rho R s (hd [] fss) (hd [] nss) x m)
  end.
Fixpoint run_counted rho (ss : list stage) (nss : list (list (nat * counted))) (x : nat -> nat -> Z) : nat -> nat -> Z :=
  match ss with [] => x | s :: ss' => run_counted rho ss' (tl nss) (counted_stage rho s (hd [] nss) x) end.
Definition places_of (fss : list (list (nat * fraction))) : list nat := flat_map (map fst) fss.
Definition mean_stream rho (N : mean_network) (w : list tok) : nat -> nat -> Qc :=
  let x := embedding rho (features (base N)) w in
  run_mixed rho (places_of (fractions N)) (stages (base N)) (fractions N) (counts N) x (fun i c => inj (x i c)).
(** Its integers alone. *)
Definition count_stream rho (N : mean_network) (w : list tok) : nat -> nat -> Z :=
  run_counted rho (stages (base N)) (counts N) (embedding rho (features (base N)) w).

(** ** The check, stage by stage *)
Section Check.
  Variables (D : domain) (R : list nat) (T : poly) (sq : list (nat * nat)) (claims : ranges).
  Definition all_ranges (I B : ranges) : ranges := B ++ filter (fun cr => negb (mem (fst cr) R)) I.
  Definition fraction_range (I B : ranges) (g : fraction) (lo hi : poly) : bool :=
    match g with
    | Mean _ _ _ r => inside D (all_ranges I B) r lo hi
    | Times f a =>
      match row_range D I f, row_range D (all_ranges I B) a with
      | Some (_, fh), Some (al, ah) => le D lo [] && le D [] hi && le D [] fh && le D lo (poly_mul fh al) && le D (poly_mul fh ah) hi
      | _, _ => false end
    end.
  Definition next_fractions (I B : ranges) (fs : list (nat * fraction)) : ranges :=
    filter (fun cr => match assoc (fst cr) fs with Some g => fraction_range I B g (fst (snd cr)) (snd (snd cr)) | None => false end) claims ++ B.
  (** What is known after some stages: facts, ranges of integers and fractions, which fractions were written, averages, numbers. *)
  Record seen := Seen { s_facts : facts; s_ints : ranges; s_fractions : ranges; s_old : list nat; s_averages : averages; s_numbers : numbers_ }.
  Definition step (S : seen) (s : stage) (fs : list (nat * fraction)) (ns : list (nat * counted)) : seen :=
    let F := s_facts S in {|
      s_facts := extend (next_facts F sq s) (map fst ns) (counted_facts F sq ns);
      s_ints := filter (fun cr => match assoc (fst cr) ns with Some g => counted_range D (s_ints S) T g (fst (snd cr)) (snd (snd cr)) | None => false end) claims
                ++ next_ranges D F (s_ints S) T claims s;
      s_fractions := next_fractions (s_ints S) (s_fractions S) fs;
      s_old := map fst fs ++ s_old S;
      s_averages := new_averages R F fs ++ s_averages S;
      s_numbers := new_numbers F ns ++ s_numbers S |}.
  Definition check_mixed (S : seen) (L : layer) (s : stage) (fs : list (nat * fraction)) (ns : list (nat * counted)) : bool :=
    let F := s_facts S in let W := map fst ns ++ R in
    check_stage F (mask W L) s && integers_apart W L &&
    distinct (map fst fs) && forallb (fun c => mem c R && negb (mem c (s_old S))) (map fst fs) &&
    distinct (map fst ns) && forallb (fun c => negb (mem c R) && negb (mem c (stage_keys s ++ written F))) (map fst ns) &&
    forallb (fun c => match assoc c fs with Some g => check_fraction R F L c g | None => untouched L c end) R &&
    forallb (fun cg => check_counted R T F (s_averages S) (s_numbers S) L (fst cg) (snd cg)) ns.
  Fixpoint run_checked (S : seen) (Ls : list layer) (ss : list stage) (fss : list (list (nat * fraction))) (nss : list (list (nat * counted))) : option seen :=
    match Ls, ss with
    | [], [] => Some S
    | L :: Ls', s :: ss' => if check_mixed S L s (hd [] fss) (hd [] nss) then run_checked (step S s (hd [] fss) (hd [] nss)) Ls' ss' (tl fss) (tl nss) else None
    | _, _ => None
    end.
End Check.

(** ** Whole networks *)
Section Run.
  Variables (rho : env) (len : nat) (R : list nat).
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
  Lemma all_bounded F I B x m : ranged rho len I F x -> bounded B m -> (forall i c, (i < len)%nat -> mem c R = false -> m i c = inj (x i c)) -> bounded (all_ranges R I B) m.
  Proof.
    intros Rg Bd A c lo hi K i Hi. apply in_app_or in K. destruct K as [K|K]; [apply (Bd c lo hi K i Hi)|].
    apply filter_In in K. destruct K as (K & N). cbn [fst] in N. rewrite negb_true_iff in N. destruct (Rg c lo hi K) as (_ & V). specialize (V i Hi).
    unfold between. rewrite A by auto. rewrite <- !inj_le. exact V.
  Qed.
  Lemma fraction_between F I B x m g lo hi i : holds rho len F x -> ranged rho len I F x -> bounded (all_ranges R I B) m -> m i 0%nat = 1%Qc -> (forall j, (j <= i)%nat -> m j 0%nat = 1%Qc) -> (i < len)%nat ->
    fraction_range D R I B g lo hi = true -> between (fraction_sem rho x m i g) lo hi.
  Proof.
    intros H Rg Bd One Ones Hi C. destruct g as [l e b r|f a]; cbn [fraction_range fraction_sem] in *; unfold between.
    - unfold inside in C. destruct (row_range D (all_ranges R I B) r) as [(al, ah)|] eqn:Er; [|discriminate]. apply andb_prop in C. destruct C as (C1 & C2).
      apply (le_sound D rho _ _ G) in C1, C2. apply mean_between.
      + unfold tied. cbn [seq filter Nat.eqb orb map]. discriminate.
      + intros v Iv. apply in_map_iff in Iv. destruct Iv as (j & <- & Ij). unfold tied in Ij. apply filter_In in Ij. destruct Ij as (Ij & _). apply in_seq in Ij.
        destruct (row_between (all_ranges R I B) m j Bd ltac:(lia) ltac:(apply Ones; lia) r al ah Er) as (L & U). apply inj_le in C1, C2.
        split; [apply (Qcle_trans _ _ _ C1 L)|apply (Qcle_trans _ _ _ U C2)].
    - destruct (row_range D I f) as [(fl, fh)|] eqn:Ef; [|discriminate]. destruct (row_range D (all_ranges R I B) a) as [(al, ah)|] eqn:Ea; [|discriminate].
      rewrite !andb_true_iff in C. destruct C as ((((C1 & C2) & C3) & C4) & C5). apply (le_sound D rho _ _ G) in C1, C2, C3, C4, C5. rewrite peval_mul in C4, C5. change (peval rho []) with 0 in *.
      pose proof (row_range_is D rho len G I F x Rg H i Hi f fl fh Ef) as Bf. destruct (row_between _ m i Bd Hi One a al ah Ea) as (L & U).
      set (k := Z.max (lin rho f (x i)) 0). assert (0 <= k <= peval rho fh) as Bk by (unfold k; lia). clearbody k.
      split.
      + apply Qcle_trans with (inj k * inj (peval rho al))%Qc; [|apply scaled_le; [lia|exact L]]. rewrite <- inj_mul. apply (proj1 (inj_le _ _)).
        destruct (Z_le_gt_dec 0 (peval rho al)); [assert (0 <= k * peval rho al) by (apply Z.mul_nonneg_nonneg; lia); lia|assert (peval rho fh * peval rho al <= k * peval rho al) by (apply Z.mul_le_mono_nonpos_r; lia); lia].
      + apply Qcle_trans with (inj k * inj (peval rho ah))%Qc; [apply scaled_le; [lia|exact U]|]. rewrite <- inj_mul. apply (proj1 (inj_le _ _)).
        destruct (Z_le_gt_dec 0 (peval rho ah)); [assert (k * peval rho ah <= peval rho fh * peval rho ah) by (apply Z.mul_le_mono_nonneg_r; lia); lia|assert (k * peval rho ah <= 0) by (apply Z.mul_nonneg_nonpos; lia); lia].
  Qed.

  Variables (sq : list (nat * nat)) (claims : ranges).
  Hypothesis zero_apart : mem 0 R = false.
  Record knows (S : seen) (x : nat -> nat -> Z) (m : nat -> nat -> Qc) : Prop := {
    k_facts : holds rho len (s_facts S) x;
    k_ints : ranged rho len (s_ints S) (s_facts S) x;
    k_fractions : bounded (s_fractions S) m;
    k_places : forall c lo hi, In (c, (lo, hi)) (s_fractions S) -> In c (s_old S);
    k_old : forall c, In c (s_old S) -> mem c R = true;
    k_same : forall i c, (i < len)%nat -> mem c R = false -> m i c = inj (x i c);
    k_none : forall i c, (i < len)%nat -> mem c R = true -> ~ In c (s_old S) -> m i c = 0%Qc;
    k_averages : forall ca, In ca (s_averages S) -> average_known rho len R (s_facts S) x m ca;
    k_written : incl (map fst (s_averages S)) (s_old S);
    k_numbers : forall ca, In ca (s_numbers S) -> number_known rho len (s_facts S) x ca }.
  Lemma step_holds S L s fs ns X x m : knows S x m -> check_mixed R T S L s fs ns = true -> (forall k, In k (stage_scales s) -> Z.of_nat len <= rho k) ->
    (forall i c, (i < len)%nat -> X i c = m i c) ->
    (forall i c, (i < len)%nat -> apply QcN rho L X i c = mixed_sem rho R s fs ns x m i c) /\
    knows (step D R T sq claims S s fs ns) (counted_stage rho s ns x) (mixed_sem rho R s fs ns x m).
  Proof.
    intros Kn C Sc A. destruct Kn as [H Rg Bd Pl Old Same None_ Av Wr Nu]. unfold check_mixed in C. set (F := s_facts S) in *. set (W := map fst ns ++ R) in *.
    rewrite !andb_true_iff in C. destruct C as (((((((C & Ap) & Df) & Kf) & Dn) & Kn) & Fr) & Cn). apply distinct_NoDup in Df, Dn.
    destruct (stage_step rho len F (mask W L) s x H C Sc) as (Si & Sa).
    assert (forall i c, (i < len)%nat -> mem c R = false -> X i c = inj (x i c)) as Ints by (intros i c Hi Hc; rewrite A by auto; auto).
    assert (forall c, mem c W = false -> mem c R = false /\ ~ In c (map fst ns)) as InW.
    { intros c Hc. apply mem_not in Hc. split; [apply mem_not|]; intros I; apply Hc, in_or_app; auto. }
    assert (forall c, mem c R = false -> assoc c fs = None) as No.
    { intros c Hc. apply assoc_None. intros K. pose proof (forallb_In _ _ c Kf K) as E. cbv beta in E. rewrite Hc in E. discriminate. }
    assert (forall c, In c (map fst ns) -> mem c R = false /\ ~ In c (stage_keys s ++ written F)) as Fresh.
    { intros c Hc. pose proof (forallb_In _ _ c Kn Hc) as E. cbv beta in E. rewrite andb_true_iff, !negb_true_iff, mem_not in E. rewrite mem_not in E. rewrite mem_not. exact E. }
    assert (forall c, In c (map fst fs) -> mem c R = true /\ ~ In c (s_old S)) as KeysF.
    { intros c Hc. pose proof (forallb_In _ _ c Kf Hc) as E. cbv beta in E. rewrite andb_true_iff, negb_true_iff, mem_not in E. exact E. }
    assert (forall ca, In ca (s_averages S) -> average_known rho len R F x X ca) as AvX.
    { intros ca I. specialize (Av ca I). destruct ca as (c, ((l, e), r)). destruct Av as (V1 & V2 & V3). split; [exact V1|]. split; [exact V2|]. intros i Hi. rewrite A by auto. auto. }
    assert (forall i c, (i < len)%nat -> In c (written F) -> counted_stage rho s ns x i c = x i c) as Stay.
    { intros i c Hi Wc. unfold counted_stage. assert (assoc c ns = None) as ->.
      { apply assoc_None. intros K. destruct (Fresh c K) as (_ & N). apply N, in_or_app. auto. }
      apply stage_sem_outside. intros K. unfold check_stage in C. rewrite !andb_true_iff in C. destruct C as ((_ & Fs) & _). pose proof (forallb_In _ _ c Fs K) as N. cbv beta in N. rewrite negb_true_iff, mem_not in N. auto. }
    set (x' := counted_stage rho s ns x) in *. set (m' := mixed_sem rho R s fs ns x m).
    assert (forall i c, (i < len)%nat -> apply QcN rho L X i c = m' i c) as Step.
    { intros i c Hi. unfold m', mixed_sem. destruct (mem c R) eqn:Hc.
      - pose proof (forallb_In _ _ c Fr (proj1 (mem_In c R) Hc)) as E. cbv beta in E. destruct (assoc c fs) as [g|] eqn:As.
        + apply (layer_fraction rho len R X x Ints m A F L i c g); auto. rewrite A by auto. apply None_; auto. apply KeysF. apply assoc_In in As. apply in_map_iff. exists (c, g). auto.
        + rewrite (layer_untouched rho X L i c E). apply A. exact Hi.
      - rewrite (No c Hc). unfold x', counted_stage. destruct (assoc c ns) as [g|] eqn:As.
        + apply assoc_In in As. pose proof (forallb_In _ _ _ Cn As) as E. cbn [fst snd] in E. apply (layer_counted rho len R T fits F (s_averages S) (s_numbers S) X x H zero_apart Ints AvX Nu L c g i Hi); auto.
          rewrite (Ints i c Hi Hc). destruct (Fresh c ltac:(apply in_map_iff; exists (c, g); auto)) as (_ & N). destruct H as (_ & _ & Z0 & _). rewrite Z0; [reflexivity|exact Hi|]. intros I. apply N, in_or_app. auto.
        + assert (mem c W = false) as Hw by (apply mem_not; intros I; apply in_app_or in I; destruct I as [I|I]; [apply assoc_None in As; auto|apply mem_In in I; congruence]).
          rewrite (layer_integers rho len W X x (fun i c Hi Hc => Ints i c Hi (proj1 (InW c Hc))) L i c Ap Si Hi Hw), (Sa i c Hi). reflexivity. }
    split; [exact Step|].
    pose proof (next_holds rho len F sq (mask W L) s x H C) as Nh.
    assert (holds rho len (s_facts (step D R T sq claims S s fs ns)) x') as Hn.
    { cbn [step s_facts]. apply holds_extend with (stage_sem rho s x).
      - exact Nh.
      - intros i c Hi Wc. unfold x', counted_stage. assert (assoc c ns = None) as ->; [|reflexivity]. apply assoc_None. intros K. destruct (Fresh c K) as (_ & N). apply N. destruct s; exact Wc.
      - intros i c Hi N. unfold x', counted_stage. assert (assoc c ns = None) as ->; [apply assoc_None; intros K; apply N, in_or_app; auto|]. apply Nh; auto. intros I. apply N, in_or_app. auto.
      - intros f Hf. apply (counted_facts_hold rho len F x H s ns sq f Dn Hf). }
    assert (incl (written F) (written (s_facts (step D R T sq claims S s fs ns)))) as Inc.
    { cbn [step s_facts extend written]. intros c Hc. apply in_or_app. right. assert (In c (stage_keys s ++ written F)) as Hd by (apply in_or_app; auto). destruct s; exact Hd. }
    assert (incl (map fst ns) (written (s_facts (step D R T sq claims S s fs ns)))) as IncN by (intros c Hc; cbn [step s_facts extend written]; apply in_or_app; auto).
    assert (forall i c g, assoc c ns = Some g -> x' i c = counted_sem rho x i g) as Vn by (intros i c g As; unfold x', counted_stage; rewrite As; reflexivity).
    assert (forall i c g, assoc c fs = Some g -> m' i c = fraction_sem rho x m i g) as Vf by (intros i c g As; unfold m', mixed_sem; rewrite As; reflexivity).
    assert (forall j, (j < len)%nat -> m j 0%nat = 1%Qc) as One by (intros j Hj; rewrite (Same j 0%nat Hj zero_apart), (proj1 H j Hj); reflexivity).
    assert (forall i c, (i < len)%nat -> In c (s_old S) -> m' i c = m i c) as Kept.
    { intros i c Hi O. unfold m', mixed_sem. destruct (assoc c fs) as [g|] eqn:As; [|rewrite (Old c O); reflexivity]. exfalso. apply assoc_In in As.
      destruct (KeysF c ltac:(apply in_map_iff; exists (c, g); auto)) as (_ & N). auto. }
    constructor.
    - exact Hn.
    - intros c lo hi I. cbn [step s_ints] in I. apply in_app_or in I. destruct I as [I|I].
      + apply filter_In in I. destruct I as (_ & I). cbn [fst snd] in I. destruct (assoc c ns) as [g|] eqn:As; [|discriminate]. pose proof (assoc_In _ _ _ As) as K.
        split; [apply IncN, in_map_iff; exists (c, g); auto|]. intros i Hi. rewrite (Vn i c g As). apply (counted_range_is rho len T fits F x H D (s_ints S)); auto.
      + destruct (next_ranged D rho len T G fits F sq claims (mask W L) s (s_ints S) x H C Rg c lo hi I) as (Wc & B). split.
        * cbn [step s_facts extend written]. apply in_or_app. right. destruct s; exact Wc.
        * intros i Hi. unfold x', counted_stage. assert (assoc c ns = None) as ->; [|apply B; exact Hi]. apply assoc_None. intros K. destruct (Fresh c K) as (_ & N). apply N. destruct s; exact Wc.
    - intros c lo hi I i Hi. cbn [step s_fractions] in I. unfold next_fractions in I. apply in_app_or in I. destruct I as [I|I].
      + apply filter_In in I. destruct I as (_ & I). cbn [fst snd] in I. destruct (assoc c fs) as [g|] eqn:As; [|discriminate]. rewrite (Vf i c g As).
        apply (fraction_between F (s_ints S) (s_fractions S) x m g lo hi i H Rg (all_bounded F (s_ints S) (s_fractions S) x m Rg Bd Same) (One i Hi)); auto. intros j Hj. apply One. lia.
      + rewrite (Kept i c Hi (Pl c lo hi I)). apply (Bd c lo hi I i Hi).
    - intros c lo hi I. cbn [step s_fractions s_old] in *. unfold next_fractions in I. apply in_or_app. apply in_app_or in I. destruct I as [I|I]; [left|right; apply (Pl c lo hi I)].
      apply filter_In in I. destruct I as (_ & I). cbn [fst] in I. destruct (assoc c fs) as [g|] eqn:As; [|discriminate]. apply assoc_In in As. apply in_map_iff. exists (c, g). auto.
    - intros c I. cbn [step s_old] in I. apply in_app_or in I. destruct I as [I|I]; [apply KeysF; exact I|apply Old; exact I].
    - intros i c Hi Hc. unfold m', mixed_sem. rewrite (No c Hc), Hc. reflexivity.
    - intros i c Hi Hc N. cbn [step s_old] in N. unfold m', mixed_sem. destruct (assoc c fs) as [g|] eqn:As.
      + exfalso. apply N, in_or_app. left. apply assoc_In in As. apply in_map_iff. exists (c, g). auto.
      + rewrite Hc. apply None_; auto. intros O. apply N, in_or_app. auto.
    - intros ca I. cbn [step s_averages] in I. apply in_app_or in I. destruct I as [I|I].
      + apply (averages_new rho len R F _ x m m' fs x' Df (fun c Hc => proj1 (KeysF c Hc)) Inc Same Stay (fun i c g _ => Vf i c g) ca I).
      + apply (averages_stay rho len R F _ (s_averages S) x m x' m' Av Inc Stay); auto.
    - intros c I. cbn [step s_averages s_old] in *. rewrite map_app in I. apply in_or_app. apply in_app_or in I. destruct I as [I|I]; [left|right; apply Wr; exact I].
      unfold new_averages in I. apply in_map_iff in I. destruct I as (ca & <- & I). apply in_flat_map in I. destruct I as ((d, g) & I & J). cbn [fst snd] in J.
      destruct g as [l e b r|]; [|destruct J]. destruct (_ && _); [|destruct J]. destruct J as [<-|[]]. apply in_map_iff. exists (d, Mean l e b r). auto.
    - intros ca I. cbn [step s_numbers] in I. apply in_app_or in I. destruct I as [I|I].
      + apply (numbers_new rho len F _ x x' ns H Dn Inc IncN Stay (fun i c g _ => Vn i c g) ca I).
      + apply (numbers_stay rho len F _ (s_numbers S) x x' Nu Inc Stay ca I).
  Qed.
  Theorem mixed_runs : forall ss Ls fss nss S S' X x m, knows S x m -> run_checked D R T sq claims S Ls ss fss nss = Some S' ->
    (forall k, In k (flat_map stage_scales ss) -> Z.of_nat len <= rho k) -> (forall i c, (i < len)%nat -> X i c = m i c) ->
    (forall i c, (i < len)%nat -> fold_left (fun xs L => apply QcN rho L xs) Ls X i c = run_mixed rho R ss fss nss x m i c) /\
    knows S' (run_counted rho ss nss x) (run_mixed rho R ss fss nss x m).
  Proof.
    induction ss as [|s ss IH]; intros [|L Ls] fss nss S S' X x m Kn C Sc A; cbn [run_checked] in C; try discriminate.
    - injection C as <-. split; assumption.
    - destruct (check_mixed _ _ _ _ _ _ _) eqn:Ck in C; [|discriminate]. cbn [flat_map] in Sc.
      destruct (step_holds S L s (hd [] fss) (hd [] nss) X x m Kn Ck ltac:(intros k K; apply Sc, in_or_app; auto) A) as (St & Kn').
      cbn [fold_left run_mixed run_counted]. apply (IH Ls (tl fss) (tl nss) _ S' _ _ _ Kn' C); auto. intros k K. apply Sc, in_or_app. auto.
  Qed.
End Run.

(** ** What is written: 1 if a fraction is positive, else 0. *)
Definition sign_rows (M : model) (r : row) : bool :=
  forallb (fun t => same_row (nth t (special_logits M) []) (number (-1))) (seq 0 (specials M)) &&
  same_row (nth 0 (polynomial_logits M) []) [] && same_row (nth 1 (polynomial_logits M) []) (plus r 3) && same_row (nth 2 (polynomial_logits M) []) (number (-3)).
Definition first_seen D M (N : mean_network) claims : seen :=
  let B := base N in Seen (first_facts (once B) (specials M) (squares B) (features B)) (first_ranges D M (features B) claims) [] [] [] [].
Definition run_network D M (N : mean_network) claims : option seen :=
  run_checked D (places_of (fractions N)) (top M) (squares (base N)) claims (first_seen D M N claims) (layers M) (stages (base N)) (fractions N) (counts N).
Definition check_base D M (N : mean_network) : bool :=
  let B := base N in
  check_embedding M (features B) && is_one (specials M) (nth 0 (features B) no_feature) && Nat.ltb 0 (length (features B)) &&
  forallb (fun c => Nat.leb (length (features B)) c) (places_of (fractions N)) && forallb (fun s => le D (top M) (var_ s)) (scales B).
Definition check_mean (D : domain) (M : model) (N : mean_network) (claims : ranges) : bool :=
  check_base D M N && sign_rows M (sign N) && le D (low M) [] && le D [] (low M) && le D (const 1) (high M) &&
  match run_network D M N claims with
  | Some Sn => match row_range D (all_ranges (places_of (fractions N)) (s_ints Sn) (s_fractions Sn)) (sign N) with Some (_, h) => le D h (const 2) | None => false end
  | None => false end.
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

Lemma zero_is_integer D M N : check_base D M N = true -> mem 0 (places_of (fractions N)) = false.
Proof.
  unfold check_base. rewrite !andb_true_iff. intros ((((_ & _) & Lf) & Fs) & _). apply Nat.ltb_lt in Lf. destruct (mem 0 _) eqn:E; [|reflexivity].
  apply mem_In in E. pose proof (forallb_In _ _ _ Fs E) as L. apply Nat.leb_le in L. lia.
Qed.
Section Runs.
  Variables (D : domain) (rho : env) (M : model) (N : mean_network) (claims : ranges) (w : list tok) (S : seen).
  Hypothesis G : good D rho.
  Hypothesis based : check_base D M N = true.
  Hypothesis run : run_network D M N claims = Some S.
  Hypothesis ok : input_ok rho M (base N) w.
  Theorem network_runs : (forall i c, (i < length w)%nat -> stream QcN rho M w i c = mean_stream rho N w i c) /\
    knows rho (length w) (places_of (fractions N)) S (count_stream rho N w) (mean_stream rho N w).
  Proof.
    pose proof based as C. unfold check_base in C. cbv zeta in C. set (R := places_of (fractions N)) in *. set (B := base N) in *.
    rewrite !andb_true_iff in C. destruct C as ((((Em & On) & Lf) & Fs) & Sc). apply Nat.ltb_lt in Lf.
    pose proof (first_holds (once B) rho M (features B) w (proj1 ok) (squares B) On Lf) as H.
    set (x := embedding rho (features B) w) in *.
    assert (forall c, mem c R = true -> (length (features B) <= c)%nat) as Out.
    { intros c Hc. apply mem_In in Hc. pose proof (forallb_In _ _ c Fs Hc) as E. apply Nat.leb_le in E. exact E. }
    assert (Z.of_nat (length w) <= peval rho (top M)) as Fit by (rewrite top_is; apply ok).
    assert (mem 0 R = false) as R0 by (destruct (mem 0 R) eqn:E; [specialize (Out 0%nat E); lia|reflexivity]).
    apply (mixed_runs rho (length w) R D (top M) G Fit (squares B) claims R0 (stages B) (layers M) (fractions N) (counts N) (first_seen D M N claims) S
      (fun i => embed QcN rho M (nth i w (Special 0)) i) x (fun i c => inj (x i c))); [|exact run| |].
    - constructor; cbn [first_seen s_facts s_ints s_fractions s_old s_averages s_numbers].
      + exact H.
      + intros c lo hi I. apply filter_In in I. destruct I as (_ & I). cbn [fst snd] in I. apply andb_prop in I. destruct I as (Lc & I). apply Nat.ltb_lt in Lc.
        split; [apply in_seq; lia|]. intros i Hi. apply (feature_range_is D rho M B G w ok); auto.
      + intros c lo hi [].
      + intros c lo hi [].
      + intros c [].
      + reflexivity.
      + intros i c Hi Hc _. specialize (Out c Hc). unfold x, embedding. rewrite nth_overflow by exact Out. unfold feature_sem. cbn [no_feature f_number f_position fst snd].
        destruct (nth i w (Special 0)); reflexivity.
      + intros ca [].
      + intros c [].
      + intros ca [].
    - intros s Hs. pose proof (fits_scale D rho M B G Sc s Hs) as K. rewrite top_is in Fit. lia.
    - intros i c Hi. rewrite embed_inj. f_equal. apply embedding_is. exact Em.
  Qed.
End Runs.

Section Means.
  Variables (D : domain) (rho : env) (M : model) (N : mean_network) (claims : ranges) (w : list tok).
  Hypothesis G : good D rho.
  Hypothesis checked : check_mean D M N claims = true.
  Hypothesis ok : input_ok rho M (base N) w.
  Let v := linq rho (sign N) (mean_stream rho N w (length w - 1)%nat).
  Lemma mean_parts : exists Sn, check_base D M N = true /\ run_network D M N claims = Some Sn /\ sign_rows M (sign N) = true /\ peval rho (low M) = 0 /\ 1 <= peval rho (high M) /\
    match row_range D (all_ranges (places_of (fractions N)) (s_ints Sn) (s_fractions Sn)) (sign N) with Some (_, h) => le D h (const 2) | None => false end = true.
  Proof.
    pose proof checked as C. unfold check_mean in C. rewrite !andb_true_iff in C. destruct C as (((((C1 & C2) & C3) & C4) & C5) & C6). destruct (run_network D M N claims) as [Sn|]; [|discriminate].
    exists Sn. apply (le_sound D rho _ _ G) in C3, C4, C5. rewrite peval_const in C5. change (peval rho []) with 0 in *. repeat split; auto. lia.
  Qed.
  Lemma means : (forall i c, (i < length w)%nat -> stream QcN rho M w i c = mean_stream rho N w i c) /\
    (w <> [] -> mean_stream rho N w (length w - 1)%nat 0%nat = 1%Qc /\ (v <= inj 2)%Qc).
  Proof.
    destruct mean_parts as (Sn & Cb & Cr & _ & _ & _ & Rg). destruct (network_runs D rho M N claims w Sn G Cb Cr ok) as (A & Kn). split; [exact A|].
    intros Ne. assert (length w - 1 < length w)%nat as Hl by (destruct w; [congruence|cbn; lia]).
    assert (mean_stream rho N w (length w - 1)%nat 0%nat = 1%Qc) as One.
    { rewrite (k_same _ _ _ _ _ _ Kn) by (auto; apply (zero_is_integer D M N Cb)). rewrite (proj1 (k_facts _ _ _ _ _ _ Kn) _ Hl). reflexivity. }
    split; [exact One|]. destruct (row_range D _ (sign N)) as [(l, h)|] eqn:E; [|discriminate]. apply (le_sound D rho _ _ G) in Rg. rewrite peval_const in Rg.
    pose proof (all_bounded rho (length w) (places_of (fractions N)) (s_facts Sn) (s_ints Sn) (s_fractions Sn) _ _ (k_ints _ _ _ _ _ _ Kn) (k_fractions _ _ _ _ _ _ Kn) (k_same _ _ _ _ _ _ Kn)) as Bd.
    destruct (row_between rho (length w) D G _ _ _ Bd Hl One (sign N) l h E) as (_ & U). apply (Qcle_trans _ _ _ U). exact (proj1 (inj_le _ _) Rg).
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
    destruct mean_parts as (Sn & _ & _ & Sg & _). unfold sign_rows in Sg. rewrite !andb_true_iff in Sg. destruct Sg as (((S1 & S2) & S3) & S4).
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
    destruct (proj2 means nonempty) as (_ & Top). destruct mean_parts as (Sn & _ & _ & _ & L0 & H1 & _).
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

(** ** What is written: as integers decide. *)
Definition count_next rho (N : mean_network) (w : list tok) : option tok := decide rho (count_stream rho N w (length w - 1)%nat) (outputs (base N)).
Definition check_counts (D : domain) (M : model) (N : mean_network) (claims : ranges) : bool :=
  let B := base N in let R := places_of (fractions N) in
  check_base D M N && check_logits M B && below_scale D (logit_scale B) [] &&
  forallb (avoids R) (special_logits M) && forallb (avoids R) (polynomial_logits M) &&
  match run_network D M N claims with
  | Some Sn => forallb (output_ok (once B) D M (s_facts Sn) (s_ints Sn) (logit_scale B)) (outputs B)
  | None => false end.
Section Counts.
  Variables (D : domain) (rho : env) (M : model) (N : mean_network) (claims : ranges).
  Hypothesis G : good D rho.
  Hypothesis checked : check_counts D M N claims = true.
  Lemma counts_checked : exists Sn, check_base D M N = true /\ run_network D M N claims = Some Sn /\ check_logits M (base N) = true /\
    below_scale D (logit_scale (base N)) [] = true /\ forallb (avoids (places_of (fractions N))) (special_logits M) = true /\
    forallb (avoids (places_of (fractions N))) (polynomial_logits M) = true /\
    forallb (output_ok (once (base N)) D M (s_facts Sn) (s_ints Sn) (logit_scale (base N))) (outputs (base N)) = true.
  Proof.
    pose proof checked as C. unfold check_counts in C. rewrite !andb_true_iff in C. destruct C as (((((C1 & C2) & C3) & C4) & C5) & C6). destruct (run_network D M N claims) as [Sn|]; [|discriminate].
    exists Sn. repeat split; assumption.
  Qed.
  (** The weights compute the network of gadgets: everything, and its integers alone. *)
  Theorem counts_compute w i c : input_ok rho M (base N) w -> (i < length w)%nat -> stream QcN rho M w i c = mean_stream rho N w i c.
  Proof. intros Ok. destruct counts_checked as (Sn & Cb & Cr & _). apply (network_runs D rho M N claims w Sn G Cb Cr Ok). Qed.
  Theorem counts_integers w i c : input_ok rho M (base N) w -> (i < length w)%nat -> mem c (places_of (fractions N)) = false ->
    stream QcN rho M w i c = inj (count_stream rho N w i c).
  Proof.
    intros Ok Hi Hc. rewrite (counts_compute w i c Ok Hi). destruct counts_checked as (Sn & Cb & Cr & _).
    destruct (network_runs D rho M N claims w Sn G Cb Cr Ok) as (_ & Kn). apply (k_same _ _ _ _ _ _ Kn i c Hi Hc).
  Qed.
  (** The model writes what the network says. *)
  Theorem counts_write w : input_ok rho M (base N) w -> w <> [] -> forall t, count_next rho N w = Some t ->
    next QcN rho M w = t /\ In t (vocabulary rho M) /\ (once (base N) = true -> t <> Special 0).
  Proof.
    intros Ok Ne t E. destruct counts_checked as (Sn & Cb & Cr & L & Pm & As & Ap & Os). destruct (network_runs D rho M N claims w Sn G Cb Cr Ok) as (A & Kn).
    assert (length w - 1 < length w)%nat as Hl by (destruct w; [congruence|cbn; lia]).
    apply (checked_outputs_write D rho M (base N) G w (count_stream rho N w) (s_facts Sn) (s_ints Sn) t Ne (k_facts _ _ _ _ _ _ Kn) (k_ints _ _ _ _ _ _ Kn) L Pm Os); [|exact E].
    assert (forall i c, (i < length w)%nat -> mem c (places_of (fractions N)) = false -> stream QcN rho M w i c = inj (count_stream rho N w i c)) as Ints by (intros; apply counts_integers; auto).
    assert (forall m k, forallb (avoids (places_of (fractions N))) m = true -> at_row QcN rho m k (stream QcN rho M w (length w - 1)) = inj (at_row ZN rho m k (count_stream rho N w (length w - 1)))) as Rows.
    { intros m k Am. unfold at_row. apply (row_inj rho (length w) _ _ _ Ints); [apply (nth_avoids _ m k Am)|exact Hl]. }
    intros [s|k]; unfold logit; [apply Rows; exact As|]. apply total_inj. intros l _. cbn [mul QcN ZN]. rewrite inj_mul. f_equal. apply Rows. exact Ap.
  Qed.
  Definition count_decode fuel w := decode_by M (count_next rho N) fuel w.
  Theorem counts_decode w r : input_ok rho M (base N) w -> w <> [] -> count_decode (S (Z.to_nat (peval rho (context M) + 1) - length w)) w = Some r ->
    decode QcN rho M w = r.
  Proof. apply (decoded rho M (base N) (count_next rho N)). exact counts_write. Qed.
End Counts.
