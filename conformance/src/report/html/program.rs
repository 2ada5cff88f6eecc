//! A program beside its results: its files, how its runs ended, and the difference of its outputs.

use super::markup::{code, visible_text};
use crate::case::Case;
use crate::compare::{Difference, Kind};
use crate::engine::Observation;
use crate::record::hexadecimal;
use crate::report::diff::{self, Row};
use crate::report::paint::counted;
use crate::report::results::Listing;
use crate::report::visible::{cut, escaped};
use std::fmt::Write as _;

/// The maximal number of bytes of an output that are shown.
const MAX_OUTPUT: usize = 16 << 10;
/// The maximal number of bytes of a file that are shown.
const MAX_SOURCE: usize = 16 << 10;
/// The maximal number of lines of an output that are compared.
const MAX_LINES: usize = 300;
/// The number of equal lines that are shown before and after a difference.
const CONTEXT: usize = 3;
/// The maximal number of files of a program that are shown.
const MAX_FILES: usize = 20;
/// The maximal number of bytes of a message or a value that are shown.
pub(super) const MAX_MESSAGE: usize = 4 << 10;

/// A program and its two results, side by side.
pub(super) struct Sides<'a> {
    pub(super) case: &'a Case,
    pub(super) expected: &'a Observation,
    pub(super) found: &'a Observation,
    /// The number of bytes at the end of the found output that were not kept.
    pub(super) cut_bytes: usize,
    /// False if the engine cannot report all fields, so that a missing one is no difference.
    pub(super) has_all_fields: bool,
}

impl Sides<'_> {
    /// Returns the files on one side and the results on the other.
    pub(super) fn html(&self, listing: Listing) -> String {
        let mut out = String::from("<div class=\"sides\"><div>");
        let mut files: Vec<(&String, &Vec<u8>)> = self.case.files.iter().collect();
        files.sort_by_key(|(name, _)| **name != self.case.entry);
        for (name, bytes) in files.iter().take(MAX_FILES) {
            let places = [&self.expected.at, &self.found.at];
            let here = places.map(|at| at.as_deref().and_then(|at| line_of(at, name)));
            out += &source(name, bytes, here, listing);
        }
        if files.len() > MAX_FILES {
            let more = counted(files.len() - MAX_FILES, "more file");
            let _ = write!(out, "<p class=\"soft\">{more} not shown.</p>");
        }
        out += "</div><div><h4>Results</h4>";
        out += &self.fields();
        out += &outputs(&self.expected.output, &self.found.output, self.cut_bytes);
        out + "</div></div>"
    }

    /// Returns a table of how both runs ended.
    fn fields(&self) -> String {
        let mut out = String::from(
            "<table class=\"small\"><thead><tr><th scope=\"col\">Field</th>\
             <th scope=\"col\">Expected</th><th scope=\"col\">Found</th></tr></thead><tbody>",
        );
        let (expected, found) = (self.expected, self.found);
        let ending = |seen: &Observation| Some(seen.ending.name().to_owned());
        for (field, old, new) in [
            (Kind::Ending, ending(expected), ending(found)),
            (Kind::Fault, expected.fault.clone(), found.fault.clone()),
            (Kind::Value, expected.value.clone(), found.value.clone()),
            (Kind::At, expected.at.clone(), found.at.clone()),
        ] {
            if old.is_none() && new.is_none() {
                continue;
            }
            let is_unreported = new.is_none() && !self.has_all_fields;
            let class = match old == new || is_unreported {
                true => "",
                false => " class=\"differs\"",
            };
            let cell = |value: Option<String>| match value {
                Some(value) => code_cut(&value, MAX_MESSAGE),
                None if is_unreported => "<span class=\"soft\">not reported</span>".to_owned(),
                None => "<span class=\"soft\">none</span>".to_owned(),
            };
            let _ = write!(
                out,
                "<tr{class}><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>",
                field.name(),
                cell(old),
                cell(new)
            );
        }
        out + "</tbody></table>"
    }
}

/// Returns the word for a result that differs, which is the ending if the engine crashed or hung.
pub(super) fn differs_word(found: Option<&Observation>) -> &'static str {
    match found.map(|found| found.ending) {
        Some(ending) if ending.is_odd() => ending.name(),
        _ => "differs",
    }
}

/// Returns a sentence on the first difference.
pub(super) fn difference_sentence(difference: &Difference) -> String {
    format!(
        "<p>The first difference is in the {}: expected {}, found {}.</p>",
        difference.kind.name(),
        code(&difference.expected),
        code(&difference.found)
    )
}

/// Returns text as code, cut to a number of bytes.
pub(super) fn code_cut(text: &str, max: usize) -> String {
    let (shown, left) = cut(text.as_bytes(), max);
    let more = if left > 0 { "…" } else { "" };
    format!("<code>{}{more}</code>", visible_text(shown))
}

/// Returns the message of a VM.
pub(super) fn message(message: &str) -> String {
    let (shown, left) = cut(message.as_bytes(), MAX_MESSAGE);
    let mut out = String::from("<h4>Message of the VM</h4><pre class=\"code\" tabindex=\"0\">");
    for line in String::from_utf8_lossy(shown).lines() {
        let _ = write!(out, "<span>{}</span>", visible_text(line.as_bytes()));
    }
    out += &left_out(left);
    out + "</pre>"
}

/// Returns the line that a place such as `a.mmm#main:3` names, if it is in that file.
fn line_of(at: &str, file: &str) -> Option<usize> {
    let (place, line) = at.rsplit_once(':')?;
    let (named, _) = place.rsplit_once('#')?;
    (named == file).then(|| line.parse().ok()).flatten()
}

/// Returns a file, with the lines in `here` highlighted.
fn source(name: &str, bytes: &[u8], here: [Option<usize>; 2], listing: Listing) -> String {
    let mut out = format!("<h4>{}</h4>", code(name));
    if bytes.contains(&0) {
        return out + &binary(name, bytes, listing);
    }
    let (shown, left) = cut(bytes, MAX_SOURCE);
    out += "<pre class=\"code source\" tabindex=\"0\">";
    for (at, line) in shown.split_inclusive(|&byte| byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let class = match here.contains(&Some(at + 1)) {
            true => " class=\"here\"",
            false => "",
        };
        let _ = write!(out, "<span{class}>{}</span>", visible_text(line));
    }
    out += &left_out(left);
    out + "</pre>"
}

/// Returns a binary file: its text form, if it has one, and its bytes.
fn binary(name: &str, bytes: &[u8], listing: Listing) -> String {
    let mut out = String::new();
    let (shown, left) = cut(bytes, MAX_SOURCE / 4);
    let listing = listing(name, bytes);
    if let Some(listing) = &listing {
        let (shown, left) = cut(listing.as_bytes(), MAX_SOURCE);
        out += "<pre class=\"code plain\" tabindex=\"0\">";
        for line in String::from_utf8_lossy(shown).lines() {
            let _ = write!(out, "<span>{}</span>", visible_text(line.as_bytes()));
        }
        out += &left_out(left);
        out += "</pre><details class=\"more\"><summary>Bytes</summary>";
    }
    out += "<pre class=\"code plain hex\" tabindex=\"0\">";
    for line in hexadecimal(shown).lines() {
        let _ = write!(out, "<span>{}</span>", escaped(line));
    }
    out += &left_out(left);
    out + listing.map_or("</pre>", |_| "</pre></details>")
}

/// Returns the note on bytes that are not shown.
fn left_out(bytes: usize) -> String {
    match bytes {
        0 => String::new(),
        _ => format!(
            "<span class=\"omitted\">… {} not shown</span>",
            counted(bytes, "more byte")
        ),
    }
}

/// Returns the difference of two outputs; `cut_bytes` more bytes of the second were not kept.
fn outputs(expected: &[u8], found: &[u8], cut_bytes: usize) -> String {
    let mut out = String::from("<h4>Output</h4>");
    if expected == found && cut_bytes == 0 {
        if expected.is_empty() {
            return out + "<p class=\"soft\">Both printed nothing.</p>";
        }
        out += "<p class=\"soft\">Both printed the same:</p>";
    } else {
        out += "<p class=\"soft\"><span class=\"legend bad\">−</span> expected and not found, \
                <span class=\"legend good\">+</span> found and not expected</p>";
    }
    let ((old, old_left), (new, new_left)) = (first_lines(expected), first_lines(found));
    let new_left = new_left + cut_bytes;
    out += "<pre class=\"code diff\" tabindex=\"0\">";
    let context = if expected == found {
        MAX_LINES
    } else {
        CONTEXT
    };
    for row in diff::rows(old, new, context) {
        match row {
            Row::Same(line) => {
                let _ = write!(out, "<span>{}</span>", visible_text(line));
            }
            Row::Missing(line, span) => out += &changed("missing", "−", line, span),
            Row::Surplus(line, span) => out += &changed("surplus", "+", line, span),
            Row::Omitted(lines) => {
                let _ = write!(
                    out,
                    "<span class=\"omitted\">{}</span>",
                    counted(lines, "equal line")
                );
            }
            Row::NoNewline { expected, .. } if old_left + new_left == 0 => {
                let which = if expected { "expected" } else { "found" };
                let _ = write!(
                    out,
                    "<span class=\"omitted\">the {which} output ends without a newline</span>"
                );
            }
            Row::NoNewline { .. } => {}
        }
    }
    for (left, which) in [(old_left, "expected"), (new_left, "found")] {
        if left > 0 {
            let bytes = counted(left, "more byte");
            let _ = write!(
                out,
                "<span class=\"omitted\">… {bytes} of the {which} output not shown</span>"
            );
        }
    }
    out + "</pre>"
}

/// Returns the first lines of an output, and the number of bytes after them.
fn first_lines(output: &[u8]) -> (&[u8], usize) {
    let lines = output
        .split_inclusive(|&byte| byte == b'\n')
        .take(MAX_LINES);
    let bytes = lines.map(<[u8]>::len).sum::<usize>();
    let (shown, _) = cut(&output[..bytes], MAX_OUTPUT);
    (shown, output.len() - shown.len())
}

/// Returns a line of one output only, with the differing part emphasised.
fn changed(class: &str, sign: &str, line: &[u8], (from, to): (usize, usize)) -> String {
    let is_whole = from == 0 && to == line.len();
    let middle = match is_whole || from == to {
        true => visible_text(&line[from..to]),
        false => format!("<b>{}</b>", visible_text(&line[from..to])),
    };
    let word = match class {
        "missing" => "expected: ",
        _ => "found: ",
    };
    format!(
        "<span class=\"{class}\" data-sign=\"{sign}\"><span class=\"unseen\">{word}</span>{}{middle}{}</span>",
        visible_text(&line[..from]),
        visible_text(&line[to..])
    )
}
