//! The ground floor: what every machine stands on, and nothing that belongs to one of them.

mod diag;
mod error;
mod host;
mod limits;
mod outcome;
mod span;
mod suggest;

pub use diag::{ColorChoice, Diagnostic, Level, Place, Position};
pub use error::{LoadError, Problem};
pub use host::{DebugPort, DirHost, Host, MemoryHost, ReadError, resolve};
pub use limits::{Limit, Limits, Meter};
pub use outcome::{CallStack, Ending, FaultCode, HostError, Outcome, Step, Trace};
pub use span::{LineIndex, Span};
pub use suggest::closest;
