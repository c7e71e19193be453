"""Keeps the garbage collector off what stays for as long as the process runs."""

from __future__ import annotations

import gc


def set_aside() -> None:
    """Have no later collection look at what is in memory now: modules, the catalogue, services.

    Streamlit collects all of it after every run of a page. Over the 300,000 objects that the imports leave that takes
    180 ms, in which no other thread runs: neither does the page get its last part, nor another person's answer its
    next word. What is in a cycle now and dropped later stays in memory, which is what a few open pages come to.
    """
    gc.collect()
    gc.freeze()
