//! The ending of a program: the code that leads to the intended fault, limit or return.

use super::tables::*;
use super::{Builder, layout};
use crate::case::CaseLimits;
use crate::engine::Ending;
use crate::generate::{Aim, Atom, Expected, splitmix};

/// The codes that a program can aim at: faults, then limits.
pub(super) const CODES: [&str; 13] = [
    "stack-size",
    "bad-literal",
    "overflow",
    "divide-by-zero",
    "type-mismatch",
    "out-of-range",
    "file-access",
    "bad-file",
    "unknown-function",
    "out-of-fuel",
    "call-depth",
    "output-limit",
    "memory-limit",
];
const FAULTS: usize = 9;

/// The heap bytes of an item, and of an active call.
const UNIT: u64 = 16;

/// The name of a called file that does not load.
pub(super) const BAD_FILE: &str = "bad.mmm";

/// Returns a random aim.
pub(super) fn choose_aim(atom: &mut Atom) -> Aim {
    match atom.below(100) {
        0..35 => Aim::Return,
        35..70 => Aim::Fault(atom.pick(&CODES[..FAULTS])),
        70..83 => Aim::Fault(atom.pick(&CODES[FAULTS..])),
        83..98 => Aim::Wild,
        _ => Aim::Refused,
    }
}

impl Builder {
    /// Writes the end of `main` so that the program ends as intended.
    pub(super) fn write_ending(&mut self, aim: Aim, atom: &mut Atom) -> Option<Expected> {
        let expect = |ending, fault| Some(Expected { ending, fault });
        match aim {
            Aim::Wild => {
                self.wild(atom);
                None
            }
            Aim::Refused => {
                self.return_or_end(atom);
                expect(Ending::Refused, None)
            }
            Aim::Fault(code) if CODES[..FAULTS].contains(&code) => {
                self.fault(code, atom);
                expect(Ending::Faulted, Some(code))
            }
            Aim::Fault(code) if CODES.contains(&code) => {
                self.limit(code, atom);
                expect(Ending::Limited, Some(code))
            }
            Aim::Any | Aim::Return | Aim::Fault(_) => {
                self.return_or_end(atom);
                self.exact_limits(atom);
                expect(Ending::Returned, None)
            }
        }
    }

    /// Returns a value from `main`, or reaches its `end`.
    fn return_or_end(&mut self, atom: &mut Atom) {
        if atom.one_in(2) {
            if self.open.stack.is_empty() {
                self.push_any(atom);
            }
            while self.open.stack.len() > 1 {
                self.pop();
            }
            self.emit(RET, "");
        }
    }

    /// Sets limits that the program reaches but does not exceed.
    fn exact_limits(&mut self, atom: &mut Atom) {
        let cost = self.open.cost;
        let mut sometimes = |limit| atom.one_in(5).then_some(limit);
        self.limits = CaseLimits {
            fuel: sometimes(cost.steps),
            call_depth: sometimes(cost.depth),
            heap_bytes: sometimes(cost.peak * UNIT),
            output_bytes: None,
        };
    }

    // ------------------------------------------------------------------------------- faults

    /// Writes code that faults, in `main` or in nested calls.
    fn fault(&mut self, code: &str, atom: &mut Atom) {
        let nested = [0, 0, 1, 2][atom.below(4)];
        if nested == 0 {
            let printed = self.open.cost.prints > 0;
            self.write_fault(code, atom);
            if atom.one_in(4) {
                self.tighten_limits(code, printed);
            }
            return;
        }
        for level in 0..nested {
            let file = atom.below(self.files);
            let name = self.fresh_name(file, level);
            self.open(name, file);
            match level {
                0 => self.write_fault(code, atom),
                _ => self.call_now(self.functions.len() - 1, atom),
            }
            self.close(None);
        }
        self.call_now(self.functions.len() - 1, atom);
    }

    /// Writes instructions that fault.
    fn write_fault(&mut self, code: &str, atom: &mut Atom) {
        match code {
            "stack-size" => self.wrong_stack_size(atom),
            "bad-literal" => {
                let index = atom.below(BAD_LITERALS.len());
                self.word(FIRST_BAD_LITERAL, index);
                let (mnemonic, operand) = BAD_LITERALS[index];
                self.emit(mnemonic, operand);
            }
            "overflow" if atom.one_in(6) => self.overflow_by_depth(atom),
            "overflow" => self.faulty_operation(&OVERFLOWS, FIRST_OVERFLOW, atom),
            "divide-by-zero" => self.faulty_operation(&ZERO_DIVISIONS, FIRST_ZERO_DIVISION, atom),
            "type-mismatch" => self.mismatch(atom),
            "out-of-range" => {
                let index = atom.below(INDICES.len() * 2);
                match INDICES.get(index) {
                    Some(text) => {
                        self.word(FIRST_INDEX, index);
                        self.emit(PRINTN, text);
                    }
                    None => {
                        let beyond = self.open.stack.len() + atom.below(2);
                        self.emit(PRINTN, &beyond.to_string());
                    }
                }
            }
            "file-access" => {
                let index = atom.below(LOST_PATHS.len());
                self.word(FIRST_LOST_PATH, index);
                self.emit(CALL, LOST_PATHS[index]);
            }
            "bad-file" => {
                let index = atom.below(BAD_FILES.len());
                self.word(FIRST_BAD_FILE, index);
                self.bad_file = Some(index);
                let path = layout::path(self.names[self.open.file], BAD_FILE, atom.below(4));
                self.emit(CALL, &format!("{path}#f"));
            }
            _ => {
                let file = atom.below(self.files);
                let name = atom.pick(&["nobody", "MAIN", "main()", "f'", "*"]);
                self.emit_call(file, name, atom);
            }
        }
    }

    /// Sets limits that the faulty instruction would exceed too, but no instruction before it does.
    fn tighten_limits(&mut self, code: &str, printed: bool) {
        let cost = self.open.cost;
        match code {
            "file-access" | "bad-file" | "unknown-function" if cost.depth == 1 => {
                self.limits.call_depth = Some(1);
            }
            "out-of-range" if !printed => self.limits.output_bytes = Some(0),
            "bad-literal" if cost.peak == self.open.stack.len() as u64 + 1 => {
                self.limits.heap_bytes = Some(cost.peak * UNIT);
            }
            _ => {}
        }
    }

    /// Writes an instruction that needs another number of items.
    fn wrong_stack_size(&mut self, atom: &mut Atom) {
        let empty = |builder: &mut Builder| {
            if !builder.open.stack.is_empty() {
                builder.void();
            }
        };
        match atom.below(5) {
            0 => {
                empty(self);
                self.emit(POP, "");
            }
            1 => {
                if self.open.stack.len() == 2 {
                    self.push_any(atom);
                }
                self.emit(BIN_OP, atom.pick(&OPERATORS));
            }
            2 => {
                if self.open.stack.len() == 1 {
                    self.push_any(atom);
                }
                self.emit(RET, "");
            }
            3 => {
                empty(self);
                self.emit(BIN_OP, atom.pick(&OPERATORS));
            }
            _ => {
                empty(self);
                self.emit(RET, "");
            }
        }
    }

    /// Writes two numbers and an operator that faults on them.
    fn faulty_operation(&mut self, among: &[(&str, &str, &str)], first: usize, atom: &mut Atom) {
        if !self.open.stack.is_empty() {
            self.void();
        }
        let index = atom.below(among.len());
        self.word(first, index);
        let (left, operator, right) = among[index];
        for operand in [left, right] {
            let typed = if operand.starts_with("0b") { BYTE } else { INT };
            let mnemonic = atom.pick(&[typed, CONSTEXPR]);
            self.emit(mnemonic, operand);
        }
        self.emit(BIN_OP, operator);
    }

    /// Writes an operator and two items that it does not take.
    fn mismatch(&mut self, atom: &mut Atom) {
        if !self.open.stack.is_empty() {
            self.void();
        }
        let odd = atom.pick(&[BOOL, STRING, CHAR]);
        let any = atom.pick(&[INT, FLOAT, BYTE, BOOL, STRING, CHAR]);
        let pair = if atom.one_in(2) {
            [odd, any]
        } else {
            [any, odd]
        };
        for mnemonic in pair {
            self.push_literal(mnemonic, atom);
        }
        self.emit(BIN_OP, atom.pick(&OPERATORS));
    }

    /// Makes the function call itself until the sum of `stack_size` and a number overflows.
    fn overflow_by_depth(&mut self, atom: &mut Atom) {
        let (file, name) = (self.open.file, self.open.name);
        if !self.open.stack.is_empty() {
            self.void();
        }
        let deepest = 3 + atom.below(20);
        self.emit(STACK_SIZE, "");
        self.emit(INT, &(i32::MAX - deepest as i32).to_string());
        self.emit(BIN_OP, "+");
        self.emit_call(file, name, atom);
    }

    // ------------------------------------------------------------------------------- limits

    /// Writes code that exceeds a limit.
    fn limit(&mut self, code: &str, atom: &mut Atom) {
        let recursive = atom.one_in(3);
        match code {
            "out-of-fuel" => {
                self.emit(NOP, "");
                let ends = self.end_or_recurse(recursive, false, atom);
                let steps = self.open.cost.steps;
                self.limits.fuel = Some(match ends {
                    true => upper_half(steps - 1, atom),
                    false => steps + atom.below(100) as u64,
                });
            }
            "call-depth" => {
                // Dumps of more calls than a dump shows.
                let dumps = recursive && atom.one_in(16);
                let recursive = recursive || self.open.cost.depth < 2;
                let ends = self.end_or_recurse(recursive, dumps, atom);
                self.limits.call_depth = Some(match (ends, dumps) {
                    (true, _) => self.open.cost.depth - 1,
                    (false, true) => 60 + atom.below(12) as u64,
                    (false, false) => 1 + atom.below(30) as u64,
                });
            }
            "output-limit" => {
                self.push_any(atom);
                self.print_one(0, false);
                let ends = self.end_or_recurse(recursive, false, atom);
                // Each print has at least a character and a newline.
                let min_output = self.open.cost.prints * 2;
                self.limits.output_bytes = Some(match ends {
                    true => upper_half(min_output - 1, atom),
                    false => min_output + atom.below(200) as u64,
                });
            }
            _ => {
                self.push_any(atom);
                let ends = self.end_or_recurse(recursive, false, atom);
                let units = match ends {
                    true => upper_half(self.open.cost.peak - 1, atom),
                    false => self.open.cost.peak + atom.below(60) as u64,
                };
                self.limits.heap_bytes = Some(units * UNIT + atom.below(UNIT as usize) as u64);
            }
        }
    }

    /// Ends the program, or makes it recurse forever if `recursive`. Returns true if it ends.
    fn end_or_recurse(&mut self, recursive: bool, dumps: bool, atom: &mut Atom) -> bool {
        if !recursive {
            self.return_or_end(atom);
            return true;
        }
        let file = atom.below(self.files);
        let name = self.fresh_name(file, 0);
        self.open(name, file);
        self.push_any(atom);
        match dumps {
            true => self.emit(STACK_DUMP, ""),
            false => self.print_one(0, false),
        }
        if atom.one_in(2) {
            self.emit_call(file, name, atom);
        } else {
            // Two functions that call each other.
            let other = atom.below(self.files);
            self.emit_call(other, "other", atom);
            self.close(None);
            self.open("other", other);
            self.emit_call(file, name, atom);
        }
        self.close(None);
        self.emit_call(file, name, atom);
        false
    }

    // --------------------------------------------------------------------------------- wild

    /// Writes random instructions, whatever their result.
    fn wild(&mut self, atom: &mut Atom) {
        let count = atom.below(16);
        let mut state = atom.rest();
        for _ in 0..count {
            self.wild_instruction(&mut Atom(splitmix(&mut state)));
        }
        let mut last = Atom(splitmix(&mut state));
        let steps = self.open.cost.steps;
        self.limits = CaseLimits {
            fuel: Some(steps + last.below(200) as u64),
            call_depth: Some(1 + last.below(30) as u64),
            output_bytes: last.one_in(4).then(|| last.below(300) as u64),
            heap_bytes: last.one_in(4).then(|| 16 + last.below(400) as u64),
        };
    }

    fn wild_instruction(&mut self, atom: &mut Atom) {
        let mnemonic = atom.below(MNEMONICS.len());
        match mnemonic {
            CONSTEXPR | BOOL | STRING | INT | FLOAT | CHAR | BYTE => {
                if atom.one_in(12) {
                    let index = atom.below(BAD_LITERALS.len());
                    self.word(FIRST_BAD_LITERAL, index);
                    self.write(mnemonic, BAD_LITERALS[index].1);
                } else {
                    self.push_any(atom);
                }
            }
            BIN_OP => self.write(BIN_OP, atom.pick(&OPERATORS)),
            PRINTN => {
                let operand = atom.pick(&["*", "0", "1", "*", "0", "2"]);
                self.write(PRINTN, operand);
            }
            CALL => match self.functions.len() {
                0 => self.emit_call(0, "main", atom),
                count => match self.functions.get(atom.below(count + 1)) {
                    Some(function) => {
                        let (file, name) = (function.file, function.name);
                        self.emit_call(file, name, atom);
                    }
                    None => self.emit_call(0, "main", atom),
                },
            },
            plain => self.write(plain, ""),
        }
    }
}

/// Returns a number from half of `max` to `max`.
fn upper_half(max: u64, atom: &mut Atom) -> u64 {
    max - atom.below(max as usize / 2 + 1) as u64
}

#[cfg(test)]
mod tests {
    use super::super::Item;
    use super::super::arithmetic::operator_result;
    use super::*;

    #[test]
    fn the_operations_that_fault_have_no_known_result() {
        let item = |text: &str| match text.strip_prefix("0b") {
            Some(digits) => Item::Byte(u8::from_str_radix(digits, 2).expect("a byte")),
            None => {
                let value = text.parse::<i32>().expect("an int").into();
                Item::Int(value, value)
            }
        };
        for (left, operator, right) in OVERFLOWS.iter().chain(&ZERO_DIVISIONS) {
            let operator = operator.as_bytes()[0];
            assert_eq!(
                operator_result(operator, item(left), item(right)),
                None,
                "{left} {right}"
            );
        }
    }
}
