//! Stack machines for bytecode.
//!
//! | module | machine | files |
//! |---|---|---|
//! | [`mmm`] | a text language of functions on a stack of typed values | `*.mmm` |
//! | [`sc`] | a binary format of constants, expressions and loops | `*.sc`, `*.sca` |
//! | [`py`] | CPython 3.9 bytecode; verified, assembled and disassembled, not run yet | `*.pyc`, `*.cpyasm` |
//! | [`base`] | what the machines share: hosts, limits, outcomes, diagnostics | |
//!
//! No program can make a machine panic, hang, overflow the stack or exceed its limits, and none
//! reaches a file but through the host that you give it.
//!
//! # The first ten minutes
//!
//! **Load and run.** Every machine has the same three functions: `load`, `run` and `trace`. A host
//! has the files and takes the output:
//!
//! ```
//! use vm::base::{Limits, MemoryHost};
//! use vm::mmm;
//!
//! let source = "function main\n  int 40\n  int 2\n  bin_op +\n  printn *\n  ret\nend\n";
//! let mut host = MemoryHost::new([("answer.mmm", source)]);
//! let limits = Limits::default();
//! let program = mmm::load(&mut host, "answer.mmm", &limits)?;
//! let outcome = mmm::run(&program, &mut host, &limits);
//! assert!(outcome.is_returned());
//! assert_eq!(host.output, b"42\n");
//! # Ok::<(), vm::base::LoadError>(())
//! ```
//!
//! **Errors.** A program that does not load is a [`LoadError`](base::LoadError), which works with
//! `?` and has a [`Diagnostic`](base::Diagnostic) for each problem. The
//! [`Outcome`](base::Outcome) of a run has the fault or limit that stopped it as a type, and
//! `explain` says why for a person:
//!
//! ```
//! use vm::base::{ColorChoice, Limits, MemoryHost};
//! use vm::mmm;
//!
//! let mut host = MemoryHost::new([("a.mmm", "function main\n  prntn *\nend\n")]);
//! let error = mmm::load(&mut host, "a.mmm", &Limits::default()).unwrap_err();
//! assert!(error.to_string().contains("help: did you mean 'printn'?"));
//!
//! let mut host = MemoryHost::new([("a.mmm", "function main\n  pop\nend\n")]);
//! let program = mmm::load(&mut host, "a.mmm", &Limits::default())?;
//! let outcome = mmm::run(&program, &mut host, &Limits::default());
//! assert_eq!(outcome.fault(), Some(&mmm::Fault::StackSize));
//! let why = program.explain(&outcome).expect("it did not return");
//! print!("{}", why.render(ColorChoice::Never));
//! # Ok::<(), vm::base::LoadError>(())
//! ```
//!
//! **Limits.** [`Limits::untrusted`](base::Limits::untrusted) is for programs of strangers; each
//! limit can be set:
//!
//! ```
//! use vm::base::{Limit, Limits, MemoryHost};
//! use vm::sc;
//!
//! let limits = Limits { fuel: Some(1_000), ..Limits::untrusted() };
//! let mut host = MemoryHost::new([("forever.sca", "while true\nend\n")]);
//! let program = sc::load(&mut host, "forever.sca", &limits)?;
//! let outcome = sc::run(&program, &mut host, &limits);
//! assert_eq!(outcome.limit(), Some(Limit::OutOfFuel));
//! # Ok::<(), vm::base::LoadError>(())
//! ```
//!
//! **Traces.** `trace` returns each instruction of a run with what the machine holds before it:
//!
//! ```
//! use vm::base::{Limits, MemoryHost};
//! use vm::sc::{self, Value};
//!
//! let mut host = MemoryHost::new([("a.sca", "x = 1\nx = x + 1\n")]);
//! let program = sc::load(&mut host, "a.sca", &Limits::default())?;
//! let trace = sc::trace(&program, &mut host, &Limits::default(), 100);
//! let last = trace.steps.last().expect("two instructions were executed");
//! assert_eq!(program.location(last.at).to_string(), "a.sca:1");
//! assert!(matches!(last.state[..], [("x", Value::Int(1))]));
//! # Ok::<(), vm::base::LoadError>(())
//! ```
//!
//! **Assembling.** The binary formats have a text form, which assembles to the same bytes:
//!
//! ```
//! use vm::{py, sc};
//!
//! let bytes = sc::assemble("a.sca", "print(6 * 7)\n")?;
//! assert_eq!(sc::disassemble("a.sc", &bytes)?, "print(6 * 7)\n");
//!
//! let text = "DEFINE main\nLOAD_CONST None\nRETURN_VALUE\nEND\n";
//! let pyc = py::assemble("a.cpyasm", text.as_bytes())?;
//! let program = py::load_bytes("a.pyc", &pyc)?; // verified
//! assert!(program.listing().contains("RETURN_VALUE"));
//! # Ok::<(), vm::base::LoadError>(())
//! ```
//!
//! # Learn more
//!
//! | to … | see |
//! |---|---|
//! | read the files of a folder and print to stdout | [`base::DirHost`] |
//! | write a host of your own | [`base::Host`] |
//! | attach a debugger to `breakpoint` | [`base::DebugPort`], [`base::DirHost::with_debugger`] |
//! | find what will fail without running it | [`mmm::Program::findings`], [`sc::Program::findings`] |
//! | let `.Sc.` programs call your functions | [`sc::Functions`] |
//! | read and write the text form of `.Sc.` programs | [`sc`] |
//! | change the bytecode of a `.pyc` file | [`py::macros`] |
//! | generate programs, or document the instructions | [`mmm::insn`], [`sc::insn`], [`py::insn`] |
//!
//! # Invariants
//!
//! - A machine never imports another machine.
//! - [`base`] uses `std::fs` only in its directory host, and never `std::env` or `std::time`.
//! - A parser never runs a program, and an interpreter never parses.
//! - What is checked when a program is loaded is not checked again when it runs.
//! - Nothing recurses on Rust's stack to a depth that a program chooses.

pub use vm_base as base;
pub use vm_mmm as mmm;
pub use vm_py as py;
pub use vm_sc as sc;

#[cfg(test)]
mod tests {
    use crate::base::{self, FaultCode, Host, Limits, LoadError};
    use crate::{mmm, py, sc};
    use std::fmt::Display;

    type Load<P> = fn(&mut dyn Host, &str, &Limits) -> Result<P, LoadError>;

    /// Compiles if a machine has the shape that all of them have.
    fn check_shape<P, V, F: FaultCode, L, S, N: Display>(
        _load: Load<P>,
        _run: fn(&'static P, &mut dyn Host, &Limits) -> base::Outcome<V, F, L>,
        _trace: fn(&'static P, &mut dyn Host, &Limits, usize) -> base::Trace<L, S>,
        _location: fn(&'static P, L) -> N,
    ) where
        P: Send + Sync + 'static,
    {
    }

    #[test]
    fn machines_have_the_same_shape() {
        check_shape(mmm::load, mmm::run, mmm::trace, mmm::Program::location);
        check_shape(sc::load, sc::run, sc::trace, sc::Program::location);
    }

    fn check_shared<P: Send + Sync>(_load: Load<P>) {}

    #[test]
    fn programs_can_be_shared_between_threads() {
        check_shared(mmm::load);
        check_shared(sc::load);
        check_shared(py::load);
    }
}
