(** What the two searches of retrieval/istree find: the neighbour that comes before one in the list of edges, and how a node is
    known from the records of a walk. *)
From Coq Require Import ZArith List Lia Arith Bool.
From RetrievalGap Require Import Model Searching StatementsMachines EulerTour Searches.
Import ListNotations.
Local Open Scope nat_scope.

(** ** Stars of classes: all places up to the first token that is excluded *)
Fixpoint run_length (ts l : list tok) : nat := match l with t :: l' => if is_in t ts then 0 else S (run_length ts l') | [] => 0 end.
Definition lazy_of (f : nat -> captures -> list (nat * captures)) := fix star (most : nat) (p : nat) (c : captures) : list (nat * captures) :=
  match most with
  | O => [(p, c)]
  | S most' => (p, c) :: flat_map (fun s => if Nat.leb (fst s) p then [s] else star most' (fst s) (snd s)) (f p c)
  end.
Section Stars.
  Variables (text ts : list tok).
  Notation to_stop p := (run_length ts (skipn p text)).
  Lemma skipn_step p : skipn p text = match nth_error text p with Some t => t :: skipn (S p) text | None => [] end.
  Proof. revert p. induction text as [|t l IH]; intros [|p]; cbn [skipn nth_error]; try reflexivity. rewrite IH. reflexivity. Qed.
  Lemma ways_class p c : ways text (Except ts) p c = match to_stop p with O => [] | S _ => [(S p, c)] end /\
    forall d, to_stop p = S d -> to_stop (S p) = d.
  Proof.
    rewrite (skipn_step p). cbn [ways]. destruct (nth_error text p) as [t|]; cbn [run_length]; [|split; [reflexivity|discriminate]].
    destruct (is_in t ts); split; try reflexivity; try discriminate. intros d E. injection E as E. exact E.
  Qed.
  Lemma star_run d : forall p most c, to_stop p = d -> d <= most -> star_of (ways text (Except ts)) most p c = map (fun j => (j, c)) (rev (seq p (S d))).
  Proof.
    induction d as [|d IH]; intros p most c E Le; destruct (ways_class p c) as (W & Next).
    - destruct most as [|most]; [reflexivity|]. cbn [star_of]. rewrite W, E. reflexivity.
    - destruct most as [|most]; [lia|]. cbn [star_of]. rewrite W, E. cbn [flat_map fst snd]. destruct (Nat.leb_spec (S p) p); [lia|]. rewrite app_nil_r.
      change (seq p (S (S d))) with (p :: seq (S p) (S d)). cbn [rev]. rewrite map_app. f_equal. apply IH; [apply Next; exact E|lia].
  Qed.
  Lemma lazy_run d : forall p most c, to_stop p = d -> d <= most -> lazy_of (ways text (Except ts)) most p c = map (fun j => (j, c)) (seq p (S d)).
  Proof.
    induction d as [|d IH]; intros p most c E Le; destruct (ways_class p c) as (W & Next).
    - destruct most as [|most]; [reflexivity|]. cbn [lazy_of]. rewrite W, E. reflexivity.
    - destruct most as [|most]; [lia|]. cbn [lazy_of]. rewrite W, E. cbn [flat_map fst snd]. destruct (Nat.leb_spec (S p) p); [lia|]. rewrite app_nil_r.
      change (seq p (S (S d))) with (p :: seq (S p) (S d)). cbn [map]. f_equal. apply IH; [apply Next; exact E|lia].
  Qed.
  Lemma run_short l : run_length ts l <= length l.
  Proof. induction l as [|t l IH]; cbn [run_length length]; [lia|]. destruct (is_in t ts); lia. Qed.
  Lemma to_stop_short p : to_stop p <= S (length text).
  Proof. pose proof (run_short (skipn p text)) as R. rewrite skipn_length in R. lia. Qed.
  Lemma ways_star p c : ways text (Star (Except ts)) p c = map (fun j => (j, c)) (rev (seq p (S (to_stop p)))).
  Proof. rewrite ways_star_of. apply star_run; [reflexivity|apply to_stop_short]. Qed.
  Lemma ways_lazy p c : ways text (Lazy (Except ts)) p c = map (fun j => (j, c)) (seq p (S (to_stop p))).
  Proof. change (lazy_of (ways text (Except ts)) (S (length text)) p c = map (fun j => (j, c)) (seq p (S (to_stop p)))). apply lazy_run; [reflexivity|apply to_stop_short]. Qed.
End Stars.
Lemma is_in_true t ts : In t ts -> is_in t ts = true.
Proof. intros I. unfold is_in. destruct (in_dec tok_eq_dec t ts); [reflexivity|contradiction]. Qed.
Lemma is_in_false t ts : ~ In t ts -> is_in t ts = false.
Proof. intros I. unfold is_in. destruct (in_dec tok_eq_dec t ts); [contradiction|reflexivity]. Qed.
Lemma hd_error_in {A} (l : list A) x : hd_error l = Some x -> In x l.
Proof. destruct l; [discriminate|]. intros E. injection E as ->. left. reflexivity. Qed.

Lemma flat_none {A B} (f : A -> list B) l : (forall x, In x l -> f x = []) -> flat_map f l = [].
Proof. induction l as [|x l IH]; intros H; [reflexivity|]. cbn [flat_map]. rewrite H by (left; reflexivity). apply IH. intros y I. apply H. right. exact I. Qed.

Lemma then_is text a b j k : ways text (Then a b) j k = flat_map (fun s => ways text b (fst s) (snd s)) (ways text a j k). Proof. reflexivity. Qed.
Lemma either_is text a b j k : ways text (Either a b) j k = ways text a j k ++ ways text b j k. Proof. reflexivity. Qed.
Lemma then_nothing text a j k : ways text (Then a Nothing) j k = ways text a j k.
Proof. rewrite then_is. induction (ways text a j k) as [|(j', k') l IH]; [reflexivity|]. cbn [flat_map fst snd]. rewrite IH. reflexivity. Qed.
(** A group that captured one token, and no other did. *)
Lemma captured_token text g p t : nth_error text p = Some t -> captured text (S g) [(g, (p, S p))] = [t].
Proof.
  intros E. cbn [captured span]. rewrite Nat.eqb_refl. replace (S p - p) with 1 by lia. apply nth_error_split in E. destruct E as (l1 & l2 & -> & <-).
  rewrite skipn_app, skipn_all, Nat.sub_diag. reflexivity.
Qed.

(** ** Neighbours *)
Definition ends_at (c : nat) (e : edge) : list nat := let (a, b) := e in if Nat.eqb a c then [b] else if Nat.eqb b c then [a] else [].
Lemma neighbours_cons e es c : neighbours (e :: es) c = ends_at c e ++ neighbours es c. Proof. destruct e. reflexivity. Qed.
Lemma neighbours_app l1 l2 c : neighbours (l1 ++ l2) c = neighbours l1 c ++ neighbours l2 c. Proof. apply flat_map_app. Qed.
Lemma last_edge es c : neighbours es c <> [] -> exists l1 e l2 y, es = l1 ++ e :: l2 /\ ends_at c e = [y] /\ neighbours l2 c = [].
Proof.
  induction es as [|e es IH]; intros Ne; [destruct Ne; reflexivity|]. destruct (neighbours es c) as [|z zs] eqn:N.
  - rewrite neighbours_cons, N, app_nil_r in Ne. exists [], e, es. destruct e as (a, b). cbn [ends_at] in *.
    destruct (a =? c); [exists b; auto|]. destruct (b =? c); [exists a; auto|]. destruct Ne. reflexivity.
  - destruct IH as (l1 & e' & l2 & y & -> & H); [discriminate|]. exists (e :: l1), e', l2, y. split; [reflexivity|exact H].
Qed.
(** An edge of c, then no edge of c, then the edge of c and u. *)
Definition comes_before (es : list edge) (c u y : nat) : Prop :=
  exists l1 e l2 e' l3, es = l1 ++ e :: l2 ++ e' :: l3 /\ ends_at c e = [y] /\ neighbours l2 c = [] /\ ends_at c e' = [u].
Lemma before_absent d l u : ~ In u l -> before d l u = last l d.
Proof.
  revert d. induction l as [|a l IH]; intros d H; [reflexivity|]. cbn [before]. destruct (Nat.eqb_spec a u) as [->|N]; [exfalso; apply H; left; reflexivity|].
  rewrite IH by (intros I; apply H; right; exact I). destruct l as [|b l]; [reflexivity|]. apply (last_default (b :: l)). discriminate.
Qed.
Lemma before_is es c u y d : simple es -> comes_before es c u y -> before d (neighbours es c) u = y.
Proof.
  intros Si (l1 & e & l2 & e' & l3 & E & Ey & N & Eu). pose proof (neighbours_distinct es c Si) as D.
  assert (neighbours es c = (neighbours l1 c ++ [y]) ++ u :: neighbours l3 c) as S.
  { rewrite E, neighbours_app, neighbours_cons, neighbours_app, neighbours_cons, Ey, N, Eu, <- app_assoc. reflexivity. }
  rewrite S in D |- *. rewrite before_app; [apply last_last|]. apply NoDup_remove_2 in D. intros I. apply D, in_or_app. left. exact I.
Qed.
Lemma next_cases es c u : simple es -> neighbours es c <> [] ->
  comes_before es c u (next es c u) \/ (forall y, ~ comes_before es c u y) /\ next es c u = last (neighbours es c) 0.
Proof.
  intros Si Ne. unfold next. destruct (in_dec Nat.eq_dec u (neighbours es c)) as [I|No].
  - assert (exists a e b, es = a ++ e :: b /\ ends_at c e = [u]) as (a & e & b & E & Eu).
    { clear - I. induction es as [|e es IH]; [destruct I|]. rewrite neighbours_cons in I. apply in_app_or in I. destruct I as [I|I].
      - exists [], e, es. split; [reflexivity|]. destruct e as (a, b). cbn [ends_at] in *. destruct (a =? c); [destruct I as [->|[]]; reflexivity|]. destruct (b =? c); [destruct I as [->|[]]; reflexivity|destruct I].
      - destruct (IH I) as (a & e' & b & -> & H). exists (e :: a), e', b. split; [reflexivity|exact H]. }
    destruct (neighbours a c) as [|z zs] eqn:N.
    + right. assert (forall d, before d (neighbours es c) u = d) as B.
      { intros d. rewrite E, neighbours_app, N, neighbours_cons, Eu. cbn [app before]. rewrite Nat.eqb_refl. reflexivity. }
      split; [|apply B]. intros y C. pose proof (before_is es c u y (S y) Si C) as F. rewrite B in F. lia.
    + left. destruct (last_edge a c) as (l1 & e0 & l2 & y & Ea & Ey & N2); [rewrite N; discriminate|].
      assert (comes_before es c u y) as C by (exists l1, e0, l2, e, b; split; [rewrite E, Ea, <- app_assoc; reflexivity|auto]). rewrite (before_is es c u y _ Si C). exact C.
  - right. split.
    + intros y (l1 & e & l2 & e' & l3 & E & _ & _ & Eu). apply No. rewrite E, neighbours_app, neighbours_cons, neighbours_app, neighbours_cons, Eu.
      apply in_or_app. right. apply in_or_app. right. apply in_or_app. right. left. reflexivity.
    + rewrite before_absent by exact No. apply last_default. exact Ne.
Qed.

(** ** The list of edges as tokens *)
Notation join := (Special 1).
Notation stop := (Special 2).
Definition listed_edges (es : list edge) : list tok := flat_map (fun '(u, v) => [node u; join; node v]) es.
Lemma listed_app a b : listed_edges (a ++ b) = listed_edges a ++ listed_edges b. Proof. apply flat_map_app. Qed.
Lemma listed_cons a b es more : listed_edges ((a, b) :: es) ++ more = node a :: join :: node b :: listed_edges es ++ more. Proof. reflexivity. Qed.
Lemma listed_length es : length (listed_edges es) = 3 * length es.
Proof. induction es as [|(a, b) es IH]; [reflexivity|]. change (S (S (S (length (listed_edges es)))) = 3 * S (length es)). lia. Qed.

Section Next.
  Variables (es : list edge) (rest : list tok) (c u : nat).
  Hypothesis is_simple : simple es.
  Hypothesis some : neighbours es c <> [].
  (** What follows the list; its first token is no join. *)
  Hypothesis no_join : nth_error rest 0 <> Some join.
  Notation text := (Special 0 :: listed_edges es ++ stop :: rest).
  Notation m := (length es).
  Notation C := (node c).
  Notation U := (node u).

  Lemma join_or_not (t : option tok) : t = Some join \/ t <> Some join.
  Proof. destruct t as [t|]; [|right; discriminate]. destruct (tok_eq_dec t join) as [->|N]; [left; reflexivity|right; congruence]. Qed.
  Lemma joins_at l : forall tail j, nth_error (listed_edges l ++ tail) (S j) = Some join -> j <= 3 * length l -> nth_error tail 0 <> Some join -> nth_error tail 1 <> Some join ->
    exists l1 e l2, l = l1 ++ e :: l2 /\ j = 3 * length l1.
  Proof.
    induction l as [|(a, b) l IH]; intros tail j E Le N0 N1.
    - cbn [length] in Le. assert (j = 0) as -> by lia. contradiction.
    - rewrite listed_cons in E. cbn [length] in Le. destruct j as [|[|[|j]]]; cbn [nth_error] in E.
      + exists [], (a, b), l. auto.
      + discriminate.
      + exfalso. destruct l as [|(a', b') l]; [|discriminate]. apply N0. exact E.
      + destruct (IH tail j E ltac:(lia) N0 N1) as (l1 & e & l2 & -> & ->). exists ((a, b) :: l1), e, l2. cbn [app length]. split; [reflexivity|lia].
  Qed.
  Lemma edge_at j : nth_error text (S j) = Some join -> j <= 3 * m + 1 -> exists l1 e l2, es = l1 ++ e :: l2 /\ j = 1 + 3 * length l1.
  Proof.
    intros E Le. cbn [nth_error] in E. destruct j as [|j].
    - exfalso. destruct es as [|(a, b) l]; discriminate.
    - destruct (joins_at es (stop :: rest) j E ltac:(lia) ltac:(discriminate) no_join) as (l1 & e & l2 & H & ->). exists l1, e, l2. auto.
  Qed.
  Lemma after_edge l1 e l2 : es = l1 ++ e :: l2 -> skipn (1 + 3 * length l1) text = node (fst e) :: join :: node (snd e) :: listed_edges l2 ++ stop :: rest.
  Proof.
    intros ->. cbn [skipn Nat.add]. rewrite listed_app, <- app_assoc, <- listed_length, skipn_app, skipn_all, Nat.sub_diag. destruct e as (a, b). reflexivity.
  Qed.
  Lemma skipn_three {A} (l : list A) : forall p a b d r, skipn p l = a :: b :: d :: r ->
    nth_error l p = Some a /\ nth_error l (S p) = Some b /\ nth_error l (S (S p)) = Some d /\ skipn (S (S (S p))) l = r.
  Proof. induction l as [|x l IH]; intros [|p] a b d r E; try discriminate; [cbn [skipn] in E; subst; injection E as -> ->; auto|apply IH; exact E]. Qed.
  Lemma tokens_at l1 e l2 : es = l1 ++ e :: l2 -> let j := 1 + 3 * length l1 in
    nth_error text j = Some (node (fst e)) /\ nth_error text (S j) = Some join /\ nth_error text (S (S j)) = Some (node (snd e)) /\
    skipn (S (S (S j))) text = listed_edges l2 ++ stop :: rest.
  Proof. intros E j. apply skipn_three. apply (after_edge l1 e l2 E). Qed.

  (** An edge of c, whose other end is captured; an edge of c and u. *)
  Definition edge_of (g : nat) : regex :=
    Either (Then (One C) (Then (One join) (Then (Group g (Then (Except []) Nothing)) Nothing))) (Then (Group (S g) (Then (Except []) Nothing)) (Then (One join) (Then (One C) Nothing))).
  Definition edge_to : regex := Then (Either (Then (One C) (Then (One join) (Then (One U) Nothing))) (Then (One U) (Then (One join) (Then (One C) Nothing)))) Nothing.
  Definition captures_end (g : nat) (e : edge) (j : nat) : nat * (nat * nat) := if Nat.eqb (fst e) c then (g, (S (S j), S (S (S j)))) else (S g, (j, S j)).
  Lemma not_at r1 r2 g j k : nth_error text (S j) <> Some join -> ways text (Either (Then (One r1) (Then (One join) r2)) g) j k = ways text g j k.
  Proof.
    intros N. cbn [ways]. destruct (nth_error text j) as [t|]; [|reflexivity]. destruct (tok_eq_dec t r1); [|reflexivity]. cbn [flat_map fst snd].
    destruct (nth_error text (S j)) as [t'|]; [|reflexivity]. destruct (tok_eq_dec t' join) as [->|]; [congruence|reflexivity].
  Qed.
  Lemma edge_of_nowhere g j k : nth_error text (S j) <> Some join -> ways text (edge_of g) j k = [].
  Proof.
    intros N. unfold edge_of. rewrite not_at by exact N. cbn [ways]. destruct (nth_error text j) as [t|]; [|reflexivity].
    unfold is_in. cbn [in_dec list_rec list_rect map flat_map fst snd app].
    destruct (nth_error text (S j)) as [t'|]; [|reflexivity]. destruct (tok_eq_dec t' join) as [->|]; [congruence|reflexivity].
  Qed.
  Lemma edge_to_nowhere j k : nth_error text (S j) <> Some join -> ways text edge_to j k = [].
  Proof.
    intros N. unfold edge_to. rewrite then_nothing, not_at by exact N. cbn [ways]. destruct (nth_error text j) as [t|]; [|reflexivity]. destruct (tok_eq_dec t U); [|reflexivity]. cbn [flat_map fst snd].
    destruct (nth_error text (S j)) as [t'|]; [|reflexivity]. destruct (tok_eq_dec t' join) as [->|]; [congruence|reflexivity].
  Qed.
  Lemma node_is a b : (if tok_eq_dec (node a) (node b) then true else false) = Nat.eqb a b.
  Proof. destruct (Nat.eqb_spec a b) as [->|N]; destruct (tok_eq_dec _ _) as [E|E]; try reflexivity; try congruence. exfalso. apply N. injection E as E. lia. Qed.
  Lemma one_node a b j k : nth_error text j = Some (node a) -> ways text (One (node b)) j k = if Nat.eqb a b then [(S j, k)] else [].
  Proof. intros E. cbn [ways]. rewrite E, <- node_is. destruct (tok_eq_dec _ _); reflexivity. Qed.
  Lemma one_join j k : nth_error text j = Some join -> ways text (One join) j k = [(S j, k)].
  Proof. intros E. cbn [ways]. rewrite E. destruct (tok_eq_dec _ _); congruence. Qed.
  Lemma group_any g j k t : nth_error text j = Some t -> ways text (Group g (Then (Except []) Nothing)) j k = [(S j, (g, (j, S j)) :: k)].
  Proof. intros E. cbn [ways]. rewrite E. reflexivity. Qed.
  Lemma no_loop l1 e l2 : es = l1 ++ e :: l2 -> fst e <> snd e.
  Proof. intros E. destruct e as (a, b). rewrite E in is_simple. apply simple_split in is_simple. tauto. Qed.
  Lemma edge_of_at g l1 e l2 k (j := 1 + 3 * length l1) : es = l1 ++ e :: l2 ->
    ways text (edge_of g) j k = match ends_at c e with [] => [] | _ => [(3 + j, captures_end g e j :: k)] end.
  Proof.
    intros E. destruct (tokens_at l1 e l2 E) as (T0 & T1 & T2 & _). pose proof (no_loop l1 e l2 E) as L. fold j in T0, T1, T2. clearbody j. destruct e as (a, b). cbn [fst snd ends_at] in *. unfold captures_end, edge_of. cbn [fst snd].
    rewrite either_is, !then_is, (one_node a c j k T0), (group_any (S g) j k _ T0). cbn [flat_map fst snd]. rewrite then_is, (one_join _ _ T1). cbn [flat_map fst snd]. rewrite then_is, (one_node b c _ _ T2).
    destruct (Nat.eqb_spec a c) as [->|Na].
    - cbn [flat_map fst snd]. rewrite then_is, (one_join _ _ T1). cbn [flat_map fst snd]. rewrite then_is, (group_any g _ _ _ T2). destruct (Nat.eqb_spec b c); [congruence|]. reflexivity.
    - destruct (Nat.eqb_spec b c) as [->|Nb]; reflexivity.
  Qed.
  Lemma edge_to_at l1 e l2 k (j := 1 + 3 * length l1) : es = l1 ++ e :: l2 ->
    ways text edge_to j k = match ends_at c e with [x] => if Nat.eqb x u then [(3 + j, k)] else [] | _ => [] end.
  Proof.
    intros E. destruct (tokens_at l1 e l2 E) as (T0 & T1 & T2 & _). pose proof (no_loop l1 e l2 E) as L. fold j in T0, T1, T2. clearbody j. destruct e as (a, b). cbn [fst snd ends_at] in *. unfold edge_to.
    rewrite then_nothing, either_is, !then_is, (one_node a c j k T0), (one_node a u j k T0).
    assert (forall v w k', flat_map (fun s => ways text (Then (One join) (Then (One (node v)) Nothing)) (fst s) (snd s)) (if Nat.eqb a w then [(S j, k')] else []) =
      if Nat.eqb a w && Nat.eqb b v then [(3 + j, k')] else []) as Two.
    { intros v w k'. destruct (Nat.eqb a w); [|reflexivity]. cbn [flat_map fst snd]. rewrite then_is, (one_join _ _ T1). cbn [flat_map fst snd]. rewrite then_is, (one_node b v _ _ T2). destruct (Nat.eqb b v); reflexivity. }
    rewrite !Two. destruct (Nat.eqb_spec a c) as [->|Na], (Nat.eqb_spec b c) as [->|Nb]; try congruence; cbn [andb].
    - rewrite andb_false_r, app_nil_r. reflexivity.
    - rewrite andb_true_r. reflexivity.
    - rewrite andb_false_r. reflexivity.
  Qed.

  (** How far the scans go: to the end of the list, or to the next c. *)
  Lemma list_end l ts : (forall v, ~ In (node v) ts) -> ~ In join ts -> In stop ts -> run_length ts (listed_edges l ++ stop :: rest) = 3 * length l.
  Proof.
    intros A B D. induction l as [|(a, b) l IH]; [cbn [listed_edges flat_map app run_length]; rewrite is_in_true by exact D; reflexivity|]. rewrite listed_cons. cbn [run_length length].
    rewrite !is_in_false by auto. rewrite IH. lia.
  Qed.
  Notation scan := (run_length [C; stop]).
  Lemma in_scan v : is_in (node v) [C; stop] = Nat.eqb v c.
  Proof.
    destruct (Nat.eqb_spec v c) as [->|N]; [apply is_in_true; left; reflexivity|]. apply is_in_false. intros [E|[E|[]]]; [|discriminate]. apply N. injection E as E. lia.
  Qed.
  Lemma scan_apart l more : neighbours l c = [] -> scan (listed_edges l ++ more) = 3 * length l + scan more.
  Proof.
    induction l as [|(a, b) l IH]; intros N; [reflexivity|]. rewrite neighbours_cons in N. cbn [ends_at] in N. rewrite listed_cons. cbn [run_length length]. rewrite !in_scan.
    assert (is_in join [C; stop] = false) as -> by (apply is_in_false; intros [E|[E|[]]]; discriminate).
    destruct (a =? c); [discriminate|]. destruct (b =? c); [discriminate|].  rewrite IH by exact N. lia.
  Qed.
  Lemma scan_stops l more : neighbours l c <> [] -> scan (listed_edges l ++ more) < 3 * length l.
  Proof.
    induction l as [|(a, b) l IH]; intros N; [destruct N; reflexivity|]. rewrite neighbours_cons in N. cbn [ends_at] in N. rewrite listed_cons. cbn [run_length length]. rewrite !in_scan.
    assert (is_in join [C; stop] = false) as -> by (apply is_in_false; intros [E|[E|[]]]; discriminate).
    destruct (a =? c); [lia|]. destruct (b =? c); [lia|].  specialize (IH N). lia.
  Qed.
  Lemma later_part (l1 : list edge) e l2 l1' e' l2' : l1 ++ e :: l2 = l1' ++ e' :: l2' -> length l1 < length l1' -> exists mid, l1' = l1 ++ e :: mid /\ l2 = mid ++ e' :: l2'.
  Proof.
    revert l1'. induction l1 as [|a l1 IH]; intros [|a' l1'] E L; cbn [length app] in *; try lia; injection E as -> E.
    - exists l1'. auto.
    - destruct (IH l1' E ltac:(lia)) as (mid & -> & ->). exists mid. auto.
  Qed.

  (** The first search. *)
  Definition search_after : regex := Then (edge_of 0) (Then (Star (Except [C; stop])) edge_to).
  Definition search_next : regex := Either (Then (Lazy (Except [stop])) search_after) (Then (Star (Except [stop])) (Then (edge_of 2) Nothing)).
  Notation hit y k := (exists g j, k = [(g, (j, S j))] /\ nth_error text j = Some (node y)).
  Lemma end_captured g l1 e l2 y : es = l1 ++ e :: l2 -> ends_at c e = [y] -> hit y [captures_end g e (1 + 3 * length l1)].
  Proof.
    intros E Ey. destruct (tokens_at l1 e l2 E) as (T0 & _ & T2 & _). destruct e as (a, b). unfold captures_end. cbn [fst snd ends_at] in *. destruct (Nat.eqb_spec a c).
    - injection Ey as ->. exists g, (S (S (1 + 3 * length l1))). split; [reflexivity|exact T2].
    - destruct (b =? c); [|discriminate]. injection Ey as ->. exists (S g), (1 + 3 * length l1). split; [reflexivity|exact T0].
  Qed.
  Lemma ends_one e : ends_at c e = [] \/ exists y, ends_at c e = [y].
  Proof. destruct e as (a, b). cbn [ends_at]. destruct (a =? c); [eauto|]. destruct (b =? c); eauto. Qed.
  Lemma after_sound j s : j <= 3 * m + 1 -> In s (ways text search_after j []) -> exists y, comes_before es c u y /\ hit y (snd s).
  Proof.
    intros Hj I. unfold search_after in I. rewrite then_is in I. apply in_flat_map in I. destruct I as (s1 & I1 & I).
    destruct (join_or_not (nth_error text (S j))) as [J|J]; [|rewrite edge_of_nowhere in I1 by exact J; destruct I1].
    destruct (edge_at j J Hj) as (l1 & e & l2 & E & ->). rewrite (edge_of_at 0 l1 e l2 [] E) in I1. destruct (ends_one e) as [Z|(y & Ey)]; [rewrite Z in I1; destruct I1|]. rewrite Ey in I1. destruct I1 as [<-|[]]. cbn [fst snd] in I.
    rewrite then_is, ways_star in I. apply in_flat_map in I. destruct I as (s2 & I2 & I). apply in_map_iff in I2. destruct I2 as (j2 & <- & I2). apply in_rev in I2. apply in_seq in I2. cbn [fst snd] in I.
    destruct (tokens_at l1 e l2 E) as (_ & _ & _ & K). cbv zeta in K. change (3 + (1 + 3 * length l1)) with (S (S (S (1 + 3 * length l1)))) in *. rewrite K in I2.
    assert (m = length l1 + S (length l2)) as Lm by (rewrite E, app_length; reflexivity).
    assert (scan (listed_edges l2 ++ stop :: rest) <= 3 * length l2) as Sc.
    { clear. induction l2 as [|(a, b) l IH]; [cbn [listed_edges flat_map app run_length]; rewrite is_in_true by (right; left; reflexivity); lia|]. rewrite listed_cons. cbn [run_length length]. repeat destruct (is_in _ _); lia. }
    destruct (join_or_not (nth_error text (S j2))) as [J2|J2]; [|rewrite edge_to_nowhere in I by exact J2; destruct I].
    destruct (edge_at j2 J2 ltac:(lia)) as (l1' & e' & l2' & E' & ->). rewrite (edge_to_at l1' e' l2' _ E') in I. destruct (ends_one e') as [Z|(x & Ex)]; [rewrite Z in I; destruct I|]. rewrite Ex in I. destruct (Nat.eqb_spec x u) as [Xu|]; [rewrite Xu in Ex|destruct I].
    destruct I as [<-|[]]. cbn [snd]. destruct (later_part l1 e l2 l1' e' l2') as (mid & E1 & E2); [congruence|lia|]. exists y. split; [|apply (end_captured 0 l1 e l2 y E Ey)].
    exists l1, e, mid, e', l2'. split; [congruence|]. split; [exact Ey|]. split; [|exact Ex]. destruct (neighbours mid c) as [|z zs] eqn:N; [reflexivity|]. exfalso.
    rewrite E2, listed_app, <- app_assoc in I2. pose proof (scan_stops mid (listed_edges (e' :: l2') ++ stop :: rest) ltac:(rewrite N; discriminate)) as F. rewrite E1, app_length in I2. cbn [length] in I2. lia.
  Qed.
  Lemma after_complete y : comes_before es c u y -> exists j, j <= 3 * m + 1 /\ ways text search_after j [] <> [].
  Proof.
    intros (l1 & e & mid & e' & l3 & E & Ey & N & Eu). exists (1 + 3 * length l1). split; [rewrite E, app_length; lia|]. unfold search_after.
    rewrite then_is, (edge_of_at 0 l1 e _ [] E), Ey. cbn [flat_map fst snd]. rewrite app_nil_r, then_is, ways_star. destruct (tokens_at l1 e _ E) as (_ & _ & _ & K). cbv zeta in K. change (3 + (1 + 3 * length l1)) with (S (S (S (1 + 3 * length l1)))) in *. rewrite K.
    assert (es = (l1 ++ e :: mid) ++ e' :: l3) as E' by (rewrite E, <- app_assoc; reflexivity). pose proof (edge_to_at _ e' l3 [captures_end 0 e (1 + 3 * length l1)] E') as T. rewrite Eu, Nat.eqb_refl in T.
    rewrite listed_app, <- app_assoc, (scan_apart mid _ N). intros F. set (j2 := 1 + 3 * length (l1 ++ e :: mid)) in *.
    match type of F with ?found_ = [] => assert (In (3 + j2, [captures_end 0 e (1 + 3 * length l1)]) found_) as Q; [|rewrite F in Q; exact Q] end. apply in_flat_map. exists (j2, [captures_end 0 e (1 + 3 * length l1)]). split.
    - apply in_map_iff. exists j2. split; [reflexivity|]. apply -> in_rev. apply in_seq. unfold j2. rewrite app_length. cbn [length]. lia.
    - cbn [fst snd]. rewrite T. left. reflexivity.
  Qed.
  Theorem next_found (L : language) (written : list tok) : expression (signs_of L written) = Some (Then Searching.Begin (Then search_next Nothing)) -> found text L written = [node (next es c u)].
  Proof.
    intros P. unfold found. rewrite P, search_begin, then_nothing. unfold search_next. rewrite either_is, map_app.
    assert (run_length [stop] (skipn 0 text) = 3 * m + 1) as R.
    { cbn [skipn run_length]. rewrite is_in_false by (intros [F|[]]; discriminate). rewrite list_end; [lia|intros v [F|[]]; discriminate|intros [F|[]]; discriminate|left; reflexivity]. }
    assert (forall k y, hit y k -> captured text (S (list_max (map fst k))) k = [node y]) as Cap.
    { intros k y (g & j & -> & T). cbn [map fst list_max fold_right]. rewrite Nat.max_0_r. apply captured_token. exact T. }
    rewrite !then_is, ways_lazy, ways_star, R. match goal with |- context [hd_error (map snd ?a ++ map snd ?b)] => set (firsts := a); set (seconds := b) end.
    assert (forall s, In s firsts -> exists y, comes_before es c u y /\ hit y (snd s)) as Sound.
    { intros s I. apply in_flat_map in I. destruct I as (s0 & I0 & I). apply in_map_iff in I0. destruct I0 as (j & <- & I0). apply in_seq in I0. apply (after_sound j s); [lia|exact I]. }
    destruct (next_cases es c u is_simple some) as [Cb|(No & Last)].
    - destruct firsts as [|s firsts'] eqn:F.
      + exfalso. destruct (after_complete _ Cb) as (j & Hj & Ne). apply Ne. destruct (ways text search_after j []) as [|s l] eqn:W; [reflexivity|]. exfalso.
        match type of F with ?found_ = [] => assert (In s found_) as Q; [|rewrite F in Q; exact Q] end. apply in_flat_map. exists (j, []). split; [apply in_map_iff; exists j; split; [reflexivity|apply in_seq; lia]|]. cbn [fst snd]. rewrite W. left. reflexivity.
      + destruct (Sound s (or_introl eq_refl)) as (y & Cy & H). pose proof (before_is es c u y (last (neighbours es c) 0) is_simple Cy) as B. change (next es c u = y) in B. rewrite B. cbn [map app hd_error]. rewrite (Cap _ _ H). reflexivity.
    - destruct firsts as [|s firsts'] eqn:F; [|exfalso; destruct (Sound s (or_introl eq_refl)) as (y & Cy & _); exact (No y Cy)]. cbn [map app].
      destruct (last_edge es c some) as (l1 & e & l2 & y & E & Ey & N2).
      assert (next es c u = y) as ->. { rewrite Last, E, neighbours_app, neighbours_cons, Ey, N2. cbn [app]. apply last_last. }
      assert (hd_error (map snd seconds) = Some [captures_end 2 e (1 + 3 * length l1)]) as ->; [|rewrite (Cap _ y); [reflexivity|apply (end_captured 2 l1 e l2 y E Ey)]].
      set (j := 1 + 3 * length l1). assert (m = length l1 + S (length l2)) as Lm by (rewrite E, app_length; reflexivity).
      assert (S (3 * m + 1) = j + S (3 * m + 1 - j)) as Split by (unfold j; lia). unfold seconds. rewrite Split, seq_app, rev_app_distr. cbn [seq rev Nat.add]. rewrite <- app_assoc, map_app, flat_map_app. cbn [app map flat_map fst snd].
      match goal with |- context [map snd (?a ++ _)] => assert (a = []) as -> end.
      { apply flat_none. intros s I. apply in_map_iff in I. destruct I as (j' & <- & I). apply in_rev in I. apply in_seq in I. cbn [fst snd]. rewrite then_nothing.
        destruct (join_or_not (nth_error text (S j'))) as [J|J]; [|apply edge_of_nowhere; exact J]. destruct (edge_at j' J ltac:(unfold j in *; lia)) as (l1' & e' & l2' & E' & ->).
        destruct (later_part l1 e l2 l1' e' l2') as (mid & _ & E2); [congruence|unfold j in *; lia|]. rewrite (edge_of_at 2 l1' e' l2' [] E').
        rewrite E2, neighbours_app, neighbours_cons in N2. apply app_eq_nil in N2. destruct N2 as (_ & N2). apply app_eq_nil in N2. destruct N2 as (-> & _). reflexivity. }
      cbn [app]. rewrite then_nothing. pose proof (edge_of_at 2 l1 e l2 [] E) as Here. rewrite Ey in Here. cbv zeta in Here. fold j in Here. rewrite Here. reflexivity.
  Qed.
End Next.

(** ** Records of a walk: > u c stands for a step from u to c, and nothing else is written with >. *)
Notation mark := (Special 3).
Fixpoint records (l : list tok) : list (tok * tok) :=
  match l with
  | Special 3 :: ((a :: b :: _) as l') => (a, b) :: records l'
  | _ :: l' => records l'
  | [] => []
  end.
Lemma records_at l a b : In (a, b) (records l) <-> exists j, nth_error l j = Some mark /\ nth_error l (S j) = Some a /\ nth_error l (S (S j)) = Some b.
Proof.
  induction l as [|t l IH]; [split; [intros []|intros ([|j] & F & _); discriminate]|].
  assert ((exists j, nth_error (t :: l) j = Some mark /\ nth_error (t :: l) (S j) = Some a /\ nth_error (t :: l) (S (S j)) = Some b) <->
    (t = mark /\ nth_error l 0 = Some a /\ nth_error l 1 = Some b) \/ In (a, b) (records l)) as ->.
  { rewrite IH. split.
    - intros ([|j] & A & B & C); [left; cbn in A; injection A as ->; auto|right; exists j; auto].
    - intros [(-> & A & B)|(j & H)]; [exists 0; auto|exists (S j); exact H]. }
  destruct (tok_eq_dec t mark) as [->|N].
  - destruct l as [|x [|y l]]; cbn [records nth_error In].
    + split; [intros []|intros [(_ & F & _)|[]]; discriminate].
    + split; [auto|intros [(_ & _ & F)|H]; [discriminate|exact H]].
    + split; [intros [E|H]; [injection E as -> ->; auto|auto]|intros [(_ & A & B)|H]; [left; congruence|auto]].
  - assert (records (t :: l) = records l) as ->; [|split; [auto|intros [(E & _)|H]; [contradiction|exact H]]].
    destruct t as [[|[|[|[|s]]]]|k]; try reflexivity. congruence.
Qed.
Lemma records_none l more : ~ In mark l -> records (l ++ more) = records more.
Proof.
  induction l as [|t l IH]; intros N; [reflexivity|]. assert (records ((t :: l) ++ more) = records (l ++ more)) as ->; [|apply IH; intros I; apply N; right; exact I].
  destruct t as [[|[|[|[|s]]]]|k]; try reflexivity. exfalso. apply N. left. reflexivity.
Qed.

Section Known.
  Variables (text : list tok) (c y : nat).
  Notation any := (Star (Except [])).
  Definition step_out : regex := Then any (Then (Group 0 (Then (One mark) Nothing)) (Then (One (node c)) (Then (One (node y)) Nothing))).
  Definition step_back : regex := Then any (Then (One mark) (Then (One (node y)) (Then (One (node c)) Nothing))).
  Definition step_in : regex := Then any (Then (One mark) (Then (Except []) (Then (Group 1 (Then (One (node y)) Nothing)) Nothing))).
  Definition search_known : regex := Either step_out (Either step_back step_in).
  Definition is_at (j : nat) (t : tok) : bool := match nth_error text j with Some u => if tok_eq_dec u t then true else false | None => false end.
  Definition is_some (j : nat) : bool := match nth_error text j with Some _ => true | None => false end.
  Lemma is_at_true j t : is_at j t = true <-> nth_error text j = Some t.
  Proof. unfold is_at. destruct (nth_error text j) as [u|]; [destruct (tok_eq_dec u t); split; congruence|split; discriminate]. Qed.
  Lemma one_at t j k : ways text (One t) j k = if is_at j t then [(S j, k)] else [].
  Proof. cbn [ways]. unfold is_at. destruct (nth_error text j) as [u|]; [destruct (tok_eq_dec u t)|]; reflexivity. Qed.
  Lemma any_at j k : ways text (Except []) j k = if is_some j then [(S j, k)] else [].
  Proof. cbn [ways]. unfold is_some. destruct (nth_error text j); reflexivity. Qed.
  Lemma group_at g t j k : ways text (Group g (Then (One t) Nothing)) j k = if is_at j t then [(S j, (g, (j, S j)) :: k)] else [].
  Proof. cbn [ways]. unfold is_at. destruct (nth_error text j) as [u|]; [destruct (tok_eq_dec u t)|]; reflexivity. Qed.
  Notation step_ a b j := (is_at j mark && a (S j) && is_at (S (S j)) b).
  (** The latest place of three tokens. *)
  Lemma any_then r a b (g : nat -> nat * captures) : (forall j, ways text r j [] = if step_ a b j then [g j] else []) ->
    (exists j, step_ a b j = true /\ hd_error (map snd (ways text (Then any r) 0 [])) = Some (snd (g j))) \/ (forall j, step_ a b j = false) /\ hd_error (map snd (ways text (Then any r) 0 [])) = None.
  Proof.
    intros R. rewrite then_is, ways_star. assert (forall l, run_length [] l = length l) as -> by (induction l as [|t l IH]; [reflexivity|cbn; rewrite IH; reflexivity]).
    cbn [skipn]. pose proof (latest_of (fun j => step_ a b j) g (fun s => ways text r (fst s) (snd s)) (S (length text)) (fun j _ => R j)) as F. cbv zeta in F.
    destruct F as [(j & Hj & Pj & _ & F)|(N & F)]; [left; exists j; auto|right; split; [|exact F]]. intros j. destruct (le_lt_dec (S (length text)) j) as [H|H]; [|apply N; exact H].
    unfold is_at at 1. assert (nth_error text j = None) as -> by (apply nth_error_None; lia). reflexivity.
  Qed.
  Lemma hd_app {A} (l l' : list A) : hd_error (l ++ l') = match hd_error l with Some x => Some x | None => hd_error l' end.
  Proof. destruct l; reflexivity. Qed.
  Lemma step_true a b j : step_ (fun j => is_at j a) b j = true -> In (a, b) (records text).
  Proof. rewrite !andb_true_iff, !is_at_true. intros ((A & B) & D). apply records_at. exists j. auto. Qed.
  Lemma step_false a b : (forall j, step_ (fun j => is_at j a) b j = false) -> ~ In (a, b) (records text).
  Proof. intros H I. apply records_at in I. destruct I as (j & A & B & D). specialize (H j). rewrite <- is_at_true in A, B, D. rewrite A, B, D in H. discriminate. Qed.
  Theorem known_found (L : language) (written : list tok) : expression (signs_of L written) = Some (Then Searching.Begin (Then search_known Nothing)) ->
    (In (node c, node y) (records text) /\ found text L written = [mark]) \/
    (~ In (node c, node y) (records text) /\ (In (node y, node c) (records text) \/ forall a, ~ In (a, node y) (records text)) /\ found text L written = [Special (failed L)]) \/
    (~ In (node c, node y) (records text) /\ ~ In (node y, node c) (records text) /\ (exists a, In (a, node y) (records text)) /\ found text L written = [node y]).
  Proof.
    intros P. unfold found. rewrite P, search_begin, then_nothing. unfold search_known, step_out, step_back, step_in. rewrite !either_is, !map_app, !hd_app.
    destruct (any_then (Then (Group 0 (Then (One mark) Nothing)) (Then (One (node c)) (Then (One (node y)) Nothing))) (fun j => is_at j (node c)) (node y) (fun j => (3 + j, [(0, (j, S j))]))) as [(j & Pj & ->)|(N1 & ->)].
    { intros j. rewrite then_is, group_at. destruct (is_at j mark); [|reflexivity]. cbn [flat_map fst snd andb]. rewrite then_is, one_at. destruct (is_at (S j) (node c)); [|reflexivity].
      cbn [flat_map fst snd andb]. rewrite then_is, one_at. destruct (is_at (S (S j)) (node y)); reflexivity. }
    { left. split; [apply (step_true _ _ j Pj)|]. cbn [snd map fst list_max fold_right Nat.max]. rewrite !andb_true_iff, is_at_true in Pj. rewrite (captured_token text 0 j mark) by tauto. reflexivity. }
    apply step_false in N1. right.
    destruct (any_then (Then (One mark) (Then (One (node y)) (Then (One (node c)) Nothing))) (fun j => is_at j (node y)) (node c) (fun j => (3 + j, []))) as [(j & Pj & ->)|(N2 & ->)].
    { intros j. rewrite then_is, one_at. destruct (is_at j mark); [|reflexivity]. cbn [flat_map fst snd andb]. rewrite then_is, one_at. destruct (is_at (S j) (node y)); [|reflexivity].
      cbn [flat_map fst snd andb]. rewrite then_is, one_at. destruct (is_at (S (S j)) (node c)); reflexivity. }
    { left. split; [exact N1|]. split; [left; apply (step_true _ _ j Pj)|reflexivity]. }
    apply step_false in N2.
    destruct (any_then (Then (One mark) (Then (Except []) (Then (Group 1 (Then (One (node y)) Nothing)) Nothing))) is_some (node y) (fun j => (3 + j, [(1, (S (S j), S (S (S j))))]))) as [(j & Pj & ->)|(N3 & ->)].
    { intros j. rewrite then_is, one_at. destruct (is_at j mark); [|reflexivity]. cbn [flat_map fst snd andb]. rewrite then_is, any_at. destruct (is_some (S j)); [|reflexivity].
      cbn [flat_map fst snd andb]. rewrite then_is, group_at. destruct (is_at (S (S j)) (node y)); reflexivity. }
    { right. split; [exact N1|]. split; [exact N2|]. rewrite !andb_true_iff, !is_at_true in Pj. destruct Pj as ((A & B) & D). split.
      - unfold is_some in B. destruct (nth_error text (S j)) as [a|] eqn:E; [|discriminate]. exists a. apply records_at. exists j. auto.
      - cbn [snd map fst list_max fold_right Nat.max]. rewrite (captured_token text 1 _ _ D). reflexivity. }
    left. split; [exact N1|]. split; [|reflexivity]. right. intros a I. apply records_at in I. destruct I as (j & A & B & D). specialize (N3 j). unfold is_some in N3. rewrite B in N3.
    rewrite <- is_at_true in A, D. rewrite A, D in N3. discriminate.
  Qed.
End Known.
