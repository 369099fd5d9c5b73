"""From raw blocks to the whitened trace of a site, and pieces of it.

`survey` takes a first look and makes the `front`: filters, spectrum of the noise, chunks. `blocks`
are read and cleaned (`converter` where its step is as large as the noise), `whitening` makes their
spectra, and `windows` does so around single potentials. `bank` is what they are filtered with,
`cells` and `sway` tell noise and slow waves along the recording, `cutting` cuts what is sorted.
"""
