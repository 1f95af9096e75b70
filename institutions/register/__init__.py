"""The certificate register: importing it from a spreadsheet, and what befalls institutions between two imports.

columns     the fields of a line and the names their columns go by
lines       from cells to a line of COPY text, or the reason why not
child       the bounded program that looks at a file and reads it
causes      the words for faults, conflicts and refusals
staging     lines of an import in the database; comparing    set-wise, with the register
applying    set-wise, into the register
actions     receiving a file, matching its columns, asking for comparison and application
acts        rename, move, merge, split, close, reopen, put under a parent
following   later rooms say here what an act means for what hangs on an institution
"""
