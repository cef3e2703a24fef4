/* room: who hears what, in which order, and what each limit does. */
#include "tests/rill_test.h"

#include "signaling/room.h"

#include <stdio.h>

#ifndef RILL_ROW
#define RILL_ROW(row) RILL_##row
#endif

enum { ANN = 1, BOB = 2, CID = 3, DAN = 4 };

static void *block;
static struct rill_rooms *rooms;
static struct rill_err why;

static void begin_with(const struct rill_rooms_config *c)
{
    free(block);
    block = malloc(rill_rooms_size(c));
    rooms = rill_rooms_init(block, c);
}

static int begin(void **state)
{
    (void)state;
    const struct rill_rooms_config c = {0};
    begin_with(&c);
    return 0;
}

static int end(void **state)
{
    (void)state;
    free(block);
    block = NULL;
    return 0;
}

/* token NULL: it asks for none; "": for one; else it shows one. */
static int join_with(uint64_t member, const char *user, const char *password, const char *room,
                     const char *token)
{
    char fresh[32];
    const struct rill_sig_message m = {.type = RILL_SIG_AUTH,
                                       .user = rill_view_of(user),
                                       .password = rill_view_of(password),
                                       .room = rill_view_of(room),
                                       .token = rill_view_of(token)};
    snprintf(fresh, sizeof fresh, "token%u", (unsigned)member);
    int rc = rill_rooms_admit(rooms, &m, &why);
    return rc < 0 ? rc : rill_rooms_join(rooms, member, &m, rill_view_of(fresh), &why);
}

static int join_as(uint64_t member, const char *user, const char *password, const char *room)
{
    return join_with(member, user, password, room, NULL);
}

static const char *names[] = {"", "ann", "bob", "cid", "dan"};

static void join(uint32_t member)
{
    assert_int_equal(join_as(member, names[member], "", ""), 0);
}

static int offer(uint32_t member, const char *sdp)
{
    const struct rill_sig_message m = {.type = RILL_SIG_NEW_OFFER,
                                       .offer = {rill_view_of("offer"), rill_view_of(sdp)}};
    return rill_rooms_say(rooms, member, &m, &why);
}

static int answer(uint32_t member, const char *offerer, const char *sdp)
{
    const struct rill_sig_offer o = {.offerer = rill_view_of(offerer),
                                     .answer = {rill_view_of("answer"), rill_view_of(sdp)}};
    const struct rill_sig_message m = {
        .type = RILL_SIG_NEW_ANSWER, .offers = &o, .n_offers = 1, .has_ack = true, .ack = 5};
    return rill_rooms_say(rooms, member, &m, &why);
}

static int candidate_with(uint32_t member, const char *line, const char *ufrag, bool did_i_offer)
{
    const struct rill_sig_message m = {
        .type = RILL_SIG_SEND_CANDIDATE,
        .candidate = {rill_view_of(line), rill_view_of("0"), 0, rill_view_of(ufrag)},
        .ice_user = rill_view_of(names[member]),
        .did_i_offer = did_i_offer};
    return rill_rooms_say(rooms, member, &m, &why);
}

static int candidate(uint32_t member, const char *line, bool did_i_offer)
{
    return candidate_with(member, line, NULL, did_i_offer);
}

/* What is to be sent, as one line: "2 newOfferAwaiting ann(o;c1,c2) | …". */
static size_t describe_candidates(char *out, size_t cap, const struct rill_sig_candidate *c,
                                  size_t n)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(out + at, cap - at, "%s%.*s", i ? "," : "", (int)c[i].candidate.n,
                               (const char *)c[i].candidate.p);
    return at;
}

static size_t describe(char *out, size_t cap, const struct rill_sig_message *m)
{
    size_t at = (size_t)snprintf(out, cap, "%s", rill_sig_type_name(m->type));
    for (size_t i = 0; i < m->n_offers; i++) {
        const struct rill_sig_offer *o = &m->offers[i];
        at += (size_t)snprintf(out + at, cap - at, " %.*s(%.*s;", (int)o->offerer.n,
                               (const char *)o->offerer.p, (int)o->offer.sdp.n,
                               (const char *)o->offer.sdp.p);
        at += describe_candidates(out + at, cap - at, o->offer_candidates, o->n_offer_candidates);
        if (o->answer.sdp.p)
            at += (size_t)snprintf(out + at, cap - at, ";%.*s:%.*s", (int)o->answerer.n,
                                   (const char *)o->answerer.p, (int)o->answer.sdp.n,
                                   (const char *)o->answer.sdp.p);
        at += (size_t)snprintf(out + at, cap - at, ")");
    }
    if (m->type == RILL_SIG_RECEIVED_CANDIDATE)
        at += (size_t)snprintf(out + at, cap - at, " %.*s", (int)m->candidate.candidate.n,
                               (const char *)m->candidate.candidate.p);
    if (m->type == RILL_SIG_ACK) {
        at += (size_t)snprintf(out + at, cap - at, " %u ", (unsigned)m->ack);
        at += describe_candidates(out + at, cap - at, m->ack_candidates, m->n_ack_candidates);
    }
    if (m->type == RILL_SIG_PLACE)
        at += (size_t)snprintf(out + at, cap - at, " %.*s %d", (int)m->token.n,
                               (const char *)m->token.p, m->resumed);
    if (m->type == RILL_SIG_OFFER_WITHDRAWN || m->type == RILL_SIG_HUNG_UP)
        at += (size_t)snprintf(out + at, cap - at, " %.*s%s%.*s", (int)m->user.n,
                               (const char *)m->user.p, m->reason.n ? " " : "", (int)m->reason.n,
                               (const char *)m->reason.p);
    if (m->type == RILL_SIG_ERROR)
        at += (size_t)snprintf(out + at, cap - at, " %.*s %d", (int)m->error_name.n,
                               (const char *)m->error_name.p, m->stays);
    return at;
}

static void assert_sent(const char *want)
{
    static char got[8192];
    size_t at = 0;
    uint64_t to;
    struct rill_sig_message m;
    got[0] = 0;
    while (rill_rooms_next(rooms, &to, &m)) {
        at += (size_t)snprintf(got + at, sizeof got - at, "%s%u ", at ? " | " : "", (unsigned)to);
        at += describe(got + at, sizeof got - at, &m);
    }
    assert_string_equal(got, want);
}

/* --- the way of a call ----------------------------------------------------------------- */

static void room_tells_an_offer_to_all_but_the_caller(void **state)
{
    (void)state;
    join(ANN);
    join(BOB);
    join(CID);
    assert_int_equal(offer(ANN, "o"), 0);
    assert_sent("2 newOfferAwaiting ann(o;) | 3 newOfferAwaiting ann(o;)");
}

static void room_holds_an_offer_and_its_candidates_for_who_comes_later(void **state)
{
    (void)state;
    join(ANN);
    offer(ANN, "o");
    candidate(ANN, "c1", true);
    candidate(ANN, "c2", true);
    assert_sent("");
    join(BOB);
    assert_sent("2 availableOffers ann(o;c1,c2)");
}

static void room_says_nothing_on_join_when_there_is_no_offer(void **state)
{
    (void)state;
    join(ANN);
    join(BOB);
    assert_sent("");
}

static void room_answer_is_acknowledged_with_held_candidates_and_passed_on(void **state)
{
    (void)state;
    join(ANN);
    join(BOB);
    offer(ANN, "o");
    assert_sent("2 newOfferAwaiting ann(o;)");
    candidate(ANN, "c1", true);
    assert_int_equal(answer(BOB, "ann", "a"), 0);
    assert_sent("2 ack 5 c1 | 1 answerResponse ann(o;c1;bob:a)");
}

static void call(void)
{
    join(ANN);
    join(BOB);
    offer(ANN, "o");
    assert_sent("2 newOfferAwaiting ann(o;)");
    answer(BOB, "ann", "a");
    assert_sent("2 ack 5  | 1 answerResponse ann(o;;bob:a)");
}

static void room_passes_candidates_straight_through_after_the_answer(void **state)
{
    (void)state;
    call();
    candidate(ANN, "c1", true);
    assert_sent("2 receivedIceCandidateFromServer c1");
    candidate(BOB, "c2", false);
    assert_sent("1 receivedIceCandidateFromServer c2");
    candidate(ANN, "", true);
    assert_sent("2 receivedIceCandidateFromServer ");
}

static void room_never_lets_a_candidate_overtake_the_answer(void **state)
{
    (void)state;
    join(ANN);
    join(BOB);
    offer(ANN, "o");
    assert_sent("2 newOfferAwaiting ann(o;)");
    candidate(BOB, "c1", false);
    candidate(BOB, "c2", false);
    assert_sent("");
    answer(BOB, "ann", "a");
    assert_sent("2 ack 5  | 1 answerResponse ann(o;;bob:a) | "
                "1 receivedIceCandidateFromServer c1 | 1 receivedIceCandidateFromServer c2");
}

static void room_keeps_candidates_that_come_before_their_offer(void **state)
{
    (void)state;
    join(ANN);
    candidate(ANN, "c1", true);
    offer(ANN, "o");
    candidate(ANN, "c2", true);
    join(BOB);
    assert_sent("2 availableOffers ann(o;c1,c2)");
}

static void room_forgets_candidates_left_from_an_earlier_call(void **state)
{
    (void)state;
    join(ANN);
    candidate_with(ANN, "old", "aaaa", true);
    candidate_with(ANN, "new", "bbbb", true);
    offer(ANN, "v=0\r\na=ice-ufrag:bbbb\r\n");
    join(BOB);
    assert_sent("2 availableOffers ann(v=0\r\na=ice-ufrag:bbbb\r\n;new)");
}

static void room_first_answer_wins(void **state)
{
    (void)state;
    call();
    join(CID);
    assert_sent("");
    assert_row(answer(CID, "ann", "a2"), SIGNALING_ANSWERED);
    assert_sent("");
}

static void room_answer_to_nobody_is_refused(void **state)
{
    (void)state;
    join(ANN);
    join(BOB);
    assert_row(answer(BOB, "eve", "a"), SIGNALING_NO_OFFER);
    assert_row(answer(BOB, "ann", "a"), SIGNALING_NO_OFFER);
    assert_sent("");
}

static void room_nobody_answers_himself(void **state)
{
    (void)state;
    join(ANN);
    offer(ANN, "o");
    assert_row(answer(ANN, "ann", "a"), SIGNALING_OWN_OFFER);
}

static void room_withdraws_what_its_maker_leaves_behind(void **state)
{
    (void)state;
    join(ANN);
    offer(ANN, "o");
    rill_rooms_leave(rooms, ANN, false);
    join(BOB);
    assert_sent("");
    assert_row(answer(BOB, "ann", "a"), SIGNALING_NO_OFFER);
}

static void room_puts_a_leaving_off_until_what_is_said_has_been_pulled(void **state)
{
    (void)state;
    join(ANN);
    join(BOB);
    offer(ANN, "o");
    rill_rooms_leave(rooms, ANN, false);
    assert_sent("2 newOfferAwaiting ann(o;) | 2 offerWithdrawn ann");
}

static void room_offer_stays_answered_when_the_answerer_leaves(void **state)
{
    (void)state;
    call();
    rill_rooms_leave(rooms, BOB, false);
    assert_sent("1 hungUp bob left");
    assert_int_equal(candidate(ANN, "c", true), 0);
    join(CID);
    assert_row(answer(CID, "ann", "a"), SIGNALING_ANSWERED);
    assert_sent("");
}

static void room_new_offer_takes_the_place_of_the_older(void **state)
{
    (void)state;
    join(ANN);
    offer(ANN, "o1");
    candidate(ANN, "c1", true);
    offer(ANN, "o2");
    join(BOB);
    assert_sent("2 availableOffers ann(o2;)");
}

static void room_answers_a_wish_for_an_ack_of_anything(void **state)
{
    (void)state;
    join(ANN);
    const struct rill_sig_message m = {.type = RILL_SIG_NEW_OFFER,
                                       .offer = {rill_view_of("offer"), rill_view_of("o")},
                                       .has_ack = true,
                                       .ack = 9};
    assert_int_equal(rill_rooms_say(rooms, ANN, &m, &why), 0);
    assert_sent("1 ack 9 ");
}

/* --- how calls end --------------------------------------------------------------------- */

static void room_tells_who_saw_an_offer_that_it_is_withdrawn(void **state)
{
    (void)state;
    join(ANN);
    join(BOB);
    assert_int_equal(join_as(CID, "cid", "", "elsewhere"), 0);
    offer(ANN, "o");
    assert_sent("2 newOfferAwaiting ann(o;)");
    rill_rooms_leave(rooms, ANN, false);
    assert_sent("2 offerWithdrawn ann");
    assert_row(answer(BOB, "ann", "a"), SIGNALING_NO_OFFER);
}

static void room_passes_on_that_the_offerer_left(void **state)
{
    (void)state;
    call();
    join(CID);
    rill_rooms_leave(rooms, ANN, false);
    assert_sent("2 hungUp ann left | 3 offerWithdrawn ann");
    assert_int_equal(candidate(BOB, "late", false), 0);
    assert_sent("");
}

static void room_passes_on_that_a_side_was_lost(void **state)
{
    (void)state;
    call();
    rill_rooms_leave(rooms, BOB, true);
    assert_sent("1 hungUp bob lost");
}

static int hang_up(uint64_t member)
{
    const struct rill_sig_message m = {.type = RILL_SIG_HANG_UP};
    return rill_rooms_say(rooms, member, &m, &why);
}

static void room_passes_a_hang_up_on_and_both_stay(void **state)
{
    (void)state;
    call();
    assert_int_equal(hang_up(BOB), 0);
    assert_sent("1 hungUp bob left");
    assert_int_equal(hang_up(ANN), 0);
    assert_sent("2 offerWithdrawn ann");
    assert_int_equal(hang_up(ANN), 0);
    assert_sent("");
    offer(BOB, "p");
    assert_sent("1 newOfferAwaiting bob(p;)");
    answer(ANN, "bob", "b");
    assert_sent("1 ack 5  | 2 answerResponse bob(p;;ann:b)");
}

/* Either side offers anew in mid-call, and either may hang up at any time. */
static void room_new_offer_in_a_call_does_not_end_it(void **state)
{
    (void)state;
    call();
    offer(ANN, "o2");
    assert_sent("2 newOfferAwaiting ann(o2;)");
    answer(BOB, "ann", "a2");
    assert_sent("2 ack 5  | 1 answerResponse ann(o2;;bob:a2)");
    offer(BOB, "p");
    assert_sent("1 newOfferAwaiting bob(p;)");
    answer(ANN, "bob", "b");
    assert_sent("1 ack 5  | 2 answerResponse bob(p;;ann:b)");
    offer(ANN, "o3");
    assert_sent("2 newOfferAwaiting ann(o3;)");
    rill_rooms_leave(rooms, ANN, false);
    assert_sent("2 hungUp ann left | 2 offerWithdrawn ann");
}

/* --- who comes back -------------------------------------------------------------------- */

static void room_holds_the_offer_of_who_is_away(void **state)
{
    (void)state;
    join(ANN);
    offer(ANN, "o");
    candidate(ANN, "c1", true);
    rill_rooms_away(rooms, ANN);
    join(BOB);
    assert_sent("2 availableOffers ann(o;c1)");
    answer(BOB, "ann", "a");
    assert_sent("2 ack 5 c1");
    candidate(BOB, "d1", false);
    candidate(BOB, "d2", false);
    assert_sent("");
    assert_int_equal(join_as(CID, "ann", "", ""), 1);
    assert_sent("3 answerResponse ann(o;c1;bob:a) | 3 receivedIceCandidateFromServer d1 | "
                "3 receivedIceCandidateFromServer d2");
    candidate(BOB, "d3", false);
    assert_sent("3 receivedIceCandidateFromServer d3");
    rill_rooms_leave(rooms, ANN, true); /* whose key is nobody's any more */
    assert_sent("");
}

static void room_tells_an_answerer_that_comes_back_only_what_it_missed(void **state)
{
    (void)state;
    call();
    candidate(ANN, "c1", true);
    assert_sent("2 receivedIceCandidateFromServer c1");
    rill_rooms_away(rooms, BOB);
    candidate(ANN, "c2", true);
    assert_sent("");
    assert_int_equal(join_as(DAN, "bob", "", ""), 1);
    assert_sent("4 receivedIceCandidateFromServer c2");
    names[DAN] = "bob";
    assert_int_equal(candidate(DAN, "d1", false), 0);
    names[DAN] = "dan";
    assert_sent("1 receivedIceCandidateFromServer d1");
}

static void room_acknowledges_an_answer_that_is_said_again(void **state)
{
    (void)state;
    call();
    candidate(ANN, "c1", true);
    assert_sent("2 receivedIceCandidateFromServer c1");
    assert_int_equal(answer(BOB, "ann", "a"), 0);
    assert_sent("2 ack 5 c1");
    assert_row(answer(BOB, "ann", "another"), SIGNALING_ANSWERED);
}

static void room_tells_who_comes_back_that_the_other_side_is_gone(void **state)
{
    (void)state;
    call();
    rill_rooms_away(rooms, BOB);
    rill_rooms_leave(rooms, ANN, false);
    assert_sent("");
    assert_int_equal(join_as(DAN, "bob", "", ""), 1);
    assert_sent("4 hungUp ann left");
    rill_rooms_away(rooms, DAN);
    assert_int_equal(join_as(BOB, "bob", "", ""), 1);
    assert_sent("");
}

static void room_gives_a_token_to_who_asks_for_one(void **state)
{
    (void)state;
    assert_int_equal(join_with(ANN, "ann", "", "", ""), 0);
    assert_sent("1 place token1 0");
    assert_int_equal(join_with(BOB, "ann", "", "", "token1"), 1);
    assert_sent("1 error SIGNALING_REPLACED 0 | 2 place token1 1");
}

/* With its token even who seems to be there is taken over, and is told all, for nobody knows what
 * of it came. */
static void room_token_takes_over_a_connection_that_seems_to_be_there(void **state)
{
    (void)state;
    assert_int_equal(join_with(ANN, "ann", "", "", ""), 0);
    assert_sent("1 place token1 0");
    join(BOB);
    offer(ANN, "o");
    assert_sent("2 newOfferAwaiting ann(o;)");
    answer(BOB, "ann", "a");
    candidate(BOB, "d1", false);
    assert_sent("2 ack 5  | 1 answerResponse ann(o;;bob:a)");
    candidate(BOB, "d1", false);
    assert_sent("1 receivedIceCandidateFromServer d1");
    assert_int_equal(join_with(CID, "ann", "", "", "token1"), 1);
    assert_sent(
        "1 error SIGNALING_REPLACED 0 | 3 place token1 1 | 3 answerResponse ann(o;;bob:a) | "
        "3 receivedIceCandidateFromServer d1");
}

/* A name is seen by everybody, so it is not enough where there is a token. */
static void room_name_alone_takes_no_place_that_has_a_token(void **state)
{
    static const char *const wrong[] = {NULL, "", "token2", "token", "token11"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const struct rill_rooms_config c = {0};
        begin_with(&c);
        assert_int_equal(join_with(ANN, "ann", "", "", ""), 0);
        assert_sent("1 place token1 0");
        join(BOB);
        offer(ANN, "o");
        assert_sent("2 newOfferAwaiting ann(o;)");
        rill_rooms_away(rooms, ANN);
        assert_int_equal(join_with(CID, "ann", "", "", wrong[i]), 0);
        assert_sent(wrong[i] ? "2 offerWithdrawn ann | 3 place token3 0" : "2 offerWithdrawn ann");
    }
}

static void room_who_is_away_makes_room_for_who_is_here(void **state)
{
    (void)state;
    const struct rill_rooms_config c = {.members = 2};
    begin_with(&c);
    join(ANN);
    join(BOB);
    offer(ANN, "o");
    assert_sent("2 newOfferAwaiting ann(o;)");
    rill_rooms_away(rooms, ANN);
    join(CID);
    assert_sent("2 offerWithdrawn ann");
    assert_int_equal(rill_rooms_held(rooms).away, 0);
}

/* --- rooms and names ------------------------------------------------------------------- */

static void room_walls_let_nothing_through(void **state)
{
    (void)state;
    assert_int_equal(join_as(ANN, "ann", "", "red"), 0);
    assert_int_equal(join_as(BOB, "bob", "", "blue"), 0);
    assert_int_equal(join_as(CID, "cid", "", ""), 0);
    offer(ANN, "o");
    assert_sent("");
    assert_int_equal(join_as(DAN, "dan", "", "blue"), 0);
    assert_sent("");
    assert_row(answer(BOB, "ann", "a"), SIGNALING_NO_OFFER);
}

static void room_newest_connection_with_a_name_takes_the_place(void **state)
{
    (void)state;
    join(ANN);
    offer(ANN, "o");
    assert_int_equal(join_as(BOB, "ann", "", ""), 0);
    assert_sent("1 error SIGNALING_REPLACED 0");
    assert_row(offer(ANN, "o"), SIGNALING_NO_AUTH);
    join(CID);
    assert_sent("");
}

static void room_replaced_row_is_the_one_it_names(void **state)
{
    (void)state;
    uint64_t to;
    struct rill_sig_message m;
    join(ANN);
    join_as(BOB, "ann", "", "");
    assert_true(rill_rooms_next(rooms, &to, &m));
    assert_true(rill_view_is(
        m.error_name, rill_err_find(&rill_signaling_errors, RILL_ROW(SIGNALING_REPLACED))->name));
}

static void room_same_name_in_another_room_is_another(void **state)
{
    (void)state;
    assert_int_equal(join_as(ANN, "ann", "", "red"), 0);
    assert_int_equal(join_as(BOB, "ann", "", "blue"), 0);
    assert_sent("");
}

static void room_refuses_names_that_are_none(void **state)
{
    (void)state;
    char long_name[RILL_SIGNALING_NAME_MAX + 2];
    memset(long_name, 'x', sizeof long_name);
    long_name[sizeof long_name - 1] = 0;
    assert_row(join_as(ANN, "", "", ""), SIGNALING_NAME);
    assert_row(join_as(ANN, "a\nb", "", ""), SIGNALING_NAME);
    assert_row(join_as(ANN, "a\xc2\x9b", "", ""), SIGNALING_NAME);
    assert_row(join_as(ANN, long_name, "", ""), SIGNALING_NAME);
    assert_row(join_as(ANN, "ann", "", long_name), SIGNALING_NAME);
    long_name[RILL_SIGNALING_NAME_MAX] = 0;
    assert_int_equal(join_as(ANN, long_name, "", long_name), 0);
}

static void room_client_speaks_for_itself_only(void **state)
{
    (void)state;
    join(ANN);
    join(BOB);
    const struct rill_sig_message m = {.type = RILL_SIG_SEND_CANDIDATE,
                                       .candidate = {.candidate = rill_view_of("c")},
                                       .ice_user = rill_view_of("ann"),
                                       .did_i_offer = true};
    assert_row(rill_rooms_say(rooms, BOB, &m, &why), SIGNALING_NAME);
}

static void room_who_has_not_joined_is_not_heard(void **state)
{
    (void)state;
    assert_row(offer(ANN, "o"), SIGNALING_NO_AUTH);
    assert_row(candidate(ANN, "c", true), SIGNALING_NO_AUTH);
}

static void room_auth_is_said_once(void **state)
{
    (void)state;
    join(ANN);
    assert_row(join_as(ANN, "ann", "", ""), SIGNALING_AUTH_TWICE);
    const struct rill_sig_message m = {.type = RILL_SIG_AUTH, .user = rill_view_of("x")};
    assert_row(rill_rooms_say(rooms, ANN, &m, &why), SIGNALING_AUTH_TWICE);
}

static void room_takes_no_word_of_the_server_from_a_client(void **state)
{
    (void)state;
    static const enum rill_sig_type types[] = {RILL_SIG_AVAILABLE_OFFERS,
                                               RILL_SIG_NEW_OFFER_AWAITING,
                                               RILL_SIG_ANSWER_RESPONSE,
                                               RILL_SIG_RECEIVED_CANDIDATE,
                                               RILL_SIG_ACK,
                                               RILL_SIG_ERROR,
                                               RILL_SIG_UNKNOWN};
    join(ANN);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        const struct rill_sig_message m = {.type = types[i]};
        assert_row(rill_rooms_say(rooms, ANN, &m, &why), SIGNALING_UNKNOWN);
    }
}

/* --- the password ---------------------------------------------------------------------- */

static void room_password_must_be_right_to_the_last_byte(void **state)
{
    (void)state;
    const struct rill_rooms_config c = {.password = rill_view_of("sesame")};
    begin_with(&c);
    assert_row(join_as(ANN, "ann", "", ""), SIGNALING_PASSWORD);
    assert_row(join_as(ANN, "ann", "sesam", ""), SIGNALING_PASSWORD);
    assert_row(join_as(ANN, "ann", "sesame ", ""), SIGNALING_PASSWORD);
    assert_row(join_as(ANN, "ann", "Sesame", ""), SIGNALING_PASSWORD);
    assert_int_equal(join_as(ANN, "ann", "sesame", ""), 0);
}

static void room_without_a_password_takes_any(void **state)
{
    (void)state;
    assert_int_equal(join_as(ANN, "ann", "x", ""), 0);
}

static void room_wrong_password_takes_nobodys_place(void **state)
{
    (void)state;
    const struct rill_rooms_config c = {.password = rill_view_of("sesame")};
    begin_with(&c);
    assert_int_equal(join_as(ANN, "ann", "sesame", ""), 0);
    assert_row(join_as(BOB, "ann", "guess", ""), SIGNALING_PASSWORD);
    assert_sent("");
    assert_int_equal(offer(ANN, "o"), 0);
}

/* --- limits ---------------------------------------------------------------------------- */

static void room_takes_exactly_its_members_and_not_one_more(void **state)
{
    (void)state;
    const struct rill_rooms_config c = {.members = 2};
    begin_with(&c);
    join(ANN);
    join(BOB);
    assert_row(join_as(CID, "cid", "", ""), SIGNALING_FULL);
    rill_rooms_leave(rooms, ANN, false);
    join(CID);
}

static void room_takes_exactly_its_offers_and_not_one_more(void **state)
{
    (void)state;
    const struct rill_rooms_config c = {.offers = 2};
    begin_with(&c);
    join(ANN);
    join(BOB);
    join(CID);
    assert_int_equal(offer(ANN, "o"), 0);
    assert_sent("2 newOfferAwaiting ann(o;) | 3 newOfferAwaiting ann(o;)");
    assert_int_equal(offer(BOB, "o"), 0);
    assert_sent("1 newOfferAwaiting bob(o;) | 3 newOfferAwaiting bob(o;)");
    assert_row(offer(CID, "o"), SIGNALING_FULL);
    assert_int_equal(offer(ANN, "o2"), 0);
}

static void room_takes_exactly_its_candidates_a_side_and_not_one_more(void **state)
{
    (void)state;
    const struct rill_rooms_config c = {.candidates = 2};
    begin_with(&c);
    call();
    for (int i = 0; i < 2; i++) {
        assert_int_equal(candidate(ANN, "c", true), 0);
        assert_sent("2 receivedIceCandidateFromServer c");
        assert_int_equal(candidate(BOB, "d", false), 0);
        assert_sent("1 receivedIceCandidateFromServer d");
    }
    assert_row(candidate(ANN, "c", true), SIGNALING_FULL);
    assert_row(candidate(BOB, "d", false), SIGNALING_FULL);
    assert_sent("");
}

static void room_holds_no_more_early_candidates_than_others(void **state)
{
    (void)state;
    const struct rill_rooms_config c = {.candidates = 2};
    begin_with(&c);
    join(ANN);
    assert_int_equal(candidate(ANN, "c", true), 0);
    assert_int_equal(candidate(ANN, "c", true), 0);
    assert_row(candidate(ANN, "c", true), SIGNALING_FULL);
}

static void room_holds_no_more_early_bytes_than_it_has(void **state)
{
    (void)state;
    static char line[1024];
    int taken = 0;
    memset(line, 'x', sizeof line - 1);
    join(ANN);
    while (candidate(ANN, line, true) == 0)
        taken++;
    assert_row(candidate(ANN, line, true), SIGNALING_FULL);
    assert_int_equal(taken, 7);
    assert_int_equal(candidate(ANN, "small", true), 0);
}

static void room_offer_fits_exactly_its_bytes_and_not_one_more(void **state)
{
    (void)state;
    const struct rill_rooms_config c = {.offer_bytes = 100};
    char sdp[102];
    begin_with(&c);
    memset(sdp, 'x', sizeof sdp);
    sdp[101] = 0;
    join(ANN);
    assert_row(offer(ANN, sdp), SIGNALING_FULL);
    sdp[100] = 0;
    assert_int_equal(offer(ANN, sdp), 0);
    sdp[99] = '\n'; /* two bytes in JSON */
    assert_row(offer(ANN, sdp), SIGNALING_FULL);
}

static void room_answer_and_candidates_share_the_offers_bytes(void **state)
{
    (void)state;
    const struct rill_rooms_config c = {.offer_bytes = 100};
    begin_with(&c);
    join(ANN);
    join(BOB);
    offer(ANN, "1234567890");
    assert_sent("2 newOfferAwaiting ann(1234567890;)");
    assert_row(candidate(ANN, "candidate", true), SIGNALING_FULL);
    char sdp[92];
    memset(sdp, 'a', sizeof sdp);
    sdp[91] = 0;
    assert_row(answer(BOB, "ann", sdp), SIGNALING_FULL);
    sdp[90] = 0;
    assert_int_equal(answer(BOB, "ann", sdp), 0);
}

/* Whoever comes hears of no more than four messages, each as long as one offer may be. */
static void room_list_of_offers_is_bounded(void **state)
{
    (void)state;
    const struct rill_rooms_config c = {.offer_bytes = 1000};
    char sdp[901], name[8];
    uint64_t to;
    struct rill_sig_message m;
    begin_with(&c);
    memset(sdp, 'x', 900);
    sdp[900] = 0;
    for (uint32_t i = 10; i < 20; i++) {
        snprintf(name, sizeof name, "n%u", i);
        assert_int_equal(join_as(i, name, "", ""), 0);
        while (rill_rooms_next(rooms, &to, &m))
            continue;
        assert_int_equal(offer(i, sdp), 0);
        while (rill_rooms_next(rooms, &to, &m))
            continue;
    }
    join(ANN);
    for (int i = 0; i < 4; i++) {
        assert_true(rill_rooms_next(rooms, &to, &m));
        assert_int_equal(m.type, RILL_SIG_AVAILABLE_OFFERS);
        assert_int_equal(m.n_offers, 1);
    }
    assert_sent("");
}

static void room_small_offers_come_in_one_list(void **state)
{
    (void)state;
    join(ANN);
    join(BOB);
    offer(ANN, "o");
    assert_sent("2 newOfferAwaiting ann(o;)");
    offer(BOB, "p");
    assert_sent("1 newOfferAwaiting bob(p;)");
    join(CID);
    assert_sent("3 availableOffers ann(o;) bob(p;)");
}

static void room_wants_its_notes_pulled_before_the_next_word(void **state)
{
    (void)state;
    join(ANN);
    join(BOB);
    offer(ANN, "o");
    assert_row(offer(BOB, "o"), SIGNALING_FULL);
    assert_row(join_as(CID, "cid", "", ""), SIGNALING_FULL);
    assert_sent("2 newOfferAwaiting ann(o;)");
    assert_int_equal(offer(BOB, "o"), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(room_tells_an_offer_to_all_but_the_caller),
        TEST(room_holds_an_offer_and_its_candidates_for_who_comes_later),
        TEST(room_says_nothing_on_join_when_there_is_no_offer),
        TEST(room_answer_is_acknowledged_with_held_candidates_and_passed_on),
        TEST(room_passes_candidates_straight_through_after_the_answer),
        TEST(room_never_lets_a_candidate_overtake_the_answer),
        TEST(room_keeps_candidates_that_come_before_their_offer),
        TEST(room_forgets_candidates_left_from_an_earlier_call),
        TEST(room_first_answer_wins),
        TEST(room_answer_to_nobody_is_refused),
        TEST(room_nobody_answers_himself),
        TEST(room_withdraws_what_its_maker_leaves_behind),
        TEST(room_puts_a_leaving_off_until_what_is_said_has_been_pulled),
        TEST(room_offer_stays_answered_when_the_answerer_leaves),
        TEST(room_new_offer_takes_the_place_of_the_older),
        TEST(room_answers_a_wish_for_an_ack_of_anything),
        TEST(room_tells_who_saw_an_offer_that_it_is_withdrawn),
        TEST(room_passes_on_that_the_offerer_left),
        TEST(room_passes_on_that_a_side_was_lost),
        TEST(room_passes_a_hang_up_on_and_both_stay),
        TEST(room_new_offer_in_a_call_does_not_end_it),
        TEST(room_holds_the_offer_of_who_is_away),
        TEST(room_tells_an_answerer_that_comes_back_only_what_it_missed),
        TEST(room_acknowledges_an_answer_that_is_said_again),
        TEST(room_tells_who_comes_back_that_the_other_side_is_gone),
        TEST(room_gives_a_token_to_who_asks_for_one),
        TEST(room_token_takes_over_a_connection_that_seems_to_be_there),
        TEST(room_name_alone_takes_no_place_that_has_a_token),
        TEST(room_who_is_away_makes_room_for_who_is_here),
        TEST(room_walls_let_nothing_through),
        TEST(room_newest_connection_with_a_name_takes_the_place),
        TEST(room_replaced_row_is_the_one_it_names),
        TEST(room_same_name_in_another_room_is_another),
        TEST(room_refuses_names_that_are_none),
        TEST(room_client_speaks_for_itself_only),
        TEST(room_who_has_not_joined_is_not_heard),
        TEST(room_auth_is_said_once),
        TEST(room_takes_no_word_of_the_server_from_a_client),
        TEST(room_password_must_be_right_to_the_last_byte),
        TEST(room_without_a_password_takes_any),
        TEST(room_wrong_password_takes_nobodys_place),
        TEST(room_takes_exactly_its_members_and_not_one_more),
        TEST(room_takes_exactly_its_offers_and_not_one_more),
        TEST(room_takes_exactly_its_candidates_a_side_and_not_one_more),
        TEST(room_holds_no_more_early_candidates_than_others),
        TEST(room_holds_no_more_early_bytes_than_it_has),
        TEST(room_offer_fits_exactly_its_bytes_and_not_one_more),
        TEST(room_answer_and_candidates_share_the_offers_bytes),
        TEST(room_list_of_offers_is_bounded),
        TEST(room_small_offers_come_in_one_list),
        TEST(room_wants_its_notes_pulled_before_the_next_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
