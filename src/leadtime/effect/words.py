"""Short names of worlds, readings and units, for tables."""

WORLDS = {
    "early-2022-middle": "early 2022, middle",
    "early-2022": "early 2022, ends",
    "a800-h800": "A800/H800 year",
    "same-money": "same money",
    "peers": "as peers grew",
    "any": "any of these",
}
READINGS = {
    "all": "all labs",
    "not-chinese": "not Chinese",
    "chinese": "Chinese",
    "chinese-lately": "Chinese, since mid-2024",
    "sure": "counted runs",
    "production": "production",
    "accounting": "accounting",
    "accounting-wide": "accounting, wide",
}
UNITS = {"int8": "8-bit rate", "bandwidth": "memory bandwidth"}
MEASURES = {"legal_share": "licensed share of arrivals", "share": "China's share of arrivals", "lag": "lag"}
