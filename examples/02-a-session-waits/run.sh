#!/usr/bin/env bash
source "$(dirname "$0")/../node.sh"

sub -i reader -c -q 1 -t news -E
pub -t news -q 1 -m first
pub -t news -q 1 -m second
expect $'first\nsecond' "$(sub -i reader -c -q 1 -t news -C 2)"
