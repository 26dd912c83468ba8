(** The networks that look a position up: the head picks the place that the query names. *)
From Coq Require Import ZArith QArith Qcanon List Lia Arith Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetSound NetModel NetTop NetRange NetFull.
From RetrievalGap Require Import StatementsRetrieval Prompts Lookups Grams.
Import ListNotations.
Open Scope Z_scope.

Section Position.
  Variables (rho : env) (N : network) (xs : list Z) (asked : Z) (x : nat -> nat -> Z) (place : row) (token found : nat).
  Notation w := (prompt xs [asked]).
  Notation last := (last_ xs [asked]).
  Hypothesis writes : outputs N = [Output (Value (coord found)) []].
  Hypothesis found_is : net_stream rho N w last found = x (picked rho x last (At place (coord token))) token.
  Hypothesis token_is : forall i, x i token = digit xs [asked] i.
  Hypothesis inside : 1 <= asked <= Z.of_nat (length xs).

  Theorem writes_position : exists t, answer index xs [asked] t /\ net_next rho N w = Some t.
  Proof.
    set (a := nth (Z.to_nat (asked - 1)) xs 0). exists (Number a). split.
    - exists (firstn (Z.to_nat (asked - 1)) xs), a, (skipn (Z.to_nat asked) xs). split; [|split; [|reflexivity]].
      + rewrite (slice [a] (Z.to_nat (asked - 1)) xs) at 1.
        * cbn [app length]. f_equal. f_equal. f_equal. lia.
        * cbn [length]. lia.
        * intros [|k] Hk; [|cbn [length] in Hk; lia]. rewrite Nat.add_0_r. reflexivity.
      + rewrite firstn_length_le by lia. f_equal. lia.
    - unfold net_next. rewrite last_is, writes. cbn [decide]. unfold applies, names. cbn [o_when o_what forallb].
      rewrite lin_coord, found_is, token_is. unfold picked. rewrite lin_coord, token_is.
      assert (digit xs [asked] last = asked) as ->.
      { unfold digit, last_. replace (length xs + 1 + length [asked])%nat with (length xs + 2 + 0)%nat by (cbn [length]; lia).
        rewrite at_query by (cbn [length]; lia). reflexivity. }
      unfold nearest. rewrite Z.min_l by (unfold last_; cbn [length]; lia). unfold digit.
      replace (Z.to_nat asked) with (S (Z.to_nat (asked - 1))) by lia. rewrite at_letter by lia. reflexivity.
  Qed.
End Position.
Lemma index_asked n xs query : fits n xs -> legal index n xs query ->
  exists i, query = [i] /\ 1 <= i <= Z.of_nat (length xs) /\ 1 <= n /\ Forall (fun x => 0 <= x <= n) query.
Proof.
  intros (Size & _) (i & -> & B). exists i. repeat split; try lia. constructor; [lia|constructor].
Qed.
