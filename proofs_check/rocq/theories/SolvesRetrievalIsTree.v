(** Theorem 5.3. Wire_RetrievalIsTree.v says that the weights compute the network, EdgeSearches.v what the searches find,
    EulerTour.v that the walk decides trees; here are the tokens that the network writes, and all is put together. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool Permutation.
From RetrievalGap Require Import Model Tactics Network NetCheck NetModel NetTop NetFull Symbols Lookups Searching Searches.
From RetrievalGap Require Import StatementsMachines StatementsSearches Graphs EulerTour EulerSteps EdgeSearches.
From RetrievalGap.Generated Require Gen_RetrievalIsTree Wire_RetrievalIsTree.
Import ListNotations.
Open Scope Z_scope.

Notation wiring := Wire_RetrievalIsTree.wiring.
Notation count := (count_occ tok_eq_dec).

(** ** What the network writes, for all numbers at once. The two cells that count records and edges hold linear forms. *)
Definition counted (r j : form) (k : nat) : option form := match k with 0%nat => Some r | 1%nat => Some j | _ => None end.
Fixpoint writes_known_from (N : network) (tail_ : nat -> option form) (last ts : list sign_) : bool :=
  match ts with
  | [] => true
  | t :: ts' => match next_known (fun _ => None) N tail_ (rev last) with Some u => same_sign u t | None => false end && writes_known_from N tail_ (last ++ [t]) ts'
  end.
Section Counted.
  Variables (N : network) (cells : list NetCheck.cell) (rest : list stage).
  Hypothesis stages_are : stages N = Cells cells :: rest.
  Definition counts_token (k f : nat) : Prop := NetCheck.before (nth k cells no_cell) = [(k, 1)] /\ reads_ (nth k cells no_cell) = [(S k, const 1)] /\
    nth (S k) (features N) no_feature = Feature (0, 0, 0) [(f, const 1)] (0, 0).
  Hypothesis counts_records : counts_token 0 3.
  Hypothesis counts_edges : counts_token 1 1.
  Variables (numbers_ : list Z) (rho : env) (front : list tok).
  Hypothesis natural : Forall (fun z => 0 <= z) numbers_.
  Notation v := (numbered numbers_).
  Notation tok_ := (token_ v).
  Lemma firstn_next (w : list tok) t : (t < length w)%nat -> firstn (S t) w = firstn t w ++ [nth t w (Special 0)].
  Proof. revert w. induction t as [|t IH]; intros [|a w] H; cbn [length] in H; try lia; [reflexivity|]. cbn [firstn nth app]. rewrite <- IH by lia. reflexivity. Qed.
  Lemma held_counts k f w : counts_token k f -> forall t, (t <= length w)%nat -> held rho N cells w t k = Z.of_nat (count (firstn t w) (Special f)).
  Proof.
    intros (Eb & Er & Ef) t. induction t as [|t IH]; intros H; [reflexivity|]. cbn [held]. rewrite cell_step, Eb, Er, lin_cons, peval_const. cbn [map fst snd]. rewrite IH by lia.
    change (lin rho [] _) with 0. unfold embedding. rewrite Ef, feature_flag, firstn_next, count_occ_app by lia. unfold sum. cbn [fold_right count_occ].
    destruct (nth t w (Special 0)) as [s|z]; cbn [is]; [|destruct (tok_eq_dec _ _); [discriminate|lia]].
    destruct (Nat.eqb_spec f s) as [->|D]; destruct (tok_eq_dec _ _); try congruence; lia.
  Qed.
  Lemma held_front k f w : counts_token k f -> held rho N cells (front ++ w) (length front) k = Z.of_nat (count front (Special f)).
  Proof. intros H. rewrite (held_counts k f _ H) by (rewrite app_length; lia). rewrite firstn_app, firstn_all, Nat.sub_diag, app_nil_r. reflexivity. Qed.
  Theorem net_writes_from r j : value v r = Z.of_nat (count front (Special 3)) -> value v j = Z.of_nat (count front (Special 1)) ->
    forall ts last, last <> [] -> writes_known_from N (counted r j) last ts = true -> net_writes rho N front (map tok_ last) (map tok_ ts).
  Proof.
    intros Er Ej. induction ts as [|t ts IH]; intros last Ne E; [exact I|]. change (writes_known_from N (counted r j) last (t :: ts)) with
      (match next_known (fun _ => None) N (counted r j) (rev last) with Some u => same_sign u t | None => false end && writes_known_from N (counted r j) (last ++ [t]) ts) in E.
    apply andb_prop in E. destruct E as (E & Rest). destruct (next_known _ _ _ _) as [u|] eqn:K; [|discriminate]. split.
    - rewrite <- (same_token _ _ _ E). rewrite <- (rev_involutive last). apply (next_is v eq_refl (numbered_natural _ natural) (fun _ => None) rho) with (tail_ := counted r j) (cells := cells) (rest := rest).
      + intros x f F. discriminate.
      + exact stages_are.
      + intros R. apply Ne. rewrite <- (rev_involutive last), R. reflexivity.
      + intros k f F. destruct k as [|[|k]]; try discriminate; injection F as <-; [rewrite (held_front 0 3) by assumption|rewrite (held_front 1 1) by assumption]; symmetry; assumption.
      + exact K.
    - change [tok_ t] with (map tok_ [t]). rewrite <- map_app. apply IH; [destruct last; discriminate|exact Rest].
  Qed.
End Counted.
Notation writes_counted r j last ts := (writes_known_from wiring (counted r j) last ts).

(** Variables 1, 2, 3 are the nodes u, c and y, variable 4 is the number of edges, variable 5 by how much the records are
    fewer than what a complete walk has. *)
Notation U := (Nu [0; 1]).
Notation C := (Nu [0; 0; 1]).
Notation Y := (Nu [0; 0; 0; 1]).
Definition fewer (d : Z) : form := [d; 0; 0; 0; 2; -1].
Definition edges_ : form := [0; 0; 0; 0; 1].
Definition s_next : list sign_ := [Sp 6; Sp 9; C; Sp 10; C; Sp 11; C; Sp 12; C; Sp 13; U; Sp 14; U; Sp 13; C; Sp 15; C; Sp 10; C; Sp 16; Sp 7].
Definition s_known : list sign_ := [Sp 6; Sp 17; C; Y; Sp 18; Y; C; Sp 19; Y; Sp 16; Sp 7].
(** What stands before a record: a search that failed, or the end of the list of edges. *)
Definition s_before : list (list sign_) := [[Sp 7; Sp 8]; [C; Sp 2]].
Definition s_record (b : list sign_) : list sign_ := b ++ [Sp 3; U; C].
Definition s_searched b := s_record b ++ s_next ++ [Y].
Definition s_answered b t := s_searched b ++ s_known ++ [t].
Lemma all_written : forallb (fun b =>
  writes_counted (fewer 0) edges_ (s_record b) s_next && writes_counted (fewer 0) edges_ (s_searched b) s_known &&
  writes_counted (fewer (-1)) edges_ (s_answered b (Sp 8)) [Sp 3; C; Y] && writes_counted (fewer 0) edges_ (s_answered b Y) [Sp 5] &&
  writes_counted (fewer (-1)) edges_ (s_answered b (Sp 3)) [Sp 5] && writes_counted [0; 0; 0; 0; 2] edges_ (s_answered b (Sp 3)) [Sp 4]) s_before = true.
Proof. vm_compute. reflexivity. Qed.
Lemma begin_written : forallb (fun t => writes_counted [] edges_ [t; U; Sp 1; C; Sp 2] [Sp 3; C; C]) [Sp 0; Y] = true.
Proof. vm_compute. reflexivity. Qed.

Definition in_next (u c : nat) : list tok :=
  [Special 9; node c; Special 10; node c; Special 11; node c; Special 12; node c; Special 13; node u; Special 14; node u; Special 13; node c; Special 15; node c; Special 10; node c; Special 16].
Definition in_known (c y : nat) : list tok := [Special 17; node c; node y; Special 18; node y; node c; Special 19; node y; Special 16].
(** What follows the record of c in the walk. *)
Definition after_record (u c : nat) (walk : list nat) (y : nat) (known : tok) : list tok :=
  next_search u c ++ node (hd y walk) :: known_search c (hd y walk) ++ match walk with [] => known | _ => Special 8 end :: searching_walk c walk y known.
Lemma after_length walk : forall u c y known, length (after_record u c walk y known) = (34 + 37 * length walk)%nat.
Proof.
  induction walk as [|x walk IH]; intros u c y known; [reflexivity|].
  change (length (after_record u c (x :: walk) y known)) with (37 + length (after_record c x walk y known))%nat. rewrite IH. cbn [length]. lia.
Qed.

Section Run.
  Variables (n : Z) (es : list edge).
  Hypothesis is_simple : simple es.
  Hypothesis some : es <> [].
  Hypothesis range : forall v, In v (nodes es) -> 1 <= Z.of_nat v <= n.
  Notation rho := (Gen_RetrievalIsTree.at_size n).
  Notation M := Gen_RetrievalIsTree.blueprint.
  Notation L := Gen_RetrievalIsTree.searches.
  Notation proper t := (match t with Special k => (0 < k < 20)%nat | Number k => 0 <= k <= n end).
  Notation r := (snd (last es (0, 0)%nat)).
  Notation m := (length es).
  Notation NN := (length (nodes es)).
  Notation limit := (2 * n * n + 75 * n + 1).

  Lemma room : peval rho (context M) = 2 * n * n + 75 * n.
  Proof. unfold M, context. unfold peval, peval_mono, Gen_RetrievalIsTree.at_size. cbn [fold_right fst snd power]. ring. Qed.
  Lemma few : 2 <= Z.of_nat NN <= n /\ 2 * Z.of_nat m <= Z.of_nat NN * Z.of_nat NN.
  Proof. split; [apply nodes_few; assumption|]. pose proof (edges_bound es is_simple). nia. Qed.
  Definition readable (w : list tok) : Prop := (exists l, w = Special 0 :: l /\ Forall (fun t => proper t) l) /\ Z.of_nat (length w) <= limit.
  Lemma read_ok w : readable w -> input_ok rho M wiring w.
  Proof.
    intros ((l & -> & P) & Le). rewrite Forall_forall in P. assert (peval rho (low M) = 0 /\ peval rho (high M) = n) as (Lo & Hi) by (split; unfold M, low, high; cbn -[Z.mul Z.add Z.opp]; lia).
    split; [|split].
    - intros [|i] Hi'; cbn [nth]; [split; [cbn; lia|split; [reflexivity|reflexivity]]|]. cbn [length] in Hi'.
      specialize (P (nth i l (Special 0)) ltac:(apply nth_In; lia)). cbv beta in P. destruct (nth i l (Special 0)) as [k|k]; [|lia]. cbn [specials M]. repeat split; try lia.
    - intros [|i] k Hi' E; cbn [nth] in E; [discriminate|]. cbn [length] in Hi'. specialize (P (nth i l (Special 0)) ltac:(apply nth_In; lia)). cbv beta in P. rewrite E in P. lia.
    - rewrite room. lia.
  Qed.
  Lemma next_after w t : readable w -> net_next rho wiring w = Some t -> Model.next QcN rho M w = t.
  Proof.
    intros R E. pose proof few. apply Wire_RetrievalIsTree.next_as; [lia|apply read_ok; exact R|destruct R as ((l & -> & _) & _); discriminate|exact E].
  Qed.
  Lemma readable_before a b : readable (a ++ b) -> a <> [] -> readable a.
  Proof.
    intros ((l & E & P) & Le) Ne. destruct a as [|t a]; [congruence|]. cbn [app] in E. injection E as -> <-. split; [|rewrite app_length in Le; lia].
    exists a. split; [reflexivity|]. apply Forall_app in P. tauto.
  Qed.

  (** ** Pieces of a run *)
  Notation closed := (Special 7).
  Notation open_ := (Special 6).
  Lemma fits_ w : readable w -> Z.of_nat (length w) <= peval rho (context M) + 1.
  Proof. intros (_ & Le). rewrite room. lia. Qed.
  Lemma all_next front ts : forall last, net_writes rho wiring front last ts -> readable (front ++ last ++ ts) -> front ++ last <> [] -> ~ In closed ts -> writes_all rho M L (front ++ last) ts.
  Proof.
    induction ts as [|t ts IH]; intros last W R Ne No; [exact I|]. destruct W as (E & W). split; [|split].
    - apply next_after; [|exact E]. rewrite app_assoc in R. apply (readable_before _ _ R Ne).
    - intros ->. apply No. left. reflexivity.
    - rewrite <- app_assoc. apply IH; [exact W|rewrite <- app_assoc; exact R|destruct front; [destruct last; discriminate|discriminate]|intros I; apply No; right; exact I].
  Qed.
  Lemma search_runs front last ts most (w := front ++ last) ys : w <> [] -> readable (w ++ open_ :: ts ++ [closed]) -> (forall t, In t ts -> t <> closed /\ t <> open_) ->
    net_writes rho wiring front last (open_ :: ts ++ [closed]) -> found w L ts = ys ->
    search_from rho M L (2 + length ts + most) w false =
    let (more, e) := search_from rho M L most (w ++ open_ :: ts ++ closed :: ys) false in (open_ :: ts ++ closed :: ys ++ more, e).
  Proof.
    intros Ne R Out W <-. destruct W as (Wo & W). apply net_writes_app in W. destruct W as (W & Wc & _). assert (opening L <> closing L) as D by discriminate.
    assert (readable (w ++ open_ :: ts)) as Rt by (apply (readable_before _ [closed]); [rewrite <- app_assoc; exact R|destruct w; discriminate]).
    assert (forall l, (w ++ [open_]) ++ l = w ++ open_ :: l) as Snoc by (intros; rewrite <- app_assoc; reflexivity).
    replace (2 + length ts + most)%nat with (S (length ts + S most)) by lia.
    rewrite (Searches.step rho M L D w _ false open_); [|apply fits_, (readable_before _ _ R Ne)|apply next_after; [apply (readable_before _ _ R Ne)|exact Wo]|discriminate|reflexivity].
    rewrite (run_inside rho M L D ts (w ++ [open_]) most).
    - rewrite !Snoc. change (Special (closing L)) with closed. rewrite yields_found by exact Out. destruct (search_from _ _ _ _ _ _) as (more, e). reflexivity.
    - unfold w. rewrite <- app_assoc. apply all_next; [exact W|rewrite <- app_assoc; cbn [app]; rewrite app_assoc; exact Rt|destruct front; [destruct last; discriminate|discriminate]|intros I; apply (proj1 (Out _ I)); reflexivity].
    - rewrite Snoc. apply next_after; [exact Rt|]. unfold w. rewrite <- app_assoc. rewrite <- app_assoc in Wc. exact Wc.
    - rewrite Snoc. apply fits_, Rt.
  Qed.
  Lemma plain_runs front ts : forall last most, net_writes rho wiring front last ts -> readable (front ++ last ++ ts) -> front ++ last <> [] ->
    (forall t, In t ts -> t <> closed /\ t <> open_ /\ is_answer M t = false) ->
    search_from rho M L (length ts + most) (front ++ last) false = let (more, e) := search_from rho M L most (front ++ last ++ ts) false in (ts ++ more, e).
  Proof.
    induction ts as [|t ts IH]; intros last most W R Ne Out; [rewrite app_nil_r; cbn [length Nat.add app]; destruct (search_from _ _ _ _ _ _); reflexivity|].
    destruct W as (E & W). pose proof R as R0. rewrite app_assoc in R0. apply readable_before in R0; [|exact Ne]. pose proof (fits_ _ R0). destruct (Out t (or_introl eq_refl)) as (N1 & N2 & A).
    cbn [length Nat.add search_from]. destruct (Z.ltb_spec (peval rho (context M) + 1) (Z.of_nat (length (front ++ last)))); [lia|]. rewrite (next_after _ _ R0 E).
    destruct (tok_eq_dec t (Special (closing L))); [contradiction|]. destruct (tok_eq_dec t (Special (opening L))); [contradiction|]. rewrite A. cbn [negb orb andb].
    rewrite <- app_assoc, IH; [rewrite <- app_assoc; cbn [app]; destruct (search_from _ _ _ _ _ _); reflexivity|exact W|rewrite <- app_assoc; exact R|destruct front; [destruct last; discriminate|discriminate]|intros u I; apply Out; right; exact I].
  Qed.
  Lemma answer_runs front last most (b : bool) : net_writes rho wiring front last [Special (if b then 4 else 5)] -> readable (front ++ last) ->
    search_from rho M L (S most) (front ++ last) false = ([Special (if b then 4 else 5)], true).
  Proof.
    intros (E & _) R. pose proof (fits_ _ R). cbn [search_from]. destruct (Z.ltb_spec (peval rho (context M) + 1) (Z.of_nat (length (front ++ last)))); [lia|]. rewrite (next_after _ _ R E).
    destruct b; reflexivity.
  Qed.

  (** ** A record and its two searches *)
  Section Numbers.
    Variables (prev u x : nat) (s : Z).
    Hypothesis slack : 0 <= s.
    Notation numbers_ := [Z.of_nat prev; Z.of_nat u; Z.of_nat x; Z.of_nat m; s].
    Notation v := (numbered numbers_).
    Lemma natural_ : Forall (fun z => 0 <= z) numbers_. Proof. repeat (apply Forall_cons; [lia|]). apply Forall_nil. Qed.
    Lemma is_U : token_ v U = node prev. Proof. unfold token_, node. f_equal. unfold value, numbered. cbn [ev nth]. lia. Qed.
    Lemma is_C : token_ v C = node u. Proof. unfold token_, node. f_equal. unfold value, numbered. cbn [ev nth]. lia. Qed.
    Lemma is_Y : token_ v Y = node x. Proof. unfold token_, node. f_equal. unfold value, numbered. cbn [ev nth]. lia. Qed.
    Lemma is_fewer d : value v (fewer d) = d + 2 * Z.of_nat m - s. Proof. unfold value, numbered, fewer. cbn [ev nth]. lia. Qed.
    Lemma is_twice : value v [0; 0; 0; 0; 2] = 2 * Z.of_nat m. Proof. unfold value, numbered. cbn [ev nth]. lia. Qed.
    Lemma is_edges : value v edges_ = Z.of_nat m. Proof. unfold value, numbered, edges_. cbn [ev nth]. lia. Qed.
    Lemma are_next : map (token_ v) s_next = next_search prev u.
    Proof. unfold s_next, next_search. cbn [map]. rewrite !is_U, !is_C. reflexivity. Qed.
    Lemma are_known : map (token_ v) s_known = known_search u x.
    Proof. unfold s_known, known_search. cbn [map]. rewrite !is_Y, !is_C. reflexivity. Qed.
    Lemma written front f last ts : value v f = Z.of_nat (count front (Special 3)) -> Z.of_nat m = Z.of_nat (count front (Special 1)) -> last <> [] ->
      writes_counted f edges_ last ts = true -> net_writes rho wiring front (map (token_ v) last) (map (token_ v) ts).
    Proof.
      intros Ef Ej Ne Wr. refine (net_writes_from wiring _ _ eq_refl _ _ numbers_ rho front natural_ f edges_ Ef _ ts last Ne Wr); [repeat split|repeat split|]. rewrite is_edges. exact Ej.
    Qed.
  End Numbers.

  Lemma records_more l a b more : records ((l ++ [mark; node a; node b]) ++ more) = records (l ++ [mark; node a; node b]) ++ records more.
  Proof.
    induction l as [|t l IH]; [reflexivity|]. cbn [app]. destruct (tok_eq_dec t mark) as [->|N].
    - destruct l as [|x [|y l]]; [reflexivity| |]; cbn [app] in *.
      { change ((x, mark) :: records (x :: mark :: node a :: node b :: more) = (x, mark) :: records [x; mark; node a; node b] ++ records more). rewrite IH. reflexivity. }
      change ((x, y) :: records (x :: y :: (l ++ [mark; node a; node b]) ++ more) = (x, y) :: records (x :: y :: l ++ [mark; node a; node b]) ++ records more). rewrite IH. reflexivity.
    - assert (forall w, records (t :: w) = records w) as S; [|rewrite !S; exact IH]. intros w. destruct t as [[|[|[|[|k]]]]|k]; try reflexivity. congruence.
  Qed.
  Notation pair_ := (fun e : edge => (node (fst e), node (snd e))).
  (** What was read when the walk has come from [prev] to u, and the record is written. *)
  Definition state (w : list tok) (W : list edge) (T : list nat) (u prev : nat) : Prop :=
    exists front b more, In b s_before /\ (In (Sp 2) b -> prev = u) /\ front <> [] /\ In prev (nodes es) /\
      w = front ++ match b with Sp 7 :: _ => [Special 7; Special 8] | _ => [node u; Special 2] end ++ [mark; node prev; node u] /\
      w = Special 0 :: listed_edges es ++ Special 2 :: mark :: more /\ Forall (fun t => proper t) (tl w) /\ length w = (3 * m + 5 + 37 * length W)%nat /\
      records w = map pair_ ((r, r) :: rev W) /\ count w mark = length T /\ count w (Special 1) = m.

  Lemma space W T u x : reach es r W T u x -> Z.of_nat (3 * m + 5 + 37 * length W) + 37 <= limit.
  Proof.
    intros R. pose proof few as (A & B). pose proof (reach_bound es is_simple r (root_node es some) _ _ _ _ R) as Bd.
    assert (Z.of_nat NN * Z.of_nat NN <= n * n) by nia. assert (2 * n * n = n * n + n * n) by ring. nia.
  Qed.
  Lemma proper_node v : In v (nodes es) -> 0 <= Z.of_nat v <= n. Proof. intros V. apply range in V. lia. Qed.
  Ltac all_proper := repeat (apply Forall_cons; [first [apply proper_node; assumption|lia]|]); apply Forall_nil.
  Lemma proper_next u c : In u (nodes es) -> In c (nodes es) -> Forall (fun t => proper t) (next_search u c). Proof. intros Hu Hc. unfold next_search, node. all_proper. Qed.
  Lemma proper_known c y : In c (nodes es) -> In y (nodes es) -> Forall (fun t => proper t) (known_search c y). Proof. intros Hc Hy. unfold known_search, node. all_proper. Qed.
  Lemma root_walked W T u x : reach es r W T u x -> In r T. Proof. induction 1; [left; reflexivity|right; assumption]. Qed.
  Lemma node_injective a b : node a = node b -> a = b. Proof. intros E. injection E as E. lia. Qed.
  Lemma record_is w W T u prev a b : state w W T u prev -> (In (node a, node b) (records w) <-> a = r /\ b = r \/ In (a, b) W).
  Proof.
    intros (front & bb & more & _ & _ & _ & _ & _ & _ & _ & _ & R & _). rewrite R, in_map_iff. split.
    - intros ((a', b') & E & I). cbn [fst snd] in E. injection E as Ea Eb. assert (a' = a) as -> by lia. assert (b' = b) as -> by lia.
      destruct I as [E|I]; [injection E as <- <-; left; auto|right; apply in_rev; exact I].
    - intros [(-> & ->)|I]; [exists (r, r); split; [reflexivity|left; reflexivity]|]. exists (a, b). split; [reflexivity|]. right. apply -> in_rev. exact I.
  Qed.

  Ltac number_facts := rewrite ?is_U, ?is_C, ?is_Y.
  (** What the network writes after a record, by how many records there are. *)
  Lemma nets front b prev u x k : In b s_before -> (In (Sp 2) b -> prev = u) -> (count front (Special 3) + 1 = k)%nat -> count front (Special 1) = m -> (k <= 2 * m + 1)%nat ->
    let pre := match b with Sp 7 :: _ => [Special 7; Special 8] | _ => [node u; Special 2] end ++ [mark; node prev; node u] in
    net_writes rho wiring front pre (next_search prev u) /\
    net_writes rho wiring front (pre ++ next_search prev u ++ [node x]) (known_search u x) /\
    ((k <= 2 * m)%nat -> net_writes rho wiring front (pre ++ next_search prev u ++ [node x] ++ known_search u x ++ [Special 8]) [mark; node u; node x]) /\
    net_writes rho wiring front (pre ++ next_search prev u ++ [node x] ++ known_search u x ++ [node x]) [Special 5] /\
    net_writes rho wiring front (pre ++ next_search prev u ++ [node x] ++ known_search u x ++ [mark]) [Special (if (k =? 2 * m + 1)%nat then 4 else 5)].
  Proof.
    intros Ib Same Ck Cj Le pre. pose proof all_written as A. rewrite forallb_forall in A. specialize (A b Ib). cbv beta in A. rewrite !andb_true_iff in A. destruct A as (((((A1 & A2) & A3) & A4) & A5) & A6).
    assert (Z.of_nat m = Z.of_nat (count front (Special 1))) as Ej by lia.
    assert (forall s, 0 <= s -> map (token_ (numbered [Z.of_nat prev; Z.of_nat u; Z.of_nat x; Z.of_nat m; s])) (s_record b) = pre) as Er.
    { intros s Hs. unfold s_record, pre. rewrite map_app. cbn [map]. rewrite is_U, is_C by exact Hs. destruct Ib as [<-|[<-|[]]]; cbn [map]; [reflexivity|]. rewrite is_C by exact Hs. reflexivity. }
    assert (forall s, 0 <= s -> map (token_ (numbered [Z.of_nat prev; Z.of_nat u; Z.of_nat x; Z.of_nat m; s])) (s_searched b) = pre ++ next_search prev u ++ [node x]) as Es.
    { intros s Hs. unfold s_searched. rewrite !map_app, Er, are_next by exact Hs. cbn [map]. rewrite is_Y by exact Hs. reflexivity. }
    assert (forall s t, 0 <= s -> map (token_ (numbered [Z.of_nat prev; Z.of_nat u; Z.of_nat x; Z.of_nat m; s])) (s_answered b t) =
      pre ++ next_search prev u ++ [node x] ++ known_search u x ++ [token_ (numbered [Z.of_nat prev; Z.of_nat u; Z.of_nat x; Z.of_nat m; s]) t]) as Ea.
    { intros s t Hs. unfold s_answered. rewrite !map_app, Es, are_known by exact Hs. cbn [map]. rewrite <- !app_assoc. reflexivity. }
    assert (forall b', s_record b' <> [] /\ s_searched b' <> [] /\ forall t, s_answered b' t <> []) as Ne.
    { intros b'. unfold s_answered, s_searched, s_record. split; [|split; [|intros t]]; destruct b'; discriminate. }
    destruct (Ne b) as (Ne1 & Ne2 & Ne3). pose (s0 := 2 * Z.of_nat m + 1 - Z.of_nat k). assert (0 <= s0) as H0 by (unfold s0; lia).
    split; [|split; [|split; [|split]]].
    - rewrite <- (Er s0 H0), <- (are_next prev u x s0). apply (written prev u x s0 H0 front (fewer 0)); auto. rewrite is_fewer by exact H0. unfold s0. lia.
    - rewrite <- (Es s0 H0), <- (are_known prev u x s0). apply (written prev u x s0 H0 front (fewer 0)); auto. rewrite is_fewer by exact H0. unfold s0. lia.
    - intros Hk. pose (s1 := 2 * Z.of_nat m - Z.of_nat k). assert (0 <= s1) as H1 by (unfold s1; lia). pose proof (Ea s1 (Sp 8) H1) as E. cbn [token_] in E. rewrite <- E.
      assert ([mark; node u; node x] = map (token_ (numbered [Z.of_nat prev; Z.of_nat u; Z.of_nat x; Z.of_nat m; s1])) [Sp 3; C; Y]) as -> by (cbn [map]; rewrite is_C, is_Y by exact H1; reflexivity).
      apply (written prev u x s1 H1 front (fewer (-1))); auto. rewrite is_fewer by exact H1. unfold s1. lia.
    - pose proof (Ea s0 Y H0) as E. rewrite is_Y in E by exact H0. rewrite <- E. apply (written prev u x s0 H0 front (fewer 0) _ [Sp 5]); auto. rewrite is_fewer by exact H0. unfold s0. lia.
    - destruct (Nat.eqb_spec k (2 * m + 1)) as [Q|Q].
      + pose proof (Ea 0 (Sp 3) ltac:(lia)) as E. cbn [token_] in E. rewrite <- E. apply (written prev u x 0 ltac:(lia) front [0; 0; 0; 0; 2] _ [Sp 4]); auto. rewrite is_twice by lia. lia.
      + pose (s1 := 2 * Z.of_nat m - Z.of_nat k). assert (0 <= s1) as H1 by (unfold s1; lia). pose proof (Ea s1 (Sp 3) H1) as E. cbn [token_] in E. rewrite <- E.
        apply (written prev u x s1 H1 front (fewer (-1)) _ [Sp 5]); auto. rewrite is_fewer by exact H1. unfold s1. lia.
  Qed.

  Lemma walked_few W T u x : reach es r W T u x -> (length T = S (length W))%nat /\ (length W <= 2 * m)%nat.
  Proof.
    intros R. split; [apply (reach_length _ _ _ _ _ _ R)|]. rewrite <- steps_length. apply NoDup_incl_length; [apply (reach_distinct _ _ _ _ _ _ R)|].
    intros (a, b) I. apply in_steps. apply (reach_adj es is_simple r (root_node es some) _ _ _ _ R _ _ I).
  Qed.
  Lemma readable_after w W T u prev x t : reach es r W T u x -> state w W T u prev -> proper t ->
    readable (w ++ next_search prev u ++ [node x] ++ known_search u x ++ [t; mark; node u; node x]).
  Proof.
    intros R (front & b & more & _ & _ & _ & Np & _ & Ew & P & Le & _) Pt. pose proof (reach_next_adj es is_simple r (root_node es some) _ _ _ _ R) as A. destruct (adj_nodes _ _ _ A) as (Nu_ & Nx).
    split.
    - exists (tl w ++ next_search prev u ++ [node x] ++ known_search u x ++ [t; mark; node u; node x]). rewrite Ew in P |- *. split; [reflexivity|]. cbn [tl] in *.
      apply Forall_app. split; [exact P|]. apply Forall_app. split; [apply proper_next; assumption|]. apply Forall_cons; [apply proper_node; exact Nx|].
      apply Forall_app. split; [apply proper_known; assumption|]. apply Forall_cons; [exact Pt|]. apply Forall_cons; [lia|]. apply Forall_cons; [apply proper_node; exact Nu_|]. apply Forall_cons; [apply proper_node; exact Nx|apply Forall_nil].
    - pose proof (space _ _ _ _ R). rewrite !app_length, Le. cbn [length next_search known_search]. lia.
  Qed.
  Lemma next_state w W T u prev x : reach es r W T u x -> state w W T u prev ->
    state (w ++ next_search prev u ++ [node x] ++ known_search u x ++ [Special 8; mark; node u; node x]) ((u, x) :: W) (x :: T) x u.
  Proof.
    intros R St. pose proof (reach_next_adj es is_simple r (root_node es some) _ _ _ _ R) as A. destruct (adj_nodes _ _ _ A) as (Nu_ & _).
    pose proof (readable_after w W T u prev x (Special 8) R St ltac:(cbv beta iota; lia)) as ((l & El & P) & _).
    destruct St as (front & b & more & _ & _ & Nf & _ & Ef & Ew & _ & Le & Rec & Cr & Ce).
    exists (w ++ next_search prev u ++ [node x] ++ open_ :: in_known u x), [Sp 7; Sp 8], (more ++ next_search prev u ++ [node x] ++ known_search u x ++ [Special 8; mark; node u; node x]).
    split; [left; reflexivity|]. split; [intros [F|[F|[]]]; discriminate|]. split; [rewrite Ew; discriminate|]. split; [exact Nu_|].
    split; [rewrite <- !app_assoc; reflexivity|]. split; [rewrite Ew at 1; cbn [app]; rewrite <- !app_assoc; reflexivity|].
    split; [rewrite El; exact P|]. split; [rewrite !app_length, Le; cbn [length next_search known_search]; lia|]. split; [|split].
    - rewrite app_assoc in Ef. set (added := next_search prev u ++ _). rewrite Ef, records_more, <- Ef, Rec. change (records added) with [pair_ (u, x)]. cbn [rev]. rewrite app_comm_cons, map_app. reflexivity.
    - rewrite count_occ_app, Cr. change (count (next_search prev u ++ _) mark) with 1%nat. cbn [length]. lia.
    - rewrite count_occ_app, Ce. change (count (next_search prev u ++ _) (Special 1)) with 0%nat. lia.
  Qed.
  Lemma walks fuel : forall W T u x prev w most, reach es r W T u x -> x = EulerTour.next es u prev -> state w W T u prev ->
    (2 * NN <= fuel + length W + 1)%nat -> (37 * fuel <= most)%nat ->
    exists walk y known (b : bool) W' u', search_from rho M L most w false = (after_record prev u walk y known ++ [Special (if b then 4 else 5)], true) /\
      reach es r W' (rev walk ++ T) u' y /\ ending es W' (rev walk ++ T) u' y b.
  Proof.
    induction fuel as [|fuel IH]; intros W T u x prev w most R Ex St Fu Mo.
    { pose proof (reach_bound es is_simple r (root_node es some) _ _ _ _ R). lia. }
    pose proof (reach_next_adj es is_simple r (root_node es some) _ _ _ _ R) as A. assert (u <> x) as Dif by (intros ->; apply (simple_loop es x is_simple A)).
    pose proof (walked_few _ _ _ _ R) as (LT & LW). pose proof St as (front & b & more & Ib & Same & Nf & _ & Ef & Ew & _ & Le & Rec & Cr & Ce).
    pose proof Ef as Ef0. rewrite app_assoc in Ef0. set (pre := match b with Sp 7 :: _ => [Special 7; Special 8] | _ => [node u; Special 2] end ++ [mark; node prev; node u]) in *.
    assert (count front mark + 1 = length T)%nat as Fr.
    { rewrite <- Cr, Ef, count_occ_app. f_equal. unfold pre. destruct Ib as [<-|[<-|[]]]; reflexivity. }
    assert (count front (Special 1) = m) as Fe.
    { rewrite <- Ce, Ef, count_occ_app. unfold pre. destruct Ib as [<-|[<-|[]]]; cbn; lia. }
    destruct (nets front b prev u x (length T) Ib Same Fr Fe ltac:(lia)) as (W1 & W2 & W3 & W4 & W5). fold pre in W1, W2, W3, W4, W5.
    assert (found w L (in_next prev u) = [node x]) as F1.
    { rewrite Ew, Ex. apply next_found; [exact is_simple| |discriminate|reflexivity]. intros E. pose proof (proj2 (in_neighbours es u x) A) as I. rewrite E in I. destruct I. }
    assert (exists most', most = (2 + length (in_next prev u) + (2 + length (in_known u x) + (4 + most')))%nat /\ (37 * fuel <= 1 + most')%nat) as (most' & -> & Mo').
    { exists (most - 36)%nat. cbn [length in_next in_known]. lia. }
    assert (forall t, proper t -> readable ((front ++ pre) ++ next_search prev u ++ [node x] ++ known_search u x ++ [t; mark; node u; node x])) as Rd.
    { intros t Pt. rewrite <- Ef. apply (readable_after w W T u prev x t R St Pt). }
    pose proof (Rd (Special 8) ltac:(cbv beta iota; lia)) as Rd8.
    assert (forall u c t, In t (in_next u c) -> t <> closed /\ t <> open_) as Out1 by (intros u0 c t I; cbn [in_next In] in I; repeat (destruct I as [<-|I]; [split; discriminate|]); destruct I).
    assert (forall u c t, In t (in_known u c) -> t <> closed /\ t <> open_) as Out2 by (intros u0 c t I; cbn [in_known In] in I; repeat (destruct I as [<-|I]; [split; discriminate|]); destruct I).
    assert (front ++ pre <> []) as Ne by (destruct front; [congruence|discriminate]).
    pose proof (search_runs front pre (in_next prev u) (2 + length (in_known u x) + (4 + most')) [node x] Ne) as Run1. rewrite <- Ef in Run1.
    rewrite Run1; clear Run1; [|rewrite Ef; apply (readable_before _ ([node x] ++ known_search u x ++ [Special 8; mark; node u; node x])); [rewrite <- app_assoc; exact Rd8|destruct front; [congruence|discriminate]]|apply Out1|exact W1|exact F1].
    change (w ++ open_ :: in_next prev u ++ closed :: [node x]) with (w ++ next_search prev u ++ [node x]).
    set (last1 := pre ++ next_search prev u ++ [node x]) in *. assert (w ++ next_search prev u ++ [node x] = front ++ last1) as E1 by (unfold last1; rewrite Ef, <- app_assoc; reflexivity). rewrite E1.
    assert (exists t, found (front ++ last1) L (in_known u x) = [t] /\
      (t = mark /\ In (u, x) W \/ t = Special 8 /\ ~ In (u, x) W /\ (In x T -> In (x, u) W) \/ t = node x /\ ~ In (u, x) W /\ ~ In (x, u) W /\ In x T)) as (t & F2 & Cases).
    { assert (expression (signs_of L (in_known u x)) = Some (Then Searching.Begin (Then (search_known u x) Nothing))) as P by reflexivity.
      assert (forall a b, In (node a, node b) (records (front ++ last1)) <-> a = r /\ b = r \/ In (a, b) W) as Recs.
      { intros a0 b0. rewrite <- E1, <- (record_is w W T u prev a0 b0 St). set (added := next_search prev u ++ _). rewrite Ef0, records_more, <- Ef0. change (records added) with (@nil (tok * tok)). rewrite app_nil_r. reflexivity. }
      destruct (known_found (front ++ last1) u x L (in_known u x) P) as [(I & F)|[(No & H & F)|(No & No' & (a & I) & F)]].
      - exists mark. split; [exact F|]. left. split; [reflexivity|]. apply Recs in I. destruct I as [(E & E')|I]; [congruence|exact I].
      - exists (Special 8). split; [exact F|]. right. left. split; [reflexivity|]. split; [intros I; apply No, Recs; right; exact I|]. intros I. destruct H as [H|H].
        + apply Recs in H. destruct H as [(E & E')|H]; [congruence|exact H].
        + exfalso. destruct (reach_entered _ _ _ _ _ _ R x I) as [E|(a & E)]; [apply (H (node r)), Recs; left; auto|apply (H (node a)), Recs; right; exact E].
      - exists (node x). split; [exact F|]. right. right. split; [reflexivity|]. split; [intros J; apply No, Recs; right; exact J|]. split; [intros J; apply No', Recs; right; exact J|].
        assert (exists a', a = node a' /\ ((a' = r /\ x = r) \/ In (a', x) W)) as (a' & -> & [(_ & ->)|J]); [|apply (root_walked _ _ _ _ R)|apply (reach_ends _ _ _ _ _ _ R _ _ J)].
        assert (records (front ++ last1) = map pair_ ((r, r) :: rev W)) as Rl.
        { rewrite <- E1. set (added := next_search prev u ++ _). rewrite Ef0, records_more, <- Ef0. change (records added) with (@nil (tok * tok)). rewrite app_nil_r. exact Rec. }
        pose proof I as I'. rewrite Rl in I'. apply in_map_iff in I'. destruct I' as ((a', b') & E & _). cbn [fst snd] in E. injection E as <- Eb. exists a'. split; [reflexivity|]. apply Recs. exact I. }
    pose proof (search_runs front last1 (in_known u x) (4 + most') [t]) as Run2. rewrite Run2; clear Run2;
      [|destruct front; [congruence|discriminate]|rewrite <- E1, Ef; apply (readable_before _ [Special 8; mark; node u; node x]); [rewrite <- !app_assoc in *; exact Rd8|destruct front; [congruence|discriminate]]|apply Out2|exact W2|exact F2].
    change ((front ++ last1) ++ open_ :: in_known u x ++ closed :: [t]) with ((front ++ last1) ++ known_search u x ++ [t]).
    assert (forall t, (front ++ last1) ++ known_search u x ++ [t] = front ++ pre ++ next_search prev u ++ [node x] ++ known_search u x ++ [t]) as E2 by (intros; unfold last1; rewrite <- !app_assoc; reflexivity).
    assert (proper t) as Pt by (destruct Cases as [(-> & _)|[(-> & _)|(-> & _)]]; [cbv beta iota; lia|cbv beta iota; lia|apply proper_node, (adj_nodes _ _ _ A)]).
    pose proof (Rd t Pt) as Rt. rewrite <- !app_assoc in Rt.
    assert (readable (front ++ pre ++ next_search prev u ++ [node x] ++ known_search u x ++ [t])) as Rt'.
    { apply (readable_before _ [mark; node u; node x]); [rewrite <- !app_assoc; exact Rt|destruct front; [congruence|discriminate]]. }
    rewrite E2. destruct Cases as [(-> & I)|[(-> & No & Back)|(-> & No & No' & I)]].
    - change (4 + most')%nat with (S (3 + most')). rewrite (answer_runs front _ (3 + most') (length T =? 2 * m + 1)%nat W5 Rt'). exists [], x, mark, (length T =? 2 * m + 1)%nat, W, u. split; [|split; [exact R|left; auto]].
      unfold after_record, next_search, known_search. cbn [hd app searching_walk]. reflexivity.
    - pose proof (step es r _ _ _ _ R No Back) as R'. pose proof (walked_few _ _ _ _ R') as (_ & LW'). cbn [length] in LW'.
      change (4 + most')%nat with (length [mark; node u; node x] + (1 + most'))%nat. rewrite (plain_runs front [mark; node u; node x] _ (1 + most') (W3 ltac:(lia)));
        [|rewrite <- !app_assoc; exact Rt|destruct front; [congruence|discriminate]|intros t I; cbn [In] in I; repeat (destruct I as [<-|I]; [split; [discriminate|split; [discriminate|reflexivity]]|]); destruct I].
      pose proof (next_state w W T u prev x R St) as St'. rewrite Ef in St'. rewrite <- !app_assoc in *. cbn [app] in St' |- *.
      destruct (IH _ _ _ _ u _ (1 + most')%nat R' eq_refl St' ltac:(cbn [length]; lia) Mo') as (walk & y & known & b' & W' & u' & Run & R'' & En).
      rewrite Run. exists (x :: walk), y, known, b', W', u'. split; [|cbn [rev]; rewrite <- app_assoc; split; [exact R''|exact En]].
      unfold after_record at 2. cbn [hd searching_walk]. unfold next_search at 2, known_search at 2. cbn [app]. reflexivity.
    - change (4 + most')%nat with (S (3 + most')). rewrite (answer_runs front _ (3 + most') false W4 Rt'). exists [], x, (node x), false, W, u. split; [|split; [exact R|right; auto]].
      unfold after_record, next_search, known_search. cbn [hd app searching_walk]. reflexivity.
  Qed.
End Run.

(** ** The prompt *)
Lemma count_edges l t : (forall v, node v <> t) -> count (listed_edges l) t = if tok_eq_dec join t then length l else 0%nat.
Proof.
  intros N. induction l as [|(a, b) l IH]; [destruct (tok_eq_dec _ _); reflexivity|]. change (listed_edges ((a, b) :: l)) with (node a :: join :: node b :: listed_edges l). cbn [count_occ].
  destruct (tok_eq_dec (node a) t) as [E|_]; [exfalso; apply (N a E)|]. destruct (tok_eq_dec (node b) t) as [E|_]; [exfalso; apply (N b E)|]. rewrite IH.
  destruct (tok_eq_dec join t); reflexivity.
Qed.
Lemma no_mark_listed l : ~ In mark (listed_edges l).
Proof. intros I. apply in_flat_map in I. destruct I as ((a, b) & _ & [E|[E|[E|[]]]]); discriminate. Qed.

Theorem retrieval_istree : statement_retrieval_istree.
Proof.
  intros n es Si So Range. destruct (exists_last So) as (l & (a, b) & El). pose proof (few n es Si So Range) as (Few & Square_). set (r := snd (last es (0, 0)%nat)). assert (r = b) as Er by (unfold r; rewrite El, last_last; reflexivity).
  pose proof (root_node es So) as Root. fold r in Root. assert (In a (nodes es)) as Na by (apply (adj_nodes es a b); rewrite El; left; apply in_or_app; right; left; reflexivity).
  assert (length es = S (length l)) as Lm by (rewrite El, app_length; cbn [length]; lia).
  assert (edges_prompt es = (Special 0 :: listed_edges l) ++ [node a; join; node r; Special 2]) as Prompt.
  { rewrite Er, El. unfold edges_prompt. fold (listed_edges (l ++ [(a, b)])). rewrite listed_app, <- app_assoc. reflexivity. }
  assert (exists front x t, Special 0 :: listed_edges l = front ++ [t] /\ (t = Special 0 \/ t = node x)) as (front & x & t & Front & Ht).
  { destruct l as [|e l']; [exists [], 0%nat, (Special 0); auto|]. destruct (exists_last (l := e :: l') ltac:(discriminate)) as (l1 & (a', b') & ->).
    exists (Special 0 :: listed_edges l1 ++ [node a'; join]), b', (node b'). split; [|auto]. rewrite listed_app. cbn [app]. rewrite <- app_assoc. reflexivity. }
  set (w := edges_prompt es ++ [mark; node r; node r]).
  assert (edges_prompt es = front ++ [t; node a; join; node r; Special 2]) as Prompt' by (rewrite Prompt, Front, <- app_assoc; reflexivity).
  assert (length (edges_prompt es) = 3 * length es + 2)%nat as Lp by (rewrite Prompt, app_length; cbn [length]; rewrite listed_length; lia).
  assert (forall l', incl (nodes l') (nodes es) -> Forall (fun t => match t with Special k => (0 < k < 20)%nat | Number k => 0 <= k <= n end) (listed_edges l')) as Listed.
  { intros l' Inc. apply Forall_forall. intros t0 I. apply in_flat_map in I. destruct I as ((p, q) & I & J).
    assert (In p (nodes es) /\ In q (nodes es)) as (Np & Nq) by (split; apply Inc; apply (adj_nodes l' p q); left; exact I).
    destruct J as [<-|[<-|[<-|[]]]]; [apply (proper_node n es Range); exact Np|lia|apply (proper_node n es Range); exact Nq]. }
  assert (w = Special 0 :: listed_edges es ++ Special 2 :: mark :: [node r; node r]) as Ew by (unfold w, edges_prompt; cbn [app]; rewrite <- app_assoc; reflexivity).
  assert (Forall (fun t => match t with Special k => (0 < k < 20)%nat | Number k => 0 <= k <= n end) (tl w)) as Pw.
  { rewrite Ew. cbn [tl]. apply Forall_app. split; [apply Listed; intros v V; exact V|]. pose proof (proper_node n es Range r Root). unfold node. repeat (apply Forall_cons; [lia|]). apply Forall_nil. }
  assert (Z.of_nat (length (nodes es)) * Z.of_nat (length (nodes es)) <= n * n) as Sq by nia.
  assert (2 * n * n = n * n + n * n) as Dbl by ring.
  assert (readable n w) as Rw.
  { split; [exists (tl w); split; [rewrite Ew; reflexivity|exact Pw]|]. unfold w. rewrite app_length, Lp. cbn [length]. lia. }
  assert (net_writes (Gen_RetrievalIsTree.at_size n) wiring front [t; node a; join; node r; Special 2] [mark; node r; node r]) as Begins.
  { pose (nums := [Z.of_nat a; Z.of_nat r; Z.of_nat x; Z.of_nat (length es) - 1; 0]). pose proof begin_written as B. cbn [forallb] in B. rewrite !andb_true_iff in B. destruct B as (B0 & B1 & _).
    assert (Forall (fun z => 0 <= z) nums) as Nn by (unfold nums; repeat (apply Forall_cons; [lia|]); apply Forall_nil).
    assert (count front mark = 0%nat /\ count front join = length l) as (Cm & Cj).
    { assert (forall t', t' <> t -> count front t' = count (Special 0 :: listed_edges l) t') as Cf by (intros t' Nt; rewrite Front, count_occ_app; cbn [count_occ]; destruct (tok_eq_dec t t'); [congruence|lia]).
      rewrite !Cf by (destruct Ht as [->| ->]; discriminate). cbn [count_occ]. rewrite !count_edges by discriminate. split; reflexivity. }
    assert (token_ (numbered nums) U = node a /\ token_ (numbered nums) C = node r /\ token_ (numbered nums) Y = node x) as (TU & TC & TY).
    { unfold token_, node. repeat split; f_equal; unfold value, numbered, nums; cbn [ev nth]; lia. }
    assert (exists s, writes_counted [] edges_ [s; U; Sp 1; C; Sp 2] [Sp 3; C; C] = true /\ token_ (numbered nums) s = t) as (s & Ws & Ts) by (destruct Ht as [->| ->]; [exists (Sp 0); auto|exists Y; auto]).
    assert (net_writes (Gen_RetrievalIsTree.at_size n) wiring front (map (token_ (numbered nums)) [s; U; Sp 1; C; Sp 2]) (map (token_ (numbered nums)) [Sp 3; C; C])) as Wr.
    { refine (net_writes_from wiring _ _ eq_refl _ _ nums _ front Nn [] edges_ _ _ [Sp 3; C; C] [s; U; Sp 1; C; Sp 2] ltac:(discriminate) Ws); [repeat split|repeat split|rewrite Cm; reflexivity|].
      rewrite Cj. unfold value, numbered, nums, edges_. cbn [ev nth]. lia. }
    cbn [map] in Wr. rewrite TU, TC, Ts in Wr. exact Wr. }
  assert (reach es r [] [r] r (last (neighbours es r) 0%nat)) as R by (unfold r; constructor).
  assert (~ In r (neighbours es r)) as No by (intros I; apply in_neighbours in I; apply (simple_loop es r Si I)).
  assert (last (neighbours es r) 0%nat = EulerTour.next es r r) as Nx.
  { unfold EulerTour.next. rewrite before_absent by exact No. apply last_default. pose proof (proj1 (in_nodes es r) Root) as (v & V). pose proof (proj2 (in_neighbours es r v) V) as I. intros E. rewrite E in I. destruct I. }
  assert (state n es w [] [r] r r) as St.
  { exists ((Special 0 :: listed_edges l) ++ [node a; join]), [C; Sp 2], [node r; node r]. split; [right; left; reflexivity|]. split; [reflexivity|]. split; [discriminate|]. split; [exact Root|].
    split; [unfold w; rewrite Prompt, <- !app_assoc; reflexivity|]. split; [exact Ew|]. split; [exact Pw|]. split; [unfold w; rewrite app_length, Lp; cbn [length]; lia|]. split; [|split].
    - unfold w. rewrite records_none; [reflexivity|]. rewrite Prompt. intros I. apply in_app_or in I. destruct I as [[I|I]|I]; [discriminate|apply (no_mark_listed _ I)|cbn [In] in I; repeat (destruct I as [I|I]; [discriminate|]); exact I].
    - rewrite Ew. cbn [count_occ]. rewrite count_occ_app, count_edges by discriminate. reflexivity.
    - rewrite Ew. cbn [count_occ]. rewrite count_occ_app, count_edges by discriminate. cbn. lia. }
  assert (exists most, (S (Z.to_nat (peval (Gen_RetrievalIsTree.at_size n) (context Gen_RetrievalIsTree.blueprint) + 1) - length (edges_prompt es)) = length [mark; node r; node r] + most)%nat /\ (37 * (2 * length (nodes es) - 1) <= most)%nat) as (most & Fuel & Enough).
  { exists (S (Z.to_nat (peval (Gen_RetrievalIsTree.at_size n) (context Gen_RetrievalIsTree.blueprint) + 1) - length (edges_prompt es)) - 3)%nat. rewrite (room n), Lp. cbn [length]. lia. }
  destruct (walks n es Si So Range (2 * length (nodes es) - 1) [] [r] r _ r w most R Nx St ltac:(cbn [length]; lia) Enough) as (walk & y & known & ans & W' & u' & Run & R' & En).
  exists (r :: walk), y, known, ans. cbv zeta. cbn [hd].
  pose proof (ending_right _ _ _ _ _ _ _ Si Root R' En) as (Right & Left).
  pose proof (reach_bound es Si r Root _ _ _ _ R') as Bd. pose proof (reach_length _ _ _ _ _ _ R') as Ln. rewrite app_length, rev_length in Ln. cbn [length] in Ln.
  change (searching_walk r (r :: walk) y known) with (mark :: node r :: node r :: after_record r r walk y known).
  split; [|split; [cbn [length]; rewrite after_length; lia|split]].
  - unfold decode_searching. rewrite Fuel, Prompt'. rewrite (plain_runs n es Si So Range front [mark; node r; node r]); [rewrite app_assoc, <- Prompt'; fold w; rewrite Run; reflexivity|exact Begins|rewrite app_assoc, <- Prompt'; exact Rw|destruct front; discriminate|].
    intros t0 I. cbn [In] in I. repeat (destruct I as [<-|I]; [split; [discriminate|split; [discriminate|reflexivity]]|]). destruct I.
  - split; [|exact Left]. intros B. destruct (Right B) as (C_ & D). split; [exact C_|]. apply count_acyclic; assumption.
  - intros B. destruct En as [(I & E)|(_ & _ & _ & E)]; [|congruence]. rewrite B in E. symmetry in E. apply Nat.eqb_eq in E. change (rev walk ++ [r]) with (rev (r :: walk)) in *. rewrite rev_length in E. apply (closed_is_euler es Si So (r :: walk) W' u' y R' I E).
Qed.
