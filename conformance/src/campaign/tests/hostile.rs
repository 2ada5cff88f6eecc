//! Folders of findings that come from someone else: nothing in them is obeyed.

use super::{Mistaken, Temporary};
use crate::campaign::settings::Settings;
use crate::campaign::{Contender, Error, Options, State, Summary, merge, resume};
use crate::machine::Machine;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// A state that a campaign could have saved.
const SOUND: &str = include_str!("../../../tests/data/campaign.json");

/// Stops each campaign before its first program.
static STOPPED: AtomicBool = AtomicBool::new(true);

/// A folder with findings, deep in a tree that must not change.
struct Tree {
    top: Temporary,
}

impl Tree {
    fn new(name: &str) -> Tree {
        let tree = Tree {
            top: Temporary::new(&format!("hostile-{name}")),
        };
        fs::create_dir_all(tree.findings().join("mmm")).expect("a folder");
        let bystander = tree.bystander();
        fs::create_dir_all(bystander.join("mmm-7-1.case")).expect("a folder");
        for file in ["FINDING.md", "campaign.json", "mmm-7-1.case/main.mmm"] {
            fs::write(bystander.join(file), "not yours\n").expect("a file");
        }
        tree
    }

    /// A folder that no campaign was asked to touch.
    fn bystander(&self) -> PathBuf {
        self.top.0.join("bystander")
    }

    fn findings(&self) -> PathBuf {
        self.top.0.join("a/b/findings")
    }

    fn output(&self) -> PathBuf {
        self.top.0.join("a/b/output")
    }

    fn put(&self, state: &Value) {
        let path = self.findings().join("mmm/campaign.json");
        fs::write(path, state.to_string()).expect("a file");
    }

    /// Everything outside the folders that a campaign was asked to write: names, and contents.
    fn surroundings(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let entries = walkdir::WalkDir::new(&self.top.0).into_iter();
        let entries = entries
            .filter_entry(|entry| entry.path() != self.findings() && entry.path() != self.output());
        entries
            .flatten()
            .map(|entry| {
                let bytes = fs::read(entry.path()).unwrap_or_default();
                (entry.path().to_owned(), bytes)
            })
            .collect()
    }

    /// Reads the state, then merges and resumes it. The surroundings must stay as they are.
    fn use_all(&self) -> Result<Summary, Error> {
        let before = self.surroundings();
        let result = self.merge().and_then(|()| self.resume());
        assert_eq!(self.surroundings(), before);
        result
    }

    fn merge(&self) -> Result<(), Error> {
        let state = State::read_all(&self.findings())?.remove(0);
        merge(&[(self.findings(), state)], &self.output()).map(drop)
    }

    fn resume(&self) -> Result<Summary, Error> {
        let state = State::read_all(&self.findings())?.remove(0);
        let options = options(Some(&self.findings()));
        let engines = || Ok(vec![Contender::new(Mistaken(|_| {}))]);
        resume(&options, &state, &engines, &mut |_| {})
    }
}

/// The options of the campaign whose state is [`SOUND`].
fn options(findings: Option<&Path>) -> Options {
    let theirs = "--vm 'theirs {file}'".to_owned();
    Options {
        flags: vec![theirs.clone()],
        engine_flags: [
            ("mmm".to_owned(), String::new()),
            ("theirs".to_owned(), theirs),
        ]
        .into(),
        findings: findings.map(Path::to_owned),
        stop: &STOPPED,
        ..Options::new(Machine::Mmm, 7, 40)
    }
}

/// The state as this version saves it.
fn sound() -> Value {
    let settings = Settings::of(&options(None));
    let text = SOUND
        .replace("VERSION", &settings.version)
        .replace("GENERATOR", &settings.generator);
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn a_sound_state_is_used() {
    let tree = Tree::new("sound");
    tree.put(&sound());
    let summary = tree.use_all().expect("it is sound");
    assert_eq!(
        (summary.programs, summary.findings.len(), summary.unsaved),
        (7, 1, None)
    );
    let finding = tree.output().join("mmm/mmm-7-1");
    let files = [
        "FINDING.md",
        "mmm-7-1.case/lib/two.mmm",
        "mmm-7-1.case/case.header",
    ];
    for file in files {
        assert!(finding.join(file).is_file(), "{file}");
    }
}

/// Checks that a state with another value at a place is refused, with these words.
#[track_caller]
fn check_refused(place: &str, value: Value, words: &str) {
    let mut state = sound();
    let (parent, key) = place.rsplit_once('/').expect("a pointer");
    match state.pointer_mut(parent).expect("a place") {
        Value::Object(map) => drop(map.insert(key.to_owned(), value)),
        Value::Array(items) => items[key.parse::<usize>().expect("an index")] = value,
        other => panic!("{other} has no parts"),
    }
    let tree = Tree::new("refused");
    tree.put(&state);
    let error = tree.use_all().expect_err("it is tampered with").to_string();
    assert!(error.contains(words), "{place}: {error}");
    assert!(!tree.output().exists(), "{place}");
}

#[test]
fn names_and_paths_are_not_taken_from_a_state() {
    let case = "/findings/0/case";
    let named = format!("{case}/name");
    for name in ["../../../escaped", "/tmp/escaped", "../../../bystander"] {
        check_refused(&named, json!(name), "unknown field `name`");
    }
    check_refused("/findings/0/folder", json!("../bystander"), "unknown field");
    for path in [
        "../x.mmm",
        "/x.mmm",
        "a/../x.mmm",
        "./x.mmm",
        "a//x.mmm",
        "",
        "a\\x.mmm",
        "c:x.mmm",
        "a\nb.mmm",
        "case.header",
        "lib/case.header",
    ] {
        let files = json!({"main.mmm": "", path: ""});
        check_refused(
            &format!("{case}/files"),
            files,
            "is not a plain relative path",
        );
    }
    let files = json!({"main.mmm": "", "main.mmm/b.mmm": ""});
    check_refused(&format!("{case}/files"), files, "both a file and a folder");
    check_refused(
        &format!("{case}/entry"),
        json!("other.mmm"),
        "there is no file",
    );
    let header = json!(["x\nentry: ../../x"]);
    check_refused(
        &format!("{case}/holds"),
        header,
        "is not the id of a clause",
    );
}

#[test]
fn numbers_beyond_any_campaign_are_refused() {
    let max = json!(u64::MAX);
    for (place, words) in [
        ("/elapsed_ms", "is too long"),
        ("/curve/0/elapsed_ms", "is too long"),
        ("/parts/0/time_ms", "is too long"),
        ("/findings/0/elapsed_ms", "is too long"),
        ("/counts/programs", "is too large"),
        ("/counts/words/call", "is too large"),
        ("/counts/faults/stack-size", "is too large"),
        ("/counts/clauses/mmm.path.file.1/1", "is too large"),
        ("/curve/0/programs", "is too large"),
        ("/findings/0/occurrences", "is too large"),
        ("/findings/0/case/limits/fuel", "is not one of a campaign"),
        (
            "/findings/0/case/limits/call_depth",
            "is not one of a campaign",
        ),
        ("/parts/0/index", "is not below the number of parts"),
        ("/parts/0/next", "more turns than there are programs"),
        ("/parts/0/undone/0/1", "not separate ranges"),
        ("/format", "invalid value"),
    ] {
        check_refused(place, max.clone(), words);
    }
    check_refused(
        "/parts/0/count",
        json!(0),
        "is not below the number of parts",
    );
    check_refused("/parts/0/undone/1/0", json!(4), "not separate ranges");
    check_refused("/findings/0/occurrences", json!(0), "0 is not a number");
    check_refused("/findings/0/runs", json!([]), "an engine has no run");
    check_refused("/format", json!(2), "this version reads format 1");
    check_refused(
        "/settings/machine",
        json!("sc"),
        "it is in the folder of mmm",
    );
}

#[test]
fn recorded_flags_are_single_commands() {
    for flags in [
        "--vm x; rm -r ~",
        "--vm 'x",
        "--vm $(x)",
        "--vm x\n--vm y",
        "--vm \u{1b}x",
    ] {
        let place = "/settings/engine_flags/theirs";
        check_refused(place, json!(flags), "is not a quoted flag");
        check_refused("/settings/engines", json!([flags]), "is not a quoted flag");
    }
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;
    type Place = fn(&Tree) -> PathBuf;
    let places: [(&str, Place, &str); 6] = [
        (
            "",
            |tree| tree.findings().join("mmm/campaign.json"),
            "symbolic link",
        ),
        (
            "campaign.json",
            |tree| tree.output().join("mmm/campaign.json.new"),
            "symbolic link",
        ),
        ("", |tree| tree.output().join("mmm"), "not a folder"),
        ("", |tree| tree.output().join("mmm/mmm-7-1"), "not a folder"),
        (
            "FINDING.md",
            |tree| tree.output().join("mmm/mmm-7-1/FINDING.md"),
            "symbolic link",
        ),
        (
            "",
            |tree| tree.output().join("mmm/mmm-7-1/mmm-7-1.case"),
            "not a folder",
        ),
    ];
    for (target, place, words) in places {
        let tree = Tree::new("links");
        let link = place(&tree);
        fs::create_dir_all(link.parent().expect("a folder")).expect("a folder");
        tree.put(&sound());
        let _ = fs::remove_file(&link);
        symlink(tree.bystander().join(target), &link).expect("a link");
        let error = tree.use_all().expect_err("there is a link").to_string();
        assert!(error.contains(words), "{}: {error}", link.display());
    }
    // A second name of a file is a way out, too.
    let tree = Tree::new("hard-link");
    tree.put(&sound());
    let finding = tree.output().join("mmm/mmm-7-1");
    fs::create_dir_all(&finding).expect("a folder");
    let page = tree.bystander().join("FINDING.md");
    fs::hard_link(page, finding.join("FINDING.md")).expect("a link");
    let error = tree.use_all().expect_err("there is a link").to_string();
    assert!(error.contains("hard link"), "{error}");
}

#[test]
fn only_unchanged_files_of_an_earlier_session_are_removed() {
    let tree = Tree::new("removal");
    tree.put(&sound());
    tree.merge().expect("it is sound");
    let finding = tree.output().join("mmm/mmm-7-1");
    fs::create_dir(finding.join("smaller")).expect("a folder");
    for file in ["smaller/main.mmm", "notes.txt", "mmm-7-1.case/lib/one.mmm"] {
        fs::write(finding.join(file), "mine\n").expect("a file");
    }
    // The same finding, now without its library.
    let mut state = sound();
    state["findings"][0]["case"]["files"] = json!({"main.mmm": "function main\nend\n"});
    state["findings"][0]["case"]["files_base64"] = json!({});
    tree.put(&state);
    tree.merge().expect("it is sound");
    for (file, is_there) in [
        ("smaller/main.mmm", true),
        ("notes.txt", true),
        ("mmm-7-1.case/lib/one.mmm", true),
        ("mmm-7-1.case/main.mmm", true),
        ("mmm-7-1.case/lib/two.mmm", false),
    ] {
        assert_eq!(finding.join(file).exists(), is_there, "{file}");
    }
}

/// A generator of pseudo-random numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n
    }
}

/// Replaces, removes or copies a random part of a document.
fn mutate(value: &mut Value, random: &mut Random) {
    let parts = match value {
        Value::Array(items) => items.len(),
        Value::Object(map) => map.len(),
        _ => 0,
    };
    if parts == 0 || random.below(8) == 0 {
        let hostile = [
            json!(null),
            json!(0),
            json!(-1),
            json!(1.5),
            json!(u64::MAX),
            json!(1u64 << 47),
            json!(""),
            json!("../../bystander"),
            json!("/"),
            json!("\u{1b}[2J\u{202e}`</pre>\n# x"),
            json!("sc"),
            json!([]),
            json!([[0, u64::MAX]]),
            json!({}),
            json!({"../x": "../x"}),
            json!(true),
        ];
        *value = hostile[random.below(hostile.len())].clone();
        return;
    }
    let at = random.below(parts);
    match value {
        Value::Array(items) => match random.below(12) {
            0 => drop(items.remove(at)),
            1 => items.push(items[at].clone()),
            _ => mutate(&mut items[at], random),
        },
        Value::Object(map) => {
            let key = map.keys().nth(at).expect("there is one").clone();
            match random.below(24) {
                0 => drop(map.remove(&key)),
                1 => {
                    let copy = map[&key].clone();
                    map.insert(format!("../{key}"), copy);
                }
                _ => mutate(&mut map[&key], random),
            }
        }
        _ => {}
    }
}

#[test]
fn mutated_states_harm_nothing() {
    let tree = Tree::new("mutated");
    let before = tree.surroundings();
    let (sound, mut random) = (sound(), Random(5));
    let (mut accepted, mut used) = (0, 0);
    for _ in 0..10_000 {
        let mut state = sound.clone();
        for _ in 0..=random.below(3) {
            mutate(&mut state, &mut random);
        }
        if State::from_slice(state.to_string().as_bytes(), Machine::Mmm).is_err() {
            continue;
        }
        accepted += 1;
        if accepted % 4 == 0 {
            tree.put(&state);
            // Whatever comes of it, it comes without a panic.
            used += usize::from(tree.merge().and_then(|()| tree.resume()).is_ok());
            let _ = fs::remove_dir_all(tree.output());
        }
    }
    assert_eq!(tree.surroundings(), before);
    assert!(
        accepted > 200 && used > 40,
        "{accepted} accepted, {used} used"
    );
}
