(** retrieval/c-gram solves c-gram retrieval for c = 3 with one search. *)
From Coq Require Import ZArith List Lia Arith Bool.
From RetrievalGap Require Import Model Tactics Network NetCheck NetModel NetTop NetFull Windows Searching.
From RetrievalGap Require Import StatementsRetrieval Prompts Lookups Grams Searches.
From RetrievalGap.Generated Require Gen_RetrievalCGram Wire_RetrievalCGram.
Import ListNotations.
Open Scope Z_scope.

Notation rho := (Gen_RetrievalCGram.at_size _).
Theorem retrieval_c_gram_solved : statement_retrieval_c_gram.
Proof.
  intros n xs query F L. pose proof (c_gram_asked _ _ _ _ L) as (Hn & _ & Asked). destruct L as (Len & Ne & _).
  destruct query as [|q [|r [|]]]; try discriminate. clear Len Ne.
  assert (0 <= q <= n /\ 0 <= r <= n) as (Hq & Hr) by (inversion Asked as [|? ? A1 A2]; inversion A2; auto).
  pose (before := start :: map Number xs).
  assert (peval (Gen_RetrievalCGram.at_size n) (context Gen_RetrievalCGram.blueprint) = n + 14) as C.
  { change (peval (Gen_RetrievalCGram.at_size n) (size_poly ++ const 14) = n + 14). rewrite peval_app, peval_size, peval_const by reflexivity. reflexivity. }
  assert (peval (Gen_RetrievalCGram.at_size n) (high Gen_RetrievalCGram.blueprint) = n) as Hi by (apply (peval_size Gen_RetrievalCGram.at_size); reflexivity).
  assert (forall l t, Forall (fun t => match t with Special s => (0 < s < 8)%nat | Number k => 0 <= k <= n end) l -> (length l <= 8)%nat ->
    net_next (Gen_RetrievalCGram.at_size n) Wire_RetrievalCGram.wiring (before ++ separator :: Number q :: Number r :: l) = Some t ->
    next QcN (Gen_RetrievalCGram.at_size n) Gen_RetrievalCGram.blueprint (prompt xs [q; r] ++ l) = t) as Next.
  { intros l t Hl Ll E. assert (prompt xs [q; r] ++ l = before ++ separator :: Number q :: Number r :: l) as Ep by (unfold prompt, before; cbn [map app]; rewrite <- app_assoc; reflexivity).
    apply Wire_RetrievalCGram.next_as; [lia| |discriminate|rewrite Ep; exact E].
    apply (more_is_ok _ _ _ n); auto; [cbn; lia|rewrite C; cbn [length]; lia]. }
  pose (ts := [Special 6; Number q; Number r; Special 7]).
  destruct (gram_found xs [q; r] gram_language ts ltac:(discriminate) eq_refl) as (t & A & R).
  assert (exists y, found (prompt xs [q; r]) gram_language ts = [y] /\ match y with Special s => s = 5%nat /\ t = none | Number b => 0 <= b <= n /\ t = Number b end) as (y & Y & Ty).
  { destruct R as [(b & -> & Ib & ->)|(-> & ->)]; [exists (Number b)|exists (Special 5); auto]. split; [reflexivity|]. split; [|reflexivity].
    destruct F as (_ & F). rewrite Forall_forall in F. specialize (F b Ib). lia. }
  exists t, (Special 3 :: ts ++ [Special 4; y]). split; [exact A|]. split; [reflexivity|].
  change ((Special 3 :: ts ++ [Special 4; y]) ++ [t]) with (Special 3 :: ts ++ [Special 4] ++ [y] ++ [t]).
  assert (Forall (fun t => match t with Special s => (0 < s < 8)%nat | Number k => 0 <= k <= n end) [y]) as Hy by (constructor; [destruct y; lia|constructor]).
  pose proof (runs_one_search (Gen_RetrievalCGram.at_size n) Gen_RetrievalCGram.blueprint gram_language ltac:(discriminate) eq_refl ltac:(rewrite C; lia) (prompt xs [q; r]) ts t) as Run.
  cbv zeta in Run. rewrite Y in Run. change (opening gram_language) with 3%nat in Run. change (closing gram_language) with 4%nat in Run. apply Run; clear Run.
  - intros u [<-|[<-|[<-|[<-|[]]]]]; split; discriminate.
  - rewrite length_prompt, C. destruct F. cbn [length ts]. lia.
  - rewrite <- (app_nil_r (prompt xs [q; r])). apply Next; [constructor|cbn; lia|]. by_window Wire_RetrievalCGram.wiring.
  - repeat split; try discriminate.
    + apply Next; [repeat constructor; lia|cbn; lia|]. by_window Wire_RetrievalCGram.wiring.
    + rewrite <- app_assoc. apply Next; [repeat constructor; lia|cbn; lia|]. by_window Wire_RetrievalCGram.wiring.
    + rewrite <- !app_assoc. apply Next; [repeat constructor; lia|cbn; lia|]. by_window Wire_RetrievalCGram.wiring.
    + rewrite <- !app_assoc. apply Next; [repeat constructor; lia|cbn; lia|]. by_window Wire_RetrievalCGram.wiring.
  - unfold ts. apply Next; [repeat constructor; lia|cbn; lia|]. by_window Wire_RetrievalCGram.wiring.
  - unfold ts. cbn [app]. apply Next; [repeat constructor; lia || (destruct y; lia)|cbn; lia|]. destruct y as [s|b]; destruct Ty as (Hy' & ->); [subst s|]; by_window Wire_RetrievalCGram.wiring.
  - destruct y as [s|b]; destruct Ty as (_ & ->); discriminate.
  - destruct y as [s|b]; destruct Ty as (_ & ->); discriminate.
Qed.
Print Assumptions retrieval_c_gram_solved.
