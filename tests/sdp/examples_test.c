/* examples_test: the worked examples of RFC 9429 §7, RFC 9143 §18, RFC 8853 §5.6 and
 * draft-ietf-rtcweb-sdp §5: parsed, answered and compared, fact by fact.
 *
 * tests/data/examples/facts.txt says of each what it holds, an m-line a line (`m`), then what rill
 * answers to an offer (`>`), or what does not fit of an answer (`!`): the draft is older than RFC
 * 9143 and gives bundled m-lines of an answer the port 0. */
#include "tests/sdp/sdp_test.h"

#include <stdarg.h>

#define DIRECTORY "tests/data/examples/"

/* --- facts, as text -----------------------------------------------------------------------------
 */

struct text {
    char bytes[2048];
    size_t n;
};

__attribute__((format(printf, 2, 3))) static void say(struct text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(t->bytes + t->n, sizeof t->bytes - t->n, format, args);
    va_end(args);
    assert_true(n >= 0 && (size_t)n < sizeof t->bytes - t->n);
    t->n += (size_t)n;
}

/* A word of its own; "-" for what is not there, spaces within become slashes. */
static void word(struct text *t, const char *before, struct rill_view v)
{
    say(t, "%s%.*s", before, v.n ? (int)v.n : 1, v.n ? (const char *)v.p : "-");
    for (size_t i = t->n - v.n; v.n && i < t->n; i++)
        if (t->bytes[i] == ' ')
            t->bytes[i] = '/';
}

static void flag(struct text *t, const char *name, bool on)
{
    say(t, "%s", on ? name : "");
}

static void codec(struct text *t, const struct rill_sdp_media *m, struct rill_view fmt)
{
    uint64_t pt = 0;
    say(t, " %.*s", (int)fmt.n, (const char *)fmt.p);
    if (!rill_view_u64(fmt, 127, &pt) || !rill_sdp_find_codec(m, (uint8_t)pt))
        return;
    const struct rill_sdp_codec *c = rill_sdp_find_codec(m, (uint8_t)pt);
    struct rill_view params = rill_sdp_find_fmtp(m, c->pt);
    say(t, "=%.*s/%u", (int)c->name.n, (const char *)c->name.p, c->clock_hz);
    if (c->channels > 1)
        say(t, "/%u", c->channels);
    if (params.p)
        say(t, "{%.*s}", (int)params.n, (const char *)params.p);
}

static void extensions(struct text *t, const struct rill_sdp_media *m)
{
    for (size_t i = 0; i < m->n_extmaps; i++) {
        struct rill_view rest = m->extmaps[i].uri, name = rest;
        while (rest.p)
            name = rill_view_cut(rest, ':', &rest);
        say(t, " %u", m->extmaps[i].id);
        if (m->extmaps[i].has_direction)
            say(t, "/%s", rill_sdp_direction_name(m->extmaps[i].direction));
        word(t, "=", name);
    }
}

static void facts_of(struct text *t, const struct rill_sdp_media *m)
{
    *t = (struct text){.n = 0};
    word(t, "m ", m->kind);
    say(t, " %u", m->port);
    say(t, " %.*s", (int)m->proto.n, (const char *)m->proto.p);
    word(t, " ", m->mid);
    say(t, " %s", rill_sdp_direction_name(m->direction));
    word(t, " ", rill_view_of(rill_sdp_setup_name(m->setup)));
    word(t, " ", m->ice_ufrag);
    flag(t, " rtcp-mux", m->rtcp_mux);
    flag(t, " rtcp-mux-only", m->rtcp_mux_only);
    flag(t, " rtcp-rsize", m->rtcp_rsize);
    flag(t, " bundle-only", m->bundle_only);
    say(t, " |");
    for (size_t i = 0; i < m->n_fmts; i++)
        codec(t, m, m->fmts[i]);
    say(t, " |");
    extensions(t, m);
    say(t, " | candidates=%zu rtcp-fb=%zu", m->n_candidates, m->n_rtcp_fbs);
    word(t, " msid=", m->n_msids ? m->msids[0].stream : (struct rill_view){0});
    for (size_t i = 0; i < m->n_rids; i++) {
        word(t, " rid=", m->rids[i].id);
        word(t, "/", m->rids[i].direction);
        if (m->rids[i].params.p)
            word(t, "/", m->rids[i].params);
    }
    if (m->simulcast.p)
        word(t, " simulcast=", m->simulcast);
}

/* What an answer says; of an m-line that is off, no more than that. */
static void decision_of(struct text *t, const struct rill_sdp_media *m)
{
    *t = (struct text){.n = 0};
    word(t, "> ", m->kind);
    say(t, " %u", m->port);
    word(t, " ", m->mid);
    if (!m->port)
        return;
    say(t, " %s %s", rill_sdp_direction_name(m->direction), rill_sdp_setup_name(m->setup));
    for (size_t i = 0; i < m->n_fmts; i++)
        word(t, " ", m->fmts[i]);
    extensions(t, m);
}

/* --- an example ---------------------------------------------------------------------------------
 */

#define LINES_MAX 16

struct example {
    char name[64];
    struct rill_view head, lines[LINES_MAX]; /* without the head */
    size_t n;
    struct sdp_test offer; /* the offer to which it is an answer */
    struct sdp_test t;
};

static struct rill_view slurp(const char *name, char *bytes, size_t cap)
{
    char path[128];
    snprintf(path, sizeof path, DIRECTORY "%s", name);
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("cannot open %s", path);
    size_t n = fread(bytes, 1, cap, f);
    fclose(f);
    assert_true(n < cap);
    return rill_view_at(bytes, n);
}

/* RFC 9143's and RFC 8853's examples speak of no transport that rill has: they get one. */
static bool is_without_transport(const char *name)
{
    return !strncmp(name, "rfc9143", 7) || !strncmp(name, "rfc8853", 7);
}

static void parse_example(struct sdp_test *t, const char *name)
{
    static char bytes[16384], whole[20480];
    struct rill_view text = slurp(name, bytes, sizeof bytes);
    const char *transport = "", *setup = "";
    if (is_without_transport(name)) {
        transport = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdefghijkl\r\n"
                    "a=fingerprint:sha-256 " SDP_PRINT "\r\n";
        setup = strstr(name, "offer") ? "a=setup:actpass\r\n" : "a=setup:active\r\n";
    }
    size_t head = 0;
    while (!rill_view_starts(rill_view_sub(text, head, text.n - head), "t=0 0\r\n"))
        head++;
    head += strlen("t=0 0\r\n");
    int n = snprintf(whole, sizeof whole, "%.*s%s%s%.*s", (int)head, (const char *)text.p,
                     transport, setup, (int)(text.n - head), (const char *)text.p + head);
    sdp_test_parse_view(t, rill_view_at(whole, (size_t)n));
    if (t->rc < 0)
        fail_msg("%s: %s in line %zu", name, t->why.row->name, t->why.offset);
}

static void expect(const struct example *x, size_t *at, const struct text *found)
{
    if (*at >= x->n || !rill_view_is(x->lines[*at], found->bytes))
        fail_msg("%s:\n%s\nis not\n%.*s", x->name, found->bytes,
                 *at < x->n ? (int)x->lines[*at].n : 0, (const char *)x->lines[*at].p);
    ++*at;
}

static void read_facts(struct example *x, size_t *at)
{
    struct text t = {.n = 0};
    const struct rill_sdp *s = x->t.s;
    say(&t, "@ %s %.*s %llu %zu", x->name, (int)s->session_id.n, (const char *)s->session_id.p,
        (unsigned long long)s->session_version, s->attributes_rejected);
    if (!rill_view_is(x->head, t.bytes))
        fail_msg("%s is not %.*s", t.bytes, (int)x->head.n, (const char *)x->head.p);
    for (size_t i = 0; i < s->n_groups; i++) {
        t = (struct text){.n = 0};
        word(&t, "group ", s->groups[i].semantics);
        for (size_t k = 0; k < s->groups[i].n; k++)
            word(&t, " ", s->groups[i].mids[k]);
        expect(x, at, &t);
    }
    for (size_t i = 0; i < s->n_media; i++) {
        struct rill_sdp_media m = s->media[i];
        if (is_without_transport(
                x->name)) { /* what parse_example put in is none of the example's facts */
            m.setup = RILL_SDP_SETUP_NONE;
            m.ice_ufrag = (struct rill_view){0};
        }
        facts_of(&t, &m);
        expect(x, at, &t);
    }
}

/* --- answered -----------------------------------------------------------------------------------
 */

static const struct rill_sdp_codec_cap codecs[] = {
    {.kind = RILL_AUDIO, .id = RILL_CODEC_OPUS, .name = "opus", .clock_hz = 48000, .channels = 2},
    {.kind = RILL_AUDIO, .id = RILL_CODEC_OPUS, .name = "PCMU", .clock_hz = 8000, .channels = 1},
    {.kind = RILL_VIDEO, .id = RILL_CODEC_VP8, .name = "VP8", .clock_hz = 90000, .channels = 1},
    {.kind = RILL_VIDEO, .id = RILL_CODEC_VP8, .name = "MPV", .clock_hz = 90000, .channels = 1},
    {.kind = RILL_VIDEO, .id = RILL_CODEC_VP8, .name = "H261", .clock_hz = 90000, .channels = 1},
};

static void answer_example(struct example *x, size_t *at)
{
    struct sdp_test_side side;
    struct sdp_test made, again;
    struct rill_sdp_finding found[16];
    sdp_test_side(&side);
    side.local.caps.codecs = codecs;
    side.local.caps.n_codecs = sizeof codecs / sizeof codecs[0];
    sdp_test_answer(&made, x->t.s, &side.local);
    assert_int_equal(made.rc, 0);
    sdp_test_reparse(&again, made.s);
    assert_int_equal(again.rc, 0);
    for (size_t i = 0; i < again.s->n_media; i++) {
        struct text t;
        decision_of(&t, &again.s->media[i]);
        expect(x, at, &t);
    }
    size_t n = rill_sdp_compare(x->t.s, again.s, found, 16);
    if (n)
        fail_msg("rill's answer to %s: %s", x->name, found[0].err.row->name);
    sdp_test_close(&again);
    sdp_test_close(&made);
}

/* --- compared -----------------------------------------------------------------------------------
 */

static void compare_example(struct example *x, size_t *at)
{
    struct rill_sdp_finding found[16];
    char offer[64];
    char *place = strstr(strcpy(offer, x->name), "answer");
    assert_non_null(place);
    memmove(place + 5, place + 6, strlen(place + 6) + 1);
    memcpy(place, "offer", 5);
    parse_example(&x->offer, offer);
    size_t n = rill_sdp_compare(x->offer.s, x->t.s, found, 16);
    for (size_t i = 0; i < n; i++) {
        struct text t = {.n = 0};
        say(&t, "! %s %llu", found[i].err.row->name, (unsigned long long)found[i].err.value);
        expect(x, at, &t);
    }
    sdp_test_close(&x->offer);
}

/* --- all of them --------------------------------------------------------------------------------
 */

static bool next_example(struct rill_view *rest, struct example *x)
{
    *x = (struct example){.n = 0};
    while (rest->p && !rill_view_starts(x->head, "@ "))
        x->head = rill_view_cut(*rest, '\n', rest);
    if (!rill_view_starts(x->head, "@ "))
        return false;
    struct rill_view words = rill_view_sub(x->head, 2, x->head.n - 2);
    struct rill_view name = rill_view_cut(words, ' ', &words);
    snprintf(x->name, sizeof x->name, "%.*s", (int)name.n, (const char *)name.p);
    while (rest->p) {
        struct rill_view line = rill_view_cut(*rest, '\n', rest);
        if (!line.n)
            break;
        assert_true(x->n < LINES_MAX);
        x->lines[x->n++] = line;
    }
    return true;
}

static void sdp_reads_answers_and_compares_the_worked_examples(void **state)
{
    (void)state;
    static char bytes[65536];
    struct rill_view rest = slurp("facts.txt", bytes, sizeof bytes);
    struct example x;
    size_t examples = 0, answered = 0;
    for (; next_example(&rest, &x); examples++) {
        size_t at = 0;
        parse_example(&x.t, x.name);
        read_facts(&x, &at);
        if (strstr(x.name, "offer")) {
            answer_example(&x, &at);
            answered++;
        } else {
            compare_example(&x, &at);
        }
        if (at != x.n)
            fail_msg("%s: nothing found of %.*s", x.name, (int)x.lines[at].n,
                     (const char *)x.lines[at].p);
        sdp_test_close(&x.t);
    }
    assert_int_equal(examples, 68);
    assert_int_equal(answered, 35);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sdp_reads_answers_and_compares_the_worked_examples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
