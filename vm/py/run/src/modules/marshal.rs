//! `marshal`.

use crate::code::Code;
use crate::floor::{Id, Object, Pool, RawCode};
use crate::native::{ModuleDef, Sig, f};
use crate::object::Obj;
use crate::types::number::{Num, num};
use crate::value::{R, Value};
use crate::vm::Vm;
use std::collections::HashMap;

pub(crate) static MARSHAL: ModuleDef = ModuleDef {
    name: "marshal",
    doc: "This module contains functions that can read and write Python values in\na binary format.",
    functions: &[
        f("dumps", Sig::Pos(1, 2), |vm, a| {
            let mut pool = Pool::new();
            let mut known = HashMap::new();
            let root = dump(vm, &mut pool, &mut known, a[0], 0)?;
            let bytes = crate::floor::marshal::write(&pool, root);
            Ok(vm.bytes(bytes))
        }),
        f("loads", Sig::One, |vm, a| {
            let Some(bytes) = vm.as_bytes(a[0]).map(<[u8]>::to_vec) else {
                let kind = vm.type_name(a[0]);
                return Err(vm.type_error(format!("a bytes-like object is required, not '{kind}'")));
            };
            vm.work(bytes.len())?;
            let Ok(read) = crate::floor::marshal::read("marshal", &bytes, 0) else {
                if bytes.is_empty() {
                    return Err(vm.raise(vm.exc.eof_error, "EOF read where object expected"));
                }
                return Err(vm.value_error("bad marshal data (unknown type code)"));
            };
            // Code is verified before it can run.
            if crate::floor::check(&read.pool, read.root).is_err() {
                return Err(vm.value_error("bad marshal data (code that cannot be run)"));
            }
            crate::code::load(vm, &read.pool, read.root)
        }),
    ],
    init: |vm, module| {
        super::constant(vm, module, "version", Value::Int(4));
        Ok(())
    },
};

/// How deep objects may nest.
const MOST_DEPTH: usize = 1000;

/// Adds a value to a pool.
fn dump(
    vm: &mut Vm,
    pool: &mut Pool,
    known: &mut HashMap<u32, Id>,
    value: Value,
    depth: usize,
) -> R<Id> {
    if depth > MOST_DEPTH {
        return Err(vm.value_error("object too deeply nested to marshal"));
    }
    vm.work(64)?;
    if let Value::Obj(handle) = value
        && let Some(&id) = known.get(&handle.at)
    {
        return Ok(id);
    }
    let all = |vm: &mut Vm, pool: &mut Pool, known: &mut HashMap<u32, Id>, items: Vec<Value>| {
        items
            .into_iter()
            .map(|item| dump(vm, pool, known, item, depth + 1))
            .collect::<R<Vec<Id>>>()
    };
    let object = match value {
        Value::None => Object::None,
        Value::True | Value::False => Object::Bool(matches!(value, Value::True)),
        Value::Ellipsis => Object::Ellipsis,
        _ if value.is(Value::Obj(vm.exc.stop_iteration)) => Object::StopIteration,
        _ => match (num(vm, value), vm.obj(value)) {
            (Some(Num::Small(value)), _) => Object::Int(value),
            (Some(Num::Big(value)), _) => Object::Long(Box::new(value)),
            (Some(Num::Float(value)), _) => Object::Float(value),
            (Some(Num::Complex(real, imaginary)), _) => Object::Complex(real, imaginary),
            (_, Obj::Str(text)) => Object::Str(crate::floor::Str {
                bytes: text.bytes().into(),
                interned: text.interned.get(),
            }),
            (_, Obj::Bytes(bytes)) => Object::Bytes(bytes[..].into()),
            (_, Obj::ByteArray(bytes)) => Object::Bytes(bytes[..].into()),
            (_, Obj::Tuple(items)) => {
                let items = items.to_vec();
                Object::Tuple(all(vm, pool, known, items)?[..].into())
            }
            (_, Obj::List(items)) => {
                let items = items.clone();
                Object::List(all(vm, pool, known, items)?[..].into())
            }
            (_, Obj::Dict(_)) => {
                let mut pairs = Vec::new();
                for (key, value) in vm.dict_pairs(value) {
                    let key = dump(vm, pool, known, key, depth + 1)?;
                    pairs.push((key, dump(vm, pool, known, value, depth + 1)?));
                }
                Object::Dict(pairs.into())
            }
            (_, Obj::Set(_)) => {
                let frozen = vm.is_instance(value, vm.types.frozenset);
                let items = vm
                    .set_items(value)
                    .into_iter()
                    .map(|(item, _)| item)
                    .collect();
                let ids = all(vm, pool, known, items)?;
                if frozen {
                    Object::FrozenSet(ids[..].into())
                } else {
                    Object::Set(ids[..].into())
                }
            }
            (_, Obj::Code(code)) => {
                let code = code.clone();
                Object::Code(Box::new(raw(vm, pool, known, &code, depth)?))
            }
            _ => return Err(vm.value_error("unmarshallable object")),
        },
    };
    let id = pool.add(object);
    if let Value::Obj(handle) = value {
        known.insert(handle.at, id);
    }
    Ok(id)
}

fn raw(
    vm: &mut Vm,
    pool: &mut Pool,
    known: &mut HashMap<u32, Id>,
    code: &Code,
    depth: usize,
) -> R<RawCode> {
    let mut tuple = |vm: &mut Vm, items: &[Value]| {
        let ids = items
            .iter()
            .map(|&item| dump(vm, pool, known, item, depth + 2))
            .collect::<R<Vec<Id>>>()?;
        Ok(pool.add(Object::Tuple(ids[..].into())))
    };
    let consts = tuple(vm, &code.consts)?;
    let names = tuple(vm, &code.names)?;
    let varnames = tuple(vm, &code.varnames)?;
    let freevars = tuple(vm, &code.freevars)?;
    let cellvars = tuple(vm, &code.cellvars)?;
    let filename = dump(vm, pool, known, code.filename, depth + 1)?;
    let name = dump(vm, pool, known, code.name, depth + 1)?;
    Ok(RawCode {
        argcount: code.argcount,
        posonlyargcount: code.posonly,
        kwonlyargcount: code.kwonly,
        nlocals: code.varnames.len() as u32,
        stacksize: code.stacksize,
        flags: code.flags,
        code: pool.add(Object::Bytes(code.bytes[..].into())),
        consts,
        names,
        varnames,
        freevars,
        cellvars,
        filename,
        name,
        firstlineno: code.firstlineno,
        lnotab: pool.add(Object::Bytes(code.lnotab[..].into())),
    })
}
