"""The expression language of the specs: small, typed, closed, with exact columns. Nothing in it runs code."""

from __future__ import annotations

from tcpfsm.expression.compiler import Compiled, Compiler, Definition, Scope, UnsetError
from tcpfsm.expression.syntax import ExpressionError, parse

__all__ = ["Compiled", "Compiler", "Definition", "ExpressionError", "Scope", "UnsetError", "parse"]
