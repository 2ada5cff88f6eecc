x = 1
def f():
    global x, y
    x = 2
    del y
    return x, z
class C:
    global w
    w = 1
    x = x
    def m(self):
        return __class__, x
