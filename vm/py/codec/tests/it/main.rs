//! Codecs and formats, held to what CPython 3.9 makes of them.
//!
//! `tests/record.py` records; `CODECS=FILE cargo test -p mmm-vm-py-codec` checks another file of the
//! same form.

use vm_py_codec::structs::{Layout, Unpacked};
use vm_py_codec::{Codec, CodecError, Order, Position, decode, encode};

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
    digits
        .chunks_exact(2)
        .map(|pair| (pair[0] << 4 | pair[1]) as u8)
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn codec(name: &str) -> Codec {
    match name {
        "utf_8" => Codec::Utf8,
        "utf_16_le" => Codec::Utf16(Order::Little),
        "utf_16_be" => Codec::Utf16(Order::Big),
        "utf_32_le" => Codec::Utf32(Order::Little),
        "utf_32_be" => Codec::Utf32(Order::Big),
        "ascii" => Codec::Ascii,
        "latin_1" => Codec::Latin1,
        "unicode_escape" => Codec::UnicodeEscape,
        _ => Codec::RawUnicodeEscape,
    }
}

fn shown(error: &CodecError) -> String {
    let CodecError {
        encoding,
        start,
        end,
        reason,
        ..
    } = error;
    format!("{encoding} {start} {end} {reason}")
}

fn unpack(form: &str, raw: &[u8]) -> String {
    let layout = match Layout::parse(form.as_bytes()) {
        Ok(layout) => layout,
        Err(error) => return error.message,
    };
    let mut words = vec![layout.size().to_string()];
    words.extend(layout.iter().map(|field| match field.unpack(raw) {
        Unpacked::Int(value) => value.to_string(),
        Unpacked::Unsigned(value) => value.to_string(),
        Unpacked::Bool(true) => "True".to_owned(),
        Unpacked::Bool(false) => "False".to_owned(),
        Unpacked::Bytes(value) => hex(value),
        Unpacked::Float(value) if value.is_nan() => "nan".to_owned(),
        Unpacked::Float(value) => format!("{:016x}", value.to_bits()),
        other => panic!("{other:?}"),
    }));
    words.join(" ")
}

fn pack(form: &str, value: &str) -> String {
    let layout = Layout::parse(form.as_bytes()).expect("a format");
    let mut out = vec![0; layout.size()];
    let field = layout.fields()[0];
    let result = match field.code {
        b'e' | b'f' | b'd' => {
            let bits = u64::from_str_radix(value, 16).expect("the bits of a float");
            field.pack_float(f64::from_bits(bits), &mut out)
        }
        _ => field.pack_int(value.parse().ok(), &mut out),
    };
    match result {
        Ok(()) => hex(&out),
        Err(error) => error.message,
    }
}

fn run(operation: &str, input: &str) -> String {
    let words: Vec<&str> = operation.splitn(3, ' ').collect();
    let mut out = Vec::new();
    match words[0] {
        "decode" => match decode(codec(words[1]), &bytes(input), 0, words[2] == "1", &mut out) {
            Ok(used) => format!("{} {used}", hex(&out)),
            Err(error) => shown(&error),
        },
        "encode" => {
            let start = Position::default();
            match encode(codec(words[1]), &bytes(input), start, &mut out) {
                Ok(()) => hex(&out),
                Err(error) => shown(&error),
            }
        }
        "format" => unpack(
            operation.split_once(' ').map_or("", |(_, form)| form),
            &bytes(input),
        ),
        _ => pack(words[1], input),
    }
}

#[test]
fn codecs_and_formats_are_those_of_cpython() {
    let recorded = match std::env::var("CODECS") {
        Ok(file) => std::fs::read_to_string(file).expect("the file of CODECS"),
        Err(_) => include_str!("../data/recorded.txt").to_owned(),
    };
    let mut wrong = Vec::new();
    for line in recorded.lines() {
        let [operation, input, expected] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("a line has three parts: {line}");
        };
        let found = run(operation, input);
        if found.trim_end() != expected.trim_end() {
            wrong.push(format!("{line}\n  found {found}"));
        }
    }
    let first: Vec<&str> = wrong.iter().take(20).map(String::as_str).collect();
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        first.join("\n")
    );
}

#[test]
fn a_decoder_goes_on_where_it_is_told() {
    let mut out = Vec::new();
    let error = decode(Codec::Utf8, b"a\xffb", 0, true, &mut out).expect_err("a bad byte");
    out.push(b'?');
    let used = decode(Codec::Utf8, b"a\xffb", error.end, true, &mut out);
    assert_eq!((used, out.as_slice()), (Ok(3), &b"a?b"[..]));
}
