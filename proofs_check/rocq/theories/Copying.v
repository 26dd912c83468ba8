(** Networks that copy: heads offer the tokens before each position, and one looks for the place that they stand before. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound NetModel NetTop NetRange NetFull.
From RetrievalGap Require Import StatementsRetrieval StatementsNearby Prompts Lookups Grams Decode.
Import ListNotations.
Open Scope Z_scope.

(** What a position offers: the token d back, 0 where a mark stands between. *)
Section Seen.
  Variables (xs : list Z) (k : nat).
  Hypothesis inside : (k <= length xs)%nat.
  Notation query := (firstn k xs).
  Notation T := (at_ xs query).
  Notation L := (length xs).
  Definition marked (i : nat) : bool := is 1 (T i) =? 1.
  Definition seen (i d : nat) : Z := if existsb (fun e => marked (i - e)) (List.seq 0 d) then 0 else digit xs query (i - d).
  Definition letter_back (p d : nat) : Z := if Nat.ltb d p then nth (p - 1 - d) xs 0 else 0.

  Lemma query_length : length query = k. Proof. apply firstn_length_le. exact inside. Qed.
  Lemma nth_query i : (i < k)%nat -> nth i query 0 = nth i xs 0.
  Proof. intros H. rewrite <- (firstn_skipn k xs) at 2. rewrite app_nth1; [reflexivity|]. rewrite query_length. exact H. Qed.
  Lemma no_mark (P : nat -> nat) d : (forall e, (e < d)%nat -> marked (P e) = false) -> existsb (fun e => marked (P e)) (List.seq 0 d) = false.
  Proof.
    intros H. apply not_true_is_false. rewrite existsb_exists. intros (e & I & E). apply in_seq in I. rewrite H in E by lia. discriminate.
  Qed.
  Lemma word_unmarked i : (i <= L)%nat -> marked i = false.
  Proof. intros H. destruct i as [|i]; [reflexivity|]. unfold marked. rewrite at_letter by lia. reflexivity. Qed.
  Lemma copy_unmarked i : (i < k)%nat -> marked (L + 2 + i) = false.
  Proof. intros H. unfold marked. rewrite at_query by (rewrite query_length; exact H). reflexivity. Qed.
  Lemma mark_marked : marked (L + 1) = true.
  Proof. unfold marked. rewrite at_separator. reflexivity. Qed.

  Lemma seen_in_word p d : (p <= L)%nat -> seen p d = letter_back p d.
  Proof.
    intros H. unfold seen, letter_back. rewrite (no_mark (fun e => (p - e)%nat)) by (intros; apply word_unmarked; lia).
    destruct (Nat.ltb_spec d p); unfold digit.
    - replace (p - d)%nat with (S (p - 1 - d)) by lia. rewrite at_letter by lia. reflexivity.
    - replace (p - d)%nat with 0%nat by lia. reflexivity.
  Qed.
  Lemma seen_in_copy p d : (p <= k)%nat -> seen (L + 1 + p) d = letter_back p d.
  Proof.
    intros H. unfold seen, letter_back. destruct (le_lt_dec d p) as [Hd|Hd].
    - rewrite (no_mark (fun e => (L + 1 + p - e)%nat)).
      + unfold digit. destruct (Nat.ltb_spec d p).
        * replace (L + 1 + p - d)%nat with (L + 2 + (p - 1 - d))%nat by lia. rewrite at_query by (rewrite query_length; lia).
          cbn [number_of]. apply nth_query. lia.
        * replace (L + 1 + p - d)%nat with (L + 1)%nat by lia. rewrite at_separator. reflexivity.
      + intros e He. replace (L + 1 + p - e)%nat with (L + 2 + (p - 1 - e))%nat by lia. apply copy_unmarked. lia.
    - assert (existsb (fun e => marked (L + 1 + p - e)) (List.seq 0 d) = true) as ->.
      { apply existsb_exists. exists p. split; [apply in_seq; lia|]. replace (L + 1 + p - p)%nat with (L + 1)%nat by lia. apply mark_marked. }
      destruct (Nat.ltb_spec d p); [lia|reflexivity].
  Qed.

  (** What is offered tells the gram. *)
  Hypothesis letters : Forall (fun x => 1 <= x) xs.
  Lemma same_gram c p q : (p <= L)%nat -> (q <= L)%nat ->
    map (letter_back p) (List.seq 0 c) = map (letter_back q) (List.seq 0 c) -> gram c xs p = gram c xs q.
  Proof.
    intros Hp Hq E. apply map_ext_in. intros d Hd. pose proof (ext_in_map E d Hd) as Ed. unfold letter_back in Ed. rewrite Forall_forall in letters.
    destruct (Nat.ltb_spec d p) as [P|P], (Nat.ltb_spec d q) as [Q|Q]; [| | |reflexivity].
    - rewrite !(nth_error_nth' _ 0) by lia. congruence.
    - pose proof (letters (nth (p - 1 - d) xs 0) ltac:(apply nth_In; lia)). lia.
    - pose proof (letters (nth (q - 1 - d) xs 0) ltac:(apply nth_In; lia)). lia.
  Qed.
End Seen.

(** ** The head that looks for what the last tokens stood before finds the next place of the word. *)
Section Copy.
  Variables (rho : env) (N : network) (xs : list Z) (k c : nat) (x : nat -> nat -> Z) (s mark token : nat) (pairs : list (row * row)).
  Hypothesis inside : (k <= length xs)%nat.
  Hypothesis letters : Forall (fun x => 1 <= x) xs.
  Hypothesis apart : told_apart c xs.
  Notation query := (firstn k xs).
  Notation w := (prompt xs query).
  Notation last := (last_ xs query).
  Let p := picked rho x last (Closest s pairs []).
  Hypothesis writes : outputs N = [Output (Token 2) [coord mark]; Output (Value (coord token)) []].
  Hypothesis mark_is : net_stream rho N w last mark = is 1 (at_ xs query p).
  Hypothesis token_is : net_stream rho N w last token = digit xs query p.
  Hypothesis keys_are : forall j, keys rho pairs x j = map (seen xs k (j - 1)) (List.seq 0 c).
  Hypothesis queries_are : queries rho pairs x last = map (seen xs k last) (List.seq 0 c).

  Lemma last_place : last = (length xs + 1 + k)%nat.
  Proof. unfold last_. rewrite query_length by exact inside. reflexivity. Qed.
  Lemma finds : p = (k + 1)%nat.
  Proof.
    unfold p, picked. apply (closest_latest last _ (keys rho pairs x) (fun j => lin rho [] (x j))).
    - intros j _. unfold queries, keys. rewrite !map_length. reflexivity.
    - intros j _. apply Z.le_refl.
    - rewrite last_place. split; [lia|]. assert (queries rho pairs x (length xs + 1 + k) = map (letter_back xs k) (List.seq 0 c)) as Q.
      { rewrite <- last_place, queries_are, last_place. apply map_ext. intros d. apply seen_in_copy; auto. }
      split; [split; [|reflexivity]|].
      + rewrite Q, keys_are. replace (k + 1 - 1)%nat with k by lia. apply map_ext. intros d. apply seen_in_word; auto.
      + intros j Hj (K & _). rewrite Q, keys_are in K. destruct (le_lt_dec (j - 1) (length xs)) as [H|H].
        * assert (j - 1 = k)%nat; [|lia]. apply apart; auto. apply (same_gram xs k inside); auto. rewrite <- K. apply map_ext. intros d. symmetry. apply seen_in_word; auto.
        * assert (j - 1 - (length xs + 1) = k)%nat; [|lia]. apply apart; [lia|auto|]. apply (same_gram xs k inside); [auto|lia|auto|]. rewrite <- K. apply map_ext.
          intros d. rewrite <- (seen_in_copy xs k inside) by lia. f_equal. lia.
  Qed.
  Theorem copy_next : net_next rho N w = Some (nth k (map Number xs ++ [stop]) start).
  Proof.
    unfold net_next. rewrite last_is, writes. cbn [decide]. unfold applies, names. cbn [o_when o_what forallb].
    rewrite !lin_coord, mark_is, token_is, finds, Nat.add_1_r. destruct (Nat.eq_dec k (length xs)) as [E|D].
    - assert (at_ xs query (S k) = separator) as -> by (rewrite <- Nat.add_1_r, E at 1; rewrite E at 1; apply at_separator).
      rewrite app_nth2 by (rewrite map_length; lia). rewrite map_length, E, Nat.sub_diag. reflexivity.
    - unfold digit. rewrite at_letter by lia. cbn [is Z.eqb andb number_of]. rewrite app_nth1 by (rewrite map_length; lia).
      rewrite (nth_indep _ _ (Number 0)), map_nth by (rewrite map_length; lia). reflexivity.
  Qed.
End Copy.

(** ** What the gates of these networks say of flags *)
Section Flags.
  Variables (rho : env) (y : nat -> Z).
  Hypothesis one_is : y 0%nat = 1.
  Definition not_ (a : nat) : row := [(0%nat, const 1); (a, const (-1))].
  Lemma not_is a : lin rho (not_ a) y = 1 - y a.
  Proof. apply lin_hit. exact one_is. Qed.
  Lemma none_of l : (forall a, In a l -> y a = 0 \/ y a = 1) ->
    gate_sem (fun r => lin rho r y) (All (map not_ l)) = if existsb (fun a => y a =? 1) l then 0 else 1.
  Proof.
    intros F. cbn [gate_sem]. assert (forallb (fun f => lin rho f y =? 1) (map not_ l) = negb (existsb (fun a => y a =? 1) l)) as ->; [|destruct (existsb _ _); reflexivity].
    induction l as [|a l IH]; [reflexivity|]. cbn [map forallb existsb]. rewrite IH by (intros; apply F; right; auto). rewrite not_is, negb_orb.
    destruct (F a ltac:(left; auto)) as [-> | ->]; reflexivity.
  Qed.
  Lemma hidden b v (E : bool) : y b = (if E then 0 else 1) ->
    gate_sem (fun r => lin rho r y) (Cases [(not_ b, [])] (coord v)) = if E then 0 else y v.
  Proof. intros H. cbn [gate_sem first_of]. rewrite not_is, H, lin_coord. destruct E; reflexivity. Qed.
End Flags.

(** ** Heads that look back, and the gates behind them *)
Definition copy_features : list feature := [one_feature; position_feature; position_square; token_feature; flag_feature 1; token_square].
Definition look_back (d : nat) : pick * list (nat * row) :=
  (At (coord 1) [(0%nat, const (- Z.of_nat d)); (1%nat, const 1)],
   [((3 + 3 * d)%nat, coord 3); ((4 + 3 * d)%nat, coord 4); ((5 + 3 * d)%nat, coord 5)]).
Section Back.
  Variables (rho : env) (xs : list Z) (k m : nat).
  Notation query := (firstn k xs).
  Notation x0 := (embedding rho copy_features (prompt xs query)).
  Notation x1 := (stage_sem rho (Heads (map look_back (List.seq 1 m))) x0).
  Lemma c0_one i : x0 i 0%nat = 1. Proof. apply one_is_one. Qed.
  Lemma c0_position i : x0 i 1%nat = Z.of_nat i. Proof. apply feature_position. Qed.
  Lemma c0_token i : x0 i 3%nat = digit xs query i. Proof. apply feature_token. Qed.
  Lemma c0_mark i : x0 i 4%nat = is 1 (at_ xs query i). Proof. apply feature_flag. Qed.
  Lemma back_keeps i a : (a < 6)%nat -> x1 i a = x0 i a.
  Proof.
    intros H. unfold stage_sem. enough (forall n from, (0 < from)%nat -> heads_sem rho (map look_back (List.seq from n)) x0 i a = x0 i a) as E by (apply E; lia).
    induction n as [|n IH]; intros from F; [reflexivity|]. cbn [List.seq map heads_sem look_back assoc].
    destruct (Nat.eqb_spec a (3 + 3 * from)); [lia|]. destruct (Nat.eqb_spec a (4 + 3 * from)); [lia|]. destruct (Nat.eqb_spec a (5 + 3 * from)); [lia|]. apply IH. lia.
  Qed.
  Lemma back_reads i d e : (e = 3 \/ e = 4)%nat -> forall n from, (0 < from <= d)%nat -> (d < from + n)%nat ->
    heads_sem rho (map look_back (List.seq from n)) x0 i (e + 3 * d) = x0 (i - d)%nat e.
  Proof.
    intros He. induction n as [|n IH]; intros from F D; [lia|]. cbn [List.seq map heads_sem look_back assoc].
    assert (picked rho x0 i (At (coord 1) [(0%nat, const (- Z.of_nat from)); (1%nat, const 1)]) = (i - from)%nat) as P.
    { rewrite picked_back by (auto using c0_one, c0_position; lia). rewrite Nat2Z.id. reflexivity. }
    destruct (Nat.eqb_spec (e + 3 * d) (3 + 3 * from)); [assert (from = d /\ e = 3%nat) as (-> & ->) by lia; rewrite lin_coord, P; reflexivity|].
    destruct (Nat.eqb_spec (e + 3 * d) (4 + 3 * from)); [assert (from = d /\ e = 4%nat) as (-> & ->) by lia; rewrite lin_coord, P; reflexivity|].
    destruct (Nat.eqb_spec (e + 3 * d) (5 + 3 * from)); [lia|]. apply IH; lia.
  Qed.
  Lemma c1_one i : x1 i 0%nat = 1. Proof. rewrite back_keeps by lia. apply c0_one. Qed.
  Lemma c1_token i d a : a = (3 + 3 * d)%nat -> (d <= m)%nat -> x1 i a = digit xs query (i - d).
  Proof.
    intros -> H. destruct d as [|d]; [rewrite Nat.sub_0_r, back_keeps by lia; apply c0_token|].
    unfold stage_sem. rewrite back_reads by (auto; lia). apply c0_token.
  Qed.
  Lemma c1_mark i d a : a = (4 + 3 * d)%nat -> (d <= m)%nat -> x1 i a = is 1 (at_ xs query (i - d)).
  Proof.
    intros -> H. destruct d as [|d]; [rewrite Nat.sub_0_r, back_keeps by lia; apply c0_mark|].
    unfold stage_sem. rewrite back_reads by (auto; lia). apply c0_mark.
  Qed.
  Lemma is_flag s t : is s t = 0 \/ is s t = 1.
  Proof. unfold is. destruct t as [s'|]; [destruct (Nat.eqb s s')|]; auto. Qed.

  (** A gate that says "no mark among these", and one that shows a token if that holds. *)
  Lemma shows y i newest d b v : y 0%nat = 1 -> v = (3 + 3 * (newest + d))%nat -> y v = x1 i v -> (newest + d <= m)%nat ->
    y b = gate_sem (fun r => lin rho r (x1 i)) (All (map not_ (map (fun e => (4 + 3 * (newest + e))%nat) (List.seq 0 d)))) ->
    gate_sem (fun r => lin rho r y) (Cases [(not_ b, [])] (coord v)) = seen xs k (i - newest) d.
  Proof.
    intros One Ev Yv Hm Yb. unfold seen. set (hides := existsb _ _). rewrite (hidden rho y One b v hides).
    - rewrite Yv, (c1_token i (newest + d)), Nat.sub_add_distr by (auto; lia). reflexivity.
    - rewrite Yb, none_of; [|apply c1_one|].
      + assert (existsb (fun a => x1 i a =? 1) (map (fun e => (4 + 3 * (newest + e))%nat) (List.seq 0 d)) = hides) as ->; [|reflexivity].
        unfold hides. clear - Hm. assert (forall e, In e (List.seq 0 d) -> (newest + e <= m)%nat) as I by (intros e I; apply in_seq in I; lia).
        induction (List.seq 0 d) as [|e l IH]; [reflexivity|]. cbn [map existsb]. rewrite IH by (intros; apply I; right; auto).
        rewrite (c1_mark i (newest + e)), Nat.sub_add_distr by (auto; apply I; left; auto). reflexivity.
      + intros a A. apply in_map_iff in A. destruct A as (e & <- & E). apply in_seq in E. rewrite (c1_mark i (newest + e)) by (auto; lia). apply is_flag.
  Qed.
  Lemma shows_token i newest a : a = (3 + 3 * newest)%nat -> (newest <= m)%nat -> x1 i a = seen xs k (i - newest) 0.
  Proof. intros E H. rewrite (c1_token i newest) by auto. unfold seen. cbn [List.seq existsb]. rewrite Nat.sub_0_r. reflexivity. Qed.
End Back.

(** ** What is left to compute of an exported model *)
Section Exported.
  Variables (D : domain) (M : model) (at_size : Z -> env) (N : network) (claims : ranges) (c : nat).
  Hypothesis good_ : forall n, 1 <= n -> good D (at_size n).
  Hypothesis checked : check_all D M N claims = true.
  Hypothesis size_is : forall n, at_size n 0%nat = n.
  Hypothesis exported : specials M = 3%nat /\ answers M = Some [2%nat] /\ low M = [] /\ high M = size_poly /\
    context M = [(2, [(0%nat, 1%nat)]); (2, [])].
  Hypothesis says_next : forall n xs k, (k <= length xs)%nat -> fits n xs -> told_apart c xs ->
    net_next (at_size n) N (prompt xs (firstn k xs)) = Some (nth k (map Number xs ++ [stop]) start).

  Lemma prompt_copied xs k : (k <= length xs)%nat -> prompt xs [] ++ firstn k (map Number xs ++ [stop]) = prompt xs (firstn k xs).
  Proof.
    intros H. unfold prompt. cbn [map app]. rewrite <- app_assoc. cbn [app]. rewrite firstn_app, map_length. replace (k - length xs)%nat with 0%nat by lia.
    cbn [firstn]. rewrite app_nil_r, firstn_map. reflexivity.
  Qed.
  Theorem copies_by : copies M at_size c.
  Proof.
    intros n xs Hn F A. destruct exported as (Sp & An & Lo & Hi & Co). destruct F as (Size & Letters).
    assert (peval (at_size n) (context M) = 2 * n + 2) as Context.
    { rewrite Co. cbn [peval fold_right fst snd peval_mono power]. rewrite size_is. ring. }
    assert (length (map Number xs ++ [stop]) = S (length xs)) as Len by (rewrite app_length, map_length; cbn [length]; lia).
    assert (forall k, (k < length xs)%nat -> nth k (map Number xs ++ [stop]) (Special 0) = Number (nth k xs 0)) as Nth.
    { intros k Hk. rewrite app_nth1 by (rewrite map_length; lia). rewrite (nth_indep _ _ (Number 0)), map_nth by (rewrite map_length; lia). reflexivity. }
    unfold decode. apply decode_from_is.
    - intros E. apply (f_equal (@length _)) in E. rewrite Len in E. discriminate.
    - rewrite Len, Context, length_prompt. cbn [length]. lia.
    - intros k Hk. rewrite Len in Hk. rewrite prompt_copied by lia.
      apply (writes D (at_size n) M N claims (good_ n Hn) checked (prompt xs (firstn k xs))); [|discriminate|apply says_next; [lia|split; auto|exact A]].
      apply (input_is_ok (at_size n) M N n); [rewrite Sp; lia|rewrite Lo; reflexivity|rewrite Hi; unfold size_poly; rewrite peval_cons; unfold peval_mono; cbn [fold_right fst snd power]; change (peval _ []) with 0; rewrite size_is; ring|split; auto| |].
      + apply Forall_forall. intros y Y. rewrite Forall_forall in Letters. specialize (Letters y). rewrite <- (firstn_skipn k xs) in Letters.
        specialize (Letters ltac:(apply in_or_app; auto)). lia.
      + rewrite Context, firstn_length_le by lia. lia.
    - intros k Hk. rewrite Len in Hk. rewrite Nth by lia. unfold is_answer. rewrite An. reflexivity.
    - rewrite last_last. unfold is_answer. rewrite An. reflexivity.
  Qed.
End Exported.
