//! Attributes: descriptors, instance dicts, `super`, modules.

use crate::object::{Attrs, Hooks, NativeKind, Obj};
use crate::text::Text;
use crate::value::{R, Raise, Ref, Value};
use crate::vm::Vm;

impl Vm {
    /// Which special methods a class has, for those that are asked for at every access.
    #[inline]
    pub(crate) fn hooks(&mut self, class: Ref) -> Hooks {
        let hooks = self.class(class).hooks;
        if hooks.version == self.version {
            hooks
        } else {
            self.find_hooks(class)
        }
    }

    #[cold]
    fn find_hooks(&mut self, class: Ref) -> Hooks {
        let names = self.names;
        let (object, type_) = (self.types.object, self.types.type_);
        let mut python = |name: Value| {
            let found = self.lookup(class, name);
            found.is_some_and(|found| match self.obj(found) {
                Obj::Native(native) => native.owner != Some(object) && native.owner != Some(type_),
                _ => true,
            })
        };
        let mut hooks = Hooks {
            version: 0,
            del: python(names.del),
            getattribute: python(names.getattribute),
            getattr: false,
            setattr: python(names.setattr),
            delattr: python(names.delattr),
        };
        hooks.getattr = self.lookup(class, names.getattr).is_some();
        hooks.version = self.version;
        self.class_mut(class).hooks = hooks;
        hooks
    }

    /// `object.name`.
    pub(crate) fn get_attr(&mut self, object: Value, name: Value) -> R {
        let class = self.class_of(object);
        let hooks = self.hooks(class);
        let result = if hooks.getattribute {
            let getattribute = self.names.getattribute;
            match self.call_special(object, getattribute, &[name]) {
                Some(result) => result,
                None => self.default_attr(object, name),
            }
        } else {
            self.default_attr(object, name)
        };
        match result {
            Err(Raise) if hooks.getattr => {
                if self.catch(self.exc.attribute_error).is_none() {
                    return Err(Raise);
                }
                let getattr = self.names.getattr;
                match self.call_special(object, getattr, &[name]) {
                    Some(result) => result,
                    None => Err(self.no_attribute(object, name)),
                }
            }
            result => result,
        }
    }

    /// The same, or none if there is no such attribute.
    pub(crate) fn get_attr_opt(&mut self, object: Value, name: Value) -> R<Option<Value>> {
        // What most objects lack is found out without an exception.
        let class = self.class_of(object);
        let hooks = self.hooks(class);
        if !hooks.getattribute
            && !hooks.getattr
            && !matches!(self.obj(object), Obj::Type(_) | Obj::Super(_))
            && class != self.types.module
            && self.lookup(class, name).is_none()
        {
            return Ok(self.instance_attr(object, name));
        }
        match self.get_attr(object, name) {
            Ok(value) => Ok(Some(value)),
            Err(Raise) => match self.catch(self.exc.attribute_error) {
                Some(_) => Ok(None),
                None => Err(Raise),
            },
        }
    }

    #[cold]
    pub(crate) fn no_attribute(&mut self, object: Value, name: Value) -> Raise {
        let shown = self.shown(name);
        if let Some(class) = self.as_class(object) {
            let class = self.class_name(class).to_owned();
            let message = format!("type object '{class}' has no attribute '{shown}'");
            return self.raise(self.exc.attribute_error, message);
        }
        let kind = self.type_name(object);
        self.raise(
            self.exc.attribute_error,
            format!("'{kind}' object has no attribute '{shown}'"),
        )
    }

    /// What `object.__getattribute__` and its relatives of built-in types do.
    pub(crate) fn default_attr(&mut self, object: Value, name: Value) -> R {
        match self.obj(object) {
            Obj::Type(_) => {
                let Value::Obj(class) = object else {
                    return Err(Raise);
                };
                self.type_attr(class, name)
            }
            Obj::Super(_) => self.super_attr(object, name),
            _ if self.is_instance(object, self.types.module) => self.module_attr(object, name),
            _ => self.generic_attr(object, name),
        }
    }

    /// What `object.__getattribute__` does.
    pub(crate) fn generic_attr(&mut self, object: Value, name: Value) -> R {
        let class = self.class_of(object);
        let found = self.lookup(class, name);
        if let Some(found) = found
            && self.is_data_descriptor(found)
        {
            return self.bind(found, object, Value::Obj(class));
        }
        if let Some(value) = self.instance_attr(object, name) {
            return Ok(value);
        }
        match found {
            Some(found) => self.bind(found, object, Value::Obj(class)),
            None => Err(self.no_attribute(object, name)),
        }
    }

    fn module_attr(&mut self, module: Value, name: Value) -> R {
        let class = self.class_of(module);
        if let Some(value) = self.instance_attr(module, name)
            && self
                .lookup(class, name)
                .is_none_or(|found| !self.is_data_descriptor(found))
        {
            return Ok(value);
        }
        match self.generic_attr(module, name) {
            Err(Raise) if self.catch(self.exc.attribute_error).is_some() => {
                let getattr = self.names.getattr;
                if let Some(hook) = self.instance_attr(module, getattr) {
                    return self.call(hook, &[name], &[]);
                }
                Err(self.no_module_attribute(module, name))
            }
            result => result,
        }
    }

    fn no_module_attribute(&mut self, module: Value, name: Value) -> Raise {
        let own = self.names.name;
        let shown = self.shown(name);
        let of = self
            .instance_attr(module, own)
            .filter(|&name| self.as_str(name).is_some());
        let message = match of {
            Some(of) if crate::import::is_initializing(self, module) => format!(
                "partially initialized module '{}' has no attribute '{shown}' (most likely due to \
                 a circular import)",
                self.shown(of)
            ),
            Some(of) => format!("module '{}' has no attribute '{shown}'", self.shown(of)),
            None => format!("module has no attribute '{shown}'"),
        };
        self.raise(self.exc.attribute_error, message)
    }

    /// What `type.__getattribute__` does.
    pub(crate) fn type_attr(&mut self, class: Ref, name: Value) -> R {
        let meta = self.heap.class(class);
        let found = self.lookup(meta, name);
        if let Some(found) = found
            && self.is_data_descriptor(found)
        {
            return self.bind(found, Value::Obj(class), Value::Obj(meta));
        }
        if let Some(own) = self.lookup(class, name) {
            return self.bind(own, Value::Unset, Value::Obj(class));
        }
        match found {
            Some(found) => self.bind(found, Value::Obj(class), Value::Obj(meta)),
            None => Err(self.no_attribute(Value::Obj(class), name)),
        }
    }

    fn super_attr(&mut self, object: Value, name: Value) -> R {
        let Obj::Super(parts) = self.obj(object) else {
            return Err(Raise);
        };
        let [of, this, start] = **parts;
        if !start.is_unset() && !name.is(self.names.class) {
            let (Value::Obj(start), Value::Obj(of)) = (start, of) else {
                return Err(Raise);
            };
            let mro = self.class(start).mro.clone();
            let after = mro
                .iter()
                .position(|&class| class == of)
                .map_or(0, |at| at + 1);
            let hash = self.as_str(name).map_or(0, Text::hash);
            for &class in &mro[after..] {
                if let Some(found) = self.class_dict_get(class, hash, name) {
                    let bound_to = if this.is(Value::Obj(start)) {
                        Value::Unset
                    } else {
                        this
                    };
                    return self.bind(found, bound_to, Value::Obj(start));
                }
            }
        }
        self.generic_attr(object, name)
    }

    /// Finds a name among an object's own attributes.
    #[inline]
    pub(crate) fn instance_attr(&self, object: Value, name: Value) -> Option<Value> {
        let attrs = self.heap.attrs(object.obj()?)?;
        match attrs.dict {
            Some(dict) => self.dict_get_str(Value::Obj(dict), name),
            None => {
                let name = self.known_name(name)?;
                let at = self.shapes.find(attrs.shape, name)?;
                attrs.values.get(at).copied()
            }
        }
    }

    /// Returns the interned string that a name is equal to, if there is one.
    fn known_name(&self, name: Value) -> Option<Ref> {
        let text = self.as_str(name)?;
        if text.interned.get() {
            return name.obj();
        }
        self.interned.get(text.bytes()).copied()
    }

    /// Whether a descriptor comes before an instance's own attributes.
    #[inline]
    pub(crate) fn is_data_descriptor(&mut self, value: Value) -> bool {
        match self.obj(value) {
            Obj::Property(_) | Obj::GetSet(..) | Obj::Member(_) => true,
            Obj::Function(_) | Obj::Native(_) | Obj::Free | Obj::Str(_) => false,
            _ => {
                let class = self.class_of(value);
                let (set, delete) = (self.names.set, self.names.delete);
                self.class(class).heap
                    && (self.lookup(class, set).is_some() || self.lookup(class, delete).is_some())
            }
        }
    }

    /// Binds what was found in a class to an instance, unset for none, or to the class.
    pub(crate) fn bind(&mut self, found: Value, this: Value, class: Value) -> R {
        match self.obj(found) {
            Obj::Function(_) if this.is_unset() => Ok(found),
            Obj::Function(_) => Ok(self.bound(found, this)),
            Obj::Native(native) => {
                let mut native = **native;
                match native.kind {
                    NativeKind::Method | NativeKind::Slot if !this.is_unset() => {
                        native.this = this;
                        native.kind = NativeKind::Bound;
                        let class = match found {
                            Value::Obj(handle)
                                if self.heap.class(handle) == self.types.wrapper_descriptor =>
                            {
                                self.types.method_wrapper
                            }
                            _ => self.types.builtin,
                        };
                        Ok(self.new_obj(class, Obj::Native(Box::new(native))))
                    }
                    NativeKind::Class => {
                        native.this = class;
                        native.kind = NativeKind::Bound;
                        Ok(self.new_obj(self.types.builtin, Obj::Native(Box::new(native))))
                    }
                    _ => Ok(found),
                }
            }
            Obj::Property(_) | Obj::GetSet(..) | Obj::Member(_) if this.is_unset() => Ok(found),
            Obj::Property(parts) => {
                let getter = parts[0];
                if getter.is_none() {
                    return Err(self.raise(self.exc.attribute_error, "unreadable attribute"));
                }
                self.call(getter, &[this], &[])
            }
            Obj::GetSet(row, owner) => {
                let (row, owner) = (*row, *owner);
                self.check_descriptor(row.name, owner, this)?;
                (row.get)(self, this)
            }
            Obj::Member(member) => {
                let member = **member;
                let name = self.shown(member.name);
                self.check_descriptor(&name, member.owner, this)?;
                self.get_member(member, this)
            }
            Obj::Wrapped(inner) => {
                let (inner, of) = (*inner, self.class_of(found));
                if self.is_subclass(of, self.types.class_method) {
                    let class = if class.is_unset() {
                        Value::Obj(self.class_of(this))
                    } else {
                        class
                    };
                    if let Obj::Function(_) = self.obj(inner) {
                        return Ok(self.bound(inner, class));
                    }
                    let meta = Value::Obj(self.class_of(class));
                    return self.bind(inner, class, meta);
                }
                if self.is_subclass(of, self.types.static_method) {
                    return Ok(inner);
                }
                Ok(found)
            }
            Obj::Free | Obj::Str(_) => Ok(found),
            _ => self.bind_user(found, this, class),
        }
    }

    fn bound(&mut self, function: Value, this: Value) -> Value {
        self.new_obj(self.types.method, Obj::Method(Box::new([function, this])))
    }

    /// Binds an object that has `__get__`.
    fn bind_user(&mut self, found: Value, this: Value, class: Value) -> R {
        let of = self.class_of(found);
        let get = self.names.get;
        let Some(method) = self.lookup(of, get) else {
            return Ok(found);
        };
        if !self.class(of).heap && !matches!(self.obj(found), Obj::Foreign(_)) {
            return Ok(found);
        }
        let this = this.or(Value::None);
        self.call_bound(method, found, &[this, class])
    }

    fn check_descriptor(&mut self, name: &str, owner: Ref, this: Value) -> R<()> {
        if self.is_instance(this, owner) {
            return Ok(());
        }
        let (owner, found) = (self.class_name(owner).to_owned(), self.type_name(this));
        Err(self.type_error(format!(
            "descriptor '{name}' for '{owner}' objects doesn't apply to a '{found}' object"
        )))
    }

    fn get_member(&mut self, member: crate::object::Member, this: Value) -> R {
        let slots = this.obj().and_then(|handle| self.heap.attrs(handle));
        let value = slots
            .and_then(|attrs| attrs.slots.get(member.index as usize))
            .copied();
        match value.and_then(Value::set) {
            Some(value) => Ok(value),
            None => {
                let name = self.shown(member.name);
                Err(self.raise(self.exc.attribute_error, name))
            }
        }
    }

    fn set_member(&mut self, member: crate::object::Member, this: Value, value: Value) -> R<()> {
        let name = self.shown(member.name);
        self.check_descriptor(&name, member.owner, this)?;
        let Value::Obj(handle) = this else {
            return Ok(());
        };
        let old = match self.heap.attrs_mut(handle) {
            Some(attrs) => match attrs.slots.get_mut(member.index as usize) {
                Some(place) => std::mem::replace(place, value),
                None => return Ok(()),
            },
            None => return Ok(()),
        };
        self.heap.inc(value);
        self.heap.dec(old);
        if old.is_unset() && value.is_unset() {
            return Err(self.raise(self.exc.attribute_error, name));
        }
        Ok(())
    }

    /// `object.name = value`.
    pub(crate) fn set_attr(&mut self, object: Value, name: Value, value: Value) -> R<()> {
        let class = self.class_of(object);
        if self.hooks(class).setattr {
            let setattr = self.names.setattr;
            if let Some(result) = self.call_special(object, setattr, &[name, value]) {
                return result.map(|_| ());
            }
        }
        self.default_set_attr(object, name, value)
    }

    /// `del object.name`.
    pub(crate) fn delete_attr(&mut self, object: Value, name: Value) -> R<()> {
        let class = self.class_of(object);
        if self.hooks(class).delattr {
            let delattr = self.names.delattr;
            if let Some(result) = self.call_special(object, delattr, &[name]) {
                return result.map(|_| ());
            }
        }
        self.default_set_attr(object, name, Value::Unset)
    }

    /// What `object.__setattr__` and `object.__delattr__` do; unset deletes.
    pub(crate) fn default_set_attr(&mut self, object: Value, name: Value, value: Value) -> R<()> {
        let class = self.class_of(object);
        if let Some(found) = self.lookup(class, name)
            && self.is_data_descriptor(found)
        {
            return self.set_descriptor(found, object, name, value);
        }
        if let Some(of) = self.as_class(object) {
            return crate::types::type_::set_attr(self, of, name, value);
        }
        let Some(handle) = object
            .obj()
            .filter(|&handle| self.heap.attrs(handle).is_some())
        else {
            return Err(self.cannot_set(object, name, value));
        };
        if !self.class(class).has_dict {
            return Err(self.cannot_set(object, name, value));
        }
        if value.is_unset() {
            return self.delete_instance_attr(object, handle, name);
        }
        self.set_instance_attr(handle, name, value);
        Ok(())
    }

    #[cold]
    fn cannot_set(&mut self, object: Value, name: Value, _value: Value) -> Raise {
        let (kind, shown) = (self.type_name(object), self.shown(name));
        if self.special(object, name).is_some() {
            let message = format!("'{kind}' object attribute '{shown}' is read-only");
            return self.raise(self.exc.attribute_error, message);
        }
        let message = format!("'{kind}' object has no attribute '{shown}'");
        self.raise(self.exc.attribute_error, message)
    }

    fn set_descriptor(&mut self, found: Value, object: Value, name: Value, value: Value) -> R<()> {
        match self.obj(found) {
            Obj::Property(parts) => {
                let [_, setter, deleter, _] = **parts;
                if value.is_unset() {
                    if deleter.is_none() {
                        let message = "can't delete attribute";
                        return Err(self.raise(self.exc.attribute_error, message));
                    }
                    return self.call(deleter, &[object], &[]).map(|_| ());
                }
                if setter.is_none() {
                    return Err(self.raise(self.exc.attribute_error, "can't set attribute"));
                }
                self.call(setter, &[object, value], &[]).map(|_| ())
            }
            Obj::GetSet(row, owner) => {
                let (row, owner) = (*row, *owner);
                match row.set {
                    Some(set) => {
                        self.check_descriptor(row.name, owner, object)?;
                        set(self, object, value)
                    }
                    None => {
                        let (owner, name) = (self.class_name(owner).to_owned(), row.name);
                        let message =
                            format!("attribute '{name}' of '{owner}' objects is not writable");
                        Err(self.raise(self.exc.attribute_error, message))
                    }
                }
            }
            Obj::Member(member) => {
                let member = **member;
                self.set_member(member, object, value)
            }
            _ => {
                let (method, args) = if value.is_unset() {
                    (self.names.delete, vec![object])
                } else {
                    (self.names.set, vec![object, value])
                };
                match self.call_special(found, method, &args) {
                    Some(result) => result.map(|_| ()),
                    None => {
                        let what = if value.is_unset() {
                            "__delete__"
                        } else {
                            "__set__"
                        };
                        let _ = name;
                        Err(self.raise(self.exc.attribute_error, what))
                    }
                }
            }
        }
    }

    /// Sets one of an object's own attributes.
    pub(crate) fn set_instance_attr(&mut self, handle: Ref, name: Value, value: Value) {
        let name = self.interned(name);
        let Value::Obj(text) = name else { return };
        let Some(attrs) = self.heap.attrs(handle) else {
            return;
        };
        if let Some(dict) = attrs.dict {
            return self.dict_set_str(Value::Obj(dict), name, value);
        }
        let shape = attrs.shape;
        if let Some(at) = self.shapes.find(shape, text) {
            self.heap.inc(value);
            if let Some(attrs) = self.heap.attrs_mut(handle) {
                let old = std::mem::replace(&mut attrs.values[at], value);
                self.heap.dec(old);
            }
            return;
        }
        match self.shapes.add(shape, text) {
            Some(next) => {
                self.heap.inc(value);
                self.heap.charge(16);
                if let Some(attrs) = self.heap.attrs_mut(handle) {
                    attrs.shape = next;
                    attrs.values.push(value);
                }
            }
            None => {
                let dict = self.make_dict(handle);
                self.dict_set_str(dict, name, value);
            }
        }
    }

    /// Returns an object's `__dict__`, made if it has none yet.
    pub(crate) fn make_dict(&mut self, handle: Ref) -> Value {
        if let Some(dict) = self.heap.attrs(handle).and_then(|attrs| attrs.dict) {
            return Value::Obj(dict);
        }
        let dict = self.dict();
        let (shape, values) = match self.heap.attrs_mut(handle) {
            Some(attrs) => (attrs.shape, std::mem::take(&mut attrs.values)),
            None => (0, Vec::new()),
        };
        let names = self.shapes.names(shape).to_vec();
        for (name, value) in names.into_iter().zip(values) {
            self.dict_set_str(dict, Value::Obj(name), value);
            self.heap.dec(value);
        }
        self.heap.inc(dict);
        let attrs = self
            .heap
            .attrs_mut(handle)
            .get_or_insert_with(|| Box::new(Attrs::default()));
        attrs.shape = 0;
        attrs.dict = dict.obj();
        dict
    }

    fn delete_instance_attr(&mut self, object: Value, handle: Ref, name: Value) -> R<()> {
        if self.instance_attr(object, name).is_none() {
            let shown = self.shown(name);
            if let Obj::Free = self.obj(object) {
                return Ok(());
            }
            return Err(self.raise(self.exc.attribute_error, shown));
        }
        let dict = self.make_dict(handle);
        self.dict_remove(dict, name)?;
        Ok(())
    }
}
