"""Rows for TPC-DS's tables, made for one query: few, and such that its conditions let some of them through.

dsdgen's rows are too many to run a query thousands of times, and at a small scale most queries return none of them.
Here a column that a query compares with constants mostly holds those constants, and keys are drawn from small ranges,
so that joins meet.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from random import Random

from sqlglot import exp
from sqlglot.optimizer.simplify import simplify

SALES_OF = {"store_returns": "store_sales", "catalog_returns": "catalog_sales", "web_returns": "web_sales"}
FACTS = (*SALES_OF, *SALES_OF.values(), "inventory")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}$")
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between, exp.Like)


def constants_of(query):
    """Return column name -> the constants that the query compares it with, under its name, an alias, or an equal."""
    found, same = {}, []
    for comparison in query.find_all(*_COMPARISONS):
        parts = [part for part in comparison.iter_expressions() if not part.find(exp.Query)]
        values = [value for part in parts for value in _constants(part)]
        columns = [column for part in parts for column in part.find_all(exp.Column)]
        for column in columns:
            found.setdefault(column.name.lower(), []).extend(values)
        if isinstance(comparison, exp.EQ) and len(columns) == len(parts) == 2:
            same.append([column.name.lower() for column in columns])
    same += [
        [alias.alias.lower(), alias.this.name.lower()]
        for alias in query.find_all(exp.Alias)
        if isinstance(alias.this, exp.Column)
    ]
    for pair in (*same, *reversed(same)):
        for one, other in (pair, reversed(pair)):
            found[other] = list(dict.fromkeys([*found.get(other, ()), *found.get(one, ())]))
    return found


def _constants(part):
    part = simplify(part.copy())
    if part.find(exp.Column):
        return
    for literal in part.find_all(exp.Literal):
        if literal.is_string:
            yield literal.this
        else:
            number = float(literal.this)
            yield -number if isinstance(literal.parent, exp.Neg) else number


class Rows:
    """Rows of the tables that one query reads; the same for the same seed."""

    def __init__(self, query, tables, seed):
        self.seed = seed
        self.random = Random(f"{seed}")
        self.query = query
        self.tables = tables
        constants = constants_of(query)
        self.constants = dict(constants)
        self.keys = self.random.choice((2, 3, 6))
        self.customers = self.random.choice((self.keys, 12, 40))
        most = self.random.choice((1, 2, 4, 400))
        for column, values in self.constants.items():
            self.constants[column] = self.random.sample(values, min(len(values), most))
        self.share = self.random.choice((0.5, 0.8, 0.97))
        self.groups = self.random.choice((1, 2, 5, 30))
        self.facts = self.random.choice((60, 120))
        self.dates = self._dates(constants)
        self.skewed = self.random.choice((False, True))
        self.scales = {}
        self.made = {}

    def of(self, table):
        """Return a table's rows, in the order of its columns."""
        if table not in self.made:
            sold = SALES_OF.get(table)
            sales = [dict(zip(self.tables[sold], row, strict=True)) for row in self.of(sold)] if sold else None
            self.random = Random(f"{self.seed} {table}")  # whatever the order in which tables are asked for
            if table == "date_dim":
                self.made[table] = [self._date_row(day) for day in self.dates]
            else:
                count = self._count(table)
                self.made[table] = [self._row(table, number, sales) for number in range(1, count + 1)]
        return self.made[table]

    def _row(self, table, number, sales):
        sale = self.random.choice(sales) if sales else None
        row = []
        for at, (column, kind) in enumerate(self.tables[table].items()):
            if at == 0 and table not in FACTS:
                row.append(number)
            elif sale is not None and (copied := self._copied(column, sale)) is not None:
                row.append(copied)
            else:
                row.append(self._cell(column, kind, number))
        return row

    def _copied(self, column, sale):
        """Return what a return has of its sale."""
        _, _, name = column.partition("_")
        for known, value in sale.items():
            _, _, sold = known.partition("_")
            if name == sold and name in ("item_sk", "ticket_number", "order_number", "customer_sk"):
                return value
            if sold == "bill_customer_sk" and name in ("returning_customer_sk", "refunded_customer_sk"):
                return value
        return None

    def _cell(self, column, kind, number):
        if column.endswith("_sk"):
            return self._reference(column)
        constants = self.constants.get(column, ())
        if kind == "VARCHAR":
            constants = [value for value in constants if isinstance(value, str)] or constants
        if constants and self.random.random() < self.share:
            return self._typed(self.random.choice(constants), kind)
        return self._free(column, kind, number)

    def _reference(self, column):
        if self.random.random() < 0.03:
            return None
        if column.endswith("date_sk"):
            return self.random.choice(self.dates).toordinal()
        return self.random.randint(1, self.customers if column.endswith("customer_sk") else self.keys)

    def _free(self, column, kind, number):
        """Return a value of a column that the query compares with no constant."""
        if kind == "DATE":
            return self.random.choice(self.dates)
        last = column.rpartition("_")[2]
        if kind == "VARCHAR":
            if last == "id":
                return f"ID{(number + 1) // 2 if column.startswith('i_') else number}"
            return f"{last} {self.random.randint(1, 3)}".upper()
        if column.endswith(("order_number", "ticket_number")):
            return self.random.randint(1, self.groups)
        if column not in self.scales:
            self.scales[column] = self.random.choice((1, 1, 10)) if self.skewed else 1
        large = self.scales[column] * (50 if self.skewed and self.random.random() < 0.15 else 1)
        if kind == "INTEGER":
            return self.random.randint(1, 12) * large
        return round(self.random.uniform(1, 200) * large, 2)

    def _count(self, table):
        if table in FACTS:
            return self.facts
        return self.customers if table == "customer" else self.keys

    def _typed(self, value, kind):
        if kind == "VARCHAR":
            if isinstance(value, str):
                return value.replace("%", "x")
            return str(int(value))
        if kind == "DATE":
            return self.random.choice(self.dates)
        try:
            number = float(value)
        except ValueError:
            return self.random.randint(1, 12)
        near = self.random.choice((0, 0, 0, 1, -1))
        return int(number) + near if kind == "INTEGER" else number + near

    def _dates(self, constants):
        """Return days that the query's conditions on the calendar are likely to accept, and days a year later."""
        texts = {literal.this for literal in self.query.find_all(exp.Literal) if literal.is_string}
        days = set()
        for text in texts:
            if _DATE.match(text):
                day = date(*(int(part) for part in text.split("-")))
                days |= {day + timedelta(days=step) for step in (0, 1, 4, 9, 12, 20, 29, 45, -1, -5, -20)}
        years = [int(v) for v in constants.get("d_year", ()) if isinstance(v, float)]
        years += [int(text[:4]) for text in texts if re.match(r"\d{4}Q\d$", text)]
        quarters = [int(text[5:]) for text in texts if re.match(r"\d{4}Q\d$", text)]
        sequences = [int(v) for v in constants.get("d_month_seq", ()) if isinstance(v, float) and v > 100]
        months = [int(v) for v in constants.get("d_moy", ()) if isinstance(v, float) and 1 <= v <= 12]
        quarters += [int(v) - back for v in constants.get("d_qoy", ()) if isinstance(v, float) for back in (0, 1)]
        months += [3 * quarter - 1 for quarter in quarters if 1 <= quarter <= 4]
        month_days = [int(v) for v in constants.get("d_dom", ()) if isinstance(v, float) and 1 <= v <= 28]
        if sequences:
            years += [1900 + sequence // 12 for sequence in sequences]
        if years or not days:
            years = sorted({*years, *(year + 1 for year in years)} or {2000, 2001})
            for year in years:
                for month in sorted(set(months)) or range(1, 13):
                    days |= {date(year, month, day) for day in sorted(set(month_days)) or (1, 4, 13, 21, 28)}
        if self.query.find(exp.Literal) and any(text in ("52", "53") for text in self._numbers()):
            kept = self.random.sample(sorted(days), min(len(days), 8))
            weeks = [52, 53]
            return sorted({day + timedelta(weeks=week, days=d) for day in kept for week in (0, *weeks) for d in (0, 1)})
        if self.random.random() < 0.3:
            days |= {day + timedelta(days=step) for day in days for step in (31, 62)}
        return self.random.sample(sorted(days), min(len(days), 24))

    def _numbers(self):
        return {literal.this for literal in self.query.find_all(exp.Literal) if not literal.is_string}

    def _date_row(self, day):
        month = (day.year - 1900) * 12 + day.month - 1
        quarter = (day.month + 2) // 3
        known = {
            "d_date_sk": day.toordinal(),
            "d_date": day,
            "d_month_seq": month,
            "d_week_seq": day.toordinal() // 7,
            "d_quarter_seq": (day.year - 1900) * 4 + quarter,
            "d_year": day.year,
            "d_dow": (day.weekday() + 1) % 7,
            "d_moy": day.month,
            "d_dom": day.day,
            "d_qoy": quarter,
            "d_day_name": day.strftime("%A"),
            "d_quarter_name": f"{day.year}Q{quarter}",
        }
        kinds = self.tables["date_dim"]
        return [known.get(column, self._cell(column, kind, 1)) for column, kind in kinds.items()]
