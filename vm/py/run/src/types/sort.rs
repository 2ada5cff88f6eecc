//! Sorting: a merge sort of natural runs that compares in CPython's order.
//!
//! The sequence of comparisons is visible to a program whose objects print when they are compared,
//! so runs, minimal run length, binary insertion, merging and galloping are those of CPython.

use crate::value::{R, Raise, Value};
use crate::vm::Vm;

/// What is sorted: keys, and the items that move with them.
struct Sorter {
    keys: Vec<Value>,
    items: Vec<Value>,
    runs: Vec<(usize, usize)>,
    gallop: usize,
}

const MIN_GALLOP: usize = 7;

/// Sorts items; an error comes with the items in the order that they had then.
pub(crate) fn sort(
    vm: &mut Vm,
    items: Vec<Value>,
    key: Value,
    reverse: bool,
) -> Result<Vec<Value>, (Raise, Vec<Value>)> {
    let mut keys = items.clone();
    // Keys are kept by a list while Python code may run.
    let mut held = Value::Unset;
    if !key.is_none() {
        held = vm.list(Vec::new());
        vm.heap.inc(held);
        keys.clear();
        for &item in &items {
            match vm.call(key, &[item], &[]) {
                Ok(key) => {
                    keys.push(key);
                    vm.list_push(held, key);
                }
                Err(raise) => {
                    vm.heap.dec(held);
                    return Err((raise, items));
                }
            }
        }
    }
    let mut sorter = Sorter {
        keys,
        items,
        runs: Vec::new(),
        gallop: MIN_GALLOP,
    };
    if reverse {
        sorter.reverse(0, sorter.items.len());
    }
    let result = sorter.sort(vm);
    if reverse {
        sorter.reverse(0, sorter.items.len());
    }
    vm.heap.dec(held);
    match result {
        Ok(()) => Ok(sorter.items),
        Err(raise) => Err((raise, sorter.items)),
    }
}

fn min_run(mut n: usize) -> usize {
    let mut rest = 0;
    while n >= 64 {
        rest |= n & 1;
        n >>= 1;
    }
    n + rest
}

impl Sorter {
    fn reverse(&mut self, from: usize, to: usize) {
        self.keys[from..to].reverse();
        self.items[from..to].reverse();
    }

    fn less(&self, vm: &mut Vm, a: Value, b: Value) -> R<bool> {
        vm.work(16)?;
        vm.less(a, b)
    }

    fn sort(&mut self, vm: &mut Vm) -> R<()> {
        let total = self.keys.len();
        if total < 2 {
            return Ok(());
        }
        let least = min_run(total);
        let mut at = 0;
        while at < total {
            let (mut count, descending) = self.count_run(vm, at, total)?;
            if descending {
                self.reverse(at, at + count);
            }
            if count < least {
                let forced = least.min(total - at);
                self.insert_sort(vm, at, at + forced, at + count)?;
                count = forced;
            }
            self.runs.push((at, count));
            self.collapse(vm)?;
            at += count;
        }
        while self.runs.len() > 1 {
            let mut n = self.runs.len() - 2;
            if n > 0 && self.runs[n - 1].1 < self.runs[n + 1].1 {
                n -= 1;
            }
            self.merge_at(vm, n)?;
        }
        Ok(())
    }

    fn count_run(&self, vm: &mut Vm, low: usize, high: usize) -> R<(usize, bool)> {
        if low + 1 == high {
            return Ok((1, false));
        }
        let descending = self.less(vm, self.keys[low + 1], self.keys[low])?;
        let mut at = low + 2;
        while at < high && self.less(vm, self.keys[at], self.keys[at - 1])? == descending {
            at += 1;
        }
        Ok((at - low, descending))
    }

    fn insert_sort(&mut self, vm: &mut Vm, low: usize, high: usize, start: usize) -> R<()> {
        let start = if start == low { start + 1 } else { start };
        for at in start..high {
            let pivot = self.keys[at];
            let (mut left, mut right) = (low, at);
            while left < right {
                let middle = left + ((right - left) >> 1);
                if self.less(vm, pivot, self.keys[middle])? {
                    right = middle;
                } else {
                    left = middle + 1;
                }
            }
            self.keys[left..=at].rotate_right(1);
            self.items[left..=at].rotate_right(1);
        }
        Ok(())
    }

    fn collapse(&mut self, vm: &mut Vm) -> R<()> {
        while self.runs.len() > 1 {
            let p = &self.runs;
            let mut n = p.len() - 2;
            if n > 0 && p[n - 1].1 <= p[n].1 + p[n + 1].1
                || n > 1 && p[n - 2].1 <= p[n - 1].1 + p[n].1
            {
                if p[n - 1].1 < p[n + 1].1 {
                    n -= 1;
                }
                self.merge_at(vm, n)?;
            } else if p[n].1 <= p[n + 1].1 {
                self.merge_at(vm, n)?;
            } else {
                break;
            }
        }
        Ok(())
    }

    fn merge_at(&mut self, vm: &mut Vm, at: usize) -> R<()> {
        let (mut a, mut na) = self.runs[at];
        let (b, mut nb) = self.runs[at + 1];
        self.runs[at].1 = na + nb;
        self.runs.remove(at + 1);
        let skip = gallop_right(vm, self.keys[b], &self.keys[a..a + na], 0)?;
        a += skip;
        na -= skip;
        if na == 0 {
            return Ok(());
        }
        nb = gallop_left(vm, self.keys[a + na - 1], &self.keys[b..b + nb], nb - 1)?;
        if nb == 0 {
            return Ok(());
        }
        if na <= nb {
            self.merge_low(vm, a, na, b, nb)
        } else {
            self.merge_high(vm, a, na, b, nb)
        }
    }

    fn move_range(&mut self, from: usize, to: usize, count: usize) {
        self.keys.copy_within(from..from + count, to);
        self.items.copy_within(from..from + count, to);
    }

    fn merge_low(&mut self, vm: &mut Vm, a: usize, na: usize, b: usize, nb: usize) -> R<()> {
        let mut low = Low {
            keys: self.keys[a..a + na].to_vec(),
            items: self.items[a..a + na].to_vec(),
            at: 0,
            na,
            nb,
            b,
            dest: a,
        };
        low.take_b(self);
        let mut result = Ok(());
        if low.nb > 0 && low.na > 1 {
            result = low.run(self, vm);
        }
        low.finish(self);
        result
    }

    fn merge_high(&mut self, vm: &mut Vm, a: usize, na: usize, b: usize, nb: usize) -> R<()> {
        let mut high = High {
            keys: self.keys[b..b + nb].to_vec(),
            items: self.items[b..b + nb].to_vec(),
            na,
            nb,
            a,
            dest: b + nb,
        };
        high.take_a(self);
        let mut result = Ok(());
        if high.na > 0 && high.nb > 1 {
            result = high.run(self, vm);
        }
        high.finish(self);
        result
    }
}

/// A merge from the left; the left run was copied out.
struct Low {
    keys: Vec<Value>,
    items: Vec<Value>,
    at: usize,
    na: usize,
    nb: usize,
    b: usize,
    dest: usize,
}

impl Low {
    fn take_b(&mut self, s: &mut Sorter) {
        s.keys[self.dest] = s.keys[self.b];
        s.items[self.dest] = s.items[self.b];
        self.dest += 1;
        self.b += 1;
        self.nb -= 1;
    }

    fn take_a(&mut self, s: &mut Sorter) {
        s.keys[self.dest] = self.keys[self.at];
        s.items[self.dest] = self.items[self.at];
        self.dest += 1;
        self.at += 1;
        self.na -= 1;
    }

    /// Merges until one run is used up, or the left one has one item left.
    fn run(&mut self, s: &mut Sorter, vm: &mut Vm) -> R<()> {
        let mut gallop = s.gallop;
        loop {
            let (mut wins_a, mut wins_b) = (0, 0);
            loop {
                if s.less(vm, s.keys[self.b], self.keys[self.at])? {
                    self.take_b(s);
                    wins_b += 1;
                    wins_a = 0;
                    if self.nb == 0 {
                        return Ok(());
                    }
                    if wins_b >= gallop {
                        break;
                    }
                } else {
                    self.take_a(s);
                    wins_a += 1;
                    wins_b = 0;
                    if self.na == 1 {
                        return Ok(());
                    }
                    if wins_a >= gallop {
                        break;
                    }
                }
            }
            gallop += 1;
            loop {
                gallop -= usize::from(gallop > 1);
                s.gallop = gallop;
                let keys = &self.keys[self.at..self.at + self.na];
                let count = gallop_right(vm, s.keys[self.b], keys, 0)?;
                wins_a = count;
                (0..count).for_each(|_| self.take_a(s));
                if self.na <= 1 {
                    return Ok(());
                }
                self.take_b(s);
                if self.nb == 0 {
                    return Ok(());
                }
                let keys = &s.keys[self.b..self.b + self.nb];
                let count = gallop_left(vm, self.keys[self.at], keys, 0)?;
                wins_b = count;
                if count > 0 {
                    s.move_range(self.b, self.dest, count);
                    self.dest += count;
                    self.b += count;
                    self.nb -= count;
                    if self.nb == 0 {
                        return Ok(());
                    }
                }
                self.take_a(s);
                if self.na == 1 {
                    return Ok(());
                }
                if wins_a < MIN_GALLOP && wins_b < MIN_GALLOP {
                    break;
                }
            }
            gallop += 1;
            s.gallop = gallop;
        }
    }

    fn finish(&mut self, s: &mut Sorter) {
        if self.na == 1 && self.nb > 0 {
            // The last of the left run belongs after the rest of the right one.
            let count = self.nb;
            if self.is_last_after(count) {
                s.move_range(self.b, self.dest, count);
                self.dest += count;
                self.nb = 0;
                self.take_a(s);
                return;
            }
        }
        while self.na > 0 {
            self.take_a(s);
        }
    }

    /// Whether a merge ended where the left run's last item is the largest. An error ends one
    /// elsewhere, but then any order will do.
    fn is_last_after(&self, _: usize) -> bool {
        true
    }
}

/// A merge from the right; the right run was copied out.
struct High {
    keys: Vec<Value>,
    items: Vec<Value>,
    na: usize,
    nb: usize,
    a: usize,
    /// One more than where the next item goes.
    dest: usize,
}

impl High {
    fn take_a(&mut self, s: &mut Sorter) {
        self.dest -= 1;
        self.na -= 1;
        s.keys[self.dest] = s.keys[self.a + self.na];
        s.items[self.dest] = s.items[self.a + self.na];
    }

    fn take_b(&mut self, s: &mut Sorter) {
        self.dest -= 1;
        self.nb -= 1;
        s.keys[self.dest] = self.keys[self.nb];
        s.items[self.dest] = self.items[self.nb];
    }

    fn run(&mut self, s: &mut Sorter, vm: &mut Vm) -> R<()> {
        let mut gallop = s.gallop;
        loop {
            let (mut wins_a, mut wins_b) = (0, 0);
            loop {
                if s.less(vm, self.keys[self.nb - 1], s.keys[self.a + self.na - 1])? {
                    self.take_a(s);
                    wins_a += 1;
                    wins_b = 0;
                    if self.na == 0 {
                        return Ok(());
                    }
                    if wins_a >= gallop {
                        break;
                    }
                } else {
                    self.take_b(s);
                    wins_b += 1;
                    wins_a = 0;
                    if self.nb == 1 {
                        return Ok(());
                    }
                    if wins_b >= gallop {
                        break;
                    }
                }
            }
            gallop += 1;
            loop {
                gallop -= usize::from(gallop > 1);
                s.gallop = gallop;
                let keys = &s.keys[self.a..self.a + self.na];
                let place = gallop_right(vm, self.keys[self.nb - 1], keys, self.na - 1)?;
                wins_a = self.na - place;
                if wins_a > 0 {
                    self.dest -= wins_a;
                    self.na -= wins_a;
                    s.move_range(self.a + self.na, self.dest, wins_a);
                    if self.na == 0 {
                        return Ok(());
                    }
                }
                self.take_b(s);
                if self.nb == 1 {
                    return Ok(());
                }
                let last = s.keys[self.a + self.na - 1];
                let place = gallop_left(vm, last, &self.keys[..self.nb], self.nb - 1)?;
                wins_b = self.nb - place;
                (0..wins_b).for_each(|_| self.take_b(s));
                if self.nb <= 1 {
                    return Ok(());
                }
                self.take_a(s);
                if self.na == 0 {
                    return Ok(());
                }
                if wins_a < MIN_GALLOP && wins_b < MIN_GALLOP {
                    break;
                }
            }
            gallop += 1;
            s.gallop = gallop;
        }
    }

    fn finish(&mut self, s: &mut Sorter) {
        if self.nb == 1 && self.na > 0 {
            let count = self.na;
            self.dest -= count;
            self.na = 0;
            s.move_range(self.a, self.dest, count);
        }
        while self.nb > 0 {
            self.take_b(s);
        }
    }
}

/// Returns where a key belongs in a sorted run, left of equal ones; the search starts at `hint`.
fn gallop_left(vm: &mut Vm, key: Value, run: &[Value], hint: usize) -> R<usize> {
    let n = run.len() as isize;
    let hint = hint as isize;
    let (mut last, mut step) = (0isize, 1isize);
    let at = |index: isize| run[index as usize];
    let (mut low, mut high);
    if vm.less(at(hint), key)? {
        let most = n - hint;
        while step < most {
            if vm.less(at(hint + step), key)? {
                last = step;
                step = (step << 1) + 1;
            } else {
                break;
            }
        }
        step = step.min(most);
        low = last + hint;
        high = step + hint;
    } else {
        let most = hint + 1;
        while step < most {
            if vm.less(at(hint - step), key)? {
                break;
            }
            last = step;
            step = (step << 1) + 1;
        }
        step = step.min(most);
        low = hint - step;
        high = hint - last;
    }
    low += 1;
    while low < high {
        let middle = low + ((high - low) >> 1);
        if vm.less(at(middle), key)? {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(high as usize)
}

/// The same, right of equal ones.
fn gallop_right(vm: &mut Vm, key: Value, run: &[Value], hint: usize) -> R<usize> {
    let n = run.len() as isize;
    let hint = hint as isize;
    let (mut last, mut step) = (0isize, 1isize);
    let at = |index: isize| run[index as usize];
    let (mut low, mut high);
    if vm.less(key, at(hint))? {
        let most = hint + 1;
        while step < most {
            if vm.less(key, at(hint - step))? {
                last = step;
                step = (step << 1) + 1;
            } else {
                break;
            }
        }
        step = step.min(most);
        low = hint - step;
        high = hint - last;
    } else {
        let most = n - hint;
        while step < most {
            if vm.less(key, at(hint + step))? {
                break;
            }
            last = step;
            step = (step << 1) + 1;
        }
        step = step.min(most);
        low = last + hint;
        high = step + hint;
    }
    low += 1;
    while low < high {
        let middle = low + ((high - low) >> 1);
        if vm.less(key, at(middle))? {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(high as usize)
}
