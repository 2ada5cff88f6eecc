//! `mmm conform`.

use super::args::Conform;
use super::console::{Output, Status, look};
use super::deliver;
use super::fuzz::processors;
use super::progress::Progress;
use super::subject::{flags, name, not_started, subject};
use conformance::case::Case;
use conformance::conform::{Score, Subject, conform as run_corpus, expected};
use conformance::corpus;
use conformance::engine::Observation;
use conformance::machine::Machine;
use conformance::report::conform::{Advice, Tally, failures, reasons, topics};
use conformance::report::paint::{Paint, counted};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;
use vm::base::Diagnostic;

/// The cases, each with what it is held to.
pub(crate) type Cases = Vec<(Case, Observation)>;

pub(crate) fn conform(args: &Conform) -> Result<Status, Diagnostic> {
    let subject = subject(&args.vm)?;
    let cases = cases(args)?;
    let jobs = args.jobs.map_or_else(processors, usize::from);
    let begun = Instant::now();
    let scores = judge(&cases, &subject, jobs)?;
    let elapsed = begun.elapsed().as_secs_f64();
    let saved = match &args.save {
        Some(folder) => save(&cases, &scores, folder)?,
        None => vec![None; cases.len()],
    };
    let mut out = Output::to_stdout();
    let paint = Paint(look(&io::stdout()));
    let tally = Tally::of(&scores);
    let summary = match tally.differ {
        0 => paint.good(&tally.line()),
        _ => paint.bad(&tally.line()),
    };
    let advice = |at: usize| Advice {
        again: again(args, &cases[at].0.name),
        program: saved[at].as_ref().map(|path| path.display().to_string()),
    };
    let hint = match (tally.differ, &args.save) {
        (1.., None) => "--save DIR writes the programs that differ, to be run by hand\n",
        _ => "",
    };
    let text = format!(
        "{} on {}\n\n{}{}\n{}{hint}{summary}  {}\n",
        counted(cases.len(), "case"),
        name(&args.vm),
        topics(&cases, &scores, paint),
        failures(&cases, &scores, advice, paint),
        reasons(&scores),
        paint.dim(&format!("({elapsed:.1} s)"))
    );
    // How writing failed, the output itself remembers.
    let _ = out.write_all(text.as_bytes());
    Ok(out.finish(match tally.differ {
        0 => Status::Fine,
        _ => Status::Found,
    }))
}

/// Runs the cases under a progress line.
pub(crate) fn judge(
    cases: &Cases,
    subject: &Subject,
    jobs: usize,
) -> Result<Vec<Score>, Diagnostic> {
    let progress = Progress::new();
    let told = |done, differing| {
        progress.show(|| format!("{done} of {} cases, {differing} differ", cases.len()));
    };
    run_corpus(cases, subject, jobs, &told).map_err(not_started)
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

/// Writes the programs that differ under a folder; where each one's entry is.
fn save(
    cases: &Cases,
    scores: &[Score],
    folder: &Path,
) -> Result<Vec<Option<PathBuf>>, Diagnostic> {
    let save_one = |case: &Case| {
        let place = folder.join(&case.name);
        deliver::write(case, &place).map_err(|error| {
            Diagnostic::error(format!("cannot write into '{}': {error}", place.display()))
        })?;
        Ok(place.join(&case.entry))
    };
    cases
        .iter()
        .zip(scores)
        .map(|((case, _), score)| match score {
            Score::Differs { .. } => save_one(case).map(Some),
            Score::Agrees | Score::NotCompared(_) => Ok(None),
        })
        .collect()
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
