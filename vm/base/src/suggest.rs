//! Suggestions for misspelled words.

/// A longer word has no suggestion.
const MAX_WORD_BYTES: usize = 40;

/// The number of candidates that are compared; the bound keeps a suggestion fast.
const MAX_CANDIDATES: usize = 2_000;

/// Returns the candidate that `word` is most likely a misspelling of, if one is similar enough.
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
        .take(MAX_CANDIDATES)
        .filter_map(|candidate| {
            let other =
                Word::of(candidate).filter(|other| other.len.abs_diff(word.len) <= allowed)?;
            Some((word.distance(&other), candidate))
        })
        .filter(|&(distance, _)| distance <= allowed)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// The characters of a word in lower case. It does not allocate: a text with many mistakes needs
/// many suggestions.
struct Word {
    chars: [char; MAX_WORD_BYTES],
    len: usize,
}

impl Word {
    /// Returns the word; `None` if it is too long.
    fn of(text: &str) -> Option<Word> {
        if text.len() > MAX_WORD_BYTES {
            return None;
        }
        let mut word = Word {
            chars: ['\0'; MAX_WORD_BYTES],
            len: 0,
        };
        for c in text.chars() {
            word.chars[word.len] = c.to_lowercase().next().unwrap_or(c);
            word.len += 1;
        }
        Some(word)
    }

    /// Returns the number of insertions, deletions, replacements and swaps of neighbours that turn
    /// one word into the other (the optimal string alignment distance).
    fn distance(&self, other: &Word) -> usize {
        let (a, b) = (&self.chars[..self.len], &other.chars[..other.len]);
        // Only the last three rows of the table are kept.
        let mut rows = [[0; MAX_WORD_BYTES + 1]; 3];
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
    fn only_similar_words_are_suggested() {
        let words = ["pop", "printn", "stack_size", "stack_dump"];
        assert_eq!(closest("PRINTN", words), Some("printn"));
        assert_eq!(closest("pritnn", words), Some("printn"));
        assert_eq!(closest("stacksize", words), Some("stack_size"));
        assert_eq!(closest("", words), None);
        assert_eq!(closest(&"p".repeat(1000), words), None);
    }
}
