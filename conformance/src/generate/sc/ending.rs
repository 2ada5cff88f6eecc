//! How programs end: the one ending that is aimed at.

use super::file::{Ast, Constant, File, Insn, NEG, Op, Part, STORED, Scan};
use super::tables::*;
use super::{ANY, Builder, Dice, GROWING};
use crate::case::CaseLimits;
use crate::engine::Ending;
use crate::generate::{Aim, Expected};

/// The codes that can be aimed at: faults, then limits.
pub(super) const CODES: [&str; 10] = [
    "type-mismatch",
    "overflow",
    "divide-by-zero",
    "unset-variable",
    "unknown-function",
    "arity",
    "bad-value",
    "out-of-fuel",
    "output-limit",
    "memory-limit",
];
const FAULTS: usize = 7;

/// What a program of its own free will aims at.
pub(super) fn aim(dice: &mut Dice) -> Aim {
    match dice.below(100) {
        0..45 => Aim::Return,
        45..68 => Aim::Fault(CODES[dice.below(FAULTS)]),
        68..80 => Aim::Fault(CODES[FAULTS + dice.below(CODES.len() - FAULTS)]),
        80..97 => Aim::Wild,
        _ => Aim::Refused,
    }
}

impl Builder {
    /// Writes the end of the program, so that it ends as aimed at.
    pub(super) fn tail(&mut self, aim: Aim, dice: &mut Dice) -> Option<Expected> {
        let expect = |ending, fault| Some(Expected { ending, fault });
        match aim {
            Aim::Wild => {
                self.wild(dice);
                None
            }
            Aim::Refused => expect(Ending::Refused, None),
            Aim::Fault(code) if CODES[..FAULTS].contains(&code) => {
                self.fault(code, dice);
                expect(Ending::Faulted, Some(code))
            }
            Aim::Fault(code) if CODES.contains(&code) => {
                self.limit(code, dice);
                expect(Ending::Limited, Some(code))
            }
            Aim::Any | Aim::Return | Aim::Fault(_) => {
                match dice.below(60) {
                    58 => self.start_anew(),
                    59 => self.seed_only(dice),
                    _ => {}
                }
                expect(Ending::Returned, None)
            }
        }
    }

    /// Leaves a file with nothing in it.
    fn start_anew(&mut self) {
        self.file = File::default();
        self.names.fill(0);
    }

    /// A program without extensions, to be loaded strictly.
    fn seed_only(&mut self, dice: &mut Dice) {
        self.start_anew();
        self.strict = true;
        let name = self.variable_name(2);
        self.push_text("x");
        self.call("print", 1);
        self.call("str", 1);
        self.call("len", 1);
        self.push_int(dice.below(4) as i64);
        self.operator([ADD, MUL, SUB][dice.below(3)]);
        let (first, last) = (self.own_ast(), self.literal(3));
        let head = self.emit(Insn::For([name, first, last, 0]));
        self.emit(Insn::Pass);
        self.end(head);
    }

    /// An ast of one constant.
    fn literal(&mut self, value: i64) -> u64 {
        self.push_int(value);
        self.own_ast()
    }

    fn evaluate_own(&mut self) {
        let ast = self.own_ast();
        self.emit(Insn::Eval(ast));
    }

    fn print_int(&mut self, value: i64) {
        self.push_int(value);
        self.call("print", 1);
        self.evaluate_own();
    }

    // ------------------------------------------------------------------------------- faults

    fn fault(&mut self, code: &'static str, dice: &mut Dice) {
        let turn = dice.below(4) as i64;
        if !dice.one_in(3) {
            self.bring_about(code, dice);
        } else {
            // In a later turn of a loop.
            let name = self.variable_name(2);
            let (first, last) = (self.literal(0), self.literal(4));
            let head = self.emit(Insn::For([name, first, last, 0]));
            self.ops.push(Op::Var(name));
            self.push_int(turn);
            self.operator(EQ);
            let cond = self.own_ast();
            let test = self.emit(Insn::While([cond, 0]));
            self.bring_about(code, dice);
            self.end(test);
            self.ops.push(Op::Var(name));
            self.call("print", 1);
            self.evaluate_own();
            self.end(head);
        }
        self.print_int(0);
    }

    fn bring_about(&mut self, code: &'static str, dice: &mut Dice) {
        if code == "type-mismatch" && dice.one_in(5) {
            return self.bad_loop(dice);
        }
        if code == "unset-variable" && dice.one_in(3) {
            return self.almost_set(dice);
        }
        let is = |&&(_, &(known, _)): &&(usize, &(&str, _))| known == code;
        let found: Vec<(usize, _)> = BAD.iter().enumerate().filter(|each| is(&each)).collect();
        let (index, (_, tokens)) = found[dice.below(found.len())];
        self.word(FIRST_BAD + index);
        let name = self.variable_name(5);
        match dice.below(10) {
            0 => {
                self.tokens(tokens, dice);
                self.evaluate_own();
            }
            1 => {
                self.tokens(tokens, dice);
                let ast = self.own_ast();
                self.emit(Insn::Set(name, ast));
            }
            2 => {
                self.tokens(tokens, dice);
                self.call("print", 1);
                self.evaluate_own();
            }
            3 => {
                self.push_int(1);
                self.tokens(tokens, dice);
                self.call("print", 2);
                self.evaluate_own();
            }
            4 => {
                self.tokens(tokens, dice);
                self.push_text("x");
                self.call("print", 1);
                self.call("print", 2);
                self.evaluate_own();
            }
            5 => {
                self.tokens(tokens, dice);
                self.push_int(1);
                self.operator(EQ);
                self.evaluate_own();
            }
            6 => {
                self.push_text("first");
                self.call("print", 1);
                self.tokens(tokens, dice);
                self.operator(NE);
                self.evaluate_own();
            }
            7 => {
                self.tokens(tokens, dice);
                let first = self.own_ast();
                let last = self.literal(3);
                let head = self.emit(Insn::For([name, first, last, 0]));
                self.end(head);
            }
            8 => {
                self.push_text("start");
                self.call("print", 1);
                self.call("str", 1);
                self.call("len", 1);
                let first = self.own_ast();
                self.tokens(tokens, dice);
                let last = self.own_ast();
                let head = self.emit(Insn::For([name, first, last, 0]));
                self.end(head);
            }
            _ => {
                self.tokens(tokens, dice);
                let cond = self.own_ast();
                let head = self.emit(Insn::While([cond, 0]));
                self.end(head);
            }
        }
    }

    /// A loop whose bounds or condition are of another type.
    fn bad_loop(&mut self, dice: &mut Dice) {
        let way = dice.below(3);
        let what = dice.below(4);
        match what {
            0 => self.push_nil(),
            1 => self.push(Constant::Float(1.0f64.to_bits())),
            2 => self.push_text("1"),
            _ if way == 2 => self.push_int(1),
            _ => self.push_bool(true),
        }
        let bad = self.own_ast();
        let good = self.literal(0);
        let name = self.variable_name(5);
        let head = self.emit(match way {
            0 => Insn::For([name, bad, good, 0]),
            1 => Insn::For([name, good, bad, 0]),
            _ => Insn::While([bad, 0]),
        });
        self.end(head);
    }

    /// Sets a variable on a way that is not taken, and reads it.
    fn almost_set(&mut self, dice: &mut Dice) {
        let unset = self.name("unset");
        let name = self.variable_name(2);
        let way = dice.below(7);
        let one = self.literal(1);
        let (first, last) = (self.literal(0), self.literal(i64::from(way != 0)));
        let set = Insn::Set(unset, one);
        match way {
            1 => {
                self.push_bool(false);
                let cond = self.own_ast();
                let head = self.emit(Insn::While([cond, 0]));
                self.emit(set);
                self.end(head);
            }
            2 => {
                let label = self.new_label();
                self.emit(Insn::Goto(label));
                self.emit(set);
                self.emit(Insn::Label(label));
            }
            3 => {
                let head = self.emit(Insn::For([unset, last, first, 0]));
                self.end(head);
            }
            _ => {
                // A loop of no turn, or one that leaves, proceeds, or goes before it sets.
                let head = self.emit(Insn::For([name, first, last, 0]));
                let label = (way == 6).then(|| self.new_label());
                let jump = match label {
                    Some(label) => self.emit(Insn::Goto(label)),
                    None => self.emit(Insn::Jump(head as u64)),
                };
                self.emit(set);
                let end = self.end(head);
                if way == 4 {
                    self.file.insns[jump] = Insn::Jump(end);
                }
                if let Some(label) = label {
                    self.emit(Insn::Label(label));
                }
            }
        }
        self.ops.push(Op::Var(unset));
        match dice.below(3) {
            0 => {
                self.call("print", 1);
                self.evaluate_own();
            }
            1 => self.evaluate_own(),
            _ => {
                self.push_int(1);
                self.operator(ADD);
                let ast = self.own_ast();
                self.emit(Insn::Set(unset, ast));
            }
        }
    }

    // ------------------------------------------------------------------------------- limits

    fn limit(&mut self, code: &str, dice: &mut Dice) {
        let straight = dice.one_in(2);
        let below = |most: u64, dice: &mut Dice| Some(dice.below(most as usize) as u64);
        match code {
            "out-of-fuel" if straight && self.least_fuel > 0 => {
                self.limits.fuel = below(self.least_fuel, dice);
            }
            "out-of-fuel" => {
                self.endless(dice);
                self.limits.fuel = below(600, dice);
            }
            "output-limit" if straight && self.least_output > 0 => {
                self.limits.output_bytes = below(self.least_output, dice);
            }
            "output-limit" => {
                self.endless_loop(|builder| builder.print_int(i64::MIN));
                self.limits.output_bytes = below(500, dice);
            }
            _ if straight && self.set != 0 => {
                self.limits.heap_bytes = below(16 * u64::from(self.set.count_ones()), dice);
            }
            _ => {
                self.push_text("grow");
                self.set(GROWING);
                let way = dice.below(4);
                self.endless_loop(|builder| {
                    builder.push_variable(GROWING);
                    match way {
                        0 => builder.push_variable(GROWING),
                        1 => {
                            builder.push_variable(GROWING);
                            builder.call("str", 1);
                        }
                        _ => builder.push_text("more"),
                    }
                    builder.operator(ADD);
                    if way == 3 {
                        builder.push_variable(GROWING);
                        builder.operator(ADD);
                    }
                    builder.set(GROWING);
                });
                self.limits.heap_bytes = below(3000, dice);
            }
        }
    }

    fn endless_loop(&mut self, body: impl FnOnce(&mut Builder)) {
        self.push_bool(true);
        let cond = self.own_ast();
        let head = self.emit(Insn::While([cond, 0]));
        body(self);
        self.end(head);
    }

    fn endless(&mut self, dice: &mut Dice) {
        match dice.below(6) {
            0 => self.endless_loop(|_| ()),
            1 => {
                let label = self.new_label();
                self.emit(Insn::Label(label));
                self.emit(Insn::Goto(label));
            }
            2 => {
                let name = self.variable_name(5);
                let (first, last) = (self.literal(i64::MIN), self.literal(i64::MAX));
                let head = self.emit(Insn::For([name, first, last, 0]));
                self.emit(Insn::Pass);
                self.end(head);
            }
            3 => self.endless_loop(|builder| {
                let head = builder.file.insns.len() as u64 - 1;
                builder.emit(Insn::Jump(head));
                builder.emit(Insn::Pass);
            }),
            4 => self.endless_loop(|builder| {
                let name = builder.variable_name(5);
                let (first, last) = (builder.literal(0), builder.literal(3));
                let head = builder.emit(Insn::For([name, first, last, 0]));
                builder.ops.push(Op::Var(name));
                builder.call("print", 1);
                builder.evaluate_own();
                builder.end(head);
            }),
            _ => {
                let name = self.variable_name(ANY);
                let zero = self.literal(0);
                self.emit(Insn::Set(name, zero));
                self.endless_loop(|builder| {
                    builder.chain(&mut Dice::new(Default::default()));
                    let ast = builder.own_ast();
                    builder.emit(Insn::Set(name, ast));
                    builder.emit(Insn::Eval(ast));
                });
            }
        }
    }

    // --------------------------------------------------------------------------------- wild

    /// A body in which this and that is another, or instructions without regard to what they come
    /// to; under limits, as nobody knows whether it ends.
    fn wild(&mut self, dice: &mut Dice) {
        if dice.one_in(3) {
            self.start_anew();
            self.random_file(dice);
        } else {
            for _ in 0..1 + dice.below(4) {
                self.change(dice);
            }
        }
        let mut most = |little: usize, much: usize| {
            let most = if dice.one_in(4) { little } else { much };
            Some(dice.below(most) as u64)
        };
        // Much is still little enough to be had in no time.
        self.limits = CaseLimits {
            fuel: most(100, 700),
            output_bytes: most(300, 1 << 14),
            heap_bytes: most(400, 1 << 14),
            ..CaseLimits::default()
        };
    }

    /// Makes one thing another, so that the file still loads.
    fn change(&mut self, dice: &mut Dice) {
        let name = self.some_name(dice);
        let constants = self.file.constant_count() as usize;
        let way = dice.below(5);
        if way == 0 && !self.file.constants.is_empty() {
            let at = dice.below(self.file.constants.len());
            match &mut self.file.constants[at] {
                Constant::Int(value) => *value = INTS[dice.below(INTS.len())],
                Constant::Float(bits) => *bits = FLOATS[dice.below(FLOATS.len())].to_bits(),
                Constant::Str(_) => {}
            }
        } else if way == 1 && !self.file.insns.is_empty() {
            let asts = self.file.asts.len();
            let at = dice.below(self.file.insns.len());
            let insn = &mut self.file.insns[at];
            match insn {
                Insn::Eval(ast) => *insn = Insn::Set(name, *ast),
                Insn::Set(variable, _) | Insn::For([variable, ..]) => *variable = name,
                Insn::While([ast, _]) => *ast = dice.below(asts) as u64,
                Insn::Pass | Insn::End(_) | Insn::Jump(_) | Insn::Goto(_) | Insn::Label(_) => {}
            }
        } else if !self.file.asts.is_empty() {
            let at = dice.below(self.file.asts.len());
            let ops = &mut self.file.asts[at].ops;
            let at = dice.below(ops.len());
            match &mut ops[at] {
                Op::Var(index) | Op::Call(index, _) => *index = name,
                Op::Const(index) => *index = dice.below(constants) as u64,
                Op::Operator(byte @ (NOT | NEG)) => *byte = [NEG, NOT][dice.below(2)],
                Op::Operator(byte) => *byte = ADD + dice.below(11) as u8,
            }
        }
    }

    fn some_name(&mut self, dice: &mut Dice) -> u64 {
        let is = |&index: &u64| self.file.text(index).is_some();
        let names: Vec<u64> = (0..self.file.constant_count()).filter(is).collect();
        names[dice.below(names.len())]
    }

    fn random_file(&mut self, dice: &mut Dice) {
        for _ in 0..2 + dice.below(8) {
            let constant = match dice.below(4) {
                0 => Constant::Int(INTS[dice.below(INTS.len())]),
                1 => Constant::Float(FLOATS[dice.below(FLOATS.len())].to_bits()),
                2 => Constant::Str(FUNCTIONS[dice.below(FUNCTIONS.len())].to_owned()),
                _ => Constant::Str(STRS[dice.below(STRS.len())].to_owned()),
            };
            self.file.constants.push(constant);
        }
        for _ in 0..1 + dice.below(6) {
            self.random_ast(dice);
        }
        let mut open: Vec<usize> = Vec::new();
        for _ in 0..3 + dice.below(14) {
            let asts = self.file.asts.len();
            let ast = dice.below(asts) as u64;
            let name = self.some_name(dice);
            match dice.below(12) {
                0 | 1 => open.push(self.emit(Insn::For([name, ast, dice.below(asts) as u64, 0]))),
                2 => open.push(self.emit(Insn::While([ast, 0]))),
                3 if !open.is_empty() => {
                    let head = open[dice.below(open.len())];
                    self.emit(Insn::Jump(head as u64));
                }
                4 | 5 => {
                    if let Some(head) = open.pop() {
                        self.end(head);
                    }
                }
                6 => {
                    let label = self.new_label();
                    self.emit(Insn::Label(label));
                    if dice.one_in(2) {
                        self.emit(Insn::Goto(label));
                    }
                }
                7 | 8 => {
                    self.emit(Insn::Eval(ast));
                }
                _ => {
                    self.emit(Insn::Set(name, ast));
                }
            }
        }
        while let Some(head) = open.pop() {
            self.end(head);
        }
        // Some of those that proceed stop.
        for at in 0..self.file.insns.len() {
            if let Insn::Jump(to) = self.file.insns[at]
                && let Some(&mut end) = self.file.insns[to as usize].target()
                && dice.one_in(2)
            {
                self.file.insns[at] = Insn::Jump(end);
            }
        }
    }

    fn random_ast(&mut self, dice: &mut Dice) {
        let mut ops: Vec<Op> = Vec::new();
        let mut height = 0;
        let length = dice.below(10);
        while ops.len() < length || height != 1 {
            let constants = self.file.constant_count() as usize;
            let down = ops.len() >= length && height > 1;
            let op = match dice.below(6) {
                0 | 1 if !down => Op::Const(dice.below(constants) as u64),
                2 if !down => Op::Var(self.some_name(dice)),
                3 => Op::Call(self.some_name(dice), dice.below(height.min(3) + 1) as u64),
                4 if height > 0 => Op::Operator([NOT, NEG][dice.below(2)]),
                _ if height > 1 => Op::Operator(ADD + dice.below(11) as u8),
                _ => Op::Const(dice.below(constants) as u64),
            };
            // A call of nothing makes it no lower.
            let op = match op {
                Op::Call(name, 0) if down => Op::Call(name, 2),
                op => op,
            };
            height = height + 1 - op.takes() as usize;
            ops.push(op);
        }
        self.file.asts.push(Ast::new(ops));
    }

    // ------------------------------------------------------------------------------ refused

    /// The bytes of a file with something wrong.
    pub(super) fn broken(&mut self, mut file: File, dice: &mut Dice) -> Vec<u8> {
        let how = dice.below(REFUSALS.len());
        self.word(FIRST_REFUSAL + how);
        let asts = file.asts.len();
        if asts == 0 {
            file.asts.push(Ast::new(vec![Op::Const(0)]));
        }
        let at = dice.below(file.asts.len());
        let past = [0, 1, u64::MAX / 2][dice.below(3)];
        let ast = &mut file.asts[at];
        match how {
            0..=9 | 23 | 25 | 26 => return break_bytes(file.encode(), how, dice),
            24 => return break_bytes(File::default().encode(), how, dice),
            27 => {
                self.strict = true;
                file = File::default();
                file.constants.push(Constant::Str("a".to_owned()));
                file.insns = vec![Insn::Goto(STORED), Insn::Label(STORED)];
            }
            10 => ast.most = Ast::new(ast.ops.clone()).most - 1,
            11 => ast.ops.clear(),
            12 => {
                ast.ops.push(Op::Const(0));
                ast.most = u64::MAX;
            }
            13 => ast
                .ops
                .insert(0, Op::Operator([ADD, NOT, OR, NEG][dice.below(4)])),
            14 => ast.ops.push(Op::Call(1, 2 + past)),
            15 => ast.ops[0] = Op::Const(file.constants.len() as u64 + 4 + past),
            16 => {
                let ast = file.asts.len() as u64 + past;
                let insn = [Insn::Eval(ast), Insn::Set(1, ast)][dice.below(2)];
                file.insns.push(insn);
            }
            17 => {
                let name = [0, 2, 3, file.constant_count() + past][dice.below(4)];
                let insns = [Insn::Label(name), Insn::Goto(name), Insn::Set(name, 0)];
                file.insns.push(insns[dice.below(3)]);
            }
            _ => break_loops(&mut file, how, dice),
        }
        file.encode()
    }
}

fn break_loops(file: &mut File, how: usize, dice: &mut Dice) {
    let here = file.insns.len() as u64;
    let mut heads = Vec::new();
    for (at, insn) in file.insns.iter().enumerate() {
        if matches!(insn, Insn::For(_) | Insn::While(_)) {
            heads.push(at);
        }
    }
    let head = (!heads.is_empty()).then(|| heads[dice.below(heads.len().max(1))]);
    file.constants.push(Constant::Str("nowhere".to_owned()));
    let name = file.constant_count() - 1;
    match (how, head) {
        (18, Some(head)) if dice.one_in(2) => {
            if let Some(end) = file.insns[head].target() {
                *end = [*end + 1, head as u64, u64::MAX][dice.below(3)];
            }
        }
        (18, _) => file
            .insns
            .push(Insn::End([0, here, u64::MAX][dice.below(3)])),
        (19, Some(head)) if dice.one_in(2) => file.insns.push(Insn::Jump(head as u64)),
        (19, _) => file
            .insns
            .push(Insn::Jump([here, here + 1, u64::MAX][dice.below(3)])),
        (20, _) => file.insns.push(Insn::Goto(name)),
        (21, _) => file.insns.extend([Insn::Label(name), Insn::Label(name)]),
        _ => file.insns.extend([
            Insn::Goto(name),
            Insn::While([0, here + 3]),
            Insn::Label(name),
            Insn::End(here + 1),
        ]),
    }
}

/// Breaks what is not the matter of a field's meaning. What is not there to be broken is made
/// longer instead.
fn break_bytes(mut bytes: Vec<u8>, how: usize, dice: &mut Dice) -> Vec<u8> {
    let scan = Scan::of(&bytes);
    let (third, half) = (dice.below(3), dice.one_in(2));
    let mut any = |items: &[(u32, u32)]| match items.len() {
        0 => None,
        count => Some(items[dice.below(count)].0 as usize),
    };
    let of = |wanted: fn(Part) -> bool| -> Vec<(u32, u32)> {
        let parts = scan.parts.iter();
        let parts = parts.filter(|(part, from, to)| wanted(*part) && from < to);
        parts.map(|&(_, from, to)| (from, to)).collect()
    };
    let (at, byte) = match how {
        0 => {
            bytes.truncate(dice.below(bytes.len()));
            return bytes;
        }
        2 => (Some(dice.below(4)), 0x2f),
        3 => (any(&of(|part| part == Part::End)), 1),
        4 => (any(&scan.items[0]), [0, 0x4a, 0xff][dice.below(3)]),
        5 => (any(&scan.ops), [0, 0x12, 0xff][dice.below(3)]),
        6 => {
            let byte = [7, 0x49, 0xff][third];
            let passes = with_byte(&bytes, &scan.items[2], 0);
            match passes.is_empty() {
                true => (any(&scan.items[2]), byte),
                false => (any(&passes), byte),
            }
        }
        7 => (any(&of(|part| part == Part::Text)), 0xff),
        23 => {
            bytes.truncate(bytes.len() - 6);
            return bytes;
        }
        25 => {
            let at = any(&scan.items[0]);
            (at, at.map_or(0, |at| bytes[at].to_ascii_lowercase()))
        }
        26 if half => {
            let pushes = with_byte(&bytes, &scan.ops, 1);
            (any(&pushes).map(|at| at + 1), 3)
        }
        26 => {
            let jumps = with_byte(&bytes, &scan.items[2], 3);
            (any(&jumps).map(|at| at + 1), 2)
        }
        8 | 9 | 24 => {
            let counts = of(|part| matches!(part, Part::Count(_)));
            let section = dice.below(3);
            let at = counts[section].0 as usize;
            let count = scan.items[section].len() as u64;
            let wrong = match how {
                24 => 1 << 63,
                8 => count + [1, 2, 1 << 60][dice.below(3)],
                _ if count > 0 => count - 1,
                _ => count + 1,
            };
            bytes[at..at + 8].copy_from_slice(&wrong.to_le_bytes());
            return bytes;
        }
        _ => (None, 0),
    };
    match at {
        Some(at) => bytes[at] = byte,
        None => bytes.extend_from_slice(&[0, 0, 1][..1 + dice.below(3)]),
    }
    bytes
}

/// Those that begin with this byte.
fn with_byte(bytes: &[u8], items: &[(u32, u32)], byte: u8) -> Vec<(u32, u32)> {
    let begins = |item: &&(u32, u32)| bytes[item.0 as usize] == byte;
    items.iter().filter(begins).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::super::file::Section;
    use super::*;

    #[test]
    fn every_section_has_a_count_to_break() {
        let scan = Scan::of(&File::default().encode());
        let counts = scan.parts.iter().filter_map(|&(part, ..)| match part {
            Part::Count(section) => Some(section),
            _ => None,
        });
        let all = [Section::Constants, Section::Asts, Section::Insns];
        assert_eq!(counts.collect::<Vec<_>>(), all);
        assert!(scan.whole);
    }
}
