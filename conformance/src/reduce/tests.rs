use super::reduce;
use crate::case::{Case, CaseLimits};
use crate::machine::Machine;
use crate::reference;
use std::collections::HashSet;

/// Checks the smallest program that a text is reduced to while it has this fault.
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
        reference::run(case).observation.fault.as_deref() == Some(fault)
    };
    let small = reduce(&case, &mut interesting).expect("it has that fault");
    assert_eq!(String::from_utf8_lossy(&small.files["main.mmm"]), smallest);
    assert_eq!(small.files.len(), 1);
    assert_eq!(small.limits, CaseLimits::default());
}

#[test]
fn irrelevant_parts_are_removed() {
    let text = "\u{feff}function f\r\n\tnop # x\r\nend\r\n\r\nfunction main\r\n  int 5\n call main.mmm#f\r\n printn *\r\n\tvoid\r\n# so\n  pop\r\n int 77\r\nend\r\nfunction g\nend";
    check(text, "stack-size", "function main\n    pop\nend\n");
}

#[test]
fn literals_become_shorter() {
    let text = "function main\n string \"hello\"\n constexpr 12345.678\n bin_op %\nend\n";
    check(
        text,
        "type-mismatch",
        "function main\n    bool false\n    int 0\n    bin_op +\nend\n",
    );
}

#[test]
fn a_case_that_is_not_interesting_is_not_reduced() {
    let case = Case::single(Machine::Mmm, "main.mmm", "function main\nend\n");
    assert_eq!(reduce(&case, &mut |_| false), None);
}
