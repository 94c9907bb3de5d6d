"""What files from strangers are taken for, what is taken out of them, and what they can't do."""

import io
import json
import random
import struct
import subprocess
import sys
import wave
import zipfile
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ckanext.lrtzc.collection.domain import archive
from ckanext.lrtzc.collection.domain.kinds import FORMATS, Kind
from ckanext.lrtzc.collection.domain.problems import Code
from ckanext.lrtzc.collection.domain.reader import answer

EXIF, GPS = 0x8769, 0x8825
SECRET = b"Canon-serial-4711"


def exif(orientation=6):
    found = Image.Exif()
    found[0x0112] = orientation
    found[0x010F] = SECRET.decode()
    found.get_ifd(EXIF)[0x9003] = "2024:05:17 08:30:00"
    found.get_ifd(GPS).update({1: "N", 2: (46.0, 9.0, 36.0), 3: "W", 4: (1.0, 9.0, 0.0)})
    return found


def photo(form="JPEG", size=(64, 40), **options):
    colours = random.Random(7)
    picture = Image.new("RGB", size)
    picture.putdata([(colours.randrange(256), x % 256, 90) for x in range(size[0] * size[1])])
    out = io.BytesIO()
    options.setdefault("exif", exif())
    if form == "PNG":
        said = PngInfo()
        said.add_itxt("XML:com.adobe.xmp", "<x exif:GPSLatitude='46,9N'/>")
        options["pnginfo"] = said
    picture.save(out, form, **options)
    return out.getvalue()


def pdf(text="Le zostère couvre l'estran", title="Rapport d'estran"):
    body = f"BT /F1 12 Tf 20 50 Td ({text}) Tj ET".encode("latin-1")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 100]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(body), body),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        b"<</Title(%s)>>" % title.encode("latin-1"),
    ]
    out, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj" % number + one + b"endobj\n"
    table = b"xref\n0 7\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + table + b"trailer<</Size 7/Root 1 0 R/Info 6 0 R>>\nstartxref\n%d\n%%%%EOF" % len(out)


def zipped(files, first=b""):
    out = io.BytesIO(first)
    with zipfile.ZipFile(out, "a") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return out.getvalue()


def docx(text="Les platanes du mail", macro=False):
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    main = "application/vnd.ms-word.document.macroEnabled.main+xml" if macro else main
    return zipped(
        {
            "[Content_Types].xml": f'<Types><Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
            "word/document.xml": f'<w:d xmlns:w="w"><w:p><w:t>{text}</w:t></w:p><w:p><w:t>Fin</w:t></w:p></w:d>',
            "docProps/core.xml": '<c xmlns:dc="d"><dc:title>Arbres</dc:title></c>',
        }
    )


def sound(seconds=2):
    out = io.BytesIO()
    with wave.open(out, "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(1)
        made.setframerate(8000)
        made.writeframes(b"\x80" * 8000 * seconds)
    return out.getvalue()


@pytest.fixture
def read(tmp_path):
    def read(content, kind=Kind.PHOTO, *, strip=True, name="sent"):
        path = tmp_path / "sent"
        path.write_bytes(content)
        asked = {"path": str(path), "kind": kind.value, "folder": str(tmp_path), "strip": strip, "name": name}
        return answer(asked)

    return read


class TestPhotos:
    @pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
    def test_what_is_stripped_says_neither_place_nor_device_and_looks_the_same(self, read, tmp_path, form):
        sent = photo(form, **({"lossless": True} if form == "WEBP" else {}))
        found = read(sent)
        assert found["ok"], found
        assert found["longitude"] is None
        assert Code.POSITION_REMOVED in found["said"]
        assert (found["width"], found["height"], found["taken"]) == (40, 64, "2024-05-17T08:30:00")
        kept = (tmp_path / "kept").read_bytes()
        assert SECRET not in kept
        assert b"GPS" not in kept
        before, after = Image.open(io.BytesIO(sent)), Image.open(io.BytesIO(kept))
        assert before.tobytes() == after.tobytes()
        assert not after.getexif().get_ifd(GPS)
        small = Image.open(io.BytesIO((tmp_path / "small").read_bytes()))
        assert (small.format, small.size) == ("WEBP", (40, 64))
        assert not small.getexif()
        if form != "WEBP":
            assert after.getexif()[0x0112] == 6

    def test_what_is_kept_by_choice_is_told(self, read, tmp_path):
        sent = photo()
        found = read(sent, strip=False)
        assert (found["longitude"], found["latitude"]) == (-1.15, 46.16)
        assert (tmp_path / "kept").read_bytes() == sent
        assert not Image.open(io.BytesIO((tmp_path / "small").read_bytes())).getexif()

    @pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
    def test_a_second_file_behind_the_picture_is_cut_off(self, read, tmp_path, form):
        hidden = zipped({"payload.php": "<?php system($_GET['x']) ?>"})
        for strip in (True, False):
            found = read(photo(form) + hidden, strip=strip)
            assert Code.TRAILING in found["said"]
            assert not zipfile.is_zipfile(tmp_path / "kept")
            assert b"<?php" not in (tmp_path / "kept").read_bytes()

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", Code.SCRIPT),
            (b"\xef\xbb\xbf  <?xml version='1.0'?><svg onload='alert(1)'/>", Code.SCRIPT),
            (b"<!DOCTYPE html><script>alert(1)</script>", Code.SCRIPT),
            (b"#!/bin/sh\nrm -rf /\n", Code.SCRIPT),
            (b"GIF89a/*<svg*/=alert(1)//", Code.SCRIPT),
            (b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", Code.UNKNOWN),
            (b"\xff\xd8\xff\xe0<script>alert(1)</script>", Code.UNREADABLE),
            (photo()[:900], Code.UNREADABLE),
            (photo("PNG")[:-20], Code.UNREADABLE),
            (b"", Code.EMPTY),
            (b"\x00\x01\x02" * 50, Code.UNKNOWN),
            (b"%PDF-1.4 not a photo", Code.OTHER_KIND),
        ],
    )
    def test_what_is_no_photo_is_refused(self, read, content, code):
        assert read(content)["code"] == code

    def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_read(self, read):
        def chunk(name, data):
            return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

        head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
        bomb = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(10**6))) + chunk(b"IEND", b"")
        assert read(bomb)["code"] == Code.TOO_MANY_PIXELS

    def test_metadata_that_lie_about_their_size_do_no_harm(self, read, tmp_path):
        loop = b"Exif\0\0II*\0" + struct.pack("<IHHHII", 8, 1, GPS, 4, 1, 8) + struct.pack("<I", 8)
        huge = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 65535) + struct.pack("<HHII", 0x927C, 7, 2**31, 0) * 20
        for payload in (loop, huge):
            plain = photo(exif=b"")
            sent = plain[:2] + b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload + plain[2:]
            found = read(sent)
            assert found["ok"] or found["code"] == Code.UNREADABLE
            if found["ok"]:
                assert payload not in (tmp_path / "kept").read_bytes()


class TestDocuments:
    def test_text_and_title_of_each_format(self, read):
        found = read(pdf(), Kind.DOCUMENT)
        assert (found["pages"], found["title"]) == (1, "Rapport d'estran")
        assert "zostère couvre" in found["words"]
        found = read(docx(), Kind.DOCUMENT)
        assert (found["title"], found["words"]) == ("Arbres", "Les platanes du mail Fin")
        odt = {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": "<o><p>Marée haute</p></o>",
            "meta.xml": "<m><title>Marées</title></m>",
        }
        assert read(zipped(odt), Kind.DOCUMENT)["words"] == "Marée haute"
        assert read("Été à l'île\0".encode()[:-1], Kind.DOCUMENT)["words"] == "Été à l'île"
        assert read("Été".encode("cp1252"), Kind.DOCUMENT)["words"] == "Été"

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (docx(macro=True), Code.MACRO),
            (zipped({"a.txt": "x"}), Code.ARCHIVE),
            (docx("&boom;"), Code.UNREADABLE),
            (b"%PDF-1.7\n" + b"garbage " * 50, Code.UNREADABLE),
            (b"PK\x03\x04garbage", Code.UNREADABLE),
            (photo(), Code.OTHER_KIND),
        ],
    )
    def test_what_is_no_document_is_refused(self, read, content, code):
        assert read(content, Kind.DOCUMENT)["code"] == code

    @pytest.mark.parametrize("kind", [Kind.DOCUMENT, Kind.PHOTO])
    def test_a_table_is_named_as_one_since_its_rows_could_not_be_explored(self, read, kind):
        rows = b"jour;passages\r\n2026-03-01;412\r\n"
        workbook = {"[Content_Types].xml": "…spreadsheetml.sheet.main+xml…"}
        sheet = {"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}
        for content, name in (
            (rows, "comptages.CSV"),
            (b'{"a": 1}', "a.json"),
            (zipped(workbook), "comptages.xlsx"),
            (zipped(sheet), "comptages.ods"),
            (b"PAR1" + bytes(20), "comptages.parquet"),
        ):
            assert read(content, kind, name=name)["code"] == Code.TABLE, name
        assert read(rows, Kind.DOCUMENT, name="notes.txt")["ok"], "what one calls a text is one"
        assert read(photo(), name="vue.csv")["ok"], "what a photo is, its content decides"

    def test_a_document_that_unpacks_to_much_is_refused(self, read):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr("mimetype", "application/vnd.oasis.opendocument.text")
            made.writestr("content.xml", "<o>" + " " * (30 << 20) + "</o>")
        assert read(out.getvalue(), Kind.DOCUMENT)["code"] == Code.TOO_HEAVY


class TestSoundsAndFilms:
    def test_a_sound_says_how_long_it_is(self, read):
        assert read(sound(), Kind.AUDIO)["duration"] == 2.0

    def test_films_are_known_by_their_content(self, read):
        assert read(struct.pack(">I4s4sI", 16, b"ftyp", b"isom", 0), Kind.VIDEO)["format"] == "mp4"
        assert read(b"\x1a\x45\xdf\xa3" + b"\0" * 8 + b"webm", Kind.VIDEO)["format"] == "webm"
        assert read(b"\x1a\x45\xdf\xa3" + b"\0" * 8 + b"matroska", Kind.VIDEO)["code"] == Code.UNKNOWN


class TestArchives:
    def test_names_are_read_as_they_were_written(self):
        for name, encoding in (("été.jpg", "utf-8"), ("été.jpg", "cp850")):
            info = zipfile.ZipInfo(name.encode(encoding).decode("cp437"))
            assert archive.entries([info])[0].name == name

    def test_links_and_what_systems_add(self):
        link = zipfile.ZipInfo("a.jpg")
        link.external_attr = 0o120777 << 16
        (found,) = archive.entries([link, zipfile.ZipInfo("__MACOSX/._a.jpg"), zipfile.ZipInfo("x/.DS_Store")])
        assert found.is_link

    def test_a_name_follows_the_content(self):
        assert FORMATS["pdf"].name_for("rapport.exe") == "rapport.pdf"
        assert FORMATS["jpeg"].name_for("v1.2") == "v1.2.jpg"
        assert FORMATS["jpeg"].name_for("A.JPEG") == "A.JPEG"


def test_the_process_goes_on_after_a_file_that_it_refuses(tmp_path):
    (tmp_path / "good").write_bytes(photo())
    (tmp_path / "bad").write_bytes(b"<svg/>")
    asked = [
        {"path": str(tmp_path / name), "kind": "photo", "folder": str(tmp_path), "strip": True}
        for name in ("bad", "good")
    ]
    run = subprocess.run(
        [sys.executable, "-I", "-m", "ckanext.lrtzc.collection.domain.reader", "1024"],
        input="".join(json.dumps(one) + "\n" for one in asked),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert [json.loads(line)["ok"] for line in run.stdout.splitlines()] == [False, True]
