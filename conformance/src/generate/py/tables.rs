//! What programs are made of: variables, literals, names; and the words that are counted.

use super::ending;
use super::grammar::{EXPRESSIONS, STATEMENTS};
use vm::py::insn::TABLE;

/// What a variable of a program may hold. What is in a container is a `Scalar`, so that nothing
/// grows but by so many items at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An int of at most 128 bits or so.
    Int,
    Float,
    /// A short str.
    Str,
    /// Something small that does not change and that has no address in its `repr`.
    Scalar,
    List,
    Tuple,
    Dict,
    /// A suspended generator.
    Generator,
    /// An instance of a class of the program's.
    Object,
}

/// The variables, the same for every scope; what stands under `a` and behind it are parameters.
pub(super) const VARIABLES: [(&str, Kind); 20] = {
    use Kind::*;
    [
        ("i", Int),
        ("j", Int),
        ("n", Int),
        ("f", Float),
        ("s", Str),
        ("t", Str),
        ("x", Scalar),
        ("y", Scalar),
        ("z", Scalar),
        ("l", List),
        ("m", List),
        ("u", Tuple),
        ("d", Dict),
        ("g", Generator),
        ("o", Object),
        ("a", Scalar),
        ("b", Scalar),
        ("k", Scalar),
        ("rest", Tuple),
        ("more", Dict),
    ]
};
/// Where the parameters begin.
pub(super) const PARAMETERS: usize = 15;

/// The literals and names that stand for a `$word` in a production.
pub(super) static CHOICES: [(&str, &[&str]); 20] = [
    ("int", &INTS),
    ("small", &["2", "0", "1", "3", "-1", "4"]),
    (
        "index",
        &[
            "0",
            "1",
            "-1",
            "0",
            "-1",
            "1",
            "2",
            "-2",
            "5",
            "-9",
            "9223372036854775808",
        ],
    ),
    ("shift", &["1", "0", "3", "31", "32", "63", "64", "-1"]),
    ("power", &["2", "0", "1", "3", "10", "-1", "-2", "0.5"]),
    ("float", &FLOATS),
    ("str", &STRS),
    ("bytes", &["b'ab'", "b''", r"b'\xff\x00'", "b'0'"]),
    ("scalar", &SCALARS),
    ("tuple", &TUPLES),
    (
        "two",
        &[
            "('a', 'b')",
            "(1, 2)",
            "('a', 'a')",
            "(1, True)",
            "(None, ())",
            "(-0.0, 0.0)",
        ],
    ),
    ("conversion", &["2", "0", "1", "3"]),
    ("specified", &["4", "5", "6", "7"]),
    ("spec", &SPECS),
    ("exception", &EXCEPTIONS),
    ("attribute", &["p", "q"]),
    (
        "method",
        &[
            "upper", "lower", "strip", "title", "isdigit", "swapcase", "missing",
        ],
    ),
    ("special", &SPECIALS),
    (
        "one",
        &[
            "repr", "str", "bool", "bin", "hex", "abs", "ord", "chr", "float", "int", "complex",
            "missing",
        ],
    ),
    (
        "fold",
        &[
            "sum", "min", "max", "any", "all", "len", "sorted", "tuple", "list",
        ],
    ),
];

const INTS: [&str; 28] = [
    "1",
    "0",
    "2",
    "-1",
    "3",
    "5",
    "-7",
    "10",
    "100",
    "255",
    "256",
    "257",
    "-5",
    "-6",
    "32767",
    "65536",
    "1000003",
    "1073741823",
    "1073741824",
    "2147483647",
    "-2147483648",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "-340282366920938463463374607431768211456",
    "123456789012345678901234567890",
];

const FLOATS: [&str; 24] = [
    "0.5",
    "0.0",
    "-0.0",
    "1.0",
    "1.5",
    "2.5",
    "-2.25",
    "0.1",
    "3.0",
    "-7.0",
    "100.0",
    "1e16",
    "1e15",
    "123456.789",
    "1e22",
    "1e-5",
    "0.0001",
    "1e308",
    "5e-324",
    "2.2250738585072014e-308",
    "9007199254740992.0",
    "inf",
    "-inf",
    "nan",
];

const STRS: [&str; 24] = [
    "'a'",
    "''",
    "'ab'",
    "'abc'",
    "'b'",
    "'Hello'",
    "'x y'",
    "'a,b,c'",
    "'10'",
    "'-3'",
    "' 7 '",
    "'1.5'",
    "'%s'",
    "'%d'",
    "'%r and %s'",
    "'%'",
    "'{}'",
    "'\\n\\t'",
    "'\\x00\\x7f'",
    "\"it's\"",
    "'\\'\"'",
    "'\\\\'",
    "'é漢'",
    "'\\U0001f980'",
];

const SCALARS: [&str; 16] = [
    "None", "1", "'a'", "True", "False", "0", "1.5", "''", "-1", "()", "...", "(1, 2)", "b'x'",
    "1j", "0.0", "'k'",
];

const TUPLES: [&str; 12] = [
    "(1, 2)",
    "()",
    "(0,)",
    "(3, 1, 2)",
    "('a', 'b')",
    "(1, 'a', None)",
    "((1, 2), (3, 4))",
    "(('k', 1), ('a', 2))",
    "(1.5, 1, True)",
    "(0, 0.0, False)",
    "(None, None)",
    "('b', 'a', 'c', 'a')",
];

const SPECS: [&str; 16] = [
    "'>5'", "''", "'<4'", "'^7'", "'05d'", "'d'", "'x'", "'#o'", "'.2f'", "'e'", "'+'", "','",
    "'%'", "'s'", "'q'", "'.3'",
];

/// Exceptions that a program raises and asks for by name.
pub(super) const EXCEPTIONS: [&str; 20] = [
    "ValueError",
    "Exception",
    "TypeError",
    "KeyError",
    "IndexError",
    "LookupError",
    "ZeroDivisionError",
    "ArithmeticError",
    "OverflowError",
    "AttributeError",
    "NameError",
    "UnboundLocalError",
    "RuntimeError",
    "NotImplementedError",
    "AssertionError",
    "ImportError",
    "OSError",
    "EOFError",
    "BufferError",
    "StopAsyncIteration",
];

/// Methods by which operators work on an instance. None of them makes it an iterable.
const SPECIALS: [&str; 33] = [
    "__add__",
    "__radd__",
    "__iadd__",
    "__sub__",
    "__rsub__",
    "__mul__",
    "__matmul__",
    "__rmatmul__",
    "__imatmul__",
    "__mod__",
    "__floordiv__",
    "__rtruediv__",
    "__pow__",
    "__lshift__",
    "__rand__",
    "__or__",
    "__ixor__",
    "__neg__",
    "__pos__",
    "__invert__",
    "__eq__",
    "__ne__",
    "__lt__",
    "__le__",
    "__gt__",
    "__ge__",
    "__bool__",
    "__len__",
    "__contains__",
    "__call__",
    "__setitem__",
    "__delitem__",
    "__index__",
];

/// Where the productions begin among the words, and the endings behind them.
pub(super) const FIRST_PRODUCTION: usize = TABLE.len();

/// What is counted: mnemonics, productions, and ways to end.
pub(super) fn words() -> Vec<String> {
    let mnemonics = TABLE.iter().map(|row| row.mnemonic.to_owned());
    let expressions = EXPRESSIONS.iter().flat_map(|(name, rows)| {
        let named = move |(at, row): (usize, &super::grammar::Production)| {
            format!("{name} {}: {}", at + 1, short(row.text))
        };
        rows.iter().enumerate().map(named)
    });
    let statements = STATEMENTS.iter().enumerate();
    let statements =
        statements.map(|(at, row)| format!("statement {}: {}", at + 1, short(row.text)));
    let endings = ending::ways().map(|(code, text)| format!("{code}: {}", short(text)));
    mnemonics
        .chain(expressions)
        .chain(statements)
        .chain(endings)
        .collect()
}

/// The beginning of what a production says.
fn short(text: &str) -> String {
    const MOST: usize = 50;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text.to_owned(),
    }
}

/// Where the words of an expression's productions begin.
pub(super) fn first_word(expression: usize) -> usize {
    let before = &EXPRESSIONS[..expression];
    let before: usize = before.iter().map(|(_, rows)| rows.len()).sum();
    FIRST_PRODUCTION + before
}

/// Where those of the statements begin, and those of the endings behind them.
pub(super) fn first_statement() -> usize {
    first_word(EXPRESSIONS.len())
}

pub(super) fn first_ending() -> usize {
    first_statement() + STATEMENTS.len()
}
