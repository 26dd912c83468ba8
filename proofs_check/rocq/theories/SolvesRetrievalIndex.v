(** retrieval/index solves Index with one search. *)
From Coq Require Import ZArith List Lia Arith Bool.
From RetrievalGap Require Import Model Tactics Network NetCheck NetModel NetTop NetFull Symbols Searching.
From RetrievalGap Require Import StatementsRetrieval Prompts Lookups Grams Searches.
From RetrievalGap.Generated Require Gen_RetrievalIndex Wire_RetrievalIndex.
Import ListNotations.
Open Scope Z_scope.

Theorem retrieval_index_solved : statement_retrieval_index.
Proof.
  apply (solves_once _ Wire_RetrievalIndex.wiring).
  - intros n input t Hn I Ne. apply Wire_RetrievalIndex.next_as; auto.
  - intros n. split; [cbn; lia|]. split; [reflexivity|]. apply (peval_size Gen_RetrievalIndex.at_size). reflexivity.
  - reflexivity.
  - cbn. lia.
  - intros n xs query F (i & -> & Hi). destruct F as (Size & Letters). split; [lia|]. split; [repeat constructor; lia|].
    set (b := nth (Z.to_nat (i - 1)) xs 0). assert (1 <= b <= n) as Hb by (rewrite Forall_forall in Letters; apply Letters, nth_In; lia).
    exists [Special 5; Number (i - 1); Special 6], (Number b), (Number b). split; [|split; [reflexivity|split; [|split]]].
    + exists (firstn (Z.to_nat (i - 1)) xs), b, (skipn (S (Z.to_nat (i - 1))) xs). split; [|split; [f_equal; rewrite firstn_length; lia|reflexivity]].
      unfold b. clear - Hi. assert (Z.to_nat (i - 1) < length xs)%nat as H by lia. revert H. generalize (Z.to_nat (i - 1)). clear. intros k. revert k.
      induction xs as [|x xs IH]; intros [|k] H; cbn [length] in H; try lia; [reflexivity|]. cbn [firstn app nth skipn]. f_equal. apply IH. lia.
    + change (peval (Gen_RetrievalIndex.at_size n) (context Gen_RetrievalIndex.blueprint)) with (peval (Gen_RetrievalIndex.at_size n) (size_poly ++ const 13)).
      rewrite peval_app, peval_size, peval_const by reflexivity. cbn [length]. lia.
    + repeat (apply Forall_cons; [split; [cbn; lia|split; discriminate]|]). apply Forall_nil.
    + split; [|split; [lia|split; [split; discriminate|]]].
      * apply place_found; [lia|]. unfold expression, signs_of. cbn [flat_map]. cbn -[Z.ltb Z.to_nat].
        destruct (Z.ltb_spec (i - 1) 0); [lia|]. reflexivity.
      * by_symbols [i - 1; b] [Sp 1; Nu [1; 1]] [Sp 2; Sp 5; Nu [0; 1]; Sp 6; Sp 3] (Nu [0; 0; 1]) (Nu [0; 0; 1]).
Qed.
