//! Who runs the programs of a campaign; who of them say the same, and who is alone.

use crate::compare::{Verdict, exactly};
use crate::engine::{Engine, Observation};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What reports call the reference evaluator.
pub const REFERENCE: &str = "reference";
/// What reports call what the generator foresaw.
pub(super) const GENERATOR: &str = "generator";

/// How an engine's observation is compared with the reference's, which comes first.
pub type Compare = Box<dyn Fn(&Observation, &Observation) -> Verdict>;

/// An engine that takes part in a campaign.
pub struct Contender {
    /// What reports call it; the names of a campaign differ.
    pub name: String,
    /// What runs the programs.
    pub engine: Box<dyn Engine>,
    /// How what it saw is judged.
    pub compare: Compare,
}

impl Contender {
    /// An engine under its own name, compared to the letter.
    pub fn new(engine: impl Engine + 'static) -> Contender {
        let name = engine.name().to_owned();
        Contender::named(&name, Box::new(engine), exactly)
    }

    /// An engine under another name.
    pub fn named(
        name: &str,
        engine: Box<dyn Engine>,
        compare: impl Fn(&Observation, &Observation) -> Verdict + 'static,
    ) -> Contender {
        Contender {
            name: name.to_owned(),
            engine,
            compare: Box::new(compare),
        }
    }
}

/// What one of those who ran a program saw of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineRun {
    /// Who it is.
    pub name: String,
    /// What it saw.
    pub seen: Observation,
}

/// Those who ran a program, parted by what they saw of it: the most first, and the reference
/// before others of as many. Whom a limit left nothing to say is not among them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Groups(pub Vec<Vec<String>>);

impl Groups {
    /// Parts those who were heard, given how each compares with the reference.
    pub(super) fn new(
        contenders: &[Contender],
        heard: &[(Observation, Verdict)],
        norm: &str,
    ) -> Groups {
        let mut camps: Vec<Vec<usize>> = vec![Vec::new()];
        let same = |a: usize, b: usize| {
            // Whoever shows less says how to compare with one who shows more.
            let (left, right) = (&heard[a].0, &heard[b].0);
            (contenders[a].compare)(right, left) == Verdict::Agree
                || (contenders[b].compare)(left, right) == Verdict::Agree
        };
        for (index, (_, verdict)) in heard.iter().enumerate() {
            let camp = match verdict {
                Verdict::Inconclusive => continue,
                Verdict::Agree => Some(&mut camps[0]),
                Verdict::Diverge(_) => camps[1..].iter_mut().find(|camp| same(camp[0], index)),
            };
            match camp {
                Some(camp) => camp.push(index),
                None => camps.push(vec![index]),
            }
        }
        let name = |index: &usize| contenders[*index].name.clone();
        let mut named: Vec<Vec<String>> = camps
            .iter()
            .map(|camp| camp.iter().map(name).collect())
            .collect();
        if norm == REFERENCE {
            named[0].push(REFERENCE.to_owned());
        }
        named.sort_by_key(|camp| std::cmp::Reverse(camp.len()));
        Groups(named)
    }

    /// Those who differ from the norm, parted as they are; who agrees with it is not told.
    pub(super) fn against(&self, norm: &str) -> Vec<Vec<String>> {
        let others = self.0.iter().filter(|camp| !has(camp, norm));
        let mut others: Vec<Vec<String>> = others.cloned().collect();
        others.sort();
        others
    }

    /// Whether somebody is among those who differ from the norm.
    pub(super) fn differs(&self, name: &str, norm: &str) -> bool {
        let mut others = self.0.iter().filter(|camp| !has(camp, norm));
        others.any(|camp| has(camp, name))
    }

    /// Whether somebody is in any of them: who is not had nothing to say.
    pub(super) fn heard(&self, name: &str) -> bool {
        self.0.iter().flatten().any(|one| one == name)
    }

    /// The reference beside one other who differs.
    pub(super) fn of_two(other: &str) -> Groups {
        Groups(vec![vec![REFERENCE.to_owned()], vec![other.to_owned()]])
    }

    /// More than half of them, if they agree and there are more than two.
    pub fn majority(&self) -> Option<&[String]> {
        let all: usize = self.0.iter().map(Vec::len).sum();
        let first = self.0.first()?;
        (all > 2 && first.len() * 2 > all).then_some(first)
    }
}

fn has(camp: &[String], name: &str) -> bool {
    camp.iter().any(|one| one == name)
}

/// In a sentence without its full stop.
impl fmt::Display for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [left, right] = &self.0[..]
            && left.len() + right.len() == 2
        {
            let the = if left[0] == REFERENCE { "the " } else { "" };
            return write!(f, "{} and {the}{} disagree", right[0], left[0]);
        }
        let Some(majority) = self.majority() else {
            let camps: Vec<String> = self.0.iter().map(|camp| list(camp)).collect();
            let parted = match self.0.iter().all(|camp| camp.len() == 1) {
                true => format!("{} all say something else", list(&camps)),
                false => camps.join(" against "),
            };
            return write!(f, "no majority: {parted}");
        };
        let others = &self.0[1..];
        let told = others.iter().map(|camp| match &camp[..] {
            [one] => format!("{one} is alone"),
            more => format!("{} say something else together", list(more)),
        });
        let told: Vec<String> = told.collect();
        write!(f, "{} agree; {}", list(majority), list(&told))
    }
}

/// `a`, `a and b`, `a, b and c`.
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
    use crate::compare::{Verdict, exactly};
    use crate::engine::{Ending, Engine, Observation};

    struct Mute;

    impl Engine for Mute {
        fn name(&self) -> &str {
            "mute"
        }

        fn observe(&mut self, _: &Case) -> Observation {
            Observation::of(Ending::Hung)
        }
    }

    /// The reference prints `a`; the others print these.
    #[track_caller]
    fn check(others: &[(&str, &str)], sentence: &str) {
        let seen = |output: &str| Observation {
            output: output.into(),
            ..Observation::of(Ending::Returned)
        };
        let expected = seen("a");
        let contenders: Vec<Contender> = others
            .iter()
            .map(|(name, _)| Contender::named(name, Box::new(Mute), exactly))
            .collect();
        let heard: Vec<(Observation, Verdict)> = others
            .iter()
            .map(|(_, output)| match *output {
                "?" => (seen(""), Verdict::Inconclusive),
                _ => (seen(output), exactly(&expected, &seen(output))),
            })
            .collect();
        let camps = Groups::new(&contenders, &heard, REFERENCE);
        assert_eq!(camps.to_string(), sentence);
    }

    #[test]
    fn who_is_alone_is_told() {
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
            "no majority: reference, mmm and theirs all say something else",
        );
        check(
            &[("mmm", "a"), ("x", "b"), ("y", "b")],
            "no majority: mmm and reference against x and y",
        );
        check(
            &[("mmm", "a"), ("w", "a"), ("x", "b"), ("y", "b")],
            "mmm, w and reference agree; x and y say something else together",
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
