#!/usr/bin/env python3
"""Runs the conformance tests against another broker, a fresh one for each test.

    run_against.py [--tests build/release/tests/conformance] [--filter GTEST_FILTER]
                   [--jobs N] [--config TEMPLATE] -- COMMAND...

In COMMAND, and in the file TEMPLATE, {port} stands for the port to listen on;
in COMMAND, {config} stands for the filled copy of TEMPLATE. For mosquitto:

    printf '%s\\n' 'listener {port} 127.0.0.1' 'allow_anonymous true' \\
        'max_queued_messages 0' 'max_inflight_messages 0' 'set_tcp_nodelay true' > m.conf
    run_against.py --config m.conf -- mosquitto -c {config}

Prints a line per test that did not pass, with its output, and the counts.
"""

import argparse
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tests", default="build/release/tests/conformance")
    parser.add_argument("--filter", default="*")
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--config")
    parser.add_argument("--quiet", action="store_true", help="only the names of the failing")
    parser.add_argument("command", nargs="+")
    return parser.parse_args()


def names_of_tests(arguments):
    listing = subprocess.run(
        [arguments.tests, "--gtest_list_tests", "--gtest_filter=" + arguments.filter],
        check=True, capture_output=True, text=True).stdout
    suite, names = "", []
    for line in listing.splitlines():
        word = line.split("#")[0].strip()
        if re.match(r"\S.*\.", line):
            suite = word
        elif line.startswith("  "):
            names.append(suite + word)
    return names


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def start_broker(arguments, folder, port):
    config = os.path.join(folder, "config")
    if arguments.config:
        with open(arguments.config, encoding="utf-8") as template:
            text = template.read().replace("{port}", str(port))
        with open(config, "w", encoding="utf-8") as file:
            file.write(text)
    command = [word.replace("{port}", str(port)).replace("{config}", config)
               for word in arguments.command]
    broker = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while not listens(port):
        if broker.poll() is not None or time.monotonic() > deadline:
            broker.kill()
            sys.exit("the broker does not start: " + " ".join(command))
        time.sleep(0.01)
    return broker


def run(arguments, name):
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        broker = start_broker(arguments, folder, port)
        try:
            environment = dict(os.environ, CALLBOARD_TEST_BROKER="127.0.0.1:%d" % port)
            done = subprocess.run(
                [arguments.tests, "--gtest_filter=" + name], env=environment,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
        except subprocess.TimeoutExpired:
            return name, False, False, "not done after 60 s\n"
        finally:
            broker.terminate()
            broker.wait()
    return name, done.returncode == 0, "[  SKIPPED ]" in done.stdout, done.stdout


def main():
    arguments = parse_arguments()
    passed = skipped = failed = 0
    with ThreadPoolExecutor(arguments.jobs) as pool:
        for name, good, was_skipped, output in pool.map(
                lambda each: run(arguments, each), names_of_tests(arguments)):
            if not good:
                failed += 1
                print("FAILED " + name + ("" if arguments.quiet else "\n" + output))
            elif was_skipped:
                skipped += 1
            else:
                passed += 1
    print("%d passed, %d skipped, %d failed" % (passed, skipped, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
