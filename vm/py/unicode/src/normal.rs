//! Normal forms.
//!
//! Unicode never changes the normal form of an assigned character, so newer tables do, as long as
//! characters that 13.0 does not assign are left alone.

use crate::category;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{
    canonical_combining_class, decompose_canonical, decompose_compatible,
};

/// A normal form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Canonical decomposition, then composition.
    Nfc,
    /// Canonical decomposition.
    Nfd,
    /// Compatibility decomposition, then composition.
    Nfkc,
    /// Compatibility decomposition.
    Nfkd,
}

impl Form {
    /// Returns the form of that name, such as `NFKC`.
    pub fn from_name(name: &str) -> Option<Form> {
        match name {
            "NFC" => Some(Form::Nfc),
            "NFD" => Some(Form::Nfd),
            "NFKC" => Some(Form::Nfkc),
            "NFKD" => Some(Form::Nfkd),
            _ => None,
        }
    }
}

/// Returns the character if 13.0 assigns it; surrogates and unassigned code points are not.
fn assigned(point: u32) -> Option<char> {
    char::from_u32(point).filter(|_| category(point) != "Cn")
}

/// Returns the canonical combining class, 0 for most characters.
pub fn combining(point: u32) -> u8 {
    assigned(point).map_or(0, canonical_combining_class)
}

/// Returns the text in a normal form.
pub fn normalize(text: &[u32], form: Form) -> Vec<u32> {
    let mut out = Vec::with_capacity(text.len());
    // A code point that is not assigned has combining class 0 and composes with nothing, so the
    // text falls apart there.
    for part in text.split_inclusive(|&point| assigned(point).is_none()) {
        let (known, other) = match part.split_last() {
            Some((&last, known)) if assigned(last).is_none() => (known, Some(last)),
            _ => (part, None),
        };
        let known = known.iter().filter_map(|&point| char::from_u32(point));
        match form {
            Form::Nfc => out.extend(known.nfc().map(u32::from)),
            Form::Nfd => out.extend(known.nfd().map(u32::from)),
            Form::Nfkc => out.extend(known.nfkc().map(u32::from)),
            Form::Nfkd => out.extend(known.nfkd().map(u32::from)),
        }
        out.extend(other);
    }
    out
}

/// Returns true if the text is in a normal form already.
pub fn is_normalized(text: &[u32], form: Form) -> bool {
    normalize(text, form) == text
}

/// Returns the full decomposition of a character: canonical if it has one, else that of
/// compatibility; empty if it has none.
pub fn decomposition(point: u32) -> Vec<u32> {
    let Some(c) = assigned(point) else {
        return Vec::new();
    };
    let mut parts = Vec::new();
    decompose_canonical(c, |part| parts.push(u32::from(part)));
    if parts == [point] {
        parts.clear();
        decompose_compatible(c, |part| parts.push(u32::from(part)));
    }
    if parts == [point] {
        parts.clear();
    }
    parts
}
