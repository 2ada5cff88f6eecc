//! What has to be the same for two campaigns to be parts of one.

use super::error::Error;
use super::options::Options;
use crate::generate::{Entropy, generator};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What has to be the same for two campaigns to be parts of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Settings {
    /// The version of this program.
    pub version: String,
    /// A hash of the first generated programs, because two builds of one version can differ.
    pub generator: String,
    /// The name of the machine.
    pub machine: String,
    /// The seed.
    pub seed: u64,
    /// The ending that the programs aim at; `None` for any.
    pub aim: Option<String>,
    /// True if damaged files were run.
    pub mutated: bool,
    /// True if programs whose output is not portable were skipped.
    pub portable: bool,
    /// The flags that name the engines.
    pub engines: Vec<String>,
    /// The flags that name each engine to other commands.
    pub engine_flags: BTreeMap<String, String>,
}

impl Settings {
    /// Returns the settings of a campaign with these options.
    pub fn of(options: &Options) -> Settings {
        Settings {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            generator: fingerprint(options),
            machine: options.machine.name().to_owned(),
            seed: options.seed,
            aim: options.aim.name().map(str::to_owned),
            mutated: options.mutated,
            portable: options.portable,
            engines: options.flags.clone(),
            engine_flags: options.engine_flags.clone(),
        }
    }

    /// Returns the first setting that differs, with both of its values.
    pub fn difference(&self, other: &Settings) -> Option<(&'static str, String, String)> {
        let aim = |settings: &Settings| settings.aim.clone().unwrap_or_else(|| "any".to_owned());
        let engines = |settings: &Settings| match settings.engines.is_empty() {
            true => "our own".to_owned(),
            false => settings.engines.join(" "),
        };
        let rows = [
            ("machine", self.machine.clone(), other.machine.clone()),
            ("seed", self.seed.to_string(), other.seed.to_string()),
            ("version", self.version.clone(), other.version.clone()),
            ("aim", aim(self), aim(other)),
            (
                "--mutated",
                self.mutated.to_string(),
                other.mutated.to_string(),
            ),
            ("choice of engines", engines(self), engines(other)),
            (
                "choice of portable programs",
                self.portable.to_string(),
                other.portable.to_string(),
            ),
            ("generator", self.generator.clone(), other.generator.clone()),
        ];
        rows.into_iter().find(|(_, left, right)| left != right)
    }

    /// Checks that the flags are quoted for a shell as this program quotes them, so that a command
    /// in a report is one command.
    pub(super) fn check(&self) -> Result<(), Error> {
        let all = self.engines.iter().chain(self.engine_flags.values());
        for flags in all.clone() {
            let words = shell_words::split(flags).unwrap_or_default();
            if shell_words::join(words) != **flags || flags.contains(char::is_control) {
                let why = format!("{flags:?} is not a quoted flag");
                return Err(Error::invalid("settings.engines", why));
            }
        }
        Ok(())
    }
}

/// Returns a hash that changes when the generator does.
fn fingerprint(options: &Options) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    if let Some(generator) = generator(options.machine) {
        for number in 0..16 {
            let entropy = Entropy::seeded(options.seed, number);
            let case = (generator.generate)(entropy, options.aim).case;
            for byte in case.files.values().flatten() {
                hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
    }
    format!("{hash:016x}")
}
