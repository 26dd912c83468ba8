(** Networks of shift registers: what a look shows at each position. Then the next token is a matter of logits alone. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Network NetCheck NetModel NetTop Decode Equations StatementsMachines Transcripts LastPosition StatementsRegisters.
Import ListNotations.
Open Scope Z_scope.

(** * Lists *)
Section Lists.
  Context {A : Type} (dec : forall a b : A, {a = b} + {a <> b}).
  Lemma in_distinct x l : In x (distinct dec l) <-> In x l.
  Proof.
    unfold distinct. assert (forall l acc, In x (fold_left (fun known y => if in_dec dec y known then known else known ++ [y]) l acc) <-> In x acc \/ In x l) as G.
    { clear l. induction l as [|y l IH]; intros acc; cbn [fold_left In]; [tauto|]. rewrite IH. destruct (in_dec dec y acc) as [I|N]; [|rewrite in_app_iff; cbn [In]; tauto].
      split; [tauto|]. intros [H|[<-|H]]; auto. }
    rewrite G. cbn [In]. tauto.
  Qed.
  Lemma index_nth x l : In x l -> nth_error l (index dec x l) = Some x.
  Proof.
    induction l as [|y l IH]; [intros []|]. cbn [index In]. destruct (dec x y) as [->|N]; [reflexivity|]. intros [E|I]; [congruence|]. cbn [nth_error]. auto.
  Qed.
  Lemma index_less x l : In x l -> (index dec x l < length l)%nat.
  Proof. intros I. apply index_nth in I. apply nth_error_Some. congruence. Qed.
End Lists.
Lemma nth_map_error {A B} (f : A -> B) l k a d : nth_error l k = Some a -> nth k (map f l) d = f a.
Proof. intros E. apply nth_error_nth. rewrite nth_error_map, E. reflexivity. Qed.

(** * Linear forms *)
Lemma sum_map_add {A} (f g : A -> Z) l : sum (map (fun a => f a + g a) l) = sum (map f l) + sum (map g l).
Proof. unfold sum. induction l as [|a l IH]; [reflexivity|]. cbn [map fold_right]. rewrite IH. ring. Qed.
Lemma sum_zero {A} (f : A -> Z) l : (forall a, In a l -> f a = 0) -> sum (map f l) = 0.
Proof. unfold sum. induction l as [|a l IH]; intros H; [reflexivity|]. cbn [map fold_right]. rewrite IH, H; [reflexivity|left; reflexivity|intros b I; apply H; right; exact I]. Qed.
Lemma sum_single (f : nat -> Z) c n : (c < n)%nat -> sum (map (fun d => if Nat.eqb d c then f d else 0) (seq 0 n)) = f c.
Proof.
  intros H. replace n with (c + S (n - S c))%nat by lia. rewrite seq_app, map_app. unfold sum. rewrite fold_right_app. cbn [Nat.add seq map fold_right]. rewrite Nat.eqb_refl.
  fold (sum (map (fun d => if Nat.eqb d c then f d else 0) (seq (S c) (n - S c)))). rewrite sum_zero.
  2: { intros d I. apply in_seq in I. destruct (Nat.eqb_spec d c); [lia|reflexivity]. }
  rewrite Z.add_0_r. assert (forall l z, (forall d, In d l -> d <> c) -> fold_right Z.add z (map (fun d => if Nat.eqb d c then f d else 0) l) = z) as G.
  { induction l as [|d l IH]; intros z N; [reflexivity|]. cbn [map fold_right]. rewrite IH by (intros e I; apply N; right; exact I).
    destruct (Nat.eqb_spec d c) as [E|_]; [exfalso; apply (N d); [left; reflexivity|exact E]|reflexivity]. }
  apply G. intros d I. apply in_seq in I. lia.
Qed.
Section Forms.
  Variables (rho : env) (v : nat) (x : nat -> Z).
  Definition form_value (f : form) : Z := sum (map (fun t => (fst (snd t) * rho v + snd (snd t)) * x (fst t)) f).
  Lemma entry_value a b : peval rho (entry_of v a b) = a * rho v + b.
  Proof.
    unfold entry_of. rewrite peval_app. destruct (Z.eqb_spec a 0) as [->|_], (Z.eqb_spec b 0) as [->|_];
      rewrite ?peval_cons; unfold peval_mono; cbn [fold_right fst snd power peval]; ring.
  Qed.
  Theorem row_of_value f : lin rho (row_of v f) x = form_value f.
  Proof.
    unfold row_of.
    assert (forall l, lin rho (flat_map (fun c => match entry_of v (total_at fst c f) (total_at snd c f) with [] => [] | p => [(c, p)] end) l) x =
      sum (map (fun c => (total_at fst c f * rho v + total_at snd c f) * x c) l)) as ->.
    { induction l as [|c l IH]; [reflexivity|]. cbn [flat_map map]. rewrite lin_app, IH. unfold sum. cbn [fold_right]. f_equal.
      pose proof (entry_value (total_at fst c f) (total_at snd c f)) as E. destruct (entry_of _ _ _) as [|e p]; [rewrite <- E; reflexivity|].
      rewrite lin_cons, E. change (lin rho [] x) with 0. ring. }
    set (n := S (list_max (map fst f))). assert (forall t, In t f -> (fst t < n)%nat) as B.
    { intros t I. pose proof (proj1 (list_max_le (map fst f) (list_max (map fst f))) (Nat.le_refl _)) as L. rewrite Forall_forall in L.
      specialize (L (fst t) (in_map fst _ _ I)). unfold n. lia. }
    clearbody n. induction f as [|(c, (a, b)) f IH]; [apply sum_zero; intros c _; cbn [total_at fold_right]; ring|].
    unfold form_value. cbn [map]. unfold sum. cbn [fold_right]. fold (sum (map (fun t => (fst (snd t) * rho v + snd (snd t)) * x (fst t)) f)). fold (form_value f).
    rewrite <- IH by (intros t I; apply B; right; exact I). cbn [fst snd].
    rewrite <- (sum_single (fun d => (a * rho v + b) * x d) c n) by (apply (B (c, (a, b))); left; reflexivity).
    change (fold_right Z.add 0 ?l) with (sum l). rewrite <- sum_map_add. f_equal. apply map_ext. intros d. unfold total_at. cbn [fold_right fst snd].
    destruct (Nat.eqb d c); ring.
  Qed.
  Lemma form_cons c a b f : form_value ((c, (a, b)) :: f) = (a * rho v + b) * x c + form_value f. Proof. reflexivity. Qed.
  Lemma form_nil : form_value [] = 0. Proof. reflexivity. Qed.
  Lemma form_app f g : form_value (f ++ g) = form_value f + form_value g.
  Proof. unfold form_value. rewrite map_app. unfold sum. induction (map _ f) as [|z l IH]; [reflexivity|]. cbn [app fold_right]. rewrite IH. ring. Qed.
  Lemma form_times k l : form_value (times_ k l) = k * sum (map x l).
  Proof. unfold form_value, times_, sum. induction l as [|c l IH]; cbn [map fold_right fst snd]; [ring|]. rewrite IH. ring. Qed.
End Forms.
Ltac forms := rewrite ?row_of_value, ?form_cons, ?form_app, ?form_times, ?form_nil; cbn [map sum fold_right].

(** * What a look shows *)
Definition reading_sem (r : reading) (t : tok) : Z :=
  match r, t with Values l, Special k => nth k l 0 | TheNumber, Number k => k | IsNumber, Number _ => 1 | _, _ => 0 end.
(** A reading of d tokens ago; 0 before the beginning. *)
Definition past (w : list tok) (i d : nat) (r : reading) : Z := if (d <=? i)%nat then reading_sem r (nth (i - d) w (Special 0)) else 0.
Lemma numbered_is rho l k : listed rho (numbered_row l) k = nth k l 0.
Proof.
  unfold listed, numbered_row. rewrite lin_coefficients.
  assert (forall a, sum (map (fun ck => snd ck * (if Nat.eqb (fst ck) k then 1 else 0)) (combine (seq a (length l)) l)) = if (a <=? k)%nat then nth (k - a) l 0 else 0) as G.
  { induction l as [|x l IH]; intros a; cbn [length seq combine map sum fold_right fst snd].
    - destruct (a <=? k)%nat; [destruct (k - a)%nat|]; reflexivity.
    - unfold sum in IH. rewrite (IH (S a)). destruct (Nat.eqb_spec a k) as [->|N].
      + rewrite Nat.leb_refl, Nat.sub_diag. destruct (Nat.leb_spec (S k) k); [lia|]. cbn [nth]. ring.
      + destruct (Nat.leb_spec (S a) k), (Nat.leb_spec a k); try lia. replace (k - a)%nat with (S (k - S a)) by lia. cbn [nth]. ring. }
  rewrite G. cbn [Nat.leb]. rewrite Nat.sub_0_r. reflexivity.
Qed.
Lemma nth_padded (looks : list look) gates l c : nth c (padded looks gates l) [] = nth c l [].
Proof.
  unfold padded. destruct (Nat.lt_ge_cases c (length l)); [apply app_nth1; assumption|]. rewrite app_nth2, (nth_overflow l) by assumption.
  apply nth_repeat.
Qed.

Lemma nth_no_rows c : nth c ([] : matrix) [] = []. Proof. destruct c; reflexivity. Qed.

Section Registers.
  Variables (looks : list look) (gates count : nat) (rho : env) (w : list tok).
  Hypothesis proper_tokens : forall j, match nth j w (Special 0) with Special k => (k < count)%nat | Number _ => True end.
  Notation F := (readings looks).
  Notation H := (held looks).
  Notation place_ := (at_ looks).

  Lemma looked_reading d r : In (d, r) looks -> In r F.
  Proof. intros I. apply in_distinct, (in_map snd _ _ I). Qed.
  Lemma in_held c : In c H <-> exists d, (fst c <= d)%nat /\ (0 < d)%nat /\ In (d, snd c) looks.
  Proof.
    unfold held. rewrite in_distinct, in_flat_map. split.
    - intros ((d, r) & I & J). cbn [fst snd] in J. destruct d as [|d]; [destruct J|]. apply in_map_iff in J. destruct J as (k & <- & K). apply in_seq in K.
      exists (S d). cbn [fst snd]. repeat split; [lia|lia|exact I].
    - intros (d & L & P & I). exists (d, snd c). split; [exact I|]. cbn [fst snd]. destruct d as [|d]; [lia|]. apply in_map_iff. exists (fst c).
      split; [destruct c; reflexivity|apply in_seq; lia].
  Qed.
  Lemma held_before d r : In (S d, r) H -> In (d, r) H.
  Proof. rewrite !in_held. cbn [fst snd]. intros (e & L & P & I). exists e. repeat split; [lia|lia|exact I]. Qed.
  Lemma looked_shown d r : In (S d, r) looks -> In (S d, r) (shown looks).
  Proof.
    intros I. unfold shown. apply filter_In. split; [apply in_held; exists (S d); cbn [fst snd]; repeat split; [lia|lia|exact I]|].
    destruct (in_dec look_eq_dec (S d, r) looks); [reflexivity|contradiction].
  Qed.
  Lemma shown_held c : In c (shown looks) -> In c H.
  Proof. unfold shown. rewrite filter_In. tauto. Qed.

  (** The embedding. *)
  Definition embedded (j c : nat) : Z := lin rho (nth c (match nth j w (Special 0) with Number _ => by_number looks gates | Special _ => by_special looks gates count end) [])
    (match nth j w (Special 0) with Number k => powers ZN k | Special s => fun k => if Nat.eqb k s then 1 else 0 end).
  Lemma embed_is M j c : polynomial M = by_number looks gates -> special M = by_special looks gates count -> position M = padded looks gates [] ->
    embed ZN rho M (nth j w (Special 0)) j c = embedded j c.
  Proof.
    intros P S Q. rewrite embed_rows, P, S, Q, nth_padded. unfold embedded, listed.
    rewrite ?nth_no_rows, lin_nothing. destruct (nth j w (Special 0)); apply Z.add_0_r.
  Qed.
  Lemma embedded_one j : embedded j 0 = 1.
  Proof.
    unfold embedded. pose proof (proper_tokens j) as P. destruct (nth j w (Special 0)) as [s|k].
    - unfold by_special. rewrite nth_padded. cbn [nth]. change (listed rho (numbered_row (repeat 1 count)) s = 1). rewrite numbered_is.
      rewrite (nth_indep _ 0 1) by (rewrite repeat_length; exact P). apply nth_repeat.
    - unfold by_number. rewrite nth_padded. cbn [nth]. unfold coordinate. linear. reflexivity.
  Qed.
  Lemma embedded_reading j r : In r F -> embedded j (place_ 0 r) = reading_sem r (nth j w (Special 0)).
  Proof.
    intros I. apply (index_nth reading_eq_dec) in I. unfold embedded, at_. destruct (nth j w (Special 0)) as [s|k].
    - unfold by_special. rewrite nth_padded. cbn [nth]. rewrite (nth_map_error _ _ _ _ _ I). destruct r as [l| |]; try reflexivity.
      cbn [reading_sem]. apply (numbered_is rho l s).
    - unfold by_number. rewrite nth_padded. cbn [nth]. rewrite (nth_map_error _ _ _ _ _ I). destruct r as [l| |]; cbn [reading_sem]; unfold coordinate; linear; try reflexivity.
      unfold powers. cbn [power of_Z ZN]. change (k * 1 = k). ring.
  Qed.
  Lemma embedded_beyond j c : (length F < c)%nat -> embedded j c = 0.
  Proof.
    intros L. unfold embedded. destruct (nth j w (Special 0)) as [s|k]; unfold by_special, by_number; rewrite nth_padded, nth_overflow by (cbn [length]; rewrite map_length; lia); reflexivity.
  Qed.

  (** The state. *)
  Let A : matrix := map (fun c => match fst c with O => [] | S d => coordinate (index look_eq_dec (d, snd c) H) end) H.
  Let B : matrix := map (fun c => match fst c with O => coordinate (place_ 0 (snd c)) | _ => [] end) H.
  Lemma state_is t : forall k d r, nth_error H k = Some (d, r) -> state ZN rho A B embedded t k = past w t d r.
  Proof.
    assert (forall k d r, nth_error H k = Some (d, r) -> In r F) as Rd.
    { intros k d r E. apply nth_error_In, in_held in E. destruct E as (e & _ & _ & I). apply (looked_reading e), I. }
    assert (forall k d r, nth_error H k = Some (d, r) -> nth k A [] = match d with O => [] | S d => coordinate (index look_eq_dec (d, r) H) end /\
      nth k B [] = match d with O => coordinate (place_ 0 r) | _ => [] end) as Rows by (intros k d r E; split; exact (nth_map_error _ _ _ _ _ E)).
    induction t as [|t IH]; intros k d r E; destruct (Rows k d r E) as (Ra & Rb).
    - change (lin rho (nth k B []) (embedded 0) = past w 0 d r). rewrite Rb. unfold past. destruct d as [|d]; [|reflexivity]. unfold coordinate. linear. apply embedded_reading, (Rd _ _ _ E).
    - change (lin rho (nth k A []) (state ZN rho A B embedded t) + lin rho (nth k B []) (embedded (S t)) = past w (S t) d r). rewrite Ra, Rb. unfold past. destruct d as [|d].
      + unfold coordinate. linear. rewrite embedded_reading by exact (Rd _ _ _ E). reflexivity.
      + unfold coordinate. linear. assert (In (d, r) H) as I by (apply held_before, (nth_error_In _ _ E)).
        rewrite Z.add_0_r. exact (IH _ _ _ (index_nth look_eq_dec _ _ I)).
  Qed.

  (** After the recurrence: looks, 1, and nothing yet where gates will write. *)
  Definition shows (i c : nat) : Z := apply ZN rho (registers looks gates) embedded i c.
  Lemma shows_is i c : shows i c = embedded i c + lin rho (nth c (repeat [] (S (length F)) ++ map (fun c => coordinate (index look_eq_dec c H)) (shown looks)) []) (state ZN rho A B embedded i).
  Proof.
    set (C := repeat [] (S (length F)) ++ map (fun c => coordinate (index look_eq_dec c H)) (shown looks)).
    change (embedded i c + (lin rho (nth c (padded looks gates C) []) (state ZN rho A B embedded i) + lin rho (nth c (padded looks gates []) []) (embedded i)) =
      embedded i c + lin rho (nth c C []) (state ZN rho A B embedded i)).
    rewrite !nth_padded, nth_no_rows, lin_nothing, Z.add_0_r. reflexivity.
  Qed.
  Lemma shows_old i c : (c <= length F)%nat -> shows i c = embedded i c.
  Proof. intros L. rewrite shows_is, app_nth1, nth_repeat by (rewrite repeat_length; lia). rewrite lin_nothing. ring. Qed.
  Lemma shows_one i : shows i 0 = 1. Proof. rewrite shows_old by lia. apply embedded_one. Qed.
  Theorem shows_look i d r : In (d, r) looks -> shows i (place_ d r) = past w i d r.
  Proof.
    intros I. destruct d as [|d].
    - assert (In r F) as J by (apply (looked_reading 0), I). rewrite shows_old by (cbn [at_]; pose proof (index_less reading_eq_dec _ _ J); lia).
      unfold past. cbn [Nat.leb]. rewrite Nat.sub_0_r. apply embedded_reading, J.
    - pose proof (looked_shown d r I) as J. rewrite shows_is. unfold at_. rewrite embedded_beyond by lia.
      rewrite app_nth2 by (rewrite repeat_length; lia). rewrite repeat_length. replace (S (length F) + index look_eq_dec (S d, r) (shown looks) - S (length F))%nat with (index look_eq_dec (S d, r) (shown looks)) by lia.
      rewrite (nth_map_error _ _ _ _ _ (index_nth look_eq_dec _ _ J)). unfold coordinate. linear.
      rewrite (state_is i _ _ _ (index_nth look_eq_dec _ _ (shown_held _ J))). ring.
  Qed.
  Lemma shows_gate i c : (first_gate looks <= c)%nat -> shows i c = 0.
  Proof.
    unfold first_gate. intros L. rewrite shows_is, embedded_beyond by lia. rewrite nth_overflow by (rewrite app_length, repeat_length, map_length; lia). reflexivity.
  Qed.
  Lemma look_small d r : In (d, r) looks -> (place_ d r < first_gate looks)%nat.
  Proof.
    intros I. unfold at_, first_gate. destruct d as [|d]; [pose proof (index_less reading_eq_dec _ _ (looked_reading 0 r I)); lia|].
    pose proof (index_less look_eq_dec _ _ (looked_shown d r I)). lia.
  Qed.
End Registers.

(** A layer of gated units. *)
Lemma units_are rho g v o (x : nat -> nat -> Z) i c : apply ZN rho (FeedForward g v o) x i c =
  x i c + lin rho (nth c o []) (fun u => Z.max (lin rho (nth u g []) (x i)) 0 * lin rho (nth u v []) (x i)).
Proof.
  change (x i c + lin rho (nth c o []) (fun u => relu ZN (lin rho (nth u g []) (x i)) * lin rho (nth u v []) (x i)) =
    x i c + lin rho (nth c o []) (fun u => Z.max (lin rho (nth u g []) (x i)) 0 * lin rho (nth u v []) (x i))).
  f_equal. apply lin_ext. intros u _. f_equal. unfold relu. cbn [leb zero ZN]. destruct (Z.leb_spec (lin rho (nth u g []) (x i)) 0); lia.
Qed.
(** Embeddings that agree give the same stream. *)
Lemma stream_from rho M w (x : nat -> nat -> Z) i : (forall j c, embed ZN rho M (nth j w (Special 0)) j c = x j c) -> (i < length w)%nat ->
  forall c, stream ZN rho M w i c = fold_left (fun xs L => apply ZN rho L xs) (layers M) x i c.
Proof.
  intros E Hi. unfold stream. assert (same (length w) (fun i => embed ZN rho M (nth i w (Special 0)) i) x) as S by (intros j c _; apply E).
  revert S. generalize (fun i => embed ZN rho M (nth i w (Special 0)) i). revert x E. intros x _. revert x. induction (layers M) as [|L l IH]; intros x y S c; [apply S; exact Hi|].
  cbn [fold_left]. apply IH. apply apply_same, S.
Qed.

(** Without heads, the run over the integers says what is written. *)
Lemma plain_next rho M w t : w <> [] -> (forall L, In L (layers M) -> match L with Attention _ => False | _ => True end) -> In t (vocabulary rho M) ->
  (forall u, In u (vocabulary rho M) -> u <> t -> logit ZN rho M (stream ZN rho M w (length w - 1)%nat) u < logit ZN rho M (stream ZN rho M w (length w - 1)%nat) t) ->
  next QcN rho M w = t.
Proof.
  intros Ne P V L. apply (next_is rho M w (stream ZN rho M w) t Ne); auto. unfold stream.
  generalize (fun i => embed ZN rho M (nth i w (Special 0)) i). revert P. generalize (layers M). induction l as [|a l IH]; intros P x; [constructor|].
  cbn [fold_left]. apply (layer_is rho _ a l x (apply ZN rho a x)).
  - specialize (P a (or_introl eq_refl)). destruct a; [destruct P|exact I|exact I|exact I].
  - intros i c _. reflexivity.
  - apply IH. intros b I. apply P. right. exact I.
Qed.
