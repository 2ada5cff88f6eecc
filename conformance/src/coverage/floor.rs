//! The committed floor: what was reached before, and must still be reached.

use super::{Coverage, KINDS, PROGRAMS, Reached};
use std::collections::{BTreeMap, BTreeSet};

/// A campaign that reaches something this often reaches it with any seed.
pub const MIN_REACHED: u64 = 10;

/// Facts about clauses, instructions and faults: `mmm.ret.1` has the fact `claimed-holds`, and
/// `mmm instruction ret` the fact `corpus`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Floor(BTreeMap<String, BTreeSet<String>>);

/// Facts of the floor that are no longer true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The clause, instruction or fault that they are about.
    pub about: String,
    /// The facts.
    pub facts: Vec<String>,
}

const HEAD: &str = "\
# What coverage has reached: by cases as they say (claimed) and as the reference confirms (applied),
# and by generated programs (campaign). It only rises: `mmm coverage --raise` adds what is new.
";

impl Floor {
    /// Returns the floor that this library was built with.
    pub fn committed() -> Floor {
        Floor::parse(include_str!("../../coverage-floor.txt"))
    }

    /// Parses what [`Floor::to_text`] wrote.
    pub fn parse(text: &str) -> Floor {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let fact = |line: &str| {
            let (about, facts) = line.split_once(": ")?;
            let facts = facts.split_whitespace().map(str::to_owned).collect();
            Some((about.to_owned(), facts))
        };
        Floor(lines.filter_map(fact).collect())
    }

    /// Returns the facts as text, with a line for each clause, instruction or fault.
    pub fn to_text(&self) -> String {
        let mut text = HEAD.to_owned();
        for (about, facts) in &self.0 {
            let facts: Vec<&str> = facts.iter().map(String::as_str).collect();
            text += &format!("{about}: {}\n", facts.join(" "));
        }
        text
    }

    /// Returns the number of facts.
    pub fn len(&self) -> usize {
        self.0.values().map(BTreeSet::len).sum()
    }

    /// Returns true if there are no facts.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns what a measurement reached; its campaign has to have reached it at least
    /// `min_campaign` times.
    pub fn reached(coverage: &Coverage, min_campaign: u64) -> Floor {
        let mut floor = Floor::default();
        for clause in &coverage.clauses {
            for (place, counts, least) in [
                ("claimed", &clause.claimed, 1),
                ("applied", &clause.applied, 1),
                ("campaign", &clause.campaign, min_campaign),
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
                if reached.campaign >= min_campaign {
                    floor.add(about, "campaign".to_owned());
                }
            }
        }
        floor
    }

    fn add(&mut self, about: String, fact: String) {
        self.0.entry(about).or_default().insert(fact);
    }

    /// Returns the facts of this floor that a measurement does not reach. Those about campaigns are
    /// left out if its campaign has fewer programs than the floor's.
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

    /// Returns the facts about the machine of a measurement.
    fn of<'a>(
        &'a self,
        coverage: &Coverage,
    ) -> impl Iterator<Item = (&'a String, &'a BTreeSet<String>)> {
        let prefixes = [".", " "].map(|end| format!("{}{end}", coverage.machine));
        let mine = move |about: &String| prefixes.iter().any(|prefix| about.starts_with(prefix));
        self.0.iter().filter(move |(about, _)| mine(about))
    }

    /// Adds what a measurement reached, and removes facts about clauses that the specification no
    /// longer has. Returns the number of new facts.
    pub fn raise(&mut self, coverage: &Coverage) -> usize {
        let before = self.len();
        for (about, facts) in Floor::reached(coverage, MIN_REACHED).0 {
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
    fn a_floor_only_rises_and_names_what_fell() {
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
    fn facts_about_a_clause_that_is_gone_are_removed() {
        let mut floor = Floor::parse("mmm.old.1: claimed-holds\nsc.old.1: claimed-holds\n");
        floor.raise(&coverage([1, 0, 0], [0; 3]));
        assert!(!floor.to_text().contains("mmm.old.1"));
        assert!(floor.to_text().contains("sc.old.1"));
    }
}
