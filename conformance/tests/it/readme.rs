//! README.md is true: its commands exist, and what it shows is what is printed.

use crate::common::{Folder, MMM};
use std::ffi::OsString;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

const README: &str = include_str!("../../../README.md");

/// What its commands make.
const MADE: [&str; 2] = [
    "conformance/corpus/mmm/bin_op/hello.mmm",
    "fuzz/corpus/mmm_diff",
];

/// What is quoted and is no command.
const SAID: &str = "mmm and reference agree";

/// The top of the checkout.
fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A fenced block: its language, where it stands, what it holds.
struct Block {
    language: &'static str,
    line: usize,
    text: &'static str,
    /// It stands directly behind the block before it.
    joined: bool,
}

fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    let (mut at, mut joined) = (0, false);
    while let Some(open) = README[at..].find("```") {
        let start = at + open;
        joined &= README[at..start].trim().is_empty();
        let (language, rest) = README[start + 3..].split_once('\n').unwrap();
        let end = rest.find("```").expect("a block is closed");
        blocks.push(Block {
            language,
            line: README[..start].lines().count() + 1,
            text: &rest[..end],
            joined,
        });
        at = README.len() - rest.len() + end + 3;
        joined = true;
    }
    blocks
}

/// The text without its fenced blocks, in which `code` stands.
fn prose() -> String {
    let odd = README.split("```").enumerate();
    odd.filter(|(i, _)| i % 2 == 0)
        .map(|(_, text)| text)
        .collect()
}

/// What stands between single backticks.
fn inline() -> Vec<String> {
    let prose = prose();
    let odd = prose.split('`').enumerate().filter(|(i, _)| i % 2 == 1);
    odd.map(|(_, code)| code.replace('\n', " ")).collect()
}

/// The lines of shell in the README, with the line number of their block: no comments, no prompt,
/// and what a here-document holds is left out.
fn shell() -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    for block in blocks() {
        let mut here = None;
        for line in block.text.lines() {
            let line = match block.language {
                "sh" => line,
                "console" => line.strip_prefix("$ ").unwrap_or(""),
                _ => "",
            };
            if here.is_none() {
                let code = line.split(" #").next().unwrap_or("").trim();
                lines.push((block.line, code.to_owned()));
            }
            match line.split_once("<<'") {
                Some((_, end)) => here = end.strip_suffix('\''),
                None if here == Some(line) => here = None,
                None => {}
            }
        }
    }
    let inline = inline().into_iter().filter(|code| !code.starts_with(SAID));
    lines.extend(inline.map(|code| (0, code)));
    lines
}

/// The commands of a program in a piece of shell: at its start, behind `&&`, `;` or a quote.
fn calls(shell: &str, program: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in shell.split("&& ").flat_map(|part| part.split("; ")) {
        let part = part.trim();
        // `parallel 'mmm fuzz …' ::: 0 1 2`
        let part = match part.split_once(&format!("'{program} ")) {
            Some((_, rest)) => format!("{program} {}", rest.split('\'').next().unwrap_or("")),
            None => part.to_owned(),
        };
        // Settings of the environment stand in front.
        let words = part.split(' ').skip_while(|word| word.contains('='));
        let words: Vec<&str> = words.collect();
        if words.first() == Some(&program) {
            let end = words.iter().position(|word| ["|", "||"].contains(word));
            found.push(words[..end.unwrap_or(words.len())].join(" "));
        }
    }
    found
}

/// What stands for something else in a command, made into one such thing.
fn filled(command: &str) -> String {
    let command = command.replace("{}/8", "1/8").replace("I/N", "1/2");
    command
        .replace("$JOB_COMPLETION_INDEX", "0")
        .replace('…', "x")
}

/// The command of the Job, whose lines YAML folds into one.
fn job() -> String {
    let yaml = blocks()
        .into_iter()
        .find(|block| block.language == "yaml")
        .unwrap()
        .text;
    let (_, rest) = yaml.split_once("- mmm ").unwrap();
    let (command, _) = rest.split_once("||").unwrap();
    let words: Vec<&str> = command.split_whitespace().collect();
    format!("mmm {}", words.join(" "))
}

#[test]
fn every_command_of_mmm_has_these_flags() {
    let mut commands = vec![(0, job())];
    for (line, shell) in shell() {
        commands.extend(calls(&shell, "mmm").into_iter().map(|call| (line, call)));
    }
    assert!(
        commands.len() > 40,
        "{} commands were found",
        commands.len()
    );
    for (line, command) in commands {
        let words = shell_words::split(&filled(&command)).unwrap();
        // Help is shown where all in front of it is understood, and nothing is done.
        let asked = match words.get(1).map(String::as_str) {
            Some("help") => Command::new(MMM).arg("help").output(),
            _ => Command::new(MMM).args(&words[1..]).arg("--help").output(),
        };
        let said = String::from_utf8_lossy(&asked.as_ref().unwrap().stderr).into_owned();
        assert!(
            asked.unwrap().status.success(),
            "README.md:{line}: {command}\n{said}"
        );
    }
}

/// The word behind a flag.
fn behind<'a>(words: &[&'a str], flags: &[&str]) -> Option<&'a str> {
    let at = words.iter().position(|word| flags.contains(word))?;
    words.get(at + 1).copied()
}

#[test]
fn every_command_of_cargo_names_what_is_there() {
    let mut seen = 0;
    for (line, shell) in shell() {
        for call in calls(&shell, "cargo") {
            let words: Vec<&str> = call.split(' ').collect();
            let package = behind(&words, &["-p", "--package", "--path"]);
            let mut packages = vec!["vm", "conformance"];
            packages.retain(|name| package.is_none_or(|package| package == *name));
            let mut wanted = Vec::new();
            for (flag, folder) in [
                ("--test", "tests"),
                ("--bench", "benches"),
                ("--example", "examples"),
            ] {
                wanted.extend(behind(&words, &[flag]).map(|name| (folder, name)));
            }
            for (folder, name) in wanted {
                let file =
                    |package: &&str| top().join(format!("{package}/{folder}/{name}.rs")).exists();
                assert!(
                    packages.iter().any(file),
                    "README.md:{line}: {call}: no {folder}/{name}.rs"
                );
                seen += 1;
            }
            if let Some(target) = behind(&words, &["run"]).filter(|_| words.contains(&"fuzz")) {
                let file = format!("fuzz/fuzz_targets/{target}.rs");
                assert!(
                    top().join(&file).exists(),
                    "README.md:{line}: {call}: no {file}"
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 10, "{seen} were found");
}

#[test]
fn every_file_that_is_named_is_there() {
    let prose = prose();
    let links = prose
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let mut paths: Vec<&str> = links.filter(|link| !link.contains("://")).collect();
    let code = inline()
        .into_iter()
        .chain(shell().into_iter().map(|(_, shell)| shell));
    let code: Vec<String> = code.collect();
    let words = code.iter().flat_map(|code| code.split([' ', '\'', '=']));
    let ours = [
        "conformance/",
        "vm/",
        "fuzz/",
        ".clusterfuzzlite/",
        ".github/",
        ".cargo/",
        ".ci/",
    ];
    paths.extend(words.filter(|word| ours.iter().any(|folder| word.starts_with(folder))));
    assert!(paths.len() > 20, "{paths:?}");
    paths.retain(|path| !MADE.contains(path));
    for path in paths {
        assert!(top().join(path).exists(), "README.md names {path}");
    }
}

/// Is what is shown what is printed? One line `…` stands for any lines.
fn shows(shown: &str, printed: &str) -> bool {
    match shown.split_once("…\n") {
        None => shown == printed,
        Some((head, tail)) => {
            let rest = printed.strip_prefix(head);
            rest.is_some_and(|rest| rest.ends_with(tail))
        }
    }
}

/// What prints seconds, which are others each time.
const TIMED: &str = "mmm teeth";

/// Runs a piece of shell as the README's reader does, with the program on the path.
fn said(folder: &Folder, shell: &str) -> String {
    let bin = Path::new(MMM).parent().unwrap();
    let mut path = OsString::from(bin);
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("exec 2>&1\n{shell}\n:")])
        .current_dir(folder.path());
    let output = command.env("PATH", path).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    // Where a machine keeps cores, the shell says so.
    said.replace(" (core dumped)", "")
}

#[test]
fn what_is_shown_is_what_is_printed() {
    let python = Command::new("python3.9").arg("--version").output();
    let python = python.is_ok_and(|said| said.status.success());
    if !python {
        println!("what needs python3.9 is skipped: there is none");
    }
    let folder = Folder::of(&[]);
    symlink(top().join("conformance"), folder.path().join("conformance")).unwrap();
    let blocks = blocks();
    // Without Python a file may be missing that later commands are about.
    let (mut missing, mut compared) = (false, 0);
    for (i, block) in blocks.iter().enumerate() {
        let next = blocks.get(i + 1).filter(|next| next.joined);
        let sessions = match (block.language, next.map(|next| next.language)) {
            ("sh", Some("text")) if !block.text.contains(TIMED) => {
                vec![(block.text.to_owned(), next.unwrap().text.to_owned())]
            }
            // It writes the file that the next sessions are about.
            ("sh", _) if block.text.starts_with("cat > ") => {
                vec![(block.text.to_owned(), String::new())]
            }
            ("console", _) => console(block.text),
            _ => Vec::new(),
        };
        for (shell, shown) in sessions {
            missing &= block.language != "sh";
            if missing || (shell.contains("python3.9") && !python) {
                missing |= block.language == "sh";
                continue;
            }
            let printed = said(&folder, &shell);
            let line = block.line;
            assert!(
                shows(&shown, &printed),
                "README.md:{line}:\n{shell}\nprints\n{printed}"
            );
            compared += 1;
        }
    }
    assert!(compared >= 6, "{compared} were compared");
}

/// The commands of a session, each with what is shown below it.
fn console(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("$ "), found.last_mut()) {
            (Some(command), _) => found.push((command.to_owned(), String::new())),
            (None, Some((_, shown))) => *shown += &format!("{line}\n"),
            (None, None) => panic!("a session begins with a command: {line}"),
        }
    }
    found
}

#[test]
fn dots_stand_for_any_lines() {
    assert!(shows("a\nb\n", "a\nb\n"));
    assert!(!shows("a\n", "a\nb\n"));
    assert!(shows("a\n…\n", "a\nb\n"));
    assert!(shows("a\n…\nc\n", "a\nb\nb\nc\n"));
    assert!(!shows("a\n…\nc\n", "a\nc\nd\n"));
}
