"""A global name that becomes a parameter."""

scale = 100


def area(w, h=2, *rest, unit="m", **more):
    """Text."""
    return f"{w * h * scale}{unit}", rest, more


class Box:
    def size(self):
        return scale


print(area(3))
print(area(3, 4))
print(area(3, 4, 5, 6, unit="cm", x=1))
print(area(3, scale=7))
print(area.__defaults__, area.__kwdefaults__, Box().size())
