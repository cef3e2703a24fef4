#!/bin/sh
# run.sh BENCH: the table of all cases, and from its data pictures: for each controller one of RFC
# 8867's cases and one of the others.
bench=$1
out=out/bench-media
mkdir -p $out || exit 1
"$bench" --data $out >$out/table.txt || exit 1
plot() { # CONTROLLER NAME CASES
    gnuplot -e "dir='$out'; by='$1'; cases='$3'; out='$out/$1-$2.png'" bench/media/plot.gp
}
rfc=$("$bench" --list | awk '/^5/ {print $1}' | tr '\n' ' ')
others=$("$bench" --list | awk '!/^5/ {print $1}' | tr '\n' ' ')
for by in gcc nada; do
    plot $by rfc8867 "$rfc" && plot $by loss "$others" || exit 1
done
cat $out/table.txt
