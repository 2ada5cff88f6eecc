use super::literal::literal;
use super::run;
use super::source::resolve;
use super::value::Value;
use crate::observe::NoObserver;
use mmm_case::Ending;
use mmm_case::Machine;
use mmm_case::{Case, CaseLimits};

/// Returns the output of a program, followed by its value, or by its fault or limit and where it is.
fn outcome(case: &Case) -> String {
    let seen = run(case).observation;
    let output = String::from_utf8(seen.output).expect("output is text");
    match seen.ending {
        Ending::Returned => output + &seen.value.unwrap_or_default(),
        Ending::Refused => "refused".to_owned(),
        _ => format!(
            "{output}{} at {}",
            seen.fault.unwrap_or_default(),
            seen.at.unwrap_or_default()
        ),
    }
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let case = Case::single(Machine::Mmm, "main.mmm", text);
    assert_eq!(outcome(&case), expected, "{text}");
}

#[track_caller]
fn check_body(body: &str, expected: &str) {
    check(
        &format!("function main\n{}\nend", body.replace("; ", "\n")),
        expected,
    );
}

#[track_caller]
fn check_limits(limits: CaseLimits, body: &str, expected: &str) {
    let text = format!("function main\n{}\nend", body.replace("; ", "\n"));
    let case = Case {
        limits,
        ..Case::single(Machine::Mmm, "main.mmm", text)
    };
    assert_eq!(outcome(&case), expected, "{body}");
}

#[test]
fn values_print_in_their_form() {
    check_body(
        r#"constexpr "a\n\u{7f}\0'\""; constexpr 0b0101; constexpr '\t'; constexpr -0; constexpr -0.; constexpr 1e21; constexpr true; printn *"#,
        "\"a\\n\\u{7f}\\u{0}'\\\"\", 0b101, \t, 0, -0, 1000000000000000000000, true\n",
    );
    check_body("printn *; int +7; ret", "7");
    check_body("float 1e999; printn 0", "inf\n");
}

#[test]
fn arithmetic_by_type() {
    check_body("int 7; int -2; bin_op %; ret", "1");
    check_body(
        "byte 0b1; int 2147483647; bin_op +; ret",
        "overflow at main.mmm#main:4",
    );
    check_body(
        "int -2147483648; int -1; bin_op %; ret",
        "overflow at main.mmm#main:4",
    );
    check_body("byte 0b1; float .5; bin_op -; ret", "0.5");
    check_body(
        "int 1; byte 0b0; bin_op %; ret",
        "divide-by-zero at main.mmm#main:4",
    );
    check_body(
        "string \"a\"; string \"b\"; bin_op +",
        "type-mismatch at main.mmm#main:4",
    );
    check_body("float 0; float 0; bin_op /; ret", "NaN");
    check_body("int 1; bin_op +", "stack-size at main.mmm#main:3");
}

#[test]
fn a_malformed_literal_has_no_value() {
    for (mnemonic, operand) in [
        ("constexpr", "2147483648"),
        ("constexpr", "-"),
        ("constexpr", "inf"),
        ("constexpr", "\"a\"b"),
        ("constexpr", "'\\u{d800}'"),
        ("constexpr", "0b100000000"),
        ("int", "1.0"),
        ("float", "."),
        ("float", "1e"),
        ("float", "nan"),
        ("char", "'''"),
        ("char", "''"),
        ("string", "\"\\u{0000041}\""),
        ("byte", "0b"),
        ("bool", "True"),
    ] {
        assert!(
            literal(mnemonic, operand, NoObserver).is_none(),
            "{mnemonic} {operand}"
        );
    }
    assert!(matches!(
        literal("float", "99999999999", NoObserver),
        Some(Value::Float(_))
    ));
    assert!(matches!(
        literal("constexpr", "99999999999.", NoObserver),
        Some(Value::Float(_))
    ));
    assert!(matches!(
        literal("string", "\"\\u{000041}\"", NoObserver),
        Some(Value::Str(_))
    ));
}

#[test]
fn layout_and_load_errors() {
    check(
        "\u{feff}\tfunction main # x\r\n int 1 #y\r\nret\r\n  # z\r\nend",
        "1",
    );
    check("function main\nnop x\nend", "refused");
    check("function main\nint 1", "refused");
    check("function main\nend\nend", "refused");
    check("function main\nfunction a\nend", "refused");
    check("function a\nend", "refused");
    check("function main\nend\nfunction main\nend", "refused");
    check("nop\nfunction main\nend", "refused");
    check("function main\nprintn -1\nend", "refused");
    check("function main\nprintn \"*\"\nend", "refused");
    check("function main\nconstexpr \"a\\\"\nend", "refused");
    check("function main\ncall #f\nend", "refused");
    check("function main\npop# x\nend", "refused");
    check("function main\nint 1\n ret \nint x\nend\n", "1");
    check(
        "function main\nint 1\rret\nend",
        "bad-literal at main.mmm#main:2",
    );
}

#[test]
fn calls_find_their_files_and_check_for_faults_in_order() {
    let files = [
        (
            "main.mmm",
            "function main\ncall lib/a.mmm#f\nprintn *\ncall bad.mmm#f\nend",
        ),
        ("lib/a.mmm", "function f\ncall ../b#.mmm#g\nret\nend"),
        ("b#.mmm", "function g\nstack_size\nret\nend"),
        ("bad.mmm", "function f\nend\nend"),
    ];
    let mut case = Case::single(Machine::Mmm, "main.mmm", "");
    case.files = files
        .map(|(name, text)| (name.to_owned(), text.into()))
        .into();
    assert_eq!(outcome(&case), "3\nbad-file at main.mmm#main:4");
    case.limits.call_depth = Some(2);
    assert_eq!(outcome(&case), "call-depth at lib/a.mmm#f:2");
    check_body("call ../main.mmm#main", "file-access at main.mmm#main:2");
    check_body("call no.mmm#main", "file-access at main.mmm#main:2");
    check_body(
        "call ./x/../main.mmm#g",
        "unknown-function at main.mmm#main:2",
    );
}

#[test]
fn limits_end_a_program_before_it_exceeds_them() {
    let none = CaseLimits::default();
    let fuel = |fuel| CaseLimits {
        fuel: Some(fuel),
        ..none
    };
    check_limits(fuel(0), "nop", "out-of-fuel at main.mmm#main:2");
    check_limits(fuel(1), "nop", "");
    let output = CaseLimits {
        output_bytes: Some(3),
        ..none
    };
    check_limits(
        output,
        "int 1; printn 0; printn 0",
        "1\noutput-limit at main.mmm#main:4",
    );
    check_limits(
        output,
        "int 1; printn 1; printn 0",
        "out-of-range at main.mmm#main:3",
    );
    let heap = CaseLimits {
        heap_bytes: Some(32),
        ..none
    };
    check_limits(heap, "int 1; pop; int 2; ret", "2");
    check_limits(heap, "int 1; int 2", "memory-limit at main.mmm#main:3");
    check_body("call main.mmm#main", "call-depth at main.mmm#main:2");
}

#[test]
fn a_dump_shows_active_calls_and_local_items() {
    check_body(
        "int 5; string \"a\"; stack_dump",
        "stack_dump in main\ncalls:\n  main.mmm#main:4\nstack:\n  0: Int 5\n  1: Str \"a\"\n",
    );
}

#[test]
fn paths_resolve_by_name_alone() {
    assert_eq!(
        resolve("a/b", "../c//./d/", NoObserver),
        Some("a/c/d".to_owned())
    );
    assert_eq!(resolve("a/b", "/c", NoObserver), Some("c".to_owned()));
    assert_eq!(resolve("a", "../../a/b", NoObserver), None);
    assert_eq!(resolve("a", "..", NoObserver), None);
}
