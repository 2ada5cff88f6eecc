//! Instructions → the canonical listing, which parses back to the same instructions.

use super::parse::{File, Insn, Operand};

/// Prints a file: a tab before each instruction, one blank before its operand, an empty line
/// between functions. Well-formed literals are written anew, everything else as it stood.
pub fn print(file: &File) -> String {
    let mut out = String::with_capacity(file.source.len());
    for (at, function) in file.functions.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        out.push_str("function ");
        out.push_str(file.function_name(function));
        out.push('\n');
        for insn in &file.insns[function.first as usize..function.last as usize] {
            out.push('\t');
            print_insn(file, insn, &mut out);
            out.push('\n');
        }
        out.push_str("end\n");
    }
    out
}

fn print_insn(file: &File, insn: &Insn, out: &mut String) {
    out.push_str(insn.op.info().mnemonic);
    if !matches!(insn.operand, Operand::None) {
        out.push(' ');
    }
    match insn.operand {
        Operand::None => {}
        Operand::Literal(literal) => literal.print(&file.pool, out),
        Operand::Malformed(words) | Operand::Beyond(words) => out.push_str(words.of(&file.source)),
        Operand::Arith(arith) => out.push_str(arith.symbol()),
        Operand::All => out.push('*'),
        Operand::Item(index) => out.push_str(&index.to_string()),
        Operand::Call(call) => {
            let call = file.calls[call as usize];
            out.push_str(call.path.of(&file.source));
            out.push('#');
            out.push_str(call.name.of(&file.source));
        }
    }
}
