//! A lexer for Rust, as far as the tests of this folder need one: words, punctuation, strings and
//! comments, each with its line.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word or a number.
    Word,
    /// `::`, or one character of punctuation.
    Mark,
    /// A string, byte string or character, with its quotes.
    Text,
    /// A comment, with its slashes.
    Comment,
}

/// A token of a source file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    /// The line that it begins on, from 1.
    pub(super) line: usize,
}

impl Token<'_> {
    /// Returns true for that word or that punctuation; never for a string or a comment.
    pub(super) fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Word | Kind::Mark) && self.text == text
    }
}

/// Splits a source file into tokens.
pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(first) = source[at..].chars().next() {
        let rest = &source[at..];
        let (kind, length) = match first {
            _ if first.is_whitespace() => (None, first.len_utf8()),
            '/' if rest.starts_with("//") => {
                (Some(Kind::Comment), rest.find('\n').unwrap_or(rest.len()))
            }
            '/' if rest.starts_with("/*") => (Some(Kind::Comment), block_comment(rest)),
            '"' => (Some(Kind::Text), quoted(rest, '"')),
            '\'' => match character(rest) {
                Some(length) => (Some(Kind::Text), length),
                // A lifetime.
                None => (Some(Kind::Mark), 1),
            },
            ':' if rest.starts_with("::") => (Some(Kind::Mark), 2),
            _ if is_part(first) => match prefixed_string(rest) {
                Some(length) => (Some(Kind::Text), length),
                None => (Some(Kind::Word), word(rest)),
            },
            _ => (Some(Kind::Mark), first.len_utf8()),
        };
        let text = &rest[..length];
        if let Some(kind) = kind {
            tokens.push(Token { kind, text, line });
        }
        line += text.matches('\n').count();
        at += length;
    }
    tokens
}

fn is_part(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn word(rest: &str) -> usize {
    rest.find(|c| !is_part(c)).unwrap_or(rest.len())
}

/// Returns the length of a string up to its closing quote; a backslash escapes one character.
fn quoted(rest: &str, quote: char) -> usize {
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Returns the length of a character literal; `None` for a lifetime.
fn character(rest: &str) -> Option<usize> {
    let mut chars = rest.char_indices().skip(1);
    match (chars.next()?.1, chars.next()?) {
        ('\\', _) => Some(quoted(rest, '\'')),
        (_, (at, '\'')) => Some(at + 1),
        _ => None,
    }
}

/// Returns the length of a string that begins with a prefix: `b"…"`, `r#"…"#`, `b'x'` and the like.
fn prefixed_string(rest: &str) -> Option<usize> {
    let prefixes = ["br", "cr", "r", "b", "c"];
    let prefix = prefixes.into_iter().find(|prefix| {
        let after = rest.strip_prefix(prefix).unwrap_or("");
        after.starts_with(['"', '\'']) || after.trim_start_matches('#').starts_with('"')
    })?;
    let body = &rest[prefix.len()..];
    let hashes = body.len() - body.trim_start_matches('#').len();
    let length = match (prefix.ends_with('r'), hashes) {
        (true, _) if body[hashes..].starts_with('"') => {
            let close = format!("\"{}", "#".repeat(hashes));
            let inner = &body[hashes + 1..];
            let end = inner.find(&close).map(|at| at + close.len());
            hashes + 1 + end.unwrap_or(inner.len())
        }
        (false, 0) if body.starts_with('"') => quoted(body, '"'),
        (false, 0) if prefix == "b" => character(body)?,
        _ => return None,
    };
    Some(prefix.len() + length)
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        let here = &rest[at..];
        if here.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if here.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

#[track_caller]
fn check_tokens(source: &str, expected: &[(Kind, &str)]) {
    let found: Vec<_> = tokens(source)
        .iter()
        .map(|token| (token.kind, token.text))
        .collect();
    assert_eq!(found, expected, "{source}");
}

#[test]
fn tokens_are_words_marks_strings_and_comments() {
    use Kind::{Comment, Mark, Text, Word};
    check_tokens(
        "a::b // c\n'x' '\\'' 'static",
        &[
            (Word, "a"),
            (Mark, "::"),
            (Word, "b"),
            (Comment, "// c"),
            (Text, "'x'"),
            (Text, "'\\''"),
            (Mark, "'"),
            (Word, "static"),
        ],
    );
    check_tokens(
        r##""a\"b" r#"c"d"# b"e" b'f' rest /* g /* h */ i */"##,
        &[
            (Text, r#""a\"b""#),
            (Text, r##"r#"c"d"#"##),
            (Text, "b\"e\""),
            (Text, "b'f'"),
            (Word, "rest"),
            (Comment, "/* g /* h */ i */"),
        ],
    );
    let lines: Vec<usize> = tokens("a\n\"\n\"\nb")
        .iter()
        .map(|token| token.line)
        .collect();
    assert_eq!(lines, [1, 2, 4]);
}
