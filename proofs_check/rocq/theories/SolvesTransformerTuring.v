(** Theorem 5.7 for a Transformer: for every machine, the weights that are a function of it simulate it. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound NetModel NetTop NetFull Decode Equations StatementsMachines Transcripts Decisions LastPosition TuringNetworks.
Import ListNotations.
Open Scope Z_scope.

(** * The network, as a function of the machine *)
Definition transformer_base (m : machine) : list feature :=
  [Feature (1, 0, 0) (listing m (fun _ => 1)) (0, 0); Feature (0, 0, 0) [] (1, 0); Feature (0, 0, 0) [] (0, 1);
   valued (listing m (leaves m)); valued (listing m (leads_to m)); valued (listing m (moves m)); Feature (0, 1, 0) [] (0, 0);
   valued (listing m (fun x => truth (is_record x))); Feature (0, 0, 1) [] (0, 0); valued (listing m (fun x => truth (is_begin x)))].
Definition transformer_stages (d : nat) : list stage :=
  let number := (10 + d)%nat in
  [Heads [(At (coordinate 1) [(0%nat, [(-1, [])]); (1%nat, [(1, [])])],
      [((number + 1)%nat, coordinate 4); ((number + 2)%nat, coordinate 6); ((number + 3)%nat, coordinate 8)])];
   Gates (target_gadgets number 5); Heads [cell_gadget number 3 6 7 9]].
Definition squares_ (d : nat) : list (nat * nat) := [(2, 1); (8, 6); (13 + d, 12 + d)]%nat.
Definition transformer_layers (d : nat) : list layer :=
  let number := (10 + d)%nat in let width := (number + 7)%nat in let here := (number + 2)%nat in
  [Attention [{| query := [[(0%nat, [(-2, [])]); (1%nat, [(2, [])])]; coordinate 0]; key := [coordinate 1; [(2%nat, [(-1, [])])]];
                 value := [coordinate 4; coordinate 6; coordinate 8];
                 Model.output := rows width [((number + 1)%nat, coordinate 0); (here, coordinate 1); ((number + 3)%nat, coordinate 2)]; slope := 0 |}];
   FeedForward (target_gates 5 here) target_values (rows width [((number + 5)%nat, summed 0); ((number + 6)%nat, clamped 2)]);
   Attention [cell_head number width 3 6 7 8 9]].
Lemma transformer_layers_are m : layers (transformer_turing m) = transformer_layers (ends_count m). Proof. reflexivity. Qed.
Definition transformer_extra : list fact := [NetFacts.Pos 1 0; Sq 2 1].
Lemma transformer_checked m d : (d <= 2)%nat -> check_stages (turing_facts (transformer_base m) 6 7 9 8 transformer_extra d) (squares_ d) (transformer_layers d) (transformer_stages d) = true.
Proof. intros H. few d H; vm_compute; reflexivity. Qed.
Lemma transformer_settled d : (d <= 2)%nat -> settled (seq 0 (11 + d)) (transformer_stages d) = true.
Proof. intros H. few d H; vm_compute; reflexivity. Qed.

Lemma transformer_embeds m rho w i c : embed ZN rho (transformer_turing m) (nth i w (Special 0)) i c = embedding rho (turing_features m (transformer_base m)) w i c.
Proof.
  unfold embedding. generalize (nth i w (Special 0)). intros t. integers. rewrite embed_rows. cbn [polynomial special position transformer_turing]. rewrite !nth_rows.
  unfold turing_features, transformer_base, end_features, ends_count. destruct (some_halt m), (some_missing m); cbn [Nat.add app map snd];
    do 19 (destruct c as [|c]; [by_row t|]); by_row t.
Qed.



Section Transformer.
  Variables (m : machine) (n s : Z) (l : list item).
  Hypothesis wf : well_formed m.
  Hypothesis some_space : 1 <= s.
  Hypothesis is_good : good m s l.
  Let rho := machine_at_size m n s.
  Let base := transformer_base m.
  Let N := turing_network m base transformer_stages squares_.
  Let w := map (tok_of m) (rev l).
  Let X := net_stream rho N w.
  Let number_at := (10 + ends_count m)%nat.
  Lemma columns c : In c [0; 3; 4; 5; 6; 7; 9; 8]%nat -> (c < length base)%nat.
  Proof. cbn. lia. Qed.
  Lemma x_position j : (j < length l)%nat -> X j 1%nat = Z.of_nat j.
  Proof.
    intros J. transitivity (feature_sem rho (nth 1 base no_feature) (tok_of m (item_at l j)) (Z.of_nat j));
      [apply (from_base m base transformer_stages squares_ transformer_settled n s l); [exact J|cbn; lia]|]. unfold base. cbn [nth transformer_base]. rewrite feature_number. destruct (item_at l j); ring.
  Qed.
  Lemma x0 j : (j < length l)%nat -> X j 0%nat = 1.
  Proof. exact (x_one m base transformer_stages squares_ 3 4 5 6 7 9 8 columns eq_refl transformer_settled n s l is_good j). Qed.
  Lemma back_one j : (j < length l)%nat -> picked rho X j (At (coordinate 1) [(0%nat, [(-1, [])]); (1%nat, [(1, [])])]) = (j - 1)%nat.
  Proof. intros J. cbn [picked]. linear. rewrite x0, x_position by auto. unfold nearest. lia. Qed.
  Ltac read_back j c row := transitivity (says rho (ByRead (At (coordinate 1) [(0%nat, [(-1, [])]); (1%nat, [(1, [])])]) row) X j);
    [apply (defined_at m base transformer_stages squares_ transformer_settled n s l c (fun _ => ByRead (At (coordinate 1) [(0%nat, [(-1, [])]); (1%nat, [(1, [])])]) row)); intros k K; few k K; reflexivity|];
    cbn [says]; rewrite back_one by auto; unfold coordinate; linear.
  Lemma x_lead j : (j < length l)%nat -> X j (number_at + 1)%nat = of_sign (leads_to m) (item_at l (j - 1)).
  Proof. intros J. read_back j 1%nat (coordinate 4). apply (x_leads m base transformer_stages squares_ 3 4 5 6 7 9 8 columns eq_refl transformer_settled n s l is_good). lia. Qed.
  Lemma x_here j : (j < length l)%nat -> X j (number_at + 2)%nat = number (item_at l (j - 1)).
  Proof. intros J. read_back j 2%nat (coordinate 6). apply (x_num m base transformer_stages squares_ 3 4 5 6 7 9 8 columns eq_refl transformer_settled n s l). lia. Qed.
  Lemma extra_holds f : In f transformer_extra -> (forall c, In c (coords f) -> (c < 11)%nat) /\ fact_holds rho (length w) (embedding rho (turing_features m base) w) f.
  Proof.
    intros [<-|[<-|[]]]; (split; [cbn; lia|]); cbn [fact_holds]; intros j J; unfold embedding; generalize (nth j w (Special 0)); intros t;
      cbn [nth app turing_features base transformer_base]; unfold feature_sem; cbn [f_number f_special f_position fst snd]; destruct t; change (listed rho [] s0) with 0 || idtac; ring.
  Qed.

  Hypothesis is_active : active m l.
  Hypothesis fits : Z.of_nat (length l) <= rho 2%nat.
  Theorem transformer_next : next QcN rho (transformer_turing m) w = tok_of m (rule m s l).
  Proof.
    refine (turing_next m base transformer_stages squares_ 3 4 5 6 7 9 8 columns eq_refl eq_refl eq_refl eq_refl eq_refl eq_refl eq_refl transformer_settled
      n s l wf some_space is_good transformer_extra extra_holds is_active _ _ _ x_lead x_here (transformer_turing m) eq_refl eq_refl eq_refl eq_refl eq_refl
      (transformer_checked m _ (ends_few m)) eq_refl (transformer_embeds m rho w) fits); intros k K; few k K; reflexivity.
  Qed.
End Transformer.

Theorem transformer_turing_simulates : statement_transformer_turing_simulates.
Proof. intros m wf. apply simulated; auto. intros. apply transformer_next; auto. Qed.
