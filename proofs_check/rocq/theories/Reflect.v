(** D. A verified checker: a head of an exported model is compared with a gadget by computation. *)
From Coq Require Import ZArith List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets.
Import ListNotations.
Open Scope Z_scope.

(** Polynomials in entries' variables (E), coordinates at the query (X) and at the key (Y), and the key's position. *)
Inductive var := E (v : nat) | X (c : nat) | Y (c : nat) | J.
Definition var_eq_dec : forall a b : var, {a = b} + {a <> b}. Proof. decide equality; apply Nat.eq_dec. Defined.
Definition mono := list var.
Definition P := list (Z * mono).

Section Eval.
  Variable val : var -> Z.
  Definition ev_m (m : mono) : Z := fold_right (fun v acc => val v * acc) 1 m.
  Definition ev (p : P) : Z := fold_right (fun cm acc => fst cm * ev_m (snd cm) + acc) 0 p.
  Lemma ev_cons c m p : ev ((c, m) :: p) = c * ev_m m + ev p. Proof. reflexivity. Qed.
  Lemma ev_app p q : ev (p ++ q) = ev p + ev q.
  Proof. induction p as [|(c, m) p IH]; [reflexivity|]. cbn [app]. rewrite !ev_cons, IH. ring. Qed.
  Lemma ev_m_app m m' : ev_m (m ++ m') = ev_m m * ev_m m'.
  Proof.
    induction m as [|v m IH]; [cbn [app]; change (ev_m []) with 1; ring|].
    cbn [app]. change (val v * ev_m (m ++ m') = val v * ev_m m * ev_m m'). rewrite IH. ring.
  Qed.

  Definition neg (p : P) : P := map (fun cm => (- fst cm, snd cm)) p.
  Lemma ev_neg p : ev (neg p) = - ev p.
  Proof. induction p as [|(c, m) p IH]; [reflexivity|]. change (neg ((c, m) :: p)) with ((- c, m) :: neg p). rewrite !ev_cons, IH. ring. Qed.
  Definition mul1 (c : Z) (m : mono) (q : P) : P := map (fun dm => (c * fst dm, m ++ snd dm)) q.
  Definition pmul (p q : P) : P := flat_map (fun cm => mul1 (fst cm) (snd cm) q) p.
  Lemma ev_mul1 c m q : ev (mul1 c m q) = c * ev_m m * ev q.
  Proof.
    induction q as [|(d, m') q IH]; [change (0 = c * ev_m m * 0); ring|].
    change (mul1 c m ((d, m') :: q)) with ((c * d, m ++ m') :: mul1 c m q). rewrite !ev_cons, IH, ev_m_app. ring.
  Qed.
  Lemma ev_pmul p q : ev (pmul p q) = ev p * ev q.
  Proof.
    induction p as [|(c, m) p IH]; [reflexivity|]. change (pmul ((c, m) :: p) q) with (mul1 c m q ++ pmul p q).
    rewrite ev_app, ev_mul1, IH, ev_cons. ring.
  Qed.

  (** Squares of coordinates are replaced, flags are idempotent, monomials are sorted. *)
  Variables (square : nat -> option nat) (flag : nat -> bool).
  Hypothesis squares : forall c b, square c = Some b -> val (X c) = val (X b) * val (X b) /\ val (Y c) = val (Y b) * val (Y b).
  Hypothesis ones : val (X 0) = 1 /\ val (Y 0) = 1.          (* coordinate 0 is the constant *)
  Hypothesis flags : forall c, flag c = true -> val (X c) * val (X c) = val (X c) /\ val (Y c) * val (Y c) = val (Y c).
  Definition code (v : var) : nat := match v with E v => 4 * v | X c => 4 * c + 1 | Y c => 4 * c + 2 | J => 3 end.
  Definition idempotent (v : var) : bool := match v with X c | Y c => flag c | E _ => Nat.eqb 0 1 | J => false end.
  Definition expand (v : var) : mono :=
    match v with X 0 | Y 0 => [] | X c => match square c with Some b => [X b; X b] | None => [v] end
               | Y c => match square c with Some b => [Y b; Y b] | None => [v] end | _ => [v] end.
  Fixpoint insert (v : var) (m : mono) : mono :=
    match m with
    | [] => [v]
    | u :: m' => if var_eq_dec v u then if idempotent v then m else v :: m
                 else if Nat.leb (code v) (code u) then v :: m else u :: insert v m'
    end.
  Definition norm_m (m : mono) : mono := fold_right insert [] (flat_map expand m).

  Lemma ev_insert v m : ev_m (insert v m) = val v * ev_m m.
  Proof.
    induction m as [|u m IH]; [reflexivity|]. cbn [insert]. destruct (var_eq_dec v u) as [->|].
    - destruct (idempotent u) eqn:I; [|reflexivity]. cbn [ev_m fold_right]. fold (ev_m m).
      destruct u as [|c|c|]; cbn in I; try discriminate; destruct (flags c I) as (F & F'); rewrite Z.mul_assoc, ?F, ?F'; reflexivity.
    - destruct (Nat.leb _ _); [reflexivity|]. cbn [ev_m fold_right]. fold (ev_m (insert v m)) (ev_m m). rewrite IH. ring.
  Qed.
  Lemma ev_expand v : ev_m (expand v) = val v.
  Proof.
    destruct ones as (O & O'). destruct v as [v|[|c]|[|c]|]; cbn [expand]; try (unfold ev_m; cbn [fold_right]; rewrite ?O, ?O'; ring);
      destruct (square (S c)) as [b|] eqn:Q; unfold ev_m; cbn [fold_right]; try ring;
      destruct (squares (S c) b Q) as (A & B); rewrite ?A, ?B; ring.
  Qed.
  Lemma ev_norm_m m : ev_m (norm_m m) = ev_m m.
  Proof.
    unfold norm_m. assert (forall l, ev_m (fold_right insert [] l) = ev_m l) as H.
    { induction l as [|v l IH]; [reflexivity|]. cbn [fold_right]. rewrite ev_insert, IH. reflexivity. }
    rewrite H. induction m as [|v m IH]; [reflexivity|]. cbn [flat_map]. rewrite ev_m_app, ev_expand, IH. reflexivity.
  Qed.

  Fixpoint collect1 (c : Z) (m : mono) (p : P) : P :=
    match p with
    | [] => [(c, m)]
    | (d, m') :: p' => if list_eq_dec var_eq_dec m m' then (c + d, m') :: p' else (d, m') :: collect1 c m p'
    end.
  Definition collect (p : P) : P := fold_right (fun cm acc => collect1 (fst cm) (norm_m (snd cm)) acc) [] p.
  Lemma ev_collect1 c m p : ev (collect1 c m p) = c * ev_m m + ev p.
  Proof.
    induction p as [|(d, m') p IH]; [reflexivity|]. cbn [collect1]. destruct (list_eq_dec var_eq_dec m m') as [->|].
    - rewrite !ev_cons. ring.
    - rewrite !ev_cons, IH. ring.
  Qed.
  Lemma ev_collect p : ev (collect p) = ev p.
  Proof.
    induction p as [|(c, m) p IH]; [reflexivity|]. cbn [collect fold_right fst snd]. fold (collect p).
    rewrite ev_collect1, ev_norm_m, IH, ev_cons. reflexivity.
  Qed.
  Definition same_poly (p q : P) : bool := forallb (fun cm => fst cm =? 0) (collect (p ++ neg q)).
  Lemma same_poly_sound p q : same_poly p q = true -> ev p = ev q.
  Proof.
    intros H. assert (ev (collect (p ++ neg q)) = 0) as Z0.
    { unfold same_poly in H. rewrite forallb_forall in H. unfold ev. induction (collect (p ++ neg q)) as [|(c, m) l IH]; [reflexivity|].
      cbn [fold_right fst snd]. pose proof (H (c, m) (or_introl eq_refl)) as C. apply Z.eqb_eq in C. cbn in C. subst.
      rewrite IH; [reflexivity|]. intros x Hx. apply H. right. auto. }
    rewrite ev_collect, ev_app, ev_neg in Z0. lia.
  Qed.
End Eval.

(** Entries, rows and scores as such polynomials. *)
Definition of_mono (m : list (nat * nat)) : mono := flat_map (fun ve => repeat (E (fst ve)) (snd ve)) m.
Definition of_poly (p : poly) : P := map (fun cm => (fst cm, of_mono (snd cm))) p.
Definition of_row (at_ : nat -> var) (r : row) : P := flat_map (fun e => pmul (of_poly (snd e)) [(1, [at_ (fst e)])]) r.
Definition psum (l : list P) : P := concat l.
Definition of_score (h : head) : P :=
  psum (map (fun qk => pmul (of_row X (fst qk)) (of_row Y (snd qk))) (combine (query h) (key h))) ++ [(slope h, [J])].

Section Sound.
  Variables (rho : env) (xs : nat -> vec ZN) (i j : nat).
  Definition val (v : var) : Z := match v with E v => rho v | X c => xs i c | Y c => xs j c | J => Z.of_nat j end.
  Lemma ev_of_mono m : ev_m val (of_mono m) = peval_mono rho m.
  Proof.
    induction m as [|(v, e) m IH]; [reflexivity|]. unfold of_mono in *. cbn [flat_map fst snd]. rewrite ev_m_app, IH.
    cbn [peval_mono fold_right fst snd]. f_equal. induction e as [|e IHe]; [reflexivity|]. cbn [repeat power]. rewrite <- IHe. reflexivity.
  Qed.
  Lemma ev_of_poly p : ev val (of_poly p) = peval rho p.
  Proof.
    induction p as [|(c, m) p IH]; [reflexivity|]. change (of_poly ((c, m) :: p)) with ((c, of_mono m) :: of_poly p).
    rewrite ev_cons, IH, ev_of_mono. reflexivity.
  Qed.
  Lemma ev_of_row f k r : (forall c, val (f c) = xs k c) -> ev val (of_row f r) = times ZN rho r (xs k).
  Proof.
    intros H. induction r as [|(c, p) r IH]; [reflexivity|]. unfold of_row in *. cbn [flat_map fst snd].
    rewrite ev_app, ev_pmul, ev_of_poly, IH. unfold times. cbn [fold_right fst snd add mul of_Z ZN]. f_equal.
    unfold ev, ev_m. cbn [fold_right fst snd]. rewrite H. ring.
  Qed.
  Lemma ev_of_score h : ev val (of_score h) = score ZN rho h xs i j.
  Proof.
    unfold of_score, score. rewrite ev_app. cbn [add ZN of_Z]. f_equal; [|unfold ev, ev_m; cbn; ring].
    unfold psum, total. induction (combine (query h) (key h)) as [|(q, k) l IH]; [reflexivity|].
    cbn [map concat fold_right fst snd]. rewrite ev_app, ev_pmul, IH. cbn [add mul ZN]. f_equal.
    f_equal; [apply (ev_of_row X i)|apply (ev_of_row Y j)]; reflexivity.
  Qed.
End Sound.

(** The gadget as data: scale, pairs (key row, query row), what is excluded, the flag of the first position. *)
Record latest_gadget := { g_scale : nat; g_where : list (row * row); g_excluded : row; g_start : row }.
Definition target (g : latest_gadget) : P :=
  let k r := of_row Y r in let q r := of_row X r in
  let sum f := psum (map f (g_where g)) in
  let s := [(1, [E (g_scale g)])] in
  pmul (pmul [(2, [])] s) (pmul [(2, [])] (sum (fun kq => pmul (q (snd kq)) (k (fst kq)))) ++ neg (sum (fun kq => pmul (k (fst kq)) (k (fst kq)))) ++ neg (k (g_excluded g)))
  ++ pmul (pmul s (pmul [(2, [])] (sum (fun kq => pmul (q (snd kq)) (q (snd kq)))) ++ [(-1, [])])) (k (g_start g)) ++ [(1, [J])].
Definition g_keys rho (g : latest_gadget) (xs : nat -> vec ZN) (j : nat) : list Z := map (fun kq => times ZN rho (fst kq) (xs j)) (g_where g).
Definition g_queries rho (g : latest_gadget) (xs : nat -> vec ZN) (i : nat) : list Z := map (fun kq => times ZN rho (snd kq) (xs i)) (g_where g).

Definition check_latest square flag (h : head) (g : latest_gadget) : bool := same_poly square flag (of_score h) (target g).

Theorem check_latest_sound rho square flag h g (xs : nat -> vec ZN) i :
  check_latest square flag h g = true ->
  (forall j, (j <= i)%nat -> xs j 0%nat = 1) ->
  (forall j c b, (j <= i)%nat -> square c = Some b -> xs j c = xs j b * xs j b) ->
  (forall j c, (j <= i)%nat -> flag c = true -> xs j c * xs j c = xs j c) ->
  (forall j, (j <= i)%nat -> times ZN rho (g_start g) (xs j) = start j) ->
  (forall j, (j <= i)%nat -> 0 <= times ZN rho (g_excluded g) (xs j)) ->
  times ZN rho (g_excluded g) (xs 0%nat) = 0 -> Forall (fun x => x = 0) (g_keys rho g xs 0) ->
  Z.of_nat i < rho (g_scale g) ->
  picks ZN rho h xs i = [latest_pick (g_queries rho g xs i) (g_keys rho g xs) (fun j => times ZN rho (g_excluded g) (xs j)) i].
Proof.
  intros C One Sq Fl St Pen E0 K0 Big. apply picks_best.
  apply best_ext with (default_score (rho (g_scale g)) (g_queries rho g xs i) (g_keys rho g xs) (fun j => times ZN rho (g_excluded g) (xs j)) Z.of_nat).
  - intros j Hj. rewrite <- ev_of_score.
    rewrite (same_poly_sound (val rho xs i j) square flag) with (q := target g); [|intros; split; apply Sq; auto|split; apply One; auto|intros; split; apply Fl; auto|exact C].
    unfold default_score. rewrite <- (St j Hj). unfold target. cbv zeta.
    rewrite !ev_app, !ev_pmul, !ev_app, !ev_pmul, !ev_neg.
    rewrite !(ev_of_row rho xs i j Y j) by reflexivity.
    assert (forall f, ev (val rho xs i j) (psum (map f (g_where g))) = fold_right Z.add 0 (map (fun kq => ev (val rho xs i j) (f kq)) (g_where g))) as Sum.
    { intros f. induction (g_where g) as [|a l IH]; [reflexivity|]. unfold psum in *. cbn [map concat fold_right]. rewrite ev_app, IH. reflexivity. }
    rewrite !Sum.
    assert (fold_right Z.add 0 (map (fun kq => ev (val rho xs i j) (pmul (of_row X (snd kq)) (of_row Y (fst kq)))) (g_where g))
            = dot (g_queries rho g xs i) (g_keys rho g xs j)) as ->.
    { clear Sum. unfold g_queries, g_keys. induction (g_where g) as [|a l IH]; [reflexivity|]. cbn [map fold_right dot]. rewrite IH, ev_pmul.
      rewrite (ev_of_row rho xs i j X i), (ev_of_row rho xs i j Y j) by reflexivity. reflexivity. }
    assert (fold_right Z.add 0 (map (fun kq => ev (val rho xs i j) (pmul (of_row Y (fst kq)) (of_row Y (fst kq)))) (g_where g))
            = norm2 (g_keys rho g xs j)) as ->.
    { clear Sum. unfold g_keys, norm2. induction (g_where g) as [|a l IH]; [reflexivity|]. cbn [map fold_right dot]. rewrite IH, ev_pmul.
      rewrite !(ev_of_row rho xs i j Y j) by reflexivity. reflexivity. }
    assert (fold_right Z.add 0 (map (fun kq => ev (val rho xs i j) (pmul (of_row X (snd kq)) (of_row X (snd kq)))) (g_where g))
            = norm2 (g_queries rho g xs i)) as ->.
    { clear Sum. unfold g_queries, norm2. induction (g_where g) as [|a l IH]; [reflexivity|]. cbn [map fold_right dot]. rewrite IH, ev_pmul.
      rewrite !(ev_of_row rho xs i j X i) by reflexivity. reflexivity. }
    change (ev (val rho xs i j) [(2, [])]) with 2. change (ev (val rho xs i j) [(-1, [])]) with (-1).
    replace (ev (val rho xs i j) [(1, [E (g_scale g)])]) with (rho (g_scale g)) by (unfold ev, ev_m; cbn [fold_right fst snd val]; ring).
    replace (ev (val rho xs i j) [(1, [J])]) with (Z.of_nat j) by (unfold ev, ev_m; cbn [fold_right fst snd val]; ring).
    ring.
  - apply latest_pick_best; auto; [intros; unfold g_queries, g_keys; rewrite !map_length; reflexivity|intros; lia|intros; lia].
Qed.
