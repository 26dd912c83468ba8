(* hybrid/mqar: 60 nonzero parameters, 3 layers.
   Written by proofs_check/rocq/_export.py.
   Variables: 0 = n, 1 = S, 2 = M.
   Special tokens: 0 = <s>, 1 = ?, 2 = NONE, 3 = ..
   Coordinates: 0 = one, 1 = is ?, 2 = token, 3 = is <s>, 4 = #is ?, 5 = 1 back.token, 6 = 2 back.token, 7 = 6 back.is ?, 8 = the mark was read, 9 = (1 back.token)^2, 10 = (2 back.token)^2, 11 = found.is <s>, 12 = found.token. *)
From Coq Require Import ZArith List.
From RetrievalGap Require Import Model.
Import ListNotations.
Open Scope Z_scope.

Definition head_0 : head := (* found *)
  {| query := [[(6%nat, [(4, [(1%nat, 1%nat)])])];
     [(0%nat, [(2, [(1%nat, 1%nat)])])];
     [(0%nat, [(-1, [(1%nat, 1%nat)])]); (10%nat, [(2, [(1%nat, 1%nat)])])]];
     key := [[(5%nat, [(1, [])])];
     [(8%nat, [(-1, [])]); (9%nat, [(-1, [])])];
     [(3%nat, [(1, [])])]];
     value := [[(3%nat, [(1, [])])];
     [(2%nat, [(1, [])])]];
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
     [(0%nat, [(1, [])])];
     [(1%nat, [(1, [])])]];
     slope := 1 |}.
Definition layer_0 : layer :=
  Recurrence
    ([[(0%nat, [(1, [])])];
     [];
     [(1%nat, [(1, [])])];
     [(2%nat, [(1, [])])];
     [];
     [(4%nat, [(1, [])])];
     [(5%nat, [(1, [])])];
     [(6%nat, [(1, [])])];
     [(7%nat, [(1, [])])];
     [(8%nat, [(1, [])])];
     [(9%nat, [(1, [])])]])
    ([[(1%nat, [(1, [])])];
     [(2%nat, [(1, [])])];
     [];
     [];
     [(1%nat, [(1, [])])];
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
     [(0%nat, [(1, [])])];
     [(2%nat, [(1, [])])];
     [(3%nat, [(1, [])])];
     [(10%nat, [(1, [])])];
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
     []]).
Definition layer_1 : layer :=
  FeedForward
    ([[(4%nat, [(1, [])])];
     [(0%nat, [(-1, [])]); (4%nat, [(1, [])])];
     [(5%nat, [(1, [])])];
     [(5%nat, [(-1, [])])];
     [(6%nat, [(1, [])])];
     [(6%nat, [(-1, [])])]])
    ([[(0%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(5%nat, [(1, [])])];
     [(5%nat, [(-1, [])])];
     [(6%nat, [(1, [])])];
     [(6%nat, [(-1, [])])]])
    ([[];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [(0%nat, [(1, [])]); (1%nat, [(-1, [])])];
     [(2%nat, [(1, [])]); (3%nat, [(1, [])])];
     [(4%nat, [(1, [])]); (5%nat, [(1, [])])];
     [];
     []]).
Definition layer_2 : layer :=
  Attention [head_0].
Definition blueprint : model :=
  {| specials := 4%nat;
     low := [];
     high := [(1, [(0%nat, 1%nat)])];
     context := [(1, [(0%nat, 1%nat)]); (8, [])];
     polynomial := [[(0%nat, [(1, [])])];
     [];
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
     []];
     special := [[(0%nat, [(1, [])]); (1%nat, [(1, [])]); (2%nat, [(1, [])]); (3%nat, [(1, [])])];
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
     []];
     layers := [layer_0; layer_1; layer_2];
     polynomial_logits := [[(0%nat, [(1, [(2%nat, 1%nat)])])];
     [(12%nat, [(2, [])])];
     [(0%nat, [(-1, [])])]];
     special_logits := [[];
     [];
     [(11%nat, [(2, [(2%nat, 1%nat)])])];
     [(7%nat, [(3, [(2%nat, 1%nat)])])]];
     answers := Some [3%nat] |}.
Definition lower_S : poly := [(1, [(0%nat, 1%nat)]); (9, [])].
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
