//! Extraction: turns single instructions of a traced run into programs. The values that the
//! reference saw in the variables before an instruction are enough to run it alone.

use super::values::of_value;
use super::{View, exprs, steps, stored};
use crate::case::Case;
use crate::engine::Step as TraceStep;
use crate::generate::sc::file::{Ast, Constant, File, Insn, Op, canonical};
use crate::reduce::step::{Step, Steps};
use crate::reduce::trace::trace;
use std::collections::HashMap;
use std::rc::Rc;

/// The number of steps of a run that are traced.
const MAX_STEPS: usize = 512;
/// How many executions of one instruction are extracted: the last ones, because a fault is at the end
/// of a run.
const MAX_EXECUTIONS: usize = 2;

/// Makes programs of one instruction of the run, with the values that it reads.
pub(super) fn instructions(case: &Case) -> Steps<'_> {
    steps(case, |view| {
        let trace = trace(case, MAX_STEPS);
        let mut executions: HashMap<usize, usize> = HashMap::new();
        let mut found: Vec<Execution> = Vec::new();
        for (back, step) in trace.into_iter().rev().enumerate() {
            let index = step.at.rsplit_once(':').map_or("", |(_, index)| index);
            let Some(at) = index.parse().ok().filter(|&at| at < view.file.insns.len()) else {
                continue;
            };
            let executions = executions.entry(at).or_default();
            *executions += 1;
            if *executions <= MAX_EXECUTIONS || (back + 1).is_power_of_two() {
                found.push(Execution { at, step });
            }
        }
        found
            .into_iter()
            .enumerate()
            .flat_map(move |(place, execution)| {
                let execution = Rc::new(execution);
                let ways = [
                    with_constants,
                    with_printed_result,
                    after_assignments,
                    with_rest,
                ];
                let view = Rc::clone(&view);
                ways.into_iter().map(move |way| {
                    let (view, execution) = (Rc::clone(&view), Rc::clone(&execution));
                    Step::new(place as u64, move || way(&view, &execution))
                })
            })
    })
}

/// An execution of an instruction.
struct Execution {
    /// The index of the instruction.
    at: usize,
    /// What the trace shows before it.
    step: TraceStep,
}

impl Execution {
    /// Returns the names and values of the variables.
    fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.step
            .state
            .iter()
            .filter_map(|each| each.split_once('='))
    }
}

/// Returns the instruction with constants where it reads variables.
fn with_constants(view: &View, execution: &Execution) -> Option<Case> {
    view.with(&alone(
        &constants_for_variables(view, execution),
        execution.at,
    )?)
}

/// Returns the same, with its result printed.
fn with_printed_result(view: &View, execution: &Execution) -> Option<Case> {
    let mut file = alone(&constants_for_variables(view, execution), execution.at)?;
    let (Insn::Eval(ast) | Insn::Set(_, ast)) = file.insns[0] else {
        return None;
    };
    let print = stored(&mut file, Constant::Str("print".to_owned()));
    let ast = file.asts.get_mut(usize::try_from(ast).ok()?)?;
    *ast = Ast::new([&ast.ops[..], &[Op::Call(print, 1)]].concat());
    view.with(&file)
}

/// Returns the instruction after assignments to the variables that it reads.
fn after_assignments(view: &View, execution: &Execution) -> Option<Case> {
    let file = alone(&view.file, execution.at)?;
    view.with(&with_assignments(&file, execution))
}

/// Returns the instruction and all that follow it, after assignments to the variables that they read.
fn with_rest(view: &View, execution: &Execution) -> Option<Case> {
    let mut file = view.file.clone();
    file.insns.drain(..execution.at);
    for insn in &mut file.insns {
        if let Some(target) = insn.target() {
            *target = target.checked_sub(execution.at as u64)?;
        }
    }
    view.with(&with_assignments(&file, execution))
}

/// Returns the file with constants in the place of variables whose values are known.
fn constants_for_variables(view: &View, execution: &Execution) -> File {
    let mut file = view.file.clone();
    let known: Vec<(String, u64)> = execution
        .variables()
        .map(|(name, value)| (name.to_owned(), of_value(&mut file, value)))
        .collect();
    let value_of = |op: &Op| match *op {
        Op::Var(name) => {
            let name = view.file.text(name)?;
            let (_, index) = known.iter().find(|(known, _)| known == name)?;
            Some(vec![Op::Const(*index)])
        }
        Op::Const(_) | Op::Call(..) | Op::Operator(_) => None,
    };
    exprs::with_ops(&file, value_of)
}

/// Returns a file of one instruction, with its END if it begins a loop.
fn alone(file: &File, at: usize) -> Option<File> {
    let mut file = file.clone();
    file.insns = match file.insns[at] {
        Insn::For([name, start, end, _]) => vec![Insn::For([name, start, end, 1]), Insn::End(0)],
        Insn::While([ast, _]) => vec![Insn::While([ast, 1]), Insn::End(0)],
        insn @ (Insn::Eval(_) | Insn::Set(..) | Insn::Pass | Insn::Label(_)) => vec![insn],
        Insn::End(_) | Insn::Jump(_) | Insn::Goto(_) => return None,
    };
    // This drops constants and asts that are no longer used.
    Some(canonical(&file))
}

/// Returns the names of the variables that a file reads.
fn variables_read(file: &File) -> Vec<String> {
    let mut insns = file.insns.clone();
    let asts = insns.iter_mut().flat_map(Insn::asts);
    let asts = asts.filter_map(|ast| file.asts.get(usize::try_from(*ast).ok()?));
    let ops = asts.flat_map(|ast| &ast.ops);
    let names = ops.filter_map(|op| match *op {
        Op::Var(name) => file.text(name).map(str::to_owned),
        Op::Const(_) | Op::Call(..) | Op::Operator(_) => None,
    });
    names.collect()
}

/// Returns the file after assignments to the variables that it reads.
fn with_assignments(file: &File, execution: &Execution) -> File {
    let read: Vec<String> = variables_read(file);
    let needed = execution
        .variables()
        .filter(|(name, _)| read.iter().any(|read| read == name));
    let mut file = file.clone();
    let mut insns = Vec::new();
    for (name, value) in needed {
        let value = of_value(&mut file, value);
        let name = stored(&mut file, Constant::Str(name.to_owned()));
        file.asts.push(Ast::new(vec![Op::Const(value)]));
        insns.push(Insn::Set(name, file.asts.len() as u64 - 1));
    }
    let more = insns.len() as u64;
    for insn in &mut file.insns {
        if let Some(target) = insn.target() {
            *target += more;
        }
    }
    insns.append(&mut file.insns);
    file.insns = insns;
    canonical(&file)
}
