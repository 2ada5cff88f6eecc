//! Listings of `.pyc` files, as the real Python 3.9's `dis` prints them.
//!
//! Some listings are recorded in `tests/data/listing` by the script beside it. If the variable
//! `MMM_PYTHON39` names a Python 3.9, every module of its library is compared.

use std::io::Read;
use std::process::{Command, Stdio};
use vm_py_code::pyc::Pyc;
use vm_py_text::cpython_dis;

/// Reads a string after its length; returns `None` at the end.
fn string(from: &mut impl Read) -> Option<Vec<u8>> {
    let mut length = [0; 8];
    from.read_exact(&mut length).ok()?;
    let mut text = vec![0; u64::from_le_bytes(length) as usize];
    from.read_exact(&mut text).expect("a string is whole");
    Some(text)
}

/// Removes addresses, which differ in each process.
fn without_addresses(text: &str) -> String {
    let mut parts = text.split(" at 0x");
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        out.push_str(" at 0x");
        out.push_str(part.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
    }
    out
}

#[track_caller]
fn check(name: &str, pyc: &[u8], listing: &str) {
    let pyc = Pyc::read(name, pyc).expect("it can be read");
    let mut found = String::new();
    cpython_dis::write(&pyc.pool, pyc.code, &mut found).expect("it is all there");
    let (found, expected) = (without_addresses(&found), without_addresses(listing));
    let differs = found.lines().zip(expected.lines()).find(|(a, b)| a != b);
    assert_eq!(differs, None, "{name}");
    assert_eq!(found.len(), expected.len(), "{name}");
}

#[test]
fn a_recorded_listing() {
    check(
        "features.pyc",
        include_bytes!("../data/listing/features.pyc"),
        include_str!("../data/listing/features.txt"),
    );
}

/// The order of a set's items depends on their hashes, with PYTHONHASHSEED=0.
#[test]
fn a_recorded_listing_of_sets() {
    check(
        "sets.pyc",
        include_bytes!("../data/listing/sets.pyc"),
        include_str!("../data/listing/sets.txt"),
    );
}

#[test]
fn the_real_python_agrees() {
    let Some(python) = std::env::var_os("MMM_PYTHON39") else {
        println!("skipped: MMM_PYTHON39 does not name a Python 3.9");
        return;
    };
    let mut child = Command::new(python)
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/data/listings.py"
        ))
        .env("PYTHONHASHSEED", "0")
        .stdout(Stdio::piped())
        .spawn()
        .expect("MMM_PYTHON39 can be run");
    let mut from = std::io::BufReader::new(child.stdout.take().expect("it is piped"));
    let mut count = 0;
    while let Some(name) = string(&mut from) {
        let pyc = string(&mut from).expect("a module");
        let listing = String::from_utf8(string(&mut from).expect("a listing")).expect("it is text");
        check(&String::from_utf8_lossy(&name), &pyc, &listing);
        count += 1;
    }
    assert!(child.wait().expect("it ends").success());
    println!("{count} modules have the listing of Python");
    assert!(count > 500);
}
