//! All that one call of `mmm` came to: what the reports for machines and browsers are made of.

use crate::campaign::{self, Summary};
use crate::conform;
use crate::machine::Machine;
use std::time::SystemTime;

/// The text form of a binary file of that name, if it has one.
pub type Listing = fn(&str, &[u8]) -> Option<String>;

/// Runs of the corpus and campaigns, and when they were.
#[derive(Clone, Debug)]
pub struct Results {
    /// The command line that was typed.
    pub command: String,
    /// When it began.
    pub when: SystemTime,
    /// Runs of the corpus.
    pub conformance: Vec<Conformance>,
    /// Campaigns.
    pub campaigns: Vec<Campaign>,
    /// How binary programs are shown.
    pub listing: Listing,
}

/// A run of the corpus.
#[derive(Clone, Debug)]
pub struct Conformance {
    /// What it came to.
    pub report: conform::Report,
    /// The command that runs a case again, up to the case's name.
    pub again: String,
}

/// A campaign.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// The machine whose programs were generated.
    pub machine: Machine,
    /// Where they came from.
    pub seed: u64,
    /// Who was compared with the reference.
    pub engine: conform::EngineName,
    /// The command that runs the same programs again.
    pub again: String,
    /// What it came to.
    pub summary: Summary,
}

impl Results {
    /// Nothing yet.
    pub fn new(command: String) -> Results {
        Results {
            command,
            when: SystemTime::now(),
            conformance: Vec::new(),
            campaigns: Vec::new(),
            listing: |_, _| None,
        }
    }

    /// The engines that were judged by the corpus, each once.
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

    /// When it began, in UTC, as `2026-11-21T08:20:05`.
    pub fn timestamp(&self) -> String {
        let since = self.when.duration_since(SystemTime::UNIX_EPOCH);
        let seconds = since.map_or(0, |since| since.as_secs());
        let (days, rest) = (seconds / 86_400, seconds % 86_400);
        let (year, month, day) = date(days);
        let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    }

    /// Whether anything failed or was found.
    pub fn passes(&self) -> bool {
        self.conformance.iter().all(|run| run.report.passes())
            && self
                .campaigns
                .iter()
                .all(|campaign| campaign.summary.disagreements == 0)
    }
}

/// Year, month and day of a number of days after 1970-01-01.
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

/// A disagreement of a campaign under a name: `mmm-8-1-returned`, or so.
pub(super) fn finding_name(finding: &campaign::Finding) -> &str {
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
        let when = SystemTime::UNIX_EPOCH + Duration::from_secs(951_827_696);
        let whole = Results {
            when,
            ..Results::new(String::new())
        };
        assert_eq!(whole.timestamp(), "2000-02-29T12:34:56");
    }
}
