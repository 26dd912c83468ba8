(** The upper halves speak of tasks as StatementsRetrieval.v and StatementsMachines.v define them, the lower halves of those
    of StatementsLower.v. Here is what it means that they are the same tasks. Definitions and statements only. *)
From Coq Require Import ZArith List.
From RetrievalGap Require Import Model.
From RetrievalGap Require StatementsRetrieval StatementsMachines StatementsLower.
Import ListNotations.
Module Upper := StatementsRetrieval.
Module Lower := StatementsLower.
Local Open Scope nat_scope.

(** The same numbers, as tokens of a lower half and of an upper half; the same answers. *)
Definition word (xs : list nat) : list Lower.token := map Lower.Num xs.
Definition query (ys : list nat) : list Lower.token := Lower.Ask :: word ys.
Definition numbers (xs : list nat) : list Z := map Z.of_nat xs.
Definition said (t : Lower.token) (u : tok) : Prop :=
  match t with Lower.Num k => u = Number (Z.of_nat k) | Lower.NONE => u = Upper.none | _ => False end.

(** Whatever is asked in the lower task, after m tokens of an alphabet 1 .. k, is a question of the upper task at every size
    n that is not below k and m, and the answer is the same. So who solves the upper task solves the lower one. *)
Definition part_of (L : nat -> nat -> Lower.task) (U : Upper.task) : Prop :=
  forall k m n w q, k <= n -> m <= n -> Lower.prefix (L k m) w -> Lower.legal (L k m) w q ->
  exists xs ys, w = word xs /\ q = query ys /\ Upper.fits (Z.of_nat n) (numbers xs) /\
    Upper.legal U (Z.of_nat n) (numbers xs) (numbers ys) /\
    exists t, said (Lower.right (L k m) w q) t /\ Upper.answer U (numbers xs) (numbers ys) t.
(** At size n, what is asked after n tokens in the upper task is a question of the lower task. *)
Definition whole_of (L : nat -> nat -> Lower.task) (U : Upper.task) : Prop :=
  forall n xs ys, length xs = n -> Upper.fits (Z.of_nat n) xs -> Upper.legal U (Z.of_nat n) xs ys ->
  exists xs' ys', xs = numbers xs' /\ ys = numbers ys' /\ Lower.prefix (L n n) (word xs') /\ Lower.legal (L n n) (word xs') (query ys').
Definition same_task (L : nat -> nat -> Lower.task) (U : Upper.task) : Prop := part_of L U /\ whole_of L U.

(** Index, Counting, c-gram after any words; where the tokens are different, the task is the same on fewer words. *)
Definition statement_index_tasks : Prop := same_task Lower.index Upper.index.
Definition statement_counting_tasks : Prop := same_task Lower.counting Upper.counting.
Definition statement_c_gram_tasks : Prop := forall c, 2 <= c ->
  same_task (Lower.c_gram_of_words c) (Upper.c_gram c) /\
  forall k n w, (Lower.prefix (Lower.c_gram c k n) w <-> Lower.prefix (Lower.c_gram_of_words c k n) w /\ NoDup w) /\
    Lower.legal (Lower.c_gram c k n) = Lower.legal (Lower.c_gram_of_words c k n) /\
    Lower.right (Lower.c_gram c k n) = Lower.right (Lower.c_gram_of_words c k n).

(** IsTree: the simple graphs of both are the same, and a tree of one is a tree of the other. *)
Definition statement_istree_tasks : Prop := forall n es, 1 <= n -> Lower.edges n es -> Lower.covers n es ->
  (Lower.simple n es <-> StatementsMachines.simple es) /\
  (forall v, In v (StatementsMachines.nodes es) <-> Lower.node n v) /\
  (Lower.simple n es -> (Lower.tree n es = true <-> StatementsMachines.tree es)).
