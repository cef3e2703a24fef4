/* call_changes: what is to change in mid-call is done: at its time (--at), or when a line of
 * standard input says so (--changes).
 *
 * The idea: a change of the peer changes what is wanted, and the negotiation follows from that
 * (call_negotiate.c); a change of the source is the worker's. */
#include "apps/app.h"
#include "apps/call.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* --- one change ------------------------------------------------------------------------- */

static int change_transceiver(struct call *c, int64_t now, size_t track,
                              const struct call_change *change)
{
    int t = c->tracks[track].transceiver;
    int rc = 0;
    switch (change->type) {
    case CALL_CHANGE_DTMF:
        return call_insert_dtmf(c, now, track, &change->dtmf);
    case CALL_CHANGE_ADD:
        return call_add_track(c, track);
    case CALL_CHANGE_REMOVE:
        return rill_peer_remove_track(c->peer, t);
    case CALL_CHANGE_DIRECTION:
        return rill_peer_set_direction(c->peer, t, change->direction);
    case CALL_CHANGE_STOP_TRANSCEIVER:
        return rill_peer_stop(c->peer, t);
    default:
        rc = rill_peer_set_codec_preferences(c->peer, t, &change->codec, 1);
        if (rc == 0)
            call_offer_wanted(c, now);
        return rc;
    }
}

static void refuse(struct call *c, const char *text, int rc)
{
    const struct rill_err_row *row = rill_app_err_row(rc);
    char line[400];
    snprintf(line, sizeof line, "%s: %s", text, row ? row->sentence : "not now");
    call_note(c, "refused", line);
    fprintf(stderr, "rill call: [%s] %s\n", c->options->name, line);
}

static void change_track(struct call *c, int64_t now, const char *text,
                         const struct call_change *change)
{
    int track = change->track < c->options->inputs.n ? c->track_of_input[change->track] : -1;
    if (track < 0) {
        call_note(c, "refused", "there is no such track");
        return;
    }
    if (change->type == CALL_CHANGE_SOURCE) {
        call_command(c, (size_t)track, change->command);
        return;
    }
    if (change->type == CALL_CHANGE_PARAMETERS) {
        call_set_parameters(c, (size_t)track, &change->parameters);
        return;
    }
    int rc = change_transceiver(c, now, (size_t)track, change);
    if (rc < 0)
        refuse(c, text, rc);
    else
        call_note(c, "changed", text);
}

static void change(struct call *c, int64_t now, const char *text, const struct call_change *change)
{
    if (!c->media_started) {
        call_note(c, "refused", "nothing can be changed before the call is connected");
        return;
    }
    if (call_change_negotiates(change) && c->options->negotiation == CALL_PASSIVE) {
        call_note(c, "refused", "that takes --negotiation polite or impolite");
        return;
    }
    if (change->type == CALL_CHANGE_STATS)
        call_tell_stats(c);
    else if (change->type == CALL_CHANGE_RESTART)
        call_restart(c, "asked for");
    else if (change->type == CALL_CHANGE_ROLLBACK)
        call_rollback(c, now);
    else
        change_track(c, now, text, change);
}

/* --- at its time ------------------------------------------------------------------------ */

void call_changes_tick(struct call *c, int64_t now)
{
    const struct call_inputs *in = &c->options->inputs;
    for (size_t i = 0; c->media_started && i < in->n_actions; i++) {
        if (c->actions_done >> i & 1 || now < c->media_at + in->actions[i].after)
            continue;
        c->actions_done |= 1u << i;
        change(c, now, in->actions[i].text, &in->actions[i].change);
    }
}

int64_t call_changes_deadline(const struct call *c)
{
    const struct call_inputs *in = &c->options->inputs;
    int64_t next = RILL_NEVER;
    for (size_t i = 0; c->media_started && i < in->n_actions; i++)
        if (!(c->actions_done >> i & 1))
            next = rill_earlier(next, c->media_at + in->actions[i].after);
    return next;
}

/* --- lines of standard input ------------------------------------------------------------ */

bool call_changes_open(struct call *c)
{
    struct rill_err why = {0};
    if (!c->options->changes ||
        rill_reactor_watch(c->reactor, STDIN_FILENO, 0, &c->changes_socket, &why) == 0)
        return true;
    call_fail(c, "standard input cannot be waited for", &why);
    return false;
}

static void take_line(struct call *c, int64_t now, const char *line)
{
    struct call_change what;
    const char *wrong = call_change_read(rill_view_of(line), &what);
    if (wrong)
        call_note(c, "refused", wrong);
    else
        change(c, now, line, &what);
}

/* A line too long for any change is passed over with all its bytes. */
static void take_byte(struct call *c, int64_t now, char byte)
{
    if (byte != '\n') {
        if (c->changes_n < sizeof c->changes_line)
            c->changes_line[c->changes_n] = byte;
        c->changes_n += c->changes_n < sizeof c->changes_line;
        return;
    }
    if (c->changes_n == sizeof c->changes_line) {
        call_note(c, "refused", "a change has up to 319 bytes");
    } else if (c->changes_n > 0) {
        c->changes_line[c->changes_n] = 0;
        take_line(c, now, c->changes_line);
    }
    c->changes_n = 0;
}

void call_changes_ready(struct call *c, int64_t now)
{
    char bytes[512];
    ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
    for (ssize_t i = 0; i < n; i++)
        take_byte(c, now, bytes[i]);
    if (n > 0)
        return;
    rill_reactor_close(c->reactor, c->changes_socket);
    c->changes_socket = 0;
}
