a = f"a{b}c{d!r}{e:>{f}}{g=}{h = !s:x}{{}}{i:{j}{k}}"
b = f"{x!a}" "y" f"{z}"
c = f""
d = f"a" "b"
e = f"{a['b']}{ {1: 2}[1] }{(lambda x: x)(1)}"
f = f"""
{a
 + b}
"""
g = rf"\d{a:\w}"
h = f"{a:{'x'}}"
