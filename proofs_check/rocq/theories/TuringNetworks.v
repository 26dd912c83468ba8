(** What the networks of Transformers and hybrids that simulate a machine have in common: all but how they read the token
    before. Columns are by what they hold; what is read back comes as a hypothesis, and the last position decides. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound NetModel NetTop NetFull Decode Equations StatementsMachines Transcripts Decisions LastPosition.
Import ListNotations.
Open Scope Z_scope.

(** The features of a family, those of the ends of the machine, and whether it is a number. *)
Definition turing_features (m : machine) (base : list feature) : list feature :=
  base ++ map (fun cr => valued (snd cr)) (end_features m (length base)) ++ [Feature (1, 0, 0) [] (0, 0)].
Lemma turing_length m base : length (turing_features m base) = (S (length base) + ends_count m)%nat.
Proof. unfold turing_features, end_features, ends_count. rewrite !app_length. destruct (some_halt m), (some_missing m); cbn [map length app]; lia. Qed.

Section Family.
  Variables (m : machine) (base : list feature) (the_stages : nat -> list stage) (the_squares : nat -> list (nat * nat)).
  (** Where a feature stands: what a sign leaves, leads to, how it moves; the number; whether it is a record, the first; the square. *)
  Variables leaf lead move num rec begin sq : nat.
  Let b := length base.
  Hypothesis columns : forall c, In c [0; leaf; lead; move; num; rec; begin; sq]%nat -> (c < b)%nat.
  Hypothesis has_one : nth 0 base no_feature = Feature (1, 0, 0) (listing m (fun _ => 1)) (0, 0).
  Hypothesis has_leaf : nth leaf base no_feature = valued (listing m (leaves m)).
  Hypothesis has_lead : nth lead base no_feature = valued (listing m (leads_to m)).
  Hypothesis has_move : nth move base no_feature = valued (listing m (moves m)).
  Hypothesis has_num : nth num base no_feature = Feature (0, 1, 0) [] (0, 0).
  Hypothesis has_rec : nth rec base no_feature = valued (listing m (fun x => truth (is_record x))).
  Hypothesis has_begin : nth begin base no_feature = valued (listing m (fun x => truth (is_begin x))).
  Hypothesis has_sq : nth sq base no_feature = Feature (0, 0, 1) [] (0, 0).
  Definition turing_network : network :=
    {| features := turing_features m base; stages := the_stages (ends_count m); squares := the_squares (ends_count m); outputs := []; logit_scale := None; once := true |}.
  Hypothesis settles : forall d, (d <= 2)%nat -> settled (seq 0 (S b + d)) (the_stages d) = true.
  Lemma turing_ready : settled (seq 0 (length (features turing_network))) (stages turing_network) = true.
  Proof. cbn [features stages turing_network]. rewrite turing_length. apply settles, ends_few. Qed.

  Variables (n s : Z) (l : list item).
  Hypothesis wf : well_formed m.
  Hypothesis some_space : 1 <= s.
  Hypothesis is_good : good m s l.
  Let rho := machine_at_size m n s.
  Let N := turing_network.
  Let w := map (tok_of m) (rev l).
  Let X := net_stream rho N w.
  Let d := ends_count m.
  Let number_at := (b + d)%nat.

  (** Features. *)
  Lemma from_item j c : (j < length l)%nat -> (c < S b + d)%nat ->
    X j c = feature_sem rho (nth c (turing_features m base) no_feature) (tok_of m (item_at l j)) (Z.of_nat j).
  Proof. intros J C. unfold X. rewrite (from_feature rho N turing_ready) by (cbn [features N turing_network]; rewrite turing_length; exact C). unfold w. rewrite item_token. reflexivity. Qed.
  Lemma proper_at j : (j < length l)%nat -> proper_item m (item_at l j).
  Proof. intros J. apply (item_proper m s l is_good j J). Qed.
  Lemma from_base j c : (j < length l)%nat -> (c < b)%nat -> X j c = feature_sem rho (nth c base no_feature) (tok_of m (item_at l j)) (Z.of_nat j).
  Proof. intros J C. rewrite from_item by lia. unfold turing_features. rewrite app_nth1 by exact C. reflexivity. Qed.
  Ltac base_feature h := intros J; rewrite from_base, h by (auto; apply columns; cbn; tauto).
  Lemma x_one j : (j < length l)%nat -> X j 0%nat = 1. Proof. base_feature has_one. apply feature_one, proper_at, J. Qed.
  Lemma x_leaf j : (j < length l)%nat -> X j leaf = of_sign (leaves m) (item_at l j). Proof. base_feature has_leaf. apply feature_valued, proper_at, J. Qed.
  Lemma x_leads j : (j < length l)%nat -> X j lead = of_sign (leads_to m) (item_at l j). Proof. base_feature has_lead. apply feature_valued, proper_at, J. Qed.
  Lemma x_move j : (j < length l)%nat -> X j move = of_sign (moves m) (item_at l j). Proof. base_feature has_move. apply feature_valued, proper_at, J. Qed.
  Lemma x_num j : (j < length l)%nat -> X j num = number (item_at l j).
  Proof. base_feature has_num. rewrite feature_number. destruct (item_at l j); cbn [number]; ring. Qed.
  Lemma x_rec j : (j < length l)%nat -> X j rec = truth (records (item_at l j)).
  Proof. base_feature has_rec. rewrite feature_valued by (apply proper_at, J). destruct (item_at l j); reflexivity. Qed.
  Lemma x_sq j : (j < length l)%nat -> X j sq = number (item_at l j) * number (item_at l j).
  Proof. base_feature has_sq. rewrite feature_number. destruct (item_at l j); cbn [number]; ring. Qed.
  Lemma begins j : (j < length l)%nat -> of_sign (fun y => truth (is_begin y)) (item_at l j) = start j.
  Proof.
    intros J. pose proof (good_items m s l is_good j J) as G. destruct (item_at l j) as [p|y]; cbn [of_sign].
    - destruct j; [destruct G; congruence|reflexivity].
    - destruct G as (_ & G). destruct j; [rewrite (proj2 G eq_refl); reflexivity|]. destruct y; try reflexivity. destruct G as (G & _). specialize (G eq_refl). discriminate.
  Qed.
  Lemma x_begin j : (j < length l)%nat -> X j begin = start j.
  Proof. base_feature has_begin. rewrite feature_valued by (apply proper_at, J). apply begins, J. Qed.
  Lemma from_end j k : (j < length l)%nat -> (k <= d)%nat ->
    X j (b + k)%nat = feature_sem rho (nth k (map (fun cr => valued (snd cr)) (end_features m b) ++ [Feature (1, 0, 0) [] (0, 0)]) no_feature) (tok_of m (item_at l j)) (Z.of_nat j).
  Proof. intros J K. rewrite from_item by lia. unfold turing_features, b. rewrite app_nth2_plus. reflexivity. Qed.
  Lemma x_halts j : (j < length l)%nat -> if some_halt m then X j b = of_sign (fun y => truth (enters_halt m y)) (item_at l j) else True.
  Proof.
    intros J. destruct (some_halt m) eqn:H; [|exact I]. rewrite <- (Nat.add_0_r b), from_end by lia. unfold end_features. rewrite H. apply feature_valued, proper_at, J.
  Qed.
  Lemma x_missing j : (j < length l)%nat ->
    if some_missing m then X j (b + if some_halt m then 1 else 0)%nat = of_sign (fun y => truth (lacks_entry m y)) (item_at l j) else True.
  Proof.
    intros J. destruct (some_missing m) eqn:H; [|exact I]. rewrite from_end; [|exact J|unfold d, ends_count; rewrite H; destruct (some_halt m); lia].
    unfold end_features. rewrite H. destruct (some_halt m); apply feature_valued, proper_at, J.
  Qed.
  Lemma x_number j : (j < length l)%nat -> X j number_at = match item_at l j with Pos _ => 1 | Sgn _ => 0 end.
  Proof.
    intros J. unfold number_at. rewrite from_end by lia. unfold d, ends_count, end_features.
    destruct (some_halt m), (some_missing m); cbn [map app nth Nat.add]; rewrite feature_number; destruct (item_at l j); ring.
  Qed.
  Lemma first_item : item_at l 0 = Sgn Begin /\ (0 < length l)%nat. Proof. apply (good_first m s l is_good). Qed.
  Lemma word_length : length w = length l. Proof. unfold w. rewrite map_length, rev_length. reflexivity. Qed.

  (** Facts that the checker starts from: these, and those that a family adds. *)
  Variable extra : list fact.
  Definition turing_facts (k : nat) : facts :=
    {| written := seq 0 (S b + k); known := [Flag rec; Flag begin; First begin; Start begin 1; Sq sq num; Start rec 0; Start num 0; Start sq 0] ++ extra |}.
  Hypothesis extra_holds : forall f, In f extra -> (forall c, In c (coords f) -> (c < S b)%nat) /\
    fact_holds rho (length w) (embedding rho (turing_features m base) w) f.
  Lemma facts_hold : holds rho (length w) (turing_facts d) (embedding rho (features N) w).
  Proof.
    set (y := embedding rho (features N) w).
    assert (forall j c, (j < length l)%nat -> (c < S b)%nat -> y j c = X j c) as E.
    { intros j c J C. rewrite from_item by lia. unfold y, embedding, w. rewrite item_token. reflexivity. }
    pose proof (ends_few m) as Few. assert (forall c, In c [0; leaf; lead; move; num; rec; begin; sq]%nat -> (c < S b)%nat) as Lc by (intros c C; apply columns in C; lia).
    split; [|split; [|split]].
    - rewrite word_length. intros j J. rewrite E, x_one by (auto; apply Lc; cbn; tauto). reflexivity.
    - apply in_seq. lia.
    - intros j c J C. cbn [NetFacts.written turing_facts] in C. assert (S b + d <= c)%nat as Hc by (destruct (le_lt_dec (S b + d) c); auto; exfalso; apply C, in_seq; lia).
      change (y j c) with (feature_sem rho (nth c (turing_features m base) no_feature) (nth j w (Special 0)) (Z.of_nat j)).
      rewrite nth_overflow by (rewrite turing_length; exact Hc). unfold feature_sem. cbn [no_feature f_number f_position fst snd]. destruct (nth j w (Special 0)); reflexivity.
    - destruct first_item as (F0 & L0). intros f Hf. cbn [known turing_facts] in Hf. apply in_app_or in Hf. destruct Hf as [Hf|Hf].
      2: { destruct (extra_holds f Hf) as (B & H). split; [intros c Hc; apply B in Hc; apply in_seq; lia|exact H]. }
      assert (forall c, In c [0; leaf; lead; move; num; rec; begin; sq]%nat -> In c (seq 0 (S b + d))) as W by (intros c C; apply Lc in C; apply in_seq; lia). cbn [In] in Hf.
      repeat (destruct Hf as [<-|Hf]; [|]); try destruct Hf; (split; [intros c Hc; cbn [coords In] in Hc; apply W; cbn; intuition|]); cbn [fact_holds]; rewrite ?word_length; intros j J || intros J;
        rewrite !E by (auto; apply Lc; cbn; tauto).
      + rewrite x_rec by auto. destruct (records _); cbn [truth]; auto.
      + rewrite x_begin by auto. destruct j; cbn [start]; auto.
      + rewrite x_begin by auto. reflexivity.
      + rewrite x_begin by auto. reflexivity.
      + rewrite x_num, x_sq by auto. reflexivity.
      + rewrite x_rec, F0 by auto. reflexivity.
      + rewrite x_num, F0 by auto. reflexivity.
      + rewrite x_sq, F0 by auto. reflexivity.
  Qed.

  (** The last position. *)
  Hypothesis is_active : active m l.
  Let i := (length l - 1)%nat.
  Lemma last_place : (i < length l)%nat. Proof. pose proof first_item. unfold i. lia. Qed.
  Lemma defined_at c e : (forall k, (k <= 2)%nat -> defined (the_stages k) (b + k + c) = Some (e (b + k)%nat)) ->
    forall j, X j (number_at + c)%nat = says rho (e number_at) X j.
  Proof. intros H j. apply (equation rho N turing_ready). apply H, ends_few. Qed.
  Definition looked_up (k : nat) : pick := Latest 2 [(coordinate (k + 2), coordinate num)] [(0%nat, [(1, [])]); (rec, [(-1, [])]); (begin, [(-1, [])])] begin.
  Hypothesis cell_by : forall k, (k <= 2)%nat -> defined (the_stages k) (b + k + 4) = Some (ByRead (looked_up (b + k)) (coordinate leaf)).
  Hypothesis outside_by : forall k, (k <= 2)%nat -> defined (the_stages k) (b + k + 5) = Some (ByGate (Beyond (target_of move (b + k + 2)) (bound_row (-1)) (bound_row 1))).
  Hypothesis next_by : forall k, (k <= 2)%nat -> defined (the_stages k) (b + k + 6) = Some (ByGate (Clamp (target_of move (b + k + 2)) (bound_row (-1)) (Some (bound_row 1)))).
  (** What is read back. *)
  Hypothesis x_lead : forall j, (j < length l)%nat -> X j (number_at + 1)%nat = of_sign (leads_to m) (item_at l (j - 1)).
  Hypothesis x_here : forall j, (j < length l)%nat -> X j (number_at + 2)%nat = number (item_at l (j - 1)).

  Lemma x_found : latest_where (is_record_of l (number (item_at l i))) i (picked rho X i (looked_up number_at)).
  Proof.
    apply picked_latest. intros j J. pose proof last_place as Li. unfold matches, queries, keys, coordinate. cbn [map fst snd]. linear.
    rewrite x_here, x_one, x_num, x_rec, x_begin by lia. unfold is_record_of. destruct j as [|j]; [lia|]. cbn [start].
    destruct (records (item_at l (S j))); cbn [truth]; split.
    - intros (H & _). injection H. auto.
    - intros (_ & ->). split; [reflexivity|lia].
    - intros (_ & H). lia.
    - intros (H & _). discriminate.
  Qed.
  Lemma x_cell : X i (number_at + 4)%nat = of_sign (leaves m) (item_at l (picked rho X i (looked_up number_at))).
  Proof.
    pose proof last_place as Li. rewrite (defined_at 4 (fun k => ByRead (looked_up k) (coordinate leaf)) cell_by). cbn [says]. unfold coordinate at 1. linear. apply x_leaf.
    pose proof (latest_where_le _ _ _ x_found). lia.
  Qed.
  Lemma x_outside : X i (number_at + 5)%nat = excess s (of_sign (moves m) (item_at l i) + number (item_at l (i - 1))).
  Proof.
    pose proof last_place as Li. rewrite (defined_at 5 (fun k => ByGate (Beyond (target_of move (k + 2)) (bound_row (-1)) (bound_row 1))) outside_by).
    cbn [says gate_sem]. unfold target_of, bound_row. linear. rewrite x_one, x_move, x_here by auto. change (rho 1%nat) with s. unfold excess. lia.
  Qed.
  Lemma x_next : X i (number_at + 6)%nat = position_of s (of_sign (moves m) (item_at l i) + number (item_at l (i - 1))).
  Proof.
    pose proof last_place as Li. rewrite (defined_at 6 (fun k => ByGate (Clamp (target_of move (k + 2)) (bound_row (-1)) (Some (bound_row 1)))) next_by).
    cbn [says gate_sem]. unfold target_of, bound_row. linear. rewrite x_one, x_move, x_here by auto. change (rho 1%nat) with s. unfold position_of. lia.
  Qed.

  (** The model whose layers compute the network. *)
  Variable M : model.
  Hypothesis specials_are : specials M = length (signs m).
  Hypothesis signs_by : special_logits M = sign_logits m b.
  Hypothesis numbers_by : polynomial_logits M = number_logits m b.
  Hypothesis low_is : low M = [(-1, [(1%nat, 1%nat)])].
  Hypothesis high_is : high M = [(1, [(1%nat, 1%nat)])].
  Hypothesis checked : check_stages (turing_facts d) (the_squares d) (layers M) (the_stages d) = true.
  Hypothesis scaled_by : scales N = [2%nat].
  Hypothesis embeds : forall j c, embed ZN rho M (nth j w (Special 0)) j c = embedding rho (features N) w j c.
  Hypothesis fits : Z.of_nat (length l) <= rho 2%nat.
  Theorem turing_next : next QcN rho M w = tok_of m (rule m s l).
  Proof.
    pose proof word_length as Lw. pose proof last_place as Li.
    destruct (last_wins m s n M b wf some_space signs_by numbers_by specials_are) with (l := l) (x := X i) (found := picked rho X i (looked_up number_at)) as (V & L); auto.
    - rewrite low_is, lower_bound. reflexivity.
    - rewrite high_is, upper_bound. reflexivity.
    - apply x_one, Li.
    - apply x_halts, Li.
    - apply x_missing, Li.
    - apply x_number, Li.
    - apply x_found.
    - apply x_cell.
    - apply x_outside.
    - apply x_next.
    - apply (written_by rho M N (turing_facts d) (the_squares d)); auto.
      + intros E. apply (f_equal (@length tok)) in E. rewrite Lw in E. cbn [length] in E. lia.
      + apply facts_hold.
      + intros k K. rewrite scaled_by in K. rewrite Lw. destruct K as [<-|[]]. exact fits.
      + rewrite Lw. exact L.
  Qed.
End Family.
