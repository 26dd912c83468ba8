(** H. Whole models: embedding, stages, what is written. The theorems that a user's construction gets by computation. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound.
Import ListNotations.
Open Scope Z_scope.

(** ** Embedding *)
Record feature := Feature { f_number : Z * Z * Z; f_special : row; f_position : Z * Z }.   (* 1, k, k^2; by special token; i, i^2 *)
Definition listed rho (r : row) (s : nat) : Z := lin rho r (fun j => if Nat.eqb j s then 1 else 0).
Definition feature_sem rho (f : feature) (t : tok) (i : Z) : Z :=
  match t, f_number f with Number k, (a, b, c) => a + b * k + c * (k * k) | Special s, _ => listed rho (f_special f) s end
  + (fst (f_position f) * i + snd (f_position f) * (i * i)).
Definition no_feature := Feature (0, 0, 0) [] (0, 0).
Definition embedding rho (fs : list feature) (w : list tok) : nat -> nat -> Z :=
  fun i c => feature_sem rho (nth c fs no_feature) (nth i w (Special 0)) (Z.of_nat i).
Definition check_feature (M : model) (fs : list feature) (c : nat) : bool :=
  let f := nth c fs no_feature in
  let '(n0, n1, n2) := f_number f in
  same_row (nth c (polynomial M) []) [(0%nat, const n0); (1%nat, const n1); (2%nat, const n2)] &&
  same_row (nth c (special M) []) (f_special f) &&
  same_row (nth c (position M) []) [(0%nat, const (fst (f_position f))); (1%nat, const (snd (f_position f)))].
Definition rows_bound (M : model) (fs : list feature) : nat :=
  Nat.max (Nat.max (length (polynomial M)) (length (special M))) (Nat.max (length (position M)) (length fs)).
Definition check_embedding M fs : bool := forallb (check_feature M fs) (seq 0 (rows_bound M fs)).

Lemma embedding_is rho M fs w i c : check_embedding M fs = true -> embed ZN rho M (nth i w (Special 0)) i c = embedding rho fs w i c.
Proof.
  intros C. set (t := nth i w (Special 0)).
  assert (embed ZN rho M t i c =
    match t with Number k => lin rho (nth c (polynomial M) []) (powers ZN k) | Special s => lin rho (nth c (special M) []) (one_hot ZN s) end
    + lin rho (nth c (position M) []) (places ZN (Z.of_nat i))) as -> by (destruct t; reflexivity).
  unfold embedding, feature_sem. fold t. destruct (Nat.ltb_spec c (rows_bound M fs)) as [L|L].
  - pose proof (forallb_In _ _ c C ltac:(apply in_seq; lia)) as E. unfold check_feature in E.
    destruct (f_number (nth c fs no_feature)) as ((n0, n1), n2). rewrite !andb_true_iff in E. destruct E as ((A & B) & D).
    rewrite (same_row_sound rho _ _ (places ZN (Z.of_nat i)) D). f_equal.
    + destruct t as [s|k]; [apply (same_row_sound rho _ _ (one_hot ZN s) B)|].
      rewrite (same_row_sound rho _ _ (powers ZN k) A), !lin_cons, !peval_const. unfold powers. cbn [of_Z ZN power]. change (lin rho [] _) with 0. ring.
    + rewrite !lin_cons, !peval_const. unfold places. cbn [of_Z ZN power]. change (lin rho [] _) with 0. ring.
  - unfold rows_bound in L. rewrite !nth_overflow by lia. cbn [f_number no_feature f_position fst snd]. destruct t; reflexivity.
Qed.

(** Facts about features. *)
Definition column (s : nat) (r : row) : poly := flat_map (fun e => if Nat.eqb (fst e) s then snd e else []) r.
Lemma column_is rho r s : listed rho r s = peval rho (column s r).
Proof.
  unfold listed. induction r as [|(j, p) r IH]; [reflexivity|]. change (column s ((j, p) :: r)) with ((if Nat.eqb j s then p else []) ++ column s r).
  rewrite lin_cons, peval_app, IH. destruct (Nat.eqb j s); [ring|]. change (peval rho []) with 0. ring.
Qed.
Definition listed_const (r : row) (s : nat) : option Z := const_of (column s r).
Lemma listed_const_is rho r s k : listed_const r s = Some k -> listed rho r s = k.
Proof. rewrite column_is. apply const_of_is. Qed.
Definition is_const (o : option Z) (ks : list Z) : bool := match o with Some k => existsb (Z.eqb k) ks | None => false end.
Lemma is_const_is rho r s ks : is_const (listed_const r s) ks = true -> In (listed rho r s) ks.
Proof.
  unfold is_const. destruct (listed_const r s) as [k|] eqn:E; [|discriminate]. rewrite (listed_const_is rho r s k E), existsb_exists.
  intros (k' & I & E'). apply Z.eqb_eq in E'. subst. exact I.
Qed.
Definition triple (f : feature) (a b c : Z) : bool := let '(n0, n1, n2) := f_number f in (n0 =? a) && (n1 =? b) && (n2 =? c).
Definition pair_ (f : feature) (a b : Z) : bool := (fst (f_position f) =? a) && (snd (f_position f) =? b).
Lemma triple_is f a b c : triple f a b c = true -> f_number f = (a, b, c).
Proof. unfold triple. destruct (f_number f) as ((n0, n1), n2). rewrite !andb_true_iff, !Z.eqb_eq. intros ((-> & ->) & ->). reflexivity. Qed.
Lemma pair_is f a b : pair_ f a b = true -> f_position f = (a, b).
Proof. unfold pair_. destruct (f_position f). cbn. rewrite andb_true_iff, !Z.eqb_eq. intros (-> & ->). reflexivity. Qed.
Definition is_one S (f : feature) : bool := triple f 1 0 0 && pair_ f 0 0 && forallb (fun s => is_const (listed_const (f_special f) s) [1]) (seq 0 S).
Definition is_flag_feature S (f : feature) : bool :=
  (triple f 0 0 0 || triple f 1 0 0) && pair_ f 0 0 && forallb (fun s => is_const (listed_const (f_special f) s) [0; 1]) (seq 0 S).
Definition is_first_feature S (f : feature) : bool :=
  triple f 0 0 0 && pair_ f 0 0 && is_const (listed_const (f_special f) 0) [1] &&
  forallb (fun s => is_const (listed_const (f_special f) s) [0]) (seq 1 (S - 1)).
Definition is_pos_feature S (f : feature) : bool :=
  triple f 0 0 0 && pair_ f 1 0 && forallb (fun s => is_const (listed_const (f_special f) s) [0]) (seq 0 S).
Definition feature_square S (f g : feature) : bool :=      (* f is the square of g *)
  forallb (fun s => is_const (listed_const (f_special f) s) [0] && is_const (listed_const (f_special g) s) [0]) (seq 0 S) &&
  (triple f 0 0 1 && pair_ f 0 0 && triple g 0 1 0 && pair_ g 0 0 || triple f 0 0 0 && pair_ f 0 1 && triple g 0 0 0 && pair_ g 1 0).
(** Two flags of which no token has both. *)
Definition feature_apart S (f g : feature) : bool :=
  is_flag_feature S f && is_flag_feature S g && (triple f 0 0 0 || triple g 0 0 0) &&
  forallb (fun s => is_const (listed_const (f_special f) s) [0] || is_const (listed_const (f_special g) s) [0]) (seq 0 S).
(** Features that are the same for all numbers and at all positions: together they are one of a few vectors. *)
Definition is_kind S (f : feature) : bool :=
  let '(n0, n1, n2) := f_number f in (n1 =? 0) && (n2 =? 0) && pair_ f 0 0 && forallb (fun s => match listed_const (f_special f) s with Some _ => true | None => false end) (seq 0 S).
Definition number_part (f : feature) : Z := fst (fst (f_number f)).
Definition kind_fact S (fs : list feature) : fact :=
  let cs := filter (fun c => is_kind S (nth c fs no_feature)) (seq 0 (length fs)) in
  Joint cs (nodup (list_eq_dec Z.eq_dec) (map number_part (map (fun c => nth c fs no_feature) cs) ::
    map (fun s => map (fun c => match listed_const (f_special (nth c fs no_feature)) s with Some k => k | None => 0 end) cs) (seq 0 S))).
Definition feature_facts (once : bool) S (claims : list (nat * nat)) (fs : list feature) : list fact :=
  kind_fact S fs ::
  flat_map (fun c => let f := nth c fs no_feature in
    (if is_flag_feature S f then [Flag c] else []) ++ (if once && is_first_feature S f then [First c] else []) ++
    (if is_pos_feature S f then [Pos c 0] else []) ++ match listed_const (f_special f) 0 with Some k => [Start c k] | None => [] end) (seq 0 (length fs)) ++
  flat_map (fun cb => if feature_square S (nth (fst cb) fs no_feature) (nth (snd cb) fs no_feature) then [Sq (fst cb) (snd cb)] else []) claims ++
  flat_map (fun cb => if feature_apart S (nth (fst cb) fs no_feature) (nth (snd cb) fs no_feature) then [Apart (fst cb) (snd cb)] else []) claims.
Definition first_facts once S claims (fs : list feature) : facts :=
  extend {| written := seq 0 (length fs); known := [] |} [] (feature_facts once S claims fs).

(** What a prompt has to be: the first special token first (and nowhere else, if it is used once); special tokens of the vocabulary. *)
Definition prompt_ok (once : bool) (M : model) (w : list tok) : Prop :=
  forall i, (i < length w)%nat -> match nth i w (Special 0) with
    Special s => (s < specials M)%nat /\ (i = 0%nat -> s = 0%nat) /\ (once = true -> s = 0%nat -> i = 0%nat) | Number _ => i <> 0%nat end.

Section Embedding.
  Variables (once : bool) (rho : env) (M : model) (fs : list feature) (w : list tok).
  Hypothesis ok : prompt_ok once M w.
  Let x := embedding rho fs w.
  Lemma all_listed (f : feature) ks i s : forallb (fun s => is_const (listed_const (f_special f) s) ks) (seq 0 (specials M)) = true ->
    (i < length w)%nat -> nth i w (Special 0) = Special s -> In (listed rho (f_special f) s) ks.
  Proof.
    intros K Hi E. specialize (ok i Hi). rewrite E in ok. apply is_const_is. apply (forallb_In _ _ s K). apply in_seq. lia.
  Qed.
  Lemma kinds_hold : fact_holds rho (length w) x (kind_fact (specials M) fs).
  Proof.
    intros i Hi. apply nodup_In. set (cs := filter _ _).
    assert (forall c, In c cs -> is_kind (specials M) (nth c fs no_feature) = true) as K by (intros c I; apply filter_In in I; apply I).
    pose proof (ok i Hi) as O. destruct (nth i w (Special 0)) as [s|k] eqn:E.
    - right. apply in_map_iff. exists s. split; [|apply in_seq; lia]. apply map_ext_in. intros c I. specialize (K c I).
      change (x i c) with (feature_sem rho (nth c fs no_feature) (nth i w (Special 0)) (Z.of_nat i)). unfold is_kind in K. destruct (f_number (nth c fs no_feature)) as ((n0, n1), n2) eqn:En. rewrite !andb_true_iff in K. destruct K as (((_ & _) & P) & L).
      apply pair_is in P. unfold feature_sem. rewrite E, P. cbn [fst snd]. pose proof (forallb_In _ _ s L ltac:(apply in_seq; lia)) as Q. cbv beta in Q.
      destruct (listed_const (f_special (nth c fs no_feature)) s) as [k|] eqn:Ek; [|discriminate]. rewrite (listed_const_is rho _ _ _ Ek). ring.
    - left. rewrite map_map. apply map_ext_in. intros c I. specialize (K c I).
      change (x i c) with (feature_sem rho (nth c fs no_feature) (nth i w (Special 0)) (Z.of_nat i)). unfold is_kind in K. unfold number_part. destruct (f_number (nth c fs no_feature)) as ((n0, n1), n2) eqn:En. rewrite !andb_true_iff, !Z.eqb_eq in K. destruct K as (((-> & ->) & P) & _).
      apply pair_is in P. unfold feature_sem. rewrite E, En, P. cbn [fst snd]. ring.
  Qed.
  Lemma feature_facts_hold claims f : In f (feature_facts once (specials M) claims fs) -> fact_holds rho (length w) x f.
  Proof.
    unfold feature_facts. intros [<-|H]; [apply kinds_hold|]. rewrite !in_app_iff in H. destruct H as [H|[H|H]]; apply in_flat_map in H.
    - destruct H as (c & _ & H). cbv zeta in H. set (g := nth c fs no_feature) in *.
      assert (forall i, x i c = feature_sem rho g (nth i w (Special 0)) (Z.of_nat i)) as V by reflexivity.
      rewrite !in_app_iff in H. destruct H as [H|[H|[H|H]]].
      + destruct (is_flag_feature (specials M) g) eqn:K; [|destruct H]. destruct H as [<-|[]]. intros i Hi. rewrite V.
        unfold is_flag_feature in K. rewrite !andb_true_iff, orb_true_iff in K. destruct K as ((A & B) & C). apply pair_is in B.
        unfold feature_sem. rewrite B. cbn [fst snd]. destruct (nth i w (Special 0)) as [s|k] eqn:E.
        * pose proof (all_listed g _ i s C Hi E) as I. cbn [In] in I. lia.
        * destruct A as [A|A]; apply triple_is in A; rewrite A; lia.
      + destruct (once && is_first_feature (specials M) g) eqn:K; [|destruct H]. destruct H as [<-|[]]. intros i Hi. rewrite V.
        apply andb_prop in K. destruct K as (Once & K).
        unfold is_first_feature in K. rewrite !andb_true_iff in K. destruct K as (((A & B) & C) & D). apply pair_is in B. apply triple_is in A.
        unfold feature_sem. rewrite A, B. cbn [fst snd]. pose proof (ok i Hi) as O. destruct (nth i w (Special 0)) as [s|k].
        * destruct O as (O & Z1 & Z0). destruct (Nat.eq_dec s 0) as [->|N].
          -- assert (i = 0%nat) as -> by (apply Z0; auto). apply (is_const_is rho) in C. cbn [In] in C. cbn [start]. lia.
          -- assert (i <> 0%nat) as Ni by (intros E; apply N, Z1, E). pose proof (forallb_In _ _ s D ltac:(apply in_seq; lia)) as D'.
             apply (is_const_is rho) in D'. cbn [In] in D'. destruct i; [congruence|]. cbn [start]. lia.
        * destruct i; [congruence|]. cbn [start]. lia.
      + destruct (is_pos_feature (specials M) g) eqn:K; [|destruct H]. destruct H as [<-|[]]. intros i Hi. rewrite V.
        unfold is_pos_feature in K. rewrite !andb_true_iff in K. destruct K as ((A & B) & C). apply pair_is in B. apply triple_is in A.
        unfold feature_sem. rewrite A, B. cbn [fst snd]. destruct (nth i w (Special 0)) as [s|k] eqn:E; [|lia].
        pose proof (all_listed g _ i s C Hi E) as I. cbn [In] in I. lia.
      + destruct (listed_const (f_special g) 0) as [k|] eqn:K; [|destruct H]. destruct H as [<-|[]]. intros Hl. rewrite V.
        pose proof (ok 0%nat Hl) as O. unfold feature_sem. destruct (nth 0 w (Special 0)) as [s|k']; [|congruence].
        destruct O as (_ & O & _). assert (s = 0%nat) as -> by (apply O; reflexivity). rewrite (listed_const_is rho _ _ _ K). change (Z.of_nat 0) with 0. ring.
    - destruct H as ((c, b) & _ & H). cbn [fst snd] in H. set (g := nth c fs no_feature) in *. set (h := nth b fs no_feature) in *.
      destruct (feature_square (specials M) g h) eqn:K; [|destruct H]. destruct H as [<-|[]]. intros i Hi.
      change (x i c) with (feature_sem rho g (nth i w (Special 0)) (Z.of_nat i)). change (x i b) with (feature_sem rho h (nth i w (Special 0)) (Z.of_nat i)).
      unfold feature_square in K. rewrite andb_true_iff, orb_true_iff, !andb_true_iff in K. destruct K as (L & K).
      unfold feature_sem. pose proof (ok i Hi) as O. destruct (nth i w (Special 0)) as [s|k].
      + pose proof (forallb_In _ _ s L ltac:(apply in_seq; lia)) as L'. cbv beta in L'. apply andb_prop in L'. destruct L' as (L1 & L2).
        apply (is_const_is rho) in L1, L2. cbn [In] in L1, L2. destruct L1 as [<-|[]], L2 as [<-|[]].
        destruct K as [(((A & B) & C) & D)|(((A & B) & C) & D)]; apply pair_is in B, D; rewrite B, D; cbn [fst snd]; ring.
      + destruct K as [(((A & B) & C) & D)|(((A & B) & C) & D)]; apply pair_is in B, D; apply triple_is in A, C; rewrite A, B, C, D; cbn [fst snd]; ring.
    - destruct H as ((c, b) & _ & H). cbn [fst snd] in H. set (g := nth c fs no_feature) in *. set (h := nth b fs no_feature) in *.
      destruct (feature_apart (specials M) g h) eqn:K; [|destruct H]. destruct H as [<-|[]]. intros i Hi.
      change (x i c) with (feature_sem rho g (nth i w (Special 0)) (Z.of_nat i)). change (x i b) with (feature_sem rho h (nth i w (Special 0)) (Z.of_nat i)).
      unfold feature_apart, is_flag_feature in K. rewrite !andb_true_iff, !orb_true_iff in K. destruct K as (((((Fg & Gg) & Lg) & ((Fh & Gh) & Lh)) & T) & L).
      apply pair_is in Gg, Gh. unfold feature_sem. rewrite Gg, Gh. cbn [fst snd]. destruct (nth i w (Special 0)) as [s|k] eqn:E.
      + pose proof (ok i Hi) as O. rewrite E in O. pose proof (forallb_In _ _ s L ltac:(apply in_seq; lia)) as L'. cbv beta in L'. apply orb_prop in L'.
        pose proof (all_listed g _ i s Lg Hi E) as Ig. pose proof (all_listed h _ i s Lh Hi E) as Ih. cbn [In] in Ig, Ih.
        destruct L' as [L'|L']; apply (is_const_is rho) in L'; cbn [In] in L'; lia.
      + destruct Fg as [Fg|Fg], Fh as [Fh|Fh]; apply triple_is in Fg, Fh; rewrite Fg, Fh; try lia.
        destruct T as [T|T]; apply triple_is in T; congruence.
  Qed.
  Lemma first_holds claims : is_one (specials M) (nth 0 fs no_feature) = true -> (0 < length fs)%nat ->
    holds rho (length w) (first_facts once (specials M) claims fs) x.
  Proof.
    intros One Hl.
    assert (forall i c, (i < length w)%nat -> ~ In c (seq 0 (length fs)) -> x i c = 0) as Out.
    { intros i c Hi N. assert (length fs <= c)%nat by (destruct (le_lt_dec (length fs) c); auto; exfalso; apply N, in_seq; lia).
      change (x i c) with (feature_sem rho (nth c fs no_feature) (nth i w (Special 0)) (Z.of_nat i)). rewrite nth_overflow by auto.
      unfold feature_sem. cbn [no_feature f_number f_position fst snd]. destruct (nth i w (Special 0)); reflexivity. }
    unfold first_facts. apply holds_extend with x.
    - split; [|split; [|split]].
      + intros i Hi. change (x i 0%nat) with (feature_sem rho (nth 0 fs no_feature) (nth i w (Special 0)) (Z.of_nat i)).
        set (g := nth 0 fs no_feature) in *. unfold is_one in One. rewrite !andb_true_iff in One. destruct One as ((A & B) & C).
        apply pair_is in B. apply triple_is in A. unfold feature_sem. rewrite A, B. cbn [fst snd]. destruct (nth i w (Special 0)) as [s|k] eqn:E; [|lia].
        pose proof (all_listed g _ i s C Hi E) as I. cbn [In] in I. lia.
      + apply in_seq. lia.
      + exact Out.
      + intros f [].
    - reflexivity.
    - exact Out.
    - exact (feature_facts_hold claims).
  Qed.
End Embedding.
