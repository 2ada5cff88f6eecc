//! The flat code once more, as the loop likes it: small, and with the pairs of instructions that
//! programs have most made one.
//!
//! Instruction n of this code does what instruction n of the flat code does, or what n and n + 1
//! do. If the operands are not what it is made for it does nothing, and the flat code's own
//! instruction is executed in its place: only [`super::run`]'s step knows all there is to know.

use super::code::{Code, Slot};
use super::value::Value;

/// A place of the frame; `None` is a variable never set.
pub(super) type Cell = Option<Value>;

/// How many places a frame has whose places fit a byte.
pub(super) const SMALL: usize = 256;

/// How instructions name a place of the frame.
pub(super) trait Place: Copy {
    /// A frame that has every place that can be named.
    type Frame: ?Sized;
    fn of(slot: Slot) -> Self;
    fn get(self, frame: &Self::Frame) -> &Cell;
    fn get_mut(self, frame: &mut Self::Frame) -> &mut Cell;
    fn all(frame: &mut Self::Frame) -> &mut [Cell];
}

/// Names each place of a small frame, so that none has to be looked for in vain.
impl Place for u8 {
    type Frame = [Cell; SMALL];

    fn of(slot: Slot) -> u8 {
        slot as u8
    }

    #[inline(always)]
    fn get(self, frame: &[Cell; SMALL]) -> &Cell {
        &frame[self as usize]
    }

    #[inline(always)]
    fn get_mut(self, frame: &mut [Cell; SMALL]) -> &mut Cell {
        &mut frame[self as usize]
    }

    fn all(frame: &mut [Cell; SMALL]) -> &mut [Cell] {
        frame
    }
}

impl Place for u32 {
    type Frame = [Cell];

    fn of(slot: Slot) -> u32 {
        slot
    }

    #[inline(always)]
    fn get(self, frame: &[Cell]) -> &Cell {
        &frame[self as usize]
    }

    #[inline(always)]
    fn get_mut(self, frame: &mut [Cell]) -> &mut Cell {
        &mut frame[self as usize]
    }

    fn all(frame: &mut [Cell]) -> &mut [Cell] {
        frame
    }
}

/// One instruction.
#[rustfmt::skip]
#[derive(Clone, Copy, Debug)]
pub(super) enum Quick<S> {
    /// Whatever the flat code has here.
    Step,
    Charge { cost: u32 },
    Move { dst: S, from: S },
    Add { dst: S, a: S, b: S },
    Sub { dst: S, a: S, b: S },
    Mul { dst: S, a: S, b: S },
    Div { dst: S, a: S, b: S },
    Mod { dst: S, a: S, b: S },
    Lt { dst: S, a: S, b: S },
    Le { dst: S, a: S, b: S },
    Eq { dst: S, a: S, b: S },
    Ne { dst: S, a: S, b: S },
    /// `a * b + c`, or `c + a * b`.
    MulAdd { dst: S, a: S, b: S, c: S },
    /// `(a + b) % c`.
    AddMod { dst: S, a: S, b: S, c: S },
    /// `a + b + c`.
    AddAdd { dst: S, a: S, b: S, c: S },
    /// `a + b - c`.
    AddSub { dst: S, a: S, b: S, c: S },
    /// An Add and the ForNext behind it.
    AddNext { dst: S, a: S, b: S },
    ForNext { cost: u16, var: S, counter: u32, to: u32 },
    Jump { to: u32 },
    If { cost: u16, a: S, to: u32 },
    IfLt { cost: u16, a: S, b: S, to: u32 },
    IfLe { cost: u16, a: S, b: S, to: u32 },
    IfEq { cost: u16, a: S, b: S, to: u32 },
    IfNe { cost: u16, a: S, b: S, to: u32 },
}

/// The whole code.
#[derive(Clone, Debug)]
pub(super) enum QuickCode {
    /// For a small frame.
    Small(Vec<Quick<u8>>),
    /// For a frame of any size.
    Large(Vec<Quick<u32>>),
}

impl Default for QuickCode {
    fn default() -> QuickCode {
        QuickCode::Small(Vec::new())
    }
}

impl QuickCode {
    /// Translates flat code whose frame has `places` places, temporaries from `temporary` on.
    pub(super) fn new(code: &[Code], places: usize, temporary: Slot) -> QuickCode {
        match places <= SMALL {
            true => QuickCode::Small(translate(code, temporary)),
            false => QuickCode::Large(translate(code, temporary)),
        }
    }
}

fn translate<S: Place>(code: &[Code], temporary: Slot) -> Vec<Quick<S>> {
    let one = |at: usize| {
        code.get(at + 1)
            .and_then(|&next| pair(code[at], next, temporary))
            .unwrap_or_else(|| single(code[at]))
    };
    (0..code.len()).map(one).collect()
}

#[rustfmt::skip]
fn single<S: Place>(code: Code) -> Quick<S> {
    let p = S::of;
    match of_numbers(code) {
        Code::Charge { cost } => match u32::try_from(cost) {
            Ok(cost) => Quick::Charge { cost },
            Err(_) => Quick::Step,
        },
        Code::Move { dst, from } => Quick::Move { dst: p(dst), from: p(from) },
        Code::Add { dst, a, b } => Quick::Add { dst: p(dst), a: p(a), b: p(b) },
        Code::Sub { dst, a, b } => Quick::Sub { dst: p(dst), a: p(a), b: p(b) },
        Code::Mul { dst, a, b } => Quick::Mul { dst: p(dst), a: p(a), b: p(b) },
        Code::Div { dst, a, b } => Quick::Div { dst: p(dst), a: p(a), b: p(b) },
        Code::Mod { dst, a, b } => Quick::Mod { dst: p(dst), a: p(a), b: p(b) },
        Code::Lt { dst, a, b } => Quick::Lt { dst: p(dst), a: p(a), b: p(b) },
        Code::Le { dst, a, b } => Quick::Le { dst: p(dst), a: p(a), b: p(b) },
        Code::Eq { dst, a, b } => Quick::Eq { dst: p(dst), a: p(a), b: p(b) },
        Code::Ne { dst, a, b } => Quick::Ne { dst: p(dst), a: p(a), b: p(b) },
        Code::ForNext { cost, counter, var, to } => Quick::ForNext { cost, var: p(var), counter, to },
        Code::Jump { to } => Quick::Jump { to },
        Code::If { cost, a, to } => Quick::If { cost, a: p(a), to },
        Code::IfLt { cost, a, b, to } => Quick::IfLt { cost, a: p(a), b: p(b), to },
        Code::IfLe { cost, a, b, to } => Quick::IfLe { cost, a: p(a), b: p(b), to },
        Code::IfEq { cost, a, b, to } => Quick::IfEq { cost, a: p(a), b: p(b), to },
        Code::IfNe { cost, a, b, to } => Quick::IfNe { cost, a: p(a), b: p(b), to },
        Code::AddTaking { .. }
        | Code::OutOfFuel
        | Code::Finish
        | Code::CheckSet { .. }
        | Code::Drop { .. }
        | Code::And { .. }
        | Code::Or { .. }
        | Code::Not { .. }
        | Code::Neg { .. }
        | Code::Call { .. }
        | Code::Gosub { .. }
        | Code::Return
        | Code::ForEnter { .. } => Quick::Step,
    }
}

/// What an instruction does to numbers.
fn of_numbers(code: Code) -> Code {
    match code {
        Code::AddTaking { dst, a, b } => Code::Add { dst, a, b },
        other => other,
    }
}

/// Two instructions as one, if they are such a pair. What the first leaves in a temporary for the
/// second is then never put there: nobody else reads it.
fn pair<S: Place>(first: Code, second: Code, temporary: Slot) -> Option<Quick<S>> {
    let p = S::of;
    match (of_numbers(first), of_numbers(second)) {
        (Code::Add { dst, a, b }, Code::ForNext { .. }) => Some(Quick::AddNext {
            dst: p(dst),
            a: p(a),
            b: p(b),
        }),
        (
            Code::Mul { dst: t, a, b },
            Code::Add {
                dst,
                a: left,
                b: right,
            },
        ) if t >= temporary => {
            let c = match (left == t, right == t) {
                (true, false) => right,
                (false, true) => left,
                _ => return None,
            };
            Some(Quick::MulAdd {
                dst: p(dst),
                a: p(a),
                b: p(b),
                c: p(c),
            })
        }
        (Code::Add { dst: t, a, b }, Code::Mod { dst, a: left, b: c })
            if t >= temporary && left == t && c != t =>
        {
            Some(Quick::AddMod {
                dst: p(dst),
                a: p(a),
                b: p(b),
                c: p(c),
            })
        }
        (Code::Add { dst: t, a, b }, Code::Add { dst, a: left, b: c })
            if t >= temporary && left == t && c != t =>
        {
            Some(Quick::AddAdd {
                dst: p(dst),
                a: p(a),
                b: p(b),
                c: p(c),
            })
        }
        (Code::Add { dst: t, a, b }, Code::Sub { dst, a: left, b: c })
            if t >= temporary && left == t && c != t =>
        {
            Some(Quick::AddSub {
                dst: p(dst),
                a: p(a),
                b: p(b),
                c: p(c),
            })
        }
        _ => None,
    }
}
