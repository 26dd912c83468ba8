(** Theorem 5.4: for every machine, the weights of a recurrent network that are a function of it simulate it, with a search
    before each step. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Model Searching Grams Searches StatementsMachines Transcripts LastPosition StatementsSearches StatementsRegisters SearchingRule.
Import ListNotations.
Open Scope Z_scope.

(** ** What the search finds: the latest record of a position. *)
Section Records.
  Variable recs : list tok.
  Definition record_at (w : list tok) (p : Z) (j : nat) : option tok :=
    match nth_error w j, nth_error w (S j) with Some (Number k), Some u => if (k =? p) && is_in u recs then Some u else None | _, _ => None end.
  Fixpoint record_before (w : list tok) (p : Z) (n : nat) : option tok :=
    match n with O => None | S n' => match record_at w p n' with Some u => Some u | None => record_before w p n' end end.
  Definition latest_record (w : list tok) (p : Z) : option tok := record_before w p (length w).
  Definition capture_record (p : Z) : regex := Then (One (Number p)) (Then (Group 0 (Then (Among recs) Nothing)) Nothing).
  Variable text : list tok.
  Lemma ways_record p j c : ways text (capture_record p) j c = match record_at text p j with Some _ => [(S (S j), (0%nat, (S j, S (S j))) :: c)] | None => [] end.
  Proof.
    unfold capture_record, record_at. cbn [ways]. destruct (nth_error text j) as [[s|k]|]; try reflexivity.
    destruct (tok_eq_dec (Number k) (Number p)) as [E|E]; destruct (Z.eqb_spec k p) as [E'|E']; try congruence; cbn [flat_map fst snd andb].
      + destruct (nth_error text (S j)) as [u|]; [|reflexivity]. destruct (is_in u recs); reflexivity.
      + destruct (nth_error text (S j)); reflexivity.
  Qed.
  Lemma star_any d : forall p most c, (p + d = length text)%nat -> (d <= most)%nat ->
    star_of (ways text (Except [])) most p c = map (fun j => (j, c)) (rev (seq p (S d))).
  Proof.
    induction d as [|d IH]; intros p most c E Le.
    - destruct most as [|most]; [reflexivity|]. cbn [star_of ways]. assert (nth_error text p = None) as -> by (apply nth_error_None; lia). reflexivity.
    - destruct most as [|most]; [lia|]. cbn [star_of ways]. destruct (nth_error text p) as [u|] eqn:U; [|apply nth_error_None in U; lia].
      cbn [is_in in_dec flat_map fst snd]. unfold is_in. cbn [in_dec list_rec list_rect]. destruct (Nat.leb_spec (S p) p); [lia|]. cbn [flat_map fst snd].
      destruct (Nat.leb_spec (S p) p); [lia|]. rewrite app_nil_r. change (seq p (S (S d))) with (p :: seq (S p) (S d)). cbn [rev]. rewrite map_app. f_equal. apply IH; lia.
  Qed.
  Theorem record_found (L : language) (written : list tok) p :
    expression (signs_of L written) = Some (Then Searching.Begin (Then (Star (Except [])) (capture_record p))) ->
    found text L written = [match latest_record text p with Some u => u | None => Special (failed L) end].
  Proof.
    intros P. unfold found. rewrite P, search_begin.
    change (ways text (Then (Star (Except [])) (capture_record p)) 0 []) with (flat_map (fun s => ways text (capture_record p) (fst s) (snd s)) (ways text (Star (Except [])) 0 [])).
    rewrite ways_star_of, (star_any (length text)) by lia. unfold latest_record. rewrite seq_S, rev_app_distr. cbn [rev app map flat_map fst snd Nat.add]. rewrite ways_record.
    assert (record_at text p (length text) = None) as ->.
    { unfold record_at. assert (nth_error text (length text) = None) as -> by (apply nth_error_None; lia). reflexivity. }
    cbn [app]. generalize (length text). intros n. induction n as [|n IH]; [reflexivity|].
    rewrite seq_S, rev_app_distr. cbn [rev app map flat_map fst snd Nat.add record_before]. rewrite ways_record. destruct (record_at text p n) as [u|] eqn:R; [|exact IH].
    cbn [app map hd_error snd fst list_max fold_right Nat.max captured span Nat.eqb]. replace (S (S n) - S n)%nat with 1%nat by lia.
    unfold record_at in R. destruct (nth_error text n) as [[s|k]|]; try discriminate. destruct (nth_error text (S n)) as [v|] eqn:V; [|discriminate].
    destruct ((k =? p) && is_in v recs); [|discriminate]. injection R as ->. apply nth_error_split in V. destruct V as (l1 & l2 & -> & <-).
    rewrite skipn_app, skipn_all, Nat.sub_diag. reflexivity.
  Qed.
End Records.

(** A visit is the latest record of its position; others keep theirs. *)
Lemma record_at_before recs w l p j : (S j < length w)%nat -> record_at recs (w ++ l) p j = record_at recs w p j.
Proof. intros H. unfold record_at. rewrite !nth_error_app1 by lia. reflexivity. Qed.
Lemma record_before_app recs w l p n : (n < length w)%nat -> record_before recs (w ++ l) p n = record_before recs w p n.
Proof. induction n as [|n IH]; intros H; [reflexivity|]. cbn [record_before]. rewrite record_at_before, IH by lia. reflexivity. Qed.
Lemma record_after recs v l p k : record_before recs (v ++ l) p (length v + k) = match record_before recs l p k with Some u => Some u | None => record_before recs (v ++ l) p (length v) end.
Proof.
  induction k as [|k IH]; [rewrite Nat.add_0_r; reflexivity|]. rewrite Nat.add_succ_r. cbn [record_before]. rewrite IH.
  assert (record_at recs (v ++ l) p (length v + k) = record_at recs l p k) as ->; [|destruct (record_at recs l p k); reflexivity].
  unfold record_at. rewrite <- Nat.add_succ_r, !nth_error_app2 by lia.
  replace (length v + k - length v)%nat with k by lia. replace (length v + S k - length v)%nat with (S k) by lia. reflexivity.
Qed.
Lemma latest_app recs v (x : nat) l p : latest_record recs ((v ++ [Special x]) ++ l) p =
  match latest_record recs l p with Some u => Some u | None => latest_record recs (v ++ [Special x]) p end.
Proof.
  unfold latest_record. rewrite app_length, record_after. destruct (record_before recs l p (length l)); [reflexivity|].
  rewrite app_length, Nat.add_1_r. cbn [record_before]. unfold record_at at 1 2. rewrite !nth_error_app1 by (rewrite app_length, Nat.add_1_r; lia).
  rewrite !nth_error_app2, !Nat.sub_diag by lia. cbn [nth_error]. apply record_before_app. rewrite app_length, Nat.add_1_r. lia.
Qed.
Lemma in_is recs t : In t recs -> is_in t recs = true.
Proof. intros I. unfold is_in. destruct (in_dec tok_eq_dec t recs); [reflexivity|contradiction]. Qed.
Lemma latest_visit recs w (x a b d e f : nat) q u p : ~ In (Special d) recs -> In u recs ->
  latest_record recs ((w ++ [Special x]) ++ [Special a; Special b; Number q; Special d; Special e; Special f; Number q; u]) p =
  if p =? q then Some u else latest_record recs (w ++ [Special x]) p.
Proof.
  intros No Iu. rewrite latest_app. unfold latest_record at 1. cbn [length record_before]. unfold record_at. cbn [nth_error]. rewrite (in_is recs u Iu).
  assert (is_in (Special d) recs = false) as -> by (unfold is_in; destruct (in_dec tok_eq_dec (Special d) recs); [contradiction|reflexivity]).
  rewrite andb_false_r, andb_true_r, (Z.eqb_sym q p). destruct u; destruct (p =? q); reflexivity.
Qed.

(** ** What is written is that expression, for every machine *)
Section Records_.
  Variable m : machine.
  Hypothesis wf : well_formed m.
  Definition record_places : list nat := seq 10 (length (machine_words m) - 10).
  Definition recs : list tok := map Special (rev record_places).
  Lemma parse_class ks : forall l groups now choices levels ts, (ks <> [] \/ ts <> []) ->
    parse (map (fun k => Chr (Special k)) ks ++ ClassClose :: l) groups now choices levels (Some (false, ts)) =
    parse l groups (Among (rev (map Special ks) ++ ts) :: now) choices levels None.
  Proof.
    induction ks as [|k ks IH]; intros l groups now choices levels ts Ne; cbn [map app parse].
    - destruct ts as [|t ts]; [destruct Ne; congruence|reflexivity].
    - rewrite IH by (right; discriminate). cbn [rev]. rewrite <- app_assoc. reflexivity.
  Qed.
  Lemma some_places : record_places <> [].
  Proof.
    destruct wf as (Sy & _). unfold record_places. rewrite words_length. unfold signs. rewrite !app_length, map_length, seq_length. cbn [length].
    replace (5 + (symbols m + length (step_signs m)) + 5 - 10)%nat with (S (symbols m + length (step_signs m) - 1)) by lia. discriminate.
  Qed.
  Lemma expression_is p : expression (signs_of (machine_language m) [Special 8; Number p; Special 9]) =
    Some (Then Searching.Begin (Then (Star (Except [])) (capture_record recs p))).
  Proof.
    unfold signs_of. cbn [flat_map piece machine_language app]. rewrite app_nil_r. fold record_places.
    unfold expression. cbn [app parse repeated].
    rewrite parse_class by (left; exact some_places). cbn [parse]. unfold recs. rewrite app_nil_r, map_rev. reflexivity.
  Qed.
  Lemma record_index x : proper m x -> is_record x = true -> (10 <= index word_eq_dec (Sign x) (machine_words m))%nat.
  Proof.
    intros P R. destruct (word_place m (Sign x) P) as (_ & E). set (k := index word_eq_dec (Sign x) (machine_words m)) in *. clearbody k. unfold machine_words in E.
    do 10 (destruct k as [|k]; [cbn [map app nth] in E; try discriminate E; injection E as <-; discriminate R|]). lia.
  Qed.
  Lemma in_recs x : proper m x -> is_record x = true -> In (word_tok m (Sign x)) recs.
  Proof.
    intros P R. unfold recs, word_tok. apply in_map. apply in_rev. rewrite rev_involutive. apply in_seq. pose proof (record_index x P R). pose proof (proj1 (word_place m (Sign x) P)). lia.
  Qed.
  Lemma not_in_recs k : (k < 10)%nat -> ~ In (Special k) recs.
  Proof. intros K I. unfold recs in I. apply in_map_iff in I. destruct I as (j & E & J). injection E as ->. apply in_rev in J. apply in_seq in J. lia. Qed.
End Records_.

(** ** Visits *)
Section Visits.
  Variables (m : machine) (n s : Z).
  Hypothesis wf : well_formed m.
  Hypothesis Hn : 1 <= n.
  Hypothesis Hs : 1 <= s.
  Notation rho := (retrieval_at_size m n s).
  Notation M := (retrieval_turing m).
  Notation L := (machine_language m).
  Notation tokens l := (map (mark_tok m) (rev l)).
  Notation recs_ := (recs m).
  Lemma room : peval rho (context M) = 8 * n + 2 * s + 14.
  Proof. change (8 * (rho 0%nat * 1 * 1) + (2 * (rho 1%nat * 1 * 1) + (14 * 1 + 0)) = 8 * n + 2 * s + 14). change (rho 0%nat) with n. change (rho 1%nat) with s. ring. Qed.
  Notation fits_ w := (Z.of_nat (length w) <= peval rho (context M) + 1).
  Lemma plain w most t : fits_ w -> next QcN rho M w = t -> t <> Special (closing L) -> t <> Special (opening L) -> is_answer M t = false ->
    search_from rho M L (S most) w false = let (rest, ended) := search_from rho M L most (w ++ [t]) false in (t :: rest, ended).
  Proof.
    intros F <- N1 N2 A. cbn [search_from]. destruct (Z.ltb_spec (peval rho (context M) + 1) (Z.of_nat (length w))); [lia|].
    destruct (tok_eq_dec _ (Special (closing L))); [contradiction|]. destruct (tok_eq_dec _ (Special (opening L))); [contradiction|]. rewrite A. reflexivity.
  Qed.
  Lemma ended_ w most t : fits_ w -> next QcN rho M w = t -> t <> Special (closing L) -> t <> Special (opening L) -> is_answer M t = true ->
    search_from rho M L (S most) w false = ([t], true).
  Proof.
    intros F <- N1 N2 A. cbn [search_from]. destruct (Z.ltb_spec (peval rho (context M) + 1) (Z.of_nat (length w))); [lia|].
    destruct (tok_eq_dec _ (Special (closing L))); [contradiction|]. destruct (tok_eq_dec _ (Special (opening L))); [contradiction|]. rewrite A. reflexivity.
  Qed.

  (** A search, what it finds, the position, the step. *)
  Notation visit p r x := [Special 5; Special 8; Number p; Special 9; Special 6; r; Number p; x].
  Notation found_ w p := (match latest_record recs_ w p with Some u => u | None => Special 7 end).
  Lemma visit_runs w most p x (r := found_ w p) :
    is_answer M x = false -> x <> Special 5 -> x <> Special 6 -> Z.of_nat (length w) + 8 <= 8 * n + 2 * s + 15 ->
    (forall k, (k < 8)%nat -> k <> 5%nat -> next QcN rho M (w ++ firstn k (visit p r x)) = nth k (visit p r x) (Special 0)) ->
    search_from rho M L (7 + most) w false = let (rest, ended) := search_from rho M L most (w ++ visit p r x) false in (visit p r x ++ rest, ended).
  Proof.
    intros A N1 N2 Le Next.
    assert (forall more, (length more <= 8)%nat -> fits_ (w ++ more)) as Fits by (intros more Lm; rewrite room, app_length; lia).
    assert (fits_ w) as F0 by (rewrite room; lia).
    assert (opening L <> closing L) as D by discriminate.
    assert (yields L (w ++ Special 5 :: [Special 8; Number p; Special 9]) = [r]) as Y.
    { change (Special 5) with (Special (opening L)). rewrite yields_found by (intros t [<-|[<-|[<-|[]]]]; split; discriminate).
      apply (record_found recs_ w L [Special 8; Number p; Special 9] p), expression_is, wf. }
    change (7 + most)%nat with (S (6 + most)). rewrite (Searches.step rho M L D w (6 + most) false (Special 5) F0).
    2: { pose proof (Next 0%nat ltac:(lia) ltac:(lia)) as Q. cbn [firstn nth] in Q. rewrite app_nil_r in Q. exact Q. }
    2: discriminate.
    2: reflexivity.
    change (6 + most)%nat with (length [Special 8; Number p; Special 9] + S (2 + most))%nat.
    rewrite (run_inside rho M L D [Special 8; Number p; Special 9] (w ++ [Special 5]) (2 + most)).
    4: { rewrite <- app_assoc. apply Fits. cbn. lia. }
    3: { rewrite <- app_assoc. exact (Next 4%nat ltac:(lia) ltac:(lia)). }
    2: { repeat split; try discriminate.
         - exact (Next 1%nat ltac:(lia) ltac:(lia)).
         - rewrite <- !app_assoc. exact (Next 2%nat ltac:(lia) ltac:(lia)).
         - rewrite <- !app_assoc. exact (Next 3%nat ltac:(lia) ltac:(lia)). }
    rewrite <- !app_assoc. cbn [app]. rewrite Y. cbn [app]. change (Special (closing L)) with (Special 6).
    change (2 + most)%nat with (S (S most)).
    rewrite (plain _ (S most) (Number p)); [|apply (Fits [Special 5; Special 8; Number p; Special 9; Special 6; r]); cbn; lia|exact (Next 6%nat ltac:(lia) ltac:(lia))|discriminate|discriminate|reflexivity].
    rewrite <- app_assoc. cbn [app].
    rewrite (plain _ most x); [|apply (Fits [Special 5; Special 8; Number p; Special 9; Special 6; r; Number p]); cbn; lia|exact (Next 7%nat ltac:(lia) ltac:(lia))|exact N2|exact N1|exact A].
    rewrite <- app_assoc. cbn [app]. destruct (search_from _ _ _ _ _ _) as (rest, e). reflexivity.
  Qed.

  (** What comes next, by the rule. *)
  Definition good_marks (l : list mark) : Prop := forall a, In a l -> proper_mark m s a.
  Lemma next_by l : good_marks l -> l <> [] ->
    (is_number (ago_mark 0 l) = 1 -> of_mark is_everything (ago_mark 1 l) <> 1 -> proper m (Step (Z.to_nat (of_mark (signs_only (leads_to m)) (ago_mark 7 l))) (Z.to_nat (of_mark (signs_only (leaves m)) (ago_mark 1 l))))) ->
    next QcN rho M (tokens l) = mark_tok m (searching_rule m s l).
  Proof. intros G Ne P. apply searching_next; assumption. Qed.
  Lemma tokens_cons a l : tokens (a :: l) = tokens l ++ [mark_tok m a].
  Proof. cbn [rev]. rewrite map_app. reflexivity. Qed.
  Lemma inside_position p : - s <= p <= s -> position_of s p = p. Proof. intros. unfold position_of. lia. Qed.
  Lemma inside_excess p : - s <= p <= s -> excess s p = 0. Proof. intros. unfold excess. lia. Qed.

  (** What a record says of its cell; what stands for it. *)
  Definition left_ (r : option sign) : Z := match r with Some x => leaves m x | None => 0 end.
  Definition record_mark (r : option sign) : mark := match r with Some x => W (Sign x) | None => W Failed end.
  Definition fine_record (r : option sign) : Prop := match r with Some x => proper m x /\ is_record x = true | None => True end.
  Definition visited (l : list mark) (h : Z) (r : option sign) (y : sign) : list mark :=
    W (Sign y) :: N h :: record_mark r :: W Closing :: W Record_ :: N h :: W Everything :: W Opening :: l.

  (** Before a visit: what was read last, and what the latest records are. *)
  Definition goes_on (l : list mark) (c : config) : Prop :=
    exists x t before, l = W (Sign x) :: t :: before /\ starts x = 1 /\ enters_halt m x = false /\ lacks_entry m x = false /\ leads_to m x = Z.of_nat (in_state c) /\ of_mark is_closing t = 0 /\ mark_number t + moves m x = head_at c /\ - s <= head_at c <= s.
  Definition legal_config (c : config) : Prop := (in_state c < states m)%nat /\ halting m (in_state c) = false /\ forall y, (tape c y < symbols m)%nat.
  Definition remembers (l : list mark) (held : Z -> option sign) (c : config) : Prop :=
    forall y, Z.of_nat (tape c y) = left_ (held y) /\ fine_record (held y) /\ latest_record recs_ (tokens l) y = option_map (fun x => word_tok m (Sign x)) (held y).

  Lemma visit_next l c r : good_marks l -> goes_on l c -> legal_config c -> fine_record r -> left_ r = Z.of_nat (tape c (head_at c)) ->
    let x := Step (in_state c) (tape c (head_at c)) in
    forall k, (k < 8)%nat -> k <> 5%nat ->
    next QcN rho M (tokens l ++ firstn k (visit (head_at c) (mark_tok m (record_mark r)) (word_tok m (Sign x)))) = nth k (visit (head_at c) (mark_tok m (record_mark r)) (word_tok m (Sign x))) (Special 0).
  Proof.
    intros G (x & t & before & -> & St & Eh & Lk & Ld & Cl & Hd & In_) (Q & H & A) Fr Lf y.
    set (h := head_at c) in *. set (l := W (Sign x) :: t :: before) in *.
    assert (proper m y) as Py by (unfold y; cbn [proper]; repeat split; auto).
    assert (proper_mark m s (record_mark r)) as Pr by (destruct r; [apply Fr|exact I]).
    assert (of_mark is_everything (record_mark r) = 0 /\ of_mark is_record_ (record_mark r) = 0 /\ of_mark is_opening (record_mark r) = 0 /\ is_number (record_mark r) = 0 /\
      of_mark (signs_only (leaves m)) (record_mark r) = left_ r) as (R1 & R2 & R3 & R4 & R5) by (destruct r; repeat split; reflexivity).
    assert (forall more a, (forall b, In b more -> proper_mark m s b) -> a = tokens (more ++ l) -> forall z, searching_rule m s (more ++ l) = z ->
      (is_number (ago_mark 0 (more ++ l)) = 1 -> of_mark is_everything (ago_mark 1 (more ++ l)) <> 1 ->
        proper m (Step (Z.to_nat (of_mark (signs_only (leads_to m)) (ago_mark 7 (more ++ l)))) (Z.to_nat (of_mark (signs_only (leaves m)) (ago_mark 1 (more ++ l)))))) ->
      next QcN rho M a = mark_tok m z) as By.
    { intros more a Pm Ea z Ez Ps. rewrite Ea, <- Ez. apply next_by; [|unfold l; destruct more; discriminate|exact Ps]. intros b Ib. apply in_app_or in Ib. destruct Ib; [apply Pm; assumption|apply G; assumption]. }
    assert (forall more, tokens (more ++ l) = tokens l ++ map (mark_tok m) (rev more)) as Tk by (intros; rewrite rev_app_distr, map_app; reflexivity).
    pose proof (inside_position h In_) as Ph. pose proof (inside_excess 0 ltac:(lia)) as E0. pose proof (inside_excess h In_) as Eh'.
    intros k K K5. destruct k as [|[|[|[|[|[|[|[|k]]]]]]]]; try lia; cbn [firstn nth].
    - refine (By [] _ _ _ (W Opening) _ _); [intros b []|apply app_nil_r| |intros E; discriminate E].
      unfold searching_rule, l. cbn [app ago_mark nth is_number of_mark is_record_ is_opening signs_only Z.eqb andb]. rewrite Eh, Lk, St, Cl.
      rewrite (Z.add_comm (moves m x)), Hd, Eh'. reflexivity.
    - refine (By [W Opening] _ _ _ (W Everything) _ _); [intros b [<-|[]]; exact I|symmetry; apply Tk|reflexivity|intros E; discriminate E].
    - refine (By [W Everything; W Opening] _ _ _ (N h) _ _); [intros b [<-|[<-|[]]]; exact I|symmetry; apply Tk| |intros E; discriminate E].
      unfold searching_rule, l. cbn [app ago_mark nth is_number of_mark is_record_ is_opening is_closing signs_only mark_number Z.eqb andb Z.add]. rewrite E0. cbn [Z.eqb andb]. rewrite Hd, Ph. reflexivity.
    - refine (By [N h; W Everything; W Opening] _ _ _ (W Record_) _ _); [intros b [<-|[<-|[<-|[]]]]; [exact In_|exact I|exact I]|symmetry; apply Tk|reflexivity|intros _ E; exfalso; apply E; reflexivity].
    - refine (By [W Record_; N h; W Everything; W Opening] _ _ _ (W Closing) _ _); [intros b [<-|[<-|[<-|[<-|[]]]]]; [exact I|exact In_|exact I|exact I]|symmetry; apply Tk|reflexivity|intros E; discriminate E].
    - refine (By [record_mark r; W Closing; W Record_; N h; W Everything; W Opening] _ _ _ (N h) _ _);
        [intros b [<-|[<-|[<-|[<-|[<-|[<-|[]]]]]]]; [exact Pr|exact I|exact I|exact In_|exact I|exact I]|symmetry; apply Tk| |intros E; change (is_number (record_mark r) = 1) in E; congruence].
      unfold searching_rule, l. cbn [app ago_mark nth]. rewrite R2, R3, R4. cbn [of_mark is_closing is_everything signs_only mark_number Z.eqb andb]. rewrite !andb_false_r, Z.add_0_r, Ph. reflexivity.
    - assert (Z.to_nat (of_mark (signs_only (leads_to m)) (W (Sign x))) = in_state c) as Q1 by (cbn [of_mark signs_only]; rewrite Ld; apply Nat2Z.id).
      assert (Z.to_nat (of_mark (signs_only (leaves m)) (record_mark r)) = tape c h) as Q2 by (rewrite R5, Lf; apply Nat2Z.id).
      refine (By [N h; record_mark r; W Closing; W Record_; N h; W Everything; W Opening] _ _ _ (W (Sign y)) _ _);
        [intros b [<-|[<-|[<-|[<-|[<-|[<-|[<-|[]]]]]]]]; [exact In_|exact Pr|exact I|exact I|exact In_|exact I|exact I]|symmetry; apply Tk| |].
      + unfold searching_rule, l. cbn [app ago_mark nth]. rewrite R1, Q1, Q2. reflexivity.
      + intros _ _. unfold l. cbn [app ago_mark nth]. rewrite Q1, Q2. exact Py.
  Qed.

  Lemma visited_tokens l h r y : tokens (visited l h r y) = tokens l ++ visit h (mark_tok m (record_mark r)) (word_tok m (Sign y)).
  Proof.
    change (visited l h r y) with ([W (Sign y); N h; record_mark r; W Closing; W Record_; N h; W Everything; W Opening] ++ l). rewrite rev_app_distr, map_app. reflexivity.
  Qed.
  Lemma after_rule l h r y : searching_rule m s (visited l h r y) =
    if enters_halt m y then W (Sign Halted) else if lacks_entry m y then W (Sign Missing) else if excess s (moves m y + h) =? 1 then W (Sign Outside)
    else if starts y =? 1 then W Opening else N (position_of s (mark_number (W Closing) + of_mark (signs_only (moves m)) (record_mark r))).
  Proof.
    unfold searching_rule, visited. cbn [ago_mark nth is_number of_mark is_record_ is_opening is_closing signs_only mark_number Z.eqb andb]. rewrite !andb_true_r.
    destruct (enters_halt m y); [reflexivity|]. destruct (lacks_entry m y); reflexivity.
  Qed.
  Lemma no_answer y : proper m y -> is_record y = true -> is_answer M (word_tok m (Sign y)) = false /\ word_tok m (Sign y) <> Special 5 /\ word_tok m (Sign y) <> Special 6.
  Proof.
    intros P R. pose proof (record_index m y P R) as K. unfold word_tok. set (k := index word_eq_dec (Sign y) (machine_words m)) in *. clearbody k.
    split; [|split; intros E; injection E as E; lia]. do 5 (destruct k as [|k]; [lia|]). reflexivity.
  Qed.
  Lemma runs T : forall l held c most, good_marks l -> goes_on l c -> legal_config c -> remembers l held c -> (7 * T + 1 <= most)%nat -> Z.of_nat (length l + 8 * T) <= 8 * n + 2 * s + 14 ->
    let (out, ended) := searching_simulation m s T held c in
    (length out <= 8 * T + 1)%nat /\ if ended then search_from rho M L most (tokens l) false = (out, true) else exists rest e, search_from rho M L most (tokens l) false = (out ++ rest, e).
  Proof.
    induction T as [|T IH]; intros l held c most G Go Lg Rm Hm Room.
    - cbn [searching_simulation]. split; [cbn; lia|]. destruct (search_from rho M L most (tokens l) false) as (rest, e). exists rest, e. reflexivity.
    - pose proof Go as (x & t & before & El & _ & _ & _ & _ & _ & _ & Bh). pose proof Lg as (Q & H & A). cbn [searching_simulation].
      set (h := head_at c) in *. set (q := in_state c) in *. set (a := tape c h). set (y := Step q a). destruct (Rm h) as (Et & Fr & Lr). set (r := held h) in *.
      assert (proper m y /\ is_record y = true) as (Py & Ry) by (unfold y; cbn [proper is_record]; unfold a; auto).
      assert (match r with Some x => searching_token m x | None => Special 7 end = mark_tok m (record_mark r)) as -> by (destruct r as [z|]; [apply sign_word, Fr|reflexivity]).
      rewrite (sign_word m y Py). destruct (no_answer y Py Ry) as (An & N5 & N6).
      assert (match latest_record recs_ (tokens l) h with Some u => u | None => Special 7 end = mark_tok m (record_mark r)) as Found by (rewrite Lr; destruct r; reflexivity).
      assert (exists most', most = (7 + S most')%nat /\ (7 * T <= most')%nat) as (most' & -> & Hm') by (exists (most - 8)%nat; lia).
      assert (length (tokens l) = length l) as Ll by (rewrite map_length, rev_length; reflexivity).
      pose proof (visit_runs (tokens l) (S most') h (word_tok m (Sign y)) An N5 N6 ltac:(rewrite Ll; lia)) as Run. cbv zeta in Run. rewrite Found in Run.
      specialize (Run (visit_next l c r G Go Lg Fr (eq_sym Et))). rewrite <- (visited_tokens l h r y) in Run.
      change (search_from rho M L (7 + S most') (tokens l) false) with (search_from rho M L (7 + S most') (tokens l) false). rewrite Run. clear Run.
      set (l' := visited l h r y). set (here := visit h (mark_tok m (record_mark r)) (word_tok m (Sign y))).
      assert (good_marks l') as G'.
      { intros b [<-|[<-|[<-|[<-|[<-|[<-|[<-|[<-|Ib]]]]]]]]; [exact Py|exact Bh|destruct r; [apply Fr|exact I]|exact I|exact I|exact Bh|exact I|exact I|apply G, Ib]. }
      assert (length (tokens l') = length l + 8)%nat as Ll' by (rewrite map_length, rev_length; unfold l', visited; cbn [length]; lia).
      assert (next QcN rho M (tokens l') = mark_tok m (searching_rule m s l')) as Nx by (apply next_by; [exact G'|discriminate|intros E; discriminate E]).
      unfold l' in Nx at 2. rewrite after_rule in Nx.
      assert (fits_ (tokens l')) as Fits by (rewrite room, Ll'; lia).
      assert (length here = 8%nat) as Lh by reflexivity.
      destruct wf as (_ & _ & _ & Wt).
      unfold StatementsMachines.step. fold h q a. cbn [enters_halt lacks_entry moves starts y] in Nx. unfold y in Nx. cbn [enters_halt lacks_entry moves starts] in Nx.
      destruct (table m q a) as [((b, move), q')|] eqn:Tab.
      2: { split; [rewrite app_length; cbn [length]; lia|]. rewrite (sign_word m Missing I). rewrite (ended_ _ most' (word_tok m (Sign Missing))); [reflexivity|exact Fits|exact Nx|discriminate|discriminate|reflexivity]. }
      destruct (Wt q a b move q' Tab) as (Wb & Wm & Wq). destruct (halting m q') eqn:Halt.
      + split; [rewrite app_length; cbn [length]; lia|]. rewrite (sign_word m Halted I). rewrite (ended_ _ most' (word_tok m (Sign Halted))); [reflexivity|exact Fits|exact Nx|discriminate|discriminate|reflexivity].
      + destruct (Z.ltb_spec s (Z.abs (h + move))) as [Out|In_].
        * split; [rewrite app_length; cbn [length]; lia|]. rewrite (sign_word m Outside I). rewrite (ended_ _ most' (word_tok m (Sign Outside))); [reflexivity|exact Fits| |discriminate|discriminate|reflexivity].
          rewrite Nx. assert (excess s (move + h) = 1) as -> by (unfold excess; lia). reflexivity.
        * set (c' := {| in_state := q'; head_at := h + move; tape := fun z => if z =? h then b else tape c z |}).
          specialize (IH l' (fun z => if z =? h then Some y else held z) c' (S most') G').
          assert (goes_on l' c') as Go'.
          { exists y, (N h), (record_mark r :: W Closing :: W Record_ :: N h :: W Everything :: W Opening :: l). unfold y. cbn [starts enters_halt lacks_entry leads_to moves of_mark mark_number]. rewrite Tab.
            repeat split; auto; try reflexivity; cbn [c' head_at]; lia. }
          assert (legal_config c') as Lg' by (repeat split; [exact Wq|exact Halt|intros z; cbn [c' tape]; destruct (z =? h); auto]).
          assert (remembers l' (fun z => if z =? h then Some y else held z) c') as Rm'.
          { intros z. destruct (Rm z) as (Tz & Fz & Lz). unfold l'. rewrite visited_tokens. rewrite El, tokens_cons in Lz |- *. unfold mark_tok at 2 in Lz. unfold mark_tok at 2. unfold word_tok at 2 in Lz. unfold word_tok at 1.
            assert (exists k, mark_tok m (record_mark r) = Special k) as (k & ->) by (destruct r; eexists; reflexivity).
            rewrite latest_visit; [|apply not_in_recs; lia|apply in_recs; assumption]. cbn [c' tape]. destruct (z =? h); [|auto].
            split; [unfold y; cbn [left_ leaves]; rewrite Tab; reflexivity|]. split; [split; assumption|reflexivity]. }
          specialize (IH Go' Lg' Rm' ltac:(lia)). assert (length l' = length l + 8)%nat as L8 by (unfold l', visited; cbn [length]; lia). rewrite L8 in IH. specialize (IH ltac:(lia)).
          fold y. fold c'. destruct (searching_simulation m s T _ c') as (rest, ended). destruct IH as (Len & Run).
          split; [rewrite app_length; lia|]. destruct ended.
          -- rewrite Run. reflexivity.
          -- destruct Run as (more & e' & ->). exists more, e'. rewrite app_assoc. reflexivity.
  Qed.

  (** ** The prompt *)
  Fixpoint cell_marks (p : Z) (word : list nat) : list mark := match word with [] => [] | a :: word' => N p :: W (Sign (Cell a)) :: cell_marks (p + 1) word' end.
  Lemma cells_tokens word : forall p, (forall a, In a word -> (a < symbols m)%nat) -> searching_cells m p word = map (mark_tok m) (cell_marks p word).
  Proof.
    induction word as [|a word IH]; intros p A; [reflexivity|]. cbn [searching_cells cell_marks map mark_tok]. rewrite IH by (intros b I; apply A; right; exact I).
    rewrite (sign_word m (Cell a)) by (apply A; left; reflexivity). reflexivity.
  Qed.
  Lemma cells_length word : forall p, length (cell_marks p word) = (2 * length word)%nat.
  Proof. induction word as [|a word IH]; intros p; [reflexivity|]. cbn [cell_marks length]. rewrite IH. lia. Qed.
  Lemma cells_good word : forall p, 0 <= p -> p + Z.of_nat (length word) <= s + 1 -> (forall a, In a word -> (a < symbols m)%nat) -> forall b, In b (cell_marks p word) -> proper_mark m s b.
  Proof.
    induction word as [|a word IH]; intros p Hp Le A b; [intros []|]. cbn [cell_marks length] in *. intros [<-|[<-|I]].
    - cbn [proper_mark]. lia.
    - apply (A a). left. reflexivity.
    - apply (IH (p + 1)); [lia|lia|intros d J; apply A; right; exact J|exact I].
  Qed.
  Lemma cells_end word p : word <> [] -> exists front a, cell_marks p word = front ++ [W (Sign (Cell a))].
  Proof.
    revert p. induction word as [|a word IH]; intros p Ne; [congruence|]. cbn [cell_marks]. destruct word as [|b word].
    - exists [N p], a. reflexivity.
    - destruct (IH (p + 1) ltac:(discriminate)) as (front & d & ->). exists (N p :: W (Sign (Cell a)) :: front), d. reflexivity.
  Qed.
  Lemma cells_read word : forall p y, (forall a, In a word -> (a < symbols m)%nat) -> latest_record recs_ (map (mark_tok m) (cell_marks p word) ++ [Special 1]) y =
    if y <? p then None else option_map (fun a => word_tok m (Sign (Cell a))) (nth_error word (Z.to_nat (y - p))).
  Proof.
    induction word as [|a word IH]; intros p y A; cbn [cell_marks map mark_tok app].
    - destruct (y <? p); [reflexivity|]. destruct (Z.to_nat (y - p)); reflexivity.
    - assert (In (word_tok m (Sign (Cell a))) recs_) as Ia by (apply in_recs; [apply A; left; reflexivity|reflexivity]). unfold word_tok at 1. set (k := index word_eq_dec (Sign (Cell a)) (machine_words m)).
      change (Number p :: Special k :: map (mark_tok m) (cell_marks (p + 1) word) ++ [Special 1]) with (([Number p] ++ [Special k]) ++ map (mark_tok m) (cell_marks (p + 1) word) ++ [Special 1]).
      rewrite latest_app, IH by (intros b I; apply A; right; exact I). unfold latest_record. cbn [app length record_before record_at nth_error].
      unfold word_tok in Ia. fold k in Ia. rewrite (in_is _ _ Ia), andb_true_r.
      destruct (Z.ltb_spec y (p + 1)) as [B|B], (Z.ltb_spec y p) as [C|C], (Z.eqb_spec p y) as [D|D]; try lia; try reflexivity.
      + subst y. rewrite Z.sub_diag. reflexivity.
      + replace (Z.to_nat (y - p)) with (S (Z.to_nat (y - (p + 1)))) by lia. cbn [nth_error]. destruct (option_map _ _); reflexivity.
  Qed.
  Theorem simulated_by_searching word T : (forall a, In a word -> (a < symbols m)%nat) -> Z.of_nat (length word) <= s + 1 -> Z.of_nat T <= n + 1 ->
    let written := decode_searching rho M L (searching_prompt m word) in
    let (l, ended) := searching_simulation m s T (input_records word) (initial m word) in
    (length l <= 8 * T + 1)%nat /\ if ended then written = (l, true) else exists rest e, written = (l ++ rest, e).
  Proof.
    intros A Le Steps. cbv zeta. unfold decode_searching. rewrite room.
    set (l0 := W (Sign Ask) :: rev (cell_marks 0 word) ++ [W (Sign Begin)]).
    assert (searching_prompt m word = tokens l0) as E.
    { unfold searching_prompt, l0. cbn [rev]. rewrite rev_app_distr, rev_involutive. cbn [rev app map]. rewrite map_app, (cells_tokens word 0 A). reflexivity. }
    rewrite E. assert (length (tokens l0) = 2 * length word + 2)%nat as Ll by (rewrite map_length, rev_length; unfold l0; cbn [length]; rewrite app_length, rev_length, cells_length; cbn [length]; lia).
    assert (length l0 = 2 * length word + 2)%nat as Ll0 by (rewrite map_length, rev_length in Ll; exact Ll).
    pose proof wf as (Sy & Q & H & _). apply runs.
    - intros b [<-|I]; [exact Logic.I|]. apply in_app_or in I. destruct I as [I|[<-|[]]]; [|exact Logic.I]. apply in_rev in I. apply (cells_good word 0); auto; lia.
    - assert (exists t before, l0 = W (Sign Ask) :: t :: before /\ of_mark is_closing t = 0 /\ mark_number t = 0) as (t & before & E0 & C & Z0).
      { unfold l0. destruct word as [|a word]; [exists (W (Sign Begin)), []; repeat split; reflexivity|].
        destruct (cells_end (a :: word) 0 ltac:(discriminate)) as (front & b & ->). rewrite rev_app_distr. exists (W (Sign (Cell b))), (rev front ++ [W (Sign Begin)]). repeat split; reflexivity. }
      exists Ask, t, before. split; [exact E0|]. cbn [starts enters_halt lacks_entry leads_to moves initial in_state head_at]. rewrite C, Z0. repeat split; auto; lia.
    - split; [exact Q|]. split; [exact H|]. intros y. cbn [initial tape]. destruct (y <? 0); [exact Sy|].
      destruct (nth_in_or_default (Z.to_nat y) word 0%nat) as [I| ->]; [auto|exact Sy].
    - intros y. rewrite <- E. unfold searching_prompt. change (searching_token m Begin) with (Special 0). change (searching_token m Ask) with (Special 1).
      change (Special 0 :: searching_cells m 0 word ++ [Special 1]) with (([] ++ [Special 0]) ++ searching_cells m 0 word ++ [Special 1]). rewrite latest_app, (cells_tokens word 0 A), (cells_read word 0 y A), Z.sub_0_r.
      cbn [initial tape]. unfold input_records. destruct (y <? 0); [repeat split|]. destruct (nth_error word (Z.to_nat y)) as [a|] eqn:Ea; cbn [option_map left_ leaves fine_record].
      + split; [f_equal; apply nth_error_nth; exact Ea|]. split; [|reflexivity]. split; [apply A, (nth_error_In _ _ Ea)|reflexivity].
      + split; [|repeat split]. change 0 with (Z.of_nat 0). f_equal. apply nth_overflow, nth_error_None, Ea.
    - rewrite Ll. lia.
    - rewrite Ll0. lia.
  Qed.
End Visits.

Theorem retrieval_turing_simulates : statement_retrieval_turing_simulates.
Proof. intros m wf n s word T Hn Hs. apply (simulated_by_searching m n s wf Hn Hs). Qed.
