"""XLSX (ECMA-376) written as it goes.

XlsxWriter, in constant memory too, gives nothing before the last row is on disk: a person who leaves would not be
noticed, and a large table would fill the disk. A workbook is a ZIP of plain XML, whose index of sheets may come last,
so it can be streamed; several sheets follow each other past 1,048,576 rows.
"""

import io
import math
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ckanext.lrtzc.explore.domain.spreadsheet import EXACT_DIGITS, column_name, serial, xml_text
from ckanext.lrtzc.explore.export.writer import Batches, Writer
from ckanext.lrtzc.tabular.domain.columns import Kind

ROWS_LIMIT = 1_048_576
# A part of a plain ZIP may reach 4 GiB, as some readers count it 2.
BYTES_LIMIT = 2_000_000_000
_SHEET_NAME_LIMIT = 31
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PLAIN, _BOLD, _DAY, _INSTANT = range(4)
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


class _Outlet(io.RawIOBase):
    """A file that can't go back, whose content is taken away piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        return len(self._pieces[-1])

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def _text_cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{xml_text(text)}</t></is></c>'


class XlsxWriter(Writer):
    """A workbook: typed cells, bold headers, frozen first line; texts are never numbers nor formulas."""

    name = "xlsx"
    mimetype = f"{_TYPE}.sheet"
    rows_limit = ROWS_LIMIT

    def write(self, batches: Batches) -> Iterator[bytes]:
        """Write sheets until the rows end, then the parts that name them."""
        outlet = _Outlet()
        sheets = 0
        references = [column_name(index) for index in range(len(self.columns))]
        batch, start = next(batches, None), 0
        with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            while sheets == 0 or batch is not None:
                sheets += 1
                with archive.open(f"xl/worksheets/sheet{sheets}.xml", "w") as part:
                    size = part.write(self._sheet_head(references).encode())
                    line = 1
                    while batch is not None and line < self.rows_limit and size < BYTES_LIMIT:
                        rows = batch[start : start + self.rows_limit - line]
                        xml = "".join(
                            self._row(line + offset, row, references) for offset, row in enumerate(rows, start=1)
                        )
                        size += part.write(xml.encode())
                        line += len(rows)
                        start += len(rows)
                        if start >= len(batch):
                            batch, start = next(batches, None), 0
                        yield outlet.take()
                    part.write(b"</sheetData></worksheet>")
            for name, content in self._parts(sheets).items():
                archive.writestr(name, content)
        yield outlet.take()

    def _sheet_head(self, references: list[str]) -> str:
        header = "".join(
            _text_cell(f'{reference}1" s="{_BOLD}', column.id)
            for reference, column in zip(references, self.columns, strict=True)
        )
        return (
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            f'<sheetData><row r="1">{header}</row>'
        )

    def _row(self, line: int, row: Any, references: list[str]) -> str:
        cells = [
            self._cell(f"{reference}{line}", value, column.kind)
            for reference, value, column in zip(references, row, self.columns, strict=True)
            if value is not None
        ]
        return f'<row r="{line}">{"".join(cells)}</row>'

    @staticmethod
    def _cell(reference: str, value: Any, kind: Kind) -> str:
        match value:
            case bool():
                return f'<c r="{reference}" t="b"><v>{int(value)}</v></c>'
            case int() if len(str(abs(value))) <= EXACT_DIGITS:
                return f'<c r="{reference}"><v>{value}</v></c>'
            case Decimal() | float() if math.isfinite(value) and (value == 0 or 1e-300 < abs(value) < 1e300):
                return f'<c r="{reference}"><v>{float(value)!r}</v></c>'
            case str() if kind.is_time and (number := serial(value)) is not None:
                style = _DAY if kind is Kind.DATE else _INSTANT
                return f'<c r="{reference}" s="{style}"><v>{number!r}</v></c>'
            case _:
                return (
                    f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{xml_text(str(value))}</t></is></c>'
                )

    def _parts(self, sheets: int) -> dict[str, str]:
        numbers = range(1, sheets + 1)
        title = self.title.translate(_FORBIDDEN).strip() or "data"
        names = [
            xml_text(title[: _SHEET_NAME_LIMIT - (len(suffix := f" {number}" if sheets > 1 else ""))] + suffix)
            for number in numbers
        ]
        listed = "".join(
            f'<sheet name="{name.replace(chr(34), " ")}" sheetId="{number}" r:id="rId{number}"/>'
            for number, name in zip(numbers, names, strict=True)
        )
        related = "".join(
            f'<Relationship Id="rId{number}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
            for number in numbers
        )
        typed = "".join(
            f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
            for number in numbers
        )
        return {
            "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{listed}</sheets>'
            "</workbook>",
            "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{related}'
            f'<Relationship Id="rId{sheets + 1}" Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>',
            "xl/styles.xml": _STYLES,
            "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{typed}</Types>',
        }
