"""The check language: a small, safe expression language over the cells of a filing.

`compile_expression(text, symbols)` reads an expression, checks every name and type against the
scheme, and answers closures. Nothing is ever handed to Python's own evaluation. The rules a
scheme author needs (blanks, rows, last year) are in docs/check-language.md.
"""

from .compiler import Compiled, Symbol, Symbols, compile_condition, compile_expression
from .errors import LanguageError
from .kinds import Kind, Type

__all__ = ["Compiled", "Kind", "LanguageError", "Symbol", "Symbols", "Type", "compile_condition", "compile_expression"]
