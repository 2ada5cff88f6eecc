//! Expressions of a type. The range of Ints and the length of texts are known, so that nothing
//! overflows or grows too long.

use super::file::{Constant, Op, STORED};
use super::tables::*;
use super::{Builder, Dice, VARIABLES, Variable};

/// The least and the greatest value of an Int.
pub(super) type Range = (i64, i64);

/// The length of the texts in text variables at most, in bytes.
pub(super) const MAX_TEXT_LENGTH: u64 = 24;
/// The length of a Float's printed form at most.
const MAX_FLOAT_LENGTH: u64 = 330;

impl Builder {
    // ------------------------------------------------------------------------------- leaves

    /// Returns the index of a constant; sometimes of a new copy, if the style has copies.
    pub(super) fn constant(&mut self, constant: Constant) -> u64 {
        let copy = self.style.copies && self.layout_choice(4) == 0;
        let known = &self.file.constants;
        match known.iter().position(|known| *known == constant) {
            Some(at) if !copy => STORED + at as u64,
            _ => {
                self.file.constants.push(constant);
                self.file.constant_count() - 1
            }
        }
    }

    /// Returns the index of a Str constant.
    pub(super) fn name(&mut self, name: &str) -> u64 {
        if name == "$i" && !(self.style.copies && self.layout_choice(4) == 0) {
            return 1;
        }
        let is = |known: &Constant| matches!(known, Constant::Str(text) if text == name);
        match self.file.constants.iter().position(is) {
            Some(at) if !self.style.copies => STORED + at as u64,
            _ => self.constant(Constant::Str(name.to_owned())),
        }
    }

    pub(super) fn push(&mut self, constant: Constant) {
        let index = self.constant(constant);
        self.ops.push(Op::Const(index));
    }

    pub(super) fn push_int(&mut self, value: i64) {
        self.push(Constant::Int(value));
    }

    pub(super) fn push_bool(&mut self, value: bool) {
        self.ops.push(Op::Const(2 + u64::from(value)));
    }

    pub(super) fn push_nil(&mut self) {
        self.ops.push(Op::Const(0));
    }

    pub(super) fn push_text(&mut self, text: &str) {
        let index = self.name(text);
        self.ops.push(Op::Const(index));
    }

    pub(super) fn push_variable(&mut self, variable: usize) {
        let name = self.variable_name(variable);
        self.needs |= 1 << variable;
        self.ops.push(Op::Var(name));
    }

    pub(super) fn operator(&mut self, byte: u8) {
        self.ops.push(Op::Operator(byte));
    }

    pub(super) fn call(&mut self, name: &str, arguments: u64) {
        let name = self.name(name);
        self.ops.push(Op::Call(name, arguments));
    }

    /// Returns a variable that is set and fits, if there is one.
    fn some_variable(&self, dice: &mut Dice, fits: impl Fn(Variable) -> bool) -> Option<usize> {
        let is = |&at: &usize| self.set >> at & 1 == 1 && fits(VARIABLES[at]);
        let count = (0..VARIABLES.len()).filter(is).count();
        match count {
            0 => None,
            _ => (0..VARIABLES.len()).filter(is).nth(dice.below(count)),
        }
    }

    /// Pushes a variable that fits, most of the time and if there is one; returns it.
    fn variable_or_not(
        &mut self,
        dice: &mut Dice,
        fits: impl Fn(Variable) -> bool,
    ) -> Option<usize> {
        if dice.one_in(3) {
            return None;
        }
        let variable = self.some_variable(dice, fits)?;
        self.push_variable(variable);
        Some(variable)
    }

    fn leaf_int(&mut self, dice: &mut Dice) -> Range {
        let fits = |variable| matches!(variable, Variable::Int(..));
        if let Some(variable) = self.variable_or_not(dice, fits)
            && let Variable::Int(low, high) = VARIABLES[variable]
        {
            return (low, high);
        }
        let value = match dice.below(3) {
            0 => dice.below(10) as i64,
            1 => dice.below(2001) as i64 - 1000,
            _ => {
                let index = dice.below(INTS.len());
                self.word(FIRST_INT + index);
                INTS[index]
            }
        };
        self.push_int(value);
        (value, value)
    }

    fn leaf_float(&mut self, dice: &mut Dice) {
        let fits = |variable| variable == Variable::Float;
        if self.variable_or_not(dice, fits).is_some() {
            return;
        }
        let bits = match dice.below(8) {
            0 => (dice.below(1000) as f64 / 8.0).to_bits(),
            1 => dice.word(),
            2 if self.style.odd => NANS[dice.below(NANS.len())],
            _ => {
                let index = dice.below(FLOATS.len());
                self.word(FIRST_FLOAT + index);
                FLOATS[index].to_bits()
            }
        };
        self.push(Constant::Float(bits));
    }

    /// Pushes a text; returns its length at most.
    fn leaf_text(&mut self, dice: &mut Dice) -> u64 {
        let fits = |variable| variable == Variable::Text;
        if self.variable_or_not(dice, fits).is_some() {
            return MAX_TEXT_LENGTH;
        }
        let index = dice.below(STRS.len());
        self.word(FIRST_STR + index);
        self.push_text(STRS[index]);
        STRS[index].len() as u64
    }

    fn leaf_bool(&mut self, dice: &mut Dice) {
        let fits = |variable| variable == Variable::Bool;
        if self.variable_or_not(dice, fits).is_none() {
            let value = dice.one_in(2);
            self.push_bool(value);
        }
    }

    // -------------------------------------------------------------------------- expressions

    /// Writes an expression of type Int; returns its range.
    pub(super) fn int(&mut self, dice: &mut Dice, depth: u32) -> Range {
        if depth == 0 {
            return self.leaf_int(dice);
        }
        match dice.below(12) {
            0..=2 => self.leaf_int(dice),
            3..=8 => {
                let left = self.int(dice, depth - 1);
                let mark = self.ops.len();
                let right = self.int(dice, depth - 1);
                const ARITHMETIC: [u8; 5] = [ADD, SUB, MUL, DIV, MOD];
                let first = dice.below(ARITHMETIC.len());
                for turn in 0..ARITHMETIC.len() {
                    let operator = ARITHMETIC[(first + turn) % ARITHMETIC.len()];
                    if let Some(range) = result_range(operator, left, right) {
                        self.operator(operator);
                        return range;
                    }
                }
                self.ops.truncate(mark);
                left
            }
            9 => {
                let (low, high) = self.int(dice, depth - 1);
                if low > i64::MIN {
                    self.operator(NEG);
                    return (-high, -low);
                }
                (low, high)
            }
            10 => {
                let max_length = self.text(dice, depth - 1);
                self.call("len", 1);
                (0, max_length as i64)
            }
            _ => {
                const BOUND: i64 = 1 << 62;
                let (low, high) = self.int(dice, depth - 1);
                if low > -BOUND && high < BOUND && dice.one_in(2) {
                    self.call("float", 1);
                    self.call("int", 1);
                    // Rounding to a Float never goes beyond a power of two.
                    return (-BOUND, BOUND);
                }
                self.call(if dice.one_in(2) { "int" } else { "str" }, 1);
                if self.ops_end_in("str") {
                    self.call("int", 1);
                }
                (low, high)
            }
        }
    }

    /// Returns true if the expression ends with a call of this function.
    fn ops_end_in(&self, function: &str) -> bool {
        match self.ops.last() {
            Some(&Op::Call(name, _)) => self.file.text(name) == Some(function),
            _ => false,
        }
    }

    /// Writes an expression of type Float.
    pub(super) fn float(&mut self, dice: &mut Dice, depth: u32) {
        if depth == 0 {
            return self.leaf_float(dice);
        }
        match dice.below(8) {
            0 | 1 => self.leaf_float(dice),
            2 => {
                self.int(dice, depth - 1);
                self.call("float", 1);
            }
            3 => {
                self.float(dice, depth - 1);
                self.operator(NEG);
            }
            4 => {
                self.float(dice, depth - 1);
                self.call("float", 1);
            }
            way => {
                match way {
                    5 => {
                        let _ = self.int(dice, depth - 1);
                    }
                    _ => self.float(dice, depth - 1),
                }
                match way {
                    6 => {
                        let _ = self.int(dice, depth - 1);
                    }
                    _ => self.float(dice, depth - 1),
                }
                let operator = [ADD, SUB, MUL, DIV, MOD][dice.below(5)];
                self.operator(operator);
            }
        }
    }

    /// Writes an expression of type Str; returns its length at most, in bytes.
    pub(super) fn text(&mut self, dice: &mut Dice, depth: u32) -> u64 {
        if depth == 0 {
            return self.leaf_text(dice);
        }
        match dice.below(7) {
            0 | 1 => self.leaf_text(dice),
            2 | 3 => {
                let left = self.text(dice, depth - 1);
                let right = self.text(dice, depth - 1);
                self.operator(ADD);
                left + right
            }
            4 => {
                self.int(dice, depth - 1);
                self.call("str", 1);
                20
            }
            5 => {
                self.any(dice, depth - 1);
                self.call("type", 1);
                5
            }
            _ => {
                let max_length = match dice.below(4) {
                    0 => {
                        self.bool(dice, depth - 1);
                        2
                    }
                    1 => {
                        self.float(dice, depth - 1);
                        MAX_FLOAT_LENGTH
                    }
                    2 => {
                        self.nil(dice, depth - 1);
                        3
                    }
                    _ => self.text(dice, depth - 1),
                };
                self.call("str", 1);
                max_length
            }
        }
    }

    /// Writes an expression of type Bool.
    pub(super) fn bool(&mut self, dice: &mut Dice, depth: u32) {
        if depth == 0 {
            return self.leaf_bool(dice);
        }
        match dice.below(8) {
            0 => self.leaf_bool(dice),
            1 => {
                self.bool(dice, depth - 1);
                self.operator(NOT);
            }
            2 => {
                self.bool(dice, depth - 1);
                self.bool(dice, depth - 1);
                let operator = [AND, OR][dice.below(2)];
                self.operator(operator);
            }
            3 => {
                self.any(dice, depth - 1);
                self.any(dice, depth - 1);
                let operator = [EQ, NE][dice.below(2)];
                self.operator(operator);
            }
            way => {
                match way {
                    4 => {
                        self.text(dice, depth - 1);
                        self.text(dice, depth - 1);
                    }
                    _ => {
                        for _ in 0..2 {
                            match dice.one_in(3) {
                                true => self.float(dice, depth - 1),
                                false => {
                                    let _ = self.int(dice, depth - 1);
                                }
                            }
                        }
                    }
                }
                let operator = [LT, LE, GT, GE, EQ, NE][dice.below(6)];
                self.operator(operator);
            }
        }
    }

    fn nil(&mut self, dice: &mut Dice, depth: u32) {
        match depth > 0 && dice.one_in(3) {
            true => {
                let _ = self.print(dice, depth - 1);
            }
            false => self.push_nil(),
        }
    }

    /// Writes a call of `print`; returns the number of its arguments.
    pub(super) fn print(&mut self, dice: &mut Dice, depth: u32) -> u64 {
        let arguments = [1, 1, 2, 3, 0, 5][dice.below(6)];
        for _ in 0..arguments {
            self.any(dice, depth);
        }
        self.call("print", arguments);
        arguments
    }

    /// Writes an expression of any type.
    pub(super) fn any(&mut self, dice: &mut Dice, depth: u32) {
        match dice.below(14) {
            0..=4 => {
                let _ = self.int(dice, depth);
            }
            5..=7 => self.float(dice, depth),
            8 | 9 => {
                let _ = self.text(dice, depth);
            }
            10 | 11 => self.bool(dice, depth),
            12 => self.nil(dice, depth),
            _ => match self.some_variable(dice, |_| true) {
                Some(variable) => self.push_variable(variable),
                None => self.push_int(0),
            },
        }
    }

    /// Writes an expression of type Int within a range; returns its own range.
    pub(super) fn int_within(&mut self, range: Range, dice: &mut Dice, depth: u32) -> Range {
        let mark = self.ops.len();
        let (low, high) = self.int(dice, depth);
        if low >= range.0 && high <= range.1 {
            return (low, high);
        }
        let max = match low >= 0 {
            true => range.1,
            false => range.1.min(range.0.saturating_neg()),
        };
        if max > 0 && max < i64::MAX && range.0 <= 0 {
            self.push_int(max + 1);
            self.operator(MOD);
            return (if low >= 0 { 0 } else { -max }, max);
        }
        self.ops.truncate(mark);
        let value = range.0.max(0).min(range.1);
        self.push_int(value);
        (value, value)
    }

    /// Writes an expression of many operands: a long one, or one with a high stack.
    pub(super) fn chain(&mut self, dice: &mut Dice) {
        let count = 9 + dice.below(24);
        let high = dice.one_in(2);
        for number in 0..count {
            self.int_within((-1000, 1000), dice, 0);
            if !high && number > 0 {
                self.operator([ADD, SUB][number % 2]);
            }
        }
        if high {
            for number in 1..count {
                self.operator([SUB, ADD][number % 2]);
            }
        }
    }
}

/// Returns the range of an operator's result, if it fits an Int for all operands in their ranges.
fn result_range(operator: u8, left: Range, right: Range) -> Option<Range> {
    let (a, b) = (i128::from(left.0), i128::from(left.1));
    let (c, d) = (i128::from(right.0), i128::from(right.1));
    let (low, high) = match operator {
        ADD => (a + c, b + d),
        SUB => (a - d, b - c),
        MUL => {
            let corners = [a * c, a * d, b * c, b * d];
            let low = corners.iter().min().copied()?;
            (low, corners.iter().max().copied()?)
        }
        _ if c <= 0 && d >= 0 => return None,
        _ if left.0 == i64::MIN && c <= -1 && d >= -1 => return None,
        DIV => {
            let max = a.abs().max(b.abs());
            let max = max.min(i128::from(i64::MAX));
            match a >= 0 && c > 0 {
                true => (0, max),
                false => (if left.0 == i64::MIN { a } else { -max }, max),
            }
        }
        _ => {
            let max = c.abs().max(d.abs()) - 1;
            let down = if a < 0 { max.min(-a) } else { 0 };
            (-down, if b > 0 { max.min(b) } else { 0 })
        }
    };
    Some((i64::try_from(low).ok()?, i64::try_from(high).ok()?))
}
