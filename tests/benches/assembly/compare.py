"""Candour and the assembly in turns: the same book, the same data, five cases; then Candour and the bare typesetter.

Prints Markdown tables. Where other work has used the machine during the runs it says so, and gives no verdict.
"""

import argparse
import hashlib
import json
import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import duckdb
import psutil

import given

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[2]
# More processor time than this taken by others, of what the machine has, and no verdict is given.
DISTURBED = 0.05
# What is changed: one trust's count of one month, as a restatement would, with England's total and the panel that holds
# both. Where one of the three is left as it was, the book's tests refuse to publish.
COUNTS, ENGLAND, PANEL = "ae/ae_provider_monthly.csv", "ae/ae_england_monthly.csv", "panel/metric_panel.parquet"
TRUST, MONTH = "RQX", "2025-06-01"
MOVED = {"within4_type1": -1, "within4_total": -1, "over4_type1": 1, "over4_total": 1}
PARTIALS = {
    "one partial of the briefing changed": "partials/brief-areas.typ",
    "one partial of the board pack changed": "partials/board-route.typ",
}


def memory(process):
    """Proportional memory of a process and those that it started, in bytes: what is shared counts once."""
    total = 0
    for member in [process, *process.children(recursive=True)]:
        try:
            total += member.memory_full_info().pss
        except psutil.Error:
            pass
    return total


def busy():
    times = psutil.cpu_times()
    return sum(times) - times.idle - times.iowait - getattr(times, "guest", 0) - getattr(times, "guest_nice", 0)


def own():
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF))


def children():
    return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def run(command):
    """Runs a command: seconds by the clock, of processor, peak memory, and the share of the machine others used."""
    begun, used, machine, ours = time.perf_counter(), children(), busy(), own()
    child = psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    words, peak = [], 0
    # The pipe is emptied as it fills, or a child that says much would wait for ever.
    reader = threading.Thread(target=lambda: words.append(child.stderr.read()))
    reader.start()
    while child.poll() is None:
        peak = max(peak, memory(child))
        time.sleep(0.05)
    reader.join()
    wall = time.perf_counter() - begun
    if child.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nended with {child.returncode}:\n{''.join(words)}")
    others = max(0.0, (busy() - machine) - (own() - ours)) / (wall * psutil.cpu_count())
    return {"wall": wall, "cpu": children() - used, "peak": peak / 2**20, "others": others}


def hashes(folder):
    """The hash of every PDF under a folder."""
    found = sorted(path for path in folder.rglob("*.pdf") if ".cache" not in path.parts)
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


class Contest:
    def __init__(self, options):
        self.options, self.work = options, options.work
        self.book, self.data = self.work / "book", self.work / "data"
        self.given = self.work / "given" / "given.json"
        self.results, self.bytes, self.tables_given = {}, {"candour": [], "assembly": []}, 0
        self.making_given = []
        for folder in (self.book, self.data):
            shutil.rmtree(folder, ignore_errors=True)
        self.book.mkdir(parents=True)
        shutil.copy(PROJECT / "candour.toml", self.book)
        for name in ("queries", "report-templates"):
            shutil.copytree(PROJECT / name, self.book / name)
        shutil.copytree(options.data, self.data)

    def output(self, tool):
        return self.work / tool

    def edition(self):
        return next(path for path in self.output("candour").iterdir() if not path.name.startswith("."))

    def candour(self):
        command = [self.options.candour, "build", "--threads", "2", "--book", self.book, "--data", self.data]
        only = ["--only", self.options.only] if self.options.only else []
        return run([*map(str, command), "--output", str(self.output("candour")), *only])

    def give(self):
        """What the assembly cannot make for itself; not timed."""
        self.tables_given = given.write(
            str(self.options.candour), str(self.book), str(self.data), str(self.output("candour")), str(self.given)
        )

    def assembly(self):
        command = [sys.executable, HERE / "assemble.py", "--book", self.book, "--data", self.data]
        command += ["--given", self.given, "--output", self.output("assembly"), "--fonts", PROJECT / "src/typeset/fonts"]
        command += ["--only", self.options.only] if self.options.only else []
        return run([*map(str, command)])

    def both(self, case):
        """One case, by one and then by the other. What the one was given comes from the other, so the order stays."""
        results = self.results.setdefault(case, {"candour": [], "assembly": []})
        results["candour"].append(self.candour())
        self.give()
        results["assembly"].append(self.assembly())
        for tool in results:
            taken = results[tool][-1]
            print(
                f"{case}, {tool}: {taken['wall']:.2f} s, processor {taken['cpu']:.2f} s, "
                f"{taken['peak']:.0f} MiB; others {taken['others']:.0%}",
                file=sys.stderr,
            )

    def make_given(self):
        """What Candour takes to make anew just what the assembly is given."""
        paths = json.loads(self.given.read_text())["tables"].values()
        contents = {Path(file).stem for files in paths for file in files}
        # A table in parts is known by a note of what its parts are.
        for note in (self.output("candour") / ".cache" / "parts").iterdir():
            if any(content in note.read_text() for content in contents):
                contents.add(note.stem)
        # What was drawn is kept apart from the cells that it was drawn for.
        for answer in (self.output("candour") / ".cache" / "answers").iterdir():
            answer.unlink()
        for kind in ("cells", "sources"):
            for note in (self.output("candour") / ".cache" / kind).iterdir():
                text = note.read_text()
                if any(content in text for content in contents):
                    note.unlink()
        self.making_given.append(self.candour())

    def restore(self, name, folder, source):
        shutil.copy(source / name, folder / name)

    def restore_data(self):
        for name in (COUNTS, ENGLAND, PANEL):
            self.restore(name, self.data, self.options.data)

    def change_count(self, number):
        """So many more people waited over four hours."""
        for name, start in ((COUNTS, f"{MONTH},{TRUST},"), (ENGLAND, f"{MONTH},")):
            lines = (self.options.data / name).read_text().splitlines(keepends=True)
            at = next(at for at, line in enumerate(lines) if line.startswith(start))
            fields, header = lines[at].split(","), lines[0].split(",")
            for column, sign in MOVED.items():
                fields[header.index(column)] = str(int(fields[header.index(column)]) + sign * number)
            lines[at] = ",".join(fields)
            (self.data / name).write_text("".join(lines))
        changed = f"metric_id LIKE 'ae_4hr%' AND period = '{MONTH}' AND org_code = '{TRUST}'"
        columns = f"* REPLACE (CASE WHEN {changed} THEN numerator - {number} ELSE numerator END AS numerator)"
        from_, to = self.options.data / PANEL, self.data / PANEL
        duckdb.execute(f"COPY (SELECT {columns} FROM read_parquet('{from_}')) TO '{to}' (FORMAT parquet)")

    def change_partial(self, partial, number):
        path = self.book / "report-templates" / partial
        text = (PROJECT / "report-templates" / partial).read_text()
        path.write_text(text + "\n" + "Changed once more. " * number + "\n")

    def round(self, number):
        for tool in ("candour", "assembly"):
            shutil.rmtree(self.output(tool), ignore_errors=True)
        self.restore_data()
        self.both("cold")
        self.bytes["candour"].append(hashes(self.edition()))
        self.bytes["assembly"].append(hashes(self.output("assembly")))
        if number == 1:
            self.compare_pages()
        self.both("nothing changed")
        self.make_given()
        self.change_count(number)
        self.both("one count of one trust restated")
        for case, partial in PARTIALS.items():
            if self.options.only and "briefing" in case:
                continue
            self.change_partial(partial, number)
            self.both(case)
            self.restore(partial, self.book / "report-templates", PROJECT / "report-templates")

    def compare_pages(self):
        """Whether the pages say the same, but for the page about the evidence and what counts it."""
        if not shutil.which("pdftotext"):
            self.pages = "not compared: pdftotext is not installed"
            return
        files = sorted(self.bytes["candour"][0])
        wanted = files if len(files) < 12 else files[:: len(files) // 10] + ["ministerial-briefing.pdf"]
        same = [file for file in wanted if alike(words(self.edition() / file), words(self.output("assembly") / file))]
        unlike = [file for file in wanted if file not in same]
        self.pages = f"{len(same)} of {len(wanted)} packs compared have the same words"
        self.pages += f"; not the same: {', '.join(unlike)}" if unlike else ""


def words(pdf):
    """How often each word stands in a document before the page about its evidence."""
    text = subprocess.run(["pdftotext", "-enc", "UTF-8", pdf, "-"], check=True, capture_output=True, text=True).stdout
    before, head, after = text.rpartition("How this was made\n")
    text = before if "How to check it" in after else text
    # The lines at the head and foot of pages count the pages.
    heads = set(text.split("\f")[1].split("\n")[:3]) if "\f" in text else set()
    lines = (line for line in text.replace("\f", "\n").split("\n") if line not in heads)
    text = "\n".join(line for line in lines if not re.match(r"Edition \S+, |Page \d+ of \d+$", line))
    return Counter(text.replace("\u2060", "").split())


def alike(ours, theirs):
    """Whether two documents have the same words, but for the line of contents that names the page about the evidence."""
    more, less = ours - theirs, theirs - ours
    return not less and all(word in ("How", "this", "was", "made") or word.isdigit() for word in more) and len(more) <= 5


def median(runs, what):
    return statistics.median(run[what] for run in runs)


def most(contest, what):
    """What it takes to make what the assembly is given, beyond a build that finds nothing changed."""
    return median(contest.making_given, what) - median(contest.results["nothing changed"]["candour"], what)


def report(contest, rounds):
    given = {what: most(contest, what) for what in ("wall", "cpu")}
    whole = median(contest.results["cold"]["assembly"], "wall") + given["wall"]
    lines = [
        "| case | Candour: s | CPU s | peak MiB | assembly: s | CPU s | peak MiB | times as fast | as one that keeps nothing |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for case, tools in contest.results.items():
        one, other = tools["candour"], tools["assembly"]
        figures = [f"{median(t, 'wall'):.2f} | {median(t, 'cpu'):.1f} | {median(t, 'peak'):.0f}" for t in (one, other)]
        taken = median(one, "wall")
        other_taken = whole if case == "cold" else median(other, "wall")
        lines.append(f"| {case} | {figures[0]} | {figures[1]} | {other_taken / taken:.1f} | {whole / taken:.1f} |")
    same = {tool: all(one == found[0] for one in found) for tool, found in contest.bytes.items()}
    yes = lambda tool: "not asked (one round)" if rounds < 2 else "yes" if same[tool] else "no"  # noqa: E731
    packs = len(contest.bytes["candour"][0])
    lines += [
        "",
        f"{packs} packs; medians of {rounds} rounds. {platform.machine()}, {os.cpu_count()} cores, "
        f"{psutil.virtual_memory().total / 2**30:.0f} GiB. {contest.tables_given} tables were given to the assembly.",
        f"To make them takes Candour {given['wall']:.2f} s ({given['cpu']:.1f} s of processor time), which the last two "
        f"columns add to the assembly's cold time: {whole:.2f} s.",
        f"The same bytes in every cold round: Candour {yes('candour')}, assembly {yes('assembly')}. Pages: {contest.pages}.",
    ]
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candour", type=Path, required=True)
    parser.add_argument("--floor", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=PROJECT.parent / "shared/data/real")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help="the pack of this key alone: to see that all works")
    options = parser.parse_args()
    for name in ("candour", "floor", "work", "data"):
        setattr(options, name, getattr(options, name).resolve())
    contest = Contest(options)
    for number in range(1, options.rounds + 1):
        contest.round(number)
    lines = report(contest, options.rounds)
    # The typesetter alone, on the same book and data as they were at first.
    contest.restore_data()
    shutil.rmtree(options.work / "floor-work", ignore_errors=True)
    command = [options.floor, "--book", contest.book, "--data", contest.data, "--work", options.work / "floor-work"]
    command += ["--rounds", options.rounds] + (["--only", options.only] if options.only else [])
    machine, begun, used = busy(), time.perf_counter(), own()
    floor = subprocess.run([*map(str, command)], check=True, stdout=subprocess.PIPE, text=True).stdout
    share = (busy() - machine - (own() - used)) / ((time.perf_counter() - begun) * psutil.cpu_count())
    disturbed = [run["others"] for tools in contest.results.values() for runs in tools.values() for run in runs]
    disturbed += [run["others"] for run in contest.making_given]
    lines += ["", floor.strip(), ""]
    if max(statistics.median(disturbed), share) > DISTURBED:
        lines.append(
            f"NO VERDICT: other work took {statistics.median(disturbed):.0%} of the machine during these runs, and "
            f"{share:.0%} during those of the floor. Run it again when the machine is idle."
        )
    else:
        lines.append(f"Other work took {max(statistics.median(disturbed), share):.1%} of the machine.")
    (options.work / "results.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
