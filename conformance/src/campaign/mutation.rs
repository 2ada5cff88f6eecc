//! Damaged binary files: does the machine load exactly the files that it should, and does a file
//! that loads come back unchanged from its bytes and from its text?
//!
//! Most files are only decoded, by the machine and by the reference. One in `RUN_EVERY` of those
//! that load is checked fully: encoded, disassembled and assembled again, and run on both.

use crate::case::{Case, CaseLimits};
use crate::compare::{Verdict, exactly};
use crate::engine::{Ending, Engine, Observation, StartError};
use crate::engines::local::Local;
use crate::generate::sc::binary;
use crate::generate::sc::mutate::Base;
use crate::machine::Machine;
use crate::reference;

/// The number of damaged files that are made from one file.
const FILES_PER_BASE: u64 = 256;
/// One file in this many of those that load is checked fully.
pub(super) const RUN_EVERY: u64 = 32;

const ENTRY: &str = "main.sc";

/// The limits of a damaged file: enough for a program to do something.
pub(super) const LIMITS: CaseLimits = CaseLimits {
    fuel: Some(300),
    call_depth: None,
    output_bytes: Some(1 << 12),
    heap_bytes: Some(1 << 16),
};

/// Returns a file as a case.
pub(super) fn case(bytes: &[u8]) -> Case {
    Case {
        limits: LIMITS,
        ..Case::single(Machine::Sc, ENTRY, bytes)
    }
}

/// Our machine, which also has to give back every file that it loads byte for byte.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RoundTrip;

impl Engine for RoundTrip {
    fn name(&self) -> &str {
        "vm"
    }

    fn run(&mut self, case: &Case) -> Result<Observation, StartError> {
        Ok(self.observe(case))
    }
}

impl RoundTrip {
    fn observe(self, case: &Case) -> Observation {
        let bytes = &case.files[&case.entry];
        match round_trip(case.rooted_entry(), bytes) {
            Ok(()) => Local.observe(case),
            Err(why) => Observation::of(Ending::Garbled).with_detail(why),
        }
    }
}

/// Checks that a file that loads is encoded as the same bytes, and that its text assembles to them.
fn round_trip(name: &str, bytes: &[u8]) -> Result<(), String> {
    let Ok(file) = vm::sc::decode(name, bytes, false) else {
        return Ok(());
    };
    if vm::sc::encode(&file) != bytes {
        return Err("it is encoded as other bytes".to_owned());
    }
    let text = vm::sc::disassemble(name, bytes)
        .map_err(|error| format!("it loads, but cannot be disassembled: {error:?}"))?;
    match vm::sc::assemble(name, &text) {
        Ok(again) if again == bytes => Ok(()),
        Ok(_) => Err(format!("its text assembles to other bytes:\n{text}")),
        Err(error) => Err(format!("its text does not assemble: {error:?}\n{text}")),
    }
}

/// Returns whether a file loads, or an error if the machine and the reference disagree about that
/// or the machine encodes it as other bytes.
pub(super) fn quick_check(bytes: &[u8]) -> Result<bool, ()> {
    let expected = reference::sc::check(bytes).is_ok();
    match vm::sc::decode(ENTRY, bytes, false) {
        Ok(file) if expected && vm::sc::encode(&file) == bytes => Ok(true),
        Err(_) if !expected => Ok(false),
        Ok(_) | Err(_) => Err(()),
    }
}

/// Checks one file, fully if `fully` is true. For the fuzz targets and the project's own tests.
///
/// # Panics
/// If the machine and the reference disagree on it, or if it does not come back unchanged.
#[doc(hidden)]
pub fn check(bytes: &[u8], fully: bool) {
    if !fully && quick_check(bytes).is_ok() {
        return;
    }
    let case = case(bytes);
    let expected = reference::run(&case).observation;
    let found = RoundTrip.observe(&case);
    if let Verdict::Diverge(difference) = exactly(&expected, &found) {
        panic!("{difference:?}\nreference: {expected:?}\nmachine: {found:?}\n{bytes:02x?}");
    }
}

/// Makes the damaged files of a campaign.
#[derive(Default)]
pub(super) struct Batch {
    /// The file that is being damaged, and the number of its batch.
    base: Option<(u64, Base)>,
    /// The damaged file.
    pub(super) bytes: Vec<u8>,
}

impl Batch {
    /// Makes damaged file `number` of a seed, in [`Batch::bytes`].
    pub(super) fn make(&mut self, seed: u64, number: u64) {
        let which = number / FILES_PER_BASE;
        if self.base.as_ref().is_none_or(|(known, _)| *known != which) {
            self.base = Some((which, Base::new(binary(seed ^ 0x5c, which))));
        }
        if let Some((_, base)) = &self.base {
            let seed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed;
            base.mutant(seed, &mut self.bytes);
        }
    }
}
