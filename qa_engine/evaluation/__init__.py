"""How good is it? Suites that measure the engine on files, and the rows that remember.

    data → split → suite (in a scratch database) → SuiteResult → EvaluationRun → report

`metrics` is pure arithmetic; `suites` run the production stages, never copies of them.
"""
