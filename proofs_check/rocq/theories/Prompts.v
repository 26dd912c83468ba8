(** Prompts of the retrieval tasks, and the one argument that all look-ups of grams share. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith.
From RetrievalGap Require Import Attend Model Tactics Gadgets StatementsRetrieval.
Import ListNotations.
Open Scope Z_scope.

(** ** Slices of lists *)
Lemma slice (g : list Z) : forall p xs, (p + length g <= length xs)%nat -> (forall k, (k < length g)%nat -> nth (p + k) xs 0 = nth k g 0) ->
  xs = firstn p xs ++ g ++ skipn (p + length g) xs.
Proof.
  induction p as [|p IH]; intros xs L E.
  - cbn [firstn app plus]. revert xs L E. induction g as [|a g IHg]; intros [|x xs] L E; cbn [length] in *; try reflexivity; [lia|].
    cbn [app skipn]. pose proof (E 0%nat ltac:(lia)) as E0. cbn [nth] in E0. f_equal; [exact E0|]. apply IHg; [lia|]. intros k Hk. apply (E (S k)). lia.
  - destruct xs as [|x xs]; [cbn [length] in L; lia|]. cbn [firstn app plus skipn]. f_equal. apply IH; [cbn [length] in L; lia|].
    intros k Hk. apply (E k Hk).
Qed.
Lemma nth_slice (before g after : list Z) k : (k < length g)%nat -> nth (length before + k) (before ++ g ++ after) 0 = nth k g 0.
Proof. intros H. rewrite app_nth2_plus, app_nth1 by auto. reflexivity. Qed.

Lemma follows_nth xs g place b : follows xs g place b <->
  (place + length g < length xs)%nat /\ (forall k, (k < length g)%nat -> nth (place + k) xs 0 = nth k g 0) /\ b = nth (place + length g) xs 0.
Proof.
  unfold follows. split.
  - intros (u & v & -> & <-). split; [rewrite !app_length; cbn [length]; lia|]. split.
    + intros k Hk. apply nth_slice. auto.
    + rewrite app_nth2_plus. rewrite <- (Nat.add_0_r (length g)), app_nth2_plus. reflexivity.
  - intros (L & E & ->). set (b := nth (place + length g) xs 0).
    exists (firstn place xs), (skipn (place + length (g ++ [b])) xs). split; [|apply firstn_length_le; lia].
    rewrite (slice (g ++ [b]) place xs) at 1.
    + rewrite <- app_assoc. reflexivity.
    + rewrite app_length. cbn [length]. lia.
    + rewrite app_length. cbn [length]. intros k Hk. destruct (Nat.eq_dec k (length g)) as [->|D].
      * rewrite app_nth2, Nat.sub_diag by auto. reflexivity.
      * rewrite app_nth1 by lia. apply E. lia.
Qed.

Lemma nth_map_seq (f : nat -> Z) a n k : (k < n)%nat -> nth k (map f (List.seq a n)) 0 = f (a + k)%nat.
Proof.
  intros H. rewrite (nth_indep _ _ (f a)) by (rewrite map_length, seq_length; auto). rewrite map_nth, seq_nth by auto. reflexivity.
Qed.

Section Prompt.
  Variables (n : Z) (xs query : list Z).
  Notation w := (prompt xs query).
  Definition at_ i := nth i w start.
  (** The number at a position: that of its token, 0 for a special one. *)
  Definition digit i := number_of (at_ i).
  Definition last_ := (length xs + 1 + length query)%nat.

  Lemma length_prompt : length w = (length xs + 2 + length query)%nat.
  Proof. unfold prompt. cbn [length]. rewrite app_length. cbn [length]. rewrite !map_length. lia. Qed.
  Lemma last_is : (length w - 1)%nat = last_.
  Proof. rewrite length_prompt. unfold last_. lia. Qed.
  Lemma nonempty : w <> []. Proof. discriminate. Qed.
  Lemma at_letter j : (j < length xs)%nat -> at_ (S j) = Number (nth j xs 0).
  Proof.
    intros H. unfold at_, prompt. cbn [nth]. rewrite app_nth1 by (rewrite map_length; auto).
    rewrite (nth_indep _ _ (Number 0)) by (rewrite map_length; auto). apply map_nth.
  Qed.
  Lemma at_separator : at_ (length xs + 1) = separator.
  Proof.
    unfold at_, prompt. rewrite Nat.add_1_r. cbn [nth]. rewrite app_nth2 by (rewrite map_length; auto).
    rewrite map_length, Nat.sub_diag. reflexivity.
  Qed.
  Lemma at_query k : (k < length query)%nat -> at_ (length xs + 2 + k) = Number (nth k query 0).
  Proof.
    intros H. unfold at_, prompt. replace (length xs + 2 + k)%nat with (S (length xs + S k)) by lia. cbn [nth].
    rewrite <- (map_length Number xs), app_nth2_plus. cbn [nth].
    rewrite (nth_indep _ _ (Number 0)) by (rewrite map_length; auto). apply map_nth.
  Qed.
  Inductive place_kind (i : nat) : Prop :=
  | Beginning : i = 0%nat -> place_kind i
  | Letter j : i = S j -> (j < length xs)%nat -> place_kind i
  | Mark : i = (length xs + 1)%nat -> place_kind i
  | Asked k : i = (length xs + 2 + k)%nat -> (k < length query)%nat -> place_kind i.
  Lemma kinds i : (i <= last_)%nat -> place_kind i.
  Proof.
    unfold last_. intros H. destruct i as [|j]; [apply Beginning; reflexivity|].
    destruct (le_lt_dec (length xs) j); [|apply (Letter _ j); auto].
    destruct (Nat.eq_dec j (length xs)) as [->|D]; [apply Mark; lia|]. apply (Asked _ (j - length xs - 1)%nat); lia.
  Qed.
  (** A special token of a prompt is the start or the separator. *)
  Lemma special_at i s : at_ i = Special s -> s = 0%nat \/ s = 1%nat.
  Proof.
    unfold at_. intros E. destruct (nth_in_or_default i w start) as [I|D]; [|rewrite D in E; injection E as <-; auto].
    rewrite E in I. unfold prompt in I. cbn [In] in I. rewrite in_app_iff in I. cbn [In] in I. rewrite !in_map_iff in I.
    destruct I as [I|[(x & I & _)|[I|(x & I & _)]]]; try discriminate; injection I as <-; auto.
  Qed.

  (** ** The latest record. The key of a record are the m tokens before it, the query the last m tokens. *)
  Notation m := (length query).
  Definition key_at j := map (fun d => digit (j - d)) (List.seq 1 m).
  Definition asked_key := map (fun d => digit (last_ - pred d)) (List.seq 1 m).
  Hypothesis positive : Forall (fun x => 1 <= x) query.
  Hypothesis some_query : query <> [].

  Lemma key_is j : key_at j = asked_key <-> forall k, (k < m)%nat -> digit (j - (m - k)) = nth k query 0.
  Proof.
    unfold key_at, asked_key. split.
    - intros E k Hk. assert (nth (m - k - 1) (map (fun d => digit (j - d)) (List.seq 1 m)) 0 = nth (m - k - 1) (map (fun d => digit (last_ - pred d)) (List.seq 1 m)) 0) as F by (rewrite E; reflexivity).
      rewrite !nth_map_seq in F by lia. replace (1 + (m - k - 1))%nat with (m - k)%nat in F by lia. rewrite F.
      unfold digit, last_. replace (length xs + 1 + m - pred (m - k))%nat with (length xs + 2 + k)%nat by lia. rewrite at_query by auto. reflexivity.
    - intros E. apply map_ext_in. intros d Hd. apply in_seq in Hd. specialize (E (m - d)%nat ltac:(lia)). replace (m - (m - d))%nat with d in E by lia.
      rewrite E. unfold digit, last_. replace (length xs + 1 + m - pred d)%nat with (length xs + 2 + (m - d))%nat by lia. rewrite at_query by lia. reflexivity.
  Qed.
  Lemma query_positive k : (k < m)%nat -> 1 <= nth k query 0.
  Proof. intros H. rewrite Forall_forall in positive. apply positive, nth_In. auto. Qed.
  Lemma some_length : (0 < m)%nat. Proof. destruct query; [congruence|cbn; lia]. Qed.

  Lemma record_is j : (0 < j <= last_)%nat -> matches asked_key key_at (fun j => is 1 (at_ j)) j <->
    exists place b, j = (place + m + 1)%nat /\ follows xs query place b /\ at_ j = Number b.
  Proof.
    intros Hj. unfold matches. rewrite key_is. pose proof some_length as Hm. split.
    - intros (E & X).
      assert (j <= length xs)%nat as Hx.
      { destruct (kinds j ltac:(lia)) as [->|i -> Hi| ->|k -> Hk]; try lia.
        - rewrite at_separator in X. discriminate.
        - specialize (E (m - S k)%nat ltac:(lia)). pose proof (query_positive (m - S k) ltac:(lia)).
          replace (length xs + 2 + k - (m - (m - S k)))%nat with (length xs + 1)%nat in E by lia.
          unfold digit in E. rewrite at_separator in E. cbn in E. lia. }
      assert (m < j)%nat as Hmj.
      { destruct (le_lt_dec j m) as [L|]; auto. specialize (E (m - j)%nat ltac:(lia)). pose proof (query_positive (m - j) ltac:(lia)).
        replace (j - (m - (m - j)))%nat with 0%nat in E by lia. cbn in E. lia. }
      exists (j - m - 1)%nat, (nth (j - 1) xs 0). split; [lia|]. split.
      + apply follows_nth. split; [lia|]. split.
        * intros k Hk. rewrite <- E by auto. unfold digit. replace (j - (m - k))%nat with (S (j - m - 1 + k)) by lia.
          rewrite at_letter by lia. reflexivity.
        * f_equal. lia.
      + replace j with (S (j - 1)) at 1 by lia. apply at_letter. lia.
    - intros (place & b & -> & F & A). apply follows_nth in F. destruct F as (L & E & Eb). rewrite A. split; [|reflexivity].
      intros k Hk. unfold digit. replace (place + m + 1 - (m - k))%nat with (S (place + k)) by lia. rewrite at_letter by lia. cbn [number_of]. auto.
  Qed.

  (** The head that looks for the latest record finds the answer, and position 0 if there is none. *)
  Theorem latest_is (q : list Z) (k : nat -> list Z) (e : nat -> Z) :
    q = asked_key -> (forall j, (j <= last_)%nat -> k j = key_at j) -> (forall j, (j <= last_)%nat -> e j = is 1 (at_ j)) ->
    let p := latest_pick q k e last_ in
    exists t, answer (c_gram (S m)) xs query t /\ (p <= last_)%nat /\ (p <> 0%nat /\ at_ p = t /\ (exists b, t = Number b) \/ p = 0%nat /\ t = none).
  Proof.
    intros -> Hk He p. set (M := matches asked_key k e).
    assert (forall j, (0 < j <= last_)%nat -> M j <-> exists place b, j = (place + m + 1)%nat /\ follows xs query place b /\ at_ j = Number b) as R.
    { intros j Hj. rewrite <- record_is by auto. unfold M, matches. rewrite Hk, He by lia. reflexivity. }
    pose proof (latest_pick_le asked_key k e last_) as Le. fold p in Le.
    assert (forall place b, follows xs query place b -> (0 < place + m + 1 <= last_)%nat /\ M (place + m + 1)%nat) as Q.
    { intros place b F. pose proof F as F'. apply follows_nth in F'. destruct F' as (L & _ & Eb). assert (0 < place + m + 1 <= last_)%nat as B by (unfold last_; lia).
      split; auto. apply R; auto. exists place, b. split; [reflexivity|]. split; auto. replace (place + m + 1)%nat with (S (place + m)) by lia. rewrite at_letter by auto. congruence. }
    destruct (latest_pick_spec asked_key k e last_) as [(B & Mp & L)|(P0 & No)]; [fold p in B, Mp, L|fold p in P0].
    - apply R in Mp; auto. destruct Mp as (place & b & Ep & F & A). exists (Number b). split.
      + left. exists place, b. split; auto. split; auto. intros later b' F'. destruct (Q later b' F') as (B' & M').
        destruct (le_lt_dec later place); auto. exfalso. apply (L (later + m + 1)%nat); [lia|exact M'].
      + split; [lia|]. left. split; [lia|]. split; [exact A|eauto].
    - exists none. split; [|split; [lia|right; auto]]. right. split; auto. intros place b F. destruct (Q place b F) as (B' & M'). apply (No _ B' M').
  Qed.
End Prompt.
