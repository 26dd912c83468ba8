(** transformer/equality and transformer/disjointness decide what they are asked. *)
From Coq Require Import ZArith List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Tactics Gadgets Network NetCheck NetSound NetModel NetTop NetFull.
From RetrievalGap Require Import StatementsNearby Copying TwoWords.
From RetrievalGap.Generated Require Wire_Equality Wire_Disjointness.
Import ListNotations.
Open Scope Z_scope.

Theorem equality_solved : statement_equality.
Proof.
  apply (compares_by _ _ _ Wire_Equality.wiring _ _ Wire_Equality.is_good Wire_Equality.checked (fun _ => eq_refl) ltac:(repeat split)).
  intros rho u v Len. rewrite (two_words_next rho Wire_Equality.wiring u v (Equal [(5%nat, const 1); (8%nat, const (-1))]) (not_ 9) xorb Len eq_refl eq_refl eq_refl).
  - f_equal. f_equal. rewrite some_fails_is by exact Len. unfold same. revert v Len.
    assert (forall u v : list bool, length v = length u -> existsb (fun xy => xorb (fst xy) (snd xy)) (combine u v) = if list_eq_dec bool_dec u v then false else true) as E.
    { clear. induction u as [|a u IH]; intros [|b v] Len; try discriminate; [reflexivity|]. cbn [combine existsb fst snd]. rewrite IH by (injection Len as Len; exact Len).
      destruct (list_eq_dec bool_dec u v), (list_eq_dec bool_dec (a :: u) (b :: v)), a, b; cbn; congruence. }
    intros v Len. rewrite E by exact Len. destruct (list_eq_dec bool_dec u v); reflexivity.
  - intros y y' a b One Y5 Y8 One' Y9. rewrite not_is, Y9 by exact One'. cbn [gate_sem]. rewrite !lin_cons, !peval_const, Y5, Y8. destruct a, b; reflexivity.
Qed.
Theorem disjointness_solved : statement_disjointness.
Proof.
  apply (compares_by _ _ _ Wire_Disjointness.wiring _ _ Wire_Disjointness.is_good Wire_Disjointness.checked (fun _ => eq_refl) ltac:(repeat split)).
  intros rho u v Len. rewrite (two_words_next rho Wire_Disjointness.wiring u v (All [coord 5; coord 8]) (coord 9) andb Len eq_refl eq_refl eq_refl).
  - f_equal. f_equal. rewrite some_fails_is by exact Len. unfold disjoint. generalize (combine u v). intros l.
    assert (forallb (fun xy : bool * bool => negb (fst xy && snd xy)) l = negb (existsb (fun xy => fst xy && snd xy) l)) as ->; [|destruct (existsb _ l); reflexivity].
    induction l as [|xy l IH]; [reflexivity|]. cbn [forallb existsb]. rewrite IH, negb_orb. reflexivity.
  - intros y y' a b One Y5 Y8 One' Y9. rewrite lin_coord, Y9. cbn [gate_sem forallb]. rewrite !lin_coord, Y5, Y8. destruct a, b; reflexivity.
Qed.
