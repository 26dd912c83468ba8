(** IsTree, a repeated edge means NO: Stirling's number of states at each length, Bell(n) + 1 over all of them. *)
From Coq Require Import List Lia Arith.
From RetrievalGap Require Import StatementsLower Machines Trees Partitions.
Import ListNotations.

(** ** Text *)

Lemma edges_of_text es : edges_of (text es) = es.
Proof. induction es as [|(u, v) es IH]; simpl; auto. f_equal. auto. Qed.
Lemma edges_of_both es es' : edges_of (text es ++ Ask :: text es') = es ++ es'.
Proof. induction es as [|(u, v) es IH]; simpl; [apply edges_of_text|f_equal; auto]. Qed.
Lemma text_injective es es' : text es = text es' -> es = es'.
Proof. intros E. rewrite <- (edges_of_text es), E. apply edges_of_text. Qed.
Lemma length_text es : length (text es) = 3 * length es.
Proof. induction es as [|(u, v) es IH]; auto. cbn [text length]. lia. Qed.

(** ** A forest for each partition: every node is tied to its leader *)

Fixpoint forest (f : list nat) : list edge :=
  match f with [] => [] | r :: g => if r =? S (length g) then forest g else (S (length g), r) :: forest g end.

Lemma length_forest f : length (forest f) + length (roots f) = length f.
Proof. induction f as [|r f IH]; auto. simpl. destruct (r =? S (length f)); simpl; lia. Qed.

Lemma in_forest : forall f u v, good f -> In (u, v) (forest f) -> node (length f) u /\ v = leader f u /\ v <> u.
Proof.
  unfold node. induction f as [|r f IH]; simpl; intros u v G H; [tauto|]. destruct G as (G & X).
  assert (In (u, v) (forest f) -> 1 <= u <= S (length f) /\ v = (if u =? S (length f) then r else leader f u) /\ v <> u) as Old.
  { intros I. apply IH in I; auto. destruct (Nat.eqb_spec u (S (length f))); [lia|]. intuition lia. }
  destruct (Nat.eqb_spec r (S (length f))) as [E|D]; auto. destruct H as [H|H]; auto. injection H as <- <-.
  rewrite Nat.eqb_refl. repeat split; auto; lia.
Qed.

Lemma edges_forest f : good f -> edges (length f) (forest f).
Proof.
  intros G u v I. apply in_forest in I; auto. destruct I as (U & -> & D). split; auto. split; auto. apply leader_node; auto.
Qed.

Lemma tied : forall f v, good f -> node (length f) v -> joined (forest f) v (leader f v).
Proof.
  unfold node. induction f as [|r f IH]; simpl; intros v G V; [lia|]. destruct G as (G & X).
  destruct (Nat.eqb_spec v (S (length f))) as [->|D].
  - destruct (Nat.eqb_spec r (S (length f))) as [->|]; [constructor|]. apply joined_edge. left. auto.
  - assert (joined (forest f) v (leader f v)) as J by (apply IH; auto; lia).
    destruct (r =? S (length f)); auto. revert J. apply joined_incl, incl_tl, incl_refl.
Qed.

Lemma tied_together f u v : good f -> node (length f) u -> node (length f) v -> leader f u = leader f v -> joined (forest f) u v.
Proof.
  intros G U V E. apply joined_trans with (leader f u); [apply tied; auto|]. rewrite E. apply joined_sym, tied; auto.
Qed.

(** ** The query: from v to each other block of f, to x in its own *)

Definition star (f : list nat) (v x : nat) : list edge :=
  map (fun r => (v, if r =? leader f x then x else r)) (remove Nat.eq_dec (leader f v) (roots f)).

Lemma length_remove_nat : forall l x, NoDup l -> In x l -> S (length (remove Nat.eq_dec x l)) = length l.
Proof.
  induction l as [|a l IH]; simpl; intros x N []; inversion N; subst.
  - destruct (Nat.eq_dec x x); [|congruence]. rewrite notin_remove; auto.
  - destruct (Nat.eq_dec x a); [subst; contradiction|]. simpl. rewrite IH; auto.
Qed.

Section Star.
  Variables (f : list nat) (v x : nat).
  Hypotheses (G : good f) (V : node (length f) v) (X : node (length f) x).

  Lemma length_star : S (length (star f v x)) = length (roots f).
  Proof. unfold star. rewrite map_length. apply length_remove_nat; [apply NoDup_roots; auto|apply leader_root; auto]. Qed.

  Lemma in_star e : In e (star f v x) <-> exists r, In r (roots f) /\ r <> leader f v /\ e = (v, if r =? leader f x then x else r).
  Proof.
    unfold star. rewrite in_map_iff. split.
    - intros (r & <- & H). apply in_remove in H. exists r. tauto.
    - intros (r & H & D & ->). exists r. split; auto. apply in_in_remove; auto.
  Qed.

  Lemma edges_star : edges (length f) (star f v x).
  Proof.
    intros a b I. apply in_star in I. destruct I as (r & R & D & E). injection E as -> ->.
    split; auto. destruct (Nat.eqb_spec r (leader f x)) as [->|N].
    - split; [auto|congruence].
    - split; [apply roots_bounds; auto|]. apply in_roots in R; auto. destruct R. congruence.
  Qed.

  (** It makes a tree of the forest of f. *)
  Lemma completes : is_tree (length f) (forest f ++ star f v x).
  Proof.
    apply is_tree_count; [unfold node in V; lia|apply edges_app; split; [apply edges_forest; auto|apply edges_star]|]. split.
    - assert (forall u, node (length f) u -> joined (forest f ++ star f v x) v u) as All.
      { intros u U. assert (forall a b, joined (forest f) a b -> joined (forest f ++ star f v x) a b) as In_
          by (intros a b; apply joined_incl, incl_appl, incl_refl).
        destruct (Nat.eq_dec (leader f u) (leader f v)) as [E|D]; [apply In_, tied_together; auto|].
        set (p := if leader f u =? leader f x then x else leader f u). apply joined_trans with p.
        - apply joined_edge, in_app_iff. right. apply in_star. exists (leader f u). split; [apply leader_root; auto|auto].
        - apply In_. unfold p. destruct (Nat.eqb_spec (leader f u) (leader f x)); [apply tied_together; auto|].
          apply joined_sym, tied; auto. }
      intros a b A B. apply joined_trans with v; auto. apply joined_sym. auto.
    - rewrite app_length. pose proof length_star. pose proof (length_forest f). lia.
  Qed.
End Star.

(** It closes a cycle where v and x are together already. *)
Lemma breaks n es f v x : good f -> node (length f) v -> node (length f) x -> leader f v <> leader f x ->
  joined es v x -> ~ is_tree n (es ++ star f v x).
Proof.
  intros G V X D J (_ & A). assert (In (v, x) (star f v x)) as I.
  { apply in_star. exists (leader f x). rewrite Nat.eqb_refl. split; [apply leader_root; auto|]. auto. }
  apply in_split in I. destruct I as (l & r & E). apply (A (es ++ l) v x r); [rewrite E, <- app_assoc; auto|].
  apply joined_incl with es; auto. rewrite <- app_assoc. apply incl_appl, incl_refl.
Qed.

(** ** Told apart *)

Lemma tree_apart n ok es es' q : 1 <= n -> edges n es -> edges n es' -> edges n q ->
  is_tree n (es ++ q) -> ~ is_tree n (es' ++ q) -> apart (is_tree_task n ok) (text es) (text es').
Proof.
  intros N E E' Q T NT. exists (Ask :: text q). split; [exists q; auto|]. split; [exists q; auto|].
  simpl. rewrite !edges_of_both. apply tree_decides in T; [|auto|apply edges_app; auto]. rewrite T.
  destruct (tree n (es' ++ q)) eqn:F; [|discriminate].
  apply tree_decides in F; [contradiction|auto|apply edges_app; auto].
Qed.

Lemma forests_apart ok f g : good f -> good g -> length f = length g -> f <> g ->
  apart (is_tree_task (length f) ok) (text (forest f)) (text (forest g)).
Proof.
  assert (forall f g v x, good f -> good g -> length f = length g -> node (length f) v -> node (length f) x ->
    leader g v = leader g x -> leader f v <> leader f x ->
    apart (is_tree_task (length f) ok) (text (forest f)) (text (forest g))) as One.
  { clear f g. intros f g v x F G L V X E D. apply tree_apart with (star f v x).
    - unfold node in V. lia.
    - apply edges_forest. auto.
    - rewrite L. apply edges_forest. auto.
    - apply edges_star; auto.
    - apply completes; auto.
    - apply breaks; auto. apply tied_together; congruence. }
  intros F G L D. destruct (together_apart f g F G L D) as (v & x & V & X & [(E & N)|(E & N)]).
  - apply apart_sym. rewrite L in *. apply One with v x; auto.
  - apply One with v x; auto.
Qed.

(** Distinct partitions, distinct texts. *)
Lemma text_of_forest_injective f g : good f -> good g -> length f = length g -> text (forest f) = text (forest g) -> f = g.
Proof.
  intros F G L E. destruct (list_eq_dec Nat.eq_dec f g) as [|D]; auto. exfalso.
  destruct (forests_apart (fun _ => True) f g F G L D) as (q & _ & _ & N). apply N. rewrite E. auto.
Qed.

(** ** Fooling sets: forests, and one prefix that is no tree whatever follows *)

Section Forests.
  Variables (n : nat) (ok : list edge -> Prop) (fs : list (list nat)).
  Hypotheses (different : NoDup fs) (fit : forall f, In f fs -> length f = n /\ good f /\ ok (forest f)).

  Lemma forests_fooling : fooling (is_tree_task n ok) (map text (map forest fs)).
  Proof.
    split; [|split].
    - rewrite map_map. apply NoDup_map_on; auto. intros f g F G. apply fit in F, G.
      apply text_of_forest_injective; intuition congruence.
    - intros w W. rewrite map_map in W. apply in_map_iff in W. destruct W as (f & <- & F).
      destruct (fit f F) as (L & G & O). exists (forest f). split; auto. rewrite <- L. apply edges_forest. auto.
    - intros w w' W W' D. rewrite map_map in W, W'. apply in_map_iff in W, W'.
      destruct W as (f & <- & F), W' as (g & <- & G). destruct (fit f F) as (L & GF & _), (fit g G) as (L' & GG & _).
      rewrite <- L. apply forests_apart; auto; congruence.
  Qed.

  Variable d : list edge.
  Hypotheses (large : 2 <= n) (d_edges : edges n d) (d_ok : ok d) (dead : forall q, ~ is_tree n (d ++ q)).

  Lemma dead_apart f : In f fs -> apart (is_tree_task n ok) (text (forest f)) (text d).
  Proof.
    intros F. destruct (fit f F) as (L & G & _). rewrite <- L in *. assert (node (length f) 1) by (unfold node; lia).
    apply tree_apart with (star f 1 1); auto; try lia.
    - apply edges_forest. auto.
    - apply edges_star; auto.
    - apply completes; auto.
  Qed.

  Lemma dead_fooling : fooling (is_tree_task n ok) (map text (d :: map forest fs)).
  Proof.
    destruct forests_fooling as (N & P & A). split; [|split].
    - simpl. constructor; auto. rewrite map_map, in_map_iff. intros (f & E & F).
      destruct (dead_apart f F) as (q & _ & _ & X). apply X. rewrite E. auto.
    - intros w [<-|W]; auto. exists d. auto.
    - intros w w' [<-|W] [<-|W'] E; auto; [congruence|apply apart_sym|]; rewrite map_map in *;
        [apply in_map_iff in W'; destruct W' as (f & <- & F)|apply in_map_iff in W; destruct W as (f & <- & F)];
        apply dead_apart; auto.
  Qed.
End Forests.

(** ** At one length *)

Lemma parts_fit n m f : In f (parts n (n - m)) -> m <= n -> length f = n /\ good f /\ length (forest f) = m.
Proof. intros F M. apply in_parts in F. destruct F as (L & G & R). pose proof (length_forest f). repeat split; auto. lia. Qed.

Lemma parts_none n m : n < m -> parts n (n - m) = [] \/ n = 0.
Proof. intros M. replace (n - m) with 0 by lia. destruct n; simpl; auto. Qed.

Theorem istree_power_states : statement_istree_power_states.
Proof.
  intros n q Q. apply needs_less with (stirling n q).
  2: { replace n with (q + (n - q)) at 2 by lia. apply power_stirling. }
  rewrite <- length_parts, <- (map_length forest), <- (map_length text).
  assert (forall f, In f (parts n q) -> length f = n /\ good f /\ length (forest f) = n - q) as Fit.
  { intros f F. apply parts_fit; [|lia]. replace (n - (n - q)) with q by lia. auto. }
  apply (fooling_needs _ _ (3 * (n - q))); [apply forests_fooling; auto; apply NoDup_parts|].
  intros w W. rewrite map_map in W. apply in_map_iff in W. destruct W as (f & <- & F). rewrite length_text.
  destruct (Fit f F) as (_ & _ & ->). auto.
Qed.

(** From two edges on, a prefix can repeat one. *)
Definition twice (m : nat) : list edge := repeat (1, 2) m.
Definition family_at (n m : nat) : list (list edge) :=
  (if 2 <=? m then [twice m] else []) ++ map forest (parts n (n - m)).

Lemma edges_twice n m : 2 <= n -> edges n (twice m).
Proof. intros N u v I. apply repeat_spec in I. injection I as -> ->. unfold node. lia. Qed.
Lemma twice_is_dead n m q : 2 <= m -> ~ is_tree n (twice m ++ q).
Proof.
  intros M (_ & A). destruct m as [|[|m]]; try lia. apply (A [] 1 2 ((1, 2) :: twice m ++ q)); auto.
  apply joined_edge. left. auto.
Qed.

Lemma length_family_at n m : length (family_at n m) = stirling n (n - m) + (if 2 <=? m then 1 else 0).
Proof. unfold family_at. rewrite app_length, map_length, length_parts. destruct (2 <=? m); simpl; lia. Qed.

Lemma istree_at_needs n m : 2 <= n -> needs (istree_at n m) (stirling n (n - m) + (if 2 <=? m then 1 else 0)).
Proof.
  intros N. rewrite <- length_family_at, <- (map_length text).
  assert (forall f, In f (parts n (n - m)) -> length f = n /\ good f /\ length (forest f) = m) as Fit.
  { intros f F. destruct (le_lt_dec m n); [apply parts_fit; auto|]. destruct (parts_none n m) as [E|]; auto; [|lia].
    rewrite E in F. destruct F. }
  apply (fooling_needs _ _ (3 * m)).
  - unfold family_at. destruct (Nat.leb_spec 2 m).
    + apply dead_fooling; auto using NoDup_parts, edges_twice; [apply repeat_length|intros q; apply twice_is_dead; auto].
    + apply forests_fooling; auto. apply NoDup_parts.
  - intros w W. apply in_map_iff in W. destruct W as (es & <- & I). rewrite length_text. f_equal.
    apply in_app_iff in I. destruct I as [I|I].
    + destruct (2 <=? m); [destruct I as [<-|[]]; apply repeat_length|destruct I].
    + apply in_map_iff in I. destruct I as (f & <- & F). apply Fit. auto.
Qed.

(** q about n / c, and q to the power of about n: n log n bits. *)
Lemma large_power c q n d : 1 <= q -> n <= q * q -> 2 * n <= d * c -> 2 ^ n_log_n n <= (q ^ d) ^ c.
Proof.
  intros Q H L. transitivity (n ^ n); [apply n_log_n_power|]. transitivity ((q * q) ^ n); [apply Nat.pow_le_mono_l; auto|].
  replace (q * q) with (q ^ 2) by (simpl; lia). rewrite <- !Nat.pow_mul_r. apply Nat.pow_le_mono_r; lia.
Qed.

Theorem istree_fails : statement_istree_fails.
Proof.
  apply (too_few n_log_n _ (fun n => (n / 2) ^ (n - n / 2)) 4). exists 6. intros n Hn.
  pose proof (Nat.div_mod n 2 ltac:(lia)). pose proof (Nat.mod_upper_bound n 2 ltac:(lia)). set (q := n / 2) in *. split.
  - apply (needs_more (istree_at n (n - q))); [| | |apply istree_power_states; lia]; auto.
    intros w (es & E & _ & ->). exists es. auto.
  - apply large_power; [lia| |lia]. assert (3 <= q) by lia. nia.
Qed.

(** ** At any length: Bell(n), and one more for a cycle *)

Definition dead : list edge := [(1, 2); (1, 2)].

Lemma edges_dead n : 2 <= n -> edges n dead.
Proof. apply (edges_twice n 2). Qed.
Lemma dead_is_dead n q : ~ is_tree n (dead ++ q).
Proof. apply (twice_is_dead n 2). auto. Qed.

Definition family (n : nat) : list (list edge) := dead :: map forest (partitions n).

Lemma length_family n : length (family n) = bell n + 1.
Proof. unfold family. simpl. rewrite map_length, length_partitions. lia. Qed.

Lemma istree_needs n m c : 2 <= n -> uniform m -> solves m (istree n) -> states_at_most m (istree n) c -> bell n + 1 <= c.
Proof.
  intros N U S St. rewrite <- length_family, <- (map_length text). apply (fooling_needs_uniform (istree n) _ m); auto.
  apply dead_fooling; auto using NoDup_partitions, edges_dead, dead_is_dead. intros f F. apply in_partitions in F. tauto.
Qed.
