//! Literals and `repr`, as the real Python 3.9 has them.
//!
//! The expectations in `tests/data/literals.txt` are recorded by the script beside it. If the
//! variable `MMM_PYTHON39` names a Python 3.9, it checks many more.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};
use vm_py_code::object::{Object, Pool, Str};
use vm_py_text::{literal, repr::repr};

const FACTS: &str = include_str!("../data/literals.txt");

/// Returns the facts of one kind: an input and its result in Python.
fn facts(kind: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    FACTS.lines().filter_map(move |line| {
        let (found, rest) = line.split_once('\t').unwrap();
        (found == kind).then(|| rest.split_once('\t').unwrap())
    })
}

fn repr_of(object: Object) -> String {
    let mut pool = Pool::new();
    let id = pool.add(object);
    repr(&pool, id)
}

/// Returns the string of these code points.
fn string(points: impl IntoIterator<Item = u32>) -> Str {
    let mut text = String::from("'");
    for point in points {
        let _ = write!(text, "\\U{point:08x}");
    }
    let mut pool = Pool::new();
    let id = literal::parse(&mut pool, &(text + "'")).unwrap();
    pool.str(id).unwrap().clone()
}

#[test]
fn floats_are_written_as_python_does() {
    for (bits, shown) in facts("float") {
        let bits = u64::from_str_radix(bits, 16).unwrap();
        assert_eq!(
            repr_of(Object::Float(f64::from_bits(bits))),
            shown,
            "{bits:x}"
        );
    }
}

#[test]
fn strings_are_written_as_python_does() {
    for (points, shown) in facts("str") {
        let points = points.split_whitespace();
        let points = points.map(|point| u32::from_str_radix(point, 16).unwrap());
        assert_eq!(repr_of(Object::Str(string(points))), shown);
    }
}

#[test]
fn literals_have_the_values_that_python_gives_them() {
    for (text, shown) in facts("literal") {
        let mut pool = Pool::new();
        let found = match literal::parse(&mut pool, text) {
            Ok(id) => {
                let printed = literal::print(&pool, id).unwrap();
                let again = literal::parse(&mut pool, &printed).unwrap();
                assert_eq!(literal::print(&pool, again).unwrap(), printed);
                assert_eq!(repr(&pool, again), repr(&pool, id), "{printed}");
                repr(&pool, id)
            }
            Err(_) => "refused".into(),
        };
        assert_eq!(found, shown, "{text}");
    }
}

#[test]
fn sets_have_the_order_that_python_gives_them() {
    for (items, shown) in facts("order") {
        let mut pool = Pool::new();
        let id = literal::parse(&mut pool, &format!("frozenset({items})")).unwrap();
        assert_eq!(repr(&pool, id), shown);
    }
}

#[track_caller]
fn check_refused(text: &str, part: &str, message: &str) {
    let error = literal::parse(&mut Pool::new(), text).unwrap_err();
    assert_eq!(
        (error.at.of(text), &error.message[..]),
        (part, message),
        "{text}"
    );
}

#[test]
fn errors_show_their_place() {
    check_refused("", "", "expected a literal");
    check_refused("(1, [2, 3)", ")", "')' cannot follow a literal");
    check_refused("(1, [2, 3]", "(", "the '(' is not closed");
    check_refused("frozenset({1}", "frozenset(", "the '(' is not closed");
    check_refused("(1, foo)", "foo", "'foo' is not a literal");
    check_refused("1 2", "2", "'2' cannot follow a literal");
    check_refused("'ab", "'ab", "the string is not closed");
    check_refused("'\\x4'", "\\x4", "\\x needs 2 hexadecimal digits");
    check_refused(
        "'a\\N{DASH}'",
        "\\N",
        "names of characters are not supported",
    );
    check_refused("f'{x}'", "f", "an f-string is not a literal");
    check_refused("12ab", "12a", "'12a' is not a number");
    check_refused("017", "017", "a decimal integer cannot begin with 0");
    check_refused("é?", "?", "unexpected '?' in a literal");
    check_refused("-'a'", "-", "only a number can have a sign");
    check_refused("1+2", "2", "only an imaginary number can be added");
    check_refused("flot('1')", "flot", "'flot' cannot be called in a literal");
    check_refused(
        "0x1p9999",
        "0x1p9999",
        "the number is too large for a float",
    );
    check_refused(
        "nan(5)",
        "nan(5)",
        "the function takes the 64 bits of a NaN, as in nan(0x7ff8000000000001)",
    );
    check_refused("]", "]", "expected a literal before ']'");
}

#[test]
fn literals_that_python_does_not_have() {
    let read = |text: &str| {
        let mut pool = Pool::new();
        let id = literal::parse(&mut pool, text).unwrap();
        (repr(&pool, id), literal::print(&pool, id).unwrap())
    };
    for (text, shown, printed) in [
        ("-0x1.8p3", "-12.0", "-12.0"),
        ("0X1P4", "16.0", "16.0"),
        ("inf", "inf", "1e999"),
        ("(-nan, nan)", "(nan, nan)", "(-nan, nan)"),
        ("nan(0xfff0000000000001)", "nan", "nan(0xfff0000000000001)"),
        ("nan(0x7ff8000000000000)", "nan", "nan"),
        ("StopIteration", "<class 'StopIteration'>", "StopIteration"),
        (
            "frozenset({2, 1})",
            "frozenset({1, 2})",
            "frozenset({2, 1})",
        ),
        ("'''a\nb\\\nc'''", "'a\\nbc'", "'a\\nbc'"),
        ("complex(1, -0.0)", "(1-0j)", "complex(1.0, -0.0)"),
        ("[1,\n\t2]", "[1, 2]", "[1, 2]"),
    ] {
        let (repr, print) = read(text);
        assert_eq!((&repr[..], &print[..]), (shown, printed), "{text}");
    }
}

#[test]
fn objects_without_a_literal_have_a_repr() {
    let mut pool = Pool::new();
    let list = pool.add(Object::List([].into()));
    let tuple = pool.add(Object::Tuple([list].into()));
    pool.node_mut(list).object = Object::List([list, tuple].into());
    assert_eq!(literal::print(&pool, list), None);
    assert_eq!(repr(&pool, list), "[[...], ([...],)]");
    let mut twice = pool.add(Object::Tuple([].into()));
    for _ in 0..80 {
        twice = pool.add(Object::Tuple([twice, twice].into()));
    }
    assert_eq!(literal::print(&pool, twice), None);
    assert!(repr(&pool, twice).ends_with('…'));
}

#[test]
fn deep_nesting_is_harmless() {
    let deep = 200_000;
    for (open, close) in [
        ("(", ")"),
        ("(", ",)"),
        ("[", "]"),
        ("{", "}"),
        ("frozenset((", ",))"),
    ] {
        let text = format!("{}{}", open.repeat(deep), close.repeat(deep));
        let mut pool = Pool::new();
        if let Ok(id) = literal::parse(&mut pool, &text) {
            let printed = literal::print(&pool, id).unwrap();
            assert!(literal::parse(&mut pool, &printed).is_ok());
            repr(&pool, id);
        }
    }
}

#[test]
fn long_integers() {
    let digits = "1234567890".repeat(20_000);
    let mut pool = Pool::new();
    let id = literal::parse(&mut pool, &digits).unwrap();
    assert_eq!(repr(&pool, id), digits);
    let hex = literal::print(&pool, id).unwrap();
    assert!(hex.starts_with("0x"));
    let again = literal::parse(&mut pool, &hex).unwrap();
    assert_eq!(repr(&pool, again), digits);
}

/// Returns well distributed numbers.
fn numbers() -> impl Iterator<Item = u64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    })
}

#[test]
fn the_real_python_agrees() {
    let Some(python) = std::env::var_os("MMM_PYTHON39") else {
        println!("skipped: MMM_PYTHON39 does not name a Python 3.9");
        return;
    };
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let mut lines = String::new();
    let mut float = |value: f64| {
        let shown = repr_of(Object::Float(value));
        let _ = writeln!(lines, "f\t{}\t{shown}", hex(&value.to_be_bytes()));
    };
    (-1074..1024).for_each(|power| float(2f64.powi(power)));
    for number in numbers().take(200_000) {
        float(f64::from_bits(number));
        // Floats with few digits, and ties between two last digits.
        float(((number >> 40) as f64) * 10f64.powi((number & 63) as i32 - 32));
        float(((number >> 13) as f64) / 4.0);
    }
    for start in (0..0x11_0000).step_by(256) {
        let text = string(start..start + 256);
        let shown = repr_of(Object::Str(text.clone()));
        let _ = writeln!(lines, "s\t{}\t{shown}", hex(&text.bytes));
    }
    for number in numbers().take(20_000) {
        let bytes = number.to_le_bytes();
        let bytes = &bytes[..number as usize % 9];
        let shown = repr_of(Object::Bytes(bytes.into()));
        let _ = writeln!(lines, "b\t{}\t{shown}", hex(bytes));
    }
    let mut child = Command::new(python)
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/data/literals_check.py"
        ))
        .stdin(Stdio::piped())
        .spawn()
        .expect("MMM_PYTHON39 can be run");
    child
        .stdin
        .take()
        .unwrap()
        .write_all(lines.as_bytes())
        .unwrap();
    assert!(child.wait().unwrap().success());
}
