await a
