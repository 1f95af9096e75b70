"""Files that people send: what they are, whether they may be opened, and bounded programs that open them.

container  what kind of file it is by its bytes, and the guards of a workbook
trouble    why a file as a whole cannot be read
limits     what such a program does before it opens a file
children   starting such a program and taking its report
storage    keeping files under names of our own
"""
