(* hybrid/turing: 129 nonzero parameters, 3 layers.
   Written by proofs_check/rocq/_export.py.
   Variables: 0 = n, 1 = s, 2 = S, 3 = M.
   Special tokens: 0 = <s>, 1 = ?, 2 = HALT, 3 = UNDEFINED, 4 = SPACE, 5 = [0], 6 = [1], 7 = A[0], 8 = A[1], 9 = B[0], 10 = B[1], 11 = C[0], 12 = C[1], 13 = D[0], 14 = D[1].
   Coordinates: 0 = one, 1 = leaves, 2 = leads to, 3 = moves, 4 = token, 5 = is [0] or [1] or A[0] or A[1] or B[0] or B[1] or C[0] or C[1] or D[0] or D[1], 6 = is <s>, 7 = token^2, 8 = is C[0], 9 = is number, 10 = 1 back.leads to, 11 = 1 back.token, 12 = (1 back.token)^2, 13 = cell.leaves, 14 = leaves the cells, 15 = next position. *)
From Coq Require Import ZArith List.
From RetrievalGap Require Import Model.
Import ListNotations.
Open Scope Z_scope.

Definition head_0 : head := (* cell *)
  {| query := [[(4%nat, [(4, [(2%nat, 1%nat)])])];
     [(0%nat, [(2, [(2%nat, 1%nat)])])];
     [(0%nat, [(-1, [(2%nat, 1%nat)])]); (7%nat, [(2, [(2%nat, 1%nat)])])]];
     key := [[(11%nat, [(1, [])])];
     [(0%nat, [(-1, [])]); (5%nat, [(1, [])]); (6%nat, [(1, [])]); (12%nat, [(-1, [])])];
     [(6%nat, [(1, [])])]];
     value := [[(1%nat, [(1, [])])]];
     output := [[];
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
     []];
     slope := 1 |}.
Definition layer_0 : layer :=
  Recurrence
    ([[];
     [(0%nat, [(1, [])])];
     [];
     [(2%nat, [(1, [])])]])
    ([[(2%nat, [(1, [])])];
     [];
     [(4%nat, [(1, [])])];
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
     [(1%nat, [(1, [])])];
     [(3%nat, [(1, [])])];
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
     []]).
Definition layer_1 : layer :=
  FeedForward
    ([[(11%nat, [(1, [])])];
     [(11%nat, [(-1, [])])];
     [(0%nat, [(-1, [(1%nat, 1%nat)])]); (3%nat, [(1, [])]); (11%nat, [(1, [])])];
     [(0%nat, [(-1, [(1%nat, 1%nat)])]); (3%nat, [(-1, [])]); (11%nat, [(-1, [])])];
     [(0%nat, [(1, [(1%nat, 1%nat)])]); (3%nat, [(1, [])]); (11%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(0%nat, [(-1, [(1%nat, 1%nat)])]); (3%nat, [(1, [])]); (11%nat, [(1, [])])]])
    ([[(11%nat, [(1, [])])];
     [(11%nat, [(-1, [])])];
     [(0%nat, [(1, [])])];
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
     [(0%nat, [(1, [])]); (1%nat, [(1, [])])];
     [];
     [(2%nat, [(1, [])]); (3%nat, [(1, [])])];
     [(4%nat, [(1, [])]); (5%nat, [(1, [])]); (6%nat, [(-1, [])])]]).
Definition layer_2 : layer :=
  Attention [head_0].
Definition blueprint : model :=
  {| specials := 15%nat;
     low := [(-1, [(1%nat, 1%nat)])];
     high := [(1, [(1%nat, 1%nat)])];
     context := [(2, [(0%nat, 1%nat)]); (2, [(1%nat, 1%nat)]); (6, [])];
     polynomial := [[(0%nat, [(1, [])])];
     [];
     [];
     [];
     [(1%nat, [(1, [])])];
     [];
     [];
     [(2%nat, [(1, [])])];
     [];
     [(0%nat, [(1, [])])];
     [];
     [];
     [];
     [];
     [];
     []];
     special := [[(0%nat, [(1, [])]); (1%nat, [(1, [])]); (2%nat, [(1, [])]); (3%nat, [(1, [])]); (4%nat, [(1, [])]); (5%nat, [(1, [])]); (6%nat, [(1, [])]); (7%nat, [(1, [])]); (8%nat, [(1, [])]); (9%nat, [(1, [])]); (10%nat, [(1, [])]); (11%nat, [(1, [])]); (12%nat, [(1, [])]); (13%nat, [(1, [])]); (14%nat, [(1, [])])];
     [(6%nat, [(1, [])]); (7%nat, [(1, [])]); (8%nat, [(1, [])]); (9%nat, [(1, [])]); (11%nat, [(1, [])]); (12%nat, [(1, [])]); (13%nat, [(1, [])])];
     [(7%nat, [(1, [])]); (8%nat, [(1, [])]); (10%nat, [(2, [])]); (11%nat, [(4, [])]); (12%nat, [(3, [])]); (13%nat, [(3, [])])];
     [(7%nat, [(1, [])]); (8%nat, [(-1, [])]); (9%nat, [(-1, [])]); (10%nat, [(-1, [])]); (11%nat, [(1, [])]); (12%nat, [(-1, [])]); (13%nat, [(1, [])]); (14%nat, [(1, [])])];
     [];
     [(5%nat, [(1, [])]); (6%nat, [(1, [])]); (7%nat, [(1, [])]); (8%nat, [(1, [])]); (9%nat, [(1, [])]); (10%nat, [(1, [])]); (11%nat, [(1, [])]); (12%nat, [(1, [])]); (13%nat, [(1, [])]); (14%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [];
     [(11%nat, [(1, [])])];
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
     []];
     layers := [layer_0; layer_1; layer_2];
     polynomial_logits := [[(0%nat, [(1, [(3%nat, 1%nat)])])];
     [(15%nat, [(2, [])])];
     [(0%nat, [(-1, [])])]];
     special_logits := [[];
     [];
     [(8%nat, [(4, [(3%nat, 1%nat)])])];
     [];
     [(14%nat, [(3, [(3%nat, 1%nat)])])];
     [];
     [];
     [(9%nat, [(2, [(3%nat, 1%nat)])])];
     [(0%nat, [(-1, [])]); (9%nat, [(2, [(3%nat, 1%nat)])]); (13%nat, [(2, [])])];
     [(0%nat, [(-1, [])]); (9%nat, [(2, [(3%nat, 1%nat)])]); (10%nat, [(2, [])])];
     [(0%nat, [(-2, [])]); (9%nat, [(2, [(3%nat, 1%nat)])]); (10%nat, [(2, [])]); (13%nat, [(2, [])])];
     [(0%nat, [(-4, [])]); (9%nat, [(2, [(3%nat, 1%nat)])]); (10%nat, [(4, [])])];
     [(0%nat, [(-5, [])]); (9%nat, [(2, [(3%nat, 1%nat)])]); (10%nat, [(4, [])]); (13%nat, [(2, [])])];
     [(0%nat, [(-9, [])]); (9%nat, [(2, [(3%nat, 1%nat)])]); (10%nat, [(6, [])])];
     [(0%nat, [(-10, [])]); (9%nat, [(2, [(3%nat, 1%nat)])]); (10%nat, [(6, [])]); (13%nat, [(2, [])])]];
     answers := Some [2%nat; 3%nat; 4%nat] |}.
Definition lower_S : poly := [(2, [(0%nat, 1%nat)]); (2, [(1%nat, 1%nat)]); (7, [])].
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
