/* devices: `rill devices`: what this machine can capture from and play to (enumerateDevices),
 * and, with --watch, what comes and goes (devicechange). */
#include "apps/app.h"
#include "apps/devices_json.h"
#include "reactor/reactor.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rill_reactor *volatile signal_reactor;
static volatile sig_atomic_t stop_asked;

static void usage(FILE *out)
{
    fputs("usage: rill devices [options]\n\n"
          "Lists cameras, microphones and speakers: enumerateDevices().\n\n"
          "  --json   as JSON, with the capabilities: formats, sizes, rates, controls\n"
          "  --watch  once more whenever one comes or goes, until ^C\n\n"
          "example: rill devices --json\n",
          out);
}

static void print_rates(const struct rill_mode *m)
{
    double slowest = (double)m->slowest.numerator / m->slowest.denominator;
    double fastest = (double)m->fastest.numerator / m->fastest.denominator;
    if (slowest < fastest)
        printf(" %g to %g fps\n", slowest, fastest);
    else
        printf(" %g fps\n", fastest);
}

static void print_mode(const struct rill_mode *m)
{
    char format[5];
    rill_devices_format_name(m->format, format);
    printf("      %-4s %ux%u", format, m->width.max, m->height.max);
    if (m->width.min < m->width.max)
        printf(" down to %ux%u", m->width.min, m->height.min);
    print_rates(m);
}

static void print_device(const struct rill_device *d)
{
    printf("%-11s %s\n      -i %s\n      deviceId %s, groupId %s\n", rill_device_kind_name(d->kind),
           d->label, d->name, d->can.device_id, d->can.group_id);
    if (d->kind != RILL_VIDEO_INPUT)
        printf("      %u to %u Hz, up to %u channels\n", d->can.sample_rate_hz.min,
               d->can.sample_rate_hz.max, d->can.channel_count.max);
    for (size_t i = 0; i < d->can.n_modes; i++)
        print_mode(&d->can.modes[i]);
    for (size_t i = 0; i < d->n_controls; i++)
        printf("      control.%s=%lld … %lld, by default %lld\n", d->controls[i].name,
               (long long)d->controls[i].min, (long long)d->controls[i].max,
               (long long)d->controls[i].initial);
}

static void list(bool json)
{
    struct rill_devices devices;
    rill_devices_enumerate(NULL, &devices);
    if (json) {
        json_t *o = rill_devices_json(&devices);
        char *text = json_dumps(o, JSON_COMPACT);
        printf("%s\n", text ? text : "[]");
        free(text);
        json_decref(o);
    } else if (devices.n == 0) {
        printf("there is no camera, microphone or loudspeaker\n");
    } else {
        for (size_t i = 0; i < devices.n; i++)
            print_device(&devices.list[i]);
    }
    fflush(stdout);
    rill_devices_free(&devices);
}

static void on_signal(int number)
{
    (void)number;
    stop_asked = 1;
    rill_reactor_wake(signal_reactor);
}

static int watch(bool json)
{
    struct rill_device_watch *w = rill_device_watch_new("/dev");
    struct rill_reactor *r = rill_reactor_new(1);
    struct rill_reactor_event e;
    struct sigaction action = {.sa_handler = on_signal};
    uint32_t socket;
    int code = RILL_EXIT_FAILED;
    if (w && r && rill_reactor_watch(r, rill_device_watch_fd(w), 0, &socket, NULL) == 0) {
        signal_reactor = r;
        sigaction(SIGINT, &action, NULL);
        sigaction(SIGTERM, &action, NULL);
        while (!stop_asked) {
            rill_reactor_next(r, RILL_NEVER, &e);
            if (e.type == RILL_REACTOR_READY && rill_device_watch_read(w))
                list(json);
        }
        code = RILL_EXIT_DONE;
    } else {
        fputs("rill devices: this system does not tell of devices that come and go\n", stderr);
    }
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    rill_reactor_free(r);
    rill_device_watch_free(w);
    return code;
}

int rill_app_devices(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"watch", no_argument, NULL, 'w'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    bool json = false, stay = false;
    int option, status;
    while ((option = rill_app_option(argc, argv, "h", options, usage, &status)) != -1) {
        json = json || option == 'j';
        stay = stay || option == 'w';
    }
    if (status != -1)
        return status;
    if (optind < argc) {
        usage(stderr);
        return RILL_EXIT_USAGE;
    }
    list(json);
    return stay ? watch(json) : RILL_EXIT_DONE;
}
