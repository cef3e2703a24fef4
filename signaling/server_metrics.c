/* server_metrics: what /metrics tells, in Prometheus' text format 0.0.4.
 *
 * The idea: what only grows is counted where it happens, in plain numbers; what comes and goes is
 * looked at when somebody asks. Labels come from tables that are fixed when the server is built, so
 * nobody outside can make more of them. */
#include "signaling/server_private.h"

static const char *const hit_names[SERVER_N_HITS] = {
    [SERVER_HIT_CONNECTIONS] = "connections",
    [SERVER_HIT_ADDRESS] = "connections_of_address",
    [SERVER_HIT_SESSIONS] = "sessions",
    [SERVER_HIT_HEAD] = "head",
    [SERVER_HIT_BODY] = "body",
    [SERVER_HIT_MESSAGE] = "message",
    [SERVER_HIT_RATE] = "rate",
    [SERVER_HIT_UNREAD] = "unread",
    [SERVER_HIT_TIME] = "time",
};

/* All that rill_server_reply() is ever given, and 101. */
static const unsigned statuses[] = {101, 200, 204, 400, 403, 404, 405,
                                    411, 413, 426, 431, 501, 503, 505};

void rill_server_count_status(struct rill_sig_server *x, unsigned status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        x->counts.statuses[i] += statuses[i] == status;
}

void rill_server_count_row(struct rill_sig_server *x, int row)
{
    int i = -row - RILL_ERR_SIGNALING - 1;
    if (row < 0 && i >= 0 && i < RILL_SIGNALING_ROWS)
        x->counts.rows[i]++;
}

/* --- the format ---------------------------------------------------------------------- */

static void family(struct rill_writer *w, const char *name, const char *type, const char *help)
{
    rill_w_str(w, "# HELP rill_");
    rill_w_str(w, name);
    rill_w_char(w, ' ');
    rill_w_str(w, help);
    rill_w_str(w, "\n# TYPE rill_");
    rill_w_str(w, name);
    rill_w_char(w, ' ');
    rill_w_str(w, type);
    rill_w_char(w, '\n');
}

static void label(struct rill_writer *w, const char *name, const char *value, char behind)
{
    rill_w_str(w, name);
    rill_w_str(w, "=\"");
    rill_w_str(w, value);
    rill_w_char(w, '"');
    rill_w_char(w, behind);
}

static void value(struct rill_writer *w, uint64_t v)
{
    rill_w_char(w, ' ');
    rill_w_dec(w, v);
    rill_w_char(w, '\n');
}

static void sample(struct rill_writer *w, const char *name, const char *label_name,
                   const char *label_value, uint64_t v)
{
    rill_w_str(w, "rill_");
    rill_w_str(w, name);
    if (label_name) {
        rill_w_char(w, '{');
        label(w, label_name, label_value, '}');
    }
    value(w, v);
}

static void alone(struct rill_writer *w, const char *name, const char *type, const char *help,
                  uint64_t v)
{
    family(w, name, type, help);
    sample(w, name, NULL, NULL, v);
}

/* --- what comes and goes ------------------------------------------------------------- */

static void write_connections(const struct rill_sig_server *x, struct rill_writer *w)
{
    uint64_t http = 0, by_use[3] = {0};
    for (size_t i = 0; i < x->config.connections; i++) {
        const struct rill_server_conn *c = &x->conns[i];
        if (c->used && c->ws)
            by_use[c->use]++;
        else
            http += c->used;
    }
    family(w, "connections", "gauge", "Connections now, by what they are for.");
    sample(w, "connections", "kind", "http", http);
    sample(w, "connections", "kind", "websocket", by_use[SERVER_USE_VOCABULARY]);
    sample(w, "connections", "kind", "echo", by_use[SERVER_USE_ECHO]);
    sample(w, "connections", "kind", "session", by_use[SERVER_USE_SESSION]);
}

static void write_sessions(const struct rill_sig_server *x, struct rill_writer *w)
{
    uint64_t polling = 0, websocket = 0;
    for (size_t i = 0; i < x->config.sessions; i++) {
        const struct rill_server_session *s = &x->sessions[i];
        websocket += s->used && s->ws;
        polling += s->used && !s->ws;
    }
    family(w, "sessions", "gauge", "Socket.IO and Engine.IO sessions now.");
    sample(w, "sessions", "transport", "polling", polling);
    sample(w, "sessions", "transport", "websocket", websocket);
}

static void write_held(const struct rill_sig_server *x, struct rill_writer *w)
{
    struct rill_rooms_held held = rill_rooms_held(x->rooms);
    alone(w, "rooms", "gauge", "Rooms with somebody in them.", x->n_rooms);
    alone(w, "members", "gauge", "Clients in rooms.", x->n_members);
    alone(w, "offers", "gauge", "Offers held.", held.offers);
    alone(w, "candidates", "gauge", "Candidates held.", held.candidates);
}

/* --- what grows ---------------------------------------------------------------------- */

static void write_event(struct rill_writer *w, const char *direction, const char *event, uint64_t v)
{
    rill_w_str(w, "rill_messages_total{");
    label(w, "direction", direction, ',');
    label(w, "event", event, '}');
    value(w, v);
}

static void write_messages(const struct rill_sig_server *x, struct rill_writer *w)
{
    family(w, "messages_total", "counter", "Messages of the vocabulary, by direction and event.");
    for (int i = RILL_SIG_AUTH; i < RILL_SIG_AVAILABLE_OFFERS; i++)
        write_event(w, "in", rill_sig_type_name((enum rill_sig_type)i), x->counts.in[i]);
    write_event(w, "in", "unknown", x->counts.in[RILL_SIG_UNKNOWN]);
    for (int i = RILL_SIG_AVAILABLE_OFFERS; i < RILL_SIG_UNKNOWN; i++)
        write_event(w, "out", rill_sig_type_name((enum rill_sig_type)i), x->counts.out[i]);
}

static void write_refusals(const struct rill_sig_server *x, struct rill_writer *w)
{
    family(w, "refusals_total", "counter", "Refusals by the row of signaling_errors.def.");
    for (size_t i = 0; i < rill_signaling_errors.n; i++)
        if (x->counts.rows[i])
            sample(w, "refusals_total", "row", rill_signaling_errors.rows[i].name,
                   x->counts.rows[i]);
    family(w, "limit_hits_total", "counter", "How often a limit was met, by what it bounds.");
    for (size_t i = 0; i < SERVER_N_HITS; i++)
        sample(w, "limit_hits_total", "limit", hit_names[i], x->counts.hits[i]);
}

static void write_responses(const struct rill_sig_server *x, struct rill_writer *w)
{
    family(w, "http_responses_total", "counter", "Answers to requests, by status.");
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        char code[4] = {(char)('0' + statuses[i] / 100), (char)('0' + statuses[i] / 10 % 10),
                        (char)('0' + statuses[i] % 10), 0};
        sample(w, "http_responses_total", "status", code, x->counts.statuses[i]);
    }
}

void rill_server_write_metrics(const struct rill_sig_server *x, int64_t now, struct rill_writer *w)
{
    family(w, "build_info", "gauge", "The version that runs.");
    sample(w, "build_info", "version", x->config.version, 1);
    alone(w, "uptime_seconds", "gauge", "Since the server began.",
          (uint64_t)((now - x->config.began) / RILL_SECOND));
    alone(w, "draining", "gauge", "1 when nobody new is let in.", x->draining);
    write_connections(x, w);
    write_sessions(x, w);
    write_held(x, w);
    alone(w, "connections_total", "counter", "Connections taken.", x->counts.connections);
    alone(w, "sessions_total", "counter", "Sessions begun.", x->counts.sessions);
    alone(w, "received_bytes_total", "counter", "Bytes of connections, in.", x->counts.bytes_in);
    alone(w, "sent_bytes_total", "counter", "Bytes of connections, out.", x->counts.bytes_out);
    alone(w, "access_log_lost_total", "counter", "Records that nobody fetched in time.",
          x->counts.log_lost);
    write_responses(x, w);
    write_messages(x, w);
    write_refusals(x, w);
}
