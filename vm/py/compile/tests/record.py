"""Records what CPython 3.9.2 makes of every case: PYTHONHASHSEED=0 python3.9 record.py [CASE.py...]

Beside NAME.py it writes NAME.txt: the code objects as `dis` shows them with all their fields, the
warnings, or the exception. A first line `# mode: eval` or `# mode: single`, `# optimize: 2` says how
the case is compiled; the line is part of the source.
"""
import dis
import os
import re
import sys
import warnings

FIELDS = ('argcount', 'posonlyargcount', 'kwonlyargcount', 'nlocals', 'stacksize', 'flags',
          'firstlineno', 'names', 'varnames', 'freevars', 'cellvars', 'lnotab')


def shown(value):
    """Shows a constant so that types and signs are seen."""
    if isinstance(value, tuple):
        return '(' + ', '.join(map(shown, value)) + (',' if len(value) == 1 else '') + ')'
    if isinstance(value, frozenset):
        return 'frozenset({' + ', '.join(map(shown, value)) + '})'
    if hasattr(value, 'co_code'):
        return '<code %s>' % value.co_name
    return repr(value)


def listing(code, out):
    out.append('CODE %s' % code.co_name)
    for field in FIELDS:
        value = getattr(code, 'co_' + field)
        out.append('  %s %s' % (field, value.hex() if isinstance(value, bytes) else value))
    out.append('  consts')
    out.extend('    %s' % shown(value) for value in code.co_consts)
    out.append('  code')
    raw = code.co_code
    for offset in range(0, len(raw), 2):
        op, arg = raw[offset], raw[offset + 1]
        name = dis.opname[op]
        out.append('    %d %s %d' % (offset, name, arg) if op >= dis.HAVE_ARGUMENT
                   else '    %d %s' % (offset, name))
    for value in code.co_consts:
        if hasattr(value, 'co_code'):
            listing(value, out)


def record(path):
    with open(path, 'rb') as file:
        data = file.read()
    option = lambda name, other: (re.match(rb'# %s: (\w+)' % name, data) or [None, other])[1]
    mode = option(b'mode', b'exec').decode()
    optimize = int(option(b'optimize', b'0'))
    out = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        try:
            code = compile(data, os.path.basename(path), mode, dont_inherit=True, optimize=optimize)
        except SyntaxError as error:
            out += ['ERROR %s' % type(error).__name__, '  %r' % error.msg,
                    '  line %s offset %s' % (error.lineno, error.offset), '  text %r' % error.text]
        except Exception as error:
            out += ['ERROR %s' % type(error).__name__, '  %r' % str(error)]
        else:
            listing(code, out)
    seen = []
    for warning in caught:
        line = 'WARNING %s line %d: %s' % (warning.category.__name__, warning.lineno, warning.message)
        if line not in seen:
            seen.append(line)
    with open(path[:-3] + '.txt', 'w', encoding='utf-8', errors='surrogatepass') as file:
        file.write('\n'.join(seen + out) + '\n')


def main():
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'cases')
    cases = sys.argv[1:] or sorted(name for name in os.listdir(folder) if name.endswith('.py'))
    os.chdir(folder)
    for case in cases:
        record(case)


main()
