//! Single characters: case, categories, sets.

use crate::op;
use vm_py_unicode as unicode;

/// Returns the one character that a mapping gives, if it gives one.
fn single(mut mapping: unicode::Mapping) -> Option<u32> {
    let first = mapping.next()?;
    mapping.next().is_none().then_some(first)
}

/// Returns the lowercase form of an ASCII character, any other unchanged.
pub fn lower_ascii(c: u32) -> u32 {
    match c {
        0x41..=0x5a => c + 32,
        _ => c,
    }
}

fn upper_ascii(c: u32) -> u32 {
    match c {
        0x61..=0x7a => c - 32,
        _ => c,
    }
}

/// Returns the simple lowercase form of a character: always one character.
pub fn lower_unicode(c: u32) -> u32 {
    match c {
        0..0x80 => lower_ascii(c),
        0x130 => 0x69,
        _ => single(unicode::to_lower(c)).unwrap_or(c),
    }
}

/// Returns the simple uppercase form of a character: always one character.
pub fn upper_unicode(c: u32) -> u32 {
    match c {
        0..0x80 => upper_ascii(c),
        _ => single(unicode::to_upper(c))
            .or_else(|| single(unicode::to_title(c)))
            .unwrap_or(c),
    }
}

fn is_ascii_word(c: u32) -> bool {
    matches!(c, 0x30..=0x39 | 0x41..=0x5a | 0x5f | 0x61..=0x7a)
}

pub(crate) fn is_line_break(c: u32) -> bool {
    c == 10
}

/// Returns true if `c` is part of a word: in ASCII, or in Unicode.
pub(crate) fn is_word(c: u32, in_unicode: bool) -> bool {
    match in_unicode {
        true => c == 0x5f || unicode::is_alphanumeric(c),
        false => is_ascii_word(c),
    }
}

/// Returns true if `c` is in a category, or `None` if there is no such category.
pub(crate) fn is_category(category: u32, c: u32) -> Option<bool> {
    let negated = category % 2 == 1;
    let is = match category / 2 {
        0 => matches!(c, 0x30..=0x39),
        1 => matches!(c, 9..=13 | 32),
        2 | 4 => is_ascii_word(c),
        3 => is_line_break(c),
        5 => unicode::decimal(c).is_some(),
        6 => unicode::is_space(c),
        7 => is_word(c, true),
        8 => unicode::is_line_break(c),
        _ => return None,
    };
    Some(is != negated)
}

/// Returns true if `c` is in the set that begins at the start of `set`; `None` if it is malformed.
pub(crate) fn contains(set: &[u32], c: u32) -> Option<bool> {
    let mut found = true;
    let mut rest = set;
    loop {
        let (&op, operands) = rest.split_first()?;
        let length = match op {
            op::FAILURE => return Some(!found),
            op::NEGATE => {
                found = !found;
                0
            }
            op::LITERAL => {
                if c == *operands.first()? {
                    return Some(found);
                }
                1
            }
            op::CATEGORY => {
                if is_category(*operands.first()?, c)? {
                    return Some(found);
                }
                1
            }
            op::CHARSET => {
                if c < 256 && has_bit(operands, c)? {
                    return Some(found);
                }
                8
            }
            op::RANGE | op::RANGE_UNI_IGNORE => {
                let range = *operands.first()?..=*operands.get(1)?;
                let ignores = op == op::RANGE_UNI_IGNORE;
                if range.contains(&c) || ignores && range.contains(&upper_unicode(c)) {
                    return Some(found);
                }
                2
            }
            op::BIGCHARSET => {
                let count = *operands.first()? as usize;
                if c < 0x1_0000 && in_blocks(&operands[1..], c)? {
                    return Some(found);
                }
                count.checked_mul(8)?.checked_add(65)?
            }
            _ => return None,
        };
        rest = operands.get(length..)?;
    }
}

fn has_bit(words: &[u32], bit: u32) -> Option<bool> {
    Some(words.get((bit / 32) as usize)? >> (bit % 32) & 1 == 1)
}

/// Looks a character up in an index of 256 bytes and the blocks of 256 bits that it names.
fn in_blocks(table: &[u32], c: u32) -> Option<bool> {
    let index = table.get((c >> 8) as usize / 4)?;
    let block = index.to_le_bytes()[(c >> 8) as usize % 4];
    has_bit(table.get(64 + usize::from(block) * 8..)?, c & 255)
}
