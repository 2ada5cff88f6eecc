//! Coverage of the specification: by the corpus, as its cases claim and as the reference confirms, and
//! by a campaign of generated programs.
//!
//! Everything that was reached is a fact. The committed floor is a set of facts, and it only rises.

use crate::case::Case;
use crate::corpus;
use crate::engines::reference::ask;
use crate::generate::{self, Aim, Entropy, Expected, Generator};
use crate::machine::Machine;
use crate::reference::{Answer, ClauseHit, Evidence, HitFilter, Query};
use crate::spec::{self, Shown};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::thread;

mod floor;

pub use floor::{Floor, MIN_REACHED, Missing};

/// What can be shown of a clause, in the order of [`Counts`].
pub const KINDS: [&str; 3] = ["holds", "violated", "boundary"];
/// The number of programs of a campaign by default. The floor is about these programs.
pub const PROGRAMS: u64 = 20_000;
/// The seed of these programs.
pub const SEED: u64 = 1;

/// How many cases or programs show a clause to hold, to be violated, and at its boundary.
pub type Counts = [u64; 3];

/// The coverage of a machine's specification.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Coverage {
    /// The machine.
    pub machine: Machine,
    /// How many cases the corpus has.
    pub cases: u64,
    /// How many programs the campaign ran.
    pub programs: u64,
    /// The seed of these programs.
    pub seed: u64,
    /// The clauses, in the order of the specification.
    pub clauses: Vec<ClauseCoverage>,
    /// The instructions, each with the number of cases and of programs that executed it.
    pub instructions: Vec<Reached>,
    /// The faults and limits, each with the number of cases and of programs that it ended.
    pub faults: Vec<Reached>,
    /// Statistics of the generated programs.
    pub made: Made,
    /// The claims of cases that the reference does not confirm.
    pub unconfirmed: Vec<Claim>,
}

/// The coverage of a clause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClauseCoverage {
    /// Its number.
    pub id: String,
    /// Whether a program can show that it holds, and that it is violated.
    pub possible: [bool; 2],
    /// The cases whose headers claim to show it.
    pub claimed: Counts,
    /// The cases in which the reference applied it.
    pub applied: Counts,
    /// The programs of the campaign in which the reference applied it.
    pub campaign: Counts,
}

/// An instruction or a fault, and how often it was reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// Its name.
    pub name: String,
    /// The number of cases that reached it.
    pub corpus: u64,
    /// The number of programs of the campaign that reached it.
    pub campaign: u64,
}

/// Statistics of generated programs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Made {
    /// How often each mnemonic occurs in them.
    pub mnemonics: Vec<(String, u64)>,
    /// How often each operand at a boundary occurs in them.
    pub boundaries: Vec<(String, u64)>,
    /// How many ended in each way.
    pub endings: BTreeMap<&'static str, u64>,
    /// How many have at most that number of instructions, and more than the previous number.
    pub lengths: BTreeMap<u64, u64>,
    /// How many executed at most that number of instructions, and more than the previous number.
    pub steps: BTreeMap<u64, u64>,
}

/// A claim of a case about a clause.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Claim {
    /// The case.
    pub case: String,
    /// The clause.
    pub clause: String,
    /// What the case claims to show, one of [`KINDS`].
    pub how: &'static str,
    /// True if the reference applies the clause, but only in other ways.
    pub otherwise: bool,
}

/// Measures the coverage of a machine's specification by its cases of the embedded corpus and by
/// `programs` generated programs of a seed, on `jobs` threads. Returns `None` if the specification has
/// no clauses.
///
/// ```
/// use conformance::coverage::measure;
/// use conformance::machine::Machine;
///
/// let coverage = measure(Machine::Mmm, 0, 1, 1).unwrap();
/// assert!(coverage.clauses.iter().all(|clause| clause.campaign == [0, 0, 0]));
/// ```
pub fn measure(machine: Machine, programs: u64, seed: u64, jobs: usize) -> Option<Coverage> {
    let clauses = spec::clauses(machine).unwrap_or_default();
    if clauses.is_empty() {
        return None;
    }
    let mut cases = corpus::embedded();
    cases.retain(|case| case.machine == machine);
    let corpus = Tally::of_cases(&cases);
    let generator = generate::generator(machine);
    let campaign = match generator {
        Some(generator) => run_campaign(generator, programs, seed, jobs.max(1) as u64),
        None => Tally::default(),
    };
    let row = |clause: &spec::Clause| ClauseCoverage {
        id: clause.id.clone(),
        possible: match clause.shown {
            Shown::Both => [true, true],
            Shown::HoldsOnly => [true, false],
            Shown::BreaksOnly => [false, true],
            Shown::Not(_) => [false, false],
        },
        claimed: claimed(&cases, &clause.id),
        applied: corpus.clause(&clause.id),
        campaign: campaign.clause(&clause.id),
    };
    Some(Coverage {
        machine,
        cases: cases.len() as u64,
        programs: if generator.is_some() { programs } else { 0 },
        seed,
        clauses: clauses.iter().map(row).collect(),
        instructions: spec::instructions(machine)
            .into_iter()
            .map(|(name, topic)| Reached {
                name: name.to_owned(),
                corpus: corpus.executed.get(topic).copied().unwrap_or(0),
                campaign: campaign.executed.get(topic).copied().unwrap_or(0),
            })
            .collect(),
        faults: match machine.has_reference() {
            true => faults(generator, &corpus, &campaign),
            false => Vec::new(),
        },
        made: campaign.made(generator),
        unconfirmed: corpus.unconfirmed,
    })
}

fn faults(generator: Option<&Generator>, corpus: &Tally, campaign: &Tally) -> Vec<Reached> {
    let aimed = generator.map_or(&[][..], |generator| generator.faults);
    let aimed = aimed.iter().map(|&fault| fault.to_owned());
    let seen = corpus.faults.keys().chain(campaign.faults.keys()).cloned();
    let names: BTreeSet<String> = aimed.chain(seen).collect();
    let reached = |name: String| Reached {
        corpus: corpus.faults.get(&name).copied().unwrap_or(0),
        campaign: campaign.faults.get(&name).copied().unwrap_or(0),
        name,
    };
    names.into_iter().map(reached).collect()
}

/// Counts the cases whose headers claim to show a clause.
fn claimed(cases: &[Case], id: &str) -> Counts {
    let mut counts = Counts::default();
    for case in cases {
        for (count, (_, ids)) in counts.iter_mut().zip(claims(case)) {
            *count += u64::from(ids.iter().any(|other| other == id));
        }
    }
    counts
}

fn claims(case: &Case) -> [(Evidence, &[String]); 3] {
    let header = &case.header;
    [
        (Evidence::Holds, &header.holds),
        (Evidence::Breaks, &header.breaks),
        (Evidence::Boundary, &header.boundary),
    ]
}

/// Counts of some programs.
#[derive(Default)]
struct Tally {
    clauses: BTreeMap<&'static str, Counts>,
    /// How many programs executed an instruction, by the topic of its clauses.
    executed: BTreeMap<&'static str, u64>,
    faults: BTreeMap<String, u64>,
    endings: BTreeMap<&'static str, u64>,
    words: Vec<u64>,
    lengths: BTreeMap<u64, u64>,
    steps: BTreeMap<u64, u64>,
    unconfirmed: Vec<Claim>,
}

/// The query about every program.
const QUERY: Query = Query {
    hits: HitFilter::First,
    max_steps: 0,
    quirk: None,
};

impl Tally {
    fn of_cases(cases: &[Case]) -> Tally {
        let mut tally = Tally::default();
        for case in cases {
            let answer = ask(case, &QUERY);
            tally.add(case.machine, &answer);
            tally.add_unconfirmed(case, &answer.hits);
        }
        tally
    }

    fn clause(&self, id: &str) -> Counts {
        self.clauses.get(id).copied().unwrap_or_default()
    }

    fn add(&mut self, machine: Machine, answer: &Answer) {
        let mut executed = BTreeSet::new();
        for hit in &answer.hits {
            let counts = self.clauses.entry(hit.clause).or_default();
            counts[hit.evidence as usize] += 1;
            if hit.step > 0 {
                executed.insert(hit.clause);
            }
        }
        for (_, topic) in spec::instructions(machine) {
            let of = |clause: &&str| {
                let rest = clause.strip_prefix(topic);
                rest.is_some_and(|rest| rest.starts_with('.'))
            };
            if executed.iter().any(of) {
                *self.executed.entry(topic).or_default() += 1;
            }
        }
        let seen = &answer.run.observation;
        *self.endings.entry(seen.ending.name()).or_default() += 1;
        if let Some(fault) = &seen.fault {
            *self.faults.entry(fault.clone()).or_default() += 1;
        }
        *self.steps.entry(bucket(answer.run.steps)).or_default() += 1;
    }

    /// Counts how a program is expected to end, for a machine without a reference evaluator.
    fn add_expected(&mut self, expected: Option<Expected>) {
        let ending = expected.map_or("unforeseen", |expected| expected.ending.name());
        *self.endings.entry(ending).or_default() += 1;
    }

    /// Keeps the claims of a case that the reference does not confirm.
    fn add_unconfirmed(&mut self, case: &Case, hits: &[ClauseHit]) {
        for (how, ids) in claims(case) {
            for id in ids {
                let of: Vec<&ClauseHit> = hits.iter().filter(|hit| hit.clause == id).collect();
                if !of.iter().any(|hit| hit.evidence == how) {
                    self.unconfirmed.push(Claim {
                        case: case.name.clone(),
                        clause: id.clone(),
                        how: KINDS[how as usize],
                        otherwise: !of.is_empty(),
                    });
                }
            }
        }
    }

    fn merge(&mut self, other: Tally) {
        for (clause, counts) in other.clauses {
            let sums = self.clauses.entry(clause).or_default();
            for (sum, count) in sums.iter_mut().zip(counts) {
                *sum += count;
            }
        }
        add_all(&mut self.executed, other.executed);
        add_all(&mut self.faults, other.faults);
        add_all(&mut self.endings, other.endings);
        add_all(&mut self.lengths, other.lengths);
        add_all(&mut self.steps, other.steps);
        self.words
            .resize(self.words.len().max(other.words.len()), 0);
        for (sum, count) in self.words.iter_mut().zip(other.words) {
            *sum += count;
        }
    }

    fn made(&self, generator: Option<&Generator>) -> Made {
        let words = generator.map(|generator| (generator.words)());
        let words = words.unwrap_or_default();
        let mut counted = words
            .into_iter()
            .enumerate()
            .map(|(at, word)| (word, self.words.get(at).copied().unwrap_or(0)));
        let mnemonics = generator.map_or(0, |generator| generator.mnemonics);
        Made {
            mnemonics: counted.by_ref().take(mnemonics).collect(),
            boundaries: counted.collect(),
            endings: self.endings.clone(),
            lengths: self.lengths.clone(),
            steps: self.steps.clone(),
        }
    }
}

fn add_all<K: Ord>(sums: &mut BTreeMap<K, u64>, counts: BTreeMap<K, u64>) {
    for (key, count) in counts {
        *sums.entry(key).or_default() += count;
    }
}

/// Returns the smallest power of two that is not less than a number; 0 for 0.
fn bucket(number: u64) -> u64 {
    match number {
        0 => 0,
        _ => number.checked_next_power_of_two().unwrap_or(u64::MAX),
    }
}

/// Runs `programs` generated programs of a seed on the reference, on `jobs` threads.
fn run_campaign(generator: &Generator, programs: u64, seed: u64, jobs: u64) -> Tally {
    let of = |job: u64| {
        let mut tally = Tally {
            words: vec![0; (generator.words)().len()],
            ..Tally::default()
        };
        for number in (job..programs).step_by(jobs as usize) {
            let made = (generator.generate)(Entropy::seeded(seed, number), Aim::Any);
            match made.case.machine.has_reference() {
                true => tally.add(made.case.machine, &ask(&made.case, &QUERY)),
                false => tally.add_expected(made.expected),
            }
            for &word in &made.words {
                tally.words[usize::from(word)] += 1;
            }
            let mnemonic = |word: &&u16| usize::from(**word) < generator.mnemonics;
            let length = made.words.iter().filter(mnemonic).count() as u64;
            *tally.lengths.entry(bucket(length)).or_default() += 1;
        }
        tally
    };
    let mut sum = Tally::default();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs).map(|job| scope.spawn(move || of(job))).collect();
        for thread in threads {
            match thread.join() {
                Ok(tally) => sum.merge(tally),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_make_no_difference() {
        for machine in Machine::ALL.into_iter().filter(|it| it.has_reference()) {
            let one = measure(machine, 300, 5, 1).unwrap();
            let three = measure(machine, 300, 5, 3).unwrap();
            assert_eq!(one, three);
            assert_eq!(one.made.endings.values().sum::<u64>(), 300);
            assert_eq!(one.made.lengths.values().sum::<u64>(), 300);
        }
    }

    #[test]
    fn numbers_fall_into_powers_of_two() {
        assert_eq!(
            [0, 1, 2, 3, 4, 5, 1000].map(bucket),
            [0, 1, 2, 4, 4, 8, 1024]
        );
        assert_eq!(bucket(u64::MAX), u64::MAX);
    }
}
