# plot.gp: what bench/media measured, a row a case: rates under the capacity, and delays.
# Variables: dir, by (controller), cases (their names), out (a PNG).
rows = words(cases)
set terminal pngcairo size 1500, 230 * rows + 40 noenhanced font "DejaVu Sans,9"
set output out
set multiplot layout rows, 2 columnsfirst downwards title sprintf("calls under %s", by)
set key outside right top samplen 1
set xlabel "s" offset 0, 0.8
array colours[6] = ["#2060a0", "#d08020", "#309060", "#a04080", "#808020", "#808080"]
some(v) = v > 0 ? v : NaN
# Columns: s, capacity, cross, then rate, target, wait, frame of each stream.
do for [i = 1:rows] {
    name = word(cases, i)
    file = sprintf("%s/%s-%s.tsv", dir, name, by)
    stats file using 1 nooutput
    streams = (int(STATS_columns) - 3) / 4
    end = STATS_max
    stats file using 3 nooutput
    tcp = STATS_max > 0 ? 1 : 0
    set title sprintf("%s: rate, kbit/s", name)
    set xrange [0:end]
    set yrange [0:*]
    plot file using 1:2 with steps lw 2 lc rgb "black" title "capacity", \
        for [t = 1:tcp] file using 1:3 with lines lc rgb "#bbbbbb" title "TCP", \
        for [k = 0:streams - 1] file using 1:4 + 4 * k with lines lc rgb colours[k + 1] title sprintf("call %d", k + 1)
}
do for [i = 1:rows] {
    name = word(cases, i)
    file = sprintf("%s/%s-%s.tsv", dir, name, by)
    stats file using 1 nooutput
    streams = (int(STATS_columns) - 3) / 4
    set title sprintf("%s: ms in the queue, and (dots) from a picture's making to its showing", name)
    set xrange [0:STATS_max]
    set yrange [0:1000]
    plot for [k = 0:streams - 1] file using 1:6 + 4 * k with lines lc rgb colours[k + 1] title sprintf("call %d", k + 1), \
        for [k = 0:streams - 1] file using 1:(some(column(7 + 4 * k))) with points pt 7 ps 0.2 lc rgb colours[k + 1] notitle
}
unset multiplot
