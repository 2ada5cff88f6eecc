//! Compiles a checked file to flat code.
//!
//! All values are in one frame: variables, then the constants that are used, then hidden counters
//! and temporaries. An instruction of the flat code names up to three slots, so that `x = a + b *
//! 2` is two instructions. Fuel is taken once for a whole block, which is a run of instructions
//! that only execute together; [`super::run`] handles a run that ends inside a block. The condition
//! of a loop is tested at its end, in one place.

use super::check::Labels;
use super::compiled::{Compiled, Counter, Literal, Site};
use super::file::{ConstantRef, File};
use super::functions::Functions;
use super::infer::{Names, infer, of_operator};
use super::insn::{Insn, Op, Operator};
use super::ir::{Code, CodeIndex, NONE, Origin, Slot};
use super::kind::Kind;
use std::collections::{HashMap, HashSet};

/// Compiles a checked file. Returns `None` if the code would be too large.
pub(super) fn compile(file: &File, labels: &Labels, functions: &Functions) -> Option<Compiled> {
    let mut compiler = Compiler::new(file, labels, functions);
    compiler.assign_slots();
    compiler.infer_kinds();
    compiler.find_targets();
    compiler.compile_shared_asts();
    for index in 0..file.instructions.len() {
        compiler.instruction(index);
    }
    compiler.from = Origin {
        insn: file.instructions.len() as u32,
        ast: NONE,
        op: NONE,
    };
    compiler.close_block();
    compiler.emit(Code::Finish);
    compiler.patch();
    let out = compiler.out;
    (out.code.len() < NONE as usize).then_some(out)
}

/// Returns the names of a file's variables, in the order of their slots.
pub(super) fn variables(file: &File) -> Vec<&str> {
    let mut seen = HashSet::new();
    let named = naming(file).filter_map(|op| match op {
        Op::PushVar(index) => file.name(index),
        Op::PushConst(_) | Op::Call { .. } | Op::Operate(_) => None,
    });
    named.filter(|name| seen.insert(*name)).collect()
}

/// Returns the ast instructions of a file, and its assignments as if they pushed the variable.
fn naming(file: &File) -> impl Iterator<Item = Op> {
    let assigned = file.instructions.iter().filter_map(|insn| match *insn {
        Insn::For { var: name, .. } | Insn::Set { name, .. } => Some(Op::PushVar(name)),
        Insn::Pass
        | Insn::While { .. }
        | Insn::End { .. }
        | Insn::Jump { .. }
        | Insn::Goto { .. }
        | Insn::Eval { .. }
        | Insn::Label { .. } => None,
    });
    let asts = file.asts.iter().flat_map(|ast| ast.ops.iter().copied());
    asts.chain(assigned)
}

/// A longer ast that several instructions evaluate is compiled once, so that the code is
/// proportional to the file.
const MAX_COPIED_AST: usize = 16;

/// Short asts are copied until the copies have this many ast instructions.
const MAX_COPIED_OPS: usize = 1 << 12;

/// The height of the temporary that holds the value of a shared ast; below it is the start of a
/// FOR.
const SHARED: u32 = 1;

/// An operand on the compiler's model of the stack.
#[derive(Clone, Copy)]
enum Operand {
    /// A variable or constant, which is read where it is used.
    Place(Slot),
    /// A temporary.
    Temporary(Slot),
}

impl Operand {
    fn slot(self) -> Slot {
        match self {
            Operand::Place(slot) | Operand::Temporary(slot) => slot,
        }
    }
}

/// A loop whose END is not compiled yet.
struct Open {
    /// How many variables were known to be set before the body.
    known: usize,
    /// The index of the body's Charge.
    body: usize,
    /// The counter, if the loop is a FOR.
    counter: u32,
}

/// A jump whose target is patched at the end.
enum Patch {
    /// To the test or the increment of the loop that begins at this instruction.
    Proceed(usize),
    /// To the code after the END of the loop that begins at this instruction.
    Stop(usize),
    /// To the label at this instruction.
    Label(usize),
}

struct Compiler<'f> {
    file: &'f File,
    labels: &'f Labels<'f>,
    functions: &'f Functions,
    out: Compiled,
    from: Origin,
    /// The index of the Charge of the current block.
    charge: Option<usize>,
    cost: u64,
    /// The slot of each constant that names a variable.
    variable: Vec<Slot>,
    /// The literal of each constant that is pushed, counted from the first literal.
    literal: Vec<Slot>,
    /// The index of the function of each constant that names one.
    function: Vec<Option<usize>>,
    /// For each instruction, true if it is a label that a GOTO names.
    gone_to: Vec<bool>,
    /// For each shared ast, the index of its code and the slot of its value.
    routines: Vec<Option<(CodeIndex, Slot)>>,
    /// For each loop that is compiled, the index of its test or increment, and that of its exit.
    ends: HashMap<usize, (CodeIndex, CodeIndex)>,
    patches: Vec<(usize, Patch)>,
    open: Vec<Open>,
    /// How many of the open loops are FOR.
    fors: u32,
    known: Known,
    stack: Vec<Operand>,
    /// Variables on the stack that are not known to be set, in the order in which they were pushed,
    /// each with its ast instruction.
    pending: Vec<(Slot, u32)>,
    /// The number of temporaries on the stack.
    temporaries: u32,
}

/// The variables that are known to be set at the current place. A variable is never unset, so it
/// stays set on every path that passed its assignment.
#[derive(Default)]
struct Known {
    set: Vec<bool>,
    /// The variables that are set, in the order in which they became so.
    trail: Vec<Slot>,
    /// The number of variables set before the first label or goto, which no path avoids.
    floor: Option<usize>,
}

impl Known {
    fn add(&mut self, slot: Slot) {
        if let Some(set) = self.set.get_mut(slot as usize)
            && !*set
        {
            *set = true;
            self.trail.push(slot);
        }
    }

    fn forget(&mut self, down_to: usize) {
        while self.trail.len() > down_to {
            if let Some(slot) = self.trail.pop() {
                self.set[slot as usize] = false;
            }
        }
    }
}

impl<'f> Compiler<'f> {
    fn new(file: &'f File, labels: &'f Labels<'f>, functions: &'f Functions) -> Compiler<'f> {
        let constants = file.constant_count() as usize;
        Compiler {
            file,
            labels,
            functions,
            out: Compiled::default(),
            from: Origin {
                insn: 0,
                ast: NONE,
                op: NONE,
            },
            charge: None,
            cost: 0,
            variable: vec![NONE; constants],
            literal: vec![NONE; constants],
            function: vec![None; constants],
            gone_to: Vec::new(),
            routines: Vec::new(),
            ends: HashMap::new(),
            patches: Vec::new(),
            open: Vec::new(),
            fors: 0,
            known: Known::default(),
            stack: Vec::new(),
            pending: Vec::new(),
            temporaries: 0,
        }
    }

    /// Assigns slots to variables and literals, and indices to functions.
    fn assign_slots(&mut self) {
        let file = self.file;
        let mut variables: HashMap<&str, Slot> = HashMap::new();
        let mut functions: HashMap<&str, usize> = HashMap::new();
        for op in naming(file) {
            match op {
                Op::PushVar(index) => {
                    let slot = &mut self.variable[index as usize];
                    if let (NONE, Some(name)) = (*slot, file.name(index)) {
                        let next = variables.len() as Slot;
                        *slot = *variables.entry(name).or_insert(next);
                    }
                }
                Op::PushConst(index) => {
                    let slot = &mut self.literal[index as usize];
                    if let (NONE, Some(constant)) = (*slot, file.constant(index)) {
                        *slot = self.out.literals.len() as Slot;
                        self.out.literals.push(literal(constant));
                    }
                }
                Op::Call { name: index, .. } => {
                    let Some(name) = file.name(index) else {
                        continue;
                    };
                    if self.function[index as usize].is_some() {
                        continue;
                    }
                    if let Some(function) = self.functions.get(name) {
                        let found = *functions.entry(name).or_insert_with(|| {
                            self.out.functions.push(function.clone());
                            self.out.functions.len() - 1
                        });
                        self.function[index as usize] = Some(found);
                    }
                }
                Op::Operate(_) => {}
            }
        }
        self.out.variables = variables.len() as u32;
        self.known.set = vec![false; variables.len()];
    }

    /// Infers the kinds of all slots but the temporaries.
    fn infer_kinds(&mut self) {
        let returns = |name: u64| match self.function[name as usize] {
            Some(function) => self.out.functions[function].returns(),
            None => Kind::Any,
        };
        let names = Names {
            variable: &self.variable,
            returns: &returns,
        };
        let mut kinds = infer(self.file, &names, self.out.variables as usize);
        self.reciprocals();
        kinds.extend(self.out.literals.iter().map(Literal::kind));
        let (mut deep, mut deepest) = (0, 0);
        for insn in &self.file.instructions {
            match *insn {
                Insn::For { .. } => deep += 1,
                Insn::End { head } => {
                    let head = self.file.instructions[head as usize];
                    deep -= u32::from(matches!(head, Insn::For { .. }));
                }
                Insn::Pass
                | Insn::While { .. }
                | Insn::Jump { .. }
                | Insn::Goto { .. }
                | Insn::Set { .. }
                | Insn::Eval { .. }
                | Insn::Label { .. } => {}
            }
            deepest = deepest.max(deep);
        }
        self.out.counts = deepest * 2;
        kinds.resize(kinds.len() + self.out.counts as usize, Kind::Int);
        self.out.kinds = kinds;
    }

    /// Computes the reciprocals of literals that fit 32 bits and are the right operand of mod.
    fn reciprocals(&mut self) {
        let out = &mut self.out;
        out.reciprocals = vec![NONE; out.literals.len()];
        for ast in &self.file.asts {
            for pair in ast.ops.windows(2) {
                let &[Op::PushConst(index), Op::Operate(Operator::Mod)] = pair else {
                    continue;
                };
                let at = self.literal[index as usize] as usize;
                if let Literal::Int(by @ 1..=0xffff_ffff) = out.literals[at]
                    && out.reciprocals[at] == NONE
                {
                    out.reciprocals[at] = out.variables + out.literals.len() as Slot;
                    let reciprocal = (u64::MAX / by as u64).wrapping_add(1);
                    out.literals.push(Literal::Int(reciprocal as i64));
                }
            }
        }
    }

    /// Finds the labels that a GOTO names.
    fn find_targets(&mut self) {
        self.gone_to = vec![false; self.file.instructions.len()];
        for insn in &self.file.instructions {
            if let Insn::Goto { name } = *insn
                && let Some(label) = self.label(name)
            {
                self.gone_to[label] = true;
            }
        }
    }

    fn label(&self, name: u64) -> Option<usize> {
        self.labels.get(self.file.name(name)?).copied()
    }

    fn emit(&mut self, code: Code) -> usize {
        self.out.code.push(code);
        self.out.origin.push(self.from);
        self.out.code.len() - 1
    }

    fn here(&self) -> CodeIndex {
        self.out.code.len() as CodeIndex
    }

    fn temporary(&mut self, at: u32, kind: Kind) -> Slot {
        self.out.temporaries = self.out.temporaries.max(at + 1);
        self.out.temporary(at, kind)
    }

    /// Compiles the long asts that several instructions evaluate. Each leaves its value in a
    /// temporary at height [`SHARED`].
    fn compile_shared_asts(&mut self) {
        let file = self.file;
        self.routines = vec![None; file.asts.len()];
        let mut uses = vec![0u8; file.asts.len()];
        for ast in file.instructions.iter().flat_map(Insn::asts) {
            uses[ast as usize] = uses[ast as usize].saturating_add(1);
        }
        let shared: Vec<usize> = (0..file.asts.len())
            .filter(|&ast| {
                let (uses, length) = (uses[ast] as usize, file.asts[ast].ops.len());
                uses > 1 && (length > MAX_COPIED_AST || uses * length > MAX_COPIED_OPS)
            })
            .collect();
        if shared.is_empty() {
            return;
        }
        self.from.insn = NONE;
        let skip = self.emit(Code::Jump { to: 0 });
        for ast in shared {
            let begin = self.here();
            self.temporaries = SHARED;
            self.ops(ast as u64, file.asts[ast].ops.len(), None);
            let value = self.pop();
            self.temporaries = 0;
            self.from.op = NONE;
            self.emit(Code::Return);
            self.known.forget(0);
            self.routines[ast] = Some((begin, value));
        }
        self.out.code[skip] = Code::Jump { to: self.here() };
    }

    /// Compiles the first `count` ast instructions of an ast. Their results are on the compiler's
    /// stack; that of the last one is put into `into`, if it is computed.
    fn ops(&mut self, ast: u64, count: usize, into: Option<Slot>) {
        let file = self.file;
        self.from.ast = ast as u32;
        let mut taking = self.may_be_taken(ast, into);
        for (number, op) in file.asts[ast as usize].ops[..count].iter().enumerate() {
            self.from.op = number as u32;
            let into = into.filter(|_| number + 1 == count);
            match *op {
                Op::PushVar(index) => {
                    let slot = self.variable[index as usize];
                    if !self.known.set[slot as usize] {
                        self.pending.push((slot, number as u32));
                        self.known.add(slot);
                    }
                    self.stack.push(Operand::Place(slot));
                }
                Op::PushConst(index) => {
                    let slot = self.out.variables + self.literal[index as usize];
                    self.stack.push(Operand::Place(slot));
                }
                Op::Call { name, argc } => {
                    self.check_pending(&[]);
                    let first = self.out.arguments.len() as u32;
                    for _ in 0..argc {
                        let slot = self.pop();
                        self.out.arguments.push(slot);
                    }
                    self.out.sites.push(Site {
                        function: self.function[name as usize],
                        arguments: first..self.out.arguments.len() as u32,
                    });
                    let kind = self.function[name as usize]
                        .map_or(Kind::Any, |at| self.out.functions[at].returns());
                    let dst = self.push(into, kind);
                    let site = self.out.sites.len() as u32 - 1;
                    self.emit(Code::Call { dst, site });
                }
                Op::Operate(operator @ (Operator::Not | Operator::Neg)) => {
                    let a = self.pop();
                    self.check_pending(&[a]);
                    let kind = self.out.kind(a);
                    let dst = self.push(into, of_operator(operator, kind, kind));
                    let not = operator == Operator::Not;
                    self.emit(if not {
                        Code::Not { dst, a }
                    } else {
                        Code::Neg { dst, a }
                    });
                }
                Op::Operate(operator) => {
                    let b = self.pop();
                    let a = self.pop();
                    self.check_pending(&[a, b]);
                    let kind = of_operator(operator, self.out.kind(a), self.out.kind(b));
                    let dst = self.push(into, kind);
                    let takes = operator == Operator::Add && taking == Some(a);
                    self.emit(if takes {
                        Code::AddTaking { dst, a, b }
                    } else {
                        binary(operator, dst, a, b)
                    });
                    taking = taking.filter(|&variable| variable != a);
                }
            }
        }
    }

    /// Returns the variable that the ast is assigned to, if the ast reads it exactly once and
    /// first. Its text may then become a part of the new value.
    fn may_be_taken(&self, ast: u64, into: Option<Slot>) -> Option<Slot> {
        let mut read = self.file.asts[ast as usize]
            .ops
            .iter()
            .filter_map(|op| match *op {
                Op::PushVar(name) => Some(self.variable[name as usize]),
                Op::PushConst(_) | Op::Call { .. } | Op::Operate(_) => None,
            });
        let first = matches!(
            self.file.asts[ast as usize].ops.first(),
            Some(Op::PushVar(_))
        );
        let variable = into.filter(|&into| first && read.next() == Some(into))?;
        (!read.any(|other| other == variable)).then_some(variable)
    }

    fn pop(&mut self) -> Slot {
        match self.stack.pop() {
            Some(Operand::Place(slot)) => slot,
            Some(Operand::Temporary(slot)) => {
                self.temporaries -= 1;
                slot
            }
            None => unreachable!("a checked ast never under-runs"),
        }
    }

    /// Pushes the slot for a result: `into`, or the next temporary of this kind.
    fn push(&mut self, into: Option<Slot>, kind: Kind) -> Slot {
        if let Some(slot) = into {
            self.stack.push(Operand::Place(slot));
            return slot;
        }
        let slot = self.temporary(self.temporaries, kind);
        self.temporaries += 1;
        self.stack.push(Operand::Temporary(slot));
        slot
    }

    /// Emits checks for the variables that were pushed unchecked, before anything else can fail.
    /// The operands of the next instruction are excepted: it checks them itself unless their kind
    /// is known.
    fn check_pending(&mut self, operands: &[Slot]) {
        let checked = |&&(slot, _): &&(Slot, u32)| {
            operands.contains(&slot) && self.out.kind(slot) == Kind::Any
        };
        let last = self.pending.iter().rev().take(operands.len());
        let keep = last.take_while(checked).count();
        let count = self.pending.len() - keep;
        let op = self.from.op;
        for at in 0..count {
            let (slot, op) = self.pending[at];
            self.from.op = op;
            self.emit(Code::CheckSet { slot });
        }
        self.from.op = op;
        self.pending.clear();
    }

    /// Compiles an ast and returns the slot of its value, which is `into` unless the value is in a
    /// slot already.
    fn evaluate(&mut self, ast: u64, into: Option<Slot>) -> Operand {
        if let Some((to, value)) = self.routines[ast as usize] {
            self.emit(Code::Gosub { to });
            return Operand::Temporary(value);
        }
        self.ops(ast, self.file.asts[ast as usize].ops.len(), into);
        match self.stack.pop() {
            Some(operand) => operand,
            None => unreachable!("a checked ast leaves one item"),
        }
    }

    /// Begins an instruction, and a block if none is open.
    fn begin(&mut self, index: usize) {
        self.from = Origin {
            insn: index as u32,
            ast: NONE,
            op: NONE,
        };
        if self.charge.is_none() {
            self.charge = Some(self.emit(Code::Charge { cost: 0 }));
        }
        self.out.begins.push(self.here());
        self.cost += self.file.cost(&self.file.instructions[index]);
    }

    fn close_block(&mut self) {
        if let Some(at) = self.charge.take() {
            self.out.code[at] = Code::Charge { cost: self.cost };
        }
        self.cost = 0;
    }

    fn jump(&mut self, patch: Patch) {
        let at = self.emit(Code::Jump { to: NONE });
        self.patches.push((at, patch));
        self.close_block();
    }

    /// Forgets what is known to be set only on this path, where another path can join.
    fn forget_past_join(&mut self) {
        let floor = *self.known.floor.get_or_insert(self.known.trail.len());
        self.known.forget(floor);
        if let Some(open) = self.open.last_mut() {
            open.known = open.known.min(floor);
        }
    }

    fn instruction(&mut self, index: usize) {
        let insn = self.file.instructions[index];
        if let Insn::Label { .. } = insn
            && self.gone_to[index]
        {
            self.close_block();
            self.forget_past_join();
        }
        self.begin(index);
        match insn {
            Insn::Pass | Insn::Label { .. } => {}
            Insn::For {
                var, start, stop, ..
            } => self.for_loop(var, start, stop),
            Insn::While { cond, .. } => {
                self.jump(Patch::Proceed(index));
                let known = self.known.trail.len();
                if self.routines[cond as usize].is_none() {
                    // The body runs only after the condition has read these variables.
                    for op in &self.file.asts[cond as usize].ops {
                        if let Op::PushVar(name) = *op {
                            self.known.add(self.variable[name as usize]);
                        }
                    }
                }
                let body = self.out.code.len();
                self.open.push(Open {
                    known,
                    body,
                    counter: NONE,
                });
            }
            Insn::End { head } => self.end(head as usize),
            Insn::Jump { to } => {
                let item = self.file.instructions[to as usize];
                if let Some(head) = item.loop_head() {
                    self.jump(Patch::Stop(head as usize));
                } else {
                    self.cost_of_test(&item);
                    self.jump(Patch::Proceed(to as usize));
                }
            }
            Insn::Goto { name } => {
                self.known.floor.get_or_insert(self.known.trail.len());
                if let Some(label) = self.label(name) {
                    self.jump(Patch::Label(label));
                }
            }
            Insn::Eval { ast } => match self.evaluate(ast, None) {
                Operand::Place(_) => self.check_pending(&[]),
                Operand::Temporary(slot) => {
                    self.temporaries = 0;
                    if let Some(Code::Call { dst, .. }) = self.out.code.last_mut() {
                        *dst = NONE;
                    } else {
                        self.emit(Code::Drop { slot });
                    }
                }
            },
            Insn::Set { name, ast } => {
                let dst = self.variable[name as usize];
                // A number is computed in place only if the variable is known to be set; otherwise
                // it is moved.
                let direct = self.out.kind(dst) == Kind::Any || self.known.set[dst as usize];
                let from = self.evaluate(ast, direct.then_some(dst)).slot();
                let pushed = match self.file.asts[ast as usize].ops.last() {
                    Some(Op::PushVar(_) | Op::PushConst(_)) | None => true,
                    Some(Op::Call { .. } | Op::Operate(_)) => false,
                };
                if pushed || from != dst {
                    self.check_pending(&[from]);
                    self.emit(Code::Move { dst, from });
                    self.pending.clear();
                }
                self.temporaries = 0;
                self.known.add(dst);
            }
        }
    }

    fn for_loop(&mut self, var: u64, start: u64, stop: u64) {
        let mut from = self.evaluate(start, None).slot();
        self.check_pending(&[]);
        if self.routines[start as usize].is_some() {
            let dst = self.temporary(0, self.out.kind(from));
            self.emit(Code::Move { dst, from });
            from = dst;
        }
        self.temporaries = 1;
        let stop = self.evaluate(stop, None).slot();
        self.check_pending(&[]);
        self.temporaries = 0;
        self.from.op = NONE;
        let counter = self.out.counters.len() as u32;
        self.emit(Code::ForEnter {
            start: from,
            stop,
            counter,
        });
        self.close_block();
        let var = self.variable[var as usize];
        self.out.counters.push(Counter {
            var,
            count: self.out.first_count() + 2 * self.fors,
            exit: NONE,
        });
        self.fors += 1;
        let known = self.known.trail.len();
        self.known.add(var);
        let body = self.out.code.len();
        self.open.push(Open {
            known,
            body,
            counter,
        });
    }

    /// Adds the cost of the test, if the loop is a WHILE: the instruction that leads to the test
    /// pays for it.
    fn cost_of_test(&mut self, head: &Insn) {
        if let Insn::While { .. } = head {
            self.cost += self.file.cost(head);
        }
    }

    fn end(&mut self, head: usize) {
        let Some(open) = self.open.pop() else {
            unreachable!("checked loops nest")
        };
        let insn = self.file.instructions[head];
        self.cost_of_test(&insn);
        self.close_block();
        self.known.forget(open.known);
        if let Some(outer) = self.open.last_mut() {
            outer.known = outer.known.min(open.known);
        }
        if let Some(floor) = &mut self.known.floor {
            *floor = (*floor).min(self.known.trail.len());
        }
        let body = open.body as CodeIndex;
        let (cost, to) = match u8::try_from(self.block_cost(open.body)) {
            Ok(cost) => (cost, body + 1),
            // The cost does not fit the field, so the block's own Charge takes it.
            Err(_) => (0, body),
        };
        let test = self.here();
        if let Insn::While { cond, .. } = insn {
            self.from.insn = head as u32;
            self.test(cond, cost, to);
        } else {
            self.fors -= 1;
            let counter = open.counter;
            let var = self.out.counters[counter as usize].var;
            self.emit(Code::ForNext {
                cost,
                counter,
                var,
                to,
            });
            self.out.counters[counter as usize].exit = self.here();
        }
        self.ends.insert(head, (test, self.here()));
    }

    /// Returns the cost of the block whose Charge is at `at`.
    fn block_cost(&self, at: usize) -> u64 {
        if let Code::Charge { cost } = self.out.code[at] {
            return cost;
        }
        unreachable!("a block begins with its Charge")
    }

    fn test(&mut self, cond: u64, cost: u8, to: CodeIndex) {
        let ops = &self.file.asts[cond as usize].ops;
        let fused = match ops[ops.len() - 1] {
            Op::Operate(operator) => compared(operator),
            Op::PushVar(_) | Op::PushConst(_) | Op::Call { .. } => None,
        };
        let fused = fused.filter(|_| self.routines[cond as usize].is_none());
        let Some(compared) = fused else {
            let a = self.evaluate(cond, None).slot();
            self.check_pending(&[]);
            self.temporaries = 0;
            self.from.op = NONE;
            self.emit(Code::If { cost, a, to });
            return;
        };
        self.ops(cond, ops.len() - 1, None);
        self.from.op = ops.len() as u32 - 1;
        let b = self.pop();
        let a = self.pop();
        self.check_pending(&[a, b]);
        self.emit(match compared {
            Compared::Lt => Code::IfLt { cost, a, b, to },
            Compared::Le => Code::IfLe { cost, a, b, to },
            Compared::Gt => Code::IfLt {
                cost,
                a: b,
                b: a,
                to,
            },
            Compared::Ge => Code::IfLe {
                cost,
                a: b,
                b: a,
                to,
            },
            Compared::Eq => Code::IfEq { cost, a, b, to },
            Compared::Ne => Code::IfNe { cost, a, b, to },
        });
    }

    fn patch(&mut self) {
        for (at, patch) in std::mem::take(&mut self.patches) {
            let to = match patch {
                Patch::Proceed(head) => self.ends[&head].0,
                Patch::Stop(head) => self.ends[&head].1,
                // The block of the label begins with its Charge.
                Patch::Label(label) => self.out.begins[label] - 1,
            };
            self.out.code[at] = Code::Jump { to };
        }
    }
}

fn literal(constant: ConstantRef) -> Literal {
    match constant {
        ConstantRef::Nil => Literal::Nil,
        ConstantRef::Bool(value) => Literal::Bool(value),
        ConstantRef::Int(value) => Literal::Int(value),
        ConstantRef::Float(bits) => Literal::Float(f64::from_bits(bits)),
        ConstantRef::Str(text) => Literal::Str(text.to_owned()),
    }
}

/// A comparison that can be fused with a loop's test.
enum Compared {
    Lt,
    Le,
    Gt,
    Ge,
    Eq,
    Ne,
}

fn compared(operator: Operator) -> Option<Compared> {
    match operator {
        Operator::Lt => Some(Compared::Lt),
        Operator::Le => Some(Compared::Le),
        Operator::Gt => Some(Compared::Gt),
        Operator::Ge => Some(Compared::Ge),
        Operator::Eq => Some(Compared::Eq),
        Operator::Ne => Some(Compared::Ne),
        Operator::Add
        | Operator::Sub
        | Operator::Mul
        | Operator::Div
        | Operator::Mod
        | Operator::Not
        | Operator::And
        | Operator::Or
        | Operator::Neg => None,
    }
}

fn binary(operator: Operator, dst: Slot, a: Slot, b: Slot) -> Code {
    match operator {
        Operator::Add => Code::Add { dst, a, b },
        Operator::Sub => Code::Sub { dst, a, b },
        Operator::Mul => Code::Mul { dst, a, b },
        Operator::Div => Code::Div { dst, a, b },
        Operator::Mod => Code::Mod { dst, a, b },
        Operator::Lt => Code::Lt { dst, a, b },
        Operator::Le => Code::Le { dst, a, b },
        // The operands can be exchanged because both are evaluated already.
        Operator::Gt => Code::Lt { dst, a: b, b: a },
        Operator::Ge => Code::Le { dst, a: b, b: a },
        Operator::Eq => Code::Eq { dst, a, b },
        Operator::Ne => Code::Ne { dst, a, b },
        Operator::And => Code::And { dst, a, b },
        Operator::Or => Code::Or { dst, a, b },
        Operator::Not => Code::Not { dst, a },
        Operator::Neg => Code::Neg { dst, a },
    }
}
