(** Theorem 5.7: for every machine, the weights of a hybrid that are a function of it simulate it. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound NetModel NetTop NetFull Decode Equations StatementsMachines Transcripts Decisions LastPosition.
Import ListNotations.
Open Scope Z_scope.

(** * The network, as a function of the machine *)
Definition hybrid_features (m : machine) : list feature :=
  [Feature (1, 0, 0) (listing m (fun _ => 1)) (0, 0); valued (listing m (leaves m)); valued (listing m (leads_to m)); valued (listing m (moves m));
   Feature (0, 1, 0) [] (0, 0); valued (listing m (fun x => truth (is_record x))); valued (listing m (fun x => truth (is_begin x)));
   Feature (0, 0, 1) [] (0, 0)] ++
  map (fun cr => valued (snd cr)) (end_features m 8) ++ [Feature (1, 0, 0) [] (0, 0)].
Definition window (number : nat) : list NetCheck.cell :=
  [NetCheck.Cell None [] (coordinate 2); NetCheck.Cell (Some (number + 1)%nat) [(0%nat, 1)] []; NetCheck.Cell None [] (coordinate 4);
   NetCheck.Cell (Some (number + 2)%nat) [(2%nat, 1)] []].
Definition hybrid_stages (d : nat) : list stage :=
  let number := (8 + d)%nat in
  [Cells (window number); Gates (((number + 3)%nat, Square (coordinate (number + 2))) :: target_gadgets number 3); Heads [cell_gadget number 1 4 5 6]].
Definition squares_ (d : nat) : list (nat * nat) := [(7, 4); (11 + d, 10 + d)]%nat.
Definition hybrid_network (m : machine) : network :=
  {| features := hybrid_features m; stages := hybrid_stages (ends_count m); squares := squares_ (ends_count m);
     outputs := []; logit_scale := None; once := true |}.
Definition hybrid_layers (d : nat) : list layer :=
  let number := (8 + d)%nat in let width := (number + 7)%nat in let here := (number + 2)%nat in
  [Recurrence [[]; coordinate 0; []; coordinate 2] [coordinate 2; []; coordinate 4; []]
     (rows width [((number + 1)%nat, coordinate 1); (here, coordinate 3)]) (rows width []);
   FeedForward (coordinate here :: [(here, [(-1, [])])] :: target_gates 3 here) (coordinate here :: [(here, [(-1, [])])] :: target_values)
     (rows width [((number + 3)%nat, summed 0); ((number + 5)%nat, summed 2); ((number + 6)%nat, clamped 4)]);
   Attention [cell_head number width 1 4 5 7 6]].
Lemma hybrid_layers_are m : layers (hybrid_turing m) = hybrid_layers (ends_count m). Proof. reflexivity. Qed.
Definition hybrid_facts (d : nat) : facts :=
  {| written := seq 0 (9 + d); known := [Flag 5; Flag 6; First 6; Start 6 1; Sq 7 4; Start 5 0; Start 4 0; Start 7 0] |}.
Lemma hybrid_checked d : (d <= 2)%nat -> check_stages (hybrid_facts d) (squares_ d) (hybrid_layers d) (hybrid_stages d) = true.
Proof. intros H. few d H; vm_compute; reflexivity. Qed.
Lemma hybrid_settled d : (d <= 2)%nat -> settled (seq 0 (9 + d)) (hybrid_stages d) = true.
Proof. intros H. few d H; vm_compute; reflexivity. Qed.

Lemma hybrid_embeds m rho w i c : embed ZN rho (hybrid_turing m) (nth i w (Special 0)) i c = embedding rho (hybrid_features m) w i c.
Proof.
  unfold embedding. generalize (nth i w (Special 0)). intros t. integers. rewrite embed_rows. cbn [polynomial special position hybrid_turing]. rewrite !nth_rows.
  unfold hybrid_features, end_features, ends_count. destruct (some_halt m), (some_missing m); cbn [Nat.add app map snd];
    do 17 (destruct c as [|c]; [by_row t|]); by_row t.
Qed.


Lemma hybrid_length m : length (hybrid_features m) = (9 + ends_count m)%nat.
Proof. unfold hybrid_features, end_features, ends_count. destruct (some_halt m), (some_missing m); reflexivity. Qed.
Lemma hybrid_ready m : settled (seq 0 (length (features (hybrid_network m)))) (stages (hybrid_network m)) = true.
Proof. cbn [features stages hybrid_network]. rewrite hybrid_length. apply hybrid_settled, ends_few. Qed.

Section Hybrid.
  Variables (m : machine) (n s : Z) (l : list item).
  Hypothesis wf : well_formed m.
  Hypothesis some_space : 1 <= s.
  Hypothesis is_good : good m s l.
  Let rho := machine_at_size m n s.
  Let N := hybrid_network m.
  Let w := map (tok_of m) (rev l).
  Let X := net_stream rho N w.
  Let d := ends_count m.
  Let number_at := (8 + d)%nat.

  (** Features. *)
  Lemma from_item j c : (j < length l)%nat -> (c < length (hybrid_features m))%nat ->
    X j c = feature_sem rho (nth c (hybrid_features m) no_feature) (tok_of m (item_at l j)) (Z.of_nat j).
  Proof. intros J C. unfold X. rewrite (from_feature rho N (hybrid_ready m)) by exact C. unfold w. rewrite item_token. reflexivity. Qed.
  Lemma proper_at j : (j < length l)%nat -> proper_item m (item_at l j).
  Proof. intros J. apply (item_proper m s l is_good j J). Qed.
  Ltac feature := rewrite from_item by (rewrite ?hybrid_length; lia).
  Lemma x0 j : (j < length l)%nat -> X j 0%nat = 1. Proof. intros J. feature. apply feature_one, proper_at, J. Qed.
  Lemma x1 j : (j < length l)%nat -> X j 1%nat = of_sign (leaves m) (item_at l j). Proof. intros J. feature. apply feature_valued, proper_at, J. Qed.
  Lemma x2 j : (j < length l)%nat -> X j 2%nat = of_sign (leads_to m) (item_at l j). Proof. intros J. feature. apply feature_valued, proper_at, J. Qed.
  Lemma x3 j : (j < length l)%nat -> X j 3%nat = of_sign (moves m) (item_at l j). Proof. intros J. feature. apply feature_valued, proper_at, J. Qed.
  Lemma x4 j : (j < length l)%nat -> X j 4%nat = number (item_at l j).
  Proof. intros J. feature. cbn [nth app hybrid_features]. rewrite feature_number. destruct (item_at l j); cbn [number]; ring. Qed.
  Lemma x5 j : (j < length l)%nat -> X j 5%nat = truth (records (item_at l j)).
  Proof. intros J. feature. cbn [nth app hybrid_features]. rewrite feature_valued by (apply proper_at, J). destruct (item_at l j); reflexivity. Qed.
  Lemma x6 j : (j < length l)%nat -> X j 6%nat = of_sign (fun y => truth (is_begin y)) (item_at l j). Proof. intros J. feature. apply feature_valued, proper_at, J. Qed.
  Lemma x7 j : (j < length l)%nat -> X j 7%nat = number (item_at l j) * number (item_at l j).
  Proof. intros J. feature. cbn [nth app hybrid_features]. rewrite feature_number. destruct (item_at l j); cbn [number]; ring. Qed.
  Lemma x_halts j : (j < length l)%nat -> if some_halt m then X j 8%nat = of_sign (fun y => truth (enters_halt m y)) (item_at l j) else True.
  Proof.
    intros J. destruct (some_halt m) eqn:H; [|exact I]. feature. unfold hybrid_features, end_features. rewrite H. apply feature_valued, proper_at, J.
  Qed.
  Lemma x_missing j : (j < length l)%nat ->
    if some_missing m then X j (8 + if some_halt m then 1 else 0)%nat = of_sign (fun y => truth (lacks_entry m y)) (item_at l j) else True.
  Proof.
    intros J. destruct (some_missing m) eqn:H; [|exact I].
    rewrite from_item; [|exact J|rewrite hybrid_length; unfold ends_count; rewrite H; destruct (some_halt m); lia].
    unfold hybrid_features, end_features. rewrite H. destruct (some_halt m); apply feature_valued, proper_at, J.
  Qed.
  Lemma x_number j : (j < length l)%nat -> X j number_at = match item_at l j with Pos _ => 1 | Sgn _ => 0 end.
  Proof.
    intros J. unfold number_at, d. rewrite from_item; [|exact J|rewrite hybrid_length; lia].
    assert (nth (8 + ends_count m) (hybrid_features m) no_feature = Feature (1, 0, 0) [] (0, 0)) as ->.
    { unfold hybrid_features, end_features, ends_count. destruct (some_halt m), (some_missing m); reflexivity. }
    rewrite feature_number. destruct (item_at l j); ring.
  Qed.
  Lemma begins j : (j < length l)%nat -> of_sign (fun y => truth (is_begin y)) (item_at l j) = start j.
  Proof.
    intros J. pose proof (good_items m s l is_good j J) as G. destruct (item_at l j) as [p|y]; cbn [of_sign].
    - destruct j; [destruct G; congruence|reflexivity].
    - destruct G as (_ & G). destruct j; [rewrite (proj2 G eq_refl); reflexivity|]. destruct y; try reflexivity. destruct G as (G & _). specialize (G eq_refl). discriminate.
  Qed.
  Lemma first_item : item_at l 0 = Sgn Begin /\ (0 < length l)%nat. Proof. apply (good_first m s l is_good). Qed.

  Lemma facts_hold : holds rho (length w) (hybrid_facts d) (embedding rho (features N) w).
  Proof.
    assert (length w = length l) as Lw by (unfold w; rewrite map_length, rev_length; reflexivity). rewrite Lw.
    set (y := embedding rho (features N) w).
    assert (forall j c, (j < length l)%nat -> (c < length (hybrid_features m))%nat -> y j c = X j c) as E.
    { intros j c J C. rewrite from_item by auto. unfold y, embedding, w. rewrite item_token. reflexivity. }
    pose proof (ends_few m) as Few. assert (forall c, (c <= 8)%nat -> (c < length (hybrid_features m))%nat) as Lc by (intros; rewrite hybrid_length; lia).
    split; [|split; [|split]].
    - intros j J. rewrite E, x0 by (auto; apply Lc; lia). reflexivity.
    - apply in_seq. lia.
    - intros j c J C. cbn [written hybrid_facts] in C. assert (9 + d <= c)%nat as Hc by (destruct (le_lt_dec (9 + d) c); auto; exfalso; apply C, in_seq; lia).
      change (y j c) with (feature_sem rho (nth c (hybrid_features m) no_feature) (nth j w (Special 0)) (Z.of_nat j)).
      rewrite nth_overflow by (rewrite hybrid_length; exact Hc). unfold feature_sem. cbn [no_feature f_number f_position fst snd]. destruct (nth j w (Special 0)); reflexivity.
    - destruct first_item as (F0 & L0). intros f Hf. cbn [known hybrid_facts In] in Hf.
      assert (forall c, (c <= 8)%nat -> In c (seq 0 (9 + d))) as W by (intros; apply in_seq; lia).
      repeat (destruct Hf as [<-|Hf]; [|]); try destruct Hf; (split; [intros c Hc; cbn [coords In] in Hc; apply W; lia|]); cbn [fact_holds]; intros j J || intros J;
        rewrite !E by (auto; apply Lc; lia).
      + rewrite x5 by auto. destruct (records _); cbn [truth]; auto.
      + rewrite x6, begins by auto. destruct j; cbn [start]; auto.
      + rewrite x6, begins by auto. reflexivity.
      + rewrite x6, begins by auto. reflexivity.
      + rewrite x4, x7 by auto. reflexivity.
      + rewrite x5, F0 by auto. reflexivity.
      + rewrite x4, F0 by auto. reflexivity.
      + rewrite x7, F0 by auto. reflexivity.
  Qed.

  (** The last position. *)
  Hypothesis is_active : active m l.
  Let i := (length l - 1)%nat.
  Lemma last_in : (i < length l)%nat. Proof. pose proof first_item. unfold i. lia. Qed.
  Let p := Latest 2 [(coordinate (number_at + 2), coordinate 4)] [(0%nat, [(1, [])]); (5%nat, [(-1, [])]); (6%nat, [(-1, [])])] 6.
  Ltac by_stage := unfold X; rewrite (equation rho N (hybrid_ready m) w _ _ _ (eq_refl _)).
  Lemma defined_at c e : (forall d, (d <= 2)%nat -> defined (hybrid_stages d) (8 + d + c) = Some (e (8 + d)%nat)) ->
    forall j, X j (number_at + c)%nat = says rho (e number_at) X j.
  Proof. intros H j. apply (equation rho N (hybrid_ready m)). apply H, ends_few. Qed.
  Lemma x_lead j : (j < length l)%nat -> X j (number_at + 1)%nat = of_sign (leads_to m) (item_at l (j - 1)).
  Proof.
    intros J. rewrite (defined_at 1 (fun k => ByCell (window k) 1)) by (intros d' H; few d' H; reflexivity). cbn [says]. destruct first_item as (F0 & _).
    destruct j as [|j]; cbn [cell_sem nth window before reads_ map fst snd sum fold_right]; [linear; change (0 - 1)%nat with 0%nat; rewrite F0; reflexivity|].
    replace (S j - 1)%nat with j by lia. rewrite <- x2 by lia. destruct j; cbn [cell_sem nth window before reads_ map fst snd sum fold_right]; unfold coordinate; linear; ring.
  Qed.
  Lemma x_here j : (j < length l)%nat -> X j (number_at + 2)%nat = number (item_at l (j - 1)).
  Proof.
    intros J. rewrite (defined_at 2 (fun k => ByCell (window k) 3)) by (intros d' H; few d' H; reflexivity). cbn [says]. destruct first_item as (F0 & _).
    destruct j as [|j]; cbn [cell_sem nth window before reads_ map fst snd sum fold_right]; [linear; change (0 - 1)%nat with 0%nat; rewrite F0; reflexivity|].
    replace (S j - 1)%nat with j by lia. rewrite <- x4 by lia. destruct j; cbn [cell_sem nth window before reads_ map fst snd sum fold_right]; unfold coordinate; linear; ring.
  Qed.
  Lemma x_found : latest_where (is_record_of l (number (item_at l i))) i (picked rho X i p).
  Proof.
    apply picked_latest. intros j J. pose proof last_in as Li. unfold matches, queries, keys, coordinate. cbn [map fst snd]. linear.
    rewrite x_here, x0, x4, x5, x6, begins by lia. unfold is_record_of. destruct j as [|j]; [lia|]. cbn [start].
    destruct (records (item_at l (S j))); cbn [truth]; split.
    - intros (H & _). injection H. auto.
    - intros (_ & ->). split; [reflexivity|lia].
    - intros (_ & H). lia.
    - intros (H & _). discriminate.
  Qed.
  Lemma x_cell : X i (number_at + 4)%nat = of_sign (leaves m) (item_at l (picked rho X i p)).
  Proof.
    pose proof last_in as Li.
    rewrite (defined_at 4 (fun k => ByRead (Latest 2 [(coordinate (k + 2), coordinate 4)] [(0%nat, [(1, [])]); (5%nat, [(-1, [])]); (6%nat, [(-1, [])])] 6) (coordinate 1)))
      by (intros d' H; few d' H; reflexivity). cbn [says]. change (Latest 2 _ _ 6) with p. unfold coordinate. linear. apply x1.
    pose proof (latest_where_le _ _ _ x_found). lia.
  Qed.
  Lemma x_outside : X i (number_at + 5)%nat = excess s (of_sign (moves m) (item_at l i) + number (item_at l (i - 1))).
  Proof.
    pose proof last_in as Li. rewrite (defined_at 5 (fun k => ByGate (Beyond (target_of 3 (k + 2)) (bound_row (-1)) (bound_row 1))))
      by (intros d' H; few d' H; reflexivity). cbn [says gate_sem]. unfold target_of, bound_row. linear. rewrite x0, x3, x_here by auto.
    change (rho 1%nat) with s. unfold excess. lia.
  Qed.
  Lemma x_next : X i (number_at + 6)%nat = position_of s (of_sign (moves m) (item_at l i) + number (item_at l (i - 1))).
  Proof.
    pose proof last_in as Li. rewrite (defined_at 6 (fun k => ByGate (Clamp (target_of 3 (k + 2)) (bound_row (-1)) (Some (bound_row 1)))))
      by (intros d' H; few d' H; reflexivity). cbn [says gate_sem]. unfold target_of, bound_row. linear. rewrite x0, x3, x_here by auto.
    change (rho 1%nat) with s. unfold position_of. lia.
  Qed.

  Hypothesis fits : Z.of_nat (length l) <= rho 2%nat.
  Theorem hybrid_next : next QcN rho (hybrid_turing m) w = tok_of m (rule m s l).
  Proof.
    assert (length w = length l) as Lw by (unfold w; rewrite map_length, rev_length; reflexivity). pose proof last_in as Li.
    destruct (last_wins m s n (hybrid_turing m) 8 wf some_space eq_refl eq_refl eq_refl) with (l := l) (x := X i) (found := picked rho X i p) as (V & L); auto.
    - cbn [low hybrid_turing]. rewrite lower_bound. reflexivity.
    - cbn [high hybrid_turing]. rewrite upper_bound. reflexivity.
    - apply x0, Li.
    - apply x_halts, Li.
    - apply x_missing, Li.
    - apply x_number, Li.
    - apply x_lead, Li.
    - apply x_found.
    - apply x_cell.
    - apply x_outside.
    - apply x_next.
    - apply (written_by rho (hybrid_turing m) N (hybrid_facts d) (squares_ d)); auto.
      + intros E. apply (f_equal (@length tok)) in E. rewrite Lw in E. cbn [length] in E. lia.
      + apply facts_hold.
      + rewrite hybrid_layers_are. apply hybrid_checked, ends_few.
      + intros k K. rewrite Lw. cbn in K. destruct K as [<-|[]]. exact fits.
      + intros j c _. apply hybrid_embeds.
      + rewrite Lw. exact L.
  Qed.
End Hybrid.

Theorem hybrid_turing_simulates : statement_hybrid_turing_simulates.
Proof. intros m wf. apply simulated; auto. intros. apply hybrid_next; auto. Qed.
