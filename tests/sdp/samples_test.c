/* samples_test: what Chromium 156 and Firefox 153 really say, read fact by fact, and every
 * sample written and read again without a loss. */
#include "tests/sdp/sdp_test.h"

#include <dirent.h>

struct fact {
    const char *file;
    size_t media;
    const char *session_id;
    const char *ufrag; /* of the first media, and so on */
    size_t fmts, codecs, extmaps, candidates;
    const char *first_codec;
    enum rill_sdp_setup setup;
    enum rill_sdp_direction direction;
};

static const struct fact facts[] = {
    {"chromium156_offer_av_plus_data_gathered.sdp", 3, "6482692682604785655", "zbuB", 8, 8, 4, 2,
     "opus", RILL_SDP_SETUP_ACTPASS, RILL_SDP_SENDRECV},
    {"firefox153_offer_av_plus_data_gathered.sdp", 3, "1508468656470772872", "bf1f3a77", 5, 5, 4, 8,
     "opus", RILL_SDP_SETUP_ACTPASS, RILL_SDP_SENDRECV},
    {"chromium156_offer_av_recvonly_transceivers.sdp", 2, "6307877981117041193", "4Az+", 8, 8, 4, 0,
     "opus", RILL_SDP_SETUP_ACTPASS, RILL_SDP_RECVONLY},
    {"firefox153_offer_av_recvonly_transceivers.sdp", 2, "6192617919116909094", "fae7d059", 5, 5, 4,
     0, "opus", RILL_SDP_SETUP_ACTPASS, RILL_SDP_RECVONLY},
    {"chromium156_answer_to_minimal_avd_withmedia.sdp", 3, "6518531861749880116", "zYxD", 2, 2, 0,
     0, "opus", RILL_SDP_SETUP_ACTIVE, RILL_SDP_SENDRECV},
    {"firefox153_answer_to_minimal_bad_lf_only_nomedia.sdp", 1, "2524042998532666927", "00fa3b70",
     2, 2, 0, 0, "opus", RILL_SDP_SETUP_ACTIVE, RILL_SDP_RECVONLY},
    {"minimal_offer_bad_setup_missing.sdp", 1, "4611731400430051336", "abcd", 2, 2, 0, 0, "opus",
     RILL_SDP_SETUP_NONE, RILL_SDP_SENDRECV},
    {"minimal_offer_bad_lf_only.sdp", 1, "4611731400430051336", "abcd", 2, 2, 0, 0, "opus",
     RILL_SDP_SETUP_ACTPASS, RILL_SDP_SENDRECV},
};

static void sdp_reads_what_browsers_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        const struct fact *f = &facts[i];
        struct sdp_test t;
        sdp_test_parse_file(&t, f->file);
        assert_int_equal(t.rc, 0);
        const struct rill_sdp_media *m = &t.s->media[0];
        assert_int_equal(t.s->n_media, f->media);
        assert_text(t.s->session_id, f->session_id);
        assert_text(m->ice_ufrag, f->ufrag);
        assert_int_equal(m->n_fmts, f->fmts);
        assert_int_equal(m->n_codecs, f->codecs);
        assert_int_equal(m->n_extmaps, f->extmaps);
        assert_int_equal(m->n_candidates, f->candidates);
        assert_text(m->codecs[0].name, f->first_codec);
        assert_int_equal(m->setup, f->setup);
        assert_int_equal(m->direction, f->direction);
        sdp_test_close(&t);
    }
}

static void sdp_reads_all_of_a_chromium_offer(void **state)
{
    (void)state;
    struct sdp_test t;
    sdp_test_parse_file(&t, "chromium156_offer_av_plus_data_gathered.sdp");
    const struct rill_sdp_media *v = &t.s->media[1], *d = &t.s->media[2];
    assert_int_equal(t.s->n_groups, 1);
    assert_text(t.s->groups[0].semantics, "BUNDLE");
    assert_int_equal(t.s->groups[0].n, 3);
    assert_text(t.s->groups[0].mids[2], "2");
    assert_true(t.s->extmap_allow_mixed);
    assert_text(v->kind, "video");
    assert_int_equal(v->port, 35301);
    assert_text(v->proto, "UDP/TLS/RTP/SAVPF");
    assert_int_equal(v->n_fmts, 23);
    assert_int_equal(v->codecs[0].clock_hz, 90000);
    assert_text(rill_sdp_find_fmtp(v, 97), "apt=96");
    assert_true(rill_sdp_has_rtcp_fb(v, 96, "ccm fir"));
    assert_false(rill_sdp_has_rtcp_fb(v, 97, "ccm fir"));
    assert_int_equal(rill_sdp_find_extmap(v, RILL_SDP_EXT_MID), 4);
    assert_text(v->candidates[0], "candidate:3777169965 1 udp 2122260223 127.0.0.1 35301 typ host "
                                  "generation 0 network-id 1 network-cost 50");
    assert_int_equal(v->n_ssrcs, 2);
    assert_text(v->ssrcs[0].cname, "Hk9QXYs4xYcgPkvl");
    assert_text(v->msids[0].stream, "4168d1ed-7191-45f1-b9cc-d454b5f79fb9");
    assert_text(v->msids[0].track, "5a1badef-5867-4308-b4cf-0e09d5a37757");
    assert_true(v->rtcp_mux && v->rtcp_rsize && v->ice_trickle && v->extmap_allow_mixed);
    assert_text(d->kind, "application");
    assert_int_equal(d->sctp_port, 5000);
    assert_int_equal(d->max_message_size, 262144);
    sdp_test_close(&t);
}

static void sdp_lets_firefox_keep_its_fingerprint_at_the_session(void **state)
{
    (void)state;
    struct sdp_test t;
    sdp_test_parse_file(&t, "firefox153_offer_av_plus_data_gathered.sdp");
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(t.s->media[i].n_fingerprints, 1);
        assert_text(t.s->media[i].fingerprints[0].hash, "sha-256");
        assert_int_equal(t.s->media[i].fingerprints[0].value.n, 95);
        assert_true(t.s->media[i].end_of_candidates);
        assert_true(t.s->media[i].ice_trickle);
    }
    const struct rill_sdp_media *a = &t.s->media[0];
    assert_int_equal(a->extmaps[1].id, 2);
    assert_true(a->extmaps[1].has_direction);
    assert_int_equal(a->extmaps[1].direction, RILL_SDP_RECVONLY);
    assert_text(t.s->username, "mozilla...THIS_IS_SDPARTA-99.0");
    sdp_test_close(&t);
}

static bool equal(struct rill_view a, struct rill_view b)
{
    return rill_view_equal(a, b) && !a.p == !b.p;
}

static void same_lists(const struct rill_sdp_media *a, const struct rill_sdp_media *b)
{
    assert_int_equal(a->n_codecs, b->n_codecs);
    for (size_t i = 0; i < a->n_codecs; i++) {
        assert_int_equal(a->codecs[i].pt, b->codecs[i].pt);
        assert_true(equal(a->codecs[i].name, b->codecs[i].name));
        assert_int_equal(a->codecs[i].clock_hz, b->codecs[i].clock_hz);
        assert_int_equal(a->codecs[i].channels, b->codecs[i].channels);
    }
    assert_int_equal(a->n_fmtps, b->n_fmtps);
    for (size_t i = 0; i < a->n_fmtps; i++)
        assert_true(a->fmtps[i].pt == b->fmtps[i].pt &&
                    equal(a->fmtps[i].params, b->fmtps[i].params));
    assert_int_equal(a->n_rtcp_fbs, b->n_rtcp_fbs);
    for (size_t i = 0; i < a->n_rtcp_fbs; i++)
        assert_true(a->rtcp_fbs[i].pt == b->rtcp_fbs[i].pt &&
                    equal(a->rtcp_fbs[i].value, b->rtcp_fbs[i].value));
    assert_int_equal(a->n_extmaps, b->n_extmaps);
    for (size_t i = 0; i < a->n_extmaps; i++) {
        assert_int_equal(a->extmaps[i].id, b->extmaps[i].id);
        assert_int_equal(a->extmaps[i].has_direction, b->extmaps[i].has_direction);
        assert_int_equal(a->extmaps[i].direction, b->extmaps[i].direction);
        assert_true(equal(a->extmaps[i].uri, b->extmaps[i].uri));
    }
    assert_int_equal(a->n_candidates, b->n_candidates);
    for (size_t i = 0; i < a->n_candidates; i++)
        assert_true(equal(a->candidates[i], b->candidates[i]));
}

static void same_sources(const struct rill_sdp_media *a, const struct rill_sdp_media *b)
{
    assert_int_equal(a->n_msids, b->n_msids);
    for (size_t i = 0; i < a->n_msids; i++)
        assert_true(equal(a->msids[i].stream, b->msids[i].stream) &&
                    equal(a->msids[i].track, b->msids[i].track));
    assert_int_equal(a->n_ssrcs, b->n_ssrcs);
    for (size_t i = 0; i < a->n_ssrcs; i++)
        assert_true(a->ssrcs[i].ssrc == b->ssrcs[i].ssrc &&
                    equal(a->ssrcs[i].cname, b->ssrcs[i].cname) &&
                    equal(a->ssrcs[i].msid, b->ssrcs[i].msid));
    assert_int_equal(a->n_ssrc_groups, b->n_ssrc_groups);
    for (size_t i = 0; i < a->n_ssrc_groups; i++) {
        assert_true(equal(a->ssrc_groups[i].semantics, b->ssrc_groups[i].semantics));
        assert_int_equal(a->ssrc_groups[i].n, b->ssrc_groups[i].n);
        assert_memory_equal(a->ssrc_groups[i].ssrcs, b->ssrc_groups[i].ssrcs,
                            a->ssrc_groups[i].n * sizeof(uint32_t));
    }
    assert_int_equal(a->n_rids, b->n_rids);
    for (size_t i = 0; i < a->n_rids; i++)
        assert_true(equal(a->rids[i].id, b->rids[i].id) &&
                    equal(a->rids[i].direction, b->rids[i].direction) &&
                    equal(a->rids[i].params, b->rids[i].params));
    assert_true(equal(a->simulcast, b->simulcast));
}

static void same_transport(const struct rill_sdp_media *a, const struct rill_sdp_media *b)
{
    assert_true(equal(a->ice_ufrag, b->ice_ufrag) && equal(a->ice_pwd, b->ice_pwd));
    assert_int_equal(a->ice_trickle, b->ice_trickle);
    assert_int_equal(a->ice2, b->ice2);
    assert_int_equal(a->ice_renomination, b->ice_renomination);
    assert_int_equal(a->n_fingerprints, b->n_fingerprints);
    for (size_t i = 0; i < a->n_fingerprints; i++)
        assert_true(equal(a->fingerprints[i].hash, b->fingerprints[i].hash) &&
                    equal(a->fingerprints[i].value, b->fingerprints[i].value));
    assert_int_equal(a->setup, b->setup);
    assert_true(equal(a->tls_id, b->tls_id));
    assert_int_equal(a->rtcp_mux, b->rtcp_mux);
    assert_int_equal(a->rtcp_mux_only, b->rtcp_mux_only);
    assert_int_equal(a->rtcp_rsize, b->rtcp_rsize);
    assert_int_equal(a->end_of_candidates, b->end_of_candidates);
    assert_int_equal(a->has_sctp_port, b->has_sctp_port);
    assert_int_equal(a->sctp_port, b->sctp_port);
    assert_int_equal(a->has_max_message_size, b->has_max_message_size);
    assert_int_equal(a->max_message_size, b->max_message_size);
}

static void same_media(const struct rill_sdp_media *a, const struct rill_sdp_media *b)
{
    assert_true(equal(a->kind, b->kind) && equal(a->proto, b->proto) && equal(a->mid, b->mid));
    assert_int_equal(a->port, b->port);
    assert_int_equal(a->direction, b->direction);
    assert_int_equal(a->bundle_only, b->bundle_only);
    assert_int_equal(a->extmap_allow_mixed, b->extmap_allow_mixed);
    assert_int_equal(a->n_fmts, b->n_fmts);
    for (size_t i = 0; i < a->n_fmts; i++)
        assert_true(equal(a->fmts[i], b->fmts[i]));
    if (a->connection.p)
        assert_true(equal(a->connection, b->connection));
    same_lists(a, b);
    same_sources(a, b);
    same_transport(a, b);
}

static void same(const struct rill_sdp *a, const struct rill_sdp *b)
{
    assert_true(equal(a->username, b->username) && equal(a->session_id, b->session_id) &&
                equal(a->session_name, b->session_name));
    assert_true(a->session_version == b->session_version);
    assert_int_equal(a->ice_lite, b->ice_lite);
    assert_int_equal(a->extmap_allow_mixed, b->extmap_allow_mixed);
    assert_int_equal(b->attributes_rejected, 0);
    assert_int_equal(a->n_groups, b->n_groups);
    for (size_t i = 0; i < a->n_groups; i++) {
        assert_true(equal(a->groups[i].semantics, b->groups[i].semantics));
        assert_int_equal(a->groups[i].n, b->groups[i].n);
        for (size_t k = 0; k < a->groups[i].n; k++)
            assert_true(equal(a->groups[i].mids[k], b->groups[i].mids[k]));
    }
    assert_int_equal(a->n_media, b->n_media);
    for (size_t i = 0; i < a->n_media; i++)
        same_media(&a->media[i], &b->media[i]);
}

/* Chromium and Firefox answered four offers with an error: these files hold its sentence. */
static bool is_error(const struct sdp_test *t)
{
    return rill_view_starts(rill_view_at(t->text, t->n), "ERROR ");
}

static void sdp_writes_every_sample_so_that_it_reads_the_same(void **state)
{
    (void)state;
    DIR *dir = opendir("tests/data/sdp");
    assert_non_null(dir);
    size_t read = 0, errors = 0;
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        if (!strstr(e->d_name, ".sdp"))
            continue;
        struct sdp_test t, again;
        sdp_test_parse_file(&t, e->d_name);
        read++;
        if (is_error(&t)) {
            assert_row(t.rc, SDP_LINE);
            errors++;
        } else {
            assert_int_equal(t.rc, 0);
            assert_int_equal(t.s->attributes_rejected, 0);
            sdp_test_reparse(&again, t.s);
            assert_int_equal(again.rc, 0);
            same(t.s, again.s);
            sdp_test_close(&again);
        }
        sdp_test_close(&t);
    }
    closedir(dir);
    assert_int_equal(read, 66);
    assert_int_equal(errors, 6);
}

static void sdp_writes_all_that_no_browser_says(void **state)
{
    (void)state;
    struct sdp_test t, again;
    sdp_test_parse(&t, SDP_HEAD
                   "a=ice-lite\r\na=group:BUNDLE a b\r\na=group:LS\r\na=extmap-allow-mixed\r\n"
                   "m=audio 0 RTP/AVP 0\r\nc=IN IP6 2001:db8::1\r\na=mid:a\r\na=bundle-only\r\n"
                   "a=rtcp-mux-only\r\na=rtcp-fb:* trr-int 5\r\na=ice-options:ice2\r\n"
                   "a=tls-id:abc3de65cddef001be82\r\na=ssrc:5 unknown\r\na=msid:-\r\n"
                   "a=rid:1 send max-fs=1\r\na=rid:2 recv\r\na=simulcast:send 1\r\na=inactive\r\n"
                   "m=text 9 x/y fmt 2\r\na=setup:holdconn\r\na=extmap:9/inactive urn:z\r\n");
    assert_int_equal(t.rc, 0);
    assert_int_equal(t.s->attributes_rejected, 0);
    sdp_test_reparse(&again, t.s);
    assert_int_equal(again.rc, 0);
    same(t.s, again.s);
    sdp_test_close(&again);
    sdp_test_close(&t);
}

static void sdp_write_tells_when_the_text_does_not_fit(void **state)
{
    (void)state;
    struct sdp_test t;
    static uint8_t bytes[8192];
    sdp_test_parse_file(&t, "minimal_offer_avd.sdp");
    struct rill_writer whole = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    rill_sdp_write(&whole, t.s);
    assert_false(whole.bad);
    struct rill_writer full = rill_writer_of((struct rill_span){bytes, whole.at});
    rill_sdp_write(&full, t.s);
    assert_false(full.bad);
    struct rill_writer over = rill_writer_of((struct rill_span){bytes, whole.at - 1});
    rill_sdp_write(&over, t.s);
    assert_true(over.bad);
    sdp_test_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sdp_reads_what_browsers_say),
        cmocka_unit_test(sdp_reads_all_of_a_chromium_offer),
        cmocka_unit_test(sdp_lets_firefox_keep_its_fingerprint_at_the_session),
        cmocka_unit_test(sdp_writes_every_sample_so_that_it_reads_the_same),
        cmocka_unit_test(sdp_writes_all_that_no_browser_says),
        cmocka_unit_test(sdp_write_tells_when_the_text_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
