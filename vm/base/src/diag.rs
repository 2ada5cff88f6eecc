//! Diagnostics: what is wrong, where, and what to do about it, as text for a person.

use crate::span::Span;
use std::fmt::Write as _;
use std::ops::Range;
use unicode_width::UnicodeWidthChar;

/// How severe a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The program does not load, or was stopped.
    Error,
    /// The program would be stopped if it reached this place.
    Warning,
}

/// A message about a program: what is wrong, where, and what to do about it.
///
/// ```
/// use vm_base::{ColorChoice, Diagnostic, Place, Span};
/// let text = "function main\n    prntn *\nend\n";
/// let shown = Diagnostic::error("unknown instruction 'prntn'")
///     .at(Place::in_text("main.mmm", text, Span::new(18, 23), "not an instruction"))
///     .help("did you mean 'printn'?")
///     .render(ColorChoice::Never);
/// assert_eq!(shown, "\
/// error: unknown instruction 'prntn'
///  --> main.mmm:2:5
///   |
/// 2 |     prntn *
///   |     ^^^^^ not an instruction
///   = help: did you mean 'printn'?
/// ");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How severe it is.
    pub level: Level,
    /// What is wrong, in one line.
    pub message: String,
    /// The place in the source.
    pub place: Option<Place>,
    /// Further information, one note a line.
    pub notes: Vec<String>,
    /// What to do about it.
    pub help: Option<String>,
}

/// A place in a source file, with an excerpt to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file's name, relative to the root.
    pub file: String,
    /// The position in the file.
    pub position: Position,
    /// The line at this position, or a part of a very long line.
    pub excerpt: String,
    /// The bytes of `excerpt` that are underlined.
    pub mark: Range<usize>,
    /// A few words to show beside the underline; may be empty.
    pub label: String,
}

/// A position in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// A position in a text; line and column count from 1, and columns count characters.
    Line {
        /// The line.
        line: u32,
        /// The column.
        column: u32,
    },
    /// A byte offset in a binary file.
    Offset(u64),
}

/// Whether a diagnostic is rendered with colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorChoice {
    /// Plain text.
    Never,
    /// Text with ANSI colour codes.
    Always,
}

impl Diagnostic {
    /// Returns an error: the program does not load, or was stopped.
    pub fn error(message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            level: Level::Error,
            message: message.into(),
            place: None,
            notes: Vec::new(),
            help: None,
        }
    }

    /// Returns a warning: the program would be stopped if it reached this place.
    pub fn warning(message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            level: Level::Warning,
            ..Diagnostic::error(message)
        }
    }

    /// Returns the diagnostic with a place.
    pub fn at(mut self, place: Place) -> Diagnostic {
        self.place = Some(place);
        self
    }

    /// Returns the diagnostic with another note.
    pub fn note(mut self, note: impl Into<String>) -> Diagnostic {
        self.notes.push(note.into());
        self
    }

    /// Returns the diagnostic with a remedy.
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// Returns the whole diagnostic as text that ends in a newline.
    pub fn render(&self, color: ColorChoice) -> String {
        let pen = Pen(color);
        let (name, code) = match self.level {
            Level::Error => ("error", Pen::RED),
            Level::Warning => ("warning", Pen::YELLOW),
        };
        let message = visible(cut(&self.message)).0;
        let mut out = format!(
            "{}{}\n",
            pen.ink(code, name),
            pen.bold(&format!(": {message}"))
        );
        let gutter = self.place.as_ref().map_or(0, |place| place.gutter().len());
        if let Some(place) = &self.place {
            place.draw(&mut out, pen, code);
        }
        let indent = " ".repeat(gutter + 1);
        let help = self.help.iter().map(|help| format!("help: {help}"));
        let notes = self.notes.iter().map(|note| format!("note: {note}"));
        for line in notes.chain(help) {
            let mut parts = line.split('\n');
            let first = visible(cut(parts.next().unwrap_or(""))).0;
            let _ = writeln!(out, "{indent}{} {first}", pen.ink(Pen::BLUE, "="));
            for more in parts {
                let _ = writeln!(out, "{indent}  {}", visible(cut(more)).0);
            }
        }
        out
    }
}

impl Place {
    /// How many characters of a long line are shown before and after the beginning of the span.
    const BEFORE: usize = 60;
    const AFTER: usize = 100;

    /// Returns the place of a span in a text. Only the line where it starts is shown, and only a
    /// part of a very long line.
    pub fn in_text(
        file: impl Into<String>,
        text: &str,
        span: Span,
        label: impl Into<String>,
    ) -> Place {
        let start = floor(text, span.start as usize);
        let end = floor(text, span.end as usize).max(start);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let before = &text[line_start..start];
        let after = &text[start..line_end];
        let after = after.strip_suffix('\r').unwrap_or(after);
        let column = before.chars().filter(|&c| c != '\u{feff}').count() + 1;
        let shown_from = before.char_indices().rev().nth(Place::BEFORE);
        let shown_to = after.char_indices().nth(Place::AFTER);
        let mut excerpt = String::new();
        if shown_from.is_some() {
            excerpt.push('…');
        }
        excerpt
            .push_str(before[shown_from.map_or(0, |(at, _)| at)..].trim_start_matches('\u{feff}'));
        let mark_start = excerpt.len();
        let tail = &after[..shown_to.map_or(after.len(), |(at, _)| at)];
        excerpt.push_str(tail);
        let mark = mark_start..mark_start + (end - start).min(tail.len());
        if shown_to.is_some() {
            excerpt.push('…');
        }
        Place {
            file: file.into(),
            position: Position::Line {
                line: text.as_bytes()[..start]
                    .iter()
                    .filter(|&&b| b == b'\n')
                    .count() as u32
                    + 1,
                column: column as u32,
            },
            excerpt,
            mark,
            label: label.into(),
        }
    }

    /// Returns the place of a field in a binary file. Up to sixteen bytes are shown in hexadecimal,
    /// and those of the field are underlined.
    pub fn in_bytes(
        file: impl Into<String>,
        bytes: &[u8],
        field: Range<usize>,
        label: impl Into<String>,
    ) -> Place {
        let start = field.start.min(bytes.len());
        let end = field.end.clamp(start, bytes.len());
        let from = start.saturating_sub(4);
        let to = (from + 16).min(bytes.len());
        let mut excerpt = String::new();
        let mut mark = 0..0;
        for (at, byte) in bytes[from..to].iter().enumerate() {
            if at > 0 {
                excerpt.push(' ');
            }
            if from + at == start {
                mark.start = excerpt.len();
            }
            let _ = write!(excerpt, "{byte:02x}");
            if from + at < end.max(start + 1) {
                mark.end = excerpt.len();
            }
        }
        if start >= to {
            excerpt.push_str(if excerpt.is_empty() {
                "(end of file)"
            } else {
                " (end of file)"
            });
            mark = excerpt.len() - "(end of file)".len()..excerpt.len();
        }
        Place {
            file: file.into(),
            position: Position::Offset(field.start as u64),
            excerpt,
            mark,
            label: label.into(),
        }
    }

    fn gutter(&self) -> String {
        match self.position {
            Position::Line { line, .. } => line.to_string(),
            Position::Offset(offset) => format!("{offset:#x}"),
        }
    }

    fn draw(&self, out: &mut String, pen: Pen, code: &str) {
        let gutter = self.gutter();
        let indent = " ".repeat(gutter.len());
        let file = visible(cut(&self.file)).0;
        let _ = match self.position {
            Position::Line { line, column } => {
                writeln!(
                    out,
                    "{indent}{} {file}:{line}:{column}",
                    pen.ink(Pen::BLUE, "-->")
                )
            }
            Position::Offset(offset) => {
                writeln!(
                    out,
                    "{indent}{} {file}, byte {offset} ({gutter})",
                    pen.ink(Pen::BLUE, "-->")
                )
            }
        };
        let bar = pen.ink(Pen::BLUE, "|");
        let (before, skip) = visible(&self.excerpt[..self.mark.start]);
        let (marked, width) = visible(&self.excerpt[self.mark.clone()]);
        let (after, _) = visible(&self.excerpt[self.mark.end..]);
        let line = format!("{before}{marked}{after}");
        let number = pen.ink(Pen::BLUE, &gutter);
        let under = pen.ink(
            code,
            format!("{} {}", "^".repeat(width.max(1)), self.label).trim_end(),
        );
        let _ = writeln!(out, "{indent} {bar}");
        let _ = writeln!(out, "{}", format!("{number} {bar} {line}").trim_end());
        let _ = writeln!(out, "{indent} {bar} {}{under}", " ".repeat(skip));
    }
}

/// Writes with or without colours.
#[derive(Clone, Copy)]
struct Pen(ColorChoice);

impl Pen {
    const RED: &'static str = "1;31";
    const YELLOW: &'static str = "1;33";
    const BLUE: &'static str = "1;34";

    fn ink(self, code: &str, text: &str) -> String {
        match self.0 {
            ColorChoice::Never => text.to_owned(),
            ColorChoice::Always => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }

    fn bold(self, text: &str) -> String {
        self.ink("1", text)
    }
}

/// Returns the beginning of a text, if it is too long to read.
fn cut(text: &str) -> &str {
    &text[..floor(text, 1000)]
}

/// Returns a text that is safe to show on a terminal, and its width in columns. A tab becomes four
/// blanks, and a character that cannot be shown becomes a placeholder.
fn visible(text: &str) -> (String, usize) {
    let mut out = String::with_capacity(text.len());
    let mut columns = 0;
    for c in text.chars() {
        match c.width() {
            _ if c == '\t' => {
                out.push_str("    ");
                columns += 4;
            }
            None => {
                out.push('\u{fffd}');
                columns += 1;
            }
            // Marks that change the direction of text can make a line look like another one.
            Some(_) if matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {
                out.push('\u{fffd}');
                columns += 1;
            }
            Some(width) => {
                out.push(c);
                columns += width;
            }
        }
    }
    (out, columns)
}

/// Returns the last character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at)
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{ColorChoice, Diagnostic, Place};
    use crate::Span;

    #[track_caller]
    fn check_text(text: &str, span: (usize, usize), shown: &str) {
        let place = Place::in_text("f", text, Span::new(span.0, span.1), "here");
        let found = Diagnostic::error("x").at(place).render(ColorChoice::Never);
        assert_eq!(found, format!("error: x\n{shown}"));
    }

    #[test]
    fn the_span_is_underlined() {
        check_text(
            "ab cd\n",
            (3, 5),
            " --> f:1:4\n  |\n1 | ab cd\n  |    ^^ here\n",
        );
        check_text(
            "a\nb c\r\n",
            (4, 5),
            " --> f:2:3\n  |\n2 | b c\n  |   ^ here\n",
        );
        check_text(
            "\tx",
            (1, 2),
            " --> f:1:2\n  |\n1 |     x\n  |     ^ here\n",
        );
        check_text("漢 x", (4, 5), " --> f:1:3\n  |\n1 | 漢 x\n  |    ^ here\n");
        check_text(
            "a\x1b[x",
            (3, 4),
            " --> f:1:4\n  |\n1 | a\u{fffd}[x\n  |    ^ here\n",
        );
        check_text("", (0, 0), " --> f:1:1\n  |\n1 |\n  | ^ here\n");
        check_text("\u{feff}x", (3, 4), " --> f:1:1\n  |\n1 | x\n  | ^ here\n");
        check_text("é", (1, 9), " --> f:1:1\n  |\n1 | é\n  | ^ here\n");
    }

    #[test]
    fn only_a_part_of_a_long_line_is_shown() {
        let text = "x".repeat(10_000_000);
        let place = Place::in_text("f", &text, Span::new(5_000_000, 9_000_000), "here");
        let shown = Diagnostic::error("x").at(place).render(ColorChoice::Never);
        assert!(shown.len() < 800, "{}", shown.len());
        assert!(shown.contains("--> f:1:5000001"));
    }

    #[test]
    fn bytes_are_shown_in_hexadecimal() {
        let bytes: Vec<u8> = (0..32).collect();
        let shown = |field| {
            let place = Place::in_bytes("f", &bytes, field, "here");
            Diagnostic::error("x").at(place).render(ColorChoice::Never)
        };
        assert_eq!(
            shown(8..10),
            "error: x\n   --> f, byte 8 (0x8)\n    |\n0x8 | 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11 12 13\n    |             ^^^^^ here\n"
        );
        assert!(
            shown(32..40)
                .contains("1c 1d 1e 1f (end of file)\n     |             ^^^^^^^^^^^^^ here")
        );
        assert!(Place::in_bytes("f", &[], 0..8, "").excerpt == "(end of file)");
    }

    #[test]
    fn colours_change_nothing_else() {
        let text = "a b";
        let diagnostic =
            Diagnostic::error("x").at(Place::in_text("f", text, Span::new(2, 3), "here"));
        let coloured = diagnostic.render(ColorChoice::Always);
        let mut plain = String::new();
        let mut rest = coloured.as_str();
        while let Some((text, escape)) = rest.split_once("\x1b[") {
            plain.push_str(text);
            rest = escape.split_once('m').unwrap().1;
        }
        assert_eq!(plain + rest, diagnostic.render(ColorChoice::Never));
    }
}
