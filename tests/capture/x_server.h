/* x_server: an Xvfb of the test's own, on a display that was free, ended when the test ends. */
#ifndef RILL_TESTS_X_SERVER_H
#define RILL_TESTS_X_SERVER_H

#include "tests/rill_test.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

struct x_server {
    pid_t pid;
    int display;
};

static struct x_server *x_server_running;

static inline void x_server_stop(struct x_server *x)
{
    if (x->pid > 0) {
        kill(x->pid, SIGKILL);
        waitpid(x->pid, NULL, 0);
    }
    x->pid = 0;
}

static inline void x_server_stop_last(void)
{
    if (x_server_running)
        x_server_stop(x_server_running);
}

/* extension: one to leave out, or NULL. */
static inline void x_server_start(struct x_server *x, const char *extension)
{
    int ends[2];
    char number[16], text[32] = "";
    assert_int_equal(pipe(ends), 0);
    snprintf(number, sizeof number, "%d", ends[1]);
    x->pid = fork();
    if (x->pid == 0) {
        if (!freopen("/dev/null", "w", stderr))
            _exit(1);
        if (extension)
            execlp("Xvfb", "Xvfb", "-displayfd", number, "-screen", "0", "320x240x24", "-nolisten",
                   "tcp", "-noreset", "-extension", extension, (char *)NULL);
        else
            execlp("Xvfb", "Xvfb", "-displayfd", number, "-screen", "0", "320x240x24", "-nolisten",
                   "tcp", "-noreset", (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    if (!x_server_running)
        atexit(x_server_stop_last);
    x_server_running = x;
    struct pollfd p = {.fd = ends[0], .events = POLLIN};
    size_t n = 0;
    while (n < sizeof text - 1 && !strchr(text, '\n')) {
        assert_true(poll(&p, 1, 30000) == 1);
        ssize_t got = read(ends[0], text + n, sizeof text - 1 - n);
        if (got <= 0)
            fail_msg("Xvfb did not start; the package xvfb has it");
        n += (size_t)got;
    }
    close(ends[0]);
    x->display = atoi(text);
}

#endif
