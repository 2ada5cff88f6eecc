a = lambda: 0, lambda: 0, lambda: 1, (lambda: 0)
