//! `mmm conform`.

use super::args::{Conform, Vm};
use super::console::{Status, look};
use super::fuzz::processors;
use super::output;
use super::progress::Progress;
use super::reports::Reports;
use super::subject::{Chosen, chosen, flags, not_started, unfit};
use conformance::case::Case;
use conformance::conform::{
    CaseReport, Expectations, Options, Report, conform as run_corpus, expected, not_begun, start,
};
use conformance::corpus;
use conformance::engine::Observation;
use conformance::engines::EngineSpec;
use conformance::engines::config::Pattern;
use conformance::machine::Machine;
use conformance::report::conform::{Advice, Standing, conform_text, standings_table};
use conformance::report::paint::Paint;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use vm::base::{Diagnostic, closest};

/// Cases with their expected observations.
pub(crate) type Cases = Vec<(Case, Observation)>;

/// Runs `mmm conform`.
pub(crate) fn conform(args: &Conform) -> Result<Status, Diagnostic> {
    let mut reports = Reports::open(&args.reports)?;
    let mut out = reports.output();
    let paint = Paint(look(&io::stdout()));
    let mut vms = args.vms.each();
    if vms.is_empty() {
        vms.push(args.vms.ours());
    }
    let mut status = Status::Fine;
    let mut rows = Vec::new();
    for vm in &vms {
        let (report, mut text) = test(args, vm, paint)?;
        if !report.passes() {
            status = Status::Found;
        }
        rows.push(Standing::of(&report));
        if rows.len() < vms.len() {
            text.push('\n');
        }
        // The output keeps its first error.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        reports.conformance(report, again(args, vm));
    }
    if rows.len() > 1 {
        let _ = out.write_all(standings_table(&rows, paint).as_bytes());
    }
    if status == Status::Found && args.save.is_none() {
        let help = "--save DIR writes the programs that differ, to run them by hand\n";
        let _ = out.write_all(help.as_bytes());
    }
    let status = out.finish(status);
    reports.write(status)
}

/// Tests one VM; returns the report and its text.
fn test(args: &Conform, vm: &Vm, paint: Paint) -> Result<(Report, String), Diagnostic> {
    let Chosen {
        mut subject,
        machine,
        expectations,
    } = chosen(vm)?;
    let cases = cases(args, args.machine.or(machine), &expectations)?;
    let options = Options {
        jobs: args.jobs.map_or_else(processors, usize::from),
        fail_fast: args.fail_fast,
        expectations,
    };
    let machines: BTreeSet<Machine> = cases.iter().map(|(case, _)| case.machine).collect();
    let machines: Vec<Machine> = machines.into_iter().collect();
    let report = match start(&mut subject, &machines) {
        Ok(()) => judge(&cases, &subject, &options)?,
        Err(why) if why.started => not_begun(&cases, &subject, &why),
        Err(why) => return Err(unfit(why)),
    };
    let saved = match &args.save {
        Some(folder) => save(&report, folder)?,
        None => BTreeMap::new(),
    };
    let advice = |case: &CaseReport| Advice {
        rerun: format!("{} {}", again(args, vm), shell_words::quote(&case.name)),
        program: saved.get(&case.name).map(|path| path.display().to_string()),
    };
    let text = conform_text(&report, advice, paint);
    Ok((report, text))
}

/// Runs the cases and shows progress.
pub(crate) fn judge(
    cases: &Cases,
    subject: &EngineSpec,
    options: &Options,
) -> Result<Report, Diagnostic> {
    let progress = Progress::new();
    let on_progress = |done, failing| {
        progress.show(|| format!("{done} of {} cases, {failing} differ", cases.len()));
    };
    run_corpus(cases, subject, options, &on_progress).map_err(not_started)
}

/// Returns the command that runs a case again, without the case's name.
fn again(args: &Conform, vm: &Vm) -> String {
    let mut command = "mmm conform".to_owned();
    if let Some(corpus) = &args.corpus {
        let corpus = corpus.display().to_string();
        command += &format!(" --corpus {}", shell_words::quote(&corpus));
    }
    command + &flags(vm) + " --filter"
}

/// Writes the programs that fail into a folder; returns the path of each entry by the case's name.
fn save(report: &Report, folder: &Path) -> Result<BTreeMap<String, PathBuf>, Diagnostic> {
    let failing = report.cases.iter().filter(|case| case.score.fails());
    let save_one = |case: &Case| {
        let place = folder.join(&case.name);
        output::write(case, &place).map_err(|error| {
            Diagnostic::error(format!("cannot write into '{}': {error}", place.display()))
        })?;
        Ok((case.name.clone(), place.join(&case.entry)))
    };
    failing.map(|failing| save_one(&failing.case)).collect()
}

/// Returns the cases to run.
fn cases(
    args: &Conform,
    machine: Option<Machine>,
    expectations: &Expectations,
) -> Result<Cases, Diagnostic> {
    let mut all =
        match &args.corpus {
            None => corpus::embedded(),
            Some(folder) => corpus::read(folder).map_err(|error| {
                let what = Diagnostic::error(format!("'{}' is not a corpus", folder.display()));
                error.problems.into_iter().fold(what, Diagnostic::note).help(
                "a corpus is a folder of files MACHINE/TOPIC/NAME, such as mmm/printn/all.mmm",
            )
            })?,
        };
    check_patterns(&all, expectations)?;
    all.retain(|case| machine.is_none_or(|machine| case.machine == machine));
    let named = machine.map_or("any machine", Machine::name);
    if all.is_empty() {
        return Err(Diagnostic::error(format!("there are no cases for {named}")));
    }
    let filter = args.filter.as_deref().unwrap_or("");
    let pattern = Pattern::from(filter.to_owned());
    let chosen = |case: &Case| match filter.contains('*') {
        true => pattern.matches(&case.name),
        false => case.name.contains(filter),
    };
    if !all.iter().any(chosen) {
        return Err(no_name(filter, named, &all));
    }
    for clause in &args.clause {
        if !all.iter().any(|case| shows(case, clause)) {
            return Err(no_clause(clause, &all));
        }
    }
    all.retain(chosen);
    if !args.clause.is_empty() {
        all.retain(|case| args.clause.iter().any(|clause| shows(case, clause)));
    }
    match all.is_empty() {
        true => Err(Diagnostic::error(format!(
            "no case that matches '{filter}' shows {}",
            args.clause.join(" or ")
        ))),
        false => Ok(with_expectations(all)),
    }
}

/// Returns true if a case shows that clause, or one whose id begins with it.
fn shows(case: &Case, clause: &str) -> bool {
    let clause = clause.trim_matches(['[', ']']).trim_end_matches('.');
    case.header.clauses().any(|id| {
        id.strip_prefix(clause)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// Returns the error for a filter without cases; suggests a similar name.
fn no_name(filter: &str, machine: &str, cases: &[Case]) -> Diagnostic {
    if filter.contains('*') {
        let what = format!("no case for {machine} has a name that matches '{filter}'");
        return Diagnostic::error(what).help(
            "names are MACHINE/TOPIC/NAME, such as mmm/printn/all; * matches anything, and the \
             machine may be left out: printn/*",
        );
    }
    let what = format!("no case for {machine} has '{filter}' in its name");
    // The filter may be a misspelt topic, name, or whole name: compares it with each kind.
    let parts: [fn(&str) -> &str; 5] = [
        |full| full.rsplit_once('/').map_or(full, |(topic, _)| topic),
        |full| full.split('/').nth(1).unwrap_or(full),
        |full| full.rsplit('/').next().unwrap_or(full),
        |full| full.split_once('/').map_or(full, |(_, rest)| rest),
        |full| full,
    ];
    let near = parts.iter().find_map(|part| {
        let names: BTreeSet<&str> = cases.iter().map(|case| part(&case.name)).collect();
        closest(filter, names)
    });
    Diagnostic::error(what).help(match near {
        Some(near) => format!("did you mean '{near}'?"),
        None => "names are MACHINE/TOPIC/NAME, such as mmm/printn/all".to_owned(),
    })
}

/// Returns the error for a clause without cases; suggests a similar clause.
fn no_clause(clause: &str, cases: &[Case]) -> Diagnostic {
    let known: BTreeSet<&str> = cases
        .iter()
        .flat_map(|case| case.header.clauses())
        .collect();
    let error = Diagnostic::error(format!("no case shows a clause '{clause}'"));
    error.help(match closest(clause, known) {
        Some(near) => format!("did you mean '{near}'?"),
        None => {
            "clauses have the ids of the specification: mmm.ret.1, or mmm.ret for all about ret"
                .to_owned()
        }
    })
}

/// Checks that each pattern of the configuration matches a case: otherwise it is a mistake.
fn check_patterns(cases: &[Case], expectations: &Expectations) -> Result<(), Diagnostic> {
    let Expectations { skip, failures } = expectations;
    for (key, patterns) in [("skip", skip), ("expected_failures", failures)] {
        for pattern in patterns {
            if !cases.iter().any(|case| pattern.matches(&case.name)) {
                let what = format!("'{pattern}' in the engine's {key} matches no case");
                return Err(Diagnostic::error(what)
                    .help("names are TOPIC/NAME, such as ret/two; * matches anything"));
            }
        }
    }
    Ok(())
}

/// Returns each case with its expected observation.
pub(crate) fn with_expectations(cases: Vec<Case>) -> Cases {
    let with_expectation = |case: Case| {
        let expected = expected(&case);
        (case, expected)
    };
    cases.into_iter().map(with_expectation).collect()
}
