"""The second pass: all potentials of a site, sought with its units' own waveforms.

`pursuit` subtracts the best placed template again and again; `generic` keeps the score of what is
left, `nearby` tells what each electrode sees. `refining` learns the units anew from all that they
explain, before the pass that counts. `listing` then lists each potential once, measured on its
strongest channel (`measuring`), if it stands out of the noise of its `surroundings`.
"""
