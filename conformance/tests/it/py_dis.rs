//! Listings of Python's bytecode as tools see them.

use crate::common::Folder;
use serde_json::Value;
use vm::py::object::Pool;
use vm::py::{literal, repr::repr};

const PYC: &[u8] = include_bytes!("../../../vm/py/text/tests/data/listing/features.pyc");
const LISTING: &str = include_str!("../../../vm/py/text/tests/data/listing/features.txt");
const FIELDS: &str = include_str!("../../../vm/py/text/tests/data/listing/features.json");

fn folder() -> Folder {
    let folder = Folder::of(&[("x.mmm", "function main\nend\n")]);
    folder.put("a.pyc", PYC);
    folder
}

fn json() -> Value {
    serde_json::from_str(&folder().run("dis --json a.pyc").out).unwrap()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().unwrap()
}

#[test]
fn json_has_the_fields_that_python_has() {
    let found = json();
    assert_eq!(found["header"]["kind"], "timestamp");
    let recorded: Vec<Value> = serde_json::from_str(FIELDS).unwrap();
    let objects = list(&found, "objects");
    assert_eq!(objects.len(), recorded.len());
    for (object, expected) in objects.iter().zip(&recorded) {
        for (key, value) in expected.as_object().unwrap() {
            if key != "consts" {
                assert_eq!(&object[key], value, "{key}");
            }
        }
        let consts = list(object, "consts");
        for (constant, expected) in consts.iter().zip(list(expected, "consts")) {
            let shown = constant["literal"].as_str().map(|text| {
                let mut pool = Pool::new();
                let id = literal::parse(&mut pool, text).unwrap();
                repr(&pool, id)
            });
            assert_eq!(shown.as_deref(), expected.as_str());
            assert_eq!(shown.is_none(), constant["object"].is_u64());
        }
    }
}

#[test]
fn json_has_the_instructions_that_python_lists() {
    let found = json();
    let mut objects = list(&found, "objects").iter();
    let mut expected = LISTING.lines().filter(|line| !line.is_empty());
    let mut instructions = Vec::new().into_iter();
    let mut line = 0;
    let mut starts = 0;
    for listed in expected.by_ref() {
        if listed.starts_with("Disassembly of") || line == 0 {
            assert_eq!(instructions.next(), None::<Value>);
            instructions = list(objects.next().unwrap(), "instructions")
                .to_vec()
                .into_iter();
            starts = 0;
        }
        if listed.starts_with("Disassembly of") {
            line = 1;
            continue;
        }
        let (number, rest) = listed.split_at(3);
        line = number.trim().parse().unwrap_or(line);
        let (is_target, rest) = match rest.trim_start().strip_prefix(">>") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let mut words = rest.split_whitespace();
        let offset: u64 = words.next().unwrap().parse().unwrap();
        let name = words.next().unwrap();
        let arg: Option<u64> = words.next().and_then(|word| word.parse().ok());
        if name == "EXTENDED_ARG" {
            starts += 1;
            continue;
        }
        let insn = instructions.next().unwrap();
        assert_eq!(insn["offset"], offset - 2 * starts, "{listed}");
        assert_eq!(insn["line"], line, "{listed}");
        assert_eq!(insn["op"], name, "{listed}");
        assert_eq!(insn["arg"].as_u64(), arg, "{listed}");
        assert_eq!(insn["extended"].as_u64().unwrap_or(0), starts, "{listed}");
        assert_eq!(
            insn["target"].as_bool().unwrap_or(false),
            is_target,
            "{listed}"
        );
        if let Some((_, meaning)) = rest.split_once('(') {
            let meaning = meaning.strip_suffix(')').unwrap();
            let keys = ["name", "local", "cell", "operator"];
            let known = keys.iter().find_map(|&key| insn[key].as_str());
            if let Some(known) = known {
                assert_eq!(known, meaning, "{listed}");
            }
            if let Some(target) = meaning.strip_prefix("to ") {
                assert_eq!(insn["to"].as_u64(), target.parse().ok(), "{listed}");
            }
        }
        starts = 0;
    }
    assert_eq!(objects.next(), None);
}

#[test]
fn listings_are_of_python_s_files() {
    let folder = folder();
    let seen = folder.run("dis --like-python a.pyc");
    assert_eq!(seen.out.lines().count(), LISTING.lines().count());
    assert_eq!(seen.out.lines().next(), LISTING.lines().next());
    let refused = "'x.mmm' is no bytecode of Python's";
    folder.run("dis --like-python x.mmm").is(2, "", refused);
    folder.run("macro trace x.mmm -o y.pyc").is(2, "", refused);
    folder
        .run("dis --json x.pyc")
        .is(2, "", "there is no file 'x.pyc'");
    folder.run("dis --json a.pyc -o a.json").is(0, "", "");
    folder
        .run("dis --json --like-python a.pyc")
        .is(2, "", "cannot be used with");
}

#[test]
fn a_macro_is_listed_explained_and_applied() {
    let folder = folder();
    let list = folder.run("macro --list").out;
    assert!(list.contains("goto") && list.contains("unused"), "{list}");
    let about = folder.run("macro c-for").out;
    assert!(about.contains("mmm macro c-for FILE -o FILE"), "{about}");
    folder
        .run("macro tracee a.pyc")
        .is(2, "", "did you mean 'trace'?");
    folder
        .run("macro trace a.pyc")
        .is(2, "", "name it: -o FILE");
    folder
        .run("macro trace a.pyc -o b.pyc --set x=1")
        .is(2, "", "takes no --set");
    folder
        .run("macro const a.pyc -o b.pyc --set x=(")
        .is(2, "", "the '(' is not closed");
    folder
        .run("macro trace a.pyc -o b.pyc")
        .is(0, "", "trace: 6 places changed");
    folder
        .run("macro trace a.pyc -o b.cpyasm")
        .is(0, "", "trace: 6 places changed");
    folder.run("asm b.cpyasm -o c.pyc").is(0, "", "");
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert_eq!(read("b.pyc"), read("c.pyc"));
    let unused = folder.run("macro unused a.pyc").out;
    assert!(unused.contains("variable first in function"), "{unused}");
}
