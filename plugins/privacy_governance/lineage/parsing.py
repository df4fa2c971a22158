"""SQL text to one query's syntax tree, or a LineageError that names the place and holds nothing of the text."""

from __future__ import annotations

import logging
import re
import sys
import threading
from typing import TYPE_CHECKING, TypeVar

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ParseError, TokenError

from privacy_governance.errors import LineageError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

# Where a call keeps the name that it was written with: sqlglot has one node for substr() and substring().
WRITTEN_NAME = "written_name"
_OFFSET = re.compile(r"Missing .* from \d+:(\d+)\Z", re.DOTALL)
_PARENTHESES = re.compile(r"[()]")
_TOO_DEEP = "The SQL nests too deeply to be traced. Split the model."
_PLAIN_NESTING = 500
_DEEPEST_NESTING = 10_000
_DEEP_STACK_BYTES = 512 * 1024 * 1024
_DEEP_RECURSION = 25_000  # kept below what the stack holds: running over it would end the process


def parse_query(sql: str, dialect: str) -> exp.Expr:
    """Return the query of a SQL text: a SELECT, a set operation, VALUES, or what CREATE … AS or INSERT wraps.

    Raises LineageError with line and column where the text doesn't parse, and where it holds no or several statements.
    """
    reader = Dialect.get_or_raise(dialect)
    reader.ORIGINAL_NAME_META_KEY = WRITTEN_NAME  # of this instance: the dialect itself stays as it is
    sqlglot_log = logging.getLogger("sqlglot")
    disabled = sqlglot_log.disabled
    sqlglot_log.disabled = True  # it logs the text of statements that it doesn't know
    problem = ""
    statements: list[exp.Expr] = []
    try:
        statements = [statement for statement in reader.parse(sql) if statement is not None]
    except ParseError as error:
        first = error.errors[0] if error.errors else {}
        problem = _unparsable(first.get("line"), first.get("col"))
    except TokenError as error:
        problem = _untokenizable(error, sql)
    finally:
        sqlglot_log.disabled = disabled
    if problem:
        # Raised outside of the handlers: sqlglot's errors quote the text, and must not hang on as the context.
        raise LineageError(problem)
    statements = [statement for statement in statements if not isinstance(statement, exp.Semicolon)]
    if not statements:
        raise LineageError("The SQL holds no query. Give the model a SELECT.")
    if len(statements) > 1:
        raise LineageError(f"The SQL holds {len(statements)} statements, where a model is one query.")
    return _query_in(statements[0])


def _query_in(statement: exp.Expr) -> exp.Expr:
    query = statement
    if isinstance(statement, exp.Create | exp.Insert):
        query = statement.expression
        if (outer := statement.args.get("with_")) and isinstance(query, exp.Query) and not query.args.get("with_"):
            query.set("with_", outer)
    if isinstance(query, exp.Subquery | exp.Select | exp.SetOperation | exp.Values):
        return query
    kind = "" if isinstance(statement, exp.Command) else f" ({statement.key.upper()})"
    raise LineageError(f"The SQL is a statement{kind} that makes no columns. Give the model a SELECT.")


def _unparsable(line: int | None, column: int | None) -> str:
    place = f" at line {line}, column {column}" if line else ""
    return f"The SQL does not parse{place}. Correct it there, or just before."


def _untokenizable(error: TokenError, sql: str) -> str:
    """Return the place where a quote or comment starts that never ends; the tokenizer tells its offset only."""
    seen: BaseException | None = error
    offset = len(sql)
    while seen is not None:
        if match := _OFFSET.match(str(seen)):
            offset = int(match.group(1))
        seen = seen.__cause__ or seen.__context__
    before = sql[:offset]
    return _unparsable(before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)


def with_deep_stack(sql: str, work: Callable[[], T]) -> T:
    """Run `work` on a query; where that nests deeper than the stack allows, on a thread whose stack is large.

    Generated SQL nests thousands deep, and sqlglot's compiled parser does not count its frames: it would end the
    process. So the nesting is counted first. Raises LineageError where even the large stack is too small.
    """
    depth = _nesting(sql)
    if depth > _DEEPEST_NESTING:
        raise LineageError(_TOO_DEEP)
    if depth <= _PLAIN_NESTING:
        try:
            return work()
        except RecursionError:
            pass
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(_DEEP_RECURSION)
        try:
            outcome.append(work())
        except BaseException as error:
            failure.append(error)
        finally:
            sys.setrecursionlimit(limit)

    before = threading.stack_size(_DEEP_STACK_BYTES)
    try:
        thread = threading.Thread(target=run, name="lineage of a deeply nested query")
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    if failure:
        if isinstance(failure[0], RecursionError):
            raise LineageError(_TOO_DEEP)
        raise failure[0]
    return outcome[0]


def _nesting(sql: str) -> int:
    """Return how deep parentheses nest at most; those in literals count as well, which only overstates it."""
    if sql.count("(") <= _PLAIN_NESTING:
        return 0
    depth = deepest = 0
    for parenthesis in _PARENTHESES.findall(sql):
        depth += 1 if parenthesis == "(" else -1
        deepest = max(deepest, depth)
    return deepest
