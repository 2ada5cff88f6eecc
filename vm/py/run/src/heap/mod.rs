//! The heap: one arena of slots, which counts references from slots only.
//!
//! A slot is a register, an item, an entry, an attribute: something that outlives an
//! instruction. Whatever writes one counts the new value up, then the old one down. Rust locals
//! never count. An object whose count is 0 is on the zero-count list; between two instructions
//! the loop frees what still has no count ([`Heap::next_dead`]).
//!
//! A native function that calls back into Python opens an epoch. Objects that are older may be
//! held by a Rust local of that function, and are left alone until it returns.

mod cycles;

use crate::object::{Attrs, Obj};
use crate::value::{Ref, Value};

/// A slot.
#[derive(Debug)]
pub(crate) struct Slot {
    count: u32,
    generation: u32,
    class: u32,
    flags: u32,
    /// When its object was made.
    epoch: u64,
    pub(crate) attrs: Option<Box<Attrs>>,
    pub(crate) obj: Obj,
}

/// It is on the zero-count list.
const LISTED: u32 = 1;
/// It was reached by the collector.
const MARKED: u32 = 2;
/// Its finalizer ran.
const FINALIZED: u32 = 4;
/// Weak references to it exist.
const WEAK: u32 = 8;

/// How many bytes an object takes beside its contents.
const SLOT_BYTES: usize = size_of::<Slot>();

/// The heap.
#[derive(Debug)]
pub(crate) struct Heap {
    slots: Vec<Slot>,
    free: Vec<u32>,
    /// Objects whose count was 0 when they were noted.
    zero: Vec<u32>,
    /// Where the notes of the current epoch begin.
    zero_base: usize,
    /// Older objects that fell to 0 in the current epoch.
    deferred: Vec<u32>,
    epoch: u64,
    entry: u64,
    bytes: usize,
    pub(crate) limit: usize,
    /// Whether an allocation went over the limit; the loop ends the run.
    pub(crate) over: bool,
    /// Classes below are never freed, and not counted.
    immortal: u32,
    /// Containers that were made since the last collection, and how many start the next.
    young: usize,
    pub(crate) threshold: usize,
    live: usize,
}

/// What [`Heap::enter`] gives and [`Heap::leave`] takes.
#[derive(Debug)]
pub(crate) struct Epoch {
    entry: u64,
    zero_base: usize,
    deferred: Vec<u32>,
}

impl Heap {
    pub(crate) fn new(limit: usize) -> Heap {
        Heap {
            slots: Vec::with_capacity(4096),
            free: Vec::new(),
            zero: Vec::new(),
            zero_base: 0,
            deferred: Vec::new(),
            epoch: 0,
            entry: 0,
            bytes: 0,
            limit,
            over: false,
            immortal: u32::MAX,
            young: 0,
            threshold: 50_000,
            live: 0,
        }
    }

    /// Declares everything that is there immortal.
    pub(crate) fn seal(&mut self) {
        self.immortal = self.slots.len() as u32;
        for slot in &mut self.slots {
            slot.count += 1 << 30;
            slot.flags &= !LISTED;
        }
        self.zero.clear();
        self.bytes = 0;
        self.young = 0;
    }

    /// Makes an object, which nothing refers to yet.
    #[inline]
    pub(crate) fn alloc(&mut self, class: Ref, obj: Obj) -> Ref {
        self.alloc_with(class, obj, None)
    }

    #[inline]
    pub(crate) fn alloc_with(&mut self, class: Ref, obj: Obj, attrs: Option<Box<Attrs>>) -> Ref {
        let bytes = SLOT_BYTES + obj.bytes() + attrs.as_ref().map_or(0, |_| 96);
        self.charge(bytes);
        self.young += usize::from(obj.is_container());
        self.live += 1;
        self.each_counted(class, &obj, attrs.as_deref());
        let at = match self.free.pop() {
            Some(at) => {
                let slot = &mut self.slots[at as usize];
                slot.class = class.at;
                slot.flags = LISTED;
                slot.epoch = self.epoch;
                slot.attrs = attrs;
                slot.obj = obj;
                at
            }
            None => {
                let flags = LISTED;
                let (class, epoch) = (class.at, self.epoch);
                self.slots.push(Slot {
                    count: 0,
                    generation: 0,
                    class,
                    flags,
                    epoch,
                    attrs,
                    obj,
                });
                (self.slots.len() - 1) as u32
            }
        };
        self.zero.push(at);
        self.handle(at)
    }

    /// Counts up what a new object holds.
    #[inline]
    fn each_counted(&mut self, class: Ref, obj: &Obj, attrs: Option<&Attrs>) {
        if class.at >= self.immortal {
            self.slots[class.at as usize].count += 1;
        }
        match obj {
            Obj::Plain | Obj::Str(_) | Obj::Big(_) | Obj::Bytes(_) => {}
            Obj::Tuple(items) => items.iter().for_each(|&item| self.inc(item)),
            Obj::List(items) => items.iter().for_each(|&item| self.inc(item)),
            _ => obj.trace(&mut |value| self.inc(value)),
        }
        if let Some(attrs) = attrs {
            attrs.trace(&mut |value| self.inc(value));
        }
    }

    /// Counts bytes that were allocated.
    #[inline]
    pub(crate) fn charge(&mut self, bytes: usize) {
        self.bytes += bytes;
        if self.bytes > self.limit {
            self.over = true;
        }
    }

    /// Counts bytes that were freed.
    #[inline]
    pub(crate) fn refund(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    /// Returns true if `bytes` more bytes would exceed the limit.
    pub(crate) fn would_exceed(&self, bytes: usize) -> bool {
        self.bytes.saturating_add(bytes) > self.limit
    }

    pub(crate) fn handle(&self, at: u32) -> Ref {
        Ref {
            at,
            generation: self.slots[at as usize].generation,
        }
    }

    #[inline(always)]
    fn slot(&self, handle: Ref) -> &Slot {
        let slot = &self.slots[handle.at as usize];
        debug_assert_eq!(slot.generation, handle.generation, "a stale handle");
        slot
    }

    #[inline(always)]
    fn slot_mut(&mut self, handle: Ref) -> &mut Slot {
        let slot = &mut self.slots[handle.at as usize];
        debug_assert_eq!(slot.generation, handle.generation, "a stale handle");
        slot
    }

    #[inline(always)]
    pub(crate) fn get(&self, handle: Ref) -> &Obj {
        &self.slot(handle).obj
    }

    #[inline(always)]
    pub(crate) fn get_mut(&mut self, handle: Ref) -> &mut Obj {
        &mut self.slot_mut(handle).obj
    }

    #[inline(always)]
    pub(crate) fn attrs(&self, handle: Ref) -> Option<&Attrs> {
        self.slot(handle).attrs.as_deref()
    }

    #[inline(always)]
    pub(crate) fn attrs_mut(&mut self, handle: Ref) -> &mut Option<Box<Attrs>> {
        &mut self.slot_mut(handle).attrs
    }

    /// Returns the class of an object.
    #[inline(always)]
    pub(crate) fn class(&self, handle: Ref) -> Ref {
        let class = self.slot(handle).class;
        Ref {
            at: class,
            generation: self.slots[class as usize].generation,
        }
    }

    #[inline(always)]
    pub(crate) fn class_at(&self, handle: Ref) -> u32 {
        self.slot(handle).class
    }

    /// Gives an object another class.
    pub(crate) fn set_class(&mut self, handle: Ref, class: Ref) {
        if class.at >= self.immortal {
            self.slot_mut(class).count += 1;
        }
        let old = std::mem::replace(&mut self.slot_mut(handle).class, class.at);
        if old >= self.immortal {
            let old = self.handle(old);
            self.dec(Value::Obj(old));
        }
    }

    /// Counts a value up that a slot takes.
    #[inline(always)]
    pub(crate) fn inc(&mut self, value: Value) {
        if let Value::Obj(handle) = value {
            self.slot_mut(handle).count += 1;
        }
    }

    /// Counts a value down that a slot gave up.
    #[inline(always)]
    pub(crate) fn dec(&mut self, value: Value) {
        if let Value::Obj(handle) = value {
            let slot = self.slot_mut(handle);
            debug_assert!(slot.count > 0, "counted down too often: {:?}", slot.obj);
            slot.count = slot.count.wrapping_sub(1);
            if slot.count == 0 {
                self.note(handle.at);
            }
        }
    }

    #[inline(never)]
    fn note(&mut self, at: u32) {
        let slot = &mut self.slots[at as usize];
        if slot.flags & LISTED == 0 {
            slot.flags |= LISTED;
            self.zero.push(at);
        }
    }

    pub(crate) fn count(&self, handle: Ref) -> u32 {
        self.slot(handle).count
    }

    /// Whether something is noted that may have to be freed.
    #[inline(always)]
    pub(crate) fn has_notes(&self) -> bool {
        self.zero.len() > self.zero_base
    }

    /// Takes the next object off the list that nothing refers to.
    #[inline]
    pub(crate) fn next_dead(&mut self) -> Option<Ref> {
        while self.zero.len() > self.zero_base {
            let at = self.zero.pop()?;
            let slot = &mut self.slots[at as usize];
            if slot.count > 0 {
                slot.flags &= !LISTED;
            } else if slot.epoch < self.entry {
                self.deferred.push(at);
            } else if matches!(slot.obj, Obj::Free) {
                slot.flags &= !LISTED;
            } else {
                slot.flags &= !LISTED;
                return Some(self.handle(at));
            }
        }
        None
    }

    /// Frees an object that nothing refers to; what it held is counted down.
    #[inline]
    pub(crate) fn release(&mut self, handle: Ref) {
        let slot = self.slot_mut(handle);
        debug_assert_eq!(slot.count, 0);
        let obj = std::mem::take(&mut slot.obj);
        let attrs = slot.attrs.take();
        let class = slot.class;
        slot.generation = slot.generation.wrapping_add(1);
        slot.flags &= LISTED;
        self.live -= 1;
        let bytes = SLOT_BYTES + obj.bytes() + attrs.as_ref().map_or(0, |_| 96);
        self.refund(bytes);
        self.free.push(handle.at);
        match &obj {
            Obj::Plain | Obj::Str(_) | Obj::Big(_) | Obj::Bytes(_) => {}
            Obj::Tuple(items) => items.iter().for_each(|&item| self.dec(item)),
            Obj::List(items) => items.iter().for_each(|&item| self.dec(item)),
            _ => obj.trace(&mut |value| self.dec(value)),
        }
        if let Some(attrs) = &attrs {
            attrs.trace(&mut |value| self.dec(value));
        }
        if class >= self.immortal {
            let class = self.handle(class);
            self.dec(Value::Obj(class));
        }
    }

    /// Begins an epoch: what is older is not freed before it ends.
    pub(crate) fn enter(&mut self) -> Epoch {
        self.epoch += 1;
        Epoch {
            entry: std::mem::replace(&mut self.entry, self.epoch),
            zero_base: std::mem::replace(&mut self.zero_base, self.zero.len()),
            deferred: std::mem::take(&mut self.deferred),
        }
    }

    /// Ends an epoch.
    pub(crate) fn leave(&mut self, outer: Epoch) {
        let deferred = std::mem::replace(&mut self.deferred, outer.deferred);
        self.zero.extend(deferred);
        self.entry = outer.entry;
        self.zero_base = outer.zero_base;
    }

    pub(crate) fn mark_weak(&mut self, handle: Ref, weak: bool) {
        let slot = self.slot_mut(handle);
        slot.flags = if weak {
            slot.flags | WEAK
        } else {
            slot.flags & !WEAK
        };
    }

    #[inline(always)]
    pub(crate) fn has_weak(&self, handle: Ref) -> bool {
        self.slot(handle).flags & WEAK != 0
    }

    /// Notes that an object's finalizer runs; returns whether it did before.
    pub(crate) fn finalize_once(&mut self, handle: Ref) -> bool {
        let slot = self.slot_mut(handle);
        let before = slot.flags & FINALIZED != 0;
        slot.flags |= FINALIZED;
        before
    }

    /// Asks for a collection between the next two instructions.
    pub(crate) fn ask_collection(&mut self) {
        self.young = self.threshold + 1;
    }

    pub(crate) fn wants_collection(&self) -> bool {
        self.young > self.threshold
    }
}
