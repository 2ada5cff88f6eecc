//! `time`: a clock that counts instructions, so that runs repeat.

use crate::native::{ModuleDef, Native, Sig, f};
use crate::value::{R, Value};
use crate::vm::Vm;

pub(crate) static TIME: ModuleDef = ModuleDef {
    name: "time",
    doc: "This module provides various functions to manipulate time values.",
    functions: ROWS,
    init: |vm, module| {
        super::constant(vm, module, "timezone", Value::Int(0));
        super::constant(vm, module, "altzone", Value::Int(0));
        super::constant(vm, module, "daylight", Value::Int(0));
        let utc = vm.str("UTC");
        let names = vm.tuple(vec![utc, utc]);
        super::constant(vm, module, "tzname", names);
        Ok(())
    },
};

const ROWS: &[Native] = &[
    f("time", Sig::None, |vm, _| {
        Ok(Value::Float(EPOCH as f64 + seconds(vm)))
    }),
    f("time_ns", Sig::None, |vm, _| {
        Ok(Value::Int(
            (EPOCH * 1_000_000_000) + (seconds(vm) * 1e9) as i64,
        ))
    }),
    f("perf_counter", Sig::None, clock),
    f("monotonic", Sig::None, clock),
    f("process_time", Sig::None, clock),
    f("thread_time", Sig::None, clock),
    f("perf_counter_ns", Sig::None, clock_ns),
    f("monotonic_ns", Sig::None, clock_ns),
    f("process_time_ns", Sig::None, clock_ns),
    f("sleep", Sig::One, |vm, a| {
        let time = crate::types::float::real(vm, a[0], |kind| {
            format!("'{kind}' object cannot be interpreted as an integer")
        })?;
        if time < 0.0 {
            return Err(vm.value_error("sleep length must be non-negative"));
        }
        Ok(Value::None)
    }),
];

/// When the clock starts.
const EPOCH: i64 = 1_600_000_000;

fn seconds(vm: &Vm) -> f64 {
    vm.steps as f64 * 2e-8
}

fn clock(vm: &mut Vm, _: &[Value]) -> R {
    Ok(Value::Float(seconds(vm)))
}

fn clock_ns(vm: &mut Vm, _: &[Value]) -> R {
    Ok(Value::Int((seconds(vm) * 1e9) as i64))
}
