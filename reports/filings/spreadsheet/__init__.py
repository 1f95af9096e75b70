"""A filing as a workbook, both ways.

layout      what writing and reading agree on: headings, names of hidden sheets, the version of the form
stamp       what a workbook says about itself, in a very hidden sheet
writing     the workbook of one filing; sheets, styles, formulas and lists are its parts
child       the bounded program that opens what people send (no Django)
guarding    starting it, and what it refuses
reading     which cell of the workbook is which cell of the filing, by code and never by position
difference  what would change, cell by cell, against the filing as it stands
marking     the person's own file back, with what is wrong as comments
actions     receiving a file, saving the chosen cells, clearing away old files
"""
