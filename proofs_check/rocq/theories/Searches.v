(** Runs with one search, and what the searches of the retrieval tasks find in a prompt. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Tactics Network NetModel NetTop NetFull Symbols Searching StatementsRetrieval Prompts Lookups Grams.
Import ListNotations.
Open Scope Z_scope.

(** ** Contexts: a prompt, and what was written after it *)
Lemma more_is_ok rho M N n xs query l : (2 <= specials M)%nat -> peval rho (low M) = 0 -> peval rho (high M) = n ->
  fits n xs -> Forall (fun x => 0 <= x <= n) query -> n + Z.of_nat (length query + length l) + 1 <= peval rho (context M) ->
  Forall (fun t => match t with Special s => (0 < s < specials M)%nat | Number k => 0 <= k <= n end) l ->
  input_ok rho M N (prompt xs query ++ l).
Proof.
  intros Two Lo Hi F A C H. assert (input_ok rho M N (prompt xs query)) as (P & Q & R) by (apply (input_is_ok rho M N n); auto; lia).
  rewrite Forall_forall in H. assert (forall i, (length (prompt xs query) <= i < length (prompt xs query ++ l))%nat -> In (nth i (prompt xs query ++ l) (Special 0)) l) as I.
  { intros i Hi'. rewrite app_length in Hi'. rewrite app_nth2 by lia. apply nth_In. lia. }
  assert (0 < length (prompt xs query))%nat as Pos by (rewrite length_prompt; lia).
  split; [|split].
  - intros i Hi'. destruct (Nat.ltb_spec i (length (prompt xs query))) as [B|B]; [rewrite app_nth1 by auto; apply P; auto|].
    specialize (H _ (I i ltac:(lia))). destruct (nth i (prompt xs query ++ l) (Special 0)) as [s|k]; [|lia]. repeat split; lia.
  - intros i k Hi' E. destruct (Nat.ltb_spec i (length (prompt xs query))) as [B|B]; [rewrite app_nth1 in E by auto; apply (Q i k B E)|].
    specialize (H _ (I i ltac:(lia))). rewrite E in H. lia.
  - rewrite app_length, length_prompt. destruct F. lia.
Qed.

(** ** Runs *)
Section Run.
  Variables (rho : env) (M : model) (L : language).
  Notation closed := (Special (closing L)).
  Notation open_ := (Special (opening L)).
  Hypothesis distinct_ends : opening L <> closing L.
  Hypothesis first_ends : answers M = None.
  Hypothesis room : 0 <= peval rho (context M).
  Fixpoint writes_all (w ts : list tok) : Prop :=
    match ts with [] => True | t :: ts' => next QcN rho M w = t /\ t <> closed /\ writes_all (w ++ [t]) ts' end.
  Notation fits_ w := (Z.of_nat (length w) <= peval rho (context M) + 1).

  Lemma step w most inside t : fits_ w -> next QcN rho M w = t -> t <> closed -> (inside || if tok_eq_dec t open_ then true else false)%bool = true ->
    search_from rho M L (S most) w inside = let (rest, ended) := search_from rho M L most (w ++ [t]) true in (t :: rest, ended).
  Proof.
    intros F <- N I. cbn [search_from]. destruct (Z.ltb_spec (peval rho (context M) + 1) (Z.of_nat (length w))); [lia|].
    destruct (tok_eq_dec _ closed); [contradiction|]. rewrite I. reflexivity.
  Qed.
  Lemma run_inside ts : forall w most, writes_all w ts -> next QcN rho M (w ++ ts) = closed -> fits_ (w ++ ts) ->
    search_from rho M L (length ts + S most) w true =
    let (rest, ended) := search_from rho M L most (w ++ ts ++ closed :: yields L (w ++ ts)) false in (ts ++ closed :: yields L (w ++ ts) ++ rest, ended).
  Proof.
    induction ts as [|t ts IH]; intros w most W C F.
    - rewrite app_nil_r in C, F. cbn [length Nat.add app]. rewrite app_nil_r. cbn [search_from]. destruct (Z.ltb_spec (peval rho (context M) + 1) (Z.of_nat (length w))); [lia|].
      rewrite C. destruct (tok_eq_dec closed closed); [|congruence]. reflexivity.
    - destruct W as (E & N & W). cbn [length Nat.add]. rewrite (step w _ true t) by (auto; rewrite app_length in F; lia).
      rewrite (IH (w ++ [t]) most W); rewrite <- ?app_assoc; auto.
      cbn [app]. destruct (search_from _ _ _ _ _ _) as (rest, ended). reflexivity.
  Qed.
  Lemma opened_skip r : forall rest after, (forall t, In t r -> t <> closed /\ t <> open_) -> opened L (r ++ rest) after = opened L rest (rev r ++ after).
  Proof.
    induction r as [|t r IH]; intros rest after H; [reflexivity|]. cbn [app opened]. destruct (H t ltac:(left; auto)) as (N1 & N2).
    destruct (tok_eq_dec t open_); [contradiction|]. destruct (tok_eq_dec t closed); [contradiction|]. rewrite IH by (intros; apply H; right; auto).
    cbn [rev]. rewrite <- app_assoc. reflexivity.
  Qed.
  Lemma yields_found w ts : (forall t, In t ts -> t <> closed /\ t <> open_) -> yields L (w ++ open_ :: ts) = found w L ts.
  Proof.
    intros H. unfold yields. rewrite rev_app_distr. cbn [rev]. rewrite <- app_assoc. rewrite opened_skip by (intros t I; apply H, in_rev, I).
    cbn [app opened]. destruct (tok_eq_dec open_ open_); [|congruence]. rewrite rev_involutive, app_nil_r, rev_involutive. reflexivity.
  Qed.

  (** A search is opened and written, it is closed, what it yields is read, and the answer is written. *)
  Theorem runs_one_search w ts a : (forall t, In t ts -> t <> closed /\ t <> open_) ->
    let ys := found w L ts in
    Z.of_nat (length w + length ts + length ys) + 2 <= peval rho (context M) + 1 ->
    next QcN rho M w = open_ -> writes_all (w ++ [open_]) ts -> next QcN rho M (w ++ open_ :: ts) = closed ->
    next QcN rho M (w ++ open_ :: ts ++ closed :: ys) = a -> a <> closed -> a <> open_ ->
    decode_searching rho M L w = (open_ :: ts ++ closed :: ys ++ [a], true).
  Proof.
    intros H ys F O W C A N1 N2. unfold decode_searching.
    assert (exists most, (S (Z.to_nat (peval rho (context M) + 1) - length w) = S (length ts + S (S most)))%nat) as (most & ->).
    { exists (Z.to_nat (peval rho (context M) + 1) - length w - length ts - 2)%nat. lia. }
    assert (open_ <> closed) as Ne by congruence.
    assert ((false || if tok_eq_dec open_ open_ then true else false)%bool = true) as I by (destruct (tok_eq_dec open_ open_); [reflexivity|congruence]).
    rewrite (step w _ false open_ ltac:(lia) O Ne I).
    assert (forall r, (w ++ [open_]) ++ r = w ++ open_ :: r) as Snoc by (intros; rewrite <- app_assoc; reflexivity).
    rewrite (run_inside ts (w ++ [open_]) (S most) W).
    2: { rewrite Snoc. exact C. }
    2: { rewrite Snoc, app_length. cbn [length]. lia. }
    rewrite !Snoc, yields_found by exact H. fold ys. cbn [search_from].
    assert (length (w ++ open_ :: ts ++ closed :: ys) = length w + length ts + length ys + 2)%nat as Le by (rewrite app_length; cbn [length]; rewrite app_length; cbn [length]; lia).
    rewrite Le. destruct (Z.ltb_spec (peval rho (context M) + 1) (Z.of_nat (length w + length ts + length ys + 2))); [lia|].
    rewrite A. destruct (tok_eq_dec a closed); [contradiction|]. destruct (tok_eq_dec a open_); [contradiction|].
    unfold is_answer. rewrite first_ends. reflexivity.
  Qed.
End Run.

(** ** A network that searches once *)
Section Once.
  Variables (rho : env) (M : model) (N : network) (L : language) (n : Z) (xs query : list Z).
  Notation before := (start :: map Number xs).
  Notation asked := (separator :: map Number query).
  Notation closed := (Special (closing L)).
  Notation open_ := (Special (opening L)).
  Notation proper t := (match t with Special s => (0 < s < specials M)%nat | Number k => 0 <= k <= n end).
  Notation writes_ := (net_writes rho N before).
  Lemma asked_after l : prompt xs query ++ l = before ++ asked ++ l.
  Proof. unfold prompt. cbn [app]. rewrite <- app_assoc. reflexivity. Qed.

  Hypothesis weights : forall input t, input_ok rho M N input -> input <> [] -> net_next rho N input = Some t -> next QcN rho M input = t.
  Hypothesis vocabulary : (2 <= specials M)%nat /\ peval rho (low M) = 0 /\ peval rho (high M) = n.
  Hypothesis first_ends : answers M = None.
  Hypothesis input_fits : fits n xs /\ Forall (fun x => 0 <= x <= n) query.
  Theorem searches_once ts y t : opening L <> closing L -> proper open_ -> proper closed -> Forall (fun t => proper t /\ t <> closed /\ t <> open_) ts ->
    n + Z.of_nat (length query + length ts) + 4 <= peval rho (context M) ->
    found (prompt xs query) L ts = [y] -> proper y -> writes_ asked (open_ :: ts ++ [closed]) ->
    net_next rho N (before ++ asked ++ open_ :: ts ++ [closed; y]) = Some t -> t <> closed -> t <> open_ ->
    decode_searching rho M L (prompt xs query) = (open_ :: ts ++ [closed; y] ++ [t], true).
  Proof.
    intros D Ho Hc Hts Room Y Hy W A N1 N2. destruct vocabulary as (Two & Lo & Hi), input_fits as (F & Q). assert (0 <= n) as Pos by (destruct F; lia).
    assert (forall l t, Forall (fun t => proper t) l -> (length l <= length ts + 3)%nat -> net_next rho N (before ++ asked ++ l) = Some t ->
      next QcN rho M (prompt xs query ++ l) = t) as Next.
    { intros l u Hl Ll E. apply weights; [apply (more_is_ok _ _ _ n); auto; lia|discriminate|]. rewrite asked_after. exact E. }
    assert (Forall (fun t => proper t) ts) as Pts by (eapply Forall_impl; [|exact Hts]; cbv beta; tauto).
    assert (forall more l, Forall (fun t => proper t /\ t <> closed /\ t <> open_) more -> Forall (fun t => proper t) l -> (length l + length more <= length ts + 3)%nat ->
      writes_ (asked ++ l) more -> writes_all rho M L (prompt xs query ++ l) more) as All.
    { induction more as [|u more IH]; intros l Hm Hl Ll H; [exact I|]. inversion Hm as [|? ? (Pu & Nu & _) Hm']. subst. cbn [length] in Ll. destruct H as (E & H). split; [apply Next; auto; lia|].
      split; [exact Nu|]. rewrite <- app_assoc. apply IH; [exact Hm'| |rewrite app_length; cbn [length]; lia|rewrite app_assoc; exact H].
      apply Forall_app. split; [exact Hl|]. constructor; [exact Pu|constructor]. }
    destruct W as (Wo & W). apply net_writes_app in W. destruct W as (W & Wc & _). rewrite <- app_assoc in Wc. cbn [app] in W, Wc.
    pose proof (runs_one_search rho M L D first_ends ltac:(lia) (prompt xs query) ts t) as Run. cbv zeta in Run. rewrite Y in Run. apply Run; clear Run.
    - intros u I. rewrite Forall_forall in Hts. apply Hts. exact I.
    - rewrite length_prompt. destruct F. cbn [length]. lia.
    - rewrite <- (app_nil_r (prompt xs query)). apply Next; [constructor|cbn [length]; lia|]. rewrite app_nil_r. exact Wo.
    - apply All; [exact Hts|apply Forall_cons; [exact Ho|apply Forall_nil]|cbn [length]; lia|exact W].
    - apply Next; [constructor; [exact Ho|exact Pts]|cbn [length]; lia|exact Wc].
    - apply Next; [|cbn [length]; rewrite app_length; cbn [length]; lia|exact A]. constructor; [exact Ho|]. apply Forall_app. split; [exact Pts|]. apply Forall_cons; [exact Hc|]. apply Forall_cons; [exact Hy|apply Forall_nil].
    - exact N1.
    - exact N2.
  Qed.
End Once.

(** A task is solved by one search if on each question the network writes it, closes it, and then says the answer. *)
Section Solves.
  Variables (M : model) (N : network) (at_size : Z -> env) (L : language) (T : task) (tokens : nat).
  Hypothesis weights : forall n input t, 1 <= n -> input_ok (at_size n) M N input -> input <> [] ->
    net_next (at_size n) N input = Some t -> next QcN (at_size n) M input = t.
  Hypothesis vocabulary : forall n, (2 <= specials M)%nat /\ peval (at_size n) (low M) = 0 /\ peval (at_size n) (high M) = n.
  Hypothesis first_ends : answers M = None.
  Hypothesis ends : (0 < opening L < specials M)%nat /\ (0 < closing L < specials M)%nat /\ opening L <> closing L.
  Notation proper n t := (match t with Special s => (0 < s < specials M)%nat | Number k => 0 <= k <= n end).
  Notation outside t := (t <> Special (closing L) /\ t <> Special (opening L)).
  Theorem solves_once :
    (forall n xs query, fits n xs -> legal T n xs query -> 1 <= n /\ Forall (fun x => 0 <= x <= n) query /\ exists ts y t,
       answer T xs query t /\ (length ts + 4)%nat = tokens /\ n + Z.of_nat (length query + tokens) <= peval (at_size n) (context M) /\
       Forall (fun t => proper n t /\ outside t) ts /\ found (prompt xs query) L ts = [y] /\ proper n y /\ outside t /\
       net_writes (at_size n) N (start :: map Number xs) (separator :: map Number query) (Special (opening L) :: ts ++ [Special (closing L)]) /\
       net_next (at_size n) N ((start :: map Number xs) ++ (separator :: map Number query) ++ Special (opening L) :: ts ++ [Special (closing L); y]) = Some t) ->
    solves_by_searching M at_size L T tokens.
  Proof.
    intros H n xs query F Q. destruct (H n xs query F Q) as (Pos & A & ts & y & t & An & Le & Room & Pts & Y & Py & (N1 & N2) & W & Next). destruct ends as (Ho & Hc & D).
    exists t, (Special (opening L) :: ts ++ [Special (closing L); y]). split; [exact An|]. split.
    - rewrite app_length. cbn [length]. rewrite app_length. cbn [length]. lia.
    - cbn [app]. rewrite <- app_assoc. apply (searches_once (at_size n) M N L n xs query); auto. rewrite <- Le in Room. lia.
  Qed.
End Solves.

(** [by_symbols]: what is left of [solves_once] when the search and what it yields are known; the network is computed for
    all [numbers_] at once, after the signs [last_] of the query, which writes [signs_]; after [yield_] comes [answer_]. *)
Ltac by_value := lazy beta iota zeta delta [map app token_ value ev numbered nth];
  repeat match goal with |- _ :: _ = _ :: _ => apply (f_equal2 cons) | |- Number _ = Number _ => apply (f_equal Number); lia | |- _ => reflexivity end.
Ltac by_symbols numbers_ last_ signs_ yield_ answer_ :=
  assert (Forall (fun z => 0 <= z) numbers_) by (repeat (apply Forall_cons; [lia|]); apply Forall_nil);
  split;
  [ apply (net_writes_known numbers_) with (sizes := fun _ => None) (last := last_) (ts := signs_)
  | apply (net_next_known numbers_) with (sizes := fun _ => None) (last := last_ ++ signs_ ++ [yield_]) (t := answer_) ];
  [assumption|discriminate|exact I|discriminate|by_value|by_value|vm_compute; reflexivity|assumption|discriminate|exact I|discriminate|by_value|by_value|vm_compute; reflexivity].

(** ** Searches in a prompt *)
Definition star_of (f : nat -> captures -> list (nat * captures)) := fix star (most : nat) (p : nat) (c : captures) : list (nat * captures) :=
  match most with
  | O => [(p, c)]
  | S most' => flat_map (fun s => if Nat.leb (fst s) p then [s] else star most' (fst s) (snd s)) (f p c) ++ [(p, c)]
  end.
Lemma ways_star_of text a p c : ways text (Star a) p c = star_of (ways text a) (S (length text)) p c.
Proof. reflexivity. Qed.
Lemma search_begin text r : search text (Then Begin r) = hd_error (map snd (ways text r 0 [])).
Proof.
  unfold search. cbn [List.seq flat_map]. assert (forall s n, flat_map (fun p => map snd (ways text (Then Begin r) p [])) (List.seq (S s) n) = []) as E.
  { intros s n. revert s. induction n as [|n IH]; intros s; [reflexivity|]. cbn [List.seq flat_map]. rewrite IH. reflexivity. }
  rewrite E, app_nil_r. cbn [ways flat_map fst snd]. rewrite app_nil_r. reflexivity.
Qed.

Notation not_separator := (Except [separator]).
Section Find.
  Variables (xs query : list Z).
  Notation text := (prompt xs query).
  Notation T := (at_ xs query).
  Notation len := (length xs).

  Lemma nth_text p : (p < length text)%nat -> nth_error text p = Some (T p).
  Proof. intros H. unfold at_. rewrite (nth_error_nth' _ start H). reflexivity. Qed.
  Lemma some_text p : (p <= S len)%nat -> (p < length text)%nat. Proof. rewrite length_prompt. lia. Qed.
  Lemma no_mark p : (p <= len)%nat -> T p <> separator.
  Proof. intros H. destruct p as [|p]; [discriminate|]. rewrite at_letter by lia. discriminate. Qed.
  Lemma ways_one t p c : (p <= S len)%nat -> ways text (One t) p c = if tok_eq_dec (T p) t then [(S p, c)] else [].
  Proof. intros H. cbn [ways]. rewrite nth_text by (apply some_text; auto). reflexivity. Qed.
  Lemma ways_except p c : (p <= S len)%nat -> ways text not_separator p c = if Nat.leb p len then [(S p, c)] else [].
  Proof.
    intros H. cbn [ways]. rewrite nth_text by (apply some_text; auto). unfold is_in. destruct (Nat.leb_spec p len) as [Hp|Hp].
    - destruct (in_dec tok_eq_dec (T p) [separator]) as [[E|[]]|]; [|reflexivity]. exfalso. apply (no_mark p Hp). auto.
    - assert (p = (len + 1)%nat) as -> by lia. rewrite at_separator. destruct (in_dec tok_eq_dec separator [separator]) as [|N]; [reflexivity|].
      exfalso. apply N. left. reflexivity.
  Qed.
  Lemma ways_group g p c : (p <= S len)%nat -> ways text (Group g (Then not_separator Nothing)) p c = if Nat.leb p len then [(S p, (g, (p, S p)) :: c)] else [].
  Proof.
    intros H. change (map (fun s => (fst s, (g, (p, fst s)) :: snd s)) (flat_map (fun s => [(fst s, snd s)]) (ways text not_separator p c)) = if Nat.leb p len then [(S p, (g, (p, S p)) :: c)] else []).
    rewrite ways_except by auto. destruct (Nat.leb p len); reflexivity.
  Qed.
  (** From position p anything up to the separator, the longest way first. *)
  Lemma star_is d : forall p most c, (p + d = len + 1)%nat -> (d <= most)%nat ->
    star_of (ways text not_separator) most p c = map (fun j => (j, c)) (rev (List.seq p (S d))).
  Proof.
    induction d as [|d IH]; intros p most c E Le.
    - destruct most as [|most]; [reflexivity|]. cbn [star_of]. rewrite ways_except by lia. destruct (Nat.leb_spec p len); [lia|]. reflexivity.
    - destruct most as [|most]; [lia|]. cbn [star_of]. rewrite ways_except by lia. destruct (Nat.leb_spec p len); [|lia]. cbn [flat_map fst snd].
      destruct (Nat.leb_spec (S p) p); [lia|]. rewrite app_nil_r. change (List.seq p (S (S d))) with (p :: List.seq (S p) (S d)).
      cbn [rev]. rewrite map_app. f_equal. apply IH; lia.
  Qed.
  Lemma ways_star c : ways text (Star not_separator) 0 c = map (fun j => (j, c)) (rev (List.seq 0 (len + 2))).
  Proof.
    replace (len + 2)%nat with (S (len + 1)) by lia. rewrite ways_star_of. apply (star_is (len + 1)); [lia|]. rewrite length_prompt. lia.
  Qed.

  Definition capture_next : regex := Then (Group 0 (Then not_separator Nothing)) Nothing.
  Definition gram_then (qs : list Z) : regex := fold_right (fun q r => Then (One (Number q)) r) capture_next qs.
  Fixpoint occurs_at (qs : list Z) (p : nat) : bool :=
    match qs with [] => Nat.leb p len | q :: qs' => (if tok_eq_dec (T p) (Number q) then true else false) && occurs_at qs' (S p) end.
  Lemma ways_gram qs : forall p c, (p <= S len)%nat ->
    ways text (gram_then qs) p c = if occurs_at qs p then [(S (p + length qs), (0%nat, ((p + length qs)%nat, S (p + length qs))) :: c)] else [].
  Proof.
    induction qs as [|q qs IH]; intros p c Hp.
    - change (ways text (gram_then []) p c) with (flat_map (fun s => [(fst s, snd s)]) (ways text (Group 0 (Then not_separator Nothing)) p c)). rewrite ways_group by auto.
      cbn [occurs_at length]. rewrite Nat.add_0_r. destruct (Nat.leb p len); reflexivity.
    - change (ways text (gram_then (q :: qs)) p c) with (flat_map (fun s => ways text (gram_then qs) (fst s) (snd s)) (ways text (One (Number q)) p c)).
      rewrite ways_one by auto. cbn [occurs_at length]. destruct (tok_eq_dec (T p) (Number q)) as [E|]; [|reflexivity]. cbn [flat_map fst snd andb].
      assert (p <= len)%nat by (destruct (Nat.eq_dec p (S len)) as [D|]; [|lia]; rewrite D, <- Nat.add_1_r, at_separator in E; discriminate).
      rewrite app_nil_r, IH by lia. replace (S p + length qs)%nat with (p + S (length qs))%nat by lia. reflexivity.
  Qed.
  Lemma occurs_is qs : forall p, (p <= S len)%nat -> occurs_at qs p = true <-> (forall k, (k < length qs)%nat -> T (p + k) = Number (nth k qs 0)) /\ (p + length qs <= len)%nat.
  Proof.
    induction qs as [|q qs IH]; intros p Hp; cbn [occurs_at length].
    - rewrite Nat.leb_le, Nat.add_0_r. split; [intros H; split; [lia|exact H]|tauto].
    - rewrite andb_true_iff. destruct (tok_eq_dec (T p) (Number q)) as [E|N].
      + assert (p <= len)%nat by (destruct (Nat.eq_dec p (S len)) as [D|]; [|lia]; rewrite D, <- Nat.add_1_r, at_separator in E; discriminate).
        rewrite IH by lia. split.
        * intros (_ & A & B). split; [|lia]. intros [|k] Hk; [rewrite Nat.add_0_r; exact E|]. rewrite <- Nat.add_succ_comm. apply A. lia.
        * intros (A & B). split; [reflexivity|]. split; [|lia]. intros k Hk. rewrite Nat.add_succ_comm. apply (A (S k)). lia.
      + split; [intros (F & _); discriminate|]. intros (A & _). exfalso. apply N. specialize (A 0%nat ltac:(lia)). rewrite Nat.add_0_r in A. exact A.
  Qed.
  Lemma occurs_follows p : query <> [] -> (p <= S len)%nat -> occurs_at query p = true <-> exists place b, p = S place /\ follows xs query place b /\ T (p + length query) = Number b.
  Proof.
    intros Ne Hp. rewrite occurs_is by auto. split.
    - intros (A & B). destruct p as [|place].
      { specialize (A 0%nat). destruct query; [congruence|]. specialize (A ltac:(cbn; lia)). discriminate. }
      exists place, (nth (place + length query) xs 0). split; [reflexivity|]. split.
      + apply follows_nth. split; [lia|]. split; [|reflexivity]. intros k Hk. specialize (A k Hk). cbn [Nat.add] in A. rewrite at_letter in A by lia. congruence.
      + cbn [Nat.add]. apply at_letter. lia.
    - intros (place & b & -> & F & _). apply follows_nth in F. destruct F as (A & B & _). split; [|lia]. intros k Hk. cbn [Nat.add]. rewrite at_letter by lia. f_equal. auto.
  Qed.

  Lemma latest_of (P : nat -> bool) (g : nat -> nat * captures) (f : nat * captures -> list (nat * captures)) N :
    (forall j, (j < N)%nat -> f (j, []) = if P j then [g j] else []) ->
    let found_ := hd_error (map snd (flat_map f (map (fun j => (j, [])) (rev (List.seq 0 N))))) in
    (exists j, (j < N)%nat /\ P j = true /\ (forall j', (j < j' < N)%nat -> P j' = false) /\ found_ = Some (snd (g j))) \/
    (forall j, (j < N)%nat -> P j = false) /\ found_ = None.
  Proof.
    induction N as [|N IH]; intros F found_; [right; split; [lia|reflexivity]|]. subst found_. rewrite seq_S, rev_app_distr. cbn [rev app map flat_map Nat.add].
    rewrite F by lia. destruct (P N) eqn:E.
    - left. exists N. split; [lia|]. split; [exact E|]. split; [lia|reflexivity].
    - destruct IH as [(j & Hj & Pj & Lj & R)|(No & R)]; [intros; apply F; lia| |].
      + left. exists j. split; [lia|]. split; [exact Pj|]. split; [|exact R]. intros j' H. destruct (Nat.eq_dec j' N) as [->|]; [exact E|apply Lj; lia].
      + right. split; [|exact R]. intros j Hj. destruct (Nat.eq_dec j N) as [->|]; [exact E|apply No; lia].
  Qed.

  Lemma captured_one j b : (j <= len)%nat -> T j = b -> captured text 1 [(0%nat, (j, S j))] = [b].
  Proof.
    intros H <-. cbn [captured span Nat.eqb]. replace (S j - j)%nat with 1%nat by lia.
    assert (firstn 1 (skipn j text) = [T j]) as ->; [|reflexivity].
    pose proof (some_text j ltac:(lia)) as Hj. unfold at_. revert Hj. generalize text. intros w. revert w.
    induction j as [|j IH]; intros [|t w] Hj; cbn [length] in Hj; try lia; [reflexivity|]. cbn [skipn nth]. apply IH; lia.
  Qed.

  (** The latest occurrence that something follows. *)
  Theorem gram_found (L : language) (written : list tok) : query <> [] ->
    expression (signs_of L written) = Some (Then Begin (Then (Star not_separator) (gram_then query))) ->
    exists t, answer (c_gram (S (length query))) xs query t /\
      ((exists b, t = Number b /\ In b xs /\ found text L written = [Number b]) \/ t = none /\ found text L written = [Special (failed L)]).
  Proof.
    intros Ne P. unfold found. rewrite P, search_begin.
    change (ways text (Then (Star not_separator) (gram_then query)) 0 []) with (flat_map (fun s => ways text (gram_then query) (fst s) (snd s)) (ways text (Star not_separator) 0 [])).
    rewrite ways_star.
    pose proof (latest_of (occurs_at query) (fun j => (S (j + length query), [(0%nat, ((j + length query)%nat, S (j + length query)))]))
      (fun s => ways text (gram_then query) (fst s) (snd s)) (len + 2)) as R. cbv zeta in R.
    match goal with |- context [hd_error ?e] => set (h := hd_error e) end.
    lazymatch type of R with context [hd_error ?e] => change (hd_error e) with h in R end. clearbody h.
    destruct R as [(j & Hj & Oj & Lj & ->)|(No & ->)].
    - intros j Hj. cbn [fst snd]. apply ways_gram. lia.
    - cbn [snd map fst list_max fold_right Nat.max]. apply occurs_follows in Oj; [|exact Ne|lia]. destruct Oj as (place & b & -> & F & Eb).
      exists (Number b). split.
      + left. exists place, b. split; [exact F|]. split; [reflexivity|]. intros later b' F'. destruct (le_lt_dec later place) as [|G]; auto. exfalso.
        assert (later < len)%nat by (apply follows_nth in F'; lia).
        assert (occurs_at query (S later) = true) as O'.
        { apply occurs_follows; [exact Ne|lia|]. exists later, b'. split; [reflexivity|]. split; [exact F'|]. apply follows_nth in F'. destruct F' as (B & _ & ->). cbn [Nat.add]. apply at_letter. lia. }
        rewrite Lj in O' by lia. discriminate.
      + left. exists b. split; [reflexivity|]. assert (S place + length query <= len)%nat as Hl by (apply follows_nth in F; lia). split.
        * apply follows_nth in F. destruct F as (B & _ & ->). apply nth_In. lia.
        * rewrite (captured_one _ _ Hl Eb). reflexivity.
    - exists none. split; [|right; auto]. right. split; [|reflexivity]. intros place b F.
      assert (occurs_at query (S place) = true) as O.
      { assert (place < len)%nat by (apply follows_nth in F; lia). apply occurs_follows; [exact Ne|lia|]. exists place, b. split; [reflexivity|]. split; [exact F|].
        apply follows_nth in F. destruct F as (B & _ & ->). cbn [Nat.add]. apply at_letter. lia. }
      assert (place < len)%nat by (apply follows_nth in F; lia). rewrite No in O by lia. discriminate.
  Qed.

  (** The token at a position. *)
  Lemma ways_skip k : forall p c, (p + k <= S len)%nat -> ways text (Repeat not_separator k) p c = [((p + k)%nat, c)].
  Proof.
    induction k as [|k IH]; intros p c H; [rewrite Nat.add_0_r; reflexivity|].
    change (ways text (Repeat not_separator (S k)) p c) with (flat_map (fun s => ways text (Repeat not_separator k) (fst s) (snd s)) (ways text not_separator p c)).
    rewrite ways_except by lia. destruct (Nat.leb_spec p len); [|lia]. cbn [flat_map fst snd]. rewrite IH, app_nil_r, Nat.add_succ_comm by lia. reflexivity.
  Qed.
  Theorem place_found (L : language) (written : list tok) k : (k < len)%nat ->
    expression (signs_of L written) = Some (Then Begin (Then (One start) (Then (Repeat not_separator k) capture_next))) ->
    found text L written = [Number (nth k xs 0)].
  Proof.
    intros Hk P. unfold found. rewrite P, search_begin.
    change (ways text (Then (One start) (Then (Repeat not_separator k) capture_next)) 0 []) with
      (flat_map (fun s => flat_map (fun s => ways text capture_next (fst s) (snd s)) (ways text (Repeat not_separator k) (fst s) (snd s))) (ways text (One start) 0 [])).
    rewrite ways_one by lia. change (T 0) with start. destruct (tok_eq_dec start start); [|congruence]. cbn [flat_map fst snd].
    rewrite ways_skip by lia. cbn [flat_map fst snd Nat.add]. rewrite !app_nil_r.
    change capture_next with (gram_then []). rewrite ways_gram by lia. cbn [occurs_at]. destruct (Nat.leb_spec (S k) len); [|lia].
    cbn [length map hd_error snd fst list_max fold_right Nat.max]. rewrite Nat.add_0_r.
    rewrite (captured_one (S k) (Number (nth k xs 0))) by (try apply at_letter; lia). reflexivity.
  Qed.
End Find.

(** Grams by one search: what is left is what the network writes, for c - 1 numbers and what was found. *)
Theorem gram_by_search M N at_size L c :
  (forall n input t, 1 <= n -> input_ok (at_size n) M N input -> input <> [] -> net_next (at_size n) N input = Some t -> next QcN (at_size n) M input = t) ->
  (forall n, specials M = 8%nat /\ peval (at_size n) (low M) = 0 /\ peval (at_size n) (high M) = n /\ n + 2 * Z.of_nat c + 4 <= peval (at_size n) (context M)) ->
  answers M = None -> (opening L = 3 /\ closing L = 4 /\ failed L = 5)%nat ->
  (forall query, S (length query) = c ->
     expression (signs_of L (Special 6 :: map Number query ++ [Special 7])) = Some (Then Begin (Then (Star not_separator) (gram_then query)))) ->
  (forall n before query y t, S (length query) = c -> Forall (fun x => 0 <= x) query -> y = Special 5 /\ t = none \/ (exists b, 0 <= b /\ y = Number b /\ t = Number b) ->
     let asked := separator :: map Number query in let written := Special 3 :: Special 6 :: map Number query ++ [Special 7; Special 4] in
     net_writes (at_size n) N before asked written /\ net_next (at_size n) N (before ++ asked ++ written ++ [y]) = Some t) ->
  solves_by_searching M at_size L (c_gram c) (c + 5).
Proof.
  intros W V A (O & C & Fa) E H. apply (solves_once M N); auto.
  - intros n. destruct (V n) as (-> & Lo & Hi & _). repeat split; auto; lia.
  - rewrite O, C. destruct (V 0) as (-> & _). lia.
  - intros n xs query F Lg. destruct Lg as (Len & Ne & Asked). destruct (V n) as (Sp & _ & _ & Room).
    assert (1 <= n) as Hn by (destruct query; [congruence|inversion Asked; lia]).
    split; [exact Hn|]. split; [eapply Forall_impl; [|exact Asked]; cbv beta; lia|]. rewrite O, C, Sp.
    destruct (gram_found xs query L (Special 6 :: map Number query ++ [Special 7]) Ne (E query Len)) as (t & An & R). rewrite Len, Fa in *.
    assert (exists y, found (prompt xs query) L (Special 6 :: map Number query ++ [Special 7]) = [y] /\
      (y = Special 5 /\ t = none \/ (exists b, 0 <= b <= n /\ y = Number b /\ t = Number b))) as (y & Y & Ty).
    { destruct R as [(b & -> & Ib & ->)|(-> & ->)]; [|exists (Special 5); auto]. exists (Number b). split; [reflexivity|]. right. exists b. split; [|auto].
      destruct F as (_ & F). rewrite Forall_forall in F. specialize (F b Ib). lia. }
    exists (Special 6 :: map Number query ++ [Special 7]), y, t. split; [exact An|].
    split; [cbn [length]; rewrite app_length, map_length; cbn [length]; lia|]. split; [lia|]. split; [|split; [exact Y|]].
    + apply Forall_cons; [split; [lia|split; discriminate]|]. apply Forall_app. split; [|apply Forall_cons; [split; [lia|split; discriminate]|apply Forall_nil]].
      apply Forall_map. eapply Forall_impl; [|exact Asked]. cbv beta. intros k Hk. split; [lia|split; discriminate].
    + destruct (H n (start :: map Number xs) query y t Len) as (H1 & H2); [eapply Forall_impl; [|exact Asked]; cbv beta; lia|destruct Ty as [Ty|(b & Hb & Ty)]; [left; exact Ty|right; exists b; split; [lia|exact Ty]]|].
      split; [destruct Ty as [(-> & _)|(b & Hb & -> & _)]; lia|]. split; [destruct Ty as [(_ & ->)|(b & _ & _ & ->)]; split; discriminate|].
      cbn [app] in *. rewrite <- app_assoc in H2. cbn [app] in H2. rewrite <- !app_assoc. cbn [app]. split; assumption.
Qed.

(** [by_gram]: what is printed; then what the network writes for the numbers in variables 1, 2, ..., found or not. *)
Ltac by_gram wiring_ next_as_ at_size_ k :=
  apply (gram_by_search _ wiring_); [intros; apply next_as_; auto| |reflexivity|auto|intros query Len|intros n before query y t Len Natural Ty];
  [intros n; split; [reflexivity|split; [reflexivity|split; [apply (peval_size at_size_); reflexivity|]]]; lazymatch goal with |- _ <= peval _ ?p => change p with (size_poly ++ const k) end;
   rewrite peval_app, peval_size, peval_const by reflexivity; lia| |].
Ltac by_numbers query_ b signs_ next_ :=
  cbv zeta; cbn [map app]; repeat match goal with H : Forall _ (_ :: _) |- _ => inversion H; clear H; subst end;
  match goal with H : _ \/ _ |- _ => destruct H as [(-> & ->)|(b & Hb & -> & ->)] end;
  [ by_symbols query_ (Sp 1 :: signs_) ([Sp 3; Sp 6] ++ signs_ ++ [Sp 7; Sp 4]) (Sp 5) (Sp 2)
  | let l := eval cbn [app] in (query_ ++ [b]) in by_symbols l (Sp 1 :: signs_) ([Sp 3; Sp 6] ++ signs_ ++ [Sp 7; Sp 4]) (Nu next_) (Nu next_) ].

(** ** Counting: up to a token, so many times *)
Section Times.
  Variables (text rest : list tok) (q : tok).
  Hypothesis q_is_letter : q <> separator.
  Notation scan := (Star (Except [q; separator])).
  Notation after_ p us := (skipn p text = us ++ separator :: rest).
  Notation count := (count_occ tok_eq_dec).
  Lemma at_skip p u us : skipn p text = u :: us -> nth_error text p = Some u /\ skipn (S p) text = us.
  Proof.
    revert p. induction text as [|v w IH]; intros [|p] E; cbn [skipn nth_error] in *; try discriminate; [injection E as -> ->; auto|apply IH; exact E].
  Qed.
  Lemma skip_shorter p us : after_ p us -> (length us < length text)%nat.
  Proof. intros E. apply (f_equal (@length tok)) in E. rewrite skipn_length, app_length in E. cbn [length] in E. lia. Qed.
  Lemma ways_not_q p c u us : skipn p text = u :: us -> ways text (Except [q; separator]) p c = if in_dec tok_eq_dec u [q; separator] then [] else [(S p, c)].
  Proof. intros E. cbn [ways]. apply at_skip in E. destruct E as (-> & _). unfold is_in. destruct (in_dec tok_eq_dec u [q; separator]); reflexivity. Qed.
  (** What begins with q: only the first q that comes is a place for it. *)
  Variables (r : regex) (g : nat -> captures -> captures).
  Hypothesis begins_with_q : forall p c u us, skipn p text = u :: us -> ways text r p c = if tok_eq_dec u q then [(S p, g p c)] else [].
  Fixpoint upto (us : list tok) : option nat :=
    match us with [] => None | u :: us' => if tok_eq_dec u q then Some 0%nat else match upto us' with Some d => Some (S d) | None => None end end.
  Lemma ways_upto us : ~ In separator us -> forall most p c, (length us <= most)%nat -> after_ p us ->
    flat_map (fun s => ways text r (fst s) (snd s)) (star_of (ways text (Except [q; separator])) most p c) =
    match upto us with Some d => [(S (p + d), g (p + d)%nat c)] | None => [] end.
  Proof.
    induction us as [|u us IH]; intros No most p c Hm E.
    - assert (flat_map (fun s => ways text r (fst s) (snd s)) [(p, c)] = []) as End_.
      { cbn [flat_map fst snd]. rewrite (begins_with_q p c separator rest E), app_nil_r. destruct (tok_eq_dec separator q); [congruence|reflexivity]. }
      destruct most as [|most]; [exact End_|]. cbn [star_of]. rewrite (ways_not_q p c separator rest E).
      destruct (in_dec tok_eq_dec separator [q; separator]) as [|N]; [exact End_|exfalso; apply N; right; left; reflexivity].
    - destruct most as [|most]; [cbn [length] in Hm; lia|]. cbn [app] in E. cbn [star_of upto]. rewrite (ways_not_q p c u _ E), flat_map_app. cbn [flat_map fst snd].
      rewrite (begins_with_q p c u _ E), app_nil_r. destruct (in_dec tok_eq_dec u [q; separator]) as [[<-|[<-|[]]]|N].
      + destruct (tok_eq_dec q q); [|congruence]. cbn [flat_map app]. rewrite Nat.add_0_r. reflexivity.
      + exfalso. apply No. left. reflexivity.
      + destruct (tok_eq_dec u q) as [->|]; [exfalso; apply N; left; reflexivity|]. cbn [flat_map fst snd]. destruct (Nat.leb_spec (S p) p); [lia|]. rewrite !app_nil_r.
        rewrite IH; [|intros I; apply No; right; exact I|cbn [length] in Hm; lia|apply (at_skip _ _ _ E)].
        destruct (upto us) as [d|]; [|reflexivity]. rewrite <- Nat.add_succ_comm. reflexivity.
  Qed.
  Lemma ways_scan us p c : ~ In separator us -> after_ p us ->
    ways text (Then scan r) p c = match upto us with Some d => [(S (p + d), g (p + d)%nat c)] | None => [] end.
  Proof. intros No E. apply (ways_upto us No (S (length text))); [pose proof (skip_shorter _ _ E); lia|exact E]. Qed.
  Lemma upto_none us : upto us = None <-> count us q = 0%nat.
  Proof.
    induction us as [|u us IH]; cbn [upto count_occ]; [tauto|]. destruct (tok_eq_dec u q); [split; discriminate|].
    rewrite <- IH. destruct (upto us); split; congruence.
  Qed.
  Lemma upto_some us d : upto us = Some d -> exists us', us = firstn d us ++ q :: us' /\ length (firstn d us) = d /\ count us q = S (count us' q).
  Proof.
    revert d. induction us as [|u us IH]; intros d H; cbn [upto] in H; [discriminate|]. destruct (tok_eq_dec u q) as [->|N].
    - injection H as <-. exists us. cbn [firstn app length count_occ]. destruct (tok_eq_dec q q); [auto|congruence].
    - destruct (upto us) as [e|]; [|discriminate]. injection H as <-. destruct (IH e eq_refl) as (us' & E & Le & C). exists us'. cbn [firstn app length count_occ].
      destruct (tok_eq_dec u q); [congruence|]. repeat split; [f_equal; exact E|f_equal; exact Le|exact C].
  Qed.
  Lemma after_upto us p d : after_ p us -> upto us = Some d -> exists us', after_ (S (p + d)) us' /\ (forall t, In t us' -> In t us) /\ count us q = S (count us' q) /\ nth_error text (p + d) = Some q.
  Proof.
    intros E H. destruct (upto_some _ _ H) as (us' & Eu & Le & C). exists us'.
    assert (skipn (p + d) text = q :: us' ++ separator :: rest) as Es.
    { assert (skipn (p + d) text = skipn d (skipn p text)) as -> by (clear; revert p; induction text as [|v w IH]; intros [|p]; cbn [Nat.add skipn]; [reflexivity|destruct d; reflexivity|reflexivity|apply IH]).
      rewrite E, Eu, <- app_assoc. rewrite <- Le at 1. rewrite skipn_app, skipn_all, Nat.sub_diag. reflexivity. }
    destruct (at_skip _ _ _ Es) as (En & Es'). repeat split; [exact Es'| |exact C|exact En]. intros t I. rewrite Eu. apply in_or_app. right. right. exact I.
  Qed.
End Times.

Section Count.
  Variables (text rest us : list tok) (q : Z).
  Hypothesis text_is : text = us ++ separator :: rest.
  Hypothesis no_separator : ~ In separator us.
  Notation Q := (Number q).
  Notation count := (count_occ tok_eq_dec).
  Definition upto_next : regex := Then (Star (Except [Q; separator])) (Then (One Q) Nothing).
  Definition capture_q : regex := Then (Group 0 (Then (One Q) Nothing)) Nothing.
  Lemma one_q p c u vs : skipn p text = u :: vs -> ways text (Then (One Q) Nothing) p c = if tok_eq_dec u Q then [(S p, c)] else [].
  Proof. intros E. apply at_skip in E. destruct E as (E & _). cbn [ways]. rewrite E. destruct (tok_eq_dec u Q); reflexivity. Qed.
  Lemma group_q p c u vs : skipn p text = u :: vs -> ways text capture_q p c = if tok_eq_dec u Q then [(S p, (0%nat, (p, S p)) :: c)] else [].
  Proof. intros E. apply at_skip in E. destruct E as (E & _). unfold capture_q. cbn [ways]. rewrite E. destruct (tok_eq_dec u Q); reflexivity. Qed.
  Lemma ways_times t : forall p vs c, ~ In separator vs -> skipn p text = vs ++ separator :: rest ->
    ((t <= count vs Q)%nat -> exists p' vs', ways text (Repeat upto_next t) p c = [(p', c)] /\ skipn p' text = vs' ++ separator :: rest /\ ~ In separator vs' /\ count vs Q = (t + count vs' Q)%nat) /\
    ((count vs Q < t)%nat -> ways text (Repeat upto_next t) p c = []).
  Proof.
    induction t as [|t IH]; intros p vs c No E.
    - split; [|lia]. intros _. exists p, vs. auto.
    - change (ways text (Repeat upto_next (S t)) p c) with (flat_map (fun s => ways text (Repeat upto_next t) (fst s) (snd s)) (ways text upto_next p c)).
      unfold upto_next at 2 4. rewrite (ways_scan text rest Q ltac:(discriminate) (Then (One Q) Nothing) (fun _ c => c) one_q vs p c No E).
      destruct (upto Q vs) as [d|] eqn:U.
      + destruct (after_upto text rest Q vs p d E U) as (ws & Ew & Iw & C & _). cbn [flat_map fst snd]. rewrite app_nil_r.
        destruct (IH (S (p + d)) ws c (fun I => No (Iw _ I)) Ew) as (Enough & Few). rewrite C. split.
        * intros H. destruct (Enough ltac:(lia)) as (p' & vs' & A & B & D & F). exists p', vs'. repeat split; auto; lia.
        * intros H. apply Few. lia.
      + apply upto_none in U. rewrite U. split; [lia|reflexivity].
  Qed.
  Theorem count_found (L : language) (written : list tok) t :
    expression (signs_of L written) = Some (Then Begin (Then (Repeat upto_next t) (Then (Star (Except [Q; separator])) capture_q))) ->
    found text L written = if Nat.ltb t (count us Q) then [Q] else [Special (failed L)].
  Proof.
    intros P. unfold found. rewrite P, search_begin.
    change (ways text (Then (Repeat upto_next t) (Then (Star (Except [Q; separator])) capture_q)) 0 []) with
      (flat_map (fun s => ways text (Then (Star (Except [Q; separator])) capture_q) (fst s) (snd s)) (ways text (Repeat upto_next t) 0 [])).
    destruct (ways_times t 0 us [] no_separator text_is) as (Enough & Few). destruct (le_lt_dec t (count us Q)) as [G|G].
    - destruct (Enough G) as (p & vs & -> & E & No & C). cbn [flat_map fst snd]. rewrite app_nil_r.
      rewrite (ways_scan text rest Q ltac:(discriminate) capture_q (fun p c => (0%nat, (p, S p)) :: c) group_q vs p [] No E).
      destruct (upto Q vs) as [d|] eqn:U.
      + destruct (after_upto text rest Q vs p d E U) as (ws & _ & _ & C' & At). destruct (Nat.ltb_spec t (count us Q)); [|lia].
        cbn [map hd_error snd fst list_max fold_right Nat.max captured span Nat.eqb]. replace (S (p + d) - (p + d))%nat with 1%nat by lia.
        apply nth_error_split in At. destruct At as (l1 & l2 & -> & <-). rewrite skipn_app, skipn_all, Nat.sub_diag. reflexivity.
      + apply upto_none in U. destruct (Nat.ltb_spec t (count us Q)); [lia|reflexivity].
    - rewrite (Few G). destruct (Nat.ltb_spec t (count us Q)); [lia|reflexivity].
  Qed.
End Count.
