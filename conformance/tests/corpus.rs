//! One named test for each case of the corpus: our machine does what was recorded, and so does the
//! reference evaluator; what was loaded prints and parses back.
//!
//! `cargo test printn` runs the cases about printing; `cargo insta review` shows what changed.
//!
//! What programs of `py` come to is on record from the real CPython 3.9: our machine only loads
//! them. `PYTHON39=python3.9 cargo test --test corpus` asks it again.

use conformance::case::Case;
use conformance::compare::{Verdict, exactly};
use conformance::corpus;
use conformance::engine::{Ending, Engine, Observation};
use conformance::engines::external::{ExternalVm, Serving};
use conformance::engines::local;
use conformance::engines::process::CommandLine;
use conformance::engines::reference::Reference;
use conformance::fuzzing;
use conformance::machine::Machine;
use conformance::record::recorded;
use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};

fn main() {
    let arguments = Arguments::from_args();
    let trials = match corpus::read(&folder("corpus")) {
        Ok(cases) => cases.into_iter().map(trial).collect(),
        Err(error) => vec![Trial::test("corpus", move || {
            Err(error.problems.join("\n").into())
        })],
    };
    libtest_mimic::run(&arguments, trials).exit();
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn trial(case: Case) -> Trial {
    Trial::test(case.name.clone(), move || check(&case))
}

fn check(case: &Case) -> Result<(), Failed> {
    let mut record = local::record(case);
    if record.seen.ending == Ending::Loaded {
        record.seen = norm(case)?;
    }
    assert_snapshot(case, &record.to_text());
    if case.machine == Machine::Py {
        // Refused or not, what can be read comes back from its text.
        fuzzing::py_roundtrip(&case.files[&case.entry]);
        return Ok(());
    }
    let reference = Reference.observe(case);
    if let Verdict::Diverge(difference) = exactly(&record.seen, &reference) {
        return Err(format!("the reference differs: {difference:?}").into());
    }
    match case.machine {
        Machine::Mmm => listing_parses_back(&record.listing),
        Machine::Sc if !record.listing.is_empty() => listing_assembles_back(case, &record.listing),
        Machine::Sc | Machine::Py => Ok(()),
    }
}

/// What the real CPython makes of a program, now or when it was last asked.
fn norm(case: &Case) -> Result<Observation, Failed> {
    let Some(python) = std::env::var_os("PYTHON39") else {
        let text = snapshots::snapshot(&case.name);
        return text.and_then(recorded).ok_or_else(|| {
            "no outcome is on record: run this test with PYTHON39=python3.9 once".into()
        });
    };
    let adapter = folder("adapters").join("cpython39.py");
    let command = [python.as_os_str(), adapter.as_os_str()]
        .map(|word| shell_words::quote(&word.to_string_lossy()).into_owned())
        .join(" ");
    let command = CommandLine::parse(&command).map_err(|wrong| wrong.message)?;
    let mut engine = Serving::new(ExternalVm::new(command));
    let seen = engine.run(case).map_err(|error| error.message)?;
    match seen.ending {
        Ending::Returned | Ending::Faulted => Ok(seen),
        _ => Err(format!("CPython: {seen:?}").into()),
    }
}

fn assert_snapshot(case: &Case, text: &str) {
    let (folder_name, file) = case.name.rsplit_once('/').expect("a case has a topic");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder("../snapshots").join(folder_name));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(case.header.about.join(" "));
    settings.bind(|| insta::assert_snapshot!(file, text));
}

/// Parsing what was printed and printing it again changes nothing.
fn listing_parses_back(listing: &str) -> Result<(), Failed> {
    for part in listing
        .split_inclusive("\nend\n")
        .filter(|part| !part.trim().is_empty())
    {
        let part = part.trim_start_matches('\n');
        let text = match part.strip_prefix("#! file ") {
            Some(rest) => rest.split_once('\n').map_or("", |(_, text)| text),
            None => part,
        };
        let file = vm::mmm::parse("listing.mmm", text.to_owned())
            .map_err(|errors| format!("{errors:?}"))?;
        if vm::mmm::print(&file) != text {
            return Err(format!("prints as something else: {text}").into());
        }
    }
    Ok(())
}

/// Assembling what was printed gives the bytes that it was printed from.
fn listing_assembles_back(case: &Case, listing: &str) -> Result<(), Failed> {
    let entry = &case.files[&case.entry];
    let assemble =
        |text: &str| vm::sc::assemble("listing.sca", text).map_err(|errors| format!("{errors:?}"));
    let bytes = match entry.starts_with(b".Sc.") {
        true => entry.clone(),
        false => assemble(&String::from_utf8_lossy(entry))?,
    };
    match assemble(listing)? == bytes {
        true => Ok(()),
        false => Err(format!("assembles to something else: {listing}").into()),
    }
}
