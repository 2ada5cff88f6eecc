//! The order in which a set yields its items.

/// The number of slots that one call of [`set_order`] may look at: hashes can be chosen such that
/// all of them collide.
const MAX_PROBES: usize = 1 << 26;

/// The number of neighbours that are tried before each jump.
const NEIGHBOURS: usize = 9;

/// Returns the order in which CPython 3.9 iterates over a set whose items were added in the order
/// of `hashes`.
///
/// The result has the indices of the items. `equal` says whether the items of two indices, whose
/// hashes are the same, are equal; of equal items only the first is in the set. Returns `None` if
/// the hashes collide so often that the order is too expensive to find.
///
/// ```
/// use vm_py_data::set_order;
///
/// // {8, 1, 9, 1}
/// let items = [8, 1, 9, 1];
/// let order = set_order(&items, |left, right| items[left] == items[right]);
/// assert_eq!(order, Some(vec![0, 1, 2]));
/// ```
pub fn set_order(hashes: &[i64], equal: impl Fn(usize, usize) -> bool) -> Option<Vec<usize>> {
    let mut set = Table {
        hashes,
        slots: vec![EMPTY; 8],
        probes_left: MAX_PROBES,
    };
    let mut used = 0;
    for (item, &hash) in hashes.iter().enumerate() {
        let Probe::Free(at) = set.probe(hash, |other| equal(item, other))? else {
            continue;
        };
        set.slots[at] = item;
        used += 1;
        if used * 5 >= (set.slots.len() - 1) * 3 {
            set.grow(used)?;
        }
    }
    set.slots.retain(|&slot| slot != EMPTY);
    Some(set.slots)
}

/// A slot without an item.
const EMPTY: usize = usize::MAX;

/// A hash table with open addressing that tries a run of neighbours before each jump.
struct Table<'a> {
    hashes: &'a [i64],
    /// The index of an item, or [`EMPTY`].
    slots: Vec<usize>,
    probes_left: usize,
}

enum Probe {
    /// The slot for the item.
    Free(usize),
    /// An equal item is in the table.
    Equal,
}

impl Table<'_> {
    /// Moves the items to a table that has room for more than `used` items.
    fn grow(&mut self, used: usize) -> Option<()> {
        let least = used * if used > 50_000 { 2 } else { 4 };
        let size = (least + 1).next_power_of_two().max(8);
        let old = std::mem::replace(&mut self.slots, vec![EMPTY; size]);
        for item in old.into_iter().filter(|&slot| slot != EMPTY) {
            if let Probe::Free(at) = self.probe(self.hashes[item], |_| false)? {
                self.slots[at] = item;
            }
        }
        Some(())
    }

    /// Finds the slot for an item with this hash; `None` if that takes too many probes.
    fn probe(&mut self, hash: i64, equal: impl Fn(usize) -> bool) -> Option<Probe> {
        let mask = self.slots.len() - 1;
        let mut perturb = hash as u64;
        let mut at = perturb as usize & mask;
        loop {
            let last = if at + NEIGHBOURS <= mask {
                at + NEIGHBOURS
            } else {
                at
            };
            for at in at..=last {
                self.probes_left = self.probes_left.checked_sub(1)?;
                match self.slots[at] {
                    EMPTY => return Some(Probe::Free(at)),
                    other if self.hashes[other] == hash && equal(other) => {
                        return Some(Probe::Equal);
                    }
                    _ => {}
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
