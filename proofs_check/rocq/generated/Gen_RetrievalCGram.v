(* retrieval/c-gram: 133 nonzero parameters, 3 layers.
   Written by proofs_check/rocq/_export.py.
   Variables: 0 = n, 1 = S, 2 = M.
   Special tokens: 0 = <s>, 1 = ?, 2 = NONE, 3 = <search>, 4 = </search>, 5 = FAILED, 6 = \A[^?]*, 7 = ([^?]).
   Coordinates: 0 = one, 1 = is number, 2 = code, 3 = is <search>, 4 = is \A[^?]*, 5 = is ([^?]), 6 = is FAILED, 7 = 1 back.code, 8 = 2 back.code, 9 = 3 back.code, 10 = is number 1 back, 11 = is ? 2 back, 12 = is \A[^?]* 1 back, 13 = is \A[^?]* 2 back, 14 = is </search> 1 back, 15 = 3 back.number, 16 = 0 back.number, 17 = write NONE, 18 = write <search>, 19 = write </search>, 20 = write \A[^?]*, 21 = write ([^?]), 22 = number to write. *)
From Coq Require Import ZArith List.
From RetrievalGap Require Import Model.
Import ListNotations.
Open Scope Z_scope.

Definition layer_0 : layer :=
  Recurrence
    ([[];
     [(0%nat, [(1, [])])];
     [(1%nat, [(1, [])])];
     [(2%nat, [(1, [])])]])
    ([[(2%nat, [(1, [])])];
     [];
     [];
     []])
    ([[];
     [];
     [];
     [];
     [];
     [];
     [];
     [(1%nat, [(1, [])])];
     [(2%nat, [(1, [])])];
     [(3%nat, [(1, [])])];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     []])
    ([[];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     []]).
Definition layer_1 : layer :=
  FeedForward
    ([[(0%nat, [(1, [])]); (7%nat, [(1, [])])];
     [(7%nat, [(1, [])])];
     [(0%nat, [(3, [])]); (8%nat, [(1, [])])];
     [(0%nat, [(2, [])]); (8%nat, [(1, [])])];
     [(0%nat, [(1, [])]); (8%nat, [(1, [])])];
     [(0%nat, [(8, [])]); (7%nat, [(1, [])])];
     [(0%nat, [(7, [])]); (7%nat, [(1, [])])];
     [(0%nat, [(6, [])]); (7%nat, [(1, [])])];
     [(0%nat, [(8, [])]); (8%nat, [(1, [])])];
     [(0%nat, [(7, [])]); (8%nat, [(1, [])])];
     [(0%nat, [(6, [])]); (8%nat, [(1, [])])];
     [(0%nat, [(6, [])]); (7%nat, [(1, [])])];
     [(0%nat, [(5, [])]); (7%nat, [(1, [])])];
     [(0%nat, [(4, [])]); (7%nat, [(1, [])])];
     [(9%nat, [(1, [])])];
     [(2%nat, [(1, [])])];
     [(6%nat, [(1, [])])];
     [(5%nat, [(1, [])])];
     [(3%nat, [(1, [])])]])
    ([[(0%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(0%nat, [(1, [])])]])
    ([[];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [(0%nat, [(1, [])]); (1%nat, [(-1, [])])];
     [(2%nat, [(1, [])]); (3%nat, [(-2, [])]); (4%nat, [(1, [])])];
     [(5%nat, [(1, [])]); (6%nat, [(-2, [])]); (7%nat, [(1, [])])];
     [(8%nat, [(1, [])]); (9%nat, [(-2, [])]); (10%nat, [(1, [])])];
     [(11%nat, [(1, [])]); (12%nat, [(-2, [])]); (13%nat, [(1, [])])];
     [(14%nat, [(1, [])])];
     [(15%nat, [(1, [])])];
     [(16%nat, [(1, [])])];
     [];
     [(17%nat, [(1, [])])];
     [(18%nat, [(1, [])])];
     [];
     []]).
Definition layer_2 : layer :=
  FeedForward
    ([[(0%nat, [(-2, [])]); (1%nat, [(1, [])]); (10%nat, [(1, [])]); (11%nat, [(1, [])])];
     [(0%nat, [(-2, [])]); (1%nat, [(1, [])]); (10%nat, [(1, [])]); (13%nat, [(1, [])])];
     [(4%nat, [(1, [])])];
     [(0%nat, [(-1, [])]); (1%nat, [(1, [])]); (12%nat, [(1, [])])];
     [(0%nat, [(-1, [])]); (1%nat, [(1, [])]); (14%nat, [(1, [])])]])
    ([[(0%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(15%nat, [(1, [])])];
     [(15%nat, [(1, [])])];
     [(16%nat, [(1, [])])]])
    ([[];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [(0%nat, [(1, [])])];
     [];
     [];
     [(1%nat, [(1, [])])];
     [(2%nat, [(1, [])]); (3%nat, [(1, [])]); (4%nat, [(1, [])])]]).
Definition blueprint : model :=
  {| specials := 8%nat;
     low := [];
     high := [(1, [(0%nat, 1%nat)])];
     context := [(1, [(0%nat, 1%nat)]); (14, [])];
     polynomial := [[(0%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(1%nat, [(1, [])])];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     []];
     special := [[(0%nat, [(1, [])]); (1%nat, [(1, [])]); (2%nat, [(1, [])]); (3%nat, [(1, [])]); (4%nat, [(1, [])]); (5%nat, [(1, [])]); (6%nat, [(1, [])]); (7%nat, [(1, [])])];
     [];
     [(0%nat, [(-1, [])]); (1%nat, [(-2, [])]); (2%nat, [(-3, [])]); (3%nat, [(-4, [])]); (4%nat, [(-5, [])]); (5%nat, [(-6, [])]); (6%nat, [(-7, [])]); (7%nat, [(-8, [])])];
     [(3%nat, [(1, [])])];
     [(6%nat, [(1, [])])];
     [(7%nat, [(1, [])])];
     [(5%nat, [(1, [])])];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     []];
     position := [[];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     []];
     layers := [layer_0; layer_1; layer_2];
     polynomial_logits := [[(0%nat, [(1, [(2%nat, 1%nat)])])];
     [(22%nat, [(2, [])])];
     [(0%nat, [(-1, [])])]];
     special_logits := [[];
     [];
     [(17%nat, [(6, [(2%nat, 1%nat)])])];
     [(18%nat, [(5, [(2%nat, 1%nat)])])];
     [(19%nat, [(4, [(2%nat, 1%nat)])])];
     [];
     [(20%nat, [(3, [(2%nat, 1%nat)])])];
     [(21%nat, [(2, [(2%nat, 1%nat)])])]];
     answers := None |}.
Definition lower_S : poly := [(1, [(0%nat, 1%nat)]); (15, [])].
Definition lower_M : poly := [(1, [(0%nat, 2%nat)]); (1, [])].
Definition at_size (size_n : Z) : env :=
  let sizes : env :=
    fun v => match v with
  | 0%nat => size_n
  | _ => 0 end in
  fun v => match v with
  | 0%nat => size_n
  | 1%nat => scale (peval sizes lower_S)
  | 2%nat => scale (peval sizes lower_M)
  | _ => 0 end.
From RetrievalGap Require Import Searching.
Definition searches : language :=
  {| opening := 3%nat; closing := 4%nat; failed := 5%nat;
     piece s := match s with
  | 6%nat => Some [Beginning; ClassNot; Chr (Special 1); ClassClose; Asterisk]
  | 7%nat => Some [Open_; ClassNot; Chr (Special 1); ClassClose; Close]
  | _ => None end |}.
