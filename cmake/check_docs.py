#!/usr/bin/env python3
"""Checks that what the Markdown files link to inside the tree is there.

usage: check_docs.py [ROOT]     status 1 and a line per fault if there are any
"""

import re
import sys
from pathlib import Path

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
ELSEWHERE = re.compile(r"[a-z]+:")  # https:, mailto:
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
SKIPPED = {"build", "node_modules", ".git"}


def anchors(markdown):
    """The anchors of a page's headings, as GitHub makes them."""
    for heading in re.findall(r"^#+\s+(.*?)\s*$", markdown, re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def fault_of_link(page, link):
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    if not target.exists():
        return "is not there"
    if anchor and target.suffix == ".md":
        if anchor not in anchors(target.read_text(encoding="utf-8")):
            return "has no such heading"
    return None


def faults_of_tree(root):
    for page in sorted(root.rglob("*.md")):
        if SKIPPED & set(page.relative_to(root).parts):
            continue
        for link in LINK.findall(CODE.sub("", page.read_text(encoding="utf-8"))):
            fault = None if ELSEWHERE.match(link) else fault_of_link(page, link)
            if fault:
                yield f"{page.relative_to(root)}: {link} {fault}"


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    faults = list(faults_of_tree(root))
    print("\n".join(faults) if faults else "All links lead somewhere.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
