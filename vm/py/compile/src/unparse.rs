//! Expressions as text, as annotations are kept under `from __future__ import annotations`.

use crate::ast::{Comp, Compare, ExprId, ExprKind, Exprs, Operator, OptExprs, Param, Run, Unary};
use crate::constant::{ConstId, Value};
use crate::names::Sym;
use crate::parse::Unit;
use crate::upstream::{Str, float, quote};

/// How tightly what surrounds an expression binds it.
const TUPLE: u8 = 0;
const TEST: u8 = 1;
const OR: u8 = 2;
const AND: u8 = 3;
const NOT: u8 = 4;
const CMP: u8 = 5;
const EXPR: u8 = 6;
const TERM: u8 = 11;
const FACTOR: u8 = 12;
const POWER: u8 = 13;
const AWAIT: u8 = 14;
const ATOM: u8 = 15;

/// Returns the text of an expression.
pub(crate) fn unparse(unit: &Unit, id: ExprId) -> Vec<u8> {
    let mut writer = Writer {
        unit,
        out: Vec::new(),
    };
    writer.expr(id, TEST);
    writer.out
}

struct Writer<'u> {
    unit: &'u Unit,
    out: Vec<u8>,
}

fn operator(op: Operator) -> (&'static str, u8) {
    match op {
        Operator::Add => (" + ", 10),
        Operator::Sub => (" - ", 10),
        Operator::Mult => (" * ", TERM),
        Operator::MatMult => (" @ ", TERM),
        Operator::Div => (" / ", TERM),
        Operator::Mod => (" % ", TERM),
        Operator::FloorDiv => (" // ", TERM),
        Operator::LShift => (" << ", 9),
        Operator::RShift => (" >> ", 9),
        Operator::BitOr => (" | ", EXPR),
        Operator::BitXor => (" ^ ", 7),
        Operator::BitAnd => (" & ", 8),
        Operator::Pow => (" ** ", POWER),
    }
}

impl Writer<'_> {
    fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn sym(&mut self, name: Sym) {
        self.out.extend_from_slice(self.unit.names.get(name));
    }

    /// Writes what `write` writes, in parentheses if `level` is above `own`.
    fn grouped(&mut self, level: u8, own: u8, write: impl FnOnce(&mut Self)) {
        let parens = level > own;
        if parens {
            self.text("(");
        }
        write(self);
        if parens {
            self.text(")");
        }
    }

    fn expr(&mut self, id: ExprId, level: u8) {
        match self.unit.ast[id].kind {
            ExprKind::BoolOp { is_or, values } => {
                let (word, own) = if is_or { (" or ", OR) } else { (" and ", AND) };
                self.grouped(level, own, |w| w.row(values, word, own + 1));
            }
            ExprKind::BinOp { left, op, right } => {
                let (sign, own) = operator(op);
                let right_first = u8::from(op == Operator::Pow);
                self.grouped(level, own, |w| {
                    w.expr(left, own + right_first);
                    w.text(sign);
                    w.expr(right, own + 1 - right_first);
                });
            }
            ExprKind::UnaryOp { op, operand } => {
                let (sign, own) = match op {
                    Unary::Invert => ("~", FACTOR),
                    Unary::Not => ("not ", NOT),
                    Unary::Plus => ("+", FACTOR),
                    Unary::Minus => ("-", FACTOR),
                };
                self.grouped(level, own, |w| {
                    w.text(sign);
                    w.expr(operand, own);
                });
            }
            ExprKind::Lambda { params, body } => {
                self.grouped(level, TEST, |w| w.lambda(params, body));
            }
            ExprKind::IfExp { test, body, orelse } => self.grouped(level, TEST, |w| {
                w.expr(body, TEST + 1);
                w.text(" if ");
                w.expr(test, TEST + 1);
                w.text(" else ");
                w.expr(orelse, TEST);
            }),
            ExprKind::Dict { keys, values } => self.dict(keys, values),
            ExprKind::Set(elts) => {
                self.text("{");
                self.row(elts, ", ", TEST);
                self.text("}");
            }
            ExprKind::Comp {
                kind,
                elt,
                value,
                clauses,
            } => self.comprehension(kind, elt, value, clauses),
            ExprKind::Yield(value) => {
                self.text("(yield");
                if let Some(value) = value {
                    self.text(" ");
                    self.expr(value, TEST);
                }
                self.text(")");
            }
            ExprKind::YieldFrom(value) => {
                self.text("(yield from ");
                self.expr(value, TEST);
                self.text(")");
            }
            ExprKind::Await(value) => self.grouped(level, AWAIT, |w| {
                w.text("await ");
                w.expr(value, ATOM);
            }),
            ExprKind::Compare {
                left,
                ops,
                comparators,
            } => self.grouped(level, CMP, |w| w.compare(left, ops, comparators)),
            ExprKind::Named { target, value } => self.grouped(level, TUPLE, |w| {
                w.expr(target, ATOM);
                w.text(" := ");
                w.expr(value, ATOM);
            }),
            ExprKind::Tuple { elts, .. } => self.tuple(elts, level),
            kind => self.primary(id, kind),
        }
    }

    /// Writes what needs no parentheses.
    fn primary(&mut self, id: ExprId, kind: ExprKind) {
        match kind {
            ExprKind::Call {
                func,
                args,
                keywords,
            } => self.call(func, args, keywords),
            ExprKind::Attribute { value, attr, .. } => {
                self.expr(value, ATOM);
                // The dot of `1.real` would be the number's.
                let number = crate::fold::value(&self.unit.ast, value).is_some_and(|value| {
                    let value = self.unit.consts.get(value);
                    matches!(value, Value::Int(_) | Value::Long(_) | Value::Bool(_))
                        && !matches!(value, Value::Bool(_))
                });
                self.text(if number { " ." } else { "." });
                self.sym(attr);
            }
            ExprKind::Starred { value, .. } => {
                self.text("*");
                self.expr(value, EXPR);
            }
            ExprKind::Name { id, .. } => self.sym(id),
            ExprKind::List { elts, .. } => {
                self.text("[");
                self.row(elts, ", ", TEST);
                self.text("]");
            }
            ExprKind::Subscript { value, index, .. } => {
                self.expr(value, ATOM);
                self.text("[");
                self.expr(index, TUPLE);
                self.text("]");
            }
            ExprKind::Slice { lower, upper, step } => {
                for (part, before) in [(lower, ""), (upper, ":")] {
                    self.text(before);
                    if let Some(part) = part {
                        self.expr(part, TEST);
                    }
                }
                if let Some(step) = step {
                    self.text(":");
                    self.expr(step, TEST);
                }
            }
            ExprKind::Joined(_) | ExprKind::Formatted { .. } => {
                let body = self.format_body(id);
                self.text("f");
                let text = string_repr(body);
                self.text(&text);
            }
            ExprKind::Constant { value, u_prefix } => {
                if u_prefix {
                    self.text("u");
                }
                self.constant(value);
            }
            _ => {}
        }
    }

    fn row(&mut self, row: Exprs, between: &str, level: u8) {
        for at in 0..row.len() {
            if at > 0 {
                self.text(between);
            }
            self.expr(self.unit.ast.item(row, at), level);
        }
    }

    fn tuple(&mut self, elts: Exprs, level: u8) {
        if elts.is_empty() {
            return self.text("()");
        }
        self.grouped(level, TUPLE, |w| {
            w.row(elts, ", ", TEST);
            if elts.len() == 1 {
                w.text(",");
            }
        });
    }

    fn dict(&mut self, keys: OptExprs, values: Exprs) {
        self.text("{");
        for at in 0..values.len() {
            if at > 0 {
                self.text(", ");
            }
            let value = self.unit.ast.item(values, at);
            match self.unit.ast.opt_item(keys, at) {
                Some(key) => {
                    self.expr(key, TEST);
                    self.text(": ");
                    self.expr(value, TEST);
                }
                None => {
                    self.text("**");
                    self.expr(value, EXPR);
                }
            }
        }
        self.text("}");
    }

    fn comprehension(&mut self, kind: Comp, elt: ExprId, value: Option<ExprId>, clauses: Run) {
        let (open, close) = match kind {
            Comp::Generator => ("(", ")"),
            Comp::List => ("[", "]"),
            Comp::Set | Comp::Dict => ("{", "}"),
        };
        self.text(open);
        self.expr(elt, TEST);
        if let Some(value) = value {
            self.text(": ");
            self.expr(value, TEST);
        }
        for at in clauses.range() {
            let clause = self.unit.ast.clauses[at];
            self.text(match clause.is_async {
                true => " async for ",
                false => " for ",
            });
            self.expr(clause.target, TUPLE);
            self.text(" in ");
            self.expr(clause.iter, TEST + 1);
            for at in 0..clause.ifs.len() {
                self.text(" if ");
                self.expr(self.unit.ast.item(clause.ifs, at), TEST + 1);
            }
        }
        self.text(close);
    }

    fn compare(&mut self, left: ExprId, ops: Run, comparators: Exprs) {
        self.expr(left, CMP + 1);
        for at in 0..ops.len {
            self.text(match self.unit.ast.compares[(ops.start + at) as usize] {
                Compare::Eq => " == ",
                Compare::NotEq => " != ",
                Compare::Lt => " < ",
                Compare::LtE => " <= ",
                Compare::Gt => " > ",
                Compare::GtE => " >= ",
                Compare::Is => " is ",
                Compare::IsNot => " is not ",
                Compare::In => " in ",
                Compare::NotIn => " not in ",
            });
            self.expr(self.unit.ast.item(comparators, at), CMP + 1);
        }
    }

    fn call(&mut self, func: ExprId, args: Exprs, keywords: Run) {
        self.expr(func, ATOM);
        if args.len() == 1 && keywords.is_empty() {
            let only = self.unit.ast.item(args, 0);
            let kind = self.unit.ast[only].kind;
            if let ExprKind::Comp {
                kind: Comp::Generator,
                ..
            } = kind
            {
                return self.expr(only, TEST);
            }
        }
        self.text("(");
        self.row(args, ", ", TEST);
        for (index, at) in keywords.range().enumerate() {
            let keyword = self.unit.ast.keywords[at];
            if index > 0 || !args.is_empty() {
                self.text(", ");
            }
            match keyword.arg {
                Some(arg) => {
                    self.sym(arg);
                    self.text("=");
                }
                None => self.text("**"),
            }
            self.expr(keyword.value, TEST);
        }
        self.text(")");
    }

    fn lambda(&mut self, params: u32, body: ExprId) {
        let params = self.unit.ast.params[params as usize].clone();
        let plain: Vec<Param> = params.posonly.iter().chain(&params.args).copied().collect();
        self.text(if plain.is_empty() {
            "lambda"
        } else {
            "lambda "
        });
        let mut first = true;
        let mut comma = |w: &mut Self| {
            if !std::mem::replace(&mut first, false) {
                w.text(", ");
            }
        };
        let without = plain.len() - params.defaults.len();
        for (at, param) in plain.iter().enumerate() {
            comma(self);
            self.sym(param.name);
            if at >= without {
                self.text("=");
                self.expr(params.defaults[at - without], TEST);
            }
            if at + 1 == params.posonly.len() {
                self.text(", /");
            }
        }
        if params.vararg.is_some() || !params.kwonly.is_empty() {
            comma(self);
            self.text("*");
            if let Some(vararg) = params.vararg {
                self.sym(vararg.name);
            }
        }
        for (param, default) in params.kwonly.iter().zip(&params.kw_defaults) {
            comma(self);
            self.sym(param.name);
            if let Some(default) = *default {
                self.text("=");
                self.expr(default, TEST);
            }
        }
        if let Some(kwarg) = params.kwarg {
            comma(self);
            self.text("**");
            self.sym(kwarg.name);
        }
        self.text(": ");
        self.expr(body, TEST);
    }

    /// Returns what is between the quotes of a formatted string.
    fn format_body(&self, id: ExprId) -> Vec<u8> {
        match self.unit.ast[id].kind {
            ExprKind::Joined(values) => {
                let mut body = Vec::new();
                for value in self.unit.ast.items_of(values) {
                    body.extend(self.format_body(value));
                }
                body
            }
            ExprKind::Constant { value, .. } => {
                let Value::Str(text) = *self.unit.consts.get(value) else {
                    return Vec::new();
                };
                let mut body = Vec::new();
                for &byte in self.unit.names.get(text) {
                    body.push(byte);
                    if let b'{' | b'}' = byte {
                        body.push(byte);
                    }
                }
                body
            }
            ExprKind::Formatted {
                value,
                conversion,
                spec,
            } => {
                let mut writer = Writer {
                    unit: self.unit,
                    out: Vec::new(),
                };
                writer.expr(value, TEST + 1);
                let mut body = b"{".to_vec();
                if writer.out.first() == Some(&b'{') {
                    body.push(b' ');
                }
                body.extend(writer.out);
                if conversion != 0 {
                    body.extend([b'!', conversion]);
                }
                if let Some(spec) = spec {
                    body.push(b':');
                    body.extend(self.format_body(spec));
                }
                body.push(b'}');
                body
            }
            _ => Vec::new(),
        }
    }

    fn constant(&mut self, value: ConstId) {
        let text = match self.unit.consts.get(value) {
            Value::Ellipsis => "...".to_owned(),
            Value::None => "None".to_owned(),
            Value::Bool(true) => "True".to_owned(),
            Value::Bool(false) => "False".to_owned(),
            Value::Int(value) => value.to_string(),
            Value::Long(value) => value.to_string(),
            // A float beyond all is written as a literal that is.
            Value::Float(bits) => float::repr(f64::from_bits(*bits)).replace("inf", "1e309"),
            Value::Complex(real, imaginary) => {
                let (real, imaginary) = (f64::from_bits(*real), f64::from_bits(*imaginary));
                float::complex_repr(real, imaginary).replace("inf", "1e309")
            }
            Value::Bytes(bytes) => {
                let mut text = String::new();
                quote::bytes(bytes, &mut text);
                text
            }
            Value::Str(text) => string_repr(self.unit.names.get(*text).to_vec()),
            Value::Tuple(_) | Value::FrozenSet(_) | Value::Code(_) => return,
        };
        self.text(&text);
    }
}

fn string_repr(text: Vec<u8>) -> String {
    let text = Str {
        bytes: text.into(),
        interned: false,
    };
    text.repr()
}
