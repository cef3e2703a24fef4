/* cause: why something does not work, in words: what was seen, the clause it is judged by, and
 * what may be tried.
 *
 * The idea: a room that can fail for many reasons has one table of rules, each a predicate over
 * plain facts and three sentences. The rules are pure, so that a board without printf can ask them
 * too; the most telling come first.
 */
#ifndef RILL_BASE_CAUSE_H
#define RILL_BASE_CAUSE_H

#include "base/bytes.h"

/* The texts are static. "{}" in the sentence is where `value` is written. */
struct rill_cause {
    const char *name; /* for machines: "remote-names" */
    const char *clause;
    const char *sentence;
    const char *advice;
    uint64_t value;
};

/* The sentence with its number in place. */
void rill_cause_write(struct rill_writer *w, const struct rill_cause *cause);

#endif
