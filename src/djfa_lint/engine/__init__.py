"""The conductor: find files, gather facts, link, judge, suppress, fix. Knows no rule by name."""
