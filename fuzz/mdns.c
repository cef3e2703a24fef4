/* fuzz mdns: a machine with names and questions of its own, under any datagrams while time goes on.
 * Each piece: how long to wait, on which socket, from which port, its length, its bytes. What the
 * machine says can always be read again, and it never spins. */
#include "mdns/mdns.h"
#include "mdns/message.h"

#include <stdlib.h>

#define GROUP 1u
#define OWN 2u

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void drain(struct rill_mdns *x, int64_t now)
{
    uint8_t out[RILL_MDNS_SENT_MAX];
    struct rill_path path;
    struct rill_mdns_event e;
    size_t n;
    for (int i = 0; i < 1000; i++) {
        bool any = false;
        while (rill_mdns_event(x, &e)) {
            any = true;
            if (e.type == RILL_MDNS_EVENT_JOIN)
                rill_mdns_joined(x, now, e.request, GROUP, OWN);
            must(e.n <= RILL_MDNS_ADDRS);
        }
        while ((n = rill_mdns_output(x, now, &path, (struct rill_span){out, sizeof out})) > 0) {
            any = true;
            must(rill_dns_check(rill_view_at(out, n), NULL) == 0);
        }
        if (!any)
            return;
    }
    abort(); /* it spins */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct rill_rng_seeded seeded;
    struct rill_reader r = rill_reader_of(rill_view_at(data, size));
    struct rill_addr addr = rill_addr_ip4(192, 0, 2, 1, 0);
    int64_t now = 0;
    rill_rng_seeded_init(&seeded, 1);
    struct rill_mdns_config config = {.names = 2, .questions = 3, .rng = rill_rng_seeded(&seeded)};
    void *block = malloc(rill_mdns_size(&config));
    struct rill_mdns *x = rill_mdns_init(block, &config);
    must(x != NULL);
    rill_mdns_link_up(x, now, 1, RILL_ADDR_IP4);
    rill_mdns_register(x, now, rill_view_of("a.local"), &addr, 1);
    rill_mdns_resolve(x, now, rill_view_of("b.local"));
    drain(x, now);
    while (rill_r_left(&r) > 4) {
        now += rill_r_u8(&r) * 20 * RILL_MS;
        uint8_t how = rill_r_u8(&r);
        struct rill_view message = rill_r_bytes(&r, rill_r_u16(&r));
        uint16_t port = how & 2 ? 4000 : RILL_MDNS_PORT;
        struct rill_path path = {how & 1 ? GROUP : OWN, RILL_PROTO_UDP,
                                 rill_addr_ip4(192, 0, 2, 9, port)};
        rill_mdns_tick(x, now);
        (void)rill_mdns_input(x, now, &path, message, NULL);
        if (how & 4)
            rill_mdns_resolve(x, now, rill_view_of("c.local"));
        if (how & 8)
            rill_mdns_unregister(x, now, rill_view_of("a.local"));
        if (how & 16)
            rill_mdns_link_down(x, now, 1, RILL_ADDR_IP4);
        drain(x, now);
        must(rill_mdns_deadline(x) >= now);
    }
    rill_mdns_close(x, now);
    drain(x, now);
    must(rill_mdns_deadline(x) == RILL_NEVER);
    free(block);
    return 0;
}
