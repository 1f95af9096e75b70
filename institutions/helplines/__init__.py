"""Whom to ask (咨询电话): a bureau's contact for each kind of question, else that of the next bureau up the tree.

models   one contact
queries  the nearest contact for each kind
actions  what a bureau puts on its list
forms    the list on screen
views    the page where a bureau keeps it
"""
