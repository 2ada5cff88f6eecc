class Shape:
    """Something with an area."""

    sides = 0

    def area(self):
        return 0

    def __repr__(self):
        return f"{type(self).__name__}({self.sides}, {self.area():.2f})"


def make(name):
    class Square(Shape):
        sides = 4
        label = name

        def __init__(self, a):
            super().__init__()
            self.a = a

        def area(self):
            return self.a ** 2

    return Square


print(make("big")(3), make("x").label, Shape.__doc__)
