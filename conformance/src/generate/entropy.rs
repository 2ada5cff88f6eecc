//! Entropy: a finite supply of atoms, from a seed, from bytes or from numbers, and the choices that an
//! atom makes.

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
    /// Returns the atoms of bytes, eight bytes for each; the last is filled up with zeros.
    pub fn from_bytes(bytes: &'a [u8]) -> Entropy<'a> {
        Entropy {
            source: Source::Bytes(bytes),
        }
    }

    /// Returns a supply of these atoms.
    pub fn from_atoms(atoms: &'a [u64]) -> Entropy<'a> {
        Entropy {
            source: Source::Atoms(atoms),
        }
    }

    /// Returns the supply for program `number` of `seed`. It is the same on every platform, and in
    /// every version.
    pub fn seeded(seed: u64, number: u64) -> Entropy<'static> {
        let mut state = splitmix(&mut seed.wrapping_mul(0x2545_f491_4f6c_dd1d).wrapping_add(1));
        state ^= splitmix(&mut number.wrapping_add(0x632b_e5ab));
        let left = 10 + splitmix(&mut state) % 15;
        Entropy {
            source: Source::Seeded { state, left },
        }
    }

    /// Returns the next atom, if there is one.
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

/// Returns the next number of a SplitMix64 generator.
pub(super) fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number that decides one step of a program. Its digits are the choices, each to a base that the
/// caller names. After the last digit, all choices are zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Atom(pub(super) u64);

impl Atom {
    /// Returns a choice among `0..n`.
    pub fn below(&mut self, n: usize) -> usize {
        if n < 2 {
            return 0;
        }
        let choice = self.0 % n as u64;
        self.0 /= n as u64;
        choice as usize
    }

    /// Returns true once in `n` times, and never for an atom without digits left.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) + 1 == n
    }

    /// Returns one of the choices; the first for an atom without digits left.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// Returns the digits that are left, as a seed for minor choices.
    pub fn rest(self) -> u64 {
        self.0
    }
}

/// Choices from an atom and, when it has no digits left, from a generator that it seeds. All choices
/// of an atom of zero are zero.
#[derive(Clone, Copy, Default)]
pub(super) struct Dice {
    atom: Atom,
    state: u64,
    left: u32,
}

impl Dice {
    /// Returns the choices of an atom, and a few more.
    pub(super) fn new(atom: Atom) -> Dice {
        Dice {
            atom,
            state: atom.rest(),
            left: 12,
        }
    }

    /// Returns the choices of an atom, and many more.
    pub(super) fn long(atom: Atom) -> Dice {
        Dice {
            left: 48,
            ..Dice::new(atom)
        }
    }

    /// Returns a choice among `0..n`.
    pub(super) fn below(&mut self, n: usize) -> usize {
        if self.atom.rest() == 0 && self.state != 0 && self.left > 0 {
            self.left -= 1;
            self.atom = Atom(splitmix(&mut self.state));
        }
        self.atom.below(n)
    }

    /// Returns true once in `n` times, and never if no choices are left.
    pub(super) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) + 1 == n
    }

    /// Returns a random number; 0 for an atom of zero.
    pub(super) fn word(&mut self) -> u64 {
        match self.state {
            0 => 0,
            _ => splitmix(&mut self.state),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Atom, Entropy};

    #[test]
    fn a_seed_gives_the_same_atoms_in_every_version() {
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
    fn the_choices_of_an_atom_are_its_digits() {
        let mut atom = Atom(3 + 10 * 4);
        assert_eq!([atom.below(10), atom.below(5), atom.below(7)], [3, 4, 0]);
    }
}
