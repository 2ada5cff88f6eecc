//! Cycles: mark from the roots, and sweep.

use super::{FINALIZED, Heap, MARKED};
use crate::object::Obj;
use crate::value::{Ref, Value};

impl Heap {
    /// Returns the objects that no root leads to. Older objects than the current epoch's are
    /// roots, for a native function may hold them.
    pub(crate) fn unreachable(&mut self, roots: &[Value]) -> Vec<Ref> {
        for slot in &mut self.slots {
            slot.flags &= !MARKED;
        }
        let mut todo = Vec::new();
        let entry = self.entry;
        for at in 0..self.slots.len() {
            let slot = &mut self.slots[at];
            let held = (at as u32) < self.immortal || slot.epoch < entry;
            if held && !matches!(slot.obj, Obj::Free) {
                slot.flags |= MARKED;
                todo.push(at as u32);
            }
        }
        roots.iter().for_each(|&value| self.mark(value, &mut todo));
        while let Some(at) = todo.pop() {
            let slot = &mut self.slots[at as usize];
            let class = slot.class;
            let obj = std::mem::take(&mut slot.obj);
            let attrs = slot.attrs.take();
            obj.trace(&mut |value| self.mark(value, &mut todo));
            if let Some(attrs) = &attrs {
                attrs.trace(&mut |value| self.mark(value, &mut todo));
            }
            let slot = &mut self.slots[at as usize];
            slot.obj = obj;
            slot.attrs = attrs;
            if self.slots.get(class as usize).is_some() {
                let class = self.handle(class);
                self.mark(Value::Obj(class), &mut todo);
            }
        }
        self.young = 0;
        (0..self.slots.len() as u32)
            .filter(|&at| {
                let slot = &self.slots[at as usize];
                slot.flags & MARKED == 0 && !matches!(slot.obj, Obj::Free)
            })
            .map(|at| self.handle(at))
            .collect()
    }

    fn mark(&mut self, value: Value, todo: &mut Vec<u32>) {
        if let Value::Obj(handle) = value {
            let slot = self.slot_mut(handle);
            if slot.flags & MARKED == 0 {
                slot.flags |= MARKED;
                todo.push(handle.at);
            }
        }
    }

    /// Breaks a cycle at an object that nothing leads to: takes out what it holds.
    pub(crate) fn unlink(&mut self, handle: Ref) {
        let slot = self.slot_mut(handle);
        let obj = std::mem::replace(&mut slot.obj, Obj::Plain);
        let attrs = slot.attrs.take();
        slot.flags |= FINALIZED;
        self.refund(obj.bytes() + attrs.as_ref().map_or(0, |_| 96));
        obj.trace(&mut |value| self.dec(value));
        if let Some(attrs) = &attrs {
            attrs.trace(&mut |value| self.dec(value));
        }
    }

    /// Grows the threshold with the heap.
    pub(crate) fn collected(&mut self) {
        self.threshold = (self.live / 2).max(50_000);
    }
}
