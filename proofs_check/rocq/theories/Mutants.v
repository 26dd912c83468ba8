(** Every model with one fault, of a kind: they test the checker, and no theorem rests on them. *)
From Coq Require Import ZArith List.
From RetrievalGap Require Import Model.
Import ListNotations.
Open Scope Z_scope.
Section Mutants.
  Variable f : nat * poly -> nat * poly.
  Fixpoint at_each {A} (g : A -> list A) (l : list A) : list (list A) :=
    match l with [] => [] | a :: l' => map (fun b => b :: l') (g a) ++ map (cons a) (at_each g l') end.
  Definition in_row (r : row) : list row := at_each (fun e => [f e]) r.
  Definition in_matrix (m : matrix) : list matrix := at_each in_row m.
  Definition in_head (h : head) : list head :=
    map (fun m => Head m (key h) (value h) (output h) (slope h)) (in_matrix (query h)) ++
    map (fun m => Head (query h) m (value h) (output h) (slope h)) (in_matrix (key h)) ++
    map (fun m => Head (query h) (key h) m (output h) (slope h)) (in_matrix (value h)) ++
    map (fun m => Head (query h) (key h) (value h) m (slope h)) (in_matrix (output h)) ++
    [Head (query h) (key h) (value h) (output h) (slope h + 1)].
  Definition in_layer (L : layer) : list layer :=
    match L with
    | Attention hs => map Attention (at_each in_head hs)
    | FeedForward g v o => map (fun m => FeedForward m v o) (in_matrix g) ++ map (fun m => FeedForward g m o) (in_matrix v) ++ map (fun m => FeedForward g v m) (in_matrix o)
    | Recurrence a b o d => map (fun m => Recurrence m b o d) (in_matrix a) ++ map (fun m => Recurrence a m o d) (in_matrix b) ++ map (fun m => Recurrence a b m d) (in_matrix o) ++ map (fun m => Recurrence a b o m) (in_matrix d)
    | Selective a b o d g h m =>
      map (fun m' => Selective m' b o d g h m) (in_matrix a) ++ map (fun m' => Selective a m' o d g h m) (in_matrix b) ++ map (fun m' => Selective a b m' d g h m) (in_matrix o) ++
      map (fun m' => Selective a b o m' g h m) (in_matrix d) ++ map (fun m' => Selective a b o d m' h m) (in_matrix g) ++ map (fun m' => Selective a b o d g m' m) (in_matrix h) ++
      map (fun m' => Selective a b o d g h m') (in_matrix m)
    end.
  Definition mutants (M : model) : list model :=
    let with_ p s q l pl sl := Model (specials M) (low M) (high M) (context M) p s q l pl sl (answers M) in
    map (fun m => with_ m (special M) (position M) (layers M) (polynomial_logits M) (special_logits M)) (in_matrix (polynomial M)) ++
    map (fun m => with_ (polynomial M) m (position M) (layers M) (polynomial_logits M) (special_logits M)) (in_matrix (special M)) ++
    map (fun m => with_ (polynomial M) (special M) m (layers M) (polynomial_logits M) (special_logits M)) (in_matrix (position M)) ++
    map (fun l => with_ (polynomial M) (special M) (position M) l (polynomial_logits M) (special_logits M)) (at_each in_layer (layers M)) ++
    map (fun m => with_ (polynomial M) (special M) (position M) (layers M) m (special_logits M)) (in_matrix (polynomial_logits M)) ++
    map (fun m => with_ (polynomial M) (special M) (position M) (layers M) (polynomial_logits M) m) (in_matrix (special_logits M)).
End Mutants.
Definition plus_one (e : nat * poly) := (fst e, (1, []) :: snd e).
Definition doubled (e : nat * poly) := (fst e, snd e ++ snd e).
Definition negated (e : nat * poly) := (fst e, map (fun cm => (- fst cm, snd cm)) (snd e)).
Definition moved (e : nat * poly) := (S (fst e), snd e).
Definition deleted (e : nat * poly) : nat * poly := (fst e, []).
Definition times_n (e : nat * poly) : nat * poly := (fst e, map (fun cm => (fst cm, (0%nat, 1%nat) :: snd cm)) (snd e)).

Section Others.
  Variable M : model.
  Definition with_layers l := Model (specials M) (low M) (high M) (context M) (polynomial M) (special M) (position M) l (polynomial_logits M) (special_logits M) (answers M).
  Definition with_logits m := Model (specials M) (low M) (high M) (context M) (polynomial M) (special M) (position M) (layers M) (polynomial_logits M) m (answers M).
  (** A unit that never opens. *)
  Definition dropped_units : list model :=
    map with_layers (at_each (fun L => match L with FeedForward g v o => map (fun m => FeedForward m v o) (at_each (fun r => match r with [] => [] | _ => [[]] end) g) | _ => [] end) (layers M)).
  (** Every slope changed by k. *)
  Definition slopes (k : Z) : list model :=
    map with_layers (at_each (fun L => match L with Attention hs => map Attention (at_each (fun h => [Head (query h) (key h) (value h) (output h) (slope h + k)]) hs) | _ => [] end) (layers M)).
  Fixpoint swaps (l : matrix) : list matrix := match l with a :: l' => match l' with b :: l'' => (b :: a :: l'') :: map (cons a) (swaps l') | [] => [] end | [] => [] end.
  (** The logits of two neighbouring special tokens, one for the other. *)
  Definition swapped_logits : list model := map with_logits (swaps (special_logits M)).
  (** A head, or a layer, left out. *)
  Definition without {A} (l : list A) : list (list A) := map (fun k => firstn k l ++ skipn (S k) l) (seq 0 (length l)).
  Definition dropped_heads : list model :=
    map with_layers (at_each (fun L => match L with Attention hs => map Attention (without hs) | _ => [] end) (layers M)).
  Definition dropped_layers : list model := map with_layers (without (layers M)).
End Others.
