/* message_write: from a message to its JSON text, straight into the caller's buffer.
 *
 * What is absent is left out, except the members of an offerObj, which are null as the
 * vocabulary has them. */
#include "signaling/message.h"

static const char *const names[] = {
    [RILL_SIG_AUTH] = "auth",
    [RILL_SIG_NEW_OFFER] = "newOffer",
    [RILL_SIG_NEW_ANSWER] = "newAnswer",
    [RILL_SIG_SEND_CANDIDATE] = "sendIceCandidateToSignalingServer",
    [RILL_SIG_HANG_UP] = "hangUp",
    [RILL_SIG_AVAILABLE_OFFERS] = "availableOffers",
    [RILL_SIG_NEW_OFFER_AWAITING] = "newOfferAwaiting",
    [RILL_SIG_ANSWER_RESPONSE] = "answerResponse",
    [RILL_SIG_RECEIVED_CANDIDATE] = "receivedIceCandidateFromServer",
    [RILL_SIG_PLACE] = "place",
    [RILL_SIG_OFFER_WITHDRAWN] = "offerWithdrawn",
    [RILL_SIG_HUNG_UP] = "hungUp",
    [RILL_SIG_ACK] = "ack",
    [RILL_SIG_ERROR] = "error",
    [RILL_SIG_UNKNOWN] = "unknown",
};

const char *rill_sig_type_name(enum rill_sig_type type)
{
    return names[type];
}

/* RFC 8259 §7: the quotation mark, the backslash and control characters are escaped. */
static void write_char(struct rill_writer *w, uint8_t c)
{
    static const char short_forms[] = "b\bf\fn\nr\rt\t\"\"\\\\";
    for (size_t i = 0; i + 1 < sizeof short_forms; i += 2) {
        if ((uint8_t)short_forms[i + 1] == c) {
            rill_w_char(w, '\\');
            rill_w_char(w, short_forms[i]);
            return;
        }
    }
    if (c >= 0x20) {
        rill_w_u8(w, c);
        return;
    }
    rill_w_str(w, "\\u00");
    rill_w_hex(w, rill_view_at(&c, 1));
}

static void write_string(struct rill_writer *w, struct rill_view text)
{
    rill_w_char(w, '"');
    for (size_t i = 0; i < text.n; i++)
        write_char(w, text.p[i]);
    rill_w_char(w, '"');
}

size_t rill_sig_json_size(struct rill_view text)
{
    uint8_t six[6];
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        struct rill_writer w = rill_writer_of((struct rill_span){six, sizeof six});
        write_char(&w, text.p[i]);
        n += w.at;
    }
    return n;
}

/* "name": with the comma that a member after the first needs. */
static void write_name(struct rill_writer *w, const char *name)
{
    if (w->at && w->p[w->at - 1] != '{')
        rill_w_char(w, ',');
    rill_w_char(w, '"');
    rill_w_str(w, name);
    rill_w_str(w, "\":");
}

static void write_text(struct rill_writer *w, const char *name, struct rill_view text)
{
    write_name(w, name);
    if (text.p)
        write_string(w, text);
    else
        rill_w_str(w, "null");
}

static void write_description(struct rill_writer *w, struct rill_sig_description d)
{
    if (!d.sdp.p) {
        rill_w_str(w, "null");
        return;
    }
    rill_w_char(w, '{');
    write_text(w, "type", d.type);
    write_text(w, "sdp", d.sdp);
    rill_w_char(w, '}');
}

void rill_sig_write_candidate(struct rill_writer *w, const struct rill_sig_candidate *c)
{
    static const uint8_t nothing[1];
    rill_w_char(w, '{');
    write_text(w, "candidate", c->candidate.p ? c->candidate : rill_view_at(nothing, 0));
    if (c->mid.p)
        write_text(w, "sdpMid", c->mid);
    if (c->mline >= 0) {
        write_name(w, "sdpMLineIndex");
        rill_w_dec(w, (uint64_t)c->mline);
    }
    if (c->ufrag.p)
        write_text(w, "usernameFragment", c->ufrag);
    rill_w_char(w, '}');
}

static void write_candidates(struct rill_writer *w, const struct rill_sig_candidate *c, size_t n)
{
    rill_w_char(w, '[');
    for (size_t i = 0; i < n; i++) {
        if (i)
            rill_w_char(w, ',');
        rill_sig_write_candidate(w, &c[i]);
    }
    rill_w_char(w, ']');
}

static void write_offer(struct rill_writer *w, const struct rill_sig_offer *o)
{
    rill_w_char(w, '{');
    write_text(w, "offererUserName", o->offerer);
    write_name(w, "offer");
    write_description(w, o->offer);
    write_name(w, "offerIceCandidates");
    write_candidates(w, o->offer_candidates, o->n_offer_candidates);
    write_text(w, "answererUserName", o->answerer);
    write_name(w, "answer");
    write_description(w, o->answer);
    write_name(w, "answererIceCandidates");
    write_candidates(w, o->answer_candidates, o->n_answer_candidates);
    rill_w_char(w, '}');
}

static void write_offers(struct rill_writer *w, const struct rill_sig_message *m)
{
    rill_w_char(w, '[');
    for (size_t i = 0; i < m->n_offers; i++) {
        if (i)
            rill_w_char(w, ',');
        write_offer(w, &m->offers[i]);
    }
    rill_w_char(w, ']');
}

void rill_sig_write_auth(struct rill_writer *w, const struct rill_sig_message *m)
{
    rill_w_char(w, '{');
    write_text(w, "userName", m->user);
    if (m->password.p)
        write_text(w, "password", m->password);
    if (m->room.p)
        write_text(w, "room", m->room);
    if (m->token.p)
        write_text(w, "resume", m->token);
    rill_w_char(w, '}');
}

static void write_place(struct rill_writer *w, const struct rill_sig_message *m)
{
    rill_w_char(w, '{');
    write_text(w, "token", m->token);
    write_name(w, "resumed");
    rill_w_str(w, m->resumed ? "true" : "false");
    rill_w_char(w, '}');
}

static void write_hung_up(struct rill_writer *w, const struct rill_sig_message *m)
{
    rill_w_char(w, '{');
    write_text(w, "userName", m->user);
    write_text(w, "reason", m->reason);
    rill_w_char(w, '}');
}

static void write_withdrawn(struct rill_writer *w, const struct rill_sig_message *m)
{
    rill_w_char(w, '{');
    write_text(w, "offererUserName", m->user);
    rill_w_char(w, '}');
}

static void write_send_candidate(struct rill_writer *w, const struct rill_sig_message *m)
{
    rill_w_char(w, '{');
    write_name(w, "iceCandidate");
    rill_sig_write_candidate(w, &m->candidate);
    write_text(w, "iceUserName", m->ice_user);
    write_name(w, "didIOffer");
    rill_w_str(w, m->did_i_offer ? "true" : "false");
    rill_w_char(w, '}');
}

static void write_arguments(struct rill_writer *w, const struct rill_sig_message *m)
{
    switch (m->type) {
    case RILL_SIG_AUTH:
        rill_sig_write_auth(w, m);
        break;
    case RILL_SIG_NEW_OFFER:
        write_description(w, m->offer);
        break;
    case RILL_SIG_NEW_ANSWER:
    case RILL_SIG_ANSWER_RESPONSE:
        write_offer(w, &m->offers[0]);
        break;
    case RILL_SIG_SEND_CANDIDATE:
        write_send_candidate(w, m);
        break;
    case RILL_SIG_HANG_UP:
        rill_w_str(w, "{}");
        break;
    case RILL_SIG_PLACE:
        write_place(w, m);
        break;
    case RILL_SIG_OFFER_WITHDRAWN:
        write_withdrawn(w, m);
        break;
    case RILL_SIG_HUNG_UP:
        write_hung_up(w, m);
        break;
    case RILL_SIG_AVAILABLE_OFFERS:
    case RILL_SIG_NEW_OFFER_AWAITING:
        write_offers(w, m);
        break;
    case RILL_SIG_RECEIVED_CANDIDATE:
        rill_sig_write_candidate(w, &m->candidate);
        break;
    case RILL_SIG_ACK:
        rill_w_dec(w, m->ack);
        rill_w_char(w, ',');
        write_candidates(w, m->ack_candidates, m->n_ack_candidates);
        break;
    case RILL_SIG_ERROR:
        write_string(w, m->error_name);
        rill_w_char(w, ',');
        write_string(w, m->error_sentence);
        rill_w_str(w, m->stays ? ",{\"stays\":true}" : ",{\"stays\":false}");
        break;
    case RILL_SIG_UNKNOWN:
        rill_w_str(w, "null");
        break;
    }
}

void rill_sig_write(struct rill_writer *w, const struct rill_sig_message *m)
{
    rill_w_str(w, "[\"");
    rill_w_str(w, names[m->type]);
    rill_w_str(w, "\",");
    write_arguments(w, m);
    if (m->has_ack && m->type != RILL_SIG_ACK) {
        rill_w_str(w, ",{\"ack\":");
        rill_w_dec(w, m->ack);
        rill_w_char(w, '}');
    }
    rill_w_char(w, ']');
}

void rill_sig_write_ack(struct rill_writer *w, const struct rill_sig_message *m)
{
    rill_w_char(w, '[');
    write_candidates(w, m->ack_candidates, m->n_ack_candidates);
    rill_w_char(w, ']');
}
