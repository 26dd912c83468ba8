(** The networks that look grams of any length up: m heads, or a recurrence, offer the m tokens before each position;
    one head finds the latest position where they are the query. Here for all m; the exported networks are instances. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound NetModel NetTop NetRange NetFull.
From RetrievalGap Require Import StatementsRetrieval Prompts Lookups.
Import ListNotations.
Open Scope Z_scope.

Definition one_feature : feature := Feature (1, 0, 0) [(0%nat, const 1); (1%nat, const 1); (2%nat, const 1)] (0, 0).
Definition token_feature : feature := Feature (0, 1, 0) [] (0, 0).
Definition token_square : feature := Feature (0, 0, 1) [] (0, 0).
Definition position_feature : feature := Feature (0, 0, 0) [] (1, 0).
Definition position_square : feature := Feature (0, 0, 0) [] (0, 1).
Definition flag_feature (s : nat) : feature := Feature (0, 0, 0) [(s, const 1)] (0, 0).

Lemma one_is_one rho xs query i : feature_sem rho one_feature (at_ xs query i) (Z.of_nat i) = 1.
Proof. apply feature_one. intros s E. destruct (special_at xs query i s E) as [->| ->]; reflexivity. Qed.

Definition found_outputs (found : nat) : list output :=
  [Output (Value (coord found)) [[(0%nat, const 1); (S found, const (-1))]]; Output (Token 2) []].

(** The pairs of the look-up: the token d back must be the query's, which stands d - 1 back at the end. *)
Definition gram_pairs (back : nat -> nat) (m : nat) : list (row * row) :=
  map (fun d => (coord (back d), coord (back (pred d)))) (List.seq 1 m).
Section Pairs.
  Variables (rho : env) (xs query : list Z) (x : nat -> nat -> Z) (back : nat -> nat).
  Notation m := (length query).
  Hypothesis back_is : forall i d, (d <= m)%nat -> x i (back d) = digit xs query (i - d).
  Lemma keys_of j : keys rho (gram_pairs back m) x j = key_at xs query j.
  Proof.
    unfold keys, gram_pairs, key_at. rewrite map_map. apply map_ext_in. intros d Hd. apply in_seq in Hd. cbn [fst]. rewrite lin_coord. apply back_is. lia.
  Qed.
  Lemma queries_of : queries rho (gram_pairs back m) x (last_ xs query) = asked_key xs query.
  Proof.
    unfold queries, gram_pairs, asked_key. rewrite map_map. apply map_ext_in. intros d Hd. apply in_seq in Hd. cbn [snd]. rewrite lin_coord. apply back_is. lia.
  Qed.
End Pairs.

(** ** The Transformer's. The places of the features differ from construction to construction. *)
Section Transformer.
  Variables (features_ : list feature) (token position sep token2 begin : nat) (squares_ : list (nat * nat)).
  Definition back (d : nat) : nat := match d with O => token | _ => 5 + 2 * d end.
  Definition back_heads (from m : nat) : list (pick * list (nat * row)) :=
    map (fun d => (At (coord position) [(0%nat, const (- Z.of_nat d)); (position, const 1)],
                   [((5 + 2 * d)%nat, coord token); ((6 + 2 * d)%nat, coord token2)])) (List.seq from m).
  Definition gram_network (m : nat) : network := {|
    features := features_;
    stages := [Heads (back_heads 1 m);
               Heads [(Latest 1 (gram_pairs back m) (coord sep) begin, [((7 + 2 * m)%nat, coord token); ((8 + 2 * m)%nat, coord begin)])]];
    squares := squares_ ++ map (fun d => ((6 + 2 * d)%nat, (5 + 2 * d)%nat)) (List.seq 1 m);
    outputs := found_outputs (7 + 2 * m); logit_scale := Some 2%nat; once := true |}.

  Variables (rho : env) (xs query : list Z).
  Notation w := (prompt xs query).
  Notation m := (length query).
  Notation x0 := (embedding rho features_ w).
  Hypothesis places : (0 < token < 7)%nat /\ (0 < position < 7)%nat /\ (0 < sep < 7)%nat /\ (0 < begin < 7)%nat.
  Hypothesis features_are : nth 0 features_ no_feature = one_feature /\ nth token features_ no_feature = token_feature /\
    nth position features_ no_feature = position_feature /\ nth sep features_ no_feature = flag_feature 1 /\ nth begin features_ no_feature = flag_feature 0.

  Lemma x0_one i : x0 i 0%nat = 1.
  Proof. unfold embedding. destruct features_are as (-> & _). apply one_is_one. Qed.
  Lemma x0_token i : x0 i token = digit xs query i.
  Proof. unfold embedding. destruct features_are as (_ & -> & _). apply feature_token. Qed.
  Lemma x0_position i : x0 i position = Z.of_nat i.
  Proof. unfold embedding. destruct features_are as (_ & _ & -> & _). apply feature_position. Qed.
  Lemma x0_sep i : x0 i sep = is 1 (at_ xs query i).
  Proof. unfold embedding. destruct features_are as (_ & _ & _ & -> & _). apply feature_flag. Qed.
  Lemma x0_begin i : x0 i begin = is 0 (at_ xs query i).
  Proof. unfold embedding. destruct features_are as (_ & _ & _ & _ & ->). apply feature_flag. Qed.

  Lemma heads_keep i c : (c < 7)%nat -> forall k from, (0 < from)%nat -> heads_sem rho (back_heads from k) x0 i c = x0 i c.
  Proof.
    intros Hc. induction k as [|k IH]; intros from Hf; [reflexivity|]. unfold back_heads in *. cbn [List.seq map heads_sem assoc].
    destruct (Nat.eqb_spec c (5 + 2 * from)); [lia|]. destruct (Nat.eqb_spec c (6 + 2 * from)); [lia|]. apply IH. lia.
  Qed.
  Lemma heads_back i d : forall k from, (0 < from <= d)%nat -> (d < from + k)%nat ->
    heads_sem rho (back_heads from k) x0 i (5 + 2 * d) = digit xs query (i - d).
  Proof.
    induction k as [|k IH]; intros from Hf Hd; [lia|]. unfold back_heads in *. cbn [List.seq map heads_sem assoc].
    destruct (Nat.eqb_spec (5 + 2 * d) (5 + 2 * from)) as [E|E].
    - assert (from = d) as -> by lia. rewrite lin_coord, picked_back by (auto using x0_one, x0_position; lia).
      rewrite Nat2Z.id. apply x0_token.
    - destruct (Nat.eqb_spec (5 + 2 * d) (6 + 2 * from)); [lia|]. apply IH; lia.
  Qed.

  Notation x1 := (stage_sem rho (Heads (back_heads 1 m)) x0).
  Notation p := (picked rho x1 (last_ xs query) (Latest 1 (gram_pairs back m) (coord sep) begin)).
  Lemma x1_keeps i c : (c < 7)%nat -> x1 i c = x0 i c.
  Proof. intros H. apply heads_keep; auto. Qed.
  Lemma x1_back i d : (d <= m)%nat -> x1 i (back d) = digit xs query (i - d).
  Proof.
    intros H. destruct d as [|d]; unfold back.
    - rewrite x1_keeps by lia. rewrite x0_token, Nat.sub_0_r. reflexivity.
    - apply heads_back; lia.
  Qed.
  Lemma end_is i c : net_stream rho (gram_network m) w i c =
    heads_sem rho [(Latest 1 (gram_pairs back m) (coord sep) begin, [((7 + 2 * m)%nat, coord token); ((8 + 2 * m)%nat, coord begin)])] x1 i c.
  Proof. reflexivity. Qed.

  Theorem gram_network_writes : Forall (fun y => 1 <= y) query -> query <> [] ->
    exists t, answer (c_gram (S m)) xs query t /\ net_next rho (gram_network m) w = Some t.
  Proof.
    intros Pos Ne. apply (writes_completion rho (gram_network m) xs query x1 (7 + 2 * m) (8 + 2 * m) 1 begin (gram_pairs back m) (coord sep)); auto.
    - rewrite end_is. cbn [heads_sem assoc Nat.eqb plus]. rewrite x1_keeps by lia. apply x0_one.
    - rewrite end_is. cbn [heads_sem assoc]. rewrite Nat.eqb_refl, lin_coord, x1_keeps by lia. apply x0_token.
    - rewrite end_is. cbn [heads_sem assoc]. destruct (Nat.eqb_spec (8 + 2 * m) (7 + 2 * m)); [lia|].
      rewrite Nat.eqb_refl, lin_coord, x1_keeps by lia. apply x0_begin.
    - apply queries_of, x1_back.
    - apply keys_of, x1_back.
    - intros j. rewrite lin_coord, x1_keeps by lia. apply x0_sep.
  Qed.
End Transformer.

(** ** The hybrid's: a recurrence holds the tokens. *)
Section Hybrid.
  Definition hybrid_back (d : nat) : nat := match d with O => 1 | _ => 4 + d end.
  Definition window (from m : nat) : list cell := map (fun d => Cell (Some (4 + d)%nat) [(pred d, 1)] []) (List.seq from m).
  Definition window_cells (m : nat) : list cell := Cell None [] (coord 1) :: window 1 m.
  Definition window_squares (m : nat) : list (nat * gate) := map (fun d => ((4 + m + d)%nat, Square (coord (4 + d)))) (List.seq 1 m).
  Definition hybrid_network (m : nat) : network := {|
    features := [one_feature; token_feature; flag_feature 1; flag_feature 0; token_square];
    stages := [Cells (window_cells m); Gates (window_squares m);
               Heads [(Latest 1 (gram_pairs hybrid_back m) (coord 2) 3, [((5 + 2 * m)%nat, coord 1); ((6 + 2 * m)%nat, coord 3)])]];
    squares := (4%nat, 1%nat) :: map (fun d => ((4 + m + d)%nat, (4 + d)%nat)) (List.seq 1 m);
    outputs := found_outputs (5 + 2 * m); logit_scale := Some 2%nat; once := true |}.

  Variables (rho : env) (xs query : list Z).
  Notation w := (prompt xs query).
  Notation m := (length query).
  Notation x0 := (embedding rho (features (hybrid_network m)) w).
  Lemma h0_one i : x0 i 0%nat = 1. Proof. apply one_is_one. Qed.
  Lemma h0_token i : x0 i 1%nat = digit xs query i. Proof. apply feature_token. Qed.
  Lemma h0_sep i : x0 i 2%nat = is 1 (at_ xs query i). Proof. apply feature_flag. Qed.
  Lemma h0_begin i : x0 i 3%nat = is 0 (at_ xs query i). Proof. apply feature_flag. Qed.

  Lemma nth_window k : (k < m)%nat -> nth (S k) (window_cells m) no_cell = Cell (Some (5 + k)%nat) [(k, 1)] [].
  Proof.
    intros H. unfold window_cells. cbn [nth]. unfold window. rewrite (nth_indep _ _ ((fun d => Cell (Some (4 + d)%nat) [(pred d, 1)] []) 0%nat)) by (rewrite map_length, seq_length; auto).
    rewrite (map_nth (fun d => Cell (Some (4 + d)%nat) [(pred d, 1)] [])), seq_nth by auto. reflexivity.
  Qed.
  Lemma cell_is k : (k <= m)%nat -> forall t, cell_sem rho (window_cells m) x0 t k = digit xs query (t - k).
  Proof.
    induction k as [|k IH]; intros Hk t.
    - rewrite Nat.sub_0_r, <- h0_token. destruct t; cbn [cell_sem window_cells nth before reads_ map sum fold_right]; rewrite lin_coord; [|rewrite Z.add_0_l]; reflexivity.
    - destruct t as [|t]; cbn [cell_sem]; rewrite nth_window by lia; cbn [before reads_ map sum fold_right fst snd]; change (lin rho [] _) with 0.
      + reflexivity.
      + rewrite IH by lia. change (S t - S k)%nat with (t - k)%nat. lia.
  Qed.
  Lemma shown_window c : forall k from, shown_at (window from k) from c = if Nat.leb (4 + from) c && Nat.ltb c (4 + from + k) then Some (c - 4)%nat else None.
  Proof.
    induction k as [|k IH]; intros from; unfold window in *; cbn [List.seq map shown_at shown].
    - destruct (Nat.leb_spec (4 + from) c), (Nat.ltb_spec c (4 + from + 0)); auto; lia.
    - rewrite IH. destruct (Nat.eqb_spec c (4 + from)) as [->|D].
      + destruct (Nat.leb_spec (4 + from) (4 + from)), (Nat.ltb_spec (4 + from) (4 + from + S k)); cbn [andb]; try lia. f_equal. lia.
      + destruct (Nat.leb_spec (4 + from) c), (Nat.ltb_spec c (4 + from + S k)), (Nat.leb_spec (4 + S from) c), (Nat.ltb_spec c (4 + S from + k)); cbn [andb]; auto; lia.
  Qed.
  Notation x1 := (stage_sem rho (Cells (window_cells m)) x0).
  Lemma h1_keeps i c : (c < 5)%nat -> x1 i c = x0 i c.
  Proof.
    intros H. unfold stage_sem. change (shown_at (window_cells m) 0 c) with (shown_at (window 1 m) 1 c). rewrite shown_window.
    destruct (Nat.leb_spec (4 + 1) c); [lia|reflexivity].
  Qed.
  Lemma h1_back i d : (0 < d <= m)%nat -> x1 i (4 + d)%nat = digit xs query (i - d).
  Proof.
    intros H. unfold stage_sem. change (shown_at (window_cells m) 0 (4 + d)) with (shown_at (window 1 m) 1 (4 + d)). rewrite shown_window.
    destruct (Nat.leb_spec (4 + 1) (4 + d)), (Nat.ltb_spec (4 + d) (4 + 1 + m)); cbn [andb]; try lia.
    replace (4 + d - 4)%nat with d by lia. apply cell_is. lia.
  Qed.
  Notation x2 := (stage_sem rho (Gates (window_squares m)) x1).
  Lemma h2_keeps i c : (c < 5 + m)%nat -> x2 i c = x1 i c.
  Proof.
    intros H. unfold stage_sem. assert (assoc c (window_squares m) = None) as ->; [|reflexivity].
    apply assoc_None. unfold window_squares. rewrite map_map. cbn [fst]. rewrite in_map_iff. intros (d & E & I). apply in_seq in I. lia.
  Qed.
  Lemma h2_back i d : (d <= m)%nat -> x2 i (hybrid_back d) = digit xs query (i - d).
  Proof.
    intros H. destruct d as [|d]; unfold hybrid_back; rewrite h2_keeps by lia.
    - rewrite h1_keeps, Nat.sub_0_r by lia. apply h0_token.
    - apply h1_back. lia.
  Qed.
  Lemma h2_first i c : (c < 5)%nat -> x2 i c = x0 i c.
  Proof. intros H. rewrite h2_keeps by lia. apply h1_keeps. auto. Qed.
  Lemma hybrid_end_is i c : net_stream rho (hybrid_network m) w i c =
    heads_sem rho [(Latest 1 (gram_pairs hybrid_back m) (coord 2) 3, [((5 + 2 * m)%nat, coord 1); ((6 + 2 * m)%nat, coord 3)])] x2 i c.
  Proof. reflexivity. Qed.

  Theorem hybrid_network_writes : Forall (fun y => 1 <= y) query -> query <> [] ->
    exists t, answer (c_gram (S m)) xs query t /\ net_next rho (hybrid_network m) w = Some t.
  Proof.
    intros Pos Ne. apply (writes_completion rho (hybrid_network m) xs query x2 (5 + 2 * m) (6 + 2 * m) 1 3 (gram_pairs hybrid_back m) (coord 2)); auto.
    - rewrite hybrid_end_is. cbn [heads_sem assoc Nat.eqb plus]. rewrite h2_first by lia. apply h0_one.
    - rewrite hybrid_end_is. cbn [heads_sem assoc]. rewrite Nat.eqb_refl, lin_coord, h2_first by lia. apply h0_token.
    - rewrite hybrid_end_is. cbn [heads_sem assoc]. destruct (Nat.eqb_spec (6 + 2 * m) (5 + 2 * m)); [lia|].
      rewrite Nat.eqb_refl, lin_coord, h2_first by lia. apply h0_begin.
    - apply queries_of, h2_back.
    - apply keys_of, h2_back.
    - intros j. rewrite lin_coord, h2_first by lia. apply h0_sep.
  Qed.
End Hybrid.

(** ** What is left to compute of an exported model *)
Definition size_poly : poly := [(1, [(0%nat, 1%nat)])].
Section Exported.
  Variables (D : domain) (M : model) (at_size : Z -> env) (N : network) (claims : ranges).
  Hypothesis good_ : forall n, 1 <= n -> good D (at_size n).
  Hypothesis checked : check_all D M N claims = true.
  Hypothesis size_is : forall n, at_size n 0%nat = n.
  Lemma peval_size n : peval (at_size n) size_poly = n.
  Proof. unfold size_poly. rewrite peval_cons. unfold peval_mono. cbn [fold_right fst snd power]. change (peval _ []) with 0. rewrite size_is. ring. Qed.
  Definition exported_as (specials_ c : nat) : Prop :=
    specials M = specials_ /\ answers M = None /\ low M = [] /\ high M = size_poly /\ context M = size_poly ++ const (Z.of_nat c).
  (** The network writes the right token for every legal input: so does the model. *)
  Theorem solves_by (T : task) (specials_ c : nat) : exported_as specials_ c -> (2 <= specials_)%nat ->
    (forall n xs query, fits n xs -> legal T n xs query ->
       1 <= n /\ (length query + 1 <= c)%nat /\ Forall (fun x => 0 <= x <= n) query /\
       exists t, answer T xs query t /\ net_next (at_size n) N (prompt xs query) = Some t) ->
    solves M at_size T.
  Proof.
    intros (Sp & An & Lo & Hi & Co) Two H n xs query F L. destruct (H n xs query F L) as (Hn & Hc & Asked & t & A & Nx).
    exists t. split; [exact A|].
    apply (decodes_one D (at_size n) M N claims n xs query); auto; try lia; rewrite ?Lo, ?Hi, ?Co; auto using peval_size.
    rewrite peval_app, peval_size, peval_const. lia.
  Qed.
  Lemma c_gram_asked c n xs query : legal (c_gram c) n xs query -> 1 <= n /\ (length query + 1 <= c)%nat /\ Forall (fun x => 0 <= x <= n) query.
  Proof.
    intros (Len & Ne & A). split; [|split; [lia|]].
    - destruct query; [congruence|]. inversion A. lia.
    - revert A. apply Forall_impl. lia.
  Qed.
  Theorem gram_solves fs token position sep token2 begin squares_ m :
    N = gram_network fs token position sep token2 begin squares_ m -> exported_as 3 (S m) ->
    (0 < token < 7)%nat /\ (0 < position < 7)%nat /\ (0 < sep < 7)%nat /\ (0 < begin < 7)%nat ->
    nth 0 fs no_feature = one_feature /\ nth token fs no_feature = token_feature /\
      nth position fs no_feature = position_feature /\ nth sep fs no_feature = flag_feature 1 /\ nth begin fs no_feature = flag_feature 0 ->
    solves M at_size (c_gram (S m)).
  Proof.
    intros E X P F. apply (solves_by _ 3 (S m)); auto. intros n xs query _ L. pose proof (c_gram_asked _ _ _ _ L) as (A1 & A2 & A3).
    destruct L as (Len & Ne & A). injection Len as <-. repeat (split; auto). rewrite E. apply gram_network_writes; auto.
    revert A. apply Forall_impl. lia.
  Qed.
  Theorem hybrid_gram_solves m : N = hybrid_network m -> exported_as 3 (S m) -> solves M at_size (c_gram (S m)).
  Proof.
    intros E X. apply (solves_by _ 3 (S m)); auto. intros n xs query _ L. pose proof (c_gram_asked _ _ _ _ L) as (A1 & A2 & A3).
    destruct L as (Len & Ne & A). injection Len as <-. repeat (split; auto). rewrite E. apply hybrid_network_writes; auto.
    revert A. apply Forall_impl. lia.
  Qed.
End Exported.
(** For exported files: everything is read off. *)
Ltac by_gram_network G checked N token position sep token2 begin k m :=
  eapply (gram_solves _ _ _ N _ G checked (fun _ => eq_refl) (features N) token position sep token2 begin (firstn k (squares N)) m);
  [reflexivity|repeat split|lia|repeat split].
Ltac by_hybrid_network G checked N m :=
  eapply (hybrid_gram_solves _ _ _ N _ G checked (fun _ => eq_refl) m); [reflexivity|repeat split].
