(** Theorem 4.1, the algorithm: the window of S + 2 tokens says the next token, for every machine and every S. *)
From Coq Require Import ZArith List Lia Arith Bool.
From RetrievalGap Require Import StatementsMachines StatementsRegisters.
Import ListNotations.
Open Scope Z_scope.

Section Rows.
  Variables (m : machine) (S : nat).
  Hypothesis some_cells : (0 < S)%nat.

  Notation goes := (goes m).
  Notation enters := (enters m).
  (** The value of a sign d tokens back; 0 before the beginning. *)
  Definition ago (f : sign -> Z) (s : list sign) (d : nat) : Z :=
    if (d <=? length s - 1)%nat then f (nth (length s - 1 - d) s Begin) else 0.
  Definition window (s : list sign) : sign :=
    let left := (S + 1)%nat in let same := S in let right := (S - 1)%nat in
    if ago (fun x => truth (enters_halt m x)) s same =? 1 then Halted
    else if ago (fun x => truth (lacks_entry m x)) s same =? 1 then Missing
    else if (ago is_wall s same =? 1) && (ago (goes 1) s left =? 1) || (ago is_wall s left =? 1) && (ago (goes (-1)) s same =? 1) then Outside
    else if ago is_wall s same =? 1 then Begin
    else let head := ago (goes 1) s left + ago (goes 0) s same + ago (goes (-1)) s right in
         let state := ago (enters 1) s left + ago (enters 0) s same + ago (enters (-1)) s right in
         let symbol := Z.to_nat (ago (leaves m) s same) in
         if head =? 1 then Step (Z.to_nat state) symbol else if (head =? 0) && (state =? 0) then Cell symbol else Ask.

  Definition allowed (c : config) : Prop :=
    (in_state c < states m)%nat /\ halting m (in_state c) = false /\ (forall x, (tape c x < symbols m)%nat) /\ 0 <= head_at c < Z.of_nat S.
  Lemma row_length c : length (row_signs S c) = S.
  Proof. unfold row_signs. rewrite map_length, seq_length. reflexivity. Qed.
  Lemma nth_cells c k j : (j < k)%nat -> nth j (map (cell_sign c) (seq 0 k)) Begin = cell_sign c j.
  Proof.
    intros J. rewrite (nth_indep _ Begin (cell_sign c 0)) by (rewrite map_length, seq_length; exact J). rewrite map_nth, seq_nth by exact J. reflexivity.
  Qed.

  (** A transcript up to j signs after a configuration. *)
  Variables (before : list sign) (c : config) (out : list sign) (j : nat).
  Let walled := Begin :: row_signs S c ++ [Begin].
  Let s := before ++ walled ++ firstn j out.
  Hypothesis inside : (j < length out)%nat.
  Hypothesis short : (length out <= S + 1)%nat.
  Lemma s_length : length s = (length before + S + 2 + j)%nat.
  Proof. unfold s, walled. rewrite !app_length. cbn [length]. rewrite app_length, row_length, firstn_length_le by lia. cbn [length]. lia. Qed.
  Lemma walled_nth k : (k < S + 2)%nat -> nth (length before + k) s Begin = if (k =? 0)%nat then Begin else if (k <? S + 1)%nat then cell_sign c (k - 1) else Begin.
  Proof.
    intros K. unfold s. rewrite app_nth2_plus, app_nth1 by (unfold walled; cbn [length]; rewrite app_length, row_length; cbn [length]; lia).
    unfold walled. destruct k as [|k]; [reflexivity|]. cbn [nth Nat.eqb]. replace (Datatypes.S k - 1)%nat with k by lia. destruct (Nat.ltb_spec (Datatypes.S k) (S + 1)).
    - rewrite app_nth1 by (rewrite row_length; lia). apply nth_cells. lia.
    - rewrite app_nth2 by (rewrite row_length; lia). rewrite row_length. destruct (k - S)%nat as [|[|]]; reflexivity.
  Qed.
  Lemma ago_left f : ago f s (S + 1) = f (if (j =? 0)%nat then Begin else cell_sign c (j - 1)).
  Proof.
    unfold ago. rewrite s_length. destruct (Nat.leb_spec (S + 1) (length before + S + 2 + j - 1)); [|lia].
    replace (length before + S + 2 + j - 1 - (S + 1))%nat with (length before + j)%nat by lia. rewrite walled_nth by lia.
    destruct (Nat.eqb_spec j 0); [reflexivity|]. destruct (Nat.ltb_spec j (S + 1)); [reflexivity|lia].
  Qed.
  Lemma ago_same f : ago f s S = f (if (j <? S)%nat then cell_sign c j else Begin).
  Proof.
    unfold ago. rewrite s_length. destruct (Nat.leb_spec S (length before + S + 2 + j - 1)); [|lia].
    replace (length before + S + 2 + j - 1 - S)%nat with (length before + (j + 1))%nat by lia. rewrite walled_nth by lia.
    destruct (Nat.eqb_spec (j + 1) 0); [lia|]. replace (j + 1 - 1)%nat with j by lia.
    destruct (Nat.ltb_spec (j + 1) (S + 1)), (Nat.ltb_spec j S); try lia; reflexivity.
  Qed.
  Lemma ago_right f : (j < S)%nat -> ago f s (S - 1) = f (if (j + 1 <? S)%nat then cell_sign c (j + 1) else Begin).
  Proof.
    intros J. unfold ago. rewrite s_length. destruct (Nat.leb_spec (S - 1) (length before + S + 2 + j - 1)); [|lia].
    replace (length before + S + 2 + j - 1 - (S - 1))%nat with (length before + (j + 2))%nat by lia. rewrite walled_nth by lia.
    destruct (Nat.eqb_spec (j + 2) 0); [lia|]. replace (j + 2 - 1)%nat with (j + 1)%nat by lia.
    destruct (Nat.ltb_spec (j + 2) (S + 1)), (Nat.ltb_spec (j + 1) S); try lia; reflexivity.
  Qed.
  Hypothesis fine : allowed c.
  Hypothesis wf : well_formed m.
  Hypothesis out_is : out = fst (after_row m S c).

  Lemma cell_other f k : (forall a, f (Cell a) = 0) -> Z.of_nat k <> head_at c -> f (cell_sign c k) = 0.
  Proof. intros F N. unfold cell_sign. destruct (Z.eqb_spec (Z.of_nat k) (head_at c)); [congruence|apply F]. Qed.
  Lemma cell_head f k : Z.of_nat k = head_at c -> f (cell_sign c k) = f (Step (in_state c) (tape c (head_at c)) : sign) :> Z.
  Proof. intros E. unfold cell_sign. rewrite E, Z.eqb_refl. reflexivity. Qed.
  (** What a value of steps alone is in the row. *)
  Lemma cell_value f k : (forall a, f (Cell a) = 0) ->
    f (cell_sign c k) = if Z.of_nat k =? head_at c then f (Step (in_state c) (tape c (head_at c))) else 0.
  Proof. intros F. destruct (Z.eqb_spec (Z.of_nat k) (head_at c)); [apply cell_head; auto|apply cell_other; auto]. Qed.

  Theorem window_writes : window s = nth j out Begin.
  Proof.
    destruct fine as (Q & H & A & P). destruct wf as (_ & _ & _ & W).
    set (q := in_state c) in *. set (h := head_at c) in *. set (a := tape c h) in *.
    unfold window. rewrite !ago_left, !ago_same.
    assert (forall f, (forall a, f (Cell a) = 0) -> f Begin = 0 -> f (if (j =? 0)%nat then Begin else cell_sign c (j - 1)) =
      if (Z.of_nat j =? h + 1) then f (Step q a) else 0) as L.
    { intros f F0 F1. destruct (Nat.eqb_spec j 0) as [->|N]; [destruct (Z.eqb_spec (Z.of_nat 0) (h + 1)); [lia|exact F1]|].
      rewrite cell_value by exact F0. fold q h a. destruct (Z.eqb_spec (Z.of_nat (j - 1)) h), (Z.eqb_spec (Z.of_nat j) (h + 1)); try lia; reflexivity. }
    assert (forall f, (forall a, f (Cell a) = 0) -> f Begin = 0 -> f (if (j <? S)%nat then cell_sign c j else Begin) =
      if (Z.of_nat j =? h) then f (Step q a) else 0) as C.
    { intros f F0 F1. destruct (Nat.ltb_spec j S); [|destruct (Z.eqb_spec (Z.of_nat j) h); [lia|exact F1]]. rewrite cell_value by exact F0. reflexivity. }
    rewrite !(L (goes _)), !(L (enters _)), !(C (goes _)), !(C (enters _)), (C (fun x => truth (enters_halt m x))), (C (fun x => truth (lacks_entry m x))) by reflexivity.
    assert (is_wall (if (j =? 0)%nat then Begin else cell_sign c (j - 1)) = truth (j =? 0)%nat) as ->.
    { destruct (j =? 0)%nat; [reflexivity|]. unfold cell_sign. destruct (Z.of_nat (j - 1) =? head_at c); reflexivity. }
    assert (is_wall (if (j <? S)%nat then cell_sign c j else Begin) = truth (negb (j <? S)%nat)) as ->.
    { destruct (j <? S)%nat; [|reflexivity]. unfold cell_sign. destruct (Z.of_nat j =? head_at c); reflexivity. }
    assert ((j < S)%nat -> forall f, (forall a, f (Cell a) = 0) -> f Begin = 0 -> ago f s (S - 1) = if (Z.of_nat j =? h - 1) then f (Step q a) else 0) as R.
    { intros J f F0 F1. rewrite ago_right by exact J. destruct (Nat.ltb_spec (j + 1) S) as [T|T].
      - rewrite cell_value by exact F0. fold q h a. destruct (Z.eqb_spec (Z.of_nat (j + 1)) h), (Z.eqb_spec (Z.of_nat j) (h - 1)); try lia; reflexivity.
      - rewrite F1. destruct (Z.eqb_spec (Z.of_nat j) (h - 1)); [lia|reflexivity]. }
    assert ((j < S)%nat -> Z.of_nat j <> h -> leaves m (if (j <? S)%nat then cell_sign c j else Begin) = Z.of_nat (tape c (Z.of_nat j))) as Sy.
    { intros J N. destruct (Nat.ltb_spec j S); [|lia]. unfold cell_sign. destruct (Z.eqb_spec (Z.of_nat j) h); [congruence|]. fold h. destruct (Z.eqb_spec (Z.of_nat j) h); [congruence|reflexivity]. }
    assert ((j < S)%nat -> Z.of_nat j = h -> leaves m (if (j <? S)%nat then cell_sign c j else Begin) = leaves m (Step q a)) as Sh.
    { intros J E. destruct (Nat.ltb_spec j S); [|lia]. apply cell_head. exact E. }
    pose proof inside as In_. rewrite out_is in In_ |- *. unfold after_row in In_ |- *. fold q h a in In_ |- *.
    cbn [goes enters enters_halt lacks_entry leaves] in *.
    destruct (table m q a) as [((b, mv), q')|] eqn:T; [destruct (W q a b mv q' T) as (Wb & Wm & Wq); destruct (halting m q') eqn:Hq|].
    - (* the machine halts *)
      cbn [fst truth negb andb] in *. rewrite app_length, map_length, seq_length in In_. cbn [length] in In_. rewrite !andb_false_r. cbn [truth].
      assert (j < S)%nat as J by lia. rewrite (R J (goes (-1))), (R J (enters (-1))) by reflexivity. cbn [goes enters]. rewrite T, Hq, !andb_false_r. cbn [truth].
      destruct (Z.eqb_spec (Z.of_nat j) h) as [E|N].
      + rewrite app_nth2 by (rewrite map_length, seq_length; lia). rewrite map_length, seq_length. replace (j - Z.to_nat h)%nat with 0%nat by lia. reflexivity.
      + rewrite app_nth1, nth_cells by (rewrite ?map_length, ?seq_length; lia). rewrite (Sy J N), Nat2Z.id.
        unfold cell_sign. fold q h a. destruct (Z.eqb_spec (Z.of_nat j) h); [congruence|]. destruct (Nat.ltb_spec j S); [|lia]. cbn [negb truth].
        destruct (Z.of_nat j =? h + 1), (Z.of_nat j =? h - 1), (j =? 0)%nat; reflexivity.
    - (* it goes on *)
      cbn [truth negb]. rewrite !andb_true_r in *. cbn [fst head_at] in *.
      destruct (Z.ltb_spec (h + mv) 0) as [Lo|Lo]; [|set (c' := {| in_state := q'; head_at := h + mv; tape := fun x => if x =? h then b else tape c x |}) in *].
      + cbn [fst length] in In_ |- *. assert (j = 0%nat) as -> by lia. assert (h = 0) as Eh by lia. assert (mv = -1) as -> by lia. rewrite Eh.
        cbn [Z.of_nat Z.eqb nth Nat.eqb truth andb orb Z.add]. destruct (Nat.ltb_spec 0 S); [reflexivity|lia].
      + assert (forall x, nth j (row_signs S c' ++ [x]) Begin = if (j <? S)%nat then cell_sign c' j else if (j =? S)%nat then x else Begin) as Row.
        { intros x. destruct (Nat.ltb_spec j S); [rewrite app_nth1 by (rewrite row_length; lia); apply nth_cells; lia|].
          rewrite app_nth2, row_length by (rewrite row_length; lia). destruct (Nat.eqb_spec j S) as [->|]; [rewrite Nat.sub_diag; reflexivity|].
          destruct (j - S)%nat as [|[|]] eqn:D; [lia|reflexivity|reflexivity]. }
        assert (exists x, fst (if Z.of_nat S <=? h + mv then (row_signs S c' ++ [Outside], None) else (row_signs S c' ++ [Begin], Some c')) = row_signs S c' ++ [x] /\
          x = if Z.of_nat S <=? h + mv then Outside else Begin) as (x & Ex & Xx) by (destruct (Z.of_nat S <=? h + mv); eexists; split; reflexivity).
        rewrite Ex in *. rewrite Row. rewrite app_length, row_length in In_. cbn [length] in In_.
        destruct (Nat.ltb_spec j S) as [J|J].
        * rewrite (R J (goes (-1))), (R J (enters (-1))) by reflexivity. cbn [goes enters negb truth]. rewrite T, Hq. cbn [negb]. rewrite !andb_true_r.
          assert (leaves m (cell_sign c j) = Z.of_nat (tape c' (Z.of_nat j))) as ->.
          { cbn [c' tape]. destruct (Z.eqb_spec (Z.of_nat j) h) as [E|N]; [exact (Sh J E)|exact (Sy J N)]. }
          rewrite Nat2Z.id. unfold cell_sign at 1. cbn [c' in_state head_at]. fold c'.
          destruct (Z.eqb_spec (Z.of_nat j) (h + mv)) as [E|N];
            destruct (Z.eqb_spec mv 1) as [->|M1]; [| destruct (Z.eqb_spec mv 0) as [->|M0]; [|assert (mv = -1) as -> by lia] | |destruct (Z.eqb_spec mv 0) as [->|M0]; [|assert (mv = -1) as -> by lia]];
            cbn [Z.eqb Pos.eqb truth];
            destruct (Z.eqb_spec (Z.of_nat j) (h + 1)), (Z.eqb_spec (Z.of_nat j) h), (Z.eqb_spec (Z.of_nat j) (h - 1)), (Nat.eqb_spec j 0); try lia;
            cbn [Z.eqb Pos.eqb truth andb orb Z.add]; rewrite ?Z.add_0_r, ?Nat2Z.id; reflexivity.
        * assert (j = S) as -> by lia. rewrite Nat.eqb_refl, Xx. cbn [negb truth].
          destruct (Z.eqb_spec (Z.of_nat S) h); [lia|]. destruct (Nat.eqb_spec S 0); [lia|]. cbn [Z.eqb Pos.eqb truth andb orb].
          destruct (Z.leb_spec (Z.of_nat S) (h + mv)), (Z.eqb_spec (Z.of_nat S) (h + 1)), (Z.eqb_spec mv 1); try lia; reflexivity.
    - (* there is no entry *)
      cbn [fst truth] in *. rewrite app_length, map_length, seq_length in In_. cbn [length] in In_.
      assert (j < S)%nat as J by lia. rewrite (R J (goes (-1))), (R J (enters (-1))) by reflexivity. cbn [goes enters]. rewrite T.
      destruct (Z.eqb_spec (Z.of_nat j) h) as [E|N].
      + rewrite app_nth2 by (rewrite map_length, seq_length; lia). rewrite map_length, seq_length. replace (j - Z.to_nat h)%nat with 0%nat by lia. reflexivity.
      + rewrite app_nth1, nth_cells by (rewrite ?map_length, ?seq_length; lia). rewrite (Sy J N), Nat2Z.id.
        unfold cell_sign. fold q h a. destruct (Z.eqb_spec (Z.of_nat j) h); [congruence|]. destruct (Nat.ltb_spec j S); [|lia]. cbn [negb truth].
        destruct (Z.of_nat j =? h + 1), (Z.of_nat j =? h - 1), (j =? 0)%nat; reflexivity.
  Qed.
End Rows.
