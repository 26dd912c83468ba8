(* transformer/nearest-neighbour: 43 nonzero parameters, 2 layers.
   Written by proofs_check/rocq/_export.py.
   Variables: 0 = n, 1 = S, 2 = M.
   Special tokens: 0 = <s>, 1 = a, 2 = b, 3 = ?.
   Coordinates: 0 = one, 1 = position, 2 = position^2, 3 = token, 4 = is a or b, 5 = token^2, 6 = is a, 7 = 1 back.token, 8 = 1 back.token^2, 9 = 2 back.token, 10 = 2 back.token^2, 11 = nearest.is a. *)
From Coq Require Import ZArith List.
From RetrievalGap Require Import Model.
Import ListNotations.
Open Scope Z_scope.

Definition head_0 : head := (* 1 back *)
  {| query := [[(0%nat, [(-2, [])]); (1%nat, [(2, [])])];
     [(0%nat, [(1, [])])]];
     key := [[(1%nat, [(1, [])])];
     [(2%nat, [(-1, [])])]];
     value := [[(3%nat, [(1, [])])];
     [(5%nat, [(1, [])])]];
     output := [[];
     [];
     [];
     [];
     [];
     [];
     [];
     [(0%nat, [(1, [])])];
     [(1%nat, [(1, [])])];
     [];
     [];
     []];
     slope := 0 |}.
Definition head_1 : head := (* 2 back *)
  {| query := [[(0%nat, [(-4, [])]); (1%nat, [(2, [])])];
     [(0%nat, [(1, [])])]];
     key := [[(1%nat, [(1, [])])];
     [(2%nat, [(-1, [])])]];
     value := [[(3%nat, [(1, [])])];
     [(5%nat, [(1, [])])]];
     output := [[];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [(0%nat, [(1, [])])];
     [(1%nat, [(1, [])])];
     []];
     slope := 0 |}.
Definition head_2 : head := (* nearest *)
  {| query := [[(7%nat, [(2, [(1%nat, 1%nat)])])];
     [(3%nat, [(2, [(1%nat, 1%nat)])])];
     [(0%nat, [(1, [(1%nat, 1%nat)])])]];
     key := [[(9%nat, [(1, [])])];
     [(7%nat, [(1, [])])];
     [(0%nat, [(-2, [(0%nat, 2%nat)])]); (4%nat, [(2, [(0%nat, 2%nat)])]); (8%nat, [(-1, [])]); (10%nat, [(-1, [])])]];
     value := [[(6%nat, [(1, [])])]];
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
     [(0%nat, [(1, [])])]];
     slope := 1 |}.
Definition layer_0 : layer :=
  Attention [head_0; head_1].
Definition layer_1 : layer :=
  Attention [head_2].
Definition blueprint : model :=
  {| specials := 4%nat;
     low := [];
     high := [(1, [(0%nat, 1%nat)])];
     context := [(3, [(0%nat, 1%nat)]); (3, [])];
     polynomial := [[(0%nat, [(1, [])])];
     [];
     [];
     [(1%nat, [(1, [])])];
     [];
     [(2%nat, [(1, [])])];
     [];
     [];
     [];
     [];
     [];
     []];
     special := [[(0%nat, [(1, [])]); (1%nat, [(1, [])]); (2%nat, [(1, [])]); (3%nat, [(1, [])])];
     [];
     [];
     [];
     [(1%nat, [(1, [])]); (2%nat, [(1, [])])];
     [];
     [(1%nat, [(1, [])])];
     [];
     [];
     [];
     [];
     []];
     position := [[];
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
     []];
     layers := [layer_0; layer_1];
     polynomial_logits := [[];
     [];
     []];
     special_logits := [[];
     [(11%nat, [(2, [(2%nat, 1%nat)])])];
     [(0%nat, [(1, [(2%nat, 1%nat)])])];
     []];
     answers := None |}.
Definition lower_S : poly := [(3, [(0%nat, 1%nat)]); (4, [])].
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
