#include "rtp/payload.h"

#include "base/picture_size.h"
#include "base/vp8_tag.h"
#include "base/vp9_tag.h"
#include "rtp/opus.h"
#include "rtp/vp8.h"
#include "rtp/vp9.h"

/* --- reading --------------------------------------------------------------------------- */

static int read_vp8(struct rill_view payload, struct rill_rtp_payload *out, struct rill_err *why)
{
    struct rill_vp8_descriptor d;
    int rc = rill_vp8_parse(payload, &d, why);
    if (rc < 0)
        return rc;
    *out = (struct rill_rtp_payload){
        .data = rill_view_sub(payload, d.size, payload.n - d.size),
        .adds = payload.n - d.size,
        .start = d.S && d.PID == 0,
        .keyframe = d.keyframe,
        .has_picture_id = d.I,
        .long_picture_id = d.M,
        .picture_id = d.picture_id,
        .layered = d.T,
    };
    return 0;
}

/* RFC 9628 §4.2: a picture is all spatial layers of one instant, so it begins with the lowest. */
static int read_vp9(struct rill_view payload, struct rill_rtp_payload *out, struct rill_err *why)
{
    struct rill_vp9_descriptor d;
    int rc = rill_vp9_parse(payload, &d, why);
    if (rc < 0)
        return rc;
    *out = (struct rill_rtp_payload){
        .data = rill_view_sub(payload, d.size, payload.n - d.size),
        .adds = payload.n - d.size,
        .start = d.B && d.sid == 0,
        .keyframe = rill_vp9_starts_key_picture(&d),
        .has_picture_id = d.I,
        .long_picture_id = d.M,
        .picture_id = d.picture_id,
        .layered = d.L,
        .layer = d.B && d.sid > 0,
    };
    return 0;
}

/* Start codes for sizes, and a fragment's octet for its two. */
static size_t h264_adds(const struct rill_h264_payload *p, struct rill_view payload)
{
    struct rill_view unit;
    size_t at = 0, adds = 0;
    if (p->type == RILL_H264_FU_A)
        return payload.n - 2 + (p->S ? 5 : 0);
    if (p->type != RILL_H264_STAP_A)
        return payload.n + 4;
    while (rill_h264_unit_next(p, &at, &unit))
        adds += unit.n + 4;
    return adds;
}

static int read_h264(struct rill_view payload, struct rill_rtp_payload *out, struct rill_err *why)
{
    struct rill_h264_payload p;
    int rc = rill_h264_parse(payload, &p, why);
    if (rc < 0)
        return rc;
    *out = (struct rill_rtp_payload){.data = payload,
                                     .adds = h264_adds(&p, payload),
                                     .start = p.start,
                                     .keyframe = p.keyframe,
                                     .parts = (uint8_t)p.parts};
    return 0;
}

static int read_av1(struct rill_view payload, struct rill_rtp_payload *out, struct rill_err *why)
{
    struct rill_av1_payload p;
    int rc = rill_av1_parse(payload, &p, why);
    if (rc < 0)
        return rc;
    /* At most: a temporal delimiter, and for each element the bytes of a size. */
    *out = (struct rill_rtp_payload){
        .data = payload, .adds = payload.n + 2 + 3 * p.elements, .start = !p.Z, .keyframe = p.N};
    return 0;
}

int rill_rtp_payload_read(enum rill_codec_id codec, struct rill_view payload,
                          struct rill_rtp_payload *out, struct rill_err *why)
{
    struct rill_opus_packet opus;
    switch (codec) {
    case RILL_CODEC_VP8:
        return read_vp8(payload, out, why);
    case RILL_CODEC_VP9:
        return read_vp9(payload, out, why);
    case RILL_CODEC_H264:
        return read_h264(payload, out, why);
    case RILL_CODEC_AV1:
        return read_av1(payload, out, why);
    default:
        *out = (struct rill_rtp_payload){.data = payload, .adds = payload.n};
        return codec == RILL_CODEC_OPUS ? rill_opus_parse(payload, &opus, why) : 0;
    }
}

/* --- putting together ------------------------------------------------------------------ */

void rill_rtp_join(struct rill_rtp_joiner *j, struct rill_view data)
{
    if (j->codec == RILL_CODEC_H264)
        rill_h264_append(data, &j->w);
    else if (j->codec == RILL_CODEC_AV1)
        rill_av1_append(&j->av1, data, &j->w);
    else
        rill_w_bytes(&j->w, data);
}

void rill_rtp_join_layer(struct rill_rtp_joiner *j)
{
    rill_vp9_layer_begins(&j->layers, j->w.at);
}

size_t rill_rtp_join_end(struct rill_rtp_joiner *j)
{
    rill_av1_end(&j->av1, &j->w);
    return rill_vp9_layers_end(&j->layers, &j->w);
}

void rill_rtp_frame_size(enum rill_codec_id codec, struct rill_view frame, uint32_t *width,
                         uint32_t *height)
{
    if (codec == RILL_CODEC_VP8)
        (void)rill_vp8_tag_size(frame, width, height);
    if (codec == RILL_CODEC_VP9)
        (void)rill_vp9_tag_size(frame, width, height);
    if (codec == RILL_CODEC_H264)
        (void)rill_h264_unit_size(frame, width, height);
    if (codec == RILL_CODEC_AV1)
        (void)rill_av1_unit_size(frame, width, height);
}

/* --- cutting --------------------------------------------------------------------------- */

size_t rill_rtp_cut_begin(struct rill_rtp_cutter *c, const struct rill_frame *frame, size_t room,
                          uint16_t picture_id, uint8_t packetization_mode)
{
    *c = (struct rill_rtp_cutter){
        .frame = frame,
        .room = room,
        .picture_id = picture_id,
        .h264 = {.frame = frame->bytes, .room = room, .packetization_mode = packetization_mode},
        .av1 = {.unit = frame->bytes, .room = room},
    };
    switch (frame->codec) {
    case RILL_CODEC_VP8:
        c->pieces = rill_vp8_pieces(frame->bytes.n, room);
        break;
    case RILL_CODEC_VP9:
        c->pieces = rill_vp9_pieces(frame->bytes.n, room, frame->keyframe);
        break;
    case RILL_CODEC_H264:
        c->pieces = rill_h264_pieces(frame->bytes, room, packetization_mode);
        break;
    case RILL_CODEC_AV1:
        c->pieces = rill_av1_pieces(frame->bytes, room);
        break;
    default:
        c->pieces = frame->bytes.n > 0 && frame->bytes.n <= room;
        break;
    }
    return c->pieces;
}

/* Flexible mode, in which each frame refers to the one before. */
static void write_vp9(const struct rill_rtp_cutter *c, struct rill_writer *w)
{
    struct rill_vp9_out f = {
        .frame = c->frame->bytes,
        .keyframe = c->frame->keyframe,
        .flexible = true,
        .picture_id = c->picture_id,
        .width = (uint16_t)c->frame->width,
        .height = (uint16_t)c->frame->height,
    };
    rill_vp9_write_piece(w, &f, c->index, c->pieces);
}

void rill_rtp_cut_next(struct rill_rtp_cutter *c, struct rill_writer *w)
{
    switch (c->frame->codec) {
    case RILL_CODEC_VP8:
        rill_vp8_write_piece(w, c->frame->bytes, c->picture_id, c->index, c->pieces);
        break;
    case RILL_CODEC_VP9:
        write_vp9(c, w);
        break;
    case RILL_CODEC_H264:
        (void)rill_h264_cut(&c->h264, w);
        break;
    case RILL_CODEC_AV1:
        (void)rill_av1_cut(&c->av1, w);
        break;
    default:
        rill_w_bytes(w, c->frame->bytes);
        break;
    }
    c->index++;
}
