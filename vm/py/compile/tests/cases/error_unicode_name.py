a = "\N{nothing}"
