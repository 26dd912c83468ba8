(* rnn/turing: its network of gadgets and what follows; coordinates as in Gen_RnnTuring.v.
   Written by proofs_check/rocq/_network.py. *)
From Coq Require Import ZArith List Lia Arith.
From RetrievalGap Require Import Model Shadow Tactics NetSound Network NetCheck NetModel NetTop.
From RetrievalGap Require Import NetRange NetFull.
From RetrievalGap.Generated Require Import Gen_RnnTuring.
Import ListNotations.
Open Scope Z_scope.

Definition wiring : network := {|
  features := [Feature (1, 0, 0) [(0%nat, [(1, [])]); (1%nat, [(1, [])]); (2%nat, [(1, [])]); (3%nat, [(1, [])]); (4%nat, [(1, [])]); (5%nat, [(1, [])]); (6%nat, [(1, [])]); (7%nat, [(1, [])]); (8%nat, [(1, [])]); (9%nat, [(1, [])]); (10%nat, [(1, [])]); (11%nat, [(1, [])]); (12%nat, [(1, [])]); (13%nat, [(1, [])])] (0, 0);
    Feature ((0), (0), (0)) [(0%nat, [(1, [])])] ((0), (0))  (* is # *);
    Feature ((0), (0), (0)) [(6%nat, [(1, [])]); (12%nat, [(1, [])]); (13%nat, [(1, [])])] ((0), (0))  (* goes +1 *);
    Feature ((0), (0), (0)) [(7%nat, [(1, [])]); (8%nat, [(1, [])]); (9%nat, [(1, [])]); (11%nat, [(1, [])])] ((0), (0))  (* goes -1 *);
    Feature ((0), (0), (0)) [] ((0), (0))  (* goes +0 *);
    Feature ((0), (0), (0)) [(6%nat, [(1, [])]); (12%nat, [(3, [])])] ((0), (0))  (* enters +1 *);
    Feature ((0), (0), (0)) [(7%nat, [(1, [])]); (9%nat, [(2, [])]); (11%nat, [(3, [])])] ((0), (0))  (* enters -1 *);
    Feature ((0), (0), (0)) [(10%nat, [(1, [])])] ((0), (0))  (* is C[0] *);
    Feature ((0), (0), (0)) [(5%nat, [(1, [])]); (6%nat, [(1, [])]); (7%nat, [(1, [])]); (8%nat, [(1, [])]); (10%nat, [(1, [])]); (11%nat, [(1, [])]); (12%nat, [(1, [])])] ((0), (0))  (* leaves *)];
  stages := [Cells [Cell None [] [(1%nat, [(1, [])])]  (* now.is # *);
    Cell None [(0%nat, 1)] []  (* 1 back.is # *);
    Cell None [(1%nat, 1)] []  (* 2 back.is # *);
    Cell None [(2%nat, 1)] []  (* 3 back.is # *);
    Cell None [(3%nat, 1)] []  (* 4 back.is # *);
    Cell None [(4%nat, 1)] []  (* 5 back.is # *);
    Cell None [(5%nat, 1)] []  (* 6 back.is # *);
    Cell None [(6%nat, 1)] []  (* 7 back.is # *);
    Cell None [(7%nat, 1)] []  (* 8 back.is # *);
    Cell None [(8%nat, 1)] []  (* 9 back.is # *);
    Cell None [(9%nat, 1)] []  (* 10 back.is # *);
    Cell None [(10%nat, 1)] []  (* 11 back.is # *);
    Cell (Some 9%nat) [(11%nat, 1)] []  (* 12 back.is # *);
    Cell None [] [(2%nat, [(1, [])])]  (* now.goes +1 *);
    Cell None [(13%nat, 1)] []  (* 1 back.goes +1 *);
    Cell None [(14%nat, 1)] []  (* 2 back.goes +1 *);
    Cell None [(15%nat, 1)] []  (* 3 back.goes +1 *);
    Cell None [(16%nat, 1)] []  (* 4 back.goes +1 *);
    Cell None [(17%nat, 1)] []  (* 5 back.goes +1 *);
    Cell None [(18%nat, 1)] []  (* 6 back.goes +1 *);
    Cell None [(19%nat, 1)] []  (* 7 back.goes +1 *);
    Cell None [(20%nat, 1)] []  (* 8 back.goes +1 *);
    Cell None [(21%nat, 1)] []  (* 9 back.goes +1 *);
    Cell None [(22%nat, 1)] []  (* 10 back.goes +1 *);
    Cell None [(23%nat, 1)] []  (* 11 back.goes +1 *);
    Cell None [(24%nat, 1)] []  (* 12 back.goes +1 *);
    Cell (Some 10%nat) [(25%nat, 1)] []  (* 13 back.goes +1 *);
    Cell (Some 11%nat) [(12%nat, 1)] []  (* 13 back.is # *);
    Cell None [] [(3%nat, [(1, [])])]  (* now.goes -1 *);
    Cell None [(28%nat, 1)] []  (* 1 back.goes -1 *);
    Cell None [(29%nat, 1)] []  (* 2 back.goes -1 *);
    Cell None [(30%nat, 1)] []  (* 3 back.goes -1 *);
    Cell None [(31%nat, 1)] []  (* 4 back.goes -1 *);
    Cell None [(32%nat, 1)] []  (* 5 back.goes -1 *);
    Cell None [(33%nat, 1)] []  (* 6 back.goes -1 *);
    Cell None [(34%nat, 1)] []  (* 7 back.goes -1 *);
    Cell None [(35%nat, 1)] []  (* 8 back.goes -1 *);
    Cell None [(36%nat, 1)] []  (* 9 back.goes -1 *);
    Cell None [(37%nat, 1)] []  (* 10 back.goes -1 *);
    Cell (Some 12%nat) [(38%nat, 1)] []  (* 11 back.goes -1 *);
    Cell (Some 13%nat) [(39%nat, 1)] []  (* 12 back.goes -1 *);
    Cell None [] [(4%nat, [(1, [])])]  (* now.goes +0 *);
    Cell None [(41%nat, 1)] []  (* 1 back.goes +0 *);
    Cell None [(42%nat, 1)] []  (* 2 back.goes +0 *);
    Cell None [(43%nat, 1)] []  (* 3 back.goes +0 *);
    Cell None [(44%nat, 1)] []  (* 4 back.goes +0 *);
    Cell None [(45%nat, 1)] []  (* 5 back.goes +0 *);
    Cell None [(46%nat, 1)] []  (* 6 back.goes +0 *);
    Cell None [(47%nat, 1)] []  (* 7 back.goes +0 *);
    Cell None [(48%nat, 1)] []  (* 8 back.goes +0 *);
    Cell None [(49%nat, 1)] []  (* 9 back.goes +0 *);
    Cell None [(50%nat, 1)] []  (* 10 back.goes +0 *);
    Cell None [(51%nat, 1)] []  (* 11 back.goes +0 *);
    Cell (Some 14%nat) [(52%nat, 1)] []  (* 12 back.goes +0 *);
    Cell None [] [(5%nat, [(1, [])])]  (* now.enters +1 *);
    Cell None [(54%nat, 1)] []  (* 1 back.enters +1 *);
    Cell None [(55%nat, 1)] []  (* 2 back.enters +1 *);
    Cell None [(56%nat, 1)] []  (* 3 back.enters +1 *);
    Cell None [(57%nat, 1)] []  (* 4 back.enters +1 *);
    Cell None [(58%nat, 1)] []  (* 5 back.enters +1 *);
    Cell None [(59%nat, 1)] []  (* 6 back.enters +1 *);
    Cell None [(60%nat, 1)] []  (* 7 back.enters +1 *);
    Cell None [(61%nat, 1)] []  (* 8 back.enters +1 *);
    Cell None [(62%nat, 1)] []  (* 9 back.enters +1 *);
    Cell None [(63%nat, 1)] []  (* 10 back.enters +1 *);
    Cell None [(64%nat, 1)] []  (* 11 back.enters +1 *);
    Cell None [(65%nat, 1)] []  (* 12 back.enters +1 *);
    Cell (Some 15%nat) [(66%nat, 1)] []  (* 13 back.enters +1 *);
    Cell None [] [(6%nat, [(1, [])])]  (* now.enters -1 *);
    Cell None [(68%nat, 1)] []  (* 1 back.enters -1 *);
    Cell None [(69%nat, 1)] []  (* 2 back.enters -1 *);
    Cell None [(70%nat, 1)] []  (* 3 back.enters -1 *);
    Cell None [(71%nat, 1)] []  (* 4 back.enters -1 *);
    Cell None [(72%nat, 1)] []  (* 5 back.enters -1 *);
    Cell None [(73%nat, 1)] []  (* 6 back.enters -1 *);
    Cell None [(74%nat, 1)] []  (* 7 back.enters -1 *);
    Cell None [(75%nat, 1)] []  (* 8 back.enters -1 *);
    Cell None [(76%nat, 1)] []  (* 9 back.enters -1 *);
    Cell None [(77%nat, 1)] []  (* 10 back.enters -1 *);
    Cell (Some 16%nat) [(78%nat, 1)] []  (* 11 back.enters -1 *);
    Cell None [] [(7%nat, [(1, [])])]  (* now.is C[0] *);
    Cell None [(80%nat, 1)] []  (* 1 back.is C[0] *);
    Cell None [(81%nat, 1)] []  (* 2 back.is C[0] *);
    Cell None [(82%nat, 1)] []  (* 3 back.is C[0] *);
    Cell None [(83%nat, 1)] []  (* 4 back.is C[0] *);
    Cell None [(84%nat, 1)] []  (* 5 back.is C[0] *);
    Cell None [(85%nat, 1)] []  (* 6 back.is C[0] *);
    Cell None [(86%nat, 1)] []  (* 7 back.is C[0] *);
    Cell None [(87%nat, 1)] []  (* 8 back.is C[0] *);
    Cell None [(88%nat, 1)] []  (* 9 back.is C[0] *);
    Cell None [(89%nat, 1)] []  (* 10 back.is C[0] *);
    Cell None [(90%nat, 1)] []  (* 11 back.is C[0] *);
    Cell (Some 17%nat) [(91%nat, 1)] []  (* 12 back.is C[0] *);
    Cell None [] [(8%nat, [(1, [])])]  (* now.leaves *);
    Cell None [(93%nat, 1)] []  (* 1 back.leaves *);
    Cell None [(94%nat, 1)] []  (* 2 back.leaves *);
    Cell None [(95%nat, 1)] []  (* 3 back.leaves *);
    Cell None [(96%nat, 1)] []  (* 4 back.leaves *);
    Cell None [(97%nat, 1)] []  (* 5 back.leaves *);
    Cell None [(98%nat, 1)] []  (* 6 back.leaves *);
    Cell None [(99%nat, 1)] []  (* 7 back.leaves *);
    Cell None [(100%nat, 1)] []  (* 8 back.leaves *);
    Cell None [(101%nat, 1)] []  (* 9 back.leaves *);
    Cell None [(102%nat, 1)] []  (* 10 back.leaves *);
    Cell None [(103%nat, 1)] []  (* 11 back.leaves *);
    Cell (Some 18%nat) [(104%nat, 1)] []  (* 12 back.leaves *)];
    Gates [(19%nat, All [[(9%nat, [(1, [])])]; [(10%nat, [(1, [])])]])  (* leaves to the right *);
    (20%nat, All [[(11%nat, [(1, [])])]; [(13%nat, [(1, [])])]])  (* leaves to the left *)];
    Gates [(21%nat, All [[(0%nat, [(1, [])]); (19%nat, [(-1, [])])]; [(0%nat, [(1, [])]); (20%nat, [(-1, [])])]])  (* not leaves the cells *)]];
  squares := [];
  outputs := [Output (Token 1%nat) [[(17%nat, [(1, [])])]];
    Output (Token 3%nat) [[(0%nat, [(1, [])]); (21%nat, [(-1, [])])]];
    Output (Token 0%nat) [[(9%nat, [(1, [])])]];
    Output (Choice [(4%nat, [(0); (0); (0)]); (5%nat, [(0); (0); (1)]); (6%nat, [(1); (0); (0)]); (7%nat, [(1); (0); (1)]); (8%nat, [(1); (1); (0)]); (9%nat, [(1); (1); (1)]); (10%nat, [(1); (2); (0)]); (11%nat, [(1); (2); (1)]); (12%nat, [(1); (3); (0)]); (13%nat, [(1); (3); (1)])] [[(10%nat, [(1, [])]); (12%nat, [(1, [])]); (14%nat, [(1, [])])]; [(14%nat, [(1, [])]); (15%nat, [(1, [])]); (16%nat, [(1, [])])]; [(18%nat, [(1, [])])]]) []];
  logit_scale := Some 2%nat;
  once := false |}.

Definition domain_ : domain := [(0%nat, [(1, [])]);
    (1%nat, [(13, [(0%nat, 1%nat)]); (40, [])]);
    (2%nat, [(42, [])])].
Definition ranges_ : ranges := [(1%nat, ([], [(1, [])]));
  (2%nat, ([], [(1, [])]));
  (3%nat, ([], [(1, [])]));
  (4%nat, ([], []));
  (5%nat, ([], [(3, [])]));
  (6%nat, ([], [(3, [])]));
  (7%nat, ([], [(1, [])]));
  (8%nat, ([], [(1, [])]));
  (9%nat, ([], [(1, [])]));
  (10%nat, ([], [(1, [])]));
  (11%nat, ([], [(1, [])]));
  (12%nat, ([], [(1, [])]));
  (13%nat, ([], [(1, [])]));
  (14%nat, ([], []));
  (15%nat, ([], [(3, [])]));
  (16%nat, ([], [(3, [])]));
  (17%nat, ([], [(1, [])]));
  (18%nat, ([], [(1, [])]));
  (19%nat, ([], [(1, [])]));
  (20%nat, ([], [(1, [])]));
  (21%nat, ([], [(1, [])]))].

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
