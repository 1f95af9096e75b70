"""Reading lists of report numbers, in a bounded child process. Nothing here imports Django.

child      the program: reads one file and writes blocks of COPY text, then a report
headings   which column is what, by name
lines      from cells to lines of COPY text
"""
