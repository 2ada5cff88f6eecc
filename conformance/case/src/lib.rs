//! The types that the conformance suite and its reference evaluators share: a [`Case`] is a program
//! with what it shows, a [`Machine`] is what it is written for, and an [`Observation`] is what an
//! engine saw of its run.
//!
//! ```
//! use mmm_case::{Case, Ending, Machine, Observation};
//!
//! let mut case = Case::single(Machine::Mmm, "main.mmm", "function main\nend\n");
//! case.read_header("It returns.\nholds: mmm.ret.1\nlimits: fuel=10")?;
//! assert_eq!(case.limits.fuel, Some(10));
//!
//! let seen = Observation::of(Ending::Returned);
//! assert_eq!(Observation::from_text(&seen.to_text()), Some(seen));
//! # Ok::<(), mmm_case::HeaderError>(())
//! ```

mod case;
mod machine;
mod observation;

pub use case::{Case, CaseLimits, Header, HeaderError};
pub use machine::{BinaryForm, Machine, MachineRow, SizeUnit, SmokeProgram};
pub use observation::{Ending, Observation, Step};
