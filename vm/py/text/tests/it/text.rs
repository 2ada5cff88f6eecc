//! The text form of `.pyc` files: files that CPython 3.9 made and read, texts that are refused, and
//! random files and texts. What CPython made of the files is recorded beside them.

use proptest::prelude::*;
use std::fmt::Write as _;
use vm_base::Position;
use vm_py_code::object::{Code, Id, Object, Pool, Str, flags};
use vm_py_code::pyc::{Header, Pyc};
use vm_py_text::{assemble, assemble_unit, disassemble, instruction, lift, parse, print};

#[track_caller]
fn assembled(text: &str) -> Pyc {
    assemble("text.cpyasm", text.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn check_pair(name: &str, pyc: &[u8], text: &str) {
    let read = Pyc::read(name, pyc).unwrap();
    assert_eq!(disassemble(&read), text, "{name}");
    assert_eq!(assembled(text).write(), pyc, "{name}");
}

#[test]
fn files_of_cpython_survive_a_round_trip() {
    let shapes = include_bytes!("../data/text/shapes.pyc");
    check_pair("shapes", shapes, include_str!("../data/text/shapes.cpyasm"));
    let far = include_bytes!("../data/text/far.pyc");
    check_pair("far", far, include_str!("../data/text/far.cpyasm"));
}

/// Describes the code objects of a file, as `record.py` does.
fn describe(pool: &Pool, id: Id, out: &mut String) {
    let code = pool.code(id).unwrap();
    let text = |id: Id| pool.str(id).unwrap().as_str().unwrap();
    let hex = |id: Id| -> String {
        let bytes = pool.bytes(id).unwrap().iter();
        bytes.map(|byte| format!("{byte:02x}")).collect()
    };
    writeln!(
        out,
        "== {} {} {} {} {} {} {} {} {:#x}",
        text(code.name),
        text(code.filename),
        code.firstlineno,
        code.argcount,
        code.posonlyargcount,
        code.kwonlyargcount,
        code.nlocals,
        code.stacksize,
        code.flags
    )
    .unwrap();
    for table in [code.names, code.varnames, code.cellvars, code.freevars] {
        let names: Vec<&str> = pool
            .tuple(table)
            .unwrap()
            .iter()
            .map(|&id| text(id))
            .collect();
        writeln!(out, "{}", names.join(" ")).unwrap();
    }
    writeln!(out, "{}\n{}", hex(code.code), hex(code.lnotab)).unwrap();
    for &constant in pool.tuple(code.consts).unwrap() {
        if pool.code(constant).is_some() {
            describe(pool, constant, out);
        }
    }
}

#[track_caller]
fn check_recorded(name: &str, text: &[u8], recorded: &str) {
    let pyc = assemble(name, text).unwrap();
    let mut found = String::new();
    describe(&pyc.pool, pyc.code, &mut found);
    let from = recorded.find("== <module>").unwrap();
    assert_eq!(found, recorded[from..]);
}

#[test]
fn texts_assemble_to_what_cpython_read_and_ran() {
    let hand = include_bytes!("../data/text/hand.cpyasm");
    check_recorded("hand.cpyasm", hand, include_str!("../data/text/hand.txt"));
    let blocks = include_bytes!("../data/text/blocks.cpyasm");
    check_recorded(
        "blocks.cpyasm",
        blocks,
        include_str!("../data/text/blocks.txt"),
    );
}

/// Checks the code of a module with these lines.
#[track_caller]
fn check_code(lines: &str, code: &[u8]) {
    let pyc = assembled(&format!("DEFINE main\n{lines}\nEND\n"));
    let module = pyc.pool.code(pyc.code).unwrap();
    assert_eq!(pyc.pool.bytes(module.code).unwrap(), code, "{lines}");
}

#[test]
fn operands_are_arguments() {
    check_code("pop_top\nRoT_tWo 7", &[1, 0, 2, 7]);
    check_code(
        "LOAD_CONST 1\nLOAD_CONST 1.0\nLOAD_CONST True\nLOAD_CONST 1",
        &[100, 0, 100, 1, 100, 2, 100, 0],
    );
    check_code("LOAD_CONST 0.0\nLOAD_CONST -0.0", &[100, 0, 100, 1]);
    check_code(
        "LOAD_CONST @3 # the index\nLOAD_FAST @300",
        &[100, 3, 144, 1, 124, 44],
    );
    check_code(
        "LOAD_NAME a\nLOAD_ATTR 'b c'\nSTORE_NAME a",
        &[101, 0, 106, 1, 90, 0],
    );
    check_code("LOAD_FAST x\nSTORE_FAST y", &[124, 0, 125, 1]);
    check_code("LOAD_CLOSURE b\nLOAD_DEREF a", &[135, 1, 136, 0]);
    check_code(
        "COMPARE_OP <\nCOMPARE_OP 5\nCOMPARE_OP is not",
        &[107, 0, 107, 5, 117, 1],
    );
    check_code(
        "COMPARE_OP not  in\nCONTAINS_OP in\nIS_OP is",
        &[118, 1, 118, 0, 117, 0],
    );
    check_code(
        "MAKE_FUNCTION defaults | closure\nMAKE_FUNCTION 4",
        &[132, 9, 132, 4],
    );
    check_code(
        "FORMAT_VALUE !r spec\nFORMAT_VALUE 0\nCALL_FUNCTION_EX kwargs",
        &[155, 6, 155, 0, 142, 1],
    );
    check_code("UNPACK_EX 1, 2", &[144, 2, 94, 1]);
    check_code("EXTENDED_ARG 0\nNOP\nBYTES 00 ff", &[144, 0, 9, 0, 0, 255]);
    check_code("CALL_FUNCTION 0x1_0000", &[144, 1, 144, 0, 131, 0]);
}

#[test]
fn jumps_find_their_labels() {
    check_code(
        "LABEL a\nNOP\nJUMP_ABSOLUTE a\nJUMP_FORWARD b\nLABEL b",
        &[9, 0, 113, 0, 110, 0],
    );
    check_code(
        "JUMP_FORWARD end of it\nNOP\nlabel end of it",
        &[110, 2, 9, 0],
    );
    check_code(
        "POP_JUMP_IF_TRUE 12\nFOR_ITER @2\nSETUP_FINALLY 0x10",
        &[115, 12, 93, 2, 122, 16],
    );
    check_code("LABEL 1\nJUMP_ABSOLUTE 1", &[113, 0]);
    // The jump's own prefix moves its target, which is what makes it need one.
    let far = format!("JUMP_ABSOLUTE far\n{}LABEL far", "NOP\n".repeat(127));
    let pyc = assembled(&format!("DEFINE main\n{far}\nEND"));
    let code = pyc.pool.code(pyc.code).unwrap();
    assert_eq!(pyc.pool.bytes(code.code).unwrap()[..4], [144, 1, 113, 2]);
}

/// The flags of the object `f`, which a module makes a function of.
#[track_caller]
fn check_flags(lines: &str, expected: u32) {
    let pyc = assembled(&format!(
        "DEFINE main\nLOAD_CONST f\nLOAD_CONST 'f'\nMAKE_FUNCTION 0\nEND\nDEFINE f\n{lines}\nEND"
    ));
    let consts = pyc.pool.code(pyc.code).unwrap().consts;
    let consts = pyc.pool.tuple(consts).unwrap();
    let code = consts.iter().find_map(|&id| pyc.pool.code(id)).unwrap();
    assert_eq!(code.flags, expected, "{lines}");
}

#[test]
fn flags_are_computed_and_given() {
    let function = flags::NEWLOCALS | flags::OPTIMIZED | flags::NOFREE;
    check_flags("NOP", function);
    check_flags("LOAD_NAME x", flags::NEWLOCALS | flags::NOFREE);
    check_flags("LOAD_DEREF x", flags::NEWLOCALS | flags::OPTIMIZED);
    check_flags(
        "ADD_ARG *a\nADD_ARG **k",
        function | flags::VARARGS | flags::VARKEYWORDS,
    );
    check_flags("YIELD_VALUE", function | flags::GENERATOR);
    check_flags("YIELD_FROM", function | flags::GENERATOR);
    check_flags("GET_AWAITABLE\nYIELD_FROM", function | flags::COROUTINE);
    check_flags("GET_ANEXT\nYIELD_VALUE", function | flags::ASYNC_GENERATOR);
    check_flags(
        "FLAGS +ASYNC_GENERATOR\nYIELD_VALUE",
        function | flags::ASYNC_GENERATOR,
    );
    check_flags(
        "FLAGS -NOFREE nested, 0x8000",
        function - flags::NOFREE + flags::NESTED + 0x8000,
    );
}

/// Checks the first error in a text: its place and message.
#[track_caller]
fn check_error(text: &str, line: u32, column: u32, message: &str) {
    let error = assemble("x.cpyasm", text.as_bytes()).unwrap_err();
    let first = &error.diagnostics()[0];
    assert_eq!(first.message, message, "{text}");
    let place = first.place.as_ref().unwrap();
    assert_eq!(place.position, Position::Line { line, column }, "{text}");
}

/// Checks the first error in a module with these lines.
#[track_caller]
fn check_error_in_main(lines: &str, line: u32, column: u32, message: &str) {
    check_error(
        &format!("DEFINE main\n{lines}\nEND"),
        line + 1,
        column,
        message,
    );
}

#[test]
fn errors_in_lines_show_their_place() {
    check_error_in_main(
        "NOP\n  LOAD_CNST 1",
        2,
        3,
        "unknown instruction 'LOAD_CNST'",
    );
    check_error_in_main("POP_TOP x", 1, 9, "POP_TOP takes no argument");
    check_error_in_main("LOAD_CONST", 1, 11, "LOAD_CONST takes a constant");
    check_error_in_main("LOAD_CONST f", 1, 12, "unknown object 'f'");
    check_error_in_main("LOAD_CONST 'x", 1, 12, "the quote is not closed");
    check_error_in_main("LOAD_CONST (1,", 1, 12, "the '(' is not closed");
    check_error_in_main("LOAD_NAME 1", 1, 11, "expected a name");
    check_error_in_main("LOAD_FAST a b", 1, 11, "expected a variable's name");
    check_error_in_main("LOAD_FAST @4294967296", 1, 11, "expected an index");
    check_error_in_main("CALL_FUNCTION", 1, 14, "CALL_FUNCTION takes a number");
    check_error_in_main("CALL_FUNCTION -1", 1, 15, "CALL_FUNCTION takes a number");
    check_error_in_main("IS_OP in", 1, 7, "IS_OP takes an operator");
    check_error_in_main("JUMP_ABSOLUTE x", 1, 15, "unknown label 'x' in 'main'");
    check_error_in_main(
        "LABEL x\nLABEL x",
        2,
        7,
        "label 'x' is defined twice in one object",
    );
    check_error_in_main(
        "LABEL x\nJUMP_FORWARD x",
        2,
        14,
        "JUMP_FORWARD can only go forwards",
    );
    check_error_in_main(
        "NOP\nADD_ARG x",
        2,
        1,
        "ADD_ARG must be directly after DEFINE",
    );
    check_error_in_main(
        "NOP\nFLAGS NESTED",
        2,
        1,
        "FLAGS must be before the instructions",
    );
    check_error_in_main("FLAGS NESTLED", 1, 7, "unknown flag");
    check_error_in_main(
        "CONST_AT 1 2",
        0,
        8,
        "the index 1 of a constant is too large: there are 1 in all",
    );
    check_error_in_main(
        "LOAD_CONST main",
        1,
        12,
        "'main' cannot be a constant of itself",
    );
    check_error_in_main("BYTES 1", 1, 7, "BYTES takes bytes");
    check_error_in_main(
        "HEADER timestamp 0 0",
        1,
        1,
        "HEADER must be before the first DEFINE",
    );
}

#[test]
fn errors_in_objects_show_their_place() {
    check_error("", 1, 1, "no object is labelled 'main'");
    check_error("NOP", 1, 1, "this line is outside of an object");
    check_error("ADD_ARG x", 1, 1, "this line is outside of an object");
    check_error("DEFINE main", 1, 8, "'main' has no END");
    check_error(
        "DEFINE main\nEND\nDEFINE Main\nEND",
        3,
        8,
        "'Main' is defined twice",
    );
    check_error(
        "DEFINE main\nDEFINE f\nEND\nDEFINE f\nEND\nEND",
        4,
        8,
        "'f' is defined twice",
    );
    check_error("DEFINE\nEND", 1, 7, "DEFINE takes a name");
    let held =
        "DEFINE main\nLOAD_CONST f\nEND\nDEFINE f\nLOAD_CONST g\nEND\nDEFINE g\nLOAD_CONST f\nEND";
    check_error(held, 8, 12, "'f' and 'g' cannot be constants of each other");
    let late = "DEFINE main\nDEFINE f\nEND\nADD_ARG x\nEND";
    check_error(late, 4, 1, "ADD_ARG must be directly after DEFINE");
    let named = "DEFINE main\nLOAD_CONST inf\nEND\nDEFINE inf\nEND";
    let pyc = assembled(named);
    let consts = pyc.pool.code(pyc.code).unwrap().consts;
    assert!(pyc.pool.code(pyc.pool.tuple(consts).unwrap()[0]).is_some());
    let crossing = "DEFINE main\nJUMP_ABSOLUTE x\nEND\nDEFINE f\nLABEL x\nEND";
    let error = assemble("x", crossing.as_bytes()).unwrap_err();
    let help = "'f' has such a label, but a jump cannot leave its code object";
    assert_eq!(error.diagnostics()[0].help.as_deref(), Some(help));
}

#[test]
fn errors_are_limited() {
    let text = "nonsense\n".repeat(100_000);
    let error = assemble("x", text.as_bytes()).unwrap_err();
    assert!(error.diagnostics().len() < 30);
    let deep = format!("DEFINE main\nLOAD_CONST {}", "(".repeat(1_000_000));
    assert!(assemble("x", deep.as_bytes()).is_err());
    let nested = "DEFINE main\n".repeat(100_000);
    assert!(assemble("x", nested.as_bytes()).is_err());
    let lines = "DEFINE main\nLINE 9223372036854775807\nNOP\nEND";
    assert!(assemble("x", lines.as_bytes()).is_err());
    assert!(assemble("x", b"DEFINE main\n\xff").is_err());
}

#[test]
fn many_jumps_find_their_prefixes_soon() {
    // Each jump that grows makes the next one grow.
    let mut text = "DEFINE main\n".to_owned();
    for number in 0..20_000 {
        writeln!(text, "LABEL l{number}\nJUMP_FORWARD l{}", number + 63).unwrap();
    }
    for number in 20_000..20_063 {
        writeln!(text, "LABEL l{number}\nNOP").unwrap();
    }
    text.push_str("END");
    let _ = assembled(&text);
}

#[test]
fn an_instruction_has_a_text() {
    let pyc = Pyc::read("", include_bytes!("../data/text/shapes.pyc")).unwrap();
    let cited = |offset| instruction(&pyc.pool, pyc.code, offset);
    assert_eq!(cited(2).unwrap(), "LOAD_CONST ('annotations',)");
    assert_eq!(cited(27).unwrap(), "LOAD_CONST Greeter");
    assert_eq!(cited(9999), None);
    let far = Pyc::read("", include_bytes!("../data/text/far.pyc")).unwrap();
    let consts = far
        .pool
        .tuple(far.pool.code(far.code).unwrap().consts)
        .unwrap();
    assert_eq!(
        instruction(&far.pool, consts[0], 2).unwrap(),
        "POP_JUMP_IF_FALSE else_91"
    );
    assert_eq!(
        instruction(&far.pool, consts[0], 4).unwrap(),
        "POP_JUMP_IF_FALSE else_91"
    );
}

/// A file with some code, tables and constants, likely as any compiler would never make it.
fn any_file() -> impl Strategy<Value = Pyc> {
    let code = prop::collection::vec((any::<u8>(), 0..12u8), 0..60);
    let names = || prop::collection::vec(0..6usize, 0..6);
    let table = prop::collection::vec(any::<u8>(), 0..12);
    let numbers = (0..3u32, 0..2u32, any::<u32>(), any::<i32>(), any::<u32>());
    let parts = (
        code,
        names(),
        names(),
        names(),
        names(),
        table,
        numbers,
        names(),
        any::<bool>(),
    );
    let object = parts.prop_map(|(code, n, v, c, f, table, numbers, consts, odd)| {
        (code, [n, v, c, f], table, numbers, consts, odd)
    });
    prop::collection::vec(object, 1..5).prop_map(|objects| {
        let mut pool = Pool::new();
        let texts = ["x", "y", "é ", "", "main", "<lambda>"];
        let texts = texts.map(|text| pool.add(Object::Str(Str::new(text))));
        let mut last = None;
        for (code, tables, table, (args, more, bits, first, size), consts, odd) in objects {
            let mut bytes: Vec<u8> = code.into_iter().flat_map(|(op, arg)| [op, arg]).collect();
            if odd {
                bytes.pop();
            }
            let tuple = |pool: &mut Pool, of: Vec<usize>| {
                let items = of.into_iter().map(|at| texts[at]).collect();
                pool.add(Object::Tuple(items))
            };
            let [names, mut locals, cells, frees] = tables;
            let rest = [flags::VARARGS, flags::VARKEYWORDS].map(|flag| u32::from(bits & flag != 0));
            locals.resize(locals.len().max(8), 1);
            assert!((args + more + rest[0] + rest[1]) as usize <= locals.len());
            let mut items: Vec<Id> = consts.into_iter().map(|at| texts[at]).collect();
            items.push(pool.add(Object::Int(first.into())));
            items.push(pool.add(Object::Float(f64::from_bits(u64::from(bits) << 40))));
            items.extend(last);
            items.extend(last.filter(|_| odd));
            let object = Code {
                argcount: args,
                posonlyargcount: args / 2,
                kwonlyargcount: more,
                nlocals: locals.len() as u32 + bits % 2,
                stacksize: size % 1000,
                flags: bits,
                code: pool.add(Object::Bytes(bytes.into())),
                consts: pool.add(Object::Tuple(items.into())),
                names: tuple(&mut pool, names),
                varnames: tuple(&mut pool, locals),
                freevars: tuple(&mut pool, frees),
                cellvars: tuple(&mut pool, cells),
                filename: texts[(bits % 6) as usize],
                name: texts[(size % 6) as usize],
                firstlineno: first,
                lnotab: pool.add(Object::Bytes(table.into())),
            };
            last = Some(pool.add(Object::Code(Box::new(object))));
        }
        Pyc {
            header: Header::Hash {
                checked: true,
                hash: [1, 2, 3, 4, 5, 6, 7, 0xf8],
            },
            pool,
            code: last.unwrap(),
            offsets: Vec::new(),
        }
    })
}

/// Lines that look like a program's, in any order.
fn any_text() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "DEFINE",
        "END",
        "ADD_ARG",
        "LABEL",
        "LINE",
        "BYTES",
        "NAME",
        "FILE",
        "FIRST_LINE",
        "DOC",
        "FLAGS",
        "STACK_SIZE",
        "LOCALS_COUNT",
        "CELLS",
        "FREES",
        "CONST_AT",
        "NAME_AT",
        "LOCAL_AT",
        "LINE_TABLE",
        "HEADER",
        "FUTURE",
        "SHARE",
        "LOAD_CONST",
        "LOAD_FAST",
        "LOAD_DEREF",
        "JUMP_FORWARD",
        "FOR_ITER",
        "MAKE_FUNCTION",
        "LOAD_CLOSURE",
        "BUILD_TUPLE",
        "COMPARE_OP",
        "LOAD_NAME",
        "EXTENDED_ARG",
        "UNPACK_EX",
        "NOP",
    ]);
    let operands = prop::sample::select(vec![
        "",
        "main",
        "f",
        "x",
        "*x",
        "**x",
        "/",
        "*",
        "1",
        "@4000000000",
        "4294967295",
        "(1, 'a')",
        "'x'",
        "\"\\ud800\"",
        "b'\\0'",
        "0 x",
        "1 f",
        "x, 'y'",
        "held 'x'",
        "@1 own",
        "@2 is @1",
        "not in",
        "8",
        "-1",
        "0xffffffff",
        "00 ff",
        "timestamp 1 2",
        "annotations",
        "{}",
        "[[]]",
    ]);
    let line = (words, operands).prop_map(|(word, operand)| format!("{word} {operand}"));
    let lines = prop::collection::vec(line, 0..40);
    lines.prop_map(|lines| format!("DEFINE main\n{}\nEND", lines.join("\n")))
}

fn check_stable(text: &str) {
    let Ok(unit) = parse("x.cpyasm", text) else {
        let _ = assemble("x.cpyasm", text.as_bytes());
        return;
    };
    let printed = print(&unit);
    let again = parse("x.cpyasm", &printed).unwrap_or_else(|error| panic!("{printed}\n{error}"));
    assert_eq!(print(&again), printed);
    if let Ok(pyc) = assemble_unit(&unit, "x.cpyasm") {
        let same = assemble_unit(&again, "x.cpyasm").unwrap();
        assert_eq!(pyc.write(), same.write());
    }
}

proptest! {
    #[test]
    fn any_file_survives_a_round_trip(pyc in any_file()) {
        let bytes = pyc.write();
        let text = disassemble(&pyc);
        let again = assemble("x", text.as_bytes()).unwrap_or_else(|error| panic!("{text}\n{error}"));
        prop_assert_eq!(again.write(), bytes, "{}", text);
        let unit = lift(pyc).unwrap();
        prop_assert_eq!(print(&unit), text);
    }

    #[test]
    fn a_printed_text_has_the_same_meaning(text in any_text()) {
        check_stable(&text);
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in "\\PC{0,60}(\n\\PC{0,30}){0,6}") {
        check_stable(&text);
    }
}
