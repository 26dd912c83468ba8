(** What is proved about weights, in full. Models and how they run are in Model.v; what a network of gadgets computes is in
    Network.v ([gate_sem]), NetCheck.v ([stage_sem]), NetStates.v ([held]), NetTop.v ([decide]), NetMean.v ([fraction_sem]) and NetCount.v ([counted_sem]).
    Nothing is proved here.

    A blueprint's variables are its sizes and its scales; [good D rho] says that [rho] gives each of them a value of the
    domain [D] over which inequalities are proved. [input_ok] says what a prompt is: it begins with the first special token,
    holds tokens of the vocabulary, and fits the context. *)
From Coq Require Import ZArith QArith Qcanon List.
From RetrievalGap Require Import Searching Model Shadow NetTop NetRange NetFull NetMean NetMixed Fast Replay.
Import ListNotations.
Open Scope Z_scope.

(** If the checker says yes, every coordinate of the residual stream is what the network of gadgets says it is, *)
Definition statement_computes : Prop := forall D rho M N claims w,
  good D rho -> check_all D M N claims = true -> input_ok rho M N w ->
  forall i c, (i < length w)%nat -> stream QcN rho M w i c = inj (net_stream rho N w i c).
(** what is written next is what it decides, *)
Definition statement_next : Prop := forall D rho M N claims w t,
  good D rho -> check_all D M N claims = true -> input_ok rho M N w -> w <> [] ->
  net_next rho N w = Some t -> next QcN rho M w = t.
(** and so is everything that is written. *)
Definition statement_decodes : Prop := forall D rho M N claims w r,
  good D rho -> check_all D M N claims = true -> input_ok rho M N w -> w <> [] ->
  net_decode rho M N (S (Z.to_nat (peval rho (context M) + 1) - length w)) w = Some r -> decode QcN rho M w = r.
(** The same where heads average, and the sign of a fraction decides. *)
Definition statement_averages : Prop := forall D rho M N claims w,
  good D rho -> check_mean D M N claims = true -> input_ok rho M (base N) w -> w <> [] -> answers M = None ->
  decode QcN rho M w = ([if positive (linq rho (sign N) (mean_stream rho N w (length w - 1)%nat)) then Number 1 else Number 0], true).
(** The same where averages are made integers, counts and totals, and integers decide. *)
Definition statement_counts : Prop := forall D rho M N claims w r,
  good D rho -> check_counts D M N claims = true -> input_ok rho M (base N) w -> w <> [] ->
  count_decode rho M N (S (Z.to_nat (peval rho (context M) + 1) - length w)) w = Some r -> decode QcN rho M w = r.
(** The evaluator that is compared with the project's other two is the one that these are about. *)
Definition statement_evaluator : Prop := forall rho M w, w <> [] -> fdecode QcN rho M w = decode QcN rho M w.
(** One run of it says what comes next after every prefix of a transcript, and so whether the transcript is what is decoded, *)
Definition statement_prefixes : Prop := forall rho M w t, w <> [] ->
  said rho M w t = map (fun k => next QcN rho M (w ++ firstn k t)) (seq 0 (S (length t))).
Definition statement_replays : Prop := forall rho M w t ended, w <> [] -> replays rho M w t ended = true -> decode QcN rho M w = (t, ended).
(** also where the runtime answers searches. *)
Definition statement_search_replays : Prop := forall rho M L w t ended, w <> [] ->
  search_replays rho M L w t ended = true -> decode_searching rho M L w = (t, ended).
