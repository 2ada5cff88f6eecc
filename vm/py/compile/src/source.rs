//! Source bytes to UTF-8 text: byte order mark, declared encoding, newlines.

use std::borrow::Cow;

use crate::error::{Failure, Kind, Position, Result, Spot};

/// A source as the tokenizer reads it.
pub(crate) struct Source<'s> {
    /// Its text; lines end with `\n` alone. It is UTF-8 if the source is.
    pub(crate) text: Vec<u8>,
    /// The lines of its file, which errors show.
    pub(crate) raw: Cow<'s, [u8]>,
    /// Whether the source says which encoding it has, or is known to have.
    pub(crate) declared: bool,
}

/// Decodes a source. A module gets a newline at its end if it has none.
pub(crate) fn decode(bytes: &[u8], whole_lines: bool, is_text: bool) -> Result<Source<'_>> {
    if bytes.contains(&0) {
        let message = "source code string cannot contain null bytes";
        return Err(Failure::plain(Kind::ValueError, message));
    }
    let raw = newlines(bytes);
    let mut text = Vec::with_capacity(raw.len() + 1);
    text.extend_from_slice(&raw);
    if whole_lines && text.last() != Some(&b'\n') {
        text.push(b'\n');
    }
    if is_text {
        return Ok(Source {
            text,
            raw,
            declared: true,
        });
    }
    let marked = text.starts_with(b"\xef\xbb\xbf");
    if marked {
        text.drain(..3);
    }
    let Some(name) = declaration(&text) else {
        return Ok(Source {
            text,
            raw,
            declared: marked,
        });
    };
    if marked && name != "utf-8" {
        let message = format!("encoding problem: {name} with BOM");
        return Err(Failure::plain(Kind::SyntaxError, message));
    }
    if name != "utf-8" {
        text = convert(&text, &name)?;
    }
    Ok(Source {
        text,
        raw,
        declared: true,
    })
}

/// The most bytes of a line that CPython reads at once.
const LINE_BYTES: usize = 999;

/// Returns a line as CPython reads it back from the file: of a long one, the last piece.
pub(crate) fn line_of(raw: &[u8], line: u32) -> Option<String> {
    let mut lines = raw.split_inclusive(|&byte| byte == b'\n');
    let found = lines.nth((line as usize).checked_sub(1)?)?;
    let last = found.chunks(LINE_BYTES).last()?;
    Some(String::from_utf8_lossy(last).into_owned())
}

/// An error that is found before the first token.
fn at_start(message: String) -> Box<Failure> {
    Box::new(Failure {
        kind: Kind::SyntaxError,
        message,
        spot: Spot::Exact(Position {
            line: 0,
            offset: -1,
            text: None,
        }),
    })
}

/// Returns the text with `\r\n` and `\r` as `\n`.
fn newlines(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.contains(&b'\r') {
        return Cow::Borrowed(bytes);
    }
    let mut text = Vec::with_capacity(bytes.len());
    let mut after_return = false;
    for &byte in bytes {
        match byte {
            b'\r' => text.push(b'\n'),
            b'\n' if after_return => {}
            _ => text.push(byte),
        }
        after_return = byte == b'\r';
    }
    Cow::Owned(text)
}

/// Returns the normal name of the encoding that a comment in the first two lines declares.
fn declaration(text: &[u8]) -> Option<String> {
    for line in text.split(|&byte| byte == b'\n').take(2) {
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\x0c');
        let comment = line.iter().position(|byte| !blank(byte));
        let Some(start) = comment else { continue };
        if line[start] != b'#' {
            return None;
        }
        if let Some(name) = coding(&line[start..]) {
            return Some(normal_name(&name));
        }
    }
    None
}

/// Finds `coding:` or `coding=` and a name.
fn coding(comment: &[u8]) -> Option<String> {
    let word = b"coding";
    for (at, window) in comment.windows(word.len()).enumerate() {
        if window != word {
            continue;
        }
        let rest = &comment[at + word.len()..];
        let [b':' | b'=', rest @ ..] = rest else {
            continue;
        };
        let start = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t'));
        let rest = &rest[start.unwrap_or(rest.len())..];
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        let length = rest.iter().position(|byte| !is_name(byte));
        let name = &rest[..length.unwrap_or(rest.len())];
        if !name.is_empty() {
            return Some(String::from_utf8_lossy(name).into_owned());
        }
    }
    None
}

fn normal_name(name: &str) -> String {
    let short: String = name
        .chars()
        .take(12)
        .map(|c| match c {
            '_' => '-',
            c => c.to_ascii_lowercase(),
        })
        .collect();
    let is = |known: &str| {
        short == known || short.starts_with(known) && short[known.len()..].starts_with('-')
    };
    if is("utf-8") {
        "utf-8".into()
    } else if is("latin-1") || is("iso-8859-1") || is("iso-latin-1") {
        "iso-8859-1".into()
    } else {
        name.into()
    }
}

/// Decodes a text from an encoding that is not UTF-8.
fn convert(text: &[u8], name: &str) -> Result<Vec<u8>> {
    let plain: String = name
        .chars()
        .map(|c| match c {
            '-' | ' ' | '.' => '_',
            c => c.to_ascii_lowercase(),
        })
        .collect();
    let upper: Vec<char> = match &*plain {
        "utf8" | "u8" | "utf_8" | "utf" | "utf8_ucs2" | "utf8_ucs4" | "cp65001" => {
            return match str::from_utf8(text) {
                Ok(_) => Ok(text.to_vec()),
                Err(error) => Err(at_start(utf8_message(text, &error))),
            };
        }
        "iso_8859_1" | "latin_1" | "latin1" | "latin" | "l1" | "iso8859" | "iso8859_1" | "8859"
        | "cp819" | "iso_8859_1_1987" | "iso_ir_100" => {
            (0x80..=0xff).map(|byte: u8| byte as char).collect()
        }
        "ascii" | "us_ascii" | "646" | "us" | "iso646_us" | "ansi_x3.4_1968" => Vec::new(),
        _ => match crate::charmap::table(&plain) {
            Some(table) => table.chars().collect(),
            None => return Err(at_start(format!("unknown encoding: {name}"))),
        },
    };
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for (at, &byte) in text.iter().enumerate() {
        if byte.is_ascii() {
            out.push(byte as char);
            continue;
        }
        match upper.get(usize::from(byte) - 0x80) {
            Some('\u{fffd}') => {
                return Err(at_start(format!(
                    "'charmap' codec can't decode byte 0x{byte:02x} in position {at}: \
                     character maps to <undefined>"
                )));
            }
            Some(&c) => out.push(c),
            None => {
                return Err(at_start(format!(
                    "'ascii' codec can't decode byte 0x{byte:02x} in position {at}: \
                     ordinal not in range(128)"
                )));
            }
        }
    }
    Ok(out.into_bytes())
}

/// Words an error of UTF-8 as Python does.
pub(crate) fn utf8_message(bytes: &[u8], error: &std::str::Utf8Error) -> String {
    let start = error.valid_up_to();
    let first = bytes[start];
    let (end, reason) = match error.error_len() {
        None => (bytes.len(), "unexpected end of data"),
        Some(_) if matches!(first, 0x80..=0xc1 | 0xf5..) => (start + 1, "invalid start byte"),
        Some(length) => (start + length, "invalid continuation byte"),
    };
    let place = match end - start {
        1 => format!("byte 0x{first:02x} in position {start}"),
        _ => format!("bytes in position {start}-{}", end - 1),
    };
    format!("'utf-8' codec can't decode {place}: {reason}")
}
