"""Records what CPython 3.9 does: run it with that Python, here, with `mmm` in the path.

- Each `*.py` is compiled to a `.pyc`; its `.cpyasm` is what `mmm dis` prints, to be reviewed.
- `hand.cpyasm` and `blocks.cpyasm` are assembled and run; `hand.txt` and `blocks.txt` are what they
  print and the code objects that CPython read.
- `held.txt` (beside the assembler) is not made here: see `held.py`.
"""

import marshal
import os
import py_compile
import subprocess
import sys

for name in sorted(os.listdir(".")):
    base, ending = os.path.splitext(name)
    if ending == ".py" and base not in ("record", "held"):
        os.utime(name, (1600000000, 1600000000))
        py_compile.compile(name, cfile=base + ".pyc", dfile=name, doraise=True)
        subprocess.run(["mmm", "dis", base + ".pyc", "-o", base + ".cpyasm"], check=True)


def tell(code, out):
    counts = [code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount]
    counts += [code.co_nlocals, code.co_stacksize, hex(code.co_flags)]
    print("==", code.co_name, code.co_filename, code.co_firstlineno, *counts, file=out)
    for table in code.co_names, code.co_varnames, code.co_cellvars, code.co_freevars:
        print(" ".join(table), file=out)
    print(code.co_code.hex(), file=out)
    print(code.co_lnotab.hex(), file=out)
    for constant in code.co_consts:
        if hasattr(constant, "co_code"):
            tell(constant, out)


for base in "hand", "blocks":
    subprocess.run(["mmm", "asm", base + ".cpyasm", "-o", "tmp.pyc"], check=True)
    ran = subprocess.run([sys.executable, "tmp.pyc"], check=True, capture_output=True, text=True)
    with open("tmp.pyc", "rb") as file:
        code = marshal.loads(file.read()[16:])
    os.remove("tmp.pyc")
    with open(base + ".txt", "w") as out:
        out.write(ran.stdout)
        tell(code, out)
