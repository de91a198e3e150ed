"""A passage's two fields apart, so that a query says what each of them counts.

Until now the trigger mixed the article's head (title and summary) and the passage with its
headings in a fixed ratio. What a pointed question asks for stands in the passage, what a long
description describes is what the article is about: the ratio belongs to the query. Words of
the head have odd numbers, words of the passage even ones; a passage without a head has its own
words in its place, so that no ratio changes its score.

In the passage k1 is now 0.6 and b 0.4 (they were 1.2 and 0.75): passages are cut to about equal
lengths, and which of the asked words stand in one says more than how often. docs/adr/0008 has
the figures.
"""

import pgvector.django
from django.db import migrations

CREATE = """
CREATE OR REPLACE FUNCTION qa_bm25(search tsvector, mean_words float, mean_head_words float)
RETURNS sparsevec LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH counted AS (
        SELECT qa_term(lexeme) AS term,
               sum(cardinality(array_positions(weights, 'A'))
                   + cardinality(array_positions(weights, 'D'))) AS head,
               sum(cardinality(array_positions(weights, 'A'))
                   + cardinality(array_positions(weights, 'B'))
                   + cardinality(array_positions(weights, 'C'))) AS own
          FROM unnest(search) AS found GROUP BY 1
    ), lengths AS (
        SELECT sum(head) AS head, sum(own) AS own FROM counted
    ), saturated AS (
        SELECT term, lengths.head = 0 AS is_headless,
               2.2 * counted.head / (counted.head
                   + 1.2 * (0.25 + 0.75 * lengths.head / greatest(mean_head_words, 1))) AS head,
               1.6 * counted.own / (counted.own
                   + 0.6 * (0.6 + 0.4 * lengths.own / greatest(mean_words, 1))) AS own
          FROM counted, lengths
    ), weighed AS (
        SELECT 2 * term - 1 AS number, CASE WHEN is_headless THEN own ELSE head END AS weight
          FROM saturated
        UNION ALL
        SELECT 2 * term, own FROM saturated
    )
    SELECT format('{%s}/33554432',
                  string_agg(number || ':' || round(weight::numeric, 4), ','))::sparsevec
      FROM weighed WHERE weight > 0.0001
$$;
"""
BEFORE = """
CREATE OR REPLACE FUNCTION qa_bm25(search tsvector, mean_words float, mean_head_words float)
RETURNS sparsevec LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH counted AS (
        SELECT qa_term(lexeme) AS term,
               sum(cardinality(array_positions(weights, 'A'))
                   + cardinality(array_positions(weights, 'D'))) AS head,
               sum(cardinality(array_positions(weights, 'A'))
                   + cardinality(array_positions(weights, 'B'))
                   + cardinality(array_positions(weights, 'C'))) AS own
          FROM unnest(search) AS found GROUP BY 1
    ), lengths AS (
        SELECT sum(head) AS head, sum(own) AS own FROM counted
    ), weighed AS (
        SELECT term,
               CASE WHEN lengths.head = 0 THEN 0 ELSE 0.65 END
               * 2.2 * counted.head / (counted.head
                   + 1.2 * (0.25 + 0.75 * lengths.head / greatest(mean_head_words, 1)))
               + CASE WHEN lengths.head = 0 THEN 1 ELSE 0.35 END
               * 2.2 * counted.own / (counted.own
                   + 1.2 * (0.25 + 0.75 * lengths.own / greatest(mean_words, 1))) AS weight
          FROM counted, lengths
    )
    SELECT format('{%s}/16777216', string_agg(term || ':' || round(weight::numeric, 4), ','))::sparsevec
      FROM weighed WHERE weight > 0.0001
$$;
"""
EMPTY = "DELETE FROM qa_engine_passageterms"
FILL = "UPDATE qa_engine_passage SET search = search"


class Migration(migrations.Migration):
    dependencies = [("qa_engine", "0011_reviewed_articles")]

    operations = [
        migrations.RunSQL(EMPTY, FILL),
        migrations.RunSQL(CREATE, BEFORE),
        migrations.AlterField(
            model_name="passageterms",
            name="weights",
            field=pgvector.django.SparseVectorField(dimensions=2**25),
        ),
        migrations.RunSQL(FILL, EMPTY),
    ]
