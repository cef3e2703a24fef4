#include "media/worker.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FDS_MAX (RILL_WORKER_SENDERS_MAX * RILL_SOURCE_FDS_MAX)
/* Without a thread nobody polls a device's descriptors, so they are looked at so often. */
#define LOOK_EVERY (10 * RILL_MS)

/* An encoded frame in bytes of its own, which grow to the largest there was. */
struct slot {
    int sender;
    struct rill_frame frame;
    uint8_t *bytes;
    size_t cap;
};

struct rill_worker {
    struct rill_worker_config config;
    struct rill_sender *senders[RILL_WORKER_SENDERS_MAX];
    size_t n_senders;
    pthread_t thread;
    bool running;
    int wake_read, wake_write; /* a byte: a command, or the end */

    /* Of the thread that steps. */
    struct rill_source_fd fds[FDS_MAX];
    size_t n_fds[RILL_WORKER_SENDERS_MAX];
    struct rill_track_state told[RILL_WORKER_SENDERS_MAX];

    /* Guarded by the lock. A slot is written before it is counted in, and is read until the
     * next is fetched, both without the lock. */
    pthread_mutex_t lock;
    bool stop;
    struct slot frames[RILL_WORKER_FRAMES_MAX];
    uint64_t put, taken; /* counts of frames; put - taken are waiting */
    bool reading;        /* the frame before `taken` is still being read */
    struct rill_worker_event events[RILL_WORKER_QUEUE_MAX];
    uint64_t events_put, events_taken;
    struct rill_worker_command commands[RILL_WORKER_QUEUE_MAX];
    uint64_t commands_put, commands_taken;
    struct rill_sender_stats stats[RILL_WORKER_SENDERS_MAX];
};

/* --- its life -------------------------------------------------------------------------- */

static bool open_pipe(struct rill_worker *w)
{
    int ends[2];
    if (pipe(ends) < 0)
        return false;
    w->wake_read = ends[0];
    w->wake_write = ends[1];
    for (int i = 0; i < 2; i++)
        if (fcntl(ends[i], F_SETFL, O_NONBLOCK) < 0 || fcntl(ends[i], F_SETFD, FD_CLOEXEC) < 0)
            return false;
    return true;
}

struct rill_worker *rill_worker_new(const struct rill_worker_config *config)
{
    struct rill_worker *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->config = *config;
    w->wake_read = w->wake_write = -1;
    if (!open_pipe(w) || pthread_mutex_init(&w->lock, NULL) != 0) {
        if (w->wake_read >= 0)
            close(w->wake_read);
        if (w->wake_write >= 0)
            close(w->wake_write);
        free(w);
        return NULL;
    }
    return w;
}

static void nudge(struct rill_worker *w)
{
    const uint8_t byte = 0;
    ssize_t n = write(w->wake_write, &byte, 1);
    (void)n; /* a full pipe wakes as well */
}

void rill_worker_free(struct rill_worker *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_mutex_unlock(&w->lock);
    nudge(w);
    if (w->running)
        pthread_join(w->thread, NULL);
    for (size_t i = 0; i < w->n_senders; i++)
        rill_sender_free(w->senders[i]);
    for (size_t i = 0; i < RILL_WORKER_FRAMES_MAX; i++)
        free(w->frames[i].bytes);
    pthread_mutex_destroy(&w->lock);
    close(w->wake_read);
    close(w->wake_write);
    free(w);
}

int rill_worker_add(struct rill_worker *w, struct rill_sender *s)
{
    if (w->n_senders == RILL_WORKER_SENDERS_MAX)
        return -1;
    w->told[w->n_senders] = rill_track_state(rill_sender_track(s));
    w->senders[w->n_senders] = s;
    return (int)w->n_senders++;
}

/* --- frames out ------------------------------------------------------------------------ */

static bool has_room(struct rill_worker *w)
{
    pthread_mutex_lock(&w->lock);
    bool room = w->put - w->taken + w->reading < RILL_WORKER_FRAMES_MAX;
    pthread_mutex_unlock(&w->lock);
    return room;
}

static bool keep(struct slot *s, int sender, const struct rill_frame *f)
{
    if (f->bytes.n > s->cap) {
        uint8_t *bytes = realloc(s->bytes, f->bytes.n);
        if (!bytes)
            return false;
        s->bytes = bytes;
        s->cap = f->bytes.n;
    }
    memcpy(s->bytes, f->bytes.p, f->bytes.n);
    s->sender = sender;
    s->frame = *f;
    s->frame.bytes = rill_view_at(s->bytes, f->bytes.n);
    return true;
}

/* There is room, and only this thread writes: `put` does not change under our hands. */
static void put_frame(struct rill_worker *w, int sender, const struct rill_frame *f)
{
    if (!keep(&w->frames[w->put % RILL_WORKER_FRAMES_MAX], sender, f))
        return;
    pthread_mutex_lock(&w->lock);
    w->put++;
    pthread_mutex_unlock(&w->lock);
}

bool rill_worker_frame(struct rill_worker *w, int *sender, struct rill_frame *out)
{
    pthread_mutex_lock(&w->lock);
    bool any = w->taken < w->put;
    w->reading = any;
    uint64_t at = w->taken;
    if (any)
        w->taken++;
    pthread_mutex_unlock(&w->lock);
    if (!any)
        return false;
    *sender = w->frames[at % RILL_WORKER_FRAMES_MAX].sender;
    *out = w->frames[at % RILL_WORKER_FRAMES_MAX].frame;
    return true;
}

/* --- events out ------------------------------------------------------------------------ */

static void tell(struct rill_worker *w, const struct rill_worker_event *e)
{
    pthread_mutex_lock(&w->lock);
    if (w->events_put - w->events_taken < RILL_WORKER_QUEUE_MAX)
        w->events[w->events_put++ % RILL_WORKER_QUEUE_MAX] = *e;
    pthread_mutex_unlock(&w->lock);
}

bool rill_worker_event(struct rill_worker *w, struct rill_worker_event *out)
{
    pthread_mutex_lock(&w->lock);
    bool any = w->events_taken < w->events_put;
    if (any)
        *out = w->events[w->events_taken++ % RILL_WORKER_QUEUE_MAX];
    pthread_mutex_unlock(&w->lock);
    return any;
}

static void tell_changes(struct rill_worker *w, int i)
{
    struct rill_track_state now = rill_track_state(rill_sender_track(w->senders[i]));
    struct rill_worker_event e = {.sender = i};
    if (now.ended && !w->told[i].ended) {
        e.type = RILL_WORKER_ENDED;
        e.why = now.why;
        tell(w, &e);
    } else if (now.muted != w->told[i].muted) {
        e.type = now.muted ? RILL_WORKER_MUTED : RILL_WORKER_UNMUTED;
        tell(w, &e);
    }
    w->told[i] = now;
}

/* --- commands in ----------------------------------------------------------------------- */

bool rill_worker_command(struct rill_worker *w, const struct rill_worker_command *command)
{
    pthread_mutex_lock(&w->lock);
    bool room = w->commands_put - w->commands_taken < RILL_WORKER_QUEUE_MAX;
    if (room)
        w->commands[w->commands_put++ % RILL_WORKER_QUEUE_MAX] = *command;
    pthread_mutex_unlock(&w->lock);
    if (room && w->running)
        nudge(w);
    return room;
}

static bool next_command(struct rill_worker *w, struct rill_worker_command *out)
{
    pthread_mutex_lock(&w->lock);
    bool any = w->commands_taken < w->commands_put;
    if (any)
        *out = w->commands[w->commands_taken++ % RILL_WORKER_QUEUE_MAX];
    pthread_mutex_unlock(&w->lock);
    return any;
}

static int constrain(struct rill_track *t, const char *text, struct rill_err *why)
{
    struct rill_constraints c;
    int rc = rill_constraints_read(rill_view_of(text), &c, why);
    return rc < 0 ? rc : rill_track_apply_constraints(t, &c, why);
}

static void obey(struct rill_worker *w, int64_t now, const struct rill_worker_command *c)
{
    if (c->sender < 0 || (size_t)c->sender >= w->n_senders)
        return;
    struct rill_sender *s = w->senders[c->sender];
    struct rill_worker_event e = {.sender = c->sender};
    int rc = 0;
    switch (c->type) {
    case RILL_WORKER_KEYFRAME:
        rill_sender_want_keyframe_of(s, c->encoding);
        return;
    case RILL_WORKER_BITRATE:
        rill_sender_set_bitrate_of(s, c->encoding, c->value);
        return;
    case RILL_WORKER_ENCODING:
        (void)rill_sender_set_encoding(s, c->encoding, &c->settings);
        return;
    case RILL_WORKER_CODEC:
        (void)rill_sender_set_codec(s, (enum rill_codec_id)c->value);
        return;
    case RILL_WORKER_SOUND:
        rill_sender_set_sound(s, &c->sound);
        return;
    case RILL_WORKER_ENABLE:
        rill_track_set_enabled(rill_sender_track(s), c->value != 0);
        return;
    case RILL_WORKER_STOP:
        rill_track_stop(rill_sender_track(s));
        return;
    case RILL_WORKER_REPLACE:
        rc = rill_sender_replace_track(s, now, &(struct rill_source_config){.name = c->text},
                                       &e.why);
        e.type = RILL_WORKER_REPLACED;
        w->told[c->sender] = rill_track_state(rill_sender_track(s));
        break;
    case RILL_WORKER_CONSTRAIN:
        rc = constrain(rill_sender_track(s), c->text, &e.why);
        e.type = RILL_WORKER_CONSTRAINED;
        break;
    }
    if (rc < 0)
        e.type = RILL_WORKER_REFUSED;
    e.settings = *rill_track_settings(rill_sender_track(s));
    tell(w, &e);
}

/* --- the step -------------------------------------------------------------------------- */

static void run_senders(struct rill_worker *w, int64_t now)
{
    struct rill_frame frame;
    for (size_t i = 0; i < w->n_senders; i++) {
        bool room;
        while ((room = has_room(w)) && rill_sender_frame(w->senders[i], now, &frame))
            put_frame(w, (int)i, &frame);
        if (!room)
            rill_sender_discard(w->senders[i], now);
        tell_changes(w, (int)i);
    }
}

static void copy_stats(struct rill_worker *w)
{
    for (size_t i = 0; i < w->n_senders; i++) {
        struct rill_sender_stats stats;
        rill_sender_stats(w->senders[i], &stats);
        pthread_mutex_lock(&w->lock);
        w->stats[i] = stats;
        pthread_mutex_unlock(&w->lock);
    }
}

static void step(struct rill_worker *w, int64_t now)
{
    struct rill_worker_command command;
    while (next_command(w, &command))
        obey(w, now, &command);
    run_senders(w, now);
    copy_stats(w);
}

void rill_worker_stats(struct rill_worker *w, int sender, struct rill_sender_stats *out)
{
    pthread_mutex_lock(&w->lock);
    *out = w->stats[sender];
    pthread_mutex_unlock(&w->lock);
}

static int64_t next_deadline(const struct rill_worker *w)
{
    int64_t next = RILL_NEVER;
    for (size_t i = 0; i < w->n_senders; i++)
        next = rill_earlier(next, rill_sender_deadline(w->senders[i]));
    return next;
}

/* --- waiting --------------------------------------------------------------------------- */

static size_t collect_fds(struct rill_worker *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->n_senders; i++) {
        w->n_fds[i] = rill_track_descriptors(rill_sender_track(w->senders[i]), w->fds + n);
        n += w->n_fds[i];
    }
    return n;
}

static void hand_out_fds(struct rill_worker *w)
{
    size_t at = 0;
    for (size_t i = 0; i < w->n_senders; i++) {
        rill_track_polled(rill_sender_track(w->senders[i]), w->fds + at, w->n_fds[i]);
        at += w->n_fds[i];
    }
}

/* Until `deadline`, a descriptor or a nudge. */
static void wait_until(struct rill_worker *w, int64_t now, int64_t deadline)
{
    struct pollfd polls[FDS_MAX + 1];
    uint8_t bytes[64];
    int64_t left = deadline == RILL_NEVER ? -1 : (deadline - now + RILL_MS - 1) / RILL_MS;
    int ms = deadline == RILL_NEVER ? -1 : left < 0 ? 0 : left < 60000 ? (int)left : 60000;
    size_t n = collect_fds(w);
    polls[0] = (struct pollfd){.fd = w->wake_read, .events = POLLIN};
    for (size_t i = 0; i < n; i++)
        polls[i + 1] = (struct pollfd){.fd = w->fds[i].fd, .events = w->fds[i].events};
    if (poll(polls, (nfds_t)(n + 1), ms) < 0)
        n = 0;
    for (size_t i = 0; i < n; i++)
        w->fds[i].revents = polls[i + 1].revents;
    if (n > 0)
        hand_out_fds(w);
    while (read(w->wake_read, bytes, sizeof bytes) > 0)
        ;
}

static bool is_stopped(struct rill_worker *w)
{
    pthread_mutex_lock(&w->lock);
    bool stop = w->stop;
    pthread_mutex_unlock(&w->lock);
    return stop;
}

static bool is_waiting(struct rill_worker *w)
{
    pthread_mutex_lock(&w->lock);
    bool any = w->taken < w->put || w->events_taken < w->events_put;
    pthread_mutex_unlock(&w->lock);
    return any;
}

static void *run(void *worker)
{
    struct rill_worker *w = worker;
    while (!is_stopped(w)) {
        step(w, w->config.now());
        if (w->config.wake && is_waiting(w))
            w->config.wake(w->config.ctx);
        wait_until(w, w->config.now(), next_deadline(w));
    }
    return NULL;
}

bool rill_worker_start(struct rill_worker *w, int64_t now)
{
    for (size_t i = 0; i < w->n_senders; i++)
        rill_sender_start(w->senders[i], now);
    w->running = w->config.threaded && pthread_create(&w->thread, NULL, run, w) == 0;
    return w->running == w->config.threaded;
}

void rill_worker_step(struct rill_worker *w, int64_t now)
{
    if (w->running)
        return;
    wait_until(w, now, now);
    step(w, now);
}

int64_t rill_worker_deadline(const struct rill_worker *w, int64_t now)
{
    struct rill_source_fd fds[RILL_SOURCE_FDS_MAX];
    int64_t next = RILL_NEVER;
    if (w->running)
        return next;
    for (size_t i = 0; i < w->n_senders; i++)
        if (rill_track_descriptors(rill_sender_track(w->senders[i]), fds) > 0)
            next = now + LOOK_EVERY;
    return rill_earlier(next, next_deadline(w));
}
