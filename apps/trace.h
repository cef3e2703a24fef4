/* apps/trace: the verbs of `rill trace`, a file each. */
#ifndef RILL_APPS_TRACE_H
#define RILL_APPS_TRACE_H

/* argv[0] is the verb's name. */
int rill_app_trace_dump(int argc, char **argv);
int rill_app_trace_view(int argc, char **argv);
int rill_app_trace_html(int argc, char **argv);

#endif
