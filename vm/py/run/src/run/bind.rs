//! Arguments of Python functions.

use crate::code::Code;
use crate::floor::flags;
use crate::native::Kw;
use crate::value::{R, Raise, Value};
use crate::vm::Vm;

impl Vm {
    /// Writes arguments to the registers from `base` on, one for each parameter.
    pub(crate) fn bind_arguments(
        &mut self,
        func: Value,
        code: &Code,
        base: usize,
        args: &[Value],
        kw: Kw<'_>,
    ) -> R<()> {
        let (positional, kwonly) = (code.argcount as usize, code.kwonly as usize);
        let total = positional + kwonly;
        let mut found = vec![Value::Unset; code.parameters()];
        let given = args.len().min(positional);
        found[..given].copy_from_slice(&args[..given]);
        let mut extra = None;
        if code.has(flags::VARKEYWORDS) {
            let dict = self.dict();
            let at = total + usize::from(code.has(flags::VARARGS));
            found[at] = dict;
            extra = Some(dict);
        }
        if code.has(flags::VARARGS) {
            let rest = args.get(positional..).unwrap_or(&[]).to_vec();
            found[total] = self.tuple(rest);
        }
        for (index, &(name, value)) in kw.iter().enumerate() {
            self.bind_named(func, code, &mut found, extra, (name, value), (kw, index))?;
        }
        if args.len() > positional && !code.has(flags::VARARGS) {
            return Err(self.too_many_positional(func, code, args.len(), &found));
        }
        if args.len() < positional {
            self.bind_defaults(func, code, &mut found, args.len())?;
        }
        if kwonly > 0 {
            self.bind_keyword_defaults(func, code, &mut found)?;
        }
        for (at, &value) in found.iter().enumerate() {
            self.heap.inc(value);
            self.regs[base + at] = value;
        }
        Ok(())
    }

    fn bind_named(
        &mut self,
        func: Value,
        code: &Code,
        found: &mut [Value],
        extra: Option<Value>,
        (name, value): (Value, Value),
        (kw, _): (Kw<'_>, usize),
    ) -> R<()> {
        if self.as_str(name).is_none() {
            let qualname = self.qualname_of(func);
            return Err(self.type_error(format!("{qualname}() keywords must be strings")));
        }
        let total = (code.argcount + code.kwonly) as usize;
        let posonly = code.posonly as usize;
        let place = (posonly..total).find(|&at| self.same_str(code.varnames[at], name));
        match place {
            Some(at) if found[at].is_unset() => {
                found[at] = value;
                Ok(())
            }
            Some(_) => {
                let (qualname, name) = (self.qualname_of(func), self.shown(name));
                Err(self.type_error(format!(
                    "{qualname}() got multiple values for argument '{name}'"
                )))
            }
            None => match extra {
                Some(dict) => self.dict_set(dict, name, value),
                None => Err(self.unexpected_keyword(func, code, name, kw)),
            },
        }
    }

    pub(crate) fn same_str(&self, a: Value, b: Value) -> bool {
        if a.is(b) {
            return true;
        }
        match (self.as_str(a), self.as_str(b)) {
            (Some(a), Some(b)) => a.bytes() == b.bytes(),
            _ => false,
        }
    }

    #[cold]
    fn unexpected_keyword(&mut self, func: Value, code: &Code, name: Value, kw: Kw<'_>) -> Raise {
        let qualname = self.qualname_of(func);
        let wrong: Vec<String> = code.varnames[..code.posonly as usize]
            .iter()
            .filter(|&&parameter| kw.iter().any(|&(name, _)| self.same_str(parameter, name)))
            .map(|&parameter| self.shown(parameter))
            .collect();
        if wrong.is_empty() {
            let name = self.shown(name);
            return self.type_error(format!(
                "{qualname}() got an unexpected keyword argument '{name}'"
            ));
        }
        self.type_error(format!(
            "{qualname}() got some positional-only arguments passed as keyword arguments: '{}'",
            wrong.join(", ")
        ))
    }

    #[cold]
    fn too_many_positional(
        &mut self,
        func: Value,
        code: &Code,
        given: usize,
        found: &[Value],
    ) -> Raise {
        let qualname = self.qualname_of(func);
        let positional = code.argcount as usize;
        let defaults = self.defaults_of(func).len();
        let kwonly = (positional..positional + code.kwonly as usize)
            .filter(|&at| !found[at].is_unset())
            .count();
        let (takes, plural) = if defaults > 0 {
            (
                format!(
                    "from {} to {positional}",
                    positional - defaults.min(positional)
                ),
                true,
            )
        } else {
            (positional.to_string(), positional != 1)
        };
        let extra = if kwonly > 0 {
            let s = |count: usize| if count == 1 { "" } else { "s" };
            format!(
                " positional argument{} (and {kwonly} keyword-only argument{})",
                s(given),
                s(kwonly)
            )
        } else {
            String::new()
        };
        let s = if plural { "s" } else { "" };
        let was = if given == 1 && kwonly == 0 {
            "was"
        } else {
            "were"
        };
        self.type_error(format!(
            "{qualname}() takes {takes} positional argument{s} but {given}{extra} {was} given"
        ))
    }

    fn defaults_of(&self, func: Value) -> &[Value] {
        let defaults = self
            .function(func)
            .map_or(Value::Unset, |function| function.defaults);
        self.as_tuple(defaults).unwrap_or(&[])
    }

    fn bind_defaults(
        &mut self,
        func: Value,
        code: &Code,
        found: &mut [Value],
        given: usize,
    ) -> R<()> {
        let positional = code.argcount as usize;
        let defaults = self.defaults_of(func).to_vec();
        let first = positional.saturating_sub(defaults.len());
        let missing: Vec<usize> = (given.min(first)..first)
            .filter(|&at| found[at].is_unset())
            .collect();
        if !missing.is_empty() {
            return Err(self.missing_arguments(func, code, &missing, "positional"));
        }
        let skip = defaults.len().saturating_sub(positional);
        for (at, value) in (first..positional).zip(defaults.into_iter().skip(skip)) {
            if found[at].is_unset() {
                found[at] = value;
            }
        }
        Ok(())
    }

    fn bind_keyword_defaults(&mut self, func: Value, code: &Code, found: &mut [Value]) -> R<()> {
        let positional = code.argcount as usize;
        let mut missing = Vec::new();
        let defaults = self
            .function(func)
            .map_or(Value::Unset, |function| function.kwdefaults);
        let total = positional + code.kwonly as usize;
        for (at, place) in found.iter_mut().enumerate().take(total).skip(positional) {
            if !place.is_unset() {
                continue;
            }
            match self.dict_get_str(defaults, code.varnames[at]) {
                Some(value) => *place = value,
                None => missing.push(at),
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        Err(self.missing_arguments(func, code, &missing, "keyword-only"))
    }

    #[cold]
    fn missing_arguments(
        &mut self,
        func: Value,
        code: &Code,
        missing: &[usize],
        kind: &str,
    ) -> Raise {
        let mut names = Vec::new();
        for &at in missing {
            let name = self.repr(code.varnames[at]).unwrap_or(Value::Unset);
            names.push(self.shown(name));
        }
        let list = match &names[..] {
            [one] => one.clone(),
            [one, two] => format!("{one} and {two}"),
            [most @ .., last] => format!("{}, and {last}", most.join(", ")),
            [] => String::new(),
        };
        let qualname = self.qualname_of(func);
        let (count, s) = (missing.len(), if missing.len() == 1 { "" } else { "s" });
        self.type_error(format!(
            "{qualname}() missing {count} required {kind} argument{s}: {list}"
        ))
    }

    /// Returns the name of a function in messages about its arguments: 3.9 says its plain name.
    fn qualname_of(&self, func: Value) -> String {
        self.code_of(func)
            .map_or(String::new(), |code| self.shown(code.name))
    }
}
