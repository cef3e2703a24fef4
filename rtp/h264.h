/* rtp/h264: the H.264 payload format (RFC 6184), without interleaving: packetization modes 0 and 1.
 *
 * The idea: a frame is an access unit in Annex B form, NAL units behind start codes. A payload is
 * one NAL unit, several (STAP-A), or a piece of one (FU-A); which, its first octet tells.
 *
 *      0 1 2 3 4 5 6 7
 *     |F|NRI|  Type   |    1 to 23: this is a NAL unit; 24: STAP-A; 28: FU-A
 *     |S|E|R|  Type   |    FU-A: first, last, and the NAL unit's own type
 *     | size 16 | NAL |    STAP-A: again and again
 */
#ifndef RILL_RTP_H264_H
#define RILL_RTP_H264_H

#include "base/bytes.h"
#include "base/field.h"
#include "rtp/errors.h"

/* ITU-T H.264 Table 7-1. */
enum rill_h264_nal {
    RILL_H264_SLICE = 1,
    RILL_H264_IDR = 5,
    RILL_H264_SEI = 6,
    RILL_H264_SPS = 7,
    RILL_H264_PPS = 8,
    RILL_H264_AUD = 9,
    RILL_H264_STAP_A = 24,
    RILL_H264_FU_A = 28,
};

struct rill_h264_payload {
    bool F;
    uint8_t NRI;
    uint8_t type;     /* of the packet: a NAL unit's own, RILL_H264_STAP_A or _FU_A */
    uint8_t nal_type; /* of the NAL unit, or of a STAP-A's first */
    bool S, E;        /* of FU-A */
    bool start;       /* an access unit may begin here */
    unsigned parts;   /* enum rill_annexb_part: what of its access unit is here, or begins here */
    bool keyframe;    /* which shows already that it needs no other */
    struct rill_view units; /* STAP-A: for rill_h264_unit_next() */
};

extern const struct rill_field_table rill_h264_fields;
/* ITU-T H.264 Table 7-1 and RFC 6184 Table 1; NULL for a type that has no name. */
const char *rill_h264_nal_name(uint64_t type);

/* Errors: RILL_H264_*. */
int rill_h264_parse(struct rill_view payload, struct rill_h264_payload *out, struct rill_err *why);
/* The NAL units of a STAP-A, one a call, from *at = 0 on; false after the last. */
bool rill_h264_unit_next(const struct rill_h264_payload *p, size_t *at, struct rill_view *out);
/* Adds to an access unit in Annex B what a payload that parses brings: start codes and NAL units,
 * or the next piece of one. w becomes bad when it is full. */
void rill_h264_append(struct rill_view payload, struct rill_writer *w);

/* profile_idc, profile-iop and level_idc as in "profile-level-id" (§8.1), of an SPS. */
bool rill_h264_profile_level_id(struct rill_view sps, uint32_t *out);
/* Of the first SPS of an access unit; 0: it has none. */
uint32_t rill_h264_frame_id(struct rill_view frame);

/* Cuts a frame into payloads of at most `room` bytes. Mode 0 knows whole NAL units alone; mode 1
 * puts small ones together and cuts large ones. Start with the rest zero. */
struct rill_h264_cutter {
    struct rill_view frame;
    size_t room;
    uint8_t packetization_mode;
    size_t at;            /* of the frame */
    struct rill_view nal; /* being cut */
    size_t index, pieces;
};
/* Writes the next payload; w may be NULL to count only. False after the last, and when a NAL unit
 * does not fit in mode 0. */
bool rill_h264_cut(struct rill_h264_cutter *c, struct rill_writer *w);
/* How many payloads; 0 when it cannot be cut so. */
size_t rill_h264_pieces(struct rill_view frame, size_t room, uint8_t packetization_mode);

#endif
