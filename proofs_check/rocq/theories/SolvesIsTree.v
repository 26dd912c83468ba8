(** Theorem 4.7, upper half. Wire_IsTree.v says that the weights compute the network, EulerPositions.v that the network's
    look-ups are those of the protocol, EulerTour.v that the protocol decides trees; here they are put together. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool Permutation.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Network NetCheck NetSound NetModel NetTop NetFull Decode Equations.
From RetrievalGap Require Import StatementsMachines.
From RetrievalGap Require EulerTour EulerSteps EulerPositions.
From RetrievalGap.Generated Require Import Gen_IsTree Wire_IsTree.
Import ListNotations.
Module P := EulerPositions.
Module E := EulerTour.
Open Scope Z_scope.

Definition flag (b : bool) : Z := if b then 1 else 0.
Lemma flag_is_1 b : (flag b =? 1) = b. Proof. destruct b; reflexivity. Qed.
Definition tok_of (a : P.sign) : tok :=
  match a with P.Start => Special 0 | P.Join => Special 1 | P.End => Special 2 | P.Name v => node v end.

Lemma ready : settled (seq 0 (length (features wiring))) (stages wiring) = true. Proof. vm_compute. reflexivity. Qed.

Section Network.
  Variables (rho : env) (s : list P.sign).
  Let w := map tok_of s.
  Let X := net_stream rho wiring w.
  Hypothesis begins : nth 0 s P.Start = P.Start.
  Hypothesis only_start : forall i, (0 < i < length s)%nat -> nth i s P.Start <> P.Start.

  Ltac feature := unfold X; rewrite (from_feature rho wiring ready) by (cbn; lia); cbn [features wiring nth].
  Ltac equation c := unfold X at 1; rewrite (equation rho wiring ready w _ c _ eq_refl); fold X;
    cbn [says gate_sem first_of]; linear.
  Lemma token_at i : nth i w (Special 0) = tok_of (nth i s P.Start).
  Proof. unfold w. change (Special 0) with (tok_of P.Start). apply map_nth. Qed.

  (** Features. *)
  Ltac by_token i := feature; rewrite token_at; unfold feature_sem, listed; destruct (nth i s P.Start);
    cbn [tok_of node f_number f_special f_position fst snd]; linear; cbn [Nat.eqb flag]; lia.
  Lemma one_is i : X i 0%nat = 1. Proof. by_token i. Qed.
  Lemma joins_is i : X i 1%nat = flag (P.joins s i). Proof. unfold P.joins. by_token i. Qed.
  Lemma ends_is i : X i 2%nat = flag (P.ends s i). Proof. unfold P.ends. by_token i. Qed.
  Lemma position_is i : X i 3%nat = Z.of_nat i. Proof. by_token i. Qed.
  Lemma token_is i : X i 5%nat = Z.of_nat (P.num s i). Proof. unfold P.num. by_token i. Qed.
  Lemma start_is i : (i < length s)%nat -> X i 7%nat = flag (i =? 0)%nat.
  Proof.
    intros H. feature. rewrite token_at. unfold feature_sem, listed. destruct (Nat.eqb_spec i 0) as [->|N].
    - rewrite begins. cbn [tok_of f_number f_special f_position fst snd]. linear. reflexivity.
    - pose proof (only_start i ltac:(lia)). destruct (nth i s P.Start); try congruence;
        cbn [tok_of node f_number f_special f_position fst snd]; linear; cbn [Nat.eqb flag]; lia.
  Qed.

  (** Records. *)
  Lemma back_is i a d : picked rho X i (At a [(0%nat, [(- Z.of_nat d, [])]); (3%nat, [(1, [])])]) = (i - d)%nat.
  Proof. cbn [picked]. linear. rewrite one_is, position_is. unfold nearest. lia. Qed.
  Ltac back c d e := equation c; rewrite (back_is _ _ d); apply e.
  Lemma x8 i : X i 8%nat = Z.of_nat (P.num s (i - 1)). Proof. back 8%nat 1%nat token_is. Qed.
  Lemma x9 i : X i 9%nat = flag (P.joins s (i - 1)). Proof. back 9%nat 1%nat joins_is. Qed.
  Lemma x11 i : X i 11%nat = Z.of_nat (P.num s (i - 2)). Proof. back 11%nat 2%nat token_is. Qed.
  Lemma x12 i : X i 12%nat = flag (P.joins s (i - 2)). Proof. back 12%nat 2%nat joins_is. Qed.
  Lemma x14 i : X i 14%nat = Z.of_nat (P.num s (i - 3)). Proof. back 14%nat 3%nat token_is. Qed.
  Lemma x15 i : X i 15%nat = flag (P.joins s (i - 3)). Proof. back 15%nat 3%nat joins_is. Qed.
  Lemma x17 i : X i 17%nat = Z.of_nat (P.num s (i - 4)). Proof. back 17%nat 4%nat token_is. Qed.

  Lemma head_is i : X i 19%nat = Z.of_nat (P.head s i).
  Proof.
    equation 19%nat. rewrite x9, x12, x14, token_is, !flag_is_1. unfold P.head. destruct (P.joins s (i - 1)), (P.joins s (i - 2)); reflexivity.
  Qed.
  Lemma tail_is i : X i 20%nat = Z.of_nat (P.tail s i).
  Proof.
    equation 20%nat. rewrite x9, x12, x11, x8, !flag_is_1. unfold P.tail. destruct (P.joins s (i - 1)), (P.joins s (i - 2)); reflexivity.
  Qed.
  Lemma late_head_is i : X i 21%nat = Z.of_nat (P.late_head s i).
  Proof.
    equation 21%nat. rewrite x12, x15, x8, x17, !flag_is_1. unfold P.late_head. destruct (P.joins s (i - 2)), (P.joins s (i - 3)); reflexivity.
  Qed.
  Lemma late_tail_is i : X i 22%nat = Z.of_nat (P.late_tail s i).
  Proof.
    equation 22%nat. rewrite x12, x15, x14, x11, !flag_is_1. unfold P.late_tail. destruct (P.joins s (i - 2)), (P.joins s (i - 3)); reflexivity.
  Qed.

  (** What the six look-ups pick. *)
  Definition where_ (c : nat) (i : nat) : nat :=
    match defined (stages wiring) c with Some (ByRead p _) => picked rho X i p | _ => 0%nat end.
  Notation end_ := (where_ 30). Notation pointer := (where_ 25). Notation wrap := (where_ 28). Notation record := (where_ 35).
  Notation seen_edge := (where_ 42). Notation way_back := (where_ 43). Notation seen_node := (where_ 44).
  Ltac reads c := equation c; match goal with |- context [picked rho X ?k ?p] => change (picked rho X k p) with (where_ c k) end.
  Ltac matching := apply picked_latest; intros j J; unfold matches, queries, keys; cbn [map fst snd]; linear.

  Lemma end_latest i : P.is_end s i (end_ i).
  Proof.
    matching. rewrite ends_is. replace (1 * X i 0%nat) with 1 by (rewrite one_is; reflexivity). rewrite one_is.
    destruct (P.ends s j); cbn [flag]; split; try tauto; try discriminate. intros (H & _). discriminate.
  Qed.
  Lemma pointer_latest i : P.is_pointer s i (pointer i).
  Proof.
    matching. rewrite late_head_is, head_is. split; [intros (H & _); injection H; lia|intros ->; auto].
  Qed.
  Lemma wrap_latest i : P.is_wrap s i (wrap i).
  Proof. matching. rewrite head_is, token_is. split; [intros (H & _); injection H; lia|intros ->; auto]. Qed.
  Lemma record_latest i : P.is_record s i (record i).
  Proof. matching. rewrite head_is, tail_is, token_is, x8. split; [intros (H & _); injection H; lia|intros (-> & ->); auto]. Qed.
  Lemma latest_le Q i p : P.latest Q i p -> (p <= i)%nat. Proof. intros [H|H]; lia. Qed.

  (** The next node. *)
  Definition next_node (i : nat) : nat := P.following s pointer (wrap i) (record i) i.
  Lemma fallback_is i : X i 32%nat = Z.of_nat (if P.ends s i then P.num s (i - 1) else P.tail s (wrap i)).
  Proof.
    equation 32%nat. rewrite ends_is, flag_is_1, x8. assert (X i 28%nat = Z.of_nat (P.tail s (wrap i))) as -> by (reads 28%nat; apply tail_is).
    destruct (P.ends s i); reflexivity.
  Qed.
  Lemma x25 i : (i < length s)%nat -> X i 25%nat = flag (pointer i =? 0)%nat.
  Proof. intros H. reads 25%nat. pose proof (latest_le _ _ _ (pointer_latest i)). apply start_is. lia. Qed.
  Lemma x26 i : X i 26%nat = Z.of_nat (P.late_tail s (pointer i)). Proof. reads 26%nat. change (where_ 26 i) with (pointer i). apply late_tail_is. Qed.
  Lemma next_node_is i : (i < length s)%nat -> X i 38%nat = Z.of_nat (next_node i).
  Proof.
    intros H. pose proof (latest_le _ _ _ (record_latest i)) as L. equation 38%nat.
    assert (X i 35%nat = flag (negb (pointer (record i) =? 0)%nat)) as ->.
    { reads 35%nat. rewrite one_is, x25 by lia. destruct (_ =? 0)%nat; reflexivity. }
    assert (X i 36%nat = Z.of_nat (P.late_tail s (pointer (record i)))) as -> by (reads 36%nat; change (where_ 36 i) with (record i); apply x26).
    rewrite flag_is_1, fallback_is. unfold next_node, P.following.
    assert (negb (record i =? 0)%nat && negb (pointer (record i) =? 0)%nat = negb (pointer (record i) =? 0)%nat) as ->.
    { destruct (Nat.eqb_spec (record i) 0) as [Z0|_]; [|reflexivity]. rewrite Z0. pose proof (latest_le _ _ _ (pointer_latest 0)).
      replace (pointer 0%nat) with 0%nat by lia. reflexivity. }
    destruct (negb (pointer (record i) =? 0)%nat); [reflexivity|]. destruct (P.ends s i); reflexivity.
  Qed.

  (** The tour. *)
  Lemma in_tour_is j : (0 < j < length s)%nat -> 1 * X j 2%nat + (-1 * X j 7%nat + X j 31%nat) = 0 <-> P.in_tour s j.
  Proof.
    intros J. pose proof (end_latest j) as L. pose proof (latest_le _ _ _ L) as B.
    assert (X j 31%nat = flag (end_ j =? 0)%nat) as -> by (reads 31%nat; change (where_ 31 j) with (end_ j); apply start_is; lia).
    rewrite ends_is, start_is by lia. replace (j =? 0)%nat with false by (symmetry; apply Nat.eqb_neq; lia).
    unfold P.in_tour. cbn [flag]. destruct (P.ends s j) eqn:Ej.
    - split; [destruct (end_ j =? 0)%nat; cbn [flag]; lia|intros (H & _); discriminate].
    - destruct L as [(I & En & _)|(Z0 & N)].
      + replace (end_ j =? 0)%nat with false by (symmetry; apply Nat.eqb_neq; lia). cbn [flag].
        split; [|lia]. intros _. split; auto. exists (end_ j). auto.
      + rewrite Z0. cbn [Nat.eqb flag]. split; [lia|]. intros (_ & e & He & F). exfalso.
        destruct e as [|e]; [unfold P.ends in F; rewrite begins in F; discriminate|]. apply (N (S e)); auto. lia.
  Qed.
  Lemma seen_edge_latest i : (i < length s)%nat -> P.is_seen_edge s (next_node i) i (seen_edge i).
  Proof.
    intros H. matching. rewrite in_tour_is, x8, !token_is, next_node_is by lia. split.
    - intros (F & G). injection F. intros. split; [exact G|]. split; lia.
    - intros (G & -> & ->). auto.
  Qed.
  Lemma way_back_latest i : (i < length s)%nat -> P.is_way_back s (next_node i) i (way_back i).
  Proof.
    intros H. matching. rewrite in_tour_is, x8, !token_is, next_node_is by lia. split.
    - intros (F & G). injection F. intros. split; [exact G|]. split; lia.
    - intros (G & -> & ->). auto.
  Qed.
  Lemma seen_node_latest i : (i < length s)%nat -> P.is_seen_node s (next_node i) i (seen_node i).
  Proof.
    intros H. matching. rewrite in_tour_is, !token_is, next_node_is by lia. split.
    - intros (F & G). injection F. intros. split; [exact G|lia].
    - intros (G & ->). auto.
  Qed.

  Lemma complete_is i : X i 33%nat = flag (3 * i =? 5 * end_ i + 1)%nat.
  Proof.
    equation 33%nat. assert (X i 30%nat = Z.of_nat (end_ i)) as -> by (reads 30%nat; apply position_is). rewrite one_is, position_is.
    destruct (Nat.eqb_spec (3 * i) (5 * end_ i + 1)) as [Q|Q], (Z.eqb_spec (-1 * 1 + (3 * Z.of_nat i + (-5 * Z.of_nat (end_ i) + 0))) 0); cbn [flag]; lia.
  Qed.
  Lemma miss_is i p : (p <= i)%nat -> (i < length s)%nat -> X p 7%nat = 1 - Z.of_nat (P.bit p).
  Proof. intros L H. rewrite start_is by lia. unfold P.bit. destruct (p =? 0)%nat; reflexivity. Qed.
  Lemma seen_edge_is i : (i < length s)%nat -> X i 42%nat = 1 - Z.of_nat (P.bit (seen_edge i)).
  Proof. intros H. reads 42%nat. apply (miss_is i); auto. eapply latest_le, seen_edge_latest. auto. Qed.
  Lemma stop_is i : (i < length s)%nat ->
    X i 45%nat = flag (P.bit (way_back i) + 1 <=? 2 * P.bit (seen_edge i) + P.bit (seen_node i))%nat.
  Proof.
    intros H. equation 45%nat. rewrite one_is, seen_edge_is by auto.
    assert (X i 43%nat = 1 - Z.of_nat (P.bit (way_back i))) as ->.
    { reads 43%nat. apply (miss_is i); auto. eapply latest_le, way_back_latest. auto. }
    assert (X i 44%nat = 1 - Z.of_nat (P.bit (seen_node i))) as ->.
    { reads 44%nat. apply (miss_is i); auto. eapply latest_le, seen_node_latest. auto. }
    set (a := P.bit (seen_edge i)). set (b := P.bit (way_back i)). set (c := P.bit (seen_node i)).
    match goal with |- (if ?t then _ else _) = _ => destruct t eqn:Q end; destruct (Nat.leb_spec (b + 1) (2 * a + c)); cbn [flag]; lia.
  Qed.

  (** What is written. *)
  Theorem network_writes i : (i < length s)%nat -> decide rho (X i) (outputs wiring) = Some (
    if (P.bit (seen_edge i) =? 1)%nat && (3 * i =? 5 * end_ i + 1)%nat then Special 3
    else if (P.bit (way_back i) + 1 <=? 2 * P.bit (seen_edge i) + P.bit (seen_node i))%nat then Special 4 else node (next_node i)).
  Proof.
    intros H. cbn [outputs wiring decide]. unfold applies, names. cbn [o_what o_when forallb]. linear.
    rewrite one_is, seen_edge_is, complete_is, stop_is, next_node_is, !flag_is_1, !andb_true_r by auto.
    assert ((1 * 1 + (-1 * (1 - Z.of_nat (P.bit (seen_edge i))) + 0) =? 1) = (P.bit (seen_edge i) =? 1)%nat) as ->.
    { destruct (Nat.eqb_spec (P.bit (seen_edge i)) 1); [apply Z.eqb_eq|apply Z.eqb_neq]; lia. }
    destruct (_ && _); [reflexivity|]. destruct (_ <=? _)%nat; reflexivity.
  Qed.
End Network.

(** * Words: the prompt and what has been written *)
Definition prompt (es : list edge) : list tok := map tok_of (P.word es []).
Lemma prompt_is es : prompt es = edges_prompt es.
Proof.
  unfold prompt, edges_prompt, P.word. cbn [map app]. rewrite !map_app. cbn [map]. f_equal. f_equal.
  induction es as [|(u, v) es IH]; [reflexivity|]. cbn [P.body map flat_map app tok_of]. rewrite IH. reflexivity.
Qed.
Lemma word_more es l : map tok_of (P.word es l) = prompt es ++ map node l.
Proof.
  unfold prompt, P.word. cbn [map app]. rewrite !map_app. cbn [map]. rewrite map_map. cbn [tok_of]. rewrite <- app_assoc. reflexivity.
Qed.
Lemma word_length es l : length (P.word es l) = (3 * length es + 2 + length l)%nat.
Proof. unfold P.word. cbn [length]. rewrite app_length, P.body_length. cbn [length]. rewrite map_length. lia. Qed.
Lemma in_body es a : In a (P.body es) -> a = P.Join \/ exists v, a = P.Name v /\ In v (nodes es).
Proof.
  intros H. assert (a = P.Join \/ exists v, a = P.Name v /\ exists u, adj es v u) as [|(v & -> & A)]; auto.
  { induction es as [|(x, y) es IH]; [destruct H|]. destruct H as [<-|[<-|[<-|H]]]; auto.
    - right. exists x. split; auto. exists y. apply E.adj_cons. auto.
    - right. exists y. split; auto. exists x. apply E.adj_cons. auto.
    - destruct (IH H) as [|(v & -> & u & A)]; auto. right. exists v. split; auto. exists u. apply E.adj_cons. auto. }
  right. exists v. split; auto. apply E.in_nodes. auto.
Qed.
Lemma in_word es l i : incl l (nodes es) -> (0 < i < length (P.word es l))%nat ->
  match nth i (P.word es l) P.Start with P.Start => False | P.Name v => In v (nodes es) | _ => True end.
Proof.
  intros L H. destruct i as [|i]; [lia|]. unfold P.word in *. cbn [nth length] in *.
  assert (In (nth i (P.body es ++ P.End :: map P.Name l) P.Start) (P.body es ++ P.End :: map P.Name l)) as I by (apply nth_In; lia).
  revert I. generalize (nth i (P.body es ++ P.End :: map P.Name l) P.Start). intros a I.
  apply in_app_or in I. destruct I as [I|[<-|I]]; auto.
  - apply in_body in I. destruct I as [->|(v & -> & V)]; auto.
  - apply in_map_iff in I. destruct I as (v & <- & V). auto.
Qed.
Lemma context_is n : peval (at_size n) (context blueprint) = 2 * n * n + 2 * n.
Proof. unfold blueprint. cbn [context]. unfold peval, peval_mono, at_size. cbn [fold_right fst snd power]. ring. Qed.

Section Fits.
  Variables (n : Z) (es : list edge) (l : list nat).
  Hypothesis range : forall v, In v (nodes es) -> 1 <= Z.of_nat v <= n.
  Hypothesis written : incl l (nodes es).
  Hypothesis room : Z.of_nat (3 * length es + 2 + length l) <= 2 * n * n + 2 * n + 1.
  Lemma fits : input_ok (at_size n) blueprint wiring (map tok_of (P.word es l)).
  Proof.
    set (s := P.word es l). assert (forall i, nth i (map tok_of s) (Special 0) = tok_of (nth i s P.Start)) as T
      by (intros i; change (Special 0) with (tok_of P.Start); apply map_nth).
    split; [|split].
    - intros i Hi. rewrite map_length in Hi. rewrite T. destruct i as [|i]; [cbn; lia|].
      pose proof (in_word es l (S i) written ltac:(unfold s in Hi; lia)) as I. fold s in I.
      destruct (nth (S i) s P.Start); cbn [tok_of node]; [destruct I| | |lia]; unfold blueprint; cbn [specials]; repeat split; intros; lia.
    - intros i k Hi E. rewrite map_length in Hi. rewrite T in E. destruct i as [|i]; [discriminate|].
      pose proof (in_word es l (S i) written ltac:(unfold s in Hi; lia)) as I. fold s in I. destruct (nth (S i) s P.Start) as [| | |v]; try discriminate.
      injection E as <-. apply range in I. unfold blueprint, at_size. cbn [low high]. unfold peval, peval_mono. cbn [fold_right fst snd power]. lia.
    - rewrite map_length, context_is. unfold s. rewrite word_length. lia.
  Qed.
End Fits.

Definition token_of_out (o : E.out) : tok := match o with E.Node v => node v | E.Answer b => yes_no b end.

Theorem istree : statement_istree.
Proof.
  intros n es Si So Range.
  assert (forall v, In v (nodes es) -> (0 < v)%nat) as Po by (intros v V; apply Range in V; lia).
  destruct (P.wiring_writes_tour es Si So Po) as (w & b & Et & Eb & Lw & Step).
  pose proof (E.root_node es So) as Root.
  assert (incl w (nodes es)) as Wn.
  { destruct (E.tour_ends es Si So) as (w' & b' & W & u & x & E' & R & _).
    rewrite Et in E'. apply EulerSteps.out_inj in E'. destruct E' as (<- & _).
    intros v V. apply (E.reach_nodes es Si _ Root _ _ _ _ R). rewrite <- in_rev. auto. }
  pose proof (EulerSteps.nodes_few n es Si So Range) as Nn.
  pose proof (EulerSteps.edges_bound es Si) as Me.
  assert (Z.of_nat (3 * length es + 2 + length w) <= 2 * n * n + 2 * n + 1) as Room.
  { assert (2 * Z.of_nat (length es) <= n * n) by nia. assert (Z.of_nat (length w) <= 2 * n) by lia. nia. }
  assert (forall k, (k <= length w)%nat ->
    next QcN (at_size n) blueprint (prompt es ++ map node (firstn k w)) = token_of_out (nth k (E.tour es) (E.Node 0))) as Next.
  { intros k Hk. specialize (Step k Hk). cbv zeta in Step. rewrite <- word_more.
    set (s := P.word es (firstn k w)) in *. set (i := (3 * length es + 1 + k)%nat) in *.
    assert (length s = S i) as Ls by (unfold s, i; rewrite word_length, firstn_length_le by auto; lia).
    assert (incl (firstn k w) (nodes es)) as Kn by (intros v V; apply Wn; rewrite <- (firstn_skipn k w); apply in_or_app; auto).
    assert (nth 0 s P.Start = P.Start) as B by reflexivity.
    assert (forall j, (0 < j < length s)%nat -> nth j s P.Start <> P.Start) as O.
    { intros j J F. pose proof (in_word es (firstn k w) j Kn J) as I. fold s in I. rewrite F in I. exact I. }
    apply next_as; [lia| |unfold s, P.word; discriminate|].
    { apply fits; auto. rewrite firstn_length_le by auto. lia. }
    unfold net_next. rewrite map_length, Ls. replace (S i - 1)%nat with i by lia. rewrite (network_writes _ s B O i) by lia. f_equal.
    rewrite <- (Step (where_ (at_size n) s 25) (where_ (at_size n) s 28 i) (where_ (at_size n) s 35 i) (where_ (at_size n) s 30 i)
      (where_ (at_size n) s 42 i) (where_ (at_size n) s 43 i) (where_ (at_size n) s 44 i)).
    - unfold P.writes, next_node. destruct (_ && _); [reflexivity|]. destruct (_ <=? _)%nat; reflexivity.
    - intros j _. apply pointer_latest; auto.
    - apply wrap_latest; auto.
    - apply end_latest; auto.
    - apply record_latest; auto.
    - apply seen_edge_latest; auto; lia.
    - apply way_back_latest; auto; lia.
    - apply seen_node_latest; auto; lia. }
  assert (length (E.tour es) = S (length w)) as Lt by (rewrite Et, app_length, map_length; simpl; lia).
  exists w, b. split; [|split; [lia|split; [exact Eb|]]].
  - rewrite <- prompt_is. assert (map token_of_out (E.tour es) = map node w ++ [yes_no b]) as <-.
    { rewrite Et, map_app, map_map. reflexivity. }
    unfold decode. apply decode_from_is.
    + rewrite Et. destruct w; discriminate.
    + rewrite map_length, Lt. unfold prompt. rewrite map_length, word_length. cbn [length]. rewrite context_is. nia.
    + intros k Hk. rewrite map_length, Lt in Hk.
      assert (firstn k (map token_of_out (E.tour es)) = map node (firstn k w)) as ->.
      { rewrite Et, firstn_map, firstn_app, map_length. replace (k - length w)%nat with 0%nat by lia. cbn [firstn].
        rewrite app_nil_r, firstn_map, map_map. reflexivity. }
      rewrite Next by lia. rewrite (nth_indep _ _ (token_of_out (E.Node 0))) by (rewrite map_length; lia). symmetry. apply map_nth.
    + intros k Hk. rewrite map_length, Lt in Hk. rewrite Et, map_app, app_nth1 by (rewrite !map_length; lia).
      rewrite map_map. rewrite (nth_indep _ _ (node 0)) by (rewrite map_length; lia).
      rewrite (map_nth (fun x => node x)). reflexivity.
    + rewrite Et, map_app. cbn [map]. rewrite last_last. destruct b; reflexivity.
  - intros Bt. assert (tree es) as Tr by (apply Eb; exact Bt). destruct (EulerSteps.tour_is_euler es Si So Tr) as (w' & E' & Pm & La).
    rewrite Et in E'. apply EulerSteps.out_inj in E'. destruct E' as (<- & _). auto.
Qed.
