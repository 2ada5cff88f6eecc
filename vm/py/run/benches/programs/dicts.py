def f(n):
    d = {}
    for i in range(n):
        k = i % 1000
        d[k] = d.get(k, 0) + i
    s = 0
    for k, v in d.items():
        s += v - k
    return s
print(f(1000000))
