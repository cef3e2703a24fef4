/* media_bench: calls over bad networks, in virtual time: a table, and data to plot.
 *
 *   media_bench [--case NAME] [--controller gcc|nada] [--seed N] [--seeds N] [--data DIR] [--list]
 *
 * Without arguments it runs all cases with both controllers. --case takes a name, or the beginning
 * of names that ends in "*"; --seeds: so many runs of each, from --seed on. The last line says how
 * many met what is asked of them. */
#include "bench/media/cases.h"
#include "srtp/srtp.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    const char *name, *controller, *data;
    uint64_t seed, seeds;
    bool list;
};

static const char *const controllers[] = {"gcc", "nada"};

static bool read_options(int argc, char **argv, struct options *o)
{
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--list") == 0) {
            o->list = true;
            continue;
        }
        if (!value)
            return false;
        if (strcmp(argv[i], "--case") == 0)
            o->name = value;
        else if (strcmp(argv[i], "--controller") == 0)
            o->controller = value;
        else if (strcmp(argv[i], "--data") == 0)
            o->data = value;
        else if (strcmp(argv[i], "--seed") == 0)
            o->seed = strtoull(value, NULL, 10);
        else if (strcmp(argv[i], "--seeds") == 0)
            o->seeds = strtoull(value, NULL, 10);
        else
            return false;
        i++;
    }
    return true;
}

static bool is_chosen(const char *wanted, const char *name)
{
    size_t n = wanted ? strlen(wanted) : 0;
    if (n && wanted[n - 1] == '*')
        return strncmp(wanted, name, n - 1) == 0;
    return !wanted || strcmp(wanted, name) == 0;
}

/* --- the table -------------------------------------------------------------------------------- */

static void print_head(void)
{
    printf("%-12s %-5s %6s %10s %7s %7s %8s %8s %7s %5s %6s %11s %6s %6s %11s  %s\n", "case", "by",
           "used", "queue ms", "drop s", "rise s", "in time", "p95 ms", "frozen", "fps", "again",
           "sound lost", "spread", "share", "kbit/s", "target");
    printf("%-12s %-5s %6s %10s %7s %7s %8s %8s %7s %5s %6s %11s %6s %6s %11s\n", "", "", "%",
           "p50/p95", "", "", "% 400ms", "of frame", "%", "", "%", "% plc/fec", "", "",
           "media/TCP");
}

static const char *seconds(double s, char text[16])
{
    if (s < 0)
        return "-";
    if (isinf(s))
        return "never";
    snprintf(text, 16, "%.1f", s);
    return text;
}

static void print_row(const struct bench_case *c, const char *by, const struct rill_sim_figures *f)
{
    char drop[16], rise[16], p95[16], waits[24], lost[24], rates[24];
    const char *missed = bench_missed(&c->wants, f);
    snprintf(p95, sizeof p95, isinf(f->frame_p95) ? "never" : "%.0f", f->frame_p95);
    snprintf(waits, sizeof waits, "%.0f/%.0f", f->waited_p50, f->waited_p95);
    snprintf(lost, sizeof lost, "%.1f/%.1f", 100 * f->concealed, 100 * f->rebuilt);
    snprintf(rates, sizeof rates, "%.0f/%.0f", f->media_bps / 1000, f->cross_bps / 1000);
    printf(
        "%-12s %-5s %6.1f %10s %7s %7s %8.2f %8s %7.2f %5.1f %6.1f %11s %6.2f %6.2f %11s  %s%s\n",
        c->name, by, 100 * f->used, waits, seconds(f->after_drop, drop),
        seconds(f->after_rise, rise), 100 * f->in_time, p95, 100 * f->frozen, f->fps,
        100 * f->resent, lost, f->spread, f->share, rates, missed ? "missed: " : "met",
        missed ? missed : "");
    fflush(stdout);
}

/* --- the data: a line each 100 ms ----------------------------------------------------------- */

static void write_data(const struct rill_sim_path *p, const char *dir, const char *by)
{
    char name[512];
    snprintf(name, sizeof name, "%s/%s-%s.tsv", dir, p->scenario.name, by);
    FILE *out = fopen(name, "w");
    if (!out) {
        perror(name);
        return;
    }
    fprintf(out, "# s capacity cross");
    for (size_t i = 0; i < p->n_streams; i++)
        fprintf(out, " rate target wait frame");
    fprintf(out, "\n# kbit/s, ms; wait: the longest in the queue; frame: the slowest picture\n");
    for (size_t b = 0; b + 1 < p->n_bins; b++) {
        int64_t at = (int64_t)b * RILL_SIM_BIN;
        fprintf(out, "%.1f %.0f %.0f", (double)at / 1e6,
                (double)rill_sim_bottleneck_bps(&p->bottlenecks[0], at) / 1000,
                (double)p->cross_bins[b] * 8 / 100);
        for (size_t i = 0; i < p->n_streams; i++) {
            const struct rill_sim_bin *x = &p->streams[i].bins[b];
            fprintf(out, " %.0f %.0f %.1f %.1f", (double)x->bytes * 8 / 100,
                    (double)x->target / 1000, (double)x->waited / 1000, (double)x->slowest / 1000);
        }
        fprintf(out, "\n");
    }
    fclose(out);
}

static bool run(const struct bench_case *c, const struct options *o, size_t by, uint64_t seed)
{
    struct rill_sim_scenario s = c->scenario;
    struct rill_sim_figures f;
    s.seed = seed;
    s.controller = by ? RILL_PEER_CONGESTION_NADA : RILL_PEER_CONGESTION_GCC;
    struct rill_sim_path *p = rill_sim_path_new(&s);
    bool whole = rill_sim_path_run(p);
    if (!whole)
        printf("%-12s %-5s gave up at %.1f s\n", c->name, controllers[by], (double)p->now / 1e6);
    rill_sim_figures_read(p, &f);
    if (whole)
        print_row(c, controllers[by], &f);
    if (o->data)
        write_data(p, o->data, controllers[by]);
    rill_sim_path_free(p);
    return whole && !bench_missed(&c->wants, &f);
}

int main(int argc, char **argv)
{
    static struct bench_case cases[BENCH_CASES_MAX];
    struct options o = {.seed = 1, .seeds = 1};
    size_t n = bench_cases(cases), met = 0, all = 0;
    if (!read_options(argc, argv, &o)) {
        fprintf(stderr, "media_bench [--case NAME] [--controller gcc|nada] [--seed N] [--seeds N]"
                        " [--data DIR] [--list]\n");
        return 2;
    }
    for (size_t i = 0; o.list && i < n; i++)
        printf("%-12s %s\n", cases[i].name, cases[i].what);
    if (o.list)
        return 0;
    rill_srtp_global_init();
    print_head();
    for (size_t i = 0; i < n; i++)
        for (size_t by = 0; by < 2; by++) {
            if (!is_chosen(o.name, cases[i].name) || !is_chosen(o.controller, controllers[by]))
                continue;
            for (uint64_t k = 0; k < o.seeds; k++, all++)
                met += run(&cases[i], &o, by, o.seed + k);
        }
    printf("media: %zu of %zu cases met their target: %.2f\n", met, all,
           all ? (double)met / (double)all : 0);
    rill_sim_certs_free();
    rill_srtp_global_free();
    return 0;
}
