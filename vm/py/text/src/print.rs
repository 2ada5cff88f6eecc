//! The printer: [`Unit`] to text that parses to the same unit.

use super::assemble::{first_line, name_of};
use super::keywords::{self, operator_text};
use super::line::is_blank;
use super::parse::operand::{FUTURES, is_bare};
use super::unit::{CodeObject, Const, Doc, How, Item, Operand, Said, Share, Unit, What};
use crate::literal;
use std::fmt::Write as _;
use vm_py_code::insn::{Arg, Op};
use vm_py_code::object::{Id, Object, Pool, Str, flags};
use vm_py_code::pyc::Header;

/// Returns the text of a unit.
pub fn print(unit: &Unit) -> String {
    let mut out = String::new();
    head(unit, &mut out);
    for object in &unit.objects {
        if !out.is_empty() {
            out.push('\n');
        }
        print_object(unit, object, &mut out);
    }
    out
}

/// Appends the text of one of a unit's objects.
pub fn print_object(unit: &Unit, object: &CodeObject, out: &mut String) {
    line(out, 0, "DEFINE", &label(&object.label));
    args(object, out);
    properties(unit, object, out);
    let mut items = object.items.iter().peekable();
    let mut after_insn = true;
    while let Some(item) = items.next() {
        let next = items.peek().map(|item| &item.what);
        let begins = match item.what {
            What::Line(_) => true,
            What::Label(_) => matches!(next, Some(What::Line(_))),
            What::Insn(..) | What::Bytes(_) => false,
        };
        if begins && after_insn {
            out.push('\n');
        }
        after_insn = matches!(item.what, What::Insn(..) | What::Bytes(_));
        let (depth, text) = match item.what {
            What::Insn(..) | What::Bytes(_) => (2, text_of(&unit.pool, item)),
            What::Label(_) | What::Line(_) => (1, text_of(&unit.pool, item)),
        };
        out.push_str(INDENT[depth]);
        out.push_str(&text);
        out.push('\n');
    }
    line(out, 0, "END", "");
}

const INDENT: [&str; 3] = ["", "    ", "        "];

/// The column of operands, after the indentation.
const OPERANDS: usize = 20;

/// Appends a line.
fn line(out: &mut String, depth: usize, word: &str, operand: &str) {
    out.push_str(INDENT[depth]);
    out.push_str(word);
    if !operand.is_empty() {
        out.push(' ');
        out.push_str(operand);
    }
    out.push('\n');
}

/// Appends the lines before the first object.
fn head(unit: &Unit, out: &mut String) {
    match unit.header {
        Header::Timestamp { mtime: 0, size: 0 } => {}
        Header::Timestamp { mtime, size } => {
            line(out, 0, "HEADER", &format!("timestamp {mtime} {size}"));
        }
        Header::Hash { checked, hash } => {
            let kind = if checked { "checked" } else { "unchecked" };
            let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            line(out, 0, "HEADER", &format!("{kind} {hash}"));
        }
    }
    if let Some(file) = &unit.file {
        line(out, 0, "FILE", &quoted(file));
    }
    if unit.future != 0 {
        let names = FUTURES.iter().filter(|(_, bit)| unit.future & bit != 0);
        let names: Vec<&str> = names.map(|&(name, _)| name).collect();
        line(out, 0, "FUTURE", &names.join(", "));
    }
    share(&unit.share, out);
}

/// Appends the `SHARE` lines.
fn share(share: &Share, out: &mut String) {
    let lists = [
        ("held", &share.held),
        ("unheld", &share.unheld),
        ("interned", &share.interned),
        ("plain", &share.plain),
    ];
    for (word, list) in lists {
        if !list.is_empty() {
            let list: Vec<String> = list.iter().map(quoted).collect();
            line(out, 0, "SHARE", &format!("{word} {}", list.join(", ")));
        }
    }
    for edit in &share.edits {
        let how = match edit.how {
            How::Own => "own".into(),
            How::Is(before) => format!("is @{before}"),
            How::Marked => "marked".into(),
            How::Unmarked => "unmarked".into(),
            How::Interned => "interned".into(),
            How::Plain => "plain".into(),
        };
        line(out, 0, "SHARE", &format!("@{} {how}", edit.at));
    }
}

/// Appends the parameters of an object.
fn args(object: &CodeObject, out: &mut String) {
    let mut arg = |operand: String| line(out, 1, "ADD_ARG", &operand);
    let args = &object.args;
    args.positional_only.iter().map(name).for_each(&mut arg);
    if !args.positional_only.is_empty() {
        arg("/".into());
    }
    args.positional.iter().map(name).for_each(&mut arg);
    match &args.rest {
        Some(rest) => arg(format!("*{}", name(rest))),
        None if !args.keyword_only.is_empty() => arg("*".into()),
        None => {}
    }
    args.keyword_only.iter().map(name).for_each(&mut arg);
    if let Some(keywords) = &args.keywords {
        arg(format!("**{}", name(keywords)));
    }
}

/// Appends the properties of an object.
fn properties(unit: &Unit, object: &CodeObject, out: &mut String) {
    let Said {
        name: own_name,
        file,
        first_line: first,
        doc,
        flags_on,
        flags_off,
        stack_size,
        locals_count,
        cells,
        frees,
        consts,
        names,
        locals,
        line_table,
    } = &object.said;
    let mut add = |word: &str, operand: String| line(out, 1, word, &operand);
    if let Some(own) = own_name
        && *own != name_of(&object.label)
    {
        add("NAME", name(own));
    }
    if let Some(file) = file {
        add("FILE", quoted(file));
    }
    let has_lines = object
        .items
        .iter()
        .any(|item| matches!(item.what, What::Line(_)));
    let follows = has_lines && line_table.is_none();
    if let Some(first) = first
        && !(follows && *first == first_line(object))
    {
        add("FIRST_LINE", first.to_string());
    }
    if flags_on | flags_off != 0 {
        let mut words: Vec<String> = flag_words(*flags_on, "+");
        words.extend(flag_words(*flags_off, "-"));
        add("FLAGS", words.join(" "));
    }
    if let Some(size) = stack_size {
        add("STACK_SIZE", size.to_string());
    }
    if let Some(count) = locals_count {
        add("LOCALS_COUNT", count.to_string());
    }
    let list = |names: &[Str]| {
        let names: Vec<String> = names.iter().map(name).collect();
        names.join(", ")
    };
    if let Some(cells) = cells {
        add("CELLS", list(cells));
    }
    if let Some(frees) = frees {
        add("FREES", list(frees));
    }
    match doc {
        Doc::Unsaid => {}
        Doc::Absent => add("DOC", String::new()),
        Doc::Text(id) => add("DOC", value(&unit.pool, *id)),
    }
    for (at, entry) in consts {
        add("CONST_AT", format!("{at} {}", constant(&unit.pool, entry)));
    }
    for (at, entry) in names {
        add("NAME_AT", format!("{at} {}", name(entry)));
    }
    for (at, entry) in locals {
        add("LOCAL_AT", format!("{at} {}", name(entry)));
    }
    if let Some(table) = line_table {
        let mut pool = Pool::new();
        let id = pool.add(Object::Bytes(table.clone().into()));
        add("LINE_TABLE", value(&pool, id));
    }
}

/// Returns the names of flags, each after a sign.
fn flag_words(mut bits: u32, sign: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (bit, name) in flags::NAMES {
        if bits & bit != 0 {
            words.push(format!("{sign}{name}"));
            bits &= !bit;
        }
    }
    if bits != 0 {
        words.push(format!("{sign}{bits:#x}"));
    }
    words
}

/// Returns the line of an item, without its indentation.
pub(super) fn text_of(pool: &Pool, item: &Item) -> String {
    match &item.what {
        What::Label(text) => format!("LABEL {}", label(text)),
        What::Line(number) => format!("LINE {number}"),
        What::Bytes(bytes) => {
            let mut text = "BYTES".to_owned();
            for byte in bytes {
                // Writing to a String cannot fail.
                let _ = write!(text, " {byte:02x}");
            }
            text
        }
        What::Insn(op, operand) => {
            let text = operand_text(pool, *op, operand);
            let comment = comment(*op, operand);
            match (text.is_empty(), comment.is_empty()) {
                (true, _) => op.mnemonic().to_owned(),
                (false, true) => format!("{:<OPERANDS$}{text}", gap(*op)),
                (false, false) => format!("{:<OPERANDS$}{text:<8}  # {comment}", gap(*op)),
            }
        }
    }
}

/// Returns the mnemonic and a blank.
fn gap(op: Op) -> String {
    format!("{} ", op.mnemonic())
}

fn operand_text(pool: &Pool, op: Op, operand: &Operand) -> String {
    match operand {
        Operand::None => String::new(),
        Operand::Const(entry) => constant(pool, entry),
        Operand::Name(text) => name(text),
        Operand::Label(text) => label(text),
        Operand::Number(number) => match op.arg() {
            Arg::Const | Arg::Name | Arg::Local | Arg::Cell => format!("@{number}"),
            Arg::JumpTo | Arg::JumpForward => format!("@{number}"),
            Arg::Compare | Arg::Is | Arg::Contains => match operator_text(op, *number) {
                Some(text) => text.to_owned(),
                None => number.to_string(),
            },
            Arg::None
            | Arg::Count
            | Arg::Depth
            | Arg::Unpack
            | Arg::Raise
            | Arg::MakeFunction
            | Arg::Slice
            | Arg::CallEx
            | Arg::Format
            | Arg::Extended => number.to_string(),
        },
    }
}

/// Returns the meaning of a number as a comment, if it needs one.
fn comment(op: Op, operand: &Operand) -> String {
    let Operand::Number(number) = *operand else {
        return String::new();
    };
    if op == Op::UnpackEx {
        return format!("{} before, {} after", number & 0xff, number >> 8);
    }
    if op == Op::FormatValue {
        let conversion = ["", "!s", "!r", "!a"][(number & 3) as usize];
        let spec = if number & 4 != 0 {
            "with a specification"
        } else {
            ""
        };
        return format!("{conversion} {spec}").trim().to_owned();
    }
    let known = keywords::bits(op).iter();
    let words: Vec<&str> = known
        .filter(|(_, bit)| number & bit != 0)
        .map(|&(word, _)| word)
        .collect();
    words.join(", ")
}

fn constant(pool: &Pool, constant: &Const) -> String {
    match constant {
        Const::Value(id) => value(pool, *id),
        Const::Object(text) => text.clone(),
    }
}

fn value(pool: &Pool, id: Id) -> String {
    literal::print(pool, id).unwrap_or_else(|| "<no literal>".into())
}

fn quoted(text: &Str) -> String {
    let mut pool = Pool::new();
    let id = pool.add(Object::Str(text.clone()));
    value(&pool, id)
}

/// Returns a Python name as text.
fn name(text: &Str) -> String {
    match text.as_str() {
        Some(bare) if is_bare(bare) => bare.to_owned(),
        _ => quoted(text),
    }
}

/// Returns the name of a label or an object as text.
fn label(text: &str) -> String {
    let odd = |c: char| matches!(c, '#' | '\'' | '"') || c.is_control();
    if text.is_empty() || text.contains(odd) || text.trim_matches(is_blank) != text {
        quoted(&Str::new(text))
    } else {
        text.to_owned()
    }
}
