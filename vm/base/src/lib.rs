//! What the machines of the crate [`mmm-vm`](https://docs.rs/mmm-vm) share: hosts, limits,
//! outcomes, diagnostics and places in sources.
//!
//! | to … | see |
//! |---|---|
//! | give a program files and take its output | [`Host`], [`MemoryHost`], [`DirHost`] |
//! | bound what a program may use | [`Limits`] |
//! | see how a run ended | [`Outcome`], [`Ending`], [`FaultCode`] |
//! | see each step of a run | [`Trace`] |
//! | print a Float as all machines do | [`ShortestFloat`] |
//! | report why a program does not load | [`LoadError`], [`Diagnostic`], [`Place`] |
//!
//! ```
//! use vm_base::{ColorChoice, Diagnostic, Place, Span};
//!
//! let text = "function main\n    prntn *\nend\n";
//! let place = Place::in_text("main.mmm", text, Span::new(18, 23), "not an instruction");
//! let error = Diagnostic::error("unknown instruction 'prntn'").at(place);
//! assert!(error.render(ColorChoice::Never).starts_with("error: unknown instruction 'prntn'"));
//! ```
//!
//! This crate knows none of the machines. It uses the file system only in [`DirHost`].

mod diag;
mod error;
mod float;
mod host;
mod limits;
mod outcome;
mod span;
mod suggest;

pub use diag::{ColorChoice, Diagnostic, Level, Place, Position};
pub use error::{LoadError, Problem};
pub use float::ShortestFloat;
pub use host::{DebugPort, DirHost, Host, MemoryHost, ReadError, resolve};
pub use limits::{Limit, Limits, Meter};
pub use outcome::{CallStack, Ending, FaultCode, HostError, Outcome, Step, Trace};
pub use span::{LineIndex, Span};
pub use suggest::closest;
