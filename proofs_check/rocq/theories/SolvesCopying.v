(** transformer/copying copies, for each c that is verified. *)
From Coq Require Import ZArith List Lia Arith.
From RetrievalGap Require Import Attend Model Tactics Gadgets Network NetCheck NetSound NetModel NetTop NetFull.
From RetrievalGap Require Import StatementsRetrieval StatementsNearby Prompts Lookups Copying.
From RetrievalGap.Generated Require Wire_Copying1 Wire_Copying2 Wire_Copying.
Import ListNotations.
Open Scope Z_scope.

(** The network of an export: what stands before its last head, where that shows what it found, and what it compares. *)
Ltac by_copying good_ checked N gates m mark pairs :=
  apply (copies_by _ _ _ N _ (S m) good_ checked (fun _ => eq_refl) ltac:(repeat split));
  let n := fresh "n" in let xs := fresh "xs" in let k := fresh "k" in let Hk := fresh in let F := fresh in let A := fresh in
  intros n xs k Hk (_ & F) A;
  match goal with |- net_next ?rho _ _ = _ =>
    let x0 := constr:(embedding rho copy_features (prompt xs (firstn k xs))) in
    let x1 := constr:(stage_sem rho (Heads (map look_back (List.seq 1 (S m)))) x0) in
    let x := constr:(run_stages rho gates x1) in
    apply (copy_next rho N xs k (S m) x 1 mark (S mark) pairs);
    [exact Hk|eapply Forall_impl; [|exact F]; cbn; lia|exact A|reflexivity
    |transitivity (lin rho (coord 4) (x (picked rho x (last_ xs (firstn k xs)) (Closest 1 pairs [])))); [reflexivity|];
     rewrite lin_coord; exact (eq_trans (back_keeps rho xs k (S m) _ 4 ltac:(lia)) (c0_mark rho xs k _))
    |transitivity (lin rho (coord 3) (x (picked rho x (last_ xs (firstn k xs)) (Closest 1 pairs [])))); [reflexivity|];
     rewrite lin_coord; exact (eq_trans (back_keeps rho xs k (S m) _ 3 ltac:(lia)) (c0_token rho xs k _))
    | | ]
  end.
(** A list of what is compared, entry by entry. *)
Ltac compared := cbn [map fst snd List.seq]; rewrite !lin_coord.
Ltac shown_by m y newest d b v :=
  match goal with |- _ = seen ?xs ?k (?i - _) _ :: _ => refine (f_equal2 cons (shows _ xs k m (y i) i newest d b v (c1_one _ xs k m i) eq_refl eq_refl ltac:(lia) eq_refl) _) end.
Ltac token_by m newest a := match goal with |- _ = seen ?xs ?k (?i - _) _ :: _ => refine (f_equal2 cons (shows_token _ xs k m i newest a eq_refl ltac:(lia)) _) end.
Ltac from_here := match goal with |- _ = map (seen ?xs ?k ?i) _ =>
  replace (seen xs k i) with (seen xs k (i - 0)) by (rewrite Nat.sub_0_r; reflexivity) end; unfold queries.
Ltac from_before := let j := fresh "j" in intros j; unfold keys.

Lemma copies_by_one : copies Gen_Copying1.blueprint Gen_Copying1.at_size 1.
Proof.
  by_copying Wire_Copying1.is_good Wire_Copying1.checked Wire_Copying1.wiring (@nil stage) 0%nat 9%nat [(coord 6, coord 3)].
  - from_before. compared. token_by 1%nat 1%nat 6%nat. reflexivity.
  - from_here. compared. token_by 1%nat 0%nat 3%nat. reflexivity.
Qed.
Lemma copies_by_two : copies Gen_Copying2.blueprint Gen_Copying2.at_size 2.
Proof.
  by_copying Wire_Copying2.is_good Wire_Copying2.checked Wire_Copying2.wiring (firstn 2 (skipn 1 (stages Wire_Copying2.wiring))) 1%nat 17%nat
    [(coord 6, coord 3); (coord 13, coord 15)].
  all: match goal with |- context [run_stages ?rho _ ?x] => set (y := run_stages rho (firstn 1 (skipn 1 (stages Wire_Copying2.wiring))) x) end.
  - from_before. compared. token_by 2%nat 1%nat 6%nat. shown_by 2%nat y 1%nat 1%nat 12%nat 9%nat. reflexivity.
  - from_here. compared. token_by 2%nat 0%nat 3%nat. shown_by 2%nat y 0%nat 1%nat 14%nat 6%nat. reflexivity.
Qed.
Lemma copies_by_three : copies Gen_Copying.blueprint Gen_Copying.at_size 3.
Proof.
  by_copying Wire_Copying.is_good Wire_Copying.checked Wire_Copying.wiring (firstn 2 (skipn 1 (stages Wire_Copying.wiring))) 2%nat 25%nat
    [(coord 6, coord 3); (coord 16, coord 20); (coord 18, coord 22)].
  all: match goal with |- context [run_stages ?rho _ ?x] => set (y := run_stages rho (firstn 1 (skipn 1 (stages Wire_Copying.wiring))) x) end.
  - from_before. compared. token_by 3%nat 1%nat 6%nat. shown_by 3%nat y 1%nat 1%nat 15%nat 9%nat. shown_by 3%nat y 1%nat 2%nat 17%nat 12%nat. reflexivity.
  - from_here. compared. token_by 3%nat 0%nat 3%nat. shown_by 3%nat y 0%nat 1%nat 19%nat 6%nat. shown_by 3%nat y 0%nat 2%nat 21%nat 9%nat. reflexivity.
Qed.
Theorem copying_solved : statement_copying.
Proof. exact (conj copies_by_one (conj copies_by_two copies_by_three)). Qed.
