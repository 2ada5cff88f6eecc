//! The parser for sources that are right: it goes through the tokens once, and gives up at the
//! first that does not fit. What is wrong there is then found by [`peg`](crate::peg).

mod call;
mod compound;
mod display;
mod expr;
mod fstring;
mod import;
mod number;
mod params;
mod simple;
mod string;
mod target;

use crate::ast::{Ast, Block, ExprId, ExprKind, StmtId};
use crate::constant::Consts;
use crate::error::{Category, Warning};
use crate::ident;
use crate::lex::{LexError, Lexer};
use crate::names::{Names, Sym};
use crate::token::{Kind, Token};

pub(crate) use fstring::{Sink, expression_place, parenthesized, place, scan};
pub(crate) use string::{StringError, decode, split};

/// Why the parser stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The source is wrong.
    Reject,
    /// It is nested deeper than the stack at hand allows.
    Deep,
}

pub(crate) type Parse<T> = Result<T, Stop>;

/// What is parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mode {
    /// A module.
    #[default]
    Exec,
    /// An expression.
    Eval,
    /// One statement, as at Python's prompt.
    Single,
}

/// What parsing fills.
pub(crate) struct Unit {
    pub(crate) ast: Ast,
    pub(crate) names: Names,
    pub(crate) consts: Consts,
    pub(crate) warnings: Vec<Warning>,
    /// Whether `<>` is the operator and `!=` is not.
    pub(crate) barry: bool,
    /// How deep expressions may nest.
    pub(crate) limit: u32,
}

/// Reads all tokens, up to the end or to the first that is none.
pub(crate) fn tokens(text: &[u8], how: Reading) -> (Vec<Token>, Option<LexError>) {
    let mut lexer = Lexer::new(text);
    let mut tokens = Vec::with_capacity(text.len() / 5 + 16);
    // Whether the end is to be preceded by a newline, though the text lacks it.
    let mut open = false;
    loop {
        let token = lexer.next();
        if open && token.kind == Kind::EndMarker {
            let (kind, dedent) = (Kind::Newline, Kind::Dedent);
            tokens.push(Token { kind, ..token });
            let levels = match how {
                Reading::Prompt => lexer.drop_indents(),
                _ => 0,
            };
            open = levels > 0;
            tokens.extend((0..levels).map(|_| Token {
                kind: dedent,
                ..token
            }));
            continue;
        }
        open = how != Reading::Whole;
        tokens.push(token);
        match token.kind {
            Kind::EndMarker => return (tokens, None),
            Kind::Error => return (tokens, lexer.error),
            _ => {}
        }
    }
}

/// How the end of a text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// As it is.
    Whole,
    /// It ends the statement at Python's prompt.
    Prompt,
    /// The same, but blocks that are open at the end stay open.
    PromptLeftOpen,
}

/// The parser of a text, or of an expression in a formatted string.
pub(crate) struct Parser<'p> {
    pub(crate) text: &'p [u8],
    tokens: &'p [Token],
    pos: usize,
    /// Where the statement of the module begins that is being parsed.
    statement_start: usize,
    unit: &'p mut Unit,
    depth: u32,
    scratch: Vec<ExprId>,
    stmts: Vec<StmtId>,
}

impl<'p> Parser<'p> {
    pub(crate) fn new(text: &'p [u8], tokens: &'p [Token], unit: &'p mut Unit) -> Parser<'p> {
        Parser {
            text,
            tokens,
            pos: 0,
            statement_start: 0,
            unit,
            depth: 0,
            scratch: Vec::new(),
            stmts: Vec::new(),
        }
    }

    /// Returns the first token of the statement that was refused.
    pub(crate) fn refused_at(&self) -> usize {
        self.statement_start
    }

    /// Returns how many tokens were taken.
    pub(crate) fn taken(&self) -> usize {
        self.pos
    }

    /// Parses a module.
    pub(crate) fn module(&mut self) -> Parse<Block> {
        while self.kind() != Kind::EndMarker {
            self.statement_start = self.pos;
            self.statement()?;
        }
        Ok(self.take_block(0))
    }

    /// Parses what Python's prompt takes.
    pub(crate) fn single(&mut self) -> Parse<Block> {
        match self.kind() {
            Kind::Newline => {
                let at = self.token();
                let pass = self
                    .unit
                    .ast
                    .stmt(crate::ast::StmtKind::Pass, at.line, at.col as u32);
                Ok(self.unit.ast.block(&[pass]))
            }
            Kind::EndMarker => Err(Stop::Reject),
            _ => {
                let compound = self.statement()?;
                if compound {
                    self.expect(Kind::Newline)?;
                }
                Ok(self.take_block(0))
            }
        }
    }

    /// Parses an expression that is all of the text.
    pub(crate) fn eval(&mut self) -> Parse<ExprId> {
        let start = self.pos;
        let first = self.expression()?;
        let mut value = first;
        if self.kind() == Kind::Comma {
            let from = self.scratch.len();
            self.scratch.push(first);
            while self.eat(Kind::Comma) {
                if matches!(self.kind(), Kind::Newline | Kind::EndMarker) {
                    break;
                }
                let next = self.expression()?;
                self.scratch.push(next);
            }
            value = self.tuple(start, from);
        }
        while self.eat(Kind::Newline) {}
        match self.kind() {
            Kind::EndMarker => Ok(value),
            _ => Err(Stop::Reject),
        }
    }

    fn take_block(&mut self, from: usize) -> Block {
        let block = self.unit.ast.block(&self.stmts[from..]);
        self.stmts.truncate(from);
        block
    }

    fn kind(&self) -> Kind {
        self.tokens[self.pos].kind
    }

    fn kind_after(&self, ahead: usize) -> Kind {
        self.tokens
            .get(self.pos + ahead)
            .map_or(Kind::EndMarker, |token| token.kind)
    }

    fn token(&self) -> Token {
        self.tokens[self.pos]
    }

    /// Takes the token. The last one is never taken.
    fn bump(&mut self) {
        self.pos += 1;
    }

    fn eat(&mut self, kind: Kind) -> bool {
        let there = self.kind() == kind;
        if there {
            self.bump();
        }
        there
    }

    fn expect(&mut self, kind: Kind) -> Parse<()> {
        match self.eat(kind) {
            true => Ok(()),
            false => Err(Stop::Reject),
        }
    }

    /// Makes a node that begins at the token `start`.
    fn node(&mut self, kind: ExprKind, start: usize) -> ExprId {
        let token = &self.tokens[start];
        self.unit.ast.expr(kind, token.line, token.col as u32)
    }

    /// Makes a tuple of the expressions that were put aside since `from`.
    fn tuple(&mut self, start: usize, from: usize) -> ExprId {
        let elts = self.unit.ast.list(&self.scratch[from..]);
        self.scratch.truncate(from);
        let ctx = crate::ast::Ctx::Load;
        self.node(ExprKind::Tuple { elts, ctx }, start)
    }

    /// Returns the text of a token.
    fn text_of(&self, token: Token) -> &'p [u8] {
        &self.text[token.start as usize..token.end as usize]
    }

    /// Takes an identifier.
    fn name(&mut self) -> Parse<Sym> {
        let token = self.token();
        if token.kind != Kind::Name {
            return Err(Stop::Reject);
        }
        self.bump();
        let text = self.text_of(token);
        Ok(intern_name(&mut self.unit.names, text))
    }

    fn enter(&mut self) -> Parse<()> {
        self.depth += 1;
        match self.depth > self.unit.limit {
            true => Err(Stop::Deep),
            false => Ok(()),
        }
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    fn warn(&mut self, message: String, line: u32) {
        self.unit.warnings.push(Warning {
            category: Category::DeprecationWarning,
            message,
            line,
        });
    }
}

/// Interns an identifier in its normal form.
pub(crate) fn intern_name(names: &mut Names, text: &[u8]) -> Sym {
    if !text.is_ascii()
        && let Ok(text) = str::from_utf8(text)
        && let Some(normal) = ident::normalized(text)
    {
        return names.identifier(normal.as_bytes());
    }
    names.identifier(text)
}
