"""What the tests of an update share: files of each publisher in the real shapes, a server that has them, and short
words.
"""

import datetime as dt
import json
import zipfile
from pathlib import Path

from leadtime.update import run
from local_server import Answer, LocalServer

DAY = dt.date(2026, 11, 20)
HUB = (
    "Model version,mean_score,Best score (across scorers),Release date,Organization,Country,Training compute"
    " (FLOP),Training compute notes,stderr,Log viewer,Logs,Started at,id"
)
NEW = "zhuque-9_high", "2026-10-20", "Pangolin AI", "China"


def hub_row(
    version, score, day="2025-08-07", maker="OpenAI", country="United States of America", on="2026-11-15T10:00:00.000Z"
):
    return f"{version},{score},{score},{day},{maker},{country},,,0.01,https://logs.example/{version},,{on},x"


def hub_csv(*rows):
    return "\n".join([HUB, *rows]) + "\n"


METADATA = (
    "benchmark,in_eci,source_file,score_column,scale,random_baseline,score_ceiling,release_date,superseded_by\n"
    "GPQA diamond,True,gpqa_diamond.csv,Best score (across scorers),1.0,0.25,1.0,2023-11-20,\n"
    "Lantern Bench,True,lantern_external.csv,Solved,0.01,0.2,0.9,2026-09-30,\n"
)
VERSIONS = (
    "model_version,model_group,date,display_name,organization,country,accessibility,training_compute_flop\n,,,,,,,\n"
    "zhuque-9_high,Zhuque 9,2026-10-20,Zhuque 9 (high),Pangolin AI,China,Open weights (unrestricted),\n"
    "gpt-5-quiet-release_high,GPT-5,2025-08-07,GPT-5 (high),OpenAI,United States of America,API access,\n"
)
LANTERN = (
    "Model version,Solved,Release date,Organization,Country,Training compute (FLOP),Training compute"
    " notes,Name,id\nzhuque-9_high,61,2026-10-20,Pangolin AI,China,,,Zhuque"
    " 9,r1\ngpt-5-2025-08-07_high,44,2025-08-07,OpenAI,United States of America,,,GPT-5,r2\n"
)
TASKS = {"Reasoning": ["spatial", "zebra_puzzle"], "Language": ["typos"]}
METR = (
    "benchmark_name: METR-Horizon-v1.1\nresults:\n  gpt_5_2:\n    benchmark_name: METR-Horizon-v1.1\n    metrics:\n    "
    "  average_score:\n        estimate: 0.76\n      p50_horizon_length:\n        ci_high: 900.5\n        ci_low:"
    " 201.25\n        estimate: 777.5\n    release_date: 2025-12-11\n  nobody_at_all:\n    benchmark_name:"
    " METR-Horizon-v1.1\n    metrics:\n      p50_horizon_length:\n        estimate: 5.5\n    release_date: 2026-10-01\n"
)
REGISTER = {
    "count": 3,
    "results": [
        {
            "document_number": "2026-19999",
            "title": "Controls on <b>lanterns</b> | `and` @all",
            "type": "Rule",
            "publication_date": "2026-10-30",
            "effective_on": "2026-11-15",
            "citation": "91 FR 60001",
            "html_url": "https://www.federalregister.gov/d/2026-19999",
            "cfr_references": [{"title": 15, "part": 744}],
        },
        {
            "document_number": "2026-11111",
            "title": "Salmon",
            "type": "Rule",
            "publication_date": "2026-06-01",
            "cfr_references": [{"title": 50, "part": 660}],
        },
        {
            "document_number": "2023-23055",
            "title": "Known",
            "type": "Rule",
            "publication_date": "2023-10-25",
            "citation": "88 FR 73458",
            "cfr_references": [{"title": 15, "part": 740}],
        },
    ],
}


def fact(start, end, value, filed, fp="Q1"):
    return {"start": start, "end": end, "val": value, "accn": "0", "fy": 2026, "fp": fp, "form": "10-Q", "filed": filed}


FACTS = {
    "cik": 789019,
    "entityName": "MICROSOFT CORP",
    "facts": {
        "us-gaap": {
            "RevenueFromContractWithCustomerExcludingAssessedTax": {
                "units": {
                    "USD": [
                        fact("2025-07-01", "2025-09-30", 77e9, "2025-10-29"),
                        fact("2025-10-01", "2025-12-31", 81e9, "2026-01-28"),
                        fact("2026-01-01", "2026-03-31", 82e9, "2026-04-29"),
                        fact("2025-07-01", "2026-06-30", 330e9, "2026-07-29", "FY"),
                        fact("2025-07-01", "2025-09-30", 78e9, "2026-10-28"),
                    ]
                }
            },
            "PaymentsToAcquirePropertyPlantAndEquipment": {
                "units": {
                    "USD": [
                        fact("2025-07-01", "2025-09-30", 19e9, "2025-10-29"),
                        fact("2025-07-01", "2025-12-31", 49e9, "2026-01-28"),
                    ]
                }
            },
        }
    },
}
SDN = (
    '101,"VEKTORSTANOV ELEKTRONIKA","-0- ","RUSSIA-EO14024",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"Organization'
    ' Established Date 2 Feb 2011."\r\n102,"MADEUP, Ivan","individual","RUSSIA-EO14024","Director",-0- ,-0- ,-0- ,-0-'
    ' ,-0- ,-0- ,"DOB 1 Jan 1970."\r\n\x1a\r\n'
)
ALT = '101,7,"aka","OOO VEKTOR-ELEK",-0- \r\n101,8,"fka","VEKTORSTAN",-0- \r\n\x1a'
CONFIG = {
    "model_type": "llama",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 1000,
}


def zipped(files, folder):
    path = folder / "made.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path.read_bytes()


def samples(folder):
    """The files of each connector, by connector and name, in the real shapes."""
    gpqa = hub_csv(hub_row("gpt-5-2025-08-07_high", 0.8111), hub_row(NEW[0], 0.9, *NEW[1:]))
    return {
        "epoch": {
            "benchmark_data.zip": zipped(
                {
                    "gpqa_diamond.csv": gpqa,
                    "benchmark_metadata.csv": METADATA,
                    "model_metadata.csv": VERSIONS,
                    "lantern_external.csv": LANTERN,
                },
                folder,
            )
        },
        "livebench": {
            "table_2026_09_30.csv": (
                b"model,spatial,typos,zebra_puzzle\ngpt-5.2-2025-12-11-high,90,80,70\nsomeone-9-high,1,2,3\n"
            ),
            "categories_2026_09_30.json": json.dumps(TASKS).encode(),
        },
        "metr": {"benchmark_results_1_1.yaml": METR.encode()},
        "register": {"federal_register_rules.json": json.dumps(REGISTER).encode()},
        "filings": {"CIK0000789019.json": json.dumps(FACTS).encode()},
        "lists": {
            "consolidated.csv": (Path(__file__).parent / "rules" / "lists.csv").read_bytes(),
            "sdn.csv": SDN.encode(),
            "alt.csv": ALT.encode(),
        },
        "configs": {"zai-org/GLM-5.2/config.json": json.dumps(CONFIG).encode()},
    }


class Publishers(LocalServer):
    """Answers with the files it is given; odd ones by address."""

    def __init__(self):
        super().__init__()
        self.files, self.odd = {}, {}

    def answer(self, path):
        odd = self.odd.get(path)
        if odd == "moved":
            return Answer(status=302, location=f"{path}?again")
        body = self.files.get(path, self.files.get(path.removesuffix("?again")))
        if isinstance(odd, int) or body is None:
            return Answer(status=odd or 404)
        body = odd if isinstance(odd, bytes) else body
        cut = len(body) // 2 if odd == "cut" else None
        return Answer(body=body, etag=f'"{hash(body)}"', modified="Wed, 18 Nov 2026 08:00:00 GMT", sent=cut)


def updated(tmp_path, **more):
    names = more.pop("only", ())
    origin = run.Origin(
        place=tmp_path / "downloads", wait_s=0.001, given=more.pop("given", None), contact=more.pop("contact", "")
    )
    return run.update(run.chosen(names), DAY, origin, with_headlines=False, **more)


def given(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def rows(found, table):
    return found.found.rows.accepted[table].to_dicts()
