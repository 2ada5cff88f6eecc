//! The `.mmm` machine: typed values, a local stack for each call, functions in text files.
//!
//! ```
//! use vm_base::{Ending, Limits, MemoryHost};
//! use vm_mmm::Value;
//!
//! let source = "function main\n  int 40\n  int 2\n  bin_op +\n  printn *\n  ret\nend\n";
//! let mut host = MemoryHost::new([("answer.mmm", source)]);
//! let program = vm_mmm::load(&mut host, "answer.mmm", &Limits::default()).unwrap();
//! let outcome = vm_mmm::run(&program, &mut host, &Limits::default());
//! assert!(matches!(outcome.ending, Ending::Returned(Some(Value::Int(42)))));
//! assert_eq!(host.output, b"42\n");
//! ```

mod check;
mod debug;
pub mod insn;
pub mod literal;
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
