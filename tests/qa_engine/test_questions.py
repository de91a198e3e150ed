"""What a message asks, and what in it is no question."""

from __future__ import annotations

import pytest

from qa_engine.questions import MAX_QUESTIONS, split_questions


def _texts(text: str, subject: str = "") -> list[str]:
    return [question.text for question in split_questions(text, subject)]


def test_a_question_takes_along_the_sentences_it_leans_on():
    [question] = split_questions("Hi,\n\nMy zip broke after 14 months. Is this covered?\n\nAnna")

    assert question.text == "Is this covered?"
    assert "14 months" in question.query


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Is the lamp waterproof? And the strap that came with it, can it be washed?",
         "And the strap that came with it, can it be washed?"),
        ("My guarantee card got lost, is that a problem?",
         "My guarantee card got lost, is that a problem?"),
        ("I would glue the sole of my boots myself. Would that work?",
         "I would glue the sole of my boots myself. Would that work?"),
        ("I bought boots in May. Is the sole of them covered by the guarantee?",
         "Is the sole of them covered by the guarantee?"),
    ],
)  # fmt: skip
def test_half_a_sentence_is_read_with_its_other_half(text, asked):
    question = split_questions(text)[-1]

    assert question.as_asked == asked
    assert question.text == asked[-len(question.text) :]


def test_who_only_urges_asks_nothing_more():
    text = "Is my order packed yet? Kindly look and let me know TODAY."

    assert _texts(text) == ["Is my order packed yet?"]
    assert _texts("My zip broke. Please advise.") == ["My zip broke. Please advise."]


def test_a_sentence_that_asks_two_things_is_two_questions():
    text = "How much is shipping to Norway, and how long does it take?"

    first, second = split_questions(text)

    assert first.text.startswith("How much is shipping to Norway")
    assert "Norway" in second.query


def test_quoted_mail_greetings_thanks_and_signatures_ask_nothing():
    text = (
        "Dear team,\n\nCan I wash the down jacket?\n\nMany thanks,\nBob\n\n"
        "On Mon, 3 May 2026 at 10:00, Fellmark wrote:\n> Do you need help?\n> Really?"
    )

    assert _texts(text) == ["Can I wash the down jacket?"]


def test_a_reply_under_each_quoted_line_keeps_the_newest_words():
    assert _texts("> Which size?\nWhich size fits a foot of 26 cm?") == [
        "Which size fits a foot of 26 cm?"
    ]


def test_a_complaint_that_asks_nothing_is_one_question():
    assert _texts("hello, my zip broke, i want repair") == ["my zip broke, i want repair"]


def test_bad_english_without_capitals_or_marks_is_split_all_the_same():
    texts = _texts("hello sir i send back boots. when i get money back. how much cost a new sole")

    assert [text.split()[0] for text in texts] == ["when", "how"]


@pytest.mark.parametrize("text", ["", "hi", "???", "Hello!", "Thanks!", "It doesn't work. Help!"])
def test_what_says_nothing_asks_nothing(text):
    assert split_questions(text) == []


def test_the_subject_speaks_where_the_message_does_not():
    [question] = split_questions("Can you help me?", "Zip of my Stratus is broken")

    assert "Zip" in question.query


def test_a_question_that_says_nothing_new_is_no_question_of_its_own():
    assert _texts("Can I return the boots after 30 days? Is that possible?") == [
        "Can I return the boots after 30 days?"
    ]


def test_a_long_list_is_capped():
    text = "\n".join(f"{n}. Does product number {n} weigh much?" for n in range(1, 10))

    assert len(split_questions(text)) == MAX_QUESTIONS


def test_chinese_questions_are_found():
    [question] = split_questions("您好，我想退货。运费多少？")  # noqa: RUF001

    assert question.text == "运费多少？"  # noqa: RUF001
    assert "退货" in question.query


def test_a_story_with_which_and_when_asks_only_what_it_asks():
    asked = split_questions(
        "We have walked since 1988, when our father took us up a hill in sandals. We still use "
        "the little blue daypack, which is going strong. When the parcel came, all was fine. "
        "Is the Alder 45 allowed as cabin luggage?"
    )
    assert [question.text for question in asked] == ["Is the Alder 45 allowed as cabin luggage?"]


@pytest.mark.parametrize(
    "text",
    [
        "How many days do I have to return a rain jacket that I have not used?",
        "Is there a discount for students of a university in Norway?",
        "How long does it take until express parcels reach Norway?",
        "Can I combine two discount codes and a voucher in one order?",
    ],
)
def test_words_that_only_look_like_leaning_take_nothing_along(text):
    [question] = [q for q in split_questions(f"{text} Thanks!", "Zip") if q.text == text]
    assert question.context == ""


def test_one_that_was_named_before_is_leant_on():
    told = "I bought two Stratus rain jackets in June."
    [question] = split_questions(f"{told} Does the one that I kept for my dad come with a hood?")
    assert question.context == told


def test_a_subject_that_asks_the_second_question_hides_neither():
    first, second = "How many days do I have to return an item?", "How long does a refund take?"
    asked = split_questions(f"{first} And {second.lower()}", second)
    assert [question.text for question in asked] == [first, f"And {second.lower()}"]


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        (
            "My order should be here. If it is lost, do I get a refund?",
            ["If it is lost, do I get a refund?"],
        ),
        (
            "If I order today with express, will I have it by Friday?",
            ["If I order today with express, will I have it by Friday?"],
        ),
        (
            "When will it arrive, and can I still change it?",
            ["When will it arrive", "can I still change it?"],
        ),
        (
            "What does a print cost for 30 pieces, and what discount do we get?",
            ["What does a print cost for 30 pieces", "what discount do we get?"],
        ),
    ],
)
def test_a_condition_stays_with_its_question(text, questions):
    assert _texts(text) == questions


def test_a_figure_asked_of_what_was_asked_before_is_a_question():
    first, second = split_questions("Do I have to pay customs in the UK? How much is it?")

    assert second.text == "How much is it?"
    assert first.text in second.query


def test_a_detail_behind_a_short_question_is_looked_up_with_it():
    [question] = split_questions("When do I get my money? I paid with PayPal.")

    assert (question.text, question.context) == ("When do I get my money?", "I paid with PayPal.")


def test_what_somebody_thought_is_no_question_beside_one():
    assert _texts("I thought tax was included?? Do I have to pay this?") == [
        "Do I have to pay this?"
    ]
    assert _texts("I thought tax was included??") == ["I thought tax was included??"]


def test_greetings_of_other_languages_ask_nothing():
    assert _texts("Ciao, can I use crampons on these boots?") == [
        "can I use crampons on these boots?"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Replacement is here, thanks a lot.",
        "Perfect, ordered. Thanks Bo!",
        "Arrived today and fits. Thank you!",
        "Got it, cheers.",
        "Fair enough!",
        "Money arrived. Thank you Ada.",
        "Photos attached.",
        "L fits perfectly.",
    ],
)
def test_who_says_that_all_is_well_asks_nothing(text):
    assert split_questions(text, "Delivered but not here") == []


@pytest.mark.parametrize(
    "text",
    [
        "The replacement is here, but it is damaged.",
        "I got the wrong size.",
        "The parcel arrived. Where is the invoice?",
        "It works only when it is cold.",
        "my zip broke, i want repair",
        "The money has not arrived.",
        "I received an empty box.",
    ],
)
def test_who_has_a_problem_still_asks(text):
    assert split_questions(text)


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        (
            "Deckt die Garantie das ab, und was kostet ein Flicken?",
            ["Deckt die Garantie das ab", "was kostet ein Flicken?"],
        ),
        (
            "Wie lange dauert der Versand und kann ich auf Rechnung zahlen?",
            ["Wie lange dauert der Versand", "kann ich auf Rechnung zahlen?"],
        ),
        (
            "Wat kost verzenden naar Gent en wanneer komt het aan?",
            ["Wat kost verzenden naar Gent", "wanneer komt het aan?"],
        ),
        ("Darf ich das Zelt und die Stangen waschen?", None),
        ("Wie lange dauert der Versand und was kostet er?", None),
        ("可以退货吗，退款要多久？", ["可以退货吗", "退款要多久？"]),  # noqa: RUF001
        ("我的夹克坏了，可以修吗？", None),  # noqa: RUF001
    ],
)
def test_a_sentence_that_asks_two_things_is_two_questions_in_other_languages_too(text, questions):
    assert _texts(text) == (questions or [text])


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("Wie lange sind sie gültig und einlösbar im Geschäft?", "Ich habe zwei Gutscheine."),
        ("Wie lange sind die Gutscheine gültig und einlösbar?", ""),
        ("Gibt es einen Rabatt für Vereine und Schulen?", ""),
        ("Haben Sie ein Geschäft in Berlin oder Hamburg?", ""),
    ],
)
def test_what_a_german_question_leans_on_is_looked_up_with_it(text, context):
    [question] = split_questions(f"Ich habe zwei Gutscheine. {text}")
    assert question.context == context


def test_an_english_was_does_not_ask():
    [question] = split_questions("was sent the wrong boots\n\nCan I swap the boots?")
    assert question.text == "Can I swap the boots?"


def test_a_question_in_words_that_say_nothing_alone_is_asked_about_the_one_before():
    [first, second] = split_questions("Can I trade in old boots and what do I get for them?")

    assert first.text == "Can I trade in old boots"
    assert (second.text, second.context) == ("what do I get for them?", first.text)


def test_are_you_sure_after_a_question_asks_nothing_more():
    assert len(split_questions("Can I trade in old boots? Is that possible?")) == 1


def test_two_things_to_be_done_are_two_questions():
    asked = split_questions("Can you send me the invoice and put the company name on it?")
    assert [one.text for one in asked] == [
        "Can you send me the invoice",
        "put the company name on it?",
    ]
    whole = "How do I send it back and change the size?"
    assert [one.text for one in split_questions(whole)] == [whole]


def test_a_question_word_that_many_misspell_still_asks():
    assert len(split_questions("Do you ship gas to Poland? And wich one fits the Ember.")) == 2
