//! A compiler from Python 3.9 source to code objects and `.pyc` files.
//!
//! Its norm is CPython 3.9.2: the code objects, and the bytes that `py_compile` of a fresh process
//! writes; where a source is wrong, the exception with its message, line, column and text.
//!
//! ```
//! use vm_py_compile::{Options, compile};
//! let compiled = compile(b"print(6 * 7)\n", &Options::default()).unwrap();
//! assert!(compiled.pool.code(compiled.code).is_some());
//!
//! let error = compile(b"1 + = 2\n", &Options::default()).unwrap_err();
//! assert_eq!(error.message, "invalid syntax");
//! ```
//!
//! # How it works
//!
//! `lex` makes tokens; `parse` makes a tree of a source that is right, in one pass; `fold` folds
//! constants; `symtable` finds where each name lives; `generate` emits instructions in blocks;
//! `assemble` and `peephole` make code objects of them; `share` makes marshalled objects, shared
//! and marked as CPython has them. Where `parse` gives up, `peg` goes over the tokens again with
//! CPython's grammar in its own order, for that decides which error is reported.
//!
//! # Limits
//!
//! Where CPython 3.9.2 would overflow the C stack, there is a `RecursionError`: expressions and
//! statements that nest deeper than CPython's symbol table allows. Code that is compiled several
//! times, as that of `finally` is, may come to 2^26 instructions; beyond it is a `MemoryError`.
//!
//! Sources in UTF-8, ASCII, Latin-1 and the encodings of one byte for each character that
//! `charmap` lists are read; any other encoding is unknown. Expressions of a formatted string that
//! is longer than 65536 bytes are placed at its start. Errors are those of `compile`, which is
//! given the source: where CPython reads a file itself, an error at the end of the file has the
//! number of the line after the last.

mod arith;
mod assemble;
mod ast;
mod blocks;
mod charmap;
mod constant;
mod driver;
mod error;
mod fold;
mod future;
mod generate;
mod held;
mod ident;
mod legacy;
mod lex;
mod names;
mod parse;
mod peephole;
mod peg;
mod share;
mod source;
mod symtable;
mod token;
mod unparse;
mod upstream;

pub use driver::{Compiled, Options, compile};
pub use error::{Category, Error, Kind, Position, Warning};
pub use parse::Mode;
