//! The `.Sc.` machine: a binary format of constants, asts and loops, and its text form.
//!
//! A file (`*.sc`) has three sections: constants, asts (expressions in postfix order) and
//! instructions (loops, jumps, assignments), which name constants, asts and each other by index.
//! The text form (`*.sca`) has the same contents; [`assemble`] and [`disassemble`] convert between
//! the two, and every file that loads survives the round trip byte for byte. Part of the crate
//! [`mmm-vm`](https://docs.rs/mmm-vm).
//!
//! # The first ten minutes
//!
//! Load a program and run it. [`load`] accepts both forms:
//!
//! ```
//! use vm_base::{Limits, MemoryHost};
//! use vm_sc as sc;
//!
//! let text = "sum = 0\nfor i = 0 to 10\n    sum = sum + i\nend\nprint(sum)\n";
//! let mut host = MemoryHost::new([("sum.sca", text)]);
//! let limits = Limits::default();
//! let program = sc::load(&mut host, "sum.sca", &limits)?;
//! let outcome = sc::run(&program, &mut host, &limits);
//! assert!(outcome.is_returned());
//! assert_eq!(host.output, b"45\n");
//!
//! // The same program in the binary form, and back.
//! let bytes = sc::assemble("sum.sca", text)?;
//! assert!(bytes.starts_with(b".Sc."));
//! assert_eq!(sc::disassemble("sum.sc", &bytes)?, text);
//! # Ok::<(), vm_base::LoadError>(())
//! ```
//!
//! A program that faults says why and where:
//!
//! ```
//! use vm_base::{ColorChoice, Limits, MemoryHost};
//! use vm_sc::{self as sc, Fault};
//!
//! let program = sc::load_bytes("half.sca", "print(1 / 0)\n", &sc::Options::default())?;
//! let outcome = sc::run(&program, &mut MemoryHost::default(), &Limits::default());
//! assert_eq!(outcome.fault(), Some(&Fault::DivideByZero));
//! assert_eq!(outcome.code(), Some("divide-by-zero"));
//! let at = outcome.at().copied().expect("a fault has a place");
//! assert_eq!(program.location(at).to_string(), "half.sca:0");
//! let why = program.explain(&outcome).expect("it did not return");
//! assert!(why.render(ColorChoice::Never).contains("an Int cannot be divided by zero"));
//! # Ok::<(), vm_base::LoadError>(())
//! ```
//!
//! | to … | see |
//! |---|---|
//! | bound what a program may use | [`vm_base::Limits`] |
//! | see each instruction of a run | [`trace`] |
//! | let programs call functions of yours | [`Functions`], [`Options`], [`load_with`] |
//! | refuse the extensions of the format | [`Options::strict`] |
//! | read or build files | [`decode`], [`File`], [`encode`] |
//! | generate or document programs | [`insn`] |
//!
//! # The text form
//!
//! One statement a line; `#` outside quotes begins a comment.
//!
//! | line | instruction |
//! |---|---|
//! | `pass` | PASS |
//! | `for NAME = EXPR to EXPR` … `end` | FOR, END_FOR |
//! | `while EXPR` … `end` | WHILE, END_WHILE |
//! | `LOOP: for …`, `LOOP: while …` | the same, with a name for `proceed` and `stop` |
//! | `proceed`, `proceed LOOP` | PROCEED of the innermost loop, or of an enclosing loop by name |
//! | `stop`, `stop LOOP` | STOP of the innermost loop, or of an enclosing loop by name |
//! | `goto NAME`, `label NAME` | GOTO, LABEL |
//! | `NAME = EXPR` | SET |
//! | `EXPR` | EVAL |
//! | `.const LITERAL` | none: stores a constant, even if the same one is stored already |
//! | `.ast EXPR` | none: stores an ast |
//!
//! A NAME consists of letters, digits, `_` and `$`, does not begin with a digit and is not a
//! keyword; between backquotes it can be anything. The operators, from lowest to highest
//! precedence: `or`; `and`; `not`; `== != < <= > >=`; `+ -`; `* / %`; the sign `-`; calls `f(a, b)`
//! and parentheses. Operators of two operands group to the left. The literals are `nil`, `true` and
//! `false` (also `1b` and `0b`); Int digits; Float digits with a fraction or an exponent (a Float
//! that is too large is infinite); `0f` and sixteen hexadecimal digits for the bits of a Float; and
//! a Str in double quotes with the escapes ``\n \r \t \\ \" \' \` \u{…}``. A `-` directly before
//! digits is part of the literal; before anything else, a blank included, it is the operator neg.
//!
//! `{N} EXPR` declares N as the stack length of the ast. `&N` in place of an expression is ast N,
//! which a line above has stored. `@N` after a name or literal states the index of its constant,
//! for a file that stores the same constant twice.
//!
//! The assembler chooses what the text leaves open: instructions are in the order of their lines;
//! each expression is an ast of its own, in the order of the text, with the stack length that it
//! needs; and each constant is stored once, in the order of first use, where constants are the
//! same if they have the same kind and bits. For this order, an instruction's own name comes first
//! (the variable of FOR and SET, the name of GOTO and LABEL), then the constants of its asts in the
//! order of the ast instructions: operands from left to right, but arguments from the last to the
//! first, and a function's name after its arguments. Implied constants are used wherever possible.
//! The disassembler states everything that differs from these choices.
//!
//! # How programs run
//!
//! **Fuel.** The whole cost of an instruction is taken before it executes: one, and one for each
//! ast instruction of the asts that it evaluates. If less is left, the instruction has no effect and
//! the run ends there as `out-of-fuel`. An operation on texts then takes one more for every 64 bytes
//! that it reads or writes, before it does anything: the bytes that a join or `str` makes, those of
//! the shorter of two Strs that are compared, those that `len`, `int` and `float` read, those that
//! `print` writes, and those of the Strs that a function of the embedder is called with. A FOR costs 1 + start + end when it is entered. A WHILE
//! costs 1 + condition each time its condition is tested: when it is entered, after END_WHILE, and
//! after PROCEED. END costs 1, and for a WHILE the following test is paid at the WHILE. PASS,
//! LABEL, GOTO, PROCEED and STOP cost 1. EVAL and SET cost 1 + ast. STOP and PROCEED do not execute
//! an END. [`steps`](vm_base::Outcome::steps) is the fuel that was used, including that of a
//! faulting instruction.
//!
//! **Memory.** What counts is 16 bytes for each variable that is set, the bytes of the Str in each
//! variable (for each of them, even if it is shared), and the bytes of each Str on an ast's stack
//! that an ast instruction other than a push made (joins, and the results of functions). The limit
//! is checked when an ast instruction makes a Str, while its operands still count, and when a
//! variable is assigned, after its old value and the ast's stack are released. If the sum exceeds
//! the limit, the run ends as `memory-limit` and nothing is assigned. A FOR assigns its variable
//! in the same way.
//!
//! **Output.** A `print` counts as a whole, with its blanks and its newline. If it exceeds the
//! limit, the run ends as `output-limit` and nothing of it is printed.
//!
//! **Order.** Ast instructions execute one after another. A variable that is not set faults when it
//! is pushed, before anything to its right. In `f(a, b)`, b is evaluated first. A call then checks
//! that the function exists, the number of arguments, and their types, in this order. A FOR checks
//! its types after both asts.
//!
//! **Loops.** The counter of a FOR belongs to the loop, not to the variable. A GOTO out of a loop
//! abandons the loop, and its FOR then starts anew. A GOTO to a label in the same body, or in an
//! enclosing one, keeps the counters of the loops around the label.
//!
//! **Places.** A fault in the condition of a WHILE is at the WHILE, however control reached it.
//! END and PROCEED of a FOR cannot fault.
//!
//! # Implementation
//!
//! Loading compiles a file to flat code over one frame of values. Variables, constants and
//! temporaries have fixed slots, so that `x = a + b * 2` is two instructions without a stack. The
//! compiler infers which variables only ever hold Int, or only ever Float; the main loop works on
//! their bare numbers without checking types. Strs grow in place while they are not shared. Fuel is
//! taken for a whole block at a time. If the fuel does not pay for a block, the run ends inside it
//! exactly where paying for each instruction would have ended it.

mod arith;
mod assemble;
mod check;
mod compile;
mod compiled;
mod constants;
mod decode;
mod dispatch;
mod explain;
mod file;
mod functions;
mod heap;
mod infer;
pub mod insn;
mod interp;
mod ir;
mod kind;
mod load;
mod output;
mod parse;
mod print;
mod program;
mod quicken;
mod run;
mod source;
mod stop;
mod value;
mod world;

pub use assemble::{assemble, decode, disassemble};
pub use file::{Ast, Constant, ConstantRef, File, Spot, encode};
pub use functions::{Arity, Functions};
pub use insn::{Fault, Insn, Op, Operator};
pub use load::{load, load_bytes, load_with};
pub use program::{Location, Options, Outcome, Pc, Program, Trace};
pub use run::{run, trace};
pub use value::{Text, Value};
