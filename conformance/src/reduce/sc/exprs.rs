//! Steps on expressions: parts in the place of the whole, constants in the place of parts.

use super::super::{Step, Steps};
use super::{steps, stored};
use crate::case::Case;
use crate::generate::sc::file::{Ast, Constant, File, NEG, NOT, Op, STORED};
use std::rc::Rc;

/// The plainest operator.
const ADD: u8 = 0x03;

/// The file with other ast instructions in the place of some.
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

/// Something to put in the place of a part.
#[derive(Clone)]
enum Part {
    /// The part that these ast instructions are.
    Of(std::ops::Range<usize>),
    /// A constant that is always there.
    Implied(u64),
    /// One that is stored.
    Stored(Constant),
    /// The same operator's plainer sibling, on the same operands.
    Operator,
    /// The same call with fewer arguments.
    Call(u64),
    /// The same call with one of its arguments, which are these ast instructions.
    CallOf(std::ops::Range<usize>),
}

/// Puts parts of expressions in the place of the whole, and plain constants in the place of parts.
pub(super) fn parts(case: &Case) -> Steps<'_> {
    steps(case, |view| {
        (0..view.file.asts.len()).flat_map(move |at| {
            let candidates = candidates(&view.file, &view.file.asts[at]);
            let view = Rc::clone(&view);
            candidates
                .into_iter()
                .enumerate()
                .map(move |(index, (range, part))| {
                    let view = Rc::clone(&view);
                    Step::new((at as u64) << 32 | index as u64, move || {
                        let mut file = view.file.clone();
                        let by = match part {
                            Part::Of(range) => file.asts[at].ops[range].to_vec(),
                            Part::Implied(index) => vec![Op::Const(index)],
                            Part::Stored(constant) => vec![Op::Const(stored(&mut file, constant))],
                            Part::Operator => {
                                let mut ops = file.asts[at].ops[range.clone()].to_vec();
                                if let Some(last) = ops.last_mut() {
                                    *last = Op::Operator(ADD);
                                }
                                ops
                            }
                            Part::Call(count) => {
                                called(&file.asts[at].ops[range.clone()], &[], count)
                            }
                            Part::CallOf(argument) => {
                                let ops = &file.asts[at].ops;
                                called(&ops[range.clone()], &ops[argument], 1)
                            }
                        };
                        let ops = &file.asts[at].ops;
                        let ops = [&ops[..range.start], &by, &ops[range.end..]].concat();
                        file.asts[at] = Ast::new(ops);
                        view.with(&super::values::tidied(&view.file, file))
                    })
                })
        })
    })
}

/// The call that is the last of these, with other arguments.
fn called(ops: &[Op], arguments: &[Op], count: u64) -> Vec<Op> {
    let call = match ops.last() {
        Some(Op::Call(name, _)) => Op::Call(*name, count),
        Some(other) => *other,
        None => return Vec::new(),
    };
    [arguments, &[call]].concat()
}

/// What can be put where in an ast: what makes it shortest first.
fn candidates(file: &File, ast: &Ast) -> Vec<(std::ops::Range<usize>, Part)> {
    let starts = starts(ast);
    let all = 0..ast.ops.len();
    let mut found = Vec::new();
    let constants = [
        Part::Implied(0),
        Part::Stored(Constant::Int(0)),
        Part::Stored(Constant::Int(1)),
        Part::Implied(2),
        Part::Implied(3),
        Part::Stored(Constant::Float(0)),
        Part::Stored(Constant::Str(String::new())),
    ];
    for (end, &start) in starts.iter().enumerate() {
        let here = start..end + 1;
        if here != all {
            found.push((all.clone(), Part::Of(here.clone())));
        }
        for constant in &constants {
            found.push((here.clone(), constant.clone()));
        }
        if let Some(value) = folded(file, &ast.ops[here.clone()]) {
            found.push((here.clone(), Part::Stored(Constant::Int(value))));
        }
        // An operand in the place of the operation, an argument in the place of the call.
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
                    .map(|operand| (here.clone(), Part::Of(operand.clone()))),
            );
        }
        match ast.ops[end] {
            Op::Call(_, count @ 1..) => {
                found.push((here.clone(), Part::Call(0)));
                if count > 1 {
                    let one = |operand: &std::ops::Range<usize>| {
                        (here.clone(), Part::CallOf(operand.clone()))
                    };
                    found.extend(operands.iter().map(one));
                }
            }
            Op::Operator(byte) if ![ADD, NOT, NEG].contains(&byte) => {
                found.push((here.clone(), Part::Operator));
            }
            Op::Operator(_) | Op::Call(..) | Op::Var(_) | Op::Const(_) => {}
        }
    }
    let left = |(range, part): &(std::ops::Range<usize>, Part)| {
        let by = match part {
            Part::Of(part) => part.len(),
            Part::Implied(_) | Part::Stored(_) | Part::Call(_) => 1,
            Part::CallOf(argument) => argument.len() + 1,
            Part::Operator => range.len(),
        };
        ast.ops.len() - range.len() + by
    };
    found.sort_by_key(left);
    found
}

/// What an operation on two Int constants comes to.
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

/// Where the part that ends at each instruction begins.
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
