//! The engines: our own machines, the reference evaluators, and external VMs as processes.

pub mod capabilities;
pub mod cleanup;
pub mod config;
pub mod external;
pub mod gather;
pub mod local;
pub mod lower;
pub mod machines;
pub mod process;
pub mod protocol;
pub mod reference;
pub mod serve;
mod spec;

pub use spec::EngineSpec;
