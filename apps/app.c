/* app: options, error sentences and JSON values that every subcommand uses. */
#include "apps/app.h"

#include "base/utf8.h"
#include "capture/errors.h"
#include "codec/errors.h"
#include "dissect/errors.h"
#include "dtls/errors.h"
#include "ice/errors.h"
#include "mdns/errors.h"
#include "media/errors.h"
#include "peer/errors.h"
#include "reactor/errors.h"
#include "rtp/errors.h"
#include "sdp/errors.h"
#include "signaling/errors.h"
#include "srtp/errors.h"
#include "stun/errors.h"
#include "trace/errors.h"
#include "turn/errors.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct rill_err_row *rill_app_err_row(int code)
{
    static const struct rill_err_table *const tables[] = {
        &rill_stun_errors,    &rill_ice_errors,     &rill_dtls_errors,  &rill_srtp_errors,
        &rill_sdp_errors,     &rill_rtp_errors,     &rill_peer_errors,  &rill_signaling_errors,
        &rill_reactor_errors, &rill_capture_errors, &rill_codec_errors, &rill_media_errors,
        &rill_turn_errors,    &rill_mdns_errors,    &rill_trace_errors, &rill_dissect_errors,
    };
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        const struct rill_err_row *row = rill_err_find(tables[i], code);
        if (row)
            return row;
    }
    return NULL;
}

void rill_app_err_write(struct rill_writer *w, const struct rill_err *why)
{
    rill_err_write(w, why);
    if (!why->row || !strstr(why->row->sentence, "errno {}"))
        return;
    rill_w_str(w, ": ");
    rill_w_str(w, strerror((int)why->value));
}

void rill_app_complain(const char *what, const struct rill_err *why)
{
    char text[512];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
    if (!why || !why->row) {
        fprintf(stderr, "rill: %s\n", what);
        return;
    }
    rill_app_err_write(&w, why);
    rill_w_end_text(&w);
    fprintf(stderr, "rill: %s: %s (%s, %s)\n", what, text, why->row->name, why->row->clause);
}

json_t *rill_app_json_text(struct rill_view v)
{
    char *text = malloc(v.n * 3 + 1);
    size_t at = 0;
    if (!text)
        return NULL;
    for (size_t i = 0; i < v.n;) {
        size_t n = rill_utf8_sequence(rill_view_at(v.p + i, v.n - i));
        memcpy(text + at, n ? (const char *)v.p + i : "\xef\xbf\xbd", n ? n : 3);
        at += n ? n : 3;
        i += n ? n : 1;
    }
    json_t *out = json_stringn(text, at);
    free(text);
    return out;
}

json_t *rill_app_json_hex(struct rill_view v)
{
    char *text = malloc(v.n * 2 + 1);
    if (!text)
        return NULL;
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, v.n * 2 + 1});
    rill_w_hex(&w, v);
    json_t *out = json_stringn(text, w.at);
    free(text);
    return out;
}

json_t *rill_app_json_hex64(uint64_t value)
{
    uint8_t b[8];
    struct rill_writer w = rill_writer_of((struct rill_span){b, sizeof b});
    rill_w_u64(&w, value);
    return rill_app_json_hex(rill_view_at(b, sizeof b));
}

int rill_app_option(int argc, char **argv, const char *letters, const struct option *options,
                    void (*usage)(FILE *out), int *status)
{
    int c = getopt_long(argc, argv, letters, options, NULL);
    *status = c == 'h' ? RILL_EXIT_DONE : c == '?' ? RILL_EXIT_USAGE : -1;
    if (*status == -1)
        return c;
    usage(c == 'h' ? stdout : stderr);
    return -1;
}
