(** The theorems about searches are not empty: what searches find and whole runs are computed, and beside each theorem a
    variant of the task, or another number of tokens, is refuted. *)
From Coq Require Import ZArith QArith Qcanon List Lia.
From RetrievalGap Require Import Model Fast Searching StatementsRetrieval SanityRetrieval.
From RetrievalGap Require Import SolvesRetrievalIndex SolvesRetrievalRecall SolvesRetrievalCGram SolvesRetrievalCounting.
Import ListNotations.
Open Scope Z_scope.

(** ** Runs are computed with tables, which is the same. *)
Section Tables.
  Variables (rho : env) (M : model) (L : language).
  Fixpoint table_search_from (most : nat) (w : list tok) (inside : bool) : list tok * bool :=
    match most with
    | O => ([], false)
    | S most' =>
      if peval rho (context M) + 1 <? Z.of_nat (length w) then ([], false) else
      let t := fnext QcN rho M w in
      if tok_eq_dec t (Special (closing L)) then
        let ts := t :: yields L w in
        let (rest, ended) := table_search_from most' (w ++ ts) false in (ts ++ rest, ended)
      else
        let inside' := (inside || if tok_eq_dec t (Special (opening L)) then true else false)%bool in
        if (negb inside' && is_answer M t)%bool then ([t], true)
        else let (rest, ended) := table_search_from most' (w ++ [t]) inside' in (t :: rest, ended)
    end.
  Definition table_searching (w : list tok) : list tok * bool := table_search_from (S (Z.to_nat (peval rho (context M) + 1) - length w)) w false.
  Lemma table_is w : w <> [] -> table_searching w = decode_searching rho M L w.
  Proof.
    unfold table_searching, decode_searching. generalize (S (Z.to_nat (peval rho (context M) + 1) - length w)), false. intros most. revert w.
    induction most as [|most IH]; intros w inside Ne; [reflexivity|]. cbn [table_search_from search_from]. rewrite (fnext_is QcN rho lawful_Q M w Ne).
    destruct (_ <? _); [reflexivity|]. destruct (tok_eq_dec _ _); [rewrite IH by (destruct w; discriminate); reflexivity|].
    destruct (_ && _)%bool; [reflexivity|]. rewrite IH by (destruct w; discriminate). reflexivity.
  Qed.
End Tables.
Ltac run := rewrite <- table_is by discriminate; vm_compute; reflexivity.

(** ** Instances *)
Definition instance (M : model) (at_size : Z -> env) (L : language) (T : task) n xs query chain t : Prop :=
  fits n xs /\ legal T n xs query /\ answer T xs query t /\ decode_searching (at_size n) M L (prompt xs query) = (chain ++ [t], true).
Ltac instance_of known := destruct known as (F & Q & A); split; [exact F|split; [exact Q|split; [exact A|run]]].
Example index_instance : instance Gen_RetrievalIndex.blueprint Gen_RetrievalIndex.at_size Gen_RetrievalIndex.searches index 3 [2; 3; 1] [2]
  [Special 2; Special 5; Number 1; Special 6; Special 3; Number 3] (Number 3).
Proof. instance_of index_legal. Qed.
Example associative_recall_instance : instance Gen_RetrievalRecall.blueprint Gen_RetrievalRecall.at_size Gen_RetrievalRecall.searches associative_recall 4 [2; 3; 2; 1] [2]
  [Special 3; Special 6; Number 2; Special 7; Special 4; Number 1] (Number 1).
Proof. instance_of recall_legal. Qed.
Example associative_recall_undefined : instance Gen_RetrievalRecall.blueprint Gen_RetrievalRecall.at_size Gen_RetrievalRecall.searches associative_recall 2 [2; 1] [1]
  [Special 3; Special 6; Number 1; Special 7; Special 4; Special 5] none.
Proof. instance_of recall_none. Qed.
Example c_gram_instance : instance Gen_RetrievalCGram.blueprint Gen_RetrievalCGram.at_size Gen_RetrievalCGram.searches (c_gram 3) 5 [2; 3; 1; 2; 3] [2; 3]
  [Special 3; Special 6; Number 2; Number 3; Special 7; Special 4; Number 1] (Number 1).
Proof. instance_of c_gram_legal. Qed.
Definition counts (t : Z) : list tok :=
  [Special 2; Special 5; Number 2; Special 6; Number 2; Special 7; Number t; Special 8; Number 2; Special 9; Number 2; Special 10; Special 3].
Example counting_yes : instance Gen_RetrievalCounting.blueprint Gen_RetrievalCounting.at_size Gen_RetrievalCounting.searches counting 4 [2; 3; 2; 1] [2; 1]
  (counts 1 ++ [Number 2]) (Number 1).
Proof. instance_of (counting_legal 1 ltac:(lia)). Qed.
Example counting_no : instance Gen_RetrievalCounting.blueprint Gen_RetrievalCounting.at_size Gen_RetrievalCounting.searches counting 4 [2; 3; 2; 1] [2; 2]
  (counts 2 ++ [Special 4]) (Number 0).
Proof. instance_of (counting_legal 2 ltac:(lia)). Qed.
(** An expression that is malformed finds nothing. *)
Example unbalanced : found (prompt [2; 1] [1]) Gen_RetrievalCounting.searches [Special 5; Number 1] = [Special 4].
Proof. vm_compute. reflexivity. Qed.

(** ** Variants that are false *)
Lemma not_solved M at_size L T k n xs query chain u : fits n xs -> legal T n xs query -> ~ answer T xs query u ->
  decode_searching (at_size n) M L (prompt xs query) = (chain ++ [u], true) -> ~ solves_by_searching M at_size L T k.
Proof.
  intros F Q No D S. destruct (S n xs query F Q) as (t & c & A & _ & E). rewrite D in E. injection E as E.
  apply (f_equal (fun l => last l none)) in E. rewrite !last_last in E. congruence.
Qed.
Lemma no_other_length M at_size L T a b n xs query : fits n xs -> legal T n xs query -> a <> b ->
  solves_by_searching M at_size L T a -> ~ solves_by_searching M at_size L T b.
Proof.
  intros F Q D A B. destruct (A n xs query F Q) as (t & c & _ & La & Ea), (B n xs query F Q) as (t' & c' & _ & Lb & Eb).
  rewrite Ea in Eb. injection Eb as Eb. rewrite Eb in La. congruence.
Qed.
Ltac refute known wrong := destruct known as (F & _ & _ & D); eapply (not_solved _ _ _ _ _ _ _ _ _ _ F); [|exact wrong|exact D].
Example index_variant k : ~ solves_by_searching Gen_RetrievalIndex.blueprint Gen_RetrievalIndex.at_size Gen_RetrievalIndex.searches index_from_0 k.
Proof. refute index_instance index_from_0_wrong. apply index_legal. Qed.
Example associative_recall_variant k : ~ solves_by_searching Gen_RetrievalRecall.blueprint Gen_RetrievalRecall.at_size Gen_RetrievalRecall.searches (earliest 2) k.
Proof. refute associative_recall_instance earliest_wrong. apply recall_legal. Qed.
Example c_gram_variant k : ~ solves_by_searching Gen_RetrievalCGram.blueprint Gen_RetrievalCGram.at_size Gen_RetrievalCGram.searches (earliest 3) k.
Proof.
  apply (not_solved _ _ _ _ k 6 [1; 2; 3; 1; 2; 1] [1; 2] [Special 3; Special 6; Number 1; Number 2; Special 7; Special 4; Number 1] (Number 1));
    [split; small| |exact earliest_wrong_3|run]. repeat split; [discriminate|small].
Qed.
Example counting_variant k : ~ solves_by_searching Gen_RetrievalCounting.blueprint Gen_RetrievalCounting.at_size Gen_RetrievalCounting.searches at_least k.
Proof. refute counting_no at_least_wrong. apply (counting_legal 2). lia. Qed.
Example index_length : ~ solves_by_searching Gen_RetrievalIndex.blueprint Gen_RetrievalIndex.at_size Gen_RetrievalIndex.searches index 6.
Proof. destruct index_legal as (F & Q & _). apply (no_other_length _ _ _ _ 7 6 _ _ _ F Q); [discriminate|exact retrieval_index_solved]. Qed.
Example associative_recall_length : ~ solves_by_searching Gen_RetrievalRecall.blueprint Gen_RetrievalRecall.at_size Gen_RetrievalRecall.searches associative_recall 6.
Proof. destruct recall_legal as (F & Q & _). apply (no_other_length _ _ _ _ 7 6 _ _ _ F Q); [discriminate|exact retrieval_associative_recall_solved]. Qed.
Example c_gram_length : ~ solves_by_searching Gen_RetrievalCGram.blueprint Gen_RetrievalCGram.at_size Gen_RetrievalCGram.searches (c_gram 3) 7.
Proof. destruct c_gram_legal as (F & Q & _). apply (no_other_length _ _ _ _ 8 7 _ _ _ F Q); [discriminate|apply retrieval_c_gram_solved]. Qed.
Example counting_length : ~ solves_by_searching Gen_RetrievalCounting.blueprint Gen_RetrievalCounting.at_size Gen_RetrievalCounting.searches counting 14.
Proof. destruct (counting_legal 1 ltac:(lia)) as (F & Q & _). apply (no_other_length _ _ _ _ 15 14 _ _ _ F Q); [discriminate|exact retrieval_counting_solved]. Qed.

(** ** Turing machines: three cells are too few for the busy beaver, and the weights are those of no other machine. *)
From RetrievalGap Require StatementsMachines StatementsSearches.
Import StatementsMachines StatementsSearches.
Notation weights := Gen_RetrievalTuring.blueprint.
Notation written n s word := (decode_searching (Gen_RetrievalTuring.at_size n s) weights Gen_RetrievalTuring.searches (searching_prompt busy_beaver_4 word)).
Example turing_instance : written 3 1 [] = searching_simulation busy_beaver_4 1 4 (input_records []) (initial busy_beaver_4 []) /\
  skipn 24 (fst (written 3 1 [])) = [Special 5; Special 8; Number (-1); Special 9; Special 6; Special 7; Number (-1); Special 14; Special 4].
Proof. rewrite <- table_is by discriminate. vm_compute. auto. Qed.
(** The other machine writes 0 in its first step. *)
Definition other : machine := {|
  states := states busy_beaver_4; symbols := symbols busy_beaver_4; initial_state := 0; halting := halting busy_beaver_4;
  table := fun q a => match q, a with 0, 0 => Some (0, 1%Z, 1) | _, _ => table busy_beaver_4 q a end%nat |}.
Example turing_variant : ~ simulates_by_searching other weights Gen_RetrievalTuring.at_size Gen_RetrievalTuring.searches.
Proof.
  intros H. specialize (H 3 1 [] 4%nat ltac:(lia) ltac:(lia) ltac:(intros a []) ltac:(cbn; lia) ltac:(cbn; lia)). cbv zeta in H.
  change (searching_prompt other []) with (searching_prompt busy_beaver_4 []) in H. rewrite (proj1 turing_instance) in H. vm_compute in H.
  destruct H as (_ & H). first [discriminate H|destruct H as (rest & e & H); discriminate H].
Qed.

(** ** Trees: one edge is a tree, which 112 tokens say, and 111 are too few; and YES does not mean only: connected. *)
From RetrievalGap Require EulerSteps SolvesRetrievalIsTree SanityMachines.
Import SanityMachines(triangle, triangle_is_none, triangle_connected).
Notation run_on n es := (decode_searching (Gen_RetrievalIsTree.at_size n) Gen_RetrievalIsTree.blueprint Gen_RetrievalIsTree.searches (edges_prompt es)).
Definition one_edge : list edge := [(1, 2)%nat].
Lemma istree_table : table_searching (Gen_RetrievalIsTree.at_size 2) Gen_RetrievalIsTree.blueprint Gen_RetrievalIsTree.searches (edges_prompt one_edge) =
  (searching_walk 2 [2; 1; 2]%nat 1 (Special 3) ++ [Special 4], true).
Proof. vm_cast_no_check (eq_refl (searching_walk 2 [2; 1; 2]%nat 1 (Special 3) ++ [Special 4], true)). Qed.
Example istree_instance : run_on 2 one_edge = (searching_walk 2 [2; 1; 2]%nat 1 (Special 3) ++ [Special 4], true).
Proof. rewrite <- table_is by discriminate. exact istree_table. Qed.
Ltac small_graph := cbn; unfold adj; cbn; repeat split; intuition; try discriminate; try lia.
Lemma one_edge_fits : simple one_edge /\ one_edge <> [] /\ forall v, In v (nodes one_edge) -> 1 <= Z.of_nat v <= 2.
Proof. split; [small_graph|split; [discriminate|intros v [<-|[<-|[]]]; lia]]. Qed.
Lemma triangle_fits : simple triangle /\ triangle <> [] /\ forall v, In v (nodes triangle) -> 1 <= Z.of_nat v <= 3.
Proof. split; [small_graph|split; [discriminate|intros v V; vm_compute in V; intuition lia]]. Qed.
Example one_edge_is_tree : tree one_edge.
Proof.
  destruct one_edge_fits as (A & B & D). destruct (SolvesRetrievalIsTree.retrieval_istree 2 one_edge A B D) as (walk & y & k & b & E & _ & T & _).
  rewrite istree_instance in E. apply (f_equal (fun p => last (fst p) none)) in E. cbn [fst] in E. rewrite !last_last in E. apply T. destruct b; [reflexivity|discriminate E].
Qed.
Example istree_variant : ~ decides_by_searching tree (fun n => 74 * n - 37).
Proof.
  intros H. destruct one_edge_fits as (A & B & D). destruct (H 2 one_edge A B D) as (walk & y & k & b & E & Le & _). rewrite istree_instance in E.
  apply (f_equal (fun p => length (fst p))) in E. cbn [fst] in E. rewrite (app_length (searching_walk _ walk y k)) in E.
  match type of E with ?a = _ => let v := eval vm_compute in a in change a with v in E end. cbn [length] in E. lia.
Qed.
Example istree_connected_variant most : ~ decides_by_searching connected most.
Proof.
  intros H. destruct triangle_fits as (A & B & D). destruct (H 3 triangle A B D) as (w & y & k & b & E & _ & T & _).
  destruct (SolvesRetrievalIsTree.retrieval_istree 3 triangle A B D) as (w' & y' & k' & b' & E' & _ & T' & _).
  rewrite E in E'. apply (f_equal (fun p => last (fst p) none)) in E'. cbn [fst] in E'. rewrite !last_last in E'. apply triangle_is_none, T'. pose proof (proj2 T triangle_connected) as Y. subst b. destruct b'; [reflexivity|discriminate E'].
Qed.
