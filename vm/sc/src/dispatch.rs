//! The main loop, with the fast paths for numbers. [`World::step`] does everything else.

use super::kind::Kind;
use super::quicken::{Arithmetic, Quick, SlotIndex};
use super::value::Value;
use super::world::{At, Cell, Exit, World};

/// Writes an Int, if there is one, and continues.
macro_rules! int {
    ($numbers:ident, $pc:ident, $dst:ident, $value:expr, $step:expr) => {
        if let Some(value) = $value {
            $dst.put_int($numbers, value);
            $pc += $step;
            continue;
        }
    };
}

macro_rules! float {
    ($numbers:ident, $pc:ident, $dst:ident, $value:expr, $step:expr) => {{
        let value = $value;
        $dst.put_float($numbers, value);
        $pc += $step;
        continue;
    }};
}

/// Continues if the instruction is done.
macro_rules! done {
    ($pc:ident, $done:expr) => {
        if $done {
            $pc += 1;
            continue;
        }
    };
}

/// Writes the result of a comparison into a slot that holds a Bool already.
macro_rules! compare {
    ($cells:ident, $pc:ident, $dst:ident, $holds:expr) => {
        if let Some(Value::Bool(old)) = &mut $cells[$dst.index()] {
            *old = $holds;
            $pc += 1;
            continue;
        }
    };
}

/// Continues at `to` if a test holds and the fuel pays for it.
macro_rules! branch {
    ($pc:ident, $fuel:ident, $holds:expr, $cost:expr, $to:ident) => {
        if $holds {
            if let Some(left) = $fuel.checked_sub(u64::from($cost)) {
                $fuel = left;
                $pc = $to as usize;
                continue;
            }
        } else {
            $pc += 1;
            continue;
        }
    };
}

/// Begins the next iteration of a FOR, if there is one that the fuel pays for.
macro_rules! next {
    ($numbers:ident, $pc:ident, $fuel:ident, $cost:ident, $var:ident, $count:ident, $to:ident) => {{
        // This cannot overflow: the counter of the last iteration was below the end.
        let next = $count.int($numbers).wrapping_add(1);
        if next >= $count.next_int($numbers) {
            $pc += 1;
            continue;
        }
        if let Some(left) = $fuel.checked_sub(u64::from($cost)) {
            $count.put_int($numbers, next);
            $var.put_int($numbers, next);
            $fuel = left;
            $pc = $to as usize;
            continue;
        }
    }};
}

/// Runs from `at` until the program ends or something stops it.
#[rustfmt::skip]
pub(super) fn dispatch<S: SlotIndex>(
    code: &[Quick<S>],
    n: &mut S::Numbers,
    cells: &mut [Cell],
    world: &mut World,
    at: &mut At,
) -> Exit {
    let (mut pc, mut fuel) = (at.pc, at.fuel);
    loop {
        match code[pc] {
            Quick::Step => {}
            Quick::Charge { cost } => {
                if let Some(left) = fuel.checked_sub(u64::from(cost)) {
                    (fuel, pc) = (left, pc + 1);
                    continue;
                }
            }
            Quick::CheckSet { slot: a } => int!(n, pc, a, cells[a.index()].is_some().then(|| a.int(n)), 1),
            Quick::Move { dst, from } => int!(n, pc, dst, cells[dst.index()].is_some().then(|| from.int(n)), 1),
            Quick::Mixed { operator, kinds, dst, a, b } => done!(pc, mixed(n, cells, operator, kinds, (dst, a, b))),
            Quick::IntAdd { dst, a, b } => int!(n, pc, dst, a.int(n).checked_add(b.int(n)), 1),
            Quick::IntSub { dst, a, b } => int!(n, pc, dst, a.int(n).checked_sub(b.int(n)), 1),
            Quick::IntMul { dst, a, b } => int!(n, pc, dst, a.int(n).checked_mul(b.int(n)), 1),
            Quick::IntDiv { dst, a, b } => int!(n, pc, dst, a.int(n).checked_div(b.int(n)), 1),
            Quick::IntMod { dst, a, b } => int!(n, pc, dst, a.int(n).checked_rem(b.int(n)), 1),
            Quick::FloatAdd { dst, a, b } => float!(n, pc, dst, a.float(n) + b.float(n), 1),
            Quick::FloatSub { dst, a, b } => float!(n, pc, dst, a.float(n) - b.float(n), 1),
            Quick::FloatMul { dst, a, b } => float!(n, pc, dst, a.float(n) * b.float(n), 1),
            Quick::FloatDiv { dst, a, b } => float!(n, pc, dst, a.float(n) / b.float(n), 1),
            Quick::IntLt { dst, a, b } => compare!(cells, pc, dst, a.int(n) < b.int(n)),
            Quick::IntLe { dst, a, b } => compare!(cells, pc, dst, a.int(n) <= b.int(n)),
            Quick::IntEq { dst, a, b } => compare!(cells, pc, dst, a.int(n) == b.int(n)),
            Quick::IntNe { dst, a, b } => compare!(cells, pc, dst, a.int(n) != b.int(n)),
            Quick::FloatLt { dst, a, b } => compare!(cells, pc, dst, a.float(n) < b.float(n)),
            Quick::FloatLe { dst, a, b } => compare!(cells, pc, dst, a.float(n) <= b.float(n)),
            Quick::FloatEq { dst, a, b } => compare!(cells, pc, dst, a.float(n) == b.float(n)),
            Quick::FloatNe { dst, a, b } => compare!(cells, pc, dst, a.float(n) != b.float(n)),
            Quick::IntMulAdd { dst, a, b, c } => int!(n, pc, dst, mul_add(a.int(n), b.int(n), c.int(n)), 2),
            Quick::IntAddAdd { dst, a, b, c } => int!(n, pc, dst, add_add(a.int(n), b.int(n), c.int(n)), 2),
            Quick::IntAddSub { dst, a, b, c } => int!(n, pc, dst, add_sub(a.int(n), b.int(n), c.int(n)), 2),
            Quick::FloatMulAdd { dst, a, b, c } => float!(n, pc, dst, a.float(n) * b.float(n) + c.float(n), 2),
            Quick::IntModBy { dst, a, by, over } => int!(n, pc, dst, Some(remainder(a.int(n), by.int(n), over.int(n))), 1),
            Quick::IntAddModBy { dst, a, b, by, over } => {
                let sum = a.int(n).checked_add(b.int(n));
                int!(n, pc, dst, sum.map(|it| remainder(it, by.int(n), over.int(n))), 2);
            }
            Quick::IntMulAddModBy { dst, a, b, c, by, over } => {
                let sum = mul_add(a.int(n), b.int(n), c.int(n));
                int!(n, pc, dst, sum.map(|it| remainder(it, by.int(n), over.int(n))), 3);
            }
            Quick::IntAddNext { dst, a, b } => {
                if let Some(sum) = a.int(n).checked_add(b.int(n)) {
                    dst.put_int(n, sum);
                    pc += 1;
                    if let Quick::ForNext { cost, var, count, to } = code[pc] {
                        next!(n, pc, fuel, cost, var, count, to);
                    }
                }
            }
            Quick::IntAddIfLt { dst, a, b } => {
                if let Some(sum) = a.int(n).checked_add(b.int(n)) {
                    dst.put_int(n, sum);
                    pc += 1;
                    if let Quick::IfIntLt { cost, a, b, to } = code[pc] {
                        branch!(pc, fuel, a.int(n) < b.int(n), cost, to);
                    }
                }
            }
            Quick::FloatAddIfLt { dst, a, b } => {
                dst.put_float(n, a.float(n) + b.float(n));
                pc += 1;
                if let Quick::IfFloatLt { cost, a, b, to } = code[pc] {
                    branch!(pc, fuel, a.float(n) < b.float(n), cost, to);
                }
            }
            Quick::ForNext { cost, var, count, to } => next!(n, pc, fuel, cost, var, count, to),
            Quick::Jump { to } => branch!(pc, fuel, true, 0u8, to),
            Quick::If { cost, a, to } => {
                if let Some(Value::Bool(holds)) = cells[a.index()] {
                    branch!(pc, fuel, holds, cost, to);
                }
            }
            Quick::IfIntLt { cost, a, b, to } => branch!(pc, fuel, a.int(n) < b.int(n), cost, to),
            Quick::IfIntLe { cost, a, b, to } => branch!(pc, fuel, a.int(n) <= b.int(n), cost, to),
            Quick::IfIntEq { cost, a, b, to } => branch!(pc, fuel, a.int(n) == b.int(n), cost, to),
            Quick::IfIntNe { cost, a, b, to } => branch!(pc, fuel, a.int(n) != b.int(n), cost, to),
            Quick::IfFloatLt { cost, a, b, to } => branch!(pc, fuel, a.float(n) < b.float(n), cost, to),
            Quick::IfFloatLe { cost, a, b, to } => branch!(pc, fuel, a.float(n) <= b.float(n), cost, to),
            Quick::IfFloatEq { cost, a, b, to } => branch!(pc, fuel, a.float(n) == b.float(n), cost, to),
            Quick::IfFloatNe { cost, a, b, to } => branch!(pc, fuel, a.float(n) != b.float(n), cost, to),
        }
        (at.pc, at.fuel) = (pc, fuel);
        let op = world.compiled.code[pc];
        if let Err(exit) = world.step(cells, S::all(n), at, op) {
            return exit;
        }
        (pc, fuel) = (at.pc, at.fuel);
    }
}

/// Executes [`Quick::Mixed`] and returns true, if the operands are numbers and the result does not
/// replace a text.
fn mixed<S: SlotIndex>(
    n: &mut S::Numbers,
    cells: &mut [Cell],
    operator: Arithmetic,
    [kind, of_a, of_b]: [Kind; 3],
    (dst, a, b): (S, S, S),
) -> bool {
    let number = |kind, place: S| match (kind, &cells[place.index()]) {
        (Kind::Int, _) => Some(Value::Int(place.int(n))),
        (Kind::Float, _) => Some(Value::Float(place.float(n))),
        (Kind::Any, Some(Value::Int(value))) => Some(Value::Int(*value)),
        (Kind::Any, Some(Value::Float(value))) => Some(Value::Float(*value)),
        (Kind::Any, _) => None,
    };
    let floats = |a: f64, b: f64| match operator {
        Arithmetic::Add => a + b,
        Arithmetic::Sub => a - b,
        Arithmetic::Mul => a * b,
        Arithmetic::Div => a / b,
    };
    let value = match (number(of_a, a), number(of_b, b)) {
        (Some(Value::Int(a)), Some(Value::Int(b))) => match operator {
            Arithmetic::Add => a.checked_add(b),
            Arithmetic::Sub => a.checked_sub(b),
            Arithmetic::Mul => a.checked_mul(b),
            Arithmetic::Div => a.checked_div(b),
        }
        .map(Value::Int),
        (Some(Value::Float(a)), Some(Value::Float(b))) => Some(Value::Float(floats(a, b))),
        (Some(Value::Int(a)), Some(Value::Float(b))) => Some(Value::Float(floats(a as f64, b))),
        (Some(Value::Float(a)), Some(Value::Int(b))) => Some(Value::Float(floats(a, b as f64))),
        _ => None,
    };
    match (kind, value, &mut cells[dst.index()]) {
        (Kind::Int, Some(Value::Int(value)), _) => dst.put_int(n, value),
        (Kind::Float, Some(Value::Float(value)), _) => dst.put_float(n, value),
        (Kind::Any, Some(value), Some(old)) if !matches!(old, Value::Str(_)) => *old = value,
        _ => return false,
    }
    true
}

#[inline(always)]
fn mul_add(a: i64, b: i64, c: i64) -> Option<i64> {
    a.checked_mul(b)?.checked_add(c)
}

#[inline(always)]
fn add_add(a: i64, b: i64, c: i64) -> Option<i64> {
    a.checked_add(b)?.checked_add(c)
}

#[inline(always)]
fn add_sub(a: i64, b: i64, c: i64) -> Option<i64> {
    a.checked_add(b)?.checked_sub(c)
}

/// Returns the remainder by a number from 1 to 2^32 - 1, where `over` is 2^64 divided by it,
/// rounded up. If `a` fits 32 bits too, the low half of `a * over` is the fraction of `a / by`,
/// precise enough to give the remainder (Lemire, Kaser and Kurz 2019).
#[inline(always)]
fn remainder(a: i64, by: i64, over: i64) -> i64 {
    if a as u64 <= u64::from(u32::MAX) {
        let part = (over as u64).wrapping_mul(a as u64);
        ((u128::from(part) * by as u128) >> 64) as i64
    } else {
        a.wrapping_rem(by)
    }
}
