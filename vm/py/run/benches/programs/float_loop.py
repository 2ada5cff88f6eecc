def f(n):
    x = 0.5; y = 0.25; i = 0
    while i < n:
        x = x * 0.999 + y * 0.001
        y = y + (x - y) * 0.01
        i += 1
    return x
print(f(2000000))
