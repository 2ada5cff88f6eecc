//! Cases × engines → observations → verdicts.
//!
//! A [`case::Case`] is an ordinary program with what it shows; an [`engine::Engine`] runs it and
//! tells what it saw; [`compare`] says whether two engines saw the same. The corpus, a campaign of
//! random programs, a stranger's VM, the reducer and the fuzz targets are all made of these.
//!
//! ```
//! use conformance::case::Case;
//! use conformance::compare::{Verdict, exactly};
//! use conformance::engine::Engine;
//! use conformance::engines::{local::Local, reference::Reference};
//! use conformance::machine::Machine;
//!
//! let case = Case::single(Machine::Mmm, "a.mmm", "function main\n int 1\n printn *\nend\n");
//! let seen = Local.observe(&case);
//! assert_eq!(seen.output, b"1\n");
//! assert_eq!(exactly(&Reference.observe(&case), &seen), Verdict::Agree);
//! ```
//!
//! # What keeps it so
//!
//! - A case never knows an engine, a comparison never runs one, a report never asks one.
//! - A reference never uses what it judges: it has its own parser and its own evaluator.
//! - A machine is never loaded or run but through [`engines::load`].
//! - A limit never makes a failure of a comparison, and never an agreement that was not seen.
//! - An expectation never comes from what our machine printed: it is written down first, and the
//!   reference has to agree.

pub mod campaign;
pub use mmm_case as case;
pub mod compare;
pub mod conform;
pub mod corpus;
pub mod coverage;
pub mod engine;
pub mod engines;
pub mod fuzzing;
pub mod generate;
pub use mmm_case as machine;
mod panics;
pub mod record;
pub mod reduce;
pub use mmm_reference as reference;
pub mod report;
pub mod spec;
pub mod teeth;
