(** The tasks of the upper and of the lower halves are the same. *)
From Coq Require Import ZArith List Lia Arith Bool.
From RetrievalGap Require Import Model StatementsTasks.
From RetrievalGap Require StatementsMachines EulerTour Trees LowerNearby.
Import ListNotations.
Local Open Scope nat_scope.

Lemma over_word k w : Lower.over k w -> exists xs, w = word xs /\ Forall (fun x => 1 <= x <= k) xs.
Proof.
  unfold Lower.over, Lower.letters. induction w as [|t w IH]; intros I; [exists []; auto|].
  destruct (IH (fun u U => I u (or_intror U))) as (xs & -> & F). pose proof (I t (or_introl eq_refl)) as T. apply in_map_iff in T.
  destruct T as (x & <- & X). apply in_seq in X. exists (x :: xs). split; [reflexivity|]. constructor; [lia|exact F].
Qed.
Lemma word_over k xs : Forall (fun x => 1 <= x <= k) xs -> Lower.over k (word xs).
Proof.
  intros F t T. apply in_map_iff in T. destruct T as (x & <- & X). rewrite Forall_forall in F. apply F in X.
  apply in_map, in_seq. lia.
Qed.
Lemma word_fits k n xs : k <= n -> length xs <= n -> Forall (fun x => 1 <= x <= k) xs -> Upper.fits (Z.of_nat n) (numbers xs).
Proof.
  intros K M F. unfold Upper.fits, numbers. rewrite map_length. split; [lia|]. rewrite Forall_map. eapply Forall_impl; [|exact F]. cbv beta. lia.
Qed.
Lemma of_numbers n xs : Forall (fun x => (1 <= x <= Z.of_nat n)%Z) xs -> exists xs', xs = numbers xs' /\ Forall (fun x => 1 <= x <= n) xs'.
Proof.
  induction 1 as [|x xs B F (xs' & -> & G)]; [exists []; auto|]. exists (Z.to_nat x :: xs'). cbn [numbers map]. rewrite Z2Nat.id by lia.
  split; [reflexivity|]. constructor; [lia|exact G].
Qed.
Lemma word_length xs : length (word xs) = length xs. Proof. apply map_length. Qed.

Theorem index_tasks : statement_index_tasks.
Proof.
  split.
  - intros k m n w q K M (Len & O) (i & I & ->). destruct (over_word k w O) as (xs & -> & F). rewrite word_length in Len.
    exists xs, [i]. split; [reflexivity|]. split; [reflexivity|]. split; [apply (word_fits k); auto; lia|]. split.
    + exists (Z.of_nat i). unfold numbers. rewrite map_length. split; [reflexivity|lia].
    + exists (Number (Z.of_nat (nth (i - 1) xs 0))). cbn [Lower.right Lower.index query word map]. split.
      * rewrite (nth_indep _ _ (Lower.Num 0)) by (unfold word; rewrite map_length; lia). unfold word. rewrite map_nth. reflexivity.
      * destruct (nth_split xs 0 (n := i - 1) ltac:(lia)) as (u & v & E & L). exists (numbers u), (Z.of_nat (nth (i - 1) xs 0)), (numbers v).
        split; [rewrite E at 1; unfold numbers; rewrite map_app; reflexivity|]. split; [|reflexivity]. unfold numbers. rewrite map_length, L. cbn [map]. f_equal. lia.
  - intros n xs ys Len (_ & F) (i & -> & I). destruct (of_numbers n xs F) as (xs' & -> & F'). unfold numbers in Len, I. rewrite map_length in Len, I.
    exists xs', [Z.to_nat i]. split; [reflexivity|]. split; [cbn; rewrite Z2Nat.id by lia; reflexivity|]. split.
    + split; [rewrite word_length; exact Len|apply word_over, F'].
    + exists (Z.to_nat i). split; [lia|reflexivity].
Qed.

Lemma count_word xs a : count_occ Lower.token_eq_dec (word xs) (Lower.Num a) = count_occ Z.eq_dec (numbers xs) (Z.of_nat a).
Proof.
  induction xs as [|x xs IH]; [reflexivity|]. cbn [word numbers map count_occ]. fold (word xs). fold (numbers xs). rewrite IH.
  destruct (Lower.token_eq_dec (Lower.Num x) (Lower.Num a)) as [E|E], (Z.eq_dec (Z.of_nat x) (Z.of_nat a)) as [E'|E']; auto; exfalso.
  - injection E as E. lia.
  - apply E. f_equal. lia.
Qed.
Theorem counting_tasks : statement_counting_tasks.
Proof.
  split.
  - intros k m n w q K M (Len & O) (a & t & A & T & ->). destruct (over_word k w O) as (xs & -> & F). rewrite word_length in Len.
    exists xs, [a; t]. split; [reflexivity|]. split; [reflexivity|]. split; [apply (word_fits k); auto; lia|]. split.
    + exists (Z.of_nat a), (Z.of_nat t). split; [reflexivity|]. lia.
    + cbn [Lower.right Lower.counting query word map]. fold (word xs). rewrite count_word. eexists. split; [|exists (Z.of_nat a), (Z.of_nat t); split; reflexivity].
      destruct (Nat.ltb_spec t (count_occ Z.eq_dec (numbers xs) (Z.of_nat a))), (Z.ltb_spec (Z.of_nat t) (Z.of_nat (count_occ Z.eq_dec (numbers xs) (Z.of_nat a)))); try lia; reflexivity.
  - intros n xs ys Len (_ & F) (a & t & -> & A & T). destruct (of_numbers n xs F) as (xs' & -> & F'). unfold numbers in Len. rewrite map_length in Len.
    exists xs', [Z.to_nat a; Z.to_nat t]. split; [reflexivity|]. split; [cbn; rewrite !Z2Nat.id by lia; reflexivity|]. split.
    + split; [rewrite word_length; exact Len|apply word_over, F'].
    + exists (Z.to_nat a), (Z.to_nat t). split; [lia|]. split; [lia|reflexivity].
Qed.

(** c-gram: the computed answer is the one of the definition. *)
Lemma next_word g : forall w, match Lower.next (word g) (word w) with
  | Some (Lower.Num b) => exists after, w = g ++ b :: after
  | Some _ => False
  | None => forall b after, w <> g ++ b :: after end.
Proof.
  induction g as [|a g IH]; intros [|x w]; cbn [word map Lower.next app].
  - intros b after E. discriminate.
  - exists w. reflexivity.
  - intros b after E. discriminate.
  - destruct (Lower.token_eq_dec (Lower.Num x) (Lower.Num a)) as [E|E].
    + injection E as ->. specialize (IH w). fold (word g). fold (word w). destruct (Lower.next (word g) (word w)) as [[b| | | | |]|]; auto.
      * destruct IH as (after & ->). exists after. reflexivity.
      * intros b after E. injection E as E. exact (IH b after E).
    + intros b after F. injection F as -> _. apply E. reflexivity.
Qed.
Lemma follows_word g : forall w, match Lower.follows (word g) (word w) with
  | Some (Lower.Num b) => exists before after, w = before ++ g ++ b :: after /\ forall u b' v, w = u ++ g ++ b' :: v -> length u <= length before
  | Some _ => False
  | None => forall u b v, w <> u ++ g ++ b :: v end.
Proof.
  induction w as [|x w IH]; cbn [word map Lower.follows].
  - intros u b v E. destruct u; [destruct g|]; discriminate.
  - fold (word w). destruct (Lower.follows (word g) (word w)) as [[b| | | | |]|]; auto.
    + destruct IH as (before & after & -> & L). exists (x :: before), after. split; [reflexivity|]. intros [|y u] b' v E; cbn [length]; [lia|].
      injection E as _ E. apply L in E. lia.
    + pose proof (next_word g (x :: w)) as N. cbn [word map] in N. fold (word w) in N. destruct (Lower.next (word g) (Lower.Num x :: word w)) as [[b| | | | |]|]; auto.
      * destruct N as (after & E). exists [], after. split; [exact E|]. intros [|y u] b' v F; [auto|]. injection F as _ F. exfalso. apply (IH u b' v F).
      * intros [|y u] b v E; [apply (N b v E)|]. injection E as _ E. apply (IH u b v E).
Qed.
Lemma numbers_split xs u v : numbers xs = u ++ v -> exists u' v', xs = u' ++ v' /\ u = numbers u' /\ v = numbers v'.
Proof.
  revert u. induction xs as [|x xs IH]; intros [|y u] E; cbn [numbers map app] in E; try discriminate.
  - exists [], []. auto.
  - exists [], (x :: xs). auto.
  - injection E as <- E. destruct (IH u E) as (u' & v' & -> & -> & ->). exists (x :: u'), v'. auto.
Qed.
Lemma numbers_injective xs ys : numbers xs = numbers ys -> xs = ys.
Proof. revert ys. induction xs as [|x xs IH]; intros [|y ys] E; try discriminate; auto. injection E as E F. apply Nat2Z.inj in E. apply IH in F. congruence. Qed.
Lemma follows_numbers xs g place b : Upper.follows (numbers xs) (numbers g) place b ->
  exists u b' v, xs = u ++ g ++ b' :: v /\ length u = place /\ b = Z.of_nat b'.
Proof.
  intros (u & v & E & <-). apply numbers_split in E. destruct E as (u' & w & -> & -> & E). symmetry in E. apply numbers_split in E.
  destruct E as (g' & w' & -> & G & E). apply numbers_injective in G. subst g'. destruct w' as [|b' v']; [discriminate|]. injection E as -> _.
  exists u', b', v'. unfold numbers. rewrite map_length. auto.
Qed.
Lemma numbers_follow u g b v : Upper.follows (numbers (u ++ g ++ b :: v)) (numbers g) (length u) (Z.of_nat b).
Proof. exists (numbers u), (numbers v). unfold numbers. rewrite !map_app, map_length. auto. Qed.
Theorem c_gram_tasks : statement_c_gram_tasks.
Proof.
  intros c C. split; [split|].
  - intros k m n w q K M (Len & O) (g & G & Og & ->). destruct (over_word k w O) as (xs & -> & F), (over_word k g Og) as (ys & -> & Fy). rewrite word_length in *.
    exists xs, ys. split; [reflexivity|]. split; [reflexivity|]. split; [apply (word_fits k); auto; lia|]. split.
    + cbn [Upper.legal Upper.c_gram]. unfold numbers. rewrite map_length. split; [lia|]. split; [destruct ys; [cbn in G; lia|discriminate]|].
      rewrite Forall_map. eapply Forall_impl; [|exact Fy]. cbv beta. lia.
    + cbn [Lower.right Lower.c_gram_of_words]. unfold Lower.what_follows. pose proof (follows_word ys xs) as R. cbn [query].
      destruct (Lower.follows (word ys) (word xs)) as [[b| | | | |]|]; try contradiction.
      * destruct R as (before & v & R & L). eexists. split; [reflexivity|]. left. exists (length before), (Z.of_nat b). rewrite R at 1.
        split; [apply numbers_follow|]. split; [reflexivity|]. intros later b' Fo. apply follows_numbers in Fo. destruct Fo as (u & b'' & v' & E & <- & _). exact (L _ _ _ E).
      * exists Upper.none. split; [reflexivity|]. right. split; [|reflexivity]. intros place b Fo. apply follows_numbers in Fo. destruct Fo as (u & b' & v & E & _). exact (R _ _ _ E).
  - intros n xs ys Len (_ & F) (Ly & _ & Fy). destruct (of_numbers n xs F) as (xs' & -> & F'), (of_numbers n ys Fy) as (ys' & -> & Fy').
    unfold numbers in Len, Ly. rewrite map_length in Len, Ly. exists xs', ys'. split; [reflexivity|]. split; [reflexivity|]. split.
    + split; [rewrite word_length; exact Len|apply word_over, F'].
    + exists (word ys'). rewrite word_length. split; [lia|]. split; [apply word_over, Fy'|reflexivity].
  - intros k n w. split; [|split; reflexivity]. cbn [Lower.prefix Lower.c_gram Lower.c_gram_of_words]. unfold Lower.different. tauto.
Qed.

(** Trees. *)
Lemma normal_alike u v a b : Lower.normal (u, v) = Lower.normal (a, b) <-> (u, v) = (a, b) \/ (u, v) = (b, a).
Proof.
  unfold Lower.normal. cbn [fst snd]. split.
  - intros E. injection E as E F. destruct (Nat.eq_dec u a); [left|right]; f_equal; lia.
  - intros [E|E]; injection E as -> ->; f_equal; lia.
Qed.
Lemma normal_in es u v : In (Lower.normal (u, v)) (map Lower.normal es) <-> StatementsMachines.adj es u v.
Proof.
  unfold StatementsMachines.adj. rewrite in_map_iff. split.
  - intros ((a, b) & E & I). symmetry in E. apply normal_alike in E. destruct E as [E|E]; injection E as -> ->; auto.
  - intros [I|I]; [exists (u, v)|exists (v, u)]; split; auto. apply normal_alike. auto.
Qed.
Lemma joined_alike es u v : Lower.joined es u v <-> StatementsMachines.joined es u v.
Proof. split; induction 1; [constructor|econstructor 2; eauto|constructor|econstructor 2; eauto]. Qed.
Theorem istree_tasks : statement_istree_tasks.
Proof.
  intros n es N E C.
  assert (Lower.simple n es <-> StatementsMachines.simple es) as Si.
  { unfold Lower.simple. clear C. induction es as [|(u, v) es IH]; cbn [map StatementsMachines.simple].
    - split; [auto|]. intros _. split; [exact E|constructor].
    - assert (Lower.edges n es) as E' by (intros a b I; apply E; right; exact I). rewrite NoDup_cons_iff, normal_in, <- (IH E').
      pose proof (E u v (or_introl eq_refl)) as (_ & _ & Ne). tauto. }
  assert (forall v, In v (StatementsMachines.nodes es) <-> Lower.node n v) as No.
  { intros v. rewrite EulerTour.in_nodes. split.
    - intros (u & [A|A]); apply E in A; tauto.
    - intros V. destruct (C v V) as (u & A). exists u. apply EulerTour.adj_sym. exact A. }
  split; [exact Si|]. split; [exact No|]. intros S. rewrite (Trees.tree_decides n es N E).
  rewrite (EulerTour.tree_bridges es (proj1 Si S)). unfold Lower.is_tree, Lower.connected, Lower.acyclic, StatementsMachines.connected. split; intros (Co & Ac); split.
  - intros u v U V. apply joined_alike, Co; apply No; assumption.
  - intros before u v after Eq J. apply (Ac _ _ _ _ Eq), joined_alike, J.
  - intros u v U V. apply joined_alike, Co; apply No; assumption.
  - intros before u v after Eq J. apply (Ac _ _ _ _ Eq), joined_alike, J.
Qed.

(** ** The neighbours *)

Lemma all_said_word xs : all_said (word xs) (map Number (numbers xs)).
Proof. unfold all_said, word, numbers. induction xs as [|x xs IH]; cbn [map]; constructor; [reflexivity|exact IH]. Qed.
Theorem copying_tasks : statement_copying_tasks.
Proof.
  split.
  - intros k m n w q K M (Len & O) ->. destruct (over_word k w O) as (xs & -> & F). rewrite word_length in Len.
    exists xs. split; [reflexivity|]. split; [reflexivity|]. split; [apply (word_fits k); auto; lia|apply all_said_word].
  - intros n xs Len (_ & F). destruct (of_numbers n xs F) as (xs' & -> & F'). unfold numbers in Len. rewrite map_length in Len.
    exists xs'. split; [reflexivity|]. split; [|reflexivity]. split; [rewrite word_length; exact Len|apply word_over, F'].
Qed.

Lemma spelled_word w n : NearLower.is_word 2 n w <-> exists u, length u = n /\ w = spelled u.
Proof.
  split.
  - intros (<- & O). destruct (over_word 2 w O) as (xs & -> & F). clear O. rewrite word_length. induction F as [|x xs B F (u & L & E)].
    + exists []. auto.
    + exists ((x =? 2) :: u). cbn [length]. split; [congruence|]. cbn [word spelled map]. fold (word xs). rewrite E. f_equal. f_equal. destruct (Nat.eqb_spec x 2); lia.
  - intros (u & <- & ->). split; [apply map_length|]. intros t T. apply in_map_iff in T. destruct T as (b & <- & _). apply in_map, in_seq. destruct b; lia.
Qed.
Lemma spelled_injective u v : spelled u = spelled v -> u = v.
Proof. revert v. induction u as [|b u IH]; intros [|c v] E; try discriminate; auto. injection E as E F. apply IH in F. destruct b, c; congruence. Qed.
Lemma asked_two n (T : Lower.task) : Lower.prefix T = NearLower.is_word 2 n -> Lower.legal T = (fun _ q => NearLower.second 2 n q) ->
  forall w q, Lower.prefix T w /\ Lower.legal T w q <-> exists u v, length u = n /\ length v = n /\ w = spelled u /\ q = Lower.Ask :: spelled v.
Proof.
  intros -> -> w q. split.
  - intros (W & v & V & ->). apply spelled_word in W, V. destruct W as (u & Lu & ->), V as (v' & Lv & ->). exists u, v'. auto.
  - intros (u & v & Lu & Lv & -> & ->). split; [apply spelled_word; eauto|]. exists (spelled v). split; [apply spelled_word; eauto|reflexivity].
Qed.
Theorem equality_tasks : statement_equality_tasks.
Proof.
  intros n. split; [apply asked_two; reflexivity|]. intros u v _ _. cbn [Lower.right NearLower.equality]. unfold NearUpper.same.
  destruct (list_eq_dec Lower.token_eq_dec (Lower.Ask :: spelled u) (Lower.Ask :: spelled v)) as [E|N], (list_eq_dec Bool.bool_dec u v) as [->|N']; auto.
  - injection E as E. destruct N'. apply spelled_injective, E.
  - destruct N. reflexivity.
Qed.
Theorem disjointness_tasks : statement_disjointness_tasks.
Proof.
  intros n. split; [apply asked_two; reflexivity|]. intros u v _ _. cbn [Lower.right NearLower.disjointness tl].
  assert (NearUpper.disjoint u v = negb (existsb NearLower.both (combine (spelled u) (spelled v)))) as ->; [|destruct (existsb _ _); reflexivity].
  revert v. unfold NearUpper.disjoint. induction u as [|b u IH]; intros [|c v]; cbn [spelled map combine forallb existsb]; auto.
  rewrite IH, negb_orb. f_equal. destruct b, c; reflexivity.
Qed.

Lemma pairs_fit : forall vs key n, 1 <= key -> key + length vs = n + 1 -> Forall (fun v => v = n + 1 \/ v = n + 2) vs ->
  Lower.over (n + 2) (NearLower.pairs key vs).
Proof.
  induction vs as [|v vs IH]; intros key n K L F; cbn [NearLower.pairs]; [intros t []|]. cbn [length] in L. inversion F as [|? ? V F']; subst.
  intros t [<-|[<-|I]]; [apply in_map, in_seq; lia|apply in_map, in_seq; lia|]. exact (IH (S key) n ltac:(lia) ltac:(lia) F' t I).
Qed.
Lemma pairs_length : forall vs key, length (NearLower.pairs key vs) = 2 * length vs.
Proof. induction vs as [|v vs IH]; intros key; cbn [NearLower.pairs length]; [auto|rewrite IH; lia]. Qed.
Lemma over_more k k' w : k <= k' -> Lower.over k w -> Lower.over k' w.
Proof. intros K O t T. apply O in T. apply in_map_iff in T. destruct T as (x & <- & X). apply in_seq in X. apply in_map, in_seq. lia. Qed.
Theorem mqar_tasks : statement_mqar_tasks.
Proof.
  intros n size w q S2 S3 (vs & Lv & Fv & ->) (ks & Lk & Ok & ->).
  pose proof (over_more _ size _ S3 (pairs_fit vs 1 n ltac:(lia) ltac:(lia) Fv)) as O. pose proof (pairs_length vs 1) as Lp. rewrite Lv in Lp.
  set (w := NearLower.pairs 1 vs) in *. clearbody w. apply (over_more _ size) in Ok; [|lia]. destruct (over_word size ks Ok) as (ys & -> & Fy). rewrite word_length in Lk.
  assert (forall a, 1 <= a <= size -> exists xs t, w = word xs /\ Upper.fits (Z.of_nat size) (numbers xs) /\
    said (Lower.what_follows w [Lower.Ask; Lower.Num a]) t /\ Upper.answer Upper.associative_recall (numbers xs) (numbers [a]) t) as One.
  { intros a A. destruct (proj1 (proj1 (c_gram_tasks 2 ltac:(lia))) size (2 * n) size w (query [a])) as (xs & zs & E & Q & Fi & _ & t & Sa & An); [lia|exact S2|split; auto| |].
    - exists (word [a]). split; [reflexivity|]. split; [apply word_over; constructor; auto|reflexivity].
    - exists xs, t. split; [exact E|]. split; [exact Fi|]. split; [exact Sa|]. injection Q as Q. destruct zs as [|z [|z' zs]]; try discriminate Q. injection Q as <-. exact An. }
  destruct ys as [|a [|b [|c [|d ys]]]]; cbn [length] in Lk; try lia. inversion Fy as [|? ? A Fb]; subst. inversion Fb as [|? ? B Fc]; subst. inversion Fc as [|? ? C _]; subst.
  destruct (One a A) as (xs & t1 & -> & Fi & S1 & A1), (One b B) as (xs2 & t2 & E2 & _ & S2' & A2), (One c C) as (xs3 & t3 & E3 & _ & S3' & A3).
  assert (forall u v, word u = word v -> u = v) as Inj.
  { intros u. induction u as [|x u IH]; intros [|y v] E; try discriminate; auto. injection E as -> E. f_equal. apply IH, E. }
  apply Inj in E2, E3. subst xs2 xs3. exists xs, a, b, c. split; [reflexivity|]. split; [reflexivity|]. split; [exact Fi|].
  split; [unfold numbers; repeat constructor; lia|]. exists t1, t2, t3. split; [repeat constructor; assumption|auto].
Qed.

Lemma square_of x y : Z.of_nat (NearLower.gap x y * NearLower.gap x y) = ((Z.of_nat x - Z.of_nat y) * (Z.of_nat x - Z.of_nat y))%Z.
Proof. unfold NearLower.gap. rewrite Nat2Z.inj_mul. destruct (Nat.le_ge_cases x y); [replace (x - y + (y - x)) with (y - x) by lia|replace (x - y + (y - x)) with (x - y) by lia]; rewrite Nat2Z.inj_sub by assumption; ring. Qed.
Lemma distance_of x y p : Z.of_nat (NearLower.distance x y (fst (fst p)) (snd (fst p))) = NearUpper.distance (Z.of_nat x) (Z.of_nat y) (located p).
Proof. destruct p as ((x', y'), l). unfold NearLower.distance. cbn [fst snd located NearUpper.distance]. rewrite Nat2Z.inj_add, !square_of. reflexivity. Qed.
(** What is computed from the right is the last of the nearest points. *)
Lemma nearest_to_last x y : forall ps, match NearLower.nearest_to x y ps with
  | None => ps = []
  | Some (d, l) => exists before p after, ps = before ++ p :: after /\ l = snd p /\ d = NearLower.distance x y (fst (fst p)) (snd (fst p)) /\
      Forall (fun p' => d <= NearLower.distance x y (fst (fst p')) (snd (fst p'))) before /\
      Forall (fun p' => d < NearLower.distance x y (fst (fst p')) (snd (fst p'))) after
  end.
Proof.
  induction ps as [|((x', y'), l) ps IH]; cbn [NearLower.nearest_to]; [reflexivity|].
  destruct (NearLower.nearest_to x y ps) as [(d, l')|]; [|subst ps; exists [], (x', y', l), []; repeat split; constructor].
  destruct IH as (before & p & after & -> & -> & -> & B & A). destruct (Nat.leb_spec (NearLower.distance x y (fst (fst p)) (snd (fst p))) (NearLower.distance x y x' y')) as [L|L].
  - exists ((x', y', l) :: before), p, after. repeat split; auto.
  - exists [], (x', y', l), (before ++ p :: after). repeat split; auto. apply Forall_app. split; [|constructor; [exact L|]].
    + eapply Forall_impl; [|exact B]. cbv beta. lia.
    + eapply Forall_impl; [|exact A]. cbv beta. lia.
Qed.
Lemma only_one_last ps x y p p' : NearUpper.last_nearest ps x y p -> NearUpper.last_nearest ps x y p' -> p = p'.
Proof.
  intros (b & a & -> & B & A) (b' & a' & E & B' & A'). rewrite Forall_forall in B, A, B', A'.
  destruct (Nat.lt_trichotomy (length b) (length b')) as [L|[L|L]].
  - assert (In p b') as I.
    { apply (f_equal (fun l => nth_error l (length b))) in E. rewrite nth_error_app2, Nat.sub_diag, nth_error_app1 in E by lia. exact (nth_error_In _ _ (eq_sym E)). }
    assert (In p' a) as J.
    { apply (f_equal (skipn (S (length b)))) in E. rewrite skipn_app, skipn_all2, app_nil_l in E by lia. replace (S (length b) - length b) with 1 in E by lia. change (skipn 1 (p :: a)) with a in E.
      rewrite E, skipn_app. apply in_or_app. right. replace (S (length b) - length b') with 0 by lia. left. reflexivity. }
    specialize (B' p I). specialize (A p' J). lia.
  - apply (f_equal (fun l => nth_error l (length b))) in E. rewrite nth_error_app2, Nat.sub_diag, L, nth_error_app2, Nat.sub_diag in E by lia. injection E as E. exact E.
  - assert (In p' b) as I.
    { apply (f_equal (fun l => nth_error l (length b'))) in E. rewrite (nth_error_app2 b'), Nat.sub_diag, nth_error_app1 in E by lia. exact (nth_error_In _ _ E). }
    assert (In p a') as J.
    { apply (f_equal (skipn (S (length b')))) in E. rewrite (skipn_app _ b'), (skipn_all2 b'), app_nil_l in E by lia. replace (S (length b') - length b') with 1 in E by lia. change (skipn 1 (p' :: a')) with a' in E.
      rewrite <- E, skipn_app. apply in_or_app. right. replace (S (length b') - length b) with 0 by lia. left. reflexivity. }
    specialize (B p' I). specialize (A' p J). lia.
Qed.
Lemma located_on n ps : Forall (fun p => 1 <= fst (fst p) <= n /\ 1 <= snd (fst p) <= n /\ NearLower.is_label (snd p)) ps ->
  Forall (fun p => NearUpper.in_grid (Z.of_nat n) (fst (fst p)) (snd (fst p))) (map located ps).
Proof.
  intros F. rewrite Forall_map. eapply Forall_impl; [|exact F]. intros ((x, y), l) (X & Y & _). cbn [located fst snd] in *. unfold NearUpper.in_grid. lia.
Qed.
Theorem nearest_tasks : statement_nearest_tasks.
Proof.
  intros n. split.
  - intros w q (ps & (L & F) & ->) (x & y & X & Y & ->). exists ps, x, y. split; [reflexivity|]. split; [reflexivity|]. split.
    + split; [rewrite map_length; exact L|]. split; [apply located_on, F|unfold NearUpper.in_grid; lia].
    + intros p P. cbn [Lower.right NearLower.nearest NearLower.nearest_of]. rewrite LowerNearby.points_of_text.
      pose proof (nearest_to_last x y ps) as R. destruct (NearLower.nearest_to x y ps) as [(d, l)|].
      * destruct R as (before & p' & after & -> & -> & -> & B & A). rewrite (only_one_last _ _ _ p (located p') P).
        -- apply Forall_elt in F. destruct F as (_ & _ & [La|La]); destruct p' as ((x', y'), l); cbn [snd] in La; subst l; reflexivity.
        -- exists (map located before), (map located after). split; [apply map_app|]. rewrite !Forall_map. split; (eapply Forall_impl; [|eassumption]);
             cbv beta; intros r R; rewrite <- !distance_of; lia.
      * subst ps. destruct P as ([|] & after & E & _); discriminate E.
  - intros ps x y (L & F & X & Y).
    assert (exists ps', ps = map located ps' /\ Forall (fun p => 1 <= fst (fst p) <= n /\ 1 <= snd (fst p) <= n /\ NearLower.is_label (snd p)) ps') as (ps' & -> & F').
    { clear L. induction F as [|((x', y'), a) ps (X' & Y') F (ps' & -> & F')]; [exists []; auto|]. cbn [fst snd] in X', Y'.
      exists ((Z.to_nat x', Z.to_nat y', if a then Lower.YES else Lower.NO) :: ps'). split.
      - cbn [map located]. rewrite !Z2Nat.id by lia. destruct a; reflexivity.
      - constructor; [|exact F']. cbn [fst snd]. split; [lia|]. split; [lia|]. destruct a; [left|right]; reflexivity. }
    exists ps', (Z.to_nat x), (Z.to_nat y). rewrite !Z2Nat.id by lia. rewrite map_length in L. split; [reflexivity|]. split; [reflexivity|]. split; [reflexivity|]. split.
    + exists ps'. split; [split; assumption|reflexivity].
    + exists (Z.to_nat x), (Z.to_nat y). split; [lia|]. split; [lia|reflexivity].
Qed.
