(** Turing machines and trees by searching. Definitions and statements only; machines, their steps, graphs and trees are in
    StatementsMachines.v, what a search yields in Searching.v. *)
From Coq Require Import ZArith List Permutation.
From RetrievalGap Require Import Model Searching StatementsMachines.
From RetrievalGap.Generated Require Gen_RetrievalTuring Gen_RetrievalIsTree.
Import ListNotations.
Open Scope Z_scope.

(** The tokens are those of the other constructions, but after the fifth come <search>, </search>, FAILED, \A.* and ([..]). *)
Definition searching_token (m : machine) (x : sign) : tok := let k := place x (signs m) in Special (if Nat.ltb k 5 then k else k + 5).
Fixpoint searching_cells (m : machine) (p : Z) (word : list nat) : list tok :=
  match word with [] => [] | a :: word' => Number p :: searching_token m (Cell a) :: searching_cells m (p + 1) word' end.
Definition searching_prompt (m : machine) (word : list nat) : list tok :=
  searching_token m Begin :: searching_cells m 0 word ++ [searching_token m Ask].

(** T steps, or fewer if it ends before. Before each the latest record of the position is searched for, a cell of the input
    or a step; [held] says which it is. Then come what was found, the position, and the step. *)
Fixpoint searching_simulation (m : machine) (s : Z) (T : nat) (held : Z -> option sign) (c : config) : list tok * bool :=
  match T with
  | O => ([], false)
  | S T' =>
    let p := head_at c in let x := Step (in_state c) (tape c p) in
    let here := [Special 5; Special 8; Number p; Special 9; Special 6;
                 match held p with Some r => searching_token m r | None => Special 7 end; Number p; searching_token m x] in
    match step m s c with
    | Ends e => (here ++ [searching_token m e], true)
    | Goes c' => let (rest, ended) := searching_simulation m s T' (fun y => if y =? p then Some x else held y) c' in (here ++ rest, ended)
    end
  end.
Definition input_records (word : list nat) (p : Z) : option sign := if p <? 0 then None else option_map Cell (nth_error word (Z.to_nat p)).

(** With the weights for at most n steps on the cells -s .. s, what is written are the steps of the machine, with a search
    before each, and how it ends: no more than 8 T + 1 tokens for T steps. *)
Definition simulates_by_searching (m : machine) (M : model) (at_size : Z -> Z -> env) (L : language) : Prop :=
  forall n s word T, 1 <= n -> 1 <= s -> (forall a, In a word -> (a < symbols m)%nat) -> Z.of_nat (length word) <= s + 1 -> Z.of_nat T <= n + 1 ->
  let written := decode_searching (at_size n s) M L (searching_prompt m word) in
  let (l, ended) := searching_simulation m s T (input_records word) (initial m word) in
  (length l <= 8 * T + 1)%nat /\ if ended then written = (l, true) else exists rest e, written = (l ++ rest, e).

(** Theorem 5.4, for the machine that is exported. *)
Definition statement_retrieval_turing : Prop :=
  simulates_by_searching busy_beaver_4 Gen_RetrievalTuring.blueprint Gen_RetrievalTuring.at_size Gen_RetrievalTuring.searches.

(** Trees. The walk came from u to c, which is the record > u c; the first search yields the node y that comes next, the
    second how the walk knows y. Two searches, and what they yield, follow each record. *)
Definition next_search (u c : nat) : list tok :=
  [Special 6; Special 9; node c; Special 10; node c; Special 11; node c; Special 12; node c; Special 13; node u; Special 14; node u; Special 13; node c;
   Special 15; node c; Special 10; node c; Special 16; Special 7].
Definition known_search (c y : nat) : list tok :=
  [Special 6; Special 17; node c; node y; Special 18; node y; node c; Special 19; node y; Special 16; Special 7].
(** All records of a walk and their searches; at its end y would follow, and [known] says how the walk knows that node. Until
    then it does not, or this is the way back: FAILED (8). *)
Fixpoint searching_walk (u : nat) (walk : list nat) (y : nat) (known : tok) : list tok :=
  match walk with
  | [] => []
  | c :: walk' =>
    let x := hd y walk' in
    Special 3 :: node u :: node c :: next_search u c ++ node x :: known_search c x ++ match walk' with [] => known | _ => Special 8 end :: searching_walk c walk' y known
  end.

(** Theorem 5.3. The exported weights for size n read any simple graph on nodes 1 .. n. They write a walk and the answer: YES
    (4) or NO (5), and YES exactly if the graph is a tree; then the walk is closed and takes each edge once in each direction.
    With what the searches yield that is no more than 74 n - 36 tokens. *)
Definition decides_by_searching (right : list edge -> Prop) (most : Z -> Z) : Prop :=
  forall n es, simple es -> es <> [] -> (forall v, In v (nodes es) -> 1 <= Z.of_nat v <= n) ->
  exists walk y known (b : bool), let chain := searching_walk (hd 0%nat walk) walk y known in
    decode_searching (Gen_RetrievalIsTree.at_size n) Gen_RetrievalIsTree.blueprint Gen_RetrievalIsTree.searches (edges_prompt es) =
      (chain ++ [Special (if b then 4 else 5)], true) /\
    Z.of_nat (length chain) + 1 <= most n /\ (b = true <-> right es) /\
    (b = true -> Permutation (pairs walk) (steps es) /\ last walk 0%nat = hd 0%nat walk).
Definition statement_retrieval_istree : Prop := decides_by_searching tree (fun n => 74 * n - 36).
