//! A conformance suite and differential fuzzer for stack-machine bytecode.
//!
//! A [`case::Case`] is a program with what it shows. An [`engine::Engine`] runs it: our own machines,
//! a reference evaluator, or your VM as a process. [`engine::judge`] compares what it observed with
//! what is expected. The corpus, campaigns of generated programs, the reducer and mutation testing are
//! made of these three, and the program `mmm` is their command line.
//!
//! # The first ten minutes
//!
//! **Run a program.** Our own machines and the reference evaluators are engines in this process:
//!
//! ```
//! use conformance::case::Case;
//! use conformance::compare::{Verdict, exactly};
//! use conformance::engines::{local::Local, reference::Reference};
//! use conformance::machine::Machine;
//!
//! let case = Case::single(Machine::Mmm, "a.mmm", "function main\n int 1\n printn *\nend\n");
//! let seen = Local.observe(&case);
//! assert_eq!(seen.output, b"1\n");
//! assert_eq!(exactly(&Reference.observe(&case), &seen), Verdict::Agree);
//! ```
//!
//! **Run the corpus.** Each case has an expected observation, and names the clauses of the
//! [specification](spec) that it shows:
//!
//! ```
//! use conformance::conform::{Options, conform, expected};
//! use conformance::corpus;
//! use conformance::engines::EngineSpec;
//!
//! let mut cases = corpus::embedded();
//! cases.retain(|case| case.name.starts_with("mmm/ret/"));
//! let cases: Vec<_> = cases.into_iter().map(|case| {
//!     let expected = expected(&case);
//!     (case, expected)
//! }).collect();
//! let report = conform(&cases, &EngineSpec::Ours, &Options::default(), &|_, _| ())?;
//! assert!(report.passes());
//! # Ok::<(), conformance::engine::StartError>(())
//! ```
//!
//! **Test your own VM.** Replace [`EngineSpec::Ours`](engines::EngineSpec::Ours) by a command. With a
//! process for each program, its output and exit status are compared; a VM that speaks the
//! [line protocol](engines::protocol) is compared in every field:
//!
//! ```no_run
//! use conformance::conform::{self, Options};
//! use conformance::engines::EngineSpec;
//! use conformance::engines::external::ExternalVm;
//! use conformance::engines::process::CommandLine;
//! use conformance::machine::Machine;
//!
//! # let cases = Vec::new();
//! let command = CommandLine::parse("./my-vm --serve")?;
//! let mut spec = EngineSpec::Serving(ExternalVm::new(command));
//! conform::start(&mut spec, &[Machine::Mmm])?; // a smoke test
//! let report = conform::conform(&cases, &spec, &Options::default(), &|_, _| ())?;
//! for case in report.cases.iter().filter(|case| case.score.fails()) {
//!     println!("{}: {:?}", case.name, case.score.difference());
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **Fuzz.** A [campaign] runs generated programs on several engines. It reduces each
//! disagreement to a small program, and names the instruction and the clause that it is about.
//!
//! **Write an engine.** An engine in this process needs a name and a way to run programs:
//!
//! ```
//! use conformance::case::Case;
//! use conformance::compare::Verdict;
//! use conformance::engine::{Ending, Engine, Expectation, Observation, StartError, judge};
//! use conformance::machine::Machine;
//!
//! /// A VM that returns from every program and prints nothing.
//! struct Lazy;
//!
//! impl Engine for Lazy {
//!     fn name(&self) -> &str {
//!         "lazy"
//!     }
//!
//!     fn run(&mut self, _case: &Case) -> Result<Observation, StartError> {
//!         Ok(Observation::of(Ending::Returned))
//!     }
//! }
//!
//! let case = Case::single(Machine::Mmm, "a.mmm", "function main\n int 1\n printn *\nend\n");
//! let expected = Observation { output: b"1\n".to_vec(), ..Observation::of(Ending::Returned) };
//! let judgement = judge(&mut Lazy, &case, Expectation::Computed(&expected))?;
//! assert!(matches!(judgement.verdict, Verdict::Diverge(_)));
//! # Ok::<(), StartError>(())
//! ```
//!
//! # Learn more
//!
//! | to … | see |
//! |---|---|
//! | understand how results are judged | [`engine`], [`compare`] |
//! | know why a case is not compared | [`compare::NotCompared`], [`engines::capabilities`] |
//! | read cases from files | [`corpus`], [`case`] |
//! | name engines in a settings file | [`engines::config`] |
//! | generate programs | [`generate`] |
//! | make a program smaller | [`reduce`] |
//! | measure coverage of the specification | [`coverage`], [`spec`] |
//! | check that the suite notices mistakes | [`teeth`] |
//! | write reports | [`report`] |
//! | write a fuzz target | [`fuzzing`] |
//! | add a machine | [`machine::MachineRow`] |
//!
//! # Invariants
//!
//! - A case never knows an engine, a comparison never runs one, and a report never asks one.
//! - A reference evaluator never uses what it judges: it has its own parser and its own evaluator.
//! - A machine is loaded and run only through [`engines::machines`].
//! - A limit never makes a comparison fail, and never makes it agree on what was not seen.
//! - An expectation never comes from what our machine printed: it is written down first, and the
//!   reference evaluator has to agree.

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
