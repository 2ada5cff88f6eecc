//! Reports: text for a terminal, JSON, JUnit, HTML, and the page of a finding.

pub mod campaign;
pub mod conform;
pub mod coverage;
pub mod diff;
pub(crate) mod finding;
pub mod html;
pub mod json;
pub mod junit;
pub mod paint;
pub mod results;
pub mod visible;
