(** What a recurrent network writes depends on the last few tokens: how to compute it from them. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound NetModel NetTop NetRange NetFull StatementsRetrieval.
Import ListNotations.
Open Scope Z_scope.

Definition net_at rho (N : network) (T : nat -> tok) (i : nat) : option tok :=
  decide rho (run_stages rho (stages N) (fun i c => feature_sem rho (nth c (features N) no_feature) (T i) (Z.of_nat i)) i) (outputs N).
Lemma net_next_at rho N w : net_next rho N w = net_at rho N (fun i => nth i w (Special 0)) (length w - 1).
Proof. reflexivity. Qed.
(** The last tokens of a context. *)
Lemma net_next_window rho N before last : last <> [] ->
  net_next rho N (before ++ last) = net_at rho N (fun i => nth i (before ++ last) (Special 0)) (length last - 1 + length before).
Proof. intros H. rewrite net_next_at. f_equal. rewrite app_length. destruct last; [congruence|cbn [length]; lia]. Qed.
Lemma nth_window (before last : list tok) k : nth (k + length before) (before ++ last) (Special 0) = nth k last (Special 0).
Proof. rewrite Nat.add_comm. apply app_nth2_plus. Qed.

Theorem window_decides rho N before last t : last <> [] ->
  (forall T P, (forall k, (k < length last)%nat -> T (k + P)%nat = nth k last (Special 0)) -> net_at rho N T (length last - 1 + P) = Some t) ->
  net_next rho N (before ++ last) = Some t.
Proof. intros Ne H. rewrite net_next_window by exact Ne. apply H. intros k _. apply nth_window. Qed.

(** Cells in a row: each holds what the one before it held. *)
Lemma chain_0 rho l x t r s : nth 0 l no_cell = Cell s [] r -> cell_sem rho l x t 0 = lin rho r (x t).
Proof. intros E. destruct t; cbn [cell_sem]; rewrite E; cbn [before reads_ map sum fold_right]; [|rewrite Z.add_0_l]; reflexivity. Qed.
Lemma chain_S rho l x t k s : nth (S k) l no_cell = Cell s [(k, 1)] [] -> cell_sem rho l x (S t) (S k) = cell_sem rho l x t k.
Proof. intros E. cbn [cell_sem]. rewrite E. cbn [before reads_ map sum fold_right fst snd]. change (lin rho [] _) with 0. lia. Qed.

(** To the values of gadgets; cells and features stay. *)
Ltac unfold_network := lazy beta iota zeta delta [net_at run_stages fold_left stages features outputs decide applies names o_what o_when
  forallb andb lin fold_right fst snd stage_sem assoc shown_at shown Nat.eqb gate_sem first_of map sum peval peval_mono power nth f_number f_special f_position listed].
Ltac unfold_features := lazy beta iota zeta delta [feature_sem listed lin fold_right fst snd Nat.eqb peval peval_mono power f_number f_special f_position nth separator start none].
Ltac shift_cells := repeat first [erewrite chain_S by reflexivity|erewrite chain_0 by reflexivity].
Ltac forget_cells := repeat match goal with |- context [cell_sem ?r ?l ?x ?t ?k] => generalize (cell_sem r l x t k); intro end.
(** Conditions are decided by linear arithmetic, the innermost first. *)
Ltac settle := repeat first
  [ match goal with |- context [if ?c then true else false] => replace (if c then true else false) with c by (destruct c; reflexivity) end
  | match goal with |- context [?a =? ?b] => first [replace (a =? b) with true by (symmetry; apply Z.eqb_eq; lia)|replace (a =? b) with false by (symmetry; apply Z.eqb_neq; lia)]; cbn iota end
  | match goal with |- context [?a <=? ?b] => first [replace (a <=? b) with true by (symmetry; apply Z.leb_le; lia)|replace (a <=? b) with false by (symmetry; apply Z.leb_gt; lia)]; cbn iota end ].
(** [by_window]: what the network writes after the last tokens that are listed. *)
Ltac learn E k := match type of E with forall k0, (k0 < length ?l)%nat -> _ =>
  let m := eval cbn in (length l) in
  lazymatch m with k => idtac | _ => let E' := fresh in assert (E' := E k ltac:(cbn; lia)); cbn [nth Nat.add app] in E'; learn E (S k) end end.
Ltac known T := repeat match goal with H : T _ = _ |- _ => rewrite !H; clear H end.
Ltac rewrite_known T := repeat match goal with H : T ?i = _ |- context [T ?i] => rewrite H end.
Ltac by_window wiring_ := apply window_decides; [discriminate|];
  let T := fresh "T" in let P := fresh "P" in let E := fresh "E" in
  intros T P E; learn E 0%nat; clear E; cbn [length Nat.sub Nat.add app]; unfold wiring_;
  unfold_network; rewrite_known T; shift_cells; rewrite_known T; unfold_features; forget_cells; settle; try reflexivity; do 2 f_equal; lia.
