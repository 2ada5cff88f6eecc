//! Helpers that are added to a program: context managers, an asynchronous iterator, a function that
//! runs coroutines.

use super::Writer;
use super::code::{Code, Role};

/// The helpers: the name, the code objects, and whether it is a class. Each has a bit of [`Helpers`].
const HELPERS: [(&str, &str, &str); 4] = [
    ("M", MANAGER, "class"),
    ("A", AWAITED_ITEMS, "class"),
    ("W", AWAITED_MANAGER, "class"),
    ("R", RUNNER, "function"),
];

/// The helpers that a program needs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Helpers(u8);

impl Helpers {
    /// Adds a helper.
    pub(super) fn need(&mut self, name: &str) {
        if let Some(at) = HELPERS.iter().position(|(other, ..)| *other == name) {
            self.0 |= 1 << at;
        }
    }

    /// Puts the helpers before the module's code.
    pub(super) fn prepend(self, writer: &mut Writer) {
        let mut front = Code::new(Role::Module, String::new());
        let all = HELPERS.iter().enumerate();
        for (_, (name, objects, what)) in all.filter(|(at, _)| self.0 >> at & 1 == 1) {
            let quoted = format!("'{name}'");
            let body = format!("{name}_body");
            if *what == "class" {
                front.line("LOAD_BUILD_CLASS", "");
            }
            front.line("LOAD_CONST", &body);
            front.line("LOAD_CONST", &quoted);
            front.line("MAKE_FUNCTION", "0");
            if *what == "class" {
                front.line("LOAD_CONST", &quoted);
                front.line("CALL_FUNCTION", "2");
            }
            front.line("STORE_NAME", name);
            writer.objects += objects;
        }
        writer.code.put_before(front);
    }
}

/// A context manager that swallows exceptions if the value that it keeps is true.
const MANAGER: &str = "\
DEFINE M_body
    LOAD_NAME __name__
    STORE_NAME __module__
    LOAD_CONST 'M'
    STORE_NAME __qualname__
    LOAD_CONST M_init
    LOAD_CONST 'M.__init__'
    MAKE_FUNCTION 0
    STORE_NAME __init__
    LOAD_CONST M_enter
    LOAD_CONST 'M.__enter__'
    MAKE_FUNCTION 0
    STORE_NAME __enter__
    LOAD_CONST M_exit
    LOAD_CONST 'M.__exit__'
    MAKE_FUNCTION 0
    STORE_NAME __exit__
    LOAD_CONST None
    RETURN_VALUE
END
DEFINE M_init
    ADD_ARG self
    ADD_ARG kept
    LOAD_FAST kept
    LOAD_FAST self
    STORE_ATTR kept
    LOAD_CONST None
    RETURN_VALUE
END
DEFINE M_enter
    ADD_ARG self
    LOAD_CONST 'enter'
    PRINT_EXPR
    LOAD_FAST self
    LOAD_ATTR kept
    RETURN_VALUE
END
DEFINE M_exit
    ADD_ARG self
    ADD_ARG type
    ADD_ARG value
    ADD_ARG traceback
    LOAD_GLOBAL print
    LOAD_CONST 'exit'
    LOAD_FAST type
    CALL_FUNCTION 2
    POP_TOP
    LOAD_FAST self
    LOAD_ATTR kept
    RETURN_VALUE
END
";

/// An asynchronous iterator that counts down from the value that it keeps.
const AWAITED_ITEMS: &str = "\
DEFINE A_body
    LOAD_NAME __name__
    STORE_NAME __module__
    LOAD_CONST 'A'
    STORE_NAME __qualname__
    LOAD_CONST A_init
    LOAD_CONST 'A.__init__'
    MAKE_FUNCTION 0
    STORE_NAME __init__
    LOAD_CONST A_aiter
    LOAD_CONST 'A.__aiter__'
    MAKE_FUNCTION 0
    STORE_NAME __aiter__
    LOAD_CONST A_anext
    LOAD_CONST 'A.__anext__'
    MAKE_FUNCTION 0
    STORE_NAME __anext__
    LOAD_CONST None
    RETURN_VALUE
END
DEFINE A_init
    ADD_ARG self
    ADD_ARG kept
    LOAD_FAST kept
    LOAD_FAST self
    STORE_ATTR kept
    LOAD_CONST None
    RETURN_VALUE
END
DEFINE A_aiter
    ADD_ARG self
    LOAD_FAST self
    RETURN_VALUE
END
DEFINE A_anext
    ADD_ARG self
    FLAGS COROUTINE
    LOAD_FAST self
    DUP_TOP
    LOAD_ATTR kept
    LOAD_CONST 1
    BINARY_SUBTRACT
    DUP_TOP
    ROT_THREE
    ROT_TWO
    STORE_ATTR kept
    DUP_TOP
    LOAD_CONST 0
    COMPARE_OP <
    POP_JUMP_IF_FALSE some
    LOAD_GLOBAL StopAsyncIteration
    RAISE_VARARGS 1
  LABEL some
    RETURN_VALUE
END
";

/// An asynchronous context manager.
const AWAITED_MANAGER: &str = "\
DEFINE W_body
    LOAD_NAME __name__
    STORE_NAME __module__
    LOAD_CONST 'W'
    STORE_NAME __qualname__
    LOAD_CONST W_init
    LOAD_CONST 'W.__init__'
    MAKE_FUNCTION 0
    STORE_NAME __init__
    LOAD_CONST W_enter
    LOAD_CONST 'W.__aenter__'
    MAKE_FUNCTION 0
    STORE_NAME __aenter__
    LOAD_CONST W_exit
    LOAD_CONST 'W.__aexit__'
    MAKE_FUNCTION 0
    STORE_NAME __aexit__
    LOAD_CONST None
    RETURN_VALUE
END
DEFINE W_init
    ADD_ARG self
    ADD_ARG kept
    LOAD_FAST kept
    LOAD_FAST self
    STORE_ATTR kept
    LOAD_CONST None
    RETURN_VALUE
END
DEFINE W_enter
    ADD_ARG self
    FLAGS COROUTINE
    LOAD_CONST 'aenter'
    PRINT_EXPR
    LOAD_FAST self
    LOAD_ATTR kept
    RETURN_VALUE
END
DEFINE W_exit
    ADD_ARG self
    ADD_ARG type
    ADD_ARG value
    ADD_ARG traceback
    FLAGS COROUTINE
    LOAD_GLOBAL print
    LOAD_CONST 'aexit'
    LOAD_FAST type
    CALL_FUNCTION 2
    POP_TOP
    LOAD_FAST self
    LOAD_ATTR kept
    RETURN_VALUE
END
";

/// A function that runs a coroutine to its end and returns its value.
const RUNNER: &str = "\
DEFINE R_body
    ADD_ARG coroutine
    SETUP_FINALLY ended
  LABEL again
    LOAD_FAST coroutine
    LOAD_METHOD send
    LOAD_CONST None
    CALL_METHOD 1
    PRINT_EXPR
    JUMP_ABSOLUTE again
  LABEL ended
    DUP_TOP
    LOAD_GLOBAL StopIteration
    JUMP_IF_NOT_EXC_MATCH other
    POP_TOP
    LOAD_ATTR value
    STORE_FAST value
    POP_TOP
    POP_EXCEPT
    LOAD_FAST value
    RETURN_VALUE
  LABEL other
    RERAISE
END
";
