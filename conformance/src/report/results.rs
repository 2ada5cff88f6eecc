//! All results of one invocation of `mmm`, which the JSON, JUnit and HTML reports show.

use crate::campaign::{Finding, Summary};
use crate::conform::{EngineName, Report};
use crate::machine::Machine;
use std::time::SystemTime;

/// Returns the text form of a binary file with this name, if it has one.
pub type Listing = fn(&str, &[u8]) -> Option<String>;

/// All results of one invocation.
#[derive(Clone, Debug)]
pub struct Results {
    /// The command line.
    pub command: String,
    /// When it started.
    pub started_at: SystemTime,
    /// The runs of the corpus.
    pub conformance: Vec<Conformance>,
    /// The campaigns.
    pub campaigns: Vec<Campaign>,
    /// Makes the text form of binary programs.
    pub listing: Listing,
}

/// A run of the corpus.
#[derive(Clone, Debug)]
pub struct Conformance {
    /// Its report.
    pub report: Report,
    /// The command that runs a case again, without the case's name at its end.
    pub rerun: String,
}

/// A campaign.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// The machine whose programs were generated.
    pub machine: Machine,
    /// The seed of the programs.
    pub seed: u64,
    /// The engines that were compared with the oracle.
    pub engine: EngineName,
    /// The command that runs the same programs again.
    pub rerun: String,
    /// Its summary.
    pub summary: Summary,
}

impl Results {
    /// Returns the results of an invocation that starts now and has none yet.
    pub fn new(command: String) -> Results {
        Results {
            command,
            started_at: SystemTime::now(),
            conformance: Vec::new(),
            campaigns: Vec::new(),
            listing: |_, _| None,
        }
    }

    /// Returns the engines that ran the corpus, each once.
    pub(super) fn engines(&self) -> Vec<&str> {
        let mut engines: Vec<&str> = Vec::new();
        for run in &self.conformance {
            let engine = run.report.engine.short();
            if !engines.contains(&engine) {
                engines.push(engine);
            }
        }
        engines
    }

    /// Returns when the invocation started, in UTC: `2026-11-21T08:20:05`.
    pub fn timestamp(&self) -> String {
        let since = self.started_at.duration_since(SystemTime::UNIX_EPOCH);
        let seconds = since.map_or(0, |since| since.as_secs());
        let (days, rest) = (seconds / 86_400, seconds % 86_400);
        let (year, month, day) = date(days);
        let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    }

    /// Returns true if no case failed and each campaign ran programs without a disagreement.
    pub fn passes(&self) -> bool {
        self.conformance.iter().all(|run| run.report.passes())
            && self
                .campaigns
                .iter()
                .all(|campaign| campaign.summary.passes())
    }
}

/// Returns year, month and day of a number of days after 1970-01-01.
fn date(mut days: u64) -> (u64, u64, u64) {
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    // The calendar repeats itself every 400 years.
    year += days / 146_097 * 400;
    days %= 146_097;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in months {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

/// Returns the name of a finding: `mmm-7-1234`.
pub(super) fn finding_name(finding: &Finding) -> &str {
    finding.case.name.rsplit('/').next().unwrap_or("finding")
}

#[cfg(test)]
mod tests {
    use super::{Results, date};
    use std::time::{Duration, SystemTime};

    #[test]
    fn days_are_dates() {
        assert_eq!(date(0), (1970, 1, 1));
        assert_eq!(date(59), (1970, 3, 1));
        assert_eq!(date(10_957), (2000, 1, 1));
        assert_eq!(date(11_016), (2000, 2, 29));
        assert_eq!(date(20_454), (2026, 1, 1));
        let results = Results {
            started_at: SystemTime::UNIX_EPOCH + Duration::from_secs(951_827_696),
            ..Results::new(String::new())
        };
        assert_eq!(results.timestamp(), "2000-02-29T12:34:56");
    }
}
