use crate::case::Case;
use crate::engines::reference;
use crate::machine::Machine;
use crate::reduce::reduce;

/// Checks the smallest program that a text is reduced to while it has this fault.
#[track_caller]
fn check(text: &str, fault: &str, smallest: &str) {
    let mut case = Case::single(Machine::Sc, "main.sca", text);
    case.limits.fuel = Some(1000);
    let mut tried = 0;
    let mut interesting = |case: &Case| {
        tried += 1;
        reference::read(case).observation.fault.as_deref() == Some(fault)
    };
    let small = reduce(&case, &mut interesting).expect("it has that fault");
    assert_eq!(String::from_utf8_lossy(&small.files["main.sca"]), smallest);
    assert!(tried < 1000, "{tried}");
}

#[test]
fn irrelevant_parts_are_removed() {
    let text = "\
        x = 5 # here\nloop: for i = 0 to 10\n  while i < 3\n    print(i, x)\n    proceed loop\n  end\n\
        y = (x + 1) * (i / (i - i))\n  goto out\nend\nlabel out\nprint(\"end\")\n";
    check(text, "divide-by-zero", "0 / 0\n");
    check(
        "x = 1\nprint(nil, 2 + len(7 * x), x)\n",
        "type-mismatch",
        "len(nil)\n",
    );
}

#[test]
fn loops_that_matter_are_kept() {
    let text = "a = 1\nwhile true\n  a = a + 1\n  for k = 0 to 2\n    print(a)\n  end\nend\n";
    check(text, "out-of-fuel", "while true\nend\n");
    let text = "print(1)\nfor k = 0 to 3\n  while k == 2\n    print(u)\n    stop\n  end\nend\n";
    check(text, "unset-variable", "a\n");
}

#[test]
fn files_that_cannot_be_decoded_become_shorter() {
    let bytes = crate::generate::sc::binary(1, 2);
    let case = Case::single(Machine::Sc, "main.sc", &bytes[..bytes.len() - 1]);
    let mut refused = |case: &Case| {
        let bytes = &case.files["main.sc"];
        bytes.starts_with(b".Sc") && crate::reference::sc::check(bytes).is_err()
    };
    let small = reduce(&case, &mut refused).expect("it is refused");
    assert_eq!(small.files["main.sc"], b".Sc");
}
