class E(Exception):
    pass
def risky(i):
    if i % 3 == 0:
        raise E(i)
    return i
def f(n):
    s = 0
    for i in range(n):
        try:
            s += risky(i)
        except E as e:
            s -= e.args[0]
    return s
print(f(300000))
