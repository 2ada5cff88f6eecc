//! `mmm conform`.

use super::args::Conform;
use super::console::{Output, Status, look};
use super::deliver;
use super::fuzz::processors;
use super::progress::Progress;
use super::subject::{flags, not_started, subject};
use conformance::case::Case;
use conformance::conform::{CaseReport, Options, Report, Subject, conform as run_corpus, expected};
use conformance::corpus;
use conformance::engine::Observation;
use conformance::machine::Machine;
use conformance::report::conform::{Advice, conform_text};
use conformance::report::paint::Paint;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use vm::base::Diagnostic;

/// The cases, each with what it is held to.
pub(crate) type Cases = Vec<(Case, Observation)>;

pub(crate) fn conform(args: &Conform) -> Result<Status, Diagnostic> {
    let subject = subject(&args.vm)?;
    let cases = cases(args)?;
    let options = Options {
        jobs: args.jobs.map_or_else(processors, usize::from),
        fail_fast: args.fail_fast,
    };
    let report = judge(&cases, &subject, &options)?;
    let saved = match &args.save {
        Some(folder) => save(&report, folder)?,
        None => BTreeMap::new(),
    };
    let mut out = Output::to_stdout();
    let paint = Paint(look(&io::stdout()));
    let advice = |case: &CaseReport| Advice {
        again: again(args, &case.name),
        program: saved.get(&case.name).map(|path| path.display().to_string()),
    };
    let mut text = conform_text(&report, advice, paint);
    if !report.passes() && args.save.is_none() {
        text += "--save DIR writes the programs that differ, to be run by hand\n";
    }
    // How writing failed, the output itself remembers.
    let _ = out.write_all(text.as_bytes());
    Ok(out.finish(match report.passes() {
        true => Status::Fine,
        false => Status::Found,
    }))
}

/// Runs the cases under a progress line.
pub(crate) fn judge(
    cases: &Cases,
    subject: &Subject,
    options: &Options,
) -> Result<Report, Diagnostic> {
    let progress = Progress::new();
    let told = |done, failing| {
        progress.show(|| format!("{done} of {} cases, {failing} differ", cases.len()));
    };
    run_corpus(cases, subject, options, &told).map_err(not_started)
}

/// How to run one case again.
fn again(args: &Conform, name: &str) -> String {
    let mut command = format!("mmm conform --filter {}", shell_words::quote(name));
    if let Some(corpus) = &args.corpus {
        let corpus = corpus.display().to_string();
        command += &format!(" --corpus {}", shell_words::quote(&corpus));
    }
    command + &flags(&args.vm)
}

/// Writes the programs that fail under a folder; where each one's entry is, by its name.
fn save(report: &Report, folder: &Path) -> Result<BTreeMap<String, PathBuf>, Diagnostic> {
    let failing = report.cases.iter().filter(|case| case.score.fails());
    let save_one = |case: &Case| {
        let place = folder.join(&case.name);
        deliver::write(case, &place).map_err(|error| {
            Diagnostic::error(format!("cannot write into '{}': {error}", place.display()))
        })?;
        Ok((case.name.clone(), place.join(&case.entry)))
    };
    failing.map(|failing| save_one(&failing.case)).collect()
}

/// The cases to run.
fn cases(args: &Conform) -> Result<Cases, Diagnostic> {
    let all = match &args.corpus {
        None => corpus::embedded(),
        Some(folder) => corpus::read(folder).map_err(|problems| {
            let what = Diagnostic::error(format!("'{}' is not a corpus", folder.display()));
            problems
                .into_iter()
                .fold(what, Diagnostic::note)
                .help("a corpus is a folder of files MACHINE/TOPIC/NAME, as mmm/printn/all.mmm")
        })?,
    };
    let filter = args.filter.as_deref().unwrap_or("");
    let chosen: Vec<Case> = all
        .into_iter()
        .filter(|case| args.machine.is_none_or(|machine| case.machine == machine))
        .filter(|case| case.name.contains(filter))
        .collect();
    if chosen.is_empty() {
        let machine = args.machine.map_or("any machine", Machine::name);
        return Err(match filter {
            "" => Diagnostic::error(format!("there are no cases for {machine}")),
            _ => Diagnostic::error(format!("no case for {machine} has '{filter}' in its name"))
                .help("names are MACHINE/TOPIC/NAME, such as mmm/printn/all"),
        });
    }
    Ok(held(chosen))
}

/// Each case with what it is held to.
pub(crate) fn held(cases: Vec<Case>) -> Cases {
    let held = |case: Case| {
        let expected = expected(&case);
        (case, expected)
    };
    cases.into_iter().map(held).collect()
}
