(** Where a check fails: 0 = embedding, k + 1 = stage k (with the coordinates or heads at fault), and the logits. *)
From Coq Require Import ZArith List Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetModel NetTop.
Import ListNotations.
Inductive fault := InEmbedding (c : nat) | Shape (stage : nat) | InHead (stage head : nat) (score reads : bool) | InGate (stage coordinate : nat) (flags : bool) | InCells (stage : nat) | InLogits.
Fixpoint index {A} (k : nat) (l : list A) : list (nat * A) := match l with [] => [] | a :: l' => (k, a) :: index (S k) l' end.
Definition blame_stage F k (L : layer) (s : stage) : list fault :=
  if check_stage F L s then [] else Shape k ::
  match L, s with
  | Attention hs, Heads l => flat_map (fun ahg => let '(a, (h, g)) := ahg in
      if check_head F h g then [] else [InHead k a (check_pick F h (fst g)) (forallb (fun c => same_row (compose (nth c (Model.output h) []) (value h)) (read_row (snd g) c)) (seq 0 (length (Model.output h))))]) (index 0 (combine hs l))
  | FeedForward g v o, Gates l => flat_map (fun cg => if flags_known F (snd cg) && zip (check_unit g v) (nth (fst cg) o []) (units_of (snd cg)) then [] else [InGate k (fst cg) (flags_known F (snd cg))]) l
  | _, _ => [InCells k]
  end.
Fixpoint blame_stages F claims k (Ls : list layer) (ss : list stage) : list fault :=
  match Ls, ss with L :: Ls', s :: ss' => blame_stage F k L s ++ blame_stages (next_facts F claims s) claims (S k) Ls' ss' | [], [] => [] | _, _ => [Shape k] end.
Definition blame (M : model) (N : network) : list fault :=
  flat_map (fun c => if check_feature M (features N) c then [] else [InEmbedding c]) (seq 0 (rows_bound M (features N))) ++
  blame_stages (first_facts (once N) (specials M) (squares N) (features N)) (squares N) 0 (layers M) (stages N) ++
  (if check_logits M N then [] else [InLogits]).
