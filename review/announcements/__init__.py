"""Announcements (公告): the province's notice and its attachments, and whatever a bureau has to say to many, with receipts.

audience  to whom: roles, areas and states of a round's filings, as one query
models    announcement, its files, one receipt for each person at each place
rules     who may write, publish, withdraw, remind
queries   what a reader has, what a bureau has written, who has not read
actions   writing, publishing, withdrawing, reading, reminding
files     which files are taken, and how they are looked into
unread    who has not read it
tasks     delivering and reminding, each in one statement; writing the workbook of who has not read
forms     text and audience
views     pages of readers (`views`), of writers (`views_writing`), and of those who have not read (`views_unread`)

An announcement reaches the people its audience names at the moment it goes out. Who is appointed later does not get the
old ones: a receipt says that somebody was told, and nobody was.
"""
