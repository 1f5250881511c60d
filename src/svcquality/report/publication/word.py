"""A printed table as a Word document, written as plain OOXML.

One table with captions and notes needs five small parts, so a library with an XML parser behind it
would weigh more than all of this package.
"""

from __future__ import annotations

import io
import zipfile
from itertools import zip_longest
from xml.sax.saxutils import escape, quoteattr

from svcquality.report.publication.cells import Grid, Row, visible

_LANDSCAPE_FROM = 6
"""Columns beside that of the labels from which the page lies on its side."""
_SHORT, _LONG, _MARGIN = 11906, 16838, 1304
"""Sides and margin of an A4 page, in twentieths of a point."""
_DATE = (2000, 1, 1, 0, 0, 0)
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HEADER = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PART = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_TYPES = f"""{_HEADER}<Types xmlns="{_PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml" ContentType="{_PART}.document.main+xml"/>
<Override PartName="/word/styles.xml" ContentType="{_PART}.styles+xml"/>
<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>
</Types>"""
_RELATIONS = f"""{_HEADER}<Relationships xmlns="{_PACKAGE}/relationships">
<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>
<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>
</Relationships>"""
_DOCUMENT_RELATIONS = f"""{_HEADER}<Relationships xmlns="{_PACKAGE}/relationships">
<Relationship Id="rId1" Type="{_OFFICE}/styles" Target="styles.xml"/>
</Relationships>"""
_STYLES = f"""{_HEADER}<w:styles xmlns:w="{_W}">
<w:docDefaults><w:rPrDefault><w:rPr>
<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:cs="Times New Roman" w:eastAsia="SimSun"/>
<w:sz w:val="21"/><w:szCs w:val="21"/><w:lang w:val="en-GB" w:eastAsia="zh-CN"/>
</w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>
<w:style w:type="paragraph" w:styleId="Caption"><w:name w:val="caption"/><w:basedOn w:val="Normal"/><w:qFormat/>
<w:pPr><w:keepNext/><w:spacing w:after="80"/></w:pPr><w:rPr><w:b/></w:rPr></w:style>
<w:style w:type="paragraph" w:customStyle="1" w:styleId="TableNote"><w:name w:val="Table Note"/><w:basedOn w:val="Normal"/>
<w:pPr><w:spacing w:before="40"/></w:pPr><w:rPr><w:sz w:val="18"/><w:szCs w:val="18"/></w:rPr></w:style>
<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>
<w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:left w:w="80" w:type="dxa"/>
<w:right w:w="80" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>
</w:styles>"""


def word(grid: Grid) -> bytes:
    """A document with the table between three lines; the same table gives the same bytes."""
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELATIONS,
        "docProps/core.xml": _core(grid),
        "word/_rels/document.xml.rels": _DOCUMENT_RELATIONS,
        "word/document.xml": _document(grid),
        "word/styles.xml": _STYLES,
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, date_time=_DATE)
            archive.writestr(entry, content.encode(), compress_type=zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _core(grid: Grid) -> str:
    return (
        f'{_HEADER}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{escape(visible(grid.caption))}</dc:title><dc:creator>svcquality</dc:creator>"
        f"<dc:language>{grid.language}</dc:language></cp:coreProperties>"
    )


def _document(grid: Grid) -> str:
    lines = (*grid.head, *grid.body)
    rows = [_row(row, below, grid) for row, below in zip_longest(lines, lines[1:])]
    table = (
        '<w:tbl><w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:jc w:val="center"/>'
        f"<w:tblCaption w:val={quoteattr(visible(grid.caption))}/></w:tblPr>"
        f"<w:tblGrid>{_widths(grid.columns)}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )
    caption = _paragraph(grid.caption, style="Caption") if grid.caption else ""
    # A document must not end with a table.
    notes = "".join(_paragraph(n, style="TableNote") for n in grid.notes) or "<w:p/>"
    return (
        f'{_HEADER}<w:document xmlns:w="{_W}"><w:body>{caption}{table}{notes}'
        f"{_section(grid.columns)}</w:body></w:document>"
    )


def _widths(columns: int) -> str:
    """The labels' column as wide as two others."""
    page = _LONG if columns >= _LANDSCAPE_FROM else _SHORT
    each = (page - 2 * _MARGIN) // (columns + 2)
    return f'<w:gridCol w:w="{2 * each}"/>' + f'<w:gridCol w:w="{each}"/>' * columns


def _section(columns: int) -> str:
    """An A4 page, on its side for many columns."""
    if columns >= _LANDSCAPE_FROM:
        size = f'<w:pgSz w:w="{_LONG}" w:h="{_SHORT}" w:orient="landscape"/>'
    else:
        size = f'<w:pgSz w:w="{_SHORT}" w:h="{_LONG}"/>'
    margins = " ".join(f'w:{side}="{_MARGIN}"' for side in ("top", "right", "bottom", "left"))
    return (
        f'<w:sectPr>{size}<w:pgMar {margins} w:header="709" w:footer="709" w:gutter="0"/>'
        "</w:sectPr>"
    )


def _row(row: Row, below: Row | None, grid: Grid) -> str:
    """A row that stays whole, with its headings on every page and beside what belongs to it."""
    in_head = any(row is head for head in grid.head)
    top = 12 if row is grid.head[0] else 4 if row.rule else 0
    bottom = 12 if row is grid.body[-1] else 4 if row is grid.head[-1] else 0
    keep = in_head or (below is not None and not below.label)
    cells = [_cell(row.label, 1, top, bottom, align="left", inner=row.inner, keep=keep)]
    for cell in row.cells:
        under = bottom or (4 if in_head and cell.span > 1 and cell.words else 0)
        cells.append(_cell(cell.text, cell.span, top, under, keep=keep))
    repeat = "<w:tblHeader/>" if in_head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeat}</w:trPr>{''.join(cells)}</w:tr>"


def _cell(
    words: str,
    span: int,
    top: int,
    bottom: int,
    *,
    align: str = "center",
    inner: bool = False,
    keep: bool = False,
) -> str:
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="auto"/>'
        for side, size in (("top", top), ("bottom", bottom))
        if size
    )
    properties = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    properties += f"<w:tcBorders>{borders}</w:tcBorders>" if borders else ""
    kept = "<w:keepNext/>" if keep else ""
    indent = '<w:ind w:left="240"/>' if inner else ""
    paragraph = _paragraph(words, properties=f'{kept}{indent}<w:jc w:val="{align}"/>')
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph}</w:tc>"


def _paragraph(words: str, *, style: str = "", properties: str = "") -> str:
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    text = f'<w:r><w:t xml:space="preserve">{escape(visible(words))}</w:t></w:r>' if words else ""
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{text}</w:p>"
