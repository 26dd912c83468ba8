(** G. If the checker says yes, the weights compute the network of gadgets. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck.
Import ListNotations.
Open Scope Z_scope.

Lemma forallb_In {A} (f : A -> bool) l a : forallb f l = true -> In a l -> f a = true.
Proof. rewrite forallb_forall. auto. Qed.
Lemma distinct_NoDup l : distinct l = true -> NoDup l.
Proof.
  induction l as [|c l IH]; [constructor|]. cbn [distinct]. rewrite andb_true_iff, negb_true_iff, mem_not. intros (A & B). constructor; auto.
Qed.

Section Sound.
  Variables (rho : env) (len : nat).
  Notation stream_ := (nat -> nat -> Z).

  (** *** Heads *)
  Lemma read_row_none (reads : list (nat * row)) c : ~ In c (map fst reads) -> read_row reads c = [].
  Proof. intros N. unfold read_row. apply assoc_None in N. rewrite N. reflexivity. Qed.
  Lemma check_head_reads F h g c x : check_head F h g = true ->
    lin rho (nth c (output h) []) (fun r => lin rho (nth r (value h) []) x) = lin rho (read_row (snd g) c) x.
  Proof.
    unfold check_head. rewrite !andb_true_iff. intros ((_ & B) & C). destruct (Nat.ltb_spec c (length (output h))) as [L|L].
    - pose proof (forallb_In _ _ c C ltac:(apply in_seq; lia)) as E. cbv beta in E. rewrite <- lin_compose.
      destruct (nth c (output h) []) as [|e o] eqn:O; destruct (assoc c (snd g)) as [r|] eqn:As;
        try (apply same_row_sound; exact E). unfold read_row. rewrite As. reflexivity.
    - rewrite nth_overflow by lia. rewrite read_row_none; [reflexivity|]. intros I.
      pose proof (forallb_In _ _ c B I) as E. apply Nat.ltb_lt in E. lia.
  Qed.
  Lemma read_head_is F x h g i c : holds rho len F x -> check_head F h g = true ->
    (forall s, In s (pick_scale (fst g)) -> Z.of_nat len <= rho s) -> (i < len)%nat ->
    read_head ZN rho h x i c = lin rho (read_row (snd g) c) (x (picked rho x i (fst g))).
  Proof.
    intros H C Sc Hi. assert (check_pick F h (fst g) = true) as P by (unfold check_head in C; rewrite !andb_true_iff in C; tauto).
    unfold read_head. rewrite (check_pick_is rho len F x H h (fst g) i P Sc Hi).
    rewrite <- (check_head_reads F h g c _ C). reflexivity.
  Qed.
  Lemma heads_value F x i c : holds rho len F x -> (i < len)%nat -> forall hs l, zip (check_head F) hs l = true ->
    (forall s, In s (flat_map (fun h => pick_scale (fst h)) l) -> Z.of_nat len <= rho s) ->
    NoDup (flat_map (fun h => map fst (snd h)) l) ->
    (In c (flat_map (fun h => map fst (snd h)) l) -> x i c = 0) ->
    x i c + total ZN (map (fun h => read_head ZN rho h x i c) hs) = heads_sem rho l x i c.
  Proof.
    intros H Hi. induction hs as [|h hs IH]; destruct l as [|(p, reads) l]; cbn [zip]; intros Z0 Sc Nd Fr; try discriminate.
    - cbn [heads_sem]. unfold total. cbn [map fold_right zero ZN]. ring.
    - apply andb_prop in Z0. destruct Z0 as (C & Z0). cbn [flat_map fst snd] in *. cbn [heads_sem].
      change (total ZN (map (fun h0 => read_head ZN rho h0 x i c) (h :: hs))) with
        (read_head ZN rho h x i c + total ZN (map (fun h0 => read_head ZN rho h0 x i c) hs)).
      assert (forall s, In s (pick_scale (fst (p, reads))) -> Z.of_nat len <= rho s) as Sp by (intros; apply Sc, in_or_app; auto).
      rewrite (read_head_is F x h (p, reads) i c H C Sp Hi). cbn [fst snd].
      assert (forall s, In s (flat_map (fun h => pick_scale (fst h)) l) -> Z.of_nat len <= rho s) as Sl by (intros; apply Sc, in_or_app; auto).
      destruct (assoc c reads) as [r|] eqn:As.
      + unfold read_row. rewrite As. assert (In c (map fst reads)) as I by (apply assoc_In in As; apply in_map_iff; exists (c, r); auto).
        assert (~ In c (flat_map (fun h => map fst (snd h)) l)) as Ni.
        { intros I'. clear - Nd I I'. induction (map fst reads) as [|d m IHm]; [destruct I|]. cbn [app] in Nd. inversion Nd; subst.
          destruct I as [->|I]; [apply H1, in_or_app; auto|apply IHm; auto]. }
        specialize (IH l Z0 Sl ltac:(clear - Nd; induction (map fst reads); auto; cbn [app] in Nd; inversion Nd; auto) ltac:(contradiction)).
        assert (heads_sem rho l x i c = x i c) as Eh.
        { clear - Ni. induction l as [|(p, reads) l IH]; [reflexivity|]. cbn [heads_sem flat_map fst snd] in *.
          destruct (assoc c reads) as [r|] eqn:As; [|apply IH; intros I; apply Ni, in_or_app; auto].
          exfalso. apply Ni, in_or_app. left. apply assoc_In in As. apply in_map_iff. exists (c, r). auto. }
        rewrite Eh in IH. rewrite (Fr ltac:(apply in_or_app; auto)) in *. cbn [num ZN] in *. lia.
      + unfold read_row. rewrite As. change (lin rho [] _) with 0. rewrite <- (IH l Z0 Sl).
        * cbn [num ZN]. ring.
        * clear - Nd. induction (map fst reads); auto. cbn [app] in Nd. inversion Nd; auto.
        * intros I. apply Fr, in_or_app. auto.
  Qed.
  Lemma heads_single F x : holds rho len F x -> forall hs l, zip (check_head F) hs l = true ->
    (forall s, In s (flat_map (fun h => pick_scale (fst h)) l) -> Z.of_nat len <= rho s) -> single_in rho (Attention hs) x len.
  Proof.
    intros H. cbn [single_in]. induction hs as [|h hs IH]; intros [|(p, reads) l]; cbn [zip]; intros Z0 Sc k Hk i Hi; try discriminate; [destruct Hk|].
    apply andb_prop in Z0. destruct Z0 as (C & Z0). cbn [flat_map fst] in Sc. destruct Hk as [<-|Hk].
    - exists (picked rho x i p). split; [|apply picked_le]. apply (check_pick_is rho len F x H); auto.
      + unfold check_head in C. rewrite !andb_true_iff in C. apply C.
      + intros s S. apply Sc, in_or_app. auto.
    - apply (IH l Z0); auto. intros s S. apply Sc, in_or_app. auto.
  Qed.

  (** *** Gates *)
  Lemma unit_sum (x : nat -> Z) g v : forall o us, zip (check_unit g v) o us = true ->
    lin rho o (fun u => Z.max (lin rho (nth u g []) x) 0 * lin rho (nth u v []) x) = units_sum (fun r => lin rho r x) us.
  Proof.
    induction o as [|(u, p) o IH]; intros [|((gr, vr), k) us]; cbn [zip]; intros Z0; try discriminate; [reflexivity|].
    apply andb_prop in Z0. destruct Z0 as (C & Z0). unfold check_unit in C. cbn [fst snd] in C. rewrite !andb_true_iff in C.
    destruct C as ((A & B) & C). rewrite lin_cons, (IH us Z0), (same_entry_sound rho _ _ A), peval_const.
    rewrite (same_row_sound rho _ _ x B), (same_row_sound rho _ _ x C). reflexivity.
  Qed.
  Lemma flags_known_is F x i g : holds rho len F x -> (i < len)%nat -> flags_known F g = true -> flagged (fun r => lin rho r (x i)) g.
  Proof.
    intros H Hi. destruct g as [| |fs|l o| | | | |]; cbn [flags_known flagged]; auto; rewrite forallb_forall; intros K f Hf;
      apply (row_is_flag_is rho len F); auto.
  Qed.
  Lemma units_gate (x : nat -> Z) g v o c : at_row ZN rho o c (unit_ ZN rho g v x) =
    lin rho (nth c o []) (fun u => Z.max (lin rho (nth u g []) x) 0 * lin rho (nth u v []) x).
  Proof.
    unfold at_row. rewrite times_lin. apply lin_ext. intros u _. unfold unit_, at_row. rewrite relu_spec. reflexivity.
  Qed.
  Lemma gates_value F x i c g v o l : holds rho len F x -> (i < len)%nat -> check_gates F g v o l = true ->
    (In c (map fst l) -> x i c = 0) ->
    x i c + at_row ZN rho o c (unit_ ZN rho g v (x i)) = stage_sem rho (Gates l) x i c.
  Proof.
    intros H Hi. unfold check_gates. rewrite !andb_true_iff. intros ((A & B) & C) Fr. rewrite units_gate. cbn [stage_sem].
    destruct (assoc c l) as [gt|] eqn:As.
    - pose proof (assoc_In _ _ _ As) as I'. assert (In c (map fst l)) as I by (apply in_map_iff; exists (c, gt); auto).
      pose proof (forallb_In _ _ c A I) as L. apply Nat.ltb_lt in L.
      pose proof (forallb_In _ _ c C ltac:(apply in_seq; lia)) as E. cbv beta in E. rewrite As in E.
      pose proof (forallb_In _ _ _ B I') as K. cbn [snd] in K. apply andb_prop in K. destruct K as (K & _).
      rewrite (unit_sum (x i) g v _ _ E), (units_are rho (x i)); [|apply H; auto|apply (flags_known_is F); auto].
      rewrite (Fr I). cbn [num ZN]. apply Z.add_0_l.
    - destruct (Nat.ltb_spec c (length o)) as [L|L].
      + pose proof (forallb_In _ _ c C ltac:(apply in_seq; lia)) as E. cbv beta in E. rewrite As in E.
        destruct (nth c o []); [|discriminate]. change (lin rho [] _) with 0. ring.
      + rewrite nth_overflow by lia. change (lin rho [] _) with 0. ring.
  Qed.


  (** *** Recurrences *)
  Lemma cell_row (x : nat -> nat -> Z) a b o d l k : check_cells a b o d l = true ->
    (forall y, lin rho (nth k a []) y = sum (map (fun jf => snd jf * y (fst jf)) (before (nth k l no_cell)))) /\
    (forall y, lin rho (nth k b []) y = lin rho (reads_ (nth k l no_cell)) y).
  Proof.
    unfold check_cells. rewrite !andb_true_iff. intros (((C & _) & _) & _).
    assert (forall y l, lin rho (map (fun jf => (fst jf, const (snd jf))) l) y = sum (map (fun jf => snd jf * y (fst jf)) l)) as B.
    { intros y m. induction m as [|(j, f) m IH]; [reflexivity|]. cbn [map fst snd]. rewrite lin_cons, peval_const, IH. reflexivity. }
    destruct (Nat.ltb_spec k (Nat.max (length l) (Nat.max (length a) (length b)))) as [L|L].
    - pose proof (forallb_In _ _ k C ltac:(apply in_seq; lia)) as E. cbv beta in E. apply andb_prop in E. destruct E as (E1 & E2). split; intros y.
      + rewrite (same_row_sound rho _ _ y E1). apply B.
      + apply (same_row_sound rho _ _ y E2).
    - rewrite !nth_overflow by lia. split; reflexivity.
  Qed.
  Lemma cell_state (x : nat -> nat -> Z) a b o d l : check_cells a b o d l = true -> forall t k, state ZN rho a b x t k = cell_sem rho l x t k.
  Proof.
    intros C. induction t as [|t IH]; intros k; destruct (cell_row x a b o d l k C) as (A & B); cbn [state cell_sem].
    - exact (B (x 0%nat)).
    - refine (@eq_trans Z _ (lin rho (nth k a []) (state ZN rho a b x t) + lin rho (nth k b []) (x (S t))) _ eq_refl _).
      rewrite A, B. f_equal. f_equal. apply map_ext. intros (j, f). cbn [fst snd]. f_equal. apply IH.
  Qed.
  Lemma shown_at_keys l : forall k c, (exists j, shown_at l k c = Some j) <-> In c (stage_keys (Cells l)).
  Proof.
    cbn [stage_keys]. induction l as [|a l IH]; intros k c; cbn [shown_at flat_map]; [split; [intros (j & E); discriminate|intros []]|].
    rewrite in_app_iff, <- (IH (S k) c). destruct (shown a) as [d|]; cbn [In]; [|tauto]. destruct (Nat.eqb_spec c d) as [->|].
    - split; [auto|]. intros _. exists k. reflexivity.
    - intuition congruence.
  Qed.
  Lemma cells_value x i c a b o d l : check_cells a b o d l = true -> (In c (stage_keys (Cells l)) -> x i c = 0) ->
    x i c + (at_row ZN rho o c (state ZN rho a b x i) + at_row ZN rho d c (x i)) = stage_sem rho (Cells l) x i c.
  Proof.
    intros C Fr. pose proof (cell_state x a b o d l C i) as St. unfold check_cells in C. rewrite !andb_true_iff in C. destruct C as (((_ & K) & D) & O).
    assert (at_row ZN rho d c (x i) = 0) as ->.
    { unfold at_row. rewrite times_lin. destruct (nth_in_or_default c d []) as [I|E]; [|rewrite E; reflexivity].
      pose proof (forallb_In _ _ _ D I) as N. destruct (nth c d []); [reflexivity|discriminate]. }
    unfold at_row. rewrite times_lin. cbn [stage_sem]. destruct (shown_at l 0 c) as [k|] eqn:Sh.
    - assert (In c (stage_keys (Cells l))) as I by (apply (shown_at_keys l 0); eauto).
      pose proof (forallb_In _ _ _ K I) as L. apply Nat.ltb_lt in L. pose proof (forallb_In _ _ c O ltac:(apply in_seq; lia)) as E. cbv beta in E.
      rewrite Sh in E. rewrite (Fr I), (same_row_sound rho _ _ (state ZN rho a b x i) E), lin_coord, <- St.
      refine (@eq_trans Z _ (0 + (state ZN rho a b x i k + 0)) _ eq_refl _). rewrite Z.add_0_r. apply Z.add_0_l.
    - assert (lin rho (nth c o []) (state ZN rho a b x i) = 0) as E; [|].
      { destruct (Nat.ltb_spec c (length o)) as [L|L]; [|rewrite nth_overflow by lia; reflexivity].
        pose proof (forallb_In _ _ c O ltac:(apply in_seq; lia)) as E. cbv beta in E. rewrite Sh in E. destruct (nth c o []); [reflexivity|discriminate]. }
      rewrite E. refine (@eq_trans Z _ (x i c + (0 + 0)) _ eq_refl _). ring.
  Qed.
  Lemma cell_flag F x l : holds rho len F x -> forall fuel k i, (i < len)%nat -> cell_is_flag F l fuel k = true ->
    cell_sem rho l x i k = 0 \/ cell_sem rho l x i k = 1.
  Proof.
    intros H. induction fuel as [|fuel IH]; intros k i Hi C; cbn [cell_is_flag] in C; [discriminate|].
    destruct (nth k l no_cell) as [sh be re] eqn:E. destruct be as [|(j, f) be].
    - destruct i as [|i]; cbn [cell_sem]; rewrite E; cbn [before reads_ map sum fold_right]; [|rewrite Z.add_0_l]; apply (row_is_flag_is rho len F x H); auto.
    - destruct f as [|[p|p|]|p]; try discriminate. destruct be as [|]; [|discriminate]. destruct re as [|]; [|discriminate].
      destruct i as [|i]; cbn [cell_sem]; rewrite E; cbn [before reads_ map sum fold_right fst snd]; [left; reflexivity|].
      change (lin rho [] (x (S i))) with 0. destruct (IH j i ltac:(lia) C) as [-> | ->]; auto.
  Qed.
  Lemma counts_is F x l k : holds rho len F x -> counts_tokens l k = true -> forall i, (i < len)%nat -> cell_sem rho l x i k = Z.of_nat i + 1.
  Proof.
    intros H C. assert (exists sh re, nth k l no_cell = Cell sh [(k, 1)] re /\ same_row re (number 1) = true) as (sh & re & E & R).
    { unfold counts_tokens in C. destruct (nth k l no_cell) as [sh be re]. cbn [before reads_] in C. exists sh, re.
      repeat match type of C with match ?a with _ => _ end = true => destruct a; try discriminate end.
      rewrite !andb_true_iff in C. destruct C as (A & R). apply Nat.eqb_eq in A. subst. auto. }
    induction i as [|i IH]; intros Hi; cbn [cell_sem]; rewrite E; cbn [before reads_ map sum fold_right fst snd];
      rewrite (same_row_sound rho _ _ _ R), lin_number by (apply H; auto); [reflexivity|]. rewrite IH by lia. lia.
  Qed.
  Lemma squares_is F x l k j : holds rho len F x -> squares_tokens l k j = true -> forall i, (i < len)%nat ->
    cell_sem rho l x i k = cell_sem rho l x i j * cell_sem rho l x i j.
  Proof.
    intros H C. unfold squares_tokens in C. apply andb_prop in C. destruct C as (Ct & C).
    pose proof (counts_is F x l j H Ct) as N. assert (exists sh re, nth k l no_cell = Cell sh [(k, 1); (j, 2)] re /\ same_row re (number 1) = true) as (sh & re & E & R).
    { destruct (nth k l no_cell) as [sh be re]. cbn [before reads_] in C. exists sh, re.
      repeat match type of C with match ?a with _ => _ end = true => destruct a; try discriminate end.
      rewrite !andb_true_iff in C. destruct C as ((A & B) & R). apply Nat.eqb_eq in A, B. subst. auto. }
    intros i Hi. rewrite (N i Hi). induction i as [|i IH]; cbn [cell_sem]; rewrite E; cbn [before reads_ map sum fold_right fst snd];
      rewrite (same_row_sound rho _ _ _ R), lin_number by (apply H; auto); [reflexivity|]. rewrite IH, (N i) by lia. lia.
  Qed.
  Lemma cell_facts_hold F claims x l f : holds rho len F x -> In f (cell_facts F claims l) -> fact_holds rho len (stage_sem rho (Cells l) x) f.
  Proof.
    intros H Hf. assert (forall i c k, shown_at l 0 c = Some k -> stage_sem rho (Cells l) x i c = cell_sem rho l x i k) as R by (intros i c k E; cbn [stage_sem]; rewrite E; reflexivity).
    unfold cell_facts in Hf. apply in_app_or in Hf. destruct Hf as [Hf|Hf]; apply in_flat_map in Hf.
    - destruct Hf as (c & _ & Hf). destruct (shown_at l 0 c) as [k|] eqn:Sh; [|destruct Hf]. rewrite !in_app_iff in Hf. destruct Hf as [Hf|[Hf|Hf]].
      + destruct (cell_is_flag F l (S (length l)) k) eqn:K; [|destruct Hf]. destruct Hf as [<-|[]]. intros i Hi. rewrite (R i c k Sh). apply (cell_flag F x l H _ k i Hi K).
      + destruct (counts_tokens l k) eqn:K; [|destruct Hf]. destruct Hf as [<-|[]]. intros i Hi. rewrite (R i c k Sh). apply (counts_is F x l k H K i Hi).
      + destruct (start_row F (reads_ (nth k l no_cell))) as [s|] eqn:K; [|destruct Hf]. destruct Hf as [<-|[]]. intros Hl. rewrite (R 0%nat c k Sh). apply (start_row_is rho len F x H); auto.
    - destruct Hf as ((c, b) & _ & Hf). cbn [fst snd] in Hf. destruct (shown_at l 0 c) as [k|] eqn:Sc; [|destruct Hf]. destruct (shown_at l 0 b) as [j|] eqn:Sb; [|destruct Hf].
      destruct (squares_tokens l k j) eqn:K; [|destruct Hf]. destruct Hf as [<-|[]]. intros i Hi. rewrite (R i c k Sc), (R i b j Sb). apply (squares_is F x l k j H K i Hi).
  Qed.

  (** *** States *)
  Lemma cell_at_keys places c : (exists k, cell_at places c = Some k) <-> In c places.
  Proof.
    unfold cell_at. split.
    - intros (k & E). apply assoc_In in E. apply (in_combine_l _ _ _ _ E).
    - intros I. destruct (assoc c (combine places (seq 0 (length places)))) as [k|] eqn:E; [eauto|]. exfalso. apply assoc_None in E. apply E. clear E.
      assert (forall s, In c (map fst (combine places (seq s (length places))))) as G; [|apply G]. revert I. induction places as [|a l IH]; intros I s; [destruct I|].
      cbn [length seq combine map fst]. destruct I as [->|I]; [left; reflexivity|right; apply IH; exact I].
  Qed.
  Lemma states_value x i c a b o d g h m places reads ms : check_shown o d places = true -> check_states a b g h m reads ms = true -> (In c places -> x i c = 0) ->
    x i c + (at_row ZN rho o c (selected_state ZN rho a b g h m x i) + at_row ZN rho d c (x i)) = stage_sem rho (States places reads ms) x i c.
  Proof.
    intros Sh C Fr. pose proof (states_are rho x a b g h m reads ms C i) as St. unfold check_shown in Sh. rewrite !andb_true_iff in Sh. destruct Sh as ((K & D) & O).
    assert (at_row ZN rho d c (x i) = 0) as ->.
    { unfold at_row. rewrite times_lin. destruct (nth_in_or_default c d []) as [I|E]; [|rewrite E; reflexivity].
      pose proof (forallb_In _ _ _ D I) as N. destruct (nth c d []); [reflexivity|discriminate]. }
    unfold at_row. rewrite times_lin. cbn [stage_sem]. destruct (cell_at places c) as [k|] eqn:E.
    - assert (In c places) as I by (apply cell_at_keys; eauto). pose proof (forallb_In _ _ _ K I) as L. apply Nat.ltb_lt in L.
      pose proof (forallb_In _ _ c O ltac:(apply in_seq; lia)) as Q. cbv beta in Q. rewrite E in Q. rewrite (Fr I), (same_row_sound rho _ _ (selected_state ZN rho a b g h m x i) Q), lin_coord, <- St.
      refine (@eq_trans Z _ (0 + (selected_state ZN rho a b g h m x i k + 0)) _ eq_refl _). rewrite Z.add_0_r. apply Z.add_0_l.
    - assert (lin rho (nth c o []) (selected_state ZN rho a b g h m x i) = 0) as Q; [|].
      { destruct (Nat.ltb_spec c (length o)) as [L|L]; [|rewrite nth_overflow by lia; reflexivity].
        pose proof (forallb_In _ _ c O ltac:(apply in_seq; lia)) as Q. cbv beta in Q. rewrite E in Q. destruct (nth c o []); [reflexivity|discriminate]. }
      rewrite Q. refine (@eq_trans Z _ (x i c + (0 + 0)) _ eq_refl _). ring.
  Qed.
  Lemma state_facts_hold F x places reads ms f : holds rho len F x -> NoDup places -> In f (state_facts F places reads ms) -> fact_holds rho len (stage_sem rho (States places reads ms) x) f.
  Proof.
    intros H Nd Hf. unfold state_facts in Hf. cbv zeta in Hf. apply in_flat_map in Hf. destruct Hf as ((c, k) & I & Hf). cbn [fst snd] in Hf.
    assert (cell_at places c = Some k) as E.
    { unfold cell_at. assert (forall l s, NoDup l -> In (c, k) (combine l (seq s (length l))) -> assoc c (combine l (seq s (length l))) = Some k) as G; [|apply G; assumption].
      induction l as [|a l IH]; intros s N J; [destruct J|]. cbn [length seq combine assoc] in *. inversion N as [|? ? N1 N2]; subst. destruct J as [J|J]; [injection J as -> ->; rewrite Nat.eqb_refl; reflexivity|].
      destruct (Nat.eqb_spec c a) as [->|]; [|apply IH; assumption]. exfalso. apply N1. apply (in_combine_l _ _ _ _ J). }
    assert (forall i, stage_sem rho (States places reads ms) x i c = held rho reads ms x i k) as R by (intros i; cbn [stage_sem]; rewrite E; reflexivity).
    apply in_app_or in Hf. destruct Hf as [Hf|Hf].
    - destruct (start_row F (nth k reads [])) as [s|] eqn:Es; [|destruct Hf]. destruct Hf as [<-|[]]. intros Hl. rewrite R. apply (start_row_is rho len F x H); auto.
    - destruct (assoc k (values_of F reads ms)) as [l|] eqn:Ev; [|destruct Hf]. destruct (forallb _ l) eqn:Z01; [|destruct Hf]. destruct Hf as [<-|[]]. intros i Hi. rewrite R.
      pose proof (values_are rho len F x H reads ms k l i (assoc_In _ _ _ Ev) Hi) as V. pose proof (forallb_In _ _ _ Z01 V) as Q. cbv beta in Q. rewrite orb_true_iff, !Z.eqb_eq in Q. exact Q.
  Qed.

  (** *** One stage *)
  Lemma stage_step F L s x : holds rho len F x -> check_stage F L s = true ->
    (forall k, In k (stage_scales s) -> Z.of_nat len <= rho k) ->
    single_in rho L x len /\ same len (apply ZN rho L x) (stage_sem rho s x).
  Proof.
    intros H C Sc. unfold check_stage in C. rewrite !andb_true_iff in C. destruct C as ((D & Fr) & C). apply distinct_NoDup in D.
    assert (forall i c, (i < len)%nat -> In c (stage_keys s) -> x i c = 0) as Z0.
    { intros i c Hi I. pose proof (forallb_In _ _ c Fr I) as N. cbv beta in N. rewrite negb_true_iff, mem_not in N. apply H; auto. }
    destruct L as [hs|g v o|a b o d|a b o d g h m], s as [l|l|l|places reads ms]; try discriminate; cbn [stage_scales] in *.
    - split; [apply (heads_single F x H hs l); auto|]. intros i c Hi. cbn [apply stage_sem]. apply (heads_value F x i c H Hi hs l); auto.
    - split; [exact I|]. intros i c Hi. cbn [apply]. apply (gates_value F x i c g v o l H Hi C). apply (Z0 i c Hi).
    - split; [exact I|]. intros i c Hi. cbn [apply]. apply (cells_value x i c a b o d l C). apply (Z0 i c Hi).
    - split; [exact I|]. intros i c Hi. cbn [apply]. rewrite !andb_true_iff in C. destruct C as ((_ & C1) & C2). apply (states_value x i c a b o d g h m places reads ms C1 C2). apply (Z0 i c Hi).
  Qed.
  Lemma stage_sem_outside s x i c : ~ In c (stage_keys s) -> stage_sem rho s x i c = x i c.
  Proof.
    destruct s as [l|l|l|places reads ms]; cbn [stage_sem]; [cbn [stage_keys]|cbn [stage_keys]| |].
    - induction l as [|(p, reads) l IH]; intros N; [reflexivity|]. cbn [heads_sem flat_map fst snd] in *.
      destruct (assoc c reads) as [r|] eqn:As; [|apply IH; intros I; apply N, in_or_app; auto].
      exfalso. apply N, in_or_app. left. apply assoc_In in As. apply in_map_iff. exists (c, r). auto.
    - intros N. apply assoc_None in N. rewrite N. reflexivity.
    - intros N. destruct (shown_at l 0 c) as [k|] eqn:E; [|reflexivity]. exfalso. apply N. apply (shown_at_keys l 0). eauto.
    - intros N. destruct (cell_at places c) as [k|] eqn:E; [|reflexivity]. exfalso. apply N. apply cell_at_keys. eauto.
  Qed.
  (** What a head reads, stands there. *)
  Lemma heads_sem_read l x i c p reads : NoDup (flat_map (fun h => map fst (snd h)) l) -> In (p, reads) l -> forall r, assoc c reads = Some r ->
    heads_sem rho l x i c = lin rho r (x (picked rho x i p)).
  Proof.
    induction l as [|(q, reads') l IH]; intros Nd I r As; [destruct I|]. cbn [heads_sem flat_map fst snd] in *. destruct I as [I|I].
    - injection I as -> ->. rewrite As. reflexivity.
    - destruct (assoc c reads') as [r'|] eqn:As'.
      + exfalso. apply assoc_In in As, As'.
        assert (In c (map fst reads')) as I1 by (apply in_map_iff; exists (c, r'); auto).
        assert (In c (flat_map (fun h => map fst (snd h)) l)) as I2 by (apply in_flat_map; exists (p, reads); split; auto; apply in_map_iff; exists (c, r); auto).
        clear - Nd I1 I2. induction (map fst reads') as [|d m IHm]; [destruct I1|]. cbn [app] in Nd. inversion Nd; subst.
        destruct I1 as [->|I1]; [apply H1, in_or_app; auto|apply IHm; auto].
      + apply IH; auto. clear - Nd. induction (map fst reads'); auto. cbn [app] in Nd. inversion Nd; auto.
  Qed.
  Lemma NoDup_app_l {A} (l m : list A) : NoDup (l ++ m) -> NoDup l.
  Proof. induction l as [|a l IH]; [constructor|]. cbn [app]. intros N. inversion N; subst. constructor; auto. intros I. apply H1, in_or_app. auto. Qed.
  Lemma NoDup_app_r {A} (l m : list A) : NoDup (l ++ m) -> NoDup m.
  Proof. induction l as [|a l IH]; auto. cbn [app]. intros N. inversion N; auto. Qed.
  Lemma NoDup_part (l : list (pick * list (nat * row))) g : NoDup (flat_map (fun h => map fst (snd h)) l) -> In g l -> NoDup (map fst (snd g)).
  Proof.
    induction l as [|h l IH]; intros Nd I; [destruct I|]. cbn [flat_map] in Nd. destruct I as [->|I]; [eapply NoDup_app_l; eauto|].
    apply IH; auto. eapply NoDup_app_r; eauto.
  Qed.
  Lemma assoc_NoDup {A} c (a : A) l : NoDup (map fst l) -> In (c, a) l -> assoc c l = Some a.
  Proof.
    induction l as [|(d, b) l IH]; intros Nd I; [destruct I|]. cbn [assoc map fst] in *. inversion Nd; subst. destruct I as [I|I].
    - injection I as -> ->. rewrite Nat.eqb_refl. reflexivity.
    - destruct (Nat.eqb_spec c d) as [->|]; [|auto]. exfalso. apply H1. apply in_map_iff. exists (d, a). auto.
  Qed.

  Lemma head_facts_hold F claims x l g f : holds rho len F x -> NoDup (flat_map (fun h => map fst (snd h)) l) -> In g l ->
    In f (head_facts F claims g) -> fact_holds rho len (stage_sem rho (Heads l) x) f.
  Proof.
    intros H Nd I Hf. pose proof (NoDup_part l g Nd I) as Ng. destruct g as (p, reads). cbn [snd] in Ng.
    assert (forall i c r, assoc c reads = Some r -> stage_sem rho (Heads l) x i c = lin rho r (x (picked rho x i p))) as R.
    { intros i c r As. apply (heads_sem_read l x i c p reads); auto. }
    assert (forall i, (i < len)%nat -> (picked rho x i p < len)%nat) as Lp by (intros i Hi; pose proof (picked_le rho x i p); lia).
    unfold head_facts in Hf. cbn [snd] in Hf. apply in_app_or in Hf. destruct Hf as [Hf|Hf]; apply in_flat_map in Hf.
    - destruct Hf as ((c, r) & Ic & Hf). cbn [fst snd] in Hf. pose proof (assoc_NoDup _ _ _ Ng Ic) as As.
      apply in_app_or in Hf. destruct Hf as [Hf|Hf].
      + destruct (row_is_flag F r) eqn:Fl; [|destruct Hf]. destruct Hf as [<-|[]]. intros i Hi. rewrite (R i c r As).
        apply (row_is_flag_is rho len F x H); auto.
      + destruct (start_row F r) as [k|] eqn:St; [|destruct Hf]. destruct Hf as [<-|[]]. intros Hl. rewrite (R 0%nat c r As).
        replace (picked rho x 0 p) with 0%nat by (pose proof (picked_le rho x 0 p); lia). apply (start_row_is rho len F x H); auto.
    - destruct Hf as ((c, b) & _ & Hf). cbn [fst snd] in Hf.
      destruct (assoc c reads) as [r2|] eqn:A2; [|destruct Hf]. destruct (assoc b reads) as [r1|] eqn:A1; [|destruct Hf].
      destruct (is_square F r2 r1) eqn:Sq_; [|destruct Hf]. destruct Hf as [<-|[]]. intros i Hi. rewrite (R i c r2 A2), (R i b r1 A1).
      apply (is_square_is rho len F x H); auto.
  Qed.

  Lemma gate_flag F x i g : holds rho len F x -> (i < len)%nat -> gate_is_flag F g = true ->
    gate_sem (fun r => lin rho r (x i)) g = 0 \/ gate_sem (fun r => lin rho r (x i)) g = 1.
  Proof.
    intros H Hi. destruct g as [d|d|fs|l o|f a|a|a lo hi|a lo hi|l]; cbn [gate_is_flag gate_sem]; intros K; try discriminate.
    - destruct (_ =? _); auto.
    - destruct (_ <=? _); auto.
    - destruct (forallb _ _); auto.
    - apply andb_prop in K. destruct K as (O & K). induction l as [|(f, a) l IH]; cbn [first_of].
      + apply (row_is_flag_is rho len F x H); auto.
      + cbn [forallb snd] in K. apply andb_prop in K. destruct K as (A & K). destruct (_ =? 1); [apply (row_is_flag_is rho len F x H); auto|auto].
    - apply andb_prop in K. destruct K as (E & K). destruct (exclusive_is rho len F x H l i E Hi) as [(_ & Z0)|(ga & I & _ & V)]; cbn [gate_sem] in *.
      + left. exact Z0.
      + rewrite V. apply (row_is_flag_is rho len F x H); auto. rewrite forallb_forall in K. apply (K ga I).
  Qed.
  Lemma gate_facts_hold F x l cg f : holds rho len F x -> NoDup (map fst l) -> In cg l ->
    forallb (within F) (rows_of (snd cg)) = true ->
    (forall i c, (i < len)%nat -> In c (written F) -> stage_sem rho (Gates l) x i c = x i c) ->
    In f (gate_facts F cg) -> fact_holds rho len (stage_sem rho (Gates l) x) f.
  Proof.
    intros H Nd I W Same Hf. destruct cg as (c, g). cbn [snd] in W. pose proof (assoc_NoDup _ _ _ Nd I) as As.
    assert (forall i, stage_sem rho (Gates l) x i c = gate_sem (fun r => lin rho r (x i)) g) as R by (intros i; cbn [stage_sem]; rewrite As; reflexivity).
    unfold gate_facts in Hf. cbn [fst snd] in Hf. destruct Hf as [<-|Hf].
    - intros i Hi. rewrite R. apply gate_sem_ext. intros r Hr. apply lin_ext. intros d Hd. symmetry. apply Same; auto.
      apply mem_In. pose proof (forallb_In _ _ r W Hr) as Wr. unfold within in Wr. apply (forallb_In _ _ d Wr). exact Hd.
    - apply in_app_or in Hf. destruct Hf as [Hf|Hf].
      + destruct (gate_is_flag F g) eqn:G; [|destruct Hf]. destruct Hf as [<-|[]]. intros i Hi. rewrite R. apply (gate_flag F); auto.
      + destruct (gate_start F g) as [k|] eqn:G; [|destruct Hf]. destruct Hf as [<-|[]]. intros Hl. rewrite R. unfold gate_start in G.
        match type of G with (if ?b then _ else _) = _ => destruct b eqn:K end; [|discriminate]. injection G as <-. apply gate_sem_ext. intros r Hr.
        pose proof (forallb_In _ _ r K Hr) as Kr. cbv beta in Kr. destruct (start_row F r) as [k|] eqn:St; [|discriminate].
        apply (start_row_is rho len F x H); auto.
  Qed.
  Lemma cases_squared_is F x i : holds rho len F x -> (i < len)%nat -> forall l2 l1 o2 o1, cases_squared F l2 l1 o2 o1 = true ->
    first_of (fun r => lin rho r (x i)) l2 o2 = first_of (fun r => lin rho r (x i)) l1 o1 * first_of (fun r => lin rho r (x i)) l1 o1.
  Proof.
    intros H Hi. induction l2 as [|(f2, a2) l2 IH]; intros [|(f1, a1) l1] o2 o1; cbn [cases_squared first_of]; intros C; try discriminate.
    - apply (is_square_is rho len F x H); auto.
    - rewrite !andb_true_iff in C. destruct C as ((A & B) & C). rewrite (same_row_sound rho _ _ (x i) A).
      destruct (_ =? 1); [apply (is_square_is rho len F x H); auto|apply IH; auto].
  Qed.
  Lemma claim_holds_is F x c b : holds rho len F x -> claim_holds F c b = true -> fact_holds rho len x (Sq c b).
  Proof.
    intros H C i Hi. unfold claim_holds in C. destruct (find_def (known F) c) as [gc|] eqn:Dc; [|discriminate].
    rewrite (h_def rho len F x H c gc i Dc Hi). destruct gc as [| | |l2 o2| |a| | |]; try discriminate.
    - destruct (find_def (known F) b) as [gb|] eqn:Db; [|discriminate]. rewrite (h_def rho len F x H b gb i Db Hi).
      destruct gb as [| | |l1 o1| | | | |]; try discriminate. apply (cases_squared_is F x i H Hi). exact C.
    - cbn [gate_sem]. rewrite (same_row_sound rho _ _ (x i) C), lin_coord. reflexivity.
  Qed.

  Lemma next_holds F claims L s x : holds rho len F x -> check_stage F L s = true -> holds rho len (next_facts F claims s) (stage_sem rho s x).
  Proof.
    intros H C. unfold check_stage in C. rewrite !andb_true_iff in C. destruct C as ((D & Fr) & C). apply distinct_NoDup in D.
    assert (forall i c, (i < len)%nat -> In c (written F) -> stage_sem rho s x i c = x i c) as A.
    { intros i c Hi W. apply stage_sem_outside. intros I. pose proof (forallb_In _ _ c Fr I) as N. cbv beta in N.
      rewrite negb_true_iff, mem_not in N. auto. }
    assert (forall i c, (i < len)%nat -> ~ In c (stage_keys s ++ written F) -> stage_sem rho s x i c = 0) as B.
    { intros i c Hi N. rewrite stage_sem_outside by (intros I; apply N, in_or_app; auto). apply H; auto. intros I. apply N, in_or_app. auto. }
    destruct s as [l|l|l|places reads ms]; unfold next_facts.
    - apply holds_extend with x; auto. intros f Hf. apply in_flat_map in Hf. destruct Hf as (g & I & Hf).
      apply (head_facts_hold F claims x l g f); auto.
    - assert (holds rho len (extend F (stage_keys (Gates l)) (flat_map (gate_facts F) l)) (stage_sem rho (Gates l) x)) as H'.
      { apply holds_extend with x; auto. intros f Hf. apply in_flat_map in Hf. destruct Hf as (cg & I & Hf).
        apply (gate_facts_hold F x l cg f); auto. destruct L as [hs|g v o|a b o d|]; try discriminate. unfold check_gates in C.
        rewrite !andb_true_iff in C. destruct C as ((_ & C) & _). pose proof (forallb_In _ _ cg C I) as E. cbv beta in E.
        apply andb_prop in E. apply E. }
      set (F' := extend F _ _) in *. apply holds_extend with (stage_sem rho (Gates l) x); auto.
      intros f Hf. apply in_flat_map in Hf. destruct Hf as ((c, b) & _ & Hf). cbn [fst snd] in Hf.
        destruct (mem c (stage_keys (Gates l)) && claim_holds F' c b) eqn:K; [|destruct Hf]. destruct Hf as [<-|[]].
        apply andb_prop in K. apply (claim_holds_is F'); auto. apply K.
    - apply holds_extend with x; auto. intros f Hf. apply (cell_facts_hold F claims x l f H Hf).
    - apply holds_extend with x; auto. intros f Hf. apply (state_facts_hold F x places reads ms f H D Hf).
  Qed.

  Definition run_stages (ss : list stage) (x : stream_) : stream_ := fold_left (fun x s => stage_sem rho s x) ss x.
  Theorem stages_described claims : forall Ls ss F x, holds rho len F x -> check_stages F claims Ls ss = true ->
    (forall k, In k (flat_map stage_scales ss) -> Z.of_nat len <= rho k) ->
    described rho len Ls x (run_stages ss x).
  Proof.
    induction Ls as [|L Ls IH]; intros [|s ss] F x H C Sc; cbn [check_stages] in C; try discriminate; [apply done|].
    apply andb_prop in C. destruct C as (A & C). cbn [flat_map] in Sc.
    destruct (stage_step F L s x H A ltac:(intros k K; apply Sc, in_or_app; auto)) as (S1 & S2).
    apply layer_is with (stage_sem rho s x); auto. apply (IH ss (next_facts F claims s)); auto.
    - apply (next_holds F claims L s x); auto.
    - intros k K. apply Sc, in_or_app. auto.
  Qed.
End Sound.
