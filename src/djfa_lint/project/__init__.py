"""All files' facts, linked into one read-only project that answers questions. "Not found" is an answer."""
