(** Theorem 4.1, what can be run of it: the exported weights of rnn/turing write the configurations of its machine. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound NetModel NetTop NetFull Decode Equations StatementsMachines Transcripts Rows RowDecoding SolvesExportedTuring.
From RetrievalGap.Generated Require Import Gen_RnnTuring Wire_RnnTuring.
Import ListNotations.
Open Scope Z_scope.

Notation machine_ := busy_beaver_4.
Lemma ready : settled (seq 0 (length (features wiring))) (stages wiring) = true. Proof. vm_compute. reflexivity. Qed.

(** A feature that lists the values of a function of signs. *)
Definition lists (c : nat) (f : sign -> Z) : bool :=
  let g := nth c (features wiring) no_feature in
  (fst (f_position g) =? 0) && (snd (f_position g) =? 0) && Nat.ltb c (length (features wiring)) &&
  forallb (fun k => match listed_const (f_special g) k with Some v => v =? f (nth k (row_alphabet machine_) Begin) | None => false end) (seq 0 14).
(** A shift register: how far back it shows which coordinate. *)
Fixpoint source (fuel : nat) (l : list NetCheck.cell) (k : nat) : option (nat * nat) :=
  match fuel, nth k l no_cell with
  | S _, NetCheck.Cell _ [] [(c, [(1, [])])] => Some (0%nat, c)
  | S fuel', NetCheck.Cell _ [(j, 1)] [] => match source fuel' l j with Some (d, c) => Some (S d, c) | None => None end
  | _, _ => None
  end.
Lemma source_is rho x l fuel : forall k d c, source fuel l k = Some (d, c) -> forall t, cell_sem rho l x t k = if (d <=? t)%nat then x (t - d)%nat c else 0.
Proof.
  induction fuel as [|fuel IH]; intros k d c E t; cbn [source] in E; [discriminate|].
  destruct (nth k l no_cell) as [sh bf rd] eqn:N. destruct bf as [|(j, z) [|? ?]].
  - destruct rd as [|(c', [|([|[| |]|], [|? ?]) [|? ?]]) [|? ?]]; try discriminate. injection E as <- <-.
    destruct t; cbn [cell_sem]; rewrite N; cbn [NetCheck.before reads_ map sum fold_right]; linear; rewrite ?Nat.sub_0_r; reflexivity.
  - destruct z as [|[| |]|]; try discriminate. destruct rd; try discriminate. destruct (source fuel l j) as [(d', c')|] eqn:So; [|discriminate].
    injection E as <- <-. destruct t as [|t]; cbn [cell_sem]; rewrite N; cbn [NetCheck.before reads_ map sum fold_right fst snd]; linear; [reflexivity|].
    rewrite (IH j d' c' So t). cbn [Nat.leb Nat.sub]. destruct (d' <=? t)%nat; ring.
  - destruct z as [|[| |]|]; try discriminate; destruct rd; discriminate.
Qed.

Lemma alphabet_length : length (row_alphabet machine_) = 14%nat. Proof. reflexivity. Qed.
Section Network.
  Variables (n : Z) (s : list sign).
  Hypothesis proper_signs_ : forall x, In x s -> In x (row_alphabet machine_).
  Hypothesis begins : exists r, s = Begin :: r.
  Let rho := at_size n.
  Let w := map (row_token machine_) s.
  Let X := net_stream rho wiring w.
  Let i := (length s - 1)%nat.
  Lemma sign_token j : nth j w (Special 0) = row_token machine_ (nth j s Begin).
  Proof. unfold w. change (Special 0) with (row_token machine_ Begin). apply map_nth. Qed.
  Lemma sign_proper j : In (nth j s Begin) (row_alphabet machine_).
  Proof. destruct (nth_in_or_default j s Begin) as [I|E]; [auto|rewrite E; left; reflexivity]. Qed.
  Lemma listed_value c f j : lists c f = true -> X j c = f (nth j s Begin).
  Proof.
    unfold lists. intros L. rewrite !andb_true_iff, !Z.eqb_eq, Nat.ltb_lt in L. destruct L as (((P1 & P2) & Lc) & L).
    unfold X. rewrite (from_feature rho wiring ready) by exact Lc. rewrite sign_token. unfold feature_sem, row_token. rewrite P1, P2.
    destruct (place_nth _ _ Begin (sign_proper j)) as (K & E). rewrite alphabet_length in K.
    change ([Begin; Halted; Missing; Outside] ++ map Cell (seq 0 (symbols machine_)) ++ step_signs machine_) with (row_alphabet machine_).
    pose proof (forallb_In _ _ _ L ltac:(apply in_seq; split; [apply Nat.le_0_l|exact K])) as Q. cbv beta in Q.
    destruct (listed_const _ _) as [v|] eqn:V; [|discriminate]. apply Z.eqb_eq in Q. rewrite (listed_const_is rho _ _ _ V), Q, E. ring.
  Qed.
  Lemma register c l k d c0 f : defined (stages wiring) c = Some (ByCell l k) -> source 20 l k = Some (d, c0) -> lists c0 f = true -> X i c = ago f s d.
  Proof.
    intros D So L. unfold X at 1. rewrite (equation rho wiring ready w i c _ D). fold X. cbn [says]. rewrite (source_is rho X l 20 k d c0 So). unfold ago. fold i.
    destruct (d <=? i)%nat; [apply listed_value; exact L|reflexivity].
  Qed.
  Ltac shown f := eapply (register _ _ _ _ _ f); [reflexivity|reflexivity|vm_compute; reflexivity].
  Lemma x0 : X i 0%nat = 1. Proof. rewrite (listed_value 0 (fun _ => 1)); [reflexivity|vm_compute; reflexivity]. Qed.
  Lemma x9 : X i 9%nat = ago is_wall s 12. Proof. shown is_wall. Qed.
  Lemma x10 : X i 10%nat = ago (goes machine_ 1) s 13. Proof. shown (goes machine_ 1). Qed.
  Lemma x11 : X i 11%nat = ago is_wall s 13. Proof. shown is_wall. Qed.
  Lemma x12 : X i 12%nat = ago (goes machine_ (-1)) s 11. Proof. shown (goes machine_ (-1)). Qed.
  Lemma x13 : X i 13%nat = ago (goes machine_ (-1)) s 12. Proof. shown (goes machine_ (-1)). Qed.
  Lemma x14 : X i 14%nat = ago (goes machine_ 0) s 12. Proof. shown (goes machine_ 0). Qed.
  Lemma x14' : X i 14%nat = ago (enters machine_ 0) s 12. Proof. shown (enters machine_ 0). Qed.
  Lemma x15 : X i 15%nat = ago (enters machine_ 1) s 13. Proof. shown (enters machine_ 1). Qed.
  Lemma x16 : X i 16%nat = ago (enters machine_ (-1)) s 11. Proof. shown (enters machine_ (-1)). Qed.
  Lemma x17 : X i 17%nat = ago (fun x => truth (enters_halt machine_ x)) s 12. Proof. shown (fun x => truth (enters_halt machine_ x)). Qed.
  Lemma x18 : X i 18%nat = ago (leaves machine_) s 12. Proof. shown (leaves machine_). Qed.
  Lemma none_missing : ago (fun x => truth (lacks_entry machine_ x)) s 12 = 0.
  Proof.
    unfold ago. destruct (_ <=? _)%nat; [|reflexivity].
    assert (forallb (fun x => truth (lacks_entry machine_ x) =? 0) (row_alphabet machine_) = true) as A by (vm_compute; reflexivity).
    pose proof (forallb_In _ _ _ A (sign_proper (length s - 1 - 12))) as Q. apply Z.eqb_eq in Q. exact Q.
  Qed.
  Ltac gate c := unfold X at 1; rewrite (equation rho wiring ready w i c _ eq_refl); fold X; cbn [says gate_sem forallb]; linear.
  Lemma x19 : X i 19%nat = truth ((ago is_wall s 12 =? 1) && (ago (goes machine_ 1) s 13 =? 1)).
  Proof. gate 19%nat. rewrite x9, x10, andb_true_r. reflexivity. Qed.
  Lemma x20 : X i 20%nat = truth ((ago is_wall s 13 =? 1) && (ago (goes machine_ (-1)) s 12 =? 1)).
  Proof. gate 20%nat. rewrite x11, x13, andb_true_r. reflexivity. Qed.
  Lemma x21 : X i 21%nat = 1 - truth ((ago is_wall s 12 =? 1) && (ago (goes machine_ 1) s 13 =? 1) || (ago is_wall s 13 =? 1) && (ago (goes machine_ (-1)) s 12 =? 1)).
  Proof.
    gate 21%nat. rewrite x0, x19, x20, andb_true_r. set (a := (ago is_wall s 12 =? 1) && _). set (b := (ago is_wall s 13 =? 1) && _).
    destruct a, b; reflexivity.
  Qed.
  Lemma ago_nonneg f d : (forall x, 0 <= f x) -> 0 <= ago f s d. Proof. intros F. unfold ago. destruct (_ <=? _)%nat; [apply F|lia]. Qed.
  Lemma enters_nonneg mv x : 0 <= enters machine_ mv x.
  Proof. unfold enters. destruct x; try lia. destruct (table machine_ q a) as [((b, mv'), q')|]; [destruct (_ && _)|]; lia. Qed.
  Lemma leaves_nonneg x : 0 <= leaves machine_ x.
  Proof. unfold leaves. destruct x; try lia. destruct (table machine_ q a) as [((b, mv'), q')|]; lia. Qed.

  (** The places of the unembedding are those of the signs. *)
  Definition places_ : list (nat * list Z) := match nth 3 (outputs wiring) (Output (Token 0) []) with Output (Choice l _) _ => l | _ => [] end.
  Definition place3 (x : sign) : list Z := match x with Step q a => [1; Z.of_nat q; Z.of_nat a] | Cell a => [0; 0; Z.of_nat a] | _ => [] end.
  Lemma places_are x : In x (row_alphabet machine_) -> is_record x = true -> place_of places_ (place3 x) = Some (place x (row_alphabet machine_)).
  Proof.
    intros I R. assert (forallb (fun x => if is_record x then match place_of places_ (place3 x) with Some k => Nat.eqb k (place x (row_alphabet machine_)) | None => false end else true)
      (row_alphabet machine_) = true) as A by (vm_compute; reflexivity).
    pose proof (forallb_In _ _ _ A I) as Q. cbv beta in Q. rewrite R in Q. destruct (place_of _ _) as [k|]; [|discriminate]. apply Nat.eqb_eq in Q. congruence.
  Qed.
  Theorem network_writes : In (window machine_ 12 s) (row_alphabet machine_) -> net_next rho wiring w = Some (row_token machine_ (window machine_ 12 s)).
  Proof.
    intros I. unfold net_next. unfold w at 2. rewrite map_length. fold i. fold w. fold X. cbn [outputs wiring decide]. unfold applies, names. cbn [o_what o_when forallb map]. linear.
    rewrite x0, x9, x17, x21, andb_true_r.
    revert I. unfold window. rewrite none_missing. change (12 + 1)%nat with 13%nat. change (12 - 1)%nat with 11%nat.
    destruct (ago (fun x => truth (enters_halt machine_ x)) s 12 =? 1); [intros _; reflexivity|]. change (0 =? 1) with false. cbn iota.
    destruct (_ && _ || _); [intros _; reflexivity|]. cbn [truth]. change (1 * 1 + (-1 * (1 - 0) + 0) =? 1) with false. cbn iota. rewrite andb_true_r.
    destruct (ago is_wall s 12 =? 1); [intros _; reflexivity|].
    set (symbol := ago (leaves machine_) s 12). set (head := ago (goes machine_ 1) s 13 + ago (goes machine_ 0) s 12 + ago (goes machine_ (-1)) s 11).
    set (st := ago (enters machine_ 1) s 13 + ago (enters machine_ 0) s 12 + ago (enters machine_ (-1)) s 11).
    change (place_of _ ?p) with (place_of places_ p).
    assert ([1 * X i 10%nat + (1 * X i 12%nat + X i 14%nat); 1 * X i 14%nat + (1 * X i 15%nat + X i 16%nat); X i 18%nat] = [head; st; symbol]) as ->.
    { assert (X i 14%nat = ago (enters machine_ 0) s 12) as E by apply x14'. assert (X i 14%nat = ago (goes machine_ 0) s 12) as E' by apply x14.
      rewrite x10, x12, x15, x16, x18. unfold head, st, symbol. f_equal; [rewrite E'; ring|f_equal; rewrite E; ring]. }
    assert (0 <= symbol) as Ns by (apply ago_nonneg, leaves_nonneg).
    assert (0 <= st) as Nt by (unfold st; pose proof (ago_nonneg _ 13 (enters_nonneg 1)); pose proof (ago_nonneg _ 12 (enters_nonneg 0)); pose proof (ago_nonneg _ 11 (enters_nonneg (-1))); lia).
    destruct (Z.eqb_spec head 1) as [->|N1].
    - intros I. pose proof (places_are _ I eq_refl) as P. cbn [place3] in P. rewrite !Z2Nat.id in P by assumption. rewrite P. reflexivity.
    - destruct (Z.eqb_spec head 0) as [->|N0], (Z.eqb_spec st 0) as [->|M0]; cbn [andb]; intros I;
        try (exfalso; apply in_alphabet in I; destruct I as (_ & I); congruence).
      pose proof (places_are _ I eq_refl) as P. cbn [place3] in P. rewrite Z2Nat.id in P by assumption. rewrite P. reflexivity.
  Qed.

  Lemma context_is : peval rho (context blueprint) = 13 * n + 26.
  Proof. unfold blueprint, rho. cbn [context]. unfold peval, peval_mono, at_size. cbn [fold_right fst snd power]. ring. Qed.
  Theorem next_sign : 1 <= n -> (length s <= Z.to_nat (13 * n + 27))%nat -> In (window machine_ 12 s) (row_alphabet machine_) ->
    next QcN rho blueprint w = row_token machine_ (window machine_ 12 s).
  Proof.
    intros Hn Room I. apply next_as; auto; [|destruct begins as (r & E); unfold w; rewrite E; discriminate|apply network_writes; exact I].
    split; [|split].
    - intros j J. rewrite sign_token. unfold row_token. destruct (place_nth _ _ Begin (sign_proper j)) as (K & _). rewrite alphabet_length in K.
      split; [exact K|]. split; [|discriminate]. intros ->. destruct begins as (r & ->). reflexivity.
    - intros j k _ E. rewrite sign_token in E. discriminate.
    - unfold w. rewrite map_length. fold rho. rewrite context_is. lia.
  Qed.
End Network.

Theorem exported_rnn_turing : statement_exported_rnn_turing.
Proof.
  intros n word T Hn Letters Word Steps. cbv zeta. set (c := row_initial machine_ 12 word).
  assert (allowed machine_ 12 c) as Al.
  { split; [cbn; lia|]. split; [reflexivity|]. split.
    - intros x. unfold c, row_initial. cbn [tape]. destruct (x <? _); [cbn; lia|]. destruct (nth_in_or_default (Z.to_nat (x - Z.of_nat (Nat.div2 (12 - length word)))) word 0%nat) as [I|E]; [auto|rewrite E; cbn; lia].
    - unfold c, row_initial. cbn [head_at]. lia. }
  pose proof (configurations_written machine_ 12 blueprint (at_size n) (Z.to_nat (13 * n + 27)) ltac:(lia) busy_beaver_4_well_formed eq_refl) as W.
  specialize (W ltac:(intros s P B L I; apply next_sign; auto) T (S (Z.to_nat (peval (at_size n) (context blueprint) + 1) - 14)) [] c Al ltac:(intros x []) ltac:(left; reflexivity)).
  rewrite context_is in W. specialize (W ltac:(lia) ltac:(cbn [length]; lia)).
  unfold decode. replace (length (row_prompt machine_ 12 word)) with 14%nat by (unfold row_prompt; rewrite map_length; cbn [length]; rewrite app_length, row_length; reflexivity).
  rewrite context_is. exact W.
Qed.
Print Assumptions exported_rnn_turing.
