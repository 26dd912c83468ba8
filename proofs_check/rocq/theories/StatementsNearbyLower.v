(** Every definition and every statement that a reader must believe about the lower halves of the neighbours: copying,
    equality, disjointness, nearest neighbour, and several look-ups (MQAR). Machines, their states and o(n) are those of
    StatementsLower.v. The proofs end in [Theorem x : statement_x.] *)
From Coq Require Import List Arith Bool.
From RetrievalGap Require Import StatementsLower.
Import ListNotations.

(** ** Machines that write more than one token *)

(** What the machine writes, up to the first token that ends it, and with it; None if it has not ended after [fuel] tokens. *)
Fixpoint transcript (m : machine) (fuel position : nat) (s : state m) (before : token) : option (list token) :=
  match fuel with
  | O => None
  | S fuel' => let t := write m position s before in
               if ends m t then Some [t]
               else match transcript m fuel' (S position) (step m position s t) t with Some r => Some (t :: r) | None => None end
  end.

(** After the prefix w and the query q the machine writes whatever it likes, then exactly the word v, and then it ends. *)
Definition produces (m : machine) (w q v : list token) : Prop :=
  exists fuel thought t,
    transcript m fuel (length w + length q) (read m (length w) (after m w) q) (last q Ask) = Some (thought ++ v ++ [t]).

(** Tasks whose answers are words: which prefixes there are, which queries are legal after which, and the right answer. *)
Record writing : Type := {
  given : list token -> Prop;
  asked : list token -> list token -> Prop;
  wanted : list token -> list token -> list token
}.
Definition writing_solves (m : machine) (W : writing) : Prop :=
  forall w q, given W w -> asked W w q -> produces m w q (wanted W w q).

(** As for tasks with one answer: after the prefixes the machine is in one of at most b states, and so on. *)
Definition writing_states_at_most (m : machine) (W : writing) (b : nat) : Prop :=
  exists l : list (state m), length l <= b /\ forall w, given W w -> In (after m w) l.
Definition writing_needs (W : writing) (b : nat) : Prop := forall m c, writing_solves m W -> writing_states_at_most m W c -> b <= c.
Definition writing_enough (W : writing) (b : nat) : Prop := exists m, writing_solves m W /\ writing_states_at_most m W b.
Definition writing_least (W : writing) (b : nat) : Prop := writing_needs W b /\ writing_enough W b.
Definition writing_fails_below (g : nat -> nat) (W : nat -> writing) : Prop :=
  forall (m : nat -> machine) (b : nat -> nat), little_o g b ->
  (forall n, writing_states_at_most (m n) (W n) (2 ^ b n)) ->
  exists N, forall n, N <= n -> ~ writing_solves (m n) (W n).

(** ** Copying *)

(** After a word of n letters of k comes the mark, and the word is to be written. *)
Definition is_word (k n : nat) (w : list token) : Prop := length w = n /\ over k w.
Definition copying (k n : nat) : writing := {|
  given := is_word k n;
  asked w q := q = [Ask];
  wanted w q := w
|}.
Definition copies (m : machine) (w : list token) : Prop := produces m w [Ask] w.

Definition statement_copying_states : Prop := forall k n, writing_least (copying k n) (k ^ n).
Definition statement_copying_fails : Prop := forall k, 2 <= k -> writing_fails_below linear (copying k).
(** With S states it copies at most S of the k^n words, *)
Definition statement_copying_share : Prop := forall k n m S copied, writing_states_at_most m (copying k n) S ->
  NoDup copied -> (forall w, In w copied -> is_word k n w /\ copies m w) -> length copied <= S.
(** and some machine copies as many. *)
Definition statement_copying_share_attained : Prop := forall k n S, 1 <= S <= k ^ n ->
  exists m copied, writing_states_at_most m (copying k n) S /\
    NoDup copied /\ (forall w, In w copied -> is_word k n w /\ copies m w) /\ length copied = S.

(** ** Two words *)

(** After n letters of k comes the mark, and n more letters: are the two words the same? *)
Definition second (k n : nat) (q : list token) : Prop := exists v, is_word k n v /\ q = Ask :: v.
Definition equality (k n : nat) : task := {|
  prefix := is_word k n;
  legal w q := second k n q;
  right w q := if list_eq_dec token_eq_dec (Ask :: w) q then YES else NO
|}.
(** The letters 1 and 2 say what is not in a set and what is: is there no place where both words have 2? *)
Definition both (p : token * token) : bool := match p with (Num 2, Num 2) => true | _ => false end.
Definition disjointness (n : nat) : task := {|
  prefix := is_word 2 n;
  legal w q := second 2 n q;
  right w q := if existsb both (combine w (tl q)) then NO else YES
|}.

Definition statement_equality_states : Prop := forall k n, least (equality k n) (k ^ n).
Definition statement_equality_fails : Prop := forall k, 2 <= k -> fail_below linear (equality k).
Definition statement_disjointness_states : Prop := forall n, least (disjointness n) (2 ^ n).
Definition statement_disjointness_fails : Prop := fail_below linear disjointness.

(** ** Nearest neighbour *)

(** Points with labels; the labels are YES and NO. *)
Notation point := (nat * nat * token)%type.
Definition is_label (l : token) : Prop := l = YES \/ l = NO.
Fixpoint points_text (ps : list point) : list token :=
  match ps with [] => [] | (x, y, l) :: ps' => Num x :: Num y :: l :: points_text ps' end.
Fixpoint points_of (w : list token) : list point :=
  match w with Num x :: Num y :: l :: w' => (x, y, l) :: points_of w' | _ => [] end.
Definition gap (x y : nat) : nat := (x - y) + (y - x).
Definition distance (x y x' y' : nat) : nat := gap x x' * gap x x' + gap y y' * gap y y'.  (* squared *)

(** The least distance to a point, and the label of the last point that has it. *)
Fixpoint nearest_to (x y : nat) (ps : list point) : option (nat * token) :=
  match ps with
  | [] => None
  | (x', y', l) :: ps' =>
    let d := distance x y x' y' in
    match nearest_to x y ps' with Some (d', l') => if d' <=? d then Some (d', l') else Some (d, l) | None => Some (d, l) end
  end.

(** n points of the grid of n by n, then a point of the grid: which label has the nearest? *)
Definition nearest_of (allowed : list point -> Prop) (n : nat) : task := {|
  prefix w := exists ps, allowed ps /\ w = points_text ps;
  legal w q := exists x y, 1 <= x <= n /\ 1 <= y <= n /\ q = [Ask; Num x; Num y];
  right w q := match q with
               | [_; Num x; Num y] => match nearest_to x y (points_of w) with Some (_, l) => l | None => NONE end
               | _ => NONE
               end
|}.
Definition on_grid (n : nat) (ps : list point) : Prop :=
  length ps = n /\ Forall (fun p => 1 <= fst (fst p) <= n /\ 1 <= snd (fst p) <= n /\ is_label (snd p)) ps.
Definition nearest (n : nat) : task := nearest_of (on_grid n) n.
(** The points (1, 1), (2, 1), ..., (n, 1), with any labels. *)
Fixpoint in_row (from : nat) (ls : list token) : list point :=
  match ls with [] => [] | l :: ls' => (from, 1, l) :: in_row (S from) ls' end.
Definition nearest_in_row (n : nat) : task :=
  nearest_of (fun ps => exists ls, length ls = n /\ Forall is_label ls /\ ps = in_row 1 ls) n.

Definition statement_nearest_in_row_states : Prop := forall n, least (nearest_in_row n) (2 ^ n).
Definition statement_nearest_states : Prop := forall n, needs (nearest n) (2 ^ n).
Definition statement_nearest_fails : Prop := fail_below linear nearest.

(** ** Several look-ups *)

(** The keys 1 .. n in order, each followed by one of the values n + 1 and n + 2; then the mark and r numbers. For each of
    them what followed its latest occurrence is to be written, NONE if nothing did. *)
Fixpoint pairs (key : nat) (values : list nat) : list token :=
  match values with [] => [] | v :: values' => Num key :: Num v :: pairs (S key) values' end.
Definition mqar (r n : nat) : writing := {|
  given w := exists values, length values = n /\ Forall (fun v => v = n + 1 \/ v = n + 2) values /\ w = pairs 1 values;
  asked w q := exists ks, length ks = r /\ over (n + 2) ks /\ q = Ask :: ks;
  wanted w q := map (fun k => what_follows w [Ask; k]) (tl q)
|}.

Definition statement_mqar_states : Prop := forall r n, 1 <= r -> writing_least (mqar r n) (2 ^ n).
Definition statement_mqar_fails : Prop := forall r, 1 <= r -> writing_fails_below linear (mqar r).
