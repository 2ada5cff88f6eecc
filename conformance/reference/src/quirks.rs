//! Quirks: mistakes that an implementer could make, and that a reference makes on request.
//!
//! Each quirk violates one clause of the specification. Mutation testing of the suite runs the
//! reference with each of them: the corpus must detect every quirk, and so must a campaign of
//! generated programs, except for those with [`Quirk::corpus_only`].
//!
//! ```
//! use mmm_case::{Case, Machine};
//! use mmm_reference::{Query, query, quirks, run};
//!
//! let text = "function main\n    int 1\n    int 2\n    ret\nend\n";
//! let case = Case::single(Machine::Mmm, "main.mmm", text);
//! assert_eq!(run(&case).observation.fault.as_deref(), Some("stack-size"));
//!
//! let all = quirks::of(Machine::Mmm);
//! let quirk = all.iter().find(|quirk| quirk.name == "ret-takes-newest");
//! let asked = Query {
//!     quirk,
//!     ..Query::default()
//! };
//! let mistaken = query(&case, &asked).run.observation;
//! assert_eq!(mistaken.value.as_deref(), Some("2"));
//! ```

pub(crate) mod mmm;
pub(crate) mod sc;

use mmm_case::Machine;
use std::sync::LazyLock;

/// A mistake that a reference can make.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quirk {
    /// The machine whose reference can make it.
    pub machine: Machine,
    /// Its name, such as `ret-takes-newest`.
    pub name: String,
    /// The id of the clause that it violates.
    pub clause: &'static str,
    /// What a machine with this mistake does, as a sentence without its subject.
    pub description: &'static str,
    /// Why a campaign of generated programs cannot find it; `None` if it can.
    pub corpus_only: Option<&'static str>,
    pub(crate) id: Id,
}

/// A quirk as the reference of its machine knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Id {
    Mmm(mmm::Quirk),
    Sc(sc::Quirk),
}

/// Returns the quirks of a machine, in the order of its specification.
pub fn of(machine: Machine) -> &'static [Quirk] {
    static MMM: LazyLock<Vec<Quirk>> = LazyLock::new(mmm::table);
    static SC: LazyLock<Vec<Quirk>> = LazyLock::new(sc::table);
    match machine {
        Machine::Mmm => &MMM,
        Machine::Sc => &SC,
        Machine::Py => &[],
    }
}

/// Defines the enum of a machine's quirks and the table of them, from rows of a name, a clause and
/// a description. A row may end with the reason why a campaign cannot find the quirk.
macro_rules! quirks {
    ($machine:ident: $($name:ident $clause:literal $description:literal $(($reason:literal))?;)*) => {
        /// The quirks of this machine.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Quirk {
            $(#[doc = $description] $name,)*
        }

        /// Returns the description of each quirk, in the order of the specification.
        pub(super) fn table() -> Vec<super::Quirk> {
            vec![$(super::Quirk {
                machine: mmm_case::Machine::$machine,
                name: super::kebab_case(stringify!($name)),
                clause: $clause,
                description: $description,
                corpus_only: None$(.or(Some($reason)))?,
                id: super::Id::$machine(Quirk::$name),
            },)*]
        }
    };
}
use quirks;

/// Returns `RetTakesNewest` as `ret-takes-newest`.
fn kebab_case(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}
