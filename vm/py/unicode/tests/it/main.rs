//! The tables, held to digests that CPython 3.9 gives of all code points.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use vm_py_unicode::{self as unicode, Form, Mapping};

const DIGESTS: &str = include_str!("../data/digests.txt");

fn recorded() -> BTreeMap<&'static str, &'static str> {
    DIGESTS
        .lines()
        .map(|line| line.split_once(' ').expect("a name and a digest"))
        .collect()
}

#[track_caller]
fn check(name: &str, bytes: &[u8]) {
    let digest = Sha256::digest(bytes);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, recorded()[name], "{name}");
}

#[track_caller]
fn check_property(name: &str, has: fn(u32) -> bool) {
    let bytes: Vec<u8> = (0..0x11_0000).map(|point| u8::from(has(point))).collect();
    check(name, &bytes);
}

/// UTF-8 in which a surrogate is written like any other code point.
fn push(point: u32, out: &mut Vec<u8>) {
    match char::from_u32(point) {
        Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None => out.extend([
            0xe0 | (point >> 12) as u8,
            0x80 | (point >> 6 & 0x3f) as u8,
            0x80 | (point & 0x3f) as u8,
        ]),
    }
}

#[track_caller]
fn check_points(name: &str, of: impl Fn(u32) -> Vec<u32>) {
    let mut out = Vec::new();
    for point in 0..0x11_0000 {
        if point > 0 {
            out.push(b'\n');
        }
        of(point)
            .into_iter()
            .for_each(|point| push(point, &mut out));
    }
    check(name, &out);
}

#[track_caller]
fn check_mapping(name: &str, of: fn(u32) -> Mapping) {
    check_points(name, |point| of(point).collect());
}

#[track_caller]
fn check_text(name: &str, of: impl Fn(u32) -> String) {
    let lines: Vec<String> = (0..0x11_0000).map(of).collect();
    check(name, lines.join("\n").as_bytes());
}

#[test]
fn properties_are_those_of_cpython() {
    check_property("isalpha", unicode::is_alphabetic);
    check_property("isalnum", unicode::is_alphanumeric);
    check_property("isdecimal", |point| unicode::decimal(point).is_some());
    check_property("isdigit", |point| unicode::digit(point).is_some());
    check_property("isnumeric", |point| unicode::numeric(point).is_some());
    check_property("islower", unicode::is_lowercase);
    check_property("isupper", unicode::is_uppercase);
    check_property("isspace", unicode::is_space);
    check_property("isprintable", unicode::is_printable);
    check_property("isidentifier", unicode::is_identifier_start);
    check_property("istitle", |point| {
        unicode::is_titlecase(point) || unicode::is_uppercase(point)
    });
}

#[test]
fn case_mappings_are_those_of_cpython() {
    check_mapping("upper", unicode::to_upper);
    check_mapping("lower", unicode::to_lower);
    check_mapping("title", unicode::to_title);
    check_mapping("capitalize", unicode::to_title);
    check_mapping("casefold", unicode::fold_case);
    check_points("swapcase", |point| {
        match (unicode::is_uppercase(point), unicode::is_lowercase(point)) {
            (true, _) => unicode::to_lower(point).collect(),
            (_, true) => unicode::to_upper(point).collect(),
            _ => vec![point],
        }
    });
}

#[test]
fn classes_are_those_of_unicodedata() {
    check_text("category", |point| unicode::category(point).to_owned());
    check_text("bidirectional", |point| {
        unicode::bidirectional(point).to_owned()
    });
    check_text("east_asian_width", |point| {
        unicode::east_asian_width(point).to_owned()
    });
    check_text("combining", |point| unicode::combining(point).to_string());
    check_text("mirrored", |point| {
        u8::from(unicode::is_mirrored(point)).to_string()
    });
}

#[test]
fn numbers_are_those_of_unicodedata() {
    let or_none = |value: Option<u32>| value.map_or("None".to_owned(), |value| value.to_string());
    check_text("decimal", |point| or_none(unicode::decimal(point)));
    check_text("digit", |point| or_none(unicode::digit(point)));
}

#[test]
fn normal_forms_are_those_of_unicodedata() {
    for name in ["NFC", "NFD", "NFKC", "NFKD"] {
        let form = Form::from_name(name).expect("a normal form");
        check_points(name, |point| unicode::normalize(&[point], form));
    }
}

#[test]
fn names_are_those_of_unicodedata() {
    check_text("name", |point| {
        unicode::name(point).unwrap_or("None".to_owned())
    });
    assert_eq!(unicode::lookup("latin small letter a"), Some('a'));
    assert_eq!(unicode::lookup("LINE FEED"), Some('\n'));
    assert_eq!(unicode::lookup("LATIN_SMALL_LETTER_A"), None);
    assert_eq!(unicode::lookup("HANGUL SYLLABLE GAG"), Some('각'));
    assert_eq!(unicode::lookup("CJK UNIFIED IDEOGRAPH-4E00"), Some('一'));
}

#[test]
fn a_sigma_is_final_at_the_end_of_a_word() {
    let lower = |text: &str, index| {
        let points: Vec<u32> = text.chars().map(u32::from).collect();
        char::from_u32(unicode::lower_sigma(&points, index)).expect("a sigma")
    };
    assert_eq!(lower("ΑΣ", 1), 'ς');
    assert_eq!(lower("ΑΣΑ", 1), 'σ');
    assert_eq!(lower("Σ", 0), 'σ');
    assert_eq!(lower("Α.Σ", 2), 'ς');
    assert_eq!(lower("ΑΣ.Α", 1), 'σ');
}
