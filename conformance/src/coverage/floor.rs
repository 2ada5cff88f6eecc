//! The committed floor: what was reached once, and is not to be lost.

use super::{Coverage, KINDS, PROGRAMS, Reached};
use std::collections::{BTreeMap, BTreeSet};

/// A campaign that reaches something so often reaches it with any seed.
pub const HABIT: u64 = 10;

/// Facts by what they are about: `mmm.ret.1` is `claimed-holds`, `mmm instruction ret` is in the
/// `corpus`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Floor(BTreeMap<String, BTreeSet<String>>);

/// A fact of the floor that is none any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// What it is about.
    pub about: String,
    /// What was true of it.
    pub facts: Vec<String>,
}

const HEAD: &str = "\
# What coverage has reached: by cases as they say (claimed) and as the reference confirms (applied),
# and by generated programs (campaign). It only rises: `mmm coverage --raise` adds what is new.
";

impl Floor {
    /// The floor that this program was built with.
    pub fn committed() -> Floor {
        Floor::parse(include_str!("../../coverage-floor.txt"))
    }

    /// Reads what [`Floor::to_text`] wrote.
    pub fn parse(text: &str) -> Floor {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let fact = |line: &str| {
            let (about, facts) = line.split_once(": ")?;
            let facts = facts.split_whitespace().map(str::to_owned).collect();
            Some((about.to_owned(), facts))
        };
        Floor(lines.filter_map(fact).collect())
    }

    /// A line for each thing that facts are about.
    pub fn to_text(&self) -> String {
        let mut text = HEAD.to_owned();
        for (about, facts) in &self.0 {
            let facts: Vec<&str> = facts.iter().map(String::as_str).collect();
            text += &format!("{about}: {}\n", facts.join(" "));
        }
        text
    }

    /// How many facts there are.
    pub fn len(&self) -> usize {
        self.0.values().map(BTreeSet::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What a measurement reached; of a campaign, what it reached at least `habit` times.
    pub fn reached(coverage: &Coverage, habit: u64) -> Floor {
        let mut floor = Floor::default();
        for clause in &coverage.clauses {
            for (place, counts, least) in [
                ("claimed", &clause.claimed, 1),
                ("applied", &clause.applied, 1),
                ("campaign", &clause.campaign, habit),
            ] {
                for (kind, &count) in KINDS.iter().zip(counts) {
                    if count >= least {
                        floor.add(clause.id.clone(), format!("{place}-{kind}"));
                    }
                }
            }
        }
        let lists: [(&str, &[Reached]); 2] = [
            ("instruction", &coverage.instructions),
            ("fault", &coverage.faults),
        ];
        for (what, list) in lists {
            for reached in list {
                let about = format!("{} {what} {}", coverage.machine, reached.name);
                if reached.corpus > 0 {
                    floor.add(about.clone(), "corpus".to_owned());
                }
                if reached.campaign >= habit {
                    floor.add(about, "campaign".to_owned());
                }
            }
        }
        floor
    }

    fn add(&mut self, about: String, fact: String) {
        self.0.entry(about).or_default().insert(fact);
    }

    /// What of this floor a measurement does not reach. A campaign of fewer programs than the
    /// floor is about is not held to it.
    pub fn missing(&self, coverage: &Coverage) -> Vec<Missing> {
        let reached = Floor::reached(coverage, 1);
        let none = BTreeSet::new();
        let held = |fact: &&String| coverage.programs >= PROGRAMS || !fact.starts_with("campaign");
        let mut missing = Vec::new();
        for (about, facts) in self.of(coverage) {
            let there = reached.0.get(about).unwrap_or(&none);
            let facts: Vec<String> = facts.difference(there).filter(held).cloned().collect();
            if !facts.is_empty() {
                let about = about.clone();
                missing.push(Missing { about, facts });
            }
        }
        missing
    }

    /// The facts about a machine.
    fn of<'a>(
        &'a self,
        coverage: &Coverage,
    ) -> impl Iterator<Item = (&'a String, &'a BTreeSet<String>)> {
        let prefixes = [".", " "].map(|end| format!("{}{end}", coverage.machine));
        let mine = move |about: &String| prefixes.iter().any(|prefix| about.starts_with(prefix));
        self.0.iter().filter(move |(about, _)| mine(about))
    }

    /// Adds what a measurement reached; how many facts are new. What is about a clause that the
    /// specification no longer has goes.
    pub fn raise(&mut self, coverage: &Coverage) -> usize {
        let before = self.len();
        for (about, facts) in Floor::reached(coverage, HABIT).0 {
            self.0.entry(about).or_default().extend(facts);
        }
        let added = self.len() - before;
        let prefix = format!("{}.", coverage.machine);
        self.0.retain(|about, _| {
            !about.starts_with(&prefix) || coverage.clauses.iter().any(|clause| clause.id == *about)
        });
        added
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ClauseCoverage, Made};
    use super::*;
    use crate::machine::Machine;

    fn coverage(claimed: [u64; 3], campaign: [u64; 3]) -> Coverage {
        Coverage {
            machine: Machine::Mmm,
            cases: 1,
            programs: PROGRAMS,
            seed: 1,
            clauses: vec![ClauseCoverage {
                id: "mmm.ret.1".to_owned(),
                possible: [true, true],
                claimed,
                applied: [0; 3],
                campaign,
            }],
            instructions: vec![Reached {
                name: "ret".to_owned(),
                corpus: 1,
                campaign: 0,
            }],
            faults: Vec::new(),
            made: Made::default(),
            unconfirmed: Vec::new(),
        }
    }

    #[test]
    fn a_floor_only_rises_and_tells_what_fell() {
        let mut floor = Floor::default();
        assert_eq!(floor.raise(&coverage([2, 0, 0], [9, 10, 0])), 3);
        let text = floor.to_text();
        assert!(
            text.ends_with(
                "mmm instruction ret: corpus\nmmm.ret.1: campaign-violated claimed-holds\n"
            ),
            "{text}"
        );
        assert_eq!(Floor::parse(&text), floor);
        assert_eq!(floor.missing(&coverage([1, 0, 0], [0, 1, 0])), []);
        let mut worse = coverage([0, 1, 0], [0, 0, 0]);
        let fell = |facts: &[&str]| {
            let facts = facts.iter().map(|&fact| fact.to_owned()).collect();
            let about = "mmm.ret.1".to_owned();
            vec![Missing { about, facts }]
        };
        let missing = floor.missing(&worse);
        assert_eq!(missing, fell(&["campaign-violated", "claimed-holds"]));
        worse.programs = 10;
        assert_eq!(floor.missing(&worse), fell(&["claimed-holds"]));
        assert_eq!(floor.raise(&worse), 1);
        assert_eq!(floor.len(), 4);
    }

    #[test]
    fn a_clause_that_is_gone_leaves_the_floor() {
        let mut floor = Floor::parse("mmm.old.1: claimed-holds\nsc.old.1: claimed-holds\n");
        floor.raise(&coverage([1, 0, 0], [0; 3]));
        assert!(!floor.to_text().contains("mmm.old.1"));
        assert!(floor.to_text().contains("sc.old.1"));
    }
}
