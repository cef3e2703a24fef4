/* serve_signals: what signals ask for; a handler only notes it and wakes the loop. */
#include "apps/serve.h"

#include <signal.h>

static volatile sig_atomic_t stops, hangups;
static struct rill_reactor *volatile to_wake;

static void on_signal(int number)
{
    if (number == SIGHUP)
        hangups = 1;
    else if (stops < 2)
        stops++;
    if (to_wake)
        rill_reactor_wake(to_wake);
}

void serve_signals_catch(struct rill_reactor *r)
{
    struct sigaction note = {.sa_handler = on_signal};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    to_wake = r;
    sigaction(SIGINT, &note, NULL);
    sigaction(SIGTERM, &note, NULL);
    sigaction(SIGHUP, &note, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

void serve_signals_forget(void)
{
    to_wake = NULL;
}

int serve_signals_stop(void)
{
    return stops;
}

bool serve_signals_reload(void)
{
    bool came = hangups;
    hangups = 0;
    return came;
}
