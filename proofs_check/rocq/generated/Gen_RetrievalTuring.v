(* retrieval/turing: 148 nonzero parameters, 2 layers.
   Written by proofs_check/rocq/_export.py.
   Variables: 0 = n, 1 = s, 2 = S, 3 = M.
   Special tokens: 0 = <s>, 1 = ?, 2 = HALT, 3 = UNDEFINED, 4 = SPACE, 5 = <search>, 6 = </search>, 7 = FAILED, 8 = \A.*, 9 = ([..]), 10 = [0], 11 = [1], 12 = A[0], 13 = A[1], 14 = B[0], 15 = B[1], 16 = C[0], 17 = C[1], 18 = D[0], 19 = D[1].
   Coordinates: 0 = one, 1 = leaves, 2 = leads to, 3 = moves, 4 = is </search>, 5 = token, 6 = is ? or A[0] or A[1] or B[0] or B[1] or C[0] or C[1] or D[0] or D[1], 7 = is number, 8 = is \A.*, 9 = is ([..]), 10 = is <search>, 11 = is C[0], 12 = 1 back.is </search>, 13 = 1 back.token, 14 = 1 back.is \A.*, 15 = 7 back.leads to, 16 = 1 back.leaves, 17 = 3 back.token, 18 = 2 back.moves, 19 = leaves the cells, 20 = position. *)
From Coq Require Import ZArith List.
From RetrievalGap Require Import Model.
Import ListNotations.
Open Scope Z_scope.

Definition layer_0 : layer :=
  Recurrence
    ([[];
     [(0%nat, [(1, [])])];
     [];
     [(2%nat, [(1, [])])];
     [];
     [(4%nat, [(1, [])])];
     [];
     [(6%nat, [(1, [])])];
     [(7%nat, [(1, [])])];
     [(8%nat, [(1, [])])];
     [(9%nat, [(1, [])])];
     [(10%nat, [(1, [])])];
     [(11%nat, [(1, [])])];
     [(12%nat, [(1, [])])];
     [];
     [(14%nat, [(1, [])])];
     [(3%nat, [(1, [])])];
     [(16%nat, [(1, [])])];
     [];
     [(18%nat, [(1, [])])];
     [(19%nat, [(1, [])])]])
    ([[(4%nat, [(1, [])])];
     [];
     [(5%nat, [(1, [])])];
     [];
     [(8%nat, [(1, [])])];
     [];
     [(2%nat, [(1, [])])];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [(1%nat, [(1, [])])];
     [];
     [];
     [];
     [(3%nat, [(1, [])])];
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
     [(1%nat, [(1, [])])];
     [(3%nat, [(1, [])])];
     [(5%nat, [(1, [])])];
     [(13%nat, [(1, [])])];
     [(15%nat, [(1, [])])];
     [(17%nat, [(1, [])])];
     [(20%nat, [(1, [])])];
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
     []]).
Definition layer_1 : layer :=
  FeedForward
    ([[(0%nat, [(-1, [(1%nat, 1%nat)])]); (3%nat, [(1, [])]); (13%nat, [(1, [])])];
     [(0%nat, [(-1, [(1%nat, 1%nat)])]); (3%nat, [(-1, [])]); (13%nat, [(-1, [])])];
     [(0%nat, [(1, [(1%nat, 1%nat)])]); (17%nat, [(1, [])]); (18%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(0%nat, [(-1, [(1%nat, 1%nat)])]); (17%nat, [(1, [])]); (18%nat, [(1, [])])]])
    ([[(0%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(0%nat, [(-1, [(1%nat, 1%nat)])])];
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
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [(0%nat, [(1, [])]); (1%nat, [(1, [])])];
     [(2%nat, [(1, [])]); (3%nat, [(1, [])]); (4%nat, [(-1, [])])]]).
Definition blueprint : model :=
  {| specials := 20%nat;
     low := [(-1, [(1%nat, 1%nat)])];
     high := [(1, [(1%nat, 1%nat)])];
     context := [(8, [(0%nat, 1%nat)]); (2, [(1%nat, 1%nat)]); (14, [])];
     polynomial := [[(0%nat, [(1, [])])];
     [];
     [];
     [];
     [];
     [(1%nat, [(1, [])])];
     [];
     [(0%nat, [(1, [])])];
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
     special := [[(0%nat, [(1, [])]); (1%nat, [(1, [])]); (2%nat, [(1, [])]); (3%nat, [(1, [])]); (4%nat, [(1, [])]); (5%nat, [(1, [])]); (6%nat, [(1, [])]); (7%nat, [(1, [])]); (8%nat, [(1, [])]); (9%nat, [(1, [])]); (10%nat, [(1, [])]); (11%nat, [(1, [])]); (12%nat, [(1, [])]); (13%nat, [(1, [])]); (14%nat, [(1, [])]); (15%nat, [(1, [])]); (16%nat, [(1, [])]); (17%nat, [(1, [])]); (18%nat, [(1, [])]); (19%nat, [(1, [])])];
     [(11%nat, [(1, [])]); (12%nat, [(1, [])]); (13%nat, [(1, [])]); (14%nat, [(1, [])]); (16%nat, [(1, [])]); (17%nat, [(1, [])]); (18%nat, [(1, [])])];
     [(12%nat, [(1, [])]); (13%nat, [(1, [])]); (15%nat, [(2, [])]); (16%nat, [(4, [])]); (17%nat, [(3, [])]); (18%nat, [(3, [])])];
     [(12%nat, [(1, [])]); (13%nat, [(-1, [])]); (14%nat, [(-1, [])]); (15%nat, [(-1, [])]); (16%nat, [(1, [])]); (17%nat, [(-1, [])]); (18%nat, [(1, [])]); (19%nat, [(1, [])])];
     [(6%nat, [(1, [])])];
     [];
     [(1%nat, [(1, [])]); (12%nat, [(1, [])]); (13%nat, [(1, [])]); (14%nat, [(1, [])]); (15%nat, [(1, [])]); (16%nat, [(1, [])]); (17%nat, [(1, [])]); (18%nat, [(1, [])]); (19%nat, [(1, [])])];
     [];
     [(8%nat, [(1, [])])];
     [(9%nat, [(1, [])])];
     [(5%nat, [(1, [])])];
     [(16%nat, [(1, [])])];
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
     []];
     layers := [layer_0; layer_1];
     polynomial_logits := [[(0%nat, [(1, [(3%nat, 1%nat)])])];
     [(20%nat, [(2, [])])];
     [(0%nat, [(-1, [])])]];
     special_logits := [[];
     [];
     [(11%nat, [(4, [(3%nat, 1%nat)])]); (12%nat, [(-4, [(3%nat, 1%nat)])])];
     [];
     [(12%nat, [(-3, [(3%nat, 1%nat)])]); (19%nat, [(3, [(3%nat, 1%nat)])])];
     [(6%nat, [(2, [(3%nat, 1%nat)])]); (12%nat, [(-2, [(3%nat, 1%nat)])])];
     [(9%nat, [(6, [(3%nat, 1%nat)])])];
     [];
     [(10%nat, [(5, [(3%nat, 1%nat)])])];
     [(0%nat, [(-8, [(3%nat, 1%nat)])]); (7%nat, [(8, [(3%nat, 1%nat)])]); (14%nat, [(8, [(3%nat, 1%nat)])])];
     [];
     [];
     [(7%nat, [(7, [(3%nat, 1%nat)])])];
     [(0%nat, [(-1, [])]); (7%nat, [(7, [(3%nat, 1%nat)])]); (16%nat, [(2, [])])];
     [(0%nat, [(-1, [])]); (7%nat, [(7, [(3%nat, 1%nat)])]); (15%nat, [(2, [])])];
     [(0%nat, [(-2, [])]); (7%nat, [(7, [(3%nat, 1%nat)])]); (15%nat, [(2, [])]); (16%nat, [(2, [])])];
     [(0%nat, [(-4, [])]); (7%nat, [(7, [(3%nat, 1%nat)])]); (15%nat, [(4, [])])];
     [(0%nat, [(-5, [])]); (7%nat, [(7, [(3%nat, 1%nat)])]); (15%nat, [(4, [])]); (16%nat, [(2, [])])];
     [(0%nat, [(-9, [])]); (7%nat, [(7, [(3%nat, 1%nat)])]); (15%nat, [(6, [])])];
     [(0%nat, [(-10, [])]); (7%nat, [(7, [(3%nat, 1%nat)])]); (15%nat, [(6, [])]); (16%nat, [(2, [])])]];
     answers := Some [2%nat; 3%nat; 4%nat] |}.
Definition lower_S : poly := [(8, [(0%nat, 1%nat)]); (2, [(1%nat, 1%nat)]); (15, [])].
Definition lower_M : poly := [(1, [(1%nat, 2%nat)]); (18, [])].
Definition at_size (size_n : Z) (size_s : Z) : env :=
  let sizes : env :=
    fun v => match v with
  | 0%nat => size_n
  | 1%nat => size_s
  | _ => 0 end in
  fun v => match v with
  | 0%nat => size_n
  | 1%nat => size_s
  | 2%nat => scale (peval sizes lower_S)
  | 3%nat => scale (peval sizes lower_M)
  | _ => 0 end.
From RetrievalGap Require Import Searching.
Definition searches : language :=
  {| opening := 5%nat; closing := 6%nat; failed := 7%nat;
     piece s := match s with
  | 8%nat => Some [Beginning; Dot; Asterisk]
  | 9%nat => Some [Open_; ClassOpen; Chr (Special 10); Chr (Special 11); Chr (Special 12); Chr (Special 13); Chr (Special 14); Chr (Special 15); Chr (Special 16); Chr (Special 17); Chr (Special 18); Chr (Special 19); ClassClose; Close]
  | _ => None end |}.
