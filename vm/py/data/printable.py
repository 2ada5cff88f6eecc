"""Records which characters Python 3.9 prints as themselves.

    python3.9 vm/py/data/printable.py > vm/py/data/src/printable.rs
"""
import sys
import unicodedata

assert sys.version_info[:2] == (3, 9) and unicodedata.unidata_version == "13.0.0"
runs, shown, length = [], False, 0
for point in range(0x110000):
    if chr(point).isprintable() != shown:
        runs.append(length)
        shown, length = not shown, 0
    length += 1
runs.append(length)

print(f'''\
//! Which characters Python 3.9 (Unicode {unicodedata.unidata_version}) prints as themselves, not as escapes.
//!
//! Written by `vm/py/data/printable.py`; not by hand.

/// Returns true if `repr` shows the code point itself.
pub fn is_printable(point: u32) -> bool {{
    // The first run is one of characters that are not printable.
    STARTS.partition_point(|&start| start <= point).is_multiple_of(2)
}}

/// The code point at which each run begins.
static STARTS: [u32; {len(runs)}] = {{
    let mut starts = [0; {len(runs)}];
    let mut at = 1;
    while at < starts.len() {{
        starts[at] = starts[at - 1] + RUNS[at - 1];
        at += 1;
    }}
    starts
}};

/// The lengths of the runs, alternately of characters that are not printable and that are.
#[rustfmt::skip]
const RUNS: [u32; {len(runs)}] = [''')
line = "   "
for run in runs:
    word = f" {run},"
    if len(line + word) > 98:
        print(line)
        line = "   "
    line += word
print(line)
print("];")
