//! Makes text of programs, engines and files safe to show: nothing in it is invisible, and nothing
//! in it controls a terminal or is taken for markup.
//!
//! Every report sends such text through this module.

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text that is shown as it is.
    Plain(&'a str),
    /// A character that is invisible or changes how its surroundings are shown.
    Hidden(char),
    /// A byte that is not part of UTF-8.
    Byte(u8),
}

/// Splits bytes into pieces. Newlines and tabs are plain.
pub fn pieces(bytes: &[u8]) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    for chunk in bytes.utf8_chunks() {
        let mut rest = chunk.valid();
        while let Some(at) = rest.find(is_hidden) {
            let (plain, from) = rest.split_at(at);
            if !plain.is_empty() {
                out.push(Piece::Plain(plain));
            }
            let mut chars = from.chars();
            out.extend(chars.next().map(Piece::Hidden));
            rest = chars.as_str();
        }
        if !rest.is_empty() {
            out.push(Piece::Plain(rest));
        }
        out.extend(chunk.invalid().iter().map(|&byte| Piece::Byte(byte)));
    }
    out
}

/// Returns true for control characters, for format characters of Unicode (the bidirectional marks
/// among them), and for code points that are not characters.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e0fff}')
        || c.is_control() && !matches!(c, '\n' | '\t')
}

impl Piece<'_> {
    /// Returns the piece as visible text: a hidden character or a byte as an escape.
    pub fn escaped(&self) -> String {
        match self {
            Piece::Plain(text) => (*text).to_owned(),
            Piece::Hidden('\r') => "\\r".to_owned(),
            Piece::Hidden(c) => format!("\\u{{{:x}}}", u32::from(*c)),
            Piece::Byte(byte) => format!("\\x{byte:02x}"),
        }
    }
}

/// Returns bytes as text in which everything is visible. Newlines and tabs stay as they are.
///
/// ```
/// use conformance::report::visible::visible;
/// assert_eq!(visible(b"a\x1b[2J\xff\n"), "a\\u{1b}[2J\\xff\n");
/// ```
pub fn visible(bytes: &[u8]) -> String {
    pieces(bytes).iter().map(Piece::escaped).collect()
}

/// Returns text as one line in which everything is visible.
///
/// ```
/// use conformance::report::visible::line;
/// assert_eq!(line("two\nlines\x07"), "two\\nlines\\u{7}");
/// ```
pub fn line(text: &str) -> String {
    visible(text.as_bytes())
        .replace('\n', "\\n")
        .replace('\t', "\\t")
}

/// Returns JSON with each hidden character as an escape of JSON. Nothing else changes, because such
/// characters occur only within strings.
pub(super) fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match is_hidden(c) {
            false => out.push(c),
            true => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    out
}

/// Returns the first bytes, cut between characters, and the number of bytes that are left out.
pub fn cut(bytes: &[u8], max: usize) -> (&[u8], usize) {
    if bytes.len() <= max {
        return (bytes, 0);
    }
    let continues = |at: &usize| bytes[*at] & 0xc0 == 0x80;
    let mut back = (max.saturating_sub(3)..=max).rev();
    let end = back.find(|at| !continues(at)).unwrap_or(max);
    (&bytes[..end], bytes.len() - end)
}

/// Returns text for an element or a quoted attribute of HTML or XML: visible and without markup.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text.as_bytes()) {
        push_escaped(&mut out, &piece.escaped());
    }
    out
}

/// Adds text with its markup escaped.
pub fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

/// Returns text for a paragraph or a heading of Markdown: one visible line without markup.
pub(super) fn markdown(text: &str) -> String {
    let mut out = String::new();
    let text = line(text);
    let mut chars = text.chars().peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        // An underscore within a word is no markup.
        let is_within =
            before.is_alphanumeric() && chars.peek().is_some_and(|c| c.is_alphanumeric());
        if "\\`*[]<>&#|!~$".contains(c) || (c == '_' && !is_within) {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    out
}

/// Returns text as a code span of Markdown.
pub(super) fn markdown_code(text: &str) -> String {
    let text = line(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // A span that begins or ends with a backtick or a blank needs a blank, which is not shown.
    let is_bare = |c: char| c != '`' && c != ' ';
    match text.starts_with(is_bare) && text.ends_with(is_bare) {
        true => format!("{fence}{text}{fence}"),
        false => format!("{fence} {text} {fence}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(visible(bytes), expected);
    }

    #[test]
    fn everything_is_visible() {
        check(b"plain\ttext\n", "plain\ttext\n");
        check(b"\0\x07\x1b\x7f\r\n", "\\u{0}\\u{7}\\u{1b}\\u{7f}\\r\n");
        check("a\u{202e}b\u{feff}".as_bytes(), "a\\u{202e}b\\u{feff}");
        check("\u{85}é\u{fffe}".as_bytes(), "\\u{85}é\\u{fffe}");
        check(b"\xe2\x82 \xff", "\\xe2\\x82 \\xff");
    }

    #[test]
    fn a_cut_is_between_characters() {
        assert_eq!(cut(b"abc", 3), (&b"abc"[..], 0));
        assert_eq!(cut(b"abcd", 3), (&b"abc"[..], 1));
        assert_eq!(cut("aé".as_bytes(), 2), (&b"a"[..], 2));
        assert_eq!(cut(&[0x80; 9], 6).0.len(), 6);
        assert_eq!(cut(b"abcd", 0), (&b""[..], 4));
    }

    #[test]
    fn no_markup_is_left() {
        let hostile = "</script><img src=x onerror='alert(1)'>&\"\u{0}";
        let safe = escaped(hostile);
        assert!(!safe.contains(['<', '>', '"', '\'', '\0']), "{safe}");
    }

    #[test]
    fn markdown_is_one_line_of_text() {
        assert_eq!(markdown("# a\n<b>"), "\\# a\\\\n\\<b\\>");
        assert_eq!(markdown("_a_ b_c"), "\\_a\\_ b_c");
        assert_eq!(markdown_code("a"), "`a`");
        assert_eq!(markdown_code("a``b"), "```a``b```");
        assert_eq!(markdown_code("`\n"), "`` `\\n ``");
        assert_eq!(markdown_code(""), "`  `");
    }

    #[test]
    fn json_keeps_its_meaning() {
        let text = serde_json::to_string("a\u{1b}\u{202e}\u{9b}\u{e0001}é").expect("a string");
        let safe = json(&text);
        assert!(!safe.contains(is_hidden), "{safe}");
        let (old, new): (String, String) = (
            serde_json::from_str(&text).expect("JSON"),
            serde_json::from_str(&safe).expect("JSON"),
        );
        assert_eq!(old, new);
    }
}
