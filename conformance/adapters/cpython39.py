"""A sample adapter: the real CPython 3.9, as a process that serves programs in `.pyc` files.

    mmm conform --machine py --vm-serve 'python3.9 cpython39.py'

Each program runs in a process of its own, in a fresh folder, as `python3.9 FILE` would run it.
CPython counts no instructions: a program that takes too long is limited with the code that the
py machine has for too many. Its own limit on recursion is a fault like any other, RecursionError.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
import threading

SECONDS = float(os.environ.get("ADAPTER_SECONDS", "5"))
MOST_OUTPUT = 4 << 20
CHILD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cpython39_child.py")


def run(folder, entry):
    """Runs a program in a process of its own; what was seen of it."""
    ours, theirs = os.pipe()
    command = [sys.executable, "-B", "-s", CHILD, os.path.join(folder, entry), str(theirs)]
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONIOENCODING": "utf-8"}
    options = dict(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, pass_fds=[theirs], env=environment)
    with subprocess.Popen(command, **options) as process, os.fdopen(ours) as channel:
        os.close(theirs)
        timer = threading.Timer(SECONDS, process.kill)
        timer.start()
        output = process.stdout.read(MOST_OUTPUT + 1)
        fault = "output-limit" if len(output) > MOST_OUTPUT else None
        if fault:
            process.kill()
        process.wait()
        if not timer.is_alive():
            fault = "out-of-fuel"
        timer.cancel()
        seen = {"output": output[:MOST_OUTPUT].decode("utf-8", "replace")}
        if fault:
            return {**seen, "ending": "limited", "value": None, "fault": fault, "at": None}
        if process.returncode < 0:
            return {"error": f"CPython was killed by signal {-process.returncode}"}
        left = {"ending": "returned" if process.returncode == 0 else "faulted"}
        return {**seen, **json.loads(channel.read() or json.dumps(left))}


def answer(request):
    if "hello" in request:
        return {"hello": 1, "server": "CPython " + sys.version, "machines": ["py"], "limits": []}
    if request.get("machine") != "py":
        return {"error": "there is only the machine py here"}
    with tempfile.TemporaryDirectory() as folder:
        for name, text in request.get("files_base64", {}).items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(base64.b64decode(text))
        if not os.path.isfile(os.path.join(folder, request.get("entry", ""))):
            return {"error": "the entry is not among the files in files_base64"}
        return run(os.path.realpath(folder), request["entry"])


if __name__ == "__main__":
    if sys.version_info[:2] != (3, 9):
        sys.exit(f"this is Python {sys.version.split()[0]}; run the adapter with CPython 3.9")
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps({"id": request.get("id"), **answer(request)}), flush=True)
