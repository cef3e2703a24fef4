/* fuzz sound: packets of sound as they might come, in any order and at any time, to a receiver of
 * Opus or G.711, comfort noise among them; and the payloads that go with sound: RED, telephone
 * events and comfort noise. */
#include "media/delay.h"
#include "media/noise.h"
#include "media/receiver.h"
#include "rtp/comfort_noise.h"
#include "rtp/opus.h"
#include "rtp/red.h"
#include "rtp/telephone_event.h"

#include <stdlib.h>

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* What is told, white or not, is made, and said the same way again. */
static void make_noise(const struct rill_comfort_noise *n)
{
    struct rill_noise_made made = {0};
    struct rill_noise_heard heard = {0};
    struct rill_comfort_noise again;
    int16_t samples[160];
    for (int i = 0; i < 4; i++) {
        rill_noise_set(&made, n, i == 0);
        rill_noise_make(&made, samples, 160);
        rill_noise_hear(&heard, samples, 160);
    }
    rill_noise_tell(&heard, &again);
    require(again.level <= 127 && again.order <= RILL_NOISE_ORDER);
    (void)rill_noise_differs(n, &again);
}

/* What is written again reads the same. */
static void read_noise(struct rill_view v)
{
    struct rill_comfort_noise n, again;
    uint8_t out[1 + RILL_COMFORT_NOISE_ORDER_MAX];
    if (rill_comfort_noise_parse(v, &n, NULL) < 0)
        return;
    struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
    rill_comfort_noise_write(&w, &n);
    require(!w.bad && w.at <= v.n);
    require(rill_comfort_noise_parse(rill_w_view(&w), &again, NULL) == 0);
    require(again.level == n.level && again.order == n.order);
    make_noise(&n);
}

static void read_payloads(struct rill_view v)
{
    struct rill_red_block blocks[RILL_RED_BLOCKS];
    struct rill_telephone_event e;
    size_t sum = 0;
    int n = rill_red_parse(v, blocks, NULL);
    for (int i = 0; i < n; i++)
        sum += blocks[i].data.n;
    require(n <= 0 || sum < v.n);
    if (rill_telephone_event_parse(v, &e, NULL) >= 0)
        require(v.n >= 4 && e.volume < 64);
    (void)rill_opus_has_redundancy(v);
    read_noise(v);
}

/* A step: how late, how far in time and in number, how long; and the bytes. */
static size_t step(struct rill_receiver *r, int64_t *now, struct rill_frame *f, const uint8_t *data,
                   size_t n)
{
    size_t size = n - 4 < data[3] ? n - 4 : data[3];
    *now += (data[0] & 127) * RILL_MS;
    f->rtp_time += (uint32_t)(int8_t)data[1] * 120;
    f->comfort_noise = data[2] % 4 == 3;
    f->seq = (uint16_t)(f->seq + (f->comfort_noise ? 1 : data[2] % 4));
    f->redundant = data[0] & 128;
    f->time = *now - (data[2] >> 2) * RILL_MS;
    f->bytes = rill_view_at(data + 4, size);
    (void)rill_receiver_frame(r, *now, f);
    (void)rill_receiver_tick(r, *now);
    if (data[2] == 255)
        rill_receiver_pause(r);
    return 4 + size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const enum rill_codec_id codecs[] = {RILL_CODEC_OPUS, RILL_CODEC_PCMU, RILL_CODEC_PCMA};
    struct rill_receiver *r = NULL;
    struct rill_receiver_stats stats;
    int64_t now = 100 * RILL_SECOND;
    if (n < 1)
        return 0;
    read_payloads(rill_view_at(data + 1, n - 1));
    struct rill_frame f = {.kind = RILL_AUDIO, .codec = codecs[data[0] % 3]};
    require(rill_receiver_new(&(struct rill_receiver_config){.codec = f.codec}, &r, NULL) == 0);
    for (size_t at = 1; at + 4 < n;)
        at += step(r, &now, &f, data + at, n - at);
    rill_receiver_end(r, now);
    rill_receiver_counts(r, &stats);
    require(stats.silent_concealed_samples <= stats.concealed_samples);
    require(stats.target_us >= RILL_DELAY_LEAST && stats.target_us <= 2 * RILL_DELAY_MOST);
    rill_receiver_free(r);
    return 0;
}
