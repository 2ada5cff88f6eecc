//! Program text for a fuzzer: bytes are a program, and small changes of a program are programs.
//!
//! A plain source file is an input as it is. Several files stand in one input behind lines
//! `#! file NAME`, the entry first; to the machine such a line is a comment.

use super::mmm::tables::{BAD_LITERALS, BOOLS, BYTES, CHARS, FLOATS, INTS, MNEMONICS, STRS};
use super::{Aim, Atom, Entropy, generator, splitmix};
use crate::case::{Case, CaseLimits};
use crate::machine::Machine;

/// What stands before the name of a file.
const FILE: &[u8] = b"#! file ";

/// Enough for a program to do something, and little enough for a fuzzer to wait for.
const LIMITS: CaseLimits = CaseLimits {
    fuel: Some(20_000),
    call_depth: None,
    output_bytes: Some(1 << 16),
    heap_bytes: None,
};

/// The case that an input stands for. The entry is `main` with the machine's ending, if the first
/// line does not name it otherwise.
///
/// ```
/// use conformance::generate::mutate::{case_from_text, text_from_case};
/// use conformance::machine::Machine;
///
/// let text = b"function main\nend\n#! file lib/a.mmm\nfunction f\nend\n";
/// let case = case_from_text(Machine::Mmm, text);
/// assert_eq!(case.entry, "main.mmm");
/// assert_eq!(case.files["lib/a.mmm"], b"function f\nend\n");
/// assert_eq!(text_from_case(&case), text);
/// ```
pub fn case_from_text(machine: Machine, text: &[u8]) -> Case {
    let mut lines = text.split_inclusive(|&byte| byte == b'\n').peekable();
    let named = lines.peek().and_then(|line| file_name(line));
    let entry = match named {
        Some(name) => {
            lines.next();
            name
        }
        None => usual_entry(machine),
    };
    let mut case = Case::single(machine, &entry, Vec::new());
    case.root = true;
    case.limits = LIMITS;
    let mut name = entry;
    let mut file = Vec::new();
    for line in lines {
        match file_name(line) {
            Some(next) => {
                let whole = std::mem::take(&mut file);
                case.files.insert(std::mem::replace(&mut name, next), whole);
            }
            None => file.extend_from_slice(line),
        }
    }
    // A file that is there twice is as it stands last.
    case.files.insert(name, file);
    case
}

/// The input that stands for a case, but for its limits: the way back.
pub fn text_from_case(case: &Case) -> Vec<u8> {
    let mut text = Vec::new();
    let mut add = |name: &str, file: &[u8], named: bool| {
        if text.last().is_some_and(|&byte| byte != b'\n') {
            text.push(b'\n');
        }
        if named {
            text.extend_from_slice(&[FILE, name.as_bytes(), b"\n"].concat());
        }
        text.extend_from_slice(file);
    };
    let entry = case.rooted_entry();
    add(
        entry,
        &case.files[&case.entry],
        entry != usual_entry(case.machine),
    );
    for (name, file) in case.rooted_files().filter(|&(name, _)| name != entry) {
        add(name, file, true);
    }
    text
}

fn usual_entry(machine: Machine) -> String {
    format!("main.{}", machine.endings()[0])
}

/// The name in a line that begins a file. One that leads elsewhere is not a name.
fn file_name(line: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(line.strip_prefix(FILE)?).ok()?;
    let name = name.trim_end_matches(['\n', '\r']);
    let plain = |part: &str| !matches!(part, "" | "." | "..");
    let fits = name.len() <= 200 && !name.contains('\0') && name.split('/').all(plain);
    fits.then(|| name.to_owned())
}

/// Changes the program text in the first `size` bytes of `data`, into one of at most `max_size`
/// bytes; its new size. This is what a `fuzz_mutator!` calls.
///
/// Lines are taken out, doubled, moved, put in; mnemonics and operands become others, rather ones
/// at a boundary; functions change places; now and then there is a whole new program.
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
        lines = vec![fresh(splitmix(&mut state))];
    } else {
        for _ in 0..=first.below(4) {
            mutate_lines(&mut lines, &mut Atom(splitmix(&mut state)), &mut state);
        }
    }
    // No more lines than there is room for, so that the last is whole.
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

/// The text of a new program.
fn fresh(seed: u64) -> Vec<u8> {
    let generated = generator(Machine::Mmm)
        .map(|generator| (generator.generate)(Entropy::seeded(seed, 0), Aim::Any));
    generated.map_or(Vec::new(), |generated| text_from_case(&generated.case))
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
            // A function, or what begins like one, moves elsewhere.
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
            // Part of another program takes the place of a line.
            let other = fresh(splitmix(state));
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

/// A word of a line, roughly: blanks part them.
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

/// An operand that such an instruction may well have.
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
    use super::{case_from_text, mutate_mmm, text_from_case};
    use crate::engine::Ending;
    use crate::generate::splitmix;
    use crate::machine::Machine;
    use crate::reference;
    use std::collections::BTreeSet;

    #[test]
    fn names_that_lead_elsewhere_begin_no_file() {
        for name in ["../a", "/a", "a//b", "", "a/./b", "a\0"] {
            let text = format!("function main\nend\n#! file {name}\n");
            assert_eq!(case_from_text(Machine::Mmm, text.as_bytes()).files.len(), 1);
        }
    }

    #[test]
    fn the_entry_may_have_another_name() {
        let text = b"#! file sub/x.mmm\nfunction main\ncall x.mmm#main\nend\n";
        let case = case_from_text(Machine::Mmm, text);
        assert_eq!(case.entry, "sub/x.mmm");
        assert_eq!(
            reference::run(&case).observation.fault.as_deref(),
            Some("out-of-fuel")
        );
        assert_eq!(text_from_case(&case), text);
    }

    #[test]
    fn a_container_is_a_program_of_one_file_too() {
        let text = b"function main\nend\n#! file b.mmm\nfunction f\nend\n";
        assert_eq!(case_from_text(Machine::Mmm, text).files.len(), 2);
        let alone = crate::case::Case::single(Machine::Mmm, "main.mmm", text);
        assert_eq!(reference::run(&alone).observation.ending, Ending::Returned);
    }

    #[test]
    fn mutants_keep_within_bounds_and_many_still_run() {
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
            // A fuzzer keeps what is good; this stands in for it.
            if seen.ending == Ending::Refused && splitmix(&mut state) < u64::MAX / 2 {
                size = 0;
            }
            // But for a newline at the end of a file, that is.
            let text = text_from_case(&case);
            assert_eq!(text_from_case(&case_from_text(Machine::Mmm, &text)), text);
        }
        assert!(ran > 500, "{ran}");
        assert!(endings.len() >= 10, "{endings:?}");
    }
}
