//! The marshal format and `.pyc` files, compared with what CPython 3.9 made of the same bytes.

use std::path::PathBuf;
use vm_base::ColorChoice;
use vm_py_code::marshal;
use vm_py_code::object::{Object, Pool};
use vm_py_code::pyc::{HEADER_BYTES, Header, Pyc};
use vm_py_text::repr::repr;

fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

fn fixtures() -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(data("../../../text/tests/data/listing")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "pyc"))
        .map(|path| (path.display().to_string(), std::fs::read(&path).unwrap()))
        .collect();
    found.sort();
    assert!(found.len() >= 2);
    found
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks_exact(2);
    let byte = |pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.map(byte).collect()
}

/// Returns the bytes of hexadecimal text, in which `a*3+b` is `a` three times and `b`.
fn bytes_of(text: &str) -> Vec<u8> {
    let Some((start, rest)) = text.split_once('*') else {
        return from_hex(text);
    };
    let (times, end) = rest.split_once('+').unwrap();
    let mut bytes = from_hex(start).repeat(times.parse().unwrap());
    bytes.extend(from_hex(end));
    bytes
}

/// Returns the text as Python's `unicode_escape` encodes it.
fn escaped(text: &str) -> String {
    let one = |c: char| match c {
        '\\' => "\\\\".to_owned(),
        ' '..='~' => c.to_string(),
        '\u{80}'..='\u{ff}' => format!("\\x{:02x}", u32::from(c)),
        '\u{100}'..='\u{ffff}' => format!("\\u{:04x}", u32::from(c)),
        _ => format!("\\U{:08x}", u32::from(c)),
    };
    text.chars().map(one).collect()
}

#[test]
fn bytes_are_read_as_python_reads_them() {
    let recorded = std::fs::read_to_string(data("marshal.txt")).unwrap();
    for line in recorded.lines() {
        let (hex, expected) = line.split_once('\t').unwrap();
        let bytes = bytes_of(hex);
        let found = marshal::read("x", &bytes, 0);
        let shown = match &found {
            Err(_) => "!".to_owned(),
            Ok(_) if expected == "deep" || expected == "with code" => expected.to_owned(),
            Ok(found) => match found.pool.get(found.root) {
                Object::Code(code) => {
                    format!(
                        "code {}",
                        found.pool.str(code.name).unwrap().as_str().unwrap()
                    )
                }
                _ => escaped(&repr(&found.pool, found.root)),
            },
        };
        let expected = if expected.starts_with('!') {
            "!"
        } else {
            expected
        };
        assert_eq!(shown, expected, "{line}: {found:?}");
        if let Ok(found) = found {
            stable(&found.pool, found.root);
        }
    }
}

/// Checks that an object is read and written again as the same bytes.
fn stable(pool: &Pool, root: vm_py_code::object::Id) {
    let once = marshal::write(pool, root);
    let again = marshal::read("x", &once, 0).unwrap();
    assert_eq!(again.end, once.len());
    assert_eq!(marshal::write(&again.pool, again.root), once);
}

#[test]
fn files_come_back_byte_for_byte() {
    for (name, bytes) in fixtures() {
        let pyc = Pyc::read(&name, &bytes).unwrap();
        assert_eq!(pyc.write(), bytes, "{name}");
    }
}

#[test]
fn a_file_that_is_cut_short_is_refused() {
    for (name, bytes) in fixtures() {
        for end in 0..bytes.len() {
            let refused = Pyc::read(&name, &bytes[..end]).unwrap_err();
            assert!(refused.diagnostics()[0].place.is_some(), "{end}");
        }
        let mut longer = bytes.clone();
        longer.extend(b"more");
        assert_eq!(Pyc::read(&name, &longer).unwrap().write(), bytes);
    }
}

#[test]
fn a_changed_byte_does_no_harm() {
    for (name, bytes) in fixtures() {
        for at in (HEADER_BYTES..bytes.len()).step_by(2) {
            for change in [0x80, 0xff] {
                let mut bytes = bytes.clone();
                bytes[at] ^= change;
                if let Ok(pyc) = Pyc::read(&name, &bytes) {
                    stable(&pyc.pool, pyc.code);
                }
            }
        }
    }
}

#[track_caller]
fn header(flags: u32, rest: [u8; 8], expected: Header) {
    let mut bytes = vec![0x61, 0x0d, 0x0d, 0x0a];
    bytes.extend(flags.to_le_bytes());
    bytes.extend(rest);
    let found = Header::read("x", &bytes).unwrap();
    assert_eq!(found, expected);
    if flags != 2 {
        assert_eq!(found.write()[..], bytes[..]);
    }
}

#[test]
fn headers() {
    let time = Header::Timestamp {
        mtime: 0x0403_0201,
        size: 0x0807_0605,
    };
    header(0, [1, 2, 3, 4, 5, 6, 7, 8], time);
    header(2, [1, 2, 3, 4, 5, 6, 7, 8], time);
    let hash = [1, 2, 3, 4, 5, 6, 7, 8];
    for (flags, checked) in [(1, false), (3, true)] {
        header(flags, hash, Header::Hash { checked, hash });
    }
}

#[track_caller]
fn refused(bytes: &[u8], shown: &str) {
    let found = Pyc::read("x.pyc", bytes).unwrap_err();
    assert_eq!(found.diagnostics()[0].render(ColorChoice::Never), shown);
}

#[test]
fn errors_show_their_place() {
    refused(
        b"\x6f\x0d\x0d\x0a\0\0\0\0",
        "error: this .pyc file is of Python 3.10, not of Python 3.9\n   \
         --> x.pyc, byte 0 (0x0)\n    |\n0x0 | 6f 0d 0d 0a 00 00 00 00\n    | ^^^^^^^^^^^ magic number\n    \
         = help: compile it again with Python 3.9, whose magic number is 3425\n",
    );
    refused(
        b"import sys\n",
        "error: this is not a .pyc file: it does not begin with a magic number\n   \
         --> x.pyc, byte 0 (0x0)\n    |\n0x0 | 69 6d 70 6f 72 74 20 73 79 73 0a\n    | ^^^^^^^^^^^ magic number\n    \
         = help: a .pyc file of CPython 3.9 begins with 61 0d 0d 0a\n",
    );
    refused(
        b"\x61\x0d\x0d\x0a\x04\0\0\0\0\0\0\0\0\0\0\0",
        "error: the flags of the header are 0x4: only bits 0 and 1 are defined\n   \
         --> x.pyc, byte 4 (0x4)\n    |\n0x4 | 61 0d 0d 0a 04 00 00 00 00 00 00 00 00 00 00 00\n    |             ^^^^^^^^^^^ flags\n    \
         = help: 0 is a timestamp, 1 an unchecked hash, 3 a checked hash\n",
    );
    refused(
        b"\x61\x0d\x0d\x0a\0\0\0\0\0\0\0\0\0\0\0\0(\xff\xff\xff\x7f",
        "error: the file ends inside the tuple, which needs 2147483647 more bytes; 0 are left\n    \
         --> x.pyc, byte 21 (0x15)\n     |\n0x15 | ff ff ff 7f (end of file)\n     |             ^^^^^^^^^^^^^ tuple\n     \
         = help: the file is cut short, or a count before this place is too large\n",
    );
    refused(
        b"\x61\x0d\x0d\x0a\0\0\0\0\0\0\0\0\0\0\0\0N",
        "error: the file must contain a code object, and contains None\n    \
         --> x.pyc, byte 16 (0x10)\n     |\n0x10 | 00 00 00 00 4e\n     |             ^^ not a code object\n",
    );
}
