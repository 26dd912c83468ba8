(** retrieval/counting solves Counting with one search. *)
From Coq Require Import ZArith List Lia Arith Bool.
From RetrievalGap Require Import Model Tactics Network NetCheck NetModel NetTop NetFull Symbols Searching.
From RetrievalGap Require Import StatementsRetrieval Prompts Lookups Grams Searches.
From RetrievalGap.Generated Require Gen_RetrievalCounting Wire_RetrievalCounting.
Import ListNotations.
Open Scope Z_scope.

Lemma count_numbers xs q : count_occ tok_eq_dec (start :: map Number xs) (Number q) = count_occ Z.eq_dec xs q.
Proof.
  cbn [count_occ]. destruct (tok_eq_dec start (Number q)); [discriminate|]. induction xs as [|x xs IH]; [reflexivity|]. cbn [map count_occ]. rewrite IH.
  destruct (tok_eq_dec (Number x) (Number q)), (Z.eq_dec x q); congruence.
Qed.
Lemma no_separator xs : ~ In separator (start :: map Number xs).
Proof. intros [E|I]; [discriminate|]. apply in_map_iff in I. destruct I as (x & E & _). discriminate. Qed.

Theorem retrieval_counting_solved : statement_retrieval_counting.
Proof.
  apply (solves_once _ Wire_RetrievalCounting.wiring).
  - intros n input t Hn I Ne. apply Wire_RetrievalCounting.next_as; auto.
  - intros n. split; [cbn; lia|]. split; [reflexivity|]. apply (peval_size Gen_RetrievalCounting.at_size). reflexivity.
  - reflexivity.
  - cbn. lia.
  - intros n xs query F (q & t & -> & Hq & Ht). split; [lia|]. split; [repeat constructor; lia|].
    pose (more := t <? Z.of_nat (count_occ Z.eq_dec xs q)).
    exists [Special 5; Number q; Special 6; Number q; Special 7; Number t; Special 8; Number q; Special 9; Number q; Special 10],
      (if more then Number q else Special 4), (Number (if more then 1 else 0)). split; [|split; [reflexivity|split; [|split]]].
    + exists q, t. auto.
    + change (peval (Gen_RetrievalCounting.at_size n) (context Gen_RetrievalCounting.blueprint)) with (peval (Gen_RetrievalCounting.at_size n) (size_poly ++ const 21)).
      rewrite peval_app, peval_size, peval_const by reflexivity. cbn [length]. lia.
    + repeat (apply Forall_cons; [split; [cbn; lia|split; discriminate]|]). apply Forall_nil.
    + split; [|split; [destruct more; cbn; lia|split; [split; discriminate|]]].
      * rewrite (count_found (prompt xs [q; t]) (map Number [q; t]) (start :: map Number xs) q eq_refl (no_separator xs) _ _ (Z.to_nat t)).
        -- rewrite count_numbers. unfold more. destruct (Nat.ltb_spec (Z.to_nat t) (count_occ Z.eq_dec xs q)), (Z.ltb_spec t (Z.of_nat (count_occ Z.eq_dec xs q))); try lia; reflexivity.
        -- unfold expression, signs_of. cbn [flat_map]. cbn -[Z.ltb Z.to_nat]. destruct (Z.ltb_spec t 0); [lia|]. reflexivity.
      * clearbody more. clear F. destruct more.
        -- by_symbols [q; t] [Sp 1; Nu [0; 1]; Nu [0; 0; 1]] [Sp 2; Sp 5; Nu [0; 1]; Sp 6; Nu [0; 1]; Sp 7; Nu [0; 0; 1]; Sp 8; Nu [0; 1]; Sp 9; Nu [0; 1]; Sp 10; Sp 3] (Nu [0; 1]) (Nu [1]).
        -- by_symbols [q; t] [Sp 1; Nu [0; 1]; Nu [0; 0; 1]] [Sp 2; Sp 5; Nu [0; 1]; Sp 6; Nu [0; 1]; Sp 7; Nu [0; 0; 1]; Sp 8; Nu [0; 1]; Sp 9; Nu [0; 1]; Sp 10; Sp 3] (Sp 4) (Nu []).
Qed.
