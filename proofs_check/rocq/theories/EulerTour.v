(** The protocol of the Transformer for IsTree decides, for every finite simple graph without isolated nodes,
    given as a list of edges in any order and orientation, whether it is a tree; with at most 2n tokens. *)
From Coq Require Import List Lia Arith Bool.
From RetrievalGap Require Import StatementsMachines Graphs.
Import ListNotations.

(** * The protocol *)
Inductive out := Node (v : nat) | Answer (yes : bool).

Definition edge_dec : forall a b : edge, {a = b} + {a <> b}.
Proof. decide equality; apply Nat.eq_dec. Defined.
Definition walked (W : list edge) (a b : nat) : bool := if in_dec edge_dec (a, b) W then true else false.
Definition seen (T : list nat) (a : nat) : bool := if in_dec Nat.eq_dec a T then true else false.

(** What stands before u in l; d if u is the first. *)
Fixpoint before (d : nat) (l : list nat) (u : nat) : nat :=
  match l with [] => d | a :: l' => if a =? u then d else before a l' u end.
(** The neighbour of v that follows on u in the circle: the one before u, and the last one after the first. *)
Definition next (es : list edge) (v u : nat) : nat :=
  before (last (neighbours es v) 0) (neighbours es v) u.

(** W: the steps walked. T: the nodes written, the last one first. The walk is at u, and x would follow. *)
Fixpoint go (es : list edge) (fuel : nat) (W : list edge) (T : list nat) (u x : nat) : list out :=
  match fuel with
  | O => []
  | S fuel' =>
      if walked W u x then [Answer (length T =? 2 * length es + 1)]
      else if seen T x && negb (walked W x u) then [Answer false]
      else Node x :: go es fuel' ((u, x) :: W) (x :: T) x (next es x u)
  end.

(** The whole transcript: at most 2n tokens are written (fuel). *)
Definition tour (es : list edge) : list out :=
  match es with
  | [] => []
  | _ => let r := snd (last es (0, 0)) in
         Node r :: go es (2 * length (nodes es) - 1) [] [r] r (last (neighbours es r) 0)
  end.
Definition decide (es : list edge) : bool :=
  match last (tour es) (Node 0) with Answer b => b | Node _ => false end.

(** * Circles *)
Lemma before_app l1 l2 u d : ~ In u l1 -> before d (l1 ++ u :: l2) u = last l1 d.
Proof.
  revert d. induction l1 as [|a l1 IH]; simpl; intros d H.
  - rewrite Nat.eqb_refl. auto.
  - destruct (Nat.eqb_spec a u) as [->|N]; [tauto|]. rewrite IH by tauto. destruct l1; auto.
    simpl. clear. revert n. induction l1; simpl; auto.
Qed.

Lemma last_in (l : list nat) d : l <> [] -> In (last l d) l.
Proof.
  induction l as [|a l IH]; [congruence|]. intros _. destruct l as [|b l]; [left; auto|].
  right. apply IH. congruence.
Qed.

Lemma last_app_cons (l1 : list nat) a l2 d : last (l1 ++ a :: l2) d = last (a :: l2) d.
Proof. induction l1 as [|b l1 IH]; auto. simpl app. rewrite <- IH. simpl. destruct (l1 ++ a :: l2) eqn:E; auto. destruct l1; discriminate. Qed.

Lemma last_default (l : list nat) d d' : l <> [] -> last l d = last l d'.
Proof. induction l as [|a l IH]; [congruence|]. destruct l; auto. intros _. apply IH. congruence. Qed.

Section Circle.
  Variable l : list nat.
  Hypothesis distinct : NoDup l.
  Let turn (u : nat) := before (last l 0) l u.

  Lemma turn_at l1 u l2 : l = l1 ++ u :: l2 -> turn u = last l1 (last l 0).
  Proof.
    intros E. unfold turn. rewrite E at 2. apply before_app. rewrite E in distinct.
    apply NoDup_remove_2 in distinct. rewrite in_app_iff in distinct. tauto.
  Qed.

  Lemma turn_in u : In u l -> In (turn u) l.
  Proof.
    intros H. destruct (in_split _ _ H) as (l1 & l2 & E). rewrite (turn_at _ _ _ E).
    destruct l1 as [|a l1].
    - simpl. apply last_in. destruct l; simpl in H; [tauto|congruence].
    - rewrite E. apply in_or_app. left. apply last_in. congruence.
  Qed.

  Lemma turn_apart l1 u l2 v l3 : l = l1 ++ u :: l2 ++ v :: l3 -> turn u = turn v -> False.
  Proof.
    intros E H. rewrite (turn_at _ _ _ E) in H.
    assert (l = (l1 ++ u :: l2) ++ v :: l3) as E' by (rewrite E, <- app_assoc; auto).
    rewrite (turn_at _ _ _ E'), last_app_cons in H.
    assert (In (last (u :: l2) (last l 0)) (u :: l2)) as I by (apply last_in; congruence).
    rewrite <- H in I. clear H. pose proof distinct as D. rewrite E in D.
    destruct l1 as [|a l1].
    - cbn [last] in I. rewrite E' in I. rewrite last_app_cons in I. cbn [app] in D.
      change (u :: l2 ++ v :: l3) with ((u :: l2) ++ v :: l3) in D.
      assert (In (last (v :: l3) 0) (v :: l3)) as J by (apply last_in; congruence).
      destruct (in_split _ _ J) as (p & q & Q). rewrite Q in D. rewrite app_assoc in D. apply NoDup_remove_2 in D.
      apply D. rewrite !in_app_iff. tauto.
    - assert (In (last (a :: l1) (last l 0)) (a :: l1)) as J by (apply last_in; congruence).
      destruct (in_split _ _ J) as (p & q & Q). rewrite Q in D. rewrite <- app_assoc in D. simpl in D.
      apply NoDup_remove_2 in D. apply D. rewrite !in_app_iff. right. right.
      change (In (last (a :: l1) (last l 0)) ((u :: l2) ++ v :: l3)). apply in_or_app. tauto.
  Qed.

  Lemma turn_injective u v : In u l -> In v l -> turn u = turn v -> u = v.
  Proof.
    intros Hu Hv H. destruct (Nat.eq_dec u v) as [|N]; auto. exfalso.
    destruct (in_split _ _ Hu) as (l1 & l2 & E). rewrite E in Hv. apply in_app_or in Hv.
    destruct Hv as [Hv|[Hv|Hv]]; [|congruence|].
    - destruct (in_split _ _ Hv) as (p & q & ->). rewrite <- app_assoc in E. simpl in E.
      apply (turn_apart _ _ _ _ _ E). auto.
    - destruct (in_split _ _ Hv) as (p & q & ->). apply (turn_apart _ _ _ _ _ E). auto.
  Qed.

  (** Whoever turns and turns comes to all of the circle. *)
  Lemma turn_all (P : nat -> Prop) : (forall u, In u l -> P u -> P (turn u)) ->
    forall u, In u l -> P u -> forall v, In v l -> P v.
  Proof.
    intros C.
    assert (forall l1 u l2, l = l1 ++ u :: l2 -> P u -> forall v, In v l1 -> P v) as B.
    { induction l1 as [|a l1 IH] using rev_ind; simpl; [tauto|]. intros u l2 E Pu v Hv.
      rewrite <- app_assoc in E. simpl in E.
      assert (P a) as Pa.
      { assert (turn u = a) as <-; [|apply C; auto; rewrite E; apply in_or_app; simpl; tauto].
        rewrite (turn_at (l1 ++ [a]) u l2) by (rewrite <- app_assoc; auto). apply last_last. }
      apply in_app_or in Hv. destruct Hv as [Hv|[<-|[]]]; auto. eapply IH; eauto. }
    intros u Hu Pu v Hv. destruct (in_split _ _ Hu) as (l1 & l2 & E).
    assert (P (last l 0)) as PL.
    { destruct l1 as [|a l1].
      - assert (turn u = last l 0) as <- by (apply (turn_at [] u l2); auto). auto.
      - assert (P a) by (apply (B _ _ _ E Pu); left; auto).
        assert (turn a = last l 0) as <- by (apply (turn_at [] a (l1 ++ u :: l2)); auto).
        apply C; auto. rewrite E. left. auto. }
    assert (l <> []) as N by (intros ->; simpl in Hu; tauto).
    pose proof (app_removelast_last 0 N) as F. rewrite F in Hv. apply in_app_or in Hv.
    destruct Hv as [Hv|[<-|[]]]; auto. eapply B; eauto.
  Qed.
End Circle.

(** * Neighbours, nodes and steps *)
Lemma adj_sym es a b : adj es a b -> adj es b a.
Proof. unfold adj. tauto. Qed.

Lemma adj_cons u v es a b : adj ((u, v) :: es) a b <-> (a = u /\ b = v) \/ (a = v /\ b = u) \/ adj es a b.
Proof.
  unfold adj. simpl. split.
  - intros [[E|H]|[E|H]]; try (injection E as -> ->); tauto.
  - intros [(-> & ->)|[(-> & ->)|[H|H]]]; tauto.
Qed.

Lemma in_neighbours es v u : In u (neighbours es v) <-> adj es v u.
Proof.
  induction es as [|(a, b) es IH]; [unfold adj; simpl; tauto|].
  rewrite adj_cons, <- IH. unfold neighbours at 1. simpl. fold (neighbours es v).
  rewrite in_app_iff.
  destruct (Nat.eqb_spec a v) as [->|A]; [|destruct (Nat.eqb_spec b v) as [->|B]]; simpl; intuition congruence.
Qed.

Lemma neighbours_distinct es v : simple es -> NoDup (neighbours es v).
Proof.
  induction es as [|(a, b) es IH]; simpl; [constructor|]. intros (N & D & H). specialize (IH H).
  fold (neighbours es v).
  destruct (Nat.eqb_spec a v) as [->|A]; [|destruct (Nat.eqb_spec b v) as [->|B]]; simpl; auto.
  - constructor; auto. rewrite in_neighbours. auto.
  - constructor; auto. rewrite in_neighbours. intros X. apply D, adj_sym, X.
Qed.

Lemma in_nodes es v : In v (nodes es) <-> exists u, adj es v u.
Proof.
  unfold nodes. rewrite nodup_In. induction es as [|(a, b) es IH]; simpl.
  - split; [tauto|]. intros (u & [[]|[]]).
  - rewrite IH. split.
    + intros [<-|[<-|(u & H)]]; [exists b|exists a|exists u]; rewrite adj_cons; tauto.
    + intros (u & H). rewrite adj_cons in H. destruct H as [(-> & ->)|[(-> & ->)|H]]; eauto.
Qed.

Lemma adj_nodes es a b : adj es a b -> In a (nodes es) /\ In b (nodes es).
Proof. intros H. rewrite !in_nodes. split; eexists; [eauto|apply adj_sym; eauto]. Qed.

Lemma simple_loop es a : simple es -> ~ adj es a a.
Proof.
  induction es as [|(u, v) es IH]; simpl; [intros _ [[]|[]]|]. intros (N & _ & S). rewrite adj_cons.
  intros [(-> & E)|[(-> & E)|H]]; auto. apply IH; auto.
Qed.

Lemma adj_app l1 l2 a b : adj (l1 ++ l2) a b <-> adj l1 a b \/ adj l2 a b.
Proof. unfold adj. rewrite !in_app_iff. tauto. Qed.

Lemma simple_split l1 u v l2 : simple (l1 ++ (u, v) :: l2) -> u <> v /\ ~ adj (l1 ++ l2) u v.
Proof.
  induction l1 as [|(a, b) l1 IH]; simpl; [tauto|]. intros (N & D & S). specialize (IH S). split; [tauto|].
  rewrite adj_cons. intros [(-> & ->)|[(-> & ->)|H]]; [| |tauto]; apply D; rewrite adj_app, adj_cons; tauto.
Qed.

Lemma in_steps es a b : In (a, b) (steps es) <-> adj es a b.
Proof.
  induction es as [|(u, v) es IH]; [unfold adj; simpl; tauto|]. rewrite adj_cons, <- IH. simpl.
  split; [intros [E|[E|H]]; try (injection E as -> ->); tauto|].
  intros [(-> & ->)|[(-> & ->)|H]]; tauto.
Qed.

Lemma steps_distinct es : simple es -> NoDup (steps es).
Proof.
  induction es as [|(u, v) es IH]; simpl; [constructor|]. intros (N & D & H).
  constructor; [|constructor; auto].
  - simpl. rewrite in_steps. intros [E|E]; [injection E; intros; auto|auto].
  - rewrite in_steps. intros E. apply D, adj_sym, E.
Qed.

Lemma steps_length es : length (steps es) = 2 * length es.
Proof. induction es as [|(u, v) es IH]; simpl in *; lia. Qed.

Lemma joined_incl es es' u v : (forall a b, adj es a b -> adj es' a b) -> joined es u v -> joined es' u v.
Proof. intros H. induction 1; [constructor|]. eapply across; eauto. Qed.

(** * What the walk keeps *)
Section Walk.
  Variable es : list edge.
  Hypothesis is_simple : simple es.
  Variable r : nat.
  Hypothesis root : In r (nodes es).
  Let first := last (neighbours es r) 0.

  (** The states that the walk comes to. *)
  Inductive reach : list edge -> list nat -> nat -> nat -> Prop :=
  | start : reach [] [r] r first
  | step W T u x : reach W T u x -> ~ In (u, x) W -> (In x T -> In (x, u) W) ->
      reach ((u, x) :: W) (x :: T) x (next es x u).

  Lemma first_adj : adj es r first.
  Proof.
    apply in_neighbours. unfold first. apply last_in. apply in_nodes in root. destruct root as (u & H).
    apply in_neighbours in H. intros E. rewrite E in H. simpl in H. tauto.
  Qed.

  Lemma next_adj v u : adj es v u -> adj es v (next es v u).
  Proof.
    intros H. apply in_neighbours. apply turn_in; [apply neighbours_distinct; auto|]. apply in_neighbours. auto.
  Qed.

  Lemma next_injective v a b : adj es v a -> adj es v b -> next es v a = next es v b -> a = b.
  Proof.
    intros A B. apply turn_injective; [apply neighbours_distinct; auto| |]; apply in_neighbours; auto.
  Qed.

  Lemma reach_next_adj W T u x : reach W T u x -> adj es u x.
  Proof. induction 1; [apply first_adj|]. apply next_adj, adj_sym. auto. Qed.

  Lemma reach_adj W T u x : reach W T u x -> forall a b, In (a, b) W -> adj es a b.
  Proof.
    induction 1; simpl; [tauto|]. intros a b [E|I]; auto. injection E as -> ->. eapply reach_next_adj; eauto.
  Qed.

  Lemma reach_distinct W T u x : reach W T u x -> NoDup W.
  Proof. induction 1; constructor; auto. Qed.

  Lemma reach_length W T u x : reach W T u x -> length T = S (length W).
  Proof. induction 1; simpl; auto. Qed.

  Lemma reach_here W T u x : reach W T u x -> In u T.
  Proof. destruct 1; simpl; auto. Qed.

  Lemma reach_ends W T u x : reach W T u x -> forall a b, In (a, b) W -> In a T /\ In b T.
  Proof.
    induction 1; simpl; [tauto|]. intros a b [E|I]; [injection E as -> ->|apply IHreach in I; tauto].
    apply reach_here in H. tauto.
  Qed.

  Lemma reach_entered W T u x : reach W T u x -> forall v, In v T -> v = r \/ exists a, In (a, v) W.
  Proof.
    induction 1; simpl; intros v.
    - intros [<-|[]]. auto.
    - intros [<-|I]; [right; eauto|]. destruct (IHreach _ I) as [|(a & A)]; eauto.
  Qed.

  Lemma reach_joined W T u x : reach W T u x -> forall v, In v T -> joined W r v.
  Proof.
    induction 1; simpl; intros v.
    - intros [<-|[]]. constructor.
    - assert (forall v, In v T -> joined ((u, x) :: W) r v) as J by (intros; apply joined_more; auto).
      intros [<-|I]; auto. apply joined_trans with u; [apply J; eapply reach_here; eauto|].
      apply joined_edge. left. auto.
  Qed.

  Lemma reach_nodes W T u x : reach W T u x -> incl T (nodes es).
  Proof.
    induction 1; intros v [<-|I]; auto; [destruct I|]. apply reach_next_adj in H. apply adj_nodes in H. tauto.
  Qed.

  Lemma reach_last W T u x : reach W T u x ->
    (W = [] /\ u = r /\ x = first) \/ exists w W', W = (w, u) :: W' /\ x = next es u w.
  Proof. destruct 1; [left; auto|right; eauto]. Qed.

  (** Each step comes from one before it, except the first. *)
  Lemma reach_before W T u x : reach W T u x -> forall a b, In (a, b) W ->
    (a = r /\ b = first) \/ exists c, In (c, a) (tl W) /\ next es a c = b.
  Proof.
    induction 1; simpl; [tauto|]. intros a b [E|I].
    - injection E as -> ->. destruct (reach_last _ _ _ _ H) as [(-> & -> & ->)|(w & W' & -> & ->)]; auto.
      right. exists w. simpl. auto.
    - destruct (IHreach _ _ I) as [|(c & C & N)]; auto. right. exists c. split; auto. destruct W; simpl in *; auto.
  Qed.

  (** Each step is followed by the next, which is the one that would follow now if it is not walked. *)
  Lemma reach_after W T u x : reach W T u x -> forall a b, In (a, b) W ->
    In (b, next es b a) W \/ (b = u /\ next es b a = x).
  Proof.
    induction 1; simpl; [tauto|]. intros a b [E|I].
    - injection E as -> ->. auto.
    - destruct (IHreach _ _ I) as [|(-> & ->)]; auto.
  Qed.

  (** The first step to repeat is the first step. *)
  Lemma repeated_is_first W T u x : reach W T u x -> In (u, x) W -> u = r /\ x = first.
  Proof.
    intros R I. destruct (reach_before _ _ _ _ R _ _ I) as [|(c & C & N)]; auto. exfalso.
    destruct (reach_last _ _ _ _ R) as [(-> & _)|(w & W' & -> & E)]; [destruct I|]. simpl in C.
    assert (c = w) as ->.
    { apply (next_injective u); [| |congruence]; apply adj_sym; eapply reach_adj; eauto; simpl; auto. }
    apply reach_distinct in R. inversion R. auto.
  Qed.

  (** The stack: the path from the root to u whose steps were not walked back. *)
  Definition stack (W : list edge) (T : list nat) (u : nat) (s : list nat) : Prop :=
    NoDup s /\ incl s T /\ (exists s', s = u :: s') /\ last s r = r /\
    (forall a b, In (a, b) W -> In (b, a) W \/ exists s1 s2, s = s1 ++ b :: a :: s2) /\
    length W + length s + 1 = 2 * length (nodup Nat.eq_dec T).

  Lemma reach_stack W T u x : reach W T u x -> exists s, stack W T u s.
  Proof.
    induction 1 as [|W T u x R (s & D & I & (s' & E) & L & M & C) N B].
    - exists [r]. unfold stack. simpl. repeat split; auto; try tauto.
      + constructor; [simpl; tauto|constructor].
      + intros a A. auto.
      + eauto.
    - destruct (in_dec Nat.eq_dec x T) as [X|X].
      + specialize (B X). destruct (M _ _ B) as [|(s1 & s2 & F)]; [tauto|].
        assert (s1 = []) as ->.
        { destruct s1 as [|a s1]; auto. rewrite E in F, D. simpl in F. injection F as <- F. rewrite F in D.
          inversion D. exfalso. apply H1. apply in_or_app. simpl. auto. }
        simpl in F. subst s. injection F as ->. exists (x :: s2). unfold stack. repeat split.
        * inversion D. auto.
        * intros a A. right. apply I. right. auto.
        * eauto.
        * apply L.
        * intros a b [A|A].
          -- injection A as -> ->. left. right. auto.
          -- destruct (M _ _ A) as [|(s1 & s3 & F)]; [left; right; auto|].
             destruct s1 as [|c s1]; simpl in F.
             ++ left. left. injection F. congruence.
             ++ right. exists s1, s3. injection F. auto.
        * simpl length in *. simpl nodup. destruct (in_dec Nat.eq_dec x T); [|tauto]. lia.
      + exists (x :: s). unfold stack. repeat split.
        * constructor; auto.
        * intros a [<-|A]; simpl; auto.
        * eauto.
        * rewrite E in *. apply L.
        * intros a b [A|A].
          -- injection A as -> ->. right. exists [], s'. rewrite E. auto.
          -- destruct (M _ _ A) as [|(s1 & s3 & F)]; [left; right; auto|]. right. exists (x :: s1), s3. rewrite F. auto.
        * simpl length in *. simpl nodup. destruct (in_dec Nat.eq_dec x T); [tauto|]. simpl. lia.
  Qed.

  Lemma seen_nodes W T u x : reach W T u x -> length (nodup Nat.eq_dec T) <= length (nodes es).
  Proof.
    intros R. apply NoDup_incl_length; [apply NoDup_nodup|]. intros a. rewrite nodup_In. eapply reach_nodes; eauto.
  Qed.

  Lemma reach_bound W T u x : reach W T u x -> length W + 2 <= 2 * length (nodes es).
  Proof.
    intros R. pose proof (seen_nodes _ _ _ _ R). destruct (reach_stack _ _ _ _ R) as (s & _ & _ & (s' & ->) & _ & _ & C).
    simpl in C. lia.
  Qed.

  (** ** If it stops at an edge: a tree was walked around completely *)
  Section Closed.
    Variables (W : list edge) (T : list nat) (u x : nat).
    Hypothesis R : reach W T u x.
    Hypothesis I : In (u, x) W.

    Lemma closed_back : (forall a b, In (a, b) W -> In (b, a) W) /\ length W + 2 = 2 * length (nodup Nat.eq_dec T).
    Proof.
      destruct (repeated_is_first _ _ _ _ R I) as (E & _).
      destruct (reach_stack _ _ _ _ R) as (s & D & _ & (s' & S) & L & M & C).
      assert (s' = []) as ->.
      { destruct s' as [|a s']; auto. exfalso. rewrite S in *. inversion D. apply H1. rewrite E.
        change (last (a :: s') r = r) in L. rewrite <- L. apply last_in. congruence. }
      rewrite S in *. split; [|simpl in C; lia].
      intros a b A. destruct (M _ _ A) as [|(s1 & s2 & F)]; auto. exfalso.
      destruct s1 as [|? [|? ?]]; discriminate.
    Qed.

    Lemma closed_next a b : In (a, b) W -> In (b, next es b a) W.
    Proof. intros A. destruct (reach_after _ _ _ _ R _ _ A) as [|(-> & ->)]; auto. Qed.

    Lemma closed_all v y : In v T -> adj es v y -> In (v, y) W.
    Proof.
      intros V Y. destruct closed_back as (B & _). apply B.
      assert (exists a, In (a, v) W) as (a & A).
      { destruct (reach_entered _ _ _ _ R _ V) as [->|]; auto. exists x. apply B.
        destruct (repeated_is_first _ _ _ _ R I) as (E & _). rewrite <- E. auto. }
      apply (turn_all (neighbours es v)) with (P := fun y => In (y, v) W) (u := a); auto.
      - apply neighbours_distinct. auto.
      - intros c _ C. apply B. apply closed_next. auto.
      - apply in_neighbours. eapply reach_adj; eauto.
      - apply in_neighbours. auto.
    Qed.

    Lemma closed_component v w : joined es v w -> In v T -> In w T.
    Proof.
      induction 1 as [|a b c A J IH]; auto. intros V. apply IH.
      assert (In (a, b) W) as S by (apply closed_all; auto). apply (reach_ends _ _ _ _ R) in S. tauto.
    Qed.

    Lemma closed_steps : incl W (steps es).
    Proof. intros (a, b) A. apply in_steps. eapply reach_adj; eauto. Qed.

    Lemma root_seen : In r T.
    Proof. destruct (repeated_is_first _ _ _ _ R I) as (E & _). rewrite <- E. eapply reach_here; eauto. Qed.

    (** The component has all edges: the graph is connected, with n - 1 edges. *)
    Lemma closed_whole : length W = 2 * length es -> connected es /\ S (length es) = length (nodes es).
    Proof.
      intros L.
      assert (incl (steps es) W) as A.
      { apply NoDup_length_incl; [eapply reach_distinct; eauto|rewrite steps_length; lia|apply closed_steps]. }
      assert (incl (nodes es) T) as N.
      { intros v V. apply in_nodes in V. destruct V as (y & Y). apply in_steps, A in Y.
        apply (reach_ends _ _ _ _ R) in Y. tauto. }
      split.
      - assert (forall v, In v (nodes es) -> joined es r v) as J.
        { intros v V. apply joined_incl with W; [|eapply reach_joined; eauto].
          intros a b [X|X]; [|apply adj_sym]; eapply reach_adj; eauto. }
        intros a b Ha Hb. apply joined_trans with r; auto. apply joined_sym. auto.
      - destruct closed_back as (_ & C).
        assert (length (nodes es) <= length (nodup Nat.eq_dec T)).
        { apply NoDup_incl_length; [apply NoDup_nodup|]. intros v V. apply nodup_In. auto. }
        pose proof (seen_nodes _ _ _ _ R). lia.
    Qed.

    (** In a connected graph the walk covers all steps. *)
    Lemma closed_connected : connected es -> length W = 2 * length es.
    Proof.
      intros C. rewrite <- steps_length. apply Nat.le_antisymm.
      - apply NoDup_incl_length; [eapply reach_distinct; eauto|apply closed_steps].
      - apply NoDup_incl_length; [apply steps_distinct; auto|]. intros (a, b) A. apply in_steps in A.
        apply closed_all; auto. apply closed_component with r; [|apply root_seen].
        apply C; auto. apply adj_nodes in A. tauto.
    Qed.
  End Closed.
End Walk.

(** * Cycles, and edges that can be left out *)
Lemma adj_drop l1 u v l2 a b : adj (l1 ++ (u, v) :: l2) a b -> ~ (a = u /\ b = v) -> ~ (a = v /\ b = u) ->
  adj (l1 ++ l2) a b.
Proof. rewrite !adj_app, adj_cons. tauto. Qed.

Lemma linked_suffix es l1 l2 : linked es (l1 ++ l2) -> linked es l2.
Proof.
  induction l1 as [|a l1 IH]; auto. intros H. apply IH. simpl in H. destruct (l1 ++ l2); [exact I|]. tauto.
Qed.

Lemma linked_weaken es es' l : (forall a b, In a l -> In b l -> adj es a b -> adj es' a b) ->
  linked es l -> linked es' l.
Proof.
  induction l as [|a [|b l] IH]; auto. intros H (A & L). split; [apply H; simpl; auto|].
  apply IH; auto. intros c d C D. apply H; right; auto.
Qed.

Lemma linked_joined es a l : linked es (a :: l) -> joined es a (last (a :: l) a).
Proof.
  revert a. induction l as [|b l IH]; intros a; [constructor|]. intros (A & L). eapply across; [exact A|].
  rewrite (last_default (a :: b :: l) a b) by congruence. exact (IH b L).
Qed.

(** A path without repetition. *)
Lemma joined_path es u v : joined es u v -> exists l, NoDup (u :: l) /\ linked es (u :: l) /\ last (u :: l) u = v.
Proof.
  induction 1 as [u|u v w A _ (l & D & L & E)].
  - exists []. simpl. repeat split; auto. constructor; [simpl; tauto|constructor].
  - destruct (in_dec Nat.eq_dec u (v :: l)) as [H|H].
    + destruct (in_split _ _ H) as (l1 & l2 & F). exists l2. rewrite F in D, L, E. repeat split.
      * clear - D. induction l1; auto. inversion D. auto.
      * apply linked_suffix in L. auto.
      * rewrite last_app_cons in E. rewrite <- E. apply last_default. congruence.
    + exists (v :: l). repeat split; auto; [constructor; auto|]. rewrite <- E. simpl. apply (last_default (v :: l)). congruence.
Qed.

Lemma bypass l1 u v l2 : joined (l1 ++ l2) u v -> forall a b, joined (l1 ++ (u, v) :: l2) a b -> joined (l1 ++ l2) a b.
Proof.
  intros J a b. induction 1 as [|a b c A _ IH]; [constructor|]. apply joined_trans with b; auto.
  assert (adj (l1 ++ (u, v) :: l2) a b) as X by exact A. rewrite adj_app, adj_cons in X.
  assert (adj (l1 ++ l2) a b -> joined (l1 ++ l2) a b) as Y by (intros Y; eapply across; [exact Y|constructor]).
  rewrite adj_app in Y. destruct X as [X|[(-> & ->)|[(-> & ->)|X]]]; auto. apply joined_sym. auto.
Qed.

Lemma edge_split es u v : adj es u v -> exists l1 p q l2, es = l1 ++ (p, q) :: l2 /\ ((p = u /\ q = v) \/ (p = v /\ q = u)).
Proof. intros [H|H]; apply in_split in H; destruct H as (l1 & l2 & ->); do 4 eexists; split; eauto. Qed.

(** An edge between nodes that are joined without it closes a cycle. *)
Lemma cycle_of l1 u v l2 : simple (l1 ++ (u, v) :: l2) -> joined (l1 ++ l2) u v -> exists c, cycle (l1 ++ (u, v) :: l2) c.
Proof.
  intros S J. apply simple_split in S. destruct S as (N & A). apply joined_path in J.
  destruct J as (l & D & L & E). exists (u :: l). repeat split; auto.
  - destruct l as [|a [|b l]]; simpl; [|exfalso|lia].
    + simpl in E. congruence.
    + simpl in E. subst a. apply A. apply L.
  - eapply linked_weaken; [|exact L]. intros a b _ _. rewrite !adj_app, adj_cons. tauto.
  - rewrite (last_default _ 0 u) by congruence. rewrite E. simpl. right. apply in_or_app. right. left. auto.
Qed.

(** And in each cycle is an edge that can be left out. *)
Lemma cycle_edge es c : cycle es c -> exists l1 u v l2, es = l1 ++ (u, v) :: l2 /\ joined (l1 ++ l2) u v.
Proof.
  intros (D & N & L & A). destruct c as [|a [|b [|d c]]]; simpl in N; try lia.
  destruct L as (B & L). destruct (edge_split _ _ _ B) as (l1 & p & q & l2 & E & PQ).
  assert (joined (l1 ++ l2) b a) as J.
  { inversion D as [|? ? Na Da]. inversion Da as [|? ? Nb Db]. subst.
    assert (forall x y, adj (l1 ++ (p, q) :: l2) x y -> ~ (x = a /\ y = b) -> ~ (x = b /\ y = a) -> adj (l1 ++ l2) x y) as K.
    { intros x y X H1 H2. eapply adj_drop; eauto; intros (-> & ->); destruct PQ as [(-> & ->)|(-> & ->)]; tauto. }
    assert (linked (l1 ++ l2) (b :: d :: c)) as LL.
    { eapply linked_weaken; [|exact L]. intros x y X Y H. apply K; auto; intros (-> & ->); auto. }
    apply linked_joined in LL. eapply joined_trans; [exact LL|].
    assert (In (last (d :: c) b) (d :: c)) as Z by (apply last_in; congruence).
    assert (adj (l1 ++ (p, q) :: l2) (last (d :: c) b) a) as X by (rewrite (last_default _ b 0) by congruence; exact A).
    eapply across; [apply K; [exact X| |]|constructor]; intros (F & G).
    - apply Na. left. auto.
    - apply Nb. change (last (d :: c) b = b) in F. rewrite <- F. auto. }
  exists l1, p, q, l2. split; auto. destruct PQ as [(-> & ->)|(-> & ->)]; auto. apply joined_sym. auto.
Qed.

(** A connected graph of n nodes has at least n - 1 edges. *)
Lemma labels_apart es L : NoDup L ->
  exists C, incl C L /\ NoDup (map (label es) C) /\ length L <= length C + length es.
Proof.
  intros D. induction es as [|(u, v) es (C & I & A & N)].
  - exists L. simpl. rewrite map_id. repeat split; auto; [apply incl_refl|lia].
  - assert (forall C', ~ In (label es v) (map (label es) C') -> map (label ((u, v) :: es)) C' = map (label es) C') as K.
    { intros C' H. apply map_ext_in. intros x X. simpl. destruct (Nat.eqb_spec (label es x) (label es v)) as [E|E]; auto.
      exfalso. apply H. rewrite <- E. apply in_map. auto. }
    destruct (in_dec Nat.eq_dec (label es v) (map (label es) C)) as [H|H].
    + apply in_map_iff in H. destruct H as (x & E & X). destruct (in_split _ _ X) as (c1 & c2 & ->).
      exists (c1 ++ c2). rewrite map_app in A. simpl in A.
      rewrite K by (rewrite map_app, <- E; apply NoDup_remove_2 in A; auto).
      repeat split.
      * intros y Y. apply I. rewrite in_app_iff in *. simpl. tauto.
      * rewrite map_app. apply NoDup_remove_1 in A. auto.
      * rewrite app_length in *. simpl in *. lia.
    + exists C. rewrite K by auto. repeat split; auto. simpl. lia.
Qed.

Lemma connected_edges es L : NoDup L -> (forall u v, In u L -> In v L -> joined es u v) -> length L <= S (length es).
Proof.
  intros D J. destruct (labels_apart es L D) as (C & I & A & N). destruct C as [|a [|b C]]; simpl in *; try lia.
  exfalso. inversion A as [|? ? X _]. apply X. left. apply label_complete. apply J; apply I; simpl; auto.
Qed.

Lemma nodes_distinct es : NoDup (nodes es).
Proof. apply NoDup_nodup. Qed.

(** Connected with n - 1 edges: then there is no cycle. *)
Lemma count_acyclic es : connected es -> S (length es) = length (nodes es) -> forall c, ~ cycle es c.
Proof.
  intros C N c H. apply cycle_edge in H. destruct H as (l1 & u & v & l2 & E & J).
  assert (length (nodes es) <= S (length (l1 ++ l2))) as B.
  { apply connected_edges; [apply nodes_distinct|]. intros a b Ha Hb. subst es. apply bypass with u v; auto. }
  subst es. rewrite app_length in *. simpl in *. lia.
Qed.

(** ** If it stops at a node: NO is right *)
Lemma stopped_cycle es r W T u x : simple es -> In r (nodes es) -> reach es r W T u x ->
  In x T -> ~ In (u, x) W -> ~ In (x, u) W -> exists c, cycle es c.
Proof.
  intros S N R X A B. pose proof (reach_next_adj es S r N _ _ _ _ R) as E.
  destruct (edge_split _ _ _ E) as (l1 & p & q & l2 & F & PQ).
  assert (joined (l1 ++ l2) u x) as J.
  { apply joined_incl with W.
    - assert (forall a b, In (a, b) W -> adj (l1 ++ l2) a b) as K.
      { intros a b H. apply adj_drop with p q; [rewrite <- F; eapply reach_adj; eauto| |];
        intros (-> & ->); destruct PQ as [(-> & ->)|(-> & ->)]; tauto. }
      intros a b [H|H]; [|apply adj_sym]; auto.
    - apply joined_trans with r; [apply joined_sym|]; eapply reach_joined; eauto. eapply reach_here; eauto. }
  rewrite F. apply cycle_of; [rewrite <- F; auto|].
  destruct PQ as [(-> & ->)|(-> & ->)]; auto. apply joined_sym. auto.
Qed.

(** * The transcript *)
Lemma walked_true W a b : walked W a b = true <-> In (a, b) W.
Proof. unfold walked. destruct in_dec; intuition discriminate. Qed.
Lemma seen_true T a : seen T a = true <-> In a T.
Proof. unfold seen. destruct in_dec; intuition discriminate. Qed.

(** How the walk can end: at an edge or at a node. *)
Definition ending (es : list edge) (W : list edge) (T : list nat) (u x : nat) (b : bool) : Prop :=
  (In (u, x) W /\ b = (length T =? 2 * length es + 1)) \/
  (In x T /\ ~ In (u, x) W /\ ~ In (x, u) W /\ b = false).

Lemma go_ends es r : simple es -> In r (nodes es) -> forall fuel W T u x, reach es r W T u x ->
  2 * length (nodes es) <= fuel + length W + 1 ->
  exists w b W' T' u' x', go es fuel W T u x = map Node w ++ [Answer b] /\ rev w ++ T = T' /\
    reach es r W' T' u' x' /\ ending es W' T' u' x' b.
Proof.
  intros S N. induction fuel as [|fuel IH]; intros W T u x R F.
  - exfalso. pose proof (reach_bound es S r N _ _ _ _ R). lia.
  - simpl go. destruct (walked W u x) eqn:E1.
    + apply walked_true in E1. exists [], (length T =? 2 * length es + 1), W, T, u, x.
      unfold ending. split; [reflexivity|auto].
    + assert (~ In (u, x) W) as A by (rewrite <- walked_true; congruence).
      destruct (seen T x && negb (walked W x u)) eqn:E2.
      * apply andb_true_iff in E2. destruct E2 as (X & B). apply seen_true in X. apply negb_true_iff in B.
        assert (~ In (x, u) W) by (rewrite <- walked_true; congruence).
        exists [], false, W, T, u, x. unfold ending. split; [reflexivity|]. intuition auto.
      * destruct (IH ((u, x) :: W) (x :: T) x (next es x u)) as (w & b & W' & T' & u' & x' & G & H & K).
        -- constructor; auto. intros X. apply seen_true in X. rewrite X in E2. simpl in E2.
           apply negb_false_iff, walked_true in E2. auto.
        -- simpl. lia.
        -- exists (x :: w), b, W', T', u', x'. rewrite G. repeat split; try apply K. simpl. rewrite <- app_assoc. auto.
Qed.

Lemma ending_right es r W T u x b : simple es -> In r (nodes es) -> reach es r W T u x -> ending es W T u x b ->
  (b = true -> connected es /\ S (length es) = length (nodes es)) /\ (tree es -> b = true).
Proof.
  intros S N R [(I & ->)|(X & A & B & ->)]; rewrite ?Nat.eqb_eq; rewrite ?(reach_length es r _ _ _ _ R); split.
  - intros L. apply (closed_whole es S r N _ _ _ _ R I). lia.
  - intros (C & _). rewrite (closed_connected es S r N _ _ _ _ R I C). lia.
  - discriminate.
  - intros (_ & H). exfalso. destruct (stopped_cycle es r _ _ _ _ S N R X A B) as (c & C). apply (H c C).
Qed.

Lemma root_node es : es <> [] -> In (snd (last es (0, 0))) (nodes es).
Proof.
  intros H. assert (In (last es (0, 0)) es) as I.
  { destruct (exists_last H) as (l & a & ->). rewrite last_last. apply in_or_app. simpl. auto. }
  destruct (last es (0, 0)) as (a, b). apply in_nodes. exists a. right. auto.
Qed.

Lemma tour_ends es : simple es -> es <> [] ->
  exists w b W u x, tour es = map Node w ++ [Answer b] /\
    reach es (snd (last es (0, 0))) W (rev w) u x /\ ending es W (rev w) u x b.
Proof.
  intros S H. pose proof (root_node es H) as N. unfold tour. destruct es as [|e es']; [congruence|].
  set (es := e :: es') in *. set (r := snd (last es (0, 0))) in *. clearbody es.
  destruct (go_ends es r S N (2 * length (nodes es) - 1) [] [r] r (last (neighbours es r) 0))
    as (w & b & W & T & u & x & G & E & R & K); [constructor|simpl; lia|].
  exists (r :: w), b, W, u, x. cbv zeta. rewrite G. simpl rev. rewrite E. auto.
Qed.

(** * The theorems *)
(** At most 2n tokens are written, the last one is the answer, and it is YES exactly for trees. *)
Theorem tour_correct es : simple es -> es <> [] ->
  exists w b, tour es = map Node w ++ [Answer b] /\ length (tour es) <= 2 * length (nodes es) /\ (b = true <-> tree es).
Proof.
  intros S H. destruct (tour_ends es S H) as (w & b & W & u & x & E & R & K). exists w, b. split; auto.
  pose proof (root_node es H) as N.
  pose proof (ending_right _ _ _ _ _ _ _ S N R K) as (Y & Z). split.
  - rewrite E, app_length, map_length. pose proof (reach_bound _ S _ N _ _ _ _ R) as B.
    pose proof (reach_length _ _ _ _ _ _ R) as L. rewrite rev_length in L. simpl length. lia.
  - split; auto. intros T. destruct (Y T) as (C & D). split; auto. apply count_acyclic; auto.
Qed.

Theorem decide_correct es : simple es -> es <> [] -> (decide es = true <-> tree es).
Proof.
  intros S H. destruct (tour_correct es S H) as (w & b & E & _ & K). unfold decide. rewrite E, last_last. auto.
Qed.

(** ** Other definitions of a tree *)
Theorem tree_count es : simple es -> es <> [] -> (tree es <-> connected es /\ S (length es) = length (nodes es)).
Proof.
  intros S H. split.
  - intros T. destruct (tour_ends es S H) as (w & b & W & u & x & E & R & K).
    destruct (ending_right _ _ _ _ _ _ _ S (root_node es H) R K) as (Y & Z). auto.
  - intros (C & N). split; auto. apply count_acyclic; auto.
Qed.

(** A tree is walked around completely: exactly 2n tokens. *)
Theorem tour_of_tree es : simple es -> es <> [] -> tree es -> length (tour es) = 2 * length (nodes es).
Proof.
  intros S H T. destruct (tour_ends es S H) as (w & b & W & u & x & E & R & K).
  destruct (ending_right _ _ _ _ _ _ _ S (root_node es H) R K) as (Y & Z). specialize (Z T). subst b.
  destruct (proj1 (tree_count es S H) T) as (_ & N). destruct K as [(_ & L)|(_ & _ & _ & L)]; [|discriminate].
  symmetry in L. apply Nat.eqb_eq in L. rewrite rev_length in L. rewrite E, app_length, map_length. simpl length. lia.
Qed.

(** Connected, and each edge is a bridge. *)
Theorem tree_bridges es : simple es ->
  (tree es <-> connected es /\ forall l1 u v l2, es = l1 ++ (u, v) :: l2 -> ~ joined (l1 ++ l2) u v).
Proof.
  intros S. unfold tree. split; intros (C & H); split; auto.
  - intros l1 u v l2 -> J. destruct (cycle_of _ _ _ _ S J) as (c & X). apply (H c X).
  - intros c X. destruct (cycle_edge _ _ X) as (l1 & u & v & l2 & E & J). apply (H _ _ _ _ E J).
Qed.
