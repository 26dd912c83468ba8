(* hybrid/counting: its network of gadgets and what follows; coordinates as in Gen_HybridCounting.v.
   Written by proofs_check/rocq/_network.py. *)
From Coq Require Import ZArith List Lia Arith.
From RetrievalGap Require Import Model Shadow Tactics NetSound Network NetCheck NetModel NetTop.
From RetrievalGap Require Import NetRange NetFull NetMean NetCount NetMixed.
From RetrievalGap.Generated Require Import Gen_HybridCounting.
Import ListNotations.
Open Scope Z_scope.

Definition wiring : network := {|
  features := [Feature (1, 0, 0) [(0%nat, [(1, [])]); (1%nat, [(1, [])])] (0, 0);
    Feature ((0), (1), (0)) [] ((0), (0))  (* token *);
    Feature ((0), (0), (0)) [(1%nat, [(1, [])])] ((0), (0))  (* is ? *);
    Feature ((0), (0), (0)) [(0%nat, [(1, [])])] ((0), (0))  (* is <s> *);
    Feature ((0), (0), (1)) [] ((0), (0))  (* token^2 *)];
  stages := [Cells [Cell None [] [(1%nat, [(1, [])])]  (* now.token *);
    Cell (Some 5%nat) [(0%nat, 1)] []  (* 1 back.token *);
    Cell None [] [(2%nat, [(1, [])])]  (* now.is ? *);
    Cell (Some 6%nat) [(2%nat, 1)] []  (* 1 back.is ? *);
    Cell (Some 7%nat) [(3%nat, 1)] []  (* 2 back.is ? *)];
    Gates [(8%nat, Square [(5%nat, [(1, [])])])  (* (1 back.token)^2 *)];
    Heads [];
    Gates []];
  squares := [(4%nat, 1%nat); (8%nat, 5%nat)];
  outputs := [];
  logit_scale := None;
  once := true |}.

Definition domain_ : domain := [(0%nat, [(1, [])]);
    (1%nat, [(1, [(0%nat, 1%nat)]); (5, [])]);
    (2%nat, [(1, [(0%nat, 2%nat)]); (2, [(0%nat, 1%nat)]); (2, [])])].
Definition ranges_ : ranges := [(1%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (2%nat, ([], [(1, [])]));
  (3%nat, ([], [(1, [])]));
  (4%nat, ([], [(1, [(0%nat, 2%nat)])]));
  (5%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (6%nat, ([], [(1, [])]));
  (7%nat, ([], [(1, [])]));
  (8%nat, ([], [(1, [(0%nat, 2%nat)])]));
  (9%nat, ([], [(1, [])]));
  (10%nat, ([], [(2, [(0%nat, 1%nat)]); (3, [])]))].
Definition means : mean_network := {|
  base := wiring;
  fractions := [[];
    [];
    [(9%nat, Mean [([(1%nat, [(1, [])])], [(5%nat, [(1, [])])])] [(6%nat, [(1, [])]); (7%nat, [(1, [])])] 3%nat [(3%nat, [(1, [])])])];
    [(10%nat, Times [(0%nat, [(3, [])]); (1%nat, [(2, [])])] [(9%nat, [(1, [])])])]];
  counts := [[];
    [];
    [];
    []];
  sign := [(0%nat, [(2, [])]); (10%nat, [(-1, [])])] |}.

Lemma checked : check_mean domain_ blueprint means ranges_ = true.
Proof. vm_compute. reflexivity. Qed.

Lemma is_good (size_n : Z) : 1 <= size_n -> good domain_ (at_size size_n).
Proof.
  intros. exists (fun v => match v with | 0%nat => size_n - 1 | 1%nat => scale (peval (fun v => match v with | 0%nat => size_n | _ => 0 end) lower_S) - peval (fun v => match v with | 0%nat => size_n | _ => 0 end) lower_S | 2%nat => scale (peval (fun v => match v with | 0%nat => size_n | _ => 0 end) lower_M) - peval (fun v => match v with | 0%nat => size_n | _ => 0 end) lower_M | _ => 0 end). split; intros place_.
  - do 3 (destruct place_ as [|place_]; [first [lia | match goal with |- 0 <= scale ?p - _ => pose proof (proj1 (scale_spec p)); lia end]|]). lia.
  - do 3 (destruct place_ as [|place_]; [unfold at_size, shift, domain_, lower_S, lower_M; cbn [assoc Nat.eqb]; evaluate; ring|]). reflexivity.
Qed.
(** For all sizes and all inputs that fit: the weights compute its gadgets, with fractions, *)
Theorem computes (size_n : Z) (input : list tok) i c : 1 <= size_n -> input_ok (at_size size_n) blueprint wiring input -> (i < length input)%nat ->
  stream QcN (at_size size_n) blueprint input i c = mean_stream (at_size size_n) means input i c.
Proof. intros. apply (means_compute domain_ (at_size size_n) blueprint means ranges_); auto using is_good, checked. Qed.
(** the next token is the one that the sign of a value says, *)
Theorem next_as (size_n : Z) (input : list tok) : 1 <= size_n -> input_ok (at_size size_n) blueprint wiring input -> input <> [] ->
  next QcN (at_size size_n) blueprint input = sign_token (at_size size_n) means input.
Proof. intros. apply (writes_sign domain_ (at_size size_n) blueprint means ranges_); auto using is_good, checked. Qed.
(** and so is what is written. *)
Theorem decodes_as (size_n : Z) (input : list tok) : 1 <= size_n -> input_ok (at_size size_n) blueprint wiring input -> input <> [] ->
  decode QcN (at_size size_n) blueprint input = ([sign_token (at_size size_n) means input], true).
Proof. intros. apply (decodes_sign domain_ (at_size size_n) blueprint means ranges_); auto using is_good, checked. Qed.
