//! Single instructions out of a run: what the reference saw on the stack before them is enough to
//! run them alone.

use super::super::{Seen, Step, Steps, trace};
use super::flow::Flow;
use super::literals::of_value;
use super::names::moved;
use super::source::{Function, Line, Source};
use crate::case::Case;
use std::collections::HashMap;
use std::rc::Rc;

/// No more steps of a run are looked at.
const MOST: usize = 4096;
/// Moments of one kind that are tried, the last ones: a fault stands there.
const OF_A_KIND: usize = 2;
/// Larger stacks are left alone.
const MOST_ITEMS: usize = 8;

/// What a run came by.
pub(super) struct Moments {
    steps: Vec<Seen>,
    /// The last step at each place.
    last: HashMap<String, usize>,
}

impl Moments {
    /// The moments of a case's run on the reference.
    pub(super) fn of(case: &Case) -> Moments {
        let steps = trace(case, MOST);
        let places = steps.iter().enumerate();
        let last = places.map(|(at, step)| (step.at.clone(), at)).collect();
        Moments { steps, last }
    }

    /// The printing form of the value that an instruction of a function left, if it did.
    pub(super) fn value_after(
        &self,
        source: &Source,
        function: &Function,
        at: usize,
    ) -> Option<&str> {
        let file = source.files[function.file].0.as_deref()?;
        let following = function.body().skip(at + 1);
        let mut lines = following.map(|line| format!("{file}#{}:{}", function.name, line + 1));
        // Lines that hold no instruction are passed over, but not one that was not reached.
        let next = lines.find(|place| self.last.contains_key(place))?;
        let state = &self.steps[self.last[&next]].state;
        state.last().map(String::as_str)
    }
}

/// Programs of one instruction out of the run, with what it needs, and of all from there on.
pub(super) fn moments(case: &Case) -> Steps<'_> {
    let source = Rc::new(Source::of(case));
    let moments = Moments::of(case);
    let (Some(entry), Some(main)) = (source.entry(), source.main()) else {
        return Box::new(std::iter::empty());
    };
    let places = places(&source);
    let mut flows = HashMap::new();
    let mut kinds: HashMap<(usize, String), usize> = HashMap::new();
    let mut found: Vec<(usize, Vec<Rc<Line>>)> = Vec::new();
    let count = moments.steps.len();
    for (back, step) in moments.steps.iter().rev().enumerate() {
        let Some(&(number, at)) = places.get(&step.at) else {
            continue;
        };
        let function = &source.functions[number];
        let flow = flows
            .entry(number)
            .or_insert_with(|| Flow::of(&source, function.file, source.body(function)));
        let types = flow.types(at);
        let kind = kinds
            .entry((number, format!("{at} {types:?}")))
            .or_default();
        *kind += 1;
        if *kind > OF_A_KIND || step.state.len() > MOST_ITEMS {
            continue;
        }
        let rest = moved(&source, function.file, &source.body(function)[at..]);
        for variant in 0..2 {
            let Some(pushes) = pushes(step, &types, variant) else {
                continue;
            };
            let alone = [&pushes[..], &rest[..1]].concat();
            for look in ["", "printn", "ret"] {
                let mut lines = alone.clone();
                match look {
                    "" => {}
                    "printn" => lines.push(Line::insn("printn", "*")),
                    _ => lines.push(Line::insn(look, "")),
                }
                found.push((back, lines));
            }
            // All that follows, at ever greater distances from the end.
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

/// Where the instructions stand: function and place in its body, by what a trace calls them.
fn places(source: &Source) -> HashMap<String, (usize, usize)> {
    let mut places = HashMap::new();
    for (number, function) in source.functions.iter().enumerate() {
        let Some(file) = &source.files[function.file].0 else {
            continue;
        };
        for (at, line) in function.body().enumerate() {
            let place = format!("{file}#{}:{}", function.name, line + 1);
            places.insert(place, (number, at));
        }
    }
    places
}

/// Literals of what lies on the stack; of what may be one thing or another the `variant`th.
fn pushes(
    step: &Seen,
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
