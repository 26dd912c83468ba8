(** Theorem 5.7: for every machine, the weights of a hybrid that are a function of it simulate it. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound NetModel NetTop NetFull Decode Equations StatementsMachines Transcripts Decisions LastPosition TuringNetworks.
Import ListNotations.
Open Scope Z_scope.

(** * The network, as a function of the machine *)
Definition hybrid_base (m : machine) : list feature :=
  [Feature (1, 0, 0) (listing m (fun _ => 1)) (0, 0); valued (listing m (leaves m)); valued (listing m (leads_to m)); valued (listing m (moves m));
   Feature (0, 1, 0) [] (0, 0); valued (listing m (fun x => truth (is_record x))); valued (listing m (fun x => truth (is_begin x)));
   Feature (0, 0, 1) [] (0, 0)].
Definition window (number : nat) : list NetCheck.cell :=
  [NetCheck.Cell None [] (coordinate 2); NetCheck.Cell (Some (number + 1)%nat) [(0%nat, 1)] []; NetCheck.Cell None [] (coordinate 4);
   NetCheck.Cell (Some (number + 2)%nat) [(2%nat, 1)] []].
Definition hybrid_stages (d : nat) : list stage :=
  let number := (8 + d)%nat in
  [Cells (window number); Gates (((number + 3)%nat, Square (coordinate (number + 2))) :: target_gadgets number 3); Heads [cell_gadget number 1 4 5 6]].
Definition squares_ (d : nat) : list (nat * nat) := [(7, 4); (11 + d, 10 + d)]%nat.
Definition hybrid_layers (d : nat) : list layer :=
  let number := (8 + d)%nat in let width := (number + 7)%nat in let here := (number + 2)%nat in
  [Recurrence [[]; coordinate 0; []; coordinate 2] [coordinate 2; []; coordinate 4; []]
     (rows width [((number + 1)%nat, coordinate 1); (here, coordinate 3)]) (rows width []);
   FeedForward (coordinate here :: [(here, [(-1, [])])] :: target_gates 3 here) (coordinate here :: [(here, [(-1, [])])] :: target_values)
     (rows width [((number + 3)%nat, summed 0); ((number + 5)%nat, summed 2); ((number + 6)%nat, clamped 4)]);
   Attention [cell_head number width 1 4 5 7 6]].
Lemma hybrid_layers_are m : layers (hybrid_turing m) = hybrid_layers (ends_count m). Proof. reflexivity. Qed.
Lemma hybrid_checked m d : (d <= 2)%nat -> check_stages (turing_facts (hybrid_base m) 4 5 6 7 [] d) (squares_ d) (hybrid_layers d) (hybrid_stages d) = true.
Proof. intros H. few d H; vm_compute; reflexivity. Qed.
Lemma hybrid_settled d : (d <= 2)%nat -> settled (seq 0 (9 + d)) (hybrid_stages d) = true.
Proof. intros H. few d H; vm_compute; reflexivity. Qed.

Lemma hybrid_embeds m rho w i c : embed ZN rho (hybrid_turing m) (nth i w (Special 0)) i c = embedding rho (turing_features m (hybrid_base m)) w i c.
Proof.
  unfold embedding. generalize (nth i w (Special 0)). intros t. integers. rewrite embed_rows. cbn [polynomial special position hybrid_turing]. rewrite !nth_rows.
  unfold turing_features, hybrid_base, end_features, ends_count. destruct (some_halt m), (some_missing m); cbn [Nat.add app map snd];
    do 17 (destruct c as [|c]; [by_row t|]); by_row t.
Qed.


Section Hybrid.
  Variables (m : machine) (n s : Z) (l : list item).
  Hypothesis wf : well_formed m.
  Hypothesis some_space : 1 <= s.
  Hypothesis is_good : good m s l.
  Let rho := machine_at_size m n s.
  Let base := hybrid_base m.
  Let w := map (tok_of m) (rev l).
  Let X := net_stream rho (turing_network m base hybrid_stages squares_) w.
  Let number_at := (8 + ends_count m)%nat.
  Lemma columns c : In c [0; 1; 2; 3; 4; 5; 6; 7]%nat -> (c < length base)%nat.
  Proof. cbn. lia. Qed.
  (** The recurrence holds, in cells 1 and 3, what the token before led to and its number. *)
  Ltac held j c k := transitivity (says rho (ByCell (window (8 + ends_count m)) k) X j);
    [apply (defined_at m base hybrid_stages squares_ hybrid_settled n s l c (fun number => ByCell (window number) k)); intros d D; few d D; reflexivity|];
    cbn [says]; destruct (first_item m s l is_good) as (F0 & _); destruct j as [|j]; cbn [cell_sem nth window before reads_ map fst snd sum fold_right];
    [linear; change (0 - 1)%nat with 0%nat; rewrite F0; reflexivity|]; replace (S j - 1)%nat with j by lia.
  Ltac shifted := match goal with |- context [cell_sem _ _ _ ?j _] => destruct j end; cbn [cell_sem nth window before reads_ map fst snd sum fold_right]; unfold coordinate; linear; ring.
  Lemma x_lead j : (j < length l)%nat -> X j (number_at + 1)%nat = of_sign (leads_to m) (item_at l (j - 1)).
  Proof.
    intros J. held j 1%nat 1%nat. transitivity (X j 2%nat); [shifted|]. apply (x_leads m base hybrid_stages squares_ 1 2 3 4 5 6 7 columns eq_refl hybrid_settled n s l is_good). lia.
  Qed.
  Lemma x_here j : (j < length l)%nat -> X j (number_at + 2)%nat = number (item_at l (j - 1)).
  Proof.
    intros J. held j 2%nat 3%nat. transitivity (X j 4%nat); [shifted|]. apply (x_num m base hybrid_stages squares_ 1 2 3 4 5 6 7 columns eq_refl hybrid_settled n s l). lia.
  Qed.

  Hypothesis is_active : active m l.
  Hypothesis fits : Z.of_nat (length l) <= rho 2%nat.
  Theorem hybrid_next : next QcN rho (hybrid_turing m) w = tok_of m (rule m s l).
  Proof.
    refine (turing_next m base hybrid_stages squares_ 1 2 3 4 5 6 7 columns eq_refl eq_refl eq_refl eq_refl eq_refl eq_refl eq_refl hybrid_settled
      n s l wf some_space is_good [] (fun f H => match H with end) is_active _ _ _ x_lead x_here (hybrid_turing m) eq_refl eq_refl eq_refl eq_refl eq_refl
      (hybrid_checked m _ (ends_few m)) eq_refl (hybrid_embeds m rho w) fits); intros k K; few k K; reflexivity.
  Qed.
End Hybrid.

Theorem hybrid_turing_simulates : statement_hybrid_turing_simulates.
Proof. intros m wf. apply simulated; auto. intros. apply hybrid_next; auto. Qed.
