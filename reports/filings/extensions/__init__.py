"""More time for one filing (延期): asked by the institution, decided by the bureau in charge, over by itself.

models   one request with its file and its decision
rules    who may ask, take back and decide
actions  asking, taking back, deciding
files    which files are taken, and how they are kept and sent
queries  who sees which requests
forms    the request
views    the page of the institution, and the file
"""
