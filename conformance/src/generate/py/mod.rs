//! Programs of the Python machine.
//!
//! A program is made of productions (`grammar`). What they leave on the stack is known, and how large
//! it can become, but not whether they raise an exception. So each part of a program is guarded by a
//! handler that prints the exception, and the code after the parts leads to the intended ending. A
//! wild program has parts without a guard, and an unknown ending.
//!
//! Nothing that a program prints depends on addresses, on the hashes of strs, on time, or on when
//! unreachable objects are destroyed.

mod classes;
mod code;
mod ending;
mod faults;
mod functions;
mod grammar;
mod helpers;
pub mod mutate;
mod random_ops;
mod special;
mod tables;
mod variables;
mod vocabulary;

use super::{Aim, Dice, Entropy, Generated, Generator};
use crate::case::Case;
use crate::machine::Machine;
use code::{Code, Role, of_kind};
use functions::Callable;
use grammar::{EXPRESSIONS, Production, STATEMENTS, When};
use helpers::Helpers;
use tables::{CHOICES, Kind, VARIABLES};
use vm::py::insn::{Op, TABLE};
use vocabulary::{first_statement, first_word};

/// The generator of this machine's programs.
pub(super) static GENERATOR: Generator = Generator {
    generate,
    words: vocabulary::words,
    mnemonics: TABLE.len(),
    unportable: &[],
    faults: &ending::CODES,
};

/// The file of a program.
const ENTRY: &str = "main.cpyasm";
/// The number of turns of nested loops at most.
const MAX_TURNS: u64 = 40;
/// The number of instructions that a call runs at most, in all turns together, approximately.
const MAX_COST: u64 = 4000;
/// The number of instructions after which no functions and long statements are begun.
const MAX_INSNS: usize = 400;
/// The depth at the start of a statement.
const MAX_DEPTH: Depth = Depth {
    expression: 3,
    statement: 3,
    strict: false,
};

/// How deep a production may be nested.
#[derive(Clone, Copy)]
struct Depth {
    /// The levels of expressions that are left.
    expression: u32,
    /// The levels of statements that are left.
    statement: u32,
    /// Whether expressions must have their type.
    strict: bool,
}

/// A program that is being written.
struct Writer {
    code: Code,
    /// The code objects around `code`, from the module on.
    outer: Vec<Code>,
    /// The text of the complete code objects.
    objects: String,
    /// The number of code objects.
    made: usize,
    functions: Vec<Callable>,
    helpers: Helpers,
    /// Whether the program has an exception class of its own.
    failure: bool,
    /// The weight of each statement.
    weights: Vec<usize>,
    /// How often the code that is being written runs.
    turns: u64,
    insns: usize,
    words: Vec<u16>,
}

fn generate(mut entropy: Entropy, aim: Aim) -> Generated {
    let mut header = Dice::long(entropy.atom().unwrap_or_default());
    let mut swarm = Dice::long(entropy.atom().unwrap_or_default());
    let mut last = Dice::long(entropy.atom().unwrap_or_default());
    let aim = match aim {
        Aim::Any => ending::choose_aim(&mut last),
        aim => aim,
    };
    let mut writer = Writer::new(&mut swarm);
    writer.prologue(&mut header);
    while let Some(atom) = entropy.atom() {
        let mut dice = Dice::long(atom);
        let guarded = aim != Aim::Wild || !dice.one_in(4);
        writer.part(&mut dice, guarded);
    }
    writer.print_variables();
    let expected = writer.write_ending(aim, &mut last);
    let (text, words) = writer.finish(aim, &mut last);
    Generated {
        case: Case {
            name: "generated".to_owned(),
            ..Case::single(Machine::Py, ENTRY, text)
        },
        expected,
        words,
    }
}

impl Writer {
    fn new(swarm: &mut Dice) -> Writer {
        let weights = STATEMENTS.iter();
        Writer {
            code: Code::new(Role::Module, "main".to_owned()),
            outer: Vec::new(),
            objects: String::new(),
            made: 0,
            functions: Vec::new(),
            helpers: Helpers::default(),
            failure: false,
            weights: weights
                .map(|row| row.weight * [2, 0, 1, 6][swarm.below(4)])
                .collect(),
            turns: 1,
            insns: 0,
            words: Vec::with_capacity(512),
        }
    }

    /// Gives some variables their first values.
    fn prologue(&mut self, dice: &mut Dice) {
        use Kind::{Dict, Float, Int, List, Scalar, Str, Tuple};
        let variables = VARIABLES.iter().enumerate();
        for (variable, &(name, kind)) in variables.take(tables::PARAMETERS) {
            if dice.below(3) == 0 {
                continue;
            }
            let value = match kind {
                Int => "LOAD_CONST $int",
                Float => "LOAD_CONST $float",
                Str => "LOAD_CONST $str",
                Scalar => "LOAD_CONST $scalar",
                Tuple => "LOAD_CONST $tuple",
                List => "BUILD_LIST 0; LOAD_CONST $tuple; LIST_EXTEND 1",
                Dict => {
                    "LOAD_CONST $int; LOAD_CONST $str; LOAD_CONST ('k', 1); BUILD_CONST_KEY_MAP 2"
                }
                Kind::Generator | Kind::Object => continue,
            };
            self.write(value, dice, MAX_DEPTH);
            self.emit("STORE_NAME", name);
            self.code.set |= 1 << variable;
        }
    }

    /// Writes a statement, with or without a guard.
    fn part(&mut self, dice: &mut Dice, guarded: bool) {
        match guarded {
            true => self.write(grammar::GUARDED, dice, MAX_DEPTH),
            false => self.statement(dice, MAX_DEPTH, true),
        }
    }

    /// Prints the variables at the end.
    fn print_variables(&mut self) {
        let printable = |kind| !matches!(kind, Kind::Generator | Kind::Object);
        let mut text = String::new();
        for (variable, (name, kind)) in VARIABLES.iter().enumerate() {
            if self.code.set >> variable & 1 == 1 && printable(*kind) {
                text += &format!("LOAD_NAME {name}; PRINT_EXPR; ");
            }
        }
        if !text.is_empty() {
            let guarded = grammar::GUARDED.replace("<statement>; ", &text);
            self.write(&guarded, &mut Dice::default(), MAX_DEPTH);
        }
    }

    /// Returns the text and the words in it.
    fn finish(mut self, aim: Aim, dice: &mut Dice) -> (String, Vec<u16>) {
        self.emit("LOAD_CONST", "None");
        self.emit("RETURN_VALUE", "");
        let helpers = self.helpers;
        helpers.prepend(&mut self);
        let mut text = self.code.finish() + &self.objects;
        if aim == Aim::Refused {
            text = ending::with_refused_lines(&text, dice);
        }
        let mnemonics = text.lines().filter_map(|line| {
            let op = Op::from_mnemonic(line.split_whitespace().next()?)?;
            TABLE.iter().position(|row| row.op == op)
        });
        self.words.extend(mnemonics.map(|word| word as u16));
        (text, self.words)
    }

    // -------------------------------------------------------------------------- productions

    /// Writes an instruction or a label.
    fn emit(&mut self, mnemonic: &str, operand: &str) {
        self.code.line(mnemonic, operand);
        self.code.cost += self.turns;
        self.insns += 1;
    }

    /// Returns true if a production may be written here. `top` is true directly in a body.
    fn fits(&self, row: &Production, depth: Depth, top: bool) -> bool {
        let role = self.code.role;
        let here = match row.when {
            When::Always => true,
            When::Main => role == Role::Module,
            When::Calm => role == Role::Module && self.turns == 1,
            When::Function => role.is_function(),
            When::Resumable => role == Role::Generator && top,
            When::Asynchronous => role == Role::Coroutine && top,
            When::Class => role == Role::Class,
        };
        let has = |what| row.text.contains(what);
        let lacks = |what, kind| has(what) && self.code.set & of_kind(kind) == 0;
        here && !lacks("@load object", Kind::Object)
            && !lacks("@load generator", Kind::Generator)
            && (self.failure || !has("LOAD_GLOBAL E"))
            && (depth.statement > 0 || !has("<statements>"))
            && (depth.expression > 0 || !has("<"))
            && (self.turns <= MAX_TURNS / 4 || !has("@turns"))
            && (self.insns < MAX_INSNS || !(has("<statements>") || has("@define") || has("@many")))
    }

    /// Returns the index of a production that fits, chosen by weight.
    fn choose(
        &self,
        rows: &[Production],
        weight: impl Fn(usize) -> usize,
        dice: &mut Dice,
        fits: impl Fn(&Production) -> bool,
    ) -> usize {
        let weights: Vec<usize> = (rows.iter().enumerate())
            .map(|(at, row)| if fits(row) { weight(at) } else { 0 })
            .collect();
        let mut choice = dice.below(weights.iter().sum());
        let chosen = weights.iter().position(|&weight| {
            let here = choice < weight;
            choice = choice.saturating_sub(weight);
            here
        });
        chosen.unwrap_or(0)
    }

    /// Writes a statement.
    fn statement(&mut self, dice: &mut Dice, depth: Depth, top: bool) {
        let fits = |row: &Production| self.fits(row, depth, top);
        let chosen = self.choose(&STATEMENTS, |at| self.weights[at], dice, fits);
        self.words.push((first_statement() + chosen) as u16);
        self.write(STATEMENTS[chosen].text, dice, depth);
    }

    /// Writes a few statements inside another one.
    fn statements(&mut self, dice: &mut Dice, depth: Depth) {
        let inner = Depth {
            expression: MAX_DEPTH.expression - 1,
            statement: depth.statement.saturating_sub(1),
            strict: false,
        };
        for _ in 0..1 + dice.below(2) {
            self.statement(dice, inner, false);
        }
    }

    /// Writes an expression, sometimes one of another type.
    fn expression(&mut self, name: &str, dice: &mut Dice, depth: Depth) {
        const SWAPPED: [&str; 10] = [
            "int", "float", "str", "bool", "scalar", "list", "tuple", "dict", "sequence", "slice",
        ];
        let (name, strict) = match name.strip_suffix('!') {
            Some(name) => (name, true),
            None => (name, depth.strict),
        };
        let swapped = !strict && SWAPPED.contains(&name) && dice.one_in(24);
        let name = if swapped { "small scalar" } else { name };
        let Some(which) = EXPRESSIONS.iter().position(|(other, _)| *other == name) else {
            return;
        };
        let rows = EXPRESSIONS[which].1;
        let fits = |row: &Production| self.fits(row, depth, false);
        let chosen = self.choose(rows, |at| rows[at].weight, dice, fits);
        self.words.push((first_word(which) + chosen) as u16);
        let inner = Depth {
            expression: depth.expression.saturating_sub(1),
            strict,
            ..depth
        };
        self.write(rows[chosen].text, dice, inner);
    }

    /// Writes a production.
    fn write(&mut self, text: &str, dice: &mut Dice, depth: Depth) {
        let labels = self.code.next_label();
        let turns = self.turns;
        for part in text.split("; ") {
            let (word, operand) = part.split_once(' ').unwrap_or((part, ""));
            match part.as_bytes()[0] {
                b'<' if part == "<statements>" => self.statements(dice, depth),
                b'<' if part == "<statement>" => self.statement(dice, depth, true),
                b'<' => self.expression(&part[1..part.len() - 1], dice, depth),
                b'@' => self.special(&word[1..], operand, dice, depth),
                _ => match operand.as_bytes().first() {
                    Some(b'$') => {
                        let chosen = choice(&operand[1..], dice);
                        self.emit(word, chosen);
                    }
                    Some(b'{') => {
                        let label = operand.trim_matches(['{', '}']);
                        self.emit(word, &format!("{label}{labels}"));
                    }
                    _ => self.emit(word, operand),
                },
            }
        }
        self.turns = turns;
    }
}

/// Returns one of the literals or names of a word.
fn choice(word: &str, dice: &mut Dice) -> &'static str {
    let known = CHOICES.iter().find(|(other, _)| *other == word);
    known.map_or("", |(_, among)| among[dice.below(among.len())])
}

#[cfg(test)]
mod tests;
