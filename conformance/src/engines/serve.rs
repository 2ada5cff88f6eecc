//! The server of the line protocol for our own machines.

use super::capabilities::LIMITS;
use super::local::Local;
use super::machines;
use super::protocol::{self, Ask, Hello, Reply, Seen};
use crate::case::Case;
use crate::engine::{Engine, Observation, Step};
use crate::machine::Machine;
use std::io::{self, BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The most bytes of a request.
pub const MAX_REQUEST: usize = 256 << 20;

/// The most steps of a run that an answer reports.
pub const MAX_STEPS: usize = 100_000;

/// Answers requests until the input ends. Each answer is flushed before the next request is read.
///
/// # Errors
///
/// Returns an error if reading or writing fails.
pub fn serve(mut input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    let mut line = Vec::new();
    let mut answer = Vec::new();
    loop {
        match read_line(&mut input, &mut line, MAX_REQUEST)? {
            Line::End => return Ok(()),
            Line::Complete if line.trim_ascii().is_empty() => continue,
            Line::Complete => reply_to(&line, &mut answer)?,
            Line::TooLong => {
                let error = format!(
                    "the request is longer than {} MiB; send a smaller program",
                    MAX_REQUEST >> 20
                );
                let reply = Reply::Error { error: &error };
                protocol::write_reply(&mut answer, None, &reply)?;
            }
        }
        output.write_all(&answer)?;
        output.flush()?;
        answer.clear();
        // The memory of one large request is not kept.
        line.shrink_to(1 << 20);
        answer.shrink_to(1 << 20);
    }
}

/// The result of reading a line.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    /// A line, which is in the buffer.
    Complete,
    /// A line of too many bytes, which were skipped.
    TooLong,
    /// The end of the input.
    End,
}

/// Reads a line of at most `max_bytes` bytes, and skips a longer one without keeping it.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>, max_bytes: usize) -> io::Result<Line> {
    line.clear();
    let mut any = false;
    let mut long = false;
    loop {
        let chunk = match input.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let end = chunk.iter().position(|&byte| byte == b'\n');
        let part = &chunk[..end.unwrap_or(chunk.len())];
        any |= !chunk.is_empty();
        long |= line.len() + part.len() > max_bytes;
        match long {
            true => *line = Vec::new(),
            false => line.extend_from_slice(part),
        }
        let over = chunk.is_empty() || end.is_some();
        let used = part.len() + usize::from(end.is_some());
        input.consume(used);
        if over {
            return Ok(match (any, long) {
                (false, _) => Line::End,
                (true, true) => Line::TooLong,
                (true, false) => Line::Complete,
            });
        }
    }
}

/// Carries out a request and writes the line of the answer.
fn reply_to(line: &[u8], answer: &mut Vec<u8>) -> io::Result<()> {
    let (id, ask) = protocol::read_request(line);
    let result = match ask {
        Ok(Ask::Hello) => {
            let reply = Reply::Hello(Hello {
                hello: protocol::VERSION,
                server: concat!("mmm ", env!("CARGO_PKG_VERSION")),
                machines: Machine::executed().map(Machine::name).collect(),
                limits: LIMITS.map(|(name, _)| name).to_vec(),
                extensions: true,
                text_form: true,
                trace: true,
            });
            return Ok(protocol::write_reply(answer, id, &reply)?);
        }
        Ok(Ask::Run(case, trace)) => run(&case, trace.map(|most| most.min(MAX_STEPS))),
        Err(error) => Err(error),
    };
    let reply = match &result {
        Ok((seen, None)) => Reply::Seen(Seen::from(seen)),
        Ok((seen, Some(trace))) => Reply::Traced {
            seen: Seen::from(seen),
            trace,
        },
        Err(error) => Reply::Error { error },
    };
    Ok(protocol::write_reply(answer, id, &reply)?)
}

/// The observation of a run, and its first steps if they were requested.
type Ran = (Observation, Option<Vec<Step>>);

fn run(case: &Case, trace: Option<usize>) -> Result<Ran, String> {
    if !case.machine.is_executed() {
        return Err(machines::absent(case.machine).message);
    }
    let run = || {
        let steps = trace.and_then(|most| Local.trace(case, most));
        (Local.observe(case), steps)
    };
    // A panic is a bug of ours; further requests are still answered.
    catch_unwind(AssertUnwindSafe(run)).map_err(|_| {
        "this program made the machine panic, which is a bug in mmm: please report it".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::{Line, read_line};
    use std::io::BufReader;

    #[track_caller]
    fn check_lines(input: &str, most: usize, expected: &[(Line, &str)]) {
        for capacity in [1, 2, 3, 100] {
            let mut input = BufReader::with_capacity(capacity, input.as_bytes());
            let mut line = Vec::new();
            for (kind, text) in expected {
                assert_eq!(read_line(&mut input, &mut line, most).unwrap(), *kind);
                assert_eq!(line, text.as_bytes());
            }
            assert_eq!(read_line(&mut input, &mut line, most).unwrap(), Line::End);
        }
    }

    #[test]
    fn lines_are_bounded() {
        check_lines("", 3, &[]);
        check_lines("\n", 3, &[(Line::Complete, "")]);
        check_lines(
            "abc\nd",
            3,
            &[(Line::Complete, "abc"), (Line::Complete, "d")],
        );
        check_lines(
            "abcd\nabc\nabcdef",
            3,
            &[
                (Line::TooLong, ""),
                (Line::Complete, "abc"),
                (Line::TooLong, ""),
            ],
        );
    }
}
