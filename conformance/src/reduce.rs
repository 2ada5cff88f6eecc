//! Makes a case as small as it can be while something about it stays interesting.
//!
//! What is interesting is the caller's to say. Limits, files, functions, runs of lines, single
//! lines and the letters of words are taken away for as long as any of it can be; the order is
//! fixed, and no candidate is tried twice.

mod sc;

use crate::case::{Case, CaseLimits};
use crate::machine::Machine;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

/// Enough for a program with loops to show what is interesting about it.
const FUEL: u64 = 20_000;
/// The same for text that grows.
const HEAP_BYTES: u64 = 1 << 20;
/// Runs of so many neighbouring lines are taken away at every place, not only at some.
const NEIGHBOURS: usize = 3;

/// The smallest case found, from which no single thing can be taken away; `None` if the case is
/// not interesting as it is.
///
/// ```
/// use conformance::case::Case;
/// use conformance::machine::Machine;
/// use conformance::reduce::reduce;
///
/// let text = "function main\n    int 12\n    printn *   # here\n    pop\nend\n";
/// let case = Case::single(Machine::Mmm, "main.mmm", text);
/// let mut prints = |case: &Case| {
///     let text = String::from_utf8_lossy(&case.files["main.mmm"]);
///     text.contains("printn *")
/// };
/// let small = reduce(&case, &mut prints).expect("it prints");
/// assert_eq!(small.files["main.mmm"], b"    printn *\n");
/// ```
pub fn reduce(case: &Case, interesting: &mut dyn FnMut(&Case) -> bool) -> Option<Case> {
    let mut reducer = Reducer {
        best: case.clone(),
        interesting,
        tried: HashSet::new(),
    };
    if !reducer.try_case(case.clone()) {
        return None;
    }
    if case.machine == Machine::Sc {
        reducer.bound();
        sc::assemble(&mut reducer);
    }
    while reducer.round() {}
    match case.machine {
        Machine::Sc => sc::disassemble(&mut reducer),
        Machine::Mmm | Machine::Py => reducer.indent(),
    }
    Some(reducer.best)
}

struct Reducer<'a> {
    best: Case,
    interesting: &'a mut dyn FnMut(&Case) -> bool,
    /// Hashes of the candidates that were tried.
    tried: HashSet<u64>,
}

impl Reducer<'_> {
    /// Tries a candidate, which becomes the best case if it is interesting.
    fn try_case(&mut self, candidate: Case) -> bool {
        let mut hasher = DefaultHasher::new();
        (&candidate.files, &candidate.entry).hash(&mut hasher);
        (candidate.root, candidate.strict).hash(&mut hasher);
        let CaseLimits {
            fuel,
            call_depth,
            output_bytes,
            heap_bytes,
        } = candidate.limits;
        [fuel, call_depth, output_bytes, heap_bytes].hash(&mut hasher);
        let better = self.tried.insert(hasher.finish()) && (self.interesting)(&candidate);
        if better {
            self.best = candidate;
        }
        better
    }

    /// Tries everything once. True if anything could be taken away.
    fn round(&mut self) -> bool {
        let limits = self.drop_limits();
        let files = self.drop_files();
        let mut better = limits | files | self.move_home();
        if self.best.machine == Machine::Sc && sc::is_binary(self) {
            return better | sc::round(self);
        }
        let names: Vec<String> = self.best.files.keys().cloned().collect();
        for name in &names {
            better |= self.plain_layout(name);
            better |= self.drop_blocks(name);
            better |= self.drop_runs(name);
            better |= self.drop_neighbours(name);
        }
        // Words last: the fewer lines are left, the fewer words there are to try.
        for name in &names {
            better |= self.shorten_words(name);
        }
        better
    }

    /// Sees to it that what loops for ever when something is taken away does not do so for long.
    fn bound(&mut self) {
        let mut candidate = self.best.clone();
        candidate.limits.fuel.get_or_insert(FUEL);
        candidate.limits.heap_bytes.get_or_insert(HEAP_BYTES);
        if candidate.limits != self.best.limits {
            self.try_case(candidate);
        }
    }

    fn drop_limits(&mut self) -> bool {
        let mut better = self.best.strict
            && self.try_case(Case {
                strict: false,
                ..self.best.clone()
            });
        for index in 0..4 {
            let mut candidate = self.best.clone();
            let fields = candidate.limits.fields();
            let bounds = matches!(fields[index].0, "fuel" | "heap_bytes");
            if bounds && self.best.machine == Machine::Sc {
                continue;
            }
            if fields[index].1.take().is_some() {
                better |= self.try_case(candidate);
            }
        }
        better
    }

    fn drop_files(&mut self) -> bool {
        let names: Vec<String> = self.best.files.keys().cloned().collect();
        let mut better = false;
        for name in names {
            if name != self.best.entry {
                let mut candidate = self.best.clone();
                candidate.files.remove(&name);
                better |= self.try_case(candidate);
            }
        }
        better
    }

    /// Moves a file that is alone out of its folders.
    fn move_home(&mut self) -> bool {
        let mut candidate = self.best.clone();
        match (
            candidate.entry.rsplit_once('/'),
            candidate.files.pop_first(),
        ) {
            (Some((_, home)), Some((_, text))) if candidate.files.is_empty() => {
                candidate.entry = home.to_owned();
                candidate.files.insert(candidate.entry.clone(), text);
                candidate.root = false;
                self.try_case(candidate)
            }
            _ => false,
        }
    }

    /// Tries another text for a file.
    fn try_text(&mut self, name: &str, text: Vec<u8>) -> bool {
        let mut candidate = self.best.clone();
        candidate.files.insert(name.to_owned(), text);
        self.try_case(candidate)
    }

    /// Tries to leave the lines in `range` out.
    fn try_without(&mut self, name: &str, lines: &[Vec<u8>], range: Range<usize>) -> bool {
        let kept = [&lines[..range.start], &lines[range.end..]].concat();
        self.try_text(name, kept.concat())
    }

    /// Tries plain lines: no byte order mark, no blanks around them, no comments on them.
    fn plain_layout(&mut self, name: &str) -> bool {
        let length = self.best.files[name].len();
        let candidates = [false, true].map(|comments| self.plain(name, "", comments));
        // It gets shorter, or else the rounds would not end.
        let mut shorter = candidates
            .into_iter()
            .flatten()
            .filter(|text| text.len() < length);
        shorter.any(|text| self.try_text(name, text))
    }

    /// Indents the bodies of functions, now that all else is done.
    fn indent(&mut self) {
        let names: Vec<String> = self.best.files.keys().cloned().collect();
        for name in names {
            if let Some(text) = self.plain(&name, "    ", true) {
                self.try_text(&name, text);
            }
        }
    }

    /// A file, if it is text, with plain lines.
    fn plain(&self, name: &str, indent: &str, comments: bool) -> Option<Vec<u8>> {
        let text = std::str::from_utf8(&self.best.files[name]).ok()?;
        let mut out = String::with_capacity(text.len());
        for line in text.trim_start_matches('\u{feff}').lines() {
            let kept = match line.find(" #") {
                Some(at) if !comments => &line[..at],
                _ => line,
            };
            let kept = kept.trim_matches([' ', '\t', '\r']);
            if !kept.is_empty() && (comments || !kept.starts_with('#')) {
                out.push_str(if is_header(kept) { "" } else { indent });
                out.push_str(kept);
                out.push('\n');
            }
        }
        Some(out.into_bytes())
    }

    /// Leaves out whole functions.
    fn drop_blocks(&mut self, name: &str) -> bool {
        let mut better = false;
        let mut at = 0;
        loop {
            let lines = lines(&self.best.files[name]);
            let blocks = blocks(self.best.machine, &lines);
            // From the last: what stands below is used by less.
            let Some(block) = blocks.into_iter().rev().nth(at) else {
                return better;
            };
            match self.try_without(name, &lines, block) {
                true => better = true,
                false => at += 1,
            }
        }
    }

    /// Leaves out runs of lines: half of them, a quarter, and so on.
    fn drop_runs(&mut self, name: &str) -> bool {
        let mut better = false;
        let mut size = lines(&self.best.files[name]).len() / 2;
        while size > NEIGHBOURS {
            let mut at = 0;
            loop {
                let lines = lines(&self.best.files[name]);
                if at >= lines.len() {
                    break;
                }
                match self.try_without(name, &lines, at..(at + size).min(lines.len())) {
                    true => better = true,
                    false => at += size,
                }
            }
            size /= 2;
        }
        better
    }

    /// Leaves out a few neighbouring lines, wherever they stand.
    fn drop_neighbours(&mut self, name: &str) -> bool {
        let mut better = false;
        for size in (1..=NEIGHBOURS).rev() {
            let mut at = 0;
            loop {
                let lines = lines(&self.best.files[name]);
                if at + size > lines.len() {
                    break;
                }
                match self.try_without(name, &lines, at..at + size) {
                    true => better = true,
                    false => at += 1,
                }
            }
        }
        better
    }

    /// Takes letters out of words, and makes those that stay plainer.
    fn shorten_words(&mut self, name: &str) -> bool {
        let mut better = false;
        let mut at = 0;
        loop {
            let mut lines = lines(&self.best.files[name]);
            let Some(line) = lines.get(at).cloned() else {
                return better;
            };
            let mut found = false;
            for candidate in simpler(&line) {
                lines[at] = candidate;
                if self.try_text(name, lines.concat()) {
                    found = true;
                    break;
                }
            }
            better |= found;
            at += usize::from(!found);
        }
    }
}

/// The lines of a text, each with its ending; the bytes of what is no text.
fn lines(text: &[u8]) -> Vec<Vec<u8>> {
    match std::str::from_utf8(text) {
        Ok(text) if text.starts_with(".Sc.") => bytewise(text.as_bytes()),
        Ok(_) => text
            .split_inclusive(|&b| b == b'\n')
            .map(<[u8]>::to_vec)
            .collect(),
        Err(_) => bytewise(text),
    }
}

fn bytewise(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.iter().map(|&byte| vec![byte]).collect()
}

/// True for a line that does not belong into a body.
fn is_header(line: &str) -> bool {
    line.starts_with("function") || line.starts_with("end")
}

/// The runs of lines that stand or fall together.
fn blocks(machine: Machine, lines: &[Vec<u8>]) -> Vec<Range<usize>> {
    match machine {
        Machine::Mmm => {
            let begins = |at: &usize| lines[*at].trim_ascii_start().starts_with(b"function");
            let starts: Vec<usize> = (0..lines.len()).filter(begins).collect();
            let ends = starts.iter().skip(1).copied().chain([lines.len()]);
            starts
                .iter()
                .copied()
                .zip(ends)
                .map(|(a, b)| a..b)
                .collect()
        }
        Machine::Sc => loops(lines),
        Machine::Py => Vec::new(),
    }
}

/// The loops in a text of the sc machine.
fn loops(lines: &[Vec<u8>]) -> Vec<Range<usize>> {
    let mut open = Vec::new();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let mut words = line.split(|byte| b" \t:\r\n".contains(byte));
        if line.trim_ascii() == b"end" {
            found.extend(open.pop().map(|start| start..at + 1));
        } else if words.any(|word| word == b"for" || word == b"while") {
            open.push(at);
        }
    }
    found
}

/// Lines that are plainer than this one: shorter, or as long with a letter nearer to `0` or `a`.
/// They are made one by one: a line can be long.
fn simpler(line: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let text = std::str::from_utf8(line).unwrap_or("");
    let end = text.trim_end().len();
    // Where the letters are, without the indent and the line's ending.
    let letters: Vec<(usize, char)> = text
        .char_indices()
        .skip_while(|(_, c)| c.is_whitespace())
        .take_while(|&(at, _)| at < end)
        .collect();
    let count = letters.len();
    let offset = {
        let starts: Vec<usize> = letters.iter().map(|&(at, _)| at).collect();
        move |index: usize| starts.get(index).copied().unwrap_or(end)
    };
    let without = offset.clone();
    let sizes = std::iter::successors(Some(count / 2), |size| Some(size / 2));
    let shorter = sizes
        .take_while(|&size| size > 0)
        .flat_map(move |size| {
            (0..count)
                .step_by(size)
                .map(move |from| (from, from + size))
        })
        .map(move |(from, to)| [&line[..without(from)], &line[without(to.min(count))..]].concat());
    let plainer = letters
        .into_iter()
        .enumerate()
        .flat_map(|(index, (at, c))| {
            let plain = match c {
                '2'..='9' => &b"01"[..],
                '1' => b"0",
                'b'..='z' | 'A'..='Z' => b"a",
                _ => b"",
            };
            plain.iter().map(move |&letter| (index, at, letter))
        });
    shorter.chain(plainer.map(move |(index, at, letter)| {
        [&line[..at], &[letter], &line[offset(index + 1)..]].concat()
    }))
}

#[cfg(test)]
mod tests {
    use super::reduce;
    use crate::case::{Case, CaseLimits};
    use crate::machine::Machine;
    use crate::reference;
    use std::collections::HashSet;

    /// Reduces to the least program that has this fault.
    #[track_caller]
    fn check(text: &str, fault: &str, smallest: &str) {
        let mut case = Case::single(Machine::Mmm, "main.mmm", text);
        case.files.insert("other.mmm".to_owned(), b"end".to_vec());
        case.limits.fuel = Some(1_000_000);
        let mut seen = HashSet::new();
        let mut interesting = |case: &Case| {
            assert!(
                seen.insert((case.files.clone(), case.limits.fuel)),
                "tried twice"
            );
            reference::read(case).seen.fault.as_deref() == Some(fault)
        };
        let small = reduce(&case, &mut interesting).expect("it has that fault");
        assert_eq!(String::from_utf8_lossy(&small.files["main.mmm"]), smallest);
        assert_eq!(small.files.len(), 1);
        assert_eq!(small.limits, CaseLimits::default());
    }

    #[test]
    fn what_does_not_matter_goes() {
        let text = "\u{feff}function f\r\n\tnop # x\r\nend\r\n\r\nfunction main\r\n  int 5\n call main.mmm#f\r\n printn *\r\n\tvoid\r\n# so\n  pop\r\n int 77\r\nend\r\nfunction g\nend";
        check(text, "stack-size", "function main\n    pop\nend\n");
    }

    #[test]
    fn words_get_shorter() {
        let text = "function main\n string \"hello\"\n constexpr 12345.678\n bin_op %\nend\n";
        check(
            text,
            "type-mismatch",
            "function main\n    string \"\"\n    constexpr 0\n    bin_op %\nend\n",
        );
    }

    #[test]
    fn what_is_not_interesting_is_left_alone() {
        let case = Case::single(Machine::Mmm, "main.mmm", "function main\nend\n");
        assert_eq!(reduce(&case, &mut |_| false), None);
    }
}
