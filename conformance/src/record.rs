//! The record of a case: what was observed of its run, its listing, and its diagnostics.

use crate::engine::Observation;

/// The record of a case, which is kept as a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What was observed of the run. Other VMs are compared with this.
    pub seen: Observation,
    /// The canonical text of the loaded program; empty if it does not load.
    pub listing: String,
    /// The diagnostics. Their wording is this project's own.
    pub diagnostics: String,
    /// The bytes of a binary entry in hexadecimal; empty for a text.
    pub bytes: String,
}

const LISTING: &str = "\n=== listing\n";
const DIAGNOSTICS: &str = "\n=== diagnostics\n";
const BYTES: &str = "\n=== bytes\n";

impl Record {
    /// Returns the text of the snapshot.
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

/// Returns the observation in the text of a snapshot; `None` if there is none.
pub fn recorded(text: &str) -> Option<Observation> {
    let end = [LISTING, DIAGNOSTICS, BYTES]
        .iter()
        .filter_map(|head| text.find(head))
        .min();
    Observation::from_text(&text[..end.unwrap_or(text.len())])
}

/// Returns bytes in hexadecimal, sixteen a line, with their offsets and the ASCII characters.
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
    fn the_observation_of_a_record_is_parsed_back() {
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
