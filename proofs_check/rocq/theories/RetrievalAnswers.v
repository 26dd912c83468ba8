(** Questions of the retrieval tasks have one answer at most. *)
From Coq Require Import ZArith List Lia Arith.
From RetrievalGap Require Import Model StatementsRetrieval Prompts.
Import ListNotations.
Open Scope Z_scope.

Theorem answers_are_unique : statement_answers_are_unique.
Proof.
  intros T [->|[->|(c & ->)]] xs query t t'.
  - intros (u & a & v & E & Q & ->) (u' & a' & v' & E' & Q' & ->). subst query. injection Q' as Q'. assert (length u = length u') as L by lia.
    assert (forall u a v, nth (length u) (u ++ a :: v) 0 = a) as N by (intros; rewrite app_nth2, Nat.sub_diag by auto; reflexivity).
    rewrite <- (N u a v), <- (N u' a' v'), <- E, <- E', L. reflexivity.
  - intros (q & k & Q & ->) (q' & k' & Q' & ->). subst query. injection Q' as -> ->. reflexivity.
  - intros [(p & b & F & -> & L)|(No & ->)] [(p' & b' & F' & -> & L')|(No' & ->)]; auto; [|exfalso; eapply No'; eauto|exfalso; eapply No; eauto].
    pose proof (L _ _ F'). pose proof (L' _ _ F). assert (p = p') as -> by lia.
    apply follows_nth in F, F'. destruct F as (_ & _ & ->), F' as (_ & _ & ->). reflexivity.
Qed.
