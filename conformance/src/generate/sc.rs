//! Programs of the `.Sc.` machine.
//!
//! What a program does is known while it is written: each variable has a type and a range that its
//! values keep to, so that no expression of a body faults, and each loop ends. The code after the
//! body leads to the intended ending. Programs are written as decoded files; their layout (order,
//! copies, unused parts, or text instead of bytes) is chosen last.

mod case;
mod ending;
mod expr;
pub mod file;
mod layout;
mod loops;
pub mod mutate;
mod refused;
mod steps;
mod tables;
mod text;
mod wild;

use super::{Aim, Atom, Dice, Entropy, Generated, Generator};
use crate::case::CaseLimits;
use file::{File, Op};
use layout::Style;
use tables::*;

/// The generator of this machine's programs.
pub(super) static GENERATOR: Generator = Generator {
    generate,
    words: tables::words,
    mnemonics: MNEMONICS,
    unportable: &[],
    faults: &ending::CODES,
};

/// The number of turns of nested loops at most.
const MAX_TURNS: u64 = 40;
/// The number of instructions and ast instructions that a body runs at most.
const MAX_WORK: u64 = 250;
/// The number of loops that are nested at most.
const MAX_DEPTH: usize = 5;

/// What a variable may hold.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Variable {
    /// An Int from the first number to the second.
    Int(i64, i64),
    Bool,
    Float,
    /// A short text.
    Text,
    /// A text that grows in a loop.
    Growing,
    /// Anything.
    Any,
    /// The counter of a loop, which nothing else assigns.
    Counter,
}

/// The index of the first counter in [`VARIABLES`].
const COUNTERS: usize = 14;
/// The index of the growing text.
const GROWING: usize = 12;
/// The index of the variable of any type.
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

/// A loop, or something like one, that is open.
struct Block {
    kind: Kind,
    /// The variables that were set before it.
    set: u32,
    /// The turns of the loops around it.
    turns: u64,
    /// The number of statements until it ends.
    left: usize,
    /// The variables that only this block assigns.
    reserves: u32,
    /// The jumps that will name its END.
    stops: Vec<usize>,
    /// The labels that will be after it.
    labels: Vec<u64>,
}

/// The kind of a block.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// A FOR or WHILE, by its index.
    Loop(usize),
    /// A WHILE of one turn, by its index.
    If(usize),
    /// A label and a GOTO back to it: the label, the counter, the number of turns.
    Back(u64, usize, i64),
}

/// A program that is being written. Sets of variables are bit sets of indices of [`VARIABLES`].
struct Builder {
    style: Style,
    /// The state of the generator of layout choices.
    layout_state: u64,
    file: File,
    /// The expression that is being written.
    ops: Vec<Op>,
    /// The variables that the expression reads.
    needs: u32,
    /// The variables that are set on every path to here.
    set: u32,
    /// The variables that open blocks reserve.
    reserved: u32,
    blocks: Vec<Block>,
    /// How often the code that is being written runs.
    turns: u64,
    /// The number of instructions and ast instructions that run.
    work: u64,
    max_work: u64,
    max_insns: usize,
    /// The least fuel that the program takes.
    min_fuel: u64,
    /// The least number of bytes that the program prints.
    min_output: u64,
    /// The number of labels.
    labels: usize,
    /// The index of the first variable's name in [`NAMES`].
    first_name: usize,
    /// The constants of [`NAMES`]; 0 for a name that is not used yet.
    names: [u64; NAMES.len()],
    /// The asts that can be evaluated again, each with the variables that it reads.
    asts: Vec<(u64, u32)>,
    limits: CaseLimits,
    /// True if the program is loaded strictly.
    strict: bool,
    words: Vec<u16>,
}

/// The kinds of steps.
#[derive(Clone, Copy)]
enum Step {
    Assign,
    Print,
    Evaluate,
    Boundary,
    Chain,
    Reuse,
    For,
    While,
    If,
    GotoBack,
    GotoOut,
    LeaveLoop,
    Pass,
    Label,
    LateSet,
    Close,
}

/// The kinds of steps with their default weights.
const STEPS: [(Step, usize); 16] = [
    (Step::Assign, 24),
    (Step::Print, 18),
    (Step::Evaluate, 3),
    (Step::Boundary, 5),
    (Step::Chain, 2),
    (Step::Reuse, 3),
    (Step::For, 9),
    (Step::While, 9),
    (Step::If, 6),
    (Step::GotoBack, 3),
    (Step::GotoOut, 4),
    (Step::LeaveLoop, 7),
    (Step::Pass, 2),
    (Step::Label, 1),
    (Step::LateSet, 2),
    (Step::Close, 5),
];

fn generate(mut entropy: Entropy, aim: Aim) -> Generated {
    let header = entropy.atom().unwrap_or_default();
    let mut swarm = entropy.atom().unwrap_or_default();
    let mut last = Dice::new(entropy.atom().unwrap_or_default());
    let aim = match aim {
        Aim::Any => ending::choose_aim(&mut last),
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
    let expected = builder.write_ending(aim, &mut last);
    let case = builder.finish(aim, &mut last);
    Generated {
        case,
        expected,
        words: builder.words,
    }
}

/// Returns the bytes of a program, preferably a short one: the first of a seed, from `number` on, that
/// is a binary file.
pub fn binary(seed: u64, number: u64) -> Vec<u8> {
    let mut numbers = number..;
    let file = numbers.find_map(|number| {
        let mut entropy = Entropy::seeded(seed, number);
        let mut atoms = Vec::new();
        while let Some(atom) = entropy.atom() {
            atoms.push(atom.rest());
        }
        // Two of three are cut to a few steps, after the three atoms that every program has.
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
            max_work: match dice.one_in(32) {
                true => 10 * MAX_WORK,
                false => MAX_WORK,
            },
            max_insns: [6, 10, 16, 32][dice.below(4)],
            first_name: dice.below(NAMES.len()),
            names: [0; NAMES.len()],
            layout_state: dice.word() | 1,
            file: File {
                constants: Vec::with_capacity(64),
                asts: Vec::with_capacity(64),
                insns: Vec::with_capacity(64),
            },
            ops: Vec::with_capacity(32),
            needs: 0,
            set: 0,
            reserved: 0,
            blocks: Vec::new(),
            turns: 1,
            work: 0,
            min_fuel: 0,
            min_output: 0,
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

    /// Counts a word of [`SHAPES`].
    fn shape(&mut self, name: &str) {
        if let Some(index) = SHAPES.iter().position(|shape| *shape == name) {
            self.word(FIRST_SHAPE + index);
        }
    }

    /// Returns a choice among `n` that does not change what the program does.
    fn layout_choice(&mut self, n: u64) -> u64 {
        self.layout_state ^= self.layout_state << 13;
        self.layout_state ^= self.layout_state >> 7;
        self.layout_state ^= self.layout_state << 17;
        self.layout_state % n
    }

    /// Returns the constant of a variable's name.
    fn variable_name(&mut self, variable: usize) -> u64 {
        let index = (self.first_name + variable) % NAMES.len();
        self.word(FIRST_NAME + index);
        if self.names[index] == 0 || self.style.copies {
            self.names[index] = self.name(NAMES[index]);
        }
        self.names[index]
    }
}
