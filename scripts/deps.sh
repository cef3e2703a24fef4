#!/bin/sh
# deps.sh build|test|bench: installs the Debian packages that are missing, and says nothing when
# none is. Needs root, or sudo.
build='gcc make libc6-dev libmbedtls-dev libsrtp2-dev libopus-dev libvpx-dev libjansson-dev libogg-dev libpng-dev
libyuv-dev libturbojpeg0-dev libv4l-dev libxcb1-dev libxcb-shm0-dev libxcb-xfixes0-dev libqrencode-dev libncurses-dev libhiredis-dev libc-ares-dev
pkg-config libavformat-dev libasound2-dev libspeexdsp-dev libopusfile-dev libsdl2-dev libchafa-dev'
test="libcmocka-dev clang lld clang-format libclang-rt-14-dev valgrind chromium firefox-esr coturn nftables iproute2 ffmpeg python3-aiortc ca-certificates openssl libnss3-tools zbar-tools xvfb redis-tools dnsmasq-base tshark tmux
libltdl7 liborc-0.4-0 libnsl2 libsoxr0 libpulse0 libx11-xcb1 libsndfile1 libspeexdsp1"
bench='gstreamer1.0-plugins-base gstreamer1.0-x gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-nice
python3-gst-1.0 gir1.2-gst-plugins-base-1.0 gir1.2-gst-plugins-bad-1.0 libnice-dev gnuplot-nox fonts-dejavu-core'
want=$build
[ "$1" = test ] && want="$build $test"
[ "$1" = bench ] && want="$build $test $bench"
# Any node of version 18 or later will do; Debian's own when there is none.
if [ "$1" != build ] && ! { command -v node && command -v npm; } >/dev/null 2>&1; then
    want="$want nodejs npm"
fi
missing=
for package in $want; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
        missing="$missing $package"
done
[ -z "$missing" ] && exit 0
sudo=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || {
        echo "rill needs these packages; as root: apt-get install$missing" >&2
        exit 1
    }
    sudo=sudo
fi
echo "installing$missing"
$sudo apt-get update -qq &&
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing \
        >/dev/null
