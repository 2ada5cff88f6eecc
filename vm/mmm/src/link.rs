//! Links files to a program: every call gets its target, or is known to fail.

use super::insn::{Fault, Insn};
use super::parse::File;
use super::program::{Function, Program, Source, State};
use super::value::Value;
use std::collections::HashMap;

/// A file that the entry is or that a call names.
pub(super) enum Read {
    Parsed(Box<File>),
    Failed(Source),
}

/// The file that each call of a file leads to, or why there is none.
pub(super) type Targets = Vec<Result<u32, Fault>>;

/// Links the files to one program. The entry's code stays in place, and that of the others follows.
pub(super) fn link(mut files: Vec<Read>, targets: &[Targets]) -> Program {
    let mut functions = Vec::new();
    let mut names: Vec<HashMap<&str, u32>> = Vec::new();
    let mut bases = Vec::new();
    let mut count: u32 = 0;
    let mut main = 0;
    // Only calls look up names.
    let calls_any = targets.iter().any(|targets| !targets.is_empty());
    for (number, file) in files.iter().enumerate() {
        let mut here = HashMap::new();
        bases.push(count);
        if let Read::Parsed(file) = file {
            if calls_any {
                here.reserve(file.functions.len());
            }
            for function in &file.functions {
                let (name, first) = (file.function_name(function), count + function.first);
                if calls_any {
                    here.insert(name, first);
                }
                if number == 0 && name == "main" {
                    main = first;
                }
                functions.push(Function {
                    file: number as u32,
                    name: function.name,
                    first,
                });
            }
            count += file.insns.len() as u32;
        }
        names.push(here);
    }
    let mut calls = Vec::new();
    for (file, (targets, base)) in files.iter().zip(targets.iter().zip(&bases)) {
        let Read::Parsed(file) = file else { continue };
        for (call, target) in file.calls.iter().zip(targets) {
            let target = target.and_then(|number| match &files[number as usize] {
                Read::Failed(source) => Err(match source.state {
                    State::Unreadable(_) => Fault::FileAccess,
                    State::Bad(_) | State::Loaded(_) => Fault::BadFile,
                }),
                Read::Parsed(_) => {
                    let name = call.name.of(&file.source);
                    names[number as usize]
                        .get(name)
                        .copied()
                        .ok_or(Fault::UnknownFunction)
                }
            });
            calls.push((base + call.insn, target.map_or_else(Insn::Fail, Insn::Call)));
        }
    }
    drop(names);
    let (mut code, mut places, mut pool) = (Vec::new(), Vec::new(), String::new());
    for (number, file) in files.iter_mut().enumerate() {
        let Read::Parsed(file) = file else { continue };
        if number == 0 {
            code = std::mem::take(&mut file.insns);
            places = std::mem::take(&mut file.places);
            pool = std::mem::take(&mut file.pool);
            continue;
        }
        let base = pool.len() as u32;
        code.extend(file.insns.iter().map(|&insn| match insn {
            Insn::Push(Value::Str(text)) => Insn::Push(Value::Str(text.moved(base))),
            insn => insn,
        }));
        places.extend_from_slice(&file.places);
        pool.push_str(&file.pool);
    }
    for (at, call) in calls {
        code[at as usize] = call;
    }
    let files = files.into_iter().map(|read| match read {
        Read::Parsed(file) => Source::new(file.name, State::Loaded(file.source)),
        Read::Failed(source) => source,
    });
    Program {
        code,
        places,
        functions,
        files: files.collect(),
        pool,
        main,
    }
}
