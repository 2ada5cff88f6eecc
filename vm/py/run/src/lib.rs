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
