/* NAT behaviour discovery against NATs of every kind, in virtual time, and the server's side of it
 * (RFC 5780). The NAT here is made of bindings and what each lets in, as RFC 4787 describes it. */
#include "stun/nat.h"

#include "stun/behavior.h"
#include "tests/rill_test.h"

#define BINDINGS 64
#define FLYING 64
#define DELAY (10 * RILL_MS)

struct binding {
    uint32_t socket;
    struct rill_addr to; /* it was made for */
    struct rill_addr outside;
    int64_t used;
    struct rill_addr sent_to[32];
    size_t n_sent_to;
};

struct flying {
    int64_t at;
    struct rill_path path; /* socket it goes to, where it came from */
    uint8_t bytes[RILL_NAT_DATAGRAM_MAX + 200];
    size_t n;
};

/* What lies between, and the server behind it. */
static struct lab {
    bool filters_by_host; /* whoever any socket has sent to gets in */
    bool open, blocked, hairpins, keeps_ports, drops_fragments;
    bool server_lies; /* it is behind a NAT: RESPONSE-ORIGIN is not where it answers from */
    enum rill_nat_behavior mapping, filtering;
    int64_t lifetime;
    struct rill_stun_behavior server;
    struct binding bindings[BINDINGS];
    size_t n_bindings;
    struct flying flying[FLYING];
    size_t n_flying;
    struct rill_addr local[RILL_NAT_SOCKETS], host;
    int64_t now;
    unsigned sent;
} lab;

static struct rill_nat *nat;
static void *block;

static struct rill_addr ip(const char *text, uint16_t port)
{
    struct rill_addr a;
    assert_true(rill_addr_parse_ip(rill_view_of(text), &a));
    a.port = port;
    return a;
}

static void lab_make(enum rill_nat_behavior mapping, enum rill_nat_behavior filtering)
{
    lab = (struct lab){.mapping = mapping,
                       .filtering = filtering,
                       .lifetime = 300 * RILL_SECOND,
                       .server = {{ip("198.51.100.1", 0), ip("198.51.100.2", 0)}, {3478, 3479}}};
    lab.host = ip("10.0.0.1", 0);
    for (uint16_t i = 0; i < RILL_NAT_SOCKETS; i++)
        lab.local[i] = ip("10.0.0.1", (uint16_t)(40000 + i));
}

static bool matches(enum rill_nat_behavior b, const struct rill_addr *a, const struct rill_addr *to)
{
    return b == RILL_NAT_ENDPOINT_INDEPENDENT ||
           (b == RILL_NAT_ADDRESS_DEPENDENT ? rill_addr_same_ip(a, to) : rill_addr_equal(a, to));
}

static bool is_alive(const struct binding *b)
{
    return lab.now - b->used < lab.lifetime;
}

static struct binding *bind(uint32_t socket, const struct rill_addr *to)
{
    struct binding *b = NULL;
    for (size_t i = 0; i < lab.n_bindings && !b; i++)
        if (lab.bindings[i].socket == socket && is_alive(&lab.bindings[i]) &&
            matches(lab.mapping, &lab.bindings[i].to, to))
            b = &lab.bindings[i];
    if (!b) {
        assert_true(lab.n_bindings < BINDINGS);
        b = &lab.bindings[lab.n_bindings++];
        uint16_t port =
            lab.keeps_ports ? lab.local[socket].port : (uint16_t)(20000 + lab.n_bindings);
        *b = (struct binding){.socket = socket, .to = *to, .outside = ip("203.0.113.9", port)};
    }
    b->used = lab.now;
    b->sent_to[b->n_sent_to++ % 32] = *to;
    return b;
}

static void fly(uint32_t socket, const struct rill_addr *from, struct rill_view v)
{
    assert_true(lab.n_flying < FLYING && v.n <= sizeof lab.flying[0].bytes);
    struct flying *f = &lab.flying[lab.n_flying++];
    *f = (struct flying){.at = lab.now + DELAY, .path = {socket, RILL_PROTO_UDP, *from}, .n = v.n};
    memcpy(f->bytes, v.p, v.n);
}

/* From outside to an outside address. */
static void come_in(const struct rill_addr *from, const struct rill_addr *to, struct rill_view v)
{
    for (uint32_t i = 0; lab.open && i < RILL_NAT_SOCKETS; i++)
        if (rill_addr_equal(&lab.local[i], to))
            fly(i, from, v);
    for (size_t i = 0; !lab.open && i < lab.n_bindings; i++) {
        struct binding *b = &lab.bindings[i];
        bool let_in = false;
        for (size_t j = 0; j < lab.n_bindings; j++)
            for (size_t k = 0; (j == i || lab.filters_by_host) && k < lab.bindings[j].n_sent_to;
                 k++)
                let_in = let_in || matches(lab.filtering, &lab.bindings[j].sent_to[k % 32], from);
        if (rill_addr_equal(&b->outside, to) && is_alive(b) && let_in)
            fly(b->socket, from, v);
    }
}

static void reach_server(const struct rill_addr *from, const struct rill_addr *to,
                         struct rill_view v)
{
    static uint8_t out[RILL_NAT_DATAGRAM_MAX + 200];
    struct rill_stun_reply reply;
    for (unsigned i = 0; i < 4; i++) {
        struct rill_addr at = rill_stun_behavior_addr(&lab.server, i);
        if (!rill_addr_equal(&at, to))
            continue;
        struct rill_stun_behavior told = lab.server;
        if (lab.server_lies)
            told.address[0] = ip("10.9.9.9", 0);
        size_t n = rill_stun_behavior_answer(&told, v, from, i, &reply,
                                             (struct rill_span){out, sizeof out}, NULL);
        assert_true(n > 0);
        struct rill_addr origin = rill_stun_behavior_addr(&lab.server, reply.socket);
        come_in(&origin, &reply.to, rill_view_at(out, n));
    }
}

static void go_out(const struct rill_path *path, struct rill_view v)
{
    struct rill_addr from = lab.local[path->socket];
    struct rill_addr to = path->remote;
    lab.sent++;
    if (lab.blocked || (v.n > 1472 && lab.drops_fragments))
        return;
    if (!lab.open)
        from = bind(path->socket, &to)->outside;
    if (!lab.open && rill_addr_same_ip(&to, &from)) {
        if (lab.hairpins)
            come_in(&from, &to, v);
        return;
    }
    reach_server(&from, &to, v);
}

static void deliver(void)
{
    for (size_t i = 0; i < lab.n_flying;) {
        struct flying f = lab.flying[i];
        if (f.at > lab.now) {
            i++;
            continue;
        }
        lab.flying[i] = lab.flying[--lab.n_flying];
        rill_nat_input(nat, lab.now, &f.path, rill_view_at(f.bytes, f.n));
    }
}

static int64_t next(void)
{
    int64_t at = rill_nat_deadline(nat);
    for (size_t i = 0; i < lab.n_flying; i++)
        at = rill_earlier(at, lab.flying[i].at);
    return at;
}

/* The whole discovery; what it came to. */
static struct rill_nat_result discover(struct rill_nat_config config)
{
    static struct rill_rng_seeded rng;
    static uint8_t out[RILL_NAT_DATAGRAM_MAX];
    struct rill_nat_result r;
    struct rill_path path;
    rill_rng_seeded_init(&rng, rill_test_seed());
    config.server = rill_stun_behavior_addr(&lab.server, 0);
    memcpy(config.local, lab.local, sizeof config.local);
    config.addresses = &lab.host;
    config.n_addresses = 1;
    config.rng = rill_rng_seeded(&rng);
    block = malloc(rill_nat_size());
    nat = rill_nat_init(block, lab.now, &config);
    while (!rill_nat_is_done(nat)) {
        size_t n;
        while ((n = rill_nat_output(nat, lab.now, &path, (struct rill_span){out, sizeof out})) > 0)
            go_out(&path, rill_view_at(out, n));
        int64_t at = next();
        assert_true(at > lab.now && at < 100000 * RILL_SECOND);
        lab.now = at;
        deliver();
        rill_nat_tick(nat, lab.now);
    }
    rill_nat_result(nat, &r);
    free(block);
    return r;
}

static bool says(const struct rill_nat_result *r, const char *beginning)
{
    const char *sentence;
    for (size_t at = 0; (sentence = rill_nat_sentence(r, &at)) != NULL;)
        if (!strncmp(sentence, beginning, strlen(beginning)))
            return true;
    return false;
}

static void each_mapping_and_each_filtering_of_rfc_4787_is_told_apart(void **state)
{
    (void)state;
    static const char *const words[] = {"", "Endpoint-independent mapping", "Address-dependent",
                                        "Address and port-dependent mapping"};
    for (enum rill_nat_behavior m = 1; m <= 3; m++)
        for (enum rill_nat_behavior f = 1; f <= 3; f++) {
            lab_make(m, f);
            struct rill_nat_result r = discover((struct rill_nat_config){0});
            assert_true(r.answered);
            assert_int_equal(r.natted, RILL_NAT_YES);
            assert_int_equal(r.mapping, m);
            assert_int_equal(r.filtering, f);
            assert_int_equal(r.hairpin, RILL_NAT_NO);
            assert_int_equal(r.ports_kept, RILL_NAT_NO);
            assert_int_equal(r.paired, RILL_NAT_YES);
            assert_int_equal(r.origin_is_right, RILL_NAT_YES);
            assert_int_equal(r.rtt, DELAY); /* the server answers at once */
            assert_true(says(&r, words[m]));
            assert_true(lab.now < 15 * RILL_SECOND);
        }
}

static void filter_of_a_whole_host_is_not_opened_by_the_other_tests(void **state)
{
    (void)state;
    for (enum rill_nat_behavior f = 1; f <= 3; f++) {
        lab_make(RILL_NAT_ENDPOINT_INDEPENDENT, f);
        lab.filters_by_host = true;
        struct rill_nat_result r = discover((struct rill_nat_config){0});
        assert_int_equal(r.mapping, RILL_NAT_ENDPOINT_INDEPENDENT);
        assert_int_equal(r.filtering, f);
    }
}

static void machine_without_a_nat_has_none_and_its_firewall_shows(void **state)
{
    (void)state;
    lab_make(RILL_NAT_ENDPOINT_INDEPENDENT, RILL_NAT_ENDPOINT_INDEPENDENT);
    lab.open = true;
    struct rill_nat_result r = discover((struct rill_nat_config){0});
    assert_int_equal(r.natted, RILL_NAT_NO);
    assert_int_equal(r.mapping, RILL_NAT_ENDPOINT_INDEPENDENT);
    assert_int_equal(r.filtering, RILL_NAT_ENDPOINT_INDEPENDENT);
    assert_int_equal(r.hairpin, RILL_NAT_UNTOLD);
    assert_true(says(&r, "No NAT"));
    assert_false(says(&r, "A firewall"));
    lab_make(RILL_NAT_ENDPOINT_INDEPENDENT, RILL_NAT_ADDRESS_AND_PORT_DEPENDENT);
    lab.keeps_ports = true;
    lab.host = ip("203.0.113.9", 0); /* the "outside" is ours: a firewall that maps nothing */
    r = discover((struct rill_nat_config){0});
    assert_int_equal(r.natted, RILL_NAT_NO);
    assert_true(says(&r, "A firewall"));
}

static void hairpinning_is_seen_by_our_own_request_coming_back(void **state)
{
    (void)state;
    lab_make(RILL_NAT_ENDPOINT_INDEPENDENT, RILL_NAT_ADDRESS_AND_PORT_DEPENDENT);
    lab.hairpins = true;
    lab.keeps_ports = true;
    struct rill_nat_result r = discover((struct rill_nat_config){0});
    assert_int_equal(r.hairpin, RILL_NAT_YES);
    assert_int_equal(r.hairpin_external, RILL_NAT_YES);
    assert_int_equal(r.ports_kept, RILL_NAT_YES);
    assert_int_equal(r.natted, RILL_NAT_YES); /* the address differs */
    assert_false(says(&r, "No hairpinning"));
}

static void udp_that_is_blocked_ends_after_one_transaction(void **state)
{
    (void)state;
    lab_make(RILL_NAT_ENDPOINT_INDEPENDENT, RILL_NAT_ENDPOINT_INDEPENDENT);
    lab.blocked = true;
    struct rill_nat_result r = discover((struct rill_nat_config){.lifetime_max = RILL_SECOND});
    assert_false(r.answered);
    assert_int_equal(r.mapping, RILL_NAT_UNKNOWN);
    assert_int_equal(r.filtering, RILL_NAT_UNKNOWN);
    assert_true(lab.now < 4 * RILL_SECOND);
    assert_true(says(&r, "No answer came"));
}

static void fragments_that_pass_and_that_do_not_are_told_apart(void **state)
{
    (void)state;
    for (int drops = 0; drops < 2; drops++) {
        lab_make(RILL_NAT_ENDPOINT_INDEPENDENT, RILL_NAT_ADDRESS_DEPENDENT);
        lab.drops_fragments = drops;
        struct rill_nat_result r = discover((struct rill_nat_config){.fragments = true});
        assert_int_equal(r.fragments, drops ? RILL_NAT_NO : RILL_NAT_YES);
        assert_int_equal(says(&r, "Fragments do not pass"), drops);
        assert_int_equal(r.filtering, RILL_NAT_ADDRESS_DEPENDENT);
    }
}

static void life_of_a_binding_is_enclosed_within_five_seconds(void **state)
{
    (void)state;
    static const int64_t lives[] = {20, 62, 119};
    for (size_t i = 0; i < 3; i++) {
        lab_make(RILL_NAT_ENDPOINT_INDEPENDENT, RILL_NAT_ADDRESS_AND_PORT_DEPENDENT);
        lab.lifetime = lives[i] * RILL_SECOND;
        struct rill_nat_result r =
            discover((struct rill_nat_config){.lifetime_max = 200 * RILL_SECOND});
        assert_true(r.lifetime_least <= lab.lifetime && lab.lifetime <= r.lifetime_most);
        assert_true(r.lifetime_most - r.lifetime_least <= 5 * RILL_SECOND);
        assert_true(says(&r, "Bindings live less"));
    }
}

static void binding_that_outlives_our_patience_is_told_so(void **state)
{
    (void)state;
    lab_make(RILL_NAT_ENDPOINT_INDEPENDENT, RILL_NAT_ENDPOINT_INDEPENDENT);
    struct rill_nat_result r = discover((struct rill_nat_config){.lifetime_max = 40 * RILL_SECOND});
    assert_int_equal(r.lifetime_least, 40 * RILL_SECOND);
    assert_int_equal(r.lifetime_most, RILL_NEVER);
    assert_true(lab.now < 120 * RILL_SECOND);
}

static void server_behind_a_nat_of_its_own_is_found_out(void **state)
{
    (void)state;
    lab_make(RILL_NAT_ENDPOINT_INDEPENDENT, RILL_NAT_ENDPOINT_INDEPENDENT);
    lab.server_lies = true;
    struct rill_nat_result r = discover((struct rill_nat_config){0});
    assert_int_equal(r.origin_is_right, RILL_NAT_NO);
    assert_true(says(&r, "The server answered from another address"));
}

static void no_more_than_ten_transactions_begin_in_a_second(void **state)
{
    (void)state;
    struct rill_rng_seeded rng;
    struct rill_path path;
    uint8_t out[RILL_NAT_DATAGRAM_MAX];
    int64_t last = -RILL_SECOND;
    lab_make(1, 1);
    rill_rng_seeded_init(&rng, rill_test_seed());
    struct rill_nat_config c = {.server = ip("198.51.100.1", 3478), .rng = rill_rng_seeded(&rng)};
    block = malloc(rill_nat_size());
    nat = rill_nat_init(block, 0, &c);
    for (int64_t now = 0; now < 400 * RILL_MS; now += 10 * RILL_MS)
        while (rill_nat_output(nat, now, &path, (struct rill_span){out, sizeof out})) {
            assert_true(now - last >= 100 * RILL_MS);
            last = now;
        }
    assert_int_equal(last, 200 * RILL_MS); /* the three first tests */
    free(block);
}

/* --- the server ------------------------------------------------------------------------------- */

static struct rill_stun_msg asked(unsigned socket, uint32_t change, uint16_t port, size_t padding,
                                  struct rill_stun_reply *reply)
{
    static uint8_t in[2048], out[2048];
    static const uint8_t zeros[1500];
    static const uint8_t txid[RILL_STUN_TXID] = "transaction";
    struct rill_addr source = ip("192.0.2.7", 4000);
    struct rill_stun_writer s;
    struct rill_stun_msg m;
    lab_make(1, 1);
    rill_stun_begin(&s, (struct rill_span){in, sizeof in}, RILL_STUN_REQUEST, RILL_STUN_BINDING,
                    txid);
    if (change)
        rill_stun_put_u32(&s, RILL_STUN_CHANGE_REQUEST, change);
    if (port)
        rill_stun_put_port(&s, RILL_STUN_RESPONSE_PORT, port);
    if (padding)
        rill_stun_put(&s, RILL_STUN_PADDING, rill_view_at(zeros, padding));
    size_t n = rill_stun_end(&s);
    size_t got = rill_stun_behavior_answer(&lab.server, rill_view_at(in, n), &source, socket, reply,
                                           (struct rill_span){out, sizeof out}, NULL);
    assert_true(got <= 3 * n + 100);
    assert_int_equal(rill_stun_decode(rill_view_at(out, got), &m, NULL), 0);
    return m;
}

/* RFC 5780 §6.1, Table 1, from each of the four. */
static void server_answers_from_where_change_request_says(void **state)
{
    (void)state;
    struct rill_stun_reply reply;
    struct rill_addr a, expected;
    for (unsigned socket = 0; socket < 4; socket++)
        for (uint32_t flags = 0; flags < 8; flags += 2) {
            struct rill_stun_msg m = asked(socket, flags, 0, 0, &reply);
            unsigned ip_flag = flags >> 2 & 1, port_flag = flags >> 1 & 1;
            assert_int_equal(reply.socket >> 1, (socket >> 1) ^ ip_flag);
            assert_int_equal(reply.socket & 1, (socket & 1) ^ port_flag);
            assert_int_equal(reply.to.port, 4000);
            expected = rill_stun_behavior_addr(&lab.server, reply.socket);
            assert_true(rill_stun_get_addr(&m, RILL_STUN_RESPONSE_ORIGIN, &a));
            assert_true(rill_addr_equal(&a, &expected));
            expected = rill_stun_behavior_addr(&lab.server, 3 - socket);
            assert_true(rill_stun_get_addr(&m, RILL_STUN_OTHER_ADDRESS, &a));
            assert_true(rill_addr_equal(&a, &expected));
            assert_true(rill_stun_get_addr(&m, RILL_STUN_MAPPED_ADDRESS, &a));
            assert_int_equal(a.port, 4000);
        }
}

static void server_answers_to_the_port_that_response_port_names(void **state)
{
    (void)state;
    struct rill_stun_reply reply;
    struct rill_addr a;
    struct rill_stun_msg m = asked(0, 0, 5001, 0, &reply);
    assert_int_equal(reply.to.port, 5001);
    assert_true(rill_stun_get_addr(&m, RILL_STUN_XOR_MAPPED_ADDRESS, &a));
    assert_int_equal(a.port, 4000);
}

static void server_pads_when_padded_and_refuses_padding_to_another_port(void **state)
{
    (void)state;
    struct rill_stun_reply reply;
    struct rill_view v;
    unsigned code;
    struct rill_stun_msg m = asked(1, 0, 0, 1400, &reply);
    assert_true(rill_stun_find(&m, RILL_STUN_PADDING, &v));
    assert_int_equal(v.n, 1400);
    m = asked(1, 0, 5001, 1400, &reply);
    assert_true(rill_stun_get_error(&m, &code, &v));
    assert_int_equal(code, 400);
    assert_int_equal(reply.to.port, 4000);
}

#define OF cmocka_unit_test

int main(void)
{
    const struct CMUnitTest test_list[] = {
        OF(each_mapping_and_each_filtering_of_rfc_4787_is_told_apart),
        OF(filter_of_a_whole_host_is_not_opened_by_the_other_tests),
        OF(machine_without_a_nat_has_none_and_its_firewall_shows),
        OF(hairpinning_is_seen_by_our_own_request_coming_back),
        OF(udp_that_is_blocked_ends_after_one_transaction),
        OF(fragments_that_pass_and_that_do_not_are_told_apart),
        OF(life_of_a_binding_is_enclosed_within_five_seconds),
        OF(binding_that_outlives_our_patience_is_told_so),
        OF(server_behind_a_nat_of_its_own_is_found_out),
        OF(no_more_than_ten_transactions_begin_in_a_second),
        OF(server_answers_from_where_change_request_says),
        OF(server_answers_to_the_port_that_response_port_names),
        OF(server_pads_when_padded_and_refuses_padding_to_another_port),
    };
    return cmocka_run_group_tests(test_list, NULL, NULL);
}
