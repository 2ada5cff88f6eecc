//! Errors that a caller can pass on with `?`.

use crate::diag::{ColorChoice, Diagnostic, Place};
use std::error::Error;
use std::fmt;

/// The reasons why a program does not load.
///
/// Its `Display` form is the plain text of all diagnostics, each with the source that it is about.
///
/// ```
/// use vm_base::{Diagnostic, LoadError};
///
/// let error = LoadError::from(Diagnostic::error("there is no function main"));
/// assert_eq!(error.diagnostics().len(), 1);
/// assert_eq!(error.to_string(), "error: there is no function main");
/// ```
#[derive(Clone, Debug)]
pub struct LoadError {
    diagnostics: Vec<Diagnostic>,
}

impl LoadError {
    /// Returns an error with these diagnostics, in the order in which they are reported.
    pub fn new(diagnostics: Vec<Diagnostic>) -> LoadError {
        LoadError { diagnostics }
    }

    /// Returns the diagnostics in the order in which they are reported.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Returns the diagnostics, without copying them.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }
}

impl From<Diagnostic> for LoadError {
    fn from(diagnostic: Diagnostic) -> LoadError {
        LoadError::new(vec![diagnostic])
    }
}

impl From<Vec<Diagnostic>> for LoadError {
    fn from(diagnostics: Vec<Diagnostic>) -> LoadError {
        LoadError::new(diagnostics)
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rendered = self
            .diagnostics
            .iter()
            .map(|each| each.render(ColorChoice::Never));
        f.write_str(rendered.collect::<String>().trim_end())
    }
}

impl Error for LoadError {}

/// A problem at a place: a message, the place, and optionally a label for the place and a remedy.
///
/// `At` is whatever names a place for the producer: a [`crate::Span`], an offset, an object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem<At> {
    /// Where the problem is.
    pub at: At,
    /// What is wrong, in a sentence without a full stop.
    pub message: String,
    /// A few words that are shown at the place itself.
    pub label: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
}

impl<At> Problem<At> {
    /// Returns a problem with a message and a place.
    pub fn new(at: At, message: impl Into<String>) -> Problem<At> {
        Problem {
            at,
            message: message.into(),
            label: None,
            help: None,
        }
    }

    /// Returns the problem with a label for its place.
    pub fn label(mut self, label: impl Into<String>) -> Problem<At> {
        self.label = Some(label.into());
        self
    }

    /// Returns the problem with a remedy.
    pub fn help(mut self, help: impl Into<String>) -> Problem<At> {
        self.help = Some(help.into());
        self
    }

    /// Returns the problem as an error, at the place that `place` makes from `at` and the label.
    pub fn diagnostic(self, place: impl FnOnce(At, &str) -> Place) -> Diagnostic {
        let label = self.label.as_deref().unwrap_or("");
        let mut diagnostic = Diagnostic::error(self.message).at(place(self.at, label));
        diagnostic.help = self.help;
        diagnostic
    }

    /// Returns the problem at another place, which `place` makes from this one.
    pub fn map<Other>(self, place: impl FnOnce(At) -> Other) -> Problem<Other> {
        Problem {
            at: place(self.at),
            message: self.message,
            label: self.label,
            help: self.help,
        }
    }
}

impl<At> fmt::Display for Problem<At> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl<At: fmt::Debug> Error for Problem<At> {}
