/* serve_signals: what signals ask for; a handler only notes it and wakes the loop. */
#include "apps/serve.h"

#include <signal.h>

static volatile sig_atomic_t stopping;
static struct rill_reactor *volatile to_wake;

static void on_signal(int number)
{
    (void)number;
    stopping = 1;
    rill_reactor_wake(to_wake);
}

void serve_signals_catch(struct rill_reactor *r)
{
    struct sigaction stop = {.sa_handler = on_signal};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    to_wake = r;
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

bool serve_signals_stop(void)
{
    return stopping;
}
