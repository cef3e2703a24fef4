/* rtp/rtcp: control packets (RFC 3550 §6, feedback RFC 4585 and 5104, REMB, transport-cc).
 *
 * The idea: a compound is walked packet by packet; each is parsed into one struct of views.
 * Building is one call a packet, in the order RFC 3550 §6.1 asks: report first, then SDES.
 */
#ifndef RILL_RTP_RTCP_H
#define RILL_RTP_RTCP_H

#include "rtp/packet.h"

enum rill_rtcp_pt {
    RILL_RTCP_SR = 200,
    RILL_RTCP_RR = 201,
    RILL_RTCP_SDES = 202,
    RILL_RTCP_BYE = 203,
    RILL_RTCP_APP = 204,
    RILL_RTCP_RTPFB = 205,
    RILL_RTCP_PSFB = 206,
    RILL_RTCP_XR = 207,
};

/* The count field of feedback packets (FMT). */
enum rill_rtcp_fmt {
    RILL_RTCP_NACK = 1,  /* RTPFB */
    RILL_RTCP_TWCC = 15, /* RTPFB */
    RILL_RTCP_PLI = 1,   /* PSFB */
    RILL_RTCP_FIR = 4,   /* PSFB */
    RILL_RTCP_AFB = 15,  /* PSFB: REMB */
};

struct rill_rtcp_packet {
    bool padding;
    uint8_t count; /* RC, SC or FMT */
    uint8_t pt;
    size_t offset; /* in the compound */
    struct rill_view whole;
    struct rill_view body; /* after the 4-byte header, without padding */
};

extern const struct rill_field_table rill_rtcp_header_fields;
extern const struct rill_field_table rill_rtcp_report_fields;

/* Start with *at = 0. 1 a packet, 0 the end, < 0 malformed (RFC 3550 §A.2, lengths; reduced-
 * size compounds of RFC 5506 are taken). */
int rill_rtcp_next(struct rill_view compound, size_t *at, struct rill_rtcp_packet *out,
                   struct rill_err *why);

struct rill_rtcp_report_block {
    uint32_t ssrc;
    uint8_t fraction_lost;   /* /256 */
    int32_t cumulative_lost; /* 24-bit signed */
    uint32_t highest_seq;
    uint32_t jitter; /* RTP clock units */
    uint32_t lsr;
    uint32_t dlsr; /* 1/65536 s */
};

struct rill_rtcp_sender_info {
    uint32_t ntp_sec, ntp_frac, rtp_time, packet_count, octet_count;
};

/* SR and RR. Report blocks are read by index < p->count. */
int rill_rtcp_parse_report(const struct rill_rtcp_packet *p, uint32_t *ssrc,
                           struct rill_rtcp_sender_info *info, struct rill_err *why);
bool rill_rtcp_report_block(const struct rill_rtcp_packet *p, size_t index,
                            struct rill_rtcp_report_block *out);

/* SDES: one item after the other; start with *at = 0 and give the same item to each call, it
 * remembers the chunk. 1 an item, 0 the end, < 0 malformed. */
enum rill_rtcp_sdes_type {
    RILL_RTCP_SDES_CNAME = 1,
    RILL_RTCP_SDES_RID = 12,          /* RFC 8852 §3.1 */
    RILL_RTCP_SDES_REPAIRED_RID = 13, /* RFC 8852 §3.2 */
    RILL_RTCP_SDES_MID = 15,          /* RFC 9143 §15.1 */
};
struct rill_rtcp_sdes_item {
    uint32_t ssrc;
    uint8_t type; /* 0: a chunk without items */
    struct rill_view text;
    uint8_t chunk; /* which of the p->count chunks, from 0 */
    bool last;     /* of its chunk */
};
int rill_rtcp_sdes_next(const struct rill_rtcp_packet *p, size_t *at,
                        struct rill_rtcp_sdes_item *out, struct rill_err *why);

/* BYE: sources are p->count × 4 bytes. */
int rill_rtcp_parse_bye(const struct rill_rtcp_packet *p, struct rill_view *sources,
                        struct rill_view *reason, struct rill_err *why);

/* RTPFB and PSFB: sender, media source and the FCI behind them, whose size is right for NACK,
 * PLI and FIR. Errors: RILL_RTCP_FEEDBACK, _NACK_FCI, _PLI_FCI, _FIR_FCI. */
int rill_rtcp_parse_feedback(const struct rill_rtcp_packet *p, uint32_t *sender, uint32_t *media,
                             struct rill_view *fci, struct rill_err *why);

/* Generic NACK FCI: start with *at = 0; gives one lost sequence number after the other. *at
 * counts bits: 17 an entry. */
bool rill_rtcp_nack_next(struct rill_view fci, size_t *at, uint16_t *seq);

struct rill_rtcp_fir_entry {
    uint32_t ssrc;
    uint8_t seq;
};
bool rill_rtcp_fir_next(struct rill_view fci, size_t *at, struct rill_rtcp_fir_entry *out);

/* An application's feedback that begins with "REMB". */
bool rill_rtcp_is_remb(struct rill_view fci);
/* draft-alvestrand-rmcat-remb-03 §2.2. ssrcs: n × 4 bytes. A rate beyond 2^53 is refused.
 * Errors: RILL_RTCP_REMB, _REMB_BITRATE; their offset counts from the FCI. */
int rill_rtcp_parse_remb(struct rill_view fci, uint64_t *bitrate_bps, struct rill_view *ssrcs,
                         struct rill_err *why);

/* At most 255 SSRCs; of a rate the upper 18 bits are told. */
void rill_rtcp_write_remb(struct rill_writer *w, uint32_t sender, uint64_t bitrate_bps,
                          const uint32_t *ssrcs, size_t n);

/* draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1. symbols[i] is 0 not received, 1
 * small, 2 large delta, 3 reserved (received, but no delta); deltas are in 250 µs units, one for
 * each 1 and 2. Fills at most cap of each; *n_deltas counts those filled. Errors:
 * RILL_RTCP_TWCC_SHORT, _CHUNKS, _RUN, _DELTAS; their offset counts from the FCI. */
struct rill_rtcp_twcc {
    uint16_t base_seq;
    uint16_t status_count;
    int32_t reference_time; /* 64 ms units */
    uint8_t fb_count;
};
int rill_rtcp_parse_twcc(struct rill_view fci, struct rill_rtcp_twcc *out, uint8_t *symbols,
                         int16_t *deltas, size_t cap, size_t *n_deltas, struct rill_err *why);

/* Building. More than 31 blocks or a text of more than 255 bytes make the writer bad. An SR or
 * RR is followed by SDES (RFC 3550 §6.1); feedback may come behind, or alone (RFC 5506). */
void rill_rtcp_write_sr(struct rill_writer *w, uint32_t ssrc,
                        const struct rill_rtcp_sender_info *info,
                        const struct rill_rtcp_report_block *blocks, size_t n);
void rill_rtcp_write_rr(struct rill_writer *w, uint32_t ssrc,
                        const struct rill_rtcp_report_block *blocks, size_t n);
/* One chunk a source; a name that is empty is left out. */
struct rill_rtcp_sdes_source {
    uint32_t ssrc;
    struct rill_view cname, rid, repaired_rid, mid;
};
void rill_rtcp_write_sdes(struct rill_writer *w, const struct rill_rtcp_sdes_source *sources,
                          size_t n);
void rill_rtcp_write_sdes_cname(struct rill_writer *w, uint32_t ssrc, struct rill_view cname);
void rill_rtcp_write_bye(struct rill_writer *w, uint32_t ssrc, const char *reason);
/* seqs in ascending order, at least one (else nothing is written); packed into as few PID+BLP pairs
 * as they need. */
void rill_rtcp_write_nack(struct rill_writer *w, uint32_t sender, uint32_t media,
                          const uint16_t *seqs, size_t n);
void rill_rtcp_write_pli(struct rill_writer *w, uint32_t sender, uint32_t media);
/* media: whose encoder is asked; it goes into the entry, the header's field is 0. seq: one more
 * for each new request, the same when one is repeated. */
void rill_rtcp_write_fir(struct rill_writer *w, uint32_t sender, uint32_t media, uint8_t seq);

#endif
