//! What is recorded of a case: what was seen of its run, its listing, what a person was told.

use crate::engine::Observation;

/// The record of a case, kept as a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What was seen of its run; this is what a stranger's machine is held to.
    pub seen: Observation,
    /// The canonical text of what was loaded.
    pub listing: String,
    /// What a person was told; its wording is this project's own.
    pub diagnostics: String,
    /// The bytes of a binary entry, in hexadecimal.
    pub bytes: String,
}

const LISTING: &str = "\n=== listing\n";
const DIAGNOSTICS: &str = "\n=== diagnostics\n";
const BYTES: &str = "\n=== bytes\n";

impl Record {
    /// The text of a snapshot.
    pub fn to_text(&self) -> String {
        let mut text = self.seen.to_text();
        let parts = [
            (LISTING, &self.listing),
            (DIAGNOSTICS, &self.diagnostics),
            (BYTES, &self.bytes),
        ];
        for (head, part) in parts {
            if !part.is_empty() {
                text.push_str(head);
                text.push_str(&part.replace('\r', "␍"));
            }
        }
        text
    }
}

/// The observation in the text of a snapshot; `None` if there is none.
pub fn recorded(text: &str) -> Option<Observation> {
    let end = [LISTING, DIAGNOSTICS, BYTES]
        .iter()
        .filter_map(|head| text.find(head))
        .min();
    Observation::from_text(&text[..end.unwrap_or(text.len())])
}

/// Bytes in hexadecimal, sixteen a line, with their offsets and what is text of them.
pub fn hexadecimal(bytes: &[u8]) -> String {
    let mut out = String::new();
    for (row, bytes) in bytes.chunks(16).enumerate() {
        let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let text: String = bytes
            .iter()
            .map(|&byte| match byte {
                b' '..=b'~' => char::from(byte),
                _ => '.',
            })
            .collect();
        out.push_str(&format!(
            "{:04x}  {:<47}  {text}\n",
            row * 16,
            pairs.join(" ")
        ));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Ending;

    #[test]
    fn the_observation_is_read_back_out_of_a_record() {
        let mut record = Record {
            seen: Observation {
                output: b"=== listing\n\n=== diagnostics".to_vec(),
                ..Observation::of(Ending::Returned)
            },
            listing: "function main\nend\n".to_owned(),
            diagnostics: String::new(),
            bytes: hexadecimal(b"=== bytes\n"),
        };
        assert_eq!(recorded(&record.to_text()).as_ref(), Some(&record.seen));
        record.listing.clear();
        record.diagnostics = "error: x\n".to_owned();
        assert_eq!(recorded(&record.to_text()), Some(record.seen));
    }
}
