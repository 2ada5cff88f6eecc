//! `itertools`.

use crate::native::{Kw, ModuleDef, Native, New, Params, Sig, TypeDef, f};
use crate::object::{Foreign, Obj};
use crate::rinsn::Bin;
use crate::value::{R, Raise, Value};
use crate::vm::Vm;
use std::any::Any;

pub(crate) static ITERTOOLS: ModuleDef = ModuleDef {
    name: "itertools",
    doc: "Functional tools for creating and using iterators.",
    functions: &[f("tee", Sig::Pos(1, 2), tee)],
    init: |vm, module| {
        for def in TYPES {
            let class = crate::types::extra(vm, def, None);
            let name = def.name.rsplit('.').next().unwrap_or("");
            super::constant(vm, module, name, Value::Obj(class));
        }
        Ok(())
    },
};

static TYPES: [&TypeDef; 19] = [
    &COUNT,
    &CYCLE,
    &REPEAT,
    &CHAIN,
    &ISLICE,
    &TAKEWHILE,
    &DROPWHILE,
    &FILTERFALSE,
    &STARMAP,
    &ACCUMULATE,
    &COMPRESS,
    &ZIP_LONGEST,
    &PRODUCT,
    &PERMUTATIONS,
    &COMBINATIONS,
    &REPLACEMENT,
    &GROUPBY,
    &GROUPER,
    &TEE,
];

const BASIC: [Native; 2] = [
    f("__iter__", Sig::None, |_, a| Ok(a[0])),
    f("__next__", Sig::None, |vm, a| match next(vm, a[0])? {
        Some(value) => Ok(value),
        None => Err(vm.raise_with(vm.exc.stop_iteration, Vec::new())),
    }),
];

const fn tool(name: &'static str, methods: &'static [Native], new: New) -> TypeDef {
    TypeDef {
        name,
        methods,
        new: Some(new),
        basetype: true,
        ..TypeDef::BLANK
    }
}

static COUNT: TypeDef = tool(
    "itertools.count",
    &[BASIC[0], BASIC[1], f("__repr__", Sig::None, count_repr)],
    |vm, class, args, kw| {
        let a = bind(vm, "count", &["start", "step"], 0, args, kw)?;
        for &part in &a {
            if !part.is_unset() && crate::types::number::num(vm, part).is_none() {
                return Err(vm.type_error("a number is required"));
            }
        }
        make(
            vm,
            class,
            Kind::Count,
            vec![a[0].or(Value::Int(0)), a[1].or(Value::Int(1))],
        )
    },
);
static CYCLE: TypeDef = tool("itertools.cycle", &BASIC, |vm, class, args, kw| {
    let a = bind(vm, "cycle", &[""], 1, args, kw)?;
    let (iterator, saved) = (vm.iter(a[0])?, vm.list(Vec::new()));
    make(vm, class, Kind::Cycle(None), vec![iterator, saved])
});
static REPEAT: TypeDef = tool(
    "itertools.repeat",
    &[
        BASIC[0],
        BASIC[1],
        f("__repr__", Sig::None, |vm, a| {
            let (value, left) = (slot(vm, a[0], 0), kind(vm, a[0]));
            let shown = vm.repr(value)?;
            let shown = vm.shown(shown);
            let text = match left {
                Some(Kind::Repeat(Some(left))) => format!("repeat({shown}, {left})"),
                _ => format!("repeat({shown})"),
            };
            Ok(vm.str(&text))
        }),
        f("__length_hint__", Sig::None, |vm, a| match kind(vm, a[0]) {
            Some(Kind::Repeat(Some(left))) => Ok(Value::Int(left)),
            _ => Err(vm.type_error("len() of unsized object")),
        }),
    ],
    |vm, class, args, kw| {
        let a = bind(vm, "repeat", &["object", "times"], 1, args, kw)?;
        let left = if a[1].is_unset() {
            None
        } else {
            Some(vm.index_size(a[1])?.max(0))
        };
        make(vm, class, Kind::Repeat(left), vec![a[0]])
    },
);
static CHAIN: TypeDef = tool(
    "itertools.chain",
    &[
        BASIC[0],
        BASIC[1],
        f("from_iterable", Sig::One, |vm, a| {
            let of = vm.iter(a[1])?;
            make(vm, a[0], Kind::Chain, vec![of, Value::Unset])
        })
        .class(),
    ],
    |vm, class, args, kw| {
        crate::types::str_methods::no_kw(vm, "chain", kw)?;
        let tuple = vm.tuple(args.to_vec());
        let of = vm.iter(tuple)?;
        make(vm, class, Kind::Chain, vec![of, Value::Unset])
    },
);
static ISLICE: TypeDef = tool("itertools.islice", &BASIC, |vm, class, args, _| {
    let (start, stop, step) = match *args {
        [_, stop] => (Value::None, stop, Value::None),
        [_, start, stop] => (start, stop, Value::None),
        [_, start, stop, step] => (start, stop, step),
        _ => {
            let message = format!("islice expected at least 2 arguments, got {}", args.len());
            return Err(vm.type_error(message));
        }
    };
    let mut part = |value: Value, default: i64, least: i64, what: &str| -> R<i64> {
        if value.is_none() {
            return Ok(default);
        }
        let found = if crate::types::int::is_int(vm, value) || vm.has_index(value) {
            vm.index_size(value).ok()
        } else {
            None
        };
        match found.filter(|&found| found >= least) {
            Some(found) => Ok(found),
            None => Err(vm.value_error(match what {
                "step" => "Step for islice() must be a positive integer or None.".to_owned(),
                "stop" => {
                    "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize."
                        .to_owned()
                }
                _ => "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize."
                    .to_owned(),
            })),
        }
    };
    let what = if args.len() == 2 { "stop" } else { "indices" };
    let (start, stop) = (part(start, 0, 0, what)?, part(stop, i64::MAX, 0, what)?);
    let step = part(step, 1, 1, "step")?;
    let of = vm.iter(args[0])?;
    make(
        vm,
        class,
        Kind::Slice {
            at: 0,
            next: start,
            stop,
            step,
        },
        vec![of],
    )
});
static TAKEWHILE: TypeDef = tool("itertools.takewhile", &BASIC, |vm, class, args, kw| {
    pair(vm, class, args, kw, "takewhile", Kind::TakeWhile(false))
});
static DROPWHILE: TypeDef = tool("itertools.dropwhile", &BASIC, |vm, class, args, kw| {
    pair(vm, class, args, kw, "dropwhile", Kind::DropWhile(false))
});
static FILTERFALSE: TypeDef = tool("itertools.filterfalse", &BASIC, |vm, class, args, kw| {
    pair(vm, class, args, kw, "filterfalse", Kind::FilterFalse)
});
static STARMAP: TypeDef = tool("itertools.starmap", &BASIC, |vm, class, args, kw| {
    pair(vm, class, args, kw, "starmap", Kind::StarMap)
});
static ACCUMULATE: TypeDef = tool("itertools.accumulate", &BASIC, |vm, class, args, kw| {
    let names = Params {
        names: &["iterable", "func", "initial"],
        required: 1,
        positional: 2,
    };
    let a = vm.bind_params("accumulate", names, args, kw)?;
    let of = vm.iter(a[0])?;
    let initial = if a[2].is_none() { Value::Unset } else { a[2] };
    let slots = vec![of, a[1].or(Value::None), Value::Unset, initial];
    make(vm, class, Kind::Accumulate, slots)
});
static COMPRESS: TypeDef = tool("itertools.compress", &BASIC, |vm, class, args, kw| {
    let a = bind(vm, "compress", &["data", "selectors"], 2, args, kw)?;
    let (data, selectors) = (vm.iter(a[0])?, vm.iter(a[1])?);
    make(vm, class, Kind::Compress, vec![data, selectors])
});
static ZIP_LONGEST: TypeDef = tool("itertools.zip_longest", &BASIC, |vm, class, args, kw| {
    let mut fill = Value::None;
    for &(name, value) in kw {
        if vm.shown(name) != "fillvalue" {
            return Err(vm.type_error("zip_longest() got an unexpected keyword argument"));
        }
        fill = value;
    }
    let mut slots = vec![fill];
    for &arg in args {
        slots.push(vm.iter(arg)?);
    }
    make(vm, class, Kind::ZipLongest, slots)
});
static PRODUCT: TypeDef = tool("itertools.product", &BASIC, |vm, class, args, kw| {
    let mut repeat = 1;
    for &(name, value) in kw {
        let shown = vm.shown(name);
        if shown != "repeat" {
            let message = format!("'{shown}' is an invalid keyword argument for product()");
            return Err(vm.type_error(message));
        }
        repeat = vm.index_size(value)?;
    }
    if repeat < 0 {
        return Err(vm.value_error("repeat argument cannot be negative"));
    }
    let mut pools = Vec::new();
    for &arg in args {
        pools.push(pool(vm, arg)?);
    }
    vm.room(
        pools
            .len()
            .saturating_mul(repeat as usize)
            .saturating_mul(32),
    )?;
    let pools = pools.repeat(repeat as usize);
    let indices = vec![0; pools.len()];
    make(vm, class, Kind::Product(Some(indices), false), pools)
});
static PERMUTATIONS: TypeDef = tool("itertools.permutations", &BASIC, |vm, class, args, kw| {
    let a = bind(vm, "permutations", &["iterable", "r"], 1, args, kw)?;
    let of = pool(vm, a[0])?;
    let n = vm.as_tuple(of).map_or(0, <[Value]>::len);
    let r = if a[1].or(Value::None).is_none() {
        n as i64
    } else {
        vm.index_size(a[1])?
    };
    let Ok(r) = usize::try_from(r) else {
        return Err(vm.value_error("r must be non-negative"));
    };
    let state = (r <= n).then(|| ((0..n).collect(), (0..r).map(|at| n - at).collect()));
    make(vm, class, Kind::Permutations(state, r, false), vec![of])
});
static COMBINATIONS: TypeDef = tool("itertools.combinations", &BASIC, |vm, class, args, kw| {
    combinations(vm, class, args, kw, "combinations", false)
});
static REPLACEMENT: TypeDef = tool(
    "itertools.combinations_with_replacement",
    &BASIC,
    |vm, class, args, kw| combinations(vm, class, args, kw, "combinations_with_replacement", true),
);
static GROUPBY: TypeDef = tool("itertools.groupby", &BASIC, |vm, class, args, kw| {
    let a = bind(vm, "groupby", &["iterable", "key"], 1, args, kw)?;
    let of = vm.iter(a[0])?;
    let slots = vec![
        of,
        a[1].or(Value::None),
        Value::Unset,
        Value::Unset,
        Value::Unset,
    ];
    make(vm, class, Kind::GroupBy(0), slots)
});
static GROUPER: TypeDef = TypeDef {
    name: "itertools._grouper",
    methods: &BASIC,
    ..TypeDef::BLANK
};
static TEE: TypeDef = TypeDef {
    name: "itertools._tee",
    methods: &[
        BASIC[0],
        BASIC[1],
        f("__copy__", Sig::None, |vm, a| {
            let slots = vec![slot(vm, a[0], 0), slot(vm, a[0], 1)];
            let kind = kind(vm, a[0]).unwrap_or(Kind::Tee(0));
            let class = Value::Obj(vm.class_of(a[0]));
            make(vm, class, kind, slots)
        }),
    ],
    ..TypeDef::BLANK
};

/// What an iterator does, and the part of its state that is not a value.
#[derive(Clone, Debug)]
enum Kind {
    Count,
    Cycle(Option<usize>),
    Repeat(Option<i64>),
    Chain,
    Slice {
        at: i64,
        next: i64,
        stop: i64,
        step: i64,
    },
    TakeWhile(bool),
    DropWhile(bool),
    FilterFalse,
    StarMap,
    Accumulate,
    Compress,
    ZipLongest,
    Product(Option<Vec<usize>>, bool),
    Permutations(Option<(Vec<usize>, Vec<usize>)>, usize, bool),
    Combinations(Option<Vec<usize>>, bool, bool),
    /// The number of the current group.
    GroupBy(u64),
    Grouper(u64),
    /// How many of the shared items were given.
    Tee(usize),
}

/// An iterator: what it does, and the values that it holds.
#[derive(Debug)]
struct Tool {
    kind: Kind,
    slots: Vec<Value>,
}

impl Foreign for Tool {
    fn trace(&self, each: &mut dyn FnMut(Value)) {
        self.slots.iter().for_each(|&value| each(value));
    }
    fn bytes(&self) -> usize {
        size_of::<Tool>() + self.slots.len() * 16
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

fn make(vm: &mut Vm, class: Value, kind: Kind, slots: Vec<Value>) -> R {
    let Some(class) = vm.as_class(class) else {
        return Err(Raise);
    };
    Ok(vm.instance(class, Obj::Foreign(Box::new(Tool { kind, slots }))))
}

fn bind(
    vm: &mut Vm,
    name: &str,
    names: &'static [&'static str],
    required: usize,
    args: &[Value],
    kw: Kw<'_>,
) -> R<Vec<Value>> {
    vm.bind_params(
        name,
        Params {
            names,
            required,
            positional: names.len(),
        },
        args,
        kw,
    )
}

fn pair(vm: &mut Vm, class: Value, args: &[Value], kw: Kw<'_>, name: &str, kind: Kind) -> R {
    crate::types::str_methods::no_kw(vm, name, kw)?;
    let [f, iterable] = *args else {
        return Err(vm.type_error(format!("{name} expected 2 arguments, got {}", args.len())));
    };
    let of = vm.iter(iterable)?;
    make(vm, class, kind, vec![f, of])
}

fn pool(vm: &mut Vm, iterable: Value) -> R {
    let items = vm.list_of(iterable)?;
    Ok(vm.tuple(items))
}

fn combinations(
    vm: &mut Vm,
    class: Value,
    args: &[Value],
    kw: Kw<'_>,
    name: &str,
    again: bool,
) -> R {
    let a = bind(vm, name, &["iterable", "r"], 2, args, kw)?;
    let of = pool(vm, a[0])?;
    let n = vm.as_tuple(of).map_or(0, <[Value]>::len);
    let Ok(r) = usize::try_from(vm.index_size(a[1])?) else {
        return Err(vm.value_error("r must be non-negative"));
    };
    let state = if again {
        (n > 0 || r == 0).then(|| vec![0; r])
    } else {
        (r <= n).then(|| (0..r).collect())
    };
    make(vm, class, Kind::Combinations(state, again, false), vec![of])
}

fn kind(vm: &Vm, tool: Value) -> Option<Kind> {
    vm.foreign::<Tool>(tool).map(|tool| tool.kind.clone())
}

fn slot(vm: &Vm, tool: Value, at: usize) -> Value {
    let slots = vm.foreign::<Tool>(tool).map_or(&[][..], |tool| &tool.slots);
    slots.get(at).copied().unwrap_or(Value::Unset)
}

fn set_kind(vm: &mut Vm, tool: Value, kind: Kind) {
    if let Some(tool) = vm.foreign_mut::<Tool>(tool) {
        tool.kind = kind;
    }
}

fn set_slot(vm: &mut Vm, tool: Value, at: usize, value: Value) {
    vm.heap.inc(value);
    if let Some(tool) = vm.foreign_mut::<Tool>(tool) {
        let old = std::mem::replace(&mut tool.slots[at], value);
        vm.heap.dec(old);
    }
}

fn count_repr(vm: &mut Vm, a: &[Value]) -> R {
    let (at, step) = (slot(vm, a[0], 0), slot(vm, a[0], 1));
    let shown = vm.repr(at)?;
    let shown = vm.shown(shown);
    let text = if matches!(step, Value::Int(1)) {
        format!("count({shown})")
    } else {
        let by = vm.repr(step)?;
        format!("count({shown}, {})", vm.shown(by))
    };
    Ok(vm.str(&text))
}

fn tee(vm: &mut Vm, a: &[Value]) -> R {
    let count = match a.get(1) {
        Some(&count) => vm.index_size(count)?,
        None => 2,
    };
    if count < 0 {
        return Err(vm.value_error("n must be >= 0"));
    }
    let of = vm.iter(a[0])?;
    let saved = vm.list(Vec::new());
    let class = Value::Obj(crate::types::extra(vm, &TEE, None));
    let mut made = Vec::new();
    for _ in 0..count {
        vm.work(64)?;
        made.push(make(vm, class, Kind::Tee(0), vec![of, saved])?);
    }
    Ok(vm.tuple(made))
}

/// The next item of one of these iterators.
fn next(vm: &mut Vm, tool: Value) -> R<Option<Value>> {
    let Some(kind) = kind(vm, tool) else {
        return Ok(None);
    };
    let first = slot(vm, tool, 0);
    match kind {
        Kind::Count => {
            let after = vm.binary_op(Bin::Add, false, first, slot(vm, tool, 1))?;
            set_slot(vm, tool, 0, after);
            Ok(Some(first))
        }
        Kind::Cycle(at) => next_cycle(vm, tool, at),
        Kind::Repeat(None) => Ok(Some(first)),
        Kind::Repeat(Some(0)) => Ok(None),
        Kind::Repeat(Some(left)) => {
            set_kind(vm, tool, Kind::Repeat(Some(left - 1)));
            Ok(Some(first))
        }
        Kind::Chain => next_chained(vm, tool, first),
        Kind::Slice {
            mut at,
            next,
            stop,
            step,
        } => {
            let target = next.min(stop);
            while at < target {
                vm.work(64)?;
                at += 1;
                set_kind(
                    vm,
                    tool,
                    Kind::Slice {
                        at,
                        next,
                        stop,
                        step,
                    },
                );
                if vm.next_value(first)?.is_none() {
                    return Ok(None);
                }
            }
            if next >= stop {
                return Ok(None);
            }
            let item = vm.next_value(first)?;
            let next = next.saturating_add(step);
            set_kind(
                vm,
                tool,
                Kind::Slice {
                    at: at + 1,
                    next,
                    stop,
                    step,
                },
            );
            Ok(item)
        }
        Kind::TakeWhile(_) | Kind::DropWhile(_) | Kind::FilterFalse | Kind::StarMap => {
            next_filtered(vm, tool, kind)
        }
        Kind::Accumulate => next_accumulated(vm, tool),
        Kind::Compress => loop {
            let Some(item) = vm.next_value(first)? else {
                return Ok(None);
            };
            let Some(selector) = vm.next_value(slot(vm, tool, 1))? else {
                return Ok(None);
            };
            vm.work(64)?;
            if vm.truth(selector)? {
                return Ok(Some(item));
            }
        },
        Kind::ZipLongest => next_longest(vm, tool),
        Kind::Product(..) | Kind::Permutations(..) | Kind::Combinations(..) => {
            next_combination(vm, tool, kind)
        }
        Kind::GroupBy(id) => next_group(vm, tool, id),
        Kind::Grouper(id) => next_in_group(vm, tool, id),
        Kind::Tee(at) => {
            let saved = slot(vm, tool, 1);
            let known = vm.as_list(saved).and_then(|items| items.get(at)).copied();
            let item = match known {
                Some(item) => item,
                None => {
                    let Some(item) = vm.next_value(first)? else {
                        return Ok(None);
                    };
                    vm.list_push(saved, item);
                    item
                }
            };
            set_kind(vm, tool, Kind::Tee(at + 1));
            Ok(Some(item))
        }
    }
}

fn next_chained(vm: &mut Vm, tool: Value, first: Value) -> R<Option<Value>> {
    loop {
        let current = slot(vm, tool, 1);
        if !current.is_unset() {
            if let Some(item) = vm.next_value(current)? {
                return Ok(Some(item));
            }
            set_slot(vm, tool, 1, Value::Unset);
        }
        let Some(iterable) = vm.next_value(first)? else {
            return Ok(None);
        };
        vm.work(64)?;
        let iterator = vm.iter(iterable)?;
        set_slot(vm, tool, 1, iterator);
    }
}

fn next_cycle(vm: &mut Vm, tool: Value, at: Option<usize>) -> R<Option<Value>> {
    let saved = slot(vm, tool, 1);
    if at.is_none()
        && let Some(item) = vm.next_value(slot(vm, tool, 0))?
    {
        vm.list_push(saved, item);
        return Ok(Some(item));
    }
    let at = at.unwrap_or(0);
    let items = vm.as_list(saved).map_or(&[][..], |items| items);
    let (item, len) = (items.get(at).copied(), items.len());
    if len > 0 {
        set_kind(vm, tool, Kind::Cycle(Some((at + 1) % len)));
    }
    Ok(item)
}

fn next_filtered(vm: &mut Vm, tool: Value, kind: Kind) -> R<Option<Value>> {
    let (f, of) = (slot(vm, tool, 0), slot(vm, tool, 1));
    if let Kind::TakeWhile(true) = kind {
        return Ok(None);
    }
    loop {
        let Some(item) = vm.next_value(of)? else {
            return Ok(None);
        };
        vm.work(64)?;
        if let Kind::StarMap = kind {
            let args = vm.list_of(item)?;
            return vm.call(f, &args, &[]).map(Some);
        }
        if let Kind::DropWhile(true) = kind {
            return Ok(Some(item));
        }
        let found = if f.is_none() {
            item
        } else {
            vm.call(f, &[item], &[])?
        };
        let truth = vm.truth(found)?;
        match (&kind, truth) {
            (Kind::TakeWhile(_), true) | (Kind::FilterFalse, false) => return Ok(Some(item)),
            (Kind::TakeWhile(_), false) => {
                set_kind(vm, tool, Kind::TakeWhile(true));
                return Ok(None);
            }
            (Kind::DropWhile(_), false) => {
                set_kind(vm, tool, Kind::DropWhile(true));
                return Ok(Some(item));
            }
            _ => {}
        }
    }
}

fn next_accumulated(vm: &mut Vm, tool: Value) -> R<Option<Value>> {
    let initial = slot(vm, tool, 3);
    if !initial.is_unset() {
        set_slot(vm, tool, 2, initial);
        set_slot(vm, tool, 3, Value::Unset);
        return Ok(Some(initial));
    }
    let Some(item) = vm.next_value(slot(vm, tool, 0))? else {
        return Ok(None);
    };
    let (f, total) = (slot(vm, tool, 1), slot(vm, tool, 2));
    let total = if total.is_unset() {
        item
    } else if f.is_none() {
        vm.binary_op(Bin::Add, false, total, item)?
    } else {
        vm.call(f, &[total, item], &[])?
    };
    set_slot(vm, tool, 2, total);
    Ok(Some(total))
}

fn next_longest(vm: &mut Vm, tool: Value) -> R<Option<Value>> {
    let slots = vm
        .foreign::<Tool>(tool)
        .map_or(Vec::new(), |tool| tool.slots.clone());
    let mut items = Vec::new();
    let mut any = false;
    for (at, &iterator) in slots.iter().enumerate().skip(1) {
        let mut item = None;
        if !iterator.is_unset() {
            item = vm.next_value(iterator)?;
            if item.is_none() {
                set_slot(vm, tool, at, Value::Unset);
            }
        }
        any |= item.is_some();
        items.push(item.unwrap_or(slots[0]));
    }
    Ok(any.then(|| vm.tuple(items)))
}

fn next_combination(vm: &mut Vm, tool: Value, kind: Kind) -> R<Option<Value>> {
    let pool = |vm: &Vm, at: usize| crate::types::tuple::items(vm, slot(vm, tool, at));
    match kind {
        Kind::Product(Some(mut indices), begun) => {
            let pools: Vec<Vec<Value>> = (0..indices.len()).map(|at| pool(vm, at)).collect();
            let go = if begun {
                advance_product(&mut indices, &pools)
            } else {
                pools.iter().all(|pool| !pool.is_empty())
            };
            if !go {
                set_kind(vm, tool, Kind::Product(None, true));
                return Ok(None);
            }
            let items = indices
                .iter()
                .zip(&pools)
                .map(|(&at, pool)| pool[at])
                .collect();
            set_kind(vm, tool, Kind::Product(Some(indices), true));
            Ok(Some(vm.tuple(items)))
        }
        Kind::Permutations(Some((mut indices, mut cycles)), r, begun) => {
            if begun && !advance_permutation(&mut indices, &mut cycles) {
                set_kind(vm, tool, Kind::Permutations(None, r, true));
                return Ok(None);
            }
            let of = pool(vm, 0);
            let items = indices[..r].iter().map(|&at| of[at]).collect();
            set_kind(
                vm,
                tool,
                Kind::Permutations(Some((indices, cycles)), r, true),
            );
            Ok(Some(vm.tuple(items)))
        }
        Kind::Combinations(Some(mut indices), again, begun) => {
            let of = pool(vm, 0);
            if begun && !advance_combination(&mut indices, of.len(), again) {
                set_kind(vm, tool, Kind::Combinations(None, again, true));
                return Ok(None);
            }
            let items = indices.iter().map(|&at| of[at]).collect();
            set_kind(vm, tool, Kind::Combinations(Some(indices), again, true));
            Ok(Some(vm.tuple(items)))
        }
        _ => Ok(None),
    }
}

fn advance_product(indices: &mut [usize], pools: &[Vec<Value>]) -> bool {
    for at in (0..indices.len()).rev() {
        indices[at] += 1;
        if indices[at] < pools[at].len() {
            return true;
        }
        indices[at] = 0;
    }
    false
}

fn advance_permutation(indices: &mut [usize], cycles: &mut [usize]) -> bool {
    let n = indices.len();
    for at in (0..cycles.len()).rev() {
        cycles[at] -= 1;
        if cycles[at] == 0 {
            indices[at..].rotate_left(1);
            cycles[at] = n - at;
        } else {
            indices.swap(at, n - cycles[at]);
            return true;
        }
    }
    false
}

fn advance_combination(indices: &mut [usize], n: usize, again: bool) -> bool {
    let r = indices.len();
    let last = |at: usize| if again { n - 1 } else { at + n - r };
    let Some(at) = (0..r).rev().find(|&at| indices[at] != last(at)) else {
        return false;
    };
    let first = indices[at] + 1;
    for (step, index) in indices[at..].iter_mut().enumerate() {
        *index = if again { first } else { first + step };
    }
    true
}

/// Slots of groupby: iterator, key function, the target key, the current key, the current item.
fn step_group(vm: &mut Vm, tool: Value) -> R<bool> {
    let Some(item) = vm.next_value(slot(vm, tool, 0))? else {
        return Ok(false);
    };
    vm.work(64)?;
    let f = slot(vm, tool, 1);
    set_slot(vm, tool, 4, item);
    let key = if f.is_none() {
        item
    } else {
        vm.call(f, &[item], &[])?
    };
    set_slot(vm, tool, 3, key);
    Ok(true)
}

fn next_group(vm: &mut Vm, tool: Value, id: u64) -> R<Option<Value>> {
    loop {
        let (target, current) = (slot(vm, tool, 2), slot(vm, tool, 3));
        let other = if current.is_unset() {
            false
        } else if target.is_unset() {
            true
        } else {
            !vm.equal(target, current)?
        };
        if other {
            break;
        }
        if !step_group(vm, tool)? {
            return Ok(None);
        }
    }
    let key = slot(vm, tool, 3);
    set_slot(vm, tool, 2, key);
    set_kind(vm, tool, Kind::GroupBy(id + 1));
    let class = Value::Obj(crate::types::extra(vm, &GROUPER, None));
    let group = make(vm, class, Kind::Grouper(id + 1), vec![tool, key])?;
    Ok(Some(vm.tuple(vec![key, group])))
}

fn next_in_group(vm: &mut Vm, grouper: Value, id: u64) -> R<Option<Value>> {
    let (tool, target) = (slot(vm, grouper, 0), slot(vm, grouper, 1));
    if !matches!(kind(vm, tool), Some(Kind::GroupBy(current)) if current == id) {
        return Ok(None);
    }
    if slot(vm, tool, 4).is_unset() && !step_group(vm, tool)? {
        return Ok(None);
    }
    if !vm.equal(target, slot(vm, tool, 3))? {
        return Ok(None);
    }
    let item = slot(vm, tool, 4);
    vm.heap.inc(item);
    set_slot(vm, tool, 4, Value::Unset);
    vm.heap.dec(item);
    Ok(Some(item))
}
