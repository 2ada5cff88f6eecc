//! A file of code objects, with names, labels and literals instead of indices and offsets.
//!
//! Text is parsed to a unit and printed from it, a `.pyc` file is lifted to a unit and assembled from
//! it, and macros change units. A unit is plain data. The assembler chooses what is not given: an
//! `Option` that is `None`, or an entry that is missing in a table.
//!
//! ```
//! use vm_py_code::insn::Op;
//! use vm_py_text::unit::{CodeObject, Const, Item, Operand, Unit};
//! use vm_py_code::object::Object;
//!
//! let mut unit = Unit::default();
//! let none = unit.pool.add(Object::None);
//! unit.objects.push(CodeObject {
//!     label: "main".into(),
//!     items: vec![
//!         Item::insn(Op::LoadConst, Operand::Const(Const::Value(none))),
//!         Item::insn(Op::ReturnValue, Operand::None),
//!     ],
//!     ..CodeObject::default()
//! });
//! let pyc = vm_py_text::assemble_unit(&unit, "main.py")?;
//! assert_eq!(pyc.pool.code(pyc.code).unwrap().stacksize, 1);
//! # Ok::<(), vm_base::LoadError>(())
//! ```

use vm_base::Span;
use vm_py_code::insn::Op;
use vm_py_code::object::{Id, Pool, Str};
use vm_py_code::pyc::Header;

/// The code objects of a file.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The header of the `.pyc` file.
    pub header: Header,
    /// `co_filename` of the code objects without one of their own.
    pub file: Option<Str>,
    /// The flags that `from __future__ import` sets in every code object.
    pub future: u32,
    /// Differences of the graph of objects from the assembler's default.
    pub share: Share,
    /// The code objects, in the order of the text. The one labelled `main` is the module.
    pub objects: Vec<CodeObject>,
    /// The constants, to which [`Const::Value`] refers.
    pub pool: Pool,
}

/// Object sharing and marks that differ from the assembler's default. They depend on the process
/// that wrote the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Strings that the process held, unlike most processes.
    pub held: Vec<Str>,
    /// Strings that the process did not hold, unlike most processes.
    pub unheld: Vec<Str>,
    /// Constant strings that are interned, unlike the default.
    pub interned: Vec<Str>,
    /// Constant strings that are not interned, unlike the default.
    pub plain: Vec<Str>,
    /// All other differences, in the order of the file.
    pub edits: Vec<Edit>,
}

/// A difference at one place of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The number of the object in the order of the file, where references count too.
    pub at: u32,
    /// The difference.
    pub how: How,
}

/// The effect of an [`Edit`] on an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The object is not shared with equal ones.
    Own,
    /// The object is the one at this earlier place.
    Is(u32),
    /// The object is marked.
    Marked,
    /// The object is not marked.
    Unmarked,
    /// The string is interned.
    Interned,
    /// The string is not interned.
    Plain,
}

/// A code object.
#[derive(Clone, Debug, Default)]
pub struct CodeObject {
    /// The name by which other code objects refer to it; unique in its file.
    pub label: String,
    /// Its parameters.
    pub args: Args,
    /// Its labels, lines and instructions, in order.
    pub items: Vec<Item>,
    /// Its other properties.
    pub said: Said,
    /// The place of its name in the text.
    pub span: Span,
}

/// The parameters of a code object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Args {
    /// The parameters that are passed by position only.
    pub positional_only: Vec<Str>,
    /// The parameters that are passed by position or by name.
    pub positional: Vec<Str>,
    /// The parameter for the other arguments by position, `*args`.
    pub rest: Option<Str>,
    /// The parameters that are passed by name only.
    pub keyword_only: Vec<Str>,
    /// The parameter for the other arguments by name, `**kwargs`.
    pub keywords: Option<Str>,
}

/// The properties of a code object that directives give. The assembler chooses the others.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// `co_name`.
    pub name: Option<Str>,
    /// `co_filename`.
    pub file: Option<Str>,
    /// `co_firstlineno`.
    pub first_line: Option<i32>,
    /// The first constant of a function.
    pub doc: Doc,
    /// Flags that are set in addition to those that the assembler chooses.
    pub flags_on: u32,
    /// Flags that are not set even if the assembler chooses them.
    pub flags_off: u32,
    /// `co_stacksize`.
    pub stack_size: Option<u32>,
    /// `co_nlocals`.
    pub locals_count: Option<u32>,
    /// `co_cellvars`.
    pub cells: Option<Vec<Str>>,
    /// `co_freevars`.
    pub frees: Option<Vec<Str>>,
    /// Constants with their indices in `co_consts`.
    pub consts: Vec<(u32, Const)>,
    /// Names with their indices in `co_names`.
    pub names: Vec<(u32, Str)>,
    /// Variables with their indices in `co_varnames`.
    pub locals: Vec<(u32, Str)>,
    /// `co_lnotab`, if lines do not give it.
    pub line_table: Option<Box<[u8]>>,
}

/// The first constant of a function, which is its `__doc__` if it is a string.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Doc {
    /// The compiler's default: `None` in a function, the first constant used in others.
    #[default]
    Unsaid,
    /// The first constant used.
    Absent,
    /// A string of [`Unit::pool`].
    Text(Id),
}

/// A line between `DEFINE` and `END`.
#[derive(Clone, Debug)]
pub struct Item {
    /// The contents of the line.
    pub what: What,
    /// The place of its first word in the text.
    pub span: Span,
    /// The place of its operand in the text.
    pub operand_span: Span,
}

/// The contents of an [`Item`].
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A jump target.
    Label(String),
    /// The source line of the instructions after it.
    Line(i64),
    /// An instruction.
    Insn(Op, Operand),
    /// Bytes that are not an instruction.
    Bytes(Box<[u8]>),
}

/// The argument of an instruction.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// No argument.
    None,
    /// The argument itself: an index, a number of items, an offset, flags.
    Number(u32),
    /// A constant.
    Const(Const),
    /// A name, a local variable or a variable in a cell, depending on the operation.
    Name(Str),
    /// The label of the jump target.
    Label(String),
}

/// A constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Const {
    /// An object of [`Unit::pool`].
    Value(Id),
    /// The code object with this label.
    Object(String),
}

impl Item {
    /// Returns an item that does not come from a text.
    pub fn new(what: What) -> Item {
        Item {
            what,
            span: Span::default(),
            operand_span: Span::default(),
        }
    }

    /// Returns an instruction that does not come from a text.
    pub fn insn(op: Op, operand: Operand) -> Item {
        Item::new(What::Insn(op, operand))
    }
}

impl Default for Unit {
    fn default() -> Unit {
        Unit {
            header: Header::Timestamp { mtime: 0, size: 0 },
            file: None,
            future: 0,
            share: Share::default(),
            objects: Vec::new(),
            pool: Pool::new(),
        }
    }
}

impl Unit {
    /// Returns the code object with this label.
    pub fn object(&self, label: &str) -> Option<&CodeObject> {
        self.objects.iter().find(|object| object.label == label)
    }

    /// Returns the code object of the module.
    pub fn main(&self) -> Option<&CodeObject> {
        self.objects.iter().find(|object| is_main(&object.label))
    }
}

/// Returns true if a label is that of the module.
pub fn is_main(label: &str) -> bool {
    label.eq_ignore_ascii_case("main")
}

impl Args {
    /// Returns the number of parameters that can be passed by position.
    pub fn by_position(&self) -> usize {
        self.positional_only.len() + self.positional.len()
    }

    /// Returns all parameters in the order of `co_varnames`.
    pub fn in_order(&self) -> impl Iterator<Item = &Str> {
        let named = self.positional_only.iter().chain(&self.positional);
        named
            .chain(&self.keyword_only)
            .chain(&self.rest)
            .chain(&self.keywords)
    }
}
