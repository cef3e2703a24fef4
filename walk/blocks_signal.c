/* blocks_signal: what goes through the signaling server. */
#include "walk/pages.h"

#include "signaling/ws.h"
#include "walk/show.h"

#include <string.h>

/* The nth head or frame (b->what) that b->who said. */
static const struct walk_row *said(const struct walk_world *w, const struct walk_block *b)
{
    size_t at = 0;
    const struct walk_row *row = NULL;
    for (size_t i = 0; i <= b->nth; i++)
        row = walk_next(&w->record, &at, WALK_SIGNAL, b->who, b->what);
    return row;
}

static void when(FILE *out, const struct walk_row *row)
{
    fputs("At ", out);
    show_time(out, row->at);
    fprintf(out, ", %s, ", walk_place_name(row->who));
}

static void head(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    const struct walk_row *row = said(w, b);
    when(out, row);
    fprintf(out, "%zu bytes:\n\n```\n", row->text.n);
    for (size_t i = 0; i + 2 < row->text.n; i++)
        if (row->text.p[i] != '\r')
            fputc(row->text.p[i], out);
    fputs("```\n", out);
}

static void accept_key(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    const char *head_text = (const char *)said(w, b)->text.p;
    const char *key = strstr(head_text, "Sec-WebSocket-Key: ") + strlen("Sec-WebSocket-Key: ");
    char accepted[29];
    rill_ws_accept_key(rill_view_at(key, 24), accepted);
    fprintf(out,
            "```\nkey        %.24s\nkey + GUID %.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11\n"
            "SHA-1 of that, in base64: %s\n```\n",
            key, key, accepted);
}

static void frame(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    const struct walk_row *row = said(w, b);
    when(out, row);
    fprintf(out, "one WebSocket frame of %zu bytes:\n\n", row->text.n);
    show_hex(out, row->text, b->limit);
    show_fields(out, RILL_DISSECT_WEBSOCKET, row->text, NULL, b->limit, b->deepest);
}

/* The first four bytes of a masked payload, worked out. */
static void unmask(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    struct rill_view v = said(w, b)->text;
    size_t key = (v.p[1] & 0x7f) == 126 ? 4 : 2;
    fputs("| byte | on the wire | key | XOR of both | |\n|---|---|---|---|---|\n", out);
    for (size_t i = 0; i < 6; i++) {
        uint8_t masked = v.p[key + 4 + i], with = v.p[key + i % 4], is = masked ^ with;
        fprintf(out, "| %zu | `%02x` | `%02x` | `%02x` | `%c` |\n", i, masked, with, is, is);
    }
}

static void payload(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    show_payload(out, said(w, b), b->limit);
}

/* All frames that b->who says, from b->nth on: time, size, the event's name. */
static void frames(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    size_t at = 0, n = 0;
    const struct walk_row *row;
    fputs("| when | bytes | what is said |\n|---|---|---|\n", out);
    while ((row = walk_next(&w->record, &at, WALK_SIGNAL, b->who, "frame")) != NULL) {
        if (n++ < b->nth || (b->limit && n > b->limit))
            continue;
        uint8_t text[120];
        struct rill_view v = show_unmask(row->text, (struct rill_span){text, sizeof text});
        fputs("| ", out);
        show_time(out, row->at);
        fprintf(out, " | %zu | `", row->text.n);
        show_text(out, v);
        fputs(v.n == sizeof text ? "…` |\n" : "` |\n", out);
    }
}

/* CLIENT2 from its first byte to the offer. */
static void connects(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    fputs("| when | who | what |\n|---|---|---|\n", out);
    for (size_t i = 0; i < w->record.n; i++) {
        const struct walk_row *row = &w->record.rows[i];
        bool of_client = row->who == b->who || row->who == WALK_SIGNALING;
        if (row->at < w->clients[b->who].starts_at || !of_client)
            continue;
        if (row->kind == WALK_STEP && row->step == 11)
            break;
        if (row->kind != WALK_SIGNAL)
            continue;
        fputs("| ", out);
        show_time(out, row->at);
        fprintf(out, " | %s | %s of %zu bytes |\n", walk_place_name(row->who),
                row->what[0] == 'h' ? "an HTTP head" : "a WebSocket frame", row->text.n);
    }
}

const struct walk_block walk_signal_blocks[] = {
    {"upgrade-request", head, WALK_CLIENT1, "head", 0, 0, 0},
    {"upgrade-response", head, WALK_SIGNALING, "head", 0, 0, 0},
    {"accept-key", accept_key, WALK_CLIENT1, "head", 0, 0, 0},
    {"auth-frame", frame, WALK_CLIENT1, "frame", 0, 0, 0},
    {"auth-unmasked", unmask, WALK_CLIENT1, "frame", 0, 0, 0},
    {"auth-text", payload, WALK_CLIENT1, "frame", 0, 0, 0},
    {"offer-frame", frame, WALK_CLIENT1, "frame", 1, 48, 0},
    {"offer-text", payload, WALK_CLIENT1, "frame", 1, 220, 0},
    {"candidate-frames", frames, WALK_CLIENT1, NULL, 2, 8, 0},
    {"candidate-text", payload, WALK_CLIENT1, "frame", 2, 0, 0},
    {"connects", connects, WALK_CLIENT2, NULL, 0, 0, 0},
    {"auth-text-2", payload, WALK_CLIENT2, "frame", 0, 0, 0},
    {"available-frame", frame, WALK_SIGNALING, "frame", 0, 48, 0},
    {"available-text", payload, WALK_SIGNALING, "frame", 0, 160, 0},
    {"answer-frame", frame, WALK_CLIENT2, "frame", 1, 48, 0},
    {"answer-text", payload, WALK_CLIENT2, "frame", 1, 160, 0},
    {"candidate-frames-2", frames, WALK_CLIENT2, NULL, 2, 8, 0},
    {"ack-text", payload, WALK_SIGNALING, "frame", 1, 0, 0},
    {"response-frame", frame, WALK_SIGNALING, "frame", 2, 48, 0},
    {"passed-on", frames, WALK_SIGNALING, NULL, 2, 0, 0},
    {.name = NULL},
};
