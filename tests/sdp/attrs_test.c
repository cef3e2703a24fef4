/* attrs_test: every attribute rill reads: the good line and what it becomes, and the
 * malformed ones, each of which counts exactly once and changes nothing. */
#include "tests/sdp/sdp_test.h"

/* How many attribute lines of head, audio m-line and this one were rejected. */
static size_t rejected(const char *line)
{
    struct sdp_test t;
    char text[2048];
    snprintf(text, sizeof text,
             SDP_HEAD SDP_AUDIO SDP_TRANSPORT "a=mid:0\r\na=rtpmap:111 opus/48000/2\r\n%s\r\n",
             line);
    sdp_test_parse(&t, text);
    assert_int_equal(t.rc, 0);
    size_t n = t.s->attributes_rejected;
    sdp_test_close(&t);
    return n;
}

/* The same line at the session level. */
static size_t rejected_in_session(const char *line)
{
    struct sdp_test t;
    char text[2048];
    snprintf(text, sizeof text, SDP_HEAD "%s\r\n" SDP_AUDIO, line);
    sdp_test_parse(&t, text);
    assert_int_equal(t.rc, 0);
    size_t n = t.s->attributes_rejected;
    sdp_test_close(&t);
    return n;
}

static const char *const malformed[] = {
    "a=",
    "a=:x",
    "a=no token:x",
    "a=rtpmap",
    "a=rtpmap:",
    "a=rtpmap:abc opus/48000",
    "a=rtpmap:112 opus",
    "a=rtpmap:112 opus/",
    "a=rtpmap:112 opus/0",
    "a=rtpmap:112 opus/x",
    "a=rtpmap:112 opus/4294967296",
    "a=rtpmap:112 /48000",
    "a=rtpmap:112",
    "a=rtpmap:112 ",
    "a=rtpmap:128 opus/48000/2",
    "a=rtpmap:-1 opus/48000/2",
    "a=rtpmap:112 opus/48000/0",
    "a=rtpmap:112 opus/48000/x",
    "a=rtpmap:112 opus/48000/2/2",
    "a=rtpmap:112 opus/48000/2 ",
    "a=rtpmap:112 op us/48000",
    "a=fmtp",
    "a=fmtp:",
    "a=fmtp:111",
    "a=fmtp:111 ",
    "a=fmtp:abc x=1",
    "a=fmtp:128 x=1",
    "a=rtcp-fb:",
    "a=rtcp-fb:111",
    "a=rtcp-fb:111 ",
    "a=rtcp-fb:200 nack",
    "a=rtcp-fb:x nack",
    "a=rtcp-fb:111 nack ",
    "a=rtcp-fb:111 na/ck",
    "a=rtcp-fb:111 trr-int x",
    "a=extmap:",
    "a=extmap:1",
    "a=extmap:0 urn:x",
    "a=extmap:x urn:x",
    "a=extmap:256 urn:x",
    "a=extmap:4352 urn:x",
    "a=extmap:65536 urn:x",
    "a=extmap:1 ",
    "a=extmap:1 uri",
    "a=extmap:1/ urn:x",
    "a=extmap:1/sideways urn:x",
    "a=extmap:1 urn:x ",
    "a=ssrc:",
    "a=ssrc:1",
    "a=ssrc:1 ",
    "a=ssrc:notanumber cname:x",
    "a=ssrc:-1 cname:x",
    "a=ssrc:4294967296 cname:x",
    "a=ssrc:1 cname",
    "a=ssrc:1 cname:",
    "a=ssrc:1 msid:",
    "a=ssrc:1 no token",
    "a=ssrc-group:",
    "a=ssrc-group: 1 2",
    "a=ssrc-group:FID a b",
    "a=ssrc-group:FID 1 4294967296",
    "a=ssrc-group:FID 1  2",
    "a=candidate",
    "a=candidate:",
    "a=fingerprint",
    "a=fingerprint:",
    "a=fingerprint:sha-256",
    "a=fingerprint:sha-256 ",
    "a=fingerprint:sha-256 00:11",
    "a=fingerprint:sha-256 GG:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:"
    "17:18:19:1A:1B:1C:1D:1E:1F",
    "a=fingerprint:sha-256 " SDP_PRINT ":20",
    "a=fingerprint:sha-256 " SDP_PRINT ":",
    "a=fingerprint:sha-1 " SDP_PRINT,
    "a=fingerprint:sha-256 0001:02",
    "a=setup:",
    "a=setup:foo",
    "a=setup:Active",
    "a=mid",
    "a=mid:",
    "a=mid:a b",
    "a=mid:second",
    "a=group:",
    "a=group: 0",
    "a=group:BUNDLE  0",
    "a=group:BUNDLE 0 ",
    "a=msid:",
    "a=msid: x",
    "a=msid:a b c",
    "a=ice-ufrag:",
    "a=ice-ufrag:abc",
    "a=ice-ufrag:ab cd",
    "a=ice-pwd:short",
    "a=ice-pwd:012345678901234567890", /* 21 */
    "a=ice-options:",
    "a=ice-options:trickle  ice2",
    "a=ice-lite:1",
    "a=end-of-candidates:x",
    "a=tls-id:tooshort",
    "a=tls-id:abc3de65cddef001be8 ",
    "a=rtcp:",
    "a=rtcp:99999",
    "a=rtcp:9 IN IP4",
    "a=rtcp:9 IN IP4 0.0.0.0 x",
    "a=rtcp-mux:1",
    "a=rtcp-rsize:",
    "a=bundle-only:x",
    "a=sendrecv:x",
    "a=extmap-allow-mixed:1",
    "a=ptime:",
    "a=ptime:x",
    "a=ptime:0",
    "a=ptime:-20",
    "a=maxptime:1.",
    "a=rid:",
    "a=rid:1",
    "a=rid:1 sideways",
    "a=rid:a.b send",
    "a=rid:1 send ",
    "a=simulcast:",
    "a=simulcast:1;2",
    "a=simulcast:send",
    "a=simulcast:send ",
    "a=simulcast:send 1;;2",
    "a=simulcast:send 1 send 2",
    "a=simulcast:send 1 recv 2 send 3",
    "a=simulcast: send rid=1;2",
    "a=sctp-port:",
    "a=sctp-port:x",
    "a=sctp-port:70000",
    "a=sctp-port:05000",
    "a=max-message-size:",
    "a=max-message-size:x",
    "a=max-message-size:-1",
    "a=max-message-size:18446744073709551616",
};

static void sdp_counts_every_malformed_attribute_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++)
        if (rejected(malformed[i]) != 1)
            fail_msg("%s was counted %zu times", malformed[i], rejected(malformed[i]));
}

/* What may stand only once, or at its own level, is no fault in this place. */
static void sdp_judges_attributes_alike_at_the_session_level(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        bool second = strcmp(malformed[i], "a=mid:second") == 0;
        if (rejected_in_session(malformed[i]) != (second ? 0 : 1))
            fail_msg("%s was counted %zu times", malformed[i], rejected_in_session(malformed[i]));
    }
}

static void sdp_counts_no_well_formed_attribute(void **state)
{
    (void)state;
    static const char *const good[] = {
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:112 opus/4294967295/255",
        "a=fmtp:111 anything; at all=\"yes\"",
        "a=rtcp-fb:* nack",
        "a=rtcp-fb:111 nack pli",
        "a=rtcp-fb:111 trr-int 100",
        "a=rtcp-fb:111 ack app bytes of any kind",
        "a=extmap:14 urn:x",
        "a=extmap:255/sendonly http://example.org/a b c",
        "a=extmap:4096 urn:x",
        "a=ssrc:0 cname:x",
        "a=ssrc:4294967295 cname:with spaces",
        "a=ssrc:1 unknown",
        "a=ssrc-group:FID",
        "a=ssrc-group:SIM 1 2 3",
        "a=candidate:whatever ice may say of it",
        "a=fingerprint:SHA-256 " SDP_PRINT,
        "a=fingerprint:new-hash AB:CD",
        "a=group:LS",
        "a=group:BUNDLE 0",
        "a=msid:-",
        "a=msid:{stream} {track}",
        "a=ice-options:google-ice",
        "a=tls-id:abc3de65cddef001be82",
        "a=rtcp:9",
        "a=rtcp:9 IN IP6 ::1",
        "a=rid:1 send pt=96;max-width=1280",
        "a=rid:hi-1_x recv",
        "a=simulcast:send 1,~4;2;3 recv c",
        "a=simulcast:recv a",
        "a=sctp-port:0",
        "a=max-message-size:18446744073709551615",
        "a=ptime:2.5",
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc",
        "a=unknown",
        "a=sendrecv",
        "a=rtcp-mux",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (rejected(good[i]) != 0)
            fail_msg("%s was counted %zu times", good[i], rejected(good[i]));
}

static void sdp_keeps_what_was_there_before_a_malformed_line(void **state)
{
    (void)state;
    struct sdp_test t;
    sdp_test_parse(&t, SDP_HEAD SDP_AUDIO SDP_TRANSPORT
                   "a=mid:0\r\na=setup:foo\r\na=ice-ufrag:ab\r\na=rtpmap:111 opus/0\r\n"
                   "a=rtpmap:111 opus/48000/2\r\n");
    const struct rill_sdp_media *m = &t.s->media[0];
    assert_int_equal(t.s->attributes_rejected, 3);
    assert_int_equal(m->setup, RILL_SDP_SETUP_ACTPASS);
    assert_text(m->ice_ufrag, "abcd");
    assert_int_equal(m->n_codecs, 1);
    assert_int_equal(m->codecs[0].clock_hz, 48000);
    sdp_test_close(&t);
}

static void sdp_keeps_the_first_of_what_may_stand_once(void **state)
{
    (void)state;
    struct sdp_test t;
    sdp_test_parse(&t, SDP_HEAD SDP_AUDIO SDP_TRANSPORT
                   "a=ice-ufrag:evil\r\na=ice-pwd:evilevilevilevilevilevil\r\na=setup:active\r\n"
                   "a=recvonly\r\na=sendonly\r\na=rtpmap:111 opus/48000/2\r\n"
                   "a=rtpmap:111 PCMU/8000\r\na=fmtp:111 a=1\r\na=fmtp:111 a=2\r\n");
    const struct rill_sdp_media *m = &t.s->media[0];
    assert_int_equal(t.s->attributes_rejected, 6);
    assert_text(m->ice_ufrag, "abcd");
    assert_text(m->ice_pwd, "0123456789abcdefghijkl");
    assert_int_equal(m->setup, RILL_SDP_SETUP_ACTPASS);
    assert_int_equal(m->direction, RILL_SDP_RECVONLY);
    assert_text(rill_sdp_find_codec(m, 111)->name, "opus");
    assert_text(rill_sdp_find_fmtp(m, 111), "a=1");
    sdp_test_close(&t);
}

static char *credential_line(char *out, const char *name, size_t n)
{
    size_t at = strlen(name);
    memcpy(out, name, at);
    memset(out + at, 'a', n);
    out[at + n] = '\0';
    return out;
}

static void sdp_takes_credentials_of_the_allowed_lengths(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t n;
        size_t rejected;
    } rows[] = {
        {"a=ice-ufrag:", 3, 1},   {"a=ice-ufrag:", 4, 0}, {"a=ice-ufrag:", 256, 0},
        {"a=ice-ufrag:", 257, 1}, {"a=ice-pwd:", 21, 1},  {"a=ice-pwd:", 22, 0},
        {"a=ice-pwd:", 256, 0},   {"a=ice-pwd:", 257, 1}, {"a=tls-id:", 19, 1},
        {"a=tls-id:", 20, 0},     {"a=tls-id:", 255, 0},  {"a=tls-id:", 256, 1},
    };
    char line[512];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(rejected_in_session(credential_line(line, rows[i].name, rows[i].n)),
                         rows[i].rejected);
}

static void sdp_lets_every_media_inherit_from_the_session(void **state)
{
    (void)state;
    struct sdp_test t;
    sdp_test_parse(
        &t, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
            "a=inactive\r\na=ice-ufrag:sess\r\na=ice-pwd:0123456789abcdefghijkl\r\n"
            "a=ice-options:trickle\r\na=fingerprint:sha-256 " SDP_PRINT "\r\n"
            "a=setup:passive\r\na=extmap:3 urn:x\r\na=end-of-candidates\r\n" SDP_AUDIO SDP_AUDIO
            "c=IN IP6 2001:db8::2\r\nc=IN IP6 2001:db8::3\r\na=sendonly\r\na=ice-ufrag:medi\r\n"
            "a=fingerprint:sha-512 AB\r\na=fingerprint:other AB:CD\r\na=setup:active\r\n"
            "a=extmap:5 urn:y\r\n");
    assert_int_equal(t.rc, 0);
    const struct rill_sdp_media *a = &t.s->media[0], *b = &t.s->media[1];
    assert_int_equal(t.s->attributes_rejected, 1); /* the sha-512 of one byte */
    assert_text(a->connection, "192.0.2.1");
    assert_int_equal(a->direction, RILL_SDP_INACTIVE);
    assert_text(a->ice_ufrag, "sess");
    assert_text(a->ice_pwd, "0123456789abcdefghijkl");
    assert_true(a->ice_trickle && a->end_of_candidates);
    assert_int_equal(a->n_fingerprints, 1);
    assert_int_equal(a->setup, RILL_SDP_SETUP_PASSIVE);
    assert_int_equal(rill_sdp_find_extmap(a, "urn:x"), 3);
    assert_text(b->connection, "2001:db8::2");
    assert_int_equal(b->direction, RILL_SDP_SENDONLY);
    assert_text(b->ice_ufrag, "medi");
    assert_text(b->ice_pwd, "0123456789abcdefghijkl");
    assert_int_equal(b->n_fingerprints, 1);
    assert_text(b->fingerprints[0].hash, "other");
    assert_int_equal(b->setup, RILL_SDP_SETUP_ACTIVE);
    assert_int_equal(rill_sdp_find_extmap(b, "urn:x"), 0);
    sdp_test_close(&t);
}

static void sdp_leaves_absent_what_no_level_says(void **state)
{
    (void)state;
    struct sdp_test t;
    sdp_test_parse(&t, SDP_HEAD SDP_AUDIO);
    const struct rill_sdp_media *m = &t.s->media[0];
    assert_null(m->mid.p);
    assert_null(m->ice_ufrag.p);
    assert_null(m->ice_pwd.p);
    assert_null(m->connection.p);
    assert_int_equal(m->direction, RILL_SDP_SENDRECV);
    assert_int_equal(m->setup, RILL_SDP_SETUP_NONE);
    assert_int_equal(m->n_fingerprints, 0);
    assert_int_equal(m->n_codecs, 0);
    assert_false(m->rtcp_mux);
    assert_false(m->has_sctp_port);
    sdp_test_close(&t);
}

static void sdp_knows_the_static_payload_types(void **state)
{
    (void)state;
    struct sdp_test t;
    sdp_test_parse(&t, SDP_HEAD "m=audio 9 RTP/AVP 0 8 10 8 1 96 0\r\na=rtpmap:8 mine/16000\r\n"
                                "m=video 9 UDP/TLS/RTP/SAVPF 34\r\nm=application 9 udp 0\r\n");
    const struct rill_sdp_media *m = &t.s->media[0];
    assert_int_equal(m->n_codecs, 3); /* 8 by its line, 0 and 10 by the table, once each */
    assert_text(rill_sdp_find_codec(m, 0)->name, "PCMU");
    assert_int_equal(rill_sdp_find_codec(m, 0)->clock_hz, 8000);
    assert_int_equal(rill_sdp_find_codec(m, 0)->channels, 1);
    assert_text(rill_sdp_find_codec(m, 8)->name, "mine");
    assert_int_equal(rill_sdp_find_codec(m, 10)->channels, 2);
    assert_null(rill_sdp_find_codec(m, 1));
    assert_null(rill_sdp_find_codec(m, 96));
    assert_text(rill_sdp_find_codec(&t.s->media[1], 34)->name, "H263");
    assert_int_equal(t.s->media[2].n_codecs, 0);
    sdp_test_close(&t);
}

static void sdp_joins_the_lines_of_one_ssrc(void **state)
{
    (void)state;
    struct sdp_test t;
    sdp_test_parse(&t, SDP_HEAD SDP_AUDIO
                   "a=ssrc-group:FID 7 4294967295\r\na=ssrc:7 cname:c\r\na=ssrc:4294967295 x\r\n"
                   "a=ssrc:7 msid:s t\r\na=ssrc:7 cname:other\r\n");
    const struct rill_sdp_media *m = &t.s->media[0];
    assert_int_equal(m->n_ssrcs, 2);
    assert_int_equal(m->ssrcs[0].ssrc, 7);
    assert_text(m->ssrcs[0].cname, "c");
    assert_text(m->ssrcs[0].msid, "s t");
    assert_int_equal(m->ssrcs[1].ssrc, 4294967295);
    assert_null(m->ssrcs[1].cname.p);
    assert_int_equal(m->n_ssrc_groups, 1);
    assert_text(m->ssrc_groups[0].semantics, "FID");
    assert_int_equal(m->ssrc_groups[0].n, 2);
    assert_int_equal(m->ssrc_groups[0].ssrcs[1], 4294967295);
    sdp_test_close(&t);
}

static void sdp_reads_the_data_channel(void **state)
{
    (void)state;
    struct sdp_test t;
    sdp_test_parse(&t, SDP_HEAD "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
                                "a=sctp-port:5000\r\na=max-message-size:0\r\n"
                                "a=fmtp:webrtc-datachannel x\r\n");
    const struct rill_sdp_media *m = &t.s->media[0];
    assert_int_equal(t.s->attributes_rejected, 0);
    assert_text(m->fmts[0], "webrtc-datachannel");
    assert_true(m->has_sctp_port);
    assert_int_equal(m->sctp_port, 5000);
    assert_true(m->has_max_message_size);
    assert_int_equal(m->max_message_size, 0);
    sdp_test_close(&t);
}

static void sdp_reads_simulcast_and_rids(void **state)
{
    (void)state;
    struct sdp_test t;
    sdp_test_parse(&t, SDP_HEAD SDP_AUDIO "a=rid:hi send max-width=1280\r\na=rid:lo recv\r\n"
                                          "a=simulcast:send hi recv lo\r\n");
    const struct rill_sdp_media *m = &t.s->media[0];
    assert_int_equal(m->n_rids, 2);
    assert_text(m->rids[0].id, "hi");
    assert_text(m->rids[0].direction, "send");
    assert_text(m->rids[0].params, "max-width=1280");
    assert_null(m->rids[1].params.p);
    assert_text(m->simulcast, "send hi recv lo");
    sdp_test_close(&t);
}

static void sdp_ignores_media_attributes_at_the_session_level(void **state)
{
    (void)state;
    struct sdp_test t;
    sdp_test_parse(&t, SDP_HEAD "a=mid:s\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n"
                                "a=candidate:x\r\na=sctp-port:1\r\n" SDP_AUDIO "a=group:LS 0\r\n"
                                "a=ice-lite\r\n");
    const struct rill_sdp_media *m = &t.s->media[0];
    assert_int_equal(t.s->attributes_rejected, 0);
    assert_null(m->mid.p);
    assert_false(m->rtcp_mux);
    assert_int_equal(m->n_codecs, 0);
    assert_int_equal(m->n_candidates, 0);
    assert_false(m->has_sctp_port);
    assert_int_equal(t.s->n_groups, 0);
    assert_false(t.s->ice_lite);
    sdp_test_close(&t);
}

static void sdp_finds_fmtp_parameters_by_name(void **state)
{
    (void)state;
    struct rill_view p = rill_view_of("minptime=10; UseInbandFEC=1;flag;stereo = 0 ;x=a=b");
    assert_text(rill_sdp_fmtp_param(p, "minptime"), "10");
    assert_text(rill_sdp_fmtp_param(p, "useinbandfec"), "1");
    assert_text(rill_sdp_fmtp_param(p, "stereo"), "0");
    assert_text(rill_sdp_fmtp_param(p, "x"), "a=b");
    assert_null(rill_sdp_fmtp_param(p, "flag").p);
    assert_null(rill_sdp_fmtp_param(p, "absent").p);
    assert_null(rill_sdp_fmtp_param((struct rill_view){0}, "x").p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sdp_counts_every_malformed_attribute_once),
        cmocka_unit_test(sdp_judges_attributes_alike_at_the_session_level),
        cmocka_unit_test(sdp_counts_no_well_formed_attribute),
        cmocka_unit_test(sdp_keeps_what_was_there_before_a_malformed_line),
        cmocka_unit_test(sdp_keeps_the_first_of_what_may_stand_once),
        cmocka_unit_test(sdp_takes_credentials_of_the_allowed_lengths),
        cmocka_unit_test(sdp_lets_every_media_inherit_from_the_session),
        cmocka_unit_test(sdp_leaves_absent_what_no_level_says),
        cmocka_unit_test(sdp_knows_the_static_payload_types),
        cmocka_unit_test(sdp_joins_the_lines_of_one_ssrc),
        cmocka_unit_test(sdp_reads_the_data_channel),
        cmocka_unit_test(sdp_reads_simulcast_and_rids),
        cmocka_unit_test(sdp_ignores_media_attributes_at_the_session_level),
        cmocka_unit_test(sdp_finds_fmtp_parameters_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
