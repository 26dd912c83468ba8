(** The gadgets as generated files use them. *)
From Coq Require Import ZArith List Lia Arith.
From RetrievalGap Require Import Attend Model Shadow Tactics.
Import ListNotations.
Open Scope Z_scope.

Definition is_number (t : tok) : Z := match t with Number _ => 1 | _ => 0 end.

Lemma flag_square_of a : a = 0 \/ a = 1 -> a * a = a.
Proof. intros [->| ->]; reflexivity. Qed.
Lemma token_flag s t : is s t * is s t = is s t.
Proof. unfold is. destruct t as [s'|]; [destruct (Nat.eqb s s')|]; reflexivity. Qed.
Lemma number_flag t : is_number t * is_number t = is_number t.
Proof. destruct t; reflexivity. Qed.
Lemma flag_cases a : a * a = a -> a = 0 \/ a = 1.
Proof. intros H. nia. Qed.
Lemma flag_bounds a : a * a = a -> 0 <= a <= 1.
Proof. intros H. nia. Qed.

Lemma nearest_le q i : (nearest q i <= i)%nat.
Proof. unfold nearest. lia. Qed.
Lemma half_of a b : a = 2 * b -> a / 2 = b.
Proof. intros ->. rewrite Z.mul_comm. apply Z.div_mul. lia. Qed.

(** Where the latest record is; 0 if there is none. *)
Definition latest_pick (q : list Z) (k : nat -> list Z) (e : nat -> Z) (i : nat) : nat :=
  match latest_exists (matches q k e) (matches_dec q k e) i with inleft (exist _ p _) => p | inright _ => 0%nat end.
Lemma latest_pick_le q k e i : (latest_pick q k e i <= i)%nat.
Proof. unfold latest_pick. destruct (latest_exists _ _ i) as [(p & Hp & _)|]; lia. Qed.
Lemma latest_pick_spec q k e i :
  latest_record i q k e (latest_pick q k e i) \/
  latest_pick q k e i = 0%nat /\ forall j, (0 < j <= i)%nat -> ~ matches q k e j.
Proof.
  unfold latest_pick. destruct (latest_exists _ _ i) as [(p & Hp & M & L)|No]; [left|right]; auto.
  split; [lia|]. split; auto.
Qed.
Lemma latest_pick_best i S q k e t :
  (forall j, (j <= i)%nat -> length q = length (k j)) -> (forall j, (j <= i)%nat -> 0 <= e j) ->
  (forall j, (j <= i)%nat -> 0 <= t j < S) -> (forall j j', (j < j' <= i)%nat -> t j < t j') ->
  Forall (fun x => x = 0) (k 0%nat) -> e 0%nat = 0 -> best i (default_score S q k e t) (latest_pick q k e i).
Proof.
  intros D P R I K E. destruct (latest_pick_spec q k e i) as [H|(-> & H)].
  - apply match_latest_hit; auto.
  - apply match_latest_default; auto.
Qed.

(** Gates. *)
Lemma relu_spec a : (relu ZN a : Z) = Z.max a 0.
Proof. unfold relu. cbn [leb zero ZN]. destruct (Z.leb_spec a 0); cbn; lia. Qed.
Lemma equal_is a b c d : a = d + 1 -> b = d -> c = d - 1 ->
  1 * (relu ZN a * 1) + (-2) * (relu ZN b * 1) + 1 * (relu ZN c * 1) = if d =? 0 then 1 else 0.
Proof. intros -> -> ->. rewrite !relu_spec. destruct (Z.eqb_spec d 0); lia. Qed.
Lemma equal_flag a b c : a = b + 1 -> c = b - 1 ->
  let f := 1 * (relu ZN a * 1) + (-2) * (relu ZN b * 1) + 1 * (relu ZN c * 1) in f * f = f.
Proof. intros. unfold f. rewrite (equal_is a b c b) by auto. destruct (b =? 0); reflexivity. Qed.
Lemma threshold_is a b d : a = d + 1 -> b = d -> 1 * (relu ZN a * 1) + (-1) * (relu ZN b * 1) = if 0 <=? d then 1 else 0.
Proof. intros -> ->. rewrite !relu_spec. destruct (Z.leb_spec 0 d); lia. Qed.
Lemma threshold_flag a b : a = b + 1 ->
  let f := 1 * (relu ZN a * 1) + (-1) * (relu ZN b * 1) in f * f = f.
Proof. intros. unfold f. rewrite (threshold_is a b b) by auto. destruct (0 <=? b); reflexivity. Qed.

(** Coordinates that a layer does not write. *)
Definition nothing (r : row) : bool := match r with [] => true | _ => false end.
Lemma untouched_attention rho hs xs i c : forallb (fun h => nothing (nth c (output h) [])) hs = true ->
  apply ZN rho (Attention hs) xs i c = xs i c.
Proof.
  intros H. cbn [apply]. assert (total ZN (map (fun h => read_head ZN rho h xs i c) hs) = 0) as ->.
  { induction hs as [|h hs IH]; [reflexivity|]. cbn [forallb] in H. apply andb_prop in H. destruct H as (H & H').
    unfold total in *. cbn [map fold_right]. rewrite (IH H'). unfold read_head, at_row.
    destruct (nth c (output h) []); [reflexivity|discriminate]. }
  apply Z.add_0_r.
Qed.
Lemma untouched_units rho g v o xs i c : nothing (nth c o []) = true -> apply ZN rho (FeedForward g v o) xs i c = xs i c.
Proof.
  intros H. cbn [apply]. assert (at_row ZN rho o c (unit_ ZN rho g v (xs i)) = 0) as ->; [|apply Z.add_0_r].
  unfold at_row, nothing in *. destruct (nth c o ([] : row)) eqn:E; [|discriminate].
  change (times ZN rho (nth c o ([] : row)) (unit_ ZN rho g v (xs i)) = 0). rewrite E. reflexivity.
Qed.

(** Units are not opened: relu stays. *)
Ltac evaluate_units := lazy beta iota zeta delta [apply at_row times total unit_ combine app map fold_right seq nth fst snd
  peval peval_mono power add mul zero one of_Z ZN num sem].
(** The arguments of relu in normal form, so that the same are the same. *)
Ltac same_units a := match goal with |- context [relu ZN ?b] =>
  lazymatch b with a => fail | _ => replace b with a by ring end end.
Ltac units :=
  repeat match goal with |- context [relu ?N] => lazymatch N with ZN => fail | _ => change (relu N) with (relu ZN) end end;
  match goal with |- _ = ?r =>
    repeat match r with context [relu ZN ?a] => same_units a end end;
  repeat match goal with |- context [relu ?N ?a] => let r := fresh in set (r := relu N a) end; ring.
Ltac close_relu := repeat match goal with |- context [relu ?N ?a] =>
  let v := eval vm_compute in (relu ZN a) in change (relu N a) with v end.
