/* Random networks: two agents behind NATs of every kind, chained, shared, with loss, reordering,
 * late signaling, dead servers, role conflicts; addresses that change, NATs that forget, restarts
 * that cross.
 *
 *   RILL_SEED   the first seed [1]
 *   RILL_SEEDS  how many [300]; 10000 is the long form
 *
 * Every network that has a path must connect within 30 s, and again after what befalls it. */
#include "tests/call/agents.h"

#define PATIENCE (30 * RILL_SECOND)

static const char *program;

/* What all runs came to. */
static struct {
    unsigned with_path, direct, connected_beyond, conflicts, befell[4];
    unsigned checks[20000];
    int64_t took[20000];
    double trips[20000];
    size_t n;
} total;

/* --- a run ----------------------------------------------------------------------------------- */

static void make(struct run *r, uint64_t seed, struct rill_rng *rng)
{
    struct rill_addr server = rill_addr_ip4(SERVER_IP, 3478);
    memset(r, 0, sizeof *r);
    rill_sim_init(&r->net, seed);
    topology_init(&r->t, &r->net, rng);
    rill_sim_turn_server_init(&r->server, &r->net, SERVER, &server);
    r->server.stun = r->t.stun;
    r->signaling = (10 + rill_rng_below(rng, 400)) * RILL_MS;
    r->trickle = !one_in(rng, 5);
    r->restarted_at = -RILL_SECOND * 100;
    make_side(r, 0, seed);
    make_side(r, 1, seed);
    uint32_t roles = rill_rng_below(rng, 6);
    rill_ice_set_controlling(r->sides[0].ice, roles != 0);
    rill_ice_set_controlling(r->sides[1].ice, roles == 1);
    total.conflicts += roles < 2;
    r->sides[0].gathers = true;
    put_credentials(r, 0, CREDENTIALS);
    rill_ice_gather(r->sides[0].ice, r->now);
}

static int64_t round_trip(const struct run *r, int side)
{
    const struct rill_path *p = &r->sides[side].valid_path;
    struct rill_addr server = rill_addr_ip4(SERVER_IP, 0);
    int other = 1 - side;
    if (p->proto == RILL_PROTO_RELAY || rill_addr_same_ip(&p->remote, &server))
        return r->net.links[side][SERVER].delay + r->net.links[SERVER][other].delay +
               r->net.links[other][SERVER].delay + r->net.links[SERVER][side].delay;
    return r->net.links[side][other].delay + r->net.links[other][side].delay;
}

static void measure(const struct run *r)
{
    int first = r->sides[1].valid_at < r->sides[0].valid_at;
    const struct side *s = &r->sides[first];
    if (total.n == sizeof total.checks / sizeof total.checks[0] || s->knows_at == RILL_NEVER)
        return;
    total.checks[total.n] = s->checks;
    total.took[total.n] = s->valid_at - s->knows_at;
    total.trips[total.n++] = (double)(s->valid_at - s->knows_at) / (double)round_trip(r, first);
}

/* The host of a side goes to another address, in another network perhaps; its old one is no more.
 */
static void move(struct run *r, struct rill_rng *rng, int side)
{
    struct side *s = &r->sides[side];
    for (size_t k = 0; k < r->t.interfaces[side]; k++)
        rill_ice_interface_down(s->ice, r->now, &r->t.addresses[side][k]);
    topology_move(&r->t, &r->net, rng, side);
    /* A socket that is bound to no address sends from the new one. */
    for (size_t i = 0; i < s->n_sockets; i++) {
        struct rill_sim_socket *k = &r->net.sockets[s->sockets[i]];
        k->open &= s->bound_to_any[i];
        k->realm = r->net.realms[side];
        memcpy(k->addr.ip, r->t.addresses[side][0].ip, sizeof k->addr.ip);
    }
    rill_ice_interface_up(s->ice, r->now, &r->t.addresses[side][0]);
}

static void forget(struct run *r)
{
    for (size_t i = 0; i < r->net.n_nats; i++)
        memset(r->net.nats[i].mappings, 0, sizeof r->net.nats[i].mappings);
}

/* What happens to a call that stands; NULL, or what it did not outlive. */
static const char *befall(struct run *r, struct rill_rng *rng)
{
    static const char *const what_says[] = {
        "not again after its address changed", "not again after the NATs forgot",
        "gone after 5 minutes of silence", "not again after two restarts that crossed"};
    uint32_t what = rill_rng_below(rng, 6);
    if (what > 3)
        return NULL;
    run_until(r, r->now + 3 * RILL_SECOND, RILL_NEVER);
    total.befell[what]++;
    if (what == 0) {
        move(r, rng, (int)rill_rng_below(rng, 2));
    } else if (what == 1) {
        forget(r);
    } else if (what == 2) {
        r->next_data = r->now + 300 * RILL_SECOND; /* nothing but what the agents send */
        run_until(r, r->now + 299 * RILL_SECOND, RILL_NEVER);
    } else {
        offer_restart(r, 0);
        run_until(r, r->now + rill_rng_below(rng, (uint32_t)(2 * r->signaling)), RILL_NEVER);
        offer_restart(r, 1);
    }
    bool must = topology_has_path(&r->t);
    run_until(r, r->now + 2 * RILL_SECOND, RILL_NEVER);
    /* Until the loss is noticed, 20 s may pass. */
    return run_until(r, r->now + PATIENCE + 20 * RILL_SECOND, r->now) || !must ? NULL
                                                                               : what_says[what];
}

static const char *run_one(uint64_t seed, uint8_t hash[32])
{
    static struct run r;
    struct rill_rng_seeded generator;
    const char *wrong = NULL;
    rill_rng_seeded_init(&generator, seed ^ 0x70b0);
    struct rill_rng rng = rill_rng_seeded(&generator);
    make(&r, seed, &rng);
    bool must = topology_has_path(&r.t);
    bool connected = run_until(&r, PATIENCE, 0);
    total.with_path += must;
    total.direct += topology_is_direct(&r.t);
    total.connected_beyond += connected && !must;
    if (connected)
        measure(&r);
    if (must && !connected)
        wrong = "not connected within 30 s";
    else if (must)
        wrong = befall(&r, &rng);
    memcpy(hash, r.net.hash, 32);
    if (wrong)
        fprintf(stderr, "%s: ", r.t.says);
    unmake(&r);
    return wrong;
}

/* --- the tests ------------------------------------------------------------------------------- */

static int by_unsigned(const void *a, const void *b)
{
    return (*(const unsigned *)a > *(const unsigned *)b) -
           (*(const unsigned *)a < *(const unsigned *)b);
}

static int by_time(const void *a, const void *b)
{
    return (*(const int64_t *)a > *(const int64_t *)b) -
           (*(const int64_t *)a < *(const int64_t *)b);
}

static int by_double(const void *a, const void *b)
{
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

static void tell(uint64_t seeds)
{
    qsort(total.checks, total.n, sizeof total.checks[0], by_unsigned);
    qsort(total.took, total.n, sizeof total.took[0], by_time);
    qsort(total.trips, total.n, sizeof total.trips[0], by_double);
    printf("%llu networks, %u with a path (%u direct), %u connected beyond what must; %u role "
           "conflicts, %u addresses changed, %u NATs forgot, %u idle, %u restarts crossed\n",
           (unsigned long long)seeds, total.with_path, total.direct, total.connected_beyond,
           total.conflicts, total.befell[0], total.befell[1], total.befell[2], total.befell[3]);
    if (total.n)
        printf(
            "median: %u checks sent and %.0f ms to the first valid pair, %.2f round trips of its "
            "path (the least there can be: 1 check, 1 round trip)\n",
            total.checks[total.n / 2], (double)total.took[total.n / 2] / 1000,
            total.trips[total.n / 2]);
}

static void every_network_that_has_a_path_connects_within_30_s(void **state)
{
    const char *text = getenv("RILL_SEEDS");
    uint64_t seeds = text ? strtoull(text, NULL, 10) : 300;
    uint64_t first = rill_test_seed(), failures = 0;
    uint8_t hash[32];
    (void)state;
    memset(&total, 0, sizeof total);
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        const char *wrong = run_one(seed, hash);
        if (!wrong)
            continue;
        failures++;
        fprintf(stderr, "%s: RILL_SEED=%llu RILL_SEEDS=1 %s\n", wrong, (unsigned long long)seed,
                program);
    }
    tell(seeds);
    assert_int_equal(failures, 0);
}

static void the_same_seed_gives_the_same_datagrams(void **state)
{
    uint8_t once[32], again[32];
    (void)state;
    (void)run_one(rill_test_seed(), once);
    (void)run_one(rill_test_seed(), again);
    assert_memory_equal(once, again, sizeof once);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_network_that_has_a_path_connects_within_30_s),
        cmocka_unit_test(the_same_seed_gives_the_same_datagrams),
    };
    (void)argc;
    program = argv[0];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
