(** Bell(n) + 1 states are enough for IsTree: the machine keeps a forest with the same components, or a cycle. *)
From Coq Require Import List Lia Arith Bool.
From RetrievalGap Require Import StatementsLower Machines Trees Partitions LowerIsTree.
Import ListNotations.

(** ** The partition of some edges: each node is led by the least node that it is joined to *)

Definition least_joined (es : list edge) (v : nat) : nat :=
  match find (fun w => label es w =? label es v) (seq 1 v) with Some w => w | None => 0 end.
Fixpoint leaders (es : list edge) (n : nat) : list nat :=
  match n with O => [] | S m => least_joined es n :: leaders es m end.

Lemma length_leaders es n : length (leaders es n) = n.
Proof. induction n; simpl; auto. Qed.

Lemma leader_leaders es n v : node n v -> leader (leaders es n) v = least_joined es v.
Proof.
  unfold node. induction n; intros V; [lia|]. cbn [leaders leader]. rewrite length_leaders.
  destruct (Nat.eqb_spec v (S n)) as [->|D]; auto. apply IHn. lia.
Qed.

Lemma find_first (p : nat -> bool) : forall k a v, a <= v < a + k -> p v = true ->
  exists w, find p (seq a k) = Some w /\ a <= w <= v /\ p w = true /\ forall u, a <= u < w -> p u = false.
Proof.
  induction k; intros a v V P; [lia|]. simpl. destruct (p a) eqn:E.
  - exists a. repeat split; auto; lia.
  - destruct (Nat.eq_dec v a) as [->|D]; [congruence|]. destruct (IHk (S a) v) as (w & F & W & Pw & N); [lia|auto|].
    exists w. repeat split; auto; try lia. intros u U. destruct (Nat.eq_dec u a) as [->|]; auto. apply N. lia.
Qed.

Lemma least_joined_spec es v : 1 <= v -> 1 <= least_joined es v <= v /\ label es (least_joined es v) = label es v /\
  forall u, 1 <= u < least_joined es v -> label es u <> label es v.
Proof.
  intros V. unfold least_joined.
  destruct (find_first (fun w => label es w =? label es v) v 1 v) as (w & -> & W & P & N); [lia|apply Nat.eqb_refl|].
  split; [lia|]. split; [apply Nat.eqb_eq; auto|]. intros u U E. apply Nat.eqb_eq in E. rewrite N in E; [discriminate|lia].
Qed.

Lemma least_joined_same es u v : 1 <= u -> 1 <= v -> label es u = label es v -> least_joined es u = least_joined es v.
Proof.
  intros U V E. destruct (least_joined_spec es u U) as (Bu & Eu & Nu), (least_joined_spec es v V) as (Bv & Ev & Nv).
  destruct (lt_eq_lt_dec (least_joined es u) (least_joined es v)) as [[L|L]|L]; auto; exfalso.
  - apply (Nv (least_joined es u)); [lia|congruence].
  - apply (Nu (least_joined es v)); [lia|congruence].
Qed.

Lemma good_leaders es : forall n, good (leaders es n).
Proof.
  induction n; simpl; auto. split; auto. rewrite length_leaders.
  destruct (least_joined_spec es (S n)) as (B & E & N); [lia|]. set (r := least_joined es (S n)) in *.
  destruct (Nat.eq_dec r (S n)) as [|D]; auto. right.
  apply in_roots; auto. rewrite length_leaders. split; [unfold node; lia|]. rewrite leader_leaders by (unfold node; lia).
  unfold r at 2. apply least_joined_same; auto; lia.
Qed.

(** ** What the machine keeps *)

Definition canon (n : nat) (es : list edge) : list edge :=
  if length es + classes n es =? n then forest (leaders es n) else dead.

Lemma canon_in_family n es : In (canon n es) (family n).
Proof.
  unfold canon, family. destruct (_ =? n); [right|left; auto]. apply in_map, in_partitions.
  split; [apply length_leaders|apply good_leaders].
Qed.

Lemma edges_family n es : 2 <= n -> In es (family n) -> edges n es.
Proof.
  intros N [<-|I]; [apply edges_dead; auto|]. apply in_map_iff in I. destruct I as (f & <- & F).
  apply in_partitions in F. destruct F as (<- & G). apply edges_forest. auto.
Qed.

(** The same answers, whatever follows. *)
Definition same (n : nat) (es es' : list edge) : Prop := forall q, edges n q -> is_tree n (es ++ q) <-> is_tree n (es' ++ q).

Lemma same_joined n es : edges n es -> forall u v, node n u -> node n v ->
  (joined es u v <-> joined (forest (leaders es n)) u v).
Proof.
  intros E u v U V. pose proof (good_leaders es n) as G. pose proof (length_leaders es n) as L.
  assert (1 <= u /\ 1 <= v) as (U1 & V1) by (unfold node in *; lia). split; intros J.
  - apply tied_together; auto; try congruence. rewrite !leader_leaders by auto.
    apply least_joined_same, label_complete; auto.
  - revert J. apply joined_through. intros x y I. apply in_forest in I; auto. rewrite L in I. destruct I as (X & -> & _).
    rewrite leader_leaders by auto. apply label_sound. symmetry. apply least_joined_spec. unfold node in X. lia.
Qed.

Lemma canon_same n es : 2 <= n -> edges n es -> same n es (canon n es).
Proof.
  intros N E q Q. unfold canon. pose proof (acyclic_count n es E) as AC.
  destruct (Nat.eqb_spec (length es + classes n es) n) as [C|C].
  - set (F := forest (leaders es n)).
    assert (edges n F) as EF.
    { pose proof (edges_forest (leaders es n) (good_leaders es n)) as H. rewrite length_leaders in H. exact H. }
    assert (forall x y, In (x, y) es -> joined F x y) as A.
    { intros x y I. destruct (E x y I) as (X & Y & _). apply (same_joined n es E); auto. apply joined_edge. auto. }
    assert (forall x y, In (x, y) F -> joined es x y) as B.
    { intros x y I. destruct (EF x y I) as (X & Y & _). apply (same_joined n es E); auto. apply joined_edge. auto. }
    assert (classes n F = classes n es) as K.
    { apply Nat.le_antisymm; apply classes_joined; auto; intros x y; apply joined_through; auto. }
    assert (acyclic F) as AF.
    { pose proof (good_leaders es n) as G. apply acyclic_app_l with (star (leaders es n) 1 1).
      assert (node (length (leaders es n)) 1) as One by (rewrite length_leaders; unfold node; lia).
      apply (completes (leaders es n) 1 1 G One One). }
    apply (acyclic_count n) in AF; auto.
    rewrite !is_tree_count, !app_length by (try apply edges_app; auto; lia).
    replace (length F) with (length es) by lia.
    unfold connected. split; intros (Co & Le); split; auto; intros u v U V; specialize (Co u v U V); revert Co;
      apply joined_app; auto.
  - split; intros T; exfalso; [|apply (dead_is_dead n q T)]. destruct T as (_ & A). apply C, AC.
    apply acyclic_app_l with q. auto.
Qed.

(** ** The machine: it collects the tokens of an edge, and then adds the edge to what it keeps *)

Definition graph_machine (n : nat) : machine := {|
  state := list edge * list token;
  first := (canon n [], []);
  step _ s t := match s, t with
                | (es, p), Ask => (es, p)
                | (es, [Num u; Tilde]), Num v => (canon n (es ++ [(u, v)]), [])
                | (es, p), _ => (es, p ++ [t])
                end;
  write _ s _ := if tree n (fst s) then YES else NO;
  ends _ := true
|}.

(** From edges es, of which it keeps c, over the edges that it reads. *)
Lemma read_edges n : 2 <= n -> forall es' i es c, edges n es' -> In c (family n) -> same n es c ->
  exists d, read (graph_machine n) i (c, []) (text es') = (d, []) /\ In d (family n) /\ same n (es ++ es') d.
Proof.
  intros N. induction es' as [|(u, v) es' IH]; intros i es c E' I C.
  - exists c. rewrite app_nil_r. auto.
  - pose proof (edges_family n _ N I) as Ec.
    assert (edges n [(u, v)]) as U by (intros a b [H|[]]; apply E'; left; auto).
    assert (edges n (c ++ [(u, v)])) as EU by (apply edges_app; auto).
    destruct (IH (S (S (S i))) (es ++ [(u, v)]) (canon n (c ++ [(u, v)]))) as (d & R & J & D).
    + eapply edges_tl. eauto.
    + apply canon_in_family.
    + intros q Q. rewrite <- (canon_same n _ N EU q Q), <- !app_assoc. apply C. apply edges_app. auto.
    + exists d. split; [exact R|]. split; auto. rewrite <- app_assoc in D. exact D.
Qed.

Lemma edges_nil n : edges n [].
Proof. intros u v []. Qed.

Lemma read_prefix n es : 2 <= n -> edges n es ->
  exists c, after (graph_machine n) (text es) = (c, []) /\ In c (family n) /\ same n es c.
Proof.
  intros N E. apply (read_edges n N es 0 []); auto using canon_in_family. apply canon_same; auto using edges_nil.
Qed.

Lemma graph_machine_solves n : 2 <= n -> solves (graph_machine n) (istree n).
Proof.
  intros N w x (es & E & _ & ->) (q & Q & ->). destruct (read_prefix n es N E) as (c & R & I & C). exists 1. rewrite R.
  destruct (read_edges n N q (S (length (text es))) es c Q I C) as (d & R' & J & D).
  change (read (graph_machine n) (length (text es)) (c, []) (Ask :: text q))
    with (read (graph_machine n) (S (length (text es))) (c, []) (text q)).
  rewrite R'. cbn [think graph_machine ends write fst right istree is_tree_task]. rewrite edges_of_both.
  pose proof (edges_family n d N J) as Ed.
  assert (edges n (es ++ q)) as Eq by (apply edges_app; auto).
  assert (tree n d = tree n (es ++ q)) as ->; auto. apply eq_true_iff_eq.
  rewrite (tree_decides n d), (tree_decides n (es ++ q)) by (auto; lia).
  specialize (D [] (edges_nil n)). rewrite !app_nil_r in D. tauto.
Qed.

Lemma graph_machine_states n : 2 <= n -> states_at_most (graph_machine n) (istree n) (bell n + 1).
Proof.
  intros N. exists (map (fun es => (es, [])) (family n)). split; [rewrite map_length, length_family; auto|].
  intros w (es & E & _ & ->). destruct (read_prefix n es N E) as (c & R & I & _). rewrite R.
  apply (in_map (fun es => (es, @nil token))). auto.
Qed.

Theorem istree_states : statement_istree_states.
Proof.
  intros n N. split; [intros m c; apply istree_needs; auto|].
  exists (graph_machine n). split; [split; auto|]. split; [apply graph_machine_solves|apply graph_machine_states]; auto.
Qed.

(** ** At one length *)

(** What is kept of m edges is a forest of m edges, or a cycle, for which it takes two edges. *)
Lemma kept_at n m es c : 2 <= n -> edges n es -> length es = m -> In c (family n) -> same n es c ->
  In c ((if 2 <=? m then [dead] else []) ++ map forest (parts n (n - m))).
Proof.
  intros N E M I S_. assert (edges n []) as E0 by apply edges_nil. apply in_app_iff. destruct I as [<-|I].
  - left. destruct (Nat.leb_spec 2 m); [left; auto|]. exfalso.
    assert (length es + classes n es = n) as C.
    { apply acyclic_count; auto. intros b u v a Eq J. assert (b = [] /\ a = []) as (-> & ->).
      { rewrite Eq, app_length in M. simpl in M. split; [destruct b|destruct a]; auto; simpl in M; lia. }
      apply (joined_constant (fun x => x)) in J; [|intros x y []]. destruct (E u v) as (_ & _ & D); [|contradiction].
      rewrite Eq. left. auto. }
    pose proof (good_leaders es n) as G. pose proof (length_leaders es n) as L.
    assert (node (length (leaders es n)) 1) as One by (unfold node; lia).
    pose proof (completes _ 1 1 G One One) as T. pose proof (edges_star _ 1 1 G One One) as Es. rewrite L in T, Es.
    apply (dead_is_dead n (star (leaders es n) 1 1)). apply S_; auto. apply canon_same; auto.
    unfold canon. destruct (Nat.eqb_spec (length es + classes n es) n); [auto|contradiction].
  - right. apply in_map_iff in I. destruct I as (f & <- & F). apply in_map. apply in_partitions in F.
    destruct F as (L & G). apply in_parts. split; auto. split; auto.
    assert (node (length f) 1) as One by (unfold node; lia).
    pose proof (completes f 1 1 G One One) as T. pose proof (edges_star f 1 1 G One One) as Es. rewrite L in T, Es.
    assert (edges n (forest f)) as EF by (rewrite <- L; apply edges_forest; auto).
    pose proof (proj2 (S_ _ Es) T) as T'. apply is_tree_count in T, T'; try apply edges_app; auto; try lia.
    rewrite !app_length in *. pose proof (length_forest f). lia.
Qed.

Theorem istree_at_states : statement_istree_at_states.
Proof.
  intros n m N. split; [apply istree_at_needs; auto|]. exists (graph_machine n). split.
  - intros w q (es & E & _ & ->) Q. apply (graph_machine_solves n N (text es) q); auto. exists es. auto.
  - exists (map (fun es => (es, [])) ((if 2 <=? m then [dead] else []) ++ map forest (parts n (n - m)))). split.
    + rewrite map_length, app_length, map_length, length_parts. destruct (2 <=? m); simpl; lia.
    + intros w (es & E & M & ->). destruct (read_prefix n es N E) as (c & R & I & S_). rewrite R.
      apply (in_map (fun es => (es, @nil token))). apply kept_at with es; auto.
Qed.
