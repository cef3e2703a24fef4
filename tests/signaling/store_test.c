/* store: what goes to Redis and what its answers do, byte for byte, without a Redis. */
#include "tests/rill_test.h"

#include "signaling/store.h"
#include "signaling/store_reply.h"

#include <stdio.h>
#include <stdlib.h>

#define HOME "11111111"
#define EPOCH "epoch-1"

#ifndef RILL_ROW
#define RILL_ROW(row) RILL_##row
#endif

struct world {
    void *block;
    struct rill_store *store;
    int64_t now;
    char log[8192]; /* events, a line each */
    int trouble;    /* of the last TROUBLE */
};

static void ones(void *ctx, uint8_t *out, size_t n)
{
    (void)ctx;
    memset(out, 0x11, n);
}

static void open_world(struct world *w, const char *user, const char *password)
{
    const struct rill_store_config c = {.user = rill_view_of(user),
                                        .password = rill_view_of(password),
                                        .database = 7,
                                        .rng = {NULL, ones}};
    *w = (struct world){.now = RILL_SECOND};
    w->block = malloc(rill_store_size(&c));
    w->store = rill_store_init(w->block, &c, w->now);
    assert_int_equal(rill_store_home(w->store), 0x11111111);
}

static void shut_world(struct world *w)
{
    rill_store_free(w->store);
    free(w->block);
}

static void log_event(struct world *w, const struct rill_store_event *e)
{
    static const char *const wires[] = {"writer", "reader"};
    size_t at = strlen(w->log), cap = sizeof w->log - at;
    char *out = w->log + at;
    switch (e->type) {
    case RILL_STORE_OPEN:
        snprintf(out, cap, "open %s\n", wires[e->wire]);
        break;
    case RILL_STORE_CLOSE:
        snprintf(out, cap, "close %s\n", wires[e->wire]);
        break;
    case RILL_STORE_HELD:
        snprintf(out, cap, "held %.*s %.*s %.*s/%zu answer %.*s/%zu by %.*s%s\n",
                 (int)e->hold.room.n, (const char *)e->hold.room.p, (int)e->hold.user.n,
                 (const char *)e->hold.user.p, (int)e->hold.offer.offer.sdp.n,
                 (const char *)e->hold.offer.offer.sdp.p, e->hold.offer.n_offer_candidates,
                 (int)e->hold.offer.answer.sdp.n, (const char *)e->hold.offer.answer.sdp.p,
                 e->hold.offer.n_answer_candidates, (int)e->hold.offer.answerer.n,
                 (const char *)e->hold.offer.answerer.p, e->hold.is_away ? " away" : "");
        break;
    case RILL_STORE_READY:
        snprintf(out, cap, "ready\n");
        break;
    case RILL_STORE_CALLED:
        snprintf(out, cap, "called %d %llx %.*s\n", (int)e->call.kind,
                 (unsigned long long)e->call.key, (int)e->call.text.n,
                 (const char *)e->call.text.p);
        break;
    case RILL_STORE_AGAIN:
        snprintf(out, cap, "again\n");
        break;
    case RILL_STORE_BEHIND:
        snprintf(out, cap, "behind\n");
        break;
    case RILL_STORE_BACK:
        snprintf(out, cap, "back\n");
        break;
    case RILL_STORE_TROUBLE:
        w->trouble = e->error;
        snprintf(out, cap, "trouble %s %.*s\n",
                 rill_err_find(&rill_signaling_errors, e->error)->name, (int)e->text.n,
                 (const char *)e->text.p);
        break;
    }
}

static const char *events(struct world *w)
{
    struct rill_store_event e;
    w->log[0] = 0;
    while (rill_store_event(w->store, w->now, &e))
        log_event(w, &e);
    return w->log;
}

static const char *raw(struct world *w, enum rill_store_wire wire)
{
    static uint8_t out[65536];
    size_t n = 0, more;
    while ((more = rill_store_output(w->store, w->now, wire,
                                     (struct rill_span){out + n, sizeof out - 1 - n})))
        n += more;
    out[n] = 0;
    return (const char *)out;
}

/* The commands as they would be typed, a line each. */
static const char *sent(struct world *w, enum rill_store_wire wire)
{
    static char out[65536];
    size_t at = 0;
    out[0] = 0;
    for (const char *p = raw(w, wire); *p == '*';) {
        int words = atoi(p + 1);
        p = strchr(p, '\n') + 1;
        for (int i = 0; i < words; i++) {
            int n = atoi(p + 1);
            p = strchr(p, '\n') + 1;
            at += (size_t)snprintf(out + at, sizeof out - at, "%s%.*s", i ? " " : "", n, p);
            p += n + 2;
        }
        at += (size_t)snprintf(out + at, sizeof out - at, "\n");
    }
    return out;
}

static void answer(struct world *w, enum rill_store_wire wire, const char *bytes)
{
    rill_store_input(w->store, w->now, wire, rill_view_of(bytes));
}

static void begin(struct world *w)
{
    rill_store_tick(w->store, w->now);
    assert_string_equal(events(w), "open writer\n");
    rill_store_connected(w->store, w->now, RILL_STORE_WRITER);
    assert_string_equal(sent(w, RILL_STORE_WRITER),
                        "SELECT 7\nSET rill:epoch 11111111111111111111111111111111 NX\n"
                        "GET rill:epoch\n");
}

/* Nothing is held; both connections run. */
static void run(struct world *w)
{
    begin(w);
    answer(w, RILL_STORE_WRITER, "+OK\r\n+OK\r\n$7\r\n" EPOCH "\r\n");
    assert_string_equal(sent(w, RILL_STORE_WRITER),
                        "SET rill:server:" HOME " 1 EX 6\nSMEMBERS rill:places\n");
    answer(w, RILL_STORE_WRITER, "+OK\r\n*0\r\n");
    assert_string_equal(events(w), "ready\n");
    rill_store_tick(w->store, w->now);
    assert_string_equal(events(w), "open reader\n");
    rill_store_connected(w->store, w->now, RILL_STORE_READER);
    assert_string_equal(sent(w, RILL_STORE_READER),
                        "SELECT 7\nXREAD COUNT 64 BLOCK 2000 STREAMS rill:stream 0\n");
    answer(w, RILL_STORE_READER, "+OK\r\n*-1\r\n");
    assert_string_equal(sent(w, RILL_STORE_READER),
                        "XREAD COUNT 64 BLOCK 2000 STREAMS rill:stream 0\n");
    assert_true(rill_store_counts(w->store).is_connected);
}

static int say(struct world *w, const char *text, struct rill_err *why)
{
    const struct rill_store_call call = {.kind = RILL_STORE_SAY,
                                         .key = 0x1111111100000001,
                                         .text = rill_view_of(text),
                                         .has_ack = true,
                                         .ack = 9};
    return rill_store_call(w->store, w->now, &call, why);
}

/* An entry of the stream, as XREAD gives it. */
static void entry(struct world *w, const char *id, const char *server, unsigned n, const char *kind,
                  const char *key, const char *text)
{
    const char *fields[] = {"s", server, "n", "", "k", kind, "m", key, "t", text, "x", "", "a", ""};
    char number[12], out[1024];
    snprintf(number, sizeof number, "%u", n);
    fields[3] = number;
    size_t at = (size_t)snprintf(
        out, sizeof out, "*1\r\n*2\r\n$11\r\nrill:stream\r\n*1\r\n*2\r\n$%zu\r\n%s\r\n*14\r\n",
        strlen(id), id);
    for (size_t i = 0; i < 14; i++)
        at += (size_t)snprintf(out + at, sizeof out - at, "$%zu\r\n%s\r\n", strlen(fields[i]),
                               fields[i]);
    answer(w, RILL_STORE_READER, out);
}

/* The same, of a call that its server had applied. */
static void entry_again(struct world *w, unsigned n)
{
    char out[512];
    snprintf(out, sizeof out,
             "*1\r\n*2\r\n$11\r\nrill:stream\r\n*1\r\n*2\r\n$3\r\n5-%u\r\n*12\r\n"
             "$1\r\ns\r\n$8\r\n22222222\r\n$1\r\nn\r\n$1\r\n%u\r\n$1\r\nk\r\n$1\r\nj\r\n"
             "$1\r\nm\r\n$16\r\n2222222200000001\r\n$1\r\nt\r\n$1\r\nx\r\n$1\r\nr\r\n$1\r\n1\r\n",
             n, n);
    answer(w, RILL_STORE_READER, out);
}

/* --- connections ------------------------------------------------------------------------ */

static void store_writes_what_redis_reads_byte_for_byte(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, "me", "sesame");
    rill_store_tick(w.store, w.now);
    events(&w);
    rill_store_connected(w.store, w.now, RILL_STORE_WRITER);
    const char *bytes = raw(&w, RILL_STORE_WRITER);
    static const char want[] = "*3\r\n$4\r\nAUTH\r\n$2\r\nme\r\n$6\r\nsesame\r\n"
                               "*2\r\n$6\r\nSELECT\r\n$1\r\n7\r\n";
    assert_memory_equal(bytes, want, sizeof want - 1);
    shut_world(&w);
}

static void store_loads_what_is_held_before_it_reads_the_stream(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, "", "");
    begin(&w);
    answer(&w, RILL_STORE_WRITER,
           "+OK\r\n+OK\r\n$7\r\n" EPOCH "\r\n+OK\r\n*2\r\n$7\r\n72:6162\r\n$3\r\n:63\r\n");
    assert_string_equal(sent(&w, RILL_STORE_WRITER),
                        "SET rill:server:" HOME " 1 EX 6\nSMEMBERS rill:places\n"
                        "MULTI\nHGETALL rill:place:72:6162\n"
                        "LRANGE rill:candidates:72:6162:0 0 127\n"
                        "LRANGE rill:candidates:72:6162:1 0 127\nEXEC\n");
    answer(&w, RILL_STORE_WRITER,
           "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n*20\r\n"
           "$3\r\nkey\r\n$16\r\n2222222200000001\r\n$2\r\nat\r\n$2\r\n77\r\n"
           "$4\r\nroom\r\n$1\r\nr\r\n$4\r\nuser\r\n$2\r\nab\r\n$5\r\ntoken\r\n$0\r\n\r\n"
           "$4\r\naway\r\n$1\r\n1\r\n$5\r\noffer\r\n$1\r\no\r\n$6\r\nanswer\r\n$1\r\na\r\n"
           "$8\r\nanswerer\r\n$2\r\nme\r\n$9\r\nanswering\r\n$1\r\n1\r\n"
           "*1\r\n$17\r\n{\"candidate\":\"c\"}\r\n*0\r\n");
    assert_string_equal(events(&w), "held r ab o/1 answer a/0 by me away\n");
    /* The second one's time is over. */
    assert_string_equal(sent(&w, RILL_STORE_WRITER),
                        "MULTI\nHGETALL rill:place::63\nLRANGE rill:candidates::63:0 0 127\n"
                        "LRANGE rill:candidates::63:1 0 127\nEXEC\n");
    answer(&w, RILL_STORE_WRITER,
           "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n*0\r\n*0\r\n*0\r\n");
    assert_string_equal(events(&w), "ready\n");
    assert_string_equal(sent(&w, RILL_STORE_WRITER), "SREM rill:places :63\n");
    shut_world(&w);
}

static void store_tries_again_and_again(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, "", "");
    rill_store_tick(w.store, w.now);
    assert_string_equal(events(&w), "open writer\n");
    rill_store_closed(w.store, w.now, RILL_STORE_WRITER);
    assert_string_equal(events(&w), "trouble SIGNALING_STORE_GONE \n");
    assert_row(w.trouble, SIGNALING_STORE_GONE);
    for (int i = 0; i < 8; i++) {
        int64_t next = rill_store_deadline(w.store);
        assert_true(next > w.now && next <= w.now + 2 * RILL_SECOND);
        w.now = next;
        rill_store_tick(w.store, w.now);
        assert_string_equal(events(&w), "open writer\n"); /* told once */
        rill_store_closed(w.store, w.now, RILL_STORE_WRITER);
    }
    shut_world(&w);
}

static const struct {
    int row;
    const char *answer, *log;
} bad[] = {
    {RILL_ROW(SIGNALING_STORE_PROTOCOL), "HTTP/1.1 200 OK\r\n\r\n",
     "trouble SIGNALING_STORE_PROTOCOL \nclose writer\n"},
    {RILL_ROW(SIGNALING_STORE_PROTOCOL), "+OK\r\n+OK\r\n:5\r\n",
     "trouble SIGNALING_STORE_PROTOCOL \nclose writer\n"},
    {RILL_ROW(SIGNALING_STORE_PROTOCOL), "+OK\r\n+OK\r\n$1\r\ne\r\n+OK\r\n*0\r\n+more\r\n",
     "trouble SIGNALING_STORE_PROTOCOL \nclose writer\nready\n"},
    {RILL_ROW(SIGNALING_STORE_TOO_LARGE), "*65537\r\n",
     "trouble SIGNALING_STORE_TOO_LARGE \nclose writer\n"},
    {RILL_ROW(SIGNALING_STORE_REFUSED), "-NOAUTH Authentication required.\r\n",
     "trouble SIGNALING_STORE_REFUSED NOAUTH Authentication required.\nclose writer\n"},
};

static void store_begins_anew_after_an_answer_that_is_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct world w;
        open_world(&w, "", "");
        begin(&w);
        answer(&w, RILL_STORE_WRITER, bad[i].answer);
        assert_string_equal(events(&w), bad[i].log);
        assert_int_equal(w.trouble, bad[i].row);
        shut_world(&w);
    }
}

static void store_gives_a_silent_one_so_much_time(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, "", "");
    begin(&w);
    assert_int_equal(rill_store_deadline(w.store), w.now + RILL_LIMIT_STORE_SILENT_MS * RILL_MS);
    w.now = rill_store_deadline(w.store);
    rill_store_tick(w.store, w.now);
    assert_string_equal(events(&w), "trouble SIGNALING_STORE_SILENT \nclose writer\n");
    assert_row(w.trouble, SIGNALING_STORE_SILENT);
    shut_world(&w);
}

static void store_reply_takes_so_many_bytes_and_not_one_more(void **state)
{
    (void)state;
    struct rill_err why = {0};
    struct rill_reply *reply;
    size_t n = RILL_LIMIT_STORE_REPLY;
    uint8_t *bytes = malloc(n + 1);
    memset(bytes, 'x', n + 1);
    int head = snprintf((char *)bytes, 32, "$%zu\r\n", n - 13);
    bytes[head] = 'x';
    memcpy(bytes + n - 2, "\r\n", 2);
    struct rill_reply_reader *r = rill_reply_reader_new();
    assert_int_equal(rill_reply_feed(r, rill_view_at(bytes, n), &why), 0);
    assert_int_equal(rill_reply_next(r, &reply, &why), 1);
    assert_int_equal(reply->text.n, n - 13);
    rill_reply_free(reply);
    assert_row(rill_reply_feed(r, rill_view_at(bytes, n + 1), &why), SIGNALING_STORE_TOO_LARGE);
    rill_reply_reader_free(r);
    free(bytes);
}

static void store_reply_is_a_tree(void **state)
{
    (void)state;
    struct rill_err why = {0};
    struct rill_reply *x;
    struct rill_reply_reader *r = rill_reply_reader_new();
    assert_int_equal(
        rill_reply_feed(r, rill_view_of("*4\r\n:-7\r\n$-1\r\n*2\r\n+k\r\n$1\r\nv"), &why), 0);
    assert_int_equal(rill_reply_next(r, &x, &why), 0);
    assert_int_equal(rill_reply_feed(r, rill_view_of("\r\n-E\r\n"), &why), 0);
    assert_int_equal(rill_reply_next(r, &x, &why), 1);
    assert_int_equal(x->n, 4);
    assert_int_equal(x->items[0]->integer, -7);
    assert_int_equal(x->items[1]->type, RILL_REPLY_NIL);
    assert_true(rill_view_is(rill_reply_field(x->items[2], "k"), "v"));
    assert_null(rill_reply_field(x->items[2], "v").p);
    assert_int_equal(x->items[3]->type, RILL_REPLY_ERROR);
    rill_reply_free(x);
    rill_reply_reader_free(r);
}

/* --- calls ------------------------------------------------------------------------------ */

static void store_appends_a_call_and_applies_it_when_it_comes_back(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, "", "");
    run(&w);
    assert_int_equal(say(&w, "[\"hangUp\",{}]", NULL), 0);
    assert_string_equal(sent(&w, RILL_STORE_WRITER),
                        "XADD rill:stream MAXLEN ~ 8192 * s " HOME
                        " n 1 k s m 1111111100000001 t [\"hangUp\",{}] x  a 9\n");
    assert_string_equal(events(&w), "");
    assert_int_equal(rill_store_counts(w.store).waiting, 1);
    entry(&w, "5-1", HOME, 1, "s", "1111111100000001", "[\"hangUp\",{}]");
    assert_string_equal(events(&w), "called 1 1111111100000001 [\"hangUp\",{}]\n");
    assert_int_equal(rill_store_counts(w.store).waiting, 0);
    assert_string_equal(sent(&w, RILL_STORE_READER),
                        "XREAD COUNT 64 BLOCK 2000 STREAMS rill:stream 5-1\n");
    shut_world(&w);
}

static void store_applies_no_call_twice(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, "", "");
    run(&w);
    entry(&w, "5-1", "22222222", 4, "j", "2222222200000001", "x");
    assert_string_equal(events(&w), "called 0 2222222200000001 x\n");
    entry(&w, "5-2", "22222222", 4, "j", "2222222200000001", "x");
    assert_string_equal(events(&w), "");
    entry(&w, "5-3", "22222222", 3, "j", "2222222200000001", "x");
    assert_string_equal(events(&w), "");
    entry(&w, "5-4", "22222222", 5, "l", "2222222200000001", "");
    assert_string_equal(events(&w), "called 3 2222222200000001 \n");
    shut_world(&w);
}

static void store_begins_anew_when_a_call_is_missing(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, "", "");
    run(&w);
    entry(&w, "5-1", "22222222", 4, "j", "2222222200000001", "x");
    events(&w);
    entry(&w, "5-2", "22222222", 6, "j", "2222222200000001", "x");
    assert_string_equal(events(&w), "behind\nclose writer\nclose reader\n");
    rill_store_tick(w.store, w.now);
    assert_string_equal(events(&w), "open writer\n");
    shut_world(&w);
}

static void store_begins_anew_when_others_took_it_for_dead(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, "", "");
    run(&w);
    entry(&w, "5-1", "22222222", 1, "d", "00000000" HOME, "");
    assert_string_equal(events(&w), "behind\nclose writer\nclose reader\n");
    shut_world(&w);
}

static void store_passes_over_entries_that_nobody_wrote(void **state)
{
    static const char *const entries[][4] = {{"2222222", "j", "2222222200000001", "id"},
                                             {"00000000", "j", "2222222200000001", "id"},
                                             {"22222222", "q", "2222222200000001", "id"},
                                             {"22222222", "j", "22", "id"}};
    (void)state;
    struct world w;
    open_world(&w, "", "");
    run(&w);
    for (size_t i = 0; i < 4; i++) {
        entry(&w, "5-1", entries[i][0], 1, entries[i][1], entries[i][2], "x");
        assert_string_equal(events(&w), "");
    }
    entry(&w, "nonsense", "22222222", 1, "j", "2222222200000001", "x");
    assert_string_equal(events(&w), "");
    assert_int_equal(rill_store_counts(w.store).malformed, 5);
    shut_world(&w);
}

static void again(struct world *w, const char *epoch)
{
    char reply[64];
    rill_store_closed(w->store, w->now, RILL_STORE_WRITER);
    events(w);
    w->now = rill_store_deadline(w->store);
    rill_store_tick(w->store, w->now);
    events(w);
    rill_store_connected(w->store, w->now, RILL_STORE_WRITER);
    sent(w, RILL_STORE_WRITER);
    snprintf(reply, sizeof reply, "+OK\r\n$-1\r\n$7\r\n%s\r\n", epoch);
    answer(w, RILL_STORE_WRITER, reply);
}

static void store_says_again_what_has_not_come_back(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, "", "");
    run(&w);
    say(&w, "one", NULL);
    say(&w, "two", NULL);
    sent(&w, RILL_STORE_WRITER);
    entry(&w, "5-1", HOME, 1, "s", "1111111100000001", "one");
    events(&w);
    again(&w, EPOCH);
    const char *text = sent(&w, RILL_STORE_WRITER);
    assert_null(strstr(text, " t one "));
    assert_non_null(strstr(text, " n 2 k s m 1111111100000001 t two "));
    assert_int_equal(rill_store_counts(w.store).repeated, 1);
    shut_world(&w);
}

static void store_says_all_again_to_one_that_has_forgotten(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, "", "");
    run(&w);
    say(&w, "one", NULL);
    sent(&w, RILL_STORE_WRITER);
    entry(&w, "5-1", HOME, 1, "s", "1111111100000001", "one");
    events(&w);
    again(&w, "epoch-2");
    assert_non_null(
        strstr(sent(&w, RILL_STORE_WRITER), " n 1 k s m 1111111100000001 t one x  a 9 r 1\n"));
    assert_non_null(strstr(events(&w), "again\n"));
    shut_world(&w);
}

static void store_passes_over_what_was_applied_before_it_began(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, "", "");
    run(&w);
    for (unsigned n = 4; n < 6; n++) {
        entry_again(&w, n);
        assert_string_equal(events(&w), "");
    }
    entry(&w, "6-1", "22222222", 6, "l", "2222222200000001", "");
    assert_string_equal(events(&w), "called 3 2222222200000001 \n");
    /* From here on it is one of those that were there. */
    entry_again(&w, 7);
    assert_string_equal(events(&w), "called 0 2222222200000001 x\n");
    shut_world(&w);
}

static void store_keeps_so_many_calls_and_not_one_more(void **state)
{
    (void)state;
    struct world w;
    struct rill_err why = {0};
    open_world(&w, "", "");
    for (int i = 0; i < RILL_LIMIT_STORE_WAITING; i++)
        assert_int_equal(say(&w, "x", &why), 0);
    assert_row(say(&w, "x", &why), SIGNALING_STORE_FULL);
    assert_int_equal(rill_store_counts(w.store).waiting, RILL_LIMIT_STORE_WAITING);
    shut_world(&w);
}

static void store_calls_a_server_dead_that_gives_no_sign_of_life(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, "", "");
    run(&w);
    entry(&w, "5-1", "22222222", 1, "j", "2222222200000001", "x");
    events(&w);
    for (int i = 0; i < 8; i++) {
        w.now += 2 * RILL_SECOND;
        answer(&w, RILL_STORE_READER, "*-1\r\n");
        rill_store_tick(w.store, w.now);
        const char *text = sent(&w, RILL_STORE_WRITER);
        assert_non_null(strstr(text, "EXISTS rill:server:22222222\n"));
        answer(&w, RILL_STORE_WRITER, "+OK\r\n:0\r\n");
        text = sent(&w, RILL_STORE_WRITER);
        if (strstr(text, " k d m 0000000022222222 ")) {
            assert_true(i >= 4); /* not before others can have come back */
            shut_world(&w);
            return;
        }
        assert_string_equal(text, "");
    }
    fail_msg("nobody was called dead");
}

static void store_puts_a_place_down_and_drops_it(void **state)
{
    (void)state;
    struct world w;
    const struct rill_sig_candidate c = {.candidate = rill_view_of("c"), .mline = -1};
    const struct rill_rooms_hold h = {
        .key = 0x1111111100000001,
        .stamp = 77,
        .user = rill_view_of("ab"),
        .room = rill_view_of("r"),
        .token = rill_view_of("t"),
        .has_offer = true,
        .is_answered = true,
        .has_answerer = true,
        .offer = {.offer = {rill_view_of("offer"), rill_view_of("o")},
                  .offer_candidates = &c,
                  .n_offer_candidates = 1,
                  .answerer = rill_view_of("me"),
                  .answer = {rill_view_of("answer"), rill_view_of("a")}}};
    open_world(&w, "", "");
    assert_false(rill_store_may_put(w.store));
    run(&w);
    assert_true(rill_store_may_put(w.store));
    rill_store_put(w.store, w.now, &h);
    assert_string_equal(
        sent(&w, RILL_STORE_WRITER),
        "MULTI\nDEL rill:place:72:6162 rill:candidates:72:6162:0 rill:candidates:72:6162:1\n"
        "HSET rill:place:72:6162 key 1111111100000001 at 77 room r user ab token t away 0 offer o "
        "answer a answerer me answering 1\nEXPIRE rill:place:72:6162 30\n"
        "RPUSH rill:candidates:72:6162:0 {\"candidate\":\"c\"}\n"
        "EXPIRE rill:candidates:72:6162:0 30\nSADD rill:places 72:6162\nEXEC\n");
    rill_store_drop(w.store, w.now, h.room, h.user);
    assert_string_equal(
        sent(&w, RILL_STORE_WRITER),
        "DEL rill:place:72:6162 rill:candidates:72:6162:0 rill:candidates:72:6162:1\n"
        "SREM rill:places 72:6162\n");
    shut_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(store_writes_what_redis_reads_byte_for_byte),
        cmocka_unit_test(store_loads_what_is_held_before_it_reads_the_stream),
        cmocka_unit_test(store_tries_again_and_again),
        cmocka_unit_test(store_begins_anew_after_an_answer_that_is_none),
        cmocka_unit_test(store_gives_a_silent_one_so_much_time),
        cmocka_unit_test(store_reply_takes_so_many_bytes_and_not_one_more),
        cmocka_unit_test(store_reply_is_a_tree),
        cmocka_unit_test(store_appends_a_call_and_applies_it_when_it_comes_back),
        cmocka_unit_test(store_applies_no_call_twice),
        cmocka_unit_test(store_begins_anew_when_a_call_is_missing),
        cmocka_unit_test(store_begins_anew_when_others_took_it_for_dead),
        cmocka_unit_test(store_passes_over_entries_that_nobody_wrote),
        cmocka_unit_test(store_says_again_what_has_not_come_back),
        cmocka_unit_test(store_says_all_again_to_one_that_has_forgotten),
        cmocka_unit_test(store_passes_over_what_was_applied_before_it_began),
        cmocka_unit_test(store_keeps_so_many_calls_and_not_one_more),
        cmocka_unit_test(store_calls_a_server_dead_that_gives_no_sign_of_life),
        cmocka_unit_test(store_puts_a_place_down_and_drops_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
