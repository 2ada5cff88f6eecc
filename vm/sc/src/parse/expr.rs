//! Parses expressions, without recursion: an expression may nest as deeply as its text is long.

use super::lex::{Kind, Token, too_large};
use super::line::{Line, Named, fixed};
use crate::constants::Constants;
use crate::file::ConstantRef;
use crate::insn::{OPERATORS, Op, Operator};
use std::borrow::Cow;
use vm_base::{Problem, Span};

/// A literal as written.
#[derive(Clone, Debug)]
pub(super) enum Literal<'t> {
    Nil,
    Bool(bool),
    Int(i64),
    Float(u64),
    Str(Cow<'t, str>),
}

impl Literal<'_> {
    pub(super) fn constant(&self) -> ConstantRef<'_> {
        match self {
            Literal::Nil => ConstantRef::Nil,
            Literal::Bool(value) => ConstantRef::Bool(*value),
            Literal::Int(value) => ConstantRef::Int(*value),
            Literal::Float(bits) => ConstantRef::Float(*bits),
            Literal::Str(text) => ConstantRef::Str(text),
        }
    }
}

/// A node of an expression; nodes come after their operands.
struct Node<'t> {
    span: Span,
    kind: NodeKind<'t>,
}

enum NodeKind<'t> {
    Variable(Named<'t>),
    /// A literal, with the index of its constant if the text states it.
    Literal(Literal<'t>, Option<u64>),
    Call(Named<'t>, Vec<usize>),
    Unary(Operator, usize),
    Binary(Operator, usize, usize),
}

/// An operator or parenthesis that waits for its operand or its end.
enum Waiting<'t> {
    Unary(Operator, Span),
    Binary(Operator),
    Parenthesis(Span),
    /// A call, and the number of operands before its arguments.
    Call(Named<'t>, Span, usize),
}

/// A parsed expression.
pub(super) struct Expression<'t> {
    nodes: Vec<Node<'t>>,
    root: usize,
    pub(super) span: Span,
}

/// Parses the longest expression at the beginning of the rest of a line.
pub(super) fn expression<'t>(line: &mut Line<'_, 't>) -> Result<Expression<'t>, Problem<Span>> {
    let mut reader = Reader {
        nodes: Vec::new(),
        operands: Vec::new(),
        waiting: Vec::new(),
    };
    loop {
        if reader.operand(line)? && !reader.operators(line)? {
            break;
        }
    }
    let root = reader.finish(line)?;
    let span = reader.nodes[root].span;
    Ok(Expression {
        nodes: reader.nodes,
        root,
        span,
    })
}

struct Reader<'t> {
    nodes: Vec<Node<'t>>,
    operands: Vec<usize>,
    waiting: Vec<Waiting<'t>>,
}

impl<'t> Reader<'t> {
    fn node(&mut self, span: Span, kind: NodeKind<'t>) {
        self.operands.push(self.nodes.len());
        self.nodes.push(Node { span, kind });
    }

    /// Reads what is at a place where an operand is expected; returns true if it was a whole
    /// operand.
    fn operand(&mut self, line: &mut Line<'_, 't>) -> Result<bool, Problem<Span>> {
        if let Some((literal, span)) = literal(line)? {
            let fixed = line.constant_index()?;
            self.node(span, NodeKind::Literal(literal, fixed));
            return Ok(true);
        }
        let Some(Token { kind, span }) = line.peek().cloned() else {
            return Err(line.expected("an expression"));
        };
        match kind {
            Kind::Sign("(") => self.waiting.push(Waiting::Parenthesis(span)),
            Kind::Sign("-") => self.waiting.push(Waiting::Unary(Operator::Neg, span)),
            Kind::Word("not") => self.waiting.push(Waiting::Unary(Operator::Not, span)),
            _ => {
                let name = line.name("an expression")?;
                if !line.sign("(") {
                    self.node(span, NodeKind::Variable(name));
                    return Ok(true);
                }
                if line.sign(")") {
                    let span = line.up_to(span);
                    self.node(span, NodeKind::Call(name, Vec::new()));
                    return Ok(true);
                }
                let before = self.operands.len();
                self.waiting.push(Waiting::Call(name, span, before));
                return Ok(false);
            }
        }
        line.skip();
        Ok(false)
    }

    /// Reads what follows an operand; returns true if another operand must follow.
    fn operators(&mut self, line: &mut Line<'_, 't>) -> Result<bool, Problem<Span>> {
        while let Some(token) = line.peek() {
            let symbol = match &token.kind {
                Kind::Sign(sign) => *sign,
                Kind::Word(word) => *word,
                _ => return Ok(false),
            };
            let span = token.span;
            if let Some(operator) = binary(symbol) {
                self.reduce(operator.entry().binds);
                self.waiting.push(Waiting::Binary(operator));
                line.skip();
                return Ok(true);
            }
            match symbol {
                ")" => {
                    self.reduce(0);
                    match self.waiting.pop() {
                        Some(Waiting::Parenthesis(open)) => {
                            line.skip();
                            if let Some(&inner) = self.operands.last() {
                                self.nodes[inner].span = line.up_to(open);
                            }
                        }
                        Some(Waiting::Call(name, open, before)) => {
                            line.skip();
                            let arguments = self.operands.split_off(before);
                            let span = line.up_to(open);
                            self.node(span, NodeKind::Call(name, arguments));
                        }
                        _ => {
                            let message = "there is no '(' for this ')'";
                            return Err(Problem::new(span, message).label("not opened"));
                        }
                    }
                }
                "," => {
                    self.reduce(0);
                    if !matches!(self.waiting.last(), Some(Waiting::Call(..))) {
                        let message = "a ',' is only allowed between the arguments of a call";
                        return Err(Problem::new(span, message).label("unexpected"));
                    }
                    line.skip();
                    return Ok(true);
                }
                _ => return Ok(false),
            }
        }
        Ok(false)
    }

    /// Applies the operators of at least this precedence to their operands.
    fn reduce(&mut self, binds: u8) {
        loop {
            let (operator, sign) = match self.waiting.last() {
                Some(Waiting::Unary(operator, span)) => (*operator, Some(*span)),
                Some(Waiting::Binary(operator)) => (*operator, None),
                _ => return,
            };
            if operator.entry().binds < binds {
                return;
            }
            let Some(b) = self.operands.pop() else { return };
            self.waiting.pop();
            let end = self.nodes[b].span.end;
            if let Some(sign) = sign {
                let span = Span {
                    start: sign.start,
                    end,
                };
                self.node(span, NodeKind::Unary(operator, b));
            } else if let Some(a) = self.operands.pop() {
                let start = self.nodes[a].span.start;
                self.node(Span { start, end }, NodeKind::Binary(operator, a, b));
            }
        }
    }

    fn finish(&mut self, line: &Line) -> Result<usize, Problem<Span>> {
        self.reduce(0);
        match (self.waiting.pop(), self.operands.pop()) {
            (None, Some(root)) => Ok(root),
            (Some(Waiting::Call(..)), _) if line.peek().is_some() => {
                Err(line.expected("an operator, a comma or ')'"))
            }
            (Some(Waiting::Parenthesis(_)), _) if line.peek().is_some() => {
                Err(line.expected("an operator or ')'"))
            }
            (Some(Waiting::Parenthesis(span) | Waiting::Call(_, span, _)), _) => {
                Err(Problem::new(span, "the parenthesis is never closed")
                    .label("opened here")
                    .help("close it with ')' on the same line"))
            }
            _ => unreachable!("every operator has its operands"),
        }
    }
}

/// Returns the binary operator with this symbol.
fn binary(symbol: &str) -> Option<Operator> {
    let mut entries = OPERATORS.iter();
    let found = entries.find(|entry| entry.symbol == symbol && entry.operator.takes() == 2)?;
    Some(found.operator)
}

/// Reads a literal, if there is one here. A '-' directly before digits is part of it.
pub(super) fn literal<'t>(
    line: &mut Line<'_, 't>,
) -> Result<Option<(Literal<'t>, Span)>, Problem<Span>> {
    let Some(token) = line.peek() else {
        return Ok(None);
    };
    let mut span = token.span;
    let literal = match &token.kind {
        Kind::Bool(value) => Literal::Bool(*value),
        Kind::Word("true") => Literal::Bool(true),
        Kind::Word("false") => Literal::Bool(false),
        Kind::Word("nil") => Literal::Nil,
        Kind::Int(int) => Literal::Int(i64::try_from(*int).map_err(|_| too_large(span))?),
        Kind::Float(bits) | Kind::Bits(bits) => Literal::Float(*bits),
        Kind::Str(text) => Literal::Str(text.clone()),
        Kind::Sign("-") => {
            let Some(next) = line.second().filter(|next| next.span.start == span.end) else {
                return Ok(None);
            };
            span.end = next.span.end;
            let literal = match next.kind {
                Kind::Int(int) => match 0i64.checked_sub_unsigned(int) {
                    Some(int) => Literal::Int(int),
                    None => return Err(too_large(span)),
                },
                Kind::Float(bits) => Literal::Float((-f64::from_bits(bits)).to_bits()),
                _ => return Ok(None),
            };
            line.skip();
            literal
        }
        _ => return Ok(None),
    };
    line.skip();
    Ok(Some((literal, span)))
}

impl<'t> Expression<'t> {
    /// Returns the ast instructions, each with its span. Constants are taken in the order of the
    /// ast instructions.
    pub(super) fn ops(
        &self,
        constants: &mut Constants,
    ) -> Result<(Vec<Op>, Vec<Span>), Problem<Span>> {
        let mut ops = Vec::with_capacity(self.nodes.len());
        let mut spans = Vec::with_capacity(self.nodes.len());
        // The nodes that are left, and whether their operands are done.
        let mut todo = vec![(self.root, false)];
        while let Some((at, parts_done)) = todo.pop() {
            let node = &self.nodes[at];
            if !parts_done {
                todo.push((at, true));
                match &node.kind {
                    NodeKind::Variable(_) | NodeKind::Literal(..) => {}
                    // The last argument is pushed first.
                    NodeKind::Call(_, arguments) => {
                        todo.extend(arguments.iter().map(|&argument| (argument, false)));
                    }
                    NodeKind::Unary(_, a) => todo.push((*a, false)),
                    NodeKind::Binary(_, a, b) => todo.extend([(*b, false), (*a, false)]),
                }
                continue;
            }
            ops.push(match &node.kind {
                NodeKind::Variable(name) => Op::PushVar(name.index(constants)?),
                NodeKind::Literal(literal, None) => {
                    Op::PushConst(constants.index(literal.constant()))
                }
                NodeKind::Literal(literal, Some(index)) => {
                    let constant = literal.constant();
                    Op::PushConst(fixed(constants, constant, *index, node.span)?)
                }
                NodeKind::Call(name, arguments) => Op::Call {
                    name: name.index(constants)?,
                    argc: arguments.len() as u64,
                },
                NodeKind::Unary(operator, _) | NodeKind::Binary(operator, ..) => {
                    Op::Operate(*operator)
                }
            });
            spans.push(node.span);
        }
        Ok((ops, spans))
    }
}
