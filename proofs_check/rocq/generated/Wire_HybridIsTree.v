(* hybrid/istree: its network of gadgets and what follows; coordinates as in Gen_HybridIsTree.v.
   Written by proofs_check/rocq/_network.py. *)
From Coq Require Import ZArith List Lia Arith.
From RetrievalGap Require Import Model Shadow Tactics NetSound Network NetCheck NetModel NetTop.
From RetrievalGap Require Import NetRange NetFull.
From RetrievalGap.Generated Require Import Gen_HybridIsTree.
Import ListNotations.
Open Scope Z_scope.

Definition wiring : network := {|
  features := [Feature (1, 0, 0) [(0%nat, [(1, [])]); (1%nat, [(1, [])]); (2%nat, [(1, [])]); (3%nat, [(1, [])]); (4%nat, [(1, [])]); (5%nat, [(1, [])]); (6%nat, [(1, [])]); (7%nat, [(1, [])]); (8%nat, [(1, [])])] (0, 0);
    Feature ((0), (0), (0)) [(1%nat, [(1, [])])] ((0), (0))  (* is ~ *);
    Feature ((0), (0), (0)) [(3%nat, [(1, [])])] ((0), (0))  (* is | *);
    Feature ((0), (0), (0)) [(5%nat, [(1, [])])] ((0), (0))  (* is ok *);
    Feature ((0), (1), (0)) [(0%nat, [(-1, [])]); (1%nat, [(-2, [])]); (2%nat, [(-3, [])]); (3%nat, [(-4, [])]); (4%nat, [(-5, [])]); (5%nat, [(-6, [])]); (6%nat, [(-7, [])]); (7%nat, [(-8, [])]); (8%nat, [(-9, [])])] ((0), (0))  (* code *);
    Feature ((1), (0), (0)) [] ((0), (0))  (* is number *);
    Feature ((0), (0), (0)) [(6%nat, [(1, [])])] ((0), (0))  (* is NONE *);
    Feature ((0), (1), (0)) [] ((0), (0))  (* token *);
    Feature ((0), (0), (1)) [] ((0), (0))  (* token^2 *);
    Feature ((0), (0), (0)) [(0%nat, [(1, [])])] ((0), (0))  (* is <s> *);
    Feature ((0), (0), (0)) [(2%nat, [(1, [])])] ((0), (0))  (* is ? *);
    Feature ((0), (0), (0)) [(4%nat, [(1, [])])] ((0), (0))  (* is T *)];
  stages := [Cells [Cell (Some 12%nat) [(0%nat, 1)] [(1%nat, [(1, [])])]  (* #is ~ *);
    Cell (Some 13%nat) [(1%nat, 1)] [(2%nat, [(1, [])])]  (* #is | *);
    Cell (Some 14%nat) [(2%nat, 1)] [(3%nat, [(1, [])])]  (* #is ok *);
    Cell None [] [(4%nat, [(1, [])])]  (* now.code *);
    Cell (Some 15%nat) [(3%nat, 1)] []  (* 1 back.code *);
    Cell (Some 16%nat) [(4%nat, 1)] []  (* 2 back.code *);
    Cell (Some 17%nat) [(5%nat, 1)] []  (* 3 back.code *);
    Cell (Some 18%nat) [(6%nat, 1)] []  (* 4 back.code *)];
    Gates [(19%nat, Equal [(0%nat, [(6, [])]); (16%nat, [(1, [])])])  (* is ok 2 back *);
    (20%nat, Clamp [(17%nat, [(1, [])])] [] None)  (* 3 back.number *);
    (22%nat, Equal [(0%nat, [(2, [])]); (15%nat, [(1, [])])])  (* is ~ 1 back *);
    (24%nat, Equal [(0%nat, [(4, [])]); (17%nat, [(1, [])])])  (* is | 3 back *);
    (25%nat, Equal [(0%nat, [(4, [])]); (18%nat, [(1, [])])])  (* is | 4 back *);
    (26%nat, Equal [(0%nat, [(4, [])]); (15%nat, [(1, [])])])  (* is | 1 back *);
    (27%nat, Equal [(0%nat, [(6, [])]); (15%nat, [(1, [])])])  (* is ok 1 back *);
    (28%nat, Equal [(0%nat, [(4, [])]); (16%nat, [(1, [])])])  (* is | 2 back *);
    (29%nat, Clamp [(15%nat, [(1, [])])] [] None)  (* 1 back.number *);
    (31%nat, Clamp [(16%nat, [(1, [])])] [] None)  (* 2 back.number *);
    (34%nat, Square [(12%nat, [(1, [])])])  (* (#is ~)^2 *);
    (39%nat, Square [(13%nat, [(1, [])])])  (* (#is |)^2 *);
    (68%nat, Equal [(0%nat, [(-1, [])]); (12%nat, [(-2, [])]); (14%nat, [(1, [])])])  (* tour is complete *);
    (72%nat, AtLeast [(0%nat, [(-1, [(0%nat, 1%nat)])]); (12%nat, [(1, [])])])  (* too many edges *);
    (73%nat, AtLeast [(0%nat, [(-1, [])]); (12%nat, [(1, [])]); (13%nat, [(-1, [])])])  (* more edges *);
    (74%nat, AtLeast [(15%nat, [(1, [])])])  (* is number 1 back *);
    (75%nat, AtLeast [(16%nat, [(1, [])])])  (* is number 2 back *);
    (76%nat, AtLeast [(17%nat, [(1, [])])])  (* is number 3 back *);
    (77%nat, Equal [(0%nat, [(7, [])]); (15%nat, [(1, [])])])  (* is NONE 1 back *);
    (78%nat, Equal [(0%nat, [(5, [])]); (15%nat, [(1, [])])])  (* is T 1 back *)];
    Gates [(21%nat, Cases [([(19%nat, [(1, [])])], [(20%nat, [(1, [])])])] [])  (* came from *);
    (23%nat, All [[(5%nat, [(1, [])])]; [(22%nat, [(1, [])])]])  (* ends edge *);
    (30%nat, Cases [([(2%nat, [(1, [])])], [(13%nat, [(1, [])])]); ([(26%nat, [(1, [])])], [(13%nat, [(1, [])])]); ([(27%nat, [(1, [])])], [(7%nat, [(1, [])])])] [(29%nat, [(1, [])])])  (* asked node *);
    (35%nat, Square [(31%nat, [(1, [])])])  (* (2 back.number)^2 *);
    (36%nat, Square [(29%nat, [(1, [])])])  (* (1 back.number)^2 *);
    (38%nat, Square [(2%nat, [(1, [])]); (3%nat, [(2, [])]); (24%nat, [(2, [])]); (26%nat, [(1, [])]); (27%nat, [(3, [])]); (28%nat, [(2, [])])])  (* (is | + is | 1 back + 2 is | 2 back + 2 is | 3 back + 2 is ok + 3 is ok 1 back)^2 *);
    (47%nat, Cases [([(24%nat, [(1, [])])], [(29%nat, [(1, [])])]); ([(25%nat, [(1, [])])], [(20%nat, [(1, [])])]); ([(3%nat, [(1, [])])], [(29%nat, [(1, [])])])] [])  (* pair.to *);
    (48%nat, Cases [([(3%nat, [(1, [])])], [(29%nat, [(1, [])])]); ([(27%nat, [(1, [])])], [(31%nat, [(1, [])])])] [])  (* asked pair.from *);
    (50%nat, Square [(3%nat, [(3, [])]); (24%nat, [(2, [])]); (25%nat, [(2, [])])])  (* (2 is | 3 back + 2 is | 4 back + 3 is ok)^2 *);
    (51%nat, Square [(20%nat, [(1, [])])])  (* (3 back.number)^2 *);
    (55%nat, Square [(3%nat, [(2, [])]); (27%nat, [(3, [])])])  (* (2 is ok + 3 is ok 1 back)^2 *);
    (61%nat, Cases [([(27%nat, [(1, [])])], [(7%nat, [(1, [])])])] [])  (* asked back.from *);
    (62%nat, Cases [([(27%nat, [(1, [])])], [(31%nat, [(1, [])])])] [])  (* asked back.to *);
    (63%nat, Square [(27%nat, [(3, [])])])  (* (3 is ok 1 back)^2 *);
    (64%nat, Cases [([(27%nat, [(1, [])])], [(8%nat, [(1, [])])])] [])  (* asked back.from^2 *);
    (79%nat, OneOf [([(10%nat, [(1, [])]); (72%nat, [(-1, [])])], [(0%nat, [(1, [])])]); ([(0%nat, [(-4, [])]); (5%nat, [(1, [])]); (73%nat, [(1, [])]); (74%nat, [(1, [])]); (75%nat, [(1, [])]); (76%nat, [(1, [])])], [(0%nat, [(1, [])])]); ([(0%nat, [(-4, [])]); (6%nat, [(1, [])]); (73%nat, [(1, [])]); (74%nat, [(1, [])]); (75%nat, [(1, [])]); (76%nat, [(1, [])])], [(0%nat, [(1, [])])]); ([(0%nat, [(-2, [])]); (5%nat, [(1, [])]); (73%nat, [(1, [])]); (77%nat, [(1, [])])], [(0%nat, [(1, [])])]); ([(0%nat, [(-2, [])]); (6%nat, [(1, [])]); (73%nat, [(1, [])]); (77%nat, [(1, [])])], [(0%nat, [(1, [])])])])  (* write | *);
    (80%nat, OneOf [([(0%nat, [(-3, [])]); (5%nat, [(1, [])]); (73%nat, [(-1, [])]); (74%nat, [(1, [])]); (75%nat, [(1, [])]); (76%nat, [(1, [])])], [(0%nat, [(1, [])])]); ([(0%nat, [(-3, [])]); (6%nat, [(1, [])]); (73%nat, [(-1, [])]); (74%nat, [(1, [])]); (75%nat, [(1, [])]); (76%nat, [(1, [])])], [(0%nat, [(1, [])])]); ([(0%nat, [(-1, [])]); (5%nat, [(1, [])]); (73%nat, [(-1, [])]); (77%nat, [(1, [])])], [(0%nat, [(1, [])])]); ([(0%nat, [(-1, [])]); (6%nat, [(1, [])]); (73%nat, [(-1, [])]); (77%nat, [(1, [])])], [(0%nat, [(1, [])])])])  (* write T *)];
    Gates [(32%nat, Cases [([(23%nat, [(1, [])])], [(12%nat, [(1, [])])]); ([(24%nat, [(1, [])])], [(31%nat, [(1, [])])]); ([(25%nat, [(1, [])])], [(31%nat, [(1, [])])]); ([(3%nat, [(1, [])])], [(29%nat, [(1, [])])])] [])  (* record.node *);
    (33%nat, Square [(3%nat, [(3, [])]); (23%nat, [(1, [])]); (24%nat, [(2, [])]); (25%nat, [(2, [])])])  (* (ends edge + 2 is | 3 back + 2 is | 4 back + 3 is ok)^2 *);
    (37%nat, Cases [([(23%nat, [(1, [])])], [(34%nat, [(1, [])])]); ([(24%nat, [(1, [])])], [(35%nat, [(1, [])])]); ([(25%nat, [(1, [])])], [(35%nat, [(1, [])])]); ([(3%nat, [(1, [])])], [(36%nat, [(1, [])])])] [])  (* record.node^2 *);
    (40%nat, Cases [([(2%nat, [(1, [])])], [(39%nat, [(1, [])])]); ([(26%nat, [(1, [])])], [(39%nat, [(1, [])])]); ([(27%nat, [(1, [])])], [(8%nat, [(1, [])])])] [(36%nat, [(1, [])])])  (* asked node^2 *);
    (44%nat, Cases [([(23%nat, [(1, [])])], [(31%nat, [(1, [])])]); ([(24%nat, [(1, [])])], [(29%nat, [(1, [])])]); ([(25%nat, [(1, [])])], [(20%nat, [(1, [])])])] [])  (* record.other *);
    (45%nat, Cases [([(23%nat, [(1, [])])], [(7%nat, [(1, [])])])] [])  (* record.other end *);
    (46%nat, Cases [([(24%nat, [(1, [])])], [(31%nat, [(1, [])])]); ([(25%nat, [(1, [])])], [(31%nat, [(1, [])])]); ([(3%nat, [(1, [])])], [(21%nat, [(1, [])])])] [])  (* pair.from *);
    (49%nat, Cases [([(3%nat, [(1, [])])], [(21%nat, [(1, [])])]); ([(27%nat, [(1, [])])], [(7%nat, [(1, [])])])] [])  (* asked pair.to *);
    (52%nat, Cases [([(19%nat, [(1, [])])], [(51%nat, [(1, [])])])] [])  (* came from^2 *);
    (54%nat, Cases [([(24%nat, [(1, [])])], [(36%nat, [(1, [])])]); ([(25%nat, [(1, [])])], [(51%nat, [(1, [])])]); ([(3%nat, [(1, [])])], [(36%nat, [(1, [])])])] [])  (* pair.to^2 *);
    (56%nat, Cases [([(3%nat, [(1, [])])], [(36%nat, [(1, [])])]); ([(27%nat, [(1, [])])], [(35%nat, [(1, [])])])] [])  (* asked pair.from^2 *);
    (65%nat, Cases [([(27%nat, [(1, [])])], [(35%nat, [(1, [])])])] [])  (* asked back.to^2 *)];
    Gates [(53%nat, Cases [([(24%nat, [(1, [])])], [(35%nat, [(1, [])])]); ([(25%nat, [(1, [])])], [(35%nat, [(1, [])])]); ([(3%nat, [(1, [])])], [(52%nat, [(1, [])])])] [])  (* pair.from^2 *);
    (57%nat, Cases [([(3%nat, [(1, [])])], [(52%nat, [(1, [])])]); ([(27%nat, [(1, [])])], [(8%nat, [(1, [])])])] [])  (* asked pair.to^2 *)];
    Heads [(Latest 1%nat [([(3%nat, [(3, [])]); (23%nat, [(1, [])]); (24%nat, [(2, [])]); (25%nat, [(2, [])])], [(2%nat, [(1, [])]); (3%nat, [(2, [])]); (24%nat, [(2, [])]); (26%nat, [(1, [])]); (27%nat, [(3, [])]); (28%nat, [(2, [])])]); ([(32%nat, [(1, [])])], [(30%nat, [(1, [])])])] [] 9%nat,
      [(41%nat, [(9%nat, [(1, [])])]); (42%nat, [(44%nat, [(1, [])])]); (43%nat, [(45%nat, [(1, [])])])])  (* node record *);
    (Latest 1%nat [([(3%nat, [(3, [])]); (24%nat, [(2, [])]); (25%nat, [(2, [])])], [(3%nat, [(2, [])]); (27%nat, [(3, [])])]); ([(46%nat, [(1, [])])], [(48%nat, [(1, [])])]); ([(47%nat, [(1, [])])], [(49%nat, [(1, [])])])] [] 9%nat,
      [(58%nat, [(9%nat, [(1, [])])]); (59%nat, [(6%nat, [(1, [])])]); (60%nat, [(7%nat, [(1, [])])])])  (* pair record *);
    (Latest 1%nat [([(3%nat, [(3, [])]); (24%nat, [(2, [])]); (25%nat, [(2, [])])], [(27%nat, [(3, [])])]); ([(46%nat, [(1, [])])], [(61%nat, [(1, [])])]); ([(47%nat, [(1, [])])], [(62%nat, [(1, [])])])] [] 9%nat,
      [(66%nat, [(9%nat, [(1, [])])])])  (* way back *)];
    Gates [(67%nat, All [[(0%nat, [(1, [])]); (58%nat, [(-1, [])])]; [(0%nat, [(1, [])]); (59%nat, [(-1, [])])]])  (* has a pointer *);
    (69%nat, All [[(0%nat, [(1, [])]); (58%nat, [(-1, [])])]; [(68%nat, [(1, [])])]])  (* whole graph *);
    (70%nat, All [[(0%nat, [(1, [])]); (41%nat, [(-1, [])])]; [(66%nat, [(1, [])])]])  (* closes a cycle *);
    (82%nat, OneOf [([(0%nat, [(-3, [])]); (5%nat, [(1, [])]); (28%nat, [(1, [])]); (41%nat, [(1, [])]); (74%nat, [(1, [])])], [(0%nat, [(1, [])])]); ([(0%nat, [(-4, [])]); (5%nat, [(1, [])]); (24%nat, [(1, [])]); (41%nat, [(1, [])]); (74%nat, [(1, [])]); (75%nat, [(1, [])])], [(0%nat, [(1, [])])]); ([(0%nat, [(-4, [])]); (6%nat, [(1, [])]); (24%nat, [(1, [])]); (41%nat, [(1, [])]); (74%nat, [(1, [])]); (75%nat, [(1, [])])], [(0%nat, [(1, [])])])])  (* write NONE *)];
    Gates [(71%nat, All [[(58%nat, [(1, [])])]; [(0%nat, [(1, [])]); (70%nat, [(-1, [])])]])  (* not walk ends *);
    (83%nat, OneOf [([(0%nat, [(-2, [])]); (5%nat, [(1, [])]); (27%nat, [(1, [])]); (69%nat, [(1, [])])], [(0%nat, [(1, [])])])])  (* write YES *);
    (85%nat, OneOf [([(2%nat, [(1, [])])], [(42%nat, [(1, [])])]); ([(0%nat, [(-1, [])]); (5%nat, [(1, [])]); (26%nat, [(1, [])])], [(43%nat, [(1, [])])]); ([(0%nat, [(-2, [])]); (5%nat, [(1, [])]); (28%nat, [(1, [])]); (41%nat, [(-1, [])]); (74%nat, [(1, [])])], [(42%nat, [(1, [])])]); ([(0%nat, [(-3, [])]); (5%nat, [(1, [])]); (24%nat, [(1, [])]); (41%nat, [(-1, [])]); (74%nat, [(1, [])]); (75%nat, [(1, [])])], [(42%nat, [(1, [])])]); ([(0%nat, [(-3, [])]); (6%nat, [(1, [])]); (24%nat, [(1, [])]); (41%nat, [(-1, [])]); (74%nat, [(1, [])]); (75%nat, [(1, [])])], [(42%nat, [(1, [])])]); ([(11%nat, [(1, [])])], [(20%nat, [(1, [])])]); ([(0%nat, [(-1, [])]); (3%nat, [(1, [])]); (67%nat, [(1, [])])], [(60%nat, [(1, [])])]); ([(3%nat, [(1, [])]); (67%nat, [(-1, [])])], [(42%nat, [(1, [])])])])  (* number to write *)];
    Gates [(81%nat, OneOf [([(0%nat, [(-1, [])]); (5%nat, [(1, [])]); (78%nat, [(1, [])])], [(0%nat, [(1, [])])]); ([(0%nat, [(-2, [])]); (5%nat, [(1, [])]); (27%nat, [(1, [])]); (69%nat, [(-1, [])]); (71%nat, [(1, [])])], [(0%nat, [(1, [])])])])  (* write ok *);
    (84%nat, OneOf [([(0%nat, [(-1, [])]); (10%nat, [(1, [])]); (72%nat, [(1, [])])], [(0%nat, [(1, [])])]); ([(0%nat, [(-1, [])]); (5%nat, [(1, [])]); (27%nat, [(1, [])]); (69%nat, [(-1, [])]); (71%nat, [(-1, [])])], [(0%nat, [(1, [])])])])  (* write NO *)]];
  squares := [(8%nat, 7%nat); (34%nat, 12%nat); (35%nat, 31%nat); (36%nat, 29%nat); (37%nat, 32%nat); (39%nat, 13%nat); (40%nat, 30%nat); (51%nat, 20%nat); (52%nat, 21%nat); (53%nat, 46%nat); (54%nat, 47%nat); (56%nat, 48%nat); (57%nat, 49%nat); (64%nat, 61%nat); (65%nat, 62%nat); (2%nat, 3%nat); (2%nat, 5%nat); (2%nat, 6%nat); (2%nat, 10%nat); (2%nat, 11%nat); (3%nat, 5%nat); (3%nat, 6%nat); (3%nat, 10%nat); (3%nat, 11%nat); (5%nat, 6%nat); (5%nat, 10%nat); (5%nat, 11%nat); (6%nat, 10%nat); (6%nat, 11%nat); (10%nat, 11%nat)];
  outputs := [Output (Token 3%nat) [[(79%nat, [(1, [])])]];
    Output (Token 4%nat) [[(80%nat, [(1, [])])]];
    Output (Token 5%nat) [[(81%nat, [(1, [])])]];
    Output (Token 6%nat) [[(82%nat, [(1, [])])]];
    Output (Token 7%nat) [[(83%nat, [(1, [])])]];
    Output (Token 8%nat) [[(84%nat, [(1, [])])]];
    Output (Value [(85%nat, [(1, [])])]) []];
  logit_scale := Some 2%nat;
  once := true |}.

Definition domain_ : domain := [(0%nat, [(2, [])]);
    (1%nat, [(2, [(0%nat, 2%nat)]); (18, [(0%nat, 1%nat)]); (29, [])]);
    (2%nat, [(1, [(0%nat, 2%nat)]); (4, [(0%nat, 1%nat)]); (5, [])])].
Definition ranges_ : ranges := [(1%nat, ([], [(1, [])]));
  (2%nat, ([], [(1, [])]));
  (3%nat, ([], [(1, [])]));
  (4%nat, ([(-9, [])], [(1, [(0%nat, 1%nat)])]));
  (5%nat, ([], [(1, [])]));
  (6%nat, ([], [(1, [])]));
  (7%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (8%nat, ([], [(1, [(0%nat, 2%nat)])]));
  (9%nat, ([], [(1, [])]));
  (10%nat, ([], [(1, [])]));
  (11%nat, ([], [(1, [])]));
  (12%nat, ([], [(2, [(0%nat, 2%nat)]); (10, [(0%nat, 1%nat)]); (1, [])]));
  (13%nat, ([], [(2, [(0%nat, 2%nat)]); (10, [(0%nat, 1%nat)]); (1, [])]));
  (14%nat, ([], [(2, [(0%nat, 2%nat)]); (10, [(0%nat, 1%nat)]); (1, [])]));
  (15%nat, ([(-9, [])], [(1, [(0%nat, 1%nat)])]));
  (16%nat, ([(-9, [])], [(1, [(0%nat, 1%nat)])]));
  (17%nat, ([(-9, [])], [(1, [(0%nat, 1%nat)])]));
  (18%nat, ([(-9, [])], [(1, [(0%nat, 1%nat)])]));
  (19%nat, ([], [(1, [])]));
  (20%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (21%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (22%nat, ([], [(1, [])]));
  (23%nat, ([], [(1, [])]));
  (24%nat, ([], [(1, [])]));
  (25%nat, ([], [(1, [])]));
  (26%nat, ([], [(1, [])]));
  (27%nat, ([], [(1, [])]));
  (28%nat, ([], [(1, [])]));
  (29%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (30%nat, ([], [(2, [(0%nat, 2%nat)]); (10, [(0%nat, 1%nat)]); (1, [])]));
  (31%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (32%nat, ([], [(2, [(0%nat, 2%nat)]); (10, [(0%nat, 1%nat)]); (1, [])]));
  (33%nat, ([], [(64, [])]));
  (34%nat, ([], [(4, [(0%nat, 4%nat)]); (40, [(0%nat, 3%nat)]); (104, [(0%nat, 2%nat)]); (20, [(0%nat, 1%nat)]); (1, [])]));
  (35%nat, ([], [(1, [(0%nat, 2%nat)])]));
  (36%nat, ([], [(1, [(0%nat, 2%nat)])]));
  (37%nat, ([], [(4, [(0%nat, 4%nat)]); (40, [(0%nat, 3%nat)]); (104, [(0%nat, 2%nat)]); (20, [(0%nat, 1%nat)]); (1, [])]));
  (38%nat, ([], [(121, [])]));
  (39%nat, ([], [(4, [(0%nat, 4%nat)]); (40, [(0%nat, 3%nat)]); (104, [(0%nat, 2%nat)]); (20, [(0%nat, 1%nat)]); (1, [])]));
  (40%nat, ([], [(4, [(0%nat, 4%nat)]); (40, [(0%nat, 3%nat)]); (104, [(0%nat, 2%nat)]); (20, [(0%nat, 1%nat)]); (1, [])]));
  (41%nat, ([], [(1, [])]));
  (42%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (43%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (44%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (45%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (46%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (47%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (48%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (49%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (50%nat, ([], [(49, [])]));
  (51%nat, ([], [(1, [(0%nat, 2%nat)])]));
  (52%nat, ([], [(1, [(0%nat, 2%nat)])]));
  (53%nat, ([], [(1, [(0%nat, 2%nat)])]));
  (54%nat, ([], [(1, [(0%nat, 2%nat)])]));
  (55%nat, ([], [(25, [])]));
  (56%nat, ([], [(1, [(0%nat, 2%nat)])]));
  (57%nat, ([], [(1, [(0%nat, 2%nat)])]));
  (58%nat, ([], [(1, [])]));
  (59%nat, ([], [(1, [])]));
  (60%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (61%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (62%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (63%nat, ([], [(9, [])]));
  (64%nat, ([], [(1, [(0%nat, 2%nat)])]));
  (65%nat, ([], [(1, [(0%nat, 2%nat)])]));
  (66%nat, ([], [(1, [])]));
  (67%nat, ([], [(1, [])]));
  (68%nat, ([], [(1, [])]));
  (69%nat, ([], [(1, [])]));
  (70%nat, ([], [(1, [])]));
  (71%nat, ([], [(1, [])]));
  (72%nat, ([], [(1, [])]));
  (73%nat, ([], [(1, [])]));
  (74%nat, ([], [(1, [])]));
  (75%nat, ([], [(1, [])]));
  (76%nat, ([], [(1, [])]));
  (77%nat, ([], [(1, [])]));
  (78%nat, ([], [(1, [])]));
  (79%nat, ([], [(1, [])]));
  (80%nat, ([], [(1, [])]));
  (81%nat, ([], [(1, [])]));
  (82%nat, ([], [(1, [])]));
  (83%nat, ([], [(1, [])]));
  (84%nat, ([], [(1, [])]));
  (85%nat, ([], [(1, [(0%nat, 1%nat)])]))].

Lemma checked : check_all domain_ blueprint wiring ranges_ = true.
Proof. vm_compute. reflexivity. Qed.

Lemma is_good (size_n : Z) : 2 <= size_n -> good domain_ (at_size size_n).
Proof.
  intros. exists (fun v => match v with | 0%nat => size_n - 2 | 1%nat => scale (peval (fun v => match v with | 0%nat => size_n | _ => 0 end) lower_S) - peval (fun v => match v with | 0%nat => size_n | _ => 0 end) lower_S | 2%nat => scale (peval (fun v => match v with | 0%nat => size_n | _ => 0 end) lower_M) - peval (fun v => match v with | 0%nat => size_n | _ => 0 end) lower_M | _ => 0 end). split; intros place_.
  - do 3 (destruct place_ as [|place_]; [first [lia | match goal with |- 0 <= scale ?p - _ => pose proof (proj1 (scale_spec p)); lia end]|]). lia.
  - do 3 (destruct place_ as [|place_]; [unfold at_size, shift, domain_, lower_S, lower_M; cbn [assoc Nat.eqb]; evaluate; ring|]). reflexivity.
Qed.
(** For all sizes and all inputs that fit: the weights compute the network of gadgets, *)
Theorem computes (size_n : Z) (input : list tok) : 2 <= size_n -> input_ok (at_size size_n) blueprint wiring input ->
  agree (length input) (stream QcN (at_size size_n) blueprint input) (net_stream (at_size size_n) wiring input).
Proof. intros. apply (computes_all domain_ (at_size size_n) blueprint wiring ranges_); auto using is_good, checked. Qed.
(** the next token is the one that the network says, *)
Theorem next_as (size_n : Z) (input : list tok) t : 2 <= size_n -> input_ok (at_size size_n) blueprint wiring input -> input <> [] -> net_next (at_size size_n) wiring input = Some t ->
  next QcN (at_size size_n) blueprint input = t.
Proof. intros. apply (writes domain_ (at_size size_n) blueprint wiring ranges_); auto using is_good, checked. Qed.
(** and so is all that is written. *)
Theorem decodes_as (size_n : Z) (input : list tok) r : 2 <= size_n -> input_ok (at_size size_n) blueprint wiring input -> input <> [] -> net_decode (at_size size_n) blueprint wiring (S (Z.to_nat (peval (at_size size_n) (context blueprint) + 1) - length input)) input = Some r ->
  decode QcN (at_size size_n) blueprint input = r.
Proof. intros. apply (decodes domain_ (at_size size_n) blueprint wiring ranges_); auto using is_good, checked. Qed.
