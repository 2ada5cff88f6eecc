//! Rows: how native functions, types and modules are written down.
//!
//! A built-in type is a [`TypeDef`]: a table of rows in a file of its own under `types/`. A native
//! module is a [`ModuleDef`] under `modules/`. Neither needs a word elsewhere than in the list of
//! its folder's `mod.rs`.

use crate::value::{R, Value};
use crate::vm::Vm;

/// A native function's arguments with names.
pub(crate) type Kw<'a> = &'a [(Value, Value)];

/// How arguments are bound, and which messages say that they do not fit.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sig {
    /// `f() takes no arguments (1 given)`.
    None,
    /// `f() takes exactly one argument (0 given)`.
    One,
    /// `f expected at least 1 argument, got 0`: from the first number to the second.
    Pos(usize, usize),
    /// `f() takes at least 1 argument (0 given)`: from the first number to the second.
    Parse(usize, usize),
    /// Parameters with names; each that is not given is unset. `f() missing required argument 'x'
    /// (pos 1)`.
    Params(Params),
    /// Any; the function sees to it.
    Any,
}

/// Parameters of a native function, as Argument Clinic has them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Params {
    /// Names; an empty one can only be given by its place.
    pub(crate) names: &'static [&'static str],
    /// How many must be given.
    pub(crate) required: usize,
    /// How many can be given by their place.
    pub(crate) positional: usize,
}

/// The code of a native function. A method's first argument is its object.
#[derive(Clone, Copy)]
pub(crate) enum Body {
    Plain(fn(&mut Vm, &[Value]) -> R),
    Kw(fn(&mut Vm, &[Value], Kw<'_>) -> R),
}

/// A native function.
#[derive(Clone, Copy)]
pub(crate) struct Native {
    pub(crate) name: &'static str,
    pub(crate) sig: Sig,
    pub(crate) body: Body,
    pub(crate) how: How,
    pub(crate) doc: &'static str,
}

/// How a row of a type's table is found as an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Method,
    Class,
    Static,
}

impl std::fmt::Debug for Native {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Sets a computed attribute, or deletes it if the value is unset.
pub(crate) type Setter = fn(&mut Vm, Value, Value) -> R<()>;

/// What `__new__` of a built-in type is: class, arguments, named arguments.
pub(crate) type New = fn(&mut Vm, Value, &[Value], Kw<'_>) -> R;

/// A computed attribute.
#[derive(Clone, Copy)]
pub(crate) struct GetSet {
    pub(crate) name: &'static str,
    pub(crate) get: fn(&mut Vm, Value) -> R,
    /// Sets it, or deletes it if the value is unset.
    pub(crate) set: Option<Setter>,
}

impl std::fmt::Debug for GetSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// A built-in type.
pub(crate) struct TypeDef {
    pub(crate) name: &'static str,
    /// The module that `__module__` names.
    pub(crate) module: &'static str,
    pub(crate) methods: &'static [Native],
    pub(crate) getsets: &'static [GetSet],
    /// `__new__`: class, arguments, named arguments.
    pub(crate) new: Option<New>,
    /// Whether a class can be derived from it.
    pub(crate) basetype: bool,
    /// Whether instances have a `__dict__`.
    pub(crate) dict: bool,
    /// Whether instances may be referred to weakly.
    pub(crate) weak: bool,
    /// Whether `__hash__` is None.
    pub(crate) unhashable: bool,
    /// Whether its instances are laid out in a way of their own.
    pub(crate) solid: bool,
    pub(crate) doc: &'static str,
}

impl std::fmt::Debug for TypeDef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl TypeDef {
    /// A type without methods from which none can be derived.
    pub(crate) const BLANK: TypeDef = TypeDef {
        name: "",
        module: "builtins",
        methods: &[],
        getsets: &[],
        new: None,
        basetype: false,
        dict: false,
        weak: false,
        unhashable: false,
        solid: true,
        doc: "",
    };
}

/// A native module.
pub(crate) struct ModuleDef {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) functions: &'static [Native],
    /// Adds what is not a function: constants, types.
    pub(crate) init: fn(&mut Vm, Value) -> R<()>,
}

/// A row with positional arguments.
pub(crate) const fn f(name: &'static str, sig: Sig, body: fn(&mut Vm, &[Value]) -> R) -> Native {
    Native {
        name,
        sig,
        body: Body::Plain(body),
        how: How::Method,
        doc: "",
    }
}

/// A row whose function takes any arguments, named ones too.
pub(crate) const fn kw(name: &'static str, body: fn(&mut Vm, &[Value], Kw<'_>) -> R) -> Native {
    Native {
        name,
        sig: Sig::Any,
        body: Body::Kw(body),
        how: How::Method,
        doc: "",
    }
}

impl Native {
    /// Makes it a class method.
    pub(crate) const fn class(mut self) -> Native {
        self.how = How::Class;
        self
    }

    /// Makes it a static method.
    pub(crate) const fn fixed(mut self) -> Native {
        self.how = How::Static;
        self
    }
}

/// Parameters that can be given by place or name, of which `required` must be given.
pub(crate) const fn params(names: &'static [&'static str], required: usize) -> Sig {
    Sig::Params(Params {
        names,
        required,
        positional: names.len(),
    })
}

/// The same with no more than `positional` by their place.
pub(crate) const fn params_at(
    names: &'static [&'static str],
    required: usize,
    positional: usize,
) -> Sig {
    Sig::Params(Params {
        names,
        required,
        positional,
    })
}

/// A computed attribute that cannot be set.
pub(crate) const fn get(name: &'static str, get: fn(&mut Vm, Value) -> R) -> GetSet {
    GetSet {
        name,
        get,
        set: None,
    }
}

/// A computed attribute.
pub(crate) const fn get_set(
    name: &'static str,
    get: fn(&mut Vm, Value) -> R,
    set: fn(&mut Vm, Value, Value) -> R<()>,
) -> GetSet {
    GetSet {
        name,
        get,
        set: Some(set),
    }
}

impl TypeDef {
    /// Whether its `+` and `*` are those of a sequence, which are asked after all others.
    pub(crate) fn is_sequence(&self) -> bool {
        matches!(
            self.name,
            "str"
                | "bytes"
                | "bytearray"
                | "list"
                | "tuple"
                | "range"
                | "collections.deque"
                | "array.array"
        )
    }
}

/// Names whose rows are found as slot wrappers, as CPython calls methods of operators.
pub(crate) fn is_slot(name: &str) -> bool {
    let Some(inner) = name
        .strip_prefix("__")
        .and_then(|name| name.strip_suffix("__"))
    else {
        return false;
    };
    !matches!(
        inner,
        "format"
            | "reduce"
            | "reduce_ex"
            | "sizeof"
            | "dir"
            | "init_subclass"
            | "subclasshook"
            | "getnewargs"
            | "round"
            | "trunc"
            | "floor"
            | "ceil"
            | "complex"
            | "reversed"
            | "length_hint"
            | "enter"
            | "exit"
            | "class_getitem"
            | "prepare"
            | "instancecheck"
            | "subclasscheck"
            | "subclasses"
            | "copy"
            | "deepcopy"
            | "missing"
            | "setstate"
            | "bytes"
            | "getformat"
            | "mro_entries"
            | "fspath"
            | "new"
            | "set_format"
    )
}
