"""The frame of the portal.

Importing it loads nothing: the programs that read strangers' files start with it, many times an hour. The Celery
application is named when Django is ready, by `portal.jobs`.
"""
