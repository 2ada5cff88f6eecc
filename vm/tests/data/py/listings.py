"""Compiles modules, and records what the real Python 3.9's `dis` says of them.

    PYTHONHASHSEED=0 python3.9 vm/tests/data/py/listings.py vm/tests/data/py/listing/*.py

writes beside each source its `.pyc` and its listing, `.txt`. Without a file it compiles Python's
own library with its tests, and writes, for each module, its name, its `.pyc` and its listing to
the standard output, the length of each (eight bytes, little-endian) before it.
"""
import dis
import importlib._bootstrap_external as external
import io
import marshal
import os
import struct
import sys
import warnings

assert sys.version_info[:2] == (3, 9) and os.environ.get("PYTHONHASHSEED") == "0"
warnings.simplefilter("ignore")


def library():
    for folder, folders, files in os.walk(os.path.dirname(os.__file__)):
        folders.sort()
        yield from (os.path.join(folder, name) for name in sorted(files) if name.endswith(".py"))


def listing(path):
    """The `.pyc` of a source, and its listing."""
    source = open(path, "rb").read()
    code = compile(source, os.path.basename(path), "exec", dont_inherit=True, optimize=0)
    data = bytes(external._code_to_timestamp_pyc(code, 0, len(source)))
    text = io.StringIO()
    # What a process reads is not always what it wrote: sets have another order.
    dis.dis(marshal.loads(data[16:]), file=text)
    return data, text.getvalue().encode("utf-8", "backslashreplace")


for path in sys.argv[1:]:
    data, text = listing(path)
    open(path + "c", "wb").write(data)
    open(os.path.splitext(path)[0] + ".txt", "wb").write(text)
for path in [] if sys.argv[1:] else library():
    try:
        found = listing(path)
    except (OSError, SyntaxError, ValueError):
        continue
    for part in (path.encode(), *found):
        sys.stdout.buffer.write(struct.pack("<Q", len(part)) + part)
