//! A macro that replaces `x ** 2` by `x * x`, which loads no constant.
//!
//!     cargo run -p mmm-vm-py-macros --example py_macro -- IN.pyc OUT.pyc

use std::env::args;
use std::fs;
use vm_py_code::insn::Op;
use vm_py_code::object::Object;
use vm_py_code::pyc::Pyc;
use vm_py_macros::rewrite::{constant, loosen, op, plain, run};
use vm_py_text::unit::{Const, Item, Unit};
use vm_py_text::{assemble_unit, lift_to_change};

/// Returns true if an instruction loads the number 2.
fn loads_two(unit: &Unit, item: &Item) -> bool {
    match constant(item) {
        Some(Const::Value(id)) => matches!(unit.pool.get(*id), Object::Int(2)),
        _ => false,
    }
}

fn squares(unit: &mut Unit) -> usize {
    let mut changed = 0;
    for index in 0..unit.objects.len() {
        let items = &unit.objects[index].items;
        // A run has no label inside, so no jump leads between the two.
        let found: Vec<usize> = (0..items.len())
            .filter(|&at| loads_two(unit, &items[at]))
            .filter_map(|at| run(items, at, 2))
            .filter(|pair| op(&items[pair[1]]) == Some(Op::BinaryPower))
            .map(|pair| pair[0])
            .collect();
        if found.is_empty() || loosen(unit, index).is_err() {
            continue;
        }
        changed += found.len();
        for at in found {
            let items = &mut unit.objects[index].items;
            items[at] = plain(Op::DupTop);
            if let Some(power) = items[at..]
                .iter_mut()
                .find(|item| op(item) == Some(Op::BinaryPower))
            {
                *power = plain(Op::BinaryMultiply);
            }
        }
    }
    changed
}

fn main() {
    let names: Vec<String> = args().skip(1).collect();
    let [from, to] = &names[..] else {
        eprintln!("usage: py_macro IN.pyc OUT.pyc");
        std::process::exit(2);
    };
    let bytes = fs::read(from).expect("the file can be read");
    let unit = Pyc::read(from, &bytes).and_then(lift_to_change);
    let mut unit = unit.unwrap_or_else(|why| {
        eprintln!("{why}");
        std::process::exit(2);
    });
    println!("{} squares", squares(&mut unit));
    let changed = assemble_unit(&unit, from).expect("it was a file before");
    fs::write(to, changed.write()).expect("the file can be written");
}
