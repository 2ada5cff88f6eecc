//! A run to report on: a VM that fails in every way there is, and means harm.

use conformance::campaign::{
    Divergence, EngineRun, Finding, Groups, Identity, Next, Sample, Summary,
};
use conformance::case::Case;
use conformance::compare::{Difference, Kind, NotCompared};
use conformance::conform::{CaseReport, EngineName, Reason, Report, Score};
use conformance::engine::{Ending, Observation};
use conformance::machine::Machine;
use conformance::report::results::{Campaign, Conformance, Results};
use std::path::PathBuf;
use std::time::Duration;

/// What would do something if a page took it for more than text.
pub(crate) const HOSTILE: &str = "</script></pre></details><img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>]]>&amp;";

fn seen(ending: Ending, output: &[u8]) -> Observation {
    Observation {
        output: output.to_vec(),
        ..Observation::of(ending)
    }
}

fn case(name: &str, score: Score, expected: Observation, found: Option<Observation>) -> CaseReport {
    let text = format!("function main\n    string \"{name}\"\n    printn *\nend\n# {HOSTILE}\n");
    let topic = name.split('/').nth(1).unwrap();
    CaseReport {
        name: name.to_owned(),
        machine: Machine::Mmm,
        topic: topic.to_owned(),
        about: vec![format!("About {topic}.")],
        holds: vec!["mmm.printn.all.1".to_owned()],
        breaks: vec!["mmm.ret.1".to_owned()],
        boundary: Vec::new(),
        score,
        expected,
        found,
        found_left_out: 0,
        elapsed: Duration::from_millis(3),
        case: Case::single(Machine::Mmm, "main.mmm", text),
    }
}

fn differs(kind: Kind, expected: &str, found: &str) -> Score {
    Score::Differs {
        difference: difference(kind, expected, found),
        detail: Some(format!("\x1b[31m{HOSTILE}\x07")),
        nondeterministic: None,
    }
}

fn difference(kind: Kind, expected: &str, found: &str) -> Difference {
    Difference {
        kind,
        expected: expected.to_owned(),
        found: found.to_owned(),
    }
}

/// The cases: one that agrees, and one of each way not to.
fn cases() -> Vec<CaseReport> {
    let lines = |n: usize| (0..n).map(|n| format!("line {n}\n")).collect::<String>();
    let hostile = [
        b"one\n",
        HOSTILE.as_bytes(),
        b"\0\x1b[2J\xff\xfe\xe2\x80\xae\n",
    ]
    .concat();
    let returned = |output: &[u8]| seen(Ending::Returned, output);
    let text = returned(b"one\ntwo\nthree\n");
    vec![
        case(
            "mmm/ret/fine",
            Score::Agrees,
            text.clone(),
            Some(text.clone()),
        ),
        case(
            "mmm/printn/hostile",
            differs(Kind::Output, "line 2: \"two\"", HOSTILE),
            text.clone(),
            Some(returned(&hostile)),
        ),
        case(
            "mmm/printn/flood",
            differs(Kind::Output, "line 1", "line 1"),
            returned(lines(400).as_bytes()),
            Some(returned(
                &[lines(90_000).as_bytes(), &[b'x'; 300_000]].concat(),
            )),
        ),
        case(
            "mmm/ret/crash",
            differs(Kind::Ending, "returned", "crashed"),
            text.clone(),
            Some(seen(Ending::Crashed, b"one\n")),
        ),
        case(
            "mmm/ret/known",
            Score::KnownFailure {
                difference: difference(Kind::Output, "1", "2"),
            },
            text.clone(),
            Some(returned(b"one\n2\nthree\n")),
        ),
        case(
            "mmm/ret/surprise",
            Score::UnexpectedPass,
            text.clone(),
            Some(text.clone()),
        ),
        case(
            "mmm/limit/fuel",
            Score::NotCompared {
                reason: Reason::Engine(NotCompared::Limits),
            },
            text,
            None,
        ),
    ]
}

/// All of it, with the corpus's own topics and a campaign that found something.
pub(crate) fn whole() -> Results {
    let engine = EngineName {
        name: "theirs <1>".to_owned(),
        command: Some(format!("./vm {HOSTILE} {{file}}")),
    };
    let mut report = Report::of(engine.clone(), cases(), Duration::from_secs(2));
    report.not_compared_fields = vec!["the fault".to_owned()];
    let finding = Finding {
        number: 1234,
        programs: 1235,
        elapsed: Duration::from_millis(600),
        identity: Identity {
            against: vec![vec![format!("theirs {HOSTILE}")]],
            instruction: "printn".to_owned(),
            clause: "mmm.printn.all.1".to_owned(),
            kind: "output".to_owned(),
        },
        groups: Groups(vec![
            vec!["reference".to_owned()],
            vec![format!("theirs {HOSTILE}")],
        ]),
        clause: "mmm.printn.all.1".to_owned(),
        evidence: None,
        runs: ["reference", "ours", "theirs"]
            .map(|name| EngineRun {
                name: name.to_owned(),
                seen: Some(seen(Ending::Returned, HOSTILE.as_bytes())),
            })
            .into(),
        divergence: Some(Divergence {
            step: 2,
            at: "main.mmm#main:3".to_owned(),
            instruction: "printn *".to_owned(),
            before: vec!["1".to_owned(), HOSTILE.to_owned()],
            expected: Next::End("returned".to_owned()),
            found: Next::Step {
                at: "main.mmm#main:9".to_owned(),
                state: Vec::new(),
            },
        }),
        reduced: true,
        reproducible: true,
        engine: "theirs".to_owned(),
        difference: difference(Kind::Output, "line 1: \"1\"", "line 1: \"2\""),
        case: Case {
            name: format!("mmm/campaign/found {HOSTILE}"),
            ..Case::single(
                Machine::Mmm,
                "main.mmm",
                "function main\n    int 1\n    printn *\nend\n",
            )
        },
        expected: seen(Ending::Returned, b"1\n"),
        found: seen(Ending::Returned, b"2"),
        occurrences: 17,
        folder: Some(PathBuf::from("findings/mmm/1234")),
    };
    let summary = Summary {
        programs: 20_000,
        elapsed: Duration::from_secs(1),
        disagreements: 17,
        mnemonics: vec![("int".to_owned(), 9000), ("ret".to_owned(), 12)],
        boundaries: vec![("int -2147483648".to_owned(), 3)],
        endings: [(Ending::Returned, 15_000), (Ending::Faulted, 5000)].into(),
        faults: [("overflow".to_owned(), 5000)].into(),
        findings: vec![finding],
        sampled: 300,
        clauses: [("mmm.printn.all.1".to_owned(), [290, 0, 4])].into(),
        curve: (1..=50)
            .map(|n| Sample {
                elapsed: Duration::from_millis(n * 20),
                programs: n * 400 + n % 7 * 20,
                clauses: 150 - 140 / n,
                findings: n / 30,
            })
            .collect(),
        ..Summary::default()
    };
    let mut whole = Results::new(format!("mmm conform {HOSTILE}"));
    whole.conformance.push(Conformance {
        report,
        rerun: "mmm conform --filter".to_owned(),
    });
    whole.campaigns.push(Campaign {
        machine: Machine::Mmm,
        seed: 7,
        engine,
        rerun: "mmm fuzz --seed 7".to_owned(),
        summary,
    });
    whole
}
