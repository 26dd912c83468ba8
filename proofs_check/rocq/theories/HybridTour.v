(** hybrid/istree, position by position: what its network holds, looks up and writes, as a function of the tokens before.
    The definitions follow constructions/theorems/_theorem_5_6.py; nothing here is about graphs. *)
From Coq Require Import ZArith List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Network NetCheck NetSound NetModel NetTop NetFull Equations StatementsMachines.
From RetrievalGap.Generated Require Import Gen_HybridIsTree Wire_HybridIsTree.
Import ListNotations.
Open Scope Z_scope.

Inductive sign := Start | Join | Ask | Bar | Tee | Ok | Nothing | Name (v : nat).
Definition tok_of (a : sign) : tok :=
  match a with
  | Start => Special 0 | Join => Special 1 | Ask => Special 2 | Bar => Special 3 | Tee => Special 4 | Ok => Special 5
  | Nothing => Special 6 | Name v => node v
  end.
Definition code (a : sign) : Z :=
  match a with
  | Start => -1 | Join => -2 | Ask => -3 | Bar => -4 | Tee => -5 | Ok => -6 | Nothing => -7 | Name v => Z.of_nat v
  end.
Definition num (a : sign) : Z := match a with Name v => Z.of_nat v | _ => 0 end.
Definition is_name (a : sign) : bool := match a with Name _ => true | _ => false end.
(** Whether a sign is this special one. *)
Definition same (a b : sign) : bool :=
  match a, b with
  | Start, Start | Join, Join | Ask, Ask | Bar, Bar | Tee, Tee | Ok, Ok | Nothing, Nothing => true
  | _, _ => false
  end.
Definition flag (b : bool) : Z := if b then 1 else 0.
Lemma flag_is_1 b : (flag b =? 1) = b. Proof. destruct b; reflexivity. Qed.
Lemma flag_of (b : bool) : (if b then 1 else 0) = flag b. Proof. reflexivity. Qed.

Lemma two_alike (x y x' y' : Z) : [x; y] = [x'; y'] <-> x = x' /\ y = y'.
Proof. split; [intros H; injection H; auto|intros (-> & ->); reflexivity]. Qed.
Lemma three_alike (x y z x' y' z' : Z) : [x; y; z] = [x'; y'; z'] <-> x = x' /\ y = y' /\ z = z'.
Proof. split; [intros H; injection H; auto|intros (-> & -> & ->); reflexivity]. Qed.

Lemma ready : settled (seq 0 (length (features wiring))) (stages wiring) = true. Proof. vm_compute. reflexivity. Qed.

Section Signs.
  Variable sg : nat -> sign.
  (** How many signs up to i are this one. *)
  Fixpoint upto (a : sign) (i : nat) : Z := match i with O => flag (same (sg 0) a) | S j => upto a j + flag (same (sg i) a) end.
  Definition a (d i : nat) : sign := sg (i - d).
  Definition edges := upto Join.
  Definition bars := upto Bar.
  Definition confirmed := upto Ok.
  (** Records. *)
  Definition came_from i : Z := if same (a 2 i) Ok then num (a 3 i) else 0.
  Definition ends_edge i : bool := is_name (a 0 i) && same (a 1 i) Join.
  Definition first i : bool := same (a 3 i) Bar.
  Definition second i : bool := same (a 4 i) Bar.
  Definition kind i : Z := flag (ends_edge i) + 2 * flag (first i) + 2 * flag (second i) + 3 * flag (same (a 0 i) Ok).
  Definition pair_kind i : Z := 2 * flag (first i) + 2 * flag (second i) + 3 * flag (same (a 0 i) Ok).
  Definition node_of i : Z :=
    if ends_edge i then edges i else if first i then num (a 2 i) else if second i then num (a 2 i)
    else if same (a 0 i) Ok then num (a 1 i) else 0.
  Definition other_of i : Z := if ends_edge i then num (a 2 i) else if first i then num (a 1 i) else if second i then num (a 3 i) else 0.
  Definition other_end_of i : Z := if ends_edge i then num (a 0 i) else 0.
  Definition from_of i : Z := if first i then num (a 2 i) else if second i then num (a 2 i) else if same (a 0 i) Ok then came_from i else 0.
  Definition to_of i : Z := if first i then num (a 1 i) else if second i then num (a 3 i) else if same (a 0 i) Ok then num (a 1 i) else 0.
  (** What is asked. *)
  Definition asked_kind i : Z :=
    flag (same (a 0 i) Bar) + flag (same (a 1 i) Bar) + 2 * flag (same (a 2 i) Bar) + 2 * flag (first i) +
    2 * flag (same (a 0 i) Ok) + 3 * flag (same (a 1 i) Ok).
  Definition asked_node i : Z :=
    if same (a 0 i) Bar then bars i else if same (a 1 i) Bar then bars i else if same (a 1 i) Ok then num (a 0 i) else num (a 1 i).
  Definition asked_pair_kind i : Z := 2 * flag (same (a 0 i) Ok) + 3 * flag (same (a 1 i) Ok).
  Definition asked_from i : Z := if same (a 0 i) Ok then num (a 1 i) else if same (a 1 i) Ok then num (a 2 i) else 0.
  Definition asked_to i : Z := if same (a 0 i) Ok then came_from i else if same (a 1 i) Ok then num (a 0 i) else 0.
  Definition back_from i : Z := if same (a 1 i) Ok then num (a 0 i) else 0.
  Definition back_to i : Z := if same (a 1 i) Ok then num (a 2 i) else 0.
  (** The three look-ups. *)
  Definition finds_node i := latest_where (fun j => kind j = asked_kind i /\ node_of j = asked_node i) i.
  Definition finds_pair i := latest_where (fun j => pair_kind j = asked_pair_kind i /\ from_of j = asked_from i /\ to_of j = asked_to i) i.
  Definition finds_back i := latest_where (fun j => pair_kind j = 3 * flag (same (a 1 i) Ok) /\ from_of j = back_from i /\ to_of j = back_to i) i.
End Signs.

Section Network.
  Variables (rho : env) (w : list tok) (sg : nat -> sign).
  Let X := net_stream rho wiring w.
  Hypothesis tokens : forall i, (i < length w)%nat -> nth i w (Special 0) = tok_of (sg i).
  Hypothesis begins : sg 0 = Start.
  Hypothesis only_start : forall i, (0 < i < length w)%nat -> sg i <> Start.
  Notation n := (rho 0%nat).

  Ltac feature := unfold X; rewrite (from_feature rho wiring ready) by (cbn; lia); cbn [features wiring nth].
  Ltac equation c := unfold X at 1; rewrite (equation rho wiring ready w _ c _ eq_refl); fold X;
    cbn [says gate_sem first_of forallb]; linear.
  Ltac by_token := intros ?; feature; rewrite tokens by lia; unfold feature_sem, listed;
    match goal with |- context [sg ?i] => destruct (sg i) end;
    cbn [tok_of node f_number f_special f_position fst snd num code is_name]; linear; cbn [Nat.eqb flag same]; try reflexivity; lia.

  (** Features. *)
  Lemma x0 i : (i < length w)%nat -> X i 0%nat = 1. Proof. by_token. Qed.
  Lemma x1 i : (i < length w)%nat -> X i 1%nat = flag (same (sg i) Join). Proof. by_token. Qed.
  Lemma x2 i : (i < length w)%nat -> X i 2%nat = flag (same (sg i) Bar). Proof. by_token. Qed.
  Lemma x3 i : (i < length w)%nat -> X i 3%nat = flag (same (sg i) Ok). Proof. by_token. Qed.
  Lemma x4 i : (i < length w)%nat -> X i 4%nat = code (sg i). Proof. by_token. Qed.
  Lemma x5 i : (i < length w)%nat -> X i 5%nat = flag (is_name (sg i)). Proof. by_token. Qed.
  Lemma x6 i : (i < length w)%nat -> X i 6%nat = flag (same (sg i) Nothing). Proof. by_token. Qed.
  Lemma x7 i : (i < length w)%nat -> X i 7%nat = num (sg i). Proof. by_token. Qed.
  Lemma x10 i : (i < length w)%nat -> X i 10%nat = flag (same (sg i) Ask). Proof. by_token. Qed.
  Lemma x11 i : (i < length w)%nat -> X i 11%nat = flag (same (sg i) Tee). Proof. by_token. Qed.
  Lemma x9 i : (i < length w)%nat -> X i 9%nat = flag (i =? 0)%nat.
  Proof.
    intros H. assert (X i 9%nat = flag (same (sg i) Start)) as -> by (revert H; by_token).
    destruct (Nat.eqb_spec i 0) as [->|N]; [rewrite begins; reflexivity|].
    pose proof (only_start i ltac:(lia)). destruct (sg i); try congruence; reflexivity.
  Qed.

  (** Counts, and codes of the last tokens. *)
  Definition cells := match nth 0 (stages wiring) (Cells []) with Cells l => l | _ => [] end.
  Lemma count_is k c b s : nth k cells no_cell = NetCheck.Cell s [(k, 1)] [(c, [(1, [])])] ->
    (forall i, (i < length w)%nat -> X i c = flag (same (sg i) b)) ->
    forall i, (i < length w)%nat -> cell_sem rho cells X i k = upto sg b i.
  Proof.
    intros E F i. induction i as [|i IH]; intros H; cbn [cell_sem]; rewrite E; cbn [before reads_ map sum fold_right fst snd upto].
    - linear. apply F. exact H.
    - rewrite IH by lia. linear. rewrite F by lia. ring.
  Qed.
  Lemma edges_is i : (i < length w)%nat -> X i 12%nat = edges sg i. Proof. intros H. equation 12%nat. apply (count_is 0 1 Join (Some 12%nat) eq_refl x1 i H). Qed.
  Lemma bars_is i : (i < length w)%nat -> X i 13%nat = bars sg i. Proof. intros H. equation 13%nat. apply (count_is 1 2 Bar (Some 13%nat) eq_refl x2 i H). Qed.
  Lemma confirmed_is i : (i < length w)%nat -> X i 14%nat = confirmed sg i. Proof. intros H. equation 14%nat. apply (count_is 2 3 Ok (Some 14%nat) eq_refl x3 i H). Qed.

  Definition code_back (d i : nat) : Z := if (d <=? i)%nat then code (a sg d i) else 0.
  Lemma held d i : (d <= 4)%nat -> (i < length w)%nat -> cell_sem rho cells X i (3 + d) = code_back d i.
  Proof.
    revert i. induction d as [|d IH]; intros i D H.
    - unfold code_back, a. cbn [Nat.leb]. rewrite Nat.sub_0_r. destruct i; cbn [cell_sem]; change (nth (3 + 0) cells no_cell) with (NetCheck.Cell None [] [(4%nat, [(1, [])])]);
        cbn [before reads_ map sum fold_right]; linear; rewrite ?x4 by lia; reflexivity.
    - assert (exists s, nth (3 + S d) cells no_cell = NetCheck.Cell s [((3 + d)%nat, 1)] []) as (s & E) by (repeat (destruct d as [|d]; [eexists; reflexivity|]); lia).
      destruct i; cbn [cell_sem]; rewrite E; cbn [before reads_ map sum fold_right fst snd]; linear; [reflexivity|].
      rewrite IH by lia. unfold code_back, a. cbn [Nat.leb Nat.sub]. lia.
  Qed.
  Lemma x15 i : (i < length w)%nat -> X i 15%nat = code_back 1 i. Proof. intros H. equation 15%nat. apply (held 1 i); lia. Qed.
  Lemma x16 i : (i < length w)%nat -> X i 16%nat = code_back 2 i. Proof. intros H. equation 16%nat. apply (held 2 i); lia. Qed.
  Lemma x17 i : (i < length w)%nat -> X i 17%nat = code_back 3 i. Proof. intros H. equation 17%nat. apply (held 3 i); lia. Qed.
  Lemma x18 i : (i < length w)%nat -> X i 18%nat = code_back 4 i. Proof. intros H. equation 18%nat. apply (held 4 i); lia. Qed.
  Lemma a_before d i : (i < d)%nat -> a sg d i = Start.
  Proof. intros H. unfold a. replace (i - d)%nat with 0%nat by lia. exact begins. Qed.
  (** A special token other than <s>, by its code; a number, by what is above 0. *)
  Lemma is_coded d i k b : code b = - k -> is_name b = false -> b <> Start -> flag (k + code_back d i =? 0) = flag (same (a sg d i) b).
  Proof.
    intros C B N. f_equal. unfold code_back. destruct (Nat.leb_spec d i) as [L|L].
    - destruct (a sg d i) as [| | | | | | |v], b; cbn [code is_name] in *; try discriminate; try congruence; subst; try lia;
        cbn [same]; first [apply Z.eqb_eq; lia|apply Z.eqb_neq; lia].
    - rewrite (a_before d i L). destruct b; cbn [code is_name] in *; try discriminate; try congruence; cbn [same]; apply Z.eqb_neq; lia.
  Qed.
  Lemma number_coded d i : Z.max (code_back d i) 0 = num (a sg d i).
  Proof.
    unfold code_back. destruct (Nat.leb_spec d i) as [L|L]; [|rewrite (a_before d i L); reflexivity]. destruct (a sg d i); cbn [code num]; lia.
  Qed.
  Lemma name_coded d i : (d <= i)%nat -> (0 <=? code_back d i) = is_name (a sg d i).
  Proof. intros L. unfold code_back. rewrite (proj2 (Nat.leb_le d i) L). destruct (a sg d i); cbn [code is_name]; try reflexivity. apply Z.leb_le. lia. Qed.
  Ltac coded c d b x := intros H; equation c; rewrite x0, x by lia; rewrite flag_of, Z.mul_1_r; apply (is_coded d _ _ b); try reflexivity; discriminate.
  Lemma x19 i : (i < length w)%nat -> X i 19%nat = flag (same (a sg 2 i) Ok). Proof. coded 19%nat 2%nat Ok x16. Qed.
  Lemma x22 i : (i < length w)%nat -> X i 22%nat = flag (same (a sg 1 i) Join). Proof. coded 22%nat 1%nat Join x15. Qed.
  Lemma x24 i : (i < length w)%nat -> X i 24%nat = flag (first sg i). Proof. coded 24%nat 3%nat Bar x17. Qed.
  Lemma x25 i : (i < length w)%nat -> X i 25%nat = flag (second sg i). Proof. coded 25%nat 4%nat Bar x18. Qed.
  Lemma x26 i : (i < length w)%nat -> X i 26%nat = flag (same (a sg 1 i) Bar). Proof. coded 26%nat 1%nat Bar x15. Qed.
  Lemma x27 i : (i < length w)%nat -> X i 27%nat = flag (same (a sg 1 i) Ok). Proof. coded 27%nat 1%nat Ok x15. Qed.
  Lemma x28 i : (i < length w)%nat -> X i 28%nat = flag (same (a sg 2 i) Bar). Proof. coded 28%nat 2%nat Bar x16. Qed.
  Lemma x77 i : (i < length w)%nat -> X i 77%nat = flag (same (a sg 1 i) Nothing). Proof. coded 77%nat 1%nat Nothing x15. Qed.
  Lemma x78 i : (i < length w)%nat -> X i 78%nat = flag (same (a sg 1 i) Tee). Proof. coded 78%nat 1%nat Tee x15. Qed.
  Ltac numbered c x := intros H; equation c; rewrite x by lia; rewrite <- number_coded; lia.
  Lemma x20 i : (i < length w)%nat -> X i 20%nat = num (a sg 3 i). Proof. numbered 20%nat x17. Qed.
  Lemma x29 i : (i < length w)%nat -> X i 29%nat = num (a sg 1 i). Proof. numbered 29%nat x15. Qed.
  Lemma x31 i : (i < length w)%nat -> X i 31%nat = num (a sg 2 i). Proof. numbered 31%nat x16. Qed.
  Ltac named c x := intros L H; equation c; rewrite x by lia; rewrite name_coded by lia; reflexivity.
  Lemma x74 i : (1 <= i)%nat -> (i < length w)%nat -> X i 74%nat = flag (is_name (a sg 1 i)). Proof. named 74%nat x15. Qed.
  Lemma x75 i : (2 <= i)%nat -> (i < length w)%nat -> X i 75%nat = flag (is_name (a sg 2 i)). Proof. named 75%nat x16. Qed.
  Lemma x76 i : (3 <= i)%nat -> (i < length w)%nat -> X i 76%nat = flag (is_name (a sg 3 i)). Proof. named 76%nat x17. Qed.
  Ltac compared := rewrite flag_of; f_equal; apply eq_true_iff_eq; rewrite ?Z.eqb_eq, ?Z.leb_le; lia.
  Lemma x68 i : (i < length w)%nat -> X i 68%nat = flag (confirmed sg i =? 2 * edges sg i + 1).
  Proof. intros H. equation 68%nat. rewrite x0, edges_is, confirmed_is by lia. compared. Qed.
  Lemma x72 i : (i < length w)%nat -> X i 72%nat = flag (n <=? edges sg i).
  Proof. intros H. equation 72%nat. rewrite x0, edges_is by lia. compared. Qed.
  Lemma x73 i : (i < length w)%nat -> X i 73%nat = flag (bars sg i <? edges sg i).
  Proof. intros H. equation 73%nat. rewrite x0, edges_is, bars_is by lia. rewrite flag_of. f_equal. apply eq_true_iff_eq. rewrite Z.leb_le, Z.ltb_lt. lia. Qed.

  (** Records, and what is asked. *)
  Lemma a_0 i : a sg 0 i = sg i. Proof. unfold a. rewrite Nat.sub_0_r. reflexivity. Qed.
  Ltac by_cases := rewrite !flag_is_1; repeat match goal with |- context [if ?b then _ else _] => destruct b end; reflexivity.
  Lemma x21 i : (i < length w)%nat -> X i 21%nat = came_from sg i.
  Proof. intros H. equation 21%nat. rewrite x19, x20 by lia. unfold came_from. by_cases. Qed.
  Lemma x23 i : (i < length w)%nat -> X i 23%nat = flag (ends_edge sg i).
  Proof. intros H. equation 23%nat. rewrite x5, x22 by lia. unfold ends_edge. rewrite a_0, !flag_is_1, andb_true_r. reflexivity. Qed.
  Lemma x30 i : (i < length w)%nat -> X i 30%nat = asked_node sg i.
  Proof. intros H. equation 30%nat. rewrite x2, x26, x27, x7, x29, bars_is by lia. unfold asked_node. rewrite a_0. by_cases. Qed.
  Lemma x32 i : (i < length w)%nat -> X i 32%nat = node_of sg i.
  Proof. intros H. equation 32%nat. rewrite x23, x24, x25, x3, x31, x29, edges_is by lia. unfold node_of. rewrite a_0. by_cases. Qed.
  Lemma x44 i : (i < length w)%nat -> X i 44%nat = other_of sg i.
  Proof. intros H. equation 44%nat. rewrite x23, x24, x25, x31, x29, x20 by lia. unfold other_of. by_cases. Qed.
  Lemma x45 i : (i < length w)%nat -> X i 45%nat = other_end_of sg i.
  Proof. intros H. equation 45%nat. rewrite x23, x7 by lia. unfold other_end_of. rewrite a_0. by_cases. Qed.
  Lemma x46 i : (i < length w)%nat -> X i 46%nat = from_of sg i.
  Proof. intros H. equation 46%nat. rewrite x24, x25, x3, x31, x21 by lia. unfold from_of. rewrite a_0. by_cases. Qed.
  Lemma x47 i : (i < length w)%nat -> X i 47%nat = to_of sg i.
  Proof. intros H. equation 47%nat. rewrite x24, x25, x3, x29, x20 by lia. unfold to_of. rewrite a_0. by_cases. Qed.
  Lemma x48 i : (i < length w)%nat -> X i 48%nat = asked_from sg i.
  Proof. intros H. equation 48%nat. rewrite x3, x27, x29, x31 by lia. unfold asked_from. rewrite a_0. by_cases. Qed.
  Lemma x49 i : (i < length w)%nat -> X i 49%nat = asked_to sg i.
  Proof. intros H. equation 49%nat. rewrite x3, x27, x21, x7 by lia. unfold asked_to. rewrite a_0. by_cases. Qed.
  Lemma x61 i : (i < length w)%nat -> X i 61%nat = back_from sg i.
  Proof. intros H. equation 61%nat. rewrite x27, x7 by lia. unfold back_from. rewrite a_0. by_cases. Qed.
  Lemma x62 i : (i < length w)%nat -> X i 62%nat = back_to sg i.
  Proof. intros H. equation 62%nat. rewrite x27, x31 by lia. unfold back_to. by_cases. Qed.

  (** The look-ups. *)
  Definition where_ (c : nat) (i : nat) : nat :=
    match defined (stages wiring) c with Some (ByRead p _) => picked rho X i p | _ => 0%nat end.
  Notation node_record := (where_ 41). Notation pair_record := (where_ 58). Notation way_back := (where_ 66).
  Ltac reads c := equation c; match goal with |- context [picked rho X ?k ?p] => change (picked rho X k p) with (where_ c k) end.
  Ltac matching := apply picked_latest; intros j J; unfold matches, queries, keys; cbn [map fst snd]; linear.
  Ltac matched := rewrite ?two_alike, ?three_alike; lia.
  Lemma node_found i : (i < length w)%nat -> finds_node sg i (node_record i).
  Proof using All.
    intros H. matching. rewrite !x2, !x3, !x23, !x24, !x25, !x26, !x27, !x28, !x30, !x32 by lia. unfold kind, asked_kind. rewrite !a_0. matched.
  Qed.
  Lemma pair_found i : (i < length w)%nat -> finds_pair sg i (pair_record i).
  Proof using All. intros H. matching. rewrite !x3, !x24, !x25, !x27, !x46, !x47, !x48, !x49 by lia. unfold pair_kind, asked_pair_kind. rewrite !a_0. matched. Qed.
  Lemma back_found i : (i < length w)%nat -> finds_back sg i (way_back i).
  Proof using All. intros H. matching. rewrite !x3, !x24, !x25, !x27, !x46, !x47, !x61, !x62 by lia. unfold pair_kind. rewrite !a_0. matched. Qed.
  Lemma node_le i : (i < length w)%nat -> (node_record i <= i)%nat. Proof. intros H. apply (latest_where_le _ _ _ (node_found i H)). Qed.
  Lemma pair_le i : (i < length w)%nat -> (pair_record i <= i)%nat. Proof. intros H. apply (latest_where_le _ _ _ (pair_found i H)). Qed.
  Lemma back_le i : (i < length w)%nat -> (way_back i <= i)%nat. Proof. intros H. apply (latest_where_le _ _ _ (back_found i H)). Qed.
  Lemma x41 i : (i < length w)%nat -> X i 41%nat = flag (node_record i =? 0)%nat.
  Proof. intros H. reads 41%nat. apply x9. exact (Nat.le_lt_trans _ _ _ (node_le i H) H). Qed.
  Lemma x42 i : (i < length w)%nat -> X i 42%nat = other_of sg (node_record i).
  Proof. intros H. reads 42%nat. apply x44. exact (Nat.le_lt_trans _ _ _ (node_le i H) H). Qed.
  Lemma x43 i : (i < length w)%nat -> X i 43%nat = other_end_of sg (node_record i).
  Proof. intros H. reads 43%nat. apply x45. exact (Nat.le_lt_trans _ _ _ (node_le i H) H). Qed.
  Lemma x58 i : (i < length w)%nat -> X i 58%nat = flag (pair_record i =? 0)%nat.
  Proof. intros H. reads 58%nat. apply x9. exact (Nat.le_lt_trans _ _ _ (pair_le i H) H). Qed.
  Lemma x59 i : (i < length w)%nat -> X i 59%nat = flag (same (sg (pair_record i)) Nothing).
  Proof. intros H. reads 59%nat. apply x6. exact (Nat.le_lt_trans _ _ _ (pair_le i H) H). Qed.
  Lemma x60 i : (i < length w)%nat -> X i 60%nat = num (sg (pair_record i)).
  Proof. intros H. reads 60%nat. apply x7. exact (Nat.le_lt_trans _ _ _ (pair_le i H) H). Qed.
  Lemma x66 i : (i < length w)%nat -> X i 66%nat = flag (way_back i =? 0)%nat.
  Proof. intros H. reads 66%nat. apply x9. exact (Nat.le_lt_trans _ _ _ (back_le i H) H). Qed.
  Lemma not_flag b : (1 * 1 + (-1 * flag b + 0) =? 1) = negb b. Proof. destruct b; reflexivity. Qed.
  Definition pointed i : bool := negb (pair_record i =? 0)%nat && negb (same (sg (pair_record i)) Nothing).
  Definition whole i : bool := negb (pair_record i =? 0)%nat && (confirmed sg i =? 2 * edges sg i + 1).
  Definition goes_on i : bool := (pair_record i =? 0)%nat && negb (negb (node_record i =? 0)%nat && (way_back i =? 0)%nat).
  Lemma x67 i : (i < length w)%nat -> X i 67%nat = flag (pointed i).
  Proof. intros H. equation 67%nat. rewrite x0, x58, x59, !not_flag, andb_true_r by lia. reflexivity. Qed.
  Lemma x69 i : (i < length w)%nat -> X i 69%nat = flag (whole i).
  Proof. intros H. equation 69%nat. rewrite x0, x58, x68, !not_flag, flag_is_1, andb_true_r by lia. reflexivity. Qed.
  Lemma x71 i : (i < length w)%nat -> X i 71%nat = flag (goes_on i).
  Proof.
    intros H. equation 71%nat. assert (X i 70%nat = flag (negb (node_record i =? 0)%nat && (way_back i =? 0)%nat)) as ->.
    { equation 70%nat. rewrite x0, x41, x66, !not_flag, flag_is_1, andb_true_r by lia. reflexivity. }
    rewrite x0, x58, !not_flag, flag_is_1, andb_true_r by lia. reflexivity.
  Qed.

  (** What is written. *)
  Lemma decided i : decide rho (X i) (outputs wiring) = Some (
    if X i 79%nat =? 1 then Special 3 else if X i 80%nat =? 1 then Special 4 else if X i 81%nat =? 1 then Special 5
    else if X i 82%nat =? 1 then Special 6 else if X i 83%nat =? 1 then Special 7 else if X i 84%nat =? 1 then Special 8 else Number (X i 85%nat)).
  Proof.
    cbn [outputs wiring decide]. unfold applies, names. cbn [o_what o_when forallb]. linear. rewrite !andb_true_r.
    repeat match goal with |- context [if ?b then _ else _] => destruct b; [reflexivity|] end. reflexivity.
  Qed.
  Lemma flag_bound b : 0 <= flag b <= 1. Proof. destruct b; cbn; lia. Qed.
  (** The seven gates of what is written: for each, conditions that count from above 0, and what they let through. *)
  Definition opened (l : list (Z * Z)) : Z := fold_right (fun gv acc => Z.max (fst gv) 0 * snd gv + acc) 0 l.
  Ltac alike := first [reflexivity|apply (f_equal2 Z.add); [apply (f_equal2 Z.mul); [apply (f_equal2 Z.max); [lia|reflexivity]|reflexivity]|alike]].
  Ltac summed_ c := intros L H; equation c; cbn [map sum fold_right fst snd]; linear;
    rewrite ?x0, ?x2, ?x3, ?x5, ?x6, ?x10, ?x11, ?x20, ?x24, ?x26, ?x27, ?x28, ?x41, ?x42, ?x43, ?x60, ?x67, ?x69, ?x71, ?x72, ?x73, ?x74, ?x75, ?x76, ?x77, ?x78 by lia;
    unfold opened, first; rewrite ?a_0; cbn [fold_right fst snd]; alike.
  Definition name_ (d i : nat) : Z := flag (is_name (a sg d i)).
  Definition more i := flag (bars sg i <? edges sg i).
  Definition many i := flag (n <=? edges sg i).
  Definition miss i := flag (node_record i =? 0)%nat.
  Definition sign_ (d : nat) (b : sign) (i : nat) : Z := flag (same (a sg d i) b).
  Ltac unfolded := unfold name_, more, many, miss, sign_.
  Lemma x79 i : (3 <= i)%nat -> (i < length w)%nat -> X i 79%nat = opened [(sign_ 0 Ask i - many i, 1);
    (-4 + name_ 0 i + more i + name_ 1 i + name_ 2 i + name_ 3 i, 1); (-4 + sign_ 0 Nothing i + more i + name_ 1 i + name_ 2 i + name_ 3 i, 1);
    (-2 + name_ 0 i + more i + sign_ 1 Nothing i, 1); (-2 + sign_ 0 Nothing i + more i + sign_ 1 Nothing i, 1)].
  Proof. unfolded. summed_ 79%nat. Qed.
  Lemma x80 i : (3 <= i)%nat -> (i < length w)%nat -> X i 80%nat = opened [
    (-3 + name_ 0 i - more i + name_ 1 i + name_ 2 i + name_ 3 i, 1); (-3 + sign_ 0 Nothing i - more i + name_ 1 i + name_ 2 i + name_ 3 i, 1);
    (-1 + name_ 0 i - more i + sign_ 1 Nothing i, 1); (-1 + sign_ 0 Nothing i - more i + sign_ 1 Nothing i, 1)].
  Proof. unfolded. summed_ 80%nat. Qed.
  Lemma x81 i : (3 <= i)%nat -> (i < length w)%nat -> X i 81%nat = opened [(-1 + name_ 0 i + sign_ 1 Tee i, 1);
    (-2 + name_ 0 i + sign_ 1 Ok i - flag (whole i) + flag (goes_on i), 1)].
  Proof. unfolded. summed_ 81%nat. Qed.
  Lemma x82 i : (3 <= i)%nat -> (i < length w)%nat -> X i 82%nat = opened [(-3 + name_ 0 i + sign_ 2 Bar i + miss i + name_ 1 i, 1);
    (-4 + name_ 0 i + sign_ 3 Bar i + miss i + name_ 1 i + name_ 2 i, 1); (-4 + sign_ 0 Nothing i + sign_ 3 Bar i + miss i + name_ 1 i + name_ 2 i, 1)].
  Proof. unfolded. summed_ 82%nat. Qed.
  Lemma x83 i : (3 <= i)%nat -> (i < length w)%nat -> X i 83%nat = opened [(-2 + name_ 0 i + sign_ 1 Ok i + flag (whole i), 1)].
  Proof. unfolded. summed_ 83%nat. Qed.
  Lemma x84 i : (3 <= i)%nat -> (i < length w)%nat -> X i 84%nat = opened [(-1 + sign_ 0 Ask i + many i, 1);
    (-1 + name_ 0 i + sign_ 1 Ok i - flag (whole i) - flag (goes_on i), 1)].
  Proof. unfolded. summed_ 84%nat. Qed.
  Lemma x85 i : (3 <= i)%nat -> (i < length w)%nat -> X i 85%nat = opened [(sign_ 0 Bar i, other_of sg (node_record i));
    (-1 + name_ 0 i + sign_ 1 Bar i, other_end_of sg (node_record i)); (-2 + name_ 0 i + sign_ 2 Bar i - miss i + name_ 1 i, other_of sg (node_record i));
    (-3 + name_ 0 i + sign_ 3 Bar i - miss i + name_ 1 i + name_ 2 i, other_of sg (node_record i));
    (-3 + sign_ 0 Nothing i + sign_ 3 Bar i - miss i + name_ 1 i + name_ 2 i, other_of sg (node_record i)); (sign_ 0 Tee i, num (a sg 3 i));
    (-1 + sign_ 0 Ok i + flag (pointed i), num (sg (pair_record i))); (sign_ 0 Ok i - flag (pointed i), other_of sg (node_record i))].
  Proof. unfolded. summed_ 85%nat. Qed.
  Ltac known := repeat match goal with A : a sg _ _ = _ |- _ => rewrite !A end.
  Ltac bounds := repeat match goal with |- context [flag ?b] =>
    lazymatch goal with _ : 0 <= flag b <= 1 |- _ => fail | _ => pose proof (flag_bound b) end end.
  Ltac maxima := repeat match goal with |- context [Z.max ?e 0] =>
    first [replace (Z.max e 0) with 0 by lia|replace (Z.max e 0) with 1 by lia] end.
  Ltac value c := rewrite ?x79, ?x80, ?x81, ?x82, ?x83, ?x84, ?x85 by lia; unfold opened; unfolded; cbn [fold_right fst snd];
    known; cbn [same is_name num]; change (flag true) with 1; change (flag false) with 0; bounds; maxima; try reflexivity; try lia.

  Section Position.
    Variable i : nat.
    Hypothesis far : (4 <= i)%nat.
    Hypothesis H : (i < length w)%nat.
    Ltac writes c t := assert (X i c = t) as -> by value c; cbn [Z.eqb Pos.eqb]; cbn iota.
    Notation writes_ t := (decide rho (X i) (outputs wiring) = Some t).

    Lemma at_ask : a sg 0 i = Ask -> writes_ (if n <=? edges sg i then Special 8 else Special 3).
    Proof using All.
      intros A0. rewrite decided. writes 79%nat (1 - flag (n <=? edges sg i)). destruct (n <=? edges sg i) eqn:E; cbn [flag Z.sub Z.eqb Pos.eqb Z.add Z.opp Z.pos_sub]; [|reflexivity].
      writes 80%nat 0. writes 81%nat 0. writes 82%nat 0. writes 83%nat 0.
      assert (X i 84%nat = 1) as -> by (value 84%nat; rewrite E in *; cbn [flag] in *; lia). reflexivity.
    Qed.
    Lemma at_bar : a sg 0 i = Bar -> writes_ (Number (other_of sg (node_record i))).
    Proof using All. intros A0. rewrite decided. writes 79%nat 0. writes 80%nat 0. writes 81%nat 0. writes 82%nat 0. writes 83%nat 0. writes 84%nat 0. do 2 f_equal. value 85%nat. Qed.
    Lemma at_u u : a sg 0 i = Name u -> a sg 1 i = Bar -> writes_ (Number (other_end_of sg (node_record i))).
    Proof using All.
      intros A0 A1. rewrite decided. writes 79%nat 0. writes 80%nat 0. writes 81%nat 0. writes 82%nat 0. writes 83%nat 0. writes 84%nat 0. do 2 f_equal. value 85%nat.
    Qed.
    Definition neighbour : tok := if (node_record i =? 0)%nat then Special 6 else Number (other_of sg (node_record i)).
    Lemma at_v u v : a sg 0 i = Name v -> a sg 1 i = Name u -> a sg 2 i = Bar -> writes_ neighbour.
    Proof using All.
      intros A0 A1 A2. rewrite decided. unfold neighbour. writes 79%nat 0. writes 80%nat 0. writes 81%nat 0. writes 82%nat (flag (node_record i =? 0)%nat).
      destruct (node_record i =? 0)%nat eqn:E; [reflexivity|]. cbn [flag Z.eqb]. writes 83%nat 0. writes 84%nat 0. do 2 f_equal.
      value 85%nat; rewrite E in *; cbn [flag] in *; maxima; lia.
    Qed.
    Definition pointer (b : sign) : Prop := b = Nothing \/ exists v, b = Name v.
    Lemma at_p u v : pointer (a sg 0 i) -> a sg 1 i = Name v -> a sg 2 i = Name u -> a sg 3 i = Bar -> writes_ neighbour.
    Proof using All.
      intros A0 A1 A2 A3. rewrite decided. unfold neighbour. destruct A0 as [A0|(q & A0)]; (
      writes 79%nat 0; writes 80%nat 0; writes 81%nat 0; writes 82%nat (flag (node_record i =? 0)%nat);
      destruct (node_record i =? 0)%nat eqn:E; [reflexivity|]; cbn [flag Z.eqb]; writes 83%nat 0; writes 84%nat 0; do 2 f_equal;
      value 85%nat; rewrite E in *; cbn [flag] in *; maxima; lia).
    Qed.
    Lemma at_q u v : pointer (a sg 0 i) -> pointer (a sg 1 i) -> a sg 2 i = Name v -> a sg 3 i = Name u -> a sg 4 i = Bar ->
      writes_ (if bars sg i <? edges sg i then Special 3 else Special 4).
    Proof using All.
      intros A0 A1 A2 A3 A4. rewrite decided. destruct A0 as [A0|(q & A0)], A1 as [A1|(p & A1)]; (
      writes 79%nat (flag (bars sg i <? edges sg i)); destruct (bars sg i <? edges sg i) eqn:E; [reflexivity|]; cbn [flag Z.eqb];
      assert (X i 80%nat = 1) as -> by (value 80%nat; rewrite E in *; cbn [flag] in *; lia); reflexivity).
    Qed.
    Lemma at_tee : a sg 0 i = Tee -> writes_ (Number (num (a sg 3 i))).
    Proof using All. intros A0. rewrite decided. writes 79%nat 0. writes 80%nat 0. writes 81%nat 0. writes 82%nat 0. writes 83%nat 0. writes 84%nat 0. do 2 f_equal. value 85%nat. Qed.
    Lemma at_root r : a sg 0 i = Name r -> a sg 1 i = Tee -> writes_ (Special 5).
    Proof using All. intros A0 A1. rewrite decided. writes 79%nat 0. writes 80%nat 0. writes 81%nat 1. reflexivity. Qed.
    Lemma at_ok : a sg 0 i = Ok -> writes_ (Number (if pointed i then num (sg (pair_record i)) else other_of sg (node_record i))).
    Proof using All.
      intros A0. rewrite decided. writes 79%nat 0. writes 80%nat 0. writes 81%nat 0. writes 82%nat 0. writes 83%nat 0. writes 84%nat 0. do 2 f_equal.
      destruct (pointed i) eqn:E; value 85%nat; rewrite E in *; cbn [flag] in *; maxima; lia.
    Qed.
    Lemma at_next x : a sg 0 i = Name x -> a sg 1 i = Ok ->
      writes_ (if goes_on i then Special 5 else if whole i then Special 7 else Special 8).
    Proof using All.
      intros A0 A1. rewrite decided. assert (goes_on i = true -> whole i = false) as Q.
      { unfold goes_on, whole. destruct (pair_record i =? 0)%nat; [reflexivity|discriminate]. }
      writes 79%nat 0. writes 80%nat 0. destruct (goes_on i) eqn:E.
      - assert (X i 81%nat = 1) as ->; [|reflexivity]. value 81%nat; rewrite E, Q in * by reflexivity; cbn [flag] in *; lia.
      - assert (X i 81%nat = 0) as -> by (value 81%nat; rewrite E in *; cbn [flag] in *; lia). cbn [Z.eqb]. writes 82%nat 0.
        destruct (whole i) eqn:F.
        + assert (X i 83%nat = 1) as -> by (value 83%nat; rewrite F in *; cbn [flag] in *; lia). reflexivity.
        + assert (X i 83%nat = 0) as -> by (value 83%nat; rewrite F in *; cbn [flag] in *; lia). cbn [Z.eqb].
          assert (X i 84%nat = 1) as -> by (value 84%nat; rewrite E, F in *; cbn [flag] in *; lia). reflexivity.
    Qed.
  End Position.
End Network.
