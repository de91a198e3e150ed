"""Macros follow the sources: where one states the old value, its edit waits and it does too."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helpdesk.exceptions import (
    MacroEditConflicts,
    MacroEditDecided,
    MacroUnsettled,
    MayNotChangeMacros,
)
from helpdesk.macro_edits import propose_edits
from helpdesk.models import Macro, MacroEdit
from helpdesk.services.macros import accept_edit, dismiss_edit, inserted, keep_macro
from helpdesk.work import run_batch
from knowledge.models import SourceVersion
from knowledge.services.sources import add_version
from knowledge.sourcing.reading import read_pasted
from tests.factories import QueueFactory, TicketFactory, UserFactory
from tests.knowledge.factories import make_article

POLICY = "Unused items can be returned within {} of delivery. Keep the receipt."
RETURNS = (
    "Hello {first_name},\n\nyou can return any unused item within thirty days of delivery.\n\n"
    "Your ticket is #{ticket_number}."
)


def version(days: str) -> SourceVersion:
    added = add_version(name="Returns policy", source=read_pasted("policy", POLICY.format(days)))
    while run_batch("source", limit=8):
        pass
    return added.version


@pytest.fixture
def returns(db) -> Macro:
    """It states what the policy states."""
    make_article("Returning an item", "You can return any unused item within 30 days of delivery.")
    Macro.objects.create(name="Care", body="Please wash the jacket at 30 °C every 30 days.")
    return Macro.objects.create(name="Returns", body=RETURNS)


@pytest.fixture
def edit(returns) -> MacroEdit:
    version("30 days")
    version("14 days")
    return MacroEdit.objects.get()


def test_a_macro_is_filled_in_for_its_ticket(returns, ticket):
    assert returns.text_for(ticket) == (
        "Hello Rex,\n\nyou can return any unused item within thirty days of delivery.\n\n"
        f"Your ticket is #{ticket.number}."
    )


def test_whoever_gave_no_name_is_greeted_without_one(returns):
    ticket = TicketFactory(requester=UserFactory(name=""))
    assert returns.text_for(ticket).startswith("Hello,\n")


def test_it_is_inserted_at_the_cursor_else_below_what_is_written(ticket):
    macro = Macro.objects.create(name="Sorry", body="I am sorry. ")
    put = {"macro": macro, "ticket": ticket}
    assert inserted(text="Hello Rex, bye", at=11, **put) == ("Hello Rex, I am sorry. bye", 23)
    assert inserted(text="Hello Rex,\n", **put)[0] == "Hello Rex,\n\nI am sorry. "
    assert inserted(text="", **put)[0] == "I am sorry. "


def test_a_changed_policy_proposes_an_edit_of_the_macro_that_states_it(edit, returns):
    assert edit.macro == returns
    assert edit.base_text == RETURNS
    assert edit.proposed_text == RETURNS.replace("thirty days", "fourteen days")
    assert "14 days" in edit.reason
    assert edit.evidence == "Returns policy, version 2, line 1"


def test_while_the_edit_waits_the_macro_is_not_inserted(edit, returns, ticket):
    with pytest.raises(MacroUnsettled, match="14 days"):
        inserted(macro=returns, ticket=ticket, text="")


def test_accepted_the_macro_says_it(edit, returns, ticket, mia):
    accept_edit(edit=edit, by=mia)

    returns.refresh_from_db()
    edit.refresh_from_db()
    assert "within fourteen days of delivery" in returns.body
    assert (edit.state, edit.decided_by) == ("accepted", mia)
    assert "fourteen" in inserted(macro=returns, ticket=ticket, text="")[0]
    with pytest.raises(MacroEditDecided):
        dismiss_edit(edit=edit, by=mia)


def test_dismissed_the_macro_stays_and_is_not_asked_about_again(edit, returns, ticket, mia):
    dismiss_edit(edit=edit, by=mia)

    assert propose_edits(SourceVersion.objects.latest("pk").pk) == 0
    assert "thirty" in inserted(macro=returns, ticket=ticket, text="")[0]


def test_agents_decide_nothing(edit, ada):
    for decide in (accept_edit, dismiss_edit):
        with pytest.raises(MayNotChangeMacros):
            decide(edit=edit, by=ada)
    edit.refresh_from_db()
    assert edit.is_open


def test_a_third_version_replaces_the_edit_of_the_second(edit, returns):
    version("60 days")

    edit.refresh_from_db()
    assert edit.state == "superseded"
    assert "sixty days" in MacroEdit.objects.get(state="open").proposed_text


def test_a_policy_that_goes_back_leaves_nothing_open(edit, returns, ticket):
    version("30 days")

    assert not MacroEdit.objects.filter(state="open").exists()
    assert "thirty days" in inserted(macro=returns, ticket=ticket, text="")[0]


def test_an_edit_follows_what_is_written_elsewhere_in_the_macro(edit, returns, mia):
    returns.body = RETURNS.replace("Hello", "Dear")
    keep_macro(macro=returns)

    edit.refresh_from_db()
    accept_edit(edit=edit, by=mia)
    returns.refresh_from_db()
    assert returns.body == RETURNS.replace("Hello", "Dear").replace("thirty", "fourteen")


def test_whoever_changes_the_very_words_has_settled_it(edit, returns, ticket):
    returns.body = "You can return it within two weeks."
    keep_macro(macro=returns)

    edit.refresh_from_db()
    assert edit.state == "superseded"
    assert inserted(macro=returns, ticket=ticket, text="")[0] == returns.body


def test_an_edit_is_never_written_over_words_that_were_changed_meanwhile(edit, returns, mia):
    Macro.objects.filter(pk=returns.pk).update(body="You can return it within two weeks.")
    with pytest.raises(MacroEditConflicts):
        accept_edit(edit=edit, by=mia)


def test_of_two_facts_in_one_macro_each_is_decided_by_itself(db, mia):
    Macro.objects.create(
        name="Both",
        body="You can return any unused item within 30 days of delivery.\n\n"
        "Repairs of zips take five working days.",
    )
    for days, repair in (("30 days", "5 working days"), ("14 days", "8 working days")):
        text = f"{POLICY.format(days)}\n\nRepairs of zips take {repair}."
        add_version(name="Policy", source=read_pasted("policy", text))
        while run_batch("source", limit=8):
            pass

    first, second = MacroEdit.objects.order_by("pk")
    accept_edit(edit=first, by=mia)
    second.refresh_from_db()
    assert second.is_open
    accept_edit(edit=second, by=mia)

    body = Macro.objects.get().body
    assert "within 14 days of delivery" in body
    assert "take eight working days" in body


def test_macros_are_offered_in_their_queue_and_in_the_tickets_language_first(ticket):
    def macro(name: str, **values: object) -> Macro:
        return Macro.objects.create(name=name, body="x", **values)

    macro("Zoll", language="de")
    macro("Yes", queue=ticket.queue)
    macro("Other queue", queue=QueueFactory())
    macro("Gone", is_active=False)
    macro("All")

    offered = Macro.objects.offered_for(ticket)
    assert [one.name for one in offered] == ["All", "Yes", "Zoll"]


def test_looking_through_many_macros_costs_as_many_queries_as_through_one(returns):
    def cost(days: str) -> int:
        added = add_version(
            name="Returns policy", source=read_pasted("policy", POLICY.format(days))
        ).version
        from qa_engine.services import compare_version

        compare_version(added.pk)
        with CaptureQueriesContext(connection) as queries:
            propose_edits(added.pk)
        return len(queries)

    cost("30 days")
    few = cost("14 days")
    Macro.objects.bulk_create(
        Macro(name=f"Greeting {number}", body="Hello {first_name}, thank you.")
        for number in range(30)
    )
    assert cost("60 days") <= few + 1  # the one edit that gives way
