"""Another reviewing department for one filing (变更上报审核部门): asked with a reason, accepted by the new department.

models   one request and its answer
rules    who may ask, take back and answer
actions  asking, taking back, answering
queries  who sees which requests; filings that nobody reviews, or two
forms    the request
views    the page of a filing
"""
