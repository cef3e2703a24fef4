/* replay: `rill replay`: runs a recorded call again, and says where it first differs. */
#include "apps/replay.h"

#include "apps/app.h"
#include "srtp/srtp.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Of a record that differs, around the place where it does. */
#define BEFORE 120
#define AROUND 400

static void usage(FILE *out)
{
    fputs("usage: rill replay FILE\n\n"
          "Runs a call again that was kept with --trace FILE --trace-secrets: the same verbs on a\n"
          "fresh peer connection, with the same entropy, at the same times. Each datagram that\n"
          "leaves and each event must be the recorded one, bit for bit.\n\n"
          "Exit status: 0 no difference, 1 a difference, 2 the file cannot be run again.\n\n"
          "example: rill replay call.sqlog\n",
          out);
}

/* Where two records first differ. */
static size_t parting(const struct replay *r)
{
    size_t n = 0;
    while (r->recorded && r->replayed && r->recorded[n] && r->recorded[n] == r->replayed[n])
        n++;
    return n;
}

static void show_side(const char *side, const char *text, size_t parts_at)
{
    size_t from = parts_at > BEFORE ? parts_at - BEFORE : 0;
    if (!text)
        printf("  %s  (nothing)\n", side);
    else
        printf("  %s  %s%.*s%s\n", side, from ? "…" : "", AROUND, text + from,
               strlen(text + from) > AROUND ? "…" : "");
}

static int tell(const struct replay *r)
{
    if (r->state == REPLAY_DIFFERS) {
        printf("replayed %llu inputs, %llu outputs, then a difference at record %llu, %.3f ms: "
               "%s\n",
               (unsigned long long)r->inputs, (unsigned long long)r->outputs,
               (unsigned long long)r->number, (double)r->time / 1000, r->sentence);
        if (r->recorded || r->replayed) {
            size_t at = parting(r);
            show_side("recorded", r->recorded, at);
            show_side("replayed", r->replayed, at);
        }
        return RILL_EXIT_FAILED;
    }
    printf("replayed %llu inputs, %llu outputs: no difference%s\n", (unsigned long long)r->inputs,
           (unsigned long long)r->outputs,
           r->is_whole ? "" : "; the trace ends early, and its last verb was left out");
    return RILL_EXIT_DONE;
}

static int refuse(const char *path, const char *sentence, uint64_t number)
{
    if (number)
        fprintf(stderr, "rill replay: %s: record %llu: %s\n", path, (unsigned long long)number,
                sentence);
    else
        fprintf(stderr, "rill replay: %s: %s\n", path, sentence);
    return RILL_EXIT_USAGE;
}

/* False: a record is none, which was told. */
static bool take_all(struct replay *r, struct rill_trace_reader *reader, const char *path)
{
    struct rill_trace_record record;
    struct rill_err why = {0};
    int rc;
    while ((rc = rill_trace_reader_next(reader, &record, &why)) > 0)
        replay_take(r, &record);
    if (rc == 0)
        return true;
    char text[256];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
    rill_err_write(&w, &why);
    rill_w_end_text(&w);
    refuse(path, text, why.offset);
    return false;
}

static int run(struct replay *r, struct rill_trace_reader *reader, const char *path, int fd)
{
    long n = 1;
    while (r->state == REPLAY_GOES_ON && (n = rill_trace_reader_fill(reader, fd)) > 0)
        if (!take_all(r, reader, path))
            return RILL_EXIT_USAGE;
    if (n < 0)
        return refuse(path, strerror(errno), 0);
    replay_end(r);
    if (r->state == REPLAY_REFUSED)
        return refuse(path, r->sentence, r->number);
    if (n == 0 && rill_trace_reader_offset(reader) == 0)
        return refuse(path, "there is no record in it", 0);
    if (!r->has_inputs)
        return refuse(path, "it has no inputs to be run again: it was made without --trace-secrets",
                      0);
    return tell(r);
}

int rill_app_replay(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {0}};
    static struct replay r;
    int option = getopt_long(argc, argv, "h", options, NULL);
    if (option == 'h') {
        usage(stdout);
        return RILL_EXIT_DONE;
    }
    if (option != -1 || argc - optind != 1) {
        usage(stderr);
        return RILL_EXIT_USAGE;
    }
    const char *path = argv[optind];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return refuse(path, strerror(errno), 0);
    struct rill_trace_reader *reader = rill_trace_reader_new();
    int status = RILL_EXIT_FAILED;
    if (rill_srtp_global_init() < 0 || !reader || !replay_begin(&r))
        fputs("rill replay: there is no memory, or libsrtp2 did not start\n", stderr);
    else
        status = run(&r, reader, path, fd);
    replay_free(&r);
    rill_srtp_global_free();
    rill_trace_reader_free(reader);
    close(fd);
    return status;
}
