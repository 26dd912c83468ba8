(** Networks that look a gram up: from the values that their coordinates hold to the token that the weights write. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound NetModel NetTop NetRange NetFull.
From RetrievalGap Require Import StatementsRetrieval Prompts.
Import ListNotations.
Open Scope Z_scope.

(** ** What features and reads are *)
Lemma feature_token rho t i : feature_sem rho (Feature (0, 1, 0) [] (0, 0)) t i = number_of t.
Proof. unfold feature_sem. destruct t; cbn [f_number f_special f_position fst snd number_of]; [change (listed rho [] s) with 0|]; ring. Qed.
Lemma feature_position rho t i : feature_sem rho (Feature (0, 0, 0) [] (1, 0)) t i = i.
Proof. unfold feature_sem. destruct t; cbn [f_number f_special f_position fst snd]; [change (listed rho [] s) with 0|]; ring. Qed.
Lemma feature_flag rho f t i : feature_sem rho (Feature (0, 0, 0) [(f, const 1)] (0, 0)) t i = is f t.
Proof.
  unfold feature_sem. destruct t as [s|k]; cbn [f_number f_special f_position fst snd is]; [|ring].
  unfold listed. rewrite lin_cons, peval_const. change (lin rho [] _) with 0. destruct (Nat.eqb f s); ring.
Qed.
Lemma feature_one rho r t i : (forall s, t = Special s -> listed rho r s = 1) -> feature_sem rho (Feature (1, 0, 0) r (0, 0)) t i = 1.
Proof.
  intros H. unfold feature_sem. destruct t as [s|k]; cbn [f_number f_special f_position fst snd]; [rewrite H by reflexivity|]; ring.
Qed.
Lemma lin_hit rho h x : x 0%nat = 1 -> lin rho [(0%nat, const 1); (h, const (-1))] x = 1 - x h.
Proof. intros H. rewrite !lin_cons, !peval_const, H. change (lin rho [] x) with 0. ring. Qed.
(** A head that looks d positions back, at the first position if there are not that many. *)
Lemma picked_back rho x i a d p : x i 0%nat = 1 -> x i p = Z.of_nat i -> 0 <= d ->
  picked rho x i (At a [(0%nat, const (- d)); (p, const 1)]) = (i - Z.to_nat d)%nat.
Proof.
  intros H0 Hp Hd. unfold picked. rewrite !lin_cons, !peval_const, H0, Hp. change (lin rho [] _) with 0. unfold nearest. lia.
Qed.

(** ** One token is written and ends the decoding *)
Section Written.
  Variables (D : domain) (rho : env) (M : model) (N : network) (claims : ranges) (n : Z) (xs query : list Z).
  Hypothesis G : good D rho.
  Hypothesis checked : check_all D M N claims = true.
  Hypothesis two_specials : (2 <= specials M)%nat.
  Hypothesis first_ends : answers M = None.
  Hypothesis vocabulary_low : peval rho (low M) = 0.
  Hypothesis vocabulary_high : peval rho (high M) = n.
  Hypothesis sequence : fits n xs.
  Hypothesis asked : Forall (fun x => 0 <= x <= n) query.
  Hypothesis context_is : n + Z.of_nat (length query) + 1 <= peval rho (context M).
  Notation w := (prompt xs query).

  Lemma input_is_ok : input_ok rho M N w.
  Proof.
    destruct sequence as (Size & Letters). split; [|split].
    - intros i Hi. rewrite length_prompt in Hi. change (nth i w (Special 0)) with (at_ xs query i).
      destruct (kinds xs query i ltac:(unfold last_; lia)) as [->|j -> Hj| ->|k -> Hk].
      + cbn. repeat split; lia.
      + rewrite at_letter by auto. lia.
      + rewrite at_separator. unfold separator. repeat split; lia.
      + rewrite at_query by auto. lia.
    - intros i k Hi E. rewrite length_prompt in Hi. change (at_ xs query i = Number k) in E. rewrite vocabulary_low, vocabulary_high.
      destruct (kinds xs query i ltac:(unfold last_; lia)) as [->|j -> Hj| ->|k' -> Hk].
      + discriminate.
      + rewrite at_letter in E by auto. injection E as <-. rewrite Forall_forall in Letters. specialize (Letters (nth j xs 0) ltac:(apply nth_In; auto)). lia.
      + rewrite at_separator in E. discriminate.
      + rewrite at_query in E by auto. injection E as <-. rewrite Forall_forall in asked. apply asked, nth_In. auto.
    - rewrite length_prompt. lia.
  Qed.
  Theorem decodes_one t : net_next rho N w = Some t -> decode QcN rho M w = ([t], true).
  Proof.
    intros E. apply (decodes D rho M N claims G checked); [apply input_is_ok|apply nonempty|].
    cbn [net_decode]. rewrite E. unfold is_answer. rewrite first_ends. reflexivity.
  Qed.
End Written.

(** ** A network whose last head looks for the latest record writes the answer. *)
Section Gram.
  Variables (rho : env) (N : network) (n : Z) (xs query : list Z) (x : nat -> nat -> Z).
  Variables (found hit s begin : nat) (pairs : list (row * row)) (excluded : row).
  Notation w := (prompt xs query).
  Notation last := (last_ xs query).
  Let p := picked rho x last (Latest s pairs excluded begin).
  Hypothesis writes : outputs N = [Output (Value (coord found)) [[(0%nat, const 1); (hit, const (-1))]]; Output (Token 2) []].
  Hypothesis one_is : net_stream rho N w last 0%nat = 1.
  Hypothesis found_is : net_stream rho N w last found = digit xs query p.
  Hypothesis hit_is : net_stream rho N w last hit = is 0 (at_ xs query p).
  Hypothesis queries_are : queries rho pairs x last = asked_key xs query.
  Hypothesis keys_are : forall j, keys rho pairs x j = key_at xs query j.
  Hypothesis excluded_is : forall j, lin rho excluded (x j) = is 1 (at_ xs query j).
  Hypothesis positive : Forall (fun y => 1 <= y) query.
  Hypothesis some_query : query <> [].

  Theorem writes_completion : exists t, answer (c_gram (S (length query))) xs query t /\ net_next rho N w = Some t.
  Proof.
    destruct (latest_is xs query positive some_query (queries rho pairs x last) (keys rho pairs x) (fun j => lin rho excluded (x j)) queries_are (fun j _ => keys_are j) (fun j _ => excluded_is j))
      as (t & A & _ & H). change (latest_pick _ _ _ _) with p in H. exists t. split; [exact A|].
    unfold net_next. rewrite last_is, writes. cbn [decide]. unfold applies. cbn [o_when forallb].
    rewrite lin_hit by exact one_is. rewrite hit_is. unfold names. cbn [o_what]. rewrite lin_coord, found_is.
    destruct H as [(_ & Et & (b & ->))|(P0 & ->)].
    - unfold digit. rewrite Et. reflexivity.
    - rewrite P0. reflexivity.
  Qed.
End Gram.
