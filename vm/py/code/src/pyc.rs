//! A `.pyc` file: a header of 16 bytes, and a marshalled code object.

use super::marshal;
use super::object::{Id, Pool};
use std::ops::Range;
use vm_base::{Diagnostic, Place};

/// The first four bytes of a file of CPython 3.9.
pub const MAGIC: [u8; 4] = [0x61, 0x0d, 0x0d, 0x0a];

/// Where the code object begins.
pub const HEADER_BYTES: usize = 16;

/// How CPython finds out whether the file is still that of its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Header {
    /// By the source's time of change and size, each modulo 2^32.
    Timestamp {
        /// Seconds since 1970.
        mtime: u32,
        /// Bytes.
        size: u32,
    },
    /// By a hash of the source, if it looks at all.
    Hash {
        /// Whether it looks.
        checked: bool,
        /// SipHash-1-3 of the source, keyed by the magic number.
        hash: [u8; 8],
    },
}

/// A file.
#[derive(Clone, Debug)]
pub struct Pyc {
    /// What precedes the code.
    pub header: Header,
    /// The objects.
    pub pool: Pool,
    /// The module's code object, among them.
    pub code: Id,
    /// Where each object lies in the file that was read, by id; empty for one that was made.
    pub offsets: Vec<u32>,
}

impl Pyc {
    /// Reads a file. What follows the code object is ignored, as CPython does.
    ///
    /// What is refused: another magic number, flags that CPython's importer refuses, and all that
    /// [`marshal::read`] refuses; an object that is no code object.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Pyc, Box<Diagnostic>> {
        let header = Header::read(name, bytes)?;
        let found = marshal::read(name, bytes, HEADER_BYTES)?;
        if found.pool.code(found.root).is_none() {
            let kind = found.pool.get(found.root).kind();
            let message = format!("the file holds no code object, but {kind}");
            return Err(wrong(name, bytes, 16..17, message, "not a code object"));
        }
        Ok(Pyc {
            header,
            pool: found.pool,
            code: found.root,
            offsets: found.offsets,
        })
    }

    /// The file's bytes.
    pub fn write(&self) -> Vec<u8> {
        let mut out = self.header.write().to_vec();
        out.extend(marshal::write(&self.pool, self.code));
        out
    }
}

impl Header {
    /// Reads the first 16 bytes of a file.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Header, Box<Diagnostic>> {
        if !bytes.starts_with(&MAGIC) {
            return Err(other_magic(name, bytes));
        }
        let Some((header, _)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
            let message = format!(
                "the file ends inside the header: 16 bytes are needed and {} are there",
                bytes.len()
            );
            let end = bytes.len();
            return Err(wrong(name, bytes, end..end, message, "header"));
        };
        let word = |at: usize| {
            u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
        };
        match word(4) {
            // Bit 1 says something of hashes only.
            0b00 | 0b10 => Ok(Header::Timestamp {
                mtime: word(8),
                size: word(12),
            }),
            flags @ (0b01 | 0b11) => {
                let mut hash = [0; 8];
                hash.copy_from_slice(&header[8..]);
                Ok(Header::Hash {
                    checked: flags & 0b10 != 0,
                    hash,
                })
            }
            flags => {
                let message =
                    format!("the header's flags are {flags:#x}: only bits 0 and 1 mean anything");
                let found = *wrong(name, bytes, 4..8, message, "flags");
                Err(Box::new(found.help(
                    "0 is a timestamp, 1 a hash that is not checked, 3 a hash that is",
                )))
            }
        }
    }

    /// The 16 bytes.
    pub fn write(&self) -> [u8; HEADER_BYTES] {
        let (flags, rest) = match *self {
            Header::Timestamp { mtime, size } => (0u32, u64::from(size) << 32 | u64::from(mtime)),
            Header::Hash { checked, hash } => {
                (if checked { 0b11 } else { 0b01 }, u64::from_le_bytes(hash))
            }
        };
        let mut out = [0; HEADER_BYTES];
        out[..4].copy_from_slice(&MAGIC);
        out[4..8].copy_from_slice(&flags.to_le_bytes());
        out[8..].copy_from_slice(&rest.to_le_bytes());
        out
    }
}

fn wrong(
    name: &str,
    bytes: &[u8],
    range: Range<usize>,
    message: impl Into<String>,
    label: &str,
) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(message).at(Place::in_bytes(name, bytes, range, label)))
}

/// Magic numbers, and the CPython that had them: first number, last number, version.
const MAGICS: [(u16, u16, &str); 21] = [
    (3000, 3131, "3.0"),
    (3140, 3151, "3.1"),
    (3160, 3180, "3.2"),
    (3190, 3230, "3.3"),
    (3250, 3310, "3.4"),
    (3320, 3351, "3.5"),
    (3360, 3379, "3.6"),
    (3390, 3399, "3.7"),
    (3400, 3419, "3.8"),
    (3420, 3424, "3.9 (before its release)"),
    (3430, 3449, "3.10"),
    (3450, 3499, "3.11"),
    (3500, 3549, "3.12"),
    (3550, 3599, "3.13"),
    (3600, 3649, "3.14"),
    (62011, 62021, "2.3"),
    (62041, 62061, "2.4"),
    (62071, 62131, "2.5"),
    (62151, 62161, "2.6"),
    (62171, 62211, "2.7"),
    (50823, 50824, "2.0"),
];

#[cold]
fn other_magic(name: &str, bytes: &[u8]) -> Box<Diagnostic> {
    let shown = 0..bytes.len().min(4);
    let [low, high, b'\r', b'\n', ..] = *bytes else {
        let message = "this is not a .pyc file: it does not begin with a magic number";
        let found = *wrong(name, bytes, shown, message, "magic number");
        return Box::new(found.help("a .pyc file of CPython 3.9 begins with 61 0d 0d 0a"));
    };
    let magic = u16::from_le_bytes([low, high]);
    let row = MAGICS
        .iter()
        .find(|&&(first, last, _)| (first..=last).contains(&magic));
    let message = match row {
        Some((.., version)) => format!("this .pyc file is of Python {version}, not of 3.9"),
        None => format!("this .pyc file is of another Python: its magic number is {magic}"),
    };
    let found = *wrong(name, bytes, shown, message, "magic number");
    Box::new(found.help("compile it again with Python 3.9, whose magic number is 3425"))
}
