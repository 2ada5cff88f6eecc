//! Campaigns: random programs on several engines, compared with the reference and with each other.
//!
//! Program `n` of a seed is always the same; shards and threads only divide the numbers among them.
//! A disagreement is traced to the first instruction after which the runs differ and to the clause
//! that the reference applied there. It is then reduced to a small program with the same
//! disagreement, and saved as a case that the corpus can keep.
//!
//! ```
//! use conformance::campaign::{Contender, Options, run};
//! use conformance::engines::local::Local;
//! use conformance::machine::Machine;
//!
//! let options = Options {
//!     max_findings: 1,
//!     ..Options::new(Machine::Mmm, 7, 100)
//! };
//! let summary = run(&options, &|| Ok(vec![Contender::new(Local)]), &mut |_| {})?;
//! assert_eq!((summary.programs, summary.findings.len()), (100, 0));
//! # Ok::<(), conformance::campaign::Error>(())
//! ```
//!
//! # The modules, from the ground up
//!
//! | module | owns |
//! |---|---|
//! | `options`, `shard`, `settings` | what is run |
//! | `contender`, `consensus`, `oracle` | the engines, who agrees with whom, which one is right |
//! | `fuel`, `crash`, `localize` | the instruction and the clause that a disagreement comes from |
//! | `finding`, `triage`, `mutation` | findings of programs and of damaged files |
//! | `counts`, `curve`, `ledger` | what is done, counted and found |
//! | `clock`, `worker`, `supervise`, `reduction`, `session` | running it all in time |
//! | `naming`, `files`, `folder`, `saved`, `state`, `merge` | saving, resuming, merging |

mod clock;
pub(crate) mod consensus;
pub(crate) mod contender;
mod counts;
mod crash;
mod curve;
pub(crate) mod divergence;
mod error;
mod files;
pub(crate) mod finding;
mod folder;
mod fuel;
mod ledger;
mod localize;
mod merge;
#[doc(hidden)]
pub mod mutation;
mod naming;
pub(crate) mod options;
mod oracle;
mod progress;
mod reduction;
mod saved;
mod session;
mod settings;
mod shard;
mod state;
mod summary;
mod supervise;
#[cfg(test)]
mod tests;
mod triage;
mod worker;

pub use consensus::{EngineRun, Groups};
pub use contender::{Contender, Engines, REFERENCE};
pub use counts::SUBSTANTIAL_STEPS;
pub use curve::Sample;
pub use divergence::{Divergence, Next};
pub use error::Error;
pub use finding::{Finding, Identity};
pub use merge::{Merged, merge};
pub use options::Options;
pub use progress::{Progress, ReductionProgress};
pub use session::{resume, run};
pub use settings::Settings;
pub use shard::Shard;
pub use state::{Part, State};
pub use summary::Summary;
pub use triage::judge;
