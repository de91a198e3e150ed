"""BM25 in the database: a passage's term weights follow its search vector.

The weight of a word is the BM25 saturation of its count (k1 = 1.2, b = 0.75; Robertson and
Zaragoza, "The Probabilistic Relevance Framework", 2009) in two fields: the article's head
(title A and summary D), and the passage with its headings (A, B and C). The rarity of a word
is multiplied in at query time, so that a new article changes no other passage's row.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION qa_term(lexeme text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 1 + (hashtext(lexeme) & 16777215);


CREATE FUNCTION qa_bm25(search tsvector, mean_words float, mean_head_words float)
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

CREATE FUNCTION qa_passage_terms() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    mean record;
BEGIN
    IF NEW.search IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT mean_words, mean_head_words INTO mean FROM qa_engine_lexicalstatistics;
    INSERT INTO qa_engine_passageterms (passage_id, weights)
    VALUES (NEW.id, qa_bm25(NEW.search, coalesce(mean.mean_words, 60),
                            coalesce(mean.mean_head_words, 12)))
    ON CONFLICT (passage_id) DO UPDATE SET weights = EXCLUDED.weights;
    RETURN NULL;
END $$;
CREATE TRIGGER qa_passage_terms AFTER INSERT OR UPDATE OF search ON qa_engine_passage
    FOR EACH ROW EXECUTE FUNCTION qa_passage_terms();
"""
DROP = """
DROP TRIGGER qa_passage_terms ON qa_engine_passage;
DROP FUNCTION qa_passage_terms();
DROP FUNCTION qa_bm25(tsvector, float, float);
DROP FUNCTION qa_term(text);
"""


class Migration(migrations.Migration):
    dependencies = [("qa_engine", "0005_bm25")]

    operations = [
        migrations.RunSQL(CREATE, DROP),
        # What is indexed already; the next sync cuts it anew.
        migrations.RunSQL("UPDATE qa_engine_passage SET search = search", migrations.RunSQL.noop),
    ]
