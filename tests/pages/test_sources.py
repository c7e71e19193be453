from __future__ import annotations

from data.values.sources import Source, source
from pages.sources import linked


def test_each_has_its_title_and_where_it_leads() -> None:
    made = linked([Source("https://one.example/a", "First"), Source("https://two.example/")])
    assert made == ("1. [First](<https://one.example/a>) · one\\.example\n2. [two\\.example](<https://two.example/>)")


def test_neither_a_title_nor_an_address_acts() -> None:
    named = source("https://one.example/a?x=$1$&b=&amp;c](https://two.example)", "](https://evil.example) :red[x] <b>")
    assert named is not None
    made = linked([named])
    assert made.count("](") == 1, "the title has none that acts"
    assert "\\:red\\[x\\]" in made and "\\<b\\>" in made
    address = made[made.index("](<") + 3 : made.index(">)")]
    assert address == "https://one.example/a?x=%241%24&amp;b=&amp;amp;c%5D%28https://two.example%29"
