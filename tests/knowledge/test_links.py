"""What articles point to: read from their texts, looked up inside, asked outside."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.conf import settings as django_settings
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from helpdesk import link_checks, work
from helpdesk.models import Job
from knowledge.linking import fetching
from knowledge.linking.fetching import Answer, ask, is_public
from knowledge.linking.inside import Inside, reasons_inside
from knowledge.linking.reading import pointers_in
from knowledge.models import Article, ArticleLink, Link
from knowledge.services import archive, links, publish, rename, save_revision
from knowledge.services.links import check_inside, count_inside, due_outside, read_links, record
from knowledge.types import ArticleText
from tests.knowledge.factories import make_article

SITE = "https://help.example"
WELL = Answer(status=200)
GONE = Answer("status", 404)
AWAY = Answer("no_answer")


def found(body: str) -> dict[str, str]:
    return {
        one.url: one.text for one in pointers_in(body, page="/help/articles/returns/", site=SITE)
    }


def test_links_and_images_are_read_as_readers_get_them():
    body = (
        "[Care](../care/#washing), [the law](https://example.org/law?a=1#art-9),\n"
        f"<{SITE}/help/> ![a tent](/static/tent.png) and [here](#top)\n\n"
        '<a href="//cdn.example.com/x">raw</a> [mail](mailto:a@b.example) `[no](/code)`\n\n'
        "[ref]\n\n[ref]: https://example.org/ü\n[unused]: /nowhere"
    )
    assert found(body) == {
        "/help/articles/care/#washing": "Care",
        "https://example.org/law?a=1": "the law",
        "/help/": f"{SITE}/help/",
        "/static/tent.png": "a tent",
        "/help/articles/returns/#top": "here",
        "https://cdn.example.com/x": "raw",
        "https://example.org/%C3%BC": "ref",
    }


@pytest.mark.django_db
def test_addresses_inside_are_looked_up(article, ada):
    care = make_article("Care", "## Washing\n\nBy hand.")
    hidden = make_article("Prices", visibility="internal")
    draft = make_article("Draft", is_published=False)

    def reason(url: str, *, for_readers: bool = True) -> str:
        (found,) = reasons_inside([Inside(url, for_readers)])
        return found

    page = care.get_absolute_url()
    assert reason(page) == reason(f"{page}?x=1") == reason(page.rstrip("/")) == ""
    assert reason(f"{page}#washing") == ""
    assert reason(f"{page}#ironing") == "no_anchor"
    assert reason(reverse("kb-article", args=["gone"])) == "no_article"
    assert reason(draft.get_absolute_url()) == "not_shown"
    assert reason(hidden.get_absolute_url()) == "not_shown"
    assert reason(hidden.get_absolute_url(), for_readers=False) == ""
    assert reason(care.category.get_absolute_url()) == ""
    assert reason(reverse("kb-category", args=["gone"])) == "no_page"
    assert reason(reverse("ticket-new")) == ""
    assert reason("/nowhere/at/all/") == "no_page"
    assert reason("/static/portal/mark.svg") == ""
    assert reason("/static/gone.svg") == "no_page"
    rename(article=care, slug="washing", by=None)
    assert reason(page) == ""


@pytest.mark.django_db
def test_texts_are_read_once_and_again_when_another_is_published(django_assert_max_num_queries):
    article = make_article("Tents", "[a](https://example.org/a) [b](/nowhere/)")
    make_article("Plain", "No link at all.")
    assert read_links() == 1
    assert set(Link.objects.values_list("url", "kind")) == {
        ("https://example.org/a", "external"), ("/nowhere/", "internal"),
    }  # fmt: skip
    with django_assert_max_num_queries(4):
        assert read_links() == 0
    save_revision(article=article, text=ArticleText("Tents", "[a](https://example.org/a)"))
    assert read_links() == 0
    publish(article=article)
    assert read_links() == 1
    assert [link.url for link in Link.objects.all()] == ["https://example.org/a"]
    archive(article=article)
    read_links()
    assert not Link.objects.exists()


@pytest.mark.django_db
def test_looking_inside_costs_the_same_however_many_addresses(article, django_assert_num_queries):
    places = [Inside(article.get_absolute_url(), True), Inside("/help/gone/", True)]
    with django_assert_num_queries(3):
        assert reasons_inside(places * 20) == ["", "no_article"] * 20


@pytest.mark.django_db
def test_a_mended_article_is_no_longer_listed(article, browser_of, pia):
    save_revision(article=article, text=ArticleText("Returns", "See [care](/gone/)."))
    publish(article=article)
    read_links()
    assert check_inside() == 1
    assert list(Article.objects.with_broken_links()) == [article]
    page = browser_of(pia)
    url = reverse("admin:knowledge_article_change", args=[article.pk])
    shown = page.get(url).content.decode()
    assert "1 link leads nowhere" in shown
    assert "there is no such page, since" in shown
    listed = page.get(reverse("admin:knowledge_link_changelist")).content.decode()
    assert "/gone/" in listed
    assert "Returns" in listed
    save_revision(article=article, text=ArticleText("Returns", "See the label."))
    publish(article=article)
    assert not Article.objects.with_broken_links().exists()
    assert "leads nowhere" not in page.get(url).content.decode()


@pytest.fixture
def link(db):
    Link.objects.create(
        url="https://up.example/", host="up.example", kind="external", state="works",
        answered_at=timezone.now(), checked_at=timezone.now(),
    )  # fmt: skip
    return Link.objects.create(url="https://example.org/a", host="example.org", kind="external")


def test_outside_is_broken_after_two_days_and_well_again_at_once(link):
    now = timezone.now()
    assert record(link, GONE, now).state == "failing"
    assert record(link, GONE, now + timedelta(minutes=1)).state == "failing"
    assert record(link, GONE, now + timedelta(days=1)).state == "broken"
    assert (link.last_failed_on - link.failing_since).days == 1
    assert record(link, WELL, now + timedelta(days=2)).state == "works"
    assert (link.reason, link.failing_since) == ("", None)


def test_where_nobody_answers_it_may_be_us(link):
    now = timezone.now()
    Link.objects.exclude(pk=link.pk).update(answered_at=now - timedelta(days=1))
    assert record(link, AWAY, now).state == "skipped"
    record(link, GONE, now)
    record(link, AWAY, now + timedelta(days=1))
    assert (link.state, link.reason) == ("failing", "status")
    Link.objects.exclude(pk=link.pk).update(answered_at=now + timedelta(days=1))
    assert record(link, AWAY, now + timedelta(days=1)).state == "broken"


def test_the_list_shows_first_what_is_not_well(link, browser_of, ada):
    now = timezone.now()
    record(link, GONE, now)
    away = Link.objects.create(url="https://a.example/", host="a.example", kind="external")
    Link.objects.update(answered_at=now - timedelta(days=1))
    record(away, AWAY, now)
    page = browser_of(ada).get(reverse("admin:knowledge_link_changelist"))
    assert [row.pk for row in page.context["cl"].result_list][:2] == [link.pk, away.pk]
    assert "no other server answered either" in page.content.decode()


def test_where_only_people_get_in_nothing_is_said(link):
    assert record(link, Answer(status=403, is_known=False)).state == "skipped"
    assert record(link, Answer("private", is_known=False)).state == "skipped"


@pytest.mark.parametrize(
    ("fields", "broken_rule"),
    [
        ({"state": "odd"}, "link_"),
        ({"state": "broken", "reason": "status"}, "link_fails_with_a_reason_since_a_day"),
        ({"state": "failing", "failing_since": "2026-11-01", "last_failed_on": "2026-11-01"},
         "link_fails_with_a_reason_since_a_day"),
        ({"state": "failing", "reason": "status", "failing_since": "2026-11-01"},
         "link_fails_with_a_reason_since_a_day"),
        ({"state": "works", "failing_since": "2026-11-01"},
         "link_fails_with_a_reason_since_a_day"),
        ({"state": "broken", "reason": "status", "failing_since": "2026-11-01",
          "last_failed_on": "2026-11-01"}, "link_outside_is_broken_after_two_days"),
    ],
)  # fmt: skip
def test_the_database_holds_what_a_state_means(link, fields, broken_rule):
    with pytest.raises(IntegrityError, match=broken_rule), transaction.atomic():
        Link.objects.filter(pk=link.pk).update(**fields)


def test_an_address_is_known_once_and_an_article_points_to_it_once(link, article):
    with pytest.raises(IntegrityError, match="url"), transaction.atomic():
        Link.objects.create(url=link.url, kind="external")
    ArticleLink.objects.create(article=article, revision=article.head, link=link)
    with pytest.raises(IntegrityError, match="link_once_per_article"), transaction.atomic():
        ArticleLink.objects.create(article=article, revision=article.head, link=link)


def test_each_server_is_asked_once_in_a_step_and_what_worked_comes_first(link):
    now = timezone.now()
    Link.objects.create(url="https://example.org/b", host="example.org", kind="external")
    Link.objects.create(
        url="https://old.example/", host="old.example", kind="external", state="works",
        checked_at=now - timedelta(days=8),
    )  # fmt: skip
    hosts = [one.host for one in due_outside(10, now)]
    assert hosts == ["old.example", "example.org"]
    record(link, GONE, now)
    assert [one.url for one in due_outside(10, now)][-1] == "https://example.org/b"
    tomorrow = [one.url for one in due_outside(10, now + timedelta(days=1))]
    assert "https://example.org/a" in tomorrow


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1",
     "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "fe80::1%eth0", "fd00::1",
     "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::"],
)  # fmt: skip
def test_private_addresses_are_refused_however_they_are_written(address):
    assert not is_public(address)


def test_public_addresses_are_not(db):
    assert is_public("93.184.215.14")
    assert is_public("2606:2800:21f:cb07::1")


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://localhost:8000/", "http://[::1]/", "http://2130706433/",
     "http://0x7f.1/", "http://169.254.169.254/latest/meta-data/"],
)  # fmt: skip
def test_nothing_inside_is_asked(url, monkeypatch):
    def connect(*_args, **_kwargs):
        raise AssertionError("It connected.")

    monkeypatch.setattr(fetching.socket, "create_connection", connect)
    assert ask(url, agent="test").reason == "private"


@pytest.mark.parametrize(
    "url", ["http://[half/", "ftp://example.org/", "http://", "http://example.org:25/", "x"]
)
def test_what_is_no_web_address_is_not_asked(url):
    assert ask(url, agent="test").reason == "malformed"


class Server(BaseHTTPRequestHandler):
    asked: list[tuple[str, str]] = []

    def answer(self) -> None:
        self.asked.append((self.command, self.path))
        code, _slash, rest = self.path[1:].partition("/")
        if code == "slow":
            time.sleep(1)
            return
        if code == "loop":
            code, rest = "302", "loop"
        if code == "noHEAD":
            code = "405" if self.command == "HEAD" else "200"
        self.send_response(int(code))
        if rest:
            self.send_header("Location", f"/{rest}" if "//" not in rest else rest)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET = answer  # noqa: N815

    def log_message(self, *_args) -> None:
        return


@pytest.fixture
def server():
    Server.asked = []
    running = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    thread.join()
    running.server_close()


def only_this_machine(address: str) -> bool:
    return address == "127.0.0.1"


@pytest.mark.parametrize(
    ("path", "reason", "status", "is_known"),
    [
        ("/200", "", 200, True), ("/204", "", 204, True), ("/404", "status", 404, True),
        ("/410", "status", 410, True), ("/500", "status", 500, True), ("/403", "", 403, False),
        ("/429", "", 429, False), ("/noHEAD", "", 200, True), ("/301/200", "", 200, True),
        ("/302/301/404", "status", 404, True), ("/302/302/302/302/302/302/200", "redirects", 302,
         True), ("/302/http://127.0.0.2/", "private", None, True),
        ("/302/http://localhost.invalid/", "no_host", None, True),
    ],
)  # fmt: skip
def test_what_a_server_says_is_understood(server, path, reason, status, is_known):
    answer = ask(server + path, agent="test", allows=only_this_machine)
    assert (answer.reason, answer.status, answer.is_known) == (reason, status, is_known)


def test_going_round_in_circles_ends(server):
    answer = ask(f"{server}/loop", agent="test", allows=only_this_machine)
    assert (answer.reason, len(Server.asked)) == ("redirects", 1)


def test_a_server_that_does_not_answer_is_tried_twice_and_left(server, monkeypatch):
    monkeypatch.setattr(fetching, "CONNECT", 0.1)
    answer = ask(f"{server}/slow", agent="test", allows=only_this_machine)
    assert (answer.reason, len(Server.asked)) == ("no_answer", 2)
    monkeypatch.setattr(fetching, "CONNECT", 5)
    monkeypatch.setattr(fetching, "DEADLINE", 0.1)
    started = time.monotonic()
    assert ask(f"{server}/slow", agent="test", allows=only_this_machine).reason == "no_answer"
    assert time.monotonic() - started < 2


@pytest.mark.django_db
def test_a_night_is_steps_and_each_queues_the_next(settings):
    assert django_settings.CHECK_OUTSIDE_LINKS
    make_article("Tents", "[a](http://127.0.0.1/a) [b](http://127.0.0.1/b) [c](/nowhere/)")
    Job.objects.create(kind="links", key="2026-11-24")
    seen = []
    while work.run_batch("links", limit=1):
        job = Job.objects.filter(kind="links").order_by("-pk")[0]
        seen.append(job.key)
        Job.objects.filter(state="queued").update(run_at=timezone.now())
    states = dict(Link.objects.values_list("url", "state"))
    assert states == {
        "http://127.0.0.1/a": "failing", "http://127.0.0.1/b": "failing", "/nowhere/": "broken",
    }  # fmt: skip
    assert seen[:2] == ["2026-11-24:1", "2026-11-24:2"]
    assert set(Job.objects.filter(kind="links").values_list("state", flat=True)) == {"done"}


@pytest.mark.django_db
def test_a_long_night_is_cut_into_steps_whose_keys_say_where_to_go_on(settings, monkeypatch):
    settings.CHECK_OUTSIDE_LINKS = False
    monkeypatch.setattr(links, "BATCH", 2)
    monkeypatch.setattr(link_checks, "STEP_SECONDS", 0)
    articles = [make_article(f"Tent {n}", f"[a](/nowhere/{n}/)") for n in range(5)]
    Job.objects.create(kind="links", key="2026-11-24")
    work.run_batch("links", limit=1)
    assert ArticleLink.objects.count() == 2
    Job.objects.create(kind="links", key="2026-11-24:inside:0")  # one that a killed worker had
    while work.run_batch("links", limit=1):
        pass
    assert ArticleLink.objects.count() == 5
    assert set(Link.objects.values_list("state", flat=True)) == {"broken"}
    keys = list(Job.objects.filter(kind="links").values_list("key", flat=True))
    assert f"2026-11-24:read:{articles[1].pk}" in keys
    assert count_inside() == (5, 5)


@pytest.mark.django_db
def test_a_step_of_links_costs_as_many_statements_however_many_texts_there_are(settings):
    def statements(count: int) -> int:
        for number in range(count):
            make_article(f"Tent {count} {number}", f"[a](/nowhere/{count}/{number}/)")
        with CaptureQueriesContext(connection) as queries:
            assert links.read_some(0) == (count, None)
        return len(queries)

    assert statements(2) == statements(9)


@pytest.mark.django_db
def test_a_shop_may_leave_out_other_servers(settings):
    settings.CHECK_OUTSIDE_LINKS = False
    make_article("Tents", "[a](http://127.0.0.1/a) [c](/nowhere/)")
    Job.objects.create(kind="links", key="2026-11-24")
    work.run_batch("links", limit=1)
    assert set(Link.objects.values_list("state", flat=True)) == {"unchecked", "broken"}
    assert not Job.objects.filter(kind="links", state="queued").exists()
