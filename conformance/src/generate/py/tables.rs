//! The variables, literals and names of programs.

/// What a variable of a program may hold. The items of a container are `Scalar`s, so that it grows by
/// one item at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An int of about 128 bits at most.
    Int,
    Float,
    /// A short str.
    Str,
    /// A small immutable value without an address in its `repr`.
    Scalar,
    List,
    Tuple,
    Dict,
    /// A suspended generator.
    Generator,
    /// An instance of a class of the program.
    Object,
}

/// The variables, which are the same in every scope. From `a` on they are parameters.
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
/// The index of the first parameter.
pub(super) const PARAMETERS: usize = 15;

/// The literals and names that replace a `$word` of a production.
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

/// Exceptions that a program raises and catches by name.
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

/// Methods that operators call. None of them makes an instance iterable.
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
