//! Hash tables of sets, whose order is that of CPython 3.9's.

use crate::value::Value;

/// A slot of a set's table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    /// Unset if nothing is there, or nothing any more.
    pub(crate) key: Value,
    /// -1 for a slot whose item was removed.
    pub(crate) hash: i64,
}

const FREE: Slot = Slot {
    key: Value::Unset,
    hash: 0,
};
const REMOVED: Slot = Slot {
    key: Value::Unset,
    hash: -1,
};

/// A set's table. It does not compare items: its caller does, for that may run Python code.
#[derive(Debug)]
pub(crate) struct Set {
    slots: Vec<Slot>,
    /// Slots that are not free.
    fill: usize,
    used: usize,
    /// Where `pop` goes on.
    finger: usize,
    /// Changes whenever an item is added or removed.
    pub(crate) version: u32,
    /// A frozenset's hash, once it was asked for.
    pub(crate) hash: Option<i64>,
}

impl Default for Set {
    fn default() -> Set {
        Set {
            slots: vec![FREE; 8],
            fill: 0,
            used: 0,
            finger: 0,
            version: 0,
            hash: None,
        }
    }
}

const NEIGHBOURS: usize = 9;

impl Set {
    pub(crate) fn len(&self) -> usize {
        self.used
    }

    pub(crate) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Slot> + '_ {
        self.slots.iter().filter(|slot| !slot.key.is_unset())
    }

    pub(crate) fn bytes(&self) -> usize {
        self.slots.capacity() * size_of::<Slot>()
    }

    /// Returns the slots whose item has the hash `hash`, one after another, then `Err` with the
    /// slot where such an item belongs.
    pub(crate) fn probe(&self, hash: i64, state: &mut Probe) -> Result<usize, usize> {
        let mask = self.slots.len() - 1;
        if !state.begun {
            *state = Probe {
                at: hash as usize & mask,
                next: 0,
                perturb: hash as u64,
                begun: true,
            };
        }
        loop {
            let last = if state.at + NEIGHBOURS <= mask {
                NEIGHBOURS
            } else {
                0
            };
            while state.next <= last {
                let at = state.at + state.next;
                state.next += 1;
                let slot = &self.slots[at];
                if slot.key.is_unset() {
                    if slot.hash == 0 {
                        return Err(at);
                    }
                } else if slot.hash == hash {
                    return Ok(at);
                }
            }
            state.perturb >>= 5;
            state.at = state
                .at
                .wrapping_mul(5)
                .wrapping_add(1)
                .wrapping_add(state.perturb as usize)
                & mask;
            state.next = 0;
        }
    }

    /// Adds an item at the slot that [`Set::probe`] gave.
    pub(crate) fn add_at(&mut self, at: usize, hash: i64, key: Value) {
        self.version = self.version.wrapping_add(1);
        self.slots[at] = Slot { key, hash };
        self.fill += 1;
        self.used += 1;
        if self.fill * 5 >= (self.slots.len() - 1) * 3 {
            self.resize(if self.used > 50_000 {
                self.used * 2
            } else {
                self.used * 4
            });
        }
    }

    fn free(&self, hash: i64) -> usize {
        let mut state = Probe::new();
        loop {
            if let Err(at) = self.probe(hash, &mut state) {
                return at;
            }
        }
    }

    pub(crate) fn resize(&mut self, least: usize) {
        let size = (least + 1).next_power_of_two().max(8);
        let old = std::mem::replace(&mut self.slots, vec![FREE; size]);
        for slot in old.into_iter().filter(|slot| !slot.key.is_unset()) {
            let at = self.free(slot.hash);
            self.slots[at] = slot;
        }
        self.fill = self.used;
    }

    pub(crate) fn remove(&mut self, at: usize) -> Value {
        self.version = self.version.wrapping_add(1);
        self.used -= 1;
        std::mem::replace(&mut self.slots[at], REMOVED).key
    }

    /// Removes some item.
    pub(crate) fn pop(&mut self) -> Option<Value> {
        if self.used == 0 {
            return None;
        }
        let mask = self.slots.len() - 1;
        let mut at = self.finger & mask;
        while self.slots[at].key.is_unset() {
            at = (at + 1) & mask;
        }
        let key = self.remove(at);
        self.finger = at + 1;
        Some(key)
    }

    /// Takes all items out.
    pub(crate) fn take(&mut self) -> Vec<Slot> {
        let old = std::mem::take(self);
        self.version = old.version.wrapping_add(1);
        old.slots
    }

    /// Adds all items of another set to this one, as CPython does where it need not compare: into
    /// an empty set of the same size slot by slot, else by hash.
    pub(crate) fn copy_into_empty(&mut self, other: &Set) {
        if (self.fill + other.used) * 5 >= (self.slots.len() - 1) * 3 {
            self.resize((self.used + other.used) * 2);
        }
        self.version = self.version.wrapping_add(1);
        if self.slots.len() == other.slots.len() && other.fill == other.used {
            self.slots.copy_from_slice(&other.slots);
        } else {
            for slot in other.iter() {
                let at = self.free(slot.hash);
                self.slots[at] = *slot;
            }
        }
        self.fill = other.used;
        self.used = other.used;
    }

    /// Makes room as a merge of another set does.
    pub(crate) fn reserve_for(&mut self, other: usize) {
        if (self.fill + other) * 5 >= (self.slots.len() - 1) * 3 {
            self.resize((self.used + other) * 2);
        }
    }

    /// Returns a copy of the table as it is.
    pub(crate) fn same(&self) -> Set {
        Set {
            slots: self.slots.clone(),
            fill: self.fill,
            used: self.used,
            finger: 0,
            version: 0,
            hash: None,
        }
    }

    pub(crate) fn is_virgin(&self) -> bool {
        self.fill == 0
    }
}

/// Where a search stands.
#[derive(Clone, Copy)]
pub(crate) struct Probe {
    at: usize,
    next: usize,
    perturb: u64,
    begun: bool,
}

impl Probe {
    pub(crate) fn new() -> Probe {
        Probe {
            at: 0,
            next: 0,
            perturb: 0,
            begun: false,
        }
    }
}
