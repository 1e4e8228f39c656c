#!/usr/bin/env python3
"""check_layers finds what it is for, in trees made for the purpose."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECK = Path(__file__).resolve().parent / "check_layers.py"


def check(path, line):
    """Runs the check over a tree of one file with one line."""
    with tempfile.TemporaryDirectory() as root:
        file = Path(root) / path
        file.parent.mkdir(parents=True)
        file.write_text(f"#pragma once\n{line}\n", encoding="utf-8")
        return subprocess.run(
            [sys.executable, CHECK, root], capture_output=True, text=True, check=False)


class CheckLayers(unittest.TestCase):
    def assert_allowed(self, path, line):
        result = check(path, line)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def assert_forbidden(self, path, line, why):
        result = check(path, line)
        self.assertEqual(result.returncode, 1, f"not found in {path}: {line}")
        self.assertIn(f"{path}:2: ", result.stdout)
        self.assertIn(why, result.stdout)

    def test_arrows_go_one_way(self):
        self.assert_allowed("app/node.cpp", '#include "actors/broker.hpp"')
        self.assert_allowed("app/node.cpp", '#include "protocol/codec/utf8.hpp"')
        self.assert_allowed("actors/session.cpp", '#include "protocol/message.hpp"')
        self.assert_allowed("actors/keeper.cpp", '#include "persistence/store.hpp"')
        self.assert_allowed("actors/acceptor.cpp", '#include "network/listener.hpp"')
        self.assert_allowed("persistence/record.cpp", '#include "protocol/message.hpp"')
        self.assert_forbidden(
            "protocol/message.hpp", '#include "persistence/store.hpp"', "no other folder")
        self.assert_forbidden("network/stream.cpp", '#include "protocol/message.hpp"', "network/")
        self.assert_forbidden("persistence/store.cpp", '#include "actors/mail.hpp"', "protocol")
        self.assert_forbidden("actors/session.cpp", '#include "app/version.hpp"', "actors/ knows")

    def test_tests_may_look_everywhere(self):
        self.assert_allowed("tests/app/node_test.cpp", '#include "protocol/message.hpp"')
        self.assert_forbidden("protocol/message.cpp", '#include "tests/bytes.hpp"', "no other")

    def test_caf_is_known_to_one_header(self):
        self.assert_allowed("actors/runtime/caf.hpp", "#include <caf/actor.hpp>")
        self.assert_forbidden("actors/runtime/unit.cpp", "#include <caf/send.hpp>", "CAF")
        self.assert_forbidden("network/stream.cpp", "#include <caf/send.hpp>", "CAF")
        self.assert_forbidden("tests/actors/unit_test.cpp", '#  include "caf/all.hpp"', "CAF")

    def test_boost_belongs_to_the_network_and_the_runtime(self):
        self.assert_allowed("network/stream.hpp", "#include <boost/asio.hpp>")
        self.assert_allowed("actors/runtime/unit.hpp", "#include <boost/asio.hpp>")
        self.assert_allowed("tests/conformance/client.hpp", "#include <boost/asio.hpp>")
        self.assert_forbidden("actors/session.hpp", "#include <boost/asio.hpp>", "Boost")
        self.assert_forbidden("app/main.cpp", "#include <boost/asio.hpp>", "Boost")

    def test_lmdb_belongs_to_persistence(self):
        self.assert_allowed("persistence/lmdb_store.cpp", "#include <lmdb.h>")
        self.assert_forbidden("actors/keeper.cpp", "#include <lmdb.h>", "LMDB")

    def test_protocol_is_pure(self):
        self.assert_allowed("protocol/session/window.hpp", "#include <chrono>")
        self.assert_forbidden("protocol/log.cpp", "#include <fmt/core.h>", "standard library")
        self.assert_forbidden("protocol/log.cpp", "#include <unistd.h>", "standard library")
        self.assert_forbidden("protocol/log.cpp", "#include <thread>", "no threads")

    def test_what_nodes_say_is_pure_too(self):
        self.assert_allowed("cluster/hello.cpp", '#include "persistence/records/record_writer.hpp"')
        self.assert_forbidden("cluster/courier.cpp", "#include <thread>", "no threads")
        self.assert_forbidden("cluster/courier.cpp", '#include "network/stream.hpp"', "cluster/ knows")

    def test_include_paths_start_at_the_root(self):
        self.assert_forbidden("protocol/a.cpp", '#include "a.hpp"', "root")
        self.assert_forbidden("protocol/b/a.cpp", '#include "../a.hpp"', "root")


if __name__ == "__main__":
    unittest.main()
