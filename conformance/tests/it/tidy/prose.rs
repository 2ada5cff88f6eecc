//! Comments, documents, help and messages are in plain English: idioms that readers stumbled over
//! do not come back.

use super::lex::{Kind, tokens};
use super::{files, read};
use std::collections::BTreeMap;

/// An idiom, and what to write instead. `*` stands for any one word.
const IDIOMS: &[(&str, &str)] = &[
    ("behind the", "after the"),
    ("behind it", "after it"),
    ("behind a", "after a"),
    ("behind its", "after its"),
    ("is told", "is reported"),
    ("are told", "are reported"),
    ("was told", "was reported"),
    ("be told", "be reported"),
    ("tells of", "reports"),
    ("tell of", "report"),
    ("come to nothing", "have no result"),
    ("comes to nothing", "has no result"),
    ("comes to this", "results in this"),
    ("come to that", "result in that"),
    ("what it comes to", "its result"),
    ("what they come to", "their results"),
    ("so many", "the name of the number"),
    ("so long", "the name of the time"),
    ("somebody", "a person, or say who"),
    ("nobody", "no one, or say what is missing"),
    ("whom", "an engine is 'it'"),
    ("whoever", "say who or what"),
    ("stands in", "is in"),
    ("stand in", "are in"),
    ("stands for itself", "is itself"),
    ("stands at", "is at"),
    ("stands there", "is there"),
    ("stands behind", "is after"),
    ("stands before", "is before"),
    ("that is to say what", "which"),
    ("is no error", "is not an error"),
    ("is no *", "is not a …"),
    ("are no *", "are not …"),
    ("as it likes", "as it needs"),
];

/// Phrases with an idiom in them that are plain English all the same.
const PLAIN: &[&str] = &[
    "is no longer",
    "are no longer",
    "is no more than",
    "are no more than",
    "is no larger than",
    "is no wider than",
    "is no less than",
    "is no deeper than",
    "there is no",
    "there are no",
    "if there is no",
    "stands in for",
    "so long as",
    "so many that",
];

/// How many there may be. To be lowered until it is 0, never raised.
const MAX_IDIOMS: usize = 626;

#[test]
fn prose_is_in_plain_english() {
    let mut problems = Vec::new();
    for (file, text) in texts() {
        for (line, prose) in prose(&file, &text) {
            for (idiom, better) in idioms(&prose) {
                problems.push(format!("{file}:{line}: '{idiom}': {better}"));
            }
        }
    }
    let mut files: BTreeMap<&str, usize> = BTreeMap::new();
    for problem in &problems {
        let file = problem.split(':').next().unwrap_or_default();
        *files.entry(file).or_default() += 1;
    }
    assert!(
        problems.len() <= MAX_IDIOMS,
        "\n{}\n\n{} idioms, of {MAX_IDIOMS} allowed, in: {files:#?}\n",
        problems.join("\n"),
        problems.len()
    );
}

/// Returns the files that people read, with their text.
fn texts() -> Vec<(String, String)> {
    let mut names = Vec::new();
    for ending in [".rs", ".md", ".toml", ".py", ".sh", ".yml"] {
        names.extend(files("", ending));
    }
    names.extend(files(".ci", ""));
    names.extend(files(".github", ".yml"));
    names.extend(files(".clusterfuzzlite", ""));
    names.extend(files(".cargo", ".toml"));
    // Programs and what was recorded of them, and this list.
    let data = [
        "conformance/corpus/",
        "snapshots/",
        "/tests/data/",
        "tidy/prose.rs",
    ];
    names.retain(|name| {
        !data.iter().any(|part| name.contains(part)) || name.ends_with("snapshots/src/lib.rs")
    });
    let texts = names.into_iter();
    texts
        .map(|name| (read(&name), name))
        .map(|(text, name)| (name, text))
        .collect()
}

/// Returns paragraphs of prose, each with the line that it begins on: the comments and strings of a
/// source file, everything in others.
fn prose(file: &str, text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    if !file.ends_with(".rs") {
        let lines = text.lines().enumerate();
        let trimmed =
            lines.map(|(at, line)| (at + 1, line.trim_start_matches(['#', ' ', '>', '-'])));
        let mut open = false;
        for (line, text) in trimmed {
            match found.last_mut().filter(|_| open) {
                Some((_, paragraph)) => *paragraph += &format!(" {text}"),
                None => found.push((line, text.to_owned())),
            }
            open = !text.is_empty();
        }
        return found;
    }
    let mut last = 0;
    for token in tokens(text) {
        match token.kind {
            Kind::Comment => {
                let text = token.text.trim_start_matches(['/', '!', '*']);
                match found.last_mut().filter(|_| last + 1 == token.line) {
                    Some((_, paragraph)) => *paragraph += text,
                    None => found.push((token.line, text.to_owned())),
                }
                last = token.line;
            }
            Kind::Text => {
                found.push((
                    token.line,
                    token.text.replace("\\n", " ").replace('\\', " "),
                ));
                last = 0;
            }
            Kind::Word | Kind::Mark => last = 0,
        }
    }
    found
}

/// Returns the idioms in a paragraph, and what to write instead.
fn idioms(prose: &str) -> Vec<(&'static str, &'static str)> {
    let words: Vec<String> = prose
        .split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '_' || c == '.'))
        .map(|word| word.trim_matches(['.', '\'']).to_lowercase())
        .filter(|word| !word.is_empty())
        .collect();
    let begins = |at: usize, phrase: &str| {
        let mut words = words.iter().skip(at);
        phrase
            .split(' ')
            .all(|part| words.next().is_some_and(|word| part == "*" || part == word))
    };
    let is_plain = |at: usize| {
        let near = at.saturating_sub(3)..=at;
        near.into_iter().any(|start| {
            let mut plain = PLAIN.iter();
            plain.any(|phrase| begins(start, phrase) && start + phrase.split(' ').count() > at)
        })
    };
    let mut found = Vec::new();
    for at in 0..words.len() {
        let idiom = IDIOMS.iter().find(|(idiom, _)| begins(at, idiom));
        found.extend(idiom.filter(|_| !is_plain(at)));
    }
    found
}

#[track_caller]
fn check_idioms(prose: &str, expected: &[&str]) {
    let found: Vec<&str> = idioms(prose).into_iter().map(|(idiom, _)| idiom).collect();
    assert_eq!(found, expected, "{prose}");
}

#[test]
fn idioms_are_found_in_prose_and_not_in_plain_english() {
    check_idioms(
        "The line behind\nthe end; it is told at once.",
        &["behind the", "is told"],
    );
    check_idioms("A path is no file.", &["is no *"]);
    check_idioms("There is no file, and it is no longer needed.", &[]);
    check_idioms("So many", &["so many"]);
    check_idioms("so many that it", &[]);
    let source = "/// It stands\n/// behind x.\nfn a() { b(\"is told\\n\") }";
    let found = prose("a.rs", source);
    let found: Vec<usize> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(found, [1, 3]);
}
