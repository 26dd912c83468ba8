(** The upper halves speak of tasks as StatementsRetrieval.v and StatementsMachines.v define them, the lower halves of those
    of StatementsLower.v. Here is what it means that they are the same tasks. Definitions and statements only. *)
From Coq Require Import ZArith List.
From RetrievalGap Require Import Model.
From RetrievalGap Require StatementsRetrieval StatementsMachines StatementsLower StatementsNearby StatementsNearbyLower.
Import ListNotations.
Module Upper := StatementsRetrieval.
Module Lower := StatementsLower.
Module NearUpper := StatementsNearby.
Module NearLower := StatementsNearbyLower.
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

(** Copying: the words of m letters of k fit at every size that is not below k and m, and the same word is wanted. At size n the
    words of n letters are those of the lower half; the upper half is about those of them that are [told_apart]. *)
Definition all_said (ts : list Lower.token) (us : list tok) : Prop := Forall2 said ts us.
Definition statement_copying_tasks : Prop :=
  (forall k m n w q, k <= n -> m <= n -> NearLower.given (NearLower.copying k m) w -> NearLower.asked (NearLower.copying k m) w q ->
    exists xs, w = word xs /\ q = query [] /\ Upper.fits (Z.of_nat n) (numbers xs) /\
    all_said (NearLower.wanted (NearLower.copying k m) w q) (map Number (numbers xs))) /\
  (forall n xs, length xs = n -> Upper.fits (Z.of_nat n) xs -> exists xs', xs = numbers xs' /\
    NearLower.given (NearLower.copying n n) (word xs') /\ NearLower.asked (NearLower.copying n n) (word xs') (query [])).

(** Two words: the letter 2 of a lower half is b (true), 1 is a (false); the questions are the same, and so are the answers. *)
Definition spelled (u : list bool) : list Lower.token := map (fun b : bool => Lower.Num (if b then 2 else 1)) u.
Definition same_decision (L : nat -> Lower.task) (f : list bool -> list bool -> bool) : Prop := forall n,
  (forall w q, Lower.prefix (L n) w /\ Lower.legal (L n) w q <->
    exists u v, length u = n /\ length v = n /\ w = spelled u /\ q = Lower.Ask :: spelled v) /\
  (forall u v, length u = n -> length v = n ->
    Lower.right (L n) (spelled u) (Lower.Ask :: spelled v) = if f u v then Lower.YES else Lower.NO).
Definition statement_equality_tasks : Prop := same_decision (NearLower.equality 2) NearUpper.same.
Definition statement_disjointness_tasks : Prop := same_decision NearLower.disjointness NearUpper.disjoint.

(** Several look-ups: with three of them, whatever is asked in the lower task about n pairs is a question of the upper half at
    every size that is not below 2 n and n + 2, with the same answers. (The upper half has more questions.) *)
Definition statement_mqar_tasks : Prop := forall n size w q, 2 * n <= size -> n + 2 <= size ->
  NearLower.given (NearLower.mqar 3 n) w -> NearLower.asked (NearLower.mqar 3 n) w q ->
  exists xs a b c, w = word xs /\ q = query [a; b; c] /\ Upper.fits (Z.of_nat size) (numbers xs) /\
    Forall (fun x => (1 <= x <= Z.of_nat size)%Z) (numbers [a; b; c]) /\
    exists t1 t2 t3, all_said (NearLower.wanted (NearLower.mqar 3 n) w q) [t1; t2; t3] /\
      Upper.answer Upper.associative_recall (numbers xs) (numbers [a]) t1 /\
      Upper.answer Upper.associative_recall (numbers xs) (numbers [b]) t2 /\
      Upper.answer Upper.associative_recall (numbers xs) (numbers [c]) t3.

(** Nearest neighbour: YES of a lower half is the label a. At size n both halves ask the same about n points, and the answer is
    the label of the last nearest one. *)
Definition located (p : NearLower.point) : NearUpper.point :=
  let '(x, y, l) := p in (Z.of_nat x, Z.of_nat y, if Lower.token_eq_dec l Lower.YES then true else false).
Definition grid_question (n : nat) (ps : list NearUpper.point) (x y : Z) : Prop := length ps = n /\
  Forall (fun p => NearUpper.in_grid (Z.of_nat n) (fst (fst p)) (snd (fst p))) ps /\ NearUpper.in_grid (Z.of_nat n) x y.
Definition statement_nearest_tasks : Prop := forall n,
  (forall w q, Lower.prefix (NearLower.nearest n) w -> Lower.legal (NearLower.nearest n) w q ->
    exists ps x y, w = NearLower.points_text ps /\ q = [Lower.Ask; Lower.Num x; Lower.Num y] /\
    grid_question n (map located ps) (Z.of_nat x) (Z.of_nat y) /\
    forall p, NearUpper.last_nearest (map located ps) (Z.of_nat x) (Z.of_nat y) p ->
      Lower.right (NearLower.nearest n) w q = if snd p then Lower.YES else Lower.NO) /\
  (forall ps x y, grid_question n ps x y -> exists ps' x' y', ps = map located ps' /\ x = Z.of_nat x' /\ y = Z.of_nat y' /\
    Lower.prefix (NearLower.nearest n) (NearLower.points_text ps') /\
    Lower.legal (NearLower.nearest n) (NearLower.points_text ps') [Lower.Ask; Lower.Num x'; Lower.Num y']).
