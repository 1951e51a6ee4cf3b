"""What the assembly cannot make for itself, taken from an edition that Candour has built: the results of cells that call
statistical functions, sources that are not plain CSV or Parquet, and the list of files read."""

import argparse
import json
import re
import subprocess
import tomllib
from pathlib import Path

# Settings of a contract that a plain read of a CSV file does not need.
SIMPLE_SOURCE = set(
    "files reader key optional publisher publication licence status period vintage url note fetch columns missing".split()
)
SIMPLE_COLUMN = set("header type required pattern min max unit meaning accepted optional note source".split())


def is_simple(source):
    columns = source["columns"].values()
    plain = all(set(column) <= SIMPLE_COLUMN for column in columns)
    return source["reader"] in ("csv", "parquet") and set(source) <= SIMPLE_SOURCE and plain


def files(cache, content):
    """The Parquet files of a table: one, or one for each of its parts in order."""
    note = cache / "parts" / f"{content}.json"
    if not note.exists():
        return [str(cache / "tables" / f"{content}.parquet")]
    parts = json.loads(note.read_text())["parts"]
    return [str(cache / "tables" / f"{part['content']}.parquet") for _, part in sorted(parts.items())]


def write(candour, book, data, output, target):
    """Writes the list of cells in their order and of the tables that are given."""

    def ask(*arguments):
        where = ["--book", book, "--data", data, "--output", output]
        return subprocess.run([candour, *arguments, *where], check=True, capture_output=True).stdout

    listed = subprocess.run([candour, "functions"], check=True, capture_output=True, text=True).stdout
    functions = set(re.findall(r"^([a-z_]+)\(", listed, re.M))
    calls = re.compile(r"\b(" + "|".join(sorted(functions)) + r")\s*\(")
    cells = json.loads(ask("graph", "--format", "json"))
    settings = tomllib.loads((Path(book) / "candour.toml").read_text())
    edition = next(path for path in sorted(Path(output).iterdir()) if (path / "manifest.json").exists())
    manifest = json.loads((edition / "manifest.json").read_text())
    kept = {entry["name"]: entry["content"] for entry in manifest["sources"] + manifest["cells"]}
    names = [name for name, source in settings["sources"].items() if not is_simple(source)]
    names += [cell["cell"] for cell in cells if calls.search((Path(book) / cell["file"]).read_text())]
    folder = Path(target).parent
    folder.mkdir(parents=True, exist_ok=True)
    tables = {name: files(Path(output) / ".cache", kept[name]) for name in names}
    for name in ("source_files", "source_rejects"):
        file = folder / f"{name}.parquet"
        file.write_bytes(ask("sql", f"SELECT * FROM {name}", "--format", "parquet"))
        tables[name] = [str(file)]
    order = [{"cell": cell["cell"], "file": cell["file"]} for cell in cells]
    text = json.dumps({"cells": order, "tables": tables}, indent=1)
    # Left as it is where it is the same, because the assembly goes by the times of files.
    if not Path(target).exists() or Path(target).read_text() != text:
        Path(target).write_text(text)
    return len(names)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("candour", "book", "data", "output", "target"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    print(write(options.candour, options.book, options.data, options.output, options.target), "tables given")
