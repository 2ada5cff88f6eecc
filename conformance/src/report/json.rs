//! The JSON report, for other programs.

use super::results::{Campaign, Conformance, Results};
use super::visible;
use crate::campaign::{Divergence, Finding, Groups, Sample};
use crate::compare::Difference;
use crate::conform::{EngineName, Report};
use crate::engine::Observation;
use crate::machine::Machine;
use serde::ser::{SerializeMap, Serializer};
use serde::{Serialize, ser};
use std::collections::BTreeMap;

/// The number of the document's format; it changes when a reader has to.
pub const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    format: u32,
    mmm: &'static str,
    command: &'a str,
    started_at: String,
    passes: bool,
    conformance: Vec<JsonRun<'a>>,
    campaigns: Vec<JsonCampaign<'a>>,
}

#[derive(Serialize)]
struct JsonRun<'a> {
    #[serde(flatten)]
    report: &'a Report,
    rerun: &'a str,
}

#[derive(Serialize)]
struct JsonCampaign<'a> {
    machine: Machine,
    seed: u64,
    engine: &'a EngineName,
    rerun: &'a str,
    programs: u64,
    not_portable: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    loaded: Option<u64>,
    elapsed_seconds: f64,
    substantial: u64,
    inconclusive: u64,
    disagreements: u64,
    endings: BTreeMap<&'static str, u64>,
    faults: &'a BTreeMap<String, u64>,
    mnemonics: Counts<'a>,
    boundaries: Counts<'a>,
    sampled: u64,
    clauses: &'a BTreeMap<String, [u64; 3]>,
    curve: Vec<JsonSample>,
    unfinished: bool,
    findings: Vec<JsonFinding<'a>>,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    number: u64,
    groups: &'a Groups,
    instruction: &'a str,
    clause: &'a str,
    kind: &'a str,
    engine: &'a str,
    occurrences: u64,
    reduced: bool,
    reproducible: bool,
    difference: &'a Difference,
    entry: &'a str,
    files: BTreeMap<&'a str, String>,
    expected: &'a Observation,
    found: &'a Observation,
    runs: BTreeMap<&'a str, Option<&'a Observation>>,
    divergence: Option<&'a Divergence>,
    folder: Option<String>,
}

#[derive(Serialize)]
struct JsonSample {
    elapsed_seconds: f64,
    programs: u64,
    clauses: u64,
    findings: u64,
}

/// Names with counts, in this order.
struct Counts<'a>(&'a [(String, u64)]);

impl ser::Serialize for Counts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, count) in self.0 {
            map.serialize_entry(name, count)?;
        }
        map.end()
    }
}

/// Returns the document, with a newline at its end. Bytes that are not UTF-8 are U+FFFD in it, and
/// characters that could control a terminal are escaped.
pub fn json(results: &Results) -> String {
    let document = Document {
        format: FORMAT,
        mmm: env!("CARGO_PKG_VERSION"),
        command: &results.command,
        started_at: format!("{}Z", results.timestamp()),
        passes: results.passes(),
        conformance: results.conformance.iter().map(run).collect(),
        campaigns: results.campaigns.iter().map(campaign).collect(),
    };
    // Every value has a form in JSON: all keys of maps are text.
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    visible::json(&text) + "\n"
}

fn run(run: &Conformance) -> JsonRun<'_> {
    JsonRun {
        report: &run.report,
        rerun: &run.rerun,
    }
}

fn campaign(campaign: &Campaign) -> JsonCampaign<'_> {
    let summary = &campaign.summary;
    let endings = summary.endings.iter();
    JsonCampaign {
        machine: campaign.machine,
        seed: campaign.seed,
        engine: &campaign.engine,
        rerun: &campaign.rerun,
        programs: summary.programs,
        not_portable: summary.not_portable,
        loaded: summary.loaded,
        elapsed_seconds: summary.elapsed.as_secs_f64(),
        substantial: summary.substantial,
        inconclusive: summary.inconclusive,
        disagreements: summary.disagreements,
        endings: endings
            .map(|(ending, &count)| (ending.name(), count))
            .collect(),
        faults: &summary.faults,
        mnemonics: Counts(&summary.mnemonics),
        boundaries: Counts(&summary.boundaries),
        sampled: summary.sampled,
        clauses: &summary.clauses,
        curve: summary.curve.iter().map(sample).collect(),
        unfinished: summary.unfinished,
        findings: summary.findings.iter().map(finding).collect(),
    }
}

fn sample(sample: &Sample) -> JsonSample {
    JsonSample {
        elapsed_seconds: sample.elapsed.as_secs_f64(),
        programs: sample.programs,
        clauses: sample.clauses,
        findings: sample.findings,
    }
}

fn finding(finding: &Finding) -> JsonFinding<'_> {
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
    let files = finding.case.files.iter();
    let runs = finding.runs.iter();
    let folder = finding.folder.as_ref();
    JsonFinding {
        number: finding.number,
        groups: &finding.groups,
        instruction: &finding.identity.instruction,
        clause: &finding.clause,
        kind: &finding.identity.kind,
        engine: &finding.engine,
        occurrences: finding.occurrences,
        reduced: finding.reduced,
        reproducible: finding.reproducible,
        difference: &finding.difference,
        entry: &finding.case.entry,
        files: files.map(|(name, bytes)| (&**name, text(bytes))).collect(),
        expected: &finding.expected,
        found: &finding.found,
        runs: runs.map(|run| (&*run.name, run.seen.as_ref())).collect(),
        divergence: finding.divergence.as_ref(),
        folder: folder.map(|folder| folder.display().to_string()),
    }
}
