/* ice/why_lines: each server and each pair in a line of words: what was sent, what came back, and
 * by which clause it counts as failed. */
#include "ice/why.h"

static void put_number(struct rill_writer *w, uint64_t n, const char *one, const char *many)
{
    rill_w_dec(w, n);
    rill_w_str(w, n == 1 ? one : many);
}

static void put_failure(struct rill_writer *w, enum rill_ice_failure failure, unsigned code)
{
    rill_w_str(w, rill_ice_failure_text(failure));
    if (failure == RILL_ICE_ERROR_RESPONSE && code) {
        rill_w_str(w, ", ");
        rill_w_dec(w, code);
    }
    rill_w_str(w, " (");
    rill_w_str(w, rill_ice_failure_clause(failure));
    rill_w_str(w, ")");
}

/* RFC 7064, RFC 7065. */
static void put_server(struct rill_writer *w, const struct rill_ice_server_stats *s)
{
    const char *scheme = !s->turn ? "stun:" : s->proto == RILL_PROTO_TLS ? "turns:" : "turn:";
    rill_w_str(w, scheme);
    rill_addr_write(w, &s->addr);
    if (s->turn)
        rill_w_str(w, s->proto == RILL_PROTO_UDP ? "?transport=udp" : "?transport=tcp");
}

static void server_line(struct rill_writer *w, const struct rill_ice_server_stats *s)
{
    rill_w_str(w, "server ");
    put_server(w, s);
    rill_w_str(w, ": ");
    if (!s->turn)
        put_number(w, s->requests_sent, " request, ", " requests, ");
    if (s->answered) {
        rill_w_str(w, s->turn ? "relays at " : "sees us at ");
        rill_addr_write(w, s->turn ? &s->relayed : &s->mapped);
        if (s->mappings_differ)
            rill_w_str(w, ", another server elsewhere");
    } else if (s->why.row) {
        rill_err_write(w, &s->why);
        rill_w_str(w, " (");
        rill_w_str(w, s->why.row->clause);
        rill_w_str(w, ")");
    } else if (s->failure) {
        put_failure(w, s->failure, s->error_code);
    } else {
        rill_w_str(w, s->asked ? "no answer yet" : "not asked");
    }
}

static void put_cand(struct rill_writer *w, const struct rill_ice_cand *c)
{
    rill_w_str(w, rill_ice_type_name(c->type));
    rill_w_str(w, c->proto == RILL_PROTO_TCP ? " tcp " : " ");
    rill_addr_write(w, &c->addr);
}

static void put_fate(struct rill_writer *w, const struct rill_ice_pair_stats *p)
{
    const struct rill_ice_pair_counts *c = &p->counts;
    if (p->failure) {
        put_failure(w, p->failure, p->error_code);
    } else if (p->valid) {
        rill_w_str(w, p->selected   ? "in use, "
                      : p->previous ? "of before the restart, "
                                    : "works, ");
        rill_w_dec(w, (uint64_t)(p->current_rtt < 0 ? 0 : p->current_rtt) / RILL_MS);
        rill_w_str(w, " ms there and back");
    } else if (p->error_code) {
        rill_w_str(w, "an error response, ");
        rill_w_dec(w, p->error_code);
    } else {
        rill_w_str(w, c->first_request < 0 ? "not tried" : "no answer yet");
    }
}

static void pair_line(struct rill_writer *w, const struct rill_ice_pair_stats *p)
{
    const struct rill_ice_pair_counts *c = &p->counts;
    rill_w_str(w, "pair ");
    put_cand(w, &p->local);
    rill_w_str(w, " ~ ");
    put_cand(w, &p->remote);
    rill_w_str(w, ": ");
    put_number(w, c->requests_sent + c->consent_requests_sent, " request", " requests");
    if (c->retransmissions_sent) {
        rill_w_str(w, " and ");
        rill_w_dec(w, c->retransmissions_sent);
        rill_w_str(w, " again");
    }
    rill_w_str(w, ", ");
    put_number(w, c->responses_received, " answer, ", " answers, ");
    put_number(w, c->requests_received, " request came: ", " requests came: ");
    put_fate(w, p);
}

void rill_ice_why_summary(const struct rill_ice_facts *facts, struct rill_writer *w)
{
    put_number(w, facts->pairs, " pair, ", " pairs, ");
    put_number(w, facts->requests_sent, " request sent, ", " requests sent, ");
    put_number(w, facts->responses_received, " answer, ", " answers, ");
    put_number(w, facts->requests_received, " request came", " requests came");
}

bool rill_ice_why_line(const struct rill_ice *x, size_t *at, struct rill_writer *w)
{
    struct rill_ice_server_stats server;
    struct rill_ice_pair_stats pair;
    /* Servers first: an odd *at is that of a server, an even one that of a pair. */
    size_t i = *at / 2;
    if (*at % 2 == 1 || *at == 0) {
        if (rill_ice_next_server(x, &i, &server)) {
            *at = 2 * i + 1;
            server_line(w, &server);
            return true;
        }
        i = 0;
    }
    if (!rill_ice_next_pair(x, &i, &pair))
        return false;
    *at = 2 * i;
    pair_line(w, &pair);
    return true;
}
