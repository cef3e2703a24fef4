#!/bin/sh
# layers.sh: every #include "room/…" is an edge of the house (ARCHITECTURE.md). An edge that
# is not in the list below is a wall broken; so is a library named outside its room.
cd "$(dirname "$0")/.." || exit 2
mkdir -p build
edges='
base:
stun: base
sdp: base
rtp: base
trace: base
turn: stun base
mdns: base
ice: turn stun base
dtls: base
srtp: base
codec: base
capture: base
media: capture codec rtp base
peer: ice dtls srtp sdp rtp base
signaling: base
reactor: base
dissect: signaling codec ice dtls sdp rtp turn stun mdns trace base
'
fences='
mbedtls/: dtls base/digest.c base/mbedtls_compat.h
srtp2/: srtp
opus/opus.h: codec
opus/opusfile.h: capture
libav: capture
alsa/: capture
speex/: capture
SDL2/: capture
chafa.h: capture
vpx/: codec
ogg/: capture
png.h: capture
libyuv.h: capture
turbojpeg.h: capture
libv4l: capture
linux/videodev2.h: capture
xcb/: capture
qrencode.h: apps
ncurses.h: apps
jansson.h: signaling apps
hiredis/: signaling
ares: reactor
poll.h: reactor media capture
sys/socket.h: reactor
'
checked=0
failed=0
for room in $(echo "$edges" | sed -n 's/:.*//p'); do
    allowed="$room $(echo "$edges" | sed -n "s/^$room: *//p")"
    for file in "$room"/*.c "$room"/*.h "$room"/*.def; do
        [ -e "$file" ] || continue
        for to in $(sed -n 's/^ *# *include *"\([a-z_]*\)\/.*/\1/p' "$file" | sort -u); do
            checked=$((checked + 1))
            case " $allowed " in
            *" $to "*) ;;
            *)
                echo "$file: $room may not see $to"
                failed=$((failed + 1))
                ;;
            esac
        done
    done
done
echo "$fences" | while IFS=: read -r library where; do
    [ -n "$library" ] || continue
    pattern=$(echo "$library" | sed 's/[.]/\\./g')
    for file in $(grep -lE "^ *# *include *<$pattern" ./*/*.c ./*/*.h 2>/dev/null | sed 's|^\./||'); do
        room=${file%%/*}
        case " $where " in
        *" $room "* | *" $file "*) ;;
        *) echo "$file: $library belongs to $where" ;;
        esac
    done
    # No public header names a library's type: one that does is included by its own room alone.
    for header in $(grep -lE "^ *# *include *<$pattern" ./*/*.h 2>/dev/null | sed 's|^\./||'); do
        for file in $(grep -lE "^ *# *include *\"$header\"" ./*/*.c ./*/*.h 2>/dev/null | sed 's|^\./||'); do
            [ "${file%%/*}" = "${header%%/*}" ] || case $header in
            apps/* | base/mbedtls_compat.h) ;;
            *) echo "$file: includes $header, which names $library" ;;
            esac
        done
    done
done >build/layers.out
cat build/layers.out
[ -s build/layers.out ] && failed=$((failed + $(wc -l <build/layers.out)))
echo "layers: $checked edges read, $failed broken"
[ "$failed" -eq 0 ] && [ "$checked" -gt 0 ]
