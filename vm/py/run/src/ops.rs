//! Operators: which method of which operand does the work.

use crate::object::{NativeKind, Obj};
use crate::rinsn::{Bin, Cmp};
use crate::value::{R, Raise, Value};
use crate::vm::Vm;

impl Vm {
    /// Returns the names of an operator's three methods.
    fn method_names(&self, op: Bin) -> [Value; 3] {
        let n = &self.names;
        match op {
            Bin::Add => [n.add, n.radd, n.iadd],
            Bin::Sub => [n.sub, n.rsub, n.isub],
            Bin::Mul => [n.mul, n.rmul, n.imul],
            Bin::MatMul => [n.matmul, n.rmatmul, n.imatmul],
            Bin::TrueDiv => [n.truediv, n.rtruediv, n.itruediv],
            Bin::FloorDiv => [n.floordiv, n.rfloordiv, n.ifloordiv],
            Bin::Mod => [n.mod_, n.rmod, n.imod],
            Bin::Pow => [n.pow, n.rpow, n.ipow],
            Bin::LShift => [n.lshift, n.rlshift, n.ilshift],
            Bin::RShift => [n.rshift, n.rrshift, n.irshift],
            Bin::And => [n.and, n.rand, n.iand],
            Bin::Xor => [n.xor, n.rxor, n.ixor],
            Bin::Or => [n.or, n.ror, n.ior],
        }
    }

    /// `a op b`, or `a op= b`.
    pub(crate) fn binary_op(&mut self, op: Bin, in_place: bool, a: Value, b: Value) -> R {
        if op == Bin::Add
            && let (Obj::Str(x), Obj::Str(y)) = (self.obj(a), self.obj(b))
            && self.class_of(a) == self.types.str
            && self.class_of(b) == self.types.str
        {
            let bytes = [x.bytes(), y.bytes()].concat();
            self.room(bytes.len())?;
            return Ok(self.str_bytes(bytes));
        }
        if let Some(result) = crate::types::number::fast(self, op, a, b) {
            return result;
        }
        let [name, reflected, in_place_name] = self.method_names(op);
        if in_place {
            let class = self.class_of(a);
            if let Some(method) = self.lookup(class, in_place_name)
                && !self.is_sequence_method(op, method)
            {
                let result = self.call_bound(method, a, &[b])?;
                if !result.is_not_implemented() {
                    return Ok(result);
                }
            }
        }
        let result = self.binary_methods(op, name, reflected, a, b)?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
        if let Some(result) = self.sequence_op(op, in_place, a, b)? {
            return Ok(result);
        }
        let (x, y) = (self.type_name(a), self.type_name(b));
        let symbol = match (op, in_place) {
            (Bin::Pow, true) => "**=".to_owned(),
            (_, true) => format!("{}=", op.symbol()),
            _ => op.symbol().to_owned(),
        };
        let mut message = format!("unsupported operand type(s) for {symbol}: '{x}' and '{y}'");
        if op == Bin::RShift
            && let Obj::Native(native) = self.obj(a)
            && native.row.name == "print"
        {
            message.push_str(". Did you mean \"print(<message>, file=<output_stream>)\"?");
        }
        Err(self.type_error(message))
    }

    /// Whether a method is one that CPython keeps among a type's methods as a sequence, which are
    /// asked last: joining and repeating.
    fn is_sequence_method(&self, op: Bin, method: Value) -> bool {
        if !matches!(op, Bin::Add | Bin::Mul) {
            return false;
        }
        match self.obj(method) {
            Obj::Native(native) if native.kind == NativeKind::Slot => native
                .owner
                .is_some_and(|owner| self.class(owner).def.is_sequence()),
            _ => false,
        }
    }

    /// Asks both operands' methods; the right one's first if its class derives from the left
    /// one's and has its own.
    pub(crate) fn binary_methods(
        &mut self,
        op: Bin,
        name: Value,
        reflected: Value,
        a: Value,
        b: Value,
    ) -> R {
        let (left, right) = (self.class_of(a), self.class_of(b));
        let number = |vm: &Vm, method: Value| !vm.is_sequence_method(op, method);
        let forward = self
            .lookup(left, name)
            .filter(|&method| number(self, method));
        let mut backward = None;
        if left != right {
            backward = self
                .lookup(right, reflected)
                .filter(|&method| number(self, method));
        }
        if let Some(method) = backward
            && self.is_subclass(right, left)
        {
            let inherited = self.lookup(left, reflected);
            if !inherited.is_some_and(|other| other.is(method)) || self.overrides(left, right, name)
            {
                let result = self.call_bound(method, b, &[a])?;
                if !result.is_not_implemented() {
                    return Ok(result);
                }
                backward = None;
            }
        }
        if let Some(method) = forward {
            let result = self.call_bound(method, a, &[b])?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        if let Some(method) = backward {
            return self.call_bound(method, b, &[a]);
        }
        Ok(Value::NotImplemented)
    }

    /// Whether a subclass of a built-in type has a Python method of its own for an operator.
    fn overrides(
        &mut self,
        _left: crate::value::Ref,
        _right: crate::value::Ref,
        _name: Value,
    ) -> bool {
        false
    }

    /// Joins or repeats sequences.
    fn sequence_op(&mut self, op: Bin, in_place: bool, a: Value, b: Value) -> R<Option<Value>> {
        let [name, _, in_place_name] = self.method_names(op);
        match op {
            Bin::Add => {
                for (name, asked) in [(in_place_name, in_place), (name, true)] {
                    let class = self.class_of(a);
                    if asked
                        && let Some(method) = self.lookup(class, name)
                        && self.is_sequence_method(op, method)
                    {
                        return self.call_bound(method, a, &[b]).map(Some);
                    }
                }
                Ok(None)
            }
            Bin::Mul => {
                let pairs = [(a, b, in_place), (b, a, false)];
                for (sequence, count, in_place) in pairs {
                    let class = self.class_of(sequence);
                    for (name, asked) in [(in_place_name, in_place), (name, true)] {
                        if asked
                            && let Some(method) = self.lookup(class, name)
                            && self.is_sequence_method(op, method)
                        {
                            if !self.has_index(count) {
                                let kind = self.type_name(count);
                                return Err(self.type_error(format!(
                                    "can't multiply sequence by non-int of type '{kind}'"
                                )));
                            }
                            return self.call_bound(method, sequence, &[count]).map(Some);
                        }
                    }
                }
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// Whether a value can be an index.
    pub(crate) fn has_index(&mut self, value: Value) -> bool {
        let index = self.names.index;
        value.small().is_some() || self.special(value, index).is_some()
    }

    /// A unary operator, by its opcode.
    pub(crate) fn unary(&mut self, op: u16, a: Value) -> R {
        use crate::floor::Op;
        if op == Op::UnaryNot as u16 {
            return Ok(Value::bool(!self.truth(a)?));
        }
        let (name, symbol) = if op == Op::UnaryNegative as u16 {
            (self.names.neg, "-")
        } else if op == Op::UnaryPositive as u16 {
            (self.names.pos, "+")
        } else {
            (self.names.invert, "~")
        };
        match (a, symbol) {
            (Value::Int(value), "-") if value != i64::MIN => return Ok(Value::Int(-value)),
            (Value::Float(value), "-") => return Ok(Value::Float(-value)),
            _ => {}
        }
        match self.call_special(a, name, &[]) {
            Some(result) => result,
            None => {
                let kind = self.type_name(a);
                Err(self.type_error(format!("bad operand type for unary {symbol}: '{kind}'")))
            }
        }
    }

    /// Whether a value counts as true.
    pub(crate) fn truth(&mut self, value: Value) -> R<bool> {
        Ok(match value {
            Value::True | Value::Ellipsis | Value::NotImplemented => {
                if value.is_not_implemented() {
                    let class = self.exc.deprecation_warning;
                    crate::warn::warn(
                        self,
                        class,
                        "NotImplemented should not be used in a boolean context",
                    )?;
                }
                true
            }
            Value::False | Value::None | Value::Unset => false,
            Value::Int(value) => value != 0,
            Value::Float(value) => value != 0.0,
            Value::Obj(handle) => {
                let class = self.heap.class(handle);
                if !self.class(class).heap {
                    match self.heap.get(handle) {
                        Obj::Str(text) => return Ok(text.len() > 0),
                        Obj::List(items) => return Ok(!items.is_empty()),
                        Obj::Tuple(items) => return Ok(!items.is_empty()),
                        Obj::Dict(dict) => return Ok(dict.len() > 0),
                        Obj::Set(set) => return Ok(set.len() > 0),
                        _ => {}
                    }
                }
                let (name, len) = (self.names.bool_, self.names.len);
                if let Some(result) = self.call_special(value, name, &[]) {
                    return match result? {
                        Value::True => Ok(true),
                        Value::False => Ok(false),
                        other => {
                            let kind = self.type_name(other);
                            Err(self.type_error(format!(
                                "__bool__ should return bool, returned {kind}"
                            )))
                        }
                    };
                }
                if self.special(value, len).is_some() {
                    return Ok(self.len(value)? > 0);
                }
                true
            }
        })
    }

    /// `len(value)`.
    pub(crate) fn len(&mut self, value: Value) -> R<usize> {
        let class = self.class_of(value);
        if !self.class(class).heap {
            match self.obj(value) {
                Obj::Str(text) => return Ok(text.len()),
                Obj::List(items) => return Ok(items.len()),
                Obj::Tuple(items) => return Ok(items.len()),
                Obj::Dict(dict) => return Ok(dict.len()),
                Obj::Set(set) => return Ok(set.len()),
                _ => {}
            }
        }
        let len = self.names.len;
        let Some(result) = self.call_special(value, len, &[]) else {
            let kind = self.type_name(value);
            return Err(self.type_error(format!("object of type '{kind}' has no len()")));
        };
        let result = result?;
        let index = self.index(result)?;
        match index {
            Value::Int(length) if length >= 0 => Ok(length as usize),
            Value::Int(_) => Err(self.value_error("__len__() should return >= 0")),
            _ => {
                let message = "cannot fit 'int' into an index-sized integer";
                Err(self.overflow_error(message))
            }
        }
    }

    fn comparison_name(&self, op: Cmp) -> Value {
        let n = &self.names;
        [n.lt, n.le, n.eq, n.ne, n.gt, n.ge][op as usize]
    }

    /// `a op b` for a comparison.
    pub(crate) fn compare(&mut self, op: Cmp, a: Value, b: Value) -> R {
        if self.depth >= self.recursion_limit {
            self.check_depth(" in comparison")?;
        }
        match (a, b) {
            (Value::Int(a), Value::Int(b)) => return Ok(Value::bool(op.holds(a, b))),
            (Value::Float(a), Value::Float(b)) => return Ok(Value::bool(op.holds(a, b))),
            _ => {}
        }
        if let (Obj::Str(x), Obj::Str(y)) = (self.obj(a), self.obj(b))
            && !self.class(self.class_of(a)).heap
            && !self.class(self.class_of(b)).heap
        {
            return Ok(Value::bool(op.fits(x.bytes().cmp(y.bytes()))));
        }
        self.deeper(" in comparison", |vm| vm.compare_methods(op, a, b))
    }

    fn compare_methods(&mut self, op: Cmp, a: Value, b: Value) -> R {
        let (left, right) = (self.class_of(a), self.class_of(b));
        let (name, swapped) = (self.comparison_name(op), self.comparison_name(op.swapped()));
        let mut reflected_done = false;
        if left != right
            && self.is_subclass(right, left)
            && let Some(method) = self.lookup(right, swapped)
        {
            reflected_done = true;
            let result = self.call_bound(method, b, &[a])?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        if let Some(method) = self.lookup(left, name) {
            let result = self.call_bound(method, a, &[b])?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        if !reflected_done && let Some(method) = self.lookup(right, swapped) {
            let result = self.call_bound(method, b, &[a])?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        match op {
            Cmp::Eq => Ok(Value::bool(a.is(b))),
            Cmp::Ne => Ok(Value::bool(!a.is(b))),
            _ => {
                let (x, y) = (self.type_name(a), self.type_name(b));
                let symbol = op.symbol();
                Err(self.type_error(format!(
                    "'{symbol}' not supported between instances of '{x}' and '{y}'"
                )))
            }
        }
    }

    /// Whether two values are the same or equal, as containers ask.
    pub(crate) fn equal(&mut self, a: Value, b: Value) -> R<bool> {
        if a.is(b) && !matches!(a, Value::Float(value) if value.is_nan()) {
            return Ok(true);
        }
        // The same nan object is equal to itself in a container; floats have no identity here, so
        // one with the same bits is taken for the same.
        if a.is(b) {
            return Ok(true);
        }
        if let Some(result) = self.quick_equal(a, b) {
            return Ok(result);
        }
        let result = self.compare(Cmp::Eq, a, b)?;
        self.truth(result)
    }

    /// Whether two values are equal, where that needs no method.
    #[inline]
    pub(crate) fn quick_equal(&self, a: Value, b: Value) -> Option<bool> {
        match (a, b) {
            (Value::Int(a), Value::Int(b)) => Some(a == b),
            (Value::Float(a), Value::Float(b)) => Some(a == b),
            (Value::Int(_), Value::None) | (Value::None, Value::Int(_)) => Some(false),
            (Value::Obj(x), Value::Obj(y)) => match (self.heap.get(x), self.heap.get(y)) {
                (Obj::Str(s), Obj::Str(t))
                    if self.heap.class(x) == self.types.str
                        && self.heap.class(y) == self.types.str =>
                {
                    Some(s.bytes() == t.bytes())
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Compares for an order: whether `a < b`.
    pub(crate) fn less(&mut self, a: Value, b: Value) -> R<bool> {
        let result = self.compare(Cmp::Lt, a, b)?;
        self.truth(result)
    }

    /// `item in container`.
    pub(crate) fn contains(&mut self, container: Value, item: Value) -> R<bool> {
        let class = self.class_of(container);
        if class == self.types.dict {
            return Ok(self.dict_get(container, item)?.is_some());
        }
        let contains = self.names.contains;
        match self.lookup(class, contains) {
            Some(Value::None) => {
                let kind = self.type_name(container);
                Err(self.type_error(format!("'{kind}' object is not a container")))
            }
            Some(method) => {
                let result = self.call_bound(method, container, &[item])?;
                self.truth(result)
            }
            None => {
                let (iter, getitem) = (self.names.iter, self.names.getitem);
                if self.special(container, iter).is_none()
                    && self.special(container, getitem).is_none()
                {
                    let kind = self.type_name(container);
                    return Err(
                        self.type_error(format!("argument of type '{kind}' is not iterable"))
                    );
                }
                let iterator = self.iter(container)?;
                while let Some(other) = self.next_value(iterator)? {
                    self.work(64)?;
                    if self.equal(other, item)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }

    /// `container[key]`.
    pub(crate) fn get_item(&mut self, container: Value, key: Value) -> R {
        let class = self.class_of(container);
        if class == self.types.dict
            && let Some(found) = self.dict_get(container, key)?
        {
            return Ok(found);
        }
        if class == self.types.str
            && let (Obj::Str(text), Value::Int(index)) = (self.obj(container), key)
            && let Some(at) = crate::types::sequence::at(index, text.len())
        {
            let point = text.get(at);
            return Ok(crate::types::str::character(self, point));
        }
        let getitem = self.names.getitem;
        if let Some(result) = self.call_special(container, getitem, &[key]) {
            return result;
        }
        if let Some(class) = self.as_class(container) {
            if class == self.types.type_ {
                return crate::types::generic::alias(self, container, key);
            }
            let class_getitem = self.names.class_getitem;
            if let Some(method) = self.get_attr_opt(container, class_getitem)? {
                return self.call(method, &[key], &[]);
            }
        }
        let kind = self.type_name(container);
        Err(self.type_error(format!("'{kind}' object is not subscriptable")))
    }

    /// `container[key] = value`.
    pub(crate) fn set_item(&mut self, container: Value, key: Value, value: Value) -> R<()> {
        if self.class_of(container) == self.types.dict {
            return self.dict_set(container, key, value);
        }
        let setitem = self.names.setitem;
        if let Some(result) = self.call_special(container, setitem, &[key, value]) {
            return result.map(|_| ());
        }
        let kind = self.type_name(container);
        Err(self.type_error(format!("'{kind}' object does not support item assignment")))
    }

    /// `del container[key]`.
    pub(crate) fn delete_item(&mut self, container: Value, key: Value) -> R<()> {
        let delitem = self.names.delitem;
        if let Some(result) = self.call_special(container, delitem, &[key]) {
            return result.map(|_| ());
        }
        let kind = self.type_name(container);
        let verb = if matches!(
            self.obj(container),
            Obj::Tuple(_) | Obj::Str(_) | Obj::Bytes(_) | Obj::Range(_)
        ) {
            "doesn't"
        } else {
            "does not"
        };
        let _ = verb;
        let verb = if self.special(container, self.names.getitem).is_some()
            && self.class(self.class_of(container)).def.is_sequence()
        {
            "doesn't"
        } else {
            "does not"
        };
        Err(self.type_error(format!("'{kind}' object {verb} support item deletion")))
    }

    /// `iter(value)`.
    pub(crate) fn iter(&mut self, value: Value) -> R {
        let (iter, getitem) = (self.names.iter, self.names.getitem);
        match self.special(value, iter) {
            Some(Value::None) => {}
            Some(method) => {
                let result = self.call_bound(method, value, &[])?;
                let next = self.names.next;
                if self.special(result, next).is_none() {
                    let kind = self.type_name(result);
                    return Err(
                        self.type_error(format!("iter() returned non-iterator of type '{kind}'"))
                    );
                }
                return Ok(result);
            }
            None if self.special(value, getitem).is_some()
                && !matches!(self.obj(value), Obj::Dict(_)) =>
            {
                let iter = crate::object::Iter::Sequence { of: value, at: 0 };
                return Ok(self.new_obj(self.types.iterator, Obj::Iter(Box::new(iter))));
            }
            None => {}
        }
        let kind = self.type_name(value);
        Err(self.type_error(format!("'{kind}' object is not iterable")))
    }

    /// Returns an iterator's next item, or none at its end.
    pub(crate) fn next_value(&mut self, iterator: Value) -> R<Option<Value>> {
        match self.obj(iterator) {
            Obj::Iter(_) => return crate::types::iterators::next(self, iterator),
            Obj::Generator(parts) if parts.kind == crate::object::GenKind::Generator => {
                let Value::Obj(handle) = iterator else {
                    return Err(Raise);
                };
                return Ok(match self.resume(handle, Value::None)? {
                    crate::run::generator::Step::Yield(value) => Some(value),
                    crate::run::generator::Step::Return(_) => None,
                });
            }
            _ => {}
        }
        match self.next_raising(iterator) {
            Ok(value) => Ok(Some(value)),
            Err(Raise) => match self.catch(self.exc.stop_iteration) {
                Some(_) => Ok(None),
                None => Err(Raise),
            },
        }
    }

    /// Calls `__next__`.
    pub(crate) fn next_raising(&mut self, iterator: Value) -> R {
        if let Obj::Iter(_) = self.obj(iterator)
            && let Some(value) = crate::types::iterators::next(self, iterator)?
        {
            return Ok(value);
        }
        if let Obj::Iter(_) = self.obj(iterator) {
            return Err(self.raise_with(self.exc.stop_iteration, Vec::new()));
        }
        let next = self.names.next;
        match self.call_special(iterator, next, &[]) {
            Some(result) => result,
            None => {
                let kind = self.type_name(iterator);
                Err(self.type_error(format!("'{kind}' object is not an iterator")))
            }
        }
    }

    /// Returns all items of an iterable.
    pub(crate) fn list_of(&mut self, iterable: Value) -> R<Vec<Value>> {
        let class = self.class_of(iterable);
        if let Obj::List(items) = self.obj(iterable)
            && class == self.types.list
        {
            return Ok(items.clone());
        }
        if let Obj::Tuple(items) = self.obj(iterable)
            && class == self.types.tuple
        {
            return Ok(items.to_vec());
        }
        let iterator = self.iter(iterable)?;
        // What the iterator gives is kept by a list: more Python code may run.
        let list = self.list(Vec::new());
        while let Some(item) = self.next_value(iterator)? {
            self.list_push(list, item);
            self.work(64)?;
            if self.heap.over {
                return Err(self.limit(crate::floor::Limit::MemoryLimit));
            }
        }
        Ok(self.as_list(list).cloned().unwrap_or_default())
    }

    /// What `GET_YIELD_FROM_ITER` does.
    pub(crate) fn yield_from_iter(&mut self, value: Value) -> R {
        use crate::floor::flags;
        use crate::object::GenKind;
        let kind = match self.obj(value) {
            Obj::Generator(parts) => Some(parts.kind),
            _ => None,
        };
        match kind {
            Some(GenKind::Generator) => Ok(value),
            Some(GenKind::Coroutine) => {
                let code = self.frame_code(self.frames.len() - 1);
                let inside = flags::COROUTINE | flags::ITERABLE_COROUTINE;
                if code.is_some_and(|code| code.has(inside)) {
                    return Ok(value);
                }
                let message = "cannot 'yield from' a coroutine object in a non-coroutine generator";
                Err(self.type_error(message))
            }
            _ => self.iter(value),
        }
    }

    /// Returns the int that a value is as an index.
    pub(crate) fn index(&mut self, value: Value) -> R {
        match value {
            Value::Int(_) => return Ok(value),
            Value::True => return Ok(Value::Int(1)),
            Value::False => return Ok(Value::Int(0)),
            _ => {}
        }
        if let Obj::Big(_) = self.obj(value) {
            return Ok(value);
        }
        let index = self.names.index;
        let kind = self.type_name(value);
        match self.call_special(value, index, &[]) {
            None => Err(self.type_error(format!(
                "'{kind}' object cannot be interpreted as an integer"
            ))),
            Some(result) => {
                let result = result?;
                if result.small().is_some() || matches!(self.obj(result), Obj::Big(_)) {
                    return Ok(result);
                }
                let found = self.type_name(result);
                Err(self.type_error(format!("__index__ returned non-int (type {found})")))
            }
        }
    }

    /// Returns an index that fits a machine word.
    pub(crate) fn index_size(&mut self, value: Value) -> R<i64> {
        let index = self.index(value)?;
        match crate::types::int::to_i64(self, index) {
            Some(index) => Ok(index),
            None => {
                let kind = self.type_name(value);
                let message = format!("cannot fit '{kind}' into an index-sized integer");
                Err(self.index_error(message))
            }
        }
    }

    /// The same with OverflowError.
    pub(crate) fn size_arg(&mut self, value: Value) -> R<i64> {
        let index = self.index(value)?;
        match crate::types::int::to_i64(self, index) {
            Some(index) => Ok(index),
            None => Err(self.overflow_error("Python int too large to convert to C ssize_t")),
        }
    }
}
