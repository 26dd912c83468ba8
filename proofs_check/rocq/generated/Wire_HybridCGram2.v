(* hybrid/c-gram 2: its network of gadgets and what follows; coordinates as in Gen_HybridCGram2.v.
   Written by proofs_check/rocq/_network.py. *)
From Coq Require Import ZArith List Lia Arith.
From RetrievalGap Require Import Model Shadow Tactics NetSound Network NetCheck NetModel NetTop.
From RetrievalGap Require Import NetRange NetFull.
From RetrievalGap.Generated Require Import Gen_HybridCGram2.
Import ListNotations.
Open Scope Z_scope.

Definition wiring : network := {|
  features := [Feature (1, 0, 0) [(0%nat, [(1, [])]); (1%nat, [(1, [])]); (2%nat, [(1, [])])] (0, 0);
    Feature ((0), (1), (0)) [] ((0), (0))  (* token *);
    Feature ((0), (0), (0)) [(1%nat, [(1, [])])] ((0), (0))  (* is ? *);
    Feature ((0), (0), (0)) [(0%nat, [(1, [])])] ((0), (0))  (* is <s> *);
    Feature ((0), (0), (1)) [] ((0), (0))  (* token^2 *)];
  stages := [Cells [Cell None [] [(1%nat, [(1, [])])]  (* now.token *);
    Cell (Some 5%nat) [(0%nat, 1)] []  (* 1 back.token *)];
    Gates [(6%nat, Square [(5%nat, [(1, [])])])  (* (1 back.token)^2 *)];
    Heads [(Latest 1%nat [([(5%nat, [(1, [])])], [(1%nat, [(1, [])])])] [(2%nat, [(1, [])])] 3%nat,
      [(7%nat, [(1%nat, [(1, [])])]); (8%nat, [(3%nat, [(1, [])])])])  (* found *)]];
  squares := [(4%nat, 1%nat); (6%nat, 5%nat)];
  outputs := [Output (Value [(7%nat, [(1, [])])]) [[(0%nat, [(1, [])]); (8%nat, [(-1, [])])]];
    Output (Token 2%nat) []];
  logit_scale := Some 2%nat;
  once := true |}.

Definition domain_ : domain := [(0%nat, [(1, [])]);
    (1%nat, [(1, [(0%nat, 1%nat)]); (4, [])]);
    (2%nat, [(1, [(0%nat, 2%nat)]); (2, [(0%nat, 1%nat)]); (2, [])])].
Definition ranges_ : ranges := [(1%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (2%nat, ([], [(1, [])]));
  (3%nat, ([], [(1, [])]));
  (4%nat, ([], [(1, [(0%nat, 2%nat)])]));
  (5%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (6%nat, ([], [(1, [(0%nat, 2%nat)])]));
  (7%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (8%nat, ([], [(1, [])]))].

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
