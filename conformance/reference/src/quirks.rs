//! Mistakes that an implementer could make, which a reference makes when asked.
//!
//! A quirk violates one clause of the specification. It is there to be found: by the corpus alone,
//! and by a campaign.

pub(super) mod mmm;
pub(super) mod sc;

use mmm_case::Machine;
use std::sync::LazyLock;

/// A mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quirk {
    /// The machine whose reference can make it.
    pub machine: Machine,
    /// What it is called, such as `ret-takes-newest`.
    pub name: String,
    /// The clause that it violates.
    pub clause: &'static str,
    /// What a machine with this mistake does.
    pub what: &'static str,
    /// Why a campaign of generated programs cannot find it, if so.
    pub corpus_only: Option<&'static str>,
    pub(super) which: Which,
}

/// A mistake in the words of its machine's reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Mmm(mmm::Quirk),
    Sc(sc::Quirk),
}

/// The quirks of a machine, in the order of its specification.
pub fn of(machine: Machine) -> &'static [Quirk] {
    static MMM: LazyLock<Vec<Quirk>> = LazyLock::new(mmm::table);
    static SC: LazyLock<Vec<Quirk>> = LazyLock::new(sc::table);
    match machine {
        Machine::Mmm => &MMM,
        Machine::Sc => &SC,
        Machine::Py => &[],
    }
}

/// Makes an enum of quirks and the table of them. Behind a quirk's clause and words may stand why
/// a campaign cannot find it.
macro_rules! quirks {
    ($machine:ident: $($name:ident $clause:literal $what:literal $(($why:literal))?;)*) => {
        /// The quirks of this machine.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Quirk {
            $(#[doc = $what] $name,)*
        }

        /// What is known of each of them.
        pub(super) fn table() -> Vec<super::Quirk> {
            vec![$(super::Quirk {
                machine: mmm_case::Machine::$machine,
                name: super::dashed(stringify!($name)),
                clause: $clause,
                what: $what,
                corpus_only: None$(.or(Some($why)))?,
                which: super::Which::$machine(Quirk::$name),
            },)*]
        }
    };
}
use quirks;

/// `RetTakesNewest` as `ret-takes-newest`.
fn dashed(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}
