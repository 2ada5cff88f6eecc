//! Steps on instructions: runs of them, loops, assignments.

use super::exprs::with_ops;
use super::steps;
use super::values::normalized;
use crate::case::Case;
use crate::generate::sc::file::{File, Insn, Op};
use crate::reduce::ranges::ranges;
use crate::reduce::step::{Step, Steps};
use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

/// The number of instructions from which on a run is large.
const MIN_LARGE: usize = 64;

/// Removes large runs, before the slower passes.
pub(super) fn large_runs(case: &Case) -> Steps<'_> {
    runs_of(case, MIN_LARGE)
}

/// Removes runs of instructions. If a run contains one end of a loop, the other end is removed too,
/// but not the body.
pub(super) fn runs(case: &Case) -> Steps<'_> {
    runs_of(case, 1)
}

/// Removes runs of at least `min_length` instructions.
fn runs_of(case: &Case, min_length: usize) -> Steps<'_> {
    steps(case, move |view| {
        let runs = ranges(view.file.insns.len());
        let runs = runs.filter(move |(_, range)| range.len() >= min_length);
        runs.map(move |(place, range)| {
            let view = Rc::clone(&view);
            Step::new(place, move || view.with(&without(&view.file, range)))
        })
    })
}

/// Removes loops with their bodies, and makes the body of a FOR run once.
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
                let removed = jumps.chain([end]).map(|at| at as u64).collect();
                once.with(&remove(&file, &removed))
            });
            [whole, once]
        })
    })
}

/// Returns the index of the END of the loop that an instruction begins.
fn end_of(file: &File, at: usize) -> Option<usize> {
    match file.insns[at] {
        Insn::For([.., end]) | Insn::While([_, end]) => {
            let end = usize::try_from(end).ok()?;
            (at < end && end < file.insns.len()).then_some(end)
        }
        _ => None,
    }
}

/// Replaces an assignment by an evaluation, or puts the assigned expression wherever the variable is
/// read.
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
                let small = with_ops(&without(file, at..at + 1), |op| {
                    read(op).then(|| by.clone())
                });
                inline.with(&small)
            });
            [only, inline]
        })
    })
}

/// Returns the file without some instructions, and without those that depend on them: the other end
/// of a loop, jumps to it, gotos to a label.
fn without(file: &File, range: Range<usize>) -> File {
    let mut removed: BTreeSet<u64> = range.map(|at| at as u64).collect();
    for (at, insn) in file.insns.iter().enumerate() {
        let (at, end) = match *insn {
            Insn::For([.., end]) | Insn::While([_, end]) => (at as u64, end),
            _ => continue,
        };
        if removed.contains(&at) || removed.contains(&end) {
            removed.extend([at, end]);
        }
    }
    let mut labels = BTreeSet::new();
    for (at, insn) in file.insns.iter().enumerate() {
        match *insn {
            Insn::Jump(to) if removed.contains(&to) => {
                removed.insert(at as u64);
            }
            Insn::Label(name) if removed.contains(&(at as u64)) => {
                labels.insert(file.text(name));
            }
            _ => {}
        }
    }
    for (at, insn) in file.insns.iter().enumerate() {
        if matches!(*insn, Insn::Goto(name) if labels.contains(&file.text(name))) {
            removed.insert(at as u64);
        }
    }
    remove(file, &removed)
}

/// Returns the file without these instructions; the others are renumbered.
fn remove(file: &File, removed: &BTreeSet<u64>) -> File {
    let is_kept = |at: &usize| !removed.contains(&(*at as u64));
    let kept: Vec<usize> = (0..file.insns.len()).filter(is_kept).collect();
    let mut small = file.clone();
    small.insns = kept.iter().map(|&at| file.insns[at]).collect();
    for insn in &mut small.insns {
        if let Some(target) = insn.target() {
            *target = kept.partition_point(|&at| (at as u64) < *target) as u64;
        }
    }
    normalized(file, small)
}
