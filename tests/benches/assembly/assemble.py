"""What a person could put together instead: DuckDB, Jinja2 and the Typst wheel, on the same queries and templates.

It reads the book's candour.toml, loads the sources, runs the cells in order, fills the templates and compiles the packs
with a pool of processes. It checks no contract, runs no data test, records no figure and attaches no evidence. What it
cannot do is given to it (see README.md): the results of cells that call Candour's statistical functions, and sources
in workbooks and archives.

It is as kind to itself as such a script would be. Nothing is queried again where no file has another time or size, and
no pack is compiled again whose filled source is the same as before.
"""

import argparse
import glob
import json
import pickle
import re
import shutil
import sys
import tomllib
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import duckdb
import typst

import fill

SQL_TYPE = {"text": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "date": "DATE", "boolean": "BOOLEAN"}
MISSING = ["", "*", "-", "[c]", "[x]", "[z]"]


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return "'" + str(text).replace("'", "''") + "'"


def files_of(source, data):
    found = {path for pattern in source["files"] for path in glob.glob(str(data / pattern))}
    return sorted(found)


def load_source(connection, name, source, data):
    """A table of a source: its columns by their headers, cast to their types."""
    files = files_of(source, data)
    status, vintage = literal(source["status"]), literal(source.get("vintage", "1970-01-01"))
    if not files:
        columns = ", ".join(f"{quoted(n)} {SQL_TYPE[c['type']]}" for n, c in source["columns"].items())
        columns += ", _file VARCHAR, _line BIGINT, _part VARCHAR, _vintage DATE, _status VARCHAR"
        connection.execute(f"CREATE TABLE {quoted(name)} ({columns})")
        return
    listed = "[" + ", ".join(literal(file) for file in files) + "]"
    missing = ", ".join(literal(word) for word in source.get("missing", MISSING))

    def column(name, contract):
        header, kind = quoted(contract.get("header", name)), contract["type"]
        if source["reader"] == "parquet":
            return f"CAST({header} AS {SQL_TYPE[kind]}) AS {quoted(name)}"
        text = f"CASE WHEN trim({header}) NOT IN ({missing}) THEN trim({header}) END"
        if kind == "integer":
            text = f"CAST(replace({text}, ',', '') AS DOUBLE)"
        elif kind == "number":
            text = f"replace({text}, ',', '')"
        elif kind == "boolean":
            text = f"lower({text}) IN ('true', 'yes', 'y', '1', '1.0')"
        return f"CAST({text} AS {SQL_TYPE[kind]}) AS {quoted(name)}"

    columns = ", ".join(column(n, c) for n, c in source["columns"].items())
    if source["reader"] == "parquet":
        read = f"read_parquet({listed}, filename = true)"
    else:
        read = f"read_csv({listed}, all_varchar = true, header = true, union_by_name = true, filename = true)"
    required = [n for n, c in source["columns"].items() if c.get("required")]
    filled = " AND ".join(f"{quoted(n)} IS NOT NULL" for n in required) or "true"
    connection.execute(
        f"CREATE TABLE {quoted(name)} AS SELECT * FROM (SELECT {columns}, "
        f"replace(filename, {literal(str(data) + '/')}, '') AS _file, CAST(NULL AS BIGINT) AS _line, "
        f"CAST(NULL AS VARCHAR) AS _part, CAST({vintage} AS DATE) AS _vintage, {status} AS _status FROM {read}) "
        f"WHERE {filled}"
    )


def load_rules(connection, book):
    """The rule tables and parameters of candour.toml."""
    own = {
        "edition_name": book["edition"]["name"],
        "edition_date": book["edition"]["date"],
        "as_of": book["edition"]["date"],
        "seed": book["edition"]["seed"],
    }
    tables = dict(book["tables"], parameters=[{**book["parameters"], **own}])
    for name, rows in tables.items():
        columns = list(dict.fromkeys(key for row in rows for key in row))

        def kind(column):
            values = [row.get(column) for row in rows if row.get(column) is not None]
            for types, sql in [((bool,), "BOOLEAN"), ((int,), "BIGINT"), ((int, float), "DOUBLE"), ((str,), "VARCHAR")]:
                if all(isinstance(value, types) for value in values):
                    return sql
            return "DATE"

        typed = ", ".join(f"{quoted(column)} {kind(column)}" for column in columns)
        connection.execute(f"CREATE TABLE {quoted(name)} ({typed})")
        marks = ", ".join("?" for _ in columns)
        values = [[row.get(column) for column in columns] for row in rows]
        connection.executemany(f"INSERT INTO {quoted(name)} VALUES ({marks})", values)


def front_matter(text):
    """The TOML in the leading comment of a cell."""
    comment = re.match(r"\s*/\*(.*?)\*/", text, re.S)
    return tomllib.loads(comment.group(1)) if comment else {}


def is_ordered(connection, sql):
    parsed = connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()[0]
    node = json.loads(parsed)["statements"][0]["node"]
    return any(modifier["type"] == "ORDER_MODIFIER" for modifier in node["modifiers"])


def run_queries(options, book, given, database):
    """Sources, rule tables and cells, in one DuckDB file."""
    for leftover in (database, database.with_suffix(".duckdb.wal")):
        leftover.unlink(missing_ok=True)
    connection = duckdb.connect(str(database), config={"threads": options.processes})
    for name, files in given["tables"].items():
        connection.execute(f"CREATE TABLE {quoted(name)} AS SELECT * FROM read_parquet([{', '.join(map(literal, files))}])")
    for name, source in book["sources"].items():
        if name not in given["tables"]:
            load_source(connection, name, source, options.data)
    load_rules(connection, book)
    notes = {}
    for cell in given["cells"]:
        sql = (options.book / cell["file"]).read_text()
        front = front_matter(sql)
        notes[cell["cell"]] = front
        if cell["cell"] in given["tables"]:
            continue
        sql = sql.strip().rstrip(";")
        order = ""
        if front.get("grain") and not is_ordered(connection, sql):
            order = "ORDER BY " + ", ".join(quoted(column) for column in front["grain"])
        connection.execute(f"CREATE TABLE {quoted(cell['cell'])} AS SELECT * FROM ({sql}\n) {order}")
    connection.close()
    return notes


def stamp(options):
    """Time and size of every file that the queries read: what a script in the manner of `make` would go by."""
    paths = [options.book / "candour.toml", options.given]
    for folder in (options.book / "queries", options.data):
        paths += [path for path in folder.rglob("*") if path.is_file()]
    return sorted((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in paths)


def items(book, database, only):
    """The packs: file, template, rule and row."""
    tables = fill.Tables(database, {})
    for name, rule in book["packs"].items():
        if rule.get("on_request"):
            continue
        if "for_each" not in rule:
            if not only or name in only:
                yield rule["file"], rule["template"], name, None
            continue
        for row in tables.table(rule["for_each"]).rows():
            key = str(row.raw(rule["key"]))
            if not only or key in only:
                file = re.sub(r"\{(\w+)\}", lambda part: str(row.raw(part.group(1))), rule["file"])
                yield file, rule["template"], name, row.number


WORKER = {}


def begin(options, book, notes, database):
    WORKER.update(options=options, filler=fill.Filler(options.book, book, notes, database))


def make(item):
    """Fills a pack and compiles it, unless the filled source is what it was."""
    options = WORKER["options"]
    file, template, name, row = item
    source = WORKER["filler"].fill(template, name, row)
    pdf, kept = options.output / file, options.output / ".filled" / (file + ".typ")
    if pdf.exists() and kept.exists() and kept.read_text() == source:
        return file, False
    pdf.parent.mkdir(parents=True, exist_ok=True)
    kept.parent.mkdir(parents=True, exist_ok=True)
    typst.compile(
        source.encode(),
        output=str(pdf),
        root=str(options.output / ".templates"),
        font_paths=[str(options.fonts)],
        ignore_system_fonts=True,
        pdf_standards=["ua-1", "a-3a"],
    )
    kept.write_text(source)
    return file, True


def copy_templates(options, book):
    """The templates with the brand as a file: the wheel hands over texts alone, and no table."""
    folder = options.output / ".templates"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(options.book / "report-templates", folder)
    (folder / "brand.json").write_text(json.dumps(book["brand"]))
    for file in folder.glob("lib/*.typ"):
        file.write_text(re.sub(r'sys\.inputs\.at\("brand"[^\n]*', 'json("/brand.json")', file.read_text()))
    return [(path.name, path.read_text()) for path in sorted(folder.rglob("lib/*"))]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("book", "data", "given", "output", "fonts"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", action="append", default=[])
    options = parser.parse_args()
    for name in ("book", "data", "given", "output", "fonts"):
        setattr(options, name, getattr(options, name).resolve())
    book = tomllib.loads((options.book / "candour.toml").read_text())
    given = json.loads(options.given.read_text())
    options.output.mkdir(parents=True, exist_ok=True)
    database, known = options.output / ".results.duckdb", options.output / ".known"
    now = stamp(options)
    before = pickle.loads(known.read_bytes()) if known.exists() else (None, None)
    queried = before[0] != now
    if queried:
        known.unlink(missing_ok=True)
        notes = run_queries(options, book, given, database)
        known.write_bytes(pickle.dumps((now, notes)))
    else:
        notes = before[1]
    # A pack whose filled source is the same is set again where the library of the templates is another.
    library, shared = repr(copy_templates(options, book)), options.output / ".library"
    if not shared.exists() or shared.read_text() != library:
        shutil.rmtree(options.output / ".filled", ignore_errors=True)
        shared.write_text(library)
    wanted = list(items(book, database, options.only))
    arguments = (options, book, notes, database)
    with ProcessPoolExecutor(options.processes, initializer=begin, initargs=arguments) as pool:
        made = [file for file, anew in pool.map(make, wanted) if anew]
    print(f"queries {'run' if queried else 'known'}; {len(made)} of {len(wanted)} packs made", file=sys.stderr)


if __name__ == "__main__":
    main()
