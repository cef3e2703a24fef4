/* Two machines on one wire, and one machine with a stranger, in virtual time. */
#include "mdns/mdns.h"

#include "mdns/message.h"
#include "tests/rill_test.h"

#define UUID "1f4712db-ea17-4bcf-a596-105139dfd8bf.local"
#define OTHER "2579ef4b-50ae-4bfe-95af-70b3376ecb9c.local"
#define WIRE 2u /* the interface */
#define GROUP(side) (10u + (side))
#define OWN(side) (20u + (side))

struct side {
    struct rill_mdns *mdns;
    void *block;
    struct rill_rng_seeded rng;
    struct rill_addr addr; /* its port: of the own socket */
    bool has_group;
    unsigned sent;
    size_t n_told;
    struct rill_mdns_event told[40];
};

static struct side sides[2];
static int64_t now;
static bool lost; /* the wire loses everything */
static uint8_t last[RILL_MDNS_SENT_MAX];
static size_t n_last;
static struct rill_path last_path;

static void joined(unsigned i, const struct rill_mdns_event *e)
{
    struct side *s = &sides[i];
    rill_mdns_joined(s->mdns, now, e->request, s->has_group ? GROUP(i) : RILL_MDNS_NO_SOCKET,
                     OWN(i));
}

static void events(unsigned i)
{
    struct rill_mdns_event e;
    while (rill_mdns_event(sides[i].mdns, &e)) {
        if (e.type == RILL_MDNS_EVENT_JOIN)
            joined(i, &e);
        else
            sides[i].told[sides[i].n_told++] = e;
    }
}

/* The group hears what is sent to it, the sender too; a port of its own hears what is for it. */
static void deliver(unsigned from, const struct rill_path *path, struct rill_view bytes)
{
    bool group = path->socket == GROUP(from);
    struct rill_path in = {.remote = sides[from].addr};
    if (group)
        in.remote.port = RILL_MDNS_PORT;
    for (unsigned i = 0; i < 2 && !lost; i++) {
        in.socket = RILL_MDNS_NO_SOCKET;
        if (rill_addr_is_multicast(&path->remote) && sides[i].has_group)
            in.socket = GROUP(i);
        else if (rill_addr_equal(&path->remote, &sides[i].addr))
            in.socket = OWN(i);
        if (in.socket)
            rill_mdns_input(sides[i].mdns, now, &in, bytes, NULL);
    }
}

static bool drain(unsigned i)
{
    uint8_t out[RILL_MDNS_SENT_MAX];
    struct rill_path path;
    size_t n, before = sides[i].sent;
    events(i);
    while ((n = rill_mdns_output(sides[i].mdns, now, &path, (struct rill_span){out, sizeof out}))) {
        assert_int_equal(rill_dns_check(rill_view_at(out, n), NULL), 0);
        sides[i].sent++;
        memcpy(last, out, n);
        n_last = n;
        last_path = path;
        deliver(i, &path, rill_view_at(out, n));
    }
    events(i);
    return sides[i].sent > before;
}

static void run(int64_t more)
{
    int64_t end = now + more;
    for (unsigned steps = 0; steps < 10000; steps++) {
        for (unsigned i = 0; i < 2; i++)
            rill_mdns_tick(sides[i].mdns, now);
        for (bool again = true; again;) {
            again = drain(0);
            again = drain(1) || again;
        }
        int64_t next =
            rill_earlier(rill_mdns_deadline(sides[0].mdns), rill_mdns_deadline(sides[1].mdns));
        if (next > end) {
            now = end;
            return;
        }
        assert_true(next > now); /* it does not spin */
        now = next;
    }
    fail();
}

static void side_up(unsigned i, struct rill_mdns_config config)
{
    struct side *s = &sides[i];
    memset(s, 0, sizeof *s);
    rill_rng_seeded_init(&s->rng, rill_test_seed() + i);
    config.rng = rill_rng_seeded(&s->rng);
    s->block = malloc(rill_mdns_size(&config));
    s->mdns = rill_mdns_init(s->block, &config);
    assert_non_null(s->mdns);
    s->addr = rill_addr_ip4(192, 0, 2, (uint8_t)(i + 1), (uint16_t)(40000 + i));
    s->has_group = true;
    assert_int_equal(rill_mdns_link_up(s->mdns, now, WIRE, RILL_ADDR_IP4), 0);
}

static int fresh(void **state)
{
    (void)state;
    now = 1000;
    lost = false;
    side_up(0, (struct rill_mdns_config){0});
    side_up(1, (struct rill_mdns_config){0});
    run(0);
    return 0;
}

static int gone(void **state)
{
    (void)state;
    free(sides[0].block);
    free(sides[1].block);
    return 0;
}

static int resolve(unsigned i, const char *name)
{
    return rill_mdns_resolve(sides[i].mdns, now, rill_view_of(name));
}

static int enroll(unsigned i, const char *name)
{
    struct rill_addr a = sides[i].addr;
    a.port = 0;
    return rill_mdns_register(sides[i].mdns, now, rill_view_of(name), &a, WIRE);
}

static struct rill_dns_header header(void)
{
    struct rill_dns_cursor c;
    struct rill_dns_header h;
    assert_int_equal(rill_dns_begin(rill_view_at(last, n_last), &c, &h, NULL), 0);
    return h;
}

/* The record numbered i of the last message. */
static struct rill_dns_record record(unsigned i)
{
    struct rill_dns_cursor c;
    struct rill_dns_header h;
    struct rill_dns_question q;
    struct rill_dns_record r;
    rill_dns_begin(rill_view_at(last, n_last), &c, &h, NULL);
    while (rill_dns_next_question(&c, &q, NULL) > 0)
        continue;
    do
        assert_int_equal(rill_dns_next_record(&c, &r, NULL), 1);
    while (i-- > 0);
    return r;
}

/* A question of somebody else, from this port of 192.0.2.9. */
static int stranger_asks(const char *name, uint16_t port, uint16_t id, uint16_t type, bool unicast)
{
    uint8_t m[200];
    struct rill_dns_name n;
    struct rill_writer w = rill_writer_of((struct rill_span){m, sizeof m});
    struct rill_path path = {GROUP(0), RILL_PROTO_UDP, rill_addr_ip4(192, 0, 2, 9, port)};
    rill_dns_name_of(rill_view_of(name), &n, NULL);
    rill_dns_put_header(&w, id, false, 1, 0, 0);
    rill_dns_put_question(&w, &n, type, unicast);
    return rill_mdns_input(sides[0].mdns, now, &path, rill_w_view(&w), NULL);
}

static void name_of_the_other_side_becomes_its_address(void **state)
{
    (void)state;
    assert_int_equal(enroll(0, UUID), 0);
    run(5 * RILL_SECOND);
    assert_int_equal(resolve(1, UUID), 0);
    run(0);
    assert_int_equal(sides[1].n_told, 1);
    assert_string_equal(sides[1].told[0].name, UUID);
    assert_int_equal(sides[1].told[0].n, 1);
    assert_true(rill_addr_same_ip(&sides[1].told[0].addrs[0], &sides[0].addr));
    assert_int_equal(rill_mdns_deadline(sides[1].mdns), RILL_NEVER);
}

/* It is asked for before it is there: the announcement answers (RFC 6762 §18.1). */
static void announcement_answers_what_is_being_asked(void **state)
{
    (void)state;
    resolve(1, UUID);
    run(200 * RILL_MS);
    assert_int_equal(sides[1].n_told, 0);
    enroll(0, UUID);
    lost = true;
    run(990 * RILL_MS);
    lost = false;
    assert_int_equal(sides[1].n_told, 0);
    run(20 * RILL_MS);
    assert_int_equal(sides[1].n_told, 1);
    assert_int_equal(sides[1].told[0].n, 1);
}

/* A question that comes with the name is answered at once, not a second after the announcement. */
static void first_question_is_answered_at_once(void **state)
{
    (void)state;
    enroll(0, UUID);
    run(10 * RILL_MS);
    stranger_asks(UUID, 5353, 0, RILL_DNS_A, false);
    run(0);
    assert_int_equal(sides[0].sent, 1);
    assert_true(rill_addr_is_multicast(&last_path.remote));
}

/* RFC 6762 §8.3 and §10.2: twice, a second apart, with the cache-flush bit and a TTL of 120 s. */
static void name_is_announced_twice_and_says_goodbye_once(void **state)
{
    (void)state;
    enroll(0, UUID);
    run(900 * RILL_MS);
    assert_int_equal(sides[0].sent, 0);
    run(1000 * RILL_MS);
    assert_int_equal(sides[0].sent, 1);
    assert_int_equal(last_path.socket, GROUP(0));
    assert_true(rill_addr_is_multicast(&last_path.remote));
    struct rill_dns_record r = record(0);
    assert_true(header().response && header().id == 0);
    assert_true(r.flush && r.ttl == 120 && r.type == RILL_DNS_A);
    run(10 * RILL_SECOND);
    assert_int_equal(sides[0].sent, 2);
    rill_mdns_close(sides[0].mdns, now);
    run(0);
    assert_int_equal(sides[0].sent, 3);
    assert_int_equal(record(0).ttl, 0);
    run(RILL_SECOND);
    assert_int_equal(sides[0].sent, 3);
    assert_int_equal(rill_mdns_deadline(sides[0].mdns), RILL_NEVER);
}

static void unregistered_name_is_answered_for_no_more(void **state)
{
    (void)state;
    enroll(0, UUID);
    run(5 * RILL_SECOND);
    rill_mdns_unregister(sides[0].mdns, now, rill_view_of(UUID));
    run(RILL_SECOND);
    assert_int_equal(record(0).ttl, 0);
    assert_int_equal(stranger_asks(UUID, 5353, 0, RILL_DNS_A, false), 0);
}

static void address_that_went_takes_its_names_along(void **state)
{
    (void)state;
    struct rill_addr other = rill_addr_ip4(192, 0, 2, 77, 0);
    enroll(0, UUID);
    enroll(0, OTHER);
    run(5 * RILL_SECOND);
    unsigned before = sides[0].sent;
    rill_mdns_address_down(sides[0].mdns, now, &other);
    run(RILL_SECOND);
    assert_int_equal(sides[0].sent, before);
    rill_mdns_address_down(sides[0].mdns, now, &sides[0].addr);
    run(RILL_SECOND);
    assert_int_equal(sides[0].sent, before + 2);
    assert_int_equal(record(0).ttl, 0);
    assert_int_equal(stranger_asks(OTHER, 5353, 0, RILL_DNS_A, false), 0);
}

/* The cable was pulled: no goodbye can be said, and the place is free again. */
static void address_and_interface_that_went_leave_nothing_behind(void **state)
{
    (void)state;
    free(sides[0].block);
    side_up(0, (struct rill_mdns_config){.names = 1});
    run(0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(enroll(0, i % 2 ? UUID : OTHER), 0);
        run(5 * RILL_SECOND);
        rill_mdns_address_down(sides[0].mdns, now, &sides[0].addr);
        rill_mdns_link_down(sides[0].mdns, now, WIRE, RILL_ADDR_IP4);
        run(RILL_SECOND);
        assert_int_equal(rill_mdns_link_up(sides[0].mdns, now, WIRE, RILL_ADDR_IP4), 0);
        run(RILL_SECOND);
    }
    assert_int_equal(rill_mdns_deadline(sides[0].mdns), RILL_NEVER);
}

/* RFC 6762 §5.2, and an end. */
static void name_that_nobody_has_is_asked_for_three_times_and_given_up(void **state)
{
    (void)state;
    resolve(1, UUID);
    run(0);
    assert_int_equal(sides[1].sent, 1);
    run(RILL_SECOND);
    assert_int_equal(sides[1].sent, 2);
    run(2 * RILL_SECOND);
    assert_int_equal(sides[1].sent, 3);
    run(4 * RILL_SECOND - 1);
    assert_int_equal(sides[1].n_told, 0);
    run(1);
    assert_int_equal(sides[1].n_told, 1);
    assert_int_equal(sides[1].told[0].n, 0);
    assert_int_equal(sides[1].sent, 3);
}

static void lost_question_is_asked_again(void **state)
{
    (void)state;
    enroll(0, UUID);
    run(5 * RILL_SECOND);
    lost = true;
    resolve(1, UUID);
    run(500 * RILL_MS);
    lost = false;
    run(600 * RILL_MS);
    assert_int_equal(sides[1].n_told, 1);
    assert_int_equal(sides[1].told[0].n, 1);
}

/* Where another program holds port 5353 alone, a port of our own is enough to ask. */
static void question_is_answered_to_a_port_of_its_own(void **state)
{
    (void)state;
    free(sides[1].block);
    side_up(1, (struct rill_mdns_config){0});
    sides[1].has_group = false;
    run(0);
    enroll(0, UUID);
    run(5 * RILL_SECOND);
    resolve(1, UUID);
    run(0);
    assert_int_equal(sides[1].n_told, 1);
    assert_int_equal(sides[1].told[0].n, 1);
    /* RFC 6762 §6.7 */
    assert_true(rill_addr_equal(&last_path.remote, &sides[1].addr));
    assert_int_equal(header().questions, 1);
    assert_false(record(0).flush);
    assert_int_equal(record(0).ttl, 10);
}

/* RFC 6762 §5.4 and §6: by unicast to who wants that, if the group has heard it lately; else to the
 * group, and not twice within a second. */
static void answers_go_where_rfc_6762_wants_them(void **state)
{
    (void)state;
    enroll(0, UUID);
    run(5 * RILL_SECOND);
    unsigned before = sides[0].sent;
    stranger_asks(UUID, 5353, 7, RILL_DNS_A, true);
    run(0);
    assert_int_equal(sides[0].sent, before + 1);
    assert_string_equal(rill_addr_text(&last_path.remote).text, "192.0.2.9:5353");
    assert_int_equal(header().id, 0);
    assert_true(record(0).flush);
    stranger_asks(UUID, 5353, 7, RILL_DNS_A, false);
    run(0);
    assert_int_equal(sides[0].sent, before + 2);
    assert_true(rill_addr_is_multicast(&last_path.remote));
    for (int i = 0; i < 5; i++)
        stranger_asks(UUID, 5353, 7, RILL_DNS_A, false);
    run(900 * RILL_MS);
    assert_int_equal(sides[0].sent, before + 2);
    run(200 * RILL_MS);
    assert_int_equal(sides[0].sent, before + 3);
    run(40 * RILL_SECOND); /* a quarter of 120 s is over */
    stranger_asks(UUID, 5353, 7, RILL_DNS_A, true);
    run(0);
    assert_true(rill_addr_is_multicast(&last_path.remote));
}

/* RFC 6762 §6.1 */
static void other_family_is_answered_by_nsec(void **state)
{
    (void)state;
    enroll(0, UUID);
    run(5 * RILL_SECOND);
    stranger_asks(UUID, 3333, 99, RILL_DNS_AAAA, false);
    run(0);
    assert_int_equal(header().id, 99);
    assert_int_equal(header().answers, 0);
    assert_int_equal(record(0).type, RILL_DNS_NSEC);
    stranger_asks(UUID, 3333, 100, RILL_DNS_ANY, false);
    run(0);
    assert_int_equal(header().answers, 1);
    assert_int_equal(stranger_asks(OTHER, 5353, 0, RILL_DNS_A, false), 0);
}

/* RFC 6762 §7.1 */
static void known_answer_is_not_given_again(void **state)
{
    (void)state;
    enroll(0, UUID);
    run(5 * RILL_SECOND);
    for (uint32_t ttl = 59; ttl <= 60; ttl++) {
        uint8_t m[200];
        struct rill_dns_name n;
        struct rill_writer w = rill_writer_of((struct rill_span){m, sizeof m});
        struct rill_path path = {GROUP(0), RILL_PROTO_UDP, rill_addr_ip4(192, 0, 2, 9, 5353)};
        rill_dns_name_of(rill_view_of(UUID), &n, NULL);
        rill_dns_put_header(&w, 0, false, 1, 1, 0);
        rill_dns_put_question(&w, &n, RILL_DNS_A, false);
        rill_dns_put_addr(&w, &n, &sides[0].addr, false, ttl);
        assert_int_equal(rill_mdns_input(sides[0].mdns, now, &path, rill_w_view(&w), NULL),
                         ttl < 60);
    }
}

/* RFC 6762 §6.2: an address of one interface is not told on another. */
static void address_is_told_on_its_own_interface_alone(void **state)
{
    (void)state;
    struct rill_addr a = rill_addr_ip4(198, 51, 100, 1, 0);
    assert_int_equal(rill_mdns_register(sides[0].mdns, now, rill_view_of(UUID), &a, WIRE + 1), 0);
    run(2 * RILL_SECOND);
    assert_int_equal(sides[0].sent, 0);
    stranger_asks(UUID, 5353, 0, RILL_DNS_A, false);
    run(2 * RILL_SECOND);
    assert_int_equal(sides[0].sent, 0);
}

static void interface_that_comes_late_is_announced_and_asked_on(void **state)
{
    (void)state;
    free(sides[1].block);
    side_up(1, (struct rill_mdns_config){0});
    rill_mdns_link_down(sides[1].mdns, now, WIRE, RILL_ADDR_IP4);
    enroll(0, UUID);
    enroll(1, OTHER);
    resolve(1, UUID);
    resolve(0, OTHER);
    run(500 * RILL_MS);
    assert_int_equal(sides[1].sent, 0);
    rill_mdns_link_up(sides[1].mdns, now, WIRE, RILL_ADDR_IP4);
    run(1100 * RILL_MS);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(sides[i].n_told, 1);
        assert_int_equal(sides[i].told[0].n, 1);
    }
    rill_mdns_link_down(sides[1].mdns, now, WIRE, RILL_ADDR_IP4);
    run(0);
    assert_int_equal(sides[1].n_told, 3); /* and both sockets given back */
    assert_int_equal(sides[1].told[1].type, RILL_MDNS_EVENT_CLOSE);
    assert_int_equal(sides[1].told[2].type, RILL_MDNS_EVENT_CLOSE);
}

static int answer(uint32_t socket, uint16_t port, uint16_t id, const char *name, unsigned n,
                  struct rill_err *why)
{
    uint8_t m[400];
    struct rill_dns_name dns;
    struct rill_writer w = rill_writer_of((struct rill_span){m, sizeof m});
    struct rill_path path = {socket, RILL_PROTO_UDP, rill_addr_ip4(192, 0, 2, 9, port)};
    rill_dns_name_of(rill_view_of(name), &dns, NULL);
    rill_dns_put_header(&w, id, true, 0, (uint16_t)n, 0);
    for (unsigned i = 0; i < n; i++) {
        struct rill_addr a = rill_addr_ip4(203, 0, 113, (uint8_t)i, 0);
        rill_dns_put_addr(&w, &dns, &a, true, 120);
    }
    return rill_mdns_input(sides[1].mdns, now, &path, rill_w_view(&w), why);
}

static void answers_nobody_asked_for_are_not_taken(void **state)
{
    (void)state;
    struct rill_err why;
    resolve(1, UUID);
    run(0);
    uint16_t id = header().id;
    assert_int_equal(answer(GROUP(1), 5353, 0, OTHER, 1, &why), 0);
    assert_row(answer(OWN(1), 5353, (uint16_t)(id + 1), UUID, 1, &why), MDNS_ID);
    assert_row(answer(OWN(1), 5354, id, UUID, 1, &why), MDNS_SOURCE_PORT);
    assert_row(answer(99, 5353, id, UUID, 1, &why), MDNS_SOCKET);
    run(0);
    assert_int_equal(sides[1].n_told, 0);
    assert_int_equal(answer(OWN(1), 5353, id, UUID, 1, &why), 1);
    run(0);
    assert_int_equal(sides[1].n_told, 1);
    assert_int_equal(answer(GROUP(1), 5353, 0, UUID, 1, &why), 0); /* and not twice */
}

/* The draft's §3.2.2 leaves it to the agent what several addresses mean: all are told, up to 4. */
static void several_addresses_are_told_as_several(void **state)
{
    (void)state;
    resolve(1, UUID);
    run(0);
    assert_int_equal(answer(GROUP(1), 5353, 0, UUID, 6, NULL), 1);
    run(0);
    assert_int_equal(sides[1].told[0].n, RILL_MDNS_ADDRS);
}

static void messages_of_another_kind_are_ignored(void **state)
{
    (void)state;
    struct rill_err why;
    struct rill_path path = {GROUP(1), RILL_PROTO_UDP, rill_addr_ip4(192, 0, 2, 9, 5353)};
    uint8_t m[16];
    struct rill_view opcode = rill_test_hex("0000 0800 0000 0000 0000 0000", m, sizeof m);
    assert_row(rill_mdns_input(sides[1].mdns, now, &path, opcode, &why), MDNS_OPCODE);
    struct rill_view rcode = rill_test_hex("0000 8403 0000 0000 0000 0000", m, sizeof m);
    assert_row(rill_mdns_input(sides[1].mdns, now, &path, rcode, &why), MDNS_RCODE);
    struct rill_view cut = rill_test_hex("0000 0000 0001 0000 0000 0000 05", m, sizeof m);
    assert_row(rill_mdns_input(sides[1].mdns, now, &path, cut, &why), MDNS_TRUNCATED);
}

static void names_and_questions_exactly_full_and_one_over(void **state)
{
    (void)state;
    char name[] = "a0.local";
    free(sides[1].block);
    side_up(1, (struct rill_mdns_config){.names = 2, .questions = 3, .links = 1});
    for (unsigned i = 0; i < 4; i++) {
        name[1] = (char)('0' + i);
        int rc = enroll(1, name);
        assert_int_equal(rc, i < 2 ? 0 : RILL_MDNS_TOO_MANY);
        name[0] = 'b';
        rc = resolve(1, name);
        assert_int_equal(rc, i < 3 ? 0 : RILL_MDNS_TOO_MANY);
        name[0] = 'a';
    }
    assert_int_equal(resolve(1, "b0.local"), 0); /* it is being asked for */
    assert_row(rill_mdns_link_up(sides[1].mdns, now, WIRE + 1, RILL_ADDR_IP4), MDNS_TOO_MANY);
    assert_int_equal(rill_mdns_link_up(sides[1].mdns, now, WIRE, RILL_ADDR_IP4), 0);
    assert_row(resolve(1, "a.b.local"), MDNS_NAME);
    assert_row(resolve(1, "local"), MDNS_NAME);
    assert_row(enroll(1, "a.example"), MDNS_NAME);
    struct rill_mdns_config over = {.links = RILL_MDNS_LINKS_MAX + 1};
    assert_int_equal(rill_mdns_size(&over), 0);
}

/* The draft's §5.1: a limit for all that is multicast, however many names there are. */
static void flood_of_names_is_paced(void **state)
{
    (void)state;
    char name[] = "a00.local";
    for (unsigned i = 0; i < 32; i++) {
        name[1] = (char)('0' + i / 10);
        name[2] = (char)('0' + i % 10);
        assert_int_equal(resolve(1, name), 0);
    }
    run(100 * RILL_MS - 1);
    assert_int_equal(sides[1].sent, 10);
    run(7 * RILL_SECOND + 500 * RILL_MS);
    assert_int_equal(sides[1].sent, 96);
    assert_int_equal(sides[1].n_told, 32);
}

#define OF(f) cmocka_unit_test_setup_teardown(f, fresh, gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OF(name_of_the_other_side_becomes_its_address),
        OF(announcement_answers_what_is_being_asked),
        OF(first_question_is_answered_at_once),
        OF(name_is_announced_twice_and_says_goodbye_once),
        OF(unregistered_name_is_answered_for_no_more),
        OF(address_that_went_takes_its_names_along),
        OF(address_and_interface_that_went_leave_nothing_behind),
        OF(name_that_nobody_has_is_asked_for_three_times_and_given_up),
        OF(lost_question_is_asked_again),
        OF(question_is_answered_to_a_port_of_its_own),
        OF(answers_go_where_rfc_6762_wants_them),
        OF(other_family_is_answered_by_nsec),
        OF(known_answer_is_not_given_again),
        OF(address_is_told_on_its_own_interface_alone),
        OF(interface_that_comes_late_is_announced_and_asked_on),
        OF(answers_nobody_asked_for_are_not_taken),
        OF(several_addresses_are_told_as_several),
        OF(messages_of_another_kind_are_ignored),
        OF(names_and_questions_exactly_full_and_one_over),
        OF(flood_of_names_is_paced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
