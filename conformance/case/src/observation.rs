//! What an engine observes of a run.

use serde::{Deserialize, Serialize, Serializer};
use std::fmt::Write as _;

/// An instruction that is about to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Where the instruction is, in the form of [`Observation::at`].
    pub at: String,
    /// What the machine holds at that moment, in printing form: for `mmm` the local stack from the
    /// oldest item, for `sc` the variables as `name=value` in the order of their names.
    pub state: Vec<String>,
}

/// What an engine observed of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Observation {
    /// What the program printed. It is serialised as text, with U+FFFD for what is not UTF-8.
    #[serde(serialize_with = "lossy")]
    pub output: Vec<u8>,
    /// How the run ended.
    pub ending: Ending,
    /// The printing form of the program's value, if it has one.
    pub value: Option<String>,
    /// The code of the fault or limit that ended the run.
    pub fault: Option<String>,
    /// Where the program was stopped.
    pub at: Option<String>,
    /// The engine's own message (diagnostics, how a process died). It is never compared.
    pub detail: Option<String>,
}

/// How a run ended, as seen from outside the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    /// The program reached its end.
    Returned,
    /// A fault stopped the program.
    Faulted,
    /// A limit stopped the program.
    Limited,
    /// The program was not loaded.
    Refused,
    /// The engine died.
    Crashed,
    /// The engine did not answer in time.
    Hung,
    /// The engine's answer is not an answer.
    Garbled,
    /// The program loads, and the engine does not run programs of its machine. This ending goes when
    /// every machine [is executed](crate::Machine::is_executed).
    Loaded,
}

impl Ending {
    /// All endings.
    pub const ALL: [Ending; 8] = [
        Ending::Returned,
        Ending::Faulted,
        Ending::Limited,
        Ending::Refused,
        Ending::Crashed,
        Ending::Hung,
        Ending::Garbled,
        Ending::Loaded,
    ];

    /// Returns true if the engine failed, whatever the program does: it crashed, hung, or its answer
    /// was not one.
    pub fn is_odd(self) -> bool {
        matches!(self, Ending::Crashed | Ending::Hung | Ending::Garbled)
    }

    /// Returns its name in the protocol and in snapshots.
    pub fn name(self) -> &'static str {
        match self {
            Ending::Returned => "returned",
            Ending::Faulted => "faulted",
            Ending::Limited => "limited",
            Ending::Refused => "refused",
            Ending::Crashed => "crashed",
            Ending::Hung => "hung",
            Ending::Garbled => "garbled",
            Ending::Loaded => "loaded",
        }
    }

    /// Returns the ending of that name.
    pub fn from_name(name: &str) -> Option<Ending> {
        Ending::ALL.into_iter().find(|ending| ending.name() == name)
    }
}

fn lossy<S: Serializer>(output: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&String::from_utf8_lossy(output))
}

impl Observation {
    /// Returns how the run ended, with the fault or limit that ended it: `faulted overflow`.
    pub fn ended(&self) -> String {
        match &self.fault {
            Some(fault) => format!("{} {fault}", self.ending.name()),
            None => self.ending.name().to_owned(),
        }
    }

    /// Returns the observation of a run that printed nothing and ended so.
    pub fn of(ending: Ending) -> Observation {
        Observation {
            output: Vec::new(),
            ending,
            value: None,
            fault: None,
            at: None,
            detail: None,
        }
    }

    /// Returns the observation with a message.
    pub fn with_detail(mut self, detail: impl Into<String>) -> Observation {
        self.detail = Some(detail.into());
        self
    }

    /// Returns the text form that snapshots keep. Each line of output is preceded by `| `, or by
    /// `\ ` if no newline ends it; characters that a reader could not see are escaped as in Rust.
    pub fn to_text(&self) -> String {
        let mut text = format!("ending: {}\n", self.ending.name());
        for (key, value) in [
            ("value", &self.value),
            ("fault", &self.fault),
            ("at", &self.at),
        ] {
            if let Some(value) = value {
                let _ = writeln!(text, "{key}: {}", escape(value));
            }
        }
        if !self.output.is_empty() {
            text.push_str("output:\n");
        }
        let output = String::from_utf8_lossy(&self.output);
        for line in output.split_inclusive('\n') {
            let _ = match line.strip_suffix('\n') {
                Some(line) => writeln!(text, "| {}", escape(line)),
                None => writeln!(text, "\\ {}", escape(line)),
            };
        }
        text
    }

    /// Parses what [`Observation::to_text`] wrote; `None` if it is something else.
    pub fn from_text(text: &str) -> Option<Observation> {
        let mut lines = text.lines();
        let ending = lines.next()?.strip_prefix("ending: ")?;
        let mut seen = Observation::of(Ending::from_name(ending)?);
        for line in lines {
            let (key, rest) = line.split_once(' ').unwrap_or((line, ""));
            match key {
                "value:" => seen.value = Some(unescape(rest)?),
                "fault:" => seen.fault = Some(unescape(rest)?),
                "at:" => seen.at = Some(unescape(rest)?),
                "output:" => {}
                "|" => seen
                    .output
                    .extend_from_slice((unescape(rest)? + "\n").as_bytes()),
                "\\" => seen.output.extend_from_slice(unescape(rest)?.as_bytes()),
                _ => return None,
            }
        }
        Some(seen)
    }
}

/// Escapes the backslash, and characters that are invisible or misleading.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let last = at + c.len_utf8() == text.len();
        match c {
            '\\' => out.push_str("\\\\"),
            ' ' if last => out.push_str("\\u{20}"),
            '"' | '\'' => out.push(c),
            _ => out.extend(c.escape_debug()),
        }
    }
    out
}

fn unescape(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let c = after.chars().next()?;
        rest = &after[c.len_utf8()..];
        match c {
            '\\' => out.push('\\'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            '0' => out.push('\0'),
            'u' => {
                let (digits, after) = rest.strip_prefix('{')?.split_once('}')?;
                out.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
                rest = after;
            }
            _ => return None,
        }
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::{Ending, Observation};

    #[track_caller]
    fn check_round_trip(output: &str, at: Option<&str>) {
        let seen = Observation {
            output: output.as_bytes().to_vec(),
            value: Some("\"a\\n\"".to_owned()),
            fault: Some("overflow".to_owned()),
            at: at.map(str::to_owned),
            ..Observation::of(Ending::Faulted)
        };
        assert_eq!(Observation::from_text(&seen.to_text()), Some(seen));
    }

    #[test]
    fn the_text_form_round_trips() {
        check_round_trip("", None);
        check_round_trip("\n", Some("a b#c:1"));
        check_round_trip("\n\n", None);
        check_round_trip("a\n b \n\tc", None);
        check_round_trip("\r\n\u{1b}[0m\\n\u{301}\u{0}é漢\n| x\n", None);
    }
}
