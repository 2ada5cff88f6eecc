//! Ranges and lines of a source text.

/// A range of bytes in a source text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Span {
    /// The offset of the first byte.
    pub start: u32,
    /// The offset after the last byte.
    pub end: u32,
}

impl Span {
    /// Returns the span of the bytes from `start` up to `end`.
    pub fn new(start: usize, end: usize) -> Span {
        Span {
            start: start as u32,
            end: end as u32,
        }
    }

    /// Returns the span as a range to index with.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Returns the part of `text` that the span covers.
    ///
    /// # Panics
    /// If the span does not lie in the text, or cuts a character.
    pub fn of(self, text: &str) -> &str {
        &text[self.range()]
    }
}

/// The beginnings of the lines of a text, to turn a byte offset into a line number.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Returns the index of a text.
    pub fn new(text: &str) -> LineIndex {
        let ends = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| at as u32 + 1));
        LineIndex {
            starts: starts.collect(),
        }
    }

    /// Returns the line that holds the byte at `offset`, counted from 1.
    pub fn line(&self, offset: u32) -> u32 {
        self.starts.partition_point(|&start| start <= offset) as u32
    }

    /// Returns the number of lines; an empty text has one.
    pub fn count(&self) -> u32 {
        self.starts.len() as u32
    }

    /// Returns the range of line `line` of `text`, counted from 1, without its line ending.
    ///
    /// # Panics
    /// If there is no such line.
    pub fn range(&self, text: &str, line: u32) -> std::ops::Range<usize> {
        let start = self.starts[line as usize - 1] as usize;
        let end = match self.starts.get(line as usize) {
            Some(&next) => next as usize - 1,
            None => text.len(),
        };
        match text[start..end].strip_suffix('\r') {
            Some(line) if end < text.len() => start..start + line.len(),
            _ => start..end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LineIndex;

    #[track_caller]
    fn check_lines(text: &str, lines: &[&str]) {
        let index = LineIndex::new(text);
        let found: Vec<&str> = (1..=index.count())
            .map(|line| &text[index.range(text, line)])
            .collect();
        assert_eq!(found, lines);
    }

    #[test]
    fn lines_end_at_lf_or_crlf() {
        check_lines("", &[""]);
        check_lines("a", &["a"]);
        check_lines("a\n", &["a", ""]);
        check_lines("a\r\nb", &["a", "b"]);
        check_lines("a\rb\r", &["a\rb\r"]);
    }

    #[test]
    fn a_line_ending_belongs_to_its_line() {
        let index = LineIndex::new("a\nb\n");
        assert_eq!([0, 1, 2, 3, 4].map(|at| index.line(at)), [1, 1, 2, 2, 3]);
    }
}
