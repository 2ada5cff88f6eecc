//! Productions that raise an exception.

/// Exceptions with the instructions that raise them. Every exception can be raised by its name, too.
#[rustfmt::skip]
pub(super) const WAYS: [(&str, &[&str]); 18] = [
    ("TypeError", &[
        "LOAD_CONST 1; LOAD_CONST 'a'; BINARY_ADD; POP_TOP",
        "LOAD_CONST None; UNARY_NEGATIVE; POP_TOP",
        "LOAD_CONST 1; CALL_FUNCTION 0; POP_TOP",
        "LOAD_CONST 1; GET_ITER; POP_TOP",
        "LOAD_CONST 1; LOAD_CONST (); COMPARE_OP <; POP_TOP",
        "BUILD_LIST 0; BUILD_SET 1; POP_TOP",
        "LOAD_CONST 5; RAISE_VARARGS 1",
        "LOAD_CONST 1; UNPACK_SEQUENCE 1; POP_TOP",
        "LOAD_CONST 1; LOAD_CONST 2; CONTAINS_OP 0; POP_TOP",
        "@builtin len; LOAD_CONST (); LOAD_CONST (); CALL_FUNCTION 2; POP_TOP",
        "@builtin dict; BUILD_TUPLE 0; BUILD_MAP 0; LOAD_CONST 1; DICT_MERGE 1; CALL_FUNCTION_EX 1; POP_TOP",
        "BUILD_LIST 0; LOAD_CONST 1; LIST_EXTEND 1; POP_TOP",
        "LOAD_CONST 1; GET_AWAITABLE; POP_TOP",
        "LOAD_CONST 1; LOAD_CONST 2; BINARY_MATRIX_MULTIPLY; POP_TOP",
    ]),
    ("ValueError", &[
        "LOAD_CONST (1, 2); UNPACK_SEQUENCE 3; POP_TOP; POP_TOP; POP_TOP",
        "LOAD_CONST (1,); UNPACK_EX 257; POP_TOP; POP_TOP; POP_TOP",
        "LOAD_CONST 1; LOAD_CONST -1; BINARY_LSHIFT; POP_TOP",
        "LOAD_CONST 'a'; LOAD_CONST 'd'; FORMAT_VALUE 4; POP_TOP",
        "@builtin int; LOAD_CONST 'x'; CALL_FUNCTION 1; POP_TOP",
    ]),
    ("ZeroDivisionError", &[
        "LOAD_CONST 1; LOAD_CONST 0; BINARY_TRUE_DIVIDE; POP_TOP",
        "LOAD_CONST 1; LOAD_CONST 0; BINARY_FLOOR_DIVIDE; POP_TOP",
        "LOAD_CONST 1; LOAD_CONST 0; INPLACE_MODULO; POP_TOP",
        "LOAD_CONST 1.5; LOAD_CONST 0; BINARY_MODULO; POP_TOP",
        "LOAD_CONST 0; LOAD_CONST -1; BINARY_POWER; POP_TOP",
    ]),
    ("KeyError", &[
        "BUILD_MAP 0; LOAD_CONST $scalar; BINARY_SUBSCR; POP_TOP",
        "BUILD_MAP 0; LOAD_CONST $scalar; DELETE_SUBSCR",
    ]),
    ("IndexError", &[
        "LOAD_CONST (1, 2); LOAD_CONST 2; BINARY_SUBSCR; POP_TOP",
        "LOAD_CONST 'ab'; LOAD_CONST -3; BINARY_SUBSCR; POP_TOP",
        "LOAD_CONST 1; BUILD_LIST 0; LOAD_CONST 0; STORE_SUBSCR",
        "BUILD_LIST 0; LOAD_CONST 0; DELETE_SUBSCR",
        "LOAD_CONST (1,); LOAD_CONST 18446744073709551616; BINARY_SUBSCR; POP_TOP",
    ]),
    ("AttributeError", &[
        "LOAD_CONST 1; LOAD_ATTR missing; POP_TOP",
        "LOAD_CONST 1; LOAD_METHOD missing; CALL_METHOD 0; POP_TOP",
        "LOAD_CONST 1; LOAD_CONST 2; STORE_ATTR missing",
        "LOAD_CONST 1; DELETE_ATTR missing",
        "LOAD_CONST 1; BEFORE_ASYNC_WITH; POP_TOP; POP_TOP",
    ]),
    ("NameError", &[
        "LOAD_GLOBAL missing; POP_TOP",
        "DELETE_GLOBAL missing",
        "LOAD_NAME missing; POP_TOP",
        "DELETE_NAME missing",
    ]),
    ("UnboundLocalError", &[
        "LOAD_FAST local; POP_TOP; LOAD_CONST None; STORE_FAST local",
        "DELETE_FAST local; LOAD_CONST None; STORE_FAST local",
    ]),
    ("OverflowError", &[
        "LOAD_CONST 1e308; LOAD_CONST 2; BINARY_POWER; POP_TOP",
        "LOAD_CONST 1; LOAD_CONST 2000; BINARY_LSHIFT; LOAD_CONST 0.5; BINARY_MULTIPLY; POP_TOP",
        "@builtin int; LOAD_CONST inf; CALL_FUNCTION 1; POP_TOP",
        "LOAD_CONST 'a'; LOAD_CONST 9223372036854775808; BINARY_MULTIPLY; POP_TOP",
    ]),
    ("StopIteration", &[
        "@builtin next; LOAD_CONST (); GET_ITER; CALL_FUNCTION 1; POP_TOP",
    ]),
    ("RuntimeError", &[
        "RAISE_VARARGS 0",
    ]),
    ("AssertionError", &[
        "LOAD_ASSERTION_ERROR; RAISE_VARARGS 1",
        "LOAD_ASSERTION_ERROR; LOAD_CONST $scalar; CALL_FUNCTION 1; RAISE_VARARGS 1",
    ]),
    ("ImportError", &[
        "LOAD_CONST 0; LOAD_CONST ('missing',); IMPORT_NAME math; IMPORT_FROM missing; POP_TOP; POP_TOP",
    ]),
    ("ModuleNotFoundError", &[
        "LOAD_CONST 0; LOAD_CONST None; IMPORT_NAME missing; POP_TOP",
    ]),
    ("SystemError", &[
        "LOAD_CONST 1; LOAD_CONST $scalar; BUILD_CONST_KEY_MAP 1; POP_TOP",
        "LOAD_CONST 1; LOAD_CONST ('a', 'b'); BUILD_CONST_KEY_MAP 1; POP_TOP",
    ]),
    ("RecursionError", &[
        "LOAD_GLOBAL endless; CALL_FUNCTION 0; POP_TOP",
    ]),
    ("UnicodeDecodeError", &[
        r"LOAD_CONST b'\xff'; LOAD_METHOD decode; CALL_METHOD 0; POP_TOP",
    ]),
    ("Unusual", &[
        "LOAD_GLOBAL Unusual; RAISE_VARARGS 1",
        "LOAD_GLOBAL Unusual; LOAD_CONST $scalar; CALL_FUNCTION 1; RAISE_VARARGS 1",
    ]),
];

/// Instructions that raise an exception by its name, which replaces `#`.
pub(super) const BY_NAME: [&str; 3] = [
    "@builtin #; RAISE_VARARGS 1",
    "@builtin #; LOAD_CONST $scalar; CALL_FUNCTION 1; RAISE_VARARGS 1",
    "@builtin #; @builtin KeyError; RAISE_VARARGS 2",
];

/// Code around the instructions that raise, which replace `<fault>`.
#[rustfmt::skip]
pub(super) const PLACES: [&str; 7] = [
    "<fault>",
    "LOAD_CONST 1; LOAD_CONST 2; <fault>; POP_TOP; POP_TOP",
    "SETUP_FINALLY {h}; <fault>; POP_BLOCK; JUMP_FORWARD {e}; LABEL {h}; @caught; RERAISE; LABEL {e}",
    "SETUP_FINALLY {h}; <fault>; POP_BLOCK; JUMP_FORWARD {e}; LABEL {h}; DUP_TOP; @builtin MemoryError; JUMP_IF_NOT_EXC_MATCH {n}; POP_TOP; POP_TOP; POP_TOP; POP_EXCEPT; JUMP_FORWARD {e}; LABEL {n}; RERAISE; LABEL {e}",
    "LOAD_CONST (1, 2); GET_ITER; LABEL {t}; FOR_ITER {e}; POP_TOP; <fault>; JUMP_ABSOLUTE {t}; LABEL {e}",
    "@helper M; LOAD_CONST 0; CALL_FUNCTION 1; SETUP_WITH {h}; POP_TOP; <fault>; POP_BLOCK; LOAD_CONST None; DUP_TOP; DUP_TOP; CALL_FUNCTION 3; POP_TOP; JUMP_FORWARD {e}; LABEL {h}; WITH_EXCEPT_START; POP_JUMP_IF_TRUE {s}; RERAISE; LABEL {s}; POP_TOP; POP_TOP; POP_TOP; POP_EXCEPT; POP_TOP; LABEL {e}",
    "SETUP_FINALLY {h}; @builtin KeyError; RAISE_VARARGS 1; LABEL {h}; POP_TOP; POP_TOP; POP_TOP; POP_EXCEPT; <fault>",
];

/// Returns the ways to raise an exception: its name and the instructions.
pub(super) fn ways() -> impl Iterator<Item = (&'static str, &'static str)> {
    let each = |(code, ways): (&'static str, &'static [&'static str])| {
        ways.iter().map(move |&way| (code, way))
    };
    WAYS.into_iter().flat_map(each)
}
