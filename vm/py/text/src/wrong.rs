//! What is wrong in a text.

use vm_base::{Diagnostic, Place, Span};

/// More than this is not told of one text.
const MOST: usize = 20;

/// Something wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) span: Span,
    pub(super) message: String,
    pub(super) label: String,
    pub(super) note: Option<String>,
    pub(super) help: Option<String>,
}

impl Wrong {
    pub(super) fn new(span: Span, message: impl Into<String>, label: impl Into<String>) -> Wrong {
        Wrong {
            span,
            message: message.into(),
            label: label.into(),
            note: None,
            help: None,
        }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Wrong {
        self.help = Some(help.into());
        self
    }

    pub(super) fn note(mut self, note: impl Into<String>) -> Wrong {
        self.note = Some(note.into());
        self
    }

    /// "did you mean …?", if there is anything near.
    pub(super) fn meant(self, near: Option<&str>) -> Wrong {
        match near {
            Some(near) => self.help(format!("did you mean '{near}'?")),
            None => self,
        }
    }

    fn diagnostic(self, file: &str, text: &str) -> Diagnostic {
        let place = Place::in_text(file, text, self.span, self.label);
        let mut found = Diagnostic::error(self.message).at(place);
        found.notes.extend(self.note);
        found.help = self.help;
        found
    }
}

/// All that is wrong, in the order of the text; not more than anybody reads.
pub(super) fn diagnostics(mut wrong: Vec<Wrong>, file: &str, text: &str) -> Vec<Diagnostic> {
    wrong.sort_by_key(|wrong| wrong.span.start);
    let more = wrong.len().saturating_sub(MOST);
    wrong.truncate(MOST);
    let mut found: Vec<Diagnostic> = wrong
        .into_iter()
        .map(|wrong| wrong.diagnostic(file, text))
        .collect();
    if more > 0 {
        found.push(Diagnostic::error(format!(
            "there are {more} more like these"
        )));
    }
    found
}

/// The same for a unit that comes from no text.
pub(super) fn without_text(wrong: Vec<Wrong>) -> Vec<Diagnostic> {
    wrong
        .into_iter()
        .take(MOST)
        .map(|wrong| {
            let mut found = Diagnostic::error(wrong.message);
            found.notes.extend(wrong.note);
            found.help = wrong.help;
            found
        })
        .collect()
}
