//! Programs of the `.mmm` machine.
//!
//! Such a program has no branches and no loops, so what it does is known while it is written: the
//! types on the stack (and the range of each number, so that none overflows), and what each function
//! costs and returns. A body never stops early; the code after it leads to the intended ending.

mod arithmetic;
mod ending;
mod files;
mod functions;
mod layout;
mod literals;
pub mod mutate;
mod steps;
mod tables;

use super::{Aim, Atom, Entropy, Generated, Generator};
use crate::case::CaseLimits;
use layout::Layout;
use tables::*;

/// The generator of this machine's programs.
pub(super) static GENERATOR: Generator = Generator {
    generate,
    words: tables::words,
    mnemonics: MNEMONICS.len(),
    unportable: &[STACK_DUMP as u16],
    faults: &ending::CODES,
};

/// The number of instructions that a body and its calls run at most.
const MAX_STEPS: u64 = 150;
/// The number of functions that are called at most.
const MAX_FUNCTIONS: usize = 7;

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

/// Where the entry is.
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

/// What is known about an item on the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    Bool,
    Str,
    Char,
    Float,
    Byte(u8),
    /// An Int from the first number to the second.
    Int(i64, i64),
}

/// The cost of a call.
#[derive(Clone, Copy, Debug)]
struct Cost {
    /// The number of instructions that run.
    steps: u64,
    /// How often something is printed.
    prints: u64,
    /// The greatest number of active calls, including this one.
    depth: u64,
    /// The greatest number of items and active calls together.
    peak: u64,
}

/// A function that is complete.
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

/// A program that is being written.
struct Builder {
    home: Home,
    layout: Layout,
    /// The names of the files.
    names: [&'static str; FILES.len()],
    /// The number of names in use.
    files: usize,
    /// The files that are called, one bit for each.
    called_files: u16,
    functions: Vec<Function>,
    open: Open,
    /// `main`, while another function is being written.
    aside: Option<Open>,
    /// The number of steps until that function ends.
    steps_left: usize,
    /// Decides how that function ends.
    function_ending: Atom,
    limits: CaseLimits,
    /// The called file that does not load, as an index of [`BAD_FILES`].
    bad_file: Option<usize>,
    words: Vec<u16>,
}

/// The kinds of steps.
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

/// The kinds of steps with their default weights.
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
    builder.call_uncalled_functions();
    let aim = match aim {
        Aim::Any => ending::choose_aim(&mut last),
        aim => aim,
    };
    let expected = builder.write_ending(aim, &mut last);
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
            functions: Vec::with_capacity(MAX_FUNCTIONS + 1),
            open: Open::new("main", 0),
            aside: None,
            steps_left: 0,
            function_ending: Atom::default(),
            limits: CaseLimits::default(),
            bad_file: None,
            words: Vec::with_capacity(64),
        }
    }
}
