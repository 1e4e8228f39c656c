#!/usr/bin/env bash
source "$(dirname "$0")/../node.sh"

pub -t stage/left -m open -r -q 1
expect "stage/left open" "$(sub -t 'stage/#' -v -C 1)"
