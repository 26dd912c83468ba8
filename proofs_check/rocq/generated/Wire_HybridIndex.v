(* hybrid/index: its network of gadgets and what follows; coordinates as in Gen_HybridIndex.v.
   Written by proofs_check/rocq/_network.py. *)
From Coq Require Import ZArith List Lia Arith.
From RetrievalGap Require Import Model Shadow Tactics NetSound Network NetCheck NetModel NetTop.
From RetrievalGap Require Import NetRange NetFull.
From RetrievalGap.Generated Require Import Gen_HybridIndex.
Import ListNotations.
Open Scope Z_scope.

Definition wiring : network := {|
  features := [Feature (1, 0, 0) [(0%nat, [(1, [])]); (1%nat, [(1, [])])] (0, 0);
    Feature ((0), (1), (0)) [] ((0), (0))  (* token *)];
  stages := [Cells [Cell (Some 2%nat) [(0%nat, 1)] [(0%nat, [(1, [])])]  (* #tokens *);
    Cell (Some 3%nat) [(1%nat, 1); (0%nat, 2)] [(0%nat, [(1, [])])]  (* #tokens^2 *)];
    Heads [(At [(0%nat, [(-1, [])]); (2%nat, [(1, [])])] [(1%nat, [(1, [])])],
      [(4%nat, [(1%nat, [(1, [])])])])  (* asked position *)]];
  squares := [(3%nat, 2%nat)];
  outputs := [Output (Value [(4%nat, [(1, [])])]) []];
  logit_scale := None;
  once := true |}.

Definition domain_ : domain := [(0%nat, [(1, [])]);
    (1%nat, [(1, [(0%nat, 1%nat)]); (4, [])]);
    (2%nat, [(1, [(0%nat, 2%nat)]); (2, [(0%nat, 1%nat)]); (2, [])])].
Definition ranges_ : ranges := [(1%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (2%nat, ([(1, [])], [(1, [(0%nat, 1%nat)]); (3, [])]));
  (3%nat, ([(1, [])], [(1, [(0%nat, 2%nat)]); (6, [(0%nat, 1%nat)]); (9, [])]));
  (4%nat, ([], [(1, [(0%nat, 1%nat)])]))].

Lemma checked : check_all domain_ blueprint wiring ranges_ = true.
Proof. vm_compute. reflexivity. Qed.

Lemma is_good (size_n : Z) : 1 <= size_n -> good domain_ (at_size size_n).
Proof.
  intros. exists (fun v => match v with | 0%nat => size_n - 1 | 1%nat => scale (peval (fun v => match v with | 0%nat => size_n | _ => 0 end) lower_S) - peval (fun v => match v with | 0%nat => size_n | _ => 0 end) lower_S | 2%nat => scale (peval (fun v => match v with | 0%nat => size_n | _ => 0 end) lower_M) - peval (fun v => match v with | 0%nat => size_n | _ => 0 end) lower_M | _ => 0 end). split; intros place_.
  - do 3 (destruct place_ as [|place_]; [first [lia | match goal with |- 0 <= scale ?p - _ => pose proof (proj1 (scale_spec p)); lia end]|]). lia.
  - do 3 (destruct place_ as [|place_]; [unfold at_size, shift, domain_, lower_S, lower_M; cbn [assoc Nat.eqb]; evaluate; ring|]). reflexivity.
Qed.
(** For all sizes and all inputs that fit: the weights compute the network of gadgets, *)
Theorem computes (size_n : Z) (input : list tok) : 1 <= size_n -> input_ok (at_size size_n) blueprint wiring input ->
  agree (length input) (stream QcN (at_size size_n) blueprint input) (net_stream (at_size size_n) wiring input).
Proof. intros. apply (computes_all domain_ (at_size size_n) blueprint wiring ranges_); auto using is_good, checked. Qed.
(** the next token is the one that the network says, *)
Theorem next_as (size_n : Z) (input : list tok) t : 1 <= size_n -> input_ok (at_size size_n) blueprint wiring input -> input <> [] -> net_next (at_size size_n) wiring input = Some t ->
  next QcN (at_size size_n) blueprint input = t.
Proof. intros. apply (writes domain_ (at_size size_n) blueprint wiring ranges_); auto using is_good, checked. Qed.
(** and so is all that is written. *)
Theorem decodes_as (size_n : Z) (input : list tok) r : 1 <= size_n -> input_ok (at_size size_n) blueprint wiring input -> input <> [] -> net_decode (at_size size_n) blueprint wiring (S (Z.to_nat (peval (at_size size_n) (context blueprint) + 1) - length input)) input = Some r ->
  decode QcN (at_size size_n) blueprint input = r.
Proof. intros. apply (decodes domain_ (at_size size_n) blueprint wiring ranges_); auto using is_good, checked. Qed.
