/* capture/ogg_write: received Opus kept as .ogg (RFC 7845).
 *
 * The idea: packets pass unchanged, one a page, so that a crash costs no more than the last.
 * What never came is written as empty frames, which a player conceals; so the file's clock
 * stays that of the call.
 *
 *     "OpusHead" | version 8 | channels 8 | pre-skip 16 | rate 32 | gain 16 | mapping 8
 *     "OpusTags" | vendor size 32 | vendor | comment count 32
 */
#include "capture/record.h"

#include "base/seq.h"
#include "capture/little.h"

#include <errno.h>
#include <ogg/ogg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* RFC 7845 §5.1: what a decoder drops at the start. A recording begins with the sender's first
 * packet, nothing was cropped, so only libopus's own delay of 6.5 ms is dropped. */
#define PRE_SKIP 312
#define RATE_HZ 48000
/* A longer gap is a new beginning, not a loss. */
#define GAP_MAX ((int32_t)RATE_HZ * 3600)
#define LOSS_STEP 120
/* Configuration 28 (CELT, 2.5 ms, full band) with code 0: RFC 6716 §3.1. */
#define TOC_SHORTEST (28 << 3)

enum {
    HEAD_MAGIC,
    HEAD_VERSION,
    HEAD_CHANNELS,
    HEAD_PRE_SKIP,
    HEAD_RATE,
    HEAD_GAIN,
    HEAD_MAPPING,
    HEAD_FIELDS,
};
#define HEAD_SIZE 19
#define HEAD_MAGIC_VALUE 0x4f70757348656164 /* "OpusHead" */

static const struct rill_field head[HEAD_FIELDS] = {
    [HEAD_MAGIC] = {"magic", 0, 64, "RFC 7845 §5.1", "the letters OpusHead"},
    [HEAD_VERSION] = {"version", 64, 8, "RFC 7845 §5.1", "1"},
    [HEAD_CHANNELS] = {"channels", 72, 8, "RFC 7845 §5.1", "of the decoder's output"},
    [HEAD_PRE_SKIP] = {"pre_skip", 80, 16, "RFC 7845 §5.1",
                       "samples at 48 kHz to drop at the start"},
    [HEAD_RATE] = {"input_rate", 96, 32, "RFC 7845 §5.1", "of the original, for information"},
    [HEAD_GAIN] = {"gain", 128, 16, "RFC 7845 §5.1", "Q7.8 dB to apply"},
    [HEAD_MAPPING] = {"mapping", 144, 8, "RFC 7845 §5.1", "0: mono or stereo"},
};
const struct rill_field_table rill_ogg_head_fields = {"Ogg Opus identification header", head,
                                                      HEAD_FIELDS};

struct rill_ogg_writer {
    FILE *stream;
    ogg_stream_state ogg;
    int64_t packets;
    int64_t granule;    /* samples up to the end of the last packet */
    uint32_t next_time; /* rtp_time that would follow it */
    uint8_t toc;        /* of the last packet */
};

static int failed(struct rill_err *why)
{
    return rill_err_set(&rill_capture_errors, RILL_CAPTURE_WRITE, 0, (uint64_t)errno, why);
}

/* All that waits goes to the file as one page. */
static bool flush_page(struct rill_ogg_writer *w)
{
    ogg_page page;
    while (ogg_stream_flush(&w->ogg, &page) != 0) {
        if (fwrite(page.header, (size_t)page.header_len, 1, w->stream) != 1 ||
            fwrite(page.body, (size_t)page.body_len, 1, w->stream) != 1)
            return false;
    }
    return fflush(w->stream) == 0;
}

/* libogg copies the bytes; they stay there until the next flush. */
static bool put_packet(struct rill_ogg_writer *w, struct rill_view bytes)
{
    ogg_packet packet = {
        .packet = (unsigned char *)(uintptr_t)bytes.p,
        .bytes = (long)bytes.n,
        .b_o_s = w->packets == 0,
        .granulepos = w->granule,
        .packetno = w->packets,
    };
    w->packets++;
    return ogg_stream_packetin(&w->ogg, &packet) == 0;
}

static bool write_head(struct rill_ogg_writer *w)
{
    uint8_t bytes[HEAD_SIZE] = {0};
    struct rill_span h = {bytes, sizeof bytes};
    rill_field_put(&head[HEAD_MAGIC], h, HEAD_MAGIC_VALUE);
    rill_field_put(&head[HEAD_VERSION], h, 1);
    /* RFC 7587 §7: any packet may be stereo, and a decoder gives two channels of mono too. */
    rill_field_put(&head[HEAD_CHANNELS], h, 2);
    rill_little_put(&head[HEAD_PRE_SKIP], h, PRE_SKIP);
    rill_little_put(&head[HEAD_RATE], h, RATE_HZ);
    /* RFC 7845 §3: the identification header has the first page for itself. */
    return put_packet(w, rill_view_at(bytes, sizeof bytes)) && flush_page(w);
}

static bool write_tags(struct rill_ogg_writer *w)
{
    static const uint8_t tags[] = {'O', 'p', 'u', 's', 'T', 'a', 'g', 's', /* magic */
                                   4,   0,   0,   0,                       /* vendor size */
                                   'r', 'i', 'l', 'l',                     /* vendor */
                                   0,   0,   0,   0};                      /* comments */
    /* RFC 7845 §3: the comment header's pages hold nothing else. */
    return put_packet(w, rill_view_at(tags, sizeof tags)) && flush_page(w);
}

static void release(struct rill_ogg_writer *w)
{
    ogg_stream_clear(&w->ogg);
    free(w);
}

int rill_ogg_writer_open(const char *path, uint32_t serial, struct rill_ogg_writer **out,
                         struct rill_err *why)
{
    struct rill_ogg_writer *w = calloc(1, sizeof *w);
    if (!w || ogg_stream_init(&w->ogg, (int)serial) != 0) {
        free(w);
        return rill_err_set(&rill_capture_errors, RILL_CAPTURE_OPEN, 0, ENOMEM, why);
    }
    w->stream = fopen(path, "wb");
    if (!w->stream) {
        int error = errno;
        release(w);
        return rill_err_set(&rill_capture_errors, RILL_CAPTURE_OPEN, 0, (uint64_t)error, why);
    }
    if (!write_head(w) || !write_tags(w)) {
        int rc = failed(why);
        fclose(w->stream);
        release(w);
        return rc;
    }
    *out = w;
    return 0;
}

/* RFC 6716 §3.1, table 2: samples at 48 kHz of one frame of each configuration. */
static uint32_t frame_samples(uint8_t toc)
{
    static const uint16_t silk[4] = {480, 960, 1920, 2880};
    static const uint16_t hybrid[2] = {480, 960};
    static const uint16_t celt[4] = {120, 240, 480, 960};
    unsigned config = toc >> 3;
    return config < 12 ? silk[config % 4] : config < 16 ? hybrid[config % 2] : celt[config % 4];
}

/* RFC 6716 §3.1: code 0 is one frame, 1 and 2 two, 3 says in its second byte; 0 when there is
 * none or it lasts longer than 120 ms. */
static uint32_t packet_samples(struct rill_view packet)
{
    unsigned code = packet.p[0] & 3;
    uint32_t frames = code == 0 ? 1 : code < 3 ? 2 : packet.n > 1 ? packet.p[1] & 0x3fu : 0;
    uint32_t samples = frames * frame_samples(packet.p[0]);
    return samples <= 5760 ? samples : 0;
}

static bool write_packet(struct rill_ogg_writer *w, struct rill_view packet, uint32_t samples)
{
    /* The packet before goes out now; the last one waits for its end-of-stream mark. */
    bool whole = flush_page(w);
    w->granule += samples;
    return put_packet(w, packet) && whole;
}

/* RFC 7845 §4.1: a granule position counts only samples of packets that are there, so a gap is
 * filled with packets that ask for concealment: a TOC byte of code 0 and no frame. */
static bool fill_gap(struct rill_ogg_writer *w, int32_t gap)
{
    bool whole = true;
    while (whole && gap >= LOSS_STEP) {
        uint8_t toc = w->toc & 0xfc;
        if ((int32_t)frame_samples(toc) > gap)
            toc = (uint8_t)(TOC_SHORTEST | (toc & 4));
        uint32_t samples = frame_samples(toc);
        whole = write_packet(w, rill_view_at(&toc, 1), samples);
        gap -= (int32_t)samples;
    }
    return whole;
}

int rill_ogg_writer_frame(struct rill_ogg_writer *w, const struct rill_frame *f)
{
    uint32_t samples = f->bytes.n ? packet_samples(f->bytes) : 0;
    if (f->codec != RILL_CODEC_OPUS || samples == 0)
        return RILL_CAPTURE_RECORD_CODEC;
    int32_t gap = w->granule ? rill_seq32_diff(f->rtp_time, w->next_time) : 0;
    if (gap <= GAP_MAX && !fill_gap(w, gap))
        return RILL_CAPTURE_WRITE;
    if (!write_packet(w, f->bytes, samples))
        return RILL_CAPTURE_WRITE;
    w->next_time = f->rtp_time + samples;
    w->toc = f->bytes.p[0];
    return 0;
}

int rill_ogg_writer_close(struct rill_ogg_writer *w)
{
    if (!w)
        return 0;
    w->ogg.e_o_s = 1;
    bool whole = flush_page(w);
    whole = fclose(w->stream) == 0 && whole;
    release(w);
    return whole ? 0 : RILL_CAPTURE_WRITE;
}
