(** The least number of states is the number of different rows; and what associative recall takes under promise. *)
From Coq Require Import List Lia Arith Factorial Permutation.
From RetrievalGap Require Import StatementsLower Machines LowerRecall.
Import ListNotations.

(** ** In general *)

Section Rows.
  Variables (T : task) (P Q : list (list token)).

  Definition same_row (w w' : list token) : bool := if word_eq_dec (row T Q w) (row T Q w') then true else false.

  (** One prefix for each row: the first that has it. *)
  Definition keep (w : list token) : list token := match find (same_row w) P with Some w' => w' | None => w end.

  Lemma keep_spec w : In w P -> In (keep w) P /\ row T Q (keep w) = row T Q w.
  Proof.
    intros H. unfold keep. destruct (find (same_row w) P) as [w'|] eqn:E; [|auto].
    apply find_some in E. destruct E as (I & E). unfold same_row in E. destruct (word_eq_dec (row T Q w) (row T Q w')); [auto|discriminate].
  Qed.

  Lemma keep_same w w' : row T Q w = row T Q w' -> In w P -> In w' P -> keep w = keep w'.
  Proof.
    intros E H H'. unfold keep. assert (forall l, find (same_row w) l = find (same_row w') l) as F.
    { induction l as [|x l IH]; simpl; auto. unfold same_row at 1 3. rewrite E, IH. auto. }
    rewrite F. destruct (find (same_row w') P) eqn:N; auto. exfalso. pose proof (find_none _ _ N w' H') as X.
    unfold same_row in X. destruct (word_eq_dec (row T Q w') (row T Q w')); congruence.
  Qed.

  Definition kept : list (list token) := nodup word_eq_dec (map keep P).

  (** As many as there are rows. *)
  Lemma length_kept : length kept = length (rows T P Q).
  Proof.
    transitivity (length (map (row T Q) kept)); [rewrite map_length; auto|].
    assert (forall w, In w kept -> exists p, In p P /\ w = keep p) as K.
    { intros w H. apply nodup_In, in_map_iff in H. destruct H as (p & <- & H). eauto. }
    apply Nat.le_antisymm; apply NoDup_incl_length.
    - apply NoDup_map_on; [apply NoDup_nodup|]. intros x y Hx Hy E.
      destruct (K x Hx) as (p & Hp & ->), (K y Hy) as (p' & Hp' & ->). apply keep_same; auto.
      destruct (keep_spec p Hp) as (_ & E1), (keep_spec p' Hp') as (_ & E2). congruence.
    - intros r H. apply in_map_iff in H. destruct H as (w & <- & H). destruct (K w H) as (p & Hp & ->).
      apply nodup_In, in_map. apply keep_spec. auto.
    - apply NoDup_nodup.
    - intros r H. apply nodup_In, in_map_iff in H. destruct H as (p & <- & Hp). apply in_map_iff. exists (keep p).
      split; [apply keep_spec; auto|]. apply nodup_In, in_map. auto.
  Qed.

  Lemma row_differs : forall w w', row T Q w <> row T Q w' -> exists q, In q Q /\ right T w q <> right T w' q.
  Proof.
    unfold row. induction Q as [|q l IH]; simpl; intros w w' D; [congruence|].
    destruct (token_eq_dec (right T w q) (right T w' q)) as [E|N]; [|exists q; auto].
    destruct (IH w w') as (x & Hx & N); [congruence|]. exists x. auto.
  Qed.
End Rows.

(** The machine that keeps the row, by the first prefix that has it. *)
Definition row_machine (T : task) (P Q : list (list token)) (n : nat) : machine := keeper n (keep T P Q) (right T).

Lemma row_machine_works T P Q n :
  (forall w, prefix T w <-> In w P) -> (forall w, In w P -> length w = n) ->
  (forall w q, In w P -> (legal T w q <-> In q Q)) ->
  solves (row_machine T P Q n) T /\ states_at_most (row_machine T P Q n) T (length (rows T P Q)).
Proof.
  intros HP HL HQ.
  assert (forall w, prefix T w -> length w = n /\ length (keep T P Q w) = n /\ In (keep T P Q w) (kept T P Q)) as K.
  { intros w Hw. apply HP in Hw. destruct (keep_spec T P Q w Hw) as (K & _). repeat split; auto.
    apply nodup_In, in_map. auto. }
  split; [apply (keeper_solves _ n _ _ (kept T P Q)); auto|].
  - intros w q Hw Hq. apply HP in Hw. apply HQ in Hq; auto. destruct (keep_spec T P Q w Hw) as (_ & E).
    unfold row in E. apply (ext_in_map E). auto.
  - apply (keeper_states _ n _ _ (kept T P Q)); auto. rewrite length_kept. auto.
Qed.

Theorem least_is_rows : statement_least_is_rows.
Proof.
  intros T P Q n HP HL HQ. split; [|exists (row_machine T P Q n); apply row_machine_works; auto].
  rewrite <- length_kept. apply (fooling_needs _ _ n).
  - split; [apply NoDup_nodup|]. split.
    + intros w H. apply nodup_In, in_map_iff in H. destruct H as (p & <- & H). apply HP. apply keep_spec. auto.
    + intros w w' H H' D. apply nodup_In, in_map_iff in H, H'. destruct H as (p & <- & H), H' as (p' & <- & H').
      destruct (keep_spec T P Q p H) as (K & E), (keep_spec T P Q p' H') as (K' & E').
      destruct (row_differs T Q (keep T P Q p) (keep T P Q p')) as (q & Hq & N).
      { rewrite E, E'. intros R. apply D, keep_same; auto. }
      exists q. split; [apply HQ; auto|]. split; [apply HQ; auto|auto].
  - intros w H. apply nodup_In, in_map_iff in H. destruct H as (p & <- & H). apply HL, keep_spec. auto.
Qed.

(** ** Associative recall under promise: the machine keeps the circle, opened at the letter 1 *)

(** The word that begins with 1 and goes round: what stands before 1 comes last. *)
Fixpoint turn (seen w : list token) : list token :=
  match w with
  | [] => rev seen
  | t :: w' => if token_eq_dec t (Num 1) then w ++ rev seen else turn (t :: seen) w'
  end.

Lemma turn_spec : forall w seen, exists u v, rev seen ++ w = u ++ v /\ turn seen w = v ++ u /\
  (In (Num 1) w -> exists v', v = Num 1 :: v').
Proof.
  induction w as [|t w IH]; intros seen; simpl.
  - exists [], (rev seen). rewrite !app_nil_r. repeat split; tauto.
  - destruct (token_eq_dec t (Num 1)) as [->|D].
    + exists (rev seen), (Num 1 :: w). repeat split; eauto.
    + destruct (IH (t :: seen)) as (u & v & E & F & G). simpl in E. rewrite <- app_assoc in E. exists u, v.
      repeat split; auto. intros [|I]; [congruence|auto].
Qed.

(** What follows a letter on the circle. *)
Definition round (w q : list token) : token :=
  match w, q with
  | a :: _, _ :: g => match follows g w with Some b => b | None => a end
  | _, _ => NONE
  end.

Lemma over_all n w : different n n w -> forall i, 1 <= i <= n -> In (Num i) w.
Proof.
  intros (L & O & N) i Hi. apply (NoDup_length_incl (l := w) (l' := letters n)); auto.
  - rewrite length_letters. lia.
  - apply in_letters. eauto.
Qed.

Lemma follows_last : forall u x, NoDup (u ++ [x]) -> follows [x] (u ++ [x]) = None.
Proof.
  intros u x N. destruct (follows [x] (u ++ [x])) as [b|] eqn:E; auto. exfalso.
  apply follows_occurs in E. destruct E as (v & r & E). simpl in E.
  destruct (once u v x [] (b :: r)) as (_ & F); auto. discriminate.
Qed.

Lemma round_some w t g b : follows g w = Some b -> round w (t :: g) = b.
Proof. intros F. destruct w as [|a w]; [discriminate|]. unfold round. rewrite F. auto. Qed.
Lemma round_none a w t g : follows g (a :: w) = None -> round (a :: w) (t :: g) = a.
Proof. intros F. unfold round. rewrite F. auto. Qed.

(** Where the word is cut: after x and what follows it, between them, or before them. *)
Lemma cut : forall (u : list token) p a v x b r, u ++ a :: v = p ++ x :: b :: r ->
  (exists s, u = p ++ x :: b :: s) \/ (u = p ++ [x] /\ a = b) \/ (exists t s, a :: v = t ++ x :: b :: s).
Proof.
  induction u as [|c u IH]; intros p a v x b r E; [right; right; exists p, r; auto|].
  destruct p as [|y p]; simpl in E; injection E as -> E.
  - destruct u as [|d u]; simpl in E; injection E as -> E; [right; left; auto|left; exists u; auto].
  - destruct (IH _ _ _ _ _ _ E) as [(s & ->)|[(-> & ->)|H]]; [left; exists s; reflexivity|right; left; auto|auto].
Qed.

Lemma round_turn u v x b : NoDup (u ++ v) -> follows [x] (u ++ v) = Some b -> round (v ++ u) [Ask; x] = b.
Proof.
  intros N F. pose proof (follows_occurs _ _ _ F) as (p & r & E). simpl in E.
  assert (NoDup (v ++ u)) as N' by (apply (Permutation_NoDup (Permutation_app_comm u v)); auto).
  assert (forall p' r', v ++ u = p' ++ [x] ++ b :: r' -> round (v ++ u) [Ask; x] = b) as Inside.
  { intros p' r' E'. apply round_some. rewrite E'. apply follows_of; [discriminate|]. rewrite <- E'. auto. }
  destruct v as [|a v].
  { apply (Inside p r). rewrite app_nil_r in E. auto. }
  destruct (cut _ _ _ _ _ _ _ E) as [(s & ->)|[(-> & ->)|(t & s & T)]].
  - apply (Inside ((a :: v) ++ p) s). rewrite <- app_assoc. auto.
  - apply (round_none b (v ++ p ++ [x])). pose proof (follows_last ((b :: v) ++ p) x) as G.
    rewrite <- app_assoc in G. apply G, N'.
  - apply (Inside t (s ++ u)). rewrite T, <- app_assoc. auto.
Qed.

Theorem recall_promise_states : statement_recall_promise_states.
Proof.
  intros n N. split.
  - destruct (le_lt_dec 2 n) as [H|H].
    + rewrite <- falling_fact. apply c_gram_promise_states. lia.
    + replace n with 1 by lia. apply needs_one with [Num 1]. repeat split; auto.
      * intros t [<-|[]]. simpl. auto.
      * repeat constructor. auto.
  - set (L := map (cons (Num 1)) (orders (n - 1) (map Num (seq 2 (n - 1))))).
    assert (forall w, different n n w -> exists u v, w = u ++ v /\ turn [] w = v ++ u /\ In (turn [] w) L) as P.
    { intros w H. pose proof (over_all n w H 1 ltac:(lia)) as I. destruct (turn_spec w []) as (u & v & E & F & G).
      destruct (G I) as (v' & ->). exists u, (Num 1 :: v'). repeat split; auto. rewrite F. destruct H as (Lw & O & Nw).
      simpl in E. assert (NoDup ((Num 1 :: v') ++ u)) as N'.
      { apply (Permutation_NoDup (Permutation_app_comm u (Num 1 :: v'))). congruence. }
      simpl. apply in_map, in_orders. simpl in N'. apply NoDup_cons_iff in N'. destruct N' as (A & B). split; [|split; auto].
      - rewrite E, app_length in Lw. simpl in Lw. rewrite app_length. lia.
      - intros t Ht. assert (In t (letters n)) as T by (apply O; rewrite E; rewrite in_app_iff in *; simpl; tauto).
        apply in_letters in T. destruct T as (i & Hi & ->). apply in_map, in_seq.
        assert (i <> 1) by (intros ->; auto). lia. }
    apply (enough_to_keep _ n (turn []) round L).
    + intros w H. destruct (P w H) as (u & v & E & F & I). destruct H as (Lw & _). repeat split; auto.
      rewrite F, <- Lw, E, !app_length. lia.
    + intros w q H (g & Lg & _ & -> & D). destruct (P w H) as (u & v & E & F & _). rewrite F.
      destruct g as [|x [|y g]]; try discriminate. destruct H as (_ & _ & Nw).
      destruct (follows [x] w) as [b|] eqn:B; [|congruence]. simpl right. unfold what_follows. rewrite B.
      apply round_turn; congruence.
    + unfold L. rewrite map_length, length_orders, map_length, seq_length, falling_fact; auto.
      apply NoDup_map_on; [apply seq_NoDup|congruence].
Qed.
