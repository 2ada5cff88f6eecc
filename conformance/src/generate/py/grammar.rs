//! The productions of expressions and statements.
//!
//! A production is a list of instructions, separated by semicolons. These are special:
//!
//! - `<int>`: an expression of that name, which leaves one item. `<int!>`: the same, with no part
//!   replaced by something of another type.
//! - `$int`: one of the literals or names of [`super::tables::CHOICES`].
//! - `{a}`: a label of this production's own.
//! - `@load int`, `@store int`, `@delete int`: a variable of that kind, as the scope accesses it;
//!   `@delete shared`: one that closures share.
//! - `@binary`, `@multiply` …: an instruction of that family.
//! - `@builtin len`: a built-in name. `@helper M`: a class that is added to the program.
//! - `@turns n`: what follows runs up to `n` times.
//! - `@call`, `@define`, …: see [`super::special`].
//!
//! Every expression leaves one item on the stack, every statement none: a test checks this with the
//! opcode table. No value of a program is large: the values of variables and the items of containers
//! are bounded (`small…`), and only bounded values are multiplied, raised or repeated.

use When::{Always, Asynchronous, Calm, Class, Function, Main, Resumable};

/// Where a production may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Always,
    /// In the module.
    Main,
    /// In the module, outside of loops.
    Calm,
    /// In a function of any kind.
    Function,
    /// Directly in the body of a generator.
    Resumable,
    /// Directly in the body of a coroutine.
    Asynchronous,
    /// In the body of a class.
    Class,
}

/// One way to write an expression or statement.
#[derive(Debug)]
pub(super) struct Production {
    pub(super) weight: usize,
    pub(super) when: When,
    pub(super) text: &'static str,
}

const fn p(weight: usize, text: &'static str) -> Production {
    Production {
        weight,
        when: Always,
        text,
    }
}

const fn at(when: When, weight: usize, text: &'static str) -> Production {
    Production { weight, when, text }
}

/// The expressions by name. The first production of each has no inner expression.
#[rustfmt::skip]
pub(super) static EXPRESSIONS: [(&str, &[Production]); 22] = [
    ("int", &[
        p(10, "LOAD_CONST $int"),
        p(8, "@load int"),
        p(8, "<int>; <int>; @binary"),
        p(3, "<int!>; <int!>; @multiply"),
        p(2, "<int!>; LOAD_CONST $shift; @shift"),
        p(2, "<small int!>; LOAD_CONST $power; @power"),
        p(3, "<int>; @unary"),
        p(3, "@builtin len; <sequence>; CALL_FUNCTION 1"),
        p(1, "@builtin int; <scalar>; CALL_FUNCTION 1"),
        p(1, "@builtin ord; <str>; LOAD_CONST $index; BINARY_SUBSCR; CALL_FUNCTION 1"),
        p(1, "<list>; LOAD_METHOD count; <small scalar>; CALL_METHOD 1"),
        p(1, "<tuple>; LOAD_METHOD index; <small scalar>; CALL_METHOD 1"),
        p(1, "<set>; @builtin len; ROT_TWO; CALL_FUNCTION 1"),
        p(1, "<condition>; POP_JUMP_IF_FALSE {a}; <int>; JUMP_FORWARD {b}; LABEL {a}; <int>; LABEL {b}"),
    ]),
    ("small int", &[
        p(8, "LOAD_CONST $int"),
        p(6, "@load int"),
        p(4, "<int!>; LOAD_CONST 1000003; @modulo"),
        p(2, "<int!>; LOAD_CONST 255; BINARY_AND"),
        p(1, "@builtin len; <tuple>; CALL_FUNCTION 1"),
        p(1, "<bool!>; UNARY_POSITIVE"),
    ]),
    ("float", &[
        p(10, "LOAD_CONST $float"),
        p(5, "@load float"),
        p(6, "<float>; <float>; @arithmetic"),
        p(3, "<float>; <int>; @arithmetic"),
        p(3, "<int>; <float>; @arithmetic"),
        p(3, "<int>; <int>; @divide"),
        p(2, "<float!>; <float!>; @multiply"),
        p(1, "<float!>; LOAD_CONST $power; @power"),
        p(2, "<float>; @unary"),
        p(1, "@builtin float; <scalar>; CALL_FUNCTION 1"),
        p(1, "@builtin round; <float>; LOAD_CONST $small; CALL_FUNCTION 2"),
    ]),
    ("bool", &[
        p(4, "LOAD_CONST True"),
        p(2, "LOAD_CONST False"),
        p(6, "<int>; <int>; @compare"),
        p(2, "<scalar>; <scalar>; @compare"),
        p(2, "<float>; <int>; @compare"),
        p(2, "<str>; <str>; @compare"),
        p(2, "<tuple>; <tuple>; @compare"),
        p(2, "<list>; <list>; @compare"),
        p(1, "<dict>; <dict>; @compare"),
        p(1, "<set>; <set>; @compare"),
        p(4, "<any>; UNARY_NOT"),
        p(2, "<small scalar>; DUP_TOP; @is"),
        p(2, "<scalar>; LOAD_CONST None; @is"),
        p(3, "<small scalar>; <sequence>; @in"),
        p(1, "<str>; <str>; @in"),
        p(1, "<key>; <dict>; @in"),
        p(1, "<small scalar>; <set>; @in"),
        p(1, "<small scalar>; <scalar>; @in"),
        p(2, "<int>; <int>; DUP_TOP; ROT_THREE; @compare; JUMP_IF_FALSE_OR_POP {a}; <int>; @compare; JUMP_FORWARD {b}; LABEL {a}; ROT_TWO; POP_TOP; LABEL {b}"),
        p(1, "@builtin isinstance; <any>; @builtin $one; CALL_FUNCTION 2"),
    ]),
    ("condition", &[
        p(1, "LOAD_CONST $scalar"),
        p(5, "<bool>"),
        p(3, "<any>"),
        p(2, "<bool>; JUMP_IF_TRUE_OR_POP {a}; <any>; LABEL {a}"),
    ]),
    ("str", &[
        p(8, "LOAD_CONST $str"),
        p(5, "@load str"),
        p(4, "<small str>; <small str>; @add"),
        p(2, "<small str>; LOAD_CONST $small; @multiply"),
        p(6, "<format>"),
        p(2, "<format>; <small str!>; <format>; BUILD_STRING 3"),
        p(1, "<format>; <format>; BUILD_STRING 2"),
        p(1, "BUILD_STRING 0"),
        p(2, "<small str>; <scalar>; @modulo"),
        p(1, "<small str>; LOAD_CONST $tuple; BINARY_MODULO"),
        p(2, "<str>; LOAD_CONST $index; BINARY_SUBSCR"),
        p(2, "<str>; <slice>; BINARY_SUBSCR"),
        p(2, "<str>; LOAD_METHOD $method; CALL_METHOD 0"),
        p(1, "<str>; LOAD_METHOD replace; <small str>; <small str>; CALL_METHOD 2"),
        p(1, "<small str>; LOAD_METHOD join; <sequence>; CALL_METHOD 1"),
        p(1, "@builtin repr; <any>; CALL_FUNCTION 1"),
    ]),
    ("small str", &[
        p(6, "LOAD_CONST $str"),
        p(4, "@load str"),
        p(2, "<str!>; LOAD_CONST None; LOAD_CONST 8; BUILD_SLICE 2; BINARY_SUBSCR"),
    ]),
    ("format", &[
        p(1, "LOAD_CONST $int; FORMAT_VALUE $conversion"),
        p(4, "<any>; FORMAT_VALUE $conversion"),
        p(4, "<scalar>; LOAD_CONST $spec; FORMAT_VALUE $specified"),
    ]),
    ("scalar", &[
        p(3, "LOAD_CONST $scalar"),
        p(4, "@load scalar"),
        p(3, "<int>"),
        p(2, "<float>"),
        p(2, "<str>"),
        p(1, "<bool>"),
        p(1, "LOAD_CONST $bytes"),
        p(4, "@call"),
        p(1, "<scalar>; JUMP_IF_TRUE_OR_POP {a}; <scalar>; LABEL {a}"),
        p(1, "<scalar>; JUMP_IF_FALSE_OR_POP {a}; <scalar>; LABEL {a}"),
        p(3, "<sequence>; LOAD_CONST $index; BINARY_SUBSCR"),
        p(2, "<dict>; <key>; BINARY_SUBSCR"),
        p(1, "<dict>; LOAD_METHOD get; <key>; CALL_METHOD 1"),
        p(1, "<scalar>; <scalar>; @binary"),
        p(1, "<scalar>; @unary"),
        p(1, "LOAD_CONST $bytes; LOAD_CONST $index; BINARY_SUBSCR"),
        p(1, "@builtin $one; <scalar>; CALL_FUNCTION 1"),
        p(1, "@load list; LOAD_METHOD pop; LOAD_CONST $index; CALL_METHOD 1"),
        at(Main, 3, "@builtin next; @load generator; CALL_FUNCTION 1"),
        at(Main, 2, "@load generator; LOAD_METHOD send; <small scalar>; CALL_METHOD 1"),
        at(Calm, 3, "@load object; LOAD_ATTR $attribute"),
        at(Calm, 2, "@load object; LOAD_METHOD f; <small scalar>; CALL_METHOD 1"),
        at(Calm, 2, "@load object; <small scalar>; @anything"),
        at(Calm, 2, "<small scalar>; @load object; @anything"),
        at(Calm, 1, "@load object; @unary"),
        at(Calm, 1, "@load object; LOAD_CONST 2; INPLACE_POWER"),
        at(Calm, 1, "@load object; UNARY_NOT"),
        at(Calm, 1, "@load object; <small scalar>; @compare"),
        at(Calm, 1, "<small scalar>; @load object; @in"),
        at(Calm, 1, "@load object; <small scalar>; CALL_FUNCTION 1"),
        at(Calm, 1, "@builtin len; @load object; CALL_FUNCTION 1"),
        at(Calm, 1, "LOAD_CONST $tuple; @load object; BINARY_SUBSCR"),
        at(Class, 2, "@load outer"),
    ]),
    ("small scalar", &[
        p(6, "LOAD_CONST $scalar"),
        p(5, "<small int!>"),
        p(3, "<small str>"),
        p(2, "LOAD_CONST $float"),
        p(2, "@load scalar"),
        p(1, "<bool!>"),
        p(1, "<float!>"),
    ]),
    ("key", &[
        p(4, "LOAD_CONST $str"),
        p(2, "LOAD_CONST $int"),
        p(4, "LOAD_CONST $scalar"),
        p(1, "<small scalar>"),
    ]),
    ("list", &[
        p(2, "BUILD_LIST 0"),
        p(6, "@load list"),
        p(4, "<small list>"),
        p(2, "<small list>; <small list>; BINARY_ADD"),
        p(1, "<small list>; LOAD_CONST $small; BINARY_MULTIPLY"),
        p(2, "<list>; <slice>; BINARY_SUBSCR"),
        p(2, "BUILD_LIST 0; <sequence>; LIST_EXTEND 1; <small scalar>; LIST_APPEND 1"),
        p(1, "@builtin sorted; <list>; CALL_FUNCTION 1"),
        p(1, "<str>; LOAD_METHOD split; CALL_METHOD 0"),
        at(Main, 3, "@builtin list; @generate; CALL_FUNCTION 1"),
    ]),
    ("small list", &[
        p(2, "BUILD_LIST 0"),
        p(4, "@load list"),
        p(4, "<small scalar>; <small scalar>; BUILD_LIST 2"),
        p(2, "<small scalar>; <small scalar>; <small scalar>; BUILD_LIST 3"),
        p(2, "BUILD_LIST 0; LOAD_CONST $tuple; LIST_EXTEND 1"),
        p(2, "<list!>; LOAD_CONST None; LOAD_CONST 8; BUILD_SLICE 2; BINARY_SUBSCR"),
        p(3, "@turns 4; BUILD_LIST 0; <few>; LABEL {t}; FOR_ITER {e}; @store scalar; <small scalar>; LIST_APPEND 2; JUMP_ABSOLUTE {t}; LABEL {e}"),
        p(2, "@turns 4; BUILD_LIST 0; <few>; LABEL {t}; FOR_ITER {e}; DUP_TOP; @store scalar; POP_JUMP_IF_FALSE {t}; <small scalar>; LIST_APPEND 2; JUMP_ABSOLUTE {t}; LABEL {e}"),
    ]),
    ("tuple", &[
        p(6, "LOAD_CONST $tuple"),
        p(3, "@load tuple"),
        p(1, "BUILD_TUPLE 0"),
        p(3, "<small scalar>; <small scalar>; BUILD_TUPLE 2"),
        p(2, "<small scalar>; <small scalar>; <small scalar>; BUILD_TUPLE 3"),
        p(1, "<small scalar>; BUILD_TUPLE 1"),
        p(1, "LOAD_CONST $tuple; LOAD_CONST $tuple; @add"),
        p(1, "LOAD_CONST $tuple; LOAD_CONST $small; @multiply"),
        p(1, "<tuple>; <slice>; BINARY_SUBSCR"),
        p(2, "<small list!>; LIST_TO_TUPLE"),
        p(1, "BUILD_LIST 0; LOAD_CONST $tuple; LIST_EXTEND 1; <small list>; LIST_EXTEND 1; LIST_TO_TUPLE"),
        p(1, "@builtin divmod; <int>; <int>; CALL_FUNCTION 2"),
    ]),
    ("dict", &[
        p(2, "BUILD_MAP 0"),
        p(5, "@load dict"),
        p(3, "<key>; <small scalar>; BUILD_MAP 1"),
        p(3, "<key>; <small scalar>; <key>; <small scalar>; BUILD_MAP 2"),
        p(2, "<small scalar>; <small scalar>; LOAD_CONST $two; BUILD_CONST_KEY_MAP 2"),
        p(1, "<small scalar>; LOAD_CONST $tuple; BUILD_CONST_KEY_MAP 1"),
        p(2, "<dict>; LOAD_METHOD copy; CALL_METHOD 0; <dict>; DICT_UPDATE 1"),
        p(1, "BUILD_MAP 0; <any>; DICT_UPDATE 1"),
        p(2, "@builtin dict; BUILD_TUPLE 0; BUILD_MAP 0; <dict>; DICT_MERGE 1; <dict>; DICT_MERGE 1; CALL_FUNCTION_EX 1"),
        p(1, "@builtin dict; <small scalar>; <small scalar>; LOAD_CONST ('a', 'b'); CALL_FUNCTION_KW 2"),
        p(3, "@turns 4; BUILD_MAP 0; <few>; LABEL {t}; FOR_ITER {e}; @store scalar; <key>; <small scalar>; MAP_ADD 2; JUMP_ABSOLUTE {t}; LABEL {e}"),
        p(1, "<dict>; <dict>; @or"),
    ]),
    ("set", &[
        p(2, "BUILD_SET 0"),
        p(4, "<small scalar>; <small scalar>; BUILD_SET 2"),
        p(2, "LOAD_CONST frozenset({1, 2, 'a'})"),
        p(2, "BUILD_SET 0; <sequence>; SET_UPDATE 1"),
        p(2, "<any>; BUILD_SET 1"),
        p(2, "<set>; <set>; @binary"),
        p(3, "@turns 4; BUILD_SET 0; <few>; LABEL {t}; FOR_ITER {e}; @store scalar; <small scalar>; SET_ADD 2; JUMP_ABSOLUTE {t}; LABEL {e}"),
    ]),
    ("slice", &[
        p(2, "LOAD_CONST None; LOAD_CONST 2; BUILD_SLICE 2"),
        p(2, "LOAD_CONST $index; LOAD_CONST $index; BUILD_SLICE 2"),
        p(2, "LOAD_CONST $index; LOAD_CONST None; BUILD_SLICE 2"),
        p(2, "LOAD_CONST $index; LOAD_CONST $index; LOAD_CONST $small; BUILD_SLICE 3"),
        p(1, "LOAD_CONST None; LOAD_CONST None; LOAD_CONST -1; BUILD_SLICE 3"),
        p(1, "<scalar>; <scalar>; BUILD_SLICE 2"),
    ]),
    ("sequence", &[
        p(1, "LOAD_CONST $tuple"),
        p(4, "<list>"),
        p(3, "<tuple>"),
        p(2, "<str>"),
    ]),
    // An iterator over few items, so that a loop over it ends soon.
    ("few", &[
        p(4, "LOAD_CONST $tuple; GET_ITER"),
        p(3, "@builtin range; LOAD_CONST $small; CALL_FUNCTION 1; GET_ITER"),
        p(2, "@builtin range; LOAD_CONST $small; LOAD_CONST $small; CALL_FUNCTION 2; GET_ITER"),
        p(2, "<sequence>; LOAD_CONST None; LOAD_CONST 4; BUILD_SLICE 2; BINARY_SUBSCR; GET_ITER"),
        p(2, "@builtin list; <dict>; CALL_FUNCTION 1; LOAD_CONST None; LOAD_CONST 4; BUILD_SLICE 2; BINARY_SUBSCR; GET_ITER"),
        p(1, "LOAD_CONST $str; GET_ITER"),
        p(1, "@builtin zip; LOAD_CONST $tuple; LOAD_CONST $str; CALL_FUNCTION 2; GET_ITER"),
        p(1, "@builtin enumerate; LOAD_CONST $tuple; CALL_FUNCTION 1; GET_ITER"),
        p(1, "LOAD_CONST $scalar; GET_ITER"),
    ]),
    // An exception: a class or an instance, or something that is not an exception.
    ("raised", &[
        p(6, "@builtin $exception"),
        p(3, "@builtin $exception; LOAD_CONST $scalar; CALL_FUNCTION 1"),
        p(1, "@builtin $exception; LOAD_CONST $scalar; LOAD_CONST $scalar; CALL_FUNCTION 2"),
        p(2, "LOAD_GLOBAL E"),
        p(1, "<small scalar>"),
    ]),
    // What a handler can catch.
    ("caught", &[
        p(6, "@builtin $exception"),
        p(2, "@builtin $exception; @builtin $exception; BUILD_TUPLE 2"),
        p(1, "LOAD_GLOBAL E"),
        p(1, "@builtin Exception"),
        p(1, "<small scalar>"),
    ]),
    // Anything that can be printed.
    ("any", &[
        p(1, "LOAD_CONST $scalar"),
        p(6, "<scalar>"),
        p(3, "<list>"),
        p(3, "<tuple>"),
        p(3, "<dict>"),
        p(1, "<any>; <any>; BUILD_TUPLE 2"),
        p(1, "<any>; <any>; BUILD_LIST 2"),
        p(1, "<key>; <any>; BUILD_MAP 1"),
        p(1, "<slice>"),
        p(2, "@builtin $fold; <sequence>; CALL_FUNCTION 1"),
        p(1, "@builtin list; <dict>; LOAD_METHOD items; CALL_METHOD 0; CALL_FUNCTION 1"),
        p(1, "<condition>; POP_JUMP_IF_TRUE {a}; <any>; JUMP_FORWARD {b}; LABEL {a}; <any>; LABEL {b}"),
        p(1, "<small list>; LOAD_CONST $scalar; INPLACE_ADD"),
        p(1, "<small scalar>; <small list>; @binary"),
        p(1, "@builtin range; LOAD_CONST $small; LOAD_CONST $small; LOAD_CONST $small; CALL_FUNCTION 3"),
        p(1, "<any>; LOAD_ATTR missing"),
        p(1, "<scalar>; <scalar>; @matrix"),
    ]),
];

/// The statements.
#[rustfmt::skip]
pub(super) static STATEMENTS: [Production; 114] = [
    p(20, "@builtin print; <any>; CALL_FUNCTION 1; POP_TOP"),
    p(4, "@builtin print; <any>; <any>; CALL_FUNCTION 2; POP_TOP"),
    p(2, "@builtin print; <any>; <any>; <str>; LOAD_CONST ('sep',); CALL_FUNCTION_KW 3; POP_TOP"),
    p(1, "@builtin print; <sequence>; CALL_FUNCTION_EX 0; POP_TOP"),
    p(1, "@builtin print; BUILD_LIST 0; <any>; LIST_APPEND 1; <sequence>; LIST_EXTEND 1; LIST_TO_TUPLE; CALL_FUNCTION_EX 0; POP_TOP"),
    p(8, "<any>; PRINT_EXPR"),
    p(8, "@play"),
    p(2, "<any>; POP_TOP"),
    p(1, "NOP"),
    p(1, "EXTENDED_ARG 0; EXTENDED_ARG 1; NOP"),
    p(1, "EXTENDED_ARG 0; LOAD_CONST $scalar; EXTENDED_ARG 7; POP_TOP"),
    // Variables.
    p(8, "<small int!>; @store int"),
    p(3, "<small int!>; DUP_TOP; @store int; @store int"),
    p(3, "@load int; <small int!>; @binary; LOAD_CONST 1000003; INPLACE_MODULO; @store int"),
    p(3, "<float!>; @store float"),
    p(3, "<small str!>; @store str"),
    p(5, "<small scalar!>; @store scalar"),
    p(5, "<small list!>; @store list"),
    p(3, "<tuple!>; LOAD_CONST None; LOAD_CONST 6; BUILD_SLICE 2; BINARY_SUBSCR; @store tuple"),
    p(4, "<dict!>; @store dict"),
    p(2, "@load scalar; @load scalar; ROT_TWO; @store scalar; @store scalar"),
    p(2, "@load int; @load int; @load int; ROT_THREE; @store int; @store int; @store int"),
    p(1, "@load int; @load int; @load int; @load int; ROT_FOUR; @store int; @store int; @store int; @store int"),
    p(3, "LOAD_CONST $two; UNPACK_SEQUENCE 2; @store scalar; @store scalar"),
    p(1, "<sequence>; UNPACK_SEQUENCE 2; @store scalar; @store scalar"),
    p(1, "<any>; UNPACK_SEQUENCE 1; POP_TOP"),
    p(1, "LOAD_CONST $tuple; UNPACK_SEQUENCE 0"),
    p(2, "LOAD_CONST $tuple; UNPACK_EX 1; @store scalar; @store list"),
    p(2, "LOAD_CONST $tuple; UNPACK_EX 256; @store list; @store scalar"),
    p(1, "<sequence>; UNPACK_EX 257; @store scalar; PRINT_EXPR; @store scalar"),
    p(1, "@delete int"),
    p(1, "@delete scalar"),
    p(1, "@delete list"),
    at(Function, 3, "@delete shared"),
    at(Function, 1, "<small scalar>; STORE_NAME q; LOAD_NAME q; PRINT_EXPR; DELETE_NAME q; LOAD_NAME q; POP_TOP"),
    p(1, "<small scalar>; STORE_GLOBAL p; LOAD_GLOBAL p; PRINT_EXPR"),
    p(1, "DELETE_GLOBAL p"),
    p(1, "LOAD_GLOBAL nothing; POP_TOP"),
    p(1, "SETUP_ANNOTATIONS; LOAD_CONST 'int'; LOAD_NAME __annotations__; LOAD_CONST $str; STORE_SUBSCR; LOAD_NAME __annotations__; PRINT_EXPR"),
    // Containers.
    p(3, "<small scalar>; @load list; LOAD_CONST $index; STORE_SUBSCR"),
    p(2, "LOAD_CONST $tuple; @load list; <slice>; STORE_SUBSCR"),
    p(3, "<small scalar>; @load dict; <key>; STORE_SUBSCR"),
    p(1, "<small scalar>; <any>; <key>; STORE_SUBSCR"),
    p(2, "@load list; LOAD_CONST $index; DELETE_SUBSCR"),
    p(1, "@load list; <slice>; DELETE_SUBSCR"),
    p(2, "@load dict; <key>; DELETE_SUBSCR"),
    p(1, "<any>; <key>; DELETE_SUBSCR"),
    p(2, "@load list; LOAD_CONST $index; DUP_TOP_TWO; BINARY_SUBSCR; <small int>; INPLACE_SUBTRACT; LOAD_CONST 1000003; BINARY_MODULO; ROT_THREE; STORE_SUBSCR"),
    p(2, "@load list; LOAD_CONST $tuple; INPLACE_ADD; @store list"),
    p(3, "@load list; LOAD_METHOD append; <small scalar>; CALL_METHOD 1; POP_TOP"),
    p(1, "@load list; LOAD_METHOD insert; LOAD_CONST $index; <small scalar>; CALL_METHOD 2; POP_TOP"),
    p(1, "@load list; LOAD_METHOD reverse; CALL_METHOD 0; POP_TOP"),
    p(1, "@load list; LOAD_METHOD remove; <small scalar>; CALL_METHOD 1; POP_TOP"),
    p(1, "@load dict; LOAD_METHOD setdefault; <key>; <small scalar>; CALL_METHOD 2; POP_TOP"),
    p(1, "@load dict; <dict>; DICT_UPDATE 1; POP_TOP"),
    // Control flow.
    p(5, "<condition>; POP_JUMP_IF_FALSE {a}; <statements>; LABEL {a}"),
    p(4, "<condition>; POP_JUMP_IF_TRUE {a}; <statements>; JUMP_FORWARD {b}; LABEL {a}; <statements>; LABEL {b}"),
    p(1, "JUMP_ABSOLUTE {b}; LABEL {a}; <statements>; JUMP_FORWARD {c}; LABEL {b}; <statements>; JUMP_ABSOLUTE {a}; LABEL {c}"),
    p(1, "JUMP_FORWARD {a}; BYTES ff 00; LABEL {a}"),
    p(6, "@turns 4; <few>; LABEL {t}; FOR_ITER {e}; @store scalar; <statements>; JUMP_ABSOLUTE {t}; LABEL {e}"),
    p(2, "@turns 4; <few>; LABEL {t}; FOR_ITER {e}; @store scalar; <condition>; POP_JUMP_IF_FALSE {c}; POP_TOP; JUMP_ABSOLUTE {o}; LABEL {c}; <statements>; JUMP_ABSOLUTE {t}; LABEL {e}; <statements>; LABEL {o}"),
    p(2, "@turns 4; <few>; LABEL {t}; FOR_ITER {e}; @store scalar; <condition>; POP_JUMP_IF_TRUE {t}; <statements>; JUMP_ABSOLUTE {t}; LABEL {e}"),
    p(2, "@turns 4; <few>; LABEL {t}; FOR_ITER {e}; UNPACK_SEQUENCE 2; @store scalar; @store scalar; <statements>; JUMP_ABSOLUTE {t}; LABEL {e}"),
    p(2, "@turns 4; <few>; LABEL {t}; FOR_ITER {e}; @store scalar; SETUP_FINALLY {h}; <statements>; <condition>; POP_JUMP_IF_FALSE {c}; POP_BLOCK; <statements>; POP_TOP; JUMP_FORWARD {e}; LABEL {c}; POP_BLOCK; <statements>; JUMP_ABSOLUTE {t}; LABEL {h}; <statements>; RERAISE; LABEL {e}"),
    p(4, "@turns 3; LOAD_CONST 3; LABEL {t}; <statements>; LOAD_CONST 1; INPLACE_SUBTRACT; DUP_TOP; POP_JUMP_IF_TRUE {t}; POP_TOP"),
    p(2, "@turns 4; LOAD_CONST 4; LABEL {t}; DUP_TOP; POP_JUMP_IF_FALSE {e}; LOAD_CONST 1; BINARY_SUBTRACT; <statements>; JUMP_ABSOLUTE {t}; LABEL {e}; POP_TOP"),
    // Exceptions.
    p(3, "SETUP_FINALLY {h}; <statements>; POP_BLOCK; JUMP_FORWARD {e}; LABEL {h}; @caught; POP_TOP; POP_TOP; POP_TOP; <statements>; POP_EXCEPT; JUMP_FORWARD {e}; LABEL {e}"),
    p(5, "SETUP_FINALLY {h}; <statements>; POP_BLOCK; JUMP_FORWARD {e}; LABEL {h}; DUP_TOP; <caught>; JUMP_IF_NOT_EXC_MATCH {n}; @caught; POP_TOP; POP_TOP; POP_TOP; <statements>; POP_EXCEPT; JUMP_FORWARD {e}; LABEL {n}; RERAISE; LABEL {e}"),
    p(3, "SETUP_FINALLY {h}; <raised>; RAISE_VARARGS 1; LABEL {h}; DUP_TOP; <caught>; JUMP_IF_NOT_EXC_MATCH {n}; POP_TOP; LOAD_ATTR args; POP_TOP; POP_TOP; POP_EXCEPT; <statements>; JUMP_FORWARD {e}; LABEL {n}; RERAISE; LABEL {e}"),
    p(2, "SETUP_FINALLY {h}; @builtin $exception; LOAD_CONST $scalar; CALL_FUNCTION 1; RAISE_VARARGS 1; LABEL {h}; POP_TOP; LOAD_ATTR args; PRINT_EXPR; POP_TOP; POP_EXCEPT"),
    p(2, "SETUP_FINALLY {h}; SETUP_FINALLY {i}; <statements>; <raised>; RAISE_VARARGS 1; LABEL {i}; <raised>; <raised>; RAISE_VARARGS 2; LABEL {h}; @caught; POP_TOP; @links; POP_TOP; POP_EXCEPT"),
    p(2, "SETUP_FINALLY {h}; SETUP_FINALLY {i}; <raised>; RAISE_VARARGS 1; LABEL {i}; POP_TOP; POP_TOP; POP_TOP; <statements>; RAISE_VARARGS 0; LABEL {h}; @caught; POP_TOP; @links; POP_TOP; POP_EXCEPT"),
    p(4, "SETUP_FINALLY {h}; <statements>; POP_BLOCK; <statements>; JUMP_FORWARD {e}; LABEL {h}; <statements>; RERAISE; LABEL {e}"),
    p(2, "SETUP_FINALLY {h}; <statements>; <condition>; POP_JUMP_IF_FALSE {a}; <raised>; RAISE_VARARGS 1; LABEL {a}; POP_BLOCK; JUMP_FORWARD {e}; LABEL {h}; DUP_TOP; <caught>; JUMP_IF_NOT_EXC_MATCH {n}; POP_TOP; @store caught; POP_TOP; SETUP_FINALLY {c}; <statements>; POP_BLOCK; POP_EXCEPT; LOAD_CONST None; @store caught; @delete caught; JUMP_FORWARD {e}; LABEL {c}; LOAD_CONST None; @store caught; @delete caught; RERAISE; LABEL {n}; RERAISE; LABEL {e}"),
    p(2, "<condition>; POP_JUMP_IF_TRUE {a}; LOAD_ASSERTION_ERROR; RAISE_VARARGS 1; LABEL {a}"),
    p(2, "<condition>; POP_JUMP_IF_FALSE {a}; <raised>; RAISE_VARARGS 1; LABEL {a}"),
    p(1, "RAISE_VARARGS 0"),
    p(4, "@helper M; LOAD_CONST $scalar; CALL_FUNCTION 1; SETUP_WITH {h}; @store scalar; <statements>; POP_BLOCK; LOAD_CONST None; DUP_TOP; DUP_TOP; CALL_FUNCTION 3; POP_TOP; JUMP_FORWARD {e}; LABEL {h}; WITH_EXCEPT_START; POP_JUMP_IF_TRUE {s}; RERAISE; LABEL {s}; POP_TOP; POP_TOP; POP_TOP; POP_EXCEPT; POP_TOP; LABEL {e}"),
    p(1, "<small scalar>; SETUP_WITH {h}; POP_TOP; POP_BLOCK; LOAD_CONST None; DUP_TOP; DUP_TOP; CALL_FUNCTION 3; POP_TOP; JUMP_FORWARD {e}; LABEL {h}; RERAISE; LABEL {e}"),
    // Functions.
    p(6, "@define"),
    p(4, "@call; PRINT_EXPR"),
    at(Function, 4, "<condition>; POP_JUMP_IF_FALSE {a}; <small scalar>; RETURN_VALUE; LABEL {a}"),
    at(Function, 2, "SETUP_FINALLY {h}; <statements>; <small scalar>; POP_BLOCK; <statements>; RETURN_VALUE; LABEL {h}; <statements>; RERAISE"),
    at(Function, 1, "@turns 4; <few>; LABEL {t}; FOR_ITER {e}; @store scalar; SETUP_FINALLY {h}; <statements>; POP_BLOCK; JUMP_ABSOLUTE {t}; LABEL {h}; POP_TOP; POP_TOP; POP_TOP; POP_EXCEPT; <small scalar>; ROT_TWO; POP_TOP; RETURN_VALUE; LABEL {e}"),
    at(Function, 1, "@helper M; LOAD_CONST $scalar; CALL_FUNCTION 1; SETUP_WITH {h}; POP_TOP; <small scalar>; POP_BLOCK; ROT_TWO; LOAD_CONST None; DUP_TOP; DUP_TOP; CALL_FUNCTION 3; POP_TOP; RETURN_VALUE; LABEL {h}; WITH_EXCEPT_START; POP_JUMP_IF_TRUE {s}; RERAISE; LABEL {s}; POP_TOP; POP_TOP; POP_TOP; POP_EXCEPT; POP_TOP"),
    // Generators and coroutines.
    at(Resumable, 12, "<small scalar>; YIELD_VALUE; POP_TOP"),
    at(Resumable, 6, "<small scalar>; YIELD_VALUE; @store scalar"),
    at(Resumable, 6, "<sequence>; GET_YIELD_FROM_ITER; LOAD_CONST None; YIELD_FROM; POP_TOP"),
    at(Resumable, 6, "@turns 4; <few>; LABEL {t}; FOR_ITER {e}; YIELD_VALUE; @store scalar; JUMP_ABSOLUTE {t}; LABEL {e}"),
    at(Main, 5, "@generate; @store generator"),
    at(Main, 1, "@load generator; LOAD_METHOD close; CALL_METHOD 0; PRINT_EXPR"),
    at(Main, 1, "@load generator; LOAD_METHOD throw; <raised>; CALL_METHOD 1; PRINT_EXPR"),
    at(Main, 5, "@coroutine; PRINT_EXPR"),
    at(Asynchronous, 8, "@helper A; LOAD_CONST $small; CALL_FUNCTION 1; GET_AITER; LABEL {t}; SETUP_FINALLY {e}; GET_ANEXT; LOAD_CONST None; YIELD_FROM; POP_BLOCK; @store scalar; <statements>; JUMP_ABSOLUTE {t}; LABEL {e}; END_ASYNC_FOR"),
    at(Asynchronous, 8, "@helper W; LOAD_CONST $scalar; CALL_FUNCTION 1; BEFORE_ASYNC_WITH; GET_AWAITABLE; LOAD_CONST None; YIELD_FROM; SETUP_ASYNC_WITH {h}; POP_TOP; <statements>; POP_BLOCK; LOAD_CONST None; DUP_TOP; DUP_TOP; CALL_FUNCTION 3; GET_AWAITABLE; LOAD_CONST None; YIELD_FROM; POP_TOP; JUMP_FORWARD {e}; LABEL {h}; WITH_EXCEPT_START; GET_AWAITABLE; LOAD_CONST None; YIELD_FROM; POP_JUMP_IF_TRUE {s}; RERAISE; LABEL {s}; POP_TOP; POP_TOP; POP_TOP; POP_EXCEPT; POP_TOP; LABEL {e}"),
    at(Asynchronous, 4, "@await; GET_AWAITABLE; LOAD_CONST None; YIELD_FROM; @store scalar"),
    at(Asynchronous, 2, "@await; GET_YIELD_FROM_ITER; LOAD_CONST None; YIELD_FROM; POP_TOP"),
    at(Asynchronous, 1, "<small scalar>; GET_AWAITABLE; LOAD_CONST None; YIELD_FROM; POP_TOP"),
    at(Asynchronous, 1, "<small scalar>; GET_AITER; POP_TOP"),
    at(Asynchronous, 1, "<small scalar>; GET_ANEXT; POP_TOP; POP_TOP"),
    at(Asynchronous, 1, "<small scalar>; BEFORE_ASYNC_WITH; POP_TOP; POP_TOP"),
    // Classes.
    at(Main, 5, "@class; CALL_FUNCTION 0; @store object"),
    at(Main, 2, "@failure; STORE_GLOBAL E"),
    at(Main, 4, "<small scalar>; @load object; STORE_ATTR $attribute"),
    at(Main, 1, "@load object; DELETE_ATTR $attribute"),
    at(Main, 1, "<small scalar>; <small scalar>; STORE_ATTR p"),
    at(Function, 4, "@class; LOAD_ATTR $attribute; PRINT_EXPR"),
    // Modules.
    p(1, "LOAD_CONST 0; LOAD_CONST None; IMPORT_NAME math; LOAD_ATTR pi; PRINT_EXPR"),
    p(1, "LOAD_CONST 0; LOAD_CONST ('sqrt', 'pi'); IMPORT_NAME math; IMPORT_FROM pi; @store float; POP_TOP"),
    p(1, "LOAD_CONST 0; LOAD_CONST ('missing',); IMPORT_NAME math; IMPORT_FROM missing; POP_TOP; POP_TOP"),
    p(1, "LOAD_CONST 0; LOAD_CONST None; IMPORT_NAME missing; POP_TOP"),
    at(Main, 1, "LOAD_CONST 0; LOAD_CONST ('*',); IMPORT_NAME math; IMPORT_STAR; LOAD_NAME tau; PRINT_EXPR"),
    // Large ones.
    p(1, "@many"),
    p(1, "@blocks"),
];

/// A part of a program with its guard: an exception is printed and does not end the program.
pub(super) const GUARDED: &str = "SETUP_FINALLY {h}; <statement>; POP_BLOCK; JUMP_FORWARD {e}; LABEL {h}; @caught; POP_TOP; POP_TOP; POP_TOP; POP_EXCEPT; LABEL {e}";

/// Prints the name of the exception class on top of the stack.
pub(super) const CAUGHT: [(&str, &str); 3] = [
    ("DUP_TOP", ""),
    ("LOAD_ATTR", "__name__"),
    ("PRINT_EXPR", ""),
];

/// Prints the cause and the context of the exception on top of the stack, and drops it.
pub(super) const LINKS: [(&str, &str); 9] = [
    ("DUP_TOP", ""),
    ("LOAD_ATTR", "__cause__"),
    ("LOAD_ATTR", "__class__"),
    ("LOAD_ATTR", "__name__"),
    ("PRINT_EXPR", ""),
    ("LOAD_ATTR", "__context__"),
    ("LOAD_ATTR", "__class__"),
    ("LOAD_ATTR", "__name__"),
    ("PRINT_EXPR", ""),
];
