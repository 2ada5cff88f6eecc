try: a
except: b
try: a
except B: c
except (D, E) as e: f
else: g
finally: h
def f():
    try:
        return a
    finally:
        b
def g():
    for x in y:
        try:
            if a: continue
            if b: break
            return c
        except D as e:
            return e
        finally:
            z
def h():
    while 1:
        with a as b, c:
            if d: break
            return e
def i():
    try:
        try: a
        finally: return b
    finally: c
