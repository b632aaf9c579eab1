"""x"""
def data_of(study, start, whole=False):
    from leadtime.scenario.portable import portable
    a = study.ask("scenario today", start=start)
    d = {"controls": a.rows.rows, "stops": a.part("stops").rows, "presets": a.part("presets").rows}
    return {**(portable(study.fork) if whole else {}), **d}
