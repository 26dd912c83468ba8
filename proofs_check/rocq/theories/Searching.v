(** In-context retrieval: models that write regular expressions, and the runtime that searches. The language of
    searches is that part of constructions/architectures/_search.py which the constructions use: any other sign, and any
    other use of these, is malformed here and fails. *)
From Coq Require Import ZArith List Bool Arith.
From RetrievalGap Require Import Model.
Import ListNotations.
Open Scope Z_scope.

(** ** The language *)

(** Signs of a regular expression: \A, a token, any token (a dot), ( (?: ) | [ [^ ] * ? { and }. *)
Inductive sign := Beginning | Chr (t : tok) | Dot | Open_ | OpenPlain | Close | Bar | ClassOpen | ClassNot | ClassClose
| Asterisk | Question | BraceOpen | BraceClose.
(** Special tokens by number; [piece] gives the signs for which a fragment stands. *)
Record language := Language { opening : nat; closing : nat; failed : nat; piece : nat -> option (list sign) }.
(** The signs that tokens write: a fragment its piece, any other token itself. *)
Definition signs_of (L : language) (text : list tok) : list sign :=
  flat_map (fun t => match t with Special s => match piece L s with Some p => p | None => [Chr t] end | Number _ => [Chr t] end) text.

Inductive regex :=
| Nothing                                  (* matches the empty text *)
| Begin                                    (* matches where the text begins *)
| One (t : tok)                            (* this token *)
| Among (ts : list tok)                    (* one of these tokens *)
| Except (ts : list tok)                   (* a token that is none of these *)
| Then (a b : regex)
| Either (a b : regex)                     (* a, and b where a leads to nothing *)
| Star (a : regex)                         (* as often as possible, then less often *)
| Lazy (a : regex)                         (* as seldom as possible, then more often *)
| Repeat (a : regex) (k : nat)
| Group (g : nat) (a : regex).             (* what a matches is captured *)

(** An expression that is read: what stands since the latest bar on this level, last first; the alternatives before that,
    last first; the levels that are open, each with the number of its group, if it captures; the class that is open, with
    its tokens, and whether it is of the others. *)
Definition sequence (now : list regex) : regex := fold_left (fun after r => Then r after) now Nothing.
Definition alternatives (choices now : list regex) : regex := fold_left (fun later r => Either r later) choices (sequence now).
(** A repetition is of a thing that is not itself one, nor a place. *)
Definition repeated (how : regex -> regex) (now : list regex) : option (list regex) :=
  match now with [] | (Begin | Star _ | Lazy _ | Repeat _ _) :: _ => None | r :: now' => Some (how r :: now') end.
Fixpoint parse (l : list sign) (groups : nat) (now choices : list regex) (levels : list (option nat * list regex * list regex))
    (class_ : option (bool * list tok)) : option regex :=
  match l, class_ with
  | Chr t :: l', Some (other, ts) => parse l' groups now choices levels (Some (other, t :: ts))
  | ClassClose :: l', Some (other, t :: ts) => parse l' groups ((if other then Except (t :: ts) else Among (t :: ts)) :: now) choices levels None
  | _, Some _ => None
  | [], None => match levels with [] => Some (alternatives choices now) | _ => None end
  | Beginning :: l', None => parse l' groups (Begin :: now) choices levels None
  | Chr t :: l', None => parse l' groups (One t :: now) choices levels None
  | Dot :: l', None => parse l' groups (Except [] :: now) choices levels None
  | Open_ :: l', None => parse l' (S groups) [] [] ((Some groups, now, choices) :: levels) None
  | OpenPlain :: l', None => parse l' groups [] [] ((None, now, choices) :: levels) None
  | Bar :: l', None => parse l' groups [] (sequence now :: choices) levels None
  | Close :: l', None =>
    match levels with
    | (Some g, before, earlier) :: levels' => parse l' groups (Group g (alternatives choices now) :: before) earlier levels' None
    | (None, before, earlier) :: levels' => parse l' groups (alternatives choices now :: before) earlier levels' None
    | [] => None
    end
  | (ClassClose | BraceClose) :: l', None => parse l' groups (Among [] :: now) choices levels None    (* a character; no token is it *)
  | ClassOpen :: l', None => parse l' groups now choices levels (Some (false, []))
  | ClassNot :: l', None => parse l' groups now choices levels (Some (true, []))
  | Asterisk :: Question :: l', None => match repeated Lazy now with Some now' => parse l' groups now' choices levels None | None => None end
  | Asterisk :: l', None => match repeated Star now with Some now' => parse l' groups now' choices levels None | None => None end
  | BraceOpen :: Chr (Number k) :: BraceClose :: l', None =>
    if k <? 0 then None
    else match repeated (fun r => Repeat r (Z.to_nat k)) now with Some now' => parse l' groups now' choices levels None | None => None end
  | _, None => None
  end.
Definition expression (l : list sign) : option regex := parse l 0 [] [] [] None.

(** ** Matching: all ways in the order in which they are tried, as the place reached and what groups captured. *)
Definition captures := list (nat * (nat * nat)).       (* group, from, to; the latest first *)
Section Match.
  Variable text : list tok.
  Definition is_in (t : tok) (ts : list tok) : bool := if in_dec tok_eq_dec t ts then true else false.
  Fixpoint ways (r : regex) (p : nat) (c : captures) : list (nat * captures) :=
    match r with
    | Nothing => [(p, c)]
    | Begin => match p with O => [(p, c)] | _ => [] end
    | One t => match nth_error text p with Some u => if tok_eq_dec u t then [(S p, c)] else [] | None => [] end
    | Among ts => match nth_error text p with Some u => if is_in u ts then [(S p, c)] else [] | None => [] end
    | Except ts => match nth_error text p with Some u => if is_in u ts then [] else [(S p, c)] | None => [] end
    | Then a b => flat_map (fun s => ways b (fst s) (snd s)) (ways a p c)
    | Either a b => ways a p c ++ ways b p c
    | Star a =>                                        (* a repetition that reached nothing is the last *)
      (fix star (most : nat) (p : nat) (c : captures) : list (nat * captures) :=
         match most with
         | O => [(p, c)]
         | S most' => flat_map (fun s => if Nat.leb (fst s) p then [s] else star most' (fst s) (snd s)) (ways a p c) ++ [(p, c)]
         end) (S (length text)) p c
    | Lazy a =>
      (fix star (most : nat) (p : nat) (c : captures) : list (nat * captures) :=
         match most with
         | O => [(p, c)]
         | S most' => (p, c) :: flat_map (fun s => if Nat.leb (fst s) p then [s] else star most' (fst s) (snd s)) (ways a p c)
         end) (S (length text)) p c
    | Repeat a k =>
      (fix times (k : nat) (p : nat) (c : captures) : list (nat * captures) :=
         match k with O => [(p, c)] | S k' => flat_map (fun s => times k' (fst s) (snd s)) (ways a p c) end) k p c
    | Group g a => map (fun s => (fst s, (g, (p, fst s)) :: snd s)) (ways a p c)
    end.
  (** The leftmost match, and of those that begin there the one that is found first. *)
  Definition search (r : regex) : option captures := hd_error (flat_map (fun p => map snd (ways r p [])) (seq 0 (S (length text)))).
  Fixpoint span (g : nat) (c : captures) : option (nat * nat) :=
    match c with [] => None | (g', s) :: c' => if Nat.eqb g g' then Some s else span g c' end.
  (** What the group with the highest number captured, of those that captured something. *)
  Fixpoint captured (groups : nat) (c : captures) : list tok :=
    match groups with
    | O => []
    | S g => match span g c with
             | Some (from, to) => match firstn (to - from) (skipn from text) with [] => captured g c | found => found end
             | None => captured g c
             end
    end.
  Definition found (L : language) (written : list tok) : list tok :=
    match expression (signs_of L written) with
    | None => [Special (failed L)]
    | Some r => match search r with
                | None => [Special (failed L)]
                | Some c => match captured (S (list_max (map fst c))) c with [] => [Special (failed L)] | ts => ts end
                end
    end.
End Match.

(** ** The runtime *)

(** What stands before the latest opening, and what stands after it, unless a search was closed there. *)
Fixpoint opened (L : language) (reversed after : list tok) : option (list tok * list tok) :=
  match reversed with
  | [] => None
  | t :: r => if tok_eq_dec t (Special (opening L)) then Some (rev r, after)
              else if tok_eq_dec t (Special (closing L)) then None else opened L r (t :: after)
  end.
Definition yields (L : language) (w : list tok) : list tok :=
  match opened L (rev w) [] with Some (before, written) => found before L written | None => [Special (failed L)] end.
Section Runtime.
  Variables (rho : env) (M : model) (L : language).
  (** Greedy decoding; when a search is closed, what it yields is appended and read like what was written. The first
      answer outside of a search ends it, and so does a full context. *)
  Fixpoint search_from (most : nat) (w : list tok) (inside : bool) : list tok * bool :=
    match most with
    | O => ([], false)
    | S most' =>
      if peval rho (context M) + 1 <? Z.of_nat (length w) then ([], false) else
      let t := next QcN rho M w in
      if tok_eq_dec t (Special (closing L)) then
        let ts := t :: yields L w in
        let (rest, ended) := search_from most' (w ++ ts) false in (ts ++ rest, ended)
      else
        let inside' := (inside || if tok_eq_dec t (Special (opening L)) then true else false)%bool in
        if (negb inside' && is_answer M t)%bool then ([t], true)
        else let (rest, ended) := search_from most' (w ++ [t]) inside' in (t :: rest, ended)
    end.
  Definition decode_searching (w : list tok) : list tok * bool :=
    search_from (S (Z.to_nat (peval rho (context M) + 1) - length w)) w false.
End Runtime.
