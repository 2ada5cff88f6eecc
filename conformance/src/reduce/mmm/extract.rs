//! Extraction: turns single instructions of a traced run into programs. The values that the
//! reference saw on the stack before an instruction are enough to run it alone.

use super::flow::Flow;
use super::literals::of_value;
use super::names::moved;
use super::source::{Function, Line, Source};
use crate::case::Case;
use crate::engine::Step as TraceStep;
use crate::reduce::step::{Step, Steps};
use crate::reduce::trace::trace;
use std::collections::HashMap;
use std::rc::Rc;

/// The number of steps of a run that are traced.
const MAX_STEPS: usize = 4096;
/// How many executions of one instruction with the same types of operands are extracted: the last
/// ones, because a fault is at the end of a run.
const MAX_EXECUTIONS: usize = 2;
/// Instructions are not extracted where the stack has more items.
const MAX_ITEMS: usize = 8;

/// A traced run.
pub(super) struct Trace {
    steps: Vec<TraceStep>,
    /// The last step at each location.
    last: HashMap<String, usize>,
}

impl Trace {
    /// Traces a case's run on the reference.
    pub(super) fn of(case: &Case) -> Trace {
        let steps = trace(case, MAX_STEPS);
        let locations = steps.iter().enumerate();
        let last = locations.map(|(at, step)| (step.at.clone(), at)).collect();
        Trace { steps, last }
    }

    /// Returns the printed form of the value that an instruction of a function left on the stack.
    pub(super) fn value_after(
        &self,
        source: &Source,
        function: &Function,
        at: usize,
    ) -> Option<&str> {
        let file = source.files[function.file].0.as_deref()?;
        let following = function.body().skip(at + 1);
        let mut lines = following.map(|line| format!("{file}#{}:{}", function.name, line + 1));
        // This skips lines without an instruction.
        let next = lines.find(|location| self.last.contains_key(location))?;
        let state = &self.steps[self.last[&next]].state;
        state.last().map(String::as_str)
    }
}

/// Makes programs of one instruction of the run, with the operands that it had, and of an
/// instruction and all that follow it.
pub(super) fn instructions(case: &Case) -> Steps<'_> {
    let source = Rc::new(Source::of(case));
    let trace = Trace::of(case);
    let (Some(entry), Some(main)) = (source.entry(), source.main()) else {
        return Box::new(std::iter::empty());
    };
    let locations = locations(&source);
    let mut flows = HashMap::new();
    let mut executions: HashMap<(usize, String), usize> = HashMap::new();
    let mut found: Vec<(usize, Vec<Rc<Line>>)> = Vec::new();
    let count = trace.steps.len();
    for (back, step) in trace.steps.iter().rev().enumerate() {
        let Some(&(number, at)) = locations.get(&step.at) else {
            continue;
        };
        let function = &source.functions[number];
        let flow = flows
            .entry(number)
            .or_insert_with(|| Flow::of(&source, function.file, source.body(function)));
        let types = flow.types(at);
        let executions = executions
            .entry((number, format!("{at} {types:?}")))
            .or_default();
        *executions += 1;
        if *executions > MAX_EXECUTIONS || step.state.len() > MAX_ITEMS {
            continue;
        }
        let rest = moved(&source, function.file, &source.body(function)[at..]);
        for variant in 0..2 {
            let Some(pushes) = pushes(step, &types, variant) else {
                continue;
            };
            let alone = [&pushes[..], &rest[..1]].concat();
            for observer in ["", "printn", "ret"] {
                let mut lines = alone.clone();
                match observer {
                    "" => {}
                    "printn" => lines.push(Line::insn("printn", "*")),
                    _ => lines.push(Line::insn(observer, "")),
                }
                found.push((back, lines));
            }
            // All that follow, at greater and greater distances from the end.
            if (back + 1).is_power_of_two() || back + 1 == count {
                found.push((back, [&pushes[..], &rest[..]].concat()));
            }
        }
    }
    Box::new(
        found
            .into_iter()
            .enumerate()
            .map(move |(place, (_, lines))| {
                let source = Rc::clone(&source);
                Step::new(place as u64, move || {
                    let case = source.splice(entry, source.functions[main].body(), &lines);
                    Source::of(&case).pruned()
                })
            }),
    )
}

/// Returns the function and the index in its body of each instruction, by its location in a trace.
fn locations(source: &Source) -> HashMap<String, (usize, usize)> {
    let mut locations = HashMap::new();
    for (number, function) in source.functions.iter().enumerate() {
        let Some(file) = &source.files[function.file].0 else {
            continue;
        };
        for (at, line) in function.body().enumerate() {
            let location = format!("{file}#{}:{}", function.name, line + 1);
            locations.insert(location, (number, at));
        }
    }
    locations
}

/// Returns instructions that push the items of a stack. Where an item may be several literals, the
/// `variant`th is taken; `None` if this is the same as an earlier variant.
fn pushes(
    step: &TraceStep,
    types: &[Option<super::flow::Type>],
    variant: usize,
) -> Option<Vec<Rc<Line>>> {
    let mut other = variant == 0;
    let items = step.state.iter().enumerate();
    let lines: Option<Vec<Rc<Line>>> = items
        .map(|(at, text)| {
            let of = types.get(at).copied().flatten();
            let choices = of_value(text, of);
            other |= choices.len() > variant;
            choices.get(variant).or(choices.first()).cloned()
        })
        .collect();
    lines.filter(|_| other)
}
