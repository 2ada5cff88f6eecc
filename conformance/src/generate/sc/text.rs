//! The text form of a generated file: the same instructions and expressions. The assembler stores
//! constants and asts.

use super::Builder;
use super::file::{Ast, Constant, File, Insn, NEG, NOT, Op, STORED};
use super::tables::{ADD, AND, DIV, EQ, GE, GT, LE, LT, MOD, MUL, NE, OR, SUB};
use std::fmt::Write as _;

/// Words that are names only in backquotes.
const KEYWORDS: [&str; 15] = [
    "pass", "for", "to", "while", "end", "proceed", "stop", "goto", "label", "nil", "true",
    "false", "not", "and", "or",
];

/// The precedence of names, literals and calls.
const ATOM: u8 = 8;

/// Returns the symbol of an operator and its precedence.
fn symbol(operator: u8) -> (&'static str, u8) {
    match operator {
        OR => ("or", 1),
        AND => ("and", 2),
        NOT => ("not", 3),
        EQ => ("==", 4),
        NE => ("!=", 4),
        LT => ("<", 4),
        LE => ("<=", 4),
        GT => (">", 4),
        GE => (">=", 4),
        ADD => ("+", 5),
        SUB => ("-", 5),
        MUL => ("*", 6),
        DIV => ("/", 6),
        MOD => ("%", 6),
        _ => ("-", 7),
    }
}

/// The text of an expression.
struct Part {
    text: String,
    precedence: u8,
    /// Whether the text is digits, so that a `-` before it would be part of the literal.
    digits: bool,
}

impl Part {
    fn atom(text: String) -> Part {
        Part {
            text,
            precedence: ATOM,
            digits: false,
        }
    }

    /// Returns the text, in parentheses unless its precedence is at least `min`.
    fn with_precedence(self, min: u8) -> String {
        match self.precedence < min {
            true => format!("({})", self.text),
            false => self.text,
        }
    }
}

impl Builder {
    /// Returns the text of a file.
    pub(super) fn text_of(&mut self, file: &File) -> String {
        let mut out = String::with_capacity(40 * file.insns.len());
        if self.layout_choice(16) == 0 {
            out.push('\u{feff}');
        }
        let mut open: Vec<usize> = Vec::new();
        let ending = if self.layout_choice(8) == 0 {
            "\r\n"
        } else {
            "\n"
        };
        let decoration = [0, 0, 8][self.layout_choice(3) as usize];
        // The loops that jumps refer to get a name.
        let named: Vec<usize> = file
            .insns
            .iter()
            .filter_map(|insn| jump(file, insn))
            .map(|(head, _)| head)
            .collect();
        for (at, insn) in file.insns.iter().enumerate() {
            if let Insn::End(_) = insn {
                open.pop();
            }
            out.push_str(&["    ", "\t", ""][self.layout_state as usize % 3].repeat(open.len()));
            if named.contains(&at) {
                let _ = write!(out, "loop{at}: ");
            }
            self.line(file, insn, open.last().copied(), &mut out);
            if let Insn::For(_) | Insn::While(_) = insn {
                open.push(at);
            }
            if decoration > 0 && self.layout_choice(decoration) == 0 {
                out.push_str(
                    ["  # a \"comment", " ", "\t# `", "#"][self.layout_choice(4) as usize],
                );
            }
            out.push_str(ending);
        }
        out
    }

    fn line(&mut self, file: &File, insn: &Insn, innermost: Option<usize>, out: &mut String) {
        if let Some((head, stop)) = jump(file, insn) {
            out.push_str(if stop { "stop" } else { "proceed" });
            if innermost != Some(head) || self.layout_choice(3) == 0 {
                let _ = write!(out, " loop{head}");
            }
            return;
        }
        let mut ast = |index: u64| self.expression(file, &file.asts[index as usize]);
        let name = |index: u64| name(file.text(index).unwrap_or_default());
        let _ = match *insn {
            Insn::Pass => write!(out, "pass"),
            Insn::For([var, start, stop, _]) => {
                let (start, stop) = (ast(start), ast(stop));
                write!(out, "for {} = {start} to {stop}", name(var))
            }
            Insn::While([cond, _]) => write!(out, "while {}", ast(cond)),
            Insn::End(_) => write!(out, "end"),
            Insn::Goto(label) => write!(out, "goto {}", name(label)),
            Insn::Label(label) => write!(out, "label {}", name(label)),
            Insn::Eval(index) => write!(out, "{}", ast(index)),
            Insn::Set(var, index) => write!(out, "{} = {}", name(var), ast(index)),
            Insn::Jump(_) => Ok(()),
        };
    }

    fn expression(&mut self, file: &File, ast: &Ast) -> String {
        let mut stack: Vec<Part> = Vec::new();
        for op in &ast.ops {
            let mut pop = || stack.pop().unwrap_or_else(|| Part::atom(String::new()));
            let mut part = match *op {
                Op::Var(index) => Part::atom(name(file.text(index).unwrap_or_default())),
                Op::Const(index) => self.constant_text(file, index),
                Op::Call(index, count) => {
                    let arguments: Vec<String> = (0..count).map(|_| pop().text).collect();
                    let name = name(file.text(index).unwrap_or_default());
                    Part::atom(format!("{name}({})", arguments.join(", ")))
                }
                Op::Operator(operator) => {
                    let (symbol, precedence) = symbol(operator);
                    let text = match operator {
                        NOT => format!("not {}", pop().with_precedence(precedence)),
                        NEG => match pop() {
                            part if part.digits => format!("-({})", part.text),
                            part => format!("-{}", part.with_precedence(precedence)),
                        },
                        _ => {
                            let right = pop().with_precedence(precedence + 1);
                            let left = pop().with_precedence(precedence);
                            match symbol.starts_with(char::is_alphabetic)
                                || self.layout_choice(4) > 0
                            {
                                true => format!("{left} {symbol} {right}"),
                                false => format!("{left}{symbol}{right}"),
                            }
                        }
                    };
                    Part {
                        text,
                        precedence,
                        digits: false,
                    }
                }
            };
            if self.layout_choice(20) == 0 {
                part = Part::atom(format!("( {} )", part.text));
            }
            stack.push(part);
        }
        stack.pop().map_or_else(String::new, |part| part.text)
    }

    fn constant_text(&mut self, file: &File, index: u64) -> Part {
        let Some(at) = index.checked_sub(STORED) else {
            let names = [
                ["nil", "nil"],
                ["\"$i\"", "\"$i\""],
                ["false", "0b"],
                ["true", "1b"],
            ];
            return Part::atom(names[index as usize][self.layout_choice(2) as usize].to_owned());
        };
        let text = match &file.constants[at as usize] {
            Constant::Int(value) => value.to_string(),
            Constant::Str(text) => return Part::atom(self.quoted(text)),
            Constant::Float(bits) => {
                let value = f64::from_bits(*bits);
                match (value.is_nan(), value.is_infinite()) {
                    (true, _) => format!("0f{bits:016x}"),
                    (_, true) if value > 0.0 => "1e999".to_owned(),
                    (_, true) => "-1e999".to_owned(),
                    _ if self.layout_choice(3) == 0 => format!("{value:e}"),
                    _ => format!("{value:?}"),
                }
            }
        };
        Part {
            text,
            precedence: ATOM,
            digits: true,
        }
    }

    fn quoted(&mut self, text: &str) -> String {
        let mut out = "\"".to_owned();
        for c in text.chars() {
            match c {
                '"' | '\\' => out.extend(['\\', c]),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                _ if self.layout_choice(12) == 0 => {
                    let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
                }
                _ => out.push(c),
            }
        }
        out.push('"');
        out
    }
}

/// Returns the loop that a jump names, and whether the jump is a STOP.
fn jump(file: &File, insn: &Insn) -> Option<(usize, bool)> {
    match *insn {
        Insn::Jump(to) => match file.insns.get(to as usize) {
            Some(&Insn::End(head)) => Some((head as usize, true)),
            _ => Some((to as usize, false)),
        },
        _ => None,
    }
}

/// Returns the text of a name, in backquotes if it needs them.
fn name(name: &str) -> String {
    let letter = |c: char| c.is_alphabetic() || c == '_' || c == '$';
    let plain = name.starts_with(letter)
        && name.chars().all(|c| letter(c) || c.is_alphanumeric())
        && !KEYWORDS.contains(&name);
    if plain {
        return name.to_owned();
    }
    let mut out = "`".to_owned();
    for c in name.chars() {
        match c {
            '`' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            _ => out.push(c),
        }
    }
    out.push('`');
    out
}

#[cfg(test)]
mod tests {
    use super::super::file::{Scan, canonical};
    use super::super::{Builder, STEPS, ending};
    use crate::generate::sc::Dice;
    use crate::generate::{Aim, Atom, splitmix};

    #[test]
    fn text_assembles_to_the_same_file() {
        let mut state = 7;
        for _ in 0..3000 {
            let mut builder = Builder::new(Atom(splitmix(&mut state)));
            for _ in 0..splitmix(&mut state) % 12 {
                let mut dice = Dice::new(Atom(splitmix(&mut state)));
                let (step, _) = STEPS[dice.below(STEPS.len())];
                builder.step(step, &mut dice);
            }
            while !builder.blocks.is_empty() {
                builder.close();
            }
            let mut dice = Dice::new(Atom(splitmix(&mut state)));
            let aim = ending::choose_aim(&mut dice);
            if aim != Aim::Refused {
                builder.write_ending(aim, &mut dice);
            }
            let file = std::mem::take(&mut builder.file);
            let text = builder.text_of(&file);
            let expected = canonical(&file).encode();
            let Ok(found) = vm::sc::assemble("x.sca", &text) else {
                panic!("it does not assemble:\n{text}");
            };
            assert_eq!(Scan::of(&found).file, Scan::of(&expected).file, "{text}");
            assert_eq!(found, expected);
        }
    }
}
