"""Names that become constants."""


def area(r):
    if DEBUG:
        print("area of", r)
    while DEBUG and r < 0:
        r += 1
    return PI * r * r if not DEBUG else None


def text():
    return NAMES[1] + "!" if LIMIT > 2 else missing()


class Circle:
    sides = LIMIT

    def grow(self):
        PI = 4
        return [PI, *(LIMIT for _ in range(2))]


print(area(2))
print(text())
print(Circle.sides, Circle().grow())
