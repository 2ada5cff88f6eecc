//! Instructions: a mnemonic and its operand, as far as they are checked while a file loads.

use super::literal::{is_digits, literal};
use crate::observe::Observer;
use crate::quirks::mmm::Quirk;

/// An instruction.
pub(super) enum Instruction<'a> {
    /// `constexpr` or a literal of one type: the mnemonic and the operand.
    Literal(&'a str, &'a str),
    StackDump,
    Pop,
    BinOp(u8),
    Nop,
    Void,
    Breakpoint,
    Ret,
    PrintAll,
    PrintOne(&'a str),
    Call {
        /// The index of the file, once all files are read; `None` if the path climbs above the root.
        file: Option<usize>,
        path: &'a str,
        name: &'a str,
    },
    StackSize,
    End,
}

/// Reads an instruction inside a function, or its `end`.
///
/// # Errors
///
/// Returns why the file does not load.
pub(super) fn instruction<'a>(
    mnemonic: &'a str,
    operand: Option<&'a str>,
    obs: impl Observer<Quirk>,
) -> Result<Instruction<'a>, &'static str> {
    let plain = |instruction| match operand {
        None => Ok(instruction),
        Some(_) if obs.has_quirk(Quirk::PlainTakesOperand) => Ok(instruction),
        Some(_) => Err(obs.breaks("mmm.instruction.operand.2", "there is an operand too many")),
    };
    let needed = || match operand {
        Some(operand) => {
            obs.holds("mmm.instruction.operand.1");
            Ok(operand)
        }
        None => Err(obs.breaks("mmm.instruction.operand.1", "the operand is missing")),
    };
    match mnemonic {
        "constexpr" | "bool" | "string" | "int" | "float" | "char" | "byte" => {
            let operand = needed()?;
            if obs.has_quirk(Quirk::BadLiteralRefused) && literal(mnemonic, operand, obs).is_none()
            {
                return Err("this is not a literal");
            }
            Ok(Instruction::Literal(mnemonic, operand))
        }
        "bin_op" => bin_op(needed()?, obs),
        "printn" if operand.is_none() && obs.has_quirk(Quirk::PrintAllByDefault) => {
            Ok(Instruction::PrintAll)
        }
        "printn" => printn(needed()?, obs),
        "call" if operand.is_none() => {
            obs.breaks("mmm.instruction.operand.1", ());
            Err(obs.breaks("mmm.call.operand.2", "the operand is missing"))
        }
        "call" => call(needed()?, obs),
        "stack_dump" => plain(Instruction::StackDump),
        "pop" => plain(Instruction::Pop),
        "nop" => plain(Instruction::Nop),
        "void" => plain(Instruction::Void),
        "breakpoint" => plain(Instruction::Breakpoint),
        "ret" => plain(Instruction::Ret),
        "stack_size" => plain(Instruction::StackSize),
        "end"
            if obs.check("mmm.instruction.operand.3", operand.is_none())
                || obs.has_quirk(Quirk::EndTakesName) =>
        {
            Ok(Instruction::End)
        }
        "end" => Err("there is an operand too many"),
        _ if obs.has_quirk(Quirk::UnknownIgnored) => Ok(Instruction::Nop),
        _ => match MNEMONICS
            .iter()
            .find(|known| known.eq_ignore_ascii_case(mnemonic))
        {
            Some(known) if obs.has_quirk(Quirk::MnemonicsAnyCase) => {
                instruction(known, operand, obs)
            }
            Some(_) if matches!(mnemonic, "END" | "End") => {
                Err(obs.breaks("mmm.function.words.1", "there is no such instruction"))
            }
            _ => Err(obs.breaks("mmm.instruction.known.1", "there is no such instruction")),
        },
    }
}

/// The mnemonics of all instructions; `function` and `end` are not among them.
pub(super) const MNEMONICS: [&str; 17] = [
    "constexpr",
    "stack_dump",
    "pop",
    "bin_op",
    "nop",
    "bool",
    "string",
    "int",
    "float",
    "char",
    "byte",
    "void",
    "breakpoint",
    "ret",
    "printn",
    "call",
    "stack_size",
];

/// Reads the operator of a `bin_op`.
fn bin_op<'a>(operand: &str, obs: impl Observer<Quirk>) -> Result<Instruction<'a>, &'static str> {
    let operand = match obs.has_quirk(Quirk::OperatorQuoted) {
        true => operand.trim_matches(['"', '\'']),
        false => operand,
    };
    match operand.as_bytes() {
        &[operator] if b"+-*/%".contains(&operator) => {
            obs.holds("mmm.bin_op.operator.1");
            Ok(Instruction::BinOp(operator))
        }
        _ => Err(obs.breaks("mmm.bin_op.operator.1", "this is not an operator")),
    }
}

/// Reads the index of a `printn`.
fn printn<'a>(
    operand: &'a str,
    obs: impl Observer<Quirk>,
) -> Result<Instruction<'a>, &'static str> {
    if operand == "'*'" && obs.has_quirk(Quirk::PrintStarQuoted) {
        return Ok(Instruction::PrintAll);
    }
    let well_formed = operand == "*" || is_digits(operand);
    let signed = operand.strip_prefix('+').filter(|rest| is_digits(rest));
    if let Some(index) = signed.filter(|_| obs.has_quirk(Quirk::PrintIndexSigned)) {
        return Ok(Instruction::PrintOne(index));
    }
    if !obs.check("mmm.printn.operand.1", well_formed) {
        return Err("this is not an index");
    }
    if operand == "*" {
        return Ok(Instruction::PrintAll);
    }
    let zeros = operand.len() > 1 && operand.starts_with('0');
    obs.holds_if("mmm.printn.index.3", || zeros);
    let refused = obs.has_quirk(Quirk::PrintZerosRefused) && zeros
        || obs.has_quirk(Quirk::PrintHugeRefused) && operand.parse::<u64>().is_err();
    if refused {
        return Err("this is not an index");
    }
    Ok(Instruction::PrintOne(operand))
}

/// Reads the path and the function of a `call`.
fn call<'a>(operand: &'a str, obs: impl Observer<Quirk>) -> Result<Instruction<'a>, &'static str> {
    let quoted = operand.starts_with(['"', '\'']);
    if quoted && !obs.has_quirk(Quirk::CallQuoted) {
        return Err(obs.breaks("mmm.call.operand.4", "this is not a path#name"));
    }
    let operand = match quoted {
        true => operand.trim_matches(['"', '\'']),
        false => operand,
    };
    let split = match obs.has_quirk(Quirk::CallSplitsAtFirst) {
        true => operand.split_once('#'),
        false => operand.rsplit_once('#'),
    };
    let (path, name) = match split {
        Some((path, "")) if obs.has_quirk(Quirk::CallMainByDefault) => (path, "main"),
        Some(split) => split,
        None if obs.has_quirk(Quirk::CallMainByDefault) => (operand, "main"),
        None => return Err(obs.breaks("mmm.call.operand.1", "there is no # in the path")),
    };
    obs.holds_if("mmm.call.operand.3", || path.contains('#'));
    match obs.check("mmm.call.operand.1", !path.is_empty() && !name.is_empty()) {
        false => Err("this is not a path#name"),
        true => Ok(Instruction::Call {
            file: None,
            path,
            name,
        }),
    }
}
