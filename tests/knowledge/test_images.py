"""Pictures of articles: uploaded once, shown safely, and deleted only when nothing shows them."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from helpdesk.roles import set_role
from knowledge.exceptions import ImageRefused, NotAllowed
from knowledge.linking.inside import Inside, reasons_inside
from knowledge.models import ArticleImage
from knowledge.services import publish, save_revision
from knowledge.services.images import delete_unused_images, keep_image
from knowledge.services.links import read_links
from knowledge.services.suggestions import propose
from knowledge.types import ArticleText
from tests.knowledge.factories import CategoryFactory, make_article, make_proposal

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64
UPLOAD = "admin:knowledge_articleimage_add"
LIST = "admin:knowledge_articleimage_changelist"


@pytest.fixture(autouse=True)
def in_memory(settings):
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    }


def picture(alt: str = "A zip", data: bytes = PNG, name: str = "zip.png", by=None) -> ArticleImage:
    return keep_image(file=SimpleUploadedFile(name, data), alt=alt, by=by)


def grown(*images: ArticleImage) -> None:
    """They came two days ago."""
    keys = [image.pk for image in images]
    old = timezone.now() - timedelta(days=2)
    ArticleImage.objects.filter(pk__in=keys).update(created_at=old)


def test_a_picture_is_kept_once_under_what_its_bytes_are():
    first = picture(name="../a\u202egnp.exe")
    assert first.sha256 == sha256(PNG).hexdigest()
    assert first.markdown == f"![A zip](/help/images/{first.sha256}.png)"
    assert picture("Another name").pk == first.pk
    assert ArticleImage.objects.count() == 1
    with first.file.open() as file:
        assert file.read() == PNG


def test_brackets_in_the_words_do_not_break_the_markdown():
    assert picture("a [zip]\\").markdown.startswith(r"![a \[zip\]\\](/help")


@pytest.mark.parametrize(
    ("data", "alt", "why"),
    [
        (b"<svg onload=alert(1)>", "A zip", "no picture"),
        (b"%PDF-1.7 ...", "A zip", "no picture"),
        (b"<html><script>", "A zip", "no picture"),
        (PNG + b"\x00" * 2000, "A zip", "larger than"),
        (PNG, "  ", "say what the picture shows"),
    ],
)
def test_what_is_no_picture_is_refused(settings, data, alt, why):
    settings.ATTACHMENT_MAX_BYTES = 1000
    with pytest.raises(ImageRefused, match=why):
        picture(alt, data)
    assert not ArticleImage.objects.exists()


def test_anybody_sees_it_and_nothing_in_it_can_run(client):
    image = picture()
    response = client.get(image.get_absolute_url())
    assert b"".join(response.streaming_content) == PNG
    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "immutable" in response["Cache-Control"]
    for wrong in (f"{image.sha256}.gif", image.sha256, "0" * 64 + ".png", "a.png"):
        assert client.get(reverse("kb-image", args=[wrong])).status_code == 404


def test_unused_is_what_no_text_names_that_is_or_will_be_shown():
    names = ["published", "head", "suggested", "before", "nowhere", "new"]
    images = {name: picture(name, PNG + name.encode()) for name in names}
    grown(*(images[name] for name in names if name != "new"))
    article = make_article("Zips", images["before"].markdown)
    save_revision(article=article, text=ArticleText("Zips", images["published"].markdown))
    publish(article=article)
    read_links()
    save_revision(article=article, text=ArticleText("Zips", images["head"].markdown))
    propose(make_proposal(category_id=CategoryFactory().pk, body=images["suggested"].markdown))
    assert {image.alt for image in ArticleImage.objects.unused()} == {"before", "nowhere"}
    assert {image.alt for image in ArticleImage.objects.used()} == {
        "published", "head", "suggested",
    }  # fmt: skip


def test_only_unused_ones_are_deleted_with_their_files(django_capture_on_commit_callbacks):
    used, unused = picture("used", PNG + b"1"), picture("unused", PNG + b"2")
    grown(used, unused)
    make_article("Zips", used.markdown)
    storage, name = unused.file.storage, unused.file.name
    with django_capture_on_commit_callbacks(execute=True):
        assert delete_unused_images(images=[used.pk, unused.pk], by=None) == 1
    assert [image.alt for image in ArticleImage.objects.all()] == ["used"]
    assert not storage.exists(name)
    assert used.file.storage.exists(used.file.name)


def test_agents_neither_upload_nor_delete(ada):
    image = picture()
    grown(image)
    with pytest.raises(NotAllowed):
        picture(by=ada)
    with pytest.raises(NotAllowed):
        delete_unused_images(images=[image.pk], by=ada)


def test_the_page_shows_the_markdown_to_paste(browser_of, ada, mia):
    set_role(user=ada, role="agent", editorial_role="contributor")
    data = {"file": SimpleUploadedFile("zip.png", PNG), "alt": "A zip"}
    response = browser_of(ada).post(reverse(UPLOAD), data)
    image = ArticleImage.objects.get()
    assert image.uploader == ada
    assert image.markdown in response.content.decode()
    wrong = {"file": SimpleUploadedFile("zip.txt", b"no"), "alt": "A zip"}
    response = browser_of(mia).post(reverse(UPLOAD), wrong)
    assert response.status_code == 422
    assert "is no picture" in response.content.decode()


def test_the_editor_gets_it_as_json_and_is_told_why_not(browser_of, mia, article):
    browser = browser_of(mia)
    page = browser.get(reverse("admin:knowledge_article_change", args=[article.pk]))
    assert f'data-url="{reverse(UPLOAD)}"' in page.content.decode()
    asked = {"headers": {"Accept": "application/json"}}
    data = {"file": SimpleUploadedFile("zip.png", PNG), "alt": "A zip"}
    said = browser.post(reverse(UPLOAD), data, **asked).json()
    assert said == {"markdown": ArticleImage.objects.get().markdown}
    response = browser.post(reverse(UPLOAD), {"alt": "A zip"}, **asked)
    assert response.status_code == 422
    assert response.json()["error"]


def test_unused_ones_are_counted_in_health_and_deleted_after_asking(browser_of, mia):
    used, unused = picture("used", PNG + b"1"), picture("unused", PNG + b"2")
    grown(used, unused)
    make_article("Zips", used.markdown)
    browser = browser_of(mia)
    health = browser.get(reverse("admin:knowledge_article_health")).content.decode()
    assert f'{reverse(LIST)}?use=none"><b>1</b> pictures in no article' in health
    rows = browser.get(reverse(LIST), {"use": "none"}).context["cl"].result_list
    assert [row.alt for row in rows] == ["unused"]
    act = {"action": "delete_selected", "_selected_action": [unused.pk]}
    asking = browser.post(reverse(LIST), act)
    assert "Are you sure" in asking.content.decode()
    assert ArticleImage.objects.count() == 2
    browser.post(reverse(LIST), act | {"post": "yes"})
    assert [image.alt for image in ArticleImage.objects.all()] == ["used"]
    act["_selected_action"] = [used.pk]
    browser.post(reverse(LIST), act | {"post": "yes"})
    assert ArticleImage.objects.count() == 1


def test_a_picture_that_is_gone_is_a_broken_link():
    image = picture()
    gone = "/help/images/" + "0" * 64 + ".png"
    places = [Inside(image.get_absolute_url(), True), Inside(gone, True)]
    assert reasons_inside(places) == ["", "no_page"]


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"sha256": "A" * 64}, "article_image_known_by_its_bytes"),
        ({"content_type": "image/svg+xml"}, "article_image_shows_in_browsers"),
        ({"size": 0}, "article_image_not_empty"),
        ({"alt": ""}, "article_image_says_what_it_shows"),
        ({"sha256": "1" * 64}, "sha256"),
    ],
)
def test_the_database_refuses_what_is_no_picture(wrong, constraint):
    fields = {"sha256": "0" * 64, "content_type": "image/png", "size": 1, "alt": "A zip"}
    ArticleImage.objects.create(**fields | {"sha256": "1" * 64})
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        ArticleImage.objects.create(**fields | wrong)
