//! Single instructions out of a run: what the reference saw in the variables before them is enough
//! to run them alone.

use super::super::{Seen, Step, Steps, trace};
use super::values::of_value;
use super::{View, exprs, steps, stored};
use crate::case::Case;
use crate::generate::sc::file::{Ast, Constant, File, Insn, Op};
use std::collections::HashMap;
use std::rc::Rc;

/// No more steps of a run are looked at.
const MOST: usize = 512;
/// Moments of one instruction that are tried, the last ones: a fault stands there.
const OF_A_KIND: usize = 2;

/// Programs of one instruction out of the run, with what it needs.
pub(super) fn moments(case: &Case) -> Steps<'_> {
    steps(case, |view| {
        let trace = trace(case, MOST);
        let mut times: HashMap<usize, usize> = HashMap::new();
        let mut found: Vec<Moment> = Vec::new();
        for (back, step) in trace.into_iter().rev().enumerate() {
            let place = step.at.rsplit_once(':').map_or("", |(_, number)| number);
            let Some(at) = place.parse().ok().filter(|&at| at < view.file.insns.len()) else {
                continue;
            };
            let times = times.entry(at).or_default();
            *times += 1;
            if *times <= OF_A_KIND || (back + 1).is_power_of_two() {
                found.push(Moment { at, step });
            }
        }
        found
            .into_iter()
            .enumerate()
            .flat_map(move |(place, moment)| {
                let moment = Rc::new(moment);
                let ways = [constants, printed, assigned, followed];
                let view = Rc::clone(&view);
                ways.into_iter().map(move |way| {
                    let (view, moment) = (Rc::clone(&view), Rc::clone(&moment));
                    Step::new(place as u64, move || way(&view, &moment))
                })
            })
    })
}

struct Moment {
    /// The instruction.
    at: usize,
    /// What was seen before it.
    step: Seen,
}

impl Moment {
    /// The variables by name.
    fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.step
            .state
            .iter()
            .filter_map(|each| each.split_once('='))
    }
}

/// The instruction with constants where it reads variables.
fn constants(view: &View, moment: &Moment) -> Option<Case> {
    view.with(&alone(&with_constants(view, moment), moment.at)?)
}

/// The same, and what it comes to is printed.
fn printed(view: &View, moment: &Moment) -> Option<Case> {
    let mut file = alone(&with_constants(view, moment), moment.at)?;
    let (Insn::Eval(ast) | Insn::Set(_, ast)) = file.insns[0] else {
        return None;
    };
    let print = stored(&mut file, Constant::Str("print".to_owned()));
    let ast = file.asts.get_mut(usize::try_from(ast).ok()?)?;
    *ast = Ast::new([&ast.ops[..], &[Op::Call(print, 1)]].concat());
    view.with(&file)
}

/// The instruction behind assignments to the variables that it reads.
fn assigned(view: &View, moment: &Moment) -> Option<Case> {
    let file = alone(&view.file, moment.at)?;
    let read: Vec<String> = variables_read(&file);
    let needed = moment
        .variables()
        .filter(|(name, _)| read.iter().any(|read| read == name));
    let needed: Vec<_> = needed.collect();
    view.with(&behind(&file, &needed))
}

/// The instruction and all that follow, behind assignments to the variables that they read.
fn followed(view: &View, moment: &Moment) -> Option<Case> {
    let mut file = view.file.clone();
    file.insns.drain(..moment.at);
    for insn in &mut file.insns {
        if let Some(target) = insn.target() {
            *target = target.checked_sub(moment.at as u64)?;
        }
    }
    let read: Vec<String> = variables_read(&file);
    let needed = moment
        .variables()
        .filter(|(name, _)| read.iter().any(|read| read == name));
    let needed: Vec<_> = needed.collect();
    view.with(&behind(&file, &needed))
}

fn with_constants(view: &View, moment: &Moment) -> File {
    let mut file = view.file.clone();
    let known: Vec<(String, u64)> = moment
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

/// A file of one instruction, with its other end if it begins a loop.
fn alone(file: &File, at: usize) -> Option<File> {
    let mut file = file.clone();
    file.insns = match file.insns[at] {
        Insn::For([name, start, end, _]) => vec![Insn::For([name, start, end, 1]), Insn::End(0)],
        Insn::While([ast, _]) => vec![Insn::While([ast, 1]), Insn::End(0)],
        insn @ (Insn::Eval(_) | Insn::Set(..) | Insn::Pass | Insn::Label(_)) => vec![insn],
        Insn::End(_) | Insn::Jump(_) | Insn::Goto(_) => return None,
    };
    // What nobody names any more goes with the rest.
    let tidy = crate::generate::sc::file::canonical(&file);
    Some(tidy)
}

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

/// The file behind assignments.
fn behind(file: &File, variables: &[(&str, &str)]) -> File {
    let mut file = file.clone();
    let mut insns = Vec::new();
    for (name, value) in variables {
        let value = of_value(&mut file, value);
        let name = stored(&mut file, Constant::Str((*name).to_owned()));
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
    crate::generate::sc::file::canonical(&file)
}
