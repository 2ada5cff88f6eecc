"""Runs one `.pyc` file as `python3.9 FILE` does, and tells cpython39.py how that ended."""

import builtins
import gc
import importlib.util
import json
import marshal
import os
import sys
import types


def qualified_name(frame):
    """Code of 3.9 does not know its qualified name: a class body does, and functions made of it."""
    if "__qualname__" in frame.f_locals and "__module__" in frame.f_locals:
        return frame.f_locals["__qualname__"]
    made = (each for each in gc.get_referrers(frame.f_code) if isinstance(each, types.FunctionType))
    return next((function.__qualname__ for function in made), frame.f_code.co_name)


def place(traceback, root):
    """The innermost place in a file of the program."""
    at = None
    while traceback:
        frame = traceback.tb_frame
        if str(frame.f_globals.get("__file__")).startswith(root + os.sep):
            file = frame.f_code.co_filename
            file = os.path.relpath(file, root) if os.path.isabs(file) else file
            at = f"{file}#{qualified_name(frame)}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return at


def run(path, channel):
    """Runs a program in this process, and writes how it ends into the channel."""
    ended = {"ending": "returned", "value": None, "fault": None, "at": None}
    with os.fdopen(channel, "w") as channel:
        try:
            with open(path, "rb") as file:
                header, code = file.read(16), marshal.loads(file.read())
            if header[:4] != importlib.util.MAGIC_NUMBER or not isinstance(code, types.CodeType):
                raise ValueError("not a .pyc file of CPython 3.9")
        except Exception as why:
            json.dump({**ended, "ending": "refused"}, channel)
            sys.exit(f"refused: {why}")
        main = sys.modules["__main__"] = types.ModuleType("__main__")
        main.__file__, main.__builtins__ = path, builtins
        sys.argv, sys.path[0] = [path], os.path.dirname(path)
        try:
            exec(code, main.__dict__)
        except BaseException as why:
            if not isinstance(why, SystemExit):
                sys.excepthook(type(why), why, why.__traceback__.tb_next)
            if not isinstance(why, SystemExit) or why.code not in (None, 0):
                at = place(why.__traceback__, os.path.dirname(path))
                ended.update(ending="faulted", fault=type(why).__name__, at=at)
        json.dump(ended, channel)


if __name__ == "__main__":
    run(sys.argv[1], int(sys.argv[2]))
