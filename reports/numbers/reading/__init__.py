"""Reading what people send, in a bounded child process. Nothing here imports Django.

child      the program: reads one file and writes blocks of COPY text, then a report
marking    the program that writes the user's own file back with a column of reasons
tables     csv and text: encoding, separator, records
sheets     xlsx: sheets, blocks of rows, what the quick reader would hide
headings   which column is what, by name
lines      from cells to lines of COPY text
"""
