(* transformer/c-gram 4: its network of gadgets and what follows; coordinates as in Gen_CGram4.v.
   Written by proofs_check/rocq/_network.py. *)
From Coq Require Import ZArith List Lia Arith.
From RetrievalGap Require Import Model Shadow Tactics NetSound Network NetCheck NetModel NetTop.
From RetrievalGap Require Import NetRange NetFull.
From RetrievalGap.Generated Require Import Gen_CGram4.
Import ListNotations.
Open Scope Z_scope.

Definition wiring : network := {|
  features := [Feature (1, 0, 0) [(0%nat, [(1, [])]); (1%nat, [(1, [])]); (2%nat, [(1, [])])] (0, 0);
    Feature ((0), (1), (0)) [] ((0), (0))  (* token *);
    Feature ((0), (0), (0)) [] ((1), (0))  (* position *);
    Feature ((0), (0), (0)) [] ((0), (1))  (* position^2 *);
    Feature ((0), (0), (0)) [(1%nat, [(1, [])])] ((0), (0))  (* is ? *);
    Feature ((0), (0), (1)) [] ((0), (0))  (* token^2 *);
    Feature ((0), (0), (0)) [(0%nat, [(1, [])])] ((0), (0))  (* is <s> *)];
  stages := [Heads [(At [(2%nat, [(1, [])])] [(0%nat, [(-1, [])]); (2%nat, [(1, [])])],
      [(7%nat, [(1%nat, [(1, [])])]); (8%nat, [(5%nat, [(1, [])])])])  (* 1 back *);
    (At [(2%nat, [(1, [])])] [(0%nat, [(-2, [])]); (2%nat, [(1, [])])],
      [(9%nat, [(1%nat, [(1, [])])]); (10%nat, [(5%nat, [(1, [])])])])  (* 2 back *);
    (At [(2%nat, [(1, [])])] [(0%nat, [(-3, [])]); (2%nat, [(1, [])])],
      [(11%nat, [(1%nat, [(1, [])])]); (12%nat, [(5%nat, [(1, [])])])])  (* 3 back *)];
    Heads [(Latest 1%nat [([(7%nat, [(1, [])])], [(1%nat, [(1, [])])]); ([(9%nat, [(1, [])])], [(7%nat, [(1, [])])]); ([(11%nat, [(1, [])])], [(9%nat, [(1, [])])])] [(4%nat, [(1, [])])] 6%nat,
      [(13%nat, [(1%nat, [(1, [])])]); (14%nat, [(6%nat, [(1, [])])])])  (* found *)]];
  squares := [(3%nat, 2%nat); (5%nat, 1%nat); (8%nat, 7%nat); (10%nat, 9%nat); (12%nat, 11%nat)];
  outputs := [Output (Value [(13%nat, [(1, [])])]) [[(0%nat, [(1, [])]); (14%nat, [(-1, [])])]];
    Output (Token 2%nat) []];
  logit_scale := Some 2%nat;
  once := true |}.

Definition domain_ : domain := [(0%nat, [(1, [])]);
    (1%nat, [(1, [(0%nat, 1%nat)]); (6, [])]);
    (2%nat, [(1, [(0%nat, 2%nat)]); (2, [(0%nat, 1%nat)]); (2, [])])].
Definition ranges_ : ranges := [(1%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (2%nat, ([], [(1, [(0%nat, 1%nat)]); (4, [])]));
  (3%nat, ([], [(1, [(0%nat, 2%nat)]); (8, [(0%nat, 1%nat)]); (16, [])]));
  (4%nat, ([], [(1, [])]));
  (5%nat, ([], [(1, [(0%nat, 2%nat)])]));
  (6%nat, ([], [(1, [])]));
  (7%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (8%nat, ([], [(1, [(0%nat, 2%nat)])]));
  (9%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (10%nat, ([], [(1, [(0%nat, 2%nat)])]));
  (11%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (12%nat, ([], [(1, [(0%nat, 2%nat)])]));
  (13%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (14%nat, ([], [(1, [])]))].

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
