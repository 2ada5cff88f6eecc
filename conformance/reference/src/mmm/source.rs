//! The files of a program: the entry, and every file that a call leads to.

use super::instruction::Instruction;
use super::text::Text;
use crate::observe::Observer;
use crate::quirks::mmm::Quirk;
use mmm_case::Case;

/// The entry, or a file that a call in a loaded file names.
pub(super) struct Source<'a> {
    /// Its name relative to the root.
    pub(super) name: String,
    pub(super) content: Content<'a>,
}

/// What reading a file resulted in.
pub(super) enum Content<'a> {
    /// There is no such file, or it is outside the root.
    Unreadable,
    /// It does not load.
    Bad,
    Good(Text<'a>),
}

impl<'a> Source<'a> {
    /// Reads the entry and every file that is called. The entry is the first of them.
    ///
    /// # Errors
    ///
    /// Returns why the program is refused.
    pub(super) fn gather(
        case: &'a Case,
        obs: impl Observer<Quirk>,
    ) -> Result<Vec<Source<'a>>, String> {
        let limits = case.limits();
        let mut sources = vec![Source {
            name: case.rooted_entry().to_owned(),
            content: Content::Unreadable,
        }];
        let (mut bytes_read, mut files_read) = (0, 0);
        let mut next = 0;
        while next < sources.len() {
            let name = sources[next].name.clone();
            let found = case.files.get(&format!("{}{name}", case.root_prefix()));
            let mut content = Content::Unreadable;
            if let Some(bytes) = found {
                bytes_read += bytes.len() as u64;
                files_read += 1;
                if bytes_read > limits.source_bytes() || files_read > limits.files {
                    let why = "there is more source than the limits allow".to_owned();
                    return Err(obs.breaks("mmm.limit.source.1", why));
                }
                match Text::parse(bytes, obs) {
                    Ok(text) if next > 0 && lacks_main(&text, obs) => content = Content::Bad,
                    Ok(text) => content = Content::Good(text),
                    Err(why) if next == 0 || obs.has_quirk(Quirk::BadFileRefuses) => {
                        return Err(format!("{name}:{why}"));
                    }
                    Err(_) => content = Content::Bad,
                }
            }
            if let Content::Good(text) = &mut content {
                Source::follow(text, next, &mut sources, obs)?;
            }
            sources[next].content = content;
            next += 1;
        }
        match &sources[0].content {
            Content::Good(text) if text.functions.contains_key("main") => {
                obs.holds("mmm.function.main.1");
                Ok(sources)
            }
            Content::Good(text)
                if obs.has_quirk(Quirk::FirstFunctionRuns) && !text.functions.is_empty() =>
            {
                Ok(sources)
            }
            Content::Good(_) => {
                let why = "the entry has no function main".to_owned();
                Err(obs.breaks("mmm.function.main.1", why))
            }
            Content::Unreadable | Content::Bad => Err("the entry cannot be read".to_owned()),
        }
    }

    /// Adds the files that the calls in `text` name, and stores their indices in the calls. `text`
    /// is the content of the file with index `from`.
    fn follow(
        text: &mut Text<'a>,
        from: usize,
        sources: &mut Vec<Source<'a>>,
        obs: impl Observer<Quirk>,
    ) -> Result<(), String> {
        let caller = sources[from].name.clone();
        let folder = caller.rsplit_once('/').map_or("", |(folder, _)| folder);
        for line in &mut text.lines {
            let Instruction::Call { file, path, .. } = &mut line.instruction else {
                continue;
            };
            let Some(name) = resolve(folder, path, obs) else {
                continue;
            };
            let known = sources.iter().position(|source| source.name == name);
            if known.is_some_and(|known| known < from) {
                obs.holds("mmm.load.circle.1");
                if obs.has_quirk(Quirk::CircleRefused) {
                    return Err("files call one another in a circle".to_owned());
                }
            }
            *file = Some(known.unwrap_or_else(|| {
                sources.push(Source {
                    name,
                    content: Content::Unreadable,
                });
                sources.len() - 1
            }));
        }
        Ok(())
    }
}

/// Returns true if a called file is bad because it has no `main`, which only a quirk says.
fn lacks_main(text: &Text, obs: impl Observer<Quirk>) -> bool {
    let lacks = || !text.functions.contains_key("main");
    obs.holds_if("mmm.function.main.2", lacks);
    obs.has_quirk(Quirk::CalledFileNeedsMain) && lacks()
}

/// Returns the name of the file that `path` leads to from `folder`, by names alone; `None` if the
/// path climbs above the root or leads to the root itself.
pub(super) fn resolve(folder: &str, path: &str, obs: impl Observer<Quirk>) -> Option<String> {
    let absolute = path.starts_with('/');
    let rooted = match absolute {
        true => !obs.has_quirk(Quirk::PathSlashIsRelative),
        false => obs.has_quirk(Quirk::PathsFromRoot),
    };
    obs.holds_if("mmm.path.absolute.1", || absolute);
    obs.holds_if("mmm.path.relative.1", || !absolute);
    obs.holds_if("mmm.path.root.1", || absolute);
    obs.holds_if("mmm.path.name.1", || path.contains('\\'));
    let mut reached = match rooted {
        true => String::new(),
        false => folder.to_owned(),
    };
    let is_separator = |c: char| c == '/' || c == '\\' && obs.has_quirk(Quirk::PathBackslash);
    for name in path.split(is_separator) {
        obs.holds_if("mmm.path.dot.1", || name == "." || name == "..");
        obs.holds_if("mmm.path.empty.1", || name.is_empty() && !absolute);
        let is_name = match name {
            ".." => false,
            "." => obs.has_quirk(Quirk::PathDotIsName),
            _ => !name.is_empty(),
        };
        if name == ".." {
            if !obs.check("mmm.path.climb.1", !reached.is_empty()) {
                if obs.has_quirk(Quirk::PathClimbStays) {
                    continue;
                }
                return None;
            }
            obs.boundary_if("mmm.path.climb.1", || !reached.contains('/'));
            reached.truncate(reached.rfind('/').unwrap_or(0));
        } else if is_name {
            if !reached.is_empty() {
                reached.push('/');
            }
            reached.push_str(name);
        } else if name.is_empty() && !reached.is_empty() && obs.has_quirk(Quirk::PathEmptyIsName) {
            reached.push('/');
        }
    }
    if obs.has_quirk(Quirk::PathGetsEnding) && !reached.ends_with(".mmm") {
        reached.push_str(".mmm");
    }
    if reached.is_empty() {
        return obs.breaks("mmm.path.self.1", None);
    }
    Some(reached)
}
