(** Turing machines whose table is a list, as they are printed; whether one is well formed is computed. *)
From Coq Require Import ZArith List Lia Arith Bool.
From RetrievalGap Require Import StatementsMachines.
Import ListNotations.
Local Open Scope nat_scope.

Definition entry := (nat * nat * (nat * Z * nat))%type.
Fixpoint look_up (l : list entry) (q a : nat) : option (nat * Z * nat) :=
  match l with [] => None | (q', a', t) :: l' => if Nat.eqb q q' && Nat.eqb a a' then Some t else look_up l' q a end.
Definition listed_machine (states symbols start : nat) (halts : list nat) (entries : list entry) : machine :=
  {| StatementsMachines.states := states; StatementsMachines.symbols := symbols; initial_state := start;
     halting := fun q => existsb (Nat.eqb q) halts; table := look_up entries |}.
Definition fits (states symbols start : nat) (halts : list nat) (entries : list entry) : bool :=
  Nat.ltb 0 symbols && Nat.ltb start states && negb (existsb (Nat.eqb start) halts) &&
  forallb (fun e => let '(_, _, (b, move, q)) := e in
    Nat.ltb b symbols && Z.leb (-1) move && Z.leb move 1 && Nat.ltb q states) entries.
Lemma look_up_in l q a t : look_up l q a = Some t -> exists q' a', In (q', a', t) l.
Proof.
  induction l as [|((q', a'), u) l IH]; [discriminate|]. cbn [look_up]. destruct (_ && _).
  - intros E. injection E as ->. exists q', a'. left. reflexivity.
  - intros E. destruct (IH E) as (x & y & I). exists x, y. right. exact I.
Qed.
Lemma fits_well_formed states symbols start halts entries : fits states symbols start halts entries = true ->
  well_formed (listed_machine states symbols start halts entries).
Proof.
  unfold fits. rewrite !andb_true_iff, !Nat.ltb_lt, negb_true_iff. intros (((S & Q) & H) & E).
  split; [exact S|]. split; [exact Q|]. split; [exact H|]. cbn [table listed_machine]. intros q a b move q' T.
  destruct (look_up_in _ _ _ _ T) as (x & y & I). rewrite forallb_forall in E. specialize (E _ I). cbv beta iota in E.
  rewrite !andb_true_iff, !Nat.ltb_lt, !Z.leb_le in E. cbn [StatementsMachines.states StatementsMachines.symbols listed_machine]. lia.
Qed.
