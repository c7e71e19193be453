"""Documents for tests, written by hand: only what has to be in one."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_SLIDE = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_LINKS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'


def pdf(*pages: str) -> bytes:
    """A PDF with a line of text on each page; an empty one is a page without text."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for text in pages:
        stream = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET".encode("latin-1") if text else b""
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    out = io.BytesIO(b"%PDF-1.7\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table))
    return out.getvalue()


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    """A ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in parts.items():
            opened.writestr(name, content)
    return out.getvalue()


def word(body: str, before: str = "") -> bytes:
    """A Word document with this body."""
    return archive({"word/document.xml": f"{before}<w:document {_W}><w:body>{body}</w:body></w:document>"})


def said(text: str, look: str = "") -> str:
    """A paragraph of Word."""
    return f"<w:p><w:pPr>{look}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def slides(*texts: str) -> bytes:
    """A presentation, whose slides' files are numbered against their order."""
    count = len(texts)
    parts: dict[str, str | bytes] = {}
    for place, text in enumerate(texts):
        number = count - place
        parts[f"ppt/slides/slide{number}.xml"] = (
            f"<p:sld {_SLIDE}><a:p><a:r><a:t>{text}</a:t></a:r></a:p>"
            "<a:tbl><a:tr><a:tc><a:p><a:r><a:t>x</a:t></a:r></a:p></a:tc>"
            "<a:tc><a:p><a:r><a:t>y</a:t></a:r></a:p></a:tc></a:tr></a:tbl></p:sld>"
        )
    links = "".join(f'<Relationship Id="r{place}" Target="slides/slide{count - place}.xml"/>' for place in range(count))
    order = "".join(f'<p:sldId r:id="r{place}"/>' for place in range(count))
    parts["ppt/_rels/presentation.xml.rels"] = f"<Relationships {_LINKS}>{links}</Relationships>"
    parts["ppt/presentation.xml"] = f"<p:presentation {_SLIDE}><p:sldIdLst>{order}</p:sldIdLst></p:presentation>"
    return archive(parts)
