"""Jumps out of loops, back, and over."""


def count(n):
    label("again")
    n -= 1
    if n > 0:
        goto("again")
    return n


def find(rows, wanted):
    for y, row in enumerate(rows):
        for x, item in enumerate(row):
            if item == wanted:
                goto .found
    x = y = None
    label .found
    return x, y


def collect(limit):
    found = []
    while True:
        for n in range(100):
            if n * n > limit:
                goto("out")
            if n % 2:
                goto("next")
            found.append(n)
            label("next")
    label("out")
    return found


def retry(values):
    values = iter(values)
    tries = 0
    label("top")
    tries += 1
    try:
        value = 10 // next(values)
    except ZeroDivisionError:
        value = None
    if value is None:
        goto("top")
    return tries, value


print(count(3))
print(find(['ab', 'cd'], 'c'), find(['ab'], 'x'))
print(collect(50))
print(retry([0, 0, 5]))
k = 0
label("module")
k += 1
if k < 5:
    goto("module")
print(k)
