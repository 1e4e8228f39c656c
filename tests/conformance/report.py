#!/usr/bin/env python3
"""Compares the tables of statements with the tests, and writes docs/conformance.md.

    report.py                which statements have no test: fails if there are any
    report.py --log FILE     the same, and each test of a statement must have passed
                             by the log that tests write to $CALLBOARD_CONFORMANCE_LOG
    report.py --write        writes docs/conformance.md as well (with either)

A statement needs a test if it binds the server and can be seen at one, or if it
binds the client and names what the server does when a client breaks it; so does
each edge case and each row for MQTT 3.1. A test that is DISABLED_ is none.
tables/exemptions.csv names those that cannot be tested yet.
"""

import argparse
import collections
import csv
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TEST = re.compile(r"\bTEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)")
STATEMENT = re.compile(r"\bSTATEMENT\(([^)]*)\)")
DISABLED = re.compile(r"(^|\.)DISABLED_")


def rows(name):
    with open(HERE / "tables" / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def needs_test(row):
    if row["applies_to"] == "client":
        return not row["on_violation"].startswith("-")
    return row["how_to_test"] != "-"


def tags_of_sources():
    """Which tests name which statement: {id: [Suite.Test, ...]}."""
    found = collections.defaultdict(list)
    for path in sorted(HERE.glob("*_test.cpp")):
        text = path.read_text(encoding="utf-8")
        for test, body in bodies(text):
            if DISABLED.search(test):
                continue
            for tag in STATEMENT.findall(body):
                for statement in re.findall(r'"([^"]+)"', tag):
                    found[statement].append(test)
    return found


def bodies(text):
    """Each test of a source file with the text up to the next one."""
    tests = list(TEST.finditer(text))
    for index, match in enumerate(tests):
        end = tests[index + 1].start() if index + 1 < len(tests) else len(text)
        yield "%s.%s" % match.groups(), text[match.end():end]


def outcomes_of(path):
    """How each test of the log ended: {Suite.Test: {"passed", ...}}."""
    outcomes = collections.defaultdict(set)
    with open(path, encoding="utf-8") as log:
        for line in log:
            _, test, outcome = line.rstrip("\n").split("\t")
            outcomes[test].add(outcome)
    return outcomes


def not_proved(tags, outcomes):
    """The tests of a statement that did not run or did not pass. One that is skipped
    because the machine cannot run it is made up for by another that passed."""
    wrong = []
    for statement, tests in sorted(tags.items()):
        seen = {test: outcomes.get(test, {"not run"}) for test in tests}
        proved = any(each == {"passed"} for each in seen.values())
        wrong += ["%s: %s: %s" % (statement, test, ", ".join(sorted(each)))
                  for test, each in seen.items()
                  if each - {"passed", "skipped"} or not proved]
    return wrong


def unknown_tags(tags, tables):
    known = {row["id"] for table in tables.values() for row in table}
    return sorted(tag for tag in tags if tag not in known)


def missing(tags, tables, exempt):
    needed = [row["id"] for table in tables.values() for row in table
              if "applies_to" not in row or needs_test(row)]
    return [each for each in needed if each not in exempt and not tags.get(each)]


def list_of_tests(tests):
    return "<br>".join("`%s`" % test for test in dict.fromkeys(tests))


def answer(row, tags, exempt):
    tests = tags.get(row["id"])
    if tests:
        return list_of_tests(tests)
    if row["id"] in exempt:
        return "not tested: " + exempt[row["id"]]
    if "applies_to" in row and not needs_test(row):
        return "binds clients only" if row["applies_to"] == "client" else "cannot be seen"
    return "**no test**"


def section(title, table, text, tags, exempt, note=""):
    lines = ["## " + title, ""] + ([note, ""] if note else [])
    lines += ["| id | what | tests |", "|---|---|---|"]
    for row in table:
        what = row[text].replace("|", "\\|")
        lines.append("| %s | %s | %s |" % (row["id"], what, answer(row, tags, exempt)))
    return lines + [""]


def document(tables, tags, exempt):
    lines = ["# Conformance", "",
             "Written by `tests/conformance/report.py --write`; the tests are in",
             "`tests/conformance/`. Each row names a statement of the standard in short and",
             "the tests that hold the broker to it.", ""]
    lines += section("MQTT 5.0", tables["MQTT 5.0"], "summary", tags, exempt)
    lines += section("MQTT 3.1.1", tables["MQTT 3.1.1"], "summary", tags, exempt)
    lines += section("MQTT 3.1", tables["MQTT 3.1"], "summary", tags, exempt,
                     "Its specification numbers no statements; the ids are ours.")
    lines += section("Edge cases", tables["Edge cases"], "title", tags, exempt)
    return "\n".join(lines).rstrip("\n") + "\n"


def complain(title, ids):
    if ids:
        print("%s (%d):" % (title, len(ids)))
        for each in ids:
            print("  " + each)
    return bool(ids)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--log")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()

    tables = {"MQTT 5.0": rows("mqtt5.csv"), "MQTT 3.1.1": rows("mqtt311.csv"),
              "MQTT 3.1": rows("mqtt31.csv"), "Edge cases": rows("edge_cases.csv")}
    exempt = {row["id"]: row["reason"] for row in rows("exemptions.csv")}
    tags = tags_of_sources()

    if arguments.write:
        (ROOT / "docs").mkdir(exist_ok=True)
        (ROOT / "docs" / "conformance.md").write_text(
            document(tables, tags, exempt), encoding="utf-8")
    bad = complain("tags that are in no table", unknown_tags(tags, tables))
    bad |= complain("exempt, yet tested", [each for each in exempt if each in tags])
    bad |= complain("exempt, yet in no table", unknown_tags(exempt, tables))
    bad |= complain("statements without a test", missing(tags, tables, exempt))
    if arguments.log:
        bad |= complain("tests that prove nothing", not_proved(tags, outcomes_of(arguments.log)))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
