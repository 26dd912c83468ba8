(** F. The checker: weights against a network of gadgets, stage by stage; facts about coordinates are inferred. *)
From Coq Require Import ZArith List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network.
From RetrievalGap Require Export NetFacts NetStates.
Import ListNotations.
Open Scope Z_scope.

(** ** Heads and stages *)
Inductive pick :=
| At (place position : row)                                          (* the position nearest to a number *)
| Latest (s : nat) (pairs : list (row * row)) (excluded : row) (begin : nat)   (* the latest match, 0 if there is none *)
| Closest (s : nat) (pairs : list (row * row)) (excluded : row).     (* the latest of the nearest *)
(** A cell of a recurrence: where it is shown, what it takes from the cells one position before, what it reads. *)
Record cell := Cell { shown : option nat; before : list (nat * Z); reads_ : row }.
Inductive stage :=
| Heads (l : list (pick * list (nat * row)))                         (* what is read at what is picked *)
| Gates (l : list (nat * gate))
| Cells (l : list cell)
| States (places : list nat) (reads : list row) (moves : list move).   (* cell by cell where it is shown and what it reads; what moves them *)

(** The latest position where f is largest. *)
Fixpoint closest (f : nat -> Z) (i : nat) : nat :=
  match i with O => O | S i' => let p := closest f i' in if f p <=? f i then i else p end.
Lemma closest_le f i : (closest f i <= i)%nat.
Proof. induction i as [|i IH]; cbn [closest]; [lia|]. destruct (_ <=? _); lia. Qed.
Lemma closest_is f i : forall j, (j <= i)%nat -> f j <= f (closest f i) /\ (f j = f (closest f i) -> (j <= closest f i)%nat).
Proof.
  induction i as [|i IH]; intros j Hj; cbn [closest]; [replace j with 0%nat by lia; lia|].
  destruct (Z.leb_spec (f (closest f i)) (f (S i))) as [L|L]; destruct (Nat.eq_dec j (S i)) as [->|D].
  - lia.
  - destruct (IH j ltac:(lia)). lia.
  - lia.
  - apply IH. lia.
Qed.
Lemma closest_best s f i : Z.of_nat i < s -> best i (fun j => s * f j + Z.of_nat j) (closest f i).
Proof.
  intros Hs. split; [apply closest_le|]. intros j Hj D. destruct (closest_is f i j Hj) as (A & B). pose proof (closest_le f i).
  destruct (Z.eq_dec (f j) (f (closest f i))) as [E|E]; [rewrite E; specialize (B E); lia|]. nia.
Qed.
Lemma closest_latest i q k e p : (forall j, (j <= i)%nat -> length q = length (k j)) -> (forall j, (j <= i)%nat -> 0 <= e j) ->
  latest i q k e p -> closest (fun j => 2 * dot q (k j) - norm2 (k j) - e j) i = p.
Proof.
  intros D P (Hp & (Kp & Ep) & L).
  assert (forall f, (forall j, (j <= i)%nat -> f j = norm2 q - dist2 q (k j) - e j) -> closest f i = p) as G.
  { intros f Ef. pose proof (closest_le f i) as C. pose proof (closest_is f i p Hp) as (A & B).
    set (m := closest f i) in *. clearbody m. rewrite !Ef, Kp, Ep, dist2_refl in A, B by auto.
    assert (matches q k e m) as M.
    { destruct (matches_dec q k e m) as [M|M]; auto. exfalso. pose proof (miss i q k e D P m C M). lia. }
    destruct (lt_eq_lt_dec m p) as [[H|H]|H]; auto; exfalso; [|apply (L m); auto].
    destruct M as (M & N). rewrite M, N, dist2_refl in B. lia. }
  apply G. intros j Hj. rewrite complete_square by auto. reflexivity.
Qed.

Definition queries rho (pairs : list (row * row)) (x : nat -> nat -> Z) i := map (fun kq => lin rho (snd kq) (x i)) pairs.
Definition keys rho (pairs : list (row * row)) (x : nat -> nat -> Z) j := map (fun kq => lin rho (fst kq) (x j)) pairs.
Definition picked rho (x : nat -> nat -> Z) (i : nat) (p : pick) : nat :=
  match p with
  | At _ r => nearest (lin rho r (x i)) i
  | Latest _ l e _ => latest_pick (queries rho l x i) (keys rho l x) (fun j => lin rho e (x j)) i
  | Closest _ l e => closest (fun j => 2 * dot (queries rho l x i) (keys rho l x j) - norm2 (keys rho l x j) - lin rho e (x j)) i
  end.
Lemma picked_le rho x i p : (picked rho x i p <= i)%nat.
Proof. destruct p; [apply nearest_le|apply latest_pick_le|apply closest_le]. Qed.

(** What a stage turns the stream into. *)
Fixpoint heads_sem rho (l : list (pick * list (nat * row))) (x : nat -> nat -> Z) (i c : nat) : Z :=
  match l with
  | [] => x i c
  | (p, reads) :: l' => match assoc c reads with Some r => lin rho r (x (picked rho x i p)) | None => heads_sem rho l' x i c end
  end.
Definition no_cell := Cell None [] [].
Fixpoint cell_sem rho (l : list cell) (x : nat -> nat -> Z) (t k : nat) : Z :=
  match t with
  | O => lin rho (reads_ (nth k l no_cell)) (x O)
  | S t' => sum (map (fun jf => snd jf * cell_sem rho l x t' (fst jf)) (before (nth k l no_cell))) + lin rho (reads_ (nth k l no_cell)) (x t)
  end.
Fixpoint shown_at (l : list cell) (k c : nat) : option nat :=
  match l with
  | [] => None
  | a :: l' => match shown a with Some d => if Nat.eqb c d then Some k else shown_at l' (S k) c | None => shown_at l' (S k) c end
  end.
Definition cell_at (places : list nat) (c : nat) : option nat := assoc c (combine places (seq 0 (length places))).
Definition stage_sem rho (s : stage) (x : nat -> nat -> Z) : nat -> nat -> Z := fun i c =>
  match s with
  | Heads l => heads_sem rho l x i c
  | Gates l => match assoc c l with Some g => gate_sem (fun r => lin rho r (x i)) g | None => x i c end
  | Cells l => match shown_at l 0 c with Some k => cell_sem rho l x i k | None => x i c end
  | States places reads ms => match cell_at places c with Some k => held rho reads ms x i k | None => x i c end
  end.
Definition stage_keys (s : stage) : list nat :=
  match s with
  | Heads l => flat_map (fun h => map fst (snd h)) l
  | Gates l => map fst l
  | Cells l => flat_map (fun a => match shown a with Some c => [c] | None => [] end) l
  | States places _ _ => places
  end.
Definition pick_scale (p : pick) : list nat := match p with At _ _ => [] | Latest s _ _ _ | Closest s _ _ => [s] end.
Definition stage_scales (s : stage) : list nat := match s with Heads l => flat_map (fun h => pick_scale (fst h)) l | _ => [] end.

(** ** Checks *)
Definition total_of (f : row * row -> P) (l : list (row * row)) : P := psum (map f l).
Definition closest_target s l e : P :=
  pmul [(1, [E s])] (pmul [(2, [])] (total_of (fun kq => pmul (of_row X (snd kq)) (of_row Y (fst kq))) l)
                     ++ neg (total_of (fun kq => pmul (of_row Y (fst kq)) (of_row Y (fst kq))) l) ++ neg (of_row Y e)) ++ [(1, [J])].
Definition check_pick F (h : head) (p : pick) : bool :=
  match p with
  | At place r => is_place F place &&
    equal_polys F (of_score h) (pmul (pmul [(2, [])] (of_row X r)) (of_row Y place) ++ neg (pmul (of_row Y place) (of_row Y place)))
  | Latest s l e b => has_first F b && never_negative F e && zero_at_start F e && forallb (fun kq => zero_at_start F (fst kq)) l &&
    equal_polys F (of_score h) (target {| g_scale := s; g_where := l; g_excluded := e; g_start := coord b |})
  | Closest s l e => equal_polys F (of_score h) (closest_target s l e)
  end.
Definition read_row (reads : list (nat * row)) (c : nat) : row := match assoc c reads with Some r => r | None => [] end.
Definition check_head F (h : head) (g : pick * list (nat * row)) : bool :=
  check_pick F h (fst g) && forallb (fun k => Nat.ltb k (length (output h))) (map fst (snd g)) &&
  forallb (fun c => match nth c (output h) [], assoc c (snd g) with
                    | [], None => true
                    | o, _ => same_row (compose o (value h)) (read_row (snd g) c) end) (seq 0 (length (output h))).
Fixpoint zip {A B} (f : A -> B -> bool) (l : list A) (m : list B) : bool :=
  match l, m with [], [] => true | a :: l', b :: m' => f a b && zip f l' m' | _, _ => false end.
Definition check_unit (g v : matrix) (o : nat * poly) (u : row * row * Z) : bool :=
  same_entry (snd o) (const (snd u)) && same_row (nth (fst o) g []) (fst (fst u)) && same_row (nth (fst o) v []) (snd (fst u)).
Definition flags_known F (g : gate) : bool :=
  match g with All fs => forallb (row_is_flag F) fs | Cases l _ => forallb (row_is_flag F) (map fst l) | _ => true end.
Definition check_gates F (g v o : matrix) (l : list (nat * gate)) : bool :=
  forallb (fun k => Nat.ltb k (length o)) (map fst l) && forallb (fun kg => flags_known F (snd kg) && forallb (within F) (rows_of (snd kg))) l &&
  forallb (fun c => match assoc c l with Some gt => zip (check_unit g v) (nth c o []) (units_of gt) | None => nothing (nth c o []) end) (seq 0 (length o)).
Definition before_row (a : cell) : row := map (fun jf => (fst jf, const (snd jf))) (before a).
Definition check_cells (a b o d : matrix) (l : list cell) : bool :=
  forallb (fun k => same_row (nth k a []) (before_row (nth k l no_cell)) && same_row (nth k b []) (reads_ (nth k l no_cell)))
          (seq 0 (Nat.max (length l) (Nat.max (length a) (length b)))) &&
  forallb (fun k => Nat.ltb k (length o)) (stage_keys (Cells l)) && forallb nothing d &&
  forallb (fun c => match shown_at l 0 c with Some k => same_row (nth c o []) (coord k) | None => nothing (nth c o []) end) (seq 0 (length o)).
Definition check_shown (o d : matrix) (places : list nat) : bool :=
  forallb (fun c => Nat.ltb c (length o)) places && forallb nothing d &&
  forallb (fun c => match cell_at places c with Some k => same_row (nth c o []) (coord k) | None => nothing (nth c o []) end) (seq 0 (length o)).
Fixpoint distinct (l : list nat) : bool := match l with [] => true | c :: l' => negb (mem c l') && distinct l' end.
Definition check_stage F (L : layer) (s : stage) : bool :=
  distinct (stage_keys s) && forallb (fun c => negb (mem c (written F))) (stage_keys s) &&
  match L, s with
  | Attention hs, Heads l => zip (check_head F) hs l
  | FeedForward g v o, Gates l => check_gates F g v o l
  | Recurrence a b o d, Cells l => check_cells a b o d l
  | Selective a b o d g h m, States places reads ms => Nat.eqb (length places) (length reads) && check_shown o d places && check_states a b g h m reads ms
  | _, _ => false
  end.

(** ** Facts after a stage *)
Definition head_facts F (claims : list (nat * nat)) (g : pick * list (nat * row)) : list fact :=
  flat_map (fun cr => (if row_is_flag F (snd cr) then [Flag (fst cr)] else []) ++
                      match start_row F (snd cr) with Some k => [Start (fst cr) k] | None => [] end) (snd g) ++
  flat_map (fun cb => match assoc (fst cb) (snd g), assoc (snd cb) (snd g) with
                      | Some r2, Some r1 => if is_square F r2 r1 then [Sq (fst cb) (snd cb)] else []
                      | _, _ => [] end) claims.
Definition gate_is_flag F (g : gate) : bool :=
  match g with
  | Equal _ | AtLeast _ | All _ => true
  | Cases l o => row_is_flag F o && forallb (fun fa => row_is_flag F (snd fa)) l
  | OneOf l => exclusive F l && forallb (fun ga => row_is_flag F (snd ga)) l
  | _ => false
  end.
Definition gate_start F (g : gate) : option Z :=
  if forallb (fun r => match start_row F r with Some _ => true | None => false end) (rows_of g)
  then Some (gate_sem (fun r => match start_row F r with Some k => k | None => 0 end) g) else None.
Definition gate_facts F (cg : nat * gate) : list fact :=
  Def (fst cg) (snd cg) :: (if gate_is_flag F (snd cg) then [Flag (fst cg)] else []) ++
  match gate_start F (snd cg) with Some k => [Start (fst cg) k] | None => [] end.
(** Shift registers of flags are flags; what counts tokens is the position plus 1, and its square can be carried. *)
Fixpoint cell_is_flag F (l : list cell) (fuel k : nat) : bool :=
  match fuel, nth k l no_cell with
  | O, _ => false
  | S _, Cell _ [] r => row_is_flag F r
  | S fuel', Cell _ [(j, 1)] [] => cell_is_flag F l fuel' j
  | _, _ => false
  end.
Definition counts_tokens (l : list cell) (k : nat) : bool :=
  match before (nth k l no_cell) with [(j, 1)] => Nat.eqb j k && same_row (reads_ (nth k l no_cell)) (number 1) | _ => false end.
Definition squares_tokens (l : list cell) (k j : nat) : bool :=
  counts_tokens l j && match before (nth k l no_cell) with [(a, 1); (b, 2)] => Nat.eqb a k && Nat.eqb b j && same_row (reads_ (nth k l no_cell)) (number 1) | _ => false end.
Definition cell_facts F claims (l : list cell) : list fact :=
  flat_map (fun c => match shown_at l 0 c with
    | Some k => (if cell_is_flag F l (S (length l)) k then [Flag c] else []) ++ (if counts_tokens l k then [Pos c 1] else []) ++
                match start_row F (reads_ (nth k l no_cell)) with Some s => [Start c s] | None => [] end
    | None => [] end) (stage_keys (Cells l)) ++
  flat_map (fun cb => match shown_at l 0 (fst cb), shown_at l 0 (snd cb) with
    | Some k, Some j => if squares_tokens l k j then [Sq (fst cb) (snd cb)] else []
    | _, _ => [] end) claims.
Definition state_facts F (places : list nat) (reads : list row) (ms : list move) : list fact :=
  let vs := values_of F reads ms in
  flat_map (fun ck => match start_row F (nth (snd ck) reads []) with Some s => [Start (fst ck) s] | None => [] end ++
    match assoc (snd ck) vs with Some l => if forallb (fun v => (v =? 0) || (v =? 1)) l then [Flag (fst ck)] else [] | None => [] end)
    (combine places (seq 0 (length places))).
Fixpoint cases_squared F (l2 l1 : list (row * row)) (o2 o1 : row) : bool :=
  match l2, l1 with
  | [], [] => is_square F o2 o1
  | (f2, a2) :: l2', (f1, a1) :: l1' => same_row f2 f1 && is_square F a2 a1 && cases_squared F l2' l1' o2 o1
  | _, _ => false
  end.
Definition claim_holds F (c b : nat) : bool :=
  match find_def (known F) c, find_def (known F) b with
  | Some (Square a), _ => same_row a (coord b)
  | Some (Cases l2 o2), Some (Cases l1 o1) => cases_squared F l2 l1 o2 o1
  | _, _ => false
  end.
Definition next_facts F (claims : list (nat * nat)) (s : stage) : facts :=
  match s with
  | Heads l => extend F (stage_keys s) (flat_map (head_facts F claims) l)
  | Cells l => extend F (stage_keys s) (cell_facts F claims l)
  | States places reads ms => extend F places (state_facts F places reads ms)
  | Gates l => let F' := extend F (stage_keys s) (flat_map (gate_facts F) l) in
    extend F' [] (flat_map (fun cb => if mem (fst cb) (stage_keys s) && claim_holds F' (fst cb) (snd cb) then [Sq (fst cb) (snd cb)] else []) claims)
  end.
Fixpoint check_stages F claims (Ls : list layer) (ss : list stage) : bool :=
  match Ls, ss with
  | [], [] => true
  | L :: Ls', s :: ss' => check_stage F L s && check_stages (next_facts F claims s) claims Ls' ss'
  | _, _ => false
  end.

(** The picks of a head whose score is that of a look-up (the proof is that of check_latest_sound). *)
Lemma latest_picks rho h g (xs : nat -> vec ZN) i :
  (forall j, (j <= i)%nat -> ev (val rho xs i j) (of_score h) = ev (val rho xs i j) (target g)) ->
  (forall j, (j <= i)%nat -> times ZN rho (g_start g) (xs j) = start j) ->
  (forall j, (j <= i)%nat -> 0 <= times ZN rho (g_excluded g) (xs j)) ->
  times ZN rho (g_excluded g) (xs 0%nat) = 0 -> Forall (fun x => x = 0) (g_keys rho g xs 0) ->
  Z.of_nat i < rho (g_scale g) ->
  picks ZN rho h xs i = [latest_pick (g_queries rho g xs i) (g_keys rho g xs) (fun j => times ZN rho (g_excluded g) (xs j)) i].
Proof.
  intros C St Pen E0 K0 Big. apply picks_best.
  apply best_ext with (default_score (rho (g_scale g)) (g_queries rho g xs i) (g_keys rho g xs) (fun j => times ZN rho (g_excluded g) (xs j)) Z.of_nat).
  - intros j Hj. rewrite <- ev_of_score.
    rewrite C by auto.
    unfold default_score. rewrite <- (St j Hj). unfold target. cbv zeta.
    rewrite !ev_app, !ev_pmul, !ev_app, !ev_pmul, !ev_neg.
    rewrite !(ev_of_row rho xs i j Y j) by reflexivity.
    assert (forall f, ev (val rho xs i j) (psum (map f (g_where g))) = fold_right Z.add 0 (map (fun kq => ev (val rho xs i j) (f kq)) (g_where g))) as Sum.
    { intros f. induction (g_where g) as [|a l IH]; [reflexivity|]. unfold psum in *. cbn [map concat fold_right]. rewrite ev_app, IH. reflexivity. }
    rewrite !Sum.
    assert (fold_right Z.add 0 (map (fun kq => ev (val rho xs i j) (pmul (of_row X (snd kq)) (of_row Y (fst kq)))) (g_where g))
            = dot (g_queries rho g xs i) (g_keys rho g xs j)) as ->.
    { clear Sum. unfold g_queries, g_keys. induction (g_where g) as [|a l IH]; [reflexivity|]. cbn [map fold_right dot]. rewrite IH, ev_pmul.
      rewrite (ev_of_row rho xs i j X i), (ev_of_row rho xs i j Y j) by reflexivity. reflexivity. }
    assert (fold_right Z.add 0 (map (fun kq => ev (val rho xs i j) (pmul (of_row Y (fst kq)) (of_row Y (fst kq)))) (g_where g))
            = norm2 (g_keys rho g xs j)) as ->.
    { clear Sum. unfold g_keys, norm2. induction (g_where g) as [|a l IH]; [reflexivity|]. cbn [map fold_right dot]. rewrite IH, ev_pmul.
      rewrite !(ev_of_row rho xs i j Y j) by reflexivity. reflexivity. }
    assert (fold_right Z.add 0 (map (fun kq => ev (val rho xs i j) (pmul (of_row X (snd kq)) (of_row X (snd kq)))) (g_where g))
            = norm2 (g_queries rho g xs i)) as ->.
    { clear Sum. unfold g_queries, norm2. induction (g_where g) as [|a l IH]; [reflexivity|]. cbn [map fold_right dot]. rewrite IH, ev_pmul.
      rewrite !(ev_of_row rho xs i j X i) by reflexivity. reflexivity. }
    change (ev (val rho xs i j) [(2, [])]) with 2. change (ev (val rho xs i j) [(-1, [])]) with (-1).
    replace (ev (val rho xs i j) [(1, [E (g_scale g)])]) with (rho (g_scale g)) by (unfold ev, ev_m; cbn [fold_right fst snd val]; ring).
    replace (ev (val rho xs i j) [(1, [J])]) with (Z.of_nat j) by (unfold ev, ev_m; cbn [fold_right fst snd val]; ring).
    ring.
  - apply latest_pick_best; auto; [intros; unfold g_queries, g_keys; rewrite !map_length; reflexivity|intros; lia|intros; lia].
Qed.

(** ** Soundness *)
Section Sound.
  Variables (rho : env) (len : nat).
  Section Facts.
    Variables (F : facts) (x : nat -> nat -> Z).
    Hypothesis H : holds rho len F x.
    Lemma sums f i j (l : list (row * row)) : ev (val rho x i j) (total_of f l) = sum (map (fun kq => ev (val rho x i j) (f kq)) l).
    Proof. unfold total_of, psum, sum. induction l as [|a l IH]; [reflexivity|]. cbn [map concat fold_right]. rewrite ev_app, IH. reflexivity. Qed.

    Lemma check_pick_is h p i : check_pick F h p = true -> (forall s, In s (pick_scale p) -> Z.of_nat len <= rho s) -> (i < len)%nat ->
      picks ZN rho h x i = [picked rho x i p].
    Proof.
      intros C Sc Hi. destruct p as [place r|s l e b|s l e]; cbn [check_pick picked pick_scale] in *.
      - apply andb_prop in C. destruct C as (Pl & C). apply picks_best. eapply best_ext; [|apply at_nearest]. intros j Hj.
        rewrite <- ev_of_score. rewrite (equal_polys_is rho len F x H _ _ i j C) by lia. rewrite ev_app, ev_neg, !ev_pmul.
        rewrite !(ev_of_row rho x i j X i), !(ev_of_row rho x i j Y j) by reflexivity.
        change (times ZN rho place (x j)) with (lin rho place (x j)). change (times ZN rho r (x i)) with (lin rho r (x i)).
        rewrite (is_place_is rho len F x H place j) by (auto; lia). unfold position_score. change (ev (val rho x i j) [(2, [])]) with 2. ring.
      - rewrite !andb_true_iff in C. destruct C as ((((Fi & Nn) & Z0) & Ks) & C). rewrite forallb_forall in Ks.
        rewrite (latest_picks rho h {| g_scale := s; g_where := l; g_excluded := e; g_start := coord b |} x i); [reflexivity|..].
        + intros j Hj. apply (equal_polys_is rho len F x H _ _ i j C); lia.
        + intros j Hj. cbn [g_start]. rewrite times_lin, lin_coord. apply (h_first rho len F x H); auto. lia.
        + intros j Hj. cbn [g_excluded]. rewrite times_lin. apply (never_negative_is rho len F x H); auto. lia.
        + cbn [g_excluded]. rewrite times_lin. apply (zero_at_start_is rho len F x H); auto. lia.
        + unfold g_keys. cbn [g_where]. rewrite Forall_map, Forall_forall. intros kq I. rewrite times_lin. apply (zero_at_start_is rho len F x H); auto. lia.
        + cbn [g_scale]. specialize (Sc s ltac:(left; auto)). lia.
      - apply picks_best. eapply best_ext; [|apply (closest_best (rho s))].
        + intros j Hj. cbv beta. rewrite <- ev_of_score. rewrite (equal_polys_is rho len F x H _ _ i j C) by lia. unfold closest_target.
          rewrite !ev_app, !ev_pmul, !ev_app, !ev_pmul, !ev_neg, !sums. rewrite !(ev_of_row rho x i j Y j e) by reflexivity.
          change (ev (val rho x i j) [(2, [])]) with 2.
          replace (ev (val rho x i j) [(1, [E s])]) with (rho s) by (unfold ev, ev_m; cbn [fold_right fst snd val]; ring).
          replace (ev (val rho x i j) [(1, [J])]) with (Z.of_nat j) by (unfold ev, ev_m; cbn [fold_right fst snd val]; ring).
          assert (sum (map (fun kq => ev (val rho x i j) (pmul (of_row X (snd kq)) (of_row Y (fst kq)))) l) = dot (queries rho l x i) (keys rho l x j)) as ->.
          { unfold queries, keys, sum. clear C. induction l as [|a l IH]; [reflexivity|]. cbn [map fold_right dot]. rewrite IH, ev_pmul.
            rewrite (ev_of_row rho x i j X i), (ev_of_row rho x i j Y j) by reflexivity. reflexivity. }
          assert (sum (map (fun kq => ev (val rho x i j) (pmul (of_row Y (fst kq)) (of_row Y (fst kq)))) l) = norm2 (keys rho l x j)) as ->.
          { unfold keys, norm2, sum. clear C. induction l as [|a l IH]; [reflexivity|]. cbn [map fold_right dot]. rewrite IH, ev_pmul.
            rewrite !(ev_of_row rho x i j Y j) by reflexivity. reflexivity. }
          change (times ZN rho e (x j)) with (lin rho e (x j)). ring.
        + specialize (Sc s ltac:(left; auto)). lia.
    Qed.
  End Facts.
End Sound.
