//! What a program may use up.

/// How much a program may use before it is stopped. Every machine has the same set; a field that
/// means nothing to a machine is ignored there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Instructions that may execute; `None` is no limit.
    pub fuel: Option<u64>,
    /// How deep calls may nest; the first function is at depth 1.
    pub call_depth: u64,
    /// Bytes that may be printed; `None` is no limit.
    pub output_bytes: Option<u64>,
    /// Bytes that values and frames may take.
    pub heap_bytes: u64,
    /// Bytes of source that may be read, all files together.
    pub source_bytes: u64,
    /// Files that may be read.
    pub files: u64,
}

impl Default for Limits {
    /// Limits for a person's own program: it may run and print for ever, but not eat the machine.
    fn default() -> Limits {
        Limits {
            fuel: None,
            call_depth: 100_000,
            output_bytes: None,
            heap_bytes: 1 << 30,
            source_bytes: 256 << 20,
            files: 10_000,
        }
    }
}

impl Limits {
    /// The most that [`Limits::source_bytes`] may be: offsets are 32 bits wide.
    pub const MAX_SOURCE_BYTES: u64 = (1 << 32) - (1 << 20);

    /// Limits for a stranger's program: one that computes with numbers ends within seconds. Fuel
    /// does not measure the length of texts; less heap bounds what is done to them.
    pub fn untrusted() -> Limits {
        Limits {
            fuel: Some(100_000_000),
            output_bytes: Some(4 << 20),
            heap_bytes: 256 << 20,
            ..Limits::default()
        }
    }

    /// The limit on source bytes that holds.
    pub fn source_bytes(&self) -> u64 {
        self.source_bytes.min(Limits::MAX_SOURCE_BYTES)
    }
}

/// Which limit ended a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Limit {
    /// An instruction needed more fuel than was left.
    OutOfFuel,
    /// A call would have gone too deep.
    CallDepth,
    /// A print would have written too much.
    OutputLimit,
    /// Values and frames would have taken too many bytes.
    MemoryLimit,
}

impl Limit {
    /// All of them.
    pub const ALL: [Limit; 4] = [
        Limit::OutOfFuel,
        Limit::CallDepth,
        Limit::OutputLimit,
        Limit::MemoryLimit,
    ];

    /// The code that observations carry.
    pub fn code(self) -> &'static str {
        match self {
            Limit::OutOfFuel => "out-of-fuel",
            Limit::CallDepth => "call-depth",
            Limit::OutputLimit => "output-limit",
            Limit::MemoryLimit => "memory-limit",
        }
    }
}

/// Something that is used up, by bytes.
#[derive(Clone, Debug)]
pub struct Meter {
    left: Option<u64>,
}

impl Meter {
    /// A meter that lets `most` pass; `None` lets everything pass.
    pub fn new(most: Option<u64>) -> Meter {
        Meter { left: most }
    }

    /// Takes `amount`, or takes nothing and says no.
    pub fn take(&mut self, amount: u64) -> bool {
        match &mut self.left {
            None => true,
            Some(left) => match left.checked_sub(amount) {
                None => false,
                Some(rest) => {
                    *left = rest;
                    true
                }
            },
        }
    }

    /// How much it still lets pass, unless that is everything.
    pub fn left(&self) -> Option<u64> {
        self.left
    }
}
