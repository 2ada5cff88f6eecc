//! Parameters, and lines that say something of an object or the file.

use super::super::line::Line;
use super::super::unit::{Doc, Edit, How, Share, Unit};
use super::super::words::Directive;
use super::super::wrong::Wrong;
use super::operand::{self, Piece};
use super::{Giving, Parser, Stage};
use vm_py_code::object::{Pool, Str};
use vm_py_code::pyc::Header;

impl Parser {
    pub(super) fn add_arg(&mut self, line: Line, piece: Piece) -> Result<(), Wrong> {
        let Some((open, object)) = self.innermost() else {
            return Ok(());
        };
        if open.stage == Stage::Body {
            let message = "ADD_ARG stands directly under DEFINE";
            return Err(Wrong::new(line.word_span, message, "too late")
                .help(format!("move it up to 'DEFINE {}'", object.label)));
        }
        let args = &mut object.args;
        let (sign, text) = match piece.text {
            "/" | "*" => (piece.text, piece),
            text if text.starts_with("**") => ("**x", piece.behind(2)),
            text if text.starts_with('*') => ("*x", piece.behind(1)),
            _ => ("", piece),
        };
        let late = |message: &str| Err(Wrong::new(piece.span, message, "too late"));
        let name = match sign {
            "/" | "*" => Str::new(""),
            _ => operand::name(text, "a parameter's name")?,
        };
        match (sign, open.giving) {
            (_, Giving::Nothing) => return late("nothing stands behind '**' parameters"),
            ("/", Giving::ByPosition) if !args.positional_only.is_empty() => {
                return late("there is a '/' already");
            }
            ("/", Giving::ByPosition) => {
                args.positional_only = std::mem::take(&mut args.positional);
            }
            ("*", Giving::ByPosition) => open.giving = Giving::ByName,
            ("*x", Giving::ByPosition) => {
                open.giving = Giving::ByName;
                args.rest = Some(name);
            }
            ("**x", _) => {
                open.giving = Giving::Nothing;
                args.keywords = Some(name);
            }
            ("", Giving::ByPosition) => args.positional.push(name),
            ("", Giving::ByName) => args.keyword_only.push(name),
            (_, Giving::ByName) => return late("there is a '*' already"),
            (_, Giving::ByPosition) => {}
        }
        Ok(())
    }

    pub(super) fn directive(
        &mut self,
        directive: Directive,
        line: Line,
        piece: Piece,
    ) -> Result<(), Wrong> {
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
            let message = format!("{} stands above the instructions", line.word);
            return Err(Wrong::new(line.word_span, message, "too late")
                .help(format!("move it up to 'DEFINE {}'", object.label)));
        }
        let said = &mut object.said;
        match directive {
            Directive::Name => said.name = Some(operand::name(piece, "a name")?),
            Directive::File => said.file = Some(operand::string(piece)?),
            Directive::FirstLine => {
                let number = operand::integer(piece.text).and_then(|line| line.try_into().ok());
                said.first_line = Some(number.ok_or_else(|| no_number(piece))?);
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
                let message = format!("{} stands above the first DEFINE", line.word);
                return Err(Wrong::new(line.word_span, message, "inside an object"));
            }
        }
        Ok(())
    }

    fn of_file(&mut self, directive: Directive, line: Line, piece: Piece) -> Result<(), Wrong> {
        let unit: &mut Unit = &mut self.unit;
        match directive {
            Directive::File => unit.file = Some(operand::string(piece)?),
            Directive::Header => unit.header = header(piece)?,
            Directive::Share => share(&mut unit.share, piece)?,
            Directive::Future => unit.future |= operand::futures(piece)?,
            _ => {
                let message = format!("{} stands in an object", line.word);
                return Err(Wrong::new(line.word_span, message, "outside")
                    .help("it belongs below the object's DEFINE"));
            }
        }
        Ok(())
    }
}

fn bytes(piece: Piece) -> Result<Box<[u8]>, Wrong> {
    let mut pool = Pool::new();
    let id = operand::value(&mut pool, piece)?;
    pool.bytes(id).map(Box::from).ok_or_else(|| {
        Wrong::new(piece.span, "bytes are expected", "no bytes")
            .help("they are written b'\\x00\\x01'")
    })
}

/// `timestamp MTIME SIZE`, or `checked HASH`, or `unchecked HASH`.
fn header(piece: Piece) -> Result<Header, Wrong> {
    let (kind, rest) = piece.first();
    let (first, second) = rest.first();
    let wrong = || {
        Wrong::new(piece.span, "this is no header", "not this").help(
            "HEADER timestamp SECONDS BYTES, or HEADER checked HASH, or HEADER unchecked HASH",
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

/// Strings that are held, interned and so on; or what is otherwise at a place.
fn share(share: &mut Share, piece: Piece) -> Result<(), Wrong> {
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
                return Err(Wrong::new(rest.span, "nothing is shared so", "not this")
                    .help("own, is @PLACE, marked, unmarked, interned, or plain"));
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
            return Err(Wrong::new(word.span, "nothing is shared so", "not this")
                .help("held, unheld, interned, plain and strings, or @PLACE"));
        }
    };
    for text in rest.list() {
        list.push(operand::string(text)?);
    }
    Ok(())
}

fn no_number(piece: Piece) -> Wrong {
    Wrong::new(piece.span, "a number is expected", "not this")
}

fn number(piece: Piece) -> Result<u32, Wrong> {
    operand::number(piece.text).ok_or_else(|| no_number(piece))
}

fn names(piece: Piece) -> Result<Vec<Str>, Wrong> {
    let names = piece.list();
    names
        .into_iter()
        .map(|name| operand::name(name, "a variable's name"))
        .collect()
}

/// An index, and what stands behind it.
fn indexed(piece: Piece) -> Result<(u32, Piece), Wrong> {
    let (index, rest) = piece.first();
    let number = operand::number(index.text.trim_start_matches('@'));
    let number = number.ok_or_else(|| {
        Wrong::new(index.span, "an index is expected", "no number")
            .help("the index comes first: CONST_AT 3 'text'")
    })?;
    Ok((number, rest))
}
