//! Texts by number: identifiers and string constants are compared and hashed as one `u32`.

/// A text of [`Names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Sym(pub(crate) u32);

/// Declares the texts that the compiler itself uses; their numbers are constants.
macro_rules! known {
    ($($name:ident = $text:expr,)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Known { $($name,)* }
        const KNOWN: &[&str] = &[$($text,)*];
        impl Sym { $(pub(crate) const $name: Sym = Sym(Known::$name as u32);)* }
    };
}

known! {
    EMPTY = "",
    MODULE = "<module>",
    LAMBDA = "<lambda>",
    GENEXPR = "<genexpr>",
    LISTCOMP = "<listcomp>",
    SETCOMP = "<setcomp>",
    DICTCOMP = "<dictcomp>",
    DOT_ZERO = ".0",
    STAR = "*",
    DOC = "__doc__",
    NAME = "__name__",
    MODULE_NAME = "__module__",
    QUALNAME = "__qualname__",
    CLASS = "__class__",
    CLASSCELL = "__classcell__",
    ANNOTATIONS = "__annotations__",
    DEBUG = "__debug__",
    FUTURE = "__future__",
    SUPER = "super",
    RETURN = "return",
}

impl Sym {
    /// Whether it is the name that CPython gives a scope which has none in the source.
    pub(crate) fn is_scope_name(self) -> bool {
        matches!(
            self,
            Sym::LAMBDA | Sym::GENEXPR | Sym::LISTCOMP | Sym::SETCOMP | Sym::DICTCOMP
        )
    }
}

/// The texts of one compilation. Each is bytes: UTF-8 in which surrogates may occur, as in
/// [`Str`](crate::upstream::Str).
pub(crate) struct Names {
    slots: Vec<u32>,
    spans: Vec<(u32, u32)>,
    hashes: Vec<u32>,
    bytes: Vec<u8>,
    /// Which texts are identifiers of the source.
    identifiers: Vec<bool>,
    /// Whether an identifier is not ASCII.
    beyond_ascii: bool,
}

const FREE: u32 = u32::MAX;

fn hash(text: &[u8]) -> u32 {
    const FACTOR: u64 = 0x517c_c1b7_2722_0a95;
    let (words, rest) = text.as_chunks::<8>();
    let mut sum = text.len() as u64;
    for word in words {
        sum = (sum.rotate_left(5) ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR);
    }
    let last = rest
        .iter()
        .fold(0, |last, &byte| last << 8 | u64::from(byte));
    sum = (sum.rotate_left(5) ^ last).wrapping_mul(FACTOR);
    (sum >> 32) as u32
}

impl Names {
    pub(crate) fn new() -> Names {
        let mut names = Names {
            slots: vec![FREE; 1024],
            spans: Vec::with_capacity(512),
            hashes: Vec::with_capacity(512),
            bytes: Vec::with_capacity(1 << 13),
            identifiers: Vec::with_capacity(512),
            beyond_ascii: false,
        };
        for text in KNOWN {
            names.intern(text.as_bytes());
        }
        names
    }

    /// Returns the number of a text, a new one if it is new.
    pub(crate) fn intern(&mut self, text: &[u8]) -> Sym {
        let hash = hash(text);
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            match self.slots[at] {
                FREE => break,
                found if self.hashes[found as usize] == hash && self.get(Sym(found)) == text => {
                    return Sym(found);
                }
                _ => at = (at + 1) & mask,
            }
        }
        let sym = self.spans.len() as u32;
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(text);
        self.spans.push((start, self.bytes.len() as u32));
        self.hashes.push(hash);
        self.slots[at] = sym;
        if self.spans.len() * 2 > self.slots.len() {
            self.grow();
        }
        Sym(sym)
    }

    fn grow(&mut self) {
        let mask = self.slots.len() * 2 - 1;
        self.slots = vec![FREE; mask + 1];
        for (sym, &hash) in self.hashes.iter().enumerate() {
            let mut at = hash as usize & mask;
            while self.slots[at] != FREE {
                at = (at + 1) & mask;
            }
            self.slots[at] = sym as u32;
        }
    }

    /// Returns the text of a number.
    pub(crate) fn get(&self, sym: Sym) -> &[u8] {
        let (start, end) = self.spans[sym.0 as usize];
        &self.bytes[start as usize..end as usize]
    }

    /// Returns the text for a message.
    pub(crate) fn show(&self, sym: Sym) -> String {
        String::from_utf8_lossy(self.get(sym)).into_owned()
    }

    /// Returns the number of an identifier of the source, or of a dotted name.
    pub(crate) fn identifier(&mut self, text: &[u8]) -> Sym {
        let sym = self.intern(text);
        let at = sym.0 as usize;
        self.beyond_ascii |= !text.is_ascii();
        if at >= self.identifiers.len() {
            self.identifiers.resize(self.spans.len() + 256, false);
        }
        self.identifiers[at] = true;
        sym
    }

    /// Whether an identifier is not ASCII.
    pub(crate) fn is_beyond_ascii(&self) -> bool {
        self.beyond_ascii
    }

    /// Whether a text is an identifier of the source.
    pub(crate) fn is_identifier(&self, sym: Sym) -> bool {
        self.identifiers.get(sym.0 as usize).is_some_and(|&is| is)
    }

    /// Returns how many texts there are.
    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// Returns the name that a private name has within a class: `_Class__name` for `__name`.
    pub(crate) fn mangle(&mut self, class: Option<Sym>, name: Sym) -> Sym {
        let Some(class) = class else { return name };
        let text = self.get(name);
        if !text.starts_with(b"__") || text.ends_with(b"__") || text.contains(&b'.') {
            return name;
        }
        let class = self.get(class);
        let stripped = class.iter().position(|&byte| byte != b'_');
        let Some(start) = stripped else { return name };
        let mangled = [b"_", &class[start..], text].concat();
        self.intern(&mangled)
    }
}

/// Hashes small keys, fast.
#[derive(Clone, Copy, Default)]
pub(crate) struct FastHasher(u64);

impl std::hash::Hasher for FastHasher {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }

    fn write(&mut self, bytes: &[u8]) {
        self.write_u64(u64::from(hash(bytes)));
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(value.into());
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(value.into());
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }
}

/// A map with [`FastHasher`].
pub(crate) type FastMap<K, V> =
    std::collections::HashMap<K, V, std::hash::BuildHasherDefault<FastHasher>>;
/// A set with [`FastHasher`].
pub(crate) type FastSet<K> =
    std::collections::HashSet<K, std::hash::BuildHasherDefault<FastHasher>>;
