//! Programs of the `.Sc.` machine.
//!
//! What a program does is known while it is written: each variable has a type, and an extent that
//! everything assigned to it keeps to, so that no expression of a body has a fault; each loop has
//! an end. A body is followed by a tail that brings about the ending that is aimed at. What is
//! written is a file taken apart; how it is laid out (order, copies, things that nobody uses, or
//! text in place of bytes) comes last.

mod ending;
mod expr;
pub mod file;
mod layout;
mod loops;
pub mod mutate;
mod tables;
mod text;

use super::{Aim, Atom, Dice, Entropy, Generated, Generator};
use crate::case::{Case, CaseLimits};
use crate::machine::Machine;
use expr::Range;
use file::{Ast, Constant, File, Insn, Op};
use layout::Style;
use tables::*;

/// The generator.
pub static GENERATOR: Generator = Generator {
    generate,
    words: tables::words,
    mnemonics: MNEMONICS,
    unportable: &[],
    faults: &ending::CODES,
};

/// Most turns of nested loops.
const MOST_TURNS: u64 = 40;
/// Most ast and other instructions that a body runs.
const MOST_WORK: u64 = 250;
/// Loops that are open at once.
const DEEPEST: usize = 5;

/// What a variable may hold.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Variable {
    /// An Int between these.
    Int(i64, i64),
    Bool,
    Float,
    /// A short text.
    Text,
    /// A text that a loop lets grow.
    Growing,
    /// Anything.
    Any,
    /// The counter of a WHILE, which nothing else assigns.
    Counter,
}

const COUNTERS: usize = 14;
const GROWING: usize = 12;
const ANY: usize = 13;

const VARIABLES: [Variable; 18] = {
    use Variable::*;
    [
        Int(-1000, 1000),
        Int(-1000, 1000),
        Int(0, 64),
        Int(0, 64),
        Int(-(1 << 40), 1 << 40),
        Int(i64::MIN, i64::MAX),
        Bool,
        Bool,
        Float,
        Float,
        Text,
        Text,
        Growing,
        Any,
        Counter,
        Counter,
        Counter,
        Counter,
    ]
};

/// A loop (or what looks like one) that is open.
struct Block {
    kind: Kind,
    /// The variables that were set before.
    set: u32,
    turns: u64,
    /// Statements until it ends.
    left: usize,
    /// The counter that it has for itself, and the growing text.
    takes: u32,
    /// The jumps that are to name its END.
    stops: Vec<usize>,
    /// Labels to stand behind it.
    labels: Vec<u64>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// A FOR or WHILE, by its index.
    Loop(usize),
    /// A WHILE of one turn.
    If(usize),
    /// From a label to a GOTO, which goes back so often: label, counter, turns.
    Back(u64, usize, i64),
}

struct Builder {
    style: Style,
    whims: u64,
    file: File,
    /// The expression that is being written, and the variables that it reads.
    ops: Vec<Op>,
    needs: u32,
    /// The variables that are set on every way here.
    set: u32,
    /// Those that a loop has for itself.
    taken: u32,
    blocks: Vec<Block>,
    turns: u64,
    work: u64,
    most_work: u64,
    most_insns: usize,
    /// What the program is sure to cost and to print.
    least_fuel: u64,
    least_output: u64,
    labels: usize,
    /// Where the name of the first variable is in the table.
    first_name: usize,
    /// The constants of the names in that table, once they are there.
    names: [u64; NAMES.len()],
    /// Asts that can be evaluated wherever what they read is set.
    asts: Vec<(u64, u32)>,
    limits: CaseLimits,
    /// True if it is to be loaded strictly.
    strict: bool,
    words: Vec<u16>,
}

/// The kinds of steps that an atom can be.
#[derive(Clone, Copy)]
enum Step {
    Assign,
    Print,
    Evaluate,
    Good,
    Chain,
    Again,
    For,
    While,
    If,
    Back,
    Out,
    Leave,
    Pass,
    Label,
    Late,
    Close,
}

/// The kinds of steps, and how often each comes by default.
const STEPS: [(Step, usize); 16] = [
    (Step::Assign, 24),
    (Step::Print, 18),
    (Step::Evaluate, 3),
    (Step::Good, 5),
    (Step::Chain, 2),
    (Step::Again, 3),
    (Step::For, 9),
    (Step::While, 9),
    (Step::If, 6),
    (Step::Back, 3),
    (Step::Out, 4),
    (Step::Leave, 7),
    (Step::Pass, 2),
    (Step::Label, 1),
    (Step::Late, 2),
    (Step::Close, 5),
];

fn generate(mut entropy: Entropy, aim: Aim) -> Generated {
    let header = entropy.atom().unwrap_or_default();
    let mut swarm = entropy.atom().unwrap_or_default();
    let mut last = Dice::new(entropy.atom().unwrap_or_default());
    let aim = match aim {
        Aim::Any => ending::aim(&mut last),
        aim => aim,
    };
    let mut builder = Builder::new(header);
    let weights = STEPS.map(|(_, weight)| weight * [2, 0, 1, 6][swarm.below(4)]);
    let total: usize = weights.iter().sum();
    while let Some(atom) = entropy.atom() {
        let mut dice = Dice::new(atom);
        let mut choice = dice.below(total);
        let mut step = Step::Assign;
        for ((kind, _), weight) in STEPS.iter().zip(weights) {
            if choice < weight {
                step = *kind;
                break;
            }
            choice -= weight;
        }
        builder.step(step, &mut dice);
    }
    while !builder.blocks.is_empty() {
        builder.close();
    }
    let expected = builder.tail(aim, &mut last);
    let case = builder.finish(aim, &mut last);
    Generated {
        case,
        expected,
        words: builder.words,
    }
}

/// The bytes of a program, rather a short one: the first of that seed, from `number` on, that is
/// not text.
pub fn binary(seed: u64, number: u64) -> Vec<u8> {
    let mut numbers = number..;
    let file = numbers.find_map(|number| {
        let mut entropy = Entropy::seeded(seed, number);
        let mut atoms = Vec::new();
        while let Some(atom) = entropy.atom() {
            atoms.push(atom.rest());
        }
        // Two in three are cut, to a few steps behind the three atoms that every program has.
        if number % 3 > 0 {
            atoms.truncate(3 + number as usize % 5);
        }
        let generated = generate(Entropy::from_atoms(&atoms), Aim::Any);
        generated
            .case
            .files
            .into_values()
            .find(|bytes| bytes.starts_with(b".Sc."))
    });
    file.unwrap_or_default()
}

impl Builder {
    fn new(header: Atom) -> Builder {
        let mut dice = Dice::new(header);
        Builder {
            style: Style::new(&mut dice),
            most_work: match dice.one_in(32) {
                true => 10 * MOST_WORK,
                false => MOST_WORK,
            },
            most_insns: [6, 10, 16, 32][dice.below(4)],
            first_name: dice.below(NAMES.len()),
            names: [0; NAMES.len()],
            whims: dice.word() | 1,
            file: File {
                constants: Vec::with_capacity(64),
                asts: Vec::with_capacity(64),
                insns: Vec::with_capacity(64),
            },
            ops: Vec::with_capacity(32),
            needs: 0,
            set: 0,
            taken: 0,
            blocks: Vec::new(),
            turns: 1,
            work: 0,
            least_fuel: 0,
            least_output: 0,
            labels: 0,
            asts: Vec::with_capacity(64),
            limits: CaseLimits::default(),
            strict: false,
            words: Vec::with_capacity(96),
        }
    }

    fn word(&mut self, word: usize) {
        self.words.push(word as u16);
    }

    fn shape(&mut self, name: &str) {
        if let Some(index) = SHAPES.iter().position(|shape| *shape == name) {
            self.word(FIRST_SHAPE + index);
        }
    }

    /// Chooses among `n`, in ways that do not matter to what the program does.
    fn whim(&mut self, n: u64) -> u64 {
        self.whims ^= self.whims << 13;
        self.whims ^= self.whims >> 7;
        self.whims ^= self.whims << 17;
        self.whims % n
    }

    fn variable_name(&mut self, variable: usize) -> u64 {
        let index = (self.first_name + variable) % NAMES.len();
        self.word(FIRST_NAME + index);
        if self.names[index] == 0 || self.style.copies {
            self.names[index] = self.name(NAMES[index]);
        }
        self.names[index]
    }

    // ------------------------------------------------------------------------- instructions

    fn emit(&mut self, insn: Insn) -> usize {
        let mut cost = 1;
        let mut asts = insn;
        for ast in asts.asts() {
            cost += self.file.asts[*ast as usize].ops.len() as u64;
        }
        self.work += cost * self.turns;
        if self.blocks.is_empty() {
            self.least_fuel += cost;
        }
        self.file.insns.push(insn);
        self.file.insns.len() - 1
    }

    /// The ast of the expression that was written.
    fn ast(&mut self) -> u64 {
        let ops = std::mem::take(&mut self.ops);
        let needs = std::mem::take(&mut self.needs);
        if self.style.shared
            && let Some(at) = self.file.asts.iter().position(|ast| ast.ops == ops)
        {
            self.shape("shared ast");
            return at as u64;
        }
        self.file.asts.push(Ast::new(ops));
        let index = self.file.asts.len() as u64 - 1;
        self.asts.push((index, needs));
        index
    }

    /// An ast that the tail makes, and that nobody else evaluates.
    fn own_ast(&mut self) -> u64 {
        self.needs = 0;
        let ops = std::mem::take(&mut self.ops);
        self.file.asts.push(Ast::new(ops));
        self.file.asts.len() as u64 - 1
    }

    /// Assigns the expression that was written.
    fn set(&mut self, variable: usize) {
        let ast = self.ast();
        let name = self.variable_name(variable);
        self.emit(Insn::Set(name, ast));
        self.set |= 1 << variable;
    }

    fn evaluate(&mut self) {
        let ast = self.ast();
        self.emit(Insn::Eval(ast));
    }

    // -------------------------------------------------------------------------------- steps

    /// Lowers an atom: whatever it takes to make such a step valid here.
    fn step(&mut self, step: Step, dice: &mut Dice) {
        if self.work < self.most_work && self.file.insns.len() < self.most_insns {
            self.lower(step, dice);
        }
        while let Some(block) = self.blocks.last_mut() {
            match block.left.checked_sub(1) {
                Some(left) => {
                    block.left = left;
                    break;
                }
                None => self.close(),
            }
        }
    }

    fn lower(&mut self, step: Step, dice: &mut Dice) {
        let depth = [1, 2, 0, 1, 3][dice.below(5)];
        match step {
            Step::Assign => self.assign(dice, depth),
            Step::Print => self.print_statement(dice, depth),
            Step::Evaluate => {
                self.any(dice, depth);
                self.evaluate();
            }
            Step::Good => self.good(dice),
            Step::Chain => {
                self.chain(dice);
                match dice.below(3) {
                    0 => self.set(4),
                    1 => self.evaluate(),
                    _ => {
                        self.call("print", 1);
                        self.evaluate();
                    }
                }
            }
            Step::Again => self.again(dice),
            Step::For | Step::While | Step::If | Step::Back if self.blocks.len() >= DEEPEST => {
                self.print_statement(dice, depth);
            }
            Step::For => self.open_for(dice),
            Step::While => self.open_while(dice),
            Step::If => self.open_if(dice, depth),
            Step::Back => self.open_back(dice),
            Step::Out => self.out(dice),
            Step::Leave => self.leave(dice),
            Step::Pass => {
                self.emit(Insn::Pass);
            }
            Step::Label => {
                let name = self.new_label();
                self.emit(Insn::Label(name));
            }
            Step::Late => self.late(dice),
            Step::Close => match self.blocks.is_empty() {
                true => self.assign(dice, depth),
                false => self.close(),
            },
        }
    }

    fn assign(&mut self, dice: &mut Dice, depth: u32) {
        let variable = dice.below(COUNTERS);
        match VARIABLES[variable] {
            Variable::Int(low, high) => {
                let _ = self.int_within((low, high), dice, depth);
            }
            Variable::Bool => self.bool(dice, depth),
            Variable::Float => self.float(dice, depth),
            Variable::Text => {
                let longest = self.text(dice, depth);
                if longest > expr::LONGEST_TEXT {
                    self.ops.clear();
                    self.push_text("long");
                }
            }
            Variable::Growing | Variable::Any | Variable::Counter => {
                self.any(dice, depth);
                return self.set(ANY);
            }
        }
        self.set(variable);
    }

    fn print_statement(&mut self, dice: &mut Dice, depth: u32) {
        let arguments = self.print(dice, depth);
        if self.blocks.is_empty() {
            self.least_output += arguments.max(1);
        }
        self.evaluate();
    }

    /// Shows what an expression at a boundary comes to.
    fn good(&mut self, dice: &mut Dice) {
        let index = dice.below(GOOD.len());
        self.word(FIRST_GOOD + index);
        self.tokens(GOOD[index], dice);
        if dice.one_in(4) {
            let ast = self.own_ast();
            let name = self.variable_name(ANY);
            self.emit(Insn::Set(name, ast));
            self.set |= 1 << ANY;
        } else {
            self.call("print", 1);
            if self.blocks.is_empty() {
                self.least_output += 1;
            }
            let ast = self.own_ast();
            self.emit(Insn::Eval(ast));
        }
    }

    /// Writes an expression from a table. Some of its operands take their way through variables,
    /// which a machine may treat in ways of its own.
    fn tokens(&mut self, tokens: &[Token], dice: &mut Dice) {
        let unset = UNSET[dice.below(UNSET.len())];
        let mut ops = std::mem::take(&mut self.ops);
        for token in tokens {
            match *token {
                Token::I(value) => self.push_int(value),
                Token::F(value) => self.push(Constant::Float(value.to_bits())),
                Token::S(text) => self.push_text(text),
                Token::B(value) => self.push_bool(value),
                Token::N => self.push_nil(),
                Token::U => {
                    let name = self.name(unset);
                    self.ops.push(Op::Var(name));
                }
                Token::O(byte) => self.operator(byte),
                Token::C(name, count) => self.call(name, count),
            }
            let literal = matches!(self.ops.last(), Some(Op::Const(_)));
            if literal && dice.one_in(4) {
                let name = self.name(["v", "w", "v1", "v2", "v3"][ops.len().min(4)]);
                let ast = self.own_ast();
                self.emit(Insn::Set(name, ast));
                self.ops.push(Op::Var(name));
            }
            ops.append(&mut self.ops);
        }
        self.ops = ops;
    }

    /// Evaluates what was evaluated before.
    fn again(&mut self, dice: &mut Dice) {
        let set = self.set;
        let can = |&&(_, needs): &&(u64, u32)| needs & !set == 0;
        let count = self.asts.iter().filter(can).count();
        if count == 0 {
            return self.assign(dice, 1);
        }
        let found = self.asts.iter().filter(can).nth(dice.below(count));
        let ast = found.map_or(0, |&(ast, _)| ast);
        self.shape("shared ast");
        match dice.one_in(2) {
            true => {
                self.emit(Insn::Eval(ast));
            }
            false => {
                let name = self.variable_name(ANY);
                self.emit(Insn::Set(name, ast));
                self.set |= 1 << ANY;
            }
        }
    }

    // ------------------------------------------------------------------------------ the end

    /// The program as a case.
    fn finish(&mut self, aim: Aim, last: &mut Dice) -> Case {
        self.count_words();
        let mut file = std::mem::take(&mut self.file);
        // A machine that has it wrong may go on for ever: not for long.
        let mut limits = self.limits;
        limits.fuel.get_or_insert(4 * self.work + 20_000);
        limits.output_bytes.get_or_insert(1 << 20);
        limits.heap_bytes.get_or_insert(1 << 20);
        let (name, bytes) = match aim {
            Aim::Refused => ("main.sc", self.broken(file, last)),
            _ if self.style.text => ("main.sca", self.text_of(&file).into_bytes()),
            _ => {
                self.lay_out(&mut file);
                ("main.sc", file.encode())
            }
        };
        Case {
            name: "generated".to_owned(),
            limits,
            strict: self.strict || aim == Aim::Wild && self.whim(8) == 0,
            ..Case::single(Machine::Sc, name, bytes)
        }
    }

    fn count_words(&mut self) {
        let insn = |insn: &Insn, file: &File| match *insn {
            Insn::Pass => 0,
            Insn::For(_) => 1,
            Insn::While(_) => 2,
            Insn::End(_) => 3,
            Insn::Jump(to) => match file.insns.get(to as usize) {
                Some(Insn::End(_)) => 5,
                _ => 4,
            },
            Insn::Goto(_) => 6,
            Insn::Eval(_) => 7,
            Insn::Set(..) => 8,
            Insn::Label(_) => 9,
        };
        let file = &self.file;
        self.words
            .extend(file.insns.iter().map(|each| insn(each, file)));
        for op in file.asts.iter().flat_map(|ast| &ast.ops) {
            let place = match *op {
                Op::Var(_) => 0,
                Op::Const(_) => 1,
                Op::Call(name, _) => {
                    let name = file.text(name);
                    let at = FUNCTIONS.iter().position(|known| Some(*known) == name);
                    self.words.extend(at.map(|at| (FIRST_FUNCTION + at) as u16));
                    2
                }
                Op::Operator(byte) => PUSHES.len() + usize::from(byte - ADD),
            };
            self.words.push((FIRST_OPERATION + place) as u16);
        }
    }
}
