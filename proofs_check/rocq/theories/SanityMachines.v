(** No statement about trees and machines holds vacuously: instances that are computed, false variants that are refuted. *)
From Coq Require Import ZArith QArith Qcanon List Lia Permutation.
From RetrievalGap Require Import Model StatementsMachines Graphs EulerTour SolvesIsTree SolvesHybridIsTree SolvesTransformerTuring SolvesHybridTuring SolvesExportedTuring TreePaths Fast.
From RetrievalGap.Generated Require Gen_IsTree Gen_HybridIsTree Gen_Turing Gen_HybridTuring.
Import ListNotations.
Local Open Scope nat_scope.

(** * Trees *)
Ltac simple_graph := cbn; unfold adj; cbn; intuition congruence.
Ltac small_nodes := intros v V; vm_compute in V; repeat (destruct V as [<-|V]; [lia|]); destruct V.
Definition line : list edge := [(1, 2); (3, 2)].
Definition triangle : list edge := [(1, 2); (2, 3); (1, 3)].
(** 1 ~ 2 3 ~ 2: the weights write 2 3 2 1 2 YES. This is computed, no theorem about the weights is used. *)
Example path_computed : decode QcN (Gen_IsTree.at_size 3) Gen_IsTree.blueprint (edges_prompt line) = (map node [2; 3; 2; 1; 2] ++ [yes_no true], true).
Proof. rewrite <- fast_decode by discriminate. vm_compute. reflexivity. Qed.
Example triangle_computed : decode QcN (Gen_IsTree.at_size 3) Gen_IsTree.blueprint (edges_prompt triangle) = (map node [3; 1; 2] ++ [yes_no false], true).
Proof. rewrite <- fast_decode by discriminate. vm_compute. reflexivity. Qed.
Example what_is_read : edges_prompt [(1, 2)] = [Special 0; Number 1; Special 1; Number 2; Special 2]. Proof. reflexivity. Qed.
Lemma ends_alike t t' b b' : map node t ++ [yes_no b] = map node t' ++ [yes_no b'] -> t = t' /\ b = b'.
Proof.
  revert t'. induction t as [|v t IH]; intros [|v' t'] H; cbn in H; try discriminate H.
  - injection H as H. destruct b, b'; try discriminate H; auto.
  - injection H as H1 H2. apply IH in H2. destruct H2 as (-> & ->). apply Nat2Z.inj in H1. subst. auto.
Qed.
(** The path is a tree and the triangle is none: the definition of a tree says so, by way of what the weights write. *)
Example path_is_tree : tree line.
Proof.
  destruct (istree 3%Z line) as (t & b & D & _ & B & _); [simple_graph|discriminate|small_nodes|].
  rewrite path_computed in D. injection D as D. apply (ends_alike [2; 3; 2; 1; 2] t true b) in D. destruct D as (_ & <-). apply B. reflexivity.
Qed.
Example triangle_is_none : ~ tree triangle.
Proof. intros (_ & H). apply (H [1; 2; 3]). repeat split; cbn; unfold adj; cbn; try lia; intuition; repeat (constructor; [cbn; intuition lia|]); constructor. Qed.
(** One edge less than nodes is not enough: the definitions say connected, too. *)
Example count_alone_refuted : ~ (forall es, simple es -> es <> [] -> (tree es <-> S (length es) = length (nodes es))).
Proof.
  intros F. destruct (F [(1, 2); (2, 3); (1, 3); (4, 5)]) as (_ & B); [simple_graph|discriminate|].
  destruct (B eq_refl) as (_ & N). apply (N [1; 2; 3]). repeat split; cbn; unfold adj; cbn; try lia; intuition; repeat (constructor; [cbn; intuition lia|]); constructor.
Qed.
Example line_has_one_path : exists! l, path line 1 l 3.
Proof. apply (tree_definitions line); [simple_graph|discriminate|exact path_is_tree|vm_compute; auto|vm_compute; auto]. Qed.
(** It is false that one token fewer is enough, and that YES means only: connected. *)
Example fewer_tokens_refuted : ~ (forall n es, simple es -> es <> [] -> (forall v, In v (nodes es) -> (1 <= Z.of_nat v <= n)%Z) ->
  exists tour b, decode QcN (Gen_IsTree.at_size n) Gen_IsTree.blueprint (edges_prompt es) = (map node tour ++ [yes_no b], true) /\
    length tour + 1 < 2 * length (nodes es)).
Proof.
  intros F. destruct (F 3%Z line) as (t & b & D & L); [simple_graph|discriminate|small_nodes|].
  rewrite path_computed in D. injection D as D. apply (ends_alike [2; 3; 2; 1; 2] t true b) in D. destruct D as (<- & _). vm_compute in L. lia.
Qed.
Lemma triangle_connected : connected triangle.
Proof.
  intros u v U V. apply label_sound. vm_compute in U, V. repeat (destruct U as [<-|U]; [repeat (destruct V as [<-|V]; [reflexivity|]); destruct V|]). destruct U.
Qed.
Example connected_refuted : ~ (forall n es, simple es -> es <> [] -> (forall v, In v (nodes es) -> (1 <= Z.of_nat v <= n)%Z) ->
  exists tour b, decode QcN (Gen_IsTree.at_size n) Gen_IsTree.blueprint (edges_prompt es) = (map node tour ++ [yes_no b], true) /\ (b = true <-> connected es)).
Proof.
  intros F. destruct (F 3%Z triangle) as (t & b & D & B); [simple_graph|discriminate|small_nodes|].
  rewrite triangle_computed in D. injection D as D. apply (ends_alike [3; 1; 2] t false b) in D. destruct D as (_ & <-).
  destruct B as (_ & B). discriminate B. exact triangle_connected.
Qed.

(** The hybrid: pointers, T, each node confirmed, and the one that is not; where there are n edges, NO at once. *)
Example hybrid_path_computed : decode QcN (Gen_HybridIsTree.at_size 3) Gen_HybridIsTree.blueprint (edges_prompt line) =
  (pointers line ++ Special 4 :: flat_map (fun v => [node v; Special 5]) [2; 3; 2; 1; 2] ++ [node 3; Special 7], true).
Proof. rewrite <- fast_decode by discriminate. vm_compute. reflexivity. Qed.
Example pointers_computed : pointers line = [Special 3; node 1; node 2; Special 6; Special 6; Special 3; node 3; node 2; Special 6; node 1].
Proof. reflexivity. Qed.
Example hybrid_triangle_computed : decode QcN (Gen_HybridIsTree.at_size 3) Gen_HybridIsTree.blueprint (edges_prompt triangle) = ([Special 8], true).
Proof. rewrite <- fast_decode by discriminate. vm_compute. reflexivity. Qed.
(** It is false that one token fewer is enough, and that YES means only: connected. *)
Example hybrid_fewer_tokens_refuted : ~ (forall n es, simple es -> es <> [] -> (forall v, In v (nodes es) -> (1 <= Z.of_nat v <= n)%Z) ->
  exists written (b : bool), decode QcN (Gen_HybridIsTree.at_size n) Gen_HybridIsTree.blueprint (edges_prompt es) = (written ++ [Special (if b then 7 else 8)], true) /\
    (Z.of_nat (length written) + 1 < 9 * n - 4)%Z).
Proof.
  intros F. destruct (F 3%Z line) as (t & b & D & L); [simple_graph|discriminate|small_nodes|].
  rewrite hybrid_path_computed in D. apply (f_equal (fun p => length (fst p))) in D. cbn [fst] in D.
  rewrite (app_length t) in D. match type of D with ?a = _ => let v := eval vm_compute in a in change a with v in D end. cbn [length] in D. lia.
Qed.
Example hybrid_connected_refuted : ~ (forall n es, simple es -> es <> [] -> (forall v, In v (nodes es) -> (1 <= Z.of_nat v <= n)%Z) ->
  exists written (b : bool), decode QcN (Gen_HybridIsTree.at_size n) Gen_HybridIsTree.blueprint (edges_prompt es) = (written ++ [Special (if b then 7 else 8)], true) /\
    (b = true <-> connected es)).
Proof.
  intros F. destruct (F 3%Z triangle) as (t & b & D & B); [simple_graph|discriminate|small_nodes|].
  rewrite hybrid_triangle_computed in D. injection D as D. apply (app_inj_tail []) in D. destruct D as (_ & D). destruct b; [discriminate D|].
  destruct B as (_ & B). discriminate B. exact triangle_connected.
Qed.

(** * Turing machines *)
(** What the machine does: 107 steps, then it halts; and after 2 steps it has read three cells. *)
Example beaver_halts : let (l, ended) := simulation busy_beaver_4 20 (token busy_beaver_4) 107 (initial busy_beaver_4 []) in length l = 215 /\ ended = true.
Proof. vm_compute. auto. Qed.
Example beaver_begins : simulation busy_beaver_4 20 (token busy_beaver_4) 2 (initial busy_beaver_4 []) = ([Number 0; Special 7; Number 1; Special 9], false).
Proof. reflexivity. Qed.
(** What the weights write, computed on an input, with room for 1 step on the cells -1 .. 1. *)
Example beaver_computed : decode QcN (Gen_Turing.at_size 1 1) Gen_Turing.blueprint (machine_prompt busy_beaver_4 [1]) =
  (fst (simulation busy_beaver_4 1 (token busy_beaver_4) 3 (initial busy_beaver_4 [1])), snd (simulation busy_beaver_4 1 (token busy_beaver_4) 3 (initial busy_beaver_4 [1]))).
Proof. rewrite <- fast_decode by discriminate. vm_compute. reflexivity. Qed.
Example hybrid_beaver_computed : decode QcN (Gen_HybridTuring.at_size 1 1) Gen_HybridTuring.blueprint (machine_prompt busy_beaver_4 [1]) =
  (fst (simulation busy_beaver_4 1 (token busy_beaver_4) 3 (initial busy_beaver_4 [1])), snd (simulation busy_beaver_4 1 (token busy_beaver_4) 3 (initial busy_beaver_4 [1]))).
Proof. rewrite <- fast_decode by discriminate. vm_compute. reflexivity. Qed.
(** The theorem says the same of the 215 tokens on the way to HALT, which nobody computes here. *)
Example beaver_written : decode QcN (Gen_Turing.at_size 107 20) Gen_Turing.blueprint [Special 0; Special 1] =
  simulation busy_beaver_4 20 (token busy_beaver_4) 107 (initial busy_beaver_4 []).
Proof.
  destruct exported_turing as (_ & S). specialize (S 107%Z 20%Z [] 107 ltac:(lia) ltac:(lia) ltac:(intros a []) ltac:(cbn; lia) ltac:(lia)).
  change (machine_prompt busy_beaver_4 []) with [Special 0; Special 1] in S. cbv zeta in S.
  destruct (simulation busy_beaver_4 20 (token busy_beaver_4) 107 (initial busy_beaver_4 [])) as (l, e) eqn:E.
  assert (e = true) as -> by (assert (snd (l, e) = true) as Q by (rewrite <- E; vm_compute; reflexivity); exact Q). apply S.
Qed.
(** It is false that the weights simulate another machine, and that one token fewer is enough. *)
Definition other : machine := {| states := 5; symbols := 2; initial_state := 0; halting := fun q => Nat.eqb q 4;
  StatementsMachines.table := fun q a => match q, a with 0, 0 => Some (1, (-1)%Z, 1) | _, _ => StatementsMachines.table busy_beaver_4 q a end |}.
Example other_refuted : ~ simulates other Gen_Turing.blueprint Gen_Turing.at_size.
Proof.
  intros S. destruct exported_turing as (_ & T). specialize (S 1%Z 2%Z [] 2 ltac:(lia) ltac:(lia) ltac:(intros a []) ltac:(cbn; lia) ltac:(lia)).
  specialize (T 1%Z 2%Z [] 2 ltac:(lia) ltac:(lia) ltac:(intros a []) ltac:(cbn; lia) ltac:(lia)). cbv zeta in S, T.
  change (machine_prompt other []) with (machine_prompt busy_beaver_4 []) in S.
  change (simulation other 2 (token other) 2 (initial other [])) with ([Number 0; Special 7; Number (-1); Special 9], false) in S.
  change (simulation busy_beaver_4 2 (token busy_beaver_4) 2 (initial busy_beaver_4 [])) with ([Number 0; Special 7; Number 1; Special 9], false) in T.
  destruct S as (_ & r & e & S), T as (_ & r' & e' & T). rewrite T in S. discriminate S.
Qed.
