//! Everything a run came to, for other programs.

use super::results::{Campaign, Conformance, Results};
use crate::campaign::{Divergence, Finding, Groups, Sample};
use crate::compare::Difference;
use crate::conform::{EngineName, Report};
use crate::engine::Observation;
use crate::machine::Machine;
use serde::ser::{SerializeMap, Serializer};
use serde::{Serialize, ser};
use std::collections::BTreeMap;

/// What the layout of the document is called; it changes when a reader would have to.
pub const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    format: u32,
    mmm: &'static str,
    command: &'a str,
    when: String,
    passes: bool,
    conformance: Vec<Run<'a>>,
    campaigns: Vec<Told<'a>>,
}

#[derive(Serialize)]
struct Run<'a> {
    #[serde(flatten)]
    report: &'a Report,
    again: &'a str,
}

#[derive(Serialize)]
struct Told<'a> {
    machine: Machine,
    seed: u64,
    engine: &'a EngineName,
    again: &'a str,
    programs: u64,
    left_out: u64,
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
    marked: u64,
    clauses: &'a BTreeMap<String, [u64; 3]>,
    curve: Vec<Moment>,
    unfinished: bool,
    findings: Vec<Found<'a>>,
}

#[derive(Serialize)]
struct Found<'a> {
    number: u64,
    camps: &'a Groups,
    instruction: &'a str,
    clause: &'a str,
    kind: &'a str,
    engine: &'a str,
    times: u64,
    reduced: bool,
    steady: bool,
    difference: &'a Difference,
    entry: &'a str,
    files: BTreeMap<&'a str, String>,
    expected: &'a Observation,
    found: &'a Observation,
    voices: BTreeMap<&'a str, &'a Observation>,
    parting: Option<&'a Divergence>,
    folder: Option<String>,
}

#[derive(Serialize)]
struct Moment {
    elapsed_seconds: f64,
    programs: u64,
    clauses: u64,
    findings: u64,
}

/// Names with counts, in their order.
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

/// The document, with a newline at its end. Bytes that are not UTF-8 stand in it as U+FFFD.
pub fn json(whole: &Results) -> String {
    let document = Document {
        format: FORMAT,
        mmm: env!("CARGO_PKG_VERSION"),
        command: &whole.command,
        when: format!("{}Z", whole.timestamp()),
        passes: whole.passes(),
        conformance: whole.conformance.iter().map(run).collect(),
        campaigns: whole.campaigns.iter().map(campaign).collect(),
    };
    let text = serde_json::to_string_pretty(&document);
    // There is nothing in it that has no form: no map whose keys are not text, nothing that fails.
    text.unwrap_or_default() + "\n"
}

fn run(run: &Conformance) -> Run<'_> {
    Run {
        report: &run.report,
        again: &run.again,
    }
}

fn campaign(campaign: &Campaign) -> Told<'_> {
    let summary = &campaign.summary;
    let endings = summary.endings.iter();
    Told {
        machine: campaign.machine,
        seed: campaign.seed,
        engine: &campaign.engine,
        again: &campaign.again,
        programs: summary.programs,
        left_out: summary.left_out,
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
        marked: summary.marked,
        clauses: &summary.clauses,
        curve: summary.curve.iter().map(moment).collect(),
        unfinished: summary.unfinished,
        findings: summary.findings.iter().map(finding).collect(),
    }
}

fn moment(sample: &Sample) -> Moment {
    Moment {
        elapsed_seconds: sample.elapsed.as_secs_f64(),
        programs: sample.programs,
        clauses: sample.clauses,
        findings: sample.findings,
    }
}

fn finding(finding: &Finding) -> Found<'_> {
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
    let files = finding.case.files.iter();
    let voices = finding.voices.iter();
    Found {
        number: finding.number,
        camps: &finding.camps,
        instruction: &finding.identity.instruction,
        clause: &finding.clause,
        kind: &finding.identity.kind,
        engine: &finding.engine,
        times: finding.times,
        reduced: finding.reduced,
        steady: finding.steady,
        difference: &finding.difference,
        entry: &finding.case.entry,
        files: files.map(|(name, bytes)| (&**name, text(bytes))).collect(),
        expected: &finding.expected,
        found: &finding.found,
        voices: voices.map(|voice| (&*voice.name, &voice.seen)).collect(),
        parting: finding.parting.as_ref(),
        folder: finding
            .folder
            .as_ref()
            .map(|folder| folder.display().to_string()),
    }
}
