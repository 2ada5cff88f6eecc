//! Steps on instructions: runs of them, loops, assignments.

use super::super::generic::ranges;
use super::super::{Step, Steps};
use super::steps;
use crate::case::Case;
use crate::generate::sc::file::{File, Insn, Op};
use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

/// Runs of at least so many instructions are large.
const LARGE: usize = 64;

/// Leaves out large runs, before anything is looked at closely.
pub(super) fn large_runs(case: &Case) -> Steps<'_> {
    runs_of(case, LARGE)
}

/// Leaves out runs of instructions. A loop goes when either of its ends does, its body stays
/// unless that is meant as well.
pub(super) fn runs(case: &Case) -> Steps<'_> {
    runs_of(case, 1)
}

fn runs_of(case: &Case, least: usize) -> Steps<'_> {
    steps(case, move |view| {
        let runs = ranges(view.file.insns.len()).filter(move |(_, range)| range.len() >= least);
        runs.map(move |(place, range)| {
            let view = Rc::clone(&view);
            Step::new(place, move || view.with(&without(&view.file, range)))
        })
    })
}

/// Leaves out loops with all that is in them, and lets the body of a FOR run once.
pub(super) fn loops(case: &Case) -> Steps<'_> {
    steps(case, |view| {
        (0..view.file.insns.len()).flat_map(move |at| {
            let whole = Rc::clone(&view);
            let whole = Step::new(at as u64, move || {
                let end = end_of(&whole.file, at)?;
                whole.with(&without(&whole.file, at..end + 1))
            });
            let once = Rc::clone(&view);
            let once = Step::new(at as u64, move || {
                let end = end_of(&once.file, at)?;
                let mut file = once.file.clone();
                match file.insns[at] {
                    Insn::For([name, start, ..]) => file.insns[at] = Insn::Set(name, start),
                    _ => return None,
                }
                let to_here = |insn: &Insn| matches!(*insn, Insn::Jump(to) if to == at as u64 || to == end as u64);
                let jumps = (at..end).filter(|&jump| to_here(&file.insns[jump]));
                let gone = jumps.chain([end]).map(|at| at as u64).collect();
                once.with(&remove(&file, &gone))
            });
            [whole, once]
        })
    })
}

/// Where the loop ends that an instruction begins.
fn end_of(file: &File, at: usize) -> Option<usize> {
    match file.insns[at] {
        Insn::For([.., end]) | Insn::While([_, end]) => {
            let end = usize::try_from(end).ok()?;
            (at < end && end < file.insns.len()).then_some(end)
        }
        _ => None,
    }
}

/// Evaluates what is assigned and leaves it at that, or puts it wherever the variable is read.
pub(super) fn sets(case: &Case) -> Steps<'_> {
    steps(case, |view| {
        (0..view.file.insns.len()).flat_map(move |at| {
            let only = Rc::clone(&view);
            let only = Step::new(at as u64, move || {
                let mut file = only.file.clone();
                match file.insns[at] {
                    Insn::Set(_, ast) => file.insns[at] = Insn::Eval(ast),
                    _ => return None,
                }
                only.with(&file)
            });
            let inline = Rc::clone(&view);
            let inline = Step::new(at as u64, move || {
                let Insn::Set(name, ast) = inline.file.insns[at] else {
                    return None;
                };
                let file = &inline.file;
                let name = file.text(name)?;
                let by = &file.asts.get(usize::try_from(ast).ok()?)?.ops;
                let read =
                    |op: &Op| matches!(*op, Op::Var(index) if file.text(index) == Some(name));
                let small = super::exprs::with_ops(&without(file, at..at + 1), |op| {
                    read(op).then(|| by.clone())
                });
                inline.with(&small)
            });
            [only, inline]
        })
    })
}

/// The file without some instructions, and without those that mean nothing without them: the
/// other end of a loop, jumps to it, gotos to a label.
fn without(file: &File, range: Range<usize>) -> File {
    let mut gone: BTreeSet<u64> = range.map(|at| at as u64).collect();
    for (at, insn) in file.insns.iter().enumerate() {
        let (at, end) = match *insn {
            Insn::For([.., end]) | Insn::While([_, end]) => (at as u64, end),
            _ => continue,
        };
        if gone.contains(&at) || gone.contains(&end) {
            gone.extend([at, end]);
        }
    }
    let mut labels = BTreeSet::new();
    for (at, insn) in file.insns.iter().enumerate() {
        match *insn {
            Insn::Jump(to) if gone.contains(&to) => {
                gone.insert(at as u64);
            }
            Insn::Label(name) if gone.contains(&(at as u64)) => {
                labels.insert(file.text(name));
            }
            _ => {}
        }
    }
    for (at, insn) in file.insns.iter().enumerate() {
        if matches!(*insn, Insn::Goto(name) if labels.contains(&file.text(name))) {
            gone.insert(at as u64);
        }
    }
    remove(file, &gone)
}

/// The file without these instructions; the others are renumbered.
fn remove(file: &File, gone: &BTreeSet<u64>) -> File {
    let stays = |at: &usize| !gone.contains(&(*at as u64));
    let kept: Vec<usize> = (0..file.insns.len()).filter(stays).collect();
    let mut small = file.clone();
    small.insns = kept.iter().map(|&at| file.insns[at]).collect();
    for insn in &mut small.insns {
        if let Some(target) = insn.target() {
            *target = kept.partition_point(|&at| (at as u64) < *target) as u64;
        }
    }
    super::values::tidied(file, small)
}
