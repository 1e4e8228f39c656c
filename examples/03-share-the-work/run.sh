#!/usr/bin/env bash
source "$(dirname "$0")/../node.sh"

sub -i one -c -q 1 -t '$share/workers/jobs' -E
sub -i two -c -q 1 -t '$share/workers/jobs' -E
for job in 1 2 3 4; do
  pub -t jobs -q 1 -m "$job"
done
expect $'1\n2\n3\n4' "$(sub -i two -c -q 1 -t '$share/workers/jobs' -C 4)"
