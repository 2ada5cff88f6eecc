//! The syntax tree, in arenas: nodes name their parts by number, so that a tree of any depth is
//! dropped without recursion. An expression's parts always precede it.

use crate::constant::ConstId;
use crate::names::Sym;
use std::num::NonZeroU32;

/// An expression's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ExprId(NonZeroU32);

/// A statement's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StmtId(pub(crate) u32);

/// A run of entries of one of the tree's lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) start: u32,
    pub(crate) len: u32,
}

/// Expressions in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Exprs(pub(crate) Run);

/// Expressions in a row, some of which are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OptExprs(pub(crate) Run);

/// Statements in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Block(pub(crate) Run);

/// Whether a variable is read, written or deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ctx {
    Load,
    Store,
    Del,
}

/// An operator of two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[rustfmt::skip]
pub(crate) enum Operator {
    Add, Sub, Mult, MatMult, Div, Mod, Pow, LShift, RShift, BitOr, BitXor, BitAnd, FloorDiv,
}

/// An operator of one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unary {
    Invert,
    Not,
    Plus,
    Minus,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[rustfmt::skip]
pub(crate) enum Compare { Eq, NotEq, Lt, LtE, Gt, GtE, Is, IsNot, In, NotIn }

/// What a comprehension makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comp {
    Generator,
    List,
    Set,
    Dict,
}

/// An expression.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) line: u32,
    pub(crate) col: u32,
}

/// What an expression is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ExprKind {
    BoolOp {
        is_or: bool,
        values: Exprs,
    },
    Named {
        target: ExprId,
        value: ExprId,
    },
    BinOp {
        left: ExprId,
        op: Operator,
        right: ExprId,
    },
    UnaryOp {
        op: Unary,
        operand: ExprId,
    },
    Lambda {
        params: u32,
        body: ExprId,
    },
    IfExp {
        test: ExprId,
        body: ExprId,
        orelse: ExprId,
    },
    /// A key that is left out unpacks the value.
    Dict {
        keys: OptExprs,
        values: Exprs,
    },
    Set(Exprs),
    Comp {
        kind: Comp,
        elt: ExprId,
        value: Option<ExprId>,
        clauses: Run,
    },
    Await(ExprId),
    Yield(Option<ExprId>),
    YieldFrom(ExprId),
    Compare {
        left: ExprId,
        ops: Run,
        comparators: Exprs,
    },
    Call {
        func: ExprId,
        args: Exprs,
        keywords: Run,
    },
    /// The conversion is a letter, or 0.
    Formatted {
        value: ExprId,
        conversion: u8,
        spec: Option<ExprId>,
    },
    Joined(Exprs),
    /// Whether it is a string with the prefix `u` matters to annotations as text.
    Constant {
        value: ConstId,
        u_prefix: bool,
    },
    Attribute {
        value: ExprId,
        attr: Sym,
        ctx: Ctx,
    },
    Subscript {
        value: ExprId,
        index: ExprId,
        ctx: Ctx,
    },
    Starred {
        value: ExprId,
        ctx: Ctx,
    },
    Name {
        id: Sym,
        ctx: Ctx,
    },
    List {
        elts: Exprs,
        ctx: Ctx,
    },
    Tuple {
        elts: Exprs,
        ctx: Ctx,
    },
    Slice {
        lower: Option<ExprId>,
        upper: Option<ExprId>,
        step: Option<ExprId>,
    },
}

/// A statement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stmt {
    pub(crate) kind: StmtKind,
    pub(crate) line: u32,
    pub(crate) col: u32,
}

/// What a statement is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum StmtKind {
    Function(u32),
    Class(u32),
    Return(Option<ExprId>),
    Delete(Exprs),
    Assign {
        targets: Exprs,
        value: ExprId,
    },
    AugAssign {
        target: ExprId,
        op: Operator,
        value: ExprId,
    },
    AnnAssign {
        target: ExprId,
        annotation: ExprId,
        value: Option<ExprId>,
        simple: bool,
    },
    For {
        is_async: bool,
        target: ExprId,
        iter: ExprId,
        body: Block,
        orelse: Block,
    },
    While {
        test: ExprId,
        body: Block,
        orelse: Block,
    },
    If {
        test: ExprId,
        body: Block,
        orelse: Block,
    },
    With {
        is_async: bool,
        items: Run,
        body: Block,
    },
    Raise {
        exc: Option<ExprId>,
        cause: Option<ExprId>,
    },
    Try {
        body: Block,
        handlers: Run,
        orelse: Block,
        finalbody: Block,
    },
    Assert {
        test: ExprId,
        msg: Option<ExprId>,
    },
    Import(Run),
    ImportFrom {
        module: Option<Sym>,
        names: Run,
        level: u32,
    },
    Global(Run),
    Nonlocal(Run),
    Expr(ExprId),
    Pass,
    Break,
    Continue,
}

/// A function's parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Param {
    pub(crate) name: Sym,
    pub(crate) annotation: Option<ExprId>,
}

/// The parameters of a function.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params {
    pub(crate) posonly: Vec<Param>,
    pub(crate) args: Vec<Param>,
    pub(crate) vararg: Option<Param>,
    pub(crate) kwonly: Vec<Param>,
    pub(crate) kw_defaults: Vec<Option<ExprId>>,
    pub(crate) kwarg: Option<Param>,
    pub(crate) defaults: Vec<ExprId>,
}

/// A `def`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Function {
    pub(crate) is_async: bool,
    pub(crate) name: Sym,
    pub(crate) params: u32,
    pub(crate) body: Block,
    pub(crate) decorators: Exprs,
    pub(crate) returns: Option<ExprId>,
}

/// A `class`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Class {
    pub(crate) name: Sym,
    pub(crate) bases: Exprs,
    pub(crate) keywords: Run,
    pub(crate) body: Block,
    pub(crate) decorators: Exprs,
}

/// An argument with a name, or an unpacked mapping if it has none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keyword {
    pub(crate) arg: Option<Sym>,
    pub(crate) value: ExprId,
    pub(crate) col: u32,
}

/// A `for` of a comprehension, with its conditions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clause {
    pub(crate) is_async: bool,
    pub(crate) target: ExprId,
    pub(crate) iter: ExprId,
    pub(crate) ifs: Exprs,
}

/// A manager of a `with`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WithItem {
    pub(crate) context: ExprId,
    pub(crate) vars: Option<ExprId>,
}

/// An `except`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Handler {
    pub(crate) class: Option<ExprId>,
    pub(crate) name: Option<Sym>,
    pub(crate) body: Block,
    pub(crate) line: u32,
    pub(crate) col: u32,
}

/// A name that an `import` binds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Alias {
    pub(crate) name: Sym,
    pub(crate) asname: Option<Sym>,
}

/// The trees of a source.
#[derive(Default)]
pub(crate) struct Ast {
    pub(crate) exprs: Vec<Expr>,
    pub(crate) stmts: Vec<Stmt>,
    pub(crate) functions: Vec<Function>,
    pub(crate) classes: Vec<Class>,
    pub(crate) params: Vec<Params>,
    pub(crate) keywords: Vec<Keyword>,
    pub(crate) clauses: Vec<Clause>,
    pub(crate) items: Vec<WithItem>,
    pub(crate) handlers: Vec<Handler>,
    pub(crate) aliases: Vec<Alias>,
    pub(crate) names: Vec<Sym>,
    pub(crate) compares: Vec<Compare>,
    /// The annotations of parameters, of results and of variables, by the range of their nodes.
    pub(crate) annotations: Vec<(u32, u32)>,
    /// The values of named expressions, in the same way: CPython does not fold them.
    pub(crate) unfolded: Vec<(u32, u32)>,
    /// The rows of expressions.
    lists: Vec<Option<ExprId>>,
    blocks: Vec<StmtId>,
}

impl ExprId {
    /// Returns its index in `Ast::exprs`.
    pub(crate) fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

impl std::ops::Index<ExprId> for Ast {
    type Output = Expr;

    fn index(&self, id: ExprId) -> &Expr {
        &self.exprs[id.index()]
    }
}

impl std::ops::IndexMut<ExprId> for Ast {
    fn index_mut(&mut self, id: ExprId) -> &mut Expr {
        &mut self.exprs[id.index()]
    }
}

impl Ast {
    /// Returns an empty arena with room for the trees of a text of `bytes` bytes.
    pub(crate) fn for_text(bytes: usize) -> Ast {
        Ast {
            exprs: Vec::with_capacity(bytes / 10 + 16),
            stmts: Vec::with_capacity(bytes / 40 + 16),
            lists: Vec::with_capacity(bytes / 20 + 16),
            blocks: Vec::with_capacity(bytes / 40 + 16),
            ..Ast::default()
        }
    }

    pub(crate) fn expr(&mut self, kind: ExprKind, line: u32, col: u32) -> ExprId {
        self.exprs.push(Expr { kind, line, col });
        let id = self.exprs.len() as u32;
        ExprId(NonZeroU32::new(id).unwrap_or(NonZeroU32::MAX))
    }

    pub(crate) fn stmt(&mut self, kind: StmtKind, line: u32, col: u32) -> StmtId {
        self.stmts.push(Stmt { kind, line, col });
        StmtId(self.stmts.len() as u32 - 1)
    }

    pub(crate) fn list(&mut self, items: &[ExprId]) -> Exprs {
        let start = self.lists.len() as u32;
        self.lists.extend(items.iter().map(|&item| Some(item)));
        Exprs(Run {
            start,
            len: items.len() as u32,
        })
    }

    pub(crate) fn opt_list(&mut self, items: &[Option<ExprId>]) -> OptExprs {
        let start = self.lists.len() as u32;
        self.lists.extend_from_slice(items);
        OptExprs(Run {
            start,
            len: items.len() as u32,
        })
    }

    pub(crate) fn block(&mut self, items: &[StmtId]) -> Block {
        let start = self.blocks.len() as u32;
        self.blocks.extend_from_slice(items);
        Block(Run {
            start,
            len: items.len() as u32,
        })
    }

    /// Returns an item of a row.
    pub(crate) fn item(&self, row: Exprs, index: u32) -> ExprId {
        self.opt_item(OptExprs(row.0), index)
            .unwrap_or(ExprId(NonZeroU32::MIN))
    }

    /// Returns an item of a row, if it is not left out.
    pub(crate) fn opt_item(&self, row: OptExprs, index: u32) -> Option<ExprId> {
        self.lists[(row.0.start + index) as usize]
    }

    /// Returns the items of a row.
    pub(crate) fn items_of(&self, row: Exprs) -> impl DoubleEndedIterator<Item = ExprId> + '_ {
        self.lists[row.0.range()].iter().filter_map(|&item| item)
    }

    /// Returns the statements of a block.
    pub(crate) fn stmts_of(&self, block: Block) -> &[StmtId] {
        &self.blocks[block.0.range()]
    }

    /// Returns the statement at a place in the list of blocks.
    pub(crate) fn stmt_at(&self, at: usize) -> StmtId {
        self.blocks[at]
    }

    /// Returns a statement.
    pub(crate) fn at(&self, id: StmtId) -> Stmt {
        self.stmts[id.0 as usize]
    }
}

impl Run {
    /// Returns the indices of its entries.
    pub(crate) fn range(self) -> std::ops::Range<usize> {
        self.start as usize..(self.start + self.len) as usize
    }

    /// Whether there are none.
    pub(crate) fn is_empty(self) -> bool {
        self.len == 0
    }

    /// Appends items to a list and returns their run.
    pub(crate) fn push<T: Copy>(list: &mut Vec<T>, items: &[T]) -> Run {
        let start = list.len() as u32;
        list.extend_from_slice(items);
        Run {
            start,
            len: items.len() as u32,
        }
    }
}

impl Exprs {
    pub(crate) fn len(self) -> u32 {
        self.0.len
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0.len == 0
    }
}

impl Block {
    pub(crate) fn is_empty(self) -> bool {
        self.0.len == 0
    }
}
