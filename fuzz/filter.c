/* fuzz filter: any text as a filter; what compiles is asked of an event with a packet and of one
 * without. */
#include "dissect/filter.h"

#include <stdlib.h>

static struct rill_dissect_node nodes[256];

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* The part before the first newline is the filter, the rest is the event's data. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct rill_view rest;
    static struct rill_filter f;
    static const uint8_t binding[20] = {0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3};
    struct rill_err why = {0};
    struct rill_view text = rill_view_cut(rill_view_at(data, n), '\n', &rest);
    int rc = rill_filter_compile(&f, text, &why);
    must(rc == 0 || (rc < 0 && why.row && why.offset >= 1 && why.offset <= text.n + 1));
    must(rc == 0 || f.n_steps == 0);
    struct rill_dissection d = {.nodes = nodes, .cap = 256};
    rill_dissect(&d, RILL_DISSECT_DATAGRAM, rill_view_at(binding, sizeof binding), NULL);
    struct rill_filter_event e = {.name = rill_view_of("peer:datagram_sent"),
                                  .time = 1500000,
                                  .step = 3,
                                  .local = rill_addr_ip4(192, 0, 2, 1, 5000),
                                  .text = rest,
                                  .packet = &d};
    bool with = rill_filter_match(&f, &e);
    bool needs = rill_filter_needs_packet(&f);
    e.packet = NULL;
    bool without = rill_filter_match(&f, &e);
    must(needs || with == without);
    return 0;
}
