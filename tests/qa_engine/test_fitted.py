"""Another fit is another engine: what agents decided under one says nothing of the other."""

from __future__ import annotations

import json

from qa_engine.backends.hashing import HashingEmbedder
from qa_engine.backends.sentence_reader import SentenceReader
from qa_engine.confidence import CALIBRATION, calibration_for
from qa_engine.fitted import digest_of, fitted_digest
from qa_engine.ranking import RANKING
from qa_engine.services import engine_fingerprint


def test_one_coefficient_more_or_less_is_another_fit(tmp_path):
    stored = json.loads(CALIBRATION.read_text(encoding="utf-8"))
    stored["families"]["transformers"]["weights"]["share"] += 0.01
    refitted = tmp_path / "calibration.json"
    refitted.write_text(json.dumps(stored), encoding="utf-8")
    assert digest_of(RANKING, refitted) != fitted_digest() == digest_of(RANKING, CALIBRATION)


def test_the_engine_is_named_by_its_fit(db):
    reader = SentenceReader(HashingEmbedder())
    assert fitted_digest() in reader.fingerprint
    assert fitted_digest() in engine_fingerprint()


def test_a_fit_in_the_name_leads_to_the_same_calibration(db):
    assert calibration_for(engine_fingerprint()) == calibration_for("x+hashing/1")
