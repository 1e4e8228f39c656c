#!/usr/bin/env python3
"""Checks the arrows between the folders and who may know which library.

Debian puts the headers of CAF, Boost and LMDB under one include path, so the
compiler does not stop an #include that a folder's law forbids. This does.

usage: check_layers.py [ROOT]     status 1 and a line per fault if there are any
"""

import re
import sys
from pathlib import Path

# A folder, and the folders whose headers it may include besides its own. Arrows
# lead downwards, and whoever stands above may use all that lies below.
ARROWS = {
    "protocol": set(),
    "persistence": {"protocol"},
    "cluster": {"protocol", "persistence"},
    "network": set(),
    "actors": {"protocol", "persistence", "cluster", "network"},
    "app": {"actors", "protocol", "persistence", "cluster", "network"},
}

# These look from outside: they may include every folder.
OBSERVERS = {"tests", "examples"}

# A library by its headers, and the paths that may include them.
LIBRARIES = [
    ("CAF", re.compile(r"caf/"), ("actors/runtime/caf.hpp",)),
    ("Boost", re.compile(r"boost/"), ("network/", "actors/runtime/", "tests/")),
    ("LMDB", re.compile(r"lmdb\.h$|lmdb\+\+"), ("persistence/",)),
]

# Folders whose code is told what time it is and what has come.
PURE = ("protocol", "cluster")

# What the standard library has and they must not have.
NOT_PURE = {
    "condition_variable", "filesystem", "fstream", "future", "iostream", "mutex", "random",
    "semaphore", "shared_mutex", "stop_token", "thread",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SOURCES = {".cpp", ".hpp", ".h", ".ipp"}


def fault_of_folder(folder, header):
    """Why a file of this folder may not include "header", or None."""
    target = header.split("/")[0]
    if "/" not in header or target not in ARROWS.keys() | OBSERVERS:
        return "include paths start at the root of the tree"
    if folder in OBSERVERS or target == folder or target in ARROWS[folder]:
        return None
    allowed = ", ".join(sorted(ARROWS[folder])) or "no other folder"
    return f"{folder}/ knows {allowed}"


def fault_of_library(path, header):
    """Why the file at this path may not include this header of a library, or None."""
    for name, pattern, places in LIBRARIES:
        if pattern.match(header) and not path.startswith(places):
            return f"{name} belongs to {' and '.join(places)}"
    return None


def fault_of_purity(path, header):
    """Why the file at this path may not include <header>, or None."""
    folder = path.split("/")[0]
    if folder not in PURE:
        return None
    if not re.fullmatch(r"[a-z_0-9]+", header):
        return f"{folder}/ knows the standard library only"
    if header in NOT_PURE:
        return f"{folder}/ has no threads, files or chance"
    return None


def faults_of_file(root, file):
    path = file.relative_to(root).as_posix()
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        include = INCLUDE.match(line)
        if not include:
            continue
        bracket, header = include.groups()
        why = fault_of_library(path, header)
        if not why and bracket == "<":
            why = fault_of_purity(path, header)
        if not why and bracket == '"':
            why = fault_of_folder(path.split("/")[0], header)
        if why:
            yield f"{path}:{number}: includes {header}: {why}"


def faults_of_tree(root):
    for folder in sorted(ARROWS.keys() | OBSERVERS):
        for file in sorted((root / folder).rglob("*")):
            if file.suffix in SOURCES and "node_modules" not in file.parts:
                yield from faults_of_file(root, file)


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    faults = list(faults_of_tree(root))
    print("\n".join(faults) if faults else "The layers hold.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
