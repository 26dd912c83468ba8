(** transformer/nearest-neighbour writes the label of the nearest point. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound NetModel NetTop NetRange NetFull.
From RetrievalGap Require Import StatementsNearby Lookups.
From RetrievalGap.Generated Require Wire_NearestNeighbour.
Import ListNotations.
Open Scope Z_scope.

Ltac too_far := match goal with |- context [?a * ?a + ?b * ?b] => pose proof (Z.square_nonneg a); pose proof (Z.square_nonneg b) end; lia.

Section Nearest.
  Variables (n : Z) (ps : list point) (qx qy : Z).
  Notation w := (nearest_prompt ps qx qy).
  Notation m := (length ps).
  Notation N := Wire_NearestNeighbour.wiring.
  Notation rho := (Gen_NearestNeighbour.at_size n).
  Hypothesis some : ps <> [].
  Hypothesis few : Z.of_nat m <= n.
  Hypothesis grid : Forall (fun p => in_grid n (fst (fst p)) (snd (fst p))) ps.
  Hypothesis query_grid : in_grid n qx qy.
  Definition T i := nth i w (Special 0).
  Definition nowhere : point := (0, 0, true).
  Definition P i := nth i ps nowhere.

  Lemma length_triples l : length (flat_map labelled l) = (3 * length l)%nat.
  Proof. induction l as [|((x, y), a) l IH]; [reflexivity|]. cbn [flat_map labelled app length]. lia. Qed.
  Lemma length_w : length w = (3 * m + 4)%nat.
  Proof. unfold nearest_prompt. cbn [length]. rewrite app_length, length_triples. cbn [length]. lia. Qed.
  Lemma nth_triples d r : (r < 3)%nat -> forall l i, (i < length l)%nat -> nth (3 * i + r) (flat_map labelled l) d = nth r (labelled (nth i l nowhere)) d.
  Proof.
    intros Hr. induction l as [|((x, y), a) l IH]; intros i H; [cbn in H; lia|]. destruct i as [|i].
    - destruct r as [|[|[|r]]]; [reflexivity..|lia].
    - replace (3 * S i + r)%nat with (S (S (S (3 * i + r)))) by lia. cbn [flat_map labelled app nth]. apply IH. cbn [length] in H. lia.
  Qed.
  Lemma token_of i r : (i < m)%nat -> (r < 3)%nat -> T (1 + 3 * i + r) = nth r (labelled (P i)) (Special 0).
  Proof.
    intros H Hr. unfold T, nearest_prompt. replace (1 + 3 * i + r)%nat with (S (3 * i + r)) by lia. cbn [nth]. rewrite app_nth1 by (rewrite length_triples; lia). apply nth_triples; auto.
  Qed.
  Lemma token_behind r : T (1 + 3 * m + r) = nth r [Special 3; Number qx; Number qy] (Special 0).
  Proof. unfold T, nearest_prompt. replace (1 + 3 * m + r)%nat with (S (3 * m + r)) by lia. cbn [nth]. rewrite <- length_triples, app_nth2_plus. reflexivity. Qed.
  Inductive kind (i : nat) : Prop :=
  | AtStart : i = 0%nat -> kind i
  | InPoint j r : i = (1 + 3 * j + r)%nat -> (j < m)%nat -> (r < 3)%nat -> kind i
  | Behind r : i = (1 + 3 * m + r)%nat -> (r < 3)%nat -> kind i.
  Lemma kind_of i : (i < length w)%nat -> kind i.
  Proof.
    rewrite length_w. intros H. destruct i as [|i]; [apply AtStart; reflexivity|].
    pose proof (Nat.div_mod i 3 ltac:(lia)) as E. pose proof (Nat.mod_upper_bound i 3 ltac:(lia)) as R.
    destruct (le_lt_dec (3 * m) i) as [B|B]; [apply (Behind _ (i - 3 * m)%nat); lia|apply (InPoint _ (i / 3)%nat (i mod 3)%nat); lia].
  Qed.

  Notation x0 := (embedding rho (features N) w).
  Let x1 := stage_sem rho (nth 0 (stages N) (Gates [])) x0.
  Let x2 := stage_sem rho (nth 1 (stages N) (Gates [])) x1.
  Lemma special_below i s : T i = Special s -> (s < 4)%nat.
  Proof.
    intros E. destruct (lt_dec i (length w)) as [H|H]; [|unfold T in E; rewrite nth_overflow in E by lia; injection E as <-; lia].
    destruct (kind_of i H) as [->|j r -> Hj Hr|r -> Hr].
    - injection E as <-. lia.
    - rewrite token_of in E by auto. destruct (P j) as ((x, y), a). destruct r as [|[|[|r]]]; try discriminate; [|lia]. cbn in E. injection E as <-. destruct a; lia.
    - rewrite token_behind in E. destruct r as [|[|[|r]]]; try discriminate; [|lia]. injection E as <-. lia.
  Qed.
  Lemma n0_one i : x0 i 0%nat = 1.
  Proof. apply feature_one. intros s E. pose proof (special_below i s E). do 4 (destruct s as [|s]; [reflexivity|]). lia. Qed.
  Lemma n0_position i : x0 i 1%nat = Z.of_nat i. Proof. apply feature_position. Qed.
  Lemma n0_token i : x0 i 3%nat = number_of (T i). Proof. apply feature_token. Qed.
  Lemma n0_a i : x0 i 6%nat = is 1 (T i). Proof. apply feature_flag. Qed.
  Lemma n0_label i : x0 i 4%nat = is 1 (T i) + is 2 (T i).
  Proof.
    change (feature_sem rho (Feature (0, 0, 0) [(1%nat, const 1); (2%nat, const 1)] (0, 0)) (T i) (Z.of_nat i) = is 1 (T i) + is 2 (T i)).
    unfold feature_sem. destruct (T i) as [s|k]; cbn [f_number f_special f_position fst snd is]; [|ring].
    unfold listed. rewrite !lin_cons, !peval_const. change (lin rho [] _) with 0. destruct (Nat.eqb 1 s), (Nat.eqb 2 s); ring.
  Qed.
  Lemma n1_one_back i : x1 i 7%nat = number_of (T (i - 1)).
  Proof.
    rewrite <- n0_token. transitivity (lin rho (coord 3) (x0 (picked rho x0 i (At (coord 1) [(0%nat, const (Z.opp 1)); (1%nat, const 1)])))); [reflexivity|].
    rewrite lin_coord, picked_back by (auto using n0_one, n0_position; lia). reflexivity.
  Qed.
  Lemma n1_two_back i : x1 i 9%nat = number_of (T (i - 2)).
  Proof.
    rewrite <- n0_token. transitivity (lin rho (coord 3) (x0 (picked rho x0 i (At (coord 1) [(0%nat, const (Z.opp 2)); (1%nat, const 1)])))); [reflexivity|].
    rewrite lin_coord, picked_back by (auto using n0_one, n0_position; lia). reflexivity.
  Qed.

  (** The score of a position, without what all have. *)
  Notation last := (3 * m + 3)%nat.
  Notation pairs := [(coord 9, coord 7); (coord 7, coord 3)].
  Notation excluded := [(0%nat, [(2, [(0%nat, 2%nat)])]); (4%nat, [(-2, [(0%nat, 2%nat)])])].
  Let score (j : nat) : Z := 2 * dot (queries rho pairs x1 last) (keys rho pairs x1 j) - norm2 (keys rho pairs x1 j) - lin rho excluded (x1 j).
  Notation p := (picked rho x1 last (Closest 1 pairs excluded)).
  Definition base : Z := qx * qx + qy * qy.
  Lemma score_is j : score j = base - ((qx - x1 j 9%nat) * (qx - x1 j 9%nat) + (qy - x1 j 7%nat) * (qy - x1 j 7%nat)) - 2 * (n * n) * (1 - x0 j 4%nat).
  Proof.
    unfold score. assert (queries rho pairs x1 last = [qx; qy]) as ->.
    { unfold queries. cbn [map fst snd]. rewrite !lin_coord, n1_one_back. change (x1 last 3%nat) with (x0 last 3%nat). rewrite n0_token.
      replace (last - 1)%nat with (1 + 3 * m + 1)%nat by lia. replace last with (1 + 3 * m + 2)%nat by lia. rewrite !token_behind. reflexivity. }
    assert (keys rho pairs x1 j = [x1 j 9%nat; x1 j 7%nat]) as -> by (unfold keys; cbn [map fst snd]; rewrite !lin_coord; reflexivity).
    assert (lin rho excluded (x1 j) = 2 * (n * n) * (1 - x0 j 4%nat)) as ->.
    { rewrite !lin_cons. change (lin rho [] _) with 0. change (x1 j 0%nat) with (x0 j 0%nat). change (x1 j 4%nat) with (x0 j 4%nat). rewrite n0_one.
      change (peval rho [(2, [(0%nat, 2%nat)])]) with (2 * (n * (n * 1) * 1) + 0). change (peval rho [(-2, [(0%nat, 2%nat)])]) with (-2 * (n * (n * 1) * 1) + 0).
      generalize (x0 j 4%nat). intros. ring. }
    unfold norm2. cbn [dot]. unfold base. generalize (x1 j 9%nat) (x1 j 7%nat) (x0 j 4%nat). intros a b c. clear x1 x2 score. ring.
  Qed.
  Notation place i := (1 + 3 * i + 2)%nat.
  Lemma score_label i : (i < m)%nat -> score (place i) = base - distance qx qy (P i).
  Proof.
    intros H. rewrite score_is, n0_label, n1_two_back, n1_one_back. replace (place i - 1)%nat with (1 + 3 * i + 1)%nat by lia.
    replace (place i - 2)%nat with (1 + 3 * i + 0)%nat by lia. rewrite !token_of by lia. unfold distance. destruct (P i) as ((x, y), a).
    cbn [labelled nth number_of]. destruct a; cbn [is Nat.eqb]; ring.
  Qed.
  Lemma other_is_no_label j : (j < length w)%nat -> (forall i, (i < m)%nat -> j <> place i) -> x0 j 4%nat = 0.
  Proof.
    intros H No. rewrite n0_label. destruct (kind_of j H) as [->|i r -> Hi Hr|r -> Hr]; [reflexivity| |].
    - rewrite token_of by auto. destruct (P i) as ((x, y), a). destruct r as [|[|[|r]]]; [reflexivity|reflexivity|destruct (No i Hi); reflexivity|lia].
    - rewrite token_behind. destruct r as [|[|[|r]]]; [reflexivity..|lia].
  Qed.
  Lemma near_enough i : (i < m)%nat -> distance qx qy (P i) < 2 * (n * n).
  Proof.
    intros H. rewrite Forall_forall in grid. specialize (grid (P i) ltac:(apply nth_In; exact H)). unfold distance, in_grid in *. destruct (P i) as ((x, y), a). cbn [fst snd] in grid.
    assert ((qx - x) * (qx - x) < n * n) by nia. assert ((qy - y) * (qy - y) < n * n) by nia. lia.
  Qed.
  Lemma some_point : (0 < m)%nat. Proof. destruct ps; [congruence|cbn; lia]. Qed.
  Lemma picks_label : exists i, (i < m)%nat /\ p = place i.
  Proof.
    pose proof some_point as M0. pose proof (closest_le score last) as Le. pose proof (proj1 (closest_is score last (place 0) ltac:(lia))) as Best.
    change (closest score last) with p in Le, Best. rewrite score_label in Best by exact M0. pose proof (near_enough 0 M0) as Near.
    destruct (kind_of p ltac:(rewrite length_w; lia)) as [E|i r E Hi Hr|r E Hr].
    3: { exfalso. revert Best. rewrite score_is, (other_is_no_label p) by (try (rewrite length_w; lia); intros; lia). too_far. }
    - exfalso. revert Best. rewrite score_is, (other_is_no_label p) by (try (rewrite length_w; lia); intros; lia). too_far.
    - destruct (Nat.eq_dec r 2) as [->|D]; [exists i; auto|].
      exfalso. revert Best. rewrite score_is, (other_is_no_label p) by (try (rewrite length_w; lia); intros; lia). too_far.
  Qed.
  Theorem nearest_next : exists before q after, ps = before ++ q :: after /\
    Forall (fun q' => distance qx qy q <= distance qx qy q') before /\ Forall (fun q' => distance qx qy q < distance qx qy q') after /\
    net_next rho N w = Some (Special (if snd q then 1 else 2)).
  Proof.
    destruct picks_label as (i & Hi & Ep). destruct (nth_split ps nowhere Hi) as (before & after & E & Lb).
    exists before, (P i), after. split; [exact E|].
    assert (forall i', (i' < m)%nat -> distance qx qy (P i) <= distance qx qy (P i') /\ ((i < i')%nat -> distance qx qy (P i) < distance qx qy (P i'))) as Best.
    { intros i' Hi'. pose proof (closest_is score last (place i') ltac:(lia)) as (B & L). change (closest score last) with p in B, L. rewrite Ep, !score_label in B, L by auto.
      split; [lia|]. intros H. destruct (Z.eq_dec (distance qx qy (P i)) (distance qx qy (P i'))) as [D|D]; [|lia]. specialize (L ltac:(lia)). lia. }
    split; [|split].
    - apply Forall_forall. intros q' I. apply (In_nth _ _ nowhere) in I. destruct I as (k & Hk & Ek). destruct (Best k ltac:(lia)) as (B & _).
      unfold P at 2 in B. rewrite E, app_nth1, Ek in B by exact Hk. exact B.
    - apply Forall_forall. intros q' I. apply (In_nth _ _ nowhere) in I. destruct I as (k & Hk & Ek). assert (m = (i + S (length after))%nat) as Em by (rewrite E, app_length, Lb; reflexivity).
      destruct (Best (i + S k)%nat ltac:(lia)) as (_ & B). specialize (B ltac:(lia)). unfold P at 2 in B. rewrite E, <- Lb, app_nth2_plus in B. cbn [nth] in B. rewrite Ek, Lb in B. exact B.
    - unfold net_next. replace (length w - 1)%nat with last by (rewrite length_w; lia). change (net_stream rho N w) with x2.
      change (decide rho (x2 last) (outputs N)) with (if (lin rho (coord 11) (x2 last) =? 1) && true then Some (Special 1) else Some (Special 2)).
      rewrite lin_coord, andb_true_r. assert (x2 last 11%nat = is 1 (T p)) as ->.
      { transitivity (lin rho (coord 6) (x1 p)); [reflexivity|]. rewrite lin_coord. exact (n0_a p). }
      rewrite Ep, token_of by lia. destruct (P i) as ((x, y), a). destruct a; reflexivity.
  Qed.

  Lemma size_positive : 1 <= n. Proof. destruct query_grid. lia. Qed.
  Lemma input_is : input_ok rho Gen_NearestNeighbour.blueprint N w.
  Proof.
    split; [|split].
    - intros i Hi. change (nth i w (Special 0)) with (T i). destruct (kind_of i Hi) as [->|j r -> Hj Hr|r -> Hr].
      + cbn. repeat split; lia.
      + rewrite token_of by auto. destruct (P j) as ((x, y), a). destruct r as [|[|[|r]]]; [cbn; lia|cbn; lia| |lia]. destruct a; cbn; repeat split; intros; try discriminate; lia.
      + rewrite token_behind. destruct r as [|[|[|r]]]; [|cbn; lia|cbn; lia|lia]. cbn. repeat split; intros; try discriminate; lia.
    - intros i k Hi E. change (peval rho (low Gen_NearestNeighbour.blueprint)) with 0. change (peval rho (high Gen_NearestNeighbour.blueprint)) with (1 * (n * 1 * 1) + 0).
      change (T i = Number k) in E. destruct query_grid as (Gx & Gy). destruct (kind_of i Hi) as [->|j r -> Hj Hr|r -> Hr].
      + discriminate.
      + rewrite token_of in E by auto. rewrite Forall_forall in grid. specialize (grid (P j) ltac:(apply nth_In; exact Hj)). destruct (P j) as ((x, y), a).
        destruct grid as (X & Y). cbn [fst snd] in X, Y. destruct r as [|[|[|r]]]; [| |discriminate|lia]; injection E as <-; lia.
      + rewrite token_behind in E. destruct r as [|[|[|r]]]; [discriminate| | |lia]; injection E as <-; lia.
    - rewrite length_w. cbn [context Gen_NearestNeighbour.blueprint peval fold_right fst snd peval_mono power Gen_NearestNeighbour.at_size]. lia.
  Qed.
  Lemma decodes_to t : net_next rho N w = Some t -> decode QcN rho Gen_NearestNeighbour.blueprint w = ([t], true).
  Proof.
    intros E. apply (decodes Wire_NearestNeighbour.domain_ rho _ N Wire_NearestNeighbour.ranges_ (Wire_NearestNeighbour.is_good n size_positive) Wire_NearestNeighbour.checked);
      [exact input_is|discriminate|]. cbn [net_decode]. rewrite E. reflexivity.
  Qed.
End Nearest.
Theorem nearest_solved : statement_nearest.
Proof.
  intros n ps x y Some_ Few Grid Query. destruct (nearest_next n ps x y Some_ Few Grid Query) as (before & q & after & E & B & A & Nx).
  exists q. split; [exists before, after; auto|]. apply decodes_to; auto.
Qed.
