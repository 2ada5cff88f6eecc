//! Runs the programs of a campaign, on one thread.

use super::clock::Clock;
use super::contender::Contender;
use super::counts::Counts;
use super::finding::Finding;
use super::mutation::{self, Batch, RoundTrip};
use super::naming::named;
use super::options::Options;
use super::oracle::{Runs, run_all};
use super::triage;
use crate::case::Case;
use crate::compare::Verdict;
use crate::engine::{Engine, Expectation, Judgement, Observation};
use crate::generate::{Entropy, Generated, Generator};
use crate::panics::{self, guarded};
use std::ops::Range;

/// The clauses are recorded for each of the first programs, this many.
const ALL_SAMPLED: u64 = 2048;

/// Runs programs and collects their counts and findings.
pub(super) struct Worker<'a> {
    options: &'a Options,
    generator: &'static Generator,
    clock: &'a Clock<'a>,
    contenders: Vec<Contender>,
    batch: Batch,
    /// The counts of the current turns.
    pub(super) counts: Counts,
    /// The findings of the current turns.
    pub(super) findings: Vec<Finding>,
}

impl<'a> Worker<'a> {
    /// Returns a worker with engines of its own.
    pub(super) fn new(
        options: &'a Options,
        generator: &'static Generator,
        clock: &'a Clock<'a>,
        contenders: Vec<Contender>,
    ) -> Worker<'a> {
        Worker {
            options,
            generator,
            clock,
            contenders,
            batch: Batch::default(),
            counts: Counts::new((generator.words)().len()),
            findings: Vec::new(),
        }
    }

    /// Runs the programs of some turns. Returns the first turn that was not run.
    pub(super) fn run(&mut self, turns: &Range<u64>) -> u64 {
        match self.options.mutated {
            true => self.run_files(turns),
            false => self.run_programs(turns),
        }
    }

    fn run_programs(&mut self, turns: &Range<u64>) -> u64 {
        let (options, generator) = (self.options, self.generator);
        for turn in turns.clone() {
            if turn > turns.start && self.clock.is_over() {
                return turn;
            }
            let number = options.shard.number(turn);
            let entropy = Entropy::seeded(options.seed, number);
            let generated = (generator.generate)(entropy, options.aim);
            let is_unportable = |word| generator.unportable.contains(word);
            if options.portable && generated.words.iter().any(is_unportable) {
                self.counts.not_portable += 1;
            } else if !self.run_program(turn, &generated) {
                return turn;
            }
        }
        turns.end
    }

    /// Runs one program on all engines. Returns false if an engine may have been interrupted, so
    /// that the results do not count.
    fn run_program(&mut self, turn: u64, generated: &Generated) -> bool {
        let every = self.options.clause_sampling;
        let sampled = every > 0 && (turn < ALL_SAMPLED || turn.is_multiple_of(every));
        let case = &generated.case;
        let Runs {
            oracle,
            clauses,
            engines,
        } = run_all(case, &mut self.contenders, sampled);
        let all_agree = engines.iter().all(|run| run.verdict == Verdict::Agree);
        if !all_agree && self.clock.is_cut_short() {
            return false;
        }
        let finding = match all_agree {
            true => None,
            false => triage::finding(case, &oracle.observation, &mut self.contenders, &engines),
        };
        if finding.is_some() && self.clock.is_cut_short() {
            return false;
        }
        self.counts.programs += 1;
        self.counts
            .add_program(&generated.words, &oracle.observation, oracle.steps);
        if sampled {
            self.counts.sampled += 1;
            for hit in &clauses {
                self.counts.add_clause(hit.clause, hit.evidence);
            }
        }
        let is_inconclusive = |run: &&Judgement| matches!(run.verdict, Verdict::Inconclusive(_));
        self.counts.inconclusive += engines.iter().filter(is_inconclusive).count() as u64;
        let unintended = unintended_ending(generated, &oracle.observation);
        let disagrees = finding.is_some() || unintended.is_some();
        self.counts.disagreements += u64::from(disagrees);
        for finding in finding.into_iter().chain(unintended) {
            self.add_finding(turn, finding);
        }
        true
    }

    /// Checks the damaged files of some turns. Returns the first turn that was not run.
    fn run_files(&mut self, turns: &Range<u64>) -> u64 {
        let mut next = turns.start;
        while next < turns.end {
            // After a panic, the batch still holds the file that caused it.
            let result = guarded(|| {
                while next < turns.end {
                    next += 1;
                    self.run_file(next - 1);
                }
            });
            if result.is_err() {
                self.check_file_fully(next - 1);
            }
        }
        self.counts.programs += turns.end - turns.start;
        turns.end
    }

    fn run_file(&mut self, turn: u64) {
        let number = self.options.shard.number(turn);
        self.batch.make(self.options.seed, number);
        match mutation::quick_check(&self.batch.bytes) {
            Ok(false) => {}
            Ok(true) => {
                self.counts.loaded += 1;
                if self.counts.loaded.is_multiple_of(mutation::RUN_EVERY) {
                    self.check_file_fully(turn);
                }
            }
            Err(()) => self.check_file_fully(turn),
        }
    }

    fn check_file_fully(&mut self, turn: u64) {
        let case = mutation::case(&self.batch.bytes);
        let expected = panics::read(&case);
        self.counts
            .add_program(&[], &expected.observation, expected.steps);
        let expectation = Expectation::Computed(&expected.observation);
        let run = panics::judge(&mut RoundTrip, &case, expectation);
        if let (Verdict::Diverge(difference), Some(found)) = (run.verdict, run.observation) {
            let finding = triage::unlocated(
                RoundTrip.name(),
                &case,
                &expected.observation,
                found,
                difference,
            );
            self.counts.disagreements += 1;
            self.add_finding(turn, finding);
        }
    }

    /// Adds a finding, with the time and the program's number.
    fn add_finding(&mut self, turn: u64, mut finding: Finding) {
        finding.number = self.options.shard.number(turn);
        finding.programs = turn + 1;
        finding.elapsed = self.clock.elapsed();
        let empty = Case::single(self.options.machine, "", "");
        let case = std::mem::replace(&mut finding.case, empty);
        finding.case = named(self.options.seed, finding.number, case);
        self.findings.push(finding);
    }
}

/// Returns a finding if a program did not end as the generator intended.
fn unintended_ending(generated: &Generated, expected: &Observation) -> Option<Finding> {
    // An engine that is the oracle may have bugs of its own.
    if !generated.case.machine.has_reference() {
        return None;
    }
    let intended = generated.expected?;
    let as_intended =
        (intended.ending, intended.fault) == (expected.ending, expected.fault.as_deref());
    (!as_intended).then(|| triage::unintended_ending(&generated.case, intended, expected))
}
