//! Dicts and sets: finding keys, which may run Python code.

use crate::dict::Probe;
use crate::object::Obj;
use crate::text::Text;
use crate::value::{R, Raise, Ref, Value};
use crate::vm::Vm;

impl Vm {
    /// Finds a string among a dict's keys.
    #[inline]
    pub(crate) fn dict_get_str(&self, dict: Value, name: Value) -> Option<Value> {
        let dict = self.as_dict(dict)?;
        let hash = self.as_str(name)?.hash();
        self.find_str(dict, hash, name)
            .map(|at| dict.entries()[at].value)
    }

    /// Sets a string's value in a dict.
    pub(crate) fn dict_set_str(&mut self, dict: Value, name: Value, value: Value) {
        let Some(hash) = self.as_str(name).map(Text::hash) else {
            return;
        };
        let Some(table) = self.as_dict(dict) else {
            return;
        };
        let found = self.find_str(table, hash, name);
        self.dict_put(dict, found, hash, name, value);
    }

    fn dict_mut(&mut self, dict: Value) -> Option<&mut crate::dict::Dict> {
        match self.heap.get_mut(dict.obj()?) {
            Obj::Dict(dict) => Some(dict),
            _ => None,
        }
    }

    /// Replaces the value of an entry, or adds one.
    fn dict_put(&mut self, dict: Value, found: Option<usize>, hash: i64, key: Value, value: Value) {
        self.heap.inc(value);
        match found {
            Some(at) => {
                let old = self
                    .dict_mut(dict)
                    .map_or(Value::Unset, |table| table.replace(at, value));
                self.heap.dec(old);
            }
            None => {
                self.heap.inc(key);
                let Some(table) = self.dict_mut(dict) else {
                    return;
                };
                let before = table.bytes();
                table.push(hash, key, value);
                let after = table.bytes();
                if after > before {
                    self.heap.charge(after - before);
                } else {
                    self.heap.refund(before - after);
                }
            }
        }
    }

    /// Finds a key in a dict.
    pub(crate) fn dict_find(&mut self, dict: Value, hash: i64, key: Value) -> R<Option<usize>> {
        'again: loop {
            let mut state = Probe::new();
            loop {
                let Some(table) = self.as_dict(dict) else {
                    return Ok(None);
                };
                let version = table.version;
                let Some(at) = table.probe(hash, &mut state) else {
                    return Ok(None);
                };
                let found = table.entries()[at].key;
                if found.is(key) {
                    return Ok(Some(at));
                }
                if let Some(equal) = self.quick_equal(found, key) {
                    if equal {
                        return Ok(Some(at));
                    }
                    continue;
                }
                self.heap.inc(found);
                let equal = self.equal(found, key);
                self.heap.dec(found);
                let equal = equal?;
                // The comparison may have changed the dict.
                let same = self.as_dict(dict).is_some_and(|table| {
                    table.version == version
                        && table
                            .entries()
                            .get(at)
                            .is_some_and(|entry| entry.key.is(found))
                });
                if !same {
                    continue 'again;
                }
                if equal {
                    return Ok(Some(at));
                }
            }
        }
    }

    /// `dict.get(key)`.
    pub(crate) fn dict_get(&mut self, dict: Value, key: Value) -> R<Option<Value>> {
        let hash = self.hash(key)?;
        let found = self.dict_find(dict, hash, key)?;
        Ok(found.and_then(|at| self.as_dict(dict).map(|table| table.entries()[at].value)))
    }

    /// `dict[key] = value`.
    pub(crate) fn dict_set(&mut self, dict: Value, key: Value, value: Value) -> R<()> {
        let hash = self.hash(key)?;
        let found = self.dict_find(dict, hash, key)?;
        self.dict_put(dict, found, hash, key, value);
        Ok(())
    }

    /// Removes a key; returns its value, which carries no count any more.
    pub(crate) fn dict_remove(&mut self, dict: Value, key: Value) -> R<Option<Value>> {
        let hash = self.hash(key)?;
        let Some(at) = self.dict_find(dict, hash, key)? else {
            return Ok(None);
        };
        Ok(self.dict_remove_at(dict, at).map(|(_, value)| value))
    }

    /// Removes an entry; returns its key and value, which carry no count any more.
    pub(crate) fn dict_remove_at(&mut self, dict: Value, at: usize) -> Option<(Value, Value)> {
        let entry = self.dict_mut(dict)?.remove(at);
        self.heap.dec(entry.key);
        self.heap.dec(entry.value);
        Some((entry.key, entry.value))
    }

    /// Removes all entries.
    pub(crate) fn dict_clear(&mut self, dict: Value) {
        let Some(table) = self.dict_mut(dict) else {
            return;
        };
        let before = table.bytes();
        let entries = table.take();
        let after = table.bytes();
        self.heap.refund(before.saturating_sub(after));
        for entry in entries.iter().filter(|entry| !entry.key.is_unset()) {
            self.heap.dec(entry.key);
            self.heap.dec(entry.value);
        }
    }

    /// Returns the entries of a dict.
    pub(crate) fn dict_pairs(&self, dict: Value) -> Vec<(Value, Value)> {
        self.as_dict(dict).map_or(Vec::new(), |dict| {
            dict.iter().map(|entry| (entry.key, entry.value)).collect()
        })
    }

    pub(crate) fn as_set(&self, value: Value) -> Option<&crate::set::Set> {
        match self.obj(value) {
            Obj::Set(set) => Some(set),
            _ => None,
        }
    }

    pub(crate) fn set_mut(&mut self, set: Value) -> Option<&mut crate::set::Set> {
        match self.heap.get_mut(set.obj()?) {
            Obj::Set(set) => Some(set),
            _ => None,
        }
    }

    /// Finds an item in a set, or `Err` with the slot where it belongs.
    pub(crate) fn set_find(
        &mut self,
        set: Value,
        hash: i64,
        key: Value,
    ) -> R<Result<usize, usize>> {
        'again: loop {
            let mut state = crate::set::Probe::new();
            loop {
                let Some(table) = self.as_set(set) else {
                    return Ok(Err(0));
                };
                let version = table.version;
                let at = match table.probe(hash, &mut state) {
                    Ok(at) => at,
                    Err(at) => return Ok(Err(at)),
                };
                let found = table.slots()[at].key;
                if found.is(key) {
                    return Ok(Ok(at));
                }
                if let Some(equal) = self.quick_equal(found, key) {
                    if equal {
                        return Ok(Ok(at));
                    }
                    continue;
                }
                self.heap.inc(found);
                let equal = self.equal(found, key);
                self.heap.dec(found);
                let equal = equal?;
                if self
                    .as_set(set)
                    .is_none_or(|table| table.version != version)
                {
                    continue 'again;
                }
                if equal {
                    return Ok(Ok(at));
                }
            }
        }
    }

    /// Adds an item to a set.
    pub(crate) fn set_add(&mut self, set: Value, key: Value) -> R<bool> {
        let hash = self.hash(key)?;
        self.set_add_hashed(set, hash, key)
    }

    pub(crate) fn set_add_hashed(&mut self, set: Value, hash: i64, key: Value) -> R<bool> {
        let Err(at) = self.set_find(set, hash, key)? else {
            return Ok(false);
        };
        self.heap.inc(key);
        if let Some(table) = self.set_mut(set) {
            let before = table.bytes();
            table.add_at(at, hash, key);
            let grown = table.bytes().saturating_sub(before);
            self.heap.charge(grown);
        }
        Ok(true)
    }

    pub(crate) fn set_contains(&mut self, set: Value, key: Value) -> R<bool> {
        let hash = self.hash(key)?;
        Ok(self.set_find(set, hash, key)?.is_ok())
    }

    pub(crate) fn set_discard(&mut self, set: Value, key: Value) -> R<bool> {
        let hash = self.hash(key)?;
        let Ok(at) = self.set_find(set, hash, key)? else {
            return Ok(false);
        };
        let old = self
            .set_mut(set)
            .map_or(Value::Unset, |table| table.remove(at));
        self.heap.dec(old);
        Ok(true)
    }

    /// Makes a set, or a frozenset, of items.
    pub(crate) fn set_of(&mut self, items: &[Value], frozen: bool) -> R {
        let class = if frozen {
            self.types.frozenset
        } else {
            self.types.set
        };
        let set = self.new_obj(class, Obj::Set(Box::default()));
        for &item in items {
            self.set_add(set, item)?;
        }
        Ok(set)
    }

    /// Returns items and hashes of a set.
    pub(crate) fn set_items(&self, set: Value) -> Vec<(Value, i64)> {
        self.as_set(set).map_or(Vec::new(), |set| {
            set.iter().map(|slot| (slot.key, slot.hash)).collect()
        })
    }

    /// `hash(value)`.
    #[inline]
    pub(crate) fn hash(&mut self, value: Value) -> R<i64> {
        match value {
            Value::Int(value) => return Ok(crate::hash::int(value)),
            Value::Obj(handle) if self.heap.class(handle) == self.types.str => {
                if let Obj::Str(text) = self.heap.get(handle) {
                    return Ok(text.hash());
                }
            }
            _ => {}
        }
        self.hash_slow(value)
    }

    fn hash_slow(&mut self, value: Value) -> R<i64> {
        let hash = self.names.hash;
        match self.special(value, hash) {
            None | Some(Value::None) => {
                let kind = self.type_name(value);
                Err(self.type_error(format!("unhashable type: '{kind}'")))
            }
            Some(method) => {
                let result = self.call_bound(method, value, &[])?;
                match crate::types::int::to_big(self, result) {
                    Some(big) => Ok(match i64::try_from(&big) {
                        Ok(-1) => -2,
                        Ok(hash) => hash,
                        Err(_) => crate::hash::big(&big),
                    }),
                    None => Err(self.type_error("__hash__ method should return an integer")),
                }
            }
        }
    }

    /// The hash of an object by its identity.
    pub(crate) fn identity_hash(&self, value: Value) -> i64 {
        let address = self.id(value);
        (address >> 4) | (address & 15) << 60
    }

    /// `id(value)`.
    pub(crate) fn id(&self, value: Value) -> i64 {
        const BASE: i64 = 0x7f00_0000_0000;
        match value {
            Value::Obj(handle) => BASE + i64::from(handle.at) * 64,
            Value::None => 0x90_7760,
            Value::Ellipsis => 0x8f_57c0,
            Value::NotImplemented => 0x90_7770,
            Value::True => 0x90_7780,
            Value::False => 0x90_77a0,
            Value::Int(value) => 0x95_0000_i64.wrapping_add(value.wrapping_mul(32)),
            Value::Float(value) => value.to_bits() as i64 & 0x7fff_ffff_ffff_fff0,
            Value::Unset => 0,
        }
    }

    /// Raises KeyError, with the key as its argument.
    pub(crate) fn missing_key(&mut self, key: Value) -> Raise {
        self.key_error(key)
    }

    pub(crate) fn dict_ref(value: Value) -> Ref {
        value.obj().unwrap_or(Ref {
            at: 0,
            generation: 0,
        })
    }
}
