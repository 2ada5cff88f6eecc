//! Source text: files, functions, lines, words.

use super::super::observe::Watch;
use super::super::quirks::mmm::Quirk;
use super::value;
use mmm_case::Case;
use std::collections::BTreeMap;

/// A file that is the entry, or that a call in a loaded file names.
pub(super) struct Source<'a> {
    /// Its name relative to the root.
    pub(super) name: String,
    pub(super) content: Content<'a>,
}

pub(super) enum Content<'a> {
    /// There is no such file, or it lies outside the root.
    Unreadable,
    /// It does not load.
    Bad,
    Good(Text<'a>),
}

/// The functions of a file, by name: where their first line stands in `lines`.
pub(super) struct Text<'a> {
    pub(super) functions: BTreeMap<&'a str, usize>,
    pub(super) lines: Vec<Line<'a>>,
}

/// A line that holds an instruction (or `end`), without blanks and comments.
pub(super) struct Line<'a> {
    pub(super) number: u32,
    pub(super) instruction: Instruction<'a>,
}

pub(super) enum Instruction<'a> {
    /// `constexpr`, and those of one type: the mnemonic and the operand.
    Literal(&'a str, &'a str),
    StackDump,
    Pop,
    BinOp(u8),
    Nop,
    Void,
    Breakpoint,
    Ret,
    PrintAll,
    PrintOne(&'a str),
    Call {
        /// Which of the files, once they are gathered; none if it climbs above the root.
        file: Option<usize>,
        path: &'a str,
        name: &'a str,
    },
    StackSize,
    End,
}

impl<'a> Source<'a> {
    /// Reads the entry and every file that is called, or says why the program is refused.
    pub(super) fn gather(case: &'a Case, w: impl Watch<Quirk>) -> Result<Vec<Source<'a>>, String> {
        let limits = case.limits();
        let mut sources = vec![Source {
            name: case.rooted_entry().to_owned(),
            content: Content::Unreadable,
        }];
        let (mut bytes_read, mut files_read) = (0, 0);
        let mut next = 0;
        while next < sources.len() {
            let name = sources[next].name.clone();
            let found = case.files.get(&format!("{}{name}", case.root_prefix()));
            let mut content = Content::Unreadable;
            if let Some(bytes) = found {
                bytes_read += bytes.len() as u64;
                files_read += 1;
                if bytes_read > limits.source_bytes() || files_read > limits.files {
                    let why = "there is more source than the limits allow".to_owned();
                    return Err(w.breaks("mmm.limit.source.1", why));
                }
                match Text::parse(bytes, w) {
                    Ok(text) if next > 0 && lacks_main(&text, w) => content = Content::Bad,
                    Ok(text) => content = Content::Good(text),
                    Err(why) if next == 0 || w.quirk(Quirk::BadFileRefuses) => {
                        return Err(format!("{name}:{why}"));
                    }
                    Err(_) => content = Content::Bad,
                }
            }
            if let Content::Good(text) = &mut content {
                Source::follow(text, next, &mut sources, w)?;
            }
            sources[next].content = content;
            next += 1;
        }
        match &sources[0].content {
            Content::Good(text) if text.functions.contains_key("main") => {
                w.holds("mmm.function.main.1");
                Ok(sources)
            }
            Content::Good(text)
                if w.quirk(Quirk::FirstFunctionRuns) && !text.functions.is_empty() =>
            {
                Ok(sources)
            }
            Content::Good(_) => {
                let why = "the entry has no function main".to_owned();
                Err(w.breaks("mmm.function.main.1", why))
            }
            Content::Unreadable | Content::Bad => Err("the entry cannot be read".to_owned()),
        }
    }

    /// Notes which files the calls in the file of this number name.
    fn follow(
        text: &mut Text<'a>,
        number: usize,
        sources: &mut Vec<Source<'a>>,
        w: impl Watch<Quirk>,
    ) -> Result<(), String> {
        let from = sources[number].name.clone();
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        for line in &mut text.lines {
            let Instruction::Call { file, path, .. } = &mut line.instruction else {
                continue;
            };
            let Some(name) = resolve(folder, path, w) else {
                continue;
            };
            let known = sources.iter().position(|source| source.name == name);
            if known.is_some_and(|known| known < number) {
                w.holds("mmm.load.circle.1");
                if w.quirk(Quirk::CircleRefused) {
                    return Err("files call one another in a circle".to_owned());
                }
            }
            *file = Some(known.unwrap_or_else(|| {
                sources.push(Source {
                    name,
                    content: Content::Unreadable,
                });
                sources.len() - 1
            }));
        }
        Ok(())
    }
}

/// Whether a called file may not be called for want of a `main`.
fn lacks_main(text: &Text, w: impl Watch<Quirk>) -> bool {
    let lacks = || !text.functions.contains_key("main");
    w.holds_if("mmm.function.main.2", lacks);
    w.quirk(Quirk::CalledFileNeedsMain) && lacks()
}

/// The name of the file that `path` leads to from `folder`, by names alone; none if it climbs
/// above the root or leads to no file.
pub(super) fn resolve(folder: &str, path: &str, w: impl Watch<Quirk>) -> Option<String> {
    let absolute = path.starts_with('/');
    let rooted = match absolute {
        true => !w.quirk(Quirk::PathSlashIsRelative),
        false => w.quirk(Quirk::PathsFromRoot),
    };
    w.holds_if("mmm.path.absolute.1", || absolute);
    w.holds_if("mmm.path.relative.1", || !absolute);
    w.holds_if("mmm.path.root.1", || absolute);
    w.holds_if("mmm.path.name.1", || path.contains('\\'));
    let mut reached = match rooted {
        true => String::new(),
        false => folder.to_owned(),
    };
    let separates = |c: char| c == '/' || c == '\\' && w.quirk(Quirk::PathBackslash);
    for name in path.split(separates) {
        w.holds_if("mmm.path.dot.1", || name == "." || name == "..");
        w.holds_if("mmm.path.empty.1", || name.is_empty() && !absolute);
        let plain = match name {
            ".." => false,
            "." => w.quirk(Quirk::PathDotIsName),
            _ => !name.is_empty(),
        };
        if name == ".." {
            if !w.shows("mmm.path.climb.1", !reached.is_empty()) {
                if w.quirk(Quirk::PathClimbStays) {
                    continue;
                }
                return None;
            }
            w.edge_if("mmm.path.climb.1", || !reached.contains('/'));
            reached.truncate(reached.rfind('/').unwrap_or(0));
        } else if plain {
            if !reached.is_empty() {
                reached.push('/');
            }
            reached.push_str(name);
        } else if name.is_empty() && !reached.is_empty() && w.quirk(Quirk::PathEmptyIsName) {
            reached.push('/');
        }
    }
    if w.quirk(Quirk::PathGetsEnding) && !reached.ends_with(".mmm") {
        reached.push_str(".mmm");
    }
    if reached.is_empty() {
        return w.breaks("mmm.path.self.1", None);
    }
    Some(reached)
}

impl<'a> Text<'a> {
    fn parse(bytes: &'a [u8], w: impl Watch<Quirk>) -> Result<Text<'a>, String> {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) if w.quirk(Quirk::NotUtf8CutOff) => {
                std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or("")
            }
            Err(_) => {
                let why = " it is not UTF-8".to_owned();
                return Err(w.breaks("mmm.source.text.1", why));
            }
        };
        w.holds_if("mmm.source.text.1", || !text.is_ascii());
        let mut rest = without_mark(text, w);
        let mut file = Text {
            functions: BTreeMap::new(),
            lines: Vec::with_capacity(bytes.len() / 16),
        };
        let mut inside = false;
        let mut number = 0;
        while !rest.is_empty() {
            if w.quirk(Quirk::LastLineDropped) && !rest.contains('\n') {
                break;
            }
            let line = next_line(&mut rest, w);
            number += 1;
            let because = move |why: &str| format!("{number}: {why}");
            let Some((mnemonic, operand)) = words(line, w).map_err(because)? else {
                w.holds("mmm.source.blank.3");
                if w.quirk(Quirk::BlankLinesUncounted) {
                    number -= 1;
                }
                if w.quirk(Quirk::CommentsOnlyInside) && !inside && !line.trim().is_empty() {
                    return Err(because("a comment outside of functions"));
                }
                continue;
            };
            file.line(number, mnemonic, operand, &mut inside, w)
                .map_err(because)?;
        }
        w.holds("mmm.function.file.1");
        if inside && w.quirk(Quirk::LastEndImplied) {
            let instruction = Instruction::End;
            file.lines.push(Line {
                number,
                instruction,
            });
        } else if inside {
            let why = format!("{number}: a function has no end");
            return Err(w.breaks("mmm.function.end.1", why));
        }
        Ok(file)
    }

    /// Takes up a line that is not blank.
    fn line(
        &mut self,
        number: u32,
        mnemonic: &'a str,
        operand: Option<&'a str>,
        inside: &mut bool,
        w: impl Watch<Quirk>,
    ) -> Result<(), &'static str> {
        let any_case = w.quirk(Quirk::WordsAnyCase);
        let is = |word: &str| mnemonic == word || any_case && mnemonic.eq_ignore_ascii_case(word);
        if is("function") {
            if !w.shows("mmm.function.nest.1", !*inside) {
                if !w.quirk(Quirk::FunctionEndsFunction) {
                    return Err("a function in a function");
                }
                let instruction = Instruction::End;
                self.lines.push(Line {
                    number,
                    instruction,
                });
            }
            *inside = true;
            return self.function(operand, w);
        }
        if !*inside {
            let is_end = mnemonic == "end";
            let quirk = match is_end {
                true => Quirk::StrayEndIgnored,
                false => Quirk::OutsideIgnored,
            };
            if w.quirk(quirk) {
                return Ok(());
            }
            return Err(match is_end {
                true => w.breaks("mmm.function.end.2", "an end outside a function"),
                false => w.breaks("mmm.function.inside.1", "an instruction outside a function"),
            });
        }
        let mnemonic = if is("end") { "end" } else { mnemonic };
        let instruction = instruction(mnemonic, operand, w)?;
        *inside = !matches!(instruction, Instruction::End);
        match *inside {
            true => {
                w.holds("mmm.function.inside.1");
                w.holds("mmm.instruction.known.1");
            }
            false => {
                w.holds("mmm.function.end.1");
                w.holds("mmm.function.end.2");
                w.holds("mmm.function.words.1");
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
        w: impl Watch<Quirk>,
    ) -> Result<(), &'static str> {
        let why = "a function without a name";
        let Some(name) = operand else {
            return Err(w.breaks("mmm.instruction.operand.3", why));
        };
        w.holds("mmm.instruction.operand.3");
        let well_formed = !name.contains(['#', '"', '\'']);
        if !w.shows("mmm.function.name.1", well_formed) && !w.quirk(Quirk::NamesOfAnything) {
            return Err("this is no name");
        }
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if w.watches()
            && !(name.starts_with(|c: char| !c.is_ascii_digit()) && name.chars().all(word))
        {
            w.holds("mmm.function.name.3");
            if w.quirk(Quirk::NamesAreIdentifiers) {
                return Err("this is no name");
            }
        }
        if w.watches() && (matches!(name, "end" | "function") || KNOWN.contains(&name)) {
            w.holds("mmm.function.name.3");
            if w.quirk(Quirk::NamesNotReserved) {
                return Err("this word is an instruction");
            }
        }
        let start = self.lines.len();
        let other = self.functions.get(name).copied();
        if !w.shows("mmm.function.unique.1", other.is_none()) {
            if w.quirk(Quirk::FirstOfTwins) {
                return Ok(());
            }
            if !w.quirk(Quirk::LastOfTwins) {
                return Err("there are two functions of this name");
            }
        }
        self.functions.insert(name, start);
        Ok(())
    }
}

/// A text without its byte order mark.
fn without_mark(text: &str, w: impl Watch<Quirk>) -> &str {
    let rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    w.holds_if("mmm.source.text.2", || rest.len() < text.len());
    w.holds_if("mmm.source.text.3", || rest.contains('\u{feff}'));
    if w.quirk(Quirk::MarkKept) {
        return text;
    }
    if w.quirk(Quirk::MarksDropped) {
        return text.trim_start_matches('\u{feff}');
    }
    rest
}

/// Takes the first line off a text that is not empty.
fn next_line<'a>(rest: &mut &'a str, w: impl Watch<Quirk>) -> &'a str {
    if w.quirk(Quirk::UnicodeLines) || w.quirk(Quirk::CarriageReturnLines) {
        return next_line_of_others(rest, w);
    }
    let (line, after) = before(rest, |byte| byte == b'\n');
    w.holds("mmm.source.line.1");
    let line = match after.strip_prefix('\n') {
        Some(after) => {
            *rest = after;
            match line.strip_suffix('\r') {
                Some(line) if !w.quirk(Quirk::CarriageReturnKept) => line,
                _ => line,
            }
        }
        None => std::mem::take(rest),
    };
    w.holds_if("mmm.source.line.2", || line.contains('\r'));
    w.holds_if("mmm.source.line.3", || line.contains(OTHER_LINES));
    line
}

/// What ends a line elsewhere, the carriage return apart.
const OTHER_LINES: [char; 5] = ['\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];

/// The same by the rules of another language.
fn next_line_of_others<'a>(rest: &mut &'a str, w: impl Watch<Quirk>) -> &'a str {
    let ends = |c: char| match c {
        '\n' => true,
        '\r' => w.quirk(Quirk::CarriageReturnLines),
        c => w.quirk(Quirk::UnicodeLines) && OTHER_LINES.contains(&c),
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

/// The words of a line: a mnemonic and perhaps an operand. None on a line without any.
type Words<'a> = Option<(&'a str, Option<&'a str>)>;

fn words<'a>(line: &'a str, w: impl Watch<Quirk>) -> Result<Words<'a>, &'static str> {
    let is_blank = |byte: u8| is_blank(byte, w);
    let after_blanks = |text: &'a str| before(text, |byte| !is_blank(byte)).1;
    let first = after_blanks(line);
    if first.is_empty() || first.starts_with('#') {
        w.holds_if("mmm.source.comment.1", || !first.is_empty());
        return Ok(None);
    }
    w.holds("mmm.source.blank.1");
    let (mut mnemonic, mut rest) = before(first, is_blank);
    w.holds_if("mmm.source.comment.2", || mnemonic.contains('#'));
    if w.quirk(Quirk::CommentTouches)
        && let Some(at) = mnemonic.find('#')
    {
        (mnemonic, rest) = (&mnemonic[..at], "");
    }
    if w.quirk(Quirk::MnemonicQuoted) {
        mnemonic = mnemonic.trim_matches('"');
    }
    rest = after_blanks(rest);
    let comment = |text: &str| {
        let comment = text.starts_with('#') && !w.quirk(Quirk::CommentWholeLine);
        w.holds_if("mmm.source.comment.1", || comment);
        w.holds_if("mmm.source.comment.4", || comment && text.len() > 1);
        comment || text.is_empty()
    };
    if comment(rest) {
        return Ok(Some((mnemonic, None)));
    }
    let quoted = match rest.as_bytes()[0] {
        b'\'' if w.quirk(Quirk::SingleQuotesPlain) => 0,
        quote @ (b'"' | b'\'') => quoted(rest, quote, w)?,
        _ => 0,
    };
    let mut end = quoted + before(&rest[quoted..], is_blank).0.len();
    if w.watches() && quoted == 0 && rest[..end].contains(['"', '\'']) {
        w.holds("mmm.source.quote.5");
        if w.quirk(Quirk::QuoteOpensAnywhere) {
            end = after_quotes(rest, is_blank);
        }
    }
    if quoted > 0 && end > quoted {
        w.holds("mmm.source.quote.4");
        if w.quirk(Quirk::QuoteEndsOperand) {
            end = quoted;
        }
    }
    let (operand, rest) = rest.split_at(end);
    w.holds_if("mmm.source.comment.2", || {
        quoted == 0 && operand.contains('#')
    });
    let surplus = !comment(after_blanks(rest));
    if surplus && !w.quirk(Quirk::SurplusIgnored) {
        w.breaks("mmm.source.line.4", ());
        return Err(w.breaks("mmm.instruction.operand.2", "there is an operand too many"));
    }
    w.holds("mmm.source.line.4");
    Ok(Some((mnemonic, Some(operand))))
}

fn is_blank(byte: u8, w: impl Watch<Quirk>) -> bool {
    match byte {
        b' ' => true,
        b'\t' => !w.quirk(Quirk::TabNoBlank),
        b'\x0b' | b'\x0c' | b'\r' => w.quirk(Quirk::BlanksOfC),
        _ => false,
    }
}

/// What stands before the first such ASCII character, and the rest.
fn before(text: &str, stop: impl Fn(u8) -> bool) -> (&str, &str) {
    text.split_at(text.bytes().position(stop).unwrap_or(text.len()))
}

/// How long the quoted text is that begins `text`.
fn quoted(text: &str, quote: u8, w: impl Watch<Quirk>) -> Result<usize, &'static str> {
    w.holds("mmm.source.quote.1");
    let length = closing(text, quote, w);
    if w.quirk(Quirk::CommentInQuotes)
        && let Some(at) = text[..length.unwrap_or(0)].find(" #")
    {
        return Ok(at);
    }
    match length {
        Some(length) => {
            w.holds("mmm.source.quote.2");
            w.holds_if("mmm.source.comment.3", || text[..length].contains('#'));
            Ok(length)
        }
        None if w.quirk(Quirk::QuoteClosedByLine) => Ok(text.len()),
        None => Err(w.breaks("mmm.source.quote.2", "a quote is not closed")),
    }
}

/// Where the quote that opens `text` is closed: one past the closing quote.
fn closing(text: &str, quote: u8, w: impl Watch<Quirk>) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            byte if byte == quote => return Some(at + 1),
            // No byte of a longer character is a quote or a backslash.
            b'\\' if !w.quirk(Quirk::QuoteIgnoresBackslash) => {
                w.holds("mmm.source.quote.3");
                at += 2;
            }
            _ => at += 1,
        }
    }
    None
}

/// Where an operand ends in which quotes keep blanks together wherever they stand.
fn after_quotes(text: &str, is_blank: impl Fn(u8) -> bool) -> usize {
    let mut open = None;
    for (at, byte) in text.bytes().enumerate() {
        match open {
            Some(quote) if byte == quote => open = None,
            None if byte == b'"' || byte == b'\'' => open = Some(byte),
            None if is_blank(byte) => return at,
            _ => {}
        }
    }
    text.len()
}

fn instruction<'a>(
    mnemonic: &'a str,
    operand: Option<&'a str>,
    w: impl Watch<Quirk>,
) -> Result<Instruction<'a>, &'static str> {
    let plain = |instruction| match operand {
        None => Ok(instruction),
        Some(_) if w.quirk(Quirk::PlainTakesOperand) => Ok(instruction),
        Some(_) => Err(w.breaks("mmm.instruction.operand.2", "there is an operand too many")),
    };
    let needed = || match operand {
        Some(operand) => {
            w.holds("mmm.instruction.operand.1");
            Ok(operand)
        }
        None => Err(w.breaks("mmm.instruction.operand.1", "the operand is missing")),
    };
    match mnemonic {
        "constexpr" | "bool" | "string" | "int" | "float" | "char" | "byte" => {
            let operand = needed()?;
            if w.quirk(Quirk::BadLiteralRefused) && value::literal(mnemonic, operand, w).is_none() {
                return Err("this is no literal");
            }
            Ok(Instruction::Literal(mnemonic, operand))
        }
        "bin_op" => bin_op(needed()?, w),
        "printn" if operand.is_none() && w.quirk(Quirk::PrintAllByDefault) => {
            Ok(Instruction::PrintAll)
        }
        "printn" => printn(needed()?, w),
        "call" if operand.is_none() => {
            w.breaks("mmm.instruction.operand.1", ());
            Err(w.breaks("mmm.call.operand.2", "the operand is missing"))
        }
        "call" => call(needed()?, w),
        "stack_dump" => plain(Instruction::StackDump),
        "pop" => plain(Instruction::Pop),
        "nop" => plain(Instruction::Nop),
        "void" => plain(Instruction::Void),
        "breakpoint" => plain(Instruction::Breakpoint),
        "ret" => plain(Instruction::Ret),
        "stack_size" => plain(Instruction::StackSize),
        "end"
            if w.shows("mmm.instruction.operand.3", operand.is_none())
                || w.quirk(Quirk::EndTakesName) =>
        {
            Ok(Instruction::End)
        }
        "end" => Err("there is an operand too many"),
        _ if w.quirk(Quirk::UnknownIgnored) => Ok(Instruction::Nop),
        _ => match KNOWN
            .iter()
            .find(|known| known.eq_ignore_ascii_case(mnemonic))
        {
            Some(known) if w.quirk(Quirk::MnemonicsAnyCase) => instruction(known, operand, w),
            Some(_) if matches!(mnemonic, "END" | "End") => {
                Err(w.breaks("mmm.function.words.1", "there is no such instruction"))
            }
            _ => Err(w.breaks("mmm.instruction.known.1", "there is no such instruction")),
        },
    }
}

const KNOWN: [&str; 17] = [
    "constexpr",
    "stack_dump",
    "pop",
    "bin_op",
    "nop",
    "bool",
    "string",
    "int",
    "float",
    "char",
    "byte",
    "void",
    "breakpoint",
    "ret",
    "printn",
    "call",
    "stack_size",
];

fn bin_op<'a>(operand: &str, w: impl Watch<Quirk>) -> Result<Instruction<'a>, &'static str> {
    let operand = match w.quirk(Quirk::OperatorQuoted) {
        true => operand.trim_matches(['"', '\'']),
        false => operand,
    };
    match operand.as_bytes() {
        &[operator] if b"+-*/%".contains(&operator) => {
            w.holds("mmm.bin_op.operator.1");
            Ok(Instruction::BinOp(operator))
        }
        _ => Err(w.breaks("mmm.bin_op.operator.1", "this is no operator")),
    }
}

fn printn<'a>(operand: &'a str, w: impl Watch<Quirk>) -> Result<Instruction<'a>, &'static str> {
    if operand == "'*'" && w.quirk(Quirk::PrintStarQuoted) {
        return Ok(Instruction::PrintAll);
    }
    let well_formed = operand == "*" || digits_only(operand);
    let signed = operand.strip_prefix('+').filter(|rest| digits_only(rest));
    if let Some(index) = signed.filter(|_| w.quirk(Quirk::PrintIndexSigned)) {
        return Ok(Instruction::PrintOne(index));
    }
    if !w.shows("mmm.printn.operand.1", well_formed) {
        return Err("this is no index");
    }
    if operand == "*" {
        return Ok(Instruction::PrintAll);
    }
    let zeros = operand.len() > 1 && operand.starts_with('0');
    w.holds_if("mmm.printn.index.3", || zeros);
    let refused = w.quirk(Quirk::PrintZerosRefused) && zeros
        || w.quirk(Quirk::PrintHugeRefused) && operand.parse::<u64>().is_err();
    if refused {
        return Err("this is no index");
    }
    Ok(Instruction::PrintOne(operand))
}

fn call<'a>(operand: &'a str, w: impl Watch<Quirk>) -> Result<Instruction<'a>, &'static str> {
    let quoted = operand.starts_with(['"', '\'']);
    if quoted && !w.quirk(Quirk::CallQuoted) {
        return Err(w.breaks("mmm.call.operand.4", "this is no path#name"));
    }
    let operand = match quoted {
        true => operand.trim_matches(['"', '\'']),
        false => operand,
    };
    let split = match w.quirk(Quirk::CallSplitsAtFirst) {
        true => operand.split_once('#'),
        false => operand.rsplit_once('#'),
    };
    let (path, name) = match split {
        Some((path, "")) if w.quirk(Quirk::CallMainByDefault) => (path, "main"),
        Some(split) => split,
        None if w.quirk(Quirk::CallMainByDefault) => (operand, "main"),
        None => return Err(w.breaks("mmm.call.operand.1", "there is no # in the path")),
    };
    w.holds_if("mmm.call.operand.3", || path.contains('#'));
    match w.shows("mmm.call.operand.1", !path.is_empty() && !name.is_empty()) {
        false => Err("this is no path#name"),
        true => Ok(Instruction::Call {
            file: None,
            path,
            name,
        }),
    }
}

pub(super) fn digits_only(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
