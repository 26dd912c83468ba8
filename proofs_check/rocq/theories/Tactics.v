(** What proofs about exported models share. *)
From Coq Require Import ZArith List Lia Arith.
From RetrievalGap Require Import Attend Model Shadow.
Import ListNotations.
Open Scope Z_scope.

(** Evaluates matrices of polynomials to expressions over Z; nothing of Z itself is unfolded. *)
Ltac evaluate := lazy beta iota zeta delta [apply score picks found read_head at_row times total relu unit_ embed powers
  places one_hot logit query key value output slope specials low high context polynomial special position layers
  polynomial_logits special_logits answers combine app map fold_right seq nth fst snd hd peval peval_mono power add mul
  zero one of_Z leb mean ZN num Nat.eqb].

Definition number_of (t : tok) : Z := match t with Number k => k | Special _ => 0 end.
Definition is (s : nat) (t : tok) : Z := match t with Special s' => if Nat.eqb s s' then 1 else 0 | Number _ => 0 end.

(** Streams as lists of functions of the position, one for each coordinate; 0 beyond. *)
Definition sem (l : list (nat -> Z)) : nat -> vec ZN := fun i c => nth c (map (fun f => f i) l) 0.

(** A position look-up picks the nearest position. *)
Definition nearest (q : Z) (i : nat) : nat := Z.to_nat (Z.min q (Z.of_nat i)).
Lemma at_nearest q i : best i (position_score q) (nearest q i).
Proof.
  unfold nearest. destruct (Z_le_gt_dec q (Z.of_nat i)).
  - rewrite Z.min_l by lia. apply at_position. auto.
  - rewrite Z.min_r, Nat2Z.id by lia. unfold best, position_score. split; auto. intros j Hj Hne. nia.
Qed.

(** A goal for every coordinate below the width, then one for all beyond. *)
Ltac each_coordinate c := repeat (destruct c as [|c]; [|try (solve [destruct c; reflexivity])]).
