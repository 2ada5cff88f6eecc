//! How programs end: the one ending that is aimed at.

use super::tables::*;
use super::{Builder, text};
use crate::case::CaseLimits;
use crate::engine::Ending;
use crate::generate::{Aim, Atom, Expected, splitmix};

/// The codes that can be aimed at: faults, then limits.
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

/// Bytes that an item takes, and an active call too.
const UNIT: u64 = 16;

/// The file that does not load, if a program has one.
pub(super) const BAD_FILE: &str = "bad.mmm";

/// What a program of its own free will aims at.
pub(super) fn aim(atom: &mut Atom) -> Aim {
    match atom.below(100) {
        0..35 => Aim::Return,
        35..70 => Aim::Fault(atom.pick(&CODES[..FAULTS])),
        70..83 => Aim::Fault(atom.pick(&CODES[FAULTS..])),
        83..98 => Aim::Wild,
        _ => Aim::Refused,
    }
}

impl Builder {
    /// Writes the end of `main` so that the program ends as aimed at.
    pub(super) fn tail(&mut self, aim: Aim, atom: &mut Atom) -> Option<Expected> {
        let expect = |ending, fault| Some(Expected { ending, fault });
        match aim {
            Aim::Wild => {
                self.wild(atom);
                None
            }
            Aim::Refused => {
                self.come_home(atom);
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
                self.come_home(atom);
                self.exact_limits(atom);
                expect(Ending::Returned, None)
            }
        }
    }

    /// Returns a value, or reaches the end.
    fn come_home(&mut self, atom: &mut Atom) {
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

    /// Limits that the program just keeps.
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

    /// Brings a fault about, here or in a call of a call.
    fn fault(&mut self, code: &str, atom: &mut Atom) {
        let nested = [0, 0, 1, 2][atom.below(4)];
        if nested == 0 {
            let printed = self.open.cost.prints > 0;
            self.bring_about(code, atom);
            if atom.one_in(4) {
                self.leave_no_room(code, printed);
            }
            return;
        }
        for level in 0..nested {
            let file = atom.below(self.files);
            let name = self.fresh_name(file, level);
            self.open(name, file);
            match level {
                0 => self.bring_about(code, atom),
                _ => self.call_now(self.functions.len() - 1, atom),
            }
            self.close(None);
        }
        self.call_now(self.functions.len() - 1, atom);
    }

    fn bring_about(&mut self, code: &str, atom: &mut Atom) {
        match code {
            "stack-size" => self.wrong_stack_size(atom),
            "bad-literal" => {
                let index = atom.below(BAD_LITERALS.len());
                self.word(FIRST_BAD_LITERAL, index);
                let (mnemonic, operand) = BAD_LITERALS[index];
                self.emit(mnemonic, operand);
            }
            "overflow" if atom.one_in(6) => self.overflow_by_depth(atom),
            "overflow" => self.triple(&OVERFLOWS, FIRST_OVERFLOW, atom),
            "divide-by-zero" => self.triple(&ZERO_DIVISIONS, FIRST_ZERO_DIVISION, atom),
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
                let path = text::path(self.names[self.open.file], BAD_FILE, atom.below(4));
                self.emit(CALL, &format!("{path}#f"));
            }
            _ => {
                let file = atom.below(self.files);
                let name = atom.pick(&["nobody", "MAIN", "main()", "f'", "*"]);
                self.emit_call(file, name, atom);
            }
        }
    }

    /// Limits that the instruction at fault would exceed too, and none before it.
    fn leave_no_room(&mut self, code: &str, printed: bool) {
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

    /// Two numbers and an operator that has a fault on them.
    fn triple(&mut self, among: &[(&str, &str, &str)], first: usize, atom: &mut Atom) {
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

    /// Two items that no operator takes.
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

    /// A function that calls itself until `stack_size` makes a sum overflow.
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

    /// Lets the program run into a limit.
    fn limit(&mut self, code: &str, atom: &mut Atom) {
        let recursive = atom.one_in(3);
        match code {
            "out-of-fuel" => {
                self.emit(NOP, "");
                let spared = self.straight_or_round(recursive, false, atom);
                let steps = self.open.cost.steps;
                self.limits.fuel = Some(match spared {
                    true => upper_half(steps - 1, atom),
                    false => steps + atom.below(100) as u64,
                });
            }
            "call-depth" => {
                // Dumps on the way, and so deep that they leave out the middle of the calls.
                let dumps = recursive && atom.one_in(16);
                let recursive = recursive || self.open.cost.depth < 2;
                let spared = self.straight_or_round(recursive, dumps, atom);
                self.limits.call_depth = Some(match (spared, dumps) {
                    (true, _) => self.open.cost.depth - 1,
                    (false, true) => 60 + atom.below(12) as u64,
                    (false, false) => 1 + atom.below(30) as u64,
                });
            }
            "output-limit" => {
                self.push_any(atom);
                self.print_one(0, false);
                let spared = self.straight_or_round(recursive, false, atom);
                // Each print is a character and a newline at least.
                let least = self.open.cost.prints * 2;
                self.limits.output_bytes = Some(match spared {
                    true => upper_half(least - 1, atom),
                    false => least + atom.below(200) as u64,
                });
            }
            _ => {
                self.push_any(atom);
                let spared = self.straight_or_round(recursive, false, atom);
                let units = match spared {
                    true => upper_half(self.open.cost.peak - 1, atom),
                    false => self.open.cost.peak + atom.below(60) as u64,
                };
                self.limits.heap_bytes = Some(units * UNIT + atom.below(UNIT as usize) as u64);
            }
        }
    }

    /// Ends the program, in a recursion without end if asked. True if it ends by itself.
    fn straight_or_round(&mut self, recursive: bool, dumps: bool, atom: &mut Atom) -> bool {
        if !recursive {
            self.come_home(atom);
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
            // By way of another function.
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

    /// Instructions without regard to what they come to.
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

/// A number up to `most`, rather a great one.
fn upper_half(most: u64, atom: &mut Atom) -> u64 {
    most - atom.below(most as usize / 2 + 1) as u64
}

/// Whether two items are of no use to each other is the machine's to say; this only keeps the
/// tables honest.
#[cfg(test)]
mod tests {
    use super::super::{Item, apply};
    use super::*;

    #[test]
    fn the_tables_of_faults_have_no_result() {
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
                apply(operator, item(left), item(right)),
                None,
                "{left} {right}"
            );
        }
    }
}
