//! The line table, `co_lnotab`: which line each instruction comes from.
//!
//! It holds pairs of bytes: by how much the offset grows, unsigned, and by how much the line
//! then changes, signed. What does not fit a pair is spread over several, in one way only: as
//! CPython's compiler does it. [`changes`] puts them together again.

/// From this offset on, until the next change, code comes from this line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// In bytes from the start of the code.
    pub offset: u64,
    /// The line.
    pub line: i64,
}

/// Most bytes that [`encode`] writes. CPython itself knows no limit; a program of 16 million
/// instructions does with less.
pub const MOST_BYTES: usize = 1 << 24;

/// Why there is no table of some changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The offset of a change, by its index, is below that of the one before it.
    Backwards(usize),
    /// The table would be longer than [`MOST_BYTES`] with this change.
    TooLong(usize),
}

/// The changes of a table whose code begins at line `first`.
///
/// None is left out: where a table says what is so already, or two things of one offset, there is
/// a change for it, so that [`encode`] gives back the same table. (A last odd byte means nothing
/// to CPython and is passed over here.)
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
    let mut tell = |times: usize, offset: u64, line: i64| {
        for _ in 0..times {
            place.offset += offset;
            place.line += line;
            found.push(place);
        }
    };
    let mut rest = pairs;
    loop {
        // Steps of the offset alone belong to what follows, if it is what a longer step leaves.
        let skips = run(rest, [255, 0]);
        let next = rest.get(skips).copied();
        let before = match next {
            Some([1..=254, _]) => 255 * skips as u64,
            Some([0, _]) if skips > 1 => 255 * skips as u64,
            _ => {
                tell(skips, 255, 0);
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
            tell(1, offset, step);
            continue;
        }
        // So do steps of the line alone: what they leave is less than a step, and is written.
        let more = run(rest, [0, line]);
        let last = match rest.get(more) {
            Some(&[0, last]) => i64::from(last as i8),
            _ => step,
        };
        let whole = last == 0 && more > 0 || last != 0 && last.signum() == step.signum();
        if whole && last.abs() < step.abs() {
            tell(1, offset, step * (more as i64 + 1) + last);
            rest = &rest[more + 1..];
        } else {
            tell(1, offset, step);
            tell(more, 0, step);
            rest = &rest[more..];
        }
    }
}

/// How many of the first pairs are `pair`.
fn run(pairs: &[[u8; 2]], pair: [u8; 2]) -> usize {
    pairs.iter().take_while(|&&p| p == pair).count()
}

/// The table of some changes.
pub fn encode(changes: &[Change], first: i32) -> Result<Vec<u8>, Refusal> {
    let mut table = Vec::new();
    let mut place = Change {
        offset: 0,
        line: first.into(),
    };
    for (index, &change) in changes.iter().enumerate() {
        let offset = change.offset.checked_sub(place.offset);
        let mut offset = offset.ok_or(Refusal::Backwards(index))?;
        let line = i128::from(change.line) - i128::from(place.line);
        let step: i8 = if line < 0 { -128 } else { 127 };
        let fits = i8::try_from(line).is_ok();
        let steps = if fits { 0 } else { line / i128::from(step) };
        let skips = if offset > 255 { offset / 255 } else { 0 };
        let size = 2 * (skips as u128 + steps as u128 + 1);
        if size + table.len() as u128 > MOST_BYTES as u128 {
            return Err(Refusal::TooLong(index));
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

/// Where lines start, as CPython's `dis.findlinestarts` tells it: without changes that no code
/// lies under, and none behind the code.
pub fn starts(table: &[u8], first: i32, code_len: usize) -> Vec<Change> {
    let mut found: Vec<Change> = Vec::new();
    let mut place = Change {
        offset: 0,
        line: first.into(),
    };
    let mut tell = |place: Change| {
        if found.last().is_none_or(|last| last.line != place.line) {
            found.push(place);
        }
    };
    for pair in table.chunks_exact(2) {
        if pair[0] != 0 {
            tell(place);
            place.offset += u64::from(pair[0]);
            if place.offset >= code_len as u64 {
                return found;
            }
        }
        place.line += i64::from(pair[1] as i8);
    }
    tell(place);
    found
}

/// The line of the instruction at `offset`, as a traceback of CPython's tells it.
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
    fn a_change_is_what_the_compiler_wrote_for_one() {
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
    fn what_no_compiler_writes_comes_back_too() {
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
    fn a_table_is_not_endless() {
        let far = |line| Change { offset: 0, line };
        assert_eq!(encode(&[far(i64::MAX)], 1), Err(Refusal::TooLong(0)));
        assert_eq!(
            encode(&[far(i64::MAX), far(i64::MIN)], 1),
            Err(Refusal::TooLong(0))
        );
        let back = [Change { offset: 2, line: 1 }, far(1)];
        assert_eq!(encode(&back, 1), Err(Refusal::Backwards(1)));
        let offset = u64::MAX;
        assert_eq!(
            encode(&[Change { offset, line: 1 }], 1),
            Err(Refusal::TooLong(0))
        );
    }

    #[test]
    fn lines_that_start_and_lines_of_offsets() {
        let table = [0, 1, 4, 1, 4, 0xff, 0, 5, 250, 1];
        let found = starts(&table, 1, 20);
        let pairs: Vec<_> = found.iter().map(|c| (c.offset, c.line)).collect();
        assert_eq!(pairs, [(0, 2), (4, 3), (8, 7)]);
        let lines = [0, 3, 4, 8, 257, 258].map(|offset| line_at(&table, 1, offset));
        assert_eq!(lines, [2, 2, 3, 7, 7, 8]);
        assert_eq!(starts(&[], 9, 0), [Change { offset: 0, line: 9 }]);
    }
}
