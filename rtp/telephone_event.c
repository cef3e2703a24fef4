/* telephone_event: read, written, and a key that is held (RFC 4733 §2.3, §2.5). */
#include "rtp/telephone_event.h"

#include <string.h>

#define VOLUME 10
#define DURATION_MOST 0xffff

static const struct rill_field fields[] = {
    {"event", 0, 8, "RFC 4733 §2.3.1", "0 to 9, 10 for *, 11 for #, 12 to 15 for A to D"},
    {"end", 8, 1, "RFC 4733 §2.3.2", "the key was let go"},
    {"reserved", 9, 1, "RFC 4733 §2.3.3", "0"},
    {"volume", 10, 6, "RFC 4733 §2.3.4", "how far below 0 dBm0"},
    {"duration", 16, 16, "RFC 4733 §2.3.5", "how long so far, in units of the RTP clock"},
};

const struct rill_field_table rill_telephone_event_fields = {"telephone event", fields,
                                                             sizeof fields / sizeof fields[0]};

int rill_telephone_event_parse(struct rill_view payload, struct rill_telephone_event *out,
                               struct rill_err *why)
{
    struct rill_reader r = rill_reader_of(payload);
    struct rill_telephone_event e = {.event = rill_r_u8(&r)};
    uint8_t bits = rill_r_u8(&r);
    e.end = bits & 0x80;
    e.volume = bits & 0x3f;
    e.duration = rill_r_u16(&r);
    if (r.bad)
        return rill_err_set(&rill_rtp_errors, RILL_TELEPHONE_EVENT, payload.n, payload.n, why);
    *out = e;
    return 0;
}

void rill_telephone_event_write(struct rill_writer *w, const struct rill_telephone_event *e)
{
    rill_w_u8(w, e->event);
    rill_w_u8(w, (uint8_t)((e->end ? 0x80 : 0) | (e->volume & 0x3f)));
    rill_w_u16(w, e->duration);
}

static const char keys[] = "0123456789*#ABCD";

char rill_telephone_event_key(uint8_t event)
{
    return event < sizeof keys - 1 ? keys[event] : 0;
}

int rill_telephone_event_of(char key)
{
    const char *at = key ? strchr(keys, key) : NULL;
    return at ? (int)(at - keys) : -1;
}

void rill_telephone_key_press(struct rill_telephone_key *k, int64_t now, uint8_t event,
                              int64_t held)
{
    *k =
        (struct rill_telephone_key){.event = event, .began = now, .until = now + held, .next = now};
}

bool rill_telephone_key_output(struct rill_telephone_key *k, int64_t now, uint32_t clock_hz,
                               struct rill_telephone_event *out, bool *first)
{
    if (k->next == RILL_NEVER || now < k->next)
        return false;
    bool end = now >= k->until;
    int64_t so_far = (end ? k->until : now) - k->began;
    int64_t duration = so_far * clock_hz / RILL_SECOND - k->offset;
    /* §2.5.1.3: "the duration field of the last update packet of the first segment is set to
     * 0xFFFF", which has no E; the next begins where it ends. */
    bool full = duration > DURATION_MOST;
    *first = k->next == k->began;
    *out = (struct rill_telephone_event){
        .event = k->event,
        .end = end && !full,
        .volume = VOLUME,
        .duration = (uint16_t)(full ? DURATION_MOST : duration),
        .offset = k->offset,
    };
    if (full) {
        k->offset += DURATION_MOST;
        return true;
    }
    k->ends += end;
    k->next = k->ends == RILL_TELEPHONE_EVENT_ENDS ? RILL_NEVER : now + RILL_TELEPHONE_EVENT_EVERY;
    return true;
}
