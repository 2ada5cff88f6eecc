//! The line table, `co_lnotab`, which gives the source line of each instruction.
//!
//! The table consists of pairs of bytes: an unsigned increment of the offset and a signed increment
//! of the line. CPython's compiler spreads an increment that does not fit over several pairs, in
//! one particular way. [`changes`] joins such pairs, and [`encode`] spreads them again.

use std::error::Error;
use std::fmt;

/// A change of the line: the code from this offset to the next change comes from this line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The offset, in bytes from the start of the code.
    pub offset: u64,
    /// The line.
    pub line: i64,
}

/// The greatest length of a table that [`encode`] writes. CPython itself has no limit; the table of
/// a program with 16 million instructions is shorter.
pub const MAX_BYTES: usize = 1 << 24;

/// The reason why changes have no table, with the index of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeError {
    /// The offset of the change is below that of the one before it.
    Backwards(usize),
    /// With the change, the table would be longer than [`MAX_BYTES`].
    TooLong(usize),
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EncodeError::Backwards(index) => {
                write!(
                    f,
                    "the offset of line change {index} is below the one before it"
                )
            }
            EncodeError::TooLong(index) => {
                write!(
                    f,
                    "at line change {index}, the line table exceeds {MAX_BYTES} bytes"
                )
            }
        }
    }
}

impl Error for EncodeError {}

/// Returns the changes in a table whose code begins at line `first`.
///
/// No pair is left out: a pair that changes nothing, or several pairs for one offset, are changes
/// too, so that [`encode`] returns the same table. A last odd byte is ignored, as in CPython.
///
/// ```
/// use vm_py_code::lnotab::{Change, changes, encode};
/// let table = [255, 0, 1, 5, 2, 127, 0, 73];
/// let found = changes(&table, 10);
/// assert_eq!(found, [Change { offset: 256, line: 15 }, Change { offset: 258, line: 215 }]);
/// assert_eq!(encode(&found, 10).unwrap(), table);
/// ```
pub fn changes(table: &[u8], first: i32) -> Vec<Change> {
    let (pairs, _) = table.as_chunks();
    let mut found = Vec::new();
    let mut place = Change {
        offset: 0,
        line: first.into(),
    };
    let mut add = |times: usize, offset: u64, line: i64| {
        for _ in 0..times {
            place.offset += offset;
            place.line += line;
            found.push(place);
        }
    };
    let mut rest = pairs;
    loop {
        // Increments of the offset alone belong to the next pair if that pair is the remainder of
        // a larger increment.
        let skips = run(rest, [255, 0]);
        let next = rest.get(skips).copied();
        let before = match next {
            Some([1..=254, _]) => 255 * skips as u64,
            Some([0, _]) if skips > 1 => 255 * skips as u64,
            _ => {
                add(skips, 255, 0);
                0
            }
        };
        rest = &rest[skips..];
        let Some([offset, line]) = next else {
            return found;
        };
        let offset = before + u64::from(offset);
        let step = i64::from(line as i8);
        rest = &rest[1..];
        if !matches!(line, 127 | 0x80) {
            add(1, offset, step);
            continue;
        }
        // Likewise for increments of the line alone, whose remainder is written and is smaller.
        let more = run(rest, [0, line]);
        let last = match rest.get(more) {
            Some(&[0, last]) => i64::from(last as i8),
            _ => step,
        };
        let whole = last == 0 && more > 0 || last != 0 && last.signum() == step.signum();
        if whole && last.abs() < step.abs() {
            add(1, offset, step * (more as i64 + 1) + last);
            rest = &rest[more + 1..];
        } else {
            add(1, offset, step);
            add(more, 0, step);
            rest = &rest[more..];
        }
    }
}

/// Counts the pairs at the beginning that are `pair`.
fn run(pairs: &[[u8; 2]], pair: [u8; 2]) -> usize {
    pairs.iter().take_while(|&&p| p == pair).count()
}

/// Returns the table with these changes, for code that begins at line `first`.
///
/// # Errors
///
/// Returns an error if the offsets decrease or the table is longer than [`MAX_BYTES`].
pub fn encode(changes: &[Change], first: i32) -> Result<Vec<u8>, EncodeError> {
    let mut table = Vec::new();
    let mut place = Change {
        offset: 0,
        line: first.into(),
    };
    for (index, &change) in changes.iter().enumerate() {
        let offset = change.offset.checked_sub(place.offset);
        let mut offset = offset.ok_or(EncodeError::Backwards(index))?;
        let line = i128::from(change.line) - i128::from(place.line);
        let step: i8 = if line < 0 { -128 } else { 127 };
        let fits = i8::try_from(line).is_ok();
        let steps = if fits { 0 } else { line / i128::from(step) };
        let skips = if offset > 255 { offset / 255 } else { 0 };
        let size = 2 * (skips as u128 + steps as u128 + 1);
        if size + table.len() as u128 > MAX_BYTES as u128 {
            return Err(EncodeError::TooLong(index));
        }
        for _ in 0..skips {
            table.extend([255, 0]);
        }
        offset -= 255 * skips;
        for _ in 0..steps {
            table.extend([offset as u8, step as u8]);
            offset = 0;
        }
        table.extend([offset as u8, (line - steps * i128::from(step)) as i8 as u8]);
        place = change;
    }
    Ok(table)
}

/// Returns the first offset of each line, as CPython's `dis.findlinestarts` does: without changes
/// that apply to no code.
pub fn starts(table: &[u8], first: i32, code_len: usize) -> Vec<Change> {
    let mut found: Vec<Change> = Vec::new();
    let mut place = Change {
        offset: 0,
        line: first.into(),
    };
    let mut add = |place: Change| {
        if found.last().is_none_or(|last| last.line != place.line) {
            found.push(place);
        }
    };
    for pair in table.chunks_exact(2) {
        if pair[0] != 0 {
            add(place);
            place.offset += u64::from(pair[0]);
            if place.offset >= code_len as u64 {
                return found;
            }
        }
        place.line += i64::from(pair[1] as i8);
    }
    add(place);
    found
}

/// Returns the line of the instruction at `offset`, as a traceback shows it.
pub fn line_at(table: &[u8], first: i32, offset: u64) -> i64 {
    let mut place = Change {
        offset: 0,
        line: first.into(),
    };
    for pair in table.chunks_exact(2) {
        place.offset += u64::from(pair[0]);
        if place.offset > offset {
            break;
        }
        place.line += i64::from(pair[1] as i8);
    }
    place.line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_changes(table: &[u8], expected: &[(u64, i64)]) {
        let found = changes(table, 1);
        let pairs: Vec<_> = found.iter().map(|c| (c.offset, c.line)).collect();
        assert_eq!(pairs, expected, "{table:?}");
        assert_eq!(encode(&found, 1).unwrap(), table[..table.len() & !1]);
    }

    #[test]
    fn pairs_of_the_compiler_are_joined() {
        check_changes(&[], &[]);
        check_changes(&[7], &[]);
        check_changes(&[0, 1, 4, 1], &[(0, 2), (4, 3)]);
        check_changes(&[255, 1], &[(255, 2)]);
        check_changes(&[255, 0, 2, 1], &[(257, 2)]);
        check_changes(&[255, 0, 255, 0, 2, 1], &[(512, 2)]);
        check_changes(&[2, 0x80, 0, 0x80, 0, 0xff], &[(2, -256)]);
        check_changes(&[255, 0, 2, 127, 0, 127, 0, 0], &[(257, 255)]);
    }

    #[test]
    fn pairs_of_no_compiler_survive_too() {
        check_changes(&[255, 0], &[(255, 1)]);
        check_changes(&[255, 0, 4, 0], &[(259, 1)]);
        check_changes(&[255, 0, 0, 4], &[(255, 1), (255, 5)]);
        check_changes(&[255, 0, 255, 0, 0, 4], &[(510, 5)]);
        check_changes(&[4, 0x80, 0, 0], &[(4, -127), (4, -127)]);
        check_changes(&[4, 0x80, 0, 0x80, 0, 0], &[(4, -255)]);
        check_changes(&[4, 0x80, 0, 1], &[(4, -127), (4, -126)]);
        check_changes(&[255, 0, 255, 1], &[(255, 1), (510, 2)]);
        check_changes(&[4, 127, 0, 0], &[(4, 128), (4, 128)]);
        check_changes(&[4, 127, 0, 127], &[(4, 128), (4, 255)]);
        check_changes(&[4, 127, 0, 0xff], &[(4, 128), (4, 127)]);
        check_changes(&[0, 0, 0, 0], &[(0, 1), (0, 1)]);
    }

    #[test]
    fn the_length_of_a_table_is_limited() {
        let far = |line| Change { offset: 0, line };
        assert_eq!(encode(&[far(i64::MAX)], 1), Err(EncodeError::TooLong(0)));
        assert_eq!(
            encode(&[far(i64::MAX), far(i64::MIN)], 1),
            Err(EncodeError::TooLong(0))
        );
        let back = [Change { offset: 2, line: 1 }, far(1)];
        assert_eq!(encode(&back, 1), Err(EncodeError::Backwards(1)));
        let offset = u64::MAX;
        assert_eq!(
            encode(&[Change { offset, line: 1 }], 1),
            Err(EncodeError::TooLong(0))
        );
    }

    #[test]
    fn starts_of_lines_and_lines_of_offsets() {
        let table = [0, 1, 4, 1, 4, 0xff, 0, 5, 250, 1];
        let found = starts(&table, 1, 20);
        let pairs: Vec<_> = found.iter().map(|c| (c.offset, c.line)).collect();
        assert_eq!(pairs, [(0, 2), (4, 3), (8, 7)]);
        let lines = [0, 3, 4, 8, 257, 258].map(|offset| line_at(&table, 1, offset));
        assert_eq!(lines, [2, 2, 3, 7, 7, 8]);
        assert_eq!(starts(&[], 9, 0), [Change { offset: 0, line: 9 }]);
    }
}
