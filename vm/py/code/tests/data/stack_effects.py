"""Records dis.stack_effect of 3.9: `python3.9 stack_effects.py > stack_effects.txt`.

A line has a mnemonic, an argument (`-` where it has none), and the effect when the next
instruction is next and when the jump is taken.
"""
import dis

ARGUMENTS = [0, 1, 2, 3, 4, 5, 7, 8, 15, 255, 256, 513, 70000]

for name, opcode in sorted(dis.opmap.items(), key=lambda item: item[1]):
    if name == "EXTENDED_ARG":
        continue
    takes = opcode >= dis.HAVE_ARGUMENT
    for argument in ARGUMENTS if takes else [None]:
        effects = [dis.stack_effect(opcode, argument, jump=jump) for jump in (False, True)]
        print(name, "-" if argument is None else argument, *effects)
