"""The pages, one file each: what `PAGE` says of it, and its content."""
