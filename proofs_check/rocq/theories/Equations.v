(** The equations of a network: each coordinate is what its feature, gate, read or cell says of the final stream.

    A network is run stage by stage, and every coordinate is written once. So the stream after the last stage satisfies
    all equations at once, and proofs about tasks need no stream but this one. *)
From Coq Require Import ZArith List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound NetModel NetTop.
Import ListNotations.
Open Scope Z_scope.

Definition pick_rows (p : pick) : list row :=
  match p with At _ r => [r] | Latest _ l e _ | Closest _ l e => e :: pair_rows l end.
Definition stage_rows (s : stage) : list row :=
  match s with
  | Heads l => flat_map (fun h => pick_rows (fst h) ++ map snd (snd h)) l
  | Gates l => flat_map (fun cg => rows_of (snd cg)) l
  | Cells l => map reads_ l
  | States _ reads ms => reads ++ map flag_ ms
  end.
(** Every stage reads coordinates that are written, and writes others. *)
Fixpoint settled (W : list nat) (ss : list stage) : bool :=
  match ss with
  | [] => true
  | s :: ss' => forallb (fun r => forallb (fun c => mem c W) (columns r)) (stage_rows s) &&
                forallb (fun c => negb (mem c W)) (stage_keys s) && settled (stage_keys s ++ W) ss'
  end.

(** What says the value of a coordinate. *)
Inductive definition := ByGate (g : gate) | ByRead (p : pick) (r : row) | ByCell (l : list cell) (k : nat) | ByState (reads : list row) (moves : list move) (k : nat).
Definition says rho (d : definition) (x : nat -> nat -> Z) (i : nat) : Z :=
  match d with
  | ByGate g => gate_sem (fun r => lin rho r (x i)) g
  | ByRead p r => lin rho r (x (picked rho x i p))
  | ByCell l k => cell_sem rho l x i k
  | ByState reads ms k => held rho reads ms x i k
  end.
Fixpoint read_of (l : list (pick * list (nat * row))) (c : nat) : option definition :=
  match l with
  | [] => None
  | (p, reads) :: l' => match assoc c reads with Some r => Some (ByRead p r) | None => read_of l' c end
  end.
Definition defined_in (s : stage) (c : nat) : option definition :=
  match s with
  | Heads l => read_of l c
  | Gates l => match assoc c l with Some g => Some (ByGate g) | None => None end
  | Cells l => match shown_at l 0 c with Some k => Some (ByCell l k) | None => None end
  | States places reads ms => match cell_at places c with Some k => Some (ByState reads ms k) | None => None end
  end.
Fixpoint defined (ss : list stage) (c : nat) : option definition :=
  match ss with [] => None | s :: ss' => match defined_in s c with Some d => Some d | None => defined ss' c end end.

Section Extension.
  Variables (rho : env) (x y : nat -> nat -> Z).
  Definition alike (r : row) : Prop := forall i, lin rho r (x i) = lin rho r (y i).
  Lemma latest_pick_ext q q' k k' e e' i : q = q' -> (forall j, k j = k' j) -> (forall j, e j = e' j) -> latest_pick q k e i = latest_pick q' k' e' i.
  Proof.
    intros <- K E. assert (forall j, matches q k e j <-> matches q k' e' j) as M by (intros j; unfold matches; rewrite K, E; tauto).
    destruct (latest_pick_spec q k e i) as [(B & A & L)|(P & N)], (latest_pick_spec q k' e' i) as [(B' & A' & L')|(P' & N')].
    - apply M in A. apply M in A'. destruct (lt_eq_lt_dec (latest_pick q k e i) (latest_pick q k' e' i)) as [[H|H]|H]; auto; exfalso.
      + apply (L _ ltac:(split; [exact H|lia]) A').
      + apply (L' _ ltac:(split; [exact H|lia]) A).
    - exfalso. apply M in A. apply (N' _ B A).
    - exfalso. apply M in A'. apply (N _ B' A').
    - congruence.
  Qed.
  Lemma closest_ext f g i : (forall j, f j = g j) -> closest f i = closest g i.
  Proof. intros H. induction i as [|i IH]; [reflexivity|]. cbn [closest]. rewrite IH, !H. reflexivity. Qed.
  Lemma pairs_alike pairs i : (forall r, In r (pair_rows pairs) -> alike r) ->
    queries rho pairs x i = queries rho pairs y i /\ keys rho pairs x i = keys rho pairs y i.
  Proof.
    intros A. unfold queries, keys. split; apply map_ext_in; intros (a, b) I; apply A; unfold pair_rows; apply in_flat_map; exists (a, b);
      cbn [fst snd In]; auto.
  Qed.
  Lemma picked_ext i p : (forall r, In r (pick_rows p) -> alike r) -> picked rho x i p = picked rho y i p.
  Proof.
    destruct p as [a r|s l e b|s l e]; cbn [pick_rows picked]; intros A.
    - rewrite (A r) by (left; auto). reflexivity.
    - apply latest_pick_ext; [|intros j|intros j; apply A; left; auto]; apply pairs_alike; intros; apply A; right; auto.
    - apply closest_ext. intros j. destruct (pairs_alike l j) as (_ & ->); [intros; apply A; right; auto|].
      destruct (pairs_alike l i) as (-> & _); [intros; apply A; right; auto|]. rewrite (A e) by (left; auto). reflexivity.
  Qed.
  Lemma cell_ext l : (forall r, In r (map reads_ l) -> alike r) -> forall t k, cell_sem rho l x t k = cell_sem rho l y t k.
  Proof.
    intros A. assert (forall k i, lin rho (reads_ (nth k l no_cell)) (x i) = lin rho (reads_ (nth k l no_cell)) (y i)) as R.
    { intros k i. destruct (nth_in_or_default k l no_cell) as [I| ->]; [|reflexivity]. apply A, in_map, I. }
    induction t as [|t IH]; intros k; cbn [cell_sem]; rewrite R; [reflexivity|]. f_equal. f_equal. apply map_ext. intros a. rewrite IH. reflexivity.
  Qed.
  Lemma held_ext reads ms : (forall r, In r (reads ++ map flag_ ms) -> alike r) -> forall t k, held rho reads ms x t k = held rho reads ms y t k.
  Proof.
    intros A. assert (forall k i, lin rho (nth k reads []) (x i) = lin rho (nth k reads []) (y i)) as R.
    { intros k i. destruct (nth_in_or_default k reads []) as [I| ->]; [|reflexivity]. apply A, in_or_app. auto. }
    induction t as [|t IH]; intros k; cbn [held]; rewrite R; [reflexivity|]. f_equal. assert (gates_at rho ms (x (S t)) = gates_at rho ms (y (S t))) as ->.
    { unfold gates_at. apply map_ext_in. intros m I. rewrite (A (flag_ m)) by (apply in_or_app; right; apply in_map; exact I). reflexivity. }
    unfold moved. rewrite IH. f_equal. f_equal. apply map_ext. intros gm. f_equal. unfold part_sem. f_equal. apply map_ext. intros p. rewrite IH. reflexivity.
  Qed.
  Lemma says_ext s c d i : defined_in s c = Some d -> (forall r, In r (stage_rows s) -> alike r) -> says rho d x i = says rho d y i.
  Proof.
    destruct s as [l|l|l|places reads ms]; cbn [defined_in stage_rows]; intros D A.
    - induction l as [|(p, reads) l IH]; [discriminate|]. cbn [read_of flat_map fst snd] in *.
      destruct (assoc c reads) as [r|] eqn:R.
      + injection D as <-. cbn [says]. rewrite (picked_ext i p) by (intros; apply A; rewrite !in_app_iff; auto). apply A.
        rewrite !in_app_iff. left. right. apply assoc_In in R. apply (in_map snd _ _ R).
      + apply IH; auto. intros r' I. apply A, in_or_app. auto.
    - destruct (assoc c l) as [g|] eqn:G; [|discriminate]. injection D as <-. cbn [says]. apply gate_sem_ext. intros r I. apply A.
      apply in_flat_map. exists (c, g). split; [apply assoc_In; exact G|exact I].
    - destruct (shown_at l 0 c) as [k|]; [|discriminate]. injection D as <-. cbn [says]. apply cell_ext. exact A.
    - destruct (cell_at places c) as [k|]; [|discriminate]. injection D as <-. cbn [says]. apply held_ext. exact A.
  Qed.
End Extension.

Lemma stage_says rho s x i c : match defined_in s c with
  | Some d => stage_sem rho s x i c = says rho d x i
  | None => stage_sem rho s x i c = x i c end.
Proof.
  destruct s as [l|l|l|places reads ms]; cbn [defined_in stage_sem].
  - induction l as [|(p, reads) l IH]; cbn [read_of heads_sem]; [reflexivity|]. destruct (assoc c reads); [reflexivity|exact IH].
  - destruct (assoc c l); reflexivity.
  - destruct (shown_at l 0 c); reflexivity.
  - destruct (cell_at places c); reflexivity.
Qed.
Lemma defined_keys s c d : defined_in s c = Some d -> In c (stage_keys s).
Proof.
  destruct s as [l|l|l|places reads ms]; cbn [defined_in stage_keys]; intros D.
  - induction l as [|(p, reads) l IH]; [discriminate|]. cbn [read_of flat_map fst snd] in *. apply in_or_app.
    destruct (assoc c reads) eqn:R; [left|right; auto]. apply assoc_In in R. apply (in_map fst _ _ R).
  - destruct (assoc c l) eqn:G; [|discriminate]. apply assoc_In in G. apply (in_map fst _ _ G).
  - destruct (shown_at l 0 c) as [k|] eqn:G; [|discriminate]. apply (shown_at_keys l 0). eauto.
  - destruct (cell_at places c) as [k|] eqn:G; [|discriminate]. apply cell_at_keys. eauto.
Qed.

Section Equations.
  Variable rho : env.
  Lemma settled_equations ss : forall W x, settled W ss = true -> let X := run_stages rho ss x in
    (forall i c, In c W -> X i c = x i c) /\ (forall i c d, defined ss c = Some d -> X i c = says rho d X i).
  Proof.
    induction ss as [|s ss IH]; intros W x S; [split; [reflexivity|discriminate]|]. cbn [settled] in S. rewrite !andb_true_iff in S.
    destruct S as ((R & K) & S). change (run_stages rho (s :: ss) x) with (run_stages rho ss (stage_sem rho s x)).
    specialize (IH _ (stage_sem rho s x) S). cbv zeta in *. set (X := run_stages rho ss (stage_sem rho s x)) in *. destruct IH as (Old & New).
    assert (forall i c, In c W -> X i c = x i c) as Keep.
    { intros i c C. rewrite Old by (apply in_or_app; auto). apply stage_sem_outside. intros N. pose proof (forallb_In _ _ c K N) as Q. cbv beta in Q.
      apply negb_true_iff, mem_not in Q. auto. }
    split; [exact Keep|]. intros i c d D. cbn [defined] in D. destruct (defined_in s c) as [e|] eqn:E; [|apply New; exact D]. injection D as ->.
    rewrite Old by (apply in_or_app; left; apply (defined_keys s c d E)). pose proof (stage_says rho s x i c) as Q. rewrite E in Q. rewrite Q.
    apply (says_ext rho x X s c d i E). intros r I j. apply lin_ext. intros e He. symmetry. apply Keep.
    pose proof (forallb_In _ _ r R I) as Q'. cbv beta in Q'. pose proof (forallb_In _ _ e Q' He) as Q''. apply mem_In. exact Q''.
  Qed.
  Variable N : network.
  Hypothesis ready : settled (seq 0 (length (features N))) (stages N) = true.
  Variable w : list tok.
  Lemma equation i c d : defined (stages N) c = Some d -> net_stream rho N w i c = says rho d (net_stream rho N w) i.
  Proof. apply (settled_equations _ _ _ ready). Qed.
  Lemma from_feature i c : (c < length (features N))%nat ->
    net_stream rho N w i c = feature_sem rho (nth c (features N) no_feature) (nth i w (Special 0)) (Z.of_nat i).
  Proof. intros H. unfold net_stream. rewrite (proj1 (settled_equations _ _ _ ready)) by (apply in_seq; lia). reflexivity. Qed.
End Equations.

(** Linear forms with constant coefficients, as they are printed. *)
Lemma lin_unit rho c x : lin rho [(c, [(1, [])])] x = x c. Proof. apply lin_coord. Qed.
Lemma lin_nothing rho x : lin rho [] x = 0. Proof. reflexivity. Qed.
Lemma lin_term rho c k r x : lin rho ((c, [(k, [])]) :: r) x = k * x c + lin rho r x.
Proof. rewrite lin_cons. change [(k, [])] with (const k). rewrite peval_const. reflexivity. Qed.
Lemma lin_size rho c k v r x : lin rho ((c, [(k, [(v, 1%nat)])]) :: r) x = k * rho v * x c + lin rho r x.
Proof. rewrite lin_cons, peval_cons. unfold peval_mono. cbn [fold_right fst snd power]. change (peval rho []) with 0. ring. Qed.
Ltac linear := repeat first [rewrite lin_unit | rewrite lin_nothing | rewrite lin_term | rewrite lin_size].

(** p is the latest position up to i, but not 0, where P holds; 0 if there is none. *)
Definition latest_where (P : nat -> Prop) (i p : nat) : Prop :=
  (0 < p <= i)%nat /\ P p /\ (forall j, (p < j <= i)%nat -> ~ P j) \/ p = 0%nat /\ forall j, (0 < j <= i)%nat -> ~ P j.
Lemma picked_latest rho x i s l e b (P : nat -> Prop) :
  (forall j, (0 < j <= i)%nat -> matches (queries rho l x i) (keys rho l x) (fun j => lin rho e (x j)) j <-> P j) ->
  latest_where P i (picked rho x i (Latest s l e b)).
Proof.
  intros H. cbn [picked]. set (q := queries rho l x i) in *. set (k := keys rho l x) in *. set (f := fun j => lin rho e (x j)) in *.
  destruct (latest_pick_spec q k f i) as [(B & M & L)|(-> & N)].
  - left. split; [exact B|]. split; [apply H; auto|]. intros j J Pj. apply (L j J), H; auto. lia.
  - right. split; auto. intros j J Pj. apply (N j J), H; auto.
Qed.
Lemma latest_where_le P i p : latest_where P i p -> (p <= i)%nat.
Proof. intros [H|H]; lia. Qed.
