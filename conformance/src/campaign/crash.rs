//! The message by which a crash is recognised when it happens again.

use crate::engine::{Ending, Observation};
use crate::reduce::predicate::crash_headline;

/// The maximal number of characters of a message.
const MAX_CHARS: usize = 160;

/// Returns the ending of a crashed, hung or garbled run and its message without what changes from
/// one run to the next.
pub(super) fn signature(seen: &Observation) -> String {
    let name = seen.ending.name();
    let detail = seen.detail.as_deref().unwrap_or_default();
    // A note of ours about memory is not the engine's message.
    let is_message = |line: &&str| !line.trim().is_empty() && !line.starts_with("(its memory");
    let mut lines = detail.lines().filter(is_message);
    let (Some(how), false) = (lines.next(), seen.ending == Ending::Hung) else {
        return name.to_owned();
    };
    let how = how
        .strip_prefix("ended instead of answering: ")
        .unwrap_or(how);
    if seen.ending == Ending::Garbled || how.contains("panicked at ") {
        return format!("{name}: {}", without_numbers(how));
    }
    let rest: Vec<&str> = lines.collect();
    let last =
        crash_headline(&rest.join("\n")).or_else(|| rest.last().map(|line| without_numbers(line)));
    match last {
        Some(last) => format!("{name}: {how}: {last}"),
        None => format!("{name}: {how}"),
    }
}

/// Replaces the numbers of a message by `N`, except those after a colon, which name a source line.
fn without_numbers(message: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    let mut chars = message.trim().chars().take(MAX_CHARS).peekable();
    while let Some(c) = chars.next() {
        if !c.is_ascii_digit() || before == ':' || before.is_alphabetic() {
            out.push(c);
            // Further digits belong to the same number.
            before = if c.is_ascii_digit() { before } else { c };
            continue;
        }
        while chars.next_if(char::is_ascii_alphanumeric).is_some() {}
        out.push('N');
        before = 'N';
    }
    out
}

#[cfg(test)]
mod tests {
    use super::signature;
    use crate::engine::{Ending, Observation};

    #[track_caller]
    fn check(ending: Ending, detail: &str, expected: &str) {
        let seen = Observation::of(ending).with_detail(detail);
        assert_eq!(signature(&seen), expected);
    }

    #[test]
    fn a_signature_leaves_out_what_changes() {
        let python = "ended instead of answering: exit status 1\n\
            Traceback (most recent call last):\n  File \"vm.py\", line 7\n\
            IndexError: 12 of 7 at 0x7f01ab";
        let expected = "crashed: exit status 1: IndexError: N of N at N";
        check(Ending::Crashed, python, expected);
        let killed = "killed by signal 11 (segmentation fault)";
        let expected = "crashed: killed by signal 11 (segmentation fault)";
        check(Ending::Crashed, killed, expected);
        let rust = "ended instead of answering: exit status 101\n\n\
            thread 'main' (77) panicked at src/run.rs:10:5:\nindex is 7\nnote: run with";
        let expected = "crashed: exit status 101: panicked at src/run.rs:10:5";
        check(Ending::Crashed, rust, expected);
        let ours = "mmm panicked at vm/src/run.rs:10:5: the index is 12";
        let expected = "crashed: mmm panicked at vm/src/run.rs:10:5: the index is N";
        check(Ending::Crashed, ours, expected);
        check(Ending::Hung, "was not done after 10 s", "hung");
    }
}
