//! A code object as a list of pairs: an instruction and its argument, as text.
//!
//! ```
//! use vm_py_macros::pairs::{Pair, edit};
//! use vm_py_text::{assemble_unit, parse};
//! let mut unit = parse("a.cpyasm", "\
//! DEFINE main
//!     LOAD_NAME print
//!     LOAD_CONST 'a'
//!     CALL_FUNCTION 1
//!     RETURN_VALUE
//! END
//! ").unwrap();
//! // Whatever is loaded to be called is called with 'b'.
//! edit(&mut unit, "main", |pairs| {
//!     for pair in pairs.iter_mut().filter(|pair| pair.is("load_const")) {
//!         pair.argument = "'b'".into();
//!     }
//!     let at = pairs.iter().position(|pair| pair.is("return_value")).unwrap();
//!     pairs.insert(at, Pair::new("jump_forward", "end"));
//!     pairs.insert(at + 1, Pair::new("LABEL", "end"));
//! })
//! .unwrap();
//! let pyc = assemble_unit(&unit, "a.cpyasm").unwrap();
//! # let mut listing = String::new();
//! # vm_py_text::cpython_dis::write(&pyc.pool, pyc.code, &mut listing).unwrap();
//! # assert!(listing.contains("('b')") && listing.contains("JUMP_FORWARD"));
//! ```

use super::edit::loosen;
use vm_base::Diagnostic;
use vm_py_text::unit::Unit;
use vm_py_text::{parse, print_object, word_pairs};

/// A line of a code object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// An instruction in any case, or a word of the assembler's: `DEFINE`, `ADD_ARG`, `LABEL`,
    /// `LINE`, `END` and others.
    pub word: String,
    /// What stands behind it, as in a text; may be empty.
    pub argument: String,
}

impl Pair {
    /// A pair.
    pub fn new(word: impl Into<String>, argument: impl Into<String>) -> Pair {
        Pair {
            word: word.into(),
            argument: argument.into(),
        }
    }

    /// Whether it is that instruction or word, in whatever case.
    pub fn is(&self, word: &str) -> bool {
        self.word.eq_ignore_ascii_case(word)
    }
}

/// The pairs of the object of that label, from its `DEFINE` to its `END`; none if there is no such
/// object, or if it jumps to offsets, which a change would belie. What the assembler finds anew (stack size, line table, places of constants and names) is
/// left out.
pub fn take_apart(unit: &Unit, label: &str) -> Option<Vec<Pair>> {
    let mut unit = Unit {
        objects: vec![unit.object(label)?.clone()],
        pool: unit.pool.clone(),
        ..Unit::default()
    };
    loosen(&mut unit, 0).ok()?;
    let mut text = String::new();
    print_object(&unit, &unit.objects[0], &mut text);
    let pairs = word_pairs(&text).map(|(word, operand)| Pair::new(word, operand));
    Some(pairs.collect())
}

/// Puts pairs in the place of the object of that label. They may define more objects than one, or
/// none.
///
/// What is wrong is told with the lines that the pairs are, the first being line 1.
pub fn put_together(unit: &mut Unit, label: &str, pairs: &[Pair]) -> Result<(), Vec<Diagnostic>> {
    let mut text = String::new();
    for pair in pairs {
        // A line has no more than one pair.
        let argument = pair.argument.replace('\n', " ");
        text.push_str(format!("{} {argument}", pair.word.trim()).trim_end());
        text.push('\n');
    }
    for object in &unit.objects {
        if object.label != label {
            print_object(unit, object, &mut text);
        }
    }
    let changed = parse(label, &text)?;
    // The new objects come first in the text; they belong where the old one was.
    let others = unit
        .objects
        .iter()
        .filter(|object| object.label != label)
        .count();
    let mut objects = changed.objects;
    let behind = objects.split_off(objects.len() - others.min(objects.len()));
    let place = unit.objects.iter().position(|object| object.label == label);
    let place = place.unwrap_or(behind.len());
    let mut all = behind;
    all.splice(place..place, objects);
    unit.objects = all;
    unit.pool = changed.pool;
    unit.share.edits.clear();
    Ok(())
}

/// Takes an object apart, has its pairs changed, and puts it together again.
pub fn edit(
    unit: &mut Unit,
    label: &str,
    change: impl FnOnce(&mut Vec<Pair>),
) -> Result<(), Vec<Diagnostic>> {
    let Some(mut pairs) = take_apart(unit, label) else {
        let message = match unit.object(label) {
            Some(_) => format!("'{label}' jumps to offsets, which would be others"),
            None => format!("there is no code object '{label}'"),
        };
        return Err(vec![Diagnostic::error(message)]);
    };
    change(&mut pairs);
    put_together(unit, label, &pairs)
}
