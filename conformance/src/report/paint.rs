//! Colours of a terminal, and numbers and lines as people read them.

use vm::base::ColorChoice;

/// Adds colours to text, or none.
#[derive(Clone, Copy, Debug)]
pub struct Paint(pub ColorChoice);

impl Paint {
    /// Returns text in the colour of a good result.
    pub fn good(self, text: &str) -> String {
        self.with("32", text)
    }

    /// Returns text in the colour of a bad result.
    pub fn bad(self, text: &str) -> String {
        self.with("1;31", text)
    }

    /// Returns text of less importance.
    pub fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    /// Returns a heading.
    pub fn strong(self, text: &str) -> String {
        self.with("1", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        match self.0 {
            ColorChoice::Never => text.to_owned(),
            ColorChoice::Always => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }
}

/// Returns a number with its digits in groups: `1 234 567`.
///
/// ```
/// assert_eq!(conformance::report::paint::grouped(1234567), "1 234 567");
/// assert_eq!(conformance::report::paint::grouped(999), "999");
/// ```
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// Returns a number with a noun: `1 case`, `2 cases`.
pub fn counted(number: usize, thing: &str) -> String {
    match number {
        1 => format!("1 {thing}"),
        _ => format!("{} {thing}s", grouped(number as u64)),
    }
}

/// Breaks text at its blanks into lines of at most `width` characters, where that is possible.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
