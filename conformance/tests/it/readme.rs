//! README.md and the guide are true: the commands, flags and files that they name exist, and the
//! output that they show is what the commands print.

use crate::common::{Folder, MMM};
use std::ffi::OsString;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use walkdir::WalkDir;

/// Files that the commands of the pages create.
const CREATED: [&str; 2] = [
    "conformance/corpus/mmm/bin_op/hello.mmm",
    "fuzz/corpus/mmm_diff",
];

/// Output in backticks that begins as a command does.
const OUTPUT: &str = "mmm and reference agree";

/// The folder of the repository.
fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A page of documentation.
struct Page {
    /// Its path in the repository.
    name: String,
    text: String,
}

/// A fenced block of code.
struct Block<'a> {
    language: &'a str,
    line: usize,
    text: &'a str,
    /// It follows the block before it directly.
    joined: bool,
}

/// Returns README.md and the pages of the guide.
fn pages() -> Vec<Page> {
    let mut names = vec!["README.md".to_owned()];
    let guide = WalkDir::new(top().join("conformance/guide/src")).sort_by_file_name();
    for entry in guide.into_iter().filter_map(Result::ok) {
        let name = entry
            .path()
            .strip_prefix(top())
            .expect("it is in the repository");
        let name = name.to_string_lossy().into_owned();
        if name.ends_with(".md") {
            names.push(name);
        }
    }
    let page = |name: String| Page {
        text: std::fs::read_to_string(top().join(&name)).expect("a page can be read"),
        name,
    };
    names.into_iter().map(page).collect()
}

impl Page {
    fn blocks(&self) -> Vec<Block<'_>> {
        let text = &self.text;
        let mut blocks = Vec::new();
        let (mut at, mut joined) = (0, false);
        while let Some(open) = text[at..].find("```") {
            let start = at + open;
            joined &= text[at..start].trim().is_empty();
            let (language, rest) = text[start + 3..].split_once('\n').unwrap();
            let end = rest.find("```").expect("a block is closed");
            blocks.push(Block {
                language,
                line: text[..start].lines().count() + 1,
                text: &rest[..end],
                joined,
            });
            at = text.len() - rest.len() + end + 3;
            joined = true;
        }
        blocks
    }

    /// Returns the text without its fenced blocks.
    fn prose(&self) -> String {
        let parts = self.text.split("```").enumerate();
        let prose = parts.filter(|(at, _)| at % 2 == 0);
        prose.map(|(_, text)| text).collect()
    }

    /// Returns the code between single backticks.
    fn inline(&self) -> Vec<String> {
        let prose = self.prose();
        let code = prose.split('`').enumerate().filter(|(at, _)| at % 2 == 1);
        code.map(|(_, code)| code.replace('\n', " ")).collect()
    }

    /// Returns the lines of shell, each with the line of its block: without comments, prompts and
    /// here-documents.
    fn shell(&self) -> Vec<(usize, String)> {
        let mut lines = Vec::new();
        for block in self.blocks() {
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
        let inline = self.inline().into_iter();
        let inline = inline.filter(|code| !code.starts_with(OUTPUT));
        lines.extend(inline.map(|code| (0, code)));
        lines
    }
}

/// Returns the calls of a program in a line of shell: at its start, and after `&&`, `;` or a quote.
fn calls(shell: &str, program: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in shell.split("&& ").flat_map(|part| part.split("; ")) {
        let part = part.trim();
        // `parallel 'mmm fuzz …' ::: 0 1 2`
        let part = match part.split_once(&format!("'{program} ")) {
            Some((_, rest)) => format!("{program} {}", rest.split('\'').next().unwrap_or("")),
            None => part.to_owned(),
        };
        // Variables of the environment come first.
        let words = part.split(' ').skip_while(|word| word.contains('='));
        let words: Vec<&str> = words.collect();
        if words.first() == Some(&program) {
            let end = words.iter().position(|word| ["|", "||"].contains(word));
            found.push(words[..end.unwrap_or(words.len())].join(" "));
        }
    }
    found
}

/// Replaces placeholders in a command by values.
fn filled(command: &str) -> String {
    let command = command.replace("{}/8", "1/8").replace("I/N", "1/2");
    command
        .replace("$JOB_COMPLETION_INDEX", "0")
        .replace("${{ github.run_id }}", "1")
        .replace('…', "x")
}

/// Returns the commands of `mmm` in YAML, which folds their lines into one.
fn yaml_commands(page: &Page) -> Vec<(usize, String)> {
    let blocks = page.blocks().into_iter();
    let yaml = blocks.filter(|block| block.language == "yaml");
    yaml.filter_map(|block| {
        let (_, rest) = block.text.split_once("- mmm ")?;
        let (command, _) = rest.split_once("||").unwrap_or((rest, ""));
        let words: Vec<&str> = command.split_whitespace().collect();
        Some((block.line, format!("mmm {}", words.join(" "))))
    })
    .collect()
}

#[test]
fn every_command_of_mmm_has_these_flags() {
    let mut count = 0;
    for page in pages() {
        let mut commands = yaml_commands(&page);
        for (line, shell) in page.shell() {
            commands.extend(calls(&shell, "mmm").into_iter().map(|call| (line, call)));
        }
        count += commands.len();
        for (line, command) in commands {
            let words = shell_words::split(&filled(&command)).unwrap();
            // With --help, the program parses its flags and does nothing else.
            let output = match words.get(1).map(String::as_str) {
                Some("help") => Command::new(MMM).arg("help").output(),
                _ => {
                    // What follows `--` belongs to the program that is run.
                    let own = words.iter().take_while(|word| *word != "--").skip(1);
                    Command::new(MMM).args(own).arg("--help").output()
                }
            };
            let output = output.unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            let name = &page.name;
            assert!(
                output.status.success(),
                "{name}:{line}: {command}\n{stderr}"
            );
        }
    }
    assert!(count > 40, "only {count} commands were found");
}

/// Returns the word after a flag.
fn value<'a>(words: &[&'a str], flags: &[&str]) -> Option<&'a str> {
    let at = words.iter().position(|word| flags.contains(word))?;
    words.get(at + 1).copied()
}

/// Returns the folders of the packages by that name; of all packages if there is no name.
fn package_folders(package: Option<&str>) -> Vec<PathBuf> {
    let manifest = |entry: walkdir::DirEntry| {
        let text = std::fs::read_to_string(entry.path()).ok()?;
        let is_named = |name: &str| text.contains(&format!("[package]\nname = \"{name}\"\n"));
        let found = entry.file_name() == "Cargo.toml" && package.is_none_or(is_named);
        found.then(|| entry.path().parent().unwrap().to_owned())
    };
    let all = WalkDir::new(top()).max_depth(4).into_iter();
    let all =
        all.filter_entry(|entry| entry.file_name() != "target" && entry.file_name() != ".git");
    all.filter_map(Result::ok).filter_map(manifest).collect()
}

#[test]
fn every_command_of_cargo_names_a_target_that_exists() {
    let mut count = 0;
    for page in pages() {
        for (line, shell) in page.shell() {
            for call in calls(&shell, "cargo") {
                let place = format!("{}:{line}: {call}", page.name);
                let words: Vec<&str> = call.split(' ').collect();
                let package = value(&words, &["-p", "--package"]);
                let folders = package_folders(package);
                assert!(!folders.is_empty(), "{place}: there is no such package");
                let kinds = [
                    ("--test", "tests"),
                    ("--bench", "benches"),
                    ("--example", "examples"),
                ];
                for (flag, folder) in kinds {
                    let Some(name) = value(&words, &[flag]) else {
                        continue;
                    };
                    let files = [
                        format!("{folder}/{name}.rs"),
                        format!("{folder}/{name}/main.rs"),
                    ];
                    let mut all = folders
                        .iter()
                        .flat_map(|at| files.iter().map(|file| at.join(file)));
                    assert!(
                        all.any(|file| file.exists()),
                        "{place}: there is no {}",
                        files[0]
                    );
                    count += 1;
                }
                if let Some(target) = value(&words, &["run"]).filter(|_| words.contains(&"fuzz")) {
                    let file = format!("fuzz/fuzz_targets/{target}.rs");
                    assert!(top().join(&file).exists(), "{place}: there is no {file}");
                    count += 1;
                }
            }
        }
    }
    assert!(count >= 10, "only {count} targets were found");
}

#[test]
fn every_file_that_is_named_exists() {
    let ours = [
        "conformance/",
        "vm/",
        "fuzz/",
        "snapshots/",
        ".clusterfuzzlite/",
        ".github/",
        ".cargo/",
        ".ci/",
    ];
    let mut count = 0;
    for page in pages() {
        let folder = top().join(&page.name);
        let folder = folder.parent().unwrap();
        let prose = page.prose();
        let links = prose.split("](").skip(1);
        let links = links.filter_map(|rest| rest.split([')', '#']).next());
        let links = links.filter(|link| !link.contains("://") && !link.is_empty());
        let mut paths: Vec<PathBuf> = links.map(|link| folder.join(link)).collect();
        let shell = page.shell().into_iter().map(|(_, shell)| shell);
        for code in page.inline().into_iter().chain(shell) {
            let words = code.split([' ', '\'', '=']);
            let words = words.filter(|word| ours.iter().any(|folder| word.starts_with(folder)));
            let words = words.filter(|word| {
                !CREATED.contains(word) && !word.contains(['*', '…']) && !word.contains("MACHINE")
            });
            paths.extend(words.map(|word| top().join(word)));
        }
        count += paths.len();
        for path in paths {
            let name = &page.name;
            assert!(
                path.exists(),
                "{name} names {}, which does not exist",
                path.display()
            );
        }
    }
    assert!(count > 20, "only {count} paths were found");
}

/// Returns true if the output that a page shows is the output. One line `…` matches any lines.
fn shows(shown: &str, printed: &str) -> bool {
    match shown.split_once("…\n") {
        None => shown == printed,
        Some((head, tail)) => {
            let rest = printed.strip_prefix(head);
            rest.is_some_and(|rest| rest.ends_with(tail))
        }
    }
}

/// A command whose output contains times.
const TIMED: &str = "mmm teeth";

/// Runs shell code in a folder as a reader of the page does, with `mmm` on the path; returns the
/// output.
fn output(folder: &Folder, shell: &str) -> String {
    let bin = Path::new(MMM).parent().unwrap();
    let mut path = OsString::from(bin);
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("exec 2>&1\n{shell}\n:")])
        .current_dir(folder.path());
    let output = command.env("PATH", path).output().unwrap();
    let output = String::from_utf8_lossy(&output.stdout);
    // The shell adds this if core dumps are enabled.
    output.replace(" (core dumped)", "")
}

#[test]
fn the_output_that_is_shown_is_printed() {
    let python = Command::new("python3.9").arg("--version").output();
    let python = python.is_ok_and(|output| output.status.success());
    if !python {
        println!("python3.9 is not installed: its sessions are skipped");
    }
    let compared: usize = pages()
        .iter()
        .map(|page| check_sessions(page, python))
        .sum();
    assert!(compared >= 6, "only {compared} sessions were compared");
}

/// Runs the sessions of a page; returns how many were compared.
fn check_sessions(page: &Page, python: bool) -> usize {
    let folder = Folder::of(&[]);
    symlink(top().join("conformance"), folder.path().join("conformance")).unwrap();
    let blocks = page.blocks();
    // Without Python, a file that later commands need may be missing.
    let (mut missing, mut compared) = (false, 0);
    for (i, block) in blocks.iter().enumerate() {
        let next = blocks.get(i + 1).filter(|next| next.joined);
        let sessions = match (block.language, next.map(|next| next.language)) {
            ("sh", Some("text")) if !block.text.contains(TIMED) => {
                vec![(block.text.to_owned(), next.unwrap().text.to_owned())]
            }
            // It writes a file for the next sessions.
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
            let printed = output(&folder, &shell);
            let (name, line) = (&page.name, block.line);
            assert!(
                shows(&shown, &printed),
                "{name}:{line}:\n{shell}\nprints\n{printed}"
            );
            compared += 1;
        }
    }
    compared
}

/// Returns the commands of a session, each with the output below it.
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
fn an_ellipsis_matches_any_lines() {
    assert!(shows("a\nb\n", "a\nb\n"));
    assert!(!shows("a\n", "a\nb\n"));
    assert!(shows("a\n…\n", "a\nb\n"));
    assert!(shows("a\n…\nc\n", "a\nb\nb\nc\n"));
    assert!(!shows("a\n…\nc\n", "a\nc\nd\n"));
}
