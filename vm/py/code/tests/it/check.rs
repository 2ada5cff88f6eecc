//! The verifier: its messages, and that code that it accepts does no harm.

use mmm_reference_walk::walk;
use std::path::PathBuf;
use vm_base::ColorChoice;
use vm_py_code::check::check;
use vm_py_code::insn::{Op, TABLE};
use vm_py_code::object::{Code, Id, Object, Pool, Str, flags};
use vm_py_code::pyc::Pyc;

fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

/// Random numbers, the same in each run (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed >> 32) as u32
    }

    fn below(&mut self, most: usize) -> usize {
        self.next() as usize % most.max(1)
    }
}

/// Returns a module with a code object of these bytes, which has three constants, names and local
/// variables, two cells and a free variable.
fn module(code: &[u8], flags: u32, stacksize: u32) -> (Pool, Id) {
    let mut pool = Pool::new();
    let strings = |pool: &mut Pool, names: &[&str]| {
        let names = names
            .iter()
            .map(|name| pool.add(Object::Str(Str::new(name))))
            .collect();
        pool.add(Object::Tuple(names))
    };
    let names = strings(&mut pool, &["a", "b", "c"]);
    let cellvars = strings(&mut pool, &["d", "e"]);
    let freevars = strings(&mut pool, &["f"]);
    let empty = strings(&mut pool, &[]);
    let none = pool.add(Object::None);
    let number = pool.add(Object::Int(1));
    let name = pool.add(Object::Str(Str::new("f")));
    let consts = pool.add(Object::Tuple([none, number, names].into()));
    let bytes = pool.add(Object::Bytes(code.into()));
    let lnotab = pool.add(Object::Bytes([4, 1, 4, 1].into()));
    let inner = pool.add(Object::Code(Box::new(Code {
        argcount: 1,
        posonlyargcount: 0,
        kwonlyargcount: 0,
        nlocals: 3,
        stacksize,
        flags,
        code: bytes,
        consts,
        names,
        varnames: names,
        freevars,
        cellvars,
        filename: name,
        name,
        firstlineno: 10,
        lnotab,
    })));
    let outer_consts = pool.add(Object::Tuple([none, inner].into()));
    let outer_code = pool.add(Object::Bytes([100, 0, 83, 0].into()));
    let outer_name = pool.add(Object::Str(Str::new("<module>")));
    let root = pool.add(Object::Code(Box::new(Code {
        argcount: 0,
        posonlyargcount: 0,
        kwonlyargcount: 0,
        nlocals: 0,
        stacksize: 1,
        flags: 0,
        code: outer_code,
        consts: outer_consts,
        names: empty,
        varnames: empty,
        freevars: empty,
        cellvars: empty,
        filename: name,
        name: outer_name,
        firstlineno: 1,
        lnotab,
    })));
    (pool, root)
}

/// Assembles mnemonics and arguments.
fn assemble(text: &str) -> Vec<u8> {
    let line = |line: &str| {
        let mut words = line.split_whitespace();
        let op = Op::from_mnemonic(words.next().unwrap()).unwrap();
        [op as u8, words.next().map_or(0, |arg| arg.parse().unwrap())]
    };
    text.split(';').flat_map(line).collect()
}

#[track_caller]
fn found(text: &str, flags: u32) -> Option<String> {
    let (pool, root) = module(&assemble(text), flags, 20);
    let error = check(&pool, root).err()?;
    let diagnostic = error.findings()[0].diagnostic(&pool, None);
    Some(diagnostic.render(ColorChoice::Never))
}

#[track_caller]
fn accepted(text: &str) {
    assert_eq!(found(text, flags::GENERATOR), None);
}

#[track_caller]
fn refused(text: &str, shown: &str) {
    let found = found(text, 0).expect("refused");
    assert_eq!(found, shown);
}

#[test]
fn correct_code_is_accepted() {
    accepted("LOAD_CONST 0;RETURN_VALUE");
    // Unreachable code is not checked.
    accepted("LOAD_CONST 0;RETURN_VALUE;POP_TOP;POP_BLOCK");
    accepted(
        "LOAD_FAST 0;GET_ITER;FOR_ITER 4;STORE_FAST 1;JUMP_ABSOLUTE 4;LOAD_CONST 0;RETURN_VALUE",
    );
    accepted(
        "SETUP_FINALLY 6;POP_BLOCK;LOAD_CONST 0;RETURN_VALUE;POP_TOP;POP_TOP;POP_TOP;POP_EXCEPT;LOAD_CONST 0;RETURN_VALUE",
    );
    // A value leaves the handler.
    accepted(
        "SETUP_FINALLY 6;POP_BLOCK;LOAD_CONST 0;RETURN_VALUE;POP_TOP;POP_TOP;POP_TOP;LOAD_CONST 1;ROT_FOUR;POP_EXCEPT;RETURN_VALUE",
    );
    accepted("LOAD_FAST 0;LOAD_METHOD 0;LOAD_FAST 1;CALL_METHOD 1;RETURN_VALUE");
    accepted("LOAD_CONST 0;YIELD_VALUE;RETURN_VALUE");
    accepted("RAISE_VARARGS 0");
    // A prefix is a part of its instruction.
    accepted("JUMP_FORWARD 0;EXTENDED_ARG 0;LOAD_CONST 1;RETURN_VALUE");
}

#[test]
fn messages_say_what_and_where() {
    refused(
        "LOAD_FAST 0;POP_JUMP_IF_FALSE 6;LOAD_CONST 1;LOAD_CONST 0;RETURN_VALUE",
        "error: LOAD_CONST: paths with different stacks meet here: no items from line 10 (at 2), \
         1 item from line 11 (at 4)\n = note: in f, line 11, at 6: LOAD_CONST 0 (None)\n",
    );
    refused(
        "POP_TOP",
        "error: POP_TOP: needs 1 item, but the stack has no items\n = note: in f, line 10, at 0: POP_TOP\n",
    );
    refused(
        "LOAD_CONST 9;RETURN_VALUE",
        "error: LOAD_CONST: index 9 is out of range: the last item of co_consts is 2\n \
         = note: in f, line 10, at 0: LOAD_CONST 9\n",
    );
    refused(
        "JUMP_ABSOLUTE 100",
        "error: JUMP_ABSOLUTE: leads to 100, but the code has 2 bytes\n \
         = note: in f, line 10, at 0: JUMP_ABSOLUTE 100 (to 100)\n",
    );
    refused(
        "JUMP_ABSOLUTE 4;EXTENDED_ARG 1;LOAD_CONST 0;RETURN_VALUE",
        "error: JUMP_ABSOLUTE: leads to 4, which is inside an instruction\n \
         = note: in f, line 10, at 0: JUMP_ABSOLUTE 4 (to 4)\n",
    );
    refused(
        "LOAD_CONST 0",
        "error: LOAD_CONST: control reaches the end of the code\n \
         = note: in f, line 10, at 0: LOAD_CONST 0 (None)\n = help: end it with RETURN_VALUE, with a jump, or by raising\n",
    );
}

#[track_caller]
fn refused_for(text: &str, why: &str) {
    let found = found(text, 0).unwrap_or_else(|| panic!("accepted: {text}"));
    let first = found.lines().next().unwrap();
    assert!(first.contains(why), "{found}");
}

#[test]
fn misuse_of_items_is_refused() {
    refused_for(
        "LOAD_CONST 0;YIELD_VALUE;RETURN_VALUE",
        "only a generator or a coroutine",
    );
    refused_for(
        "LOAD_CONST 0;LOAD_CONST 0;COMPARE_OP 6;RETURN_VALUE",
        "6 is not a comparison",
    );
    refused_for(
        "LOAD_CONST 0;LOAD_CONST 0;IS_OP 2;RETURN_VALUE",
        "0 or, for the opposite, 1",
    );
    refused_for(
        "LOAD_CONST 0;LOAD_CONST 0;BUILD_SLICE 1;RETURN_VALUE",
        "must be 2 or 3",
    );
    refused_for("RAISE_VARARGS 3", "at most 2");
    refused_for("LOAD_CLOSURE 3;RETURN_VALUE", "co_cellvars and co_freevars");
    refused_for("LOAD_CLASSDEREF 1;RETURN_VALUE", "co_freevars");
    refused_for("LOAD_FAST 3;RETURN_VALUE", "co_varnames");
    refused_for("LOAD_GLOBAL 3;RETURN_VALUE", "co_names");
    refused_for(
        "BUILD_LIST 0;LOAD_CONST 0;LIST_APPEND 0;RETURN_VALUE",
        "counts from 1",
    );
    refused_for(
        "BUILD_LIST 0;LOAD_CONST 0;LIST_APPEND 2;RETURN_VALUE",
        "needs 2 items",
    );
    refused_for(
        "BUILD_MAP 0;BUILD_MAP 0;DICT_MERGE 1;RETURN_VALUE",
        "needs 3 items",
    );
    refused_for(
        "LOAD_FAST 0;LOAD_METHOD 0;POP_TOP;RETURN_VALUE",
        "LOAD_METHOD left",
    );
    refused_for(
        "LOAD_FAST 0;LOAD_METHOD 0;POP_TOP;DUP_TOP;RETURN_VALUE",
        "LOAD_METHOD left",
    );
    refused_for(
        "LOAD_FAST 0;LOAD_METHOD 0;ROT_TWO;CALL_METHOD 0;RETURN_VALUE",
        "LOAD_METHOD left",
    );
}

#[test]
fn misuse_of_blocks_is_refused() {
    refused_for("POP_BLOCK", "no block is open");
    refused_for("POP_EXCEPT", "no handler is running");
    refused_for(
        "SETUP_FINALLY 2;RAISE_VARARGS 0;POP_EXCEPT",
        "three top items",
    );
    refused_for(
        "SETUP_FINALLY 2;RAISE_VARARGS 0;POP_BLOCK",
        "that of a handler",
    );
    refused_for("SETUP_FINALLY 0;RERAISE", "different stacks");
    refused_for(
        "LOAD_CONST 0;SETUP_FINALLY 6;POP_TOP;LOAD_CONST 0;RETURN_VALUE;RERAISE",
        "above the innermost block",
    );
    refused_for("LOAD_CONST 0;DUP_TOP;DUP_TOP;RERAISE", "not an exception");
    refused_for(
        "LOAD_CONST 0;SETUP_FINALLY 8;LOAD_CONST 0;ROT_TWO;POP_BLOCK;RETURN_VALUE;RERAISE",
        "above the innermost block",
    );
    refused_for(
        "LOAD_CONST 0;SETUP_FINALLY 0;POP_BLOCK;RETURN_VALUE",
        "different stacks",
    );
    // The three items to restore must be in place wherever an instruction may raise.
    refused_for(
        "SETUP_FINALLY 6;POP_BLOCK;LOAD_CONST 0;RETURN_VALUE;POP_TOP;POP_TOP;POP_TOP;LOAD_CONST 0;ROT_FOUR;LOAD_FAST 0",
        "out of place, and this may raise",
    );
    refused_for(
        "SETUP_FINALLY 6;POP_BLOCK;LOAD_CONST 0;RETURN_VALUE;POP_TOP;POP_TOP;POP_TOP;POP_TOP",
        "POP_EXCEPT restores",
    );
    refused_for("LOAD_CONST 0;END_ASYNC_FOR 2", "must be 0");
    refused_for("LOAD_CONST 0;UNPACK_SEQUENCE 21", "21 deep");
    refused_for(
        "SETUP_FINALLY 2;JUMP_ABSOLUTE 0;RERAISE",
        "different blocks",
    );
    refused_for(
        &format!(
            "{}RAISE_VARARGS 0{}",
            "SETUP_FINALLY 42;".repeat(21),
            ";RAISE_VARARGS 0".repeat(21)
        ),
        "20 deep",
    );
    refused_for(
        "LOAD_CONST 1;LOAD_CONST 1;MAKE_FUNCTION 0;RETURN_VALUE",
        "must be a constant string",
    );
    refused_for(
        "LOAD_CONST 1;LOAD_CONST 1;LOAD_CONST 1;CALL_FUNCTION_KW 1;RETURN_VALUE",
        "must be a constant tuple of strings",
    );
    refused_for(
        "LOAD_CONST 1;LOAD_CONST 2;CALL_FUNCTION_KW 0;RETURN_VALUE",
        "3 names for 0 arguments",
    );
}

#[test]
fn items_for_handlers_count_for_the_stack_size() {
    let code = assemble("SETUP_FINALLY 6;POP_BLOCK;LOAD_CONST 0;RETURN_VALUE;RERAISE");
    for (stacksize, fits) in [(5, false), (6, true)] {
        let (pool, root) = module(&code, 0, stacksize);
        assert_eq!(check(&pool, root).is_ok(), fits);
    }
}

#[test]
fn files_of_python_are_accepted() {
    for name in [
        "../../../text/tests/data/listing/features.pyc",
        "../../../text/tests/data/listing/flow.pyc",
    ] {
        let bytes = std::fs::read(data(name)).unwrap();
        let pyc = Pyc::read(name, &bytes).unwrap();
        let checked = check(&pyc.pool, pyc.code).unwrap();
        assert!(checked.warnings.is_empty());
        for shape in &checked.shapes {
            let code = pyc.pool.code(shape.code).unwrap();
            assert!(shape.depth <= code.stacksize);
        }
    }
}

/// Walks `ways` random paths through each code object, if the verifier accepts all of them.
fn walks(pool: &Pool, root: Id, random: &mut Random, ways: usize) -> bool {
    let Ok(checked) = check(pool, root) else {
        return false;
    };
    for shape in checked.shapes {
        for _ in 0..ways {
            if let Err(wrong) = walk(pool, shape.code, 100, &mut || random.next()) {
                let code = pool.code(shape.code).unwrap();
                panic!("{wrong}: {:?}", pool.bytes(code.code).unwrap());
            }
        }
    }
    true
}

#[test]
fn code_that_python_compiles_is_harmless() {
    let mut random = Random(1);
    for name in [
        "../../../text/tests/data/listing/features.pyc",
        "../../../text/tests/data/listing/flow.pyc",
    ] {
        let bytes = std::fs::read(data(name)).unwrap();
        let pyc = Pyc::read(name, &bytes).unwrap();
        assert!(walks(&pyc.pool, pyc.code, &mut random, 100));
    }
}

/// Returns an instruction that is likely to be accepted somewhere.
fn insn(random: &mut Random, len: usize) -> [u8; 2] {
    #[rustfmt::skip]
    const STACK: [Op; 18] = [
        Op::LoadConst, Op::LoadFast, Op::PopTop, Op::PopTop, Op::RotFour, Op::RotTwo, Op::RotThree,
        Op::SetupFinally, Op::PopBlock, Op::PopExcept, Op::Reraise, Op::LoadMethod, Op::CallMethod,
        Op::SetupWith, Op::ReturnValue, Op::ExtendedArg, Op::PopJumpIfFalse, Op::JumpAbsolute,
    ];
    let op = match random.below(2) {
        0 => STACK[random.below(STACK.len())],
        _ => TABLE[random.below(TABLE.len())].op,
    };
    let arg = match random.below(8) {
        0 => random.next() as u8,
        1..=3 => (2 * random.below(len + 1)) as u8,
        _ => random.below(4) as u8,
    };
    [op as u8, arg]
}

/// Changes code that was accepted before, again and again, to reach unusual states.
#[test]
fn accepted_code_is_harmless() {
    let mut random = Random(2);
    let flags = [0, 3, flags::GENERATOR, 3 | flags::COROUTINE];
    let handler = "POP_TOP;POP_TOP;POP_TOP;POP_EXCEPT;LOAD_CONST 0;RETURN_VALUE";
    let mut good: Vec<Vec<u8>> = [
        "LOAD_CONST 0;RETURN_VALUE".to_owned(),
        format!("SETUP_FINALLY 6;POP_BLOCK;LOAD_CONST 0;RETURN_VALUE;{handler}"),
        format!("LOAD_FAST 0;SETUP_WITH 8;POP_TOP;POP_BLOCK;LOAD_CONST 0;RETURN_VALUE;WITH_EXCEPT_START;POP_TOP;{handler}"),
        "SETUP_FINALLY 6;POP_BLOCK;LOAD_CONST 0;RETURN_VALUE;POP_TOP;POP_TOP;POP_TOP;LOAD_CONST 1;ROT_FOUR;POP_EXCEPT;RETURN_VALUE".to_owned(),
        "LOAD_FAST 0;LOAD_METHOD 0;SETUP_FINALLY 6;POP_BLOCK;CALL_METHOD 0;RETURN_VALUE;POP_TOP;POP_TOP;\
         POP_TOP;POP_EXCEPT;CALL_METHOD 0;RETURN_VALUE".to_owned(),
        "LOAD_FAST 0;LOAD_METHOD 0;LOAD_FAST 1;POP_JUMP_IF_FALSE 12;LOAD_FAST 0;JUMP_FORWARD 2;LOAD_FAST 1;\
         CALL_METHOD 1;RETURN_VALUE".to_owned(),
        format!("LOAD_FAST 0;POP_JUMP_IF_FALSE 10;SETUP_FINALLY 8;NOP;POP_BLOCK;LOAD_CONST 0;RETURN_VALUE;{handler}"),
        "LOAD_FAST 0;GET_AITER;SETUP_FINALLY 10;GET_ANEXT;LOAD_CONST 0;YIELD_FROM;POP_BLOCK;JUMP_ABSOLUTE 4;\
         END_ASYNC_FOR;LOAD_CONST 0;RETURN_VALUE".to_owned(),
    ]
    .iter()
    .map(|text| assemble(text))
    .collect();
    let mut accepted = 0;
    for _ in 0..50_000 {
        let mut code = good[random.below(good.len())].clone();
        for _ in 0..1 + random.below(3) {
            let at = 2 * random.below(code.len() / 2);
            let new = insn(&mut random, code.len());
            match random.below(4) {
                0 => code[at..at + 2].copy_from_slice(&new),
                3 => code[at + 1] = new[1],
                1 => drop(code.splice(at..at, new)),
                _ if code.len() > 2 => drop(code.drain(at..at + 2)),
                _ => {}
            }
        }
        let (pool, root) = module(&code, flags[random.below(4)], 4 + random.below(12) as u32);
        if walks(&pool, root, &mut random, 6) {
            accepted += 1;
            let place = random.below(good.len());
            match good.len() < 300 {
                true => good.push(code),
                false if code.len() < 80 => good[place] = code,
                false => {}
            }
        }
    }
    assert!(accepted > 2000, "{accepted}");
}

#[test]
fn accepted_changes_to_files_of_python_are_harmless() {
    let mut random = Random(3);
    for name in [
        "../../../text/tests/data/listing/features.pyc",
        "../../../text/tests/data/listing/flow.pyc",
    ] {
        let bytes = std::fs::read(data(name)).unwrap();
        let pyc = Pyc::read(name, &bytes).unwrap();
        let codes: Vec<Id> = (0..pyc.pool.len() as u32)
            .map(Id)
            .filter(|&id| pyc.pool.code(id).is_some())
            .collect();
        for _ in 0..1500 {
            let mut pool = pyc.pool.clone();
            let id = pool.code(codes[random.below(codes.len())]).unwrap().code;
            let mut code = pool.bytes(id).unwrap().to_vec();
            for _ in 0..1 + random.below(2) {
                let at = 2 * random.below(code.len() / 2);
                let new = insn(&mut random, code.len());
                code[at..at + 2].copy_from_slice(&new);
            }
            pool.node_mut(id).object = Object::Bytes(code.into());
            walks(&pool, pyc.code, &mut random, 2);
        }
    }
}

#[test]
fn hostile_code_takes_little_time() {
    let check_code = |code: &[u8], flags| {
        let (pool, root) = module(code, flags, u32::MAX / 2);
        check(&pool, root).is_ok()
    };
    let n = 100_000;
    // Many items for CALL_METHOD deep in the stack.
    let mut deep = assemble("LOAD_FAST 0;LOAD_METHOD 0");
    deep = deep.repeat(n);
    for at in 0..n as u32 {
        let depth = (at * 7 % (2 * n as u32)).to_be_bytes();
        deep.extend(assemble("LOAD_FAST 0"));
        deep.extend([144, depth[1], 144, depth[2], 145, depth[3]]);
    }
    check_code(&deep, 0);
    // Many jumps to one place, each in another state.
    let mut jumps = assemble("LOAD_FAST 0;LOAD_METHOD 0;LOAD_CONST 0;POP_JUMP_IF_TRUE 0").repeat(n);
    jumps.extend(assemble("LOAD_CONST 0;RETURN_VALUE"));
    check_code(&jumps, 0);
    check_code(&assemble("SETUP_FINALLY 2").repeat(n), 0);
    check_code(&[144, 255].repeat(n), 0);
    check_code(&assemble("UNPACK_EX 255").repeat(n), 0);
}

#[test]
fn stack_effects_are_those_of_dis() {
    let recorded = std::fs::read_to_string(data("stack_effects.txt")).unwrap();
    for line in recorded.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let [name, arg, on, jumped] = words[..] else {
            panic!("{line}")
        };
        let op = Op::from_mnemonic(name).unwrap();
        let arg = arg.parse().unwrap_or(0);
        let effects = [false, true].map(|jump| op.stack_effect(arg, jump).to_string());
        assert_eq!(effects, [on, jumped], "{line}");
    }
    assert_eq!(recorded.lines().count(), 814);
}
