(** Trees and Turing machines: what the constructions that decide and simulate them are proved to write. Definitions and
    statements only: who believes these and Model.v need not read a proof. *)
From Coq Require Import ZArith List Permutation.
From RetrievalGap Require Import Model.
From RetrievalGap.Generated Require Gen_IsTree.
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
