(** The statements about recurrent networks that simulate machines say something: instances that are computed, false variants
    that are refuted. *)
From Coq Require Import ZArith QArith Qcanon List Lia.
From RetrievalGap Require Import Model Fast Searching SanitySearches StatementsMachines StatementsSearches StatementsRegisters SolvesExportedTuring SolvesRnnTuring SolvesRetrievalTuring SanityMachines.
From RetrievalGap.Generated Require Gen_RnnTuring.
Import ListNotations.
Local Open Scope nat_scope.

(** * Configurations *)
(** On 12 cells the head leaves the tape in step 63, after 62 configurations of 13 tokens; the first two configurations after the prompt are computed. *)
Example row_leaves : let (l, ended) := configurations busy_beaver_4 12 200 (row_initial busy_beaver_4 12 []) in length l = 807 /\ ended = true /\ last l Begin = Outside.
Proof. vm_compute. auto. Qed.
Example row_computed : fst (decode QcN (Gen_RnnTuring.at_size 1) Gen_RnnTuring.blueprint (row_prompt busy_beaver_4 12 [1; 0; 1])) =
  map (row_token busy_beaver_4) (fst (configurations busy_beaver_4 12 2 (row_initial busy_beaver_4 12 [1; 0; 1]))) ++ [row_token busy_beaver_4 (Cell 0)].
Proof. rewrite <- fast_decode by discriminate. vm_compute. reflexivity. Qed.
Example other_row_refuted : ~ writes_configurations other 12 Gen_RnnTuring.blueprint Gen_RnnTuring.at_size.
Proof.
  intros S. pose proof (proj2 exported_rnn_turing) as T. specialize (S 1%Z [] 1 ltac:(lia) ltac:(intros a []) ltac:(cbn; lia) ltac:(lia)).
  specialize (T 1%Z [] 1 ltac:(lia) ltac:(intros a []) ltac:(cbn; lia) ltac:(lia)). cbv zeta in S, T.
  change (row_prompt other 12 []) with (row_prompt busy_beaver_4 12 []) in S.
  assert (forall m, configurations m 12 1 (row_initial m 12 []) = (fst (configurations m 12 1 (row_initial m 12 [])), snd (configurations m 12 1 (row_initial m 12 [])))) as P
    by (intros m; apply surjective_pairing).
  rewrite P in S, T. destruct S as (_ & S), T as (_ & T).
  set (a := fst (configurations other 12 1 (row_initial other 12 []))) in S. set (b := fst (configurations busy_beaver_4 12 1 (row_initial busy_beaver_4 12 []))) in T.
  vm_compute in a, b. subst a b. change (snd (configurations other 12 1 (row_initial other 12 []))) with false in S.
  change (snd (configurations busy_beaver_4 12 1 (row_initial busy_beaver_4 12 []))) with false in T.
  destruct S as (r & e & S), T as (r' & e' & T). rewrite T in S. discriminate S.
Qed.
(** The function for another machine and 3 cells, with room for 2 configurations. *)
Example row_function_computed : decode QcN (rnn_at_size other 3 1) (rnn_turing other 3) (row_prompt other 3 [1]) =
  (map (row_token other) (fst (configurations other 3 2 (row_initial other 3 [1])) ++ [Cell 0]), false).
Proof. rewrite <- fast_decode by discriminate. vm_compute. reflexivity. Qed.
(** It is false that the weights for one machine, or for another number of cells, do for each, and that S tokens for a
    configuration are enough. *)
Example one_for_all_refuted : ~ forall m, well_formed m -> writes_configurations m 12 (rnn_turing busy_beaver_4 12) (rnn_at_size busy_beaver_4 12).
Proof.
  intros F. apply other_row_refuted. destruct exported_rnn_turing as (E & _). rewrite E. apply F. split; [cbn; lia|]. split; [cbn; lia|]. split; [reflexivity|].
  intros q a b mv q' T. destruct q as [|[|[|[|q]]]], a as [|[|a]]; cbn in T; try discriminate; injection T as <- <- <-; cbn; lia.
Qed.
Example fewer_cells_refuted : ~ writes_configurations busy_beaver_4 3 (rnn_turing busy_beaver_4 4) (rnn_at_size busy_beaver_4 4).
Proof.
  intros F. specialize (F 1%Z [] 1 ltac:(lia) ltac:(intros a []) ltac:(cbn; lia) ltac:(lia)). cbv zeta in F. rewrite <- fast_decode in F by discriminate. vm_compute in F.
  destruct F as (_ & F). first [discriminate F|destruct F as (rest & e & F); discriminate F].
Qed.
Example fewer_tokens_refuted : ~ forall m cells T word, well_formed m -> 0 < cells -> length (fst (configurations m cells T (row_initial m cells word))) <= cells * T.
Proof. intros F. specialize (F busy_beaver_4 3 1 [] busy_beaver_4_well_formed ltac:(lia)). vm_compute in F. lia. Qed.

(** * Searches *)
(** The function for another machine, which takes its first step to the left, on the cells -1 .. 1. *)
Example search_function_computed : decode_searching (retrieval_at_size other 1 1) (retrieval_turing other) (machine_language other) (searching_prompt other [1]) =
  searching_simulation other 1 3 (input_records [1]) (initial other [1]).
Proof. rewrite <- table_is by discriminate. vm_compute. reflexivity. Qed.
(** It is false that the weights for one machine do for each, that the searches may be those of a language without cells and
    steps, and that 7 T + 1 tokens are enough. *)
Example one_search_for_all_refuted : ~ forall m, well_formed m -> simulates_by_searching m (retrieval_turing busy_beaver_4) (retrieval_at_size busy_beaver_4) (machine_language busy_beaver_4).
Proof.
  intros F. apply turing_variant. destruct exported_retrieval_turing as (E & L & _). rewrite E, L. apply F. split; [cbn; lia|]. split; [cbn; lia|]. split; [reflexivity|].
  intros q a b mv q' T. destruct q as [|[|[|[|q]]]], a as [|[|a]]; cbn in T; try discriminate; injection T as <- <- <-; cbn; lia.
Qed.
Example no_language_refuted : ~ simulates_by_searching busy_beaver_4 (retrieval_turing busy_beaver_4) (retrieval_at_size busy_beaver_4)
  {| opening := 5; closing := 6; failed := 7; piece := fun _ => None |}.
Proof.
  intros F. specialize (F 3%Z 1%Z [1] 1 ltac:(lia) ltac:(lia) ltac:(intros a [<-|[]]; cbn; lia) ltac:(cbn; lia) ltac:(cbn; lia)). cbv zeta in F. rewrite <- table_is in F by discriminate. vm_compute in F.
  destruct F as (_ & F). first [discriminate F|destruct F as (rest & e & F); discriminate F].
Qed.
Example fewer_searching_tokens_refuted : ~ forall m s T word, well_formed m -> length (fst (searching_simulation m s T (input_records word) (initial m word))) <= 7 * T + 1.
Proof. intros F. specialize (F busy_beaver_4 5%Z 2 [] busy_beaver_4_well_formed). vm_compute in F. lia. Qed.
