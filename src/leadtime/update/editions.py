"""Whether scores are of the edition of a test that the evidence knows: where most models known come out otherwise, they
are of another.
"""

import polars as pl

from leadtime.evidence import Evidence
from leadtime.importers.rows import Candidates

#: So many models measured before, and so large a middle difference (fractions), tell another edition.
_LEAST, _FAR = 4, 0.03


def held(found: list[Candidates], evidence: Evidence) -> tuple[list[Candidates], list[str]]:
    """Return candidates with the scores of other editions set aside, and a sentence for each such file and test.

    A score is compared with those of the same model, test, evaluator and effort; one of several, the nearest.
    """
    out: list[Candidates] = []
    told: list[str] = []
    on = ["model", "benchmark", "evaluator", "effort"]
    old = evidence["scores"].select(*on, _old="score")
    for c in found:
        if c.table != "scores":
            out.append(c)
            continue
        rows = c.rows.with_columns(_new=pl.col("score").cast(pl.Float64, strict=False))
        rows = rows.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in on if name not in rows.columns)
        both = rows.filter(pl.col("_aside").is_null()) if "_aside" in rows.columns else rows
        both = both.join(old, on=on, nulls_equal=True).with_columns(_far=(pl.col("_new") - pl.col("_old")).abs())
        by_model = both.group_by("benchmark", "model").agg(pl.col("_far").min())
        tests = by_model.group_by("benchmark").agg(pl.len(), pl.col("_far").median())
        other = {b: (n, far) for b, n, far in tests.iter_rows() if n >= _LEAST and far is not None and far > _FAR}
        for b, (n, far) in sorted(other.items()):
            told.append(
                f"{c.file}: scores of {n} known models on {b} differ by {far:.3f} (median) from those in the evidence:"
                " another edition? set aside"
            )
        out.append(_without(c, set(other)))
    return out, told


def _without(c: Candidates, tests: set[str]) -> Candidates:
    if not tests:
        return c
    why = pl.lit("most models known come out otherwise on this test: another edition of it?")
    aside = pl.col("_aside") if "_aside" in c.rows.columns else pl.lit(None, dtype=pl.String)
    rows = c.rows.with_columns(
        pl.when(aside.is_null() & pl.col("benchmark").is_in(list(tests))).then(why).otherwise(aside).alias("_aside")
    )
    return Candidates(table=c.table, file=c.file, rows=rows, unique=c.unique)
