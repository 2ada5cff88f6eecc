//! How far a campaign was over time.

use std::time::Duration;

/// The maximal number of samples of a curve; beyond it, every other sample is dropped.
const MAX_SAMPLES: usize = 200;

/// How far a campaign was at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// The time since the start.
    pub elapsed: Duration,
    /// The number of programs that were run.
    pub programs: u64,
    /// The number of clauses that the sampled programs showed.
    pub clauses: u64,
    /// The number of distinct findings.
    pub findings: u64,
}

/// How far a campaign was over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Curve {
    samples: Vec<Sample>,
    /// The number of offered samples that are skipped after each one that is kept.
    pause: u32,
    /// How many were skipped since the last one that was kept.
    skipped: u32,
}

impl Curve {
    /// Returns the curve of these samples.
    pub(super) fn from_samples(samples: Vec<Sample>) -> Curve {
        Curve {
            samples,
            ..Curve::default()
        }
    }

    /// Offers a sample; the longer the curve is, the fewer of them are kept.
    pub(super) fn offer(&mut self, sample: Sample) {
        match self.skipped < self.pause {
            true => self.skipped += 1,
            false => self.push(sample),
        }
    }

    /// Appends a sample.
    fn push(&mut self, sample: Sample) {
        self.skipped = 0;
        if self.samples.len() >= MAX_SAMPLES {
            let mut kept = false;
            self.samples.retain(|_| {
                kept = !kept;
                kept
            });
            self.pause = self.pause.saturating_mul(2).saturating_add(1);
        }
        if self
            .samples
            .last()
            .is_some_and(|last| last.elapsed >= sample.elapsed)
        {
            self.samples.pop();
        }
        self.samples.push(sample);
    }

    /// Returns the samples in the order of time.
    pub(super) fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// Returns the curve of several campaigns that ran at the same time: at each moment the sum of
    /// programs and findings, and the maximum of clauses, because two campaigns may have reached
    /// the same clause.
    pub(super) fn sum(curves: &[&Curve]) -> Curve {
        let mut moments: Vec<Duration> = curves
            .iter()
            .flat_map(|curve| curve.samples.iter().map(|sample| sample.elapsed))
            .collect();
        moments.sort();
        moments.dedup();
        let mut sum = Curve::default();
        for elapsed in moments {
            let mut at = Sample {
                elapsed,
                ..Sample::default()
            };
            for curve in curves {
                let before = curve
                    .samples
                    .partition_point(|sample| sample.elapsed <= elapsed);
                let Some(sample) = before.checked_sub(1).map(|last| &curve.samples[last]) else {
                    continue;
                };
                at.programs += sample.programs;
                at.findings += sample.findings;
                at.clauses = at.clauses.max(sample.clauses);
            }
            sum.push(at);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::{Curve, MAX_SAMPLES, Sample};
    use std::time::Duration;

    fn sample(seconds: u64, programs: u64) -> Sample {
        Sample {
            elapsed: Duration::from_secs(seconds),
            programs,
            ..Sample::default()
        }
    }

    #[test]
    fn a_long_curve_is_thinned_evenly() {
        let mut curve = Curve::default();
        for second in 0..10_000 {
            curve.offer(sample(second, second));
        }
        let samples = curve.samples();
        assert!((MAX_SAMPLES / 2..=MAX_SAMPLES).contains(&samples.len()));
        assert_eq!(samples[0].programs, 0);
        let gaps: Vec<u64> = samples
            .windows(2)
            .map(|pair| pair[1].programs - pair[0].programs)
            .collect();
        let (min, max) = (gaps.iter().min(), gaps.iter().max());
        assert!(max <= min.map(|min| min * 2).as_ref(), "{gaps:?}");
    }

    #[test]
    fn curves_of_shards_add_up() {
        let one = Curve::from_samples(vec![sample(0, 0), sample(2, 20)]);
        let two = Curve::from_samples(vec![sample(1, 5), sample(3, 15)]);
        let sum = Curve::sum(&[&one, &two]);
        let programs: Vec<u64> = sum.samples().iter().map(|sample| sample.programs).collect();
        assert_eq!(programs, [0, 5, 25, 35]);
    }
}
