/* signaling/message: the one vocabulary, a JSON array ["event", argument…] (docs/signaling.md).
 *
 * The idea: everything a client and a server can say to each other as one struct, and two
 * functions between it and its JSON text. Unknown members are kept out, unknown events are
 * named as such; libjansson does the JSON and stays inside message.c.
 *
 *   client → server   auth{userName,password,room} · newOffer(offer)
 *                     newAnswer(offerObj){ack} · sendIceCandidateToSignalingServer({…})
 *   server → client   availableOffers([offerObj…]) · newOfferAwaiting([offerObj])
 *                     answerResponse(offerObj) · receivedIceCandidateFromServer(candidate)
 *                     ack(n, …) · error(name, sentence, {stays})
 */
#ifndef RILL_SIGNALING_MESSAGE_H
#define RILL_SIGNALING_MESSAGE_H

#include "base/arena.h"
#include "signaling/errors.h"
#include "signaling/limits.h"

enum rill_sig_type {
    RILL_SIG_AUTH,
    RILL_SIG_NEW_OFFER,
    RILL_SIG_NEW_ANSWER,
    RILL_SIG_SEND_CANDIDATE,
    RILL_SIG_AVAILABLE_OFFERS,
    RILL_SIG_NEW_OFFER_AWAITING,
    RILL_SIG_ANSWER_RESPONSE,
    RILL_SIG_RECEIVED_CANDIDATE,
    RILL_SIG_ACK,
    RILL_SIG_ERROR,
    RILL_SIG_UNKNOWN,
};

/* RTCIceCandidateInit. candidate "" is end-of-candidates; mid.p NULL and mline -1: absent. */
struct rill_sig_candidate {
    struct rill_view candidate;
    struct rill_view mid;
    int mline;
    struct rill_view ufrag;
};

/* RTCSessionDescriptionInit. */
struct rill_sig_description {
    struct rill_view type;
    struct rill_view sdp;
};

/* offerObj. Names with p == NULL and descriptions with sdp.p == NULL are JSON null. */
struct rill_sig_offer {
    struct rill_view offerer;
    struct rill_sig_description offer;
    const struct rill_sig_candidate *offer_candidates;
    size_t n_offer_candidates;
    struct rill_view answerer;
    struct rill_sig_description answer;
    const struct rill_sig_candidate *answer_candidates;
    size_t n_answer_candidates;
};

/* Only the members of the type are set. */
struct rill_sig_message {
    enum rill_sig_type type;
    struct rill_view event;                /* as written, for UNKNOWN */
    struct rill_view user, password, room; /* AUTH; room may be empty */
    struct rill_sig_description offer;     /* NEW_OFFER */
    const struct rill_sig_offer
        *offers; /* AVAILABLE_OFFERS, NEW_OFFER_AWAITING (1), NEW_ANSWER (1), ANSWER_RESPONSE (1) */
    size_t n_offers;
    struct rill_sig_candidate candidate; /* SEND_CANDIDATE, RECEIVED_CANDIDATE */
    struct rill_view ice_user;           /* SEND_CANDIDATE: iceUserName */
    bool did_i_offer;
    bool has_ack; /* the array ends with {"ack": n} */
    uint64_t ack;
    const struct rill_sig_candidate *ack_candidates; /* ACK */
    size_t n_ack_candidates;
    struct rill_view error_name, error_sentence; /* ERROR */
    bool stays;                                  /* ERROR: the connection stays open */
};

#define RILL_SIG_SENTENCE_MAX 512

/* Arena bytes that are enough for any text of n bytes that people would send. */
#define RILL_SIG_ARENA(n) (4 * (n) + 4096)

/* Strings are copied into the arena; members that the vocabulary does not name are passed over.
 * Errors: RILL_SIGNALING_JSON (offset: byte; also a member said twice, and NUL or another control
 * character but TAB, CR and LF in a string), _DEPTH (offset: byte), _SHAPE, _TOO_LARGE, _NO_ROOM.
 */
int rill_sig_parse(struct rill_view text, struct rill_arena *arena, struct rill_sig_message *out,
                   struct rill_err *why);
/* UTF-8 JSON text; the writer's bad flag tells that it did not fit. */
void rill_sig_write(struct rill_writer *w, const struct rill_sig_message *m);

/* The argument of an AUTH alone, {…}, for a framing that carries it by itself. */
void rill_sig_write_auth(struct rill_writer *w, const struct rill_sig_message *m);
/* The arguments of an ACK alone, [[candidate…]], for a framing with acknowledgements of its own. */
void rill_sig_write_ack(struct rill_writer *w, const struct rill_sig_message *m);

/* Bytes that text takes inside a JSON string, without the quotes. */
size_t rill_sig_json_size(struct rill_view text);

const char *rill_sig_type_name(enum rill_sig_type type);

#endif
