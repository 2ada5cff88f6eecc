"""Ways through blocks: every kind of handler, left in every way."""
import contextlib


def leave(how, items):
    for item in items:
        with contextlib.suppress(KeyError) as a, contextlib.suppress(OSError):
            try:
                if how == 1:
                    return item
                elif how == 2:
                    break
                elif how == 3:
                    continue
                raise how
            except (KeyError, ValueError) as error:
                if how == 4:
                    return item, error
                try:
                    return a
                finally:
                    print("inner")
            except TypeError:
                raise
            else:
                a.b[item:how:2] += 1
            finally:
                if how == 5:
                    return [item]
                if how == 6:
                    continue
                print(f"{item!r:>{how}} {how}")
    else:
        return {**items, "a": how}, {*items, how}, [*items, how], (*items, how)
    while how:
        how -= 1
        try:
            pass
        finally:
            continue


async def wait(source, lock):
    async with lock as held:
        async for one, *rest in source:
            if one:
                return await held
            try:
                await rest
            except KeyError:
                continue
            finally:
                yield_to = [x async for x in source if await x]
        else:
            return yield_to
    return {k: v async for k, v in source}


async def produce(source):
    try:
        async for one in source:
            yield one
    finally:
        await source


def delegate(n):
    got = yield
    try:
        got = yield from delegate(n - 1)
    except GeneratorExit as end:
        raise ValueError from end
    return got if n else lambda *a, k=n, **kw: (a, k, kw, got)


class Outer:
    limit: int = 3

    class Inner:
        def method(self, *, key=None):
            return super().method(key=key, **vars(self)) or not key is None

    def squares(self):
        return sum(x * y for x in range(self.limit) if x not in (1, 2) for y in {x})

    def chained(self, a, b, /, c):
        global counter
        counter = a < b <= c != a
        del self.limit, a
        assert b, "message"
        return self(*b, **c)(b, *c, d=1, **b)
