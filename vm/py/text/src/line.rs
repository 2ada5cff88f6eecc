//! The lines of a text: a first word and an operand, which ends at the comment.

use vm_base::Span;

/// A line that is not blank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line<'t> {
    /// The first word.
    pub(crate) word: &'t str,
    /// The place of the first word.
    pub(super) word_span: Span,
    /// The rest of the line, without surrounding blanks.
    pub(crate) operand: &'t str,
    /// The place of the operand; the end of the line's text if it is empty.
    pub(super) operand_span: Span,
    /// The number of the line, from 1.
    pub(super) number: u32,
}

/// A quote that is not closed on its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unclosed(pub(super) Span);

/// Returns the lines of a text that are not blank; a line with an open quote is an error.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Result<Line<'_>, Unclosed>> {
    let skip = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut start = skip;
    let mut number = 0;
    text[skip..].split('\n').filter_map(move |whole| {
        let from = start;
        start += whole.len() + 1;
        number += 1;
        line(whole, from, number).transpose()
    })
}

/// Returns the line with the text `whole`, which begins at `from`, unless it is blank.
fn line(whole: &str, from: usize, number: u32) -> Result<Option<Line<'_>>, Unclosed> {
    let said = match uncommented(whole) {
        Ok(said) => said,
        Err(at) => {
            let end = from + whole.trim_end().len();
            return Err(Unclosed(Span::new(from + at, end)));
        }
    };
    let body = said.trim_matches(is_blank);
    if body.is_empty() {
        return Ok(None);
    }
    let at = from + said.len() - said.trim_start_matches(is_blank).len();
    let word = body.split(is_blank).next().unwrap_or(body);
    let operand = body[word.len()..].trim_start_matches(is_blank);
    let operand_at = at + body.len() - operand.len();
    Ok(Some(Line {
        word,
        word_span: Span::new(at, at + word.len()),
        operand,
        operand_span: Span::new(operand_at, operand_at + operand.len()),
        number,
    }))
}

/// Returns true if the character separates words.
pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\x0c')
}

/// Returns the line up to its comment; the error is the offset of a quote that is not closed.
fn uncommented(line: &str) -> Result<&str, usize> {
    let bytes = line.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'#' => return Ok(&line[..at]),
            b'\'' | b'"' => at = past_quote(bytes, at).ok_or(at)?,
            _ => at += 1,
        }
    }
    Ok(line)
}

/// Returns the offset after the Python string whose quote is at `at`.
pub(super) fn past_quote(bytes: &[u8], at: usize) -> Option<usize> {
    let quote = bytes[at];
    let three = [quote; 3];
    let long = bytes[at..].starts_with(&three);
    let closing: &[u8] = if long { &three } else { &three[..1] };
    let mut at = at + closing.len();
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            _ if bytes[at..].starts_with(closing) => return Some(at + closing.len()),
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(u32, &str, &str)]) {
        let found: Vec<_> = lines(text)
            .map(|line| line.unwrap())
            .inspect(|line| {
                assert_eq!(line.word_span.of(text), line.word);
                assert_eq!(line.operand_span.of(text), line.operand);
            })
            .map(|line| (line.number, line.word, line.operand))
            .collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn an_operand_runs_to_the_comment() {
        check("", &[]);
        check(
            "\u{feff}# x\n \t\r\n POP_TOP # x\r\n",
            &[(3, "POP_TOP", "")],
        );
        check(
            "LOAD_CONST (1, 'a #b') #c\n\tCOMPARE_OP\tnot  in\r",
            &[
                (1, "LOAD_CONST", "(1, 'a #b')"),
                (2, "COMPARE_OP", "not  in"),
            ],
        );
        check("A '\\'#'#'", &[(1, "A", "'\\'#'")]);
        check("A '''it's # \"'''# b", &[(1, "A", "'''it's # \"'''")]);
        check("A ''#b", &[(1, "A", "''")]);
        check("A x#y\nB", &[(1, "A", "x"), (2, "B", "")]);
    }

    #[test]
    fn a_quote_is_closed_on_its_line() {
        let unclosed = |text: &str| match lines(text).next() {
            Some(Err(Unclosed(span))) => span.of(text).to_owned(),
            other => panic!("{other:?}"),
        };
        assert_eq!(unclosed("A 'x # y \r\n'"), "'x # y");
        assert_eq!(unclosed("A '\\'"), "'\\'");
        assert_eq!(unclosed("A \"\"\"x\""), "\"\"\"x\"");
        assert_eq!(unclosed("A 'x\\"), "'x\\");
    }
}
