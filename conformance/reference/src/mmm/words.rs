//! The words of a line: blanks, comments and quotes.

use crate::observe::Observer;
use crate::quirks::mmm::Quirk;

/// A mnemonic and its operand, if it has one; `None` for a line without an instruction.
type Words<'a> = Option<(&'a str, Option<&'a str>)>;

/// Splits a line into its words.
///
/// # Errors
///
/// Returns why the file does not load: a quote is not closed, or there is a word too many.
pub(super) fn words<'a>(
    line: &'a str,
    obs: impl Observer<Quirk>,
) -> Result<Words<'a>, &'static str> {
    let is_blank = |byte: u8| is_blank(byte, obs);
    let after_blanks = |text: &'a str| before(text, |byte| !is_blank(byte)).1;
    let first = after_blanks(line);
    if first.is_empty() || first.starts_with('#') {
        obs.holds_if("mmm.source.comment.1", || !first.is_empty());
        return Ok(None);
    }
    obs.holds("mmm.source.blank.1");
    let (mut mnemonic, mut rest) = before(first, is_blank);
    obs.holds_if("mmm.source.comment.2", || mnemonic.contains('#'));
    if obs.has_quirk(Quirk::CommentTouches)
        && let Some(at) = mnemonic.find('#')
    {
        (mnemonic, rest) = (&mnemonic[..at], "");
    }
    if obs.has_quirk(Quirk::MnemonicQuoted) {
        mnemonic = mnemonic.trim_matches('"');
    }
    rest = after_blanks(rest);
    let comment = |text: &str| {
        let comment = text.starts_with('#') && !obs.has_quirk(Quirk::CommentWholeLine);
        obs.holds_if("mmm.source.comment.1", || comment);
        obs.holds_if("mmm.source.comment.4", || comment && text.len() > 1);
        comment || text.is_empty()
    };
    if comment(rest) {
        return Ok(Some((mnemonic, None)));
    }
    let quoted = match rest.as_bytes()[0] {
        b'\'' if obs.has_quirk(Quirk::SingleQuotesPlain) => 0,
        quote @ (b'"' | b'\'') => quoted(rest, quote, obs)?,
        _ => 0,
    };
    let mut end = quoted + before(&rest[quoted..], is_blank).0.len();
    if obs.is_active() && quoted == 0 && rest[..end].contains(['"', '\'']) {
        obs.holds("mmm.source.quote.5");
        if obs.has_quirk(Quirk::QuoteOpensAnywhere) {
            end = after_quotes(rest, is_blank);
        }
    }
    if quoted > 0 && end > quoted {
        obs.holds("mmm.source.quote.4");
        if obs.has_quirk(Quirk::QuoteEndsOperand) {
            end = quoted;
        }
    }
    let (operand, rest) = rest.split_at(end);
    obs.holds_if("mmm.source.comment.2", || {
        quoted == 0 && operand.contains('#')
    });
    let surplus = !comment(after_blanks(rest));
    if surplus && !obs.has_quirk(Quirk::SurplusIgnored) {
        obs.breaks("mmm.source.line.4", ());
        return Err(obs.breaks("mmm.instruction.operand.2", "there is an operand too many"));
    }
    obs.holds("mmm.source.line.4");
    Ok(Some((mnemonic, Some(operand))))
}

/// Returns true for a byte that separates words.
fn is_blank(byte: u8, obs: impl Observer<Quirk>) -> bool {
    match byte {
        b' ' => true,
        b'\t' => !obs.has_quirk(Quirk::TabNoBlank),
        b'\x0b' | b'\x0c' | b'\r' => obs.has_quirk(Quirk::BlanksOfC),
        _ => false,
    }
}

/// Splits a text before the first byte for which `stop` is true; `stop` is true for ASCII only.
pub(super) fn before(text: &str, stop: impl Fn(u8) -> bool) -> (&str, &str) {
    text.split_at(text.bytes().position(stop).unwrap_or(text.len()))
}

/// Returns the length of the quoted text at the start of `text`, its quotes included.
fn quoted(text: &str, quote: u8, obs: impl Observer<Quirk>) -> Result<usize, &'static str> {
    obs.holds("mmm.source.quote.1");
    let length = closing(text, quote, obs);
    if obs.has_quirk(Quirk::CommentInQuotes)
        && let Some(at) = text[..length.unwrap_or(0)].find(" #")
    {
        return Ok(at);
    }
    match length {
        Some(length) => {
            obs.holds("mmm.source.quote.2");
            obs.holds_if("mmm.source.comment.3", || text[..length].contains('#'));
            Ok(length)
        }
        None if obs.has_quirk(Quirk::QuoteClosedByLine) => Ok(text.len()),
        None => Err(obs.breaks("mmm.source.quote.2", "a quote is not closed")),
    }
}

/// Returns the index after the quote that closes the one at the start of `text`, if there is one.
fn closing(text: &str, quote: u8, obs: impl Observer<Quirk>) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            byte if byte == quote => return Some(at + 1),
            // The bytes of a character that is not ASCII are never quotes or backslashes.
            b'\\' if !obs.has_quirk(Quirk::QuoteIgnoresBackslash) => {
                obs.holds("mmm.source.quote.3");
                at += 2;
            }
            _ => at += 1,
        }
    }
    None
}

/// Returns where an operand ends if quotes anywhere in it keep blanks together, which is a quirk.
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
