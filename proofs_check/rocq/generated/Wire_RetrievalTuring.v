(* retrieval/turing: its network of gadgets and what follows; coordinates as in Gen_RetrievalTuring.v.
   Written by proofs_check/rocq/_network.py. *)
From Coq Require Import ZArith List Lia Arith.
From RetrievalGap Require Import Model Shadow Tactics NetSound Network NetCheck NetModel NetTop.
From RetrievalGap Require Import NetRange NetFull.
From RetrievalGap.Generated Require Import Gen_RetrievalTuring.
Import ListNotations.
Open Scope Z_scope.

Definition wiring : network := {|
  features := [Feature (1, 0, 0) [(0%nat, [(1, [])]); (1%nat, [(1, [])]); (2%nat, [(1, [])]); (3%nat, [(1, [])]); (4%nat, [(1, [])]); (5%nat, [(1, [])]); (6%nat, [(1, [])]); (7%nat, [(1, [])]); (8%nat, [(1, [])]); (9%nat, [(1, [])]); (10%nat, [(1, [])]); (11%nat, [(1, [])]); (12%nat, [(1, [])]); (13%nat, [(1, [])]); (14%nat, [(1, [])]); (15%nat, [(1, [])]); (16%nat, [(1, [])]); (17%nat, [(1, [])]); (18%nat, [(1, [])]); (19%nat, [(1, [])])] (0, 0);
    Feature ((0), (0), (0)) [(11%nat, [(1, [])]); (12%nat, [(1, [])]); (13%nat, [(1, [])]); (14%nat, [(1, [])]); (16%nat, [(1, [])]); (17%nat, [(1, [])]); (18%nat, [(1, [])])] ((0), (0))  (* leaves *);
    Feature ((0), (0), (0)) [(12%nat, [(1, [])]); (13%nat, [(1, [])]); (15%nat, [(2, [])]); (16%nat, [(4, [])]); (17%nat, [(3, [])]); (18%nat, [(3, [])])] ((0), (0))  (* leads to *);
    Feature ((0), (0), (0)) [(12%nat, [(1, [])]); (13%nat, [(-1, [])]); (14%nat, [(-1, [])]); (15%nat, [(-1, [])]); (16%nat, [(1, [])]); (17%nat, [(-1, [])]); (18%nat, [(1, [])]); (19%nat, [(1, [])])] ((0), (0))  (* moves *);
    Feature ((0), (0), (0)) [(6%nat, [(1, [])])] ((0), (0))  (* is </search> *);
    Feature ((0), (1), (0)) [] ((0), (0))  (* token *);
    Feature ((0), (0), (0)) [(1%nat, [(1, [])]); (12%nat, [(1, [])]); (13%nat, [(1, [])]); (14%nat, [(1, [])]); (15%nat, [(1, [])]); (16%nat, [(1, [])]); (17%nat, [(1, [])]); (18%nat, [(1, [])]); (19%nat, [(1, [])])] ((0), (0))  (* is ? or A[0] or A[1] or B[0] or B[1] or C[0] or C[1] or D[0] or D[1] *);
    Feature ((1), (0), (0)) [] ((0), (0))  (* is number *);
    Feature ((0), (0), (0)) [(8%nat, [(1, [])])] ((0), (0))  (* is \A.* *);
    Feature ((0), (0), (0)) [(9%nat, [(1, [])])] ((0), (0))  (* is ([..]) *);
    Feature ((0), (0), (0)) [(5%nat, [(1, [])])] ((0), (0))  (* is <search> *);
    Feature ((0), (0), (0)) [(16%nat, [(1, [])])] ((0), (0))  (* is C[0] *)];
  stages := [Cells [Cell None [] [(4%nat, [(1, [])])]  (* now.is </search> *);
    Cell (Some 12%nat) [(0%nat, 1)] []  (* 1 back.is </search> *);
    Cell None [] [(5%nat, [(1, [])])]  (* now.token *);
    Cell (Some 13%nat) [(2%nat, 1)] []  (* 1 back.token *);
    Cell None [] [(8%nat, [(1, [])])]  (* now.is \A.* *);
    Cell (Some 14%nat) [(4%nat, 1)] []  (* 1 back.is \A.* *);
    Cell None [] [(2%nat, [(1, [])])]  (* now.leads to *);
    Cell None [(6%nat, 1)] []  (* 1 back.leads to *);
    Cell None [(7%nat, 1)] []  (* 2 back.leads to *);
    Cell None [(8%nat, 1)] []  (* 3 back.leads to *);
    Cell None [(9%nat, 1)] []  (* 4 back.leads to *);
    Cell None [(10%nat, 1)] []  (* 5 back.leads to *);
    Cell None [(11%nat, 1)] []  (* 6 back.leads to *);
    Cell (Some 15%nat) [(12%nat, 1)] []  (* 7 back.leads to *);
    Cell None [] [(1%nat, [(1, [])])]  (* now.leaves *);
    Cell (Some 16%nat) [(14%nat, 1)] []  (* 1 back.leaves *);
    Cell None [(3%nat, 1)] []  (* 2 back.token *);
    Cell (Some 17%nat) [(16%nat, 1)] []  (* 3 back.token *);
    Cell None [] [(3%nat, [(1, [])])]  (* now.moves *);
    Cell None [(18%nat, 1)] []  (* 1 back.moves *);
    Cell (Some 18%nat) [(19%nat, 1)] []  (* 2 back.moves *)];
    Gates [(19%nat, Beyond [(3%nat, [(1, [])]); (13%nat, [(1, [])])] [(0%nat, [(-1, [(1%nat, 1%nat)])])] [(0%nat, [(1, [(1%nat, 1%nat)])])])  (* leaves the cells *);
    (20%nat, Clamp [(17%nat, [(1, [])]); (18%nat, [(1, [])])] [(0%nat, [(-1, [(1%nat, 1%nat)])])] (Some [(0%nat, [(1, [(1%nat, 1%nat)])])]))  (* position *)]];
  squares := [];
  outputs := [Output (Token 9%nat) [[(7%nat, [(1, [])])]; [(14%nat, [(1, [])])]];
    Output (Choice [(12%nat, [(0); (0)]); (13%nat, [(0); (1)]); (14%nat, [(1); (0)]); (15%nat, [(1); (1)]); (16%nat, [(2); (0)]); (17%nat, [(2); (1)]); (18%nat, [(3); (0)]); (19%nat, [(3); (1)])] [[(15%nat, [(1, [])])]; [(16%nat, [(1, [])])]]) [[(7%nat, [(1, [])])]];
    Output (Token 6%nat) [[(9%nat, [(1, [])])]];
    Output (Token 8%nat) [[(10%nat, [(1, [])])]];
    Output (Token 2%nat) [[(11%nat, [(1, [])])]; [(0%nat, [(1, [])]); (12%nat, [(-1, [])])]];
    Output (Token 4%nat) [[(19%nat, [(1, [])])]; [(0%nat, [(1, [])]); (12%nat, [(-1, [])])]];
    Output (Token 5%nat) [[(6%nat, [(1, [])])]; [(0%nat, [(1, [])]); (12%nat, [(-1, [])])]];
    Output (Value [(20%nat, [(1, [])])]) []];
  logit_scale := Some 3%nat;
  once := true |}.

Definition domain_ : domain := [(0%nat, [(1, [])]);
    (1%nat, [(1, [])]);
    (2%nat, [(8, [(0%nat, 1%nat)]); (2, [(1%nat, 1%nat)]); (25, [])]);
    (3%nat, [(1, [(1%nat, 2%nat)]); (2, [(1%nat, 1%nat)]); (19, [])])].
Definition ranges_ : ranges := [(1%nat, ([], [(1, [])]));
  (2%nat, ([], [(4, [])]));
  (3%nat, ([(-1, [])], [(1, [])]));
  (4%nat, ([], [(1, [])]));
  (5%nat, ([(-1, [(1%nat, 1%nat)])], [(1, [(1%nat, 1%nat)])]));
  (6%nat, ([], [(1, [])]));
  (7%nat, ([], [(1, [])]));
  (8%nat, ([], [(1, [])]));
  (9%nat, ([], [(1, [])]));
  (10%nat, ([], [(1, [])]));
  (11%nat, ([], [(1, [])]));
  (12%nat, ([], [(1, [])]));
  (13%nat, ([(-1, [(1%nat, 1%nat)])], [(1, [(1%nat, 1%nat)])]));
  (14%nat, ([], [(1, [])]));
  (15%nat, ([], [(4, [])]));
  (16%nat, ([], [(1, [])]));
  (17%nat, ([(-1, [(1%nat, 1%nat)])], [(1, [(1%nat, 1%nat)])]));
  (18%nat, ([(-1, [])], [(1, [])]));
  (19%nat, ([], [(1, [])]));
  (20%nat, ([(-1, [(1%nat, 1%nat)])], [(1, [(1%nat, 1%nat)])]))].

Lemma checked : check_all domain_ blueprint wiring ranges_ = true.
Proof. vm_compute. reflexivity. Qed.

Lemma is_good (size_n : Z) (size_s : Z) : 1 <= size_n -> 1 <= size_s -> good domain_ (at_size size_n size_s).
Proof.
  intros. exists (fun v => match v with | 0%nat => size_n - 1 | 1%nat => size_s - 1 | 2%nat => scale (peval (fun v => match v with | 0%nat => size_n | 1%nat => size_s | _ => 0 end) lower_S) - peval (fun v => match v with | 0%nat => size_n | 1%nat => size_s | _ => 0 end) lower_S | 3%nat => scale (peval (fun v => match v with | 0%nat => size_n | 1%nat => size_s | _ => 0 end) lower_M) - peval (fun v => match v with | 0%nat => size_n | 1%nat => size_s | _ => 0 end) lower_M | _ => 0 end). split; intros place_.
  - do 4 (destruct place_ as [|place_]; [first [lia | match goal with |- 0 <= scale ?p - _ => pose proof (proj1 (scale_spec p)); lia end]|]). lia.
  - do 4 (destruct place_ as [|place_]; [unfold at_size, shift, domain_, lower_S, lower_M; cbn [assoc Nat.eqb]; evaluate; ring|]). reflexivity.
Qed.
(** For all sizes and all inputs that fit: the weights compute the network of gadgets, *)
Theorem computes (size_n : Z) (size_s : Z) (input : list tok) : 1 <= size_n -> 1 <= size_s -> input_ok (at_size size_n size_s) blueprint wiring input ->
  agree (length input) (stream QcN (at_size size_n size_s) blueprint input) (net_stream (at_size size_n size_s) wiring input).
Proof. intros. apply (computes_all domain_ (at_size size_n size_s) blueprint wiring ranges_); auto using is_good, checked. Qed.
(** the next token is the one that the network says, *)
Theorem next_as (size_n : Z) (size_s : Z) (input : list tok) t : 1 <= size_n -> 1 <= size_s -> input_ok (at_size size_n size_s) blueprint wiring input -> input <> [] -> net_next (at_size size_n size_s) wiring input = Some t ->
  next QcN (at_size size_n size_s) blueprint input = t.
Proof. intros. apply (writes domain_ (at_size size_n size_s) blueprint wiring ranges_); auto using is_good, checked. Qed.
(** and so is all that is written. *)
Theorem decodes_as (size_n : Z) (size_s : Z) (input : list tok) r : 1 <= size_n -> 1 <= size_s -> input_ok (at_size size_n size_s) blueprint wiring input -> input <> [] -> net_decode (at_size size_n size_s) blueprint wiring (S (Z.to_nat (peval (at_size size_n size_s) (context blueprint) + 1) - length input)) input = Some r ->
  decode QcN (at_size size_n size_s) blueprint input = r.
Proof. intros. apply (decodes domain_ (at_size size_n size_s) blueprint wiring ranges_); auto using is_good, checked. Qed.
