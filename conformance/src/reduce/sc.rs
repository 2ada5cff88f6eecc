//! Smaller `.sc` files: what is taken away is instructions, loops around their bodies, parts of
//! expressions, constants; what refers to them goes too, or is renumbered.
//!
//! Text is assembled first, if what it assembles to is as interesting, and what is left at the end
//! becomes text again, if that is.

use super::Reducer;
use crate::generate::sc::file::{Ast, Constant, File, Insn, Op, STORED, canonical};
use std::collections::BTreeSet;
use std::ops::Range;

/// Takes everything away that can be, once. True if that was anything.
pub(super) fn round(reducer: &mut Reducer) -> bool {
    let Some(file) = binary(reducer) else {
        return false;
    };
    let tidy = canonical(&file);
    let mut better = weight(&tidy) <= weight(&file) && put(reducer, &tidy);
    better |= drop_instructions(reducer);
    better |= shrink_asts(reducer);
    better |= drop_unused(reducer);
    better | plainer_constants(reducer)
}

/// True if the entry is a file that can be taken apart, and so a matter of this module.
pub(super) fn is_binary(reducer: &Reducer) -> bool {
    let bytes = &reducer.best.files[&reducer.best.entry];
    bytes.starts_with(b".Sc.") && File::decode(bytes).is_some()
}

/// Puts bytes in the place of text.
pub(super) fn assemble(reducer: &mut Reducer) {
    let entry = reducer.best.entry.clone();
    let text = std::str::from_utf8(&reducer.best.files[&entry]).unwrap_or_default();
    if !text.starts_with(".Sc.")
        && let Ok(bytes) = vm::sc::assemble(&entry, text)
    {
        reducer.try_text(&entry, bytes);
    }
}

/// Puts text in the place of bytes.
pub(super) fn disassemble(reducer: &mut Reducer) {
    let entry = reducer.best.entry.clone();
    let bytes = &reducer.best.files[&entry];
    if !bytes.starts_with(b".Sc.") {
        return;
    }
    let home = entry.strip_suffix(".sc").or(entry.strip_suffix(".sca"));
    let home = home.unwrap_or(&entry);
    if let Ok(text) = vm::sc::disassemble(&entry, bytes) {
        let mut candidate = reducer.best.clone();
        candidate.files.remove(&entry);
        candidate.entry = format!("{home}.sca");
        candidate
            .files
            .insert(candidate.entry.clone(), text.into_bytes());
        if reducer.try_case(candidate) {
            return;
        }
    }
    // At least it is named after what it is.
    let mut candidate = reducer.best.clone();
    if let Some(bytes) = candidate.files.remove(&entry) {
        candidate.entry = format!("{home}.sc");
        candidate.files.insert(candidate.entry.clone(), bytes);
        reducer.try_case(candidate);
    }
}

fn binary(reducer: &Reducer) -> Option<File> {
    File::decode(&reducer.best.files[&reducer.best.entry])
}

/// Tries another file in the place of one.
fn put(reducer: &mut Reducer, file: &File) -> bool {
    let entry = reducer.best.entry.clone();
    reducer.try_text(&entry, file.encode())
}

/// Tries another file, if there is less to it.
fn attempt(reducer: &mut Reducer, file: &File) -> bool {
    let lighter = binary(reducer).is_some_and(|best| weight(file) < weight(&best));
    lighter && put(reducer, file)
}

/// How much there is to a file, for a reader.
fn weight(file: &File) -> u64 {
    let ops = file.asts.iter().flat_map(|ast| &ast.ops);
    let ops = ops.map(|op| match *op {
        Op::Const(0..STORED) => 8,
        Op::Const(_) => 10,
        Op::Operator(_) => 20,
        Op::Var(_) => 30,
        Op::Call(_, arguments) => 40 + arguments.min(9),
    });
    let constants = file.constants.iter().map(|constant| match constant {
        Constant::Int(value) => 4 + u64::from(value.unsigned_abs().checked_ilog2().unwrap_or(0)),
        Constant::Float(_) => 8,
        Constant::Str(text) => 4 + text.len() as u64,
    });
    let asts = file.asts.iter().map(|ast| match ast.most {
        most if most == Ast::new(ast.ops.clone()).most => 4,
        _ => 5,
    });
    let insns = file.insns.iter().map(|insn| match insn {
        Insn::Set(..) => 101,
        _ => 100,
    });
    insns.sum::<u64>() + ops.sum::<u64>() + constants.sum::<u64>() + asts.sum::<u64>()
}

// ----------------------------------------------------------------------------------- instructions

/// Leaves out runs of instructions: half of them, a quarter, and so on.
fn drop_instructions(reducer: &mut Reducer) -> bool {
    let mut better = false;
    let mut size = binary(reducer).map_or(0, |file| file.insns.len());
    while size > 0 {
        let mut at = 0;
        while let Some(file) = binary(reducer) {
            if at >= file.insns.len() {
                break;
            }
            let range = at..(at + size).min(file.insns.len());
            match attempt(reducer, &without(&file, range)) {
                true => better = true,
                false => at += 1.max(size / 2),
            }
        }
        size /= 2;
    }
    // What is assigned may matter, and the variable not.
    for at in 0..binary(reducer).map_or(0, |file| file.insns.len()) {
        if let Some(mut file) = binary(reducer)
            && let Insn::Set(_, ast) = file.insns[at]
        {
            file.insns[at] = Insn::Eval(ast);
            better |= attempt(reducer, &file);
        }
    }
    better
}

/// The file without some instructions, and without those that mean nothing without them: the
/// other end of a loop, jumps to it, gotos to a label.
fn without(file: &File, range: Range<usize>) -> File {
    let mut gone: BTreeSet<u64> = range.map(|at| at as u64).collect();
    for (at, insn) in file.insns.iter().enumerate() {
        let (at, end) = match *insn {
            Insn::For([.., end]) | Insn::While([_, end]) => (at as u64, end),
            _ => continue,
        };
        if gone.contains(&at) || gone.contains(&end) {
            gone.extend([at, end]);
        }
    }
    let mut labels = BTreeSet::new();
    for (at, insn) in file.insns.iter().enumerate() {
        match *insn {
            Insn::Jump(to) if gone.contains(&to) => {
                gone.insert(at as u64);
            }
            Insn::Label(name) if gone.contains(&(at as u64)) => {
                labels.insert(file.text(name));
            }
            _ => {}
        }
    }
    let stays = |&(at, insn): &(usize, &Insn)| {
        let lost = matches!(*insn, Insn::Goto(name) if labels.contains(&file.text(name)));
        !gone.contains(&(at as u64)) && !lost
    };
    let kept: Vec<usize> = (0..file.insns.len())
        .zip(&file.insns)
        .filter(stays)
        .map(|(at, _)| at)
        .collect();
    let mut small = file.clone();
    small.insns = kept.iter().map(|&at| file.insns[at]).collect();
    for insn in &mut small.insns {
        if let Some(target) = insn.target() {
            *target = kept.partition_point(|&at| (at as u64) < *target) as u64;
        }
    }
    small
}

// -------------------------------------------------------------------------------------- asts

/// Puts parts of expressions in the place of the whole, and plain constants in the place of parts.
fn shrink_asts(reducer: &mut Reducer) -> bool {
    let mut better = false;
    let mut at = 0;
    while let Some(mut file) = binary(reducer) {
        let is_zero = |constant: &Constant| *constant == Constant::Int(0);
        let zero = file.constants.iter().position(is_zero);
        let zero = zero.unwrap_or(file.constants.len());
        if zero == file.constants.len() {
            file.constants.push(Constant::Int(0));
        }
        let Some(ast) = file.asts.get(at) else {
            break;
        };
        let smaller = shrunk(ast, STORED + zero as u64).into_iter().any(|ops| {
            let mut file = file.clone();
            file.asts[at] = Ast::new(ops);
            attempt(reducer, &file)
        });
        better |= smaller;
        at += usize::from(!smaller);
    }
    better
}

/// What an ast can be made into, the shortest first.
fn shrunk(ast: &Ast, zero: u64) -> Vec<Vec<Op>> {
    // Where the part that ends at each instruction begins.
    let mut starts: Vec<usize> = Vec::with_capacity(ast.ops.len());
    let mut stack: Vec<usize> = Vec::new();
    for (at, op) in ast.ops.iter().enumerate() {
        let taken = usize::try_from(op.takes()).unwrap_or(usize::MAX);
        let below = stack.len().saturating_sub(taken);
        let start = stack.get(below).copied().unwrap_or(at);
        stack.truncate(below);
        stack.push(start);
        starts.push(start);
    }
    let mut out = Vec::new();
    for (end, &start) in starts.iter().enumerate() {
        out.push(ast.ops[start..=end].to_vec());
        for constant in [0, 2, 3, zero] {
            let before = &ast.ops[..start];
            out.push([before, &[Op::Const(constant)], &ast.ops[end + 1..]].concat());
        }
        // A call without its arguments, or with the first of them.
        if let Op::Call(name, count @ 1..) = ast.ops[end] {
            let call = |count| [Op::Call(name, count)];
            out.push([&ast.ops[..start], &call(0), &ast.ops[end + 1..]].concat());
            if count > 1 && end > 0 {
                let arguments = &ast.ops[starts[end - 1]..end];
                out.push([&ast.ops[..start], arguments, &call(1), &ast.ops[end + 1..]].concat());
            }
        }
    }
    out.retain(|ops| *ops != ast.ops);
    out.sort_by_key(Vec::len);
    out
}

// --------------------------------------------------------------------------------- constants

/// Leaves out constants and asts that nobody uses, one by one: they may matter by being there.
fn drop_unused(reducer: &mut Reducer) -> bool {
    let mut better = false;
    let mut at = 0;
    while let Some(mut file) = binary(reducer) {
        if at >= file.constants.len() {
            break;
        }
        file.constants.remove(at);
        let index = STORED + at as u64;
        let mut used = false;
        let mut moved = |name: Option<&mut u64>| {
            if let Some(name) = name {
                used |= *name == index;
                *name -= u64::from(*name > index);
            }
        };
        let ops = file.asts.iter_mut().flat_map(|ast| &mut ast.ops);
        ops.for_each(|op| moved(op.constant()));
        file.insns
            .iter_mut()
            .for_each(|insn| moved(insn.constant()));
        match !used && attempt(reducer, &file) {
            true => better = true,
            false => at += 1,
        }
    }
    at = 0;
    while let Some(mut file) = binary(reducer) {
        if at >= file.asts.len() {
            break;
        }
        file.asts.remove(at);
        let mut used = false;
        for index in file.insns.iter_mut().flat_map(Insn::asts) {
            used |= *index == at as u64;
            *index -= u64::from(*index > at as u64);
        }
        match !used && attempt(reducer, &file) {
            true => better = true,
            false => at += 1,
        }
    }
    better
}

fn plainer_constants(reducer: &mut Reducer) -> bool {
    let mut better = false;
    let mut at = 0;
    while let Some(file) = binary(reducer) {
        let Some(constant) = file.constants.get(at) else {
            break;
        };
        let plainer = plainer(constant).into_iter().any(|constant| {
            let mut file = file.clone();
            file.constants[at] = constant;
            put(reducer, &file)
        });
        better |= plainer;
        at += usize::from(!plainer);
    }
    for at in 0..binary(reducer).map_or(0, |file| file.asts.len()) {
        if let Some(mut file) = binary(reducer) {
            file.asts[at] = Ast::new(file.asts[at].ops.clone());
            better |= attempt(reducer, &file);
        }
    }
    better
}

/// Constants nearer to zero, or shorter.
fn plainer(constant: &Constant) -> Vec<Constant> {
    match constant {
        Constant::Int(value) => [0, 1, value / 2]
            .into_iter()
            .filter(|new| new.unsigned_abs() < value.unsigned_abs())
            .map(Constant::Int)
            .collect(),
        Constant::Float(bits) => {
            let value = f64::from_bits(*bits);
            [0.0, 1.0, value.trunc()]
                .into_iter()
                .filter(|new| new.to_bits() < *bits && (new.abs() < value.abs() || value.is_nan()))
                .map(|new| Constant::Float(new.to_bits()))
                .collect()
        }
        Constant::Str(text) => {
            let half = text.chars().take(text.chars().count() / 2).collect();
            let mut shorter = vec![String::new(), "a".to_owned(), half];
            shorter.retain(|new| new.len() < text.len());
            shorter.into_iter().map(Constant::Str).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::case::Case;
    use crate::engines::reference;
    use crate::machine::Machine;
    use crate::reduce::reduce;

    /// Reduces to the least program that has this fault.
    #[track_caller]
    fn check(text: &str, fault: &str, smallest: &str) {
        let mut case = Case::single(Machine::Sc, "main.sca", text);
        case.limits.fuel = Some(1000);
        let mut tried = 0;
        let mut interesting = |case: &Case| {
            tried += 1;
            reference::read(case).seen.fault.as_deref() == Some(fault)
        };
        let small = reduce(&case, &mut interesting).expect("it has that fault");
        assert_eq!(String::from_utf8_lossy(&small.files["main.sca"]), smallest);
        assert!(tried < 1000, "{tried}");
    }

    #[test]
    fn what_does_not_matter_goes() {
        let text = "\
            x = 5 # here\nloop: for i = 0 to 10\n  while i < 3\n    print(i, x)\n    proceed loop\n  end\n\
            y = (x + 1) * (i / (i - i))\n  goto out\nend\nlabel out\nprint(\"end\")\n";
        check(text, "divide-by-zero", "0 / 0\n");
        check(
            "x = 1\nprint(nil, 2 + len(7 * x), x)\n",
            "type-mismatch",
            "len(nil)\n",
        );
    }

    #[test]
    fn loops_that_matter_stay() {
        let text = "a = 1\nwhile true\n  a = a + 1\n  for k = 0 to 2\n    print(a)\n  end\nend\n";
        check(text, "out-of-fuel", "while true\nend\n");
        let text = "print(1)\nfor k = 0 to 3\n  while k == 2\n    print(u)\n    stop\n  end\nend\n";
        check(text, "unset-variable", "``\n");
    }

    #[test]
    fn files_that_nobody_can_take_apart_get_shorter_too() {
        let bytes = crate::generate::sc::binary(1, 2);
        let case = Case::single(Machine::Sc, "main.sc", &bytes[..bytes.len() - 1]);
        let mut refused = |case: &Case| {
            let bytes = &case.files["main.sc"];
            bytes.starts_with(b".Sc") && crate::reference::sc::check(bytes).is_err()
        };
        let small = reduce(&case, &mut refused).expect("it is refused");
        assert_eq!(small.files["main.sc"], b".Sc");
    }
}
