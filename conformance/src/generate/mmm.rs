//! Programs of the `.mmm` machine.
//!
//! Such a program has no branches and no loops, so what it does is known while it is written: the
//! types on the stack (and the numbers, where overflow asks for them), what each function costs
//! and returns. A body never stops early; the tail that follows it brings about the ending that
//! is aimed at.

mod ending;
pub(super) mod tables;
mod text;

use super::{Aim, Atom, Entropy, Generated, Generator};
use crate::case::{Case, CaseLimits, Header};
use crate::machine::Machine;
use std::borrow::Cow;
use std::collections::BTreeMap;
use tables::*;
use text::Layout;

/// The generator.
pub static GENERATOR: Generator = Generator {
    generate,
    words: tables::words,
    mnemonics: MNEMONICS.len(),
    unportable: &[STACK_DUMP as u16],
    faults: &ending::CODES,
};

/// Most instructions that a body and its calls run.
const MOST_STEPS: u64 = 150;
/// Most functions of a body.
const MOST_FUNCTIONS: usize = 7;

const FILES: [&str; 8] = [
    "main.mmm",
    "lib/a.mmm",
    "lib/deep/b.mmm",
    "c.mmm",
    "lib/main.mmm",
    "x#y.mmm",
    "d.e/.f",
    "ü/o'k.mmm",
];

/// Where the entry lies.
#[derive(Clone, Copy, PartialEq)]
enum Home {
    /// In the root.
    Root,
    /// In a folder under the root.
    Deep,
    /// In a folder that is the root.
    Folder,
}

const HOMES: [Home; 8] = {
    use Home::{Deep, Folder, Root};
    [Root, Root, Root, Root, Root, Root, Deep, Folder]
};

const NAMES: [&str; 12] = [
    "f", "g", "h", "main", "end", "function", "ünï", "a.b", "-", "0", "F", "../x",
];

/// What is known of an item on the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    Bool,
    Str,
    Char,
    Float,
    Byte(u8),
    /// A number no less than the first and no greater than the second.
    Int(i64, i64),
}

/// What a call comes to.
#[derive(Clone, Copy, Debug)]
struct Cost {
    /// Instructions it runs.
    steps: u64,
    /// Times it prints something.
    prints: u64,
    /// Calls that are active at once, its own too.
    depth: u64,
    /// Items and calls there are at once.
    peak: u64,
}

/// A function that is whole.
struct Function {
    name: &'static str,
    file: usize,
    body: String,
    cost: Cost,
    returns: Option<Item>,
    called: bool,
}

/// The function that is being written.
struct Open {
    name: &'static str,
    file: usize,
    body: String,
    stack: Vec<Item>,
    cost: Cost,
}

impl Open {
    fn new(name: &'static str, file: usize) -> Open {
        Open {
            name,
            file,
            body: String::with_capacity(256),
            stack: Vec::with_capacity(8),
            cost: Cost {
                steps: 0,
                prints: 0,
                depth: 1,
                peak: 1,
            },
        }
    }
}

struct Builder {
    home: Home,
    layout: Layout,
    /// The files by name; how many of them there are.
    names: [&'static str; FILES.len()],
    files: usize,
    /// Whether a file is called, each a bit.
    called_files: u16,
    functions: Vec<Function>,
    open: Open,
    /// What was put aside while a function is being written.
    aside: Option<Open>,
    /// Steps until that function ends, and how it does.
    steps_left: usize,
    last_words: Atom,
    limits: CaseLimits,
    /// A file that does not load.
    bad_file: Option<usize>,
    words: Vec<u16>,
}

/// The kinds of steps that an atom can be.
#[derive(Clone, Copy)]
enum Step {
    Literal,
    Arithmetic,
    PrintAll,
    PrintOne,
    Pop,
    Void,
    StackSize,
    Nop,
    Breakpoint,
    StackDump,
    Call,
    Function,
}

/// The kinds of steps, and how often each comes by default.
const STEPS: [(Step, usize); 12] = [
    (Step::Literal, 24),
    (Step::Arithmetic, 20),
    (Step::PrintAll, 6),
    (Step::PrintOne, 8),
    (Step::Pop, 6),
    (Step::Void, 4),
    (Step::StackSize, 4),
    (Step::Nop, 2),
    (Step::Breakpoint, 2),
    (Step::StackDump, 1),
    (Step::Call, 12),
    (Step::Function, 8),
];

fn generate(mut entropy: Entropy, aim: Aim) -> Generated {
    let mut header = entropy.atom().unwrap_or_default();
    let mut swarm = entropy.atom().unwrap_or_default();
    let mut last = entropy.atom().unwrap_or_default();
    let mut builder = Builder::new(&mut header);
    let weights = STEPS.map(|(_, weight)| weight * [2, 0, 1, 6][swarm.below(4)]);
    let total = weights.iter().sum();
    while let Some(mut atom) = entropy.atom() {
        let mut choice = atom.below(total);
        let mut step = Step::Literal;
        for ((kind, _), weight) in STEPS.iter().zip(weights) {
            if choice < weight {
                step = *kind;
                break;
            }
            choice -= weight;
        }
        builder.step(step, atom);
    }
    if builder.aside.is_some() {
        builder.end_function();
    }
    builder.call_what_was_not_called();
    let aim = match aim {
        Aim::Any => ending::aim(&mut last),
        aim => aim,
    };
    let expected = builder.tail(aim, &mut last);
    let case = builder.case(aim, &mut last);
    Generated {
        case,
        expected,
        words: builder.words,
    }
}

impl Builder {
    fn new(header: &mut Atom) -> Builder {
        let mut names = FILES;
        let home = header.pick(&HOMES);
        if home == Home::Deep {
            names[0] = "app/main.mmm";
        }
        Builder {
            home,
            names,
            files: header.pick(&[1, 1, 2, 3, FILES.len()]),
            layout: Layout::new(header),
            called_files: 1,
            functions: Vec::with_capacity(MOST_FUNCTIONS + 1),
            open: Open::new("main", 0),
            aside: None,
            steps_left: 0,
            last_words: Atom::default(),
            limits: CaseLimits::default(),
            bad_file: None,
            words: Vec::with_capacity(64),
        }
    }

    // ------------------------------------------------------------------------- instructions

    /// Writes an instruction that runs.
    fn emit(&mut self, mnemonic: usize, operand: &str) {
        self.open.cost.steps += 1;
        self.write(mnemonic, operand);
    }

    /// Writes an instruction.
    fn write(&mut self, mnemonic: usize, operand: &str) {
        self.words.push(mnemonic as u16);
        let body = &mut self.open.body;
        self.layout.line(body, MNEMONICS[mnemonic], operand);
    }

    fn word(&mut self, first: usize, index: usize) {
        self.words.push((first + index) as u16);
    }

    fn emit_push(&mut self, mnemonic: usize, operand: &str, item: Item) {
        self.emit(mnemonic, operand);
        self.pushed(item);
    }

    fn pushed(&mut self, item: Item) {
        self.open.stack.push(item);
        let units = self.open.stack.len() as u64 + 1;
        self.open.cost.peak = self.open.cost.peak.max(units);
    }

    fn pop(&mut self) {
        self.emit(POP, "");
        self.open.stack.pop();
    }

    fn void(&mut self) {
        self.emit(VOID, "");
        self.open.stack.clear();
    }

    /// Pushes a literal of any type.
    fn push_any(&mut self, atom: &mut Atom) {
        let mnemonic = atom.pick(&[INT, STRING, FLOAT, BYTE, CHAR, BOOL, INT, FLOAT]);
        self.push_literal(mnemonic, atom);
    }

    /// Pushes a literal of a type, by its own mnemonic or by `constexpr`.
    fn push_literal(&mut self, mnemonic: usize, atom: &mut Atom) {
        let constexpr = atom.one_in(3);
        let (text, item) = match atom.below(5) {
            0 => text::random_literal(mnemonic, atom),
            _ => self.boundary_literal(mnemonic, constexpr, atom),
        };
        let mnemonic = match constexpr {
            true => CONSTEXPR,
            false => mnemonic,
        };
        self.emit_push(mnemonic, &text, item);
    }

    fn boundary_literal(
        &mut self,
        mnemonic: usize,
        constexpr: bool,
        atom: &mut Atom,
    ) -> (Cow<'static, str>, Item) {
        let (first, index, text, item) = match mnemonic {
            INT => {
                let index = atom.below(INTS.len());
                let (text, value) = INTS[index];
                (
                    FIRST_INT,
                    index,
                    text,
                    Item::Int(value.into(), value.into()),
                )
            }
            BYTE => {
                let index = atom.below(BYTES.len());
                let (text, value) = BYTES[index];
                (FIRST_BYTE, index, text, Item::Byte(value))
            }
            FLOAT => {
                let skipped = if constexpr { BARE_FLOATS } else { 0 };
                let index = skipped + atom.below(FLOATS.len() - skipped);
                (FIRST_FLOAT, index, FLOATS[index], Item::Float)
            }
            CHAR => {
                let index = atom.below(CHARS.len());
                (FIRST_CHAR, index, CHARS[index], Item::Char)
            }
            STRING => {
                let index = atom.below(STRS.len());
                (FIRST_STR, index, STRS[index], Item::Str)
            }
            _ => {
                let index = atom.below(BOOLS.len());
                (FIRST_BOOL, index, BOOLS[index], Item::Bool)
            }
        };
        self.word(first, index);
        (Cow::Borrowed(text), item)
    }

    // -------------------------------------------------------------------------------- steps

    /// Lowers an atom: whatever it takes to make such a step valid here.
    fn step(&mut self, step: Step, atom: Atom) {
        if self.open.cost.steps < MOST_STEPS {
            self.lower(step, atom);
        }
        if self.aside.is_some() {
            match self.steps_left {
                0 => self.end_function(),
                _ => self.steps_left -= 1,
            }
        }
    }

    fn lower(&mut self, step: Step, mut atom: Atom) {
        match step {
            Step::Literal => {
                if self.open.stack.len() > 5 {
                    self.pop();
                }
                self.push_any(&mut atom);
            }
            Step::Arithmetic => self.arithmetic(&mut atom),
            Step::PrintAll => self.print_all(),
            Step::PrintOne => {
                if self.open.stack.is_empty() {
                    self.push_any(&mut atom);
                }
                let index = atom.below(self.open.stack.len());
                self.print_one(index, atom.one_in(6));
            }
            Step::Pop => {
                if self.open.stack.is_empty() {
                    self.push_any(&mut atom);
                }
                self.pop();
            }
            Step::Void => self.show_and_drop(&mut atom),
            Step::StackSize => self.stack_size(),
            Step::Nop => self.emit(NOP, ""),
            Step::Breakpoint => self.emit(BREAKPOINT, ""),
            Step::StackDump => {
                self.emit(STACK_DUMP, "");
                self.open.cost.prints += 1;
            }
            Step::Call => {
                let index = atom.below(self.functions.len().max(1));
                self.call(index, &mut atom);
            }
            Step::Function => self.next_function(&mut atom),
        }
    }

    fn print_all(&mut self) {
        self.emit(PRINTN, "*");
        self.open.cost.prints += u64::from(!self.open.stack.is_empty());
    }

    fn print_one(&mut self, index: usize, padded: bool) {
        // Stacks are short, and most indices have one digit.
        let text = match "0123456789".get(index..=index) {
            Some(digit) if !padded => Cow::Borrowed(digit),
            _ => Cow::Owned(format!("000000000000000000000{index}")),
        };
        self.emit(PRINTN, &text);
        self.open.cost.prints += 1;
    }

    fn stack_size(&mut self) {
        // A caller's depth is not known here; no program goes so deep that it would matter.
        let known = self.open.name == "main" && self.open.file == 0;
        let most = if known { 1 } else { 1000 };
        self.emit_push(STACK_SIZE, "", Item::Int(1, most));
    }

    /// An operation on two numbers that has no fault.
    fn arithmetic(&mut self, atom: &mut Atom) {
        match self.open.stack.len() {
            0 | 1 => {}
            2 if self.valid_operator(0).is_some() => {}
            // Seldom enough all is dropped, so that long stacks come to be.
            3 if atom.one_in(2) => self.pop(),
            _ => self.show_and_drop(atom),
        }
        while self.open.stack.len() < 2 || self.valid_operator(0).is_none() {
            if self.open.stack.len() == 2 {
                self.show_and_drop(atom);
            }
            let mnemonic = atom.pick(&[INT, FLOAT, BYTE, INT]);
            self.push_literal(mnemonic, atom);
        }
        let first = atom.below(OPERATORS.len());
        if let Some((operator, item)) = self.valid_operator(first) {
            self.emit(BIN_OP, OPERATORS[operator]);
            self.open.stack.clear();
            self.pushed(item);
            if atom.one_in(2) {
                self.print_one(0, false);
            }
        }
    }

    /// Empties the stack, perhaps not without a look at it.
    fn show_and_drop(&mut self, atom: &mut Atom) {
        if atom.one_in(2) {
            self.print_all();
        }
        self.void();
    }

    /// The first operator from `first` on that has no fault on the two items there are, and what
    /// it makes of them.
    fn valid_operator(&self, first: usize) -> Option<(usize, Item)> {
        let &[left, right] = &self.open.stack[..] else {
            return None;
        };
        (0..OPERATORS.len()).find_map(|turn| {
            let operator = (first + turn) % OPERATORS.len();
            let item = apply(OPERATORS[operator].as_bytes()[0], left, right)?;
            Some((operator, item))
        })
    }

    // ---------------------------------------------------------------------------- functions

    /// Calls a whole function, if there is one and it does not cost too much.
    fn call(&mut self, index: usize, atom: &mut Atom) {
        let Some(callee) = self.functions.get(index) else {
            return self.push_any(atom);
        };
        let cost = callee.cost;
        if self.open.cost.steps + cost.steps <= MOST_STEPS {
            self.call_now(index, atom);
        }
    }

    fn call_now(&mut self, index: usize, atom: &mut Atom) {
        let callee = &mut self.functions[index];
        callee.called = true;
        let (cost, returns) = (callee.cost, callee.returns);
        let (file, name) = (callee.file, callee.name);
        self.emit_call(file, name, atom);
        let units = self.open.stack.len() as u64 + 1;
        let own = &mut self.open.cost;
        own.steps += cost.steps;
        own.prints += cost.prints;
        own.depth = own.depth.max(cost.depth + 1);
        own.peak = own.peak.max(units + cost.peak);
        if let Some(item) = returns {
            self.pushed(item);
        }
    }

    fn emit_call(&mut self, file: usize, name: &str, atom: &mut Atom) {
        let way = atom.below(PATHS.len());
        self.word(FIRST_PATH, way);
        self.called_files |= 1 << file;
        let mut operand = text::path(self.names[self.open.file], self.names[file], way);
        operand.push('#');
        operand.push_str(name);
        self.emit(CALL, &operand);
    }

    fn call_what_was_not_called(&mut self) {
        for index in 0..self.functions.len() {
            if !self.functions[index].called {
                self.call(index, &mut Atom::default());
            }
        }
    }

    /// Puts `main` aside for a function of a few steps; within one, comes back to `main`.
    fn next_function(&mut self, atom: &mut Atom) {
        if self.aside.is_some() {
            self.steps_left = 0;
        } else if self.functions.len() < MOST_FUNCTIONS {
            let file = atom.below(self.files);
            let name = self.fresh_name(file, atom.below(NAMES.len()));
            self.steps_left = 2 + atom.below(7);
            self.last_words = *atom;
            self.open(name, file);
        }
    }

    /// Puts what is being written aside for a new function.
    fn open(&mut self, name: &'static str, file: usize) {
        let main = std::mem::replace(&mut self.open, Open::new(name, file));
        self.aside = Some(main);
    }

    /// Ends a function by a `ret` or without, and comes back to `main`.
    fn end_function(&mut self) {
        let mut atom = self.last_words;
        let mut returns = None;
        if !atom.one_in(3) {
            if self.open.stack.is_empty() {
                self.push_any(&mut atom);
            }
            while self.open.stack.len() > 1 {
                self.pop();
            }
            self.emit(RET, "");
            returns = self.open.stack.pop();
            if atom.one_in(4) {
                self.dead_code(&mut atom);
            }
        }
        self.close(returns);
    }

    /// An instruction that is read and never runs.
    fn dead_code(&mut self, atom: &mut Atom) {
        let (mnemonic, operand) = atom.pick(&BAD_LITERALS);
        self.write(mnemonic, operand);
    }

    /// Adds the function that is being written to the whole ones, and comes back to what was put
    /// aside. Its index.
    fn close(&mut self, returns: Option<Item>) -> usize {
        if let Some(main) = self.aside.take() {
            let done = std::mem::replace(&mut self.open, main);
            self.functions.push(Function {
                name: done.name,
                file: done.file,
                body: done.body,
                cost: done.cost,
                returns,
                called: false,
            });
        }
        self.functions.len() - 1
    }

    /// A name that no function of that file has, nor will have.
    fn fresh_name(&self, file: usize, first: usize) -> &'static str {
        let taken = |name: &str| {
            let entry_main = file == 0 && name == "main";
            let same = |function: &Function| function.file == file && function.name == name;
            entry_main || self.functions.iter().any(same)
        };
        let names = NAMES.iter().cycle().skip(first).take(NAMES.len());
        names.copied().find(|name| !taken(name)).unwrap_or("spare")
    }

    // -------------------------------------------------------------------------------- files

    /// The case, of all that was written.
    fn case(&mut self, aim: Aim, atom: &mut Atom) -> Case {
        let main = std::mem::replace(&mut self.open, Open::new("main", 0));
        let spoil = (aim == Aim::Refused && atom.one_in(3)).then(|| atom.below(SPOILS.len()));
        if let Some(spoil) = spoil {
            self.word(FIRST_SPOIL, spoil);
        }
        let entry = Function {
            name: if spoil == Some(NO_MAIN) {
                "Main"
            } else {
                "main"
            },
            file: 0,
            body: main.body,
            cost: main.cost,
            returns: None,
            called: true,
        };
        self.functions.push(entry);
        if !self.layout.callees_first {
            self.functions.reverse();
        }
        let mut case = Case {
            name: "generated".to_owned(),
            machine: Machine::Mmm,
            entry: self.file_name(self.names[0]),
            files: BTreeMap::new(),
            root: self.home == Home::Deep,
            strict: false,
            limits: self.limits,
            header: Header::default(),
        };
        let called = self.called_files;
        for file in (0..self.files).filter(|file| called >> file & 1 == 1) {
            let mut text = String::with_capacity(512);
            let functions = std::mem::take(&mut self.functions);
            for function in functions.iter().filter(|function| function.file == file) {
                self.layout.bare_line(&mut text, "function", function.name);
                text.push_str(&function.body);
                self.layout.bare_line(&mut text, "end", "");
            }
            self.functions = functions;
            match spoil {
                _ if file > 0 || aim != Aim::Refused => {}
                Some(NO_MAIN | NOT_UTF8) => {}
                Some(spoil) => text.insert_str(0, SPOILS[spoil]),
                None => text = self.spoil(text, atom),
            }
            let name = self.file_name(self.names[file]);
            let mut bytes = self.layout.file(text);
            if file == 0 && spoil == Some(NOT_UTF8) {
                bytes.extend_from_slice(b"\n# \xff\n");
            }
            case.files.insert(name, bytes);
        }
        if let Some(index) = self.bad_file {
            let name = self.file_name(ending::BAD_FILE);
            case.files.insert(name, BAD_FILES[index].to_owned());
        }
        case
    }

    fn file_name(&self, name: &str) -> String {
        match self.home {
            Home::Folder => format!("top/{name}"),
            Home::Root | Home::Deep => name.to_owned(),
        }
    }

    /// Puts in a line that no file loads with.
    fn spoil(&mut self, mut text: String, atom: &mut Atom) -> String {
        let index = atom.below(REFUSALS.len());
        self.word(FIRST_REFUSAL, index);
        let lines = text.matches('\n').count();
        let nth = text.match_indices('\n').nth(atom.below(lines));
        let at = nth.map_or(0, |(at, _)| at + 1);
        text.insert_str(at, &format!("{}\n", REFUSALS[index]));
        text
    }
}

/// What `bin_op` makes of two items, if it is known to have no fault.
fn apply(operator: u8, left: Item, right: Item) -> Option<Item> {
    let range = |item| match item {
        Item::Byte(value) => Some((i64::from(value), i64::from(value))),
        Item::Int(least, most) => Some((least, most)),
        Item::Bool | Item::Str | Item::Char | Item::Float => None,
    };
    let number = |item| matches!(item, Item::Float) || range(item).is_some();
    if left == Item::Float || right == Item::Float {
        return (number(left) && number(right)).then_some(Item::Float);
    }
    let (a, b) = range(left)?;
    let (c, d) = range(right)?;
    let (least, most) = match operator {
        b'+' => (a + c, b + d),
        b'-' => (a - d, b - c),
        b'*' => {
            let corners = [a * c, a * d, b * c, b * d];
            let most = corners.into_iter().fold(i64::MIN, i64::max);
            (corners.into_iter().fold(i64::MAX, i64::min), most)
        }
        // The divisor is one known number, or nothing is known.
        _ if c != d || c == 0 || (c == -1 && a == i64::from(i32::MIN)) => return None,
        b'/' if c > 0 => (a / c, b / c),
        b'/' => (b / c, a / c),
        _ if a == b => (a % c, a % c),
        _ => (1 - c.abs(), c.abs() - 1),
    };
    match (left, right) {
        (Item::Byte(_), Item::Byte(_)) => u8::try_from(least).ok().map(Item::Byte),
        _ => {
            let fits = i32::try_from(least).is_ok() && i32::try_from(most).is_ok();
            fits.then_some(Item::Int(least, most))
        }
    }
}
