"""Files that are made to harm whoever reads them, and some that only look like it; each as small as it can be."""

from __future__ import annotations

import base64
import io
import struct
import zipfile
import zlib

from PIL import Image

HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAchtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA"
    "ADRpbG9jAAAAAERAAAIAAQAAAAAB7AABAAAAAAAAAB0AAgAAAAACCQABAAAAAAAAADoAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAA"
    "AAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAABB2lwcnAAAADmaXBjbwAAAHZodmNDAQNwAAAA"
    "kAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq"
    "5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xh"
    "cAAAADAAAAABAAAAIAAAAAH////wAAAAAv///+AAAAACAAAAEHBpeGkAAAAAAwgICAAAAAlpcm90AwAAABlpcG1hAAAAAAAAAAEA"
    "AQaBAgMFhIYAAAAaaXJlZgAAAAAAAAAOY2RzYwACAAEAAQAAAF9tZGF0AAAAGSgBrxOA+BDhp//6uKK/1K1f+n+S/OikM+AAAAAG"
    "RXhpZgAATU0AKgAAAAgAAgEOAAIAAAAJAAAAJgESAAMAAAABAAYAAAAAAAA1MS41MDA3TgAA"
)
"""48 × 32 pixels, teal, turned by its EXIF, in which stands 51.5007N. Nothing here writes HEIC: pillow-heif made it."""


def picture(kind: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "teal" if mode.startswith("RGB") else 90).save(out, kind, **options)
    return out.getvalue()


def jpeg_of_scans(count: int) -> bytes:
    """A JPEG that goes over its pixels again and again, for 90 bytes each time."""
    content = picture("JPEG", (800, 800), "L", progressive=True)
    last = content[content.rfind(b"\xff\xda") : -2]
    return content[:-2] + last * count + b"\xff\xd9"


def gif_of_frames(count: int) -> bytes:
    """An animation of that many pictures, each a few bytes."""
    out = io.BytesIO()
    Image.new("P", (8, 8), 1).save(out, "GIF", save_all=True, append_images=[Image.new("P", (8, 8), 2)], duration=10)
    content = out.getvalue()
    last = content[content.rfind(b"\x21\xf9") : -1]
    return content[:-1] + last * count + b";"


def gif_beyond_its_screen() -> bytes:
    """A GIF of 8 × 8 pixels with a picture of 65,535 × 65,535 on it."""
    screen = struct.pack("<HHBBB", 8, 8, 0x80, 0, 0) + bytes(6)
    return b"GIF89a" + screen + b"," + struct.pack("<HHHHB", 0, 0, 65_535, 65_535, 0) + b"\x02\x02\x4c\x01\0;"


def chunk(kind: bytes, body: bytes) -> bytes:
    """One of a PNG's."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of_zeros(side: int) -> bytes:
    """A PNG of see-through pixels, four bytes each, that unpacks to its last one."""
    packer = zlib.compressobj(9)
    line = bytes(side * 4 + 1)
    packed = b"".join(packer.compress(line) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def png_with_a_text_of(megabytes: int) -> bytes:
    """A small PNG with a text that unpacks to that much."""
    whole = picture("PNG")
    return whole[:33] + chunk(b"zTXt", b"a\0\0" + _zeros(megabytes)) + whole[33:]


def zip_of_zeros(name: str, megabytes: int) -> bytes:
    """An archive with one file of that size in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w") as file:
        for _ in range(megabytes):
            file.write(bytes(2**20))
    return out.getvalue()


def zip_of_one_file_many_times(name: bytes, megabytes: int, times: int) -> bytes:
    """An archive that lists one file many times: what it unpacks to has no limit, and it has 100 kB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    content = bytes(megabytes * 2**20)
    packed, crc = packer.compress(content) + packer.flush(), zlib.crc32(content)
    sizes = (crc, len(packed), len(content), len(name))
    file = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 0, *sizes, 0) + name + packed
    entry = struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, 0, 8, 0, 0, *sizes, 0, 0, 0, 0, 0, 0) + name
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, times, times, len(entry) * times, len(file), 0)
    return file + entry * times + end


def _zeros(megabytes: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(2**20)) for _ in range(megabytes)) + packer.flush()


def pdf_of(*objects: bytes) -> bytes:
    """A PDF of these objects; the first is its catalogue."""
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table))
    return out.getvalue()


def pdf_that_unpacks_to(megabytes: int) -> bytes:
    """A PDF with a page whose content is packed twice."""
    packed = zlib.compress(_zeros(megabytes), 9)
    stream = b"<< /Filter [/FlateDecode /FlateDecode] /Length %d >>\nstream\n%s\nendstream" % (len(packed), packed)
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 3 0 R /Resources << >> >>"
    return pdf_of(CATALOGUE, b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>", stream, page)


CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
