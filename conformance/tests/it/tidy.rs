//! What keeps the house as it is drawn: who may know whom, no overlong function, every clause
//! shown by a case, every case recorded.

use conformance::case::Case;
use conformance::corpus;
use conformance::engine::Ending;
use conformance::machine::Machine;
use conformance::record::recorded;
use conformance::spec::{self, Shown};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .expect("the repository is there")
}

/// Name (relative to the repository) and text of each Rust source in `folder`.
fn sources(folder: &str) -> Vec<(String, String)> {
    let root = root();
    let files = WalkDir::new(root.join(folder))
        .sort_by_file_name()
        .into_iter();
    files
        .map(|entry| entry.expect("a source can be reached"))
        .filter(|entry| {
            entry
                .path()
                .extension()
                .is_some_and(|ending| ending == "rs")
        })
        .map(|entry| {
            let name = entry
                .path()
                .strip_prefix(&root)
                .expect("it lies below")
                .to_string_lossy();
            (
                name.replace('\\', "/"),
                fs::read_to_string(entry.path()).expect("a source can be read"),
            )
        })
        .collect()
}

#[track_caller]
fn assert_none(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// Files (a path, or the beginning of one that ends in `/`), words that may not stand there, and
/// files of theirs that are excepted.
const FORBIDDEN: &[(&[&str], &[&str], &[&str])] = &[
    // The world is reached through a host only.
    (
        &["vm/base/src/", "vm/mmm/src/", "vm/sc/src/", "vm/py/src/"],
        &[
            "std::fs",
            "std::env",
            "std::time",
            "std::process",
            "std::net",
        ],
        &["vm/base/src/host.rs"],
    ),
    // Rooms of a machine.
    (
        &["vm/mmm/src/parse.rs"],
        &[
            "super::run",
            "super::check",
            "super::value",
            "super::program",
            "Host",
        ],
        &[],
    ),
    (
        &["vm/mmm/src/print.rs"],
        &["super::run", "super::value", "super::check", "Host"],
        &[],
    ),
    (&["vm/mmm/src/check.rs"], &["super::run", "Host"], &[]),
    (&["vm/mmm/src/value.rs"], &["super::insn", "Host"], &[]),
    (
        &["vm/mmm/src/run.rs", "vm/mmm/src/ops/"],
        &["parse::", "print::", "check::"],
        &[],
    ),
    (
        &["vm/mmm/src/insn.rs"],
        &["super::run", "super::parse", "super::check", "super::print"],
        &[],
    ),
    (
        &["vm/sc/src/parse/"],
        &[
            "super::run",
            "super::check",
            "super::fast",
            "super::quick",
            "Host",
        ],
        &[],
    ),
    (
        &["vm/sc/src/decode.rs"],
        &["super::run", "super::check", "super::value", "Host"],
        &[],
    ),
    (
        &["vm/sc/src/print.rs"],
        &["super::run", "super::value", "super::check", "Host"],
        &[],
    ),
    (
        &["vm/sc/src/check.rs"],
        &["super::run", "super::compile", "Host"],
        &[],
    ),
    (
        &["vm/sc/src/insn.rs"],
        &["super::run", "super::parse", "super::check", "super::print"],
        &[],
    ),
    (
        &[
            "vm/py/src/insn.rs",
            "vm/py/src/object.rs",
            "vm/py/src/marshal/",
            "vm/py/src/wordcode.rs",
            "vm/py/src/lines.rs",
        ],
        &["check::", "text::", "macros::", "program::", "Host"],
        &[],
    ),
    (
        &["vm/py/src/check/"],
        &["marshal::", "macros::", "program::", "Host"],
        &[],
    ),
    (
        &["vm/py/src/text/"],
        &["check::", "macros::", "program::", "Host"],
        &[],
    ),
    // Data and judgement know no engines.
    (
        &[
            "conformance/case/src/",
            "conformance/src/compare.rs",
            "conformance/src/report/",
        ],
        &["crate::engines", "crate::reference", "vm::mmm", "vm::sc"],
        &[],
    ),
    // One door to the machines.
    (
        &["conformance/src/"],
        &[
            "vm::mmm::load",
            "vm::mmm::run",
            "vm::sc::load",
            "vm::sc::run",
            "vm::py::load",
        ],
        &["conformance/src/engines/load.rs"],
    ),
    (
        &["conformance/src/main.rs"],
        &["vm::", "generate::", "reference::", "campaign::"],
        &[],
    ),
];

#[test]
fn nobody_imports_what_they_may_not_know() {
    let all: Vec<_> = sources("vm")
        .into_iter()
        .chain(sources("conformance"))
        .collect();
    let mut problems = Vec::new();
    for (files, words, excepted) in FORBIDDEN {
        let within = |name: &str, place: &str| {
            name == place || place.ends_with('/') && name.starts_with(place)
        };
        let mut met = false;
        for (name, text) in &all {
            if !files.iter().any(|place| within(name, place)) || excepted.contains(&&**name) {
                continue;
            }
            met = true;
            for (number, line) in code_lines(text) {
                for word in words.iter().filter(|word| names(line, word)) {
                    problems.push(format!("{name}:{number}: may not know {word}"));
                }
            }
        }
        if !met {
            problems.push(format!("a rule about no file: {files:?}"));
        }
    }
    assert_none(&problems);
}

/// Whether `word` stands in a line, and not as the end of a longer name.
fn names(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !part(before) && (word.ends_with("::") || !part(after))
    })
}

/// The lines that are neither comments nor tests, with their numbers.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
    let code = lines.take_while(|(_, line)| *line != "#[cfg(test)]");
    code.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

#[test]
fn no_function_is_over_100_lines_long() {
    let mut problems = Vec::new();
    for folder in ["vm", "conformance", "snapshots", "fuzz"] {
        for (name, text) in sources(folder) {
            let mut open: Option<(usize, String)> = None;
            for (number, line) in text.lines().enumerate() {
                let indent = &line[..line.len() - line.trim_start().len()];
                let begins = line.split_whitespace().take(6).any(|word| word == "fn");
                if open.is_none()
                    && begins
                    && !line.trim_start().starts_with("//")
                    && !line.ends_with(['}', ';'])
                {
                    open = Some((number, format!("{indent}}}")));
                } else if let Some((start, _)) = open.take_if(|(_, end)| line == end)
                    && number - start >= 100
                {
                    let lines = number - start + 1;
                    problems.push(format!("{name}:{}: {lines} lines", start + 1));
                }
            }
        }
    }
    assert_none(&problems);
}

fn cases() -> Vec<Case> {
    corpus::read(&root().join("conformance/corpus"))
        .unwrap_or_else(|problems| panic!("{}", problems.join("\n")))
}

/// What was recorded, by the case's name.
fn snapshots() -> BTreeMap<String, String> {
    let folder = root().join("snapshots");
    let files = WalkDir::new(&folder)
        .into_iter()
        .map(|entry| entry.expect("a snapshot can be reached"));
    files
        .filter(|entry| {
            entry
                .path()
                .extension()
                .is_some_and(|ending| ending == "snap")
        })
        .map(|entry| {
            let name = entry
                .path()
                .strip_prefix(&folder)
                .expect("it lies below")
                .with_extension("");
            let text = fs::read_to_string(entry.path()).expect("a snapshot can be read");
            (
                name.to_string_lossy().replace('\\', "/"),
                snapshots::body(&text).to_owned(),
            )
        })
        .collect()
}

#[test]
fn every_case_has_an_outcome_and_every_outcome_a_case() {
    let cases: BTreeSet<String> = cases().into_iter().map(|case| case.name).collect();
    let outcomes: BTreeSet<String> = snapshots().into_keys().collect();
    let mut problems = Vec::new();
    problems.extend(
        cases
            .difference(&outcomes)
            .map(|name| format!("{name}: no outcome is recorded")),
    );
    problems.extend(
        outcomes
            .difference(&cases)
            .map(|name| format!("snapshots/{name}.snap: of no case")),
    );
    assert_none(&problems);
}

#[test]
fn every_clause_is_shown_and_every_case_shows_a_clause() {
    let cases = cases();
    let outcomes = snapshots();
    let mut problems = Vec::new();
    for machine in Machine::ALL {
        let clauses =
            spec::clauses(machine).unwrap_or_else(|problems| panic!("{}", problems.join("\n")));
        let mine: Vec<&Case> = cases
            .iter()
            .filter(|case| case.machine == machine)
            .collect();
        for case in &mine {
            if case.header.clauses().next().is_none() {
                problems.push(format!("{}: names no clause", case.name));
            }
            for id in case
                .header
                .clauses()
                .filter(|id| !clauses.iter().any(|clause| clause.id == *id))
            {
                problems.push(format!("{}: there is no clause {id}", case.name));
            }
            let seen = outcomes.get(&case.name).and_then(|text| recorded(text));
            if seen.is_some_and(|seen| seen.ending == Ending::Returned)
                && !case.header.breaks.is_empty()
            {
                problems.push(format!("{}: breaks a clause and returns", case.name));
            }
        }
        for clause in &clauses {
            let holds = mine
                .iter()
                .any(|case| case.header.holds.contains(&clause.id));
            let breaks = mine
                .iter()
                .any(|case| case.header.breaks.contains(&clause.id));
            let (wants_holds, wants_breaks) = match clause.shown {
                Shown::Both => (true, true),
                Shown::HoldsOnly => (true, false),
                Shown::BreaksOnly => (false, true),
                Shown::Not(_) => (false, false),
            };
            if (wants_holds && !holds) || (wants_breaks && !breaks) {
                problems.push(format!(
                    "{}: shown to hold: {holds}, broken: {breaks}",
                    clause.id
                ));
            }
        }
    }
    assert_none(&problems);
}

#[test]
fn the_specification_has_the_instruction_table_of_the_code() {
    let mut table = String::from(
        "| instruction | operand | needs | stack | faults | clauses |\n|---|---|---|---|---|---|\n",
    );
    for info in &vm::mmm::insn::TABLE {
        let faults: Vec<String> = info
            .faults
            .iter()
            .map(|fault| format!("`{fault}`"))
            .collect();
        let operand = match info.operand_form() {
            "" => String::new(),
            form => format!("`{}`", form.replace('|', "\\|")),
        };
        let _ = writeln!(
            table,
            "| `{}` | {operand} | {} | {} | {} | `{}.…` |",
            info.mnemonic,
            info.needs,
            info.effect,
            faults.join(" "),
            info.clause,
        );
    }
    check_table(Machine::Mmm, "instructions", &table);
    for info in &vm::mmm::insn::TABLE {
        let prefix = format!("{}.", info.clause);
        let clauses = spec::clauses(Machine::Mmm).unwrap_or_default();
        assert!(
            clauses.iter().any(|clause| clause.id.starts_with(&prefix)),
            "no clause {prefix}…"
        );
    }
}

/// Cells of a table of the `.Sc.` machine, and a check that its clauses are there.
fn sc_cells(row: &vm::sc::insn::Row) -> String {
    let bytes: Vec<String> = row.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let fields: Vec<&str> = row.fields.iter().map(|field| field.name).collect();
    let prefix = format!("{}.", row.clause);
    let clauses = spec::clauses(Machine::Sc).unwrap_or_default();
    assert!(
        clauses.iter().any(|clause| clause.id.starts_with(&prefix)),
        "no clause {prefix}…"
    );
    format!(
        "| {} | `{}` | {} | {} | {} | `{prefix}…` |\n",
        row.name,
        bytes.join(" "),
        fields.join(", "),
        if row.extension { "yes" } else { "" },
        row.doc,
    )
}

#[test]
fn the_specification_has_the_tables_of_the_sc_code() {
    use vm::sc::insn::{CONSTANTS, INSNS, OPERATORS, PUSHES};
    let head = |first: &str| {
        let dashes = "|---|---|---|---|---|---|";
        format!("| {first} | bytes | fields | extension | what it does | clauses |\n{dashes}\n")
    };
    let table = |first: &str, rows: &mut dyn Iterator<Item = &vm::sc::insn::Row>| {
        head(first) + &rows.map(sc_cells).collect::<String>()
    };
    let instructions = table("instruction", &mut INSNS.iter());
    check_table(Machine::Sc, "instructions", &instructions);
    let operators = OPERATORS.iter().map(|entry| &entry.row);
    let ast = table("ast instruction", &mut PUSHES.iter().chain(operators));
    check_table(Machine::Sc, "ast", &ast);
    let mut constants =
        String::from("| constant | tag | what follows | clauses |\n|---|---|---|---|\n");
    for row in &CONSTANTS {
        let tag = row.bytes[0];
        let _ = writeln!(
            constants,
            "| {} | `{tag:02x}` | {} | `{}.…` |",
            row.name, row.doc, row.clause
        );
    }
    check_table(Machine::Sc, "constants", &constants);
}

/// How many items an instruction takes or leaves, by its argument `n`.
fn items(count: fn(u64) -> u64) -> String {
    let [none, one, two, three, four] = [0, 1, 2, 3, 4].map(count);
    let linear = three + one == 2 * two && none + two == 2 * one && four + two == 2 * three;
    match (linear, none, one.wrapping_sub(none)) {
        (false, ..) => "by n".to_owned(),
        (true, none, 0) => none.to_string(),
        (true, 0, 1) => "n".to_owned(),
        (true, 0, slope) => format!("{slope}n"),
        (true, none, 1) => format!("n + {none}"),
        (true, none, slope) => format!("{slope}n + {none}"),
    }
}

#[test]
fn the_specification_has_the_opcode_table_of_the_code() {
    use vm::py::insn::{Arg, Block, Branch, TABLE};
    let mut table = String::from(
        "| number | instruction | argument | takes | leaves | if it jumps | blocks | clauses |\n|---|---|---|---|---|---|---|---|\n",
    );
    let clauses = spec::clauses(Machine::Py).unwrap_or_default();
    for row in &TABLE {
        let prefix = format!("{}.", row.op.clause());
        assert!(
            clauses.iter().any(|clause| clause.id.starts_with(&prefix)),
            "no clause {prefix}…"
        );
        let argument = match row.arg {
            Arg::None => String::new(),
            arg => format!("{arg:?}"),
        };
        let jumps = match row.branch {
            Branch::None => String::new(),
            Branch::Jumps => "always".to_owned(),
            Branch::Ends => "ends".to_owned(),
            Branch::MayJump { pops, pushes } => format!("{pops} → {pushes}"),
            Branch::Handler { pops, pushes } => format!("handler {pops} → {pushes}"),
        };
        let blocks = match row.block {
            Block::None => "",
            Block::Push => "opens one",
            Block::Pop => "closes one",
            Block::PopHandler => "closes a handler's",
        };
        let _ = writeln!(
            table,
            "| {} | `{}` | {argument} | {} | {} | {jumps} | {blocks} | `{prefix}…` |",
            row.op as u8,
            row.mnemonic,
            items(row.pops),
            items(row.pushes),
        );
    }
    check_table(Machine::Py, "instructions", &table);
}

/// Checks, or with `UPDATE_TABLES` set renews, a table between its marks in a specification.
fn check_table(machine: Machine, mark: &str, table: &str) {
    let path = root().join(format!("conformance/spec/{machine}.md"));
    let text = fs::read_to_string(&path).expect("the specification can be read");
    let (open, close) = (format!("<!-- {mark} -->\n"), format!("<!-- /{mark} -->"));
    let (before, rest) = text.split_once(&open).expect("the table's mark is there");
    let (found, after) = rest.split_once(&close).expect("the table's end is there");
    if std::env::var_os("UPDATE_TABLES").is_some() {
        fs::write(&path, format!("{before}{open}{table}{close}{after}"))
            .expect("it can be written");
        return;
    }
    assert_eq!(
        found, table,
        "run again with UPDATE_TABLES=1 and look at what changed"
    );
}

#[test]
fn the_fuzz_dictionaries_have_every_instruction() {
    let words = vm::mmm::insn::TABLE.iter().map(|info| info.example());
    let words = words.chain([
        "function main".to_owned(),
        "end".to_owned(),
        "#! file lib.mmm".to_owned(),
    ]);
    let dictionary: String = words
        .map(|word| format!("\"{}\\x0a\"\n", word.replace('"', "\\\"")))
        .collect();
    check_file("fuzz/mmm.dict", &dictionary);
    check_file("fuzz/sc.dict", &sc_dictionary());
    let words: String = vm::py::text::line_words()
        .map(|word| format!("\"{word} \"\n"))
        .collect();
    check_file("fuzz/py.dict", &words);
}

/// What a binary file is made of, by its bytes, and what its text form is made of.
fn sc_dictionary() -> String {
    use vm::sc::insn::{CONSTANTS, INSNS, MAGIC, OPERATORS, PUSHES, SECTION_END};
    let entry = |bytes: &[u8]| {
        let escaped: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
        format!("\"{escaped}\"\n")
    };
    let operators = OPERATORS.iter().map(|operator| &operator.row);
    let rows = INSNS.iter().chain(&PUSHES).chain(operators);
    let rows = rows.chain(&CONSTANTS).map(|row| row.bytes);
    let mut binary: BTreeSet<Vec<u8>> = rows.map(<[u8]>::to_vec).collect();
    binary.insert(MAGIC.to_vec());
    binary.insert(SECTION_END.to_vec());
    // Small counts and indices, and the least and the largest Int.
    binary
        .extend([1_u64, 4, 5, i64::MAX as u64, i64::MIN as u64].map(|n| n.to_le_bytes().to_vec()));
    let symbols = OPERATORS.iter().map(|operator| operator.symbol);
    let lines = [
        "pass\n",
        "for i = 0 to 3\n",
        "while ",
        "end\n",
        "proceed\n",
        "stop\n",
        "goto ",
        "label ",
        "nil",
        "true",
        "print(",
        "str(",
        "len(",
        "type(",
        "int(",
        "float(",
        " = ",
    ];
    let text: BTreeSet<Vec<u8>> = symbols
        .chain(lines)
        .map(|word| word.as_bytes().to_vec())
        .collect();
    binary
        .iter()
        .chain(&text)
        .map(|bytes| entry(bytes))
        .collect()
}

/// Checks, or with `UPDATE_TABLES` set renews, a file that is made of a table of the code.
fn check_file(name: &str, text: &str) {
    let path = root().join(name);
    if std::env::var_os("UPDATE_TABLES").is_some() {
        fs::write(&path, text).expect("it can be written");
        return;
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        found, text,
        "{name}: run again with UPDATE_TABLES=1 and look at what changed"
    );
}
