/* decode rtcp: a compound, one JSON object a packet (RFC 3550 §6, RFC 4585, RFC 5104, REMB,
 * transport-wide feedback).
 *
 * The idea: one function a packet type adds its own keys; a packet that is malformed inside
 * refuses the whole compound. */
#include "apps/app.h"
#include "rtp/rtcp.h"

#include <stdlib.h>

#define STATUS_MAX 65535
/* Twenty bytes can claim 65535 packets: no more than this many symbols are listed. */
#define LISTED_MAX ((size_t)1 << 20)

/* What lives as long as one call. */
struct job {
    struct rill_view in;
    struct rill_err *why;
    size_t listed;    /* symbols so far */
    json_t *digit[4]; /* one JSON integer a symbol, shared by all places it occurs in */
    uint8_t symbols[STATUS_MAX];
    int16_t deltas[STATUS_MAX];
};

static void set_number(json_t *out, const char *key, int64_t value)
{
    json_object_set_new(out, key, json_integer(value));
}

static json_t *number_list(struct rill_view words)
{
    json_t *list = json_array();
    struct rill_reader r = rill_reader_of(words);
    while (rill_r_left(&r))
        json_array_append_new(list, json_integer(rill_r_u32(&r)));
    return list;
}

/* --- reports, descriptions, goodbyes ------------------------------------------------------ */

static json_t *report_block(const struct rill_rtcp_report_block *b)
{
    json_t *out = json_object();
    set_number(out, "ssrc", b->ssrc);
    set_number(out, "fraction_lost", b->fraction_lost);
    set_number(out, "cumulative_lost", b->cumulative_lost);
    set_number(out, "highest_seq", b->highest_seq);
    set_number(out, "jitter", b->jitter);
    set_number(out, "lsr", b->lsr);
    set_number(out, "dlsr", b->dlsr);
    return out;
}

static int report(struct job *job, const struct rill_rtcp_packet *p, json_t *out)
{
    struct rill_rtcp_sender_info info;
    struct rill_rtcp_report_block block;
    uint32_t ssrc;
    int rc = rill_rtcp_parse_report(p, &ssrc, &info, job->why);
    if (rc < 0)
        return rc;
    set_number(out, "ssrc", ssrc);
    if (p->pt == RILL_RTCP_SR) {
        set_number(out, "ntp_sec", info.ntp_sec);
        set_number(out, "ntp_frac", info.ntp_frac);
        set_number(out, "rtp_time", info.rtp_time);
        set_number(out, "packet_count", info.packet_count);
        set_number(out, "octet_count", info.octet_count);
    }
    json_t *reports = json_array();
    for (size_t i = 0; rill_rtcp_report_block(p, i, &block); i++)
        json_array_append_new(reports, report_block(&block));
    json_object_set_new(out, "reports", reports);
    return 0;
}

static int sdes(struct job *job, const struct rill_rtcp_packet *p, json_t *out)
{
    struct rill_rtcp_sdes_item item;
    json_t *chunks = json_array();
    json_t *items = NULL;
    int rc;
    json_object_set_new(out, "chunks", chunks);
    for (size_t at = 0; (rc = rill_rtcp_sdes_next(p, &at, &item, job->why)) > 0;) {
        if (json_array_size(chunks) <= item.chunk) {
            json_t *chunk = json_object();
            items = json_array();
            set_number(chunk, "ssrc", item.ssrc);
            json_object_set_new(chunk, "items", items);
            json_array_append_new(chunks, chunk);
        }
        if (item.type == 0)
            continue;
        json_t *entry = json_object();
        set_number(entry, "type", item.type);
        json_object_set_new(entry, "text", rill_app_json_text(item.text));
        json_array_append_new(items, entry);
    }
    return rc;
}

static int bye(struct job *job, const struct rill_rtcp_packet *p, json_t *out)
{
    struct rill_view sources, reason;
    int rc = rill_rtcp_parse_bye(p, &sources, &reason, job->why);
    if (rc < 0)
        return rc;
    json_object_set_new(out, "sources", number_list(sources));
    json_object_set_new(out, "reason", reason.n ? rill_app_json_text(reason) : json_null());
    return 0;
}

/* --- feedback ----------------------------------------------------------------------------- */

static int nack(struct rill_view fci, json_t *out)
{
    json_t *lost = json_array();
    uint16_t seq;
    for (size_t at = 0; rill_rtcp_nack_next(fci, &at, &seq);)
        json_array_append_new(lost, json_integer(seq));
    json_object_set_new(out, "lost", lost);
    return 0;
}

static int fir(struct rill_view fci, json_t *out)
{
    json_t *entries = json_array();
    struct rill_rtcp_fir_entry entry;
    for (size_t at = 0; rill_rtcp_fir_next(fci, &at, &entry);) {
        json_t *o = json_object();
        set_number(o, "ssrc", entry.ssrc);
        set_number(o, "seq", entry.seq);
        json_array_append_new(entries, o);
    }
    json_object_set_new(out, "entries", entries);
    return 0;
}

static int remb(struct job *job, struct rill_view fci, json_t *out)
{
    uint64_t bitrate;
    struct rill_view ssrcs;
    int rc = rill_rtcp_parse_remb(fci, &bitrate, &ssrcs, job->why);
    if (rc < 0)
        return rc;
    set_number(out, "bitrate", (int64_t)bitrate);
    json_object_set_new(out, "ssrcs", number_list(ssrcs));
    return 0;
}

static int twcc(struct job *job, struct rill_view fci, json_t *out)
{
    struct rill_rtcp_twcc t;
    size_t n_deltas;
    int rc =
        rill_rtcp_parse_twcc(fci, &t, job->symbols, job->deltas, STATUS_MAX, &n_deltas, job->why);
    if (rc < 0)
        return rc;
    set_number(out, "base_seq", t.base_seq);
    set_number(out, "status_count", t.status_count);
    set_number(out, "reference_time", t.reference_time);
    set_number(out, "fb_count", t.fb_count);
    json_t *symbols = json_array();
    json_t *deltas = json_array();
    size_t left = LISTED_MAX - job->listed;
    size_t listed = t.status_count < left ? t.status_count : left;
    for (size_t i = 0; i < listed; i++)
        json_array_append(symbols, job->digit[job->symbols[i]]);
    for (size_t i = 0; i < n_deltas; i++)
        json_array_append_new(deltas, json_integer(job->deltas[i] * 250));
    job->listed += listed;
    json_object_set_new(out, "symbols", symbols);
    json_object_set_new(out, "deltas_us", deltas);
    if (listed < t.status_count)
        set_number(out, "symbols_left_off", (int64_t)(t.status_count - listed));
    return 0;
}

/* Which of the feedback messages it is; NULL: none that is known. */
static const char *feedback_type(const struct rill_rtcp_packet *p, struct rill_view fci)
{
    if (p->pt == RILL_RTCP_RTPFB)
        return p->count == RILL_RTCP_NACK ? "NACK" : p->count == RILL_RTCP_TWCC ? "TWCC" : NULL;
    if (p->count == RILL_RTCP_AFB && rill_rtcp_is_remb(fci))
        return "REMB";
    return p->count == RILL_RTCP_PLI ? "PLI" : p->count == RILL_RTCP_FIR ? "FIR" : NULL;
}

static int feedback_body(struct job *job, const struct rill_rtcp_packet *p, struct rill_view fci,
                         json_t *out)
{
    if (p->pt == RILL_RTCP_RTPFB && p->count == RILL_RTCP_NACK)
        return nack(fci, out);
    if (p->pt == RILL_RTCP_RTPFB && p->count == RILL_RTCP_TWCC)
        return twcc(job, fci, out);
    if (p->pt == RILL_RTCP_PSFB && p->count == RILL_RTCP_FIR)
        return fir(fci, out);
    if (p->pt == RILL_RTCP_PSFB && p->count == RILL_RTCP_AFB && rill_rtcp_is_remb(fci))
        return remb(job, fci, out);
    if (fci.n)
        json_object_set_new(out, "fci", rill_app_json_hex(fci));
    return 0;
}

static int feedback(struct job *job, const struct rill_rtcp_packet *p, json_t *out)
{
    uint32_t sender, media;
    struct rill_view fci;
    int rc = rill_rtcp_parse_feedback(p, &sender, &media, &fci, job->why);
    if (rc < 0)
        return rc;
    const char *type = feedback_type(p, fci);
    if (type)
        json_object_set_new(out, "type", json_string(type));
    set_number(out, "sender", sender);
    set_number(out, "media", media);
    rc = feedback_body(job, p, fci, out);
    /* Their offsets count from the FCI. */
    if (rc < 0)
        job->why->offset += (size_t)(fci.p - job->in.p);
    return rc;
}

/* --- the compound --------------------------------------------------------------------------- */

static const char *type_name(uint8_t pt)
{
    static const char *const names[] = {"SR", "RR", "SDES", "BYE", "APP", "RTPFB", "PSFB", "XR"};
    return pt >= RILL_RTCP_SR && pt <= RILL_RTCP_XR ? names[pt - RILL_RTCP_SR] : "unknown";
}

static int one_packet(struct job *job, const struct rill_rtcp_packet *p, json_t *out)
{
    set_number(out, "pt", p->pt);
    set_number(out, "count", p->count);
    set_number(out, "bytes", (int64_t)p->whole.n);
    json_object_set_new(out, "type", json_string(type_name(p->pt)));
    json_object_set_new(out, "padding", json_boolean(p->padding));
    switch (p->pt) {
    case RILL_RTCP_SR:
    case RILL_RTCP_RR:
        return report(job, p, out);
    case RILL_RTCP_SDES:
        return sdes(job, p, out);
    case RILL_RTCP_BYE:
        return bye(job, p, out);
    case RILL_RTCP_RTPFB:
    case RILL_RTCP_PSFB:
        return feedback(job, p, out);
    default:
        /* RFC 3550 §6.1: "An implementation SHOULD ignore incoming RTCP packets with types
         * unknown to it." */
        json_object_set_new(out, "body", rill_app_json_hex(p->body));
        return 0;
    }
}

static int compound(struct job *job, json_t *out)
{
    struct rill_rtcp_packet p;
    json_t *packets = json_array();
    int rc;
    json_object_set_new(out, "packets", packets);
    for (size_t at = 0; (rc = rill_rtcp_next(job->in, &at, &p, job->why)) > 0;) {
        json_t *packet = json_object();
        json_array_append_new(packets, packet);
        rc = one_packet(job, &p, packet);
        if (rc < 0)
            break;
    }
    return rc;
}

int rill_decode_rtcp(const struct rill_decode_args *args, struct rill_view in, json_t *out,
                     struct rill_err *why)
{
    (void)args;
    struct job *job = calloc(1, sizeof *job);
    if (!job)
        return -1;
    job->in = in;
    job->why = why;
    for (int i = 0; i < 4; i++)
        job->digit[i] = json_integer(i);
    int rc = compound(job, out);
    for (int i = 0; i < 4; i++)
        json_decref(job->digit[i]);
    free(job);
    return rc;
}
