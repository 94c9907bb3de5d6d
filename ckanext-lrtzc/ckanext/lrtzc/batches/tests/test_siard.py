"""SIARD archives are read, or refused in words that help."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ckanext.lrtzc.batches.domain.analysis import analyse
from ckanext.lrtzc.batches.domain.coltypes import ColumnType
from ckanext.lrtzc.batches.domain.detect import Kind, detect
from ckanext.lrtzc.batches.domain.problems import BatchError
from ckanext.lrtzc.batches.domain.tables import POSITION, Source

from .layers import refused, whole
from .made import siard, zipped

TEXT, INTEGER, DECIMAL, FLOAT, BOOLEAN, DATE, TIMESTAMP = (
    ColumnType.TEXT, ColumnType.INTEGER, ColumnType.DECIMAL, ColumnType.FLOAT, ColumnType.BOOLEAN, ColumnType.DATE,
    ColumnType.TIMESTAMP,
)  # fmt: skip


VALUES = [
    ("N° de l'acte", "INTEGER"), ("prix", "DECIMAL(10, 2)"), ("lot", "NUMERIC(8)"), ("mesure", "DOUBLE PRECISION"),
    ("actif", "BOOLEAN"), ("jour", "DATE"), ("moment", "TIMESTAMP(6)"), ("libellé", "CHARACTER VARYING(50)"),
    ("scan", "BINARY LARGE OBJECT"),
]  # fmt: skip


class TestSiard:
    def test_values_and_types_are_those_of_the_archive(self, source):
        rows = [
            (1, "12.50", 7, "1.5E-7", "true", "2024-02-29Z", "2024-02-29T12:00:00.5Z", r"Rue \u005c de l'été\u0009x",
             "00"),
            (None,) * 9,
            (9223372036854775807, "-0.05", -1, "NaN", "false", "1789-07-14", "1789-07-14T00:00:00", "<a> & b", None),
        ]  # fmt: skip
        sent = source(siard({"actes": (VALUES, rows)}), "x.siard")
        assert detect(sent.path, sent.name) is Kind.SIARD
        found = analyse(sent)
        assert [(column.name, column.type) for column in found.columns] == [
            ("N° de l'acte", INTEGER), ("prix", DECIMAL), ("lot", INTEGER), ("mesure", FLOAT), ("actif", BOOLEAN),
            ("jour", DATE), ("moment", TIMESTAMP), ("libellé", TEXT)]  # fmt: skip
        assert [(p.code, p.params) for p in found.problems if p.code != "blank_rows"] == [
            ("columns_left_out", {"names": "scan"})
        ]
        table, frame = whole(sent)
        assert list(frame.select(table.names).iter_rows()) == [
            ("1", "12.50", "7", "1.5E-7", "true", "2024-02-29", "2024-02-29T12:00:00.500000", "Rue \\ de l'été\tx"),
            (None,) * 8,
            ("9223372036854775807", "-0.05", "-1", "NaN", "false", "1789-07-14", "1789-07-14T00:00:00", "<a> & b"),
        ]
        assert frame[POSITION].to_list() == [1, 2, 3]

    def test_the_first_table_with_rows_is_read_and_another_can_be_chosen(self, source):
        columns = [("a", "INT")]
        sent = source(siard({"vide": (columns, []), "rues": (columns, [(1,)]), "é & è": (columns, [(2,)])}), "x.siard")
        found = analyse(sent)
        assert (found.settings["sheet"], found.settings["sheets"]) == ("rues", ["vide", "rues", "é & è"])
        assert [problem.code for problem in found.problems] == ["several_layers"]
        assert analyse(sent, {"sheet": "é & è"}).preview == [["2"]]
        assert refused(sent, settings={"sheet": "x"}) == "no_layer"
        with pytest.raises(BatchError) as refusal:
            analyse(sent, {"sheet": "vide"})
        assert refusal.value.problem.code == "header_only"

    def test_structured_values_and_texts_kept_apart(self, source):
        rows = [
            "<row><c1><u1>Aytré</u1><u2><a1>1</a1></u2></c1><c2 file='content/schema0/lob/1.txt' length='4'/></row>",
            "<row><c2 file='../../etc/passwd'/></row>",
        ]
        columns = [("adresse", ""), ("note", "CHARACTER LARGE OBJECT")]
        sent = siard({"t": (columns, rows)}, more={"content/schema0/lob/1.txt": "été\0"})
        assert whole(source(sent, "x.siard"))[1].select("adresse", "note").rows() == [
            ('{"u1": "Aytré", "u2": {"a1": "1"}}', "été"),
            (None, "../../etc/passwd"),
        ]

    def test_other_files_of_an_archive_do_not_count(self, source):
        more = {f"content/schema0/lob/{number}.bin": b"x" for number in range(2500)}
        assert analyse(source(siard({"t": ([("a", "INT")], [(1,)])}, more=more), "x.siard")).rows == 1

    ENTITY = '<!DOCTYPE table [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;&a;&a;">]>'
    OUTSIDE = '<!DOCTYPE table [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    BARE = "<!DOCTYPE table>"

    @pytest.mark.parametrize("head", [ENTITY, OUTSIDE, BARE])
    @pytest.mark.parametrize("where", ["head", "metadata_head"])
    def test_entities_and_type_declarations_are_refused(self, source, head, where):
        row = "<row><c1>&a;</c1></row>" if where == "head" and head is not self.BARE else (1,)
        sent = siard({"t": ([("a", "VARCHAR(9)")], [row])}, **{where: head.replace("table [", "siardArchive [")})
        assert refused(source(sent, "x.siard")) == "xml_entities"

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            ("<row><c1>" + "<u1>" * 100 + "</u1>" * 100 + "</c1></row>", "too_deep"),
            ("<row><c1>" + "<u1>" * 10_000, "too_deep"),
            ("<row>" + "<c1/>" * 100_000 + "</row>", "row_too_large"),
            ("<row><c1>" + "été 123 " * 400_000 + "</c1><c2>x</c2></row>", "row_too_large"),
            ("<row><c1>1</c1>", "bad_siard"),
            ("<row><c1>&#1;</c1></row>", "bad_siard"),
            ("<row><c1>1</c2></row>", "bad_siard"),
        ],
        ids=range(7),
    )
    def test_rows_that_are_none_are_refused_in_words(self, source, row, code):
        sent = source(siard({"t": ([("a", "VARCHAR(9)"), ("b", "CHAR")], [row])}), "x.siard")
        assert refused(sent, row_bytes=1 << 20, zip_ratio=5000) == code

    @pytest.mark.parametrize("metadata", [
        b"", b"<siardArchive", b"<other/>", b"<siardArchive/>", b"\x00" * 50,
        b"<siardArchive><schemas><schema><folder>../../etc</folder><tables><table><folder>x</folder></table></tables>"
        b"</schema></schemas></siardArchive>",
    ], ids=range(6))  # fmt: skip
    def test_archives_that_describe_nothing_are_refused(self, source, metadata):
        sent = zipped({"header/metadata.xml": metadata, "content/schema0/table0/table0.xml": b"<table/>"})
        assert refused(source(sent, "x.siard")) in ("bad_siard", "no_records")

    def test_a_bomb_is_refused_and_a_cut_archive_too(self, source):
        sent = siard({"t": ([("a", "VARCHAR(9)")], ["<row><c1>" + "x" * (60 << 20) + "</c1></row>"])})
        assert refused(source(sent, "x.siard")) == "zip_bomb"
        sent = siard({"t": ([("a", "VARCHAR(9)")], [(number,) for number in range(50_000)])})
        assert refused(source(sent, "x.siard"), zip_bytes=1 << 20) == "zip_bomb"
        assert refused(source(sent[: len(sent) // 2], "x.siard")) == "bad_zip"

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(rows=st.lists(st.lists(st.text(max_size=20) | st.none(), min_size=2, max_size=2), min_size=1, max_size=20))
    def test_any_text_comes_through(self, tmp_path, rows):
        def written(text):
            # as eCH-0165 has it: controls, what XML can't hold and the backslash are escaped
            odd = "".join(f"\\u{ord(c):04x}" if c == "\\" or ord(c) < 32 or 0xD800 <= ord(c) < 0xE000
                          or ord(c) in (0x7F, 0xFFFE, 0xFFFF) else c for c in text)  # fmt: skip
            return odd

        path = tmp_path / "sent"
        cells = [[None if text is None else written(text) for text in row] for row in rows]
        path.write_bytes(siard({"t": ([("a", "VARCHAR(20)"), ("b", "VARCHAR(20)")], cells)}))
        _table, frame = whole(Source(path, "x.siard"))
        assert frame.select("a", "b").rows() == [
            tuple((text or "").replace("\0", "") or None for text in row) for row in rows
        ]
