//! The vocabulary of programs: mnemonics, and operands at the boundaries of what an instruction
//! accepts.

/// The mnemonics, in the order of the specification.
pub(super) const MNEMONICS: [&str; 17] = [
    "constexpr",
    "stack_dump",
    "pop",
    "bin_op",
    "nop",
    "bool",
    "string",
    "int",
    "float",
    "char",
    "byte",
    "void",
    "breakpoint",
    "ret",
    "printn",
    "call",
    "stack_size",
];

pub(super) const CONSTEXPR: usize = 0;
pub(super) const STACK_DUMP: usize = 1;
pub(super) const POP: usize = 2;
pub(super) const BIN_OP: usize = 3;
pub(super) const NOP: usize = 4;
pub(super) const BOOL: usize = 5;
pub(super) const STRING: usize = 6;
pub(super) const INT: usize = 7;
pub(super) const FLOAT: usize = 8;
pub(super) const CHAR: usize = 9;
pub(super) const BYTE: usize = 10;
pub(super) const VOID: usize = 11;
pub(super) const BREAKPOINT: usize = 12;
pub(super) const RET: usize = 13;
pub(super) const PRINTN: usize = 14;
pub(super) const CALL: usize = 15;
pub(super) const STACK_SIZE: usize = 16;

pub(super) const OPERATORS: [&str; 5] = ["+", "-", "*", "/", "%"];

pub(super) const INTS: [(&str, i32); 20] = [
    ("0", 0),
    ("1", 1),
    ("-1", -1),
    ("+1", 1),
    ("-0", 0),
    ("+0", 0),
    ("2", 2),
    ("-3", -3),
    ("007", 7),
    ("255", 255),
    ("256", 256),
    ("-255", -255),
    ("46340", 46340),
    ("-46341", -46341),
    ("65536", 65536),
    ("2147483646", i32::MAX - 1),
    ("2147483647", i32::MAX),
    ("-2147483647", -i32::MAX),
    ("-2147483648", i32::MIN),
    ("-000000000000000000002147483648", i32::MIN),
];

pub(super) const BYTES: [(&str, u8); 9] = [
    ("0b0", 0),
    ("0b1", 1),
    ("0b10", 2),
    ("0b01111111", 127),
    ("0b10000000", 128),
    ("0b11111110", 254),
    ("0b11111111", 255),
    ("0b000000000000000000101", 5),
    ("0b10000", 16),
];

/// Floats. The first [`BARE_FLOATS`] of them are digits alone, which are an Int or malformed in
/// `constexpr`.
pub(super) const FLOATS: [&str; 34] = [
    "5",
    "0",
    "-0",
    "+7",
    "2147483648",
    "99999999999999999999",
    "0.1",
    "5.",
    ".5",
    "5.25",
    "-.5",
    "+5.e0",
    "-0.0",
    "0.2",
    "1e0",
    "1E+2",
    "1e-7",
    "1e16",
    "1e21",
    "123456789.123456789",
    "0.30000000000000004",
    "9007199254740993.0",
    "1.7976931348623157e308",
    "-1e308",
    "1.7976931348623159e308",
    "1e309",
    "-1e999999999999",
    "5e-324",
    "2.4703282292062327e-324",
    "1e-400",
    "2.2250738585072014e-308",
    "2.225073858507201e-308",
    "4.35",
    "8.41e21",
];
pub(super) const BARE_FLOATS: usize = 6;

pub(super) const CHARS: [&str; 25] = [
    "'a'",
    r"'\n'",
    r"'\r'",
    r"'\t'",
    r"'\\'",
    r"'\''",
    r#"'\"'"#,
    r#"'"'"#,
    r"'\0'",
    r"'\u{0}'",
    r"'\u{41}'",
    r"'\u{00004a}'",
    r"'\u{d7ff}'",
    r"'\u{E000}'",
    r"'\u{10ffff}'",
    r"'\u{7f}'",
    r"'\u{85}'",
    "'é'",
    "'漢'",
    "'🦀'",
    "' '",
    "'#'",
    "'\t'",
    "'\u{feff}'",
    "'\u{a0}'",
];

pub(super) const STRS: [&str; 29] = [
    r#""a""#,
    r#""""#,
    r#""Hello""#,
    r#""\n""#,
    r#""\r""#,
    r#""\t""#,
    r#""\\""#,
    r#""\"""#,
    r#""\'""#,
    r#""'""#,
    r#""\0""#,
    r#""\u{0}""#,
    r#""\u{1F980}\u{a}x""#,
    r#""\u{d7ff}\u{e000}\u{10FFFF}""#,
    r#"" # no comment""#,
    "\"#\"",
    r#""  ""#,
    r#""\\\\\"\\""#,
    r#""it's \"quoted\"""#,
    r#""\u{7f}\u{80}\u{9f}\u{a0}""#,
    r#""\u{1b}[31m""#,
    r#""a, b""#,
    r#""5""#,
    "\"a\tb\"",
    "\"é漢🦀\"",
    "\"\u{feff}\"",
    "\"e\u{301}\u{202e}\u{2028}\"",
    "\"\u{85}\u{b}\u{c}\"",
    "\"a\rb\"",
];

pub(super) const BOOLS: [&str; 2] = ["true", "false"];

/// Operands that load, but fault when their instruction executes.
pub(super) const BAD_LITERALS: [(usize, &str); 73] = [
    (INT, "2147483648"),
    (INT, "-2147483649"),
    (INT, "+2147483648"),
    (INT, "99999999999999999999999"),
    (INT, "5.0"),
    (INT, "1e3"),
    (INT, "0b1"),
    (INT, "-"),
    (INT, "+"),
    (INT, "--1"),
    (INT, "+-1"),
    (INT, "1_000"),
    (INT, "0x10"),
    (INT, "٣"),
    (INT, "\"1\""),
    (INT, "'1'"),
    (INT, "true"),
    (INT, "1#2"),
    (INT, "\u{a0}1"),
    (BYTE, "0b100000000"),
    (BYTE, "0b"),
    (BYTE, "0b2"),
    (BYTE, "0B1"),
    (BYTE, "-0b1"),
    (BYTE, "0b+1"),
    (BYTE, "5"),
    (BYTE, "0b1_1"),
    (FLOAT, "."),
    (FLOAT, "-."),
    (FLOAT, "e5"),
    (FLOAT, ".e5"),
    (FLOAT, "1e"),
    (FLOAT, "1e+"),
    (FLOAT, "1e5."),
    (FLOAT, "1.2.3"),
    (FLOAT, "inf"),
    (FLOAT, "-inf"),
    (FLOAT, "NaN"),
    (FLOAT, "infinity"),
    (FLOAT, "1f64"),
    (FLOAT, "0x1p3"),
    (FLOAT, "0b1"),
    (FLOAT, "true"),
    (CHAR, "''"),
    (CHAR, "'ab'"),
    (CHAR, "'''"),
    (CHAR, "a"),
    (CHAR, "\"a\""),
    (CHAR, r"'\q'"),
    (CHAR, r"'\u{d800}'"),
    (CHAR, r"'\u{110000}'"),
    (CHAR, "'e\u{301}'"),
    (STRING, "abc"),
    (STRING, "'a'"),
    (STRING, r#""a"b"#),
    (STRING, r#""a""b""#),
    (STRING, r#""\q""#),
    (STRING, r#""\x41""#),
    (STRING, r#""\u{}""#),
    (STRING, r#""\u{0000041}""#),
    (STRING, r#""\u{+41}""#),
    (STRING, r#""\u{41""#),
    (STRING, r#""\u41""#),
    (STRING, r#""\u0041""#),
    (BOOL, "True"),
    (BOOL, "1"),
    (BOOL, "\"true\""),
    (CONSTEXPR, "2147483648"),
    (CONSTEXPR, "-99999999999"),
    (CONSTEXPR, "inf"),
    (CONSTEXPR, "abc"),
    (CONSTEXPR, "0b100000000"),
    (CONSTEXPR, "*"),
];

/// Indices beyond the end of any stack.
pub(super) const INDICES: [&str; 6] = [
    "1000",
    "2147483648",
    "4294967295",
    "18446744073709551615",
    "18446744073709551616",
    "999999999999999999999999999999999999999999",
];

/// The forms of a path to a file.
pub(super) const PATHS: [&str; 6] = [
    "relative path",
    "absolute path",
    "path with ./",
    "path with no/../",
    "path with //",
    "path with a trailing /",
];

/// Calls whose path does not lead to a file.
pub(super) const LOST_PATHS: [&str; 10] = [
    "missing.mmm#f",
    "/missing/f.mmm#main",
    "/../main.mmm#main",
    "../../../../main.mmm#main",
    "x/../../../../x/main.mmm#main",
    ".#main",
    "/#main",
    "/x/..#main",
    "MAIN.MMM#main",
    "x\\..\\main.mmm#main",
];

/// Files that do not load. Their function `f` is called.
pub(super) const BAD_FILES: [&[u8]; 8] = [
    b"function f\n",
    b"function f\nnop\nend\nend\n",
    b"function f\nnop nop\nend\n",
    b"function f\nprintn\nend\n",
    b"function f\nend\nfunction f\nend\n",
    b"function f\n# \xff\nend\n",
    b"function f\nconstexpr \"\nend\n",
    b"function f\nend\nfunction g\ncall f\nend\n",
];

/// Lines with which no file loads, wherever they are.
pub(super) const LINE_REFUSALS: [&str; 29] = [
    "prntn *",
    "NOP",
    "nop 1",
    "function",
    "function f",
    "function a b",
    "function a#b",
    "function \"f\"",
    "end",
    "end end",
    "printn",
    "printn -1",
    "printn +1",
    "printn \"*\"",
    "printn * *",
    "bin_op",
    "bin_op ^",
    "bin_op '+'",
    "bin_op **",
    "string \"a",
    "string \"a\\\"",
    "call f",
    "call #f",
    "call main.mmm#",
    "call \"main.mmm#nobody\"",
    "\"nop\"",
    "nop#x",
    "nop\u{c}",
    "printn '*'",
];

/// Changes after which a file does not load. The first ones are texts to put before it.
pub(super) const FILE_REFUSALS: [&str; 6] = [
    "function a\"b\nend\n",
    "function x\nend x\n",
    "FUNCTION x\nEND\n",
    "\u{feff}\u{feff}",
    "no main",
    "not UTF-8",
];
/// The entry has a `Main` instead of a `main`.
pub(super) const NO_MAIN: usize = 4;
/// The last line is a comment that is not UTF-8.
pub(super) const NOT_UTF8: usize = 5;

pub(super) const OVERFLOWS: [(&str, &str, &str); 14] = [
    ("2147483647", "+", "1"),
    ("-2147483648", "-", "1"),
    ("-2147483648", "+", "-1"),
    ("0", "-", "-2147483648"),
    ("-2147483648", "*", "-1"),
    ("-2147483648", "/", "-1"),
    ("-2147483648", "%", "-1"),
    ("46341", "*", "46341"),
    ("0b11111111", "+", "0b1"),
    ("0b0", "-", "0b1"),
    ("0b10000", "*", "0b10000"),
    ("0b1", "+", "2147483647"),
    ("-2147483648", "-", "0b1"),
    ("2147483647", "*", "0b10"),
];

pub(super) const ZERO_DIVISIONS: [(&str, &str, &str); 8] = [
    ("1", "/", "0"),
    ("0", "%", "0"),
    ("-2147483648", "%", "-0"),
    ("0b1", "/", "0b0"),
    ("0b11111111", "%", "0b0"),
    ("7", "/", "0b0"),
    ("0b0", "%", "0"),
    ("2147483647", "/", "+0"),
];

/// Where each group of words begins in the vocabulary.
pub(super) const FIRST_INT: usize = MNEMONICS.len();
pub(super) const FIRST_BYTE: usize = FIRST_INT + INTS.len();
pub(super) const FIRST_FLOAT: usize = FIRST_BYTE + BYTES.len();
pub(super) const FIRST_CHAR: usize = FIRST_FLOAT + FLOATS.len();
pub(super) const FIRST_STR: usize = FIRST_CHAR + CHARS.len();
pub(super) const FIRST_BOOL: usize = FIRST_STR + STRS.len();
pub(super) const FIRST_BAD_LITERAL: usize = FIRST_BOOL + BOOLS.len();
pub(super) const FIRST_INDEX: usize = FIRST_BAD_LITERAL + BAD_LITERALS.len();
pub(super) const FIRST_PATH: usize = FIRST_INDEX + INDICES.len();
pub(super) const FIRST_LOST_PATH: usize = FIRST_PATH + PATHS.len();
pub(super) const FIRST_BAD_FILE: usize = FIRST_LOST_PATH + LOST_PATHS.len();
pub(super) const FIRST_LINE_REFUSAL: usize = FIRST_BAD_FILE + BAD_FILES.len();
pub(super) const FIRST_FILE_REFUSAL: usize = FIRST_LINE_REFUSAL + LINE_REFUSALS.len();
pub(super) const FIRST_OVERFLOW: usize = FIRST_FILE_REFUSAL + FILE_REFUSALS.len();
pub(super) const FIRST_ZERO_DIVISION: usize = FIRST_OVERFLOW + OVERFLOWS.len();

/// Returns the vocabulary.
pub(super) fn words() -> Vec<String> {
    let triple =
        |(left, operator, right): &(&str, &str, &str)| format!("{left} {operator} {right}");
    let mut words: Vec<String> = MNEMONICS.map(str::to_owned).into();
    words.extend(INTS.iter().map(|(text, _)| format!("int {text}")));
    words.extend(BYTES.iter().map(|(text, _)| format!("byte {text}")));
    words.extend(FLOATS.iter().map(|text| format!("float {text}")));
    words.extend(CHARS.iter().map(|text| format!("char {text}")));
    words.extend(STRS.iter().map(|text| format!("string {text}")));
    words.extend(BOOLS.iter().map(|text| format!("bool {text}")));
    words.extend(
        BAD_LITERALS
            .iter()
            .map(|&(mnemonic, text)| format!("bad: {} {text}", MNEMONICS[mnemonic])),
    );
    words.extend(INDICES.iter().map(|text| format!("printn {text}")));
    words.extend(PATHS.iter().map(|text| format!("call: {text}")));
    words.extend(LOST_PATHS.iter().map(|text| format!("call {text}")));
    words.extend(
        BAD_FILES
            .iter()
            .map(|file| format!("bad file: {}", file.escape_ascii())),
    );
    words.extend(LINE_REFUSALS.iter().map(|line| format!("refused: {line}")));
    words.extend(
        FILE_REFUSALS
            .iter()
            .map(|refusal| format!("refused: {}", refusal.escape_debug())),
    );
    words.extend(OVERFLOWS.iter().map(triple));
    words.extend(ZERO_DIVISIONS.iter().map(triple));
    words
}
