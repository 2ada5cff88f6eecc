//! The `.Sc.` machine.

mod check;
mod compile;
mod decode;
mod file;
mod functions;
pub mod insn;
mod ops;
mod parse;
mod print;
mod program;
mod run;
mod tables;
mod value;

pub use file::{Ast, Constant, ConstantRef, File, Spot, encode};
pub use functions::{Arity, Functions};
pub use insn::{Fault, Insn, Op, Operator};
pub use program::{Options, Program, assemble, decode, disassemble, load, load_bytes, run};
pub use value::{Text, Value};
