(** L. Everything by computation: for all sizes and inputs, the model writes what its network of gadgets says. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound NetModel NetTop NetRange.
Import ListNotations.
Open Scope Z_scope.

Fixpoint run_facts F sq (ss : list stage) : facts := match ss with [] => F | s :: ss' => run_facts (next_facts F sq s) sq ss' end.
Fixpoint run_ranges D F sq R T claims (ss : list stage) : ranges := match ss with [] => R | s :: ss' => run_ranges D (next_facts F sq s) sq (next_ranges D F R T claims s) T claims ss' end.
Definition top (M : model) : poly := context M ++ const 1.
Definition feature_range D M (f : feature) (lo hi : poly) : bool :=
  let '(n0, n1, n2) := f_number f in let '(p1, p2) := f_position f in
  let C := context M in
  let place := poly_mul (const p1) C ++ poly_mul (const p2) (poly_mul C C) in
  let sq := if n2 =? 0 then [] else if le D (poly_mul (low M) (low M)) (poly_mul (high M) (high M)) then poly_mul (high M) (high M) else poly_mul (low M) (low M) in
  (0 <=? n1) && (0 <=? n2) && (0 <=? p1) && (0 <=? p2) &&
  ((n2 =? 0) || le D (poly_mul (low M) (low M)) sq && le D (poly_mul (high M) (high M)) sq) &&
  le D lo (const n0 ++ poly_mul (const n1) (low M)) &&
  le D (const n0 ++ poly_mul (const n1) (high M) ++ poly_mul (const n2) sq ++ place) hi &&
  forallb (fun s => le D lo (column s (f_special f)) && le D (column s (f_special f) ++ place) hi) (seq 0 (specials M)).
Definition first_ranges D M (fs : list feature) (claims : ranges) : ranges :=
  filter (fun cr => Nat.ltb (fst cr) (length fs) && feature_range D M (nth (fst cr) fs no_feature) (fst (snd cr)) (snd (snd cr))) claims.
Definition square_bound D (l h : poly) : poly :=
  if le D (poly_mul l l) (poly_mul h h) then poly_mul h h else if le D (poly_mul h h) (poly_mul l l) then poly_mul l l else poly_mul l l ++ poly_mul h h.
Fixpoint squares_bound D R (l : list row) : option poly :=
  match l with
  | [] => Some []
  | r :: l' => match row_range D R r, squares_bound D R l' with Some (a, b), Some q => Some (square_bound D a b ++ q) | _, _ => None end
  end.
Definition var_ (m : nat) : poly := [(1, [(m, 1%nat)])].
Definition below_scale D (scale : option nat) (p : poly) : bool := match scale with Some m => le D (p ++ const 1) (var_ m) | None => true end.
Definition writable (once : bool) M (s : nat) : bool := Nat.ltb s (specials M) && negb (once && Nat.eqb s 0).
Definition output_ok once D M F R scale (o : output) : bool :=
  forallb (fun f => row_is_flag F f || inside D R f [] (const 1)) (o_when o) &&
  match o_what o with
  | Token s => writable once M s && below_scale D scale []
  | Value v => match row_range D R v with Some (l, h) => le D (low M) l && le D h (high M) && below_scale D scale (square_bound D l h) | None => false end
  | Choice places values => forallb (fun sp => writable once M (fst sp)) places && match squares_bound D R values with Some q => below_scale D scale q | None => false end
  end.
Definition check_all (D : domain) (M : model) (N : network) (claims : ranges) : bool :=
  check M N && forallb (fun s => le D (top M) (var_ s)) (scales N) && below_scale D (logit_scale N) [] &&
  let F0 := first_facts (once N) (specials M) (squares N) (features N) in
  let F := run_facts F0 (squares N) (stages N) in
  let R := run_ranges D F0 (squares N) (first_ranges D M (features N) claims) (top M) claims (stages N) in
  forallb (output_ok (once N) D M F R (logit_scale N)) (outputs N).

(** Inputs: as prompt_ok; numbers of the vocabulary; the context is long enough. *)
Definition input_ok rho M (N : network) (w : list tok) : Prop :=
  prompt_ok (once N) M w /\ (forall i k, (i < length w)%nat -> nth i w (Special 0) = Number k -> peval rho (low M) <= k <= peval rho (high M)) /\
  Z.of_nat (length w) <= peval rho (context M) + 1.
Definition net_next rho (N : network) (w : list tok) : option tok := decide rho (net_stream rho N w (length w - 1)%nat) (outputs N).

(** Whole decodings, where a function says what comes next. *)
Section Decoding.
  Variables (rho : env) (M : model) (N : network) (next_of : list tok -> option tok).
  Hypothesis says : forall w, input_ok rho M N w -> w <> [] -> forall t, next_of w = Some t ->
    next QcN rho M w = t /\ In t (vocabulary rho M) /\ (once N = true -> t <> Special 0).
  Fixpoint decode_by (fuel : nat) (w : list tok) : option (list tok * bool) :=
    match fuel with
    | O => Some ([], false)
    | S fuel' =>
      match next_of w with
      | None => None
      | Some t => if is_answer M t then Some ([t], true)
                  else match decode_by fuel' (w ++ [t]) with Some (rest, ended) => Some (t :: rest, ended) | None => None end
      end
    end.
  Lemma decoded_from fuel : forall w r, input_ok rho M N w \/ fuel = 0%nat -> w <> [] -> Z.of_nat (length w) + Z.of_nat fuel <= peval rho (context M) + 2 ->
    decode_by fuel w = Some r -> decode_from QcN rho fuel M w = r.
  Proof.
    induction fuel as [|fuel IH]; intros w r [Ok|Z0] Ne Fit E; try discriminate; try (cbn in E; injection E as <-; reflexivity).
    cbn [decode_by decode_from] in *. destruct (next_of w) as [t|] eqn:Nx; [|discriminate].
    destruct (says w Ok Ne t Nx) as (-> & V & Nz). destruct (is_answer M t); [injection E as <-; reflexivity|].
    destruct (decode_by fuel (w ++ [t])) as [(rest, ended)|] eqn:R; [|discriminate]. injection E as <-.
    rewrite (IH (w ++ [t]) (rest, ended)); auto.
    - destruct fuel as [|fuel]; [right; reflexivity|left]. destruct Ok as (P & Q & L). apply in_vocabulary in V. repeat split.
      + intros i Hi. rewrite app_length in Hi. cbn [length] in Hi. destruct (Nat.ltb_spec i (length w)) as [B|B]; [rewrite app_nth1 by auto; apply P; auto|].
        replace i with (length w) by lia. rewrite app_nth2, Nat.sub_diag by lia. cbn [nth]. assert (length w <> 0%nat) by (destruct w; [congruence|discriminate]).
        destruct t as [s|k]; [|auto]. split; [exact V|]. split; [intros; lia|]. intros On Q0. exfalso. apply (Nz On). congruence.
      + rewrite app_length in H. cbn [length] in H. destruct (Nat.ltb_spec i (length w)) as [B|B]; [rewrite app_nth1 in H0 by auto; apply (Q i k B H0)|].
        replace i with (length w) in H0 by lia. rewrite app_nth2, Nat.sub_diag in H0 by lia. cbn [nth] in H0. subst t. apply V.
      + rewrite app_length in H. cbn [length] in H. destruct (Nat.ltb_spec i (length w)) as [B|B]; [rewrite app_nth1 in H0 by auto; apply (Q i k B H0)|].
        replace i with (length w) in H0 by lia. rewrite app_nth2, Nat.sub_diag in H0 by lia. cbn [nth] in H0. subst t. apply V.
      + rewrite app_length. cbn [length]. lia.
    - intros A. apply app_eq_nil in A. destruct A; discriminate.
    - rewrite app_length. cbn [length]. lia.
  Qed.
  Theorem decoded w r : input_ok rho M N w -> w <> [] -> decode_by (S (Z.to_nat (peval rho (context M) + 1) - length w)) w = Some r ->
    decode QcN rho M w = r.
  Proof. intros Ok Ne E. unfold decode. apply (decoded_from _ w r (or_introl Ok) Ne); [|exact E]. destruct Ok as (_ & _ & L). lia. Qed.
End Decoding.

Section Full.
  Variables (D : domain) (rho : env) (M : model) (N : network) (claims : ranges).
  Hypothesis G : good D rho.
  Hypothesis checked : check_all D M N claims = true.

  Lemma top_is : peval rho (top M) = peval rho (context M) + 1.
  Proof. unfold top. rewrite peval_app, peval_const. reflexivity. Qed.
  Lemma square_bound_is l h y : peval rho l <= y <= peval rho h -> y * y <= peval rho (square_bound D l h).
  Proof.
    intros B. unfold square_bound. destruct (le D (poly_mul l l) (poly_mul h h)) eqn:A; [|destruct (le D (poly_mul h h) (poly_mul l l)) eqn:A'].
    - apply (le_sound D rho _ _ G) in A. rewrite !peval_mul in *. destruct (Z_le_gt_dec 0 y); nia.
    - apply (le_sound D rho _ _ G) in A'. rewrite !peval_mul in *. destruct (Z_le_gt_dec 0 y); nia.
    - rewrite peval_app, !peval_mul. pose proof (Z.square_nonneg (peval rho l)). pose proof (Z.square_nonneg (peval rho h)). destruct (Z_le_gt_dec 0 y); nia.
  Qed.

  (** Alternatives whose conditions and ranges are checked: if the logits are those of integers, the model writes what they say. *)
  Theorem checked_outputs_write w (z : nat -> nat -> Z) F R t : w <> [] -> holds rho (length w) F z -> ranged rho (length w) R F z ->
    check_logits M N = true -> below_scale D (logit_scale N) [] = true ->
    forallb (output_ok (once N) D M F R (logit_scale N)) (outputs N) = true ->
    (forall u, logit QcN rho M (stream QcN rho M w (length w - 1)) u = inj (logit ZN rho M (z (length w - 1)%nat) u)) ->
    decide rho (z (length w - 1)%nat) (outputs N) = Some t -> next QcN rho M w = t /\ In t (vocabulary rho M) /\ (once N = true -> t <> Special 0).
  Proof.
    intros Ne H Rg L Pm Os Lg Dc. set (x := z (length w - 1)%nat) in *. assert (length w - 1 < length w)%nat as Hl by (destruct w; [congruence|cbn; lia]).
    assert (forall r l h, row_range D R r = Some (l, h) -> peval rho l <= lin rho r x <= peval rho h) as Rr.
    { intros r l h Er. unfold x. apply (row_range_is D rho (length w) G R F _ Rg H (length w - 1)%nat Hl r l h Er). }
    assert (forall o, In o (outputs N) -> output_ok (once N) D M F R (logit_scale N) o = true) as Ok by (intros o; apply forallb_In; exact Os).
    assert (In t (vocabulary rho M) /\ (once N = true -> t <> Special 0)) as (V & Nz).
    { clear Os Lg L. revert Dc Ok. induction (outputs N) as [|o l IH]; [discriminate|]. cbn [decide]. intros Dc Ok. destruct (applies rho x o); [|apply IH; auto; intros; apply Ok; right; auto].
      specialize (Ok o (or_introl eq_refl)). unfold output_ok in Ok. apply andb_prop in Ok. destruct Ok as (_ & Ok). unfold names in Dc.
      assert (forall s, writable (once N) M s = true -> In (Special s) (vocabulary rho M) /\ (once N = true -> Special s <> Special 0)) as Wr.
      { intros s Ws. unfold writable in Ws. rewrite andb_true_iff, negb_true_iff, Nat.ltb_lt in Ws. destruct Ws as (W1 & W2). split; [apply in_vocabulary; exact W1|]. intros On Q. injection Q as Q. subst s. rewrite On in W2. discriminate. }
      destruct (o_what o) as [s|r|places values].
      - injection Dc as <-. apply andb_prop in Ok. apply Wr. apply Ok.
      - injection Dc as <-. destruct (row_range D R r) as [(lo, hi)|] eqn:Er; [|discriminate]. rewrite !andb_true_iff in Ok. destruct Ok as ((A & B) & _).
        apply (le_sound D rho _ _ G) in A, B. specialize (Rr r lo hi Er). split; [apply in_vocabulary; lia|discriminate].
      - destruct (place_of places _) as [s|] eqn:Pl; [|discriminate]. injection Dc as <-. apply andb_prop in Ok. destruct Ok as (A & _). apply place_of_In in Pl.
        pose proof (forallb_In _ _ _ A Pl) as Q. apply Wr. exact Q. }
    split; [|split; assumption]. apply (logits_decide rho M N w x t L); auto; [apply H; exact Hl|].
    assert (forall m, peval rho (var_ m) = rho m) as Vr.
    { intros m. unfold var_. rewrite peval_cons. unfold peval_mono. cbn [fold_right fst snd power]. change (peval rho []) with 0. ring. }
    destruct (logit_scale N) as [m|]; [|exact I]. unfold below_scale in *. apply (le_sound D rho _ _ G) in Pm. rewrite Vr, peval_app, peval_const in Pm. change (peval rho []) with 0 in Pm.
    split; [lia|]. intros o Io. specialize (Ok o Io). unfold output_ok in Ok. apply andb_prop in Ok. destruct Ok as (Fl & Ok). split.
    + intros f Hf. pose proof (forallb_In _ _ f Fl Hf) as Q. cbv beta in Q. apply orb_prop in Q. destruct Q as [Q|Q].
      * apply (row_is_flag_is rho (length w) F _ H f _ Q Hl).
      * pose proof (inside_is D rho (length w) G R F _ Rg H _ f [] (const 1) Hl Q) as B. rewrite peval_const in B. assert (0 <= lin rho f x <= 1) as B' by exact B. change (lin rho f x = 0 \/ lin rho f x = 1). lia.
    + unfold bonus_bound. destruct (o_what o) as [s|r|places values]; cbv beta; fold x; [lia| |].
      * destruct (row_range D R r) as [(lo, hi)|] eqn:Er; [|discriminate]. rewrite !andb_true_iff in Ok. destruct Ok as (_ & B). unfold below_scale in B.
        apply (le_sound D rho _ _ G) in B. rewrite Vr, peval_app, peval_const in B. pose proof (square_bound_is lo hi _ (Rr r lo hi Er)). lia.
      * apply andb_prop in Ok. destruct Ok as (_ & Ok). destruct (squares_bound D R values) as [q|] eqn:Eq; [|discriminate]. unfold below_scale in Ok.
        apply (le_sound D rho _ _ G) in Ok. rewrite Vr, peval_app, peval_const in Ok.
        assert (norm2 (map (fun r => lin rho r x) values) <= peval rho q); [|lia]. clear - Eq Rr G. revert q Eq.
        induction values as [|r l IH]; intros q Eq; cbn [squares_bound] in Eq; [injection Eq as <-; cbn; lia|].
        destruct (row_range D R r) as [(lo, hi)|] eqn:Er; [|discriminate]. destruct (squares_bound D R l) as [q'|]; [|discriminate]. injection Eq as <-.
        rewrite peval_app. specialize (IH q' eq_refl). unfold norm2 in *. cbn [map dot]. pose proof (square_bound_is lo hi _ (Rr r lo hi Er)). lia.
  Qed.

  Section Input.
    Variable w : list tok.
    Hypothesis ok : input_ok rho M N w.
    Lemma feature_range_is f lo hi i : (i < length w)%nat -> feature_range D M f lo hi = true ->
      peval rho lo <= feature_sem rho f (nth i w (Special 0)) (Z.of_nat i) <= peval rho hi.
    Proof.
      intros Hi C. destruct ok as (Ok & Num & Fit). unfold feature_range in C. unfold feature_sem. destruct (f_number f) as ((n0, n1), n2). destruct (f_position f) as (p1, p2). cbn [fst snd].
      set (place := poly_mul (const p1) (context M) ++ _) in *. set (sq := if n2 =? 0 then _ else _) in *.
      rewrite !andb_true_iff, !Z.leb_le in C. destruct C as (((((((C1 & C2) & C3) & C4) & C5) & C6) & C7) & C8).
      assert (peval rho place = p1 * peval rho (context M) + p2 * (peval rho (context M) * peval rho (context M))) as Pl by (unfold place; rewrite peval_app, !peval_mul, !peval_const; reflexivity).
      assert (0 <= p1 * Z.of_nat i + p2 * (Z.of_nat i * Z.of_nat i) <= peval rho place) as B.
      { rewrite Pl. assert (0 <= Z.of_nat i <= peval rho (context M)) by lia. split; [nia|]. apply Z.add_le_mono; apply Z.mul_le_mono_nonneg_l; nia. }
      clearbody place. apply (le_sound D rho _ _ G) in C6. apply (le_sound D rho _ _ G) in C7. rewrite peval_app, peval_mul, !peval_const in C6.
      rewrite !peval_app, !peval_mul, !peval_const in C7.
      pose proof (Ok i Hi) as O. destruct (nth i w (Special 0)) as [s|k] eqn:E.
      - destruct O as (O & _). pose proof (forallb_In _ _ s C8 ltac:(apply in_seq; lia)) as K. cbv beta in K. apply andb_prop in K. destruct K as (K1 & K2).
        apply (le_sound D rho _ _ G) in K1, K2. rewrite peval_app in K2. rewrite column_is. lia.
      - specialize (Num i k Hi E). assert (0 <= n2 * (k * k) <= n2 * peval rho sq) as Sq_.
        { split; [apply Z.mul_nonneg_nonneg; [lia|apply Z.square_nonneg]|]. destruct (Z.eqb_spec n2 0) as [->|Nz]; [lia|]. cbn [orb] in C5. apply andb_prop in C5. destruct C5 as (C5 & C5').
          apply (le_sound D rho _ _ G) in C5, C5'. rewrite !peval_mul in C5, C5'. apply Z.mul_le_mono_nonneg_l; [lia|]. destruct (Z_le_gt_dec 0 k); nia. }
        assert (n1 * peval rho (low M) <= n1 * k <= n1 * peval rho (high M)) by (split; apply Z.mul_le_mono_nonneg_l; lia). lia.
    Qed.
    Let F0 := first_facts (once N) (specials M) (squares N) (features N).
    Lemma layers_checked : check_layers M N = true.
    Proof. unfold check_all in checked. rewrite !andb_true_iff in checked. destruct checked as (((C & _) & _) & _). apply check_is_layers. exact C. Qed.
    Lemma final : holds rho (length w) (run_facts F0 (squares N) (stages N)) (net_stream rho N w) /\
      ranged rho (length w) (run_ranges D F0 (squares N) (first_ranges D M (features N) claims) (top M) claims (stages N)) (run_facts F0 (squares N) (stages N)) (net_stream rho N w).
    Proof.
      pose proof layers_checked as C. unfold check_layers in C. rewrite !andb_true_iff in C. destruct C as (((E & O) & L) & C). apply Nat.ltb_lt in L.
      pose proof (first_holds (once N) rho M (features N) w (proj1 ok) (squares N) O L) as H. fold F0 in H, C.
      assert (ranged rho (length w) (first_ranges D M (features N) claims) F0 (embedding rho (features N) w)) as Rg.
      { intros c lo hi I. apply filter_In in I. destruct I as (_ & I). cbn [fst snd] in I. apply andb_prop in I. destruct I as (Lc & I). apply Nat.ltb_lt in Lc.
        split; [apply in_seq; lia|]. intros i Hi. apply feature_range_is; auto. }
      unfold net_stream. revert H Rg C. generalize (first_ranges D M (features N) claims). generalize F0. generalize (embedding rho (features N) w). generalize (layers M).
      induction (stages N) as [|s ss IH]; intros Ls x F R H Rg C; destruct Ls as [|Ly Ls]; try discriminate; [split; assumption|].
      cbn [check_stages] in C. apply andb_prop in C. destruct C as (C1 & C2). cbn [run_facts run_ranges run_stages fold_left]. apply (IH Ls); auto.
      - apply (next_holds rho (length w) F (squares N) Ly s x); auto.
      - apply (next_ranged D rho (length w) (top M) G ltac:(rewrite top_is; apply ok) F (squares N) claims Ly s R x); auto.
    Qed.
    Hypothesis nonempty : w <> [].
    Lemma last_in : (length w - 1 < length w)%nat. Proof. destruct w; [congruence|cbn; lia]. Qed.

    (** The model writes what the network of gadgets says. *)
    Theorem writes t : net_next rho N w = Some t -> next QcN rho M w = t /\ In t (vocabulary rho M) /\ (once N = true -> t <> Special 0).
    Proof.
      unfold net_next. intros Dc. destruct final as (H & Rg). pose proof checked as C. unfold check_all in C. fold F0 in C. rewrite !andb_true_iff in C. destruct C as (((C & Sc) & Pm) & Os).
      pose proof C as C'. unfold check in C'. apply andb_prop in C'. destruct C' as (Cl & L). apply (checked_outputs_write w (net_stream rho N w) _ _ t nonempty H Rg L Pm Os); [|exact Dc].
      intros u. apply logit_inj. intros c. apply (weights_compute_network rho M N w Cl (proj1 ok)); [|exact last_in].
      intros s Hs. pose proof (forallb_In _ _ s Sc Hs) as Q. apply (le_sound D rho _ _ G) in Q. rewrite top_is in Q. unfold var_ in Q. rewrite peval_cons in Q.
      unfold peval_mono in Q. cbn [fold_right fst snd power] in Q. change (peval rho []) with 0 in Q. destruct ok as (_ & _ & Fit). lia.
    Qed.
  End Input.

  (** Whole decodings. *)
  Fixpoint net_decode (fuel : nat) (w : list tok) : option (list tok * bool) :=
    match fuel with
    | O => Some ([], false)
    | S fuel' =>
      match net_next rho N w with
      | None => None
      | Some t => if is_answer M t then Some ([t], true)
                  else match net_decode fuel' (w ++ [t]) with Some (rest, ended) => Some (t :: rest, ended) | None => None end
      end
    end.
  Lemma net_decode_by fuel : forall w, net_decode fuel w = decode_by M (net_next rho N) fuel w.
  Proof. induction fuel as [|fuel IH]; intros w; [reflexivity|]. cbn [net_decode decode_by]. destruct (net_next rho N w) as [t|]; [|reflexivity]. rewrite IH. reflexivity. Qed.
  Theorem decodes w r : input_ok rho M N w -> w <> [] -> net_decode (S (Z.to_nat (peval rho (context M) + 1) - length w)) w = Some r ->
    decode QcN rho M w = r.
  Proof. intros Ok Ne E. rewrite net_decode_by in E. apply (decoded rho M N (net_next rho N)); auto using writes. Qed.
End Full.
Lemma fits_scale D rho M N : good D rho -> forallb (fun s => le D (top M) (var_ s)) (scales N) = true ->
  forall s, In s (scales N) -> peval rho (context M) + 1 <= rho s.
Proof.
  intros G Sc s Hs. pose proof (forallb_In _ _ s Sc Hs) as Q. apply (le_sound D rho _ _ G) in Q. rewrite top_is in Q. unfold var_ in Q. rewrite peval_cons in Q.
  unfold peval_mono in Q. cbn [fold_right fst snd power] in Q. change (peval rho []) with 0 in Q. lia.
Qed.
(** The same for networks of which only the weights are checked, not the ranges. *)
Theorem computes_checked D rho M N w : good D rho -> check M N = true -> forallb (fun s => le D (top M) (var_ s)) (scales N) = true ->
  prompt_ok (once N) M w -> Z.of_nat (length w) <= peval rho (context M) + 1 -> agree (length w) (stream QcN rho M w) (net_stream rho N w).
Proof.
  intros G C Sc Ok L. apply weights_compute_network; [apply check_is_layers; exact C|exact Ok|]. intros s Hs. pose proof (fits_scale D rho M N G Sc s Hs). lia.
Qed.
Theorem computes_all D rho M N claims w : good D rho -> check_all D M N claims = true -> input_ok rho M N w ->
  agree (length w) (stream QcN rho M w) (net_stream rho N w).
Proof.
  intros G C (Ok & _ & L). unfold check_all in C. rewrite !andb_true_iff in C. destruct C as (((C & Sc) & _) & _). apply (computes_checked D); auto.
Qed.
