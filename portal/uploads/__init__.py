"""Files that people send: what they are, whether they may be opened, and bounded programs that open them.

container  what kind of file it is by its bytes, and the guards of a workbook
trouble    why a file as a whole cannot be read
limits     what such a program does before it opens a file
answering  its report, or why it refuses the file
children   starting such a program and taking its report
streaming  taking its frames while it goes on reading
frames     what passes from it
headings   the row of headings, and the form in which they are compared
tables     csv and text: encoding, separator, records
sheets     xlsx: sheets, blocks of rows, what the quick reader would hide
areas      merged areas
ahead      work done a step ahead of whoever takes it
marking    the program that writes the user's own file back with a column of reasons
storage    keeping files under names of our own
bodies     how long a request may be that brings files
"""
