(** c-gram retrieval and associative recall on different tokens: exactly k (k-1) ... (k-n+1) states, n! for k = n. *)
From Coq Require Import List Lia Arith Factorial.
From RetrievalGap Require Import StatementsLower Machines.
Import ListNotations.

(** ** What follows a gram, in a word without repetitions *)

Lemma next_spec : forall g w a, next g w = Some a <-> exists r, w = g ++ a :: r.
Proof.
  induction g as [|b g IH]; intros w a; simpl.
  - destruct w as [|x w]; split; try discriminate.
    + intros (r & E). discriminate.
    + intros E. injection E as ->. eauto.
    + intros (r & E). injection E as -> ->. auto.
  - destruct w as [|x w]; [split; [discriminate|intros (r & E); discriminate]|]. destruct (token_eq_dec x b) as [->|D].
    + rewrite IH. split; intros (r & E); exists r; congruence.
    + split; [discriminate|]. intros (r & E). congruence.
Qed.

Lemma follows_occurs : forall w g a, follows g w = Some a -> exists u r, w = u ++ g ++ a :: r.
Proof.
  induction w as [|x w IH]; intros g a H; simpl in H; [discriminate|].
  destruct (follows g w) as [b|] eqn:E.
  - injection H as ->. apply IH in E. destruct E as (u & r & ->). exists (x :: u), r. auto.
  - apply next_spec in H. destruct H as (r & H). exists [], r. auto.
Qed.

(** A gram that is not empty stands at one place at most. *)
Lemma once : forall (u u' : list token) b s s', NoDup (u ++ b :: s) -> u ++ b :: s = u' ++ b :: s' -> u = u' /\ s = s'.
Proof.
  induction u as [|x u IH]; destruct u' as [|x' u']; simpl; intros b s s' N E.
  - injection E as ->. auto.
  - injection E as -> ->. inversion N; subst. exfalso. apply H1. rewrite in_app_iff. simpl. auto.
  - injection E as -> E. inversion N; subst. exfalso. apply H1. rewrite in_app_iff. simpl. auto.
  - injection E as -> E. inversion N; subst. destruct (IH u' b s s') as (-> & ->); auto.
Qed.

Lemma once_gram (u u' g : list token) a r a' r' : g <> [] -> NoDup (u ++ g ++ a :: r) ->
  u ++ g ++ a :: r = u' ++ g ++ a' :: r' -> u = u' /\ a = a' /\ r = r'.
Proof.
  destruct g as [|b g]; [congruence|]. intros _ N E. destruct (once u u' b _ _ N E) as (-> & S).
  apply app_inv_head in S. injection S as -> ->. auto.
Qed.

Lemma follows_of : forall u g a r, g <> [] -> NoDup (u ++ g ++ a :: r) -> follows g (u ++ g ++ a :: r) = Some a.
Proof.
  assert (forall (w g : list token) a r, w = g ++ a :: r -> follows g w <> None) as Here.
  { intros w g a r E. destruct w as [|x w]; [destruct g; discriminate|]. simpl.
    destruct (follows g w); [discriminate|]. assert (next g (x :: w) = Some a) as -> by (apply next_spec; eauto). discriminate. }
  assert (forall (u g : list token) a r, follows g (u ++ g ++ a :: r) <> None) as Some_.
  { induction u as [|x u IH]; intros g a r; simpl; [eapply Here; eauto|].
    specialize (IH g a r). destruct (follows g (u ++ g ++ a :: r)); congruence. }
  intros u g a r G N. destruct (follows g (u ++ g ++ a :: r)) as [b|] eqn:E; [|exfalso; eapply Some_; eauto].
  apply follows_occurs in E. destruct E as (u' & r' & E). destruct (once_gram _ _ _ _ _ _ _ G N E) as (_ & -> & _). auto.
Qed.

(** ** Two words that differ are told apart *)

(** Both have a first place where they differ. *)
Lemma first_difference : forall w w' : list token, length w = length w' -> w <> w' ->
  exists u a r a' r', w = u ++ a :: r /\ w' = u ++ a' :: r' /\ a <> a'.
Proof.
  induction w as [|x w IH]; destruct w' as [|y w']; intros L D; try discriminate; [congruence|].
  destruct (token_eq_dec x y) as [->|E]; [|exists [], x, w, y, w'; auto].
  destruct (IH w') as (u & a & r & a' & r' & -> & -> & A); [simpl in L; lia|congruence|].
  exists (y :: u), a, r, a', r'. auto.
Qed.

Lemma last_gram : forall (u : list token) m, m <= length u -> exists v g, u = v ++ g /\ length g = m.
Proof.
  intros u m H. exists (firstn (length u - m) u), (skipn (length u - m) u). rewrite firstn_skipn, skipn_length. split; auto. lia.
Qed.

(** The first m letters are the same: the gram before the first difference occurs in both words. *)
Lemma tell_later w w' m u a r a' r' : 1 <= m <= length u -> w = u ++ a :: r -> w' = u ++ a' :: r' -> a <> a' ->
  NoDup w -> NoDup w' -> exists g, length g = m /\ incl g w /\ follows g w = Some a /\ follows g w' = Some a'.
Proof.
  intros M -> -> A N N'. destruct (last_gram u m) as (v & g & -> & L); [lia|]. exists g.
  rewrite <- app_assoc in *. assert (g <> []) by (intros ->; simpl in L; lia). repeat split; auto using follows_of.
  - intros x I. rewrite !in_app_iff. auto.
  - rewrite <- app_assoc. auto using follows_of.
Qed.

(** They are not: the first gram of w is followed by something else in w', or the gram one place before it in w' is. *)
Lemma tell_early w w' m u a r a' r' : 1 <= m -> length u < m < length w -> length w = length w' ->
  w = u ++ a :: r -> w' = u ++ a' :: r' -> a <> a' -> NoDup w -> NoDup w' ->
  exists g, length g = m /\ (incl g w \/ incl g w') /\ follows g w <> follows g w'.
Proof.
  intros M (Lu & Lw) L Ew Ew' A N N'. set (g := firstn m w).
  assert (length g = m) as Lg by (unfold g; apply firstn_length_le; lia).
  assert (exists b s, w = g ++ b :: s) as (b & s & Eg).
  { destruct (skipn m w) as [|b s] eqn:E; [pose proof (skipn_length m w) as X; rewrite E in X; simpl in X; lia|].
    exists b, s. rewrite <- E. symmetry. apply firstn_skipn. }
  assert (follows g w = Some b) as F.
  { rewrite Eg. apply (follows_of [] g b s); [intros E; rewrite E in Lg; simpl in Lg; lia|]. simpl. rewrite <- Eg. auto. }
  destruct (follows g w') as [b'|] eqn:F'; [destruct (token_eq_dec b b') as [<-|D]|].
  2, 3: exists g; repeat split; auto; [left; rewrite Eg; intros x I; rewrite in_app_iff; auto|congruence].
  apply follows_occurs in F'. destruct F' as (v & s' & E').
  (* g does not stand at the beginning of w' *)
  destruct v as [|y v _] using rev_ind.
  { exfalso. apply A. simpl in E'. assert (firstn m w' = g) as Eq.
    { rewrite E', firstn_app, Lg, Nat.sub_diag, firstn_all2 by lia. simpl. apply app_nil_r. }
    unfold g in Eq. rewrite Ew, Ew' in Eq. rewrite !firstn_app in Eq. apply app_inv_head in Eq.
    destruct (m - length u) eqn:Z; [lia|]. simpl in Eq. congruence. }
  (* one place before: y and all of g but its last token z *)
  destruct g as [|z h _] eqn:Gz using rev_ind; [simpl in Lg; lia|].
  exists (y :: h). rewrite app_length in Lg. simpl in Lg. split; [simpl; lia|]. split.
  { right. rewrite E'. intros x I. rewrite !in_app_iff. simpl in *. tauto. }
  assert (follows (y :: h) w' = Some z) as ->.
  { assert (w' = v ++ (y :: h) ++ z :: b :: s') as E2 by (rewrite E', <- !app_assoc; simpl; auto).
    rewrite E2. apply follows_of; [discriminate|]. rewrite <- E2. auto. }
  intros F'. apply follows_occurs in F'. destruct F' as (v' & s2 & E2).
  rewrite <- app_assoc in Eg. simpl in Eg.
  assert (w = (v' ++ y :: h) ++ z :: s2) as E3 by (rewrite E2, <- app_assoc; auto).
  rewrite Eg in E3. destruct (once h (v' ++ y :: h) z (b :: s) s2) as (E4 & _); [rewrite <- Eg; auto|auto|].
  apply (f_equal (@length token)) in E4. rewrite app_length in E4. simpl in E4. lia.
Qed.

(** ** All words of n different letters of a list *)

Fixpoint orders (n : nat) (l : list token) : list (list token) :=
  match n with O => [[]] | S n' => extend l (fun x => orders n' (remove token_eq_dec x l)) end.

Lemma remove_absent : forall l x, ~ In x l -> remove token_eq_dec x l = l.
Proof. induction l; simpl; intros x H; auto. destruct (token_eq_dec x a); [subst; tauto|]. f_equal. auto. Qed.
Lemma length_remove : forall l x, NoDup l -> In x l -> length (remove token_eq_dec x l) = length l - 1.
Proof.
  induction l; simpl; intros x N []; inversion N; subst.
  - destruct (token_eq_dec x x); [|congruence]. rewrite remove_absent; auto. lia.
  - destruct (token_eq_dec x a); [subst; contradiction|]. simpl. rewrite IHl; auto. destruct l; simpl in *; [tauto|lia].
Qed.
Lemma NoDup_remove_one : forall l x, NoDup l -> NoDup (remove token_eq_dec x l).
Proof.
  induction l; simpl; intros x N; auto. inversion N; subst. destruct (token_eq_dec x a); auto.
  constructor; auto. intros H. apply in_remove in H. tauto.
Qed.

Lemma length_orders : forall n l, NoDup l -> length (orders n l) = falling (length l) n.
Proof.
  induction n; intros l N; auto. simpl orders. rewrite (length_extend _ _ (falling (length l - 1) n)); auto.
  intros x Hx. rewrite IHn, length_remove; auto using NoDup_remove_one.
Qed.
Lemma NoDup_orders : forall n l, NoDup l -> NoDup (orders n l).
Proof.
  induction n; intros l N; simpl; [repeat constructor; auto|]. apply NoDup_extend; auto.
  intros x Hx. apply IHn, NoDup_remove_one; auto.
Qed.
Lemma in_orders : forall n l w, In w (orders n l) <-> length w = n /\ incl w l /\ NoDup w.
Proof.
  unfold incl. induction n; intros l w; simpl.
  - split; [intros [<-|[]]; simpl; repeat split; try tauto; constructor|]. intros (L & _). destruct w; [auto|discriminate].
  - rewrite in_extend. split.
    + intros (x & w' & -> & Hx & Hw'). apply IHn in Hw'. destruct Hw' as (L & I & N). simpl. split; [lia|]. split.
      * intros t [<-|H]; auto. apply I, in_remove in H. tauto.
      * constructor; auto. intros H. apply I in H. apply remove_In in H. auto.
    + intros (L & I & N). destruct w as [|x w']; [discriminate|]. inversion N; subst. exists x, w'.
      repeat split; [apply I; left; auto|]. apply IHn. simpl in L. repeat split; [lia| |auto].
      intros t H. apply in_in_remove; [congruence|]. apply I. right. auto.
Qed.

Lemma falling_fact n : falling n n = fact n.
Proof. induction n; auto. simpl falling. rewrite Nat.sub_0_r, IHn. auto. Qed.

(** ** Total *)

Lemma no_token_none k w g : over k w -> follows g w <> Some NONE.
Proof.
  intros O H. apply follows_occurs in H. destruct H as (u & r & ->).
  apply (not_in_letters k NONE); [discriminate|]. apply O. rewrite !in_app_iff. simpl. auto.
Qed.

Lemma answers_differ k w w' g : over k w -> over k w' -> follows g w <> follows g w' ->
  what_follows w (Ask :: g) <> what_follows w' (Ask :: g).
Proof.
  intros O O' D. pose proof (no_token_none k w g O). pose proof (no_token_none k w' g O'). unfold what_follows.
  destruct (follows g w), (follows g w'); congruence.
Qed.

Lemma c_gram_fooling c k n : 2 <= c <= n -> fooling (c_gram c k n) (orders n (letters k)).
Proof.
  intros C. split; [apply NoDup_orders, NoDup_letters|]. split; [intros w H; apply in_orders in H; auto|].
  intros w w' H H' D. apply in_orders in H, H'. destruct H as (L & O & N), H' as (L' & O' & N').
  destruct (first_difference w w') as (u & a & r & a' & r' & E & E' & A); [congruence|auto|].
  assert (exists g, length g = c - 1 /\ over k g /\ follows g w <> follows g w') as (g & Lg & Og & F).
  { destruct (le_lt_dec (c - 1) (length u)).
    - destruct (tell_later w w' (c - 1) u a r a' r') as (g & Lg & I & F & F'); auto; [lia|].
      exists g. split; [auto|]. split; [intros t; auto|congruence].
    - destruct (tell_early w w' (c - 1) u a r a' r') as (g & Lg & I & F); auto; try lia.
      exists g. split; [auto|]. split; [|auto]. destruct I as [I|I]; intros t Ht; auto. }
  exists (Ask :: g). split; [exists g; auto|]. split; [exists g; auto|]. apply (answers_differ k); auto.
Qed.

Lemma c_gram_enough c k n : enough (c_gram c k n) (falling k n).
Proof.
  apply (enough_to_keep _ n (fun w => w) what_follows (orders n (letters k))); auto.
  - intros w (L & O & N). repeat split; auto. apply in_orders. auto.
  - rewrite length_orders, length_letters by apply NoDup_letters. auto.
Qed.

Theorem c_gram_states : statement_c_gram_states.
Proof.
  intros c k n C. split; [|apply c_gram_enough].
  rewrite <- (length_letters k) at 2. rewrite <- length_orders by apply NoDup_letters.
  apply (fooling_needs _ _ n); [apply c_gram_fooling; auto|]. intros w H. apply in_orders in H. tauto.
Qed.

Theorem c_gram_own_states : statement_c_gram_own_states.
Proof. intros c n C. rewrite <- falling_fact. apply c_gram_states. auto. Qed.

Theorem recall_states : statement_recall_states.
Proof.
  intros n. destruct (le_lt_dec 2 n) as [H|H]; [apply c_gram_own_states; lia|].
  rewrite <- falling_fact. split; [|apply c_gram_enough].
  assert (falling n n = 1) as -> by (destruct n as [|[|n]]; [auto|auto|lia]).
  apply needs_one with (letters n). repeat split; auto using length_letters, NoDup_letters. intros t; auto.
Qed.

(** ** Promise *)

Lemma c_gram_promise_fooling c k n : 2 <= c <= n -> c - 1 <= k ->
  fooling (c_gram_promise c k n) (map (app (letters (c - 1))) (orders (n - (c - 1)) (map Num (seq c (k - (c - 1)))))).
Proof.
  intros C K. assert (letters k = letters (c - 1) ++ map Num (seq c (k - (c - 1)))) as EL.
  { unfold letters. rewrite <- map_app. f_equal. replace k with ((c - 1) + (k - (c - 1))) at 1 by lia.
    rewrite seq_app. do 2 f_equal. lia. }
  pose proof (NoDup_letters k) as NL.
  assert (NoDup (map Num (seq c (k - (c - 1))))) as NR by (apply NoDup_map_on; [apply seq_NoDup|congruence]).
  assert (forall v, In v (orders (n - (c - 1)) (map Num (seq c (k - (c - 1))))) -> different k n (letters (c - 1) ++ v)) as P.
  { intros v H. apply in_orders in H. destruct H as (L & O & N). repeat split.
    - rewrite app_length, length_letters. lia.
    - unfold over. rewrite EL. intros t. rewrite !in_app_iff. intros [|]; auto.
    - apply NoDup_app_disjoint; auto using NoDup_letters. intros t T I. apply O in I.
      apply in_letters in T. destruct T as (i & Hi & ->). apply in_map_iff in I. destruct I as (j & E & Hj).
      injection E as ->. apply in_seq in Hj. lia. }
  split; [apply NoDup_map_on; [apply NoDup_orders; auto|]; intros x y _ _ E; apply app_inv_head in E; auto|]. split.
  { intros w H. apply in_map_iff in H. destruct H as (v & <- & H). apply P. auto. }
  intros w w' H H' D. apply in_map_iff in H, H'. destruct H as (v & <- & H), H' as (v' & <- & H').
  destruct (P v H) as (L & O & N), (P v' H') as (L' & O' & N').
  destruct (first_difference v v') as (u & a & r & a' & r' & E & E' & A); [|congruence|].
  { rewrite app_length in *. lia. }
  destruct (tell_later (letters (c - 1) ++ v) (letters (c - 1) ++ v') (c - 1) (letters (c - 1) ++ u) a r a' r')
    as (g & Lg & I & F & F'); auto.
  { rewrite app_length, length_letters. lia. }
  { rewrite E, <- app_assoc. auto. }
  { rewrite E', <- app_assoc. auto. }
  assert (over k g) by (intros t Ht; auto).
  exists (Ask :: g). simpl. rewrite F, F'.
  split; [exists g; repeat split; auto; congruence|]. split; [exists g; repeat split; auto; congruence|]. auto.
Qed.

Theorem c_gram_promise_states : statement_c_gram_promise_states.
Proof.
  intros c k n C. destruct (le_lt_dec (c - 1) k) as [K|K].
  - set (F := map (app (letters (c - 1))) (orders (n - (c - 1)) (map Num (seq c (k - (c - 1)))))).
    assert (falling (k - (c - 1)) (n - (c - 1)) = length F) as ->.
    { unfold F. rewrite map_length, length_orders, map_length, seq_length; auto.
      apply NoDup_map_on; [apply seq_NoDup|congruence]. }
    apply (fooling_needs _ _ n); [apply c_gram_promise_fooling; auto|].
    intros w H. apply in_map_iff in H. destruct H as (v & <- & H). apply in_orders in H.
    rewrite app_length, length_letters. lia.
  - replace (k - (c - 1)) with 0 by lia. destruct (n - (c - 1)) eqn:E; [lia|]. intros m b _ _. simpl. lia.
Qed.

(** ** o(n log n) bits *)

Lemma falling_last : forall n k, falling k (S n) = falling k n * (k - n).
Proof.
  induction n; intros k; [simpl; lia|]. change (falling k (S (S n))) with (k * falling (k - 1) (S n)).
  rewrite IHn. simpl falling. replace (k - S n) with (k - 1 - n) by lia. lia.
Qed.

(** (n!)^2 is the product of all i (n + 1 - i), each of them n or more. *)
Lemma fact_big n : n ^ n <= fact n ^ 2.
Proof.
  assert (forall j, j <= n -> n ^ j <= fact j * falling n j) as P.
  { induction j; intros J; [simpl; auto|]. rewrite falling_last, Nat.pow_succ_r'. specialize (IHj ltac:(lia)).
    change (fact (S j)) with (S j * fact j). assert (n <= S j * (n - j)) by nia. nia. }
  specialize (P n (le_n n)). rewrite falling_fact in P. simpl. nia.
Qed.

Theorem c_gram_fails : statement_c_gram_fails.
Proof.
  intros c C. apply (too_few n_log_n _ fact 2). exists c. intros n Hn. split; [apply c_gram_own_states; lia|].
  transitivity (n ^ n); [apply n_log_n_power|apply fact_big].
Qed.

Theorem recall_fails : statement_recall_fails.
Proof. apply c_gram_fails. lia. Qed.

Theorem c_gram_promise_fails : statement_c_gram_promise_fails.
Proof.
  intros c C. apply (too_few n_log_n _ (fun n => fact (n - (c - 1))) 8). exists (2 * c + 4). intros n Hn. split.
  - rewrite <- falling_fact. apply c_gram_promise_states. lia.
  - set (j := n - (c - 1)). assert (n <= j * j) by (assert (4 <= j /\ n <= 2 * j) as (? & ?) by (unfold j; lia); nia).
    transitivity (n ^ n); [apply n_log_n_power|].
    transitivity ((j * j) ^ (2 * j)).
    + transitivity ((j * j) ^ n); [apply Nat.pow_le_mono_l; auto|apply Nat.pow_le_mono_r; unfold j in *; lia].
    + replace (j * j) with (j ^ 2) by (simpl; lia). rewrite <- Nat.pow_mul_r.
      replace (2 * (2 * j)) with (j * 4) by lia. change 8 with (2 * 4). rewrite !Nat.pow_mul_r.
      apply Nat.pow_le_mono_l, fact_big.
Qed.

Theorem recall_promise_fails : statement_recall_promise_fails.
Proof. apply c_gram_promise_fails. lia. Qed.
