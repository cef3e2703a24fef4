/* message: from JSON text to a message of the vocabulary.
 *
 * The idea: three passes that each trust only the one before: a scan for depth, which
 * jansson would allow to 2048; jansson; and a reader a type, which copies the members it knows
 * into the arena. The first fault is kept, and everything after it reads as absent. */
#include "signaling/message.h"

#include <jansson.h>

/* Control characters that a description or a sentence may have. */
static bool is_text_char(uint8_t c)
{
    return c >= 0x20 || c == '\t' || c == '\r' || c == '\n';
}

struct reader {
    struct rill_arena *arena;
    int row; /* the first fault, or 0 */
    uint64_t value;
};

static void fault(struct reader *r, int row, uint64_t value)
{
    if (r->row == 0) {
        r->row = row;
        r->value = value;
    }
}

/* --- values -------------------------------------------------------------------------- */

/* A copy of the string; p is never NULL unless there was a fault. */
static struct rill_view read_string(struct reader *r, const json_t *v, size_t max)
{
    static const uint8_t nothing[1];
    if (!json_is_string(v)) {
        fault(r, RILL_SIGNALING_SHAPE, 0);
        return (struct rill_view){0};
    }
    struct rill_view text = rill_view_at(json_string_value(v), json_string_length(v));
    if (text.n > max)
        fault(r, RILL_SIGNALING_TOO_LARGE, text.n);
    for (size_t i = 0; i < text.n; i++)
        if (!is_text_char(text.p[i]))
            fault(r, RILL_SIGNALING_JSON, text.p[i]);
    if (r->row)
        return (struct rill_view){0};
    if (text.n == 0)
        return rill_view_at(nothing, 0);
    text = rill_arena_copy(r->arena, text);
    if (!text.p)
        fault(r, RILL_SIGNALING_NO_ROOM, 0);
    return text;
}

static bool is_absent(const json_t *v)
{
    return !v || json_is_null(v);
}

static struct rill_view read_optional(struct reader *r, const json_t *v, size_t max)
{
    return is_absent(v) ? (struct rill_view){0} : read_string(r, v, max);
}

static void *take(struct reader *r, size_t n, size_t size)
{
    void *p = rill_arena_take(r->arena, n, size);
    if (!p)
        fault(r, RILL_SIGNALING_NO_ROOM, n);
    return p;
}

/* {type, sdp}; type is the one that the place asks for. */
static struct rill_sig_description read_description(struct reader *r, const json_t *v,
                                                    const char *type)
{
    struct rill_sig_description d = {0};
    if (!json_is_object(v)) {
        fault(r, RILL_SIGNALING_SHAPE, 0);
        return d;
    }
    d.type = read_string(r, json_object_get(v, "type"), 16);
    d.sdp = read_string(r, json_object_get(v, "sdp"), RILL_SDP_TEXT_MAX);
    if (!rill_view_is(d.type, type))
        fault(r, RILL_SIGNALING_SHAPE, 0);
    return d;
}

static struct rill_sig_description read_optional_description(struct reader *r, const json_t *v,
                                                             const char *type)
{
    return is_absent(v) ? (struct rill_sig_description){0} : read_description(r, v, type);
}

/* RTCIceCandidateInit. */
static struct rill_sig_candidate read_candidate(struct reader *r, const json_t *v)
{
    struct rill_sig_candidate c = {.mline = -1};
    if (!json_is_object(v)) {
        fault(r, RILL_SIGNALING_SHAPE, 0);
        return c;
    }
    c.candidate = read_string(r, json_object_get(v, "candidate"), RILL_SIG_CANDIDATE_MAX);
    c.mid = read_optional(r, json_object_get(v, "sdpMid"), RILL_MID_MAX);
    c.ufrag = read_optional(r, json_object_get(v, "usernameFragment"), RILL_ICE_UFRAG_MAX);
    const json_t *mline = json_object_get(v, "sdpMLineIndex");
    if (is_absent(mline))
        return c;
    json_int_t index = json_is_integer(mline) ? json_integer_value(mline) : -1;
    if (index < 0 || index > UINT16_MAX)
        fault(r, RILL_SIGNALING_SHAPE, 0);
    else
        c.mline = (int)index;
    return c;
}

static const struct rill_sig_candidate *read_candidates(struct reader *r, const json_t *v,
                                                        size_t *n)
{
    size_t count = json_array_size(v);
    *n = 0;
    if (is_absent(v))
        return NULL;
    if (!json_is_array(v))
        fault(r, RILL_SIGNALING_SHAPE, 0);
    if (count > RILL_SIGNALING_CANDIDATES_MAX)
        fault(r, RILL_SIGNALING_TOO_LARGE, count);
    if (r->row || count == 0)
        return NULL;
    struct rill_sig_candidate *c = take(r, count, sizeof *c);
    for (size_t i = 0; c && i < count && !r->row; i++)
        c[i] = read_candidate(r, json_array_get(v, i));
    *n = c ? count : 0;
    return c;
}

static void read_offer(struct reader *r, const json_t *v, struct rill_sig_offer *o)
{
    if (!json_is_object(v)) {
        fault(r, RILL_SIGNALING_SHAPE, 0);
        return;
    }
    o->offerer = read_string(r, json_object_get(v, "offererUserName"), RILL_SIGNALING_NAME_MAX);
    o->offer = read_optional_description(r, json_object_get(v, "offer"), "offer");
    o->offer_candidates =
        read_candidates(r, json_object_get(v, "offerIceCandidates"), &o->n_offer_candidates);
    o->answerer = read_optional(r, json_object_get(v, "answererUserName"), RILL_SIGNALING_NAME_MAX);
    o->answer = read_optional_description(r, json_object_get(v, "answer"), "answer");
    o->answer_candidates =
        read_candidates(r, json_object_get(v, "answererIceCandidates"), &o->n_answer_candidates);
}

/* One offerObj, or an array of them. */
static void read_offers(struct reader *r, const json_t *v, bool array, struct rill_sig_message *m)
{
    size_t n = array ? json_array_size(v) : 1;
    if (array && !json_is_array(v))
        fault(r, RILL_SIGNALING_SHAPE, 0);
    if (n > RILL_SIG_OFFERS_MAX)
        fault(r, RILL_SIGNALING_TOO_LARGE, n);
    if (r->row || n == 0)
        return;
    struct rill_sig_offer *offers = take(r, n, sizeof *offers);
    for (size_t i = 0; offers && i < n && !r->row; i++)
        read_offer(r, array ? json_array_get(v, i) : v, &offers[i]);
    m->offers = offers;
    m->n_offers = offers ? n : 0;
}

/* --- messages ------------------------------------------------------------------------ */

static void read_auth(struct reader *r, const json_t *v, struct rill_sig_message *m)
{
    if (!json_is_object(v)) {
        fault(r, RILL_SIGNALING_SHAPE, 0);
        return;
    }
    m->user = read_string(r, json_object_get(v, "userName"), RILL_SIGNALING_NAME_MAX);
    m->password = read_optional(r, json_object_get(v, "password"), RILL_SIG_PASSWORD_MAX);
    m->room = read_optional(r, json_object_get(v, "room"), RILL_SIGNALING_NAME_MAX);
    m->token = read_optional(r, json_object_get(v, "resume"), RILL_SIG_TOKEN_MAX);
}

static void read_place(struct reader *r, const json_t *v, struct rill_sig_message *m)
{
    m->token = read_string(r, json_object_get(v, "token"), RILL_SIG_TOKEN_MAX);
    if (!json_is_boolean(json_object_get(v, "resumed")))
        fault(r, RILL_SIGNALING_SHAPE, 0);
    m->resumed = json_is_true(json_object_get(v, "resumed"));
}

static void read_hung_up(struct reader *r, const json_t *v, struct rill_sig_message *m)
{
    m->user = read_string(r, json_object_get(v, "userName"), RILL_SIGNALING_NAME_MAX);
    m->reason = read_string(r, json_object_get(v, "reason"), RILL_SIGNALING_NAME_MAX);
}

static void read_send_candidate(struct reader *r, const json_t *v, struct rill_sig_message *m)
{
    const json_t *side = json_object_get(v, "didIOffer");
    if (!json_is_object(v) || !json_is_boolean(side)) {
        fault(r, RILL_SIGNALING_SHAPE, 0);
        return;
    }
    m->candidate = read_candidate(r, json_object_get(v, "iceCandidate"));
    m->ice_user = read_string(r, json_object_get(v, "iceUserName"), RILL_SIGNALING_NAME_MAX);
    m->did_i_offer = json_is_true(side);
}

static bool read_number(struct reader *r, const json_t *v, uint64_t *out)
{
    if (!json_is_integer(v) || json_integer_value(v) < 0) {
        fault(r, RILL_SIGNALING_SHAPE, 0);
        return false;
    }
    *out = (uint64_t)json_integer_value(v);
    return true;
}

static void read_error(struct reader *r, const json_t *args, struct rill_sig_message *m)
{
    const json_t *stays = json_object_get(json_array_get(args, 3), "stays");
    m->error_name = read_string(r, json_array_get(args, 1), RILL_SIGNALING_NAME_MAX);
    m->error_sentence = read_string(r, json_array_get(args, 2), RILL_SIG_SENTENCE_MAX);
    if (!json_is_boolean(stays))
        fault(r, RILL_SIGNALING_SHAPE, 0);
    m->stays = json_is_true(stays);
}

static void read_arguments(struct reader *r, const json_t *args, struct rill_sig_message *m)
{
    const json_t *first = json_array_get(args, 1);
    switch (m->type) {
    case RILL_SIG_AUTH:
        read_auth(r, first, m);
        break;
    case RILL_SIG_NEW_OFFER:
        m->offer = read_description(r, first, "offer");
        break;
    case RILL_SIG_NEW_ANSWER:
        read_offers(r, first, false, m);
        if (!r->row && !m->offers[0].answer.sdp.p)
            fault(r, RILL_SIGNALING_SHAPE, 0);
        break;
    case RILL_SIG_ANSWER_RESPONSE:
        read_offers(r, first, false, m);
        break;
    case RILL_SIG_SEND_CANDIDATE:
        read_send_candidate(r, first, m);
        break;
    case RILL_SIG_AVAILABLE_OFFERS:
    case RILL_SIG_NEW_OFFER_AWAITING:
        read_offers(r, first, true, m);
        break;
    case RILL_SIG_RECEIVED_CANDIDATE:
        m->candidate = read_candidate(r, first);
        break;
    case RILL_SIG_PLACE:
        read_place(r, first, m);
        break;
    case RILL_SIG_OFFER_WITHDRAWN:
        m->user =
            read_string(r, json_object_get(first, "offererUserName"), RILL_SIGNALING_NAME_MAX);
        break;
    case RILL_SIG_HUNG_UP:
        read_hung_up(r, first, m);
        break;
    case RILL_SIG_ACK:
        read_number(r, first, &m->ack);
        m->ack_candidates = read_candidates(r, json_array_get(args, 2), &m->n_ack_candidates);
        break;
    case RILL_SIG_ERROR:
        read_error(r, args, m);
        break;
    case RILL_SIG_HANG_UP:
    case RILL_SIG_UNKNOWN:
        break;
    }
}

/* A call that wants an acknowledgement ends with {"ack": n}. */
static void read_ack_wish(struct reader *r, const json_t *args, struct rill_sig_message *m)
{
    size_t n = json_array_size(args);
    const json_t *last = json_array_get(args, n - 1);
    const json_t *number = n > 2 ? json_object_get(last, "ack") : NULL;
    if (number && json_object_size(last) == 1)
        m->has_ack = read_number(r, number, &m->ack);
}

static enum rill_sig_type type_of(struct rill_view event)
{
    for (int t = RILL_SIG_AUTH; t < RILL_SIG_UNKNOWN; t++)
        if (rill_view_is(event, rill_sig_type_name((enum rill_sig_type)t)))
            return (enum rill_sig_type)t;
    return RILL_SIG_UNKNOWN;
}

static void read_message(struct reader *r, const json_t *args, struct rill_sig_message *m)
{
    *m = (struct rill_sig_message){.candidate.mline = -1};
    if (!json_is_array(args) || json_array_size(args) == 0) {
        fault(r, RILL_SIGNALING_SHAPE, 0);
        return;
    }
    m->event = read_string(r, json_array_get(args, 0), RILL_SIGNALING_NAME_MAX);
    m->type = type_of(m->event);
    read_arguments(r, args, m);
    if (m->type != RILL_SIG_ACK && m->type != RILL_SIG_ERROR)
        read_ack_wish(r, args, m);
}

/* --- the text ------------------------------------------------------------------------ */

/* RFC 8259 §9: "An implementation may set limits on the maximum depth of nesting." Brackets
 * inside strings do not count. */
static int check_depth(struct rill_view text, struct rill_err *why)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > RILL_SIG_DEPTH_MAX)
                return rill_err_set(&rill_signaling_errors, RILL_SIGNALING_DEPTH, i,
                                    RILL_SIG_DEPTH_MAX, why);
        } else if ((c == ']' || c == '}') && depth > 0) {
            depth--;
        }
    }
    return 0;
}

int rill_sig_parse(struct rill_view text, struct rill_arena *arena, struct rill_sig_message *out,
                   struct rill_err *why)
{
    if (text.n > RILL_SIGNALING_MESSAGE_MAX)
        return rill_err_set(&rill_signaling_errors, RILL_SIGNALING_TOO_LARGE, 0, text.n, why);
    int rc = check_depth(text, why);
    if (rc < 0)
        return rc;
    /* A member said twice could be read in two ways; jansson refuses \u0000 by itself. */
    json_error_t error = {0};
    json_t *args = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES, &error);
    if (!args)
        return rill_err_set(&rill_signaling_errors, RILL_SIGNALING_JSON,
                            error.position > 0 ? (size_t)error.position : 0, 0, why);
    struct rill_sig_message m;
    struct reader r = {.arena = arena};
    read_message(&r, args, &m);
    json_decref(args);
    if (r.row)
        return rill_err_set(&rill_signaling_errors, r.row, 0, r.value, why);
    *out = m;
    return 0;
}
