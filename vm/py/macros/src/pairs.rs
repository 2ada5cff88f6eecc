//! Code objects as lists of pairs: an instruction and its argument, as text.
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
//! // The argument becomes 'b'.
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

use super::rewrite::loosen;
use vm_base::{Diagnostic, LoadError};
use vm_py_text::unit::Unit;
use vm_py_text::{parse, print_object, word_pairs};

/// A line of a code object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// An instruction in any case, or another word of the text form, such as `LABEL`.
    pub word: String,
    /// The operand, as in a text; it may be empty.
    pub argument: String,
}

impl Pair {
    /// Returns a pair.
    pub fn new(word: impl Into<String>, argument: impl Into<String>) -> Pair {
        Pair {
            word: word.into(),
            argument: argument.into(),
        }
    }

    /// Returns true if the word is `word`, in any case.
    pub fn is(&self, word: &str) -> bool {
        self.word.eq_ignore_ascii_case(word)
    }
}

/// Returns the pairs of the object with this label, from its `DEFINE` to its `END`, without the
/// properties that the assembler computes.
///
/// Returns `None` if there is no such object, or if it jumps to offsets, which a change would move.
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

/// Replaces the object with this label by the objects that the pairs define: one, several or none.
///
/// # Errors
///
/// Returns an error if the pairs are not the lines of a text; pair 0 is line 1.
pub fn put_together(unit: &mut Unit, label: &str, pairs: &[Pair]) -> Result<(), LoadError> {
    let mut text = String::new();
    for pair in pairs {
        // Each pair is one line.
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
    // The new objects are first in the text; they move to the place of the old one.
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

/// Changes the pairs of the object with this label.
///
/// # Errors
///
/// Returns an error if there is no such object, if it jumps to offsets, or if the changed pairs are
/// not the lines of a text.
pub fn edit(
    unit: &mut Unit,
    label: &str,
    change: impl FnOnce(&mut Vec<Pair>),
) -> Result<(), LoadError> {
    let Some(mut pairs) = take_apart(unit, label) else {
        let message = match unit.object(label) {
            Some(_) => format!("'{label}' jumps to offsets, which a change would move"),
            None => format!("there is no code object '{label}'"),
        };
        return Err(Diagnostic::error(message).into());
    };
    change(&mut pairs);
    put_together(unit, label, &pairs)
}
