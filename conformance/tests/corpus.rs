//! One named test for each case of the corpus: our machine does what was recorded, and so does the
//! reference evaluator; what was loaded prints and parses back.
//!
//! `cargo test printn` runs the cases about printing; `cargo insta review` shows what changed.

use conformance::case::Case;
use conformance::compare::{Verdict, exactly};
use conformance::corpus;
use conformance::engine::Engine;
use conformance::engines::local;
use conformance::engines::reference::Reference;
use conformance::machine::Machine;
use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};

fn main() {
    let arguments = Arguments::from_args();
    let trials = match corpus::read(&folder("corpus")) {
        Ok(cases) => cases.into_iter().map(trial).collect(),
        Err(problems) => vec![Trial::test("corpus", move || {
            Err(problems.join("\n").into())
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
    let record = local::record(case);
    assert_snapshot(case, &record.to_text());
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
