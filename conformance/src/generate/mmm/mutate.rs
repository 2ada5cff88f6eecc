//! Changes of program text that leave most programs valid, for fuzzers.

use super::generate;
use super::tables::{BAD_LITERALS, BOOLS, BYTES, CHARS, FLOATS, INTS, MNEMONICS, STRS};
use crate::generate::entropy::splitmix;
use crate::generate::{Aim, Atom, Entropy, text_from_case};

/// Changes the program text in the first `size` bytes of `data` into one of at most `max_size` bytes,
/// and returns its size. A `fuzz_mutator!` calls this.
///
/// Lines are removed, doubled, moved and inserted; mnemonics and operands are replaced, often by ones
/// at a boundary; functions change places; sometimes the result is a new program.
pub fn mutate_mmm(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let max_size = max_size.min(data.len());
    let mut state = u64::from(seed) ^ 0x5eed;
    let text = &data[..size.min(data.len())];
    let mut lines: Vec<Vec<u8>> = text
        .split_inclusive(|&byte| byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    let mut first = Atom(splitmix(&mut state));
    if lines.is_empty() || first.one_in(50) {
        lines = vec![new_program(splitmix(&mut state))];
    } else {
        for _ in 0..=first.below(4) {
            mutate_lines(&mut lines, &mut Atom(splitmix(&mut state)), &mut state);
        }
    }
    // Only whole lines are kept.
    let mut length = 0;
    let mut out = Vec::with_capacity(size);
    for line in lines {
        length += line.len();
        if length > max_size {
            break;
        }
        out.extend_from_slice(&line);
    }
    data[..out.len()].copy_from_slice(&out);
    out.len()
}

/// Returns the text of a new program.
fn new_program(seed: u64) -> Vec<u8> {
    text_from_case(&generate(Entropy::seeded(seed, 0), Aim::Any).case)
}

fn mutate_lines(lines: &mut Vec<Vec<u8>>, atom: &mut Atom, state: &mut u64) {
    let count = lines.len();
    if count == 0 {
        return lines.push(new_line(atom));
    }
    let at = atom.below(count);
    match atom.below(12) {
        0 => drop(lines.remove(at)),
        1 => {
            let to = (at + 1 + atom.below(8)).min(count);
            lines.drain(at..to);
        }
        2 => lines.insert(at, lines[at].clone()),
        3 => lines.swap(at, atom.below(count)),
        4 | 5 => lines.insert(at, new_line(atom)),
        6 | 7 => {
            let mnemonic = word(&lines[at], 0).to_vec();
            lines[at] = line(&mnemonic, operand_for(&mnemonic, atom).as_bytes());
        }
        8 => {
            let mnemonic = MNEMONICS[atom.below(MNEMONICS.len())];
            let operand = word(&lines[at], 1).to_vec();
            lines[at] = line(mnemonic.as_bytes(), &operand);
        }
        9 => {
            // Moves a function.
            let starts: Vec<usize> = (0..count)
                .filter(|&at| word(&lines[at], 0) == b"function")
                .collect();
            if let [_, _, ..] = starts[..] {
                let which = atom.below(starts.len());
                let end = starts.get(which + 1).map_or(count, |&next| next);
                let function: Vec<Vec<u8>> = lines.drain(starts[which]..end).collect();
                let to = starts[atom.below(starts.len())].min(lines.len());
                lines.splice(to..to, function);
            }
        }
        10 => {
            // Replaces a line by a part of another program.
            let other = new_program(splitmix(state));
            let other: Vec<&[u8]> = other.split_inclusive(|&byte| byte == b'\n').collect();
            let from = atom.below(other.len());
            let part = other.iter().skip(from).take(1 + atom.below(10));
            lines.splice(at..=at, part.map(|line| line.to_vec()));
        }
        _ => {
            let place = atom.below(lines[at].len().max(1));
            let byte = atom.pick(b"\"'\\#/.*-+0129 \tab{}\r\xff");
            match lines[at].get_mut(place) {
                Some(old) if atom.one_in(2) => *old = byte,
                _ => lines[at].insert(place, byte),
            }
        }
    }
}

/// Returns a word of a line. Words are separated by blanks, quotes or not.
fn word(line: &[u8], index: usize) -> &[u8] {
    let mut words = line
        .split(|byte| byte.is_ascii_whitespace())
        .filter(|word| !word.is_empty());
    words.nth(index).unwrap_or(b"")
}

fn line(mnemonic: &[u8], operand: &[u8]) -> Vec<u8> {
    [b"    ", mnemonic, b" ", operand, b"\n"].concat()
}

fn new_line(atom: &mut Atom) -> Vec<u8> {
    let mnemonic = MNEMONICS[atom.below(MNEMONICS.len())].as_bytes();
    line(mnemonic, operand_for(mnemonic, atom).as_bytes())
}

/// Returns an operand that an instruction with this mnemonic may have.
fn operand_for(mnemonic: &[u8], atom: &mut Atom) -> &'static str {
    let any = [
        b"int".as_slice(),
        b"byte",
        b"float",
        b"char",
        b"string",
        b"bool",
    ];
    match mnemonic {
        b"constexpr" => operand_for(atom.pick(&any), atom),
        b"int" => atom.pick(&INTS).0,
        b"byte" => atom.pick(&BYTES).0,
        b"float" => atom.pick(&FLOATS),
        b"char" => atom.pick(&CHARS),
        b"string" => atom.pick(&STRS),
        b"bool" if atom.one_in(2) => atom.pick(&BAD_LITERALS).1,
        b"bool" => atom.pick(&BOOLS),
        b"bin_op" => atom.pick(&["+", "-", "*", "/", "%"]),
        b"printn" => atom.pick(&["*", "0", "1", "18446744073709551616"]),
        b"call" => atom.pick(&[
            "main.mmm#main",
            "main.mmm#f",
            "/main.mmm#main",
            "lib/a.mmm#f",
            "../main.mmm#main",
        ]),
        b"function" => atom.pick(&["main", "f", "g"]),
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::mutate_mmm;
    use crate::engine::Ending;
    use crate::generate::entropy::splitmix;
    use crate::generate::{case_from_text, text_from_case};
    use crate::machine::Machine;
    use crate::reference;
    use std::collections::BTreeSet;

    #[test]
    fn mutants_fit_the_buffer_and_many_still_run() {
        let mut data = vec![0; 600];
        let mut size = 0;
        let mut state = 7;
        let mut endings = BTreeSet::new();
        let mut ran = 0;
        for seed in 0..3_000 {
            size = mutate_mmm(&mut data, size, 500, seed);
            assert!(size <= 500);
            let case = case_from_text(Machine::Mmm, &data[..size]);
            let seen = reference::run(&case).observation;
            ran += u32::from(seen.ending != Ending::Refused);
            endings.insert((seen.ending, seen.fault));
            // A fuzzer drops most inputs that show nothing new.
            if seen.ending == Ending::Refused && splitmix(&mut state) < u64::MAX / 2 {
                size = 0;
            }
            // Only a newline at the end of a file may differ.
            let text = text_from_case(&case);
            assert_eq!(text_from_case(&case_from_text(Machine::Mmm, &text)), text);
        }
        assert!(ran > 500, "{ran}");
        assert!(endings.len() >= 10, "{endings:?}");
    }
}
