/* fuzz jitter: the bytes are a script of packets and pauses for a small jitter buffer and the
 * NACK list beside it; frames must come out in order, and the first a key frame.
 *
 *  | op | step | …   op: bits 0…1 kind, 2 marker, 3 start, 4 key frame, 5 pop afterwards,
 *                        6…7 a jump of the sequence number
 */
#include "rtp/jitter.h"
#include "rtp/nack.h"

#include <stdlib.h>

struct bench {
    struct rill_rtp_jitter *j;
    struct rill_rtp_nack nack;
    int64_t now;
    uint16_t seq;
    bool video;
    enum rill_codec_id codec;
    uint64_t out;
};

static _Alignas(16) uint8_t block[1 << 16];

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void pop_all(struct bench *b)
{
    struct rill_frame f;
    for (int i = 0; rill_rtp_jitter_pop(b->j, b->now, &f); i++) {
        require(i <= 16 && f.bytes.n <= 64);
        require(!b->video || b->out || f.keyframe);
        b->out++;
    }
    require(rill_rtp_jitter_deadline(b->j) > b->now);
}

static void ask(struct bench *b)
{
    uint16_t seqs[8], oldest;
    if (rill_rtp_jitter_oldest_needed(b->j, &oldest))
        rill_rtp_nack_forget_before(&b->nack, oldest);
    size_t n = rill_rtp_nack_due(&b->nack, b->now, 20 * RILL_MS, seqs, 8);
    require(n <= 8 && b->nack.n <= b->nack.cap);
}

static void insert(struct bench *b, uint8_t op, uint8_t step)
{
    static const uint16_t jumps[] = {0, 7, 1000, 40000};
    uint8_t payload[16] = {op & 8 ? 0x90 : 0x80, 0x80, step, op & 16 ? 0x30 : 0x31, 0xaa, 0xbb};
    if (b->codec != RILL_CODEC_VP8 && b->codec != RILL_CODEC_NONE)
        payload[0] = step ^ op; /* whatever it means there */
    struct rill_rtp_packet p = {.marker = op & 4,
                                .seq = (uint16_t)(b->seq + (int8_t)step + jumps[op >> 6]),
                                .timestamp = (uint32_t)(step >> 2) * 3000,
                                .payload = rill_view_at(payload, (op & 3) * 5u)};
    b->seq = p.seq;
    rill_rtp_nack_received(&b->nack, b->now, p.seq);
    (void)rill_rtp_jitter_insert(b->j, b->now, &p, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 2)
        return 0;
    static const enum rill_codec_id codecs[] = {RILL_CODEC_VP8, RILL_CODEC_VP9, RILL_CODEC_H264,
                                                RILL_CODEC_AV1};
    struct bench b = {.video = data[0] & 1, .seq = data[1], .now = RILL_SECOND};
    struct rill_rtp_jitter_config config = {
        .codec = b.video ? codecs[data[0] >> 6] : RILL_CODEC_NONE,
        .packets = (data[0] >> 1 & 15) + 1u,
        .slot = 16,
        .at_once = data[0] & 32,
        .frame_bytes = 64,
    };
    b.codec = config.codec;
    struct rill_arena arena = rill_arena_over(block, sizeof block);
    size_t size = rill_rtp_jitter_size(&config);
    b.j = rill_rtp_jitter_init(rill_arena_take(&arena, size, 1), &config);
    rill_rtp_nack_init(&b.nack, &arena, 8);
    require(b.j && !arena.bad);
    for (size_t i = 2; i + 1 < n; i += 2) {
        if (data[i] & 3)
            insert(&b, data[i], data[i + 1]);
        else
            b.now += data[i + 1] * 2 * RILL_MS;
        if (data[i] & 32)
            pop_all(&b);
        ask(&b);
    }
    pop_all(&b);
    return 0;
}
