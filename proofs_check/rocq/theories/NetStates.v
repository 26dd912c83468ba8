(** F'. States that move by a matrix which the input selects: what such a layer holds, and which values its cells can take.
    Cells that read one another are looked at together, as a group. Either all its states are listed, or its norm is bounded. *)
From Coq Require Import ZArith List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetFacts.
Import ListNotations.
Open Scope Z_scope.

(** A way of moving: where its flag is f > 0, f times the cell [from], times a weight, is added to each of some cells. *)
Record move := Move { flag_ : row; parts : list (nat * list (nat * Z)) }.
Definition weight (to : list (nat * Z)) (k : nat) : Z := sum (map (fun kw => if Nat.eqb (fst kw) k then snd kw else 0) to).
Definition part_sem (parts : list (nat * list (nat * Z))) (s : nat -> Z) (k : nat) : Z := sum (map (fun p => weight (snd p) k * s (fst p)) parts).
Definition moved (gates : list Z) (ms : list move) (s : nat -> Z) (k : nat) : Z :=
  s k + sum (map (fun gm => fst gm * part_sem (parts (snd gm)) s k) (combine gates ms)).
(** The gates of the moves at a position. *)
Definition gates_at rho (ms : list move) (x : nat -> Z) : list Z := map (fun m => Z.max (lin rho (flag_ m) x) 0) ms.
(** Cell k after position t: at first what it reads, then what the moves make of the cells, and what it reads. *)
Fixpoint held rho (reads : list row) (ms : list move) (x : nat -> nat -> Z) (t k : nat) : Z :=
  match t with
  | O => lin rho (nth k reads []) (x O)
  | S t' => moved (gates_at rho ms (x t)) ms (held rho reads ms x t') k + lin rho (nth k reads []) (x t)
  end.

(** ** The weights *)
Definition all_parts (ms : list move) : list (row * (nat * list (nat * Z))) := flat_map (fun m => map (fun p => (flag_ m, p)) (parts m)) ms.
Fixpoint change_row (u k : nat) (ps : list (row * (nat * list (nat * Z)))) : row :=
  match ps with [] => [] | p :: ps' => (u, const (weight (snd (snd p)) k)) :: change_row (S u) k ps' end.
Definition check_units (g h : matrix) (ps : list (row * (nat * list (nat * Z)))) : bool :=
  forallb (fun up => same_row (nth (fst up) g []) (fst (snd up)) && same_row (nth (fst up) h []) (coord (fst (snd (snd up)))))
          (combine (seq 0 (length ps)) ps).
Definition check_states (a b g h m : matrix) (reads : list row) (ms : list move) : bool :=
  let ps := all_parts ms in
  check_units g h ps && forallb (fun p => forallb (fun kw => Nat.ltb (fst kw) (length reads)) (snd (snd p))) ps &&
  forallb (fun k => same_row (nth k a []) (if Nat.ltb k (length reads) then coord k else []) && same_row (nth k b []) (nth k reads []) &&
                    same_row (nth k m []) (change_row 0 k ps))
          (seq 0 (Nat.max (length reads) (Nat.max (length a) (Nat.max (length b) (length m))))).

(** ** Groups *)
Definition touches (G : list nat) (m : move) : bool := existsb (fun p => existsb (fun kw => mem (fst kw) G) (snd p)) (parts m).
Definition reads_inside (G : list nat) (m : move) : bool :=
  forallb (fun p => negb (existsb (fun kw => mem (fst kw) G) (snd p)) || mem (fst p) G) (parts m).
Fixpoint group (n fuel : nat) (ms : list move) (G : list nat) : list nat :=
  match fuel with
  | O => G
  | S fuel' => group n fuel' ms (filter (fun j => mem j G || existsb (fun m => existsb (fun p => Nat.eqb (fst p) j && existsb (fun kw => mem (fst kw) G) (snd p)) (parts m)) ms) (seq 0 n))
  end.
Definition relevant (G : list nat) (ms : list move) : list move := filter (touches G) ms.

(** What gates and reads can be together, at positions after the first: by the kinds of tokens, and by flags. *)
Definition later F (r : row) : row := filter (fun e => negb (has_first F (fst e))) r.
Fixpoint value_at (cs : list nat) (v : list Z) (r : row) : option Z :=
  match r with
  | [] => Some 0
  | (c, p) :: r' =>
    match const_of p, (if Nat.eqb c 0 then Some 1 else assoc c (combine cs v)), value_at cs v r' with
    | Some k, Some a, Some b => Some (k * a + b) | _, _, _ => None end
  end.
Definition joint F : list nat * list (list Z) :=
  match find (fun f => match f with Joint _ _ => true | _ => false end) (known F) with Some (Joint cs vs) => (cs, vs) | _ => ([], [[]]) end.
Fixpoint all_values cs v (rs : list row) : option (list Z) :=
  match rs with [] => Some [] | r :: rs' => match value_at cs v r, all_values cs v rs' with Some a, Some l => Some (a :: l) | _, _ => None end end.
Fixpoint gate_cases F cs v (ms : list move) : option (list (list Z)) :=
  match ms with
  | [] => Some [[]]
  | m :: ms' =>
    match gate_cases F cs v ms' with
    | None => None
    | Some gs => match value_at cs v (later F (flag_ m)) with
                 | Some a => Some (map (cons (Z.max a 0)) gs)
                 | None => if row_is_flag F (flag_ m) then Some (map (cons 0) gs ++ map (cons 1) gs) else None end
    end
  end.
Fixpoint collect_ {A B} (f : A -> option (list B)) (l : list A) : option (list B) :=
  match l with [] => Some [] | a :: l' => match f a, collect_ f l' with Some b, Some c => Some (b ++ c) | _, _ => None end end.
Definition listZ_eq := list_eq_dec Z.eq_dec.
Definition pair_eq : forall a b : list Z * list Z, {a = b} + {a <> b}.
Proof. decide equality; apply listZ_eq. Defined.
Definition kinds F (ms : list move) (rs : list row) : option (list (list Z * list Z)) :=
  let (cs, vs) := joint F in
  match collect_ (fun v => match all_values cs v (map (later F) rs), gate_cases F cs v ms with
                           | Some a, Some gs => Some (map (fun g => (g, a)) gs) | _, _ => None end) vs with
  | Some l => Some (nodup pair_eq l) | None => None end.

(** ** All states of a group, if they are few *)
Definition get (G : list nat) (s : list Z) (k : nat) : Z := match assoc k (combine G s) with Some a => a | None => 0 end.
Definition after (G : list nat) (ms : list move) (gr : list Z * list Z) (s : list Z) : list Z :=
  map (fun kr => moved (fst gr) ms (get G s) (fst kr) + snd kr) (combine G (snd gr)).
Definition mem_state (s : list Z) (l : list (list Z)) : bool := existsb (fun s' => if listZ_eq s s' then true else false) l.
Fixpoint explore (fuel : nat) (next : list Z -> list (list Z)) (todo seen : list (list Z)) : option (list (list Z)) :=
  match todo, fuel with
  | [], _ => Some seen
  | _, O => None
  | s :: todo', S fuel' =>
    let new := fold_left (fun acc s' => if mem_state s' acc || mem_state s' seen then acc else s' :: acc) (next s) [] in
    explore fuel' next (todo' ++ new) (seen ++ new)
  end.
Definition most_states : nat := 600.
Fixpoint first_state F (rs : list row) : option (list Z) :=
  match rs with [] => Some [] | r :: rs' => match start_row F r, first_state F rs' with Some a, Some l => Some (a :: l) | _, _ => None end end.
Definition reached F (reads : list row) (ms : list move) (G : list nat) : option (list (list Z)) :=
  let ms' := relevant G ms in let rs := map (fun k => nth k reads []) G in
  if forallb (reads_inside G) ms' then
    match first_state F rs, kinds F ms' rs with
    | Some s, Some ks =>
      let next s := map (fun gr => after G ms' gr s) ks in
      match explore most_states next [s] [s] with
      | Some l => if mem_state s l && forallb (fun s => forallb (fun s' => mem_state s' l) (next s)) l then Some l else None
      | None => None end
    | _, _ => None end
  else None.
(** The values of each cell, where its group has few states. *)
Definition groups_of (n : nat) (ms : list move) : list (list nat) := nodup (list_eq_dec Nat.eq_dec) (map (fun k => group n n ms [k]) (seq 0 n)).
Definition values_of F (reads : list row) (ms : list move) : list (nat * list Z) :=
  flat_map (fun G => match reached F reads ms G with Some l => map (fun k => (k, nodup Z.eq_dec (map (fun s => get G s k) l))) G | None => [] end) (groups_of (length reads) ms).

(** ** Groups whose norm does not grow *)
Definition entry (gates : list Z) (ms : list move) (k j : nat) : Z :=
  (if Nat.eqb k j then 1 else 0) +
  sum (map (fun gm => fst gm * sum (map (fun p => if Nat.eqb (fst p) j then weight (snd p) k else 0) (parts (snd gm)))) (combine gates ms)).
Definition rows_shrink (gates : list Z) (ms : list move) (G : list nat) : bool :=
  forallb (fun k => sum (map (fun j => Z.abs (entry gates ms k j)) G) <=? 1) G.
Definition columns_shrink (gates : list Z) (ms : list move) (G : list nat) : bool :=
  forallb (fun j => sum (map (fun k => Z.abs (entry gates ms k j)) G) <=? 1) G.
Definition never_below (gates : list Z) (ms : list move) (G : list nat) : bool := forallb (fun k => forallb (fun j => 0 <=? entry gates ms k j) G) G.

(** ** Soundness *)
Section Sound.
  Variables (rho : env) (len : nat).
  Lemma weight_outside to k : existsb (fun kw => Nat.eqb (fst kw) k) to = false -> weight to k = 0.
  Proof.
    unfold weight. induction to as [|(j, w) to IH]; [reflexivity|]. cbn [existsb map sum fold_right fst snd]. rewrite orb_false_iff. intros (-> & E). unfold sum in IH. rewrite IH by exact E. reflexivity.
  Qed.
  Lemma untouched_part G k to : In k G -> existsb (fun kw : nat * Z => mem (fst kw) G) to = false -> weight to k = 0.
  Proof.
    intros K E. apply weight_outside. destruct (existsb (fun kw => Nat.eqb (fst kw) k) to) eqn:X; [|reflexivity]. apply existsb_exists in X. destruct X as ((j, w) & I & X). cbn [fst] in X.
    apply Nat.eqb_eq in X. subst j. rewrite <- E. symmetry. apply existsb_exists. exists (k, w). split; [exact I|]. apply mem_In. exact K.
  Qed.
  Lemma part_sem_zero G k ps s : In k G -> existsb (fun p => existsb (fun kw : nat * Z => mem (fst kw) G) (snd p)) ps = false -> part_sem ps s k = 0.
  Proof.
    intros K. unfold part_sem. induction ps as [|(j, to) ps IH]; [reflexivity|]. cbn [existsb map sum fold_right fst snd]. rewrite orb_false_iff. intros (A & B). unfold sum in IH.
    rewrite (IH B), (untouched_part G k to K A). ring.
  Qed.
  (** Only relevant moves, and only cells of the group, matter for a cell of the group. *)
  Lemma moved_relevant G ms (v : move -> Z) s k : In k G -> moved (map v ms) ms s k = moved (map v (relevant G ms)) (relevant G ms) s k.
  Proof.
    intros K. unfold moved. f_equal. unfold relevant. induction ms as [|m ms IH]; [reflexivity|]. cbn [filter]. destruct (touches G m) eqn:T.
    - cbn [map combine sum fold_right fst snd]. unfold sum in IH. rewrite IH. reflexivity.
    - cbn [map combine sum fold_right fst snd]. unfold sum in *. rewrite IH. unfold touches in T. rewrite (part_sem_zero G k (parts m) s K T). ring.
  Qed.
  Lemma moved_inside G ms gates s s' k : In k G -> forallb (reads_inside G) ms = true -> (forall j, In j G -> s j = s' j) -> moved gates ms s k = moved gates ms s' k.
  Proof.
    intros K R E. unfold moved. rewrite (E k K). f_equal. revert gates. induction ms as [|m ms IH]; intros [|g gates]; try reflexivity. cbn [forallb] in R. apply andb_prop in R. destruct R as (R & R').
    cbn [combine map sum fold_right fst snd]. unfold sum in IH. rewrite (IH R'). f_equal. f_equal. unfold reads_inside in R. unfold part_sem. clear IH. induction (parts m) as [|(j, to) ps IH]; [reflexivity|].
    cbn [forallb fst snd] in R. apply andb_prop in R. destruct R as (A & B). cbn [map sum fold_right fst snd]. unfold sum in IH. rewrite (IH B). f_equal. apply orb_prop in A. destruct A as [A|A].
    - rewrite negb_true_iff in A. rewrite (untouched_part G k to K A). ring.
    - apply mem_In in A. rewrite (E j A). reflexivity.
  Qed.
  Section Facts.
    Variables (F : facts) (x : nat -> nat -> Z).
    Hypothesis H : holds rho len F x.
    Lemma later_is r t : (0 < t)%nat -> (t < len)%nat -> lin rho (later F r) (x t) = lin rho r (x t).
    Proof.
      intros T Ht. unfold later. induction r as [|(c, p) r IH]; [reflexivity|]. cbn [filter fst]. destruct (has_first F c) eqn:E; cbn [negb]; rewrite !lin_cons, IH; [|reflexivity].
      rewrite (h_first rho len F x H c t E Ht). destruct t; [lia|]. cbn [start]. ring.
    Qed.
    Lemma value_at_is cs t r : (t < len)%nat -> forall a, value_at cs (map (x t) cs) r = Some a -> lin rho r (x t) = a.
    Proof.
      intros Ht. induction r as [|(c, p) r IH]; cbn [value_at]; intros a E; [injection E as <-; reflexivity|].
      destruct (const_of p) as [k|] eqn:Ek; [|discriminate]. destruct (if Nat.eqb c 0 then Some 1 else assoc c (combine cs (map (x t) cs))) as [b|] eqn:Eb; [|discriminate].
      destruct (value_at cs (map (x t) cs) r) as [d|]; [|discriminate]. injection E as <-. rewrite lin_cons, (const_of_is rho p k Ek), (IH d eq_refl). f_equal. f_equal.
      destruct (Nat.eqb_spec c 0) as [->|]; [injection Eb as <-; apply H; exact Ht|]. apply assoc_In in Eb. clear - Eb. induction cs as [|d cs IH]; [destruct Eb|].
      cbn [map combine] in Eb. destruct Eb as [Eb|Eb]; [congruence|auto].
    Qed.
    Lemma all_values_are cs t rs : (t < len)%nat -> forall l, all_values cs (map (x t) cs) rs = Some l -> map (fun r => lin rho r (x t)) rs = l.
    Proof.
      intros Ht. induction rs as [|r rs IH]; cbn [all_values]; intros l E; [injection E as <-; reflexivity|].
      destruct (value_at cs (map (x t) cs) r) as [a|] eqn:Ea; [|discriminate]. destruct (all_values cs (map (x t) cs) rs) as [l'|]; [|discriminate]. injection E as <-.
      cbn [map]. rewrite (value_at_is cs t r Ht a Ea), (IH l' eq_refl). reflexivity.
    Qed.
    Lemma gate_cases_are cs t ms : (0 < t)%nat -> (t < len)%nat -> forall gs, gate_cases F cs (map (x t) cs) ms = Some gs -> In (gates_at rho ms (x t)) gs.
    Proof.
      intros T Ht. induction ms as [|m ms IH]; cbn [gate_cases]; intros gs E; [injection E as <-; left; reflexivity|].
      destruct (gate_cases F cs (map (x t) cs) ms) as [gs'|]; [|discriminate]. specialize (IH gs' eq_refl). unfold gates_at in *. cbn [map].
      destruct (value_at cs (map (x t) cs) (later F (flag_ m))) as [a|] eqn:Ea.
      - injection E as <-. apply in_map_iff. exists (map (fun m => Z.max (lin rho (flag_ m) (x t)) 0) ms). split; [|exact IH]. apply (value_at_is cs t _ Ht) in Ea. rewrite (later_is _ t T Ht) in Ea. rewrite Ea. reflexivity.
      - destruct (row_is_flag F (flag_ m)) eqn:Fl; [|discriminate]. injection E as <-. destruct (row_is_flag_is rho len F x H _ t Fl Ht) as [-> | ->]; apply in_or_app; [left|right]; apply in_map; exact IH.
    Qed.
    Lemma joint_is cs vs t : joint F = (cs, vs) -> (t < len)%nat -> In (map (x t) cs) vs.
    Proof.
      unfold joint. destruct (find _ (known F)) as [f|] eqn:E; [|intros Q _; injection Q as <- <-; left; reflexivity]. apply find_some in E. destruct E as (I & E). destruct f; try discriminate.
      intros Q Ht. injection Q as <- <-. destruct H as (_ & _ & _ & K). destruct (K _ I) as (_ & J). apply J. exact Ht.
    Qed.
    Lemma collect_In {A B} (f : A -> option (list B)) l r a : collect_ f l = Some r -> In a l -> exists b, f a = Some b /\ incl b r.
    Proof.
      revert r. induction l as [|a' l IH]; intros r E I; [destruct I|]. cbn [collect_] in E. destruct (f a') as [b|] eqn:Eb; [|discriminate]. destruct (collect_ f l) as [c|]; [|discriminate]. injection E as <-.
      destruct I as [->|I]; [exists b; split; [exact Eb|apply incl_appl, incl_refl]|]. destruct (IH c eq_refl I) as (b' & E' & Inc). exists b'. split; [exact E'|apply incl_appr, Inc].
    Qed.
    Lemma kinds_are ms rs ks t : kinds F ms rs = Some ks -> (0 < t)%nat -> (t < len)%nat -> In (gates_at rho ms (x t), map (fun r => lin rho r (x t)) rs) ks.
    Proof.
      intros E T Ht. unfold kinds in E. destruct (joint F) as (cs, vs) eqn:J. destruct (collect_ _ vs) as [l|] eqn:C; [|discriminate]. injection E as <-. apply nodup_In.
      destruct (collect_In _ _ _ _ C (joint_is cs vs t J Ht)) as (b & Eb & Inc). apply Inc. destruct (all_values cs (map (x t) cs) (map (later F) rs)) as [a|] eqn:Ea; [|discriminate].
      destruct (gate_cases F cs (map (x t) cs) ms) as [gs|] eqn:Eg; [|discriminate]. injection Eb as <-. apply in_map_iff. exists (gates_at rho ms (x t)). split; [|apply (gate_cases_are cs t ms T Ht gs Eg)].
      f_equal. apply (all_values_are cs t _ Ht) in Ea. rewrite <- Ea, map_map. apply map_ext. intros r. apply later_is; auto.
    Qed.
    Lemma get_is G f k : In k G -> get G (map f G) k = f k.
    Proof.
      intros K. unfold get. destruct (assoc k (combine G (map f G))) as [a|] eqn:E.
      - apply assoc_In in E. clear K. induction G as [|j G IH]; [destruct E|]. cbn [map combine] in E. destruct E as [E|E]; [congruence|auto].
      - exfalso. apply assoc_None in E. apply E. clear E. induction G as [|j G IH]; [destruct K|]. cbn [map combine fst]. destruct K as [->|K]; [left; reflexivity|right; auto].
    Qed.
    Lemma first_state_is rs s : (0 < len)%nat -> first_state F rs = Some s -> map (fun r => lin rho r (x 0%nat)) rs = s.
    Proof.
      intros L. revert s. induction rs as [|r rs IH]; cbn [first_state]; intros s E; [injection E as <-; reflexivity|]. destruct (start_row F r) as [a|] eqn:Ea; [|discriminate].
      destruct (first_state F rs) as [l|]; [|discriminate]. injection E as <-. cbn [map]. rewrite (start_row_is rho len F x H r a Ea L), (IH l eq_refl). reflexivity.
    Qed.
    Lemma mem_state_In s l : mem_state s l = true <-> In s l.
    Proof.
      unfold mem_state. rewrite existsb_exists. split; [intros (s' & I & E); destruct (listZ_eq s s'); [subst; exact I|discriminate]|]. intros I. exists s. split; [exact I|]. destruct (listZ_eq s s); congruence.
    Qed.
    Lemma held_next reads ms G t : forallb (reads_inside G) (relevant G ms) = true ->
      map (held rho reads ms x (S t)) G = after G (relevant G ms) (gates_at rho (relevant G ms) (x (S t)), map (fun k => lin rho (nth k reads []) (x (S t))) G) (map (held rho reads ms x t) G).
    Proof.
      intros R. unfold after. cbn [fst snd]. assert (forall G', incl G' G -> map (held rho reads ms x (S t)) G' =
        map (fun kr => moved (gates_at rho (relevant G ms) (x (S t))) (relevant G ms) (get G (map (held rho reads ms x t) G)) (fst kr) + snd kr) (combine G' (map (fun k => lin rho (nth k reads []) (x (S t))) G'))) as A; [|apply A, incl_refl].
      induction G' as [|k G' IH]; intros Inc; [reflexivity|]. cbn [map combine fst snd]. rewrite (IH ltac:(intros j J; apply Inc; right; exact J)). f_equal. cbn [held]. f_equal.
      assert (In k G) as K by (apply Inc; left; reflexivity). unfold gates_at at 1. rewrite (moved_relevant G ms (fun m => Z.max (lin rho (flag_ m) (x (S t))) 0) _ k K).
      apply (moved_inside G); auto. intros j J. symmetry. apply get_is. exact J.
    Qed.
    Lemma reached_is reads ms G l : reached F reads ms G = Some l -> forall t, (t < len)%nat -> In (map (held rho reads ms x t) G) l.
    Proof.
      unfold reached. destruct (forallb (reads_inside G) (relevant G ms)) eqn:R; [|discriminate]. destruct (first_state F _) as [s|] eqn:Es; [|discriminate]. destruct (kinds F _ _) as [ks|] eqn:Ek; [|discriminate].
      destruct (explore _ _ _ _) as [l'|]; [|discriminate]. destruct (mem_state s l' && _) eqn:C; [|discriminate]. intros Q. injection Q as <-. apply andb_prop in C. destruct C as (C0 & C).
      induction t as [|t IH]; intros Ht.
      - apply mem_state_In. rewrite <- C0. f_equal. rewrite <- (first_state_is _ _ Ht Es), map_map. reflexivity.
      - specialize (IH ltac:(lia)). rewrite forallb_forall in C. specialize (C _ IH). rewrite forallb_forall in C. apply mem_state_In. apply C. rewrite (held_next reads ms G t R). apply in_map_iff.
        eexists. split; [reflexivity|]. pose proof (kinds_are _ _ _ (S t) Ek ltac:(lia) Ht) as K. rewrite map_map in K. exact K.
    Qed.
    Lemma values_are reads ms k vs t : In (k, vs) (values_of F reads ms) -> (t < len)%nat -> In (held rho reads ms x t k) vs.
    Proof.
      intros I Ht. unfold values_of in I. apply in_flat_map in I. destruct I as (G & _ & I). destruct (reached F reads ms G) as [l|] eqn:R; [|destruct I].
      apply in_map_iff in I. destruct I as (k' & Q & K). injection Q as -> <-. apply nodup_In, in_map_iff. exists (map (held rho reads ms x t) G). split; [apply get_is; exact K|apply (reached_is reads ms G l R t Ht)].
    Qed.
  End Facts.

  (** *** Norms *)
  Lemma sum_cons a l : sum (a :: l) = a + sum l. Proof. reflexivity. Qed.
  Lemma sum_plus {A} (f g : A -> Z) l : sum (map (fun a => f a + g a) l) = sum (map f l) + sum (map g l).
  Proof. induction l as [|a l IH]; [reflexivity|]. cbn [map]. rewrite !sum_cons, IH. ring. Qed.
  Lemma sum_times {A} c (f : A -> Z) l : sum (map (fun a => c * f a) l) = c * sum (map f l).
  Proof. induction l as [|a l IH]; [cbn; ring|]. cbn [map]. rewrite !sum_cons, IH. ring. Qed.
  Lemma sum_le {A} (f g : A -> Z) l : (forall a, In a l -> f a <= g a) -> sum (map f l) <= sum (map g l).
  Proof. induction l as [|a l IH]; intros H; [apply Z.le_refl|]. cbn [map]. rewrite !sum_cons. pose proof (H a ltac:(left; auto)). specialize (IH ltac:(intros; apply H; right; auto)). lia. Qed.
  Lemma sum_nonneg {A} (f : A -> Z) l : (forall a, In a l -> 0 <= f a) -> 0 <= sum (map f l).
  Proof. induction l as [|a l IH]; intros H; [apply Z.le_refl|]. cbn [map]. rewrite sum_cons. pose proof (H a ltac:(left; auto)). specialize (IH ltac:(intros; apply H; right; auto)). lia. Qed.
  Lemma sum_abs {A} (f : A -> Z) l : Z.abs (sum (map f l)) <= sum (map (fun a => Z.abs (f a)) l).
  Proof. induction l as [|a l IH]; [apply Z.le_refl|]. cbn [map]. rewrite !sum_cons. lia. Qed.
  Lemma sum_swap {A B} (f : A -> B -> Z) l m : sum (map (fun a => sum (map (f a) m)) l) = sum (map (fun b => sum (map (fun a => f a b) l)) m).
  Proof.
    induction l as [|a l IH]; cbn [map]; [symmetry; induction m as [|b m IHm]; [reflexivity|]; cbn [map]; rewrite sum_cons, IHm; reflexivity|].
    rewrite sum_cons, IH, <- sum_plus. f_equal.
  Qed.
  Lemma sum_member {A} (f : A -> Z) l a : (forall b, In b l -> 0 <= f b) -> In a l -> f a <= sum (map f l).
  Proof.
    induction l as [|b l IH]; intros P I; [destruct I|]. cbn [map]. rewrite sum_cons. pose proof (sum_nonneg f l ltac:(intros; apply P; right; auto)).
    destruct I as [->|I]; [lia|]. specialize (IH ltac:(intros; apply P; right; auto) I). pose proof (P b ltac:(left; auto)). lia.
  Qed.
  Lemma sum_pick (G : list nat) (j : nat) c (s : nat -> Z) : NoDup G -> In j G -> sum (map (fun i => (if Nat.eqb j i then c else 0) * s i) G) = c * s j.
  Proof.
    induction G as [|i G IH]; intros N I; [destruct I|]. inversion N as [|? ? N1 N2]; subst. cbn [map]. rewrite sum_cons. destruct (Nat.eqb_spec j i) as [->|D].
    - assert (sum (map (fun i0 => (if Nat.eqb i i0 then c else 0) * s i0) G) = 0) as ->; [|ring]. clear - N1. induction G as [|b G IH]; [reflexivity|]. cbn [map]. rewrite sum_cons, IH by (intros I; apply N1; right; exact I).
      destruct (Nat.eqb_spec i b) as [->|]; [exfalso; apply N1; left; reflexivity|ring].
    - destruct I as [I|I]; [congruence|]. rewrite (IH N2 I). ring.
  Qed.
  Lemma moved_entries G ms gates s k : NoDup G -> In k G -> forallb (reads_inside G) ms = true -> moved gates ms s k = sum (map (fun j => entry gates ms k j * s j) G).
  Proof.
    intros N K R. unfold moved, entry. rewrite (map_ext _ (fun j => (if Nat.eqb k j then 1 else 0) * s j +
      sum (map (fun gm => fst gm * sum (map (fun p => if Nat.eqb (fst p) j then weight (snd p) k else 0) (parts (snd gm)))) (combine gates ms)) * s j)) by (intros; ring).
    rewrite sum_plus, (sum_pick G k 1 s N K). f_equal; [ring|]. revert gates. induction ms as [|m ms IH]; intros [|g gates].
    1, 2, 3: cbn [combine map]; clear; induction G as [|j G IH]; [reflexivity|]; cbn [map]; rewrite sum_cons, <- IH; reflexivity.
    cbn [forallb] in R. apply andb_prop in R. destruct R as (R & R'). cbn [combine map fst snd]. rewrite sum_cons.
    set (one := fun j => sum (map (fun p => if Nat.eqb (fst p) j then weight (snd p) k else 0) (parts m))).
    set (others := fun j => sum (map (fun gm => fst gm * sum (map (fun p => if Nat.eqb (fst p) j then weight (snd p) k else 0) (parts (snd gm)))) (combine gates ms))).
    transitivity (sum (map (fun j => g * (one j * s j) + others j * s j) G)).
    - rewrite sum_plus, sum_times. unfold others. rewrite <- (IH R' gates). f_equal. f_equal. unfold part_sem, one. unfold reads_inside in R. clear IH one others.
      induction (parts m) as [|(j, to) ps IH].
      + cbn [map]. clear. induction G as [|j G IH]; [reflexivity|]. cbn [map]. rewrite sum_cons, <- IH. reflexivity.
      + cbn [forallb fst snd] in R. apply andb_prop in R. destruct R as (A & B). cbn [map fst snd]. rewrite sum_cons, (IH B).
        transitivity (sum (map (fun i => (if Nat.eqb j i then weight to k else 0) * s i + sum (map (fun p => if Nat.eqb (fst p) i then weight (snd p) k else 0) ps) * s i) G)).
        * rewrite sum_plus. f_equal. apply orb_prop in A. destruct A as [A|A].
          -- rewrite negb_true_iff in A. rewrite (untouched_part G k to K A). clear. rewrite Z.mul_0_l. induction G as [|i G IH]; [reflexivity|]. cbn [map]. rewrite sum_cons, <- IH. destruct (Nat.eqb j i); ring.
          -- apply mem_In in A. symmetry. apply sum_pick; auto.
        * f_equal. apply map_ext. intros i. rewrite sum_cons. ring.
    - f_equal. apply map_ext. intros j. rewrite sum_cons. unfold one, others. ring.
  Qed.
  Section Norms.
    Variables (reads : list row) (ms : list move) (G : list nat) (x : nat -> nat -> Z) (gates : list (list Z)) (first each : Z).
    Let ms' := relevant G ms.
    Let s := held rho reads ms x.
    Hypothesis distinct_ : NoDup G.
    Hypothesis inside_ : forallb (reads_inside G) ms' = true.
    Hypothesis cases : forall t, (0 < t)%nat -> (t < len)%nat -> In (gates_at rho ms' (x t)) gates.
    Hypothesis at_first : sum (map (fun k => Z.abs (lin rho (nth k reads []) (x 0%nat))) G) <= first.
    Hypothesis at_each : forall t, (0 < t)%nat -> (t < len)%nat -> sum (map (fun k => Z.abs (lin rho (nth k reads []) (x t))) G) <= each.
    Lemma held_entries t k : In k G -> s (S t) k = sum (map (fun j => entry (gates_at rho ms' (x (S t))) ms' k j * s t j) G) + lin rho (nth k reads []) (x (S t)).
    Proof.
      intros K. unfold s. cbn [held]. f_equal. unfold gates_at at 1. rewrite (moved_relevant G ms (fun m => Z.max (lin rho (flag_ m) (x (S t))) 0) _ k K).
      apply (moved_entries G); auto.
    Qed.
    Lemma norm_bound : forallb (fun g => rows_shrink g ms' G) gates = true \/ forallb (fun g => columns_shrink g ms' G) gates = true ->
      forall t k, (t < len)%nat -> In k G -> Z.abs (s t k) <= first + Z.of_nat t * each.
    Proof.
      intros [C|C].
      - induction t as [|t IH]; intros k Ht K.
        + unfold s. cbn [held]. pose proof (sum_member (fun k => Z.abs (lin rho (nth k reads []) (x 0%nat))) G k ltac:(intros; lia) K) as M. cbv beta in M. lia.
        + rewrite (held_entries t k K). pose proof (sum_member (fun k => Z.abs (lin rho (nth k reads []) (x (S t)))) G k ltac:(intros; lia) K) as M. cbv beta in M. pose proof (at_each (S t) ltac:(lia) Ht) as Ea.
          rewrite forallb_forall in C. specialize (C _ (cases (S t) ltac:(lia) Ht)). unfold rows_shrink in C. rewrite forallb_forall in C. specialize (C k K). apply Z.leb_le in C.
          set (g := gates_at rho ms' (x (S t))) in *. pose proof (sum_abs (fun j => entry g ms' k j * s t j) G) as Ab.
          assert (sum (map (fun j => Z.abs (entry g ms' k j * s t j)) G) <= sum (map (fun j => (first + Z.of_nat t * each) * Z.abs (entry g ms' k j)) G)) as L.
          { apply sum_le. intros j J. rewrite Z.abs_mul. specialize (IH j ltac:(lia) J). pose proof (Z.abs_nonneg (entry g ms' k j)). nia. }
          rewrite sum_times in L. pose proof (sum_nonneg (fun j => Z.abs (entry g ms' k j)) G ltac:(intros; lia)) as P. specialize (IH k ltac:(lia) K). set (B := first + Z.of_nat t * each) in *.
          assert (0 <= B) by lia. assert (B * sum (map (fun j => Z.abs (entry g ms' k j)) G) <= B) by nia.
          rewrite Nat2Z.inj_succ, Z.mul_succ_l. unfold B in *. lia.
      - assert (forall t, (t < len)%nat -> sum (map (fun k => Z.abs (s t k)) G) <= first + Z.of_nat t * each) as A.
        { induction t as [|t IH]; intros Ht; [unfold s; cbn [held]; lia|]. specialize (IH ltac:(lia)). pose proof (at_each (S t) ltac:(lia) Ht) as Ea.
          rewrite forallb_forall in C. specialize (C _ (cases (S t) ltac:(lia) Ht)). unfold columns_shrink in C. rewrite forallb_forall in C. set (g := gates_at rho ms' (x (S t))) in *.
          assert (sum (map (fun k => Z.abs (s (S t) k)) G) <= sum (map (fun k => sum (map (fun j => Z.abs (entry g ms' k j) * Z.abs (s t j)) G) + Z.abs (lin rho (nth k reads []) (x (S t)))) G)) as L.
          { apply sum_le. intros k K. rewrite (held_entries t k K). fold g. pose proof (sum_abs (fun j => entry g ms' k j * s t j) G) as Ab.
            rewrite (map_ext (fun j => Z.abs (entry g ms' k j * s t j)) (fun j => Z.abs (entry g ms' k j) * Z.abs (s t j))) in Ab by (intros; apply Z.abs_mul). lia. }
          rewrite sum_plus, sum_swap in L. assert (sum (map (fun j => sum (map (fun k => Z.abs (entry g ms' k j) * Z.abs (s t j)) G)) G) <= sum (map (fun j => Z.abs (s t j)) G)) as L'.
          { apply sum_le. intros j J. rewrite (map_ext (fun k => Z.abs (entry g ms' k j) * Z.abs (s t j)) (fun k => Z.abs (s t j) * Z.abs (entry g ms' k j))) by (intros; apply Z.mul_comm). rewrite sum_times.
            specialize (C j J). apply Z.leb_le in C. pose proof (Z.abs_nonneg (s t j)). pose proof (sum_nonneg (fun k => Z.abs (entry g ms' k j)) G ltac:(intros; lia)). nia. }
          rewrite Nat2Z.inj_succ, Z.mul_succ_l. lia. }
        intros t k Ht K. pose proof (sum_member (fun k => Z.abs (s t k)) G k ltac:(intros; lia) K) as M. cbv beta in M. specialize (A t Ht). lia.
    Qed.
    Lemma never_negative_state : forallb (fun g => never_below g ms' G) gates = true -> (forall k, In k G -> 0 <= lin rho (nth k reads []) (x 0%nat)) ->
      (forall t k, (0 < t)%nat -> (t < len)%nat -> In k G -> 0 <= lin rho (nth k reads []) (x t)) -> forall t k, (t < len)%nat -> In k G -> 0 <= s t k.
    Proof.
      intros C R0 R1. induction t as [|t IH]; intros k Ht K; [apply R0; exact K|]. rewrite (held_entries t k K). pose proof (R1 (S t) k ltac:(lia) Ht K).
      rewrite forallb_forall in C. specialize (C _ (cases (S t) ltac:(lia) Ht)). unfold never_below in C. rewrite forallb_forall in C. specialize (C k K). rewrite forallb_forall in C.
      assert (0 <= sum (map (fun j => entry (gates_at rho ms' (x (S t))) ms' k j * s t j) G)); [|lia]. apply sum_nonneg. intros j J. specialize (C j J). apply Z.leb_le in C. specialize (IH j ltac:(lia) J). nia.
    Qed.
  End Norms.

  (** The weights hold what they should. *)
  Lemma change_row_is (y : nat -> Z) k : forall ps u, lin rho (change_row u k ps) y = sum (map (fun up => weight (snd (snd (snd up))) k * y (fst up)) (combine (seq u (length ps)) ps)).
  Proof.
    induction ps as [|p ps IH]; intros u; [reflexivity|]. cbn [change_row length seq combine map sum fold_right fst snd]. rewrite lin_cons, peval_const, IH. reflexivity.
  Qed.
  Lemma parts_are (gate : row -> Z) (s : nat -> Z) k ms :
    sum (map (fun p => weight (snd (snd p)) k * (gate (fst p) * s (fst (snd p)))) (all_parts ms)) = sum (map (fun gm => fst gm * part_sem (parts (snd gm)) s k) (combine (map (fun m => gate (flag_ m)) ms) ms)).
  Proof.
    assert (forall l l', sum (l ++ l') = sum l + sum l') as App by (intros l l'; induction l as [|a l IH]; [reflexivity|]; unfold sum in *; cbn [app fold_right]; rewrite IH; ring).
    unfold all_parts. induction ms as [|m ms IH]; [reflexivity|]. cbn [flat_map map combine sum fold_right fst snd]. rewrite map_app, App, IH. unfold sum. f_equal.
    unfold part_sem. clear IH. induction (parts m) as [|p ps IH]; [cbn; ring|]. cbn [map sum fold_right fst snd]. unfold sum in *. rewrite IH. ring.
  Qed.
  Lemma units_are_parts g h ps u0 (x s : nat -> Z) : forallb (fun up => same_row (nth (fst up) g []) (fst (snd up)) && same_row (nth (fst up) h []) (coord (fst (snd (snd up))))) (combine (seq u0 (length ps)) ps) = true ->
    forall k, sum (map (fun up => weight (snd (snd (snd up))) k * (Z.max (lin rho (nth (fst up) g []) x) 0 * lin rho (nth (fst up) h []) s)) (combine (seq u0 (length ps)) ps)) =
              sum (map (fun p => weight (snd (snd p)) k * (Z.max (lin rho (fst p) x) 0 * s (fst (snd p)))) ps).
  Proof.
    revert u0. induction ps as [|p ps IH]; intros u0 C k; [reflexivity|]. cbn [length seq combine forallb fst snd] in C. rewrite !andb_true_iff in C. destruct C as ((A & B) & C).
    cbn [length seq combine map sum fold_right fst snd]. rewrite (same_row_sound rho _ _ x A), (same_row_sound rho _ _ s B), lin_coord. f_equal. apply (IH (S u0) C k).
  Qed.
  Lemma states_are (x : nat -> nat -> Z) a b g h m reads ms : check_states a b g h m reads ms = true -> forall t k, selected_state ZN rho a b g h m x t k = held rho reads ms x t k.
  Proof.
    intros C. unfold check_states in C. cbv zeta in C. rewrite !andb_true_iff in C. destruct C as ((Un & In_) & C).
    assert (forall k, (length reads <= k)%nat -> forall s gates, sum (map (fun gm => fst gm * part_sem (parts (snd gm)) s k) (combine gates ms)) = 0) as Far.
    { intros k Hk s gates. assert (forall m', In m' ms -> part_sem (parts m') s k = 0) as Z0.
      { intros m' Im. unfold part_sem. assert (forall p, In p (parts m') -> weight (snd p) k = 0) as W.
        { intros p Ip. apply weight_outside. destruct (existsb _ (snd p)) eqn:X; [|reflexivity]. apply existsb_exists in X. destruct X as (kw & Ik & X). apply Nat.eqb_eq in X.
          assert (In (flag_ m', p) (all_parts ms)) as Ip' by (unfold all_parts; apply in_flat_map; exists m'; split; [exact Im|apply in_map; exact Ip]).
          rewrite forallb_forall in In_. specialize (In_ _ Ip'). rewrite forallb_forall in In_. specialize (In_ _ Ik). apply Nat.ltb_lt in In_. lia. }
        induction (parts m') as [|p ps IH]; [reflexivity|]. cbn [map sum fold_right]. unfold sum in IH. rewrite IH, (W p) by (intros; try apply W; cbn; auto). ring. }
      revert gates. induction ms as [|m' ms' IH]; intros [|g' gates]; try reflexivity. cbn [combine map sum fold_right fst snd]. rewrite (Z0 m') by (left; reflexivity).
      assert (sum (map (fun gm => fst gm * part_sem (parts (snd gm)) s k) (combine gates ms')) = 0) as E; [|unfold sum in E; rewrite E; ring]. clear - Z0.
      revert gates. induction ms' as [|m1 ms1 IH]; intros [|g1 gates]; try reflexivity. cbn [combine map sum fold_right fst snd]. rewrite (Z0 m1) by (right; left; reflexivity).
      unfold sum in IH. rewrite IH by (intros m2 I2; apply Z0; destruct I2; [left|right; right]; assumption). ring. }
    assert (forall t k, (length reads <= k)%nat -> held rho reads ms x t k = 0) as Out.
    { induction t as [|t IH]; intros k Hk; cbn [held]; rewrite (nth_overflow reads) by exact Hk; [reflexivity|]. unfold moved. rewrite (IH k Hk), (Far k Hk). reflexivity. }
    assert (forall k y, lin rho (nth k a []) y = (if Nat.ltb k (length reads) then y k else 0) /\ lin rho (nth k b []) y = lin rho (nth k reads []) y) as Rows.
    { intros k y. destruct (Nat.ltb_spec k (Nat.max (length reads) (Nat.max (length a) (Nat.max (length b) (length m))))) as [L|L].
      - rewrite forallb_forall in C. specialize (C k ltac:(apply in_seq; lia)). rewrite !andb_true_iff in C. destruct C as ((A & B) & _).
        rewrite (same_row_sound rho _ _ y A), (same_row_sound rho _ _ y B). destruct (Nat.ltb k (length reads)); [rewrite lin_coord|]; split; reflexivity.
      - rewrite !nth_overflow by lia. destruct (Nat.ltb_spec k (length reads)); [lia|]. split; reflexivity. }
    assert (forall k y s, lin rho (nth k m []) (fun u => Z.max (lin rho (nth u g []) y) 0 * lin rho (nth u h []) s) =
      sum (map (fun gm => fst gm * part_sem (parts (snd gm)) s k) (combine (gates_at rho ms y) ms))) as Units_.
    { intros k y s. unfold gates_at. rewrite <- (parts_are (fun r => Z.max (lin rho r y) 0) s k ms). rewrite <- (units_are_parts g h (all_parts ms) 0 y s Un k).
      destruct (Nat.ltb_spec k (Nat.max (length reads) (Nat.max (length a) (Nat.max (length b) (length m))))) as [L|L].
      - rewrite forallb_forall in C. specialize (C k ltac:(apply in_seq; lia)). rewrite !andb_true_iff in C. destruct C as (_ & D). rewrite (same_row_sound rho _ _ _ D). apply change_row_is.
      - rewrite (nth_overflow m) by lia. rewrite (units_are_parts g h (all_parts ms) 0 y s Un k), (parts_are (fun r => Z.max (lin rho r y) 0) s k ms). symmetry. apply Far. lia. }
    induction t as [|t IH]; intros k; cbn [selected_state held].
    - change (lin rho (nth k b []) (x 0%nat) = lin rho (nth k reads []) (x 0%nat)). apply Rows.
    - set (s := selected_state ZN rho a b g h m x t) in *.
      change (lin rho (nth k a []) s + lin rho (nth k m []) (fun u => relu ZN (lin rho (nth u g []) (x (S t))) * lin rho (nth u h []) s) + lin rho (nth k b []) (x (S t)) =
        moved (gates_at rho ms (x (S t))) ms (held rho reads ms x t) k + lin rho (nth k reads []) (x (S t))).
      destruct (Rows k s) as (-> & _). destruct (Rows k (x (S t))) as (_ & ->). unfold moved. rewrite <- (Units_ k (x (S t)) (held rho reads ms x t)).
      apply (f_equal2 Z.add); [apply (f_equal2 Z.add)|reflexivity].
      + destruct (Nat.ltb_spec k (length reads)); [apply IH|symmetry; apply Out; lia].
      + apply lin_ext. intros u _. cbv beta. rewrite relu_spec. f_equal. apply lin_ext. intros c _. apply IH.
  Qed.
End Sound.
