(* transformer/disjointness: 49 nonzero parameters, 5 layers.
   Written by proofs_check/rocq/_export.py.
   Variables: 0 = n, 1 = S, 2 = M.
   Special tokens: 0 = <s>, 1 = a, 2 = b, 3 = #, 4 = yes, 5 = no.
   Coordinates: 0 = one, 1 = is #, 2 = is <s>, 3 = position, 4 = position^2, 5 = is b, 6 = mark.position, 7 = mark.is <s>, 8 = same place.is b, 9 = (is b and same place.is b), 10 = fails, 11 = a place that fails.is <s>. *)
From Coq Require Import ZArith List.
From RetrievalGap Require Import Model.
Import ListNotations.
Open Scope Z_scope.

Definition head_0 : head := (* mark *)
  {| query := [[(0%nat, [(4, [(1%nat, 1%nat)])])];
     [(0%nat, [(2, [(1%nat, 1%nat)])])];
     [(0%nat, [(1, [(1%nat, 1%nat)])])]];
     key := [[(1%nat, [(1, [])])];
     [(1%nat, [(-1, [])])];
     [(2%nat, [(1, [])])]];
     value := [[(3%nat, [(1, [])])];
     [(2%nat, [(1, [])])]];
     output := [[];
     [];
     [];
     [];
     [];
     [];
     [(0%nat, [(1, [])])];
     [(1%nat, [(1, [])])];
     [];
     [];
     [];
     []];
     slope := 1 |}.
Definition head_1 : head := (* same place *)
  {| query := [[(3%nat, [(2, [])]); (6%nat, [(-2, [])])];
     [(0%nat, [(1, [])])]];
     key := [[(3%nat, [(1, [])])];
     [(4%nat, [(-1, [])])]];
     value := [[(5%nat, [(1, [])])]];
     output := [[];
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
     []];
     slope := 0 |}.
Definition head_2 : head := (* a place that fails *)
  {| query := [[(0%nat, [(4, [(1%nat, 1%nat)])])];
     [(0%nat, [(2, [(1%nat, 1%nat)])])];
     [(0%nat, [(1, [(1%nat, 1%nat)])])]];
     key := [[(10%nat, [(1, [])])];
     [(10%nat, [(-1, [])])];
     [(2%nat, [(1, [])])]];
     value := [[(2%nat, [(1, [])])]];
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
  Attention [head_0].
Definition layer_1 : layer :=
  Attention [head_1].
Definition layer_2 : layer :=
  FeedForward
    ([[(0%nat, [(-1, [])]); (5%nat, [(1, [])]); (8%nat, [(1, [])])]])
    ([[(0%nat, [(1, [])])]])
    ([[];
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
     []]).
Definition layer_3 : layer :=
  FeedForward
    ([[(1%nat, [(-1, [])]); (7%nat, [(-1, [])]); (9%nat, [(1, [])])]])
    ([[(0%nat, [(1, [])])]])
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
     [(0%nat, [(1, [])])];
     []]).
Definition layer_4 : layer :=
  Attention [head_2].
Definition blueprint : model :=
  {| specials := 6%nat;
     low := [];
     high := [];
     context := [(1, [(0%nat, 1%nat)])];
     polynomial := [[(0%nat, [(1, [])])];
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
     special := [[(0%nat, [(1, [])]); (1%nat, [(1, [])]); (2%nat, [(1, [])]); (3%nat, [(1, [])]); (4%nat, [(1, [])]); (5%nat, [(1, [])])];
     [(3%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [];
     [];
     [(2%nat, [(1, [])])];
     [];
     [];
     [];
     [];
     [];
     []];
     position := [[];
     [];
     [];
     [(0%nat, [(1, [])])];
     [(1%nat, [(1, [])])];
     [];
     [];
     [];
     [];
     [];
     [];
     []];
     layers := [layer_0; layer_1; layer_2; layer_3; layer_4];
     polynomial_logits := [[];
     [];
     []];
     special_logits := [[];
     [];
     [];
     [];
     [(11%nat, [(2, [(2%nat, 1%nat)])])];
     [(0%nat, [(1, [(2%nat, 1%nat)])])]];
     answers := None |}.
Definition lower_S : poly := [(1, [(0%nat, 1%nat)]); (1, [])].
Definition lower_M : poly := [(1, [])].
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
