//! A file of code objects as its text has it: names, labels and literals stand in their places.
//!
//! This is the common form: the text is parsed into it and printed from it, a `.pyc` file is
//! lifted into it and assembled from it, and macros change it in between. It is data only; what
//! is not said (an `Option` that is `None`, a table that says nothing) is chosen by the assembler.

use vm_base::Span;
use vm_py_code::insn::Op;
use vm_py_code::object::{Id, Pool, Str};
use vm_py_code::pyc::Header;

/// A file.
#[derive(Clone, Debug)]
pub struct Unit {
    /// What stands before the code.
    pub header: Header,
    /// `co_filename` of the objects that say nothing else.
    pub file: Option<Str>,
    /// Flags that every object has, for the `from __future__ import` of the file.
    pub future: u32,
    /// Where the graph of the file's objects is not as the assembler would have it.
    pub share: Share,
    /// The objects, in the order of the text. The one called `main` is the module.
    pub objects: Vec<CodeObject>,
    /// The constants that instructions name: [`Const::Value`] is one of these.
    pub pool: Pool,
}

/// Which objects of a file are one object, and which are marked, where CPython did it in another
/// way than the assembler would: it hangs on the process that wrote the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Strings that the process held.
    pub held: Vec<Str>,
    /// Strings that it did not hold.
    pub unheld: Vec<Str>,
    /// Constants that are interned.
    pub interned: Vec<Str>,
    /// Constants that are not.
    pub plain: Vec<Str>,
    /// What is left, in the order of the file.
    pub edits: Vec<Edit>,
}

/// What is otherwise at a place of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Which object, counting in the order in which they are written, references too.
    pub at: u32,
    /// What is otherwise.
    pub how: How,
}

/// What an [`Edit`] makes of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It is an object of its own, however equal to others.
    Own,
    /// It is the object of that place before it.
    Is(u32),
    /// It is marked.
    Marked,
    /// It is not.
    Unmarked,
    /// It is an interned string.
    Interned,
    /// It is not.
    Plain,
}

/// A code object.
#[derive(Clone, Debug, Default)]
pub struct CodeObject {
    /// By what other objects refer to it; unique in its file.
    pub label: String,
    /// Its parameters.
    pub args: Args,
    /// Labels, lines and instructions, in their order.
    pub items: Vec<Item>,
    /// What else was said of it.
    pub said: Said,
    /// Where its name stands in the text.
    pub span: Span,
}

/// Parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Args {
    /// Those that are given by position only.
    pub positional_only: Vec<Str>,
    /// Those that are given by position or name.
    pub positional: Vec<Str>,
    /// The one that takes what positions are left: `*args`.
    pub rest: Option<Str>,
    /// Those that are given by name only.
    pub keyword_only: Vec<Str>,
    /// The one that takes what names are left: `**kwargs`.
    pub keywords: Option<Str>,
}

/// What directives say of a code object. Where one is silent the assembler chooses.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// `co_name`.
    pub name: Option<Str>,
    /// `co_filename`.
    pub file: Option<Str>,
    /// `co_firstlineno`.
    pub first_line: Option<i32>,
    /// What a function's constants begin with.
    pub doc: Doc,
    /// Flags that are set whatever the assembler chooses.
    pub flags_on: u32,
    /// Flags that are not set whatever the assembler chooses.
    pub flags_off: u32,
    /// `co_stacksize`.
    pub stack_size: Option<u32>,
    /// `co_nlocals`.
    pub locals_count: Option<u32>,
    /// `co_cellvars`.
    pub cells: Option<Vec<Str>>,
    /// `co_freevars`.
    pub frees: Option<Vec<Str>>,
    /// Constants that have a certain place in `co_consts`.
    pub consts: Vec<(u32, Const)>,
    /// Names that have a certain place in `co_names`.
    pub names: Vec<(u32, Str)>,
    /// Variables that have a certain place in `co_varnames`.
    pub locals: Vec<(u32, Str)>,
    /// `co_lnotab`, where no lines give it.
    pub line_table: Option<Box<[u8]>>,
}

/// What a function's constants begin with: Python takes it for `__doc__` if it is text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Doc {
    /// As the compiler does it: a function's begin with `None`, others' with what comes first.
    #[default]
    Unsaid,
    /// Nothing but what comes first.
    Absent,
    /// A node of [`Unit::pool`].
    Text(Id),
}

/// One of the lines between `DEFINE` and `END`.
#[derive(Clone, Debug)]
pub struct Item {
    /// What it says.
    pub what: What,
    /// Where it stands in the text.
    pub span: Span,
    /// Where its operand does.
    pub operand_span: Span,
}

/// What an [`Item`] says.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A place to jump to.
    Label(String),
    /// What follows comes from this line of the source.
    Line(i64),
    /// An instruction.
    Insn(Op, Operand),
    /// Bytes that are no instruction.
    Bytes(Box<[u8]>),
}

/// An instruction's argument.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// There is none.
    None,
    /// The argument itself: an index, a number of items, an offset, flags.
    Number(u32),
    /// A constant.
    Const(Const),
    /// A name, a local variable, or a variable in a cell, as the operation has it.
    Name(Str),
    /// The label that it jumps to.
    Label(String),
}

/// A constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Const {
    /// A node of [`Unit::pool`].
    Value(Id),
    /// The code object of that label.
    Object(String),
}

impl Item {
    /// An item that stands in no text.
    pub fn new(what: What) -> Item {
        Item {
            what,
            span: Span::default(),
            operand_span: Span::default(),
        }
    }

    /// An instruction that stands in no text.
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
    /// The object of that label.
    pub fn object(&self, label: &str) -> Option<&CodeObject> {
        self.objects.iter().find(|object| object.label == label)
    }

    /// The module.
    pub fn main(&self) -> Option<&CodeObject> {
        self.objects.iter().find(|object| is_main(&object.label))
    }
}

/// Whether a label is that of the module.
pub fn is_main(label: &str) -> bool {
    label.eq_ignore_ascii_case("main")
}

impl Args {
    /// How many are given by position.
    pub fn by_position(&self) -> usize {
        self.positional_only.len() + self.positional.len()
    }

    /// All of them in the order of `co_varnames`.
    pub fn in_order(&self) -> impl Iterator<Item = &Str> {
        let named = self.positional_only.iter().chain(&self.positional);
        named
            .chain(&self.keyword_only)
            .chain(&self.rest)
            .chain(&self.keywords)
    }
}
