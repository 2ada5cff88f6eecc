//! The vocabulary of programs: names, operands at boundaries, and expressions with a known result or
//! fault.

use Token::{B, C, F, I, N, O, S, U};

pub(super) const INSNS: [&str; 10] = [
    "PASS", "FOR", "WHILE", "END", "PROCEED", "STOP", "GOTO", "EVAL", "SET", "LABEL",
];
pub(super) const PUSHES: [&str; 3] = ["push variable", "push constant", "call"];
/// The operators in the order of their bytes, from [`ADD`].
pub(super) const OPERATORS: [&str; 15] = [
    "add", "mul", "sub", "div", "mod", "eq", "ne", "lt", "le", "gt", "ge", "not", "and", "or",
    "neg",
];
pub(super) const FUNCTIONS: [&str; 6] = ["print", "str", "len", "type", "int", "float"];

pub(super) const ADD: u8 = 0x03;
pub(super) const MUL: u8 = 0x04;
pub(super) const SUB: u8 = 0x05;
pub(super) const DIV: u8 = 0x06;
pub(super) const MOD: u8 = 0x07;
pub(super) const EQ: u8 = 0x08;
pub(super) const NE: u8 = 0x09;
pub(super) const LT: u8 = 0x0a;
pub(super) const LE: u8 = 0x0b;
pub(super) const GT: u8 = 0x0c;
pub(super) const GE: u8 = 0x0d;
pub(super) const NOT: u8 = 0x0e;
pub(super) const AND: u8 = 0x0f;
pub(super) const OR: u8 = 0x10;
pub(super) const NEG: u8 = 0x11;

const MAX: i64 = i64::MAX;
const MIN: i64 = i64::MIN;
const TWO_53: i64 = 1 << 53;
const TWO_63: f64 = 9_223_372_036_854_775_808.0;

pub(super) const INTS: [i64; 26] = [
    0,
    1,
    -1,
    2,
    -2,
    7,
    10,
    255,
    1000,
    i32::MAX as i64,
    i32::MIN as i64,
    1 << 32,
    TWO_53 - 1,
    TWO_53,
    TWO_53 + 1,
    -TWO_53,
    -TWO_53 - 1,
    1 << 62,
    -(1 << 62),
    3_037_000_499,
    3_037_000_500,
    MAX - 1,
    MAX,
    MIN + 1,
    MIN,
    MAX - 512,
];

pub(super) const FLOATS: [f64; 28] = [
    0.0,
    -0.0,
    1.0,
    -1.5,
    0.5,
    0.1,
    0.2,
    2.0,
    1e16,
    1e21,
    1e22,
    1e-7,
    123_456_789.125,
    1e308,
    f64::MAX,
    f64::MIN,
    f64::MIN_POSITIVE,
    5e-324,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    TWO_53 as f64,
    9_007_199_254_740_994.0,
    -9_007_199_254_740_992.0,
    TWO_63,
    -TWO_63,
    9_223_372_036_854_774_784.0,
    -9_223_372_036_854_777_856.0,
];

/// Other NaNs, which differ only in their bits.
pub(super) const NANS: [u64; 3] = [0xfff8_0000_0000_0001, 0x7ff4_0000_0000_0000, u64::MAX];

pub(super) const STRS: [&str; 30] = [
    "",
    "a",
    "b",
    "ab",
    "A",
    " ",
    "$i",
    "é",
    "e\u{301}",
    "漢字",
    "🦀",
    "\n",
    "\t\"\\'`",
    "\r",
    "0b",
    "1b",
    "nil",
    "12",
    "-7",
    "1.5",
    " 1",
    "#",
    "\u{1}\u{7f}\u{feff}",
    "\u{10ffff}",
    "\u{ffff}",
    "\u{202e}x",
    "for",
    "print",
    "2024-02-29",
    "the quick brown fox",
];

/// The names of variables.
pub(super) const NAMES: [&str; 26] = [
    "a", "b", "i", "n", "x", "y", "k", "$i", "print", "for", "é", "a b", "", "str", "0", "z_1",
    "end", "`", "i ", "\"q\"", "true", "漢", "x1", "_", "$", "A",
];
/// The names of variables that are never set.
pub(super) const UNSET: [&str; 6] = ["u", "unset", "\n", "ü", "u\u{301}", "nil"];
pub(super) const LABELS: [&str; 8] = ["L", "top", "a", "$i", "", "out", "loop 1", "é"];

/// A part of an expression, in the order of evaluation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token {
    I(i64),
    F(f64),
    S(&'static str),
    B(bool),
    N,
    /// A variable that is never set.
    U,
    O(u8),
    C(&'static str, u64),
}

/// Expressions that fault, each with its fault.
#[rustfmt::skip]
pub(super) const FAULTY_EXPRESSIONS: &[(&str, &[Token])] = &[
    ("type-mismatch", &[N, I(1), O(ADD)]),
    ("type-mismatch", &[I(1), N, O(ADD)]),
    ("type-mismatch", &[B(true), B(true), O(ADD)]),
    ("type-mismatch", &[S("a"), I(1), O(ADD)]),
    ("type-mismatch", &[I(1), S("a"), O(ADD)]),
    ("type-mismatch", &[S("a"), F(1.5), O(ADD)]),
    ("type-mismatch", &[F(1.5), B(false), O(ADD)]),
    ("type-mismatch", &[S("a"), I(2), O(MUL)]),
    ("type-mismatch", &[I(2), S("a"), O(MUL)]),
    ("type-mismatch", &[S("a"), S("a"), O(SUB)]),
    ("type-mismatch", &[N, I(0), O(DIV)]),
    ("type-mismatch", &[I(1), N, O(DIV)]),
    ("type-mismatch", &[S("a"), I(0), O(MOD)]),
    ("type-mismatch", &[F(1.5), S("a"), O(MOD)]),
    ("type-mismatch", &[I(1), S("1"), O(LT)]),
    ("type-mismatch", &[S("1"), F(1.0), O(LT)]),
    ("type-mismatch", &[N, N, O(LE)]),
    ("type-mismatch", &[B(true), B(false), O(GT)]),
    ("type-mismatch", &[S("a"), N, O(GE)]),
    ("type-mismatch", &[B(true), I(1), O(GE)]),
    ("type-mismatch", &[I(0), O(NOT)]),
    ("type-mismatch", &[N, O(NOT)]),
    ("type-mismatch", &[S(""), O(NOT)]),
    ("type-mismatch", &[B(true), I(1), O(AND)]),
    ("type-mismatch", &[B(false), N, O(AND)]),
    ("type-mismatch", &[I(1), B(true), O(OR)]),
    ("type-mismatch", &[B(true), S("x"), O(OR)]),
    ("type-mismatch", &[S("a"), O(NEG)]),
    ("type-mismatch", &[N, O(NEG)]),
    ("type-mismatch", &[B(true), O(NEG)]),
    ("type-mismatch", &[I(1), C("len", 1)]),
    ("type-mismatch", &[N, C("len", 1)]),
    ("type-mismatch", &[F(1.5), C("len", 1)]),
    ("type-mismatch", &[B(true), C("len", 1)]),
    ("type-mismatch", &[N, C("int", 1)]),
    ("type-mismatch", &[B(true), C("int", 1)]),
    ("type-mismatch", &[N, C("float", 1)]),
    ("type-mismatch", &[B(false), C("float", 1)]),
    ("overflow", &[I(MAX), I(1), O(ADD)]),
    ("overflow", &[I(1), I(MAX), O(ADD)]),
    ("overflow", &[I(MIN), I(-1), O(ADD)]),
    ("overflow", &[I(MIN), I(1), O(SUB)]),
    ("overflow", &[I(MAX), I(-1), O(SUB)]),
    ("overflow", &[I(0), I(MIN), O(SUB)]),
    ("overflow", &[I(MAX), I(2), O(MUL)]),
    ("overflow", &[I(MIN), I(-1), O(MUL)]),
    ("overflow", &[I(-1), I(MIN), O(MUL)]),
    ("overflow", &[I(3_037_000_500), I(3_037_000_500), O(MUL)]),
    ("overflow", &[I(1 << 62), I(1 << 62), O(ADD)]),
    ("overflow", &[I(MIN), I(-1), O(DIV)]),
    ("overflow", &[I(MIN), I(-1), O(MOD)]),
    ("overflow", &[I(MIN), O(NEG)]),
    ("divide-by-zero", &[I(1), I(0), O(DIV)]),
    ("divide-by-zero", &[I(0), I(0), O(DIV)]),
    ("divide-by-zero", &[I(MIN), I(0), O(DIV)]),
    ("divide-by-zero", &[I(1), I(0), O(MOD)]),
    ("divide-by-zero", &[I(0), I(0), O(MOD)]),
    ("divide-by-zero", &[I(1), I(0), O(DIV), U, O(ADD)]),
    ("divide-by-zero", &[I(1), I(0), O(MOD), C("no", 1)]),
    ("divide-by-zero", &[I(1), I(1), I(0), O(DIV), C("str", 2)]),
    ("unset-variable", &[U]),
    ("unset-variable", &[U, I(1), O(ADD)]),
    ("unset-variable", &[I(1), U, O(ADD)]),
    ("unset-variable", &[N, U, O(MUL)]),
    ("unset-variable", &[U, U, O(EQ)]),
    ("unset-variable", &[U, O(NEG)]),
    ("unset-variable", &[U, I(1), I(0), O(DIV), O(ADD)]),
    ("unset-variable", &[U, I(1), O(LT)]),
    ("unset-variable", &[I(1), U, O(LE)]),
    ("unset-variable", &[B(false), U, O(AND)]),
    ("unset-variable", &[U, C("print", 1)]),
    ("unset-variable", &[U, C("no", 1)]),
    ("unset-variable", &[I(1), U, C("len", 2)]),
    ("unknown-function", &[C("no", 0)]),
    ("unknown-function", &[C("", 0)]),
    ("unknown-function", &[I(1), C("Print", 1)]),
    ("unknown-function", &[I(1), C("$i", 1)]),
    ("unknown-function", &[I(1), N, S("a"), C("print ", 3)]),
    ("arity", &[C("str", 0)]),
    ("arity", &[I(1), I(2), C("str", 2)]),
    ("arity", &[C("len", 0)]),
    ("arity", &[I(1), I(2), C("len", 2)]),
    ("arity", &[C("type", 0)]),
    ("arity", &[I(1), N, C("type", 2)]),
    ("arity", &[C("int", 0)]),
    ("arity", &[S("x"), N, C("int", 2)]),
    ("arity", &[C("float", 0)]),
    ("arity", &[I(1), I(2), I(3), C("float", 3)]),
    ("bad-value", &[S(""), C("int", 1)]),
    ("bad-value", &[S(" 1"), C("int", 1)]),
    ("bad-value", &[S("1 "), C("int", 1)]),
    ("bad-value", &[S("1.0"), C("int", 1)]),
    ("bad-value", &[S("9223372036854775808"), C("int", 1)]),
    ("bad-value", &[S("-9223372036854775809"), C("int", 1)]),
    ("bad-value", &[S("+"), C("int", 1)]),
    ("bad-value", &[S("-"), C("int", 1)]),
    ("bad-value", &[S("0x1"), C("int", 1)]),
    ("bad-value", &[S("1e3"), C("int", 1)]),
    ("bad-value", &[S("--1"), C("int", 1)]),
    ("bad-value", &[S("1_0"), C("int", 1)]),
    ("bad-value", &[S("\u{663}"), C("int", 1)]),
    ("bad-value", &[F(f64::NAN), C("int", 1)]),
    ("bad-value", &[F(f64::INFINITY), C("int", 1)]),
    ("bad-value", &[F(f64::NEG_INFINITY), C("int", 1)]),
    ("bad-value", &[F(TWO_63), C("int", 1)]),
    ("bad-value", &[F(-9_223_372_036_854_777_856.0), C("int", 1)]),
    ("bad-value", &[F(1e300), C("int", 1)]),
    ("bad-value", &[S(""), C("float", 1)]),
    ("bad-value", &[S("abc"), C("float", 1)]),
    ("bad-value", &[S("nan"), C("float", 1)]),
    ("bad-value", &[S("NaN"), C("float", 1)]),
    ("bad-value", &[S("inf"), C("float", 1)]),
    ("bad-value", &[S("infinity"), C("float", 1)]),
    ("bad-value", &[S("1e"), C("float", 1)]),
    ("bad-value", &[S("1e+"), C("float", 1)]),
    ("bad-value", &[S("."), C("float", 1)]),
    ("bad-value", &[S("e5"), C("float", 1)]),
    ("bad-value", &[S("1 "), C("float", 1)]),
    ("bad-value", &[S("0x1"), C("float", 1)]),
    ("bad-value", &[S("+-1"), C("float", 1)]),
];

/// Expressions at a boundary, which do not fault.
#[rustfmt::skip]
pub(super) const BOUNDARY_EXPRESSIONS: &[&[Token]] = &[
    &[I(MAX - 1), I(1), O(ADD)],
    &[I(MIN + 1), I(-1), O(ADD)],
    &[I(-1), I(MIN), O(SUB)],
    &[I(MIN), I(MIN), O(SUB)],
    &[I(3_037_000_499), I(3_037_000_499), O(MUL)],
    &[I(MIN), I(1), O(MUL)],
    &[I(MIN), I(1), O(DIV)],
    &[I(MAX), I(-1), O(DIV)],
    &[I(MIN), I(1), O(MOD)],
    &[I(MIN + 1), I(-1), O(MOD)],
    &[I(-7), I(2), O(DIV)],
    &[I(-7), I(2), O(MOD)],
    &[I(7), I(-2), O(MOD)],
    &[I(MAX), O(NEG)],
    &[F(1.0), I(0), O(DIV)],
    &[I(0), F(-0.0), O(DIV)],
    &[F(-5.5), I(2), O(MOD)],
    &[I(5), F(f64::INFINITY), O(MOD)],
    &[F(f64::INFINITY), F(f64::INFINITY), O(SUB)],
    &[F(0.1), F(0.2), O(ADD)],
    &[F(0.0), O(NEG)],
    &[I(1), F(1.0), O(EQ)],
    &[I(0), F(-0.0), O(EQ)],
    &[F(0.0), F(-0.0), O(EQ)],
    &[I(1), B(true), O(EQ)],
    &[N, B(false), O(NE)],
    &[N, N, O(EQ)],
    &[S("1"), I(1), O(EQ)],
    &[F(f64::NAN), F(f64::NAN), O(EQ)],
    &[F(f64::NAN), F(f64::NAN), O(NE)],
    &[I(TWO_53 + 1), F(TWO_53 as f64), O(EQ)],
    &[I(TWO_53 + 1), F(TWO_53 as f64), O(GT)],
    &[F(TWO_53 as f64), I(TWO_53 + 1), O(LT)],
    &[I(MAX), F(TWO_63), O(EQ)],
    &[I(MAX), F(TWO_63), O(LT)],
    &[F(TWO_63), I(MAX), O(LE)],
    &[I(MIN), F(-TWO_63), O(EQ)],
    &[I(MIN), F(-9_223_372_036_854_777_856.0), O(GT)],
    &[I(0), F(f64::NAN), O(GE)],
    &[F(f64::NAN), I(0), O(LT)],
    &[I(MIN), F(f64::NEG_INFINITY), O(LE)],
    &[I(0), F(5e-324), O(LT)],
    &[I(-1), F(-1.5), O(LE)],
    &[S("a"), S("ab"), O(LT)],
    &[S("\u{ffff}"), S("\u{10ffff}"), O(LT)],
    &[S("é"), S("e\u{301}"), O(EQ)],
    &[S(""), S(""), O(GE)],
    &[S("é"), S("漢字"), O(ADD)],
    &[S(""), S(""), O(ADD), C("len", 1)],
    &[S("e\u{301}🦀"), C("len", 1)],
    &[S("9223372036854775807"), C("int", 1)],
    &[S("-9223372036854775808"), C("int", 1)],
    &[S("+007"), C("int", 1)],
    &[S("-0"), C("int", 1)],
    &[F(-0.9), C("int", 1)],
    &[F(1e18), C("int", 1)],
    &[F(-TWO_63), C("int", 1)],
    &[F(9_223_372_036_854_774_784.0), C("int", 1)],
    &[I(MAX), C("float", 1)],
    &[I(TWO_53 + 1), C("float", 1)],
    &[S("1e999"), C("float", 1)],
    &[S("-1E+999"), C("float", 1)],
    &[S("5."), C("float", 1)],
    &[S(".5"), C("float", 1)],
    &[S("+.5e-1"), C("float", 1)],
    &[S("-0"), C("float", 1)],
    &[S("4.9e-324"), C("float", 1)],
    &[F(1e308), I(10), O(MUL)],
    &[F(5e-324), C("str", 1), C("len", 1)],
    &[F(f64::MAX), C("str", 1)],
    &[N, C("str", 1)],
    &[B(true), C("str", 1)],
    &[F(-0.0), C("str", 1)],
    &[C("print", 0), C("type", 1)],
    &[S("b"), C("print", 1), S("a"), C("print", 1), C("print", 2)],
    &[B(false), B(true), O(OR), O(NOT)],
    &[F(1.0), C("type", 1)],
];

/// The errors of refused files, which [`super::refused`] makes.
pub(super) const REFUSALS: [&str; 28] = [
    "cut short",
    "goes on",
    "magic number",
    "end of a section",
    "tag of a constant",
    "tag of an ast instruction",
    "tag of an instruction",
    "text that is not UTF-8",
    "count too great",
    "count too small",
    "stack length too small",
    "empty ast",
    "two items left",
    "under-run",
    "arguments that are not there",
    "constant that is not there",
    "ast that is not there",
    "name that is not a Str",
    "END of another",
    "jump to no loop",
    "label that is not there",
    "label twice",
    "goto into a loop",
    "no end of the last section",
    "count below none",
    "tag in a small letter",
    "second byte of a tag",
    "label, loaded strictly",
];

/// The shapes of loops and the like.
pub(super) const SHAPES: [&str; 17] = [
    "for: by literals",
    "for: by expressions",
    "for: to the greatest Int",
    "for: from the least Int",
    "for: no turn",
    "while: count up",
    "while: count down",
    "while: count and more",
    "while: text grows",
    "while: text doubles",
    "while: for ever until stop",
    "while: by halves",
    "if",
    "goto: backwards",
    "goto: out of loops",
    "shared ast",
    "late set",
];

pub(super) const FIRST_OPERATION: usize = INSNS.len();
pub(super) const FIRST_FUNCTION: usize = FIRST_OPERATION + PUSHES.len() + OPERATORS.len();
/// The number of words that are instructions, ast instructions or functions.
pub(super) const MNEMONICS: usize = FIRST_FUNCTION + FUNCTIONS.len();
pub(super) const FIRST_INT: usize = MNEMONICS;
pub(super) const FIRST_FLOAT: usize = FIRST_INT + INTS.len();
pub(super) const FIRST_STR: usize = FIRST_FLOAT + FLOATS.len();
pub(super) const FIRST_NAME: usize = FIRST_STR + STRS.len();
pub(super) const FIRST_FAULTY: usize = FIRST_NAME + NAMES.len();
pub(super) const FIRST_BOUNDARY: usize = FIRST_FAULTY + FAULTY_EXPRESSIONS.len();
pub(super) const FIRST_REFUSAL: usize = FIRST_BOUNDARY + BOUNDARY_EXPRESSIONS.len();
pub(super) const FIRST_SHAPE: usize = FIRST_REFUSAL + REFUSALS.len();

/// Returns the vocabulary.
pub(super) fn words() -> Vec<String> {
    let plain = INSNS.iter().chain(&PUSHES).chain(&OPERATORS);
    let mut words: Vec<String> = plain.map(|&word| word.to_owned()).collect();
    words.extend(FUNCTIONS.iter().map(|name| format!("{name}()")));
    words.extend(INTS.iter().map(|value| format!("int {value}")));
    words.extend(FLOATS.iter().map(|value| format!("float {value:?}")));
    words.extend(STRS.iter().map(|text| format!("str {text:?}")));
    words.extend(NAMES.iter().map(|name| format!("variable {name:?}")));
    words.extend(
        FAULTY_EXPRESSIONS
            .iter()
            .map(|(code, tokens)| format!("{code}: {tokens:?}")),
    );
    words.extend(
        BOUNDARY_EXPRESSIONS
            .iter()
            .map(|tokens| format!("fine: {tokens:?}")),
    );
    words.extend(REFUSALS.iter().map(|how| format!("refused: {how}")));
    words.extend(SHAPES.iter().map(|&shape| shape.to_owned()));
    words
}
