class P:
    def __init__(self, x, y): self.x = x; self.y = y
def f(n):
    a = list(range(1024)); p = P(3, 0); i = 0
    while i < n:
        j = i & 1023
        a[j] = a[j] + p.x
        p.y = (p.y + a[j]) & 1023
        i += 1
    return p.y
print(f(1000000))
