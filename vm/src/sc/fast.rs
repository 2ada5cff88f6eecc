//! The loop: the ways that numbers take. Whatever does not fit them is [`World::step`]'s.

use super::quick::{Place, Quick};
use super::run::{At, Exit, World};
use super::value::Value;
use std::ops::{Add, Div, Mul, Rem, Sub};

/// Puts a number where one of its type lies already, and goes on.
macro_rules! put {
    ($frame:ident, $pc:ident, $kind:ident, $dst:ident, $value:expr, $step:expr) => {
        if let Some(Value::$kind(old)) = $dst.get_mut($frame) {
            *old = $value;
            $pc += $step;
            continue;
        }
    };
}

/// An operator on two Int or two Float.
macro_rules! numbers {
    ($frame:ident, $pc:ident, $dst:ident, $a:ident, $b:ident, $ints:expr, $floats:expr) => {
        if let (Some(Value::Int(x)), Some(Value::Int(y))) = ($a.get($frame), $b.get($frame)) {
            if let Some(z) = $ints(*x, *y) {
                put!($frame, $pc, Int, $dst, z, 1);
            }
        } else if let (Some(Value::Float(x)), Some(Value::Float(y))) =
            ($a.get($frame), $b.get($frame))
        {
            let z = $floats(*x, *y);
            put!($frame, $pc, Float, $dst, z, 1);
        }
    };
}

/// Two operators on three Int or three Float.
macro_rules! numbers3 {
    ($frame:ident, $pc:ident, $dst:ident, $a:ident, $b:ident, $c:ident, $ints:expr, $floats:expr) => {
        if let (Some(Value::Int(x)), Some(Value::Int(y)), Some(Value::Int(z))) =
            ($a.get($frame), $b.get($frame), $c.get($frame))
        {
            let t: Option<i64> = $ints.0(*x, *y);
            if let Some(z) = t.and_then(|t| $ints.1(t, *z)) {
                put!($frame, $pc, Int, $dst, z, 2);
            }
        } else if let (Some(Value::Float(x)), Some(Value::Float(y)), Some(Value::Float(z))) =
            ($a.get($frame), $b.get($frame), $c.get($frame))
        {
            let z: f64 = $floats.1($floats.0(*x, *y), *z);
            put!($frame, $pc, Float, $dst, z, 2);
        }
    };
}

/// Whether a comparison of two Int or two Float holds.
macro_rules! holds {
    ($frame:ident, $a:ident, $b:ident, $operator:tt) => {
        if let (Some(Value::Int(x)), Some(Value::Int(y))) = ($a.get($frame), $b.get($frame)) {
            Some(*x $operator *y)
        } else if let (Some(Value::Float(x)), Some(Value::Float(y))) =
            ($a.get($frame), $b.get($frame))
        {
            Some(*x $operator *y)
        } else {
            None
        }
    };
}

/// Puts what a comparison comes to into a place.
macro_rules! compare {
    ($frame:ident, $pc:ident, $dst:ident, $a:ident, $b:ident, $operator:tt) => {
        if let Some(holds) = holds!($frame, $a, $b, $operator) {
            put!($frame, $pc, Bool, $dst, holds, 1);
        }
    };
}

/// Goes to `to` if a test holds and that can be paid for.
macro_rules! branch {
    ($pc:ident, $fuel:ident, $holds:expr, $cost:ident, $to:ident) => {
        match $holds {
            Some(true) => {
                if let Some(left) = $fuel.checked_sub(u64::from($cost)) {
                    $fuel = left;
                    $pc = $to as usize;
                    continue;
                }
            }
            Some(false) => {
                $pc += 1;
                continue;
            }
            None => {}
        }
    };
}

/// Counts a FOR's turn, and goes to the next if there is one that can be paid for.
macro_rules! next {
    ($frame:ident, $pc:ident, $fuel:ident, $counters:ident, $cost:ident, $var:ident, $counter:ident, $to:ident) => {{
        let (count, end) = &mut $counters[$counter as usize];
        // The turn that ends here had a counter below `end`.
        let next = count.wrapping_add(1);
        if next >= *end {
            $pc += 1;
            continue;
        }
        if let (Some(left), Some(Value::Int(old))) =
            ($fuel.checked_sub(u64::from($cost)), $var.get_mut($frame))
        {
            *count = next;
            *old = next;
            $fuel = left;
            $pc = $to as usize;
            continue;
        }
    }};
}

type Ints = (fn(i64, i64) -> Option<i64>, fn(i64, i64) -> Option<i64>);
type Floats = (fn(f64, f64) -> f64, fn(f64, f64) -> f64);

const MUL_ADD: (Ints, Floats) = ((i64::checked_mul, i64::checked_add), (f64::mul, f64::add));
const ADD_MOD: (Ints, Floats) = ((i64::checked_add, i64::checked_rem), (f64::add, f64::rem));
const ADD_ADD: (Ints, Floats) = ((i64::checked_add, i64::checked_add), (f64::add, f64::add));
const ADD_SUB: (Ints, Floats) = ((i64::checked_add, i64::checked_sub), (f64::add, f64::sub));

/// Runs from `at` until the program ends or something stops it.
#[rustfmt::skip]
pub(super) fn fast<S: Place>(
    code: &[Quick<S>],
    frame: &mut S::Frame,
    counters: &mut [(i64, i64)],
    world: &mut World,
    at: &mut At,
) -> Exit {
    let (mut pc, mut fuel) = (at.pc, at.fuel);
    loop {
        match code[pc] {
            Quick::Step => {}
            Quick::Charge { cost } => {
                if let Some(left) = fuel.checked_sub(u64::from(cost)) {
                    fuel = left;
                    pc += 1;
                    continue;
                }
            }
            Quick::Move { dst, from } => match *from.get(frame) {
                Some(Value::Int(value)) => put!(frame, pc, Int, dst, value, 1),
                Some(Value::Float(value)) => put!(frame, pc, Float, dst, value, 1),
                Some(Value::Nil | Value::Bool(_) | Value::Str(_)) | None => {}
            },
            Quick::Add { dst, a, b } => numbers!(frame, pc, dst, a, b, i64::checked_add, f64::add),
            Quick::Sub { dst, a, b } => numbers!(frame, pc, dst, a, b, i64::checked_sub, f64::sub),
            Quick::Mul { dst, a, b } => numbers!(frame, pc, dst, a, b, i64::checked_mul, f64::mul),
            Quick::Div { dst, a, b } => numbers!(frame, pc, dst, a, b, i64::checked_div, f64::div),
            Quick::Mod { dst, a, b } => numbers!(frame, pc, dst, a, b, i64::checked_rem, f64::rem),
            Quick::Lt { dst, a, b } => compare!(frame, pc, dst, a, b, <),
            Quick::Le { dst, a, b } => compare!(frame, pc, dst, a, b, <=),
            Quick::Eq { dst, a, b } => compare!(frame, pc, dst, a, b, ==),
            Quick::Ne { dst, a, b } => compare!(frame, pc, dst, a, b, !=),
            Quick::MulAdd { dst, a, b, c } => numbers3!(frame, pc, dst, a, b, c, MUL_ADD.0, MUL_ADD.1),
            Quick::AddMod { dst, a, b, c } => numbers3!(frame, pc, dst, a, b, c, ADD_MOD.0, ADD_MOD.1),
            Quick::AddAdd { dst, a, b, c } => numbers3!(frame, pc, dst, a, b, c, ADD_ADD.0, ADD_ADD.1),
            Quick::AddSub { dst, a, b, c } => numbers3!(frame, pc, dst, a, b, c, ADD_SUB.0, ADD_SUB.1),
            Quick::AddNext { dst, a, b } => {
                if let (Some(Value::Int(x)), Some(Value::Int(y))) = (a.get(frame), b.get(frame)) {
                    if let Some(z) = x.checked_add(*y)
                        && let Some(Value::Int(old)) = dst.get_mut(frame)
                    {
                        *old = z;
                        pc += 1;
                        if let Quick::ForNext { cost, var, counter, to } = code[pc] {
                            next!(frame, pc, fuel, counters, cost, var, counter, to);
                        }
                    }
                } else {
                    numbers!(frame, pc, dst, a, b, i64::checked_add, f64::add);
                }
            }
            Quick::ForNext { cost, var, counter, to } => {
                next!(frame, pc, fuel, counters, cost, var, counter, to);
            }
            Quick::Jump { to } => {
                pc = to as usize;
                continue;
            }
            Quick::If { cost, a, to } => {
                if let Some(Value::Bool(holds)) = a.get(frame) {
                    branch!(pc, fuel, Some(*holds), cost, to);
                }
            }
            Quick::IfLt { cost, a, b, to } => branch!(pc, fuel, holds!(frame, a, b, <), cost, to),
            Quick::IfLe { cost, a, b, to } => branch!(pc, fuel, holds!(frame, a, b, <=), cost, to),
            Quick::IfEq { cost, a, b, to } => branch!(pc, fuel, holds!(frame, a, b, ==), cost, to),
            Quick::IfNe { cost, a, b, to } => branch!(pc, fuel, holds!(frame, a, b, !=), cost, to),
        }
        (at.pc, at.fuel) = (pc, fuel);
        let op = world.compiled.code[pc];
        if let Err(exit) = world.step(S::all(frame), counters, at, op) {
            return exit;
        }
        (pc, fuel) = (at.pc, at.fuel);
    }
}
