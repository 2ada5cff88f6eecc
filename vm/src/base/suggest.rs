//! "Did you mean …?"

/// Words longer than this are no misspelling of anything.
const LONGEST: usize = 40;

/// More candidates than this are not looked at: a suggestion is to come at once or not at all.
const MOST_CANDIDATES: usize = 2_000;

/// The candidate nearest to `word`, if one is near enough to be what was meant.
///
/// ```
/// use vm::base::closest;
/// assert_eq!(closest("prntn", ["printn", "pop"]), Some("printn"));
/// assert_eq!(closest("xyzzy", ["printn", "pop"]), None);
/// ```
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST {
        return None;
    }
    let word: Vec<char> = word.to_lowercase().chars().collect();
    let allowed = word.len().div_ceil(3).min(3);
    candidates
        .into_iter()
        .take(MOST_CANDIDATES)
        .filter(|candidate| candidate.len() <= LONGEST)
        .map(|candidate| (distance(&word, candidate), candidate))
        .filter(|&(distance, _)| distance <= allowed)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// How many insertions, deletions, replacements and swaps of neighbours lie between two words.
fn distance(a: &[char], b: &str) -> usize {
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let mut least = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    least = least.min(rows[i - 2][j - 2] + 1);
                }
                least
            };
        }
    }
    rows[a.len()][b.len()]
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
