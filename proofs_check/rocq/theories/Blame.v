(** What is wrong where the check of a construction fails: layers are counted from 0, coordinates by their places. *)
From Coq Require Import ZArith List Bool.
From RetrievalGap Require Import Attend Model Shadow Tactics Gadgets Reflect Network NetCheck NetModel NetTop NetRange NetFull NetMean NetCount NetMixed.
Import ListNotations.
Inductive fault :=
| InEmbedding (coordinate : nat)
| InStage (layer : nat)                                  (* its kind, or which coordinates it writes *)
| InScore (layer head : nat)
| InRead (layer head : nat)
| InUnits (layer coordinate : nat)
| InFlags (layer coordinate : nat)                       (* flags that are not known to be 0 or 1 *)
| InRecurrence (layer : nat)
| InMove (layer unit : nat)                               (* what opens a unit of a state, or which cell it moves *)
| InCell (layer cell : nat)                               (* what a cell keeps, reads or is moved by *)
| InShown (layer : nat)                                   (* where cells are shown *)
| InLogits
| InScale (variable : nat)                               (* not known to be above the context *)
| InRange (coordinate : nat)
| InOutput (alternative : nat)
| InFraction (layer coordinate : nat)
| InCount (layer coordinate : nat)
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
  | Selective a b _ _ g h m, States _ reads ms => if check_states a b g h m reads ms then [InShown k] else
    match flat_map (fun up => if check_units (skipn (fst up) g) (skipn (fst up) h) [snd up] then [] else [InMove k (fst up)]) (index 0 (all_parts ms)) with
    | [] => flat_map (fun r => if same_row (nth (fst r) a []) (coord (fst r)) && same_row (nth (fst r) b []) (snd r) && same_row (nth (fst r) m []) (change_row 0 (fst r) (all_parts ms))
                               then [] else [InCell k (fst r)]) (index 0 reads)
    | moves => moves end
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
(** The same for networks with fractions: their integers are compared with the layers that write these alone. *)
Definition heads_of (L : layer) : list head := match L with Attention hs => hs | _ => [] end.
Definition renumbered (ks : list nat) (f : fault) : fault :=
  match f with InScore k a => InScore k (nth a ks a) | InRead k a => InRead k (nth a ks a) | _ => f end.
Section Mixed.
  Variables (D : domain) (R : list nat) (T : poly) (sq : list (nat * nat)) (claims : ranges).
  Definition blame_mixed (Sn : seen) k (L : layer) (s : stage) (fs : list (nat * fraction)) (ns : list (nat * counted)) : list fault :=
    let F := s_facts Sn in let W := map fst ns ++ R in
    let found := map (renumbered (map fst (filter (fun ah => kept W (snd ah)) (index 0 (heads_of L))))) (blame_stage F k (mask W L) s) ++
      (if integers_apart W L then [] else [InMixture k]) ++
      flat_map (fun c => if match assoc c fs with Some g => check_fraction R F L c g | None => untouched L c end then [] else [InFraction k c]) R ++
      flat_map (fun cg => if check_counted R T F (s_averages Sn) (s_numbers Sn) L (fst cg) (snd cg) then [] else [InCount k (fst cg)]) ns in
    match found with [] => if check_mixed R T Sn L s fs ns then [] else [InStage k] | _ => found end.
  Fixpoint blame_mixeds (Sn : seen) k (Ls : list layer) (ss : list stage) (fss : list (list (nat * fraction))) (nss : list (list (nat * counted))) : list fault * seen :=
    match Ls, ss with
    | L :: Ls', s :: ss' =>
      let '(found, last) := blame_mixeds (step D R T sq claims Sn s (hd [] fss) (hd [] nss)) (S k) Ls' ss' (tl fss) (tl nss) in
      (blame_mixed Sn k L s (hd [] fss) (hd [] nss) ++ found, last)
    | [], [] => ([], Sn) | _, _ => ([InStage k], Sn) end.
End Mixed.
Definition blame_network (D : domain) (M : model) (N : mean_network) (claims : ranges) : list fault * seen :=
  let B := base N in
  let '(found, last) := blame_mixeds D (places_of (fractions N)) (top M) (squares B) claims (first_seen D M N claims) 0 (layers M) (stages B) (fractions N) (counts N) in
  (flat_map (fun c => if check_feature M (features B) c then [] else [InEmbedding c]) (seq 0 (rows_bound M (features B))) ++ found ++
   flat_map (fun s => if le D (top M) (var_ s) then [] else [InScale s]) (scales B) ++
   flat_map (fun cr => match assoc (fst cr) (s_ints last ++ s_fractions last) with Some _ => [] | None => [InRange (fst cr)] end) claims, last).
Definition blame_mean (D : domain) (M : model) (N : mean_network) (claims : ranges) : list fault :=
  fst (blame_network D M N claims) ++ (if sign_rows M (sign N) then [] else [InLogits]) ++ (if check_mean D M N claims then [] else [InSign]).
Definition blame_counts (D : domain) (M : model) (N : mean_network) (claims : ranges) : list fault :=
  let B := base N in let R := places_of (fractions N) in let '(found, last) := blame_network D M N claims in found ++
  (if check_logits M B && forallb (avoids R) (special_logits M) && forallb (avoids R) (polynomial_logits M) then [] else [InLogits]) ++
  flat_map (fun ko => if output_ok (once B) D M (s_facts last) (s_ints last) (logit_scale B) (snd ko) then [] else [InOutput (fst ko)]) (index 0 (outputs B)).
