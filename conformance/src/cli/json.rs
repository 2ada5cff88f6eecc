//! A program's output as a JSON string, written while the program runs, without keeping it in memory.

use std::io::{self, Write};

/// Writes bytes as the inside of a JSON string.
pub(crate) struct JsonString<W> {
    to: W,
    /// The first bytes of a character whose other bytes are not written yet.
    rest: Vec<u8>,
}

impl<W: Write> JsonString<W> {
    /// Returns a writer to the inside of a string.
    pub(crate) fn new(to: W) -> JsonString<W> {
        JsonString {
            to,
            rest: Vec::new(),
        }
    }

    /// Ends the string. An incomplete character becomes U+FFFD.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        if !self.rest.is_empty() {
            self.text("\u{fffd}")?;
        }
        Ok(self.to)
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        let quoted = serde_json::to_string(text)?;
        self.to.write_all(&quoted.as_bytes()[1..quoted.len() - 1])
    }
}

impl<W: Write> Write for JsonString<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut joined = std::mem::take(&mut self.rest);
        joined.extend_from_slice(bytes);
        let mut left = joined.as_slice();
        loop {
            let error = match std::str::from_utf8(left) {
                Ok(text) => {
                    self.text(text)?;
                    return Ok(bytes.len());
                }
                Err(error) => error,
            };
            let (good, bad) = left.split_at(error.valid_up_to());
            self.text(&String::from_utf8_lossy(good))?;
            match error.error_len() {
                None => {
                    self.rest = bad.to_vec();
                    return Ok(bytes.len());
                }
                Some(length) => {
                    self.text("\u{fffd}")?;
                    left = &bad[length..];
                }
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::JsonString;
    use std::io::Write;

    #[track_caller]
    fn check(bytes: &[u8]) {
        let expected = serde_json::to_string(&String::from_utf8_lossy(bytes)).unwrap();
        for size in 1..=bytes.len().max(1) {
            let mut out = JsonString::new(Vec::new());
            for chunk in bytes.chunks(size) {
                out.write_all(chunk).unwrap();
            }
            let inside = String::from_utf8(out.finish().unwrap()).unwrap();
            assert_eq!(format!("\"{inside}\""), expected);
        }
    }

    #[test]
    fn the_string_does_not_depend_on_how_the_output_is_split() {
        check(b"");
        check("a\"b\\c\n\u{1}é漢🦀".as_bytes());
        check(b"a\xffb\xe6\xbcc");
        check(b"\xe6\xbc");
    }
}
