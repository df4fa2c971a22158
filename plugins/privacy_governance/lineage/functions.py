"""Functions by their PostgreSQL names, the columns that set-returning ones have, and the keyed token's pattern."""

from __future__ import annotations

import re

from sqlglot import exp

from privacy_governance.algebra import Identifiability, effect_of

# sqlglot's node -> what PostgreSQL (and the table of effects) calls it. "" adds nothing to the explanation.
NAMES: dict[type[exp.Expr], str] = {
    exp.Alias: "",
    exp.Distinct: "",
    exp.Ordered: "",
    exp.Paren: "",
    exp.Tuple: "row",
    exp.Where: "",
    exp.Slice: "",
    exp.Kwarg: "",
    exp.PropertyEQ: "",
    exp.All: "",
    exp.Any: "",
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.IntDiv: "/",
    exp.Mod: "%",
    exp.Neg: "-",
    exp.Pow: "power",
    exp.And: "and",
    exp.Or: "or",
    exp.Not: "not",
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeEQ: "is not distinct from",
    exp.NullSafeNEQ: "is distinct from",
    exp.In: "in",
    exp.Between: "between",
    exp.Like: "like",
    exp.ILike: "ilike",
    exp.RegexpLike: "~",
    exp.RegexpILike: "~*",
    exp.SimilarTo: "similar to",
    exp.DPipe: "||",
    exp.Array: "array",
    exp.ArrayContainsAll: "@>",
    exp.ArrayContainedBy: "<@",
    exp.ArrayOverlaps: "&&",
    exp.AtTimeZone: "timezone",
    exp.Bracket: "subscript",
    exp.Case: "case",
    exp.If: "case",
    exp.Cast: "cast",
    exp.TryCast: "cast",
    exp.Collate: "collate",
    exp.Extract: "extract",
    exp.JSONExtract: "->",
    exp.JSONExtractScalar: "->>",
    exp.JSONBExtract: "#>",
    exp.JSONBExtractScalar: "#>>",
    exp.JSONArrayAgg: "json_agg",
    exp.JSONObjectAgg: "json_object_agg",
    exp.JSONBObjectAgg: "jsonb_object_agg",
    exp.GroupConcat: "string_agg",
    exp.Initcap: "initcap",
    exp.Length: "length",
    exp.LogicalAnd: "bool_and",
    exp.LogicalOr: "bool_or",
    exp.MD5: "md5",
    exp.MD5Digest: "md5",
    exp.SHA: "sha1",
    exp.SHA2: "sha256",
    exp.SHA2Digest: "sha256",
    exp.StrPosition: "position",
    exp.StrToDate: "to_date",
    exp.StrToTime: "to_timestamp",
    exp.TimestampTrunc: "date_trunc",
    exp.DateTrunc: "date_trunc",
    exp.TimeToStr: "to_char",
    exp.Trim: "btrim",
    exp.ApproxDistinct: "approx_distinct",
    exp.ExplodingGenerateSeries: "generate_series",
    exp.GenerateSeries: "generate_series",
    exp.VariancePop: "var_pop",
    exp.Variance: "var_samp",
    exp.CurrentTimestamp: "now",
    exp.ToChar: "to_char",
    exp.ToNumber: "to_number",
    exp.Pad: "lpad",
    exp.Window: "",
    exp.Filter: "",
    exp.Order: "",
    exp.IgnoreNulls: "",
    exp.RespectNulls: "",
    exp.Dot: "field",
    exp.RegexpExtract: "regexp_match",
    exp.Explode: "unnest",
    exp.Unnest: "unnest",
    exp.JSONKeyValue: "",
    exp.JSONBContainsTopKey: "?",
    exp.JSONBContainsAllTopKeys: "?&",
    exp.JSONBContainsAnyTopKeys: "?|",
}


def name_of(node: exp.Expr) -> str:
    """Return PostgreSQL's name of a function or operator node, lower-case; quoted and qualified names stay so."""
    kind = type(node)
    if kind is exp.Anonymous:
        return called_name(node)
    if kind is exp.WithinGroup:
        return name_of(node.this)
    if kind is exp.Is:
        return "is null" if isinstance(node.expression, exp.Null) else "is"
    name = NAMES.get(kind)
    if name is None:
        name = node.sql_name().lower() if isinstance(node, exp.Func) else node.key
        name = name.replace("j_s_o_n", "json").replace("x_m_l", "xml")
        NAMES[kind] = name
    return name


def called_name(node: exp.Expr) -> str:
    """Return the name that SQL calls a function by that sqlglot doesn't know; quoted ones keep their quotes."""
    this = node.args.get("this")
    if isinstance(this, exp.Identifier):
        return f'"{this.name}"' if this.args.get("quoted") else this.name.lower()
    return str(this).lower()


_QUOTED_CALL = re.compile(r'"([^"]+)"\s*\(')


def masked_calls(sql: str) -> list[str]:
    """Return quoted names of calls, e.g. "Count"(…), that parse as a built-in which lowers tags, but are not it."""
    return [
        name
        for name in _QUOTED_CALL.findall(sql)
        if name != name.lower() and effect_of(name.lower()).ceiling < Identifiability.DIRECT
    ]


_PAIRS = ("key", "value")

# Columns of PostgreSQL's set-returning functions; (): one column that is called as the function's alias, or itself.
SET_RETURNING: dict[str, tuple[str, ...]] = {
    "json_each": _PAIRS,
    "json_each_text": _PAIRS,
    "jsonb_each": _PAIRS,
    "jsonb_each_text": _PAIRS,
    "json_array_elements": ("value",),
    "json_array_elements_text": ("value",),
    "jsonb_array_elements": ("value",),
    "jsonb_array_elements_text": ("value",),
    **dict.fromkeys(
        [
            "generate_series",
            "generate_subscripts",
            "json_object_keys",
            "jsonb_object_keys",
            "jsonb_path_query",
            "regexp_matches",
            "regexp_split_to_table",
            "string_to_table",
            "unnest",
            "now",
            "current_date",
        ],
        (),
    ),
    # Their columns are those of the definition list after AS, or of a row type.
    **dict.fromkeys(
        [
            "json_to_record",
            "json_to_recordset",
            "jsonb_to_record",
            "jsonb_to_recordset",
            "json_populate_record",
            "json_populate_recordset",
            "jsonb_populate_record",
            "jsonb_populate_recordset",
        ],
        ("*",),
    ),
}

# What date_trunc and extract take for a field, as sqlglot writes it.
TIME_UNITS = frozenset(
    {
        "MICROSECOND",
        "MICROSECONDS",
        "MILLISECOND",
        "MILLISECONDS",
        "SECOND",
        "SECONDS",
        "MINUTE",
        "MINUTES",
        "HOUR",
        "HOURS",
        "DAY",
        "DAYS",
        "WEEK",
        "WEEKS",
        "MONTH",
        "MONTHS",
        "QUARTER",
        "YEAR",
        "YEARS",
        "DECADE",
        "CENTURY",
        "MILLENNIUM",
        "DOW",
        "DOY",
        "EPOCH",
        "ISODOW",
        "ISOYEAR",
        "JULIAN",
        "TIMEZONE",
    }
)

# They read what a text, a number or a cursor names: which columns that are can't be told from the SQL.
_READING_BY_NAME = frozenset(
    {
        "query_to_xml",
        "query_to_xml_and_xmlschema",
        "table_to_xml",
        "table_to_xml_and_xmlschema",
        "cursor_to_xml",
        "schema_to_xml",
        "schema_to_xml_and_xmlschema",
        "database_to_xml",
        "database_to_xml_and_xmlschema",
        "ts_stat",
        "lo_get",
        "loread",
        "pg_read_file",
        "pg_read_binary_file",
        "dblink",
        "dblink_fetch",
        "dblink_get_result",
    }
)
_KNOWN_SCHEMAS = ("pg_catalog", "governance")


def reading_function(node: exp.Expr) -> str | None:
    """Return the name of a function that is called for a value and may read tables that the SQL doesn't name.

    That is a PostgreSQL one that is told what to read, or one of another schema that no column is passed to: what it
    returns is made of something else. One that is given columns is taken to return them.
    """
    if isinstance(node.parent, exp.Table | exp.Lateral):
        return None  # in FROM: which functions are known there is another question
    schema, call = "", node
    if isinstance(node, exp.Dot):
        schema, call = node.this.name.lower(), node.expression
    if not isinstance(call, exp.Anonymous):
        return None
    name = called_name(call)
    if name.strip('"') in _READING_BY_NAME:
        return name
    if schema and schema not in _KNOWN_SCHEMAS and call.find(exp.Column, exp.Query) is None:
        return f"{schema}.{name}"
    return None


_KEY_SETTING = re.compile(r"governance\.([a-z0-9_]+)_(opad|ipad)\Z")


def keyed_message(node: exp.Expr) -> list[exp.Expr] | None:
    """Return the message parts of an HMAC-SHA256 under a key of governance.*, None where it is anything else.

    RFC 2104: H(K ^ opad || H(K ^ ipad || message)), both pads of one key from session settings, as the project's macros
    compile to. The pads must be the settings themselves: a key made of anything else could be known or chosen.
    """
    outer = _hashed(node)
    if outer is None or len(outer) != 2:
        return None
    inner = _hashed(_bare(outer[1]))
    if inner is None or len(inner) < 2:
        return None
    outer_key, inner_key = _setting(outer[0]), _setting(inner[0])
    if outer_key is None or inner_key is None:
        return None
    if outer_key[1] != "opad" or inner_key[1] != "ipad" or outer_key[0] != inner_key[0]:
        return None
    return inner[1:]


def _bare(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def _hashed(node: exp.Expr) -> list[exp.Expr] | None:
    """Return the operands of || that a sha256() is given."""
    if not isinstance(node, exp.SHA2Digest) or node.args.get("length", exp.Literal.number(256)).name != "256":
        return None
    parts: list[exp.Expr] = []
    rest = _bare(node.this)
    while isinstance(rest, exp.DPipe):
        parts.append(rest.expression)
        rest = _bare(rest.this)
    parts.append(rest)
    return parts[::-1]


def _setting(node: exp.Expr) -> tuple[str, str] | None:
    """Return (key name, pad) of `(select decode(current_setting('governance.<key>_<pad>'), 'hex'))`."""
    node = _bare(node)
    if isinstance(node, exp.Subquery):
        select = node.this
        plain = {"expressions", "kind"}
        if not isinstance(select, exp.Select) or any(v for k, v in select.args.items() if k not in plain):
            return None
        if len(select.expressions) != 1:
            return None
        node = select.expressions[0].unalias()
    if not isinstance(node, exp.Decode):
        return None
    call = node.this
    if not isinstance(call, exp.Anonymous) or called_name(call) != "current_setting" or not call.expressions:
        return None
    match = _KEY_SETTING.match(call.expressions[0].name) if call.expressions[0].is_string else None
    return (match.group(1), match.group(2)) if match else None
