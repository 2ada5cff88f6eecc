//! Names of characters.

use crate::category;

/// Returns the name of a character, as `unicodedata.name` does.
pub fn name(point: u32) -> Option<String> {
    let c = char::from_u32(point)?;
    // Control characters, private use and what is not assigned have none.
    if matches!(category(point), "Cn" | "Cc" | "Co") {
        return None;
    }
    unicode_names2::name(c).map(|name| name.to_string())
}

/// Returns the character of a name or an alias, in any case, as `"\N{…}"` does.
pub fn lookup(name: &str) -> Option<char> {
    // Names and aliases are of these; the crate also forgives other spellings.
    let known = |b: u8| b.is_ascii_alphanumeric() || b == b' ' || b == b'-';
    if !name.bytes().all(known) {
        return None;
    }
    let found = unicode_names2::character(name)?;
    (category(u32::from(found)) != "Cn").then_some(found)
}
