//! Instructions, and the steps that are made of them.

use super::arithmetic::operator_result;
use super::tables::*;
use super::{Builder, Item, MAX_STEPS, Step, literals};
use crate::generate::Atom;
use std::borrow::Cow;

impl Builder {
    /// Writes an instruction that will execute.
    pub(super) fn emit(&mut self, mnemonic: usize, operand: &str) {
        self.open.cost.steps += 1;
        self.write(mnemonic, operand);
    }

    /// Writes an instruction that may be unreachable.
    pub(super) fn write(&mut self, mnemonic: usize, operand: &str) {
        self.words.push(mnemonic as u16);
        let body = &mut self.open.body;
        self.layout.line(body, MNEMONICS[mnemonic], operand);
    }

    pub(super) fn word(&mut self, first: usize, index: usize) {
        self.words.push((first + index) as u16);
    }

    pub(super) fn emit_push(&mut self, mnemonic: usize, operand: &str, item: Item) {
        self.emit(mnemonic, operand);
        self.pushed(item);
    }

    pub(super) fn pushed(&mut self, item: Item) {
        self.open.stack.push(item);
        let units = self.open.stack.len() as u64 + 1;
        self.open.cost.peak = self.open.cost.peak.max(units);
    }

    pub(super) fn pop(&mut self) {
        self.emit(POP, "");
        self.open.stack.pop();
    }

    pub(super) fn void(&mut self) {
        self.emit(VOID, "");
        self.open.stack.clear();
    }

    /// Pushes a literal of any type.
    pub(super) fn push_any(&mut self, atom: &mut Atom) {
        let mnemonic = atom.pick(&[INT, STRING, FLOAT, BYTE, CHAR, BOOL, INT, FLOAT]);
        self.push_literal(mnemonic, atom);
    }

    /// Pushes a literal of a type, with its own mnemonic or with `constexpr`.
    pub(super) fn push_literal(&mut self, mnemonic: usize, atom: &mut Atom) {
        let constexpr = atom.one_in(3);
        let (text, item) = match atom.below(5) {
            0 => literals::random_literal(mnemonic, atom),
            _ => self.boundary_literal(mnemonic, constexpr, atom),
        };
        let mnemonic = match constexpr {
            true => CONSTEXPR,
            false => mnemonic,
        };
        self.emit_push(mnemonic, &text, item);
    }

    pub(super) fn boundary_literal(
        &mut self,
        mnemonic: usize,
        constexpr: bool,
        atom: &mut Atom,
    ) -> (Cow<'static, str>, Item) {
        let (first, index, text, item) = match mnemonic {
            INT => {
                let index = atom.below(INTS.len());
                let (text, value) = INTS[index];
                (
                    FIRST_INT,
                    index,
                    text,
                    Item::Int(value.into(), value.into()),
                )
            }
            BYTE => {
                let index = atom.below(BYTES.len());
                let (text, value) = BYTES[index];
                (FIRST_BYTE, index, text, Item::Byte(value))
            }
            FLOAT => {
                let skipped = if constexpr { BARE_FLOATS } else { 0 };
                let index = skipped + atom.below(FLOATS.len() - skipped);
                (FIRST_FLOAT, index, FLOATS[index], Item::Float)
            }
            CHAR => {
                let index = atom.below(CHARS.len());
                (FIRST_CHAR, index, CHARS[index], Item::Char)
            }
            STRING => {
                let index = atom.below(STRS.len());
                (FIRST_STR, index, STRS[index], Item::Str)
            }
            _ => {
                let index = atom.below(BOOLS.len());
                (FIRST_BOOL, index, BOOLS[index], Item::Bool)
            }
        };
        self.word(first, index);
        (Cow::Borrowed(text), item)
    }

    /// Writes a step, with the instructions that make it valid here.
    pub(super) fn step(&mut self, step: Step, atom: Atom) {
        if self.open.cost.steps < MAX_STEPS {
            self.lower(step, atom);
        }
        if self.aside.is_some() {
            match self.steps_left {
                0 => self.end_function(),
                _ => self.steps_left -= 1,
            }
        }
    }

    pub(super) fn lower(&mut self, step: Step, mut atom: Atom) {
        match step {
            Step::Literal => {
                if self.open.stack.len() > 5 {
                    self.pop();
                }
                self.push_any(&mut atom);
            }
            Step::Arithmetic => self.arithmetic(&mut atom),
            Step::PrintAll => self.print_all(),
            Step::PrintOne => {
                if self.open.stack.is_empty() {
                    self.push_any(&mut atom);
                }
                let index = atom.below(self.open.stack.len());
                self.print_one(index, atom.one_in(6));
            }
            Step::Pop => {
                if self.open.stack.is_empty() {
                    self.push_any(&mut atom);
                }
                self.pop();
            }
            Step::Void => self.print_and_void(&mut atom),
            Step::StackSize => self.stack_size(),
            Step::Nop => self.emit(NOP, ""),
            Step::Breakpoint => self.emit(BREAKPOINT, ""),
            Step::StackDump => {
                self.emit(STACK_DUMP, "");
                self.open.cost.prints += 1;
            }
            Step::Call => {
                let index = atom.below(self.functions.len().max(1));
                self.call(index, &mut atom);
            }
            Step::Function => self.next_function(&mut atom),
        }
    }

    pub(super) fn print_all(&mut self) {
        self.emit(PRINTN, "*");
        self.open.cost.prints += u64::from(!self.open.stack.is_empty());
    }

    pub(super) fn print_one(&mut self, index: usize, padded: bool) {
        // Most indices have one digit: this saves an allocation.
        let text = match "0123456789".get(index..=index) {
            Some(digit) if !padded => Cow::Borrowed(digit),
            _ => Cow::Owned(format!("000000000000000000000{index}")),
        };
        self.emit(PRINTN, &text);
        self.open.cost.prints += 1;
    }

    pub(super) fn stack_size(&mut self) {
        // The depth of the caller is not known; it is far below 1000.
        let known = self.open.name == "main" && self.open.file == 0;
        let max_depth = if known { 1 } else { 1000 };
        self.emit_push(STACK_SIZE, "", Item::Int(1, max_depth));
    }

    /// Writes an operation on two numbers that does not fault.
    pub(super) fn arithmetic(&mut self, atom: &mut Atom) {
        match self.open.stack.len() {
            0 | 1 => {}
            2 if self.valid_operator(0).is_some() => {}
            // Not all items are always dropped, so that some stacks are long.
            3 if atom.one_in(2) => self.pop(),
            _ => self.print_and_void(atom),
        }
        while self.open.stack.len() < 2 || self.valid_operator(0).is_none() {
            if self.open.stack.len() == 2 {
                self.print_and_void(atom);
            }
            let mnemonic = atom.pick(&[INT, FLOAT, BYTE, INT]);
            self.push_literal(mnemonic, atom);
        }
        let first = atom.below(OPERATORS.len());
        if let Some((operator, item)) = self.valid_operator(first) {
            self.emit(BIN_OP, OPERATORS[operator]);
            self.open.stack.clear();
            self.pushed(item);
            if atom.one_in(2) {
                self.print_one(0, false);
            }
        }
    }

    /// Empties the stack, sometimes after printing it.
    pub(super) fn print_and_void(&mut self, atom: &mut Atom) {
        if atom.one_in(2) {
            self.print_all();
        }
        self.void();
    }

    /// Returns the first operator, from `first` on, that does not fault on the two items of the stack,
    /// and its result.
    pub(super) fn valid_operator(&self, first: usize) -> Option<(usize, Item)> {
        let &[left, right] = &self.open.stack[..] else {
            return None;
        };
        (0..OPERATORS.len()).find_map(|turn| {
            let operator = (first + turn) % OPERATORS.len();
            let item = operator_result(OPERATORS[operator].as_bytes()[0], left, right)?;
            Some((operator, item))
        })
    }
}
