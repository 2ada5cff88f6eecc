class Ticker:
    def __init__(self, n):
        self.n = n

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.n:
            raise StopAsyncIteration
        self.n -= 1
        return self.n

    async def __aenter__(self):
        return self

    async def __aexit__(self, *what):
        print("left", what[0])


async def main():
    async with Ticker(3) as ticker:
        async for n in ticker:
            print(n)
    return [n async for n in Ticker(2)]


try:
    main().send(None)
except StopIteration as end:
    print(end.value)
