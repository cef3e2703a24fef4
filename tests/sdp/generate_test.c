/* generate_test: descriptions made from the grammar by chance: legal ones mean the same after they
 * were written and read again, and near-legal ones, each with one fault, are refused with the row
 * of that fault.
 *
 *   RILL_SEED   the first seed [1]
 *   RILL_SEEDS  how many [300] */
#include "base/rng.h"
#include "tests/sdp/sdp_test.h"

static struct {
    struct rill_rng rng;
    char text[RILL_SDP_TEXT_MAX];
    size_t n;
    unsigned lines; /* so far */
} g;

static unsigned below(unsigned n)
{
    return rill_rng_below(&g.rng, n);
}

static bool maybe(unsigned in)
{
    return below(in) == 0;
}

static void put(const char *text)
{
    size_t n = strlen(text);
    assert_true(g.n + n < sizeof g.text);
    memcpy(g.text + g.n, text, n + 1);
    g.n += n;
}

static void putn(unsigned n)
{
    char digits[16];
    snprintf(digits, sizeof digits, "%u", n);
    put(digits);
}

/* RFC 8866 §5: "parsers SHOULD be tolerant" of a single newline. */
static void end(void)
{
    put(maybe(8) ? "\n" : "\r\n");
    g.lines++;
}

static void line(const char *text)
{
    put(text);
    end();
}

static void word(const char *alphabet, unsigned least, unsigned more)
{
    char c[2] = {0};
    for (unsigned n = least + below(more + 1); n; n--) {
        c[0] = alphabet[below((unsigned)strlen(alphabet))];
        put(c);
    }
}

#define TOKEN "abcXYZ019!#$%&'*+-.^_`{|}~"
#define ICE "abcXYZ019+/"
#define RID "abcXYZ019-_"

/* --- attributes, one rule each -------------------------------------------------------------------
 */

static void direction(void)
{
    static const char *const names[] = {"a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive"};
    if (!maybe(4))
        line(names[below(4)]);
}

static void transport(void)
{
    static const char *const setups[] = {"a=setup:actpass", "a=setup:active", "a=setup:passive"};
    put("a=ice-ufrag:"), word(ICE, 4, 20), end();
    put("a=ice-pwd:"), word(ICE, 22, 40), end();
    line("a=fingerprint:sha-256 " SDP_PRINT);
    if (maybe(4))
        line("a=fingerprint:SHA-1 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0f:10:11:12:13");
    line(setups[below(3)]);
    if (maybe(2))
        put("a=tls-id:"), word(ICE "-_", 20, 30), end();
    if (maybe(2))
        line(maybe(2) ? "a=ice-options:trickle ice2 renomination" : "a=ice-options:trickle");
    line("a=rtcp-mux");
    if (maybe(3))
        line("a=rtcp-mux-only");
    if (maybe(2))
        line("a=rtcp-rsize");
    if (maybe(3))
        line("a=rtcp:9 IN IP4 0.0.0.0");
    for (unsigned n = below(4); n; n--)
        put("a=candidate:"), putn(n), put(" 1 udp 2130706431 192.0.2.7 "), putn(below(65536)),
            line(" typ host");
    if (maybe(4))
        line("a=end-of-candidates");
}

static void codecs(unsigned first, unsigned n)
{
    for (unsigned pt = first; pt < first + n; pt++) {
        put("a=rtpmap:"), putn(pt), put(" "), word(TOKEN, 1, 8), put("/"), putn(1 + below(96000));
        if (maybe(3))
            put("/"), putn(1 + below(8));
        end();
        if (maybe(3))
            put("a=fmtp:"), putn(pt), put(" "), word(TOKEN ";= ", 1, 30), line("x");
        if (maybe(3))
            put("a=rtcp-fb:"), putn(pt), line(maybe(2) ? " nack pli" : " ccm fir");
    }
    if (maybe(4))
        line("a=rtcp-fb:* transport-cc");
    if (maybe(4))
        line("a=ptime:20");
    if (maybe(4))
        line("a=maxptime:120.5");
}

static void extensions(void)
{
    static const char *const directions[] = {"", "/sendonly", "/recvonly", "/inactive",
                                             "/sendrecv"};
    for (unsigned id = 1, n = below(5); id <= n; id++)
        put("a=extmap:"), putn(id), put(directions[below(5)]), put(" urn:x:"), word(TOKEN, 1, 9),
            end();
    if (maybe(4))
        line("a=extmap-allow-mixed");
}

static void sources(void)
{
    unsigned ssrc = 1 + below(1 << 30);
    for (unsigned n = below(3); n; n--)
        put("a=msid:"), word(TOKEN, 1, 20), put(maybe(2) ? " track" : ""), end();
    if (maybe(2))
        return;
    put("a=ssrc:"), putn(ssrc), put(" cname:"), word(TOKEN, 1, 9), end();
    put("a=ssrc:"), putn(ssrc), line(" msid:s t");
    put("a=ssrc:"), putn(ssrc + 1), line(" cname:c");
    put("a=ssrc-group:FID "), putn(ssrc), put(" "), putn(ssrc + 1), end();
}

static void simulcast(void)
{
    if (!maybe(3))
        return;
    line("a=rid:hi send");
    line("a=rid:lo send max-width=320;max-fps=15");
    line("a=rid:in recv pt=96");
    line(maybe(2) ? "a=simulcast:send hi;~lo recv in" : "a=simulcast:recv in send hi,lo");
    if (maybe(2))
        line("a=imageattr:* send [x=320,y=180] recv *");
}

static void bandwidths(void)
{
    static const char *const types[] = {"AS", "TIAS", "RS", "RR", "X-mine"};
    for (unsigned n = below(3); n; n--)
        put("b="), put(types[below(5)]), put(":"), putn(below(1 << 30)), end();
}

static void media(unsigned i)
{
    static const char *const kinds[] = {"audio", "video"};
    static const char *const protos[] = {"UDP/TLS/RTP/SAVPF", "RTP/SAVPF", "TCP/DTLS/RTP/SAVPF"};
    unsigned n = 1 + below(4);
    put("m="), put(kinds[below(2)]), put(" "), putn(maybe(5) ? 0 : 9), put(" "),
        put(protos[below(3)]);
    for (unsigned pt = 96; pt < 96 + n; pt++)
        put(" "), putn(pt);
    end();
    if (maybe(4))
        line("i=a title");
    line(maybe(4) ? "c=IN IP6 ::" : "c=IN IP4 0.0.0.0");
    bandwidths();
    put("a=mid:"), putn(i), end();
    direction();
    codecs(96, n);
    extensions();
    sources();
    simulcast();
    transport();
    if (maybe(3))
        put("a="), word(TOKEN, 1, 12), put(":anything at all"), end();
}

static void generate(uint64_t seed)
{
    static struct rill_rng_seeded generator;
    rill_rng_seeded_init(&generator, seed);
    g.rng = rill_rng_seeded(&generator);
    g.n = g.lines = 0;
    unsigned n = below(6);
    line("v=0");
    put("o="), word(TOKEN, 1, 8), put(" "), putn(below(1 << 30)), put(" "), putn(below(1 << 30)),
        line(" IN IP4 127.0.0.1");
    line(maybe(2) ? "s=-" : "s=a name with spaces");
    if (maybe(5))
        line("i=about it");
    if (maybe(8))
        line("u=http://example.org/"), line("e=a@example.org"), line("p=+1 617 555 6011");
    if (maybe(6))
        line("c=IN IP4 192.0.2.1");
    bandwidths();
    line("t=0 0");
    if (maybe(6))
        line("r=7d 1h 0 25h"), line("z=2882844526 -1h 2898848070 0");
    if (n) {
        put("a=group:BUNDLE");
        for (unsigned i = 0; i < n; i++)
            put(" "), putn(i);
        end();
    }
    if (maybe(4))
        line("a=ice-lite");
    if (maybe(4))
        line("a=msid-semantic: WMS *");
    for (unsigned i = 0; i < n; i++)
        media(i);
}

/* --- legal
 * ------------------------------------------------------------------------------------------ */

/* What is written is the meaning in one form: two texts are equal when the trees are. */
static void assert_same_text(const struct rill_sdp *a, const struct rill_sdp *b)
{
    static uint8_t text[2][RILL_SDP_TEXT_MAX * 2];
    struct rill_writer w[2];
    for (int i = 0; i < 2; i++) {
        w[i] = rill_writer_of((struct rill_span){text[i], sizeof text[i]});
        rill_sdp_write(&w[i], i ? b : a);
        assert_false(w[i].bad);
    }
    assert_int_equal(w[0].at, w[1].at);
    assert_memory_equal(text[0], text[1], w[0].at);
}

/* The writer leaves nothing out that the parser has stored. */
static void assert_same_counts(const struct rill_sdp *a, const struct rill_sdp *b)
{
    assert_int_equal(a->n_media, b->n_media);
    assert_int_equal(a->n_groups, b->n_groups);
    assert_int_equal(a->n_bandwidths, b->n_bandwidths);
    for (size_t i = 0; i < a->n_media; i++) {
        const struct rill_sdp_media *x = &a->media[i], *y = &b->media[i];
        assert_int_equal(x->n_codecs, y->n_codecs);
        assert_int_equal(x->n_fmtps, y->n_fmtps);
        assert_int_equal(x->n_rtcp_fbs, y->n_rtcp_fbs);
        assert_int_equal(x->n_extmaps, y->n_extmaps);
        assert_int_equal(x->n_msids, y->n_msids);
        assert_int_equal(x->n_ssrcs, y->n_ssrcs);
        assert_int_equal(x->n_ssrc_groups, y->n_ssrc_groups);
        assert_int_equal(x->n_rids, y->n_rids);
        assert_int_equal(x->n_imageattrs, y->n_imageattrs);
        assert_int_equal(x->n_bandwidths, y->n_bandwidths);
        assert_int_equal(x->n_candidates, y->n_candidates);
        assert_int_equal(x->n_fingerprints, y->n_fingerprints);
        assert_int_equal(x->direction, y->direction);
        assert_int_equal(x->setup, y->setup);
        assert_true(rill_view_equal(x->simulcast, y->simulcast));
        assert_true(rill_view_equal(x->tls_id, y->tls_id));
        assert_true(rill_view_equal(x->ptime, y->ptime));
    }
}

static void sdp_reads_what_it_writes_of_any_legal_description(void **state)
{
    const char *text = getenv("RILL_SEEDS");
    uint64_t seeds = text ? strtoull(text, NULL, 10) : 300;
    uint64_t first = rill_test_seed();
    (void)state;
    seeds = seeds > 300 ? seeds : 300;
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        struct sdp_test once, again;
        generate(seed);
        sdp_test_parse_view(&once, rill_view_at(g.text, g.n));
        if (once.rc < 0 || once.s->attributes_rejected)
            fail_msg("seed %llu: a legal description was not read whole:\n%s",
                     (unsigned long long)seed, g.text);
        sdp_test_reparse(&again, once.s);
        assert_int_equal(again.rc, 0);
        assert_int_equal(again.s->attributes_rejected, 0);
        assert_same_counts(once.s, again.s);
        assert_same_text(once.s, again.s);
        sdp_test_close(&again);
        sdp_test_close(&once);
    }
}

/* --- near-legal
 * --------------------------------------------------------------------------------------- */

/* The first line that begins so, up to its end, replaced by another (NULL: taken out). */
static bool change(const char *begins, const char *by)
{
    static char out[RILL_SDP_TEXT_MAX + 1024];
    for (char *at = g.text; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL) {
        if (strncmp(at, begins, strlen(begins)))
            continue;
        char *rest = strchr(at, '\n') + 1;
        int n = snprintf(out, sizeof out, "%.*s%s%s%s", (int)(at - g.text), g.text, by ? by : "",
                         by ? "\r\n" : "", rest);
        assert_true(n > 0 && (size_t)n < sizeof g.text);
        memcpy(g.text, out, (size_t)n + 1);
        g.n = (size_t)n;
        return true;
    }
    return false;
}

static const struct {
    const char *begins, *by;
    int row;
} faults[] = {
    {"v=", NULL, RILL_SDP_NO_VERSION},
    {"v=", "v=1", RILL_SDP_NO_VERSION},
    {"o=", NULL, RILL_SDP_NO_ORIGIN},
    {"o=", "o=- 1 1 IN IP4", RILL_SDP_ORIGIN},
    {"o=", "o=- x 1 IN IP4 127.0.0.1", RILL_SDP_ORIGIN},
    {"s=", NULL, RILL_SDP_NO_NAME},
    {"t=", NULL, RILL_SDP_NO_TIME},
    {"t=", "t=now 0", RILL_SDP_TIME},
    {"r=", "r=7d", RILL_SDP_TIME},
    {"z=", "z=1", RILL_SDP_TIME},
    {"b=", "b=AS", RILL_SDP_BANDWIDTH},
    {"b=", "b=AS:fast", RILL_SDP_BANDWIDTH},
    {"c=", "c=IN IP4", RILL_SDP_CONNECTION},
    {"m=", "m=audio 9 UDP/TLS/RTP/SAVPF", RILL_SDP_MEDIA_LINE},
    {"m=", "m=audio 65536 UDP/TLS/RTP/SAVPF 96", RILL_SDP_PORT},
    {"m=", "m=audio 9 UDP/TLS/RTP/SAVPF 128", RILL_SDP_PAYLOAD_TYPE},
    {"a=", "no line at all", RILL_SDP_LINE},
    {"a=mid:1", "a=mid:0", RILL_SDP_MID_TWICE},
    {"a=", "s=twice", RILL_SDP_ORDER},
    {"a=", "a=lone\rreturn", RILL_SDP_BAD_BYTE},
};

static void sdp_refuses_one_fault_in_any_description_with_its_row(void **state)
{
    size_t tried = 0;
    (void)state;
    for (size_t f = 0; f < sizeof faults / sizeof faults[0]; f++) {
        size_t of_this = 0;
        for (uint64_t seed = 1; seed <= 60; seed++) {
            struct sdp_test t;
            generate(seed);
            /* Without a time, r= and z= are the first that stand wrong. */
            if (!strcmp(faults[f].begins, "t=") && !faults[f].by && strstr(g.text, "\nr="))
                continue;
            if (!change(faults[f].begins, faults[f].by))
                continue;
            sdp_test_parse_view(&t, rill_view_at(g.text, g.n));
            if (t.rc != faults[f].row)
                fail_msg("seed %llu, \"%s\": row %d, not %d:\n%s", (unsigned long long)seed,
                         faults[f].by ? faults[f].by : faults[f].begins, t.rc, faults[f].row,
                         g.text);
            of_this++;
            sdp_test_close(&t);
        }
        assert_true(of_this > 0);
        tried += of_this;
    }
    printf("%zu descriptions with one fault each\n", tried);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sdp_reads_what_it_writes_of_any_legal_description),
        cmocka_unit_test(sdp_refuses_one_fault_in_any_description_with_its_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
