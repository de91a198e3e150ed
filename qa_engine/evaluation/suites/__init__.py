"""One module a suite: files in, a SuiteResult out. They run what production runs."""
