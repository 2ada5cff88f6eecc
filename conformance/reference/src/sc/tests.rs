use super::compare::mixed_order;
use super::functions::is_float;
use super::program::Program;
use super::run::Run;
use super::value::Value;
use crate::observe::NoObserver;
use mmm_case::Ending;
use std::cmp::Ordering;
use vm_base::Limits;

/// Returns a file from words of hexadecimal digits, with `=TEXT` for a Str constant, a decimal number
/// after `.` for a field of 64 bits, and `|` for the end of a section.
fn file(text: &str) -> Vec<u8> {
    let mut bytes = b".Sc.".to_vec();
    for word in text.split_whitespace() {
        if let Some(text) = word.strip_prefix('=') {
            bytes.push(b'S');
            bytes.extend_from_slice(text.as_bytes());
            bytes.push(0);
        } else if let Some(number) = word.strip_prefix('.') {
            let number: u64 = number.parse().expect("a number");
            bytes.extend_from_slice(&number.to_le_bytes());
        } else if word == "|" {
            bytes.extend_from_slice(&[0; 6]);
        } else {
            bytes.push(u8::from_str_radix(word, 16).expect("a byte"));
        }
    }
    bytes
}

/// Checks the output of a file, and its ending with its fault and where it is; or why the file does
/// not load.
#[track_caller]
fn check(text: &str, output: &str, ending: &str) {
    let bytes = file(text);
    let seen = match Program::load(&bytes, NoObserver) {
        Ok(program) => {
            let limits = Limits {
                fuel: Some(100),
                heap_bytes: 100,
                ..Limits::untrusted()
            };
            Run::new(&program, limits, NoObserver)
                .execute("x")
                .observation
        }
        Err(why) => return assert_eq!(why, ending),
    };
    let mut found = seen.ending.name().to_owned();
    for part in [&seen.fault, &seen.at].into_iter().flatten() {
        found += " ";
        found += part;
    }
    assert_eq!(
        (
            String::from_utf8_lossy(&seen.output).as_ref(),
            found.as_str()
        ),
        (output, ending)
    );
    assert_eq!(seen.ending == Ending::Returned, seen.at.is_none());
}

/// The constants 4 `print`, 5 zero and 6 three, and the asts 0 `print($i)`, 1 zero and 2 three.
const COUNTING: &str = "
    .3 =print 49 .0 49 .3 |
    .3  .1 .2 01 01 .1 02 .4 .1  .1 .1 01 02 .5  .1 .1 01 02 .6 |";

fn counting(instructions: &str) -> String {
    format!("{COUNTING} {instructions} |")
}

#[test]
fn loops_count() {
    check(
        &counting(".3 01 00 .1 .1 .2 .2 04 .0 02 .0"),
        "0\n1\n2\n",
        "returned",
    );
    check(
        &counting(".3 01 00 .1 .2 .1 .2 04 .0 02 .0"),
        "",
        "returned",
    );
    check(&counting(".1 04 .0"), "", "faulted unset-variable x:0");
    let stops = ".4 01 00 .1 .1 .2 .3 04 .0 03 01 .3 02 .0";
    check(&counting(stops), "0\n", "returned");
    let proceeds = ".5 01 00 .1 .1 .2 .4 04 .0 03 01 .0 03 01 .0 02 .0";
    check(&counting(proceeds), "0\n1\n2\n", "returned");
    check(
        &counting(".2 06 .1 03 00 .1"),
        "",
        "limited out-of-fuel x:0",
    );
    check(&counting(".1 01 00 .1 .1 .1 .0"), "", "a loop has no END");
    check(
        &counting(".2 01 01 .1 .1 02 .0"),
        "",
        "faulted type-mismatch x:0",
    );
}

#[test]
fn a_malformed_file_is_refused() {
    check(".0 | .0 | .0 |", "", "returned");
    check(".0 | .0 | .0 | 00", "", "something follows the end");
    check(".0 | .0 | .1 |", "", "the file ends early");
    check(".1 49 .1 | .0 | .0 00", "", "the file ends early");
    check(
        ".0 | .0 | .18446744073709551615 00 00",
        "",
        "the file ends early",
    );
    check(".1 50 |", "", "there is no constant of this tag");
    check(
        ".0 00 00 00 00 00 01",
        "",
        "a section does not end in six zeros",
    );
    check(".0 | .1 .1 .1 03 | .0 |", "", "an ast under-runs its stack");
    check(
        ".0 | .1 .0 .1 01 02 .0 | .0 |",
        "",
        "an ast grows higher than it says",
    );
    check(
        ".0 | .1 .1 .0 | .0 |",
        "",
        "an ast does not end with one item",
    );
    check(
        ".0 | .1 .1 .1 01 01 .0 | .0 |",
        "",
        "a name is not a Str constant",
    );
    check(
        ".0 | .1 .1 .1 01 02 .4 | .0 |",
        "",
        "there is no such constant",
    );
    check(".0 | .0 | .1 04 .0 |", "", "there is no such ast");
    check(".0 | .0 | .1 03 00 .1 |", "", "there is no such label");
    check(
        ".0 | .0 | .2 06 .1 06 .1 |",
        "",
        "there are two labels of one name",
    );
    check(
        ".0 | .0 | .1 03 01 .0 |",
        "",
        "a jump is not in the loop that it names",
    );
    let into = ".4 03 00 .1 01 01 .1 .3 06 .1 02 .1";
    check(&counting(into), "", "a goto enters a loop");
}

#[test]
fn ints_and_floats_compare_exactly() {
    let two_to_63 = 9_223_372_036_854_775_808.0;
    for (int, float, order) in [
        (1, 1.0, Some(Ordering::Equal)),
        (1, 1.5, Some(Ordering::Less)),
        (-1, -1.5, Some(Ordering::Greater)),
        (
            (1 << 53) + 1,
            9_007_199_254_740_992.0,
            Some(Ordering::Greater),
        ),
        (i64::MAX, two_to_63, Some(Ordering::Less)),
        (i64::MIN, -two_to_63, Some(Ordering::Equal)),
        (i64::MIN, f64::NEG_INFINITY, Some(Ordering::Greater)),
        (0, 1e300, Some(Ordering::Less)),
        (0, f64::NAN, None),
    ] {
        assert_eq!(mixed_order(int, float), order, "{int} {float}");
    }
}

#[test]
fn floats_are_printed_and_read() {
    for (value, text) in [
        (5.0, "5.0"),
        (-0.0, "-0.0"),
        (0.1, "0.1"),
        (-f64::NAN, "NaN"),
        (1e21, "1000000000000000000000.0"),
        (f64::INFINITY, "inf"),
    ] {
        assert_eq!(Value::Float(value).to_text(NoObserver), text);
    }
    for text in ["5", "5.", ".5", "+1E3", "-5.25e-1", "1e+9"] {
        assert!(is_float(text), "{text}");
    }
    for text in [
        "", ".", "-", "e5", "1e", "1e+", "inf", "nan", " 1", "1_0", "0x1", "--1", "1e1e1", "1.2.3",
    ] {
        assert!(!is_float(text), "{text}");
    }
}
