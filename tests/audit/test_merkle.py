from __future__ import annotations

import hashlib

import pytest

from core.audit.merkle import EMPTY_ROOT, MerkleTree, is_included


def by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + by_definition(leaves[:split]) + by_definition(leaves[split:])).digest()


def leaves(count: int) -> list[bytes]:
    return [f"leaf {number}".encode() for number in range(count)]


def test_the_roots_of_certificate_transparencys_own_tests() -> None:
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    tree = MerkleTree(bytes.fromhex(data) for data in inputs)
    assert tree.root.hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    assert EMPTY_ROOT == MerkleTree().root == by_definition([])


@pytest.mark.parametrize("count", range(1, 34))
def test_the_tree_is_the_one_of_the_definition_also_after_changes(count: int) -> None:
    data = leaves(count)
    tree = MerkleTree(data)
    assert (tree.root, len(tree)) == (by_definition(data), count)
    for index in (0, count // 2, count - 1):
        data[index] = b"changed"
        tree.set(index, b"changed")
        assert tree.root == by_definition(data)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 9, 20])
def test_a_proof_shows_its_leaf_and_nothing_else(count: int) -> None:
    data = leaves(count)
    tree = MerkleTree(data)
    for index in range(count):
        proof = tree.proof(index)
        assert is_included(tree.root, data[index], index, count, proof)
        assert not is_included(tree.root, b"other", index, count, proof)
        assert not is_included(bytes(32), data[index], index, count, proof)
        assert not is_included(tree.root, data[index], index, count, [*proof, bytes(32)])
        assert not any(
            is_included(tree.root, data[index], other, count, proof) for other in range(-1, count + 1) if other != index
        )
        if proof:
            assert not is_included(tree.root, data[index], index, count, proof[:-1])
