//! Changes of binary files, part by part, to test decoders. Most changes touch one field, so that the
//! result is at the edge of what loads.

use super::file::{Part, Scan};
use crate::generate::{Atom, splitmix};

/// Counts and indices at the boundaries of likely implementations.
const WORDS: [u64; 14] = [
    0,
    1,
    2,
    3,
    4,
    5,
    255,
    1 << 31,
    1 << 32,
    i64::MAX as u64,
    1 << 63,
    u64::MAX,
    u64::MAX - 3,
    0x2e63_532e,
];

/// Bytes that are tags, or almost.
const TAGS: [u8; 26] = [
    0x49, 0x53, 0x46, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c,
    0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x2e, 0x7f, 0x80, 0xff,
];

/// A file with the offsets of its parts, to be changed again and again.
#[derive(Clone, Debug)]
pub struct Base {
    bytes: Vec<u8>,
    scan: Scan,
}

impl Base {
    /// Returns the base for changes of these bytes, whether or not they are a file.
    pub fn new(bytes: Vec<u8>) -> Base {
        let scan = Scan::of(&bytes);
        Base { bytes, scan }
    }

    /// Writes a changed file to `out`. It depends on the seed only.
    pub fn mutant(&self, seed: u64, out: &mut Vec<u8>) {
        let mut state = seed;
        let mut atom = Atom(splitmix(&mut state));
        out.clear();
        out.extend_from_slice(&self.bytes);
        match atom.below(16) {
            0..=8 => self.change_parts(&mut atom, &mut state, out),
            9..=13 => self.move_items(&mut atom, out),
            _ => change_bytes(&mut atom, &mut state, out),
        }
    }

    fn change_parts(&self, atom: &mut Atom, state: &mut u64, out: &mut Vec<u8>) {
        let count = [1, 1, 1, 2, 3][atom.below(5)];
        for _ in 0..count {
            let mut atom = Atom(splitmix(state));
            let parts = &self.scan.parts;
            let Some(&(part, from, to)) = parts.get(atom.below(parts.len())) else {
                return change_bytes(&mut atom, state, out);
            };
            let bytes = &mut out[from as usize..to as usize];
            match part {
                Part::Magic | Part::End | Part::Tag(_) => {
                    let at = atom.below(bytes.len());
                    bytes[at] = TAGS[atom.below(TAGS.len())];
                }
                Part::Text => {
                    if !bytes.is_empty() {
                        let at = atom.below(bytes.len());
                        bytes[at] = [0, 0x80, 0xc3, 0xed, 0xff, b'a'][atom.below(6)];
                    }
                }
                Part::Count(_)
                | Part::Number
                | Part::Height
                | Part::Length
                | Part::Arguments
                | Part::Index(_) => self.change_word(bytes, &mut atom),
            }
        }
    }

    fn change_word(&self, bytes: &mut [u8], atom: &mut Atom) {
        let mut word = [0; 8];
        word.copy_from_slice(bytes);
        let old = u64::from_le_bytes(word);
        let items = &self.scan.items;
        let new = match atom.below(8) {
            0 => WORDS[atom.below(WORDS.len())],
            1 => old.wrapping_add(1),
            2 => old.wrapping_sub(1),
            3 => old ^ 1 << atom.below(64),
            4 => items[atom.below(3)].len() as u64 + atom.below(6) as u64,
            5 => items[2].len() as u64 - (items[2].len().min(atom.below(4)) as u64),
            // Most likely a valid index.
            _ => atom.below(old.min(64) as usize + 3) as u64,
        };
        bytes.copy_from_slice(&new.to_le_bytes());
    }

    /// Removes an item, doubles it, or puts another in its place or before it; most of the time changes
    /// the count of the section, too.
    fn move_items(&self, atom: &mut Atom, out: &mut Vec<u8>) {
        let section = atom.below(4);
        let items = match self.scan.items.get(section) {
            Some(items) => items,
            None => &self.scan.ops,
        };
        if items.is_empty() {
            return out.extend_from_slice(&[0; 6][..1 + atom.below(6)]);
        }
        let range = |(from, to): (u32, u32)| from as usize..to as usize;
        let at = atom.below(items.len());
        let item = range(items[at]);
        let other = range(items[atom.below(items.len())]);
        let other = &self.bytes[other];
        let change = match atom.below(4) {
            0 => {
                out.drain(item.clone());
                -1
            }
            1 => {
                out.splice(item.start..item.start, other.iter().copied());
                1
            }
            2 => {
                out.splice(item.clone(), other.iter().copied());
                0
            }
            _ => {
                out.splice(item.end..item.end, self.bytes[item.clone()].iter().copied());
                1
            }
        };
        if atom.one_in(8) {
            return;
        }
        // Counts come before their items, so they are still at the same offsets.
        let mut counts = self
            .scan
            .parts
            .iter()
            .filter(|(part, from, _)| match section {
                3 => *part == Part::Length && (*from as usize) < item.start,
                _ => matches!(part, Part::Count(_)),
            });
        let count = match section {
            3 => counts.next_back(),
            _ => counts.nth(section),
        };
        if let Some(&(_, from, _)) = count {
            let mut word = [0; 8];
            word.copy_from_slice(&out[from as usize..from as usize + 8]);
            let count = u64::from_le_bytes(word).wrapping_add_signed(change);
            out[from as usize..from as usize + 8].copy_from_slice(&count.to_le_bytes());
        }
    }
}

/// Changes bytes, whatever they mean.
fn change_bytes(atom: &mut Atom, state: &mut u64, out: &mut Vec<u8>) {
    let at = atom.below(out.len() + 1);
    match atom.below(6) {
        0 | 1 => out.truncate(at),
        2 => {
            let count = 1 + atom.below(8);
            out.splice(
                at..at,
                splitmix(state).to_le_bytes().into_iter().take(count),
            );
        }
        3 => {
            let end = (at + 1 + atom.below(9)).min(out.len());
            out.drain(at..end);
        }
        4 => {
            let count = 1 + atom.below(8);
            out.extend_from_slice(&[0; 8][..count]);
        }
        _ => {
            if let Some(byte) = out.get_mut(at) {
                *byte = TAGS[atom.below(TAGS.len())];
            }
        }
    }
}

/// Changes the `.sc` file in the first `size` bytes of `data` into one of at most `max_size` bytes,
/// and returns its size. A `fuzz_mutator!` calls this.
pub fn mutate_sc(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let max_size = max_size.min(data.len());
    let mut state = u64::from(seed) ^ 0x5c;
    let mut bytes = data[..size.min(data.len())].to_vec();
    let mut first = Atom(splitmix(&mut state));
    if bytes.len() < 4 || first.one_in(50) {
        bytes = super::binary(splitmix(&mut state), 0);
    } else {
        let mut out = Vec::new();
        for _ in 0..1 + first.below(3) {
            Base::new(bytes).mutant(splitmix(&mut state), &mut out);
            bytes = std::mem::take(&mut out);
        }
    }
    bytes.truncate(max_size);
    data[..bytes.len()].copy_from_slice(&bytes);
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutants_are_many_and_some_of_them_load() {
        let base = Base::new(super::super::binary(1, 1));
        let mut out = Vec::new();
        let mut loads = 0;
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..2000 {
            base.mutant(seed, &mut out);
            loads += u32::from(crate::reference::sc::check(&out).is_ok());
            seen.insert(out.clone());
        }
        assert!(seen.len() > 500, "{}", seen.len());
        assert!((100..1900).contains(&loads), "{loads}");
    }

    #[test]
    fn mutants_fit_the_buffer() {
        let mut data = vec![0; 300];
        let mut size = 0;
        for seed in 0..2000 {
            size = mutate_sc(&mut data, size, 200 + seed as usize % 200, seed);
            assert!(size <= 300);
        }
    }
}
