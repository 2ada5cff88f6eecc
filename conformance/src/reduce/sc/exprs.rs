//! Steps on expressions: an expression is replaced by one of its parts, or by a constant.

use super::values::normalized;
use super::{steps, stored};
use crate::case::Case;
use crate::generate::sc::file::{Ast, Constant, File, NEG, NOT, Op, STORED};
use crate::reduce::step::{Step, Steps};
use std::ops::Range;
use std::rc::Rc;

/// The plainest operator.
const ADD: u8 = 0x03;

/// Returns the file with other ast instructions in the place of some.
pub(super) fn with_ops(file: &File, by: impl Fn(&Op) -> Option<Vec<Op>>) -> File {
    let mut file = file.clone();
    for ast in &mut file.asts {
        if ast.ops.iter().any(|op| by(op).is_some()) {
            let ops = ast.ops.iter();
            let ops = ops.flat_map(|op| by(op).unwrap_or_else(|| vec![*op]));
            *ast = Ast::new(ops.collect());
        }
    }
    file
}

/// What to put in the place of a part of an expression.
#[derive(Clone)]
enum Replacement {
    /// Another part: these ast instructions.
    Part(Range<usize>),
    /// An implied constant.
    Implied(u64),
    /// A stored constant.
    Stored(Constant),
    /// The plainest operator, on the same operands.
    Operator,
    /// The same call without arguments, of which it says to have this many.
    Call(u64),
    /// The same call with only one of its arguments: these ast instructions.
    CallOf(Range<usize>),
}

/// Replaces expressions by their parts or by plain constants.
pub(super) fn parts(case: &Case) -> Steps<'_> {
    steps(case, |view| {
        (0..view.file.asts.len()).flat_map(move |at| {
            let candidates = candidates(&view.file, &view.file.asts[at]);
            let view = Rc::clone(&view);
            candidates
                .into_iter()
                .enumerate()
                .map(move |(index, (range, replacement))| {
                    let view = Rc::clone(&view);
                    Step::new((at as u64) << 32 | index as u64, move || {
                        let mut file = view.file.clone();
                        let by = match replacement {
                            Replacement::Part(range) => file.asts[at].ops[range].to_vec(),
                            Replacement::Implied(index) => vec![Op::Const(index)],
                            Replacement::Stored(constant) => {
                                vec![Op::Const(stored(&mut file, constant))]
                            }
                            Replacement::Operator => {
                                let mut ops = file.asts[at].ops[range.clone()].to_vec();
                                if let Some(last) = ops.last_mut() {
                                    *last = Op::Operator(ADD);
                                }
                                ops
                            }
                            Replacement::Call(count) => {
                                call(&file.asts[at].ops[range.clone()], &[], count)
                            }
                            Replacement::CallOf(argument) => {
                                let ops = &file.asts[at].ops;
                                call(&ops[range.clone()], &ops[argument], 1)
                            }
                        };
                        let ops = &file.asts[at].ops;
                        let ops = [&ops[..range.start], &by, &ops[range.end..]].concat();
                        file.asts[at] = Ast::new(ops);
                        view.with(&normalized(&view.file, file))
                    })
                })
        })
    })
}

/// Returns the call that is the last of `ops`, with other arguments.
fn call(ops: &[Op], arguments: &[Op], count: u64) -> Vec<Op> {
    let call = match ops.last() {
        Some(Op::Call(name, _)) => Op::Call(*name, count),
        Some(other) => *other,
        None => return Vec::new(),
    };
    [arguments, &[call]].concat()
}

/// Returns the replacements in an ast, each with the ast instructions that it replaces; those that
/// make the ast shortest come first.
fn candidates(file: &File, ast: &Ast) -> Vec<(Range<usize>, Replacement)> {
    let starts = starts(ast);
    let all = 0..ast.ops.len();
    let mut found = Vec::new();
    let constants = [
        Replacement::Implied(0),
        Replacement::Stored(Constant::Int(0)),
        Replacement::Stored(Constant::Int(1)),
        Replacement::Implied(2),
        Replacement::Implied(3),
        Replacement::Stored(Constant::Float(0)),
        Replacement::Stored(Constant::Str(String::new())),
    ];
    for (end, &start) in starts.iter().enumerate() {
        let here = start..end + 1;
        if here != all {
            found.push((all.clone(), Replacement::Part(here.clone())));
        }
        for constant in &constants {
            found.push((here.clone(), constant.clone()));
        }
        if let Some(value) = folded(file, &ast.ops[here.clone()]) {
            found.push((here.clone(), Replacement::Stored(Constant::Int(value))));
        }
        // An operation is replaced by an operand, a call by an argument.
        let mut last = end;
        let mut operands = Vec::new();
        while last > start {
            let operand = starts[last - 1]..last;
            last = operand.start;
            operands.push(operand);
        }
        if here != all {
            found.extend(
                operands
                    .iter()
                    .map(|operand| (here.clone(), Replacement::Part(operand.clone()))),
            );
        }
        match ast.ops[end] {
            Op::Call(_, count @ 1..) => {
                found.push((here.clone(), Replacement::Call(0)));
                if count > 1 {
                    let one = |operand: &Range<usize>| {
                        (here.clone(), Replacement::CallOf(operand.clone()))
                    };
                    found.extend(operands.iter().map(one));
                }
            }
            Op::Operator(byte) if ![ADD, NOT, NEG].contains(&byte) => {
                found.push((here.clone(), Replacement::Operator));
            }
            Op::Operator(_) | Op::Call(..) | Op::Var(_) | Op::Const(_) => {}
        }
    }
    let length = |(range, replacement): &(Range<usize>, Replacement)| {
        let by = match replacement {
            Replacement::Part(part) => part.len(),
            Replacement::Implied(_) | Replacement::Stored(_) | Replacement::Call(_) => 1,
            Replacement::CallOf(argument) => argument.len() + 1,
            Replacement::Operator => range.len(),
        };
        ast.ops.len() - range.len() + by
    };
    found.sort_by_key(length);
    found
}

/// Returns the result of an operation on two Int constants.
fn folded(file: &File, ops: &[Op]) -> Option<i64> {
    let [Op::Const(left), Op::Const(right), Op::Operator(operator)] = *ops else {
        return None;
    };
    let value = |index: u64| {
        let at = usize::try_from(index.checked_sub(STORED)?).ok()?;
        match file.constants.get(at)? {
            Constant::Int(value) => Some(*value),
            Constant::Float(_) | Constant::Str(_) => None,
        }
    };
    let (left, right) = (value(left)?, value(right)?);
    match operator {
        ADD => left.checked_add(right),
        0x04 => left.checked_mul(right),
        0x05 => left.checked_sub(right),
        _ => None,
    }
}

/// Returns for each ast instruction where the part that ends with it begins.
fn starts(ast: &Ast) -> Vec<usize> {
    let mut starts: Vec<usize> = Vec::with_capacity(ast.ops.len());
    let mut stack: Vec<usize> = Vec::new();
    for (at, op) in ast.ops.iter().enumerate() {
        let taken = usize::try_from(op.takes()).unwrap_or(usize::MAX);
        let below = stack.len().saturating_sub(taken);
        let start = stack.get(below).copied().unwrap_or(at);
        stack.truncate(below);
        stack.push(start);
        starts.push(start);
    }
    starts
}
