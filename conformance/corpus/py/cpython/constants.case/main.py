data = {
    "int": 10 ** 30, "small": -1, "float": 1e-7, "complex": 2 - 3j, "bytes": b"\x00\xff",
    "text": "caf\u00e9 \U0001f600 \ud800".encode("ascii", "backslashreplace"), "tuple": (1, (2.5, None), ...),
}
print(data, 3 in {1, 2, 3}, "a" "b", -0.0, 0.1 + 0.2, 1 << 100)
print(f"{data['int']:,} {'x'!r:>5} {3.14159:.{2}f}")
