def a(x):
    def b():
        def c():
            return x
        return c
    return b
