/* Whole calls over many seeds: networks that lose in bursts, reorder, repeat and delay.
 *
 *   RILL_SEED   the first seed [1]
 *   RILL_SEEDS  how many [100]; 2000 is the long form
 *
 * What must hold on each: both sides connect within 30 s, every frame that comes out is the
 * bytes that went in, in order and decodable, and after the losses end the media recovers. */
#include "tests/rill_test.h"
#include "tests/sim/call.h"

#include <stdio.h>

#define CONNECT_WITHIN (30 * RILL_SECOND)
#define MEDIA_TIME (5 * RILL_SECOND)
/* The rest of the media meets no loss. On the slowest network here (640 ms there and back) a
 * gap stays open for 1.4 s, and the key frame asked for then needs another round trip. */
#define LOSSY_TIME (2 * RILL_SECOND)

static const char *program;

/* What the networks did in all, so that a run shows that it tested something. */
static struct {
    uint64_t sent, lost, duplicated, skipped, keyframes_wanted, nacks, retransmitted;
    int64_t slowest;
} total;

/* What the network does is decided by the seed alone. */
static struct rill_sim_link random_link(const struct rill_rng *rng)
{
    struct rill_sim_link l = {
        .delay = rill_rng_below(rng, 300) * RILL_MS,
        .jitter = 1 + rill_rng_below(rng, 20) * RILL_MS,
        .to_bad = rill_rng_below(rng, 500),
        .to_good = 2000 + rill_rng_below(rng, 6000),
        .loss_good = rill_rng_below(rng, 300),
        .loss_bad = 2000 + rill_rng_below(rng, 8000),
        .reorder = rill_rng_below(rng, 500),
        .delay_more = rill_rng_below(rng, 40) * RILL_MS,
        .duplicate = rill_rng_below(rng, 300),
    };
    /* One in five networks is bad all the time: a fifth of all datagrams, in bursts of three. */
    if (rill_rng_below(rng, 5) == 0) {
        l.to_bad = 850;
        l.to_good = 3400;
        l.loss_good = 0;
        l.loss_bad = 10000;
    }
    return l;
}

static struct rill_sim_call_options options_of(uint64_t seed)
{
    struct rill_sim_call_options o = rill_sim_call_defaults();
    struct rill_rng_seeded generator;
    rill_rng_seeded_init(&generator, seed ^ 0x5eed);
    struct rill_rng rng = rill_rng_seeded(&generator);
    o.seed = seed;
    o.link = random_link(&rng);
    o.signaling_delay = rill_rng_below(&rng, 200) * RILL_MS;
    o.media_time = MEDIA_TIME;
    o.no_rtx = seed % 2;
    return o;
}

static struct rill_sim_link without_loss(struct rill_sim_link l)
{
    l.to_bad = l.loss_good = l.loss_bad = 0;
    l.bad = false;
    return l;
}

static bool media_ended(const struct rill_sim_call *c)
{
    for (int i = 0; i < RILL_SIM_SIDES; i++)
        if (c->sides[i].video.running || c->sides[i].audio.running)
            return false;
    return true;
}

/* NULL, or what is wrong with what this side has received. */
static const char *judge(const struct rill_sim_call *c, int side)
{
    const struct rill_sim_side *s = &c->sides[side], *other = &c->sides[1 - side];
    if (s->audio.wrong_bytes || s->video.wrong_bytes)
        return "a frame came out other than it went in";
    if (s->audio.out_of_order || s->video.out_of_order)
        return "a frame came twice or out of order";
    if (s->video.not_decodable)
        return "a picture came out behind a gap without a key frame";
    if (s->video.received == 0 || s->audio.received == 0)
        return "nothing came";
    if (s->video.last_index + 1 != (int64_t)other->video.n_sent)
        return "the last picture did not come, though the losses had ended";
    if (s->audio.last_index + 3 < (int64_t)other->audio.n_sent)
        return "the last sounds did not come, though the losses had ended";
    return NULL;
}

static void add_up(const struct rill_sim_call *c)
{
    struct rill_peer_stats stats;
    total.sent += c->net.sent;
    total.lost += c->net.lost;
    total.duplicated += c->net.duplicated;
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        const struct rill_sim_side *s = &c->sides[i];
        rill_peer_stats(s->peer, &stats);
        total.skipped += s->video.skipped;
        total.keyframes_wanted += s->keyframes_wanted;
        for (size_t k = 0; k < stats.n_sent; k++)
            total.retransmitted += stats.sent[k].retransmitted;
        for (size_t k = 0; k < stats.n_received; k++)
            total.nacks += stats.received[k].nacks;
        if (s->connected_at != RILL_NEVER && s->connected_at > total.slowest)
            total.slowest = s->connected_at;
    }
}

static void tell(uint64_t seeds)
{
    printf("%llu calls: %llu datagrams, %llu lost, %llu repeated; %llu NACKs, %llu sent again, "
           "%llu key frames asked for, %llu pictures skipped; the slowest connected after %lld "
           "ms\n",
           (unsigned long long)seeds, (unsigned long long)total.sent,
           (unsigned long long)total.lost, (unsigned long long)total.duplicated,
           (unsigned long long)total.nacks, (unsigned long long)total.retransmitted,
           (unsigned long long)total.keyframes_wanted, (unsigned long long)total.skipped,
           (long long)(total.slowest / RILL_MS));
}

static const char *run_one(uint64_t seed, uint8_t hash[32])
{
    struct rill_sim_call_options o = options_of(seed);
    struct rill_sim_call *c = rill_sim_call_new(&o);
    const char *wrong = NULL;
    rill_sim_call_start(c);
    rill_sim_call_run_until(c, CONNECT_WITHIN, rill_sim_call_both_connected);
    if (!rill_sim_call_both_connected(c))
        wrong = "not connected within 30 s";
    rill_sim_call_run(c, c->now + LOSSY_TIME);
    for (int i = 0; i < RILL_SIM_SIDES; i++) {
        struct rill_sim_link clean = without_loss(c->net.links[i][1 - i]);
        rill_sim_call_link(c, i, &clean);
    }
    rill_sim_call_run_until(c, c->now + 60 * RILL_SECOND, media_ended);
    rill_sim_call_run(c, c->now + 2 * RILL_SECOND);
    for (int i = 0; i < RILL_SIM_SIDES && !wrong; i++)
        wrong = judge(c, i);
    wrong = c->failed ? c->failure : wrong;
    memcpy(hash, c->net.hash, 32);
    add_up(c);
    rill_sim_call_free(c);
    return wrong;
}

static void calls_connect_and_recover_whatever_the_network_does(void **state)
{
    const char *text = getenv("RILL_SEEDS");
    uint64_t seeds = text ? strtoull(text, NULL, 10) : 100;
    uint64_t first = rill_test_seed(), failures = 0;
    uint8_t hash[32];
    (void)state;
    memset(&total, 0, sizeof total);
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        const char *wrong = run_one(seed, hash);
        if (!wrong)
            continue;
        failures++;
        fprintf(stderr, "RILL_SEED=%llu RILL_SEEDS=1 %s   # %s\n", (unsigned long long)seed,
                program, wrong);
    }
    tell(seeds);
    assert_int_equal(failures, 0);
}

static void the_same_seed_gives_the_same_datagrams_at_the_same_instants(void **state)
{
    uint64_t seed = rill_test_seed();
    uint8_t once[32], again[32];
    (void)state;
    (void)run_one(seed, once);
    (void)run_one(seed, again);
    assert_memory_equal(once, again, sizeof once);
}

static void another_seed_gives_other_datagrams(void **state)
{
    uint64_t seed = rill_test_seed();
    uint8_t once[32], other[32];
    (void)state;
    (void)run_one(seed, once);
    (void)run_one(seed + 1, other);
    assert_memory_not_equal(once, other, sizeof once);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_gives_the_same_datagrams_at_the_same_instants),
        cmocka_unit_test(another_seed_gives_other_datagrams),
        cmocka_unit_test(calls_connect_and_recover_whatever_the_network_does),
    };
    program = argc ? argv[0] : "build/asan/tests/call/seeds_test";
    return cmocka_run_group_tests(tests, rill_sim_calls_begin, rill_sim_calls_end);
}
