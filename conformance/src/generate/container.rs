//! Several files in one: the input of a fuzzer, or a packed program.
//!
//! A source file is a container as it is. In a container of several files, each file except the entry
//! comes after a line `#! file NAME`; the entry is the first. Such a line is a comment for the machine.

use crate::case::{Case, CaseLimits};
use crate::machine::Machine;

/// What precedes the name of a file.
const FILE: &[u8] = b"#! file ";

/// Enough for a program to do something, and short enough for a fuzzer.
const LIMITS: CaseLimits = CaseLimits {
    fuel: Some(20_000),
    call_depth: None,
    output_bytes: Some(1 << 16),
    heap_bytes: None,
};

/// Returns the case in a container. The entry is `main` with the machine's ending, unless the first
/// line gives another name.
///
/// ```
/// use conformance::generate::{case_from_text, text_from_case};
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
    // The last of two files with the same name is kept.
    case.files.insert(name, file);
    case
}

/// Returns a case as a container, without its limits.
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
    machine.row().entry.to_owned()
}

/// Returns the name in a line that begins a file. A path that leads out of the folder is not a name.
fn file_name(line: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(line.strip_prefix(FILE)?).ok()?;
    let name = name.trim_end_matches(['\n', '\r']);
    let plain = |part: &str| !matches!(part, "" | "." | "..");
    let fits = name.len() <= 200 && !name.contains('\0') && name.split('/').all(plain);
    fits.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{case_from_text, text_from_case};
    use crate::engine::Ending;
    use crate::machine::Machine;
    use crate::reference;

    #[test]
    fn a_path_out_of_the_folder_does_not_begin_a_file() {
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
}
