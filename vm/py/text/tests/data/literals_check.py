"""Reads lines of `py_literals` and says which of them the real Python 3.9 denies.

`f` bits repr: a float. `s` hexadecimal (UTF-8 with surrogates) repr: a string; `b`: bytes.
"""
import struct
import sys

count = bad = 0
for line in sys.stdin.buffer:
    kind, data, text = line.rstrip(b"\n").decode("utf-8", "surrogatepass").split("\t")
    data = bytes.fromhex(data)
    count += 1
    if kind == "f":
        good = repr(struct.unpack(">d", data)[0]) == text
    elif kind == "s":
        good = repr(data.decode("utf-8", "surrogatepass")) == text
    elif kind == "b":
        good = repr(data) == text
    if not good:
        bad += 1
        if bad < 20:
            print("denied:", line)
print(f"{count} lines, {bad} denied")
sys.exit(bad > 0)
