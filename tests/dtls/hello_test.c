/* A ClientHello in pieces: every order, loss, overlap, and both browsers' own. */
#include "dtls/hello.h"
#include "tests/dtls/pair.h"

#include <stdio.h>

/* --- the slot alone --------------------------------------------------------------------- */

static max_align_t block[1024];
static struct rill_dtls_hello h;
static uint8_t body[RILL_DTLS_HELLO_MAX + 1];

static int set_up(void **state)
{
    (void)state;
    struct rill_arena a = rill_arena_over(block, sizeof block);
    rill_dtls_hello_init(&h, &a);
    assert_false(a.bad);
    for (size_t i = 0; i < sizeof body; i++)
        body[i] = (uint8_t)(i * 7 + i / 256);
    return 0;
}

static struct rill_view whole;

/* Bytes [from, from + n) of a hello of `length`, in a record of this number. */
static int piece(uint64_t number, size_t length, size_t from, size_t n)
{
    struct rill_dtls_record r = {22, 0xfeff, 0, number, {0}, {0}};
    struct rill_dtls_message m = {.type = 1,
                                  .length = (uint32_t)length,
                                  .offset = (uint32_t)from,
                                  .fragment = rill_view_at(body + from, n)};
    return rill_dtls_hello_take(&h, RILL_SECOND, &r, &m, &whole, NULL);
}

static void is_whole(uint64_t number, size_t length)
{
    struct rill_view rest = whole;
    struct rill_dtls_record r;
    struct rill_dtls_message m;
    assert_int_equal(rill_dtls_record_read(&rest, &r, NULL), 0);
    assert_int_equal(rest.n, 0);
    assert_true(r.number == number);
    assert_int_equal(r.version, 0xfeff);
    assert_int_equal(rill_dtls_message_read(&r.body, &m, NULL), 0);
    assert_int_equal(r.body.n, 0);
    assert_int_equal(m.type, RILL_DTLS_CLIENT_HELLO);
    assert_int_equal(m.length, length);
    assert_int_equal(m.offset, 0);
    assert_int_equal(m.fragment.n, length);
    assert_memory_equal(m.fragment.p, body, length);
}

static void dtls_hello_joins_two_pieces_under_a_record_number_of_theirs(void **state)
{
    (void)state;
    assert_int_equal(piece(3, 500, 0, 300), 0);
    assert_int_equal(piece(4, 500, 300, 200), 1);
    is_whole(4, 500);
}

static void dtls_hello_joins_pieces_out_of_order(void **state)
{
    (void)state;
    assert_int_equal(piece(4, 500, 300, 200), 0);
    assert_int_equal(piece(3, 500, 0, 300), 1);
    is_whole(3, 500);
}

static void dtls_hello_joins_pieces_that_overlap_or_come_twice(void **state)
{
    (void)state;
    assert_int_equal(piece(0, 500, 100, 200), 0);
    assert_int_equal(piece(1, 500, 100, 200), 0);
    assert_int_equal(piece(2, 500, 250, 250), 0);
    assert_int_equal(piece(3, 500, 120, 50), 0);
    assert_int_equal(piece(4, 500, 0, 101), 1);
    is_whole(4, 500);
}

static void dtls_hello_joins_single_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < 99; i++)
        assert_int_equal(piece(i, 100, 99 - i, 1), 0);
    assert_int_equal(piece(99, 100, 0, 1), 1);
    is_whole(99, 100);
}

static void dtls_hello_of_exactly_4096_bytes_fits(void **state)
{
    (void)state;
    assert_int_equal(piece(0, RILL_DTLS_HELLO_MAX, 0, 2048), 0);
    assert_int_equal(piece(1, RILL_DTLS_HELLO_MAX, 2048, 2048), 1);
    is_whole(1, RILL_DTLS_HELLO_MAX);
}

static void dtls_hello_of_one_byte_more_is_refused(void **state)
{
    (void)state;
    assert_row(piece(0, RILL_DTLS_HELLO_MAX + 1, 0, 2048), DTLS_HELLO_TOO_LARGE);
    assert_row(piece(0, 0xffffff, 0, 2048), DTLS_HELLO_TOO_LARGE);
}

static void dtls_hello_slot_goes_to_the_newest_hello(void **state)
{
    (void)state;
    assert_int_equal(piece(0, 500, 0, 300), 0);
    assert_int_equal(piece(1, 400, 0, 200), 0);
    assert_int_equal(piece(2, 400, 200, 200), 1);
    is_whole(2, 400);
    assert_int_equal(piece(3, 500, 300, 200), 0);
}

static void dtls_hello_begins_again_when_an_overlap_disagrees(void **state)
{
    (void)state;
    assert_int_equal(piece(0, 500, 0, 300), 0);
    body[10] ^= 1;
    assert_int_equal(piece(1, 500, 0, 300), 0);
    assert_int_equal(piece(2, 500, 300, 200), 1);
    is_whole(2, 500);
}

static void dtls_hello_pieces_expire_after_five_seconds(void **state)
{
    (void)state;
    struct rill_dtls_record r = {22, 0xfeff, 0, 1, {0}, {0}};
    struct rill_dtls_message m = {.type = 1, .length = 500, .fragment = {body, 300}};
    assert_int_equal(rill_dtls_hello_take(&h, 0, &r, &m, &whole, NULL), 0);
    m.offset = 300;
    m.fragment = rill_view_at(body + 300, 200);
    assert_int_equal(rill_dtls_hello_take(&h, RILL_DTLS_HELLO_EXPIRY, &r, &m, &whole, NULL), 0);
    m.offset = 0;
    m.fragment = rill_view_at(body, 300);
    assert_int_equal(rill_dtls_hello_take(&h, 2 * RILL_DTLS_HELLO_EXPIRY - 1, &r, &m, &whole, NULL),
                     1);
}

/* --- in an association ------------------------------------------------------------------- */

static struct pair p;

static int open_pair(void **state)
{
    (void)state;
    pair_ready(&p, rill_test_seed());
    rill_dtls_start(p.end[SERVER].x, p.now);
    return 0;
}

static int close_pair(void **state)
{
    (void)state;
    pair_free(&p);
    return 0;
}

struct capture {
    uint8_t bytes[2][2048];
    struct rill_view part[2];
};

/* One datagram a line, hex. */
static void load(const char *path, struct capture *c)
{
    static char line[8192];
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    for (int i = 0; i < 2; i++) {
        assert_non_null(fgets(line, sizeof line, f));
        c->part[i] = rill_test_hex(line, c->bytes[i], sizeof c->bytes[i]);
    }
    fclose(f);
}

static const char *const browsers[] = {"tests/data/dtls/clienthello-chromium156.hex",
                                       "tests/data/dtls/clienthello-firefox153.hex"};

/* The first message of what the server last sent: its type. */
static int answer(void)
{
    if (p.on_wire == 0)
        return -1;
    struct rill_view rest = rill_view_at(p.wire[0].bytes, p.wire[0].n);
    struct rill_dtls_record r;
    struct rill_dtls_message m;
    assert_int_equal(rill_dtls_record_read(&rest, &r, NULL), 0);
    assert_int_equal(rill_dtls_message_read(&r.body, &m, NULL), 0);
    return m.type;
}

static void say(struct rill_view d)
{
    pair_inject(&p, SERVER, d);
}

static void each_browser(void (*speak)(struct capture *c))
{
    for (size_t i = 0; i < 2; i++) {
        struct capture c;
        load(browsers[i], &c);
        speak(&c);
        assert_int_equal(answer(), RILL_DTLS_SERVER_HELLO);
        close_pair(NULL);
        open_pair(NULL);
    }
}

static void in_order(struct capture *c)
{
    say(c->part[0]);
    assert_int_equal(answer(), -1);
    say(c->part[1]);
}

static void reversed(struct capture *c)
{
    say(c->part[1]);
    assert_int_equal(answer(), -1);
    say(c->part[0]);
}

static void doubled(struct capture *c)
{
    say(c->part[1]);
    say(c->part[1]);
    say(c->part[1]);
    assert_int_equal(answer(), -1);
    say(c->part[0]);
}

/* As a client does: the same fragments in records of the next numbers. */
static void renumber(struct rill_view d, uint64_t by)
{
    uint8_t *number = (uint8_t *)(uintptr_t)d.p + 5;
    for (int i = 5; i >= 0; i--, by >>= 8)
        number[i] = (uint8_t)by;
}

static void first_lost_then_all_again(struct capture *c)
{
    say(c->part[1]);
    p.now += 50 * RILL_MS;
    renumber(c->part[0], 2);
    renumber(c->part[1], 3);
    say(c->part[0]);
    assert_int_equal(answer(), RILL_DTLS_SERVER_HELLO);
    say(c->part[1]);
}

static void second_lost_then_all_again(struct capture *c)
{
    say(c->part[0]);
    p.now += 50 * RILL_MS;
    renumber(c->part[0], 2);
    renumber(c->part[1], 3);
    say(c->part[0]);
    assert_int_equal(answer(), -1);
    say(c->part[1]);
}

static void in_one_datagram(struct capture *c)
{
    uint8_t both[2048];
    memcpy(both, c->part[0].p, c->part[0].n);
    memcpy(both + c->part[0].n, c->part[1].p, c->part[1].n);
    say(rill_view_at(both, c->part[0].n + c->part[1].n));
}

static void amid_garbage(struct capture *c)
{
    uint8_t empty[] = {22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 9, 0, 12, /* record */
                       1,  0,    5,    0, 0, 0, 0, 0, 1, 0, 0, 0};    /* no bytes of 1280 */
    uint8_t noise[200];
    struct rill_rng rng = rill_rng_seeded(&p.loss_rng);
    say(c->part[0]);
    say(rill_view_at(empty, sizeof empty));
    for (int i = 0; i < 100; i++) {
        rill_rng_fill(&rng, noise, sizeof noise);
        noise[0] = (uint8_t)(20 + i % 44);
        say(rill_view_at(noise, sizeof noise));
    }
    say(c->part[1]);
}

static void dtls_answers_the_hello_of_each_browser(void **state)
{
    (void)state;
    each_browser(in_order);
}

static void dtls_answers_the_hello_of_each_browser_reversed(void **state)
{
    (void)state;
    each_browser(reversed);
}

static void dtls_answers_the_hello_of_each_browser_with_a_piece_repeated(void **state)
{
    (void)state;
    each_browser(doubled);
}

static void dtls_answers_the_hello_of_each_browser_when_the_first_piece_was_lost(void **state)
{
    (void)state;
    each_browser(first_lost_then_all_again);
}

static void dtls_answers_the_hello_of_each_browser_when_the_second_piece_was_lost(void **state)
{
    (void)state;
    each_browser(second_lost_then_all_again);
}

static void dtls_answers_the_hello_of_each_browser_in_one_datagram(void **state)
{
    (void)state;
    each_browser(in_one_datagram);
}

static void dtls_answers_the_hello_of_each_browser_amid_garbage(void **state)
{
    (void)state;
    each_browser(amid_garbage);
}

/* --- cut on the way, and Finished must still hold ------------------------------------------ */

static size_t pieces;
static size_t overlap;
static bool backwards;
static uint64_t shift; /* how many record numbers the cutting has added */

static void put_piece(struct pair *q, const struct rill_dtls_record *r,
                      const struct rill_dtls_message *m, size_t from, size_t n, uint64_t number,
                      size_t order)
{
    uint8_t out[PAIR_DATAGRAM], message[PAIR_DATAGRAM];
    struct rill_writer w = rill_writer_of((struct rill_span){message, sizeof message});
    rill_w_u8(&w, m->type);
    rill_w_u24(&w, m->length);
    rill_w_u16(&w, m->seq);
    rill_w_u24(&w, (uint32_t)from);
    rill_w_u24(&w, (uint32_t)n);
    rill_w_bytes(&w, rill_view_sub(m->fragment, from, n));
    struct rill_dtls_record cut = *r;
    cut.number = number;
    struct rill_writer rw = rill_writer_of((struct rill_span){out, sizeof out});
    rill_dtls_record_write(&rw, &cut, rill_w_view(&w));
    pair_put(q, SERVER, q->now + PAIR_DELAY + (int64_t)order, rill_w_view(&rw));
}

static void cut_hello(struct pair *q, const struct rill_dtls_record *r,
                      const struct rill_dtls_message *m)
{
    for (size_t i = 0; i < pieces; i++) {
        size_t from = m->length * i / pieces, to = m->length * (i + 1) / pieces;
        from -= from < overlap ? from : overlap;
        put_piece(q, r, m, from, to - from, r->number + shift + i, backwards ? pieces - i : i);
    }
    shift += pieces - 1;
}

/* Cuts the client's hello; what the client sends later in the clear gets the numbers that a
 * client would give it that had cut its hello itself. */
static bool cutting(struct pair *q, int from, size_t nth, struct rill_view d)
{
    (void)nth;
    if (from != CLIENT)
        return false;
    uint8_t out[PAIR_DATAGRAM];
    struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
    struct rill_dtls_record r;
    struct rill_dtls_message m;
    while (d.n && rill_dtls_record_read(&d, &r, NULL) == 0) {
        struct rill_view rest = r.body;
        bool hello = r.epoch == 0 && r.type == 22 && rill_dtls_message_read(&rest, &m, NULL) == 0 &&
                     m.type == 1;
        if (hello) {
            cut_hello(q, &r, &m);
            continue;
        }
        r.number += r.epoch == 0 ? shift : 0;
        rill_dtls_record_write(&w, &r, r.body);
    }
    if (w.at)
        pair_put(q, SERVER, q->now + PAIR_DELAY, rill_w_view(&w));
    return true;
}

static void connects_when_cut(size_t into, size_t over, bool back)
{
    pieces = into, overlap = over, backwards = back, shift = 0;
    p.lose = cutting;
    int64_t began = p.now;
    pair_start(&p);
    assert_true(pair_connect(&p, 5 * RILL_SECOND));
    /* Nothing was taken for a replay: no flight had to be repeated. */
    assert_true(p.now - began < 100 * RILL_MS);
}

static void dtls_finishes_a_handshake_whose_hello_came_in_two_pieces(void **state)
{
    (void)state;
    connects_when_cut(2, 0, false);
}

static void dtls_finishes_a_handshake_whose_hello_came_in_eight_pieces(void **state)
{
    (void)state;
    connects_when_cut(8, 0, false);
}

static void dtls_finishes_a_handshake_whose_hello_came_backwards(void **state)
{
    (void)state;
    connects_when_cut(8, 0, true);
}

static void dtls_finishes_a_handshake_whose_hello_overlapped(void **state)
{
    (void)state;
    connects_when_cut(5, 17, true);
}

static void dtls_answers_a_cut_hello_that_comes_again_with_the_same_flight(void **state)
{
    (void)state;
    pieces = 3, overlap = 0, backwards = false, shift = 0;
    p.lose = cutting;
    pair_start(&p);
    pair_run(&p, PAIR_DELAY + 3);
    assert_int_equal(p.end[SERVER].sent, 1);
    p.on_wire = 0; /* the server's flight is lost */
    assert_true(pair_connect(&p, RILL_SECOND));
}

int main(void)
{
#define SLOT(f) cmocka_unit_test_setup(f, set_up)
#define PAIR(f) cmocka_unit_test_setup_teardown(f, open_pair, close_pair)
    const struct CMUnitTest tests[] = {
        SLOT(dtls_hello_joins_two_pieces_under_a_record_number_of_theirs),
        SLOT(dtls_hello_joins_pieces_out_of_order),
        SLOT(dtls_hello_joins_pieces_that_overlap_or_come_twice),
        SLOT(dtls_hello_joins_single_bytes),
        SLOT(dtls_hello_of_exactly_4096_bytes_fits),
        SLOT(dtls_hello_of_one_byte_more_is_refused),
        SLOT(dtls_hello_slot_goes_to_the_newest_hello),
        SLOT(dtls_hello_begins_again_when_an_overlap_disagrees),
        SLOT(dtls_hello_pieces_expire_after_five_seconds),
        PAIR(dtls_answers_the_hello_of_each_browser),
        PAIR(dtls_answers_the_hello_of_each_browser_reversed),
        PAIR(dtls_answers_the_hello_of_each_browser_with_a_piece_repeated),
        PAIR(dtls_answers_the_hello_of_each_browser_when_the_first_piece_was_lost),
        PAIR(dtls_answers_the_hello_of_each_browser_when_the_second_piece_was_lost),
        PAIR(dtls_answers_the_hello_of_each_browser_in_one_datagram),
        PAIR(dtls_answers_the_hello_of_each_browser_amid_garbage),
        PAIR(dtls_finishes_a_handshake_whose_hello_came_in_two_pieces),
        PAIR(dtls_finishes_a_handshake_whose_hello_came_in_eight_pieces),
        PAIR(dtls_finishes_a_handshake_whose_hello_came_backwards),
        PAIR(dtls_finishes_a_handshake_whose_hello_overlapped),
        PAIR(dtls_answers_a_cut_hello_that_comes_again_with_the_same_flight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
