#include "apps/replay.h"

#include "apps/replay_args.h"
#include "apps/time.h"
#include "apps/trace_out.h"
#include "dtls/cert.h"
#include "trace/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM ((size_t)1 << 20)
/* One event of the peer: a description's text, escaped, or the hex of a frame. */
#define LINE ((size_t)4 << 20)
/* What belongs to one verb at most. */
#define TEXTS_MAX ((size_t)64 << 20)
#define ENTROPY_MAX ((size_t)1 << 20)
#define BEHIND_MAX (3600 * RILL_SECOND)

bool replay_refuse(struct replay *r, const char *sentence)
{
    if (r->state == REPLAY_GOES_ON) {
        r->state = REPLAY_REFUSED;
        snprintf(r->sentence, sizeof r->sentence, "%s", sentence);
    }
    return false;
}

static char *copy_text(struct rill_view v)
{
    char *text = malloc(v.n + 1);
    if (!text)
        return NULL;
    if (v.n)
        memcpy(text, v.p, v.n);
    text[v.n] = '\0';
    return text;
}

static void differ(struct replay *r, const char *sentence, const struct rill_view *recorded,
                   const struct rill_view *replayed)
{
    if (r->state != REPLAY_GOES_ON || r->lenient)
        return;
    r->state = REPLAY_DIFFERS;
    snprintf(r->sentence, sizeof r->sentence, "%s", sentence);
    r->recorded = recorded ? copy_text(*recorded) : NULL;
    r->replayed = replayed ? copy_text(*replayed) : NULL;
}

/* False when it would be too much. */
static bool append(uint8_t **bytes, size_t *n, size_t *cap, size_t most, struct rill_view v)
{
    if (v.n > most - *n)
        return false;
    if (*n + v.n > *cap) {
        size_t more = 2 * (*n + v.n);
        uint8_t *grown = realloc(*bytes, more);
        if (!grown)
            return false;
        *bytes = grown;
        *cap = more;
    }
    if (v.n)
        memcpy(*bytes + *n, v.p, v.n);
    *n += v.n;
    return true;
}

/* --- what is expected ---------------------------------------------------------------------- */

static void expect(struct replay *r, const struct rill_trace_record *record)
{
    struct replay_event e = {record->number, r->n_texts, record->text.n};
    if (r->n_expected == r->cap_expected) {
        size_t cap = 2 * r->cap_expected + 16;
        struct replay_event *grown = realloc(r->expected, cap * sizeof *grown);
        if (!grown) {
            replay_refuse(r, "there is no memory");
            return;
        }
        r->expected = grown;
        r->cap_expected = cap;
    }
    if (append(&r->texts, &r->n_texts, &r->cap_texts, TEXTS_MAX, record->text))
        r->expected[r->n_expected++] = e;
    else
        replay_refuse(r, "more belongs to one verb than there is room for");
}

static struct rill_view text_of(const struct replay *r, const struct replay_event *e)
{
    return rill_view_at(r->texts + e->at, e->n);
}

/* What happens now must be what the file has next. */
static void on_event(void *ctx, const struct rill_trace_point *point, int64_t now,
                     const union rill_trace_value *values)
{
    static uint8_t line[LINE];
    struct replay *r = ctx;
    struct rill_writer w = rill_writer_of((struct rill_span){line, sizeof line});
    if (r->state != REPLAY_GOES_ON)
        return;
    if (now != 0 && now - r->origin > r->last) /* as in trace_out.c */
        r->last = now - r->origin;
    rill_trace_write_record(&w, point, r->last, values, true);
    struct rill_view happens = rill_view_sub(rill_w_view(&w), 1, w.at - 2);
    if (r->met == r->n_expected) {
        r->number = r->verb_number;
        differ(r, "something happens that was not recorded", NULL, &happens);
        return;
    }
    const struct replay_event *e = &r->expected[r->met++];
    struct rill_view recorded = text_of(r, e);
    r->number = e->number;
    if (!rill_view_equal(recorded, happens)) {
        differ(r, "what happens is not what was recorded", &recorded, &happens);
        return;
    }
    r->outputs += !strcmp(point->name, "datagram_sent");
    r->events++;
}

static void draw(void *ctx, uint8_t *out, size_t n)
{
    struct replay *r = ctx;
    if (n > r->n_entropy - r->drawn) {
        const struct rill_rng instead = rill_rng_seeded(&r->instead);
        r->ran_dry = true;
        rill_rng_fill(&instead, out, n);
        return;
    }
    memcpy(out, r->entropy + r->drawn, n);
    r->drawn += n;
}

bool replay_datagram(struct replay *r, struct rill_view *out)
{
    /* Behind the verb's own record. */
    json_t *record = NULL;
    bool ok = false;
    if (r->n_expected > 1) {
        struct rill_view text = text_of(r, &r->expected[1]);
        record = json_loadb((const char *)text.p, text.n, 0, NULL);
        const json_t *name = json_object_get(record, "name");
        ok = json_is_string(name) && !strcmp(json_string_value(name), "peer:datagram_received") &&
             rill_trace_get_bytes(json_object_get(record, "data"), "bytes",
                                  (struct rill_span){r->room, r->cap_room}, out);
    }
    json_decref(record);
    return ok || replay_refuse(r, "a datagram came, and its bytes are not there");
}

/* --- a verb -------------------------------------------------------------------------------- */

static void let_go(struct replay *r)
{
    json_decref(r->data);
    r->data = NULL;
    r->verb = NULL;
    r->n_expected = r->met = r->n_texts = 0;
    r->n_entropy = r->drawn = 0;
}

static void run(struct replay *r)
{
    r->number = r->verb_number;
    r->time = r->verb_time;
    r->now = r->origin + r->verb_now;
    r->last = r->verb_time;
    rill_app_virtual_time(rill_trace_unix_s(r->wall_us, r->unix_s, r->verb_wall));
    if (!r->verb->run(r, r->data))
        return;
    r->inputs++;
    if (r->ran_dry) {
        r->number = r->verb_number;
        differ(r, "it draws more entropy than was recorded", NULL, NULL);
    } else if (r->drawn < r->n_entropy) {
        differ(r, "it draws less entropy than was recorded", NULL, NULL);
    } else if (r->met < r->n_expected) {
        const struct replay_event *e = &r->expected[r->met];
        struct rill_view recorded = text_of(r, e);
        r->number = e->number;
        differ(r, "something was recorded that does not happen", &recorded, NULL);
    }
}

static void finish(struct replay *r)
{
    if (r->verb && !r->verb->is_part && r->state == REPLAY_GOES_ON)
        run(r);
    let_go(r);
}

/* A part is taken at once; it belongs to the verb that follows. */
static void take_part(struct replay *r, const struct rill_trace_record *record,
                      const struct replay_verb *verb)
{
    if (r->verb && !r->verb->is_part)
        finish(r);
    r->verb = verb;
    if (r->n_expected == 0)
        r->verb_time = record->time;
    r->number = record->number;
    r->time = record->time;
    r->behind = 0;
    if (r->state == REPLAY_GOES_ON && verb->run(r, record->data) && verb->is_told)
        expect(r, record);
}

static void take_verb(struct replay *r, const struct rill_trace_record *record,
                      const struct replay_verb *verb)
{
    if (r->verb && !r->verb->is_part)
        finish(r);
    if (!r->verb)
        r->verb_time = record->time;
    r->verb = verb;
    r->verb_wall = record->time;
    r->verb_now = record->time - r->behind;
    r->behind = 0;
    r->verb_number = record->number;
    r->data = json_incref(record->data);
    if (verb->is_told)
        expect(r, record);
}

static void take_entropy(struct replay *r, const struct rill_trace_record *record)
{
    struct rill_view bytes;
    if (!rill_trace_get_bytes(record->data, "bytes", (struct rill_span){r->room, r->cap_room},
                              &bytes)) {
        r->number = record->number;
        replay_refuse(r, "its entropy is kept from us: it was made without --trace-secrets");
    } else if (!append(&r->entropy, &r->n_entropy, &r->cap_entropy, ENTROPY_MAX, bytes)) {
        replay_refuse(r, "more entropy belongs to one verb than there is room for");
    }
}

/* A verb's time that is earlier than what was told before it. */
static void take_behind(struct replay *r, const struct rill_trace_record *record)
{
    struct replay_args a = {r, record->data, false};
    r->number = record->number;
    r->behind = replay_i(&a, "us", BEHIND_MAX);
    a.bad = a.bad || r->behind < 0;
    replay_good(&a, false);
}

static void take_input(struct replay *r, const struct rill_trace_record *record, const char *name)
{
    const struct replay_verb *verb = replay_verb(name);
    r->has_inputs = true;
    if (!strcmp(name, "entropy")) {
        take_entropy(r, record);
    } else if (!strcmp(name, "behind")) {
        take_behind(r, record);
    } else if (!strcmp(name, "end")) {
        finish(r);
        r->is_whole = true;
    } else if (!verb) {
        r->number = record->number;
        replay_refuse(r, "it has a verb that this rill does not know");
    } else if (verb->is_part) {
        take_part(r, record, verb);
    } else {
        take_verb(r, record, verb);
    }
}

/* What the peer did not say itself: the command around it, its media, multicast DNS. */
static bool is_of_others(const char *name)
{
    static const char *const rooms[] = {"call:", "signaling:", "tls:", "media:", "mdns:"};
    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++)
        if (!strncmp(name, rooms[i], strlen(rooms[i])))
            return true;
    return false;
}

void replay_take(struct replay *r, const struct rill_trace_record *record)
{
    if (r->state != REPLAY_GOES_ON || record->is_header)
        return;
    if (!strncmp(record->name, "input:", 6))
        take_input(r, record, record->name + 6);
    else if (!is_of_others(record->name) && r->verb)
        expect(r, record);
}

bool replay_begin(struct replay *r)
{
    memset(r, 0, sizeof *r);
    r->trace = (struct rill_trace){r, on_event};
    r->rng = (struct rill_rng){r, draw};
    rill_rng_seeded_init(&r->instead, 1);
    r->room = malloc(ROOM);
    r->cap_room = r->room ? ROOM : 0;
    return r->room != NULL;
}

/* Where the end is not there, nobody knows what the last verb did. */
void replay_end(struct replay *r)
{
    let_go(r);
}

void replay_free(struct replay *r)
{
    let_go(r);
    if (r->peer)
        rill_peer_free(r->peer);
    if (r->cert)
        rill_dtls_cert_free(r->cert);
    free(r->peer_block);
    free(r->cert_block);
    free(r->expected);
    free(r->texts);
    if (r->entropy)
        rill_wipe(r->entropy, r->cap_entropy);
    free(r->entropy);
    free(r->room);
    free(r->recorded);
    free(r->replayed);
    rill_wipe(r->turn_texts, sizeof r->turn_texts);
}
