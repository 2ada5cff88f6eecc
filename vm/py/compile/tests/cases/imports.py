import a
import a.b.c
import a as b, a.b as c, a.b.c.d as e
from a import b, c as d
from a.b import (c, d,)
from . import a
from ...a import b
from a import *
