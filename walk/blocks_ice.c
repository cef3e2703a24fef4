/* blocks_ice: candidates, their numbers, and the checks. */
#include "walk/pages.h"

#include "base/digest.h"
#include "ice/cand.h"
#include "stun/msg.h"
#include "walk/show.h"

#include <inttypes.h>
#include <string.h>

/* --- datagrams -------------------------------------------------------------------------------- */

static bool of_server(const struct walk_row *row)
{
    struct rill_addr server = walk_address(WALK_STUN_SERVER);
    return row->who == WALK_STUN_SERVER || rill_addr_equal(&row->to, &server) ||
           rill_addr_equal(&row->from, &server);
}

static bool uses(const struct walk_row *row, uint16_t type)
{
    struct rill_stun_msg m;
    struct rill_view v;
    return rill_stun_decode(row->text, &m, NULL) >= 0 && rill_stun_find(&m, type, &v);
}

/* What a block of a STUN message asks for, in its `what`: "query" of the server, "answer" of the
 * server, "check", "response", "nomination"; arrived: the same as it came. */
static bool wanted(const struct walk_row *row, const char *what)
{
    bool request = (row->text.p[0] & 1) == 0, server = of_server(row);
    if (strcmp(what, "query") == 0 || strcmp(what, "answer") == 0)
        return server && request == (what[0] == 'q');
    if (strcmp(what, "nomination") == 0)
        return !server && request && uses(row, RILL_STUN_USE_CANDIDATE);
    return !server && request == (what[0] == 'c');
}

static const struct walk_row *find_stun(const struct walk_world *w, enum walk_kind kind,
                                        enum walk_place who, const char *what)
{
    size_t at = 0;
    const struct walk_row *row;
    do
        row = walk_next(&w->record, &at, kind, who, "stun");
    while (row && !wanted(row, what));
    return row;
}

static void sent(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    const struct walk_row *row = find_stun(w, WALK_DATAGRAM, b->who, b->what);
    show_datagram(out, row, 0);
    show_fields(out, RILL_DISSECT_DATAGRAM, row->text, NULL, 0, b->deepest);
}

static void arrived(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    const struct walk_row *row = find_stun(w, WALK_ARRIVED, b->who, b->what);
    fputs("At ", out);
    show_time(out, row->at);
    fprintf(out, " the same %zu bytes come to %s, from `", row->text.n, walk_place_name(row->who));
    show_addr(out, &row->from);
    fputs("`.\n", out);
}

/* XOR-MAPPED-ADDRESS undone by hand. */
static void xor
    (FILE * out, const struct walk_world *w, const struct walk_block *b) {
        const struct walk_row *row = find_stun(w, WALK_DATAGRAM, WALK_STUN_SERVER, "answer");
        struct rill_stun_msg m;
        struct rill_view v;
        struct rill_addr a;
        (void)b;
        if (rill_stun_decode(row->text, &m, NULL) < 0 ||
            !rill_stun_find(&m, RILL_STUN_XOR_MAPPED_ADDRESS, &v) ||
            !rill_stun_value_addr(v, true, m.txid, &a))
            return;
        unsigned port = (unsigned)v.p[2] << 8 | v.p[3];
        fprintf(out, "```\nX-Port     %04x  XOR  2112      =  %04x      =  %u\nX-Address  ", port,
                port ^ 0x2112, a.port);
        for (int i = 4; i < 8; i++)
            fprintf(out, "%02x", v.p[i]);
        fputs("  XOR  2112a442  =  ", out);
        for (int i = 0; i < 4; i++)
            fprintf(out, "%02x", a.ip[i]);
        fputs("  =  ", out);
        a.port = 0;
        show_addr(out, &a);
        fputs("\n```\n", out);
    }

    /* --- candidates
       ------------------------------------------------------------------------------- */

    static const char *const types[] = {"host", "srflx", "prflx", "relay"};

static void candidates(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    size_t at = 0;
    const struct walk_row *row;
    fputs("| when | m-line | candidate |\n|---|---|---|\n", out);
    while ((row = walk_next(&w->record, &at, WALK_CANDIDATE, b->who, NULL)) != NULL) {
        fputs("| ", out);
        show_time(out, row->at);
        fprintf(out, " | %s | ", row->what);
        if (row->text.n)
            fprintf(out, "`%.*s` |\n", (int)row->text.n, (const char *)row->text.p);
        else
            fputs("an empty one: there are no more |\n", out);
    }
}

/* The priority of each candidate of the first m-line, by its parts. */
static void priorities(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    size_t at = 0;
    const struct walk_row *row;
    struct rill_ice_cand_line c;
    fputs("```\n", out);
    while ((row = walk_next(&w->record, &at, WALK_CANDIDATE, b->who, "0")) != NULL) {
        if (!row->text.n || rill_ice_cand_parse(row->text, &c, NULL) < 0)
            continue;
        uint32_t type = c.priority >> 24, local = c.priority >> 8 & 0xffff;
        fprintf(out,
                "%-5s  2^24 × %3" PRIu32 "  +  2^8 × %5" PRIu32 "  +  256 − %" PRIu32
                "  =  %10" PRIu32 "\n",
                types[c.type], type, local, c.component, c.priority);
    }
    fputs("```\n", out);
}

/* --- pairs ------------------------------------------------------------------------------------ */

static uint64_t number_behind(struct rill_view text, const char *name)
{
    const char *at = strstr((const char *)text.p, name);
    uint64_t n = 0;
    for (at = at ? at + strlen(name) : ""; *at >= '0' && *at <= '9'; at++)
        n = 10 * n + (uint64_t)(*at - '0');
    return n;
}

/* RFC 8445 §6.1.2.3 read backwards: low × 2^32 + 2 × high + (G > D). */
static void pairs(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    size_t at = 0;
    const struct walk_row *row;
    fputs("```\n", out);
    while ((row = walk_next(&w->record, &at, WALK_DECISION, b->who, "ice pair_formed")) != NULL) {
        uint64_t p = number_behind(row->text, "priority=");
        uint64_t low = p >> 32, rest = p & 0xffffffff;
        fprintf(out, "%.*s\n", (int)strcspn((const char *)row->text.p, "(") - 1,
                (const char *)row->text.p);
        fprintf(out, "  2^32 × %" PRIu64 "  +  2 × %" PRIu64 "  +  %" PRIu64 "  =  %" PRIu64 "\n",
                low, rest / 2, rest % 2, p);
    }
    fputs("```\n", out);
}

/* Everything that ICE decided about pairs, of both clients, from step 19 until both have selected.
 */
static void checks(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    static const char *const shown[] = {"ice check",       "ice pair_state", "ice pair_valid",
                                        "ice state",       "ice nominating", "ice selected",
                                        "peer dtls_starts"};
    int selected = 0;
    size_t begins = 0;
    (void)b;
    fputs("```\n", out);
    for (size_t i = 0; i < w->record.n && selected < WALK_CLIENTS; i++) {
        const struct walk_row *row = &w->record.rows[i];
        if (row->kind == WALK_STEP && row->step == 18)
            begins = i;
        if (!begins || row->kind != WALK_DECISION)
            continue;
        for (size_t k = 0; k < sizeof shown / sizeof shown[0]; k++)
            if (strncmp(row->what, shown[k], strlen(shown[k])) == 0)
                show_decision(out, &w->record, begins, i);
        selected += strcmp(row->what, "ice selected") == 0;
    }
    fputs("```\n", out);
}

static void one_decision(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    const struct walk_row *row = walk_find(&w->record, WALK_DECISION, b->who, b->what);
    fputs("```\n", out);
    if (row)
        show_decision(out, &w->record, 0, (size_t)(row - w->record.rows));
    fputs("```\n", out);
}

/* The HMAC of the first check, computed here from what the answer told. */
static void integrity(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    (void)b;
    const struct walk_row *row = find_stun(w, WALK_DATAGRAM, WALK_CLIENT1, "check");
    struct rill_view sdp =
        walk_find(&w->record, WALK_DESCRIPTION, WALK_CLIENT1, "remote answer")->text;
    const char *pwd = strstr((const char *)sdp.p, "a=ice-pwd:") + strlen("a=ice-pwd:");
    struct rill_view key = rill_view_at(pwd, strcspn(pwd, "\r\n"));
    struct rill_stun_msg m;
    uint8_t head[256], mac[RILL_SHA1_SIZE];
    if (rill_stun_decode(row->text, &m, NULL) < 0 || m.integrity_at > sizeof head)
        return;
    memcpy(head, row->text.p, m.integrity_at);
    size_t length = m.integrity_at + 24 - RILL_STUN_HEADER;
    head[2] = (uint8_t)(length >> 8);
    head[3] = (uint8_t)length;
    rill_hmac(RILL_SHA1, key, rill_view_at(head, m.integrity_at), mac);
    fprintf(out, "```\nkey         %.*s   (the a=ice-pwd of the answer)\n", (int)key.n,
            (const char *)key.p);
    fprintf(out, "over        the first %zu bytes, with %zu as message length\nHMAC-SHA1   ",
            m.integrity_at, length);
    show_bytes(out, rill_view_at(mac, sizeof mac), 0);
    fputs("\nattribute   ", out);
    show_bytes(out, rill_view_sub(row->text, m.integrity_at + 4, RILL_SHA1_SIZE), 0);
    fputs("\n```\n", out);
}

const struct walk_block walk_ice_blocks[] = {
    {"stun-request", sent, WALK_CLIENT1, "query", 0, 0, 0},
    {"stun-arrives", arrived, WALK_STUN_SERVER, "query", 0, 0, 0},
    {"stun-response", sent, WALK_STUN_SERVER, "answer", 0, 0, 0},
    {"stun-xor", xor, WALK_STUN_SERVER, NULL, 0, 0, 0},
    {"candidates-1", candidates, WALK_CLIENT1, NULL, 0, 0, 0},
    {"priorities-1", priorities, WALK_CLIENT1, NULL, 0, 0, 0},
    {"candidates-2", candidates, WALK_CLIENT2, NULL, 0, 0, 0},
    {"redundant-2", one_decision, WALK_CLIENT2, "ice candidate_redundant", 0, 0, 0},
    {"pairs-2", pairs, WALK_CLIENT2, NULL, 0, 0, 0},
    {"pairs-1", pairs, WALK_CLIENT1, NULL, 0, 0, 0},
    {"checks", checks, WALK_CLIENT1, NULL, 0, 0, 0},
    {"check-request", sent, WALK_CLIENT1, "check", 0, 0, 1},
    {"check-arrives", arrived, WALK_CLIENT2, "check", 0, 0, 0},
    {"check-integrity", integrity, WALK_CLIENT1, NULL, 0, 0, 0},
    {"check-response", sent, WALK_CLIENT2, "response", 0, 0, 1},
    {"nomination", sent, WALK_CLIENT1, "nomination", 0, 0, 1},
    {.name = NULL},
};
