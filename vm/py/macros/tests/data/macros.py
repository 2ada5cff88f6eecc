"""Compiles the sources in `macros`, for `py_macros.rs` to change.

    python3.9 vm/py/macros/tests/data/macros.py
"""
import glob
import os
import py_compile
import sys

assert sys.version_info[:2] == (3, 9)
for path in sorted(glob.glob(os.path.join(os.path.dirname(__file__), "macros", "*.py"))):
    name = os.path.basename(path)
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(path, cfile=path + "c", dfile=name, doraise=True, invalidation_mode=mode)
