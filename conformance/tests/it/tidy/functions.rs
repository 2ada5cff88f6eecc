//! No function is long.

use super::lex::{Kind, Token, tokens};
use super::{assert_none, files, read};

/// The most lines of a function, from its name to its closing brace.
const MAX_LINES: usize = 100;

#[test]
fn no_function_has_more_than_100_lines() {
    let mut problems = Vec::new();
    for file in files("", ".rs") {
        for (name, line, lines) in functions(&read(&file)) {
            if lines > MAX_LINES {
                problems.push(format!("{file}:{line}: {name} has {lines} lines"));
            }
        }
    }
    assert_none(&problems);
}

/// Returns each function's name, the line it begins on, and how many lines it has.
fn functions(source: &str) -> Vec<(String, usize, usize)> {
    let tokens = tokens(source).into_iter();
    let code: Vec<Token> = tokens.filter(|token| token.kind != Kind::Comment).collect();
    let mut found = Vec::new();
    for (at, pair) in code.windows(2).enumerate() {
        let [keyword, name] = pair else { continue };
        if keyword.is("fn") && name.kind == Kind::Word {
            let lines = lines(&code[at..]);
            found.push((name.text.to_owned(), keyword.line, lines));
        }
    }
    found
}

/// Returns how many lines there are up to the end of the function that begins here.
fn lines(code: &[Token]) -> usize {
    let (mut depth, start) = (0_usize, code[0].line);
    for token in code.iter().filter(|token| token.kind == Kind::Mark) {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" => depth -= 1,
            "}" => {
                depth -= 1;
                if depth == 0 {
                    return token.line - start + 1;
                }
            }
            ";" if depth == 0 => return token.line - start + 1,
            _ => {}
        }
    }
    1
}

#[test]
fn the_lines_of_a_function_are_counted() {
    let source = "fn a() {}\ntrait T {\n    fn b(&self, x: [u8; 2])\n    ;\n}\nfn c() {\n    // }\n    let d = \"}\";\n}\n";
    let expected = [("a", 1, 1), ("b", 3, 2), ("c", 6, 4)]
        .map(|(name, line, lines)| (name.to_owned(), line, lines));
    assert_eq!(functions(source), expected);
}
