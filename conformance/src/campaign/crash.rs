//! An engine that dies, hangs or talks nonsense: where, and of what.

use super::consensus::Contender;
use super::localize::{step_behind, with_fuel};
use super::observe;
use crate::case::Case;
use crate::engine::{Ending, Observation};
use crate::panics;
use crate::reduce::predicate::crash_headline;

/// The last words are cut behind so many characters.
const LONGEST: usize = 160;

/// The instruction of a run at which an engine dies, counted from 0: with fuel for no more than
/// what comes before it, it lives. None if it dies before the first, or does not keep to fuel.
pub(super) fn step(case: &Case, contender: &mut Contender, found: &Observation) -> Option<usize> {
    // Each look at one that hangs takes all the time that it may take.
    if found.ending == Ending::Hung {
        return None;
    }
    let mut dies = |fuel: u64| {
        let case = with_fuel(case, fuel);
        observe(&mut *contender.engine, &case).ending == found.ending
    };
    let (mut lives, mut dead) = (0, panics::read(case).steps);
    if dead == 0 || dies(lives) || !dies(dead) {
        return None;
    }
    while lives + 1 < dead {
        let middle = lives + (dead - lives) / 2;
        match dies(middle) {
            true => dead = middle,
            false => lives = middle,
        }
    }
    step_behind(case, lives)
}

/// What an engine died of, in words that are the same the next time that it does.
pub(super) fn words(seen: &Observation) -> String {
    let name = seen.ending.name();
    let detail = seen.detail.as_deref().unwrap_or_default();
    // A word of ours on its memory is none of its own.
    let is_said = |line: &&str| !line.trim().is_empty() && !line.starts_with("(its memory");
    let mut lines = detail.lines().filter(is_said);
    let (Some(how), false) = (lines.next(), seen.ending == Ending::Hung) else {
        return name.to_owned();
    };
    let how = how
        .strip_prefix("ended instead of answering: ")
        .unwrap_or(how);
    if seen.ending == Ending::Garbled || how.contains("panicked at ") {
        return format!("{name}: {}", steadied(how));
    }
    let said: Vec<&str> = lines.collect();
    let last = crash_headline(&said.join("\n")).or_else(|| said.last().map(|line| steadied(line)));
    match last {
        Some(last) => format!("{name}: {how}: {last}"),
        None => format!("{name}: {how}"),
    }
}

/// Words without their numbers, but for those behind a colon, which tell a line of a source.
fn steadied(words: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    let mut chars = words.trim().chars().take(LONGEST).peekable();
    while let Some(c) = chars.next() {
        if !c.is_ascii_digit() || before == ':' || before.is_alphabetic() {
            out.push(c);
            // The number goes on as it began.
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
    use super::words;
    use crate::engine::{Ending, Observation};

    #[track_caller]
    fn check(ending: Ending, detail: &str, expected: &str) {
        assert_eq!(
            words(&Observation::of(ending).with_detail(detail)),
            expected
        );
    }

    #[test]
    fn what_is_another_each_time_is_left_out() {
        let python = "ended instead of answering: exit status 1\n\
            Traceback (most recent call last):\n  File \"vm.py\", line 7\n\
            IndexError: 12 of 7 at 0x7f01ab";
        let known = "crashed: exit status 1: IndexError: N of N at N";
        check(Ending::Crashed, python, known);
        let killed = "killed by signal 11 (segmentation fault)";
        let known = "crashed: killed by signal 11 (segmentation fault)";
        check(Ending::Crashed, killed, known);
        let rust = "ended instead of answering: exit status 101\n\n\
            thread 'main' (77) panicked at src/run.rs:10:5:\nindex is 7\nnote: run with";
        let known = "crashed: exit status 101: panicked at src/run.rs:10:5";
        check(Ending::Crashed, rust, known);
        let ours = "mmm panicked at vm/src/run.rs:10:5: the index is 12";
        let known = "crashed: mmm panicked at vm/src/run.rs:10:5: the index is N";
        check(Ending::Crashed, ours, known);
        check(Ending::Hung, "was not done after 10 s", "hung");
    }
}
