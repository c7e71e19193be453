"""A Merkle tree as in RFC 6962, section 2.1, whose leaves may change: a change costs one path, not the tree.

Nodes are paired level by level, and one that is left over moves up as it is: the same tree as the recursive definition,
which splits at the largest power of two.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()


class MerkleTree:
    """Hashes over a list of byte strings."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for index, data in enumerate(leaves):
            self.set(index, data)

    def __len__(self) -> int:
        return len(self._levels[0])

    @property
    def root(self) -> bytes:
        """The hash over all leaves, 32 bytes."""
        return self._levels[-1][0] if len(self) else EMPTY_ROOT

    def set(self, index: int, data: bytes) -> None:
        """Change a leaf, or add one where `index` is the number of leaves."""
        node = _leaf(data)
        for nodes in self._path():
            if index == len(nodes):
                nodes.append(node)
            else:
                nodes[index] = node
            if len(nodes) == 1:
                return
            left = index & ~1
            node = _node(nodes[left], nodes[left + 1]) if left + 1 < len(nodes) else nodes[left]
            index >>= 1

    def proof(self, index: int) -> list[bytes]:
        """What shows that a leaf is under the root, for `is_included`: the siblings on its way up."""
        siblings = []
        for nodes in self._levels[:-1]:
            sibling = index ^ 1
            if sibling < len(nodes):
                siblings.append(nodes[sibling])
            index >>= 1
        return siblings

    def _path(self) -> Iterable[list[bytes]]:
        yield from self._levels
        while True:
            self._levels.append([])
            yield self._levels[-1]


def is_included(root: bytes, data: bytes, index: int, size: int, proof: Sequence[bytes]) -> bool:
    """Whether `data` is leaf `index` of the tree of `size` leaves under `root`: RFC 9162, section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    node, last = _leaf(data), size - 1
    for sibling in proof:
        if last == 0:
            return False
        if index & 1 or index == last:
            node = _node(sibling, node)
            while not index & 1 and index:
                index >>= 1
                last >>= 1
        else:
            node = _node(node, sibling)
        index >>= 1
        last >>= 1
    return last == 0 and node == root


def _leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
