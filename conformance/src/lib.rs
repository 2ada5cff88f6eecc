//! Cases × engines → observations → verdicts.
//!
//! A [`case::Case`] is an ordinary program with what it shows; an [`engine::Engine`] runs it and
//! tells what it saw; [`compare`] says whether two engines saw the same. The corpus, a campaign of
//! random programs, a stranger's VM, the reducer and the fuzz targets are all made of these.

pub mod campaign;
pub mod case;
pub mod compare;
pub mod conform;
pub mod corpus;
pub mod engine;
pub mod engines;
pub mod fuzzing;
pub mod generate;
pub mod machine;
pub mod record;
pub mod reduce;
pub mod reference;
pub mod report;
pub mod spec;
