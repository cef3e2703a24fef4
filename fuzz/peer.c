/* fuzz/peer: one whole peer, fed what hostile signaling and a hostile network could send.
 *
 * The first byte chooses what the rest is:
 *   0  an offer, then candidates, each behind a NUL        1  an answer, and the same
 *   2  datagrams without keys while a call is set up       3  RTP and RTCP with the right keys
 *
 * In 2 and 3 a datagram is: how (1 byte), length (1 byte, × 1), bytes. Beyond not crashing: what
 * comes from an address that was not validated never keeps the call from connecting, and the
 * loop of tests/sim/call.c ends (no deadline that stands still, no datagram too long). */
#include "peer/connection.h"
#include "peer/tracks.h"
#include "peer/transport.h"
#include "srtp/srtp.h"
#include "tests/sim/call.h"

#include <stdlib.h>
#include <string.h>

static struct rill_sim_call_options small_call(void)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    o.config.history_packets = 64;
    o.config.jitter_packets = 64;
    o.config.frame_bytes = 20000;
    o.config.description = 16384;
    o.media_time = 100 * RILL_MS;
    return o;
}

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* --- signaling ------------------------------------------------------------------------------ */

static struct rill_view next_text(struct rill_view *rest)
{
    return rill_view_cut(*rest, '\0', rest);
}

static void add_candidates(struct rill_sim_call *c, int side, struct rill_view rest)
{
    for (int i = 0; rest.n && i < 64; i++)
        (void)rill_peer_add_ice_candidate(c->sides[side].peer, c->now, next_text(&rest),
                                          rill_view_of(i & 1 ? "0" : NULL), i % 3 - 1,
                                          rill_view_of(i & 2 ? "abcd" : NULL), NULL);
}

static void fuzz_offer(struct rill_view rest)
{
    struct rill_sim_call_options o = small_call();
    struct rill_sim_call *c = rill_sim_call_new(&o);
    struct rill_peer *x = c->sides[1].peer;
    uint8_t text[16384];
    struct rill_view offer = next_text(&rest);
    if (rill_peer_set_remote_description(x, 0, RILL_PEER_OFFER, offer, NULL) == 0) {
        add_candidates(c, 1, rest);
        int n = rill_peer_create_answer(x, 0, (struct rill_span){text, sizeof text}, NULL);
        if (n > 0)
            (void)rill_peer_set_local_description(x, 0, RILL_PEER_ANSWER,
                                                  rill_view_at(text, (size_t)n), NULL);
        add_candidates(c, 1, rest);
        must(rill_sim_call_run(c, 2 * RILL_SECOND));
    }
    rill_sim_call_free(c);
}

static void fuzz_answer(struct rill_view rest)
{
    struct rill_sim_call_options o = small_call();
    struct rill_sim_call *c = rill_sim_call_new(&o);
    rill_sim_call_start(c);
    struct rill_view answer = next_text(&rest);
    (void)rill_peer_set_remote_description(c->sides[0].peer, 0, RILL_PEER_ANSWER, answer, NULL);
    add_candidates(c, 0, rest);
    must(rill_sim_call_run(c, 20 * RILL_MS));
    rill_sim_call_free(c);
}

/* --- datagrams -------------------------------------------------------------------------------- */

static struct rill_view next_datagram(struct rill_reader *r, uint8_t *how)
{
    *how = rill_r_u8(r);
    size_t n = rill_r_u8(r);
    return rill_r_bytes(r, n < rill_r_left(r) ? n : rill_r_left(r));
}

/* how: 1 to the answerer, 2 from the other side's own address (spoofed), the rest: ms that pass. */
static void fuzz_without_keys(struct rill_view rest)
{
    struct rill_sim_call_options o = small_call();
    struct rill_sim_call *c = rill_sim_call_new(&o);
    struct rill_reader r = rill_reader_of(rest);
    struct rill_addr stranger = rill_addr_ip4(203, 0, 113, 66, 1);
    bool spoofed = false;
    rill_sim_call_start(c);
    must(rill_sim_call_run(c, RILL_MS));
    for (int i = 0; rill_r_left(&r) && i < 64; i++) {
        uint8_t how;
        struct rill_view d = next_datagram(&r, &how);
        int to = how & 1;
        spoofed = spoofed || how & 2;
        rill_sim_forge(&c->net, c->now, 0, how & 2 ? &c->sides[1 - to].bound : &stranger,
                       &c->sides[to].bound, d);
        must(rill_sim_call_run(c, c->now + (how >> 2) * RILL_MS));
    }
    must(rill_sim_call_run_until(c, c->now + 10 * RILL_SECOND, rill_sim_call_both_connected));
    must(spoofed || rill_sim_call_both_connected(c));
    rill_sim_call_free(c);
}

/* how: 1 RTCP, 2 as it is: without a right header in front. */
static void craft(struct rill_sim_call *c, uint8_t how, struct rill_view d)
{
    _Alignas(8) uint8_t bytes[512];
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    struct rill_srtp *srtp = c->sides[1].peer->transports[0].components[0].srtp;
    struct rill_path path = {.socket = c->sides[0].socket, .remote = c->sides[1].bound};
    bool rtcp = how & 1;
    if (!(how & 2) && rtcp)
        rill_rtcp_write_rr(&w, c->sides[1].peer->tracks[1].sender.ssrc, NULL, 0);
    else if (!(how & 2))
        rill_rtp_write(&w, how & 4, how & 8 ? 111 : 96, (uint16_t)(how >> 4), how,
                       0x1000 + (how & 8),
                       &(struct rill_rtp_ext){4, rill_view_of(how & 8 ? "0" : "1")}, 1);
    rill_w_bytes(&w, d);
    struct rill_span packet = {bytes, sizeof bytes};
    int n = rtcp ? rill_srtp_protect_rtcp(srtp, packet, w.at)
                 : rill_srtp_protect_rtp(srtp, packet, w.at);
    if (n > 0)
        (void)rill_peer_input(c->sides[0].peer, c->now, &path,
                              (struct rill_span){bytes, (size_t)n});
}

static void fuzz_with_keys(struct rill_view rest)
{
    struct rill_sim_call_options o = small_call();
    struct rill_sim_call *c = rill_sim_call_new(&o);
    struct rill_reader r = rill_reader_of(rest);
    rill_sim_call_start(c);
    must(rill_sim_call_run(c, 400 * RILL_MS));
    must(rill_sim_call_both_connected(c));
    for (int i = 0; rill_r_left(&r) && i < 64; i++) {
        uint8_t how;
        struct rill_view d = next_datagram(&r, &how);
        craft(c, how, d);
        must(rill_sim_call_run(c, c->now + RILL_MS));
    }
    must(rill_sim_call_run(c, c->now + RILL_SECOND));
    must(c->sides[0].state == RILL_PEER_CONNECTED);
    rill_sim_call_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static bool ready;
    if (!ready)
        must(rill_srtp_global_init() == 0);
    ready = true;
    if (n < 2 || n > 16384)
        return 0;
    struct rill_view rest = rill_view_at(data + 1, n - 1);
    switch (data[0] & 3) {
    case 0:
        fuzz_offer(rest);
        break;
    case 1:
        fuzz_answer(rest);
        break;
    case 2:
        fuzz_without_keys(rest);
        break;
    default:
        fuzz_with_keys(rest);
        break;
    }
    return 0;
}
