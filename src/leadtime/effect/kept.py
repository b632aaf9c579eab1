"""The layers as they ship for the built-in evidence, as they were kept on disk, or computed now."""

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from leadtime.effect.layers import Layers, layers
from leadtime.errors import LeadtimeError

if TYPE_CHECKING:
    from leadtime.study import Study

SHIPPED = Path(__file__).parent / "data" / "shipped.json"


def effect(study: "Study", at: str = "") -> Layers:
    """Return the layers at the end of a quarter, the last one counted by default.

    Raises:
        LeadtimeError: Arrivals of the quarter are not counted, or too few runs have a known compute.
    """
    if not at and (found := _shipped(study)):
        return found
    from leadtime.capability.cache import remembered

    def compute() -> dict[str, np.ndarray]:
        try:
            text = json.dumps({"layers": layers(study, at).to_json()})
        except LeadtimeError as error:  # that it cannot be computed is an answer too
            text = json.dumps({"error": [error.what, error.where, error.fix]})
        return {"text": np.frombuffer(text.encode(), dtype=np.uint8)}

    kept: dict[str, Any] = json.loads(remembered(("effect", study.key, at), compute)["text"].tobytes())
    if "error" in kept:
        what, where, fix = kept["error"]
        raise LeadtimeError(what, where=where, fix=fix)
    return Layers(**kept["layers"])


def key(study: "Study") -> str:
    """Return what shipped layers depend on: the evidence, the settings, and the ensemble that ships."""
    from leadtime.capability.cache import key as content_key
    from leadtime.scenario.files import DATA

    digest = hashlib.sha256((DATA / "ensemble.npz").read_bytes()).hexdigest()
    return content_key("effect 2", study.evidence.hash, study.seed, study.draws, study.method, digest)


def _shipped(study: "Study") -> Layers | None:
    from leadtime.capability.cache import ships

    try:
        content = json.loads(SHIPPED.read_text(encoding="utf-8"))
        fits = content["key"] == key(study) and study.folder is None and ships()
        return Layers(**content["layers"]) if fits else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def save(study: "Study", path: Path = SHIPPED) -> Path:
    """Compute the layers of the built-in evidence and write them with their key; half a minute."""
    path.parent.mkdir(exist_ok=True)
    content = {"key": key(study), "as_of": str(study.as_of), "layers": layers(study).to_json()}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    return path
