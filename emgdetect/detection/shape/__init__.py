"""What waveforms say of a potential: a muscle's, or an electrode's, a cable's, a knock.

`explaining` fits muscle's shapes and jumps to each; with that `pops`, `rattle`, `bursts`,
`slowness` (by `shares` of low frequencies) and `artefacts` (with `lone`) speak against it.
For it speak its unit: `kinship`, `steady` size, and sums of two waveforms (`composed`).
"""
