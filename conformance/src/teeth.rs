//! Mutation testing of the suite: a reference evaluator makes a deliberate mistake (a *quirk*), and the
//! corpus and a campaign, each by itself, have to notice it.
//!
//! ```
//! use conformance::machine::Machine;
//! use conformance::reference::quirks;
//! use conformance::teeth::Jaw;
//!
//! let quirk = &quirks::of(Machine::Mmm)[0];
//! let jaw = Jaw::new(Machine::Mmm);
//! let bite = jaw.bite(quirk);
//! assert!(!bite.cases.is_empty());
//! ```

use crate::campaign::{self, Contender, Options};
use crate::case::Case;
use crate::compare::Verdict;
use crate::conform::{Report, of_engine};
use crate::corpus;
use crate::engine::{Expectation, Observation};
use crate::engines::reference::{Quirky, Reference};
use crate::machine::Machine;
use crate::panics;
use crate::reduce::Size;
use crate::reference::quirks::Quirk;
use std::time::Duration;

/// The fuel of a case, which no case uses up but those about fuel. With a quirk, a case might not end.
const FUEL: u64 = 20_000;
/// The seed of a campaign.
const SEED: u64 = 1;

/// The corpus of a machine, which is run with its quirks.
pub struct Jaw {
    cases: Vec<(Case, Observation)>,
}

/// The cases that notice a quirk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bite<'a> {
    /// The names of the cases; those that name the quirk's clause are first.
    pub cases: Vec<&'a str>,
    /// How many of these name the clause.
    pub naming: usize,
}

/// How a campaign found a quirk.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// How many programs were run until it was found.
    pub programs: u64,
    /// How long it took to find it.
    pub time: Duration,
    /// The clause that the finding names; empty if it names none.
    pub blamed: String,
    /// The program, reduced.
    pub case: Case,
    /// How many instructions the reduced program has.
    pub instructions: Option<u64>,
}

impl Jaw {
    /// Returns the embedded corpus with the reference's results. Cases that take long are left out.
    pub fn new(machine: Machine) -> Jaw {
        let cases = corpus::embedded().into_iter();
        let mine = cases.filter(|case| case.machine == machine);
        let cases = mine.filter_map(|mut case| {
            let expected = Reference.observe(&case);
            case.limits.fuel.get_or_insert(FUEL);
            (Reference.observe(&case) == expected).then_some((case, expected))
        });
        Jaw {
            cases: cases.collect(),
        }
    }

    /// Returns the report on a machine with this quirk.
    pub fn report(&self, quirk: &'static Quirk) -> Report {
        of_engine(&self.cases, &mut Quirky(quirk))
    }

    /// Returns the cases in which a machine with this quirk differs from what is expected.
    pub fn bite(&self, quirk: &'static Quirk) -> Bite<'_> {
        let mut engine = Quirky(quirk);
        let mut differs = |case: &Case, expected: &Observation| {
            let expectation = Expectation::Recorded(expected);
            panics::judge(&mut engine, case, expectation).verdict != Verdict::Agree
        };
        let (mut naming, mut others) = (Vec::new(), Vec::new());
        for (case, expected) in &self.cases {
            if differs(case, expected) {
                let names = case.header.clauses().any(|clause| clause == quirk.clause);
                let cases = if names { &mut naming } else { &mut others };
                cases.push(&*case.name);
            }
        }
        Bite {
            naming: naming.len(),
            cases: [naming, others].concat(),
        }
    }
}

/// The options of a campaign against a quirk.
#[derive(Clone, Copy, Debug)]
pub struct Hunt {
    /// The seed of the programs.
    pub seed: u64,
    /// The most programs.
    pub runs: Option<u64>,
    /// The most time.
    pub time: Option<Duration>,
    /// The number of threads.
    pub jobs: usize,
}

impl Default for Hunt {
    fn default() -> Hunt {
        Hunt {
            seed: SEED,
            runs: None,
            time: None,
            jobs: 1,
        }
    }
}

/// Runs a campaign against a machine with this quirk until it is found. Returns `None` if it is not.
///
/// # Errors
///
/// Returns an error if the campaign cannot run.
pub fn hunt(quirk: &'static Quirk, hunt: &Hunt) -> Result<Option<Found>, campaign::Error> {
    let options = Options {
        runs: hunt.runs,
        time: hunt.time,
        jobs: hunt.jobs,
        max_findings: 1,
        ..Options::new(quirk.machine, hunt.seed, 0)
    };
    let engines = || Ok(vec![Contender::new(Quirky(quirk))]);
    let mut time = Duration::ZERO;
    let summary = campaign::run(&options, &engines, &mut |progress| {
        if progress.reducing.is_none() {
            time = progress.elapsed;
        }
    })?;
    Ok(summary.findings.into_iter().next().map(|finding| Found {
        programs: finding.number + 1,
        time,
        blamed: finding.clause,
        instructions: Size::of(&finding.case, false).instructions,
        case: finding.case,
    }))
}
