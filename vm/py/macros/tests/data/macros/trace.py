"""Calls of every kind."""
import sys

sys.stderr = sys.stdout


def outer(x):
    def inner(y):
        return x + y

    return inner


class Class:
    def __init__(self):
        self.items = [n for n in numbers(2)]

    @property
    def size(self):
        while True:
            return len(self.items)


def numbers(n):
    for i in range(n):
        yield i


print(outer(1)(2))
print(Class().size)
print((lambda: 7)())
