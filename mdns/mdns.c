/* mdns: the verbs, links and events. */
#include "mdns/private.h"

#include "base/arena.h"

#include <string.h>

static const struct rill_trace_point joined_point = {
    "mdns",
    "joined",
    "the group was joined on an interface, or could not be",
    3,
    {{"interface", RILL_TRACE_U64}, {"group", RILL_TRACE_ADDR}, {"port_5353", RILL_TRACE_U64}}};

static const struct rill_trace_point dropped_point = {
    "mdns",
    "dropped",
    "a message was not read, for the reason given",
    2,
    {{"from", RILL_TRACE_ADDR}, {"reason", RILL_TRACE_TEXT}}};

static const struct rill_trace_point received_point = {
    "mdns",
    "datagram_received",
    "a message came",
    3,
    {{"local", RILL_TRACE_ADDR}, {"remote", RILL_TRACE_ADDR}, {"bytes", RILL_TRACE_BYTES}}};

static const struct rill_trace_point sent_point = {
    "mdns",
    "datagram_sent",
    "a message left",
    3,
    {{"local", RILL_TRACE_ADDR}, {"remote", RILL_TRACE_ADDR}, {"bytes", RILL_TRACE_BYTES}}};

static size_t cap_or(size_t cap, size_t otherwise)
{
    return cap ? cap : otherwise;
}

static struct rill_mdns *carve(struct rill_arena *a, const struct rill_mdns_config *c)
{
    struct rill_mdns *x = rill_arena_take(a, 1, sizeof *x);
    struct rill_mdns tables = {
        .rng = c->rng,
        .trace = c->trace,
        .multicast_at = INT64_MIN,
        .cap_links = cap_or(c->links, 16),
        .cap_names = cap_or(c->names, 16),
        .cap_questions = cap_or(c->questions, 32),
    };
    tables.links = rill_arena_take(a, tables.cap_links, sizeof *x->links);
    tables.names = rill_arena_take(a, tables.cap_names, sizeof *x->names);
    tables.questions = rill_arena_take(a, tables.cap_questions, sizeof *x->questions);
    if (!x || a->bad)
        return NULL;
    *x = tables;
    return x;
}

size_t rill_mdns_size(const struct rill_mdns_config *config)
{
    struct rill_arena a = rill_arena_counting();
    if (config->links > RILL_MDNS_LINKS_MAX)
        return 0;
    carve(&a, config);
    return rill_arena_size(&a);
}

struct rill_mdns *rill_mdns_init(void *block, const struct rill_mdns_config *config)
{
    struct rill_arena a = rill_arena_over(block, rill_mdns_size(config));
    return config->links > RILL_MDNS_LINKS_MAX ? NULL : carve(&a, config);
}

int rill_mdns_read_name(struct rill_view text, struct rill_dns_name *out)
{
    struct rill_view rest, label = rill_view_cut(text, '.', &rest);
    if (label.n == 0 || label.n > 63 || !rill_view_is_nocase(rest, "local") ||
        rill_dns_name_of(text, out, NULL) < 0)
        return rill_mdns_refuse(RILL_MDNS_NAME, text.n, NULL);
    return 0;
}

/* --- links ---------------------------------------------------------------------------------- */

struct rill_addr rill_mdns_group(const struct rill_mdns_link *l)
{
    static const uint8_t ip6[16] = {0xff, 0x02, [15] = 0xfb}; /* RFC 6762 §3 */
    struct rill_addr a = rill_addr_ip4(224, 0, 0, 251, RILL_MDNS_PORT);
    if (l->family == RILL_ADDR_IP6) {
        a.family = RILL_ADDR_IP6;
        memcpy(a.ip, ip6, sizeof ip6);
    }
    a.scope = l->interface;
    return a;
}

uint32_t rill_mdns_open_links(const struct rill_mdns *x)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < x->cap_links; i++)
        if (x->links[i].used && x->links[i].open)
            bits |= UINT32_C(1) << i;
    return bits;
}

static struct rill_mdns_link *find(struct rill_mdns *x, uint32_t interface, uint8_t family)
{
    for (size_t i = 0; i < x->cap_links; i++)
        if (x->links[i].used && x->links[i].interface == interface && x->links[i].family == family)
            return &x->links[i];
    return NULL;
}

/* Sockets that are still to be given back keep their slot. */
static bool is_free(const struct rill_mdns_link *l)
{
    return !l->used && !l->closing[0] && !l->closing[1] && !l->asked;
}

int rill_mdns_link_up(struct rill_mdns *x, int64_t now, uint32_t interface, enum rill_family f)
{
    x->now = now;
    if (x->closed || find(x, interface, (uint8_t)f))
        return 0;
    for (size_t i = 0; i < x->cap_links; i++) {
        if (!is_free(&x->links[i]))
            continue;
        x->links[i] = (struct rill_mdns_link){.used = true,
                                              .tell = true,
                                              .interface = interface,
                                              .family = (uint8_t)f,
                                              .request = ++x->next_request};
        return 0;
    }
    return rill_mdns_refuse(RILL_MDNS_TOO_MANY, x->cap_links, NULL);
}

static void put_down(struct rill_mdns *x, struct rill_mdns_link *l)
{
    uint32_t bit = UINT32_C(1) << (l - x->links);
    l->used = l->open = l->tell = false;
    l->closing[0] = l->group;
    l->closing[1] = l->own;
    l->group = l->own = RILL_MDNS_NO_SOCKET;
    for (size_t i = 0; i < x->cap_names; i++) {
        struct rill_mdns_name *n = &x->names[i];
        n->pending &= ~bit;
        n->told &= ~bit;
        if (n->goodbye && !n->pending)
            n->used = false; /* nobody is left to be told */
    }
    for (size_t i = 0; i < x->cap_questions; i++)
        x->questions[i].pending &= ~bit;
}

void rill_mdns_link_down(struct rill_mdns *x, int64_t now, uint32_t interface, enum rill_family f)
{
    struct rill_mdns_link *l = find(x, interface, (uint8_t)f);
    x->now = now;
    if (l)
        put_down(x, l);
}

void rill_mdns_joined(struct rill_mdns *x, int64_t now, uint32_t request, uint32_t group,
                      uint32_t own)
{
    x->now = now;
    for (size_t i = 0; i < x->cap_links; i++) {
        struct rill_mdns_link *l = &x->links[i];
        if (!l->asked || l->request != request)
            continue;
        struct rill_addr to = rill_mdns_group(l);
        l->asked = false;
        l->group = group;
        l->own = own;
        l->open = l->used && (group || own);
        RILL_TRACE(x->trace, now, joined_point, {.u = l->interface}, {.addr = &to},
                   {.u = group != RILL_MDNS_NO_SOCKET});
        if (!l->used) { /* it went meanwhile */
            put_down(x, l);
            return;
        }
        rill_mdns_questions_link(x, now, i);
        rill_mdns_names_link(x, now, i);
        return;
    }
}

/* --- time and datagrams --------------------------------------------------------------------- */

static int take(struct rill_mdns *x, int64_t now, const struct rill_path *path,
                struct rill_view datagram, struct rill_err *why)
{
    struct rill_dns_cursor c;
    struct rill_dns_header header;
    size_t link = 0;
    if (path->socket == RILL_MDNS_NO_SOCKET)
        link = x->cap_links;
    while (link < x->cap_links && (!x->links[link].used || (x->links[link].group != path->socket &&
                                                            x->links[link].own != path->socket)))
        link++;
    if (link == x->cap_links)
        return rill_mdns_refuse(RILL_MDNS_SOCKET, path->socket, why);
    int rc = rill_dns_begin(datagram, &c, &header, why);
    if (rc < 0)
        return rc;
    if (header.opcode)
        return rill_mdns_refuse(RILL_MDNS_OPCODE, header.opcode, why);
    if (header.rcode)
        return rill_mdns_refuse(RILL_MDNS_RCODE, header.rcode, why);
    if (!header.response)
        return rill_mdns_query(x, now, link, path, datagram, why);
    /* RFC 6762 §6: "The source UDP port in all Multicast DNS responses MUST be 5353". */
    if (path->remote.port != RILL_MDNS_PORT)
        return rill_mdns_refuse(RILL_MDNS_SOURCE_PORT, path->remote.port, why);
    return rill_mdns_response(x, link, path->socket == x->links[link].own, datagram, why);
}

int rill_mdns_input(struct rill_mdns *x, int64_t now, const struct rill_path *path,
                    struct rill_view datagram, struct rill_err *why)
{
    struct rill_err reason = {0};
    x->now = now;
    if (x->closed)
        return 0;
    RILL_TRACE(x->trace, now, received_point, {.addr = NULL}, {.addr = &path->remote},
               {.view = datagram});
    int rc = take(x, now, path, datagram, &reason);
    if (rc < 0)
        RILL_TRACE(x->trace, now, dropped_point, {.addr = &path->remote},
                   {.view = rill_view_of(reason.row ? reason.row->sentence : "")});
    if (why)
        *why = reason;
    return rc;
}

void rill_mdns_tick(struct rill_mdns *x, int64_t now)
{
    x->now = now;
    if (x->closed)
        return;
    rill_mdns_questions_tick(x, now);
    rill_mdns_names_tick(x, now);
}

size_t rill_mdns_output(struct rill_mdns *x, int64_t now, struct rill_path *path,
                        struct rill_span out)
{
    x->now = now;
    size_t n = rill_mdns_answers_output(x, path, out);
    /* Goodbyes are said once and at once: who closes does not stay. */
    if (n == 0 && (now >= x->multicast_at || x->closed)) {
        n = rill_mdns_questions_output(x, path, out);
        if (n == 0)
            n = rill_mdns_names_output(x, now, path, out);
        if (n > 0)
            x->multicast_at = now + RILL_MDNS_PACE;
    }
    if (n > 0)
        RILL_TRACE(x->trace, now, sent_point, {.addr = NULL}, {.addr = &path->remote},
                   {.view = rill_view_at(out.p, n)});
    return n;
}

int64_t rill_mdns_deadline(const struct rill_mdns *x)
{
    int64_t at = rill_earlier(rill_mdns_questions_deadline(x), rill_mdns_names_deadline(x));
    if (x->n_answers)
        return x->now;
    /* What is due may have to wait for its turn. */
    return at < x->multicast_at ? x->multicast_at : at;
}

bool rill_mdns_event(struct rill_mdns *x, struct rill_mdns_event *out)
{
    for (size_t i = 0; i < x->cap_links; i++) {
        struct rill_mdns_link *l = &x->links[i];
        for (size_t k = 0; k < 2; k++) {
            if (!l->closing[k])
                continue;
            *out = (struct rill_mdns_event){.type = RILL_MDNS_EVENT_CLOSE, .socket = l->closing[k]};
            l->closing[k] = RILL_MDNS_NO_SOCKET;
            return true;
        }
        if (!l->tell)
            continue;
        l->tell = false;
        l->asked = true;
        *out = (struct rill_mdns_event){
            .type = RILL_MDNS_EVENT_JOIN, .request = l->request, .addr = rill_mdns_group(l)};
        return true;
    }
    return rill_mdns_question_event(x, out);
}

void rill_mdns_close(struct rill_mdns *x, int64_t now)
{
    x->now = now;
    x->closed = true;
    x->n_answers = 0;
    for (size_t i = 0; i < x->cap_questions; i++)
        x->questions[i].used = false;
    for (size_t i = 0; i < x->cap_names; i++)
        if (x->names[i].used)
            rill_mdns_goodbye(x, &x->names[i]);
}
