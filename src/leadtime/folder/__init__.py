"""A study folder, kept in git: made, checked, pinned, compared."""
