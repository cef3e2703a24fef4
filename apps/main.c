/* main: the `rill` command: a table of subcommands, one file each. */
#include "apps/app.h"

#include <stdio.h>
#include <string.h>

static const struct rill_command commands[] = {
    {"serve", "the page, the signaling server and a STUN server", rill_app_serve},
    {"call", "make or answer a call", rill_app_call},
    {"decode", "say as JSON what the bytes of a packet or a text mean", rill_app_decode},
    {"sdp", "lint a description, answer an offer, hold an answer against it", rill_app_sdp},
    {"stun", "ask a STUN server for this machine's mapped address", rill_app_stun},
    {"nat", "find out what the NAT in between does, and what that means for calls", rill_app_nat},
    {"devices", "list cameras, microphones and speakers", rill_app_devices},
    {"gather", "show the candidates a call would have, and which servers give none",
     rill_app_gather},
    {"cert", "make a local CA and a server's certificate", rill_app_cert},
    {"replay", "run a recorded call again, and say where it first differs", rill_app_replay},
    {"trace", "read the trace of a call, make a page of it", rill_app_trace},
};

static void usage(FILE *out)
{
    fputs("rill: a WebRTC stack you can see to the bottom of\n\nusage: rill COMMAND [options]\n\n",
          out);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].sentence);
    fputs("\nrill COMMAND --help tells a command's options, with an example.\n"
          "Exit status: 0 done, 1 failed, 2 wrong usage.\n",
          out);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        usage(stderr);
        return RILL_EXIT_USAGE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
        usage(stdout);
        return RILL_EXIT_DONE;
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (!strcmp(argv[1], commands[i].name))
            return commands[i].run(argc - 1, argv + 1);
    fprintf(stderr, "rill: there is no command \"%s\"\n", argv[1]);
    usage(stderr);
    return RILL_EXIT_USAGE;
}
