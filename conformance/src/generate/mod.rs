//! Random programs: a finite supply of atoms becomes a valid case.
//!
//! An [`Atom`] decides one step of a program, and a generator lowers the atoms one by one, giving
//! each whatever meaning is valid at its place. So a program with an atom taken out is the same
//! program without that step, an atom of zero is the plainest step, and whatever hands out atoms
//! (a seed, a fuzzer's bytes, a property test that shrinks) makes programs.

pub mod mmm;
pub mod mutate;
pub mod py;
pub mod sc;

use crate::case::Case;
use crate::engine::Ending;
use crate::machine::Machine;

/// A finite supply of atoms.
#[derive(Clone, Debug)]
pub struct Entropy<'a> {
    source: Source<'a>,
}

#[derive(Clone, Debug)]
enum Source<'a> {
    Bytes(&'a [u8]),
    Atoms(&'a [u64]),
    Seeded { state: u64, left: u64 },
}

impl<'a> Entropy<'a> {
    /// Eight bytes an atom; zeros fill up the last.
    pub fn from_bytes(bytes: &'a [u8]) -> Entropy<'a> {
        Entropy {
            source: Source::Bytes(bytes),
        }
    }

    /// These atoms.
    pub fn from_atoms(atoms: &'a [u64]) -> Entropy<'a> {
        Entropy {
            source: Source::Atoms(atoms),
        }
    }

    /// The supply for program `number` of `seed`: the same on every machine and for ever.
    pub fn seeded(seed: u64, number: u64) -> Entropy<'static> {
        let mut state = splitmix(&mut seed.wrapping_mul(0x2545_f491_4f6c_dd1d).wrapping_add(1));
        state ^= splitmix(&mut number.wrapping_add(0x632b_e5ab));
        let left = 10 + splitmix(&mut state) % 15;
        Entropy {
            source: Source::Seeded { state, left },
        }
    }

    /// The next atom, if there is one.
    pub fn atom(&mut self) -> Option<Atom> {
        match &mut self.source {
            Source::Bytes(bytes) => {
                let (head, rest) = bytes.split_at(bytes.len().min(8));
                let mut atom = [0; 8];
                atom[..head.len()].copy_from_slice(head);
                *bytes = rest;
                (!head.is_empty()).then_some(Atom(u64::from_le_bytes(atom)))
            }
            Source::Atoms(atoms) => {
                let (&first, rest) = atoms.split_first()?;
                *atoms = rest;
                Some(Atom(first))
            }
            Source::Seeded { state, left } => {
                *left = left.checked_sub(1)?;
                Some(Atom(splitmix(state)))
            }
        }
    }
}

/// Steps a SplitMix64 generator.
fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// What one step of a program is made from: a number whose digits, each to a base of the asker's
/// choice, are the choices. When they are used up, all further ones are zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Atom(u64);

impl Atom {
    /// A choice among `0..n`.
    pub fn below(&mut self, n: usize) -> usize {
        if n < 2 {
            return 0;
        }
        let choice = self.0 % n as u64;
        self.0 /= n as u64;
        choice as usize
    }

    /// True once in `n` times, and never for an atom that is used up.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) + 1 == n
    }

    /// One of these; the first for an atom that is used up.
    pub fn pick<T: Copy>(&mut self, among: &[T]) -> T {
        among[self.below(among.len())]
    }

    /// What is left of it, as the seed of choices that do not matter much.
    pub fn rest(self) -> u64 {
        self.0
    }
}

/// Choices from an atom, and more of them when it is used up; zeros from an atom of zero.
#[derive(Clone, Copy, Default)]
struct Dice {
    atom: Atom,
    state: u64,
    left: u32,
}

impl Dice {
    fn new(atom: Atom) -> Dice {
        Dice {
            atom,
            state: atom.rest(),
            left: 12,
        }
    }

    /// The same with more of them.
    fn long(atom: Atom) -> Dice {
        Dice {
            left: 48,
            ..Dice::new(atom)
        }
    }

    fn below(&mut self, n: usize) -> usize {
        if self.atom.rest() == 0 && self.state != 0 && self.left > 0 {
            self.left -= 1;
            self.atom = Atom(splitmix(&mut self.state));
        }
        self.atom.below(n)
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) + 1 == n
    }

    fn word(&mut self) -> u64 {
        match self.state {
            0 => 0,
            _ => splitmix(&mut self.state),
        }
    }
}

/// What a generated program is to end in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// Whatever the atoms say.
    Any,
    /// It returns.
    Return,
    /// The fault or limit of this code. One that the generator does not know is as
    /// [`Aim::Return`].
    Fault(&'static str),
    /// It is refused.
    Refused,
    /// Nobody knows beforehand.
    Wild,
}

impl Aim {
    /// Its name, where it is not [`Aim::Any`].
    pub fn name(self) -> Option<&'static str> {
        match self {
            Aim::Any => None,
            Aim::Return => Some("return"),
            Aim::Fault(code) => Some(code),
            Aim::Refused => Some("refused"),
            Aim::Wild => Some("wild"),
        }
    }

    /// The aim of that name, if the generator knows it.
    pub fn from_name(generator: &Generator, name: Option<&str>) -> Option<Aim> {
        let codes = generator.faults.iter().map(|code| Aim::Fault(code));
        let all = [Aim::Any, Aim::Return, Aim::Refused, Aim::Wild].into_iter();
        all.chain(codes).find(|aim| aim.name() == name)
    }

    /// The names there are for a generator's programs.
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
    /// How it ends, where that is known by construction.
    pub expected: Option<Expected>,
    /// The words of the generator's vocabulary that it is made of, as often as they occur.
    pub words: Vec<u16>,
}

/// How a program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Its ending.
    pub ending: Ending,
    /// The code of its fault or limit.
    pub fault: Option<&'static str>,
}

/// What generates the programs of a machine.
#[derive(Clone, Copy, Debug)]
pub struct Generator {
    /// Makes a program.
    pub generate: fn(Entropy, Aim) -> Generated,
    /// Its vocabulary: mnemonics first, then operands at boundaries.
    pub words: fn() -> Vec<String>,
    /// How many of the words are mnemonics.
    pub mnemonics: usize,
    /// The words whose output has a layout of this project's own.
    pub unportable: &'static [u16],
    /// The faults and limits it can be told to aim at.
    pub faults: &'static [&'static str],
}

/// The generator for a machine, if there is one.
pub fn generator(machine: Machine) -> Option<&'static Generator> {
    match machine {
        Machine::Mmm => Some(&mmm::GENERATOR),
        Machine::Sc => Some(&sc::GENERATOR),
        Machine::Py => Some(&py::GENERATOR),
    }
}

#[cfg(test)]
mod tests {
    use super::{Atom, Entropy};

    #[test]
    fn a_seed_gives_the_same_atoms_for_ever() {
        let mut entropy = Entropy::seeded(1, 2);
        let first = [entropy.atom(), entropy.atom()];
        let known = [
            Some(Atom(8_709_982_895_463_254_955)),
            Some(Atom(17_274_462_174_698_993_071)),
        ];
        assert_eq!(first, known);
    }

    #[test]
    fn bytes_and_atoms_are_the_same_supply() {
        let mut bytes = Entropy::from_bytes(&[1, 0, 0, 0, 0, 0, 0, 0, 2]);
        let mut atoms = Entropy::from_atoms(&[1, 2]);
        for _ in 0..3 {
            assert_eq!(bytes.atom(), atoms.atom());
        }
    }

    #[test]
    fn an_atom_is_its_digits() {
        let mut atom = Atom(3 + 10 * 4);
        assert_eq!([atom.below(10), atom.below(5), atom.below(7)], [3, 4, 0]);
    }
}
