def f():
    return 1
    x = 2
def g():
    raise a
    return b
def h():
    while True:
        continue
        x
    y
def i():
    if 0:
        yield 1
