//! The `.mmm` machine: a text language of functions that work on a stack of typed values.
//!
//! A program is one or more text files (`*.mmm`). Each call of a function has a local stack of its
//! own, and a function can call functions of other files. Part of the crate
//! [`mmm-vm`](https://docs.rs/mmm-vm).
//!
//! # The first ten minutes
//!
//! Load a program from its files and run it:
//!
//! ```
//! use vm_base::{Ending, Limits, MemoryHost};
//! use vm_mmm::{self as mmm, Value};
//!
//! let main = "function main\n  call lib.mmm#forty\n  int 2\n  bin_op +\n  printn *\n  ret\nend\n";
//! let lib = "function forty\n  int 40\n  ret\nend\n";
//! let mut host = MemoryHost::new([("main.mmm", main), ("lib.mmm", lib)]);
//! let limits = Limits::default();
//! let program = mmm::load(&mut host, "main.mmm", &limits)?;
//! let outcome = mmm::run(&program, &mut host, &limits);
//! assert!(matches!(outcome.ending, Ending::Returned(Some(Value::Int(42)))));
//! assert_eq!(host.output, b"42\n");
//! # Ok::<(), vm_base::LoadError>(())
//! ```
//!
//! A program that faults says why and where:
//!
//! ```
//! use vm_base::{ColorChoice, Limits, MemoryHost};
//! use vm_mmm::{self as mmm, Fault};
//!
//! let mut host = MemoryHost::new([("main.mmm", "function main\n  pop\nend\n")]);
//! let program = mmm::load(&mut host, "main.mmm", &Limits::default())?;
//! let outcome = mmm::run(&program, &mut host, &Limits::default());
//! assert_eq!(outcome.fault(), Some(&Fault::StackSize));
//! assert_eq!(outcome.code(), Some("stack-size"));
//! let at = outcome.at().copied().expect("a fault has a place");
//! assert_eq!(program.location(at).to_string(), "main.mmm#main:2");
//! let why = program.explain(&outcome).expect("it did not return");
//! assert!(why.render(ColorChoice::Never).contains("'pop' needs at least 1 item"));
//! # Ok::<(), vm_base::LoadError>(())
//! ```
//!
//! | to … | see |
//! |---|---|
//! | bound what a program may use | [`vm_base::Limits`] |
//! | see each instruction of a run | [`trace`] |
//! | find calls and literals that will fail, without running | [`Program::findings`] |
//! | read the files of a folder, or attach a debugger | [`vm_base::DirHost`] |
//! | parse and print a file | [`parse`], [`print`](fn@print) |
//! | generate or document programs | [`insn`] |

mod debugger;
pub mod insn;
mod link;
mod literal;
mod load;
mod ops;
mod parse;
mod print;
mod program;
mod run;
pub mod value;

pub use insn::Fault;
pub use load::load;
pub use parse::{Call, File, Function, parse};
pub use print::print;
pub use program::{Location, Outcome, Pc, Program, Trace};
pub use run::{run, trace};
pub use value::Value;
