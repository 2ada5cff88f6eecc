//! Damaged files: does the machine load what it should and nothing else, and does what loads come
//! back from its bytes and from its text?
//!
//! Most files are only taken apart, by the machine and by the reference; one in so many of those
//! that load goes all the way: to bytes, to text and back, and through a run on both.

use super::{Worker, observe, triage};
use crate::case::{Case, CaseLimits};
use crate::compare::Verdict;
use crate::engine::{Ending, Engine, Observation};
use crate::engines::local::Local;
use crate::generate::sc::binary;
use crate::generate::sc::mutate::Base;
use crate::machine::Machine;
use crate::panics::{self, guarded};
use crate::reference;
use std::ops::Range;

/// Files that are made from one.
const LITTER: u64 = 256;
/// One in so many of the files that load is run.
const RUN: u64 = 32;

const ENTRY: &str = "main.sc";

/// Enough for a program to do something.
const LIMITS: CaseLimits = CaseLimits {
    fuel: Some(300),
    call_depth: None,
    output_bytes: Some(1 << 12),
    heap_bytes: Some(1 << 16),
};

/// The case that a file is.
pub fn case(bytes: &[u8]) -> Case {
    Case {
        limits: LIMITS,
        ..Case::single(Machine::Sc, ENTRY, bytes)
    }
}

/// Our machine, which is also to give back every file that it loads, byte for byte.
#[derive(Clone, Copy, Debug, Default)]
pub struct RoundTrip;

impl Engine for RoundTrip {
    fn name(&self) -> &str {
        "vm"
    }

    fn observe(&mut self, case: &Case) -> Observation {
        let bytes = &case.files[&case.entry];
        match round_trip(case.rooted_entry(), bytes) {
            Ok(()) => Local.observe(case),
            Err(why) => Observation::of(Ending::Garbled).with_detail(why),
        }
    }
}

/// What a file that loads does not come back from, if anything.
fn round_trip(name: &str, bytes: &[u8]) -> Result<(), String> {
    let Ok(file) = vm::sc::decode(name, bytes, false) else {
        return Ok(());
    };
    if vm::sc::encode(&file) != bytes {
        return Err("it is encoded as other bytes".to_owned());
    }
    let text = vm::sc::disassemble(name, bytes)
        .map_err(|wrong| format!("it loads, and has no text: {wrong:?}"))?;
    match vm::sc::assemble(name, &text) {
        Ok(again) if again == bytes => Ok(()),
        Ok(_) => Err(format!("its text assembles to other bytes:\n{text}")),
        Err(wrong) => Err(format!("its text does not assemble: {wrong:?}\n{text}")),
    }
}

/// Whether the machine takes a file as the reference does, and encodes it again as it is: whether
/// it loads.
fn quick(bytes: &[u8]) -> Result<bool, ()> {
    let expected = reference::sc::check(bytes).is_ok();
    match vm::sc::decode(ENTRY, bytes, false) {
        Ok(file) if expected && vm::sc::encode(&file) == bytes => Ok(true),
        Err(_) if !expected => Ok(false),
        Ok(_) | Err(_) => Err(()),
    }
}

/// Looks at one file, all the way if asked.
///
/// # Panics
/// If the machine and the reference disagree on it, or it does not come back.
pub fn check(bytes: &[u8], all_the_way: bool) {
    if !all_the_way && quick(bytes).is_ok() {
        return;
    }
    let case = case(bytes);
    let expected = reference::run(&case).observation;
    let found = RoundTrip.observe(&case);
    if let Verdict::Diverge(difference) = crate::compare::exactly(&expected, &found) {
        panic!("{difference:?}\nreference: {expected:?}\nmachine: {found:?}\n{bytes:02x?}");
    }
}

/// What a thread has at hand.
#[derive(Default)]
pub(super) struct Batch {
    /// The file that is being changed, and the number of the litter.
    base: Option<(u64, Base)>,
    bytes: Vec<u8>,
}

/// Damaged file `number` of a seed.
fn damaged(seed: u64, number: u64, litter: &mut Batch) {
    let which = number / LITTER;
    let known = litter.base.as_ref();
    if known.is_none_or(|(known, _)| *known != which) {
        litter.base = Some((which, Base::new(binary(seed ^ 0x5c, which))));
    }
    if let Some((_, base)) = &litter.base {
        let seed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed;
        base.mutant(seed, &mut litter.bytes);
    }
}

impl Worker<'_> {
    /// Looks at the damaged files of some turns; the turn it did not come to any more.
    pub(super) fn judge_files(&mut self, turns: &Range<u64>, litter: &mut Batch) -> u64 {
        let mut next = turns.start;
        while next < turns.end {
            // A panic leaves the file that it was about in the buffer.
            let result = guarded(|| {
                while next < turns.end {
                    next += 1;
                    self.judge_file(next - 1, litter);
                }
            });
            if result.is_err() {
                let bytes = std::mem::take(&mut litter.bytes);
                self.all_the_way(next - 1, &bytes);
            }
        }
        self.counts.programs += turns.end - turns.start;
        turns.end
    }

    fn judge_file(&mut self, turn: u64, litter: &mut Batch) {
        let options = self.campaign.options;
        damaged(options.seed, options.shard.number(turn), litter);
        match quick(&litter.bytes) {
            Ok(false) => {}
            Ok(true) => {
                self.counts.loaded += 1;
                if self.counts.loaded.is_multiple_of(RUN) {
                    self.all_the_way(turn, &litter.bytes);
                }
            }
            Err(()) => self.all_the_way(turn, &litter.bytes),
        }
    }

    fn all_the_way(&mut self, turn: u64, bytes: &[u8]) {
        let case = case(bytes);
        let read = panics::read(&case);
        self.counts.program(&[], &read.observation, read.steps);
        let found = observe(&mut RoundTrip, &case);
        if let Verdict::Diverge(_) = crate::compare::exactly(&read.observation, &found) {
            let mut finding = triage::plain(RoundTrip.name(), &case, &read.observation, found);
            self.met(&mut finding, turn);
            self.findings.push(finding);
            self.counts.disagreements += 1;
        }
    }
}
