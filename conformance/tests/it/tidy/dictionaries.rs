//! The fuzz dictionaries are made from the tables of the code.

use super::check_file;
use std::collections::BTreeSet;

#[test]
fn the_fuzz_dictionaries_have_every_instruction() {
    let words = vm::mmm::insn::TABLE.iter().map(|info| info.example());
    let words = words.chain([
        "function main".to_owned(),
        "end".to_owned(),
        "#! file lib.mmm".to_owned(),
    ]);
    let dictionary: String = words
        .map(|word| format!("\"{}\\x0a\"\n", word.replace('"', "\\\"")))
        .collect();
    check_file("fuzz/mmm.dict", &dictionary);
    check_file("fuzz/sc.dict", &sc_dictionary());
    let words: String = vm::py::text::line_words()
        .map(|word| format!("\"{word} \"\n"))
        .collect();
    check_file("fuzz/py.dict", &words);
}

/// Returns the dictionary of `.sc` files: bytes of the binary form and words of the text form.
fn sc_dictionary() -> String {
    use vm::sc::insn::{CONSTANTS, INSNS, MAGIC, OPERATORS, PUSHES, SECTION_END};
    let entry = |bytes: &[u8]| {
        let escaped: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
        format!("\"{escaped}\"\n")
    };
    let operators = OPERATORS.iter().map(|operator| &operator.row);
    let rows = INSNS.iter().chain(&PUSHES).chain(operators);
    let rows = rows.chain(&CONSTANTS).map(|row| row.bytes);
    let mut binary: BTreeSet<Vec<u8>> = rows.map(<[u8]>::to_vec).collect();
    binary.insert(MAGIC.to_vec());
    binary.insert(SECTION_END.to_vec());
    // Small counts and indices, and the least and the largest Int.
    binary
        .extend([1_u64, 4, 5, i64::MAX as u64, i64::MIN as u64].map(|n| n.to_le_bytes().to_vec()));
    let symbols = OPERATORS.iter().map(|operator| operator.symbol);
    let lines = [
        "pass\n",
        "for i = 0 to 3\n",
        "while ",
        "end\n",
        "proceed\n",
        "stop\n",
        "goto ",
        "label ",
        "nil",
        "true",
        "print(",
        "str(",
        "len(",
        "type(",
        "int(",
        "float(",
        " = ",
    ];
    let text: BTreeSet<Vec<u8>> = symbols
        .chain(lines)
        .map(|word| word.as_bytes().to_vec())
        .collect();
    binary
        .iter()
        .chain(&text)
        .map(|bytes| entry(bytes))
        .collect()
}
