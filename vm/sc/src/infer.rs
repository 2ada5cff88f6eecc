//! Type inference: finds the variables that only ever hold Int, or only ever Float.
//!
//! Control flow is ignored: a variable has a kind if every value assigned to it has this kind,
//! given the kinds of the variables that are read for the value.

use super::file::{Ast, File};
use super::insn::{Insn, Op, Operator};
use super::ir::{NONE, Slot};
use super::kind::Kind;

/// After this many passes over the file without a fixed point, no kinds are inferred.
const MAX_PASSES: usize = 10;

/// The meanings of names.
pub(super) struct Names<'a> {
    /// The slot of each constant that names a variable.
    pub(super) variable: &'a [Slot],
    /// Returns the kind of the result of the function that a constant names.
    pub(super) returns: &'a dyn Fn(u64) -> Kind,
}

/// Returns the kinds of the variables, of which there are `count`.
pub(super) fn infer(file: &File, names: &Names, count: usize) -> Vec<Kind> {
    // `None`: no assigned value has a known kind so far.
    let mut kinds: Vec<Option<Kind>> = vec![None; count];
    let mut values = vec![None; file.asts.len()];
    let mut stack = Vec::new();
    for _ in 0..MAX_PASSES {
        for (ast, value) in file.asts.iter().zip(&mut values) {
            *value = of_ast(file, names, ast, &kinds, &mut stack);
        }
        let mut changed = false;
        for insn in &file.instructions {
            let (name, value) = match *insn {
                Insn::For { var, .. } => (var, Some(Kind::Int)),
                Insn::Set { name, ast } => (name, values[ast as usize]),
                Insn::Pass
                | Insn::While { .. }
                | Insn::End { .. }
                | Insn::Jump { .. }
                | Insn::Goto { .. }
                | Insn::Eval { .. }
                | Insn::Label { .. } => continue,
            };
            let kind = &mut kinds[names.variable[name as usize] as usize];
            let joined = join(*kind, value);
            changed |= *kind != joined;
            *kind = joined;
        }
        if !changed {
            // A variable without a kind is never set; instructions that read it fault, but need a
            // kind.
            let mut left = kinds.iter_mut().filter(|kind| kind.is_none()).peekable();
            if left.peek().is_none() {
                return kinds.into_iter().flatten().collect();
            }
            left.for_each(|kind| *kind = Some(Kind::Any));
        }
    }
    vec![Kind::Any; count]
}

fn join(a: Option<Kind>, b: Option<Kind>) -> Option<Kind> {
    match (a, b) {
        (None, kind) | (kind, None) => kind,
        (Some(a), Some(b)) => Some(if a == b { a } else { Kind::Any }),
    }
}

fn of_ast(
    file: &File,
    names: &Names,
    ast: &Ast,
    kinds: &[Option<Kind>],
    stack: &mut Vec<Option<Kind>>,
) -> Option<Kind> {
    for op in &ast.ops {
        let kind = match *op {
            Op::PushVar(name) => match names.variable[name as usize] {
                NONE => Some(Kind::Any),
                slot => kinds[slot as usize],
            },
            Op::PushConst(index) => file.constant(index).map(Kind::of_constant),
            Op::Call { name, argc } => {
                stack.truncate(stack.len() - argc as usize);
                Some((names.returns)(name))
            }
            Op::Operate(Operator::Not) => {
                stack.pop();
                Some(Kind::Any)
            }
            Op::Operate(Operator::Neg) => stack.pop().flatten(),
            Op::Operate(operator) => match (stack.pop().flatten(), stack.pop().flatten()) {
                (Some(b), Some(a)) => Some(of_operator(operator, a, b)),
                _ => None,
            },
        };
        stack.push(kind);
    }
    stack.pop().flatten()
}

/// Returns the kind of an operator's result, unless it faults.
pub(super) fn of_operator(operator: Operator, a: Kind, b: Kind) -> Kind {
    match operator {
        Operator::Add | Operator::Sub | Operator::Mul | Operator::Div | Operator::Mod => {
            match (a, b) {
                (Kind::Any, _) | (_, Kind::Any) => Kind::Any,
                (Kind::Int, Kind::Int) => Kind::Int,
                (Kind::Float, _) | (_, Kind::Float) => Kind::Float,
            }
        }
        Operator::Lt
        | Operator::Le
        | Operator::Gt
        | Operator::Ge
        | Operator::Eq
        | Operator::Ne
        | Operator::Not
        | Operator::And
        | Operator::Or => Kind::Any,
        Operator::Neg => a,
    }
}
