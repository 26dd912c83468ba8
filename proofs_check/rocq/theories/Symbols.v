(** What a recurrent network writes after its last few tokens, computed for all numbers at once: values are linear forms
    in variables that are not negative. *)
From Coq Require Import ZArith List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Network NetCheck NetSound NetModel NetTop NetFull.
Import ListNotations.
Open Scope Z_scope.

(** ** Linear forms: the coefficients of variables 0, 1, ...; variable 0 is the constant 1. *)
Definition form := list Z.
Fixpoint add_forms (a b : form) : form :=
  match a, b with [], _ => b | _, [] => a | x :: a', y :: b' => (x + y) :: add_forms a' b' end.
Definition times_form (k : Z) (a : form) : form := map (Z.mul k) a.
Definition all_zero (a : form) : bool := forallb (Z.eqb 0) a.
Definition not_negative (a : form) : bool := forallb (Z.leb 0) a.
Definition positive (a : form) : bool := match a with [] => false | x :: a' => (0 <? x) && not_negative a' end.
Definition constant (a : form) : option Z := match a with [] => Some 0 | x :: a' => if all_zero a' then Some x else None end.

(** What is known of a number, and of a boolean. *)
Definition add_known (a b : option form) : option form := match a, b with Some f, Some g => Some (add_forms f g) | _, _ => None end.
Definition times_known (k : Z) (a : option form) : option form := option_map (times_form k) a.
Definition mul_known (a b : option form) : option form :=
  match a with Some f => match constant f with Some 0 => Some [] | Some k => times_known k b | None => None end | None => None end.
Definition max_known (a : option form) : option form :=
  match a with Some f => if not_negative f then Some f else if not_negative (times_form (-1) f) then Some [] else None | None => None end.
Definition is_zero (a : option form) : option bool :=
  match a with Some f => if all_zero f then Some true else if positive f || positive (times_form (-1) f) then Some false else None | None => None end.
Definition is_least (a : option form) : option bool :=
  match a with Some f => if not_negative f then Some true else if positive (times_form (-1) f) then Some false else None | None => None end.
Definition is_one_known (a : option form) : option bool := is_zero (add_known a (Some [-1])).
Definition and_known (a b : option bool) : option bool :=
  match a, b with Some false, _ | _, Some false => Some false | Some true, Some true => Some true | _, _ => None end.
Definition flag_known (a : option bool) : option form := option_map (fun b : bool => if b then [1] else []) a.

(** ** Gadgets. [sizes] says what the variables of polynomials are. *)
Inductive sign_ := Sp (s : nat) | Nu (f : form).
Section Known.
  Variable sizes : nat -> option form.
  Definition mono_known (m : list (nat * nat)) : option form :=
    match m with [] => Some [1] | [(x, 1%nat)] => sizes x | _ => None end.
  Definition poly_known (p : poly) : option form := fold_right (fun cm acc => add_known (times_known (fst cm) (mono_known (snd cm))) acc) (Some []) p.
  Definition lin_known (r : row) (x : list (option form)) : option form :=
    fold_right (fun e acc => add_known (match nth (fst e) x None with Some g => match constant g with
      | Some k => times_known k (poly_known (snd e)) | None => mul_known (poly_known (snd e)) (Some g) end | None => None end) acc) (Some []) r.
  Section Gate.
    Variable v : row -> option form.
    Fixpoint first_known (l : list (row * row)) (otherwise : row) : option form :=
      match l with [] => v otherwise | (f, a) :: l' => match is_one_known (v f) with Some true => v a | Some false => first_known l' otherwise | None => None end end.
    Definition all_known (fs : list row) : option bool := fold_right (fun f acc => and_known (is_one_known (v f)) acc) (Some true) fs.
    Definition minus_known (a b : option form) : option form := add_known a (times_known (-1) b).
    Definition gate_known (g : gate) : option form :=
      match g with
      | Equal d => flag_known (is_zero (v d))
      | AtLeast d => flag_known (is_least (v d))
      | All fs => flag_known (all_known fs)
      | Cases l o => first_known l o
      | Product f a => mul_known (max_known (v f)) (v a)
      | Square a => mul_known (v a) (v a)
      | Clamp a lo hi => minus_known (add_known (v lo) (max_known (minus_known (v a) (v lo))))
                           (match hi with Some h => max_known (minus_known (v a) (v h)) | None => Some [] end)
      | Beyond a lo hi => add_known (max_known (minus_known (v a) (v hi))) (max_known (minus_known (v lo) (v a)))
      | OneOf l => fold_right (fun ga acc => add_known (mul_known (max_known (v (fst ga))) (v (snd ga))) acc) (Some []) l
      end.
  End Gate.
  Definition feature_known (t : sign_) (f : feature) : option form :=
    match f_position f with
    | (0, 0) => match t, f_number f with
      | Nu g, (a, b, 0) => Some (add_forms [a] (times_form b g))
      | Sp s, _ => poly_known (column s (f_special f))
      | _, _ => None end
    | _ => None end.

  Variables (N : network) (tail_ : nat -> option form).              (* what the cells held before the tokens *)
  (** Tokens are given with the last first. *)
  Fixpoint cell_known (l : list cell) (rs : list sign_) (k : nat) : option form :=
    match rs with
    | [] => tail_ k
    | t :: rs' => add_known (fold_right (fun jf acc => add_known (times_known (snd jf) (cell_known l rs' (fst jf))) acc) (Some []) (before (nth k l no_cell)))
                            (lin_known (reads_ (nth k l no_cell)) (map (feature_known t) (features N)))
    end.
  Definition width_ : nat := S (Nat.max (length (features N)) (list_max (flat_map stage_keys (stages N)))).
  Definition first_stage (l : list cell) (rs : list sign_) : list (option form) :=
    map (fun c => match shown_at l 0 c with Some k => cell_known l rs k
                  | None => match rs with [] => None | t :: _ => nth c (map (feature_known t) (features N)) None end end) (seq 0 width_).
  Definition gates_known (l : list (nat * gate)) (x : list (option form)) : list (option form) :=
    map (fun c => match assoc c l with Some g => gate_known (fun r => lin_known r x) g | None => nth c x None end) (seq 0 width_).
  Fixpoint rest_known (ss : list stage) (x : list (option form)) : option (list (option form)) :=
    match ss with [] => Some x | Gates l :: ss' => rest_known ss' (gates_known l x) | _ => None end.
  Fixpoint constants (l : list (option form)) : option (list Z) :=
    match l with [] => Some [] | Some f :: l' => match constant f, constants l' with Some k, Some ks => Some (k :: ks) | _, _ => None end | None :: _ => None end.
  Fixpoint decide_known (x : list (option form)) (l : list output) : option sign_ :=
    match l with
    | [] => None
    | o :: l' => match all_known (fun r => lin_known r x) (o_when o) with
      | Some true => match o_what o with
        | Token s => Some (Sp s)
        | Value r => option_map Nu (lin_known r x)
        | Choice places values =>
          match constants (map (fun r => lin_known r x) values) with Some vs => option_map Sp (place_of places vs) | None => None end
        end
      | Some false => decide_known x l'
      | None => None
      end
    end.
  Definition next_known (rs : list sign_) : option sign_ :=
    match stages N with
    | Cells l :: ss => match rest_known ss (first_stage l rs) with Some x => decide_known x (outputs N) | None => None end
    | _ => None
    end.
End Known.

(** ** What is known is so. *)
Section Sound.
  Variable v : nat -> Z.
  Hypothesis one : v 0%nat = 1.
  Hypothesis natural : forall k, 0 <= v k.
  Fixpoint ev (k : nat) (a : form) : Z := match a with [] => 0 | x :: a' => x * v k + ev (S k) a' end.
  Definition value (a : form) : Z := ev 0 a.
  Definition token_ (t : sign_) : tok := match t with Sp s => Special s | Nu f => Number (value f) end.
  Definition means (o : option form) (z : Z) : Prop := forall f, o = Some f -> z = value f.
  Definition tells (o : option bool) (b : bool) : Prop := forall c, o = Some c -> b = c.

  Lemma ev_add a : forall b k, ev k (add_forms a b) = ev k a + ev k b.
  Proof. induction a as [|x a IH]; intros [|y b] k; cbn [add_forms ev]; try lia. rewrite IH. ring. Qed.
  Lemma ev_times z a : forall k, ev k (times_form z a) = z * ev k a.
  Proof. induction a as [|x a IH]; intros k; cbn [times_form map ev]; [ring|]. unfold times_form in IH. rewrite IH. ring. Qed.
  Lemma ev_zero a : all_zero a = true -> forall k, ev k a = 0.
  Proof.
    induction a as [|x a IH]; intros H k; [reflexivity|]. cbn [all_zero forallb] in H. apply andb_prop in H. destruct H as (E & H). apply Z.eqb_eq in E. subst x.
    cbn [ev]. rewrite (IH H). ring.
  Qed.
  Lemma ev_natural a : not_negative a = true -> forall k, 0 <= ev k a.
  Proof.
    induction a as [|x a IH]; intros H k; [reflexivity|]. cbn [not_negative forallb] in H. apply andb_prop in H. destruct H as (E & H). apply Z.leb_le in E.
    cbn [ev]. pose proof (IH H (S k)). pose proof (natural k). nia.
  Qed.
  Lemma positive_value a : positive a = true -> 0 < value a.
  Proof.
    destruct a as [|x a]; [discriminate|]. cbn [positive]. intros H. apply andb_prop in H. destruct H as (E & H). apply Z.ltb_lt in E.
    unfold value. cbn [ev]. rewrite one. pose proof (ev_natural a H 1). lia.
  Qed.
  Lemma constant_value a k : constant a = Some k -> value a = k.
  Proof.
    destruct a as [|x a]; cbn [constant]; intros H; [injection H as <-; reflexivity|]. destruct (all_zero a) eqn:Z; [|discriminate]. injection H as <-.
    unfold value. cbn [ev]. rewrite one, (ev_zero a Z). ring.
  Qed.
  Lemma means_some f : means (Some f) (value f). Proof. intros g E. injection E as <-. reflexivity. Qed.
  Lemma means_none z : means None z. Proof. intros g E. discriminate. Qed.
  Lemma means_nil : means (Some []) 0. Proof. apply means_some. Qed.
  Lemma means_add a b x y : means a x -> means b y -> means (add_known a b) (x + y).
  Proof. intros A B f E. destruct a as [a|], b as [b|]; try discriminate. injection E as <-. unfold value. rewrite ev_add. rewrite (A a eq_refl), (B b eq_refl). reflexivity. Qed.
  Lemma means_times k a x : means a x -> means (times_known k a) (k * x).
  Proof. intros A f E. destruct a as [a|]; [|discriminate]. injection E as <-. unfold value. rewrite ev_times, (A a eq_refl). reflexivity. Qed.
  Lemma means_minus a b x y : means a x -> means b y -> means (minus_known a b) (x - y).
  Proof. intros A B. replace (x - y) with (x + -1 * y) by ring. apply means_add, means_times; auto. Qed.
  Lemma means_mul a b x y : means a x -> means b y -> means (mul_known a b) (x * y).
  Proof.
    intros A B f E. unfold mul_known in E. destruct a as [a|]; [|discriminate]. destruct (constant a) as [k|] eqn:K; [|discriminate].
    pose proof (A a eq_refl) as Ea. rewrite (constant_value a k K) in Ea. subst x. destruct k; [injection E as <-; reflexivity| |]; apply (means_times _ _ _ B f E).
  Qed.
  Lemma means_max a x : means a x -> means (max_known a) (Z.max x 0).
  Proof.
    intros A f E. destruct a as [a|]; [|discriminate]. cbn [max_known] in E. rewrite (A a eq_refl). unfold value.
    destruct (not_negative a) eqn:P; [injection E as <-; pose proof (ev_natural a P 0); lia|].
    destruct (not_negative (times_form (-1) a)) eqn:Q; [|discriminate]. injection E as <-. pose proof (ev_natural _ Q 0) as G. rewrite ev_times in G. cbn [ev]. lia.
  Qed.
  Lemma tells_zero a x : means a x -> tells (is_zero a) (x =? 0).
  Proof.
    intros A c E. destruct a as [a|]; [|discriminate]. cbn [is_zero] in E. rewrite (A a eq_refl). destruct (all_zero a) eqn:Z0.
    - injection E as <-. unfold value. rewrite (ev_zero a Z0). reflexivity.
    - destruct (positive a) eqn:P; [injection E as <-; apply positive_value in P; apply Z.eqb_neq; lia|].
      destruct (positive (times_form (-1) a)) eqn:Q; [|discriminate]. injection E as <-. apply positive_value in Q. unfold value in *. rewrite ev_times in Q. apply Z.eqb_neq. lia.
  Qed.
  Lemma tells_least a x : means a x -> tells (is_least a) (0 <=? x).
  Proof.
    intros A c E. destruct a as [a|]; [|discriminate]. cbn [is_least] in E. rewrite (A a eq_refl). destruct (not_negative a) eqn:P.
    - injection E as <-. apply Z.leb_le, ev_natural. exact P.
    - destruct (positive (times_form (-1) a)) eqn:Q; [|discriminate]. injection E as <-. apply positive_value in Q. unfold value in *. rewrite ev_times in Q. apply Z.leb_gt. lia.
  Qed.
  Lemma tells_one a x : means a x -> tells (is_one_known a) (x =? 1).
  Proof.
    intros A. replace (x =? 1) with (x + -1 =? 0) by (destruct (Z.eqb_spec x 1), (Z.eqb_spec (x + -1) 0); lia). apply tells_zero, means_add; [exact A|].
    intros f E. injection E as <-. unfold value. cbn [ev]. rewrite one. reflexivity.
  Qed.
  Lemma means_flag a b : tells a b -> means (flag_known a) (if b then 1 else 0).
  Proof. intros T f E. destruct a as [c|]; [|discriminate]. rewrite (T c eq_refl). injection E as <-. destruct c; [unfold value; cbn [ev]; rewrite one|]; reflexivity. Qed.

  Variables (sizes : nat -> option form) (rho : env).
  Hypothesis sizes_are : forall x, means (sizes x) (rho x).
  Lemma means_mono m : means (mono_known sizes m) (peval_mono rho m).
  Proof.
    intros f E. destruct m as [|(x, e) m]; [injection E as <-; unfold value; cbn; rewrite one; reflexivity|].
    destruct e as [|[|e]], m as [|]; try discriminate. cbn [mono_known] in E. unfold peval_mono. cbn [fold_right fst snd power].
    rewrite (sizes_are x f E). ring.
  Qed.
  Lemma means_poly p : means (poly_known sizes p) (peval rho p).
  Proof. induction p as [|cm p IH]; [apply means_nil|]. cbn [poly_known fold_right]. apply means_add; [apply means_times, means_mono|exact IH]. Qed.

  Definition agrees (l : list (option form)) (x : nat -> Z) : Prop := forall c, means (nth c l None) (x c).
  Lemma means_lin r l x : agrees l x -> means (lin_known sizes r l) (lin rho r x).
  Proof.
    intros A. induction r as [|(c, p) r IH]; [apply means_nil|]. cbn [lin_known fold_right fst snd]. rewrite lin_cons. apply means_add; [|exact IH].
    pose proof (A c) as Ac. destruct (nth c l None) as [g|]; [|apply means_none]. destruct (constant g) as [k|] eqn:K.
    - rewrite (Ac g eq_refl), (constant_value g k K), Z.mul_comm. apply means_times, means_poly.
    - apply means_mul; [apply means_poly|exact Ac].
  Qed.

  Section Gate.
    Variables (u : row -> option form) (w : row -> Z).
    Hypothesis known : forall r, means (u r) (w r).
    Lemma tells_all fs : tells (all_known u fs) (forallb (fun f => w f =? 1) fs).
    Proof.
      induction fs as [|f fs IH]; intros c E; [injection E as <-; reflexivity|]. cbn [all_known fold_right forallb] in *. pose proof (tells_one _ _ (known f)) as O.
      change (fold_right _ _ fs) with (all_known u fs) in E. destruct (is_one_known (u f)) as [[]|]; destruct (all_known u fs) as [[]|]; cbn [and_known] in E; try discriminate; injection E as <-;
        try rewrite (O _ eq_refl); try rewrite (IH _ eq_refl); try reflexivity; apply andb_false_r.
    Qed.
    Lemma means_first l o : means (first_known u l o) (first_of w l o).
    Proof.
      induction l as [|(f, a) l IH]; [apply known|]. cbn [first_known first_of]. pose proof (tells_one _ _ (known f)) as O.
      destruct (is_one_known (u f)) as [[]|]; [rewrite (O _ eq_refl); apply known|rewrite (O _ eq_refl); exact IH|apply means_none].
    Qed.
    Lemma means_gate g : means (gate_known u g) (gate_sem w g).
    Proof.
      destruct g as [d|d|fs|l o|f a|a|a lo hi|a lo hi|l]; cbn [gate_known gate_sem].
      - apply means_flag, tells_zero, known.
      - apply means_flag, tells_least, known.
      - apply means_flag, tells_all.
      - apply means_first.
      - apply means_mul; [apply means_max|]; apply known.
      - apply means_mul; apply known.
      - apply means_minus; [apply means_add; [apply known|apply means_max, means_minus; apply known]|]. destruct hi as [h|]; [apply means_max, means_minus; apply known|apply means_nil].
      - apply means_add; apply means_max, means_minus; apply known.
      - induction l as [|ga l IH]; [apply means_nil|]. cbn [fold_right map sum]. apply means_add; [apply means_mul; [apply means_max|]; apply known|exact IH].
    Qed.
  End Gate.

  Lemma means_feature t f i : means (feature_known sizes t f) (feature_sem rho f (token_ t) i).
  Proof.
    unfold feature_known, feature_sem. destruct (f_position f) as (p, q). destruct p; try apply means_none. destruct q; try apply means_none. cbn [fst snd].
    destruct t as [s|g]; cbn [token_].
    - replace (0 * i + 0 * (i * i)) with 0 by ring. rewrite Z.add_0_r, column_is. destruct (f_number f) as ((a, b), c). apply means_poly.
    - destruct (f_number f) as ((a, b), c). destruct c; try apply means_none. intros h E. assert (h = add_forms [a] (times_form b g)) as -> by congruence. unfold value. rewrite ev_add, ev_times. cbn [ev]. rewrite one. ring.
  Qed.

  Variables (N : network) (tail_ : nat -> option form) (before_ : list tok).
  Notation P := (length before_).
  Variable cells : list cell.
  Variable rest : list stage.
  Hypothesis stages_are : stages N = Cells cells :: rest.
  Section Text.
    Variable w : list tok.
    Notation x0 := (embedding rho (features N) w).
    (** What a cell holds before a position is read. *)
    Definition held (t k : nat) : Z := match t with O => 0 | S t' => cell_sem rho cells x0 t' k end.
    Lemma cell_step t k : cell_sem rho cells x0 t k = sum (map (fun jf => snd jf * held t (fst jf)) (before (nth k cells no_cell))) + lin rho (reads_ (nth k cells no_cell)) (x0 t).
    Proof.
      destruct t as [|t]; [|reflexivity]. cbn [cell_sem]. assert (sum (map (fun jf => snd jf * held 0 (fst jf)) (before (nth k cells no_cell))) = 0) as ->; [|lia].
      induction (before (nth k cells no_cell)) as [|jf l IH]; [reflexivity|]. cbn [map held]. cbn [held] in IH. unfold sum in *. cbn [fold_right]. rewrite IH. ring.
    Qed.
    Hypothesis tail_is : forall k, means (tail_ k) (held P k).
    Fixpoint stands (rs : list sign_) : Prop := match rs with [] => True | t :: rs' => nth (P + length rs') w (Special 0) = token_ t /\ stands rs' end.
    Lemma means_embedding t rs : stands (t :: rs) -> agrees (map (feature_known sizes t) (features N)) (x0 (P + length rs)%nat).
    Proof.
      intros (E & _) c. unfold embedding. rewrite E. destruct (Nat.ltb_spec c (length (features N))) as [H|H].
      - rewrite (nth_indep _ None (feature_known sizes t no_feature)) by (rewrite map_length; exact H). rewrite map_nth. apply means_feature.
      - rewrite nth_overflow by (rewrite map_length; exact H). apply means_none.
    Qed.
    Lemma means_cell rs : stands rs -> forall k, means (cell_known sizes N tail_ cells rs k) (held (P + length rs) k).
    Proof.
      induction rs as [|t rs IH]; intros St k; [rewrite Nat.add_0_r; apply tail_is|]. cbn [length]. rewrite Nat.add_succ_r. cbn [held cell_known]. rewrite cell_step.
      apply means_add; [|apply means_lin, means_embedding; exact St]. destruct St as (_ & St). specialize (IH St). induction (before (nth k cells no_cell)) as [|jf l IHl]; [apply means_nil|].
      cbn [fold_right map sum]. apply means_add; [apply means_times, IH|exact IHl].
    Qed.
    Lemma agrees_map (f : nat -> option form) (x : nat -> Z) n : (forall c, means (f c) (x c)) -> agrees (map f (seq 0 n)) x.
    Proof.
      intros H c. destruct (Nat.ltb_spec c n) as [L|L].
      - rewrite (nth_indep _ None (f 0%nat)) by (rewrite map_length, seq_length; exact L). rewrite map_nth, seq_nth by exact L. apply H.
      - rewrite nth_overflow by (rewrite map_length, seq_length; exact L). apply means_none.
    Qed.
    Lemma means_first_stage t rs : stands (t :: rs) -> agrees (first_stage sizes N tail_ cells (t :: rs)) (stage_sem rho (Cells cells) x0 (P + length rs)%nat).
    Proof.
      intros St. apply agrees_map. intros c. cbn [stage_sem]. destruct (shown_at cells 0 c) as [k|].
      - pose proof (means_cell _ St k) as C. cbn [length] in C. rewrite Nat.add_succ_r in C. exact C.
      - apply means_embedding. exact St.
    Qed.
    Lemma means_rest i ss : forall l x y, agrees l (x i) -> rest_known sizes N ss l = Some y -> agrees y (run_stages rho ss x i).
    Proof.
      induction ss as [|s ss IH]; intros l x y A E; [injection E as <-; exact A|]. destruct s as [|g| |]; try discriminate. cbn [rest_known] in E.
      apply (IH (gates_known sizes N g l) (stage_sem rho (Gates g) x) y); [|exact E]. apply agrees_map. intros c. cbn [stage_sem]. destruct (assoc c g) as [h|]; [|apply A].
      apply means_gate. intros r. apply means_lin. exact A.
    Qed.
  End Text.
  Lemma tells_decide l x os t : agrees l x -> decide_known sizes l os = Some t -> decide rho x os = Some (token_ t).
  Proof.
    intros A. induction os as [|o os IH]; [discriminate|]. cbn [decide_known decide]. unfold applies. pose proof (tells_all _ _ (fun r => means_lin r l x A) (o_when o)) as T.
    destruct (all_known _ (o_when o)) as [[]|]; [rewrite (T _ eq_refl)|rewrite (T _ eq_refl); exact IH|discriminate]. unfold names. destruct (o_what o) as [s|r|places values]; intros E.
    - injection E as <-. reflexivity.
    - pose proof (means_lin r l x A) as M. destruct (lin_known sizes r l) as [f|]; [|discriminate]. injection E as <-. cbn [token_]. rewrite (M f eq_refl). reflexivity.
    - destruct (constants (map (fun r => lin_known sizes r l) values)) as [vs|] eqn:V; [|discriminate].
      assert (map (fun r => lin rho r x) values = vs) as ->.
      { clear E. revert vs V. induction values as [|r values IHv]; intros vs V; [injection V as <-; reflexivity|]. cbn [constants map] in *. pose proof (means_lin r l x A) as M.
        destruct (lin_known sizes r l) as [f|]; [|discriminate]. destruct (constant f) as [k|] eqn:K; [|discriminate]. destruct (constants _) as [ks|]; [|discriminate].
        injection V as <-. rewrite (M f eq_refl), (constant_value f k K), (IHv ks eq_refl). reflexivity. }
      destruct (place_of places vs) as [s|]; [|discriminate]. injection E as <-. reflexivity.
  Qed.
  Theorem next_is rs t : rs <> [] -> (forall k, means (tail_ k) (held (before_ ++ map token_ (rev rs)) P k)) -> next_known sizes N tail_ rs = Some t ->
    net_next rho N (before_ ++ map token_ (rev rs)) = Some (token_ t).
  Proof.
    intros Ne Tail E. unfold next_known in E. rewrite stages_are in E. destruct (rest_known sizes N rest _) as [y|] eqn:R; [|discriminate].
    destruct rs as [|u rs]; [congruence|]. set (w := before_ ++ map token_ (rev (u :: rs))) in *.
    assert (forall back, stands (before_ ++ map token_ (rev back)) back) as St.
    { intros back. assert (forall more, stands (before_ ++ map token_ (rev back ++ more)) back) as G; [|specialize (G []); rewrite app_nil_r in G; exact G].
      induction back as [|b back IH]; intros more; [exact I|]. cbn [rev stands]. rewrite <- app_assoc. cbn [app]. split; [|apply IH].
      rewrite app_nth2_plus, map_app. cbn [map]. rewrite <- (rev_length back), <- (map_length token_), <- (Nat.add_0_r (length (map _ _))), app_nth2_plus. reflexivity. }
    specialize (St (u :: rs)). fold w in St. pose proof (means_first_stage w Tail u rs St) as F.
    assert (length w - 1 = P + length rs)%nat as Le by (unfold w; rewrite app_length, map_length, rev_length; cbn [length]; lia).
    unfold net_next. rewrite Le. apply (tells_decide y); [|exact E]. unfold net_stream. rewrite stages_are. cbn [run_stages fold_left].
    apply (means_rest (P + length rs) rest _ _ y F R).
  Qed.
End Sound.

(** ** Several tokens in a row, in order. Numbers are given by their values; a form is in them. *)
Definition same_sign (a b : sign_) : bool :=
  match a, b with Sp s, Sp s' => Nat.eqb s s' | Nu f, Nu g => all_zero (add_forms f (times_form (-1) g)) | _, _ => false end.
Fixpoint writes_known sizes (N : network) (last ts : list sign_) : bool :=
  match ts with
  | [] => true
  | t :: ts' => match next_known sizes N (fun _ => None) (rev last) with Some u => same_sign u t | None => false end && writes_known sizes N (last ++ [t]) ts'
  end.
Section Row.
  Variables (numbers_ : list Z) (rho : env) (N : network) (before_ : list tok).
  Definition numbered (k : nat) : Z := nth k (1 :: numbers_) 0.
  Notation tok_ := (token_ numbered).
  Hypothesis natural : Forall (fun z => 0 <= z) numbers_.
  Variable sizes : nat -> option form.
  Hypothesis sizes_are : forall x, means numbered (sizes x) (rho x).
  Hypothesis recurrent : match stages N with Cells _ :: _ => True | _ => False end.
  (** What the network writes after the tokens [last]. *)
  Fixpoint net_writes (last ts : list tok) : Prop :=
    match ts with [] => True | t :: ts' => net_next rho N (before_ ++ last) = Some t /\ net_writes (last ++ [t]) ts' end.
  Lemma numbered_natural k : 0 <= numbered k.
  Proof.
    unfold numbered. destruct (nth_in_or_default k (1 :: numbers_) 0) as [[<-|I]|E]; [lia| |lia]. rewrite Forall_forall in natural. apply natural. exact I.
  Qed.
  Lemma same_token a b : same_sign a b = true -> tok_ a = tok_ b.
  Proof.
    destruct a as [s|f], b as [s'|g]; try discriminate; cbn [same_sign token_]; intros E; [apply Nat.eqb_eq in E; congruence|].
    apply (ev_zero numbered) with (k := 0%nat) in E. rewrite ev_add, ev_times in E. f_equal. unfold value. lia.
  Qed.
  Theorem net_writes_known last last' ts ts' : last <> [] -> map tok_ last = last' -> map tok_ ts = ts' -> writes_known sizes N last ts = true -> net_writes last' ts'.
  Proof.
    intros Ne <- <-. revert last Ne. induction ts as [|t ts IH]; intros last Ne E; [exact I|]. cbn [writes_known] in E. apply andb_prop in E. destruct E as (E & Rest).
    destruct (next_known _ _ _ _) as [u|] eqn:K; [|discriminate]. cbn [map net_writes]. split.
    - rewrite <- (same_token _ _ E). destruct (stages N) as [|[|g|cells|] rest] eqn:St; try contradiction.
      pose proof (next_is numbered eq_refl numbered_natural sizes rho sizes_are N (fun _ => None) before_ cells rest St (rev last) u) as H.
      rewrite rev_involutive in H. apply H; [|intros k f F; discriminate|exact K]. intros R. apply Ne. rewrite <- (rev_involutive last), R. reflexivity.
    - change [tok_ t] with (map tok_ [t]). rewrite <- map_app. apply IH; [destruct last; discriminate|exact Rest].
  Qed.
  Theorem net_next_known last last' t t' : last <> [] -> map tok_ last = last' -> tok_ t = t' -> writes_known sizes N last [t] = true -> net_next rho N (before_ ++ last') = Some t'.
  Proof. intros Ne E <- K. apply (net_writes_known last last' [t] [tok_ t] Ne E eq_refl K). Qed.
  Lemma net_writes_app a b : forall last, net_writes last (a ++ b) -> net_writes last a /\ net_writes (last ++ a) b.
  Proof.
    induction a as [|t a IH]; intros last H; [rewrite app_nil_r; split; [exact I|exact H]|]. destruct H as (E & H). apply IH in H.
    destruct H as (H & B). rewrite <- app_assoc in B. repeat split; assumption.
  Qed.
End Row.
