"""Candour's templates under Jinja2: rows, values that print by their unit, and the filters and functions they use."""

import datetime
import decimal
import math

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateRuntimeError
from markupsafe import Markup

MONTHS = ("January February March April May June July August September October November December").split()


def date_words(day):
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def string_literal(text):
    """Text as a Typst string literal: all but letters, digits and spaces written as escapes."""
    parts = []
    for c in text:
        if c in "\n\r\t":
            c = " "
        if c == " " or c.isalnum():
            parts.append(c)
        elif c.isprintable():
            parts.append(f"\\u{{{ord(c):x}}}")
    return '"' + "".join(parts) + '"'


def plain(value):
    """A value of DuckDB as the templates see it."""
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, datetime.datetime):
        return value.date()
    return value


def digits_of(value):
    return format(decimal.Decimal(repr(value)), "f")


def grouped(digits):
    whole, point, rest = digits.partition(".")
    return f"{int(whole):,}{point}{rest}"


def ordinal(number):
    last, two = abs(number) % 10, abs(number) % 100
    ending = "th" if 11 <= two <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(last, "th")
    return ("−" if number < 0 else "") + f"{abs(number):,}{ending}"


class Figure:
    """A value of a cell, printed by its unit and decimals."""

    __slots__ = ("value", "unit_", "decimals", "style")

    def __init__(self, value, unit, decimals, style=None):
        self.value, self.unit_, self.decimals, self.style = value, unit, decimals, style or {}

    @property
    def raw(self):
        return self.value.isoformat() if isinstance(self.value, datetime.date) else self.value

    @property
    def unit(self):
        return self.unit_

    def styled(self, **style):
        return Figure(self.value, self.unit_, self.decimals, {**self.style, **style})

    def __bool__(self):
        return bool(self.value)

    def __eq__(self, other):
        return isinstance(other, Figure) and self.value == other.value

    def __hash__(self):
        return hash(self.value)

    def __lt__(self, other):
        if self.value is None or other.value is None:
            return self.value is None and other.value is not None
        return self.value < other.value

    def __str__(self):
        value, style = self.value, self.style
        if value is None:
            return style.get("missing") or "[x]"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, datetime.date):
            return date_words(value)
        if isinstance(value, str):
            return value
        if style.get("ordinal") and value == int(value):
            return ordinal(int(value))
        return self.measure()

    def measure(self):
        style = self.style
        unit = None if style.get("plain") else self.unit_
        places = style.get("decimals")
        places = self.decimals if places is None else places
        number = decimal.Decimal(digits_of(self.value))
        if unit == "fraction":
            number *= 100
            places = 1 if places is None else places
        if places is None:
            fraction = format(number.normalize(), "f").partition(".")[2]
            places = min(len(fraction), 2)
        rounded = number.quantize(decimal.Decimal(1).scaleb(-places), decimal.ROUND_HALF_UP)
        sign = "−" if rounded < 0 else "+" if style.get("signed") and rounded != 0 else ""
        after = "%" if unit in ("fraction", "%") or style.get("percent") else ""
        return f"{sign}{'£' if unit == '£' else ''}{grouped(format(abs(rounded), 'f'))}{after}"


class Row:
    """One row of a table; its columns are figures."""

    __slots__ = ("table_", "number")

    def __init__(self, table, number):
        self.table_, self.number = table, number

    def raw(self, column):
        return self.table_.values[self.number][self.table_.at[column]]

    def __getattr__(self, column):
        if column.startswith("__") or column not in self.table_.at:
            raise AttributeError(column)
        return self.table_.figure(self.number, column)

    def __getitem__(self, column):
        if column not in self.table_.at:
            raise KeyError(column)
        return self.table_.figure(self.number, column)


class Table:
    def __init__(self, connection, name, front):
        result = connection.execute(f'SELECT * FROM "{name}"')
        self.name, self.front = name, front
        self.names = [column[0] for column in result.description]
        self.values = [tuple(plain(value) for value in row) for row in result.fetchall()]
        self.at = {column: at for at, column in enumerate(self.names)}
        self.notes = front.get("columns", {})
        self.indexes = {}

    def figure(self, number, column):
        note = self.notes.get(column, {})
        return Figure(self.values[number][self.at[column]], note.get("unit"), note.get("decimals"))

    def rows(self, **wanted):
        if not wanted:
            return [Row(self, number) for number in range(len(self.values))]
        columns = tuple(wanted)
        if columns not in self.indexes:
            index = {}
            places = [self.at[column] for column in columns]
            for number, values in enumerate(self.values):
                index.setdefault(tuple(values[place] for place in places), []).append(number)
            self.indexes[columns] = index
        key = tuple(self.sought(column, value) for column, value in wanted.items())
        return [Row(self, number) for number in self.indexes[columns].get(key, [])]

    def sought(self, column, value):
        value = value.value if isinstance(value, Figure) else value
        if isinstance(value, str) and any(isinstance(row[self.at[column]], datetime.date) for row in self.values[:50]):
            return datetime.date.fromisoformat(value)
        return value


class Tables:
    """The results, read when a template first asks for them."""

    def __init__(self, database, notes):
        self.connection = duckdb.connect(str(database), read_only=True, config={"threads": 1})
        self.notes, self.known = notes, {}

    def table(self, name):
        if name not in self.known:
            self.known[name] = Table(self.connection, name, self.notes.get(name, {}))
        return self.known[name]


class Claim:
    """A statement of a cell of claims; printing one that does not hold is refused."""

    __slots__ = ("row", "claim")

    def __init__(self, row):
        self.row, self.claim = row, row.table_.front["claim"]

    @property
    def holds(self):
        return self.row.raw(self.claim.get("holds", "holds"))

    def __bool__(self):
        return self.holds is True

    def __str__(self):
        if self.holds is not True:
            raise TemplateRuntimeError(f"the claim {self.row.table_.name} does not hold")
        return str(self.row.raw(self.claim.get("statement", "statement")))


def printed(value):
    """What an expression of a template becomes: a Typst string literal, unless it is code already."""
    if isinstance(value, Markup):
        return value
    if value is None:
        value = "[x]"
    elif isinstance(value, bool):
        value = "yes" if value else "no"
    elif isinstance(value, (list, dict, Row)):
        raise TemplateRuntimeError("a list or a row cannot be printed")
    return Markup(string_literal(str(value)))


def bracketed(number):
    return f"({number})" if number.startswith("-") else number


def code(value, columns=()):
    """A value as Typst code: a row is a dictionary, a list an array."""
    if isinstance(value, Row):
        names = columns or value.table_.names
        return "(" + "".join(f"{string_literal(name)}: {code(value[name])}," for name in names) + ")"
    if isinstance(value, Figure):
        value = value.value
        if isinstance(value, datetime.date):
            return string_literal(date_words(value))
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return bracketed(str(value))
    if isinstance(value, float):
        digits = digits_of(value)
        return bracketed(digits if "." in digits else digits + ".0")
    if isinstance(value, dict):
        inner = "".join(f"{string_literal(key)}: {code(item, columns)}," for key, item in value.items())
        return f"({inner or ':'})"
    if isinstance(value, str):
        return string_literal(value)
    return "(" + "".join(code(item, columns) + "," for item in value) + ")"


def one_row(rows, name):
    if len(rows) != 1:
        raise TemplateRuntimeError(f"one row of {name} expected, {len(rows)} found")
    return rows[0]


class Filler:
    """Fills templates from the results of the queries."""

    def __init__(self, folder, book, notes, database):
        self.book, self.tables = book, Tables(database, notes)
        self.environment = Environment(
            loader=FileSystemLoader(folder / "report-templates"),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=True,
            finalize=printed,
        )
        self.environment.filters.update(
            data=lambda value, *columns: Markup(code(value, columns)),
            fixed=lambda figure, places: figure.styled(decimals=places),
            percent=lambda figure, places=None: figure.styled(percent=True, **kept("decimals", places)),
            signed=lambda figure, places=None: figure.styled(signed=True, **kept("decimals", places)),
            ordinal=lambda figure: figure.styled(ordinal=True),
            number=lambda figure: figure.styled(plain=True),
            plain=lambda figure: figure.styled(plain=True),
        )
        self.environment.filters["or"] = lambda figure, words: figure.styled(missing=words)
        self.environment.tests["missing"] = lambda value: value is None or getattr(value, "value", 0) is None
        self.environment.tests["holding"] = lambda claim: claim is not None and bool(claim)
        select = lambda name, wanted: self.tables.table(name).rows(**wanted)  # noqa: E731
        self.environment.globals.update(
            cell=lambda name, **wanted: select(name, wanted),
            one=lambda name, **wanted: one_row(select(name, wanted), name),
            maybe=lambda name, **wanted: (select(name, wanted) or [None])[0],
            claim=lambda name, **wanted: Claim(one_row(select(name, wanted), name)),
        )

    def fill(self, template, name, number):
        book, rule = self.book, self.book["packs"][name]
        bare = lambda table: {k: v.isoformat() if isinstance(v, datetime.date) else v for k, v in table.items()}  # noqa: E731
        context = {
            "parameters": bare(book["parameters"]),
            "brand": book["brand"],
            "book": {**book["book"], "authors": ", ".join(book["book"].get("authors", []))},
            "edition": {
                "name": book["edition"]["name"],
                "date": date_words(book["edition"]["date"]),
                "notice": "",
                "draft": False,
                "use_until": date_words(book["edition"]["use_until"]) if "use_until" in book["edition"] else None,
            },
            "pack": {"name": name, "title": rule["title"], "about": rule["about"]},
        }
        if number is not None:
            context["row"] = Row(self.tables.table(rule["for_each"]), number)
        return self.environment.get_template(template).render(context)


def kept(name, value):
    return {} if value is None else {name: value}
