(** Machines that read their input once: what forces states, and when so many are enough. *)
From Coq Require Import List Lia Arith.
From RetrievalGap Require Import StatementsLower.
Import ListNotations.

Definition word_eq_dec := list_eq_dec token_eq_dec.

(** ** Chain of thought changes nothing *)

Lemma think_more m : forall fuel more position s t a,
  think m fuel position s t = Some a -> think m (fuel + more) position s t = Some a.
Proof. induction fuel; simpl; intros; [discriminate|]. destruct (ends m (write m position s t)); auto. Qed.

Lemma answers_unique m w q a b : answers m w q a -> answers m w q b -> a = b.
Proof.
  intros (f & Ha) (g & Hb). apply think_more with (more := g) in Ha. apply think_more with (more := f) in Hb.
  rewrite Nat.add_comm in Hb. congruence.
Qed.

Lemma same_state_same_answers m w w' q a :
  length w = length w' -> after m w = after m w' -> answers m w q a -> answers m w' q a.
Proof. intros L E (f & H). exists f. rewrite <- L, <- E. exact H. Qed.

Lemma uniform_read m : uniform m -> forall w i j s, read m i s w = read m j s w.
Proof. intros (S & _). induction w; simpl; intros; auto. rewrite (S i j). apply IHw. Qed.

Lemma uniform_think m : uniform m -> forall fuel i j s t, think m fuel i s t = think m fuel j s t.
Proof.
  intros (S & W). induction fuel; simpl; intros; auto. rewrite (W i j). destruct (ends m (write m j s t)); auto.
  rewrite (S i j). apply IHfuel.
Qed.

Lemma uniform_same_answers m w w' q a :
  uniform m -> after m w = after m w' -> answers m w q a -> answers m w' q a.
Proof.
  intros U E (f & H). exists f. rewrite <- E, <- H.
  rewrite (uniform_read m U q (length w') (length w)). apply uniform_think. auto.
Qed.

Lemma read_app m : forall w v i s, read m i s (w ++ v) = read m (i + length w) (read m i s w) v.
Proof.
  induction w; simpl; intros; [f_equal; lia|]. rewrite IHw. f_equal. lia.
Qed.

(** ** Fooling sets *)

(** Two prefixes are told apart by a query that is legal after both. *)
Definition apart (T : task) (w w' : list token) : Prop :=
  exists q, legal T w q /\ legal T w' q /\ right T w q <> right T w' q.

Definition fooling (T : task) (F : list (list token)) : Prop :=
  NoDup F /\ (forall w, In w F -> prefix T w) /\ (forall w w', In w F -> In w' F -> w <> w' -> apart T w w').

Lemma apart_sym T w w' : apart T w w' -> apart T w' w.
Proof. intros (q & L & L' & D). exists q. auto. Qed.

Lemma NoDup_map_on {A B} (f : A -> B) : forall l,
  NoDup l -> (forall x y, In x l -> In y l -> f x = f y -> x = y) -> NoDup (map f l).
Proof.
  induction l as [|a l IH]; simpl; intros N I; constructor; inversion N; subst.
  - rewrite in_map_iff. intros (x & E & Hx). apply I in E; auto. subst. contradiction.
  - apply IH; auto.
Qed.

(** Prefixes that leave the machine in the same state get the same answers: [same] says when that is known. *)
Lemma fooling_states T F m c :
  (forall w w' q a, In w F -> In w' F -> after m w = after m w' -> answers m w q a -> answers m w' q a) ->
  fooling T F -> solves m T -> states_at_most m T c -> length F <= c.
Proof.
  intros same (N & P & A) Sol (l & Hl & In_l).
  rewrite <- (map_length (after m) F). transitivity (length l); auto. apply NoDup_incl_length.
  - apply NoDup_map_on; auto. intros w w' Hw Hw' E. destruct (word_eq_dec w w') as [|D]; auto. exfalso.
    destruct (A w w' Hw Hw' D) as (q & L & L' & D'). apply D'.
    apply answers_unique with m w' q; auto. apply same with w; auto.
  - intros s Hs. apply in_map_iff in Hs. destruct Hs as (w & <- & Hw). auto.
Qed.

Theorem fooling_needs T F n : fooling T F -> (forall w, In w F -> length w = n) -> needs T (length F).
Proof.
  intros Fool L m c Sol St. eapply fooling_states; eauto. intros w w' q a Hw Hw'.
  apply same_state_same_answers. rewrite !L; auto.
Qed.

Theorem fooling_needs_uniform T F m c :
  fooling T F -> uniform m -> solves m T -> states_at_most m T c -> length F <= c.
Proof. intros Fool U. apply fooling_states; auto. intros. eapply uniform_same_answers; eauto. Qed.

(** One prefix takes one state. *)
Lemma needs_one T w : prefix T w -> needs T 1.
Proof. intros P m c _ (l & L & I). specialize (I w P). destruct l; simpl in *; [contradiction|lia]. Qed.

Lemma needs_less T b b' : needs T b -> b' <= b -> needs T b'.
Proof. intros N L m c S St. specialize (N m c S St). lia. Qed.

(** A harder task, with more prefixes, needs as many. *)
Lemma needs_more T T' b : (forall w, prefix T w -> prefix T' w) -> (forall w q, prefix T w -> legal T w q -> legal T' w q) ->
  (forall w q, prefix T w -> legal T w q -> right T' w q = right T w q) -> needs T b -> needs T' b.
Proof.
  intros P L R N m c S (l & Hl & I). apply (N m c); [|exists l; auto].
  intros w q Hw Hq. rewrite <- R; auto.
Qed.

(** Where the least number of states to the power c is 2^g(n) or more, o(g) bits are too few. *)
Theorem too_few (g : nat -> nat) (T : nat -> task) (F : nat -> nat) (c : nat) :
  (exists N, forall n, N <= n -> needs (T n) (F n) /\ 2 ^ g n <= F n ^ c) -> fail_below g T.
Proof.
  intros (N0 & HF) m b Hb HS. destruct (Hb c) as (N1 & HN). exists (N0 + N1). intros n Hn Sol.
  destruct (HF n ltac:(lia)) as (Need & Big).
  pose proof (Need (m n) _ Sol (HS n)) as Le.
  assert (F n ^ c <= (2 ^ b n) ^ c) by (apply Nat.pow_le_mono_l; auto).
  rewrite <- Nat.pow_mul_r in H. specialize (HN n ltac:(lia)).
  assert (2 ^ (b n * c) < 2 ^ g n) by (apply Nat.pow_lt_mono_r; lia). lia.
Qed.

(** Where so many bits are enough, and are o(g): machines with o(g) bits do not fail. *)
Lemma does_not_fail g T (m : nat -> machine) b : little_o g b -> (forall n, states_at_most (m n) (T n) (2 ^ b n)) ->
  (forall n, 2 <= n -> solves (m n) (T n)) -> ~ fail_below g T.
Proof. intros L St S_ F. destruct (F m b L St) as (N & H). apply (H (N + 2)); [lia|]. apply S_. lia. Qed.

Lemma states_more m T b c : states_at_most m T b -> b <= c -> states_at_most m T c.
Proof. intros (l & L & I) H. exists l. split; auto. lia. Qed.

(** o(n) is o(n log n). *)
Theorem fail_below_linear : statement_fail_below_linear.
Proof.
  intros T H m b L. apply H. intros c. destruct (L c) as (N & HN). exists (N + 2). intros n Hn.
  specialize (HN n ltac:(lia)). unfold n_log_n, linear in *.
  assert (1 <= Nat.log2 n) by (apply (Nat.log2_le_mono 2); lia). nia.
Qed.

(** n log n bits count to n^n at most. *)
Lemma n_log_n_power n : 2 ^ n_log_n n <= n ^ n.
Proof.
  unfold n_log_n. destruct n as [|n]; [simpl; auto|].
  rewrite (Nat.mul_comm (S n)), Nat.pow_mul_r. apply Nat.pow_le_mono_l.
  apply Nat.log2_spec. lia.
Qed.

(** ** The row machine *)

(** It keeps what it reads. After the last token of the prefix it forgets all but [keep]; then it reads the query and
    answers by [say] at once. *)
Section Keep.
  Variables (n : nat) (keep : list token -> list token) (say : list token -> list token -> token).

  Definition keeper : machine := {|
    state := list token;
    first := [];
    step i s t := if S i =? n then keep (s ++ [t]) else s ++ [t];
    write _ s _ := say (firstn n s) (skipn n s);
    ends _ := true
  |}.

  Lemma keeper_collects : forall w i s, i + length w < n \/ n <= i -> read keeper i s w = s ++ w.
  Proof.
    induction w as [|t w IH]; intros i s H; [simpl; rewrite app_nil_r; auto|]. simpl length in H.
    change (read keeper (S i) (if S i =? n then keep (s ++ [t]) else s ++ [t]) w = s ++ t :: w).
    destruct (Nat.eqb_spec (S i) n); [lia|]. rewrite IH by lia. symmetry. apply (app_assoc s [t] w).
  Qed.

  Lemma after_keeper w : length w = n -> length (keep w) = n -> after keeper w = keep w.
  Proof.
    intros L K. unfold after. destruct w as [|t w _] using rev_ind; [destruct (keep []); [auto|simpl in *; lia]|]. rewrite app_length in L. simpl in L.
    rewrite read_app, (keeper_collects w) by lia.
    change ((if S (length w) =? n then keep (w ++ [t]) else w ++ [t]) = keep (w ++ [t])).
    destruct (Nat.eqb_spec (S (length w)) n); [auto|lia].
  Qed.

  Lemma keeper_answers w q : length w = n -> length (keep w) = n -> answers keeper w q (say (keep w) q).
  Proof.
    intros L K. exists 1. simpl. rewrite after_keeper, keeper_collects by (auto; lia).
    rewrite <- K, firstn_app, Nat.sub_diag, firstn_all, skipn_app, Nat.sub_diag, skipn_all. simpl.
    rewrite app_nil_r. auto.
  Qed.
End Keep.

Section Enough.
  Variables (T : task) (n : nat) (keep : list token -> list token) (say : list token -> list token -> token).
  Variables (L : list (list token)) (b : nat).
  Hypothesis kept : forall w, prefix T w -> length w = n /\ length (keep w) = n /\ In (keep w) L.
  Hypothesis said : forall w q, prefix T w -> legal T w q -> say (keep w) q = right T w q.
  Hypothesis few : length L <= b.

  Lemma keeper_solves : solves (keeper n keep say) T.
  Proof.
    intros w q Hw Hq. destruct (kept w Hw) as (Lw & Kw & _). rewrite <- said by auto. apply keeper_answers; auto.
  Qed.
  Lemma keeper_states : states_at_most (keeper n keep say) T b.
  Proof.
    exists L. split; auto. intros w Hw. destruct (kept w Hw) as (Lw & Kw & I). rewrite after_keeper; auto.
  Qed.
  Theorem enough_to_keep : enough T b.
  Proof. exists (keeper n keep say). split; [apply keeper_solves|apply keeper_states]. Qed.
End Enough.

(** ** Families of words: one letter after the other *)

Lemma NoDup_app_disjoint {A} : forall l l' : list A,
  NoDup l -> NoDup l' -> (forall x, In x l -> ~ In x l') -> NoDup (l ++ l').
Proof.
  induction l as [|a l IH]; simpl; intros l' N N' D; auto. inversion N; subst. constructor.
  - rewrite in_app_iff. intros [|]; [auto|apply (D a); auto].
  - apply IH; auto.
Qed.

Section Families.
  Context {A : Type}.

  Definition extend (l : list A) (f : A -> list (list A)) : list (list A) :=
    flat_map (fun x => map (cons x) (f x)) l.

  Lemma in_extend : forall l f w, In w (extend l f) <-> exists x w', w = x :: w' /\ In x l /\ In w' (f x).
  Proof.
    intros. unfold extend. rewrite in_flat_map. split.
    - intros (x & Hx & Hw). apply in_map_iff in Hw. destruct Hw as (w' & <- & Hw'). eauto.
    - intros (x & w' & -> & Hx & Hw'). exists x. split; auto. apply in_map; auto.
  Qed.

  Lemma NoDup_extend : forall l f, NoDup l -> (forall x, In x l -> NoDup (f x)) -> NoDup (extend l f).
  Proof.
    induction l as [|a l IH]; intros f N H; [constructor|]. inversion N; subst.
    change (NoDup (map (cons a) (f a) ++ extend l f)). apply NoDup_app_disjoint.
    - apply NoDup_map_on; [apply H; left; auto|]. intros x y _ _ E. congruence.
    - apply IH; auto. intros; apply H; right; auto.
    - intros w Hw Hw'. apply in_map_iff in Hw. destruct Hw as (v & <- & _).
      apply in_extend in Hw'. destruct Hw' as (x & w' & E & Hx & _). congruence.
  Qed.

  Lemma length_extend : forall l f c, (forall x, In x l -> length (f x) = c) -> length (extend l f) = length l * c.
  Proof.
    induction l as [|a l IH]; intros f c H; auto.
    change (length (map (cons a) (f a) ++ extend l f) = S (length l) * c).
    rewrite app_length, map_length, (H a) by (left; auto). rewrite (IH f c); auto. intros; apply H; right; auto.
  Qed.
End Families.

Lemma NoDup_letters k : NoDup (letters k).
Proof. apply NoDup_map_on; [apply seq_NoDup|]. congruence. Qed.
Lemma length_letters k : length (letters k) = k.
Proof. unfold letters. rewrite map_length, seq_length. auto. Qed.
Lemma in_letters k t : In t (letters k) <-> exists i, 1 <= i <= k /\ t = Num i.
Proof.
  unfold letters. rewrite in_map_iff. split.
  - intros (i & <- & H). apply in_seq in H. exists i. split; auto. lia.
  - intros (i & H & ->). exists i. split; auto. apply in_seq. lia.
Qed.
Lemma not_in_letters k t : (forall i, t <> Num i) -> ~ In t (letters k).
Proof. rewrite in_letters. intros H (i & _ & E). apply (H i E). Qed.
