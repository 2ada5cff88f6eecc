//! Characters by their names.

/// Returns the character that `\N{name}` means.
pub(crate) fn lookup(name: &[u8]) -> Option<u32> {
    let name = str::from_utf8(name).ok()?.to_ascii_uppercase();
    let found = unicode_names2::character(&name)?;
    Some(u32::from(found))
}
