(* transformer/copying 1: 32 nonzero parameters, 2 layers.
   Written by proofs_check/rocq/_export.py.
   Variables: 0 = n, 1 = S, 2 = M.
   Special tokens: 0 = <s>, 1 = #, 2 = ..
   Coordinates: 0 = one, 1 = position, 2 = position^2, 3 = token, 4 = is #, 5 = token^2, 6 = 1 back.token, 7 = 1 back.is #, 8 = 1 back.token^2, 9 = found.is #, 10 = found.token. *)
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
     [(4%nat, [(1, [])])];
     [(5%nat, [(1, [])])]];
     output := [[];
     [];
     [];
     [];
     [];
     [];
     [(0%nat, [(1, [])])];
     [(1%nat, [(1, [])])];
     [(2%nat, [(1, [])])];
     [];
     []];
     slope := 0 |}.
Definition head_1 : head := (* found *)
  {| query := [[(3%nat, [(2, [(1%nat, 1%nat)])])];
     [(0%nat, [(1, [(1%nat, 1%nat)])])]];
     key := [[(6%nat, [(1, [])])];
     [(8%nat, [(-1, [])])]];
     value := [[(4%nat, [(1, [])])];
     [(3%nat, [(1, [])])]];
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
     [(1%nat, [(1, [])])]];
     slope := 1 |}.
Definition layer_0 : layer :=
  Attention [head_0].
Definition layer_1 : layer :=
  Attention [head_1].
Definition blueprint : model :=
  {| specials := 3%nat;
     low := [];
     high := [(1, [(0%nat, 1%nat)])];
     context := [(2, [(0%nat, 1%nat)]); (2, [])];
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
     []];
     special := [[(0%nat, [(1, [])]); (1%nat, [(1, [])]); (2%nat, [(1, [])])];
     [];
     [];
     [];
     [(1%nat, [(1, [])])];
     [];
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
     []];
     layers := [layer_0; layer_1];
     polynomial_logits := [[(0%nat, [(1, [(2%nat, 1%nat)])])];
     [(10%nat, [(2, [])])];
     [(0%nat, [(-1, [])])]];
     special_logits := [[];
     [];
     [(9%nat, [(2, [(2%nat, 1%nat)])])]];
     answers := Some [2%nat] |}.
Definition lower_S : poly := [(2, [(0%nat, 1%nat)]); (3, [])].
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
