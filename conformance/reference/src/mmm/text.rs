//! The text of a file: its lines and its functions.

use super::instruction::{Instruction, MNEMONICS, instruction};
use super::words::{before, words};
use crate::observe::Observer;
use crate::quirks::mmm::Quirk;
use std::collections::BTreeMap;

/// The lines and functions of a file that loads.
pub(super) struct Text<'a> {
    /// The functions by name, each with the index of its first line in `lines`.
    pub(super) functions: BTreeMap<&'a str, usize>,
    pub(super) lines: Vec<Line<'a>>,
}

/// A line with an instruction or an `end`.
pub(super) struct Line<'a> {
    /// Its number in the file, from 1.
    pub(super) number: u32,
    pub(super) instruction: Instruction<'a>,
}

impl<'a> Text<'a> {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// Returns why it does not load, after its line number if there is one.
    pub(super) fn parse(bytes: &'a [u8], obs: impl Observer<Quirk>) -> Result<Text<'a>, String> {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) if obs.has_quirk(Quirk::NotUtf8CutOff) => {
                std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or("")
            }
            Err(_) => {
                let why = " it is not UTF-8".to_owned();
                return Err(obs.breaks("mmm.source.text.1", why));
            }
        };
        obs.holds_if("mmm.source.text.1", || !text.is_ascii());
        let mut rest = without_mark(text, obs);
        let mut file = Text {
            functions: BTreeMap::new(),
            lines: Vec::with_capacity(bytes.len() / 16),
        };
        let mut inside = false;
        let mut number = 0;
        while !rest.is_empty() {
            if obs.has_quirk(Quirk::LastLineDropped) && !rest.contains('\n') {
                break;
            }
            let line = next_line(&mut rest, obs);
            number += 1;
            let because = move |why: &str| format!("{number}: {why}");
            let Some((mnemonic, operand)) = words(line, obs).map_err(because)? else {
                obs.holds("mmm.source.blank.3");
                if obs.has_quirk(Quirk::BlankLinesUncounted) {
                    number -= 1;
                }
                if obs.has_quirk(Quirk::CommentsOnlyInside) && !inside && !line.trim().is_empty() {
                    return Err(because("a comment outside of functions"));
                }
                continue;
            };
            file.line(number, mnemonic, operand, &mut inside, obs)
                .map_err(because)?;
        }
        obs.holds("mmm.function.file.1");
        if inside && obs.has_quirk(Quirk::LastEndImplied) {
            let instruction = Instruction::End;
            file.lines.push(Line {
                number,
                instruction,
            });
        } else if inside {
            let why = format!("{number}: a function has no end");
            return Err(obs.breaks("mmm.function.end.1", why));
        }
        Ok(file)
    }

    /// Adds a line that is not blank. `inside` says whether it is inside a function, and changes
    /// where functions begin and end.
    fn line(
        &mut self,
        number: u32,
        mnemonic: &'a str,
        operand: Option<&'a str>,
        inside: &mut bool,
        obs: impl Observer<Quirk>,
    ) -> Result<(), &'static str> {
        let any_case = obs.has_quirk(Quirk::WordsAnyCase);
        let is = |word: &str| mnemonic == word || any_case && mnemonic.eq_ignore_ascii_case(word);
        if is("function") {
            if !obs.check("mmm.function.nest.1", !*inside) {
                if !obs.has_quirk(Quirk::FunctionEndsFunction) {
                    return Err("a function in a function");
                }
                let instruction = Instruction::End;
                self.lines.push(Line {
                    number,
                    instruction,
                });
            }
            *inside = true;
            return self.function(operand, obs);
        }
        if !*inside {
            let is_end = mnemonic == "end";
            let quirk = match is_end {
                true => Quirk::StrayEndIgnored,
                false => Quirk::OutsideIgnored,
            };
            if obs.has_quirk(quirk) {
                return Ok(());
            }
            return Err(match is_end {
                true => obs.breaks("mmm.function.end.2", "an end outside a function"),
                false => obs.breaks("mmm.function.inside.1", "an instruction outside a function"),
            });
        }
        let mnemonic = if is("end") { "end" } else { mnemonic };
        let instruction = instruction(mnemonic, operand, obs)?;
        *inside = !matches!(instruction, Instruction::End);
        match *inside {
            true => {
                obs.holds("mmm.function.inside.1");
                obs.holds("mmm.instruction.known.1");
            }
            false => {
                obs.holds("mmm.function.end.1");
                obs.holds("mmm.function.end.2");
                obs.holds("mmm.function.words.1");
            }
        }
        self.lines.push(Line {
            number,
            instruction,
        });
        Ok(())
    }

    /// Begins a function.
    fn function(
        &mut self,
        operand: Option<&'a str>,
        obs: impl Observer<Quirk>,
    ) -> Result<(), &'static str> {
        let why = "a function without a name";
        let Some(name) = operand else {
            return Err(obs.breaks("mmm.instruction.operand.3", why));
        };
        obs.holds("mmm.instruction.operand.3");
        let well_formed = !name.contains(['#', '"', '\'']);
        if !obs.check("mmm.function.name.1", well_formed) && !obs.has_quirk(Quirk::NamesOfAnything)
        {
            return Err("this is not a name");
        }
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if obs.is_active()
            && !(name.starts_with(|c: char| !c.is_ascii_digit()) && name.chars().all(word))
        {
            obs.holds("mmm.function.name.3");
            if obs.has_quirk(Quirk::NamesAreIdentifiers) {
                return Err("this is not a name");
            }
        }
        if obs.is_active() && (matches!(name, "end" | "function") || MNEMONICS.contains(&name)) {
            obs.holds("mmm.function.name.3");
            if obs.has_quirk(Quirk::NamesNotReserved) {
                return Err("this word is an instruction");
            }
        }
        let start = self.lines.len();
        let other = self.functions.get(name).copied();
        if !obs.check("mmm.function.unique.1", other.is_none()) {
            if obs.has_quirk(Quirk::FirstOfTwins) {
                return Ok(());
            }
            if !obs.has_quirk(Quirk::LastOfTwins) {
                return Err("there are two functions of this name");
            }
        }
        self.functions.insert(name, start);
        Ok(())
    }
}

/// Returns a text without its byte order mark.
fn without_mark(text: &str, obs: impl Observer<Quirk>) -> &str {
    let rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    obs.holds_if("mmm.source.text.2", || rest.len() < text.len());
    obs.holds_if("mmm.source.text.3", || rest.contains('\u{feff}'));
    if obs.has_quirk(Quirk::MarkKept) {
        return text;
    }
    if obs.has_quirk(Quirk::MarksDropped) {
        return text.trim_start_matches('\u{feff}');
    }
    rest
}

/// Removes the first line from a text that is not empty, and returns it without its ending.
fn next_line<'a>(rest: &mut &'a str, obs: impl Observer<Quirk>) -> &'a str {
    if obs.has_quirk(Quirk::UnicodeLines) || obs.has_quirk(Quirk::CarriageReturnLines) {
        return next_line_elsewhere(rest, obs);
    }
    let (line, after) = before(rest, |byte| byte == b'\n');
    obs.holds("mmm.source.line.1");
    let line = match after.strip_prefix('\n') {
        Some(after) => {
            *rest = after;
            match line.strip_suffix('\r') {
                Some(line) if !obs.has_quirk(Quirk::CarriageReturnKept) => line,
                _ => line,
            }
        }
        None => std::mem::take(rest),
    };
    obs.holds_if("mmm.source.line.2", || line.contains('\r'));
    obs.holds_if("mmm.source.line.3", || line.contains(OTHER_ENDINGS));
    line
}

/// Characters other than a carriage return that end a line in other languages, but not here.
const OTHER_ENDINGS: [char; 5] = ['\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];

/// Does what [`next_line`] does, by the rules of another language.
fn next_line_elsewhere<'a>(rest: &mut &'a str, obs: impl Observer<Quirk>) -> &'a str {
    let ends = |c: char| match c {
        '\n' => true,
        '\r' => obs.has_quirk(Quirk::CarriageReturnLines),
        c => obs.has_quirk(Quirk::UnicodeLines) && OTHER_ENDINGS.contains(&c),
    };
    let whole = *rest;
    let (line, after) = whole.split_at(whole.find(ends).unwrap_or(whole.len()));
    let mut chars = after.chars();
    if chars.next() == Some('\r') && after.starts_with("\r\n") {
        chars.next();
    }
    *rest = chars.as_str();
    line.strip_suffix('\r').unwrap_or(line)
}
