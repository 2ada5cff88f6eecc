//! Merges the parts of a campaign into one.

use super::curve::Curve;
use super::error::Error;
use super::finding::{Finding, Identity};
use super::folder::Folder;
use super::ledger::Ledger;
use super::options::Options;
use super::shard::Shard;
use super::state::{Part, State, unknown_machine};
use super::summary::Summary;
use crate::generate::{Aim, generator};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The maximal number of missing parts that are named.
const MAX_MISSING: usize = 100;

/// Parts of a campaign that were merged.
#[derive(Debug)]
#[non_exhaustive]
pub struct Merged {
    /// The merged campaign.
    pub state: State,
    /// Its summary.
    pub summary: Summary,
    /// The parts that are missing; only the first ones if there are many.
    pub missing: Vec<Shard>,
    /// The number of merged parts that have programs left to run.
    pub unfinished: usize,
}

/// Merges parts of one campaign, each with the folder that it comes from.
///
/// The counts are added. Of findings with the same identity the smallest program is kept. The
/// findings and the merged state are saved in the folder `output`.
pub fn merge(states: &[(PathBuf, State)], output: &Path) -> Result<Merged, Error> {
    let (first_folder, first) = states.first().ok_or(Error::NothingToMerge)?;
    for (folder, state) in &states[1..] {
        if let Some((what, left, right)) = first.settings.difference(&state.settings) {
            return Err(Error::Different {
                what,
                folders: Some((first_folder.clone(), folder.clone())),
                left,
                right,
            });
        }
    }
    let parts = disjoint_parts(states)?;
    let machine = first.machine().ok_or_else(|| unknown_machine(first))?;
    let generator = generator(machine).ok_or(Error::NoGenerator(machine))?;
    let ledgers = states.iter().map(|(_, state)| state.restore(machine));
    let mut sum = add(ledgers.collect::<Result<_, _>>()?);
    let options = Options {
        mutated: first.settings.mutated,
        aim: Aim::from_name(generator, first.settings.aim.as_deref()).unwrap_or(Aim::Any),
        flags: first.settings.engines.clone(),
        engine_flags: first.settings.engine_flags.clone(),
        ..Options::new(machine, first.settings.seed, 0)
    };
    let folder = Folder::new(output, machine);
    let previous = State::saved_cases(output, machine);
    for finding in sum.findings.values_mut() {
        let previous = previous.get(&finding.case.name);
        finding.folder = Some(folder.write_finding(&options, finding, previous)?);
    }
    let mut summary = sum.summary(generator, options.mutated);
    summary.findings = sum.findings.values().cloned().collect();
    summary.findings.sort_by_key(|finding| finding.number);
    let unfinished = parts.iter().filter(|part| !part.is_done()).count();
    let missing = missing(&parts);
    summary.unfinished = unfinished > 0 || !missing.is_empty();
    let state = State::new(first.settings.clone(), parts, &sum);
    state.save(output)?;
    Ok(Merged {
        state,
        summary,
        missing,
        unfinished,
    })
}

/// Adds ledgers up.
fn add(ledgers: Vec<Ledger>) -> Ledger {
    let curves: Vec<&Curve> = ledgers.iter().map(|ledger| &ledger.curve).collect();
    let elapsed = ledgers.iter().map(|ledger| ledger.elapsed).max();
    let mut sum = Ledger {
        curve: Curve::sum(&curves),
        elapsed: elapsed.unwrap_or_default(),
        ..Ledger::default()
    };
    for ledger in ledgers {
        sum.counts.add(&ledger.counts);
        for finding in ledger.findings.into_values() {
            keep_smallest(&mut sum.findings, finding);
        }
    }
    sum
}

/// Returns the parts of all states, or an error if a program is in two of them.
fn disjoint_parts(states: &[(PathBuf, State)]) -> Result<Vec<Part>, Error> {
    let name = |part: &Part| match part.count {
        1 => "the whole of a campaign".to_owned(),
        _ => format!("part {}", part.shard()),
    };
    let mut parts: Vec<(&PathBuf, &Part)> = Vec::new();
    for (folder, state) in states {
        for part in &state.parts {
            if let Some((other, clash)) = parts.iter().find(|(_, known)| overlap(known, part)) {
                return Err(Error::Overlap {
                    left: (*other).clone(),
                    left_part: name(clash),
                    right: folder.clone(),
                    right_part: name(part),
                });
            }
            parts.push((folder, part));
        }
    }
    parts.sort_by_key(|(_, part)| (part.index, part.count));
    match parts.is_empty() {
        true => Err(Error::NothingToMerge),
        false => Ok(parts.into_iter().map(|(_, part)| part.clone()).collect()),
    }
}

/// Returns true if two parts may share a program. Parts of different divisions are assumed to.
fn overlap(left: &Part, right: &Part) -> bool {
    left.count != right.count || left.index == right.index
}

/// Returns the first parts of the campaign that are not in `parts`.
fn missing(parts: &[Part]) -> Vec<Shard> {
    let count = parts.first().map_or(0, |part| part.count);
    let is_there = |index: &u64| parts.iter().any(|part| part.index == *index);
    (0..count)
        .filter(|index| !is_there(index))
        .take(MAX_MISSING)
        .map(|index| Shard { index, count })
        .collect()
}

/// Adds a finding; of two with the same identity, the one with the smaller program is kept.
fn keep_smallest(findings: &mut BTreeMap<Identity, Finding>, finding: Finding) {
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
    let occurrences = known.occurrences + finding.occurrences;
    if key(&finding) < key(known) {
        *known = finding;
    }
    known.occurrences = occurrences;
}
