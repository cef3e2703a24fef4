/* large_test: an offer of Chromium's with as many pictures as there are tracks. */
#include "peer/peer.h"

#include "base/limits.h"
#include "dtls/cert.h"
#include "tests/rill_test.h"

#include <stdio.h>

static struct rill_view file(const char *path, char *bytes, size_t cap)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("cannot open %s", path);
    size_t n = fread(bytes, 1, cap - 1, f);
    fclose(f);
    bytes[n] = 0;
    return rill_view_at(bytes, n);
}

/* Its m-line with a mid and SSRCs of its own: those numbers begin with n, from 10 on. */
static void write_media(struct rill_writer *w, const char *media, unsigned n)
{
    char number[12];
    snprintf(number, sizeof number, "%u", n);
    while (*media) {
        size_t line = strcspn(media, "\n") + 1;
        struct rill_view v = rill_view_at(media, line);
        if (rill_view_starts(v, "a=mid:")) {
            rill_w_str(w, "a=mid:");
            rill_w_str(w, number);
            rill_w_str(w, "\r\n");
        } else if (rill_view_starts(v, "a=ssrc:")) {
            rill_w_str(w, "a=ssrc:");
            rill_w_str(w, number);
            rill_w_bytes(w, rill_view_sub(v, 9, line - 9));
        } else if (!rill_view_starts(v, "a=ssrc-group:")) {
            rill_w_bytes(w, v);
        }
        media += line;
    }
}

static size_t offer_of(const char *text, size_t n, struct rill_span out)
{
    struct rill_writer w = rill_writer_of(out);
    rill_w_str(&w, "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE");
    for (size_t i = 0; i < n; i++) {
        rill_w_str(&w, " ");
        rill_w_dec(&w, 10 + i);
    }
    rill_w_str(&w, "\r\n");
    for (size_t i = 0; i < n; i++)
        write_media(&w, strstr(text, "m=video"), 10 + (unsigned)i);
    return w.bad ? 0 : w.at;
}

static void as_many_as_there_are_tracks_fit_and_are_answered(void **state)
{
    static char chromium[RILL_SDP_TEXT_MAX];
    static uint8_t offer[RILL_SDP_TEXT_MAX], answer[RILL_SDP_TEXT_MAX];
    struct rill_rng_seeded generator;
    struct rill_dtls_cert *cert;
    (void)state;
    file("tests/data/sdp/chromium156_offer_av_sendrecv.sdp", chromium, sizeof chromium);
    rill_rng_seeded_init(&generator, 1);
    struct rill_rng rng = rill_rng_seeded(&generator);
    void *cert_block = malloc(rill_dtls_cert_size());
    assert_int_equal(rill_dtls_cert_init(cert_block, &rng, &cert), 0);
    struct rill_peer_config config = {
        .cert = cert, .rng = rng, .tracks = RILL_TRACKS_MAX, .description = RILL_SDP_TEXT_MAX};
    void *block = malloc(rill_peer_size(&config));
    struct rill_peer *peer = rill_peer_init(block, &config);
    assert_non_null(peer);
    size_t n = RILL_TRACKS_MAX;
    size_t bytes = offer_of(chromium, n, (struct rill_span){offer, sizeof offer});
    assert_true(bytes > RILL_SDP_TEXT_MAX * 9 / 10);
    struct rill_err why = {0};
    int rc = rill_peer_set_remote_description(peer, 0, RILL_PEER_OFFER, rill_view_at(offer, bytes),
                                              &why);
    assert_int_equal(rc, 0);
    rc = rill_peer_create_answer(peer, 0, (struct rill_span){answer, sizeof answer}, &why);
    assert_true(rc > 0);
    struct rill_view text = rill_view_at(answer, (size_t)rc);
    assert_int_equal(rill_peer_set_local_description(peer, 0, RILL_PEER_ANSWER, text, &why), 0);
    struct rill_peer_transceiver_info t;
    for (size_t i = 0; i < n; i++)
        assert_true(rill_peer_transceiver(peer, (int)i, &t) && t.current == RILL_SDP_RECVONLY);
    rill_peer_free(peer);
    rill_dtls_cert_free(cert);
    free(block);
    free(cert_block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_as_there_are_tracks_fit_and_are_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
