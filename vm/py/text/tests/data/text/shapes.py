from __future__ import annotations
import os.path as p


class Greeter:
    """Greets."""

    def __init__(self, name, /, greeting="Hello", *rest, loud=False, **more):
        self.name = name
        try:
            for i in range(3):
                print(f"{greeting!r:>{i}}", *rest, **more)
                if i > 1 and loud:
                    break
            else:
                x = 1
        except (ValueError, TypeError) as e:
            raise RuntimeError from e
        finally:
            del self

    @property
    def both(self):
        def inner(y):
            return y + self.name

        with open(p) as f:
            return [inner(z) for z in f if z is not None and z not in "ab"]


async def main():
    async with a as b:
        async for c in b:
            yield c
    a, *b, c = 1, 2.5, 3j


async def nothing():
    pass


f = lambda a=0, b=None: (yield)
g = lambda a=0, b=None: -0.0 in {1e300, b"\0", "é\ud800", ...}
