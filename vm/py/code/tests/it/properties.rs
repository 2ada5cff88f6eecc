//! Properties of code and line tables, on random ones.

use proptest::prelude::*;
use vm_py_code::{lnotab, wordcode};

proptest! {
    #[test]
    fn decoded_code_is_written_as_the_same_bytes(code in proptest::collection::vec(prop_oneof![Just(144u8), any::<u8>()], 0..40)) {
        let mut back = Vec::new();
        for item in wordcode::decode(&code) {
            match item {
                Ok(insn) => insn.write(&mut back),
                Err(oddity) => oddity.write(&mut back),
            }
        }
        prop_assert_eq!(back, code);
    }

    #[test]
    fn a_decoded_line_table_is_encoded_as_the_same_bytes(
        table in proptest::collection::vec(prop::sample::select(&[0u8, 1, 2, 126, 127, 128, 129, 254, 255][..]), 0..24),
        first in any::<i32>(),
    ) {
        let changes = lnotab::changes(&table, first);
        prop_assert_eq!(&lnotab::encode(&changes, first).unwrap()[..], &table[..table.len() & !1]);
        // Both functions that read a table agree.
        for change in &changes {
            let last = changes.iter().rfind(|other| other.offset == change.offset).unwrap();
            prop_assert_eq!(lnotab::line_at(&table, first, change.offset), last.line);
        }
    }

    #[test]
    fn encoded_line_changes_are_decoded_and_encoded_again(steps in proptest::collection::vec((0u64..1000, -1000i64..1000), 0..20)) {
        let mut place = lnotab::Change { offset: 0, line: 1 };
        let changes: Vec<_> = steps
            .into_iter()
            .map(|(offset, line)| {
                place.offset += offset;
                place.line += line;
                place
            })
            .collect();
        let table = lnotab::encode(&changes, 1).unwrap();
        prop_assert_eq!(lnotab::encode(&lnotab::changes(&table, 1), 1).unwrap(), table);
    }
}
