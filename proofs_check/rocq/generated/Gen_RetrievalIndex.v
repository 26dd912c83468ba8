(* retrieval/index: 99 nonzero parameters, 3 layers.
   Written by proofs_check/rocq/_export.py.
   Variables: 0 = n, 1 = S, 2 = M.
   Special tokens: 0 = <s>, 1 = ?, 2 = <search>, 3 = </search>, 4 = FAILED, 5 = \A<s>[^?]{, 6 = }([^?]).
   Coordinates: 0 = one, 1 = is number, 2 = code, 3 = is <search>, 4 = is \A<s>[^?]{, 5 = is }([^?]), 6 = 1 back.code, 7 = 2 back.code, 8 = is ? 1 back, 9 = is \A<s>[^?]{ 1 back, 10 = is </search> 1 back, 11 = 2 back.number - 1, 12 = 0 back.number, 13 = write <search>, 14 = write </search>, 15 = write \A<s>[^?]{, 16 = write }([^?]), 17 = number to write. *)
From Coq Require Import ZArith List.
From RetrievalGap Require Import Model.
Import ListNotations.
Open Scope Z_scope.

Definition layer_0 : layer :=
  Recurrence
    ([[];
     [(0%nat, [(1, [])])];
     [(1%nat, [(1, [])])]])
    ([[(2%nat, [(1, [])])];
     [];
     []])
    ([[];
     [];
     [];
     [];
     [];
     [];
     [(1%nat, [(1, [])])];
     [(2%nat, [(1, [])])];
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
     []]).
Definition layer_1 : layer :=
  FeedForward
    ([[(0%nat, [(3, [])]); (6%nat, [(1, [])])];
     [(0%nat, [(2, [])]); (6%nat, [(1, [])])];
     [(0%nat, [(1, [])]); (6%nat, [(1, [])])];
     [(0%nat, [(7, [])]); (6%nat, [(1, [])])];
     [(0%nat, [(6, [])]); (6%nat, [(1, [])])];
     [(0%nat, [(5, [])]); (6%nat, [(1, [])])];
     [(0%nat, [(5, [])]); (6%nat, [(1, [])])];
     [(0%nat, [(4, [])]); (6%nat, [(1, [])])];
     [(0%nat, [(3, [])]); (6%nat, [(1, [])])];
     [(0%nat, [(-1, [])]); (7%nat, [(1, [])])];
     [(2%nat, [(1, [])])];
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
     [(0%nat, [(1, [])])]])
    ([[];
     [];
     [];
     [];
     [];
     [];
     [];
     [];
     [(0%nat, [(1, [])]); (1%nat, [(-2, [])]); (2%nat, [(1, [])])];
     [(3%nat, [(1, [])]); (4%nat, [(-2, [])]); (5%nat, [(1, [])])];
     [(6%nat, [(1, [])]); (7%nat, [(-2, [])]); (8%nat, [(1, [])])];
     [(9%nat, [(1, [])])];
     [(10%nat, [(1, [])])];
     [];
     [(11%nat, [(1, [])])];
     [(12%nat, [(1, [])])];
     [];
     []]).
Definition layer_2 : layer :=
  FeedForward
    ([[(0%nat, [(-1, [])]); (1%nat, [(1, [])]); (8%nat, [(1, [])])];
     [(0%nat, [(-1, [])]); (1%nat, [(1, [])]); (9%nat, [(1, [])])];
     [(4%nat, [(1, [])])];
     [(0%nat, [(-1, [])]); (1%nat, [(1, [])]); (10%nat, [(1, [])])]])
    ([[(0%nat, [(1, [])])];
     [(0%nat, [(1, [])])];
     [(11%nat, [(1, [])])];
     [(12%nat, [(1, [])])]])
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
     [(0%nat, [(1, [])])];
     [];
     [];
     [(1%nat, [(1, [])])];
     [(2%nat, [(1, [])]); (3%nat, [(1, [])])]]).
Definition blueprint : model :=
  {| specials := 7%nat;
     low := [];
     high := [(1, [(0%nat, 1%nat)])];
     context := [(1, [(0%nat, 1%nat)]); (13, [])];
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
     []];
     special := [[(0%nat, [(1, [])]); (1%nat, [(1, [])]); (2%nat, [(1, [])]); (3%nat, [(1, [])]); (4%nat, [(1, [])]); (5%nat, [(1, [])]); (6%nat, [(1, [])])];
     [];
     [(0%nat, [(-1, [])]); (1%nat, [(-2, [])]); (2%nat, [(-3, [])]); (3%nat, [(-4, [])]); (4%nat, [(-5, [])]); (5%nat, [(-6, [])]); (6%nat, [(-7, [])])];
     [(2%nat, [(1, [])])];
     [(5%nat, [(1, [])])];
     [(6%nat, [(1, [])])];
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
     []];
     layers := [layer_0; layer_1; layer_2];
     polynomial_logits := [[(0%nat, [(1, [(2%nat, 1%nat)])])];
     [(17%nat, [(2, [])])];
     [(0%nat, [(-1, [])])]];
     special_logits := [[];
     [];
     [(13%nat, [(5, [(2%nat, 1%nat)])])];
     [(14%nat, [(4, [(2%nat, 1%nat)])])];
     [];
     [(15%nat, [(3, [(2%nat, 1%nat)])])];
     [(16%nat, [(2, [(2%nat, 1%nat)])])]];
     answers := None |}.
Definition lower_S : poly := [(1, [(0%nat, 1%nat)]); (14, [])].
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
  {| opening := 2%nat; closing := 3%nat; failed := 4%nat;
     piece s := match s with
  | 5%nat => Some [Beginning; Chr (Special 0); ClassNot; Chr (Special 1); ClassClose; BraceOpen]
  | 6%nat => Some [BraceClose; Open_; ClassNot; Chr (Special 1); ClassClose; Close]
  | _ => None end |}.
