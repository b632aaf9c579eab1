"""Taking data out: the tables of a study, evidence and results, by SQL or as files."""
