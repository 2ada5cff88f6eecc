def f(n):
    s = 0; i = 0
    while i < n:
        s += i * i % 7
        i += 1
    return s
print(f(3000000))
