#!/bin/sh
# replay-inputs.sh: is all that a peer connection is a function of in a trace, and does rill replay
# give it back (docs/trace.md)? Each verb of peer/peer.h tells its call (peer/inputs.c), or is but
# another verb; each is called in apps/replay_verbs.c, or before there is a peer in
# apps/replay_config.c; and so with each member of the configuration and of what verbs are given.
cd "$(dirname "$0")/.." || exit 2
told=peer/inputs.c run=apps/replay_verbs.c
failed=0
checked=0

fault() {
    echo "replay-inputs: $*"
    failed=$((failed + 1))
}

# runs PATTERN: is there such a line in what runs again?
runs() {
    cat "$run" apps/replay_config.c | grep -qE "$1"
}

# without_comments FILE
without_comments() {
    tr '\n' '\001' <"$1" | sed 's|/\*[^*]*\**\([^/*][^*]*\**\)*/||g' | tr '\001' '\n'
}

# members STRUCT FILE: their names.
members() {
    without_comments "$2" | awk -v head="struct $1 {" '
        $0 == head { inside = 1; next }
        /^};/ { inside = 0 }
        inside && /;/ {
            sub(/;.*/, "")
            n = split($0, parts, ",")
            for (i = 1; i <= n; i++) { sub(/^.*[ *]/, "", parts[i]); print parts[i] }
        }'
}

# body VERB: of its definition.
body() {
    cat peer/*.c | awk -v name="$1(struct rill_peer *x" '
        index($0, name) && !/;$/ && !/^ / { inside = 1 }
        inside { print }
        /^}/ { inside = 0 }'
}

verbs=$(without_comments peer/peer.h | grep -oE '\brill_peer_[a-z_]+\(struct rill_peer \*x' | cut -d'(' -f1)
for verb in $verbs; do
    [ "$verb" = rill_peer_free ] && continue # there is no peer any more
    checked=$((checked + 1))
    text=$(body "$verb")
    if ! echo "$text" | grep -qE 'rill_peer_input_(a[^t]|[^a])'; then
        other=$(echo "$text" | grep -oE '\brill_peer_[a-z_]+\(x' | cut -d'(' -f1 | head -n1)
        echo "$verbs" | grep -qx "${other:-none}" && [ "$other" != "$verb" ] ||
            fault "$verb does not tell that it was called: $told"
    elif ! runs "\b${verb}\("; then
        fault "$verb is not called again: $run"
    fi
done

# given STRUCT FILE VARIABLE EXCEPT...: EXCEPT: what replay has of its own, or what verbs do not read.
given() {
    struct=$1 file=$2 variable=$3
    shift 3
    for member in $(members "$struct" "$file"); do
        case " $* " in *" $member "*) continue ;; esac
        checked=$((checked + 1))
        grep -qE "\b$variable->$member\b" "$told" || fault "$struct.$member is not told: $told"
        runs "(->|[ {]\.)$member\b" || fault "$struct.$member is not given back: $run"
    done
}
given rill_peer_config peer/peer.h c cert rng trace
given rill_ice_turn_server ice/agent.h t
given rill_peer_encoding peer/peer.h e
given rill_frame base/frame.h f seq redundant began index

# Both have the same names.
names=$(grep -oE '^INPUT\([a-z_]+, "[a-z_]+"' "$told" | cut -d'"' -f2)
for name in $names; do
    checked=$((checked + 1))
    runs "^    \{\"$name\", " || fault "input:$name cannot be run: $run"
done
echo "replay-inputs: $checked verbs, members and events read, $failed missing"
[ "$failed" = 0 ] && [ "$checked" -gt 80 ]
