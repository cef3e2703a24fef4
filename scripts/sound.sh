#!/bin/sh
# sound.sh DIR: PulseAudio and PipeWire, unpacked below DIR for the tests that run them. They are
# not installed, since each would drive the other's parts, and a desktop's own, off the machine.
dir=$1
[ -n "$dir" ] || { echo "usage: sound.sh DIR" >&2; exit 2; }
[ -e "$dir/usr/bin/wireplumber" ] && [ -e "$dir/usr/bin/pulseaudio" ] && exit 0
packages='pulseaudio libtdb1 libwrap0 libfftw3-single3 libasound2-plugins pipewire-alsa pipewire-bin
libspa-0.2-modules libpipewire-0.3-0 libpipewire-0.3-modules wireplumber libwireplumber-0.4-0 liblua5.3-0'
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
chmod 755 "$work" # apt may fetch as another user
fetch() {
    # shellcheck disable=SC2086
    (cd "$work" && apt-get download -qq $packages >/dev/null 2>&1)
}
fetch || { apt-get update -qq >/dev/null 2>&1 && fetch; } || {
    echo "sound.sh: these cannot be had: $packages" >&2
    exit 1
}
mkdir -p "$dir" && for package in "$work"/*.deb; do dpkg-deb -x "$package" "$dir" || exit 1; done
