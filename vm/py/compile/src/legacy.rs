//! Python 2's `print` and `exec`, about which every `SyntaxError` has a word to say.

/// Returns the message of an error whose line is a statement of Python 2's.
pub(crate) fn message(line: &str) -> Option<String> {
    if line.contains('(') {
        return None;
    }
    let found = statement(line);
    found.or_else(|| statement(&line[line.find(':')? + 1..]))
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\x1c'..='\x1f')
}

fn statement(text: &str) -> Option<String> {
    let text = text.trim_start_matches(is_space);
    if let Some(rest) = text.strip_prefix("print ") {
        let end = rest.find(';').unwrap_or(rest.len());
        let data = rest[..end].trim_matches([' ', '\t', '\r', '\n']);
        let more = if data.ends_with(',') {
            " end=\" \""
        } else {
            ""
        };
        return Some(format!(
            "Missing parentheses in call to 'print'. Did you mean print({data}{more})?"
        ));
    }
    text.starts_with("exec ")
        .then(|| "Missing parentheses in call to 'exec'".to_owned())
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn statements_of_python_2() {
        let print = |data: &str| {
            Some(format!(
                "Missing parentheses in call to 'print'. Did you mean print({data})?"
            ))
        };
        assert_eq!(message("print 1\n"), print("1"));
        assert_eq!(message("  print 1,; x\n"), print("1, end=\" \""));
        assert_eq!(message("if x: print 1"), print("1"));
        assert_eq!(message("print (1)"), None);
        assert!(message("exec x").is_some());
        assert_eq!(message("print"), None);
    }
}
