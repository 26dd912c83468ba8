(** Theorem 5.7 for a Transformer: for every machine, the weights that are a function of it simulate it. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound NetModel NetTop NetFull Decode Equations StatementsMachines Transcripts Decisions LastPosition.
Import ListNotations.
Open Scope Z_scope.

(** * The network, as a function of the machine *)
Definition transformer_features (m : machine) : list feature :=
  [Feature (1, 0, 0) (listing m (fun _ => 1)) (0, 0); Feature (0, 0, 0) [] (1, 0); Feature (0, 0, 0) [] (0, 1);
   valued (listing m (leaves m)); valued (listing m (leads_to m)); valued (listing m (moves m)); Feature (0, 1, 0) [] (0, 0);
   valued (listing m (fun x => truth (is_record x))); Feature (0, 0, 1) [] (0, 0); valued (listing m (fun x => truth (is_begin x)))] ++
  map (fun cr => valued (snd cr)) (end_features m 10) ++ [Feature (1, 0, 0) [] (0, 0)].
Definition transformer_stages (d : nat) : list stage :=
  let number := (10 + d)%nat in
  [Heads [(At (coordinate 1) [(0%nat, [(-1, [])]); (1%nat, [(1, [])])],
      [((number + 1)%nat, coordinate 4); ((number + 2)%nat, coordinate 6); ((number + 3)%nat, coordinate 8)])];
   Gates (target_gadgets number 5); Heads [cell_gadget number 3 6 7 9]].
Definition squares_ (d : nat) : list (nat * nat) := [(2, 1); (8, 6); (13 + d, 12 + d)]%nat.
Definition transformer_network (m : machine) : network :=
  {| features := transformer_features m; stages := transformer_stages (ends_count m); squares := squares_ (ends_count m);
     outputs := []; logit_scale := None; once := true |}.
Definition transformer_layers (d : nat) : list layer :=
  let number := (10 + d)%nat in let width := (number + 7)%nat in let here := (number + 2)%nat in
  [Attention [{| query := [[(0%nat, [(-2, [])]); (1%nat, [(2, [])])]; coordinate 0]; key := [coordinate 1; [(2%nat, [(-1, [])])]];
                 value := [coordinate 4; coordinate 6; coordinate 8];
                 Model.output := rows width [((number + 1)%nat, coordinate 0); (here, coordinate 1); ((number + 3)%nat, coordinate 2)]; slope := 0 |}];
   FeedForward (target_gates 5 here) target_values (rows width [((number + 5)%nat, summed 0); ((number + 6)%nat, clamped 2)]);
   Attention [cell_head number width 3 6 7 8 9]].
Lemma transformer_layers_are m : layers (transformer_turing m) = transformer_layers (ends_count m). Proof. reflexivity. Qed.
Definition transformer_facts (d : nat) : facts :=
  {| written := seq 0 (11 + d); known := [Flag 7; Flag 9; First 9; Start 9 1; NetCheck.Pos 1 0; Sq 2 1; Sq 8 6; Start 7 0; Start 6 0; Start 8 0] |}.
Lemma transformer_checked d : (d <= 2)%nat -> check_stages (transformer_facts d) (squares_ d) (transformer_layers d) (transformer_stages d) = true.
Proof. intros H. few d H; vm_compute; reflexivity. Qed.
Lemma transformer_settled d : (d <= 2)%nat -> settled (seq 0 (11 + d)) (transformer_stages d) = true.
Proof. intros H. few d H; vm_compute; reflexivity. Qed.

Lemma transformer_embeds m rho w i c : embed ZN rho (transformer_turing m) (nth i w (Special 0)) i c = embedding rho (transformer_features m) w i c.
Proof.
  unfold embedding. generalize (nth i w (Special 0)). intros t. integers. rewrite embed_rows. cbn [polynomial special position transformer_turing]. rewrite !nth_rows.
  unfold transformer_features, end_features, ends_count. destruct (some_halt m), (some_missing m); cbn [Nat.add app map snd];
    do 19 (destruct c as [|c]; [by_row t|]); by_row t.
Qed.


Lemma transformer_length m : length (transformer_features m) = (11 + ends_count m)%nat.
Proof. unfold transformer_features, end_features, ends_count. destruct (some_halt m), (some_missing m); reflexivity. Qed.
Lemma transformer_ready m : settled (seq 0 (length (features (transformer_network m)))) (stages (transformer_network m)) = true.
Proof. cbn [features stages transformer_network]. rewrite transformer_length. apply transformer_settled, ends_few. Qed.

Section Transformer.
  Variables (m : machine) (n s : Z) (l : list item).
  Hypothesis wf : well_formed m.
  Hypothesis some_space : 1 <= s.
  Hypothesis is_good : good m s l.
  Let rho := machine_at_size m n s.
  Let N := transformer_network m.
  Let w := map (tok_of m) (rev l).
  Let X := net_stream rho N w.
  Let d := ends_count m.
  Let number_at := (10 + d)%nat.

  (** Features. *)
  Lemma from_item j c : (j < length l)%nat -> (c < length (transformer_features m))%nat ->
    X j c = feature_sem rho (nth c (transformer_features m) no_feature) (tok_of m (item_at l j)) (Z.of_nat j).
  Proof. intros J C. unfold X. rewrite (from_feature rho N (transformer_ready m)) by exact C. unfold w. rewrite item_token. reflexivity. Qed.
  Lemma proper_at j : (j < length l)%nat -> proper_item m (item_at l j).
  Proof. intros J. apply (item_proper m s l is_good j J). Qed.
  Ltac feature := rewrite from_item by (rewrite ?transformer_length; lia).
  Lemma x0 j : (j < length l)%nat -> X j 0%nat = 1. Proof. intros J. feature. apply feature_one, proper_at, J. Qed.
  Lemma x1 j : (j < length l)%nat -> X j 1%nat = Z.of_nat j.
  Proof. intros J. feature. cbn [nth app transformer_features]. rewrite feature_number. destruct (item_at l j); ring. Qed.
  Lemma x2 j : (j < length l)%nat -> X j 2%nat = Z.of_nat j * Z.of_nat j.
  Proof. intros J. feature. cbn [nth app transformer_features]. rewrite feature_number. destruct (item_at l j); ring. Qed.
  Lemma x3 j : (j < length l)%nat -> X j 3%nat = of_sign (leaves m) (item_at l j). Proof. intros J. feature. apply feature_valued, proper_at, J. Qed.
  Lemma x4 j : (j < length l)%nat -> X j 4%nat = of_sign (leads_to m) (item_at l j). Proof. intros J. feature. apply feature_valued, proper_at, J. Qed.
  Lemma x5 j : (j < length l)%nat -> X j 5%nat = of_sign (moves m) (item_at l j). Proof. intros J. feature. apply feature_valued, proper_at, J. Qed.
  Lemma x6 j : (j < length l)%nat -> X j 6%nat = number (item_at l j).
  Proof. intros J. feature. cbn [nth app transformer_features]. rewrite feature_number. destruct (item_at l j); cbn [number]; ring. Qed.
  Lemma x7 j : (j < length l)%nat -> X j 7%nat = truth (records (item_at l j)).
  Proof. intros J. feature. cbn [nth app transformer_features]. rewrite feature_valued by (apply proper_at, J). destruct (item_at l j); reflexivity. Qed.
  Lemma x8 j : (j < length l)%nat -> X j 8%nat = number (item_at l j) * number (item_at l j).
  Proof. intros J. feature. cbn [nth app transformer_features]. rewrite feature_number. destruct (item_at l j); cbn [number]; ring. Qed.
  Lemma x9 j : (j < length l)%nat -> X j 9%nat = of_sign (fun y => truth (is_begin y)) (item_at l j). Proof. intros J. feature. apply feature_valued, proper_at, J. Qed.
  Lemma x_halts j : (j < length l)%nat -> if some_halt m then X j 10%nat = of_sign (fun y => truth (enters_halt m y)) (item_at l j) else True.
  Proof.
    intros J. destruct (some_halt m) eqn:H; [|exact I]. feature. unfold transformer_features, end_features. rewrite H. apply feature_valued, proper_at, J.
  Qed.
  Lemma x_missing j : (j < length l)%nat ->
    if some_missing m then X j (10 + if some_halt m then 1 else 0)%nat = of_sign (fun y => truth (lacks_entry m y)) (item_at l j) else True.
  Proof.
    intros J. destruct (some_missing m) eqn:H; [|exact I].
    rewrite from_item; [|exact J|rewrite transformer_length; unfold ends_count; rewrite H; destruct (some_halt m); lia].
    unfold transformer_features, end_features. rewrite H. destruct (some_halt m); apply feature_valued, proper_at, J.
  Qed.
  Lemma x_number j : (j < length l)%nat -> X j number_at = match item_at l j with Pos _ => 1 | Sgn _ => 0 end.
  Proof.
    intros J. unfold number_at, d. rewrite from_item; [|exact J|rewrite transformer_length; lia].
    assert (nth (10 + ends_count m) (transformer_features m) no_feature = Feature (1, 0, 0) [] (0, 0)) as ->.
    { unfold transformer_features, end_features, ends_count. destruct (some_halt m), (some_missing m); reflexivity. }
    rewrite feature_number. destruct (item_at l j); ring.
  Qed.
  Lemma begins j : (j < length l)%nat -> of_sign (fun y => truth (is_begin y)) (item_at l j) = start j.
  Proof.
    intros J. pose proof (good_items m s l is_good j J) as G. destruct (item_at l j) as [p|y]; cbn [of_sign].
    - destruct j; [destruct G; congruence|reflexivity].
    - destruct G as (_ & G). destruct j; [rewrite (proj2 G eq_refl); reflexivity|]. destruct y; try reflexivity. destruct G as (G & _). specialize (G eq_refl). discriminate.
  Qed.
  Lemma first_item : item_at l 0 = Sgn Begin /\ (0 < length l)%nat. Proof. apply (good_first m s l is_good). Qed.

  Lemma facts_hold : holds rho (length w) (transformer_facts d) (embedding rho (features N) w).
  Proof.
    assert (length w = length l) as Lw by (unfold w; rewrite map_length, rev_length; reflexivity). rewrite Lw.
    set (y := embedding rho (features N) w).
    assert (forall j c, (j < length l)%nat -> (c < length (transformer_features m))%nat -> y j c = X j c) as E.
    { intros j c J C. rewrite from_item by auto. unfold y, embedding, w. rewrite item_token. reflexivity. }
    pose proof (ends_few m) as Few. assert (forall c, (c <= 10)%nat -> (c < length (transformer_features m))%nat) as Lc by (intros; rewrite transformer_length; lia).
    split; [|split; [|split]].
    - intros j J. rewrite E, x0 by (auto; apply Lc; lia). reflexivity.
    - apply in_seq. lia.
    - intros j c J C. cbn [written transformer_facts] in C. assert (11 + d <= c)%nat as Hc by (destruct (le_lt_dec (11 + d) c); auto; exfalso; apply C, in_seq; lia).
      change (y j c) with (feature_sem rho (nth c (transformer_features m) no_feature) (nth j w (Special 0)) (Z.of_nat j)).
      rewrite nth_overflow by (rewrite transformer_length; exact Hc). unfold feature_sem. cbn [no_feature f_number f_position fst snd]. destruct (nth j w (Special 0)); reflexivity.
    - destruct first_item as (F0 & L0). intros f Hf. cbn [known transformer_facts In] in Hf.
      assert (forall c, (c <= 10)%nat -> In c (seq 0 (11 + d))) as W by (intros; apply in_seq; lia).
      repeat (destruct Hf as [<-|Hf]; [|]); try destruct Hf; (split; [intros c Hc; cbn [coords In] in Hc; apply W; lia|]); cbn [fact_holds]; intros j J || intros J;
        rewrite !E by (auto; apply Lc; lia).
      + rewrite x7 by auto. destruct (records _); cbn [truth]; auto.
      + rewrite x9, begins by auto. destruct j; cbn [start]; auto.
      + rewrite x9, begins by auto. reflexivity.
      + rewrite x9, begins by auto. reflexivity.
      + rewrite x1 by auto. ring.
      + rewrite x1, x2 by auto. reflexivity.
      + rewrite x6, x8 by auto. reflexivity.
      + rewrite x7, F0 by auto. reflexivity.
      + rewrite x6, F0 by auto. reflexivity.
      + rewrite x8, F0 by auto. reflexivity.
  Qed.

  (** The last position. *)
  Hypothesis is_active : active m l.
  Let i := (length l - 1)%nat.
  Lemma last_in : (i < length l)%nat. Proof. pose proof first_item. unfold i. lia. Qed.
  Let p := Latest 2 [(coordinate (number_at + 2), coordinate 6)] [(0%nat, [(1, [])]); (7%nat, [(-1, [])]); (9%nat, [(-1, [])])] 9.
  Ltac by_stage := unfold X; rewrite (equation rho N (transformer_ready m) w _ _ _ (eq_refl _)).
  Lemma defined_at c e : (forall d, (d <= 2)%nat -> defined (transformer_stages d) (10 + d + c) = Some (e (10 + d)%nat)) ->
    forall j, X j (number_at + c)%nat = says rho (e number_at) X j.
  Proof. intros H j. apply (equation rho N (transformer_ready m)). apply H, ends_few. Qed.
  Lemma back_one j : (j < length l)%nat -> picked rho X j (At (coordinate 1) [(0%nat, [(-1, [])]); (1%nat, [(1, [])])]) = (j - 1)%nat.
  Proof. intros J. cbn [picked]. linear. rewrite x0, x1 by auto. unfold nearest. lia. Qed.
  Lemma x_lead j : (j < length l)%nat -> X j (number_at + 1)%nat = of_sign (leads_to m) (item_at l (j - 1)).
  Proof.
    intros J. rewrite (defined_at 1 (fun _ => ByRead (At (coordinate 1) [(0%nat, [(-1, [])]); (1%nat, [(1, [])])]) (coordinate 4)))
      by (intros d' H; few d' H; reflexivity). cbn [says]. rewrite back_one by auto. unfold coordinate. linear. apply x4. lia.
  Qed.
  Lemma x_here j : (j < length l)%nat -> X j (number_at + 2)%nat = number (item_at l (j - 1)).
  Proof.
    intros J. rewrite (defined_at 2 (fun _ => ByRead (At (coordinate 1) [(0%nat, [(-1, [])]); (1%nat, [(1, [])])]) (coordinate 6)))
      by (intros d' H; few d' H; reflexivity). cbn [says]. rewrite back_one by auto. unfold coordinate. linear. apply x6. lia.
  Qed.
  Lemma x_found : latest_where (is_record_of l (number (item_at l i))) i (picked rho X i p).
  Proof.
    apply picked_latest. intros j J. pose proof last_in as Li. unfold matches, queries, keys, coordinate. cbn [map fst snd]. linear.
    rewrite x_here, x0, x6, x7, x9, begins by lia. unfold is_record_of. destruct j as [|j]; [lia|]. cbn [start].
    destruct (records (item_at l (S j))); cbn [truth]; split.
    - intros (H & _). injection H. auto.
    - intros (_ & ->). split; [reflexivity|lia].
    - intros (_ & H). lia.
    - intros (H & _). discriminate.
  Qed.
  Lemma x_cell : X i (number_at + 4)%nat = of_sign (leaves m) (item_at l (picked rho X i p)).
  Proof.
    pose proof last_in as Li.
    rewrite (defined_at 4 (fun k => ByRead (Latest 2 [(coordinate (k + 2), coordinate 6)] [(0%nat, [(1, [])]); (7%nat, [(-1, [])]); (9%nat, [(-1, [])])] 9) (coordinate 3)))
      by (intros d' H; few d' H; reflexivity). cbn [says]. change (Latest 2 _ _ 9) with p. unfold coordinate. linear. apply x3.
    pose proof (latest_where_le _ _ _ x_found). lia.
  Qed.
  Lemma x_outside : X i (number_at + 5)%nat = excess s (of_sign (moves m) (item_at l i) + number (item_at l (i - 1))).
  Proof.
    pose proof last_in as Li. rewrite (defined_at 5 (fun k => ByGate (Beyond (target_of 5 (k + 2)) (bound_row (-1)) (bound_row 1))))
      by (intros d' H; few d' H; reflexivity). cbn [says gate_sem]. unfold target_of, bound_row. linear. rewrite x0, x5, x_here by auto.
    change (rho 1%nat) with s. unfold excess. lia.
  Qed.
  Lemma x_next : X i (number_at + 6)%nat = position_of s (of_sign (moves m) (item_at l i) + number (item_at l (i - 1))).
  Proof.
    pose proof last_in as Li. rewrite (defined_at 6 (fun k => ByGate (Clamp (target_of 5 (k + 2)) (bound_row (-1)) (Some (bound_row 1)))))
      by (intros d' H; few d' H; reflexivity). cbn [says gate_sem]. unfold target_of, bound_row. linear. rewrite x0, x5, x_here by auto.
    change (rho 1%nat) with s. unfold position_of. lia.
  Qed.

  Hypothesis fits : Z.of_nat (length l) <= rho 2%nat.
  Theorem transformer_next : next QcN rho (transformer_turing m) w = tok_of m (rule m s l).
  Proof.
    assert (length w = length l) as Lw by (unfold w; rewrite map_length, rev_length; reflexivity). pose proof last_in as Li.
    destruct (last_wins m s n (transformer_turing m) 10 wf some_space eq_refl eq_refl eq_refl) with (l := l) (x := X i) (found := picked rho X i p) as (V & L); auto.
    - cbn [low transformer_turing]. rewrite lower_bound. reflexivity.
    - cbn [high transformer_turing]. rewrite upper_bound. reflexivity.
    - apply x0, Li.
    - apply x_halts, Li.
    - apply x_missing, Li.
    - apply x_number, Li.
    - apply x_lead, Li.
    - apply x_found.
    - apply x_cell.
    - apply x_outside.
    - apply x_next.
    - apply (written_by rho (transformer_turing m) N (transformer_facts d) (squares_ d)); auto.
      + intros E. apply (f_equal (@length tok)) in E. rewrite Lw in E. cbn [length] in E. lia.
      + apply facts_hold.
      + rewrite transformer_layers_are. apply transformer_checked, ends_few.
      + intros k K. rewrite Lw. cbn in K. destruct K as [<-|[]]. exact fits.
      + intros j c _. apply transformer_embeds.
      + rewrite Lw. exact L.
  Qed.
End Transformer.

Theorem transformer_turing_simulates : statement_transformer_turing_simulates.
Proof. intros m wf. apply simulated; auto. intros. apply transformer_next; auto. Qed.
