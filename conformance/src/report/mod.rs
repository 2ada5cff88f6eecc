//! What a person or a machine reads of a run.

pub mod campaign;
pub mod conform;
pub mod coverage;
pub mod diff;
pub mod html;
pub mod json;
pub mod junit;
pub mod paint;
pub mod results;
pub mod visible;
