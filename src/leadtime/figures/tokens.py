"""Colors by what they stand for, light and dark: the same on every page, in every file and in the notebook."""

from collections.abc import Mapping

#: Name of a token: its color on light ground, and on dark ground.
TOKENS: Mapping[str, tuple[str, str]] = {
    "ink": ("#16202A", "#ECEFF2"),
    "soft": ("#55606B", "#AEB7C0"),
    "line": ("#DDE2E7", "#343D47"),
    "paper": ("#FFFFFF", "#12181E"),
    "lavender": ("#F5F1FA", "#1D1830"),
    "china": ("#B5470F", "#F0925A"),
    "us": ("#0B6F6E", "#4FB8B3"),
    "other": ("#A3ACB4", "#9AA4AE"),
    "yours": ("#5B3A99", "#B79CEB"),
    "looser": ("#3F7D3A", "#8CC47F"),
    "without": ("#5F6B75", "#9AA4AD"),
    "bought": ("#2F7FB0", "#5FA9D6"),
    "domestic": ("#E0A458", "#EBBB7C"),
    "proxy": ("#9AA7B2", "#8592A0"),
    "rented": ("#CFE3D8", "#DDEFE5"),
    "smuggled": ("#25333F", "#4A5F73"),
    "blue": ("#2B6CB0", "#6FA8E0"),
    "pink": ("#A23B72", "#E08AB8"),
    "olive": ("#7A6412", "#C9B458"),
    "sky": ("#357A94", "#7CC0DA"),
    "claim": ("#F3E6B3", "#4A4020"),
    "free": ("#E3EBF3", "#22303D"),
    "case": ("#7FA6C6", "#3E6A8E"),
    "denied": ("#1F4B6E", "#B5D3EC"),
}


def color(name: str, *, dark: bool = False) -> str:
    """Return the color of a token."""
    return TOKENS[name][dark]


def css() -> str:
    """Return the tokens as variables of CSS: `--china` and so on, light, and dark where the reader's system asks for
    it.
    """
    light, dark = (" ".join(f"--{n}: {both[i]};" for n, both in TOKENS.items()) for i in (0, 1))
    return (
        f":root {{ color-scheme: light dark; {light} }}\n@media screen and (prefers-color-scheme: dark) {{ :root {{"
        f" {dark} }} }}\n"
    )
