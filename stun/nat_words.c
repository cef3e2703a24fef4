/* stun/nat_words: what a NAT's behaviour means for calls (RFC 4787, RFC 8445). */
#include "stun/nat.h"

const char *rill_nat_behavior_name(enum rill_nat_behavior b)
{
    static const char *const names[] = {"unknown", "endpoint-independent", "address-dependent",
                                        "address and port-dependent"};
    return names[b];
}

const char *rill_nat_fact_name(enum rill_nat_fact f)
{
    static const char *const names[] = {"unknown", "yes", "no"};
    return names[f];
}

/* --- when each sentence holds -------------------------------------------------------------------
 */

static bool blocked(const struct rill_nat_result *r)
{
    return !r->answered && r->error == 0;
}

static bool refused(const struct rill_nat_result *r)
{
    return r->error != 0;
}

static bool one_address(const struct rill_nat_result *r)
{
    return r->answered && r->other.family == RILL_ADDR_NONE;
}

static bool free_of_nat(const struct rill_nat_result *r)
{
    return r->natted == RILL_NAT_NO;
}

static bool is_firewalled(const struct rill_nat_result *r)
{
    return free_of_nat(r) && r->filtering > RILL_NAT_ENDPOINT_INDEPENDENT;
}

static bool maps_once(const struct rill_nat_result *r)
{
    return r->natted == RILL_NAT_YES && r->mapping == RILL_NAT_ENDPOINT_INDEPENDENT;
}

static bool maps_by_address(const struct rill_nat_result *r)
{
    return r->mapping == RILL_NAT_ADDRESS_DEPENDENT;
}

static bool maps_by_port(const struct rill_nat_result *r)
{
    return r->mapping == RILL_NAT_ADDRESS_AND_PORT_DEPENDENT;
}

static bool lets_all_in(const struct rill_nat_result *r)
{
    return r->natted == RILL_NAT_YES && r->filtering == RILL_NAT_ENDPOINT_INDEPENDENT;
}

static bool filters(const struct rill_nat_result *r)
{
    return r->natted == RILL_NAT_YES && r->filtering > RILL_NAT_ENDPOINT_INDEPENDENT;
}

static bool hairpins_not(const struct rill_nat_result *r)
{
    return r->hairpin == RILL_NAT_NO;
}

static bool drops_fragments(const struct rill_nat_result *r)
{
    return r->fragments == RILL_NAT_NO;
}

static bool server_is_behind(const struct rill_nat_result *r)
{
    return r->origin_is_right == RILL_NAT_NO;
}

static bool forgets_early(const struct rill_nat_result *r)
{
    return r->lifetime_most > 0 && r->lifetime_most <= 120 * RILL_SECOND;
}

static const struct {
    bool (*holds)(const struct rill_nat_result *r);
    const char *sentence;
} words[] = {
    {blocked, "No answer came: UDP does not get to this server and back. If that is so with others "
              "too, calls need TURN over TCP or TLS (RFC 8656 §3.1)."},
    {refused, "The server answered with an error, so it tells nothing about the NAT."},
    {one_address, "The server gives no OTHER-ADDRESS: it has one address alone, and a NAT's "
                  "behaviour shows only to two (RFC 5780 §4.3)."},
    {free_of_nat, "No NAT: this machine is seen under its own address."},
    {is_firewalled, "A firewall lets in only what was asked for; ICE's checks from both sides open "
                    "it (RFC 8445 §2.2)."},
    {maps_once, "Endpoint-independent mapping: every peer sees the address that a STUN server "
                "tells, so calls connect directly as soon as both sides send (RFC 4787 REQ-1)."},
    {maps_by_address, "Address-dependent mapping: each peer sees another address than the STUN "
                      "server does. It is reached only by peers that are reachable themselves; "
                      "behind such a NAT two peers need TURN (RFC 4787 §4.1)."},
    {maps_by_port, "Address and port-dependent mapping: each peer sees another address than the "
                   "STUN server does. Behind such a NAT two peers need TURN, unless the other one "
                   "is behind none, or behind one that filters endpoint-independently (RFC 4787 "
                   "§4.1)."},
    {lets_all_in,
     "Endpoint-independent filtering: whoever knows the mapped address may send to it, "
     "so peers behind the worst of NATs reach this one."},
    {filters, "Filtering by address: a peer gets in only when it was sent to before, which ICE's "
              "checks do (RFC 4787 §5)."},
    {hairpins_not, "No hairpinning: two peers behind this NAT do not reach each other by mapped "
                   "addresses, only by their own or by TURN (RFC 4787 REQ-9)."},
    {drops_fragments, "Fragments do not pass: large DTLS flights and frames must fit into one "
                      "packet, as rill's do (RFC 4787 REQ-14)."},
    {server_is_behind, "The server answered from another address than it believes to have: it is "
                       "behind a NAT itself, and what it told is about both (RFC 5780 §7.3)."},
    {forgets_early, "Bindings live less than the two minutes that RFC 4787 REQ-5 asks for; consent "
                    "checks every 5 s keep those of a call alive (RFC 7675)."},
};

const char *rill_nat_sentence(const struct rill_nat_result *r, size_t *at)
{
    while (*at < sizeof words / sizeof words[0]) {
        size_t i = (*at)++;
        if (words[i].holds(r))
            return words[i].sentence;
    }
    return NULL;
}
