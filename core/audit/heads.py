"""The heads of all chains as checkpoints sign them: a list in the order in which the chains came up, and its root.

A checkpoint lists the chains that moved since the one before it, now and then all of them. Heads only move forward:
a chain that got shorter or other than what was signed keeps the head that was signed, so that every later checkpoint
says so, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from core.audit.merkle import MerkleTree
from data.values.audit import ChainHead
from data.values.canonical import canonical_json


class SignedHeads:
    """The heads up to one checkpoint."""

    def __init__(self, heads: Iterable[ChainHead] = ()) -> None:
        self._places: dict[str, int] = {}
        self._heads: list[ChainHead] = []
        self._tree = MerkleTree()
        self.events = 0
        """Sum of all chains' lengths."""
        for head in heads:
            self.move(head)

    def __len__(self) -> int:
        return len(self._heads)

    def __iter__(self) -> Iterator[ChainHead]:
        return iter(self._heads)

    @property
    def root(self) -> str:
        """The Merkle root over the heads, in hexadecimal."""
        return self._tree.root.hex()

    def seq(self, chain_id: str) -> int:
        """The number of the chain's head, 0 for a chain that is not here."""
        place = self._places.get(chain_id)
        return 0 if place is None else self._heads[place].seq

    def behind(self, live: Iterable[ChainHead]) -> list[ChainHead]:
        """Those of `live` that are further than here."""
        return [head for head in live if head.seq > self.seq(head.chain_id)]

    def move(self, head: ChainHead) -> None:
        """Take a new head of a chain."""
        place = self._places.setdefault(head.chain_id, len(self._heads))
        if place == len(self._heads):
            self._heads.append(head)
            self.events += head.seq
        else:
            self.events += head.seq - self._heads[place].seq
            self._heads[place] = head
        self._tree.set(place, head_leaf(head))

    def place(self, chain_id: str) -> int | None:
        """Which leaf of the tree the chain is."""
        return self._places.get(chain_id)

    def proof(self, chain_id: str) -> list[bytes]:
        """The inclusion proof of a chain's head; see `merkle.is_included`.

        Raises:
            KeyError: no such chain here.
        """
        return self._tree.proof(self._places[chain_id])


def head_leaf(head: ChainHead) -> bytes:
    """What a leaf of the tree is the hash of."""
    return canonical_json({"chain": head.chain_id, "hash": head.hash.hex(), "seq": head.seq}).encode()


def heads_json(heads: Iterable[ChainHead], *, full: bool) -> str:
    """`Checkpoint.heads`: the chains that moved, or all of them (`full`)."""
    return canonical_json({"full": full, "heads": [[head.chain_id, head.seq, head.hash.hex()] for head in heads]})


def read_heads(text: str) -> tuple[list[ChainHead], bool]:
    """The reverse of `heads_json`.

    Raises:
        ValueError: it is something else.
    """
    try:
        said = json.loads(text)
        heads = [ChainHead(str(chain), int(seq), bytes.fromhex(digest)) for chain, seq, digest in said["heads"]]
        return heads, bool(said["full"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("no list of heads") from error
