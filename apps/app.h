/* apps/app: what the subcommands share. One file a subcommand; main.c has the table. */
#ifndef RILL_APPS_APP_H
#define RILL_APPS_APP_H

#include "base/err.h"

#include <jansson.h>
#include <stdio.h>

struct option;

#define RILL_VERSION "0.1"

/* Exit codes. */
enum {
    RILL_EXIT_DONE = 0,
    RILL_EXIT_FAILED = 1,
    RILL_EXIT_USAGE = 2,
};

struct rill_command {
    const char *name;
    const char *sentence;
    int (*run)(int argc, char **argv); /* argv[0] is the subcommand's name */
};

int rill_app_serve(int argc, char **argv);
int rill_app_call(int argc, char **argv);
int rill_app_decode(int argc, char **argv);
int rill_app_sdp(int argc, char **argv);
int rill_app_stun(int argc, char **argv);
int rill_app_nat(int argc, char **argv);
int rill_app_gather(int argc, char **argv);
int rill_app_cert(int argc, char **argv);
int rill_app_devices(int argc, char **argv);
int rill_app_replay(int argc, char **argv);
int rill_app_trace(int argc, char **argv);

/* The next option, as getopt_long() gives it; -1 behind the last. --help, and what getopt refuses,
 * are answered here and end it too. *status: how the program ends then; -1: it goes on. */
int rill_app_option(int argc, char **argv, const char *letters, const struct option *options,
                    void (*usage)(FILE *out), int *status);

/* The sentence of any room's code. */
const struct rill_err_row *rill_app_err_row(int code);
/* The row's sentence, and the system's own words for an errno in it. */
void rill_app_err_write(struct rill_writer *w, const struct rill_err *why);
/* "name (clause): sentence" to standard error behind "rill: ". */
void rill_app_complain(const char *what, const struct rill_err *why);

/* A JSON string of bytes that may not be UTF-8: what is not is replaced by U+FFFD. */
json_t *rill_app_json_text(struct rill_view v);
json_t *rill_app_json_hex(struct rill_view v);
/* A 64-bit value as lower-case hex, 16 digits. */
json_t *rill_app_json_hex64(uint64_t v);

/* `rill decode`: one file a module, apps/decode_<module>.c. */
struct rill_decode_args {
    struct rill_view key;      /* --key or --password, p NULL when neither */
    struct rill_view username; /* --username: the password is a long-term one; p NULL without */
    /* Of srtp. */
    struct rill_view profile, master_key, master_salt;
    bool rtcp;
    bool fields; /* --fields: the tree too */
};
/* The tree of fields of a module's input, an array; NULL for a module that has none. */
json_t *rill_decode_fields(const char *module, struct rill_view in);
/* Fills out (an object) and returns 0, or < 0 with why filled. */
typedef int rill_decode_run(const struct rill_decode_args *args, struct rill_view in, json_t *out,
                            struct rill_err *why);

rill_decode_run rill_decode_stun, rill_decode_turn, rill_decode_dns, rill_decode_ice,
    rill_decode_sdp, rill_decode_sdp_attr, rill_decode_rtp, rill_decode_rtcp, rill_decode_vp8,
    rill_decode_vp9, rill_decode_h264, rill_decode_av1, rill_decode_opus, rill_decode_srtp,
    rill_decode_dtls, rill_decode_demux, rill_decode_media;

#endif
