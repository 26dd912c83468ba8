(** retrieval/turing simulates its machine: a search before each step. *)
From Coq Require Import ZArith List Lia Arith Bool.
From RetrievalGap Require Import Model Tactics Network NetCheck NetModel NetTop NetFull Symbols Searching.
From RetrievalGap Require Import StatementsRetrieval Prompts Lookups Grams Searches StatementsMachines StatementsSearches.
From RetrievalGap.Generated Require Gen_RetrievalTuring Wire_RetrievalTuring.
Import ListNotations.
Open Scope Z_scope.

Notation m := busy_beaver_4.
Notation wiring := Wire_RetrievalTuring.wiring.

(** ** What the network writes, for all positions and cells at once *)

(** The last two tokens before a search, the position that comes, and the state: after the input, and after a step that
    does not halt and stays on the cells. Variables 1 and 2 are the position, or its opposite, and how far it is to the end. *)
Definition code (x : sign) : nat := match searching_token m x with Special k => k | Number _ => 0%nat end.
Definition all_steps : list (nat * nat) := list_prod (seq 0 4) (seq 0 2).
Definition visits : list (sign_ * nat * form * nat) :=
  map (fun t => (Sp t, code Ask, [], 0%nat)) [0; 10; 11]%nat ++
  flat_map (fun qa => match table m (fst qa) (snd qa) with
    | Some (_, move, q) => if halting m q then [] else map (fun e => (Nu [- move; e], code (Step (fst qa) (snd qa)), [0; e], q)) [1; -1]
    | None => [] end) all_steps.
Definition records : list (option sign) := None :: map Some (map Cell [0; 1]%nat ++ map (fun qa => Step (fst qa) (snd qa)) all_steps).
Definition record_code (r : option sign) : nat := match r with Some x => code x | None => 7%nat end.
Definition symbol_left (r : option sign) : nat :=
  match r with Some (Cell a) => a | Some (Step q a) => match table m q a with Some (b, _, _) => b | None => 0%nat end | _ => 0%nat end.
Definition with_s (f : form) (x : nat) : option form := match x with 1%nat => Some f | _ => None end.
Lemma visits_written : forallb (fun v => match v with (t, x, p, q) =>
  writes_known (with_s [0; 1; 1]) wiring [t; Sp x] [Sp 5; Sp 8; Nu p; Sp 9; Sp 6] &&
  forallb (fun r => writes_known (with_s [0; 1; 1]) wiring [t; Sp x; Sp 5; Sp 8; Nu p; Sp 9; Sp 6; Sp (record_code r)] [Nu p; Sp (code (Step q (symbol_left r)))]) records end) visits = true.
Proof. vm_compute. reflexivity. Qed.
Lemma ends_written : forallb (fun qa => match table m (fst qa) (snd qa) with
  | Some (_, move, q) =>
    if halting m q then forallb (fun e => writes_known (with_s [0; 1; 1]) wiring [Nu [0; e]; Sp (code (Step (fst qa) (snd qa)))] [Sp 2]) [1; -1]
    else writes_known (with_s [0; 1]) wiring [Nu [0; move]; Sp (code (Step (fst qa) (snd qa)))] [Sp 4]
  | None => false end) all_steps = true.
Proof. vm_compute. reflexivity. Qed.

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

(** ** Visits *)
Section Visits.
  Variables n s : Z.
  Hypothesis Hn : 1 <= n.
  Hypothesis Hs : 1 <= s.
  Notation rho := (Gen_RetrievalTuring.at_size n s).
  Notation M := Gen_RetrievalTuring.blueprint.
  Notation L := Gen_RetrievalTuring.searches.
  Definition recs : list tok := map Special (rev (seq 10 10)).
  Notation proper t := (match t with Special k => (0 < k < 20)%nat | Number k => - s <= k <= s end).

  Lemma room : peval rho (context M) = 8 * n + 2 * s + 14.
  Proof. unfold M, context. cbn -[Z.mul Z.add]. lia. Qed.
  Lemma read_ok l : Forall (fun t => proper t) l -> Z.of_nat (length l) <= 8 * n + 2 * s + 14 -> input_ok rho M wiring (Special 0 :: l).
  Proof.
    intros P Le. rewrite Forall_forall in P. assert (peval rho (low M) = - s /\ peval rho (high M) = s) as (Lo & Hi) by (split; unfold M, low, high; cbn -[Z.mul Z.add Z.opp]; lia).
    split; [|split].
    - intros [|i] Hi'; cbn [nth]; [split; [cbn; lia|split; [reflexivity|reflexivity]]|]. cbn [length] in Hi'.
      specialize (P (nth i l (Special 0)) ltac:(apply nth_In; lia)). cbv beta in P. destruct (nth i l (Special 0)) as [k|k]; [|lia]. cbn [specials M]. repeat split; try lia.
    - intros [|i] k Hi' E; cbn [nth] in E; [discriminate|]. cbn [length] in Hi'. specialize (P (nth i l (Special 0)) ltac:(apply nth_In; lia)). cbv beta in P. rewrite E in P. lia.
    - rewrite room. cbn [length]. lia.
  Qed.
  Lemma next_after l t : Forall (fun t => proper t) l -> Z.of_nat (length l) <= 8 * n + 2 * s + 14 -> net_next rho wiring (Special 0 :: l) = Some t -> next QcN rho M (Special 0 :: l) = t.
  Proof. intros P Le E. apply Wire_RetrievalTuring.next_as; [exact Hn|exact Hs|apply read_ok; assumption|discriminate|exact E]. Qed.

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
  Notation found_ w p := (match latest_record recs w p with Some u => u | None => Special 7 end).
  Lemma visit_runs before last l most p x (w := before ++ last) (r := found_ w p) : w = Special 0 :: l ->
    Forall (fun t => proper t) (l ++ visit p r x) -> is_answer M x = false -> x <> Special 5 -> x <> Special 6 -> Z.of_nat (length l) + 8 <= 8 * n + 2 * s + 14 ->
    net_writes rho wiring before last [Special 5; Special 8; Number p; Special 9; Special 6] ->
    net_writes rho wiring before (last ++ [Special 5; Special 8; Number p; Special 9; Special 6; r]) [Number p; x] ->
    search_from rho M L (7 + most) w false = let (rest, ended) := search_from rho M L most (w ++ visit p r x) false in (visit p r x ++ rest, ended).
  Proof.
    intros E P A N1 N2 Le (W1 & W2 & W3 & W4 & W5 & _) (W6 & W7 & _). rewrite !app_assoc in *. fold w in W1, W2, W3, W4, W5, W6, W7.
    assert (forall more after t, visit p r x = more ++ after -> net_next rho wiring (w ++ more) = Some t -> next QcN rho M (w ++ more) = t) as Next.
    { intros more after t V Nx. rewrite E in *. cbn [app] in *. apply next_after; [|apply (f_equal (@length tok)) in V; rewrite app_length in *; cbn [length] in V; lia|exact Nx].
      rewrite V, app_assoc in P. apply Forall_app in P. apply P. }
    assert (fits_ w) as F0 by (rewrite room, E; cbn [length]; lia).
    assert (forall more after, visit p r x = more ++ after -> fits_ (w ++ more)) as Fits.
    { intros more after V. apply (f_equal (@length tok)) in V. rewrite app_length in *. cbn [length] in V. rewrite room, E. cbn [length]. lia. }
    assert (opening L <> closing L) as D by discriminate.
    assert (yields L (w ++ Special 5 :: [Special 8; Number p; Special 9]) = [r]) as Y.
    { rewrite yields_found by (intros t [<-|[<-|[<-|[]]]]; split; discriminate). apply record_found. reflexivity. }
    change (7 + most)%nat with (S (6 + most)). rewrite (Searches.step rho M L D w (6 + most) false (Special 5) F0).
    2: { rewrite <- (app_nil_r w). apply (Next [] (visit p r x)); [reflexivity|rewrite app_nil_r; exact W1]. }
    2: discriminate.
    2: reflexivity.
    change (6 + most)%nat with (length [Special 8; Number p; Special 9] + S (2 + most))%nat.
    rewrite (run_inside rho M L D [Special 8; Number p; Special 9] (w ++ [Special 5]) (2 + most)).
    4: { rewrite <- app_assoc. apply (Fits _ [Special 6; r; Number p; x]). reflexivity. }
    3: { rewrite <- app_assoc. apply (Next _ [Special 6; r; Number p; x]); [reflexivity|]. cbn [app]. rewrite <- !app_assoc in W5. exact W5. }
    2: { repeat split; try discriminate.
         - apply (Next _ [Special 8; Number p; Special 9; Special 6; r; Number p; x]); [reflexivity|exact W2].
         - rewrite <- !app_assoc in *. apply (Next _ [Number p; Special 9; Special 6; r; Number p; x]); [reflexivity|exact W3].
         - rewrite <- !app_assoc in *. apply (Next _ [Special 9; Special 6; r; Number p; x]); [reflexivity|exact W4]. }
    rewrite <- !app_assoc. cbn [app]. rewrite Y. cbn [app]. change (Special (closing L)) with (Special 6).
    rewrite <- app_assoc in W7. cbn [app] in W7. change (2 + most)%nat with (S (S most)).
    rewrite (plain _ (S most) (Number p)); [|apply (Fits _ [Number p; x]); reflexivity|apply (Next _ [Number p; x]); [reflexivity|exact W6]|discriminate|discriminate|reflexivity].
    rewrite <- app_assoc. cbn [app].
    rewrite (plain _ most x); [|apply (Fits _ [x]); reflexivity|apply (Next _ [x]); [reflexivity|exact W7]|exact N2|exact N1|exact A].
    rewrite <- app_assoc. cbn [app]. destruct (search_from _ _ _ _ _ _) as (rest, e). reflexivity.
  Qed.

  Lemma entry q a : (q < 4)%nat -> (a < 2)%nat -> exists b move q', table m q a = Some (b, move, q') /\ (move = 1 \/ move = -1) /\ (b < 2)%nat /\ (q' < 5)%nat.
  Proof.
    intros Hq Ha. do 4 (destruct q as [|q]; [destruct a as [|[|a]]; [| |lia]; (eexists _, _, _; split; [reflexivity|]; split; [lia|split; lia])|]). lia.
  Qed.
  Lemma in_steps q a : (q < 4)%nat -> (a < 2)%nat -> In (q, a) all_steps.
  Proof. intros Hq Ha. apply in_prod; apply in_seq; lia. Qed.
  Lemma symbol_small r : In r records -> (symbol_left r < 2)%nat.
  Proof.
    intros I. assert (forallb (fun r => Nat.ltb (symbol_left r) 2) records = true) as C by (vm_compute; reflexivity).
    rewrite forallb_forall in C. apply Nat.ltb_lt. apply C. exact I.
  Qed.
  Lemma record_small r : In r records -> (6 < record_code r < 20)%nat.
  Proof.
    intros I. assert (forallb (fun r => Nat.ltb 6 (record_code r) && Nat.ltb (record_code r) 20) records = true) as C by (vm_compute; reflexivity).
    rewrite forallb_forall in C. specialize (C r I). apply andb_prop in C. destruct C as (A & B). apply Nat.ltb_lt in A, B. lia.
  Qed.
  Lemma step_record q a : (q < 4)%nat -> (a < 2)%nat -> In (Some (Step q a)) records.
  Proof.
    intros Hq Ha. right. apply in_map, in_or_app. right. apply (in_map (fun qa => Step (fst qa) (snd qa)) all_steps (q, a)), in_steps; assumption.
  Qed.
  Lemma in_recs q a : (q < 4)%nat -> (a < 2)%nat -> In (searching_token m (Step q a)) recs.
  Proof.
    intros Hq Ha. do 4 (destruct q as [|q]; [destruct a as [|[|a]]; [| |lia]; vm_compute; tauto|]). lia.
  Qed.
  Notation tok_ num t := (token_ (numbered num) t).
  Notation val num f := (value (numbered num) f).
  Lemma sizes_are num f : val num f = s -> forall x, means (numbered num) (with_s f x) (rho x).
  Proof. intros E [|[|x]] g Eg; try discriminate. injection Eg as <-. symmetry. exact E. Qed.
  Lemma visit_written before num t x p q r : In (t, x, p, q) visits -> Forall (fun z => 0 <= z) num -> val num [0; 1; 1] = s -> In r records ->
    net_writes rho wiring before [tok_ num t; Special x] [Special 5; Special 8; Number (val num p); Special 9; Special 6] /\
    net_writes rho wiring before ([tok_ num t; Special x] ++ [Special 5; Special 8; Number (val num p); Special 9; Special 6; Special (record_code r)])
      [Number (val num p); Special (code (Step q (symbol_left r)))].
  Proof.
    intros I Nat_ Es Ir. pose proof visits_written as V. rewrite forallb_forall in V. specialize (V _ I). cbv beta iota in V. apply andb_prop in V. destruct V as (V1 & V2).
    rewrite forallb_forall in V2. specialize (V2 r Ir). split.
    - apply (net_writes_known num rho wiring before Nat_ _ (sizes_are num _ Es) Logic.I [t; Sp x] _ [Sp 5; Sp 8; Nu p; Sp 9; Sp 6]); [discriminate|reflexivity|reflexivity|exact V1].
    - apply (net_writes_known num rho wiring before Nat_ _ (sizes_are num _ Es) Logic.I [t; Sp x; Sp 5; Sp 8; Nu p; Sp 9; Sp 6; Sp (record_code r)] _ [Nu p; Sp (code (Step q (symbol_left r)))]);
        [discriminate|reflexivity|reflexivity|exact V2].
  Qed.

  (** Before a visit: what was read last, and what the latest records are. *)
  Definition ready (w : list tok) (held : Z -> option sign) (c : config) : Prop :=
    exists before l t x p num, In (t, x, p, in_state c) visits /\ w = before ++ [tok_ num t; Special x] /\ w = Special 0 :: l /\ Forall (fun t => proper t) l /\
      Forall (fun z => 0 <= z) num /\ val num [0; 1; 1] = s /\ val num p = head_at c /\ (in_state c < 4)%nat /\ - s <= head_at c <= s /\
      forall y, tape c y = symbol_left (held y) /\ In (held y) records /\ latest_record recs w y = option_map (searching_token m) (held y).
  Lemma runs T : forall w held c most, ready w held c -> (7 * T + 1 <= most)%nat -> Z.of_nat (length w + 8 * T) <= 8 * n + 2 * s + 14 ->
    let (l, ended) := searching_simulation m s T held c in
    (length l <= 8 * T + 1)%nat /\ if ended then search_from rho M L most w false = (l, true) else exists rest e, search_from rho M L most w false = (l ++ rest, e).
  Proof.
    induction T as [|T IH]; intros w held c most R Hm Room.
    - cbn [searching_simulation]. split; [cbn; lia|]. destruct (search_from rho M L most w false) as (rest, e). exists rest, e. reflexivity.
    - destruct R as (before & l & t & x & p & num & I & Ew & El & Pl & Nat_ & Es & Ep & Hq & Hp & Inv). destruct c as [q h tp]. cbn [in_state head_at tape] in *.
      cbn [searching_simulation in_state head_at tape]. destruct (Inv h) as (Et & Ir & Lr). set (r := held h) in *. pose proof (symbol_small r Ir) as Ha. pose proof (record_small r Ir) as Hr.
      destruct (visit_written before num t x p q r I Nat_ Es Ir) as (W1 & W2). rewrite Ep in W1, W2. rewrite Et. set (a := symbol_left r) in *.
      destruct (entry q a Hq Ha) as (b & move & q' & Tab & Hmove & Hb & Hq').
      assert (match r with Some r => searching_token m r | None => Special 7 end = Special (record_code r)) as -> by (destruct r; reflexivity).
      change (searching_token m (Step q a)) with (Special (code (Step q a))).
      assert (match latest_record recs w h with Some u => u | None => Special 7 end = Special (record_code r)) as Found by (rewrite Lr; destruct r; reflexivity).
      pose proof (step_record q a Hq Ha) as Sr. pose proof (record_small _ Sr) as Sc. cbn [record_code] in Sc.
      set (here := [Special 5; Special 8; Number h; Special 9; Special 6; Special (record_code r); Number h; Special (code (Step q a))]).
      assert (Forall (fun t => proper t) (l ++ here)) as Ph by (apply Forall_app; split; [exact Pl|]; unfold here; repeat (apply Forall_cons; [lia|]); apply Forall_nil).
      assert (length w = S (length l)) as Lw by (rewrite El; reflexivity).
      assert (exists most', most = (7 + S most')%nat /\ (7 * T <= most')%nat) as (most' & -> & Hm') by (exists (most - 8)%nat; lia).
      assert (is_answer M (Special (code (Step q a))) = false) as An by (do 4 (destruct q as [|q]; [destruct a as [|[|a']]; [reflexivity|reflexivity|lia]|]); lia).
      pose proof (visit_runs before [tok_ num t; Special x] l (S most') h (Special (code (Step q a)))) as Run. cbv zeta in Run. rewrite <- Ew, Found in Run.
      specialize (Run El Ph An ltac:(intros F; injection F as F; lia) ltac:(intros F; injection F as F; lia) ltac:(lia) W1 W2). fold here in Run. rewrite Run. clear Run W1 W2.
      unfold StatementsMachines.step. cbn [in_state head_at tape]. rewrite Et. fold a. rewrite Tab.
      assert (w ++ here = (w ++ [Special 5; Special 8; Number h; Special 9; Special 6; Special (record_code r)]) ++ [Number h; Special (code (Step q a))]) as Split by (rewrite <- app_assoc; reflexivity).
      pose proof ends_written as En. rewrite forallb_forall in En. specialize (En (q, a) (in_steps q a Hq Ha)). cbn [fst snd] in En. rewrite Tab in En.
      assert (forall t0, net_next rho wiring (w ++ here) = Some t0 -> next QcN rho M (w ++ here) = t0) as Next.
      { intros t0. rewrite El. cbn [app]. apply next_after; [exact Ph|]. rewrite app_length. cbn [length here]. lia. }
      assert (fits_ (w ++ here)) as Fits by (rewrite room, app_length; cbn [length here]; lia).
      destruct (halting m q') eqn:Halt.
      + split; [rewrite app_length; cbn [length here]; lia|]. rewrite forallb_forall in En.
        rewrite (ended_ _ most' (Special 2)); [reflexivity|exact Fits| |discriminate|discriminate|reflexivity]. apply Next. rewrite Split.
        pose (e := if 0 <=? h then 1 else -1). assert (Forall (fun z => 0 <= z) [Z.abs h; s - Z.abs h]) as Nn by (repeat constructor; lia).
        apply (net_next_known [Z.abs h; s - Z.abs h] rho wiring _ Nn (with_s [0; 1; 1]) (sizes_are [Z.abs h; s - Z.abs h] [0; 1; 1] ltac:(unfold value, numbered; cbn [ev nth]; lia)) Logic.I [Nu [0; e]; Sp (code (Step q a))] _ (Sp 2));
          [discriminate| |reflexivity|apply En; unfold e; destruct (0 <=? h); cbn; auto].
        unfold e, value, numbered. cbn [map token_ ev nth]. repeat f_equal. unfold value. cbn [ev nth]. destruct (Z.leb_spec 0 h); lia.
      + destruct (Z.ltb_spec s (Z.abs (h + move))) as [Out|In_].
        * split; [rewrite app_length; cbn [length here]; lia|]. rewrite (ended_ _ most' (Special 4)); [reflexivity|exact Fits| |discriminate|discriminate|reflexivity]. apply Next. rewrite Split.
          assert (Forall (fun z => 0 <= z) [s]) as Nn by (repeat constructor; lia).
          apply (net_next_known [s] rho wiring _ Nn (with_s [0; 1]) (sizes_are [s] [0; 1] ltac:(unfold value, numbered; cbn [ev nth]; lia)) Logic.I [Nu [0; move]; Sp (code (Step q a))] _ (Sp 4));
            [discriminate| |reflexivity|exact En].
          cbn [map token_]. repeat f_equal. unfold value, numbered. cbn [ev nth]. lia.
        * specialize (IH (w ++ here) (fun y => if y =? h then Some (Step q a) else held y) {| in_state := q'; head_at := h + move; tape := fun y => if y =? h then b else tp y |} (S most')).
          destruct (searching_simulation m s T _ _) as (rest, ended).
          assert (ready (w ++ here) (fun y => if y =? h then Some (Step q a) else held y) {| in_state := q'; head_at := h + move; tape := fun y => if y =? h then b else tp y |}) as Rd.
          { pose (h' := h + move). pose (e := if 0 <=? h' then 1 else -1).
            exists (w ++ [Special 5; Special 8; Number h; Special 9; Special 6; Special (record_code r)]), (l ++ here), (Nu [- move; e]), (code (Step q a)), [0; e], [Z.abs h'; s - Z.abs h'].
            cbn [in_state head_at tape]. split; [|split; [|split; [|split; [|split; [|split; [|split; [|split; [|split]]]]]]]].
            - apply in_or_app. right. apply in_flat_map. exists (q, a). split; [apply in_steps; assumption|]. cbn [fst snd]. rewrite Tab, Halt.
              apply (in_map (fun e => (Nu [- move; e], code (Step q a), [0; e], q'))). unfold e. destruct (0 <=? h'); cbn; auto.
            - rewrite Split. f_equal. cbn [token_]. repeat f_equal. unfold value, numbered, e, h'. cbn [ev nth]. destruct (Z.leb_spec 0 (h + move)); lia.
            - rewrite El. reflexivity.
            - exact Ph.
            - repeat constructor; unfold h'; lia.
            - unfold value, numbered. cbn [ev nth]. lia.
            - unfold value, numbered, e, h'. cbn [ev nth]. destruct (Z.leb_spec 0 (h + move)); lia.
            - unfold halting in Halt. cbn [busy_beaver_4] in Halt. apply Nat.eqb_neq in Halt. lia.
            - lia.
            - intros y. destruct (Inv y) as (Ty & Iy & Ly). rewrite Ew at 1. change [tok_ num t; Special x] with ([tok_ num t] ++ [Special x]). rewrite (app_assoc before).
              unfold here. rewrite latest_visit; [|vm_compute; intuition discriminate|apply in_recs; assumption]. rewrite <- app_assoc. cbn [app]. rewrite <- Ew.
              destruct (y =? h); [|auto]. split; [cbn [symbol_left]; rewrite Tab; reflexivity|]. split; [exact Sr|reflexivity]. }
          specialize (IH Rd ltac:(lia)). rewrite app_length in IH. specialize (IH ltac:(cbn [length here]; lia)). destruct IH as (Len & Run).
          split; [rewrite app_length; cbn [length here]; lia|]. destruct ended.
          -- rewrite Run. reflexivity.
          -- destruct Run as (more & e' & ->). exists more, e'. rewrite app_assoc. reflexivity.
  Qed.
End Visits.

(** ** The prompt *)
Lemma cell_code a : (a < 2)%nat -> searching_token m (Cell a) = Special (10 + a).
Proof. intros H. destruct a as [|[|a]]; [reflexivity|reflexivity|lia]. Qed.
Lemma cells_read word : forall p y, (forall a, In a word -> (a < 2)%nat) -> latest_record recs (searching_cells m p word ++ [Special 1]) y =
  if y <? p then None else option_map (fun a => searching_token m (Cell a)) (nth_error word (Z.to_nat (y - p))).
Proof.
  induction word as [|a word IH]; intros p y W; cbn [searching_cells app].
  - destruct (y <? p); [reflexivity|]. destruct (Z.to_nat (y - p)); reflexivity.
  - pose proof (W a (or_introl eq_refl)) as Ha. rewrite (cell_code a Ha). change (Number p :: Special (10 + a) :: searching_cells m (p + 1) word ++ [Special 1]) with (([Number p] ++ [Special (10 + a)]) ++ searching_cells m (p + 1) word ++ [Special 1]).
    rewrite latest_app, IH by (intros b I; apply W; right; exact I). unfold latest_record. cbn [app length record_before record_at nth_error].
    rewrite in_is by (destruct a as [|[|a]]; [vm_compute; tauto|vm_compute; tauto|lia]). rewrite andb_true_r.
    destruct (Z.ltb_spec y (p + 1)) as [A|A], (Z.ltb_spec y p) as [B|B], (Z.eqb_spec p y) as [C|C]; try lia; try reflexivity.
    + subst y. rewrite Z.sub_diag. cbn [Z.to_nat nth_error option_map]. rewrite (cell_code a Ha). reflexivity.
    + replace (Z.to_nat (y - p)) with (S (Z.to_nat (y - (p + 1)))) by lia. cbn [nth_error]. destruct (option_map _ _); reflexivity.
Qed.
Lemma length_cells word : forall p, length (searching_cells m p word) = (2 * length word)%nat.
Proof. induction word as [|a word IH]; intros p; cbn [searching_cells length]; [reflexivity|]. rewrite IH. lia. Qed.
Lemma cells_proper s word : forall p, 0 <= p -> p + Z.of_nat (length word) <= s + 1 -> (forall a, In a word -> (a < 2)%nat) ->
  Forall (fun t => match t with Special k => (0 < k < 20)%nat | Number k => - s <= k <= s end) (searching_cells m p word).
Proof.
  induction word as [|a word IH]; intros p Hp Le W; cbn [searching_cells length] in *; [apply Forall_nil|]. pose proof (W a (or_introl eq_refl)) as Ha.
  apply Forall_cons; [lia|]. apply Forall_cons; [rewrite (cell_code a Ha); lia|]. apply IH; [lia|lia|]. intros b I. apply W. right. exact I.
Qed.
Lemma cells_end word : forall p, word <> [] -> (forall a, In a word -> (a < 2)%nat) -> exists front a, searching_cells m p word = front ++ [Special (10 + a)] /\ (a < 2)%nat.
Proof.
  induction word as [|a word IH]; intros p Ne W; [congruence|]. pose proof (W a (or_introl eq_refl)) as Ha. cbn [searching_cells]. destruct word as [|b word].
  - exists [Number p], a. rewrite (cell_code a Ha). split; [reflexivity|exact Ha].
  - destruct (IH (p + 1) ltac:(discriminate) ltac:(intros c I; apply W; right; exact I)) as (front & c & -> & Hc).
    exists (Number p :: searching_token m (Cell a) :: front), c. split; [reflexivity|exact Hc].
Qed.

Theorem retrieval_turing_simulated : statement_retrieval_turing.
Proof.
  intros n s word T Hn Hs Letters Len Steps. cbv zeta. unfold decode_searching. rewrite room. cbn [symbols busy_beaver_4] in Letters.
  assert (length (searching_prompt m word) = 2 * length word + 2)%nat as Lw by (unfold searching_prompt; cbn [length]; rewrite app_length, length_cells; cbn [length]; lia).
  apply (runs n s Hn Hs); [|lia|lia].
  assert (exists before t, In t [0; 10; 11]%nat /\ searching_prompt m word = before ++ [Special t; Special 1]) as (before & t & It & E).
  { unfold searching_prompt. change (searching_token m Begin) with (Special 0). change (searching_token m Ask) with (Special 1). destruct word as [|a word].
    - exists [], 0%nat. split; [left; reflexivity|reflexivity].
    - destruct (cells_end (a :: word) 0 ltac:(discriminate) Letters) as (front & b & -> & Hb). exists (Special 0 :: front), (10 + b)%nat.
      split; [destruct b as [|[|b]]; cbn; [tauto|tauto|lia]|]. cbn [app]. rewrite <- app_assoc. reflexivity. }
  exists before, (searching_cells m 0 word ++ [Special 1]), (Sp t), 1%nat, [], [0; s]. cbn [in_state head_at tape initial].
  split; [|split; [|split; [|split; [|split; [|split; [|split; [|split; [|split]]]]]]]].
  - apply in_or_app. left. apply (in_map (fun t => (Sp t, code Ask, [], 0%nat))). exact It.
  - exact E.
  - reflexivity.
  - apply Forall_app. split; [apply cells_proper; [lia|lia|exact Letters]|]. apply Forall_cons; [lia|apply Forall_nil].
  - repeat constructor; lia.
  - unfold value, numbered. cbn [ev nth]. lia.
  - reflexivity.
  - cbn. lia.
  - lia.
  - intros y. unfold searching_prompt. change (searching_token m Begin) with (Special 0). change (searching_token m Ask) with (Special 1).
    change (Special 0 :: searching_cells m 0 word ++ [Special 1]) with (([] ++ [Special 0]) ++ searching_cells m 0 word ++ [Special 1]). rewrite latest_app, (cells_read word 0 y Letters), Z.sub_0_r.
    unfold input_records. destruct (y <? 0); [split; [reflexivity|split; [left; reflexivity|reflexivity]]|]. destruct (nth_error word (Z.to_nat y)) as [a|] eqn:A; cbn [option_map symbol_left].
    + split; [apply nth_error_nth; exact A|]. split; [|reflexivity]. apply nth_error_In in A. specialize (Letters a A). right. apply in_map, in_or_app. left. apply in_map.
      destruct a as [|[|a]]; cbn; [tauto|tauto|lia].
    + split; [apply nth_overflow, nth_error_None, A|]. split; [left; reflexivity|reflexivity].
Qed.
Print Assumptions retrieval_turing_simulated.
