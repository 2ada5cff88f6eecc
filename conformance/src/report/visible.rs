//! Somebody else's bytes in a document of ours: cut to a length, and nothing in them unseen.

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// As it is.
    Plain(&'a str),
    /// A character that would not be seen, or would play with what stands around it.
    Hidden(char),
    /// A byte that is not of UTF-8.
    Byte(u8),
}

/// Takes bytes apart. Newlines and tabs are plain.
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

/// Control characters, those of Unicode that only format or turn the writing's direction, and
/// those that are no characters.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e0fff}')
        || c.is_control() && !matches!(c, '\n' | '\t')
}

impl Piece<'_> {
    /// How a hidden character or a byte is written.
    pub fn escaped(&self) -> String {
        match self {
            Piece::Plain(text) => (*text).to_owned(),
            Piece::Hidden('\r') => "\\r".to_owned(),
            Piece::Hidden(c) => format!("\\u{{{:x}}}", u32::from(*c)),
            Piece::Byte(byte) => format!("\\x{byte:02x}"),
        }
    }
}

/// Bytes as text in which everything is seen.
///
/// ```
/// use conformance::report::visible::visible;
/// assert_eq!(visible(b"a\x1b[2J\xff\n"), "a\\u{1b}[2J\\xff\n");
/// ```
pub fn visible(bytes: &[u8]) -> String {
    pieces(bytes).iter().map(Piece::escaped).collect()
}

/// The first bytes, cut between characters, and how many are left out.
pub fn cut(bytes: &[u8], most: usize) -> (&[u8], usize) {
    if bytes.len() <= most {
        return (bytes, 0);
    }
    let continues = |at: &usize| bytes[*at] & 0xc0 == 0x80;
    let mut back = (most.saturating_sub(3)..=most).rev();
    let end = back.find(|at| !continues(at)).unwrap_or(most);
    (&bytes[..end], bytes.len() - end)
}

/// Text for an element or a quoted attribute of HTML or XML: without markup, with nothing unseen.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], seen: &str) {
        assert_eq!(visible(bytes), seen);
    }

    #[test]
    fn nothing_stays_unseen() {
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
}
