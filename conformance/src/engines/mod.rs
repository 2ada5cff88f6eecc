//! The engines: ours, and other people's as processes.

pub mod abilities;
pub mod config;
pub mod external;
pub mod gather;
pub mod leftovers;
pub mod load;
pub mod local;
pub mod lower;
pub mod process;
pub mod protocol;
pub mod reference;
pub mod serve;
