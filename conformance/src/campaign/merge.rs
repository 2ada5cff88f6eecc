//! What the shards of a campaign found, in one.

use super::ledger::{Counts, Curve, Ledger};
use super::state::Part;
use super::{Finding, Options, Shard, State, Summary, save};
use crate::generate::{Aim, generator};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Shards that were put together.
#[derive(Debug)]
pub struct Merged {
    /// The campaign that they are parts of.
    pub state: State,
    /// What it came to.
    pub summary: Summary,
    /// The shards that are not there; of very many only the first.
    pub missing: Vec<Shard>,
    /// How many of those that are there have programs left to run.
    pub unfinished: usize,
}

/// Puts shards of one campaign together, each under the name of the folder that it comes from: the
/// counts are added, of findings that are the same the smallest program is kept. Saves the
/// findings and the whole under `output`. An error says which two do not go together, and why.
pub fn merge(states: &[(PathBuf, State)], output: &Path) -> Result<Merged, String> {
    let Some(((first_place, first), others)) = states.split_first() else {
        return Err("there is nothing to merge".to_owned());
    };
    for (place, state) in others {
        if let Some((what, left, right)) = first.settings.difference(&state.settings) {
            return Err(format!(
                "'{}' and '{}' are campaigns of different {what}: {left} and {right}",
                first_place.display(),
                place.display()
            ));
        }
    }
    let parts = disjoint(states)?;
    let unreadable = |place: &PathBuf| {
        let place = place.display().to_string();
        move |error: io::Error| format!("'{place}' cannot be used: {error}")
    };
    let mut ledgers = Vec::new();
    for (place, state) in states {
        ledgers.push(state.known().map_err(unreadable(place))?);
    }
    let mut sum = Ledger {
        counts: Counts::default(),
        curve: Curve::side_by_side(
            &ledgers
                .iter()
                .map(|ledger| &ledger.curve)
                .collect::<Vec<_>>(),
        ),
        elapsed: ledgers
            .iter()
            .map(|ledger| ledger.elapsed)
            .max()
            .unwrap_or_default(),
        ..Ledger::default()
    };
    for ledger in ledgers {
        sum.counts.add(&ledger.counts);
        for finding in ledger.findings.into_values() {
            keep_smallest(&mut sum.findings, finding);
        }
    }
    let machine = first.machine().ok_or("it is of no machine")?;
    let generator = generator(machine).ok_or("nothing generates programs of that machine")?;
    let options = Options {
        mutated: first.settings.mutated,
        aim: Aim::from_name(generator, first.settings.aim.as_deref()).unwrap_or(Aim::Any),
        flags: first.settings.engines.clone(),
        commands: first.settings.commands.clone(),
        ..Options::new(machine, first.settings.seed, 0)
    };
    let failed = |error: io::Error| format!("cannot write into '{}': {error}", output.display());
    for finding in sum.findings.values_mut() {
        finding.folder = Some(save::save(&options, finding, output).map_err(failed)?);
    }
    let mut summary = sum.sum_up(generator, options.mutated);
    summary.findings = sum.findings.values().cloned().collect();
    summary.findings.sort_by_key(|finding| finding.number);
    let unfinished = parts.iter().filter(|part| !part.is_done()).count();
    let count = parts[0].count;
    let there = |index: &u64| parts.iter().any(|part| part.index == *index);
    let missing: Vec<Shard> = (0..count)
        .filter(|index| !there(index))
        .take(100)
        .map(|index| Shard { index, count })
        .collect();
    summary.unfinished = unfinished > 0 || !missing.is_empty();
    let state = State::new(first.settings.clone(), parts, &sum);
    state.save(output).map_err(failed)?;
    Ok(Merged {
        state,
        summary,
        missing,
        unfinished,
    })
}

/// The parts of all of them, if no program is in two.
fn disjoint(states: &[(PathBuf, State)]) -> Result<Vec<Part>, String> {
    let mut parts: Vec<(&PathBuf, &Part)> = Vec::new();
    for (place, state) in states {
        for part in &state.parts {
            if let Some((other, clash)) = parts.iter().find(|(_, known)| overlap(known, part)) {
                let name = |part: &Part| match part.count {
                    1 => "the whole of a campaign".to_owned(),
                    _ => format!("part {}", part.shard()),
                };
                return Err(format!(
                    "'{}' ({}) and '{}' ({}) ran some of the same programs",
                    other.display(),
                    name(clash),
                    place.display(),
                    name(part)
                ));
            }
            parts.push((place, part));
        }
    }
    parts.sort_by_key(|(_, part)| (part.index, part.count));
    match parts.is_empty() {
        true => Err("there is nothing to merge".to_owned()),
        false => Ok(parts.into_iter().map(|(_, part)| part.clone()).collect()),
    }
}

/// Parts of one division overlap only if they are the same; those of two are not sorted out.
fn overlap(left: &Part, right: &Part) -> bool {
    left.count != right.count || left.index == right.index
}

/// Keeps a finding, or of two that are the same the one whose program is smaller.
fn keep_smallest(findings: &mut BTreeMap<super::Identity, Finding>, finding: Finding) {
    let Some(known) = findings.get_mut(&finding.identity) else {
        findings.insert(finding.identity.clone(), finding);
        return;
    };
    let bytes = |finding: &Finding| finding.case.files.values().map(Vec::len).sum::<usize>();
    let key = |finding: &Finding| {
        (
            !finding.reduced,
            finding.size(),
            bytes(finding),
            finding.number,
        )
    };
    let times = known.times + finding.times;
    if key(&finding) < key(known) {
        *known = finding;
    }
    known.times = times;
}
