def counter(start):
    n = start

    def more(by=1):
        nonlocal n
        n += by
        return n

    return more


count = counter(40)
print(count(), count(by=1))
