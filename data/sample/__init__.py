"""Sample data: a made-up company's usage of models, as frames of the warehouse's rows and as events of the outbox.

Pure: a generator of random numbers and a moment come in, frames come out; nothing is read or written. `sample_days` is
what a benchmark needs as well (millions of rows a minute), `events_of` is how `python -m core demo seed` tells them.
Not imported by the app itself.
"""
