"""Whether an output is as its schema says."""

import functools

import jsonschema
from jsonschema import Draft202012Validator

from leadtime.schemas import bundled


@functools.cache
def validator(name, part=""):
    """Return what validates an output, or a part that its schema names."""
    whole = bundled(name)
    schema = {"$ref": f"#/$defs/{part}", "$defs": whole["$defs"]} if part else whole
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def conforms(name, value):
    """Refuse a value that its schema does not describe, and say where."""
    errors = list(validator(name).iter_errors(value))
    # A key that is wrong makes its whole object count as not described: what is wrong with the key says more.
    plain = [e for e in errors if e.validator != "unevaluatedProperties"]
    wrong = jsonschema.exceptions.best_match(plain or errors)
    assert wrong is None, f"{name}: {wrong.json_path}: {wrong.message[:500]}"
    return value
