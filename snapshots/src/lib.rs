//! The recorded outcomes of the conformance corpus, embedded as text, so that an installed program
//! can test a machine without the repository. `conformance::record` parses the text.
//!
//! ```
//! let text = snapshots::snapshot("mmm/printn/all").expect("the case has an outcome");
//! assert!(text.contains("ending: returned"));
//! ```
//!
//! `cargo insta review` shows changes: it looks for the files in this package.

/// The name (`machine/topic/case`) and text of every snapshot, sorted by name.
static TABLE: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/table.rs"));

/// Returns the snapshot of that name, `machine/topic/case`, without the head of its file.
pub fn snapshot(name: &str) -> Option<&'static str> {
    let at = TABLE.binary_search_by_key(&name, |&(name, _)| name).ok()?;
    Some(body(TABLE[at].1))
}

/// Returns the names of all snapshots, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|&(name, _)| name)
}

/// Returns the text of a snapshot file without the head that insta writes.
pub fn body(file: &str) -> &str {
    let rest = file.strip_prefix("---\n").unwrap_or(file);
    rest.split_once("\n---\n").map_or(rest, |(_, body)| body)
}
