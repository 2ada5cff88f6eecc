//! What is wrong in a text.

use vm_base::{Diagnostic, LoadError, Place, Span};

/// The greatest number of problems that are reported for a text.
const MAX_PROBLEMS: usize = 20;

/// Something wrong at a place of the text.
pub(super) type Problem = vm_base::Problem<Span>;

/// Returns a problem with a label for its place.
pub(super) fn problem(span: Span, message: impl Into<String>, label: impl Into<String>) -> Problem {
    Problem::new(span, message).label(label)
}

/// Adds "did you mean …?" to a problem, if there is a suggestion.
pub(super) fn suggest(problem: Problem, near: Option<&str>) -> Problem {
    match near {
        Some(near) => problem.help(format!("did you mean '{near}'?")),
        None => problem,
    }
}

/// Returns the error for the problems of a text, in the order of the text.
pub(super) fn load_error(mut problems: Vec<Problem>, file: &str, text: &str) -> LoadError {
    problems.sort_by_key(|problem| problem.at.start);
    let more = problems.len().saturating_sub(MAX_PROBLEMS);
    problems.truncate(MAX_PROBLEMS);
    let mut found: Vec<Diagnostic> = problems
        .into_iter()
        .map(|problem| {
            let label = problem.label.clone().unwrap_or_default();
            let place = Place::in_text(file, text, problem.at, label);
            diagnostic(problem).at(place)
        })
        .collect();
    if more > 0 {
        found.push(Diagnostic::error(format!("{more} more errors")));
    }
    found.into()
}

/// Returns the error for the problems of a unit that does not come from a text.
pub(super) fn without_text(problems: Vec<Problem>) -> LoadError {
    let problems = problems.into_iter().take(MAX_PROBLEMS);
    problems.map(diagnostic).collect::<Vec<_>>().into()
}

fn diagnostic(problem: Problem) -> Diagnostic {
    let diagnostic = Diagnostic::error(problem.message);
    match problem.help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}
