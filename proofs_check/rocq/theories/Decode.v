(** Chains of thought: if every token of a transcript is what comes next, it is what is decoded. *)
From Coq Require Import ZArith List Lia Arith.
From RetrievalGap Require Import Model.
Import ListNotations.
Open Scope Z_scope.

Section Decode.
  Variables (N : numbers) (rho : env) (M : model).
  Lemma decode_from_is : forall tr w fuel, tr <> [] -> (length tr <= fuel)%nat ->
    (forall k, (k < length tr)%nat -> next N rho M (w ++ firstn k tr) = nth k tr (Special 0)) ->
    (forall k, (S k < length tr)%nat -> is_answer M (nth k tr (Special 0)) = false) ->
    is_answer M (last tr (Special 0)) = true ->
    decode_from N rho fuel M w = (tr, true).
  Proof.
    induction tr as [|t tr IH]; intros w fuel Ne F Nx Mid End; [congruence|].
    destruct fuel as [|fuel]; [simpl in F; lia|]. cbn [decode_from].
    pose proof (Nx 0%nat ltac:(simpl; lia)) as E. simpl in E. rewrite app_nil_r in E. rewrite E.
    destruct tr as [|t' tr']; [simpl in End; rewrite End; reflexivity|].
    pose proof (Mid 0%nat ltac:(simpl; lia)) as E0. simpl in E0. rewrite E0.
    rewrite (IH (w ++ [t]) fuel); [reflexivity|discriminate|simpl in *; lia| | |exact End].
    - intros k Hk. specialize (Nx (S k) ltac:(simpl in *; lia)). simpl in Nx. rewrite <- app_assoc. exact Nx.
    - intros k Hk. apply (Mid (S k)). simpl in *; lia.
  Qed.
End Decode.
