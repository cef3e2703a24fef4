/* ends: two sessions whose keys fit each other, and packets to send between them. */
#ifndef RILL_TEST_SRTP_ENDS_H
#define RILL_TEST_SRTP_ENDS_H

#include "srtp/srtp.h"
#include "tests/srtp/oracle.h"

static const uint16_t ends_profiles[] = {
    RILL_SRTP_AES128_CM_HMAC_SHA1_80,
    RILL_SRTP_AES128_CM_HMAC_SHA1_32,
    RILL_SRTP_AEAD_AES_128_GCM,
    RILL_SRTP_AEAD_AES_256_GCM,
};
#define ENDS_PROFILES 4

/* A sends, B receives; `keys` are the oracle's view of their common master key. */
struct ends {
    struct rill_srtp *a, *b;
    void *block_a, *block_b;
    struct oracle keys;
};

static inline struct oracle ends_keys(uint16_t profile)
{
    struct oracle o = {rill_srtp_key_size(profile), rill_srtp_salt_size(profile), {0}, {0}};
    for (size_t i = 0; i < o.key_n; i++)
        o.key[i] = (uint8_t)(0x10 + i);
    for (size_t i = 0; i < o.salt_n; i++)
        o.salt[i] = (uint8_t)(0xa0 + i);
    return o;
}

static inline struct ends ends_open(uint16_t profile, size_t streams, size_t window)
{
    struct ends e = {.keys = ends_keys(profile)};
    struct rill_view key = rill_view_at(e.keys.key, e.keys.key_n);
    struct rill_view salt = rill_view_at(e.keys.salt, e.keys.salt_n);
    struct rill_srtp_config a = {.profile = profile,
                                 .local_key = key,
                                 .local_salt = salt,
                                 .streams = streams,
                                 .window = window};
    struct rill_srtp_config b = {.profile = profile,
                                 .remote_key = key,
                                 .remote_salt = salt,
                                 .streams = streams,
                                 .window = window};
    e.block_a = malloc(rill_srtp_size(&a));
    e.block_b = malloc(rill_srtp_size(&b));
    assert_int_equal(rill_srtp_init(e.block_a, &a, &e.a), 0);
    assert_int_equal(rill_srtp_init(e.block_b, &b, &e.b), 0);
    return e;
}

static inline void ends_close(struct ends *e)
{
    rill_srtp_free(e->a);
    rill_srtp_free(e->b);
    free(e->block_a);
    free(e->block_b);
}

/* A packet and the room behind it, on the boundary the engine asks for. */
struct packet {
    _Alignas(8) uint8_t p[256];
    size_t n;
};

static inline struct rill_span ends_span(struct packet *k)
{
    return (struct rill_span){k->p, k->n};
}

static inline struct rill_span ends_room(struct packet *k)
{
    return (struct rill_span){k->p, sizeof k->p};
}

/* V=2, PT 96; the payload tells sequence number and SSRC. */
static inline struct packet rtp_packet(uint32_t ssrc, uint16_t seq)
{
    struct packet k = {.n = 12 + 20};
    struct rill_writer w = rill_writer_of(ends_room(&k));
    rill_w_u8(&w, 0x80);
    rill_w_u8(&w, 96);
    rill_w_u16(&w, seq);
    rill_w_u32(&w, 90000u + seq);
    rill_w_u32(&w, ssrc);
    for (uint8_t i = 0; i < 20; i++)
        rill_w_u8(&w, (uint8_t)(i + seq + ssrc));
    return k;
}

/* A receiver report of no blocks, and then words that a cipher hides. */
static inline struct packet rtcp_packet(uint32_t ssrc)
{
    struct packet k = {.n = 8 + 12};
    struct rill_writer w = rill_writer_of(ends_room(&k));
    rill_w_u8(&w, 0x80);
    rill_w_u8(&w, 201);
    rill_w_u16(&w, 4);
    rill_w_u32(&w, ssrc);
    for (uint8_t i = 0; i < 12; i++)
        rill_w_u8(&w, i);
    return k;
}

/* Protected by A. */
static inline struct packet sent(struct ends *e, uint32_t ssrc, uint16_t seq)
{
    struct packet k = rtp_packet(ssrc, seq);
    int n = rill_srtp_protect_rtp(e->a, ends_room(&k), k.n);
    assert_true(n > (int)k.n);
    k.n = (size_t)n;
    return k;
}

static inline struct packet sent_rtcp(struct ends *e, uint32_t ssrc)
{
    struct packet k = rtcp_packet(ssrc);
    int n = rill_srtp_protect_rtcp(e->a, ends_room(&k), k.n);
    assert_true(n > (int)k.n);
    k.n = (size_t)n;
    return k;
}

/* B takes a copy, so that the packet can be given again. */
static inline int taken(struct ends *e, struct packet k)
{
    return rill_srtp_unprotect_rtp(e->b, ends_span(&k));
}

static inline int taken_rtcp(struct ends *e, struct packet k)
{
    return rill_srtp_unprotect_rtcp(e->b, ends_span(&k));
}

static inline struct rill_srtp_stats ends_stats(const struct rill_srtp *x)
{
    struct rill_srtp_stats s;
    rill_srtp_stats(x, &s);
    return s;
}

static inline int ends_setup(void **state)
{
    (void)state;
    return rill_srtp_global_init();
}

static inline int ends_teardown(void **state)
{
    (void)state;
    rill_srtp_global_free();
    return 0;
}

#endif
