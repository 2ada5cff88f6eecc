"""Compiles the programs of `programs/` and records what CPython 3.9 does with them.

Run it with CPython 3.9: `PYTHONHASHSEED=0 python3.9 record.py [NAME…]`.
"""

import os
import py_compile
import subprocess
import sys

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs")


def record(name):
    base = os.path.join(FOLDER, name)
    py_compile.compile(
        base + ".py",
        base + ".pyc",
        dfile=name + ".py",
        doraise=True,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    done = subprocess.run(
        [sys.executable, name + ".pyc"],
        cwd=FOLDER,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    for ending, data in (
        (".out", done.stdout),
        (".err", done.stderr),
        (".status", b"%d\n" % done.returncode),
    ):
        path = base + ending
        if data and data != b"0\n":
            with open(path, "wb") as file:
                file.write(data)
        elif os.path.exists(path):
            os.remove(path)


names = sys.argv[1:] or sorted(n[:-3] for n in os.listdir(FOLDER) if n.endswith(".py"))
for name in names:
    record(name)
