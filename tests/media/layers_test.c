/* Pictures of several layers (RFC 9628 §3): the highest spatial one is seen, and temporal ones may
 * be left out on the way. */
#include "tests/rill_test.h"

#include "codec/codec.h"
#include "media/receiver.h"
#include "rtp/jitter.h"

#define NOW RILL_SECOND

struct film {
    struct rill_vpx_encoder *small, *large;
    struct rill_rtp_jitter *jitter;
    void *block;
    struct rill_receiver *receiver;
    uint16_t seq;
    size_t frames, bytes; /* that came, with no index */
};

static struct rill_vpx_encoder *encoder(uint32_t width, uint32_t height)
{
    struct rill_vpx_encoder_config config = {.width = width,
                                             .height = height,
                                             .bitrate_bps = 300000,
                                             .rate_numerator = 30,
                                             .rate_denominator = 1,
                                             .codec = RILL_CODEC_VP9};
    struct rill_vpx_encoder *e;
    assert_int_equal(rill_vpx_encoder_new(&config, &e), 0);
    return e;
}

static void begin(struct film *f)
{
    struct rill_rtp_jitter_config config = {.codec = RILL_CODEC_VP9, .slot = 16384};
    struct rill_receiver_config to = {.codec = RILL_CODEC_VP9};
    *f = (struct film){.small = encoder(160, 120), .large = encoder(320, 240)};
    f->block = malloc(rill_rtp_jitter_size(&config));
    f->jitter = rill_rtp_jitter_init(f->block, &config);
    assert_non_null(f->jitter);
    assert_int_equal(rill_receiver_new(&to, &f->receiver, NULL), 0);
}

static void end(struct film *f)
{
    rill_vpx_encoder_free(f->small);
    rill_vpx_encoder_free(f->large);
    rill_receiver_free(f->receiver);
    free(f->block);
}

/* One packet with a layer of picture k, which refers to no other, whatever its descriptor says. */
static void send(struct film *f, uint32_t k, uint8_t tid, uint8_t sid, bool last,
                 struct rill_vpx_encoder *e)
{
    static uint8_t grey[320 * 240 * 3 / 2], payload[16384];
    bool small = e == f->small;
    struct rill_image image = rill_image_over(grey, small ? 160 : 320, small ? 120 : 240);
    struct rill_frame frame;
    image.time = (int64_t)k * 33 * RILL_MS;
    memset(grey, (int)(k * 20), sizeof grey);
    assert_int_equal(rill_vpx_encode(e, &image, true, &frame), 1);
    uint8_t head[] = {(uint8_t)(k ? 0xec : 0xac), (uint8_t)k, (uint8_t)(tid << 5 | sid << 1), 0};
    assert_true(frame.bytes.n + sizeof head <= sizeof payload);
    memcpy(payload, head, sizeof head);
    memcpy(payload + sizeof head, frame.bytes.p, frame.bytes.n);
    struct rill_rtp_packet p = {.seq = f->seq++,
                                .timestamp = k * 3000,
                                .marker = last,
                                .payload = rill_view_at(payload, sizeof head + frame.bytes.n)};
    assert_int_equal(rill_rtp_jitter_insert(f->jitter, NOW, &p, NULL), 0);
    f->bytes += frame.bytes.n;
}

static void receive(struct film *f)
{
    struct rill_frame frame;
    while (rill_rtp_jitter_pop(f->jitter, NOW, &frame)) {
        assert_int_equal(rill_receiver_frame(f->receiver, NOW, &frame), 0);
        f->bytes -= frame.bytes.n - frame.index;
        f->frames++;
    }
}

static void the_highest_spatial_layer_is_seen(void **state)
{
    (void)state;
    struct film f;
    struct rill_receiver_stats stats;
    begin(&f);
    for (uint32_t k = 0; k < 5; k++) {
        send(&f, k, 0, 0, false, f.small);
        send(&f, k, 0, 1, true, f.large);
        receive(&f);
    }
    rill_receiver_stats(f.receiver, &stats);
    assert_int_equal(f.frames, 5);
    assert_int_equal(f.bytes, 0);
    assert_int_equal(stats.decoded, 5);
    assert_int_equal(stats.width, 320);
    assert_int_equal(stats.height, 240);
    end(&f);
}

/* Somebody on the way numbers the packets anew, and leaves pictures 1 and 3 out, or 2 too. */
static void temporal_layers_may_be_left_out(void **state)
{
    (void)state;
    struct film f;
    struct rill_rtp_jitter_stats stats;
    begin(&f);
    send(&f, 0, 0, 0, true, f.small);
    send(&f, 2, 1, 0, true, f.small);
    send(&f, 4, 0, 0, true, f.small);
    send(&f, 8, 0, 0, true, f.small);
    receive(&f);
    rill_rtp_jitter_stats(f.jitter, &stats);
    assert_int_equal(f.frames, 4);
    assert_int_equal(stats.frames_dropped, 0);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_highest_spatial_layer_is_seen),
        cmocka_unit_test(temporal_layers_may_be_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
