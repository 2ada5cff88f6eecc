a = b"\x1"
