(** What is wrong where the check of a construction fails: layers are counted from 0, coordinates by their places. *)
From Coq Require Import ZArith List Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetModel NetTop NetRange NetFull NetMean.
Import ListNotations.
Inductive fault :=
| InEmbedding (coordinate : nat)
| InStage (layer : nat)                                  (* its kind, or which coordinates it writes *)
| InScore (layer head : nat)
| InRead (layer head : nat)
| InUnits (layer coordinate : nat)
| InFlags (layer coordinate : nat)                       (* flags that are not known to be 0 or 1 *)
| InRecurrence (layer : nat)
| InLogits
| InScale (variable : nat)                               (* not known to be above the context *)
| InRange (coordinate : nat)
| InOutput (alternative : nat)
| InFraction (layer coordinate : nat)
| InMixture (layer : nat)                                (* integers that depend on fractions *)
| InSign.
Fixpoint index {A} (k : nat) (l : list A) : list (nat * A) := match l with [] => [] | a :: l' => (k, a) :: index (S k) l' end.
Definition blame_stage F k (L : layer) (s : stage) : list fault :=
  if check_stage F L s then [] else
  let found := match L, s with
  | Attention hs, Heads l => flat_map (fun ahg => let '(a, (h, g)) := ahg in
      if check_head F h g then [] else if check_pick F h (fst g) then [InRead k a] else [InScore k a]) (index 0 (combine hs l))
  | FeedForward g v o, Gates l => flat_map (fun cg =>
      (if flags_known F (snd cg) then [] else [InFlags k (fst cg)]) ++
      (if zip (check_unit g v) (nth (fst cg) o []) (units_of (snd cg)) then [] else [InUnits k (fst cg)])) l
  | Recurrence _ _ _ _, Cells _ => [InRecurrence k]
  | _, _ => []
  end in match found with [] => [InStage k] | _ => found end.
Fixpoint blame_stages F claims k (Ls : list layer) (ss : list stage) : list fault :=
  match Ls, ss with
  | L :: Ls', s :: ss' => blame_stage F k L s ++ blame_stages (next_facts F claims s) claims (S k) Ls' ss'
  | [], [] => [] | _, _ => [InStage k] end.
Definition blame (M : model) (N : network) : list fault :=
  flat_map (fun c => if check_feature M (features N) c then [] else [InEmbedding c]) (seq 0 (rows_bound M (features N))) ++
  blame_stages (first_facts (once N) (specials M) (squares N) (features N)) (squares N) 0 (layers M) (stages N) ++
  (if check_logits M N then [] else [InLogits]).
Definition blame_all (D : domain) (M : model) (N : network) (claims : ranges) : list fault :=
  let F0 := first_facts (once N) (specials M) (squares N) (features N) in
  let F := run_facts F0 (squares N) (stages N) in
  let R := run_ranges D F0 (squares N) (first_ranges D M (features N) claims) (top M) claims (stages N) in
  blame M N ++
  flat_map (fun s => if le D (top M) (var_ s) then [] else [InScale s]) (scales N) ++
  flat_map (fun ko => if output_ok (once N) D M F R (logit_scale N) (snd ko) then [] else [InOutput (fst ko)]) (index 0 (outputs N)) ++
  flat_map (fun cr => match assoc (fst cr) R with Some _ => [] | None => [InRange (fst cr)] end) claims.
(** The same for networks with fractions: their integers are compared with the layers that do not write fractions. *)
Definition blame_mixed R F k (L : layer) (s : stage) (fs : list (nat * fraction)) : list fault :=
  blame_stage F k (mask R L) s ++ (if integers_apart R L then [] else [InMixture k]) ++
  flat_map (fun c => if match assoc c fs with Some g => check_fraction R F L c g | None => untouched L c end then [] else [InFraction k c]) R.
Fixpoint blame_mixeds R F claims k (Ls : list layer) (ss : list stage) (fss : list (list (nat * fraction))) : list fault :=
  match Ls, ss with
  | L :: Ls', s :: ss' => blame_mixed R F k L s (hd [] fss) ++ blame_mixeds R (next_facts F claims s) claims (S k) Ls' ss' (tl fss)
  | [], [] => [] | _, _ => [InStage k] end.
Definition blame_mean (D : domain) (M : model) (N : mean_network) (claims : ranges) : list fault :=
  let B := base N in let R := places_of (fractions N) in
  let F0 := first_facts (once B) (specials M) (squares B) (features B) in
  let found := run_fractions R D (top M) F0 (squares B) (first_ranges D M (features B) claims) [] claims (stages B) (fractions N) in
  flat_map (fun c => if check_feature M (features B) c then [] else [InEmbedding c]) (seq 0 (rows_bound M (features B))) ++
  blame_mixeds R F0 (squares B) 0 (layers M) (stages B) (fractions N) ++
  (if sign_rows M (sign N) then [] else [InLogits]) ++
  flat_map (fun s => if le D (top M) (var_ s) then [] else [InScale s]) (scales B) ++
  (if check_mean D M N claims then [] else [InSign]) ++
  flat_map (fun cr => match assoc (fst cr) found with Some _ => [] | None => [InRange (fst cr)] end) claims.
