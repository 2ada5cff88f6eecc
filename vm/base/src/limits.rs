//! The limits of a run.

/// How much a program may use before it is stopped.
///
/// All machines share this type; a machine ignores a field that does not apply to it. A limit that
/// is reached ends a run as [`Ending::Limited`](crate::Ending::Limited).
///
/// ```
/// use vm_base::Limits;
/// let limits = Limits { fuel: Some(1_000), ..Limits::default() };
/// assert_eq!(limits.call_depth, 100_000);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many instructions may be executed, in the machine's unit of fuel; `None` means no limit.
    pub fuel: Option<u64>,
    /// How deep calls may nest; the first function is at depth 1.
    pub call_depth: u64,
    /// How many bytes may be printed; `None` means no limit.
    pub output_bytes: Option<u64>,
    /// How many bytes values and frames may take.
    pub heap_bytes: u64,
    /// How many bytes of source may be read, all files together.
    pub source_bytes: u64,
    /// How many files may be read.
    pub files: u64,
}

impl Default for Limits {
    /// Returns limits for a trusted program: it may run and print forever, but not exhaust memory.
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
    /// The largest limit on source bytes: offsets in a source are 32 bits wide.
    pub const MAX_SOURCE_BYTES: u64 = (1 << 32) - (1 << 20);

    /// How many bytes the values in a trace may take; a trace that would take more ends early.
    pub const MAX_TRACE_BYTES: u64 = 64 << 20;

    /// Returns limits for an untrusted program, which ends within seconds.
    pub fn untrusted() -> Limits {
        Limits {
            fuel: Some(100_000_000),
            output_bytes: Some(4 << 20),
            heap_bytes: 256 << 20,
            ..Limits::default()
        }
    }

    /// Returns the limit on source bytes, which is never more than [`Limits::MAX_SOURCE_BYTES`].
    pub fn source_bytes(&self) -> u64 {
        self.source_bytes.min(Limits::MAX_SOURCE_BYTES)
    }
}

/// The limit that ended a run.
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
    /// All limits.
    pub const ALL: [Limit; 4] = [
        Limit::OutOfFuel,
        Limit::CallDepth,
        Limit::OutputLimit,
        Limit::MemoryLimit,
    ];

    /// Returns the code, a short name that never changes.
    pub fn code(self) -> &'static str {
        match self {
            Limit::OutOfFuel => "out-of-fuel",
            Limit::CallDepth => "call-depth",
            Limit::OutputLimit => "output-limit",
            Limit::MemoryLimit => "memory-limit",
        }
    }
}

/// A counter of an amount that a run may use up.
#[derive(Clone, Debug)]
pub struct Meter {
    left: Option<u64>,
}

impl Meter {
    /// Returns a meter with this amount left; `None` means no limit.
    pub fn new(left: Option<u64>) -> Meter {
        Meter { left }
    }

    /// Takes `amount` and returns true, or returns false and takes nothing if less is left.
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

    /// Returns the amount that is left; `None` if there is no limit.
    pub fn left(&self) -> Option<u64> {
        self.left
    }
}
