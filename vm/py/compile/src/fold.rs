//! Constant folding on the tree, within CPython's limits.

use crate::arith;
use crate::ast::{Ast, Block, Compare, Ctx, ExprId, ExprKind, Exprs, StmtKind, Unary};
use crate::constant::{ConstId, Value};
use crate::names::Sym;
use crate::parse::Unit;

/// Folds the trees of a source.
pub(crate) fn fold(unit: &mut Unit, module: Option<Block>, optimize: u8, as_text: bool) {
    let bodies = bodies(&unit.ast, module);
    let documented: Vec<bool> = bodies.iter().map(|&body| has_doc(unit, body)).collect();
    // Annotations that are kept as text are not touched, nor are the values of `:=`.
    let mut kept = unit.ast.unfolded.clone();
    if as_text {
        kept.extend_from_slice(&unit.ast.annotations);
    }
    kept.sort_unstable();
    let mut next_kept = 0;
    let mut index = 0;
    while index < unit.ast.exprs.len() {
        while next_kept < kept.len() && kept[next_kept].1 as usize <= index {
            next_kept += 1;
        }
        match kept.get(next_kept) {
            Some(&(from, to)) if index >= from as usize => index = to as usize,
            _ => {
                expr(unit, index, optimize);
                index += 1;
            }
        }
    }
    for index in 0..unit.ast.stmts.len() {
        if let StmtKind::For {
            is_async: false,
            iter,
            ..
        } = unit.ast.stmts[index].kind
        {
            iterated(unit, iter);
        }
    }
    for (body, was) in bodies.into_iter().zip(documented) {
        if !was && has_doc(unit, body) {
            hide_doc(&mut unit.ast, body);
        }
    }
}

/// The bodies that can begin with a docstring.
fn bodies(ast: &Ast, module: Option<Block>) -> Vec<Block> {
    let functions = ast.functions.iter().map(|function| function.body);
    let classes = ast.classes.iter().map(|class| class.body);
    module.into_iter().chain(functions).chain(classes).collect()
}

/// Returns the docstring of a body.
pub(crate) fn doc(unit: &Unit, body: Block) -> Option<ConstId> {
    let &first = unit.ast.stmts_of(body).first()?;
    let StmtKind::Expr(value) = unit.ast.at(first).kind else {
        return None;
    };
    match unit.ast[value].kind {
        ExprKind::Constant { value, .. } => {
            matches!(unit.consts.get(value), Value::Str(_)).then_some(value)
        }
        _ => None,
    }
}

fn has_doc(unit: &Unit, body: Block) -> bool {
    doc(unit, body).is_some()
}

/// Makes sure that a text which folding has made is not taken for a docstring.
fn hide_doc(ast: &mut Ast, body: Block) {
    let Some(&first) = ast.stmts_of(body).first() else {
        return;
    };
    let stmt = ast.at(first);
    if let StmtKind::Expr(value) = stmt.kind {
        let values = ast.list(&[value]);
        let joined = ast.expr(ExprKind::Joined(values), stmt.line, stmt.col);
        ast.stmts[first.0 as usize].kind = StmtKind::Expr(joined);
    }
}

fn expr(unit: &mut Unit, index: usize, optimize: u8) {
    let kind = unit.ast.exprs[index].kind;
    let folded = match kind {
        ExprKind::BinOp { left, op, right } => {
            let (Some(left), Some(right)) = (value(&unit.ast, left), value(&unit.ast, right))
            else {
                return;
            };
            arith::binary(&mut unit.names, &mut unit.consts, op, left, right)
        }
        ExprKind::UnaryOp { op, operand } => {
            if op == Unary::Not && not_compare(&mut unit.ast, index, operand) {
                return;
            }
            let Some(operand) = value(&unit.ast, operand) else {
                return;
            };
            arith::unary(&mut unit.consts, op, operand)
        }
        ExprKind::Tuple {
            elts,
            ctx: Ctx::Load,
        } => tuple(unit, elts),
        ExprKind::Subscript {
            value: object,
            index,
            ctx: Ctx::Load,
        } => {
            let (Some(object), Some(index)) = (value(&unit.ast, object), value(&unit.ast, index))
            else {
                return;
            };
            arith::item(&mut unit.names, &mut unit.consts, object, index)
        }
        ExprKind::Compare {
            ops, comparators, ..
        } => {
            let last = unit.ast.compares[ops.range()].last();
            if let Some(Compare::In | Compare::NotIn) = last {
                let id = unit.ast.item(comparators, comparators.len() - 1);
                iterated(unit, id);
            }
            None
        }
        ExprKind::Comp { clauses, .. } => {
            for at in clauses.range() {
                iterated(unit, unit.ast.clauses[at].iter);
            }
            None
        }
        ExprKind::Name {
            id: Sym::DEBUG,
            ctx: Ctx::Load,
        } => Some(match optimize {
            0 => ConstId::TRUE,
            _ => ConstId::FALSE,
        }),
        _ => None,
    };
    if let Some(value) = folded {
        unit.ast.exprs[index].kind = constant(value);
    }
}

fn constant(value: ConstId) -> ExprKind {
    ExprKind::Constant {
        value,
        u_prefix: false,
    }
}

/// Returns the value of a constant expression.
pub(crate) fn value(ast: &Ast, id: ExprId) -> Option<ConstId> {
    match ast[id].kind {
        ExprKind::Constant { value, .. } => Some(value),
        _ => None,
    }
}

/// Makes `not a in b` the comparison that is its opposite.
fn not_compare(ast: &mut Ast, index: usize, operand: ExprId) -> bool {
    let compare = ast[operand];
    let ExprKind::Compare { ops, .. } = compare.kind else {
        return false;
    };
    if ops.len != 1 {
        return false;
    }
    let op = &mut ast.compares[ops.start as usize];
    *op = match *op {
        Compare::Is => Compare::IsNot,
        Compare::IsNot => Compare::Is,
        Compare::In => Compare::NotIn,
        Compare::NotIn => Compare::In,
        _ => return false,
    };
    // It takes the comparison's place, too.
    ast.exprs[index] = compare;
    true
}

fn values(unit: &Unit, elts: Exprs) -> Option<Vec<ConstId>> {
    let ast = &unit.ast;
    ast.items_of(elts).map(|item| value(ast, item)).collect()
}

fn tuple(unit: &mut Unit, elts: Exprs) -> Option<ConstId> {
    let items = values(unit, elts)?;
    Some(unit.consts.tuple(&items))
}

/// Makes a list that is only looked at a tuple, and a set a frozenset if it is constant.
fn iterated(unit: &mut Unit, id: ExprId) {
    match unit.ast[id].kind {
        ExprKind::List { elts, ctx } => {
            let starred = |item: ExprId| matches!(unit.ast[item].kind, ExprKind::Starred { .. });
            if unit.ast.items_of(elts).any(starred) {
                return;
            }
            unit.ast[id].kind = match tuple(unit, elts) {
                Some(value) => constant(value),
                None => ExprKind::Tuple { elts, ctx },
            };
        }
        ExprKind::Set(elts) => {
            let Some(items) = values(unit, elts) else {
                return;
            };
            if let Some(value) = unit.consts.frozenset(&unit.names, &items) {
                unit.ast[id].kind = constant(value);
            }
        }
        _ => {}
    }
}
