//! What the corpus reached once, it still reaches.

use crate::common::Folder;
use conformance::coverage::{Floor, measure};
use conformance::machine::Machine;
use serde_json::Value;

#[test]
fn the_corpus_holds_the_committed_floor() {
    let floor = Floor::committed();
    for machine in Machine::ALL {
        let coverage = measure(machine, 0, 1, 1).expect("it has a specification");
        let missing = floor.missing(&coverage);
        assert!(
            missing.is_empty(),
            "below the recorded minimum: {missing:#?}"
        );
        // Each clause that a program can show is claimed by a case.
        for clause in &coverage.clauses {
            for (kind, possible) in clause.possible.into_iter().enumerate() {
                assert!(!possible || clause.claimed[kind] > 0, "{clause:?}");
            }
        }
    }
    assert_eq!(Floor::parse(&floor.to_text()), floor);
    assert!(floor.len() > 500, "{}", floor.len());
}

#[test]
fn the_command_names_what_fell_and_raises_what_is_new() {
    let folder = Folder::of(&[("floor.txt", "mmm.ret.1: claimed-holds unheard-of\n")]);
    let line = "coverage --machine mmm --programs 50 --floor floor.txt";
    let seen = folder.run(line);
    assert_eq!(seen.status, Some(1), "{seen:#?}");
    assert!(
        seen.out.contains("✗ below the floor: mmm.ret.1 unheard-of"),
        "{}",
        seen.out
    );
    let seen = folder.run(&format!("{line} --json"));
    let told: Value = serde_json::from_str(&seen.out).expect("it is JSON");
    assert_eq!(told[0]["fallen"][0], "mmm.ret.1: unheard-of");
    assert_eq!(told[0]["programs"], 50);

    folder.put("floor.txt", "");
    let seen = folder.run(&format!("{line} --raise"));
    assert_eq!(seen.status, Some(0), "{seen:#?}");
    let raised = std::fs::read_to_string(folder.path().join("floor.txt")).unwrap();
    assert!(
        raised.contains("\nmmm instruction ret: campaign corpus\n"),
        "{raised}"
    );
    assert!(
        folder
            .run(line)
            .out
            .contains("coverage is at or above the recorded minimum")
    );

    let seen = folder.run("coverage --machine py");
    assert!(
        seen.out.contains("py has no reference evaluator"),
        "{}",
        seen.out
    );
    folder
        .run("coverage --floor nowhere")
        .is(2, "", "cannot read the recorded minimum 'nowhere'");
}
