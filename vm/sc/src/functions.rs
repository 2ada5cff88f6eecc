//! The host functions that a program can call.

use super::insn::Fault;
use super::kind::Kind;
use super::value::{Value, parse_float, parse_int};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// How many arguments a function takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// Exactly this number.
    Exactly(u32),
    /// Any number.
    Any,
}

impl Arity {
    pub(super) fn takes(self, count: usize) -> bool {
        match self {
            Arity::Exactly(exact) => exact as usize == count,
            Arity::Any => true,
        }
    }
}

type Native = dyn Fn(&[Value]) -> Result<Value, Fault> + Send + Sync;

/// A function that a program can call.
#[derive(Clone)]
pub(super) enum Function {
    Print,
    Plain(Plain),
    Native(Arity, Arc<Native>),
}

/// A function of one argument without side effects.
#[derive(Clone, Copy)]
pub(super) struct Plain {
    pub(super) function: fn(&Value) -> Result<Value, Fault>,
    /// The kind of its result.
    kind: Kind,
    /// True if it reads the text of its argument, which costs fuel.
    pub(super) reads_text: bool,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Function::Print => "Print",
            Function::Plain(..) => "Plain",
            Function::Native(..) => "Native",
        })
    }
}

impl Function {
    pub(super) fn arity(&self) -> Arity {
        match self {
            Function::Print => Arity::Any,
            Function::Plain(..) => Arity::Exactly(1),
            Function::Native(arity, _) => *arity,
        }
    }

    /// Returns the kind of its result.
    pub(super) fn returns(&self) -> Kind {
        match self {
            Function::Print | Function::Native(..) => Kind::Any,
            Function::Plain(plain) => plain.kind,
        }
    }
}

/// The functions of a host, by name. An embedder can add its own.
///
/// ```
/// use vm_base::{Limits, MemoryHost};
/// use vm_sc::{self as sc, Arity, Fault, Options, Value};
///
/// let mut options = Options::default();
/// options.functions.add("max", Arity::Exactly(2), |arguments| {
///     let [a, b] = arguments else { return Err(Fault::Arity) };
///     Ok(if a.order(b)?.is_some_and(|order| order.is_lt()) { b.clone() } else { a.clone() })
/// });
/// let mut host = MemoryHost::new([("a.sca", "print(max(3, 4.5))\n")]);
/// let limits = Limits::default();
/// let program = sc::load_with(&mut host, "a.sca", &options, &limits).unwrap();
/// sc::run(&program, &mut host, &limits);
/// assert_eq!(host.output, b"4.5\n");
/// ```
#[derive(Clone)]
pub struct Functions {
    by_name: HashMap<String, Function>,
}

impl Functions {
    /// Returns a table without functions.
    pub fn none() -> Functions {
        Functions {
            by_name: HashMap::new(),
        }
    }

    /// Adds a function, and replaces the one of this name if there is one.
    ///
    /// The function is called only with the number of arguments that it takes, in their order. A
    /// Str that it returns counts toward the heap limit after it has returned. The Strs that it is given cost
    /// fuel; whatever else it does is free.
    pub fn add(
        &mut self,
        name: impl Into<String>,
        arity: Arity,
        function: impl Fn(&[Value]) -> Result<Value, Fault> + Send + Sync + 'static,
    ) {
        let function = Function::Native(arity, Arc::new(function));
        self.by_name.insert(name.into(), function);
    }

    /// Removes a function.
    pub fn remove(&mut self, name: &str) {
        self.by_name.remove(name);
    }

    /// Returns the names of the functions, sorted.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.by_name.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// Returns how many arguments the function with this name takes, if there is one.
    pub fn arity(&self, name: &str) -> Option<Arity> {
        self.by_name.get(name).map(Function::arity)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Function> {
        self.by_name.get(name)
    }
}

/// The default functions: `print`, `str`, `len`, `type`, `int` and `float`.
impl Default for Functions {
    fn default() -> Functions {
        let plain = |name: &str, function, kind| {
            let reads_text = name != "type";
            let plain = Plain {
                function,
                kind,
                reads_text,
            };
            (name.to_owned(), Function::Plain(plain))
        };
        let plain = [
            plain(
                "str",
                str_of as fn(&Value) -> Result<Value, Fault>,
                Kind::Any,
            ),
            plain("len", len_of, Kind::Int),
            plain("type", type_of, Kind::Any),
            plain("int", int_of, Kind::Int),
            plain("float", float_of, Kind::Float),
        ];
        let print = ("print".to_owned(), Function::Print);
        Functions {
            by_name: plain.into_iter().chain([print]).collect(),
        }
    }
}

impl fmt::Debug for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Functions").field(&self.names()).finish()
    }
}

fn str_of(value: &Value) -> Result<Value, Fault> {
    Ok(match value {
        Value::Str(text) => Value::Str(text.clone()),
        Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
            Value::Str(value.to_string().into())
        }
    })
}

fn len_of(value: &Value) -> Result<Value, Fault> {
    match value {
        Value::Str(text) => Ok(Value::Int(text.chars().count() as i64)),
        Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Float(_) => Err(Fault::TypeMismatch),
    }
}

fn type_of(value: &Value) -> Result<Value, Fault> {
    Ok(Value::Str(value.type_name().into()))
}

fn int_of(value: &Value) -> Result<Value, Fault> {
    match value {
        Value::Int(int) => Ok(Value::Int(*int)),
        Value::Float(float) => {
            let whole = float.trunc();
            // -2^63 is an Int, and 2^63 is the least float above all Ints.
            let least = i64::MIN as f64;
            match whole >= least && whole < -least {
                true => Ok(Value::Int(whole as i64)),
                false => Err(Fault::BadValue),
            }
        }
        Value::Str(text) => parse_int(text).map(Value::Int).ok_or(Fault::BadValue),
        Value::Nil | Value::Bool(_) => Err(Fault::TypeMismatch),
    }
}

fn float_of(value: &Value) -> Result<Value, Fault> {
    match value {
        Value::Int(int) => Ok(Value::Float(*int as f64)),
        Value::Float(float) => Ok(Value::Float(*float)),
        Value::Str(text) => parse_float(text).map(Value::Float).ok_or(Fault::BadValue),
        Value::Nil | Value::Bool(_) => Err(Fault::TypeMismatch),
    }
}
