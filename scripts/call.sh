#!/bin/sh
# call.sh SECONDS [VIDEO] [AUDIO]: a signaling server and two clients on loopback, one call
# between them, signaling over TLS with a CA of this call's own. The lines of both are one story on
# this terminal; what each received is in out/.
cd "$(dirname "$0")/.." || exit 2
rill=build/release/rill
seconds=${1:-5}
video=${2:-testsrc}
audio=${3:-sine}
rm -rf out
mkdir -p out
$rill cert --ca out/tls --out out/tls localhost 127.0.0.1 >out/cert.log 2>&1 ||
    { echo "no certificate could be made:"; cat out/cert.log; exit 1; }
$rill serve --tls out/tls/cert.crt,out/tls/cert.key --listen 127.0.0.1:0 --stun-port 0 >out/serve.log 2>&1 &
server=$!
one=
two=
end() {
    trap - EXIT INT TERM
    for pid in $one $two $server; do kill "$pid" 2>/dev/null; done
    wait 2>/dev/null
}
trap 'end; exit 130' INT TERM
trap end EXIT
for _ in $(seq 100); do
    grep -q 'STUN on' out/serve.log 2>/dev/null && break
    sleep 0.1
done
url=$(sed -n 's/^listening on \(https[^ ]*\).*/\1/p' out/serve.log | head -n 1)
stun=$(sed -n 's/^STUN on \([^ ]*\).*/\1/p' out/serve.log | head -n 1)
[ -n "$url" ] || { echo "the signaling server did not start:"; cat out/serve.log; exit 1; }
echo "signaling server at $url, STUN server at $stun"
$rill call --ca out/tls/ca.crt --ice-loopback --name CLIENT1 --as offerer --timeout 30 --stun "stun:$stun" -t "$seconds" \
    -i "$video" -i "$audio" -o out/client1 "$url" &
one=$!
# CLIENT2 comes when the offer is held, as people do.
for _ in $(seq 100); do
    grep -q 'CLIENT1 offered' out/serve.log && break
    kill -0 "$one" 2>/dev/null || break
    sleep 0.1
done
if ! grep -q 'CLIENT1 offered' out/serve.log; then
    echo "the call failed: CLIENT1 made no offer"
    exit 1
fi
$rill call --ca out/tls/ca.crt --ice-loopback --name CLIENT2 --as answerer --timeout 30 --stun "stun:$stun" -t "$seconds" \
    -i "$video" -i "$audio" -o out/client2 "$url" &
two=$!
wait "$one"
code_one=$?
one=
wait "$two"
code_two=$?
two=
if [ $code_one -eq 0 ] && [ $code_two -eq 0 ]; then
    echo
    echo "What each received:"
    ls -l out/client1 out/client2 | awk 'NF > 8 {printf "  %8d  %s\n", $5, $9} /:$/ {print "  " $0}'
    exit 0
fi
echo "the call failed (CLIENT1 exit $code_one, CLIENT2 exit $code_two)"
exit 1
