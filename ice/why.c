/* ice/why: the rules: what the facts mean (see why.h).
 *
 * The idea: a rule is a predicate and three sentences. It returns 0 when it does not fit, else the
 * number its sentence wants, or 1. The order is that of likelihood: what rules everything out comes
 * before what makes it improbable, and what can be mended before what must be borne. */
#include "ice/why.h"

typedef uint64_t rule(const struct rill_ice_facts *f);

/* Checks have begun and no pair has ever worked. */
static bool never_worked(const struct rill_ice_facts *f)
{
    return f->session.has_remote && !f->session.was_valid && f->valid == 0;
}

static bool works_no_longer(const struct rill_ice_facts *f)
{
    return f->session.was_valid && f->valid == 0;
}

static uint64_t total(const uint32_t by_type[4])
{
    return (uint64_t)by_type[0] + by_type[1] + by_type[2] + by_type[3];
}

/* --- a pair worked once --------------------------------------------------------------------- */

static uint64_t consent_revoked(const struct rill_ice_facts *f)
{
    return works_no_longer(f) && f->failed[RILL_ICE_CONSENT_REVOKED];
}

static uint64_t consent_expired(const struct rill_ice_facts *f)
{
    return works_no_longer(f) && f->failed[RILL_ICE_CONSENT_EXPIRED];
}

/* A pair is in use, and yet the state is disconnected. */
static uint64_t unanswered(const struct rill_ice_facts *f)
{
    return f->valid > 0 && f->session.state == RILL_ICE_DISCONNECTED;
}

static uint64_t interface_gone(const struct rill_ice_facts *f)
{
    return works_no_longer(f) && !consent_expired(f) && !consent_revoked(f) &&
           f->session.counts.pairs_dropped > 0;
}

/* --- what there is to pair ------------------------------------------------------------------ */

static uint64_t no_remote(const struct rill_ice_facts *f)
{
    return !f->session.has_remote && !f->session.was_valid;
}

static uint64_t no_interface(const struct rill_ice_facts *f)
{
    return never_worked(f) && f->session.gathered && !f->session.relay_only &&
           f->session.interfaces == 0;
}

static uint64_t remote_none(const struct rill_ice_facts *f)
{
    const struct rill_ice_counts *n = &f->session.counts;
    bool came = n->requests_wrong_username + n->requests_wrong_password > 0;
    return never_worked(f) && n->remote_lines == 0 && total(f->remote) == 0 && !came;
}

/* All the peer's lines are of the kind that n counts, and nothing else is known of it. */
static uint64_t only(const struct rill_ice_facts *f, uint32_t n)
{
    bool all = n > 0 && n == f->session.counts.remote_lines && total(f->remote) == 0;
    return never_worked(f) && all ? n : 0;
}

static uint64_t remote_names(const struct rill_ice_facts *f)
{
    return only(f, f->session.counts.remote_names);
}

static uint64_t remote_tcp(const struct rill_ice_facts *f)
{
    return only(f, f->session.counts.remote_tcp);
}

static uint64_t remote_strangers(const struct rill_ice_facts *f)
{
    return only(f, f->session.counts.remote_strangers);
}

static uint64_t remote_useless(const struct rill_ice_facts *f)
{
    const struct rill_ice_counts *n = &f->session.counts;
    bool rest = n->remote_useless > 0 && !only(f, n->remote_names) && !only(f, n->remote_tcp) &&
                !only(f, n->remote_strangers);
    return rest ? only(f, n->remote_lines) : 0;
}

static uint64_t no_common_family(const struct rill_ice_facts *f)
{
    bool common = (f->local_ip4 && f->remote_ip4) || (f->local_ip6 && f->remote_ip6);
    return never_worked(f) && !common && total(f->local) > 0 && total(f->remote) > 0;
}

/* --- what came and was not believed ----------------------------------------------------------- */

#define CONFLICTS 4 /* two agents that resolve one conflict need at most two */

static uint64_t role_conflict(const struct rill_ice_facts *f)
{
    uint64_t n = (uint64_t)f->session.counts.conflicts_sent + f->session.counts.conflicts_received;
    return never_worked(f) && n >= CONFLICTS ? n : 0;
}

static uint64_t wrong_password(const struct rill_ice_facts *f)
{
    return never_worked(f) ? f->session.counts.requests_wrong_password : 0;
}

static uint64_t wrong_username(const struct rill_ice_facts *f)
{
    return never_worked(f) && f->requests_received == 0 ? f->session.counts.requests_wrong_username
                                                        : 0;
}

static uint64_t wrong_response(const struct rill_ice_facts *f)
{
    return never_worked(f) ? f->session.counts.responses_wrong_password : 0;
}

static uint64_t refused(const struct rill_ice_facts *f)
{
    return never_worked(f) && f->failed[RILL_ICE_ERROR_RESPONSE] > 0 ? f->error_code : 0;
}

static uint64_t one_way(const struct rill_ice_facts *f)
{
    bool none = f->responses_received == 0 && f->errors_received == 0;
    return never_worked(f) && f->heard_unanswered > 0 && none ? f->requests_sent : 0;
}

static uint64_t not_symmetric(const struct rill_ice_facts *f)
{
    return never_worked(f) ? f->failed[RILL_ICE_NOT_SYMMETRIC] : 0;
}

/* --- servers --------------------------------------------------------------------------------- */

static uint64_t turn_credentials(const struct rill_ice_facts *f)
{
    return f->turn_answered == 0 ? f->turn_credentials : 0;
}

static uint64_t turn_quota(const struct rill_ice_facts *f)
{
    return f->turn_answered == 0 && f->turn_quota ? f->turn_error : 0;
}

static uint64_t turn_refused(const struct rill_ice_facts *f)
{
    return f->turn_answered == 0 && f->turn_refused ? f->turn_error + (f->turn_error == 0) : 0;
}

static uint64_t turn_silent(const struct rill_ice_facts *f)
{
    return f->turn_answered == 0 ? f->turn_silent : 0;
}

static uint64_t relay_only_without_relay(const struct rill_ice_facts *f)
{
    return f->session.relay_only && f->session.gathering && f->local[RILL_ICE_RELAY] == 0;
}

static uint64_t not_permitted(const struct rill_ice_facts *f)
{
    return never_worked(f) ? f->failed[RILL_ICE_NOT_PERMITTED] : 0;
}

static uint64_t stun_silent(const struct rill_ice_facts *f)
{
    return f->stun_silent;
}

/* --- the network ------------------------------------------------------------------------------ */

static bool all_silent(const struct rill_ice_facts *f)
{
    return never_worked(f) && f->tried > 0 && f->responses_received == 0 &&
           f->errors_received == 0 && f->requests_received == 0;
}

static uint64_t unreachable(const struct rill_ice_facts *f)
{
    return all_silent(f) && f->failed[RILL_ICE_HARD_ICMP] == f->tried ? f->tried : 0;
}

static uint64_t tcp_refused(const struct rill_ice_facts *f)
{
    return all_silent(f) ? f->failed[RILL_ICE_NOT_CONNECTED] : 0;
}

static uint64_t udp_blocked(const struct rill_ice_facts *f)
{
    bool servers = f->stun + f->turn > 0 && f->stun_silent == f->stun && f->turn_answered == 0 &&
                   (f->stun_silent > 0 || f->turn_silent > 0);
    return all_silent(f) && servers;
}

static uint64_t mapping(const struct rill_ice_facts *f)
{
    return all_silent(f) && f->mappings_differ && f->local[RILL_ICE_RELAY] == 0;
}

static uint64_t no_stun(const struct rill_ice_facts *f)
{
    return all_silent(f) && f->local_private && f->remote_abroad && f->stun + f->turn == 0;
}

static uint64_t no_relay(const struct rill_ice_facts *f)
{
    return all_silent(f) && f->local[RILL_ICE_RELAY] == 0 && f->turn == 0 ? f->tried : 0;
}

static uint64_t silent(const struct rill_ice_facts *f)
{
    return all_silent(f) && f->relay_tried > 0 ? f->tried : 0;
}

static uint64_t names_unresolved(const struct rill_ice_facts *f)
{
    return never_worked(f) && !remote_names(f) ? f->session.counts.names_unresolved : 0;
}

static uint64_t patience(const struct rill_ice_facts *f)
{
    return never_worked(f) && f->session.state != RILL_ICE_FAILED
               ? (uint64_t)(f->session.patience + RILL_SECOND - 1) / RILL_SECOND
               : 0;
}

/* --- the table -------------------------------------------------------------------------------- */

static const struct {
    rule *fits;
    const char *name, *clause, *sentence, *advice;
} rules[] = {
    {consent_revoked, "consent-revoked", "RFC 7675 §5.2",
     "the other side answered a consent check with 403: it wants nothing more",
     "the other side ended the call, or rejects this address; restart ICE to ask again"},
    {consent_expired, "consent-expired", "RFC 7675 §5.1",
     "the pair in use had no answer for 30 s, so sending had to stop",
     "the other side is gone or its network changed; an ICE restart finds another path"},
    {unanswered, "unanswered", "RFC 7675 §5.1",
     "the requests sent on the pair in use go unanswered; it is given up 30 s after the last "
     "answer",
     "wait: other pairs are being tried, and an ICE restart finds new ones"},
    {interface_gone, "interface-gone", "RFC 8445 §9",
     "the address of this machine that the pair in use began at has gone",
     "restart ICE once there is a network again"},
    {no_remote, "no-remote", "RFC 8839 §5.4",
     "the other side's ICE credentials have not come, so nothing can be checked",
     "see that the other side's description reaches this one"},
    {no_interface, "no-interface", "RFC 8445 §5.1.1.1",
     "this machine has no address that a call can use",
     "is there a network? Loopback alone takes --ice-loopback"},
    {remote_none, "remote-none", "RFC 8839 §5.1",
     "the other side told no candidate, and nothing came from it",
     "see that its candidates pass through signaling, and that it gathers any"},
    {remote_names, "remote-names", "draft-ietf-mmusic-mdns-ice-candidates §3.2.1",
     "the only remote candidates are .local names ({}) and no mDNS answer came",
     "both machines must be on one link that passes multicast DNS (UDP 5353); else the other side "
     "needs a STUN or TURN server, or leave to tell its addresses"},
    {remote_tcp, "remote-tcp", "RFC 6544 §5",
     "the only remote candidates are TCP's ({}), and none could be paired",
     "the other side's UDP is blocked: give this side ICE-TCP, or both sides a TURN server"},
    {remote_strangers, "remote-strangers", "RFC 8839 §5.4",
     "all remote candidates ({}) carry the username fragment of another session",
     "signaling mixes two sessions, or candidates from before a restart came after it"},
    {remote_useless, "remote-useless", "RFC 8445 §5.1.1.1",
     "none of the remote candidates ({}) can be used from here: loopback, names, TCP or no address",
     "a peer on this machine is reached with --ice-loopback on both sides"},
    {no_common_family, "no-common-family", "RFC 8445 §6.1.2.2",
     "one side has IPv4 alone and the other IPv6 alone",
     "a TURN server of both families joins them (RFC 8656 §7.2)"},
    {role_conflict, "role-conflict", "RFC 8445 §7.3.1.1",
     "both sides claim the same role, and {} conflicts have not settled it",
     "the other side does not switch roles at 487, or two agents share one description"},
    {wrong_password, "wrong-password", "RFC 8489 §9.1.3",
     "requests came under our username fragment that were made with another password ({})",
     "the other side holds a mangled or an older description of ours"},
    {wrong_username, "wrong-username", "RFC 8445 §7.3",
     "requests came for another username fragment than ours ({}), and none for ours",
     "the other side holds the description of another session or of one before a restart"},
    {wrong_response, "wrong-response", "RFC 8489 §9.1.4",
     "answers came that were made with another password than the other side's description has ({})",
     "our copy of its description is mangled or older than the session that answers"},
    {one_way, "one-way", "RFC 8445 §7.2.5.2.3",
     "the other side's checks reach us, and none of the requests sent to it ({}) was answered",
     "a firewall lets UDP in but not out, or the other side does not answer checks"},
    {not_symmetric, "not-symmetric", "RFC 8445 §7.2.5.2.1",
     "answers came from elsewhere than the request went to ({})",
     "a middlebox rewrites addresses in one direction only: use a TURN server"},
    {refused, "refused", "RFC 8445 §7.2.5.2.4", "the other side answers our checks with error {}",
     "400 and 401: the descriptions do not match; 500: ask the other side"},
    {turn_credentials, "turn-credentials", "RFC 8489 §9.2.5",
     "the TURN server does not take this user name and password (401)",
     "check both, and that a time-limited user name has not run out"},
    {turn_quota, "turn-quota", "RFC 8656 §7.4",
     "the TURN server has no allocation left for this user (error {})",
     "end other calls of this user, or raise the server's quota"},
    {turn_refused, "turn-refused", "RFC 8656 §7.4",
     "the TURN server refused the allocation (error {})", "its log tells why"},
    {not_permitted, "not-permitted", "RFC 8656 §9.3",
     "the TURN server does not relay to the other side's addresses (403 for {} of them)",
     "servers commonly refuse private and loopback peers: the other side needs a public or relayed "
     "candidate, or the server --allowed-peer-ip"},
    {udp_blocked, "udp-blocked", "RFC 8656 §3.1",
     "neither the servers nor the other side answered a single datagram: UDP does not get out",
     "a TURN server over TCP or TLS: turn:HOST?transport=tcp, turns:HOST:443"},
    {tcp_refused, "tcp-refused", "RFC 6544 §7.1",
     "none of the TCP connections to the other side ({}) could be made",
     "a firewall lets none in there: a TURN server over TLS, turns:HOST:443, lets both meet"},
    {turn_silent, "turn-silent", "RFC 8489 §6.2.1", "no TURN server answers ({} asked)",
     "check address, port and transport; try ?transport=tcp or turns:"},
    {relay_only_without_relay, "relay-only", "RFC 9429 §3.5.3",
     "only relays may be used, and there is none",
     "give a TURN server that answers, or allow other candidates"},
    {unreachable, "unreachable", "RFC 8445 §7.2.5.2.2",
     "the network says that nobody listens on any of the addresses tried ({})",
     "the other side is gone, or its candidates are of another network than this one"},
    {mapping, "mapping", "RFC 4787 §4.1",
     "the NAT here gives each destination another port, so the address told to the other side is "
     "not the one it would see",
     "a TURN server: --turn. `rill nat HOST` tells more about this NAT"},
    {no_stun, "no-stun", "RFC 8445 §5.1.1.2",
     "this machine has only private addresses, and no server was asked how it looks from outside",
     "give a STUN server: --stun, or a TURN server: --turn"},
    {no_relay, "no-relay", "RFC 8445 §5.1.1.2",
     "none of the pairs tried ({}) was answered, and there is no relay to fall back to",
     "firewalls or NATs on both sides drop what they did not ask for: give a TURN server, --turn"},
    {silent, "silent", "RFC 8445 §7.2.5.2.3",
     "none of the pairs tried ({}) was answered, through relays neither",
     "the other side is gone, has not got our description, or its own server does not relay"},
    {names_unresolved, "names-unresolved", "draft-ietf-mmusic-mdns-ice-candidates §3.2.1",
     "candidates of the other side are .local names that no mDNS answer came for ({})",
     "on one link multicast DNS (UDP 5353) must pass between the machines"},
    {stun_silent, "stun-silent", "RFC 8489 §6.2.1", "STUN servers do not answer ({})",
     "check address and port; is UDP let out to it?"},
    {patience, "patience", "RFC 8863 §4",
     "checks are still under way: ICE gives up {} s from now at the earliest", "wait"},
};

size_t rill_ice_causes(const struct rill_ice_facts *facts, struct rill_cause *out, size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; n < cap && i < sizeof rules / sizeof rules[0]; i++) {
        uint64_t value = rules[i].fits(facts);
        if (value)
            out[n++] = (struct rill_cause){rules[i].name, rules[i].clause, rules[i].sentence,
                                           rules[i].advice, value};
    }
    return n;
}
