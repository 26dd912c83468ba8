(** N. Counts and totals: integers that are made of averages. A head finds the position whose number is how many match, a
    gate multiplies an average by how many values it is of. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound NetModel NetTop NetRange NetMean.
Import ListNotations.
Open Scope Z_scope.

(** The positions after the first that match. *)
Definition matching rho (l : list (row * row)) (e : row) (x : nat -> nat -> Z) (i : nat) : list nat :=
  filter (fun j => (if list_eq_dec Z.eq_dec (keys rho l x j) (queries rho l x i) then true else false) && (lin rho e (x j) =? 0)) (seq 1 i).
Inductive counted :=
| Counted (pairs : list (row * row)) (excluded : row) (share : nat) (read : row)               (* what stands at the position whose number is how many match *)
| Summed (pairs : list (row * row)) (excluded : row) (counter : row) (mean : nat) (value : row). (* the sum of a value over the positions that match *)
Definition counted_sem rho (x : nat -> nat -> Z) (i : nat) (g : counted) : Z :=
  match g with
  | Counted l e _ r => lin rho r (x (length (matching rho l e x i)))
  | Summed l e _ _ r => sum (map (fun j => lin rho r (x j)) (matching rho l e x i))
  end.
(** What a stage turns integers into, together with such gadgets. *)
Definition counted_stage rho (s : stage) (ns : list (nat * counted)) (x : nat -> nat -> Z) : nat -> nat -> Z :=
  fun i c => match assoc c ns with Some g => counted_sem rho x i g | None => stage_sem rho s x i c end.

(** What is known: averages of integers, by the coordinates that hold them, and numbers of matches. *)
Definition averages := list (nat * (list (row * row) * row * row)).
Definition numbers_ := list (nat * (list (row * row) * row)).
Definition same_places (l l' : list (row * row)) (e e' : row) : bool :=
  zip (fun a b => same_row (fst a) (fst b) && same_row (snd a) (snd b)) l l' && same_row e e'.
Definition is_share F (K : averages) (f : nat) l e : bool :=
  existsb (fun ca => let '(c, (l', e', r)) := ca in Nat.eqb c f && same_places l l' e e' &&
    match r with [(b, p)] => has_first F b && same_row r (coord b) | _ => false end) K.
Definition is_average (K : averages) (c : nat) l e r : bool :=
  existsb (fun ca => let '(c', (l', e', r')) := ca in Nat.eqb c' c && same_places l l' e e' && same_row r r') K.
(** A row that is one more than how many match. *)
Definition is_number F (C : numbers_) (r : row) l e : bool :=
  existsb (fun ca => let '(c, (l', e')) := ca in same_row r (plus (coord c) 1) && same_places l l' e e') C ||
  match l with [] => same_row e [] && is_place F (plus r (-1)) | _ => false end.

Section Check.
  Variables (R : list nat) (T : poly).
  Definition check_counted F (K : averages) (C : numbers_) (L : layer) (c : nat) (g : counted) : bool :=
    match L, g with
    | Attention hs, Counted l e f r =>
      match filter (fun h => negb (nothing (nth c (Model.output h) []))) hs with
      | [h] =>
        match query h, key h with
        | [q0; q1], [k0; k1] =>
          (slope h =? 0) && same_row q0 [(0%nat, poly_mul (const 2) T)] && same_row q1 [(f, poly_mul (const (-1)) T)] &&
          avoids R k0 && avoids R k1 && is_place F k0 &&
          equal_polys F (of_row X k1) (pmul (of_row X k0) (of_row X k0) ++ pmul [(2, [])] (of_row X k0)) &&
          same_row (compose (nth c (Model.output h) []) (value h)) r && avoids R r && is_share F K f l e
        | _, _ => false end
      | _ => false end
    | FeedForward gm vm o, Summed l e counter a r =>
      is_average K a l e r && is_number F C counter l e && avoids R counter &&
      match nth c o [] with
      | (u, p) :: rest =>
        same_entry p (const 1) && same_row (nth u gm []) counter && same_row (nth u vm []) (coord a) &&
        match start_row F r, rest with
        | Some 0, [] => true
        | Some k, [(v, q)] => same_entry q (const (-1)) && same_row (nth v gm []) (number 1) && same_row (nth v vm []) (number k)
        | _, _ => false end
      | [] => false end
    | _, _ => false
    end.
  (** What a stage adds to what is known. *)
  Definition new_averages F (fs : list (nat * fraction)) : averages :=
    flat_map (fun cg => match snd cg with
      | Mean l e _ r => if avoids R r && forallb (within F) (e :: r :: pair_rows l) then [(fst cg, (l, e, r))] else []
      | Times _ _ => [] end) fs.
  Definition new_numbers F (ns : list (nat * counted)) : numbers_ :=
    flat_map (fun cg => match snd cg with
      | Counted l e _ r => if is_place F r && forallb (within F) (e :: pair_rows l) then [(fst cg, (l, e))] else []
      | Summed _ _ _ _ _ => [] end) ns.
  Definition counted_facts F (claims : list (nat * nat)) (ns : list (nat * counted)) : list fact :=
    flat_map (fun cg => match snd cg with
      | Counted _ _ _ r => match start_row F r with Some k => [Start (fst cg) k] | None => [] end
      | Summed _ _ _ _ _ => [Start (fst cg) 0] end) ns ++
    flat_map (fun cb => match assoc (fst cb) ns, assoc (snd cb) ns with
      | Some (Counted l e _ r2), Some (Counted l' e' _ r1) => if same_places l l' e e' && is_square F r2 r1 then [Sq (fst cb) (snd cb)] else []
      | _, _ => [] end) claims.
End Check.
Definition counted_range D (I : ranges) (T : poly) (g : counted) (lo hi : poly) : bool :=
  match g with
  | Counted _ _ _ r => inside D I r lo hi
  | Summed _ _ _ _ r => match row_range D I r with
    | Some (a, b) => let most := psub T (const 1) in le D lo [] && le D [] hi && le D lo (poly_mul a most) && le D (poly_mul b most) hi
    | None => false end
  end.

(** ** Positions that match *)
Lemma tied_is rho l e x i : tied rho l e x i = 0%nat :: matching rho l e x i.
Proof.
  unfold tied, matching. cbn [seq filter Nat.eqb orb]. f_equal. apply filter_ext_in'. intros j Hj. apply in_seq in Hj.
  destruct j; [lia|]. reflexivity.
Qed.
Lemma matching_In rho l e x i j : In j (matching rho l e x i) -> (1 <= j <= i)%nat.
Proof. unfold matching. rewrite filter_In, in_seq. lia. Qed.
Lemma filter_shorter {A} (f : A -> bool) l : (length (filter f l) <= length l)%nat.
Proof. induction l as [|a l IH]; [apply Nat.le_refl|]. cbn [filter]. destruct (f a); cbn [length]; lia. Qed.
Lemma matching_le rho l e x i : (length (matching rho l e x i) <= i)%nat.
Proof. unfold matching. pose proof (filter_shorter (fun j => (if list_eq_dec Z.eq_dec (keys rho l x j) (queries rho l x i) then true else false) && (lin rho e (x j) =? 0)) (seq 1 i)) as L. rewrite seq_length in L. exact L. Qed.
Lemma matching_ext rho l e x y i :
  (forall j, (j <= i)%nat -> lin rho e (x j) = lin rho e (y j) /\ keys rho l x j = keys rho l y j) -> queries rho l x i = queries rho l y i ->
  matching rho l e x i = matching rho l e y i.
Proof. intros E Q. unfold matching. apply filter_ext_in'. intros j Hj. apply in_seq in Hj. destruct (E j ltac:(lia)) as (-> & ->). rewrite Q. reflexivity. Qed.
Lemma same_places_is rho l l' e e' x i : same_places l l' e e' = true -> matching rho l e x i = matching rho l' e' x i.
Proof.
  unfold same_places. rewrite andb_true_iff. intros (Zl & E).
  assert (forall j, keys rho l x j = keys rho l' x j /\ queries rho l x j = queries rho l' x j) as G.
  { intros j. revert l' Zl. induction l as [|a l IH]; intros [|b l'] Zl; cbn [zip] in Zl; try discriminate; [split; reflexivity|].
    rewrite !andb_true_iff in Zl. destruct Zl as ((A & B) & Zl). destruct (IH l' Zl) as (K & Q). unfold keys, queries in *. cbn [map].
    rewrite K, Q, (same_row_sound rho _ _ (x j) A), (same_row_sound rho _ _ (x j) B). split; reflexivity. }
  unfold matching. apply filter_ext_in'. intros j _. destruct (G j) as (-> & _), (G i) as (_ & ->). rewrite (same_row_sound rho _ _ (x j) E). reflexivity.
Qed.
Lemma matching_within rho len F l e x y i : forallb (within F) (e :: pair_rows l) = true -> (i < len)%nat ->
  (forall j c, (j < len)%nat -> In c (written F) -> y j c = x j c) -> matching rho l e y i = matching rho l e x i.
Proof.
  intros W Hi A. assert (forall r j, In r (e :: pair_rows l) -> (j < len)%nat -> lin rho r (y j) = lin rho r (x j)) as Rw.
  { intros r j Hr Hj. apply lin_ext. intros c Hc. apply A; auto. apply mem_In. pose proof (forallb_In _ _ r W Hr) as Wr. unfold within in Wr. apply (forallb_In _ _ c Wr). exact Hc. }
  assert (forall p j, In p l -> (j < len)%nat -> lin rho (fst p) (y j) = lin rho (fst p) (x j) /\ lin rho (snd p) (y j) = lin rho (snd p) (x j)) as P.
  { intros p j Hp Hj. split; apply Rw; auto; right; unfold pair_rows; apply in_flat_map; exists p; split; auto; [left|right; left]; reflexivity. }
  apply matching_ext.
  - intros j Hj. split; [apply Rw; [left; reflexivity|lia]|]. unfold keys. apply map_ext_in. intros p Hp. apply P; [exact Hp|lia].
  - unfold queries. apply map_ext_in. intros p Hp. apply P; auto.
Qed.
Lemma within_more F F' l : incl (written F) (written F') -> forallb (within F) l = true -> forallb (within F') l = true.
Proof.
  intros Inc W. apply forallb_forall. intros r Hr. pose proof (forallb_In _ _ r W Hr) as Wr. unfold within in *. apply forallb_forall. intros c Hc.
  apply mem_In, Inc, mem_In. apply (forallb_In _ _ c Wr Hc).
Qed.
Lemma qsum_inj {A} (f : A -> Z) l : qsum (map (fun a => inj (f a)) l) = inj (sum (map f l)).
Proof. induction l as [|a l IH]; [reflexivity|]. unfold qsum, sum in *. cbn [map fold_right]. rewrite IH, inj_add. reflexivity. Qed.
Lemma mean_times (l : list Qc) : l <> [] -> (inj (Z.of_nat (length l)) * @mean QcN l = qsum l)%Qc.
Proof.
  intros Ne. rewrite mean_is. assert (inj (Z.of_nat (length l)) <> 0%Qc) as Nz.
  { intros E. assert (0 < Z.of_nat (length l)) as P by (destruct l; [congruence|cbn [length]; lia]). pose proof (proj1 (inj_lt 0 _) P) as L. rewrite E in L. apply (Qclt_not_le _ _ L), Qcle_refl. }
  field. exact Nz.
Qed.
Lemma ordered k a b u v : 0 < k -> (inj k * a = inj u)%Qc -> (inj k * b = inj v)%Qc -> @leb QcN a b = (u <=? v).
Proof.
  intros K A B. cbn [leb QcN]. apply eq_true_iff_eq. rewrite Qle_bool_iff, Z.leb_le, (inj_le u v), <- A, <- B. split; intros L.
  - apply scaled_le; [lia|exact L].
  - apply Qcnot_lt_le. intros Lt. apply (Qclt_not_le (inj k * b) (inj k * a)); [|exact L]. rewrite !(Qcmult_comm (inj k)).
    apply Qcmult_lt_compat_r; [exact (proj1 (inj_lt 0 k) K)|exact Lt].
Qed.

Section Sound.
  Variables (rho : env) (len : nat) (R : list nat) (T : poly).
  Hypothesis fits : Z.of_nat len <= peval rho T.
  Definition average_known F (x : nat -> nat -> Z) (m : nat -> nat -> Qc) (ca : nat * (list (row * row) * row * row)) : Prop :=
    let '(c, (l, e, r)) := ca in mem c R = true /\ forallb (within F) (e :: r :: pair_rows l) = true /\
    forall i, (i < len)%nat -> m i c = @mean QcN (map (fun j => inj (lin rho r (x j))) (tied rho l e x i)).
  Definition number_known F (x : nat -> nat -> Z) (ca : nat * (list (row * row) * row)) : Prop :=
    let '(c, (l, e)) := ca in In c (written F) /\ forallb (within F) (e :: pair_rows l) = true /\
    forall i, (i < len)%nat -> x i c = Z.of_nat (length (matching rho l e x i)).

  Section Layer.
    Variables (F : facts) (K : averages) (C : numbers_) (X : nat -> vec QcN) (x : nat -> nat -> Z).
    Hypothesis H : holds rho len F x.
    Hypothesis zero_apart : mem 0 R = false.
    Hypothesis ints : forall i c, (i < len)%nat -> mem c R = false -> X i c = inj (x i c).
    Hypothesis known_averages : forall ca, In ca K -> average_known F x X ca.
    Hypothesis known_numbers : forall ca, In ca C -> number_known F x ca.

    Lemma average_of c l e l' e' r i : In (c, (l', e', r)) K -> same_places l l' e e' = true -> (i < len)%nat ->
      (inj (Z.of_nat (length (matching rho l e x i)) + 1) * X i c = inj (lin rho r (x 0%nat) + sum (map (fun j => lin rho r (x j)) (matching rho l e x i))))%Qc.
    Proof.
      intros I P Hi. destruct (known_averages _ I) as (_ & _ & V). rewrite (V i Hi), tied_is, <- (same_places_is rho l l' e e' x i P).
      set (js := matching rho l e x i). pose proof (mean_times (map (fun j => inj (lin rho r (x j))) (0%nat :: js)) ltac:(discriminate)) as M.
      rewrite map_length in M. cbn [length] in M. rewrite Nat2Z.inj_succ in M. unfold Z.succ in M. rewrite M, (qsum_inj (fun j => lin rho r (x j))). reflexivity.
    Qed.
    Lemma average_is c l e r i : is_average K c l e r = true -> (i < len)%nat ->
      (inj (Z.of_nat (length (matching rho l e x i)) + 1) * X i c = inj (lin rho r (x 0%nat) + sum (map (fun j => lin rho r (x j)) (matching rho l e x i))))%Qc.
    Proof.
      intros A Hi. apply existsb_exists in A. destruct A as ((c', ((l', e'), r')) & I & A). rewrite !andb_true_iff in A. destruct A as ((A & P) & Q).
      apply Nat.eqb_eq in A. subst c'. rewrite (average_of c l e l' e' r' i I P Hi), (same_row_sound rho r r' _ Q). f_equal. f_equal. f_equal. apply map_ext. intros j. symmetry. apply same_row_sound. exact Q.
    Qed.
    Lemma share_is f l e i : is_share F K f l e = true -> (i < len)%nat -> (inj (Z.of_nat (length (matching rho l e x i)) + 1) * X i f = 1)%Qc.
    Proof.
      intros A Hi. apply existsb_exists in A. destruct A as ((c & ((l' & e') & r)) & I & A). rewrite !andb_true_iff in A. destruct A as ((A & P) & B).
      apply Nat.eqb_eq in A. subst c. destruct r as [|(b, p) [|]]; try discriminate. apply andb_prop in B. destruct B as (B & Q).
      rewrite (average_of f l e l' e' _ i I P Hi). rewrite (same_row_sound rho _ _ _ Q), lin_coord, (h_first rho len F x H b 0%nat B) by lia. cbn [start].
      assert (forall js, (forall j, In j js -> (1 <= j <= i)%nat) -> sum (map (fun j => lin rho [(b, p)] (x j)) js) = 0) as G; [|rewrite G by (intros j; apply matching_In); reflexivity].
      induction js as [|j js IH]; intros J; [reflexivity|]. unfold sum in *. cbn [map fold_right]. rewrite IH by (intros; apply J; right; auto). pose proof (J j ltac:(left; auto)).
      rewrite (same_row_sound rho _ _ _ Q), lin_coord, (h_first rho len F x H b j B) by lia. destruct j; [lia|]. reflexivity.
    Qed.
    Lemma number_is r l e i : is_number F C r l e = true -> (i < len)%nat -> lin rho r (x i) = Z.of_nat (length (matching rho l e x i)) + 1.
    Proof.
      intros A Hi. unfold is_number in A. apply orb_prop in A. destruct A as [A|A].
      - apply existsb_exists in A. destruct A as ((c, (l', e')) & I & A). apply andb_prop in A. destruct A as (A & P). destruct (known_numbers _ I) as (_ & _ & V).
        rewrite (same_row_sound rho _ _ _ A). unfold plus. rewrite lin_app, lin_coord, lin_number by (apply H; exact Hi). rewrite (V i Hi), <- (same_places_is rho l l' e e' x i P). reflexivity.
      - destruct l; [|discriminate]. apply andb_prop in A. destruct A as (E & A). apply (is_place_is rho len F x H _ i) in A; auto.
        unfold plus in A. rewrite lin_app, lin_number in A by (apply H; exact Hi).
        assert (length (matching rho [] e x i) = i) as ->; [|lia]. unfold matching. rewrite <- (seq_length i 1) at 2. f_equal.
        assert (forall js, filter (fun j => (if list_eq_dec Z.eq_dec (keys rho [] x j) (queries rho [] x i) then true else false) && (lin rho e (x j) =? 0)) js = js) as G; [|apply G].
        induction js as [|j js IH]; [reflexivity|]. cbn [filter]. rewrite (same_row_sound rho _ _ _ E), IH. reflexivity.
    Qed.

    (** The head: with c matches, T (2 j - (j^2 + 2 j) / (c + 1)) is largest at position c, and nowhere else. *)
    Lemma counted_picks h q0 q1 k0 k1 f l e i : query h = [q0; q1] -> key h = [k0; k1] -> slope h = 0 ->
      same_row q0 [(0%nat, poly_mul (const 2) T)] = true -> same_row q1 [(f, poly_mul (const (-1)) T)] = true ->
      avoids R k0 = true -> avoids R k1 = true -> is_place F k0 = true ->
      equal_polys F (of_row Reflect.X k1) (pmul (of_row Reflect.X k0) (of_row Reflect.X k0) ++ pmul [(2, [])] (of_row Reflect.X k0)) = true ->
      is_share F K f l e = true -> (i < len)%nat -> picks QcN rho h X i = [length (matching rho l e x i)].
    Proof.
      intros Q Ke S Q0 Q1 A0 A1 Pl Sq_ Sh Hi. set (c := length (matching rho l e x i)). pose proof (share_is f l e i Sh Hi) as F1. fold c in F1.
      assert (c <= i)%nat as Lc by apply matching_le. assert (0 < peval rho T) as PT by lia.
      assert (forall j, (j <= i)%nat -> (inj (Z.of_nat c + 1) * score QcN rho h X i j = inj (peval rho T * (2 * Z.of_nat j * Z.of_nat c - Z.of_nat j * Z.of_nat j)))%Qc) as Sc.
      { intros j Hj. unfold score. rewrite Q, Ke, S. unfold total. cbn [combine map fold_right fst snd add mul zero of_Z QcN].
        change (times QcN rho q0 (X i)) with (linq rho q0 (X i)). change (times QcN rho q1 (X i)) with (linq rho q1 (X i)).
        rewrite (same_row_q rho _ _ _ Q0), (same_row_q rho _ _ _ Q1), !linq_cons, !peval_mul, !peval_const. change (linq rho [] (X i)) with 0%Qc.
        rewrite (ints i 0%nat Hi zero_apart), (proj1 H i Hi). rewrite (row_inj rho len R X x ints k0 j A0), (row_inj rho len R X x ints k1 j A1) by lia.
        rewrite (is_place_is rho len F x H k0 j Pl) by lia.
        pose proof (equal_polys_is rho len F x H _ _ j j Sq_ ltac:(lia) ltac:(lia)) as E. rewrite ev_app, !ev_pmul, !(ev_of_row rho x j j Reflect.X j) in E by reflexivity.
        change (lin rho k1 (x j) = lin rho k0 (x j) * lin rho k0 (x j) + ev (val rho x j j) [(2, [])] * lin rho k0 (x j)) in E.
        rewrite (is_place_is rho len F x H k0 j Pl) in E by lia. change (ev (val rho x j j) [(2, [])]) with 2 in E. rewrite E.
        change (Q2Qc (inject_Z (0 * Z.of_nat j))) with (inj 0). change (inj 0) with 0%Qc. change (inj 1) with 1%Qc.
        match goal with |- ?a = ?b => transitivity (inj (Z.of_nat c + 1) * (inj (2 * peval rho T) * inj (Z.of_nat j)) + inj (-1 * peval rho T) * (inj (Z.of_nat c + 1) * X i f) * inj (Z.of_nat j * Z.of_nat j + 2 * Z.of_nat j))%Qc; [ring|] end.
        rewrite F1, Qcmult_1_r, <- !inj_mul, <- inj_add. f_equal. ring. }
      assert (forall j j', (j <= i)%nat -> (j' <= i)%nat -> @leb QcN (score QcN rho h X i j') (score QcN rho h X i j) =
        (peval rho T * (2 * Z.of_nat j' * Z.of_nat c - Z.of_nat j' * Z.of_nat j') <=? peval rho T * (2 * Z.of_nat j * Z.of_nat c - Z.of_nat j * Z.of_nat j))) as O.
      { intros j j' Hj Hj'. apply (ordered (Z.of_nat c + 1)); [lia|apply Sc; exact Hj'|apply Sc; exact Hj]. }
      unfold picks. apply filter_single; [exact Lc| |].
      - apply forallb_forall. intros j Hj. apply in_seq in Hj. rewrite O by lia. apply Z.leb_le. apply Z.mul_le_mono_nonneg_l; [lia|]. pose proof (Z.square_nonneg (Z.of_nat j - Z.of_nat c)). lia.
      - intros j Hj D. apply not_true_is_false. intros A. rewrite forallb_forall in A. specialize (A c ltac:(apply in_seq; lia)). rewrite O in A by lia. apply Z.leb_le in A.
        apply Z.mul_le_mono_pos_l in A; [|exact PT]. assert (Z.of_nat j <> Z.of_nat c) as Ne by lia. assert (0 < (Z.of_nat j - Z.of_nat c) * (Z.of_nat j - Z.of_nat c)) by nia. nia.
    Qed.

    Lemma layer_counted L c g i : (i < len)%nat -> X i c = 0%Qc -> check_counted R T F K C L c g = true -> apply QcN rho L X i c = inj (counted_sem rho x i g).
    Proof.
      intros Hi Z0 Ck. destruct L as [hs|gm vm o|a b o d|a b o d sel h m'], g as [l e f r|l e counter a' r]; cbn [check_counted] in Ck; try discriminate; cbn [apply add QcN]; rewrite Z0.
      - destruct (filter _ hs) as [|h [|]] eqn:Fl; try discriminate. destruct (query h) as [|q0 [|q1 [|]]] eqn:Q; try discriminate. destruct (key h) as [|k0 [|k1 [|]]] eqn:Ke; try discriminate.
        rewrite !andb_true_iff in Ck. destruct Ck as (((((((((C1 & C2) & C3) & C4) & C5) & C6) & C7) & C8) & C9) & C10). apply Z.eqb_eq in C1.
        rewrite (one_writes rho hs h X i c Fl). unfold read_head, at_row, found. rewrite (counted_picks h q0 q1 k0 k1 f l e i Q Ke C1 C2 C3 C4 C5 C6 C7 C10 Hi). set (p := length (matching rho l e x i)).
        assert (p <= i)%nat as Lp by apply matching_le. cbn [map counted_sem]. fold p.
        change (0 + linq rho (nth c (Model.output h) []) (fun r0 => @mean QcN [linq rho (nth r0 (value h) []) (X p)]) = inj (lin rho r (x p)))%Qc.
        rewrite (linq_ext rho _ _ (fun r0 => linq rho (nth r0 (value h) []) (X p))) by (intros; apply mean_one).
        rewrite <- linq_compose, (same_row_q rho _ _ _ C8), Qcplus_0_l. apply (row_inj rho len R X x ints r p C9). lia.
      - rewrite !andb_true_iff in Ck. destruct Ck as (((Av & Nu) & Ar) & Ck). destruct (nth c o []) as [|(u, p) rest] eqn:Eo; [discriminate|]. rewrite !andb_true_iff in Ck. destruct Ck as (((P1 & G1) & V1) & St).
        pose proof (average_is a' l e r i Av Hi) as A. pose proof (number_is counter l e i Nu Hi) as Nm. set (c' := Z.of_nat (length (matching rho l e x i))) in *.
        cbn [counted_sem]. set (S := sum _) in *. unfold at_row. rewrite Eo.
        assert (forall v, unit_ QcN rho gm vm (X i) v = (relu QcN (linq rho (nth v gm []) (X i)) * linq rho (nth v vm []) (X i))%Qc) as Un by reflexivity.
        change (0 + linq rho ((u, p) :: rest) (unit_ QcN rho gm vm (X i)) = inj S)%Qc. rewrite linq_cons, Un, (same_entry_sound rho _ _ P1), peval_const.
        rewrite (same_row_q rho _ _ _ G1), (same_row_q rho _ _ _ V1). change (linq rho counter (X i)) with (times QcN rho counter (X i)). rewrite (row_inj rho len R X x ints counter i Ar Hi), relu_inj, relu_spec, Nm.
        unfold coord. rewrite linq_cons, peval_const. change (linq rho [] (X i)) with 0%Qc. change (inj 1) with 1%Qc. rewrite Z.max_l by lia.
        transitivity (inj (c' + 1) * X i a' + linq rho rest (unit_ QcN rho gm vm (X i)))%Qc; [ring|]. rewrite A.
        destruct (start_row F r) as [k|] eqn:Es; [|discriminate]. rewrite (start_row_is rho len F x H r k Es) by lia.
        assert (k = 0 /\ rest = [] \/ exists v q, rest = [(v, q)] /\ same_entry q (const (-1)) = true /\ same_row (nth v gm []) (number 1) = true /\ same_row (nth v vm []) (number k) = true) as [(-> & ->)|(v & q & -> & P2 & G2 & V2)].
        { destruct k, rest as [|(v, q) [|]]; try discriminate; [left; split; reflexivity| | |]; right; exists v, q; rewrite !andb_true_iff in St; tauto. }
        + change (linq rho [] _) with 0%Qc. rewrite Qcplus_0_r. f_equal.
        + rewrite linq_cons, Un, (same_entry_sound rho _ _ P2), peval_const, (same_row_q rho _ _ _ G2), (same_row_q rho _ _ _ V2). unfold number. rewrite !linq_cons, !peval_const.
          change (linq rho [] _) with 0%Qc. rewrite (ints i 0%nat Hi zero_apart), (proj1 H i Hi). change (inj 1 * inj 1 + 0)%Qc with (inj 1 * inj 1 + inj 0)%Qc. rewrite <- inj_mul, <- inj_add, relu_inj. change (relu ZN (1 * 1 + 0)) with 1.
          rewrite inj_add. change (inj 1) with 1%Qc. change (inj (-1)) with (- (1))%Qc. ring.
    Qed.

    (** Facts and ranges of what such gadgets write. *)
    Lemma counted_facts_hold s ns claims f : NoDup (map fst ns) -> In f (counted_facts F claims ns) -> fact_holds rho len (counted_stage rho s ns x) f.
    Proof.
      intros Nd Hf. assert (forall i c g, assoc c ns = Some g -> counted_stage rho s ns x i c = counted_sem rho x i g) as V by (intros i c g As; unfold counted_stage; rewrite As; reflexivity).
      unfold counted_facts in Hf. apply in_app_or in Hf. destruct Hf as [Hf|Hf]; apply in_flat_map in Hf.
      - destruct Hf as ((c, g) & I & Hf). cbn [fst snd] in Hf. pose proof (assoc_NoDup _ _ _ Nd I) as As. destruct g as [l e f' r|l e counter a r].
        + destruct (start_row F r) as [k|] eqn:St; [|destruct Hf]. destruct Hf as [<-|[]]. intros Hl. rewrite (V _ _ _ As). cbn [counted_sem matching seq filter length]. apply (start_row_is rho len F x H); auto.
        + destruct Hf as [<-|[]]. intros Hl. rewrite (V _ _ _ As). reflexivity.
      - destruct Hf as ((c, b) & _ & Hf). cbn [fst snd] in Hf. destruct (assoc c ns) as [[l e f2 r2|]|] eqn:A2; try destruct Hf. destruct (assoc b ns) as [[l' e' f1 r1|]|] eqn:A1; try destruct Hf.
        destruct (same_places l l' e e' && is_square F r2 r1) eqn:E; [|destruct Hf]. apply andb_prop in E. destruct E as (P & E). destruct Hf as [<-|[]]. intros i Hi.
        rewrite (V _ _ _ A2), (V _ _ _ A1). cbn [counted_sem]. rewrite <- (same_places_is rho l l' e e' x i P). apply (is_square_is rho len F x H); auto. pose proof (matching_le rho l e x i). lia.
    Qed.
    Lemma counted_range_is D I g lo hi i : good D rho -> ranged rho len I F x -> (i < len)%nat -> counted_range D I T g lo hi = true -> peval rho lo <= counted_sem rho x i g <= peval rho hi.
    Proof.
      intros G Rg Hi Ck. destruct g as [l e f r|l e counter a r]; cbn [counted_range counted_sem] in *.
      - apply (inside_is D rho len G I F x Rg H); auto. pose proof (matching_le rho l e x i). lia.
      - destruct (row_range D I r) as [(al, ah)|] eqn:Er; [|discriminate]. rewrite !andb_true_iff in Ck. destruct Ck as (((C1 & C2) & C3) & C4).
        apply (le_sound D rho _ _ G) in C1, C2, C3, C4. rewrite !peval_mul, peval_sub, peval_const in *. change (peval rho []) with 0 in *.
        assert (forall js, (forall j, In j js -> (j < len)%nat) -> Z.of_nat (length js) * peval rho al <= sum (map (fun j => lin rho r (x j)) js) <= Z.of_nat (length js) * peval rho ah) as B.
        { induction js as [|j js IH]; intros J; [cbn; lia|]. specialize (IH ltac:(intros; apply J; right; auto)). pose proof (row_range_is D rho len G I F x Rg H j ltac:(apply J; left; auto) r al ah Er) as Bj.
          cbn [length]. rewrite Nat2Z.inj_succ. unfold sum in *. cbn [map fold_right]. lia. }
        specialize (B (matching rho l e x i) ltac:(intros j J; apply matching_In in J; lia)). pose proof (matching_le rho l e x i) as Le.
        set (k := Z.of_nat (length (matching rho l e x i))) in *. assert (0 <= k <= peval rho T - 1) as Bk by lia. clearbody k. generalize dependent (sum (map (fun j => lin rho r (x j)) (matching rho l e x i))). intros S (B1 & B2).
        split; [destruct (Z_le_gt_dec 0 (peval rho al)); nia|destruct (Z_le_gt_dec (peval rho ah) 0); nia].
    Qed.
  End Layer.
  (** What is known stays so, and what a stage adds is so. *)
  Lemma averages_stay F F' K x m x' m' : (forall ca, In ca K -> average_known F x m ca) -> incl (written F) (written F') ->
    (forall i c, (i < len)%nat -> In c (written F) -> x' i c = x i c) -> (forall i c, (i < len)%nat -> In c (map fst K) -> m' i c = m i c) ->
    forall ca, In ca K -> average_known F' x' m' ca.
  Proof.
    intros Kn Inc A Am (c, ((l, e), r)) I. destruct (Kn _ I) as (Rc & W & V). split; [exact Rc|]. split.
    - apply (within_more F F'); auto.
    - intros i Hi. rewrite Am by (auto; apply in_map_iff; exists (c, ((l, e), r)); auto). rewrite (V i Hi). f_equal. rewrite !tied_is.
      rewrite (matching_within rho len F l e x x' i) by (auto; cbn [forallb] in *; rewrite !andb_true_iff in *; tauto). apply map_ext_in. intros j Hj. f_equal. symmetry.
      apply lin_ext. intros d Hd. apply A; [|apply mem_In; cbn [forallb] in W; rewrite !andb_true_iff in W; destruct W as (_ & Wr & _); apply (forallb_In _ _ d Wr Hd)].
      destruct Hj as [<-|Hj]; [lia|]. apply matching_In in Hj. lia.
  Qed.
  Lemma numbers_stay F F' C x x' : (forall ca, In ca C -> number_known F x ca) -> incl (written F) (written F') ->
    (forall i c, (i < len)%nat -> In c (written F) -> x' i c = x i c) -> forall ca, In ca C -> number_known F' x' ca.
  Proof.
    intros Kn Inc A (c, (l, e)) I. destruct (Kn _ I) as (Wc & W & V). split; [apply Inc; exact Wc|]. split; [apply (within_more F F'); auto|].
    intros i Hi. rewrite A by auto. rewrite (V i Hi), (matching_within rho len F l e x x' i) by auto. reflexivity.
  Qed.
  Lemma averages_new F F' x m m' fs x' : NoDup (map fst fs) -> (forall c, In c (map fst fs) -> mem c R = true) -> incl (written F) (written F') ->
    (forall i c, (i < len)%nat -> mem c R = false -> m i c = inj (x i c)) ->
    (forall i c, (i < len)%nat -> In c (written F) -> x' i c = x i c) -> (forall i c g, (i < len)%nat -> assoc c fs = Some g -> m' i c = fraction_sem rho x m i g) ->
    forall ca, In ca (new_averages R F fs) -> average_known F' x' m' ca.
  Proof.
    intros Nd InR Inc Ints A Am ca I. unfold new_averages in I. apply in_flat_map in I. destruct I as ((c, g) & I & Hc). cbn [fst snd] in Hc. destruct g as [l e b r|]; [|destruct Hc].
    destruct (avoids R r && forallb (within F) (e :: r :: pair_rows l)) eqn:E; [|destruct Hc]. destruct Hc as [<-|[]]. apply andb_prop in E. destruct E as (Av & W).
    split; [apply InR; apply in_map_iff; exists (c, Mean l e b r); auto|]. split; [apply (within_more F F'); auto|]. intros i Hi. rewrite (Am i c _ Hi (assoc_NoDup _ _ _ Nd I)). cbn [fraction_sem].
    rewrite !tied_is, (matching_within rho len F l e x x' i) by (auto; cbn [forallb] in *; rewrite !andb_true_iff in *; tauto). f_equal. apply map_ext_in. intros j Hj.
    assert (j < len)%nat as Hl by (destruct Hj as [<-|Hj]; [lia|apply matching_In in Hj; lia]).
    change (linq rho r (m j)) with (times QcN rho r (m j)). rewrite (row_inj rho len R m x Ints r j Av Hl). f_equal. symmetry. apply lin_ext. intros d Hd. apply A; auto. apply mem_In.
    cbn [forallb] in W. rewrite !andb_true_iff in W. destruct W as (_ & Wr & _). apply (forallb_In _ _ d Wr Hd).
  Qed.
  Lemma numbers_new F F' x x' ns : holds rho len F x -> NoDup (map fst ns) -> incl (written F) (written F') -> incl (map fst ns) (written F') ->
    (forall i c, (i < len)%nat -> In c (written F) -> x' i c = x i c) -> (forall i c g, (i < len)%nat -> assoc c ns = Some g -> x' i c = counted_sem rho x i g) ->
    forall ca, In ca (new_numbers F ns) -> number_known F' x' ca.
  Proof.
    intros H Nd Inc Inc' A V ca I. unfold new_numbers in I. apply in_flat_map in I. destruct I as ((c, g) & I & Hc). cbn [fst snd] in Hc. destruct g as [l e f r|]; [|destruct Hc].
    destruct (is_place F r && forallb (within F) (e :: pair_rows l)) eqn:E; [|destruct Hc]. destruct Hc as [<-|[]]. apply andb_prop in E. destruct E as (Pl & W).
    split; [apply Inc'; apply in_map_iff; exists (c, Counted l e f r); auto|]. split; [apply (within_more F F'); auto|]. intros i Hi.
    rewrite (V i c _ Hi (assoc_NoDup _ _ _ Nd I)), (matching_within rho len F l e x x' i) by auto. cbn [counted_sem]. apply (is_place_is rho len F x H r); auto. pose proof (matching_le rho l e x i). lia.
  Qed.
End Sound.
