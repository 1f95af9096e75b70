def facts_of_year(filing):
    return {}
