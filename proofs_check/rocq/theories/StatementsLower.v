(** Every definition and every statement that a reader must believe about the lower halves of theorems 4.6 and 4.7,
    and nothing else. The proofs stand in the other files and end in [Theorem x : statement_x.] *)
From Coq Require Import List Arith Factorial.
Import ListNotations.

(** ** Tokens and machines *)

(** Numbers, the marks "?" and "~", and the answers that are not numbers. *)
Inductive token := Num (k : nat) | Ask | Tilde | NONE | YES | NO.

Definition token_eq_dec : forall a b : token, {a = b} + {a <> b}.
Proof. decide equality; apply Nat.eq_dec. Defined.

(** A machine reads one token after the other. Its states may be any set, finite or not; its rules may depend on the
    position. When it is its turn it writes tokens, reads each of them back, and stops at the first that is an
    answer. An RNN with s_t = step(s_(t-1), x_t) and y_t = write(s_t, x_t) is such a machine. *)
Record machine : Type := {
  state : Type;
  first : state;
  step : nat -> state -> token -> state;   (* at this position, in this state, it reads this token *)
  write : nat -> state -> token -> token;  (* at this position, in this state, after this token, it writes this one *)
  ends : token -> bool                     (* the tokens that are answers *)
}.

Fixpoint read (m : machine) (position : nat) (s : state m) (w : list token) : state m :=
  match w with [] => s | t :: w' => read m (S position) (step m position s t) w' end.

(** The chain of thought, as long as the machine likes: None if it has not ended after [fuel] tokens. *)
Fixpoint think (m : machine) (fuel position : nat) (s : state m) (before : token) : option token :=
  match fuel with
  | O => None
  | S fuel' => let t := write m position s before in
               if ends m t then Some t else think m fuel' (S position) (step m position s t) t
  end.

(** The state after the prefix w. *)
Definition after (m : machine) (w : list token) : state m := read m 0 (first m) w.

(** After the prefix w and the query q the machine writes some tokens, and a is the first answer among them. *)
Definition answers (m : machine) (w q : list token) (a : token) : Prop :=
  exists fuel, think m fuel (length w + length q) (read m (length w) (after m w) q) (last q Ask) = Some a.

(** ** Tasks, and how many states they take *)

(** Which prefixes there are, which queries are legal after which prefix, and the right answer. *)
Record task : Type := {
  prefix : list token -> Prop;
  legal : list token -> list token -> Prop;
  right : list token -> list token -> token
}.

Definition solves (m : machine) (T : task) : Prop :=
  forall w q, prefix T w -> legal T w q -> answers m w q (right T w q).

(** After the prefixes the machine is in one of at most b states. What it does later is not counted. *)
Definition states_at_most (m : machine) (T : task) (b : nat) : Prop :=
  exists l : list (state m), length l <= b /\ forall w, prefix T w -> In (after m w) l.

Definition needs (T : task) (b : nat) : Prop := forall m c, solves m T -> states_at_most m T c -> b <= c.
Definition enough (T : task) (b : nat) : Prop := exists m, solves m T /\ states_at_most m T b.
Definition least (T : task) (b : nat) : Prop := needs T b /\ enough T b.

(** Where prefixes have several lengths, the position itself tells something. These machines do not see it. *)
Definition uniform (m : machine) : Prop :=
  (forall i j s t, step m i s t = step m j s t) /\ (forall i j s t, write m i s t = write m j s t).
Definition least_uniform (T : task) (b : nat) : Prop :=
  (forall m c, uniform m -> solves m T -> states_at_most m T c -> b <= c) /\
  (exists m, uniform m /\ solves m T /\ states_at_most m T b).

(** b is o(g): for every c, c b(n) < g(n) from some n on. *)
Definition little_o (g b : nat -> nat) : Prop := forall c, exists N, forall n, N <= n -> c * b n < g n.
Definition linear (n : nat) : nat := n.
Definition n_log_n (n : nat) : nat := n * Nat.log2 n.

(** Machines with o(g) bits of state fail at every large n: a machine for each n, each with rules of its own. *)
Definition fail_below (g : nat -> nat) (T : nat -> task) : Prop :=
  forall (m : nat -> machine) (b : nat -> nat), little_o g b ->
  (forall n, states_at_most (m n) (T n) (2 ^ b n)) ->
  exists N, forall n, N <= n -> ~ solves (m n) (T n).

(** ** The four tasks of retrieval *)

(** The alphabet 1 .. k, and the words over it. *)
Definition letters (k : nat) : list token := map Num (seq 1 k).
Definition over (k : nat) (w : list token) : Prop := incl w (letters k).

(** Index: after n tokens of k, "? i" asks for the i-th. *)
Definition index (k n : nat) : task := {|
  prefix w := length w = n /\ over k w;
  legal w q := exists i, 1 <= i <= n /\ q = [Ask; Num i];
  right w q := match q with [_; Num i] => nth (i - 1) w NONE | _ => NONE end
|}.

(** The token that follows the gram g: [next g w] if w begins with g, [follows g w] after the latest occurrence of g
    in w that has a successor. *)
Fixpoint next (g w : list token) : option token :=
  match g, w with
  | [], a :: _ => Some a
  | b :: g', a :: w' => if token_eq_dec a b then next g' w' else None
  | _, [] => None
  end.
Fixpoint follows (g w : list token) : option token :=
  match w with
  | [] => None
  | _ :: w' => match follows g w' with Some a => Some a | None => next g w end
  end.

(** c-gram on n different tokens of k: "? g" with a gram g of c - 1 letters asks what follows it. Total: the answer is
    NONE where nothing does. Promise: such queries do not occur. Associative recall is the case c = 2. *)
Definition different (k n : nat) (w : list token) : Prop := length w = n /\ over k w /\ NoDup w.
Definition what_follows (w q : list token) : token :=
  match q with _ :: g => match follows g w with Some a => a | None => NONE end | [] => NONE end.
Definition c_gram (c k n : nat) : task := {|
  prefix := different k n;
  legal w q := exists g, length g = c - 1 /\ over k g /\ q = Ask :: g;
  right := what_follows
|}.
Definition c_gram_promise (c k n : nat) : task := {|
  prefix := different k n;
  legal w q := exists g, length g = c - 1 /\ over k g /\ q = Ask :: g /\ follows g w <> None;
  right := what_follows
|}.
(** The same after any n tokens of k, total. *)
Definition c_gram_of_words (c k n : nat) : task := {|
  prefix w := length w = n /\ over k w;
  legal w q := exists g, length g = c - 1 /\ over k g /\ q = Ask :: g;
  right := what_follows
|}.
Definition recall (k n : nat) : task := c_gram 2 k n.
Definition recall_promise (k n : nat) : task := c_gram_promise 2 k n.

(** Counting: after n tokens of k, "? q t" asks whether q occurs more than t times: 1 or 0. *)
Definition counting (k n : nat) : task := {|
  prefix w := length w = n /\ over k w;
  legal w q := exists i t, 1 <= i <= k /\ t <= n /\ q = [Ask; Num i; Num t];
  right w q := match q with
               | [_; a; Num t] => if t <? count_occ token_eq_dec w a then Num 1 else Num 0
               | _ => NONE
               end
|}.

(** ** IsTree *)

(** Nodes are 1 .. n; an edge is written "u ~ v". *)
Notation edge := (nat * nat)%type.
Fixpoint text (es : list edge) : list token :=
  match es with [] => [] | (u, v) :: es' => Num u :: Tilde :: Num v :: text es' end.
Fixpoint edges_of (w : list token) : list edge :=
  match w with
  | Num u :: Tilde :: Num v :: w' => (u, v) :: edges_of w'
  | Ask :: w' => edges_of w'
  | _ => []
  end.

Definition node (n v : nat) : Prop := 1 <= v <= n.
Definition edges (n : nat) (es : list edge) : Prop := forall u v, In (u, v) es -> node n u /\ node n v /\ u <> v.

Inductive joined (es : list edge) : nat -> nat -> Prop :=
| here u : joined es u u
| across u v w : In (u, v) es \/ In (v, u) es -> joined es v w -> joined es u w.

(** Connected, and no edge closes a cycle with the others; an edge that is repeated does. *)
Definition connected (n : nat) (es : list edge) : Prop := forall u v, node n u -> node n v -> joined es u v.
Definition acyclic (es : list edge) : Prop :=
  forall before u v after, es = before ++ (u, v) :: after -> ~ joined (before ++ after) u v.
Definition is_tree (n : nat) (es : list edge) : Prop := connected n es /\ acyclic es.

(** The same, computed: n - 1 edges, and all nodes get one label. *)
Fixpoint label (es : list edge) (x : nat) : nat :=
  match es with
  | [] => x
  | (u, v) :: es' => if label es' x =? label es' v then label es' u else label es' x
  end.
Definition tree (n : nat) (es : list edge) : bool :=
  (S (length es) =? n) && forallb (fun v => label es v =? label es 1) (seq 1 n).

(** A prefix lists edges, a query "? ..." lists more; are all of them together a tree on the nodes 1 .. n? *)
Definition is_tree_task (n : nat) (allowed : list edge -> Prop) : task := {|
  prefix w := exists es, edges n es /\ allowed es /\ w = text es;
  legal w q := exists es, edges n es /\ q = Ask :: text es;
  right w q := if tree n (edges_of (w ++ q)) then YES else NO
|}.
Definition istree (n : nat) : task := is_tree_task n (fun _ => True).                 (* prefixes of any length *)
Definition istree_at (n m : nat) : task := is_tree_task n (fun es => length es = m).   (* prefixes of m edges *)

(** The input that theorem 4.7 is about: a simple graph without isolated nodes. Other inputs do not occur. *)
Definition normal (e : edge) : edge := (Nat.min (fst e) (snd e), Nat.max (fst e) (snd e)).
Definition simple (n : nat) (es : list edge) : Prop := edges n es /\ NoDup (map normal es).
Definition covers (n : nat) (es : list edge) : Prop := forall v, node n v -> exists u, In (u, v) es \/ In (v, u) es.
Definition istree_promise (n : nat) : task := {|
  prefix w := exists es, simple n es /\ w = text es;
  legal w q := exists es, q = Ask :: text es /\ simple n (edges_of w ++ es) /\ covers n (edges_of w ++ es);
  right w q := if tree n (edges_of (w ++ q)) then YES else NO
|}.

(** ** Numbers *)

(** k (k-1) ... (k-n+1): words of n different letters of k. *)
Fixpoint falling (k n : nat) : nat := match n with O => 1 | S n' => k * falling (k - 1) n' end.
(** Pascal's triangle: subsets of k out of n. *)
Fixpoint binomial (n k : nat) : nat :=
  match n, k with
  | _, O => 1
  | O, S _ => 0
  | S n', S k' => binomial n' k' + binomial n' k
  end.
(** Partitions of n elements into q blocks: the last element is alone, or in one of the q blocks of the others. *)
Fixpoint stirling (n q : nat) : nat :=
  match n, q with
  | O, O => 1
  | S n', S q' => stirling n' q' + q * stirling n' q
  | _, _ => 0
  end.
Definition bell (n : nat) : nat := list_sum (map (stirling n) (seq 0 (S n))).

(** ** In general: the least number of states is the number of different rows *)

(** Where all prefixes P have one length and the same queries Q are legal after each of them. *)
Definition row (T : task) (Q : list (list token)) (w : list token) : list token := map (right T w) Q.
Definition rows (T : task) (P Q : list (list token)) : list (list token) :=
  nodup (list_eq_dec token_eq_dec) (map (row T Q) P).
Definition statement_least_is_rows : Prop := forall T P Q n,
  (forall w, prefix T w <-> In w P) -> (forall w, In w P -> length w = n) ->
  (forall w q, In w P -> (legal T w q <-> In q Q)) ->
  least T (length (rows T P Q)).

(** ** Theorem 4.6, lower half *)

(** What fails with o(n log n) bits fails with o(n) bits, which is what the paper says. *)
Definition statement_fail_below_linear : Prop := forall T, fail_below n_log_n T -> fail_below linear T.

Definition statement_index_states : Prop := forall k n, least (index k n) (k ^ n).
Definition statement_index_fails : Prop := forall k, 2 <= k -> fail_below linear (index k).

Definition statement_recall_states : Prop := forall n, least (recall n n) (fact n).
Definition statement_recall_fails : Prop := fail_below n_log_n (fun n => recall n n).
Definition statement_recall_promise_states : Prop := forall n, 1 <= n -> least (recall_promise n n) (fact (n - 1)).
Definition statement_recall_promise_fails : Prop := fail_below n_log_n (fun n => recall_promise n n).

Definition statement_c_gram_states : Prop := forall c k n, 2 <= c <= n -> least (c_gram c k n) (falling k n).
Definition statement_c_gram_own_states : Prop := forall c n, 2 <= c <= n -> least (c_gram c n n) (fact n).
Definition statement_c_gram_fails : Prop := forall c, 2 <= c -> fail_below n_log_n (fun n => c_gram c n n).
Definition statement_c_gram_promise_states : Prop := forall c k n, 2 <= c <= n ->
  needs (c_gram_promise c k n) (falling (k - (c - 1)) (n - (c - 1))).
Definition statement_c_gram_promise_fails : Prop :=
  forall c, 2 <= c -> fail_below n_log_n (fun n => c_gram_promise c n n).

(** Where the alphabet does not grow, a number of states that does not depend on n is enough. *)
Definition statement_c_gram_constant : Prop := forall c k n, enough (c_gram_of_words c k n) ((k + 1) ^ (k ^ (c - 1))).
Definition statement_c_gram_does_not_fail : Prop := forall c k, ~ fail_below linear (c_gram_of_words c k).

Definition statement_counting_states : Prop := forall k n, 1 <= k ->
  least (counting k n) (binomial (n + k - 1) (k - 1)).
Definition statement_counting_own_states : Prop := forall n, 1 <= n -> least (counting n n) (binomial (2 * n - 1) n).
Definition statement_counting_fails : Prop := fail_below linear (fun n => counting n n).

(** ** Theorem 4.7, lower half *)

(** The answer to IsTree is right. *)
Definition statement_tree_decides : Prop := forall n es, 1 <= n -> edges n es -> (tree n es = true <-> is_tree n es).
(** Prefixes of m edges alone: n - m blocks, and one more state where an edge can be repeated. *)
Definition statement_istree_at_states : Prop := forall n m, 2 <= n ->
  least (istree_at n m) (stirling n (n - m) + if 2 <=? m then 1 else 0).
Definition statement_istree_power_states : Prop := forall n q, q <= n -> needs (istree_at n (n - q)) (q ^ (n - q)).
Definition statement_istree_fails : Prop := fail_below n_log_n istree.
(** On simple graphs without isolated nodes alone. *)
Definition statement_istree_promise_states : Prop := forall n q, 2 * q + 1 <= n ->
  needs (istree_promise n) (q ^ (n - 1 - 2 * q)).
Definition statement_istree_promise_fails : Prop := fail_below n_log_n istree_promise.
(** Machines that do not see the position, and prefixes of any length. *)
Definition statement_istree_states : Prop := forall n, 2 <= n -> least_uniform (istree n) (bell n + 1).
