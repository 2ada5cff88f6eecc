//! Comments, documents, help and messages are in plain English: idioms that readers stumbled over
//! do not come back.

use super::lex::{Kind, tokens};
use super::{files, read};
use std::collections::BTreeMap;

/// An idiom, and what to write instead. `*` stands for any one word.
const IDIOMS: &[(&str, &str)] = &[
    ("behind the", "after the"),
    ("behind it", "after it"),
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
    ("stands at", "is at"),
    ("stands there", "is there"),
    ("stands behind", "is after"),
    ("stands before", "is before"),
    ("that is to say what", "which"),
    ("is no *", "is not a …"),
    ("are no *", "are not …"),
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
        problems.is_empty(),
        "\n{}\n\n{} idioms in: {files:#?}\n",
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
    // Programs, recorded results, and pages that list the idioms.
    let data = [
        "conformance/corpus/",
        "snapshots/",
        "/tests/data/",
        "tidy/prose.rs",
        "CONTRIBUTING.md",
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
            // A single word is data.
            Kind::Text if !token.text.contains(' ') => last = 0,
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
    // A punctuation mark is a word of its own: no phrase goes across it.
    let mut spaced = String::new();
    for c in prose.to_lowercase().chars() {
        match c {
            ',' | ';' | ':' | '(' | ')' | '|' => spaced += " | ",
            _ if c.is_alphanumeric() || "'_.#".contains(c) => spaced.push(c),
            _ => spaced.push(' '),
        }
    }
    let words = spaced.split_whitespace();
    let words: Vec<&str> = words.map(|word| word.trim_matches(['.', '\''])).collect();
    let begins = |at: usize, phrase: &str| {
        let mut words = words.iter().skip(at);
        phrase.split(' ').all(|part| {
            words
                .next()
                .is_some_and(|word| part == *word || part == "*" && *word != "|")
        })
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
    check_idioms("It prints as it is: no quotes. That is, no escapes.", &[]);
    check_idioms("There is no file, and it is no longer needed.", &[]);
    check_idioms("So many", &["so many"]);
    check_idioms("so many that it", &[]);
    let source = "/// It stands\n/// behind x.\nfn a() { b(\"it is told\\n\") }";
    let found = prose("a.rs", source);
    let found: Vec<usize> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(found, [1, 3]);
}
