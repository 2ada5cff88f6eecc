//! The interpreter for CPython 3.9 bytecode.
//!
//! [`run`] runs a verified [`Program`] as `python3.9` would: what it prints goes to the host, and
//! the [`Outcome`] has its exit status, its standard error and the exception that ended it.
//!
//! ```
//! use vm_base::{Limits, MemoryHost};
//! let text = b"DEFINE main\nLOAD_NAME print\nLOAD_CONST 'hi'\nCALL_FUNCTION 1\nRETURN_VALUE\nEND\n";
//! let program = vm_py_run::load_bytes("hi.cpyasm", text).unwrap();
//! let mut host = MemoryHost::default();
//! let outcome = vm_py_run::run(&program, "hi.cpyasm", &[], &mut host, &Limits::default());
//! assert_eq!(host.output, b"hi\n");
//! assert_eq!(outcome.status, 0);
//! ```
//!
//! # How it works
//!
//! Values are 16 bytes and `Copy`; objects lie in one arena, whose slots count references from
//! slots only (see `heap`). Stack code is lowered to register code when a function is first called
//! (see `lower`); one loop executes that (see `run`). A built-in type is a table of rows in a file
//! of its own under `types`, a native module one under `modules`.
//!
//! A native function takes `&mut Vm` and a slice of values, and returns a value or `Raise`; the
//! exception is kept by the VM. It needs no guards: what it holds in Rust locals stays alive until
//! it returns, because a call back into Python opens an epoch, and objects that are older than the
//! current epoch are not freed. It must count up what it puts into a slot of an object, and count
//! down what it takes out.
//!
//! # How to add a type or a module
//!
//! - A type: a `static NAME: TypeDef` with rows `f("method", Sig::One, function)` in a file under
//!   `types`, and a line in the table of `types/mod.rs`. A module's own type is a `TypeDef` that
//!   `types::extra` makes, whose instances contain a `Box<dyn Foreign>`.
//! - A module: a `static NAME: ModuleDef` in a file under `modules`, and its name in `MODULES`.
//! - `Sig` says how arguments are bound and which of CPython's messages a wrong number of them has.
//!
//! # Fuel, limits, depth
//!
//! Each bytecode instruction costs one, charged where its block ends or an exception leaves it;
//! built-in functions add one for every 64 items or bytes ([`Outcome::steps`]). A limit ends the
//! run and cannot be caught. Python calls nest to `sys.getrecursionlimit()`; native functions that
//! call back nest to a limit of their own, on a thread whose stack is sized for it.
//!
//! # What was measured
//!
//! The scheme was measured as it is built, not as a toy: user time of the programs under
//! `benches/programs` as a ratio to CPython 3.9.2, best of three on a machine under load (profile
//! `quick`): integer loop 0.20, `range` loop 0.2 to 0.3, float loop 0.32, list and attribute 0.36,
//! calls (`fib`) 0.64, dicts 0.78, sorting 0.87, objects 1.17, exceptions 1.5, generators 2.1,
//! strings 2.3; geometric mean about 0.66.
//!
//! The zero-count list and the epochs hold: with the feature `stress` (notes drained after every
//! instruction, cycles collected often) and with the generations that debug builds check, the
//! corpus and the recorded programs give the same results, but for when a cycle is collected.

mod attr;
mod code;
mod dict;
mod floor;
mod format;
mod hash;
mod heap;
mod host;
mod import;
mod lower;
mod mapping;
mod modules;
mod names;
mod native;
mod object;
mod ops;
mod rinsn;
mod run;
mod set;
mod shape;
mod start;
mod text;
mod trace;
mod types;
mod value;
mod vm;
mod warn;

pub use floor::{Program, load_bytes};
pub use start::{Outcome, run};

/// How deep native functions may nest that call back into Python.
const MOST_NATIVE_DEPTH: usize = 1_100;

/// How large the stack of the VM's thread is. Native functions nest on it, no deeper than
/// [`MOST_NATIVE_DEPTH`].
const STACK_BYTES: usize = 256 << 20;
