//! Integration tests, in one binary.

mod adapters;
mod broken;
mod browser;
mod cli;
mod common;
mod coverage;
mod debugger;
mod external;
mod generator;
mod hostile;
mod properties;
mod py_dis;
mod py_gen;
mod py_run;
mod quirks;
mod readme;
mod reduce;
mod reduction;
mod reports;
mod sc;
mod serve;
mod teeth;
mod tidy;
