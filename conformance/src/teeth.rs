//! What the harness finds of known mistakes: a reference evaluator makes one, and the corpus and a
//! campaign, each by itself, have to notice.

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
use std::io;
use std::time::Duration;

/// No case needs so much, but those that are about it; with a quirk one may go on for ever.
const FUEL: u64 = 20_000;
/// Where the programs of a campaign come from.
const SEED: u64 = 1;

/// The corpus of a machine, to be held against its quirks.
pub struct Jaw {
    cases: Vec<(Case, Observation)>,
}

/// The cases that notice a quirk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bite<'a> {
    /// The cases, those first that name the quirk's clause.
    pub cases: Vec<&'a str>,
    /// How many of them name the clause.
    pub naming: usize,
}

/// How a campaign found a quirk.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Programs until it was found.
    pub programs: u64,
    /// Time until it was found.
    pub time: Duration,
    /// The clause that the finding blames; empty if none is known.
    pub blamed: String,
    /// The program, reduced.
    pub case: Case,
    /// How many instructions that has.
    pub instructions: Option<u64>,
}

impl Jaw {
    /// The embedded corpus, with what the reference sees of it. Cases that take long are left out.
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

    /// What is reported of a machine with this quirk.
    pub fn report(&self, quirk: &'static Quirk) -> Report {
        of_engine(&self.cases, &mut Quirky(quirk))
    }

    /// The cases in which a machine with this quirk does something else than it should.
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

/// How far a campaign goes.
#[derive(Clone, Copy, Debug)]
pub struct Hunt {
    /// Where the programs come from.
    pub seed: u64,
    /// Most programs.
    pub runs: Option<u64>,
    /// Most time.
    pub time: Option<Duration>,
    /// Threads.
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

/// Runs a campaign against a machine with this quirk until it is found, from nothing.
pub fn hunt(quirk: &'static Quirk, hunt: &Hunt) -> io::Result<Option<Found>> {
    let options = Options {
        runs: hunt.runs,
        time: hunt.time,
        jobs: hunt.jobs,
        most_findings: 1,
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
