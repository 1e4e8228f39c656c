# Starts a node for an example: $port is where it listens, it ends with the script.
# The program is $CALLBOARD_BINARY, or the release of this tree.
set -euo pipefail
callboard=${CALLBOARD_BINARY:-$(dirname "${BASH_SOURCE[0]}")/../build/release/callboard}

coproc node { exec "$callboard" node --ephemeral --mqtt 127.0.0.1:0 2>/dev/null; }
read -r _ _ address <&"${node[0]}"
port=${address##*:}
node_pid=$node_PID
trap 'kill "$node_pid"; wait "$node_pid" || true' EXIT

pub() { "$callboard" pub -p "$port" "$@"; }
sub() { "$callboard" sub -p "$port" "$@"; }

# expect WANTED GOT: says so and ends if they differ.
expect() {
  if [[ $1 != "$2" ]]; then
    printf 'wanted:\n%s\ngot:\n%s\n' "$1" "$2" >&2
    exit 1
  fi
  printf '%s\n' "$2"
}
