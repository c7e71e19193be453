"""A person looks into the files of their messages: rows of tables, the beginning of texts, and nothing of others."""

from __future__ import annotations

import io

import pyarrow
import pyarrow.parquet
import pytest

from core.access.access import Access
from core.chat.attachments import Attachment
from core.chat.looking import AttachedFiles, Look
from core.errors import NotFound
from data.values.parts import FilePart, TextFilePart
from tests.chat.house import ChatHouse, ended
from tests.documents.made import pdf
from tests.people import ALICE, BOB
from tests.query.workbooks import workbook


def _parquet() -> bytes:
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"month": ["May", "June"], "n": [3, 4]}), out)
    return out.getvalue()


TABLES = {
    "sales.csv": b"month,n\nMay,3\nJune,4\n",
    "sales.tsv": b"month\tn\nMay\t3\nJune\t4\n",
    "sales.ndjson": b'{"month":"May","n":3}\n{"month":"June","n":4}\n',
    "sales.xlsx": workbook({"Sales": [["month", "n"], ["May", 3], ["June", 4]]}),
    "sales.parquet": _parquet(),
    "many.csv": b"month,n\n" + b"May,3\n" * 40_000,
}


def look(house: ChatHouse, name: str, content: bytes) -> Look:
    turn = ended(house.chat.send(ALICE, None, "[[say:ok]]", house.choice(), files=[Attachment(name, content)]))
    part = house.messages(turn)[0].parts[0]
    assert isinstance(part, FilePart | TextFilePart)
    files, chat = AttachedFiles(Access(house.store), house.store), turn.begun.conversation_id
    with pytest.raises(NotFound):
        files.look(BOB, chat, part)
    return files.look(ALICE, chat, part)


@pytest.mark.parametrize("name", TABLES)
def test_the_first_rows_of_a_table_are_seen(house: ChatHouse, name: str) -> None:
    (table,) = look(house, name, TABLES[name]).tables
    assert table.columns == ("month", "n")
    assert table.rows[0] == ("May", 3)
    assert (len(table.rows), table.total_rows) == ((20, 40_000) if name == "many.csv" else (2, 2))


def test_of_others_the_beginning_of_what_a_model_reads_is_seen(house: ChatHouse) -> None:
    assert look(house, "plan.pdf", pdf("Ship it")) == Look((), "[Page 1]\nShip it", 16)
    assert look(house, "scan.pdf", pdf("")) == Look()
    assert look(house, "notes.md", b"# " + b"x" * 5_000) == Look((), "# " + "x" * 3_998, 5_002)


def test_what_is_called_a_table_and_is_none_is_seen_as_it_is(house: ChatHouse) -> None:
    assert look(house, "deep.json", b"[" * 3_000).text == "[" * 3_000
