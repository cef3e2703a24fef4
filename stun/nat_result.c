/* nat_result: what the tests of a NAT came to (RFC 5780 §4.3 to §4.6).
 *
 * The idea: what was not asked, or not answered, proves nothing and stays untold. */
#include "stun/nat_private.h"

enum rill_nat_fact rill_nat_natted(const struct rill_nat *x)
{
    const struct rill_addr *mapped = &x->probes[RILL_NAT_MAPPING_1].mapped;
    if (!rill_nat_is(x, RILL_NAT_MAPPING_1, RILL_NAT_ANSWERED))
        return RILL_NAT_UNTOLD;
    if (mapped->port != x->config.local[0].port)
        return RILL_NAT_YES;
    for (size_t i = 0; i < x->config.n_addresses; i++)
        if (rill_addr_same_ip(&x->config.addresses[i], mapped))
            return RILL_NAT_NO;
    return RILL_NAT_YES;
}

bool rill_nat_same_mapping(const struct rill_nat *x, enum rill_nat_test a, enum rill_nat_test b)
{
    return rill_addr_equal(&x->probes[a].mapped, &x->probes[b].mapped);
}

static enum rill_nat_behavior mapping(const struct rill_nat *x)
{
    if (rill_nat_natted(x) == RILL_NAT_NO)
        return RILL_NAT_ENDPOINT_INDEPENDENT;
    if (!rill_nat_is(x, RILL_NAT_MAPPING_2, RILL_NAT_ANSWERED))
        return RILL_NAT_UNKNOWN;
    if (rill_nat_same_mapping(x, RILL_NAT_MAPPING_1, RILL_NAT_MAPPING_2))
        return RILL_NAT_ENDPOINT_INDEPENDENT;
    if (!rill_nat_is(x, RILL_NAT_MAPPING_3, RILL_NAT_ANSWERED))
        return RILL_NAT_UNKNOWN;
    return rill_nat_same_mapping(x, RILL_NAT_MAPPING_2, RILL_NAT_MAPPING_3)
               ? RILL_NAT_ADDRESS_DEPENDENT
               : RILL_NAT_ADDRESS_AND_PORT_DEPENDENT;
}

static enum rill_nat_behavior filtering(const struct rill_nat *x)
{
    if (rill_nat_is(x, RILL_NAT_FILTERING_2, RILL_NAT_ANSWERED))
        return RILL_NAT_ENDPOINT_INDEPENDENT;
    if (rill_nat_is(x, RILL_NAT_FILTERING_3, RILL_NAT_ANSWERED))
        return RILL_NAT_ADDRESS_DEPENDENT;
    return rill_nat_is(x, RILL_NAT_FILTERING_3, RILL_NAT_SILENT)
               ? RILL_NAT_ADDRESS_AND_PORT_DEPENDENT
               : RILL_NAT_UNKNOWN;
}

static enum rill_nat_fact fact(const struct rill_nat *x, enum rill_nat_test t)
{
    return rill_nat_is(x, t, RILL_NAT_ANSWERED) ? RILL_NAT_YES
           : rill_nat_is(x, t, RILL_NAT_SILENT) ? RILL_NAT_NO
                                                : RILL_NAT_UNTOLD;
}

static enum rill_nat_fact of(bool yes)
{
    return yes ? RILL_NAT_YES : RILL_NAT_NO;
}

/* Of the first tests of the three sockets. */
static void compare_sockets(const struct rill_nat *x, struct rill_nat_result *out)
{
    bool kept = true, paired = true;
    for (enum rill_nat_test t = RILL_NAT_MAPPING_1; t <= RILL_NAT_HAIRPIN_1; t++) {
        if (!rill_nat_is(x, t, RILL_NAT_ANSWERED))
            return;
        const struct rill_addr *mapped = &x->probes[t].mapped;
        kept = kept && mapped->port == x->config.local[rill_nat_tests[t].socket].port;
        paired = paired && rill_addr_same_ip(mapped, &x->probes[RILL_NAT_MAPPING_1].mapped);
    }
    out->ports_kept = of(kept);
    out->paired = of(paired);
}

void rill_nat_result(const struct rill_nat *x, struct rill_nat_result *out)
{
    const struct rill_nat_probe *first = &x->probes[RILL_NAT_MAPPING_1];
    *out = (struct rill_nat_result){
        .answered = first->state == RILL_NAT_ANSWERED,
        .error = first->error,
        .mapped = first->mapped,
        .origin = x->origin,
        .other = x->other,
        .natted = rill_nat_natted(x),
        .mapping = mapping(x),
        .filtering = filtering(x),
        .fragments = fact(x, RILL_NAT_FRAGMENTS),
        .lifetime_least = x->lifetime_least,
        .lifetime_most = x->lifetime_least || x->lifetime_most != RILL_NEVER ? x->lifetime_most : 0,
        .lifetime_refused = rill_nat_is(x, RILL_NAT_LIFETIME, RILL_NAT_REFUSED),
        .rtt = first->rtt,
    };
    if (!out->answered)
        return;
    compare_sockets(x, out);
    if (x->origin.family)
        out->origin_is_right = of(!x->origin_differs);
    out->hairpin = fact(x, RILL_NAT_HAIRPIN);
    if (rill_nat_is(x, RILL_NAT_HAIRPIN, RILL_NAT_ANSWERED))
        out->hairpin_external = of(rill_addr_same_ip(&x->probes[RILL_NAT_HAIRPIN].from,
                                                     &x->probes[RILL_NAT_HAIRPIN_1].mapped));
}
