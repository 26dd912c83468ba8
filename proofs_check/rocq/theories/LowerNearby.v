(** The lower halves of the neighbours: copying, two words, nearest neighbour, several look-ups. *)
From Coq Require Import List Lia Arith Bool.
From RetrievalGap Require Import StatementsLower StatementsNearbyLower Machines LowerIndex.
Import ListNotations.

(** ** Machines that write words *)

Lemma transcript_more m : forall fuel more position s t v,
  transcript m fuel position s t = Some v -> transcript m (fuel + more) position s t = Some v.
Proof.
  induction fuel as [|fuel IH]; intros more position s t v H; [discriminate|]. cbn [transcript plus] in *.
  destruct (ends m (write m position s t)); [exact H|].
  destruct (transcript m fuel _ _ _) as [r|] eqn:E; [|discriminate]. rewrite (IH more _ _ _ _ E). exact H.
Qed.

Lemma same_end {A} : forall (a b v w : list A) x y, length v = length w -> a ++ v ++ [x] = b ++ w ++ [y] -> v = w.
Proof.
  intros a b v w x y L E. rewrite !app_assoc in E. apply app_inj_tail in E. destruct E as (E & _).
  revert b E. induction a as [|c a IH]; intros b E.
  - destruct b as [|d b]; [exact E|]. apply (f_equal (@length A)) in E. cbn [app length] in E. rewrite app_length in E. lia.
  - destruct b as [|d b]; [apply (f_equal (@length A)) in E; cbn [app length] in E; rewrite app_length in E; lia|].
    injection E as _ E. apply (IH b). exact E.
Qed.

(** What is written after a prefix of known length is a function of the state, whatever is thought before. *)
Lemma produces_same m w w' q v v' : length w = length w' -> after m w = after m w' -> length v = length v' ->
  produces m w q v -> produces m w' q v' -> v = v'.
Proof.
  intros L E Lv (f & c & t & H) (f' & c' & t' & H').
  apply transcript_more with (more := f') in H. apply transcript_more with (more := f) in H'.
  rewrite L, E, Nat.add_comm in H. rewrite H in H'. injection H' as H'. eapply same_end; eauto.
Qed.

Lemma writing_needs_fooling W F n : NoDup F -> (forall w, In w F -> given W w /\ length w = n) ->
  (forall w w', In w F -> In w' F -> w <> w' -> exists q, asked W w q /\ asked W w' q /\
    length (wanted W w q) = length (wanted W w' q) /\ wanted W w q <> wanted W w' q) ->
  writing_needs W (length F).
Proof.
  intros N G A m c Sol (l & Hl & I). rewrite <- (map_length (after m) F). transitivity (length l); auto.
  apply NoDup_incl_length.
  - apply NoDup_map_on; auto. intros w w' Hw Hw' E. destruct (word_eq_dec w w') as [|D]; auto. exfalso.
    destruct (A w w' Hw Hw' D) as (q & Q & Q' & Lv & Dv). destruct (G w Hw) as (Gw & Lw), (G w' Hw') as (Gw' & Lw').
    apply Dv. eapply (produces_same m w w' q); eauto; congruence.
  - intros s Hs. apply in_map_iff in Hs. destruct Hs as (w & <- & Hw). apply I, G, Hw.
Qed.

Lemma writing_too_few W F : (forall n, writing_needs (W n) (F n)) -> (forall n, 2 ^ n <= F n) -> writing_fails_below linear W.
Proof.
  intros Need Big m b Hb HS. destruct (Hb 1) as (N & HN). exists N. intros n Hn Sol.
  pose proof (Need n (m n) _ Sol (HS n)) as Le. specialize (HN n Hn). unfold linear in HN. specialize (Big n).
  assert (2 ^ b n < 2 ^ n) by (apply Nat.pow_lt_mono_r; lia). lia.
Qed.

(** The machine that keeps what it reads, but after n tokens only [keep] of it, reads a query of l tokens, and then writes
    the word that it has for it, one letter after the other, and YES. *)
Section Author.
  Variables (n l : nat) (keep : list token -> list token) (out : list token -> list token -> list token).

  Definition author : machine := {|
    state := list token;
    first := [];
    step i s t := if S i =? n then keep (s ++ [t]) else s ++ [t];
    write _ s _ := nth (length s - (n + l)) (out (firstn n s) (firstn l (skipn n s))) YES;
    ends t := match t with YES => true | _ => false end
  |}.

  Lemma author_collects : forall w i s, i + length w < n \/ n <= i -> read author i s w = s ++ w.
  Proof.
    induction w as [|t w IH]; intros i s H; [simpl; rewrite app_nil_r; auto|]. simpl length in H.
    change (read author (S i) (if S i =? n then keep (s ++ [t]) else s ++ [t]) w = s ++ t :: w).
    destruct (Nat.eqb_spec (S i) n); [lia|]. rewrite IH by lia. symmetry. apply (app_assoc s [t] w).
  Qed.

  Lemma after_author w : length w = n -> length (keep w) = n -> after author w = keep w.
  Proof.
    intros L K. unfold after. destruct w as [|t w _] using rev_ind; [destruct (keep []); [auto|simpl in *; lia]|].
    rewrite app_length in L. simpl in L. rewrite read_app, (author_collects w) by lia.
    change ((if S (length w) =? n then keep (w ++ [t]) else w ++ [t]) = keep (w ++ [t])).
    destruct (Nat.eqb_spec (S (length w)) n); [auto|lia].
  Qed.

  Lemma author_writes v q : length v = n -> length q = l -> ~ In YES (out v q) -> forall rest seen i t, out v q = seen ++ rest ->
    n <= i -> transcript author (S (length rest)) i (v ++ q ++ seen) t = Some (rest ++ [YES]).
  Proof.
    intros Lv Lq N. induction rest as [|a rest IH]; intros seen i t E Hi.
    - cbn [transcript author write ends length]. rewrite firstn_app, <- Lv, Nat.sub_diag, firstn_all, skipn_app, skipn_all, Nat.sub_diag.
      cbn [firstn skipn app]. rewrite app_nil_r, firstn_app, <- Lq, Nat.sub_diag, firstn_all. cbn [firstn]. rewrite app_nil_r.
      rewrite nth_overflow; [reflexivity|]. rewrite E, !app_length. cbn [length]. lia.
    - cbn [length]. set (fuel := S (length rest)). cbn [transcript]. cbn [author write ends step].
      assert (nth (length (v ++ q ++ seen) - (n + l)) (out (firstn n (v ++ q ++ seen)) (firstn l (skipn n (v ++ q ++ seen)))) YES = a) as ->.
      { rewrite firstn_app, <- Lv, Nat.sub_diag, firstn_all, skipn_app, skipn_all, Nat.sub_diag.
        cbn [firstn skipn app]. rewrite app_nil_r, firstn_app, <- Lq, Nat.sub_diag, firstn_all. cbn [firstn]. rewrite app_nil_r, E, !app_length.
        replace (length v + (length q + length seen) - (length v + length q)) with (length seen) by lia.
        rewrite app_nth2, Nat.sub_diag by lia. reflexivity. }
      assert (a <> YES) as A by (intros ->; apply N; rewrite E, in_app_iff; simpl; auto).
      destruct (Nat.eqb_spec (S i) n); [lia|]. rewrite <- !app_assoc.
      unfold fuel. rewrite (IH (seen ++ [a]) (S i) a) by (rewrite <- ?app_assoc; auto; lia).
      destruct a; try reflexivity. congruence.
  Qed.

  Lemma author_produces w q : length w = n -> length (keep w) = n -> length q = l -> ~ In YES (out (keep w) q) ->
    produces author w q (out (keep w) q).
  Proof.
    intros L K Q N. exists (S (length (out (keep w) q))), [], YES.
    rewrite after_author, author_collects by (auto; lia).
    pose proof (author_writes (keep w) q K Q N (out (keep w) q) [] (length w + length q) (last q Ask) eq_refl ltac:(lia)) as H.
    rewrite app_nil_r in H. exact H.
  Qed.
End Author.

Section Enough.
  Variables (W : writing) (n l : nat) (keep : list token -> list token) (out : list token -> list token -> list token).
  Variables (L : list (list token)) (b : nat).
  Hypothesis kept : forall w, given W w -> length w = n /\ length (keep w) = n /\ In (keep w) L.
  Hypothesis few : length L <= b.
  Lemma author_states : writing_states_at_most (author n l keep out) W b.
  Proof. exists L. split; auto. intros w Hw. destruct (kept w Hw) as (Lw & Kw & I). rewrite after_author; auto. Qed.
  Hypothesis said : forall w q, given W w -> asked W w q ->
    length q = l /\ out (keep w) q = wanted W w q /\ ~ In YES (wanted W w q).
  Lemma author_solves : writing_solves (author n l keep out) W.
  Proof.
    intros w q Hw Hq. destruct (kept w Hw) as (Lw & Kw & _), (said w q Hw Hq) as (Q & <- & N). apply author_produces; auto.
  Qed.
  Lemma author_enough : writing_enough W b.
  Proof. exists (author n l keep out). split; [apply author_solves|apply author_states]. Qed.
End Enough.

(** All sequences of n elements of l. *)
Section Sequences.
  Context {A : Type} (l : list A).
  Fixpoint sequences (n : nat) : list (list A) := match n with O => [[]] | S n' => extend l (fun _ => sequences n') end.
  Lemma length_sequences n : length (sequences n) = length l ^ n.
  Proof. induction n as [|n IH]; cbn [sequences]; auto. rewrite (length_extend _ _ (length l ^ n)); auto. Qed.
  Lemma NoDup_sequences n : NoDup l -> NoDup (sequences n).
  Proof. intros N. induction n; cbn [sequences]; [repeat constructor; auto|]. apply NoDup_extend; auto. Qed.
  Lemma in_sequences : forall n s, In s (sequences n) <-> length s = n /\ Forall (fun x => In x l) s.
  Proof.
    induction n as [|n IH]; cbn [sequences]; intros s.
    - split; [intros [<-|[]]; auto|]. intros (L & _). destruct s; [left; auto|discriminate].
    - rewrite in_extend. split.
      + intros (x & s' & -> & Hx & H). apply IH in H. destruct H as (L & F). cbn [length]. split; [lia|]. constructor; auto.
      + intros (L & F). destruct s as [|x s]; [discriminate|]. inversion F; subst. exists x, s. repeat split; auto.
        apply IH. split; auto.
  Qed.
End Sequences.

(** ** Copying *)

Lemma no_yes k w : over k w -> ~ In YES w.
Proof. intros O I. apply (not_in_letters k YES); [discriminate|auto]. Qed.

Theorem copying_share : statement_copying_share.
Proof.
  intros k n m S copied (l & Hl & I) N C. rewrite <- (map_length (after m) copied). transitivity (length l); auto.
  apply NoDup_incl_length.
  - apply NoDup_map_on; auto. intros w w' Hw Hw' E. destruct (C w Hw) as ((L & _) & P), (C w' Hw') as ((L' & _) & P').
    apply (produces_same m w w' [Ask]); auto; congruence.
  - intros s Hs. apply in_map_iff in Hs. destruct Hs as (w & <- & Hw). apply I, C, Hw.
Qed.

Theorem copying_states : statement_copying_states.
Proof.
  intros k n. split.
  - intros m c Sol St. rewrite <- length_words. apply (copying_share k n m c); [exact St|apply NoDup_words|].
    intros w Hw. apply in_words in Hw. split; [exact Hw|]. apply Sol; [exact Hw|reflexivity].
  - apply (author_enough _ n 1 (fun w => w) (fun w q => w) (words k n)).
    + intros w (L & O). repeat split; auto. apply in_words. split; auto.
    + rewrite length_words. auto.
    + intros w q (L & O) ->. repeat split. apply (no_yes k). exact O.
Qed.

Theorem copying_fails : statement_copying_fails.
Proof.
  intros k Hk. apply (writing_too_few _ (fun n => k ^ n)); intros n; [apply copying_states|apply Nat.pow_le_mono_l; auto].
Qed.

Lemma NoDup_firstn {A} : forall (l : list A) n, NoDup l -> NoDup (firstn n l).
Proof.
  induction l as [|a l IH]; intros [|n] N; cbn [firstn]; constructor; inversion N; subst; auto.
  intros I. match goal with H : ~ In a l |- _ => apply H end. rewrite <- (firstn_skipn n l). apply in_or_app. auto.
Qed.

(** It keeps the word if it is one of the first S, else the first of all. *)
Theorem copying_share_attained : statement_copying_share_attained.
Proof.
  intros k n S HS. set (F := firstn S (words k n)).
  set (keep := fun w => if in_dec word_eq_dec w F then w else hd [] F).
  assert (length F = S) as LF by (unfold F; rewrite firstn_length, length_words; lia).
  assert (forall w, In w F -> In w (words k n)) as Sub.
  { intros w H. rewrite <- (firstn_skipn S (words k n)). apply in_or_app. auto. }
  assert (forall w, In (keep w) F) as K.
  { intros w. unfold keep. destruct (in_dec word_eq_dec w F); auto. destruct F; [simpl in LF; lia|left; auto]. }
  assert (forall w, length (keep w) = n) as Lk by (intros w; apply (in_words k n), Sub, K).
  exists (author n 1 keep (fun w q => w)), F. split; [|split; [|split; auto]].
  - apply (author_states _ n 1 _ _ F); [|lia]. intros w (L & _). auto.
  - pose proof (NoDup_words k n) as N. apply NoDup_firstn. exact N.
  - intros w Hw. pose proof (Sub w Hw) as H. apply in_words in H. split; [exact H|].
    assert (keep w = w) as E by (unfold keep; destruct (in_dec word_eq_dec w F); tauto).
    unfold copies. rewrite <- E at 2. apply (author_produces n 1 keep (fun w q => w) w [Ask]); auto; [apply H|].
    rewrite E. apply (no_yes k). apply H.
Qed.

(** ** Two words *)

Lemma words_kept T k n : (forall w, prefix T w -> is_word k n w) -> enough T (k ^ n).
Proof.
  intros P. apply (enough_to_keep _ n (fun w => w) (right T) (words k n)); auto; [|rewrite length_words; auto].
  intros w H. apply P in H. destruct H as (L & O). repeat split; auto. apply in_words. split; auto.
Qed.

Theorem equality_states : statement_equality_states.
Proof.
  intros k n. split; [|apply words_kept; auto]. rewrite <- length_words. apply (fooling_needs _ _ n).
  - split; [apply NoDup_words|]. split; [intros w H; apply in_words in H; exact H|]. intros w w' H H' D.
    apply in_words in H, H'. exists (Ask :: w). split; [exists w; auto|]. split; [exists w; auto|]. cbn [right equality].
    destruct (list_eq_dec token_eq_dec (Ask :: w) (Ask :: w)); [|congruence].
    destruct (list_eq_dec token_eq_dec (Ask :: w') (Ask :: w)); congruence.
  - intros w H. apply in_words in H. apply H.
Qed.

Theorem equality_fails : statement_equality_fails.
Proof.
  intros k Hk. apply (too_few linear _ (fun n => k ^ n) 1). exists 0. intros n _. split; [apply equality_states|].
  rewrite Nat.pow_1_r. apply Nat.pow_le_mono_l. auto.
Qed.

(** Words of n letters 1, and those with a 2 at one place. *)
Fixpoint ones (n : nat) : list token := match n with O => [] | S n' => Num 1 :: ones n' end.
Lemma ones_word n : is_word 2 n (ones n).
Proof. induction n as [|n (L & O)]; [split; [reflexivity|intros t []]|]. split; [cbn; lia|]. intros t [<-|H]; [cbn; auto|auto]. Qed.
Lemma both_ones : forall w n, existsb both (combine w (ones n)) = false.
Proof. induction w as [|[[|[|[|k]]]| | | | |] w IH]; destruct n; cbn; auto. Qed.
Fixpoint lone (n i : nat) : list token :=
  match n, i with O, _ => [] | S n', O => Num 2 :: ones n' | S n', S i' => Num 1 :: lone n' i' end.
Lemma lone_word : forall n i, is_word 2 n (lone n i).
Proof.
  induction n as [|n IH]; intros [|i]; try (split; [reflexivity|intros t []]).
  - destruct (ones_word n) as (L & O). split; [cbn; lia|]. intros t [<-|H]; [cbn; auto|auto].
  - destruct (IH i) as (L & O). split; [cbn; lia|]. intros t [<-|H]; [cbn; auto|auto].
Qed.
Lemma both_lone : forall n i w, length w = n -> i < n ->
  existsb both (combine w (lone n i)) = if token_eq_dec (nth i w NONE) (Num 2) then true else false.
Proof.
  induction n as [|n IH]; intros i w L H; [lia|]. destruct w as [|a w]; [discriminate|]. injection L as L. destruct i as [|i]; cbn [lone combine existsb nth].
  - rewrite both_ones, orb_false_r. destruct a as [[|[|[|k]]]| | | | |]; cbn [both]; destruct (token_eq_dec _ _); congruence.
  - assert (both (a, Num 1) = false) as -> by (destruct a as [[|[|[|k]]]| | | | |]; reflexivity). apply IH; auto. lia.
Qed.
Lemma two_letters w i : over 2 w -> i < length w -> nth i w NONE = Num 1 \/ nth i w NONE = Num 2.
Proof.
  intros O H. assert (In (nth i w NONE) (letters 2)) as I by (apply O, nth_In; auto). cbn in I. intuition congruence.
Qed.

Theorem disjointness_states : statement_disjointness_states.
Proof.
  intros n. split; [|apply (words_kept (disjointness n) 2); auto]. rewrite <- length_words. apply (fooling_needs _ _ n).
  - split; [apply NoDup_words|]. split; [intros w H; apply in_words in H; exact H|]. intros w w' H H' D.
    apply in_words in H, H'. destruct H as (L & O), H' as (L' & O').
    destruct (differ w w' NONE) as (i & Hi & N); [congruence|exact D|]. rewrite L in Hi. exists (Ask :: lone n i).
    split; [exists (lone n i); split; [apply lone_word|reflexivity]|]. split; [exists (lone n i); split; [apply lone_word|reflexivity]|].
    cbn [right disjointness tl]. rewrite !both_lone by auto.
    destruct (two_letters w i) as [E|E]; [auto|lia| |]; destruct (two_letters w' i) as [E'|E']; try lia; auto; rewrite E, E' in *;
      try congruence; destruct (token_eq_dec _ _), (token_eq_dec _ _); congruence.
  - intros w H. apply in_words in H. apply H.
Qed.

Theorem disjointness_fails : statement_disjointness_fails.
Proof.
  apply (too_few linear _ (fun n => 2 ^ n) 1). exists 0. intros n _. split; [apply disjointness_states|]. rewrite Nat.pow_1_r. auto.
Qed.

(** ** Nearest neighbour *)

Lemma in_labels ls : Forall is_label ls <-> Forall (fun l => In l [YES; NO]) ls.
Proof. rewrite !Forall_forall. unfold is_label. cbn [In]. split; intros F l I; specialize (F l I); intuition congruence. Qed.

Lemma points_of_text ps : points_of (points_text ps) = ps.
Proof. induction ps as [|((x, y), l) ps IH]; cbn; congruence. Qed.
Lemma length_points_text ps : length (points_text ps) = 3 * length ps.
Proof. induction ps as [|((x, y), l) ps IH]; cbn [points_text length]; lia. Qed.
Lemma length_in_row : forall ls s, length (in_row s ls) = length ls.
Proof. induction ls; simpl; auto. Qed.
Lemma in_row_injective : forall ls ls' s, in_row s ls = in_row s ls' -> ls = ls'.
Proof. induction ls as [|a ls IH]; destruct ls' as [|b ls']; intros s E; try discriminate; auto. injection E as -> E. f_equal. eauto. Qed.

(** A point of the row is its own nearest. *)
Lemma far_in_row x : forall ls s, x < s -> match nearest_to x 1 (in_row s ls) with Some (d, _) => 0 < d | None => True end.
Proof.
  induction ls as [|l ls IH]; intros s H; cbn [in_row nearest_to]; auto. specialize (IH (S s) ltac:(lia)).
  assert (0 < distance x 1 s 1) by (unfold distance, gap; nia).
  destruct (nearest_to x 1 (in_row (S s) ls)) as [(d, l')|]; auto. destruct (Nat.leb_spec d (distance x 1 s 1)); auto.
Qed.
Lemma nearest_is_itself x : forall ls s, s <= x < s + length ls -> nearest_to x 1 (in_row s ls) = Some (0, nth (x - s) ls NONE).
Proof.
  induction ls as [|l ls IH]; intros s H; cbn [length] in H; [lia|]. cbn [in_row nearest_to].
  destruct (Nat.eq_dec x s) as [->|D].
  - pose proof (far_in_row s ls (S s) ltac:(lia)) as Far. assert (distance s 1 s 1 = 0) as -> by (unfold distance, gap; nia).
    rewrite Nat.sub_diag. destruct (nearest_to s 1 (in_row (S s) ls)) as [([|d], l')|]; auto. lia.
  - rewrite IH by lia. replace (x - s) with (S (x - S s)) by lia. reflexivity.
Qed.

Definition row_words (n : nat) : list (list token) := map (fun ls => points_text (in_row 1 ls)) (sequences [YES; NO] n).
Lemma in_row_words n w : In w (row_words n) <-> prefix (nearest_in_row n) w.
Proof.
  unfold row_words. rewrite in_map_iff. cbn [prefix nearest_in_row nearest_of]. split.
  - intros (ls & <- & H). apply in_sequences in H. rewrite <- in_labels in H. exists (in_row 1 ls). split; auto. exists ls. tauto.
  - intros (ps & (ls & L & F & ->) & ->). exists ls. split; auto. apply in_sequences. rewrite <- in_labels. auto.
Qed.
Lemma length_row_words n : length (row_words n) = 2 ^ n.
Proof. unfold row_words. rewrite map_length. apply length_sequences. Qed.
Lemma row_length n w : prefix (nearest_in_row n) w -> length w = 3 * n.
Proof. intros (ps & (ls & L & _ & ->) & ->). rewrite length_points_text, length_in_row, L. reflexivity. Qed.

Theorem nearest_in_row_states : statement_nearest_in_row_states.
Proof.
  intros n. split.
  - rewrite <- length_row_words. apply (fooling_needs _ _ (3 * n)); [|intros w H; apply row_length, in_row_words, H].
    split; [|split].
    + apply NoDup_map_on; [apply NoDup_sequences; repeat constructor; cbn; intuition discriminate|]. intros ls ls' _ _ E. apply (f_equal points_of) in E.
      rewrite !points_of_text in E. apply in_row_injective in E. exact E.
    + intros w H. apply in_row_words. exact H.
    + intros w w' H H' D. unfold row_words in H, H'. apply in_map_iff in H, H'. destruct H as (ls & <- & H), H' as (ls' & <- & H').
      apply in_sequences in H, H'. destruct (differ ls ls' NONE) as (i & Hi & N); [intuition congruence|intros ->; auto|].
      assert (legal (nearest_in_row n) [] [Ask; Num (S i); Num 1]) as Q by (exists (S i), 1; repeat split; lia).
      exists [Ask; Num (S i); Num 1]. split; [exact Q|]. split; [exact Q|].
      cbn [right nearest_in_row nearest_of]. rewrite !points_of_text, !nearest_is_itself by lia.
      rewrite Nat.sub_succ, Nat.sub_0_r. exact N.
  - apply (enough_to_keep _ (3 * n) (fun w => w) (right (nearest_in_row n)) (row_words n)); auto.
    + intros w H. pose proof (row_length n w H) as L. repeat split; auto. apply in_row_words. exact H.
    + rewrite length_row_words. auto.
Qed.

Lemma row_on_grid : forall ls s, Forall is_label ls ->
  Forall (fun p => s <= fst (fst p) < s + length ls /\ snd (fst p) = 1 /\ is_label (snd p)) (in_row s ls).
Proof.
  induction ls as [|l ls IH]; intros s F; cbn [in_row]; constructor; inversion F; subst; cbn [fst snd length].
  - repeat split; auto; lia.
  - eapply Forall_impl; [|apply IH; auto]. intros p (A & B & C). repeat split; auto; lia.
Qed.

Theorem nearest_states : statement_nearest_states.
Proof.
  intros n. apply (needs_more (nearest_in_row n)); auto; [|apply nearest_in_row_states].
  intros w (ps & (ls & L & F & ->) & ->). exists (in_row 1 ls). split; auto. split; [rewrite length_in_row; exact L|].
  eapply Forall_impl; [|apply row_on_grid; exact F]. intros ((x, y), l) (A & B & C). cbn [fst snd] in *. repeat split; auto; lia.
Qed.

Theorem nearest_fails : statement_nearest_fails.
Proof.
  apply (too_few linear _ (fun n => 2 ^ n) 1). exists 0. intros n _. split; [apply nearest_states|]. rewrite Nat.pow_1_r. auto.
Qed.

(** ** Several look-ups *)

Lemma in_values (a b : nat) vs : Forall (fun v => v = a \/ v = b) vs <-> Forall (fun v => In v [a; b]) vs.
Proof. rewrite !Forall_forall. cbn [In]. split; intros F v I; specialize (F v I); intuition congruence. Qed.
Lemma length_pairs : forall vs s, length (pairs s vs) = 2 * length vs.
Proof. induction vs as [|v vs IH]; intros s; cbn [pairs length]; [reflexivity|]. rewrite IH. lia. Qed.

(** A key occurs once, before its value: values are larger than all keys. *)
Lemma no_later m key : forall vs s, (forall v, In v vs -> m < v) -> key < s -> key <= m -> follows [Num key] (pairs s vs) = None.
Proof.
  induction vs as [|v vs IH]; intros s V K M; cbn [pairs follows]; auto. rewrite IH by (first [lia|intros; apply V; right; auto]).
  assert (m < v) by (apply V; left; auto). cbn [next]. destruct (token_eq_dec (Num v) (Num key)) as [E|_]; [injection E; lia|].
  destruct (token_eq_dec (Num s) (Num key)) as [E|_]; [injection E; lia|]. reflexivity.
Qed.
Lemma value_follows m key : forall vs s, (forall v, In v vs -> m < v) -> key <= m -> s <= key < s + length vs ->
  follows [Num key] (pairs s vs) = Some (Num (nth (key - s) vs 0)).
Proof.
  induction vs as [|v vs IH]; intros s V M K; cbn [length] in K; [lia|]. cbn [pairs follows].
  assert (m < v) by (apply V; left; auto). destruct (Nat.eq_dec key s) as [->|D].
  - rewrite (no_later m) by (first [lia|intros; apply V; right; auto]). cbn [next].
    destruct (token_eq_dec (Num v) (Num s)) as [E|_]; [injection E; lia|]. destruct (token_eq_dec (Num s) (Num s)); [|congruence].
    rewrite Nat.sub_diag. reflexivity.
  - rewrite IH by (first [lia|intros; apply V; right; auto]). replace (key - s) with (S (key - S s)) by lia. reflexivity.
Qed.
Lemma pairs_injective : forall vs vs' s, pairs s vs = pairs s vs' -> vs = vs'.
Proof. induction vs as [|v vs IH]; destruct vs' as [|v' vs']; intros s E; try discriminate; auto. injection E as -> E. f_equal. eauto. Qed.
Lemma differ_values : forall vs vs' : list nat, length vs = length vs' -> vs <> vs' -> exists i, i < length vs /\ nth i vs 0 <> nth i vs' 0.
Proof.
  induction vs as [|v vs IH]; destruct vs' as [|v' vs']; simpl; intros L D; try discriminate; [congruence|].
  destruct (Nat.eq_dec v v') as [->|].
  - destruct (IH vs') as (i & Hi & N); [lia|congruence|]. exists (S i). split; auto. lia.
  - exists 0. split; auto. lia.
Qed.

Definition pair_words (n : nat) : list (list token) := map (pairs 1) (sequences [n + 1; n + 2] n).
Lemma in_pair_words r n w : In w (pair_words n) <-> given (mqar r n) w.
Proof.
  unfold pair_words. rewrite in_map_iff. cbn [given mqar]. split.
  - intros (vs & <- & H). apply in_sequences in H. rewrite <- in_values in H. exists vs. tauto.
  - intros (vs & L & F & ->). exists vs. split; auto. apply in_sequences. rewrite <- in_values. auto.
Qed.
Lemma pair_length r n w : given (mqar r n) w -> length w = 2 * n.
Proof. intros (vs & L & _ & ->). rewrite length_pairs, L. reflexivity. Qed.
Lemma length_pair_words n : length (pair_words n) = 2 ^ n.
Proof. unfold pair_words. rewrite map_length. apply length_sequences. Qed.

Lemma next_in : forall g w a, next g w = Some a -> In a w.
Proof.
  induction g as [|b g IH]; destruct w as [|c w]; intros a E; try discriminate; [injection E as ->; left; auto|].
  cbn [next] in E. destruct (token_eq_dec c b); [|discriminate]. right. eauto.
Qed.
Lemma follows_in g : forall w a, follows g w = Some a -> In a w.
Proof.
  induction w as [|c w IH]; intros a E; [discriminate|]. cbn [follows] in E. destruct (follows g w) as [b|].
  - injection E as ->. right. auto.
  - apply next_in in E. exact E.
Qed.
Lemma pairs_numbers : forall vs s, ~ In YES (pairs s vs).
Proof. induction vs as [|v vs IH]; intros s; cbn [pairs]; [auto|]. intros [E|[E|H]]; try discriminate. apply (IH (S s)). exact H. Qed.

Lemma mqar_kept r n w : given (mqar r n) w -> length w = 2 * n /\ length w = 2 * n /\ In w (pair_words n).
Proof. intros H. pose proof (pair_length r n w H) as L. repeat split; auto. apply (in_pair_words r). exact H. Qed.
Lemma mqar_said r n w q : given (mqar r n) w -> asked (mqar r n) w q ->
  length q = S r /\ wanted (mqar r n) w q = wanted (mqar r n) w q /\ ~ In YES (wanted (mqar r n) w q).
Proof.
  intros (vs & L & F & ->) (ks & Lk & O & ->). cbn [length]. split; [auto|]. split; [reflexivity|]. cbn [wanted mqar tl].
  rewrite in_map_iff. intros (k & E & _). cbn [what_follows] in E. destruct (follows [k] (pairs 1 vs)) as [a|] eqn:G; [|discriminate].
  subst. apply follows_in in G. apply pairs_numbers in G. exact G.
Qed.

Theorem mqar_states : statement_mqar_states.
Proof.
  intros r n Hr. split.
  - rewrite <- length_pair_words. apply (writing_needs_fooling _ _ (2 * n)).
    + apply NoDup_map_on; [apply NoDup_sequences; repeat constructor; cbn [In]; lia|]. intros vs vs' _ _. apply pairs_injective.
    + intros w H. apply (in_pair_words r) in H. split; [exact H|]. apply (pair_length r). exact H.
    + intros w w' H H' D. unfold pair_words in H, H'. apply in_map_iff in H, H'. destruct H as (vs & <- & H), H' as (vs' & <- & H').
      apply in_sequences in H, H'. destruct H as (L & F), H' as (L' & F'). rewrite Forall_forall in F, F'. cbn [In] in F, F'.
      destruct (differ_values vs vs') as (i & Hi & N); [congruence|intros ->; auto|].
      assert (asked (mqar r n) [] (Ask :: repeat (Num (S i)) r)) as Q.
      { exists (repeat (Num (S i)) r). rewrite repeat_length. repeat split. intros t T. apply repeat_spec in T. subst.
        apply in_letters. exists (S i). split; auto. lia. }
      exists (Ask :: repeat (Num (S i)) r). split; [exact Q|]. split; [exact Q|]. cbn [wanted mqar tl]. rewrite !map_length. split; auto.
      destruct r as [|r]; [lia|]. cbn [repeat map what_follows]. intros E. injection E as E _. revert E.
      rewrite !(value_follows n) by (first [lia|intros v V; first [apply F in V|apply F' in V]; lia]).
      rewrite Nat.sub_succ, Nat.sub_0_r. intros E. congruence.
  - apply (author_enough _ (2 * n) (S r) (fun w => w) (wanted (mqar r n)) (pair_words n)); [apply mqar_kept| |apply mqar_said].
    rewrite length_pair_words. auto.
Qed.

Theorem mqar_fails : statement_mqar_fails.
Proof. intros r Hr. apply (writing_too_few _ (fun n => 2 ^ n)); intros n; [apply mqar_states; auto|auto]. Qed.
