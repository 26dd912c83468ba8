(* retrieval/istree: its network of gadgets and what follows; coordinates as in Gen_RetrievalIsTree.v.
   Written by proofs_check/rocq/_network.py. *)
From Coq Require Import ZArith List Lia Arith.
From RetrievalGap Require Import Model Shadow Tactics NetSound Network NetCheck NetModel NetTop.
From RetrievalGap Require Import NetRange NetFull.
From RetrievalGap.Generated Require Import Gen_RetrievalIsTree.
Import ListNotations.
Open Scope Z_scope.

Definition wiring : network := {|
  features := [Feature (1, 0, 0) [(0%nat, [(1, [])]); (1%nat, [(1, [])]); (2%nat, [(1, [])]); (3%nat, [(1, [])]); (4%nat, [(1, [])]); (5%nat, [(1, [])]); (6%nat, [(1, [])]); (7%nat, [(1, [])]); (8%nat, [(1, [])]); (9%nat, [(1, [])]); (10%nat, [(1, [])]); (11%nat, [(1, [])]); (12%nat, [(1, [])]); (13%nat, [(1, [])]); (14%nat, [(1, [])]); (15%nat, [(1, [])]); (16%nat, [(1, [])]); (17%nat, [(1, [])]); (18%nat, [(1, [])]); (19%nat, [(1, [])])] (0, 0);
    Feature ((0), (0), (0)) [(3%nat, [(1, [])])] ((0), (0))  (* is > *);
    Feature ((0), (0), (0)) [(1%nat, [(1, [])])] ((0), (0))  (* is ~ *);
    Feature ((0), (0), (0)) [(2%nat, [(1, [])])] ((0), (0))  (* is ? *);
    Feature ((0), (1), (0)) [(0%nat, [(-1, [])]); (1%nat, [(-2, [])]); (2%nat, [(-3, [])]); (3%nat, [(-4, [])]); (4%nat, [(-5, [])]); (5%nat, [(-6, [])]); (6%nat, [(-7, [])]); (7%nat, [(-8, [])]); (8%nat, [(-9, [])]); (9%nat, [(-10, [])]); (10%nat, [(-11, [])]); (11%nat, [(-12, [])]); (12%nat, [(-13, [])]); (13%nat, [(-14, [])]); (14%nat, [(-15, [])]); (15%nat, [(-16, [])]); (16%nat, [(-17, [])]); (17%nat, [(-18, [])]); (18%nat, [(-19, [])]); (19%nat, [(-20, [])])] ((0), (0))  (* code *);
    Feature ((1), (0), (0)) [] ((0), (0))  (* is number *);
    Feature ((0), (0), (0)) [(6%nat, [(1, [])])] ((0), (0))  (* is <search> *);
    Feature ((0), (0), (0)) [(9%nat, [(1, [])])] ((0), (0))  (* is \A(?:[^?]*?(?: *);
    Feature ((0), (0), (0)) [(10%nat, [(1, [])])] ((0), (0))  (* is ~(.)|(.)~ *);
    Feature ((0), (0), (0)) [(11%nat, [(1, [])])] ((0), (0))  (* is )[^? *);
    Feature ((0), (0), (0)) [(12%nat, [(1, [])])] ((0), (0))  (* is ]*(?: *);
    Feature ((0), (0), (0)) [(13%nat, [(1, [])])] ((0), (0))  (* is \~ *);
    Feature ((0), (0), (0)) [(14%nat, [(1, [])])] ((0), (0))  (* is | *);
    Feature ((0), (0), (0)) [(15%nat, [(1, [])])] ((0), (0))  (* is )|[^?]*(?: *);
    Feature ((0), (0), (0)) [(16%nat, [(1, [])])] ((0), (0))  (* is )) *);
    Feature ((0), (0), (0)) [(17%nat, [(1, [])])] ((0), (0))  (* is \A(?:.*(>) *);
    Feature ((0), (0), (0)) [(18%nat, [(1, [])])] ((0), (0))  (* is |.*> *);
    Feature ((0), (0), (0)) [(19%nat, [(1, [])])] ((0), (0))  (* is |.*>.( *);
    Feature ((0), (0), (0)) [(8%nat, [(1, [])])] ((0), (0))  (* is FAILED *)];
  stages := [Cells [Cell (Some 19%nat) [(0%nat, 1)] [(1%nat, [(1, [])])]  (* #is > *);
    Cell (Some 20%nat) [(1%nat, 1)] [(2%nat, [(1, [])])]  (* #is ~ *);
    Cell None [] [(4%nat, [(1, [])])]  (* now.code *);
    Cell (Some 21%nat) [(2%nat, 1)] []  (* 1 back.code *);
    Cell (Some 22%nat) [(3%nat, 1)] []  (* 2 back.code *);
    Cell (Some 23%nat) [(4%nat, 1)] []  (* 3 back.code *);
    Cell (Some 24%nat) [(5%nat, 1)] []  (* 4 back.code *);
    Cell (Some 25%nat) [(6%nat, 1)] []  (* 5 back.code *);
    Cell (Some 26%nat) [(7%nat, 1)] []  (* 6 back.code *);
    Cell None [(8%nat, 1)] []  (* 7 back.code *);
    Cell None [(9%nat, 1)] []  (* 8 back.code *);
    Cell None [(10%nat, 1)] []  (* 9 back.code *);
    Cell None [(11%nat, 1)] []  (* 10 back.code *);
    Cell (Some 27%nat) [(12%nat, 1)] []  (* 11 back.code *)];
    Gates [(28%nat, Equal [(0%nat, [(-2, [])]); (19%nat, [(1, [])]); (20%nat, [(-2, [])])])  (* tour is complete *);
    (29%nat, Equal [(0%nat, [(3, [])]); (21%nat, [(1, [])])])  (* is ? 1 back *);
    (30%nat, Equal [(0%nat, [(4, [])]); (21%nat, [(1, [])])])  (* is > 1 back *);
    (31%nat, Equal [(0%nat, [(3, [])]); (22%nat, [(1, [])])])  (* is ? 2 back *);
    (32%nat, AtLeast [(21%nat, [(1, [])])])  (* is number 1 back *);
    (33%nat, Equal [(0%nat, [(4, [])]); (22%nat, [(1, [])])])  (* is > 2 back *);
    (34%nat, AtLeast [(22%nat, [(1, [])])])  (* is number 2 back *);
    (35%nat, Equal [(0%nat, [(10, [])]); (21%nat, [(1, [])])])  (* is \A(?:[^?]*?(?: 1 back *);
    (36%nat, Equal [(0%nat, [(10, [])]); (22%nat, [(1, [])])])  (* is \A(?:[^?]*?(?: 2 back *);
    (37%nat, Equal [(0%nat, [(11, [])]); (21%nat, [(1, [])])])  (* is ~(.)|(.)~ 1 back *);
    (38%nat, Equal [(0%nat, [(10, [])]); (23%nat, [(1, [])])])  (* is \A(?:[^?]*?(?: 3 back *);
    (39%nat, Equal [(0%nat, [(12, [])]); (21%nat, [(1, [])])])  (* is )[^? 1 back *);
    (40%nat, Equal [(0%nat, [(13, [])]); (21%nat, [(1, [])])])  (* is ]*(?: 1 back *);
    (41%nat, Equal [(0%nat, [(13, [])]); (22%nat, [(1, [])])])  (* is ]*(?: 2 back *);
    (42%nat, Equal [(0%nat, [(14, [])]); (21%nat, [(1, [])])])  (* is \~ 1 back *);
    (43%nat, Equal [(0%nat, [(13, [])]); (23%nat, [(1, [])])])  (* is ]*(?: 3 back *);
    (44%nat, Equal [(0%nat, [(15, [])]); (21%nat, [(1, [])])])  (* is | 1 back *);
    (45%nat, Equal [(0%nat, [(15, [])]); (22%nat, [(1, [])])])  (* is | 2 back *);
    (46%nat, Equal [(0%nat, [(15, [])]); (23%nat, [(1, [])])])  (* is | 3 back *);
    (47%nat, Equal [(0%nat, [(16, [])]); (21%nat, [(1, [])])])  (* is )|[^?]*(?: 1 back *);
    (48%nat, Equal [(0%nat, [(16, [])]); (22%nat, [(1, [])])])  (* is )|[^?]*(?: 2 back *);
    (49%nat, Equal [(0%nat, [(16, [])]); (23%nat, [(1, [])])])  (* is )|[^?]*(?: 3 back *);
    (50%nat, Equal [(0%nat, [(11, [])]); (22%nat, [(1, [])])])  (* is ~(.)|(.)~ 2 back *);
    (51%nat, Equal [(0%nat, [(8, [])]); (21%nat, [(1, [])])])  (* is </search> 1 back *);
    (52%nat, Equal [(0%nat, [(17, [])]); (22%nat, [(1, [])])])  (* is )) 2 back *);
    (53%nat, AtLeast [(23%nat, [(1, [])])])  (* is number 3 back *);
    (54%nat, Equal [(0%nat, [(11, [])]); (24%nat, [(1, [])])])  (* is ~(.)|(.)~ 4 back *);
    (55%nat, Equal [(0%nat, [(8, [])]); (22%nat, [(1, [])])])  (* is </search> 2 back *);
    (56%nat, Equal [(0%nat, [(18, [])]); (21%nat, [(1, [])])])  (* is \A(?:.*(>) 1 back *);
    (57%nat, Equal [(0%nat, [(18, [])]); (22%nat, [(1, [])])])  (* is \A(?:.*(>) 2 back *);
    (58%nat, Equal [(0%nat, [(19, [])]); (21%nat, [(1, [])])])  (* is |.*> 1 back *);
    (59%nat, Equal [(0%nat, [(19, [])]); (22%nat, [(1, [])])])  (* is |.*> 2 back *);
    (60%nat, Equal [(0%nat, [(20, [])]); (21%nat, [(1, [])])])  (* is |.*>.( 1 back *);
    (61%nat, Equal [(0%nat, [(20, [])]); (22%nat, [(1, [])])])  (* is |.*>.( 2 back *);
    (62%nat, Equal [(0%nat, [(9, [])]); (21%nat, [(1, [])])])  (* is FAILED 1 back *);
    (63%nat, Equal [(0%nat, [(9, [])]); (22%nat, [(1, [])])])  (* is FAILED 2 back *);
    (64%nat, Equal [(0%nat, [(20, [])]); (24%nat, [(1, [])])])  (* is |.*>.( 4 back *);
    (65%nat, Clamp [(22%nat, [(1, [])])] [] None)  (* 2 back.number *);
    (66%nat, Clamp [(4%nat, [(1, [])])] [] None)  (* 0 back.number *);
    (67%nat, Clamp [(21%nat, [(1, [])])] [] None)  (* 1 back.number *);
    (68%nat, Clamp [(27%nat, [(1, [])])] [] None)  (* 11 back.number *);
    (69%nat, Clamp [(25%nat, [(1, [])])] [] None)  (* 5 back.number *);
    (70%nat, Clamp [(23%nat, [(1, [])])] [] None)  (* 3 back.number *);
    (71%nat, Clamp [(26%nat, [(1, [])])] [] None)  (* 6 back.number *);
    (72%nat, OneOf [([(3%nat, [(1, [])])], [(0%nat, [(1, [])])]); ([(18%nat, [(1, [])])], [(0%nat, [(1, [])])])])  (* write > *)];
    Gates [(73%nat, OneOf [([(0%nat, [(-2, [])]); (1%nat, [(1, [])]); (28%nat, [(1, [])]); (51%nat, [(1, [])])], [(0%nat, [(1, [])])])])  (* write YES *);
    (74%nat, OneOf [([(0%nat, [(-4, [])]); (5%nat, [(1, [])]); (51%nat, [(1, [])]); (52%nat, [(1, [])]); (53%nat, [(1, [])]); (64%nat, [(1, [])])], [(0%nat, [(1, [])])]); ([(0%nat, [(-1, [])]); (1%nat, [(1, [])]); (28%nat, [(-1, [])]); (51%nat, [(1, [])])], [(0%nat, [(1, [])])])])  (* write NO *);
    (75%nat, OneOf [([(0%nat, [(-2, [])]); (5%nat, [(1, [])]); (32%nat, [(1, [])]); (33%nat, [(1, [])])], [(0%nat, [(1, [])])]); ([(0%nat, [(-4, [])]); (5%nat, [(1, [])]); (51%nat, [(1, [])]); (52%nat, [(1, [])]); (53%nat, [(1, [])]); (54%nat, [(1, [])])], [(0%nat, [(1, [])])])])  (* write <search> *);
    (76%nat, OneOf [([(0%nat, [(-2, [])]); (14%nat, [(1, [])]); (32%nat, [(1, [])]); (50%nat, [(1, [])])], [(0%nat, [(1, [])])]); ([(0%nat, [(-2, [])]); (14%nat, [(1, [])]); (32%nat, [(1, [])]); (61%nat, [(1, [])])], [(0%nat, [(1, [])])])])  (* write </search> *);
    (77%nat, OneOf [([(0%nat, [(-2, [])]); (6%nat, [(1, [])]); (32%nat, [(1, [])]); (34%nat, [(1, [])])], [(0%nat, [(1, [])])])])  (* write \A(?:[^?]*?(?: *);
    (78%nat, OneOf [([(0%nat, [(-1, [])]); (5%nat, [(1, [])]); (35%nat, [(1, [])])], [(0%nat, [(1, [])])]); ([(0%nat, [(-1, [])]); (5%nat, [(1, [])]); (47%nat, [(1, [])])], [(0%nat, [(1, [])])])])  (* write ~(.)|(.)~ *);
    (79%nat, OneOf [([(0%nat, [(-3, [])]); (5%nat, [(1, [])]); (34%nat, [(1, [])]); (37%nat, [(1, [])]); (38%nat, [(1, [])])], [(0%nat, [(1, [])])])])  (* write )[^? *);
    (80%nat, OneOf [([(0%nat, [(-1, [])]); (5%nat, [(1, [])]); (39%nat, [(1, [])])], [(0%nat, [(1, [])])])])  (* write ]*(?: *);
    (81%nat, OneOf [([(0%nat, [(-1, [])]); (5%nat, [(1, [])]); (40%nat, [(1, [])])], [(0%nat, [(1, [])])]); ([(0%nat, [(-1, [])]); (5%nat, [(1, [])]); (44%nat, [(1, [])])], [(0%nat, [(1, [])])])])  (* write \~ *);
    (82%nat, OneOf [([(0%nat, [(-3, [])]); (5%nat, [(1, [])]); (34%nat, [(1, [])]); (42%nat, [(1, [])]); (43%nat, [(1, [])])], [(0%nat, [(1, [])])])])  (* write | *);
    (83%nat, OneOf [([(0%nat, [(-3, [])]); (5%nat, [(1, [])]); (34%nat, [(1, [])]); (42%nat, [(1, [])]); (46%nat, [(1, [])])], [(0%nat, [(1, [])])])])  (* write )|[^?]*(?: *);
    (84%nat, OneOf [([(0%nat, [(-3, [])]); (5%nat, [(1, [])]); (34%nat, [(1, [])]); (37%nat, [(1, [])]); (49%nat, [(1, [])])], [(0%nat, [(1, [])])]); ([(0%nat, [(-1, [])]); (5%nat, [(1, [])]); (60%nat, [(1, [])])], [(0%nat, [(1, [])])])])  (* write )) *);
    (85%nat, OneOf [([(0%nat, [(-2, [])]); (6%nat, [(1, [])]); (32%nat, [(1, [])]); (55%nat, [(1, [])])], [(0%nat, [(1, [])])])])  (* write \A(?:.*(>) *);
    (86%nat, OneOf [([(0%nat, [(-2, [])]); (5%nat, [(1, [])]); (32%nat, [(1, [])]); (57%nat, [(1, [])])], [(0%nat, [(1, [])])])])  (* write |.*> *);
    (87%nat, OneOf [([(0%nat, [(-2, [])]); (5%nat, [(1, [])]); (32%nat, [(1, [])]); (59%nat, [(1, [])])], [(0%nat, [(1, [])])])])  (* write |.*>.( *);
    (88%nat, OneOf [([(0%nat, [(-1, [])]); (1%nat, [(1, [])]); (29%nat, [(1, [])])], [(65%nat, [(1, [])])]); ([(0%nat, [(-2, [])]); (5%nat, [(1, [])]); (30%nat, [(1, [])]); (31%nat, [(1, [])])], [(66%nat, [(1, [])])]); ([(7%nat, [(1, [])])], [(65%nat, [(1, [])])]); ([(0%nat, [(-2, [])]); (8%nat, [(1, [])]); (32%nat, [(1, [])]); (36%nat, [(1, [])])], [(67%nat, [(1, [])])]); ([(9%nat, [(1, [])])], [(67%nat, [(1, [])])]); ([(10%nat, [(1, [])])], [(67%nat, [(1, [])])]); ([(0%nat, [(-2, [])]); (11%nat, [(1, [])]); (32%nat, [(1, [])]); (41%nat, [(1, [])])], [(68%nat, [(1, [])])]); ([(12%nat, [(1, [])])], [(67%nat, [(1, [])])]); ([(0%nat, [(-2, [])]); (11%nat, [(1, [])]); (32%nat, [(1, [])]); (45%nat, [(1, [])])], [(69%nat, [(1, [])])]); ([(13%nat, [(1, [])])], [(67%nat, [(1, [])])]); ([(0%nat, [(-2, [])]); (8%nat, [(1, [])]); (32%nat, [(1, [])]); (48%nat, [(1, [])])], [(67%nat, [(1, [])])]); ([(15%nat, [(1, [])])], [(69%nat, [(1, [])])]); ([(0%nat, [(-1, [])]); (5%nat, [(1, [])]); (56%nat, [(1, [])])], [(70%nat, [(1, [])])]); ([(16%nat, [(1, [])])], [(67%nat, [(1, [])])]); ([(0%nat, [(-1, [])]); (5%nat, [(1, [])]); (58%nat, [(1, [])])], [(70%nat, [(1, [])])]); ([(17%nat, [(1, [])])], [(65%nat, [(1, [])])]); ([(0%nat, [(-1, [])]); (1%nat, [(1, [])]); (62%nat, [(1, [])])], [(71%nat, [(1, [])])]); ([(0%nat, [(-2, [])]); (5%nat, [(1, [])]); (30%nat, [(1, [])]); (63%nat, [(1, [])])], [(69%nat, [(1, [])])])])  (* number to write *)]];
  squares := [(1%nat, 3%nat); (1%nat, 5%nat); (1%nat, 6%nat); (1%nat, 7%nat); (1%nat, 8%nat); (1%nat, 9%nat); (1%nat, 10%nat); (1%nat, 11%nat); (1%nat, 12%nat); (1%nat, 13%nat); (1%nat, 14%nat); (1%nat, 15%nat); (1%nat, 16%nat); (1%nat, 17%nat); (1%nat, 18%nat); (3%nat, 5%nat); (3%nat, 6%nat); (3%nat, 7%nat); (3%nat, 8%nat); (3%nat, 9%nat); (3%nat, 10%nat); (3%nat, 11%nat); (3%nat, 12%nat); (3%nat, 13%nat); (3%nat, 14%nat); (3%nat, 15%nat); (3%nat, 16%nat); (3%nat, 17%nat); (3%nat, 18%nat); (5%nat, 6%nat); (5%nat, 7%nat); (5%nat, 8%nat); (5%nat, 9%nat); (5%nat, 10%nat); (5%nat, 11%nat); (5%nat, 12%nat); (5%nat, 13%nat); (5%nat, 14%nat); (5%nat, 15%nat); (5%nat, 16%nat); (5%nat, 17%nat); (5%nat, 18%nat); (6%nat, 7%nat); (6%nat, 8%nat); (6%nat, 9%nat); (6%nat, 10%nat); (6%nat, 11%nat); (6%nat, 12%nat); (6%nat, 13%nat); (6%nat, 14%nat); (6%nat, 15%nat); (6%nat, 16%nat); (6%nat, 17%nat); (6%nat, 18%nat); (7%nat, 8%nat); (7%nat, 9%nat); (7%nat, 10%nat); (7%nat, 11%nat); (7%nat, 12%nat); (7%nat, 13%nat); (7%nat, 14%nat); (7%nat, 15%nat); (7%nat, 16%nat); (7%nat, 17%nat); (7%nat, 18%nat); (8%nat, 9%nat); (8%nat, 10%nat); (8%nat, 11%nat); (8%nat, 12%nat); (8%nat, 13%nat); (8%nat, 14%nat); (8%nat, 15%nat); (8%nat, 16%nat); (8%nat, 17%nat); (8%nat, 18%nat); (9%nat, 10%nat); (9%nat, 11%nat); (9%nat, 12%nat); (9%nat, 13%nat); (9%nat, 14%nat); (9%nat, 15%nat); (9%nat, 16%nat); (9%nat, 17%nat); (9%nat, 18%nat); (10%nat, 11%nat); (10%nat, 12%nat); (10%nat, 13%nat); (10%nat, 14%nat); (10%nat, 15%nat); (10%nat, 16%nat); (10%nat, 17%nat); (10%nat, 18%nat); (11%nat, 12%nat); (11%nat, 13%nat); (11%nat, 14%nat); (11%nat, 15%nat); (11%nat, 16%nat); (11%nat, 17%nat); (11%nat, 18%nat); (12%nat, 13%nat); (12%nat, 14%nat); (12%nat, 15%nat); (12%nat, 16%nat); (12%nat, 17%nat); (12%nat, 18%nat); (13%nat, 14%nat); (13%nat, 15%nat); (13%nat, 16%nat); (13%nat, 17%nat); (13%nat, 18%nat); (14%nat, 15%nat); (14%nat, 16%nat); (14%nat, 17%nat); (14%nat, 18%nat); (15%nat, 16%nat); (15%nat, 17%nat); (15%nat, 18%nat); (16%nat, 17%nat); (16%nat, 18%nat); (17%nat, 18%nat)];
  outputs := [Output (Token 3%nat) [[(72%nat, [(1, [])])]];
    Output (Token 4%nat) [[(73%nat, [(1, [])])]];
    Output (Token 5%nat) [[(74%nat, [(1, [])])]];
    Output (Token 6%nat) [[(75%nat, [(1, [])])]];
    Output (Token 7%nat) [[(76%nat, [(1, [])])]];
    Output (Token 9%nat) [[(77%nat, [(1, [])])]];
    Output (Token 10%nat) [[(78%nat, [(1, [])])]];
    Output (Token 11%nat) [[(79%nat, [(1, [])])]];
    Output (Token 12%nat) [[(80%nat, [(1, [])])]];
    Output (Token 13%nat) [[(81%nat, [(1, [])])]];
    Output (Token 14%nat) [[(82%nat, [(1, [])])]];
    Output (Token 15%nat) [[(83%nat, [(1, [])])]];
    Output (Token 16%nat) [[(84%nat, [(1, [])])]];
    Output (Token 17%nat) [[(85%nat, [(1, [])])]];
    Output (Token 18%nat) [[(86%nat, [(1, [])])]];
    Output (Token 19%nat) [[(87%nat, [(1, [])])]];
    Output (Value [(88%nat, [(1, [])])]) []];
  logit_scale := Some 2%nat;
  once := true |}.

Definition domain_ : domain := [(0%nat, [(2, [])]);
    (1%nat, [(2, [(0%nat, 2%nat)]); (83, [(0%nat, 1%nat)]); (159, [])]);
    (2%nat, [(1, [(0%nat, 2%nat)]); (4, [(0%nat, 1%nat)]); (5, [])])].
Definition ranges_ : ranges := [(1%nat, ([], [(1, [])]));
  (2%nat, ([], [(1, [])]));
  (3%nat, ([], [(1, [])]));
  (4%nat, ([(-20, [])], [(1, [(0%nat, 1%nat)])]));
  (5%nat, ([], [(1, [])]));
  (6%nat, ([], [(1, [])]));
  (7%nat, ([], [(1, [])]));
  (8%nat, ([], [(1, [])]));
  (9%nat, ([], [(1, [])]));
  (10%nat, ([], [(1, [])]));
  (11%nat, ([], [(1, [])]));
  (12%nat, ([], [(1, [])]));
  (13%nat, ([], [(1, [])]));
  (14%nat, ([], [(1, [])]));
  (15%nat, ([], [(1, [])]));
  (16%nat, ([], [(1, [])]));
  (17%nat, ([], [(1, [])]));
  (18%nat, ([], [(1, [])]));
  (19%nat, ([], [(2, [(0%nat, 2%nat)]); (75, [(0%nat, 1%nat)]); (1, [])]));
  (20%nat, ([], [(2, [(0%nat, 2%nat)]); (75, [(0%nat, 1%nat)]); (1, [])]));
  (21%nat, ([(-20, [])], [(1, [(0%nat, 1%nat)])]));
  (22%nat, ([(-20, [])], [(1, [(0%nat, 1%nat)])]));
  (23%nat, ([(-20, [])], [(1, [(0%nat, 1%nat)])]));
  (24%nat, ([(-20, [])], [(1, [(0%nat, 1%nat)])]));
  (25%nat, ([(-20, [])], [(1, [(0%nat, 1%nat)])]));
  (26%nat, ([(-20, [])], [(1, [(0%nat, 1%nat)])]));
  (27%nat, ([(-20, [])], [(1, [(0%nat, 1%nat)])]));
  (28%nat, ([], [(1, [])]));
  (29%nat, ([], [(1, [])]));
  (30%nat, ([], [(1, [])]));
  (31%nat, ([], [(1, [])]));
  (32%nat, ([], [(1, [])]));
  (33%nat, ([], [(1, [])]));
  (34%nat, ([], [(1, [])]));
  (35%nat, ([], [(1, [])]));
  (36%nat, ([], [(1, [])]));
  (37%nat, ([], [(1, [])]));
  (38%nat, ([], [(1, [])]));
  (39%nat, ([], [(1, [])]));
  (40%nat, ([], [(1, [])]));
  (41%nat, ([], [(1, [])]));
  (42%nat, ([], [(1, [])]));
  (43%nat, ([], [(1, [])]));
  (44%nat, ([], [(1, [])]));
  (45%nat, ([], [(1, [])]));
  (46%nat, ([], [(1, [])]));
  (47%nat, ([], [(1, [])]));
  (48%nat, ([], [(1, [])]));
  (49%nat, ([], [(1, [])]));
  (50%nat, ([], [(1, [])]));
  (51%nat, ([], [(1, [])]));
  (52%nat, ([], [(1, [])]));
  (53%nat, ([], [(1, [])]));
  (54%nat, ([], [(1, [])]));
  (55%nat, ([], [(1, [])]));
  (56%nat, ([], [(1, [])]));
  (57%nat, ([], [(1, [])]));
  (58%nat, ([], [(1, [])]));
  (59%nat, ([], [(1, [])]));
  (60%nat, ([], [(1, [])]));
  (61%nat, ([], [(1, [])]));
  (62%nat, ([], [(1, [])]));
  (63%nat, ([], [(1, [])]));
  (64%nat, ([], [(1, [])]));
  (65%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (66%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (67%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (68%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (69%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (70%nat, ([], [(1, [(0%nat, 1%nat)])]));
  (71%nat, ([], [(1, [(0%nat, 1%nat)])]));
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
  (85%nat, ([], [(1, [])]));
  (86%nat, ([], [(1, [])]));
  (87%nat, ([], [(1, [])]));
  (88%nat, ([], [(1, [(0%nat, 1%nat)])]))].

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
