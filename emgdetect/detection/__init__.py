"""Detection: from a recording's signal to judged potentials, in rooms in the order of the data.

`trace`: blocks of the signal become a site's whitened trace. `first_pass`: candidates, and the
units that they form. `rest`: the time that may be counted. `second_pass`: all potentials, sought
with the units' own waveforms. `cardiac`: beats, known before and taken out. `firing` and `shape`:
what times alone and what waveforms say of a potential. `remarks`: what a person should know of a
site's signal before trusting its rate. `verdicts`: what each one is called.

Beside the rooms `pipeline` tells the whole way, `stages` that of one site; `site` holds what is
known of it before any verdict, `levels` what each exclusion level leaves of it, and `tabling` makes
rows of potentials and verdicts. `trains`, `bodymap`, `rows`, `threads` and `clock` serve all rooms.
A room imports from lower floors only, never from its own floor or a higher one;
`tests/test_layering.py` has the floors and checks them.
"""
