(** Trees and Turing machines: what the constructions that decide and simulate them are proved to write. Definitions and
    statements only: who believes these and Model.v need not read a proof. *)
From Coq Require Import ZArith List Permutation.
From RetrievalGap Require Import Model.
From RetrievalGap.Generated Require Gen_IsTree Gen_HybridIsTree Gen_Turing Gen_HybridTuring.
Import ListNotations.
Local Open Scope nat_scope.

(** * Graphs *)

(** A graph is the list of its edges, in any order and orientation; its nodes are those that the edges name. *)
Definition edge := (nat * nat)%type.
Definition adj (es : list edge) (a b : nat) : Prop := In (a, b) es \/ In (b, a) es.
Definition nodes (es : list edge) : list nat := nodup Nat.eq_dec (flat_map (fun '(a, b) => [a; b]) es).

(** No edge joins a node to itself, and no edge is given twice, in whichever orientation. *)
Fixpoint simple (es : list edge) : Prop :=
  match es with [] => True | (u, v) :: es' => u <> v /\ ~ adj es' u v /\ simple es' end.

(** There is a walk from one node to another. *)
Inductive joined (es : list edge) : nat -> nat -> Prop :=
| here u : joined es u u
| across u v w : adj es u v -> joined es v w -> joined es u w.
Definition connected (es : list edge) : Prop := forall u v, In u (nodes es) -> In v (nodes es) -> joined es u v.

(** Each node of the list is adjacent to the next. *)
Fixpoint linked (es : list edge) (l : list nat) : Prop :=
  match l with a :: (b :: _) as l' => adj es a b /\ linked es l' | _ => True end.
(** At least three different nodes, each adjacent to the next, and the last to the first. *)
Definition cycle (es : list edge) (c : list nat) : Prop :=
  NoDup c /\ (3 <= length c)%nat /\ linked es c /\ adj es (last c 0) (hd 0 c).
Definition tree (es : list edge) : Prop := connected es /\ forall c, ~ cycle es c.

(** u :: l is a path from u to v without repetition. *)
Definition path (es : list edge) (u : nat) (l : list nat) (v : nat) : Prop := NoDup (u :: l) /\ linked es (u :: l) /\ last (u :: l) u = v.
(** Other definitions of a tree say the same: connected with one edge less than nodes; connected, and without an edge it is
    not; one path between any two nodes. *)
Definition statement_tree_definitions : Prop :=
  forall es, simple es -> es <> [] ->
  (tree es <-> connected es /\ S (length es) = length (nodes es)) /\
  (tree es <-> connected es /\ forall before u v after, es = before ++ (u, v) :: after -> ~ joined (before ++ after) u v) /\
  (tree es <-> forall u v, In u (nodes es) -> In v (nodes es) -> exists! l, path es u l v).

(** The steps of a walk; both directions of every edge. *)
Fixpoint pairs (l : list nat) : list edge := match l with a :: (b :: _) as l' => (a, b) :: pairs l' | _ => [] end.
Definition steps (es : list edge) : list edge := flat_map (fun '(a, b) => [(a, b); (b, a)]) es.

(** What the model reads: <s> u ~ v u' ~ v' .. >, with nodes as numbers; <s>, ~ and > are the special tokens 0, 1, 2. *)
Definition node (v : nat) : tok := Number (Z.of_nat v).
Definition edges_prompt (es : list edge) : list tok :=
  Special 0 :: flat_map (fun '(u, v) => [node u; Special 1; node v]) es ++ [Special 2].
Definition yes_no (b : bool) : tok := Special (if b then 3 else 4).

(** Theorem 4.7, upper half. The exported weights for size n read any simple graph on nodes 1 .. n; they write nodes and
    then an answer, at most two tokens for each node of the graph. The answer is YES exactly if the graph is a tree, and
    then the nodes are a closed walk that takes each edge once in each direction. *)
Definition statement_istree : Prop :=
  forall n es, simple es -> es <> [] -> (forall v, In v (nodes es) -> (1 <= Z.of_nat v <= n)%Z) ->
  exists tour b, decode QcN (Gen_IsTree.at_size n) Gen_IsTree.blueprint (edges_prompt es) = (map node tour ++ [yes_no b], true) /\
    (length tour + 1 <= 2 * length (nodes es))%nat /\ (b = true <-> tree es) /\
    (b = true -> Permutation (pairs tour) (steps es) /\ last tour 0 = hd 0 tour).

(** The neighbours of v, in the order of the edges; the last of them as a token, NONE (6) if there is none. *)
Definition neighbours (es : list edge) (v : nat) : list nat :=
  flat_map (fun '(a, b) => if Nat.eqb a v then [b] else if Nat.eqb b v then [a] else []) es.
Definition named_before (es : list edge) (v : nat) : tok := match neighbours es v with [] => Special 6 | l => node (last l 0) end.
(** For each edge u ~ v a group | u v p q (| is 3): p and q are the neighbours of u and of v that were named last before. *)
Definition pointers (es : list edge) : list tok :=
  flat_map (fun k => let e := nth k es (0, 0) in
    [Special 3; node (fst e); node (snd e); named_before (firstn k es) (fst e); named_before (firstn k es) (snd e)]) (seq 0 (length es)).

(** Theorem 5.6, IsTree. The exported weights of the hybrid read the same prompts, with ? for >, and write at most 9 n - 4
    tokens. Where there are n edges or more that is NO (8) alone. Else it is the pointers, T (4), a walk whose nodes are each
    confirmed by ok (5), a node that is not confirmed, and the answer: YES (7) exactly if the graph is a tree; then the walk
    is closed and takes each edge once in each direction. *)
Definition statement_hybrid_istree : Prop :=
  forall n es, simple es -> es <> [] -> (forall v, In v (nodes es) -> (1 <= Z.of_nat v <= n)%Z) ->
  exists written (b : bool), decode QcN (Gen_HybridIsTree.at_size n) Gen_HybridIsTree.blueprint (edges_prompt es) = (written ++ [Special (if b then 7 else 8)], true) /\
    (Z.of_nat (length written) + 1 <= 9 * n - 4)%Z /\ (b = true <-> tree es) /\
    if (n <=? Z.of_nat (length es))%Z then written = [] else
    exists tour x, written = pointers es ++ Special 4 :: flat_map (fun v => [node v; Special 5]) tour ++ [node x] /\
      (length tour + 1 <= 2 * length (nodes es))%nat /\ (b = true -> Permutation (pairs tour) (steps es) /\ last tour 0 = hd 0 tour).

(** * Turing machines *)
Local Open Scope Z_scope.

(** States and symbols are numbers below [states] and [symbols]; 0 is the blank. For a state and the symbol that is read
    the table has what is written, how far the head moves, and the next state; None where it has no entry. *)
Record machine := Machine { states : nat; symbols : nat; initial_state : nat; halting : nat -> bool; table : nat -> nat -> option (nat * Z * nat) }.
Definition well_formed (m : machine) : Prop :=
  (0 < symbols m)%nat /\ (initial_state m < states m)%nat /\ halting m (initial_state m) = false /\
  forall q a b move q', table m q a = Some (b, move, q') -> (b < symbols m)%nat /\ -1 <= move <= 1 /\ (q' < states m)%nat.

Record config := Config { in_state : nat; head_at : Z; tape : Z -> nat }.
Definition initial (m : machine) (word : list nat) : config :=
  {| in_state := initial_state m; head_at := 0; tape := fun x => if x <? 0 then 0%nat else nth (Z.to_nat x) word 0%nat |}.

(** What a simulation writes besides positions: a cell of the input, a step (state, symbol that is read), and how it ended. *)
Inductive sign := Begin | Ask | Halted | Missing | Outside | Cell (a : nat) | Step (q a : nat).

(** One step on the cells -s .. s. *)
Inductive outcome := Goes (c : config) | Ends (x : sign).
Definition step (m : machine) (s : Z) (c : config) : outcome :=
  match table m (in_state c) (tape c (head_at c)) with
  | None => Ends Missing
  | Some (b, move, q) =>
    if halting m q then Ends Halted
    else if s <? Z.abs (head_at c + move) then Ends Outside
    else Goes {| in_state := q; head_at := head_at c + move; tape := fun x => if x =? head_at c then b else tape c x |}
  end.

(** T steps, or fewer if it ends before: each of them as the position and the step; and whether it ended. *)
Fixpoint simulation (m : machine) (s : Z) (token : sign -> tok) (T : nat) (c : config) : list tok * bool :=
  match T with
  | O => ([], false)
  | S T' =>
    let here := [Number (head_at c); token (Step (in_state c) (tape c (head_at c)))] in
    match step m s c with
    | Ends x => (here ++ [token x], true)
    | Goes c' => let (rest, ended) := simulation m s token T' c' in (here ++ rest, ended)
    end
  end.

(** The tokens: <s>, ?, HALT, UNDEFINED, SPACE, the cells by symbol, the steps by state (halting states make none) and symbol. *)
Definition step_signs (m : machine) : list sign :=
  flat_map (fun q => if halting m q then [] else map (Step q) (seq 0 (symbols m))) (seq 0 (states m)).
Definition signs (m : machine) : list sign := [Begin; Ask; Halted; Missing; Outside] ++ map Cell (seq 0 (symbols m)) ++ step_signs m.
Definition sign_eq_dec : forall x y : sign, {x = y} + {x <> y}.
Proof. decide equality; apply Nat.eq_dec. Defined.
Fixpoint place (x : sign) (l : list sign) : nat := match l with [] => 0%nat | y :: l' => if sign_eq_dec x y then 0%nat else S (place x l') end.
Definition token (m : machine) (x : sign) : tok := Special (place x (signs m)).
(** The prompt: <s> 0 [a] 1 [a'] .. ?, the input cell by cell. *)
Fixpoint input_cells (m : machine) (p : Z) (word : list nat) : list tok :=
  match word with [] => [] | a :: word' => Number p :: token m (Cell a) :: input_cells m (p + 1) word' end.
Definition machine_prompt (m : machine) (word : list nat) : list tok := token m Begin :: input_cells m 0 word ++ [token m Ask].

(** With the weights for at most n steps on the cells -s .. s, what is decoded are the steps of the machine and how it
    ends: no more than 2 T + 1 tokens for T steps. *)
Definition simulates (m : machine) (M : model) (at_size : Z -> Z -> env) : Prop :=
  forall n s word T, 1 <= n -> 1 <= s -> (forall a, In a word -> (a < symbols m)%nat) -> Z.of_nat (length word) <= s + 1 -> Z.of_nat T <= n + 1 ->
  let written := decode QcN (at_size n s) M (machine_prompt m word) in
  let (l, ended) := simulation m s (token m) T (initial m word) in
  (length l <= 2 * T + 1)%nat /\ if ended then written = (l, true) else exists rest e, written = (l ++ rest, e).

(** ** The weights as a function of the machine *)

(** Nonzero coefficients; the value of a function of signs, by special token. *)
Definition coefficients (l : list (nat * Z)) : row := flat_map (fun ck => if snd ck =? 0 then [] else [(fst ck, [(snd ck, [])])]) l.
Definition listing (m : machine) (f : sign -> Z) : row := coefficients (combine (seq 0 (length (signs m))) (map f (signs m))).
(** A matrix of which most rows are empty. *)
Fixpoint row_at (c : nat) (l : list (nat * row)) : row := match l with [] => [] | (d, r) :: l' => if Nat.eqb c d then r else row_at c l' end.
Definition rows (width : nat) (l : list (nat * row)) : matrix := map (fun c => row_at c l) (seq 0 width).
Definition coordinate (c : nat) : row := [(c, [(1, [])])].

(** What a sign says: the symbol that it leaves, the state that it leads to, how the head moves, and flags. *)
Definition leaves (m : machine) (x : sign) : Z :=
  match x with Cell a => Z.of_nat a | Step q a => match table m q a with Some (b, _, _) => Z.of_nat b | None => 0 end | _ => 0 end.
Definition leads_to (m : machine) (x : sign) : Z :=
  match x with Ask => Z.of_nat (initial_state m) | Step q a => match table m q a with Some (_, _, q') => Z.of_nat q' | None => 0 end | _ => 0 end.
Definition moves (m : machine) (x : sign) : Z :=
  match x with Step q a => match table m q a with Some (_, move, _) => move | None => 0 end | _ => 0 end.
Definition truth (b : bool) : Z := if b then 1 else 0.
Definition is_record (x : sign) : bool := match x with Cell _ | Step _ _ => true | _ => false end.
Definition is_begin (x : sign) : bool := match x with Begin => true | _ => false end.
Definition enters_halt (m : machine) (x : sign) : bool :=
  match x with Step q a => match table m q a with Some (_, _, q') => halting m q' | None => false end | _ => false end.
Definition lacks_entry (m : machine) (x : sign) : bool :=
  match x with Step q a => match table m q a with Some _ => false | None => true end | _ => false end.
(** Whether some step of the machine enters a halting state; whether some step has no entry. *)
Definition some_halt (m : machine) : bool := existsb (enters_halt m) (signs m).
Definition some_missing (m : machine) : bool := existsb (lacks_entry m) (signs m).
Definition greatest (m : machine) (f : sign -> Z) : Z := fold_right Z.max 0 (map f (signs m)).

(** Coordinates after those of features: flags of ends, if there are such steps; then is number, what is read one token
    back (leads to, token, its square), what the cell holds, whether the head leaves the cells, the next position. *)
Definition ends_count (m : machine) : nat := ((if some_halt m then 1 else 0) + (if some_missing m then 1 else 0))%nat.
Definition end_features (m : machine) (first : nat) : list (nat * row) :=
  (if some_halt m then [(first, listing m (fun x => truth (enters_halt m x)))] else []) ++
  (if some_missing m then [((first + if some_halt m then 1 else 0)%nat, listing m (fun x => truth (lacks_entry m x)))] else []).

(** Logits: 2 q s + 2 a c - q^2 - a^2 is largest for the step (q, a) = (s, c); scales put the alternatives in order. *)
Definition scaled (k : Z) (c : nat) : row := [(c, [(k, [(3%nat, 1%nat)])])].
Definition sign_logits (m : machine) (first : nat) : matrix :=
  let number := (first + ends_count m)%nat in
  map (fun x => match x with
    | Halted => if some_halt m then scaled (if some_missing m then 5 else 4) first else []
    | Missing => if some_missing m then scaled 4 (first + if some_halt m then 1 else 0) else []
    | Outside => scaled 3 (number + 5)
    | Step q a => coefficients [(0%nat, - (Z.of_nat q * Z.of_nat q + Z.of_nat a * Z.of_nat a))] ++ scaled 2 number ++
                  coefficients [((number + 1)%nat, 2 * Z.of_nat q); ((number + 4)%nat, 2 * Z.of_nat a)]
    | _ => [] end) (signs m).
Definition number_logits (m : machine) (first : nat) : matrix :=
  [scaled 1 0; [((first + ends_count m + 6)%nat, [(2, [])])]; [(0%nat, [(-1, [])])]].

(** The head that looks for the latest record of a cell, and the units of the gates of the next position. *)
Definition cell_head (number width from token record token_square first_token : nat) : head :=
  let here := (number + 2)%nat in let here_square := (number + 3)%nat in
  {| query := [[(token, [(4, [(2%nat, 1%nat)])])]; [(0%nat, [(2, [(2%nat, 1%nat)])])];
               [(0%nat, [(-1, [(2%nat, 1%nat)])]); (token_square, [(2, [(2%nat, 1%nat)])])]];
     key := [coordinate here; [(0%nat, [(-1, [])]); (record, [(1, [])]); (first_token, [(1, [])]); (here_square, [(-1, [])])]; coordinate first_token];
     value := [coordinate from]; output := rows width [((number + 4)%nat, coordinate 0)]; slope := 1 |}.
Definition over (k : Z) (move here : nat) : row := [(0%nat, [(k, [(1%nat, 1%nat)])]); (move, [(1, [])]); (here, [(1, [])])].
Definition under (move here : nat) : row := [(0%nat, [(-1, [(1%nat, 1%nat)])]); (move, [(-1, [])]); (here, [(-1, [])])].
Definition target_gates (move here : nat) : matrix := [over (-1) move here; under move here; over 1 move here; coordinate 0; over (-1) move here].
Definition target_values : matrix := [coordinate 0; coordinate 0; coordinate 0; [(0%nat, [(-1, [(1%nat, 1%nat)])])]; coordinate 0].
Definition summed (u : nat) : row := [(u, [(1, [])]); (S u, [(1, [])])].
Definition clamped (u : nat) : row := [(u, [(1, [])]); (S u, [(1, [])]); (S (S u), [(-1, [])])].

(** The Transformer: a head that looks one position back, gates, the head that looks for the cell. *)
Definition transformer_turing (m : machine) : model :=
  let number := (10 + ends_count m)%nat in let width := (number + 7)%nat in
  let here := (number + 2)%nat in
  {| specials := length (signs m); low := [(-1, [(1%nat, 1%nat)])]; high := [(1, [(1%nat, 1%nat)])];
     context := [(2, [(0%nat, 1%nat)]); (2, [(1%nat, 1%nat)]); (6, [])];
     polynomial := rows width [(0%nat, coordinate 0); (6%nat, coordinate 1); (8%nat, coordinate 2); (number, coordinate 0)];
     special := rows width ([(0%nat, listing m (fun _ => 1)); (3%nat, listing m (leaves m)); (4%nat, listing m (leads_to m)); (5%nat, listing m (moves m));
       (7%nat, listing m (fun x => truth (is_record x))); (9%nat, listing m (fun x => truth (is_begin x)))] ++ end_features m 10);
     position := rows width [(1%nat, coordinate 0); (2%nat, coordinate 1)];
     layers := [
       Attention [{| query := [[(0%nat, [(-2, [])]); (1%nat, [(2, [])])]; coordinate 0]; key := [coordinate 1; [(2%nat, [(-1, [])])]];
                     value := [coordinate 4; coordinate 6; coordinate 8];
                     output := rows width [((number + 1)%nat, coordinate 0); (here, coordinate 1); ((number + 3)%nat, coordinate 2)]; slope := 0 |}];
       FeedForward (target_gates 5 here) target_values (rows width [((number + 5)%nat, summed 0); ((number + 6)%nat, clamped 2)]);
       Attention [cell_head number width 3 6 7 8 9]];
     polynomial_logits := number_logits m 10; special_logits := sign_logits m 10; answers := Some [2; 3; 4]%nat |}.

(** The hybrid: a linear recurrence holds two numbers of the token before; gates; one head. *)
Definition hybrid_turing (m : machine) : model :=
  let number := (8 + ends_count m)%nat in let width := (number + 7)%nat in
  let here := (number + 2)%nat in
  {| specials := length (signs m); low := [(-1, [(1%nat, 1%nat)])]; high := [(1, [(1%nat, 1%nat)])];
     context := [(2, [(0%nat, 1%nat)]); (2, [(1%nat, 1%nat)]); (6, [])];
     polynomial := rows width [(0%nat, coordinate 0); (4%nat, coordinate 1); (7%nat, coordinate 2); (number, coordinate 0)];
     special := rows width ([(0%nat, listing m (fun _ => 1)); (1%nat, listing m (leaves m)); (2%nat, listing m (leads_to m)); (3%nat, listing m (moves m));
       (5%nat, listing m (fun x => truth (is_record x))); (6%nat, listing m (fun x => truth (is_begin x)))] ++ end_features m 8);
     position := rows width [];
     layers := [
       Recurrence [[]; coordinate 0; []; coordinate 2] [coordinate 2; []; coordinate 4; []]
         (rows width [((number + 1)%nat, coordinate 1); (here, coordinate 3)]) (rows width []);
       FeedForward (coordinate here :: [(here, [(-1, [])])] :: target_gates 3 here) (coordinate here :: [(here, [(-1, [])])] :: target_values)
         (rows width [((number + 3)%nat, summed 0); ((number + 5)%nat, summed 2); ((number + 6)%nat, clamped 4)]);
       Attention [cell_head number width 1 4 5 7 6]];
     polynomial_logits := number_logits m 8; special_logits := sign_logits m 8; answers := Some [2; 3; 4]%nat |}.

(** Scales: S is above the length of what is read, M above s^2 and the squares of states and symbols. *)
Definition machine_lower_S : poly := [(2, [(0%nat, 1%nat)]); (2, [(1%nat, 1%nat)]); (7, [])].
Definition machine_lower_M (m : machine) : poly :=
  [(1, [(1%nat, 2%nat)]); (greatest m (leads_to m) * greatest m (leads_to m) + greatest m (leaves m) * greatest m (leaves m) + 1, [])].
Definition machine_at_size (m : machine) (n s : Z) : env :=
  let sizes : env := fun v => match v with 0%nat => n | 1%nat => s | _ => 0 end in
  fun v => match v with 0%nat => n | 1%nat => s | 2%nat => scale (peval sizes machine_lower_S) | 3%nat => scale (peval sizes (machine_lower_M m)) | _ => 0 end.

(** Theorem 5.7, and the same for a Transformer: for every machine, input, number of steps and space. *)
Definition statement_transformer_turing_simulates : Prop := forall m, well_formed m -> simulates m (transformer_turing m) (machine_at_size m).
Definition statement_hybrid_turing_simulates : Prop := forall m, well_formed m -> simulates m (hybrid_turing m) (machine_at_size m).

(** The machine that is exported: the busy beaver with 4 states, 1RB1LB_1LA0LC_1RZ1LD_1RD0RA; state 4 is the halting one. *)
Definition busy_beaver_4 : machine := {|
  states := 5; symbols := 2; initial_state := 0; halting := fun q => Nat.eqb q 4;
  table := fun q a => match q, a with
    | 0, 0 => Some (1, 1%Z, 1) | 0, 1 => Some (1, (-1)%Z, 1)
    | 1, 0 => Some (1, (-1)%Z, 0) | 1, 1 => Some (0, (-1)%Z, 2)
    | 2, 0 => Some (1, 1%Z, 4) | 2, 1 => Some (1, (-1)%Z, 3)
    | 3, 0 => Some (1, 1%Z, 3) | 3, 1 => Some (0, 1%Z, 0)
    | _, _ => None end%nat |}.
(** The exported weights are those of the function, entry by entry, so they simulate it. *)
Definition statement_exported_turing : Prop :=
  Gen_Turing.blueprint = transformer_turing busy_beaver_4 /\ simulates busy_beaver_4 Gen_Turing.blueprint Gen_Turing.at_size.
Definition statement_exported_hybrid_turing : Prop :=
  Gen_HybridTuring.blueprint = hybrid_turing busy_beaver_4 /\ simulates busy_beaver_4 Gen_HybridTuring.blueprint Gen_HybridTuring.at_size.

(** * A recurrent network that writes configurations *)

(** The configuration on the cells 0 .. S - 1: a step where the head is, a cell elsewhere. *)
Definition cell_sign (c : config) (x : nat) : sign :=
  if Z.of_nat x =? head_at c then Step (in_state c) (tape c (Z.of_nat x)) else Cell (tape c (Z.of_nat x)).
Definition row_signs (S : nat) (c : config) : list sign := map (cell_sign c) (seq 0 S).

(** What is written after a configuration: the next one and a wall; or, where it ends, how. HALT and UNDEFINED stand where
    the head was, OVER where the wall is that the head would pass. The wall # is the first special token, [Begin]. *)
Definition after_row (m : machine) (S : nat) (c : config) : list sign * option config :=
  let old := map (cell_sign c) (seq 0 (Z.to_nat (head_at c))) in
  match table m (in_state c) (tape c (head_at c)) with
  | None => (old ++ [Missing], None)
  | Some (b, move, q) =>
    let c' := {| in_state := q; head_at := head_at c + move; tape := fun x => if x =? head_at c then b else tape c x |} in
    if halting m q then (old ++ [Halted], None)
    else if head_at c' <? 0 then ([Outside], None)
    else if Z.of_nat S <=? head_at c' then (row_signs S c' ++ [Outside], None)
    else (row_signs S c' ++ [Begin], Some c')
  end.
(** T configurations, or fewer if it ends before; and whether it ended. *)
Fixpoint configurations (m : machine) (S : nat) (T : nat) (c : config) : list sign * bool :=
  match T with
  | O => ([], false)
  | Datatypes.S T' => match after_row m S c with
    | (out, None) => (out, true)
    | (out, Some c') => let (rest, ended) := configurations m S T' c' in (out ++ rest, ended)
    end
  end.

(** The tokens: #, HALT, UNDEFINED, OVER, the cells, the steps. The prompt: # and the first configuration, the input in
    the middle and the head on its first cell (on the last cell of the tape where the input is empty and S is 0), then #. *)
Definition row_token (m : machine) (x : sign) : tok :=
  Special (place x ([Begin; Halted; Missing; Outside] ++ map Cell (seq 0 (symbols m)) ++ step_signs m)).
Definition row_initial (m : machine) (S : nat) (word : list nat) : config :=
  let zero := Z.of_nat (Nat.div2 (S - length word)) in
  {| in_state := initial_state m; head_at := Z.min zero (Z.of_nat S - 1);
     tape := fun x => if x <? zero then 0%nat else nth (Z.to_nat (x - zero)) word 0%nat |}.
Definition row_prompt (m : machine) (S : nat) (word : list nat) : list tok :=
  map (row_token m) (Begin :: row_signs S (row_initial m S word) ++ [Begin]).

(** With any size n: S + 1 tokens at most for each of up to n + 1 configurations. *)
Definition writes_configurations (m : machine) (S : nat) (M : model) (at_size : Z -> env) : Prop :=
  forall n word T, 1 <= n -> (forall a, In a word -> (a < symbols m)%nat) -> (length word <= S)%nat -> Z.of_nat T <= n + 1 ->
  let written := decode QcN (at_size n) M (row_prompt m S word) in
  let (l, ended) := configurations m S T (row_initial m S word) in
  (length l <= (S + 1) * T)%nat /\
  if ended then written = (map (row_token m) l, true) else exists rest e, written = (map (row_token m) l ++ rest, e).
