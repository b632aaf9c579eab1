"""A model hub's config.json: the network of a model with open weights, as `leadtime cost --config` reads it."""

import datetime as dt
import functools
import re
from dataclasses import asdict
from pathlib import Path, PurePosixPath

from ruamel.yaml import YAML

from leadtime.cost.reading import read_architecture
from leadtime.errors import LeadtimeError
from leadtime.evidence import Evidence
from leadtime.importers.names import Names
from leadtime.update import addresses
from leadtime.update.connector import Address, File, Gathered, Known, Mention, each, rows_for
from leadtime.update.newcomers import identifier
from leadtime.update.plainly import json_of


class Configs:
    """Configurations of models with open weights."""

    name = "configs"
    title = "model hub: config.json of open weights"
    gives = ("architectures",)

    def addresses(self, evidence: Evidence, day: dt.date) -> list[Address]:
        """Return those of the declared models whose network the evidence has not."""
        there, names = set(evidence["architectures"]["model"].drop_nulls()), Names.of(evidence)
        wanted = [r for r in repositories() if names.model(r)[0] not in there]
        return [a for r in wanted for a in addresses.of(self.name, repository=r)]

    def recognizes(self, file: File) -> bool:
        """Return whether a file is a configuration."""
        return PurePosixPath(file.name).name.endswith("config.json") and b'"model_type"' in file.content

    def mentions(self, files: list[File]) -> list[Mention]:
        """Return nothing: a configuration tells neither maker nor day."""
        return []

    def read(self, files: list[File], known: Known) -> Gathered:
        """Return one network for each file."""
        return each(files, lambda f: _read(f, known))


@functools.cache
def repositories() -> tuple[str, ...]:
    """Return the repositories that are asked."""
    found: list[str] = YAML(typ="safe", pure=True).load(
        Path(__file__).with_name("repositories.yaml").read_text(encoding="utf-8")
    )
    return tuple(found)


def _repository(file: File) -> str:
    """Return owner and name: from the folders, or from a name such as `owner--name_config.json`."""
    path = PurePosixPath(file.name)
    flat = re.fullmatch(r"(.+?)--(.+)_config\.json", path.name)
    return f"{flat[1]}/{flat[2]}" if flat else "/".join(path.parts[-3:-1])


def _read(file: File, known: Known) -> Gathered:
    repository = _repository(file)
    config = json_of(file)
    if not isinstance(config, dict):
        raise LeadtimeError("does not contain a configuration")
    try:
        network = read_architecture(config)
    except LeadtimeError as error:
        raise LeadtimeError(error.what, fix=error.fix) from None
    model = known.names.model(repository)[0]
    cells = {k: v for k, v in asdict(network).items() if v not in (0, None) or isinstance(v, bool)}
    if "n_index_layers" in cells:
        raise LeadtimeError("shares its indexers among layers, and the table of architectures has no column for that")
    source = {
        "id": f"hub-{identifier(repository)}",
        "title": f"Configuration of {repository.rsplit('/', 1)[-1]}",
        "publisher": repository.split("/")[0] or "its maker",
        "url": f"https://huggingface.co/{repository}",
        "kind": "vendor",
    }
    row = {
        "id": model or identifier(repository),
        "model": model,
        **cells,
        "_aside": None if model else f"no model of the evidence is called {repository!r}",
    }
    return Gathered(found=rows_for("architectures", file, [row], source))
