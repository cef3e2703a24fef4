#!/bin/sh
# purity.sh BUILD: what the core calls from outside itself. `nm -u` of the rooms of floors 1-3
# and of peer/ and dissect/ against an allow-list: no clock, socket, malloc, printf or random call.
build=$1
core='base stun turn mdns ice dtls srtp sdp rtp trace peer dissect'
libc='mem(cpy|move|set|cmp|chr)|str(len|cmp|ncmp|chr)|bcmp|qsort|bsearch|abort|__assert_fail|__stack_chk_fail'
libc="$libc|__(memcpy|memmove|memset|strcpy|strcat)_chk|_GLOBAL_OFFSET_TABLE_"
failed=0
checked=0
for room in $core; do
    case $room in
    base) extra='mbedtls_(md5|sha1|sha256)_[a-z_]*' ;;
    dtls) extra='mbedtls_[a-z0-9_]*' ;;
    srtp) extra='srtp_[a-z0-9_]*' ;;
    *) extra='-' ;;
    esac
    [ -f "$build/$room.a" ] || { echo "purity: $build/$room.a is missing"; exit 1; }
    names=$(nm -u "$build/$room.a" 2>/dev/null | awk '$1 == "U" {print $2}' | sort -u)
    checked=$((checked + $(echo "$names" | wc -w)))
    for name in $(echo "$names" | grep -vE "^(rill_[a-z0-9_]*|$libc|$extra)$"); do
        echo "purity: $room calls $name"
        failed=$((failed + 1))
    done
    # Mutable globals: data and bss of the core are empty. (Constant tables that hold addresses
    # lie in .data.rel.ro until the loader has filled them in.)
    for name in $(nm -f sysv --defined-only "$build/$room.a" 2>/dev/null | awk -F '|' '
        {gsub(/ /, "", $1); gsub(/ /, "", $3); gsub(/ /, "", $7)}
        $3 ~ /^[dDbBC]$/ && $7 !~ /^\.data\.rel\.ro/ && $1 !~ /^__odr_asan/ {print $1}'); do
        echo "purity: $room has the mutable global $name"
        failed=$((failed + 1))
    done
    # Names: everything external begins with rill_.
    for name in $(nm -g --defined-only "$build/$room.a" 2>/dev/null | awk 'NF == 3 {print $3}' | grep -v '^rill_'); do
        echo "purity: $room gives the external name $name"
        failed=$((failed + 1))
    done
done
echo "purity: $checked outside names read, $failed not allowed"
[ "$failed" -eq 0 ] && [ "$checked" -gt 0 ]
