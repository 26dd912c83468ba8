(* transformer/counting: 46 nonzero parameters, 3 layers.
   Written by proofs_check/rocq/_export.py.
   Variables: 0 = n, 1 = S, 2 = M.
   Special tokens: 0 = <s>, 1 = ?.
   Coordinates: 0 = one, 1 = position, 2 = position^2, 3 = token, 4 = is ?, 5 = is <s>, 6 = token^2, 7 = one back.token, 8 = one back.is ?, 9 = one back.token^2, 10 = two back.is ?, 11 = matches.is <s>, 12 = (2 t + 3) w. *)
From Coq Require Import ZArith List.
From RetrievalGap Require Import Model.
Import ListNotations.
Open Scope Z_scope.

Definition head_0 : head := (* one back *)
  {| query := [[(0%nat, [(-2, [])]); (1%nat, [(2, [])])];
     [(0%nat, [(1, [])])]];
     key := [[(1%nat, [(1, [])])];
     [(2%nat, [(-1, [])])]];
     value := [[(3%nat, [(1, [])])];
     [(4%nat, [(1, [])])];
     [(6%nat, [(1, [])])]];
     output := [[];
     [];
     [];
     [];
     [];
     [];
     [];
     [(0%nat, [(1, [])])];
     [(1%nat, [(1, [])])];
     [(2%nat, [(1, [])])];
     [];
     [];
     []];
     slope := 0 |}.
Definition head_1 : head := (* two back *)
  {| query := [[(0%nat, [(-4, [])]); (1%nat, [(2, [])])];
     [(0%nat, [(1, [])])]];
     key := [[(1%nat, [(1, [])])];
     [(2%nat, [(-1, [])])]];
     value := [[(4%nat, [(1, [])])]];
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
     [(0%nat, [(1, [])])];
     [];
     []];
     slope := 0 |}.
Definition head_2 : head := (* matches *)
  {| query := [[(7%nat, [(2, [])])];
     [(0%nat, [(1, [])])];
     [(9%nat, [(1, [])])]];
     key := [[(3%nat, [(1, [])])];
     [(6%nat, [(-1, [])]); (8%nat, [(-1, [])]); (10%nat, [(-1, [])])];
     [(5%nat, [(1, [])])]];
     value := [[(5%nat, [(1, [])])]];
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
     []];
     slope := 0 |}.
Definition layer_0 : layer :=
  Attention [head_0; head_1].
Definition layer_1 : layer :=
  Attention [head_2].
Definition layer_2 : layer :=
  FeedForward
    ([[(0%nat, [(3, [])]); (3%nat, [(2, [])])]])
    ([[(11%nat, [(1, [])])]])
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
     [(0%nat, [(1, [])])]]).
Definition blueprint : model :=
  {| specials := 2%nat;
     low := [];
     high := [(1, [(0%nat, 1%nat)])];
     context := [(1, [(0%nat, 1%nat)]); (3, [])];
     polynomial := [[(0%nat, [(1, [])])];
     [];
     [];
     [(1%nat, [(1, [])])];
     [];
     [];
     [(2%nat, [(1, [])])];
     [];
     [];
     [];
     [];
     [];
     []];
     special := [[(0%nat, [(1, [])]); (1%nat, [(1, [])])];
     [];
     [];
     [];
     [(1%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [];
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
     [];
     [];
     []];
     layers := [layer_0; layer_1; layer_2];
     polynomial_logits := [[];
     [(0%nat, [(5, [])]); (12%nat, [(-1, [])])];
     [(0%nat, [(-3, [])])]];
     special_logits := [[(0%nat, [(-1, [])])];
     [(0%nat, [(-1, [])])]];
     answers := None |}.
Definition lower_S : poly := [(1, [(0%nat, 1%nat)]); (4, [])].
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
