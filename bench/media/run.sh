#!/bin/sh
# run.sh BENCH: the table of all cases, and from its data a picture for each controller.
bench=$1
out=out/bench-media
mkdir -p $out || exit 1
cases=$("$bench" --list | awk '{print $1}' | tr '\n' ' ')
"$bench" --data $out >$out/table.txt || exit 1
for by in gcc nada; do
    gnuplot -e "dir='$out'; by='$by'; cases='$cases'; out='$out/$by.png'" bench/media/plot.gp || exit 1
done
cat $out/table.txt
