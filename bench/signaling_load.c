/* signaling_load: what bench/signaling.mjs lets loose on a signaling server; one JSON line.
 *
 *   signaling_load PORT ws|socketio hold CLIENTS SECONDS    connects them, says so, holds them
 *   signaling_load PORT ws|socketio broadcast CLIENTS OFFERS
 *   signaling_load PORT socketio echo CLIENTS SECONDS
 */
#include "bench/crowd.h"
#include "bench/echo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An SDP of a browser's size. */
#define OFFER_BYTES 4500
#define ROOM "bench"

static bool hold(struct crowd *c, size_t n, int64_t duration)
{
    struct rill_sig_message m;
    bool good = crowd_grow(c, n, ROOM);
    printf("{\"held\":%zu,\"lost\":%zu}\n", c->n_open, c->n_gone);
    fflush(stdout);
    int64_t until = rill_posix_now() + duration;
    while (good && !c->n_gone && rill_posix_now() < until) {
        size_t i = crowd_turn(c, until);
        while (i != SIZE_MAX && crowd_message(c, i, &m))
            continue;
    }
    return good && !c->n_gone;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Client `from` offers; when each of the others hears of it, counted from the first byte sent.
 * How many did within 10 s. */
static size_t broadcast_once(struct crowd *c, size_t from, struct rill_view sdp, int64_t *delays)
{
    struct rill_sig_message m;
    size_t heard = 0;
    int64_t at = rill_posix_now();
    if (rill_sig_client_offer(c->clients[from].x, sdp) < 0)
        return 0;
    crowd_flush(c, from);
    while (heard < c->n - 1 && !c->n_gone && rill_posix_now() < at + 10 * RILL_SECOND) {
        size_t i = crowd_turn(c, at + 10 * RILL_SECOND);
        while (i != SIZE_MAX && crowd_message(c, i, &m))
            if (m.type == RILL_SIG_NEW_OFFER_AWAITING)
                delays[heard++] = rill_posix_now() - at;
    }
    return heard;
}

static bool broadcast(struct crowd *c, size_t n, size_t offers)
{
    char *sdp = malloc(OFFER_BYTES);
    int64_t *delays = calloc(n * offers, sizeof *delays);
    size_t heard = 0;
    bool good = sdp && delays && n > 1 && crowd_grow(c, n, ROOM);
    if (good)
        memset(sdp, 'a', OFFER_BYTES);
    for (size_t k = 0; good && k < offers; k++) {
        size_t got =
            broadcast_once(c, k % n, rill_view_at((uint8_t *)sdp, OFFER_BYTES), delays + heard);
        good = got == n - 1;
        heard += got;
    }
    if (heard) {
        qsort(delays, heard, sizeof *delays, by_value);
        printf("{\"heard\":%zu,\"p50_us\":%lld,\"p99_us\":%lld}\n", heard,
               (long long)delays[heard / 2], (long long)delays[heard - 1 - heard / 100]);
    }
    free(sdp);
    free(delays);
    return good;
}

static bool echo(uint16_t port, size_t clients, double seconds)
{
    uint64_t messages = 0;
    bool good = echo_run(port, clients, (int64_t)(seconds * RILL_SECOND), &messages);
    printf("{\"messages_per_s\":%.0f}\n", (double)messages / seconds);
    return good;
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fputs(
            "usage: signaling_load PORT ws|socketio hold|broadcast|echo CLIENTS [OFFERS|SECONDS]\n",
            stderr);
        return 2;
    }
    struct crowd c;
    uint16_t port = (uint16_t)strtoul(argv[1], NULL, 10);
    size_t n = strtoul(argv[4], NULL, 10);
    const char *more = argc > 5 ? argv[5] : "1";
    if (!strcmp(argv[3], "echo"))
        return echo(port, n, strtod(more, NULL)) ? 0 : 1;
    bool socketio = !strcmp(argv[2], "socketio");
    if (!crowd_init(&c, port, socketio ? RILL_SIG_OVER_SOCKETIO : RILL_SIG_OVER_WEBSOCKET, n))
        return 1;
    double seconds = strtod(more, NULL);
    bool good = !strcmp(argv[3], "hold") ? hold(&c, n, (int64_t)(seconds * RILL_SECOND))
                                         : broadcast(&c, n, strtoul(more, NULL, 10));
    crowd_free(&c);
    return good ? 0 : 1;
}
