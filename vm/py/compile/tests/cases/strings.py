a = "a" 'b' """c
d""" r"\n" u"e" b"" if b"f" rb"\x" else "\x41\u00e9\U0001f600\N{BULLET}\101\
"
b = "\ud800", "\'", '\"', "\a\b\f\v\0"
c = "\d", b"\q"
