from __future__ import annotations
import os.path as p
from math import pi, floor as down

radius: float = 2
area: "later"


def f(a: int, *, b: str = "x") -> None:
    """Nothing."""


print(__annotations__, f.__annotations__, down(pi * radius), p.join("a", "b"))
