(** The four retrieval tasks, and what is proved of the constructions that solve them. Definitions and statements only:
    who believes these and Model.v need not read a proof. *)
From Coq Require Import ZArith List.
From RetrievalGap Require Import Model Searching.
From RetrievalGap.Generated Require Gen_Index Gen_Recall Gen_CGram2 Gen_CGram Gen_CGram4 Gen_CGram5 Gen_Counting.
From RetrievalGap.Generated Require Gen_HybridIndex Gen_HybridRecall Gen_HybridCGram2 Gen_HybridCGram Gen_HybridCGram4 Gen_HybridCGram5 Gen_HybridCounting.
From RetrievalGap.Generated Require Gen_RetrievalIndex Gen_RetrievalRecall Gen_RetrievalCGram2 Gen_RetrievalCGram Gen_RetrievalCGram4 Gen_RetrievalCGram5
  Gen_RetrievalCounting.
Import ListNotations.
Open Scope Z_scope.

(** ** Prompts *)

(** The special tokens by number, as the exported files list them. *)
Definition start := Special 0.                          (* <s> *)
Definition separator := Special 1.                      (* ? *)
Definition none := Special 2.                           (* NONE *)

(** What the model reads: the start, the sequence, the separator, the query. *)
Definition prompt (xs query : list Z) : list tok := start :: map Number xs ++ separator :: map Number query.

(** A sequence for a model of size n: at most n tokens, each one of 1 .. n. *)
Definition fits (n : Z) (xs : list Z) : Prop := Z.of_nat (length xs) <= n /\ Forall (fun x => 1 <= x <= n) xs.

(** A task: which queries about a sequence are legal at size n, and which token is the answer. *)
Record task := Task { legal : Z -> list Z -> list Z -> Prop; answer : list Z -> list Z -> tok -> Prop }.

(** ** The tasks *)

(** Index: the query is a position i, counted from 1; the answer is the token there. *)
Definition index : task := {|
  legal n xs query := exists i, query = [i] /\ 1 <= i <= Z.of_nat (length xs);
  answer xs query t := exists before a after, xs = before ++ a :: after /\ query = [Z.of_nat (length before) + 1] /\ t = Number a |}.

(** After [place] tokens of xs the gram g occurs, and then comes b, which is part of xs as well. *)
Definition follows (xs g : list Z) (place : nat) (b : Z) : Prop :=
  exists before after, xs = before ++ g ++ b :: after /\ length before = place.

(** c-gram retrieval: the query are c - 1 tokens; the answer is what follows their latest occurrence that something
    follows, NONE if there is none. *)
Definition c_gram (c : nat) : task := {|
  legal n xs query := S (length query) = c /\ query <> [] /\ Forall (fun x => 1 <= x <= n) query;
  answer xs query t :=
    (exists place b, follows xs query place b /\ t = Number b /\ forall later b', follows xs query later b' -> (later <= place)%nat)
    \/ (forall place b, ~ follows xs query place b) /\ t = none |}.

(** Associative recall: the query is one token. *)
Definition associative_recall : task := c_gram 2.

(** Counting: the query are a token and a threshold; the answer is 1 if the token occurs more often, else 0. *)
Definition counting : task := {|
  legal n xs query := exists q threshold, query = [q; threshold] /\ 1 <= q <= n /\ 0 <= threshold <= n;
  answer xs query t := exists q threshold, query = [q; threshold] /\
    t = Number (if threshold <? Z.of_nat (count_occ Z.eq_dec xs q) then 1 else 0) |}.

(** ** The statements *)

(** The model, with its weights for size n, reads the prompt and writes one token: the answer. Arithmetic is exact. *)
Definition solves (M : model) (at_size : Z -> env) (T : task) : Prop :=
  forall n xs query, fits n xs -> legal T n xs query ->
  exists t, answer T xs query t /\ decode QcN (at_size n) M (prompt xs query) = ([t], true).

(** No question has two answers. *)
Definition statement_answers_are_unique : Prop :=
  forall T, T = index \/ T = counting \/ (exists c, T = c_gram c) -> forall xs query t t', answer T xs query t -> answer T xs query t' -> t = t'.

(** Theorem 4.6, upper half. *)
Definition statement_index : Prop := solves Gen_Index.blueprint Gen_Index.at_size index.
Definition statement_associative_recall : Prop := solves Gen_Recall.blueprint Gen_Recall.at_size associative_recall.
Definition statement_c_gram : Prop :=
  solves Gen_CGram2.blueprint Gen_CGram2.at_size (c_gram 2) /\ solves Gen_CGram.blueprint Gen_CGram.at_size (c_gram 3) /\
  solves Gen_CGram4.blueprint Gen_CGram4.at_size (c_gram 4) /\ solves Gen_CGram5.blueprint Gen_CGram5.at_size (c_gram 5).
Definition statement_counting : Prop := solves Gen_Counting.blueprint Gen_Counting.at_size counting.

(** Theorem 5.6, the four tasks. *)
Definition statement_hybrid_index : Prop := solves Gen_HybridIndex.blueprint Gen_HybridIndex.at_size index.
Definition statement_hybrid_associative_recall : Prop := solves Gen_HybridRecall.blueprint Gen_HybridRecall.at_size associative_recall.
Definition statement_hybrid_c_gram : Prop :=
  solves Gen_HybridCGram2.blueprint Gen_HybridCGram2.at_size (c_gram 2) /\ solves Gen_HybridCGram.blueprint Gen_HybridCGram.at_size (c_gram 3) /\
  solves Gen_HybridCGram4.blueprint Gen_HybridCGram4.at_size (c_gram 4) /\ solves Gen_HybridCGram5.blueprint Gen_HybridCGram5.at_size (c_gram 5).
Definition statement_hybrid_counting : Prop := solves Gen_HybridCounting.blueprint Gen_HybridCounting.at_size counting.

(** ** Theorem 5.2: with one search *)

(** What is written, with what searches yield, are [tokens] tokens; the last is the answer. *)
Definition solves_by_searching (M : model) (at_size : Z -> env) (L : language) (T : task) (tokens : nat) : Prop :=
  forall n xs query, fits n xs -> legal T n xs query ->
  exists t chain, answer T xs query t /\ length (chain ++ [t]) = tokens /\
    decode_searching (at_size n) M L (prompt xs query) = (chain ++ [t], true).
Definition statement_retrieval_index : Prop :=
  solves_by_searching Gen_RetrievalIndex.blueprint Gen_RetrievalIndex.at_size Gen_RetrievalIndex.searches index 7.
Definition statement_retrieval_associative_recall : Prop :=
  solves_by_searching Gen_RetrievalRecall.blueprint Gen_RetrievalRecall.at_size Gen_RetrievalRecall.searches associative_recall 7.
Definition statement_retrieval_c_gram : Prop :=
  solves_by_searching Gen_RetrievalCGram2.blueprint Gen_RetrievalCGram2.at_size Gen_RetrievalCGram2.searches (c_gram 2) 7 /\
  solves_by_searching Gen_RetrievalCGram.blueprint Gen_RetrievalCGram.at_size Gen_RetrievalCGram.searches (c_gram 3) 8 /\
  solves_by_searching Gen_RetrievalCGram4.blueprint Gen_RetrievalCGram4.at_size Gen_RetrievalCGram4.searches (c_gram 4) 9 /\
  solves_by_searching Gen_RetrievalCGram5.blueprint Gen_RetrievalCGram5.at_size Gen_RetrievalCGram5.searches (c_gram 5) 10.
Definition statement_retrieval_counting : Prop :=
  solves_by_searching Gen_RetrievalCounting.blueprint Gen_RetrievalCounting.at_size Gen_RetrievalCounting.searches counting 15.
