(** The theorems of Statements.v. *)
From Coq Require Import ZArith QArith Qcanon List Lia.
From RetrievalGap Require Import Searching Model Shadow NetTop NetRange NetFull NetMean NetMixed Fast Replay Statements.
Theorem computes : statement_computes.
Proof. intros D rho M N claims w G C Ok i c Hi. exact (computes_all D rho M N claims w G C Ok i c Hi). Qed.
Theorem writes_next : statement_next.
Proof. intros D rho M N claims w t G C Ok Ne E. exact (proj1 (writes D rho M N claims G C w Ok Ne t E)). Qed.
Theorem decodes_all : statement_decodes.
Proof. intros D rho M N claims w r G C Ok Ne E. exact (decodes D rho M N claims G C w r Ok Ne E). Qed.
Theorem averages : statement_averages.
Proof. intros D rho M N claims w G C Ok Ne A. exact (decodes_sign D rho M N claims w G C Ok Ne A). Qed.
Theorem counts_decide : statement_counts.
Proof. intros D rho M N claims w r G C Ok Ne E. exact (counts_decode D rho M N claims G C w r Ok Ne E). Qed.
Theorem evaluator : statement_evaluator. Proof. exact fast_decode. Qed.
Theorem prefixes : statement_prefixes. Proof. exact said_is. Qed.
Theorem replays_decode : statement_replays. Proof. exact replays_is. Qed.
Theorem search_replays_decode : statement_search_replays. Proof. exact search_replays_is. Qed.
