/* fuzz/signaling: lines are texts of members: each is read, written and read again, and told to
 * a small room; what the room sends fits where it says it fits.
 *
 * The first byte of a line chooses its member; a line of one byte is that member leaving. */
#include "signaling/room.h"

#include <stdlib.h>
#include <string.h>

#define OFFER_BYTES 2000

static uint8_t arena_block[1 << 19], text[1 << 18], again_text[1 << 18];

static struct rill_view write(const struct rill_sig_message *m, uint8_t *out, size_t cap)
{
    struct rill_writer w = rill_writer_of((struct rill_span){out, cap});
    rill_sig_write(&w, m);
    if (w.bad)
        abort();
    return rill_w_view(&w);
}

/* Written, read and written again, a message is the same. */
static void check_round_trip(const struct rill_sig_message *m)
{
    static uint8_t other[1 << 19];
    struct rill_arena arena = rill_arena_over(other, sizeof other);
    struct rill_sig_message read;
    if (m->type == RILL_SIG_UNKNOWN)
        return;
    struct rill_view first = write(m, text, sizeof text);
    if (first.n > RILL_SIGNALING_MESSAGE_MAX)
        return;
    if (rill_sig_parse(first, &arena, &read, NULL) != 0)
        abort();
    if (!rill_view_equal(first, write(&read, again_text, sizeof again_text)))
        abort();
}

static void drain(struct rill_rooms *rooms)
{
    struct rill_sig_message m;
    uint64_t to;
    while (rill_rooms_next(rooms, &to, &m))
        if (write(&m, text, sizeof text).n > OFFER_BYTES + 1024)
            abort();
}

static void take_line(struct rill_rooms *rooms, struct rill_view line)
{
    struct rill_arena arena = rill_arena_over(arena_block, sizeof arena_block);
    struct rill_sig_message m;
    uint8_t first = line.n ? line.p[0] : 0;
    uint64_t member = first % 4;
    if (line.n <= 1) {
        if (first & 4)
            rill_rooms_away(rooms, member);
        else
            rill_rooms_leave(rooms, member, first & 8);
        drain(rooms);
        return;
    }
    if (rill_sig_parse(rill_view_sub(line, 1, line.n - 1), &arena, &m, NULL) != 0)
        return;
    check_round_trip(&m);
    if (m.type == RILL_SIG_AUTH && rill_rooms_admit(rooms, &m, NULL) == 0)
        rill_rooms_join(rooms, member, &m, rill_view_of("token"), NULL);
    else
        rill_rooms_say(rooms, member, &m, NULL);
    drain(rooms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const struct rill_rooms_config c = {
        .members = 3, .offers = 2, .candidates = 3, .offer_bytes = OFFER_BYTES};
    void *block = malloc(rill_rooms_size(&c));
    struct rill_rooms *rooms = rill_rooms_init(block, &c);
    struct rill_view rest = rill_view_at(data, n);
    while (rest.p)
        take_line(rooms, rill_view_cut(rest, '\n', &rest));
    free(block);
    return 0;
}
