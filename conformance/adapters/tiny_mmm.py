"""A sample adapter: a `.mmm` machine in Python, as a process that serves or for one program.

    mmm conform --machine mmm --vm-serve 'python3 tiny_mmm.py --serve'
    mmm conform --machine mmm --vm 'python3 tiny_mmm.py {file}'

The machine itself is in tiny_machine.py. To adapt another one, replace `run`.
"""

import base64
import json
import os
import sys

from tiny_machine import LIMITS, Refused, Run, load


def run(files, entry, limits, steps):
    """Runs the program and tells what was seen of it, in the words of the protocol."""
    folder, _, name = entry.rpartition("/")
    prefix = folder + "/" if folder else ""  # the entry's folder is the root
    seen = {"output": "", "ending": "refused", "value": None, "fault": None, "at": None}
    try:
        program = load(name, lambda file: files.get(prefix + file))
    except Refused:
        return seen
    done = Run(program, name, limits, steps or 0)
    seen.update(
        output="".join(done.output),
        ending=done.ending,
        value=done.value,
        fault=done.fault,
        at=done.at if done.fault else None,
    )
    if steps is not None:
        seen["trace"] = done.trace
    return seen


def answer(request):
    """The answer to a request, but for its id."""
    if "hello" in request:
        return {"hello": 1, "server": "tiny_mmm", "machines": ["mmm"], "limits": list(LIMITS), "trace": True}
    if request.get("machine") != "mmm":
        return {"error": "there is only the machine mmm here"}
    # Text that is not Unicode is not UTF-8 either, and is refused as such.
    texts = request.get("files", {}).items()
    files = {name: text.encode("utf-8", "surrogatepass") for name, text in texts}
    for name, text in request.get("files_base64", {}).items():
        files[name] = base64.b64decode(text)
    if request.get("entry") not in files:
        return {"error": "the entry is not among the files"}
    limits = {key: most for key, most in request.get("limits", {}).items() if most is not None}
    return run(files, request["entry"], limits, request.get("trace"))


def serve():
    for line in sys.stdin:
        try:
            request = json.loads(line)
            reply = {"id": request.get("id"), **answer(request)}
        except (ValueError, TypeError, AttributeError) as error:
            reply = {"id": None, "error": f"not a request: {error}"}
        print(json.dumps(reply), flush=True)


def run_file(path):
    """Runs the program in a file; the exit status says how that ended."""
    root, name = os.path.split(os.path.realpath(path))

    def read(file):
        real = os.path.realpath(os.path.join(root, file))
        if not real.startswith(os.path.join(root, "")) or not os.path.isfile(real):
            return None
        with open(real, "rb") as source:
            return source.read()

    try:
        done = Run(load(name, read), name, {})
    except Refused as why:
        sys.exit(f"{name}: {why}")
    sys.stdout.buffer.write("".join(done.output).encode("utf-8"))
    sys.exit(f"{done.at}: {done.fault}" if done.fault else 0)


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["--serve"] else run_file(sys.argv[1])
