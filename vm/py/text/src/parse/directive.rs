//! Parameters, and properties of an object or the file.

use super::super::keywords::Directive;
use super::super::line::Line;
use super::super::problems::{Problem, problem};
use super::super::unit::{Doc, Edit, How, Share, Unit};
use super::operand::{self, Piece};
use super::{Parser, Passing, Stage};
use vm_py_code::object::{Pool, Str};
use vm_py_code::pyc::Header;

impl Parser {
    pub(super) fn add_arg(&mut self, line: Line, piece: Piece) -> Result<(), Problem> {
        let Some((open, object)) = self.innermost() else {
            return Ok(());
        };
        if open.stage == Stage::Body {
            let message = "ADD_ARG must be directly after DEFINE";
            return Err(problem(line.word_span, message, "too late")
                .help(format!("move it up to 'DEFINE {}'", object.label)));
        }
        let args = &mut object.args;
        let (sign, text) = match piece.text {
            "/" | "*" => (piece.text, piece),
            text if text.starts_with("**") => ("**x", piece.after(2)),
            text if text.starts_with('*') => ("*x", piece.after(1)),
            _ => ("", piece),
        };
        let late = |message: &str| Err(problem(piece.span, message, "too late"));
        let name = match sign {
            "/" | "*" => Str::new(""),
            _ => operand::name(text, "a parameter's name")?,
        };
        match (sign, open.passing) {
            (_, Passing::Nothing) => return late("no parameter can follow '**'"),
            ("/", Passing::ByPosition) if !args.positional_only.is_empty() => {
                return late("there is already a '/'");
            }
            ("/", Passing::ByPosition) => {
                args.positional_only = std::mem::take(&mut args.positional);
            }
            ("*", Passing::ByPosition) => open.passing = Passing::ByName,
            ("*x", Passing::ByPosition) => {
                open.passing = Passing::ByName;
                args.rest = Some(name);
            }
            ("**x", _) => {
                open.passing = Passing::Nothing;
                args.keywords = Some(name);
            }
            ("", Passing::ByPosition) => args.positional.push(name),
            ("", Passing::ByName) => args.keyword_only.push(name),
            (_, Passing::ByName) => return late("there is already a '*'"),
            (_, Passing::ByPosition) => {}
        }
        Ok(())
    }

    pub(super) fn directive(
        &mut self,
        directive: Directive,
        line: Line,
        piece: Piece,
    ) -> Result<(), Problem> {
        if self.open.is_empty() {
            return self.of_file(directive, line, piece);
        }
        let constant = match directive {
            Directive::ConstAt => {
                let (index, value) = indexed(piece)?;
                Some((index, self.constant(value, "CONST_AT")?))
            }
            _ => None,
        };
        let doc = match directive {
            Directive::Doc if piece.text.is_empty() => Doc::Absent,
            Directive::Doc => {
                operand::string(piece)?;
                Doc::Text(operand::value(&mut self.unit.pool, piece)?)
            }
            _ => Doc::Unsaid,
        };
        let Some((open, object)) = self.innermost() else {
            return Ok(());
        };
        if open.stage == Stage::Body {
            let message = format!("{} must be before the instructions", line.word);
            return Err(problem(line.word_span, message, "too late")
                .help(format!("move it up to 'DEFINE {}'", object.label)));
        }
        let said = &mut object.said;
        match directive {
            Directive::Name => said.name = Some(operand::name(piece, "a name")?),
            Directive::File => said.file = Some(operand::string(piece)?),
            Directive::FirstLine => {
                let number = operand::integer(piece.text).and_then(|line| line.try_into().ok());
                said.first_line = Some(number.ok_or_else(|| not_a_number(piece))?);
                open.has_lines = true;
            }
            Directive::Doc => said.doc = doc,
            Directive::Flags => {
                let (on, off) = operand::flag_words(piece)?;
                said.flags_on |= on;
                said.flags_off |= off;
            }
            Directive::StackSize => said.stack_size = Some(number(piece)?),
            Directive::LocalsCount => said.locals_count = Some(number(piece)?),
            Directive::Cells => said.cells = Some(names(piece)?),
            Directive::Frees => said.frees = Some(names(piece)?),
            Directive::ConstAt => said.consts.extend(constant),
            Directive::NameAt | Directive::LocalAt => {
                let (index, name) = indexed(piece)?;
                let name = operand::name(name, "a name")?;
                match directive {
                    Directive::NameAt => said.names.push((index, name)),
                    _ => said.locals.push((index, name)),
                }
            }
            Directive::LineTable => said.line_table = Some(bytes(piece)?),
            Directive::Header | Directive::Future | Directive::Share => {
                let message = format!("{} must be before the first DEFINE", line.word);
                return Err(problem(line.word_span, message, "inside an object"));
            }
        }
        Ok(())
    }

    fn of_file(&mut self, directive: Directive, line: Line, piece: Piece) -> Result<(), Problem> {
        let unit: &mut Unit = &mut self.unit;
        match directive {
            Directive::File => unit.file = Some(operand::string(piece)?),
            Directive::Header => unit.header = header(piece)?,
            Directive::Share => share(&mut unit.share, piece)?,
            Directive::Future => unit.future |= operand::futures(piece)?,
            _ => {
                let message = format!("{} must be in an object", line.word);
                return Err(problem(line.word_span, message, "outside")
                    .help("move it after the DEFINE of an object"));
            }
        }
        Ok(())
    }
}

fn bytes(piece: Piece) -> Result<Box<[u8]>, Problem> {
    let mut pool = Pool::new();
    let id = operand::value(&mut pool, piece)?;
    pool.bytes(id).map(Box::from).ok_or_else(|| {
        problem(piece.span, "expected bytes", "not bytes").help("write them as b'\\x00\\x01'")
    })
}

/// Parses `timestamp MTIME SIZE`, `checked HASH` or `unchecked HASH`.
fn header(piece: Piece) -> Result<Header, Problem> {
    let (kind, rest) = piece.first();
    let (first, second) = rest.first();
    let wrong = || {
        problem(piece.span, "expected a header", "not a header").help(
            "write HEADER timestamp SECONDS BYTES, HEADER checked HASH or HEADER unchecked HASH",
        )
    };
    match kind.text {
        "timestamp" => {
            let mtime = operand::number(first.text).ok_or_else(wrong)?;
            let size = operand::number(second.text).ok_or_else(wrong)?;
            Ok(Header::Timestamp { mtime, size })
        }
        "checked" | "unchecked" => {
            let digits = Some(first.text).filter(|text| text.len() == 16 && text.is_ascii());
            let hash = digits.and_then(|text| u64::from_str_radix(text, 16).ok());
            Ok(Header::Hash {
                checked: kind.text == "checked",
                hash: hash
                    .filter(|_| second.text.is_empty())
                    .ok_or_else(wrong)?
                    .to_be_bytes(),
            })
        }
        _ => Err(wrong()),
    }
}

/// Parses lists of strings that are held, interned and so on, or a difference at a place.
fn share(share: &mut Share, piece: Piece) -> Result<(), Problem> {
    let (word, rest) = piece.first();
    let index = |text: &str| text.strip_prefix('@').and_then(operand::number);
    if let Some(at) = index(word.text) {
        let (how, before) = rest.first();
        let how = match (how.text, index(before.text)) {
            ("own", None) => How::Own,
            ("is", Some(before)) => How::Is(before),
            ("marked", None) => How::Marked,
            ("unmarked", None) => How::Unmarked,
            ("interned", None) => How::Interned,
            ("plain", None) => How::Plain,
            _ => {
                return Err(problem(rest.span, "unknown kind of sharing", "unknown")
                    .help("write own, is @PLACE, marked, unmarked, interned or plain"));
            }
        };
        share.edits.push(Edit { at, how });
        return Ok(());
    }
    let list = match word.text {
        "held" => &mut share.held,
        "unheld" => &mut share.unheld,
        "interned" => &mut share.interned,
        "plain" => &mut share.plain,
        _ => {
            return Err(problem(word.span, "unknown kind of sharing", "unknown")
                .help("write held, unheld, interned or plain with strings, or @PLACE"));
        }
    };
    for text in rest.list() {
        list.push(operand::string(text)?);
    }
    Ok(())
}

fn not_a_number(piece: Piece) -> Problem {
    problem(piece.span, "expected a number", "not a number")
}

fn number(piece: Piece) -> Result<u32, Problem> {
    operand::number(piece.text).ok_or_else(|| not_a_number(piece))
}

fn names(piece: Piece) -> Result<Vec<Str>, Problem> {
    let names = piece.list();
    names
        .into_iter()
        .map(|name| operand::name(name, "a variable's name"))
        .collect()
}

/// Parses an index; returns it with the rest.
fn indexed(piece: Piece) -> Result<(u32, Piece), Problem> {
    let (index, rest) = piece.first();
    let number = operand::number(index.text.trim_start_matches('@'));
    let number = number.ok_or_else(|| {
        problem(index.span, "expected an index", "not a number")
            .help("put the index first: CONST_AT 3 'text'")
    })?;
    Ok((number, rest))
}
