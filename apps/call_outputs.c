/* call_outputs: where what is received goes: files, the speakers, windows. What fails of these
 * is told, and only it ends. */
#include "apps/app.h"
#include "apps/call.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* What comes to the speakers is even already, but for how the loop is kept busy. */
#define CUSHION (30 * RILL_MS)
/* Windows want to be looked after so often. */
#define PREVIEW_EVERY (50 * RILL_MS)

/* --- files --------------------------------------------------------------------------------- */

static void complain(struct call *c, const char *path, const struct rill_err *why)
{
    call_note(c, "output-ended", path);
    rill_app_complain(path, why);
}

static struct rill_output *open_file(struct call *c, const char *path)
{
    struct rill_output *o = NULL;
    struct rill_err why = {0};
    if (c->n_outputs == CALL_OUTPUTS) {
        fprintf(stderr, "rill call: %s is left out: there are too many files\n", path);
        return NULL;
    }
    if (rill_output_new(path, rill_rng_u32(&c->rng), &o, &why) < 0) {
        complain(c, path, &why);
        c->output_error = why;
        return NULL;
    }
    c->outputs[c->n_outputs++] = o;
    return o;
}

/* A file in a directory: DIR/video.ivf of the first stream of its kind, DIR/video-2.ivf, … */
static void open_in(struct call *c, const char *directory, const char *base, const char *ending,
                    unsigned nth, struct call_remote *r)
{
    char path[512];
    int n = nth == 1 ? snprintf(path, sizeof path, "%s/%s%s", directory, base, ending)
                     : snprintf(path, sizeof path, "%s/%s-%u%s", directory, base, nth, ending);
    if (n < 0 || (size_t)n >= sizeof path)
        return;
    struct rill_output *o = open_file(c, path);
    if (o)
        r->outputs[r->n_outputs++] = o;
}

static bool is_there(const char *path)
{
    struct stat there;
    return !stat(path, &there) && S_ISDIR(there.st_mode);
}

/* A directory that cannot be is known before anybody is called. */
static bool make_directory(struct call *c, const char *path)
{
    struct rill_err misnamed = {0};
    char text[300];
    if (is_there(path))
        return true;
    if (rill_output_is_misnamed(path)) {
        rill_err_set(&rill_media_errors, RILL_MEDIA_OUTPUT_NAME, 0, 0, &misnamed);
        call_fail(c, path, &misnamed);
        return false;
    }
    if (!mkdir(path, 0777))
        return true;
    int why = errno;
    snprintf(text, sizeof text, "there can be no directory %.200s: %s", path,
             strerror(why == EEXIST ? ENOTDIR : why));
    call_fail(c, text, NULL);
    return false;
}

static bool is_device(const char *name)
{
    return !strncmp(name, "alsa:", 5);
}

static bool is_directory(const char *name)
{
    return !is_device(name) && !rill_output_is_file(name);
}

void call_remote_outputs(struct call *c, struct call_remote *r, unsigned nth)
{
    r->n_outputs = 0;
    for (size_t i = 0; i < c->n_outputs && r->n_outputs < CALL_OUTPUTS; i++)
        if (c->is_shared[i])
            r->outputs[r->n_outputs++] = c->outputs[i];
    for (size_t i = 0; i < c->options->n_outputs; i++) {
        const char *o = c->options->outputs[i];
        if (!is_directory(o) || r->n_outputs + 2 > CALL_OUTPUTS)
            continue;
        if (r->kind == RILL_AUDIO) {
            open_in(c, o, "audio", r->codec == RILL_CODEC_OPUS ? ".ogg" : ".wav", nth, r);
            continue;
        }
        open_in(c, o, "video", r->codec == RILL_CODEC_H264 ? ".h264" : ".ivf", nth, r);
        open_in(c, o, "last-frame", ".png", nth, r);
    }
}

static bool is_filled(const struct call *c, const struct rill_output *o)
{
    for (int i = 0; i < RILL_TRACKS_MAX; i++)
        for (unsigned k = RILL_CODEC_OPUS; k <= RILL_CODEC_PCMA; k++)
            if (rill_output_takes(o, (enum rill_codec_id)k) &&
                rill_peer_receives(c->peer, i, (enum rill_codec_id)k))
                return true;
    return false;
}

void call_tell_unfilled(struct call *c)
{
    char text[600];
    for (size_t i = 0; i < c->n_outputs; i++) {
        if (!c->is_shared[i] || is_filled(c, c->outputs[i]))
            continue;
        snprintf(text, sizeof text, "%.500s: nothing that was agreed on goes into it",
                 rill_output_path(c->outputs[i]));
        call_note(c, "output-unfilled", text);
        fprintf(stderr, "rill call: [%s] %s\n", c->options->name, text);
    }
}

/* The first error of each file, once. */
void call_tell_outputs(struct call *c)
{
    struct rill_err why = {0};
    for (size_t i = 0; i < c->n_outputs; i++) {
        if (c->output_told[i] || !rill_output_failed(c->outputs[i], &why))
            continue;
        c->output_told[i] = true;
        c->output_error = why;
        complain(c, rill_output_path(c->outputs[i]), &why);
    }
}

/* --- speakers ------------------------------------------------------------------------------ */

static void open_player(struct call *c, const char *device)
{
    struct rill_err why = {0};
    struct rill_player_config config = {
        .device = device, .cushion = CUSHION, .trace = &c->trace.trace};
    if (c->player)
        return;
    c->echo = rill_echo_new();
    config.echo = c->echo;
    if (rill_player_new(&config, rill_posix_now(), &c->player, &why) < 0)
        complain(c, device, &why);
}

bool call_open_outputs(struct call *c)
{
    for (size_t i = 0; i < c->options->n_outputs; i++) {
        const char *o = c->options->outputs[i];
        if (is_device(o))
            open_player(c, o + 5);
        else if (is_directory(o) && !make_directory(c, o))
            return false;
        else if (!is_directory(o) && open_file(c, o))
            c->is_shared[c->n_outputs - 1] = true;
    }
    if (c->options->play)
        open_player(c, c->options->play);
    return true;
}

static bool same_descriptors(const struct call *c, const struct rill_source_fd *fds, size_t n)
{
    bool same = n == c->n_player_fds;
    for (size_t i = 0; same && i < n; i++)
        same = fds[i].fd == c->player_fds[i].fd && fds[i].events == c->player_fds[i].events;
    return same;
}

static void watch_player(struct call *c)
{
    struct rill_source_fd fds[RILL_SOURCE_FDS_MAX];
    size_t n = c->player ? rill_player_descriptors(c->player, fds) : 0;
    if (same_descriptors(c, fds, n))
        return;
    for (size_t i = 0; i < c->n_player_fds; i++)
        rill_reactor_close(c->reactor, c->player_sockets[i]);
    c->n_player_fds = 0;
    for (size_t i = 0; i < n; i++) {
        c->player_fds[i] = fds[i];
        c->player_sockets[i] = RILL_REACTOR_NO_SOCKET;
        (void)rill_reactor_watch(c->reactor, fds[i].fd, fds[i].events, &c->player_sockets[i], NULL);
        c->n_player_fds++;
    }
}

static void run_player(struct call *c, int64_t now)
{
    struct rill_err why = {0};
    if (!c->player)
        return;
    rill_player_run(c->player, now);
    watch_player(c);
    if (!c->player_told && rill_player_ended(c->player, &why)) {
        c->player_told = true;
        complain(c, "speakers", &why);
    }
}

/* --- windows ------------------------------------------------------------------------------- */

void call_open_preview(struct call *c, struct call_remote *r, unsigned nth)
{
    char title[128];
    struct rill_err why = {0};
    if (r->kind != RILL_VIDEO || c->options->preview == RILL_PREVIEW_NONE ||
        (c->options->preview == RILL_PREVIEW_TERMINAL && nth > 1))
        return;
    snprintf(title, sizeof title, "rill call: %.64s, video %u", c->options->name, nth);
    if (rill_preview_open(c->options->preview, title, &r->preview, &why) < 0)
        complain(c, "preview", &why);
    c->preview_at = 0;
}

static void tick_previews(struct call *c, int64_t now)
{
    if (now < c->preview_at)
        return;
    c->preview_at = RILL_NEVER;
    for (size_t i = 0; i < RILL_TRACKS_MAX; i++) {
        struct call_remote *r = &c->remotes[i];
        if (!r->preview)
            continue;
        c->preview_at = now + PREVIEW_EVERY;
        if (rill_preview_tick(r->preview))
            continue;
        rill_receiver_forget_preview(r->receiver);
        rill_preview_free(r->preview);
        r->preview = NULL;
        call_note(c, "preview", "closed");
    }
}

/* --- all of them --------------------------------------------------------------------------- */

void call_play(struct call *c, int64_t now)
{
    run_player(c, now);
    tick_previews(c, now);
}

int64_t call_play_deadline(const struct call *c)
{
    int64_t next = c->preview_at;
    return c->player ? rill_earlier(next, rill_player_deadline(c->player)) : next;
}

void call_close_outputs(struct call *c)
{
    struct rill_err why = {0};
    call_tell_outputs(c);
    for (size_t i = 0; i < c->n_outputs; i++)
        if (!c->output_told[i] && rill_output_close(c->outputs[i], &why) < 0) {
            c->output_error = why;
            complain(c, rill_output_path(c->outputs[i]), &why);
        }
}

void call_free_outputs(struct call *c)
{
    for (size_t i = 0; i < RILL_TRACKS_MAX; i++)
        rill_preview_free(c->remotes[i].preview);
    for (size_t i = 0; i < c->n_outputs; i++)
        rill_output_free(c->outputs[i]);
    for (size_t i = 0; i < c->n_player_fds && c->reactor; i++)
        rill_reactor_close(c->reactor, c->player_sockets[i]);
    rill_player_free(c->player);
    rill_echo_free(c->echo);
}
