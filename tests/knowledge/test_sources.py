"""Sources read from what people have, and kept in versions."""

from __future__ import annotations

import io
import zipfile

import pytest

from knowledge.exceptions import SourceUnreadable
from knowledge.models import SourceDocument, SourceVersion
from knowledge.services.sources import add_version
from knowledge.sourcing.extracting import html_to_markdown
from knowledge.sourcing.feeds import parse_feed
from knowledge.sourcing.reading import read_pasted, read_source


def pdf(text: str) -> bytes:
    """The least that is a PDF with one line of text."""
    drawing = f"BT /F1 12 Tf 10 100 Td ({text}) Tj ET"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 144]/Contents 4 0 R"
        "/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(drawing)}>>stream\n{drawing}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj{content}endobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    tail = f"xref\n0 6\n0000000000 65535 f \n{table}trailer<</Size 6/Root 1 0 R>>\n"
    return f"{out}{tail}startxref\n{len(out)}\n%%EOF".encode()


def docx(text: str) -> bytes:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    main = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
        'package.relationships+xml"/><Override PartName="/word/document.xml" '
        f'ContentType="{kind}"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'relationships"><Relationship Id="r1" Type="{main}" Target="word/document.xml"/>'
        "</Relationships>",
        "word/document.xml": f'<w:document xmlns:w="{word}"><w:body><w:p><w:r><w:t>{text}</w:t>'
        "</w:r></w:p></w:body></w:document>",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("p.md", b"Unused items can be returned within 30 days."),
        (
            "p.html",
            b"<script>x</script><p>Unused items can be <b>returned</b> within 30 days.</p>",
        ),
        ("p.pdf", pdf("Unused items can be returned within 30 days.")),
        ("p.docx", docx("Unused items can be returned within 30 days.")),
    ],
)
def test_a_policy_is_read_from_each_kind_of_file(name, data):
    assert read_source(name, data).text == "Unused items can be returned within 30 days."


def test_html_keeps_headings_lists_and_tables():
    html = (
        "<h2>Cost</h2><ul><li>Free</li><li>in <i>the</i> EU</li></ul>"
        "<table><tr><th>Country</th><th>Label</th></tr><tr><td>UK</td><td>€9.95</td></tr></table>"
    )
    assert html_to_markdown(html) == (
        "## Cost\n\n- Free\n- in the EU\n\n| Country | Label |\n|---|---|\n| UK | €9.95 |"
    )


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("p.exe", b"x", "no kind of file"),
        ("p.md", b"\xff\xfe", "UTF-8"),
        ("p.md", b"   ", "no text"),
        ("p.pdf", b"no pdf", "cannot be read"),
        ("p.docx", b"no docx", "cannot be read"),
        ("f.csv", b"id,name\n1,\n", "Line 2: a product needs an id and a name"),
        ("f.csv", b"id,name\n1,A\n1,B\n", "stands in the feed twice"),
        ("f.json", b"{", "no JSON"),
        ("f.json", b"[]", "no product"),
    ],
)
def test_bad_input_is_refused_in_words(name, data, said):
    with pytest.raises(SourceUnreadable, match=said):
        read_source(name, data)


def test_a_feed_is_read_from_csv_and_json_alike():
    csv = read_source("f.csv", b"sku;name;Price;Stock rule\n1;Cairn;249.00;main\n")
    json = read_pasted("feed", '{"products": [{"id": 1, "title": "Cairn", "price": 249, '
                       '"stock rule": "main"}]}')  # fmt: skip

    assert csv.text == json.text
    [row] = parse_feed(csv.text)
    assert (row.key, row.name, row.attributes["price"]) == ("1", "Cairn", "€249")


def test_the_same_text_again_is_no_new_version(db):
    first = add_version(name="Returns", source=read_pasted("policy", "30 days."))
    again = add_version(name="Returns", source=read_pasted("policy", "30 days.\r\n"))

    assert (first.is_new, again.is_new) == (True, False)
    assert SourceVersion.objects.count() == 1


def test_a_policy_does_not_become_a_feed(db):
    add_version(name="Returns", source=read_pasted("policy", "30 days."))
    with pytest.raises(SourceUnreadable):
        add_version(name="Returns", source=read_pasted("feed", "id,name\n1,A\n"))


def test_a_folder_is_imported_file_by_file(db, tmp_path, run):
    (tmp_path / "returns.md").write_text("30 days.")
    (tmp_path / "broken.csv").write_text("id,name\n1,\n")

    said, refused = run("import_sources", tmp_path)
    again, _ = run("import_sources", tmp_path)

    assert "1 new, 1 refused" in said
    assert "broken.csv: refused" in refused
    assert "1 unchanged" in again
    assert SourceDocument.objects.get().name == "Returns"


def test_an_admin_pastes_a_version_and_sees_its_page(browser_of, mia):
    page = "/admin/knowledge/sourcedocument/"
    added = browser_of(mia).post(
        page + "add/", {"name": "Returns", "kind": "policy", "text": "Within 30 days."}
    )
    document = SourceDocument.objects.get()
    assert added.status_code == 302
    shown = browser_of(mia).get(f"{page}{document.pk}/change/").content.decode()
    assert "Version 1" in shown
    refused = browser_of(mia).post(f"{page}{document.pk}/change/", {"text": "  "})
    assert refused.status_code == 422


def test_a_program_sends_a_version(client_of, mia, ada):
    body = {"id": "returns", "name": "Returns", "text": "Within 30 days."}
    assert client_of(mia).post("/api/v1/sources/", body, format="json").status_code == 201
    assert client_of(mia).post("/api/v1/sources/", body, format="json").status_code == 200
    assert client_of(ada).post("/api/v1/sources/", body, format="json").status_code == 403
    file = io.BytesIO(b"id,name\n1,\n")
    file.name = "feed.csv"
    refused = client_of(mia).post(
        "/api/v1/sources/", {"id": "f", "file": file}, format="multipart"
    )
    assert refused.status_code == 400
    assert "Line 2" in refused.data["fields"]["file"][0]
    [listed] = client_of(mia).get("/api/v1/sources/").data["results"]
    assert (listed["id"], listed["version"], listed["state"]) == ("returns", 1, "waiting")
