"""Articles come from files and go to files, and nothing is lost or made twice on the way."""

from __future__ import annotations

import csv
import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError

from knowledge.exchange.importing import Import, Outcome
from knowledge.exchange.reading import Record
from knowledge.models import Article, Category, ReaderGroup, Revision
from knowledge.services import archive, category_at, save_revision
from knowledge.types import ArticleText
from tests.knowledge.factories import make_article

pytestmark = pytest.mark.django_db
DEMO = Path(__file__).parents[2] / "helpdesk" / "demo" / "content" / "articles"


def write_jsonl(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return path


def row(number: int = 1, **fields: object) -> dict[str, object]:
    return {"external_id": f"a{number}", "title": f"Title {number}", "body": "Text."} | fields


def test_the_demo_shop_is_imported_and_the_second_time_nothing_changes(run, changes):
    out, _ = run("import_articles", DEMO)
    count = Article.objects.count()
    assert f"{count} articles: {count} created." in out
    assert sorted(changes) == sorted(Article.objects.values_list("pk", flat=True))
    changes.clear()
    out, _ = run("import_articles", DEMO)
    assert f"{count} articles: {count} unchanged." in out
    assert changes == []


@pytest.mark.parametrize(
    ("file_format", "name"), [("md", "folder"), ("jsonl", "a.jsonl"), ("csv", "a.csv")]
)
def test_what_is_exported_is_imported_again_without_a_difference(run, tmp_path, file_format, name):
    shelf = category_at(path=["Products", "Tents, big & small"])
    make_article("Plain", 'One.\n\n---\n\nTwo, "three"\n\n\n    code\n', category=shelf)
    make_article("Draft: “quoted”", "- a\n- b", is_published=False, tags=("x", "y z"))
    make_article(
        "Internal",
        "# Internal\n\n漢字 é\u2028 \u202f",
        visibility="internal",
        language="de",
        external_id="sys/1",
        summary="Sum: mary",
        valid_from=datetime(2024, 9, 1, 8, 30, tzinfo=UTC),
    )
    archive(article=make_article("Archived", "Old."))
    changed = make_article("Changed", "Shown.")
    save_revision(article=changed, text=ArticleText("Changed", "Not shown yet."))
    revisions = Revision.objects.count()
    target = tmp_path / name
    run("export_articles", target, "--format", file_format)
    out, err = run("import_articles", target)
    assert "5 articles: 5 unchanged." in out, err
    assert Revision.objects.count() == revisions


def test_the_export_of_one_knowledge_base_builds_another(run, tmp_path):
    run("import_articles", DEMO)
    before = sorted(Revision.objects.values_list("title", "summary", "body"))
    shelves = sorted(Category.objects.values_list("name", "parent__name"))
    run("export_articles", tmp_path / "kb")
    Article.objects.all().delete()
    Category.objects.filter(children=None).delete()
    Category.objects.all().delete()
    run("import_articles", tmp_path / "kb")
    assert sorted(Revision.objects.values_list("title", "summary", "body")) == before
    assert sorted(Category.objects.values_list("name", "parent__name")) == shelves


def test_a_changed_row_becomes_a_new_revision_that_shows(run, tmp_path, changes):
    file = write_jsonl(tmp_path / "a.jsonl", row(1), row(2))
    run("import_articles", file)
    changes.clear()
    out, _ = run("import_articles", write_jsonl(file, row(1, body="New text."), row(2)))
    assert "2 articles: 1 updated, 1 unchanged." in out
    article = Article.objects.get(external_id="a1")
    assert article.published_revision.body == "New text."
    assert article.published_revision.number == 2
    assert changes == [article.pk]


def test_as_draft_nothing_shows_until_somebody_publishes_it(run, tmp_path):
    file = write_jsonl(tmp_path / "a.jsonl", row(1))
    run("import_articles", file, "--draft")
    article = Article.objects.get()
    assert article.state == Article.State.DRAFT
    out, _ = run("import_articles", file, "--draft")
    assert "1 unchanged" in out


def test_what_a_row_does_not_say_is_left_as_people_made_it(run, tmp_path):
    file = write_jsonl(tmp_path / "a.jsonl", row(1, path="shipping/europe/a1.md"))
    run("import_articles", file)
    article = Article.objects.get()
    assert str(article.category) == "Europe"
    Article.objects.update(category=category_at(path=["Elsewhere"]), tags=["mine"])
    out, _ = run("import_articles", file)
    assert "1 unchanged" in out


def test_the_category_is_the_rows_own_else_the_commands_else_that_of_its_folders(run, tmp_path):
    file = write_jsonl(
        tmp_path / "a.jsonl", row(1, category="Products / Tents"), row(2, path="x/y.md")
    )
    run("import_articles", file, "--category", "Old help / Imported")
    shelves = Article.objects.order_by("external_id").values_list(
        "category__parent__name", "category__name"
    )
    assert list(shelves) == [("Products", "Tents"), ("Old help", "Imported")]


def test_a_dry_run_says_what_would_happen_and_keeps_nothing(run, tmp_path, changes):
    file = write_jsonl(tmp_path / "a.jsonl", row(1), row(2, title=""))
    out, err = run("import_articles", file, "--dry-run")
    assert "2 articles: 1 created, 1 refused. Nothing was kept" in out
    assert "line 2" in err
    assert not Article.objects.exists()
    assert not Category.objects.exists()


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("{not json", "it is no JSON"),
        ("[1, 2]", "not a JSON object"),
        (row(1, title=None), "no title"),
        (row(1, body="  "), "no body"),
        (row(1, title=["x"]), "title is not text"),
        (row(1, title="x" * 201), "200"),
        (row(1, body="x" * 200_001), "split"),
        (row(1, body="a\x00b"), "NUL"),
        (row(1, external_id="x" * 251), "250"),
        (row(1, visibility="secret"), "none of public, restricted, internal"),
        (row(1, state="live"), "none of draft, in_review, published, archived"),
        (row(1, language="English"), "language code"),
        (row(1, valid_from="soon"), "no date"),
        (row(1, valid_from="2024-13-40"), "no date"),
        (row(1, valid_from="2024-02-01", valid_until="2024-01-01"), "valid from"),
        (row(1, tags=["x" * 51]), "tag longer than 50"),
        (row(1, category="A /  / B"), "level without a name"),
        (row(1, category="x" * 101), "100"),
        (row(0), "line 1 has the same external id"),
    ],
)
def test_a_bad_row_is_told_with_its_line_and_reason_and_the_others_are_taken(
    run, tmp_path, bad, why
):
    file = write_jsonl(tmp_path / "a.jsonl", row(0), bad, row(2))
    out, err = run("import_articles", file)
    assert "3 articles: 2 created, 1 refused." in out
    assert err.startswith("line 2: refused")
    assert why in err


def test_a_folder_tells_bad_front_matter_with_its_file_and_line(run, tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "good.md").write_text("# From the heading\r\n\r\nText.", newline="")
    (tmp_path / "bad.md").write_text("---\ntitle: x\ntags: [a\n---\nText")
    (tmp_path / "open.md").write_text("---\ntitle: x\nText")
    (tmp_path / "latin.md").write_bytes(b"\xe9t\xe9")
    out, err = run("import_articles", tmp_path)
    assert "4 articles: 1 created, 3 refused." in out
    assert "bad.md:" in err
    assert "latin.md: refused, it is not UTF-8" in err
    article = Article.objects.get()
    assert (article.title, article.external_id) == ("From the heading", "deep/good.md")
    assert str(article.category) == "Deep"


def test_a_csv_may_hold_long_texts_over_many_lines(run, tmp_path):
    file = tmp_path / "a.csv"
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "title", "content", "tags"])
        writer.writerow(["1", "Long", "line\n" * 30_000, "a, b"])
        writer.writerow(["2", "", "no title", ""])
        writer.writerow(["3", "Too", "many", "fields", "here"])
    out, err = run("import_articles", file)
    assert "3 articles: 1 created, 2 refused." in out
    assert "line 30003: refused, it has no title" in err
    assert Article.objects.get().tags == ["a", "b"]


def test_a_path_that_is_nothing_is_one_clear_error(run, tmp_path):
    with pytest.raises(CommandError, match="There is nothing at"):
        run("import_articles", tmp_path / "nowhere")
    (tmp_path / "a.pdf").write_text("x")
    with pytest.raises(CommandError, match="neither a folder"):
        run("import_articles", tmp_path / "a.pdf")


def test_memory_does_not_grow_with_the_file():
    def records(count: int):
        return (Record(f"line {n}", row(n, title="", body="x" * 50_000)) for n in range(count))

    def peak(count: int) -> int:
        tracemalloc.start()
        outcomes = {result.outcome for result in Import().run(records(count))}
        assert outcomes == {Outcome.REFUSED}
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(10)
    assert peak(800) < peak(100) * 1.5


@pytest.mark.parametrize("file_format", ["md", "jsonl", "csv"])
def test_an_article_goes_out_and_comes_back_for_the_same_groups(run, tmp_path, file_format):
    for name in ("Wholesale customers", "Trail Club"):
        ReaderGroup.objects.create(name=name)
    ids = tuple(ReaderGroup.objects.values_list("pk", flat=True))
    make_article("Trade prices", visibility="restricted", reader_groups=ids, external_id="p/1")
    out = tmp_path / "out" if file_format == "md" else tmp_path / f"out.{file_format}"
    run("export_articles", out, "--format", file_format)
    said, err = run("import_articles", out)
    assert ("1 unchanged" in said, err) == (True, "")
    Article.objects.update(visibility="internal", reader_groups=[])
    ReaderGroup.objects.all().delete()
    run("import_articles", out)
    article = Article.objects.get()
    assert article.visibility == "restricted"
    names = ReaderGroup.objects.filter(pk__in=article.reader_groups)
    assert {group.name for group in names} == {"Wholesale customers", "Trail Club"}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"visibility": "public", "reader_groups": ["Trade"]}, "names groups of readers"),
        ({"visibility": "restricted", "reader_groups": []}, "names no group"),
        ({"visibility": "restricted"}, "choose the groups"),
    ],
)
def test_a_file_that_leaves_open_who_reads_it_is_refused(run, tmp_path, said, why):
    file = write_jsonl(tmp_path / "a.jsonl", row(1, **said))
    _out, err = run("import_articles", file)
    assert why in err
    assert not Article.objects.exists()


def test_who_names_groups_means_that_nobody_else_shall_read_it(run, tmp_path):
    run("import_articles", write_jsonl(tmp_path / "a.jsonl", row(1, reader_groups="Trade")))
    article = Article.objects.get()
    assert article.visibility == "restricted"
    run("import_articles", write_jsonl(tmp_path / "b.jsonl", row(1)))
    article.refresh_from_db()
    assert article.visibility == "restricted"
