//! Random programs: turns a finite supply of atoms into a valid case.
//!
//! An [`Atom`] decides one step of a program. A generator lowers the atoms one by one, and gives each
//! a meaning that is valid at its place. So without one of its atoms, a program is the same program
//! without that step; an atom of zero is the plainest step; and anything that supplies atoms (a seed,
//! a fuzzer's bytes, a property test that shrinks) makes programs.
//!
//! ```
//! use conformance::generate::{Aim, Entropy, generator};
//! use conformance::machine::Machine;
//!
//! let generator = generator(Machine::Mmm).expect("there is one for mmm");
//! let generated = (generator.generate)(Entropy::seeded(7, 0), Aim::Fault("overflow"));
//! let expected = generated.expected.expect("the ending is known");
//! assert_eq!(expected.fault, Some("overflow"));
//! ```

mod container;
mod entropy;
pub mod mmm;
pub mod py;
pub mod sc;

pub use container::{case_from_text, text_from_case};
pub use entropy::{Atom, Entropy};

use crate::case::Case;
use crate::engine::Ending;
use crate::machine::Machine;
use entropy::{Dice, splitmix};

/// The intended ending of a generated program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// The atoms decide.
    Any,
    /// The program returns.
    Return,
    /// The program ends with this fault or limit. A code that the generator does not know is the same
    /// as [`Aim::Return`].
    Fault(&'static str),
    /// The program is refused.
    Refused,
    /// The ending is unknown.
    Wild,
}

impl Aim {
    /// Returns the name of the aim; `None` for [`Aim::Any`].
    pub fn name(self) -> Option<&'static str> {
        match self {
            Aim::Any => None,
            Aim::Return => Some("return"),
            Aim::Fault(code) => Some(code),
            Aim::Refused => Some("refused"),
            Aim::Wild => Some("wild"),
        }
    }

    /// Returns the aim of a name, if the generator knows it.
    pub fn from_name(generator: &Generator, name: Option<&str>) -> Option<Aim> {
        let codes = generator.faults.iter().map(|code| Aim::Fault(code));
        let all = [Aim::Any, Aim::Return, Aim::Refused, Aim::Wild].into_iter();
        all.chain(codes).find(|aim| aim.name() == name)
    }

    /// Returns the names of all aims of a generator, except for [`Aim::Any`].
    pub fn names(generator: &Generator) -> Vec<&'static str> {
        let others = ["return", "refused", "wild"];
        generator.faults.iter().copied().chain(others).collect()
    }
}

/// A generated program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The program.
    pub case: Case,
    /// How the program ends, if that is known by construction.
    pub expected: Option<Expected>,
    /// The words of the generator's vocabulary in the program, each as often as it occurs.
    pub words: Vec<u16>,
}

/// How a program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The ending.
    pub ending: Ending,
    /// The code of the fault or limit.
    pub fault: Option<&'static str>,
}

/// The generator of a machine's programs.
#[derive(Clone, Copy, Debug)]
pub struct Generator {
    /// Makes a program.
    pub generate: fn(Entropy, Aim) -> Generated,
    /// Returns the vocabulary: mnemonics first, then operands at boundaries.
    pub words: fn() -> Vec<String>,
    /// The number of words that are mnemonics.
    pub mnemonics: usize,
    /// The words whose output has a layout that only this project defines.
    pub unportable: &'static [u16],
    /// The codes of the faults and limits that it can aim at.
    pub faults: &'static [&'static str],
}

/// Returns the generator of a machine, if there is one.
pub fn generator(machine: Machine) -> Option<&'static Generator> {
    match machine {
        Machine::Mmm => Some(&mmm::GENERATOR),
        Machine::Sc => Some(&sc::GENERATOR),
        Machine::Py => Some(&py::GENERATOR),
    }
}
