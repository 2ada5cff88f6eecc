//! The `.Sc.` machine: a binary format of constants, asts and loops, and its text form.
//!
//! A file (`*.sc`) holds three lists: constants, asts (expressions in postfix order) and
//! instructions (loops, jumps, assignments) that name constants, asts and each other by index.
//! [`insn`] has the tables of all of them. `*.sca` is the same as text; [`assemble`] and
//! [`disassemble`] lead from one to the other, and any file that loads comes back byte for byte.
//!
//! ```
//! use vm_base::{Limits, MemoryHost};
//! use vm_sc as sc;
//!
//! let bytes = sc::assemble("sum.sca", "s = 0\nfor i = 0 to 10\n    s = s + i\nend\nprint(s)\n").unwrap();
//! let mut host = MemoryHost::new([("sum.sc", bytes)]);
//! let limits = Limits::default();
//! let program = sc::load(&mut host, "sum.sc", &limits).unwrap();
//! let outcome = sc::run(&program, &mut host, &limits);
//! assert_eq!(outcome.fault(), None);
//! assert_eq!(host.output, b"45\n");
//! ```
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
//! | `LOOP: for …`, `LOOP: while …` | the same, with a name for the two below |
//! | `proceed`, `proceed LOOP` | PROCEED of the innermost loop, or of a named one around it |
//! | `stop`, `stop LOOP` | STOP likewise |
//! | `goto NAME`, `label NAME` | GOTO, LABEL |
//! | `NAME = EXPR` | SET |
//! | `EXPR` | EVAL |
//! | `.const LITERAL` | none: stores a constant, even if the same one is there |
//! | `.ast EXPR` | none: stores an ast |
//!
//! A NAME is letters, digits, `_` and `$`, not beginning with a digit and no keyword, or anything
//! at all between backquotes. The operators, from loose to tight: `or`; `and`; `not`;
//! `== != < <= > >=`; `+ -`; `* / %`; the sign `-`; calls `f(a, b)` and parentheses. Operators of
//! two operands group to the left. Literals: `nil`, `true` and `false` (also `1b` and `0b`), Int
//! digits, Float digits with a fraction or an exponent (one too large is infinite), `0f` and
//! sixteen hexadecimal digits for the bits of a Float, and Str in double quotes with the escapes
//! ``\n \r \t \\ \" \' \` \u{…}``. A `-` right before digits belongs to the literal; before
//! anything else, a blank or parenthesis included, it is the operator neg.
//!
//! `{N} EXPR` declares N as the ast's stack length, `&N` in place of an expression is ast N of a
//! line above, and `@N` behind a name or literal says which constant it is where several are the
//! same.
//!
//! The assembler lays out what the text leaves open: instructions in the order of their lines;
//! each expression its own ast, in the order of the text; the stack length that is needed; each
//! constant once, told apart by kind and bits, in the order of first use. In that order an
//! instruction's own name comes first (the variable of FOR and SET, the name of GOTO and LABEL),
//! then the constants of its asts as the ast instructions name them: operands left to right, but
//! arguments from the last to the first, and a function's name after its arguments. The implied
//! constants are used wherever they fit. The disassembler writes down whatever differs from that.
//!
//! # What runs mean
//!
//! **Fuel.** Before an instruction executes, all of its cost is taken: one, and one for each ast
//! instruction of the asts that it evaluates. If less is left, nothing of it happens and the run
//! ends there as `out-of-fuel`, `at` being that instruction. A FOR costs 1 + start + end whenever
//! it is come to from before; WHILE costs 1 + condition whenever its condition is tested, which is
//! when it is come to from before, and after END_WHILE and after PROCEED each time. END costs 1
//! (then, for a WHILE, the test is a matter of its own, at WHILE); so do PASS, LABEL, GOTO,
//! PROCEED and STOP. EVAL and SET cost 1 + ast. STOP does not execute the END that it names, and
//! PROCEED does not either. [`vm_base::Outcome::steps`] is the fuel used, that of a faulting
//! instruction included.
//!
//! **Memory.** In use are 16 bytes for each variable that is set, the bytes of the Str in each of
//! them (counted for each, shared or not), and the bytes of each Str on an ast's stack that an
//! ast instruction other than a push made (joins, and whatever functions return). When an ast
//! instruction makes a Str of n bytes while its operands are still counted, and when a variable is
//! assigned (its old value given back first, the ast's stack no longer counted), more than
//! the limit is `memory-limit` and nothing is assigned. A FOR assigns its variable likewise.
//!
//! **Output.** A `print` is counted whole, with its blanks and newline; one byte too many is
//! `output-limit`, and nothing of it is printed.
//!
//! **Order.** Ast instructions one after another: an unset variable faults when it is pushed,
//! before anything to its right; of `f(a, b)`, b is evaluated first. A call then checks that there
//! is such a function, how many arguments there are, and their types, in this order. FOR checks
//! its types after both asts.
//!
//! **Loops.** The counter of a FOR belongs to the loop, not to the variable. A GOTO out of a loop
//! abandons it; coming to its FOR again evaluates start and end anew. A GOTO to a label beside or
//! around it, or in the same body, keeps the counters of the loops that are around both.
//!
//! **Places.** `at` is `file:instruction`. A fault in a WHILE's condition is at the WHILE, however
//! it was come to. Nothing that END or PROCEED do for a FOR can fault.
//!
//! # How it is made fast
//!
//! Loading compiles the file to flat code over one frame of values: variables, constants and
//! temporaries by place, so that `x = a + b * 2` is two instructions without a stack. Variables
//! that hold nothing but Int wherever they are assigned, or nothing but Float, are found then; the
//! loop works on their bare numbers and asks for no types. Strings grow in place while nobody else
//! holds them. Fuel is taken for a whole block at a time; when it does
//! not pay for one, the run ends inside it exactly where paying one by one would have ended it.

mod check;
mod code;
mod compile;
mod decode;
mod fast;
mod file;
mod functions;
pub mod insn;
mod ops;
mod parse;
mod print;
mod program;
mod quick;
mod run;
mod tables;
mod types;
mod value;

pub use file::{Ast, Constant, ConstantRef, File, Spot, encode};
pub use functions::{Arity, Functions};
pub use insn::{Fault, Insn, Op, Operator};
pub use program::{
    Location, Options, Outcome, Pc, Program, Trace, assemble, decode, disassemble, load,
    load_bytes, load_with, run, trace,
};
pub use value::{Text, Value};
