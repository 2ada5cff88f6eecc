class P:
    def __init__(self, x, y):
        self.x = x; self.y = y
    def move(self, d):
        self.x += d
        return self.x
def f(n):
    s = 0
    for i in range(n):
        p = P(i, 1)
        s += p.move(2) + p.y
    return s
print(f(500000))
