//! The differences of two outputs, line by line.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// A line of a comparison, without its newline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row<'a> {
    /// A line of both outputs.
    Same(&'a [u8]),
    /// A line that was expected and not found, with the range that differs from its counterpart.
    Missing(&'a [u8], (usize, usize)),
    /// A line that was found and not expected, with the range that differs from its counterpart.
    Surplus(&'a [u8], (usize, usize)),
    /// The number of equal lines that are left out here.
    Omitted(usize),
    /// One of the outputs ends without a newline.
    NoNewline {
        /// True if it is the expected output.
        expected: bool,
        /// True if it is the output that was found.
        found: bool,
    },
}

/// Returns the lines of two outputs; of equal lines only the `context` lines before and after a
/// difference. The time grows with the square of the number of differing lines, so the outputs
/// should have no more than a few hundred lines.
pub fn rows<'a>(expected: &'a [u8], found: &'a [u8], context: usize) -> Vec<Row<'a>> {
    let (old, new) = (lines(expected), lines(found));
    let mut out = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
        match op {
            DiffOp::Equal { old_index, len, .. } => {
                out.extend(old[old_index..old_index + len].iter().map(|l| Row::Same(l)));
            }
            DiffOp::Delete { .. } | DiffOp::Insert { .. } | DiffOp::Replace { .. } => {
                let (old, new) = (&old[op.old_range()], &new[op.new_range()]);
                let counterpart = |at: usize| Some((*old.get(at)?, *new.get(at)?));
                let within = |at: usize, line: &[u8], side: fn((Span, Span)) -> Span| {
                    counterpart(at).map_or((0, line.len()), |(old, new)| side(differing(old, new)))
                };
                for (at, line) in old.iter().enumerate() {
                    out.push(Row::Missing(line, within(at, line, |spans| spans.0)));
                }
                for (at, line) in new.iter().enumerate() {
                    out.push(Row::Surplus(line, within(at, line, |spans| spans.1)));
                }
            }
        }
    }
    let mut out = near(out, context);
    let open = |bytes: &[u8]| !bytes.is_empty() && !bytes.ends_with(b"\n");
    let (expected, found) = (open(expected), open(found));
    if expected != found {
        out.push(Row::NoNewline { expected, found });
    }
    out
}

/// Splits bytes into lines without their newlines.
fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let lines = bytes.split_inclusive(|&byte| byte == b'\n');
    lines
        .map(|line| line.strip_suffix(b"\n").unwrap_or(line))
        .collect()
}

/// Start and end of a part of a line.
type Span = (usize, usize);

/// Returns the parts of two lines between their common beginning and their common end.
fn differing(old: &[u8], new: &[u8]) -> (Span, Span) {
    let alike = |a: &mut dyn Iterator<Item = &u8>, b: &mut dyn Iterator<Item = &u8>| {
        a.zip(b).take_while(|(a, b)| a == b).count()
    };
    let continues = |line: &[u8], at: usize| line.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
    let mut head = alike(&mut old.iter(), &mut new.iter());
    while head > 0 && (continues(old, head) || continues(new, head)) {
        head -= 1;
    }
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let mut tail = alike(&mut old_rest.iter().rev(), &mut new_rest.iter().rev());
    while tail > 0 && continues(old, old.len() - tail) {
        tail -= 1;
    }
    ((head, old.len() - tail), (head, new.len() - tail))
}

/// Leaves out equal lines, except `context` of them before and after each other row.
fn near(rows: Vec<Row>, context: usize) -> Vec<Row> {
    let same: Vec<bool> = rows.iter().map(|row| matches!(row, Row::Same(_))).collect();
    let shown: Vec<bool> = (0..rows.len())
        .map(|at| {
            let from = at.saturating_sub(context);
            let to = (at + context + 1).min(rows.len());
            same[from..to].contains(&false)
        })
        .collect();
    let mut out: Vec<Row> = Vec::new();
    for (row, shown) in rows.into_iter().zip(shown) {
        match (shown, out.last_mut()) {
            (true, _) => out.push(row),
            (false, Some(Row::Omitted(count))) => *count += 1,
            (false, _) => out.push(Row::Omitted(1)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Row, rows};

    #[track_caller]
    fn check(expected: &str, found: &str, diff: &[Row]) {
        assert_eq!(rows(expected.as_bytes(), found.as_bytes(), 1), diff);
    }

    #[test]
    fn the_differing_part_of_a_line_is_marked() {
        check(
            "a\nprints 12 here\n",
            "a\nprints 7 here\n",
            &[
                Row::Same(b"a"),
                Row::Missing(b"prints 12 here", (7, 9)),
                Row::Surplus(b"prints 7 here", (7, 8)),
            ],
        );
        check(
            "é",
            "è",
            &[
                Row::Missing("é".as_bytes(), (0, 2)),
                Row::Surplus("è".as_bytes(), (0, 2)),
            ],
        );
        check("", "x\n", &[Row::Surplus(b"x", (0, 1))]);
    }

    #[test]
    fn the_last_newline_counts() {
        let (expected, found) = (false, true);
        check(
            "a\n",
            "a",
            &[Row::Omitted(1), Row::NoNewline { expected, found }],
        );
    }

    #[test]
    fn equal_lines_far_from_a_difference_are_left_out() {
        check(
            "1\n2\n3\n4\n",
            "1\n2\n3\n",
            &[Row::Omitted(2), Row::Same(b"3"), Row::Missing(b"4", (0, 1))],
        );
        check("", "", &[]);
    }
}
