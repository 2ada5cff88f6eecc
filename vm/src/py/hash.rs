//! Python's hashes and the order of its sets.
//!
//! A set shows its items in the order of a table that their hashes fill. Python mixes a random
//! number into the hashes of strings and bytes; here it is 0, as with `PYTHONHASHSEED=0`.

use super::object::{Id, Object, Pool, Str};
use num_bigint::{BigInt, Sign};
use std::collections::{HashMap, HashSet};

/// The hash of `None`. It is where `None` lies in memory, so that each build of Python has its own;
/// this is Debian's 3.9.2 for x86-64, which loads at a fixed address.
const NONE: i64 = 591726;

/// The same of `Ellipsis`.
const ELLIPSIS: i64 = 587132;

/// Hashes of numbers are remainders by this prime.
const PRIME: u64 = (1 << 61) - 1;

/// The items of a set in the order in which Python 3.9 iterates over it, when they were added in
/// the order that is given; equal ones once. `None` if an item has no hash that can be known: a
/// list, a code object.
pub fn set_order(pool: &Pool, items: &[Id]) -> Option<Vec<Id>> {
    let mut hashes = Hashes::default();
    let mut set = Table::new(pool);
    for &item in items {
        set.add(item, hashes.of(pool, item)?)?;
    }
    Some(set.slots.into_iter().flatten().map(|slot| slot.0).collect())
}

/// The table of a set: open addressing, a run of neighbours before each jump.
struct Table<'a> {
    pool: &'a Pool,
    slots: Vec<Option<(Id, i64)>>,
    used: usize,
    /// How many more slots it may look at: items can be chosen that all collide.
    patience: usize,
}

impl<'a> Table<'a> {
    const NEIGHBOURS: usize = 9;

    fn new(pool: &'a Pool) -> Table<'a> {
        Table {
            pool,
            slots: vec![None; 8],
            used: 0,
            patience: 1 << 26,
        }
    }

    /// Adds an item if no equal one is there; `None` when patience is lost.
    fn add(&mut self, item: Id, hash: i64) -> Option<()> {
        let free = self.find(hash, |pool, other| equal(pool, item, other))?;
        let Some(at) = free else {
            return Some(());
        };
        self.slots[at] = Some((item, hash));
        self.used += 1;
        if self.used * 5 < (self.slots.len() - 1) * 3 {
            return Some(());
        }
        let least = self.used * if self.used > 50_000 { 2 } else { 4 };
        let size = (least + 1).next_power_of_two().max(8);
        let old = std::mem::replace(&mut self.slots, vec![None; size]);
        for slot in old.into_iter().flatten() {
            let free = self.find(slot.1, |_, _| false)?;
            self.slots[free?] = Some(slot);
        }
        Some(())
    }

    /// The slot for an item with that hash, or none if one that is `same` has it.
    #[allow(clippy::option_option, reason = "outer: patience; inner: a slot")]
    fn find(&mut self, hash: i64, same: impl Fn(&Pool, Id) -> bool) -> Option<Option<usize>> {
        let mask = self.slots.len() - 1;
        let mut perturb = hash as u64;
        let mut at = perturb as usize & mask;
        loop {
            let last = if at + Self::NEIGHBOURS <= mask {
                at + Self::NEIGHBOURS
            } else {
                at
            };
            for at in at..=last {
                self.patience = self.patience.checked_sub(1)?;
                match self.slots[at] {
                    None => return Some(Some(at)),
                    Some((other, found)) if found == hash && same(self.pool, other) => {
                        return Some(None);
                    }
                    Some(_) => {}
                }
            }
            perturb >>= 5;
            at = at
                .wrapping_mul(5)
                .wrapping_add(1)
                .wrapping_add(perturb as usize)
                & mask;
        }
    }
}

/// Hashes by object, so that one that occurs often is hashed once.
#[derive(Default)]
struct Hashes(HashMap<Id, i64>);

impl Hashes {
    /// The hash of an object, items of tuples and frozensets first.
    fn of(&mut self, pool: &Pool, id: Id) -> Option<i64> {
        let mut path = vec![(id, 0)];
        // What can be hashed holds no list, and so never itself.
        while let Some((id, next)) = path.pop() {
            if self.0.contains_key(&id) {
                continue;
            }
            let items = match pool.get(id) {
                Object::Tuple(items) | Object::FrozenSet(items) => &items[..],
                other => {
                    self.0.insert(id, leaf(other)?);
                    continue;
                }
            };
            if let Some(&item) = items.get(next) {
                path.push((id, next + 1));
                path.push((item, 0));
                continue;
            }
            let hashes = items.iter().map(|item| self.0[item] as u64);
            let hash = match pool.get(id) {
                Object::Tuple(_) => tuple(hashes),
                _ => frozenset(pool, items, hashes),
            };
            self.0.insert(id, hash);
        }
        self.0.get(&id).copied()
    }
}

fn leaf(object: &Object) -> Option<i64> {
    Some(match object {
        Object::Bool(value) => i64::from(*value),
        Object::Int(value) => signed(value.unsigned_abs() % PRIME, *value < 0),
        Object::Long(value) => long(value),
        Object::Float(value) => float(*value),
        Object::Complex(real, imaginary) => {
            let imaginary = (float(*imaginary) as u64).wrapping_mul(1_000_003);
            valid((float(*real) as u64).wrapping_add(imaginary) as i64)
        }
        Object::Bytes(bytes) => bytes_hash(bytes),
        Object::Str(text) => bytes_hash(&stored(text)),
        Object::None => NONE,
        Object::Ellipsis => ELLIPSIS,
        Object::StopIteration
        | Object::Tuple(_)
        | Object::List(_)
        | Object::Dict(_)
        | Object::Set(_)
        | Object::FrozenSet(_)
        | Object::Code(_) => return None,
    })
}

/// -1 says that there is no hash; -2 takes its place.
fn valid(hash: i64) -> i64 {
    if hash == -1 { -2 } else { hash }
}

fn signed(size: u64, negative: bool) -> i64 {
    valid(if negative {
        -(size as i64)
    } else {
        size as i64
    })
}

fn long(value: &BigInt) -> i64 {
    let size = value.magnitude() % PRIME;
    let size = size.iter_u64_digits().next().unwrap_or(0);
    signed(size, value.sign() == Sign::Minus)
}

fn float(value: f64) -> i64 {
    if value.is_nan() {
        return 0;
    }
    let negative = value.is_sign_negative();
    if value.is_infinite() {
        return signed(314_159, negative);
    }
    let bits = value.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i64;
    let digits = bits & ((1 << 52) - 1);
    let (digits, exponent) = match exponent {
        0 => (digits, -1074),
        _ => (digits | 1 << 52, exponent - 1075),
    };
    // A power of two modulo the prime turns the 61 bits round.
    let turn = exponent.rem_euclid(61);
    let turned = (digits << turn & PRIME) | (u128::from(digits) << turn >> 61) as u64;
    signed(turned % PRIME, negative)
}

fn tuple(hashes: impl ExactSizeIterator<Item = u64>) -> i64 {
    const FIRST: u64 = 11_400_714_785_074_694_791;
    const SECOND: u64 = 14_029_467_366_897_019_727;
    const FIFTH: u64 = 2_870_177_450_012_600_261;
    let count = hashes.len() as u64;
    let sum = hashes.fold(FIFTH, |sum, hash| {
        sum.wrapping_add(hash.wrapping_mul(SECOND))
            .rotate_left(31)
            .wrapping_mul(FIRST)
    });
    match sum.wrapping_add(count ^ (FIFTH ^ 3_527_539)) as i64 {
        -1 => 1_546_275_796,
        hash => hash,
    }
}

fn frozenset(pool: &Pool, items: &[Id], hashes: impl Iterator<Item = u64>) -> i64 {
    let shuffle = |hash: u64| ((hash ^ 89_869_747) ^ (hash << 16)).wrapping_mul(3_644_798_167);
    let mut seen: HashMap<u64, Vec<Id>> = HashMap::new();
    let (mut sum, mut count) = (0, 0u64);
    for (&item, hash) in items.iter().zip(hashes) {
        let others = seen.entry(hash).or_default();
        // A crowd of one hash is somebody's joke; equal items in it may count twice.
        if others
            .iter()
            .take(64)
            .any(|&other| equal(pool, item, other))
        {
            continue;
        }
        others.push(item);
        sum ^= shuffle(hash);
        count += 1;
    }
    sum ^= (count + 1).wrapping_mul(1_927_868_237);
    sum ^= (sum >> 11) ^ (sum >> 25);
    match sum.wrapping_mul(69_069).wrapping_add(907_133_923) as i64 {
        -1 => 590_923_713,
        hash => hash,
    }
}

/// A string as Python holds it: one, two or four bytes for each code point, by the largest.
fn stored(text: &Str) -> Vec<u8> {
    let most = text.code_points().max().unwrap_or(0);
    match most {
        0..0x100 => text.code_points().map(|point| point as u8).collect(),
        0x100..0x1_0000 => text
            .code_points()
            .flat_map(|point| (point as u16).to_le_bytes())
            .collect(),
        _ => text.code_points().flat_map(u32::to_le_bytes).collect(),
    }
}

/// SipHash-2-4 with a key of noughts.
fn bytes_hash(bytes: &[u8]) -> i64 {
    if bytes.is_empty() {
        return 0;
    }
    let mut v: [u64; 4] = [
        0x736f_6d65_7073_6575,
        0x646f_7261_6e64_6f6d,
        0x6c79_6765_6e65_7261,
        0x7465_6462_7974_6573,
    ];
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = (bytes.len() as u64) << 56;
    for (at, &byte) in rest.iter().enumerate() {
        last |= u64::from(byte) << (8 * at);
    }
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    for word in words.chain([last]) {
        v[3] ^= word;
        mix(&mut v, 2);
        v[0] ^= word;
    }
    v[2] ^= 0xff;
    mix(&mut v, 4);
    valid((v[0] ^ v[1] ^ v[2] ^ v[3]) as i64)
}

fn mix(v: &mut [u64; 4], rounds: u32) {
    for _ in 0..rounds {
        v[0] = v[0].wrapping_add(v[1]);
        v[2] = v[2].wrapping_add(v[3]);
        v[1] = v[1].rotate_left(13) ^ v[0];
        v[3] = v[3].rotate_left(16) ^ v[2];
        v[0] = v[0].rotate_left(32);
        v[2] = v[2].wrapping_add(v[1]);
        v[0] = v[0].wrapping_add(v[3]);
        v[1] = v[1].rotate_left(17) ^ v[2];
        v[3] = v[3].rotate_left(21) ^ v[0];
        v[2] = v[2].rotate_left(32);
    }
}

/// Whether Python would call two objects with one hash equal.
fn equal(pool: &Pool, left: Id, right: Id) -> bool {
    let mut todo = vec![(left, right)];
    let mut done = HashSet::new();
    while let Some((left, right)) = todo.pop() {
        if left == right || !done.insert((left, right)) {
            continue;
        }
        let same = match (pool.get(left), pool.get(right)) {
            (Object::Tuple(a), Object::Tuple(b)) => {
                todo.extend(a.iter().copied().zip(b.iter().copied()));
                a.len() == b.len()
            }
            // Two sets with one hash and as many items; Python would look at each.
            (Object::FrozenSet(a), Object::FrozenSet(b)) => a.len() == b.len(),
            (Object::Str(a), Object::Str(b)) => a.bytes == b.bytes,
            (Object::Bytes(a), Object::Bytes(b)) => a == b,
            (Object::None, Object::None) | (Object::Ellipsis, Object::Ellipsis) => true,
            (a, b) => match (number(a), number(b)) {
                (Some(a), Some(b)) => a == b,
                _ => false,
            },
        };
        if !same {
            return false;
        }
    }
    true
}

/// A number's parts, whole ones exactly.
#[derive(PartialEq)]
enum Number {
    Whole(BigInt),
    Other(f64, f64),
}

fn number(object: &Object) -> Option<Number> {
    let of_float = |value: f64| match num_bigint_of(value) {
        Some(whole) => Number::Whole(whole),
        None => Number::Other(value, 0.0),
    };
    Some(match object {
        Object::Bool(value) => Number::Whole(BigInt::from(u8::from(*value))),
        Object::Int(value) => Number::Whole(BigInt::from(*value)),
        Object::Long(value) => Number::Whole((**value).clone()),
        Object::Float(value) => of_float(*value),
        Object::Complex(real, imaginary) if *imaginary == 0.0 => of_float(*real),
        Object::Complex(real, imaginary) => Number::Other(*real, *imaginary),
        Object::None
        | Object::Ellipsis
        | Object::StopIteration
        | Object::Bytes(_)
        | Object::Str(_)
        | Object::Tuple(_)
        | Object::List(_)
        | Object::Dict(_)
        | Object::Set(_)
        | Object::FrozenSet(_)
        | Object::Code(_) => return None,
    })
}

/// A float without a fraction as an integer.
fn num_bigint_of(value: f64) -> Option<BigInt> {
    if !value.is_finite() || value.fract() != 0.0 {
        return None;
    }
    if value.abs() < 9e15 {
        return Some(BigInt::from(value as i64));
    }
    let bits = value.to_bits();
    let digits = BigInt::from(bits & ((1 << 52) - 1) | 1 << 52);
    let size = digits << ((bits >> 52 & 0x7ff) - 1075);
    Some(if value < 0.0 { -size } else { size })
}
