//! "Did you mean …?"

/// Words longer than this are no misspelling of anything.
const LONGEST: usize = 40;

/// More candidates than this are not looked at: a suggestion is to come at once or not at all.
const MOST_CANDIDATES: usize = 2_000;

/// The candidate nearest to `word`, if one is near enough to be what was meant.
///
/// ```
/// use vm_base::closest;
/// assert_eq!(closest("prntn", ["printn", "pop"]), Some("printn"));
/// assert_eq!(closest("xyzzy", ["printn", "pop"]), None);
/// ```
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = Word::of(word)?;
    let allowed = word.len.div_ceil(3).min(3);
    candidates
        .into_iter()
        .take(MOST_CANDIDATES)
        .filter_map(|candidate| {
            let other =
                Word::of(candidate).filter(|other| other.len.abs_diff(word.len) <= allowed)?;
            Some((word.distance(&other), candidate))
        })
        .filter(|&(distance, _)| distance <= allowed)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// A word's characters in lower case. Nothing here is allocated: suggestions are asked for at
/// every mistake of a text.
struct Word {
    chars: [char; LONGEST],
    len: usize,
}

impl Word {
    /// The word; `None` if it is too long.
    fn of(text: &str) -> Option<Word> {
        if text.len() > LONGEST {
            return None;
        }
        let mut word = Word {
            chars: ['\0'; LONGEST],
            len: 0,
        };
        for c in text.chars() {
            word.chars[word.len] = c.to_lowercase().next().unwrap_or(c);
            word.len += 1;
        }
        Some(word)
    }

    /// How many insertions, deletions, replacements and swaps of neighbours lie between two words.
    fn distance(&self, other: &Word) -> usize {
        let (a, b) = (&self.chars[..self.len], &other.chars[..other.len]);
        // The last three rows of the table, in turns.
        let mut rows = [[0; LONGEST + 1]; 3];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                rows[i % 3][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let above = rows[(i + 2) % 3];
                    let replaced = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    let mut least = replaced.min(above[j] + 1).min(rows[i % 3][j - 1] + 1);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        least = least.min(rows[(i + 1) % 3][j - 2] + 1);
                    }
                    least
                };
            }
        }
        rows[a.len() % 3][b.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        let words = ["pop", "printn", "stack_size", "stack_dump"];
        assert_eq!(closest("PRINTN", words), Some("printn"));
        assert_eq!(closest("pritnn", words), Some("printn"));
        assert_eq!(closest("stacksize", words), Some("stack_size"));
        assert_eq!(closest("", words), None);
        assert_eq!(closest(&"p".repeat(1000), words), None);
    }
}
