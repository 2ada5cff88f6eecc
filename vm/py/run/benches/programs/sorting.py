def f(n):
    x = 12345; a = []
    for i in range(n):
        x = (x * 1103515245 + 12345) & 0x7fffffff
        a.append(x)
    b = sorted(a)
    c = sorted(a, key=lambda v: -v)
    return b[0], c[0], sum(1 for i in range(len(b)) if b[i] == c[-1 - i])
print(f(100000))
