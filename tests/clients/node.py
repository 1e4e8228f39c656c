"""Starts a node of the broker under test, for the tests in this folder."""

import os
import subprocess


class Node:
    """`with Node() as port:` runs a node on a free port of 127.0.0.1."""

    def __init__(self, *settings):
        self.settings = settings

    def __enter__(self):
        arguments = [os.environ["CALLBOARD_BINARY"], "node", "--ephemeral", "--mqtt", "127.0.0.1:0"]
        for setting in self.settings:
            arguments += ["--set", setting]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        words = self.process.stdout.readline().split()
        assert words[:2] == ["listening", "mqtt"], words
        return int(words[2].rsplit(":", 1)[1])

    def __exit__(self, *problem):
        self.process.terminate()
        code = self.process.wait(timeout=10)
        self.process.stdout.close()
        assert code == 0, f"the node ended with {code}"
