//! The report on a run of the corpus: data only, without how it is shown.

use crate::case::Case;
use crate::compare::{Difference, NotCompared};
use crate::engine::{EngineName, Observation};
use crate::machine::Machine;
use crate::spec;
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

/// A run of cases on an engine.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The engine that was tested.
    pub engine: EngineName,
    /// The machines of the cases.
    pub machines: Vec<Machine>,
    /// How long the run took; serialised in seconds.
    #[serde(rename = "elapsed_seconds", serialize_with = "seconds")]
    pub elapsed: Duration,
    /// Why the run ended before its last case, if it did.
    pub stopped: Option<String>,
    /// What is left out of every comparison, as the engine does not report it.
    pub not_compared_fields: Vec<String>,
    /// The cases, in the order of their names.
    pub cases: Vec<CaseReport>,
    /// The clauses that the cases show, in the order of the specification.
    pub clauses: Vec<ClauseReport>,
    /// The topics of the cases, by machine and name.
    pub topics: Vec<TopicReport>,
}

/// The report on a case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaseReport {
    /// `machine/topic/name`.
    pub name: String,
    /// The machine it is for.
    pub machine: Machine,
    /// The second part of its name.
    pub topic: String,
    /// Lines that describe the case.
    pub about: Vec<String>,
    /// Clauses that it shows to hold.
    pub holds: Vec<String>,
    /// Clauses that its program violates.
    pub breaks: Vec<String>,
    /// Clauses that it shows at their boundary.
    pub boundary: Vec<String>,
    /// The score.
    #[serde(flatten)]
    pub score: Score,
    /// What is expected of the engine.
    pub expected: Observation,
    /// What was observed; `None` if the case was not run.
    pub found: Option<Observation>,
    /// How many bytes of the output are not kept in `found`.
    #[serde(skip_serializing_if = "is_none")]
    pub found_left_out: usize,
    /// How long the case took; serialised in seconds.
    #[serde(rename = "elapsed_seconds", serialize_with = "seconds")]
    pub elapsed: Duration,
    /// The program itself.
    #[serde(skip)]
    pub case: Case,
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

impl CaseReport {
    /// Returns all clauses that the case names, each once.
    pub fn clauses(&self) -> impl Iterator<Item = &str> {
        let all = [&self.holds, &self.breaks, &self.boundary];
        let each: BTreeSet<&str> = all.into_iter().flatten().map(String::as_str).collect();
        each.into_iter()
    }
}

/// The score of a case on an engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "score", rename_all = "kebab-case")]
pub enum Score {
    /// The engine did what is expected.
    Agrees,
    /// The engine did something else.
    Differs {
        /// The first difference.
        difference: Difference,
        /// The engine's own message.
        detail: Option<String>,
        /// How the result of a second run differs from the first, if it does.
        nondeterministic: Option<String>,
    },
    /// The engine did something else, as its settings say.
    KnownFailure {
        /// The first difference.
        difference: Difference,
    },
    /// The engine did what is expected, though its settings say that it fails.
    UnexpectedPass,
    /// The result of the engine cannot be judged.
    NotCompared {
        /// The reason.
        reason: Reason,
    },
}

impl Score {
    /// Returns true if the run fails because of this case.
    pub fn fails(&self) -> bool {
        matches!(self, Score::Differs { .. } | Score::UnexpectedPass)
    }

    /// Returns the first difference, even if the case is known to fail.
    pub fn difference(&self) -> Option<&Difference> {
        match self {
            Score::Differs { difference, .. } | Score::KnownFailure { difference } => {
                Some(difference)
            }
            Score::Agrees | Score::UnexpectedPass | Score::NotCompared { .. } => None,
        }
    }
}

/// Why a case is not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// The case does not apply to the engine, or a comparison would be inconclusive.
    Engine(NotCompared),
    /// The engine's settings say not to run it.
    Skipped,
    /// The case hung, but many had hung before it, so it had less time than it should have.
    Patience,
    /// Many cases of its topic hung before it, so it was not run.
    GivenUp,
    /// The run was stopped before it.
    NotRun,
}

impl Reason {
    /// All of them, in the order in which reports list them.
    pub const ALL: [Reason; 14] = {
        let mut all = [Reason::NotRun; 14];
        let mut at = 0;
        while at < NotCompared::ALL.len() {
            all[at] = Reason::Engine(NotCompared::ALL[at]);
            at += 1;
        }
        all[at] = Reason::Skipped;
        all[at + 1] = Reason::Patience;
        all[at + 2] = Reason::GivenUp;
        all
    };
}

/// Writes the end of a sentence such as "3 cases were …".
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::Engine(reason) => return reason.fmt(f),
            Reason::Skipped => "skipped by the VM's settings",
            Reason::Patience => "given only a second, as many hung before",
            Reason::GivenUp => "not run, as many of their topic hung",
            Reason::NotRun => "not run",
        })
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Whether an engine does what a clause says, as far as the cases of a run show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every case about it that was compared agrees.
    Conforms,
    /// A case about it differs, even if that is known.
    Fails,
    /// No case about it was compared.
    NotCompared,
}

/// The report on the cases that show a clause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClauseReport {
    /// Its number, such as `mmm.ret.2`.
    pub id: String,
    /// The text, in one line.
    pub text: String,
    /// Whether the engine does what it says.
    pub verdict: Verdict,
    /// The names of the cases that differ.
    pub failing: Vec<String>,
    /// The number of cases with each score.
    pub tally: Tally,
}

/// The report on the cases of a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TopicReport {
    /// The machine.
    pub machine: Machine,
    /// The topic's name.
    pub name: String,
    /// Whether the engine does what is expected.
    pub verdict: Verdict,
    /// The number of cases with each score.
    pub tally: Tally,
}

/// The number of cases with each score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Cases that agree.
    pub agree: usize,
    /// Cases that differ.
    pub differ: usize,
    /// Cases that differ, as the settings say.
    pub known: usize,
    /// Cases that agree, though the settings say that they fail.
    pub unexpected: usize,
    /// Cases that were not compared.
    pub not_compared: usize,
}

impl Tally {
    /// Counts scores.
    pub fn of<'a>(scores: impl IntoIterator<Item = &'a Score>) -> Tally {
        let mut tally = Tally::default();
        for score in scores {
            match score {
                Score::Agrees => tally.agree += 1,
                Score::Differs { .. } => tally.differ += 1,
                Score::KnownFailure { .. } => tally.known += 1,
                Score::UnexpectedPass => tally.unexpected += 1,
                Score::NotCompared { .. } => tally.not_compared += 1,
            }
        }
        tally
    }

    /// Returns the number of all cases.
    pub fn all(&self) -> usize {
        self.agree + self.differ + self.known + self.unexpected + self.not_compared
    }

    fn verdict(&self) -> Verdict {
        match (self.differ + self.known, self.agree + self.unexpected) {
            (0, 0) => Verdict::NotCompared,
            (0, _) => Verdict::Conforms,
            _ => Verdict::Fails,
        }
    }
}

impl Report {
    /// Makes the report of the reports on the cases.
    pub fn of(engine: EngineName, cases: Vec<CaseReport>, elapsed: Duration) -> Report {
        let machines: BTreeSet<Machine> = cases.iter().map(|case| case.machine).collect();
        let machines: Vec<Machine> = machines.into_iter().collect();
        Report {
            clauses: clauses(&machines, &cases),
            topics: topics(&cases),
            machines,
            engine,
            elapsed,
            stopped: None,
            not_compared_fields: Vec::new(),
            cases,
        }
    }

    /// The number of cases with each score.
    pub fn tally(&self) -> Tally {
        Tally::of(self.cases.iter().map(|case| &case.score))
    }

    /// Returns true if every case that was compared agrees or is known to differ, and the run was not
    /// stopped early.
    pub fn passes(&self) -> bool {
        self.stopped.is_none() && !self.cases.iter().any(|case| case.score.fails())
    }

    /// Returns the number of clauses with this verdict whose numbers begin with `prefix`.
    pub fn clauses_that(&self, prefix: &str, verdict: Verdict) -> usize {
        let of =
            |clause: &&ClauseReport| clause.verdict == verdict && clause.id.starts_with(prefix);
        self.clauses.iter().filter(of).count()
    }
}

fn clauses(machines: &[Machine], cases: &[CaseReport]) -> Vec<ClauseReport> {
    let mut by_clause: BTreeMap<&str, Vec<&CaseReport>> = BTreeMap::new();
    for case in cases {
        for id in case.clauses() {
            by_clause.entry(id).or_default().push(case);
        }
    }
    let known = machines.iter().flat_map(|&machine| {
        // Tests rule out that the specification does not parse.
        spec::clauses(machine).unwrap_or_default()
    });
    let mut out = Vec::new();
    for clause in known {
        if let Some(cases) = by_clause.remove(&*clause.id) {
            out.push(clause_report(clause.id, clause.text, &cases));
        }
    }
    // Another corpus may name clauses that are not in the specification.
    let unknown = by_clause.into_iter();
    out.extend(unknown.map(|(id, cases)| clause_report(id.to_owned(), String::new(), &cases)));
    out
}

fn clause_report(id: String, text: String, cases: &[&CaseReport]) -> ClauseReport {
    let tally = Tally::of(cases.iter().map(|case| &case.score));
    let failing = cases
        .iter()
        .filter(|case| case.score.difference().is_some());
    ClauseReport {
        id,
        text,
        verdict: tally.verdict(),
        failing: failing.map(|case| case.name.clone()).collect(),
        tally,
    }
}

fn topics(cases: &[CaseReport]) -> Vec<TopicReport> {
    let mut by_topic: BTreeMap<(Machine, &str), Vec<&Score>> = BTreeMap::new();
    for case in cases {
        let key = (case.machine, &*case.topic);
        by_topic.entry(key).or_default().push(&case.score);
    }
    let report = |((machine, name), scores): ((Machine, &str), Vec<&Score>)| {
        let tally = Tally::of(scores);
        TopicReport {
            machine,
            name: name.to_owned(),
            verdict: tally.verdict(),
            tally,
        }
    };
    by_topic.into_iter().map(report).collect()
}

fn seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}
