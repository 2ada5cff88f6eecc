"""Compiles modules, and records what the real Python 3.9's `dis` says of them.

    PYTHONHASHSEED=0 python3.9 vm/py/text/tests/data/listings.py vm/py/text/tests/data/listing/*.py

writes beside each source its `.pyc`, its listing, `.txt`, and the fields of its code objects,
`.json`. Without a file it compiles Python's
own library with its tests, and writes, for each module, its name, its `.pyc` and its listing to
the standard output, the length of each (eight bytes, little-endian) before it.
"""
import dis
import importlib._bootstrap_external as external
import io
import json
import marshal
import os
import re
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
    # Addresses are other ones each time.
    text = re.sub(r" at 0x[0-9a-f]+", " at 0x0", text.getvalue())
    return data, text.encode("utf-8", "backslashreplace")


FIELDS = """name filename firstlineno argcount posonlyargcount kwonlyargcount nlocals stacksize flags
            names varnames freevars cellvars code lnotab""".split()


def fields(code):
    """The fields of a code object and of those within it, in the order in which they are met."""
    values = {name: getattr(code, "co_" + name) for name in FIELDS}
    for name in "code", "lnotab":
        values[name] = values[name].hex()
    found = [values]
    values["consts"] = [repr(c) if not isinstance(c, type(code)) else None for c in code.co_consts]
    for constant in code.co_consts:
        if isinstance(constant, type(code)):
            found += fields(constant)
    return found


for path in sys.argv[1:]:
    data, text = listing(path)
    base = os.path.splitext(path)[0]
    open(path + "c", "wb").write(data)
    open(base + ".txt", "wb").write(text)
    with open(base + ".json", "w") as out:
        json.dump(fields(marshal.loads(data[16:])), out, indent=1)
        out.write("\n")
for path in [] if sys.argv[1:] else library():
    try:
        found = listing(path)
    except (OSError, SyntaxError, ValueError):
        continue
    for part in (path.encode(), *found):
        sys.stdout.buffer.write(struct.pack("<Q", len(part)) + part)
