"""Finds the names that CPython 3.9 holds when it compiles its first module: run it with that Python
and a folder of `.pyc` files, whose names are tried. It writes `held.txt`, for the assembler.

Each name is compiled where nothing else refers to it; CPython marks it if the process holds it.
"""

import keyword
import marshal
import os
import subprocess
import sys

COMPILED = {"<lambda>", "<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", ".0"}


def names(constant):
    if hasattr(constant, "co_code"):
        code = constant
        for table in code.co_names, code.co_varnames, code.co_cellvars, code.co_freevars:
            yield from table
        yield from names(code.co_consts)
    elif isinstance(constant, (tuple, frozenset)):
        for part in constant:
            yield from names(part)
    elif isinstance(constant, str):
        yield constant


def marked(source):
    """The interned strings of a source that its compiling process holds."""
    with open("held.tmp.py", "w") as file:
        file.write(source)
    compiling = "import py_compile; py_compile.compile('held.tmp.py', 'held.tmp')"
    subprocess.run([sys.executable, "-c", compiling], check=True)
    with open("held.tmp", "rb") as file:
        data = file.read()
    os.remove("held.tmp")
    os.remove("held.tmp.py")
    # A short interned string: 'Z', its length, its text; the high bit is the mark.
    found, at = set(), 16
    while (at := data.find(b"\xda", at)) >= 0:
        text = data[at + 2 : at + 2 + data[at + 1]]
        if text.isascii():
            found.add(text.decode())
        at += 1
    return found


tried = set()
for folder, _, files in os.walk(sys.argv[1]):
    for file in files:
        with open(os.path.join(folder, file), "rb") as opened:
            tried.update(names(marshal.loads(opened.read()[16:])))
plain = {name for name in tried if name.isidentifier() and not keyword.iskeyword(name)}
plain -= {"__peg_parser__", "__debug__"}
dotted = {n for n in tried if "." in n and all(part in plain for part in n.split("."))}
texts = {n for n in tried if n.isascii() and n.isalnum() and len(n) > 1 and n not in plain}
texts.update(keyword.kwlist + keyword.softkwlist)

held = marked("".join(f"x.{name}\n" for name in sorted(plain))) & plain
held |= marked("".join(f"import {name}\n" for name in sorted(dotted))) & dotted
held |= marked("".join(f"x = {name!r}\n" for name in sorted(texts))) & texts
held |= COMPILED | {"<module>"}
with open("held.txt", "w") as out:
    out.writelines(name + "\n" for name in sorted(held))
