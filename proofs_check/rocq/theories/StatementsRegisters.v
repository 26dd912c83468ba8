(** Turing machines on linear RNNs, with and without searches: the weights as a function of the machine. Definitions and
    statements only; machines and what is written are in StatementsMachines.v and StatementsSearches.v. *)
From Coq Require Import ZArith List.
From RetrievalGap Require Import Model Searching StatementsMachines StatementsSearches.
From RetrievalGap.Generated Require Gen_RnnTuring Gen_RetrievalTuring.
Import ListNotations.
Local Open Scope nat_scope.

(** * Shift registers *)

(** What the embedding says of a token: an integer for each special token and 0 for a number; the number, and 0 for a
    special token; whether it is a number. *)
Inductive reading := Values (l : list Z) | TheNumber | IsNumber.
(** A reading, and how many tokens ago. *)
Definition look := (nat * reading)%type.
Definition reading_eq_dec : forall a b : reading, {a = b} + {a <> b}.
Proof. decide equality. apply (list_eq_dec Z.eq_dec). Defined.
Definition look_eq_dec : forall a b : look, {a = b} + {a <> b}.
Proof. decide equality; [apply reading_eq_dec|apply Nat.eq_dec]. Defined.

(** Each element once, in the order in which they come first; the place of an element. *)
Definition distinct {A} (dec : forall a b : A, {a = b} + {a <> b}) (l : list A) : list A :=
  fold_left (fun known x => if in_dec dec x known then known else known ++ [x]) l [].
Fixpoint index {A} (dec : forall a b : A, {a = b} + {a <> b}) (x : A) (l : list A) : nat :=
  match l with [] => 0 | y :: l' => if dec x y then 0 else S (index dec x l') end.

Section Registers.
  (** The looks that a network asks for, and how many coordinates its gates write. *)
  Variables (looks : list look) (gates : nat).
  (** Each reading has one coordinate, after coordinate 0, which is 1. The state holds the readings that are looked at later,
      now and each number of tokens ago up to the look; those that are looked at are shown, on coordinates of their own. *)
  Definition readings : list reading := distinct reading_eq_dec (map snd looks).
  Definition held : list look :=
    distinct look_eq_dec (flat_map (fun dr => match fst dr with 0 => [] | _ => map (fun d => (d, snd dr)) (seq 0 (S (fst dr))) end) looks).
  Definition shown : list look := filter (fun c => if in_dec look_eq_dec c looks then negb (Nat.eqb (fst c) 0) else false) held.
  Definition at_ (d : nat) (r : reading) : nat :=
    match d with 0 => S (index reading_eq_dec r readings) | _ => S (length readings) + index look_eq_dec (d, r) shown end.
  Definition first_gate : nat := S (length readings) + length shown.
  Definition padded (l : matrix) : matrix := l ++ repeat [] (first_gate + gates - length l).
  Definition by_number : matrix :=
    padded (coordinate 0 :: map (fun r => match r with IsNumber => coordinate 0 | TheNumber => coordinate 1 | Values _ => [] end) readings).
  Definition numbered_row (l : list Z) : row := coefficients (combine (seq 0 (length l)) l).
  Definition by_special (specials : nat) : matrix :=
    padded (numbered_row (repeat 1%Z specials) :: map (fun r => match r with Values l => numbered_row l | _ => [] end) readings).
  (** The state: what is read now, or what another place held one token ago. *)
  Definition registers : layer := Recurrence
    (map (fun c => match fst c with 0 => [] | S d => coordinate (index look_eq_dec (d, snd c) held) end) held)
    (map (fun c => match fst c with 0 => coordinate (at_ 0 (snd c)) | _ => [] end) held)
    (padded (repeat [] (S (length readings)) ++ map (fun c => coordinate (index look_eq_dec c held)) shown)) (padded []).
End Registers.

(** A linear form: coordinates with a multiple of variable v and a constant; summed by coordinate, zeros left out. *)
Definition form := list (nat * (Z * Z)).
Definition total_at (part : Z * Z -> Z) (c : nat) (f : form) : Z :=
  fold_right (fun t sum => if Nat.eqb c (fst t) then part (snd t) + sum else sum)%Z 0%Z f.
Definition entry_of (v : nat) (a b : Z) : poly :=
  ((if a =? 0 then [] else [(a, [(v, 1%nat)])]) ++ if b =? 0 then [] else [(b, [])])%Z.
Definition row_of (v : nat) (f : form) : row :=
  flat_map (fun c => match entry_of v (total_at fst c f) (total_at snd c f) with [] => [] | p => [(c, p)] end) (seq 0 (S (list_max (map fst f)))).
Definition times_ (k : Z) (l : list nat) : form := map (fun c => (c, (0, k)%Z)) l.

(** * A recurrent network for every machine and every number of cells *)

(** Whether the head goes on by a move without halting, and the state that it enters then. *)
Definition goes (m : machine) (move : Z) (x : sign) : Z :=
  match x with Step q a => match table m q a with Some (_, mv, q') => truth ((mv =? move)%Z && negb (halting m q')) | None => 0%Z end | _ => 0%Z end.
Definition enters (m : machine) (move : Z) (x : sign) : Z :=
  match x with Step q a => match table m q a with
    Some (_, mv, q') => if ((mv =? move)%Z && negb (halting m q'))%bool then Z.of_nat q' else 0%Z | None => 0%Z end | _ => 0%Z end.
Definition is_wall (x : sign) : Z := truth (is_begin x).
Definition row_alphabet (m : machine) : list sign := [Begin; Halted; Missing; Outside] ++ map Cell (seq 0 (symbols m)) ++ step_signs m.

Section Row.
  Variables (m : machine) (cells : nat).
  Let left := cells + 1.
  Let right := cells - 1.
  Definition row_reading (f : sign -> Z) : reading := Values (map f (row_alphabet m)).
  Definition row_looks : list look := map (fun df => (fst df, row_reading (snd df)))
    ([(cells, is_wall); (left, goes m 1); (left, is_wall); (cells, goes m (-1)); (cells, goes m 0); (right, goes m (-1));
      (left, enters m 1); (cells, enters m 0); (right, enters m (-1))] ++
     (if some_halt m then [(cells, fun x => truth (enters_halt m x))] else []) ++
     (if some_missing m then [(cells, fun x => truth (lacks_entry m x))] else []) ++ [(cells, leaves m)]).
  Definition row_at_ (d : nat) (f : sign -> Z) : nat := at_ row_looks d (row_reading f).
  (** Sums over the three cells, and the gates: the head leaves to the right, to the left, neither. *)
  Definition row_head : list nat := [row_at_ left (goes m 1); row_at_ cells (goes m 0); row_at_ right (goes m (-1))].
  Definition row_state : list nat := [row_at_ left (enters m 1); row_at_ cells (enters m 0); row_at_ right (enters m (-1))].
  Let gate := first_gate row_looks.
  Definition both_of (a b : nat) : row := row_of 2 ((0, (0, -1)%Z) :: times_ 1 [a; b]).
  (** Logits: 2 (1 h + q s + a c) - 1 - q^2 - a^2 is largest for the step (q, a), where a head is there, h = 1. *)
  Definition row_logits : matrix := map (fun x => match x with
    | Begin => row_of 2 [(row_at_ cells is_wall, (2, 0)%Z)]
    | Outside => row_of 2 [(0, (3, 0)%Z); (gate + 2, (-3, 0)%Z)]
    | Missing => if some_missing m then row_of 2 [(row_at_ cells (fun x => truth (lacks_entry m x)), (4, 0)%Z)] else []
    | Halted => if some_halt m then row_of 2 [(row_at_ cells (fun x => truth (enters_halt m x)), (if some_missing m then 5 else 4, 0)%Z)] else []
    | Cell a => row_of 2 ((0, (1, - (Z.of_nat a * Z.of_nat a))%Z) :: times_ (2 * Z.of_nat a) [row_at_ cells (leaves m)])
    | Step q a => row_of 2 ((0, (1, - (1 + Z.of_nat q * Z.of_nat q + Z.of_nat a * Z.of_nat a))%Z) ::
        times_ 2 row_head ++ times_ (2 * Z.of_nat q) row_state ++ times_ (2 * Z.of_nat a) [row_at_ cells (leaves m)])
    | Ask => [] end) (row_alphabet m).
  Definition rnn_turing : model :=
    {| specials := length (row_alphabet m); low := []; high := [((-1)%Z, [])];
       context := [(Z.of_nat cells + 1, [(0, 1)%nat]); (2 * (Z.of_nat cells + 1), [])]%Z;
       polynomial := by_number row_looks 3; special := by_special row_looks 3 (length (row_alphabet m)); position := padded row_looks 3 [];
       layers := [registers row_looks 3;
         FeedForward [both_of (row_at_ cells is_wall) (row_at_ left (goes m 1)); both_of (row_at_ left is_wall) (row_at_ cells (goes m (-1)))]
           [coordinate 0; coordinate 0] (rows (gate + 3) [(gate, coordinate 0); (gate + 1, coordinate 1)]);
         FeedForward [row_of 2 ((0, (0, 1)%Z) :: times_ (-1) [gate; gate + 1])] [coordinate 0] (rows (gate + 3) [(gate + 2, coordinate 0)])];
       polynomial_logits := [[]; []; []]; special_logits := row_logits; answers := Some [1; 2; 3] |}.
  Definition row_greatest (f : sign -> Z) : Z := fold_right Z.max 0%Z (map f (row_alphabet m)).
  (** The variables: n, a scale that is not used, and M, above the squares of what is summed. *)
  Definition rnn_lower_S : poly := [(Z.of_nat cells + 1, [(0, 1)%nat]); (2 * (Z.of_nat cells + 1) + 1, [])]%Z.
  Definition rnn_lower_M : poly :=
    let head := (row_greatest (goes m 1) + row_greatest (goes m 0) + row_greatest (goes m (-1)))%Z in
    let state := (row_greatest (enters m 1) + row_greatest (enters m 0) + row_greatest (enters m (-1)))%Z in
    [(head * head + state * state + row_greatest (leaves m) * row_greatest (leaves m) + 1, [])]%Z.
  Definition rnn_at_size (n : Z) : env :=
    let sizes : env := fun v => match v with 0 => n | _ => 0%Z end in
    fun v => match v with 0 => n | 1 => scale (peval sizes rnn_lower_S) | 2 => scale (peval sizes rnn_lower_M) | _ => 0%Z end.
End Row.

(** Theorem 4.1, what can be run of it: for every machine and every number of cells. *)
Definition statement_rnn_turing_simulates : Prop :=
  forall m cells, well_formed m -> 0 < cells -> writes_configurations m cells (rnn_turing m cells) (rnn_at_size m cells).
(** The exported weights are those of the function, entry by entry, so they write the configurations of their machine. *)
Definition statement_exported_rnn_turing : Prop :=
  Gen_RnnTuring.blueprint = rnn_turing busy_beaver_4 12 /\ writes_configurations busy_beaver_4 12 Gen_RnnTuring.blueprint Gen_RnnTuring.at_size.

(** * A recurrent network that searches, for every machine *)

(** Its special tokens, in their order. *)
Inductive word := Sign (x : StatementsMachines.sign) | Opening | Closing | Failed | Everything | Record_.
Definition machine_words (m : machine) : list word :=
  map Sign [Begin; Ask; Halted; Missing; Outside] ++ [Opening; Closing; Failed; Everything; Record_] ++
  map Sign (map Cell (seq 0 (symbols m)) ++ step_signs m).

Section Searches.
  Variable m : machine.
  Definition of_words (f : word -> Z) : reading := Values (map f (machine_words m)).
  Definition of_signs (f : StatementsMachines.sign -> Z) : reading := of_words (fun t => match t with Sign x => f x | _ => 0%Z end).
  Definition is_opening (t : word) : Z := match t with Opening => 1 | _ => 0 end%Z.
  Definition is_closing (t : word) : Z := match t with Closing => 1 | _ => 0 end%Z.
  Definition is_everything (t : word) : Z := match t with Everything => 1 | _ => 0 end%Z.
  Definition is_record_ (t : word) : Z := match t with Record_ => 1 | _ => 0 end%Z.
  (** After the end of the input, and after a step, a search may begin. *)
  Definition starts (x : StatementsMachines.sign) : Z := match x with Ask | Step _ _ => 1 | _ => 0 end%Z.
  Definition search_looks : list look :=
    [(0, of_signs (leaves m)); (0, of_signs (leads_to m)); (0, of_signs (moves m)); (1, of_words is_closing); (1, TheNumber); (0, of_signs starts);
     (0, IsNumber); (1, of_words is_everything); (7, of_signs (leads_to m)); (1, of_signs (leaves m)); (0, of_words is_record_); (0, of_words is_opening)] ++
    (if some_halt m then [(0, of_signs (fun x => truth (enters_halt m x)))] else []) ++
    (if some_missing m then [(0, of_signs (fun x => truth (lacks_entry m x)))] else []) ++ [(3, TheNumber); (2, of_signs (moves m))].
  Let at_' := at_ search_looks.
  Let gate := first_gate search_looks.
  Let s_over (k sign : Z) (l : list nat) : row := row_of 1 ((0, (k, 0)%Z) :: times_ sign l).
  Let to : list nat := [at_' 0 (of_signs (moves m)); at_' 1 TheNumber].          (* where a step leads *)
  Let place_ : list nat := [at_' 3 TheNumber; at_' 2 (of_signs (moves m))].      (* the position that is written *)
  Let found := at_' 1 (of_words is_closing).
  (** Alternatives, the first of greatest weight; those after a search are not for what was found. *)
  Let unless_found (k : Z) (c : nat) : row := row_of 3 [(c, (k, 0)%Z); (found, (- k, 0)%Z)].
  Definition search_logits : matrix :=
    let e := Z.of_nat (ends_count m) in
    map (fun t => match t with
      | Sign Halted => if some_halt m then unless_found (3 + e) (at_' 0 (of_signs (fun x => truth (enters_halt m x)))) else []
      | Sign Missing => if some_missing m then unless_found 4 (at_' 0 (of_signs (fun x => truth (lacks_entry m x)))) else []
      | Sign Outside => unless_found 3 gate
      | Opening => unless_found 2 (at_' 0 (of_signs starts))
      | Closing => row_of 3 [(at_' 0 (of_words is_record_), (5 + e, 0)%Z)]
      | Everything => row_of 3 [(at_' 0 (of_words is_opening), (4 + e, 0)%Z)]
      | Record_ => row_of 3 [(0, (- (7 + e), 0)%Z); (at_' 0 IsNumber, (7 + e, 0)%Z); (at_' 1 (of_words is_everything), (7 + e, 0)%Z)]
      | Sign (Step q a) => row_of 3 ((0, (0, - (Z.of_nat q * Z.of_nat q + Z.of_nat a * Z.of_nat a))%Z) :: (at_' 0 IsNumber, (6 + e, 0)%Z) ::
          times_ (2 * Z.of_nat q) [at_' 7 (of_signs (leads_to m))] ++ times_ (2 * Z.of_nat a) [at_' 1 (of_signs (leaves m))])
      | _ => [] end) (machine_words m).
  Definition retrieval_turing : model :=
    {| specials := length (machine_words m); low := [(-1, [(1, 1)%nat])]%Z; high := [(1, [(1, 1)%nat])]%Z;
       context := [(8, [(0, 1)%nat]); (2, [(1, 1)%nat]); (14, [])]%Z;
       polynomial := by_number search_looks 2; special := by_special search_looks 2 (length (machine_words m)); position := padded search_looks 2 [];
       layers := [registers search_looks 2;
         FeedForward [s_over (-1) 1 to; s_over (-1) (-1) to; s_over 1 1 place_; coordinate 0; s_over (-1) 1 place_] target_values
           (rows (gate + 2) [(gate, summed 0); (gate + 1, clamped 2)])];
       polynomial_logits := [scaled 1 0; [(gate + 1, [(2%Z, [])])]; [(0, [((-1)%Z, [])])]]; special_logits := search_logits; answers := Some [2; 3; 4] |}.
  Definition retrieval_lower_S : poly := [(8, [(0, 1)%nat]); (2, [(1, 1)%nat]); (15, [])]%Z.
  Definition retrieval_at_size (n s : Z) : env :=
    let sizes : env := fun v => match v with 0 => n | 1 => s | _ => 0%Z end in
    fun v => match v with 0 => n | 1 => s | 2 => scale (peval sizes retrieval_lower_S) | 3 => scale (peval sizes (machine_lower_M m)) | _ => 0%Z end.
  (** What the tokens write: as much as possible is skipped; one of the cells and steps is captured. *)
  Definition machine_language : language :=
    {| opening := 5; closing := 6; failed := 7;
       piece := fun s => match s with
         | 8 => Some [Beginning; Dot; Asterisk]
         | 9 => Some ([Open_; ClassOpen] ++ map (fun k => Chr (Special k)) (seq 10 (length (machine_words m) - 10)) ++ [ClassClose; Close])
         | _ => None end |}.
End Searches.

(** Theorem 5.4: for every machine, input, number of steps and space. *)
Definition statement_retrieval_turing_simulates : Prop :=
  forall m, well_formed m -> simulates_by_searching m (retrieval_turing m) (retrieval_at_size m) (machine_language m).
(** The exported weights and searches are those of the function, so they simulate their machine. *)
Definition statement_exported_retrieval_turing : Prop :=
  Gen_RetrievalTuring.blueprint = retrieval_turing busy_beaver_4 /\ Gen_RetrievalTuring.searches = machine_language busy_beaver_4 /\ statement_retrieval_turing.
