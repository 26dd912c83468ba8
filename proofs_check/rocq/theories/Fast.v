(** J. The evaluator with tables: every score, unit and state is computed once. Equal to Model.v's for all models. *)
From Coq Require Import ZArith QArith Qcanon List Bool Lia Arith FMapPositive.
From RetrievalGap Require Import Model.
Import ListNotations.
Open Scope Z_scope.

Record lawful (N : numbers) : Prop := {
  add_00 : @add N zero zero = zero; mul_00 : @mul N zero zero = zero; mul_x0 : forall a, @mul N a zero = zero;
  mean_0 : forall (l : list nat), @mean N (map (fun _ => zero) l) = zero }.

(** Walks along two lists at once. *)
Fixpoint fzip {A B C} (f : A -> B -> C) (a : A) (b : B) (n : nat) (x : list A) (y : list B) : list C :=
  match n with O => [] | S n' => f (hd a x) (hd b y) :: fzip f a b n' (tl x) (tl y) end.
Lemma fzip_is {A B C} (f : A -> B -> C) a b n : forall x y, fzip f a b n x y = map (fun c => f (nth c x a) (nth c y b)) (seq 0 n).
Proof.
  induction n as [|n IH]; intros x y; [reflexivity|]. cbn [fzip seq map]. rewrite IH, <- seq_shift, map_map. f_equal; [destruct x, y; reflexivity|].
  apply map_ext. intros c. destruct x, y; cbn [tl nth]; destruct c; reflexivity.
Qed.
(** Binary trees, in which an entry is found without walking along the list. *)
Fixpoint findex_from {A} (x : list A) (p : positive) (m : PositiveMap.t A) : PositiveMap.t A :=
  match x with [] => m | a :: x' => findex_from x' (Pos.succ p) (PositiveMap.add p a m) end.
Lemma find_findex {A} (x : list A) : forall k m c, PositiveMap.find (Pos.of_succ_nat c) (findex_from x (Pos.of_succ_nat k) m) =
  if Nat.leb k c then match nth_error x (c - k) with Some a => Some a | None => PositiveMap.find (Pos.of_succ_nat c) m end
  else PositiveMap.find (Pos.of_succ_nat c) m.
Proof.
  induction x as [|a x IH]; intros k m c; cbn [findex_from]; [destruct (Nat.leb k c); [destruct (c - k)%nat|]; reflexivity|].
  change (Pos.succ (Pos.of_succ_nat k)) with (Pos.of_succ_nat (S k)). rewrite IH.
  destruct (Nat.leb_spec (S k) c) as [L|L], (Nat.leb_spec k c) as [L'|L']; try lia.
  - replace (c - k)%nat with (S (c - S k)) by lia. cbn [nth_error]. rewrite PositiveMap.gso by (intros E; apply SuccNat2Pos.inj in E; lia). reflexivity.
  - replace c with k by lia. rewrite Nat.sub_diag. apply PositiveMap.gss.
  - apply PositiveMap.gso. intros E. apply SuccNat2Pos.inj in E. lia.
Qed.

Section Fast.
  Variables (N : numbers) (rho : env).
  Hypothesis laws : lawful N.
  Definition ftree := PositiveMap.t N.
  Definition findex (x : list N) : ftree := findex_from x 1 (PositiveMap.empty N).
  Definition flook (x : ftree) (p : positive) : N := match PositiveMap.find p x with Some a => a | None => zero end.
  Lemma flook_is x c : flook (findex x) (Pos.of_succ_nat c) = nth c x zero.
  Proof.
    unfold flook, findex. change 1%positive with (Pos.of_succ_nat 0). rewrite find_findex. cbn [Nat.leb]. rewrite Nat.sub_0_r, PositiveMap.gempty.
    revert c. induction x as [|a x IH]; intros [|c]; try reflexivity. apply IH.
  Qed.
  Definition frow := list (positive * N).
  Definition freeze (r : row) : frow := map (fun e => (Pos.of_succ_nat (fst e), of_Z (peval rho (snd e)))) r.
  Definition ftimes (r : frow) (x : ftree) : N := fold_right (fun e acc => add (mul (snd e) (flook x (fst e))) acc) zero r.
  Definition fmatrix (m : matrix) : list frow := map freeze m.
  Definition frows (m : list frow) (x : list N) : list N := let x' := findex x in map (fun r => ftimes r x') m.

  Lemma ftimes_is r (x : list N) (y : vec N) : (forall c, nth c x zero = y c) -> ftimes (freeze r) (findex x) = times N rho r y.
  Proof.
    intros E. unfold ftimes, times, freeze. induction r as [|(c, p) r IH]; [reflexivity|]. cbn [map fold_right fst snd]. rewrite IH, flook_is, E. reflexivity.
  Qed.
  Lemma frows_is m x y k : (forall c, nth c x zero = y c) -> nth k (frows (fmatrix m) x) zero = at_row N rho m k y.
  Proof.
    intros E. unfold frows, fmatrix, at_row. rewrite map_map. destruct (Nat.ltb_spec k (length m)) as [L|L].
    - rewrite (nth_indep _ zero (ftimes (freeze []) (findex x))) by (rewrite map_length; auto). rewrite (map_nth (fun r => ftimes (freeze r) (findex x)) m []).
      apply ftimes_is. exact E.
    - rewrite !nth_overflow by (rewrite ?map_length; auto). reflexivity.
  Qed.
  Lemma nth_map_seq {A} (f : nat -> A) n d k : nth k (map f (seq 0 n)) d = if Nat.ltb k n then f k else d.
  Proof.
    destruct (Nat.ltb_spec k n) as [L|L]; [|apply nth_overflow; rewrite map_length, seq_length; auto].
    rewrite (nth_indep _ d (f 0%nat)) by (rewrite map_length, seq_length; auto). rewrite map_nth, seq_nth by auto. reflexivity.
  Qed.

  Definition table := list (list N).
  Definition is_table (len : nat) (T : table) (xs : nat -> vec N) : Prop := forall i c, (i < len)%nat -> nth c (nth i T []) zero = xs i c.

  (** Attention. *)
  Record fhead := FHead { fq : list (list N); fk : list (list N); fv : list (list N); fo : list frow; fs : N }.
  Definition prepare (h : head) (T : table) : fhead :=
    let q := fmatrix (firstn (length (key h)) (query h)) in let k := fmatrix (firstn (length (query h)) (key h)) in let v := fmatrix (value h) in
    FHead (map (frows q) T) (map (frows k) T) (map (frows v) T) (fmatrix (output h)) (of_Z (slope h)).
  Definition fscores (h : head) (q : list N) (K : list (list N)) (i : nat) : list N :=
    map (fun jk => add (total N (map (fun ab => mul (fst ab) (snd ab)) (combine q (snd jk)))) (of_Z (slope h * Z.of_nat (fst jk)))) (combine (seq 0 (S i)) K).
  Definition fpicks (sc : list N) (i : nat) : list nat :=
    filter (fun j => let s := nth j sc zero in forallb (fun s' => leb s' s) sc) (seq 0 (S i)).
  Definition ffound (h : head) (V : list (list N)) (js : list nat) : list N :=
    let vs := map (fun j => nth j V []) js in map (fun r => mean (map (fun v => nth r v zero) vs)) (seq 0 (length (value h))).
  Definition fattention (hs : list head) (W : nat) (T : table) : table :=
    let ps := map (fun h => (h, prepare h T)) hs in
    map (fun ix => let '(i, x) := ix in
      let written := map (fun hp => frows (fo (snd hp)) (ffound (fst hp) (fv (snd hp)) (fpicks (fscores (fst hp) (nth i (fq (snd hp)) []) (fk (snd hp)) i) i))) ps in
      fzip add zero zero W x (fold_right (fzip add zero zero W) [] written))
      (combine (seq 0 (length T)) T).

  Lemma fscores_is len h T xs i : is_table len T xs -> length T = len -> (i < len)%nat ->
    fscores h (nth i (fq (prepare h T)) []) (fk (prepare h T)) i = map (score N rho h xs i) (seq 0 (S i)).
  Proof.
    intros I L Hi. unfold prepare. cbn [fq fk]. unfold fscores.
    set (q := fmatrix (firstn (length (key h)) (query h))). set (k := fmatrix (firstn (length (query h)) (key h))).
    assert (forall j, nth j (map (frows k) T) (frows k []) = frows k (nth j T [])) as Ek by (intros; apply map_nth).
    assert (combine (seq 0 (S i)) (map (frows k) T) = map (fun j => (j, frows k (nth j T []))) (seq 0 (S i))) as ->.
    { assert (forall n s T', (n <= length T')%nat -> combine (seq s n) (map (frows k) T') = map (fun j => (j, frows k (nth (j - s) T' []))) (seq s n)) as G.
      { induction n as [|n IH]; intros s [|x T'] Hn; cbn [length] in Hn; try lia; [reflexivity|reflexivity|]. cbn [seq map combine].
        rewrite IH by lia. rewrite Nat.sub_diag. cbn [nth]. f_equal. apply map_ext_in. intros j J. apply in_seq in J. replace (j - s)%nat with (S (j - S s)) by lia. reflexivity. }
      rewrite G by lia. apply map_ext. intros j. rewrite Nat.sub_0_r. reflexivity. }
    rewrite map_map. apply map_ext_in. intros j J. apply in_seq in J. cbn [fst snd]. unfold score. f_equal. f_equal.
    rewrite (nth_indep _ [] (frows q [])) by (rewrite map_length; lia). rewrite map_nth. unfold q, k, frows, fmatrix. rewrite !map_map.
    generalize (key h) as ks. generalize (query h) as qs. induction qs as [|a qs IH]; intros [|b ks]; cbn [length firstn map combine fst snd]; try reflexivity.
    rewrite !(ftimes_is _ _ (xs i)), !(ftimes_is _ _ (xs j)) by (intros c; apply I; lia). f_equal. apply IH.
  Qed.
  Lemma fpicks_is h xs i : fpicks (map (score N rho h xs i) (seq 0 (S i))) i = picks N rho h xs i.
  Proof.
    unfold fpicks, picks. apply filter_ext_in. intros j J. apply in_seq in J. rewrite nth_map_seq. destruct (Nat.ltb_spec j (S i)); [|lia].
    generalize (seq 0 (S i)) as l. induction l as [|a l IH]; [reflexivity|]. cbn [map forallb]. rewrite IH. reflexivity.
  Qed.
  Lemma ffound_is len h T xs js r : is_table len T xs -> length T = len -> (forall j, In j js -> (j < len)%nat) ->
    nth r (ffound h (fv (prepare h T)) js) zero = found N rho h xs 0 js r.
  Proof.
    intros I L J. unfold ffound, found, prepare. cbn [fv]. rewrite nth_map_seq. destruct (Nat.ltb_spec r (length (value h))) as [R|R].
    - f_equal. rewrite map_map. apply map_ext_in. intros j Hj. rewrite (nth_indep _ [] (frows (fmatrix (value h)) [])) by (rewrite map_length; specialize (J j Hj); lia).
      rewrite map_nth. apply frows_is. intros c. apply I. auto.
    - unfold at_row. rewrite nth_overflow by auto. change (zero = @mean N (map (fun _ : nat => zero) js)). symmetry. apply laws.
  Qed.

  Lemma mapi_is {A B} (f : nat * A -> B) (l : list A) d e i : (i < length l)%nat -> nth i (map f (combine (seq 0 (length l)) l)) e = f (i, nth i l d).
  Proof.
    intros Hi. assert (forall s (l : list A) i, (i < length l)%nat -> nth i (map f (combine (seq s (length l)) l)) e = f ((s + i)%nat, nth i l d)) as G.
    { clear. intros s l. revert s. induction l as [|a l IH]; intros s i Hi; cbn [length] in Hi; [lia|]. destruct i as [|i]; cbn [length seq combine map nth]; [rewrite Nat.add_0_r; reflexivity|].
      rewrite IH by lia. rewrite Nat.add_succ_comm. reflexivity. }
    rewrite G by auto. reflexivity.
  Qed.
  Lemma mapi_length {A B} (f : nat * A -> B) (l : list A) : length (map f (combine (seq 0 (length l)) l)) = length l.
  Proof. rewrite map_length, combine_length, seq_length. lia. Qed.
  Definition narrow (len W : nat) (xs : nat -> vec N) : Prop := forall i c, (i < len)%nat -> (W <= c)%nat -> xs i c = zero.
  Lemma total_zero {A} (f : A -> N) l : (forall a, In a l -> f a = zero) -> total N (map f l) = zero.
  Proof.
    induction l as [|a l IH]; intros Z0; [reflexivity|]. unfold total in *. cbn [map fold_right]. rewrite IH by (intros; apply Z0; right; auto).
    rewrite Z0 by (left; auto). apply laws.
  Qed.
  Lemma total_ext {A} (f g : A -> N) l : (forall a, In a l -> f a = g a) -> total N (map f l) = total N (map g l).
  Proof. intros E. f_equal. apply map_ext_in. exact E. Qed.

  Lemma fsum_is W vs c : (c < W)%nat -> nth c (fold_right (fzip add zero zero W) [] vs) zero = total N (map (fun v => nth c v zero) vs).
  Proof.
    intros Hc. induction vs as [|v vs IH]; [destruct c; reflexivity|]. cbn [fold_right]. rewrite fzip_is, nth_map_seq, IH. destruct (Nat.ltb_spec c W); [reflexivity|lia].
  Qed.
  Lemma fattention_is len W hs T xs : is_table len T xs -> length T = len -> narrow len W xs -> (forall h, In h hs -> (length (output h) <= W)%nat) ->
    is_table len (fattention hs W T) (apply N rho (Attention hs) xs) /\ narrow len W (apply N rho (Attention hs) xs).
  Proof.
    intros I L Nr Ho. assert (narrow len W (apply N rho (Attention hs) xs)) as Nr'.
    { intros i c Hi Hc. cbn [apply]. rewrite (Nr i c Hi Hc), total_zero; [apply laws|]. intros h Hh. unfold read_head, at_row.
      rewrite nth_overflow by (specialize (Ho h Hh); lia). reflexivity. }
    split; [|exact Nr']. intros i c Hi. unfold fattention. rewrite (mapi_is _ _ []) by lia. cbv beta iota zeta. rewrite fzip_is, nth_map_seq.
    destruct (Nat.ltb_spec c W) as [Hc|Hc]; [|symmetry; apply Nr'; auto]. cbn [apply]. rewrite fsum_is by exact Hc. f_equal; [apply I; auto|].
    rewrite !map_map. apply total_ext. intros h Hh. cbn [fst snd]. unfold read_head.
    change (fo (prepare h T)) with (fmatrix (output h)). apply frows_is.
    intros r. rewrite (fscores_is len h T xs i I L Hi), fpicks_is. apply (ffound_is len h T xs _ r I L).
    intros j J. unfold picks in J. apply filter_In in J. destruct J as (J & _). apply in_seq in J. lia.
  Qed.

  (** Units. *)
  Definition funits (g v o : matrix) (W : nat) (T : table) : table :=
    let g' := fmatrix g in let v' := fmatrix v in let o' := fmatrix o in let U := Nat.max (length g) (length v) in
    map (fun ix : nat * list N => let x := snd ix in
      let a := frows g' x in let b := frows v' x in let u := findex (fzip (fun a b => mul (relu N a) b) zero zero U a b) in
      fzip (fun a r => add a (ftimes r u)) zero [] W x o') (combine (seq 0 (length T)) T).
  Lemma funits_is len W g v o T xs : is_table len T xs -> length T = len -> narrow len W xs -> (length o <= W)%nat ->
    is_table len (funits g v o W T) (apply N rho (FeedForward g v o) xs) /\ narrow len W (apply N rho (FeedForward g v o) xs).
  Proof.
    intros I L Nr Ho. assert (narrow len W (apply N rho (FeedForward g v o) xs)) as Nr'.
    { intros i c Hi Hc. cbn [apply]. unfold at_row. rewrite (Nr i c Hi Hc), nth_overflow by lia. apply laws. }
    split; [|exact Nr']. intros i c Hi. unfold funits. rewrite (mapi_is _ _ []) by lia. cbv zeta. cbn [snd]. rewrite fzip_is, nth_map_seq.
    destruct (Nat.ltb_spec c W) as [Hc|Hc]; [|symmetry; apply Nr'; auto]. cbn [apply]. f_equal; [apply I; auto|].
    unfold at_row. change (nth c (fmatrix o) []) with (nth c (map freeze o) (freeze [])). rewrite map_nth. apply ftimes_is. intros u. unfold unit_.
    rewrite fzip_is, nth_map_seq. destruct (Nat.ltb_spec u (Nat.max (length g) (length v))) as [Hu|Hu].
    - rewrite !(frows_is _ (nth i T []) (xs i)) by (intros d; apply I; auto). reflexivity.
    - unfold at_row. rewrite !nth_overflow by lia. symmetry. apply laws.
  Qed.

  (** Recurrences. *)
  Definition fcell (a b : list frow) (K : nat) (before : option (list N)) (x : list N) : list N :=
    let y := frows b x in
    match before with
    | None => fzip (fun a _ => a) zero tt K y []
    | Some s => fzip add zero zero K (frows a s) y
    end.
  Fixpoint fstates (a b : list frow) (K : nat) (before : option (list N)) (T : table) : table :=
    match T with [] => [] | x :: T' => let s := fcell a b K before x in s :: fstates a b K (Some s) T' end.
  Definition frecurrence (a b o d : matrix) (W : nat) (T : table) : table :=
    let S := fstates (fmatrix a) (fmatrix b) (Nat.max (length a) (length b)) None T in let o' := fmatrix o in let d' := fmatrix d in
    fzip (fun x s => fzip add zero zero W x (fzip add zero zero W (frows o' s) (frows d' x))) [] [] (length T) T S.
  Lemma fcell_is a b (x : list N) y K k : K = Nat.max (length a) (length b) -> (forall c, nth c x zero = y c) ->
    nth k (fcell (fmatrix a) (fmatrix b) K None x) zero = at_row N rho b k y.
  Proof.
    intros -> E. unfold fcell. rewrite fzip_is, nth_map_seq. destruct (Nat.ltb_spec k (Nat.max (length a) (length b))) as [Hk|Hk]; [apply frows_is; auto|].
    unfold at_row. rewrite nth_overflow by lia. reflexivity.
  Qed.
  Lemma fcell_next a b (x s : list N) y z K k : K = Nat.max (length a) (length b) -> (forall c, nth c x zero = y c) -> (forall c, nth c s zero = z c) ->
    nth k (fcell (fmatrix a) (fmatrix b) K (Some s) x) zero = add (at_row N rho a k z) (at_row N rho b k y).
  Proof.
    intros -> E E'. unfold fcell. rewrite fzip_is, nth_map_seq. destruct (Nat.ltb_spec k (Nat.max (length a) (length b))) as [Hk|Hk].
    - rewrite (frows_is a s z), (frows_is b x y) by auto. reflexivity.
    - unfold at_row. rewrite !nth_overflow by lia. symmetry. apply laws.
  Qed.
  Lemma fstates_is a b len xs T k t : is_table len T xs -> length T = len -> (t < len)%nat ->
    nth k (nth t (fstates (fmatrix a) (fmatrix b) (Nat.max (length a) (length b)) None T) []) zero = state N rho a b xs t k.
  Proof.
    intros I L Ht. set (K := Nat.max _ _).
    assert (forall T' t0 s, (forall k, nth k s zero = state N rho a b xs t0 k) -> (forall t c, (t < length T')%nat -> nth c (nth t T' []) zero = xs (S t0 + t)%nat c) ->
      forall t, (t < length T')%nat -> forall k, nth k (nth t (fstates (fmatrix a) (fmatrix b) K (Some s) T') []) zero = state N rho a b xs (S t0 + t) k) as G.
    { induction T' as [|x T' IH]; intros t0 s Es Ex t' Ht' k'; cbn [length] in Ht'; [lia|]. cbn [fstates].
      assert (forall k, nth k (fcell (fmatrix a) (fmatrix b) K (Some s) x) zero = state N rho a b xs (S t0) k) as E1.
      { intros k1. rewrite (fcell_next a b x s (xs (S t0)) (state N rho a b xs t0)); auto. intros c. specialize (Ex 0%nat c ltac:(cbn; lia)). cbn [nth] in Ex. rewrite Nat.add_0_r in Ex. exact Ex. }
      destruct t' as [|t']; cbn [nth]; [rewrite Nat.add_0_r; apply E1|]. rewrite <- Nat.add_succ_comm. apply (IH (S t0)); auto; [|lia].
      intros t1 c H1. rewrite Nat.add_succ_comm. apply (Ex (S t1) c). cbn. lia. }
    destruct T as [|x T]; cbn [length] in L; [lia|]. cbn [fstates].
    assert (forall k, nth k (fcell (fmatrix a) (fmatrix b) K None x) zero = state N rho a b xs 0 k) as E0.
    { intros k0. cbn [state]. apply fcell_is; auto. intros c. apply (I 0%nat c). lia. }
    destruct t as [|t]; cbn [nth]; [apply E0|]. apply (G T 0%nat); auto; [|lia]. intros t1 c H1. apply (I (S t1) c). lia.
  Qed.
  Lemma frecurrence_is len W a b o d T xs : is_table len T xs -> length T = len -> narrow len W xs -> (length o <= W)%nat -> (length d <= W)%nat ->
    is_table len (frecurrence a b o d W T) (apply N rho (Recurrence a b o d) xs) /\ narrow len W (apply N rho (Recurrence a b o d) xs).
  Proof.
    intros I L Nr Ho Hd. assert (narrow len W (apply N rho (Recurrence a b o d) xs)) as Nr'.
    { intros i c Hi Hc. cbn [apply]. unfold at_row. rewrite (Nr i c Hi Hc), !nth_overflow by lia. change (times N rho [] _) with (@zero N). rewrite !(add_00 N laws). reflexivity. }
    split; [|exact Nr']. intros i c Hi. unfold frecurrence. rewrite fzip_is, nth_map_seq. destruct (Nat.ltb_spec i (length T)); [|lia]. rewrite fzip_is, nth_map_seq.
    destruct (Nat.ltb_spec c W) as [Hc|Hc]; [|symmetry; apply Nr'; auto]. cbn [apply]. f_equal; [apply I; auto|]. rewrite fzip_is, nth_map_seq.
    destruct (Nat.ltb_spec c W); [|lia]. f_equal; apply frows_is; intros k; [apply (fstates_is a b len xs T k i I L Hi)|apply I; auto].
  Qed.

  (** Recurrences whose state is moved by units. *)
  Definition fmoved (a b g h m : list frow) (K U : nat) (before : option (list N)) (x : list N) : list N :=
    let y := frows b x in
    match before with
    | None => fzip (fun a _ => a) zero tt K y []
    | Some s => let u := fzip (fun p q => mul (relu N p) q) zero zero U (frows g x) (frows h s) in
                fzip add zero zero K (fzip add zero zero K (frows a s) (frows m u)) y
    end.
  Fixpoint fmovings (a b g h m : list frow) (K U : nat) (before : option (list N)) (T : table) : table :=
    match T with [] => [] | x :: T' => let s := fmoved a b g h m K U before x in s :: fmovings a b g h m K U (Some s) T' end.
  Definition fselective (a b o d g h m : matrix) (W : nat) (T : table) : table :=
    let K := Nat.max (length a) (Nat.max (length b) (length m)) in let U := Nat.max (length g) (length h) in
    let S := fmovings (fmatrix a) (fmatrix b) (fmatrix g) (fmatrix h) (fmatrix m) K U None T in let o' := fmatrix o in let d' := fmatrix d in
    fzip (fun x s => fzip add zero zero W x (fzip add zero zero W (frows o' s) (frows d' x))) [] [] (length T) T S.
  Lemma fmovings_are a b g h m len xs T k t : is_table len T xs -> length T = len -> (t < len)%nat ->
    nth k (nth t (fmovings (fmatrix a) (fmatrix b) (fmatrix g) (fmatrix h) (fmatrix m) (Nat.max (length a) (Nat.max (length b) (length m))) (Nat.max (length g) (length h)) None T) []) zero =
    selected_state N rho a b g h m xs t k.
  Proof.
    intros I L Ht. set (K := Nat.max _ (Nat.max _ _)). set (U := Nat.max (length g) (length h)).
    assert (forall x s y z k, (forall c, nth c x zero = y c) -> (forall c, nth c s zero = z c) ->
      nth k (fmoved (fmatrix a) (fmatrix b) (fmatrix g) (fmatrix h) (fmatrix m) K U (Some s) x) zero =
      add (add (at_row N rho a k z) (at_row N rho m k (fun u => mul (relu N (at_row N rho g u y)) (at_row N rho h u z)))) (at_row N rho b k y)) as Next.
    { intros x s y z k0 Ex Es. unfold fmoved. rewrite fzip_is, nth_map_seq. destruct (Nat.ltb_spec k0 K) as [Hk|Hk].
      - rewrite fzip_is, nth_map_seq. destruct (Nat.ltb_spec k0 K); [|lia]. rewrite (frows_is a s z), (frows_is b x y) by auto. f_equal. f_equal. apply frows_is. intros u.
        rewrite fzip_is, nth_map_seq. destruct (Nat.ltb_spec u U) as [Hu|Hu]; [rewrite (frows_is g x y), (frows_is h s z) by auto; reflexivity|].
        unfold at_row. rewrite !nth_overflow by lia. change (times N rho [] _) with (@zero N). rewrite (mul_x0 N laws). reflexivity.
      - unfold at_row. rewrite !nth_overflow by lia. change (times N rho [] _) with (@zero N). rewrite !(add_00 N laws). reflexivity. }
    assert (forall T' t0 s, (forall k, nth k s zero = selected_state N rho a b g h m xs t0 k) -> (forall t c, (t < length T')%nat -> nth c (nth t T' []) zero = xs (S t0 + t)%nat c) ->
      forall t, (t < length T')%nat -> forall k, nth k (nth t (fmovings (fmatrix a) (fmatrix b) (fmatrix g) (fmatrix h) (fmatrix m) K U (Some s) T') []) zero = selected_state N rho a b g h m xs (S t0 + t) k) as G.
    { induction T' as [|x T' IH]; intros t0 s Es Ex t' Ht' k'; cbn [length] in Ht'; [lia|]. cbn [fmovings].
      assert (forall k, nth k (fmoved (fmatrix a) (fmatrix b) (fmatrix g) (fmatrix h) (fmatrix m) K U (Some s) x) zero = selected_state N rho a b g h m xs (S t0) k) as E1.
      { intros k1. apply (Next x s (xs (S t0)) (selected_state N rho a b g h m xs t0)); auto. intros c. specialize (Ex 0%nat c ltac:(cbn; lia)). cbn [nth] in Ex. rewrite Nat.add_0_r in Ex. exact Ex. }
      destruct t' as [|t']; cbn [nth]; [rewrite Nat.add_0_r; apply E1|]. rewrite <- Nat.add_succ_comm. apply (IH (S t0)); auto; [|lia].
      intros t1 c H1. rewrite Nat.add_succ_comm. apply (Ex (S t1) c). cbn. lia. }
    destruct T as [|x T]; cbn [length] in L; [lia|]. cbn [fmovings].
    assert (forall k, nth k (fmoved (fmatrix a) (fmatrix b) (fmatrix g) (fmatrix h) (fmatrix m) K U None x) zero = selected_state N rho a b g h m xs 0 k) as E0.
    { intros k0. cbn [selected_state fmoved]. rewrite fzip_is, nth_map_seq. destruct (Nat.ltb_spec k0 K) as [Hk|Hk]; [apply frows_is; intros c; apply (I 0%nat c); lia|].
      unfold at_row. rewrite nth_overflow by lia. reflexivity. }
    destruct t as [|t]; cbn [nth]; [apply E0|]. apply (G T 0%nat); auto; [|lia]. intros t1 c H1. apply (I (S t1) c). lia.
  Qed.
  Lemma fselective_is len W a b o d g h m T xs : is_table len T xs -> length T = len -> narrow len W xs -> (length o <= W)%nat -> (length d <= W)%nat ->
    is_table len (fselective a b o d g h m W T) (apply N rho (Selective a b o d g h m) xs) /\ narrow len W (apply N rho (Selective a b o d g h m) xs).
  Proof.
    intros I L Nr Ho Hd. assert (narrow len W (apply N rho (Selective a b o d g h m) xs)) as Nr'.
    { intros i c Hi Hc. cbn [apply]. unfold at_row. rewrite (Nr i c Hi Hc), !nth_overflow by lia. change (times N rho [] _) with (@zero N). rewrite !(add_00 N laws). reflexivity. }
    split; [|exact Nr']. intros i c Hi. unfold fselective. rewrite fzip_is, nth_map_seq. destruct (Nat.ltb_spec i (length T)); [|lia]. rewrite fzip_is, nth_map_seq.
    destruct (Nat.ltb_spec c W) as [Hc|Hc]; [|symmetry; apply Nr'; auto]. cbn [apply]. f_equal; [apply I; auto|]. rewrite fzip_is, nth_map_seq.
    destruct (Nat.ltb_spec c W); [|lia]. f_equal; apply frows_is; intros k; [apply (fmovings_are a b g h m len xs T k i I L Hi)|apply I; auto].
  Qed.

  (** Streams. *)
  Definition layer_width (L : layer) : nat :=
    match L with
    | Attention hs => fold_right Nat.max 0%nat (map (fun h => length (output h)) hs)
    | FeedForward _ _ o => length o
    | Recurrence _ _ o d | Selective _ _ o d _ _ _ => Nat.max (length o) (length d)
    end.
  Definition width (M : model) : nat :=
    fold_right Nat.max (Nat.max (length (polynomial M)) (Nat.max (length (special M)) (length (position M)))) (map layer_width (layers M)).
  Definition flayer (W : nat) (T : table) (L : layer) : table :=
    match L with
    | Attention hs => fattention hs W T | FeedForward g v o => funits g v o W T
    | Recurrence a b o d => frecurrence a b o d W T | Selective a b o d g h m => fselective a b o d g h m W T end.
  Definition fspecial (M : model) (s : nat) : list N := map (fun r => times N rho r (one_hot N s)) (special M).
  Definition fspecials (M : model) : list (list N) := map (fspecial M) (seq 0 (specials M)).
  Definition fembed (M : model) (W : nat) (S : list (list N)) (ti : tok * nat) : list N :=
    let (t, i) := ti in
    fzip add zero zero W
      (match t with
       | Number k => map (fun r => times N rho r (powers N k)) (polynomial M)
       | Special s => match nth_error S s with Some l => l | None => fspecial M s end
       end)
      (map (fun r => times N rho r (places N (Z.of_nat i))) (position M)).
  Definition fstream (M : model) (w : list tok) : table :=
    let S := fspecials M in let W := width M in fold_left (flayer W) (layers M) (map (fembed M W S) (combine w (seq 0 (length w)))).
  Lemma fat_row_is (m : matrix) (x : vec N) c : nth c (map (fun r => times N rho r x) m) zero = at_row N rho m c x.
  Proof. unfold at_row. change (@zero N) with (times N rho [] x) at 1. apply (map_nth (fun r => times N rho r x)). Qed.
  Lemma fembed_is M W t i c : (c < W)%nat -> nth c (fembed M W (fspecials M) (t, i)) zero = embed N rho M t i c.
  Proof.
    intros Hc. cbn [fembed]. rewrite fzip_is, nth_map_seq. destruct (Nat.ltb_spec c W); [|lia]. unfold embed. rewrite fat_row_is. f_equal.
    destruct t as [s|k]; [|apply fat_row_is]. assert (match nth_error (fspecials M) s with Some l => l | None => fspecial M s end = fspecial M s) as ->; [|apply fat_row_is].
    unfold fspecials. rewrite nth_error_map. destruct (nth_error (seq 0 (specials M)) s) as [a|] eqn:E; [|reflexivity]. cbn [option_map].
    pose proof (nth_error_nth _ _ 0%nat E) as E'. rewrite seq_nth in E' by (rewrite <- (seq_length (specials M) 0); apply nth_error_Some; congruence). subst a. reflexivity.
  Qed.
  Lemma fold_max l m : forall k, In k l -> (k <= fold_right Nat.max m l)%nat.
  Proof. induction l as [|a l IH]; intros k I; [destruct I|]. cbn [fold_right]. destruct I as [->|I]; [lia|]. specialize (IH k I). lia. Qed.
  Lemma fold_max_base l m : (m <= fold_right Nat.max m l)%nat.
  Proof. induction l as [|a l IH]; cbn [fold_right]; lia. Qed.
  Lemma flayer_length W T L : length (flayer W T L) = length T.
  Proof. destruct L; [apply mapi_length|apply mapi_length| |]; cbn [flayer]; unfold frecurrence, fselective; rewrite fzip_is, map_length, seq_length; reflexivity. Qed.
  Lemma flayer_is len W T L xs : is_table len T xs -> length T = len -> narrow len W xs -> (layer_width L <= W)%nat ->
    is_table len (flayer W T L) (apply N rho L xs) /\ narrow len W (apply N rho L xs).
  Proof.
    intros I Ln Nr Hw. destruct L as [hs|g v o|a b o d|a b o d g h m]; cbn [flayer layer_width] in *.
    - apply fattention_is; auto. intros h Hh. pose proof (fold_max (map (fun h => length (output h)) hs) 0 (length (output h)) ltac:(apply in_map_iff; eauto)). lia.
    - apply funits_is; auto.
    - apply frecurrence_is; auto; lia.
    - apply fselective_is; auto; lia.
  Qed.
  Theorem fstream_is M w : is_table (length w) (fstream M w) (stream N rho M w).
  Proof.
    unfold fstream, stream. set (W := width M). set (xs := fun i => embed N rho M (nth i w (Special 0)) i).
    assert (forall Ls T xs, is_table (length w) T xs -> length T = length w -> narrow (length w) W xs -> (forall L, In L Ls -> (layer_width L <= W)%nat) ->
      is_table (length w) (fold_left (flayer W) Ls T) (fold_left (fun xs L => apply N rho L xs) Ls xs)) as G.
    { induction Ls as [|L Ls IH]; intros T ys I Ln Nr Hw; [exact I|]. cbn [fold_left].
      destruct (flayer_is (length w) W T L ys I Ln Nr ltac:(apply Hw; left; auto)) as (I' & Nr').
      apply IH; auto; [rewrite flayer_length; auto|intros; apply Hw; right; auto]. }
    assert (narrow (length w) W xs) as Nr.
    { intros i c Hi Hc. unfold xs, embed, at_row. pose proof (fold_max_base (map layer_width (layers M)) (Nat.max (length (polynomial M)) (Nat.max (length (special M)) (length (position M))))) as B.
      fold (width M) in B. fold W in B. destruct (nth i w (Special 0)); rewrite !nth_overflow by lia; apply laws. }
    apply G; auto.
    - intros i c Hi. rewrite (nth_indep _ [] (fembed M W (fspecials M) (Special 0, 0%nat))) by (rewrite map_length, combine_length, seq_length; lia).
      rewrite map_nth, combine_nth, seq_nth by (rewrite ?seq_length; lia). destruct (Nat.ltb_spec c W) as [Hc|Hc]; [apply fembed_is; auto|].
      rewrite (Nr i c Hi Hc). cbn [fembed]. apply nth_overflow. rewrite fzip_is, map_length, seq_length. exact Hc.
    - rewrite map_length, combine_length, seq_length. lia.
    - intros L HL. apply fold_max. apply in_map. exact HL.
  Qed.

  (** Decoding. *)
  Definition fnext (M : model) (w : list tok) : tok :=
    match vocabulary rho M with
    | [] => Special 0
    | t :: l => let x := nth (length w - 1) (fstream M w) [] in
      let sp := frows (fmatrix (special_logits M)) x in let po := frows (fmatrix (polynomial_logits M)) x in
      arg_max N (fun t => match t with Special s => nth s sp zero
                          | Number k => total N (map (fun l => mul (nth l po zero) (of_Z (power k l))) (seq 0 3)) end) t l
    end.
  Lemma arg_max_ext (f g : tok -> N) l : (forall t, f t = g t) -> forall b, arg_max N f b l = arg_max N g b l.
  Proof. intros E. induction l as [|t l IH]; intros b; [reflexivity|]. cbn [arg_max]. rewrite !E. apply IH. Qed.
  Theorem fnext_is M w : w <> [] -> fnext M w = next N rho M w.
  Proof.
    intros Ne. unfold fnext, next. destruct (vocabulary rho M) as [|t l]; [reflexivity|]. apply arg_max_ext. intros u.
    assert (forall c, nth c (nth (length w - 1) (fstream M w) []) zero = stream N rho M w (length w - 1) c) as E by (intros c; apply fstream_is; destruct w; [congruence|cbn; lia]).
    destruct u as [s|k]; unfold logit; [apply frows_is; exact E|]. apply total_ext. intros j _. rewrite (frows_is _ _ _ j E). reflexivity.
  Qed.
  Fixpoint fdecode_from (fuel : nat) (M : model) (w : list tok) : list tok * bool :=
    match fuel with
    | O => ([], false)
    | S fuel' => let t := fnext M w in
                 if is_answer M t then ([t], true)
                 else let (rest, ended) := fdecode_from fuel' M (w ++ [t]) in (t :: rest, ended)
    end.
  Definition fdecode (M : model) (w : list tok) : list tok * bool := fdecode_from (S (Z.to_nat (peval rho (context M) + 1) - length w)) M w.
  Theorem fdecode_is M w : w <> [] -> fdecode M w = decode N rho M w.
  Proof.
    unfold fdecode, decode. generalize (S (Z.to_nat (peval rho (context M) + 1) - length w)). intros fuel. revert w.
    induction fuel as [|fuel IH]; intros w Ne; [reflexivity|]. cbn [fdecode_from decode_from]. rewrite fnext_is by auto.
    destruct (is_answer M (next N rho M w)); [reflexivity|]. rewrite IH; [reflexivity|]. destruct w; discriminate.
  Qed.
End Fast.
Lemma lawful_Z : lawful ZN.
Proof. split; [reflexivity|reflexivity|intros; apply Z.mul_0_r|]. intros l. destruct l; reflexivity. Qed.
Lemma lawful_Q : lawful QcN.
Proof.
  split; [reflexivity|reflexivity|intros; apply Qcmult_0_r|]. intros l.
  assert (fold_right Qcplus 0%Qc (map (fun _ : nat => 0%Qc) l) = 0%Qc) as E by (induction l as [|a l IH]; [reflexivity|]; cbn [map fold_right]; rewrite IH; reflexivity).
  change ((fold_right Qcplus 0%Qc (map (fun _ : nat => 0%Qc) l) / Q2Qc (inject_Z (Z.of_nat (length (map (fun _ : nat => 0%Qc) l)))))%Qc = 0%Qc).
  rewrite E. unfold Qcdiv. apply Qcmult_0_l.
Qed.
Theorem fast_decode rho M w : w <> [] -> fdecode QcN rho M w = decode QcN rho M w.
Proof. apply fdecode_is. apply lawful_Q. Qed.

(** Positions see nothing behind them: what comes next after every prefix is read off one run. *)
Section Causal.
  Variables (N : numbers) (rho : env).
  Hypothesis laws : lawful N.
  Lemma times_same_at r (x y : vec N) : (forall c, x c = y c) -> times N rho r x = times N rho r y.
  Proof. intros H. unfold times. induction r as [|e r IH]; [reflexivity|]. cbn [fold_right]. rewrite IH, H. reflexivity. Qed.
  Lemma filter_same {A} (f g : A -> bool) l : (forall a, In a l -> f a = g a) -> filter f l = filter g l.
  Proof. induction l as [|a l IH]; intros H; [reflexivity|]. cbn [filter]. rewrite (H a) by (left; reflexivity). rewrite IH by (intros; apply H; right; auto). reflexivity. Qed.
  Lemma forallb_same {A} (f g : A -> bool) l : (forall a, In a l -> f a = g a) -> forallb f l = forallb g l.
  Proof. induction l as [|a l IH]; intros H; [reflexivity|]. cbn [forallb]. rewrite (H a) by (left; reflexivity). rewrite IH by (intros; apply H; right; auto). reflexivity. Qed.
  Lemma apply_causal L (xs ys : nat -> vec N) len : (forall i c, (i < len)%nat -> xs i c = ys i c) ->
    forall i c, (i < len)%nat -> apply N rho L xs i c = apply N rho L ys i c.
  Proof.
    intros H i c Hi. assert (forall h i j, (i < len)%nat -> (j < len)%nat -> score N rho h xs i j = score N rho h ys i j) as Sc.
    { intros h a b Ha Hb. unfold score. f_equal. f_equal. apply map_ext. intros (q, k). cbn [fst snd]. f_equal; apply times_same_at; intros; apply H; auto. }
    assert (forall a b t, (t < len)%nat -> forall k, state N rho a b xs t k = state N rho a b ys t k) as St.
    { intros a b. induction t as [|t IH]; intros Ht k; cbn [state]; unfold at_row; [apply times_same_at; intros; apply H; auto|].
      f_equal; apply times_same_at; intros; [apply IH; lia|apply H; auto]. }
    assert (forall a b g h m t, (t < len)%nat -> forall k, selected_state N rho a b g h m xs t k = selected_state N rho a b g h m ys t k) as Se.
    { intros a b g h m. induction t as [|t IH]; intros Ht k; cbn [selected_state]; unfold at_row; [apply times_same_at; intros; apply H; auto|].
      f_equal; [f_equal|]; apply times_same_at; intros; [apply IH; lia| |apply H; auto]. f_equal; [f_equal|]; apply times_same_at; intros; [apply H; auto|apply IH; lia]. }
    destruct L as [hs|g v o|a b o d|a b o d g h m]; cbn [apply]; rewrite (H i c Hi); f_equal.
    - f_equal. apply map_ext. intros h. unfold read_head, at_row. apply times_same_at. intros r. unfold found.
      assert (picks N rho h xs i = picks N rho h ys i) as ->.
      { unfold picks. apply filter_same. intros j Hj. apply in_seq in Hj. apply forallb_same. intros j' Hj'. apply in_seq in Hj'. rewrite !Sc by lia. reflexivity. }
      f_equal. apply map_ext_in. intros j Hj. unfold picks in Hj. apply filter_In in Hj. destruct Hj as (Hj & _). apply in_seq in Hj.
      unfold at_row. apply times_same_at. intros. apply H. lia.
    - unfold at_row. apply times_same_at. intros u. unfold unit_, at_row. f_equal; [f_equal|]; apply times_same_at; intros; apply H; auto.
    - f_equal; unfold at_row; apply times_same_at; intros; [apply St|apply H]; auto.
    - f_equal; unfold at_row; apply times_same_at; intros; [apply Se|apply H]; auto.
  Qed.
  Theorem stream_prefix M w t i c : (i < length w)%nat -> stream N rho M (w ++ t) i c = stream N rho M w i c.
  Proof.
    intros Hi. unfold stream.
    assert (forall Ls xs ys, (forall i c, (i < length w)%nat -> xs i c = ys i c) ->
      fold_left (fun xs L => apply N rho L xs) Ls xs i c = fold_left (fun xs L => apply N rho L xs) Ls ys i c) as G.
    { induction Ls as [|L Ls IH]; intros xs ys H; [apply H; exact Hi|]. cbn [fold_left]. apply IH. apply apply_causal. exact H. }
    apply G. intros j d Hj. rewrite app_nth1 by exact Hj. reflexivity.
  Qed.
  Definition fpick (V : list tok) (specials polynomials : list (frow N)) (x : list N) : tok :=
    match V with
    | [] => Special 0
    | t :: l => let sp := frows N specials x in let po := frows N polynomials x in
      arg_max N (fun t => match t with Special s => nth s sp zero
                          | Number k => total N (map (fun l => mul (nth l po zero) (of_Z (power k l))) (seq 0 3)) end) t l
    end.
  (** After the prompt, and after each token of a transcript. *)
  Definition fsaid (M : model) (w t : list tok) : list tok :=
    let V := vocabulary rho M in let sp := fmatrix N rho (special_logits M) in let po := fmatrix N rho (polynomial_logits M) in
    fzip (fun x _ => fpick V sp po x) [] tt (S (length t)) (skipn (length w - 1) (fstream N rho M (w ++ t))) [].
  Theorem fsaid_is M w t : w <> [] -> fsaid M w t = map (fun k => next N rho M (w ++ firstn k t)) (seq 0 (S (length t))).
  Proof.
    intros Ne. unfold fsaid. rewrite fzip_is. apply map_ext_in. intros k Hk. apply in_seq in Hk. assert (length w <> 0%nat) as Nz by (destruct w; [congruence|discriminate]).
    assert (length (w ++ firstn k t) = length w + k)%nat as Len by (rewrite app_length, firstn_length; lia).
    assert (forall (l : list (list N)) n, nth k (skipn n l) [] = nth (n + k) l []) as Sk.
    { intros l n. revert l. induction n as [|n IH]; intros [|a l]; try reflexivity; [destruct k; reflexivity|apply IH]. }
    rewrite Sk. assert (forall c, nth c (nth (length w - 1 + k) (fstream N rho M (w ++ t)) []) zero = stream N rho M (w ++ firstn k t) (length (w ++ firstn k t) - 1) c) as E.
    { intros c. rewrite (fstream_is N rho laws M (w ++ t)) by (rewrite app_length; lia).
      rewrite <- (firstn_skipn k t) at 1. rewrite app_assoc, stream_prefix by (rewrite Len; lia). rewrite Len. f_equal. lia. }
    unfold fpick, next. destruct (vocabulary rho M) as [|b l]; [reflexivity|]. apply arg_max_ext. intros u.
    destruct u as [s|n]; unfold logit; [apply frows_is; exact E|]. apply total_ext. intros j _. rewrite (frows_is N rho _ _ _ j E). reflexivity.
  Qed.
End Causal.
