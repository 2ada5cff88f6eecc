//! Quickens the flat code: eight bytes an instruction, specialised for numbers of known kind, with
//! superinstructions for the most common sequences.
//!
//! Instruction n of the quickened code does what instruction n of the flat code does, or what n and
//! the ones after it do. If its fast path does not apply, it does nothing and
//! [`World::step`](super::world::World::step) executes instruction n of the flat code.

use super::compiled::{Compiled, Literal};
use super::ir::{Code, Slot};
use super::kind::Kind;

/// The number of slots that an index of one byte can name.
pub(super) const SMALL_FRAME: usize = 256;

/// How an instruction names a slot of the frame.
pub(super) trait SlotIndex: Copy {
    /// The numbers of all slots that can be named.
    type Numbers: ?Sized;
    fn of(slot: Slot) -> Self;
    fn index(self) -> usize;
    fn int(self, numbers: &Self::Numbers) -> i64;
    /// Returns the number in the next slot.
    fn next_int(self, numbers: &Self::Numbers) -> i64;
    fn put_int(self, numbers: &mut Self::Numbers, value: i64);
    fn all(numbers: &mut Self::Numbers) -> &mut [i64];

    #[inline(always)]
    fn float(self, numbers: &Self::Numbers) -> f64 {
        f64::from_bits(self.int(numbers) as u64)
    }

    #[inline(always)]
    fn put_float(self, numbers: &mut Self::Numbers, value: f64) {
        self.put_int(numbers, value.to_bits() as i64);
    }
}

/// A small frame has a slot for every index, so that no index needs a bounds check.
impl SlotIndex for u8 {
    type Numbers = [i64; SMALL_FRAME];

    fn of(slot: Slot) -> u8 {
        slot as u8
    }

    #[inline(always)]
    fn index(self) -> usize {
        self as usize
    }

    #[inline(always)]
    fn int(self, numbers: &[i64; SMALL_FRAME]) -> i64 {
        numbers[self as usize]
    }

    #[inline(always)]
    fn next_int(self, numbers: &[i64; SMALL_FRAME]) -> i64 {
        numbers[self.wrapping_add(1) as usize]
    }

    #[inline(always)]
    fn put_int(self, numbers: &mut [i64; SMALL_FRAME], value: i64) {
        numbers[self as usize] = value;
    }

    fn all(numbers: &mut [i64; SMALL_FRAME]) -> &mut [i64] {
        numbers
    }
}

impl SlotIndex for u32 {
    type Numbers = [i64];

    fn of(slot: Slot) -> u32 {
        slot
    }

    #[inline(always)]
    fn index(self) -> usize {
        self as usize
    }

    #[inline(always)]
    fn int(self, numbers: &[i64]) -> i64 {
        numbers[self as usize]
    }

    #[inline(always)]
    fn next_int(self, numbers: &[i64]) -> i64 {
        numbers[self as usize + 1]
    }

    #[inline(always)]
    fn put_int(self, numbers: &mut [i64], value: i64) {
        numbers[self as usize] = value;
    }

    fn all(numbers: &mut [i64]) -> &mut [i64] {
        numbers
    }
}

/// A quickened instruction. The slots of Int and Float instructions have that kind and are set.
#[rustfmt::skip]
#[derive(Clone, Copy, Debug)]
pub(super) enum Quick<S> {
    /// Executes the instruction of the flat code.
    Step,
    Charge { cost: u32 },
    CheckSet { slot: S },
    /// Arithmetic on numbers of any kinds; a slot without a known kind may hold something else.
    Mixed { operator: Arithmetic, kinds: [Kind; 3], dst: S, a: S, b: S },
    /// Copies a number to a variable that may be unset, or to a temporary.
    Move { dst: S, from: S },
    IntAdd { dst: S, a: S, b: S },
    IntSub { dst: S, a: S, b: S },
    IntMul { dst: S, a: S, b: S },
    IntDiv { dst: S, a: S, b: S },
    IntMod { dst: S, a: S, b: S },
    FloatAdd { dst: S, a: S, b: S },
    FloatSub { dst: S, a: S, b: S },
    FloatMul { dst: S, a: S, b: S },
    FloatDiv { dst: S, a: S, b: S },
    IntLt { dst: S, a: S, b: S },
    IntLe { dst: S, a: S, b: S },
    IntEq { dst: S, a: S, b: S },
    IntNe { dst: S, a: S, b: S },
    FloatLt { dst: S, a: S, b: S },
    FloatLe { dst: S, a: S, b: S },
    FloatEq { dst: S, a: S, b: S },
    FloatNe { dst: S, a: S, b: S },
    /// `a * b + c`, or `c + a * b`.
    IntMulAdd { dst: S, a: S, b: S, c: S },
    FloatMulAdd { dst: S, a: S, b: S, c: S },
    /// `a % by`, where `by` is a literal whose reciprocal is in `over`.
    IntModBy { dst: S, a: S, by: S, over: S },
    /// `(a + b) % by`.
    IntAddModBy { dst: S, a: S, b: S, by: S, over: S },
    /// `(a * b + c) % by`.
    IntMulAddModBy { dst: S, a: S, b: S, c: S, by: S, over: S },
    /// `a + b + c`.
    IntAddAdd { dst: S, a: S, b: S, c: S },
    /// `a + b - c`.
    IntAddSub { dst: S, a: S, b: S, c: S },
    /// An IntAdd and the ForNext after it.
    IntAddNext { dst: S, a: S, b: S },
    /// An IntAdd and the IfIntLt after it.
    IntAddIfLt { dst: S, a: S, b: S },
    /// A FloatAdd and the IfFloatLt after it.
    FloatAddIfLt { dst: S, a: S, b: S },
    ForNext { cost: u8, var: S, count: S, to: u32 },
    Jump { to: u32 },
    If { cost: u8, a: S, to: u32 },
    IfIntLt { cost: u8, a: S, b: S, to: u32 },
    IfIntLe { cost: u8, a: S, b: S, to: u32 },
    IfIntEq { cost: u8, a: S, b: S, to: u32 },
    IfIntNe { cost: u8, a: S, b: S, to: u32 },
    IfFloatLt { cost: u8, a: S, b: S, to: u32 },
    IfFloatLe { cost: u8, a: S, b: S, to: u32 },
    IfFloatEq { cost: u8, a: S, b: S, to: u32 },
    IfFloatNe { cost: u8, a: S, b: S, to: u32 },
}

/// The operator of Mixed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Arithmetic {
    Add,
    Sub,
    Mul,
    Div,
}

/// The quickened code of a program.
#[derive(Clone, Debug)]
pub(super) enum QuickCode {
    /// For a frame of at most [`SMALL_FRAME`] slots.
    Small(Vec<Quick<u8>>),
    /// For a frame of any size.
    Large(Vec<Quick<u32>>),
}

impl QuickCode {
    /// Quickens the flat code.
    pub(super) fn new(compiled: &Compiled) -> QuickCode {
        match compiled.slots() <= SMALL_FRAME {
            true => QuickCode::Small(translate(compiled)),
            false => QuickCode::Large(translate(compiled)),
        }
    }
}

fn translate<S: SlotIndex>(compiled: &Compiled) -> Vec<Quick<S>> {
    let code = &compiled.code;
    let mut quick: Vec<Quick<S>> = Vec::with_capacity(code.len());
    // From the end, so that a superinstruction can become a part of a longer one.
    for at in (0..code.len()).rev() {
        let made_one = match (code.get(at + 1), quick.last()) {
            (Some(&next), Some(&behind)) => {
                before(compiled, code[at], behind).or_else(|| pair(compiled, code[at], next))
            }
            _ => None,
        };
        quick.push(
            match made_one.unwrap_or_else(|| single(compiled, code[at])) {
                Quick::Step => mixed(compiled, code[at]),
                quick => quick,
            },
        );
    }
    quick.reverse();
    quick
}

/// Selects the Int or Float variant of an instruction by the kind that all its slots have.
macro_rules! by_kind {
    ($kind:expr, $int:ident, $float:ident, $fields:tt) => {
        match $kind {
            Kind::Int => Quick::$int $fields,
            Kind::Float => Quick::$float $fields,
            Kind::Any => Quick::Step,
        }
    };
}

#[rustfmt::skip]
fn single<S: SlotIndex>(compiled: &Compiled, code: Code) -> Quick<S> {
    let p = S::of;
    let kind = |slots: &[Slot]| compiled.kind_of_all(slots);
    match of_numbers(code) {
        Code::Charge { cost } => match u32::try_from(cost) {
            Ok(cost) => Quick::Charge { cost },
            Err(_) => Quick::Step,
        },
        Code::CheckSet { slot } => Quick::CheckSet { slot: p(slot) },
        Code::Move { dst, from } => {
            by_kind!(kind(&[dst, from]), Move, Move, { dst: p(dst), from: p(from) })
        }
        Code::Add { dst, a, b } => {
            by_kind!(kind(&[dst, a, b]), IntAdd, FloatAdd, { dst: p(dst), a: p(a), b: p(b) })
        }
        Code::Sub { dst, a, b } => {
            by_kind!(kind(&[dst, a, b]), IntSub, FloatSub, { dst: p(dst), a: p(a), b: p(b) })
        }
        Code::Mul { dst, a, b } => {
            by_kind!(kind(&[dst, a, b]), IntMul, FloatMul, { dst: p(dst), a: p(a), b: p(b) })
        }
        Code::Div { dst, a, b } => {
            by_kind!(kind(&[dst, a, b]), IntDiv, FloatDiv, { dst: p(dst), a: p(a), b: p(b) })
        }
        Code::Mod { dst, a, b: by } if kind(&[dst, a, by]) == Kind::Int => {
            let (dst, a, b) = (p(dst), p(a), p(by));
            match compiled.reciprocal(by) {
                Some(over) => Quick::IntModBy { dst, a, by: b, over: p(over) },
                None => Quick::IntMod { dst, a, b },
            }
        }
        Code::Lt { dst, a, b } => {
            by_kind!(kind(&[a, b]), IntLt, FloatLt, { dst: p(dst), a: p(a), b: p(b) })
        }
        Code::Le { dst, a, b } => {
            by_kind!(kind(&[a, b]), IntLe, FloatLe, { dst: p(dst), a: p(a), b: p(b) })
        }
        Code::Eq { dst, a, b } => {
            by_kind!(kind(&[a, b]), IntEq, FloatEq, { dst: p(dst), a: p(a), b: p(b) })
        }
        Code::Ne { dst, a, b } => {
            by_kind!(kind(&[a, b]), IntNe, FloatNe, { dst: p(dst), a: p(a), b: p(b) })
        }
        Code::ForNext { cost, counter, var, to } if kind(&[var]) == Kind::Int => {
            let count = compiled.counters[counter as usize].count;
            Quick::ForNext { cost, var: p(var), count: p(count), to }
        }
        Code::Jump { to } => Quick::Jump { to },
        Code::If { cost, a, to } if kind(&[a]) == Kind::Any => Quick::If { cost, a: p(a), to },
        Code::IfLt { cost, a, b, to } => {
            by_kind!(kind(&[a, b]), IfIntLt, IfFloatLt, { cost, a: p(a), b: p(b), to })
        }
        Code::IfLe { cost, a, b, to } => {
            by_kind!(kind(&[a, b]), IfIntLe, IfFloatLe, { cost, a: p(a), b: p(b), to })
        }
        Code::IfEq { cost, a, b, to } => {
            by_kind!(kind(&[a, b]), IfIntEq, IfFloatEq, { cost, a: p(a), b: p(b), to })
        }
        Code::IfNe { cost, a, b, to } => {
            by_kind!(kind(&[a, b]), IfIntNe, IfFloatNe, { cost, a: p(a), b: p(b), to })
        }
        Code::AddTaking { .. }
        | Code::Finish
        | Code::Drop { .. }
        | Code::Mod { .. }
        | Code::And { .. }
        | Code::Or { .. }
        | Code::Not { .. }
        | Code::Neg { .. }
        | Code::Call { .. }
        | Code::Gosub { .. }
        | Code::Return
        | Code::ForEnter { .. }
        | Code::ForNext { .. }
        | Code::If { .. } => Quick::Step,
    }
}

fn mixed<S: SlotIndex>(compiled: &Compiled, code: Code) -> Quick<S> {
    let (operator, dst, a, b) = match of_numbers(code) {
        Code::Add { dst, a, b } => (Arithmetic::Add, dst, a, b),
        Code::Sub { dst, a, b } => (Arithmetic::Sub, dst, a, b),
        Code::Mul { dst, a, b } => (Arithmetic::Mul, dst, a, b),
        Code::Div { dst, a, b } => (Arithmetic::Div, dst, a, b),
        _ => return Quick::Step,
    };
    let is_text = |slot: Slot| {
        let literal = slot.checked_sub(compiled.variables);
        let literal = literal.and_then(|at| compiled.literals.get(at as usize));
        matches!(literal, Some(Literal::Str(_)))
    };
    if is_text(a) || is_text(b) {
        return Quick::Step;
    }
    Quick::Mixed {
        operator,
        kinds: [dst, a, b].map(|slot| compiled.kind(slot)),
        dst: S::of(dst),
        a: S::of(a),
        b: S::of(b),
    }
}

/// Returns the instruction that has the same effect on numbers.
fn of_numbers(code: Code) -> Code {
    match code {
        Code::AddTaking { dst, a, b } => Code::Add { dst, a, b },
        other => other,
    }
}

/// Fuses an instruction with the quickened one after it, if there is a superinstruction for them.
#[rustfmt::skip]
fn before<S: SlotIndex>(compiled: &Compiled, first: Code, behind: Quick<S>) -> Option<Quick<S>> {
    let p = S::of;
    let goes_on = |t: Slot, a: S| {
        t >= compiled.first_temporary() && t as usize == a.index() && compiled.kind(t) == Kind::Int
    };
    let only_int = |a, b| compiled.kind_of_all(&[a, b]) == Kind::Int;
    match (of_numbers(first), behind) {
        (Code::Add { dst: t, a, b }, Quick::IntModBy { dst, a: left, by, over })
            if goes_on(t, left) && only_int(a, b) =>
        {
            Some(Quick::IntAddModBy { dst, a: p(a), b: p(b), by, over })
        }
        (Code::Mul { dst: t, a, b }, Quick::IntAddModBy { dst, a: x, b: y, by, over })
            if goes_on(t, x) != goes_on(t, y) && only_int(a, b) =>
        {
            let c = if goes_on(t, x) { y } else { x };
            Some(Quick::IntMulAddModBy { dst, a: p(a), b: p(b), c, by, over })
        }
        _ => None,
    }
}

/// Fuses two instructions, if there is a superinstruction for them. The temporary between them is
/// then not written, because nothing else reads it.
#[rustfmt::skip]
fn pair<S: SlotIndex>(compiled: &Compiled, first: Code, second: Code) -> Option<Quick<S>> {
    let p = S::of;
    let (first, second) = (of_numbers(first), of_numbers(second));
    let temporary = compiled.first_temporary();
    let kind = |slots: &[Slot]| compiled.kind_of_all(slots);
    let only_int = |slots: &[Slot]| kind(slots) == Kind::Int;
    let quick = match (first, second) {
        (Code::Add { dst, a, b }, Code::ForNext { var, .. }) if only_int(&[dst, a, b, var]) => {
            Quick::IntAddNext { dst: p(dst), a: p(a), b: p(b) }
        }
        (Code::Add { dst, a, b }, Code::IfLt { a: x, b: y, .. }) => {
            by_kind!(kind(&[dst, a, b, x, y]), IntAddIfLt, FloatAddIfLt, {
                dst: p(dst), a: p(a), b: p(b)
            })
        }
        (Code::Mul { dst: t, a, b }, Code::Add { dst, a: left, b: right }) if t >= temporary => {
            let c = match (left == t, right == t) {
                (true, false) => right,
                (false, true) => left,
                _ => return None,
            };
            by_kind!(kind(&[t, a, b, dst, c]), IntMulAdd, FloatMulAdd, {
                dst: p(dst), a: p(a), b: p(b), c: p(c)
            })
        }
        (Code::Add { dst: t, a, b }, second) if t >= temporary => {
            let (dst, left, c) = match second {
                Code::Add { dst, a, b } | Code::Sub { dst, a, b } => (dst, a, b),
                _ => return None,
            };
            if left != t || c == t || !only_int(&[t, a, b, dst, c]) {
                return None;
            }
            let (dst, a, b, c) = (p(dst), p(a), p(b), p(c));
            match second {
                Code::Add { .. } => Quick::IntAddAdd { dst, a, b, c },
                Code::Sub { .. } => Quick::IntAddSub { dst, a, b, c },
                _ => return None,
            }
        }
        _ => return None,
    };
    (!matches!(quick, Quick::Step)).then_some(quick)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instruction_takes_eight_bytes() {
        assert_eq!(size_of::<Quick<u8>>(), 8);
    }
}
