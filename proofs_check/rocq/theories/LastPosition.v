(** What the networks of both families that simulate Turing machines share: features, gadgets, the last position. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound NetModel NetTop NetFull Decode Equations StatementsMachines Transcripts Decisions.
Import ListNotations.
Open Scope Z_scope.

(** * Gadgets *)
Definition valued (r : row) : feature := Feature (0, 0, 0) r (0, 0).
Definition target_of (move here : nat) : row := [(move, [(1, [])]); (here, [(1, [])])].
Definition bound_row (k : Z) : row := [(0%nat, [(k, [(1%nat, 1%nat)])])].
Definition target_gadgets (number move : nat) : list (nat * gate) :=
  [((number + 5)%nat, Beyond (target_of move (number + 2)) (bound_row (-1)) (bound_row 1));
   ((number + 6)%nat, Clamp (target_of move (number + 2)) (bound_row (-1)) (Some (bound_row 1)))].
Definition cell_gadget (number from token record first_token : nat) : pick * list (nat * row) :=
  (Latest 2 [(coordinate (number + 2), coordinate token)] [(0%nat, [(1, [])]); (record, [(-1, [])]); (first_token, [(-1, [])])] first_token,
   [((number + 4)%nat, coordinate from)]).
Lemma ends_few m : (ends_count m <= 2)%nat.
Proof. unfold ends_count. destruct (some_halt m), (some_missing m); lia. Qed.
Ltac few d H := destruct d as [|[|[|d]]]; [| | |exfalso; lia].

(** * Features of items *)
Section Features.
  Variables (m : machine) (rho : env).
  Definition proper_item (t : item) : Prop := match t with Sgn x => proper m x | Pos _ => True end.
  Lemma feature_valued f t i : proper_item t -> feature_sem rho (valued (listing m f)) (tok_of m t) i = of_sign f t.
  Proof.
    intros P. unfold feature_sem, valued. cbn [f_number f_special f_position fst snd]. destruct t as [p|x]; cbn [tok_of of_sign]; [ring|].
    apply sign_of_token in P. destruct P as (L & P). unfold token. rewrite listing_is, P by exact L. ring.
  Qed.
  Lemma feature_number a b c p q t i : feature_sem rho (Feature (a, b, c) [] (p, q)) (tok_of m t) i =
    match t with Pos k => a + b * k + c * (k * k) | Sgn _ => 0 end + (p * i + q * (i * i)).
  Proof. unfold feature_sem. cbn [f_number f_special f_position fst snd]. destruct t; reflexivity. Qed.
  Lemma feature_one t i : proper_item t -> feature_sem rho (Feature (1, 0, 0) (listing m (fun _ => 1)) (0, 0)) (tok_of m t) i = 1.
  Proof.
    intros P. unfold feature_sem. cbn [f_number f_special f_position fst snd]. destruct t as [p|x]; cbn [tok_of]; [ring|].
    apply sign_of_token in P. destruct P as (L & P). unfold token. rewrite listing_is by exact L. ring.
  Qed.
End Features.
Lemma item_token m l j : nth j (map (tok_of m) (rev l)) (Special 0) = tok_of m (item_at l j).
Proof. change (Special 0) with (tok_of m (Sgn Begin)). apply map_nth. Qed.

(** Embeddings by rows. *)
Lemma embed_rows rho M t i c : embed ZN rho M t i c =
  (match t with Number k => lin rho (nth c (polynomial M) []) (powers ZN k) | Special s => listed rho (nth c (special M) []) s end +
   lin rho (nth c (position M) []) (places ZN (Z.of_nat i)) : Z).
Proof. destruct t; reflexivity. Qed.
Lemma nth_rows c width l : nth c (rows width l) [] = if Nat.ltb c width then row_at c l else [].
Proof.
  unfold rows. destruct (Nat.ltb_spec c width) as [L|L]; [|apply nth_overflow; rewrite map_length, seq_length; exact L].
  rewrite (nth_indep _ [] (row_at 0 l)) by (rewrite map_length, seq_length; exact L). rewrite (map_nth (fun c => row_at c l)), seq_nth by exact L. reflexivity.
Qed.
(** One row of an embedding: t is the token. *)
Ltac by_row t := cbn [Nat.ltb Nat.leb row_at Nat.eqb nth]; unfold feature_sem, valued, no_feature; cbn [f_number f_special f_position fst snd];
  unfold coordinate; destruct t; linear; unfold powers, places; cbn [power of_Z ZN num]; repeat match goal with |- context [listed ?r [] ?k] => change (listed r [] k) with 0 end; ring.

(** * What both families compute at the last position *)
Definition position_of (s : Z) (v : Z) : Z := - s + Z.max (v - - s) 0 - Z.max (v - s) 0.
Definition excess (s : Z) (v : Z) : Z := Z.max (v - s) 0 + Z.max (- s - v) 0.
Lemma step_position m s q a p l : good m s (Sgn (Step q a) :: Pos p :: l) -> - s <= p <= s.
Proof. inversion 1; subst. match goal with H : good _ _ (Pos _ :: _) |- _ => inversion H; auto end. Qed.
Section Last.
  Variables (m : machine) (s n : Z) (M : model) (first : nat).
  Hypothesis wf : well_formed m.
  Hypothesis some_space : 1 <= s.
  Hypothesis sign_rows : special_logits M = sign_logits m first.
  Hypothesis number_rows : polynomial_logits M = number_logits m first.
  Hypothesis all_signs : specials M = length (signs m).
  Let rho := machine_at_size m n s.
  Hypothesis lowest : peval rho (low M) = - s.
  Hypothesis highest : peval rho (high M) = s.
  Variables (l : list item) (x : nat -> Z).
  Hypothesis is_good : good m s l.
  Hypothesis is_active : active m l.
  Let i := (length l - 1)%nat.
  Let here := item_at l i.
  Let back := item_at l (i - 1).
  Let number_at := (first + ends_count m)%nat.
  Let bring (f : sign -> Z) := of_sign f here.
  Hypothesis one_is : x 0%nat = 1.
  Hypothesis halts_is : if some_halt m then x first = bring (fun y => truth (enters_halt m y)) else True.
  Hypothesis missing_is : if some_missing m then x (first + if some_halt m then 1 else 0)%nat = bring (fun y => truth (lacks_entry m y)) else True.
  Hypothesis number_is : x number_at = match here with Pos _ => 1 | Sgn _ => 0 end.
  Hypothesis lead_is : x (number_at + 1)%nat = of_sign (leads_to m) back.
  Variable found : nat.
  Hypothesis found_is : latest_where (is_record_of l (number here)) i found.
  Hypothesis cell_is : x (number_at + 4)%nat = of_sign (leaves m) (item_at l found).
  Hypothesis outside_is : x (number_at + 5)%nat = excess s (of_sign (moves m) here + number back).
  Hypothesis next_is_ : x (number_at + 6)%nat = position_of s (of_sign (moves m) here + number back).

  Lemma item_proper j : (j < length l)%nat -> proper_item m (item_at l j).
  Proof. intros J. pose proof (good_items m s l is_good j J) as G. destruct (item_at l j); cbn; tauto. Qed.
  Lemma last_items : exists t u r, l = t :: u :: r /\ here = t /\ back = u.
  Proof.
    unfold here, back, i. revert is_active. destruct l as [|t [|u r]]; [intros []|destruct t as [p|[]]; intros []|].
    exists t, u, r. split; [reflexivity|]. cbn [length]. replace (S (S (length r)) - 1)%nat with (length (u :: r)) by (cbn [length]; lia).
    rewrite item_new. split; [reflexivity|]. rewrite item_old by (cbn [length]; lia). cbn [length]. replace (S (length r) - 1)%nat with (length r) by lia. apply item_new.
  Qed.
  Lemma flags_of (f : machine -> sign -> bool) t : proper_item m t -> (existsb (f m) (signs m) = false) -> of_sign (fun y => truth (f m y)) t = 0.
  Proof.
    intros P E. destruct t as [p|y]; [reflexivity|]. cbn [of_sign]. destruct (f m y) eqn:F; [|reflexivity]. exfalso.
    assert (existsb (f m) (signs m) = true) as T by (apply existsb_exists; exists y; split; [apply proper_signs; exact P|exact F]). congruence.
  Qed.
  Lemma leads_bound t : proper_item m t -> 0 <= of_sign (leads_to m) t <= greatest m (leads_to m).
  Proof.
    intros P. pose proof (greatest_nonneg m (leads_to m)) as G. destruct t as [p|y]; [cbn; lia|]. cbn [of_sign]. split.
    - destruct y; cbn [leads_to]; try lia. destruct (table m q a) as [((b, mv), q')|]; lia.
    - apply greatest_is, proper_signs, P.
  Qed.
  Lemma leaves_bound t : proper_item m t -> 0 <= of_sign (leaves m) t <= greatest m (leaves m).
  Proof.
    intros P. pose proof (greatest_nonneg m (leaves m)) as G. destruct t as [p|y]; [cbn; lia|]. cbn [of_sign]. split.
    - destruct y; cbn [leaves]; try lia. destruct (table m q a) as [((b, mv), q')|]; lia.
    - apply greatest_is, proper_signs, P.
  Qed.

  Theorem last_wins : In (tok_of m (rule m s l)) (vocabulary rho M) /\
    forall u, In u (vocabulary rho M) -> u <> tok_of m (rule m s l) -> logit ZN rho M x u < logit ZN rho M x (tok_of m (rule m s l)).
  Proof.
    destruct last_items as (t & u & r & El & Eh & Eb). pose proof (good_first m s l is_good) as (_ & Pos_l).
    assert (proper_item m here) as Ph by (apply item_proper; unfold i; lia).
    assert (proper_item m back) as Pb by (apply item_proper; unfold i; lia).
    assert (proper_item m (item_at l found)) as Pf by (apply item_proper; pose proof (latest_where_le _ _ _ found_is); unfold i in *; lia).
    pose proof (latest_found m s l is_good (number here) found found_is) as Lf. pose proof (leads_bound back Pb) as Bl. pose proof (leaves_bound _ Pf) as Bc.
    set (v := of_sign (moves m) here + number back) in *.
    assert ((rule m s l = decided (bring (fun y => truth (enters_halt m y))) (bring (fun y => truth (lacks_entry m y))) (excess s v)
      (match here with Pos _ => 1 | Sgn _ => 0 end) (of_sign (leads_to m) back) (of_sign (leaves m) (item_at l found)) (position_of s v)) /\
      (excess s v = 0 \/ excess s v = 1) /\ (match here with Pos _ => 1 | Sgn _ => 0 end = 1 ->
        proper m (Step (Z.to_nat (of_sign (leads_to m) back)) (Z.to_nat (of_sign (leaves m) (item_at l found)))))) as (Er & Be & Sp).
    { rewrite Lf. pose proof is_active as Ac. pose proof is_good as Go. unfold v, bring. rewrite Eh, Eb. rewrite El in Ac, Go |- *. pose proof Ac as Ac0. destruct t as [p|y].
      - destruct u as [p'|y]; [destruct Ac|]. cbn [number of_sign rule active] in *. unfold decided, excess. cbn [Z.eqb Z.add].
        assert (Z.max (0 - s) 0 + Z.max (- s - 0) 0 = 0) as -> by lia. cbn [Z.eqb]. repeat split; auto; apply Ac.
      - destruct y as [| | | | |a|q a]; try (destruct Ac; fail).
        + destruct u as [p'|y]; [destruct Ac|]. cbn [number of_sign rule moves enters_halt lacks_entry truth]. unfold decided, excess, position_of.
          assert (Z.max (0 + 0 - s) 0 + Z.max (- s - (0 + 0)) 0 = 0) as -> by lia. cbn [Z.eqb]. split; [f_equal; lia|]. split; [auto|discriminate].
        + destruct u as [p|y]; [|destruct Ac]. cbn [number of_sign rule moves enters_halt lacks_entry].
          pose proof (step_position m s q a p r Go) as Bp.
          destruct (table m q a) as [((b, mv), q')|] eqn:T.
          * destruct wf as (_ & _ & _ & W). destruct (W q a b mv q' T) as (_ & Wm & _). unfold decided, excess, position_of.
            destruct (halting m q') eqn:Hq; cbn [truth Z.eqb].
            -- split; [reflexivity|]. split; [lia|discriminate].
            -- destruct (Z.ltb_spec s (Z.abs (p + mv))) as [O|O].
               ++ assert (Z.max (mv + p - s) 0 + Z.max (- s - (mv + p)) 0 = 1) as -> by lia. cbn [Z.eqb]. split; [reflexivity|]. split; [auto|discriminate].
               ++ assert (Z.max (mv + p - s) 0 + Z.max (- s - (mv + p)) 0 = 0) as -> by lia. cbn [Z.eqb]. split; [f_equal; lia|]. split; [auto|discriminate].
          * unfold decided, excess. cbn [truth Z.eqb]. split; [reflexivity|]. split; [lia|discriminate]. }
    rewrite Er. apply (wins m M rho first x s); auto; fold number_at.
    - revert halts_is. destruct (some_halt m) eqn:S; [auto|]. intros _. apply flags_of; auto.
    - revert missing_is. destruct (some_missing m) eqn:S; [auto|]. intros _. apply flags_of; auto.
    - change (rho 3%nat) with (scale (peval (fun v => match v with 0%nat => n | 1%nat => s | _ => 0 end) (machine_lower_M m))).
      pose proof (proj1 (scale_spec (peval (fun v => match v with 0%nat => n | 1%nat => s | _ => 0 end) (machine_lower_M m)))) as Sc.
      eapply Z.le_trans; [|exact Sc]. unfold machine_lower_M. rewrite !peval_cons. unfold peval_mono. cbn [fold_right fst snd power].
      change (peval _ []) with 0. nia.
    - split; [|split; [|split; [exact Be|destruct here; auto]]]; unfold bring; destruct here as [p|y]; cbn [of_sign]; auto;
        [destruct (enters_halt m y)|destruct (lacks_entry m y)]; auto.
    - unfold position_of. lia.
    - apply Bl.
    - apply Bc.
  Qed.
End Last.

Lemma lower_bound m n s : peval (machine_at_size m n s) [(-1, [(1%nat, 1%nat)])] = - s.
Proof. unfold peval, peval_mono, machine_at_size. cbn [fold_right fst snd power]. ring. Qed.
Lemma upper_bound m n s : peval (machine_at_size m n s) [(1, [(1%nat, 1%nat)])] = s.
Proof. unfold peval, peval_mono, machine_at_size. cbn [fold_right fst snd power]. ring. Qed.

(** * From the next token to whole decodings *)
Lemma simulated m (M : model) : well_formed m -> answers M = Some [2; 3; 4]%nat -> context M = [(2, [(0%nat, 1%nat)]); (2, [(1%nat, 1%nat)]); (6, [])] ->
  (forall n s l, 1 <= n -> 1 <= s -> good m s l -> active m l -> Z.of_nat (length l) <= machine_at_size m n s 2%nat ->
    next QcN (machine_at_size m n s) M (map (tok_of m) (rev l)) = tok_of m (rule m s l)) ->
  simulates m M (machine_at_size m).
Proof.
  intros wf An Cx Nx n s word T Hn Hs Letters Word Steps. cbv zeta. set (rho := machine_at_size m n s).
  destruct (initial_shows m s wf Hs word Letters Word) as (Lg & Sh).
  assert (length (prompt_items word) = (2 * length word + 2)%nat) as Lp by (unfold prompt_items; cbn [length]; rewrite cells_length; cbn [length]; lia).
  assert (peval rho (context M) = 2 * n + 2 * s + 6) as Pc.
  { rewrite Cx. unfold peval, peval_mono, rho, machine_at_size. cbn [fold_right fst snd power]. ring. }
  assert (2 * n + 2 * s + 7 <= rho 2%nat) as Room.
  { change (rho 2%nat) with (scale (peval (fun v => match v with 0%nat => n | 1%nat => s | _ => 0 end) machine_lower_S)).
    eapply Z.le_trans; [|apply scale_spec]. unfold machine_lower_S. rewrite !peval_cons. unfold peval_mono. cbn [fold_right fst snd power].
    change (peval _ []) with 0. lia. }
  pose proof (simulation_written m s wf Hs M rho (Z.to_nat (2 * n + 2 * s + 7)) An) as W.
  specialize (W ltac:(intros l G A B; apply Nx; auto; fold rho; lia) T (S (Z.to_nat (peval rho (context M) + 1) - length (prompt_items word)))
    (prompt_items word) (initial m word) Lg Sh).
  rewrite prompt_tokens in W. unfold decode.
  assert (length (machine_prompt m word) = (2 * length word + 2)%nat) as Lm by (rewrite <- (prompt_tokens m), map_length, rev_length; exact Lp).
  rewrite Lm, Pc. rewrite Lp, Pc in W. apply W; lia.
Qed.
