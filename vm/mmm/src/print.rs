//! Prints a file in its canonical form, which parses to the same instructions.

use super::insn::Insn;
use super::literal::print_literal;
use super::parse::File;

/// Returns the canonical text of a file: a tab before each instruction, one blank before its
/// operand, an empty line between functions. Well-formed literals are printed in their canonical
/// form, and everything else as it is in the source.
pub fn print(file: &File) -> String {
    let mut out = String::with_capacity(file.source.len());
    for (at, function) in file.functions.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        out.push_str("function ");
        out.push_str(file.function_name(function));
        end_line(&mut out);
        for insn in function.first..function.end {
            out.push('\t');
            print_insn(file, insn, &mut out);
            end_line(&mut out);
        }
        out.push_str("end\n");
    }
    out
}

/// Ends a line. If its last word ends with a CR, a blank keeps the CR out of the line ending.
fn end_line(out: &mut String) {
    out.push_str(if out.ends_with('\r') { " \n" } else { "\n" });
}

fn print_insn(file: &File, number: u32, out: &mut String) {
    let (op, words) = file.words(number);
    out.push_str(op.info().mnemonic);
    match file.insns[number as usize] {
        Insn::Push(value) => {
            out.push(' ');
            print_literal(value, &file.pool, out);
        }
        Insn::Print(_) => {
            let digits = words.trim_start_matches('0');
            out.push(' ');
            out.push_str(if digits.is_empty() { "0" } else { digits });
        }
        Insn::BinOp(_) | Insn::PrintAll | Insn::Call(_) | Insn::Fail(_) => {
            out.push(' ');
            out.push_str(words);
        }
        Insn::Pop
        | Insn::Nop
        | Insn::Void
        | Insn::Breakpoint
        | Insn::Ret
        | Insn::StackSize
        | Insn::StackDump
        | Insn::End => {}
    }
}
