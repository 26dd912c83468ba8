(** hybrid/mqar answers three questions of associative recall, one after the other. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound NetModel NetTop NetRange NetFull.
From RetrievalGap Require Import StatementsRetrieval StatementsNearby Prompts Lookups Grams Decode.
From RetrievalGap.Generated Require Wire_HybridMqar.
Import ListNotations.
Open Scope Z_scope.

(** A cell that holds a coordinate, and cells behind it: what it held so many positions ago, 0 before the first. *)
Lemma delays rho cells (x : nat -> nat -> Z) base c : x 0%nat c = 0 -> before (nth base cells no_cell) = [] -> reads_ (nth base cells no_cell) = coord c ->
  forall d, (forall e, (e < d)%nat -> before (nth (base + S e) cells no_cell) = [((base + e)%nat, 1)] /\ reads_ (nth (base + S e) cells no_cell) = []) ->
  forall t, cell_sem rho cells x t (base + d) = x (t - d)%nat c.
Proof.
  intros Z0 B R. induction d as [|d IH]; intros H t.
  - rewrite Nat.add_0_r, Nat.sub_0_r. destruct t as [|t]; cbn [cell_sem]; rewrite ?B, R; cbn [map sum fold_right]; rewrite lin_coord; lia.
  - destruct (H d ltac:(lia)) as (B' & R'). destruct t as [|t]; cbn [cell_sem]; rewrite ?B', R'; change (lin rho [] _) with 0; [exact (eq_sym Z0)|].
    cbn [map sum fold_right fst snd]. rewrite IH by (intros; apply H; lia). change (S t - S d)%nat with (t - d)%nat. lia.
Qed.

Section Mqar.
  Variables (rho : env) (xs : list Z) (q1 q2 q3 : Z) (ts : list tok).
  Notation qs := [q1; q2; q3].
  Notation L := (length xs).
  Notation w := (prompt xs qs ++ ts).
  Notation N := Wire_HybridMqar.wiring.
  Hypothesis positive : Forall (fun q => 1 <= q) qs.
  Hypothesis written : (length ts <= 3)%nat /\ Forall (fun t => t = none \/ exists b, t = Number b) ts.
  Definition T i := nth i w (Special 0).

  Lemma length_w : length w = (L + 5 + length ts)%nat.
  Proof. rewrite app_length, length_prompt. cbn [length]. lia. Qed.
  Lemma in_prompt i : (i < L + 5)%nat -> T i = at_ xs qs i.
  Proof. intros H. unfold T, at_. apply app_nth1. rewrite length_prompt. cbn [length]. lia. Qed.
  Lemma not_written i : (L + 5 <= i)%nat -> T i = none \/ (exists b, T i = Number b) \/ T i = Special 0.
  Proof.
    intros H. unfold T. rewrite app_nth2, length_prompt by (rewrite length_prompt; cbn [length]; lia).
    destruct (nth_in_or_default (i - (L + 2 + length qs)) ts (Special 0)) as [I|D]; [|auto].
    destruct written as (_ & F). rewrite Forall_forall in F. destruct (F _ I) as [E|E]; auto.
  Qed.
  Lemma mark_flag i : is 1 (T i) = if Nat.eqb i (L + 1) then 1 else 0.
  Proof.
    destruct (Nat.eqb_spec i (L + 1)) as [->|D]; [rewrite in_prompt, at_separator by lia; reflexivity|].
    destruct (le_lt_dec (L + 5) i) as [H|H].
    - destruct (not_written i H) as [-> |[(b & ->)| ->]]; reflexivity.
    - rewrite in_prompt by lia. destruct (kinds xs qs i ltac:(unfold last_; cbn [length]; lia)) as [->|j -> Hj|E|j -> Hj]; [reflexivity| |congruence|].
      + rewrite at_letter by auto. reflexivity.
      + rewrite at_query by auto. reflexivity.
  Qed.
  Lemma special_below i s : T i = Special s -> (s < 4)%nat.
  Proof.
    intros E. destruct (le_lt_dec (L + 5) i) as [H|H].
    - destruct (not_written i H) as [G|[(b & G)|G]]; rewrite G in E; try discriminate; injection E as <-; lia.
    - rewrite in_prompt in E by lia. apply special_at in E. lia.
  Qed.

  Notation x0 := (embedding rho (features N) w).
  Let cells := match nth 0 (stages N) (Gates []) with Cells l => l | _ => [] end.
  Let x1 := stage_sem rho (nth 0 (stages N) (Gates [])) x0.
  Let x2 := stage_sem rho (nth 1 (stages N) (Gates [])) x1.
  Let x3 := stage_sem rho (nth 2 (stages N) (Gates [])) x2.
  Lemma m0_one i : x0 i 0%nat = 1.
  Proof. apply feature_one. intros s E. pose proof (special_below i s E). do 4 (destruct s as [|s]; [reflexivity|]). lia. Qed.
  Lemma m0_mark i : x0 i 1%nat = is 1 (T i). Proof. apply feature_flag. Qed.
  Lemma m0_token i : x0 i 2%nat = number_of (T i). Proof. apply feature_token. Qed.
  Lemma m0_start i : x0 i 3%nat = is 0 (T i). Proof. apply feature_flag. Qed.
  Lemma start_is : T 0 = start. Proof. reflexivity. Qed.

  Lemma m1_count t : x1 t 4%nat = if Nat.leb (L + 1) t then 1 else 0.
  Proof.
    change (cell_sem rho cells x0 t 0 = if Nat.leb (L + 1) t then 1 else 0). induction t as [|t IH].
    - cbn [cell_sem cells]. change (lin rho (coord 1) (x0 0%nat) = if Nat.leb (L + 1) 0 then 1 else 0). rewrite lin_coord, m0_mark, start_is.
      destruct (Nat.leb_spec (L + 1) 0); [lia|reflexivity].
    - change (1 * cell_sem rho cells x0 t 0 + 0 + lin rho (coord 1) (x0 (S t)) = if Nat.leb (L + 1) (S t) then 1 else 0).
      rewrite IH, lin_coord, m0_mark, mark_flag. destruct (Nat.leb_spec (L + 1) t), (Nat.eqb_spec (S t) (L + 1)), (Nat.leb_spec (L + 1) (S t)); lia.
  Qed.
  Lemma m1_back t d c : c = (4 + d)%nat -> (d = 1 \/ d = 2)%nat -> x1 t c = number_of (T (t - d)).
  Proof.
    intros -> H. rewrite <- m0_token. transitivity (cell_sem rho cells x0 t (1 + d)); [destruct H as [-> | ->]; reflexivity|].
    apply delays; [rewrite m0_token, start_is; reflexivity|reflexivity|reflexivity|]. intros e He. do 2 (destruct e as [|e]; [split; reflexivity|]). lia.
  Qed.
  Lemma m1_mark_back t : x1 t 7%nat = is 1 (T (t - 6)).
  Proof.
    rewrite <- m0_mark. change (cell_sem rho cells x0 t (4 + 6) = x0 (t - 6)%nat 1%nat).
    apply delays; [rewrite m0_mark, start_is; reflexivity|reflexivity|reflexivity|]. intros e He. do 6 (destruct e as [|e]; [split; reflexivity|]). lia.
  Qed.
  Lemma m2_behind t : x2 t 8%nat = if Nat.leb (L + 1) t then 1 else 0.
  Proof.
    change ((if 0 <=? lin rho [(0%nat, const (-1)); (4%nat, const 1)] (x1 t) then 1 else 0) = if Nat.leb (L + 1) t then 1 else 0).
    rewrite !lin_cons, !peval_const. change (x1 t 0%nat) with (x0 t 0%nat). rewrite m0_one, m1_count. change (lin rho [] _) with 0.
    destruct (Nat.leb (L + 1) t); reflexivity.
  Qed.

  Notation last := (L + 4 + length ts)%nat.
  Definition question : Z := number_of (T (L + 2 + length ts)).
  Notation p := (picked rho x2 last (Latest 1 [(coord 5, coord 6)] (coord 8) 3)).
  Lemma last_of_w : (length w - 1)%nat = last. Proof. rewrite length_w. lia. Qed.
  Lemma found_start : x3 last 11%nat = is 0 (T p).
  Proof. transitivity (lin rho (coord 3) (x2 p)); [reflexivity|]. rewrite lin_coord. exact (m0_start p). Qed.
  Lemma found_token : x3 last 12%nat = number_of (T p).
  Proof. transitivity (lin rho (coord 2) (x2 p)); [reflexivity|]. rewrite lin_coord. exact (m0_token p). Qed.
  Lemma a_record j : matches (queries rho [(coord 5, coord 6)] x2 last) (keys rho [(coord 5, coord 6)] x2) (fun j => lin rho (coord 8) (x2 j)) j <->
    number_of (T (j - 1)) = question /\ (j <= L)%nat.
  Proof.
    unfold matches, queries, keys. cbn [map fst snd]. rewrite !lin_coord, m2_behind.
    change (x2 j 5%nat) with (x1 j 5%nat). change (x2 last 6%nat) with (x1 last 6%nat). rewrite (m1_back j 1), (m1_back last 2) by auto.
    unfold question. replace (last - 2)%nat with (L + 2 + length ts)%nat by lia.
    split.
    - intros (E & B). injection E as E. split; [exact E|]. destruct (Nat.leb_spec (L + 1) j); [discriminate|lia].
    - intros (-> & H). split; [reflexivity|]. destruct (Nat.leb_spec (L + 1) j); [lia|reflexivity].
  Qed.
  (** A record is the question with what follows it. *)
  Lemma record_follows j : 1 <= question -> (number_of (T (j - 1)) = question /\ (j <= L)%nat) <->
    exists place b, j = (place + 2)%nat /\ follows xs [question] place b.
  Proof.
    intros Q. split.
    - intros (E & H). assert (2 <= j)%nat as J.
      { destruct j as [|[|j]]; [| |lia]; cbn [Nat.sub] in E; rewrite start_is in E; cbn in E; lia. }
      exists (j - 2)%nat, (nth (j - 1) xs 0). split; [lia|]. apply follows_nth. cbn [length]. split; [lia|]. split; [|f_equal; lia].
      intros [|k] Hk; [|lia]. cbn [nth]. rewrite <- E, in_prompt by lia. replace (j - 1)%nat with (S (j - 2 + 0)) by lia. rewrite at_letter by lia. reflexivity.
    - intros (place & b & -> & F). apply follows_nth in F. cbn [length] in F. destruct F as (H & E & _). split; [|lia].
      rewrite in_prompt by lia. replace (place + 2 - 1)%nat with (S (place + 0)) by lia. rewrite at_letter by lia. apply (E 0%nat). lia.
  Qed.

  Lemma decided : net_next rho N w = if is 1 (T (last - 6)) =? 1 then Some (Special 3) else if is 0 (T p) =? 1 then Some none else Some (Number (number_of (T p))).
  Proof.
    unfold net_next. rewrite last_of_w. change (net_stream rho N w) with x3. unfold decide. cbn [outputs Wire_HybridMqar.wiring]. unfold applies, names. cbn [o_when o_what forallb].
    change (lin rho [(7%nat, [(1, [])])]) with (lin rho (coord 7)). change (lin rho [(11%nat, [(1, [])])]) with (lin rho (coord 11)). change (lin rho [(12%nat, [(1, [])])]) with (lin rho (coord 12)).
    rewrite !lin_coord, !andb_true_r, found_start, found_token. change (x3 last 7%nat) with (x1 last 7%nat). rewrite m1_mark_back.
    destruct (is 1 (T (last - 6)) =? 1), (is 0 (T p) =? 1); reflexivity.
  Qed.
  Theorem mqar_next : (length ts < 3)%nat -> exists t, answer associative_recall xs [nth (length ts) qs 0] t /\ net_next rho N w = Some t.
  Proof.
    intros H. rewrite decided, mark_flag. destruct (Nat.eqb_spec (last - 6) (L + 1)); [lia|]. change (0 =? 1) with false. cbn iota.
    assert (question = nth (length ts) qs 0) as Q.
    { unfold question. rewrite in_prompt by lia. rewrite at_query by (cbn [length]; lia). reflexivity. }
    assert (1 <= question) as Q1 by (rewrite Q; rewrite Forall_forall in positive; apply positive, nth_In; cbn [length]; lia).
    rewrite <- Q. assert (forall place b, follows xs [question] place b -> (place + 2 <= last)%nat /\ T (place + 2) = Number b) as R.
    { intros place b F. apply follows_nth in F. cbn [length] in F. destruct F as (B & _ & ->). split; [lia|]. rewrite in_prompt by lia.
      replace (place + 2)%nat with (S (place + 1)) by lia. rewrite at_letter by lia. reflexivity. }
    destruct (latest_pick_spec (queries rho [(coord 5, coord 6)] x2 last) (keys rho [(coord 5, coord 6)] x2) (fun j => lin rho (coord 8) (x2 j)) last) as [(B & M & Later)|(E & No)].
    - apply a_record, record_follows in M; [|exact Q1]. destruct M as (place & b & Ep & F). destruct (R place b F) as (_ & Tb). rewrite <- Ep in Tb.
      exists (Number b). split.
      + left. exists place, b. split; [exact F|]. split; [reflexivity|]. intros later b' F'. destruct (le_lt_dec later place) as [|G]; [assumption|]. exfalso.
        apply (Later (later + 2)%nat); [rewrite Ep; destruct (R later b' F'); lia|]. apply a_record, record_follows; eauto.
      + change (T p = Number b) in Tb. rewrite Tb. reflexivity.
    - change (p = 0%nat) in E. exists none. split; [|rewrite E, start_is; reflexivity]. right. split; [|reflexivity]. intros place b F.
      apply (No (place + 2)%nat); [destruct (R place b F); lia|]. apply a_record, record_follows; eauto.
  Qed.
  Theorem mqar_stops : length ts = 3%nat -> net_next rho N w = Some (Special 3).
  Proof. intros H. rewrite decided, mark_flag, H. replace (L + 4 + 3 - 6)%nat with (L + 1)%nat by lia. rewrite Nat.eqb_refl. reflexivity. Qed.
End Mqar.

Lemma answer_is n xs q t : fits n xs -> answer associative_recall xs [q] t -> t = none \/ exists b, t = Number b /\ 1 <= b <= n.
Proof.
  intros (_ & F) [(place & b & Fo & -> & _)|(_ & ->)]; [right|left; reflexivity]. exists b. split; [reflexivity|].
  apply follows_nth in Fo. destruct Fo as (B & _ & ->). rewrite Forall_forall in F. apply F, nth_In. exact B.
Qed.
Section Model.
  Variables (n : Z) (xs : list Z) (q1 q2 q3 : Z).
  Notation qs := [q1; q2; q3].
  Notation rho := (Gen_HybridMqar.at_size n).
  Notation M := Gen_HybridMqar.blueprint.
  Hypothesis sequence : fits n xs.
  Hypothesis asked : Forall (fun q => 1 <= q <= n) qs.
  Definition proper (ts : list tok) : Prop := (length ts <= 3)%nat /\ Forall (fun t => t = none \/ exists b, t = Number b /\ 1 <= b <= n) ts.
  Lemma proper_written ts : proper ts -> (length ts <= 3)%nat /\ Forall (fun t => t = none \/ exists b, t = Number b) ts.
  Proof. intros (H & F). split; [exact H|]. eapply Forall_impl; [|exact F]. intros t [->|(b & -> & _)]; eauto. Qed.
  Lemma size_positive : 1 <= n. Proof. inversion asked. lia. Qed.
  Lemma context_is : peval rho (context M) = n + 8.
  Proof. cbn [context Gen_HybridMqar.blueprint]. cbn [peval fold_right fst snd peval_mono power Gen_HybridMqar.at_size]. ring. Qed.
  Lemma input_is_proper ts : proper ts -> input_ok rho M Wire_HybridMqar.wiring (prompt xs qs ++ ts).
  Proof.
    intros P. pose proof (proper_written ts P) as P'. destruct sequence as (Size & Letters). pose proof (length_w xs q1 q2 q3 ts P') as Len. destruct P as (Lt & F).
    split; [|split].
    - intros i Hi. change (nth i (prompt xs qs ++ ts) (Special 0)) with (T xs q1 q2 q3 ts i). destruct (le_lt_dec (length xs + 5) i) as [H|H].
      + unfold T. rewrite app_nth2, length_prompt by (rewrite length_prompt; cbn [length]; lia). cbn [length] in *.
        rewrite Forall_forall in F. destruct (F (nth (i - (length xs + 2 + 3)) ts (Special 0))) as [-> |(b & -> & _)]; [apply nth_In; lia| |lia].
        cbn. repeat split; intros; try discriminate; lia.
      + rewrite in_prompt by assumption. destruct (kinds xs qs i ltac:(unfold last_; cbn [length]; lia)) as [->|j -> Hj| ->|j -> Hj].
        * cbn. repeat split; lia.
        * rewrite at_letter by auto. lia.
        * rewrite at_separator. cbn. repeat split; intros; try discriminate; lia.
        * rewrite at_query by auto. lia.
    - intros i k Hi E. change (peval rho (low M)) with 0. change (peval rho (high M)) with (1 * (n * 1 * 1) + 0).
      change (T xs q1 q2 q3 ts i = Number k) in E. destruct (le_lt_dec (length xs + 5) i) as [H|H].
      + unfold T in E. rewrite app_nth2, length_prompt in E by (rewrite length_prompt; cbn [length]; lia). cbn [length] in *.
        rewrite Forall_forall in F. destruct (F (nth (i - (length xs + 2 + 3)) ts (Special 0))) as [G|(b & G & B)]; [apply nth_In; lia|rewrite G in E; discriminate E|].
        rewrite G in E. injection E as <-. lia.
      + rewrite in_prompt in E by assumption. destruct (kinds xs qs i ltac:(unfold last_; cbn [length]; lia)) as [->|j -> Hj| ->|j -> Hj].
        * discriminate.
        * rewrite at_letter in E by auto. injection E as <-. rewrite Forall_forall in Letters. specialize (Letters (nth j xs 0) ltac:(apply nth_In; auto)). lia.
        * rewrite at_separator in E. discriminate.
        * rewrite at_query in E by auto. injection E as <-. rewrite Forall_forall in asked. specialize (asked (nth j qs 0) ltac:(apply nth_In; auto)). change (0 <= nth j qs 0 <= 1 * (n * 1 * 1) + 0). lia.
    - rewrite context_is, Len. lia.
  Qed.
  Lemma writes_next_token ts t : proper ts -> net_next rho Wire_HybridMqar.wiring (prompt xs qs ++ ts) = Some t -> next QcN rho M (prompt xs qs ++ ts) = t.
  Proof.
    intros P E. apply (writes Wire_HybridMqar.domain_ rho M Wire_HybridMqar.wiring Wire_HybridMqar.ranges_ (Wire_HybridMqar.is_good n size_positive) Wire_HybridMqar.checked);
      [apply input_is_proper; exact P|discriminate|exact E].
  Qed.
  Lemma one_more ts : proper ts -> (length ts < 3)%nat ->
    exists t, answer associative_recall xs [nth (length ts) qs 0] t /\ proper (ts ++ [t]) /\ next QcN rho M (prompt xs qs ++ ts) = t.
  Proof.
    intros P H. destruct (mqar_next rho xs q1 q2 q3 ts) as (t & A & E); [eapply Forall_impl; [|exact asked]; cbn; lia|apply proper_written; exact P|exact H|].
    exists t. split; [exact A|]. split; [|apply writes_next_token; auto]. destruct P as (_ & F). split; [rewrite app_length; cbn [length]; lia|].
    apply Forall_app. split; [exact F|]. constructor; [|constructor]. eapply answer_is; [exact sequence|exact A].
  Qed.
End Model.
Theorem mqar_solved : statement_mqar.
Proof.
  intros n xs q1 q2 q3 F A. assert (proper n []) as P0 by (split; [cbn; lia|constructor]).
  destruct (one_more n xs q1 q2 q3 F A [] P0) as (t1 & A1 & P1 & N1); [cbn; lia|].
  destruct (one_more n xs q1 q2 q3 F A [t1] P1) as (t2 & A2 & P2 & N2); [cbn; lia|].
  destruct (one_more n xs q1 q2 q3 F A [t1; t2] P2) as (t3 & A3 & P3 & N3); [cbn; lia|].
  pose proof (mqar_stops (Gen_HybridMqar.at_size n) xs q1 q2 q3 [t1; t2; t3]) as N4.
  exists t1, t2, t3. split; [exact A1|]. split; [exact A2|]. split; [exact A3|].
  pose proof (size_positive n q1 q2 q3 A) as Hn. assert (forall t, t = none \/ (exists b, t = Number b /\ 1 <= b <= n) -> is_answer Gen_HybridMqar.blueprint t = false) as NoEnd.
  { intros t [->|(b & -> & _)]; reflexivity. }
  destruct P3 as (L3 & F3). rewrite Forall_forall in F3. unfold decode. apply decode_from_is.
  - discriminate.
  - rewrite context_is, length_prompt. destruct F. cbn [length]. lia.
  - intros k Hk. cbn [length] in Hk. do 4 (destruct k as [|k]; [cbn [firstn nth app]; try assumption|]); [|lia].
    apply writes_next_token; auto; [split; [exact L3|apply Forall_forall; exact F3]|]. apply N4; [apply (proper_written n); split; [exact L3|apply Forall_forall; exact F3]|reflexivity].
  - intros k Hk. cbn [length] in Hk. do 3 (destruct k as [|k]; [apply NoEnd, F3; cbn; auto|]). lia.
  - reflexivity.
Qed.
