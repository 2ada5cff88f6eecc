//! Expressions, held to what CPython 3.9 finds with them.
//!
//! `tests/record.py` records; `EXPRESSIONS=FILE cargo test -p mmm-vm-py-sre` checks another file of
//! the same form.

use vm_py_sre::{Limits, Match, Mode, Program, Request, RunError};

const LIMITS: Limits = Limits {
    steps: 1_000_000,
    frames: 100_000,
};

fn numbers<N: std::str::FromStr>(text: &str) -> Vec<N> {
    let words = text.split_whitespace();
    words.filter_map(|word| word.parse().ok()).collect()
}

fn shown(program: &Program, found: Option<&Match>) -> String {
    let Some(found) = found else {
        return "-".to_owned();
    };
    let mut out = String::new();
    for group in 0..=program.groups() as usize {
        match found.group(group) {
            Some(range) => out.push_str(&format!("{},{} ", range.start, range.end)),
            None => out.push_str("-1,-1 "),
        }
    }
    out + &found.last_index.unwrap_or(0).to_string()
}

/// Returns all matches, as `finditer` goes through them.
fn find_all(program: &Program, text: &[u32], mut request: Request) -> Result<String, RunError> {
    let mut all = Vec::new();
    request.range.start = request.range.start.min(text.len());
    request.range.end = request.range.end.min(text.len());
    while request.range.start <= request.range.end {
        let Some(found) = program.run(text, &request, &mut LIMITS.clone())? else {
            break;
        };
        request.must_advance = found.end == found.start;
        request.range.start = found.end;
        all.push(shown(program, Some(&found)));
    }
    Ok(all.join(";"))
}

#[test]
fn expressions_match_as_those_of_cpython() {
    let recorded = match std::env::var("EXPRESSIONS") {
        Ok(file) => std::fs::read_to_string(file).expect("the file of EXPRESSIONS"),
        Err(_) => include_str!("../data/recorded.txt").to_owned(),
    };
    let mut wrong = Vec::new();
    for line in recorded.lines() {
        let parts: Vec<&str> = line.split('\t').collect();
        let [_, code, groups, text, operation, range, expected] = parts[..] else {
            panic!("a line has seven parts: {line}");
        };
        let program = Program::new(numbers(code), groups.parse().expect("a number"));
        let text: Vec<u32> = numbers(text);
        let range: Vec<usize> = numbers(range);
        let mode = match operation {
            "match" => Mode::Match,
            "fullmatch" => Mode::Fullmatch,
            _ => Mode::Search,
        };
        let mut request = Request::new(mode, text.len());
        request.range = range[0]..range[1];
        let found = match operation {
            "finditer" => find_all(&program, &text, request),
            _ => program
                .run(&text[..], &request, &mut LIMITS.clone())
                .map(|found| shown(&program, found.as_ref())),
        };
        let found = found.unwrap_or_else(|error| error.to_string());
        if found != expected {
            wrong.push(format!("{line}\n  found {found}"));
        }
    }
    let first: Vec<&str> = wrong.iter().take(10).map(String::as_str).collect();
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        first.join("\n")
    );
}

#[track_caller]
fn check_error(code: &[u32], expected: RunError) {
    let program = Program::new(code.to_vec(), 1);
    let text: &[u8] = b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    let request = Request::new(Mode::Search, text.len());
    let mut limits = Limits {
        steps: 10_000,
        frames: 50,
    };
    assert_eq!(program.run(text, &request, &mut limits), Err(expected));
}

#[test]
fn malformed_code_is_an_error() {
    check_error(&[], RunError::InvalidCode);
    check_error(&[99], RunError::InvalidCode);
    check_error(&[17], RunError::InvalidCode);
    check_error(&[18, 7, 1], RunError::InvalidCode);
    check_error(&[19, 1], RunError::InvalidCode);
    check_error(&[14, 3, 11, 200, 0], RunError::InvalidCode);
    check_error(&[16, u32::MAX], RunError::InvalidCode);
}

#[test]
fn work_and_depth_are_limited() {
    // (a*)*b
    let code = [
        15,
        4,
        0,
        1,
        u32::MAX,
        24,
        14,
        0,
        u32::MAX,
        18,
        0,
        25,
        6,
        0,
        u32::MAX,
        17,
        97,
        1,
        18,
        1,
        19,
        17,
        98,
        1,
    ];
    check_error(&code, RunError::OutOfSteps);
    // (?:a|bc)*d keeps a choice open for each character.
    let code = [
        15,
        4,
        0,
        1,
        u32::MAX,
        24,
        17,
        0,
        u32::MAX,
        7,
        5,
        17,
        97,
        16,
        9,
        7,
        17,
        98,
        17,
        99,
        16,
        2,
        0,
        19,
        17,
        100,
        1,
    ];
    check_error(&code, RunError::OutOfFrames);
}
