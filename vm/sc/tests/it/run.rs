//! The behaviour of programs of the `.Sc.` machine.

use vm_base::{Limits, MemoryHost};
use vm_sc::{self as sc, Arity, Fault, Options, Outcome, Value};

fn run_with(text: &str, options: &Options, limits: &Limits) -> (String, Outcome) {
    let mut host = MemoryHost::new([("p.sca", text)]);
    let program = match sc::load_with(&mut host, "p.sca", options, limits) {
        Ok(program) => program,
        Err(error) => panic!("{error}"),
    };
    let outcome = sc::run(&program, &mut host, limits);
    // The binary form of the program does the same.
    let bytes = sc::assemble("p.sca", text).unwrap();
    let binary = sc::load_bytes("p.sca", bytes, options).unwrap();
    let mut second = MemoryHost::default();
    assert_eq!(sc::run(&binary, &mut second, limits), outcome);
    assert_eq!(second.output, host.output);
    (String::from_utf8(host.output).unwrap(), outcome)
}

fn instruction(outcome: &Outcome) -> Option<usize> {
    outcome.at().map(|pc| pc.instruction)
}

#[track_caller]
fn check(text: &str, output: &str) {
    let (found, outcome) = run_with(text, &Options::default(), &Limits::default());
    assert_eq!(found, output);
    assert!(outcome.is_returned(), "{outcome:?}");
}

/// Checks that the program prints `output` and stops at instruction `at` with `fault`.
#[track_caller]
fn check_fault(text: &str, output: &str, at: usize, fault: &str) {
    let (found, outcome) = run_with(text, &Options::default(), &Limits::default());
    assert_eq!(
        (found.as_str(), outcome.code()),
        (output, Some(fault)),
        "{text}"
    );
    assert_eq!(instruction(&outcome), Some(at), "{text}");
}

/// Checks that `expression` prints as `form`, or faults if `form` is a `!` and a code.
#[track_caller]
fn check_value(expression: &str, form: &str) {
    match form.strip_prefix('!') {
        None => {
            let text = format!("print({expression})\nx = {expression}\nprint(x)\n");
            check(&text, &format!("{form}\n{form}\n"));
        }
        Some(fault) => check_fault(&format!("pass\nx = {expression}"), "", 1, fault),
    }
}

#[test]
fn expressions() {
    for (expression, form) in [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 2 - 3", "5"),
        ("7 / -2", "-3"),
        ("-7 % 3", "-1"),
        ("7 % -3", "1"),
        ("7.5 % 2", "1.5"),
        ("-7.5 % 2", "-1.5"),
        ("1 / 2.0", "0.5"),
        ("1.0 / 0", "inf"),
        ("-1 / 0.0", "-inf"),
        ("0.0 / 0", "NaN"),
        ("5.0 % 0", "NaN"),
        ("1 / 0", "!divide-by-zero"),
        ("1 % 0", "!divide-by-zero"),
        ("9223372036854775807 + 1", "!overflow"),
        ("-9223372036854775808 - 1", "!overflow"),
        ("-9223372036854775808 / -1", "!overflow"),
        ("-9223372036854775808 % -1", "!overflow"),
        ("-(-9223372036854775808)", "!overflow"),
        ("-9223372036854775808 * -1", "!overflow"),
        ("9223372036854775807 + 1.0", "9223372036854776000.0"),
        ("\"a\" + \"b\"", "ab"),
        ("\"a\" + 1", "!type-mismatch"),
        ("1 + \"a\"", "!type-mismatch"),
        ("nil + nil", "!type-mismatch"),
        ("\"a\" * 2", "!type-mismatch"),
        ("true + true", "!type-mismatch"),
        ("1 == 1.0", "1b"),
        ("9007199254740993 == 9007199254740992.0", "0b"),
        ("9007199254740993 > 9007199254740992.0", "1b"),
        ("9223372036854775807 < 9223372036854775808.0", "1b"),
        ("0.0 == -0.0", "1b"),
        ("0f7ff8000000000000 == 0f7ff8000000000000", "0b"),
        ("0f7ff8000000000000 != 0f7ff8000000000000", "1b"),
        ("0f7ff8000000000000 <= 1", "0b"),
        ("nil == nil", "1b"),
        ("nil == 0b", "0b"),
        ("1 == true", "0b"),
        ("\"1\" == 1", "0b"),
        ("\"1\" != 1", "1b"),
        ("\"a\" < \"b\"", "1b"),
        ("\"a\" < \"\"", "0b"),
        ("\"z\" < \"é\"", "1b"),
        ("\"a\" >= \"a\"", "1b"),
        ("\"a\" < 1", "!type-mismatch"),
        ("nil < nil", "!type-mismatch"),
        ("true < false", "!type-mismatch"),
        ("not true", "0b"),
        ("not 1", "!type-mismatch"),
        ("true and false or true", "1b"),
        ("true and 1", "!type-mismatch"),
        ("false and 1", "!type-mismatch"),
        ("true or nil", "!type-mismatch"),
        ("-(5)", "-5"),
        ("-(0.0)", "-0.0"),
        ("-\"a\"", "!type-mismatch"),
        ("--5", "5"),
        ("1e21", "1000000000000000000000.0"),
        ("1e999", "inf"),
        ("0b", "0b"),
        ("1b", "1b"),
        ("nil", "nil"),
        ("y", "!unset-variable"),
        ("y + nil", "!unset-variable"),
        ("nil + y", "!unset-variable"),
        ("1 / 0 + y", "!divide-by-zero"),
        ("y + 1 / 0", "!unset-variable"),
        ("not y", "!unset-variable"),
        ("-y", "!unset-variable"),
        ("y == y", "!unset-variable"),
        ("y and 1", "!unset-variable"),
    ] {
        check_value(expression, form);
    }
}

#[test]
fn functions() {
    for (expression, form) in [
        ("print()", "\nnil"),
        ("str(1.5) + str(nil) + str(1b) + str(\"x\")", "1.5nil1bx"),
        ("len(\"aé漢😀\")", "4"),
        ("len(1)", "!type-mismatch"),
        (
            "type(nil) + type(1b) + type(1) + type(1.0) + type(\"\")",
            "nilboolintfloatstr",
        ),
        ("int(-1.9)", "-1"),
        ("int(\"+5\")", "5"),
        ("int(\"-0\")", "0"),
        ("int(\"\")", "!bad-value"),
        ("int(\" 5\")", "!bad-value"),
        ("int(\"5.0\")", "!bad-value"),
        ("int(\"9223372036854775808\")", "!bad-value"),
        ("int(\"-9223372036854775808\")", "-9223372036854775808"),
        ("int(9223372036854775808.0)", "!bad-value"),
        ("int(-9223372036854775808.0)", "-9223372036854775808"),
        ("int(1e999)", "!bad-value"),
        ("int(0f7ff8000000000000)", "!bad-value"),
        ("int(nil)", "!type-mismatch"),
        ("int(true)", "!type-mismatch"),
        ("float(1)", "1.0"),
        ("float(9007199254740993)", "9007199254740992.0"),
        ("float(\"-.5e1\")", "-5.0"),
        ("float(\"1e999\")", "inf"),
        ("float(\"inf\")", "!bad-value"),
        ("float(\"\")", "!bad-value"),
        ("float(nil)", "!type-mismatch"),
        ("foo(1)", "!unknown-function"),
        ("foo(1 / 0)", "!divide-by-zero"),
        ("len()", "!arity"),
        ("len(1, 2)", "!arity"),
        ("int(y)", "!unset-variable"),
        ("foo(y)", "!unset-variable"),
    ] {
        match expression {
            "print()" => check("x = print()\nprint(x)", "\nnil\n"),
            _ => check_value(expression, form),
        }
    }
    check("print(1, \"a b\", nil, 2.0)", "1 a b nil 2.0\n");
    // Arguments are evaluated from the right, and before the function is looked up.
    check_fault("foo(print(1), print(2))", "2\n1\n", 0, "unknown-function");
    check_fault("print(1, y + print(2))", "", 0, "unset-variable");
    check_fault("print(y, print(2))", "2\n", 0, "unset-variable");
    check_fault("z = 1\nprint(z + print(2))", "2\n", 1, "type-mismatch");
}

#[test]
fn for_loops() {
    check("for i = 0 to 3\nprint(i)\nend\nprint(i)", "0\n1\n2\n2\n");
    check("i = 7\nfor i = 3 to 3\nprint(i)\nend\nprint(i)", "7\n");
    check("for i = 0 to 3\ni = i * 10\nprint(i)\nend", "0\n10\n20\n");
    check("n = 2\nfor i = 0 to n\nn = 9\nprint(n)\nend", "9\n9\n");
    check_fault("for i = print(1) == 1 to 2\nend", "1\n", 0, "type-mismatch");
    check_fault("for i = 0.0 to print(2)\nend", "2\n", 0, "type-mismatch");
    check_fault("for i = 0 to 2.0\nend", "", 0, "type-mismatch");
    check_fault("for i = y to 2.0\nend", "", 0, "unset-variable");
    check_fault("for i = 0 to 0\nend\nprint(i)", "", 2, "unset-variable");
    check(
        "for i = 9223372036854775805 to 9223372036854775807\nprint(i)\nend",
        "9223372036854775805\n9223372036854775806\n",
    );
}

#[test]
fn stop_proceed_and_goto() {
    let text = "\
outer: for i = 0 to 5
    for j = 0 to 5
        k = j
        while k == 2
            proceed outer
        end
        while i == 3
            stop outer
        end
        print(i, j)
    end
end
print(i, j)
";
    check(text, "0 0\n0 1\n1 0\n1 1\n2 0\n2 1\n3 0\n");
    check(
        "i = 0\nwhile i < 3\ni = i + 1\nwhile i == 2\nprint(\"two\")\nstop\nend\nprint(i)\nend",
        "1\ntwo\n2\n3\n",
    );
    check(
        "goto b\nlabel a\nprint(1)\ngoto c\nlabel b\nprint(2)\ngoto a\nlabel c",
        "2\n1\n",
    );
    check(
        "n = 0\nlabel again\nfor i = 0 to 3\nn = n + 1\nwhile n == 2\ngoto again\nend\nprint(i, n)\nend",
        "0 1\n0 3\n1 4\n2 5\n",
    );
    check_fault("goto b\nx = 1\nlabel b\nprint(x)", "", 3, "unset-variable");
    check_fault(
        "while print(1) == 1\nend\nwhile 1\nend",
        "1\n",
        2,
        "type-mismatch",
    );
}

#[test]
fn embedders_add_functions() {
    let mut options = Options::default();
    options.functions.add("add", Arity::Any, |arguments| {
        let mut sum = 0;
        for argument in arguments {
            let Value::Int(int) = argument else {
                return Err(Fault::Host("not-an-int".into()));
            };
            sum += int;
        }
        Ok(Value::Int(sum))
    });
    let (output, outcome) = run_with(
        "print(add(), add(1, 2 + 3))\nadd(nil)",
        &options,
        &Limits::default(),
    );
    assert_eq!(output, "0 6\n");
    assert_eq!(outcome.code(), Some("not-an-int"));
}

/// Checks that a limit of `most` stops the program at instruction `at`, and one of `most + 1` does
/// not.
#[track_caller]
fn check_limit(text: &str, limits: impl Fn(u64) -> Limits, most: u64, at: usize, output: &str) {
    let (_, outcome) = run_with(text, &Options::default(), &limits(most + 1));
    assert!(outcome.is_returned(), "{outcome:?}");
    let (found, outcome) = run_with(text, &Options::default(), &limits(most));
    assert!(outcome.limit().is_some(), "{outcome:?}");
    assert_eq!(instruction(&outcome), Some(at));
    assert_eq!(found, output);
}

fn fuel(fuel: u64) -> Limits {
    Limits {
        fuel: Some(fuel),
        ..Limits::default()
    }
}

fn memory(heap_bytes: u64) -> Limits {
    Limits {
        heap_bytes,
        ..Limits::default()
    }
}

fn output(output_bytes: u64) -> Limits {
    Limits {
        output_bytes: Some(output_bytes),
        ..Limits::default()
    }
}

#[test]
fn fuel_is_one_for_each_instruction_and_ast_instruction() {
    check_limit("pass\npass", fuel, 1, 1, "");
    check_limit("pass\nlabel a\nx = 1 + 2", fuel, 5, 2, "");
    check_limit("print(1)\nprint(2)", fuel, 5, 1, "1\n");
    // FOR 3, then EVAL 3 and END 1 in each iteration.
    check_limit("for i = 0 to 2\nprint(i)\nend", fuel, 10, 2, "0\n1\n");
    check_limit("for i = 0 to 0\nprint(i)\nend\nprint(1)", fuel, 5, 3, "");
    // SET 2, then the WHILE's test 4 three times, and SET 4 and END 1 in each iteration.
    check_limit("i = 0\nwhile i < 2\ni = i + 1\nend", fuel, 23, 1, "");
    check_limit(
        "i = 0\nwhile i < 2\ni = i + 1\nproceed\nend",
        fuel,
        23,
        1,
        "",
    );
    check_limit("for i = 0 to 2\nproceed\npass\nend", fuel, 4, 1, "");
    check_limit("while true\nstop\nend\npass", fuel, 3, 3, "");
    let (_, outcome) = run_with("while true\nend", &Options::default(), &fuel(1000));
    assert_eq!(outcome.code(), Some("out-of-fuel"));
    let (_, outcome) = run_with("label a\ngoto a", &Options::default(), &fuel(1001));
    assert_eq!((outcome.steps, instruction(&outcome)), (1001, Some(1)));
}

#[test]
fn texts_cost_one_more_for_every_64_bytes() {
    let a = "a".repeat(40);
    let b = "b".repeat(24);
    // SET 2, and SET 4 with a join of 64 bytes.
    check_limit(&format!("a = \"{a}\"\nb = a + \"{b}\""), fuel, 6, 1, "");
    let short = format!("a = \"{a}\"\nb = a + \"{}\"", &b[1..]);
    check_limit(&short, fuel, 5, 1, "");
    // The block has paid for the last line when the join is short.
    let text = format!("a = \"{a}\"\nb = a + \"{b}\"\nprint(1)\nprint(2)");
    check_limit(&text, fuel, 12, 3, "1\n");
    for (most, at, printed) in [(6, 1, ""), (7, 2, ""), (9, 2, ""), (10, 3, "1\n")] {
        let (found, outcome) = run_with(&text, &Options::default(), &fuel(most));
        assert_eq!((found.as_str(), instruction(&outcome)), (printed, Some(at)));
    }
    let with_text = |rest: &str| format!("a = \"{a}{b}\"\n{rest}");
    check_limit(&with_text("x = len(a)"), fuel, 5, 1, "");
    check_limit(&with_text("x = str(a)"), fuel, 5, 1, "");
    check_limit(&with_text("x = type(a)"), fuel, 4, 1, "");
    check_limit(&with_text("x = a == a"), fuel, 6, 1, "");
    check_limit(&with_text("x = a < \"b\""), fuel, 5, 1, "");
    check_limit(&with_text("while a != a\nend"), fuel, 6, 1, "");
    check_limit(&with_text("print(a)"), fuel, 5, 1, "");
    // What was printed before stays printed.
    check_limit(&with_text("x = print(1) == a + a"), fuel, 10, 1, "1\n");
    // The fuel comes before the fault.
    let digits = "1".repeat(64);
    check_limit_or_fault(&format!("x = int(\"{digits}\")"), fuel, 3, "bad-value");
    let zeros = "0".repeat(64);
    check_limit(&format!("x = float(\"{zeros}\")"), fuel, 3, 0, "");
    check_limit("x = str(1e70)", fuel, 3, 0, "");
}

/// Checks that fuel `most` is too little, and that one more is enough to fault with `code`.
#[track_caller]
fn check_limit_or_fault(text: &str, limits: impl Fn(u64) -> Limits, most: u64, code: &str) {
    let (_, outcome) = run_with(text, &Options::default(), &limits(most));
    assert_eq!(outcome.limit(), Some(vm_base::Limit::OutOfFuel));
    let (_, outcome) = run_with(text, &Options::default(), &limits(most + 1));
    assert_eq!(outcome.code(), Some(code));
}

#[test]
fn a_trace_has_each_instruction_once() {
    let text = format!(
        "a = \"{}\"\na = a + a\nprint(a)\nx = a == a + a",
        "a".repeat(100)
    );
    let program = sc::load_bytes("p.sca", text, &Options::default()).unwrap();
    let mut host = MemoryHost::default();
    let steps = |limits: &Limits, host: &mut MemoryHost| -> Vec<usize> {
        let trace = sc::trace(&program, host, limits, 100);
        assert!(trace.is_complete);
        trace.steps.iter().map(|step| step.at.instruction).collect()
    };
    assert_eq!(steps(&Limits::default(), &mut host), [0, 1, 2, 3]);
    // 2, and 4 + 3 for the join of 200 bytes.
    assert_eq!(steps(&fuel(9), &mut host), [0, 1]);
    assert_eq!(steps(&fuel(12), &mut host), [0, 1, 2]);
    assert!(host.output.is_empty());
}

#[test]
fn output_is_printed_whole_or_not_at_all() {
    check_limit("print(1)\nprint(\"abc\", 2.5)", output, 9, 1, "1\n");
    check_limit("print()", output, 0, 0, "");
}

#[test]
fn memory_is_counted() {
    check_limit("x = 1", memory, 15, 0, "");
    check_limit("x = 1\nx = 2\nx = \"abc\"", memory, 18, 2, "");
    check_limit("for x = 0 to 2\nend", memory, 15, 0, "");
    // The old text is still counted while the new one is made.
    check_limit("x = \"abc\"\nx = x + \"d\"", memory, 22, 1, "");
    check_limit("x = \"abc\"\nx = x + \"d\" + \"e\"", memory, 27, 1, "");
    check_limit("x = \"abc\"\nx = str(x) + \"d\" + \"e\"", memory, 27, 1, "");
    check_limit("x = \"abc\"\nx = len(x + \"d\") + 1", memory, 22, 1, "");
    check(
        "x = \"a\"\ny = x\nx = x + \"b\" + y\nx = x + str(len(x))\nprint(x, y)",
        "aba3 a\n",
    );
    check("x = \"a\"\nx = x + \"b\" == \"ab\"\nprint(x)", "1b\n");
    check_limit("print(\"ab\" + \"c\", \"de\" + \"f\")", memory, 5, 0, "");
    check_limit("print(\"ab\" + \"c\" + \"d\")", memory, 6, 0, "");
    let (_, outcome) = run_with(
        "s = \"x\"\nlabel a\ns = s + s\ngoto a",
        &Options::default(),
        &memory(1 << 20),
    );
    assert_eq!(outcome.code(), Some("memory-limit"));
    let text = "for i = 0 to 10000\ns = \"\"\nfor j = 0 to 100\ns = s + str(j) + \"!\"\nend\ntype(s + s) == s + \"x\"\nend\nprint(len(s))";
    let (found, _) = run_with(text, &Options::default(), &memory(2000));
    assert_eq!(found, "290\n");
}

#[test]
fn a_shared_ast_is_evaluated_like_any_other() {
    let sum = "+ 1 ".repeat(40);
    check(
        &format!(
            "x = 0\n.ast x {sum}\nfor i = &1 to &1 \nend\nwhile &1 == 40\n stop\nend\nx = &1\nx = &1\nprint(x)\n"
        )
        .replace("while &1 == 40", "while x != 0"),
        "80\n",
    );
    check_fault(
        &format!("x = \"a\"\n.ast x {sum}\n&1\n&1"),
        "",
        1,
        "type-mismatch",
    );
    check_fault(
        &format!(".ast x {sum}\nfor i = &0 to 2\nend\n&0"),
        "",
        0,
        "unset-variable",
    );
}
