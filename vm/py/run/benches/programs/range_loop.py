def f(n):
    s = 0
    for i in range(n):
        s += i * i % 7
    return s
print(f(3000000))
