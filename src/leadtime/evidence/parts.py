"""The parts of a study folder that can move an answer, and the endings of the files that are read there."""

#: Folder to endings.
PARTS = {
    "evidence": (".csv",),
    "rules": (".yaml", ".yml"),
    "scenarios": (".yaml",),
    "scenarios/profiles": (".yaml",),
    "claims": (".yaml",),
}
