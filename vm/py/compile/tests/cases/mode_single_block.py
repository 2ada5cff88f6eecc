# mode: single
if a:
    b
    "c"
