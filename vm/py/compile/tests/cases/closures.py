def f(a, b):
    c = 1
    def g(d, e=a):
        nonlocal c
        c += d
        return lambda: (a, c, e)
    class C:
        a = a
        def m(self):
            return a, b, super().m()
    return g, C
