/* trace: `rill trace`: what can be done with the trace of a call; a row a verb. */
#include "apps/trace.h"
#include "apps/app.h"

#include <stdio.h>
#include <string.h>

static const struct rill_command verbs[] = {
    {"dump", "print it, a line an event, with every field or as JSON", rill_app_trace_dump},
    {"view", "show it in the terminal, while it is written if need be", rill_app_trace_view},
    {"html", "make one page of a trace that needs nothing else", rill_app_trace_html},
};

static void usage(FILE *out)
{
    fputs("usage: rill trace VERB [options] FILE\n\n", out);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        fprintf(out, "  %-6s %s\n", verbs[i].name, verbs[i].sentence);
    fputs("\nrill trace VERB --help tells a verb's options, with an example. docs/trace.md is the\n"
          "format; rill call --trace FILE writes one.\n",
          out);
}

int rill_app_trace(int argc, char **argv)
{
    if (argc < 2) {
        usage(stderr);
        return RILL_EXIT_USAGE;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        usage(stdout);
        return RILL_EXIT_DONE;
    }
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (!strcmp(argv[1], verbs[i].name))
            return verbs[i].run(argc - 1, argv + 1);
    fprintf(stderr, "rill trace: there is no verb \"%s\"\n", argv[1]);
    usage(stderr);
    return RILL_EXIT_USAGE;
}
