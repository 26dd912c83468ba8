(** The upper halves of the neighbours: the tasks, and what is proved of the constructions that solve them. Definitions and
    statements only. What a model reads and which sequences fit it are those of StatementsRetrieval.v. *)
From Coq Require Import ZArith List.
From RetrievalGap Require Import Model StatementsRetrieval.
From RetrievalGap.Generated Require Gen_Copying1 Gen_Copying2 Gen_Copying Gen_Equality Gen_Disjointness Gen_HybridMqar Gen_NearestNeighbour.
Import ListNotations.
Open Scope Z_scope.

(** ** Copying: "<s> word #" *)

Definition stop := Special 2.                           (* . *)

(** The c letters before a place of the word, the nearest first; None before the first letter. *)
Definition gram (c : nat) (xs : list Z) (place : nat) : list (option Z) :=
  map (fun d => if Nat.ltb d place then nth_error xs (place - 1 - d) else None) (seq 0 c).
(** No gram repeats, that behind the last letter included: each tells what comes next. *)
Definition told_apart (c : nat) (xs : list Z) : Prop :=
  forall i j, (i <= length xs)%nat -> (j <= length xs)%nat -> gram c xs i = gram c xs j -> i = j.

(** The model, with its weights for size n, writes the word once more, and a full stop. *)
Definition copies (M : model) (at_size : Z -> env) (c : nat) : Prop :=
  forall n xs, 1 <= n -> fits n xs -> told_apart c xs ->
  decode QcN (at_size n) M (prompt xs []) = (map Number xs ++ [stop], true).
Definition statement_copying : Prop :=
  copies Gen_Copying1.blueprint Gen_Copying1.at_size 1 /\ copies Gen_Copying2.blueprint Gen_Copying2.at_size 2 /\
  copies Gen_Copying.blueprint Gen_Copying.at_size 3.

(** ** Two words: "<s> word # word" over a and b *)

Definition letter (b : bool) : tok := Special (if b then 2 else 1).            (* b, a *)
Definition two_words (u v : list bool) : list tok := Special 0 :: map letter u ++ Special 3 :: map letter v.
(** Whatever the two words of one length are, the model writes yes (4) or no (5), as f says. *)
Definition compares (M : model) (at_size : Z -> env) (f : list bool -> list bool -> bool) : Prop :=
  forall n u v, length v = length u -> 2 * Z.of_nat (length u) + 1 <= n ->
  decode QcN (at_size n) M (two_words u v) = ([Special (if f u v then 4 else 5)], true).
Definition same (u v : list bool) : bool := if list_eq_dec Bool.bool_dec u v then true else false.
Definition disjoint (u v : list bool) : bool := forallb (fun xy => negb (fst xy && snd xy)) (combine u v).
Definition statement_equality : Prop := compares Gen_Equality.blueprint Gen_Equality.at_size same.
Definition statement_disjointness : Prop := compares Gen_Disjointness.blueprint Gen_Disjointness.at_size disjoint.

(** ** Several look-ups: "<s> sequence ? q q q" *)

(** The model writes the answers to three questions of associative recall, one after the other, and a full stop (3). *)
Definition answers_three (M : model) (at_size : Z -> env) : Prop :=
  forall n xs q1 q2 q3, fits n xs -> Forall (fun q => 1 <= q <= n) [q1; q2; q3] ->
  exists t1 t2 t3, answer associative_recall xs [q1] t1 /\ answer associative_recall xs [q2] t2 /\ answer associative_recall xs [q3] t3 /\
    decode QcN (at_size n) M (prompt xs [q1; q2; q3]) = ([t1; t2; t3; Special 3], true).
Definition statement_mqar : Prop := answers_three Gen_HybridMqar.blueprint Gen_HybridMqar.at_size.

(** ** Nearest neighbour: "<s> x y label ... ? x y", the labels a (1) and b (2) *)

Definition point := (Z * Z * bool)%type.                 (* true for a *)
Definition labelled (p : point) : list tok := let '(x, y, a) := p in [Number x; Number y; Special (if a then 1 else 2)].
Definition nearest_prompt (ps : list point) (x y : Z) : list tok := Special 0 :: flat_map labelled ps ++ [Special 3; Number x; Number y].
Definition distance (x y : Z) (p : point) : Z := let '(x', y', _) := p in (x - x') * (x - x') + (y - y') * (y - y').   (* squared *)
Definition in_grid (n x y : Z) : Prop := 1 <= x <= n /\ 1 <= y <= n.
(** Of these points p is the last that no other is nearer to (x, y) than. *)
Definition last_nearest (ps : list point) (x y : Z) (p : point) : Prop := exists before after, ps = before ++ p :: after /\
  Forall (fun p' => distance x y p <= distance x y p') before /\ Forall (fun p' => distance x y p < distance x y p') after.
(** For all points of the grid of n by n, at most n and at least one, and any query of the grid, the model writes the label of
    the last nearest point. *)
Definition finds_nearest (M : model) (at_size : Z -> env) : Prop :=
  forall n ps x y, ps <> [] -> Z.of_nat (length ps) <= n -> Forall (fun p => in_grid n (fst (fst p)) (snd (fst p))) ps -> in_grid n x y ->
  exists p, last_nearest ps x y p /\ decode QcN (at_size n) M (nearest_prompt ps x y) = ([Special (if snd p then 1 else 2)], true).
Definition statement_nearest : Prop := finds_nearest Gen_NearestNeighbour.blueprint Gen_NearestNeighbour.at_size.
