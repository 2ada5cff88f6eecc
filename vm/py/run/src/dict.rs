//! Hash tables that keep the order of insertion.

use crate::value::Value;

/// An entry; its key is unset once it was removed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) hash: i64,
    pub(crate) key: Value,
    pub(crate) value: Value,
}

/// A dict's table. It does not compare keys: its caller does, for that may run Python code.
#[derive(Debug, Default)]
pub(crate) struct Dict {
    entries: Vec<Entry>,
    /// One more than an index into `entries`; 0 is free, and a removed entry keeps its place.
    table: Vec<u32>,
    used: usize,
    /// Changes whenever a key is added or removed.
    pub(crate) version: u32,
}

/// Few entries are searched one after another.
const FEW: usize = 8;

impl Dict {
    pub(crate) fn len(&self) -> usize {
        self.used
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the entries that were not removed.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Entry> + '_ {
        self.entries.iter().filter(|entry| !entry.key.is_unset())
    }

    pub(crate) fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>() + self.table.capacity() * 4
    }

    /// Returns the entries whose hash is `hash`, one after another. `state` is where the search
    /// stands, [`Probe::new`] at first.
    #[inline]
    pub(crate) fn probe(&self, hash: i64, state: &mut Probe) -> Option<usize> {
        if self.table.is_empty() {
            while let Some(entry) = self.entries.get(state.at) {
                state.at += 1;
                if entry.hash == hash && !entry.key.is_unset() {
                    return Some(state.at - 1);
                }
            }
            return None;
        }
        let mask = self.table.len() - 1;
        if !state.begun {
            state.begun = true;
            state.perturb = hash as u64;
            state.at = hash as usize & mask;
        }
        loop {
            let found = self.table[state.at & mask];
            if found == 0 {
                return None;
            }
            state.perturb >>= 5;
            state.at = (state.at & mask)
                .wrapping_mul(5)
                .wrapping_add(1)
                .wrapping_add(state.perturb as usize);
            let at = found as usize - 1;
            let entry = &self.entries[at];
            if entry.hash == hash && !entry.key.is_unset() {
                return Some(at);
            }
        }
    }

    /// Adds an entry whose key is not there yet.
    pub(crate) fn push(&mut self, hash: i64, key: Value, value: Value) {
        self.version = self.version.wrapping_add(1);
        if self.entries.len() >= self.room() {
            self.rebuild();
        }
        self.entries.push(Entry { hash, key, value });
        self.used += 1;
        if !self.table.is_empty() {
            self.link(self.entries.len() - 1);
        }
    }

    fn room(&self) -> usize {
        match self.table.len() {
            0 => FEW,
            size => size * 2 / 3,
        }
    }

    fn link(&mut self, index: usize) {
        let mask = self.table.len() - 1;
        let hash = self.entries[index].hash;
        let mut perturb = hash as u64;
        let mut at = hash as usize & mask;
        while self.table[at] != 0 {
            perturb >>= 5;
            at = at
                .wrapping_mul(5)
                .wrapping_add(1)
                .wrapping_add(perturb as usize)
                & mask;
        }
        self.table[at] = index as u32 + 1;
    }

    /// Drops removed entries, and makes room for more.
    fn rebuild(&mut self) {
        if self.used < self.entries.len() {
            self.entries.retain(|entry| !entry.key.is_unset());
        }
        if self.used < FEW {
            self.table = Vec::new();
            return;
        }
        let size = (self.used * 3).next_power_of_two().max(16);
        self.table.clear();
        self.table.resize(size, 0);
        self.entries.reserve(size * 2 / 3 - self.used);
        (0..self.entries.len()).for_each(|index| self.link(index));
    }

    /// Replaces the value of an entry, and returns the old one.
    #[inline]
    pub(crate) fn replace(&mut self, at: usize, value: Value) -> Value {
        std::mem::replace(&mut self.entries[at].value, value)
    }

    /// Removes an entry.
    pub(crate) fn remove(&mut self, at: usize) -> Entry {
        self.version = self.version.wrapping_add(1);
        let entry = self.entries[at];
        self.entries[at].key = Value::Unset;
        self.entries[at].value = Value::Unset;
        self.used -= 1;
        if at + 1 == self.entries.len() && self.table.is_empty() {
            self.entries.pop();
        }
        entry
    }

    /// Takes all entries out.
    pub(crate) fn take(&mut self) -> Vec<Entry> {
        self.version = self.version.wrapping_add(1);
        self.used = 0;
        self.table = Vec::new();
        std::mem::take(&mut self.entries)
    }

    /// Copies the table without removed entries.
    pub(crate) fn copy(&self) -> Dict {
        let mut new = Dict::default();
        for entry in self.iter() {
            new.push(entry.hash, entry.key, entry.value);
        }
        new
    }
}

/// Where a search stands.
#[derive(Clone, Copy)]
pub(crate) struct Probe {
    at: usize,
    perturb: u64,
    begun: bool,
}

impl Probe {
    pub(crate) fn new() -> Probe {
        Probe {
            at: 0,
            perturb: 0,
            begun: false,
        }
    }
}
