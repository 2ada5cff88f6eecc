//! `type`: classes, how they are made, and what can be asked of them.

use crate::native::{GetSet, Kw, Native, Sig, TypeDef, f, get, get_set, kw};
use crate::object::{Hooks, Member, Obj, Type};
use crate::value::{R, Raise, Ref, Value};
use crate::vm::Vm;

pub(crate) static TYPE: TypeDef = TypeDef {
    name: "type",
    methods: METHODS,
    getsets: GETSETS,
    new: Some(new),
    basetype: true,
    weak: true,
    doc: "type(object_or_name, bases, dict)\ntype(object) -> the object's type\ntype(name, bases, dict) -> a new type",
    ..TypeDef::BLANK
};

/// The row of every built-in type's `__new__`.
pub(crate) static NEW_ROW: Native = kw("__new__", call_new);

/// What `T.__new__(class, …)` does: `this` is T.
fn call_new(vm: &mut Vm, args: &[Value], kw: Kw<'_>) -> R {
    let of = args[0];
    let Some(of) = vm.as_class(of) else {
        return Err(Raise);
    };
    let name = vm.class_name(of).to_owned();
    let Some(&class) = args.get(1) else {
        return Err(vm.type_error(format!("{name}.__new__(): not enough arguments")));
    };
    let Some(found) = vm.as_class(class) else {
        let kind = vm.type_name(class);
        return Err(vm.type_error(format!(
            "{name}.__new__(X): X is not a type object ({kind})"
        )));
    };
    let other = vm.class_name(found).to_owned();
    if !vm.is_subclass(found, of) {
        return Err(vm.type_error(format!(
            "{name}.__new__({other}): {other} is not a subtype of {name}"
        )));
    }
    let (a, b) = (vm.class(found).def, vm.class(of).def);
    if !std::ptr::eq(a, b) && a.new.map(|f| f as usize) != b.new.map(|f| f as usize) {
        let safe = solid(vm, found);
        let safe = vm.class_name(safe).to_owned();
        return Err(vm.type_error(format!(
            "{name}.__new__({other}) is not safe, use {safe}.__new__()"
        )));
    }
    match vm.class(of).def.new {
        Some(new) => new(vm, class, &args[2..], kw),
        None => Err(vm.type_error(format!("cannot create '{name}' instances"))),
    }
}

const METHODS: &[Native] = &[
    kw("__call__", |vm, args, kw| match vm.as_class(args[0]) {
        Some(class) => vm.type_call(class, &args[1..], kw),
        None => Err(Raise),
    }),
    kw("__init__", |vm, args, _| {
        if args.len() != 2 && args.len() != 4 {
            return Err(vm.type_error("type.__init__() takes 1 or 3 arguments"));
        }
        Ok(Value::None)
    }),
    f("__repr__", Sig::None, repr),
    f("__getattribute__", Sig::One, |vm, a| {
        let name = super::object::attr_name(vm, a[1])?;
        match vm.as_class(a[0]) {
            Some(class) => vm.type_attr(class, name),
            None => Err(Raise),
        }
    }),
    f("__setattr__", Sig::Pos(2, 2), |vm, a| {
        let name = super::object::attr_name(vm, a[1])?;
        vm.default_set_attr(a[0], name, a[2])?;
        Ok(Value::None)
    }),
    f("__delattr__", Sig::One, |vm, a| {
        let name = super::object::attr_name(vm, a[1])?;
        vm.default_set_attr(a[0], name, Value::Unset)?;
        Ok(Value::None)
    }),
    f("mro", Sig::None, |vm, a| {
        let Some(class) = vm.as_class(a[0]) else {
            return Err(Raise);
        };
        let order = linearize(vm, class)?.into_iter().map(Value::Obj).collect();
        Ok(vm.list(order))
    }),
    f("__subclasses__", Sig::None, |vm, a| {
        let Some(class) = vm.as_class(a[0]) else {
            return Err(Raise);
        };
        let found = vm
            .class(class)
            .subclasses
            .iter()
            .map(|&class| Value::Obj(class))
            .collect();
        Ok(vm.list(found))
    }),
    kw("__prepare__", |vm, _, _| Ok(vm.dict())).class(),
    f("__instancecheck__", Sig::One, |vm, a| {
        Ok(Value::bool(crate::modules::builtins::default_isinstance(
            vm, a[1], a[0],
        )?))
    }),
    f("__subclasscheck__", Sig::One, |vm, a| {
        Ok(Value::bool(crate::modules::builtins::default_issubclass(
            vm, a[1], a[0],
        )?))
    }),
    f("__dir__", Sig::None, dir),
    f("__sizeof__", Sig::None, |_, _| Ok(Value::Int(1064))),
];

const GETSETS: &[GetSet] = &[
    get_set(
        "__name__",
        |vm, this| {
            let name = plain_name(vm, this);
            Ok(vm.str(&name))
        },
        set_name,
    ),
    get_set("__qualname__", qualname, |vm, this, value| {
        let class = own(vm, this, "__qualname__")?;
        let name = vm.names.qualname;
        if vm.as_str(value).is_none() {
            let (class, kind) = (vm.class_name(class).to_owned(), vm.type_name(value));
            return Err(vm.type_error(format!(
                "can only assign string to {class}.__qualname__, not '{kind}'"
            )));
        }
        vm.class_set(class, name, value);
        Ok(())
    }),
    get_set("__module__", module, |vm, this, value| {
        let class = own(vm, this, "__module__")?;
        let name = vm.names.module;
        vm.class_set(class, name, value);
        Ok(())
    }),
    get_set(
        "__bases__",
        |vm, this| {
            let Some(class) = vm.as_class(this) else {
                return Err(Raise);
            };
            let bases = vm
                .class(class)
                .bases
                .iter()
                .map(|&base| Value::Obj(base))
                .collect();
            Ok(vm.tuple(bases))
        },
        set_bases,
    ),
    get("__base__", |vm, this| {
        let Some(class) = vm.as_class(this) else {
            return Err(Raise);
        };
        Ok(vm.class(class).base.map_or(Value::None, Value::Obj))
    }),
    get("__mro__", |vm, this| {
        let Some(class) = vm.as_class(this) else {
            return Err(Raise);
        };
        let mro = vm
            .class(class)
            .mro
            .iter()
            .map(|&base| Value::Obj(base))
            .collect();
        Ok(vm.tuple(mro))
    }),
    get("__dict__", |vm, this| {
        Ok(vm.new_obj(vm.types.mapping_proxy, Obj::Wrapped(this)))
    }),
    get("__doc__", doc),
    get("__flags__", |vm, this| {
        let Some(class) = vm.as_class(this) else {
            return Err(Raise);
        };
        let heap = if vm.class(class).heap { 1 << 9 } else { 0 };
        let base = if vm.class(class).heap || vm.class(class).def.basetype {
            1 << 10
        } else {
            0
        };
        let abstract_ = if vm.is_abstract(class) { 1 << 20 } else { 0 };
        Ok(Value::Int(heap | base | abstract_ | 1 << 12 | 1 << 14))
    }),
    get("__basicsize__", |_, _| Ok(Value::Int(16))),
    get("__itemsize__", |_, _| Ok(Value::Int(0))),
    get("__dictoffset__", |vm, this| {
        let has = vm
            .as_class(this)
            .is_some_and(|class| vm.class(class).has_dict);
        Ok(Value::Int(if has { 16 } else { 0 }))
    }),
    get("__weakrefoffset__", |vm, this| {
        let has = vm
            .as_class(this)
            .is_some_and(|class| vm.class(class).has_weak);
        Ok(Value::Int(if has { 24 } else { 0 }))
    }),
    get("__text_signature__", |_, _| Ok(Value::None)),
    get_set(
        "__abstractmethods__",
        |vm, this| {
            let Some(class) = vm.as_class(this) else {
                return Err(Raise);
            };
            let name = vm.names.abstractmethods;
            let hash = vm.as_str(name).map_or(0, |text| text.hash());
            match vm.class_dict_get(class, hash, name) {
                Some(value) if class != vm.types.type_ => Ok(value),
                _ => Err(vm.raise(vm.exc.attribute_error, "__abstractmethods__")),
            }
        },
        |vm, this, value| {
            let Some(class) = vm.as_class(this) else {
                return Err(Raise);
            };
            let name = vm.names.abstractmethods;
            if value.is_unset() {
                vm.class_delete(class, name);
            } else {
                vm.class_set(class, name, value);
            }
            Ok(())
        },
    ),
];

fn own(vm: &mut Vm, this: Value, attr: &str) -> R<Ref> {
    let Some(class) = vm.as_class(this) else {
        return Err(Raise);
    };
    if !vm.class(class).heap {
        let name = full_name(vm, class);
        return Err(vm.type_error(format!("can't set {name}.{attr}")));
    }
    Ok(class)
}

fn plain_name(vm: &Vm, this: Value) -> String {
    let name = vm.as_class(this).map_or("", |class| vm.class_name(class));
    name.rsplit('.').next().unwrap_or("").to_owned()
}

fn set_name(vm: &mut Vm, this: Value, value: Value) -> R<()> {
    let class = own(vm, this, "__name__")?;
    if vm.as_str(value).is_none() {
        let (class, kind) = (vm.class_name(class).to_owned(), vm.type_name(value));
        return Err(vm.type_error(format!(
            "can only assign string to {class}.__name__, not '{kind}'"
        )));
    }
    let name = vm.shown(value);
    vm.class_mut(class).name = name;
    Ok(())
}

fn qualname(vm: &mut Vm, this: Value) -> R {
    let Some(class) = vm.as_class(this) else {
        return Err(Raise);
    };
    let name = vm.names.qualname;
    let hash = vm.as_str(name).map_or(0, |text| text.hash());
    if vm.class(class).heap
        && let Some(found) = vm.class_dict_get(class, hash, name)
    {
        return Ok(found);
    }
    let name = plain_name(vm, this);
    Ok(vm.str(&name))
}

fn module(vm: &mut Vm, this: Value) -> R {
    let Some(class) = vm.as_class(this) else {
        return Err(Raise);
    };
    if vm.class(class).heap {
        let name = vm.names.module;
        let hash = vm.as_str(name).map_or(0, |text| text.hash());
        return match vm.class_dict_get(class, hash, name) {
            Some(found) => Ok(found),
            None => Err(vm.raise(vm.exc.attribute_error, "__module__")),
        };
    }
    let name = vm.class_name(class).to_owned();
    let module = match name.rsplit_once('.') {
        Some((module, _)) => module.to_owned(),
        None => vm.class(class).def.module.to_owned(),
    };
    Ok(vm.str(&module))
}

fn doc(vm: &mut Vm, this: Value) -> R {
    let Some(class) = vm.as_class(this) else {
        return Err(Raise);
    };
    let parts = vm.class(class);
    if !parts.heap && !parts.def.doc.is_empty() {
        let doc = parts.def.doc;
        return Ok(vm.str(doc));
    }
    let name = vm.names.doc;
    let hash = vm.as_str(name).map_or(0, |text| text.hash());
    match vm.class_dict_get(class, hash, name) {
        Some(found) => vm.bind(found, Value::Unset, this),
        None => Ok(Value::None),
    }
}

/// Returns a class's name with its module, as messages and reprs show it.
pub(crate) fn full_name(vm: &mut Vm, class: Ref) -> String {
    let this = Value::Obj(class);
    let module = match module(vm, this) {
        Ok(module) => vm.shown(module),
        Err(Raise) => {
            vm.take_raised();
            String::new()
        }
    };
    let name = qualname(vm, this).unwrap_or(Value::Unset);
    let name = vm.shown(name);
    if module.is_empty() || module == "builtins" {
        name
    } else {
        format!("{module}.{name}")
    }
}

fn repr(vm: &mut Vm, a: &[Value]) -> R {
    let Some(class) = vm.as_class(a[0]) else {
        return Err(Raise);
    };
    let name = full_name(vm, class);
    Ok(vm.str(&format!("<class '{name}'>")))
}

fn dir(vm: &mut Vm, a: &[Value]) -> R {
    let Some(class) = vm.as_class(a[0]) else {
        return Err(Raise);
    };
    let mut names = Vec::new();
    for class in vm.class(class).mro.clone() {
        names.extend(vm.class(class).dict.iter().map(|entry| entry.key));
    }
    let set = vm.set_of(&names, false)?;
    let items = vm.list_of(set)?;
    Ok(vm.list(items))
}

/// Sets or deletes an attribute of a class.
pub(crate) fn set_attr(vm: &mut Vm, class: Ref, name: Value, value: Value) -> R<()> {
    let shown = vm.shown(name);
    if !vm.class(class).heap {
        let class = full_name(vm, class);
        let message = format!("can't set attributes of built-in/extension type '{class}'");
        return Err(vm.type_error(message));
    }
    let name = vm.interned(name);
    if value.is_unset() {
        if vm.class_delete(class, name) {
            return Ok(());
        }
        return Err(vm.raise(vm.exc.attribute_error, shown));
    }
    vm.class_set(class, name, value);
    Ok(())
}

fn new(vm: &mut Vm, meta: Value, args: &[Value], kw: Kw<'_>) -> R {
    let Some(meta) = vm.as_class(meta) else {
        return Err(Raise);
    };
    if args.len() != 3 {
        return Err(vm.type_error("type() takes 1 or 3 arguments"));
    }
    let (name, bases, dict) = (args[0], args[1], args[2]);
    if vm.as_str(name).is_none() {
        let kind = vm.type_name(name);
        return Err(vm.type_error(format!("type.__new__() argument 1 must be str, not {kind}")));
    }
    let Some(bases) = vm.as_tuple(bases).map(<[Value]>::to_vec) else {
        let kind = vm.type_name(bases);
        return Err(vm.type_error(format!(
            "type.__new__() argument 2 must be tuple, not {kind}"
        )));
    };
    if vm.as_dict(dict).is_none() {
        let kind = vm.type_name(dict);
        return Err(vm.type_error(format!(
            "type.__new__() argument 3 must be dict, not {kind}"
        )));
    }
    make(vm, meta, name, &bases, dict, kw)
}

/// Returns the metaclass that bases ask for.
pub(crate) fn winner(vm: &mut Vm, meta: Ref, bases: &[Value]) -> R<Ref> {
    let mut winner = meta;
    for &base in bases {
        let of = vm.class_of(base);
        if vm.is_subclass(winner, of) {
            continue;
        }
        if vm.is_subclass(of, winner) {
            winner = of;
            continue;
        }
        return Err(vm.type_error(
            "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass \
             of the metaclasses of all its bases",
        ));
    }
    Ok(winner)
}

fn make(vm: &mut Vm, meta: Ref, name: Value, bases: &[Value], dict: Value, kw: Kw<'_>) -> R {
    for &base in bases {
        if vm.as_class(base).is_none() {
            let entries = vm.names.mro_entries;
            if vm.get_attr_opt(base, entries)?.is_some() {
                return Err(vm.type_error(
                    "type() doesn't support MRO entry resolution; use types.new_class()",
                ));
            }
        }
    }
    let winner = winner(vm, meta, bases)?;
    if winner != meta {
        let new = vm.names.new;
        if let Some(method) = vm.lookup(winner, new)
            && !matches!(vm.obj(method), Obj::Native(_))
        {
            let bases = vm.tuple(bases.to_vec());
            let method = match vm.obj(method) {
                Obj::Wrapped(inner) => *inner,
                _ => method,
            };
            return vm.call(method, &[Value::Obj(winner), name, bases, dict], kw);
        }
    }
    let mut list = Vec::new();
    for &base in bases {
        match vm.as_class(base) {
            Some(base) => list.push(base),
            None => return Err(vm.type_error("bases must be types")),
        }
    }
    if list.is_empty() {
        list.push(vm.types.object);
    }
    let base = best_base(vm, &list)?;
    let class = allocate(vm, winner, name, &list, base, dict)?;
    finish(vm, class, dict, kw)?;
    Ok(Value::Obj(class))
}

/// Returns the base that says how instances are laid out.
fn best_base(vm: &mut Vm, bases: &[Ref]) -> R<Ref> {
    let mut best: Option<(Ref, Ref)> = None;
    for &base in bases {
        if !vm.class(base).heap && !vm.class(base).def.basetype {
            let name = full_name(vm, base);
            return Err(vm.type_error(format!("type '{name}' is not an acceptable base type")));
        }
        let candidate = solid(vm, base);
        match best {
            None => best = Some((base, candidate)),
            Some((_, winner)) if vm.is_subclass(winner, candidate) => {}
            Some((_, winner)) if vm.is_subclass(candidate, winner) => {
                best = Some((base, candidate))
            }
            Some(_) => {
                return Err(vm.type_error("multiple bases have instance lay-out conflict"));
            }
        }
    }
    Ok(best.map_or(vm.types.object, |(base, _)| base))
}

/// Returns the nearest base that adds to the layout of instances.
pub(crate) fn solid(vm: &Vm, class: Ref) -> Ref {
    let mut at = class;
    loop {
        let parts = vm.class(at);
        let adds = if parts.heap {
            parts.own_slots > 0
        } else {
            parts.def.solid
        };
        match parts.base {
            Some(base) if !adds => at = base,
            _ => return at,
        }
    }
}

/// Returns the names of `__slots__`, mangled.
fn slot_names(vm: &mut Vm, name: &str, slots: Value) -> R<Vec<Value>> {
    let list = if vm.as_str(slots).is_some() {
        vec![slots]
    } else {
        vm.list_of(slots)?
    };
    let mut names = Vec::new();
    for slot in list {
        let Some(text) = vm.as_str(slot) else {
            let kind = vm.type_name(slot);
            return Err(vm.type_error(format!("__slots__ items must be strings, not '{kind}'")));
        };
        let shown = text.shown().into_owned();
        let fits = shown
            .chars()
            .next()
            .is_some_and(|c| c == '_' || c.is_alphabetic())
            && shown.chars().all(|c| c == '_' || c.is_alphanumeric());
        if !fits {
            return Err(vm.type_error("__slots__ must be identifiers"));
        }
        let plain = name.trim_start_matches('_');
        let mangled = if shown.starts_with("__") && !shown.ends_with("__") && !plain.is_empty() {
            format!("_{plain}{shown}")
        } else {
            shown
        };
        names.push(vm.intern(&mangled));
    }
    Ok(names)
}

fn allocate(vm: &mut Vm, meta: Ref, name: Value, bases: &[Ref], base: Ref, dict: Value) -> R<Ref> {
    let shown = vm.shown(name);
    let names = vm.names;
    let slots = vm.dict_get_str(dict, names.slots);
    let parent = vm.class(base);
    let (mut has_dict, mut has_weak) = (parent.has_dict, parent.has_weak);
    let (inherited, def) = (parent.slots, parent.def);
    for &other in bases {
        has_dict |= vm.class(other).has_dict;
        has_weak |= vm.class(other).has_weak;
    }
    let mut members = Vec::new();
    match slots {
        None => (has_dict, has_weak) = (true, true),
        Some(slots) => {
            for slot in slot_names(vm, &shown, slots)? {
                if slot.is(names.dict) {
                    if vm.class(base).has_dict {
                        return Err(vm.type_error("__dict__ slot disallowed: we already got one"));
                    }
                    has_dict = true;
                } else if slot.is(names.weakref) {
                    has_weak = true;
                } else {
                    if vm.dict_get_str(dict, slot).is_some()
                        && !slot.is(names.qualname)
                        && !slot.is(names.classcell)
                    {
                        let slot = vm.shown(slot);
                        return Err(vm.value_error(format!(
                            "'{slot}' in __slots__ conflicts with class variable"
                        )));
                    }
                    members.push(slot);
                }
            }
        }
    }
    let count = members.len() as u32;
    let parts = Type {
        name: shown,
        bases: bases.to_vec(),
        base: Some(base),
        mro: Vec::new(),
        dict: crate::dict::Dict::default(),
        def,
        heap: true,
        has_dict,
        has_weak,
        slots: inherited + count,
        own_slots: count,
        subclasses: Vec::new(),
        hooks: Hooks::default(),
    };
    let attrs = vm.fresh_attrs(meta);
    let class = vm.heap.alloc_with(meta, Obj::Type(Box::new(parts)), attrs);
    members.sort_by_key(|&member| vm.shown(member));
    for (at, &member) in members.iter().enumerate() {
        let index = inherited + at as u32;
        let descriptor = Member {
            name: member,
            owner: class,
            index,
        };
        let value = vm.new_obj(
            vm.types.member_descriptor,
            Obj::Member(Box::new(descriptor)),
        );
        vm.class_set(class, member, value);
    }
    let order = mro_of(vm, class)?;
    for &base in order.iter().skip(1) {
        vm.heap.inc(Value::Obj(base));
    }
    vm.class_mut(class).mro = order;
    Ok(class)
}

/// Returns the order in which a class and its bases are looked through, asking the metaclass.
fn mro_of(vm: &mut Vm, class: Ref) -> R<Vec<Ref>> {
    let meta = vm.heap.class(class);
    if meta != vm.types.type_ {
        let name = vm.intern("mro");
        if let Some(method) = vm.lookup(meta, name)
            && vm.function(method).is_some()
        {
            let order = vm.call_bound(method, Value::Obj(class), &[])?;
            let order = vm.list_of(order)?;
            return Ok(order
                .into_iter()
                .filter_map(|class| vm.as_class(class))
                .collect());
        }
    }
    linearize(vm, class)
}

/// The C3 linearization.
fn linearize(vm: &mut Vm, class: Ref) -> R<Vec<Ref>> {
    let bases = vm.class(class).bases.clone();
    for (at, base) in bases.iter().enumerate() {
        if bases[..at].contains(base) {
            let name = vm.class_name(*base).to_owned();
            return Err(vm.type_error(format!("duplicate base class {name}")));
        }
    }
    let mut lists: Vec<Vec<Ref>> = bases
        .iter()
        .map(|&base| vm.class(base).mro.clone())
        .collect();
    lists.push(bases);
    let mut order = vec![class];
    loop {
        lists.retain(|list| !list.is_empty());
        if lists.is_empty() {
            return Ok(order);
        }
        let good = lists
            .iter()
            .map(|list| list[0])
            .find(|candidate| !lists.iter().any(|list| list[1..].contains(candidate)));
        let Some(next) = good else {
            let mut heads: Vec<Ref> = Vec::new();
            for list in &lists {
                if !heads.contains(&list[0]) {
                    heads.push(list[0]);
                }
            }
            let names: Vec<&str> = heads.iter().map(|&class| vm.class_name(class)).collect();
            let message = format!(
                "Cannot create a consistent method resolution\norder (MRO) for bases {}",
                names.join(", ")
            );
            return Err(vm.type_error(message));
        };
        order.push(next);
        for list in &mut lists {
            if list[0] == next {
                list.remove(0);
            }
        }
    }
}

/// Gives a new class its attributes, and tells them and its bases.
fn finish(vm: &mut Vm, class: Ref, dict: Value, kw: Kw<'_>) -> R<()> {
    let names = vm.names;
    let mut cell = Value::Unset;
    let mut told = Vec::new();
    for (key, value) in vm.dict_pairs(dict) {
        let key = vm.interned(key);
        if key.is(names.classcell) {
            cell = value;
            continue;
        }
        if key.is(names.qualname) && vm.as_str(value).is_none() {
            let kind = vm.type_name(value);
            return Err(vm.type_error(format!("type __qualname__ must be a str, not {kind}")));
        }
        let mut value = value;
        let wraps = if key.is(names.new) {
            Some(vm.types.static_method)
        } else if key.is(names.init_subclass) || key.is(names.class_getitem) {
            Some(vm.types.class_method)
        } else {
            None
        };
        if let Some(of) = wraps
            && vm.function(value).is_some()
        {
            value = vm.instance(of, Obj::Wrapped(value));
        }
        vm.class_set(class, key, value);
        told.push((key, value));
    }
    if vm.dict_get_str(dict, names.module).is_none()
        && let Some(frame) = vm.frames.last()
    {
        let globals = Value::Obj(frame.globals);
        if let Some(name) = vm.dict_get_str(globals, names.name) {
            vm.class_set(class, names.module, name);
        }
    }
    let eq = vm.dict_get_str(dict, names.eq).is_some();
    if eq && vm.dict_get_str(dict, names.hash).is_none() {
        vm.class_set(class, names.hash, Value::None);
    }
    if vm.dict_get_str(dict, names.doc).is_none() {
        vm.class_set(class, names.doc, Value::None);
    }
    let bases = vm.class(class).bases.clone();
    for base in bases {
        vm.class_mut(base).subclasses.push(class);
    }
    add_dict_descriptors(vm, class);
    if !cell.is_unset() {
        if !matches!(vm.obj(cell), Obj::Cell(_)) {
            let kind = {
                let of = Value::Obj(vm.class_of(cell));
                let shown = vm.repr(of)?;
                vm.shown(shown)
            };
            return Err(vm.type_error(format!(
                "type.__new__() argument 3 must contain a cell for __classcell__, not {kind}"
            )));
        }
        vm.set_cell(cell, Value::Obj(class));
    }
    for (key, value) in told {
        tell_name(vm, class, key, value)?;
    }
    let parent = vm.names.init_subclass;
    let found = init_subclass_of_super(vm, class, parent)?;
    if let Some(method) = found {
        vm.call(method, &[], kw)?;
    }
    Ok(())
}

/// Finds `__init_subclass__` after the class itself.
fn init_subclass_of_super(vm: &mut Vm, class: Ref, name: Value) -> R<Option<Value>> {
    let hash = vm.as_str(name).map_or(0, |text| text.hash());
    let order = vm.class(class).mro.clone();
    for &base in order.iter().skip(1) {
        if let Some(found) = vm.class_dict_get(base, hash, name) {
            return vm.bind(found, Value::Unset, Value::Obj(class)).map(Some);
        }
    }
    Ok(None)
}

fn tell_name(vm: &mut Vm, class: Ref, key: Value, value: Value) -> R<()> {
    let name = vm.names.set_name;
    let Some(result) = vm.call_special(value, name, &[Value::Obj(class), key]) else {
        return Ok(());
    };
    if result.is_err() {
        if vm.limited.is_some() {
            return Err(Raise);
        }
        let cause = vm.take_raised();
        vm.heap.inc(cause);
        let kind = vm.type_name(value);
        let shown = vm.repr(key)?;
        let (shown, class) = (vm.shown(shown), vm.class_name(class).to_owned());
        let message =
            format!("Error calling __set_name__ on '{kind}' instance {shown} in '{class}'");
        let raise = vm.raise(vm.exc.runtime_error, message);
        let raised = vm.raised;
        vm.exc_field(raised, cause, |exc| &mut exc.cause);
        vm.exc_field(raised, cause, |exc| &mut exc.context);
        if let Some(Obj::Exc(exc)) = raised.obj().map(|handle| vm.heap.get_mut(handle)) {
            exc.suppress = true;
        }
        vm.heap.dec(cause);
        return Err(raise);
    }
    Ok(())
}

static DICT_ROW: GetSet = get_set("__dict__", instance_dict, set_instance_dict);
static WEAK_ROW: GetSet = get("__weakref__", |_, _| Ok(Value::None));

/// `__dict__` of an instance.
pub(crate) fn instance_dict(vm: &mut Vm, this: Value) -> R {
    match this {
        Value::Obj(handle) if vm.heap.attrs(handle).is_some() => Ok(vm.make_dict(handle)),
        _ => {
            let kind = vm.type_name(this);
            let message = format!("'{kind}' object has no attribute '__dict__'");
            Err(vm.raise(vm.exc.attribute_error, message))
        }
    }
}

pub(crate) fn set_instance_dict(vm: &mut Vm, this: Value, value: Value) -> R<()> {
    let Value::Obj(handle) = this else {
        return Err(Raise);
    };
    if vm.as_dict(value).is_none() {
        let kind = vm.type_name(value);
        return Err(vm.type_error(format!(
            "__dict__ must be set to a dictionary, not a '{kind}'"
        )));
    }
    let old = vm.make_dict(handle);
    vm.heap.inc(value);
    if let Some(attrs) = vm.heap.attrs_mut(handle) {
        attrs.dict = value.obj();
    }
    vm.heap.dec(old);
    Ok(())
}

/// Gives a class `__dict__` and `__weakref__` if its instances have them and its bases' do not.
fn add_dict_descriptors(vm: &mut Vm, class: Ref) {
    let base = vm.class(class).base;
    let before = |vm: &Vm, has: fn(&Type) -> bool| base.is_some_and(|base| has(vm.class(base)));
    let names = vm.names;
    if vm.class(class).has_dict && !before(vm, |class| class.has_dict) {
        let value = vm.new_obj(vm.types.getset_descriptor, Obj::GetSet(&DICT_ROW, class));
        vm.class_set(class, names.dict, value);
    }
    if vm.class(class).has_weak && !before(vm, |class| class.has_weak) {
        let value = vm.new_obj(vm.types.getset_descriptor, Obj::GetSet(&WEAK_ROW, class));
        vm.class_set(class, names.weakref, value);
    }
}

fn set_bases(vm: &mut Vm, this: Value, value: Value) -> R<()> {
    let class = own(vm, this, "__bases__")?;
    let name = vm.class_name(class).to_owned();
    let Some(items) = vm.as_tuple(value).map(<[Value]>::to_vec) else {
        let kind = vm.type_name(value);
        return Err(vm.type_error(format!(
            "can only assign tuple to {name}.__bases__, not {kind}"
        )));
    };
    if items.is_empty() {
        return Err(vm.type_error(format!(
            "can only assign non-empty tuple to {name}.__bases__, not ()"
        )));
    }
    let mut bases = Vec::new();
    for item in items {
        match vm.as_class(item) {
            Some(base) if vm.is_subclass(base, class) => {
                return Err(vm.type_error("a __bases__ item causes an inheritance cycle"));
            }
            Some(base) => bases.push(base),
            None => {
                let kind = vm.type_name(item);
                return Err(vm.type_error(format!(
                    "{name}.__bases__ must be tuple of classes, not '{kind}'"
                )));
            }
        }
    }
    let base = best_base(vm, &bases)?;
    let (old_def, new_def) = (vm.class(class).def, vm.class(base).def);
    if !std::ptr::eq(old_def, new_def) {
        let (new, old) = (vm.class_name(base).to_owned(), name);
        return Err(vm.type_error(format!(
            "__bases__ assignment: '{new}' object layout differs from '{old}'"
        )));
    }
    let old = std::mem::replace(&mut vm.class_mut(class).bases, bases.clone());
    for &base in &bases {
        vm.heap.inc(Value::Obj(base));
    }
    for base in old {
        vm.class_mut(base)
            .subclasses
            .retain(|&other| other != class);
        vm.heap.dec(Value::Obj(base));
    }
    for &base in &bases {
        vm.class_mut(base).subclasses.push(class);
    }
    vm.class_mut(class).base = Some(base);
    renew_order(vm, class)
}

/// Computes the orders of a class and its subclasses anew.
fn renew_order(vm: &mut Vm, class: Ref) -> R<()> {
    vm.version = vm.version.wrapping_add(1);
    let mut todo = vec![class];
    while let Some(class) = todo.pop() {
        let order = mro_of(vm, class)?;
        for &base in order.iter().skip(1) {
            vm.heap.inc(Value::Obj(base));
        }
        let old = std::mem::replace(&mut vm.class_mut(class).mro, order);
        for base in old.into_iter().skip(1) {
            vm.heap.dec(Value::Obj(base));
        }
        todo.extend(&vm.class(class).subclasses);
    }
    Ok(())
}
