//! Properties of objects and their text, on random ones.

use num_bigint::BigInt;
use proptest::collection::vec;
use proptest::prelude::*;
use vm_py_code::marshal;
use vm_py_code::object::Ids;
use vm_py_code::object::{Code, Id, Object, Pool, Str};
use vm_py_code::pyc::{Header, Pyc};
use vm_py_text::{cpython_dis, json, literal, repr};

const TEXTS: [&str; 12] = [
    "",
    "'",
    "\"'",
    "\\",
    "\n\t\0\u{7f}\u{80}",
    "é漢😀",
    "\u{ad}\u{378}\u{200b}\u{e000}",
    "None",
    "#",
    "{",
    "\\N{DASH}",
    "a b",
];

/// Floats of every kind, by their bits.
fn float() -> impl Strategy<Value = f64> {
    let special = [
        0,
        1 << 63,
        0x7ff0 << 48,
        0xfff0 << 48,
        0x7ff8 << 48,
        0xfff8 << 48,
    ];
    prop_oneof![
        any::<u64>(),
        prop::sample::select(special.to_vec()),
        0x7ff0u64 << 48..0x7ff1 << 48,
        any::<i32>().prop_map(|number| f64::from(number).to_bits()),
    ]
    .prop_map(f64::from_bits)
}

/// Objects without items.
fn leaf() -> impl Strategy<Value = Object> {
    let integer = (any::<i128>(), 0u32..6000).prop_map(|(number, shift)| {
        let number = BigInt::from(number) << shift;
        match i64::try_from(&number) {
            Ok(small) => Object::Int(small),
            Err(_) => Object::Long(Box::new(number)),
        }
    });
    let surrogate = (0xd800u16..0xe000).prop_map(|surrogate| {
        let [high, low] = [surrogate >> 6 & 0x3f, surrogate & 0x3f].map(|bits| 0x80 | bits as u8);
        Object::Str(Str {
            bytes: [0xed, high, low].into(),
            interned: false,
        })
    });
    prop_oneof![
        Just(Object::None),
        any::<bool>().prop_map(Object::Bool),
        Just(Object::Ellipsis),
        Just(Object::StopIteration),
        any::<i64>().prop_map(Object::Int),
        (-3i64..3).prop_map(Object::Int),
        integer,
        float().prop_map(Object::Float),
        (float(), float()).prop_map(|(real, imaginary)| Object::Complex(real, imaginary)),
        vec(any::<u8>(), 0..6).prop_map(|bytes| Object::Bytes(bytes.into())),
        prop::sample::select(&TEXTS[..]).prop_map(|text| Object::Str(Str::new(text))),
        vec(any::<char>(), 0..4)
            .prop_map(|chars| Object::Str(Str::new(&chars.into_iter().collect::<String>()))),
        surrogate,
    ]
}

/// Combines objects to one: each number of `shape` says how many of the last ones form a container.
fn tree(pool: &mut Pool, leaves: Vec<Object>, shape: &[u8]) -> Id {
    let mut ids: Vec<Id> = leaves.into_iter().map(|leaf| pool.add(leaf)).collect();
    for &number in shape {
        let count = usize::from(number >> 3).min(ids.len());
        let items = Ids::from(ids.split_off(ids.len() - count));
        let pairs = items.chunks_exact(2).map(|pair| (pair[0], pair[1]));
        let object = match number & 7 {
            0..=2 => Object::Tuple(items),
            3 => Object::List(items),
            4 => Object::Dict(pairs.collect()),
            5 => Object::Set(items),
            _ => Object::FrozenSet(items),
        };
        ids.push(pool.add(object));
    }
    pool.add(Object::Tuple(ids.into()))
}

/// Parts of literals, whole and broken.
#[rustfmt::skip]
const WORDS: [&str; 44] = [
    "(", ")", "[", "]", "{", "}", ",", ":", "+", "-", " ", "\t", "1", "0x1f", "1_0", "0", "_",
    ".5", "1e5", "2j", "'", "\"", "'a'", "b'b'", "r'\\\\'", "'''", "\\", "\\x41", "\\N{x}",
    "\\ud800", "é", "😀", "None", "True", "...", "inf", "nan", "float(", "frozenset(", "complex(",
    "set(", "nan(0x7ff8000000000009)", "f''", "#",
];

proptest! {
    #[test]
    fn a_literal_parses_to_its_object(
        leaves in vec(leaf(), 1..8),
        shape in vec(0u8..40, 0..8),
    ) {
        let mut pool = Pool::new();
        let id = tree(&mut pool, leaves, &shape);
        let printed = literal::print(&pool, id).unwrap();
        let mut other = Pool::new();
        let again = literal::parse(&mut other, &printed).unwrap();
        prop_assert_eq!(marshal::write(&other, again), marshal::write(&pool, id), "{}", printed);
        repr::repr(&pool, id);
    }

    #[test]
    fn any_text_is_parsed_or_refused_with_a_place(
        words in vec(prop::sample::select(&WORDS[..]), 0..8),
    ) {
        let text = words.concat();
        let mut pool = Pool::new();
        match literal::parse(&mut pool, &text) {
            Ok(id) => {
                let printed = literal::print(&pool, id).unwrap();
                let again = literal::parse(&mut pool, &printed).unwrap();
                prop_assert_eq!(literal::print(&pool, again), Some(printed));
            }
            Err(error) => prop_assert!(text.get(error.at.range()).is_some(), "{error:?}"),
        }
    }

    #[test]
    fn any_code_has_its_listings(
        code in vec(prop_oneof![Just(144u8), 0u8..4, any::<u8>()], 0..24),
        table in vec(any::<u8>(), 0..8),
        firstlineno in any::<i32>(),
        leaves in vec(leaf(), 1..4),
    ) {
        let mut pool = Pool::new();
        let consts = tree(&mut pool, leaves, &[]);
        let names = literal::parse(&mut pool, "('a', 'b\\ud800')").unwrap();
        let name = literal::parse(&mut pool, "'f'").unwrap();
        let code = pool.add(Object::Bytes(code.into()));
        let lnotab = pool.add(Object::Bytes(table.into()));
        let code = pool.add(Object::Code(Box::new(Code {
            argcount: 0,
            posonlyargcount: 0,
            kwonlyargcount: 0,
            nlocals: 2,
            stacksize: 0,
            flags: u32::MAX,
            code,
            consts,
            names,
            varnames: names,
            freevars: names,
            cellvars: names,
            filename: name,
            name,
            firstlineno,
            lnotab,
        })));
        let mut out = String::new();
        // Python's own dis raises an exception on most of these.
        let _ = cpython_dis::write(&pool, code, &mut out);
        let header = Header::Timestamp { mtime: 0, size: 0 };
        let pyc = Pyc { header, pool, code, offsets: Vec::new() };
        json::write(&pyc, &mut out).unwrap();
    }
}
