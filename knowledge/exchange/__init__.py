"""Articles in and out of files: Markdown folders, JSONL and CSV."""
