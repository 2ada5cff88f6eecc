//! Prints a checked file as the text that assembles to the same file.
//!
//! The text leaves out whatever the assembler would choose by itself, and states everything else.

use super::constants::Constants;
use super::file::{Ast, ConstantRef, File};
use super::insn::{BINDS_ATOM, Insn, Op, Operator};
use super::parse::{KEYWORDS, begins_name, continues_name};
use std::collections::HashSet;
use std::fmt::Write as _;

/// Loops deeper than this are not indented further, so that the text is proportional to the file.
const MAX_INDENT: usize = 16;

/// Returns the text of a checked file.
pub(super) fn print(file: &File) -> String {
    let mut printer = Printer {
        file,
        out: String::new(),
        constants: Constants::new(),
        in_order: true,
        next_ast: 0,
        loops: Vec::new(),
        named: HashSet::new(),
    };
    printer.name_loops();
    printer.body();
    if printer.in_order && printer.constants.count() == file.constant_count() {
        return printer.out;
    }
    // The constants are not in the order of first use: `.const` lines store all of them first.
    printer.out.clear();
    printer.next_ast = 0;
    printer.constants = Constants::new();
    for constant in &file.constants {
        printer.constants.add(constant.borrow());
        printer.out.push_str(".const ");
        print_constant(&mut printer.out, constant.borrow());
        printer.out.push('\n');
    }
    printer.body();
    printer.out
}

struct Printer<'f> {
    file: &'f File,
    out: String,
    /// The constants that the assembler has stored at this point of the text.
    constants: Constants,
    /// True if the assembler would have chosen every index so far.
    in_order: bool,
    /// The number of asts that the assembler has at this point.
    next_ast: u64,
    /// The FOR and WHILE instructions of the open loops.
    loops: Vec<usize>,
    /// The loops that need a name.
    named: HashSet<usize>,
}

impl Printer<'_> {
    fn name_loops(&mut self) {
        let file = self.file;
        let mut open: Vec<usize> = Vec::new();
        for (at, insn) in file.instructions.iter().enumerate() {
            match *insn {
                Insn::For { .. } | Insn::While { .. } => open.push(at),
                Insn::End { .. } => {
                    open.pop();
                }
                Insn::Jump { to } => {
                    let head = self.head(to);
                    if open.last() != Some(&head) {
                        self.named.insert(head);
                    }
                }
                Insn::Pass
                | Insn::Goto { .. }
                | Insn::Eval { .. }
                | Insn::Set { .. }
                | Insn::Label { .. } => {}
            }
        }
    }

    /// Returns the beginning of the loop that a jump names.
    fn head(&self, to: u64) -> usize {
        let head = self.file.instruction(to).and_then(Insn::loop_head);
        head.unwrap_or(to) as usize
    }

    fn body(&mut self) {
        let file = self.file;
        for (at, insn) in file.instructions.iter().enumerate() {
            self.unused_asts(insn);
            if let Insn::End { .. } = insn {
                self.loops.pop();
            }
            for _ in 0..self.loops.len().min(MAX_INDENT) {
                self.out.push_str("    ");
            }
            if self.named.contains(&at) {
                let _ = write!(self.out, "loop{at}: ");
            }
            match *insn {
                Insn::Pass => self.out.push_str("pass"),
                Insn::For {
                    var, start, stop, ..
                } => {
                    self.out.push_str("for ");
                    self.name(var);
                    self.out.push_str(" = ");
                    self.ast(start);
                    self.out.push_str(" to ");
                    self.ast(stop);
                    self.loops.push(at);
                }
                Insn::While { cond, .. } => {
                    self.out.push_str("while ");
                    self.ast(cond);
                    self.loops.push(at);
                }
                Insn::End { .. } => self.out.push_str("end"),
                Insn::Jump { to } => {
                    let head = self.head(to);
                    let proceed = head as u64 == to;
                    self.out.push_str(if proceed { "proceed" } else { "stop" });
                    if self.loops.last() != Some(&head) {
                        let _ = write!(self.out, " loop{head}");
                    }
                }
                Insn::Goto { name } => {
                    self.out.push_str("goto ");
                    self.name(name);
                }
                Insn::Eval { ast } => self.ast(ast),
                Insn::Set { name, ast } => {
                    self.name(name);
                    self.out.push_str(" = ");
                    self.ast(ast);
                }
                Insn::Label { name } => {
                    self.out.push_str("label ");
                    self.name(name);
                }
            }
            self.out.push('\n');
        }
        self.asts_up_to(file.asts.len() as u64);
    }

    /// Prints the asts that must precede those of an instruction.
    fn unused_asts(&mut self, insn: &Insn) {
        let mut next = self.next_ast;
        let mut first = next;
        for ast in insn.asts() {
            if ast > next {
                first = ast;
            }
            next = next.max(ast + 1);
        }
        self.asts_up_to(first);
    }

    fn asts_up_to(&mut self, end: u64) {
        while self.next_ast < end {
            self.out.push_str(".ast ");
            self.ast(self.next_ast);
            self.out.push('\n');
        }
    }

    fn ast(&mut self, index: u64) {
        if index < self.next_ast {
            let _ = write!(self.out, "&{index}");
            return;
        }
        self.next_ast += 1;
        let ast = &self.file.asts[index as usize];
        if ast.stack_max != ast.needs() {
            let _ = write!(self.out, "{{{}}} ", ast.stack_max);
        }
        let uses = self.uses(ast);
        print_expression(self.file, ast, Some(&uses), &mut self.out);
    }

    /// Returns the index of the constant for each ast instruction where the text must state it.
    fn uses(&mut self, ast: &Ast) -> Vec<Option<u64>> {
        let of = |op: &Op| match *op {
            Op::PushVar(index) | Op::PushConst(index) | Op::Call { name: index, .. } => {
                self.fixed(index)
            }
            Op::Operate(_) => None,
        };
        ast.ops.iter().map(of).collect()
    }

    /// Uses a constant; returns its index if the assembler would choose another one.
    fn fixed(&mut self, index: u64) -> Option<u64> {
        let chosen = self.constants.index(self.file.constant(index)?);
        self.in_order &= chosen == index;
        (chosen != index).then_some(index)
    }

    fn name(&mut self, index: u64) {
        print_name(&mut self.out, self.file.name(index).unwrap_or_default());
        if let Some(index) = self.fixed(index) {
            let _ = write!(self.out, "@{index}");
        }
    }
}

/// A part of an expression that is not printed yet.
enum Todo {
    Node(usize, u8),
    Text(&'static str),
}

/// Appends an ast as an expression; `fixed` has the indices to print after constants.
pub(super) fn print_expression(
    file: &File,
    ast: &Ast,
    fixed: Option<&[Option<u64>]>,
    out: &mut String,
) {
    // For each ast instruction, the range of its operands in `operands`.
    let mut operands: Vec<usize> = Vec::with_capacity(ast.ops.len());
    let mut parts: Vec<std::ops::Range<usize>> = Vec::with_capacity(ast.ops.len());
    let mut stack: Vec<usize> = Vec::new();
    for (at, op) in ast.ops.iter().enumerate() {
        let taken = stack.len().saturating_sub(op.takes() as usize);
        let first = operands.len();
        operands.extend(stack.drain(taken..));
        parts.push(first..operands.len());
        stack.push(at);
    }
    let mut todo: Vec<Todo> = stack
        .pop()
        .map(|root| Todo::Node(root, 0))
        .into_iter()
        .collect();
    while let Some(next) = todo.pop() {
        let (at, least) = match next {
            Todo::Text(text) => {
                out.push_str(text);
                continue;
            }
            Todo::Node(at, least) => (at, least),
        };
        let op = &ast.ops[at];
        let parts = &operands[parts[at].clone()];
        if binds(op) < least {
            out.push('(');
            todo.push(Todo::Text(")"));
        }
        match *op {
            Op::PushVar(name) => print_name(out, file.name(name).unwrap_or_default()),
            Op::PushConst(index) => {
                print_constant(out, file.constant(index).unwrap_or(ConstantRef::Nil));
            }
            Op::Call { name, .. } => {
                print_name(out, file.name(name).unwrap_or_default());
            }
            Op::Operate(operator) => operation(file, ast, operator, parts, out, &mut todo),
        }
        if let Some(index) = fixed.and_then(|fixed| fixed[at]) {
            let _ = write!(out, "@{index}");
        }
        if let Op::Call { .. } = op {
            out.push('(');
            todo.push(Todo::Text(")"));
            // The first argument was pushed last, and this stack is printed from its top.
            for (number, &part) in parts.iter().enumerate() {
                if number > 0 {
                    todo.push(Todo::Text(", "));
                }
                todo.push(Todo::Node(part, 0));
            }
        }
    }
}

fn binds(op: &Op) -> u8 {
    match op {
        Op::PushVar(_) | Op::PushConst(_) | Op::Call { .. } => BINDS_ATOM,
        Op::Operate(operator) => operator.entry().binds,
    }
}

fn operation(
    file: &File,
    ast: &Ast,
    operator: Operator,
    parts: &[usize],
    out: &mut String,
    todo: &mut Vec<Todo>,
) {
    let entry = operator.entry();
    match (operator, parts) {
        (Operator::Neg, &[a]) => {
            out.push_str(entry.symbol);
            // A sign directly before digits would be part of the literal.
            let number = match ast.ops[a] {
                Op::PushConst(index) => matches!(
                    file.constant(index),
                    Some(ConstantRef::Int(_) | ConstantRef::Float(_))
                ),
                Op::PushVar(_) | Op::Call { .. } | Op::Operate(_) => false,
            };
            let least = if number { BINDS_ATOM + 1 } else { entry.binds };
            todo.push(Todo::Node(a, least));
        }
        (_, &[a]) => {
            out.push_str("not ");
            todo.push(Todo::Node(a, entry.binds));
        }
        (_, &[a, b]) => {
            todo.push(Todo::Node(b, entry.binds + 1));
            todo.push(Todo::Text(" "));
            todo.push(Todo::Text(entry.symbol));
            todo.push(Todo::Text(" "));
            todo.push(Todo::Node(a, entry.binds));
        }
        _ => {}
    }
}

/// Appends a name, in backquotes if necessary.
pub(super) fn print_name(out: &mut String, name: &str) {
    let mut chars = name.chars();
    let plain = chars.next().is_some_and(begins_name)
        && chars.all(continues_name)
        && !KEYWORDS.contains(&name);
    match plain {
        true => out.push_str(name),
        false => print_quoted(out, name, '`'),
    }
}

fn print_quoted(out: &mut String, text: &str, quote: char) {
    out.push(quote);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            _ if c == quote => out.extend(['\\', c]),
            // Characters that are invisible, or that change the direction of the line.
            _ if c.is_control()
                || matches!(c, '\u{feff}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}') =>
            {
                let _ = write!(out, "\\u{{{:x}}}", c as u32);
            }
            _ => out.push(c),
        }
    }
    out.push(quote);
}

/// Appends a constant as a literal that reads back to the same bits.
pub(super) fn print_constant(out: &mut String, constant: ConstantRef) {
    let _ = match constant {
        ConstantRef::Nil => write!(out, "nil"),
        ConstantRef::Bool(value) => write!(out, "{value}"),
        ConstantRef::Int(int) => write!(out, "{int}"),
        ConstantRef::Str(text) => {
            print_quoted(out, text, '"');
            Ok(())
        }
        ConstantRef::Float(bits) => {
            let float = f64::from_bits(bits);
            if float.is_nan() {
                write!(out, "0f{bits:016x}")
            } else if float.is_infinite() {
                write!(out, "{}1e999", if float < 0.0 { "-" } else { "" })
            } else {
                write!(out, "{float:?}")
            }
        }
    };
}
