//! Groups of engines with equal results, and the majority among them.

use super::contender::{Contender, REFERENCE};
use crate::case::Case;
use crate::compare::Verdict;
use crate::engine::{Judgement, Observation};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What one engine observed of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineRun {
    /// The engine's name.
    pub name: String,
    /// What it observed; `None` if the program does not apply to it, so that it was not run.
    pub seen: Option<Observation>,
}

/// The engines that ran a program, grouped by equal observations: the largest group first and, of
/// equal groups, the reference's first. Engines whose comparison was inconclusive are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Groups(pub Vec<Vec<String>>);

impl Groups {
    /// Groups the engines, given what each observed and how that compares with the oracle.
    pub(super) fn new(
        case: &Case,
        contenders: &[Contender],
        runs: &[Judgement],
        oracle: &str,
    ) -> Groups {
        let mut groups: Vec<Vec<usize>> = vec![Vec::new()];
        let same = |a: usize, b: usize| {
            let (Some(left), Some(right)) = (&runs[a].observation, &runs[b].observation) else {
                return false;
            };
            // The engine that observes less decides how it is compared with one that observes more.
            let agrees = |one: usize, expected, found| {
                contenders[one].engine.compare(case, expected, found) == Verdict::Agree
            };
            agrees(a, right, left) || agrees(b, left, right)
        };
        for (index, run) in runs.iter().enumerate() {
            let group = match run.verdict {
                Verdict::Inconclusive(_) => continue,
                Verdict::Agree => Some(&mut groups[0]),
                Verdict::Diverge(_) => groups[1..].iter_mut().find(|group| same(group[0], index)),
            };
            match group {
                Some(group) => group.push(index),
                None => groups.push(vec![index]),
            }
        }
        let name = |index: &usize| contenders[*index].name.clone();
        let mut named: Vec<Vec<String>> = groups
            .iter()
            .map(|group| group.iter().map(name).collect())
            .collect();
        if oracle == REFERENCE {
            named[0].push(REFERENCE.to_owned());
        }
        named.sort_by_key(|group| std::cmp::Reverse(group.len()));
        Groups(named)
    }

    /// Returns the groups of the reference and of one engine that differs from it.
    pub(crate) fn of_two(other: &str) -> Groups {
        Groups(vec![vec![REFERENCE.to_owned()], vec![other.to_owned()]])
    }

    /// Returns the groups that differ from the oracle.
    pub(super) fn against(&self, oracle: &str) -> Vec<Vec<String>> {
        let others = self.0.iter().filter(|group| !contains(group, oracle));
        let mut others: Vec<Vec<String>> = others.cloned().collect();
        others.sort();
        others
    }

    /// Returns true if the engine of that name differs from the oracle.
    pub(crate) fn has_differing(&self, name: &str, oracle: &str) -> bool {
        let mut others = self.0.iter().filter(|group| !contains(group, oracle));
        others.any(|group| contains(group, name))
    }

    /// Returns the group of more than half of the engines, if there is one and there are more than
    /// two engines.
    pub fn majority(&self) -> Option<&[String]> {
        let all: usize = self.0.iter().map(Vec::len).sum();
        let first = self.0.first()?;
        (all > 2 && first.len() * 2 > all).then_some(first)
    }
}

fn contains(group: &[String], name: &str) -> bool {
    group.iter().any(|one| one == name)
}

/// Writes which engines agree and which differ, as a sentence without its full stop.
impl fmt::Display for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [left, right] = &self.0[..]
            && let ([left], [right]) = (&left[..], &right[..])
        {
            let the = if left == REFERENCE { "the " } else { "" };
            return write!(f, "{right} and {the}{left} disagree");
        }
        let Some(majority) = self.majority() else {
            let groups: Vec<String> = self.0.iter().map(|group| list(group)).collect();
            return match self.0.iter().all(|group| group.len() == 1) {
                true => write!(f, "no majority: {} all differ", list(&groups)),
                false => write!(f, "no majority: {}", groups.join(" against ")),
            };
        };
        let others: Vec<String> = self.0[1..]
            .iter()
            .map(|group| match &group[..] {
                [one] => format!("{one} is alone"),
                more => format!("{} agree on another result", list(more)),
            })
            .collect();
        write!(f, "{} agree; {}", list(majority), list(&others))
    }
}

/// Joins names: `a`, `a and b`, `a, b and c`.
fn list<T: AsRef<str>>(items: &[T]) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    match items.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Contender, Groups, REFERENCE};
    use crate::case::Case;
    use crate::compare::{NotCompared, exactly};
    use crate::engine::{Ending, Engine, Judgement, Observation, StartError};
    use crate::machine::Machine;

    struct Hanging;

    impl Engine for Hanging {
        fn name(&self) -> &str {
            "hanging"
        }

        fn run(&mut self, _: &Case) -> Result<Observation, StartError> {
            Ok(Observation::of(Ending::Hung))
        }
    }

    /// Checks the sentence for a reference that prints `a` and engines that print these outputs;
    /// `?` is inconclusive.
    #[track_caller]
    fn check(others: &[(&str, &str)], sentence: &str) {
        let seen = |output: &str| Observation {
            output: output.into(),
            ..Observation::of(Ending::Returned)
        };
        let expected = seen("a");
        let contenders: Vec<Contender> = others
            .iter()
            .map(|(name, _)| Contender::named(name, Box::new(Hanging)))
            .collect();
        let runs: Vec<Judgement> = others
            .iter()
            .map(|(_, output)| match *output {
                "?" => Judgement::not_compared(NotCompared::OwnLimit),
                _ => Judgement {
                    verdict: exactly(&expected, &seen(output)),
                    observation: Some(seen(output)),
                },
            })
            .collect();
        let case = Case::single(Machine::Mmm, "a.mmm", "");
        let groups = Groups::new(&case, &contenders, &runs, REFERENCE);
        assert_eq!(groups.to_string(), sentence);
    }

    #[test]
    fn engines_that_differ_are_named() {
        check(&[("mmm", "b")], "mmm and the reference disagree");
        check(
            &[("mmm", "a"), ("theirs", "b")],
            "mmm and reference agree; theirs is alone",
        );
        check(
            &[("mmm", "b"), ("theirs", "b")],
            "mmm and theirs agree; reference is alone",
        );
        check(
            &[("mmm", "b"), ("theirs", "c")],
            "no majority: reference, mmm and theirs all differ",
        );
        check(
            &[("mmm", "a"), ("x", "b"), ("y", "b")],
            "no majority: mmm and reference against x and y",
        );
        check(
            &[("mmm", "a"), ("w", "a"), ("x", "b"), ("y", "b")],
            "mmm, w and reference agree; x and y agree on another result",
        );
        check(
            &[("mmm", "a"), ("w", "a"), ("x", "b"), ("y", "c")],
            "mmm, w and reference agree; x is alone and y is alone",
        );
        check(
            &[("mmm", "?"), ("theirs", "b")],
            "theirs and the reference disagree",
        );
    }
}
