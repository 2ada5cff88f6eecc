//! Recorded outcomes of the conformance corpus, embedded, so that an installed program can judge
//! a machine without the repository. Data only: how a snapshot reads is the harness's business.
//!
//! `cargo insta review` shows what changed; the files lie in this package so that it finds them.

/// Name (`machine/topic/case`) and text of every snapshot, sorted by name.
static TABLE: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/table.rs"));

/// The snapshot of that name: what stands in the file below its head.
pub fn snapshot(name: &str) -> Option<&'static str> {
    let at = TABLE.binary_search_by_key(&name, |&(name, _)| name).ok()?;
    Some(body(TABLE[at].1))
}

/// The names of all snapshots, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|&(name, _)| name)
}

/// A snapshot file's text without the head that insta puts there.
pub fn body(file: &str) -> &str {
    let rest = file.strip_prefix("---\n").unwrap_or(file);
    rest.split_once("\n---\n").map_or(rest, |(_, body)| body)
}
